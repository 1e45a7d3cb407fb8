"""What does a stress do to the score? Every figure after it beside the same before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import polars as pl

from analytics.data import disclosure
from analytics.data.disclosure import blank, few_hold
from analytics.deciding.comparison import Figure, compare, headline_figures, pair_up
from analytics.deciding.decision import ACCEPTED, UNSCORED, Rule, decide
from analytics.deciding.scorecard import STANDARD, Scorecard
from analytics.sources.evidence import Evidence
from analytics.weighing.pair import Difference, shifted, stands
from analytics.weighing.readings import Calibration, auc
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally
from analytics.weighing.weighting import SLACK, Weighting, alone

from .context import StressContext
from .kind import Stress

# shares of all weight that may move
STEPS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Row = dict[str, float | int | None]


def figures(
    before: Evidence,
    after: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    cutoff: float,
    scorecard: Scorecard = STANDARD,
) -> dict[str, Figure]:
    """Every figure of a comparison: after, before, and after less before.

    Coverage, three AUCs, KS, Brier, and accepted and bad rate at a cutoff in points.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    return compare(
        pair_up(after, weighting, weighting, before=before),
        (calibration, calibration),
        cutoff,
        scorecard,
    )


def point(
    before: Evidence,
    after: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    cutoff: float,
    key: str,
    cost: float = 0.0,
    *,
    found: Mapping[str, Figure] | None = None,
    scorecard: Scorecard = STANDARD,
) -> Row:
    """One row of a curve: every figure after a stress, and what it changed.

    Parameters
    ----------
    key : the source under stress.
    cost : what the stress costs whoever does it, in the population's currency.
    found : the figures, where they are read already.

    Returns
    -------
    dict
        For each of `figures`: `<name>`, `<name>_low`, `<name>_high`, `<name>_change` (after less
        before), `<name>_change_low`, `<name>_change_high`. `auc_source` with `_low` and `_high`: of
        the source alone, among those whom it knows after. Persons, those of unknown outcome too:
        `hit` (what the source says of them changed, appeared or vanished), `crossed` (accepted
        after, not before), `lost` (accepted before, not after). `cost`, `cost_per_crossing`. None
        where there is nothing to read.
    """
    at = stands(before, after)
    rule = Rule(cutoff, calibration, scorecard)
    now, then = (decide(persons, weighting, rule) == ACCEPTED for persons in (after, before))
    crossed, lost = int((now & ~then[at]).sum()), int((then[at] & ~now).sum())
    counted = tally(after, alone(after.catalog, key))
    row: Row = {}
    for name, figure in (
        found or figures(before, after, weighting, calibration, cutoff, scorecard)
    ).items():
        row |= ranged(name, figure) | ranged(f"{name}_change", figure.difference)
    row |= auc(counted).ranged("auc_source")
    row |= {"hit": int(_hit(before, after, key, at).sum()), "crossed": crossed, "lost": lost}
    row |= {"cost": cost, "cost_per_crossing": cost / crossed if crossed and cost else None}
    return {
        name: None if value is None or not np.isfinite(value) else value
        for name, value in row.items()
    }


def ranged(name: str, read: Figure | Difference) -> Row:
    """A figure or a difference under a name, with `name_low` and `name_high`, its 95% interval."""
    return {name: read.value, f"{name}_low": read.low, f"{name}_high": read.high}


def curve(
    before: Evidence,
    stresses: tuple[Stress, ...],
    context: StressContext,
    weighting: Weighting,
    calibration: Calibration,
    cutoff: float,
    shares: Sequence[float],
    scorecard: Scorecard = STANDARD,
) -> Iterator[Row]:
    """What the last stress does at each share, upon the others as they are, row by row.

    Yields
    ------
    dict
        `share`, and the row of `point` for the last stress's source; `cost` is that of all
        stresses.
    """
    *others, last = stresses
    near, spent = before, 0.0
    for stress in others:
        near, spent = stress.apply(near, context), spent + stress.cost(near, context)
    for share in shares:
        stress = replace(last, share=share)
        after, cost = stress.apply(near, context), spent + stress.cost(near, context)
        yield {
            "share": share,
            **point(
                before,
                after,
                weighting,
                calibration,
                cutoff,
                stress.source,
                cost,
                scorecard=scorecard,
            ),
        }


