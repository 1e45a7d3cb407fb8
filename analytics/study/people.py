"""Who is in a cohort, what is known of them, and which conditions may be asked?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data import disclosure
from analytics.data import personal as personals
from analytics.data import steps as column_steps
from analytics.data.cohort import EVERYONE, Cohort, Condition
from analytics.data.disclosure import TooFew
from analytics.data.population import Schema
from analytics.data.steps import Steps
from analytics.sources.evidence import Evidence
from analytics.study.memo import remember
from analytics.study.question import Question
from analytics.weighing import groups
from analytics.weighing.bureaus import seen
from analytics.weighing.readings import enough
from analytics.weighing.tally import Tally, tally
from analytics.weighing.weighting import Weighting, equal

if TYPE_CHECKING:
    from analytics.study.study import Study


def schema(study: Study) -> Schema:
    """Every column a cohort may ask for."""
    return study.fitted().population.schema


@remember()
def persons(study: Study, cohort: Cohort, splits: tuple[str, ...] = ()) -> Evidence:
    """The evidence of a cohort's persons in these splits; in all where none is named."""
    if splits:
        found = study.persons(cohort).split(*splits)
        if cohort.conditions and not study.exact:
            read = study.among(study.fitted().evidence.split(*splits))
            disclosure.enough_of(study.outcomes()[read], study.among(found)[read])
            column_steps.distinct(study.at_steps(cohort), study.steps, read)
        return found
    everyone = study.everyone()
    return everyone.rows(study.rows(cohort)) if cohort.conditions else everyone


@remember()
def everyone(study: Study) -> Evidence:
    """The evidence of everybody: of all sources, or as the study's bureau sees them."""
    found = study.fitted().evidence
    return seen(found, [study.sight(study.bureau)]) if study.bureau else found


@remember()
def rows(study: Study, cohort: Cohort) -> np.ndarray:
    """The rows of a cohort's persons in the population's file.

    Where the study is not exact, neither they nor those left out may be few.

    Raises
    ------
    Refusal
        For conditions that single people out, without a count.
    """
    if study.exact:
        return np.flatnonzero(study.members(cohort))
    cohort = study.at_steps(cohort)
    outcome, chosen = study.outcomes(), study.members(cohort)
    disclosure.enough_of(outcome, chosen)
    column_steps.distinct(cohort, study.steps, np.ones(len(outcome), np.bool_))
    if len(cohort.conditions) > 1:
        for i in range(len(cohort.conditions)):
            wider = replace(cohort, conditions=cohort.conditions[:i] + cohort.conditions[i + 1 :])
            disclosure.apart(outcome, chosen, study.members(wider))
    return np.flatnonzero(chosen)


@remember()
def at_steps(study: Study, cohort: Cohort) -> Cohort:
    """The cohort with its conditions at the nearest steps, as the pages read it.

    Raises
    ------
    Refusal
        For conditions that single people out, or that do not fit their column.
    """
    disclosure.askable(study.catalog().people, cohort)
    cohort.expression(study.schema())
    return column_steps.snap(cohort, study.steps)


@remember()
def steps(study: Study, column: str) -> Steps:
    """At which values the pages may cut a column."""
    found = study.fitted().population.collect(EVERYONE, ["row", column])
    everybody = pl.DataFrame(
        {"row": range(len(study.outcomes()))}, schema={"row": found.schema["row"]}
    )
    values = everybody.join(found, on="row", how="left", maintain_order="left")[column]
    return column_steps.steps(
        values, study.outcomes(), study.among(study.fitted().evidence.split("test"))
    )


def among(study: Study, chosen: Evidence) -> np.ndarray:
    """Whether each person of the population's file is among these."""
    inside = np.zeros(len(study.outcomes()), np.bool_)
    inside[chosen.people["row"].to_numpy()] = True
    return inside


@remember()
def members(study: Study, cohort: Cohort) -> np.ndarray:
    """Who in the population's file belongs to a cohort, however few.

    To be counted, never to be shown.
    """
    chosen = np.zeros(len(study.outcomes()), np.bool_)
    chosen[study.fitted().population.collect(cohort, ["row"])["row"].to_numpy()] = True
    return chosen


@remember()
def outcomes(study: Study) -> np.ndarray:
    """How everybody in the population's file turned out: 1 defaulted, 0 paid, NaN unknown."""
    told = study.fitted().evidence.people.select("row", pl.col("defaulted").cast(pl.Float64))
    found = np.full(int(told["row"].max() or 0) + 1, np.nan)  # type: ignore[arg-type]
    found[told["row"].to_numpy()] = told["defaulted"].fill_null(np.nan).to_numpy()
    return found


