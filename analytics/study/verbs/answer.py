"""What have the answers of all verbs in common?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl

from analytics.data.cohort import Cohort
from analytics.data.disk import replaceable, why, writing
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import Scorecard
from analytics.study.question import Question
from analytics.weighing.weighting import Weighting, equal

if TYPE_CHECKING:
    from analytics.study.study import Study

Answer = dict[str, object]


def question(study: Study, cohort: Cohort, split: str, weighting: Weighting) -> Question:
    """What is asked of a weighting, beside equal weights and at the first cutoff of the scale."""
    reference = equal(study.catalog(), weighting.floor, weighting.missing)
    return Question(cohort, split, weighting, reference, study.scale().accepts_from)


def of_question(cohort: Cohort, split: str, weighting: Weighting) -> Answer:
    """What was asked."""
    return {"cohort": cohort.name, "split": split, **of_weighting(weighting)}


def of_weighting(weighting: Weighting) -> Answer:
    """Weights, floor and policy."""
    return {
        "weights": weighting.shares,
        "floor": weighting.floor,
        "missing": weighting.missing,
    }


def of_scale(scale: Scorecard) -> Answer:
    """What points mean: the anchor and its odds, the doubling, the ends, the cutoff, the bands."""
    names = ("anchor", "odds", "doubling", "low", "high")
    bands = [f"{name} from {at:g}" for name, at in scale.edges]
    return {
        **{name: getattr(scale, name) for name in names},
        "cutoff": scale.accepts_from,
        "bands": bands,
    }


def keep(frame: pl.DataFrame, path: Path | None) -> None:
    """Keep a frame as Parquet, where a file is named."""
    if path is not None:
        with writing(path) as draft:
            frame.write_parquet(draft)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A folder for what is written on the way to a file, where there is room for the file."""
    above = path.parent if replaceable(path) else None  # nothing beside a device
    try:
        folder = TemporaryDirectory(prefix=".weighbridge-", dir=above)
    except OSError as error:
        reason = f"cannot write {path}: {why(error)}; name another file with --out"
        raise Refusal(reason) from None
    with folder as named:
        yield Path(named)
