"""What did each feature add to a person's log-odds?"""

import json

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.explaining import tree_shap
from analytics.explaining.tree_shap import (
    BLOCK,
    Shap,
    Trees,
    margins,
    margins_and_values,
    shap_values,
)
from analytics.sources.forest import Forest

ODD_CODES = [-1, -0.5, 0, 0.5, 1, 2, 3.7, 6, 7, 31, 32, 33, 100, 2**24, 2**25, np.nan]
PLAIN = {"objective": "binary:logistic", "base_score": 0.5, "nthread": 1}
# a leaf is then 2 where all defaulted, and -2 where nobody did
BY_HAND = {**PLAIN, "eta": 1, "lambda": 0, "min_child_weight": 0}


def told(matrix, types=None, labels=None) -> xgb.DMatrix:
    return xgb.DMatrix(
        np.asarray(matrix, np.float32),
        labels,
        feature_types=types,
        enable_categorical=True,
        nthread=1,
    )


def fit(matrix, labels, rounds: int = 1, types=None, **parameters) -> xgb.Booster:
    return xgb.train({**PLAIN, **parameters}, told(matrix, types, labels), rounds)


def by_xgboost(booster, matrix, types=None) -> np.ndarray:
    """Its contributions, the base in the last column."""
    return booster.predict(told(matrix, types), pred_contribs=True)


def explain(booster, matrix, types) -> Shap:
    return tree_shap.explain(Forest.of(booster), matrix, types)


def compile_trees(booster) -> Trees | None:
    return tree_shap.compile_trees(Forest.of(booster))


def people(
    seed: int, persons: int, types: str, missing: float = 0.2
) -> tuple[np.ndarray, np.ndarray]:
    """Random values, some on a coarse grid so that they meet limits, and outcomes that depend on
    them.
    """
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(persons, len(types)))
    matrix[:, ::2] = matrix[:, ::2].round(1)
    for i in (i for i, t in enumerate(types) if t == "c"):
        matrix[:, i] = random.integers(0, 7, persons)
    matrix[random.random(matrix.shape) < missing] = np.nan
    risk = np.nan_to_num(matrix) @ random.normal(size=len(types)) + random.normal(size=persons)
    return matrix.astype(np.float32), (risk > np.median(risk)).astype(int)


def edited(booster, change) -> xgb.Booster:
    """A copy of a model with its JSON changed."""
    described = json.loads(booster.save_raw("json"))
    change(described["learner"])
    copy = xgb.Booster({"nthread": 1})
    copy.load_model(bytearray(json.dumps(described), "utf-8"))
    return copy


def trees(learner) -> list[dict]:
    return learner["gradient_booster"]["model"]["trees"]


@pytest.fixture(scope="module")
def crowd() -> tuple[xgb.Booster, np.ndarray]:
    """A fitted model and more people than two blocks."""
    matrix, labels = people(1, 2 * BLOCK + 100, "qqqqqq")
    return fit(matrix, labels, rounds=12, max_depth=4), matrix


def test_one_split_adds_what_its_leaf_lies_from_the_expected() -> None:
    # leaves -2 and 2, expected -2 * 3/4 + 2 * 1/4
    booster = fit([[0], [0], [0], [1]], [0, 0, 0, 1], **BY_HAND, max_depth=1)
    found = explain(booster, np.array([[0], [1]], np.float32), "q")
    assert found.base == pytest.approx(-1)
    assert found.values.tolist() == [[pytest.approx(-1)], [pytest.approx(3)]]


def test_two_features_share_what_they_say_together() -> None:
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    found = explain(fit(corners, [0, 0, 0, 1], **BY_HAND, max_depth=2), corners, "qq")
    assert found.base == pytest.approx(-1)
    assert found.values[3].tolist() == pytest.approx(
        [1.5, 1.5]
    )  # one of them known: from -1 to 0; both: from 0 to 2
    assert found.values[2].tolist() == pytest.approx(
        [0.5, -1.5]
    )  # the first known: from -1 to 0 or stays at -2; the second: to -2, from -1 or from 0


