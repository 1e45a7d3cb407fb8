"""Is this weighting better than that one?

Every figure of A beside B's, with the difference and its paired interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from analytics.data.disclosure import blank, crossed
from analytics.metrics import METRICS, rises
from analytics.sources.evidence import Evidence
from analytics.weighing.formulas import FEW, Z
from analytics.weighing.pair import Difference, Pair, pair, shifted, stands
from analytics.weighing.readings import READINGS, Calibration, Reading, auc, coverage, enough
from analytics.weighing.tally import Tally, grid, placed
from analytics.weighing.weighting import Weighting

from .decision import Rule, as_tally, decide_both
from .scorecard import STANDARD, Scorecard
from .strategy import DECIDED


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
    """One weighting of a comparison: its tally, and its tally of the common people."""

    counted: Tally
    common: Tally


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Two weightings over the same persons, counted and placed once for all figures.

    Attributes
    ----------
    persons : as A sees them, then as B does; `weightings`: of A and of B.
    """

    a: Side
    b: Side
    both: Pair
    persons: tuple[Evidence, Evidence]
    weightings: tuple[Weighting, Weighting]

    def figure(self, name: str, read: Callable[[Tally], Reading]) -> Figure:
        """A figure of both, by its reading of a tally."""
        return _figure(name, read(self.a.counted), read(self.b.counted), self.both)

    def decide(
        self, calibrations: tuple[Calibration, Calibration], cutoff: float, scorecard: Scorecard
    ) -> np.ndarray:
        """How many become what under A and under B, as `decide_both` counts them."""
        one, two = (Rule(cutoff, calibration, scorecard) for calibration in calibrations)
        return decide_both(self.persons, self.weightings, (one, two), self.both)


def pair_up(
    persons: Evidence,
    a: Weighting,
    b: Weighting,
    *,
    before: Evidence | None = None,
    beside: Pairing | None = None,
) -> Pairing:
    """Count both weightings, alone and among those whom the other scores too, and place every
    person under both.

    Parameters
    ----------
    before : the same persons as B sees them, where that is not as A does: before a stress.
    beside : a meeting of the same persons with the same B, under which they are not placed again.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    both = pair(persons, a, b, before=before, beside=beside.both if beside else None)
    one, two = (
        Side(*each)
        for each in placed(
            both.a, both.b, both.outcome, (grid(persons, a), grid(before or persons, b))
        )
    )
    enough(one.counted)
    return Pairing(one, two, both, (persons, before or persons), (a, b))


def headline_figures(met: Pairing) -> dict[str, Figure]:
    """The two figures that a comparison begins with: coverage and AUC of everyone.

    They need no calibration.
    """
    return {
        "coverage": met.figure("coverage", coverage),
        "auc_everyone": met.figure("auc_everyone", partial(auc, everyone=True)),
    }


def compare(
    met: Pairing,
    calibrations: tuple[Calibration, Calibration],
    cutoff: float,
    scorecard: Scorecard = STANDARD,
) -> dict[str, Figure]:
    """Every metric, those of decisions at a cutoff in points: of A, of B, and A less B."""
    read = {name: _read(met, name, calibrations) for name in READINGS}
    common = {name: read.pop(name) for name in list(read) if METRICS[name].of_common}
    return {**read, **_at_cutoff(met.decide(calibrations, cutoff, scorecard)), **common}


def _read(met: Pairing, name: str, calibrations: tuple[Calibration, Calibration]) -> Figure:
    """A figure of A beside B, read of everybody, or of those whom both score."""
    common = METRICS[name].of_common
    read, both = READINGS[name], met.both.common if common else met.both
    sides = (met.a.common, met.b.common) if common else (met.a.counted, met.b.counted)
    of_a, of_b = (read(side, each) for side, each in zip(sides, calibrations, strict=True))
    return _figure(name, of_a, of_b, both)


def _at_cutoff(cells: np.ndarray) -> dict[str, Figure]:
    """Accepted and bad rate of A, of B, and A less B, from how many become what under both."""
    a, b = as_tally(cells.sum(axis=1)), as_tally(cells.sum(axis=0))
    return {name: _decided(name, read(a), read(b), cells) for name, read in DECIDED.items()}


def _decided(name: str, of_a: Reading, of_b: Reading, cells: np.ndarray) -> Figure:
    """A figure of decisions: the influences of the same person are subtracted before they are
    squared, as in every pair (`Pair.difference`).

    References
    ----------
    Bonett and Price 2012 (one more person in either discordant cell).
    """
    moved = of_a.influence[:, None] - of_b.influence[None]
    value, variance = of_a.value - of_b.value, float((cells * moved**2).sum())
    if (
        of_a.selective
    ):  # among the few whom one alone selects there may be no defaulter: one more on either side
        swing = moved[cells.any(axis=-1), 1]
        variance += swing.max(initial=0.0) ** 2 + swing.min(initial=0.0) ** 2
    half = (
        Z * float(np.sqrt(variance))
        if variance == 0 or min(of_a.rarer, of_b.rarer) >= FEW
        else float("nan")
    )
    return Figure(
        of_a.value,
        of_a.low,
        of_a.high,
        of_b.value,
        Difference(value, value - half, value + half),
        rises(name),
    )


SWAPS = ("accepted", "declined", "not scored")  # in the order of `decision`'s states


def swap_set(
    persons: Evidence,
    a: Weighting,
    b: Weighting,
    calibrations: tuple[Calibration, Calibration],
    cutoff: float,
    scorecard: Scorecard = STANDARD,
    *,
    before: Evidence | None = None,
) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from B (as the persons were `before`) to
    A.

    Returns
    -------
    DataFrame
        One row per pair of states: `a`, `b`, `persons`, `share`, `bad_rate`; null below 30 persons,
        but for nobody, and the rate below 5 of an outcome. Where one cell alone is below, the
        smallest beside it is null too.
    """
    both = pair(persons, a, b, before=before)
    one, two = (Rule(cutoff, calibration, scorecard) for calibration in calibrations)
    cells = decide_both((persons, before or persons), (a, b), (one, two), both)
    rows = [
        (SWAPS[i], SWAPS[j], int(cells[i, j].sum()), int(cells[i, j, 1]))
        for i in range(3)
        for j in range(3)
    ]
    found = pl.DataFrame(rows, schema=["a", "b", "persons", "bad"], orient="row")
    rated = found.with_columns(
        share=pl.col("persons") / max(len(both.outcome), 1),
        bad_rate=pl.col("bad") / pl.col("persons"),
    )
    hidden = pl.lit(pl.Series(crossed(cells.sum(axis=2)).ravel()))
    rated = blank(rated, ("bad_rate",), bad="bad")
    shown = rated.with_columns(
        pl.when(~hidden).then(pl.col(name)).alias(name) for name in ("persons", "share", "bad_rate")
    )
    return shown.select("a", "b", "persons", "share", pl.col("bad_rate").fill_nan(None))


