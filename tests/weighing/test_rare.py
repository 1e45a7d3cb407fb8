"""Are intervals honest where one outcome is rare?

Drawn again and again from people whose truth is known.
"""

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from analytics.deciding.champion import ks, rank, widest
from analytics.deciding.comparison import compare, pair_up
from analytics.weighing.formulas import auc_interval
from analytics.weighing.pair import Difference, shifted
from analytics.weighing.readings import Calibration
from tests.people import NOT, evidence, weights

DRAWS = 400


def drawn(
    chance: np.random.Generator, paid: int, bad: int, apart: float
) -> tuple[np.ndarray, np.ndarray]:
    """Readings of payers and defaulters a distance apart, and who defaulted."""
    defaulted = np.arange(paid + bad) < bad
    return chance.normal(size=paid + bad) + apart * defaulted, defaulted


@pytest.mark.parametrize("bad", [5, 10, 19, 60])
@pytest.mark.parametrize("truth", [0.5, 0.7, 0.95, 0.985])
def test_an_auc_of_few_defaulters_holds_the_truth_as_often_as_it_says(
    bad: int, truth: float
) -> None:
    chance, apart = np.random.default_rng(bad), np.sqrt(2) * norm.ppf(truth)
    held = 0
    for _ in range(DRAWS):
        ranked = rank(*drawn(chance, 1000, bad, apart))
        low, high = auc_interval(ranked.auc, ranked.error, 1000.0, float(bad))
        held += low <= truth <= high
    assert held / DRAWS > 0.92  # three standard errors below 95%


@pytest.mark.parametrize("bad", [40, 200])
@pytest.mark.parametrize("truth", [0.5, 0.7, 0.95])
def test_a_ks_read_where_others_lie_furthest_apart_holds_the_truth(bad: int, truth: float) -> None:
    chance, apart = np.random.default_rng(bad), np.sqrt(2) * norm.ppf(truth)
    found = []
    for _ in range(DRAWS):
        place = widest(*drawn(chance, 600, bad, apart))
        found.append(ks(*drawn(chance, 600, bad, apart), place))
    value, low, high = np.array(found).T
    largest = 2 * norm.cdf(apart / 2) - 1  # of two normal distributions, half-way between them
    assert 0.915 < ((low <= largest) & (largest <= high)).mean() < 0.985
    assert value.mean() == pytest.approx(
        largest, abs=0.02
    )  # its own largest distance would be 0.03 to 0.10 too high


def test_a_ks_of_fewer_than_forty_defaulters_has_no_interval() -> None:
    said, defaulted = drawn(np.random.default_rng(1), 600, 39, 1.0)
    value, low, high = ks(said, defaulted, 0.5)
    assert value > 0
    assert np.isnan([low, high]).all()


def test_a_difference_of_rare_bad_rates_does_not_shrink_to_nothing() -> None:
    chance, rate, held, told = np.random.default_rng(3), 0.02, 0, 0
    for _ in range(DRAWS):
        persons, two = _accepted_by_one_or_both(chance, rate)
        found = compare(pair_up(persons, *two), (Calibration(0.0, 1.0),) * 2, 550)[
            "bad_rate"
        ].difference
        told += np.isfinite(found.low)
        held += found.low <= 0 <= found.high  # everybody defaults alike, so the rates do not differ
    assert told > 0.9 * DRAWS
    assert held / told > 0.92


def _accepted_by_one_or_both(chance: np.random.Generator, rate: float):
    """2,000 people of one default rate.

    A and B accept most of them alike, and some thirty each that the other declines.
    """
    one, two = (np.where(chance.random(2000) < 0.015, 9.0, -4.0) for _ in range(2))
    persons = evidence({"a": one, "b": two}, (chance.random(2000) < rate).tolist())
    return persons, (weights(persons, a=1), weights(persons, b=1))


def test_fewer_than_twenty_defaulters_tell_no_difference() -> None:
    chance = np.random.default_rng(5)
    defaulted = np.arange(500) < 19
    persons = evidence(
        {key: np.where(chance.random(500) < 0.9, chance.normal(defaulted), NOT) for key in "ab"},
        defaulted.tolist(),
    )
    figures = compare(
        pair_up(persons, weights(persons, a=1), weights(persons, b=1)),
        (Calibration(0.0, 1.0),) * 2,
        600,
    )
    assert np.isfinite(figures["coverage"].difference.low)  # outcomes do not matter there
    for name in ("auc_everyone", "auc_scored", "ks", "brier", "bad_rate"):
        assert np.isnan(figures[name].difference.low), name
        assert figures[name].better is None
    same = compare(
        pair_up(persons, weights(persons, a=1), weights(persons, a=1)),
        (Calibration(0.0, 1.0),) * 2,
        600,
    )
    assert same["auc_everyone"].difference == Difference(0.0, 0.0, 0.0)


@pytest.mark.parametrize(("came", "went"), [(0.004, 0.004), (0.03, 0.01), (0.3, 0.1)])
def test_a_change_of_a_share_does_not_shrink_to_nothing_where_hardly_anyone_moved(
    came: float, went: float
) -> None:
    chance = np.random.default_rng(11)
    draw = chance.random((DRAWS, 60))
    moved = pl.DataFrame(
        {
            "draw": np.repeat(np.arange(DRAWS), 60),
            "moved": (draw < came).ravel().astype(int) - (draw > 1 - went).ravel(),
        }
    )
    value, low, high = shifted("moved")
    found = moved.group_by("draw").agg(value=value, low=low, high=high)
    held = found.select(
        ((pl.col("low") <= came - went) & (came - went <= pl.col("high"))).mean()
    ).item()
    assert held > 0.92
    assert found.select((pl.col("low") < pl.col("high")).all()).item()
