"""What moves the scores of these people, and why has this person this score?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.explaining import cohorts as why
from analytics.explaining import explanation as explaining
from analytics.explaining import records
from analytics.explaining.explanation import Explanation, Standing, Statement, Weighed
from analytics.explaining.reasons import Reason
from analytics.explaining.reasons import reasons as find_reasons
from analytics.explaining.what_if import Case, Changes, Option, Raise, raise_to, rescore
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel
from analytics.study.memo import remember
from analytics.weighing.readings import enough
from analytics.weighing.tally import weigh
from analytics.weighing.weighting import Weighting, equal

if TYPE_CHECKING:
    from analytics.study.study import Study


@remember()
def example(study: Study) -> str:
    """A person to begin with: among the test persons, one whom most sources know."""
    test = study.persons(EVERYONE, ("test",))
    return str(test.people["person"][int(np.argmax(test.known.sum(axis=1)))])


@remember()
def source_models(study: Study) -> list[SourceModel]:
    """The kept models, in catalog order."""
    return study.fitted().models()


@remember()
def ranges(study: Study) -> records.Ranges:
    """What is observed of every feature."""
    return records.observe(study.fitted().population, study.source_models())


def explained(
    study: Study, split: str, background: Cohort | None = None, *, cohort: Cohort = EVERYONE
) -> Explanation:
    """What every source's model makes of every feature of the persons read.

    It serves every weighting; of everyone, it serves every cohort too.

    Parameters
    ----------
    split : empty for all splits.
    background : at whose values other features are held; by default they go with the one asked
        about.
    """
    if background is None:
        return _explained(study, split, cohort)
    return _held(study, split, background)


@remember("Explaining every person")
def _explained(study: Study, split: str, cohort: Cohort) -> Explanation:
    told, asked = study.fitted(), study.persons(cohort, (split,) if split else ())
    designs = records.stream(told.population, study.source_models(), asked)
    return explaining.explain(designs, study.source_models(), told.evidence.base_rate)


@remember("Explaining every person, the rest held")
def _held(study: Study, split: str, background: Cohort) -> Explanation:
    enough(study.counted(background, equal(study.catalog()), (split,)))
    usual, rate = study.explained(split), study.fitted().evidence.base_rate
    drawn = explaining.draw_background(usual, study.persons(background, (split,)))
    designs = [part.design for part in usual.parts]
    return explaining.explain(designs, study.source_models(), rate, background=drawn)


@remember()
def weighed(
    study: Study, cohort: Cohort, split: str, weighting: Weighting, background: Cohort | None = None
) -> Weighed:
    """The contributions to a cohort's scores."""
    enough(study.counted(cohort, weighting, (split,)))
    calibration = study.calibration(weighting)
    return explaining.weigh(
        study.explained(split, background), study.persons(cohort, (split,)), weighting, calibration
    )


@remember()
def importance(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    by: str,
    background: Cohort | None = None,
) -> pl.DataFrame:
    """What moves a cohort's scores, by source, dimension or feature."""
    return why.importance(study.weighed(cohort, split, weighting, background), by)


@remember()
def beeswarm(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    top: int,
    background: Cohort | None = None,
) -> pl.DataFrame:
    """How the contributions of the most important features lie."""
    return why.beeswarm(study.weighed(cohort, split, weighting, background), top)


@remember()
def dependence(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    source: str,
    feature: str,
    background: Cohort | None = None,
) -> pl.DataFrame:
    """How a feature's contribution goes with its value."""
    return why.dependence(study.weighed(cohort, split, weighting, background), source, feature)


@remember()
def interaction(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    source: str,
    pair: tuple[str, str],
) -> pl.DataFrame:
    """How two features of a source act together."""
    model = next(m for m in study.source_models() if m.key == source)
    return why.interaction(study.weighed(cohort, split, weighting), model, *pair, bins=6)


