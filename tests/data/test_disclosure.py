"""How few people may a figure tell of? Rules held on cells drawn at random, and by hand."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.cohort import Cohort
from analytics.data.disclosure import (
    TooFew,
    apart,
    askable,
    blank,
    crossed,
    enough_of,
    few_hold,
    pool,
)
from analytics.data.refusal import Refusal
from tests.people import evidence, weights

CELLS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=1, max_size=30)


@given(CELLS)
def test_no_joined_cell_tells_of_few_and_nobody_is_lost(cells: list[tuple[int, int]]) -> None:
    counts = np.array(cells)
    joined = pool(counts)
    sums = np.stack([np.bincount(joined, side) for side in counts.T], axis=1)
    assert sums.sum(axis=0).tolist() == counts.sum(axis=0).tolist()
    assert (np.diff(joined) >= 0).all()
    assert (np.diff(joined) <= 1).all()
    if counts.sum() >= 30 and counts.sum(axis=0).min() >= 5:
        assert all(both.sum() == 0 or (both.sum() >= 30 and both.min() >= 5) for both in sums)


def test_cells_are_joined_by_hand() -> None:
    assert pool(np.array([0, 0, 40, 0, 40, 3, 2, 0])).tolist() == [0, 1, 2, 3, 4, 4, 4, 5]
    assert pool(np.array([5, 20, 5, 40, 29, 1])).tolist() == [0, 0, 0, 1, 2, 2]


@given(st.lists(st.integers(0, 90), min_size=1, max_size=12))
def test_no_row_of_few_is_shown_and_no_sum_tells_it(counts: list[int]) -> None:
    frame = pl.DataFrame({"persons": counts, "rate": [0.5] * len(counts)})
    shown = blank(frame, ("persons", "rate"))
    left = shown["persons"].drop_nulls().to_list()
    assert all(n == 0 or n >= 30 for n in left)
    assert shown["rate"].is_null().to_list() == shown["persons"].is_null().to_list()
    hidden = sum(counts) - sum(left)
    assert hidden == 0 or hidden >= 30 or not any(left)


@given(st.lists(st.integers(0, 90), min_size=9, max_size=9))
def test_a_table_blanks_what_is_few_and_one_more_where_it_is_alone(counts: list[int]) -> None:
    table = np.array(counts).reshape(3, 3)
    hidden = crossed(table)
    few = [n for n in counts if 0 < n < 30]
    assert (hidden | (table == 0) | (table >= 30)).all()
    assert not (hidden & (table == 0)).any()
    alone = len(few) == 1 and sum(n > 0 for n in counts) > 1  # the sum of all would tell of it
    assert hidden.sum() == len(few) + alone


def test_a_table_of_swaps_by_hand() -> None:
    table = np.array([[400, 12, 0], [90, 300, 50], [40, 60, 200]])
    assert crossed(table).tolist() == [
        [False, True, False],
        [False, False, False],
        [False, True, False],
    ]
    table[0, 2] = 7
    assert crossed(table).tolist() == [
        [False, True, True],
        [False, False, False],
        [False, False, False],
    ]
    assert crossed(np.diag([12, 400, 300])).tolist() == [
        [True, False, False],
        [False, False, False],
        [False, False, True],
    ]
    assert not crossed(table + 30).any()


def test_a_share_of_few_is_told_of_thousands_alone() -> None:
    frame = pl.DataFrame(
        {"share": [0.02, 0.98, 0.0, 1.0, 0.5, 0.002], "persons": [500, 500, 500, 500, 500, 5000]}
    )
    assert frame.select(few_hold(pl.col("share"), pl.col("persons"))).to_series().to_list() == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_rate_needs_five_of_each_outcome() -> None:
    frame = pl.DataFrame(
        {"persons": [100, 100, 100, 90], "bad": [4, 50, 96, 40], "rate": [0.04, 0.5, 0.96, 4 / 9]}
    )
    assert blank(frame, ("rate",), bad="bad")["rate"].to_list() == [None, 0.5, None, 4 / 9]


def test_a_set_of_few_or_one_that_leaves_few_out_is_refused_without_a_count() -> None:
    outcome = np.tile([0.0, 1.0], 50)
    chosen = np.arange(100) < 60
    enough_of(outcome, chosen)
    enough_of(outcome, np.ones(100, bool))
    for few in (
        np.arange(100) < 29,
        np.arange(100) < 71 + 1,
        np.arange(100) == 3,
        np.arange(100) != 3,
        outcome == 1,
    ):
        with pytest.raises(TooFew) as refused:
            enough_of(outcome, few)
        assert str(refused.value).startswith("too few people")
        assert not {"1 ", "29", "28", "72", "99", "50"} & set(str(refused.value).split())
    apart(outcome, chosen, np.arange(100) < 95)
    with pytest.raises(TooFew, match="too few people lie between"):
        apart(outcome, chosen, np.arange(100) < 61)


@pytest.mark.parametrize("column", ["person", "defaulted", "bank.person", "bank.defaulted", "row"])
def test_ids_and_outcome_are_no_conditions_of_a_page(column: str) -> None:
    people = weights_catalog().people
    closed = {people.id: "person", people.outcome: "defaulted"}
    named = (
        column.replace("person", people.id).replace("defaulted", people.outcome)
        if closed
        else column
    )
    with pytest.raises(Refusal, match="is no condition of a page"):
        askable(people, Cohort.parse(f"col({named!r}) == 1"))
    askable(people, Cohort.parse("bank.x > 1 and region == 'West'"))


def weights_catalog():
    persons = evidence({"bank": [0.0, 1.0]}, [True, False])
    assert weights(persons, bank=1)
    return persons.catalog
