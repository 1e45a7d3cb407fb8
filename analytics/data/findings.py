"""What is wrong with a table? Findings: the thing, how many, where first, the rule and the remedy; never what a cell holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from .refusal import Refusal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was repaired, read as missing or refused.

    Attributes
    ----------
    column : empty where it is about the whole table.
    count : how many cells or rows; 0 where nothing is counted.
    row : the first of them, 1 for the first row below the header; 0 where there is none.
    grave : the table is refused for it.

    Examples
    --------
    >>> Finding("bank.csv", "balance", 3, 7, "cells are no numbers and read as missing", "mend them").text
    "bank.csv, column 'balance': 3 cells are no numbers and read as missing (first in row 7); mend them"
    """

    table: str
    column: str
    count: int
    row: int
    rule: str
    remedy: str
    grave: bool = False

    @property
    def text(self) -> str:
        """The finding as one sentence."""
        where = f"{self.table}, column {self.column!r}" if self.column else self.table
        many = f"{self.count:,} " if self.count else ""
        first = f" (first in row {self.row:,})" if self.row else ""
        return f"{where}: {many}{self.rule}{first}; {self.remedy}"


class Grave(Refusal):
    """A finding for which a table is refused."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def bar(table: str, rule: str, remedy: str, *, column: str = "", count: int = 0, row: int = 0) -> NoReturn:
    """Refuse a table.

    Raises
    ------
    Grave
        Always.
    """
    raise Grave(Finding(table, column, count, row, rule, remedy, grave=True))


def refuse(findings: Iterable[Finding]) -> None:
    """Refuse what has a grave finding, with the first one's sentence.

    Raises
    ------
    Refusal
        If any finding is grave.
    """
    grave = next((f for f in findings if f.grave), None)
    if grave is not None:
        raise Grave(grave)
