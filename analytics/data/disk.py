"""How does a file reach the disk? Whole or not at all, and with no cell that a spreadsheet would run."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

# What a spreadsheet takes for the start of a formula, with the full-width signs that some read alike.
FORMULA = r"^([=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"


try:
    import fcntl
except ImportError:  # not on every system: there, only the writers of one process wait for each other
    fcntl = None  # type: ignore[assignment]

_writing = threading.RLock()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes what is shared in a folder, in this process or another.

    The folder is made where there is none; its lock is the file `.lock`, which stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _writing, (folder / ".lock").open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def draft_of(path: Path) -> Path:
    """A name beside a file that no other writer has, in any process."""
    return path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}")


def write(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name, then put it in its place."""
    draft = draft_of(path)
    try:
        draft.write_bytes(content)
        move(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def move(draft: Path, target: Path) -> None:
    """Flush, rename, and flush the folder: a crash leaves the old file or the new one."""
    _flush(draft)
    draft.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def harmless(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before what a spreadsheet would take for a formula; columns of numbers need none, and are not given."""
    return text.str.replace(FORMULA, "'$1")
