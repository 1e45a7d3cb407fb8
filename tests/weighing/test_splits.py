"""Does a source hold for people its model has not seen?"""

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from analytics.data.split import SPLITS
from analytics.sources.evidence import Evidence
from analytics.weighing.quality import alone
from analytics.weighing.splits import by_split, overfit
from tests.people import evidence, exact_auc, populations, weights


def learnt(gap: float, *, persons: int = 4000, seed: int = 5) -> Evidence:
    """A source that tells outcomes apart by `gap` more among the people it learned from.

    A third of the people it does not know.
    """
    chance = np.random.default_rng(seed)
    defaulted, split = chance.random(persons) < 0.3, chance.choice(["train", "test"], persons)
    added = chance.normal(defaulted * (1 + gap * (split == "train")), 1)
    return evidence(
        {"a": np.where(chance.random(persons) < 2 / 3, added, np.nan)},
        defaulted.tolist(),
        split.tolist(),
    )


def frame(train: tuple[float | None, ...], test: tuple[float | None, ...]) -> pl.DataFrame:
    """One source's AUC with its interval, on two splits."""
    columns = ("auc", "auc_low", "auc_high")
    rows = [
        {"key": "a", "split": s, "persons": 100, **dict(zip(columns, f, strict=True))}
        for s, f in (("train", train), ("test", test))
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(columns, pl.Float64))


@pytest.mark.usefixtures("every_cell")
def test_each_source_has_a_row_per_split_in_order() -> None:
    persons = evidence(
        {"b": [0.0] * 4, "a": [0.0] * 4}, [False] * 4, ["test", "train", "out_of_time", "calibrate"]
    )
    found = by_split(persons)
    assert found.select("key", "split").rows() == [(key, split) for key in "ba" for split in SPLITS]
    assert found["persons"].to_list() == [1] * 8


def test_splits_without_people_are_left_out() -> None:
    assert by_split(evidence({"a": [0.0, 1.0]}, [False, True], ["test", "train"]))[
        "split"
    ].to_list() == ["train", "test"]


def test_the_auc_is_that_of_the_people_the_source_knows() -> None:
    persons = learnt(0.5)
    for split, value, known in by_split(persons).select("split", "auc", "persons").iter_rows():
        part = persons.split(split)
        mine = part.known[:, 0]
        assert known == mine.sum()
        assert value == pytest.approx(
            exact_auc(part.added[mine, 0], part.people["defaulted"].to_numpy()[mine]), abs=0.001
        )


@given(populations(both=True, most=60))
def test_a_split_reads_as_it_does_alone_or_not_at_all(persons) -> None:
    for row in by_split(persons).iter_rows(named=True):
        same = alone(persons.split(row["split"]), persons).row(
            by_predicate=pl.col("key") == row["key"], named=True
        )
        assert row["persons"] in (same["persons"], None)
        if row["auc"] is not None:
            assert (row["auc"], row["auc_low"], row["auc_high"]) == (
                same["auc"],
                same["auc_low"],
                same["auc_high"],
            )


def test_too_few_people_have_no_auc() -> None:
    persons = evidence(
        {"a": np.arange(60.0)},
        [True] * 4 + [False] * 26 + [True] * 5 + [False] * 25,
        ["train"] * 30 + ["test"] * 30,
    )
    found = by_split(persons)
    assert found["auc"].is_null().to_list() == [
        True,
        False,
    ]  # four defaulters of thirty, five of thirty
    assert overfit(found).row(0) == ("a", None, None, None, None)


def test_a_weighting_is_read_among_the_people_it_scores() -> None:
    persons = learnt(0.5)
    found = by_split(persons, {"champion": weights(persons, a=1)})
    assert found["key"].unique().to_list() == ["champion"]
    assert found.drop("key").equals(by_split(persons).drop("key"))


def test_the_gap_and_its_interval_by_hand() -> None:
    key, gap, low, high, named = overfit(frame((0.80, 0.77, 0.83), (0.70, 0.66, 0.74))).row(0)
    assert (key, gap, low, high) == (
        "a",
        pytest.approx(0.10),
        pytest.approx(0.05),
        pytest.approx(0.15),
    )  # 3, 4, 5
    assert named


@pytest.mark.parametrize(
    ("train", "test", "named"),
    [
        ((0.80, 0.79, 0.81), (0.77, 0.76, 0.78), True),
        ((0.80, 0.70, 0.90), (0.70, 0.60, 0.80), False),  # wide, yet within chance
        ((0.80, 0.799, 0.801), (0.79, 0.789, 0.791), False),  # certain, yet small
        ((0.70, 0.69, 0.71), (0.80, 0.79, 0.81), False),  # better on people it has not seen
        ((0.80, 0.79, 0.81), (None, None, None), None),
    ],
)
def test_overfit_is_a_gap_that_is_both_certain_and_wide(train, test, named: bool | None) -> None:
    assert overfit(frame(train, test))["overfit"].to_list() == [named]


def test_the_interval_of_the_gap_holds_the_truth_as_often_as_it_says() -> None:
    held = [
        low <= 0 <= high
        for seed in range(200)
        for low, high in (
            overfit(by_split(learnt(0.0, persons=600, seed=seed))).select("low", "high").iter_rows()
        )
    ]
    assert len(held) == 200
    assert 0.90 <= np.mean(held) <= 0.99  # 95% of 200, give or take


def test_what_was_learned_by_heart_is_named() -> None:
    assert overfit(by_split(learnt(1.0)))["overfit"].to_list() == [True]
    assert overfit(by_split(learnt(0.0)))["overfit"].to_list() == [False]


def test_a_source_without_test_persons_is_not_judged() -> None:
    assert overfit(by_split(learnt(1.0).split("train"))).row(0) == ("a", None, None, None, None)
