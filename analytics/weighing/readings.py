"""What can be read from a tally? Coverage, accuracy and their intervals, from the counts alone.

Every reading comes with its *influence*: how far one person in each cell of the tally moves it. The
root of the summed squares is the standard error (for the AUC: DeLong's), and where two weightings
are compared the influences of the same person are subtracted first, which gives the paired
interval. One idea serves every reading.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from analytics.data.disclosure import NEEDS, TooFew, few
from analytics.data.refusal import Refusal
from analytics.metrics import METRICS
from analytics.sources.evidence import Evidence

from . import formulas
from .tally import Tally, tally
from .weighting import Weighting, equal


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A figure, its influence, shape (bins + 1, 2) with the unscored last, and its 95% interval,
    nan where persons are too few for one.

    `bound` is the most that binning can have moved it. `rarer` counts the persons of the rarer
    outcome it rests on; without end where outcomes do not matter. `selective`: only persons whom
    the weighting selects count, so that most persons move no difference of two weightings.
    """

    value: float
    influence: np.ndarray
    low: float
    high: float
    bound: float = 0.0
    rarer: float = np.inf
    selective: bool = False

    def error(self, counted: Tally) -> float:
        """Standard error."""
        return float(np.sqrt((counted.cells * self.influence**2).sum()))

    def ranged(self, name: str) -> dict[str, float]:
        """The figure under a name, with `name_low` and `name_high`, its 95% interval."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a weighting takes from the calibration persons: log-odds of default = intercept + slope
    * evidence.

    `separated`: evidence tells their payers and defaulters apart perfectly, so the slope has no
    limit, and a penalised one stands in its place. `ks_at`: the evidence (log-odds) at which their
    payers and defaulters lie furthest apart; the KS of others is read there.
    """

    intercept: float
    slope: float
    separated: bool = False
    ks_at: float = 0.0

    def log_odds(self, evidence: np.ndarray) -> np.ndarray:
        """Calibrated log-odds of default."""
        return self.intercept + self.slope * evidence

    def probability(self, evidence: np.ndarray) -> np.ndarray:
        """Calibrated probability of default."""
        return (
            1 + np.tanh(self.log_odds(evidence) / 2)
        ) / 2  # the logistic function, without overflow

    def evidence(self, log_odds: float) -> float:
        """The evidence at which these log-odds are reached.

        Beyond any evidence where the slope is not positive.
        """
        return (log_odds - self.intercept) / self.slope if self.slope > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Readings:
    """What one weighting does to one population; floats only. `nan` where there is nothing to read,
    such as the AUC of nobody.

    `*_low` and `*_high` bound the 95% interval; `*_bound` is the most that binning can have moved
    an AUC. AUC: how often a defaulter stands below a payer. *Of the scored*; *of the common*:
    scored by the reference weighting too; *of everyone*: the unscored stand at evidence 0, the base
    rate, as one tie. `ks`, `gini` and `brier` are of the scored; `ks` is read where it is widest
    among the calibration persons, as its own maximum would flatter it. An interval is `nan` where
    persons are too few for one. `intercept`, `slope`: evidence to log-odds, from the calibration
    persons. `drift_intercept`, `drift_slope`: the same two numbers fitted again on the persons
    read, on top of the first; 0 and 1 when the calibration holds. `separated`: the calibration
    persons are told apart perfectly.
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
    separated: bool
    # metrics without a field of their own, with `_low` and `_high`
    further: Mapping[str, float] = field(default_factory=dict)

    def json(self) -> dict[str, float | int | None]:
        """The readings for JSON: null where there is nothing to read."""
        values = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name != "further"
        } | dict(self.further)
        return {
            k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()
        }


def read(
    evidence: Evidence,
    weighting: Weighting,
    *,
    split: tuple[str, ...] = ("test",),
    reference: Weighting | None = None,
    calibration: Calibration | None = None,
) -> Readings:
    """Weigh a population and read it: the persons of `split`, calibrated on the calibration
    persons.

    Parameters
    ----------
    reference : whom the AUC of the common compares with; equal weights by default.
    calibration : evidence to log-odds; by default fitted on the calibration persons of this
        evidence.

    Raises
    ------
    Refusal
        If there are too few persons of either outcome to read anything.
    """
    persons = evidence.split(*split)
    counted = tally(persons, weighting)
    common = tally(
        persons,
        weighting,
        [reference or equal(evidence.catalog, weighting.floor, weighting.missing)],
    )
    return readings(
        counted, common, calibration or calibrate(tally(evidence.split("calibrate"), weighting))
    )


def readings(counted: Tally, common: Tally, calibration: Calibration) -> Readings:
    """Every reading of one tally, of the tally of the common people, and of a calibration."""
    enough(counted)
    paid, defaulted = (float(n) for n in counted.counts.sum(axis=0))
    scored, everyone, shared = auc(counted), auc(counted, everyone=True), auc(common)
    drift = calibrate(counted, calibration)
    return Readings(
        persons=int(counted.cells.sum()),
        defaulted=int(counted.cells[:, 1].sum()),
        scored=int(paid + defaulted),
        **coverage(counted).ranged("coverage"),
        **scored.ranged("auc_scored"),
        auc_scored_bound=scored.bound,
        **shared.ranged("auc_common"),
        auc_common_bound=shared.bound,
        **everyone.ranged("auc_everyone"),
        auc_everyone_bound=everyone.bound,
        gini=2 * scored.value - 1,
        **ks(counted, calibration).ranged("ks"),
        **brier(counted, calibration).ranged("brier"),
        bad_rate_scored=_share(defaulted, paid + defaulted),
        bad_rate_unscored=_share(float(counted.unscored[1]), float(counted.unscored.sum())),
        intercept=calibration.intercept,
        slope=calibration.slope,
        drift_intercept=drift.intercept,
        drift_slope=drift.slope,
        separated=calibration.separated,
        further=further(counted, common, calibration),
    )


def further(counted: Tally, common: Tally, calibration: Calibration) -> dict[str, float]:
    """The readings that have no field of their own."""
    rest = [key for key in READINGS if key not in Readings.__dataclass_fields__]
    read = (
        READINGS[key](common if METRICS[key].of_common else counted, calibration).ranged(key)
        for key in rest
    )
    return {name: value for each in read for name, value in each.items()}


def enough(counted: Tally, whom: str = "", remedy: str = "choose a wider cohort") -> None:
    """Refuse a population too small to say anything about.

    Raises
    ------
    TooFew
        Below 30 persons, or 5 of either outcome.
    """
    paid, defaulted = (int(n) for n in counted.cells.sum(axis=0))
    if few(paid, defaulted):
        # a cohort's are not counted
        found = (
            f"these are {paid + defaulted:,} {whom}, {defaulted:,} of whom defaulted"
            if whom
            else "these are too few persons"
        )
        raise TooFew(f"{found}; {NEEDS}: {remedy}")


def scoring(everyone: Evidence, weighting: Weighting) -> Calibration:
    """The calibration by which people are scored; refused as `scorable` says."""
    return scorable(*(tally(everyone.split(s), weighting) for s in ("calibrate", "test")))


def scorable(calibrating: Tally, tested: Tally) -> Calibration:
    """The calibration of all points, wherever they are shown: by those who calibrate, if they and
    the test persons are enough to vouch for it.

    Raises
    ------
    TooFew
        If either are too few for any figure: then points would say nothing either.
    """
    for whom, counted in (("test persons", tested), ("calibration persons", calibrating)):
        enough(counted, whom, "bring more people of known outcome")
    return calibrate(calibrating)


def coverage(counted: Tally) -> Reading:
    """Share of people who are scored."""
    return _reading(formulas.coverage, counted)


def auc(counted: Tally, *, everyone: bool = False) -> Reading:
    """How often a defaulter stands at higher risk than a payer, ties counting half; of the scored,
    or of everyone with the unscored at evidence 0.

    The bound is exact: pairs in one bin count half, and at worst all of them belong to one side.
    Unscored pairs are true ties and cannot err.
    """
    read = _reading(formulas.auc, counted, counted.zero if everyone else formulas.SCORED)
    return replace(read, rarer=_rarer(counted.cells if everyone else counted.counts))


def ks(counted: Tally, calibration: Calibration) -> Reading:
    """Distance between the score distributions of payers and defaulters, among the scored, where it
    is widest among the calibration persons.
    """
    place = round((calibration.ks_at - counted.low) / counted.width) - 1
    return replace(_reading(formulas.ks, counted, place), rarer=_rarer(counted.counts))


def brier(counted: Tally, calibration: Calibration) -> Reading:
    """Mean squared distance between probability and outcome, among the scored."""
    probability = calibration.probability(counted.middles)
    read = _reading(formulas.brier, counted, np.stack([probability**2, (1 - probability) ** 2]))
    return replace(read, rarer=_rarer(counted.counts))


# by the key of the metric
READINGS: dict[str, Callable[[Tally, Calibration], Reading]] = {
    "coverage": lambda counted, _: coverage(counted),
    "auc_everyone": lambda counted, _: auc(counted, everyone=True),
    "auc_common": lambda counted, _: auc(counted),  # of the tally of the common
    "auc_scored": lambda counted, _: auc(counted),
    "ks": ks,
    "brier": brier,
}


def mean(counted: Tally, values: np.ndarray) -> Reading:
    """Mean of a value in [0, 1] per cell, shape (bins, 2), among the scored."""
    return _reading(formulas.mean, counted, np.ascontiguousarray(values.T))


def _reading(
    formula: Callable[..., tuple[float, float, float, float]], counted: Tally, *more: object
) -> Reading:
    """A figure and its influence, by a compiled formula."""
    influence = np.zeros((2, len(counted.counts) + 1))
    value, low, high, bound = formula(
        _rows(counted), counted.unscored.astype(np.int64), influence, *more
    )
    return Reading(value, influence.T, low, high, bound)


def _rarer(cells: np.ndarray) -> float:
    """Persons of the rarer outcome."""
    return float(cells.sum(axis=0).min())


def _rows(counted: Tally) -> np.ndarray:
    """The counts as the formulas take them, shape (2, bins)."""
    return np.ascontiguousarray(counted.counts.T, np.int64)


def calibrate(counted: Tally, start: Calibration | None = None) -> Calibration:
    """Fit log-odds = intercept + slope * evidence on the bins; with `start`, refit on top of its
    log-odds.

    A slope that the data cannot tell (nobody scored, one outcome, one bin) is 1, around the rate of
    the people there are, smoothed by one half.

    Raises
    ------
    Refusal
        If the search for the two numbers does not end.
    """
    on_top = start or Calibration(0.0, 1.0)
    rows = _rows(counted)
    intercept, slope, separated = formulas.calibrate(
        rows, counted.low, counted.width, on_top.intercept, on_top.slope
    )
    if not np.isfinite(intercept + slope):
        raise Refusal(
            f"the calibration of {int(rows.sum()):,} persons found no end; choose other weights, or"
            " wider data"
        )
    place = formulas.widest(rows)
    return Calibration(
        intercept,
        slope,
        separated,
        counted.low + counted.width * (place + 1) if place >= 0 else 0.0,
    )


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
