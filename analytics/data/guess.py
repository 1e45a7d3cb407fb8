"""What might the analyst mean by these files? A first catalog from what is in them, with what was left out and what remains to be said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from glob import escape
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from .aggregates import gather
from .catalog import RESERVED, Aggregate, Catalog, People, Source, Step, Table
from .cohort import Condition, one_of
from .draft import OURS, Draft, Left, Value, ours, tidy, typed
from .grouping import PROTECTED, PROTECTED_ZH, about, grouped, key, label
from .personal import named, words
from .profile import Column, Leak, Profile, late, leaks
from .refusal import Refusal
from .ways import IDS, WHO, Named, Tables, Way, find, keyed

LEAST = (30, 5)  # people whom a source must know, and of each outcome
FEW = 12  # values that one can look at one by one
OUTCOMES = (
    (4, ("default", "defaulted", "违约", "是否违约", "坏客户")),
    (3, ("bad", "target", "delinquent", "delinquency", "dlq", "dlqin", "good bad", "逾期", "坏")),
    (2, ("label", "outcome", "y", "status", "标签", "目标", "结果")),
    (1, ("class", "result", "performance", "churn")),
)
BAD = ("1", "true", "t", "yes", "y", "bad", "default", "defaulted", "delinquent", "charged off", "charge off", "loss", "是", "违约", "坏", "逾期")
TIMES = ("date", "month", "time", "applied", "application", "issued", "issue", "opened", "created", "日期", "时间", "申请")
NOT_TIMES = ("birth", "born", "dob", "birthday", "expiry", "expires", "due", "maturity", "end", "close", "closed", "last", "next", "生日", "出生")


def guess(profiles: Sequence[Profile], tables: Tables, *, outcome: str = "", bad: Sequence[Value] = (), id: str = "") -> Draft:
    """Guess a first catalog from tables.

    Parameters
    ----------
    outcome, id : columns, where the analyst names them.
    bad : the outcome's values that count as default; texts are read as numbers where the outcome holds numbers.

    Raises
    ------
    Refusal
        If no column can be the outcome or the id; the sentence says which might be named.
    """
    by_name = _by_name(profiles)
    if len(by_name) < len(profiles) or not profiles:
        raise Refusal("a draft needs one table or more, each with its own name; name one file or several")
    home = _home(profiles, outcome)
    people, asked = _people(home, profiles, tables[home.name], outcome, bad, id)
    ways = find(by_name, tables, people)
    suspects = _suspects(by_name, tables, people, ways)
    people = replace(people, segments=tuple(s for s in people.segments if not _grave(suspects.get((home.name, s)))))
    left = tuple(_left(by_name, people, ways, suspects))
    sources = tuple(_sources(by_name, tables, people, ways, left))
    if not sources:
        raise Refusal(f"{home.name} and the other tables leave no column to learn from; " + " ".join(f"{x.column!r}: {x.why}." for x in left[:FEW]))
    catalog, poor = _worthy(Catalog(people, sources, tables=tuple(_read_as(profiles))), profiles, tables)
    left += tuple(Left(t, c, why) for t, why in poor.items() for c in by_name[t].names if (t, c) not in {(x.table, x.column) for x in left})
    return Draft(catalog, tuple(profiles), tuple(_notes(catalog, by_name, asked, left, suspects)), left)


def _by_name(profiles: Iterable[Profile]) -> dict[str, Profile]:
    return {p.name: p for p in profiles}


# Who the people are


def _home(profiles: Sequence[Profile], outcome: str) -> Profile:
    """The people's table: the one with the outcome, best where some column could be the id."""
    if outcome:
        holding = [p for p in profiles if outcome in p.names and not ours(outcome)]
        if not holding:
            raise Refusal(f"no table has a column {outcome!r}; name the outcome with --outcome, one of: {_might(profiles)}")
        return max(holding, key=lambda p: any(c.unique for c in p.columns))
    best = max(profiles, key=lambda p: (_hope(p) > 0 and any(c.unique for c in p.columns), _hope(p), p.rows))
    if not _hope(best):
        raise Refusal(f"no column looks like the outcome; name it with --outcome, one of: {_might(profiles)}")
    return best


