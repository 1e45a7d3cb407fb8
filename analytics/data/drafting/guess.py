"""What might the analyst mean by these files?

A first catalog from what is in them, with what was left out and what remains to be said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from glob import escape
from shlex import quote
from typing import NoReturn

import polars as pl

from analytics.data.aggregates import gather
from analytics.data.catalog.model import (
    OURS,
    RESERVED,
    ROW_NUMBER,
    Aggregate,
    Catalog,
    Cleaning,
    People,
    Source,
    Step,
    Table,
    ours,
)
from analytics.data.cohort import Condition, one_of
from analytics.data.personal import IDS, keyed, named, words
from analytics.data.population import clean, plain
from analytics.data.readers.casting import declared
from analytics.data.readers.shape import totalled
from analytics.data.refusal import Refusal

from .draft import Answer, Draft, Left, Question, Value, tidy, typed
from .grouping import PROTECTED, PROTECTED_ZH, about, grouped, key, label
from .ids import Who, tell_apart
from .join_paths import Frames, JoinPath, Named, find
from .later import dated_late, named_late
from .outcomes import (
    FEW,
    Levels,
    Verdict,
    competes,
    few,
    judge,
    levels,
    promise,
    rival,
    settled,
    shown,
    single,
    texts,
)
from .profile import Column, Leak, Profile, leaks, profile

LATE_NAME = "its name tells of what is learned after the application"
Codes = Mapping[tuple[str, str], Sequence[int | float | str]]
AGAIN = 0.05  # of the rows of a table may repeat an id before a person plainly has many records
LEAST = (30, 5)  # people whom a source must know, and of each outcome
TIMES = (
    "date", "month", "time", "applied", "application", "issued", "issue", "opened", "created",
    "日期", "时间", "申请",
)  # fmt: skip
NOT_TIMES = (
    "birth", "born", "dob", "birthday", "expiry", "expires", "due", "maturity", "end", "close",
    "closed", "last", "next", "生日", "出生",
)  # fmt: skip


def guess(
    profiles: Sequence[Profile],
    tables: Frames,
    *,
    outcome: str = "",
    bad: Sequence[Value] = (),
    id: str = "",
    undecided: Sequence[Value] = (),
    many: Sequence[str] = (),
    codes: Mapping[tuple[str, str], Sequence[int | float | str]] | None = None,
    cleanings: Sequence[Cleaning] = (),
) -> Draft:
    """Guess a first catalog from tables.

    Parameters
    ----------
    outcome, id : columns, where the analyst names them; `id` may be ``row``, for the row number.
    bad, undecided : the outcome's values that count as default, and those of which nobody knows
        yet; texts are read as numbers where the outcome holds numbers.
    many : tables of which a person may have many records, though few have.
    codes : codes for missing by table and column; of other columns they are guessed.
    cleanings : what was done to these tables already, which the catalog must say.

    Raises
    ------
    Refusal
        If no column can be the outcome; the sentence says which might be named.
    """
    if len({p.name for p in profiles}) < len(profiles) or not profiles:
        raise Refusal(
            "a draft needs one table or more, each with its own name; name one file or several"
        )
    home = home_of(profiles, tables, outcome)
    told = home.column(outcome) if outcome else _best(home, tables)
    profiles, tables, cleanings, nobody = _without_totals(
        profiles, tables, home, told.name, cleanings
    )
    home = _by_name(profiles)[home.name]
    told = home.column(told.name)
    who = tell_apart(
        home, [p for p in profiles if p.name != home.name], tables[home.name], id, told.name
    )
    profiles, tables = _numbered_people(profiles, tables, home, who)
    profiles, tables, cleanings, spelled = _spelled_alike(
        profiles, tables, home.name, who.id, cleanings
    )
    profiles, tables, cleanings, repeats, copied = _once(
        profiles, tables, home.name, who.id, cleanings, many
    )
    by_name = _by_name(profiles)
    home = by_name[home.name]
    dated = {**tables, **_dated(profiles, tables)}
    counts = levels(tables[home.name], told.name)
    verdict = _verdict(told, counts, bad, undecided)
    people = People(
        home.name,
        who.id,
        told.name,
        verdict.bad,
        time=_time(home, (who.id, told.name)),
        undecided=verdict.undecided,
    )
    later = dated_late(home, dated[home.name], people.time)
    segments, protected = _groups(home, people, later)
    people = replace(people, segments=segments, protected=protected)
    paths = find(by_name, tables, people)
    rivals = _rivals(home, tables[home.name], people)
    suspects = _suspects(by_name, dated, people, paths, counts)
    people = replace(
        people,
        segments=tuple(
            s
            for s in people.segments
            if not _grave(suspects.get((home.name, s))) and s not in rivals
        ),
    )
    left = tuple(_left(by_name, people, paths, suspects, {**rivals, **later}))
    sources = tuple(_sources(by_name, tables, people, paths, left))
    if not sources:
        raise Refusal(
            f"{home.name} and the other tables leave no column to learn from; "
            + " ".join(f"{x.column!r}: {x.why}." for x in left[:FEW])
        )
    read = _coded(profiles, cleanings, codes or {}, {(x.table, x.column) for x in left})
    catalog, poor = _worthy(
        Catalog(people, sources, tables=tuple(_read_as(profiles)), cleanings=read), profiles, tables
    )
    left += tuple(
        Left(t, c, why)
        for t, why in poor.items()
        for c in by_name[t].names
        if (t, c) not in {(x.table, x.column) for x in left}
    )
    which = [] if outcome else _which(home, tables[home.name], people, rivals, suspects)
    questions = (*which, *verdict.questions, *who.questions, *repeats)
    strong = tuple(_strong(left, suspects, {**rivals, **later}, people))
    first = (
        *verdict.notes,
        *nobody,
        *_scarce(catalog, counts),
        *strong,
        *who.notes,
        *spelled,
        *copied,
    )
    notes = (
        *_notes(catalog, by_name, counts, first, left, suspects),
        *_note_codes(catalog, by_name, tables, read),
    )
    catalog = replace(
        catalog, people=replace(catalog.people, decide=tuple(q.asked for q in questions))
    )
    return Draft(catalog, tuple(profiles), notes, left, questions)


def _by_name(profiles: Iterable[Profile]) -> dict[str, Profile]:
    return {p.name: p for p in profiles}


# Who the people are


def home_of(profiles: Sequence[Profile], tables: Frames, outcome: str) -> Profile:
    """The people's table: the one with the outcome, best where some column could be the id."""
    if outcome:
        holding = [p for p in profiles if outcome in p.names and not ours(outcome)]
        if not holding:
            raise Refusal(
                f"no table has a column {outcome!r}; name the outcome with --outcome (on "
                f"the Data page: Outcome), one of: {_might(profiles)}"
            )
        return max(holding, key=_has_ids)
    hopes = {
        p.name: max((promise(c, v) for c, v in _valued(p, tables)), default=0) for p in profiles
    }
    best = max(profiles, key=lambda p: (hopes[p.name] > 0 and _has_ids(p), hopes[p.name], p.rows))
    if not hopes[best.name]:
        _refuse_outcome(profiles)
    return best


