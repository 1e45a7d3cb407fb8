"""Who is scored and who is not?"""

import polars as pl
import pytest
from scipy.stats import binomtest

from analytics.weighing.groups import by_segment, hits, overlap, persons_known
from tests.people import NOT, evidence, trio, weights


def test_coverage_of_each_region_and_small_ones_are_left_out() -> None:
    region = ["North"] * 120 + ["South"] * 60 + ["West"] * 29 + ["Isle"]
    persons = evidence({"bank": [0.0] * 90 + [NOT] * 90 + [0.0] * 30}, [False] * 210, region=region)
    found = by_segment(persons, weights(persons, bank=1), ("region",))
    assert found.select("group", "segment", "value", "persons").rows() == [
        ("region", "North", 0.75, 120),
        ("region", "South", 0.0, 60),
    ]
    low, high = found.row(0, named=True)["low"], found.row(0, named=True)["high"]
    wilson = binomtest(90, 120).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=1e-4)


def test_a_segment_of_whom_few_are_not_scored_has_no_share() -> None:
    persons = evidence({"bank": [0.0] * 91 + [NOT] * 29}, [False] * 120, region=["North"] * 120)
    row = by_segment(persons, weights(persons, bank=1), ("region",)).row(0, named=True)
    assert (row["value"], row["low"], row["high"], row["persons"]) == (None, None, None, 120)


def test_people_of_unknown_outcome_are_in_no_segment() -> None:
    persons = evidence({"bank": [0.0] * 60}, [False] * 30 + [None] * 30, region=["North"] * 60)
    assert by_segment(persons, weights(persons, bank=1), ("region",))["persons"].to_list() == [30]


def test_without_segments_there_is_an_empty_frame_of_the_same_columns() -> None:
    assert by_segment(trio(), weights(trio(), bank=1), ()).columns == [
        "group",
        "segment",
        "value",
        "low",
        "high",
        "persons",
    ]


@pytest.mark.usefixtures("every_cell")
def test_who_is_known_to_which_sources() -> None:
    found = overlap(trio())
    assert sorted(found.select("sources", "persons").rows()) == [
        ([], 1),
        (["bank"], 1),
        (["bureau", "bank"], 1),
    ]
    assert found["share"].to_list() == pytest.approx([1 / 3] * 3)
    assert found["bad_rate"].null_count() == 0


def test_the_bad_rate_of_a_combination_counts_known_outcomes_only() -> None:
    persons = evidence({"bank": [0.0] * 50}, [True] * 10 + [False] * 30 + [None] * 10)
    assert overlap(persons).rows() == [(["bank"], 50, 1.0, 0.25)]


@pytest.mark.usefixtures("every_cell")
def test_a_source_hits_whom_it_knows() -> None:
    assert persons_known(trio()).tolist() == [1, 2]
    report = pl.DataFrame({"key": ["bank", "bureau"], "fill": [0.5, 0.25]})
    ann = trio().where((trio().people["name"] == "Ann").to_numpy())
    found = hits(trio(), report, ann)
    assert found["source"].to_list() == ["bureau", "bank"]
    assert found["hit"].to_list() == pytest.approx([1 / 3, 2 / 3])
    assert found["other"].to_list() == [1.0, 1.0]
    assert found["fill"].to_list() == [0.25, 0.5]
