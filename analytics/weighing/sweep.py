"""What if this source counted more, or less? Readings along the weight of one source."""

import numpy as np
import polars as pl

from analytics.sources.evidence import Evidence

from .readings import auc, coverage
from .tally import tallies
from .weighting import Weighting

STEPS = 21


def along(evidence: Evidence, weighting: Weighting, key: str, *, steps: int = STEPS) -> pl.DataFrame:
    """Move one source's share from 0 to 1; the others keep their proportions.

    Returns
    -------
    DataFrame
        `weight` (share in [0, 1]), `coverage` and `auc` (of everyone), each with `_low` and `_high`.
    """
    shares = np.linspace(0, 1, steps) if len(weighting.weights) > 1 else np.ones(1)
    counted = tallies(evidence, [weighting.put(key, float(s)) for s in shares])
    read = ({**coverage(each).ranged("coverage", each), **auc(each, everyone=True).ranged("auc", each)} for each in counted)
    return pl.DataFrame([{"weight": float(share), **row} for share, row in zip(shares, read, strict=True)]).fill_nan(None)
