"""Who are the people, and what do the silos hold of them?

One lazy join over the catalog's tables, as they stand on the shelf.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path

import polars as pl

from . import aggregates
from . import shelf as shelves
from .catalog.model import ROW_NUMBER, Catalog, Cleaning, Fakes, Feature, Source
from .cohort import Cohort, one_of, without
from .findings import Finding
from .ingest import IngestedTable
from .refusal import Refusal
from .shelf import reading
from .split import divide

Schema = Mapping[str, pl.DataType]
VALUES = 50  # different values that an outcome may have


@dataclass(frozen=True, slots=True)
class Population:
    """The catalog bound to its tables: every table has been through the door, every column is
    found.

    Attributes
    ----------
    taken : the tables on the shelf by name; with them those that are made for a source, by joins
        and aggregates.
    """

    catalog: Catalog
    schemas: Mapping[str, Schema]
    features: Mapping[str, tuple[Feature, ...]]
    taken: Mapping[str, IngestedTable] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was repaired or read as missing, table by table."""
        return tuple(f for taken in self.taken.values() for f in taken.findings)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the catalog, each once; databases have none."""
        return tuple(
            self.catalog.folder / name
            for name in self.catalog.names
            if not self.catalog.table(name).url
        )

    @property
    def schema(self) -> Schema:
        """Every column a cohort may ask for: the population's own, and ``source.column`` for those
        of a source with a table of its own.
        """
        schema = dict(self.schemas[self.catalog.people.table])
        schema[self.catalog.people.id] = self._id_type
        for source in filter(self._apart, self.catalog):
            schema |= {
                f"{source.key}.{c}": t
                for c, t in self.schemas[self.table_of(source)].items()
                if c != self.catalog.people.id
            }
        return schema

    def table(self, name: str) -> pl.LazyFrame:
        """One table, lazily."""
        return self.taken[name].scan()

    def table_of(self, source: Source) -> str:
        """The table with one row per person: a source's own, one made for it, or the people's."""
        return _table_of(self.catalog, source)

    def join(self, columns: Iterable[str]) -> pl.LazyFrame:
        """The people's table with `row` (0, 1, ...) and, joined on the id, the tables that these
        columns need.
        """
        wanted = set(columns)
        people = (
            self.table(self.catalog.people.table).with_row_index("row").with_columns(self.id_of())
        )
        for source in filter(self._apart, self.catalog):
            mine = [c for c in self.schemas[self.table_of(source)] if f"{source.key}.{c}" in wanted]
            if mine:
                people = people.join(
                    self._named(source, mine),
                    on=self.catalog.people.id,
                    how="left",
                    maintain_order="left",
                )
        return people

    def collect(self, cohort: Cohort, columns: Iterable[str]) -> pl.DataFrame:
        """These columns of the people of a cohort: one lazy plan, one collect."""
        wanted = list(columns)
        unknown = [c for c in wanted if c not in self.schema and c != "row"]
        if unknown:
            raise Refusal(
                f"no column {unknown[0]!r} in this population; it has: "
                f"{', '.join(sorted(self.schema))}"
            )
        needed = cohort.columns
        with reading(self.catalog.people.table):
            return (
                self.join([*wanted, *needed])
                .filter(cohort.expression(self.schema))
                .select(wanted)
                .collect()
            )

    def _apart(self, source: Source) -> bool:
        return self.table_of(source) != self.catalog.people.table

    def _named(self, source: Source, columns: list[str]) -> pl.LazyFrame:
        """A source's columns as ``source.column``, with the id."""
        return self.table(self.table_of(source)).select(
            self.id_of(), *(pl.col(c).alias(f"{source.key}.{c}") for c in columns)
        )

    def flags(self, source: Source) -> pl.DataFrame:
        """Which records of a source are known to be fake.

        Returns
        -------
        DataFrame
            `person` (the id), `fake` (Boolean; null = unknown).

        Raises
        ------
        Refusal
            If the catalog names no flag for the source, or an id is missing or stands twice.
        """
        if source.fakes is None:
            raise Refusal(
                f"source {source.key!r} has no 'fakes' in {self.catalog.path.name}; "
                "name there the signs of fake records and the flag of known ones"
            )
        table = _flags_in(self.catalog, source, source.fakes)
        id = self.catalog.people.id
        with reading(table):
            flags = (
                self.table(table)
                .select(
                    self.id_of(),
                    _flag(self.catalog, source.fakes, self.schemas[table])
                    .cast(pl.Boolean)
                    .alias("fake"),
                )
                .collect()
            )
        unique_ids(flags[id], table)
        return flags.rename({id: "person"})

    def id_of(self) -> pl.Expr:
        """The id in one common type: as it is where all tables agree, else as text."""
        return pl.col(self.catalog.people.id).cast(self._id_type)

    @property
    def _id_type(self) -> pl.DataType:
        flags = (s.fakes.table for s in self.catalog if s.fakes and s.fakes.table)
        tables = (self.catalog.people.table, *map(self.table_of, self.catalog), *flags)
        types = {self.schemas[table][self.catalog.people.id] for table in tables}
        return types.pop() if len(types) == 1 else pl.String()


