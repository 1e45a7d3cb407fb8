"""How are the people of any number read with the memory of a few? Cut by their ids into slices,
each a small population by itself."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import polars as pl

from analytics.data.catalog.model import Source
from analytics.data.population import Population, unique_ids
from analytics.sources.design import Design, records, surveyed
from analytics.sources.model import SourceModel

CELLS = 2**24  # of all tables together, read for one slice: some 100 MB
PIECE = 2**20  # ids looked at together
INLINE = 12  # letters that an Arrow view holds at most; of longer ids it tells where they are
STRIDE = 64  # one id of so many tells where to cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Population):
    """The people whose ids lie between two, with what the sources hold of them: read like any
    population.

    Attributes
    ----------
    parts : what belongs to these people, of each table that was cut; the others are whole.
    """

    parts: Mapping[str, pl.LazyFrame] = field(default_factory=dict)

    def table(self, name: str) -> pl.LazyFrame:
        """One table, lazily: the rows of these people."""
        return self.parts[name] if name in self.parts else Population.table(self, name)


class _Spelled(NamedTuple):
    """Ids as Arrow's views.

    Attributes
    ----------
    views : shape (ids, 2): the length and the first four letters; then the other eight at most or,
        of a longer id, its buffer and where in it it begins.
    letters : the buffers, one after another; starts: where each begins.
    """

    views: np.ndarray
    letters: np.ndarray
    starts: np.ndarray


def _spelled(ids: pl.Series) -> _Spelled:
    array = ids.cast(pl.String).to_arrow(compat_level=pl.CompatLevel.newest())
    _, views, *buffers = array.buffers()
    mine = np.frombuffer(views, np.uint64).reshape(-1, 2)[array.offset : array.offset + len(array)]
    return _Spelled(
        mine, np.frombuffer(b"".join(buffers), np.uint8), np.cumsum([0, *(b.size for b in buffers)])
    )


def look_up(part: Slice, who: pl.DataFrame, models: Sequence[SourceModel]) -> tuple[Design, ...]:
    """What sources hold of some people of a slice: the designs that `pick` gives, one per model,
    found by the order of ids where there is one.

    Parameters
    ----------
    who : `row`, the place in the slice's table of people, `person` and, where people take turns,
        `fold`; by ascending row.
    models : those of the sources, whose categories are told apart.

    Raises
    ------
    Refusal
        If an id stands twice in a source's table.
    """
    people, sources = _spelled(who["person"]), [part.catalog.source(m.key) for m in models]
    frames = pl.collect_all(
        [records(part, s, m.categories) for s, m in zip(sources, models, strict=True)]
    )
    asked = zip(sources, models, frames, strict=True)
    return tuple(
        _met(who, _rows_of(part, who, people, s, f["person"]), surveyed(part, s, m.categories, f))
        for s, m, f in asked
    )


def _met(who: pl.DataFrame, rows: np.ndarray, whole: Design) -> Design:
    """Of all usable records those of some people, by their row; `rows` tells whose each record is,
    whether usable or not."""
    matrix, rows, unseen = whole.matrix, rows[whole.rows], whole.unseen
    if len(rows) and not (
        rows[0] >= 0 and (rows[1:] > rows[:-1]).all()
    ):  # strangers among them, or out of order
        mine = np.flatnonzero(rows >= 0)
        order = mine[np.argsort(rows[mine], kind="stable")]
        matrix, rows = matrix[order], rows[order]
        unseen = {
            name: found
            for name, theirs in unseen.items()
            if len(found := np.flatnonzero(np.isin(order, theirs)))
        }
    folds = (
        who["fold"].to_numpy()[np.searchsorted(who["row"].to_numpy(), rows)]
        if "fold" in who.columns
        else None
    )
    return replace(whole, matrix=matrix, rows=rows, persons=len(who), folds=folds, unseen=unseen)


def _rows_of(
    part: Slice, who: pl.DataFrame, people: _Spelled, source: Source, ids: pl.Series
) -> np.ndarray:
    """For each record of a source, by its id and in the order of its table, the row of its person
    among some people; -1 where it is none of theirs."""
    table, row = part.table_of(source), who["row"].to_numpy()
    if table == part.catalog.people.table:
        rows = np.full(len(ids), -1)
        rows[row] = row
        return rows
    places = _meet(*_spelled(ids.drop_nulls()), *people)
    return (
        row[places]
        if len(places) == len(ids)
        else _joined(ids, who.select("row", "person"), part.catalog.people.id, table)
    )


def _joined(ids: pl.Series, theirs: pl.DataFrame, id: str, table: str) -> np.ndarray:
    """The same where some records are strangers' or stand in another order than people."""
    unique_ids(ids.alias(id), table)
    mine = ids.to_frame("person")
    if not (ids.is_sorted() and theirs["person"].is_sorted()):
        return (
            mine.join(theirs, on="person", how="left", maintain_order="left")["row"]
            .cast(pl.Int64)
            .fill_null(-1)
            .to_numpy()
        )
    # sorted as they are, they need no hashing
    near = mine.join_asof(theirs.with_columns(found="person"), on="person", check_sortedness=False)
    return (
        near.select(
            pl.when(pl.col("found") == pl.col("person"))
            .then(pl.col("row").cast(pl.Int64))
            .otherwise(-1)
        )
        .to_series()
        .to_numpy()
    )