def test_a_missing_value_goes_where_the_model_sends_it() -> None:
    booster = fit([[0], [0], [1], [np.nan]], [0, 0, 1, 1], **BY_HAND, max_depth=1)
    assert explain(booster, np.array([[np.nan]]), "q").values.tolist() == [[pytest.approx(2)]]
    booster = fit([[0], [np.nan], [1], [1]], [0, 0, 1, 1], **BY_HAND, max_depth=1)
    assert explain(booster, np.array([[np.nan]]), "q").values.tolist() == [[pytest.approx(-2)]]


def test_a_value_at_the_limit_goes_right() -> None:
    booster = fit([[0], [0.1], [0.2], [0.3]], [0, 0, 1, 1], **BY_HAND, max_depth=1)
    (limit,) = (
        np.float32(t["split_conditions"][0])
        for t in trees(json.loads(booster.save_raw("json"))["learner"])
    )
    around = np.array([[np.nextafter(limit, np.float32(-1))], [limit]])
    assert explain(booster, around, "q").values.ravel().tolist() == pytest.approx([-2, 2])


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(1, 8),
    st.sampled_from(["q", "qq", "qqqqq", "qcq", "cc", "qqqqqqqqqqqq"]),
    st.sampled_from([0, 0.2, 0.9]),
)
def test_values_are_those_of_xgboost_and_add_up_to_the_log_odds(
    seed, depth, types, missing
) -> None:
    matrix, labels = people(seed, 400, types, missing)
    booster = fit(
        matrix,
        labels,
        6,
        list(types),
        max_depth=depth,
        min_child_weight=0.1,
        base_score=0.08,
        max_cat_to_onehot=3,
        seed=seed,
    )
    strangers = people(seed + 1, 150, types, missing)[0]
    found, exact = explain(booster, strangers, types), by_xgboost(booster, strangers, list(types))
    assert found.exact_by == "tables"
    assert np.abs(found.values - exact[:, :-1]).max() < 1e-4
    assert found.base == pytest.approx(exact[0, -1], abs=1e-5)
    log_odds = booster.predict(told(strangers, list(types)), output_margin=True)
    assert np.abs(found.values.sum(axis=1) + found.base - log_odds).max() < 1e-4


@example(
    3648, 4, "qqqqqq", 0.002390228275433845, {}
)  # a tree that asks nothing stands before one of many branches
@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.integers(1, 11),
    st.sampled_from(["q", "qcq", "cc", "qqqqqq"]),
    st.floats(0.001, 0.999),
    st.sampled_from(
        [
            {},
            {"gamma": 2},
            {"num_parallel_tree": 3, "subsample": 0.5},
            {"tree_method": "exact", "max_cat_to_onehot": 99},
        ]
    ),
)
def test_a_margin_is_xgboost_s_own_bit_for_bit(seed, depth, types, base_rate, how) -> None:
    matrix, labels = people(seed, 300, types)
    types = types.replace("c", "q") if "tree_method" in how else types
    booster = fit(
        matrix,
        labels,
        12,
        list(types),
        **{
            "max_depth": depth,
            "min_child_weight": 0.1,
            "base_score": base_rate,
            "seed": seed,
            **how,
        },
    )
    strangers, compiled = people(seed + 1, 200, types)[0], compile_trees(booster)
    assert (
        margins(compiled, strangers)
        == booster.predict(told(strangers, list(types)), output_margin=True)
    ).all()


@pytest.mark.parametrize("one_hot", [1, 10])
def test_margins_of_odd_categories_are_xgboost_s_own_bit_for_bit(one_hot: int) -> None:
    matrix, labels = people(3, 500, "ccq")
    matrix[:, 0] *= 11  # codes beyond one word of bits, and beyond two
    booster = fit(matrix, labels, 5, list("ccq"), max_depth=4, max_cat_to_onehot=one_hot)
    odd = np.array(
        [(a, b, 0) for a in [*ODD_CODES, *range(0, 77, 11), 63, 64, 65] for b in ODD_CODES],
        np.float32,
    )
    assert (
        margins(compile_trees(booster), odd)
        == booster.predict(told(odd, list("ccq")), output_margin=True)
    ).all()


