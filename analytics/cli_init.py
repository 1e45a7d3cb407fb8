"""How is a first catalog asked for on the command line?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from analytics.cli import Output
from analytics.data.catalog.model import Table
from analytics.data.drafting.draft import number_or_text
from analytics.data.drafting.own_data import Decisions
from analytics.data.refusal import Refusal
from analytics.study.verbs.init import init as write_catalog
from analytics.study.verbs.init import refuse_to_overwrite

Texts = tuple[str, ...]
SPELLED = {"tab": "\t", "\\t": "\t", "point": ".", "comma": ","}


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What is said of the people before anything is guessed."""

    outcome: Annotated[
        str, Parameter(help="the column that says how people turned out (default: guessed)")
    ] = ""
    bad: Annotated[
        str, Parameter(help="its values that mean default, as in B,D (default: guessed)")
    ] = ""
    id: Annotated[
        str,
        Parameter(
            help=(
                "the column that says who somebody is, or row for the row number (default: guessed)"
            )
        ),
    ] = ""
    undecided: Annotated[
        str,
        Parameter(
            help=(
                "values of the outcome of which nobody knows yet, as in Current: scored, not"
                " learned from"
            )
        ),
    ] = ""
    missing: Annotated[
        Texts, Parameter(help="COLUMN=CODES for missing, as in late=96,98 or late= for none")
    ] = ()
    leave_out: Annotated[
        Texts, Parameter(help="[TABLE:]ROWS that are nobody, such as totals, as in 1501,1502")
    ] = ()
    once: Annotated[
        Texts, Parameter(help="[TABLE:]COLUMN: keep the first of rows that repeat a value of it")
    ] = ()
    many: Annotated[
        Texts, Parameter(help="a table of many records a person, though few people have several")
    ] = ()

    def decisions(self) -> Decisions:
        """The same, read."""
        return Decisions(
            outcome=self.outcome,
            bad=_listed(self.bad),
            id=self.id,
            undecided=_listed(self.undecided),
            many=self.many,
            leave_out=tuple((table, _rows(rows)) for table, rows in map(_of, self.leave_out)),
            once=tuple(map(_of, self.once)),
            missing=tuple(map(_codes, self.missing)),
        )


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are read, where they do not say it; for one of several files as FILE:VALUE."""

    encoding: Annotated[
        Texts,
        Parameter(
            help=(
                "of a text file, such as cp1252 (default: found); of one file as in"
                " loans.csv:cp1252"
            )
        ),
    ] = ()
    separator: Annotated[
        Texts,
        Parameter(help="between the fields of a text file, such as ';' or tab (default: found)"),
    ] = ()
    decimal: Annotated[Texts, Parameter(help="point or comma of a text file (default: found)")] = ()
    sheet: Annotated[
        Texts, Parameter(help="of a workbook (default: the first that holds a table)")
    ] = ()
    header: Annotated[
        Texts,
        Parameter(
            help=(
                "the line with the names of columns, such as 3, two such as 3-4, or none (default:"
                " found)"
            )
        ),
    ] = ()
    types: Annotated[
        Texts,
        Parameter(
            help=(
                "how a column is read, as in 'issued=%d/%m/%Y', 'income=1.234,5' or 'code=text';"
                " may be given again"
            )
        ),
    ] = ()

    def tables(self, names: Sequence[str]) -> list[Table]:
        """The files, and how they are read, where that is said."""
        return [self._table(name, names) for name in names]

    def everywhere(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """How columns are read in every file that has them."""
        return tuple(_types(value for value in self.types if not _file(value, names)))

    def _table(self, name: str, names: Sequence[str]) -> Table:
        keys = ("encoding", "separator", "decimal", "sheet", "header")
        values = {key: _for(name, names, getattr(self, key))[-1:] for key in keys}
        read: dict[str, Any] = {
            key: SPELLED.get(text, text) for key, texts in values.items() for text in texts
        }
        own = (value[len(name) + 1 :] for value in self.types if _file(value, names) == name)
        return Table(name, types=tuple(_types(own)), **read)


def init(
    files: Annotated[
        list[Path],
        Parameter(
            help="tables in one folder; the first or the one with the outcome holds the people"
        ),
    ],
    /,
    *,
    output: Output = Output(),
    out: Annotated[
        Path | None,
        Parameter(help="the catalog to write (default: catalog.toml beside the first file)"),
    ] = None,
    people: People = People(),
    reading: Reading = Reading(),
) -> str:
    """Guess a first catalog for files."""
    path = out or files[0].parent / "catalog.toml"
    refuse_to_overwrite(path)
    names = [_within(path.parent, file) for file in files]
    tables, types = reading.tables(names), reading.everywhere(names)
    return output.write(write_catalog(path, tables, people.decisions(), types, output.home))


def _listed(text: str) -> Texts:
    return tuple(filter(None, text.split(",")))


def _of(text: str) -> tuple[str, str]:
    """A table and what is named of it, as in `bureau.csv:customer_id`.

    The table may be left away.
    """
    table, _, named = text.rpartition(":")
    return table, named


def _rows(text: str) -> tuple[int, ...]:
    if not all(part.strip().isdecimal() for part in text.split(",")):
        example = "as in 1501,1502 or bureau.csv:7"
        raise Refusal(f"--leave-out takes rows, {example}, and got {text!r}")
    return tuple(map(int, text.split(",")))


def _codes(text: str) -> tuple[str, tuple[int | float | str, ...]]:
    """A column and its codes for missing, as in `late=96,98`; none where nothing follows."""
    column, equals, codes = text.rpartition("=")
    if not equals:
        raise Refusal(f"--missing takes a column and its codes, as in late=96,98, and got {text!r}")
    return column, tuple(map(number_or_text, _listed(codes)))


def _types(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        column, _, kind = value.rpartition("=")
        if not column:
            example = "write it like --types 'issued=%d/%m/%Y'"
            raise Refusal(f"--types {value!r} names no column; {example}")
        yield column, kind


def _file(value: str, names: Sequence[str]) -> str:
    """The file that stands before a value and a colon; empty where it is meant for all."""
    return next((name for name in names if value.startswith(f"{name}:")), "")


def _for(name: str, names: Sequence[str], values: Sequence[str]) -> list[str]:
    """What is said of this file: by its name before a colon, else of all."""
    found = ((_file(value, names), value) for value in values)
    return [
        value.removeprefix(f"{file}:") if file else value
        for file, value in found
        if file in ("", name)
    ]


def _within(folder: Path, file: Path) -> str:
    """A file's name as a catalog in this folder says it."""
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        where = "where the catalog goes; put all files into one folder"
        raise Refusal(f"{file} is not in {folder}, {where}") from None
