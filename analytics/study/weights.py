"""What does a weighting do?

Its readings, A against B, the best weights, every weighting at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.deciding import comparison, stability, strategy
from analytics.deciding.comparison import Figure, Pairing, compare, pair_up, swap_set
from analytics.deciding.scale import scale_of
from analytics.deciding.scorecard import Scorecard
from analytics.sources.evidence import Evidence
from analytics.stress.kind import Stress
from analytics.study.memo import remember
from analytics.study.question import Question
from analytics.weighing import frontier as search
from analytics.weighing import learned as learning
from analytics.weighing import sweep
from analytics.weighing.readings import Calibration, Readings, readings, scorable
from analytics.weighing.weighting import Weighting, equal, parse, preset

if TYPE_CHECKING:
    from analytics.study.study import Study


@remember()
def scale(study: Study) -> Scorecard:
    """On which scale these people's points stand."""
    return scale_of(study.fitted())


@remember()
def calibration(study: Study, weighting: Weighting) -> Calibration:
    """Evidence to log-odds, from all calibration persons.

    A person's points do not depend on the cohort looked at.
    """
    return scorable(
        *(study.counted(EVERYONE, weighting, (split,)) for split in ("calibrate", "test"))
    )


@remember(uses=("cohort", "split", "weighting", "reference"))
def read(study: Study, asked: Question) -> Readings:
    """The readings of a cohort."""
    who, whose = asked.cohort, (asked.split,)
    counted = study.counted(who, asked.weighting, whose)
    common = study.counted(who, asked.weighting, whose, (asked.reference,))
    return readings(counted, common, study.calibration(asked.weighting))


def weighting(
    study: Study, weights: str | None = None, floor: float = 0.4, missing: str = "neutral"
) -> Weighting:
    """Weights as written, `bureau=35,bank=25`; else those of the study's bureau, or equal ones.

    Raises
    ------
    Refusal
        If they cannot be read or cannot be.
    """
    catalog = study.catalog()
    if weights is not None:
        return parse(catalog, weights, floor, missing)
    if study.bureau:
        return preset(catalog, catalog.bureau(study.bureau), floor, missing)
    return equal(catalog, floor, missing)


@remember(uses=("cohort", "split", "weighting"))
def distribution(study: Study, asked: Question) -> pl.DataFrame:
    """How the scores of a cohort lie."""
    persons, counted = study.asked_of(asked), study.asked_counts(asked)
    calibration = study.calibration(asked.weighting)
    bins = strategy.distribution(persons, asked.weighting, calibration, study.scale())
    return strategy.joined(bins, counted)


def _reference_persons(study: Study, asked: Question) -> Evidence | None:
    """The persons as B sees them, where that is not as A does: under stress."""
    return study.stressed(asked.cohort, asked.split, asked.stress) if asked.stress else None


def _calibrations(study: Study, asked: Question) -> tuple[Calibration, Calibration]:
    return study.calibration(asked.weighting), study.calibration(asked.reference)


@remember(uses=("cohort", "split", "weighting", "reference", "stress"))
def paired(study: Study, asked: Question) -> Pairing:
    """A and B over the same persons; B under stress, if any."""
    return study.paired_beside(asked)


def paired_beside(study: Study, asked: Question, beside: Pairing | None = None) -> Pairing:
    """The same, not kept; `beside` is of the same persons and the same B, which it then shares."""
    a, b, before = asked.weighting, asked.reference, _reference_persons(study, asked)
    return pair_up(study.asked_of(asked), a, b, before=before, beside=beside)


@remember(uses=("cohort", "split", "weighting", "reference", "cutoff", "stress"))
def compared(study: Study, asked: Question) -> dict[str, Figure]:
    """A beside B, with differences and their intervals."""
    return compare(study.paired(asked), _calibrations(study, asked), asked.cutoff, study.scale())


@remember()
def by_month(study: Study, cohort: Cohort, weighting: Weighting) -> pl.DataFrame:
    """Readings by month of the persons who taught nothing.

    The PSI compares with the calibration persons.
    """
    expected = study.counted(cohort, weighting, ("calibrate",))
    return stability.by_month(study.persons(cohort, ("test", "out_of_time")), weighting, expected)


@remember(uses=("cohort", "split", "weighting"))
def along(study: Study, asked: Question, key: str) -> pl.DataFrame:
    """Readings along the weight of one source."""
    found = sweep.along(study.asked_of(asked), asked.weighting, key)
    choosers = study.persons(study.choosing(asked.cohort), ("calibrate",))
    searched = sweep.along(choosers, asked.weighting, key).select(searched="auc_everyone")
    return pl.concat([found.select("weight"), sweep.plane(found), searched], how="horizontal")


@remember()
def learned(study: Study, floor: float, missing: str) -> Weighting:
    """The weights that the calibration persons would give."""
    return learning.learned(study.persons(EVERYONE, ("calibrate",)), floor, missing)


