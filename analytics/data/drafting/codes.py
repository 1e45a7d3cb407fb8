"""Which numbers are no amounts but signs for a missing value, and which lie alone far outside the
rest?
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

ENDS = 6  # different values looked at on either side
MOST = 4  # codes on either side
LEAST = 0.001  # of the rows, or two of them, hold a code
FAR = 5  # times the range of the rest: a value that lies alone
LONE = 20  # times the range of the rest: a value that lies alone and stands once
KNOWN = frozenset(
    (
        *(-1, -2, -3, -4, -5, -6, -7, -8, -9, -66, -77, -88, -96, -97, -98, -99, 365243),
        *(66, 77, 88, *range(96, 100), 666, 777, 888, *range(995, 1000), *range(9995, 10000)),
        *(-997, -998, -999, -7777, -8888, -9997, -9998, -9999, -99999, -999999, 7777, 8888),
        *(77777, 88888, *range(99995, 100000), 777777, 888888, *range(999995, 1000000)),
        *(7777777, 8888888, *range(9999995, 10000000), 99999999, 999999999, -99999999),
    )
)


@dataclass(frozen=True, slots=True)
class Apart:
    """Values that stand apart: codes by their looks, and others that lie far outside."""

    codes: tuple[float, ...] = ()
    others: tuple[float, ...] = ()


def suspicious(least: float, next_least: float, next_greatest: float, greatest: float) -> bool:
    """Is an end of a range a code, or so far from its neighbour that it is worth a closer look?"""
    if least in KNOWN or greatest in KNOWN:
        return True
    width = max(next_greatest - next_least, 1)
    return max(next_least - least, greatest - next_greatest) > width / 2


def apart(table: pl.LazyFrame, columns: Sequence[str]) -> dict[str, Apart]:
    """The values that stand apart in each of these columns of numbers."""
    rows = table.select(pl.len()).collect().item() if columns else 0
    codes_of = {}
    for name in columns:
        column = pl.col(name).cast(pl.Float64).fill_nan(None)
        counts = table.select(column.alias("value")).drop_nulls().group_by("value").len()
        ends = pl.col("value").rank("ordinal")
        near = (ends <= ENDS) | (ends > pl.len() - ENDS)
        kept = counts.filter(near).sort("value").collect()
        whole = counts.select(pl.len()).collect().item()
        number: Mapping[float, int] = dict(kept.iter_rows())
        codes_of[name] = judge(list(number), number, rows, whole)
    return codes_of


def judge(values: Sequence[float], number: Mapping[float, int], rows: int, distinct: int) -> Apart:
    """What stands apart among ascending values, of which only the ends need be given.

    Parameters
    ----------
    number : how many rows hold each.
    distinct : how many different values there are in all.

    Examples
    --------
    >>> judge([0, 1, 2, 98], {0: 500, 1: 300, 2: 150, 98: 50}, 1000, 4)
    Apart(codes=(98,), others=())
    """
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    for _ in range(2):  # the range of the rest depends on what stands apart on the other side
        rest = values[: len(values) - len(high)]
        low = next(_sets(rest, number, rows, distinct, below=True), ())
        rest = values[len(low) :]
        high = next(_sets(rest, number, rows, distinct, below=False), ())
    codes = tuple(v for v in (*low, *high) if v in KNOWN)
    others = tuple(v for v in (*low, *high) if v not in KNOWN)
    return Apart(codes, others)


def _sets(
    values: Sequence[float], number: Mapping[float, int], rows: int, distinct: int, *, below: bool
) -> Iterator[tuple[float, ...]]:
    for size in range(1, min(MOST, len(values) - 2) + 1):
        out = values[:size] if below else values[-size:]
        rest = values[size:] if below else values[:-size]
        gap = rest[0] - out[-1] if below else out[0] - rest[-1]
        if _stands(out, rest, gap, sum(number[v] for v in out), rows, distinct - size):
            yield tuple(out)


def _stands(
    out: Sequence[float], rest: Sequence[float], gap: float, many: int, rows: int, distinct: int
) -> bool:
    width = max(rest[-1] - rest[0], 1)
    often = many >= max(2, LEAST * rows)
    if all(v in KNOWN for v in out) and often and distinct >= 2:
        negative = out[-1] < 0 <= rest[0] and not (max(out) > -6 and distinct < 3)
        if (negative and _alone(out)) or gap > width / 2:
            return True
    if len(out) > 1 or distinct < 3:
        return False
    return gap > FAR * width if often else gap > LONE * width


def _alone(out: Sequence[float]) -> bool:
    """Are these signs, and not the first of small negative numbers, as -2 and -1 may be?"""
    return max(out) <= -6 or tuple(out) == (-1,)
