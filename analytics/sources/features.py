"""How good is each column of a source? Information value, trend, fill."""

import numpy as np
import polars as pl

from .design import Design

BINS = 10


def features(design: Design, defaulted: np.ndarray) -> pl.DataFrame:
    """Each column by itself, among the persons of known outcome that the source knows.

    Parameters
    ----------
    defaulted : outcome of the design's persons: 1, 0, or NaN where it is unknown or the person is
        not to be read.

    Returns
    -------
    DataFrame
        Strongest first: `name`, `label`, `unit`, `direction` (as the catalog says), `fill`, `iv`
        (information value over at most ten bins of equal size and one for missing; half a person is
        added to each count) and `trend`: `riskier`, `safer` or `mixed` as the default rate goes
        over the bins (a category has none).

    References
    ----------
    Siddiqi 2006, weight of evidence and information value.
    """
    read = ~np.isnan(defaulted)
    matrix, outcome = design.matrix[read], defaulted[read].astype(int)
    rows = [
        _feature(column, outcome, category=kind == "c")
        for column, kind in zip(matrix.T, design.types, strict=True)
    ]
    told = [
        {"name": f.name, "label": f.title, "unit": f.unit, "direction": f.direction}
        for f in design.features
    ]
    schema = {
        "name": pl.String,
        "label": pl.String,
        "unit": pl.String,
        "direction": pl.String,
        "fill": pl.Float64,
        "iv": pl.Float64,
        "trend": pl.String,
    }
    return pl.DataFrame([{**t, **r} for t, r in zip(told, rows, strict=True)], schema=schema).sort(
        "iv", descending=True, nulls_last=True
    )


def _feature(column: np.ndarray, outcome: np.ndarray, *, category: bool) -> dict[str, object]:
    missing = np.isnan(column)
    bins = np.where(missing, 0, 1 + _bins(column, category=category))
    counts = np.stack(
        [np.bincount(bins, outcome == y, int(bins.max(initial=0)) + 1) for y in (0, 1)], axis=1
    )
    trend = "" if category else _trend(counts[1:])
    return {
        "fill": float(1 - missing.mean()) if len(column) else 0.0,
        "iv": information_value(counts[counts.sum(axis=1) > 0]),
        "trend": trend,
    }


def _bins(column: np.ndarray, *, category: bool) -> np.ndarray:
    """The bin of each value: its code, or its tenth."""
    if category:
        return np.nan_to_num(column).astype(int)
    present = column[~np.isnan(column)]
    edges = (
        np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1]))
        if len(present)
        else np.zeros(0)
    )
    return np.searchsorted(edges, np.nan_to_num(column), side="left")


def information_value(counts: np.ndarray) -> float | None:
    """Sum of (share of payers - share of defaulters) * weight of evidence over bins.

    Counts have shape (bins, 2): paid, defaulted.
    """
    if not counts.sum(axis=0).all():
        return None
    paid, defaulted = ((counts + 0.5) / (counts + 0.5).sum(axis=0)).T
    return float(((paid - defaulted) * np.log(paid / defaulted)).sum())


def _trend(counts: np.ndarray) -> str:
    """Which way the default rate goes from bin to bin, small bumps within two standard errors
    aside.
    """
    people = counts.sum(axis=1)
    rate, people = counts[people > 0, 1] / people[people > 0], people[people > 0]
    if len(rate) < 2:
        return "mixed"
    steps = np.diff(rate)
    noise = 2 * np.sqrt(
        rate[1:] * (1 - rate[1:]) / people[1:] + rate[:-1] * (1 - rate[:-1]) / people[:-1]
    )
    up = (steps > noise).any() or rate[-1] > rate[0]
    down = (steps < -noise).any() or rate[-1] < rate[0]
    return "mixed" if up == down else "riskier" if up else "safer"