def find(catalog: Catalog, shelf: Path | None = None, *, refresh: bool = False) -> Population:
    """Bind a catalog to its tables: they are read where that is not done yet, columns exist, globs
    are resolved, types fit.

    Parameters
    ----------
    shelf : where checked tables are kept; in the work folder where it is not named.
    refresh : ask databases again.

    Raises
    ------
    Refusal
        With one sentence that names the table, the column, the rule and the remedy.
    """
    if catalog.people.decide:
        raise Refusal(_undecided(catalog))
    idle = next((t.name for t in catalog.tables if t.name not in catalog.names), None)
    if idle is not None:
        raise Refusal(
            f"{catalog.path.name} says under [tables] how {idle!r} is read, "
            f"but nothing reads it; it reads: {', '.join(catalog.names)}"
        )
    for source in catalog:
        _unread(catalog, source)
    place = shelf or shelves.tables()
    taken = shelves.take(
        catalog.folder,
        [catalog.table(n) for n in catalog.names],
        place,
        text=catalog.ids,
        refresh=refresh,
    )
    taken |= {name: _cleaned(catalog, found, place) for name, found in taken.items()}
    taken |= {
        _table_of(catalog, source): _make(catalog, source, taken, place)
        for source in catalog
        if source.made
    }
    schemas = {name: table.schema for name, table in taken.items()}
    people = schemas[catalog.people.table]
    for table in dict.fromkeys((catalog.people.table, *(_table_of(catalog, s) for s in catalog))):
        _present(catalog, table, schemas[table], (catalog.people.id,))
    _present(
        catalog,
        catalog.people.table,
        people,
        (catalog.people.time, catalog.people.outcome, *catalog.people.groups),
    )
    _ours(catalog.people.table, people, ("row",))
    for source in catalog:
        _flagged(catalog, source, taken)
    return Population(
        catalog,
        schemas,
        {s.key: _features(catalog, s, taken[_table_of(catalog, s)]) for s in catalog},
        taken,
    )


def applicants(catalog: Catalog, like: Population, shelf: Path | None = None) -> Population:
    """Bind a catalog of people who are only to be scored, by models that learned from others.

    Their catalog says where their tables are; what the sources' columns mean, and how their cells
    are read, is as the models learned it, whatever the few cells of an applicant look like. They
    need no outcome, no groups and no flags of fake records; any column may be empty, and any table
    but theirs too.

    Parameters
    ----------
    like : the people that the models learned from.

    Raises
    ------
    Refusal
        With one sentence that names the table, the column, the rule and the remedy.
    """
    catalog = _as_fitted(catalog, like)
    for wanted_before in catalog.tables:
        if wanted_before.name not in catalog.names:
            raise Refusal(
                f"{catalog.path.name} says under [tables] how {wanted_before.name!r} is read, "
                f"but nothing reads it; it reads: {', '.join(catalog.names)}"
            )
    place = shelf or shelves.tables()
    how = _read_as(catalog, like)
    asked = tuple(
        replace(catalog.table(name), like=tuple(sorted(how[name].items())))
        for name in catalog.names
    )
    catalog = replace(catalog, tables=asked)
    taken = shelves.take(catalog.folder, asked, place, text=catalog.ids)
    taken |= {name: _cleaned(catalog, found, place) for name, found in taken.items()}
    taken |= {
        _table_of(catalog, source): _make(catalog, source, taken, place)
        for source in catalog
        if source.made
    }
    schemas = {name: table.schema for name, table in taken.items()}
    for table in dict.fromkeys((catalog.people.table, *(_table_of(catalog, s) for s in catalog))):
        _present(catalog, table, schemas[table], (catalog.people.id,))
    _present(catalog, catalog.people.table, schemas[catalog.people.table], (catalog.people.time,))
    for source in catalog:
        _lacking(catalog, source, like.features[source.key], schemas[_table_of(catalog, source)])
    return Population(catalog, schemas, dict(like.features), taken)