def _hope(table: Profile) -> float:
    return max(map(_promise, table.columns), default=0)


def _might(profiles: Sequence[Profile]) -> str:
    few = [c.name for p in profiles for c in p.columns if _few(c)]
    return ", ".join(few[:FEW]) + (", ..." if len(few) > FEW else "") if few else "none, as no column has between 2 and 12 values"


def _few(column: Column) -> bool:
    return 2 <= column.distinct <= FEW and column.kind in ("number", "category", "boolean")


def _promise(column: Column) -> float:
    """How much a column looks like the outcome; 0 is not at all."""
    if not _few(column):
        return 0
    said = next((strength for strength, among in OUTCOMES if named(column.name, among)), 0)
    return said + (2 if column.distinct == 2 else 0) if said else 0


def _people(home: Profile, profiles: Sequence[Profile], table: pl.LazyFrame, outcome: str, bad: Sequence[Value], id: str) -> tuple[People, str]:
    """The population, and what to ask of its outcome."""
    told = home.column(outcome) if outcome else max(home.columns, key=_promise)
    who = _id(home, profiles, id, told.name)
    values, asked = _bad(told, table, bad)
    people = People(home.name, who.name, told.name, values, time=_time(home, (who.name, told.name)), missing=_missing(profiles))
    segments, protected = _groups(home, people)
    return replace(people, segments=segments, protected=protected), asked


def _id(home: Profile, profiles: Sequence[Profile], id: str, outcome: str) -> Column:
    """The column that says who: different on every row."""
    if id:
        if id not in home.names or ours(id) or id == outcome:
            raise Refusal(f"{home.name} has no column {id!r} beside the outcome; name the id, one of: {', '.join(c for c in home.names if c != outcome)}")
        if not home.column(id).unique:
            raise Refusal(
                f"{home.name}: {id!r} is missing or stands twice in some rows; name a column that is different on every row, or keep one row per person"
            )
        return home.column(id)
    able = [c for c in home.columns if c.unique and c.name != outcome and not ours(c.name) and not c.dtype.is_float() and c.kind not in ("date", "boolean")]
    if not able:
        raise Refusal(f"{home.name} has no column that is different on every row, so nothing says who is who; keep one row per person and add a column of ids")
    others = [p for p in profiles if p.name != home.name]
    return max(enumerate(able), key=lambda pair: (*_says_who(pair[1], home, others), -pair[0]))[1]


def _says_who(column: Column, home: Profile, others: Sequence[Profile]) -> tuple[int, ...]:
    mine = set(words(column.name)) & {*words(PurePosixPath(home.name).stem), *WHO}
    return (
        not column.personal,
        keyed(column.name),
        bool(mine),
        sum(column.name in p.names for p in others),
        named(column.name, WHO),
        column.name.casefold() == "id",
    )


def _bad(outcome: Column, table: pl.LazyFrame, bad: Sequence[Value]) -> tuple[tuple[Any, ...], str]:
    """The values that count as default where that is clear, and what to ask or to check."""
    if bad:
        return tuple(typed(value, outcome.dtype) for value in bad), ""
    counts = _levels(table, outcome.name)
    seen = ", ".join(f"{_shown(v)} ({n:,})" for v, n in counts) or "no values"
    ask = f"{outcome.name!r} holds {seen}: say which of these mean default (--bad)"
    if outcome.distinct > FEW:
        return (
            (),
            f"{outcome.name!r} has {outcome.distinct:,} values, so it is no outcome yet: say which mean default (--bad), or name a column of two values",
        )
    known = tuple(v for v, _ in counts if _shown(v).strip().casefold() in BAD)
    clear = len(known) in range(1, len(counts)) and (outcome.dtype == pl.String or {float(v) for v, _ in counts} == {0.0, 1.0})
    if not clear:
        return (), ask
    return known, "" if len(counts) == 2 else f"{outcome.name!r} holds {seen}: {', '.join(map(_shown, known))} is taken to mean default; check that (--bad)"


