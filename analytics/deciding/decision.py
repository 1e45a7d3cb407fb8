"""Who is accepted at a cutoff? Every person by their own points, as the score file has them.

A bin is never split by its middle.
"""

from dataclasses import dataclass

import numba as nb
import numpy as np

from analytics.sources.evidence import UNKNOWN, Evidence
from analytics.weighing.pair import Pair, stands
from analytics.weighing.readings import Calibration
from analytics.weighing.tally import BINS, Tally, grid, place, weigh
from analytics.weighing.weighting import Weighting

from .scorecard import STANDARD, Scorecard

# what becomes of a person: two bins of a tally, and the unscored behind them
ACCEPTED, DECLINED, UNSCORED = (0, 1, 2)
EITHER = 3  # the cutoff lies in this bin or close beside it, so each of its persons is asked
SLACK = 0.1  # of a bin


@dataclass(frozen=True, slots=True)
class Rule:
    """Accept everybody who is scored at or above a cutoff in points."""

    cutoff: float
    calibration: Calibration
    scorecard: Scorecard = STANDARD

    def accepts(self, evidence: np.ndarray) -> np.ndarray:
        """Who is accepted, bool; nobody without evidence (NaN) is."""
        return self.scorecard.points(self.calibration.log_odds(evidence)) >= self.cutoff

    def decide(self, persons: Evidence, weighting: Weighting, at: np.ndarray) -> np.ndarray:
        """What becomes of the persons who stand at these places, asked one by one."""
        evidence = weigh(persons, weighting, at)
        return np.where(
            np.isnan(evidence), UNSCORED, np.where(self.accepts(evidence), ACCEPTED, DECLINED)
        )

    def by_bin(self, low: float, width: float) -> np.ndarray:
        """What becomes of each bin of a grid, and of the unscored last, int16, shape (bins + 1,).

        Bins are counted in single precision, which may err by a hundredth of a bin. So a bin is
        decided as a whole only where the cutoff lies a tenth of a bin away from it.
        """
        start = low + width * np.arange(BINS)
        safer = self.accepts(start - SLACK * width)
        riskier = self.accepts(start + (1 + SLACK) * width)
        states = np.where(safer == riskier, np.where(safer, ACCEPTED, DECLINED), EITHER)
        return np.append(states, UNSCORED).astype(np.int16)


def decide(persons: Evidence, weighting: Weighting, rule: Rule) -> np.ndarray:
    """What becomes of each person: `ACCEPTED`, `DECLINED` or `UNSCORED`, int16, exact."""
    states = np.take(rule.by_bin(*grid(persons, weighting)), place(persons, weighting))
    asked = np.flatnonzero(states == EITHER)
    states[asked] = rule.decide(persons, weighting, asked)
    return states


def decide_both(
    persons: tuple[Evidence, Evidence],
    weightings: tuple[Weighting, Weighting],
    rules: tuple[Rule, Rule],
    both: Pair,
) -> np.ndarray:
    """How many persons of known outcome become what under A and what under B, shape (3 under A, 3
    under B, 2 outcomes).

    Parameters
    ----------
    persons : the same persons, as A sees them and as B does; `both`: where they stand under each.
    """
    here, before = persons
    by_bin = [
        rule.by_bin(*grid(who, weighting))
        for who, weighting, rule in zip(persons, weightings, rules, strict=True)
    ]
    cells, asked = _meet(both.a, both.b, both.outcome, *by_bin)
    if len(asked):
        known = here.runs.outcome != UNKNOWN
        rows = asked if known.all() else np.flatnonzero(np.repeat(known, here.runs.sizes))[asked]
        places = rows, rows if before is here else stands(before, here)[rows]
        a, b = (
            np.where(states == EITHER, rule.decide(who, weighting, at), states)
            for states, who, weighting, rule, at in zip(
                (by_bin[0][both.a[asked]], by_bin[1][both.b[asked]]),
                persons,
                weightings,
                rules,
                places,
                strict=True,
            )
        )
        cells += np.bincount(6 * a + 2 * b + both.outcome[asked], minlength=18).reshape(3, 3, 2)
    return cells


@nb.njit(cache=True, nogil=True)
def _meet(a, b, outcome, by_a, by_b):  # type: ignore[no-untyped-def]
    """Counts of whom the bins decide, shape (3, 3, 2), and the persons who must be asked."""
    counts = np.zeros((2, 4, 4, 2), np.int64)  # two counts in turn, as one would wait for itself
    asked = np.empty(len(a), np.int64)
    many = 0
    for i in range(len(a)):
        one, two = by_a[a[i]], by_b[b[i]]
        counts[i & 1, one, two, outcome[i]] += 1
        asked[many] = i
        many += (one == EITHER) | (two == EITHER)
    return (counts[0] + counts[1])[:EITHER, :EITHER].copy(), asked[:many].copy()


def decided(states: np.ndarray, outcome: np.ndarray) -> Tally:
    """Persons accepted, declined and not scored, by outcome: a tally of two bins.

    Persons of unknown outcome are left out.
    """
    return as_tally(_count(states, outcome)[:, :UNKNOWN])


def as_tally(cells: np.ndarray) -> Tally:
    """Counts of accepted, declined and not scored, shape (3, 2 outcomes), as a tally of two
    bins.
    """
    return Tally(cells[:UNSCORED], cells[UNSCORED], 0.0, 1.0)


@nb.njit(cache=True, nogil=True)
def _count(states, outcome):  # type: ignore[no-untyped-def]
    """Persons by state and outcome, shape (3, 3).

    Two counts in turn, as one would wait for itself.
    """
    counts = np.zeros((2, 3, 3), np.int64)
    for i in range(len(states)):
        counts[i & 1, states[i], outcome[i]] += 1
    return counts[0] + counts[1]
