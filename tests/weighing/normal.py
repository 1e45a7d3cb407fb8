"""People whose sources read normal given the outcome, and what any weights must then be worth: an
oracle in closed form.

Source k reads Normal(+-d_k / 2, 1) with d_k = sqrt(2) probit(AUC_k) and correlation R within
outcomes. Weights w of the readings have the AUC Phi(w.d / sqrt(2 w'Rw)); the best are R^-1 d, with
Phi(sqrt(d' R^-1 d / 2)).
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls
from scipy.stats import norm

from analytics.sources.evidence import Evidence
from tests.people import evidence


def gaps(*aucs: float) -> np.ndarray:
    """How far apart the outcomes read, from each source's AUC alone."""
    return np.sqrt(2) * norm.ppf(aucs)


def alike(count: int, correlation: float) -> np.ndarray:
    """The same correlation between all sources."""
    return np.eye(count) * (1 - correlation) + correlation


def heard(
    defaulted: np.ndarray, gap: np.ndarray, within: np.ndarray, *, seed: int = 1
) -> np.ndarray:
    """What each source reads of people of these outcomes, shape (persons, sources)."""
    noise = np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(gap)), within, len(defaulted)
    )
    return noise + np.where(defaulted, 0.5, -0.5)[:, None] * gap


def normal(
    gap: Sequence[float],
    within: np.ndarray,
    size: int,
    *,
    seed: int = 1,
    share: float = 0.5,
    split: str = "calibrate",
) -> Evidence:
    """People known to every source, called a, b, c, ...; what a source adds is its reading."""
    defaulted = np.arange(size) < share * size
    reads = heard(defaulted, np.array(gap), within, seed=seed)
    return evidence(dict(zip("abcdefgh", reads.T, strict=False)), defaulted.tolist(), split)


def worth_of(shares: np.ndarray, gap: np.ndarray, within: np.ndarray) -> float:
    """The AUC of these weights of the readings."""
    return float(norm.cdf(shares @ gap / np.sqrt(2 * shares @ within @ shares)))


def best_of_all(gap: np.ndarray, within: np.ndarray) -> np.ndarray:
    """The best weights of 0 or more, adding up to 1: R^-1 d where that is nowhere negative."""
    root = np.linalg.cholesky(within)
    found, _ = nnls(root.T, np.linalg.solve(root, gap))
    return found / found.sum()
