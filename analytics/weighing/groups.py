"""Who is scored and who is not? Coverage by segment, and who is known to which sources."""

import numpy as np
import polars as pl

from analytics.data import disclosure
from analytics.data.disclosure import blank, few_hold
from analytics.sources.evidence import UNKNOWN, Evidence

from .formulas import interval
from .weighting import Weighting


def by_segment(evidence: Evidence, weighting: Weighting, columns: tuple[str, ...]) -> pl.DataFrame:
    """Coverage of each value of each segment column.

    Returns
    -------
    DataFrame
        `group` (the column), `segment` (its value), `value` (coverage) with `low` and `high`,
        `persons`; segments below 30 persons are left out, and the smallest of the others where a
        sum would tell of them; of few scored, or few unscored, the value is null.
    """
    scored = np.repeat(weighting.scores(evidence.runs.known), evidence.runs.sizes)
    people = evidence.people.with_columns(pl.Series("scored", scored)).filter(
        pl.col("defaulted").is_not_null()
    )
    frames = [_segments(people, column) for column in columns]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)


SCHEMA = {
    "group": pl.String,
    "segment": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "persons": pl.UInt32,
}


def _segments(people: pl.DataFrame, column: str) -> pl.DataFrame:
    counted = people.group_by(pl.col(column).alias("segment")).agg(
        pl.col("scored").mean().alias("value"), pl.len().alias("persons")
    )
    counted = blank(counted.sort("segment"), ("value", "persons")).drop_nulls("persons")
    counted = counted.with_columns(
        pl.when(~few_hold(pl.col("value"), pl.col("persons"))).then("value")
    )
    pairs = zip(counted["value"], counted["persons"], strict=True)
    ends = [
        (None, None) if v is None else interval(v, np.sqrt(v * (1 - v) / n), n) for v, n in pairs
    ]
    low, high = zip(*ends, strict=True) if ends else ((), ())
    return counted.select(
        pl.lit(column).alias("group"),
        "segment",
        "value",
        pl.Series("low", low, pl.Float64),
        pl.Series("high", high, pl.Float64),
        "persons",
    )


def overlap(evidence: Evidence) -> pl.DataFrame:
    """Who is known to which sources.

    Returns
    -------
    DataFrame
        One row per combination, largest first: `sources` (keys), `persons`, `share`, `bad_rate`
        (null below 30 persons of known outcome, or 5 of either). Combinations below 30 persons are
        left out, and the smallest of the others where a sum would tell of them.
    """
    runs, keys = evidence.runs, evidence.catalog.keys
    sets = [[k for k, knows in zip(keys, row, strict=True) if knows] for row in runs.known]
    rows = pl.DataFrame(
        {"sources": sets, "outcome": runs.outcome, "persons": runs.sizes},
        schema_overrides={"sources": pl.List(pl.String)},
    )
    read = pl.col("outcome") != UNKNOWN
    counted = rows.group_by("sources").agg(
        pl.col("persons").sum(),
        pl.col("persons").filter(read).sum().alias("read"),
        pl.col("persons").filter(pl.col("outcome") == 1).sum().alias("bad"),
    )
    share = (pl.col("persons") / pl.col("persons").sum()).alias("share")
    told = counted.with_columns(share, (pl.col("bad") / pl.col("read")).alias("bad_rate"))
    told = blank(
        blank(told, ("bad_rate",), persons="read", bad="bad"), ("persons", "share")
    ).drop_nulls("persons")
    return told.select("sources", "persons", "share", "bad_rate").sort(
        "persons", pl.col("sources").list.join(","), descending=[True, False]
    )


def hits(evidence: Evidence, report: pl.DataFrame, other: Evidence) -> pl.DataFrame:
    """Hit and fill of each source.

    Parameters
    ----------
    report : `key` and `fill` of each source, over everyone.
    other : persons to compare with.

    Returns
    -------
    DataFrame
        In catalog order: `source` (key), `label`, `dimension`, `hit` among these persons, `persons`
        known, `other` (hit among the others), `fill` over everyone the source knows. Null where a
        source knows, or does not know, fewer than 30 of them, but somebody.
    """
    catalog, known = evidence.catalog, persons_known(evidence)
    told = pl.DataFrame(
        {
            "source": list(catalog.keys),
            "label": [s.label for s in catalog],
            "dimension": [s.dimension for s in catalog],
        }
    )
    counted = told.with_columns(
        hit=_shown(known, len(evidence)) / max(len(evidence), 1),
        persons=_shown(known, len(evidence)).cast(pl.Int64),
    )
    counted = counted.with_columns(
        other=_shown(persons_known(other), len(other)) / max(len(other), 1)
    )
    return counted.join(
        report.select(pl.col("key").alias("source"), "fill"),
        on="source",
        how="left",
        maintain_order="left",
    )


def _shown(known: np.ndarray, persons: int) -> pl.Series:
    """Counts of the known; null where these, or the others, are few."""
    few = ((known > 0) & (known < disclosure.PERSONS)) | (
        (known < persons) & (persons - known < disclosure.PERSONS)
    )
    return pl.Series(known.astype(float)).set(pl.Series(few), None)


def persons_known(evidence: Evidence) -> np.ndarray:
    """How many persons each source knows, shape (sources,)."""
    return (evidence.runs.known * evidence.runs.sizes[:, None]).sum(axis=0)
