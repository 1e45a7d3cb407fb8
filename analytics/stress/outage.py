"""What happens when a source is dark, or late? Its records are missing when people are decided, and a policy says what is done without them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog
from analytics.data.population import Population, find
from analytics.data.refusal import Refusal
from analytics.deciding.decision import Rule, decide, decided
from analytics.deciding.scorecard import STANDARD, Scorecard
from analytics.deciding.strategy import accepted_of_all, bad_rate
from analytics.sources.design import pick
from analytics.sources.evidence import Evidence, line_up
from analytics.sources.model import SourceModel
from analytics.weighing.readings import Calibration, auc, coverage, enough
from analytics.weighing.tally import tally
from analytics.weighing.weighting import MISSING, Weighting

from .ground import Ground
from .wave import bounded, first, luck, rows

FALLBACKS = ("weighed", "refuse")
MONTH = 30  # days
YEAR = 365  # days; later than that nothing is waited for


@dataclass(frozen=True, slots=True)
class Outage:
    """A source is dark for a share of those it knows, always or in one month.

    Attributes
    ----------
    month : of application, such as ``2025-03``; any time where empty.
    fallback : "weighed": whoever is hit is scored by the others, as the weighting's own policy for absent sources says; "refuse": is not scored at all,
        until the source is back.
    """

    source: str
    share: float = 1.0
    month: str = ""
    fallback: str = "weighed"
    seed: int = 7

    def __post_init__(self) -> None:
        bounded(self.share, "the share for whom a source is dark")
        if self.month and not re.fullmatch(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])", self.month):
            raise Refusal(f"cannot read the month {self.month[:20]!r} of an outage; write it like 2025-03")
        if self.fallback not in FALLBACKS:
            raise Refusal(f"no fallback {self.fallback[:20]!r}; it may be: {', '.join(FALLBACKS)}")

    def strike(self, persons: Evidence, ground: Ground) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, of whom the source says nothing where it is dark.

        Raises
        ------
        Refusal
            If a month is named and the persons have none, or nobody applied in it.
        """
        said = persons.column(self.source)
        could = ~np.isnan(said) & (_applied(persons, self.month) if self.month else True)
        hit = first(luck(persons, "outage", self.source, self.seed), could, self.share)
        if self.fallback == "weighed" or not hit.any():
            return persons.put(self.source, np.where(hit, np.nan, said))
        nothing = np.where(hit[:, None], np.float32(np.nan), persons.added)
        return line_up(persons.catalog, persons.people, nothing, persons.base_rate, limits=persons.limits)

    def cost(self, persons: Evidence, ground: Ground) -> float:  # noqa: ARG002 - as every stress
        """Nothing."""
        return 0.0


