import polars as pl
import pytest

from pages.shared.download import csv, file_name


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\uff1d"])
def test_a_text_that_would_start_a_formula_is_made_plain(start: str) -> None:
    assert csv(pl.DataFrame({"name": [f"{start}1", "a"]})).splitlines()[1:] == [f"'{start}1", "a"]


def test_numbers_stay_numbers_even_below_zero() -> None:
    assert csv(pl.DataFrame({"change": [-0.5, 1.0], "n": [-1, 2]})) == "change,n\n-0.5,-1\n1.0,2\n"


def test_column_names_are_made_plain_too() -> None:
    assert csv(pl.DataFrame({"=now()": [1]})) == "'=now()\n1\n"


def test_categories_and_lists_are_texts() -> None:
    frame = pl.DataFrame(
        {
            "group": pl.Series(["=a"], dtype=pl.Categorical),
            "sources": [["=bank", "tax"]],
            "none": pl.Series([[]], dtype=pl.List(pl.String)),
        }
    )
    assert csv(frame) == "group,sources,none\n'=a,'=bank; tax,\"\"\n"


def test_the_frame_stays_as_it_was() -> None:
    frame = pl.DataFrame({"name": ["=1"]})
    csv(frame)
    assert frame["name"].to_list() == ["=1"]


def test_no_two_downloads_share_a_name() -> None:
    names = {file_name("plane", "csv") for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("plane-") and name.endswith(".csv") for name in names)
