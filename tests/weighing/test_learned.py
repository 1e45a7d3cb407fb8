"""Which weights would the data themselves give?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.weighing.learned import directions, learned, weighting_of
from tests.people import NOT, evidence, populations
from tests.weighing.normal import alike, best_of_all, gaps, heard, normal, worth_of
from tests.weighing.test_readings import crowd

HALF = np.arange(4000) < 2000  # who defaulted


def scaled(*factors: float):
    """The same people, their sources louder or quieter."""
    persons = crowd(1000)
    return evidence(
        dict(zip("abc", (persons.added * factors).T, strict=True)),
        persons.people["defaulted"].to_list(),
    )


@pytest.mark.parametrize(
    "within",
    [alike(3, 0.0), alike(3, 0.25), np.array([[1, 0.4, 0.1], [0.4, 1, 0.2], [0.1, 0.2, 1]])],
)
def test_learned_weights_of_normal_readings_are_those_of_the_formula(within: np.ndarray) -> None:
    gap = gaps(0.62, 0.74, 0.68)
    found = learned(normal(gap, within, 60_000)).vector
    assert found == pytest.approx(best_of_all(gap, within), abs=0.03)
    assert worth_of(found, gap, within) == pytest.approx(
        worth_of(np.linalg.solve(within, gap), gap, within), abs=0.002
    )


@pytest.mark.parametrize("factor", [0.01, 0.5, 20])
def test_how_loud_all_sources_are_does_not_matter(factor: float) -> None:
    assert learned(scaled(factor, factor, factor)).vector == pytest.approx(
        learned(scaled(1, 1, 1)).vector, abs=1e-3
    )


def test_a_source_twice_as_loud_has_half_the_weight_against_the_others() -> None:
    before, after = learned(scaled(1, 1, 1)).vector, learned(scaled(2, 1, 1)).vector
    assert after[0] / after[1] == pytest.approx(before[0] / before[1] / 2, rel=1e-2)
    assert after[2] / after[1] == pytest.approx(before[2] / before[1], rel=1e-2)


def test_a_source_that_only_misleads_has_no_weight_and_the_others_are_fitted_without_it() -> None:
    reads = heard(HALF, np.array([0.8, 0.6, -0.5]), alike(3, 0.0)).T
    found = learned(evidence(dict(zip("abc", reads, strict=True)), HALF.tolist())).vector
    alone = learned(evidence(dict(zip("ab", reads[:2], strict=True)), HALF.tolist())).vector
    assert found == pytest.approx([*alone, 0], abs=1e-6)


def test_where_every_source_misleads_the_least_bad_has_all_the_weight() -> None:
    reads = heard(HALF, np.array([-0.3, -0.9]), alike(2, 0.0)).T
    assert learned(
        evidence(dict(zip("ab", reads, strict=True)), HALF.tolist())
    ).vector.tolist() == [1, 0]


@pytest.mark.parametrize("loudness", [1, 10])
def test_a_source_that_knows_nobody_is_not_paid_for(loudness: float) -> None:
    (reads,) = heard(HALF, np.array([1.0]), alike(1, 0.0)).T * loudness
    found = learned(evidence({"a": reads, "b": np.full(len(reads), NOT)}, HALF.tolist()))
    assert found.vector.tolist() == [1, 0]


@settings(max_examples=25)
@given(populations(both=True), st.sampled_from(["neutral", "renormalise"]))
def test_learned_weights_are_never_negative_and_add_up(persons, missing: str) -> None:
    found = learned(persons, 0.7, missing)
    assert (found.vector >= 0).all()
    assert found.vector.sum() == pytest.approx(1)
    assert (found.floor, found.missing) == (0.7, missing)


def test_people_of_unknown_outcome_teach_nothing() -> None:
    persons = crowd(500)
    defaulted = persons.people["defaulted"].to_list()
    columns = dict(zip("abc", persons.added.T, strict=True))
    more = {key: [*column, 50.0, -50.0] for key, column in columns.items()}
    assert learned(evidence(more, [*defaulted, None, None])).vector == pytest.approx(
        learned(evidence(columns, defaulted)).vector, abs=1e-4
    )


@pytest.mark.parametrize("outcome", [True, False, None])
def test_one_outcome_teaches_no_weights(outcome: bool | None) -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^weights cannot be learned: these persons do not have both outcomes; choose a wider"
            r" cohort$"
        ),
    ):
        learned(evidence({"a": [0.0, 1.0]}, [outcome, outcome]))


# the best linear weights of every set of sources


def test_directions_of_normal_readings_are_those_of_the_formula_within_each_set() -> None:
    gap, within = gaps(0.6, 0.75, 0.7), np.array([[1, 0.3, 0], [0.3, 1, 0.5], [0, 0.5, 1]])
    sets = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 1]], bool)
    for members, found in zip(sets, directions(normal(gap, within, 60_000), sets), strict=True):
        chosen = np.ix_(members, members)
        wanted = np.linalg.solve(within[chosen], gap[members])
        assert found[members] == pytest.approx(wanted / wanted.sum(), abs=0.03)
        assert not found[~members].any()


def test_a_direction_is_never_negative_and_falls_back_on_equal_shares() -> None:
    reads = heard(HALF, np.array([0.8, -0.5]), alike(2, 0.0)).T
    persons = evidence(dict(zip("ab", reads, strict=True)), HALF.tolist())
    assert directions(persons, np.array([[True, True], [False, True]])).tolist() == [[1, 0], [0, 1]]


def test_shares_below_a_thousandth_are_nothing() -> None:
    persons = evidence({"a": [0.0], "b": [0.0], "c": [0.0]}, [True])
    assert weighting_of(persons, np.array([3.0, 0.002, 1.0]), 0.5, "neutral").vector.tolist() == [
        0.75,
        0,
        0.25,
    ]
    assert weighting_of(persons, np.array([3.0, 1.0, 0.005]), 0.5, "neutral").vector[2] > 0