def _levels(table: pl.LazyFrame, column: str, most: int = FEW) -> list[tuple[Any, int]]:
    """The commonest values of a column and their counts."""
    counts = table.select(pl.col(column).alias("value")).drop_nulls().group_by("value").len().sort(["len", "value"], descending=[True, False]).head(most)
    return list(counts.collect(engine="streaming").iter_rows())


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _time(home: Profile, told: Sequence[str]) -> str:
    dates = [c.name for c in home.columns if c.kind == "date" and c.name not in told and not named(c.name, NOT_TIMES) and not late(c.name)]
    first = sorted(dates, key=lambda name: not named(name, TIMES))
    return first[0] if first else ""


def _groups(home: Profile, people: People) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Segments and protected columns, by their few values and their names."""
    told = (people.id, people.outcome, people.time, *RESERVED)
    able = [c for c in home.columns if c.name not in told and 2 <= c.distinct <= FEW and not c.personal and not late(c.name)]
    protected = tuple(c.name for c in able if named(c.name, (*PROTECTED, *PROTECTED_ZH)))
    return tuple(c.name for c in able if c.kind == "category" and c.name not in protected), protected


def _missing(profiles: Sequence[Profile]) -> tuple[int | float, ...]:
    """Codes for missing that are a plain number in no column: the catalog reads a code as null everywhere."""
    numbers = [c for p in profiles for c in p.columns if c.kind == "number"]
    codes = dict.fromkeys(code for c in numbers for code in c.codes)
    return tuple(code for code in codes if all(code in c.codes or not _within(code, c) for c in numbers))


def _within(code: float, column: Column) -> bool:
    return bool(column.least is not None and column.least <= code <= column.greatest)  # type: ignore[operator]


# What is read, and what is not


def _suspects(profiles: Named, tables: Tables, people: People, ways: Mapping[str, Way]) -> dict[tuple[str, str], Leak]:
    """Columns that know the outcome too well, in every table that has one record per person."""
    if not people.bad:
        return {}
    found: dict[tuple[str, str], Leak] = {}
    for name, way in ways.items():
        if not way.many:
            columns = [
                c.name for c in profiles[name].columns if c.kind not in ("empty", "constant", "text") and not (name == people.table and c.name == people.id)
            ]
            joined = _joined(tables, people, way.steps, columns)
            renamed = {f"{len(way.steps)} {c}": c for c in columns if not (name == people.table and c == people.outcome)}
            judged = leaks(joined, f"0 {people.outcome}", people.bad, renamed)
            found |= {(name, renamed[x.column]): replace(x, column=renamed[x.column]) for x in judged}
    return found


def _joined(tables: Tables, people: People, steps: Sequence[Step], columns: Sequence[str]) -> pl.LazyFrame:
    """The outcome beside the columns of a table at the end of these joins; each column as its place on the way, and its name."""
    frame = _numbered(tables[people.table], 0)
    for i, step in enumerate(steps, 1):
        right = _numbered(tables[step.table], i).with_columns(pl.col(f"{i} {step.right}").cast(pl.String).alias("key"))
        frame = frame.join(right, left_on=pl.col(f"{i - 1} {step.left}").cast(pl.String), right_on="key", how="left")
    return frame.select(list(dict.fromkeys((f"0 {people.outcome}", *(f"{len(steps)} {c}" for c in columns)))))


def _numbered(table: pl.LazyFrame, place: int) -> pl.LazyFrame:
    return table.rename(lambda column: f"{place} {column}")


def _grave(leak: Leak | None) -> bool:
    return leak is not None and leak.grave


def _left(profiles: Named, people: People, ways: Mapping[str, Way], suspects: Mapping[tuple[str, str], Leak]) -> Iterator[Left]:
    joins = {pair for way in ways.values() for pair in _key_columns(way, people)}
    for name, profile in profiles.items():
        for column in profile.columns:
            why = _why(profile, column, people, ways, joins, suspects.get((name, column.name)))
            if why:
                yield Left(name, column.name, why)


def _key_columns(way: Way, people: People) -> Iterator[tuple[str, str]]:
    here = people.table
    for step in way.steps:
        yield from ((here, step.left), (step.table, step.right))
        here = step.table


def _identifies(profile: Profile, column: Column, joins: set[tuple[str, str]]) -> bool:
    """Is it an id, by its name, or as nearly every whole number is different and the name shares a word with a key?"""
    if column.dtype.is_float() or column.kind == "date" or column.distinct <= FEW:
        return False
    about = {w for _, key in joins if keyed(key) for w in words(key)} - set(IDS)
    return keyed(column.name) or (column.distinct > 0.95 * profile.rows and bool(about & set(words(column.name))))


def _why(profile: Profile, column: Column, people: People, ways: Mapping[str, Way], joins: set[tuple[str, str]], leak: Leak | None) -> str:
    """Why a column is not read; nothing where it is."""
    table = profile.name
    reasons = (
        (table not in ways, "no key leads from the people to its table"),
        (column.name == people.id, "it is the id"),
        (table == people.table and column.name == people.outcome, "it is the outcome"),
        (table == people.table and column.name == people.time, "it is the date of application"),
        (ours(column.name), "its name is a word of our own; rename it in the file to use it"),
        (bool(column.personal), f"it holds personal data ({column.personal})"),
        (column.kind == "empty", "it is empty"),
        (column.kind == "constant", "it holds one value only"),
        ((table, column.name) in joins, "it joins tables"),
        (_identifies(profile, column, joins), "it is an id"),
        (_grave(leak), f"it {leak.why if leak else ''}"),
        (late(column.name), "its name tells of what comes after the outcome"),
        (column.kind == "text", "its texts are nearly all different"),
    )
    return next((why for met, why in reasons if met), "")


# Sources


def _sources(profiles: Named, tables: Tables, people: People, ways: Mapping[str, Way], left: Sequence[Left]) -> Iterator[Source]:
    """One source per group of the people's own columns, then one per other table."""
    out = {(x.table, x.column) for x in left}
    taken: set[str] = set()
    mine = [c.name for c in profiles[people.table].columns if (people.table, c.name) not in out]
    for words_, group in grouped(mine, about(people.table, profiles)):
        yield Source(key(words_, taken), label(words_), tuple(map(escape, group)))
    for name in (t for t in ways if t != people.table):
        columns = tuple(c for c in profiles[name].columns if (name, c.name) not in out)
        source = _table_source(profiles[name], tables[name], people, ways[name], columns, about(name, profiles))
        if source:
            yield replace(source, key=key(words(source.key), taken))