def _refuse_outcome(profiles: Sequence[Profile]) -> NoReturn:
    table, column = single({p.name: p.columns for p in profiles})
    if column:
        raise Refusal(
            f"{column!r} of {table} is called like the outcome, "
            "but holds one value on every row, so "
            "nobody differs: bring people of both outcomes, "
            "as a filter may have dropped one, or name "
            "another column with --outcome (on the Data page: Outcome), one of: "
            f"{_might(profiles)}"
        )
    raise Refusal(
        "no column looks like the outcome; name it with --outcome (on the Data page: "
        f"Outcome), one of: {_might(profiles)}"
    )


def _has_ids(table: Profile) -> bool:
    return any(
        c.unique or (keyed(c.name) and c.distinct >= 0.9 * table.rows) for c in table.columns
    )


def _valued(table: Profile, tables: Frames) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """Each column with its values, where these are few texts."""
    values = texts(tables[table.name], table.columns)
    return ((c, values.get(c.name, ())) for c in table.columns)


def _best(home: Profile, tables: Frames) -> Column:
    return max(_valued(home, tables), key=lambda pair: promise(*pair))[0]


def _might(profiles: Sequence[Profile]) -> str:
    able = [c.name for p in profiles for c in p.columns if few(c)]
    return (
        ", ".join(able[:FEW]) + (", ..." if len(able) > FEW else "")
        if able
        else "none, as no column has between 2 and 12 values"
    )


def _verdict(
    outcome: Column, counts: Levels, bad: Sequence[Value], undecided: Sequence[Value]
) -> Verdict:
    """What the values of the outcome mean: as the analyst says, else where it is plain."""
    given = [tuple(typed(value, outcome.dtype) for value in values) for values in (bad, undecided)]
    if given[0]:
        return settled(outcome, counts, *given)
    found = judge(outcome, [(v, n) for v, n in counts if v not in given[1]])
    return replace(found, undecided=given[1])


def _without_totals(
    profiles: Sequence[Profile],
    tables: Frames,
    home: Profile,
    outcome: str,
    cleanings: Sequence[Cleaning],
) -> tuple[list[Profile], Frames, list[Cleaning], list[str]]:
    """The tables, that of people without last rows that have no id or are called a total, and what
    is said of them.
    """
    rows = _totals(home, tables[home.name], outcome)
    old = next((c for c in cleanings if c.table == home.name), Cleaning(home.name))
    if not rows or old.leave_out:
        return list(profiles), tables, list(cleanings), []
    short = clean(tables[home.name], Cleaning(home.name, leave_out=tuple(rows)))
    kept = [c for c in cleanings if c.table != home.name] + [replace(old, leave_out=tuple(rows))]
    told = [profile(home.name, short) if p.name == home.name else p for p in profiles]
    reasons: dict[str, list[str]] = {}
    for row, reason in rows.items():
        reasons.setdefault(reason, []).append(f"{row:,}")
    why = "; ".join(
        f"{'row' if len(r) == 1 else 'rows'} {', '.join(r)}, as {reason}"
        for reason, r in reasons.items()
    )
    return (
        told,
        {**tables, home.name: short},
        kept,
        [
            (
                f"Left out of {home.name}: {why}; 'leave_out' in the catalog says so, "
                "and may be emptied."
            )
        ],
    )


