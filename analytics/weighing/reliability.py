"""Do as many people default as is predicted?

Predicted and seen default rates, group by group of rising risk.
"""

import numpy as np
import polars as pl

from analytics.data.disclosure import few, pool

from .formulas import interval
from .readings import Calibration
from .tally import Tally

BANDS = 10
COLUMNS = {
    "predicted": pl.Float64,
    "seen": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "persons": pl.Int64,
}


def reliability(counted: Tally, calibration: Calibration, *, bands: int = BANDS) -> pl.DataFrame:
    """The scored in groups of equal size by predicted risk: the default rate predicted, and the one
    seen.

    People of one bin stay together, so groups are equal but for ties; groups of too few people are
    joined to their neighbours.

    Returns
    -------
    DataFrame
        One row per group, lowest risk first: `predicted` (mean default rate), `seen` (default rate)
        with `low` and `high`, its 95% interval, and `persons`. No rows below 30 persons or 5 of
        either outcome.

    References
    ----------
    Wilson 1927, interval of a share.
    """
    outcomes, people = counted.counts.sum(axis=0), counted.counts.sum(axis=1)
    if few(*map(int, outcomes)):
        return pl.DataFrame(schema=COLUMNS)
    rank = (np.cumsum(people) - people / 2) / people.sum()
    band = np.minimum((rank * bands).astype(int), bands - 1)
    band = pool(
        np.stack([np.bincount(band, column, bands) for column in counted.counts.T], axis=1)
    )[band]
    sums = (
        np.bincount(band, weights, bands)
        for weights in (
            people,
            counted.counts[:, 1],
            people * calibration.probability(counted.middles),
        )
    )
    persons, bad, predicted = (s[np.bincount(band, people, bands) > 0] for s in sums)
    seen = bad / persons
    low, high = np.array(
        [interval(r, np.sqrt(r * (1 - r) / n), n) for r, n in zip(seen, persons, strict=True)]
    ).T
    return pl.DataFrame(
        dict(zip(COLUMNS, (predicted / persons, seen, low, high, persons.astype(int)), strict=True))
    ).sort("predicted")
