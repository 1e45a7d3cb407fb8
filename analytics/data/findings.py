"""What is wrong with a table?

Findings: the thing, how many, where first, the rule and the remedy; never what a cell holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from shlex import quote
from typing import NoReturn

from .refusal import Refusal


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read what may be read in several, and what settles it.

    Attributes
    ----------
    meaning : what the cells would be, in words that quote none.
    key : of the table, under [tables] in the catalog: types, encoding, separator, decimal, sheet or
        header.
    value : what stands there; under ``types`` it is the column's.
    likely : is it the better guess?
    """

    meaning: str
    key: str
    value: str
    likely: bool = False

    def option(self, column: str) -> str:
        """What ``init`` is given for it.

        Examples
        --------
        >>> Choice("the day comes first", "types", "%d/%m/%Y").option("applied on")
        "--types 'applied on=%d/%m/%Y'"
        >>> Choice("decimals follow a comma", "decimal", ",").option("")
        '--decimal ,'
        """
        if self.key == "types":
            return f"--types {quote(f'{column}={self.value}')}"
        return f"--{self.key} {quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was repaired, read as missing or refused.

    Attributes
    ----------
    column : empty where it is about the whole table.
    count : how many cells or rows; 0 where nothing is counted.
    row : the first of them, 1 for the first row below the header; 0 where there is none.
    grave : the table is refused for it.
    choices : ways to read it between which the reader must choose; what is asked stays text until
        then, and data with an open question are not ready.

    Examples
    --------
    >>> Finding("bank.csv", "balance", 3, 7, "cells are no numbers", "mend them").text
    "bank.csv, column 'balance': 3 cells are no numbers (first in row 7); mend them"
    """

    table: str
    column: str
    count: int
    row: int
    rule: str
    remedy: str
    grave: bool = False
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        """Choices that were written as JSON are choices again."""
        read = (c if isinstance(c, Choice) else Choice(**c) for c in self.choices)
        object.__setattr__(self, "choices", tuple(read))

    @property
    def open(self) -> bool:
        """Must the reader choose?"""
        return bool(self.choices)

    @property
    def asked(self) -> str:
        """The choices in words, each with the option of ``init`` that settles it."""
        return " or ".join(f"{c.meaning} ({c.option(self.column)})" for c in self.choices)

    @property
    def text(self) -> str:
        """The finding as one sentence."""
        where = f"{self.table}, column {self.column!r}" if self.column else self.table
        many = f"{self.count:,} " if self.count else ""
        first = f" (first in row {self.row:,})" if self.row else ""
        remedy = f"{self.remedy}: {self.asked}" if self.choices else self.remedy
        return f"{where}: {many}{self.rule}{first}; {remedy}"


ALIKE = 4  # findings of one rule in as many columns are one sentence
NAMED = 6  # columns that such a sentence names
HARMLESS = ("nothing needs doing", "leave it out")


def texts(findings: Iterable[Finding]) -> list[str]:
    """Findings as sentences: what is asked first, then what was changed, what is empty last; many
    alike are one.

    Examples
    --------
    >>> empty = [Finding("a.csv", f"x{i}", 0, 0, "it is empty", "leave it out") for i in range(9)]
    >>> texts([*empty, Finding("a.csv", "y", 2, 5, "cells are read as missing", "mend them")])[1]
    "a.csv, 9 columns: it is empty; leave it out ('x0', 'x1', 'x2', 'x3', 'x4', 'x5' and 3 more)"
    """
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        own = finding.column if finding.count or finding.open or finding.grave else ""
        alike.setdefault((finding.table, f"{finding.rule} {own}", finding.remedy), []).append(
            finding
        )
    ranked = sorted(alike.values(), key=lambda same: _weight(same[0]))
    return [text for same in ranked for text in _together(same)]


def _weight(finding: Finding) -> tuple[bool, bool, bool, bool]:
    """What matters most is least."""
    harmless = any(words in finding.remedy for words in HARMLESS)
    return not finding.open, not finding.grave, harmless, not finding.count


def _together(same: list[Finding]) -> list[str]:
    if len(same) < ALIKE or not all(f.column for f in same):
        return [f.text for f in same]
    first = same[0]
    columns = [repr(f.column) for f in same]
    more = f" and {len(same) - NAMED:,} more" if len(same) > NAMED else ""
    shown = f"{', '.join(columns[:NAMED])}{more}"
    return [f"{first.table}, {len(same):,} columns: {first.rule}; {first.remedy} ({shown})"]


class TableRefused(Refusal):
    """A finding for which a table is refused."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def reject(
    table: str,
    rule: str,
    remedy: str,
    *,
    column: str = "",
    count: int = 0,
    row: int = 0,
    choices: tuple[Choice, ...] = (),
) -> NoReturn:
    """Refuse a table; with choices, until the reader has made one.

    Raises
    ------
    TableRefused
        Always.
    """
    raise TableRefused(
        Finding(table, column, count, row, rule, remedy, grave=True, choices=choices)
    )


def refuse(findings: Iterable[Finding]) -> None:
    """Refuse what has a grave finding, with the first one's sentence.

    Raises
    ------
    Refusal
        If any finding is grave.
    """
    grave = next((f for f in findings if f.grave), None)
    if grave is not None:
        raise TableRefused(grave)
