"""What happens when a source is faked, withheld, dark or wrong, and which weights are robust?"""

from __future__ import annotations

from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.disclosure import TooFew
from analytics.data.population import people
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF
from analytics.data.split import UNTAUGHT
from analytics.deciding.comparison import Figure, compare, pair_up, swap_set
from analytics.sources.design import draw
from analytics.sources.evidence import Evidence
from analytics.stress import detector as detectors
from analytics.stress import effect, kind, robust
from analytics.stress import stress as stresses
from analytics.stress.context import StressContext
from analytics.stress.kind import Stress, of_kind
from analytics.stress.kinds import consent, drift, outage
from analytics.study import jobs
from analytics.study.jobs import Job
from analytics.study.memo import remember
from analytics.weighing import frontier as search
from analytics.weighing import learned as learning
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Readings, enough, readings
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting, equal

if TYPE_CHECKING:
    from analytics.study.study import Study


def parsed(study: Study, line: str) -> tuple[Stress, ...]:
    """Stresses as they are written: `fakery shop share=0.17; consent phone share=0.3`."""
    return stresses.parse(study.catalog(), line)


@dataclass(frozen=True, slots=True, eq=False)
class StressEffect:
    """What a stress does: the figures after and before, and the point of its curve."""

    figures: dict[str, Figure]
    point: dict[str, float | int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of a curve as far as they are read."""

    points: list[dict[str, float | int | None]]
    future: Future[Any]


def stress_context(study: Study, split: str = "calibrate") -> StressContext:
    """What lies behind the evidence of all who taught nothing, and of a split, for stresses."""
    return _context(study, UNTAUGHT if split in UNTAUGHT else (*UNTAUGHT, split))


@remember()
def _context(study: Study, splits: tuple[str, ...]) -> StressContext:
    return stresses.stress_context(
        study.fitted(), study.persons(EVERYONE, splits), shelf=study.home / SHELF
    )


@remember()
def stressed(study: Study, cohort: Cohort, split: str, stress: tuple[Stress, ...]) -> Evidence:
    """A cohort's persons under stress."""
    before = study.persons(cohort, (split,))
    if not study.exact:
        enough(tally(before, equal(study.catalog())))  # said before a stress finds nobody to hit
    return kind.stressed(before, stress, study.stress_context(split))


@remember()
def stressed_readings(
    study: Study, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...]
) -> Readings:
    """The readings of a cohort under stress, beside equal weights."""
    world = study.stressed(cohort, split, stress)
    usual = equal(study.catalog(), weighting.floor, weighting.missing)
    counted, common = (tally(world, weighting, among) for among in ((), (usual,)))
    return readings(counted, common, study.calibration(weighting))


@remember()
def stress_effect(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    cutoff: float,
    other: Weighting | None = None,
) -> StressEffect:
    """Every figure under stress beside the same before, and the point of the curve.

    Parameters
    ----------
    other : weights under stress, where they are not those before it.
    """
    before = study.persons(cohort, (split,))
    after = study.stressed(cohort, split, stress)
    weights = other or weighting
    pair = study.calibration(weights), study.calibration(weighting)
    figures = compare(
        pair_up(after, weights, weighting, before=before), pair, cutoff, study.scale()
    )
    context = study.stress_context(split)
    cost = sum(
        each.cost(study.stressed(cohort, split, stress[:i]), context)
        for i, each in enumerate(stress)
    )
    read_already = figures if other is None else None
    return StressEffect(
        figures,
        effect.point(
            before,
            after,
            weights,
            pair[0],
            cutoff,
            stress[-1].source,
            cost,
            found=read_already,
            scorecard=study.scale(),
        ),
    )


@remember()
def curve(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    cutoff: float,
) -> Curve:
    """The points along the share of the last stress, under way; the slider can stand at each."""
    *others, last = stress

    def read_all(job: Job) -> None:
        for step in range(CURVE + 1):
            if not jobs.SEARCHES.go_on(job):
                return
            each = stresses.at(last, step / CURVE)
            job.steps.append(
                {
                    "share": each.share,
                    **study.stress_effect(cohort, split, weighting, (*others, each), cutoff).point,
                }
            )

    job = apart(("curve", study, cohort, split, weighting, stress, cutoff), read_all)
    return Curve(job.steps, job.future)


CURVE = 20  # steps of a curve


def apart(key: Hashable, work: jobs.Work) -> Job:
    """Do some work beside the pages, or find it under way."""
    return jobs.SEARCHES.begin(key, work)


@remember()
def loser(
    study: Study, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...]
) -> tuple[str, tuple[Difference, Difference]]:
    """The source that loses most of its worth to stresses, and its worth before and after.

    Which one it is, the calibration persons decide.
    """

    def lost(key: str) -> float:
        try:
            before, after = study.worths(
                study.choosing(cohort), "calibrate", weighting, stress, key
            )
        except TooFew:
            return 0.0
        return before.value - after.value

    keys = list(dict.fromkeys(s.source for s in stress))
    key = max(keys, key=lost) if len(keys) > 1 else keys[0]
    return key, study.worths(cohort, split, weighting, stress, key)


@remember()
def worths(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    key: str,
) -> tuple[Difference, Difference]:
    """What a source is worth in a weighting, before stress and after it."""
    before, after = study.persons(cohort, (split,)), study.stressed(cohort, split, stress)
    return effect.worth(before, weighting, key), effect.worth(after, weighting, key)


