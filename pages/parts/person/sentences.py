"""What does the page of a person say? Log-odds as points, the sentences and the tables."""

from collections.abc import Sequence

import polars as pl

from analytics.charts.rows import signed
from analytics.deciding.scorecard import Scorecard
from analytics.explaining.explanation import Standing, Statement, waterfall
from analytics.explaining.reasons import Reason, sentences, unscored
from analytics.explaining.what_if import Option, Raise
from analytics.reporting.person import NAMES
from analytics.sources.evidence import Evidence
from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import Head

STEPS = (
    "from what the models say before any feature is read; the largest first; blue raises, "
    "orange lowers"
)


VOICES = (
    "length: what it says; thickness: its weight; hatched: no record; outlined: a record, "
    "but no score to move"
)


def person(
    told: Statement, name: str, stands: Standing, found: Sequence[Reason], scale: Scorecard
) -> str:
    """One person's score in a sentence."""
    if not told.scored:
        return unscored(told)[0].replace("Not scored", f"Person {name} has **no score**")
    at = told.points(scale)
    text = (
        f"Person {name} has **{at:.0f} points** ({scale.band(at)}), more than "
        f"**{stands.share:.0%}** of all {stands.among:,} people with a score."
    )
    worst = (
        f" What lowers it most: {found[0].text} (**−{found[0].points:.0f}**)."
        if found
        else " No single feature lowers it by half a point."
    )
    return text + worst


TAUGHT = (
    "The models learned from this person: they fit the score better here than for people they "
    "have not seen."
)


def taught(mine: Evidence) -> bool:
    """Did the models that speak of this person learn from them? Never where people take turns: then
    nobody is of the training persons."""
    return str(mine.people["split"][0]) == "train"


def parts(told: Statement, scale: Scorecard) -> pl.DataFrame:
    """The steps to a person's points: from what the models say before any feature is read, feature
    by feature, to the score."""
    frame = waterfall(told, scale, digits=1)
    held = pl.when(pl.col("kind") == "held").then(pl.lit(NAMES["held"])).otherwise("label")
    return frame.filter(pl.col("kind") != "base").select(
        held.alias("label"), pl.col("source").replace("", None), "points", "shown", "value"
    )


def base(told: Statement, scale: Scorecard) -> float:
    """Where a person's steps start, in points."""
    return float(waterfall(told, scale, digits=1).filter(kind="base")["points"][0])


def voices(view: View, told: Statement) -> pl.DataFrame:
    """What each weighted source says of a person: at full weight, and what comes of it."""
    sums = dict(
        waterfall(told, view.scale, by="source")
        .filter(kind="part")
        .select("key", "points")
        .iter_rows()
    )
    known = {s.key for s in told.known}
    rows = [
        {
            "source": s.key,
            "label": s.label,
            "weight": w,
            "points": sums[s.key] / w if s.key in sums else None,
            "contribution": sums.get(s.key, 0.0),
        }
        | {"known": s.key in known}
        for s, w in zip(view.catalog, view.weighting.vector, strict=True)
        if w > 0
    ]
    schema = {
        "source": pl.String,
        "label": pl.String,
        "weight": pl.Float64,
        "points": pl.Float64,
        "contribution": pl.Float64,
        "known": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema)


def reasons(found: Sequence[Reason]) -> tuple[list[Head], list[list[str | Cell]]]:
    """Reasons as a table, in both languages."""
    rows: list[list[str | Cell]] = [[Cell(r.text, r.text_zh), f"−{r.points:.1f}"] for r in found]
    return ["reason", ("points", "What it took from the score.")], rows


def no_reasons(told: Statement) -> str:
    """Why there are no reasons."""
    return sentences(told, ())[0]


FIXED = (
    "The catalog calls no column of these sources changeable. Where a person can change one, "
    "such as what is spent, say actionable = true of it."
)


def changeable(told: Statement) -> bool:
    """Does the catalog say of any feature that speaks here that the person could change it?"""
    return any(each.feature.actionable for each in told.contributions)


def how_many(found: Raise) -> str:
    """How many changes it takes."""
    count = len(found.options[0].changes)
    return (
        f":small[:gray[{'One change is' if count == 1 else f'{count} changes are'} enough "
        f"for {found.target:.0f} points:]]"
    )


def raising(found: Raise) -> tuple[list[Head], list[list[str | Cell]]]:
    """Ways to raise a score as a table, the fewest changes first."""
    numbers = [f"{i}. " for i in range(1, len(found.ways) + 1)] if len(found.ways) > 1 else [""]
    rows: list[list[str | Cell]] = [
        [Cell(f"{number}{option.text}"), f"{option.points:.0f}"]
        for number, option in zip(numbers, found.ways, strict=False)
    ]
    return ["change", ("to", "The points it leads to.")], rows


def what_if(before: float, option: Option, scale: Scorecard) -> str:
    """What the values chosen would do."""
    if not option.changes:
        return f"**{before:.0f} points** as they are; move a value."
    change = signed(option.points - before, ".0f")
    return f"**{option.points:.0f} points** ({change}), {scale.band(option.points)}"