def _table_source(profile: Profile, table: pl.LazyFrame, people: People, way: Way, columns: Sequence[Column], about: tuple[str, ...]) -> Source | None:
    """The source of a table of its own: its columns, or aggregates of them where a person may have many records."""
    only = way.steps[0] if len(way.steps) == 1 else None
    steps = () if only and only.left == only.right == people.id else way.steps
    date = _record_date(columns) if people.time and (steps or way.many) else ""
    source = Source("_".join(about) or "table", label(about), ("*",), table=profile.name, steps=steps, date=date)
    if not way.many:
        return replace(source, columns=tuple(escape(c.name) for c in columns)) if columns else None
    usable = [c for c in columns if c.name != date]
    if not usable and not date and profile.column(way.steps[-1].right).unique:
        return None  # it says no more than the table before it
    return replace(source, aggregates=tuple(_aggregates(table, usable, people, date)))


def _record_date(columns: Sequence[Column]) -> str:
    return next((c.name for c in columns if c.kind == "date" and named(c.name, TIMES) and not named(c.name, NOT_TIMES)), "")


def _aggregates(table: pl.LazyFrame, columns: Sequence[Column], people: People, date: str) -> Iterator[Aggregate]:
    """How many records, how large, how many of each kind, how long ago; not more than the first columns of each sort."""
    taken = {people.id, *OURS}
    yield Aggregate(_unique("count", taken), "count")
    if date:
        yield Aggregate(_unique("days_since", taken), "days since")
    for column in [c for c in columns if c.kind == "number"][:6]:
        yield from (Aggregate(_unique(f"{column.name}_{of}", taken), of, column.name) for of in ("mean", "max", "sum"))
    for column in [c for c in columns if c.kind in ("category", "boolean") and c.distinct <= 2 * FEW][:6]:
        for value in (v for v, _ in _levels(table, column.name, 5) if str(v).strip()):
            name = _unique("_".join((column.name, *words(str(value)))), taken)
            yield Aggregate(name, "count", where=str(Condition(column.name, "==", value)))


