"""What happens when people withdraw their consent?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import pair_up
from analytics.sources.evidence import Evidence
from analytics.stress.kinds.consent import Consent, refusing, silence
from analytics.stress.selection import outcome
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import tally
from tests.people import NOT, evidence, populations, weights
from tests.stress.sides import CONTEXT, hit, same, says
from tests.weighing.normal import alike, gaps, normal

shares = st.floats(0, 1)
odds = st.sampled_from([0.25, 1.0, 4.0, 100.0])


def grouped(persons: Evidence, *columns: str) -> Evidence:
    """The same persons, whose catalog names these columns as segments."""
    people = replace(persons.catalog.people, segments=columns)
    return replace(persons, catalog=replace(persons.catalog, people=people))


def regions() -> Evidence:
    """Ann, Bob and Cleo are of the West, Dan and Eve of the East.

    The phone does not know Cleo and Eve.
    """
    persons = evidence(
        {"phone": [-1.0, 1.0, NOT, 2.0, NOT]},
        [False, True, True, False, False],
        region=["West", "West", "West", "East", "East"],
    )
    return grouped(persons, "region")


@given(populations(), odds, st.booleans())
def test_where_nobody_withdraws_nothing_changes(persons, odds, tells) -> None:
    assert same(persons, Consent("a", 0, odds, tells=tells).apply(persons, CONTEXT))


@given(populations(), odds, shares, shares)
def test_who_withdraws_at_one_share_has_withdrawn_at_every_greater_one(
    persons, odds, one, two
) -> None:
    few, many = (
        hit(persons, Consent("a", share, odds).apply(persons, CONTEXT), "a")
        for share in sorted((one, two))
    )
    assert few <= many


@given(populations(), odds, shares)
def test_as_many_withdraw_as_the_share_says_and_no_other_source_changes(
    persons, odds, share
) -> None:
    after = Consent("a", share, odds).apply(persons, CONTEXT)
    assert len(hit(persons, after, "a")) == round(share * persons.known[:, 0].sum())
    assert not hit(persons, after, "b")
    assert np.isnan(says(after, "a"))[list(hit(persons, after, "a"))].all()


def test_the_same_seed_is_the_same_people_and_another_seed_others() -> None:
    persons = normal(gaps(0.7), alike(1, 0), 500)
    first, again, other = (
        hit(persons, Consent("a", 0.5, 2, seed=seed).apply(persons, CONTEXT), "a")
        for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("odds", [0.25, 1, 4])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_odds_of_withdrawal_of_a_defaulter_are_so_many_times_those_of_a_payer(
    odds: float, share: float
) -> None:
    persons = normal(gaps(0.7), alike(1, 0), 20_000, share=0.2)
    after = Consent("a", share, odds).apply(persons, CONTEXT)
    gone, bad = np.isnan(after.column("a")), outcome(after) == 1
    cells = np.array(
        [(gone & bad).sum(), (~gone & bad).sum(), (gone & ~bad).sum(), (~gone & ~bad).sum()]
    )
    measured = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    assert measured == pytest.approx(np.log(odds), abs=2 * np.sqrt((1 / cells).sum()))


def test_whose_outcome_is_unknown_withdraws_as_often_as_is_usual() -> None:
    chance = np.random.default_rng(3)
    persons = evidence(
        {"a": chance.normal(size=9000)}, [None if i % 3 == 0 else i % 3 == 1 for i in range(9000)]
    )
    after = Consent("a", 0.5, 100).apply(persons, CONTEXT)
    gone = np.isnan(after.column("a"))
    paid, defaulted, unknown = (gone[outcome(after) == turned].mean() for turned in range(3))
    assert (paid < 0.2, 0.4 < unknown < 0.6, defaulted > 0.8) == (True, True, True)


def test_adverse_withdrawal_lowers_the_auc_of_everyone_more_than_random_at_equal_coverage() -> None:
    persons, weighting = (
        (p := normal(gaps(0.75, 0.65), alike(2, 0.2), 6000, share=0.2)),
        weights(p, a=60, b=40, floor=0.5),
    )
    adverse, random = (Consent("a", 0.4, odds).apply(persons, CONTEXT) for odds in (4, 1))
    met = pair_up(adverse, weighting, weighting, before=random)
    same_coverage, less = (
        met.figure("coverage", coverage),
        met.figure("auc_everyone", lambda t: auc(t, everyone=True)),
    )
    assert same_coverage.value == same_coverage.other < 1
    assert less.difference.high < -0.01


def test_random_withdrawal_leaves_the_auc_of_the_scored_as_it_was() -> None:
    persons, weighting = (
        (p := normal(gaps(0.75, 0.65), alike(2, 0.2), 6000, share=0.2)),
        weights(p, a=60, b=40, floor=0.5),
    )
    before, after = (
        tally(e, weighting) for e in (persons, Consent("a", 0.4).apply(persons, CONTEXT))
    )
    assert auc(after).value == pytest.approx(auc(before).value, abs=2 * auc(after).error(after))


def test_only_those_of_the_group_withdraw() -> None:
    persons = regions()
    assert hit(
        persons, Consent("phone", 1, among="region=West").apply(persons, CONTEXT), "phone"
    ) == {0, 1}
    assert hit(
        persons, Consent("phone", 1, among="region = East").apply(persons, CONTEXT), "phone"
    ) == {3}
    assert (
        len(
            hit(
                persons, Consent("phone", 0.5, among="region=West").apply(persons, CONTEXT), "phone"
            )
        )
        == 1
    )


def test_who_is_not_of_the_group_tells_nothing_by_silence() -> None:
    persons = regions()
    after = says(
        Consent("phone", 0.5, 4, "region=West", tells=True).apply(persons, CONTEXT), "phone"
    )
    assert np.isnan(after[[2, 4]]).all()
    assert after[3] == 2
    withdrew, stayed = refusing(4, 0.5, 0.5)
    assert sorted(after[:2]) in (
        sorted(np.float32([withdrew, 1 + stayed])),
        sorted(np.float32([withdrew, -1 + stayed])),
    )


def test_a_group_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        Refusal, match="people have no group 'town' that could withdraw; they have: region"
    ):
        Consent("phone", 1, among="town=A").apply(regions(), CONTEXT)
    with pytest.raises(Refusal, match="nobody is of region=North; it may be: East, West"):
        Consent("phone", 1, among="region=North").apply(regions(), CONTEXT)
    many = grouped(
        evidence({"phone": np.arange(12.0)}, [False] * 12, town=[f"T{i:02}" for i in range(12)]),
        "town",
    )
    with pytest.raises(Refusal, match=r"it may be: T00, .*T09, \.\.\.$"):
        Consent("phone", 1, among="town=X").apply(many, CONTEXT)


@given(st.floats(0.001, 1000), st.floats(0.001, 0.999), st.floats(0.01, 0.99))
def test_what_silence_says_adds_up_to_the_share(odds, share, rate) -> None:
    withdrew, stayed = refusing(odds, share, rate)
    assert withdrew - stayed == pytest.approx(np.log(odds))
    if not 0.9 < odds < 1.1:  # else two equal numbers are divided
        payer = (1 - np.exp(stayed)) / (np.exp(withdrew) - np.exp(stayed))
        assert rate * payer * np.exp(withdrew) + (1 - rate) * payer == pytest.approx(
            share, rel=1e-6
        )


@given(st.floats(0, 1), st.floats(0, 1))
def test_silence_at_random_says_nothing(share, rate) -> None:
    assert refusing(1, share, rate) == (0, 0)


@given(populations(), st.floats(0, 1), odds)
def test_a_silence_that_tells_nothing_is_no_record(persons, share, odds) -> None:
    assert same(
        *(Consent("a", share, 1, tells=tells).apply(persons, CONTEXT) for tells in (False, True))
    )
    assert same(
        *(Consent("a", 1, odds, tells=tells).apply(persons, CONTEXT) for tells in (False, True))
    )


def test_using_refusal_buys_nothing_where_it_is_at_random_and_something_where_it_is_not() -> None:
    persons, weighting = (
        (p := normal(gaps(0.75, 0.65), alike(2, 0.2), 4000, share=0.2)),
        weights(p, a=60, b=40, floor=0.5),
    )
    random, adverse = (
        silence(persons, Consent("a", 0.3, odds), CONTEXT, weighting) for odds in (1, 4)
    )
    assert (random.bought.value, random.bought.low, random.bought.high) == (0, 0, 0)
    assert random.used.value == random.unused.value
    assert adverse.bought.value == adverse.used.value - adverse.unused.value > 0.01
    assert adverse.bought.low > 0
    assert adverse.unused.low < adverse.unused.value < adverse.unused.high


def test_consent_costs_nothing_to_withdraw() -> None:
    assert Consent("phone", 1).cost(regions(), CONTEXT) == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"share": 1.2}, "the share who withdraw consent must be between 0 and 1, got 1.2"),
        ({"share": NOT}, "the share who withdraw consent must be between 0 and 1, got nan"),
        ({"odds": 0.0}, "the odds of withdrawing consent must be between 0.001 and 1,000, got 0"),
        (
            {"among": "West"},
            "cannot read among='West'; write a column and one of its values, like region=West",
        ),
        ({"among": "=West"}, "cannot read among='=West'"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        Consent("phone", **wrong)
    assert str(refused.value).startswith(sentence)
