"""What do the texts of a column mean?"""

from datetime import date, datetime

import polars as pl
import pytest

from analytics.data.readers.casting import Hints, declared, guess, hints
from analytics.data.readers.dates import of_numbers

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
        (
            ["2025-06-30 10:20:30", "2025-07-01 00:00:00"],
            [datetime(2025, 6, 30, 10, 20, 30), datetime(2025, 7, 1)],
        ),
        (
            ["2025-06-30T10:20:30+08:00", "2025-06-30T10:20:31Z"],
            [datetime(2025, 6, 30, 10, 20, 30), datetime(2025, 6, 30, 10, 20, 31)],
        ),
        (["2025年6月30日"], [date(2025, 6, 30)]),
        (["a", "", "b "], ["a", None, "b"]),
        (["$1,500.00", "-$2.50", "($3.25)"], [1500.0, -2.5, -3.25]),
        (["R$ 1.500,00", "R$ 968,50"], [1500.0, 968.5]),
        (["1.500,25 €", "12,5 €"], [1500.25, 12.5]),
        (["45.2K", "1.5M", "900"], [45200.0, 1_500_000.0, 900.0]),
        (["3.5万", "12万"], [35000.0, 120_000.0]),
        ([" 36 months", "60 months"], [36.0, 60.0]),
        (["24期", "12期"], [24.0, 12.0]),
        (["(1,234)", "39,966", "1,000,000"], [-1234.0, 39966.0, 1_000_000.0]),
        (["1,234.50-", "7.00"], [-1234.5, 7.0]),
        (["inf", "inf", "1.5"], [None, None, 1.5]),
        (["$5", "€5"], ["$5", "€5"]),
        (["36 months", "3 years"], ["36 months", "3 years"]),
        (["Dec-2019", "Jan-2020"], [date(2019, 12, 1), date(2020, 1, 1)]),
        (["Dec-19", "Nov-18"], [date(2019, 12, 1), date(2018, 11, 1)]),
        (["03-Jan-19", "28-Feb-19"], [date(2019, 1, 3), date(2019, 2, 28)]),
        (["déc. 2019", "août 2019"], [date(2019, 12, 1), date(2019, 8, 1)]),
        (["3 de março de 2019"], [date(2019, 3, 3)]),
        (["Okt-19", "Mär-20"], [date(2019, 10, 1), date(2020, 3, 1)]),
        (["дек 2019"], [date(2019, 12, 1)]),
        (["2019年12月"], [date(2019, 12, 1)]),
        (["January 3, 2019"], [date(2019, 1, 3)]),
        (["2019-01-31 00:00:00", "31/01/2019"], [date(2019, 1, 31), date(2019, 1, 31)]),
        (["31.12.68", "01.05.99"], [date(1968, 12, 31), date(1999, 5, 1)]),
        (["12/31/2019 10:30 PM"], [date(2019, 12, 31)]),
        (["19-Dec", "18-Nov"], ["19-Dec", "18-Nov"]),
    ],
)
def test_texts_are_read_as_what_they_mean(cells: list[str], expected: list[object]) -> None:
    meaning = guess(pl.Series(cells))
    assert pl.DataFrame({"x": cells}).select(x=meaning.read(pl.col("x")))["x"].to_list() == expected


def test_what_could_be_two_things_stays_text_and_says_why() -> None:
    assert guess(pl.Series(["1,234"])).why == "may be thousands or decimals, as 1,234 is both"
    assert guess(pl.Series(["1,234"]), ",").decimal == ","
    assert (
        guess(pl.Series(["01/02/2025"])).why
        == "are dates of which it cannot be told whether the day or the month comes first"
    )
    assert guess(pl.Series(["1", "2", "x"])).why == MIXED


def values(cells: list[str], how: str = "") -> list[str]:
    """The ways between which the reader chooses."""
    return [c.value for c in guess(pl.Series(cells), how).choices]