@remember()
def shift(
    study: Study,
    cohorts: tuple[Cohort, Cohort],
    split: str,
    weighting: Weighting,
    background: Cohort | None = None,
) -> pl.DataFrame:
    """Why two cohorts' mean scores differ."""
    first, second = (study.weighed(cohort, split, weighting, background) for cohort in cohorts)
    return why.shift(first, second)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """All that is held of one person."""

    evidence: Evidence
    designs: list[Design]


@remember()
def record(study: Study, id: str) -> Record:
    """One person, by id."""
    found = records.find(study.fitted().evidence, id)
    mine = study.everyone().rows(found.people["row"].to_numpy())
    return Record(mine, records.read(study.fitted().population, study.source_models(), mine))


@remember()
def statement(study: Study, id: str, weighting: Weighting) -> Statement:
    """One person's score, taken apart."""
    return explaining.state(study.weighed_person(id, weighting))


@remember()
def weighed_person(study: Study, id: str, weighting: Weighting) -> Weighed:
    """The contributions to one person's score."""
    evidence, calibration = study.record(id).evidence, study.calibration(weighting)
    return explaining.weigh(study.explained_person(id), evidence, weighting, calibration)


@remember()
def explained_person(study: Study, id: str) -> Explanation:
    """What every source's model makes of every feature of one person."""
    base_rate = study.fitted().evidence.base_rate
    return explaining.explain(study.record(id).designs, study.source_models(), base_rate)


def points(study: Study, id: str, weighting: Weighting) -> float | None:
    """One person's points with all silos open; None without a score."""
    told = study.statement(id, weighting)
    return told.points(study.scale()) if told.scored else None


def standing(study: Study, id: str, weighting: Weighting) -> Standing:
    """Where one person's points stand among everybody with a score."""
    at = study.statement(id, weighting).points(study.scale())
    return explaining.stand(
        at, study.everyone(), weighting, study.calibration(weighting), study.scale()
    )


@remember()
def listed(
    study: Study,
    cohort: Cohort,
    split: str,
    weighting: Weighting,
    order: str,
    feature: tuple[str, str] | None,
    most: int,
) -> pl.DataFrame:
    """Persons of a cohort to pick from: `person` and `points`, by points, or by what a feature took
    from them, the most harmed first."""
    if feature is not None:
        everybody = study.weighed(cohort, split, weighting)
        contribution = next(v for v in everybody.contributions if v.source.key == feature[0])
        place = [f.name for f in contribution.explained.design.features].index(feature[1])
        harm = contribution.contributions()[:, place]
        chosen = np.argsort(-harm, kind="stable")[:most]
        rows, log_odds = contribution.at[chosen][harm[chosen] > 0], everybody.log_odds
    else:
        log_odds = study.calibration(weighting).log_odds(
            weigh(study.persons(cohort, (split,)), weighting)
        )
        rows = np.flatnonzero(~np.isnan(log_odds))
        rows = rows[
            np.argsort(log_odds[rows] if order == "highest" else -log_odds[rows], kind="stable")
        ][:most]
    people = (
        study.persons(cohort, (split,))
        .people["person"]
        .cast(pl.String)
        .gather(pl.Series(rows, dtype=pl.UInt32))
    )
    return pl.DataFrame({"person": people, "points": study.scale().points(log_odds[rows])})


def reasons(study: Study, id: str, weighting: Weighting) -> tuple[Reason, ...]:
    """What took most from one person's score."""
    return find_reasons(study.statement(id, weighting), study.scale(), study.ranges())


def rescored(study: Study, id: str, weighting: Weighting, changes: Changes) -> Option:
    """One person's points if features had other values."""
    return rescore(study.case(id, weighting), changes)


def case(study: Study, id: str, weighting: Weighting) -> Case:
    """One person and all that scores them, to ask what would change the score."""
    mine = study.record(id)
    return Case(
        mine.evidence,
        mine.designs,
        study.source_models(),
        study.ranges(),
        weighting,
        study.calibration(weighting),
        study.scale(),
    )


@remember("Looking for what would raise it")
def raised(study: Study, id: str, weighting: Weighting, target: float) -> Raise:
    """The fewest changes that reach a target."""
    return raise_to(study.case(id, weighting), target)