def _unique(name: str, taken: set[str]) -> str:
    found = next(n for n in (name, *(f"{name}_{i}" for i in range(2, len(taken) + 3))) if n not in taken)
    taken.add(found)
    return found


def _read_as(profiles: Sequence[Profile]) -> Iterator[Table]:
    """How tables must be read: dates that are written as numbers or as texts."""
    for profile in profiles:
        types = tuple((c.name, c.format) for c in profile.columns if c.format and c.kind == "date")
        if types:
            yield Table(profile.name, types=types)


# Sources that know too few


def _worthy(catalog: Catalog, profiles: Sequence[Profile], tables: Tables) -> tuple[Catalog, dict[str, str]]:
    """The catalog without such sources, and why, by their tables; with no other source all stay, and fitting says what is wrong."""
    poor = _poor(catalog, _dated(profiles, tables))
    rich = tuple(s for s in catalog if s.key not in poor)
    kept = tidy(replace(catalog, sources=rich or catalog.sources), profiles)
    out = {s.table: poor[s.key] for s in catalog if s.key in poor} if rich else {}
    return replace(kept, tables=tuple(t for t in kept.tables if t.name in kept.names)), out


def _poor(catalog: Catalog, tables: Tables) -> dict[str, str]:
    """Sources with a table of their own that know too few people of either outcome to learn from, and what to say of each."""
    if not catalog.people.bad:
        return {}
    before = " before their application" if catalog.people.time else ""
    known = {source.key: _known(catalog, source, tables) for source in catalog if source.table}
    return {
        key: f"its source knows {persons:,} people{before}, {bad:,} of them defaulted: too few to learn from"
        for key, (persons, bad) in known.items()
        if persons < LEAST[0] or min(bad, persons - bad) < LEAST[1]
    }


def _known(catalog: Catalog, source: Source, tables: Tables) -> tuple[int, int]:
    """How many people of known outcome a source knows, and how many of them defaulted."""
    people, id = catalog.people, pl.col(catalog.people.id).cast(pl.String).alias("person")
    counted = replace(source, aggregates=source.aggregates[:1])
    known = gather(catalog, counted, tables) if source.made else tables[source.table]
    dtype = tables[people.table].collect_schema()[people.outcome]
    bad = one_of(pl.col(people.outcome), list(people.bad), dtype).alias("bad")
    outcomes = tables[people.table].filter(pl.col(people.outcome).is_not_null()).select(id, bad)
    found = outcomes.join(known.select(id), on="person", how="semi").select(pl.len(), pl.col("bad").sum()).collect(engine="streaming")
    return int(found.item(0, 0)), int(found.item(0, 1))


def _dated(profiles: Sequence[Profile], tables: Tables) -> dict[str, pl.LazyFrame]:
    """The tables as they will be read: dates that are written as numbers or texts are dates."""
    dates = {p.name: [_moment(c) for c in p.columns if c.format and c.kind == "date" and not ours(c.name)] for p in profiles}
    return {name: tables[name].with_columns(found) for name, found in dates.items()}


def _moment(column: Column) -> pl.Expr:
    return pl.col(column.name).cast(pl.String).str.strip_chars().str.to_datetime(column.format, strict=False)


# What to say


