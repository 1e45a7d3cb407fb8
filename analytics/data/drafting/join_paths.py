"""How do tables hang together?

Joins by keys of the same name, by the id under another name, and by keys named after a table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import PurePosixPath

import polars as pl

from analytics.data.catalog.model import People, Step
from analytics.data.personal import IDS, WHO, keyed, named, words

from .profile import Profile

Frames = Mapping[str, pl.LazyFrame]
Named = Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class JoinPath:
    """The joins from the people to a table, and whether they may find many records each."""

    steps: tuple[Step, ...]
    many: bool


def find(profiles: Named, tables: Frames, people: People) -> dict[str, JoinPath]:
    """For every table that can be reached: the way with the fewest joins that multiply, then the
    fewest joins.
    """
    paths: dict[str, JoinPath] = {}
    queue: list[tuple[int, int, int, str, tuple[Step, ...]]] = [(0, 0, 0, people.table, ())]
    while queue:
        many, length, _, here, steps = heappop(queue)
        if here in paths:
            continue
        paths[here] = JoinPath(steps, many > 0)
        for i, there in enumerate(t for t in profiles if t not in paths):
            step = _step(profiles, tables, people, here, there)
            if step:
                more = not profiles[there].column(step.right).unique
                heappush(queue, (many + more, length + 1, i, there, (*steps, step)))
    return paths


def _step(profiles: Named, tables: Frames, people: People, here: str, there: str) -> Step | None:
    """A join from one table to another: by a key of the same name, by the id under another name, or
    by a column named after the table.
    """
    mine, theirs = profiles[here], profiles[there]
    keys = [
        c
        for c in mine.columns
        if _plain_key(c.name) and (keyed(c.name) or (here == people.table and c.name == people.id))
    ]
    for key in sorted(keys, key=lambda c: c.name != people.id):
        for right in _partners(
            key.name, theirs, is_id=here == people.table and key.name == people.id
        ):
            one = key.unique or theirs.column(right).unique or here == people.table
            floor = 0 if right == key.name else 0.95
            if one and _share_met(tables, (here, key.name), (there, right)) > floor:
                return Step(there, key.name, right)
    return None


def _plain_key(name: str) -> bool:
    """Can a join be written with it?"""
    return name == name.strip() and not {":", "="} & set(name)


def _partners(key: str, theirs: Profile, *, is_id: bool) -> Iterator[str]:
    if key in theirs.names:
        yield key
        return
    able = [c for c in theirs.columns if _plain_key(c.name)]
    if is_id:
        yield from (c.name for c in able if keyed(c.name) and named(c.name, WHO))
    about = set(words(key)) - set(IDS)
    if about and about <= set(words(PurePosixPath(theirs.name).stem)):
        yield from (c.name for c in able if c.unique and not c.dtype.is_float())


def _share_met(tables: Frames, left: tuple[str, str], right: tuple[str, str]) -> float:
    """The share of keys of the smaller side that the other side has."""
    ours, theirs = (
        tables[table].select(pl.col(column).cast(pl.String).alias("key")).drop_nulls().unique()
        for table, column in (left, right)
    )
    both = ours.join(theirs, on="key", how="inner").select(pl.len())
    met, here, there = (
        f.item() for f in pl.collect_all([both, ours.select(pl.len()), theirs.select(pl.len())])
    )
    return float(
        met / max(1, min(here, there) if left[1] != right[1] and named(right[1], WHO) else here)
    )