def worth(persons: Evidence, weighting: Weighting, key: str) -> Difference:
    """AUC of everyone with a source less without it, the others keeping their proportions.

    Without any source, nobody is scored and the AUC is 0.5.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    if weighting.shares[key] == 1:
        whole = headline_figures(pair_up(persons, weighting, weighting))["auc_everyone"]
        return Difference(whole.value - 0.5, whole.low - 0.5, whole.high - 0.5)
    without = replace(
        weighting, weights=tuple((k, 0.0 if k == key else w) for k, w in weighting.weights)
    )
    return headline_figures(pair_up(persons, weighting, without))["auc_everyone"].difference


@dataclass(frozen=True, slots=True)
class Move:
    """Some of a source's weight taken over by another.

    Attributes
    ----------
    to : key of the source that takes it.
    points : the share of all weight that moves, in [0, 1].
    weighting : the weights after the move.
    before, after : AUC of everyone on the persons searched, without and with the move.
    """

    to: str
    points: float
    weighting: Weighting
    before: float
    after: float


def move(
    searched: Evidence, weighting: Weighting, key: str, *, steps: Sequence[float] = STEPS
) -> Move | None:
    """Which other source best takes over some or all of a source's weight; None if none helps.

    Read it on other persons: the winner of a search flatters itself.

    Parameters
    ----------
    searched : the persons after the stress.
    steps : shares of all weight that may move, as far as the source has so much.
    """
    mine = weighting.shares[key]
    tried = [
        (to, step)
        for step in (*(s for s in steps if s < mine - SLACK), mine)
        if step
        for to in weighting.shares
        if to != key
    ]
    weightings = [weighting, *(_moved(weighting, key, to, step) for to, step in tried)]
    read = sweep(searched, weightings)["auc_everyone"].fill_null(-1).to_numpy()
    won = int(np.argmax(read))  # the first of the best: rather no move, and rather a small one
    return Move(*tried[won - 1], weightings[won], float(read[0]), float(read[won])) if won else None


def _moved(weighting: Weighting, key: str, to: str, step: float) -> Weighting:
    shares = weighting.shares | {key: weighting.shares[key] - step, to: weighting.shares[to] + step}
    return replace(weighting, weights=tuple(shares.items()))


def affected(
    before: Evidence,
    after: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    cutoff: float,
    columns: Sequence[str],
    scorecard: Scorecard = STANDARD,
) -> pl.DataFrame:
    """Who is hit, who is scored no longer, and who is accepted now, by segment.

    Persons of unknown outcome are in no segment.

    Returns
    -------
    DataFrame
        One row per value of each column, segments below 30 persons left out: `group` (the column),
        `segment` (its value), `persons`, `hit` (share of whom any source says something else; null
        where that tells of few), `scored_change` and `accepted_change` (shares of all persons of
        the segment, after less before), each with its paired 95% `_low` and `_high`;
        `bad_rate_before` and `bad_rate_after` of the accepted, null below 30 of them or 5 of either
        outcome.
    """
    at, keys = stands(before, after), after.catalog.keys
    rule = Rule(cutoff, calibration, scorecard)
    now, then = decide(after, weighting, rule), decide(before, weighting, rule)[at]
    people = after.people.select(
        *columns,
        bad="defaulted",
        hit=reduce(np.logical_or, [_hit(before, after, key, at) for key in keys]),
        before=then == ACCEPTED,
        after=now == ACCEPTED,
        scored=(now != UNSCORED).astype(int) - (then != UNSCORED),
        accepted=(now == ACCEPTED).astype(int) - (then == ACCEPTED),
    ).filter(pl.col("bad").is_not_null())
    frames = [_by(people, column) for column in columns]
    return pl.concat(frames) if frames else _by(people.with_columns(none=None), "none").clear()


def _by(people: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows of `affected` of one column."""
    rates = [
        pl.when(_many(pl.col("bad").filter(pl.col(when))))
        .then(pl.col("bad").filter(pl.col(when)).mean())
        .alias(f"bad_rate_{when}")
        for when in SIDES
    ]
    told = (
        pl.len().alias("persons"),
        pl.col("hit").mean(),
        *_change("scored"),
        *_change("accepted"),
        *rates,
    )
    found = people.group_by(
        pl.lit(column).alias("group"), pl.col(column).cast(pl.String).alias("segment")
    ).agg(*told)
    shown = blank(found, ("persons",)).drop_nulls("persons").sort("segment")
    return shown.with_columns(pl.when(~few_hold(pl.col("hit"), pl.col("persons"))).then("hit"))


SIDES = ("before", "after")


def _many(bad: pl.Expr) -> pl.Expr:
    """Are these outcomes enough to show their rate?"""
    return (
        (bad.len() >= disclosure.PERSONS)
        & (bad.sum() >= disclosure.OUTCOMES)
        & (bad.len() - bad.sum() >= disclosure.OUTCOMES)
    )


def _change(name: str) -> tuple[pl.Expr, ...]:
    """The mean of what changed person by person, with its 95% interval."""
    return tuple(
        figure.alias(f"{name}_change{end}")
        for figure, end in zip(shifted(name), ("", "_low", "_high"), strict=True)
    )


def _hit(before: Evidence, after: Evidence, key: str, at: np.ndarray) -> np.ndarray:
    """Of whom the source says something else than before, bool, shape (persons,)."""
    now, then = after.column(key), before.column(key)[at]
    return (now != then) & ~(np.isnan(now) & np.isnan(then))
