"""Does a source hold for people its model has not seen?

Its AUC on every split, and how far it falls from training to test.
"""

from collections.abc import Mapping

import polars as pl

from analytics.data.disclosure import few
from analytics.data.split import SPLITS
from analytics.sources.evidence import Evidence

from .readings import auc
from .tally import Tally, tallies
from .weighting import Weighting, alone

WIDE = 0.02  # AUC


def by_split(evidence: Evidence, weightings: Mapping[str, Weighting] | None = None) -> pl.DataFrame:
    """AUC of each source among the people it knows, on the people it learned from and on others.

    Parameters
    ----------
    evidence : people of several splits.
    weightings : instead of the sources, by name; their AUC is of the people they score.

    Returns
    -------
    DataFrame
        Sources in catalog order, splits in the order train, calibrate, test, out_of_time, those
        without people left out: `key`, `split`, `persons` with a known outcome, `auc` with
        `auc_low` and `auc_high`, its 95% interval; null below 30 persons or 5 of either outcome.
    """
    chosen = weightings or {key: alone(evidence.catalog, key) for key in evidence.catalog.keys}
    there = set(evidence.people["split"].cast(pl.String).unique())
    counted = {
        split: tallies(evidence.split(split), list(chosen.values()))
        for split in SPLITS
        if split in there
    }
    rows = [
        {"key": key, "split": split, **_read(tally[i])}
        for i, key in enumerate(chosen)
        for split, tally in counted.items()
    ]
    figures = dict.fromkeys(("auc", "auc_low", "auc_high"), pl.Float64)
    return pl.DataFrame(
        rows, {"key": pl.String, "split": pl.String, "persons": pl.Int64, **figures}
    )


def _read(counted: Tally) -> dict[str, float | int | None]:
    """Persons scored, and their AUC if they are enough."""
    outcomes = counted.counts.sum(axis=0)
    enough = not few(*map(int, outcomes))
    found = auc(counted).ranged("auc")
    return {
        name: value if enough else None
        for name, value in {"persons": int(outcomes.sum()), **found}.items()
    }


def overfit(read: pl.DataFrame) -> pl.DataFrame:
    """How far each AUC falls from the training to the test persons, and whether that is to be
    called overfit.

    It is called so if the interval of the fall leaves zero out *and* the fall is more than 0.02.
    Chance alone makes small falls of small sources, and so the interval; but every model fits its
    own people a little better than others, and with many people that little is certain and harms
    nobody. Below 0.02 a fall is smaller than what chance alone moves the AUC of a few thousand test
    persons by.

    Parameters
    ----------
    read : as `by_split` gives it.

    Returns
    -------
    DataFrame
        One row per key, in order: `key`, `gap` (AUC of train less that of test) with its 95% `low`
        and `high`, `overfit` (null where an AUC is).

    References
    ----------
    Zou and Donner 2008 (interval of a difference of independent figures from the intervals of both;
    Newcombe 1998 for shares).
    """
    train, test = (
        read.filter(pl.col("split") == s).select("key", "auc", "auc_low", "auc_high")
        for s in ("train", "test")
    )
    both = (
        read.select("key")
        .unique(maintain_order=True)
        .join(train, on="key", how="left", maintain_order="left")
    )
    both = both.join(test, on="key", how="left", suffix="_test", maintain_order="left")
    gap = pl.col("auc") - pl.col("auc_test")
    under = _reach("auc_low", "auc_high_test")
    over = _reach("auc_high", "auc_low_test")
    return both.select("key", gap=gap, low=gap - under, high=gap + over).with_columns(
        overfit=(pl.col("low") > 0) & (pl.col("gap") > WIDE)
    )


def _reach(train: str, test: str) -> pl.Expr:
    """How far chance reaches, from one end of each interval."""
    return ((pl.col("auc") - pl.col(train)) ** 2 + (pl.col("auc_test") - pl.col(test)) ** 2).sqrt()
