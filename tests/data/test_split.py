"""Who teaches, who calibrates, who is read?"""

from datetime import date

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.split import SPLITS, assign, hashed, latest

IDS = pl.Series([f"p{i:05}" for i in range(20_000)])


def test_the_split_of_a_person_never_changes() -> None:
    assert assign(pl.Series(["Ann", "Bob", "Cleo", "p0001", "p0002", "7", "8", "年"])).to_list() == [
        "train",
        "train",
        "calibrate",
        "train",
        "calibrate",
        "train",
        "train",
        "test",
    ]


@given(st.permutations(range(50)))
def test_the_split_does_not_depend_on_the_order(order: list[int]) -> None:
    assert assign(IDS[:50][order]).to_list() == assign(IDS[:50])[order].to_list()


def test_a_number_and_its_text_have_the_same_split() -> None:
    numbers = pl.Series(range(1000))
    assert assign(numbers).equals(assign(numbers.cast(pl.String)))


def test_about_sixty_twenty_twenty_of_the_people_teach_calibrate_and_are_read() -> None:
    shares = dict(assign(IDS).value_counts(normalize=True).iter_rows())
    assert [round(shares[s], 2) for s in SPLITS[:3]] == [0.6, 0.2, 0.2]


def test_neighbours_in_name_are_not_neighbours_in_split() -> None:
    place = hashed(IDS)
    assert abs(np.corrcoef(place[:-1], place[1:])[0, 1]) < 0.03
    assert np.abs(np.histogram(place, 20, (0, 1))[0] - 1000).max() < 150


def months(**persons: int) -> pl.Series:
    return pl.Series("month", [date(2025, int(m[1:]), 1) for m, n in persons.items() for _ in range(n)])


def test_whole_latest_months_of_a_fifth_of_the_people_at_most_are_out_of_time() -> None:
    assert latest(months(m1=40, m2=40, m3=10, m4=10)) == date(2025, 3, 1)
    assert latest(months(m1=40, m2=39, m3=11, m4=10)) == date(2025, 4, 1)


def test_a_last_month_of_more_than_a_fifth_leaves_nothing_out_of_time() -> None:
    assert latest(months(m1=79, m2=21)) is None
    assert latest(months(m1=100)) is None
    assert set(assign(IDS[:100], months(m1=79, m2=21))) == set(SPLITS[:3])


def test_people_of_the_latest_months_are_out_of_time_and_the_others_keep_their_split() -> None:
    when = months(m1=40, m2=40, m3=20)
    split = assign(IDS[:100], when)
    assert (split == "out_of_time").to_list() == [False] * 80 + [True] * 20
    assert split[:80].equals(assign(IDS[:80]))


def test_a_person_without_a_month_is_never_out_of_time() -> None:
    when = months(m1=90, m2=10).set(pl.Series([False] * 99 + [True]), None)
    assert assign(IDS[:100], when)[-1] in SPLITS[:3]
