"""Who is hit?"""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from analytics.sources.evidence import Evidence
from analytics.stress.selection import first_share, outcome, random_order
from tests.people import evidence, populations

SALTS = [
    ("consent", "bank", 7),
    ("consent", "bank", 8),
    ("consent", "shop", 7),
    ("match", "bank", 7),
    ("drift",),
    ("late", "银行", -1),
]
shares = st.floats(0, 1)


def standing(rows: np.ndarray) -> Evidence:
    """Persons in these rows of a file; nothing else of them matters."""
    person = evidence({"a": [0.0]}, [True])
    return replace(person, people=pl.DataFrame({"row": rows.astype(np.uint32)}))


# random_order


@pytest.mark.parametrize("salt", SALTS)
def test_luck_is_uniform_over_the_people_whatever_the_salt(salt: tuple[object, ...]) -> None:
    assert kstest(random_order(standing(np.arange(20_000)), *salt), "uniform").pvalue > 0.01


@pytest.mark.parametrize("salt", SALTS)
def test_neighbours_in_the_file_have_nothing_in_common(salt: tuple[object, ...]) -> None:
    found = random_order(standing(np.arange(20_000)), *salt)
    for apart in (1, 2, 64, 4096):
        assert abs(np.corrcoef(found[apart:], found[:-apart])[0, 1]) < 4 / np.sqrt(20_000 - apart)


def test_another_salt_is_another_luck() -> None:
    found = np.array([random_order(standing(np.arange(20_000)), *salt) for salt in SALTS])
    others = np.corrcoef(found)[~np.eye(len(SALTS), dtype=np.bool_)]
    assert np.abs(others).max() < 4 / np.sqrt(20_000)


@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50, unique=True),
    st.text(max_size=10),
    st.integers(),
    st.randoms(),
)
def test_luck_is_the_person_s_own_in_any_order_and_part(rows, word, seed, chance) -> None:
    found = dict(
        zip(rows, random_order(standing(np.array(rows)), "consent", word, seed), strict=True)
    )
    part = chance.sample(rows, chance.randint(1, len(rows)))
    assert random_order(standing(np.array(part)), "consent", word, seed).tolist() == [
        found[row] for row in part
    ]


@given(populations(), st.data())
def test_luck_of_a_part_of_the_people_is_theirs_among_all(persons, data) -> None:
    mask = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(persons), max_size=len(persons)))
    )
    assert (
        random_order(persons.where(mask), "drift", 7).tolist()
        == random_order(persons, "drift", 7)[mask].tolist()
    )


@pytest.mark.parametrize("salt", SALTS)
def test_luck_is_never_none_and_never_all(salt: tuple[object, ...]) -> None:
    ends = np.concatenate([np.arange(200_000), 2**32 - 1 - np.arange(1000)])
    found = random_order(standing(ends), *salt)
    assert found.min() > 0
    assert found.max() < 1


def test_nobody_needs_no_luck() -> None:
    assert random_order(standing(np.arange(0)), "drift").shape == (0,)


# whose turn comes first


@st.composite
def turns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """When each person's turn comes, often at once, and who can be hit."""
    size = draw(st.integers(0, 40))
    when = draw(
        st.lists(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(-5, 5), min_size=size, max_size=size)
    )
    return np.array(when, float), np.array(
        draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_
    )


@given(turns(), shares, shares)
def test_who_is_hit_at_one_share_is_hit_at_every_greater_one(persons, one, two) -> None:
    few, many = (first_share(*persons, share) for share in sorted((one, two)))
    assert not (few & ~many).any()


@given(turns(), shares)
def test_so_many_are_hit_as_the_share_says_and_only_those_who_can_be(persons, share) -> None:
    when, among = persons
    hit = first_share(when, among, share)
    assert hit.sum() == round(share * among.sum())
    assert not (hit & ~among).any()


@given(turns())
def test_a_share_of_0_hits_nobody_and_of_1_everybody_who_can_be(persons) -> None:
    assert not first_share(*persons, 0.0).any()
    assert first_share(*persons, 1.0).tolist() == persons[1].tolist()


@given(turns(), shares)
def test_nobody_is_hit_before_somebody_whose_turn_is_earlier(persons, share) -> None:
    when, among = persons
    hit = first_share(when, among, share)
    assert when[hit].max(initial=-np.inf) <= when[among & ~hit].min(initial=np.inf)


def test_those_whose_turns_come_at_once_are_hit_in_the_order_they_stand_in() -> None:
    when, among = np.array([1.0, 0.5, 0.5, 0.0, 0.5]), np.array([True, True, True, False, True])
    assert first_share(when, among, 0.5).tolist() == [False, True, True, False, False]
    when = np.arange(1000) % 7
    turn = sorted(range(1000), key=lambda person: when[person])
    assert set(np.flatnonzero(first_share(when, np.ones(1000, np.bool_), 0.3)).tolist()) == set(
        turn[:300]
    )


# how people turned out


def test_outcomes_stand_by_their_persons() -> None:
    persons = evidence({"a": [1.0, np.nan, 2.0, np.nan, 3.0]}, [True, None, False, True, None])
    by_row = dict(zip(persons.people["row"], outcome(persons).tolist(), strict=True))
    assert by_row == {0: 1, 1: 2, 2: 0, 3: 1, 4: 2}


@given(populations())
def test_outcomes_are_those_of_the_people(persons) -> None:
    assert (
        outcome(persons).tolist()
        == persons.people["defaulted"].cast(pl.Int8).fill_null(2).to_list()
    )
