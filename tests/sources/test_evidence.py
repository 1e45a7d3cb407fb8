"""What does every source add about every person?"""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources.evidence import UNKNOWN, gather
from analytics.weighing.tally import weigh
from tests.people import NOT, catalog, evidence, outcomes, populations, trio, weighed, weightings


def by_row(persons) -> dict[int, list]:
    return {
        row: added.tolist()
        for row, added in zip(
            persons.people["row"], np.nan_to_num(persons.added, nan=99), strict=True
        )
    }


def test_ann_is_known_to_both_bob_to_the_bank_and_cleo_to_nobody() -> None:
    known = dict(zip(trio().people["name"], trio().known.tolist(), strict=True))
    assert known == {"Ann": [True, True], "Bob": [False, True], "Cleo": [False, False]}


def test_what_sources_say_lands_with_the_people_they_know() -> None:
    people = pl.DataFrame({"row": [0, 1, 2], "defaulted": [False, True, None]})
    said = {
        "bureau": (np.array([0]), np.array([-2.0])),
        "bank": (np.array([0, 1]), np.array([-1.0, 1.0])),
    }
    found = gather(catalog("bureau", "bank"), people, said, 0.1)
    assert by_row(found) == {0: [-2, -1], 1: [99, 1], 2: [99, 99]}


def test_the_limits_are_the_least_and_the_greatest_of_each_source() -> None:
    persons = evidence({"a": [-2.0, 1.0, NOT], "b": [NOT, NOT, NOT]}, [False, True, None])
    assert persons.limits.tolist() == [[-2, 1], [0, 0]]
    assert (
        persons.where(persons.people["row"].to_numpy() == 1).limits.tolist()
        == persons.limits.tolist()
    )


@given(populations())
def test_people_lined_up_are_the_same_people(persons) -> None:
    assert sorted(persons.people["row"]) == list(range(len(persons)))


@given(populations())
def test_a_run_holds_people_who_are_known_alike_and_turned_out_alike(persons) -> None:
    runs, outcome = (
        persons.runs,
        persons.people["defaulted"].cast(pl.Int8).fill_null(UNKNOWN).to_numpy(),
    )
    assert runs.sizes.sum() == len(persons)
    assert (np.repeat(runs.known, runs.sizes, axis=0) == persons.known).all()
    assert (np.repeat(runs.outcome, runs.sizes) == outcome).all()
    kinds = [(*known, y) for known, y in zip(runs.known.tolist(), runs.outcome, strict=True)]
    assert len(kinds) == len(set(kinds))


@given(populations(), st.randoms(use_true_random=False))
def test_a_choice_of_people_equals_filtering_by_hand(persons, random) -> None:
    mask = np.array([random.random() < 0.5 for _ in range(len(persons))])
    chosen = persons.where(mask)
    assert chosen.people.equals(persons.people.filter(pl.Series(mask)))
    assert np.array_equal(chosen.added, persons.added[mask], equal_nan=True)
    assert (np.repeat(chosen.runs.known, chosen.runs.sizes, axis=0) == chosen.known).all()
    assert (np.diff(chosen.runs.edges) > 0).all()
    assert chosen.runs.edges[-1] == len(chosen)


@given(populations(), st.sets(st.integers(0, 60)))
def test_the_rows_of_a_file_are_those_people_and_rows_of_nobody_are_ignored(persons, rows) -> None:
    chosen = persons.rows(np.array(sorted(rows), np.uint32))
    assert set(chosen.people["row"]) == rows & set(range(len(persons)))


@given(populations())
def test_splits_and_groups_are_parts_of_the_whole(persons) -> None:
    parts = persons.group("split")
    assert list(parts) == sorted(set(persons.people["split"]))
    assert sum(map(len, parts.values())) == len(persons)
    assert len(persons.split("train", "test")) == len(persons) - len(persons.split("calibrate"))
    for name, part in parts.items():
        assert part.people.equals(persons.split(name).people)
        assert set(part.people["split"]) == {name}


def test_a_person_without_a_value_is_in_no_group() -> None:
    persons = evidence({"a": [0.0, 1.0]}, [False, True], region=["West", None])
    assert {k: len(v) for k, v in persons.group("region").items()} == {"West": 1}


def test_more_than_64_sources_are_told_apart() -> None:
    persons = evidence(
        {
            f"s{i}": [0.0 if i in (person, 69 - person) else NOT for person in range(30)]
            for i in range(70)
        },
        [False] * 30,
    )
    assert len(persons.runs.sizes) == 30
    rows = persons.people["row"].to_list()
    assert [np.flatnonzero(known).tolist() for known in persons.known] == [
        [row, 69 - row] for row in rows
    ]


def test_evidence_cannot_be_changed() -> None:
    for persons in (trio(), trio().where(np.array([True, False, True]))):
        with pytest.raises(ValueError, match="read-only"):
            persons.added[0, 0] = 1