def _as_fitted(catalog: Catalog, like: Population) -> Catalog:
    """Whose tables are the applicants' and whose sources are those that the models learned from."""
    mine, theirs = catalog.people, like.catalog.people
    sources = tuple(_placed(catalog.source(s.key), s, catalog, like.catalog) for s in like.catalog)
    time = mine.time or (theirs.time if _timed(like) else "")
    people = replace(
        mine,
        time=time,
        missing=tuple(dict.fromkeys((*theirs.missing, *mine.missing))),
        segments=(),
        protected=(),
    )
    told = replace(catalog, people=people, sources=sources, bureaus=(), alliances=())
    return replace(
        told, cleanings=tuple(_cleaned_as(told, name, like.catalog) for name in told.names)
    )


def _cleaned_as(catalog: Catalog, name: str, like: Catalog) -> Cleaning:
    """What is done with a table of applicants: codes and ids are as models learned them, rows that
    are nobody are the applicants' own.
    """
    mine = catalog.cleaning(name)
    theirs = [like.cleaning(there) for here, there in _pairs(catalog, like) if here == name]
    codes: dict[str, tuple[int | float | str, ...]] = {}
    for column, values in (pair for each in (*theirs, mine) for pair in each.missing):
        codes[column] = tuple(dict.fromkeys((*codes.get(column, ()), *values)))
    plain = next((each.plain for each in (mine, *theirs) if each.plain), "")
    return replace(mine, missing=tuple(codes.items()), plain=plain)


def _pairs(catalog: Catalog, like: Catalog) -> list[tuple[str, str]]:
    """Each table of applicants, and the one that stands in its place for the people models learned
    from.
    """
    pairs = [(catalog.people.table, like.people.table)]
    for mine, theirs in zip(catalog, like, strict=True):
        pairs.append((mine.table or catalog.people.table, theirs.table or like.people.table))
        pairs += zip((s.table for s in mine.steps), (s.table for s in theirs.steps), strict=False)
    return list(dict.fromkeys(pairs))


def _placed(mine: Source, theirs: Source, catalog: Catalog, like: Catalog) -> Source:
    """A source as models learned it, in the applicants' tables."""
    if mine.aggregates and mine.aggregates != theirs.aggregates:
        raise Refusal(
            f"source {mine.key!r} of {catalog.path.name} makes its columns otherwise than "
            f"{like.path.name}, which its model was fitted on; "
            "write its aggregates as they stand there, or leave them out"
        )
    return replace(theirs, table=mine.table, steps=mine.steps, fakes=None)


def _timed(like: Population) -> bool:
    """Does any source look at the time before the application?"""
    dates = (
        like.schemas[like.table_of(s)][f.name].is_temporal()
        for s in like.catalog
        for f in like.features[s.key]
    )
    return bool(like.catalog.people.time) and (any(s.date for s in like.catalog) or any(dates))


