"""What does a file hold?

Read once by whoever reads its format, and written as a checked Parquet table.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from .catalog.model import Table
from .findings import Finding, reject
from .readers import casting, csv_structure, dates, typed
from .readers.format import Read, Request, formats, sink
from .readers.unpacking import unpack

FORMAT = 5  # of what is written; an older shelf is read anew


@dataclass(frozen=True, slots=True)
class IngestedTable:
    """A table that has been through the door.

    Attributes
    ----------
    path : the checked Parquet table.
    sha256 : of the bytes that were read.
    schema : what its columns hold; Null where a column has no value at all.
    findings : what was repaired or read as missing.
    how : what was found of the file: format, encoding, separator, decimal, and, of texts, what each
        column means.
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
        meanings = json.loads(self.how.get("meanings", "{}"))
        return {
            c: meanings.get(c) or casting.written(casting.of_type(t))
            for c, t in self.schema.items()
            if t != pl.Null
        }


def ingest(path: Path, request: Request) -> dict[str, Any]:
    """Read one file and write it as a checked Parquet table.

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
    opened = unpack(path, request.table.name, request.scratch, request.limits)
    return _answer(
        opened.kind, formats()[opened.kind].read(opened.path, request), request, opened.findings
    )


def ingest_answer(frame: pl.DataFrame, request: Request) -> dict[str, Any]:
    """The answer of a database, written as a checked Parquet table; returns as `ingest` does."""
    if not frame.width or len(frame) < request.limits.least:
        reject(
            request.table.name,
            "the query's answer has no rows",
            "change the query under [tables] in the catalog",
        )
    return _answer("database", typed.write(frame.lazy(), len(frame), request), request)


def _answer(
    kind: str, read: Read, request: Request, findings: Sequence[Finding] = ()
) -> dict[str, Any]:
    all_findings = (*findings, *read.findings, *_after(request.out, request.table, request.ids))
    return {
        "rows": read.rows,
        "how": {"format": kind, **read.how},
        "findings": [asdict(f) for f in all_findings],
    }


def _after(path: Path, table: Table, text: tuple[str, ...]) -> Iterator[Finding]:
    """What is found of a table once it is written."""
    yield from _unknown_days(path, table)
    yield from _numbered_days(path, table, text)
    yield from _same(path, table)


def _unknown_days(path: Path, table: Table) -> Iterator[Finding]:
    """Dates that stand for not known, such as 9999-12-31: they become missing, and are counted."""
    frame = pl.scan_parquet(path, glob=False)
    columns = [
        c for c, t in frame.collect_schema().items() if t == pl.Date or isinstance(t, pl.Datetime)
    ]
    if not columns:
        return
    days = frame.select(pl.col(columns).cast(pl.Date)).collect(engine="streaming")
    sentinels = {c: codes for c in columns if (codes := dates.sentinels(days[c]))}
    if not sentinels:
        return
    whole = frame.with_columns(
        pl.when(~pl.col(c).cast(pl.Date).is_in(codes).fill_null(value=False))
        .then(pl.col(c))
        .alias(c)
        for c, codes in sentinels.items()
    )
    rest = path.with_name("known.parquet")
    sink(whole, rest)
    rest.replace(path)
    for c, codes in sentinels.items():
        hits = days[c].is_in(codes).fill_null(value=False)
        shown = " or ".join(str(day) for day in codes)
        rule = (
            f"cells hold {shown}, which stands for a day that is not known, and are read as missing"
        )
        yield Finding(
            table.name,
            c,
            int(hits.sum()),
            int(hits.arg_true()[0]) + 1,
            rule,
            ("nothing needs doing"),
        )


def _numbered_days(path: Path, table: Table, text: tuple[str, ...]) -> Iterator[Finding]:
    """Whole numbers that may be dates, of which neither the name nor the range tells."""
    frame = pl.scan_parquet(path, glob=False)
    settled = {*dict(table.types), *text}
    columns = [c for c, t in frame.collect_schema().items() if t.is_integer() and c not in settled]
    if not columns:
        return
    sample = frame.select(columns).head(csv_structure.SAMPLED).collect(engine="streaming")
    for c in columns:
        if choices := dates.of_numbers(sample[c], c)[1]:
            rule = "its whole numbers could all be dates, and are read as numbers"
            yield Finding(
                table.name,
                c,
                0,
                0,
                rule,
                "name the column under 'types' in the catalog, or choose",
                choices=choices,
            )


def _same(path: Path, table: Table) -> Iterator[Finding]:
    """Columns that tell nobody from another; among applicants none need do so."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    footer = pq.read_metadata(path)
    for i, name in enumerate(
        footer.schema.names if footer.num_rows > 1 and table.like is None else ()
    ):
        parts = [
            footer.row_group(group).column(i).statistics for group in range(footer.num_row_groups)
        ]
        complete = all(p is not None and p.has_min_max and not p.null_count for p in parts)
        if complete and len({v for p in parts for v in (p.min, p.max)}) == 1:
            yield Finding(
                table.name,
                name,
                0,
                0,
                "every cell holds the same value, which tells nobody from another",
                "leave it out",
            )
