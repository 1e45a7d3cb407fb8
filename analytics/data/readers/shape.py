"""Where does a table begin, and what stands between its fields?

Titles above the header, headers of two lines, and files without one.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from analytics.data.catalog.model import NO_HEADER
from analytics.data.personal import words

from .files import BLOCK

FIRST = 200  # records that are looked at


def begins(records: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The line that seems to hold the names of columns, counted from 1, and how many columns there
    are.

    Parameters
    ----------
    records : line and filled fields of the first records, from the top.
    """
    if not records:
        return 1, 0
    usual, times = (
        Counter(width for _, width in records[1:]).most_common(1)[0]
        if len(records) > 1
        else (records[0][1], 1)
    )
    if records[0][1] >= usual or 2 * times <= len(records):
        return records[0][0], records[0][1]
    return next(line for line, width in records if width >= usual), usual


def widths(head: str, separator: str, *, filled: bool = False) -> list[tuple[int, int]]:
    """Line and fields of the first records of a text, blank lines left out.

    Or only the fields that hold something.
    """
    reader = csv.reader(head.splitlines(keepends=True), delimiter=separator)
    sizes: list[tuple[int, int]] = []
    line = 1
    try:
        for record in islice(reader, FIRST):
            if record:
                sizes.append(
                    (line, sum(bool(cell.strip()) for cell in record) if filled else len(record))
                )
            line = reader.line_num + 1
    except csv.Error:
        pass
    return sizes


