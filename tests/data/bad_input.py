"""What can be wrong with data? A table of cases.

Each writes a folder, and says whether it is refused or repaired, and in which words.
"""

import gzip
import io
import os
import re
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.people import edit, settle

SECRET = "SECRET7391"  # stands in the cells that are wrong, and in no sentence
# of libraries, programs and machines
RAW = re.compile(
    r"polars|pyarrow|traceback|panick?ed|\w(Error|Exception|Warning)\b|0x[0-9a-f]{6}|/analytics/|\n",
    re.IGNORECASE,
)
SLACK = (
    8 << 20
    # of a file's size, lowered to this so that what unpacks to far more need not be large to be refused
)
Build = Callable[[Path], Path]
Bytes = Callable[[bytes], bytes]
Lines = Callable[[list[str]], list[str]]
Frames = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Case:
    """One way to be wrong.

    Attributes
    ----------
    build : writes the tables and the catalog into a folder, and gives the catalog's path.
    refused : is the check refused, or does it pass with what is wrong repaired?
    says : words of the sentence that refuses, or of a finding; none where nothing was wrong after
        all.
    same : where it passes, are the bank's people and balances those of the clean tables?
    late : is it refused by what comes after the door, so that the checked tables may already stand
        on the shelf?
    """

    name: str
    build: Build
    refused: bool
    says: tuple[str, ...]
    same: bool = True
    late: bool = False


def fit_to_read(sentence: str) -> bool:
    """Is it one sentence in our own words, without a cell?"""
    return SECRET not in sentence and not RAW.search(sentence) and len(sentence) < 1000


def refused(name: str, build: Build, *says: str) -> Case:
    """What the door turns away."""
    return Case(name, build, refused=True, says=says)


def late(name: str, build: Build, *says: str) -> Case:
    """What is turned away after the door, by a rule for people, outcomes or sources."""
    return Case(name, build, refused=True, says=says, late=True)


def repaired(name: str, build: Build, *says: str) -> Case:
    """What is mended on the way in, so that the bank is as it was meant."""
    return Case(name, build, refused=False, says=says)


def changed(name: str, build: Build, *says: str) -> Case:
    """What is taken, with something missing or left out."""
    return Case(name, build, refused=False, says=says, same=False)


def zipped(content: bytes, name: str = "bank.csv", *more: str) -> bytes:
    """A zip that holds the content under each of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in (name, *more):
            packed.writestr(member, content)
    return buffer.getvalue()


PACKED: dict[str, Bytes] = {
    "csv": lambda text: text,
    "tsv": lambda text: text.replace(b",", b"\t"),
    "csv.gz": gzip.compress,
    "csv.zip": zipped,
    "tsv.gz": lambda text: gzip.compress(text.replace(b",", b"\t")),
}


def table(
    change: Bytes,
    ending: str = "csv",
    tell: str = "",
    *,
    of: str = "bank",
    pack: Bytes | None = None,
) -> Build:
    """Change the bytes of a table's CSV, pack them as the ending says, and tell the catalog more
    of it.
    """

    def build(folder: Path) -> Path:
        path, name = settle(folder), f"{of}.{ending}"
        content = change((folder / f"{of}.csv").read_bytes())
        (folder / f"{of}.csv").unlink()
        (folder / name).write_bytes((pack or PACKED.get(ending, bytes))(content))
        edit(path, (f'"{of}.csv"', f'"{name}"'))
        return told(path, tell and f'[tables."{name}"]\n{tell}')

    return build


def lines(change: Lines) -> Bytes:
    """Change a text by its lines; the header is the first."""
    return lambda content: "".join(
        f"{line}\n" for line in change(content.decode().splitlines())
    ).encode()


def row(number: int, line: str) -> Bytes:
    """Another line in the place of a data row, 1 being the first."""
    return lines(lambda old: [*old[:number], line, *old[number + 1 :]])


def cells(column: int, change: Callable[[str], str], rows: range = range(1, 10_000)) -> Bytes:
    """Change the cells of a column, 0 being the first, in some data rows."""

    def changed(line: str) -> str:
        parts = line.split(",")
        return ",".join([*parts[:column], change(parts[column]), *parts[column + 1 :]])

    return lines(
        lambda old: [changed(line) if number in rows else line for number, line in enumerate(old)]
    )


def swap(*pairs: tuple[str, str]) -> Bytes:
    """Replace texts."""

    def change(content: bytes) -> bytes:
        for old, new in pairs:
            content = content.replace(old.encode(), new.encode())
        return content

    return change


def code(encoding: str, *pairs: tuple[str, str]) -> Bytes:
    """Replace texts, and write in another encoding."""
    return lambda content: swap(*pairs)(content).decode().encode(encoding)


def frame(change: Frames, ending: str = "parquet", tell: str = "", *, of: str = "bank") -> Build:
    """Change a table as a frame, and write it as its ending says."""

    def build(folder: Path) -> Path:
        path, name = settle(folder), f"{of}.{ending}"
        old = "bureau.parquet" if of == "bureau" else f"{of}.csv"
        read = (
            pl.read_parquet(folder / old)
            if of == "bureau"
            else pl.read_csv(folder / old, try_parse_dates=True)
        )
        (folder / old).unlink()
        put(change(read), folder / name)
        if old != name:
            edit(path, (f'"{old}"', f'"{name}"'))
        return told(path, tell and f'[tables."{name}"]\n{tell}')

    return build


def put(rows: pl.DataFrame, path: Path) -> None:
    """Write a frame as the ending says."""
    if path.suffix == ".xlsx":
        rows.write_excel(path)
    elif path.suffix == ".csv":
        rows.write_csv(path)
    else:
        rows.write_parquet(path)


def arrow(change: Callable[[pa.Table], pa.Table], *, of: str = "bank") -> Build:
    """Write a table as Parquet by another library than the one that reads it."""

    def build(folder: Path) -> Path:
        path = settle(folder)
        rows = pl.read_csv(folder / f"{of}.csv", try_parse_dates=True)
        (folder / f"{of}.csv").unlink()
        pq.write_table(change(rows.to_arrow()), folder / f"{of}.parquet")
        edit(path, (f'"{of}.csv"', f'"{of}.parquet"'))
        return path

    return build


def catalog(
    *edits: tuple[str, str], tell: str = "", also: Callable[[Path], object] = lambda _: None
) -> Build:
    """Clean tables, and a catalog that says something else of them."""

    def build(folder: Path) -> Path:
        path = settle(folder)
        also(folder)
        edit(path, *edits)
        return told(path, tell)

    return build


def told(path: Path, more: str) -> Path:
    """A catalog that says more."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{more}\n" if more else "")
    return path


def named(name: str, also: Callable[[Path], object] = lambda _: None) -> Build:
    """The bank's table under any name, whatever stands there."""
    return catalog(('"bank.csv"', f'"{name}"'), also=also)


def one_row(name: str, value: object, at: int = 6) -> pl.Expr:
    """A column with another value in one data row, 1 being the first."""
    return (
        pl.when(pl.int_range(pl.len()) == at - 1)
        .then(pl.lit(value))
        .otherwise(pl.col(name))
        .alias(name)
    )


def separators() -> Iterator[Case]:
    """What stands between cells."""
    for name, mark, ending in (
        ("semicolons", ";", "csv"),
        ("tabs", "\t", "csv"),
        ("bars", "|", "csv"),
        ("semicolons", ";", "tsv"),
        ("bars", "|", "csv.gz"),
    ):
        pack = gzip.compress if ending == "csv.gz" else bytes
        yield repaired(
            f"{name} between the cells of a .{ending}",
            table(swap((",", mark)), ending, pack=pack),
            f"bank.{ending}",
            mark,
        )
    yield repaired("commas in a .tsv", table(bytes, "tsv", pack=bytes))
    yield repaired("a carriage return at the end of every line", table(swap(("\n", "\r\n"))))
    yield repaired(
        "an old separator that the catalog names", table(swap((",", "^")), tell='separator = "^"')
    )
    yield repaired(
        "cells with commas and line breaks in quotes", table(swap(("fixed", '"fixed, for\nlong"')))
    )
    yield late(
        "a separator nobody expects",
        table(swap((",", "^"))),
        "bank.csv",
        "'person_id'",
        "'separator'",
    )
    yield late(
        "two marks between the cells",
        table(swap((",", "~~"))),
        "bank.csv",
        "'person_id'",
        "'separator'",
    )
    yield late(
        "another separator than the catalog says",
        table(bytes, tell='separator = ";"'),
        "bank.csv",
        "'person_id'",
        "'separator'",
    )


