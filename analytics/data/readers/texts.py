"""What do the cells of a table mean that are all texts?

Every cell that does not fit is counted; written as a checked Parquet table.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from analytics.data.catalog.model import Table
from analytics.data.findings import Finding, reject
from analytics.data.personal import ROUNDED, keyed

from . import casting, csv_structure, dates
from .casting import Hints, Meaning
from .format import Request, sink

Types = Mapping[str, pl.DataType]


@dataclass(frozen=True, slots=True)
class Texts:
    """A table of which every cell is still text.

    Attributes
    ----------
    scan : opens it; the columns named with a type are read as such at once, null where a cell is of
        another, which is quicker than by way of text.
    empty : cells without a text, per column; `zeros` and `zero`: those with a zero before other
        digits, and the first row with one.
    sample : rows from all over it.
    """

    scan: Callable[[Types], pl.LazyFrame]
    rows: int
    empty: Mapping[str, int]
    zeros: Mapping[str, tuple[int, int]]
    sample: pl.DataFrame
    blank: int = 0

    @property
    def frame(self) -> pl.LazyFrame:
        """All of it, as texts."""
        return self.scan({})


def write(read: Texts, request: Request, hints: Hints) -> tuple[list[Finding], str]:
    """Write what the texts mean.

    Where cells fail, look again at those columns, and write again if another meaning fits better.
    Gives also the meanings.
    """
    table = request.table
    text = request.ids
    out = request.out
    declared = dict(table.types)
    like = learned(table, read.sample.columns, text)
    check_declared(table, read.sample.columns)
    able = (c for c in read.sample.columns if c in text or c not in declared)
    rounded = next((c for c in able if _rounded(read.sample[c], c, sure=c in text)), None)
    if rounded is not None:
        other = (
            f", or say with --types {table.name}:{rounded}=text that nobody is told apart by them"
        )
        remedy = f"export them again as text{'' if rounded in text else other}"
        reject(table.name, "a spreadsheet has rounded ids, as in 1.1E+17", remedy, column=rounded)
    meanings = {c: _meaning(c, read, text, declared, hints) for c in read.sample.columns}
    meanings |= {c: casting.alike(usual, read.sample[c], hints) for c, usual in like.items()}
    declared |= like
    findings: dict[str, list[Finding]] = {}
    for _ in range(4):
        _put(read, meanings, out)
        failed = [
            c
            for c, nulls in _nulls(out).items()
            if meanings[c].kind != "text" and nulls > read.empty[c] and c not in findings
        ]
        changed = _look(read, meanings, failed, table.name, declared, findings, like)
        if not changed:
            break
        meanings |= changed
    told_of = _spoken(read, meanings)
    words = chain(
        _mixed(read, meanings, table.name),
        (
            _word(c, m, read, table.name, declared, told_of)
            for c, m in meanings.items()
            if m.why != casting.MIXED
        ),
    )
    blank = (
        [
            Finding(
                table.name, "", read.blank, 0, "lines are blank and left out", "nothing needs doing"
            )
        ]
        if read.blank > 1
        else []
    )
    return [*blank, *filter(None, words), *chain.from_iterable(findings.values())], json.dumps(
        {c: casting.written(m) for c, m in meanings.items()}
    )


def _rounded(cells: pl.Series, name: str, *, sure: bool) -> bool:
    """Are these ids that a spreadsheet has rounded?

    What is only called an id must hold little else.
    """
    marked = cells.drop_nulls().str.contains(ROUNDED)
    return bool(marked.any() and (sure or (keyed(name) and marked.mean() > 0.5)))  # type: ignore[operator]


def learned(table: Table, columns: Sequence[str], text: tuple[str, ...]) -> dict[str, str]:
    """Which columns are read as models learned them, and how: not the ids, nor those of which the
    catalog says it.
    """
    return {
        c: usual
        for c, usual in table.like or ()
        if c in columns and c not in text and c not in dict(table.types)
    }


def check_declared(table: Table, columns: list[str]) -> None:
    unknown = next((c for c, _ in table.types if c not in columns), None)
    if unknown is not None:
        reject(
            table.name,
            f"it has no column {unknown!r}, of which the catalog says how it is read",
            "change 'types' under [tables] in the catalog",
        )


def _meaning(
    column: str, read: Texts, text: tuple[str, ...], declared: Mapping[str, str], hints: Hints
) -> Meaning:
    cells = read.sample[column]
    if column in declared:
        return casting.declared(declared[column], cells, hints.decimal)
    if column in text:
        return _id(cells)
    guessed = casting.guess(cells, hints)
    return (
        Meaning(strip=guessed.strip, why="begin with zeros")
        if guessed.kind == "integer" and read.zeros.get(column, (0, 0))[0]
        else guessed
    )


def _id(cells: pl.Series) -> Meaning:
    """An id stays text; blanks around it go, and where all are written as 1.0 so does the end."""
    real = cells.drop_nulls()
    bare = real.str.strip_chars()
    return Meaning(
        strip=bool((bare != real).any()),
        whole=bool(len(bare)) and bool(bare.str.contains(r"^[0-9]+\.0+$").all()),
    )


def _put(read: Texts, meanings: Mapping[str, Meaning], out: Path) -> None:
    types = {} if read.blank else {c: m.type for c, m in meanings.items() if m.type is not None}
    frame = read.scan(types)
    if read.blank:
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    sink(frame.select(m.read(pl.col(c)).alias(c) for c, m in meanings.items()), out)


def _nulls(path: Path) -> dict[str, int]:
    """How many cells of each column are null, by the table's own statistics."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import, and only the worker reads

    footer = pq.read_metadata(path)
    counts = dict.fromkeys(footer.schema.names, 0)
    for group in range(footer.num_row_groups):
        part = footer.row_group(group)
        for i, name in enumerate(counts):
            counts[name] += part.column(i).statistics.null_count
    return counts


