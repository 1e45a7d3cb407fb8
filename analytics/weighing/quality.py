"""How good is a source by itself? Its readings among the people it knows."""

import polars as pl

from analytics.sources.evidence import Evidence

from .readings import auc, ks
from .tally import Tally, tally
from .weighting import alone as by_itself


def alone(evidence: Evidence) -> pl.DataFrame:
    """Each source by itself, read among the persons it knows.

    Returns
    -------
    DataFrame
        In catalog order: `key`, `persons` known with a known outcome, `auc` and `ks`, each with `_low` and `_high`.
    """
    rows = []
    for key in evidence.catalog.keys:
        counted = tally(evidence, by_itself(evidence.catalog, key))
        rows.append({"key": key, "persons": int(counted.counts.sum()), **_read(counted)})
    return pl.DataFrame(rows)


def _read(counted: Tally) -> dict[str, float]:
    return {**auc(counted).ranged("auc", counted), **ks(counted).ranged("ks", counted)}
