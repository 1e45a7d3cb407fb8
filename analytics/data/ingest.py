"""What does a file hold? Read once, as text first, then as what it means, with every cell that does not fit counted; written as a checked Parquet table."""

import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import polars as pl

from .catalog.model import NO_HEADER, Table, ours
from .findings import Choice, Finding, reject
from .personal import ROUNDED, keyed
from .readers import casting, csv_structure, dates, files, shape
from .readers.casting import Hints, Meaning
from .readers.files import Limits

if TYPE_CHECKING:
    import fastexcel

FORMAT = 5  # of what is written; an older shelf is read anew
HEAD = 1 << 18
EXACT = 1 << 53  # whole numbers above are rounded where they are stored as fractions
GROUP = 1 << 16  # rows of a part of a Parquet table, which a look for one person may leave closed
NUMBERS = r"^\s*[+-]?[0-9]+([.,][0-9]+)?\s*$"


@dataclass(frozen=True, slots=True)
class IngestedTable:
    """A table that has been through the door.

    Attributes
    ----------
    path : the checked Parquet table.
    sha256 : of the bytes that were read.
    schema : what its columns hold; Null where a column has no value at all.
    findings : what was repaired or read as missing.
    how : what was found of the file: format, encoding, separator, decimal, and, of texts, what each column means.
    """

    name: str
    path: Path
    sha256: str
    rows: int
    schema: Mapping[str, pl.DataType]
    findings: tuple[Finding, ...] = ()
    how: Mapping[str, str] = field(default_factory=dict)

    def scan(self) -> pl.LazyFrame:
        """The table, lazily."""
        return pl.scan_parquet(self.path, glob=False)

    @property
    def read_as(self) -> dict[str, str]:
        """How each column that holds anything was read, as `Table.like` has it."""
        told = json.loads(self.how.get("meanings", "{}"))
        return {c: told.get(c) or casting.written(casting.of_type(t)) for c, t in self.schema.items() if t != pl.Null}


Types = Mapping[str, pl.DataType]


