"""Whom do we accept? Score distribution, approval and bad rate by cutoff."""

import numpy as np
import polars as pl

from analytics.weighing.formulas import interval
from analytics.weighing.readings import Calibration, Reading, mean
from analytics.weighing.tally import Tally

from .scorecard import STANDARD, Scorecard

STEP = 10  # points


def points(counted: Tally, calibration: Calibration, scorecard: Scorecard = STANDARD) -> np.ndarray:
    """Points in the middle of each bin, shape (bins,)."""
    return scorecard.points(calibration.log_odds(counted.middles))


def distribution(counted: Tally, calibration: Calibration, scorecard: Scorecard = STANDARD, *, step: int = STEP) -> pl.DataFrame:
    """How the scores lie.

    Returns
    -------
    DataFrame
        One row per step of points: `points_low`, `points_high`, `payers` and `defaulters` as shares of all payers and all defaulters,
        the unscored included, so that each column and its unscored add up to 1; `share` of all persons; `persons`.
    """
    edges = np.arange(scorecard.low, scorecard.high + step / 2, step)
    at = np.clip(np.digitize(points(counted, calibration, scorecard), edges) - 1, 0, len(edges) - 2)
    people = np.stack([np.bincount(at, column, len(edges) - 1) for column in counted.counts.T])
    payers, defaulters = people / np.maximum(counted.cells.sum(axis=0), 1)[:, None]
    persons = people.sum(axis=0).astype(int)
    return pl.DataFrame(
        {
            "points_low": edges[:-1],
            "points_high": edges[1:],
            "payers": payers,
            "defaulters": defaulters,
            "share": persons / max(counted.cells.sum(), 1),
            "persons": persons,
        }
    )


def unscored(counted: Tally) -> tuple[float, float]:
    """Share of payers and of defaulters without a score."""
    paid, defaulted = counted.unscored / np.maximum(counted.cells.sum(axis=0), 1)
    return float(paid), float(defaulted)


def everyone_unscored(counted: Tally) -> float:
    """Share of all persons without a score."""
    return float(counted.unscored.sum()) / max(float(counted.cells.sum()), 1.0)


def accepted(counted: Tally, calibration: Calibration, cutoff: float, scorecard: Scorecard = STANDARD) -> Reading:
    """Share of the scored at or above the cutoff."""
    passed = points(counted, calibration, scorecard) >= cutoff
    return mean(counted, np.repeat(passed[:, None], 2, axis=1).astype(float))


def bad_rate(counted: Tally, calibration: Calibration, cutoff: float, scorecard: Scorecard = STANDARD) -> Reading:
    """Share of the accepted who defaulted."""
    passed = points(counted, calibration, scorecard) >= cutoff
    chosen = Tally(counted.counts * passed[:, None], counted.unscored, counted.low, counted.width)
    share = mean(chosen, np.tile([0.0, 1.0], (len(passed), 1)))
    return Reading(share.value, share.influence * np.append(passed, False)[:, None], share.persons)


def strategy(counted: Tally, calibration: Calibration, scorecard: Scorecard = STANDARD, *, step: int = STEP) -> pl.DataFrame:
    """Approval and bad rate at every cutoff.

    Returns
    -------
    DataFrame
        `cutoff`, `accepted` (share of the scored), `persons` accepted, `bad_rate` with `bad_rate_low` and `bad_rate_high`.
    """
    cutoffs = np.arange(scorecard.low, scorecard.high + step / 2, step)
    at = points(counted, calibration, scorecard)
    people = np.array([counted.counts[at >= c].sum(axis=0) for c in cutoffs])
    chosen, bad = people.sum(axis=1), people[:, 1]
    rate = np.divide(bad, chosen, out=np.full(len(cutoffs), np.nan), where=chosen > 0)
    low, high = np.array([interval(r, np.sqrt(r * (1 - r) / n) if n else 0.0, n) for r, n in zip(rate, chosen, strict=True)]).T
    share = chosen / max(counted.counts.sum(), 1)
    return pl.DataFrame({"cutoff": cutoffs, "accepted": share, "persons": chosen, "bad_rate": rate, "bad_rate_low": low, "bad_rate_high": high}).fill_nan(None)