def _read_as(catalog: Catalog, like: Population) -> dict[str, dict[str, str]]:
    """How the columns of each table of applicants are read, by name: as those of the table that
    stands in its place for the people models learned from.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in catalog.names}
    for here, there in _pairs(catalog, like.catalog):
        found[here] = like.taken[there].read_as | found[here]
    return found


def _lacking(catalog: Catalog, source: Source, features: Iterable[Feature], schema: Schema) -> None:
    """Refuse applicants of whom a column is not there that the models were fitted on."""
    lacking = next((f.name for f in features if f.name not in schema), None)
    if lacking is not None:
        here = ", ".join(c for c in schema if c != catalog.people.id) or "none"
        raise Refusal(
            f"source {source.key!r} of {catalog.path} has no column {lacking!r}, "
            "which its model was fitted on; "
            f"it has: {here}; give it one, empty where nothing is known"
        )
    _present(catalog, _table_of(catalog, source), schema, (source.present, source.consent))


def _undecided(catalog: Catalog) -> str:
    """What the first guess left open."""
    first, *more = catalog.people.decide
    rest = f" (and {len(more)} more)" if more else ""
    return (
        f"{catalog.path.name} leaves open what only you can say{rest}: {first}. "
        "Answer it there and "
        "drop it from 'decide' in [population], or begin anew by 'init' with that option"
    )


def _cleaned(catalog: Catalog, taken: IngestedTable, place: Path) -> IngestedTable:
    """A table without the rows that the catalog leaves out, and with row numbers where they are the
    id.
    """
    cleaning = catalog.cleaning(taken.name)
    numbers = taken.name == catalog.people.table and catalog.people.id == ROW_NUMBER
    numbers = numbers and ROW_NUMBER not in taken.schema
    if not (cleaning.changes or numbers):
        return taken
    basis = [
        taken.sha256,
        cleaning.leave_out,
        cleaning.once,
        cleaning.plain,
        numbers,
        *_like(catalog, taken.name),
    ]
    made = shelves.make(
        place, taken.name, basis, lambda: clean(taken.scan(), cleaning, numbers=numbers)
    )
    return replace(made, findings=taken.findings, how=taken.how)


def _like(catalog: Catalog, name: str) -> list[object]:
    """By whose example a table of applicants was read, which what is made of it depends on.

    Nothing of any other.
    """
    like = catalog.table(name).like
    return [] if like is None else [like]


def clean(table: pl.LazyFrame, cleaning: Cleaning, *, numbers: bool = False) -> pl.LazyFrame:
    """A table without the rows that are left out; with `numbers`, the place of each row beside it.

    Raises
    ------
    Refusal
        If the column whose values shall stand once is not there.
    """
    schema = table.collect_schema()
    lacking = next((c for c in (cleaning.once, cleaning.plain) if c and c not in schema), "")
    if lacking:
        raise Refusal(f"{cleaning.table} has no column {lacking!r}; it has: {', '.join(schema)}")
    if cleaning.plain:
        table = table.with_columns(plain(cleaning.plain, schema[cleaning.plain]))
    rows = table.with_row_index(ROW_NUMBER, 1).cast({ROW_NUMBER: pl.Int64})
    if cleaning.leave_out:
        rows = rows.filter(~pl.col(ROW_NUMBER).is_in(list(cleaning.leave_out)))
    if cleaning.once:
        once = pl.col(cleaning.once)
        rows = rows.filter(once.is_first_distinct() | once.is_null())
    return rows if numbers else rows.drop(ROW_NUMBER)


def plain(column: str, dtype: pl.DataType) -> pl.Expr:
    """Ids without spaces at the ends, small letters, leading zeros and a needless point."""
    text = pl.col(column).cast(pl.String)
    text = text.str.strip_suffix(".0") if dtype.is_float() else text
    return text.str.strip_chars().str.to_uppercase().str.replace(r"^0+(\d+)$", "$1").alias(column)


def _table_of(catalog: Catalog, source: Source) -> str:
    return f"{source.key} (made)" if source.made else source.table or catalog.people.table


def _make(
    catalog: Catalog, source: Source, taken: Mapping[str, IngestedTable], place: Path
) -> IngestedTable:
    """A source's table of one row per person, made of others.

    Made again when any of these or the source's words change.
    """
    fingerprints = {
        name: taken[name].sha256
        for name in (catalog.people.table, source.table, *(step.table for step in source.steps))
    }
    tables = {name: table.scan() for name, table in taken.items()}
    words: list[object] = [
        fingerprints,
        repr(source),
        repr(catalog.people),
        [repr(catalog.table(name)) for name in fingerprints],
    ]
    words += [repr(c) for c in catalog.cleanings if c.table in fingerprints]
    words += [like for name in fingerprints for like in _like(catalog, name)]
    return shelves.make(
        place, _table_of(catalog, source), words, lambda: aggregates.gather(catalog, source, tables)
    )


def _present(catalog: Catalog, table: str, schema: Schema, columns: Iterable[str]) -> None:
    missing = [c for c in columns if c and c not in schema]
    if missing:
        apart = (
            "; if its fields are set apart by another mark, name it as 'separator' under [tables]"
            if len(schema) == 1
            else ""
        )
        raise Refusal(
            f"{table} has no column {missing[0]!r}, which {catalog.path.name} names; "
            f"it has: {', '.join(schema)}{apart}"
        )


def _ours(table: str, columns: Iterable[str], words: tuple[str, ...]) -> None:
    taken = [c for c in columns if c in words]
    if taken:
        raise Refusal(
            f"column {taken[0]!r} of {table} has a name that is a word of our own; rename it"
        )


def _features(catalog: Catalog, source: Source, taken: IngestedTable) -> tuple[Feature, ...]:
    """What the columns of a source are; those that hold no value are left out."""
    table = taken.name
    schema = taken.schema
    _present(catalog, table, schema, (source.present, source.consent))
    flags = _flags(catalog, source)
    excluded = {
        catalog.people.id,
        source.present,
        source.consent,
        catalog.people.outcome if table == catalog.people.table else "",
        *flags,
    }
    fitting = [
        c
        for c in schema
        if c not in excluded and any(fnmatchcase(c, pattern) for pattern in source.columns)
    ]
    idle = [p for p in source.columns if not any(fnmatchcase(c, p) for c in fitting)]
    if idle:
        raise Refusal(
            f"source {source.key!r}: no column of {table} fits {idle[0]!r}; "
            f"{_why(taken, idle[0], flags)}"
        )
    names = [c for c in fitting if schema[c] != pl.Null]
    if not names:
        raise Refusal(
            f"source {source.key!r}: no cell of its columns in {table} holds a value; "
            "fill them, or leave the source out"
        )
    spoken = [f.name for f in source.features if f.name not in fitting]
    if spoken:
        raise Refusal(
            f"source {source.key!r} describes a feature {spoken[0]!r} that is none of its "
            f"columns: {', '.join(names)}"
        )
    _ours(table, (*names, source.present, source.consent), ("row", "person"))
    for flag in filter(None, (source.present, source.consent)):
        if not (schema[flag].is_numeric() or schema[flag] == pl.Boolean):
            raise Refusal(
                f"column {flag!r} of {table} holds {schema[flag]}; "
                "'present' and 'consent' must be true or false"
            )
    for name in names:
        _fits(source.feature(name), schema[name], table)
    _signed(source, names)
    return tuple(source.feature(name) for name in names)


def _why(taken: IngestedTable, pattern: str, flags: set[str]) -> str:
    """Why no column fits a pattern: one was left out at the door, or is a flag.

    Else, which there are.
    """
    left = next(
        (
            f.text
            for f in taken.findings
            if f.column and f.column not in taken.schema and fnmatchcase(f.column, pattern)
        ),
        "",
    )
    flag = next((f for f in sorted(flags) if fnmatchcase(f, pattern)), "")
    return left or (
        f"it would fit {flag!r}, the flag of fake records, but no source may learn from it"
        if flag
        else f"it has: {', '.join(taken.schema)}"
    )


def _signed(source: Source, names: list[str]) -> None:
    idle = (
        next((p for p in source.fakes.signs if not any(fnmatchcase(n, p) for n in names)), "")
        if source.fakes
        else ""
    )
    if idle:
        raise Refusal(
            f"source {source.key!r}: no feature of it fits the sign {idle!r} of fake "
            f"records; its features are: {', '.join(names)}"
        )


def _flags(catalog: Catalog, source: Source) -> set[str]:
    """The flags of fake records that stand in a table the source is made of, whichever source they
    are for.
    """
    mine = _tables(catalog, source)
    return {
        s.fakes.flag
        for s in catalog
        if s.fakes and mine & ({s.fakes.table} if s.fakes.table else _tables(catalog, s))
    }


def _tables(catalog: Catalog, source: Source) -> set[str]:
    """Where a source's columns stand: the table of one row per person, and what it is made of."""
    return {_table_of(catalog, source), source.table or catalog.people.table}