SAMPLED, SEED = 700, 7


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Sampled weightings, read; and those that have a name."""

    found: pl.DataFrame
    marked: tuple[tuple[str, str, Weighting], ...]


@remember()
def sampled(
    study: Study, floor: float, missing: str, count: int = SAMPLED, seed: int = SEED
) -> tuple[Weighting, ...]:
    """Weightings that span all there are, the learned one among them."""
    searched, extra = study.persons(EVERYONE, ("calibrate",)), [study.learned(floor, missing)]
    found = search.sample(searched, count, seed, floor=floor, missing=missing, extra=extra)
    return tuple(found)


@remember()
def searched(
    study: Study, floor: float, missing: str, count: int = SAMPLED, seed: int = SEED
) -> pl.DataFrame:
    """The sampled weightings, read on the calibration persons, among whom the best are chosen."""
    weightings, margin = study.sampled(floor, missing, count, seed), study.catalog().people.margin
    return sweep.sweep(study.persons(EVERYONE, ("calibrate",)), weightings, margin=margin)


@remember("Weighing people in 700 ways")
def swept(study: Study, cohort: Cohort, split: str, floor: float, missing: str) -> Swept:
    """Many weightings of a cohort, under one floor and policy."""
    told, found = study.catalog(), study.read_all(cohort, split, study.sampled(floor, missing))
    bureaus = ((("preset", b.weighting, preset(told, b, floor, missing))) for b in told.bureaus)
    return Swept(found, (*bureaus, ("learned", "learned weights", study.learned(floor, missing))))


@remember()
def frontier(
    study: Study, cohort: Cohort, split: str, floor: float, missing: str, accuracy: str
) -> list[int]:
    """The sampled weightings that none beats on the calibration persons, in the order of their
    coverage among the persons read.
    """
    seen_there = study.searched(floor, missing).with_row_index("sampled")
    best = (
        search.frontier(seen_there, accuracy)
        .group_by((100 * pl.col("coverage")).round(), maintain_order=True)
        .first()["sampled"]
        .to_list()
    )
    coverage = study.swept(cohort, split, floor, missing).found["coverage"]
    return sorted(best, key=lambda i: coverage[i])


def marked(
    study: Study,
    cohort: Cohort,
    split: str,
    pair: tuple[Weighting, Weighting],
    ready: tuple[tuple[str, str, Weighting], ...],
    stress: tuple[Stress, ...] = (),
) -> pl.DataFrame:
    """A, B and the named weightings, read: `kind`, `name` and the columns of a sweep.

    B under stress, if any.
    """
    a, b = pair
    every = [("B", "B"), ("A", "A"), *((kind, name) for kind, name, _ in ready)]
    named = tuple(weighting for *_, weighting in ready)
    swept_b = study.read_all(cohort, split, (b,), stress)
    swept_a = study.read_all(cohort, split, (a,))
    found = pl.concat([swept_b, swept_a, study.read_all(cohort, split, named)])
    return pl.DataFrame(every, schema=["kind", "name"], orient="row").hstack(found)


@remember()
def read_all(
    study: Study,
    cohort: Cohort,
    split: str,
    weightings: tuple[Weighting, ...],
    stress: tuple[Stress, ...] = (),
) -> pl.DataFrame:
    """A sweep over these weightings, of persons under stress, if any.

    Those that stand ready are read once, however often A moves.
    """
    world = study.stressed(cohort, split, stress) if stress else study.persons(cohort, (split,))
    return sweep.sweep(
        world,
        weightings,
        calibrated=study.persons(EVERYONE, ("calibrate",)),
        margin=study.catalog().people.margin,
    )


@remember(uses=("cohort", "split", "weighting", "reference", "cutoff", "stress"))
def swaps(study: Study, asked: Question) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from B (under stress, if any) to A."""
    return swap_set(
        study.asked_of(asked),
        asked.weighting,
        asked.reference,
        _calibrations(study, asked),
        asked.cutoff,
        study.scale(),
        before=_reference_persons(study, asked),
    )


@remember(uses=("cohort", "split", "weighting", "reference", "stress"))
def gains(study: Study, asked: Question) -> pl.DataFrame:
    """Who gains coverage, who loses it, from B (under stress, if any) to A."""
    segments, before = study.catalog().people.segments, _reference_persons(study, asked)
    persons = study.asked_of(asked)
    return comparison.gains(persons, asked.weighting, asked.reference, segments, before=before)


@remember("Searching on the calibration persons")
def best(study: Study, wish: search.Wish, floor: float, missing: str) -> search.Best:
    """The best weights within a wish."""
    searched = study.persons(EVERYONE, ("calibrate",))
    fresh = study.persons(EVERYONE, ("test",))
    margin = study.catalog().people.margin
    found = search.best(
        searched,
        wish,
        floor=floor,
        missing=missing,
        start=[study.learned(floor, missing)],
        margin=margin,
    )
    return search.judge(found, wish.accuracy, searched, fresh, margin)
