"""How does a file reach the disk? Whole or not at all, and with no cell that a spreadsheet would run."""

import os
from pathlib import Path

import polars as pl

# What a spreadsheet takes for the start of a formula, with the full-width signs that some read alike.
FORMULA = r"^([=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"


def write(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name, then put it in its place."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
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
