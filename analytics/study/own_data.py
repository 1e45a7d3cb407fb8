"""What do somebody's own files hold, and which catalog fits them?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.data.catalog.model import Catalog, People, Table
from analytics.data.drafting import draft as drafts
from analytics.data.drafting import own_data
from analytics.data.drafting.draft import Draft
from analytics.data.drafting.own_data import Tables
from analytics.study.check import checked as checked_catalog
from analytics.study.memo import frozen, remember
from analytics.study.study import Stamp, Study, seen


@frozen.register
def _(mine: Tables) -> str:
    return repr(
        (mine.folder, [(name, table.sha256, table.how) for name, table in mine.taken.items()])
    )


def written(folder: Path) -> Catalog | None:
    """The catalog that lies in a folder of somebody's own; None where there is none."""
    path = folder / "catalog.toml"
    return Study(path, (seen(path),)).catalog() if path.is_file() else None


def brought(folder: Path, tables: tuple[Table, ...], ids: tuple[str, ...] = ()) -> Tables:
    """Somebody's own tables as they are now, read and counted."""
    return _brought(folder, tables, ids, tuple(seen(folder / table.name) for table in tables))


@remember()
def _brought(folder: Path, tables: tuple[Table, ...], ids: tuple[str, ...], stamp: Stamp) -> Tables:  # noqa: ARG001 - the key
    return own_data.read_tables(folder, tables, ids=ids)


@remember()
def drafted(
    mine: Tables, written: Catalog | None, outcome: str = "", said: own_data.Decisions | None = None
) -> Draft:
    """The catalog of somebody's own tables.

    As it was written, with another outcome if the reader says so, or guessed.
    """
    if written is None:
        return own_data.guess(mine, replace(said or own_data.Decisions(), outcome=outcome))
    return drafts.put(own_data.reopen(mine, written), outcome=outcome or written.people.outcome)


def put(
    mine: Tables,
    written: Catalog | None,
    draft: Draft,
    said: own_data.Decisions,
    told: dict[str, Any],
) -> Draft:
    """A draft with what the reader says of the people; what follows from it is looked for anew."""
    if written is None:
        return drafts.put(drafted(mine, written, draft.catalog.people.outcome, said), **told)
    codes = {c: v for cleaning in draft.catalog.cleanings for c, v in cleaning.missing} | dict(
        said.missing
    )
    return drafts.put(drafts.recode(draft, codes), **told)


@remember()
def outcome_levels(mine: Tables, people: People) -> dict[str, int]:
    """The commonest values of the outcome, and how many people have each."""
    counts = (
        mine.tables[people.table]
        .select(pl.col(people.outcome).drop_nulls().value_counts(sort=True))
        .head(30)
        .collect()
        .unnest(people.outcome)
    )
    return {str(value): count for value, count in counts.iter_rows()}


@remember()
def checked(folder: Path, mine: Tables, catalog: Catalog) -> dict[str, Any]:  # noqa: ARG001 - the key
    """What each source of a draft holds, before anything is fitted."""
    return checked_catalog(replace(catalog, path=folder / "catalog.toml"))
