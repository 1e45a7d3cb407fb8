"""What do somebody's own files hold, and what might they mean?

From a folder to a draft of its catalog.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.data import shelf as shelves
from analytics.data.catalog.model import ROW_NUMBER, Catalog, Cleaning, Table
from analytics.data.findings import Finding
from analytics.data.ingest import IngestedTable
from analytics.data.population import clean
from analytics.data.readers.format import endings
from analytics.data.refusal import Refusal

from . import guess as guessing
from .draft import Answer, Draft, Left, Question, Value, move
from .profile import Profile, profile

MOST = 100  # tables of one folder
PACKED = (".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables as they were asked for, as they were read, and what is in them."""

    folder: Path
    asked: tuple[Table, ...]
    taken: Mapping[str, IngestedTable]
    profiles: tuple[Profile, ...]

    @property
    def tables(self) -> dict[str, pl.LazyFrame]:
        """The checked tables, lazily."""
        return {name: table.scan() for name, table in self.taken.items()}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found while reading."""
        return tuple(finding for taken in self.taken.values() for finding in taken.findings)


def tables_in(folder: Path) -> tuple[str, ...]:
    """The files of a folder that may be tables, by name.

    Raises
    ------
    Refusal
        If there is no such folder, or it holds no table, or too many.
    """
    if not folder.is_dir():
        raise Refusal(f"there is no folder {folder}; name one on the machine that runs this")
    names = tuple(sorted(p.name for p in folder.iterdir() if _may_be(p)))
    if not names:
        raise Refusal(f"no file in {folder} is a table; put CSV, TSV, Parquet or Excel files there")
    if len(names) > MOST:
        raise Refusal(
            f"{folder} holds {len(names):,} tables, and {MOST} may be read; "
            "name a folder with fewer"
        )
    return names


def _may_be(path: Path) -> bool:
    stem = path.name.removesuffix(path.suffix) if path.suffix in PACKED else path.name
    return (
        path.is_file()
        and not path.name.startswith(".")
        and stem.lower().rpartition(".")[2] in endings()
    )


def read_tables(
    folder: Path, tables: Sequence[Table], *, ids: tuple[str, ...] = (), shelf: Path | None = None
) -> Tables:
    """Read tables through the door, and count what is in them; `ids` are columns that hold ids,
    where that is known.

    Raises
    ------
    Refusal
        If one of them cannot be read.
    """
    taken = shelves.take(folder, tables, shelf or shelves.tables(), text=ids)
    return Tables(
        folder,
        tuple(tables),
        taken,
        tuple(profile(name, table.scan()) for name, table in taken.items()),
    )


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the analyst has decided about the tables before anything is guessed; see
    `analytics.data.drafting.guess.guess`.

    Attributes
    ----------
    leave_out : rows that are nobody, by table; those of the people's table where it is not named.
    once : columns whose values stand once, by table; likewise.
    missing : codes for missing by column; of every table that has it.
    """

    outcome: str = ""
    bad: tuple[Value, ...] = ()
    id: str = ""
    undecided: tuple[Value, ...] = ()
    many: tuple[str, ...] = ()
    leave_out: tuple[tuple[str, tuple[int, ...]], ...] = ()
    once: tuple[tuple[str, str], ...] = ()
    missing: tuple[tuple[str, tuple[int | float | str, ...]], ...] = ()


def guess(own: Tables, decisions: Decisions = Decisions()) -> Draft:
    """A first catalog, which reads its tables as they were asked for.

    See `analytics.data.drafting.guess.guess`.
    """
    home = guessing.home_of(own.profiles, own.tables, decisions.outcome).name
    cleanings = _cleanings(own, decisions, home)
    tables = own.tables | {c.table: clean(own.tables[c.table], c) for c in cleanings}
    changed = {c.table: profile(c.table, tables[c.table]) for c in cleanings}
    draft = guessing.guess(
        [changed.get(p.name, p) for p in own.profiles],
        tables,
        outcome=decisions.outcome,
        bad=decisions.bad,
        id=decisions.id,
        undecided=decisions.undecided,
        many=decisions.many,
        codes={(p.name, c): v for c, v in decisions.missing for p in own.profiles if c in p.names},
        cleanings=cleanings,
    )
    draft = _asking(_without_doubt(draft, own.findings), own.findings)
    read_as = {table.name: dict(table.types) for table in draft.catalog.tables}
    types = {t.name: tuple((read_as.get(t.name, {}) | dict(t.types)).items()) for t in own.asked}
    asked = (
        replace(table, types=types[table.name])
        for table in own.asked
        if table.name in draft.catalog.names
    )
    return replace(
        draft,
        catalog=replace(
            draft.catalog, tables=tuple(table for table in asked if table != Table(table.name))
        ),
    )


