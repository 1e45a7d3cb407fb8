"""What is a format of tables?

How a file of it is known, and what reads it; each stands in a file of its own under `formats`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

import polars as pl

from analytics.data.catalog.model import Table
from analytics.data.findings import Finding

from . import formats as folder
from .files import Limits

GROUP = 1 << 16  # rows of a part of a Parquet table, which a look for one person may leave closed


@dataclass(frozen=True, slots=True)
class Request:
    """One table that is to be read.

    Attributes
    ----------
    out : where it is written, as Parquet.
    scratch : a folder for what is made on the way.
    ids : columns of ids, whose texts stay as they are.
    """

    table: Table
    out: Path
    scratch: Path
    ids: tuple[str, ...] = ()
    limits: Limits = Limits()


class Read(NamedTuple):
    """A table that was read: its rows, what was found of the file, and what was repaired."""

    rows: int
    how: dict[str, str]
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of tables.

    Attributes
    ----------
    kind : its key; `words`, as in "it is a Parquet table".
    endings : of file names, those that an upload offers first; `others`, which are read as well.
    magic : what its files begin with; `member`, what is in them where they are zip archives. What
        no format and no other kind of file knows is text.
    read : writes a file as a checked Parquet table, by `texts.write` where every cell is text, by
        `typed.write` where columns have types.
    """

    kind: str
    words: str
    endings: tuple[str, ...]
    read: Callable[[Path, Request], Read]
    others: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    member: str = ""


@cache
def formats() -> dict[str, Format]:
    """Every format by its key: whatever stands under `formats`."""
    modules = (
        import_module(f"{folder.__name__}.{module.name}")
        for module in iter_modules(folder.__path__)
    )
    ordered = sorted((module.FORMAT for module in modules), key=lambda f: f.endings)
    return {f.kind: f for f in ordered}


def endings() -> dict[str, str]:
    """Which format a file has by the ending of its name."""
    return {ending: f.kind for f in formats().values() for ending in (*f.endings, *f.others)}


def offered() -> list[str]:
    """The endings that an upload offers."""
    return [ending for f in formats().values() for ending in f.endings]


def sink(frame: pl.LazyFrame, out: Path) -> None:
    """Write a table as the shelf keeps it."""
    frame.sink_parquet(out, compression="lz4", row_group_size=GROUP, maintain_order=True)
