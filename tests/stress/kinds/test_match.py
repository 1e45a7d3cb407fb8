"""What happens when records are joined to the wrong person?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.stress.kinds.fakery import law
from analytics.stress.kinds.match import Match
from analytics.stress.kinds.outage import Outage
from analytics.weighing.readings import auc
from analytics.weighing.tally import tally
from analytics.weighing.weighting import alone
from tests.people import NOT, evidence, populations
from tests.stress.sides import CONTEXT, hit, same, says
from tests.weighing.normal import alike, gaps, normal

shares = st.floats(0, 1)


def fifty() -> np.ndarray:
    """As many readings, no two of them alike."""
    return np.arange(50.0)


@given(populations())
def test_where_all_records_are_right_nothing_changes(persons) -> None:
    assert same(persons, Match("a").apply(persons, CONTEXT))


@given(populations(), shares)
def test_every_reading_is_one_that_somebody_had_and_nobody_is_known_who_was_not(
    persons, share
) -> None:
    after = Match("a", share).apply(persons, CONTEXT)
    then, now = says(persons, "a"), says(after, "a")
    assert (np.isnan(then) == np.isnan(now)).all()
    assert set(now[~np.isnan(now)]) <= set(then[~np.isnan(then)])
    assert not hit(persons, after, "b")


@given(shares)
def test_as_many_are_hit_as_the_share_says_and_none_gets_the_own_record(share) -> None:
    persons = evidence({"a": fifty()}, [i % 5 == 0 for i in range(50)])
    assert len(hit(persons, Match("a", share).apply(persons, CONTEXT), "a")) == round(share * 50)


@given(shares, shares)
def test_who_is_hit_at_one_share_keeps_the_same_stranger_at_every_greater_one(one, two) -> None:
    persons = evidence({"a": fifty()}, [i % 5 == 0 for i in range(50)])
    few, many = (Match("a", share).apply(persons, CONTEXT) for share in sorted((one, two)))
    mine = list(hit(persons, few, "a"))
    assert (says(few, "a")[mine] == says(many, "a")[mine]).all()


def test_who_is_the_only_one_known_keeps_the_own_record() -> None:
    persons = evidence({"a": [NOT, 2.0, NOT]}, [False, True, True])
    assert same(persons, Match("a", 1).apply(persons, CONTEXT))


def test_of_two_each_gets_the_other() -> None:
    persons = evidence({"a": [1.0, NOT, 3.0]}, [False, True, True])
    assert says(Match("a", 1).apply(persons, CONTEXT), "a")[[0, 2]].tolist() == [3, 1]


def test_every_stranger_is_as_likely_as_any_other() -> None:
    persons = evidence({"a": [0.0, 1.0, 2.0, 3.0]}, [False, True, False, True])
    drawn = np.array(
        [says(Match("a", 1, seed=seed).apply(persons, CONTEXT), "a") for seed in range(900)]
    )
    assert np.bincount(drawn[:, 0].astype(int), minlength=4)[1:] == pytest.approx(300, abs=50)


def test_the_same_seed_is_the_same_mistake_and_another_seed_another() -> None:
    persons = evidence({"a": fifty()}, [False] * 50)
    first, again, other = (Match("a", 0.5, seed=seed).apply(persons, CONTEXT) for seed in (7, 7, 8))
    assert same(first, again)
    assert not same(first, other)


@given(populations(), shares)
def test_the_order_in_which_the_persons_stand_changes_nothing(persons, share) -> None:
    dark, wrong = Outage("b", 0.5), Match("a", share)
    one, two = (
        second.apply(first.apply(persons, CONTEXT), CONTEXT)
        for first, second in ((dark, wrong), (wrong, dark))
    )
    assert np.array_equal(says(one, "a"), says(two, "a"), equal_nan=True)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 1])
def test_the_auc_of_the_source_falls_as_the_law_says(share: float) -> None:
    persons = normal(gaps(0.75), alike(1, 0), 8000, share=0.3)
    before, after = (
        tally(e, alone(e.catalog, "a"))
        for e in (persons, Match("a", share).apply(persons, CONTEXT))
    )
    assert auc(after).value == pytest.approx(
        law(auc(before).value, share), abs=2 * auc(after).error(after)
    )


def test_a_mistake_costs_nobody_anything() -> None:
    assert Match("a", 1).cost(evidence({"a": [1.0]}, [True]), CONTEXT) == 0


def test_a_share_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refusal, match="the share joined to a wrong record must be between 0 and 1"):
        Match("a", -0.1)
