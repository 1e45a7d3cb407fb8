"""What can be read from a tally? Coverage, accuracy and their intervals, from the counts alone.

Every reading comes with its *influence*: how far one person in each cell of the tally moves it. The root of the summed squares is the
standard error (for the AUC: DeLong's), and where two weightings are compared the influences of the same person are subtracted first, which
gives the paired interval. One idea serves every reading.

References
----------
DeLong, DeLong, Clarke-Pearson 1988 (variance of the AUC by placements); Hampel 1974 (influence curve); Wilson 1927 (interval of a share).
"""

from dataclasses import dataclass, fields

import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence

from .tally import Tally, tally
from .weighting import Weighting, equal

Z = 1.959963984540054  # two-sided 95%
PERSONS, OUTCOMES = 30, 5  # below this a figure is not shown


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A figure, its influence, shape (bins + 1, 2) with the unscored last, and the persons it rests on.

    `bound` is the most that binning can have moved it.
    """

    value: float
    influence: np.ndarray
    persons: float
    bound: float = 0.0

    def error(self, counted: Tally) -> float:
        """Standard error."""
        return float(np.sqrt((counted.cells * self.influence**2).sum()))

    def ranged(self, name: str, counted: Tally) -> dict[str, float]:
        """The figure under a name, with `name_low` and `name_high`, its 95% interval."""
        low, high = interval(self.value, self.error(counted), self.persons)
        return {name: self.value, f"{name}_low": low, f"{name}_high": high}


def nothing(counted: Tally) -> Reading:
    """What can be read of nobody: not a number."""
    return Reading(float("nan"), np.zeros((len(counted.counts) + 1, 2)), 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds of default = intercept + slope * evidence; fitted on the calibration persons, one pair per weighting."""

    intercept: float
    slope: float

    def log_odds(self, evidence: np.ndarray) -> np.ndarray:
        """Calibrated log-odds of default."""
        return self.intercept + self.slope * evidence

    def probability(self, evidence: np.ndarray) -> np.ndarray:
        """Calibrated probability of default."""
        return (1 + np.tanh(self.log_odds(evidence) / 2)) / 2  # the logistic function, without overflow

    def evidence(self, log_odds: float) -> float:
        """The evidence at which these log-odds are reached; beyond any evidence where the slope is not positive."""
        return (log_odds - self.intercept) / self.slope if self.slope > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Readings:
    """What one weighting does to one population; floats only. `nan` where there is nothing to read, such as the AUC of nobody.

    `*_low` and `*_high` bound the 95% interval; `*_bound` is the most that binning can have moved an AUC.
    AUC: how often a defaulter stands below a payer. *Of the scored*; *of the common*: scored by the reference weighting too;
    *of everyone*: the unscored stand at evidence 0, the base rate, as one tie. `ks`, `gini` and `brier` are of the scored.
    `intercept`, `slope`: evidence to log-odds, from the calibration persons. `drift_intercept`, `drift_slope`: the same two numbers
    fitted again on the persons read, on top of the first; 0 and 1 when the calibration holds.
    """

    persons: int
    defaulted: int
    scored: int
    coverage: float
    coverage_low: float
    coverage_high: float
    auc_scored: float
    auc_scored_low: float
    auc_scored_high: float
    auc_scored_bound: float
    auc_common: float
    auc_common_low: float
    auc_common_high: float
    auc_common_bound: float
    auc_everyone: float
    auc_everyone_low: float
    auc_everyone_high: float
    auc_everyone_bound: float
    gini: float
    ks: float
    ks_low: float
    ks_high: float
    brier: float
    brier_low: float
    brier_high: float
    bad_rate_scored: float
    bad_rate_unscored: float
    intercept: float
    slope: float
    drift_intercept: float
    drift_slope: float

    def json(self) -> dict[str, float | int | None]:
        """The readings for JSON: null where there is nothing to read."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values}


def read(evidence: Evidence, weighting: Weighting, *, split: tuple[str, ...] = ("test",), reference: Weighting | None = None, calibration: Calibration | None = None) -> Readings:
    """Weigh a population and read it: the persons of `split`, calibrated on the calibration persons.

    Parameters
    ----------
    reference : whom the AUC of the common compares with; equal weights by default.
    calibration : evidence to log-odds; by default fitted on the calibration persons of this evidence.

    Raises
    ------
    Refusal
        If there are too few persons of either outcome to read anything.
    """
    persons = evidence.split(*split)
    counted = tally(persons, weighting)
    common = tally(persons, weighting, [reference or equal(evidence.catalog, weighting.floor, weighting.missing)])
    return readings(counted, common, calibration or calibrate(tally(evidence.split("calibrate"), weighting)))


def readings(counted: Tally, common: Tally, calibration: Calibration) -> Readings:
    """Every reading of one tally, of the tally of the common people, and of a calibration."""
    enough(counted)
    paid, defaulted = counted.counts.sum(axis=0)
    scored, everyone, shared = auc(counted), auc(counted, everyone=True), auc(common)
    drift = calibrate(counted, calibration)
    return Readings(
        persons=int(counted.cells.sum()),
        defaulted=int(counted.cells[:, 1].sum()),
        scored=int(paid + defaulted),
        **coverage(counted).ranged("coverage", counted),
        **scored.ranged("auc_scored", counted),
        auc_scored_bound=scored.bound,
        **shared.ranged("auc_common", common),
        auc_common_bound=shared.bound,
        **everyone.ranged("auc_everyone", counted),
        auc_everyone_bound=everyone.bound,
        gini=2 * scored.value - 1,
        **ks(counted).ranged("ks", counted),
        **brier(counted, calibration).ranged("brier", counted),
        bad_rate_scored=_share(defaulted, paid + defaulted),
        bad_rate_unscored=_share(counted.unscored[1], counted.unscored.sum()),
        intercept=calibration.intercept,
        slope=calibration.slope,
        drift_intercept=drift.intercept,
        drift_slope=drift.slope,
    )


class TooFew(Refusal):
    """Too few persons to say anything about."""


def enough(counted: Tally) -> None:
    """Refuse a population too small to say anything about.

    Raises
    ------
    TooFew
        Below 30 persons, or 5 of either outcome.
    """
    paid, defaulted = (int(n) for n in counted.cells.sum(axis=0))
    if paid + defaulted < PERSONS or min(paid, defaulted) < OUTCOMES:
        raise TooFew(
            f"these are {paid + defaulted:,} persons, {defaulted:,} of whom defaulted; a figure needs at least {PERSONS} persons and {OUTCOMES} of each outcome: choose a wider cohort"
        )


def coverage(counted: Tally) -> Reading:
    """Share of people who are scored."""
    total = counted.cells.sum()
    if not total:
        return nothing(counted)
    value = counted.counts.sum() / total
    influence = np.full((len(counted.counts) + 1, 2), (1 - value) / total)
    influence[-1] = -value / total
    return Reading(float(value), influence, float(total))


def auc(counted: Tally, *, everyone: bool = False) -> Reading:
    """How often a defaulter stands at higher risk than a payer, ties counting half; of the scored, or of everyone with the unscored at evidence 0.

    The bound is exact: pairs in one bin count half, and at worst all of them belong to one side. Unscored pairs are true ties and cannot err.
    """
    counts = counted.counts.astype(float)
    if everyone:
        counts[counted.zero] += counted.unscored
    paid, defaulted = counts.T
    total_paid, total_defaulted = counts.sum(axis=0)
    if not total_paid * total_defaulted:
        return nothing(counted)
    placed_defaulted = (np.cumsum(paid) - paid / 2) / total_paid
    placed_paid = 1 - (np.cumsum(defaulted) - defaulted / 2) / total_defaulted
    value = defaulted @ placed_defaulted / total_defaulted
    influence = np.stack([(placed_paid - value) / total_paid, (placed_defaulted - value) / total_defaulted], axis=1)
    unscored = influence[counted.zero] if everyone else np.zeros(2)
    tied = paid @ defaulted - (counted.unscored.prod() if everyone else 0.0)
    return Reading(float(value), np.vstack([influence, unscored]), min(total_paid, total_defaulted), float(tied / total_paid / total_defaulted / 2))


def ks(counted: Tally) -> Reading:
    """Largest distance between the score distributions of payers and defaulters, among the scored."""
    totals = counted.counts.sum(axis=0)
    if not totals.all():
        return nothing(counted)
    below = np.cumsum(counted.counts, axis=0) / totals
    widest = int(np.argmax(below[:, 0] - below[:, 1]))
    inside = (np.arange(len(below)) <= widest)[:, None] - below[widest]
    influence = inside / totals * [1, -1]
    return Reading(float(below[widest, 0] - below[widest, 1]), np.vstack([influence, np.zeros(2)]), float(totals.min()))


def brier(counted: Tally, calibration: Calibration) -> Reading:
    """Mean squared distance between probability and outcome, among the scored."""
    squares = (calibration.probability(counted.middles)[:, None] - np.array([0, 1])) ** 2
    return mean(counted, squares)


def mean(counted: Tally, values: np.ndarray) -> Reading:
    """Mean of a value per cell, shape (bins, 2), among the scored."""
    total = counted.counts.sum()
    if not total:
        return nothing(counted)
    value = (counted.counts * values).sum() / total
    return Reading(float(value), np.vstack([(values - value) / total, np.zeros(2)]), float(total))


def calibrate(counted: Tally, start: Calibration | None = None) -> Calibration:
    """Fit log-odds = intercept + slope * evidence by Newton's method on the bins; with `start`, refit on top of its log-odds.

    A slope that the data cannot tell (nobody scored, one outcome, one bin) is 1, around the rate of the people there are, smoothed by one half.
    """
    x = counted.middles if start is None else start.log_odds(counted.middles)
    people, defaulted = counted.counts.sum(axis=1).astype(float), counted.counts[:, 1].astype(float)
    filled = people > 0
    x, people, defaulted = x[filled], people[filled], defaulted[filled]
    if len(x) < 2 or not 0 < defaulted.sum() < people.sum():
        return Calibration(float(np.log((defaulted.sum() + 0.5) / (people.sum() - defaulted.sum() + 0.5))) - (float(x.mean()) if len(x) else 0.0), 1.0)
    return Calibration(*_newton(x, people, defaulted))


def _newton(x: np.ndarray, people: np.ndarray, defaulted: np.ndarray) -> tuple[float, float]:
    """Logistic regression of one variable on grouped data; x is centred so that the two numbers hardly disturb each other."""
    centre, spread = np.average(x, weights=people), max(np.sqrt(np.cov(x, aweights=people)), 1e-12)
    rows = np.stack([np.ones_like(x), (x - centre) / spread])
    beta = np.array([np.log(defaulted.sum() / (people.sum() - defaulted.sum())), 0.0])
    for _ in range(50):
        p = (1 + np.tanh(beta @ rows / 2)) / 2
        gradient = rows @ (defaulted - people * p) - [0, 1e-9 * beta[1]]
        step = np.linalg.solve((rows * (people * p * (1 - p))) @ rows.T + 1e-9 * np.eye(2), gradient)
        beta += np.clip(step, -5, 5)
        if abs(step).max() < 1e-10:
            break
    slope = beta[1] / spread
    return float(beta[0] - slope * centre), float(slope)


def interval(value: float, error: float, persons: float) -> tuple[float, float]:
    """95% interval of a figure in [0, 1] by Wilson's formula, with the persons it would take for this standard error; never leaves [0, 1]."""
    if not np.isfinite(value):
        return float("nan"), float("nan")
    n = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else max(persons, 1)
    middle, half = value + Z**2 / (2 * n), Z * np.sqrt(value * (1 - value) / n + Z**2 / (4 * n**2))
    low, high = (middle - half) / (1 + Z**2 / n), (middle + half) / (1 + Z**2 / n)
    return float(max(low, 0)) if value > 0 else 0.0, float(min(high, 1)) if value < 1 else 1.0


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