def _totals(home: Profile, table: pl.LazyFrame, outcome: str) -> dict[int, str]:
    """The rows that are nobody, and why: headers that stand again, totals, and what stands at the
    end without an id.
    """
    if home.rows <= 10 * LAST:
        return {}
    ids = [
        c.name
        for c in home.columns
        if keyed(c.name) and c.distinct >= 0.9 * home.rows - 2 and c.missing <= LAST
    ]
    numbered = table.with_row_index(ROW_NUMBER, 1)
    found = {**_headers_again(home, numbered), **_subtotals(home, numbered, ids, outcome)}
    alone = {v for v, n in levels(table, outcome, 100) if n == 1}
    for row in reversed(numbered.tail(LAST).collect().rows(named=True)):
        if row[ROW_NUMBER] in found:
            continue
        label = next((str(v) for v in row.values() if isinstance(v, str) and totalled(v)), "")
        blank = next((c for c in ids if row[c] is None), "")
        filled = [v for c, v in row.items() if c != ROW_NUMBER and v is not None]
        if label and (row[outcome] is None or row[outcome] in alone):
            found[row[ROW_NUMBER]] = (
                f"it is called {label.strip()!r} and has no outcome of a person"
            )
        elif blank and (label or len(ids) == 1):
            found[row[ROW_NUMBER]] = f"it stands at the end and has no {blank!r}"
        elif len(filled) == 1 and len(row) > MARKS:
            found[row[ROW_NUMBER]] = "it stands at the end and holds one cell only"
        else:
            break
    return dict(sorted(found.items())) if len(found) <= NOBODY else {}


def _headers_again(home: Profile, table: pl.LazyFrame) -> dict[int, str]:
    """Rows whose texts are the names of their columns."""
    texts_ = [c.name for c in home.columns if c.dtype == pl.String]
    if not texts_:
        return {}
    again = table.filter(
        pl.all_horizontal(pl.col(c).str.strip_chars() == c for c in texts_)
    ).select(ROW_NUMBER)
    rows = again.collect(engine="streaming").to_series().to_list()
    return dict.fromkeys(rows, "it holds the names of the columns again")


def _subtotals(
    home: Profile, table: pl.LazyFrame, ids: Sequence[str], outcome: str
) -> dict[int, str]:
    """Rows that an id calls a total, without an outcome."""
    called = [c for c in ids if home.column(c).dtype == pl.String]
    rows_of: dict[int, str] = {}
    for c in called:
        bare = (
            table.filter(pl.col(outcome).is_null() & ~pl.col(c).str.contains("[0-9]"))
            .select(ROW_NUMBER, c)
            .collect(engine="streaming")
        )
        rows_of |= {
            row: f"it is called {said.strip()!r} and has no outcome"
            for row, said in bare.iter_rows()
            if totalled(said)
        }
    return rows_of


LAST = 3  # rows at the end of a table that may be totals
MARKS = 3  # cells, its number among them, of a row that may hold one only
NOBODY = 100  # rows that are left out at most


def _numbered_people(
    profiles: Sequence[Profile], tables: Frames, home: Profile, who: Who
) -> tuple[list[Profile], Frames]:
    """The tables, that of people with its row numbers where these are the id."""
    if who.id != ROW_NUMBER or ROW_NUMBER in home.names:
        return list(profiles), tables
    number = Column(
        ROW_NUMBER,
        pl.Int64(),
        "number",
        0,
        home.rows,
        1,
        home.rows,
        unique=True,
        running=True,
        whole=True,
    )
    wide = replace(home, columns=(*home.columns, number))
    numbered = clean(tables[home.name], Cleaning(home.name), numbers=True)
    return [wide if p.name == home.name else p for p in profiles], {**tables, home.name: numbered}


def _spelled_alike(
    profiles: Sequence[Profile], tables: Frames, home: str, id: str, cleanings: Sequence[Cleaning]
) -> tuple[list[Profile], Frames, list[Cleaning], list[str]]:
    """The tables with their ids read plainly, where records find more of their people so and no two
    people become one; else why not.
    """
    renewed = list(profiles)
    notes = []
    cleaned = list(cleanings)
    for other in [p for p in profiles if p.name != home and id in p.names]:
        ours_, theirs = ((tables[t], tables[t].collect_schema()[id]) for t in (home, other.name))
        met, alike, clash = _meeting(ours_, theirs, id)
        if alike - met < max(2, other.rows / 100):
            continue
        if clash:
            notes.append(
                f"{other.name}: {alike - met:,} more of its {id!r} would find a person if "
                "spaces, capitals and leading zeros did not count, "
                f"but then {clash:,} people of {home} would share an id; "
                "write ids alike in both files."
            )
            continue
        notes.append(
            f"{id!r} is read without spaces, small letters and leading zeros in {home} and "
            f"{other.name}: {alike:,} ids of {other.name} find their person so, "
            f"{met:,} as they are written."
        )
        for name in (home, other.name):
            if not any(c.table == name and c.plain for c in cleaned):
                old = next((c for c in cleaned if c.table == name), Cleaning(name))
                cleaned = [c for c in cleaned if c.table != name] + [replace(old, plain=id)]
                tables = {**tables, name: clean(tables[name], Cleaning(name, plain=id))}
                renewed = [_as_text(p, id) if p.name == name else p for p in renewed]
    return renewed, tables, cleaned, notes


def _as_text(profile: Profile, column: str) -> Profile:
    return replace(
        profile,
        columns=tuple(
            replace(c, dtype=pl.String()) if c.name == column else c for c in profile.columns
        ),
    )