@remember()
def moving(
    study: Study, weighting: Weighting, key: str, stress: tuple[Stress, ...]
) -> effect.Move | None:
    """Where a source's weight is better placed under stress, by the calibration persons."""
    return effect.move(study.stressed(EVERYONE, "calibrate", stress), weighting, key)


@remember()
def affected(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    cutoff: float,
) -> pl.DataFrame:
    """Whom a stress hits and what it does to them, by segment."""
    before, after = study.persons(cohort, (split,)), study.stressed(cohort, split, stress)
    return effect.affected(
        before,
        after,
        weighting,
        study.calibration(weighting),
        cutoff,
        study.catalog().people.groups,
        study.scale(),
    )


@remember()
def crossings(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    cutoff: float,
) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from before the stress to after it."""
    pair = (study.calibration(weighting),) * 2
    return swap_set(
        study.stressed(cohort, split, stress),
        weighting,
        weighting,
        pair,
        cutoff,
        study.scale(),
        before=study.persons(cohort, (split,)),
    )


@remember()
def fallbacks(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    stress: tuple[Stress, ...],
    cutoff: float,
) -> pl.DataFrame:
    """Three ways to go on while a source is dark, upon the stresses before."""
    *others, last = stress
    return outage.fallbacks(
        study.stressed(cohort, split, tuple(others)),
        of_kind(last, outage.Outage),
        study.stress_context(),
        weighting,
        study.calibration,
        cutoff,
        study.scale(),
    )


@remember()
def silent(
    study: Study, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...]
) -> consent.Silence:
    """What using refusal would have bought, upon the stresses before."""
    *others, last = stress
    return consent.silence(
        study.stressed(cohort, split, tuple(others)),
        of_kind(last, consent.Consent),
        study.stress_context(),
        weighting,
    )


@remember()
def drifted(study: Study, cohort: Cohort, split: str, stress: tuple[Stress, ...]) -> pl.DataFrame:
    """How far the evidence of every source lies from what it was."""
    return drift.found(study.persons(cohort, (split,)), study.stressed(cohort, split, stress))


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """How well a source's detector tells fakes, what catching more would cost, and the signs."""

    quality: detectors.Quality
    curve: pl.DataFrame
    signs: pl.DataFrame


@remember("Learning to tell fake records")
def detected(study: Study, key: str) -> Detected:
    """The detector of a source, tested on persons it never saw."""
    told, source = study.fitted().population, study.catalog().source(key)
    everyone = people(told)
    design, flags = draw(told, everyone, source), detectors.flagged(told, everyone, source)
    mine = detectors.learn(design, flags, everyone)
    return Detected(
        detectors.quality(mine, design, flags, everyone),
        detectors.curve(mine, design, flags, everyone),
        detectors.signs(mine),
    )


@remember()
def trusting(study: Study, floor: float, missing: str, stress: tuple[Stress, ...]) -> Weighting:
    """The weights that the calibration persons would give under stress."""
    return learning.learned(study.stressed(EVERYONE, "calibrate", stress), floor, missing)


@dataclass(frozen=True, slots=True)
class RobustWeights:
    """The best weights without stress, and those that are robust under it."""

    unstressed: Weighting
    robust: Weighting


@remember()
def robust_search(
    study: Study, floor: float, missing: str, stress: tuple[Stress, ...]
) -> Future[RobustWeights]:
    """The search for robust weights, on the calibration persons, under way."""

    def search_both(job: Job) -> RobustWeights:
        jobs.SEARCHES.go_on(job)
        robust_best = study.robust_best(floor, missing, stress)
        return RobustWeights(study.unstressed_best(floor, missing), _writable(robust_best))

    return apart(("robust_search", study, floor, missing, stress), search_both).future


def finished(search: Future[RobustWeights]) -> RobustWeights | None:
    """What a search found; None while it is under way, or if it was refused."""
    return (
        search.result() if search.done() and not isinstance(search.exception(), Refusal) else None
    )


@remember()
def unstressed_best(study: Study, floor: float, missing: str) -> Weighting:
    """The best weights without stress."""
    searched, start = study.persons(EVERYONE, ("calibrate",)), [study.learned(floor, missing)]
    return robust.robust_weights(
        searched, [], search.Wish(), floor=floor, missing=missing, start=start
    )


@remember()
def robust_best(study: Study, floor: float, missing: str, stress: tuple[Stress, ...]) -> Weighting:
    """The weights that are best in the worst case: each stress alone, all together, or none."""
    start = [study.learned(floor, missing), study.unstressed_best(floor, missing)]
    attacked = [study.stressed(EVERYONE, "calibrate", each) for each in robust.attacks(stress)]
    searched = study.persons(EVERYONE, ("calibrate",))
    return robust.robust_weights(
        searched, attacked, search.Wish(), floor=floor, missing=missing, start=start
    )


def _writable(weighting: Weighting) -> Weighting:
    """As a link writes it, so that it reads the same once it is taken."""
    return replace(
        weighting,
        weights=tuple(
            (key, float(f"{100 * share:.4g}")) for key, share in weighting.shares.items()
        ),
    )


@remember()
def robustness(
    study: Study,
    cohort: Cohort,
    split: str,
    weightings: tuple[tuple[str, Weighting], ...],
    stress: tuple[Stress, ...],
) -> pl.DataFrame:
    """Weightings before and under stress."""
    return robust.robustness(
        dict(weightings), study.persons(cohort, (split,)), study.stressed(cohort, split, stress)
    )
