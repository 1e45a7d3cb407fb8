"""How good is each column of a source?"""

from math import log

import numpy as np
import pytest

from analytics.data.catalog.model import Feature, Source
from analytics.sources.design import Design
from analytics.sources.features import features, information_value

GAP = float("nan")


def design(
    *columns: list[float] | np.ndarray,
    told: tuple[Feature, ...] = (),
    categories: tuple[str, ...] = (),
) -> Design:
    """Columns x0, x1, ... of people whom the source knows."""
    named = told or tuple(Feature(f"x{i}") for i in range(len(columns)))
    matrix = np.asfortranarray(np.array(columns, np.float32).T)
    return Design(
        Source("bank", "Bank", ("*",)),
        named,
        matrix,
        np.arange(len(matrix)),
        dict.fromkeys(categories, ("n", "y", "z")),
        len(matrix),
        0,
    )


def by_name(found) -> dict[str, dict]:
    return {row["name"]: row for row in found.to_dicts()}


def woe(paid: list[float], defaulted: list[float]) -> float:
    """Information value of shares that were smoothed by hand."""
    return sum((p - d) * log(p / d) for p, d in zip(paid, defaulted, strict=True))


# information value


def test_the_information_value_of_two_bins_by_hand() -> None:
    # 3 payers and 1 defaulter in one bin, 1 and 3 in the other; half a person more in each of the
    # four cells
    assert information_value(np.array([[3, 1], [1, 3]])) == pytest.approx(
        woe([3.5 / 5, 1.5 / 5], [1.5 / 5, 3.5 / 5])
    )
    assert information_value(np.array([[3, 1], [1, 3]])) == pytest.approx(0.8 * log(3.5 / 1.5))


def test_an_empty_cell_gives_a_number_as_half_a_person_stands_there() -> None:
    assert information_value(np.array([[4, 0], [0, 2]])) == pytest.approx(
        woe([4.5 / 5, 0.5 / 5], [0.5 / 3, 2.5 / 3])
    )


def test_bins_that_are_alike_tell_nothing() -> None:
    assert information_value(np.array([[5, 5], [5, 5]])) == 0


@pytest.mark.parametrize("counts", [[[3, 0], [1, 0]], [[0, 2], [0, 2]]])
def test_one_outcome_has_no_information_value(counts: list[list[int]]) -> None:
    assert information_value(np.array(counts)) is None


def test_a_column_of_two_numbers_has_two_bins() -> None:
    found = by_name(
        features(design([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 0, 1, 0, 1, 1, 1.0]))
    )
    assert found["x0"]["iv"] == pytest.approx(0.8 * log(3.5 / 1.5))


def test_missing_is_a_bin_of_its_own() -> None:
    found = by_name(
        features(
            design([0, 0, 0, 0, GAP, GAP, GAP, GAP], [GAP] * 8),
            np.array([0, 0, 0, 1, 0, 1, 1, 1.0]),
        )
    )
    assert found["x0"]["iv"] == pytest.approx(0.8 * log(3.5 / 1.5))
    assert (found["x0"]["fill"], found["x1"]["fill"]) == (0.5, 0)
    assert found["x1"]["iv"] == 0


def test_each_category_is_a_bin_and_has_no_trend() -> None:
    outcome = np.array([0, 0, 1, 0, 1, 1, 0, 1.0])
    found = by_name(features(design([0, 0, 0, 1, 1, 1, 2, 2], categories=("x0",)), outcome))
    assert found["x0"]["iv"] == pytest.approx(
        woe([2.5 / 5.5, 1.5 / 5.5, 1.5 / 5.5], [1.5 / 5.5, 2.5 / 5.5, 1.5 / 5.5])
    )
    assert found["x0"]["trend"] == ""


def test_a_column_of_many_numbers_has_ten_bins_of_equal_size() -> None:
    outcome = np.tile([0.0, 0.0, 1.0, 0.0], 100)
    edges = np.arange(400) // 40
    counts = np.stack([np.bincount(edges, outcome == y) for y in (0, 1)], axis=1)
    assert by_name(features(design(np.arange(400)), outcome))["x0"]["iv"] == pytest.approx(
        information_value(counts)
    )


def test_the_order_of_values_counts_and_not_their_size() -> None:
    column, outcome = (
        np.arange(200.0),
        (np.random.default_rng(1).random(200) < np.linspace(0, 1, 200)).astype(float),
    )
    found = by_name(features(design(column, np.exp(column / 20)), outcome))
    assert found["x0"]["iv"] == pytest.approx(found["x1"]["iv"], rel=1e-9)


def test_the_strongest_column_comes_first_and_keeps_its_words() -> None:
    told = (Feature("x0"), Feature("late", "Late payments", "count", "riskier"))
    outcome = np.repeat([0.0, 1.0], 50)
    found = features(design(np.tile([0.0, 1.0], 50), np.arange(100.0), told=told), outcome)
    assert found["name"].to_list() == ["late", "x0"]
    assert found.row(0)[1:4] == ("Late payments", "count", "riskier")
    assert found.row(1)[1:4] == ("x0", "", "unknown")


def test_people_of_unknown_outcome_are_not_read() -> None:
    column, outcome = [0, 0, 0, 0, 1, 1, 1, 1, 9, GAP], [0, 0, 0, 1, 0, 1, 1, 1, GAP, GAP]
    assert features(design(column), np.array(outcome)).equals(
        features(design(column[:8]), np.array(outcome[:8]))
    )


@pytest.mark.parametrize("outcome", [0.0, 1.0, GAP])
def test_where_one_outcome_or_none_is_known_there_is_no_information_value(outcome: float) -> None:
    found = features(design([0, 1, 2], [GAP, 1, 2]), np.full(3, outcome))
    assert found["iv"].to_list() == [None, None]


# the trend


def rates(*shares: float) -> tuple[np.ndarray, np.ndarray]:
    """A hundred people at 0, 1, 2, ..., of whom these shares default."""
    outcome = np.concatenate([np.arange(100) < 100 * share for share in shares]).astype(float)
    return np.repeat(np.arange(len(shares), dtype=float), 100), outcome


@pytest.mark.parametrize(
    ("shares", "trend"),
    [
        ((0.1, 0.3, 0.5), "riskier"),
        ((0.5, 0.3, 0.1), "safer"),
        ((0.1, 0.12, 0.11, 0.4), "riskier"),  # a bump within two standard errors
        ((0.4, 0.11, 0.12, 0.1), "safer"),
        ((0.1, 0.6, 0.1), "mixed"),
        ((0.1, 0.6, 0.3), "mixed"),
        ((0.6, 0.1, 0.3), "mixed"),
        ((0.2, 0.2), "mixed"),
        ((0.2,), "mixed"),
    ],
)
def test_the_trend_is_the_way_of_the_default_rate_but_for_small_bumps(
    shares: tuple[float, ...], trend: str
) -> None:
    column, outcome = rates(*shares)
    assert by_name(features(design(column), outcome))["x0"]["trend"] == trend


def test_those_without_a_value_have_no_say_in_the_trend() -> None:
    column, outcome = rates(0.1, 0.3, 0.5)
    missing, all_bad = np.full(100, GAP), np.ones(100)
    found = by_name(
        features(design(np.concatenate([missing, column])), np.concatenate([all_bad, outcome]))
    )
    assert found["x0"]["trend"] == "riskier"