def _flags_in(catalog: Catalog, source: Source, fakes: Fakes) -> str:
    """The table that holds the flags of a source's records."""
    return fakes.table or _table_of(catalog, source)


def _unread(catalog: Catalog, source: Source) -> None:
    """No source may learn from a flag of fake records; an aggregate may make one."""
    flags = _flags(catalog, source)
    made = (a for a in source.aggregates if a.name not in flags)
    named = {
        *source.columns,
        source.present,
        source.consent,
        *(c for a in made for c in (a.column, *Cohort.parse(a.where).columns)),
    }
    learned = next((f for f in sorted(flags) if {f, escape(f)} & named), "")
    if learned:
        raise Refusal(
            f"source {source.key!r} names {learned!r}, the flag of fake records, "
            "and no source may learn from it; leave it out there"
        )


def _flagged(catalog: Catalog, source: Source, taken: Mapping[str, IngestedTable]) -> None:
    """Is the flag of fake records there, and does it say yes or no?"""
    if source.fakes is None:
        return
    table = _flags_in(catalog, source, source.fakes)
    flag = source.fakes.flag
    schema = taken[table].schema
    rule = "the flag of fake records must be true or false, or 1 or 0"
    _present(catalog, table, schema, (catalog.people.id, flag))
    if (table, flag) == (catalog.people.table, catalog.people.outcome):
        raise Refusal(
            f"source {source.key!r} names the outcome {flag!r} as the flag of fake "
            "records; name a column that tells fakes, whoever defaults"
        )
    if not (schema[flag].is_numeric() or schema[flag] == pl.Boolean):
        raise Refusal(f"column {flag!r} of {table} holds {schema[flag]}; {rule}")
    with reading(table):
        plain = (
            taken[table]
            .scan()
            .select(_flag(catalog, source.fakes, schema).cast(pl.Float64).is_in([0.0, 1.0]).all())
            .collect()
            .item()
        )
    if not plain:
        raise Refusal(
            f"column {flag!r} of {table} holds other numbers than 1 and 0; {rule}, "
            "and missing where it is not known"
        )


