"""How much does each source count?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.weighing.weighting import Weighting, equal, parse, preset, weigh_as
from tests.people import catalog, populations, told, trio, weightings, weights

TWO = catalog("bureau", "bank")
KNOWN = np.array([[True, True], [False, True], [False, False]])  # Ann, Bob, Cleo


def test_reach_is_the_share_of_the_weight_that_knows_the_person() -> None:
    assert weigh_as(TWO, {"bureau": 30, "bank": 10}).reach(KNOWN).tolist() == [1.0, 0.25, 0.0]


@pytest.mark.parametrize(
    ("floor", "scored"),
    [
        (0, [True, True, False]),
        (0.25, [True, True, False]),
        (0.26, [True, False, False]),
        (1, [True, False, False]),
    ],
)
def test_whoever_reaches_the_floor_is_scored(floor: float, scored: list[bool]) -> None:
    assert weigh_as(TWO, {"bureau": 30, "bank": 10}, floor).scores(KNOWN).tolist() == scored


def test_a_reach_of_0_7_and_0_1_meets_a_floor_of_0_8() -> None:
    three = weigh_as(catalog("a", "b", "c"), {"a": 0.7, "b": 0.1, "c": 0.2}, 0.8)
    assert 0.7 + 0.1 < 0.8
    assert three.scores(np.array([[True, True, False]])).tolist() == [True]


def test_a_source_without_weight_does_not_count_as_knowing() -> None:
    assert weigh_as(TWO, {"bureau": 1}, 0).scores(KNOWN).tolist() == [True, False, False]
    assert weigh_as(TWO, {"bureau": 1}, 1).scores(np.array([[True, False]])).tolist() == [True]


def test_the_present_sources_speak_for_the_absent_ones_when_renormalised() -> None:
    assert weigh_as(TWO, {"bureau": 3, "bank": 1}, 0, "renormalise").multipliers(
        KNOWN
    ).tolist() == [1.0, 4.0, 0.0]
    assert weigh_as(TWO, {"bureau": 3, "bank": 1}, 0, "neutral").multipliers(KNOWN).tolist() == [
        1.0,
        1.0,
        0.0,
    ]


@given(populations(), weightings())
def test_floor_1_is_strict_and_floor_0_is_any_source(persons, weighting) -> None:
    weighed = persons.known[:, weighting.vector > 0]
    strict, any_source = (
        Weighting(weighting.weights, floor).scores(persons.known) for floor in (1.0, 0.0)
    )
    assert (strict == weighed.all(axis=1)).all()
    assert (any_source == weighed.any(axis=1)).all()


@given(populations(), weightings(), st.floats(0, 1))
def test_a_lower_floor_never_scores_fewer(persons, weighting, floor) -> None:
    low, high = sorted([floor, weighting.floor])
    assert (
        Weighting(weighting.weights, high).scores(persons.known)
        <= Weighting(weighting.weights, low).scores(persons.known)
    ).all()


@given(populations(), weightings())
def test_reach_of_one_person_alone_is_their_reach_in_the_crowd(persons, weighting) -> None:
    known = persons.known
    assert [weighting.reach(known[i : i + 1])[0] for i in range(len(known))] == weighting.reach(
        known
    ).tolist()


@given(weightings(), st.floats(0, 1))
def test_a_source_put_at_a_share_has_it_and_the_others_keep_their_proportions(
    weighting, share
) -> None:
    before, after = weighting.vector, weighting.put("a", min(share, 0.99)).vector
    assert after[0] == pytest.approx(min(share, 0.99))
    assert after.sum() == pytest.approx(1)
    if before[1:].any():
        assert after[1:] / after[1:].sum() == pytest.approx(before[1:] / before[1:].sum())


def test_a_source_that_gives_its_weight_away_gives_it_to_all_others_alike_if_they_had_none() -> (
    None
):
    assert weigh_as(catalog("a", "b", "c"), {"a": 1}).put("a", 0.5).shares == {
        "a": 0.5,
        "b": 0.25,
        "c": 0.25,
    }


@given(weightings())
def test_a_weighting_survives_its_own_text(weighting) -> None:
    assert parse(catalog("a", "b", "c"), weighting.text).vector == pytest.approx(
        weighting.vector, rel=1e-4
    )


def test_text_names_sources_and_weights() -> None:
    assert parse(TWO, " bureau = 35 , bank=25.5,").weights == (("bureau", 35.0), ("bank", 25.5))


def test_equal_weights_and_presets(folder) -> None:
    found = told(folder)
    assert (
        equal(found).shares
        == preset(found, found.bureau("half")).shares
        == {"bureau": 0.5, "bank": 0.5}
    )


def test_price_is_the_price_of_the_weighted_sources(folder) -> None:
    found = told(
        folder, ("cost = 1.5", "cost = 1.5"), ('label = "Bank"', 'label = "Bank"\ncost = 0.25')
    )
    assert equal(found).price(found) == 1.75
    assert weigh_as(found, {"bank": 1}).price(found) == 0.25


@pytest.mark.parametrize(
    ("text", "floor", "sentence"),
    [
        ("bureau=-1", 0.4, "weight of 'bureau' must be 0 or more, got -1"),
        ("bureau=nan", 0.4, "weight of 'bureau' must be 0 or more, got nan"),
        ("bureau=inf", 0.4, "weight of 'bureau' must be 0 or more, got inf"),
        (
            "bureau=1e308,bank=1e308",
            0.4,
            (
                "the weights are too large to add up; only their shares count, so write smaller"
                " numbers"
            ),
        ),
        (
            "bureau=0,bank=0",
            0.4,
            "all weights are 0, so nobody can be scored; give at least one source a weight",
        ),
        ("", 0.4, "all weights are 0, so nobody can be scored; give at least one source a weight"),
        ("banc=1", 0.4, "no source 'banc' in catalog.toml; it has: bureau, bank"),
        ("bank", 0.4, "cannot read the weight 'bank'; write weights as bureau=35,bank=25"),
        ("bank=1=2", 0.4, "cannot read the weight 'bank=1=2'; write weights as bureau=35,bank=25"),
        (
            "bank=many",
            0.4,
            "cannot read the weight 'bank=many'; write weights as bureau=35,bank=25",
        ),
        ("bank=1,bank=2", 0.4, "source 'bank' is weighed twice; write each source once"),
        ("bank=1", 1.01, "floor must be between 0 and 1, got 1.01"),
        ("bank=1", -0.1, "floor must be between 0 and 1, got -0.1"),
        ("bank=1", float("nan"), "floor must be between 0 and 1, got nan"),
    ],
)
def test_a_weighting_that_makes_no_sense_is_refused_with_a_sentence(
    text: str, floor: float, sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        parse(TWO, text, floor)
    assert str(refusal.value) == sentence


def test_an_unknown_missing_policy_is_refused() -> None:
    with pytest.raises(Refusal, match="no missing policy 'guess'; it may be: neutral, renormalise"):
        weights(trio(), bank=1, missing="guess")
