"""What does a sheet of an Excel workbook hold? Texts first, as in a text file."""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics.data.catalog.model import NO_HEADER, Table
from analytics.data.findings import Finding, reject
from analytics.data.readers import casting, csv_structure, shape
from analytics.data.readers.files import Limits, bounded, limit_columns
from analytics.data.readers.format import Format, Read, Request
from analytics.data.readers.headers import refuse_title, unique
from analytics.data.readers.texts import Texts, write

if TYPE_CHECKING:
    import fastexcel


def read(path: Path, request: Request) -> Read:
    """Write a sheet of a workbook as a checked Parquet table."""
    import fastexcel  # noqa: PLC0415 - slow to import, and few tables are workbooks

    table = request.table
    ids = request.ids
    limits = request.limits
    _check(path, table.name, limits)
    try:
        book = fastexcel.read_excel(path)
        sheet = table.sheet or (book.sheet_names or [""])[0]
        if sheet not in book.sheet_names:
            reject(
                table.name,
                f"it has no sheet {sheet!r}",
                "change 'sheet' under [tables] in the catalog",
            )
        frame = _sheet(book, sheet, table)
    except fastexcel.FastExcelError:
        reject(
            table.name,
            "it is a damaged workbook, or locked with a password",
            "save it anew, or as CSV",
        )
    limit_columns(len(frame.columns), table.name, limits)
    if len(frame) < limits.least:
        reject(table.name, f"sheet {sheet!r} has no rows below its header", "save it again")
    frame, stray = _strayed(frame, table.name)
    names, findings = unique(
        ["" if c.startswith("__UNNAMED__") else c for c in frame.columns], table.name, ids
    )
    findings += stray
    kinds = (
        {column.name: column.dtype for column in book.load_sheet(sheet).available_columns()}
        if not table.header
        else {}
    )
    numbers = [
        new
        for old, new in zip(frame.columns, names, strict=True)
        if kinds.get(old) in ("int", "float")
    ]
    frame = frame.rename(dict(zip(frame.columns, names, strict=True))).cast(pl.String)
    _unrounded(numbers, frame, table.name, ids)
    blank = int(frame.select(pl.all_horizontal(pl.all().is_null()).sum()).item())
    empty = {c: frame[c].null_count() + int((frame[c] == "").sum()) for c in names}
    texts = Texts(lambda _: frame.lazy(), len(frame) - blank, empty, {}, frame, blank)
    more, meanings = write(
        texts, request, casting.hints(frame.head(csv_structure.SAMPLED), "", table.decimal)
    )
    others = len(book.sheet_names) - 1
    if others and not table.sheet:
        findings.append(
            Finding(
                table.name,
                "",
                0,
                0,
                f"only its first sheet is read, and it has {others} more",
                "name a 'sheet' under [tables] in the catalog",
            )
        )
    return Read(
        texts.rows,
        {"sheet": sheet, "meanings": meanings},
        [*findings, *more, *_errors(path, sheet, table.name)],
    )


def _check(path: Path, name: str, limits: Limits) -> None:
    """Refuse a workbook that unpacks to too much, or is not whole: whoever reads workbooks does not
    look at their checksums.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            bounded(sum(i.file_size for i in archive.infolist()), path.stat().st_size, name, limits)
            whole = archive.testzip() is None
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        whole = False
    if not whole:
        reject(
            name, "it is a damaged workbook, or locked with a password", "save it anew, or as CSV"
        )


def _sheet(book: "fastexcel.ExcelReader", sheet: str, table: Table) -> pl.DataFrame:
    """The cells of a sheet as texts, below its header.

    Unnamed columns are called as fastexcel does.
    """
    if not table.header:
        frame = book.load_sheet(sheet, dtypes="string").to_polars()
        if 2 * sum(c.startswith("__UNNAMED__") for c in frame.columns) > frame.width:
            raw = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
            filled = (
                raw.head(shape.FIRST).select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
            )
            refuse_title(table.name, [(i + 1, n) for i, n in enumerate(filled) if n])
        return frame
    raw = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    if table.header == NO_HEADER:
        return raw.rename({c: f"column_{i + 1}" for i, c in enumerate(raw.columns)})
    first, last = shape.lines(table.header)
    if last > raw.height:
        reject(
            table.name,
            f"its sheet {sheet!r} has no row {last}",
            "change 'header' under [tables] in the catalog",
        )
    names = shape.joined(
        [["" if cell is None else cell for cell in row] for row in raw[first - 1 : last].rows()]
    )
    counts = {n: names.count(n) for n in names}
    plain = [
        n if n and counts[n] == 1 else f"__UNNAMED__{i}" if not n else f"{n}_{i + 1}"
        for i, n in enumerate(names)
    ]
    return raw[last:].rename(dict(zip(raw.columns, plain, strict=True)))


def _strayed(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Finding]]:
    """A sheet without the columns that have no name and hardly a cell: somebody's notes beside the
    table.
    """
    cells = {
        c: frame.height - frame[c].null_count()
        for c in frame.columns
        if c.startswith("__UNNAMED__")
    }
    stray = {
        c: n for c, n in cells.items() if n <= max(10, frame.height // 100) and 2 * n < frame.height
    }
    rule = "cells stand beside the table, under no header, and are left out"
    findings = (
        [Finding(name, "", sum(stray.values()), 0, rule, "name their columns if they belong to it")]
        if sum(stray.values())
        else []
    )
    return frame.drop(stray), findings


def _unrounded(
    numbers: Sequence[str], frame: pl.DataFrame, name: str, ids: tuple[str, ...]
) -> None:
    """Refuse long ids that a sheet holds as numbers: it keeps fifteen digits and puts zeros for the
    rest.
    """
    rounded = next(
        (c for c in numbers if c in ids and frame[c].str.contains("^[0-9]{16,}").any()), None
    )
    if rounded is not None:
        reject(
            name,
            "a spreadsheet has rounded ids of more than 15 digits, which it holds as numbers",
            "export them again as text",
            column=rounded,
        )


def _errors(path: Path, sheet: str, name: str) -> Iterator[Finding]:
    """Cells that a spreadsheet could not work out; whoever reads workbooks gives them as empty."""
    with zipfile.ZipFile(path) as archive:
        book, relations = (
            archive.read(part).decode()
            for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
        id = next(
            (
                _attribute(tag, "r:id")
                for tag in re.findall("<sheet [^>]*>", book)
                if _attribute(tag, "name") == sheet
            ),
            "",
        )
        target = next(
            (
                _attribute(tag, "Target")
                for tag in re.findall("<Relationship [^>]*>", relations)
                if _attribute(tag, "Id") == id
            ),
            "",
        )
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        errors = (
            re.findall(rb'<c [^>]*\bt="e"[^>]*>', archive.read(part))
            if part in archive.namelist()
            else []
        )
    if errors:
        rule = (
            "cells hold an error such as #DIV/0! and are read as missing, "
            f"the first in {_attribute(errors[0].decode(), 'r')}"
        )
        yield Finding(name, "", len(errors), 0, rule, "mend their formulas")


def _attribute(tag: str, key: str) -> str:
    match = re.search(rf'\s{key}="([^"]*)"', tag)
    return html.unescape(match[1]) if match else ""


FORMAT = Format(
    "xlsx", "an Excel workbook", ("xlsx",), read, others=("xlsm",), member="xl/workbook.xml"
)