def _meeting(
    ours_: tuple[pl.LazyFrame, pl.DataType], theirs: tuple[pl.LazyFrame, pl.DataType], id: str
) -> tuple[int, int, int]:
    """How many ids of another table are people's as written and read plainly, and how many people
    would share one then.
    """
    (left, mine) = ours_
    (right, other) = theirs
    written = [
        t.select(pl.col(id).cast(pl.String).alias("id")).drop_nulls().unique()
        for t in (left, right)
    ]
    spoken = [
        t.select(plain(id, d).alias("id")).drop_nulls() for t, d in ((left, mine), (right, other))
    ]
    once = [t.unique() for t in spoken]
    met = written[1].join(written[0], on="id", how="semi").select(pl.len())
    alike = once[1].join(once[0], on="id", how="semi").select(pl.len())
    sizes = pl.collect_all([met, alike, *(t.select(pl.len()) for t in (written[0], once[0]))])
    counts = [int(f.item()) for f in sizes]
    return counts[0], counts[1], counts[2] - counts[3]


def _once(
    profiles: Sequence[Profile],
    tables: Frames,
    home: str,
    id: str,
    cleanings: Sequence[Cleaning],
    many: Sequence[str],
) -> tuple[list[Profile], Frames, list[Cleaning], list[Question], list[str]]:
    """Tables of one row per person, but for a few: the first row of each, and the question whether
    that is meant.
    """
    kept = list(profiles)
    cleaned = list(cleanings)
    questions = []
    notes = []
    for other in profiles:
        column = next((c for c in other.columns if c.name == id), None)
        if other.name == home or column is None or column.unique or other.name in many:
            continue
        again = other.rows - column.missing - column.distinct
        if (
            not 0 < again <= max(FEW, AGAIN * other.rows)
            or again >= other.rows / 4
            or column.missing
        ):
            continue
        copies = int(
            tables[other.name]
            .select(
                pl.struct(other.names).is_duplicated() & ~pl.struct(other.names).is_first_distinct()
            )
            .sum()
            .collect()
            .item()
        )
        if copies == again:
            notes.append(
                f"{other.name}: {again:,} of {other.rows:,} rows are copies, cell by cell, "
                f"of another row with the same {id!r}, and are left out."
            )
        else:
            text = (
                f"{other.name}: {again:,} of {other.rows:,} rows repeat the {id!r} of "
                f"another row, {copies:,} of them cell by cell. One row per person, the "
                f"first of each (--once {quote(f'{other.name}:{id}')}), "
                "or many records of a person, to be counted and summed (--many "
                f"{quote(other.name)})"
            )
            answers = (
                Answer("one row per person: the first of each", (("once", ((other.name, id),)),)),
                Answer("many records of a person: count and sum them", (("many", (other.name,)),)),
            )
            questions.append(
                Question(
                    "rows",
                    text,
                    "--once or --many",
                    "Few repeated rows",
                    answers,
                    text.partition(". ")[0],
                )
            )
        old = next((c for c in cleaned if c.table == other.name), Cleaning(other.name))
        cleaned = [c for c in cleaned if c.table != other.name] + [replace(old, once=id)]
        tables = {**tables, other.name: clean(tables[other.name], Cleaning(other.name, once=id))}
        columns = tuple(replace(c, unique=True) if c.name == id else c for c in other.columns)
        kept = [
            replace(p, columns=columns, rows=p.rows - again) if p.name == other.name else p
            for p in kept
        ]
    return kept, tables, cleaned, questions, notes


def _time(home: Profile, told: Sequence[str]) -> str:
    dates = [
        c.name
        for c in home.columns
        if c.kind == "date"
        and c.name not in told
        and not named(c.name, NOT_TIMES)
        and not named_late(c.name)
    ]
    first = sorted(dates, key=lambda name: not named(name, TIMES))
    return first[0] if first else ""


