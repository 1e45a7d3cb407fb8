"""Where do the rows and fields of a text begin and end?

One pass over its bytes, in which quotes, widths and empty cells are counted exactly.

Polars fills rows that are too short with nulls, without a word, and leaves no trace of zeros before
a number; what it would hide is counted here.
"""

import operator
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numba as nb
import numpy as np

from analytics.data.findings import reject

from .files import Limits

BLOCK = 4 << 20
LONGEST = 64 << 20  # bytes of one row
NEWLINE, RETURN, QUOTE, ZERO, NINE, NUL = b'\n\r"09\0'
TAIL = 1 << 16
STRETCH = 1 << 12  # bytes; their marks stay in cache
SAMPLED = 5_000  # rows


@dataclass(frozen=True, slots=True)
class Layout:
    """What is found of some rows of a text; those of its pieces add up to that of the whole.

    Attributes
    ----------
    lines, blank : records, blank lines included; blank lines.
    ragged, uneven : rows not as wide as the header, and the first of them.
    nul, broken : the first row with a NUL byte, and with quotes that open or close within a field.
    empty : cells without a text, shape (columns,).
    zeros, zero : cells that begin with a zero before another digit, shape (columns,), and the first
        row with one.
    sample : rows from all over the text, as they stand in it.

    Rows are counted from 1; 0 where there is none.
    """

    empty: np.ndarray
    zeros: np.ndarray
    zero: np.ndarray
    lines: int = 0
    blank: int = 0
    ragged: int = 0
    uneven: int = 0
    nul: int = 0
    broken: int = 0
    sample: bytes = b""

    def __add__(self, later: "Layout") -> "Layout":
        def first(mine: int, theirs: int) -> int:
            return mine or (theirs and theirs + self.lines)

        return Layout(
            empty=self.empty + later.empty,
            zeros=self.zeros + later.zeros,
            zero=np.where(self.zero | ~(later.zero > 0), self.zero, later.zero + self.lines),
            lines=self.lines + later.lines,
            blank=self.blank + later.blank,
            ragged=self.ragged + later.ragged,
            uneven=first(self.uneven, later.uneven),
            nul=first(self.nul, later.nul),
            broken=first(self.broken, later.broken),
            sample=self.sample + later.sample,
        )

    @property
    def rows(self) -> int:
        """Rows that are not blank."""
        return self.lines - self.blank


def survey(path: Path, name: str, separator: str, columns: int, limits: Limits) -> Layout:
    """Count the rows of a text and their fields.

    Parameters
    ----------
    columns : fields of the header, the text's first row.

    Raises
    ------
    TableRefused
        If quotes are broken, rows are not as wide as the header, a NUL stands in it, or it has more
        rows than the limits allow.
    """
    with path.open("rb") as file:
        text = np.memmap(file, np.uint8, mode="r")
    start = 3 if bytes(text[:3]) == b"\xef\xbb\xbf" else 0
    start += _header(text[start:], name)
    share = round(SAMPLED * BLOCK / max(len(text), BLOCK))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(
            lambda block: _measure(block, ord(separator), columns, share),
            _blocks(text, start, name),
        )
        whole = reduce(operator.add, parts, _none(columns))
    _refuse(whole, name, columns, limits)
    return whole


def _refuse(found: Layout, name: str, columns: int, limits: Limits) -> None:
    if found.nul:
        reject(name, "it holds a zero byte, which no text holds", "export it again", row=found.nul)
    if found.broken:
        reject(
            name,
            "quotes are broken: one opens or closes within a field",
            "double the quotes within quoted texts",
            row=found.broken,
        )
    if found.ragged:
        remedy = "write each row with as many, and put texts that hold the separator in quotes"
        reject(
            name,
            f"rows do not have the {columns:,} fields of the header",
            remedy,
            count=found.ragged,
            row=found.uneven,
        )
    if found.rows > limits.rows:
        reject(name, f"it has {found.rows:,} rows, and {limits.rows:,} may be read", "split it")
    if found.rows < limits.least:
        reject(name, "it has a header and no rows", "export it again")


def _header(text: np.ndarray, name: str) -> int:
    """Where the header ends."""
    size = BLOCK
    while not (ends := _ends(text[:size])).size and size < len(text):
        size *= 2
        if size > LONGEST:
            reject(
                name,
                "its first row is longer than 64 MiB",
                "close the quotes that were opened, or export it again",
            )
    if not ends.size and np.count_nonzero(text == QUOTE) % 2:
        reject(
            name,
            "quotes are broken: one that opens in the header never closes",
            "close it, or double the quotes within quoted texts",
        )
    return int(ends[0]) + 1 if ends.size else len(text)


def _blocks(text: np.ndarray, start: int, name: str) -> Iterator[np.ndarray]:
    """The text in pieces that end with a row."""
    size = BLOCK
    while start < len(text):
        block = text[start : start + size]
        last = start + size >= len(text)
        end = len(block) if last else _end(block)
        if end:
            yield (
                np.append(block, np.uint8(NEWLINE))
                if last and block[-1] != NEWLINE
                else block[:end]
            )
        elif size >= LONGEST:
            reject(
                name,
                "a row is longer than 64 MiB",
                "close the quotes that were opened, or export it again",
            )
        start = start + end
        size = BLOCK if end else size * 2


