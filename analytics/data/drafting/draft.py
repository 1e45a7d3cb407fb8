"""What has the analyst so far? A catalog that grows by small changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from glob import escape
from typing import Any

import polars as pl

from analytics.data.catalog.model import (
    RESERVED,
    Catalog,
    Cleaning,
    People,
    Source,
    ours,
)
from analytics.data.cohort import Cohort
from analytics.data.personal import words
from analytics.data.refusal import Refusal

from .profile import Profile

Value = str | int | float | bool
TRUE = ("true", "t", "yes", "y", "1")


@dataclass(frozen=True, slots=True)
class Left:
    """A column that no source reads, and why."""

    table: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question: what it means, and what is said by it, as fields of
    `own_data.Decisions`.
    """

    label: str
    said: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What only the analyst can say, so that data are not ready without it.

    Attributes
    ----------
    about : what is asked: bad, undecided, outcome, id, rows, join or reading.
    text : the readings there are and what each would mean, without a point at the end.
    option : of ``init``, which settles it.
    widget : of the Data page, which settles it.
    answers : between which the reader of the Data page may choose at once.
    brief : what is asked, where the answers stand below.
    """

    about: str
    text: str
    option: str
    widget: str
    answers: tuple[Answer, ...] = ()
    brief: str = ""

    @property
    def asked(self) -> str:
        """The question with the option that settles it."""
        return f"{self.text} ({self.option}; on the Data page: {self.widget})"


@dataclass(frozen=True, slots=True)
class Draft:
    """A catalog in the making, and what must be said of it.

    Attributes
    ----------
    profiles : the tables it is made from, each by its own name.
    notes : sentences of the first guess: what was understood, what was left out and why, what the
        analyst must decide.
    reasons : why the first guess left columns out.
    questions : what the analyst must decide.
    """

    catalog: Catalog
    profiles: tuple[Profile, ...]
    notes: tuple[str, ...] = ()
    reasons: tuple[Left, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def ready(self) -> bool:
        """Is all said that only the analyst can say, so that models can be fitted?"""
        return bool(self.catalog.people.bad) and not self.questions

    @property
    def left(self) -> tuple[Left, ...]:
        """Every column that no source reads, in file order."""
        read = {pair for source in self.catalog for pair in self._read(source)}
        why = {(x.table, x.column): x.why for x in self.reasons}
        pairs = [(p.name, c) for p in self.profiles for c in p.names if (p.name, c) not in read]
        return tuple(
            Left(t, c, self._role(t, c) or why.get((t, c), "it was left out")) for t, c in pairs
        )

    def profile(self, table: str) -> Profile:
        """One table's profile; of the people's where the name is empty, as in a source."""
        name = table or self.catalog.people.table
        profile = next((p for p in self.profiles if p.name == name), None)
        if profile is None:
            raise Refusal(
                f"the catalog reads {name}, which is none of the tables at hand: "
                f"{', '.join(p.name for p in self.profiles)}; bring it too"
            )
        return profile

    def columns(self, key: str) -> tuple[str, ...]:
        """The features of a source: columns of its table, or the names of its aggregates."""
        source = self.catalog.source(key)
        names = [a.name for a in source.aggregates] or _open(
            self.catalog, source, self.profile(source.table)
        )
        return tuple(c for c in names if any(fnmatchcase(c, pattern) for pattern in source.columns))

    def _read(self, source: Source) -> Iterator[tuple[str, str]]:
        table = source.table or self.catalog.people.table
        if not source.aggregates:
            yield from ((table, c) for c in self.columns(source.key))
        for aggregate in source.aggregates:
            dated = source.date if aggregate.of in ("last", "days since") else ""
            yield from (
                (table, c)
                for c in (aggregate.column, dated, *Cohort.parse(aggregate.where).columns)
            )

    def _role(self, table: str, column: str) -> str:
        """What the catalog says a column is, so that it is no feature."""
        people = self.catalog.people
        if column == people.id:
            return "it is the id"
        return (
            {people.outcome: "it is the outcome", people.time: "it is the date of application"}.get(
                column, ""
            )
            if table == people.table
            else ""
        )


# What the analyst changes


def move(draft: Draft, column: str, key: str, *, table: str = "") -> Draft:
    """The draft with a column read by another source: an old one, a new one of that key, or none
    where the key is empty.

    Parameters
    ----------
    column : of a table, or the name of an aggregate, which can only be left out.
    table : which table's column is meant; default: the people's, or the only one that has it.

    Raises
    ------
    Refusal
        If there is no such column, or it cannot be read there.
    """
    holding = [p.name for p in draft.profiles if column in p.names and table in ("", p.name)]
    made = next(
        (
            s
            for s in draft.catalog
            if column in (a.name for a in s.aggregates) and table in ("", s.table)
        ),
        None,
    )
    if made and not holding:
        return _without(draft, made, column, key)
    table = _meant(draft, column, table, holding)
    if key and (obstacle := _unable(draft.catalog.people, table, column)):
        raise Refusal(f"{column!r} of {table} {obstacle}, so no source can read it")
    catalog = _with(draft, column, key, table) if key else draft.catalog
    groups = {s.key: _rest(draft, s, column, table) for s in draft.catalog}
    if key:
        groups[key] = [*groups.get(key, ()), column]
    return _changed(draft, catalog, groups)


def _meant(draft: Draft, column: str, table: str, holding: Sequence[str]) -> str:
    home = draft.catalog.people.table
    if not holding:
        raise Refusal(
            f"there is no column {column!r} in {table or 'these tables'}; "
            "choose one of the profiles' columns"
        )
    if len(holding) > 1 and home not in holding:
        raise Refusal(
            f"column {column!r} stands in {' and '.join(holding)}; say which table is meant"
        )
    return home if home in holding else holding[0]


def _unable(people: People, table: str, column: str) -> str:
    """Why a column can be no feature; nothing where it can."""
    roles = (
        {people.outcome: "is the outcome", people.time: "is the date of application"}
        if table == people.table
        else {}
    )
    return (
        "has a name that is a word of our own"
        if ours(column)
        else {**roles, people.id: "is the id"}.get(column, "")
    )


def _with(draft: Draft, column: str, key: str, table: str) -> Catalog:
    """The catalog with a source of that key that may read that table."""
    catalog = draft.catalog
    home = draft.catalog.people.table
    same = [s for s in catalog if (s.table or home) == table and not s.aggregates]
    if key in (s.key for s in same):
        return catalog
    if key in catalog.keys:
        source = catalog.source(key)
        how = " by aggregates" if source.aggregates else ""
        raise Refusal(
            f"source {key!r} reads {source.table or home}{how}, "
            f"so it cannot read {column!r} of {table} too; choose another source"
        )
    if table != home and not same:
        raise Refusal(
            f"no source reads {table} row by row, so {column!r} cannot be moved; "
            "add an aggregate of it to the catalog"
        )
    like = {f: getattr(same[0], f) for f in ("table", "steps", "date")} if table != home else {}
    return replace(
        catalog,
        sources=(
            *catalog.sources,
            Source(key, " ".join(words(key)).capitalize() or key, (escape(column),), **like),
        ),
    )


def _rest(draft: Draft, source: Source, column: str, table: str) -> list[str]:
    same = (source.table or draft.catalog.people.table) == table
    return [c for c in draft.columns(source.key) if not (same and c == column)]


def _without(draft: Draft, source: Source, name: str, key: str) -> Draft:
    if key:
        raise Refusal(
            f"{name!r} is an aggregate of source {source.key!r} and stays with its "
            "records; it can only be left out"
        )
    rest = tuple(a for a in source.aggregates if a.name != name)
    sources = (
        replace(s, aggregates=rest) if s.key == source.key else s
        for s in draft.catalog
        if rest or s.key != source.key
    )
    return replace(draft, catalog=replace(draft.catalog, sources=tuple(sources)))


def _changed(draft: Draft, catalog: Catalog, groups: Mapping[str, Sequence[str]]) -> Draft:
    """The draft with these columns in its sources, in file order; a source without columns goes."""
    kept = []
    for source in catalog:
        columns = tuple(c for c in draft.profile(source.table).names if c in groups[source.key])
        described = tuple(f for f in source.features if f.name in columns)
        if source.aggregates or columns:
            kept.append(
                source
                if source.aggregates
                else replace(source, columns=tuple(map(escape, columns)), features=described)
            )
    return replace(draft, catalog=tidy(replace(catalog, sources=tuple(kept)), draft.profiles))


def describe(draft: Draft, key: str, **changes: Any) -> Draft:
    """The draft with other words or figures for a source: label, label_zh, dimension, cost, or the
    columns for presence and consent.

    Raises
    ------
    Refusal
        If there is no such source, or its table lacks a column that is named.
    """
    source = draft.catalog.source(key)
    _allowed(
        changes, ("label", "label_zh", "dimension", "cost", "present", "consent"), f"source {key!r}"
    )
    flags = [changes[f] for f in ("present", "consent") if changes.get(f)]
    _stand(flags, draft.profile(source.table))
    groups = {
        s.key: [c for c in draft.columns(s.key) if s.key != key or c not in flags]
        for s in draft.catalog
    }
    sources = tuple(replace(s, **changes) if s.key == key else s for s in draft.catalog)
    return _changed(draft, replace(draft.catalog, sources=sources), groups)


def put(draft: Draft, **changes: Any) -> Draft:
    """The draft with other words on the population: id, outcome, bad, time, segments, protected,
    missing, label, currency, gain, loss.

    What becomes id, outcome or time leaves its source; with another outcome, `bad` must be said
    anew.

    Raises
    ------
    Refusal
        If the people's table lacks a column that is named, or an id is not different on every row.
    """
    people = draft.catalog.people
    home = draft.profile("")
    _allowed(changes, tuple(f.name for f in fields(People) if f.name != "table"), "[population]")
    changes = {
        name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()
    }
    _stand(
        [
            *(changes[f] for f in ("id", "outcome", "time") if changes.get(f)),
            *changes.get("segments", ()),
            *changes.get("protected", ()),
        ],
        home,
    )
    if changes.get("outcome", people.outcome) != people.outcome:
        changes = {"bad": (), "undecided": (), **changes}
    changed = replace(people, **changes)
    dtype = home.column(changed.outcome or people.outcome).dtype
    changed = replace(
        changed,
        bad=tuple(typed(v, dtype) for v in changed.bad),
        undecided=tuple(typed(v, dtype) for v in changed.undecided),
    )
    _sound(changed, home, asked=changed.id != people.id)
    groups = {s.key: _features(draft, s, changed) for s in draft.catalog}
    return _changed(draft, replace(draft.catalog, people=changed), groups)


def recode(draft: Draft, codes: Mapping[str, Sequence[int | float | str]]) -> Draft:
    """The draft with these codes for missing, by column, and no others, in every table that has the
    column.

    Raises
    ------
    Refusal
        If no table has a column of that name.
    """
    lacking = next((c for c in codes if not any(c in p.names for p in draft.profiles)), "")
    if lacking:
        raise Refusal(
            f"no table has a column {lacking!r} to read codes in; write COLUMN=CODE, CODE"
        )
    cleanings = []
    for p in draft.profiles:
        missing = tuple(
            (c, tuple(values)) for c, values in codes.items() if values and c in p.names
        )
        cleaning = replace(draft.catalog.cleaning(p.name), missing=missing)
        if cleaning != Cleaning(p.name):
            cleanings.append(cleaning)
    return replace(draft, catalog=replace(draft.catalog, cleanings=tuple(cleanings)))


def _features(draft: Draft, source: Source, people: People) -> list[str]:
    """The columns of a source that can remain features."""
    return [
        c
        for c in draft.columns(source.key)
        if source.aggregates or not _unable(people, source.table or people.table, c)
    ]


def _sound(people: People, home: Profile, *, asked: bool) -> None:
    if not (people.id and people.outcome):
        raise Refusal("[population] needs an id and an outcome; name a column for each")
    if asked and not home.column(people.id).unique:
        raise Refusal(
            f"{home.name}: {people.id!r} is missing or repeated in some rows; "
            "name a column that differs on every row, or take the row number (--id row)"
        )
    if people.outcome in (people.id, people.time) or people.id == people.time:
        raise Refusal(
            "[population]: id, outcome and time must be three columns; name another for one of them"
        )
    taken = [g for g in people.groups if g in RESERVED]
    if taken:
        raise Refusal(
            f"a segment cannot be called {taken[0]!r}, a word of our own; "
            "rename the column in the file"
        )


def _allowed(changes: Mapping[str, object], names: Sequence[str], where: str) -> None:
    unknown = next((k for k in changes if k not in names), None)
    if unknown:
        raise Refusal(f"{where} has no {unknown!r} to change; it has: {', '.join(names)}")


def _stand(columns: Sequence[str], profile: Profile) -> None:
    missing = next((c for c in columns if c not in profile.names), None)
    if missing is not None:
        raise Refusal(
            f"{profile.name} has no column {missing!r}; it has: {', '.join(profile.names)}"
        )
    taken = next((c for c in columns if ours(c)), None)
    if taken is not None:
        raise Refusal(
            f"column {taken!r} of {profile.name} has a name that is a word of our own; "
            "rename it in the file"
        )


def typed(value: Value, dtype: pl.DataType) -> Value:
    """A value as a column of this type holds it: analysts write all of them as text.

    Examples
    --------
    >>> typed("1", pl.Int64()), typed("1", pl.String()), typed("yes", pl.Boolean())
    (1, '1', True)

    Raises
    ------
    Refusal
        If the column holds numbers and the value is none.
    """
    if dtype == pl.Boolean:
        return str(value).strip().casefold() in TRUE
    if not (dtype.is_numeric() and isinstance(value, str)):
        return str(value) if dtype == pl.String else value
    try:
        return int(value) if re.fullmatch(r"\s*[+-]?\d+\s*", value) else float(value)
    except ValueError:
        raise Refusal(
            f"the outcome holds numbers, and {value!r} is none; "
            "write the bad values as they stand in the file"
        ) from None


def number_or_text(text: str) -> int | float | str:
    """A code as it is meant: a number where it reads as one.

    Examples
    --------
    >>> number_or_text("-9"), number_or_text("0.5"), number_or_text("n/a")
    (-9, 0.5, 'n/a')
    """
    try:
        return int(text) if text.strip().lstrip("+-").isdecimal() else float(text)
    except ValueError:
        return text


# Columns and patterns


def tidy(catalog: Catalog, profiles: Sequence[Profile]) -> Catalog:
    """The same catalog, the columns of every source, which are named one by one, written as short
    as they can be said exactly.
    """
    tables = {p.name: p for p in profiles}
    sources = (
        s
        if s.aggregates
        else replace(
            s, columns=_short(s.columns, _open(catalog, s, tables[s.table or catalog.people.table]))
        )
        for s in catalog
    )
    return replace(catalog, sources=tuple(sources))


def _open(catalog: Catalog, source: Source, table: Profile) -> list[str]:
    """The columns of a source's table that its globs may stand for."""
    excluded = {
        catalog.people.id,
        source.present,
        source.consent,
        catalog.people.outcome if table.name == catalog.people.table else "",
    }
    return [c for c in table.names if c not in excluded]


def _short(columns: tuple[str, ...], among: Sequence[str]) -> tuple[str, ...]:
    """One glob where it fits these columns and no other, else as they are.

    Examples
    --------
    >>> _short(("PAY_AMT1", "PAY_AMT2", "PAY_AMT3"), ["PAY_0", "PAY_AMT1", "PAY_AMT2", "PAY_AMT3"])
    ('PAY_AMT*',)
    >>> _short(("PAY_0", "PAY_2", "PAY_3"), ["PAY_0", "PAY_2", "PAY_3", "PAY_AMT1"])
    ('PAY_0', 'PAY_2', 'PAY_3')
    """
    least, greatest = min(columns), max(columns)
    same = next(
        (i for i, (a, b) in enumerate(zip(least, greatest, strict=False)) if a != b),
        min(len(least), len(greatest)),
    )
    prefix = re.sub(r"[\d\[]+$", "", least[:same])
    fitting = [c for c in among if escape(c).startswith(prefix)]
    return (
        (prefix + "*",)
        if len(columns) > 2 and len(prefix) > 1 and sorted(map(escape, fitting)) == sorted(columns)
        else columns
    )
