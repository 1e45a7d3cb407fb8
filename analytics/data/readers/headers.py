"""What are the columns called?

Headers that seem to be none are asked about, and every name stands once.
"""

import re
from itertools import chain, pairwise
from typing import NoReturn

import polars as pl

from analytics.data.catalog.model import NO_HEADER, ours
from analytics.data.findings import Choice, Finding, reject

from . import casting, shape

NUMBERS = r"^\s*[+-]?[0-9]+([.,][0-9]+)?\s*$"
SEVERAL = 3  # columns, and rows


def refuse_headless(name: str, what: str) -> NoReturn:
    """Refuse a text whose first line seems to be a row, until it is said what it is."""
    choices = (
        Choice("it has no header", "header", NO_HEADER, likely=True),
        Choice("these are the names", "header", "1"),
    )
    reject(name, f"its first line {what}", "write a header, or say what it is", choices=choices)


def refuse_second_line(name: str, sample: pl.DataFrame) -> None:
    """Refuse a text in which the first row holds texts where all others hold numbers, until it is
    said what that row is.
    """
    below = sample.slice(1)
    words = (
        pl.col(sample.columns).is_not_null()
        & ~casting.missing(pl.all())
        & ~pl.all().str.contains(casting.NUMBER)
    )
    numbers = pl.all().drop_nulls().str.strip_chars().str.contains(casting.NUMBER)
    if len(below) < SEVERAL:
        return
    texts = sample.head(1).select(words).row(0, named=True)
    counted = below.select(numbers.all() & (pl.all().count() > len(below) / 2)).row(0, named=True)
    whole = [c for c, so in counted.items() if so]
    odd = [c for c in whole if texts[c]]
    if len(odd) < SEVERAL - 1 or len(odd) < len(whole) / 2:
        return
    rule = (
        f"row 1 holds texts in {len(odd):,} columns that hold numbers below, "
        "so it seems to be a second line of the header, or of units"
    )
    choices = (
        Choice("line 2 holds the names", "header", "2"),
        Choice("both lines together are the names", "header", "1-2"),
        Choice(
            "line 1 holds the names, and row 1 is nobody, whom --leave-out 1 leaves out",
            "header",
            "1",
        ),
    )
    reject(name, rule, "say which", choices=choices)


def refuse_title(name: str, records: list[tuple[int, int]]) -> None:
    """Refuse a table above whose header something else stands, and say where the header seems to
    be.
    """
    line, columns = shape.begins(records)
    if records and line > records[0][0]:
        rule = (
            f"line {records[0][0]} has {records[0][1]:,} of {columns:,} columns, "
            f"so the header seems to be line {line}"
        )
        choices = [Choice(f"line {line} holds the names", "header", str(line), likely=True)]
        if records[0][1] > 1 and line == records[0][0] + 1:
            choices.append(
                Choice("both lines together are the names", "header", f"{line - 1}-{line}")
            )
        remedy = (
            f"leave out what stands above it, or name it with --header {line} (header = {line} "
            "under [tables] in the catalog)"
        )
        reject(
            name,
            rule,
            remedy if len(choices) == 1 else "say which",
            choices=tuple(choices) if len(choices) > 1 else (),
        )


def is_row(header: list[str]) -> bool:
    """Fractions, signs or numbers only, and not simply counted, as some programs name columns."""
    numbers = [h for h in header if re.match(NUMBERS, h)]
    if any(re.match(r"\s*([+-]|[0-9]*[.,][0-9])", h) for h in numbers):
        return True
    counted = all(re.fullmatch("[0-9]{1,5}", h) for h in numbers) and all(
        int(b) == int(a) + 1 for a, b in pairwise(numbers)
    )
    return len(numbers) > max(1, len(header) / 3) and not counted


def unique(
    header: list[str], table: str, ids: tuple[str, ...] = ()
) -> tuple[list[str], list[Finding]]:
    """Column names, each once: blanks around them go, the nameless are numbered, and a second `x`
    is called `x_2`.

    So is one whose name is a word of our own, unless it is the id.
    """
    names: list[str] = []
    findings: list[Finding] = []
    wanted = [h.strip() for h in header]
    for i, name in enumerate(wanted):
        wanted_name = name or f"column_{i + 1}"
        taken = ours(wanted_name) and wanted_name not in ids
        able = chain(
            [] if taken else [wanted_name],
            (f"{wanted_name}_{k}" for k in range(2, len(header) + 3)),
        )
        other = next(n for n in able if n not in names and (n == name or n not in wanted))
        if not name:
            findings.append(
                Finding(
                    table,
                    other,
                    0,
                    0,
                    f"column {i + 1} has no name and is called so",
                    "name it in the file",
                )
            )
        elif taken:
            rule = (
                f"the name of column {i + 1}, {name!r}, is a word of our own, "
                f"so it is called {other!r}"
            )
            findings.append(Finding(table, other, 0, 0, rule, "nothing needs doing"))
        elif other != name:
            findings.append(
                Finding(
                    table,
                    other,
                    0,
                    0,
                    f"the name of column {i + 1} stands twice, so it is called so",
                    "name each column once",
                )
            )
        names.append(other)
    return names, findings
