"""Whom do we accept? Score distribution, approval and bad rate by cutoff.

Every person counted by their own points.
"""

import numpy as np
import polars as pl

from analytics.data.disclosure import pool
from analytics.sources.evidence import UNKNOWN, Evidence
from analytics.weighing.formulas import interval
from analytics.weighing.readings import Calibration, Reading, mean
from analytics.weighing.tally import Tally, weigh
from analytics.weighing.weighting import Weighting

from .decision import ACCEPTED
from .scorecard import STANDARD, Scorecard


def points_of(
    persons: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    scorecard: Scorecard = STANDARD,
) -> tuple[np.ndarray, np.ndarray]:
    """Points of every scored person of known outcome, and the outcome: 0 paid, 1 defaulted."""
    outcome = np.repeat(persons.runs.outcome, persons.runs.sizes)
    at = scorecard.points(calibration.log_odds(weigh(persons, weighting)))
    read = (outcome != UNKNOWN) & ~np.isnan(at)
    return at[read], outcome[read]


def distribution(
    persons: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    scorecard: Scorecard = STANDARD,
    *,
    step: float | None = None,
) -> pl.DataFrame:
    """How the scores lie.

    Returns
    -------
    DataFrame
        One row per step of points: `points_low`, `points_high`, `payers` and `defaulters` as shares
        of all payers and all defaulters, the unscored included, so that each column and its
        unscored add up to 1; `share` of all persons; `persons`.
    """
    edges = scorecard.steps(step)
    at, outcome = points_of(persons, weighting, calibration, scorecard)
    place = np.clip(np.searchsorted(edges, at, "right") - 1, 0, len(edges) - 2)
    people = np.stack([np.bincount(place[outcome == y], minlength=len(edges) - 1) for y in (0, 1)])
    everyone = np.bincount(persons.runs.outcome, persons.runs.sizes, UNKNOWN + 1)[:UNKNOWN]
    payers, defaulters = people / np.maximum(everyone, 1)[:, None]
    each = people.sum(axis=0).astype(int)
    return pl.DataFrame(
        {
            "points_low": edges[:-1],
            "points_high": edges[1:],
            "payers": payers,
            "defaulters": defaulters,
            "share": each / max(everyone.sum(), 1),
            "persons": each,
        }
    )


def joined(bins: pl.DataFrame, counted: Tally) -> pl.DataFrame:
    """A distribution as it may be shown.

    Steps that tell of too few people are joined to their neighbours.
    """
    cells = np.rint(bins.select("payers", "defaulters").to_numpy() * counted.cells.sum(axis=0))
    shown = bins.with_columns(group=pool(cells)).group_by("group", maintain_order=True)
    return shown.agg(
        pl.col("points_low").first(),
        pl.col("points_high").last(),
        pl.col("payers", "defaulters", "share", "persons").sum(),
    ).drop("group")


def unscored(counted: Tally) -> tuple[float, float]:
    """Share of payers and of defaulters without a score."""
    paid, defaulted = counted.unscored / np.maximum(counted.cells.sum(axis=0), 1)
    return float(paid), float(defaulted)


def everyone_unscored(counted: Tally) -> float:
    """Share of all persons without a score."""
    return float(counted.unscored.sum()) / max(float(counted.cells.sum()), 1.0)


def accepted(decisions: Tally) -> Reading:
    """Share of the scored at or above the cutoff, of a tally of decisions (`decision.decided`)."""
    return mean(decisions, np.array([[1.0, 1.0], [0.0, 0.0]]))


def bad_rate(decisions: Tally) -> Reading:
    """Share of the accepted who defaulted, of a tally of decisions."""
    passed = np.arange(len(decisions.counts)) == ACCEPTED
    chosen = Tally(
        decisions.counts * passed[:, None], decisions.unscored, decisions.low, decisions.width
    )
    share = mean(chosen, np.tile([0.0, 1.0], (len(passed), 1)))
    influence = share.influence * np.append(passed, False)[:, None]
    rarer = float(chosen.counts.sum(axis=0).min())
    return Reading(share.value, influence, share.low, share.high, rarer=rarer, selective=True)


# what is read of decisions, by the key of the metric
DECIDED = {"accepted": accepted, "bad_rate": bad_rate}


def accepted_of_all(decisions: Tally) -> Reading:
    """Share of all persons, the unscored among them, who are scored at or above the cutoff, of a
    tally of decisions.
    """
    passed = np.array([1.0, 0.0, 0.0])
    people = decisions.cells.sum(axis=1)
    share = float(people @ passed / people.sum())
    low, high = interval(share, np.sqrt(share * (1 - share) / people.sum()), people.sum())
    return Reading(share, np.repeat((passed - share)[:, None] / people.sum(), 2, axis=1), low, high)


def strategy(
    persons: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    scorecard: Scorecard = STANDARD,
    *,
    step: float | None = None,
) -> pl.DataFrame:
    """Approval and bad rate at every cutoff, of the persons of known outcome.

    Returns
    -------
    DataFrame
        `cutoff`, `accepted` (share of the scored), `persons` accepted, `bad_rate` with
        `bad_rate_low` and `bad_rate_high`.
    """
    cutoffs = scorecard.steps(step)
    at, outcome = points_of(persons, weighting, calibration, scorecard)
    met = np.searchsorted(cutoffs, at, "right")  # how many cutoffs each person meets
    people = np.stack([np.bincount(met[outcome == y], minlength=len(cutoffs) + 1) for y in (0, 1)])
    passed = people[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    chosen, bad = passed.sum(axis=0), passed[1]
    rate = np.divide(bad, chosen, out=np.full(len(cutoffs), np.nan), where=chosen > 0)
    low, high = np.array(
        [
            interval(r, np.sqrt(r * (1 - r) / n) if n else 0.0, n)
            for r, n in zip(rate, chosen, strict=True)
        ]
    ).T
    share = chosen / max(len(at), 1)
    return pl.DataFrame(
        {
            "cutoff": cutoffs,
            "accepted": share,
            "persons": chosen,
            "bad_rate": rate,
            "bad_rate_low": low,
            "bad_rate_high": high,
        }
    ).fill_nan(None)