def gains(
    persons: Evidence,
    a: Weighting,
    b: Weighting,
    columns: Sequence[str],
    *,
    before: Evidence | None = None,
) -> pl.DataFrame:
    """Who gains coverage and who loses it, from B (as the persons were `before`) to A.

    Returns
    -------
    DataFrame
        `group`, `segment`, `value` (coverage under A less under B) with its paired 95% `low` and
        `high`, `persons`; without segments below 30 persons.
    """
    now = _scored(persons, a)
    gone = _scored(persons, b) if before is None else _scored(before, b)[stands(before, persons)]
    moved = now - gone
    people = persons.people.with_columns(moved=pl.Series(moved)).filter(
        pl.col("defaulted").is_not_null()
    )
    read = {
        **dict(zip(("value", "low", "high"), shifted("moved"), strict=True)),
        "persons": pl.len(),
    }
    frames = [
        people.group_by(pl.lit(c).alias("group"), pl.col(c).alias("segment"))
        .agg(**read)
        .sort("segment")
        for c in columns
    ]
    shown = [blank(frame, ("persons",)).drop_nulls("persons") for frame in frames]
    return pl.concat(shown) if shown else pl.DataFrame(schema=GAINS)


GAINS = {
    **dict.fromkeys(("group", "segment"), pl.String),
    **dict.fromkeys(("value", "low", "high"), pl.Float64),
    "persons": pl.UInt32,
}


def _scored(persons: Evidence, weighting: Weighting) -> np.ndarray:
    """Who is scored, as 1 or 0, shape (persons,)."""
    return np.repeat(weighting.scores(persons.runs.known).astype(int), persons.runs.sizes)


def _figure(name: str, of_a: Reading, of_b: Reading, both: Pair) -> Figure:
    return Figure(
        of_a.value, of_a.low, of_a.high, of_b.value, both.difference(of_a, of_b), rises(name)
    )
