"""Which column says who is who, and if none does, what breaks the one that nearly does?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from analytics.data.catalog.model import ROW_NUMBER, ours
from analytics.data.personal import ROUNDED, WHO, keyed, named, words
from analytics.data.refusal import Refusal

from .draft import Answer, Question
from .profile import Column, Profile

NEARLY = 0.9  # of the rows have a value of their own in what is nearly an id
ROWS = 5  # that are named one by one
ID_WIDGET = "Id"


@dataclass(frozen=True, slots=True)
class Who:
    """The id, and what the analyst must say of it."""

    id: str
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def tell_apart(
    home: Profile, others: Sequence[Profile], table: pl.LazyFrame, asked: str, outcome: str
) -> Who:
    """The column that says who is who: as asked, else guessed; the row number where there is none.

    Raises
    ------
    Refusal
        If the column asked for is not there, or does not tell rows apart.
    """
    if asked in ("row", ROW_NUMBER) and asked not in home.names:
        return Who(ROW_NUMBER, notes=(_by_row(home),))
    if asked:
        return Who(_named_id(home, table, asked, outcome))
    told = replace(home, columns=tuple(c for c in home.columns if not _cut(c, table)))
    able = [c for c in told.columns if c.unique and _may_be(c, outcome) and _says(c, home, others)]
    if able:
        ranked = ((_rank(c, home, others), -i, c.name) for i, c in enumerate(able))
        return Who(max(ranked)[2])
    near = [c for c in told.columns if _nearly(c, home) and _may_be(c, outcome)]
    if near:
        return _broken(home, table, max(near, key=lambda c: _rank(c, home, others)))
    return Who(ROW_NUMBER, (_none(home),))


def _by_row(home: Profile) -> str:
    return (
        f"People are told apart by their row in {home.name}, 1 for the first below the header: "
        "other tables cannot be joined by it, and in a file sorted anew the same person "
        "has another."
    )


def _named_id(home: Profile, table: pl.LazyFrame, asked: str, outcome: str) -> str:
    names = [c for c in home.names if c != outcome]
    if asked not in names or ours(asked):
        raise Refusal(
            f"{home.name} has no column {asked!r} beside the outcome; name the id by --id (on the "
            f"Data page: Id), row for the row number, or one of: {', '.join(names)}"
        )
    if not home.column(asked).unique:
        raise Refusal(f"{breaks(home, table, asked)}. {_remedies(table, asked)}")
    return asked


def _cut(column: Column, table: pl.LazyFrame) -> bool:
    """Are these ids of which a spreadsheet has kept the first figures only?"""
    if column.dtype != pl.String or not keyed(column.name):
        return False
    return bool(table.select(pl.col(column.name).str.contains(ROUNDED).any()).collect().item())


def _may_be(column: Column, outcome: str) -> bool:
    fraction = column.dtype.is_float() and not column.whole
    usable = column.kind not in ("date", "boolean", "empty", "constant") and not fraction
    return column.name != outcome and not ours(column.name) and usable


def _says(column: Column, home: Profile, others: Sequence[Profile]) -> bool:
    """Is it an id, and not an amount that happens to differ on every row?"""
    if not column.dtype.is_numeric() or column.running:
        return True
    return any(_rank(column, home, others)[1:])


def _nearly(column: Column, home: Profile) -> bool:
    """Is it called like an id, and different on nearly every row?"""
    called = keyed(column.name) or named(column.name, WHO)
    return called and column.distinct >= NEARLY * home.rows - 2 and home.rows > 1


def _rank(column: Column, home: Profile, others: Sequence[Profile]) -> tuple[int, ...]:
    own_words = set(words(column.name)) & {*words(PurePosixPath(home.name).stem), *WHO}
    return (
        not column.personal,
        keyed(column.name),
        bool(own_words) and (keyed(column.name) or not column.dtype.is_numeric()),
        sum(column.name in p.names for p in others),
        named(column.name, WHO),
        column.name.casefold() == "id",
        column.running,
    )


def breaks(home: Profile, table: pl.LazyFrame, column: str) -> str:
    """How many rows keep a column from being the id, and which."""
    found = _breaking(table, column)
    parts = []
    if found.missing:
        parts.append(f"it is missing in {_rows(found.missing)}")
    if found.again:
        of = f" (first {_pair(*found.pairs[0])})" if found.pairs else ""
        parts.append(
            f"{len(found.again):,} repeat the value of another row: {_rows(found.again)}{of}"
        )
    which = " and ".join(parts)
    told = home.rows - len(found.missing) - len(found.again)
    return f"{home.name}: {column!r} tells {told:,} of {home.rows:,} rows apart; {which}"


@dataclass(frozen=True, slots=True)
class Breaking:
    """The rows without an id, those that repeat another's, pairs of them, and what they are."""

    missing: tuple[int, ...]
    again: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    copies: int
    commonest: int


