"""One weighting of a million people and ten sources, against NumPy's weighted sum with scikit-
learn's AUC and ROC curve.
"""

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score, roc_curve

from analytics.data.catalog.model import Catalog, People, Source
from analytics.sources.evidence import Evidence, line_up
from analytics.weighing.readings import auc
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting, equal

HIT = (0.38, 0.55, 0.70, 0.80, 0.72, 0.62, 0.85, 0.45, 0.98, 0.12)


def evidence(persons: int, seed: int = 0) -> Evidence:
    """Random evidence of ten sources with the sample's coverages."""
    random = np.random.default_rng(seed)
    outcome = random.random(persons) < 0.08
    added = (0.6 * random.standard_normal((persons, len(HIT))) + 0.5 * outcome[:, None]).astype(
        np.float32
    )
    added[random.random(added.shape) >= HIT] = np.nan
    catalog = Catalog(
        People("people.parquet", "id", "bad"),
        tuple(Source(f"s{i}", f"s{i}", ("x",)) for i in range(len(HIT))),
    )
    people = pl.DataFrame({"row": np.arange(persons, dtype=np.uint32), "defaulted": outcome})
    return line_up(catalog, people, added, float(outcome.mean()))


def seconds(work: Callable[[], object], *, times: int) -> float:
    """Median time of one call, after a first that is not counted."""
    work()
    return statistics.median(_once(work) for _ in range(times))


def fastest(*works: Callable[[], object], times: int) -> list[float]:
    """Least time of one call of each, taken in turn after a first that is not counted.

    A busy moment meets them all.
    """
    for work in works:
        work()
    return [
        min(taken)
        for taken in zip(*([_once(work) for work in works] for _ in range(times)), strict=True)
    ]


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peer(
    added: np.ndarray, known: np.ndarray, defaulted: np.ndarray, weighting: Weighting
) -> float:
    """The same readings by NumPy and scikit-learn."""
    scored = known @ weighting.vector >= weighting.floor - 1e-9
    summed = (added @ weighting.vector)[scored]
    roc_curve(defaulted[scored], summed)
    return float(roc_auc_score(defaulted[scored], summed))


def run(persons: int) -> Iterator[str]:
    """Ratio, and how far the two AUCs lie apart."""
    people = evidence(persons)
    weighting = equal(people.catalog)
    added, known, defaulted = (
        np.nan_to_num(people.added).astype(float),
        people.known.astype(float),
        people.people["defaulted"].to_numpy(),
    )
    ours = seconds(lambda: auc(tally(people, weighting)), times=21)
    theirs = seconds(lambda: peer(added, known, defaulted, weighting), times=3)
    reading, truth = auc(tally(people, weighting)), peer(added, known, defaulted, weighting)
    yield (
        f"weigh {persons:,} persons x 10 sources: {ours * 1e3:.2f} ms, NumPy + scikit-learn"
        f" {theirs * 1e3:.0f} ms, {theirs / ours:.0f} times faster"
    )
    yield f"  AUC {reading.value:.6f} (bound {reading.bound:.6f}), scikit-learn {truth:.6f}"
