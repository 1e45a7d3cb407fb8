"""Where does chance come from?

Every seeded choice has its name here, and by its name a salt of its own, so that no choice tells
anything of another.

Two choices by one number would be one choice: people of the lowest fifth would be both matched and
in training, and never matched and read. XGBoost's own subsampling is the one draw made elsewhere:
it takes training persons by their place, from a generator of its own.
"""

from types import MappingProxyType
from zlib import crc32

import numpy as np
import polars as pl

BY_ID = MappingProxyType(
    {
        "split": "who teaches, who calibrates and who is read",
        "half": "where people take turns, who calibrates and who is read",
        "fold": "where people take turns, which model a person is asked of",
        "join": "of whom the partners of an alliance can join the records",
    }
)
BY_ROW = MappingProxyType(
    {
        "fakery": "who fakes, and in which order",
        "payer": "which payer's reading a fake record has",
        "signs": "which known fake a bought record looks like",
        "consent": "who withdraws",
        "outage": "whom an outage reaches",
        "late": "whose records are late",
        "match": "who is joined to a wrong record",
        "whose": "whose record that is",
        "drift": "whose readings drift",
        "checked": "whose explanations are checked against shap",
        "background": "at whose values other features are held",
        "stress": "whom any other kind of stress hits, by the kind's word",
    }
)
DRAWN = MappingProxyType(
    {
        "weightings": "which weightings are sampled",
        "search": "which weightings a search tries",
        "orders": "in which orders sources join",
    }
)
KEPT = frozenset({"split"})  # has no salt, as before there were salts: splits stay as they were


def of_ids(ids: pl.Series, choice: str) -> np.ndarray:
    """A number in [0, 1) per id, by the id's text and the choice alone: the same on every machine
    and in every order.
    """
    texts = ids.cast(pl.String)
    return (
        _mixed(
            np.fromiter(map(crc32, map(str.encode, texts)), np.uint64, len(ids)),
            _salt(BY_ID, choice),
        )
        / 2.0**64
    )


def of_rows(rows: np.ndarray, choice: str, *more: object) -> np.ndarray:
    """A number in (0, 1) per row of the population's file, by the row, the choice and what else it
    is of (source, seed) alone.
    """
    return (_mixed(rows.astype(np.uint64), _salt(BY_ROW, choice, *more)) >> np.uint64(12)).astype(
        float
    ) / 2.0**52 + 2.0**-53


def generator(choice: str, seed: int) -> np.random.Generator:
    """A random generator for one choice: with the same seed, two choices draw apart."""
    return np.random.default_rng([seed, _salt(DRAWN, choice)])


def salts(*choices: str) -> dict[str, int]:
    """The salts of some choices by the id, for what is kept and depends on them."""
    return {choice: _salt(BY_ID, choice) for choice in choices}


def _salt(named: MappingProxyType[str, str], choice: str, *more: object) -> int:
    """32 bits of a choice; a choice without a name would have nobody to keep it apart."""
    if choice not in named:
        raise KeyError(f"{choice!r} is no choice of its own; name it in {__name__}")
    return 0 if choice in KEPT else crc32(repr((choice, *more)).encode())


def _mixed(numbers: np.ndarray, salt: int) -> np.ndarray:
    """64 bits per number of 32 (splitmix64): CRC-32 alone is linear, and neighbours in a file are
    alike, so like ids would lie side by side.
    """
    with np.errstate(over="ignore"):
        numbers = numbers + (np.uint64(salt) << np.uint64(32))
        numbers = (numbers + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(29)))
