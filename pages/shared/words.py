"""What do the pages say? Every sentence and definition in one place, composed from figures."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import polars as pl

from analytics.data.catalog.model import Catalog
from analytics.data.cohort import Clause, Cohort, Group
from analytics.data.disclosure import OUTCOMES, PERSONS
from analytics.deciding.comparison import Figure
from analytics.metrics import METRICS, meaning
from analytics.weighing.pair import Difference
from pages.shared.markup import Cell, Tone
from pages.shared.view import View

Head = str | tuple[str, str]
EXPLAINED = {
    "PSI": (
        "Population stability index: how far the scores of a month are spread otherwise than those"
        " of the calibration persons. 0 is alike; above 0.10 is by a rule of thumb worth a look,"
        " above 0.25 a shift."
    ),
    "reach": "The share of the weight whose sources know a person.",
    "floor": "The least reach at which a person is scored; who is below it gets no score.",
    "frontier": (
        "The weightings that no other beats in both: more people scored, and better ranked."
    ),
    "pooled": (
        "One model that learned from the columns of all sources at once, as if they lay in one"
        " place: what weighing sources apart gives up."
    ),
    "Swap set": (
        "Whom two weightings decide unlike at the same cutoff: accepted by one, declined by the"
        " other."
    ),
    "KS": (
        "Kolmogorov-Smirnov: the largest distance between the score distributions of payers and"
        " defaulters."
    ),
    "AUC": (
        "How often a defaulter stands at higher risk than a payer: 0.5 is chance, 1 is without"
        " error. Of everyone: people without a score count at the base rate, as one tie."
    ),
    "Calibration": (
        "Whether as many people default as predicted. Calibration persons are set apart for this"
        " and for every choice; a figure is read on others unless it says so."
    ),
    "challengers": (
        "Other models and weightings, read on the same persons as the weighting looked at, which is"
        " the champion."
    ),
    "overfit": (
        "A model that knows the people it learned from better than others: its AUC falls by more"
        " than chance and by more than 0.02."
    ),
    "hit": "Share of people of whom a source has a usable record.",
    "fill": "Share of the cells of these records that are not empty.",
    "detector": (
        "A model that tells fake records from real ones; it learned from fakes that are known."
    ),
    "IV": "Information value: how far a column by itself tells payers from defaulters.",
}


def explained(text: str) -> str:
    """What the terms in a heading mean; empty where it has none."""
    found = [
        f"**{term}** {meaning[:1].lower()}{meaning[1:]}"
        for term, meaning in EXPLAINED.items()
        if _has(text, term)
    ]
    return "\n\n".join(found)


def _has(text: str, term: str) -> bool:
    return re.search(rf"\b{term}\b", text, 0 if term.isupper() else re.IGNORECASE) is not None


SHARES = [key for key, metric in METRICS.items() if metric.share]


def column(name: str, catalog: Catalog | None = None) -> str:
    """A column's name as people read it: by the labels of the catalog where it has them."""
    key, dot, feature = name.partition(".")
    if catalog is not None and dot and key in catalog.keys:
        source = catalog.source(key)
        return f"{source.label}: {source.feature(feature).label or feature.replace('_', ' ')}"
    return name.replace("_", " ").replace(".", ": ")


SIGNS = {
    "==": "is",
    "!=": "is not",
    "<": "below",
    "<=": "up to",
    ">": "above",
    ">=": "from",
    "in": "is",
    "not in": "is not",
}


def condition(each: Clause, catalog: Catalog | None = None) -> str:
    """A condition as people say it: region is West or East."""
    if isinstance(each, Group):
        parts = [condition(part, catalog) for part in each.parts]
        inside = [
            f"({words})" if isinstance(part, Group) and len(parts) > 1 else words
            for part, words in zip(each.parts, parts, strict=True)
        ]
        joined = (", or " if each.how == "or" else " and ").join(inside)
        return f"not ({joined})" if each.how == "not" else joined
    values = each.value if isinstance(each.value, tuple) else (each.value,)
    said = " or ".join("missing" if v is None else str(v) for v in values)
    return f"{column(each.column, catalog)} {SIGNS[each.op]} {said}"


def named(cohort: Cohort, catalog: Catalog | None = None) -> str:
    """What a cohort is called: its name, else its conditions in words."""
    if cohort.name not in ("", cohort.text):
        return cohort.name
    said = [condition(each, catalog) for each in cohort.conditions]
    if len(said) > 1:
        several = zip(cohort.conditions, said, strict=True)
        said = [
            f"({one})" if isinstance(each, Group) and each.how != "not" else one
            for each, one in several
        ]
    return ", ".join(said) or cohort.name


def share(value: float) -> str:
    """A share as 71.2%."""
    return f"{value:.1%}" if isfinite(value) else "none"


def written(name: str, value: float) -> str:
    """A figure as it is written: shares in %, accuracies with three decimals."""
    return share(value) if name in SHARES else f"{value:.3f}" if isfinite(value) else "none"


