"""What stands on a source's page?

Whom it knows, how well it tells defaulters apart, each of its columns, and whether it holds over
time.
"""

import math
from collections.abc import Mapping

import polars as pl

from analytics.data.catalog.model import Catalog

from .sheet import Cell, Fact, Part, Sheet, beside

SUSPECT = 0.5  # information value above which the field suspects that a column knows the outcome
LIMIT = 0.1  # PSI that the field calls a shift


def source_sheet(
    catalog: Catalog,
    key: str,
    told: Mapping[str, object],
    features: pl.DataFrame,
    months: pl.DataFrame | None,
    population: str,
    *,
    note: str = "",
) -> Sheet:
    """A source's evaluation sheet.

    Parameters
    ----------
    told : `hit`, `fill`, `auc` with `auc_low` and `auc_high`, `ks`, and `shapley_auc_everyone` (its
        fair share of the AUC of everyone) if it is known, `under` which weights.
    features : as `analytics.sources.features` gives them; months: `month`, `persons`, `psi`, where
        the population has months.
    population : whose figures these are, in words.
    note : what to bear in mind, such as that outcomes are few; empty where there is nothing.
    """
    source = catalog.source(key)
    rows = tuple(_feature(row) for row in features.iter_rows(named=True))
    heads = ("column", "unit", "fill", "IV", "", "trend", "declared")
    parts = [
        Part("Columns", "by information value, on the persons who teach its models", heads, rows)
    ]
    if months is not None:
        found = [_month(row) for row in months.iter_rows(named=True)]
        parts.append(
            Part(
                "By month",
                "PSI of what it says, against the calibration persons",
                ("month", "persons", "PSI") * 3,
                beside(found, 3),
            )
        )
    return Sheet(
        title=source.label,
        what=f"{catalog.title} · {source.dimension or source.label} · {population}",
        lead=(
            f"It holds a usable record of {_share(told['hit'])} of all people; alone it ranks a"
            f" defaulter below a payer {_share(told['auc'])} of the time."
        ),
        facts=_facts(told, source.cost, catalog.people.currency),
        parts=tuple(parts),
        notes=(
            *(["The people of this sample are fictional."] if catalog.people.fictional else []),
            *([f"{note}."] if note else []),
            NOTE,
        ),
    )


NOTE = (
    "Information value: under 0.02 none, 0.1 weak, 0.3 medium, above 0.5 suspect (Siddiqi). PSI:"
    " 0.10 is a rule of thumb, not a test. AUC and KS are of the people the source knows, by models"
    " that never saw them."
)


def _facts(told: Mapping[str, object], cost: float, currency: str) -> tuple[Fact, ...]:
    auc = Fact(
        "AUC alone",
        _figure(told["auc"]),
        f"{_figure(told['auc_low'])} to {_figure(told['auc_high'])}",
    )
    under = f" under {told['under']}" if "under" in told else ""
    given = Fact(
        "Worth", _figure(told.get("shapley_auc_everyone")), f"AUC of everyone, fair share{under}"
    )
    return (
        Fact("Hit", _share(told["hit"])),
        Fact("Fill", _share(told["fill"])),
        auc,
        Fact("KS alone", _share(told["ks"])),
        given,
        Fact("Price", f"{cost:,.2f}", f"{currency} a query"),
    )


def _feature(row: Mapping[str, object]) -> tuple[Cell, ...]:
    against = {str(row["trend"]), str(row["direction"])} == {"riskier", "safer"}
    value = row["iv"] if isinstance(row["iv"], float) else math.nan
    given = Cell(_figure(row["iv"]), "suspect" if value > SUSPECT else "")
    bar = Cell(bar=(0.0, min(value / SUSPECT, 1.0)) if value >= 0 else None)
    declared = Cell(
        str(row["direction"]).replace("unknown", "–"), "against the trend" if against else ""
    )
    return (
        Cell(str(row["label"]), words=True),
        Cell(str(row["unit"])),
        Cell(_share(row["fill"])),
        given,
        bar,
        Cell(str(row["trend"] or "–")),
        declared,
    )


def _month(row: Mapping[str, object]) -> tuple[Cell, ...]:
    psi = row["psi"] if isinstance(row["psi"], float) else math.nan
    return (
        Cell(f"{row['month']:%Y-%m}", words=True),
        Cell(f"{row['persons']:,.0f}"),
        Cell(_figure(psi), tone="worse" if psi > LIMIT else ""),
    )


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) and not math.isnan(value) else "–"


def _share(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, float) and not math.isnan(value) else "–"
