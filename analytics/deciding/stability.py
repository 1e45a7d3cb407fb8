"""Does it hold over time? Coverage, accuracy and the population stability index, month by month."""

import numpy as np
import polars as pl
from scipy.special import chdtri

from analytics.data.disclosure import few
from analytics.sources.evidence import Evidence
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import Tally, tally
from analytics.weighing.weighting import Weighting

BANDS = 10


def psi(expected: Tally, actual: Tally, *, bands: int = BANDS) -> float:
    """Population stability index of the scored: sum of (a - e) ln(a / e) over bands that hold equal
    shares of the expected people.

    Half a person is added to each band, so that an empty one does not make it infinite; `nan` where
    nobody is scored.
    """
    expected.pair_up(actual)
    people = np.stack([t.counts.sum(axis=1) for t in (expected, actual)])
    if not people.sum(axis=1).all():
        return float("nan")
    rank = (np.cumsum(people[0]) - people[0] / 2) / people[0].sum()
    band = np.minimum((rank * bands).astype(int), bands - 1)
    counts = np.stack([np.bincount(band, p, bands) for p in people]) + 0.5
    e, a = counts / counts.sum(axis=1, keepdims=True)
    return float(((a - e) * np.log(a / e)).sum())


def critical(n: int, m: int, *, bands: int = BANDS) -> float:
    """The PSI that two samples of these sizes from one population exceed one time in twenty.

    Examples
    --------
    >>> round(critical(10_000, 10_000), 4)
    0.0034

    References
    ----------
    Yurdakul and Naranjo 2020: the PSI is (1/n + 1/m) times a chi-squared of the bands less one.
    """
    return (1 / n + 1 / m) * float(chdtri(bands - 1, 0.05))


def by_month(evidence: Evidence, weighting: Weighting, expected: Tally) -> pl.DataFrame:
    """Three readings by month.

    Parameters
    ----------
    expected : the tally that the PSI compares each month with, under the same weighting.

    Returns
    -------
    DataFrame
        `month`, `persons`, `coverage`, `auc_everyone`, each with `_low` and `_high`, `psi`, and
        `psi_chance`: what chance alone exceeds in one month of this size in twenty; null in months
        too small to read.
    """
    rows = [
        {"month": month, **_month(tally(part, weighting), expected)}
        for month, part in evidence.group("month").items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)


def _month(counted: Tally, expected: Tally) -> dict[str, float | None]:
    persons = float(counted.cells.sum())
    read = {
        **coverage(counted).ranged("coverage"),
        **auc(counted, everyone=True).ranged("auc_everyone"),
    }
    large = not few(*map(int, counted.cells.sum(axis=0)))
    n, m = int(expected.counts.sum()), int(counted.counts.sum())
    read |= {
        "psi": psi(expected, counted),
        "psi_chance": critical(n, m) if n and m else float("nan"),
    }
    return {name: value if large else None for name, value in {"persons": persons, **read}.items()}
