"""What do the columns of a table hold that have types?

The few types that everything behind the door knows; written as a checked Parquet table.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import polars as pl

from analytics.data.findings import Finding, reject

from . import casting, csv_structure, dates
from .casting import Meaning
from .files import limit_columns
from .format import Read, Request, sink
from .headers import unique
from .texts import check_declared, learned

EXACT = 1 << 53  # whole numbers above are rounded where they are stored as fractions


def write(frame: pl.LazyFrame, rows: int, request: Request) -> Read:
    """Write a table whose columns have types as a checked Parquet table."""
    table = request.table
    text = request.ids
    out = request.out
    schema = frame.collect_schema()
    names, findings = unique(schema.names(), table.name, text)
    check_declared(table, names)
    limit_columns(len(names), table.name, request.limits)
    frame = frame.rename(dict(zip(schema.names(), names, strict=True)), strict=False)
    schema = pl.Schema(dict(zip(names, schema.dtypes(), strict=True)))
    counts = _odd(frame, schema, text)
    declared = dict(table.types)
    like = _meanings(frame, schema, learned(table, names, text))
    columns = {
        c: _wanted(c, t, like[c])
        if c in like and not _foreign(t)
        else _plainly(c, t, declared, text)
        for c, t in schema.items()
    }
    if not any(e is not None for e in columns.values()):
        reject(table.name, "none of its columns holds numbers, texts or dates", "write it anew")
    findings += chain.from_iterable(
        _remarks(table.name, c, t, counts, text)
        for c, t in schema.items()
        if not (c in like and t == pl.Null)
    )
    nan = sum(v for k, v in counts.items() if k.endswith("/nan"))
    if nan:
        findings.append(
            Finding(
                table.name,
                "",
                nan,
                0,
                "cells are not-a-number and read as missing",
                "nothing needs doing",
            )
        )
    sink(frame.select(e.alias(c) for c, e in columns.items() if e is not None), out)
    expected = {
        c: (
            f"as {kind!r}, as the catalog says",
            "mend the file, or change 'types' under [tables] in the catalog",
        )
        for c, kind in table.types
    }
    expected |= {
        c: (f"as {m.kind}, as the models were fitted on", "mend them")
        for c, m in like.items()
        if schema[c] == pl.String and m.kind != "text"
    }
    return Read(
        rows, {}, [*findings, *_unread(frame, schema, table.name, expected, out, table.types)]
    )


def _meanings(
    frame: pl.LazyFrame, schema: pl.Schema, like: Mapping[str, str]
) -> dict[str, Meaning]:
    """What the columns mean that are read as models learned them.

    How texts are written is looked up.
    """
    texts = [c for c in like if schema[c] == pl.String]
    cells = (
        frame.select(texts).head(csv_structure.SAMPLED).collect(engine="streaming")
        if texts
        else pl.DataFrame()
    )
    return {
        c: casting.alike(usual, cells[c] if c in texts else pl.Series([], dtype=pl.String), ".")
        for c, usual in like.items()
    }


def _wanted(column: str, dtype: pl.DataType, meaning: Meaning) -> pl.Expr | None:
    """A column that has a type, as the kind of thing that models learned from.

    One of another kind stays as it is, to be refused by name.
    """
    if dtype == pl.Null:
        return pl.lit(None, meaning.holds)
    if dtype == pl.String and meaning.kind != "text":
        return meaning.read(pl.col(column))
    plain = _plainly(column, dtype, {}, ())
    if plain is None or (
        meaning.kind == "text" and isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
    ):
        return plain
    if meaning.kind == "text":
        whole = (
            pl.when(plain == plain.round()).then(plain.cast(pl.Int64, strict=False).cast(pl.String))
            if dtype.is_float()
            else None
        )
        return plain.cast(pl.String) if whole is None else whole.otherwise(plain.cast(pl.String))
    return plain != 0 if meaning.kind == "boolean" and dtype.is_numeric() else plain


def _odd(frame: pl.LazyFrame, schema: pl.Schema, text: tuple[str, ...]) -> Mapping[str, int]:
    """Per column of fractions: not-a-number, endless, and for ids broken ones.

    By ``column/what``.
    """
    floats = [c for c, t in schema.items() if t.is_float()]
    exprs = [
        e
        for c in floats
        for e in (
            pl.col(c).is_nan().sum().alias(f"{c}/nan"),
            pl.col(c).is_infinite().sum().alias(f"{c}/endless"),
        )
    ]
    exprs += [pl.col(c).is_infinite().arg_true().first().alias(f"{c}/row") for c in floats]
    exprs += [
        ((pl.col(c) != pl.col(c).round()) | (pl.col(c).abs() > EXACT)).sum().alias(f"{c}/broken")
        for c in floats
        if c in text
    ]
    return frame.select(exprs).collect(engine="streaming").row(0, named=True) if exprs else {}


def _plainly(
    column: str, dtype: pl.DataType, declared: Mapping[str, str], text: tuple[str, ...]
) -> pl.Expr | None:
    """A column as one of the few types that everything behind the door knows.

    None where it is left out.
    """
    if _foreign(dtype):
        return None
    if column in declared:
        return _as(column, dtype, declared[column])
    col = pl.col(column)
    if dtype.is_float():
        finite = pl.when(col.is_finite()).then(col)
        return finite.cast(pl.Int64, strict=False) if column in text else finite
    if dtype.is_decimal() or dtype in (pl.Int128, pl.UInt128):
        return col.cast(pl.String if column in text else pl.Float64)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return col.cast(pl.String)
    return (
        col.dt.replace_time_zone(None)
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
        else col
    )


def _foreign(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Time, pl.Duration, pl.Unknown)


def _as(column: str, dtype: pl.DataType, kind: str) -> pl.Expr:
    """A column that has a type, as the catalog says it is read."""
    if kind == "date" and dtype.is_temporal():
        return pl.col(column)
    if kind == "number" and dtype.is_numeric():
        return pl.col(column).cast(pl.Float64)
    texts = (
        pl.col(column).cast(pl.Int64, strict=False) if dtype.is_float() else pl.col(column)
    ).cast(pl.String)
    return casting.declared(kind, pl.Series([], dtype=pl.String), ".").read(texts)


def _remarks(
    name: str, column: str, dtype: pl.DataType, counts: Mapping[str, int], text: tuple[str, ...]
) -> Iterator[Finding]:
    """What is to be said of a column that has a type."""
    if _foreign(dtype):
        yield Finding(
            name,
            column,
            0,
            0,
            f"it holds {dtype}, which no source can use, and is left out",
            "write it as numbers, texts or dates if it is needed",
        )
    if dtype == pl.Null:
        yield Finding(
            name,
            column,
            0,
            0,
            "no cell holds a value, so no source can use it",
            "leave it out, or fill it",
        )
    if dtype.is_decimal() or dtype in (pl.Int128, pl.UInt128):
        yield Finding(
            name,
            column,
            0,
            0,
            f"it holds {dtype}, read as {'text' if column in text else 'floating-point numbers'}",
            "nothing needs doing",
        )
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        yield Finding(
            name,
            column,
            0,
            0,
            "its times have a zone, and are read as its clock shows them",
            "nothing needs doing",
        )
    if endless := counts.get(f"{column}/endless"):
        yield Finding(
            name,
            column,
            endless,
            counts[f"{column}/row"] + 1,
            "cells are endless and read as missing",
            "mend them, or give them a value",
        )
    if broken := counts.get(f"{column}/broken"):
        yield Finding(
            name,
            column,
            broken,
            0,
            "ids are fractions, or longer than a fraction can hold",
            "write ids as whole numbers or text",
            grave=True,
        )
    elif column in text and dtype.is_float():
        yield Finding(
            name,
            column,
            0,
            0,
            "its ids are whole numbers written as fractions, and read as whole numbers",
            "nothing needs doing",
        )


def _unread(
    frame: pl.LazyFrame,
    schema: pl.Schema,
    table: str,
    expected: Mapping[str, tuple[str, str]],
    out: Path,
    read_as: Sequence[tuple[str, str]],
) -> Iterator[Finding]:
    """Cells that are not what they must be: `expected` says of a column in words what that is, and
    what to do.
    """
    columns = [c for c in expected if not _foreign(schema[c])]
    if not columns:
        return
    types = dict(read_as)
    there = (
        pl.col(c).is_not_null()
        & ~dates.undated(pl.col(c).cast(pl.String, strict=False), types.get(c, ""))
        for c in columns
    )
    before = (
        frame.select(e.sum().alias(c) for e, c in zip(there, columns, strict=True))
        .collect(engine="streaming")
        .row(0, named=True)
    )
    after = (
        pl.scan_parquet(out, glob=False)
        .select(pl.col(columns).is_not_null().sum())
        .collect()
        .row(0, named=True)
    )
    for c in columns:
        if strays := before[c] - after[c]:
            grave = strays > (1 - casting.ENOUGH) * before[c]
            (wanted, remedy) = expected[c]
            rule = f"of {before[c]:,} cells cannot be read {wanted}" + (
                "" if grave else ", and are read as missing"
            )
            yield Finding(table, c, strays, 0, rule, remedy, grave)