def _flag(catalog: Catalog, fakes: Fakes, schema: Schema) -> pl.Expr:
    """The flag, with the codes for missing read as null."""
    return without(fakes.flag, schema[fakes.flag], catalog.people.missing)


def _fits(feature: Feature, dtype: pl.DataType, table: str) -> None:
    """Can the column become what the catalog declares?"""
    if textual(dtype) and feature.numeric:
        raise Refusal(
            f"column {feature.name!r} of {table} holds text, "
            "but the catalog declares a number; mend the file, "
            "or drop 'type' and 'direction'"
        )
    if not (
        textual(dtype)
        or dtype.is_numeric()
        or isinstance(dtype, pl.Boolean | pl.Date | pl.Datetime | pl.Null)
    ):
        raise Refusal(
            f"column {feature.name!r} of {table} holds {dtype}; "
            "a feature must be a number, a date, true or false, or text"
        )


def textual(dtype: pl.DataType) -> bool:
    """Is it text, and so a category?"""
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def people(population: Population) -> pl.DataFrame:
    """The people, in file order, checked.

    Returns
    -------
    DataFrame
        `row` (UInt32), `person` (the id), `defaulted` (Boolean; null = unknown), `split`, `fold`
        (UInt8; only where outcomes are so rare that people take turns, see `split`), `month` (Date;
        only with a time column), then the segments and protected columns as text.

    Raises
    ------
    Refusal
        If an id is missing or stands twice, or the outcome has one value only.
    """
    home = population.catalog.people
    frame = population.collect(
        Cohort("Everyone"),
        ["row", *dict.fromkeys(filter(None, (home.id, home.outcome, home.time, *home.groups)))],
    )
    unique_ids(frame[home.id], home.table)
    months = _months(frame[home.time], home.table) if home.time else None
    outcome = _outcome(population, frame[home.outcome])
    nested = [g for g in home.groups if frame[g].dtype.is_nested() or frame[g].dtype == pl.Binary]
    if nested:
        raise Refusal(
            f"{home.table}: segment {nested[0]!r} holds {frame[nested[0]].dtype}; "
            "it must hold text, numbers, dates, or true or false"
        )
    columns = [
        frame["row"],
        frame[home.id].alias("person"),
        outcome,
        *divide(frame[home.id], months, outcome),
        *([months] if months is not None else []),
    ]
    return pl.DataFrame(columns).with_columns(
        frame[g].cast(pl.String).fill_null("(missing)") for g in home.groups
    )