def _breaking(table: pl.LazyFrame, column: str) -> Breaking:
    names = table.collect_schema().names()
    rows = table.with_row_index(ROW_NUMBER, 1)
    missing = (
        rows.filter(pl.col(column).is_null()).select(ROW_NUMBER).collect().to_series().to_list()
    )
    first = pl.col(ROW_NUMBER).first().over(column)
    every = pl.struct(names).is_duplicated() & ~pl.struct(names).is_first_distinct()
    size = pl.len().over(column)
    known = rows.filter(pl.col(column).is_not_null())
    marked = known.with_columns(first.alias("first"), every.alias("copy"), size.alias("size"))
    again = marked.filter(pl.col(ROW_NUMBER) != pl.col("first")).collect()
    pairs = tuple(zip(again[ROW_NUMBER].to_list(), again["first"].to_list(), strict=True))
    largest: Any = again["size"].max() or 0
    return Breaking(
        tuple(missing), tuple(again[ROW_NUMBER].to_list()), pairs, int(again["copy"].sum()), largest
    )


def _pair(row: int, first: int) -> str:
    return f"row {row:,} that of row {first:,}"


def _rows(rows: Sequence[int]) -> str:
    named_ = ", ".join(f"{r:,}" for r in rows[:ROWS])
    more = f" and {len(rows) - ROWS:,} more" if len(rows) > ROWS else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {named_}{more}"


def _answers(found: Breaking, column: str) -> tuple[Answer, ...]:
    """The remedies, between which a reader may choose."""
    remedies = []
    if found.missing and len(found.missing) <= ROWS and not found.again:
        rows = (("leave_out", (("", found.missing),)),)
        remedies.append(Answer(f"leave {_rows(found.missing)} out", rows))
    if found.again and not found.missing and found.commonest <= ROWS:
        remedies.append(Answer("keep the first row of each", (("once", (("", column),)),)))
    return (*remedies, BY_ROW)


BY_ROW = Answer("each row is a person, told apart by its number", (("id", ROW_NUMBER),))


def _remedies(table: pl.LazyFrame, column: str) -> str:
    """What can be done about rows that break an id; never to drop people who only lack one."""
    found = _breaking(table, column)
    remedies = []
    if found.missing and len(found.missing) <= ROWS and not found.again:
        rows = ",".join(map(str, found.missing))
        remedies.append(
            f"leave {_rows(found.missing)} out, if nobody stands there (--leave-out {rows})"
        )
    if found.again and not found.missing and found.commonest <= ROWS:
        same = f"{found.copies:,} of them copies cell by cell"
        remedies.append(f"keep the first row of each, {same} (--once {column})")
    if found.commonest > ROWS:
        remedies.append(
            f"one value stands {found.commonest:,} times, so it may be a sign for people "
            "without an id, who are not to be dropped"
        )
    remedies.append("take each row as a person, told apart by the row number (--id row)")
    return f"{remedies[0][:1].upper()}{remedies[0][1:]}{''.join(f'; or {w}' for w in remedies[1:])}"


def _broken(home: Profile, table: pl.LazyFrame, near: Column) -> Who:
    """The column that is nearly the id stays it; what breaks it is asked about."""
    found = _breaking(table, near.name)
    lacking = found.commonest > ROWS or len(found.missing) > max(ROWS, 0.01 * home.rows)
    chosen = ROW_NUMBER if lacking else near.name
    brief = breaks(home, table, near.name)
    text = f"{brief}. {_remedies(table, near.name)}"
    answers = _answers(found, near.name)
    question = Question("id", text, "--once, --leave-out or --id", ID_WIDGET, answers, brief)
    return Who(chosen, (question,))


def _none(home: Profile) -> Question:
    brief = f"{home.name} has no column that says who is who; another column may be named as Id"
    text = (
        f"{home.name} has no column that says who is who: take each row as a person, "
        "told apart by "
        "the row number (--id row), or name the column that does (--id COLUMN)"
    )
    return Question("id", text, "--id", ID_WIDGET, (BY_ROW,), brief)
