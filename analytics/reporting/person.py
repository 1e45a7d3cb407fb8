"""What stands on a person's page?

The score, why, what would raise it, and what others would say.
"""

import math
from collections.abc import Sequence

import polars as pl

from analytics.data.catalog.model import Catalog
from analytics.deciding.scorecard import Scorecard
from analytics.explaining.explanation import Statement, waterfall
from analytics.explaining.reasons import Reason, unscored
from analytics.explaining.what_if import Raise

from .sheet import Cell, Fact, Part, Sheet, beside, plus, signed

MOST = 7  # features on the page


def person_sheet(
    told: Statement,
    percentile: float,
    found: Sequence[Reason],
    raised: Raise | None,
    elsewhere: pl.DataFrame,
    catalog: Catalog,
    scale: Scorecard,
    *,
    note: str = "",
) -> Sheet:
    """A person's sheet.

    Parameters
    ----------
    percentile : share of all people with a score who have fewer points, 0 to 1.
    raised : what would raise the score; none where it was not asked.
    elsewhere : the person under every bureau: `label`, `scored`, `probability`, `points`; without
        rows where there are no bureaus.
    note : what to bear in mind, such as that outcomes are few; empty where there is nothing.
    """
    return Sheet(
        title=f"Person {told.person}",
        what=(
            f"{catalog.title} · weights"
            f" {', '.join(f'{k} {s:.0%}' for k, s in told.weighting.shares.items() if s)} · floor"
            f" {told.weighting.floor:.0%}"
        ),
        lead=_lead(told, found, scale),
        facts=_facts(told, percentile, scale),
        parts=(
            _sources(told, scale),
            _features(told, scale),
            _reasons(found),
            *([_raising(raised)] if raised else []),
            *([_bureaus(elsewhere)] if len(elsewhere) else []),
        ),
        notes=(
            *(["The people of this sample are fictional."] if catalog.people.fictional else []),
            *([f"{note}."] if note else []),
            NOTE,
        ),
    )


NOTE = (
    "Contributions are exact SHAP values of each source's model, weighed like the score; with the"
    " start they add up to the points to the last digit printed."
)


def _lead(told: Statement, found: Sequence[Reason], scale: Scorecard) -> str:
    if not told.scored:
        return unscored(told)[0]
    points = told.points(scale)
    return f"{points:.0f} points: {scale.band(points)}." + (
        f" What lowers it most: {found[0].text}." if found else ""
    )


def _facts(told: Statement, percentile: float, scale: Scorecard) -> tuple[Fact, ...]:
    reach = Fact("Reach", f"{told.reach:.0%}", f"floor {told.weighting.floor:.0%}")
    if not told.scored:
        return (Fact("Points", "no score"), reach)
    chance = 1 / (1 + math.exp(-told.log_odds))
    points = Fact("Points", f"{told.points(scale):.0f}", f"of {scale.low:.0f} to {scale.high:.0f}")
    return (
        points,
        Fact("Probability of default", f"{chance:.1%}"),
        Fact("Safer than", f"{percentile:.0%}", "of all with a score"),
        reach,
    )


def _sources(told: Statement, scale: Scorecard) -> Part:
    frame = waterfall(told, scale, by="source", digits=1)
    absent = tuple(
        (
            Cell(s.label, words=True),
            Cell("no record"),
            Cell(),
            Cell(f"{told.weighting.shares[s.key]:.0%}"),
        )
        for s in told.absent
    )
    rows = tuple(
        _step(row, frame, f"{told.weighting.shares[row['key']]:.0%}" if row["key"] else "")
        for row in frame.iter_rows(named=True)
    )
    return Part(
        "What each source said",
        "points; blue raises, orange lowers",
        ("source", "points", "", "weight"),
        (*rows, *absent),
    )


def _features(told: Statement, scale: Scorecard) -> Part:
    frame = (
        waterfall(told, scale, digits=1)
        .filter(kind="part")
        .sort(pl.col("points").abs(), descending=True)
    )
    rows = [
        _step(row, frame, row["value"] or "not on record")
        for row in frame.head(MOST).iter_rows(named=True)
    ]
    rest = frame[MOST:]
    others = (
        (
            (
                Cell(f"{len(rest)} others", words=True),
                Cell(plus(float(rest["shown"].sum()))),
                Cell(),
                Cell(),
            ),
        )
        if len(rest)
        else ()
    )
    return Part(
        "By feature", "the largest first", ("feature", "points", "", "value"), (*rows, *others)
    )


NAMES = {"base": "Start: no feature read yet", "held": "Held at the end of the scale"}


def _step(row: dict[str, object], frame: pl.DataFrame, last: str) -> tuple[Cell, ...]:
    """One step: its name, its points, a bar from zero, and a word."""
    points, kind = float(str(row["shown"])), str(row["kind"])
    scale = float(frame.filter(kind="part")["points"].abs().max() or 1)  # type: ignore[arg-type]
    name = Cell(NAMES.get(kind, str(row["label"])), words=True)
    if kind == "base":
        return name, Cell(f"{points:.1f}"), Cell(), Cell()
    return (
        name,
        Cell(plus(points)),
        Cell(bar=signed(points, scale), tone="better" if points >= 0 else "worse"),
        Cell(last),
    )


def _reasons(found: Sequence[Reason]) -> Part:
    rows = tuple(
        (Cell(r.text, words=True), Cell(r.text_zh, words=True), Cell(f"−{r.points:.1f}"))
        for r in found
    )
    return Part(
        "Reasons",
        "what took most from the score",
        ("reason", "理由", "points"),
        rows,
        "No single feature lowered the score by half a point.",
    )


def _raising(raised: Raise) -> Part:
    rows = tuple((Cell(o.text, words=True), Cell(f"{o.points:.0f}")) for o in raised.ways)
    how = (
        raised.reason
        or f"to reach {raised.target:.0f} points, within what others have; fewest changes first"
    )
    return Part("What would raise it", how, ("change", "to"), rows, "")


def _bureaus(elsewhere: pl.DataFrame) -> Part:
    rows = [
        (
            Cell(r["label"], words=True),
            Cell(f"{r['points']:.0f}", f"of {r['low']:.0f}–{r['high']:.0f}"),
            Cell(f"{r['probability']:.1%}"),
        )
        for r in elsewhere.filter("scored").iter_rows(named=True)
    ]
    silent = ", ".join(elsewhere.filter(~pl.col("scored"))["label"])
    how = "points on each one's own scale, probability of default" + (
        f"; no score from {silent}" if silent else ""
    )
    return Part(
        "Under every bureau", how, rows=beside(rows, 3), empty="No bureau scores this person."
    )
