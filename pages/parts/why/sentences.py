"""What do the pages of Why say? Log-odds as points, frames as the charts take them, and the
sentences."""

from collections.abc import Sequence

import polars as pl

from analytics.data.cohort import Cohort
from analytics.deciding.scorecard import Scorecard
from analytics.explaining.explanation import Explanation
from analytics.reporting.sheet import plus
from pages.shared.view import View
from pages.shared.words import share

SWARM = (
    "a dot is a group of people: right of the line the feature raises their score; violet: "
    "high values, olive: low"
)
DEPENDENCE = (
    "line: mean points it gives, band: 90% of people; below: who defaulted, with 95% interval"
)
INTERACTION = (
    "what the two say together beyond each alone; features of different sources never interact"
)
ALWAYS_WITH = "always given what goes with it"
SHIFT = "from one mean score to the other: blue parts raise it, orange ones lower it"


def points(name: str, scale: Scorecard) -> pl.Expr:
    """A column of log-odds as the points they add: above 0 raises the score."""
    return scale.added(name)


def _stand(log_odds: float, scale: Scorecard) -> float:
    """Where a mean of log-odds stands on the scale, before its ends hold anyone."""
    return float(scale.straight(log_odds))


def moved(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """Importance in points."""
    return frame.with_columns(mean=scale.moved("mean"))


def features(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """Importance of features, without the weight, which is their source's."""
    return moved(frame, scale).drop("weight")


def marks(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """A beeswarm in points."""
    return frame.select(
        "label",
        "source",
        feature="key",
        x=points("contribution", scale),
        count="persons",
        value="rank",
    )


def values(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """The bins of a feature in points; those of a category by their name, the missing without
    one."""
    given = frame.with_columns(
        points=points("mean", scale),
        points_low=points("p95", scale),
        points_high=points("p05", scale),
    )
    category = pl.when(pl.col("kind") != "missing").then("label").alias("category")
    return given.select(
        "kind",
        category,
        "low",
        "high",
        "points",
        "points_low",
        "points_high",
        "bad_rate",
        "bad_rate_low",
        "bad_rate_high",
        "persons",
    )


SIDES = (("first", "a"), ("second", "b"))


def pairs(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """The cells of two features in points, both in the order of their values, and those where
    nobody is."""
    across, up = (
        frame.sort(f"{side}_value", nulls_last=True)
        .select(pl.col(side).alias(name))
        .unique(maintain_order=True)
        for side, name in SIDES
    )
    cells = frame.select(
        a="first", b="second", points=points("contribution", scale), persons="persons"
    )
    return (
        across.join(up, how="cross")
        .join(cells, on=["a", "b"], how="left", maintain_order="left")
        .with_columns(pl.col("persons").fill_null(0))
    )


def steps(frame: pl.DataFrame, scale: Scorecard) -> pl.DataFrame:
    """The parts between two mean scores, in points."""
    return frame.filter(~pl.col("kind").is_in(["start", "end"])).select(
        "label", pl.col("source").replace("", None), points=points("step", scale)
    )


def ends(
    frame: pl.DataFrame, names: Sequence[str], scale: Scorecard
) -> tuple[tuple[str, float], tuple[str, float]]:
    """The two mean scores with their names."""
    first, last = (_stand(frame.filter(kind=kind)["step"][0], scale) for kind in ("start", "end"))
    return (names[0], first), (names[1], last)


def cohort(view: View, by_source: pl.DataFrame, by_feature: pl.DataFrame) -> str:
    """What moves the scores of these people, in a sentence."""
    first, feature = by_source.row(0, named=True), by_feature.row(0, named=True)
    told = (
        f"**{first['label']}** moves the score most: **{share(first['share'])}** of all "
        f"movement with {share(first['weight'])} of the weight."
    )
    mean = view.scale.factor * feature["mean"]
    return (
        f"{told} The strongest feature is **{feature['label']}** "
        f"({view.labels[feature['source']]}): {mean:.1f} points on average."
    )


def slow(explained: Explanation) -> str:
    """Which sources were explained the slow way, if any; empty otherwise."""
    names = [part.design.source.label for part in explained.parts if part.exact_by != "tables"]
    return (
        f"Trees too deep for tables: {', '.join(names)} explained by the package shap, "
        "exactly too but slower."
        if names
        else ""
    )


def together(background: Cohort | None) -> str:
    """How to read two features together; they are never held."""
    return INTERACTION if background is None else f"{ALWAYS_WITH}: {INTERACTION}"


def importance_alt(frame: pl.DataFrame) -> str:
    """Importance in words."""
    told = "; ".join(
        f"{row['label']} {share(row['share'])}" for row in frame.head(5).iter_rows(named=True)
    )
    return f"What moves the score, as shares of all movement: {told}"


def dependence_alt(frame: pl.DataFrame, label: str) -> str:
    """Dependence in words."""
    if frame.is_empty():
        return f"{label}: too few people to be shown"
    low, high = (plus(float(p)) for p in frame["points"].sort().gather([0, -1]))
    return f"{label} gives from {low} to {high} points on average"


def alike(names: Sequence[str], mean: float) -> str:
    """What there is to say of a cohort beside itself."""
    return (
        f"{names[0]} and {names[1]} have the same mean score, {mean:.1f} points: write a "
        "cohort's conditions under Change to see what tells it from others."
    )


def shift_alt(frame: pl.DataFrame, names: Sequence[str], scale: Scorecard) -> str:
    """What tells two cohorts apart, in words."""
    (first, a), (last, b) = ends(frame, names, scale)
    return f"The mean score is {a:.1f} points of {first} and {b:.1f} of {last}"
