"""How many people, of each outcome, lie where?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.weighing.tally import BINS, grid, place, tallies, tally
from analytics.weighing.weighting import Weighting, equal
from tests.people import NOT, evidence, outcomes, populations, trio, weighed, weightings, weights


def same(a, b) -> bool:
    return (a.cells == b.cells).all() and (a.low, a.width) == (b.low, b.width)


def where(counted, column: int) -> list[float]:
    """The evidence at which persons of an outcome stand, in the middle of their bins."""
    return np.repeat(counted.middles, counted.counts[:, column]).tolist()


def test_ann_bob_and_cleo_stand_where_their_weighted_evidence_puts_them() -> None:
    counted = tally(trio(), weights(trio(), bureau=3, bank=1, floor=0))
    assert where(counted, 0) == pytest.approx([0.75 * -2 + 0.25 * -1], abs=counted.width / 2)  # Ann
    assert where(counted, 1) == pytest.approx([0.25 * 1], abs=counted.width / 2)  # Bob
    assert counted.unscored.tolist() == [0, 1]  # Cleo


def test_bob_is_who_the_bank_says_he_is_when_renormalised() -> None:
    counted = tally(trio(), weights(trio(), bureau=3, bank=1, floor=0, missing="renormalise"))
    assert where(counted, 0) == pytest.approx([-1.75], abs=counted.width / 2)
    assert where(counted, 1) == pytest.approx([1.0], abs=counted.width / 2)


def test_only_ann_is_scored_by_a_strict_floor() -> None:
    counted = tally(trio(), weights(trio(), bureau=3, bank=1, floor=1))
    assert counted.counts.sum(axis=0).tolist() == [1, 0]
    assert counted.unscored.tolist() == [0, 2]


def test_a_person_of_unknown_outcome_has_a_place_and_is_never_counted() -> None:
    persons = evidence({"bank": [-1.0, 1.0, 1.0, NOT]}, [False, True, None, None])
    counted = tally(persons, equal(persons.catalog))
    assert counted.cells.sum() == 2
    rows = persons.people["row"].to_numpy()
    places = dict(zip(rows, place(persons, equal(persons.catalog)), strict=True))
    assert places[1] == places[2] < BINS
    assert places[3] == BINS


def test_people_of_unknown_outcome_alone_make_an_empty_tally() -> None:
    persons = evidence({"bank": [1.0, NOT]}, [None, None])
    assert tally(persons, equal(persons.catalog)).cells.sum() == 0


@given(populations(), weightings())
def test_every_person_stands_in_the_bin_of_their_evidence(persons, weighting) -> None:
    exact, (low, width) = weighed(persons, weighting), grid(persons, weighting)
    places, scored = place(persons, weighting), ~np.isnan(exact)
    assert (places[~scored] == BINS).all()
    assert (
        np.abs(low + width * (places[scored] + 0.5) - exact[scored]).max(initial=0) <= width * 0.51
    )


@given(populations(), weightings())
def test_the_tally_counts_the_places(persons, weighting) -> None:
    known, defaulted = outcomes(persons)
    places = place(persons, weighting)
    expected = np.stack(
        [np.bincount(places[known & (defaulted == y)], minlength=BINS + 1) for y in (False, True)],
        axis=1,
    )
    assert (tally(persons, weighting).cells == expected).all()


@given(populations(), weightings())
def test_one_person_alone_stands_where_they_stand_in_the_crowd(persons, weighting) -> None:
    crowd = place(persons, weighting)
    assert [
        place(persons.where(np.arange(len(persons)) == i), weighting)[0]
        for i in range(len(persons))
    ] == crowd.tolist()


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_one_person_alone_stands_where_they_stand_among_thousands(missing: str) -> None:
    chance = np.random.default_rng(5)
    persons = evidence(
        {k: chance.normal(size=9001).astype(np.float32) for k in "abcde"}, chance.random(9001) < 0.2
    )
    weighting = weights(persons, a=35, b=25.3, c=1 / 3, d=7, e=0.1, missing=missing)
    crowd = place(persons, weighting)
    for i in [
        0,
        1,
        7,
        2046,
        2047,
        2048,
        4097,
        8999,
        9000,
    ]:  # at the edges of blocks and of the vector registers
        assert place(persons.where(np.arange(9001) == i), weighting).tolist() == [crowd[i]]


@given(populations(sources=2), weightings(sources=2))
def test_weight_0_equals_absence(persons, weighting) -> None:
    wider = evidence(
        {"a": persons.added[:, 0], "b": persons.added[:, 1], "c": np.arange(len(persons)) - 3.0},
        persons.people["defaulted"].to_list(),
        persons.people["split"].to_list(),
    )
    ignored = Weighting((*weighting.weights, ("c", 0.0)), weighting.floor, weighting.missing)
    assert same(tally(wider, ignored), tally(persons, weighting))


@given(populations(), weightings(), st.sampled_from([0.5, 2.0, 1024.0]))
def test_scaling_all_weights_changes_nothing(persons, weighting, factor) -> None:
    scaled = Weighting(
        tuple((k, w * factor) for k, w in weighting.weights), weighting.floor, weighting.missing
    )
    assert same(tally(persons, scaled), tally(persons, weighting))


@given(populations(), weightings(), st.floats(0, 1))
def test_coverage_never_falls_when_the_floor_falls(persons, weighting, floor) -> None:
    low, high = sorted([floor, weighting.floor])
    more, fewer = (
        tally(persons, Weighting(weighting.weights, f, weighting.missing)) for f in (low, high)
    )
    assert (more.unscored <= fewer.unscored).all()


@given(populations(), weightings(), st.randoms(use_true_random=False))
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(persons, weighting, random) -> None:
    part = np.array([random.randrange(3) for _ in range(len(persons))])
    one, two, three = (tally(persons.where(part == p), weighting) for p in range(3))
    assert same(one + two + three, tally(persons, weighting))


def test_tallies_of_splits_and_of_months_add_up(fitted) -> None:
    persons, weighting = fitted.evidence, equal(fitted.evidence.catalog)
    for column in ("split", "month", "region"):
        parts = [tally(part, weighting) for part in persons.group(column).values()]
        assert len(parts) > 1
        assert same(sum(parts[1:], parts[0]), tally(persons, weighting))


def test_tallies_on_different_grids_do_not_add_up() -> None:
    with pytest.raises(
        Refusal,
        match=(
            "these tallies lie on different grids; add and compare only tallies of one weighting"
            " over parts of one evidence"
        ),
    ):
        tally(trio(), weights(trio(), bank=1)) + tally(trio(), weights(trio(), bureau=1))


@given(populations(), st.lists(weightings(), min_size=1, max_size=5), weightings())
def test_many_weightings_at_once_are_each_by_itself(persons, several, other) -> None:
    together = tallies(persons, several, [other])
    assert all(
        same(found, tally(persons, weighting, [other]))
        for found, weighting in zip(together, several, strict=True)
    )


@given(populations(), weightings(), weightings())
def test_the_common_people_are_those_whom_both_score(persons, one, two) -> None:
    known, defaulted = outcomes(persons)
    both = one.scores(persons.known) & two.scores(persons.known)
    common = tally(persons, one, [two])
    assert common.counts.sum(axis=0).tolist() == [
        (known & both & ~defaulted).sum(),
        (known & both & defaulted).sum(),
    ]
    assert common.cells.sum() == known.sum()


@given(populations(), weightings())
def test_the_unscored_stand_with_people_of_whom_nothing_is_said(persons, weighting) -> None:
    silent = evidence(
        {k: [*persons.added[:, s], 0.0] for s, k in enumerate("abc")},
        [*persons.people["defaulted"], False],
    )
    last = silent.people["row"].to_numpy() == len(persons)
    assert place(silent, weighting)[last].tolist() == [tally(silent, weighting).zero]


def test_they_stand_there_even_at_the_edge_of_a_bin() -> None:
    # 0 lies 1e-6 of a bin below an edge: single precision puts it above
    persons = evidence({"a": [-7.35, 0.74, 0.0]}, [False, True, False])
    weighting = equal(persons.catalog)
    assert (
        tally(persons, weighting).zero
        == place(persons, weighting)[persons.people["row"].to_list().index(2)]
    )


def test_more_than_64_sources_are_weighed() -> None:
    persons = evidence({f"s{i}": [float(i % 3), NOT, 1.0] for i in range(70)}, [False, True, True])
    weighting = weights(persons, floor=0.98, **{f"s{i}": 1 for i in range(70)})
    assert tally(persons, weighting).cells.sum(axis=0).tolist() == [1, 2]
    assert tally(persons, weighting).unscored.tolist() == [0, 1]
