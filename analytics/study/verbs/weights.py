"""What do weights do: one weighting, many of them, each source in one?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics.data.cohort import EVERYONE, Cohort
from analytics.deciding.strategy import strategy
from analytics.weighing.frontier import frontier
from analytics.weighing.readings import enough
from analytics.weighing.value import METRICS
from analytics.weighing.weighting import Weighting, equal

from .answer import Answer, keep, of_question, of_scale, question

if TYPE_CHECKING:
    from analytics.study.study import Study


def weigh(
    study: Study,
    weighting: Weighting | None = None,
    cohort: Cohort = EVERYONE,
    split: str = "test",
) -> Answer:
    """The readings of one weighting, and the approval and bad rate of every cutoff."""
    weighting = weighting or study.weighting()
    persons, calibration = study.persons(cohort, (split,)), study.calibration(weighting)
    readings = study.read(question(study, cohort, split, weighting))
    return {
        **of_question(cohort, split, weighting),
        "price": weighting.price(study.catalog()),
        **readings.json(),
        "scale": of_scale(study.scale()),
        "cutoffs": strategy(persons, weighting, calibration, study.scale()).to_dicts(),
    }


def sweep_weights(
    study: Study,
    floor: float = 0.4,
    missing: str = "neutral",
    cohort: Cohort = EVERYONE,
    split: str = "test",
    *,
    count: int = 1000,
    seed: int = 7,
    accuracy: str = "auc_everyone",
    price: bool = False,
    out: Path | None = None,
) -> Answer:
    """Many weightings, and the frontier that the calibration persons choose among them."""
    persons = study.persons(cohort, (split,))
    enough(study.counted(cohort, equal(study.catalog(), floor, missing), (split,)))
    weightings = study.sampled(floor, missing, count, seed)
    found = study.read_all(cohort, split, weightings)
    searched = study.searched(floor, missing, count, seed)
    best = frontier(searched.with_row_index("row"), accuracy, price=price)["row"].to_list()
    keep(found.with_columns(frontier=pl.int_range(len(found)).is_in(best)), out)
    rows = found[best].with_columns(searched=searched[accuracy][best])
    return {
        "cohort": cohort.name,
        "split": split,
        "persons": len(persons),
        "floor": floor,
        "missing": missing,
        "weightings": len(weightings),
        "seed": seed,
        "accuracy": accuracy,
        "out": str(out or ""),
        "frontier": rows.to_dicts(),
    }


def value_sources(
    study: Study,
    weighting: Weighting | None = None,
    cohort: Cohort = EVERYONE,
    split: str = "test",
    *,
    seed: int = 7,
    out: Path | None = None,
) -> Answer:
    """What each source is worth: alone, dropped, and by Shapley; in learned weights by default."""
    weighting = weighting or study.learned(0.4, "neutral")
    found = study.value(question(study, cohort, split, weighting), seed)
    keep(found, out)
    totals = [f"total_{metric}" for metric in METRICS]
    return {
        **of_question(cohort, split, weighting),
        "persons": len(study.persons(cohort, (split,))),
        **{total: found[total][0] for total in totals},
        "sources": found.drop(totals).to_dicts(),
    }
