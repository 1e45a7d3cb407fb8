"""How few people may a figure tell of? The minimum, and what becomes of cells that hold fewer.

A figure of few people tells of each of them, and so does the difference between a figure of many
and a figure of nearly all of them. Every page and every table asks here.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from .catalog.model import People
from .cohort import Cohort
from .refusal import Refusal

PERSONS, OUTCOMES = 30, 5  # below this a figure is not shown
COUNTED = 1_000  # persons up to whom a share, written as 1.2%, tells the count
MOST = 30  # conditions of one cohort
NEEDS = f"a figure needs at least {PERSONS} persons and {OUTCOMES} of each outcome"


class TooFew(Refusal):
    """Too few persons to say anything about."""


def few(paid: int, defaulted: int, unknown: int = 0) -> bool:
    """Are these too few persons to show a figure of?"""
    return paid + defaulted + unknown < PERSONS or min(paid, defaulted) < OUTCOMES


def few_of(outcome: np.ndarray) -> bool:
    """The same, by the outcome of each: 1 defaulted, 0 paid, anything else unknown."""
    paid, defaulted = int((outcome == 0).sum()), int((outcome == 1).sum())
    return few(paid, defaulted, len(outcome) - paid - defaulted)


def apart(outcome: np.ndarray, chosen: np.ndarray, other: np.ndarray) -> None:
    """Refuse two sets of persons whose difference would tell of few.

    Parameters
    ----------
    outcome : of everybody, as `few_of` reads it.
    chosen, other : whether each belongs to one set and to the other, bool.

    Raises
    ------
    TooFew
        Where somebody is in one and not in the other, and these are too few.
    """
    for only in (chosen & ~other, other & ~chosen):
        if only.any() and few_of(outcome[only]):
            raise TooFew(
                "too few people lie between this cohort and a wider or similar one; "
                f"{NEEDS}, and so does a difference: choose a cohort that differs by more"
            )


def enough_of(outcome: np.ndarray, chosen: np.ndarray) -> None:
    """Refuse a set of persons that is too small, or that leaves out too few.

    Raises
    ------
    TooFew
        Without a count.
    """
    if few_of(outcome[chosen]):
        raise TooFew(f"too few people meet these conditions; {NEEDS}: choose a wider cohort")
    if not chosen.all() and few_of(outcome[~chosen]):
        raise TooFew(
            f"too few people are left out by these conditions; {NEEDS}, "
            "and so do those left out: drop the condition that leaves them out"
        )


def askable(people: People, cohort: Cohort) -> None:
    """Refuse conditions on what singles people out or tells how they turned out.

    Raises
    ------
    TooFew
        For the id, the outcome or a row number under any source.
    Refusal
        For too many conditions.
    """
    if len(cohort.conditions) > MOST:
        raise Refusal(f"a cohort has at most {MOST} conditions; drop some, or join them by 'in'")
    for column in cohort.columns:
        if not open_to_conditions(people, column):
            raise TooFew(
                f"column {column!r} is no condition of a page, "
                "as it tells people apart one by one or says how they turned out; "
                "choose people by other columns"
            )


def open_to_conditions(people: People, column: str) -> bool:
    """May a page choose people by this column?"""
    closed = {people.id, people.outcome, "row"}
    return column not in closed and column.partition(".")[2] not in closed


def pool(cells: np.ndarray) -> np.ndarray:
    """Join neighbouring cells until each holds enough people; empty ones between them stay apart.

    Parameters
    ----------
    cells : persons of each cell in order, shape (cells,), or payers and defaulters, (cells, 2):
        then both must be enough in each.

    Returns
    -------
    array
        The number of the group of each cell, ascending from 0.
    """
    rows = cells.reshape(len(cells), -1)
    opens = np.ones(len(rows), int)
    held = np.full(rows.shape[1], np.inf)  # of the group now filled, which `start` opens
    start = 0
    before = 0
    for i in np.flatnonzero(rows.sum(axis=1)):
        if _enough(held):
            before = start
            start = int(i)
            held = np.zeros(rows.shape[1])
        opens[start + 1 : i + 1] = 0
        held = held + rows[i]
    if not _enough(held):
        opens[before + 1 : start + 1] = 0
    return np.cumsum(opens) - 1


def _enough(held: np.ndarray) -> bool:
    return bool(held.sum() >= PERSONS and (len(held) == 1 or held.min() >= OUTCOMES))


def few_hold(share: pl.Expr, persons: pl.Expr) -> pl.Expr:
    """Does a share of these persons tell of few, or of few who are left?"""
    held = (share * persons).round()
    fewest = pl.min_horizontal(
        pl.when(held > 0).then(held), pl.when(held < persons).then(persons - held)
    )
    return (fewest < PERSONS) & (persons < COUNTED)


def crossed(counts: np.ndarray) -> np.ndarray:
    """Which cells of a small table are blanked, shape of the table.

    Those of few people and, where that is one alone, the smallest other one of its row or column.
    Whoever knows the table's margins from elsewhere may still find a cell blanked in its row alone.
    """
    hidden = (counts > 0) & (counts < PERSONS)
    if hidden.sum() != 1:
        return hidden
    lined = hidden.any(axis=1, keepdims=True) | hidden.any(axis=0, keepdims=True)
    for beside in (lined, np.ones_like(lined)):
        shown = np.where(beside & ~hidden & (counts > 0), counts, np.inf)
        if np.isfinite(shown).any():
            hidden[np.unravel_index(shown.argmin(), counts.shape)] = True
            break
    return hidden


def blank(
    frame: pl.DataFrame, figures: Sequence[str], *, persons: str = "persons", bad: str = ""
) -> pl.DataFrame:
    """Empty the figures of rows that tell of too few people.

    Where the rows emptied are so few together that a sum would give them away, the smallest row
    beside them is emptied too.

    Parameters
    ----------
    figures : the columns to empty, the counts among them.
    persons, bad : the columns that count the people of a row and, where its figures tell of
        outcomes, the defaulters among them.
    """
    counts = frame[persons].fill_null(0).to_numpy()
    small = (counts > 0) & (counts < PERSONS)
    if bad:
        defaulted = frame[bad].fill_null(0).to_numpy()
        small |= (counts > 0) & (np.minimum(defaulted, counts - defaulted) < OUTCOMES)
    shown = (counts > 0) & ~small
    if small.any() and shown.any() and (small.sum() == 1 or counts[small].sum() < PERSONS):
        small[np.flatnonzero(shown)[counts[shown].argmin()]] = True
    hide = pl.lit(pl.Series(small))
    return frame.with_columns(pl.when(~hide).then(pl.col(name)).alias(name) for name in figures)
