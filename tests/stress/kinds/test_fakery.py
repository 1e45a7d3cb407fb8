"""What if records are faked?

Swapped readings against the law, and bought ones against what money allows.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.stress.context import Faked, StressContext
from analytics.stress.kinds.fakery import Fakery, law
from analytics.stress.selection import outcome
from analytics.weighing.readings import auc
from analytics.weighing.tally import tally
from tests.people import NOT, evidence, exact_auc, outcomes, populations, weights
from tests.stress.sides import CONTEXT, hit, same, says
from tests.weighing.normal import alike, gaps, normal

shares = st.floats(0, 1)
everybody = st.sampled_from(["bad", "all", "gain"])


def context(
    added: list[float], spent: list[float], honest: float = 1.0, caught: float = 1.0
) -> StressContext:
    """What people could buy, by their rows; the same trust in all."""
    size = len(added)
    faked = Faked(
        np.array(added, np.float32),
        np.array(spent),
        np.full(size, honest, np.float32),
        np.full(size, caught, np.float32),
    )
    return StressContext(faked=lambda *_: faked, late=CONTEXT.late)


def cheap(size: int) -> StressContext:
    """Everybody gets as far down as their row says, for one coin."""
    return context([-10.0 - i for i in range(size)], [1.0] * size)


# Who fakes, and what the source then says


@settings(max_examples=30)
@given(populations(), everybody, st.sampled_from(["features", "readings"]))
def test_where_nobody_fakes_nothing_changes_and_no_record_is_asked_for(persons, who, how) -> None:
    stress = Fakery("a", who=who, how=how)
    assert same(persons, stress.apply(persons, CONTEXT))
    assert stress.cost(persons, CONTEXT) == 0.0


@settings(max_examples=30)
@given(populations(most=30), shares, shares, everybody)
def test_who_fakes_at_one_share_fakes_at_every_greater_one(persons, one, two, who) -> None:
    few, many = (
        hit(persons, Fakery("a", share, who).apply(persons, cheap(30)), "a")
        for share in sorted((one, two))
    )
    assert few <= many


@settings(max_examples=30)
@given(populations(both=True), shares, shares)
def test_whose_reading_is_drawn_at_one_share_keeps_it_at_every_greater_one(
    persons, one, two
) -> None:
    payers = (outcome(persons) == 0) & persons.known[:, 0]
    few, many = (
        Fakery("a", share if payers.any() else 0, how="readings").apply(persons, CONTEXT)
        for share in sorted((one, two))
    )
    mine = list(hit(persons, few, "a"))
    assert (says(few, "a")[mine] == says(many, "a")[mine]).all()


@settings(max_examples=30)
@given(populations(most=30), shares, everybody)
def test_only_the_source_that_is_faked_says_something_else_and_only_of_those_it_knows(
    persons, share, who
) -> None:
    after = Fakery("a", share, who).apply(persons, cheap(30))
    assert not hit(persons, after, "b")
    assert (np.isnan(says(persons, "a")) == np.isnan(says(after, "a"))).all()


def test_of_the_bad_only_known_defaulters_fake_and_of_all_anybody() -> None:
    persons = evidence({"a": [1.0, 2.0, 3.0, NOT]}, [False, True, None, True])
    assert hit(persons, Fakery("a", 1.0).apply(persons, cheap(4)), "a") == {1}
    assert hit(persons, Fakery("a", 1.0, "all").apply(persons, cheap(4)), "a") == {0, 1, 2}


def test_those_with_most_to_gain_fake_first() -> None:
    persons = evidence({"a": [0.0, 0.0, 0.0, 0.0]}, [False, True, False, True])
    bought = context([-1.0, -3.0, -4.0, -2.0], [10.0, 30.0, 40.0, 20.0])
    after = Fakery("a", 0.5, "gain").apply(persons, bought)
    assert says(after, "a").tolist() == [0.0, -3.0, -4.0, 0.0]
    assert Fakery("a", 0.5, "gain").cost(persons, bought) == 70.0


def test_another_seed_chooses_others_and_the_same_seed_the_same() -> None:
    persons = evidence({"a": np.arange(50.0)}, [i % 2 == 0 for i in range(50)])
    first, again, other = (
        Fakery("a", 0.5, "all", seed=seed).apply(persons, cheap(50)) for seed in (7, 7, 8)
    )
    assert same(first, again)
    assert hit(persons, first, "a") != hit(persons, other, "a")


def test_a_part_of_the_people_fakes_the_purchases_of_its_own_rows() -> None:
    persons = evidence({"a": [5.0, 6.0, 7.0]}, [True, True, True]).rows(np.array([2]))
    assert Fakery("a", 1.0).apply(persons, cheap(3)).column("a").tolist() == [-12.0]


def test_every_reading_that_is_swapped_in_is_a_payers() -> None:
    persons = evidence({"a": np.arange(40.0)}, [i >= 20 for i in range(40)])
    after = says(Fakery("a", 1.0, how="readings").apply(persons, CONTEXT), "a")
    assert (after[:20] == np.arange(20)).all()
    assert set(after[20:]) <= set(range(20))


def test_the_same_readings_are_drawn_however_people_are_lined_up() -> None:
    persons = evidence(
        {"a": np.arange(40.0), "b": np.arange(40.0)}, [i % 2 == 0 for i in range(40)]
    )
    otherwise = persons.put(
        "b", np.where(persons.column("b") % 3 == 0, np.nan, persons.column("b"))
    )
    one, two = (
        says(Fakery("a", 0.5, how="readings").apply(p, CONTEXT), "a") for p in (persons, otherwise)
    )
    assert one.tolist() == two.tolist()


def test_without_a_payer_there_is_no_reading_to_copy() -> None:
    persons = evidence({"a": [1.0, NOT]}, [True, False])
    with pytest.raises(
        Refusal,
        match="'a' knows nobody who paid, so there is no reading to copy; choose a wider cohort",
    ):
        Fakery("a", 1.0, how="readings").apply(persons, CONTEXT)


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"share": 1.1}, "share of those who fake 'a' must be between 0 and 1, got 1.1"),
        ({"share": NOT}, "must be between 0 and 1, got nan"),
        ({"who": "rich"}, "'who' of a fakery is 'rich'; it may be: bad, all, gain"),
        ({"how": "magic"}, "'how' of a fakery is 'magic'; it may be: features, readings"),
        ({"budget": -1.0}, "the budget for faking 'a' must be an amount of 0 or more, got -1"),
        ({"budget": float("inf")}, "must be an amount of 0 or more, got inf"),
    ],
)
def test_what_cannot_be_is_refused(wish: dict[str, object], why: str) -> None:
    with pytest.raises(Refusal, match=why):
        Fakery("a", **wish)


# Trust


def test_trust_of_0_leaves_a_source_that_knows_everybody_and_says_nothing() -> None:
    persons = evidence({"a": [2.0, -1.0, NOT], "b": [1.0, 1.0, 1.0]}, [True, False, True])
    after = Fakery("a", 1.0, trust=True).apply(
        persons, context([0.5] * 3, [1.0] * 3, honest=0.0, caught=0.0)
    )
    np.testing.assert_array_equal(says(after, "a"), [0.0, 0.0, NOT])
    assert (after.known == persons.known).all()


@pytest.mark.parametrize("how", ["features", "readings"])
def test_fakers_are_trusted_as_caught_and_all_others_as_honest(how: str) -> None:
    persons = evidence({"a": [4.0, 8.0, 4.0]}, [False, True, False])
    after = Fakery("a", 1.0, how=how, trust=True).apply(
        persons, context([0.0, 4.0, 0.0], [1.0] * 3, honest=0.75, caught=0.25)
    )
    assert says(after, "a").tolist() == [3.0, 1.0, 3.0]


def test_trust_speaks_where_nobody_fakes_too() -> None:
    persons = evidence({"a": [4.0, 8.0]}, [False, True])
    assert says(
        Fakery("a", trust=True).apply(persons, context([0.0, 0.0], [1.0, 1.0], honest=0.5)), "a"
    ).tolist() == [2.0, 4.0]


# The law


def read(persons: Evidence) -> tuple[float, float]:
    """AUC of the first source over everybody it knows, exactly, and its standard error."""
    known, defaulted = outcomes(persons)
    counted = tally(persons, weights(persons, a=1, floor=0.0))
    return exact_auc(persons.column("a")[known].astype(float), defaulted[known]), auc(
        counted
    ).error(counted)


@pytest.mark.parametrize("share", [0.05, 0.17, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("step", [None, 0.5, 2.0], ids=["no ties", "some ties", "mostly ties"])
def test_the_law_holds_within_two_standard_errors(share: float, step: float | None) -> None:
    persons = normal(gaps(0.75), alike(1, 0), 4000, share=0.3)
    persons = (
        persons if step is None else persons.put("a", np.round(persons.column("a") / step) * step)
    )
    before, _ = read(persons)
    after, error = read(Fakery("a", share, how="readings").apply(persons, CONTEXT))
    assert abs(after - law(before, share)) <= 2 * error


def test_of_who_buys_nothing_the_record_is_trusted_as_before_unless_the_whole_reading_is_faked() -> (
    None
):
    persons, behind = (
        evidence({"a": [-1.0, 2.0]}, [False, True]),
        context([-1.0, 2.0], [0.0, 0.0], honest=1.0, caught=0.25),
    )
    bought, swapped = (
        Fakery("a", 1.0, how=how, trust=True).apply(persons, behind)
        for how in ("features", "readings")
    )
    assert says(bought, "a").tolist() == [-1.0, 2.0]
    assert says(swapped, "a").tolist() == [-1.0, -0.25]