def raggeds() -> Iterator[Case]:
    """Rows with more or fewer cells than the header."""
    for ending in ("csv", "tsv", "csv.gz", "csv.zip"):
        yield refused(
            f"a row too long in a .{ending}",
            table(row(7, f"p9,1,{SECRET},4,5"), ending),
            f"bank.{ending}",
            "row 7",
            "the 3 fields of the header",
        )
    for ending in ("csv", "tsv.gz"):
        yield refused(
            f"a row too short in a .{ending}",
            table(row(9, f"p9,{SECRET}"), ending),
            f"bank.{ending}",
            "row 9",
            "the 3 fields of the header",
        )
    yield repaired(
        "a total below the rows",
        table(lambda text: text + f"Total {SECRET}\n".encode()),
        "bank.csv",
        "1 line at its end",
        "left out",
    )
    yield refused(
        "a last row that broke off",
        table(lambda text: text + b"p0201"),
        "bank.csv",
        "row 201",
        "the 3 fields of the header",
    )
    yield refused(
        "a title above the header",
        table(lambda text: f"Report of {SECRET}\n\n".encode() + text),
        "bank.csv",
        "line 3",
    )
    yield refused(
        "many ragged rows are counted",
        table(lines(lambda old: [*old, *["p9,1"] * 12])),
        "bank.csv",
        "12 rows",
        "row 201",
    )


def quotes() -> Iterator[Case]:
    """Quotes that do not close, or that stand where none belong."""
    for ending in ("csv", "tsv", "csv.gz"):
        yield refused(
            f"a quote that never closes in a .{ending}",
            table(row(5, f'p0007,1,"{SECRET}'), ending),
            f"bank.{ending}",
            "quote",
            "row 5",
        )
    yield refused(
        "a quote that never closes in the last row",
        table(lambda text: text + f'p9,1,"{SECRET}'.encode()),
        "bank.csv",
        "quote",
        "row 201",
    )
    yield refused(
        "text after a closing quote",
        table(row(5, f'p0007,1,"{SECRET}"free')),
        "bank.csv",
        "quote",
        "row 5",
    )
    yield refused(
        "a quote that never closes in the header",
        table(swap(("job", f'"job {SECRET}'))),
        "bank.csv",
        "quote",
    )