def _cleanings(own: Tables, decisions: Decisions, home: str) -> tuple[Cleaning, ...]:
    """What the analyst leaves out of the tables, table by table.

    Raises
    ------
    Refusal
        If a table, column or row that is named is not there.
    """
    cleanings: dict[str, Cleaning] = {}
    for name, rows in decisions.leave_out:
        table = _known(own, name or home)
        lacking = next((r for r in rows if not 1 <= r <= table.rows), 0)
        if lacking:
            raise Refusal(
                f"{table.name} has no row {lacking:,}, as it has {table.rows:,}; "
                "1 is the first below the header"
            )
        cleanings[table.name] = replace(
            cleanings.get(table.name, Cleaning(table.name)), leave_out=rows
        )
    for name, column in decisions.once:
        table = _known(own, name or home)
        if column not in table.names:
            raise Refusal(
                f"{table.name} has no column {column!r} to keep the first row by; it has: "
                f"{', '.join(table.names)}"
            )
        cleanings[table.name] = replace(
            cleanings.get(table.name, Cleaning(table.name)), once=column
        )
    for column, _ in decisions.missing:
        if not any(column in p.names for p in own.profiles):
            raise Refusal(
                f"no table has a column {column!r} to read codes in; "
                "name one with --missing COLUMN=CODE,CODE"
            )
    return tuple(cleanings.values())


def _known(own: Tables, name: str) -> Profile:
    table = next((p for p in own.profiles if p.name == name), None)
    if table is None:
        raise Refusal(
            f"there is no table {name!r}; there are: {', '.join(p.name for p in own.profiles)}"
        )
    return table


def _without_doubt(draft: Draft, findings: Sequence[Finding]) -> Draft:
    """The draft in which no source reads a column of which it is asked how it is read.

    At least one column stays.
    """
    for finding in (f for f in findings if f.open and f.column):
        source = next(
            (
                s
                for s in draft.catalog
                if not s.aggregates and (s.table or draft.catalog.people.table) == finding.table
            ),
            None,
        )
        held = source and any(
            finding.column in draft.columns(s.key) for s in draft.catalog if not s.aggregates
        )
        if held and len([c for s in draft.catalog for c in draft.columns(s.key)]) > 1:
            left = Left(finding.table, finding.column, "how it is read must be decided first")
            moved = move(draft, finding.column, "", table=finding.table)
            draft = replace(moved, reasons=(*moved.reasons, left))
    return draft


def _asking(draft: Draft, findings: Sequence[Finding]) -> Draft:
    """The draft with what was asked while its tables were read."""
    read = [f for f in findings if f.open and f.table in {t.name for t in draft.profiles}]
    added = tuple(_reading(f) for f in read)
    questions = (*draft.questions, *added)
    people = replace(draft.catalog.people, decide=tuple(q.asked for q in questions))
    return replace(draft, questions=questions, catalog=replace(draft.catalog, people=people))


def _reading(finding: Finding) -> Question:
    """What was asked while a table was read, with an answer for each way to read it."""
    brief = replace(finding, choices=()).text
    answers = tuple(
        Answer(
            f"{c.meaning} (likely)" if c.likely else c.meaning,
            (("read", (finding.table, finding.column, c.key, c.value)),),
        )
        for c in finding.choices
    )
    return Question("reading", brief, finding.asked, f"how {finding.table} is read", answers, brief)


def read_otherwise(
    tables: Sequence[Table], answers: Sequence[tuple[str, str, str, str]]
) -> tuple[Table, ...]:
    """The tables as they must be asked for after some answers: of which table and column, by which
    key, what.
    """
    wanted = {table.name: table for table in tables}
    for name, column, key, value in answers:
        table = wanted[name]
        types = {**dict(table.types), column: value}
        change: dict[str, Any] = {"types": tuple(types.items())} if key == "types" else {key: value}
        wanted[name] = replace(table, **change)
    return tuple(wanted.values())


def reopen(own: Tables, catalog: Catalog) -> Draft:
    """A catalog that was written before, beside the tables it names."""
    people = catalog.people
    profiles = []
    for p in own.profiles:
        cleaning = catalog.cleaning(p.name)
        numbers = p.name == people.table and people.id == ROW_NUMBER and ROW_NUMBER not in p.names
        changed = cleaning.changes or numbers
        profiles.append(
            profile(p.name, clean(own.tables[p.name], cleaning, numbers=numbers)) if changed else p
        )
    return Draft(
        catalog,
        tuple(profiles),
        questions=tuple(Question("open", q, "", "") for q in people.decide),
    )
