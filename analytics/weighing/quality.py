"""How good is a source by itself? Its readings among the people it knows."""

from collections.abc import Mapping

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
        In catalog order: `key`, `persons` known with a known outcome, `auc` and `ks`, each with
        `_low` and `_high`.
    """
    rows = []
    for key in evidence.catalog.keys:
        counted, fitted = (
            tally(persons, by_itself(evidence.catalog, key)) for persons in (evidence, calibrated)
        )
        rows.append({"key": key, "persons": int(counted.counts.sum()), **_read(counted, fitted)})
    return pl.DataFrame(rows)


def _read(counted: Tally, fitted: Tally) -> dict[str, float]:
    return {**auc(counted).ranged("auc"), **ks(counted, calibrate(fitted)).ranged("ks")}


TOO_GOOD = 0.95  # an AUC that no application data reach: something was learned after the outcome


def too_good(aucs: Mapping[str, float | None]) -> str:
    """What to say where an AUC is too good to be true; nothing where none is.

    Examples
    --------
    >>> too_good({"Bureau": 0.78}), too_good({"Bureau": 0.78, "Payments": 0.98})[:42]
    ('', 'Payments has an AUC of 0.980, too good to ')
    """
    high = {name: auc for name, auc in aucs.items() if auc is not None and auc >= TOO_GOOD}
    if not high:
        return ""
    each = ", ".join(f"{name} has an AUC of {auc:.3f}" for name, auc in high.items())
    return (
        f"{each}, too good to be true for what is known at an application: look for columns that "
        "were learned after it (payments received, recoveries, a status)"
    )
