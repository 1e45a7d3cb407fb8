from datetime import date
from pathlib import Path

import polars as pl
import pytest

from analytics.data.catalog.model import Catalog, People, Source
from analytics.reporting.sheet import render
from analytics.reporting.source import source_sheet

BANK = Catalog(
    People("people.csv", "person", "defaulted", currency="CNY"),
    (Source("bank", "Bank account", ("balance",), cost=1.5),),
    path=Path("data/catalog.toml"),
)
TOLD = {
    "hit": 0.5,
    "fill": 0.75,
    "auc": 0.7,
    "auc_low": 0.65,
    "auc_high": 0.75,
    "ks": 0.3,
    "shapley_auc_everyone": 0.02,
}
COLUMNS = pl.DataFrame(
    {
        "name": ["balance", "late"],
        "label": ["Balance", "Late"],
        "unit": ["CNY", "count"],
        "direction": ["safer", "safer"],
        "fill": [1.0, 0.5],
        "iv": [0.25, 0.9],
        "trend": ["safer", "riskier"],
    }
)
MONTHS = pl.DataFrame(
    {"month": [date(2025, 1, 1), date(2025, 2, 1)], "persons": [1200, 900], "psi": [0.02, None]}
)


def page(months: pl.DataFrame | None = MONTHS, **told: float) -> str:
    """The sheet of a bank."""
    return render(
        source_sheet(BANK, "bank", TOLD | told, COLUMNS, months, "everyone, test persons")
    )


@pytest.mark.parametrize(
    "text",
    [
        "Bank account",
        "50.0%",
        "75.0%",
        "0.700",
        "0.650 to 0.750",
        "30.0%",
        "0.020",
        "1.50",
        "CNY a query",
        "2025-01",
        "1,200",
        "0.250",
    ],
)
def test_the_sheet_says_what_is_known_of_a_source(text: str) -> None:
    assert text in page()


def test_a_column_that_knows_too_much_or_goes_against_its_direction_is_named() -> None:
    assert page().count("suspect</small>") == 1
    assert page().count("against the trend") == 1


def test_what_is_not_known_is_a_dash() -> None:
    assert "nan" not in page(auc=float("nan"), shapley_auc_everyone=float("nan")).lower()


def test_a_population_without_months_has_no_months() -> None:
    assert "By month" not in page(months=None)


def test_a_note_is_told_and_the_absence_of_one_is_not() -> None:
    sheet = source_sheet(
        BANK, "bank", TOLD, COLUMNS, None, "everyone", note="Only 7 payers: read with care"
    )
    assert "Only 7 payers: read with care." in sheet.notes
    assert len(source_sheet(BANK, "bank", TOLD, COLUMNS, None, "everyone").notes) == 1