def _end(block: np.ndarray) -> int:
    """Where the last whole row ends; 0 where none does."""
    tail = np.flatnonzero(block[-TAIL:] == NEWLINE)
    if tail.size and not (block == QUOTE).any():
        return max(0, len(block) - TAIL) + int(tail[-1]) + 1
    ends = _ends(block)
    return int(ends[-1]) + 1 if ends.size else 0


def _ends(block: np.ndarray) -> np.ndarray:
    """Where rows end."""
    return np.flatnonzero(_outside(block, block == NEWLINE))


def _outside(block: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Those marks that do not stand within quotes."""
    quotes = block == QUOTE
    return marks & (np.cumsum(quotes, dtype=np.uint8) & 1 == 0) if quotes.any() else marks


def _measure(block: np.ndarray, separator: int, columns: int, share: int) -> Layout:
    """What is found of one piece, which begins and ends with a row."""
    found = np.zeros(len(FOUND), np.int64)
    empty, zeros, zero = np.zeros((3, columns), np.int64)
    _count(block, separator, empty, zeros, zero, found)
    counts = dict(zip(FOUND, map(int, found), strict=True))
    if counts["nul"] or counts["broken"] or not counts["lines"]:
        return replace(
            _none(columns),
            lines=counts["lines"],
            nul=counts["nul"],
            broken=counts["broken"] or int(not counts["lines"]),
        )
    return Layout(
        empty,
        zeros,
        zero,
        **counts,
        sample=block[: _start(block, min(share, counts["lines"]))].tobytes(),
    )


FOUND = ("lines", "blank", "ragged", "uneven", "nul", "broken")


def _start(block: np.ndarray, row: int) -> int:
    """Where the first rows end."""
    size = max(BLOCK // 64, 1)
    while (ends := _ends(block[:size])).size < row:
        size *= 4
    return int(ends[row - 1]) + 1


def _none(columns: int) -> Layout:
    """Of no rows."""
    none = np.zeros(columns, np.int64)
    return Layout(none, none, none)


def warm() -> None:
    """Load what counts, which takes as long as counting some hundred megabytes."""
    _measure(np.array([NEWLINE], np.uint8), ord(","), 1, 1)


@nb.njit(cache=True, nogil=True)
def _count(block, separator, empty, zeros, zero, found):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912, PLR0915 - one pass over the bytes, in one loop
    """Rows and fields of a piece, mark by mark: empty cells, zeros before digits and the first row
    of these per column, and what `FOUND` names.

    Marks are what may end a field or change what does; of a stretch of bytes they are gathered
    first, as a processor that need not guess which byte is one is three times as fast. What a row's
    cells have is put aside until it is known to be as wide as the header. NumPy reads all bytes for
    each question.
    """
    size = len(block)
    columns = len(empty)
    telling = np.zeros(256, np.uint8)
    marks = np.empty(STRETCH, np.int64)
    for byte in (separator, NEWLINE, QUOTE, NUL):
        telling[byte % 256] = 1  # a separator that takes more than a byte ends nothing below
    aside = np.empty(columns, np.int64)
    put = 0
    start = 0
    field = 0
    row = 0
    quoted = False
    opened = 0
    for stretch in range(0, size, STRETCH):
        count = 0
        for i in range(stretch, min(stretch + STRETCH, size)):
            marks[count] = i
            count += telling[block[i]]
        for i in marks[:count]:
            byte = block[i]
            if byte == QUOTE:
                opened = opened if quoted else row + 1
                beside = i + 1 if quoted else i - 1
                edge = block[beside] if 0 <= beside < size else NEWLINE
                if edge not in (separator, NEWLINE, RETURN, QUOTE) and not found[5]:
                    found[5] = row + 1
                quoted = not quoted
            elif byte == NUL and not found[4]:
                found[4] = row + 1
            elif byte in (separator, NEWLINE) and not quoted:
                last = i - 1 if byte == NEWLINE and i > start and block[i - 1] == RETURN else i
                first = start + (block[start] == QUOTE)
                length = last - start
                if field < columns:
                    if length == 2 * (first - start):
                        aside[put] = -1 - field
                        put += 1
                    elif (
                        block[first] == ZERO
                        and first + 1 < size
                        and ZERO <= block[first + 1] <= NINE
                    ):
                        aside[put] = field
                        put += 1
                field = field + 1
                start = i + 1
                if byte == NEWLINE:
                    row += 1
                    if field == 1 and not length:
                        found[1] += 1
                    elif field != columns:
                        found[2] += 1
                        found[3] = found[3] or row
                    else:
                        for column in aside[:put]:
                            if column < 0:
                                empty[-1 - column] += 1
                            else:
                                zeros[column] += 1
                                zero[column] = zero[column] or row
                    field = 0
                    put = 0
    if quoted and not found[5]:
        found[5] = opened
    found[0] = row
