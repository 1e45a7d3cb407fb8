"""Whom do we accept?"""

import numpy as np
import pytest
from hypothesis import given

from analytics.deciding.decision import Rule, decide, decided
from analytics.deciding.scorecard import Scorecard
from analytics.deciding.strategy import (
    accepted,
    accepted_of_all,
    bad_rate,
    distribution,
    everyone_unscored,
    strategy,
    unscored,
)
from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.tally import tally
from tests.people import NOT, evidence, outcomes, populations, weighed, weightings, weights

# 600 - 100 * log-odds
CARD = Scorecard(
    anchor=600,
    odds=1,
    doubling=100 * np.log(2),
    low=300,
    high=900,
    bands=(600,),
    names=("Low", "High"),
)
PLAIN = Calibration(0.0, 1.0)
SAID = [-2.0] * 6 + [2.0] * 2 + [NOT] * 2 + [-2.0] + [2.0] * 3 + [NOT]  # 800 and 400 points
PEOPLE = evidence({"a": SAID}, [False] * 10 + [True] * 5)
ONE = weights(PEOPLE, a=1)


def decisions(persons, weighting, cutoff, calibration=PLAIN, card=CARD):
    """The tally of decisions."""
    return decided(
        decide(persons, weighting, Rule(cutoff, calibration, card)),
        np.repeat(persons.runs.outcome, persons.runs.sizes),
    )


def test_of_the_twelve_scored_seven_are_accepted_at_700_and_one_of_them_is_bad() -> None:
    found = decisions(PEOPLE, ONE, 700)
    share, bad = accepted(found), bad_rate(found)
    assert (share.value, bad.value) == pytest.approx((7 / 12, 1 / 7))
    assert accepted_of_all(found).value == pytest.approx(7 / 15)
    assert bad.rarer == 1
    assert bad.error(found) == pytest.approx(np.sqrt(1 / 7 * 6 / 7 / 7))
    assert share.error(found) == pytest.approx(np.sqrt(7 / 12 * 5 / 12 / 12))


def test_nobody_accepted_has_no_bad_rate() -> None:
    assert accepted(decisions(PEOPLE, ONE, 900)).value == 0
    assert np.isnan(bad_rate(decisions(PEOPLE, ONE, 900)).value)


def test_the_strategy_names_every_cutoff() -> None:
    found = strategy(PEOPLE, ONE, PLAIN, CARD, step=100)
    assert found.select("cutoff", "persons").rows() == [
        (300, 12),
        (400, 12),
        (500, 7),
        (600, 7),
        (700, 7),
        (800, 7),
        (900, 0),
    ]  # at the cutoff is accepted
    assert found["bad_rate"].to_list() == pytest.approx(
        [4 / 12, 4 / 12, 1 / 7, 1 / 7, 1 / 7, 1 / 7, None]
    )


@given(populations(), weightings())
def test_a_higher_cutoff_never_accepts_more_and_agrees_with_the_readings(
    persons, weighting
) -> None:
    calibration = calibrate(tally(persons, weighting))
    found = strategy(persons, weighting, calibration, step=50)
    assert (np.diff(found["persons"]) <= 0).all()
    if tally(persons, weighting).counts.sum():
        assert found["accepted"].to_list() == [
            accepted(decisions(persons, weighting, c, calibration, Scorecard())).value
            for c in found["cutoff"]
        ]


@given(populations(), weightings())
def test_each_decision_is_that_of_the_persons_own_points(persons, weighting) -> None:
    known, bad = outcomes(persons)
    at = CARD.points(weighed(persons, weighting))
    everywhere = np.unique(at[~np.isnan(at)])
    for cutoff in (
        *(everywhere - 1e-6),
        *(everywhere + 1e-6),
    ):  # just below and just above somebody: always within a bin that holds people
        found = decisions(persons, weighting, cutoff)
        wanted = [
            [(known & (bad == y) & which).sum() for y in (False, True)]
            for which in (at >= cutoff, at < cutoff, np.isnan(at))
        ]
        assert found.cells.tolist() == wanted


@pytest.mark.parametrize(
    "calibration", [PLAIN, Calibration(0.3, -1.7), Calibration(-1.0, 0.0), Calibration(0.0, 40.0)]
)
@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_a_crowd_in_one_bin_is_told_apart_by_the_cutoff(
    calibration: Calibration, missing: str
) -> None:
    chance = np.random.default_rng(8)
    # a bin of the grid is 400 times as wide as the crowd
    near, far = (0.3 + chance.normal(0, 1e-5, 400), np.array([-9.0, 9.0]))
    persons = evidence(
        {"a": [*near, *far], "b": [*chance.normal(0, 1e-5, 400), NOT, NOT]},
        chance.random(402) < 0.3,
    )
    weighting = weights(persons, a=3, b=1, missing=missing)
    at = CARD.points(calibration.log_odds(weighed(persons, weighting)))
    bad = persons.people["defaulted"].to_numpy()
    for cutoff in np.quantile(at, [0.1, 0.5, 0.77]) + 1e-9:
        found = decisions(persons, weighting, cutoff, calibration).counts
        assert found.tolist() == [
            [(which & (bad == y)).sum() for y in (False, True)]
            for which in (at >= cutoff, at < cutoff)
        ]


@given(populations(), weightings())
def test_shares_and_the_unscored_add_up_to_1(persons, weighting) -> None:
    counted = tally(persons, weighting)
    found, missing = distribution(persons, weighting, calibrate(counted)), unscored(counted)
    for column, share, people in zip(
        ("payers", "defaulters"), missing, counted.cells.sum(axis=0), strict=True
    ):
        assert found[column].sum() + share == pytest.approx(1 if people else 0)
    assert found["persons"].sum() == counted.counts.sum()
    assert found["share"].sum() + everyone_unscored(counted) == pytest.approx(
        1 if counted.cells.sum() else 0
    )


@given(populations(), weightings())
def test_the_bars_above_a_cutoff_hold_the_accepted(persons, weighting) -> None:
    bars, found = distribution(persons, weighting, PLAIN), strategy(persons, weighting, PLAIN)
    above = bars["persons"].reverse().cum_sum().reverse()
    assert above.to_list() == found["persons"].to_list()[:-1]


def test_people_lie_in_the_step_of_their_points() -> None:
    found = distribution(PEOPLE, ONE, PLAIN, CARD, step=150)
    assert found.rows() == [
        (300, 450, 0.2, 0.6, 5 / 15, 5),
        (450, 600, 0, 0, 0, 0),
        (600, 750, 0, 0, 0, 0),
        (750, 900, 0.6, 0.2, 7 / 15, 7),
    ]
    assert unscored(tally(PEOPLE, ONE)) == (0.2, 0.2)


def test_the_last_step_holds_the_end_of_the_scale() -> None:
    persons = evidence({"a": [-40.0] * 5 + [40.0] * 5}, [False] * 5 + [True] * 5)
    found = distribution(persons, weights(persons, a=1), PLAIN, CARD, step=300)
    assert found["payers"].to_list() == [0, 1]
    assert found["defaulters"].to_list() == [1, 0]


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(350, 950, 10), (300, 900, 10), (300, 850, 10), (0, 1000, 20), (0, 100, 2), (0, 1, 0.02)],
)
def test_a_scale_is_counted_in_some_sixty_round_steps(low: float, high: float, step: float) -> None:
    card = Scorecard(
        anchor=(low + high) / 2,
        doubling=(high - low) / 12,
        low=low,
        high=high,
        bands=(),
        names=("",),
    )
    assert card.step == pytest.approx(step)
    assert card.steps()[[0, -1]].tolist() == pytest.approx([low, high])
