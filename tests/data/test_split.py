"""Who teaches, who calibrates, who is read?"""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.chance import of_ids
from analytics.data.split import FOLDS, HALVES, SPLITS, assign, divide, fold, latest, teachers, turn

IDS = pl.Series([f"p{i:05}" for i in range(20_000)])


def test_the_split_of_a_person_never_changes() -> None:
    assert assign(
        pl.Series(["Ann", "Bob", "Cleo", "p0001", "p0002", "7", "8", "年"])
    ).to_list() == ["train", "train", "calibrate", "train", "calibrate", "train", "train", "test"]


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
    place = of_ids(IDS, "split")
    assert abs(np.corrcoef(place[:-1], place[1:])[0, 1]) < 0.03
    assert np.abs(np.histogram(place, 20, (0, 1))[0] - 1000).max() < 150


def months(**persons: int) -> pl.Series:
    return pl.Series(
        "month", [date(2025, int(m[1:]), 1) for m, n in persons.items() for _ in range(n)]
    )


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


def outcomes(defaulted: int, paid: int, unknown: int = 0) -> pl.Series:
    return pl.Series("defaulted", [True] * defaulted + [False] * paid + [None] * unknown)


def divided(defaulted: pl.Series, when: pl.Series | None = None) -> pl.DataFrame:
    return pl.DataFrame(divide(IDS[: len(defaulted)], when, defaulted))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("defaulted", "paid", "take"),
    [(1999, 3000, True), (2000, 3000, False), (3000, 1999, True), (3000, 2000, False)],
)
def test_people_take_turns_below_two_thousand_of_the_rarer_outcome(
    defaulted: int, paid: int, take: bool
) -> None:
    assert divided(outcomes(defaulted, paid, 5000)).columns == (
        ["split", "fold"] if take else ["split"]
    )


@pytest.mark.usefixtures("few")
def test_defaults_of_the_latest_months_do_not_make_outcomes_many() -> None:
    defaulted = pl.concat([outcomes(1999, 4001), outcomes(1000, 0)])
    assert divided(defaulted, months(m1=6000, m2=1000)).columns == ["split", "fold"]
    assert divided(defaulted, months(m1=7000)).columns == ["split"]


def test_where_outcomes_are_many_the_splits_are_as_ever() -> None:
    assert divided(outcomes(500, 500))["split"].equals(assign(IDS[:1000]))


@pytest.mark.usefixtures("few")
def test_of_people_who_take_turns_half_calibrate_and_half_are_read_but_for_the_latest_months() -> (
    None
):
    split = divided(outcomes(500, 9500), months(m1=8000, m2=2000))["split"]
    assert (split[8000:] == "out_of_time").all()
    shares = dict(split[:8000].value_counts(normalize=True).iter_rows())
    assert set(shares) == {"calibrate", "test"}
    assert shares["test"] == pytest.approx(0.5, abs=0.02)


def test_the_fold_tells_nothing_of_the_split() -> None:
    counts = (
        pl.DataFrame([assign(IDS, shares=HALVES), fold(IDS)]).group_by("split", "fold").len()["len"]
    )
    assert len(counts) == 2 * FOLDS
    assert counts.is_between(1850, 2150).all()


def test_a_number_and_its_text_are_in_the_same_fold_and_it_never_changes() -> None:
    assert fold(pl.Series(range(1000))).equals(fold(pl.Series(range(1000)).cast(pl.String)))
    assert fold(pl.Series(["Ann", "Bob", "Cleo", "年"])).to_list() == [4, 4, 3, 1]


def test_in_five_turns_everyone_is_asked_once_stops_once_and_teaches_three_times() -> None:
    folds, splits = np.arange(FOLDS), np.full(FOLDS, "test")
    turns = np.array([turn(splits, folds, asked) for asked in range(FOLDS)])
    for column in turns.T:
        assert sorted(column) == ["calibrate", "test", "train", "train", "train"]
    assert (np.diag(turns) == "test").all()


def test_teachers_are_the_training_persons_or_where_all_take_turns_everyone_but_the_latest() -> (
    None
):
    plain = pl.DataFrame({"split": ["train", "calibrate", "test", "out_of_time"]})
    assert teachers(plain).to_list() == [True, False, False, False]
    assert teachers(plain.with_columns(fold=pl.lit(0))).to_list() == [True, True, True, False]
