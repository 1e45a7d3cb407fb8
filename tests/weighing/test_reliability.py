"""Do as many people default as is predicted?"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.reliability import reliability
from analytics.weighing.tally import tally
from tests.people import count, evidence, populations, weightings, weights
from tests.weighing.test_readings import crowd

PLAIN = Calibration(0.0, 1.0)


def test_two_groups_by_hand() -> None:
    counted = count({1000: 30, 3000: 10}, {1000: 10, 3000: 30})
    found = reliability(counted, PLAIN, bands=2)
    assert found["persons"].to_list() == [40, 40]
    assert found["seen"].to_list() == [0.25, 0.75]
    assert found["predicted"].to_list() == pytest.approx(
        (1 / (1 + np.exp(-counted.middles[[1000, 3000]]))).tolist()
    )
    for seen, low, high in found.select("seen", "low", "high").iter_rows():
        wilson = binomtest(round(seen * 40), 40).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=1e-4)


def test_ten_equal_groups_of_rising_risk() -> None:
    persons = crowd(4000)
    counted = tally(persons, weights(persons, a=1, b=1, c=1))
    found = reliability(counted, calibrate(counted))
    assert len(found) == 10
    assert found["persons"].sum() == counted.counts.sum()
    assert found["persons"].min() > 0.09 * counted.counts.sum()
    assert found["predicted"].is_sorted()


def test_people_in_one_bin_stay_together() -> None:
    assert reliability(count({7: 40}, {7: 10}), PLAIN)["persons"].to_list() == [50]


@pytest.mark.usefixtures("every_cell")
def test_a_group_in_which_nobody_defaulted_still_has_an_interval() -> None:
    found = reliability(count({0: 50}, {4000: 50}), PLAIN, bands=2)
    assert found["seen"].to_list() == [0, 1]
    assert found["low"][0] == 0 < found["high"][0] < 0.1
    assert 0.9 < found["low"][1] < found["high"][1] == 1


@pytest.mark.parametrize(("paid", "defaulted"), [(20, 9), (30, 4), (4, 30), (0, 0)])
def test_too_few_people_make_no_groups(paid: int, defaulted: int) -> None:
    found = reliability(count({5: paid}, {9: defaulted}), PLAIN)
    assert found.is_empty()
    assert found.columns == ["predicted", "seen", "low", "high", "persons"]


def test_a_calibration_turned_round_is_read_from_its_lowest_prediction() -> None:
    found = reliability(
        count({1000: 30, 3000: 10}, {1000: 10, 3000: 30}), Calibration(0.0, -1.0), bands=2
    )
    assert found["seen"].to_list() == [0.75, 0.25]


@given(populations(both=True, most=80), weightings(), st.integers(1, 12))
def test_groups_add_up_to_everyone_who_is_scored(persons, weighting, bands: int) -> None:
    counted = tally(persons, weighting)
    fitted = calibrate(counted)
    found = reliability(counted, fitted, bands=bands)
    assume(len(found))
    sizes = found["persons"].to_numpy()
    assert sizes.sum() == counted.counts.sum()
    assert (found["seen"] * sizes).sum() == pytest.approx(counted.counts[:, 1].sum())
    assert (found["predicted"] * sizes).sum() == pytest.approx(
        (counted.counts.sum(axis=1) * fitted.probability(counted.middles)).sum()
    )
    assert ((found["low"] <= found["seen"]) & (found["seen"] <= found["high"])).all()


def test_a_source_that_shouts_is_calibrated_by_the_calibration_persons() -> None:
    chance = np.random.default_rng(8)
    evidence_of = chance.normal(size=20_000)
    defaulted = chance.random(20_000) < 1 / (1 + np.exp(-(evidence_of - 1)))
    persons = evidence({"a": 3 * evidence_of}, defaulted.tolist(), ["calibrate", "test"] * 10_000)
    read, fitted = (
        tally(persons.split(name), weights(persons, a=1)) for name in ("test", "calibrate")
    )
    found = reliability(read, calibrate(fitted))
    assert (
        (found["low"] <= found["predicted"]) & (found["predicted"] <= found["high"])
    ).sum() >= 8  # of ten, at 95% each
    shouted = reliability(read, Calibration(-1.0, 1.0))
    assert (
        (shouted["low"] <= shouted["predicted"]) & (shouted["predicted"] <= shouted["high"])
    ).sum() < 4