@pytest.mark.parametrize("rounds", [0, 3])
def test_margins_of_trees_of_one_leaf_are_xgboost_s_own_bit_for_bit(rounds: int) -> None:
    booster = fit([[0], [1], [1]], [0, 1, 1], rounds=rounds, gamma=1e9, base_score=0.25)
    assert (
        margins(compile_trees(booster), np.zeros((2, 1))).tolist()
        == booster.predict(told(np.zeros((2, 1))), output_margin=True).tolist()
    )


def test_margins_and_values_asked_together_are_those_asked_apart(crowd) -> None:
    booster, matrix = crowd
    compiled = compile_trees(booster)
    found, values = margins_and_values(compiled, matrix)
    assert (found == margins(compiled, matrix)).all()
    assert (values == shap_values(compiled, matrix)).all()
    assert np.abs(compiled.base + values.sum(axis=1) - found).max() < 1e-5


def test_values_are_those_of_the_shap_package() -> None:
    import shap  # noqa: PLC0415 - seconds, and only here

    matrix, labels = people(5, 500, "qqqqqq", 0.2)
    booster = fit(matrix, labels, 20, max_depth=5)
    found, package = explain(booster, matrix, "qqqqqq"), shap.TreeExplainer(booster)
    assert np.abs(found.values - package.shap_values(matrix)).max() < 1e-4
    assert found.base == pytest.approx(float(package.expected_value), abs=1e-5)


@settings(max_examples=10)
@given(
    st.integers(0, 10**6),
    st.sampled_from(
        [
            {"tree_method": "exact", "gamma": 3},
            {"grow_policy": "lossguide", "max_leaves": 11, "max_depth": 11},
            {"num_parallel_tree": 3, "subsample": 0.5},
        ]
    ),
)
def test_trees_that_were_pruned_grown_leaf_by_leaf_or_several_at_a_time_are_read_alike(
    seed, how
) -> None:
    matrix, labels = people(seed, 300, "qqq")
    booster = fit(matrix, labels, 5, **{"max_depth": 5, "min_child_weight": 0.1, **how})
    assert (
        np.abs(explain(booster, matrix, "qqq").values - by_xgboost(booster, matrix)[:, :-1]).max()
        < 1e-4
    )


@pytest.mark.parametrize("depth", [9, 10, 11, 12])
def test_deeper_trees_have_tables_too_as_long_as_they_are_small(depth: int) -> None:
    matrix, labels = people(depth, 600, "qqq")
    booster = fit(matrix, labels, 2, **{**BY_HAND, "lambda": 1}, max_depth=depth)
    found = explain(booster, matrix, "qqq")
    assert found.exact_by == "tables"
    assert np.abs(found.values - by_xgboost(booster, matrix)[:, :-1]).max() < 1e-4


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_rising_risk_and_a_slice_of_the_rounds_change_nothing(seed) -> None:
    matrix, labels = people(seed, 300, "qqq")
    booster = fit(
        matrix, labels, 8, max_depth=3, monotone_constraints=(1, -1, 0), subsample=0.8, seed=seed
    )[:5]
    assert (
        np.abs(explain(booster, matrix, "qqq").values - by_xgboost(booster, matrix)[:, :-1]).max()
        < 1e-4
    )


@pytest.mark.parametrize("one_hot", [1, 10])
def test_a_category_the_model_has_never_seen_goes_where_xgboost_sends_it(one_hot: int) -> None:
    matrix, labels = people(3, 500, "ccq")
    booster = fit(matrix, labels, 5, list("ccq"), max_depth=4, max_cat_to_onehot=one_hot)
    odd = np.array([(a, b, 0) for a in ODD_CODES for b in ODD_CODES], np.float32)
    assert (
        np.abs(
            explain(booster, odd, "ccq").values - by_xgboost(booster, odd, list("ccq"))[:, :-1]
        ).max()
        < 1e-5
    )


def test_trees_of_one_leaf_say_nothing_of_any_feature() -> None:
    booster = fit([[0], [1]], [0, 1], rounds=3, gamma=1e9, base_score=0.25)
    found = explain(booster, np.array([[0], [1]]), "q")
    assert found.values.tolist() == [[0], [0]]
    assert found.base == pytest.approx(
        booster.predict(told([[0]]), output_margin=True)[0], abs=1e-6
    )


