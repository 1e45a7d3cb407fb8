"""Who is hit? A seeded choice of persons that only grows with the share."""

import numpy as np

from analytics.data.chance import of_rows
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence


def random_order(persons: Evidence, choice: str, *more: object) -> np.ndarray:
    """A number in (0, 1) per person, shape (persons,), by their row in the file and the choice."""
    return of_rows(rows(persons), choice, *more)


def first_share(when: np.ndarray, among: np.ndarray, share: float) -> np.ndarray:
    """The share of some persons whose turn comes first, bool, shape (persons,).

    Who is hit at one share is hit at every greater one.

    Parameters
    ----------
    when : order of the turns, shape (persons,); the least come first, those alike in the order they
        stand in.
    among : who can be hit at all, bool, shape (persons,).
    share : of these, in [0, 1]; the count is rounded.
    """
    candidates = np.flatnonzero(among)
    hit = np.zeros(len(among), np.bool_)
    hit[
        candidates[np.argsort(when[candidates], kind="stable")[: round(share * len(candidates))]]
    ] = True
    return hit


def outcome(persons: Evidence) -> np.ndarray:
    """0 paid, 1 defaulted, 2 unknown, shape (persons,), int8."""
    return np.repeat(persons.runs.outcome, persons.runs.sizes)


def rows(persons: Evidence) -> np.ndarray:
    """The row of each person in the population's file, shape (persons,)."""
    return persons.people["row"].to_numpy()


def bounded(share: float, what: str) -> None:
    """Refuse a share that is none.

    Raises
    ------
    Refusal
        Outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise Refusal(f"{what} must be between 0 and 1, got {share:g}")
