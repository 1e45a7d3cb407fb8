"""Scoring everybody in batch, from files to a file, against the bare sum of XGBoost's own
predictions on matrices that lie ready in memory.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import xgboost as xgb

from analytics.data.catalog.toml import read
from analytics.data.population import find
from analytics.explaining.slices import look_up, slices
from analytics.sources.fitting import load
from analytics.sources.model import SourceModel
from tests.benchmarks.population import generated

LEARNERS = 60_000  # persons the models are fitted on
ONCE = 1_000_000  # persons that are generated; more are the same again, with other ids
CHILD = """
import json, resource, sys, time
from analytics.cli import main
from tests.benchmarks.memory import peak
started, before = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": time.perf_counter() - started, "cpu": sum(used[:2]) - before, "gigabytes": peak() / 2**20}))
"""


def run(persons: int) -> Iterator[str]:
    """Peak memory at a tenth of the persons and at all.

    Time with and without reasons, and its ratio to XGBoost's.
    """
    with tempfile.TemporaryDirectory() as folder:
        home, learners = Path(folder) / "home", generated(LEARNERS)
        models = load(read(learners), folder=home).models()
        sizes = [few, many] = [
            repeated(persons // 10, Path(folder) / "few"),
            repeated(persons, Path(folder) / "many"),
        ]
        for size in sizes:
            find(read(size), home / "tables")  # through the door, which is measured by itself
        scored = {
            (size, how): _scored(learners, home, size, how)
            for size in sizes
            for how in ("--plain", "--reasons")
        }
        bare = {threads: _bare(many, home, models, threads) for threads in (1, 0)}
        explained = bare[0][0] + _explained(many, home, models, persons)
    for how in ("--plain", "--reasons"):
        first, last = scored[few, how], scored[many, how]
        words = "without" if how == "--plain" else "with"
        yield (
            f"score {persons:,} persons x 10 sources {words} reasons: {last['seconds']:.1f} s"
            f" ({last['cpu']:.1f} s of CPU)"
        )
        for threads, (wall, cpu) in bare.items():
            who = "one thread" if threads else "all cores"
            ratios = f"ratio {last['seconds'] / wall:.2f} (of CPU {last['cpu'] / cpu:.2f})"
            yield (
                f"  XGBoost {xgb.__version__} predicts, {who}: {wall:.1f} s ({cpu:.1f} s of CPU);"
                f" {ratios}"
            )
        if how == "--reasons":
            yield (
                f"  XGBoost predicts margins and contributions, all cores: {explained:.0f} s; ratio"
                f" {last['seconds'] / explained:.2f}"
            )
        yield (
            f"  memory at most {last['gigabytes']:.2f} GB; of {persons // 10:,} persons"
            f" {first['gigabytes']:.2f} GB"
        )


def repeated(persons: int, folder: Path) -> Path:
    """The catalog of so many people: generated ones, over and over, each time with other ids."""
    origin = generated(min(persons, ONCE)).parent
    folder.mkdir()
    for file in origin.glob("*.parquet"):
        people = pl.scan_parquet(file)
        again = (
            people.with_columns((pl.lit(f"{number:03}-") + pl.col("person_id")).alias("person_id"))
            for number in range(-(-persons // ONCE))
        )
        pl.concat(again).sink_parquet(folder / file.name)
    (folder / "catalog.toml").write_bytes((origin / "catalog.toml").read_bytes())
    return folder / "catalog.toml"


def _scored(learners: Path, home: Path, people: Path, how: str) -> dict[str, float]:
    """One run of the command, in a process of its own."""
    words = [
        "score",
        "--catalog",
        learners,
        "--home",
        home,
        "--people",
        people,
        "--out",
        people.parent / "scores.parquet",
        "--json",
    ]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, words), *([how] if how == "--plain" else [])],
        check=True,
        capture_output=True,
        text=True,
    )
    return {**json.loads(done.stdout.splitlines()[-1])}


def _ready(
    people: Path, home: Path, models: list[SourceModel], threads: int
) -> Iterator[tuple[int, list[xgb.DMatrix]]]:
    """How many persons a slice has and what the models are asked about them, slice by slice.

    The models take so many threads.
    """
    population = find(read(people), home / "tables")
    for model in models:
        model.forest.booster.set_param({"nthread": threads})
    for part in slices(population, people.parent):
        who = (
            part.table(population.catalog.people.table)
            .with_row_index("row")
            .select("row", part.id_of().alias("person"))
            .collect()
        )
        designs = look_up(part, who, models)
        yield (
            len(who),
            [
                xgb.DMatrix(d.matrix, feature_types=d.types, enable_categorical=True)
                for d in designs
            ],
        )


def _bare(people: Path, home: Path, models: list[SourceModel], threads: int) -> tuple[float, float]:
    """Seconds and CPU seconds of XGBoost's predictions alone, the matrices made before the clock
    starts.
    """
    wall = cpu = 0.0
    for _, ready in _ready(people, home, models, threads):
        before = time.perf_counter(), time.process_time()
        for model, matrix in zip(models, ready, strict=True):
            model.forest.booster.predict(matrix, output_margin=True)
        wall, cpu = wall + time.perf_counter() - before[0], cpu + time.process_time() - before[1]
    return wall, cpu


def _explained(people: Path, home: Path, models: list[SourceModel], persons: int) -> float:
    """Seconds in which XGBoost on all cores predicts the contributions of so many persons, by
    the pace of its first slice.
    """
    few, ready = next(_ready(people, home, models, 0))
    started = time.perf_counter()
    for model, matrix in zip(models, ready, strict=True):
        model.forest.booster.predict(matrix, pred_contribs=True)
    return (time.perf_counter() - started) * persons / few