def test_without_trees_only_the_base_rate_speaks() -> None:
    found = explain(
        fit([[0, 0], [1, 1]], [0, 1], rounds=0, base_score=0.25), np.zeros((3, 2)), "qq"
    )
    assert (found.values.tolist(), found.base) == ([[0, 0]] * 3, pytest.approx(-np.log(3)))


def test_a_base_rate_is_read_as_older_models_write_it() -> None:
    booster = fit([[0], [1]], [0, 1], base_score=0.25)
    learner = json.loads(booster.save_raw("json"))
    learner["learner"]["learner_model_param"]["base_score"] = "2.5E-1"
    older = tree_shap.compile_trees(Forest(json.dumps(learner).encode()))
    assert (older.base, older.start) == (compile_trees(booster).base, compile_trees(booster).start)


def test_where_nobody_came_in_training_values_still_add_up() -> None:
    def nobody_right(learner) -> None:
        for tree in trees(learner):
            tree["sum_hessian"][0] = tree["sum_hessian"][1] = 10.0
            for node, up in enumerate(tree["parents"]):
                tree["sum_hessian"][node] = (
                    0.0 if node == 2 or up == 2 else tree["sum_hessian"][node]
                )

    matrix, labels = people(5, 300, "qqq")
    booster = edited(fit(matrix, labels, 3, max_depth=2), nobody_right)
    found = explain(booster, matrix, "qqq")
    log_odds = booster.predict(told(matrix), output_margin=True)
    assert np.abs(found.values.sum(axis=1) + found.base - log_odds).max() < 1e-5


def test_a_leaf_that_nobody_reached_in_training_is_read_as_xgboost_reads_it() -> None:
    def nobody_left(learner) -> None:
        for tree in trees(learner):
            tree["sum_hessian"][1:] = [0.0, tree["sum_hessian"][0]]

    matrix, labels = people(6, 100, "q")
    booster = edited(fit(matrix, labels, 3, max_depth=1), nobody_left)
    assert (
        np.abs(explain(booster, matrix, "q").values - by_xgboost(booster, matrix)[:, :-1]).max()
        < 1e-5
    )


@pytest.mark.parametrize(
    "persons", [0, 1, 255, 256, 257, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1]
)
def test_a_part_of_the_people_gets_what_it_gets_in_the_crowd_bit_for_bit(
    crowd, persons: int
) -> None:
    booster, matrix = crowd
    compiled = compile_trees(booster)
    assert (
        shap_values(compiled, matrix[:persons]) == shap_values(compiled, matrix)[:persons]
    ).all()
    assert (margins(compiled, matrix[:persons]) == margins(compiled, matrix)[:persons]).all()
    assert shap_values(compiled, matrix[:persons]).shape == (persons, 6)


def test_one_person_alone_gets_what_they_get_in_the_crowd_bit_for_bit(crowd) -> None:
    booster, matrix = crowd
    values = explain(booster, matrix, "qqqqqq").values
    for i in (0, 7, BLOCK - 1, BLOCK, len(matrix) - 1):
        assert (explain(booster, matrix[i : i + 1], "qqqqqq").values[0] == values[i]).all()


def test_values_stay_in_the_order_of_the_people(crowd) -> None:
    booster, matrix = crowd
    compiled, order = compile_trees(booster), np.random.default_rng(0).permutation(len(matrix))
    assert (shap_values(compiled, matrix[order]) == shap_values(compiled, matrix)[order]).all()


@pytest.mark.parametrize(
    "laid_out",
    [
        np.asfortranarray,
        np.float64,
        lambda m: np.repeat(m, 2, axis=0)[::2],
        lambda m: np.repeat(m, 2, axis=1)[:, ::2],
        lambda m: m[::-1][::-1],
        np.ndarray.tolist,
    ],
    ids=["by column", "double", "every other row", "every other column", "turned twice", "a list"],
)
def test_however_the_matrix_lies_in_memory_the_values_are_the_same(crowd, laid_out) -> None:
    booster, matrix = crowd
    compiled = compile_trees(booster)
    assert (shap_values(compiled, laid_out(matrix)) == shap_values(compiled, matrix)).all()


