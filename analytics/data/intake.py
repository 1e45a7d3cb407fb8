"""What is in the files? Opening tables lazily, and their fingerprints."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from .refusal import Refusal


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what Polars says of a file into one sentence that quotes no cell."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError):
        raise Refusal(f"cannot read {path.name}: it is damaged or not a {path.suffix.lstrip('.').upper()} table; write it anew") from None


def scan(path: Path, *, text: tuple[str, ...] = ()) -> pl.LazyFrame:
    """Open a .parquet or .csv table lazily; the columns in `text` of a CSV stay text.

    Raises
    ------
    Refusal
        If the file is missing, or neither Parquet nor CSV.
    """
    if path.suffix not in (".parquet", ".csv"):
        raise Refusal(f"table {path.name!r} must end in .parquet or .csv")
    if not path.is_file():
        raise Refusal(f"there is no file {path.name!r} in {path.parent}; the catalog names it, put it there or change the catalog")
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    with reading(path):
        header = pl.scan_csv(path, infer_schema=False).collect_schema().names()
        kept = {c: pl.String for c in text if c in header}
        return pl.scan_csv(path, infer_schema_length=None, schema_overrides=kept, try_parse_dates=True)


def sha256(path: Path) -> str:
    """The fingerprint of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
