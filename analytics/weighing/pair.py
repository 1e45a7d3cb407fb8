"""Is A really better than B? The same people under two weightings, so that differences get paired intervals."""

from dataclasses import dataclass

import numpy as np

from analytics.sources.evidence import UNKNOWN, Evidence

from .formulas import Z, moved
from .readings import Reading
from .tally import BINS, place
from .weighting import Weighting


@dataclass(frozen=True, slots=True)
class Difference:
    """A less B, with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Does the interval leave zero out?"""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The bin of each person of known outcome under A and under B, int16, shape (persons,); `BINS` where not scored. Outcome: int8."""

    outcome: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def common(self) -> "Pair":
        """Only who is scored by both counts as scored."""
        both = (self.a < BINS) & (self.b < BINS)
        return Pair(self.outcome, np.where(both, self.a, BINS), np.where(both, self.b, BINS))

    def difference(self, of_a: Reading, of_b: Reading) -> Difference:
        """A reading under A less the same reading under B: each person's two influences are subtracted before they are squared."""
        value, half = of_a.value - of_b.value, Z * moved(of_a.influence.T, of_b.influence.T, self.a, self.b, self.outcome)
        return Difference(value, value - half, value + half)


def pair(evidence: Evidence, a: Weighting, b: Weighting) -> Pair:
    """Place the people of known outcome under both weightings."""
    outcome = np.repeat(evidence.runs.outcome, evidence.runs.sizes)
    known = outcome != UNKNOWN
    kept = slice(None) if known.all() else known
    return Pair(outcome[kept], *(place(evidence, w)[kept] for w in (a, b)))