def test_two_readings_that_both_fit_are_a_question_and_the_file_may_answer_it() -> None:
    assert values(["1.500", "968", "12.000"]) == ["1.234,5", "1,234.5"]
    assert values(["1.500", "968", "12.000", "39.400"], ".") == ["1.234,5", "1,234.5"]
    assert values(["1.500", "968"], ",") == []
    assert values(["36M", "60M"]) == ["number", "unit"]
    assert values(["01/05/2019", "01/12/2019"]) == ["%d/%m/%Y", "%m/%d/%Y"]
    assert values(["15/02/1968", "1968", "16/02/1968"]) == ["year", "text"]
    file = pl.DataFrame({"rate": ["0,5", "1,25"], "born": ["31/12/1980", "01/02/1990"]})
    told = hints(file, ";")
    assert (told.decimal, told.order) == (",", "dmy")
    assert guess(pl.Series(["01/05/2019"]), told).format == "%d/%m/%Y"


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("1.234,5", "1.500", 1500.0),
        ("1,234.5", "1.500", 1.5),
        ("number", "36M", 36e6),
        ("unit", "36M", 36.0),
        ("year", "15/02/1968", 1968),
        ("%d/%m/%Y", "01/05/2019", date(2019, 5, 1)),
        ("%Y%m", "201901", date(2019, 1, 1)),
        ("days since 1900", "43831", date(2020, 1, 1)),
        ("seconds since 1970", "1546300800", date(2019, 1, 1)),
    ],
)
def test_what_settles_a_question_is_read_so(kind: str, cell: str, expected: object) -> None:
    meaning = declared(kind, pl.Series([cell]), "")
    assert pl.DataFrame({"x": [cell]}).select(x=meaning.read(pl.col("x")))["x"].to_list() == [
        expected
    ]


def test_whole_numbers_are_dates_by_range_and_name_and_codes_of_places_never() -> None:
    codes = pl.Series(
        [110101, 440304, 310109, 330106, 510104, 440105, 110108, 310115, 440106, 330102, 110105]
    )
    assert of_numbers(codes, "地区代码") == ("", ())
    assert [c.value for c in of_numbers(codes, "x")[1]] == ["%y%m%d", "number"]
    assert of_numbers(pl.Series([201901, 201912]), "month")[0] == "%Y%m"
    assert [c.value for c in of_numbers(pl.Series([201901, 201912, 202001]), "x")[1]] == [
        "%Y%m",
        "number",
    ]
    assert of_numbers(pl.Series([43831, 43900, 44000]), "application_date")[0] == "days since 1900"
    assert of_numbers(pl.Series([43831, 43900, 44000]), "income") == ("", ())


def test_a_column_of_which_no_cell_says_anything_is_empty() -> None:
    assert guess(pl.Series(["", None, "n/a"])).kind == "empty"


def test_the_catalog_says_what_a_column_means() -> None:
    cells = pl.Series(["930101", "951231"])
    frame = cells.to_frame("x")
    assert frame.select(x=declared("%y%m%d", cells, ".").read(pl.col("x")))["x"].to_list() == [
        date(1993, 1, 1),
        date(1995, 12, 31),
    ]
    assert frame.select(x=declared("text", cells, ".").read(pl.col("x")))["x"].to_list() == [
        "930101",
        "951231",
    ]
    assert declared("number", pl.Series(["007"]), ".").kind == "number"
    assert pl.DataFrame({"x": ["Y", "0"]}).select(
        x=declared("boolean", cells, ".").read(pl.col("x"))
    )["x"].to_list() == [True, False]


def test_money_with_three_decimals_on_every_row_is_asked_about() -> None:
    found = guess(pl.Series(["€ 1.200", "€ 12.500", "€ 9.999"] * 9), Hints(decimal="."))
    assert [c.value for c in found.choices] == ["1.234,5", "1,234.5"]
    assert guess(pl.Series(["$1,200", "$12,500"] * 9), Hints(decimal=".")).kind == "number"


def test_lakhs_and_crores_are_numbers() -> None:
    cells = pl.Series(["₹1,23,456", "₹12,34,567.50", "₹9,999"] * 9)
    found = guess(cells)
    assert cells.to_frame("x").select(found.read(pl.col("x"))).to_series().to_list()[:3] == [
        123456,
        1234567.5,
        9999,
    ]


def test_days_before_months_and_months_before_days_in_one_column_are_named() -> None:
    found = guess(pl.Series(["25/12/2019", "12/25/2019", "01/02/2019"] * 20))
    assert (found.kind, found.why) == (
        "text",
        "are dates of which some fit only with the day first and others only with the month first",
    )


def test_unknown_is_a_word_for_nothing_among_numbers_and_dates() -> None:
    assert guess(pl.Series(["unknown", "5", "7", "n.a."] * 9)).kind == "integer"
    assert guess(pl.Series(["00/00/0000", "25/12/2019", "26/12/2019"] * 9)).format == "%d/%m/%Y"


def test_days_as_numbers_may_have_a_number_for_none() -> None:
    days = pl.Series([0, 20190105, 20190206, 99999999] * 9)
    assert of_numbers(days, "issue_date") == ("%Y%m%d", ())
    assert of_numbers(days, "amount") == ("", ())


def test_days_of_a_spreadsheet_under_any_name_are_asked_about() -> None:
    days = pl.Series(range(43_831, 44_200))
    assert [c.value for c in of_numbers(days, "start")[1]] == ["days since 1900", "number"]
    assert of_numbers(days, "income") == ("", ())
    assert of_numbers(days * 3, "start") == ("", ())
