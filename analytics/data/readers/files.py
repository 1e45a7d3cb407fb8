"""Which file is meant, and how much may be read? Files inside a folder, within bounds."""

from dataclasses import dataclass
from pathlib import Path

from analytics.data.findings import reject
from analytics.data.refusal import Refusal

BLOCK = 1 << 20
SLACK = 512 << 20  # what unpacks to less harms nobody, however little it weighs


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be read: far more than honest tables need, and less than what takes a server
    down.

    Attributes
    ----------
    packed, unpacked, memory : bytes.
    ratio : of what it unpacks to, to what it weighs; only looked at beyond 512 MiB.
    rows, columns : of one table; `least` rows it must have.
    seconds : for all tables that are read at once.
    """

    packed: int = 16 << 30
    unpacked: int = 32 << 30
    ratio: float = 250
    rows: int = 200_000_000
    columns: int = 5_000
    seconds: float = 900
    memory: int = 4 << 30
    least: int = 1


def inside(folder: Path, name: str) -> Path:
    """A table's file, in the catalog's folder or below it.

    Raises
    ------
    Refusal
        If the name is an address or a pattern, leads out of the folder, or names no file.
    """
    if "://" in name or any(c in name for c in "*?\x00") or not name.strip():
        raise Refusal(
            f"table {name!r} must be the name of one file in {folder}; "
            "addresses and patterns are not read"
        )
    try:
        root = folder.resolve()
        path = (folder / name).resolve()
        there = path.is_file()
    except (OSError, RuntimeError):
        raise Refusal(
            f"table {name!r} in {folder} cannot be followed to a file; "
            "give the file a shorter name, and no link to itself"
        ) from None
    if not path.is_relative_to(root):
        raise Refusal(f"table {name!r} leads out of {folder}; copy the file into the folder")
    if not there:
        raise Refusal(
            f"there is no file {name!r} in {folder}; the catalog names it, "
            "put it there or change the catalog"
        )
    return path


def bounded(size: int, packed: int, name: str, limits: Limits) -> None:
    """Refuse what unpacks to more than is allowed."""
    if size > limits.unpacked or (size > SLACK and size > packed * limits.ratio):
        reject(
            name,
            (
                f"it weighs {packed:,} bytes and unpacks to {size:,} or more, "
                "which no honest table does"
            ),
            "export it again, or split it",
        )


def limit_columns(count: int, name: str, limits: Limits) -> None:
    """Refuse a table of more columns than may be read."""
    if count > limits.columns:
        reject(
            name,
            f"it has {count:,} columns, and {limits.columns:,} may be read",
            "leave out those that no source needs",
        )
