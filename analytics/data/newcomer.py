"""What do somebody's own files hold, and what might they mean? From a folder to a draft of its catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from . import guess as guessing
from . import shelf as shelves
from .catalog import Catalog, Table
from .draft import Draft, Value
from .files import ENDINGS
from .findings import Finding
from .intake import Taken
from .profile import Profile, profile
from .refusal import Refusal

MOST = 100  # tables of one folder
PACKED = (".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Brought:
    """Tables as they were asked for, as they were read, and what is in them."""

    folder: Path
    asked: tuple[Table, ...]
    taken: Mapping[str, Taken]
    profiles: tuple[Profile, ...]

    @property
    def tables(self) -> dict[str, pl.LazyFrame]:
        """The checked tables, lazily."""
        return {name: table.scan() for name, table in self.taken.items()}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found while reading."""
        return tuple(finding for taken in self.taken.values() for finding in taken.findings)


def tables_in(folder: Path) -> tuple[str, ...]:
    """The files of a folder that may be tables, by name.

    Raises
    ------
    Refusal
        If there is no such folder, or it holds no table, or too many.
    """
    if not folder.is_dir():
        raise Refusal(f"there is no folder {folder}; name one on the machine that runs this")
    names = tuple(sorted(p.name for p in folder.iterdir() if _may_be(p)))
    if not names:
        raise Refusal(f"no file in {folder} is a table; put CSV, TSV, Parquet or Excel files there")
    if len(names) > MOST:
        raise Refusal(f"{folder} holds {len(names):,} tables, and {MOST} may be read; name a folder with fewer")
    return names


def _may_be(path: Path) -> bool:
    stem = path.name.removesuffix(path.suffix) if path.suffix in PACKED else path.name
    return path.is_file() and not path.name.startswith(".") and stem.lower().rpartition(".")[2] in ENDINGS


def bring(folder: Path, tables: Sequence[Table], *, ids: tuple[str, ...] = (), shelf: Path | None = None) -> Brought:
    """Read tables through the door, and count what is in them; `ids` are columns that hold ids, where that is known.

    Raises
    ------
    Refusal
        If one of them cannot be read.
    """
    taken = shelves.take(folder, tables, shelf or shelves.tables(), text=ids)
    return Brought(folder, tuple(tables), taken, tuple(profile(name, table.scan()) for name, table in taken.items()))


def guess(brought: Brought, *, outcome: str = "", bad: Sequence[Value] = (), id: str = "") -> Draft:
    """A first catalog, which reads its tables as they were asked for; see `analytics.data.guess.guess`."""
    draft = guessing.guess(brought.profiles, brought.tables, outcome=outcome, bad=bad, id=id)
    read_as = {table.name: table.types for table in draft.catalog.tables}
    tables = (replace(table, types=read_as.get(table.name, table.types)) for table in brought.asked if table.name in draft.catalog.names)
    return replace(draft, catalog=replace(draft.catalog, tables=tuple(table for table in tables if table != Table(table.name))))


def reopen(brought: Brought, catalog: Catalog) -> Draft:
    """A catalog that was written before, beside the tables it names."""
    return Draft(catalog, brought.profiles)