def lines(header: str) -> tuple[int, int]:
    """The first and the last line of a header written as `3` or `3-4`."""
    first, _, last = header.partition("-")
    return int(first), int(last or first)


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names of columns out of the lines of a header, each carried on to the right over blanks
    in all lines but the last.
    """
    *above, names = (list(row) for row in rows)
    for row in above:
        for i in range(1, len(row)):
            row[i] = row[i] or row[i - 1]
    return [
        " ".join(part.strip() for part in parts if part and part.strip())
        for parts in zip(*above, names, strict=False)
    ]


def cut(path: Path, header: str, separator: str, scratch: Path) -> Path:
    """A copy of a text that begins with its header in one line.

    Columns without names are called column_1, column_2 and so on.
    """
    first, last = (1, 0) if header == NO_HEADER else lines(header)
    out = scratch / "shaped"
    with (
        path.open(encoding="utf-8-sig", newline="") as text,
        out.open("w", encoding="utf-8", newline="") as shaped,
    ):
        for _ in range(first - 1):
            text.readline()
        top = [text.readline() for _ in range(last - first + 1)]
        rows = list(csv.reader(top, delimiter=separator))
        if header == NO_HEADER:
            top = [text.readline()]
            rows = [
                [
                    f"column_{i + 1}"
                    for i, _ in enumerate(next(csv.reader(top, delimiter=separator), []))
                ]
            ]
        csv.writer(shaped, delimiter=separator, lineterminator="\n").writerow(
            joined(rows) if rows else []
        )
        if header == NO_HEADER:
            shaped.writelines(top)
        while block := text.read(1 << 20):
            shaped.write(block)
    return out


def declared_separator(head: str) -> str:
    """What a first line says stands between fields, as spreadsheets write it: ``sep=;``.

    Examples
    --------
    >>> declared_separator("sep=;\\na;b\\n1;2")
    ';'
    """
    match = re.match(r'"?sep=(.)"?[^\S\t\n]*\n', head, re.IGNORECASE)
    return match[1] if match else ""


def footed(path: Path, columns: int, separator: str, scratch: Path) -> tuple[Path, int]:
    """A copy of a text without the lines at its end that are no rows, and how many these are.

    Such a line has not as many fields as the header, and fills one at most, or begins with a word
    for a total.
    """
    size = path.stat().st_size
    with path.open("rb") as text:
        text.seek(max(0, size - TAIL))
        tail = text.read()
    lines_ = tail.splitlines(keepends=True)
    end = size
    cut_ = size
    notes = 0
    for line in reversed(lines_[1:] if size > len(tail) else lines_):
        text_line = line.decode("utf-8", "replace").strip("\r\n")
        fields = (
            next(csv.reader([text_line], delimiter=separator), [])
            if text_line.count('"') % 2 == 0
            else [""] * columns
        )
        end -= len(line)
        if text_line.strip():
            if columns < LEAST or len(fields) == columns or not _note(fields):
                break
            cut_ = end
            notes = notes + 1
    if not notes or notes > MOST or not cut_:
        return path, 0
    out = scratch / "footed"
    with path.open("rb") as text, out.open("wb") as kept:
        while (left := cut_ - text.tell()) > 0:
            kept.write(text.read(min(left, 1 << 20)))
    return out, notes


TAIL = 1 << 16
# Columns that a table must have for a short line to be told from a row; lines of a footer.
LEAST = 3
MOST = 20


def _note(fields: Sequence[str]) -> bool:
    filled = [f.strip() for f in fields if f.strip()]
    # One word may be a row that broke off.
    alone = len(filled) < 2 and (not filled or re.search(r"[^\w.-]", filled[0]) is not None)
    return alone or totalled(filled[0]) or NOTES.match(filled[0]) is not None


NOTES = re.compile(
    r"(source|note|remark|export|generated|printed|quelle|stand|fuente|fonte|nota|disclaimer)s?\b"
    r"|\w[\w ]*:|[(*#©]",
    re.IGNORECASE,
)


def totalled(text: str) -> bool:
    """Does a text call its row a total?

    Examples
    --------
    >>> [totalled(t) for t in ("Grand total:", "Summe", "Totally new", "Subtotal North")]
    [True, True, False, True]
    """
    label = " ".join(words(text))
    return label in TOTALS or any(label.startswith(f"{word} ") for word in FIRSTS)


FIRSTS = (
    "total", "totals", "grand total", "subtotal", "sub total", "summe", "gesamtsumme", "итого",
    "всего",
)  # fmt: skip
TOTALS = (
    *(
        *FIRSTS,
        "sum",
        "gesamt",
        "insgesamt",
        "zwischensumme",
        "somme",
        "total general",
        "total geral",
        "totale",
        "totaal",
        "totalt",
        "suma",
        "razem",
    ),
    *(
        "soma",
        "toplam",
        "average",
        "mean",
        "avg",
        "mittelwert",
        "durchschnitt",
        "moyenne",
        "promedio",
        "media",
        "合计",
        "总计",
        "小计",
        "平均",
        "合計",
        "小計",
        "합계",
        "총계",
        "평균",
    ),
)


def row_like(header: Sequence[str], sample: pl.DataFrame) -> bool:
    """Is the first line a row: do names stand among the cells of their own columns, again and
    again?
    """
    often = max(2, len(sample) // 100)
    texts = [n for n in sample.columns if n in header]
    again = [n for n in texts if int((sample[n] == n).sum()) >= often]
    return len(again) > 1 and len(again) >= len(texts) / 4


def separator(head: str, named: str) -> str:
    """What stands between fields: of comma, semicolon, tab and bar the one by which most rows are
    as wide as the first.

    Examples
    --------
    >>> separator("a;b\\n1,5;2\\n", "")
    ';'
    """
    return named or max(",;\t|", key=lambda candidate: _evenness(head, candidate))


def _evenness(head: str, candidate: str) -> tuple[float, int]:
    rows = list(records(head, candidate))
    width = len(rows[0]) if rows else 1
    return (sum(len(r) == width for r in rows) / len(rows), width) if width > 1 else (0.0, 1)


def records(head: str, separator: str, most: int = 200) -> Iterator[list[str]]:
    """The first records of a text, blank lines left out."""
    csv.field_size_limit(BLOCK)
    reader = csv.reader(head.splitlines(keepends=True), delimiter=separator)
    try:
        for row in reader:
            if row:
                yield row
                most -= 1
            if not most:
                return
    except csv.Error:
        return
