"""What does a weighting do.

Its readings, A against B, the best weights, every weighting at once?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.deciding import comparison, stability, strategy
from analytics.deciding.comparison import Figure, Meeting, compare, meet, swap_set
from analytics.deciding.scale import scale_of
from analytics.deciding.scorecard import Scorecard
from analytics.stress.kind import Stress
from analytics.study.memo import remember
from analytics.weighing import frontier as search
from analytics.weighing import learned as learning
from analytics.weighing import sweep
from analytics.weighing.readings import Calibration, Readings, readings, scorable
from analytics.weighing.weighting import Weighting, preset

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


@remember()
def read(
    study: Study, cohort: Cohort, weighting: Weighting, split: str, reference: Weighting
) -> Readings:
    """The readings of a cohort."""
    mine, common = (
        study.counted(cohort, weighting, (split,), among) for among in ((), (reference,))
    )
    return readings(mine, common, study.calibration(weighting))


@remember()
def distribution(study: Study, cohort: Cohort, weighting: Weighting, split: str) -> pl.DataFrame:
    """How the scores of a cohort lie."""
    bins = strategy.distribution(
        study.persons(cohort, (split,)), weighting, study.calibration(weighting), study.scale()
    )
    return strategy.joined(bins, study.counted(cohort, weighting, (split,)))


@remember()
def met(
    study: Study,
    cohort: Cohort,
    split: str,
    a: Weighting,
    b: Weighting,
    stress: tuple[Stress, ...] = (),
) -> Meeting:
    """A and B over the same persons; B under stress, if any."""
    return meet(
        study.persons(cohort, (split,)),
        a,
        b,
        before=study.stressed(cohort, split, stress) if stress else None,
    )


@remember()
def compared(
    study: Study,
    cohort: Cohort,
    split: str,
    a: Weighting,
    b: Weighting,
    cutoff: float,
    stress: tuple[Stress, ...] = (),
) -> dict[str, Figure]:
    """A beside B, with differences and their intervals."""
    return compare(
        study.met(cohort, split, a, b, stress),
        (study.calibration(a), study.calibration(b)),
        cutoff,
        study.scale(),
    )


@remember()
def by_month(study: Study, cohort: Cohort, weighting: Weighting) -> pl.DataFrame:
    """Readings by month of the persons who taught nothing.

    The PSI compares with the calibration persons.
    """
    expected = study.counted(cohort, weighting, ("calibrate",))
    return stability.by_month(study.persons(cohort, ("test", "out_of_time")), weighting, expected)


@remember()
def along(study: Study, cohort: Cohort, split: str, weighting: Weighting, key: str) -> pl.DataFrame:
    """Readings along the weight of one source."""
    found = sweep.along(study.persons(cohort, (split,)), weighting, key)
    searched = sweep.along(
        study.persons(study.choosing(cohort), ("calibrate",)), weighting, key
    ).select(searched="auc_everyone")
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


def _sampled(study: Study, floor: float, missing: str) -> list[Weighting]:
    searched = study.persons(EVERYONE, ("calibrate",))
    return search.sample(
        searched, SAMPLED, SEED, floor=floor, missing=missing, extra=[study.learned(floor, missing)]
    )


@remember("Weighing people in 700 ways")
def swept(study: Study, cohort: Cohort, split: str, floor: float, missing: str) -> Swept:
    """Many weightings of a cohort, under one floor and policy."""
    told, searched = study.catalog(), study.persons(EVERYONE, ("calibrate",))
    found = sweep.sweep(
        study.persons(cohort, (split,)),
        _sampled(study, floor, missing),
        calibrated=searched,
        margin=told.people.margin,
    )
    bureaus = ((("preset", b.weighting, preset(told, b, floor, missing))) for b in told.bureaus)
    return Swept(found, (*bureaus, ("learned", "learned weights", study.learned(floor, missing))))


@remember()
def frontier(
    study: Study, cohort: Cohort, split: str, floor: float, missing: str, accuracy: str
) -> list[int]:
    """The sampled weightings that none beats on the calibration persons, in the order of their
    coverage among the persons read.
    """
    searched = study.persons(EVERYONE, ("calibrate",))
    seen_there = sweep.sweep(
        searched, _sampled(study, floor, missing), margin=study.catalog().people.margin
    ).with_row_index("sampled")
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
    every, a, b = (
        [("B", "B"), ("A", "A"), *((kind, name) for kind, name, _ in ready)],
        *((w,) for w in pair),
    )
    found = pl.concat(
        [
            _swept(study, cohort, split, b, stress),
            _swept(study, cohort, split, a),
            _swept(study, cohort, split, tuple(w for *_, w in ready)),
        ]
    )
    return pl.DataFrame(every, schema=["kind", "name"], orient="row").hstack(found)


@remember()
def _swept(
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


@remember()
def swaps(
    study: Study,
    cohort: Cohort,
    split: str,
    a: Weighting,
    b: Weighting,
    cutoff: float,
    stress: tuple[Stress, ...] = (),
) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from B (under stress, if any) to A."""
    other = study.stressed(cohort, split, stress) if stress else None
    return swap_set(
        study.persons(cohort, (split,)),
        a,
        b,
        (study.calibration(a), study.calibration(b)),
        cutoff,
        study.scale(),
        before=other,
    )


@remember()
def gains(
    study: Study,
    cohort: Cohort,
    split: str,
    a: Weighting,
    b: Weighting,
    stress: tuple[Stress, ...] = (),
) -> pl.DataFrame:
    """Who gains coverage, who loses it, from B (under stress, if any) to A."""
    other = study.stressed(cohort, split, stress) if stress else None
    return comparison.gains(
        study.persons(cohort, (split,)), a, b, study.catalog().people.segments, before=other
    )


@remember("Searching on the calibration persons")
def best(study: Study, wish: search.Wish, floor: float, missing: str) -> search.Best:
    """The best weights within a wish."""
    searched, fresh, margin = (
        study.persons(EVERYONE, ("calibrate",)),
        study.persons(EVERYONE, ("test",)),
        study.catalog().people.margin,
    )
    found = search.best(
        searched,
        wish,
        floor=floor,
        missing=missing,
        start=[study.learned(floor, missing)],
        margin=margin,
    )
    return search.judge(found, wish.accuracy, searched, fresh, margin)
