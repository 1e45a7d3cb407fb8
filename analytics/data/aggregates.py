"""What do a person's many records come to?

One row per person, by joins on the way to a source's table and aggregates over its records.

Records are those from before the application: where a source dates its records (`date`) and the
population its applications (`time`), a record counts only if its day is before the day of the
application, for what happened on that very day may have come after. A record without a date, and
any record of a person without a time, is not known to be before and counts for nothing. A window of
90 `days` is the 90 days before the day of the application. A source whose records arrive with a
`lag` holds a record only from so many days after its date: it counts if it arrives before the day
of the application.

A person with records of which none meets an aggregate's conditions gets 0 for a count and null for
the rest; a person without records is unknown. Missing values, the population's codes for missing
among them, are no values: they are not in a sum, and the last value is the last there is.
"""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from .catalog.model import Aggregate, Catalog, Source, Step
from .cohort import Cohort, without
from .refusal import Refusal

Schema = Mapping[str, pl.DataType]
Frames = Mapping[str, pl.LazyFrame]

# The later moment; within one, the later row of the file.
LATEST = pl.col("moment").cast(pl.Int128) * 2**33 + pl.col("record")
REDUCE: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "count": lambda x: x.count().cast(pl.Int64),
    "sum": lambda x: pl.when(x.count() > 0).then(x.cast(pl.Float64).sum()),
    "mean": lambda x: x.cast(pl.Float64).mean(),
    "min": pl.Expr.min,
    "max": pl.Expr.max,
    "last": lambda x: x.max_by(pl.when(x.is_not_null()).then(LATEST)),
    "days since": lambda x: pl.when(x.is_not_null()).then(pl.col("ago")).min(),
}


def gather(catalog: Catalog, source: Source, tables: Frames) -> pl.LazyFrame:
    """One row per person known to a source that joins or aggregates, in the order of the people.

    Parameters
    ----------
    tables : the catalog's tables by name, as they came through the door.

    Returns
    -------
    LazyFrame
        The people's id under its own name, then a column per aggregate (counts Int64, sums and
        means Float64, `days since` Int64, the rest as in the table); without aggregates, the
        columns of the source's table, less the key of its join unless `columns` names it.

    Raises
    ------
    Refusal
        If a table or column is not there or is of the wrong type; or if a source without aggregates
        has several records of a person: for that alone something is read, the keys.
    """
    records = _records(catalog, source, tables)
    if source.aggregates:
        names = [a.name for a in source.aggregates]
        records = records.group_by("row").agg(
            pl.col("person").first(), *(_reduce(str(i), a) for i, a in enumerate(source.aggregates))
        )
    else:
        names = _kept(catalog, source, tables)
        _one_each(source, records)
    return records.sort("row").select(
        pl.col("person").alias(catalog.people.id),
        *(pl.col(str(i)).alias(name) for i, name in enumerate(names)),
    )


def columns(
    catalog: Catalog, source: Source, schemas: Mapping[str, Schema]
) -> dict[str, pl.DataType]:
    """The names and types of what `gather` will give, with nothing read."""
    empty = {name: pl.LazyFrame(schema=dict(schema)) for name, schema in schemas.items()}
    return dict(gather(catalog, source, empty).collect_schema())


def multiple(table: pl.LazyFrame, columns: Sequence[str]) -> int:
    """How many keys stand more than once in a table; what misses a part is no key."""
    counts = table.select(columns).drop_nulls().group_by(columns).len()
    return int(counts.filter(pl.col("len") > 1).select(pl.len()).collect(engine="streaming").item())


