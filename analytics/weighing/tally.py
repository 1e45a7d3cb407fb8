"""How many people, of each outcome, lie where?

One pass over the people counts their weighted evidence in bins.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numba as nb
import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.evidence import UNKNOWN, Evidence

from .weighting import Weighting

BINS = 4096
# persons whose evidence, sums and bins stay in the first-level cache, beside the counts, while
# weighting after weighting passes
BLOCK = 1024
ALONE = 500_000  # persons times weightings that one core passes in about two milliseconds
FLAGS = {"contract", "nsz"}  # not plain fastmath: that would break the test for missing values


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts of persons by bin of evidence and outcome, for one weighting.

    Attributes
    ----------
    counts : persons scored, whole numbers, shape (bins, 2): paid, defaulted; bins rise with risk.
    unscored : persons not scored, shape (2,).
    low, width : the evidence (log-odds) where the first bin starts, and the width of a bin.
    """

    counts: np.ndarray
    unscored: np.ndarray
    low: float
    width: float

    def __add__(self, other: "Tally") -> "Tally":
        """The tally of both peoples together: exact.

        Raises
        ------
        Refusal
            If the grids differ: only tallies of one weighting over parts of one evidence add up.
        """
        self.pair_up(other)
        return Tally(
            self.counts + other.counts, self.unscored + other.unscored, self.low, self.width
        )

    def pair_up(self, other: "Tally") -> None:
        """Refuse a tally whose bins are not these bins."""
        if (self.low, self.width) != (other.low, other.width):
            raise Refusal(
                "these tallies lie on different grids; add and compare only tallies of one"
                " weighting over parts of one evidence"
            )

    @property
    def cells(self) -> np.ndarray:
        """The counts with the unscored as a last row, shape (bins + 1, 2)."""
        return np.vstack([self.counts, self.unscored])

    @property
    def middles(self) -> np.ndarray:
        """Evidence in the middle of each bin, log-odds, shape (bins,)."""
        return self.low + self.width * (np.arange(len(self.counts)) + 0.5)

    @property
    def zero(self) -> int:
        """The bin that holds evidence 0: where people about whom nothing is said stand."""
        return int(np.float32(-self.low / self.width))  # in the single precision of the kernel


def tally(evidence: Evidence, weighting: Weighting, among: Sequence[Weighting] = ()) -> Tally:
    """Count a population under one weighting.

    Parameters
    ----------
    among : count as scored only who is scored by these weightings too: the common people of a
        comparison.
    """
    return tallies(evidence, [weighting], among)[0]


