"""Does it hold over time?"""

from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.stats import chi2

from analytics.data.refusal import Refusal
from analytics.deciding.stability import by_month, critical, psi
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import tally
from tests.people import count, evidence, populations, weightings, weights


def test_psi_of_two_bands_by_hand() -> None:
    expected, actual = count({0: 50, 1: 50}, {}), count({0: 20, 1: 80}, {})
    e, a = np.array([50.5, 50.5]) / 101, np.array([20.5, 80.5]) / 101
    assert psi(expected, actual, bands=2) == pytest.approx(((a - e) * np.log(a / e)).sum())


@given(populations(), weightings())
def test_psi_of_a_tally_with_itself_is_0(persons, weighting) -> None:
    counted = tally(persons, weighting)
    assume(counted.counts.sum())
    assert psi(counted, counted) == 0


@given(populations(), weightings())
def test_psi_is_never_negative(persons, weighting) -> None:
    one, two = (tally(persons.split(s), weighting) for s in ("train", "test"))
    assume(one.counts.sum() and two.counts.sum())
    assert psi(one, two) >= 0


def test_psi_of_nobody_is_not_a_number() -> None:
    assert np.isnan(psi(count({0: 5}, {}), count({}, {}, (5, 5))))


def test_psi_of_different_grids_is_refused() -> None:
    with pytest.raises(Refusal, match="these tallies lie on different grids"):
        psi(count({0: 5}, {}), count({0: 5}, {}, low=-2))


def months():
    when = (
        [date(2025, 1, 1)] * 40
        + [date(2025, 2, 1)] * 40
        + [date(2025, 3, 1)] * 20
        + [date(2025, 4, 1)] * 40
    )
    outcome = [i % 4 == 0 for i in range(140)]
    outcome[100:] = [i == 0 for i in range(40)]  # April has one defaulter
    return evidence({"bank": np.linspace(-1, 1, 140)}, outcome, month=when)


def test_each_month_is_read_by_itself_and_small_months_are_null() -> None:
    persons = months()
    weighting = weights(persons, bank=1)
    found = by_month(persons, weighting, tally(persons, weighting))
    assert found["month"].to_list() == [date(2025, m, 1) for m in (1, 2, 3, 4)]
    assert found["persons"].to_list() == [40, 40, None, None]
    january = tally(persons.group("month")[date(2025, 1, 1)], weighting)
    assert found["auc_everyone"][0] == auc(january, everyone=True).value
    assert found["coverage"][0] == coverage(january).value
    assert found["psi"][0] == psi(tally(persons, weighting), january)
    for column in ("coverage", "coverage_low", "auc_everyone", "auc_everyone_high", "psi"):
        assert found[column].is_null().to_list() == [
            False,
            False,
            True,
            True,
        ]  # March has 20 persons


def test_a_month_of_unknown_outcomes_is_null() -> None:
    persons = evidence(
        {"bank": [0.0] * 80},
        [True, False] * 20 + [None] * 40,
        month=[date(2025, 1, 1)] * 40 + [date(2025, 2, 1)] * 40,
    )
    weighting = weights(persons, bank=1)
    assert by_month(persons, weighting, tally(persons, weighting))["coverage"].to_list() == [
        1.0,
        None,
    ]


def test_chance_alone_exceeds_the_dotted_line_in_one_month_of_twenty() -> None:
    chance, seen = np.random.default_rng(5), []
    for _ in range(2000):
        one, two = chance.multinomial(4000, [0.1] * 10), chance.multinomial(500, [0.1] * 10)
        e, a = one / 4000, two / 500
        seen.append(((a - e) * np.log(a / e)).sum() > critical(4000, 500))
    assert 0.04 < np.mean(seen) < 0.065
    assert critical(10_000, 10_000) == pytest.approx(2 * chi2.ppf(0.95, 9) / 10_000)


def test_each_month_says_what_chance_alone_would_give_at_its_size() -> None:
    persons = months()
    weighting = weights(persons, bank=1)
    found = by_month(persons, weighting, tally(persons, weighting))
    assert found["psi_chance"].to_list() == [
        pytest.approx((1 / 140 + 1 / 40) * chi2.ppf(0.95, 9))
    ] * 2 + [None, None]
