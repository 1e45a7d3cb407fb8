"""How does the cost grow with persons and with weightings, and how many bytes does a person
take?
"""

from collections.abc import Iterator
from functools import partial
from math import log10

import numpy as np

from analytics.sources.evidence import Evidence
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import count
from tests.benchmarks.sweep import drawn
from tests.benchmarks.weigh import evidence, fastest

MANY = 10_000_000


def run(persons: int) -> Iterator[str]:
    """The exponent of a straight line through the logarithms.

    1 is linear, less is better than linear.
    """
    sizes = [10**k for k in range(4, round(log10(persons)) + 1)] or [persons]
    counting, reading = [], []
    for size in sizes:
        people = evidence(size)
        weightings = drawn(people, 64)
        taken = fastest(
            lambda: count(people, weightings),  # noqa: B023
            lambda: sweep(people, weightings),  # noqa: B023
            times=7,
        )
        counting.append(taken[0] / 64)
        reading.append(taken[1] / 64)
        yield (
            f"  {size:>10,} persons: counting {counting[-1] * 1e3:.3f} ms per weighting, all"
            f" readings {reading[-1] * 1e3:.3f} ms"
        )
    if len(sizes) > 1:
        yield (
            f"exponent over {sizes[0]:,} to {sizes[-1]:,} persons: counting"
            f" {_exponent(sizes, counting):.2f}, all readings {_exponent(sizes, reading):.2f}"
        )
        yield (
            "  over the last ten times as many: counting"
            f" {_exponent(sizes[-2:], counting[-2:]):.2f}, all readings"
            f" {_exponent(sizes[-2:], reading[-2:]):.2f}"
        )
    people = evidence(min(persons, 100_000))
    numbers = [16, 64, 256, 1024]
    several = [drawn(people, many) for many in numbers]
    taken = fastest(*(partial(sweep, people, weightings) for weightings in several), times=5)
    yield f"exponent over {numbers[0]} to {numbers[-1]} weightings: {_exponent(numbers, taken):.2f}"
    yield _bytes(evidence(persons), persons)


def _exponent(sizes: list[int], taken: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(taken), 1)[0])


def _bytes(people: Evidence, persons: int) -> str:
    """The evidence as it lies in memory, stretched to ten million persons, with the counts of
    one batch of a sweep.
    """
    runs = people.runs
    each = people.added.nbytes / persons + people.people["defaulted"].estimated_size() / persons
    fixed = (
        runs.edges.nbytes
        + runs.known.nbytes
        + runs.outcome.nbytes
        + count(people, drawn(people, 128)).layers.nbytes
    )
    total = (each * MANY + fixed) / 1e9
    return (
        f"arrays of {MANY:,} persons x 10 sources: {total:.2f} GB ({each:.1f} bytes per person,"
        f" {fixed / 1e6:.0f} MB for runs and counts)"
    )
