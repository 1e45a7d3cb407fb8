"""What is each source worth, alone and beside the others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import people
from analytics.data.split import teachers
from analytics.sources import features as columns
from analytics.sources.design import draw
from analytics.study.memo import remember
from analytics.study.question import Question
from analytics.weighing import quality
from analytics.weighing import value as valuing
from analytics.weighing.groups import persons_known
from analytics.weighing.readings import enough
from analytics.weighing.weighting import alone as by_itself

if TYPE_CHECKING:
    from analytics.study.study import Study


@remember("Reading every coalition of sources", uses=("cohort", "split", "weighting"))
def worth(study: Study, asked: Question) -> valuing.Worth | None:
    """Every coalition of the weighted sources, where they are few enough."""
    count = sum(share > 0 for share in asked.weighting.shares.values())
    if count > valuing.EXACT:
        return None
    searched, margin = study.persons(EVERYONE, ("calibrate",)), study.catalog().people.margin
    return valuing.worth(
        study.asked_of(asked),
        asked.weighting,
        valuing.coalitions(count),
        calibrated=searched,
        margin=margin,
    )


@remember("Reading every coalition of sources", uses=("cohort", "split", "weighting"))
def value(study: Study, asked: Question, seed: int = 7) -> pl.DataFrame:
    """What each source is worth; `seed` is of the orders drawn where sources are many."""
    enough(study.asked_counts(asked))
    return _value(study, asked, seed)


def _value(study: Study, asked: Question, seed: int = 7) -> pl.DataFrame:
    return valuing.value(
        study.asked_of(asked),
        asked.weighting,
        calibrated=study.persons(EVERYONE, ("calibrate",)),
        margin=study.catalog().people.margin,
        seed=seed,
        known=study.worth(asked),
    )


@remember("Reading every coalition of sources", uses=("cohort", "weighting"))
def worthiest(study: Study, asked: Question) -> list[str]:
    """The sources, those first that are worth most to the calibration persons."""
    found = _value(study, _choosers(study, asked))
    return found.sort("shapley_auc_everyone", descending=True, nulls_last=True)["key"].to_list()


def _choosers(study: Study, asked: Question) -> Question:
    """The same of the calibration persons who choose."""
    return asked.but(cohort=study.choosing(asked.cohort), split="calibrate")


@remember(uses=("cohort", "split", "weighting"))
def best_of(study: Study, asked: Question) -> pl.DataFrame | None:
    """The best sources to have, for each number of them.

    Chosen on calibration persons, read on the others.
    """
    searched = study.worth(_choosers(study, asked))
    read = study.worth(asked)
    if searched is None or read is None:
        return None
    names = {f"auc_everyone{end}": f"auc{end}" for end in ("", "_low", "_high")}
    columns = (
        "k",
        "sources",
        "added",
        "dropped",
        "coverage",
        "coverage_low",
        "coverage_high",
        *names.values(),
        "price",
        "searched",
    )
    return valuing.best_of(searched, read).rename(names).select(columns)


@remember(uses=("cohort", "split", "weighting"))
def redundancy(study: Study, asked: Question) -> pl.DataFrame:
    """What two sources have in common."""
    return valuing.redundancy(study.asked_of(asked), asked.weighting)


@remember()
def alone(study: Study, cohort: Cohort, split: str) -> pl.DataFrame:
    """Each source by itself."""
    return quality.alone(study.persons(cohort, (split,)), study.persons(EVERYONE, ("calibrate",)))


@remember(uses=("cohort", "split", "weighting"))
def next_source(study: Study, asked: Question) -> pl.DataFrame:
    """What each source without weight would bring, in the order in which it brings most to the
    calibration persons.
    """
    return valuing.next_source(
        study.asked_of(asked),
        asked.weighting,
        study.persons(study.choosing(asked.cohort), ("calibrate",)),
    )


@remember()
def features(study: Study, key: str) -> pl.DataFrame:
    """Each column of a source by itself, on those who teach its models."""
    everyone = people(study.fitted().population)
    design = draw(study.fitted().population, everyone, study.catalog().source(key))
    outcome = (
        everyone["defaulted"].cast(pl.Float64).set(~teachers(everyone), None).fill_null(np.nan)
    )
    return columns.features(design, outcome.to_numpy()[design.rows])


@remember()
def source_months(study: Study, cohort: Cohort, key: str) -> pl.DataFrame | None:
    """What a source says by month: its PSI against the calibration persons."""
    return (
        study.by_month(cohort, by_itself(study.catalog(), key))
        if study.catalog().people.time
        else None
    )


@remember(uses=("cohort", "split", "weighting"))
def source_table(study: Study, asked: Question) -> pl.DataFrame:
    """One row per source, most worth first: what is known of it, what it is worth, its partner.

    The most redundant partner is the one that the calibration persons name.
    """
    worth = study.value(asked)
    read = study.asked_of(asked)
    known = persons_known(read) / max(len(read), 1)
    told = [
        {"key": s.key, "label": s.label, "dimension": s.dimension, "price": s.cost, "hit": hit}
        for s, hit in zip(study.catalog(), known.tolist(), strict=True)
    ]
    kinds = ("shapley_", "drop_one_", "add_one_")
    kept = worth.select("key", *(c for c in worth.columns if c.startswith(kinds)))
    gained = pl.col("shapley_coverage")
    pays = (gained > 0) & (pl.col("price") > 0)
    return (
        pl.DataFrame(told)
        .join(study.fitted().report.select("key", "fill"), on="key")
        .join(study.alone(asked.cohort, asked.split).drop("persons"), on="key")
        .join(kept, on="key", how="left")
        .with_columns(price_per_scored=pl.when(pays).then(pl.col("price") / gained))
        .join(_partners(study, asked), on="key", how="left")
        .sort("shapley_auc_everyone", descending=True, nulls_last=True)
    )


def _partners(study: Study, asked: Question) -> pl.DataFrame:
    """With whom each source has most in common: `key`, `partner`, `shared`."""
    shared = study.redundancy(asked)
    searched = study.redundancy(_choosers(study, asked))
    pairs = shared.join(searched.select("a", "b", searched="shared"), on=["a", "b"], how="left")
    turned = pairs.rename({"a": "b", "b": "a"}).select(pairs.columns)
    both = pl.concat([pairs, turned]).drop_nulls("shared")
    first = both.sort("searched", descending=True, nulls_last=True)
    first = first.group_by("a", maintain_order=True).first()
    return first.select(key="a", partner="b", shared="shared")
