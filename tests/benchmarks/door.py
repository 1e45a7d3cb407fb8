"""A large CSV through the door, and a large Parquet table from the file to fitted evidence, each
in processes of their own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data.catalog.model import Table
from analytics.data.shelf import take

BARE = (
    "import sys, time, polars as pl; started = time.perf_counter();"
    " pl.scan_csv(sys.argv[1]).collect(); print(time.perf_counter() - started)"
)
CATALOG = """
[population]
table = "wide.parquet"
id = "id"
outcome = "defaulted"

[[sources]]
key = "decimals"
columns = ["decimal_*"]

[[sources]]
key = "wholes"
columns = ["whole_*"]

[[sources]]
key = "texts"
columns = ["text_*"]
"""
CHILD = """
import resource, sys, time
from analytics.cli import main
from tests.benchmarks.memory import peak
started = time.perf_counter()
main(["fit", "--catalog", sys.argv[1], "--home", sys.argv[2], "--json"])
most = max(peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(f"{most / 2**20:.2f} GB at most in one process, {time.perf_counter() - started:.0f} s")
"""


def run(persons: int) -> Iterator[str]:
    """The door's time as a ratio to Polars' own reading, and the peak memory of a fit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wide(persons).write_csv(folder / "wide.csv")
        (folder / "wide.csv").read_bytes()  # so that nobody waits for the disk
        bare = min(float(_output(BARE, folder / "wide.csv")) for _ in range(3))
        door = min(_door(folder, turn) for turn in range(3))
        yield (
            f"CSV of {persons:,} rows x 100 columns through the door: {door:.1f} s, bare Polars"
            f" {bare:.1f} s, {door / bare:.2f} times its time"
        )
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        yield (
            f"  memory of the process that reads: {most:.2f} GB at most, bare Polars and what"
            " started it among them"
        )
        wide(persons).write_parquet(folder / "wide.parquet")
        (folder / "catalog.toml").write_text(CATALOG, "utf-8")
        yield (
            f"Parquet of {persons:,} rows x 100 columns to fitted evidence:"
            f" {_output(CHILD, folder / 'catalog.toml', folder / 'home')}"
        )


def wide(persons: int) -> pl.DataFrame:
    """An id, an outcome, fifty columns of decimals, twenty of them with gaps, thirty-eight of
    whole numbers and ten of texts.
    """
    chance = np.random.default_rng(7)
    ids = pl.int_range(persons, eager=True).cast(pl.String).str.zfill(9).alias("id")
    decimals = [
        pl.Series(f"decimal_{i}", np.round(chance.normal(0, 100, persons), 3)) for i in range(50)
    ]
    gaps = [pl.Series(chance.random(persons) < 0.1) for _ in range(20)]
    sparse = [
        pl.select(pl.when(~gap).then(column)).to_series().alias(column.name)
        for column, gap in zip(decimals, gaps, strict=False)
    ]
    wholes = [pl.Series(f"whole_{i}", chance.integers(0, 5000, persons)) for i in range(38)]
    texts = [
        pl.Series(
            f"text_{i}",
            np.array(["North", "South", "East", "West"])[chance.integers(0, 4, persons)],
        )
        for i in range(10)
    ]
    risk = decimals[0].to_numpy() / 100 + wholes[0].to_numpy() / 2500
    defaulted = pl.Series("defaulted", (risk + chance.logistic(0, 1, persons) > 3.5).astype(int))
    return pl.DataFrame([ids, defaulted, *sparse, *decimals[20:], *wholes, *texts])


def _door(folder: Path, turn: int) -> float:
    started = time.perf_counter()
    take(folder, [Table("wide.csv")], folder / f"shelf-{turn}", text=("id",))
    return time.perf_counter() - started


def _output(program: str, *words: object) -> str:
    """The last line that a program prints in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()[-1]
