"""SHAP values of everyone, tables included, against XGBoost's own and the woodelf_explainer
package in the same run.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import xgboost as xgb

from analytics.explaining.tree_shap import explain
from analytics.sources.forest import Forest
from tests.benchmarks.weigh import fastest

FEATURES, TREES, PERSONS = 40, 300, 100_000
SOME = (
    1_000  # persons for XGBoost: its time grows with them evenly, and everyone would take minutes
)


def run(persons: int) -> Iterator[str]:
    """Microseconds per person and ratios at depth 4 and 6; at most a hundred thousand persons."""
    matrix, labels = people(min(persons, PERSONS))
    for depth in (4, 6):
        booster = xgb.train(
            {"max_depth": depth, "eta": 0.1, "objective": "binary:logistic"},
            xgb.QuantileDMatrix(matrix, labels),
            TREES,
        )
        yield from _compared(booster, matrix, depth)


def people(persons: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Normal features, a fifth of them missing, and outcomes that ten of them and one
    interaction bring about.
    """
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(persons, FEATURES)).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    risk = np.nansum(matrix[:, :10] * random.normal(size=10), axis=1) / 2 + np.nan_to_num(
        matrix[:, 0] * matrix[:, 1]
    )
    return matrix, (random.random(persons) < 1 / (1 + np.exp(2 - risk))).astype(int)


def _compared(booster: xgb.Booster, matrix: np.ndarray, depth: int) -> Iterator[str]:
    some = matrix[:SOME]
    peers = {
        "XGBoost " + xgb.__version__: (
            lambda: booster.predict(xgb.DMatrix(some), pred_contribs=True),
            len(some),
        )
    }
    if find_spec("woodelf"):
        peers["woodelf_explainer"] = (_woodelf(booster, matrix), len(matrix))
    ours, *theirs = fastest(
        lambda: explain(Forest.of(booster), matrix, "q" * FEATURES),
        *(work for work, _ in peers.values()),
        times=3,
    )
    each = ours / len(matrix)
    yield (
        f"SHAP of {len(matrix):,} persons x {FEATURES} features, {TREES} trees of depth {depth},"
        f" tables included: {each * 1e6:.2f} us per person"
    )
    for name, taken, (_, persons) in zip(peers, theirs, peers.values(), strict=True):
        yield (
            f"  {name}: {taken / persons * 1e6:.1f} us per person, {taken / persons / each:.0f}"
            " times as long"
        )
    if not find_spec("woodelf"):
        yield "  woodelf_explainer is not installed"
    apart = (
        explain(Forest.of(booster), some, "q" * FEATURES).values
        - booster.predict(xgb.DMatrix(some), pred_contribs=True)[:, :-1]
    )
    yield f"  largest difference from XGBoost's values: {np.abs(apart).max():.1e} log-odds"


def _woodelf(booster: xgb.Booster, matrix: np.ndarray) -> Callable[[], object]:
    """The package's own call.

    It takes nothing but its kind of frame, and builds its tables anew each time, as ours.
    """
    import pandas as pd  # noqa: PLC0415, TID251
    from woodelf import WoodelfExplainer  # noqa: PLC0415 - for benchmarks only

    frame = pd.DataFrame(matrix, columns=[f"f{i}" for i in range(FEATURES)])
    return lambda: WoodelfExplainer(booster).shap_values(frame, verbose=False)
