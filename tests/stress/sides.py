"""What stands on both sides of a stress: the persons before and after, compared by their rows."""

from typing import NoReturn

import numpy as np

from analytics.sources.evidence import Evidence
from analytics.stress.context import StressContext


def unasked(*_: object) -> NoReturn:
    raise AssertionError("this stress asks for no records")


CONTEXT = StressContext(faked=unasked, late=unasked)


def same(before: Evidence, after: Evidence) -> bool:
    """Bit for bit."""
    arrays = (
        (e.added, e.limits, e.runs.edges, e.runs.known, e.runs.outcome) for e in (before, after)
    )
    return before.people.equals(after.people) and all(
        a.tobytes("F") == b.tobytes("F") for a, b in zip(*arrays, strict=True)
    )


def says(persons: Evidence, key: str) -> np.ndarray:
    """What a source says, by the persons' rows ascending."""
    return persons.column(key)[np.argsort(persons.people["row"].to_numpy())]


def hit(before: Evidence, after: Evidence, key: str) -> set[int]:
    """The persons of whom a source says something else, by their place among the rows."""
    then, now = says(before, key), says(after, key)
    return set(np.flatnonzero((then != now) & ~(np.isnan(then) & np.isnan(now))).tolist())