def _notes(catalog: Catalog, profiles: Named, asked: str, left: Sequence[Left], suspects: Mapping[tuple[str, str], Leak]) -> Iterator[str]:
    people = catalog.people
    rows = profiles[people.table].rows
    yield f"The people are the {rows:,} rows of {people.table}, told apart by {people.id!r}; how they turned out is in {people.outcome!r}."
    if asked:
        yield f"Decide: {asked}."
    elif people.bad:
        yield f"Default is where {people.outcome!r} is {' or '.join(map(_shown, people.bad))}."
    yield from _note_time(catalog, profiles)
    if people.protected:
        yield f"Protected: {', '.join(people.protected)}. They stand in a source too; move them out of it where the law forbids their use."
    wide = [c.name for c in profiles[people.table].columns if named(c.name, (*PROTECTED, *PROTECTED_ZH)) and c.distinct > FEW and not c.personal]
    if wide:
        yield f"{', '.join(wide)}: too many values to compare groups by; add a column of bands to watch fairness by it."
    yield from _note_names(profiles[people.table], people)
    yield from _note_codes(catalog, profiles)
    yield from (
        f"Suspicious: {column!r} of {table} {leak.why}; check that it was known before the outcome."
        for (table, column), leak in suspects.items()
        if not leak.grave
    )
    yield from _note_left(left, people)
    yield from _note_tables(catalog)


def _note_time(catalog: Catalog, profiles: Named) -> Iterator[str]:
    people = catalog.people
    dates = [c.name for c in profiles[people.table].columns if c.kind == "date" and c.name != people.time]
    if people.time:
        yield f"{people.time!r} is taken as the date of application" + (f"; other dates are: {', '.join(dates)}." if dates else ".")
    else:
        yield "No column looks like the date of application, so there is no out-of-time test."
    for table in catalog.tables:
        yield f"Dates of {table.name} are read as written: {', '.join(f'{column} as {form}' for column, form in table.types)}."


def _note_names(home: Profile, people: People) -> Iterator[str]:
    if home.column(people.id).personal:
        yield f"{people.id!r} holds personal data ({home.column(people.id).personal}); it tells people apart, is masked on screen and is no feature."
    if "row" in home.names:
        yield f"Decide: 'row' in {home.name} is a word of our own; rename that column in the file, or nothing can be read."


def _note_codes(catalog: Catalog, profiles: Named) -> Iterator[str]:
    if catalog.people.missing:
        yield f"Read as missing everywhere: {', '.join(map(_shown, catalog.people.missing))}."
    for profile in profiles.values():
        for column in profile.columns:
            open_ = [c for c in column.codes if c not in catalog.people.missing]
            if open_:
                codes = ", ".join(map(_shown, open_))
                yield f"Decide: {column.name!r} of {profile.name} holds {codes}: codes for missing by their looks, but plain numbers in other columns."


def _note_left(left: Sequence[Left], people: People) -> Iterator[str]:
    """One sentence per reason."""
    usual = ("it is the id", "it is the outcome", "it is the date of application", "it joins tables")
    reasons: dict[str, list[str]] = {}
    for x in left:
        if x.why not in usual:
            reasons.setdefault(x.why, []).append(x.column if x.table == people.table else f"{x.column} ({x.table})")
    for why, columns in reasons.items():
        more = f" and {len(columns) - FEW} more" if len(columns) > FEW else ""
        yield f"Left out: {', '.join(columns[:FEW])}{more}, because {why}."


def _note_tables(catalog: Catalog) -> Iterator[str]:
    for source in (s for s in catalog if s.table):
        way = ", then ".join(f"{s.left if s.left == s.right else f'{s.left} = {s.right}'} of {s.table}" for s in source.steps)
        many = "; a person may have many records, so it counts and sums them" if source.aggregates else ""
        yield f"Source {source.key!r} reads {source.table}, joined by {way or catalog.people.id}{many}."
        if source.aggregates and catalog.people.time and not source.date:
            yield f"Decide: the records of {source.table} carry no date, so nothing shows that they were there before the application."
