"""Is A really better than B?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.weighing.pair import Difference, pair, stands
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import BINS, Tally, grid, placed, tally
from tests.people import NOT, evidence, outcomes, populations, trio, weightings, weights
from tests.weighing.test_readings import crowd


def test_ann_and_bob_are_placed_under_both_weightings() -> None:
    both = pair(trio(), weights(trio(), bureau=1), weights(trio(), bank=1))
    scored = dict(
        zip(trio().people["name"], zip(both.a < BINS, both.b < BINS, strict=True), strict=True)
    )
    assert scored == {"Ann": (True, True), "Bob": (False, True), "Cleo": (False, False)}
    assert (both.common.a < BINS).sum() == (both.common.b < BINS).sum() == 1


@given(populations(both=True), weightings())
def test_a_weighting_differs_from_itself_by_exactly_0(persons, weighting) -> None:
    counted, both = tally(persons, weighting), pair(persons, weighting, weighting)
    for reading in (coverage(counted), auc(counted, everyone=True)):
        assert both.difference(reading, reading) == Difference(0.0, 0.0, 0.0)


@given(populations(), weightings(), weightings())
def test_a_pair_counts_the_people_of_both_tallies(persons, one, two) -> None:
    both, (known, _) = pair(persons, one, two), outcomes(persons)
    assert len(both.outcome) == known.sum()
    for places, weighting in ((both.a, one), (both.b, two)):
        cells = np.stack(
            [np.bincount(places[both.outcome == y], minlength=BINS + 1) for y in (0, 1)], axis=1
        )
        assert (cells == tally(persons, weighting).cells).all()


@given(populations(), weightings(), weightings(), weightings())
def test_a_pair_beside_another_is_the_pair_itself(persons, one, two, b) -> None:
    found, alone = pair(persons, two, b, beside=pair(persons, one, b)), pair(persons, two, b)
    for mine, expected in zip(
        (found.outcome, found.a, found.b), (alone.outcome, alone.a, alone.b), strict=True
    ):
        np.testing.assert_array_equal(mine, expected)


def test_a_difference_is_certain_if_its_interval_leaves_0_out() -> None:
    assert Difference(0.02, 0.01, 0.03).certain
    assert Difference(-0.02, -0.03, -0.01).certain
    assert not Difference(0.02, -0.01, 0.05).certain


def test_the_paired_difference_of_coverage_is_that_of_the_people_who_differ() -> None:
    persons = evidence(
        {"a": [0.0] * 60 + [np.nan] * 40, "b": [0.0] * 50 + [np.nan] * 50}, [False] * 100
    )
    one, two = weights(persons, a=1), weights(persons, b=1)
    found = pair(persons, one, two).difference(
        coverage(tally(persons, one)), coverage(tally(persons, two))
    )
    half = 1.959964 * np.sqrt(0.1 * 0.9 / 100)  # ten of a hundred differ, McNemar's way
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.1, 0.1 - half, 0.1 + half), abs=1e-6
    )


@pytest.mark.parametrize("everyone", [False, True])
def test_the_paired_interval_is_the_one_a_bootstrap_finds(everyone: bool) -> None:
    persons = crowd(1500, seed=12)
    one, two = weights(persons, a=1, b=2, c=3), weights(persons, a=3, b=2, c=1)
    both, counted = pair(persons, one, two), [tally(persons, w) for w in (one, two)]
    found = both.difference(*(auc(c, everyone=everyone) for c in counted))

    def drawn(rows: np.ndarray, places: np.ndarray, like: Tally) -> float:
        cells = np.bincount(places[rows] * 2 + both.outcome[rows], minlength=2 * BINS + 2).reshape(
            -1, 2
        )
        return auc(Tally(cells[:-1], cells[-1], like.low, like.width), everyone=everyone).value

    chance = np.random.default_rng(13)
    samples = [chance.integers(0, 1500, 1500) for _ in range(400)]
    differences = [
        drawn(rows, both.a, counted[0]) - drawn(rows, both.b, counted[1]) for rows in samples
    ]
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(np.std(differences), rel=0.12)
    apart = np.hypot(*(auc(c, everyone=everyone).error(c) for c in counted))
    assert (found.high - found.low) / 2 / 1.96 < 0.9 * apart


# before and after


def test_ann_bob_and_cleo_stand_elsewhere_after_the_bank_forgets_bob() -> None:
    before = trio()
    after = before.put("bank", np.where(before.people["name"] == "Ann", -1.0, NOT))
    at = stands(before, after)
    assert before.people["name"][at].to_list() == after.people["name"].to_list()
    both = pair(after, weights(after, bank=1), weights(after, bank=1), before=before)
    scored = dict(
        zip(after.people["name"], zip(both.a < BINS, both.b < BINS, strict=True), strict=True)
    )
    assert scored == {"Ann": (True, True), "Bob": (False, True), "Cleo": (False, False)}


def test_nobody_stands_nowhere() -> None:
    nobody = trio().where(np.zeros(3, bool))
    assert stands(nobody, nobody).tolist() == []


@given(populations(), weightings(), weightings(), st.randoms(use_true_random=False))
def test_every_person_is_placed_beside_themselves_before(persons, one, two, random) -> None:
    values = np.array([random.choice([NOT, -1.0, 0.5]) for _ in range(len(persons))])
    after = persons.put("a", values)
    both, (known, defaulted) = pair(after, one, two, before=persons), outcomes(after)
    assert both.outcome.tolist() == defaulted[known].tolist()
    now, then = (pair(p, w, w) for p, w in ((after, one), (persons, two)))
    rows, rows_before = (p.people["row"].to_numpy()[outcomes(p)[0]] for p in (after, persons))
    assert both.a.tolist() == now.a.tolist()
    assert dict(zip(rows, both.b, strict=True)) == dict(zip(rows_before, then.b, strict=True))


@given(populations(), weightings(), weightings())
def test_people_already_placed_are_counted_as_by_a_pass_over_them(persons, one, two) -> None:
    both = pair(persons, one, two)
    sides = placed(both.a, both.b, both.outcome, (grid(persons, one), grid(persons, two)))
    for (alone, common), weighting in zip(sides, (one, two), strict=True):
        for found, wanted in (
            (alone, tally(persons, weighting)),
            (common, tally(persons, weighting, [one, two])),
        ):
            assert (found.counts == wanted.counts).all()
            assert found.unscored.tolist() == wanted.unscored.tolist()
            assert (found.low, found.width) == (wanted.low, wanted.width)