def fallbacks(
    persons: Evidence,
    outage: Outage,
    ground: Ground,
    weighting: Weighting,
    calibrate: Callable[[Weighting], Calibration],
    cutoff: float,
    scorecard: Scorecard = STANDARD,
) -> pl.DataFrame:
    """What is best done without a source? The three policies side by side, below how it was before.

    Parameters
    ----------
    calibrate : the calibration of a weighting, fitted before the outage.
    cutoff : in points.

    Returns
    -------
    DataFrame
        `policy`: before, neutral, renormalise and refuse (both before and refuse under the weighting's own policy for absent sources); then `coverage`,
        `auc_everyone`, `auc_scored`, `accepted` (share of all persons) and `bad_rate` (of the accepted), each with `_low` and `_high`; null where there is
        nobody to read.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    dark, refused = (replace(outage, fallback=fallback).strike(persons, ground) for fallback in FALLBACKS)
    ways = {"before": (persons, weighting), **{policy: (dark, replace(weighting, missing=policy)) for policy in MISSING}, "refuse": (refused, weighting)}
    rows = [{"policy": policy, **_row(*way, calibrate(way[1]), cutoff, scorecard)} for policy, way in ways.items()]
    return pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)


def _row(persons: Evidence, weighting: Weighting, calibration: Calibration, cutoff: float, scorecard: Scorecard) -> dict[str, float]:
    counted = tally(persons, weighting)
    enough(counted)
    read = {
        "coverage": coverage(counted),
        "auc_everyone": auc(counted, everyone=True),
        "auc_scored": auc(counted),
    }
    outcome = np.repeat(persons.runs.outcome, persons.runs.sizes)
    decisions = decided(decide(persons, weighting, Rule(cutoff, calibration, scorecard)), outcome)
    read |= {"accepted": accepted_of_all(decisions), "bad_rate": bad_rate(decisions)}
    return {name: figure for each, reading in read.items() for name, figure in reading.ranged(each).items()}


@dataclass(frozen=True, slots=True)
class Late:
    """The records of a source arrive later, for a share of those it knows: the source says of them what it could have known by then."""

    source: str
    share: float = 1.0
    days: int = 30
    seed: int = 7

    def __post_init__(self) -> None:
        bounded(self.share, "the share whose records are late")
        if not 0 <= self.days <= YEAR:
            raise Refusal(f"the days by which records are late must be between 0 and {YEAR}, got {self.days}")

    def strike(self, persons: Evidence, ground: Ground) -> Evidence:
        """The same persons, some of whom the source knows by older records, or not yet."""
        said, came = persons.column(self.source), ground.late(self.source, self.days)[rows(persons)]
        hit = first(luck(persons, "late", self.source, self.seed), ~np.isnan(said), self.share)
        return persons.put(self.source, np.where(hit, came, said))

    def cost(self, persons: Evidence, ground: Ground) -> float:  # noqa: ARG002 - as every stress
        """Nothing."""
        return 0.0


def late(population: Population, model: SourceModel, persons: Evidence, key: str, days: int, shelf: Path | None = None) -> np.ndarray:
    """What a source would say if its records arrived so many days later.

    A source of many dated records is read again: only what had arrived before the day of the application counts, and the model that was fitted on the
    punctual records is asked about it. Of a source with one record per person nothing older is there to be read; whoever applied in the latest whole
    months, one for each 30 days begun, is decided before the record is there. As the latest months of all are a split of their own, that most readings leave
    out, they are the latest months of each split.

    Parameters
    ----------
    persons : all who may be struck.
    shelf : where the table made of the late records is kept; in the work folder where it is not named.

    Returns
    -------
    ndarray
        Log-odds by the row in the population's file, up to the last of these persons, float32; NaN where it would know nobody.

    Raises
    ------
    Refusal
        If it is not known when people applied.
    """
    source = population.catalog.source(key)
    if not population.catalog.people.time:
        raise Refusal(f"what {key!r} knew in time depends on when people applied; name that date under 'time' in [population]")
    if source.aggregates and source.date:
        return _read_again(find(_delayed(population.catalog, key, days), shelf), model, persons)
    said = persons.column(key)
    return _by_row(np.where(_latest(persons.people, -(-days // MONTH)), np.float32(np.nan), said), rows(persons), persons)


def _delayed(catalog: Catalog, key: str, days: int) -> Catalog:
    """The catalog with the records of one source so many days later."""
    return replace(catalog, sources=tuple(replace(s, lag=s.lag + days) if s.key == key else s for s in catalog))


def _read_again(population: Population, model: SourceModel, persons: Evidence) -> np.ndarray:
    design = pick(population, persons.people, population.catalog.source(model.key), model.categories)
    return _by_row(model.said(design, persons.base_rate), design.rows, persons)


def _by_row(said: np.ndarray, at: np.ndarray, persons: Evidence) -> np.ndarray:
    """What is said of the persons in these rows, in the order of the population's file."""
    found = np.full(int(rows(persons).max(initial=0)) + 1, np.nan, np.float32)
    found[at] = said
    return found


def _latest(people: pl.DataFrame, months: int) -> np.ndarray:
    """Who applied in the latest whole months of their split, bool, shape (persons,)."""
    after = pl.col("month").max().over("split").dt.offset_by(f"-{months}mo")
    return people.select((pl.col("month") > after).fill_null(value=False)).to_series().to_numpy()


def _applied(persons: Evidence, month: str) -> np.ndarray:
    """Who applied in a month, bool, shape (persons,)."""
    if "month" not in persons.people.columns:
        raise Refusal(f"an outage in {month} needs to know when people applied; name that date under 'time' in [population]")
    months = persons.people["month"]
    there = (months == date.fromisoformat(f"{month}-01")).fill_null(value=False).to_numpy()
    if not there.any():
        span = f"they applied from {str(months.min())[:7]} to {str(months.max())[:7]}" if months.count() else "none of them has a date"
        raise Refusal(f"none of these persons applied in {month}; {span}")
    return there
