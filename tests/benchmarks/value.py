"""Exact Shapley values of ten sources.

All 1,024 coalitions of a million people, against the scikit-learn loop.
"""

import statistics
import time
from collections.abc import Iterator

import numpy as np

from analytics.weighing.value import value
from analytics.weighing.weighting import Weighting, equal
from tests.benchmarks.weigh import evidence, peer, seconds

LOOPED = 6  # random coalitions that scikit-learn reads


def run(persons: int) -> Iterator[str]:
    """Seconds, and those that the loop would need, from the time of one of its turns."""
    people = evidence(persons)
    weighting = equal(people.catalog)
    value(evidence(1000), weighting)  # compiled, or fetched, before the clock starts
    started = time.perf_counter()
    found = value(people, weighting)
    ours = time.perf_counter() - started
    added, known, defaulted = (
        np.nan_to_num(people.added).astype(float),
        people.known.astype(float),
        people.people["defaulted"].to_numpy(),
    )
    some = np.random.default_rng(2).random((LOOPED, len(people.catalog))) < 0.5
    turns = [
        Weighting(tuple(zip(people.catalog.keys, map(float, row), strict=True))) for row in some
    ]
    theirs = statistics.mean(
        seconds(lambda: peer(added, known, defaulted, w), times=1)  # noqa: B023
        for w in turns
    ) * (2 ** len(people.catalog) - 1)
    yield (
        f"Shapley values of 10 sources, {persons:,} persons: {ours:.1f} s, scikit-learn loop"
        f" {theirs:.0f} s, {theirs / ours:.0f} times faster"
    )
    gap = found["shapley_auc_everyone"].sum() - found["total_auc_everyone"][0]
    yield f"  they add up to the total but for {abs(gap):.0e}"
