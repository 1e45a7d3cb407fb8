"""Explanations by hand.

Every source has two features, x and y, whose SHAP values add up with its base to what it adds.
"""

import numpy as np

from analytics.data.catalog.model import Feature
from analytics.explaining.explanation import Explanation, SourceShap
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence
from analytics.weighing.readings import Calibration

FEATURES = (Feature("x", "Ex"), Feature("y", "Why"))
PLAIN = Calibration(-2.0, 1.0)


def explained(persons: Evidence, base: float = 0.25, share: float = 0.75) -> Explanation:
    """x takes `share` of what is left after the base, y the rest.

    The value of x is what the source adds, that of y is 7.
    """
    return Explanation(tuple(_part(persons, s, base, share) for s in range(len(persons.catalog))))


def _part(persons: Evidence, s: int, base: float, share: float) -> SourceShap:
    known = np.flatnonzero(persons.known[:, s])
    rows = persons.people["row"].to_numpy()[known]
    order = np.argsort(rows)
    added = persons.added[known[order], s]
    matrix = np.stack([added, np.full(len(added), 7, np.float32)], axis=1)
    shap = np.stack([(added - base) * share, (added - base) * (1 - share)], axis=1).astype(
        np.float32
    )
    return SourceShap(
        Design(persons.catalog.sources[s], FEATURES, matrix, rows[order], {}, len(persons), 0),
        shap,
        np.full(len(rows), base),
        "tables",
    )
