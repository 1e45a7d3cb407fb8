"""Can these models be trusted, and would others do better?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.disclosure import TooFew
from analytics.data.population import people
from analytics.deciding import champion
from analytics.deciding.champion import Entrant
from analytics.sources.challengers import CHALLENGERS, challenge
from analytics.study import jobs
from analytics.study.jobs import Job
from analytics.study.memo import remember
from analytics.study.question import Question
from analytics.weighing.reliability import reliability
from analytics.weighing.splits import by_split, overfit
from analytics.weighing.weighting import Weighting

if TYPE_CHECKING:
    from analytics.study.study import Study


Said = tuple[str, np.ndarray | str]


def challenged(study: Study) -> dict[str, np.ndarray | str]:
    """Challengers over all raw data, as far as they are fitted: log-odds of everyone in file order,
    or why there are none.

    The pooled model, which the lab draws, comes first.
    """
    return {
        key: said for keys in ((POOLED,), OTHERS) for key, said in _challengers(study, keys).steps
    }


POOLED = "free"


OTHERS = tuple(key for key in CHALLENGERS if key != POOLED)


@remember()
def _challengers(study: Study, keys: tuple[str, ...]) -> Job:
    """The job that fits these, one after the other; what each says is a step of it."""
    return jobs.CHALLENGES.begin((study, keys), partial(_challenge, study, keys))


def _challenge(study: Study, keys: tuple[str, ...], job: Job) -> None:
    told = study.fitted()
    rounds = lambda *_: jobs.CHALLENGES.go_on(job)  # noqa: E731
    for said in challenge(
        told.population,
        people(told.population),
        told.evidence.base_rate,
        settings=study.settings,
        rounds=rounds,
        keys=keys,
        kept=told.kept,
    ):
        job.steps.append(said)


def waiting(study: Study) -> tuple[str, ...]:
    """The challengers still being fitted."""
    there = study.challenged()
    return tuple(
        key
        for keys in ((POOLED,), OTHERS)
        if not _challengers(study, keys).future.done()
        for key in keys
        if key not in there
    )


def contest(study: Study, asked: Question, name: str) -> pl.DataFrame:
    """The weighting and its challengers, as far as they are fitted."""
    return _contest(study, asked, name, tuple(study.challenged()))


@remember(uses=("cohort", "split", "weighting"))
def _contest(study: Study, asked: Question, name: str, ready: tuple[str, ...]) -> pl.DataFrame:
    weighting = asked.weighting
    rivals: dict[str, Entrant] = {
        label: study.challenged()[key] if key in ready else "being fitted"
        for key, (label, _) in CHALLENGERS.items()
    }
    learned_weights = (
        {} if name == LEARNED else {LEARNED: study.learned(weighting.floor, weighting.missing)}
    )
    return champion.contest(
        study.asked_of(asked),
        {name: weighting, **learned_weights, **rivals},
        study.persons(EVERYONE, ("calibrate",)),
    )


def strongest(study: Study, asked: Question, name: str) -> list[str]:
    """The challengers, those first that rank the calibration persons best.

    None where these are too few.
    """
    try:
        choosers = asked.but(cohort=study.choosing(asked.cohort), split="calibrate")
        found = study.contest(choosers, name)
    except TooFew:
        return []
    return found.drop_nulls("difference").sort("difference", descending=True)["name"].to_list()


LEARNED = "Learned weights"


@remember()
def splits(study: Study, weighting: Weighting) -> pl.DataFrame:
    """AUC on every split of each source, and of the weighting under the key of nothing, with the
    gap from train to test.
    """
    everyone = study.fitted().evidence
    read = pl.concat([by_split(everyone), by_split(everyone, {"": weighting})])
    return read.join(overfit(read).drop("low", "high"), on="key", maintain_order="left")


@remember(uses=("cohort", "split", "weighting"))
def reliable(study: Study, asked: Question) -> pl.DataFrame:
    """Predicted and seen default rates in ten groups."""
    return reliability(study.asked_counts(asked), study.calibration(asked.weighting))


def pooled_auc(study: Study, cohort: Cohort, split: str) -> float | None:
    """The AUC of everyone of one model over all raw data; None until it is fitted."""
    return _pooled_auc(study, cohort, split) if _challengers(study, (POOLED,)).steps else None


@remember()
def _pooled_auc(study: Study, cohort: Cohort, split: str) -> float | None:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - half a second that the first page does not need

    read = study.persons(cohort, (split,)).people.select("row", "defaulted").drop_nulls()
    if read["defaulted"].n_unique() < 2:
        return None
    said = study.challenged()[POOLED]
    return (
        None
        if isinstance(said, str)
        else float(
            roc_auc_score(read["defaulted"].to_numpy(), np.nan_to_num(said[read["row"].to_numpy()]))
        )
    )