def _records(catalog: Catalog, source: Source, tables: Frames) -> pl.LazyFrame:
    """The records that count, with whose they are: `row` and `person`, their place in the file,
    when they were made, and their values as ``0``, ``1``, ...
    """
    schema = _schema(catalog, tables, source.table)
    last = _steps(catalog, source)[-1]
    values = [v.alias(str(i)) for i, v in enumerate(_values(catalog, source, tables))]
    day = (
        [
            pl.col(source.date).dt.date().alias("day"),
            pl.col(source.date).cast(pl.Int64).alias("moment"),
        ]
        if _dated(source.date, source.table, schema)
        else []
    )
    right = _key(
        last.right,
        schema[last.right],
        _holder(catalog, source, tables, len(_steps(catalog, source)) - 1)[1],
    )
    own = (
        tables[source.table]
        .with_row_index("record")
        .select("record", right.alias("key"), *day, *values)
    )
    return _before(catalog, source, _way(catalog, source, tables).join(own, on="key", how="inner"))


def _before(catalog: Catalog, source: Source, records: pl.LazyFrame) -> pl.LazyFrame:
    """The records that are known to be from before the application, `ago` days, and had arrived by
    then.
    """
    if not source.date:
        return records
    if not catalog.people.time:
        return records.filter(pl.col("day").is_not_null())
    return records.with_columns(ago=(pl.col("applied") - pl.col("day")).dt.total_days()).filter(
        pl.col("ago") > source.lag
    )


def _reduce(value: str, aggregate: Aggregate) -> pl.Expr:
    recent = (
        pl.when(pl.col("ago") <= aggregate.days).then(pl.col(value))
        if aggregate.days
        else pl.col(value)
    )
    return REDUCE[aggregate.of](recent).alias(value)


def _one_each(source: Source, records: pl.LazyFrame) -> None:
    several = multiple(records, ["row"])
    if several:
        raise Refusal(
            f"source {source.key!r}: {several:,} persons have more than one record in "
            f"{source.table}; declare under [sources.aggregates] what to make of many, "
            "or join on a column that tells them apart"
        )


def _way(catalog: Catalog, source: Source, tables: Frames) -> pl.LazyFrame:
    """The people's `row`, `person` and, where known, day `applied`, by each `key` that leads to
    records of theirs; each once, however many ways lead there.
    """
    people = catalog.people
    steps = _steps(catalog, source)
    schema = _schema(catalog, tables, people.table, people.id, people.time)
    applied = (
        [pl.col(people.time).dt.date().alias("applied")]
        if _dated(people.time, people.table, schema)
        else []
    )
    held = [_held(catalog, source, tables, place) for place in range(len(steps))]
    joined = (
        tables[people.table]
        .with_row_index("row")
        .drop_nulls(people.id)
        .select("row", pl.col(people.id).alias("person"), *applied, *held[0])
    )
    for at, step in enumerate(steps[:-1]):
        right = _key(
            step.right,
            _schema(catalog, tables, step.table, step.right)[step.right],
            _holder(catalog, source, tables, at)[1],
        )
        joined = joined.join(
            tables[step.table].select(right.alias(f"key {at}"), *held[at + 1]),
            on=f"key {at}",
            how="inner",
        )
    links = joined.select(pl.exclude("^key .*$"), pl.col(f"key {len(steps) - 1}").alias("key"))
    return links.unique(["row", "key"]) if len(steps) > 1 else links


def _steps(catalog: Catalog, source: Source) -> tuple[Step, ...]:
    """The joins; a table that names the people's id is one step away."""
    return source.steps or (Step(source.table, catalog.people.id, catalog.people.id),)


def _held(catalog: Catalog, source: Source, tables: Frames, place: int) -> list[pl.Expr]:
    """The keys of later joins that the table at this place of the joins holds.

    The people's is at place 0.
    """
    held_keys = []
    for at, step in enumerate(_steps(catalog, source)):
        where, dtype = _holder(catalog, source, tables, at)
        if where == place:
            other = _schema(catalog, tables, step.table, step.right)[step.right]
            held_keys.append(_key(step.left, dtype, other).alias(f"key {at}"))
    return held_keys


def _holder(catalog: Catalog, source: Source, tables: Frames, at: int) -> tuple[int, pl.DataType]:
    """The place of the table that holds the left key of a join, and the key's type: the nearest
    before it on the way.
    """
    steps = _steps(catalog, source)
    passed = [catalog.people.table, *(s.table for s in steps[:at])]
    for place in reversed(range(len(passed))):
        schema = _schema(catalog, tables, passed[place])
        if steps[at].left in schema:
            return place, schema[steps[at].left]
    raise Refusal(
        f"source {source.key!r}: no table before {steps[at].table} has the column "
        f"{steps[at].left!r} to join it on; looked in: {', '.join(passed)}"
    )


