"""What does the page of one's own data say?

The tables, their columns and what was checked, in words.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.data.drafting.draft import Draft, Left
from analytics.data.drafting.own_data import Tables
from analytics.data.drafting.profile import Column, Profile
from analytics.data.findings import texts
from pages.shared.markup import Cell
from pages.shared.words import Head, share

OUT = "–"
INVITE = (
    "Bring your own people: one file or one per supplier. **Everything stays on the machine that"
    " runs this app.**"
)


def sentence(draft: Draft, levels: Mapping[str, int]) -> str:
    """What was brought, and what it makes."""
    people, home = draft.catalog.people, draft.profile("")
    features = sum(len(draft.columns(key)) for key in draft.catalog.keys)
    known = sum(n for value, n in levels.items() if value not in map(str, people.undecided))
    rate = sum(levels.get(str(value), 0) for value in people.bad) / max(known, 1)
    turned = (
        f"**{share(rate)}** of them defaulted"
        if people.bad
        else f"say which values of **{people.outcome}** mean default"
    )
    if people.bad and draft.questions:
        turned += f"; **{len(draft.questions)}** to decide"
    return (
        f"**{home.name}** holds **{home.rows:,}** people; {turned}. **{features:,}** features make"
        f" **{len(draft.catalog)}** sources."
    )


def files(mine: Tables) -> tuple[list[Head], list[list[str | Cell]]]:
    """The tables as a table: what they are and how they were read."""
    heads: list[Head] = [
        "table",
        "rows",
        "columns",
        ("read as", "Found in the file, unless the catalog says it."),
        ("findings", "What was repaired or left out; below."),
    ]
    rows = [(name, taken, sum(1 for _ in taken.findings)) for name, taken in mine.taken.items()]
    return heads, [
        [f"**{name}**", f"{t.rows:,}", f"{len(t.schema):,}", _how(t.how), str(found or "–")]
        for name, t, found in rows
    ]


def findings(mine: Tables) -> list[str]:
    """What was found while reading, what matters most first; what is open is asked below."""
    return texts(f for f in mine.findings if not f.open)


def _how(how: Mapping[str, str]) -> str:
    marks = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
    parts = [
        how.get("format", ""),
        how.get("encoding", ""),
        marks.get(how.get("separator", ""), how.get("separator", "")),
    ]
    return ", ".join(filter(None, parts)) or "–"


def columns(draft: Draft) -> pl.DataFrame:
    """Every column of every table, and every aggregate, with the source that reads it and what is
    to be known of it.
    """
    left = {(x.table, x.column): x for x in draft.left}
    home = draft.catalog.people.table
    read = {
        (s.table or home, c): s.key
        for s in draft.catalog
        for c in draft.columns(s.key)
        if not s.aggregates
    }
    made = [_aggregate(draft, s.key, a.name) for s in draft.catalog for a in s.aggregates]
    plain = [
        _column(p, c, read.get((p.name, c.name), OUT), left.get((p.name, c.name)))
        for p in draft.profiles
        for c in p.columns
    ]
    schema = {
        "column": pl.String,
        "source": pl.String,
        "table": pl.String,
        "kind": pl.String,
        "missing": pl.Float64,
        "distinct": pl.Int64,
    }
    return pl.DataFrame(
        [*plain, *made],
        {**schema, "from": pl.String, "to": pl.String, "note": pl.String},
        orient="row",
    )


def _column(profile: Profile, column: Column, source: str, left: Left | None) -> tuple[object, ...]:
    hidden = column.personal or column.unique  # an id's ends are somebody's
    ends = ("", "") if hidden else (_shown(column.least), _shown(column.greatest))
    codes = f"codes for missing: {', '.join(map(str, column.codes))}" if column.codes else ""
    note = (
        left.why if left else codes if source != OUT else "its records are counted or summed, below"
    )
    return (
        column.name,
        source,
        profile.name,
        column.kind,
        column.missing / max(profile.rows, 1),
        column.distinct,
        *ends,
        note,
    )


def _aggregate(draft: Draft, key: str, name: str) -> tuple[object, ...]:
    source = draft.catalog.source(key)
    made = next(a for a in source.aggregates if a.name == name)
    how = " ".join(
        filter(
            None,
            (
                made.of,
                made.column,
                f"where {made.where}" if made.where else "",
                f"in {made.days} days" if made.days else "",
            ),
        )
    )
    return name, key, source.table, "aggregate", None, None, "", "", how


def _shown(value: object) -> str:
    return (
        ""
        if value is None
        else (
            f"{value:,}"
            if isinstance(value, int)
            else f"{value:,.6g}"
            if isinstance(value, float)
            else str(value)
        )
    )


def checked(found: Mapping[str, Any]) -> tuple[list[Head], list[list[str | Cell]]]:
    """What each source holds, as a table."""
    heads: list[Head] = [
        "source",
        ("knows", "People of whom it holds a usable record."),
        ("hit", "The same, as a share of all people."),
        ("fill", "Share of the cells of its records that are not empty."),
        "features",
        ("strangers", "Records of nobody among the people."),
    ]
    return heads, [
        [
            f"**{s['label']}**",
            f"{s['persons']:,}",
            share(s["hit"]),
            share(s["fill"]),
            f"{s['features']:,}",
            f"{s['strangers']:,}",
        ]
        for s in found["sources"]
    ]