@nb.njit(cache=True, nogil=True)
def _meet(views, letters, starts, their_views, theirs, their_starts):  # type: ignore[no-untyped-def]
    """The place of each id among those of people, as far as all of them are found there and in the
    same order."""
    places, found = np.empty(len(views), np.int64), 0
    for person in range(len(their_views)):
        if found == len(places):
            break
        if views[found, 0] == their_views[person, 0]:
            size = np.int64(np.uint32(views[found, 0]))
            same = views[found, 1] == their_views[person, 1]
            if size > INLINE:
                last = size + _first(views[found, 1], starts)
                their_last = size + _first(their_views[person, 1], their_starts)
                back = 1
                while (
                    back <= size and letters[last - back] == theirs[their_last - back]
                ):  # from the end, where ids differ most
                    back += 1
                same = back > size
            if same:
                places[found] = person
                found += 1
    return places[:found]


@nb.njit(cache=True, inline="always")
def _first(view, starts):  # type: ignore[no-untyped-def]
    """Where the letters of a long id begin."""
    return starts[np.uint32(view)] + np.int64(view >> np.uint64(32))


def slices(population: Population, folder: Path, *, most: int = 0) -> Iterator[Slice]:
    """The people in slices of about `most` persons, by ascending id; whoever is in the population
    is in one slice, with all records of theirs.

    Parameters
    ----------
    folder : where tables that are not in the order of ids are rewritten, if there are any.
    most : persons; by default as many as have `CELLS` cells in all tables together.

    Raises
    ------
    Refusal
        If an id is missing.
    """
    told = {f.name: getattr(population, f.name) for f in fields(Population)}
    people = population.catalog.people.table
    tables = dict.fromkeys((people, *map(population.table_of, population.catalog)))
    most = most or max(CELLS // sum(len(population.schemas[name]) for name in tables), STRIDE)
    if _rows(population.table(people)) <= most:
        yield Slice(**told)
        return
    cuts = _cuts(population, people, most)
    with ThreadPoolExecutor(2) as pool:  # while one table is read, another is looked through
        runs = dict(
            zip(
                tables,
                pool.map(lambda name: _runs(population, name, cuts, folder), tables),
                strict=True,
            )
        )
    for number in range(len(cuts) + 1):
        yield Slice(
            **told,
            parts={
                name: pl.concat([run.part(number) for run in own]) for name, own in runs.items()
            },
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Rows in the order of ids, and where the cuts lie among them: one more than there are slices,
    from 0 to the number of rows."""

    rows: pl.LazyFrame
    ends: np.ndarray

    def part(self, number: int) -> pl.LazyFrame:
        first, last = self.ends[number : number + 2].tolist()
        return self.rows.slice(first, last - first)


def _runs(population: Population, name: str, cuts: pl.Series, folder: Path) -> list[_Run]:
    """A table as it is, if it is in the order of ids; else rewritten as files that are, each of as
    many rows as may be held together."""
    table, pieces = population.table(name), list(_places(population, name, cuts))
    if all(tidy for *_, tidy in pieces) and all(
        before[1] <= after[0] for before, after in pairwise(pieces)
    ):
        return [_Run(table, np.sum([ends for _, _, ends, _ in pieces], axis=0))]
    whole = table.with_columns(population.id_of())
    size = max(CELLS // len(population.schemas[name]), 1)
    files = [
        folder / f"{list(population.schemas).index(name)}-{first}.parquet"
        for first in range(0, _rows(table), size)
    ]
    for number, file in enumerate(files):
        whole.slice(number * size, size).collect().sort(population.catalog.people.id).write_parquet(
            file, compression="lz4"
        )
    return [
        _Run(
            pl.scan_parquet(f),
            _ends(pl.read_parquet(f, columns=[population.catalog.people.id]).to_series(), cuts),
        )
        for f in files
    ]


def _places(
    population: Population, name: str, cuts: pl.Series
) -> Iterator[tuple[Any, Any, np.ndarray, bool]]:
    """Of each piece of a table: the first and last id, where the cuts lie in it, and whether it is
    in the order of ids."""
    for piece in _pieces(population, name):
        tidy = piece.is_sorted()
        yield piece[0], piece[-1], _ends(piece, cuts) if tidy else np.zeros(0), tidy


def _ends(ids: pl.Series, cuts: pl.Series) -> np.ndarray:
    """Where slices end among ascending ids."""
    return np.concatenate(
        [[0], ids.search_sorted(cuts, side="left").to_numpy(), [len(ids)]]
    ).astype(np.int64)


def _cuts(population: Population, name: str, most: int) -> pl.Series:
    """The ids before which slices end."""
    sample = pl.concat([piece.gather_every(STRIDE) for piece in _pieces(population, name)]).sort()
    step = max(most // STRIDE, 1)
    return sample.gather_every(step, step).unique().sort()


def _pieces(population: Population, name: str) -> Iterator[pl.Series]:
    """A table's ids, some at a time."""
    ids = population.table(name).select(population.id_of())
    for first in range(0, _rows(ids), PIECE):
        piece = ids.slice(first, PIECE).collect().to_series()
        if piece.null_count():
            unique_ids(piece, name)
        yield piece


def _rows(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect().item())
