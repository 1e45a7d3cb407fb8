"""Who teaches, who calibrates, who is read?

A stable choice by the id, and the latest months kept apart.

Where defaults (or payers) are rare, nobody can be spared for teaching alone. Then all people take
turns: of five folds, three teach a model, one tells it when to stop, and the fifth is asked of it.
So what is said of a person always comes from a model that never saw the person, and everybody is
either calibrated on or read, half and half.
"""

from datetime import date

import numpy as np
import polars as pl

from .chance import of_ids

SPLITS = ("train", "calibrate", "test", "out_of_time")
UNTAUGHT = SPLITS[1:]  # whose persons taught no model
SHARES = (0.6, 0.2)  # train, calibrate; the rest is test
LATEST = 0.2  # at most this share of people, in whole months, is kept for out of time
# Outcomes of the rarer kind: with fewer, a fifth of them is too few to read, and three fifths are
# too few to learn from once.
RARE = 2000
FOLDS = 5
HALVES = (0.0, 0.5)  # train, calibrate; the rest is test: of people who take turns


def latest(months: pl.Series) -> date | None:
    """The first month of the out-of-time test: whole latest months, `LATEST` of the people at most.

    None if that leaves no month.
    """
    counts = months.drop_nulls().value_counts(name="persons").sort(months.name, descending=True)
    kept = counts.filter(pl.col("persons").cum_sum() <= LATEST * months.count())
    return None if kept.is_empty() else kept[months.name].min()  # type: ignore[return-value]


def assign(
    ids: pl.Series, months: pl.Series | None = None, shares: tuple[float, float] = SHARES
) -> pl.Series:
    """The split of each person: train, calibrate, test or, in the latest months, out_of_time."""
    place = np.digitize(
        of_ids(ids, "half" if shares == HALVES else "split"), np.cumsum(shares)
    ).astype(np.uint8)
    if months is not None and (first := latest(months)) is not None:
        place[(months >= first).fill_null(False).to_numpy()] = 3
    return pl.Series("split", place).replace_strict(
        dict(enumerate(SPLITS)), return_dtype=pl.Enum(SPLITS)
    )


def divide(ids: pl.Series, months: pl.Series | None, defaulted: pl.Series) -> list[pl.Series]:
    """The `split` of each person.

    And the `fold`, where outcomes of either kind are so rare that all people take turns.
    """
    split = assign(ids, months)
    known = defaulted.filter(split != "out_of_time").drop_nulls()
    if min(int(known.sum()), len(known) - int(known.sum())) >= RARE:
        return [split]
    return [assign(ids, months, HALVES), fold(ids)]


def fold(ids: pl.Series) -> pl.Series:
    """The fold of each person, from 0."""
    return pl.Series("fold", (of_ids(ids, "fold") * FOLDS).astype(np.uint8))


def turn(splits: np.ndarray, folds: np.ndarray, scored: int) -> np.ndarray:
    """The splits of one turn, as text: `scored` is the fold that is asked of the model, the next
    tells it when to stop, the others teach it.

    Examples
    --------
    >>> splits = np.array(["test", "test", "calibrate", "out_of_time"])
    >>> turn(splits, np.array([0, 1, 2, 2]), scored=0).tolist()
    ['test', 'calibrate', 'train', 'out_of_time']
    """
    rest = np.where(folds == (scored + 1) % FOLDS, "calibrate", "train")
    roles = np.where(folds == scored, "test", rest)
    return np.where(splits == "out_of_time", splits, roles)


def teachers(people: pl.DataFrame) -> pl.Series:
    """Whom any model learned from: the training persons.

    Where all take turns, everyone but the latest months.
    """
    return (
        (people["split"] != "out_of_time")
        if "fold" in people.columns
        else (people["split"] == "train")
    )