def tallies(
    evidence: Evidence, weightings: Sequence[Weighting], among: Sequence[Weighting] = ()
) -> list[Tally]:
    """Count a population under many weightings, in one pass over the people.

    Persons of unknown outcome are left out.
    """
    if not weightings:
        return []
    counted = count(evidence, weightings, among)
    return counted.tallies(
        counted.layers[:, 1] if among else counted.layers.sum(axis=1, dtype=np.int32)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Tallies of many weightings, as arrays.

    Attributes
    ----------
    layers : persons scored, by the weighting alone, then by it and all it is compared with, shape
        (weightings, 2, 2 outcomes, bins).
    people : everyone of known outcome, shape (2,).
    low, width : the grid of each weighting, shape (weightings,).
    """

    layers: np.ndarray
    people: np.ndarray
    low: np.ndarray
    width: np.ndarray

    def tallies(self, counts: np.ndarray) -> list[Tally]:
        """Counts of the scored, shape (weightings, 2 outcomes, bins), as a tally each."""
        unscored = self.people - counts.sum(axis=2)
        return [
            Tally(c.T, u, float(b), float(w))
            for c, u, b, w in zip(counts, unscored, self.low, self.width, strict=True)
        ]


def count(
    evidence: Evidence, weightings: Sequence[Weighting], among: Sequence[Weighting] = ()
) -> Counts:
    """Count a population under many weightings, apart by whether those of `among` score the person
    too (with none to compare, all are common).
    """
    read = evidence.runs.outcome != UNKNOWN
    starts, ends, known, outcome = (
        a[read]
        for a in (
            evidence.runs.edges[:-1],
            evidence.runs.edges[1:],
            evidence.runs.known,
            evidence.runs.outcome,
        )
    )
    shared = np.broadcast_to(np.all([w.scores(known) for w in among], axis=0), len(known)).astype(
        np.int8
    )
    columns = known.astype(float, order="F")  # turned into numbers once, not once per weighting
    times = np.array([w.multipliers(columns) for w in weightings], np.float32)
    low, width = np.array([grid(evidence, w) for w in weightings]).T
    blocks, steps = _blocks(starts, ends), _steps(weightings, low, width, times)
    with cores(len(evidence) * len(weightings)) as many:
        parts = _count(evidence.added.T, *blocks, known, outcome, shared, *steps, many)  # type: ignore[call-arg]
    counts = parts[0] if len(parts) == 1 else parts.sum(axis=0, dtype=np.int32)
    people = np.bincount(outcome, ends - starts, 2).astype(np.int64)
    return Counts(counts, people, low, width)


def place(evidence: Evidence, weighting: Weighting) -> np.ndarray:
    """The bin of each person, shape (persons,), int16; `BINS` for the unscored."""
    runs = evidence.runs
    low, width = np.array([grid(evidence, weighting)]).T
    times = weighting.multipliers(runs.known)[None].astype(np.float32)
    with cores(len(evidence)):
        return _place(
            evidence.added.T,
            *_blocks(runs.edges[:-1], runs.edges[1:]),
            runs.known,
            *_steps([weighting], low, width, times),
        )


def placed(
    a: np.ndarray, b: np.ndarray, outcome: np.ndarray, grids: Sequence[tuple[float, float]]
) -> list[tuple[Tally, Tally]]:
    """The tallies of people who are placed under two weightings: for each, of whom it scores, and
    of the common people whom both score.

    Parameters
    ----------
    a, b : bins as `place` gives them, shape (persons,); outcome: 0 or 1.
    grids : where the bins of each start, and their width.
    """
    met = _meet(a, b, outcome)
    counts, people = met[..., :BINS], met[0, 0].sum(axis=1)
    told = zip(counts, people - counts.sum(axis=3), grids, strict=True)
    return [
        tuple(Tally(c.T, u, *grid_of) for c, u in zip(both, unscored, strict=True))  # type: ignore[misc]
        for both, unscored, grid_of in told
    ]


@contextmanager
def cores(work: int) -> Iterator[int]:
    """Let one core do a little work alone, and all of them more; gives how many.

    On a busy machine, a kernel of a millisecond would wait many for the cores to come together.
    """
    before = nb.get_num_threads()
    nb.set_num_threads(before if work > ALONE else 1)
    try:
        yield nb.get_num_threads()
    finally:
        nb.set_num_threads(before)


def weigh(evidence: Evidence, weighting: Weighting, at: np.ndarray | None = None) -> np.ndarray:
    """The weighted evidence of each person, or of those who stand `at` these places, log-odds.

    NaN for the unscored.
    """
    runs = evidence.runs
    added = evidence.added if at is None else evidence.added[at]
    total = np.zeros(len(added))
    for column, share in zip(
        added.T, weighting.vector, strict=True
    ):  # in one order: a person alone gets the same bits as in a crowd
        _add(total, np.ascontiguousarray(column), share)
    times = weighting.multipliers(runs.known)
    whose = (
        np.repeat(times, runs.sizes)
        if at is None
        else times[np.searchsorted(runs.edges, at, "right") - 1]
    )
    return np.where(whose > 0, total * whose, np.nan)


@nb.njit(cache=True, nogil=True)
def _add(total, column, share):  # type: ignore[no-untyped-def]
    """Add what a source says times its share; where it says nothing, nothing."""
    for i in range(len(total)):
        total[i] += share * (0.0 if np.isnan(column[i]) else column[i])


def grid(evidence: Evidence, weighting: Weighting) -> tuple[float, float]:
    """Where the bins of a weighting start, and their width.

    No person can lie outside, in no part of the evidence.
    """
    weighed = weighting.vector > 0
    least = np.minimum(evidence.limits[weighed, 0], 0)
    most = np.maximum(evidence.limits[weighed, 1], 0)
    shares = weighting.vector[weighed]
    low, high = (
        (shares @ least, shares @ most)
        if weighting.missing == "neutral"
        else (least.min(), most.max())
    )
    margin = 1e-4 * (high - low) + 1e-6  # sums of single precision may pass the limit by a hair
    return low - margin, (high - low + 2 * margin) / BINS


def _steps(
    weightings: Sequence[Weighting], low: np.ndarray, width: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Weights and offsets in units of bins, so that the kernel only multiplies and adds."""
    weights = np.array([w.vector for w in weightings]) / width[:, None]
    return weights.astype(np.float32), times, (-low / width).astype(np.float32)


def _blocks(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs cut into blocks: the first person of each, the end, and the run it belongs to."""
    pieces = -(-(ends - starts) // BLOCK)
    run = np.repeat(np.arange(len(starts)), pieces)
    firsts = starts[run] + BLOCK * (
        np.arange(len(run)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    )
    return firsts, np.minimum(firsts + BLOCK, ends[run]), run


@nb.njit(inline="always")
def _choose(known, weights, times, names, shares):  # type: ignore[no-untyped-def]
    """The sources that say something about a run, into `names`, and their weights into `shares`.

    Gives how many.
    """
    chosen = 0
    for s in range(len(weights)):
        if known[s] and weights[s] != 0:
            names[chosen], shares[chosen] = s, weights[s] * times
            chosen += 1
    return chosen


@nb.njit(inline="always")
def _sum(columns, first, size, names, shares, offset, value, bins):  # type: ignore[no-untyped-def]
    """The bins of a block's persons. Their weighted sums grow by four sources at a time.

    To fetch a sum and put it back costs more than to add.
    """
    last = first + size
    for i in range(size):
        value[i] = offset
    fours = len(names) - len(names) % 4
    for k in range(0, fours, 4):
        a = columns[names[k], first:last]
        b = columns[names[k + 1], first:last]
        c = columns[names[k + 2], first:last]
        d = columns[names[k + 3], first:last]
        w, x, y, z = shares[k], shares[k + 1], shares[k + 2], shares[k + 3]
        for i in range(size):
            value[i] = value[i] + w * a[i] + x * b[i] + y * c[i] + z * d[i]
    for k in range(fours, len(names)):
        a, w = columns[names[k], first:last], shares[k]
        for i in range(size):
            value[i] += w * a[i]
    for i in range(size):  # apart from the counting, so that eight persons go at once
        bins[i] = min(max(np.int32(value[i]), 0), BINS - 1)


@nb.njit(parallel=True, cache=True, nogil=True, fastmath=FLAGS)
def _count(columns, firsts, ends, run, known, outcome, shared, weights, times, offset, threads):  # type: ignore[no-untyped-def]
    """Counts of shape (parts, weightings, shared or not, 2, bins), to be summed over parts.

    One weighting: the cores share the people. Many: they share the weightings, and all of a core's
    weightings pass over a block while it is in cache.
    """
    many = len(weights)
    parts, groups = max(threads // many, 1), min(many, threads)
    counts = np.zeros((parts, many, 2, 2, BINS), np.int32)
    for task in nb.prange(parts * groups):
        part, group = task % parts, task // parts
        names, shares = np.empty(len(columns), np.uint16), np.empty(len(columns), np.float32)
        value, bins = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.uint16)
        for b in range(part * len(firsts) // parts, (part + 1) * len(firsts) // parts):
            r, first, size = run[b], firsts[b], ends[b] - firsts[b]
            for j in range(group, many, groups):
                if times[j, r] > 0:
                    chosen = _choose(known[r], weights[j], times[j, r], names, shares)
                    _sum(columns, first, size, names[:chosen], shares, offset[j], value, bins)
                    histogram = counts[part, j, shared[r], outcome[r]]
                    for i in range(size):
                        histogram[bins[i]] += 1
    return counts


@nb.njit(parallel=True, cache=True, nogil=True, fastmath=FLAGS)
def _place(columns, firsts, ends, run, known, weights, times, offset):  # type: ignore[no-untyped-def]
    """The bin of each person under the first weighting."""
    bins = np.full(columns.shape[1], BINS, np.int16)
    for b in nb.prange(len(firsts)):
        r, first, size = run[b], firsts[b], ends[b] - firsts[b]
        if times[0, r] > 0:
            names, shares = np.empty(len(columns), np.uint16), np.empty(len(columns), np.float32)
            chosen = _choose(known[r], weights[0], times[0, r], names, shares)
            _sum(
                columns,
                first,
                size,
                names[:chosen],
                shares,
                offset[0],
                np.empty(size, np.float32),
                bins[first : first + size],
            )
    return bins


@nb.njit(cache=True, nogil=True)
def _meet(a, b, outcome):  # type: ignore[no-untyped-def]
    """Counts under A and under B, of whom each scores and of whom both do.

    Shape (2, 2, 2 outcomes, bins + 1); the unscored come last.
    """
    met = np.zeros((2, 2, 2, BINS + 1), np.int32)
    for i in range(len(outcome)):
        both = int(a[i] < BINS and b[i] < BINS)
        met[0, both, outcome[i], a[i]] += 1
        met[1, both, outcome[i], b[i]] += 1
    met[:, 0] += met[:, 1]
    return met
