"""Is A really better than B?

The same people under two weightings, or before and after, so that differences get paired intervals.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
import polars as pl

from analytics.sources.evidence import UNKNOWN, Evidence

from .formulas import FEW, Z, moved
from .readings import Reading
from .tally import BINS, place
from .weighting import Weighting


@dataclass(frozen=True, slots=True)
class Difference:
    """A less B, with its 95% interval; nan where persons are too few for one."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Does the interval leave zero out?"""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The bin of each person of known outcome under A and under B, int16, shape (persons,).

    `BINS` where not scored. Outcome: int8.
    """

    outcome: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def common(self) -> "Pair":
        """Only who is scored by both counts as scored."""
        both = (self.a < BINS) & (self.b < BINS)
        return Pair(self.outcome, np.where(both, self.a, BINS), np.where(both, self.b, BINS))

    def difference(self, of_a: Reading, of_b: Reading) -> Difference:
        """A reading under A less the same reading under B: each person's two influences are
        subtracted before they are squared.

        With fewer than 20 persons of the rarer outcome there is no interval, unless nobody differs
        at all.
        """
        value, (now, then) = of_a.value - of_b.value, (of_a.influence.T, of_b.influence.T)
        error = moved(now, then, self.a, self.b, self.outcome)
        half = Z * error if error == 0 or min(of_a.rarer, of_b.rarer) >= FEW else nan
        return Difference(value, value - half, value + half)


def shifted(column: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Mean of a column of 1 (came), −1 (went) and 0, with its 95% interval, which does not shrink
    to nothing where hardly anyone moved.

    References
    ----------
    Bonett and Price 2012, adjusted Wald interval of a difference of paired shares.
    """
    came, went = (((pl.col(column) == step).sum() + 1) / (pl.len() + 2) for step in (1, -1))
    half = Z * ((came + went - (came - went) ** 2) / (pl.len() + 2)).sqrt()
    return pl.col(column).mean(), came - went - half, came - went + half


def pair(
    evidence: Evidence,
    a: Weighting,
    b: Weighting,
    *,
    before: Evidence | None = None,
    beside: Pair | None = None,
) -> Pair:
    """Place the people of known outcome under both weightings; under B as they were `before`, the
    same people lined up otherwise.

    Parameters
    ----------
    beside : a pair of the same people with the same B, under which they are not placed again.
    """
    outcome = np.repeat(evidence.runs.outcome, evidence.runs.sizes)
    known = outcome != UNKNOWN
    kept = slice(None) if known.all() else known
    if beside is not None:
        return Pair(beside.outcome, place(evidence, a)[kept], beside.b)
    placed = place(evidence, b) if before is None else place(before, b)[stands(before, evidence)]
    return Pair(outcome[kept], place(evidence, a)[kept], placed[kept])


def stands(before: Evidence, evidence: Evidence) -> np.ndarray:
    """Where each person of an evidence stands in another evidence of the same people, shape
    (persons,).
    """
    rows, wanted = before.people["row"].to_numpy(), evidence.people["row"].to_numpy()
    place_of = np.empty(int(rows.max(initial=0)) + 1, np.intp)
    place_of[rows] = np.arange(len(rows))
    return place_of[wanted]
