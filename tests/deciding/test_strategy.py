"""Whom do we accept?"""

import numpy as np
import pytest
from hypothesis import given

from analytics.deciding.scorecard import Scorecard
from analytics.deciding.strategy import accepted, bad_rate, distribution, everyone_unscored, points, strategy, unscored
from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.tally import tally
from tests.people import count, populations, weightings

CARD = Scorecard(anchor=600, odds=1, doubling=100 * np.log(2), low=300, high=900, bands=(600,), names=("Low", "High"))  # 600 - 100 * log-odds
PLAIN = Calibration(0.0, 1.0)
LOW, HIGH = 1024, 3072  # bins around evidence -2 and 2: 800 and 400 points
PEOPLE = count({LOW: 6, HIGH: 2}, {LOW: 1, HIGH: 3}, (2, 1))


def test_points_fall_as_evidence_rises() -> None:
    at = points(PEOPLE, PLAIN, CARD)
    assert (at[LOW], at[HIGH]) == pytest.approx((800, 400), abs=0.2)


def test_of_the_twelve_scored_seven_are_accepted_at_700_and_one_of_them_is_bad() -> None:
    share, bad = accepted(PEOPLE, PLAIN, 700, CARD), bad_rate(PEOPLE, PLAIN, 700, CARD)
    assert (share.value, bad.value) == pytest.approx((7 / 12, 1 / 7))
    assert bad.persons == 7
    assert bad.error(PEOPLE) == pytest.approx(np.sqrt(1 / 7 * 6 / 7 / 7))


def test_nobody_accepted_has_no_bad_rate() -> None:
    assert accepted(PEOPLE, PLAIN, 900, CARD).value == 0
    assert np.isnan(bad_rate(PEOPLE, PLAIN, 900, CARD).value)


def test_the_strategy_names_every_cutoff() -> None:
    found = strategy(PEOPLE, PLAIN, CARD, step=100)
    assert found.select("cutoff", "persons").rows() == [(300, 12), (400, 7), (500, 7), (600, 7), (700, 7), (800, 0), (900, 0)]
    assert found["bad_rate"].to_list() == pytest.approx([4 / 12, 1 / 7, 1 / 7, 1 / 7, 1 / 7, None, None])


@given(populations(), weightings())
def test_a_higher_cutoff_never_accepts_more_and_agrees_with_the_readings(persons, weighting) -> None:
    counted = tally(persons, weighting)
    calibration = calibrate(counted)
    found = strategy(counted, calibration, step=50)
    assert (np.diff(found["persons"]) <= 0).all()
    if counted.counts.sum():
        assert found["accepted"].to_list() == pytest.approx([accepted(counted, calibration, c).value for c in found["cutoff"]])


@given(populations(), weightings())
def test_shares_and_the_unscored_add_up_to_1(persons, weighting) -> None:
    counted = tally(persons, weighting)
    found, missing = distribution(counted, calibrate(counted)), unscored(counted)
    for column, share, people in zip(("payers", "defaulters"), missing, counted.cells.sum(axis=0), strict=True):
        assert found[column].sum() + share == pytest.approx(1 if people else 0)
    assert found["persons"].sum() == counted.counts.sum()
    assert found["share"].sum() + everyone_unscored(counted) == pytest.approx(1 if counted.cells.sum() else 0)


def test_people_lie_in_the_step_of_their_points() -> None:
    found = distribution(PEOPLE, PLAIN, CARD, step=150)
    assert found.rows() == [
        (300, 450, 0.2, 0.6, 5 / 15, 5),
        (450, 600, 0, 0, 0, 0),
        (600, 750, 0, 0, 0, 0),
        (750, 900, 0.6, 0.2, 7 / 15, 7),
    ]
    assert unscored(PEOPLE) == (0.2, 0.2)


def test_the_last_step_holds_the_end_of_the_scale() -> None:
    found = distribution(count({0: 5}, {4095: 5}, low=-40, high=40), PLAIN, CARD, step=300)
    assert found["payers"].to_list() == [0, 1]
    assert found["defaulters"].to_list() == [1, 0]
