"""Is this weighting better than that one? Every figure of A beside B's, with the difference and its paired interval."""

from collections.abc import Callable
from dataclasses import dataclass

from analytics.sources.evidence import Evidence
from analytics.weighing.formulas import interval
from analytics.weighing.pair import Difference, Pair, pair
from analytics.weighing.readings import Calibration, Reading, auc, brier, coverage, enough, ks
from analytics.weighing.tally import Tally, tally
from analytics.weighing.weighting import Weighting

from .scorecard import STANDARD, Scorecard
from .strategy import accepted, bad_rate

RISES = {"brier": False, "bad_rate": False}  # figures that are better when they fall; all others are better when they rise


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of A with its 95% interval, the same figure of B, and A less B."""

    value: float
    low: float
    high: float
    other: float
    difference: Difference
    rises: bool

    @property
    def better(self) -> bool | None:
        """Is A better than B? None while zero lies in the interval of the difference."""
        return (self.difference.value > 0) == self.rises if self.difference.certain else None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One weighting of a comparison: its tally, its tally of the common people, its calibration."""

    counted: Tally
    common: Tally
    calibration: Calibration


def side(persons: Evidence, weighting: Weighting, other: Weighting, calibration: Calibration) -> Side:
    """Count one weighting, alone and among those whom the other scores too."""
    return Side(tally(persons, weighting), tally(persons, weighting, [other]), calibration)


def compare(
    persons: Evidence, a: Weighting, b: Weighting, calibrations: tuple[Calibration, Calibration], cutoff: float, scorecard: Scorecard = STANDARD
) -> dict[str, Figure]:
    """Coverage, three AUCs, KS, Brier, and accepted and bad rate at a cutoff in points: of A, of B, and A less B.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    one, two = side(persons, a, b, calibrations[0]), side(persons, b, a, calibrations[1])
    enough(one.counted)
    both = pair(persons, a, b)
    plain: dict[str, Callable[[Side], Reading]] = {
        "coverage": lambda s: coverage(s.counted),
        "auc_everyone": lambda s: auc(s.counted, everyone=True),
        "auc_scored": lambda s: auc(s.counted),
        "ks": lambda s: ks(s.counted),
        "brier": lambda s: brier(s.counted, s.calibration),
        "accepted": lambda s: accepted(s.counted, s.calibration, cutoff, scorecard),
        "bad_rate": lambda s: bad_rate(s.counted, s.calibration, cutoff, scorecard),
    }
    figures = {name: _figure(name, read(one), read(two), both, one.counted) for name, read in plain.items()}
    return {**figures, "auc_common": _figure("auc_common", auc(one.common), auc(two.common), both.common, one.common)}


def _figure(name: str, of_a: Reading, of_b: Reading, both: Pair, counted: Tally) -> Figure:
    low, high = interval(of_a.value, of_a.error(counted), of_a.persons)
    return Figure(of_a.value, low, high, of_b.value, both.difference(of_a, of_b), RISES.get(name, True))
