"""What does a text file hold: CSV, TSV, or with another sign between its fields?"""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.data.findings import Finding, reject
from analytics.data.readers import casting, csv_structure, shape
from analytics.data.readers.files import Limits, limit_columns
from analytics.data.readers.format import Format, Read, Request
from analytics.data.readers.headers import (
    is_row,
    refuse_headless,
    refuse_second_line,
    refuse_title,
    unique,
)
from analytics.data.readers.texts import Texts, Types, write
from analytics.data.readers.transcoding import utf8

HEAD = 1 << 18


def read(path: Path, request: Request) -> Read:
    """Write a text file as a checked Parquet table."""
    table = request.table
    scratch = request.scratch
    path, encoding, decoding = utf8(path, table.name, table.encoding, scratch)
    head = _head(path)
    if not head.strip():
        reject(table.name, "it holds nothing but blanks", "export it again")
    if declared := shape.declared_separator(head):
        table = replace(table, separator=table.separator or declared, header=table.header or "2")
    separator = shape.separator(head, table.separator)
    if table.header:
        path = shape.cut(path, table.header, separator, scratch)
        head = _head(path)
    header = next(shape.records(head, separator), [])
    if not table.header:
        blank = 2 * sum(not name.strip() for name in header) >= len(header)
        refuse_title(table.name, shape.widths(head, separator, filled=blank))
    limit_columns(len(header), table.name, request.limits)
    if not table.header and is_row(header):
        refuse_headless(table.name, "holds numbers, not the names of columns")
    names, findings = unique(header, table.name, request.ids)
    path, notes = shape.footed(path, len(names), separator, scratch)
    if notes:
        rule = (
            f"{'line' if notes == 1 else 'lines'} at its end "
            f"{'is no row' if notes == 1 else 'are no rows'} but a note or a total, "
            "and left out"
        )
        findings.append(Finding(table.name, "", notes, 0, rule, "nothing needs doing"))
    texts = _open(path, table.name, separator, names, request.limits)
    if not table.header and shape.row_like(header, texts.sample):
        refuse_headless(
            table.name,
            "holds what stands in the rows below it again and again, not the names of columns",
        )
    if not table.header and table.like is None:
        refuse_second_line(table.name, texts.sample)
    texts, stray = _beside(texts, names, header, table.name)
    findings += stray
    hints = casting.hints(texts.sample, separator, table.decimal)
    more, meanings = write(texts, request, hints)
    known = {
        "encoding": encoding,
        "separator": separator,
        "decimal": hints.decimal or ".",
        "meanings": meanings,
    }
    return Read(texts.rows, known, [*decoding, *findings, *more])


def _beside(
    read: Texts, names: list[str], header: list[str], table: str
) -> tuple[Texts, list[Finding]]:
    """A text without the columns that have no name and hardly a cell: somebody's notes beside the
    table.
    """
    cells = {
        n: read.rows + read.blank - read.empty[n]
        for n, h in zip(names, header, strict=True)
        if not h.strip()
    }
    stray = {
        n: count
        for n, count in cells.items()
        if 0 < count <= max(10, read.rows // 100) and 2 * count < read.rows
    }
    if not stray:
        return read, []
    rule = "cells stand beside the table, under no header, and are left out"
    finding = Finding(
        table, "", sum(stray.values()), 0, rule, "name their columns if they belong to it"
    )
    return replace(read, sample=read.sample.drop(stray)), [finding]


def _head(path: Path) -> str:
    """The beginning of a text, as whole lines."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        head += file.readline()
    return head.decode("utf-8-sig", "ignore")


def _open(path: Path, name: str, separator: str, names: list[str], limits: Limits) -> Texts:
    structure = csv_structure.survey(path, name, separator, len(names), limits)
    options: dict[str, Any] = {"separator": separator, "infer_schema": False, "quote_char": '"'}

    def scan(types: Types) -> pl.LazyFrame:
        return pl.scan_csv(
            path,
            **options,
            schema_overrides=dict(types),
            ignore_errors=bool(types),
            with_column_names=lambda _: names,
            glob=False,
        )

    cells = structure.sample.lstrip(b"\r\n")
    sample = (
        pl.read_csv(io.BytesIO(cells), **options, has_header=False, new_columns=names)
        if cells
        else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    )
    empty = dict(zip(names, (structure.empty + structure.blank).tolist(), strict=True))
    zeros = dict(
        zip(names, zip(structure.zeros.tolist(), structure.zero.tolist(), strict=True), strict=True)
    )
    return Texts(scan, structure.rows, empty, zeros, sample, structure.blank)


FORMAT = Format("text", "text", ("csv", "tsv", "txt"), read, others=("tab",))