def unique_ids(ids: pl.Series, table: str) -> None:
    """Refuse a missing or repeated id."""
    if ids.null_count():
        raise Refusal(
            f"{table}: {ids.null_count():,} rows have no {ids.name!r}; every row needs one"
        )
    # In order they need no hashing.
    if (
        repeated := int((ids == ids.shift()).sum())
        if ids.is_sorted()
        else len(ids) - ids.n_unique()
    ):
        raise Refusal(
            f"{table}: {repeated:,} rows repeat the {ids.name!r} of another row; "
            "keep one row per person"
        )


def _months(times: pl.Series, table: str) -> pl.Series:
    if not isinstance(times.dtype, pl.Date | pl.Datetime):
        raise Refusal(
            f"{table}: time column {times.name!r} holds {times.dtype}, not dates; "
            "write dates as 2025-06-30"
        )
    return times.dt.truncate("1mo").cast(pl.Date).alias("month")


def _outcome(population: Population, outcome: pl.Series) -> pl.Series:
    home = population.catalog.people
    dtype = outcome.dtype
    wrong = [b for b in (*home.bad, *home.undecided) if isinstance(b, str) != textual(dtype)]
    if wrong:
        raise Refusal(
            f"{home.table}: outcome {home.outcome!r} holds {dtype}, "
            f"but 'bad' names {wrong[0]!r}; write the bad values as they stand in the file"
        )
    if not (textual(dtype) or dtype.is_numeric() or dtype == pl.Boolean):
        raise Refusal(
            f"{home.table}: outcome {home.outcome!r} holds {dtype}; it must hold numbers, "
            "true or false, or text"
        )
    outcome = void(outcome)
    if dtype.is_numeric() and (many := outcome.drop_nulls().n_unique()) > VALUES:
        raise Refusal(
            f"{home.table}: outcome {home.outcome!r} has {many:,} different values, "
            f"and more than {VALUES} make an amount; name one of few, and which are 'bad'"
        )
    open_ = list(map(bool, home.undecided)) if dtype == pl.Boolean else list(home.undecided)
    if open_:
        outcome = (
            outcome.to_frame()
            .select(pl.when(~one_of(pl.col(outcome.name), open_, dtype)).then(outcome.name))
            .to_series()
        )
    bad = list(map(bool, home.bad)) if dtype == pl.Boolean else home.bad
    defaulted = (
        outcome.to_frame()
        .select(one_of(pl.col(outcome.name), bad, dtype))
        .to_series()
        .alias("defaulted")
    )
    for value, words in (
        (True, f"nobody has a bad value ({', '.join(map(repr, home.bad))})"),
        (False, "everybody has a bad value"),
    ):
        if not (defaulted == value).any():
            raise Refusal(
                f"{home.table}: in outcome {home.outcome!r} {words}; "
                "an outcome needs both kinds, see 'bad' in the catalog"
            )
    return defaulted.set(outcome.is_null(), None)


def void(column: pl.Series) -> pl.Series:
    """The column with not-a-number read as null: other tools write missing values so."""
    return column.fill_nan(None) if column.dtype.is_float() else column


def fingerprint(population: Population) -> dict[str, str]:
    """The sha256 of what models learn from, by table.

    Of a table that is made, what vouches for it.
    """
    made = (_table_of(population.catalog, source) for source in population.catalog)
    return {
        name: population.taken[name].sha256
        for name in dict.fromkeys((*population.catalog.taught, *made))
    }