@remember()
def values(study: Study, column: str) -> pl.Series:
    """The values of one column, to build conditions from: the twenty commonest texts, or two ends
    of numbers or dates; none if it is empty.

    Texts of few people are not among them, and many people lie beyond each end.
    """
    told = study.steps(column)
    if not told.ordered:
        return pl.Series(column, told.values[:20], None if told.values else pl.String)
    dtype = study.schema()[column]
    ends = [told.values[0], told.high] if told.values else []
    return pl.Series(
        column, [datetime.fromisoformat(str(v)) for v in ends] if dtype.is_temporal() else ends
    ).cast(dtype)


@remember()
def personal(study: Study, column: str = "") -> str:
    """What kind of personal data a column holds, by its first rows; of the ids where none is named.

    Empty where it holds none.
    """
    if not column:
        return personals.kind(
            study.fitted().evidence.people["person"].head(2000), study.catalog().people.id
        )
    found = study.fitted().population.join([column]).select(column).head(2000).collect()[column]
    return personals.kind(found, column.rpartition(".")[2])


@remember()
def levels(study: Study, column: str) -> list[str | int | float | bool]:
    """The values of a segment column, ascending, at most thirty."""
    found = (
        study.fitted()
        .population.collect(EVERYONE, [column])[column]
        .drop_nulls()
        .unique()
        .sort()
        .head(30)
    )
    return (found.cast(pl.String) if found.dtype.is_temporal() else found).to_list()


def common(study: Study, column: str) -> list[str | int | float | bool]:
    """The levels of a segment column that many people have."""
    told = study.steps(column)
    held = [value for value, single in zip(told.values, told.single, strict=True) if single]
    return [value for value in study.levels(column) if value in held]


@remember()
def condition_example(study: Study) -> str:
    """A cohort of these very people, written as conditions.

    Without segments, how one is written.
    """
    named = [
        (segment, value)
        for segment in study.catalog().people.segments[:2]
        for value in study.common(segment)[:1]
    ]
    return (
        str(
            " or ".join(
                str(Condition(*one)) for one in ((name, "==", value) for name, value in named)
            )
        )
        or "column >= 1"
    )


def asked_of(study: Study, asked: Question) -> Evidence:
    """The evidence of the persons whom a question asks about."""
    return study.persons(asked.cohort, (asked.split,))


def asked_counts(study: Study, asked: Question) -> Tally:
    """Their tally."""
    return study.counted(asked.cohort, asked.weighting, (asked.split,))


@remember()
def counted(
    study: Study,
    cohort: Cohort,
    weighting: Weighting,
    splits: tuple[str, ...],
    among: tuple[Weighting, ...] = (),
) -> Tally:
    """The tally of a cohort's persons."""
    return tally(study.persons(cohort, splits), weighting, among)


@remember()
def out_of_time(study: Study) -> date | None:
    """The first month of the out-of-time test."""
    late = study.persons(EVERYONE, ("out_of_time",)).people
    return late["month"].min() if "month" in late.columns else None  # type: ignore[return-value]


@remember()
def choosing(study: Study, cohort: Cohort) -> Cohort:
    """Whose calibration persons choose what is read of a cohort.

    The cohort's own, or everyone's where they are too few.
    """
    try:
        enough(study.counted(cohort, equal(study.catalog()), ("calibrate",)))
    except TooFew:
        return EVERYONE
    return cohort


@remember()
def base_rate(study: Study, cohort: Cohort, split: str) -> float | None:
    """The default rate of a cohort's persons."""
    rate = study.persons(cohort, (split,)).people["defaulted"].mean()
    return None if rate is None else float(rate)  # type: ignore[arg-type]


def size(study: Study, asked: Question) -> int:
    """How many persons a question asks about."""
    return len(study.asked_of(asked))


@remember(uses=("cohort", "split"))
def known_shares(study: Study, asked: Question) -> list[float]:
    """The share of the persons read that each source knows, in catalog order."""
    persons = study.asked_of(asked)
    return [float(n) for n in groups.persons_known(persons) / max(len(persons), 1)]


@remember(uses=("cohort", "split"))
def overlap(study: Study, asked: Question) -> pl.DataFrame:
    """How many persons each combination of sources knows."""
    return groups.overlap(study.asked_of(asked))


@remember(uses=("cohort", "split"))
def hit_and_fill(study: Study, asked: Question, other: Cohort) -> pl.DataFrame:
    """How many persons each source knows beside another cohort's, and how full its records are."""
    others = study.persons(other, (asked.split,))
    return groups.hits(study.asked_of(asked), study.fitted().report, others)


@remember(uses=("cohort", "split", "weighting"))
def by_segment(study: Study, asked: Question) -> pl.DataFrame:
    """Coverage by segment."""
    segments = study.catalog().people.segments
    return groups.by_segment(study.asked_of(asked), asked.weighting, segments)