def test_nobody_is_an_evidence_too() -> None:
    nobody = trio().where(np.zeros(3, bool))
    assert len(nobody) == len(nobody.runs.sizes) == len(nobody.rows(np.array([0, 1]))) == 0


@pytest.mark.parametrize("sources", [1, 64, 65, 130])
def test_any_number_of_sources_lines_up_and_the_last_one_counts(sources: int) -> None:
    keys = [f"s{i}" for i in range(sources)]
    added = {key: [1.0, NOT, 1.0, NOT] if key == keys[-1] else [0.5] * 4 for key in keys}
    persons = evidence(added, [False, False, True, True])
    assert len(persons.runs.sizes) == 4
    assert (np.repeat(persons.runs.known, persons.runs.sizes, axis=0) == persons.known).all()
    assert {
        row: float(last)
        for row, last in zip(
            persons.people["row"], np.nan_to_num(persons.added[:, -1], nan=99), strict=True
        )
    } == {0: 1, 1: 99, 2: 1, 3: 99}


# what a source says otherwise


def by_name(persons) -> dict[str, list]:
    return {
        name: added.tolist()
        for name, added in zip(
            persons.people["name"], np.nan_to_num(persons.added, nan=99), strict=True
        )
    }


def named(persons, **values: float) -> np.ndarray:
    """A value per person, by name, in the order the persons stand in."""
    return np.array([values[name] for name in persons.people["name"]])


def test_a_column_is_what_one_source_adds() -> None:
    said = dict(
        zip(trio().people["name"], np.nan_to_num(trio().column("bank"), nan=99), strict=True)
    )
    assert said == {"Ann": -1, "Bob": 1, "Cleo": 99}


def test_the_bank_says_something_else_and_everybody_stays_who_they_are() -> None:
    persons = trio()
    after = persons.put("bank", named(persons, Ann=3.0, Bob=0.5, Cleo=NOT))
    assert by_name(after) == {"Ann": [-2, 3], "Bob": [99, 0.5], "Cleo": [99, 99]}
    assert after.people is persons.people
    assert after.runs is persons.runs
    assert persons.added.tobytes() == trio().added.tobytes()


def test_the_bank_forgets_bob_and_hears_of_cleo() -> None:
    persons = trio()
    after = persons.put("bank", named(persons, Ann=-1.0, Bob=NOT, Cleo=-4.0))
    assert by_name(after) == {"Ann": [-2, -1], "Bob": [99, 99], "Cleo": [99, -4]}
    assert dict(zip(after.people["name"], after.people["defaulted"], strict=True)) == {
        "Ann": False,
        "Bob": True,
        "Cleo": True,
    }
    assert after.limits.tolist() == [[-2, -2], [-4, 1]]


def test_limits_only_widen_so_that_nobody_before_or_after_lies_outside() -> None:
    persons = trio()
    assert persons.put("bank", named(persons, Ann=0.0, Bob=0.25, Cleo=NOT)).limits.tolist() == [
        [-2, -2],
        [-1, 1],
    ]
    assert persons.put("bank", np.full(3, NOT)).limits.tolist() == [[-2, -2], [-1, 1]]


def test_what_is_put_cannot_be_changed() -> None:
    for values in ([0.0, 0.0, 0.0], trio().column("bank")):
        with pytest.raises(ValueError, match="read-only"):
            trio().put("bank", np.array(values)).added[0, 0] = 1


@given(populations(), st.sampled_from("abc"))
def test_the_same_values_make_the_same_evidence_bit_for_bit(persons, key) -> None:
    after = persons.put(key, persons.column(key).copy())
    assert after.added.tobytes(order="F") == persons.added.tobytes(order="F")
    assert after.people.equals(persons.people)
    assert after.runs.edges.tobytes() == persons.runs.edges.tobytes()
    assert (after.limits == persons.limits).all()


@given(populations(), weightings(), st.sampled_from("abc"), st.randoms(use_true_random=False))
def test_every_person_keeps_row_outcome_and_other_sources_and_is_weighed_by_what_is_put(
    persons, weighting, key, random
) -> None:
    values = np.array([random.choice([NOT, -1.5, 0.25, 7.0]) for _ in range(len(persons))])
    after = persons.put(key, values)
    now, then = np.argsort(after.people["row"]), np.argsort(persons.people["row"])
    assert after.people[now].equals(persons.people[then])
    for other in "abc":
        said = values if other == key else persons.column(other)
        assert np.array_equal(
            after.column(other)[now], said[then].astype(np.float32), equal_nan=True
        )
    assert (np.repeat(after.runs.known, after.runs.sizes, axis=0) == after.known).all()
    assert (np.repeat(after.runs.outcome, after.runs.sizes) == 1).tolist() == (
        outcomes(after)[0] & outcomes(after)[1]
    ).tolist()
    assert weigh(after, weighting) == pytest.approx(
        weighed(after, weighting), abs=1e-6, nan_ok=True
    )
