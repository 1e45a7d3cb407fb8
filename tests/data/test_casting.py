"""What do the texts of a column mean?"""

from datetime import date, datetime

import polars as pl
import pytest

from analytics.data.casting import declared, guess

MIXED = "are mostly numbers"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", "NA", ""], [1, -2, None, None]),
        (["1", "2.5", "1e3", "inf", "nan"], [1.0, 2.5, 1000.0, None, None]),
        (["1,5", "-2,25", "3"], [1.5, -2.25, 3.0]),
        (["1.234,5", "10,0"], [1234.5, 10.0]),
        (["1,234.5", "1,000,000"], [1234.5, 1_000_000.0]),
        (["1 234", "12"], [1234.0, 12.0]),
        (["1,234", "2,345"], ["1,234", "2,345"]),
        (["12%", "3.5 %"], [12.0, 3.5]),
        (["007", "12"], ["007", "12"]),
        (["110101199003077578", "2"], ["110101199003077578", "2"]),
        ([" 1", "2 "], [1, 2]),
        (["true", "False", "-"], [True, False, None]),
        (["2025-06-30", "2025-1-5"], [date(2025, 6, 30), date(2025, 1, 5)]),
        (["30.06.2025", "1.2.2025"], [date(2025, 6, 30), date(2025, 2, 1)]),
        (["30/06/2025", "01/02/2025"], [date(2025, 6, 30), date(2025, 2, 1)]),
        (["06/30/2025", "01/02/2025"], [date(2025, 6, 30), date(2025, 1, 2)]),
        (["01/02/2025", "03/04/2025"], ["01/02/2025", "03/04/2025"]),
        (["2025-06-30 10:20:30", "2025-07-01 00:00:00"], [datetime(2025, 6, 30, 10, 20, 30), datetime(2025, 7, 1)]),
        (["2025-06-30T10:20:30+08:00", "2025-06-30T10:20:31Z"], [datetime(2025, 6, 30, 10, 20, 30), datetime(2025, 6, 30, 10, 20, 31)]),
        (["2025年6月30日"], [date(2025, 6, 30)]),
        (["a", "", "b "], ["a", None, "b"]),
    ],
)
def test_texts_are_read_as_what_they_mean(cells: list[str], expected: list[object]) -> None:
    meaning = guess(pl.Series(cells))
    assert pl.DataFrame({"x": cells}).select(x=meaning.read(pl.col("x")))["x"].to_list() == expected


def test_what_could_be_two_things_stays_text_and_says_why() -> None:
    assert guess(pl.Series(["1,234"])).why == "may be thousands or decimals, as 1,234 is both"
    assert guess(pl.Series(["1,234"]), ",").decimal == ","
    assert guess(pl.Series(["01/02/2025"])).why == "are dates of which it cannot be told whether the day or the month comes first"
    assert guess(pl.Series(["1", "2", "x"])).why == MIXED


def test_a_column_of_which_no_cell_says_anything_is_empty() -> None:
    assert guess(pl.Series(["", None, "n/a"])).kind == "empty"


def test_the_catalog_says_what_a_column_means() -> None:
    cells = pl.Series(["930101", "951231"])
    frame = cells.to_frame("x")
    assert frame.select(x=declared("%y%m%d", cells, ".").read(pl.col("x")))["x"].to_list() == [date(1993, 1, 1), date(1995, 12, 31)]
    assert frame.select(x=declared("text", cells, ".").read(pl.col("x")))["x"].to_list() == ["930101", "951231"]
    assert declared("number", pl.Series(["007"]), ".").kind == "number"
    assert pl.DataFrame({"x": ["Y", "0"]}).select(x=declared("boolean", cells, ".").read(pl.col("x")))["x"].to_list() == [True, False]
