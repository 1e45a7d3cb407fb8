"""What does a Parquet table hold, and what does it declare before anything is decoded?"""

from pathlib import Path

import polars as pl

from analytics.data.findings import reject
from analytics.data.readers.files import Limits, bounded, limit_columns
from analytics.data.readers.format import Format, Read, Request
from analytics.data.readers.typed import write


def read(path: Path, request: Request) -> Read:
    """Write a Parquet table as one whose columns have plain types."""
    rows = _footer(path, request.table.name, request.limits)
    return write(pl.scan_parquet(path, glob=False, hive_partitioning=False), rows, request)


def _footer(path: Path, name: str, limits: Limits) -> int:
    """The rows of a Parquet table, if what it declares is within the limits; nothing is decoded."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only the worker reads
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        footer = pq.read_metadata(path)
    except NotImplementedError:  # whole numbers of 128 bits, which are ours to read all the same
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (pa.ArrowException, OSError):
        reject(name, "it is a damaged or truncated Parquet table", "write it anew")
    limit_columns(footer.num_columns, name, limits)
    if footer.num_rows > limits.rows:
        reject(
            name,
            f"it declares {footer.num_rows:,} rows, and {limits.rows:,} may be read",
            "split it",
        )
    if footer.num_rows < limits.least:
        reject(name, "it has columns and no rows", "export it again")
    names = [footer.schema.column(i).path for i in range(footer.num_columns)]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        reject(name, "two columns have this name", "name each column once", column=twice)
    declared = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    bounded(max(declared, footer.num_rows * footer.num_columns), path.stat().st_size, name, limits)
    return footer.num_rows


FORMAT = Format("parquet", "a Parquet table", ("parquet",), read, others=("pq",), magic=(b"PAR1",))