def _groups(
    home: Profile, people: People, later: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Segments and protected columns, by their few values and their names."""
    excluded = (people.id, people.outcome, people.time, *RESERVED, *later)
    able = [
        c
        for c in home.columns
        if c.name not in excluded
        and 2 <= c.distinct <= FEW
        and not c.personal
        and not named_late(c.name)
    ]
    protected = tuple(c.name for c in able if named(c.name, (*PROTECTED, *PROTECTED_ZH)))
    return tuple(
        c.name for c in able if c.kind == "category" and c.name not in protected
    ), protected


def _rivals(home: Profile, table: pl.LazyFrame, people: People) -> dict[str, str]:
    """Columns that look like another outcome, and why they are out."""
    values = texts(table, home.columns)
    able = [c for c in home.columns if c.name not in (people.outcome, people.id, people.time)]
    return {
        c.name: "it looks like another outcome" for c in able if rival(c, values.get(c.name, ()))
    }


def _which(
    home: Profile,
    table: pl.LazyFrame,
    people: People,
    rivals: Mapping[str, str],
    suspects: Mapping[tuple[str, str], Leak],
) -> list[Question]:
    """The question which of several columns is the outcome, where they differ and no name tells."""
    values = texts(table, home.columns)
    copies = {c for (t, c), leak in suspects.items() if t == home.name and leak.auc > COPY}
    others = [
        c.name
        for c in home.columns
        if c.name in rivals and c.name not in copies and competes(c, values.get(c.name, ()))
    ]
    if not others:
        return []
    able = [people.outcome, *others[:FEW]]
    brief = f"{' and '.join(map(repr, able))} may each be the outcome, and do not agree"
    each = "; ".join(f"{name!r} ({_held(table, name)}; --outcome {quote(name)})" for name in able)
    answers = tuple(Answer(f"{name}: {_held(table, name)}", (("outcome", name),)) for name in able)
    text = (
        f"{brief}: say which tells how people turned out; the others are left out, "
        f"as they may have been learned as late. {each}"
    )
    return [Question("outcome", text, "--outcome", "Outcome", answers, brief)]


def _held(table: pl.LazyFrame, column: str) -> str:
    return ", ".join(f"{shown(v)} {n:,}" for v, n in levels(table, column, FEW))


COPY = 0.9999  # AUC alone of what tells the same as the outcome


def _coded(
    profiles: Sequence[Profile],
    cleanings: Sequence[Cleaning],
    said: Codes,
    out: set[tuple[str, str]],
) -> tuple[Cleaning, ...]:
    """The cleanings with the codes for missing of each column: as said, else those one knows by
    their looks.
    """
    kept = {c.table: c for c in cleanings}
    for p in profiles:
        guessed = {c.name: c.codes for c in p.columns if c.codes and (p.name, c.name) not in out}
        own_codes = {
            column: tuple(values) for (table, column), values in said.items() if table == p.name
        }
        codes = tuple(
            (column, values) for column, values in {**guessed, **own_codes}.items() if values
        )
        if codes:
            kept[p.name] = replace(kept.get(p.name, Cleaning(p.name)), missing=codes)
    return tuple(kept.values())


# What is read, and what is not


def _suspects(
    profiles: Named, tables: Frames, people: People, paths: Mapping[str, JoinPath], counts: Levels
) -> dict[tuple[str, str], Leak]:
    """What each column says of the outcome alone, in every table that has one record per person.

    Of two values it does not matter which is bad.
    """
    bad = people.bad or ((counts[0][0],) if len(counts) == 2 else ())
    if not bad:
        return {}
    suspects: dict[tuple[str, str], Leak] = {}
    for name, path in paths.items():
        if not path.many:
            columns = [
                c.name
                for c in profiles[name].columns
                if c.kind not in ("empty", "constant", "text")
                and not (name == people.table and c.name == people.id)
            ]
            joined = _joined(tables, people, path.steps, columns)
            renamed = {
                f"{len(path.steps)} {c}": c
                for c in columns
                if not (name == people.table and c == people.outcome)
            }
            judged = leaks(joined, f"0 {people.outcome}", bad, renamed, all_of_them=True)
            suspects |= {
                (name, renamed[x.column]): replace(x, column=renamed[x.column]) for x in judged
            }
    return suspects


def _joined(
    tables: Frames, people: People, steps: Sequence[Step], columns: Sequence[str]
) -> pl.LazyFrame:
    """The outcome beside the columns of a table at the end of these joins.

    Each column as its place on the way, and its name.
    """
    frame = _numbered(tables[people.table], 0)
    for i, step in enumerate(steps, 1):
        right = _numbered(tables[step.table], i).with_columns(
            pl.col(f"{i} {step.right}").cast(pl.String).alias("key")
        )
        frame = frame.join(
            right,
            left_on=pl.col(f"{i - 1} {step.left}").cast(pl.String),
            right_on="key",
            how="left",
        )
    return frame.select(
        list(dict.fromkeys((f"0 {people.outcome}", *(f"{len(steps)} {c}" for c in columns))))
    )


def _numbered(table: pl.LazyFrame, place: int) -> pl.LazyFrame:
    return table.rename(lambda column: f"{place} {column}")


def _grave(leak: Leak | None) -> bool:
    return leak is not None and leak.grave


def _left(
    profiles: Named,
    people: People,
    paths: Mapping[str, JoinPath],
    suspects: Mapping[tuple[str, str], Leak],
    early: Mapping[str, str],
) -> Iterator[Left]:
    joins = {pair for path in paths.values() for pair in _key_columns(path, people)}
    for name, held in profiles.items():
        for column in held.columns:
            why_early = early.get(column.name, "") if name == people.table else ""
            why = _why(
                held, column, people, paths, joins, suspects.get((name, column.name)), why_early
            )
            if why:
                yield Left(name, column.name, why)


def _key_columns(path: JoinPath, people: People) -> Iterator[tuple[str, str]]:
    here = people.table
    for step in path.steps:
        yield from ((here, step.left), (step.table, step.right))
        here = step.table


def _identifies(profile: Profile, column: Column, joins: set[tuple[str, str]]) -> bool:
    """Is it an id, by its name, or as nearly every whole number is different and the name shares a
    word with a key?
    """
    if column.dtype.is_float() or column.kind == "date" or column.distinct <= FEW:
        return False
    about = {w for _, key in joins if keyed(key) for w in words(key)} - set(IDS)
    return keyed(column.name) or (
        column.distinct > 0.95 * profile.rows and bool(about & set(words(column.name)))
    )


def _why(
    profile: Profile,
    column: Column,
    people: People,
    paths: Mapping[str, JoinPath],
    joins: set[tuple[str, str]],
    leak: Leak | None,
    told: str,
) -> str:
    """Why a column is not read; nothing where it is."""
    table = profile.name
    reasons = (
        (table not in paths, "no key leads from the people to its table"),
        (column.name == people.id, "it is the id"),
        (table == people.table and column.name == people.outcome, "it is the outcome"),
        (table == people.table and column.name == people.time, "it is the date of application"),
        (ours(column.name), "its name is a word of our own; rename it in the file to use it"),
        (bool(column.personal), f"it holds personal data ({column.personal})"),
        (column.kind == "empty", "it is empty"),
        (column.kind == "constant", "it holds one value only"),
        ((table, column.name) in joins, "it joins tables"),
        (_identifies(profile, column, joins), "it is an id"),
        (column.running, "it is a running number"),
        (bool(told), told),
        (_grave(leak), f"it {leak.why if leak else ''}"),
        (named_late(column.name), LATE_NAME),
        (column.kind == "text", "its texts are nearly all different"),
    )
    return next((why for met, why in reasons if met), "")


# Sources


def _sources(
    profiles: Named,
    tables: Frames,
    people: People,
    paths: Mapping[str, JoinPath],
    left: Sequence[Left],
) -> Iterator[Source]:
    """One source per group of the people's own columns, then one per other table."""
    out = {(x.table, x.column) for x in left}
    taken: set[str] = set()
    own_columns = [
        c.name for c in profiles[people.table].columns if (people.table, c.name) not in out
    ]
    for words_, group in grouped(own_columns, about(people.table, profiles)):
        yield Source(key(words_, taken), label(words_), tuple(map(escape, group)))
    for name in (t for t in paths if t != people.table):
        columns = tuple(c for c in profiles[name].columns if (name, c.name) not in out)
        source = _table_source(
            profiles[name], tables[name], people, paths[name], columns, about(name, profiles)
        )
        if source:
            yield replace(source, key=key(words(source.key), taken))


def _table_source(
    profile: Profile,
    table: pl.LazyFrame,
    people: People,
    path: JoinPath,
    columns: Sequence[Column],
    about: tuple[str, ...],
) -> Source | None:
    """The source of a table of its own: its columns, or aggregates of them where a person may have
    many records.
    """
    only = path.steps[0] if len(path.steps) == 1 else None
    steps = () if only and only.left == only.right == people.id else path.steps
    date = _record_date(columns) if people.time and (steps or path.many) else ""
    source = Source(
        "_".join(about) or "table", label(about), ("*",), table=profile.name, steps=steps, date=date
    )
    if not path.many:
        return replace(source, columns=tuple(escape(c.name) for c in columns)) if columns else None
    usable = [c for c in columns if c.name != date]
    if not usable and not date and profile.column(path.steps[-1].right).unique:
        return None  # it says no more than the table before it
    return replace(source, aggregates=tuple(_aggregates(table, usable, people, date)))


def _record_date(columns: Sequence[Column]) -> str:
    return next(
        (
            c.name
            for c in columns
            if c.kind == "date" and named(c.name, TIMES) and not named(c.name, NOT_TIMES)
        ),
        "",
    )


def _aggregates(
    table: pl.LazyFrame, columns: Sequence[Column], people: People, date: str
) -> Iterator[Aggregate]:
    """How many records, how large, how many of each kind, how long ago.

    Not more than the first columns of each sort.
    """
    taken = {people.id, *OURS}
    yield Aggregate(_unique("count", taken), "count")
    if date:
        yield Aggregate(_unique("days_since", taken), "days since")
    for column in [c for c in columns if c.kind == "number"][:6]:
        yield from (
            Aggregate(_unique(f"{column.name}_{of}", taken), of, column.name)
            for of in ("mean", "max", "sum")
        )
    for column in [
        c for c in columns if c.kind in ("category", "boolean") and c.distinct <= 2 * FEW
    ][:6]:
        for value in (v for v, _ in levels(table, column.name, 5) if str(v).strip()):
            name = _unique("_".join((column.name, *words(str(value)))), taken)
            yield Aggregate(name, "count", where=str(Condition(column.name, "==", value)))


def _unique(name: str, taken: set[str]) -> str:
    free = next(
        n for n in (name, *(f"{name}_{i}" for i in range(2, len(taken) + 3))) if n not in taken
    )
    taken.add(free)
    return free


def _read_as(profiles: Sequence[Profile]) -> Iterator[Table]:
    """How tables must be read: dates that are written as numbers or as texts."""
    for table in profiles:
        types = tuple((c.name, c.format) for c in table.columns if c.format and c.kind == "date")
        if types:
            yield Table(table.name, types=types)


# Sources that know too few


def _worthy(
    catalog: Catalog, profiles: Sequence[Profile], tables: Frames
) -> tuple[Catalog, dict[str, str]]:
    """The catalog without such sources, and why, by their tables.

    With no other source all stay, and fitting says what is wrong.
    """
    poor = _poor(catalog, _dated(profiles, tables))
    rich = tuple(s for s in catalog if s.key not in poor)
    kept = tidy(replace(catalog, sources=rich or catalog.sources), profiles)
    out = {s.table: poor[s.key] for s in catalog if s.key in poor} if rich else {}
    return replace(kept, tables=tuple(t for t in kept.tables if t.name in kept.names)), out


def _poor(catalog: Catalog, tables: Frames) -> dict[str, str]:
    """Sources with a table of their own that know too few people of either outcome to learn from,
    and what to say of each.
    """
    if not catalog.people.bad:
        return {}
    before = " before their application" if catalog.people.time else ""
    known = {source.key: _known(catalog, source, tables) for source in catalog if source.table}
    return {
        key: (
            f"its source knows {persons:,} people{before}, {bad:,} of them defaulted: "
            "too few to learn from"
        )
        for key, (persons, bad) in known.items()
        if persons < LEAST[0] or min(bad, persons - bad) < LEAST[1]
    }


def _known(catalog: Catalog, source: Source, tables: Frames) -> tuple[int, int]:
    """How many people of known outcome a source knows, and how many of them defaulted."""
    people = catalog.people
    id = pl.col(catalog.people.id).cast(pl.String).alias("person")
    counted = replace(source, aggregates=source.aggregates[:1])
    known = gather(catalog, counted, tables) if source.made else tables[source.table]
    dtype = tables[people.table].collect_schema()[people.outcome]
    bad = one_of(pl.col(people.outcome), list(people.bad), dtype).alias("bad")
    outcomes = tables[people.table].filter(pl.col(people.outcome).is_not_null()).select(id, bad)
    found = (
        outcomes.join(known.select(id), on="person", how="semi")
        .select(pl.len(), pl.col("bad").sum())
        .collect(engine="streaming")
    )
    return int(found.item(0, 0)), int(found.item(0, 1))


def _dated(profiles: Sequence[Profile], tables: Frames) -> dict[str, pl.LazyFrame]:
    """The tables as they will be read: dates that are written as numbers or texts are dates."""
    dates = {
        p.name: [
            _moment(c) for c in p.columns if c.format and c.kind == "date" and not ours(c.name)
        ]
        for p in profiles
    }
    return {name: tables[name].with_columns(found) for name, found in dates.items()}


def _moment(column: Column) -> pl.Expr:
    texts = pl.col(column.name).cast(pl.String)
    return (
        declared(column.format, pl.Series([], dtype=pl.String), ".").read(texts).alias(column.name)
    )


# What to say


def _notes(
    catalog: Catalog,
    profiles: Named,
    counts: Levels,
    first: Sequence[str],
    left: Sequence[Left],
    suspects: Mapping[tuple[str, str], Leak],
) -> Iterator[str]:
    """What was understood, what matters most first."""
    people = catalog.people
    rows = profiles[people.table].rows
    yield (
        f"The people are the {rows:,} rows of {people.table}, told apart by {people.id!r}; "
        f"how they turned out is in {people.outcome!r}."
    )
    if people.bad:
        yield _default(people, counts)
    yield from first
    yield from (
        (
            f"Suspicious: {column!r} of {table} {leak.why}; check that it was known before the "
            "outcome."
        )
        for (table, column), leak in suspects.items()
        if leak.why
        and not leak.grave
        and (table, column) not in {(x.table, x.column) for x in left}
    )
    yield from _note_time(catalog, profiles)
    if people.protected:
        yield (
            f"Protected: {', '.join(people.protected)}. They stand in a source too; "
            "move them out of it where the law forbids their use."
        )
    wide = [
        c.name
        for c in profiles[people.table].columns
        if named(c.name, (*PROTECTED, *PROTECTED_ZH)) and c.distinct > FEW and not c.personal
    ]
    if wide:
        yield (
            f"{', '.join(wide)}: too many values to compare groups by; "
            "add a column of bands to watch fairness by it."
        )
    yield from _note_names(profiles[people.table], people)
    yield from _note_tables(catalog, profiles)
    yield from _note_left(left, people)


def _default(people: People, counts: Levels) -> str:
    number = dict(counts)
    known = sum(n for v, n in counts if v not in people.undecided)
    bad = sum(number.get(v, 0) for v in people.bad)
    share = (
        f": {bad:,} of {known:,} people whose outcome is known, {bad / known:.1%}" if known else ""
    )
    return f"Default is where {people.outcome!r} is {' or '.join(map(shown, people.bad))}{share}."


def _scarce(catalog: Catalog, counts: Levels) -> Iterator[str]:
    """Too few of either outcome to learn from."""
    people = catalog.people
    number = dict(counts)
    bad = sum(number.get(v, 0) for v in people.bad)
    paid = sum(n for v, n in counts if v not in (*people.bad, *people.undecided))
    if people.bad and min(bad, paid) < LEAST[1]:
        count, what = (bad, "defaulted") if bad <= paid else (paid, "paid")
        few_ = f"{count:,} {'person' if count == 1 else 'people'} {what}"
        yield (
            f"Too few to learn from: only {few_}, and {LEAST[1]} of either outcome are the "
            "least; bring more people, or another outcome (--outcome)."
        )


def _strong(
    left: Sequence[Left],
    suspects: Mapping[tuple[str, str], Leak],
    early: Mapping[str, str],
    people: People,
) -> Iterator[str]:
    """What was learned too late or is another outcome, with what each tells alone."""
    named_: dict[str, list[str]] = {}
    for x in left:
        leak = suspects.get((x.table, x.column))
        if _grave(leak) or x.why == LATE_NAME or early.get(x.column) == x.why:
            alone = f" (AUC alone {leak.auc:.2f})" if leak and leak.judged else ""
            why = (
                x.why
                if x.why in (*early.values(), LATE_NAME)
                else "it tells the outcome almost alone"
            )
            where = "" if x.table == people.table else f" of {x.table}"
            named_.setdefault(why, []).append(f"{x.column}{where}{alone}")
    for why, columns in named_.items():
        yield (
            "Left out, as it may not have been known at the application: "
            f"{', '.join(columns)}, because {why}; move it to a source if it was."
        )


def _note_time(catalog: Catalog, profiles: Named) -> Iterator[str]:
    people = catalog.people
    dates = [
        c.name for c in profiles[people.table].columns if c.kind == "date" and c.name != people.time
    ]
    if people.time:
        yield f"{people.time!r} is taken as the date of application" + (
            f"; other dates are: {', '.join(dates)}." if dates else "."
        )
    else:
        yield "No column looks like the date of application, so there is no out-of-time test."
    for table in catalog.tables:
        yield (
            f"Dates of {table.name} are read as written: "
            f"{', '.join(f'{column} as {form}' for column, form in table.types)}."
        )


def _note_names(home: Profile, people: People) -> Iterator[str]:
    if home.column(people.id).personal:
        yield (
            f"{people.id!r} holds personal data ({home.column(people.id).personal}); "
            "it tells people apart, is masked on screen and is no feature."
        )


def _note_codes(
    catalog: Catalog, profiles: Named, tables: Frames, cleanings: Sequence[Cleaning]
) -> Iterator[str]:
    """Codes for missing and values far outside the rest, each with its count and, where it is
    known, its bad rate.
    """
    people = catalog.people
    for name, held in profiles.items():
        missing = dict(next((c.missing for c in cleanings if c.table == name), ()))
        read = [s for s in catalog if (s.table or people.table) == name]
        if not read:
            continue
        for column in held.columns:
            codes = missing.get(column.name, ())
            others = [v for v in (*column.codes, *column.alone) if v not in codes]
            where = f"{column.name!r} of {name}"
            if codes:
                rates = _rates(tables, people, name, column.name, codes)
                yield (
                    f"Read as missing in {where}: {rates}; --missing {quote(f'{column.name}=')} "
                    "takes them as numbers."
                )
            if others:
                rates = _rates(tables, people, name, column.name, others)
                option = quote(f"{column.name}={','.join(map(shown, others))}")
                yield (
                    f"Far outside the rest in {where}, and taken as numbers: {rates}; "
                    f"--missing {option} reads them as missing."
                )


def _rates(
    tables: Frames, people: People, table: str, column: str, values: Sequence[float | str]
) -> str:
    """Each of these values with its count, and its bad rate in the people's own table."""
    number = pl.col(column)
    bad = pl.lit(None, pl.Boolean)
    texts_ = [v for v in values if isinstance(v, str)]
    numbers = [float(v) for v in values if not isinstance(v, str)]
    rows = tables[table].filter(
        number.is_in(texts_) if texts_ else number.cast(pl.Float64).is_in(numbers)
    )
    if table == people.table and people.bad:
        dtype = tables[table].collect_schema()[people.outcome]
        bad = one_of(pl.col(people.outcome), list(people.bad), dtype)
        if people.undecided:
            bad = pl.when(~one_of(pl.col(people.outcome), list(people.undecided), dtype)).then(bad)
    found = (
        rows.group_by(number.alias("value"))
        .agg(pl.len(), bad.mean().alias("rate"))
        .sort("value")
        .collect(engine="streaming")
    )
    parts = ((v, f"{n:,} {'row' if n == 1 else 'rows'}", rate) for v, n, rate in found.iter_rows())
    return ", ".join(
        f"{shown(v)} ({n})" if rate is None else f"{shown(v)} ({n}, bad rate {rate:.1%})"
        for v, n, rate in parts
    )


def _note_left(left: Sequence[Left], people: People) -> Iterator[str]:
    """One sentence per reason."""
    usual = (
        "it is the id",
        "it is the outcome",
        "it is the date of application",
        "it joins tables",
        LATE_NAME,
    )
    reasons: dict[str, list[str]] = {}
    for x in left:
        if x.why not in usual and "outcome" not in x.why and "application" not in x.why:
            reasons.setdefault(x.why, []).append(
                x.column if x.table == people.table else f"{x.column} ({x.table})"
            )
    for why, columns in reasons.items():
        more = f" and {len(columns) - FEW} more" if len(columns) > FEW else ""
        yield f"Left out: {', '.join(columns[:FEW])}{more}, because {why}."


def _note_tables(catalog: Catalog, profiles: Named) -> Iterator[str]:
    for source in (s for s in catalog if s.table):
        keys = ", then ".join(
            f"{s.left if s.left == s.right else f'{s.left} = {s.right}'} of {s.table}"
            for s in source.steps
        )
        many = (
            "; a person may have many records, so it counts and sums them"
            if source.aggregates
            else ""
        )
        yield (
            f"Source {source.key!r} reads {source.table}, joined by "
            f"{keys or catalog.people.id}{many}."
        )
        if source.aggregates and catalog.people.time and not source.date:
            dates = [c.name for c in profiles[source.table].columns if c.kind == "date"]
            none = (
                f"of its dates ({', '.join(dates)}) none is plainly the one of a record"
                if dates
                else "no column of it looks like a date"
            )
            yield (
                f"No date of the records of {source.table} is known, as {none}, "
                "so nothing shows that they were there before the application; "
                "name it under 'date' of the source."
            )
        yield from _note_lateness(profiles[source.table])


def _note_lateness(table: Profile) -> Iterator[str]:
    """Records that say when they were due and when they were paid."""
    dates = [c.name for c in table.columns if c.kind == "date"]
    due = next((c for c in dates if named(c, DUE)), "")
    paid = next((c for c in dates if c != due and named(c, PAID_ON)), "")
    if due and paid:
        yield (
            f"{due!r} and {paid!r} of {table.name} tell how late each record was paid, "
            "which says more than either: write the days between them as a column "
            "of their own, and count records from before the application only."
        )


DUE = (
    "due", "scheduled", "expected", "planned", "instalment", "installment", "vencimiento",
    "vencimento", "faellig", "fällig", "échéance", "echeance", "应还",
)  # fmt: skip
PAID_ON = (
    "paid", "payment", "paying", "pago", "pagamento", "bezahlt", "payé", "entry", "received",
    "实还",
)  # fmt: skip
