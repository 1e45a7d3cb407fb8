"""Who sees what, and what would joining do?"""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from analytics.data.catalog.model import Bureau
from analytics.data.cohort import Cohort
from analytics.data.population import find
from analytics.data.split import assign
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.weighing.bureaus import View, gains, joint, parts, seen, sight, table
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting, equal
from tests.people import NOT, evidence, weights

SIZE = 400
IDS = [f"p{i:03}" for i in range(SIZE)]
ROWS = np.arange(SIZE)
EVEN = {"bank": ROWS[::2]}  # one partner holds the accounts of the even people, all shops
SHOP = {"shop": None}
LOW = {"bank": ROWS[:100], "shop": ROWS[50:150]}


def persons(size: int = SIZE) -> Evidence:
    """The bank knows three of four, the shop two of three.

    Those whose number divides by twelve are known to nobody.
    """
    chance = np.random.default_rng(2)
    defaulted = chance.random(SIZE) < 0.4
    says = chance.normal(size=(SIZE, 2)) + defaulted[:, None]
    bank, shop = np.where(ROWS % 4 > 0, says[:, 0], NOT), np.where(ROWS % 3 > 0, says[:, 1], NOT)
    split = np.where(ROWS % 5 == 0, "calibrate", "test")
    return evidence(
        {"bank": bank[:size], "shop": shop[:size]},
        defaulted[:size].tolist(),
        split[:size].tolist(),
        person=IDS[:size],
    )


def by_person(found: Evidence) -> dict[str, list[float]]:
    """What is known of everyone by id; 99 is nothing."""
    return dict(
        zip(found.people["person"], np.nan_to_num(found.added, nan=99).tolist(), strict=True)
    )


def visible(found: Evidence) -> dict[str, set[int]]:
    """The rows of whom each source tells something."""
    rows = found.people["row"].to_numpy()
    return {
        key: set(rows[known].tolist())
        for key, known in zip(found.catalog.keys, found.known.T, strict=True)
    }


def view(found: Evidence, label: str, weighting: Weighting) -> View:
    return View(label.lower(), label, found, weighting)


# who is seen


def test_a_bureau_sees_exactly_whom_its_conditions_say(fitted: Fitted) -> None:
    conditions = Cohort.parse("region == 'North'").conditions
    sees = sight(fitted.population, Bureau("x", "X", (("bank", 1.0),), (("bank", conditions),)))
    found, everyone = visible(seen(fitted.evidence, [sees])), visible(fitted.evidence)
    assert found["bank"] == {
        row for row in everyone["bank"] if row % 2
    }  # the odd live in the north
    assert found["bureau"] == set()


def test_a_bureau_without_conditions_sees_everyone_of_its_sources(fitted: Fitted) -> None:
    some = sight(fitted.population, Bureau("x", "X", (("bank", 1.0),), (("bank", ()),)))
    assert visible(seen(fitted.evidence, [some])) == {
        "bureau": set(),
        "bank": visible(fitted.evidence)["bank"],
    }
    everything = sight(fitted.population, Bureau("y", "Y", (("bank", 1.0),)))
    assert by_person(seen(fitted.evidence, [everything])) == by_person(fitted.evidence)


def test_a_condition_may_ask_for_what_another_source_holds(settled) -> None:
    population = find(settled)
    asked = Cohort.parse("bank.job == 'free'")
    sees = sight(population, Bureau("x", "X", (("bureau", 1.0),), (("bureau", asked.conditions),)))
    assert sees["bureau"].tolist() == population.collect(asked, ["row"])["row"].to_list()
    assert 0 < len(sees["bureau"]) < 200


def test_whom_the_conditions_hide_is_unknown_and_what_is_seen_is_unchanged() -> None:
    everyone = by_person(persons())
    for id, (bank, shop) in by_person(seen(persons(), [LOW])).items():
        row = int(id[1:])
        assert bank == (everyone[id][0] if row < 100 else 99)
        assert shop == (everyone[id][1] if 50 <= row < 150 else 99)


def test_nobody_and_nothing_is_lost_by_looking() -> None:
    found = seen(persons(), [EVEN])
    assert sorted(found.people["person"]) == IDS
    assert (found.catalog, found.base_rate) == (persons().catalog, persons().base_rate)
    assert persons().known.sum() > found.known.sum()


def test_without_a_match_the_first_partner_is_alone() -> None:
    for one, other in ((EVEN, SHOP), (SHOP, EVEN)):
        assert by_person(seen(persons(), [one, other], match=0)) == by_person(
            seen(persons(), [one])
        )