@dataclass(frozen=True, slots=True)
class Texts:
    """A table of which every cell is still text.

    Attributes
    ----------
    scan : opens it; the columns named with a type are read as such at once, null where a cell is of another, which is quicker than by way of text.
    empty : cells without a text, per column; `zeros` and `zero`: those with a zero before other digits, and the first row with one.
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


def take(path: Path, table: Table, out: Path, scratch: Path, *, text: tuple[str, ...] = (), limits: Limits = Limits()) -> dict[str, Any]:
    """Read one file and write it as a checked Parquet table.

    Parameters
    ----------
    text : columns of ids, whose texts stay as they are.

    Returns
    -------
    dict
        `rows`, `how` and `findings`; where one of these is grave, nothing is written.

    Raises
    ------
    TableRefused
        If the table is refused.
    OSError
        If nothing can be written.
    """
    opened = files.unpack(path, table.name, scratch, limits)
    if opened.kind == "parquet":
        rows, how, found = _columns(opened.path, table, out, text, limits)
    elif opened.kind == "xlsx":
        rows, how, found = _workbook(opened.path, table, out, text, limits)
    else:
        rows, how, found = _text(opened.path, table, out, scratch, text, limits)
    return {"rows": rows, "how": {"format": opened.kind, **how}, "findings": [asdict(f) for f in (*opened.findings, *found, *_after(out, table, text))]}


Read = tuple[int, dict[str, str], list[Finding]]


def keep(frame: pl.DataFrame, table: Table, out: Path, *, text: tuple[str, ...] = (), limits: Limits = Limits()) -> dict[str, Any]:
    """The answer of a database, written as a checked Parquet table; returns as `take` does."""
    if not frame.width or len(frame) < limits.least:
        reject(table.name, "the query's answer has no rows", "change the query under [tables] in the catalog")
    rows, how, found = _typed(frame.lazy(), len(frame), table, out, text, limits)
    return {"rows": rows, "how": {"format": "database", **how}, "findings": [asdict(f) for f in (*found, *_after(out, table, text))]}


# Text -------------------------------------------------------------------------------------------------------------------------------------------------


def _text(path: Path, table: Table, out: Path, scratch: Path, text: tuple[str, ...], limits: Limits) -> Read:
    path, encoding, told = files.utf8(path, table.name, table.encoding, scratch)
    head = _head(path)
    if not head.strip():
        reject(table.name, "it holds nothing but blanks", "export it again")
    if said := shape.told_separator(head):
        table = replace(table, separator=table.separator or said, header=table.header or "2")
    separator = files.separator(head, table.separator)
    if table.header:
        path = shape.cut(path, table.header, separator, scratch)
        head = _head(path)
    header = next(files.records(head, separator), [])
    if not table.header:
        blank = 2 * sum(not name.strip() for name in header) >= len(header)
        _titled(table.name, shape.widths(head, separator, filled=blank))
    if len(header) > limits.columns:
        reject(table.name, f"it has {len(header):,} columns, and {limits.columns:,} may be read", "leave out those that no source needs")
    if not table.header and _headless(header):
        _no_header(table.name, "holds numbers, not the names of columns")
    names, found = _names(header, table.name, text)
    path, notes = shape.footed(path, len(names), separator, scratch)
    if notes:
        rule = f"{'line' if notes == 1 else 'lines'} at its end {'is no row' if notes == 1 else 'are no rows'} but a note or a total, and left out"
        found.append(Finding(table.name, "", notes, 0, rule, "nothing needs doing"))
    read = _open(path, table.name, separator, names, limits)
    if not table.header and shape.row_like(header, read.sample):
        _no_header(table.name, "holds what stands in the rows below it again and again, not the names of columns")
    if not table.header and table.like is None:
        _second_header(table.name, read.sample)
    read, stray = _beside(read, names, header, table.name)
    found += stray
    hints = casting.hints(read.sample, separator, table.decimal)
    more, meanings = _cast(read, table, out, text, hints)
    known = {"encoding": encoding, "separator": separator, "decimal": hints.decimal or ".", "meanings": meanings}
    return read.rows, known, [*told, *found, *more]


def _no_header(name: str, what: str) -> NoReturn:
    """Refuse a text whose first line seems to be a row, until it is said what it is."""
    choices = (Choice("it has no header", "header", NO_HEADER, likely=True), Choice("these are the names", "header", "1"))
    reject(name, f"its first line {what}", "write a header, or say what it is", choices=choices)


def _second_header(name: str, sample: pl.DataFrame) -> None:
    """Refuse a text in which the first row holds texts where all others hold numbers, until it is said what that row is."""
    below = sample.slice(1)
    words = pl.col(sample.columns).is_not_null() & ~casting.missing(pl.all()) & ~pl.all().str.contains(casting.NUMBER)
    numbers = pl.all().drop_nulls().str.strip_chars().str.contains(casting.NUMBER)
    if len(below) < SEVERAL:
        return
    texts = sample.head(1).select(words).row(0, named=True)
    counted = below.select(numbers.all() & (pl.all().count() > len(below) / 2)).row(0, named=True)
    whole = [c for c, so in counted.items() if so]
    odd = [c for c in whole if texts[c]]
    if len(odd) < SEVERAL - 1 or len(odd) < len(whole) / 2:
        return
    rule = f"row 1 holds texts in {len(odd):,} columns that hold numbers below, so it seems to be a second line of the header, or of units"
    choices = (
        Choice("line 2 holds the names", "header", "2"),
        Choice("both lines together are the names", "header", "1-2"),
        Choice("line 1 holds the names, and row 1 is nobody, whom --leave-out 1 leaves out", "header", "1"),
    )
    reject(name, rule, "say which", choices=choices)


SEVERAL = 3  # columns, and rows


def _beside(read: Texts, names: list[str], header: list[str], table: str) -> tuple[Texts, list[Finding]]:
    """A text without the columns that have no name and hardly a cell: somebody's notes beside the table."""
    cells = {n: read.rows + read.blank - read.empty[n] for n, h in zip(names, header, strict=True) if not h.strip()}
    stray = {n: count for n, count in cells.items() if 0 < count <= max(10, read.rows // 100) and 2 * count < read.rows}
    if not stray:
        return read, []
    rule = "cells stand beside the table, under no header, and are left out"
    found = Finding(table, "", sum(stray.values()), 0, rule, "name their columns if they belong to it")
    return replace(read, sample=read.sample.drop(stray)), [found]


def _titled(name: str, records: list[tuple[int, int]]) -> None:
    """Refuse a table above whose header something else stands, and say where the header seems to be."""
    line, columns = shape.begins(records)
    if records and line > records[0][0]:
        rule = f"line {records[0][0]} has {records[0][1]:,} of {columns:,} columns, so the header seems to be line {line}"
        choices = [Choice(f"line {line} holds the names", "header", str(line), likely=True)]
        if records[0][1] > 1 and line == records[0][0] + 1:
            choices.append(Choice("both lines together are the names", "header", f"{line - 1}-{line}"))
        told = f"leave out what stands above it, or name it with --header {line} (header = {line} under [tables] in the catalog)"
        reject(name, rule, told if len(choices) == 1 else "say which", choices=tuple(choices) if len(choices) > 1 else ())


def _head(path: Path) -> str:
    """The beginning of a text, as whole lines."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        head += file.readline()
    return head.decode("utf-8-sig", "ignore")


def _headless(header: list[str]) -> bool:
    """Fractions or signs, or numbers only, and not simply counted, as some programs name columns."""
    numbers = [h for h in header if re.match(NUMBERS, h)]
    if any(re.match(r"\s*([+-]|[0-9]*[.,][0-9])", h) for h in numbers):
        return True
    counted = all(re.fullmatch("[0-9]{1,5}", h) for h in numbers) and all(int(b) == int(a) + 1 for a, b in pairwise(numbers))
    return len(numbers) > max(1, len(header) / 3) and not counted


def _names(header: list[str], table: str, ids: tuple[str, ...] = ()) -> tuple[list[str], list[Finding]]:
    """Column names, each once: blanks around them go, the nameless are numbered, and a second `x` is called `x_2`.

    So is one whose name is a word of our own, unless it is the id.
    """
    names: list[str] = []
    found: list[Finding] = []
    wanted = [h.strip() for h in header]
    for i, name in enumerate(wanted):
        mine = name or f"column_{i + 1}"
        taken = ours(mine) and mine not in ids
        able = chain([] if taken else [mine], (f"{mine}_{k}" for k in range(2, len(header) + 3)))
        other = next(n for n in able if n not in names and (n == name or n not in wanted))
        if not name:
            found.append(Finding(table, other, 0, 0, f"column {i + 1} has no name and is called so", "name it in the file"))
        elif taken:
            rule = f"the name of column {i + 1}, {name!r}, is a word of our own, so it is called {other!r}"
            found.append(Finding(table, other, 0, 0, rule, "nothing needs doing"))
        elif other != name:
            found.append(Finding(table, other, 0, 0, f"the name of column {i + 1} stands twice, so it is called so", "name each column once"))
        names.append(other)
    return names, found


def _open(path: Path, name: str, separator: str, names: list[str], limits: Limits) -> Texts:
    found = csv_structure.survey(path, name, separator, len(names), limits)
    told: dict[str, Any] = {"separator": separator, "infer_schema": False, "quote_char": '"'}

    def scan(types: Types) -> pl.LazyFrame:
        return pl.scan_csv(path, **told, schema_overrides=dict(types), ignore_errors=bool(types), with_column_names=lambda _: names, glob=False)

    cells = found.sample.lstrip(b"\r\n")
    sample = pl.read_csv(io.BytesIO(cells), **told, has_header=False, new_columns=names) if cells else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    empty = dict(zip(names, (found.empty + found.blank).tolist(), strict=True))
    zeros = dict(zip(names, zip(found.zeros.tolist(), found.zero.tolist(), strict=True), strict=True))
    return Texts(scan, found.rows, empty, zeros, sample, found.blank)


def _cast(read: Texts, table: Table, out: Path, text: tuple[str, ...], hints: Hints) -> tuple[list[Finding], str]:
    """Write what the texts mean; where cells fail, look again at those columns, and write again if another meaning fits better. Gives also the meanings."""
    told = dict(table.types)
    like = _like(table, read.sample.columns, text)
    _declared(table, read.sample.columns)
    able = (c for c in read.sample.columns if c in text or c not in told)
    rounded = next((c for c in able if _rounded(read.sample[c], c, sure=c in text)), None)
    if rounded is not None:
        other = f", or say with --types {table.name}:{rounded}=text that nobody is told apart by them"
        remedy = f"export them again as text{'' if rounded in text else other}"
        reject(table.name, "a spreadsheet has rounded ids, as in 1.1E+17", remedy, column=rounded)
    meanings = {c: _meaning(c, read, text, told, hints) for c in read.sample.columns}
    meanings |= {c: casting.alike(usual, read.sample[c], hints) for c, usual in like.items()}
    told |= like
    found: dict[str, list[Finding]] = {}
    for _ in range(4):
        _write(read, meanings, out)
        failed = [c for c, nulls in _nulls(out).items() if meanings[c].kind != "text" and nulls > read.empty[c] and c not in found]
        changed = _look(read, meanings, failed, table.name, told, found, like)
        if not changed:
            break
        meanings |= changed
    told_of = _spoken(read, meanings)
    words = chain(_mixed(read, meanings, table.name), (_word(c, m, read, table.name, told, told_of) for c, m in meanings.items() if m.why != casting.MIXED))
    blank = [Finding(table.name, "", read.blank, 0, "lines are blank and left out", "nothing needs doing")] if read.blank > 1 else []
    return [*blank, *filter(None, words), *chain.from_iterable(found.values())], json.dumps({c: casting.written(m) for c, m in meanings.items()})


def _rounded(cells: pl.Series, name: str, *, sure: bool) -> bool:
    """Are these ids that a spreadsheet has rounded? What is only called an id must hold little else."""
    marked = cells.drop_nulls().str.contains(ROUNDED)
    return bool(marked.any() and (sure or (keyed(name) and marked.mean() > 0.5)))  # type: ignore[operator]


def _like(table: Table, columns: Sequence[str], text: tuple[str, ...]) -> dict[str, str]:
    """Which columns are read as models learned them, and how: not the ids, nor those of which the catalog says it."""
    return {c: usual for c, usual in table.like or () if c in columns and c not in text and c not in dict(table.types)}


def _declared(table: Table, columns: list[str]) -> None:
    unknown = next((c for c, _ in table.types if c not in columns), None)
    if unknown is not None:
        reject(table.name, f"it has no column {unknown!r}, of which the catalog says how it is read", "change 'types' under [tables] in the catalog")


def _meaning(column: str, read: Texts, text: tuple[str, ...], told: Mapping[str, str], hints: Hints) -> Meaning:
    cells = read.sample[column]
    if column in told:
        return casting.declared(told[column], cells, hints.decimal)
    if column in text:
        return _id(cells)
    found = casting.guess(cells, hints)
    return Meaning(strip=found.strip, why="begin with zeros") if found.kind == "integer" and read.zeros.get(column, (0, 0))[0] else found


def _id(cells: pl.Series) -> Meaning:
    """An id stays text; blanks around it go, and where all are written as 1.0 so does the end."""
    real = cells.drop_nulls()
    bare = real.str.strip_chars()
    return Meaning(strip=bool((bare != real).any()), whole=bool(len(bare)) and bool(bare.str.contains(r"^[0-9]+\.0+$").all()))


def _write(read: Texts, meanings: Mapping[str, Meaning], out: Path) -> None:
    types = {} if read.blank else {c: m.type for c, m in meanings.items() if m.type is not None}
    frame = read.scan(types)
    if read.blank:
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    _sink(frame.select(m.read(pl.col(c)).alias(c) for c, m in meanings.items()), out)


def _sink(frame: pl.LazyFrame, out: Path) -> None:
    frame.sink_parquet(out, compression="lz4", row_group_size=GROUP, maintain_order=True)


def _after(path: Path, table: Table, text: tuple[str, ...]) -> Iterator[Finding]:
    """What is found of a table once it is written."""
    yield from _unknown_days(path, table)
    yield from _numbered_days(path, table, text)
    yield from _same(path, table)


def _unknown_days(path: Path, table: Table) -> Iterator[Finding]:
    """Dates that stand for not known, such as 9999-12-31: they become missing, and are counted."""
    frame = pl.scan_parquet(path, glob=False)
    columns = [c for c, t in frame.collect_schema().items() if t == pl.Date or isinstance(t, pl.Datetime)]
    if not columns:
        return
    days = frame.select(pl.col(columns).cast(pl.Date)).collect(engine="streaming")
    found = {c: codes for c in columns if (codes := dates.sentinels(days[c]))}
    if not found:
        return
    whole = frame.with_columns(pl.when(~pl.col(c).cast(pl.Date).is_in(codes).fill_null(value=False)).then(pl.col(c)).alias(c) for c, codes in found.items())
    rest = path.with_name("known.parquet")
    _sink(whole, rest)
    rest.replace(path)
    for c, codes in found.items():
        hits = days[c].is_in(codes).fill_null(value=False)
        shown = " or ".join(str(day) for day in codes)
        rule = f"cells hold {shown}, which stands for a day that is not known, and are read as missing"
        yield Finding(table.name, c, int(hits.sum()), int(hits.arg_true()[0]) + 1, rule, "nothing needs doing")


def _numbered_days(path: Path, table: Table, text: tuple[str, ...]) -> Iterator[Finding]:
    """Whole numbers that may be dates, of which neither the name nor the range tells."""
    frame = pl.scan_parquet(path, glob=False)
    told = {*dict(table.types), *text}
    columns = [c for c, t in frame.collect_schema().items() if t.is_integer() and c not in told]
    if not columns:
        return
    sample = frame.select(columns).head(csv_structure.SAMPLED).collect(engine="streaming")
    for c in columns:
        if choices := dates.of_numbers(sample[c], c)[1]:
            rule = "its whole numbers could all be dates, and are read as numbers"
            yield Finding(table.name, c, 0, 0, rule, "name the column under 'types' in the catalog, or choose", choices=choices)


def _same(path: Path, table: Table) -> Iterator[Finding]:
    """Columns that tell nobody from another; among applicants none need do so."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    footer = pq.read_metadata(path)
    for i, name in enumerate(footer.schema.names if footer.num_rows > 1 and table.like is None else ()):
        parts = [footer.row_group(group).column(i).statistics for group in range(footer.num_row_groups)]
        told = all(p is not None and p.has_min_max and not p.null_count for p in parts)
        if told and len({v for p in parts for v in (p.min, p.max)}) == 1:
            yield Finding(table.name, name, 0, 0, "every cell holds the same value, which tells nobody from another", "leave it out")


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
    told: Mapping[str, str],
    found: dict[str, list[Finding]],
    like: Mapping[str, str],
) -> dict[str, Meaning]:
    """Why do cells of these columns fail? Words for nothing and strays are counted; another meaning is returned for a column where too many stray."""
    if not failed:
        return {}
    counts = read.frame.select(chain.from_iterable(_counts(c, meanings[c]) for c in failed)).collect(engine="streaming").row(0, named=True)
    changed = {}
    for c in failed:
        coded, strays, row, plain, real, endless = (int(counts[f"{c}/{k}"] or 0) for k in ("coded", "strays", "row", "plain", "real", "endless"))
        if c not in told and (other := _better(read, c, meanings[c], strays, plain, real)) is not None:
            changed[c] = other
            continue
        by = "as the models were fitted on" if c in like else "as the catalog says they are" if c in told else ""
        found[c] = list(_strays(table, c, coded, strays, row + 1, real, meanings[c], by))
        if endless:
            first = int(counts[f"{c}/first"]) + 1
            found[c].append(Finding(table, c, endless, first, "cells are endless and read as missing", "mend them, or give them a value"))
    return changed


def _counts(column: str, meaning: Meaning) -> Iterator[pl.Expr]:
    """Cells with a word for nothing, strays, the first stray's row, those that are no plain number either, and cells that say something."""
    said = pl.col(column).is_not_null() & (pl.col(column) != "")
    coded = said & (casting.missing(pl.col(column)) | dates.undated(pl.col(column).str.strip_chars(), meaning.format))
    endless = said & casting.endless(pl.col(column)) & (meaning.kind in ("integer", "number"))
    strays = said & ~coded & ~endless & (meaning.read(pl.col(column)).is_null() if meaning.kind != "empty" else pl.lit(True))
    plain = said & ~coded & ~endless & Meaning("number", strip=True).read(pl.col(column)).is_null()
    for name, expression in (
        ("coded", coded.sum()),
        ("strays", strays.sum()),
        ("row", strays.arg_true().first()),  # of truths, arg_max gives any
        ("plain", plain.sum()),
        ("real", (said & ~coded).sum()),
        ("endless", endless.sum()),
        ("first", endless.arg_true().first()),
    ):
        yield expression.alias(f"{column}/{name}")


def _better(read: Texts, column: str, meaning: Meaning, strays: int, plain: int, real: int) -> Meaning | None:
    """Another meaning, where too many cells stray from the one guessed; None where it stays."""
    if meaning.kind == "empty" and real:
        cells = read.frame.select(pl.col(column)).filter(~casting.missing(pl.col(column))).head(csv_structure.SAMPLED).collect(engine="streaming").to_series()
        return casting.guess(cells)
    if meaning.kind == "integer" and plain < strays:
        long = read.frame.select(pl.col(column).str.contains(r"^\s*[+-]?[0-9]{16,}\s*$").any()).collect(engine="streaming").item()
        return Meaning(strip=True, why="are numbers of more than 15 digits") if long else Meaning("number", strip=True)
    return Meaning(why=casting.MIXED if 2 * plain < real else "") if strays > (1 - casting.ENOUGH) * real else None


def _mixed(read: Texts, meanings: Mapping[str, Meaning], table: str) -> Iterator[Finding]:
    """Columns that hold numbers and too many other texts."""
    mixed = [c for c, m in meanings.items() if m.why == casting.MIXED]
    if not mixed:
        return
    counts = read.frame.select(chain.from_iterable(_counts(c, Meaning("number", strip=True)) for c in mixed)).collect(engine="streaming").row(0, named=True)
    for c in mixed:
        strays, row, real = counts[f"{c}/strays"], counts[f"{c}/row"], counts[f"{c}/real"]
        rule = f"cells are no numbers and {real - strays:,} are, so all stay text"
        yield Finding(table, c, strays, row + 1, rule, "mend them, or name the column under 'types' in the catalog")


def _strays(table: str, column: str, coded: int, strays: int, row: int, real: int, meaning: Meaning, by: str) -> Iterator[Finding]:
    what = {"boolean": "neither true nor false", "date": "no dates", "datetime": "no dates", "year": "no years"}.get(meaning.kind, "no numbers, or endless,")
    if by and strays > (1 - casting.ENOUGH) * real:
        rule = f"of {real:,} cells are {what} {by}"
        yield Finding(table, column, strays, row, rule, "mend the file, or change 'types' under [tables] in the catalog", grave=True)
    elif strays:
        yield Finding(table, column, strays, row, f"cells are {what} and read as missing", "mend them, or name the column under 'types' in the catalog")
    if coded:
        yield Finding(table, column, coded, 0, "cells hold a word for nothing, such as NA or a dash, and are read as missing", "nothing needs doing")


def _spoken(read: Texts, meanings: Mapping[str, Meaning]) -> Mapping[str, int]:
    """How many cells of those columns of which there is something to say are not written as plain numbers, and the first row of one."""
    asked = [c for c, m in meanings.items() if m.repaired or m.choices]
    if not asked:
        return {}
    counts = []
    for c in asked:
        odd = pl.col(c).is_not_null() & ~casting.missing(pl.col(c)) & ~pl.col(c).str.contains(r"^\s*[+-]?[0-9]+\s*$")
        counts += [odd.sum().alias(f"{c}/odd")]
    return {k: int(v or 0) for k, v in read.frame.select(counts).collect(engine="streaming").row(0, named=True).items()}


def _word(column: str, meaning: Meaning, read: Texts, table: str, told: Mapping[str, str], counts: Mapping[str, int]) -> Finding | None:
    """What is to be said of a column as a whole."""
    if meaning.kind == "empty":
        return Finding(table, column, 0, 0, "no cell holds a value, so no source can use it", "leave it out, or fill it")
    if meaning.why and told.get(column) == "date":
        return Finding(table, column, 0, 0, f"its cells {meaning.why}", "name their format under 'types' in the catalog, such as %d/%m/%Y", grave=True)
    odd = counts.get(f"{column}/odd", 0)
    if meaning.choices:
        remedy = "name the column under 'types' in the catalog, or choose"
        return Finding(table, column, odd, 0, f"cells {meaning.why}, so they stay text", remedy, choices=meaning.choices)
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


# Workbooks --------------------------------------------------------------------------------------------------------------------------------------------


def _workbook(path: Path, table: Table, out: Path, text: tuple[str, ...], limits: Limits) -> Read:
    import fastexcel  # noqa: PLC0415 - slow to import, and few tables are workbooks

    try:
        book = fastexcel.read_excel(path)
        sheet = table.sheet or (book.sheet_names or [""])[0]
        if sheet not in book.sheet_names:
            reject(table.name, f"it has no sheet {sheet!r}", "change 'sheet' under [tables] in the catalog")
        frame = _sheet(book, sheet, table)
    except fastexcel.FastExcelError:
        reject(table.name, "it is a damaged workbook, or locked with a password", "save it anew, or as CSV")
    if len(frame.columns) > limits.columns:
        reject(table.name, f"it has {len(frame.columns):,} columns, and {limits.columns:,} may be read", "leave out those that no source needs")
    if len(frame) < limits.least:
        reject(table.name, f"sheet {sheet!r} has no rows below its header", "save it again")
    frame, stray = _strayed(frame, table.name)
    names, found = _names(["" if c.startswith("__UNNAMED__") else c for c in frame.columns], table.name, text)
    found += stray
    kinds = {column.name: column.dtype for column in book.load_sheet(sheet).available_columns()} if not table.header else {}
    numbers = [new for old, new in zip(frame.columns, names, strict=True) if kinds.get(old) in ("int", "float")]
    frame = frame.rename(dict(zip(frame.columns, names, strict=True))).cast(pl.String)
    _unrounded(numbers, frame, table.name, text)
    blank = int(frame.select(pl.all_horizontal(pl.all().is_null()).sum()).item())
    empty = {c: frame[c].null_count() + int((frame[c] == "").sum()) for c in names}
    read = Texts(lambda _: frame.lazy(), len(frame) - blank, empty, {}, frame, blank)
    more, meanings = _cast(read, table, out, text, casting.hints(frame.head(csv_structure.SAMPLED), "", table.decimal))
    others = len(book.sheet_names) - 1
    if others and not table.sheet:
        found.append(Finding(table.name, "", 0, 0, f"only its first sheet is read, and it has {others} more", "name a 'sheet' under [tables] in the catalog"))
    return read.rows, {"sheet": sheet, "meanings": meanings}, [*found, *more, *_errors(path, sheet, table.name)]


def _sheet(book: "fastexcel.ExcelReader", sheet: str, table: Table) -> pl.DataFrame:
    """The cells of a sheet as texts, below its header; unnamed columns are called as fastexcel does."""
    if not table.header:
        frame = book.load_sheet(sheet, dtypes="string").to_polars()
        if 2 * sum(c.startswith("__UNNAMED__") for c in frame.columns) > frame.width:
            raw = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
            filled = raw.head(shape.FIRST).select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
            _titled(table.name, [(i + 1, n) for i, n in enumerate(filled) if n])
        return frame
    raw = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    if table.header == NO_HEADER:
        return raw.rename({c: f"column_{i + 1}" for i, c in enumerate(raw.columns)})
    first, last = shape.lines(table.header)
    if last > raw.height:
        reject(table.name, f"its sheet {sheet!r} has no row {last}", "change 'header' under [tables] in the catalog")
    names = shape.joined([["" if cell is None else cell for cell in row] for row in raw[first - 1 : last].rows()])
    counts = {n: names.count(n) for n in names}
    plain = [n if n and counts[n] == 1 else f"__UNNAMED__{i}" if not n else f"{n}_{i + 1}" for i, n in enumerate(names)]
    return raw[last:].rename(dict(zip(raw.columns, plain, strict=True)))


def _strayed(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Finding]]:
    """A sheet without the columns that have no name and hardly a cell: somebody's notes beside the table."""
    cells = {c: frame.height - frame[c].null_count() for c in frame.columns if c.startswith("__UNNAMED__")}
    stray = {c: n for c, n in cells.items() if n <= max(10, frame.height // 100) and 2 * n < frame.height}
    rule = "cells stand beside the table, under no header, and are left out"
    found = [Finding(name, "", sum(stray.values()), 0, rule, "name their columns if they belong to it")] if sum(stray.values()) else []
    return frame.drop(stray), found


def _unrounded(numbers: Sequence[str], frame: pl.DataFrame, name: str, text: tuple[str, ...]) -> None:
    """Refuse long ids that a sheet holds as numbers: it keeps fifteen digits and puts zeros for the rest."""
    rounded = next((c for c in numbers if c in text and frame[c].str.contains("^[0-9]{16,}").any()), None)
    if rounded is not None:
        reject(name, "a spreadsheet has rounded ids of more than 15 digits, which it holds as numbers", "export them again as text", column=rounded)


def _errors(path: Path, sheet: str, name: str) -> Iterator[Finding]:
    """Cells that a spreadsheet could not work out; whoever reads workbooks gives them as empty."""
    with zipfile.ZipFile(path) as archive:
        book, relations = (archive.read(part).decode() for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
        id = next((_told(tag, "r:id") for tag in re.findall("<sheet [^>]*>", book) if _told(tag, "name") == sheet), "")
        target = next((_told(tag, "Target") for tag in re.findall("<Relationship [^>]*>", relations) if _told(tag, "Id") == id), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        errors = re.findall(rb'<c [^>]*\bt="e"[^>]*>', archive.read(part)) if part in archive.namelist() else []
    if errors:
        rule = f"cells hold an error such as #DIV/0! and are read as missing, the first in {_told(errors[0].decode(), 'r')}"
        yield Finding(name, "", len(errors), 0, rule, "mend their formulas")


def _told(tag: str, key: str) -> str:
    found = re.search(rf'\s{key}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


# Tables whose columns have types ----------------------------------------------------------------------------------------------------------------------


def _columns(path: Path, table: Table, out: Path, text: tuple[str, ...], limits: Limits) -> Read:
    rows = _footer(path, table.name, limits)
    return _typed(pl.scan_parquet(path, glob=False, hive_partitioning=False), rows, table, out, text, limits)


def _footer(path: Path, name: str, limits: Limits) -> int:
    """The rows of a Parquet table, if what it declares is within the limits; nothing is decoded."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only the worker reads
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        footer = pq.read_metadata(path)
    except NotImplementedError:  # whole numbers of 128 bits, which are ours to read all the same
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (pa.ArrowException, OSError):
        reject(name, "it is a damaged or truncated Parquet table", "write it anew")
    if footer.num_columns > limits.columns:
        reject(name, f"it has {footer.num_columns:,} columns, and {limits.columns:,} may be read", "leave out those that no source needs")
    if footer.num_rows > limits.rows:
        reject(name, f"it declares {footer.num_rows:,} rows, and {limits.rows:,} may be read", "split it")
    if footer.num_rows < limits.least:
        reject(name, "it has columns and no rows", "export it again")
    names = [footer.schema.column(i).path for i in range(footer.num_columns)]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        reject(name, "two columns have this name", "name each column once", column=twice)
    declared = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    files.bounded(max(declared, footer.num_rows * footer.num_columns), path.stat().st_size, name, limits)
    return footer.num_rows


def _typed(frame: pl.LazyFrame, rows: int, table: Table, out: Path, text: tuple[str, ...], limits: Limits) -> Read:
    schema = frame.collect_schema()
    names, found = _names(schema.names(), table.name, text)
    _declared(table, names)
    if len(names) > limits.columns:
        reject(table.name, f"it has {len(names):,} columns, and {limits.columns:,} may be read", "leave out those that no source needs")
    frame = frame.rename(dict(zip(schema.names(), names, strict=True)), strict=False)
    schema = pl.Schema(dict(zip(names, schema.dtypes(), strict=True)))
    counts = _odd(frame, schema, text)
    told, like = dict(table.types), _meanings(frame, schema, _like(table, names, text))
    columns = {c: _wanted(c, t, like[c]) if c in like and not _foreign(t) else _plainly(c, t, told, text) for c, t in schema.items()}
    if not any(e is not None for e in columns.values()):
        reject(table.name, "none of its columns holds numbers, texts or dates", "write it anew")
    found += chain.from_iterable(_said(table.name, c, t, counts, text) for c, t in schema.items() if not (c in like and t == pl.Null))
    nan = sum(v for k, v in counts.items() if k.endswith("/nan"))
    if nan:
        found.append(Finding(table.name, "", nan, 0, "cells are not-a-number and read as missing", "nothing needs doing"))
    _sink(frame.select(e.alias(c) for c, e in columns.items() if e is not None), out)
    asked = {c: (f"as {kind!r}, as the catalog says", "mend the file, or change 'types' under [tables] in the catalog") for c, kind in table.types}
    asked |= {c: (f"as {m.kind}, as the models were fitted on", "mend them") for c, m in like.items() if schema[c] == pl.String and m.kind != "text"}
    return rows, {}, [*found, *_unread(frame, schema, table.name, asked, out, table.types)]


def _meanings(frame: pl.LazyFrame, schema: pl.Schema, like: Mapping[str, str]) -> dict[str, Meaning]:
    """What the columns mean that are read as models learned them; how texts are written is looked up."""
    texts = [c for c in like if schema[c] == pl.String]
    cells = frame.select(texts).head(csv_structure.SAMPLED).collect(engine="streaming") if texts else pl.DataFrame()
    return {c: casting.alike(usual, cells[c] if c in texts else pl.Series([], dtype=pl.String), ".") for c, usual in like.items()}


def _wanted(column: str, dtype: pl.DataType, meaning: Meaning) -> pl.Expr | None:
    """A column that has a type, as the kind of thing that models learned from; one of another kind stays as it is, to be refused by name."""
    if dtype == pl.Null:
        return pl.lit(None, meaning.holds)
    if dtype == pl.String and meaning.kind != "text":
        return meaning.read(pl.col(column))
    plain = _plainly(column, dtype, {}, ())
    if plain is None or (meaning.kind == "text" and isinstance(dtype, pl.String | pl.Categorical | pl.Enum)):
        return plain
    if meaning.kind == "text":
        whole = pl.when(plain == plain.round()).then(plain.cast(pl.Int64, strict=False).cast(pl.String)) if dtype.is_float() else None
        return plain.cast(pl.String) if whole is None else whole.otherwise(plain.cast(pl.String))
    return plain != 0 if meaning.kind == "boolean" and dtype.is_numeric() else plain


def _odd(frame: pl.LazyFrame, schema: pl.Schema, text: tuple[str, ...]) -> Mapping[str, int]:
    """Per column of fractions: not-a-number, endless, and for ids broken ones; by ``column/what``."""
    floats = [c for c, t in schema.items() if t.is_float()]
    asked = [e for c in floats for e in (pl.col(c).is_nan().sum().alias(f"{c}/nan"), pl.col(c).is_infinite().sum().alias(f"{c}/endless"))]
    asked += [pl.col(c).is_infinite().arg_true().first().alias(f"{c}/row") for c in floats]
    asked += [((pl.col(c) != pl.col(c).round()) | (pl.col(c).abs() > EXACT)).sum().alias(f"{c}/broken") for c in floats if c in text]
    return frame.select(asked).collect(engine="streaming").row(0, named=True) if asked else {}


def _plainly(column: str, dtype: pl.DataType, told: Mapping[str, str], text: tuple[str, ...]) -> pl.Expr | None:
    """A column as one of the few types that everything behind the door knows; None where it is left out."""
    if _foreign(dtype):
        return None
    if column in told:
        return _as(column, dtype, told[column])
    col = pl.col(column)
    if dtype.is_float():
        finite = pl.when(col.is_finite()).then(col)
        return finite.cast(pl.Int64, strict=False) if column in text else finite
    if dtype.is_decimal() or dtype in (pl.Int128, pl.UInt128):
        return col.cast(pl.String if column in text else pl.Float64)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return col.cast(pl.String)
    return col.dt.replace_time_zone(None) if isinstance(dtype, pl.Datetime) and dtype.time_zone else col


def _foreign(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Time, pl.Duration, pl.Unknown)


def _as(column: str, dtype: pl.DataType, kind: str) -> pl.Expr:
    """A column that has a type, as the catalog says it is read."""
    if kind == "date" and dtype.is_temporal():
        return pl.col(column)
    if kind == "number" and dtype.is_numeric():
        return pl.col(column).cast(pl.Float64)
    texts = (pl.col(column).cast(pl.Int64, strict=False) if dtype.is_float() else pl.col(column)).cast(pl.String)
    return casting.declared(kind, pl.Series([], dtype=pl.String), ".").read(texts)


def _said(name: str, column: str, dtype: pl.DataType, counts: Mapping[str, int], text: tuple[str, ...]) -> Iterator[Finding]:
    """What is to be said of a column that has a type."""
    if _foreign(dtype):
        yield Finding(name, column, 0, 0, f"it holds {dtype}, which no source can use, and is left out", "write it as numbers, texts or dates if it is needed")
    if dtype == pl.Null:
        yield Finding(name, column, 0, 0, "no cell holds a value, so no source can use it", "leave it out, or fill it")
    if dtype.is_decimal() or dtype in (pl.Int128, pl.UInt128):
        yield Finding(name, column, 0, 0, f"it holds {dtype}, read as {'text' if column in text else 'floating-point numbers'}", "nothing needs doing")
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        yield Finding(name, column, 0, 0, "its times have a zone, and are read as its clock shows them", "nothing needs doing")
    if endless := counts.get(f"{column}/endless"):
        yield Finding(name, column, endless, counts[f"{column}/row"] + 1, "cells are endless and read as missing", "mend them, or give them a value")
    if broken := counts.get(f"{column}/broken"):
        yield Finding(name, column, broken, 0, "ids are fractions, or longer than a fraction can hold", "write ids as whole numbers or text", grave=True)
    elif column in text and dtype.is_float():
        yield Finding(name, column, 0, 0, "its ids are whole numbers written as fractions, and read as whole numbers", "nothing needs doing")


def _unread(
    frame: pl.LazyFrame, schema: pl.Schema, table: str, asked: Mapping[str, tuple[str, str]], out: Path, read_as: Sequence[tuple[str, str]]
) -> Iterator[Finding]:
    """Cells that are not what they must be: `asked` says of a column in words what that is, and what to do."""
    told = [c for c in asked if not _foreign(schema[c])]
    if not told:
        return
    types = dict(read_as)
    there = (pl.col(c).is_not_null() & ~dates.undated(pl.col(c).cast(pl.String, strict=False), types.get(c, "")) for c in told)
    before = frame.select(e.sum().alias(c) for e, c in zip(there, told, strict=True)).collect(engine="streaming").row(0, named=True)
    after = pl.scan_parquet(out, glob=False).select(pl.col(told).is_not_null().sum()).collect().row(0, named=True)
    for c in told:
        if strays := before[c] - after[c]:
            grave, (wanted, remedy) = strays > (1 - casting.ENOUGH) * before[c], asked[c]
            rule = f"of {before[c]:,} cells cannot be read {wanted}" + ("" if grave else ", and are read as missing")
            yield Finding(table, c, strays, 0, rule, remedy, grave)