def _key(column: str, mine: pl.DataType, other: pl.DataType) -> pl.Expr:
    """A key as it meets another: as it is where the types agree, else as text.

    Whole numbers are written without a point.
    """
    key = pl.col(column).fill_nan(None) if mine.is_float() else pl.col(column)
    if mine == other:
        return key
    return key.cast(pl.String).str.strip_suffix(".0") if mine.is_float() else key.cast(pl.String)


def _values(catalog: Catalog, source: Source, tables: Frames) -> list[pl.Expr]:
    """What a person gets of each record: a value per aggregate, null where its condition is not
    met; without aggregates, the columns.
    """
    return [_value(catalog, source, a, tables) for a in source.aggregates] or [
        pl.col(c) for c in _kept(catalog, source, tables)
    ]


def _kept(catalog: Catalog, source: Source, tables: Frames) -> list[str]:
    key = _steps(catalog, source)[-1].right
    schema = _schema(catalog, tables, source.table, key, source.date)
    return [c for c in schema if c != catalog.people.id and (c != key or c in source.columns)]


def _value(catalog: Catalog, source: Source, aggregate: Aggregate, tables: Frames) -> pl.Expr:
    where = Cohort.parse(aggregate.where)
    schema = _schema(catalog, tables, source.table, aggregate.column, source.date, *where.columns)
    try:
        met = where.expression(schema)
    except Refusal as error:
        raise Refusal(f"source {source.key!r}, aggregate {aggregate.name!r}: {error}") from None
    if aggregate.name == catalog.people.id:
        raise Refusal(
            f"source {source.key!r}: an aggregate cannot be called {aggregate.name!r}, "
            "as the people's id is; rename it"
        )
    if not aggregate.column:
        return pl.when(met).then(pl.lit(True))
    _fits(source, aggregate, schema[aggregate.column])
    codes = catalog.codes(source.table, aggregate.column)
    return pl.when(met).then(without(aggregate.column, schema[aggregate.column], codes))


def _fits(source: Source, aggregate: Aggregate, dtype: pl.DataType) -> None:
    """Sums and means are of numbers.

    The least and the greatest also of dates; the last of text, too.
    """
    text = isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
    moment = isinstance(dtype, pl.Date | pl.Datetime)
    if not (
        dtype.is_numeric()
        or dtype == pl.Boolean
        or (text and aggregate.of == "last")
        or (moment and aggregate.of in ("min", "max", "last"))
    ):
        rule = (
            "'sum' and 'mean' need numbers, 'min' and 'max' numbers or dates, 'last' these or text"
        )
        raise Refusal(
            f"source {source.key!r}, aggregate {aggregate.name!r}: "
            f"column {aggregate.column!r} of {source.table} holds {dtype}; {rule}"
        )


def _schema(catalog: Catalog, tables: Frames, name: str, *columns: str) -> Schema:
    """The columns of a table, these among them."""
    if name not in tables:
        raise Refusal(f"{catalog.path.name} names no table {name!r}; it has: {', '.join(tables)}")
    schema = tables[name].collect_schema()
    missing = [c for c in columns if c and c not in schema]
    if missing:
        raise Refusal(
            f"{name} has no column {missing[0]!r}, which {catalog.path.name} names; "
            f"it has: {', '.join(schema)}"
        )
    return schema


def _dated(column: str, table: str, schema: Schema) -> bool:
    """Is there a date to go by? One that is declared must be one."""
    if column and not isinstance(schema[column], pl.Date | pl.Datetime):
        raise Refusal(
            f"{table}: {column!r} holds {schema[column]}, not dates; "
            "say how they are written, such as '%Y%m%d', under 'types' of "
            f"[tables.{table!r}]"
        )
    return bool(column)