def _look(
    read: Texts,
    meanings: Mapping[str, Meaning],
    failed: list[str],
    table: str,
    declared: Mapping[str, str],
    findings: dict[str, list[Finding]],
    like: Mapping[str, str],
) -> dict[str, Meaning]:
    """Why do cells of these columns fail?

    Words for nothing and strays are counted; another meaning is returned for a column where too
    many stray.
    """
    if not failed:
        return {}
    counts = (
        read.frame.select(chain.from_iterable(_counts(c, meanings[c]) for c in failed))
        .collect(engine="streaming")
        .row(0, named=True)
    )
    changed = {}
    for c in failed:
        coded, strays, row, plain, real, endless = (
            int(counts[f"{c}/{k}"] or 0)
            for k in ("coded", "strays", "row", "plain", "real", "endless")
        )
        if (
            c not in declared
            and (other := _better(read, c, meanings[c], strays, plain, real)) is not None
        ):
            changed[c] = other
            continue
        by = (
            "as the models were fitted on"
            if c in like
            else "as the catalog says they are"
            if c in declared
            else ""
        )
        findings[c] = list(_strays(table, c, coded, strays, row + 1, real, meanings[c], by))
        if endless:
            first = int(counts[f"{c}/first"]) + 1
            findings[c].append(
                Finding(
                    table,
                    c,
                    endless,
                    first,
                    "cells are endless and read as missing",
                    "mend them, or give them a value",
                )
            )
    return changed


def _counts(column: str, meaning: Meaning) -> Iterator[pl.Expr]:
    """Cells with a word for nothing, strays, the first stray's row, those that are no plain number
    either, and cells that say something.
    """
    filled = pl.col(column).is_not_null() & (pl.col(column) != "")
    coded = filled & (
        casting.missing(pl.col(column))
        | dates.undated(pl.col(column).str.strip_chars(), meaning.format)
    )
    endless = filled & casting.endless(pl.col(column)) & (meaning.kind in ("integer", "number"))
    strays = (
        filled
        & ~coded
        & ~endless
        & (meaning.read(pl.col(column)).is_null() if meaning.kind != "empty" else pl.lit(True))
    )
    plain = (
        filled & ~coded & ~endless & Meaning("number", strip=True).read(pl.col(column)).is_null()
    )
    for name, expression in (
        ("coded", coded.sum()),
        ("strays", strays.sum()),
        ("row", strays.arg_true().first()),  # of truths, arg_max gives any
        ("plain", plain.sum()),
        ("real", (filled & ~coded).sum()),
        ("endless", endless.sum()),
        ("first", endless.arg_true().first()),
    ):
        yield expression.alias(f"{column}/{name}")


