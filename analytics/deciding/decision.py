"""Who is accepted at a cutoff? Every person by their own points, as the score file has them: a bin is never split by its middle."""

from dataclasses import dataclass

import numba as nb
import numpy as np

from analytics.sources.evidence import UNKNOWN, Evidence
from analytics.weighing.readings import Calibration
from analytics.weighing.tally import BINS, Tally, grid, place, weigh
from analytics.weighing.weighting import Weighting

from .scorecard import STANDARD, Scorecard

ACCEPTED, DECLINED, UNSCORED = 0, 1, 2  # what becomes of a person: two bins of a tally, and the unscored behind them
EITHER = 3  # the cutoff lies in this bin or beside it, so each of its persons is asked


@dataclass(frozen=True, slots=True)
class Rule:
    """Accept everybody who is scored at or above a cutoff in points."""

    cutoff: float
    calibration: Calibration
    scorecard: Scorecard = STANDARD

    def accepts(self, evidence: np.ndarray) -> np.ndarray:
        """Who is accepted, bool; nobody without evidence (NaN) is."""
        return self.scorecard.points(self.calibration.log_odds(evidence)) >= self.cutoff

    def by_bin(self, low: float, width: float) -> np.ndarray:
        """What becomes of each bin of a grid, and of the unscored last, int16, shape (bins + 1,).

        Bins are counted in single precision, which may put a person into the next bin. So a bin is
        decided as a whole only where its neighbours are too.
        """
        passed = self.accepts(low + width * np.arange(-1, BINS + 2))
        safer, riskier = passed[:-3], passed[3:]
        states = np.where(safer == riskier, np.where(safer, ACCEPTED, DECLINED), EITHER)
        return np.append(states, UNSCORED).astype(np.int16)


def decide(
    persons: Evidence,
    weighting: Weighting,
    rule: Rule,
    *,
    bins: np.ndarray | None = None,
    at: np.ndarray | None = None,
) -> np.ndarray:
    """What becomes of each person: `ACCEPTED`, `DECLINED` or `UNSCORED`, int16, exact.

    Parameters
    ----------
    bins : where the persons stand, as `place` gives it, if known already; and `at`: which persons
        of the evidence these are, where they are not all.
    """
    standing = place(persons, weighting) if bins is None else bins
    states = np.take(rule.by_bin(*grid(persons, weighting)), standing)
    asked = np.flatnonzero(states == EITHER)
    if len(asked):
        evidence = weigh(persons, weighting, asked if at is None else at[asked])
        states[asked] = np.where(rule.accepts(evidence), ACCEPTED, DECLINED)
    return states


def decided(states: np.ndarray, outcome: np.ndarray) -> Tally:
    """Persons accepted, declined and not scored, by outcome: a tally of two bins. Persons of unknown outcome are left out."""
    cells = _count(states, outcome)[:, :UNKNOWN]
    return Tally(cells[:UNSCORED], cells[UNSCORED], 0.0, 1.0)


@nb.njit(cache=True, nogil=True)
def _count(states, outcome):  # type: ignore[no-untyped-def]
    """Persons by state and outcome, shape (3, 3); two counts in turn, as one would wait for itself."""
    counts = np.zeros((2, 3, 3), np.int64)
    for i in range(len(states)):
        counts[i & 1, states[i], outcome[i]] += 1
    return counts[0] + counts[1]
