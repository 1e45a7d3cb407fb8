"""Where does a table begin? Titles above the header, headers of two lines, and files without one."""

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from .catalog import NO_HEADER

FIRST = 200  # records that are looked at


def begins(records: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The line that seems to hold the names of columns, counted from 1, and how many columns there are.

    Parameters
    ----------
    records : line and filled fields of the first records, from the top.
    """
    if not records:
        return 1, 0
    usual, times = Counter(width for _, width in records[1:]).most_common(1)[0] if len(records) > 1 else (records[0][1], 1)
    if records[0][1] >= usual or 2 * times <= len(records):
        return records[0][0], records[0][1]
    return next(line for line, width in records if width >= usual), usual


def widths(head: str, separator: str) -> list[tuple[int, int]]:
    """Line and fields of the first records of a text, blank lines left out."""
    reader = csv.reader(head.splitlines(keepends=True), delimiter=separator)
    found: list[tuple[int, int]] = []
    line = 1
    try:
        for record in islice(reader, FIRST):
            if record:
                found.append((line, len(record)))
            line = reader.line_num + 1
    except csv.Error:
        pass
    return found


def lines(header: str) -> tuple[int, int]:
    """The first and the last line of a header written as `3` or `3-4`."""
    first, _, last = header.partition("-")
    return int(first), int(last or first)


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names of columns out of the lines of a header, each carried on to the right over blanks in all lines but the last."""
    *above, names = (list(row) for row in rows)
    for row in above:
        for i in range(1, len(row)):
            row[i] = row[i] or row[i - 1]
    return [" ".join(part.strip() for part in parts if part and part.strip()) for parts in zip(*above, names, strict=False)]


def cut(path: Path, header: str, separator: str, scratch: Path) -> Path:
    """A copy of a text that begins with its header in one line; columns without names are called column_1, column_2 and so on."""
    first, last = (1, 0) if header == NO_HEADER else lines(header)
    out = scratch / "shaped"
    with path.open(encoding="utf-8-sig", newline="") as text, out.open("w", encoding="utf-8", newline="") as shaped:
        for _ in range(first - 1):
            text.readline()
        top = [text.readline() for _ in range(last - first + 1)]
        rows = list(csv.reader(top, delimiter=separator))
        if header == NO_HEADER:
            top = [text.readline()]
            rows = [[f"column_{i + 1}" for i, _ in enumerate(next(csv.reader(top, delimiter=separator), []))]]
        csv.writer(shaped, delimiter=separator, lineterminator="\n").writerow(joined(rows) if rows else [])
        if header == NO_HEADER:
            shaped.writelines(top)
        while block := text.read(1 << 20):
            shaped.write(block)
    return out