def _better(
    read: Texts, column: str, meaning: Meaning, strays: int, plain: int, real: int
) -> Meaning | None:
    """Another meaning, where too many cells stray from the one guessed; None where it stays."""
    if meaning.kind == "empty" and real:
        cells = (
            read.frame.select(pl.col(column))
            .filter(~casting.missing(pl.col(column)))
            .head(csv_structure.SAMPLED)
            .collect(engine="streaming")
            .to_series()
        )
        return casting.guess(cells)
    if meaning.kind == "integer" and plain < strays:
        long = (
            read.frame.select(pl.col(column).str.contains(r"^\s*[+-]?[0-9]{16,}\s*$").any())
            .collect(engine="streaming")
            .item()
        )
        return (
            Meaning(strip=True, why="are numbers of more than 15 digits")
            if long
            else Meaning("number", strip=True)
        )
    return (
        Meaning(why=casting.MIXED if 2 * plain < real else "")
        if strays > (1 - casting.ENOUGH) * real
        else None
    )


def _mixed(read: Texts, meanings: Mapping[str, Meaning], table: str) -> Iterator[Finding]:
    """Columns that hold numbers and too many other texts."""
    mixed = [c for c, m in meanings.items() if m.why == casting.MIXED]
    if not mixed:
        return
    counts = (
        read.frame.select(
            chain.from_iterable(_counts(c, Meaning("number", strip=True)) for c in mixed)
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    for c in mixed:
        strays = counts[f"{c}/strays"]
        row = counts[f"{c}/row"]
        real = counts[f"{c}/real"]
        rule = f"cells are no numbers and {real - strays:,} are, so all stay text"
        yield Finding(
            table,
            c,
            strays,
            row + 1,
            rule,
            "mend them, or name the column under 'types' in the catalog",
        )


def _strays(
    table: str, column: str, coded: int, strays: int, row: int, real: int, meaning: Meaning, by: str
) -> Iterator[Finding]:
    what = {
        "boolean": "neither true nor false",
        "date": "no dates",
        "datetime": "no dates",
        "year": "no years",
    }.get(meaning.kind, "no numbers, or endless,")
    if by and strays > (1 - casting.ENOUGH) * real:
        rule = f"of {real:,} cells are {what} {by}"
        yield Finding(
            table,
            column,
            strays,
            row,
            rule,
            "mend the file, or change 'types' under [tables] in the catalog",
            grave=True,
        )
    elif strays:
        yield Finding(
            table,
            column,
            strays,
            row,
            f"cells are {what} and read as missing",
            "mend them, or name the column under 'types' in the catalog",
        )
    if coded:
        yield Finding(
            table,
            column,
            coded,
            0,
            "cells hold a word for nothing, such as NA or a dash, and are read as missing",
            "nothing needs doing",
        )


def _spoken(read: Texts, meanings: Mapping[str, Meaning]) -> Mapping[str, int]:
    """How many cells of those columns of which there is something to say are not written as plain
    numbers, and the first row of one.
    """
    odd_columns = [c for c, m in meanings.items() if m.repaired or m.choices]
    if not odd_columns:
        return {}
    counts = []
    for c in odd_columns:
        odd = (
            pl.col(c).is_not_null()
            & ~casting.missing(pl.col(c))
            & ~pl.col(c).str.contains(r"^\s*[+-]?[0-9]+\s*$")
        )
        counts += [odd.sum().alias(f"{c}/odd")]
    return {
        k: int(v or 0)
        for k, v in read.frame.select(counts).collect(engine="streaming").row(0, named=True).items()
    }


def _word(
    column: str,
    meaning: Meaning,
    read: Texts,
    table: str,
    declared: Mapping[str, str],
    counts: Mapping[str, int],
) -> Finding | None:
    """What is to be said of a column as a whole."""
    if meaning.kind == "empty":
        return Finding(
            table,
            column,
            0,
            0,
            "no cell holds a value, so no source can use it",
            "leave it out, or fill it",
        )
    if meaning.why and declared.get(column) == "date":
        return Finding(
            table,
            column,
            0,
            0,
            f"its cells {meaning.why}",
            "name their format under 'types' in the catalog, such as %d/%m/%Y",
            grave=True,
        )
    odd = counts.get(f"{column}/odd", 0)
    if meaning.choices:
        remedy = "name the column under 'types' in the catalog, or choose"
        return Finding(
            table,
            column,
            odd,
            0,
            f"cells {meaning.why}, so they stay text",
            remedy,
            choices=meaning.choices,
        )
    if meaning.why:
        count, row = read.zeros.get(column, (0, 0)) if meaning.why == "begin with zeros" else (0, 0)
        return Finding(
            table,
            column,
            count,
            row,
            f"{'' if count else 'its '}cells {meaning.why}, so they stay text",
            "name the column under 'types' in the catalog to read it otherwise",
        )
    rule = f"{'' if odd else 'its '}cells {meaning.repaired}"
    return Finding(table, column, odd, 0, rule, "nothing needs doing") if meaning.repaired else None