def test_the_matrix_stays_as_it_was(crowd) -> None:
    booster, matrix = crowd
    mine = matrix.copy()
    explain(booster, mine, "qqqqqq")
    assert mine.flags.writeable
    assert np.array_equal(mine, matrix, equal_nan=True)


def test_tables_and_values_cannot_be_changed(crowd) -> None:
    booster, matrix = crowd
    compiled = compile_trees(booster)
    arrays = (
        getattr(compiled, name)
        for name in ("starts", "kept", "questions", "limits", "sets", "told", "table")
    )
    assert not any(
        a.flags.writeable for a in [*arrays, explain(booster, matrix[:3], "qqqqqq").values]
    )
    assert compiled.table.dtype == np.float32


@pytest.mark.parametrize("shape", [(5, 5), (5, 7), (6,), (1, 6, 1)])
def test_a_matrix_with_other_columns_is_refused(crowd, shape) -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"the trees read 6 features, one column each; the matrix has shape .*: give it the"
            r" columns"
        ),
    ):
        explain(crowd[0], np.zeros(shape, np.float32), "qqqqqq")


def test_what_does_not_speak_in_log_odds_is_refused() -> None:
    booster = xgb.train(
        {"objective": "reg:squarederror", "nthread": 1}, told([[0], [1]], labels=[0, 1]), 1
    )
    with pytest.raises(
        Refusal,
        match=(
            "log-odds of one outcome, this one was fitted with 'reg:squarederror' for 1; fit it"
            " with 'binary:logistic'"
        ),
    ):
        explain(booster, np.zeros((1, 1)), "q")


@pytest.fixture(scope="module")
def deep() -> tuple[xgb.Booster, np.ndarray]:
    """One tree that cuts every second person off: deeper than any table."""
    matrix = np.arange(32, dtype=np.float32)[:, None]
    booster = fit(matrix, np.arange(32) % 2, **BY_HAND, max_depth=16, max_leaves=0)
    return booster, matrix


def test_trees_too_deep_for_tables_are_left_to_shap_and_it_says_so(deep) -> None:
    booster, matrix = deep
    found = explain(booster, matrix, "q")
    assert compile_trees(booster) is None
    assert found.exact_by == "shap"
    assert (found.values == by_xgboost(booster, matrix)[:, :-1]).all()
    assert found.base == by_xgboost(booster, matrix)[0, -1]


def test_tables_too_large_are_left_to_shap_and_it_says_so(
    crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    booster, matrix = crowd
    exact = compile_trees(booster)
    monkeypatch.setattr(tree_shap, "MEMORY", exact.table.nbytes)
    assert explain(booster, matrix[:9], "qqqqqq").exact_by == "tables"
    monkeypatch.setattr(tree_shap, "MEMORY", exact.table.nbytes - 1)
    found = explain(booster, matrix[:9], "qqqqqq")
    assert found.exact_by == "shap"
    assert np.abs(found.values - shap_values(exact, matrix[:9])).max() < 1e-4


def test_trees_that_are_dropped_at_random_are_left_to_shap() -> None:
    matrix, labels = people(8, 200, "qqc")
    # later versions drop trees of any booster
    asked_for = {"booster": "dart"} if xgb.__version__.startswith("3.2") else {}
    booster = fit(matrix, labels, 4, list("qqc"), **asked_for, rate_drop=0.5, max_depth=2)
    found = explain(booster, matrix, "qqc")
    assert found.exact_by == "shap"
    assert (found.values == by_xgboost(booster, matrix, list("qqc"))[:, :-1]).all()


def test_xgboost_explains_nobody_and_refuses_other_columns_as_the_tables_do(deep) -> None:
    found = explain(deep[0], np.zeros((0, 1), np.float32), "q")
    assert (found.values.shape, found.base) == ((0, 1), by_xgboost(*deep)[0, -1])
    with pytest.raises(Refusal, match="the trees read 1 features"):
        explain(deep[0], np.zeros((1, 2), np.float32), "qq")


def test_xgboost_is_given_the_names_it_was_fitted_with(deep) -> None:
    booster, matrix = deep
    named = booster.copy()
    named.feature_names = ["income"]
    assert (explain(named, matrix, "q").values == explain(booster, matrix, "q").values).all()