def test_with_every_match_partners_see_what_any_of_them_sees() -> None:
    union = visible(seen(persons(), [EVEN, SHOP, LOW]))
    apart = [visible(seen(persons(), [one])) for one in (EVEN, SHOP, LOW)]
    assert union == {key: set().union(*(each[key] for each in apart)) for key in ("bank", "shop")}


def test_in_every_split_so_many_are_matched_as_the_match_says_and_only_they_are_seen_by_both() -> (
    None
):
    size = 20_000
    ids = pl.Series("person", [f"P{i:08}" for i in range(size)])
    some = evidence(
        {"bank": [0.0] * size, "shop": [0.0] * size},
        [False] * size,
        assign(ids).to_list(),
        person=ids,
    )
    found = seen(some, [{"bank": None}, SHOP], match=0.8)
    assert found.known[:, 0].all()
    for split in ("train", "calibrate", "test"):
        joined = found.split(split).known[:, 1]
        assert binomtest(int(joined.sum()), len(joined), 0.8).pvalue > 0.001


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=15)
def test_a_better_match_loses_nobody(one: float, other: float) -> None:
    few, many = (
        visible(seen(persons(), [EVEN, LOW], match=match)) for match in sorted((one, other))
    )
    assert all(few[key] <= many[key] for key in few)


def test_whether_a_person_is_matched_does_not_depend_on_who_else_is_there() -> None:
    few, many = (by_person(seen(persons(size), [EVEN, SHOP], match=0.5)) for size in (100, SIZE))
    assert {id: many[id] for id in few} == few


# the weights of an alliance


@st.composite
def partners(draw: st.DrawFn) -> tuple[list[dict[str, np.ndarray | None]], list[Weighting]]:
    """Two or three bureaus that weigh what they see."""
    sights, weightings = [], []
    floor, missing = (
        draw(st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])),
        draw(st.sampled_from(["neutral", "renormalise"])),
    )
    for _ in range(draw(st.integers(2, 3))):
        sees = {
            key: draw(st.sampled_from([None, ROWS[::2], ROWS[:130], ROWS[250:]]))
            for key in draw(st.sampled_from([["bank"], ["shop"], ["bank", "shop"]]))
        }
        shares = {key: draw(st.sampled_from([1.0, 3.0, 0.1])) for key in sees}
        sights.append(sees)
        weightings.append(weights(persons(), floor=floor, missing=missing, **shares))
    return sights, weightings


@settings(max_examples=40)
@given(partners())
def test_together_partners_score_everyone_whom_one_of_them_can_score(drawn) -> None:
    sights, weightings = drawn
    alone = [
        by_row(seen(persons(), [sees]), weighting)
        for sees, weighting in zip(sights, weightings, strict=True)
    ]
    together = by_row(seen(persons(), sights), joint(weightings))
    assert set().union(*alone) <= together


def by_row(found: Evidence, weighting: Weighting) -> set[int]:
    """The rows of the scored."""
    return set(found.people["row"].to_numpy()[weighting.scores(found.known)].tolist())


def test_the_weights_of_an_alliance_are_the_mean_and_its_floor_is_divided() -> None:
    one, two = (
        weights(persons(), floor=0.6, missing="renormalise", bank=3, shop=1),
        weights(persons(), floor=0.6, shop=20),
    )
    together = joint([one, two])
    assert together.shares == {"bank": 0.375, "shop": 0.625}
    assert (together.floor, together.missing) == (0.3, "renormalise")
    assert joint([one]).shares == one.shares


# what they can do


def test_the_table_reads_each_bureau_on_what_it_sees() -> None:
    whole, bank = equal(persons().catalog), weights(persons(), bank=1)
    rows = table(
        [view(persons(), "All", whole), view(seen(persons(), [EVEN]), "Bank", bank)]
    ).to_dicts()
    read = persons().split("test")
    assert [(row["key"], row["label"]) for row in rows] == [("all", "All"), ("bank", "Bank")]
    assert rows[0]["persons"] == read.known.any(axis=1).sum()
    own = seen(read, [EVEN])
    assert (
        rows[1]["persons"]
        == own.known[:, 0].sum()
        == len(visible(read)["bank"] & set(range(0, SIZE, 2)))
    )
    assert rows[1]["known"] == own.known[:, 0].mean()
    assert rows[1]["coverage"] == coverage(tally(own, bank)).value == rows[1]["known"]
    assert rows[1]["auc_everyone"] == pytest.approx(
        auc(tally(own, bank), everyone=True).value, abs=1e-9
    )


