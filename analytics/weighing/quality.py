"""How good is a source by itself? Its readings among the people it knows."""

import polars as pl

from analytics.sources.evidence import Evidence

from .readings import auc, calibrate, ks
from .tally import Tally, tally
from .weighting import alone as by_itself


def alone(evidence: Evidence, calibrated: Evidence) -> pl.DataFrame:
    """Each source by itself, read among the persons it knows.

    Parameters
    ----------
    calibrated : the calibration persons, who tell where the KS is read.

    Returns
    -------
    DataFrame
        In catalog order: `key`, `persons` known with a known outcome, `auc` and `ks`, each with `_low` and `_high`.
    """
    rows = []
    for key in evidence.catalog.keys:
        counted, fitted = (tally(persons, by_itself(evidence.catalog, key)) for persons in (evidence, calibrated))
        rows.append({"key": key, "persons": int(counted.counts.sum()), **_read(counted, fitted)})
    return pl.DataFrame(rows)


def _read(counted: Tally, fitted: Tally) -> dict[str, float]:
    return {**auc(counted).ranged("auc"), **ks(counted, calibrate(fitted)).ranged("ks")}
