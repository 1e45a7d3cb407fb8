"""What did each feature add while the others are held at the values of a background?"""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
import shap
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.explaining import explanation
from analytics.explaining.explanation import Explanation, draw_background, weigh
from analytics.explaining.tree_shap import Shap, explain, explain_by_shap
from analytics.sources.fitting import Fitted
from analytics.sources.forest import Forest
from analytics.weighing import tally
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import equal

PLAIN = {"objective": "binary:logistic", "base_score": 0.2, "nthread": 1, "min_child_weight": 0.1}
DEEP = {"max_depth": 16, "eta": 1, "lambda": 0, "min_child_weight": 0}


def told(matrix: np.ndarray, types: str, labels: np.ndarray | None = None) -> xgb.DMatrix:
    return xgb.DMatrix(
        matrix, labels, feature_types=list(types), enable_categorical=True, nthread=1
    )


def people(seed: int, persons: int, types: str) -> np.ndarray:
    """Numbers on a coarse grid, so that they meet limits; seven categories; one in five missing."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(persons, len(types))).round(1)
    for at in (at for at, kind in enumerate(types) if kind == "c"):
        matrix[:, at] = random.integers(0, 7, persons)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    return matrix.astype(np.float32)


def fit(seed: int, types: str, rounds: int, **parameters: float) -> xgb.Booster:
    matrix = people(seed, 300, types)
    risk = np.nan_to_num(matrix).prod(axis=1) + np.nan_to_num(matrix)[:, 0]
    labels = (risk > np.median(risk)).astype(int)
    return xgb.train({**PLAIN, **parameters}, told(matrix, types, labels), rounds)


def by_package(
    booster: xgb.Booster, persons: np.ndarray, background: np.ndarray
) -> tuple[np.ndarray, float]:
    """The values of shap, and their base."""
    everyone = shap.maskers.Independent(background.astype(float), max_samples=len(background))
    package = shap.TreeExplainer(booster, everyone, feature_perturbation="interventional")
    return package.shap_values(persons.astype(float)), float(np.mean(package.expected_value))


def by_orders(
    booster: xgb.Booster, types: str, person: np.ndarray, background: np.ndarray
) -> list[float]:
    """Shapley values by the sum over all sets of features, the model asked about every mixture."""
    count = len(types)

    def worth(known: tuple[int, ...]) -> float:
        mixed = background.copy()
        mixed[:, list(known)] = person[list(known)]
        return float(booster.predict(told(mixed, types), output_margin=True).mean(dtype=float))

    def value(one: int) -> float:
        others = [at for at in range(count) if at != one]
        sets = [chosen for size in range(count) for chosen in combinations(others, size)]
        weights = [
            factorial(len(s)) * factorial(count - len(s) - 1) / factorial(count) for s in sets
        ]
        return sum(w * (worth((*s, one)) - worth(s)) for s, w in zip(sets, weights, strict=True))

    return [value(one) for one in range(count)]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 60))
def test_values_are_those_of_shap_held_at_the_same_background(
    seed: int, depth: int, many: int
) -> None:
    booster, background = fit(seed, "qqqqq", 6, max_depth=depth), people(seed + 1, many, "qqqqq")
    strangers = people(seed + 2, 40, "qqqqq")
    found = explain(Forest.of(booster), strangers, "qqqqq", background)
    values, base = by_package(booster, strangers, background)
    assert found.exact_by == "tables"
    assert np.abs(found.values - values).max() < 1e-4
    assert found.base == pytest.approx(base, abs=1e-5)


@pytest.mark.parametrize("types", ["q", "qq", "cq", "qcq"])
def test_values_are_the_shapley_sum_over_all_mixtures_with_categories_too(types: str) -> None:
    booster = fit(3, types, 3, max_depth=3, max_cat_to_onehot=3)
    background, strangers = people(4, 9, types), people(5, 6, types)
    found = explain(Forest.of(booster), strangers, types, background)
    for person, values in zip(strangers, found.values, strict=True):
        assert values.tolist() == pytest.approx(
            by_orders(booster, types, person, background), abs=1e-5
        )


def test_values_and_base_add_up_to_what_the_model_says() -> None:
    booster, strangers = fit(6, "qcqq", 20, max_depth=4), people(7, 200, "qcqq")
    found = explain(Forest.of(booster), strangers, "qcqq", people(8, 100, "qcqq"))
    margins = booster.predict(told(strangers, "qcqq"), output_margin=True)
    assert np.abs(found.values.sum(axis=1) + found.base - margins).max() < 1e-5


def test_a_feature_the_model_never_asks_about_gets_nothing_however_it_goes_with_others() -> None:
    matrix = np.repeat(np.random.default_rng(1).normal(size=(300, 1)), 2, axis=1).astype(np.float32)
    labels = (matrix[:, 0] > 0).astype(int)
    booster = xgb.train({**PLAIN, "max_depth": 2}, told(matrix, "qq", labels), 4)
    found = explain(Forest.of(booster), matrix[:20], "qq", matrix[:50])
    asked = "f0" if booster.get_score().get("f0") else "f1"
    assert np.abs(found.values[:, 1 if asked == "f0" else 0]).max() == 0


def test_of_a_background_of_one_person_this_person_differs_in_nothing() -> None:
    booster, one = fit(9, "qqq", 5, max_depth=3), people(10, 1, "qqq")
    assert explain(Forest.of(booster), one, "qqq", one).values.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("background", [np.zeros((0, 2)), np.zeros((5, 3))])
def test_a_background_of_nobody_or_of_other_columns_is_refused(background: np.ndarray) -> None:
    forest = Forest.of(fit(1, "qq", 2, max_depth=2))
    with pytest.raises(
        Refusal, match=r"the background is empty; choose a wider|the trees read 2 features"
    ):
        explain(forest, np.zeros((1, 2)), "qq", background)


def deep(types: str) -> tuple[Forest, np.ndarray]:
    """A tree that cuts every second person off, deeper than any table."""
    matrix = np.stack(
        [np.arange(32, dtype=np.float32), np.arange(32, dtype=np.float32) % 3], axis=1
    )
    booster = xgb.train({**PLAIN, **DEEP}, told(matrix, types, np.arange(32) % 2), 1)
    return Forest.of(booster), matrix


def test_where_no_tables_fit_shap_itself_is_asked() -> None:
    forest, matrix = deep("qq")
    found: Shap = explain(forest, matrix, "qq", matrix[:9])
    values, base = by_package(forest.booster, matrix, matrix[:9])
    assert found.exact_by == "shap"
    assert np.abs(found.values - values).max() < 1e-5
    assert found.base == pytest.approx(base)


def test_categories_that_neither_can_hold_are_refused() -> None:
    forest, matrix = deep("qc")
    with pytest.raises(
        Refusal, match="have no interventional values; fit again with a depth of at most 12"
    ):
        explain(forest, matrix, "qc", matrix)


@pytest.mark.parametrize("background", [None, people(12, 30, "qqq")])
def test_tables_and_shap_say_the_same(background: np.ndarray | None) -> None:
    forest, strangers = Forest.of(fit(11, "qqq", 8, max_depth=4)), people(13, 50, "qqq")
    ours = explain(forest, strangers, "qqq", background)
    theirs = explain_by_shap(forest, strangers, "qqq", background)
    assert (ours.exact_by, theirs.exact_by) == ("tables", "shap")
    assert np.abs(ours.values - theirs.values).max() < 1e-5
    assert ours.base == pytest.approx(theirs.base, abs=1e-5)


@pytest.mark.parametrize("weighting", ["neutral", "renormalise"])
def test_contributions_with_the_rest_held_add_up_to_the_score(
    fitted: Fitted, small: Explanation, weighting: str
) -> None:
    persons, weights = fitted.evidence, equal(fitted.evidence.catalog, 0.2, weighting)
    held = _held(fitted, small)
    weighed = weigh(held, persons, weights, Calibration(-2.0, 0.9))
    total = weighed.base + np.concatenate(
        [np.nansum(block, axis=1) for _, block in weighed.blocks()]
    )
    expected = -2.0 + 0.9 * tally.weigh(persons, weights)
    assert np.nanmax(np.abs(total - expected)) < 1e-5
    assert (np.isnan(total) == np.isnan(expected)).all()
    usual = weigh(small, persons, weights, Calibration(-2.0, 0.9))
    assert not np.allclose(weighed.base, usual.base, equal_nan=True)  # no need to be the same


def _held(fitted: Fitted, small: Explanation, most: int = 40) -> Explanation:
    drawn = draw_background(small, fitted.evidence, most)
    designs = [part.design for part in small.parts]
    return explanation.explain(
        designs, fitted.models(), fitted.evidence.base_rate, background=drawn
    )


def test_a_background_is_drawn_alike_each_time_and_of_the_cohort_alone(
    fitted: Fitted, small: Explanation
) -> None:
    cohort = fitted.evidence.where(np.arange(len(fitted.evidence)) % 2 == 0)
    drawn, again = (draw_background(small, cohort, 40) for _ in range(2))
    rows = set(cohort.people["row"].to_list())
    assert all((one.rows == other.rows).all() for one, other in zip(drawn, again, strict=True))
    assert all(len(one.rows) <= 40 and set(one.rows.tolist()) <= rows for one in drawn)
    assert any(len(one.rows) == 40 for one in drawn)


def test_a_background_whom_a_source_does_not_know_is_refused(
    fitted: Fitted, small: Explanation
) -> None:
    nobody = fitted.evidence.where(np.zeros(len(fitted.evidence), bool))
    designs = [part.design for part in small.parts]
    drawn = draw_background(small, nobody)
    with pytest.raises(
        Refusal, match="knows nobody of the background, so nothing can be held; choose a wider"
    ):
        explanation.explain(designs, fitted.models(), fitted.evidence.base_rate, background=drawn)
