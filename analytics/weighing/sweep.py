"""What would other weights do? Coverage and accuracy of many weightings, and along the weight of one source."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.sources.evidence import Evidence

from .readings import auc, coverage
from .tally import tallies
from .weighting import Weighting

STEPS = 21
COLUMNS = ("coverage", "coverage_low", "coverage_high", "auc", "auc_low", "auc_high")


def survey(evidence: Evidence, weightings: Sequence[Weighting]) -> pl.DataFrame:
    """Coverage and accuracy of each weighting.

    Returns
    -------
    DataFrame
        One row per weighting: `coverage` and `auc` (of everyone), each with `_low` and `_high`; null where there is nothing to read.
    """
    read = ({**coverage(t).ranged("coverage", t), **auc(t, everyone=True).ranged("auc", t)} for t in tallies(evidence, weightings))
    return pl.DataFrame(list(read), schema=dict.fromkeys(COLUMNS, pl.Float64)).fill_nan(None)


def along(evidence: Evidence, weighting: Weighting, key: str, *, steps: int = STEPS) -> pl.DataFrame:
    """Move one source's share of the weight from 0 to 1; the others keep their proportions.

    Returns
    -------
    DataFrame
        `weight` (share in [0, 1]) and the columns of `survey`.
    """
    shares = np.linspace(0, 1, steps) if len(weighting.weights) > 1 else np.ones(1)
    found = survey(evidence, [weighting.put(key, float(s)) for s in shares])
    return found.select(pl.Series("weight", shares), *found.columns)
