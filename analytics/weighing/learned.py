"""Which weights would the data themselves give?

From the evidence of people whose outcome is known.
"""

import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence

from .weighting import Weighting

MOST = 1000  # steps of a search, of which fifty are the rule
LEAST = 1e-3  # a share below this is noise: it would be paid for and buy nothing


def learned(evidence: Evidence, floor: float = 0.4, missing: str = "neutral") -> Weighting:
    """Weights of a logistic regression of the outcome on `added`, 0 where a source does not know
    the person.

    A negative weight would count a source against its own model: such sources go, the worst first,
    and the rest is fitted again.

    Raises
    ------
    Refusal
        If these persons do not have both outcomes, or the search for the weights does not end.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that only this button needs

    read = evidence.people["defaulted"].is_not_null().to_numpy()
    outcome = evidence.people["defaulted"].to_numpy()[read].astype(bool)
    if outcome.all() or not outcome.any():
        raise Refusal(
            "weights cannot be learned: these persons do not have both outcomes; choose a wider"
            " cohort"
        )
    said = np.nan_to_num(evidence.added[read])
    scale = said.std(axis=0)
    # the solver's patience is the same however loud a source speaks
    scale = np.where(scale > 0, scale, 1)
    kept = np.arange(said.shape[1])
    while True:
        model = LogisticRegression(C=1e6, max_iter=MOST).fit(said[:, kept] / scale[kept], outcome)
        if model.n_iter_.max() >= MOST:
            raise Refusal(
                f"weights cannot be learned: their search did not end within {MOST:,} steps; choose"
                " a wider cohort"
            )
        coefficients = model.coef_[0]
        if (coefficients >= 0).all() or len(kept) == 1:
            break
        kept = np.delete(kept, np.argmin(coefficients))
    weights = np.zeros(said.shape[1])
    weights[kept] = coefficients / scale[kept] if coefficients.max() > 0 else 1.0
    return weighting_of(evidence, weights, floor, missing)


def directions(evidence: Evidence, subsets: np.ndarray) -> np.ndarray:
    """The best linear weights of each set of sources, R^-1 d with negative ones at 0: a start for
    searches, not a result.

    Parameters
    ----------
    subsets : shape (sets, sources), bool.

    Returns
    -------
    ndarray
        Shares, shape (sets, sources); 0 outside the set.

    References
    ----------
    Fisher 1936, linear discriminant; d is the difference of the classes' means of `added` (0 where
    unknown), R their pooled covariance.
    """
    outcome = evidence.people["defaulted"].to_numpy()
    classes = [np.nan_to_num(evidence.added[outcome == y]).astype(float) for y in (False, True)]
    gap = classes[1].mean(axis=0) - classes[0].mean(axis=0)
    spread = sum(
        np.cov(c, rowvar=False, ddof=0).reshape(len(gap), -1) * len(c) for c in classes
    ) / sum(map(len, classes))
    return np.array(
        [_direction(gap, spread + 1e-6 * np.eye(len(gap)), members) for members in subsets]
    )


def _direction(gap: np.ndarray, spread: np.ndarray, members: np.ndarray) -> np.ndarray:
    weights = np.zeros(len(gap))
    weights[members] = np.maximum(
        np.linalg.solve(spread[np.ix_(members, members)], gap[members]), 0
    )
    return weights / weights.sum() if weights.sum() else members / members.sum()


def weighting_of(evidence: Evidence, shares: np.ndarray, floor: float, missing: str) -> Weighting:
    """Shares in catalog order as a weighting; what is below a thousandth is 0."""
    clean = np.where(shares >= LEAST * shares.sum(), shares, 0.0)
    return Weighting(
        tuple(zip(evidence.catalog.keys, map(float, clean / clean.sum()), strict=True)),
        floor,
        missing,
    )
