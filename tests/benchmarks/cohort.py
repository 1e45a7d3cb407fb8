"""Filter and collect a cohort of a million people, against the bare Polars scan, filter, select,
collect.
"""

from collections.abc import Iterator

import polars as pl

from analytics.data.catalog.toml import read
from analytics.data.cohort import Cohort
from analytics.data.population import find
from tests.benchmarks.population import generated
from tests.benchmarks.weigh import seconds

COLUMNS = ["person_id", "region", "age_band", "loan_amount", "defaulted"]
TEXT = "region == 'West' and age_band in ['18-24', '25-34']"
JOINED = "region == 'West' and bureau.enquiries_6m >= 2"


def run(persons: int) -> Iterator[str]:
    """Ratios for a cohort of the people's own columns, and for one that needs a join."""
    path = generated(persons)
    population, cohort = find(read(path), path.with_name("kept") / "tables"), Cohort.parse(TEXT)
    ours = seconds(lambda: population.collect(cohort, COLUMNS), times=9)
    theirs = seconds(lambda: _bare(path.with_name("people.parquet")), times=9)
    yield (
        f"cohort of {persons:,} persons: {ours * 1e3:.1f} ms, bare Polars {theirs * 1e3:.1f} ms,"
        f" {ours / theirs:.2f} times its time"
    )
    joined = Cohort.parse(JOINED)
    ours, theirs = (
        seconds(lambda: population.collect(joined, COLUMNS), times=5),
        seconds(lambda: _bare_join(path), times=5),
    )
    yield (
        f"  with a joined column: {ours * 1e3:.1f} ms, bare Polars {theirs * 1e3:.1f} ms,"
        f" {ours / theirs:.2f} times its time"
    )


def _bare(people: pl.DataFrame) -> pl.DataFrame:
    chosen = (pl.col("region") == "West") & pl.col("age_band").is_in(["18-24", "25-34"])
    return pl.scan_parquet(people).filter(chosen).select(COLUMNS).collect()


def _bare_join(path) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    bureau = pl.scan_parquet(path.with_name("bureau.parquet")).select("person_id", "enquiries_6m")
    people = pl.scan_parquet(path.with_name("people.parquet")).join(
        bureau, on="person_id", how="left"
    )
    return (
        people.filter((pl.col("region") == "West") & (pl.col("enquiries_6m") >= 2))
        .select(COLUMNS)
        .collect()
    )