def encodings() -> Iterator[Case]:
    """How text was written."""
    chinese, french = (
        (("fixed", "固定工作"), ("free", "自由职业")),
        (("fixed", "salarié"), ("free", "indépendant")),
    )
    for name, encoding in (("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("UTF-32", "utf-32")):
        yield repaired(
            f"{name} with a byte order mark", table(code(encoding, *chinese)), "bank.csv", encoding
        )
    yield repaired(
        "UTF-16, the other way round",
        table(lambda text: b"\xfe\xff" + code("utf-16-be", *chinese)(text)),
        "bank.csv",
        "utf-16",
    )
    yield repaired(
        "UTF-16 with tabs, as a spreadsheet saves it",
        table(code("utf-16", *chinese, (",", "\t")), "tsv", pack=bytes),
    )
    yield repaired("GB18030", table(code("gb18030", *chinese)), "bank.csv", "gb18030")
    yield repaired(
        "GB18030, packed", table(code("gb18030", *chinese), "csv.gz"), "bank.csv", "gb18030"
    )
    yield repaired(
        "GB18030 in a zip", table(code("gb18030", *chinese), "csv.zip"), "bank.csv", "gb18030"
    )
    yield repaired(
        "GB18030 that the catalog names",
        table(code("gb18030", *chinese), tell='encoding = "gb18030"'),
    )
    yield repaired(
        "Latin-1 that the catalog names",
        table(code("latin-1", *french), tell='encoding = "latin-1"'),
    )
    yield repaired("Latin-1", table(code("latin-1", *french)), "bank.csv", "cp1252")
    for name, encoding, word in (
        ("Big5", "big5", "臺北市信義區"),
        ("Shift-JIS", "shift_jis", "カタカナかんじ"),
        ("Cyrillic", "cp1251", "постоянная"),
    ):
        yield repaired(
            f"{name} that nobody names",
            table(code(encoding, ("fixed", word))),
            "bank.csv",
            "'encoding'",
            name.split()[0],
        )
        yield repaired(
            f"{name} that the catalog names",
            table(code(encoding, ("fixed", word)), tell=f'encoding = "{encoding}"'),
            "bank.csv",
            encoding,
        )
    yield repaired(
        "Latin-1 in a zip", table(code("latin-1", *french), "csv.zip"), "bank.csv.zip", "cp1252"
    )
    yield refused(
        "an encoding that its words do not tell",
        table(code("cp1250", ("fixed", "szülő"))),
        "bank.csv",
        "'encoding'",
        "--encoding",
    )
    yield refused(
        "Latin-1 in one row",
        table(
            lambda text: row(5, f"p0007,1,{SECRET}\u00e9z")(text).replace(
                "\u00e9".encode(), b"\xe9"
            )
        ),
        "bank.csv",
        "row 5",
    )
    mixed = code("utf-8", *chinese)
    yield refused(
        "UTF-8 with a row of GB18030",
        table(lambda text: mixed(text) + "p9,1,固定\n".encode("gb18030")),
        "bank.csv",
        "row 201",
    )
    yield refused(
        "UTF-8 with a row of Latin-1",
        table(lambda text: mixed(text) + "p9,1,salarié\n".encode("latin-1")),
        "bank.csv",
        "row 201",
    )
    yield refused(
        "UTF-16 cut in the middle of a letter",
        table(lambda text: code("utf-16", *chinese)(text)[:-1]),
        "bank.csv",
    )
    yield refused("UTF-16 without a mark", table(code("utf-16-le")), "bank.csv")
    yield refused(
        "another encoding than the catalog says",
        table(code("gb18030", *chinese), tell='encoding = "utf-8"'),
        "bank.csv",
        "encoding",
        "row 1",
    )
    yield refused(
        "an encoding that does not exist",
        table(bytes, tell='encoding = "klingon"'),
        "bank.csv",
        "klingon",
    )
    yield refused(
        "an encoding that is none of text",
        table(bytes, tell='encoding = "zlib"'),
        "bank.csv",
        "zlib",
    )
    for ending in ("csv", "tsv", "csv.gz"):
        yield refused(
            f"a zero byte in a cell of a .{ending}",
            table(row(6, f"p0008,1,{SECRET}\0"), ending),
            f"bank.{ending}",
            "zero byte",
            "row 6",
        )
    yield refused(
        "a tail of zeros, as a crash leaves it",
        table(lambda text: text + bytes(4096)),
        "bank.csv",
        "zero byte",
    )


def numbers() -> Iterator[Case]:
    """How numbers were written."""
    comma, english = lambda cell: cell.replace(".", ","), lambda cell: f'"{float(cell):,.1f}"'
    marked = lambda mark: lambda cell: f"{float(cell):,.1f}".replace(",", mark)  # noqa: E731
    german = lambda cell: f"{float(cell):,.1f}".translate(str.maketrans(",.", ".,"))  # noqa: E731
    semicolons = swap((",", ";"))
    yield repaired(
        "decimal commas between semicolons",
        table(lambda text: swap((".", ","))(semicolons(text))),
        "bank.csv",
        "'balance'",
        "decimal comma",
    )
    yield repaired(
        "decimal commas in quotes",
        table(cells(1, lambda cell: f'"{comma(cell)}"')),
        "bank.csv",
        "'balance'",
        "decimal comma",
    )
    yield repaired(
        "decimal commas that the catalog names",
        table(lambda text: swap((".", ","))(semicolons(text)), tell='decimal = ","'),
    )
    yield repaired(
        "commas between thousands", table(cells(1, english)), "bank.csv", "'balance'", "thousands"
    )
    yield repaired(
        "points between thousands and decimal commas",
        table(lambda text: _german(text, german)),
        "bank.csv",
        "'balance'",
        "thousands",
    )
    few = cells(1, lambda _: "7777.7", range(8, 10))
    commas, points = swap(('"7,777.7"', '"12,5"')), swap(("7.777,7", "12.5"))
    tenths = (
        "a comma that parts no thousands",
        table(lambda text: commas(cells(1, english)(few(text)))),
    )
    yield changed(*tenths, "bank.csv", "'balance'", "2", "row 8", "missing")
    tenths = (
        "a point that parts no thousands",
        table(lambda text: points(_german(few(text), german))),
    )
    yield changed(*tenths, "bank.csv", "'balance'", "2", "row 8", "missing")
    for name, mark in (("spaces", " "), ("apostrophes", "'"), ("hard spaces", "\u00a0")):
        yield repaired(
            f"{name} between thousands",
            table(cells(1, marked(mark))),
            "bank.csv",
            "'balance'",
            "thousands",
        )
    yield repaired("spaces around numbers", table(cells(1, lambda cell: f"  {cell} ")))
    for word in ("NaN", "NA", "n/a", "NULL", "-", "#N/A"):
        yield changed(
            f"{word} for what is missing",
            table(cells(1, lambda _, word=word: word, range(1, 31))),
            "bank.csv",
            "'balance'",
            "30",
            "missing",
        )
    for word in ("inf", "-Infinity", "1e400"):
        yield changed(
            f"{word} among the numbers",
            table(cells(1, lambda _, word=word: word, range(4, 6))),
            "bank.csv",
            "'balance'",
            "2",
            "row 4",
            "endless",
        )
    yield changed(
        "a few words among the numbers",
        table(cells(1, lambda _: SECRET, range(8, 10))),
        "bank.csv",
        "'balance'",
        "2",
        "row 8",
        "missing",
    )
    yield changed(
        "many words among the numbers",
        table(cells(1, lambda _: SECRET, range(8, 40))),
        "bank.csv",
        "'balance'",
        "168",
        "32",
        "text",
    )
    risk = ("[[bureaus]]", '[sources.features.balance]\ndirection = "safer"\n\n[[bureaus]]')
    yield late(
        "words where the catalog wants numbers",
        _then(table(cells(1, lambda _: SECRET, range(8, 40))), risk),
        "'balance'",
        "bank.csv",
        "number",
    )
    number = 'types = { balance = "number" }'
    yield changed(
        "a few words in a declared number",
        table(cells(1, lambda _: SECRET, range(8, 10)), tell=number),
        "bank.csv",
        "'balance'",
        "row 8",
    )
    yield refused(
        "many words in a declared number",
        table(cells(1, lambda _: SECRET, range(8, 40)), tell=number),
        "bank.csv",
        "'balance'",
        "32",
        "row 8",
    )
    yield refused(
        "text declared a date",
        table(bytes, tell='types = { job = "date" }'),
        "bank.csv",
        "'job'",
        "row 1",
    )
    yield refused(
        "text declared true or false",
        table(bytes, tell='types = { job = "boolean" }'),
        "bank.csv",
        "'job'",
        "row 1",
    )
    yield changed(
        "whole numbers beyond 64 bits",
        table(cells(1, lambda cell: str(2**70 + int(float(cell))))),
        "bank.csv",
        "'balance'",
    )
    yield changed(
        "a number that is not one, in Parquet",
        frame(lambda f: f.with_columns(one_row("balance", float("nan")))),
        "bank.parquet",
        "1 cell",
        "not-a-number",
    )
    yield changed(
        "an infinite number in Parquet",
        frame(lambda f: f.with_columns(one_row("balance", float("inf")))),
        "bank.parquet",
        "'balance'",
        "row 6",
    )
    yield late(
        "a number too large for a model",
        frame(lambda f: f.with_columns(one_row("balance", 1e300))),
        "'balance'",
        "too large",
        "'missing'",
    )
    yield changed(
        "unsigned whole numbers of 64 bits",
        frame(
            lambda f: f.with_columns(
                balance=pl.Series([2**64 - 1 - i for i in range(200)], dtype=pl.UInt64)
            )
        ),
    )
    wide = frame(
        lambda f: f.with_columns(
            balance=pl.Series([2**100 + i for i in range(200)], dtype=pl.Int128)
        )
    )
    yield changed("whole numbers of 128 bits", wide, "bank.parquet", "'balance'", "Int128")


def _german(text: bytes, write: Callable[[str], str]) -> bytes:
    rows = [line.split(",") for line in text.decode().splitlines()]
    return "".join(
        ";".join([r[0], write(r[1]) if i else r[1], r[2]]) + "\n" for i, r in enumerate(rows)
    ).encode()


def _then(build: Build, *edits: tuple[str, str]) -> Build:
    """A folder, and then edits of its catalog."""

    def both(folder: Path) -> Path:
        path = build(folder)
        edit(path, *edits)
        return path

    return both


def dates() -> Iterator[Case]:
    """How dates were written; the people's table has the day of application."""

    def styled(style: str, tell: str = "", rows: range = range(1, 10_000)) -> Build:
        return table(
            cells(1, lambda cell: date.fromisoformat(cell).strftime(style), rows),
            tell=tell,
            of="people",
        )

    for name, style in (
        ("points", "%d.%m.%Y"),
        ("strokes, the month first", "%m/%d/%Y"),
        ("strokes, the day first", "%d/%m/%Y"),
        ("strokes, the year first", "%Y/%m/%d"),
    ):
        yield repaired(f"dates with {name}", styled(style))
    yield repaired(
        "dates as digits that the catalog explains",
        styled("%y%m%d", 'types = { applied_on = "%y%m%d" }'),
    )
    early = lambda cell: (  # noqa: E731
        date.fromisoformat(cell).replace(day=1 + int(cell[-1])).strftime("%d/%m/%Y")
    )
    yield late(
        "dates that may be read both ways",
        table(cells(1, early), of="people"),
        "people.csv",
        "'applied_on'",
        "dates",
    )
    yield repaired(
        "dates both ways that the catalog explains",
        table(cells(1, early), tell='types = { applied_on = "%d/%m/%Y" }', of="people"),
    )
    yield repaired(
        "dates of two styles in one column",
        styled("%d.%m.%Y", rows=range(1, 150)),
        "people.csv",
        "'applied_on'",
        "2 ways",
    )
    yield changed(
        "a day that no month has",
        table(cells(1, lambda _: "2024-02-31", range(5, 6)), of="people"),
        "people.csv",
        "'applied_on'",
        "1",
        "row 5",
    )
    yield refused(
        "another format than the catalog says",
        styled("%d.%m.%Y", 'types = { applied_on = "%Y%m%d" }'),
        "people.csv",
        "'applied_on'",
        "300",
        "row 1",
    )
    yield repaired(
        "times with a zone",
        table(cells(1, lambda cell: f"{cell}T23:30:00+08:00"), of="people"),
        "people.csv",
        "'applied_on'",
        "zone",
    )
    zoned = lambda f: f.with_columns(  # noqa: E731
        pl.col("applied_on").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    )
    yield repaired(
        "times with a zone in Parquet",
        frame(zoned, of="people"),
        "people.parquet",
        "'applied_on'",
        "zone",
    )
    yield repaired("dates of a spreadsheet", frame(lambda f: f, "xlsx", of="people"))
    yield late(
        "the time of day for a date",
        frame(lambda f: f.with_columns(applied_on=pl.time(12)), of="people"),
        "people.parquet",
        "'applied_on'",
    )


def names() -> Iterator[Case]:
    """What columns are called, and how many there are."""
    wide = pl.DataFrame({"person_id": ["p0001"], **{f"c{i}": [1] for i in range(10_000)}})
    yield repaired(
        "two columns of one name",
        table(lines(lambda old: [f"{old[0]},job", *(f"{line},x" for line in old[1:])])),
        "bank.csv",
        "'job_2'",
        "twice",
    )
    yield repaired(
        "a column without a name",
        table(lines(lambda old: [f"{old[0]},", *(f"{line},1" for line in old[1:])])),
        "bank.csv",
        "column_4",
    )
    yield repaired(
        "a separator too many at every end",
        table(lines(lambda old: [f"{line}," for line in old])),
        "bank.csv",
        "column_4",
    )
    yield changed(
        "the id's column twice",
        table(lines(lambda old: [f"{line},{line.split(',')[0]}" for line in old])),
        "bank.csv",
        "'person_id_2'",
        "twice",
    )
    yield refused(
        "no header",
        table(lines(lambda old: [f"{SECRET},-12.5,{SECRET}", *old[1:]])),
        "bank.csv",
        "header",
    )
    yield refused(
        "no header, and numbers only", table(lambda _: b"7,2,31\n4,5,6\n"), "bank.csv", "header"
    )
    yield late(
        "columns that are only counted",
        table(swap(("person_id,balance,job", "0,1,2"))),
        "bank.csv",
        "'person_id'",
        "0, 1, 2",
    )
    yield refused(
        "ten thousand columns",
        table(lambda _: wide.write_csv().encode()),
        "bank.csv",
        "10,001 columns",
        "5,000",
    )
    yield refused(
        "ten thousand columns in Parquet",
        frame(lambda _: wide),
        "bank.parquet",
        "10,001 columns",
        "5,000",
    )
    yield refused(
        "ten thousand columns, packed",
        table(lambda _: wide.write_csv().encode(), "csv.gz"),
        "bank.csv.gz",
        "10,001 columns",
        "5,000",
    )
    twice = lambda rows: pa.Table.from_arrays(  # noqa: E731
        [*rows.columns, rows.column("job")], names=[*rows.column_names, "job"]
    )
    yield Case(
        "two columns of one name in Parquet",
        arrow(twice),
        refused=True,
        says=("bank.parquet", "'job'"),
    )
    yield repaired(
        "spaces around the names of columns", table(swap(("balance,job", " balance , job ")))
    )
    yield late(
        "a column with a name of our own",
        _then(table(swap(("job", "row"))), ('"job"', '"row"')),
        "bank.csv",
        "'row'",
        "row_2",
    )
    yield repaired(
        "a name that a page could take for a mark",
        table(swap(("person_id,balance,job", "person_id,balance,job,<b>{x}</b>")), pack=_one_more),
    )


def _one_more(text: bytes) -> bytes:
    return lines(lambda old: [old[0], *(f"{line},1" for line in old[1:])])(text)


def empties() -> Iterator[Case]:
    """Files with nothing in them."""
    header = lines(lambda old: old[:1])
    for ending in ("csv", "tsv", "csv.gz", "csv.zip"):
        yield refused(
            f"only a header in a .{ending}", table(header, ending), f"bank.{ending}", "rows"
        )
    for ending in ("csv", "csv.gz", "csv.zip", "parquet", "xlsx"):
        yield refused(
            f"nothing at all in a .{ending}",
            table(lambda _: b"", ending),
            f"bank.{ending}",
            "empty",
        )
    yield refused("no rows in Parquet", frame(lambda f: f[:0]), "bank.parquet", "rows")
    yield refused("no rows on a sheet", frame(lambda f: f[:0], "xlsx"), "bank.xlsx", "rows")
    yield refused("an empty sheet", frame(lambda f: f[:0].select(), "xlsx"), "bank.xlsx")
    yield refused(
        "blank lines only", table(lambda _: b"\n\n\n\n"), "bank.csv", "nothing but blanks"
    )
    yield refused(
        "a byte order mark and nothing more",
        table(lambda _: b"\xef\xbb\xbf"),
        "bank.csv",
        "nothing but blanks",
    )
    yield refused("people without rows", table(header, of="people"), "people.csv", "rows")


def outcomes() -> Iterator[Case]:
    """How people turned out."""
    chance = np.random.default_rng(5).random(300)
    for name, value in (("pays", "0"), ("defaults", "1")):
        words = "nobody" if value == "0" else "everybody"
        yield late(
            f"everybody {name}",
            table(cells(3, lambda _, value=value: value), of="people"),
            "people.csv",
            "'defaulted'",
            words,
            "'bad'",
        )
    yield late(
        "no outcome is known",
        table(cells(3, lambda _: ""), of="people"),
        "people.csv",
        "'defaulted'",
    )
    yield late(
        "no outcome is known, in Parquet",
        frame(lambda f: f.with_columns(defaulted=pl.lit(None)), of="people"),
        "people.parquet",
        "'defaulted'",
    )
    yield late(
        "an outcome that is an amount",
        frame(lambda f: f.with_columns(defaulted=pl.Series(chance)), of="people"),
        "people.parquet",
        "'defaulted'",
        "'bad'",
    )
    mostly = frame(
        lambda f: f.with_columns(defaulted=pl.Series(np.where(chance > 0.9, 1.0, chance))),
        of="people",
    )
    yield late("an amount that is sometimes bad", mostly, "people.parquet", "'defaulted'", "values")
    yield late(
        "an outcome in words",
        table(cells(3, lambda cell: SECRET if int(cell) else "paid"), of="people"),
        "people.csv",
        "'defaulted'",
        "'bad'",
    )
    yield late(
        "an outcome that is a day",
        catalog(('outcome = "defaulted"', 'outcome = "applied_on"')),
        "people.csv",
        "'applied_on'",
    )
    nested = frame(lambda f: f.with_columns(pl.concat_list("defaulted")), of="people")
    yield late("an outcome in lists", nested, "people.parquet", "'defaulted'")


def ids() -> Iterator[Case]:
    """Who people are."""
    for ending in ("csv", "tsv", "csv.gz"):
        build = table(cells(0, lambda _: "", range(5, 6)), ending, of="people")
        yield late(
            f"a person without an id in a .{ending}",
            build,
            f"people.{ending}",
            "'person_id'",
            "1 row",
        )
    yield late(
        "a person without an id in Parquet",
        frame(lambda f: f.with_columns(one_row("person_id", None)), of="people"),
        "people.parquet",
        "'person_id'",
    )
    yield late(
        "a record without an id",
        table(cells(0, lambda _: "", range(5, 7))),
        "bank.csv",
        "'person_id'",
        "2 rows",
    )
    yield late(
        "no id at all",
        table(cells(0, lambda _: ""), of="people"),
        "people.csv",
        "'person_id'",
        "300 rows",
    )
    yield late(
        "a person twice",
        table(lines(lambda old: [*old, old[1]]), of="people"),
        "people.csv",
        "'person_id'",
        "1 row",
        "one row per person",
    )
    yield late(
        "a person twice in Parquet",
        frame(lambda f: pl.concat([f, f[:3]]), of="people"),
        "people.parquet",
        "'person_id'",
        "3 rows",
    )
    yield late(
        "a record twice",
        table(lines(lambda old: [*old, *old[1:3]])),
        "bank.csv",
        "'person_id'",
        "2 rows",
    )
    yield late(
        "a record twice on a sheet",
        frame(lambda f: pl.concat([f, f[:2]]), "xlsx"),
        "bank.xlsx",
        "'person_id'",
        "2 rows",
    )
    yield late(
        "a record twice in Parquet",
        frame(lambda f: pl.concat([f, f[:2]])),
        "bank.parquet",
        "'person_id'",
        "2 rows",
    )
    yield repaired("ids with leading zeros", renamed(lambda i: f"{i:08}"))
    yield repaired("ids of eighteen digits", renamed(lambda i: f"11010119900101{i:04}"))
    yield repaired("ids of thirty digits", renamed(lambda i: f"{10**29 + i}"))
    yield repaired(
        "ids that look like dates", renamed(lambda i: str(date.fromordinal(730_000 + i)))
    )
    yield repaired("ids that look like powers", renamed(lambda i: f"{i}e5"))
    yield repaired("ids with a formula's sign", renamed(lambda i: f"=HYPERLINK({i})"))
    yield repaired(
        "whole ids here and text there",
        typed(lambda f: f.with_columns(pl.col("person_id").cast(pl.String))),
    )
    yield repaired(
        "ids as whole fractions",
        typed(lambda f: f.with_columns(pl.col("person_id").cast(pl.Float64))),
        "bank.parquet",
        "'person_id'",
        "whole",
    )
    yield refused(
        "ids with a fraction",
        typed(lambda f: f.with_columns(pl.col("person_id") + 0.5)),
        "bank.parquet",
        "'person_id'",
        "text",
    )
    lost = typed(lambda f: f.with_columns(pl.col("person_id") * 1.0 + 110101199001010000.0))
    yield refused(
        "ids of eighteen digits that a fraction has rounded",
        lost,
        "bank.parquet",
        "'person_id'",
        "text",
    )
    rounded = renamed(lambda i: f"1.10101E+{17 + i % 2}")
    yield refused(
        "ids that a spreadsheet has rounded",
        rounded,
        "people.csv",
        "'person_id'",
        "rounded",
        "text",
    )
    digits = sheet(
        lambda book: [book.write_number(i, 0, 110101199001010000 + i * 1000) for i in range(1, 201)]
    )
    yield refused(
        "ids of eighteen digits as numbers on a sheet", digits, "bank.xlsx", "'person_id'", "text"
    )
    yield late(
        "ids that are true or false",
        frame(lambda f: f.with_columns(person_id=pl.lit(value=True)), of="people"),
        "people.parquet",
        "'person_id'",
    )
    yield late(
        "ids in lists",
        frame(lambda f: f.with_columns(pl.concat_list("person_id"))),
        "bank.parquet",
        "'person_id'",
    )
    yield late(
        "a source of strangers",
        table(cells(0, lambda cell: f"x{cell}")),
        "'bank'",
        "knows nobody",
        "ids",
    )
    yield late(
        "ids whose zeros were lost on the way",
        stripped(renamed(lambda i: f"{i:06}")),
        "knows nobody",
    )
    yield changed("a source that lacks half the ids", table(lines(lambda old: old[:101])))


def renamed(write: Callable[[int], str]) -> Build:
    """Other ids in all tables; the bureau's follow."""

    def build(folder: Path) -> Path:
        path = settle(folder)
        for of in ("people", "bank"):
            content = cells(0, lambda cell: write(int(cell[1:])))(
                (folder / f"{of}.csv").read_bytes()
            )
            (folder / f"{of}.csv").write_bytes(content)
        bureau = pl.read_parquet(folder / "bureau.parquet")
        bureau.with_columns(
            pl.col("person_id").map_elements(lambda person: write(int(person[1:])), pl.String)
        ).write_parquet(folder / "bureau.parquet")
        return path

    return build


def stripped(build: Build) -> Build:
    """The bank's ids without their leading zeros."""

    def less(folder: Path) -> Path:
        path = build(folder)
        (folder / "bank.csv").write_bytes(
            cells(0, lambda cell: cell.lstrip("0"))((folder / "bank.csv").read_bytes())
        )
        return path

    return less


def typed(bank: Frames) -> Build:
    """Whole numbers as ids in all tables, and the bank's changed once more, in Parquet."""
    whole = pl.col("person_id").cast(pl.String).str.strip_chars_start("p").cast(pl.Int64)

    def build(folder: Path) -> Path:
        path = settle(folder)
        for name in ("people.csv", "bank.csv"):
            pl.read_csv(folder / name, try_parse_dates=True).with_columns(whole).write_csv(
                folder / name
            )
        pl.read_parquet(folder / "bureau.parquet").with_columns(whole).write_parquet(
            folder / "bureau.parquet"
        )
        put(bank(pl.read_csv(folder / "bank.csv")), folder / "bank.parquet")
        edit(path, ('"bank.csv"', '"bank.parquet"'))
        return path

    return build


def contents() -> Iterator[Case]:
    """Columns that say nothing, or too much."""
    yield late(
        "a source whose columns are empty",
        table(lines(lambda old: [old[0], *(f"{line.split(',')[0]},," for line in old[1:])])),
        "'bank'",
        "bank.csv",
        "no cell",
    )
    yield changed(
        "a column that is empty",
        table(cells(1, lambda _: "")),
        "bank.csv",
        "'balance'",
        "no cell holds a value",
    )
    yield changed(
        "a column that is empty in Parquet",
        frame(lambda f: f.with_columns(balance=pl.lit(None))),
        "bank.parquet",
        "'balance'",
        "no cell holds a value",
    )
    yield changed(
        "a column that never changes",
        table(cells(1, lambda _: "5")),
        "bank.csv",
        "'balance'",
        "same value",
    )
    yield changed(
        "a column that never changes in Parquet",
        frame(lambda f: f.with_columns(balance=pl.lit(5.0))),
        "bank.parquet",
        "'balance'",
        "same value",
    )

    def copied(folder: Path) -> Path:
        path = settle(folder)
        people = pl.read_csv(folder / "people.csv").select("person_id", copy="defaulted")
        pl.read_csv(folder / "bank.csv").join(people, on="person_id", how="left").write_csv(
            folder / "bank.csv"
        )
        edit(path, ('"balance", "job"', '"balance", "job", "copy"'))
        return path

    yield repaired("a column that copies the outcome", copied, "'bank'", "'copy'", "outcome")


def parquets() -> Iterator[Case]:
    """What Parquet can hold that a table should not."""
    plain = ('"balance", "job"', '"*"')
    kinds: dict[str, pl.Expr] = {
        "lists": pl.concat_list("balance"),
        "records": pl.struct("balance", "job"),
        "bytes": pl.col("job").cast(pl.Binary),
    }
    for name, made in kinds.items():
        yield repaired(
            f"{name} beside the columns",
            _then(frame(lambda f, made=made: f.with_columns(odd=made)), plain),
            "bank.parquet",
            "'odd'",
            "left out",
        )
        yield late(
            f"{name} in a column that the catalog names",
            frame(lambda f, made=made: f.with_columns(balance=made)),
            "bank.parquet",
            "'balance'",
            "left out",
        )
    yield repaired(
        "a duration beside the columns",
        _then(frame(lambda f: f.with_columns(odd=pl.duration(days=1))), plain),
        "bank.parquet",
        "'odd'",
    )
    yield repaired(
        "the time of day beside the columns",
        _then(frame(lambda f: f.with_columns(odd=pl.time(12))), plain),
        "bank.parquet",
        "'odd'",
    )
    yield repaired(
        "decimals", frame(lambda f: f.with_columns(pl.col("balance").cast(pl.Decimal(20, 4))))
    )
    yield changed(
        "decimals of 38 digits",
        arrow(
            lambda t: t.set_column(
                1, "balance", pa.array([Decimal("9" * 30 + ".5")] * 200, pa.decimal128(38, 4))
            )
        ),
    )
    yield repaired(
        "categories", frame(lambda f: f.with_columns(pl.col("job").cast(pl.Categorical)))
    )
    yield repaired(
        "a fixed list of words",
        frame(lambda f: f.with_columns(pl.col("job").cast(pl.Enum(["fixed", "free"])))),
    )
    yield repaired(
        "half precision", frame(lambda f: f.with_columns(pl.col("balance").cast(pl.Float32)))
    )
    stamp = datetime(2024, 1, 1, tzinfo=UTC)
    yield repaired(
        "times with a zone beside the columns",
        _then(frame(lambda f: f.with_columns(odd=pl.lit(stamp))), plain),
        "bank.parquet",
        "'odd'",
        "zone",
    )
    for name, cut in (("its half", 0.5), ("its end", 0.98), ("all but its head", 0.01)):
        yield refused(
            f"Parquet that lost {name}",
            table(
                lambda text, cut=cut: _parquet(text)[: int(len(_parquet(text)) * cut)], "parquet"
            ),
            "bank.parquet",
        )
    yield refused(
        "Parquet whose head is gone",
        table(lambda text: bytes(4) + _parquet(text)[4:], "parquet"),
        "bank.parquet",
    )
    yield refused(
        "Parquet with zeros for its footer",
        table(lambda text: _parquet(text)[:-200] + bytes(192) + _parquet(text)[-8:], "parquet"),
        "bank.parquet",
    )
    yield refused(
        "Parquet with a footer of any length",
        table(lambda text: _parquet(text)[:-8] + b"\xff\xff\xff\x7fPAR1", "parquet"),
        "bank.parquet",
    )
    yield refused(
        "Parquet with pages of noise",
        table(lambda text: _noisy(_parquet(text)), "parquet"),
        "bank.parquet",
    )
    yield refused(
        "Parquet that is locked",
        table(lambda text: _parquet(text)[:-4] + b"PARE", "parquet"),
        "bank.parquet",
    )


def _parquet(text: bytes) -> bytes:
    buffer = io.BytesIO()
    pl.read_csv(io.BytesIO(text)).write_parquet(buffer)
    return buffer.getvalue()


def _noisy(whole: bytes) -> bytes:
    noise = np.random.default_rng(2).bytes(len(whole) // 2)
    return whole[:4] + noise + whole[4 + len(noise) :]


def disguises() -> Iterator[Case]:
    """Files that are not what their ending says."""
    yield repaired("Parquet that calls itself .csv", table(_parquet), "bank.csv", "Parquet")
    yield repaired(
        "text that calls itself .parquet", table(bytes, "parquet"), "bank.parquet", "text"
    )
    yield repaired("text that calls itself .xlsx", table(bytes, "xlsx"), "bank.xlsx", "text")
    yield repaired(
        "text that calls itself .csv.gz", table(bytes, "csv.gz", pack=bytes), "bank.csv.gz"
    )
    yield repaired("a gzip that calls itself .csv", table(gzip.compress), "bank.csv", "gzip")
    yield repaired("a zip that calls itself .csv", table(zipped), "bank.csv", "zip")
    yield repaired(
        "a zip that calls itself .csv.gz", table(zipped, "csv.gz", pack=bytes), "bank.csv.gz", "zip"
    )
    yield repaired("a workbook that calls itself .csv", table(_workbook), "bank.csv", "Excel")
    yield repaired("a workbook", table(_workbook, "xlsx"))
    yield repaired(
        "Parquet in a gzip", table(lambda text: gzip.compress(_parquet(text)), "parquet.gz")
    )
    yield repaired(
        "Parquet in a zip",
        table(lambda text: zipped(_parquet(text), "bank.parquet"), "parquet.zip"),
    )
    yield repaired(
        "a workbook in a zip", table(lambda text: zipped(_workbook(text), "bank.xlsx"), "xlsx.zip")
    )
    yield repaired("an ending nobody knows", table(bytes, "dat"))
    secret = SECRET.encode()
    for name, head in (
        ("a PDF", b"%PDF-1.7\n"),
        ("a picture", b"\x89PNG\r\n\x1a\n"),
        ("a database", b"SQLite format 3\0"),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a web page", b"<!DOCTYPE html><html><body><table>"),
        ("a program", b"\x7fELF\x02\x01\x01\0"),
        ("a pickle", b"\x80\x04\x95\x20\0\0\0\0\0\0\0"),
        ("a feather", b"ARROW1\0\0"),
        ("a bzip2", b"BZh91AY&SY"),
        ("a 7z", b"7z\xbc\xaf\x27\x1c"),
    ):
        yield refused(
            f"{name} that calls itself .csv",
            table(lambda _, head=head: head + secret * 40 + b"\n"),
            "bank.csv",
        )
    yield refused(
        "a list of records that calls itself .csv",
        table(lambda _: f'[{{"person_id": "{SECRET}"}}]'.encode()),
        "bank.csv",
    )
    yield refused(
        "a web page in a gzip", table(lambda _: b"<html><body>" + secret, "csv.gz"), "bank.csv.gz"
    )
    yield refused(
        "a gzip in a gzip",
        table(lambda text: gzip.compress(gzip.compress(text)), "csv.gz", pack=bytes),
        "bank.csv.gz",
    )
    yield refused(
        "a zip in a zip", table(lambda text: zipped(zipped(text), "bank.zip"), "zip"), "bank.zip"
    )
    yield refused(
        "a gzip cut short",
        table(lambda text: gzip.compress(text)[:-200], "csv.gz", pack=bytes),
        "bank.csv.gz",
    )
    yield refused(
        "a gzip with a wrong checksum",
        table(lambda text: gzip.compress(text)[:-8] + bytes(8), "csv.gz", pack=bytes),
        "bank.csv.gz",
    )
    yield refused(
        "a zip cut short",
        table(lambda text: zipped(text)[:-30], "csv.zip", pack=bytes),
        "bank.csv.zip",
    )
    yield refused(
        "a zip with a wrong checksum",
        table(lambda text: _wrong(zipped(text)), "csv.zip", pack=bytes),
        "bank.csv.zip",
    )
    yield refused(
        "a workbook cut short", table(lambda text: _workbook(text)[:-300], "xlsx"), "bank.xlsx"
    )
    yield refused(
        "a zip of two tables",
        table(lambda text: zipped(text, "a.csv", "b.csv"), "zip"),
        "bank.zip",
        "one table",
    )
    yield refused(
        "a zip of nothing",
        table(lambda text: zipped(text, "__MACOSX/bank.csv", ".hidden"), "zip"),
        "bank.zip",
    )
    yield refused(
        "a zip with a password",
        table(lambda text: _locked(zipped(text)), "zip"),
        "bank.zip",
        "password",
    )
    yield repaired(
        "a zip with what a Mac adds",
        table(lambda text: zipped(text, "bank.csv", "__MACOSX/._bank.csv", ".DS_Store"), "zip"),
    )
    yield repaired(
        "a zip whose table would leave the folder",
        table(lambda text: zipped(text, "../../bank.csv"), "zip"),
    )
    yield repaired(
        "a workbook of a sheet that the catalog names", table(_workbook, "xlsx", 'sheet = "Sheet1"')
    )
    yield refused(
        "a sheet that is not there",
        table(_workbook, "xlsx", f'sheet = "{SECRET[:6]}"'),
        "bank.xlsx",
        "sheet",
    )


def sheets() -> Iterator[Case]:
    """What spreadsheets hold beside a table."""
    words = frame(
        lambda f: f.with_columns(
            pl.when(pl.int_range(pl.len()) % 3 == 1)
            .then(pl.lit(SECRET))
            .otherwise("balance")
            .alias("balance")
        ),
        "xlsx",
    )
    yield changed(
        "many words among the numbers of a sheet",
        words,
        "bank.xlsx",
        "'balance'",
        "67",
        "row 2",
        "text",
    )
    errors = sheet(lambda book: [book.write_formula(i, 1, "=1/0", None, "#DIV/0!") for i in (5, 6)])
    yield changed(
        "cells of a sheet that could not be worked out",
        errors,
        "bank.xlsx",
        "2 cells",
        "B6",
        "missing",
    )
    yield repaired(
        "a sheet more than is read",
        sheet(lambda _: None, more="notes"),
        "bank.xlsx",
        "first sheet",
        "'sheet'",
    )
    yield refused(
        "a workbook whose second sheet is named and empty",
        sheet(lambda _: None, 'sheet = "notes"', more="notes"),
        "bank.xlsx",
        "'notes'",
        "rows",
    )
    title = sheet(lambda book: book.merge_range(0, 0, 0, 2, f"Report of {SECRET[:3]}"))
    yield late("a title in the place of a sheet's header", title, "bank.xlsx", "'person_id'")


def sheet(spoil: Callable[[Any], object], tell: str = "", more: str = "") -> Build:
    """The bank's table on a sheet, and then what is written over it."""

    def build(folder: Path) -> Path:
        path = settle(folder)
        rows = pl.read_csv(folder / "bank.csv")
        with xlsxwriter.Workbook(folder / "bank.xlsx") as book:
            first = book.add_worksheet("bank")
            for i, cells in enumerate((rows.columns, *rows.rows())):
                first.write_row(i, 0, cells)
            if more:
                book.add_worksheet(more)
            spoil(first)
        edit(path, ('"bank.csv"', '"bank.xlsx"'))
        return told(path, tell and f'[tables."bank.xlsx"]\n{tell}')

    return build


def _workbook(text: bytes) -> bytes:
    buffer = io.BytesIO()
    pl.read_csv(io.BytesIO(text)).write_excel(buffer)
    return buffer.getvalue()


def _wrong(packed: bytes) -> bytes:
    """A zip whose directory and head tell another checksum."""
    right = packed[14:18]
    return packed.replace(right, bytes(b ^ 0xFF for b in right))


def _locked(packed: bytes) -> bytes:
    """A zip that says it is encrypted, in its head and in its directory."""
    head, directory = bytearray(packed), packed.rindex(b"PK\x01\x02")
    head[6] |= 1
    head[directory + 8] |= 1
    return bytes(head)


def bombs() -> Iterator[Case]:
    """Files that unpack to far more than they weigh."""
    block = b"p0001,1,free\n" * 80_000
    # archives in a row are one archive
    gzipped = gzip.compress(b"person_id,balance,job\n") + gzip.compress(block) * 20
    yield refused(
        "a gzip that unpacks to far more than it weighs",
        table(lambda _: gzipped, "csv.gz", pack=bytes),
        "bank.csv.gz",
        "unpacks to",
    )
    yield refused(
        "a zip that unpacks to far more than it weighs",
        table(lambda text: _sized(zipped(text), 2**31), "zip"),
        "bank.zip",
        "unpacks to",
    )
    yield refused(
        "a zip that unpacks to more than it says",
        table(lambda _: _sized(zipped(block * 20), 999), "csv.zip", pack=bytes),
        "bank.csv.zip",
        "damaged",
    )
    yield refused(
        "a workbook that unpacks to far more than it weighs",
        table(lambda text: _sized(_workbook(text), 2**31), "xlsx"),
        "bank.xlsx",
        "unpacks to",
    )
    yield refused(
        "Parquet that declares far more rows than it weighs",
        table(lambda _: _repeated(10), "parquet"),
        "bank.parquet",
        "rows",
    )
    yield refused(
        "Parquet that declares far more cells than it weighs",
        table(lambda _: _repeated(7, columns=100), "parquet"),
        "bank.parquet",
    )


def _sized(packed: bytes, size: int) -> bytes:
    """A zip whose head and directory tell another size of what it packs."""
    directory = packed.rindex(b"PK\x01\x02")
    said = struct.pack("<I", size)
    return packed[:22] + said + packed[26 : directory + 24] + said + packed[directory + 28 :]


def _repeated(doublings: int, columns: int = 1) -> bytes:
    """A small Parquet file of very many rows: all its parts are the same million."""
    nulls = pa.nulls(1_000_000, pa.int64())
    buffer, footer = io.BytesIO(), io.BytesIO()
    pq.write_table(
        pa.table({"person_id": nulls, **{f"c{i}": nulls for i in range(1, columns)}}), buffer
    )
    parts = pq.read_metadata(buffer)
    for _ in range(doublings):
        parts.append_row_groups(parts)
    parts.write_metadata_file(footer)
    return buffer.getvalue()[:-8] + footer.getvalue()[4:]


def places() -> Iterator[Case]:
    """Names that lead elsewhere."""

    def outside(folder: Path) -> Path:
        (folder.parent / "outside.csv").write_text(f"person_id,balance,job\np0001,1,{SECRET}\n")
        return folder.parent / "outside.csv"

    def link(folder: Path) -> None:
        (folder / "link.csv").symlink_to(outside(folder))

    def linked_folder(folder: Path) -> None:
        (folder / "far").symlink_to(outside(folder).parent)

    yield refused(
        "a path that leaves the folder",
        named("../outside.csv", outside),
        "../outside.csv",
        "leads out",
    )
    yield refused(
        "a path that leaves the folder and seems to come back",
        named("no/../../outside.csv", outside),
        "outside.csv",
        "leads out",
    )
    yield refused("a path from the root", named("/etc/hostname"), "/etc/hostname", "leads out")
    yield refused("a link out of the folder", named("link.csv", link), "link.csv", "leads out")
    yield refused(
        "a linked folder", named("far/outside.csv", linked_folder), "far/outside.csv", "leads out"
    )
    yield repaired(
        "a link inside the folder",
        named("link.csv", lambda folder: (folder / "link.csv").symlink_to("bank.csv")),
    )
    yield refused(
        "a link to nothing",
        named("link.csv", lambda folder: (folder / "link.csv").symlink_to("nothing.csv")),
        "link.csv",
    )
    yield refused(
        "a link to itself",
        named("link.csv", lambda folder: (folder / "link.csv").symlink_to("link.csv")),
        "link.csv",
    )
    yield refused(
        "a link out of the folder by a link",
        named(
            "near.csv", lambda folder: (link(folder), (folder / "near.csv").symlink_to("link.csv"))
        ),
        "near.csv",
    )
    for address in (
        "https://example.org/bank.csv",
        "s3://bucket/bank.parquet",
        "file:///etc/hostname",
        "http://127.0.0.1:9/bank.csv",
    ):
        yield refused(f"an address, {address.split(':')[0]}", named(address), address)
    for pattern in ("*.csv", "bank.cs?", "**/*.parquet", "b[a]nk.csv"):
        yield refused(f"a pattern, {pattern}", named(pattern), pattern)
    yield refused("the home folder", named("~/bank.csv"), "~/bank.csv")
    yield refused(
        "a folder for a table", named("far", lambda folder: (folder / "far").mkdir()), "far"
    )
    yield refused("the folder itself", named("."), "'.'")
    yield refused("a file that is not there", named("nothing.csv"), "nothing.csv")
    yield refused("a file that is not there, nearly", named("Bank.csv"), "Bank.csv")
    yield refused("a name too long for any file", named("b" * 300 + ".csv"), "bbb")
    yield refused("a zero byte in a name", named("bank\\u0000.csv"), "bank")
    yield refused(
        "a pipe that nobody feeds",
        named("pipe.csv", lambda folder: os.mkfifo(folder / "pipe.csv")),
        "pipe.csv",
    )
    yield refused(
        "a device",
        named("zero.csv", lambda folder: (folder / "zero.csv").symlink_to("/dev/zero")),
        "zero.csv",
    )


ORDERS = """
[[sources]]
key = "orders"
table = "orders.csv"
date = "day"
"""


def catalogs() -> Iterator[Case]:
    """What the catalog says, and the tables do not hold."""
    bank = 'columns = ["balance", "job"]'

    def orders(folder: Path) -> None:
        rows = pl.DataFrame(
            {
                "person_id": ["p0001", "p0001", "p0002"],
                "day": [date(2023, 5, 1)] * 3,
                "amount": [1, 2, 3],
                "kind": ["a", SECRET, "b"],
            }
        )
        rows.write_csv(folder / "orders.csv")

    def counted(tell: str) -> Build:
        return catalog(tell=f"{ORDERS}[sources.aggregates.all]\n{tell}", also=orders)

    yield late(
        "a column that is not there",
        catalog(('"balance"', '"income"')),
        "bank.csv",
        "'income'",
        "balance, job",
    )
    yield late(
        "an id that is not there",
        catalog(('id = "person_id"', 'id = "client"')),
        "people.csv",
        "'client'",
        "person_id",
    )
    yield late(
        "an outcome that is not there",
        catalog(('outcome = "defaulted"', 'outcome = "late"')),
        "people.csv",
        "'late'",
        "defaulted",
    )
    yield late(
        "a time that is not there",
        catalog(('time = "applied_on"', 'time = "when"')),
        "people.csv",
        "'when'",
    )
    yield late(
        "a segment that is not there",
        catalog(('segments = ["region"]', 'segments = ["town"]')),
        "people.csv",
        "'town'",
    )
    yield late(
        "a time that is text",
        catalog(('time = "applied_on"', 'time = "region"')),
        "people.csv",
        "'region'",
        "dates",
    )
    yield late(
        "a feature described that is not there",
        catalog(("features.late_90", "features.late_60")),
        "'bureau'",
        "'late_60'",
        "late_90",
    )
    yield late(
        "consent that is not there",
        catalog((bank, f'{bank}\nconsent = "agreed"')),
        "bank.csv",
        "'agreed'",
    )
    yield late(
        "consent in words",
        catalog((bank, 'columns = ["balance"]\nconsent = "job"')),
        "bank.csv",
        "'job'",
        "true or false",
    )
    yield late(
        "words where risk should rise",
        catalog(("[[bureaus]]", '[sources.features.job]\ndirection = "riskier"\n\n[[bureaus]]')),
        "bank.csv",
        "'job'",
    )
    yield refused(
        "a type of a column that is not there",
        catalog(tell='[tables."bank.csv"]\ntypes = { income = "number" }'),
        "bank.csv",
        "'income'",
    )
    yield refused(
        "a type that does not exist",
        catalog(tell='[tables."bank.csv"]\ntypes = { job = "colour" }'),
        "catalog.toml",
        "'job'",
        "'colour'",
        "text",
    )
    yield refused(
        "a format that does not exist",
        catalog(tell='[tables."people.csv"]\ntypes = { applied_on = "%Q!" }'),
        "people.csv",
        "'applied_on'",
    )
    yield refused(
        "a separator of two marks",
        catalog(tell='[tables."bank.csv"]\nseparator = "||"'),
        "catalog.toml",
        "'separator'",
    )
    yield refused(
        "a word the catalog does not know",
        catalog(tell='[tables."bank.csv"]\nseperator = ";"'),
        "catalog.toml",
        "'seperator'",
        "separator",
    )
    yield refused(
        "a table told of that nobody reads",
        catalog(tell='[tables."cars.csv"]\nseparator = ";"'),
        "catalog.toml",
        "'cars.csv'",
    )
    yield refused(
        "a catalog that is no TOML", catalog(tell="[sources\nkey ="), "catalog.toml", "TOML"
    )
    yield refused("a catalog that is no text", _raw(b"\xff\xfe\0\0"), "catalog.toml", "UTF-8")
    yield refused("a catalog of nothing", _raw(b""), "catalog.toml", "'population'")
    yield refused(
        "a catalog that is not there",
        lambda folder: settle(folder).with_name("other.toml"),
        "other.toml",
        "--catalog",
    )
    yield refused("a catalog that is a folder", lambda folder: settle(folder).parent, "--catalog")
    yield refused(
        "a catalog without sources",
        lambda folder: _only_people(settle(folder)),
        "catalog.toml",
        "[[sources]]",
    )
    yield late(
        "an aggregate over text", counted('of = "sum"\ncolumn = "kind"'), "orders.csv", "'kind'"
    )
    yield late(
        "an aggregate over a column that is not there",
        counted('of = "sum"\ncolumn = "price"'),
        "orders.csv",
        "'price'",
    )
    yield late(
        "an aggregate that asks for a column that is not there",
        counted('of = "count"\nwhere = "price > 1"'),
        "orders.csv",
        "'price'",
    )
    yield refused(
        "an aggregate that does not exist",
        counted('of = "median"\ncolumn = "amount"'),
        "catalog.toml",
        "'median'",
    )
    yield refused(
        "an aggregate without its column", counted('of = "sum"'), "catalog.toml", "'column'"
    )
    no_date = ORDERS.replace('"day"', '"when"') + '[sources.aggregates.all]\nof = "count"\ndays = 9'
    yield late(
        "an aggregate by a date that is not there",
        catalog(tell=no_date, also=orders),
        "orders.csv",
        "'when'",
    )
    words = ORDERS.replace('"day"', '"kind"') + '[sources.aggregates.all]\nof = "count"\ndays = 9'
    yield late(
        "an aggregate by a date that is text",
        catalog(tell=words, also=orders),
        "orders.csv",
        "'kind'",
    )
    yield refused(
        "a way over a table that is not there",
        catalog((bank, f'{bank}\nvia = ["cards.csv: person_id"]\non = "card"')),
        "cards.csv",
    )
    yield late(
        "a way over a column that is not there", catalog((bank, f'{bank}\non = "card"')), "'card'"
    )
    yield refused(
        "a way without an end",
        catalog((bank, f'{bank}\nvia = ["people.csv: person_id"]')),
        "catalog.toml",
        "'on'",
    )


def _raw(content: bytes) -> Build:
    def build(folder: Path) -> Path:
        path = settle(folder)
        path.write_bytes(content)
        return path

    return build


def _only_people(path: Path) -> Path:
    path.write_text(path.read_text("utf-8").split("[[sources]]")[0], "utf-8")
    return path


def databases() -> Iterator[Case]:
    """Queries that are not answered."""

    def asked(url: str, query: str = "select * from bank", more: str = "") -> Build:
        return catalog(
            ('"bank.csv"', '"warehouse"'),
            tell=f'[tables.warehouse]\nurl = "{url}"\nquery = "{query}"\n{more}',
            also=stored,
        )

    def stored(folder: Path) -> None:
        with sqlite3.connect(folder / "bank.db") as file:
            file.execute("create table bank (person_id text, balance real, job text)")
            file.executemany(
                "insert into bank values (?, ?, ?)", pl.read_csv(folder / "bank.csv").rows()
            )
        file.close()
        with sqlite3.connect(folder.parent / "outside.db") as file:
            file.execute("create table bank (person_id text, balance real, job text)")
        file.close()

    yield repaired("a database in the folder", asked("sqlite:///bank.db"))
    yield refused(
        "a password in the catalog",
        asked(f"postgresql://ann:{SECRET}@127.0.0.1:9/bank"),
        "warehouse",
        "'url'",
        "credentials = ",
    )
    yield refused(
        "a password after the address",
        asked(f"postgresql://127.0.0.1:9/bank?password={SECRET}"),
        "warehouse",
        "'url'",
        "credentials = ",
    )
    yield refused(
        "credentials that nobody set",
        asked("postgresql://127.0.0.1:9/bank", more='credentials = "NOBODY7"'),
        "warehouse",
        "NOBODY7_HOST",
    )
    yield refused("a server that is not there", asked("postgresql://127.0.0.1:9/bank"), "warehouse")
    yield refused(
        "a driver that is not there", asked("nosuch://127.0.0.1:9/bank"), "warehouse", "driver"
    )
    yield refused(
        "a driver that is not installed", asked("mysql://127.0.0.1:9/bank"), "warehouse", "driver"
    )
    yield refused("a database that is not there", asked("sqlite:///nothing.db"), "nothing.db")
    yield refused(
        "a database outside the folder", asked("sqlite:///../outside.db"), "outside.db", "leads out"
    )
    yield refused(
        "a query of a table that is not there",
        asked("sqlite:///bank.db", f"select * from {SECRET}"),
        "warehouse",
    )
    yield refused(
        "a query that is none", asked("sqlite:///bank.db", f"selekt {SECRET}"), "warehouse"
    )
    yield refused(
        "a query that would write", asked("sqlite:///bank.db", "delete from bank"), "warehouse"
    )
    yield refused(
        "a query that finds nothing",
        asked("sqlite:///bank.db", "select * from bank where balance > 1e99"),
        "warehouse",
        "rows",
    )
    yield refused(
        "an address without a query",
        catalog(tell='[tables."bank.csv"]\nurl = "sqlite:///bank.db"'),
        "catalog.toml",
        "'query'",
    )


KINDS = (
    separators,
    raggeds,
    quotes,
    encodings,
    numbers,
    dates,
    names,
    empties,
    outcomes,
    ids,
    contents,
    parquets,
    sheets,
    disguises,
    bombs,
    places,
    catalogs,
    databases,
)
CASES: tuple[Case, ...] = tuple(case for kind in KINDS for case in kind())
