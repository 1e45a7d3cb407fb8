"""How do log-odds become points?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD, Scorecard

CARD = Scorecard(anchor=600, odds=20, doubling=50)


@pytest.mark.parametrize(
    ("payers_to_defaulters", "points"),
    [(20, 600), (40, 650), (10, 550), (80, 700), (1, 600 - 50 * np.log2(20))],
)
def test_the_anchor_is_reached_at_its_odds_and_twice_the_odds_are_the_doubling_more(
    payers_to_defaulters: float, points: float
) -> None:
    assert CARD.points(np.array([-np.log(payers_to_defaulters)]))[0] == pytest.approx(points)


def test_points_are_held_within_the_scale() -> None:
    assert STANDARD.points(np.array([-50.0, 50.0])).tolist() == [950, 350]


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_more_risk_never_gives_more_points(one: float, two: float) -> None:
    low, high = sorted([one, two])
    assert STANDARD.points(np.array(high)) <= STANDARD.points(np.array(low))


def test_the_factor_is_points_per_log_odds() -> None:
    assert CARD.factor * np.log(2) == pytest.approx(50)


def test_each_band_has_a_name_and_a_lower_end() -> None:
    assert STANDARD.edges == [
        ("High risk", 350),
        ("Medium", 550),
        ("Fair", 600),
        ("Good", 650),
        ("Very good", 700),
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"odds": 0}, "odds and points to double the odds must be above 0, got 0 and 50"),
        ({"doubling": -1}, "odds and points to double the odds must be above 0, got 15 and -1"),
        ({"low": 950}, "a scale must rise: low 950 is not below high 950"),
        ({"bands": (600, 550)}, "bands must rise and lie between 350 and 950"),
        ({"bands": (300, 550)}, "bands must rise and lie between 350 and 950"),
        ({"names": ("Low", "High")}, "4 bands make 5 classes, but there are 2 names"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused_with_a_sentence(wrong: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Scorecard(**wrong)
    assert str(refusal.value) == sentence
