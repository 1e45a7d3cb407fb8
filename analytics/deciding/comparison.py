"""Is this weighting better than that one? Every figure of A beside B's, with the difference and its paired interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.sources.evidence import Evidence
from analytics.weighing.formulas import Z, interval
from analytics.weighing.pair import Difference, Pair, pair
from analytics.weighing.readings import PERSONS, Calibration, Reading, auc, brier, coverage, enough, ks
from analytics.weighing.tally import Tally, tallies, tally
from analytics.weighing.weighting import Weighting

from .scorecard import STANDARD, Scorecard
from .strategy import accepted, bad_rate, points

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


def sides(persons: Evidence, pair: tuple[Weighting, Weighting], calibrations: tuple[Calibration, Calibration]) -> list[Side]:
    """Count both weightings, alone and among those whom the other scores too."""
    return [Side(*each) for each in zip(tallies(persons, pair), tallies(persons, pair, pair), calibrations, strict=True)]


def compare(
    persons: Evidence, a: Weighting, b: Weighting, calibrations: tuple[Calibration, Calibration], cutoff: float, scorecard: Scorecard = STANDARD
) -> dict[str, Figure]:
    """Coverage, three AUCs, KS, Brier, and accepted and bad rate at a cutoff in points: of A, of B, and A less B.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    one, two = sides(persons, (a, b), calibrations)
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


SWAPS = ("accepted", "declined", "not scored")


def swap_set(
    persons: Evidence, a: Weighting, b: Weighting, calibrations: tuple[Calibration, Calibration], cutoff: float, scorecard: Scorecard = STANDARD
) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from B to A.

    Returns
    -------
    DataFrame
        One row per pair of states: `a`, `b`, `persons`, `share`, `bad_rate` (null below 30 persons).
    """
    both = pair(persons, a, b)
    states = [_states(tally(persons, w), c, cutoff, scorecard)[placed] for w, c, placed in zip((a, b), calibrations, (both.a, both.b), strict=True)]
    people = pl.DataFrame({"a": states[0], "b": states[1], "bad": both.outcome})
    counted = people.group_by("a", "b").agg(pl.len().alias("persons"), pl.col("bad").mean().alias("bad_rate"))
    every = pl.DataFrame({"a": SWAPS}).join(pl.DataFrame({"b": SWAPS}), how="cross")
    found = every.join(counted, on=["a", "b"], how="left", maintain_order="left").with_columns(pl.col("persons").fill_null(0))
    rate = pl.when(pl.col("persons") >= PERSONS).then(pl.col("bad_rate"))
    return found.select("a", "b", "persons", share=pl.col("persons") / max(len(people), 1), bad_rate=rate)


def _states(counted: Tally, calibration: Calibration, cutoff: float, scorecard: Scorecard) -> np.ndarray:
    """What becomes of each bin, and of the unscored, last."""
    passed = points(counted, calibration, scorecard) >= cutoff
    return np.append(np.where(passed, SWAPS[0], SWAPS[1]), SWAPS[2])


def gains(persons: Evidence, a: Weighting, b: Weighting, columns: Sequence[str]) -> pl.DataFrame:
    """Who gains coverage and who loses it, from B to A.

    Returns
    -------
    DataFrame
        `group`, `segment`, `value` (coverage under A less under B) with its paired 95% `low` and `high`, `persons`; null below 30 persons.
    """
    moved = np.repeat(a.scores(persons.runs.known).astype(int) - b.scores(persons.runs.known), persons.runs.sizes)
    people = persons.people.with_columns(moved=pl.Series(moved)).filter(pl.col("defaulted").is_not_null())
    half = Z * pl.col("moved").std(ddof=0) / pl.len().sqrt()
    told = (pl.col("moved").mean().alias("value"), half.alias("half"), pl.len().alias("persons"))
    frames = [people.group_by(pl.lit(c).alias("group"), pl.col(c).alias("segment")).agg(*told).sort("segment") for c in columns]
    found = pl.concat(frames).filter(pl.col("persons") >= PERSONS)
    return found.select("group", "segment", "value", low=pl.col("value") - pl.col("half"), high=pl.col("value") + pl.col("half"), persons="persons")


def _figure(name: str, of_a: Reading, of_b: Reading, both: Pair, counted: Tally) -> Figure:
    low, high = interval(of_a.value, of_a.error(counted), of_a.persons)
    return Figure(of_a.value, low, high, of_b.value, both.difference(of_a, of_b), RISES.get(name, True))
