"""Many weightings of a million people.

All readings against the scikit-learn loop, and the counting against increments alone.
"""

from collections.abc import Iterator
from functools import partial

import numba as nb
import numpy as np

from analytics.sources.evidence import Evidence
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import BINS, count, place
from analytics.weighing.weighting import Weighting, equal
from tests.benchmarks.weigh import evidence, fastest, peer

COUNT = 256  # two batches of a sweep; the time of one weighting is the same for a thousand
LOOPED = 5  # weightings that scikit-learn reads
PLACED = 4  # ready-made bin numbers of so many weightings stand for those of all
BLOCK = 2048


def run(persons: int) -> Iterator[str]:
    """Two ratios, each within one run."""
    people = evidence(persons)
    weightings = drawn(people, COUNT)
    added, known, defaulted = (
        np.nan_to_num(people.added).astype(float),
        people.known.astype(float),
        people.people["defaulted"].to_numpy(),
    )
    ours, theirs = fastest(
        lambda: sweep(people, weightings),
        lambda: [peer(added, known, defaulted, w) for w in weightings[:LOOPED]],
        times=3,
    )
    ours, theirs = ours / COUNT, theirs / LOOPED
    yield (
        f"sweep of {persons:,} persons x 10 sources: {ours * 1e3:.2f} ms per weighting,"
        f" scikit-learn {theirs * 1e3:.0f} ms, {theirs / ours:.0f} times faster"
    )
    counting, floor = (
        least / COUNT
        for least in fastest(
            lambda: count(people, weightings), increments(people, weightings), times=9
        )
    )
    yield (
        f"  counting alone: {counting * 1e3:.2f} ms, increments from ready-made bins"
        f" {floor * 1e3:.2f} ms, {counting / floor:.2f} times its time"
    )


def drawn(people: Evidence, many: int) -> list[Weighting]:
    """Weightings spread evenly over all there can be."""
    shares = np.random.default_rng(1).dirichlet(np.ones(len(people.catalog)), many)
    return [
        Weighting(tuple(zip(people.catalog.keys, map(float, row), strict=True))) for row in shares
    ]


def increments(people: Evidence, weightings: list[Weighting]) -> "partial[np.ndarray]":
    """The floor.

    The same histograms of the same people, from bin numbers (16 bits) that are there already.
    """
    bins = np.array([np.minimum(place(people, w), BINS - 1) for w in weightings[:PLACED]]).view(
        np.uint16
    )
    scored = np.array([w.scores(people.runs.known) for w in weightings])
    shared = equal(people.catalog).scores(people.runs.known).astype(np.int8)
    return partial(
        _increments,
        bins,
        people.runs.edges,
        people.runs.outcome,
        shared,
        scored,
        nb.get_num_threads(),
    )  # type: ignore[call-arg]


@nb.njit(parallel=True, nogil=True)
def _increments(bins, edges, outcome, shared, scored, threads):  # type: ignore[no-untyped-def]
    counts = np.zeros((len(scored), 2, 2, BINS), np.int32)
    for group in nb.prange(threads):
        for r in range(len(outcome)):
            for first in range(edges[r], edges[r + 1], BLOCK):
                for j in range(group, len(scored), threads):
                    if scored[j, r]:
                        block = bins[j % len(bins), first : min(first + BLOCK, edges[r + 1])]
                        histogram = counts[j, shared[r], outcome[r]]
                        for i in range(len(block)):
                            histogram[block[i]] += 1
    return counts