def between(name: str, low: float | None, high: float | None) -> str:
    """An interval as 70.8–71.6%; says where persons are too few for one."""
    if low is None or high is None or not isfinite(low + high):
        return "too few for an interval"
    return f"{100 * low:.1f}–{100 * high:.1f}%" if name in SHARES else f"{low:.3f}–{high:.3f}"


def change(name: str, value: float | None) -> str:
    """A difference with its sign: in percentage points for shares."""
    if value is None or not isfinite(value):
        return "none"
    text = f"{100 * value:+.1f}" if name in SHARES else f"{value:+.3f}"
    return text.replace("-", "−") if float(text) else text[1:]  # nothing is neither more nor less


def span_of(name: str, found: Difference) -> str:
    """The interval of a difference; says where persons are too few for one."""
    return spanned(name, found.low, found.high)


def spanned(name: str, low: float | None, high: float | None) -> str:
    """The ends of a difference's interval; says where persons are too few for one."""
    if low is None or high is None or not isfinite(low + high):
        return "too few for an interval"
    return f"{change(name, low)} to {change(name, high)}"


def tile(name: str, figure: Figure, reference: str) -> dict[str, Any]:
    """What a tile shows of a figure.

    No difference where it is its own reference, which has no name then.
    """
    unit = " points" if name in SHARES else ""
    return {
        "label": METRICS[name].label,
        "value": (
            written(name, figure.value).replace("100.0%", "100%")
        ),  # a tile on a phone has no room for more
        "interval": between(name, figure.low, figure.high).replace("100.0%", "100%"),
        "change": (
            change(name, figure.difference.value) + unit
            if reference and isfinite(figure.difference.value)
            else None
        ),
        "better": figure.better,
        "versus": f"vs {reference}" if reference else "",
        "meaning": meaning(name),
    }


def readable(groups: pl.DataFrame, most: int = 13) -> pl.DataFrame:
    """Segments with their groups in words.

    Where there are too many, those with the least coverage.
    """
    chosen = (
        groups.with_row_index("order")
        .sort("value", nulls_last=True)
        .head(most)
        .sort("order")
        .drop("order")
    )
    return chosen.with_columns(pl.col("group").str.replace_all("_", " "))


def unshown(
    all_groups: pl.DataFrame, shown: pl.DataFrame, which: str = "those with the least coverage"
) -> str:
    """That there are more segments than are shown; empty where there are not."""
    return (
        f"; {shown.height} of {all_groups.height} segments, {which}"
        if shown.height < all_groups.height
        else ""
    )


def segments_alt(groups: pl.DataFrame) -> str:
    """Coverage by segment for those who cannot see it."""
    if groups.is_empty():
        return "No segments"
    read = groups.drop_nulls("value").sort("value")
    if read.is_empty():
        return f"Coverage of {groups.height} segments, too small for a figure"
    least = read.row(0, named=True)
    return (
        f"Coverage of {groups.height} segments; lowest in {least['segment']},"
        f" {share(least['value'])}"
    )


def less(name: str, figure: Figure) -> Cell:
    """The difference of a figure, with its paired interval."""
    tones: dict[bool | None, Tone] = {True: "better", False: "worse", None: "same"}
    found = figure.difference
    span = span_of(name, found) if isfinite(found.value) else ""
    return Cell(change(name, found.value), span, tones[figure.better])


def overlap_alt(known: pl.DataFrame, labels: Mapping[str, str]) -> str:
    """The UpSet plot for those who cannot see it."""
    if known.is_empty():
        return "Who is known to which sources: no combination holds enough people to be shown"
    most = known.row(0, named=True)
    sources = ", ".join(labels[key] for key in most["sources"]) or "no source"
    return (
        f"Who is known to which sources; the commonest combination, {share(most['share'])} of"
        f" persons: {sources}"
    )


def gains_alt(gained: pl.DataFrame, what: str = "coverage") -> str:
    """Who gains, for those who cannot see it."""
    if gained.is_empty():
        return "No segments"
    most, least = gained.sort("value").row(-1, named=True), gained.sort("value").row(0, named=True)
    told = [f"{row['segment']}, {change('coverage', row['value'])}" for row in (most, least)]
    return f"Change of {what} by segment: most in {told[0]}; least in {told[1]}"


def sentence(error: ValueError) -> str:
    """An error as a sentence: capital first, except of a file's name, and full stop last."""
    text = str(error)
    first = text[:1] if "." in text.partition(" ")[0] else text[:1].upper()
    return first + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


SPARSE = (
    f"no month has {PERSONS} persons and {OUTCOMES} of each outcome: too few to read it by itself"
)


UNPARTED = (
    "The catalog names no segments. Name columns with a few values each, such as a region or a"
    ' channel, as segments = ["…"] under [population], and each value is read here by itself.'
)


def few(view: View) -> str:
    """What to bear in mind where outcomes are few.

    Empty where they are many, and then nobody is counted.
    """
    return view.fitted.note if view.fitted.folds else ""


def monthly(months: pl.DataFrame) -> bool:
    """Is any month large enough to read?"""
    return "psi" in months.columns and months["psi"].count() > 0