def test_other_splits_may_be_read() -> None:
    views = [view(persons(), "All", equal(persons().catalog))]
    several = [table(views, (split,))["persons"].item() for split in ("test", "calibrate")]
    assert sum(several) == table(views, ("test", "calibrate"))["persons"].item()


def test_two_partners_part_people_into_both_each_alone_and_neither() -> None:
    one, two = (
        view(seen(persons(), [sees]), name, equal(persons().catalog))
        for sees, name in (({"bank": None}, "Bank"), (SHOP, "Shop"))
    )
    found = {row["part"]: row for row in parts([one, two]).to_dicts()}
    assert list(found) == ["both", "Bank only", "Shop only", "neither"]
    counts = [found[name]["persons"] for name in found]
    assert counts == [
        ((ROWS % 4 > 0) & (ROWS % 3 > 0)).sum(),
        ((ROWS % 4 > 0) & (ROWS % 3 == 0)).sum(),
        ((ROWS % 4 == 0) & (ROWS % 3 > 0)).sum(),
        34,
    ]
    defaulted = persons().people.sort("row")["defaulted"].to_numpy()
    assert found["Bank only"]["bad_rate"] == defaulted[(ROWS % 4 > 0) & (ROWS % 3 == 0)].mean()
    assert found["both"]["share"] == found["both"]["persons"] / SIZE


@pytest.mark.usefixtures("every_cell")
def test_three_partners_part_people_into_all_several_each_alone_and_none() -> None:
    sights = ({"bank": ROWS[:40], "shop": ROWS[:40]}, {"shop": ROWS[20:80]}, {"bank": ROWS[30:60]})
    views = [
        view(seen(persons(), [sees]), name, equal(persons().catalog))
        for sees, name in zip(sights, "ABC", strict=True)
    ]
    found = parts(views)
    assert found["part"].to_list() == ["all", "several", "A only", "B only", "C only", "none"]
    assert found["persons"].sum() == SIZE
    assert found["share"].sum() == pytest.approx(1)


@settings(max_examples=25)
@given(partners())
def test_parts_add_up_to_everyone_whose_outcome_is_known(drawn) -> None:
    sights, weightings = drawn
    views = [
        view(seen(persons(), [s]), name, w)
        for s, w, name in zip(sights, weightings, "ABC", strict=False)
    ]
    found = parts(views)
    assert (found["persons"] >= 30).all()
    assert (
        SIZE - found["persons"].sum() == 0
        or SIZE - found["persons"].sum() >= 30
        or found.is_empty()
    )
    assert found["share"].sum() == pytest.approx(found["persons"].sum() / SIZE)


@pytest.mark.usefixtures("every_cell")
def test_unknown_outcomes_are_not_counted_in_a_part() -> None:
    outcome = [None, *[True] * 20, *[False] * 29]
    some = evidence(
        {"bank": [0.0] * 40 + [NOT] * 10, "shop": [NOT] * 20 + [0.0] * 30}, outcome, person=IDS[:50]
    )
    views = [
        view(seen(some, [sees]), name, equal(some.catalog))
        for sees, name in (({"bank": None}, "Bank"), (SHOP, "Shop"))
    ]
    found = {row["part"]: (row["persons"], row["bad_rate"]) for row in parts(views).to_dicts()}
    assert found == {"both": (20, 1 / 20), "Bank only": (19, 1.0), "Shop only": (10, 0.0)}


# what joining brings


@settings(max_examples=25)
@given(partners(), st.sampled_from([0.0, 0.4, 1.0]))
def test_what_joining_brings_a_partner_adds_up_and_without_a_match_nothing_comes_of_records(
    drawn, match: float
) -> None:
    sights, weightings = drawn
    together = joint(weightings)
    alone = view(seen(persons(), sights[:1]), "A", weightings[0])
    unjoined, joined = (
        view(seen(persons(), sees, match=match), "A", together) for sees in (sights[:1], sights)
    )
    row = gains([(alone, unjoined, joined)]).row(0, named=True)
    assert row["coverage_alone"] + row["coverage_by_floor"] + row[
        "coverage_by_records"
    ] == pytest.approx(row["coverage_together"])
    assert (
        row["coverage_together"] == coverage(tally(joined.evidence.split("test"), together)).value
    )
    assert (
        row["coverage_alone"] == coverage(tally(alone.evidence.split("test"), weightings[0])).value
    )
    assert row["coverage_by_records"] >= 0
    if match == 0:
        assert row["coverage_by_records"] == 0
        assert row["auc_by_records"] in (0, None)
