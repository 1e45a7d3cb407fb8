"""Who teaches, who calibrates, who is read? A stable choice by the id, and the latest months kept apart."""

from datetime import date
from zlib import crc32

import numpy as np
import polars as pl

SPLITS = ("train", "calibrate", "test", "out_of_time")
SHARES = (0.6, 0.2)  # train, calibrate; the rest is test
LATEST = 0.2  # at most this share of people, in whole months, is kept for out of time


def hashed(ids: pl.Series) -> np.ndarray:
    """A number in [0, 1) per id that depends on the id's text alone: the same on every machine and in every order."""
    numbers = np.fromiter(map(crc32, map(str.encode, ids.cast(pl.String))), np.uint64, len(ids))
    with np.errstate(over="ignore"):  # splitmix64: CRC-32 alone is linear, so like ids would lie side by side
        numbers = (numbers + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    return (numbers ^ (numbers >> np.uint64(29))) / 2.0**64


def latest(months: pl.Series) -> date | None:
    """The first month of the out-of-time test: whole latest months, `LATEST` of the people at most; None if that leaves no month."""
    counts = months.drop_nulls().value_counts(name="persons").sort(months.name, descending=True)
    kept = counts.filter(pl.col("persons").cum_sum() <= LATEST * months.count())
    return None if kept.is_empty() else kept[months.name].min()  # type: ignore[return-value]


def assign(ids: pl.Series, months: pl.Series | None = None) -> pl.Series:
    """The split of each person: train, calibrate, test or, in the latest months, out_of_time."""
    place = np.digitize(hashed(ids), np.cumsum(SHARES)).astype(np.uint8)
    if months is not None and (first := latest(months)) is not None:
        place[(months >= first).fill_null(False).to_numpy()] = 3
    return pl.Series("split", place).replace_strict(dict(enumerate(SPLITS)), return_dtype=pl.Enum(SPLITS))
