"""Are a few people's records those of everyone's, and is what is usual what was observed?"""

import numpy as np
import polars as pl
import pytest

from analytics.data.catalog.model import Feature, Source
from analytics.data.population import find as bind
from analytics.data.population import people
from analytics.data.refusal import Refusal
from analytics.explaining import records
from analytics.sources import design as designs
from analytics.sources.design import Design, draw, pick
from tests.people import NOT, evidence, rewrite, told


def same(few: Design, whole: Design, rows: list[int]) -> bool:
    """Do a few people's records equal theirs among everyone's, to the bit?"""
    theirs = np.isin(whole.rows, rows)
    return (
        np.array_equal(few.matrix, whole.matrix[theirs], equal_nan=True)
        and few.rows.tolist() == whole.rows[theirs].tolist()
    )


def chosen(population, rows: list[int]) -> pl.DataFrame:
    return people(population).filter(pl.col("row").is_in(rows))


@pytest.mark.parametrize("rows", [[0], [1], [4], [2, 3], [299], list(range(300))])
def test_records_of_a_few_people_are_those_of_the_whole_design_to_the_bit(
    fitted, rows: list[int]
) -> None:
    persons = fitted.evidence.rows(np.array(rows))
    for few, source in zip(
        records.read(fitted.population, fitted.models(), persons),
        fitted.population.catalog,
        strict=True,
    ):
        whole = draw(fitted.population, people(fitted.population), source)
        assert same(few, whole, rows)
        assert (few.categories, few.types, few.features, few.persons) == (
            whole.categories,
            whole.types,
            whole.features,
            len(rows),
        )


def test_many_people_are_read_from_whole_tables_and_get_the_same(fitted, monkeypatch) -> None:
    rows = list(range(0, 300, 7))
    persons = fitted.evidence.rows(np.array(rows))
    few = records.read(fitted.population, fitted.models(), persons)
    for module in (designs, records):
        monkeypatch.setattr(module, "FEW", 3)
    for one, other in zip(
        few, records.read(fitted.population, fitted.models(), persons), strict=True
    ):
        assert same(one, other, rows)


def test_sample_people_s_records_are_those_of_the_whole_design(sample, sample_explained) -> None:
    rows = np.random.default_rng(4).choice(60_000, 40, replace=False).tolist()
    found = records.read(sample.population, sample.models(), sample.evidence.rows(np.array(rows)))
    assert all(
        same(few, part.design, rows)
        for few, part in zip(found, sample_explained.parts, strict=True)
    )


def test_whom_a_source_does_not_know_has_no_record(fitted) -> None:
    bureau, bank = records.read(
        fitted.population, fitted.models(), fitted.evidence.rows(np.array([1]))
    )
    assert (bureau.matrix.shape, bank.matrix.shape) == ((0, 3), (1, 2))


def test_a_source_in_the_people_s_own_table_and_ids_that_are_numbers_are_read_too(folder) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            person_id=pl.int_range(pl.len()) * 3, age=pl.int_range(pl.len()) % 50
        ),
    )
    rewrite(
        folder / "bureau.parquet", lambda f: f.with_columns(person_id=pl.int_range(pl.len()) * 6)
    )
    population = bind(told(folder, ('table = "bank.csv"\n', ""), ('"balance", "job"', '"age"')))
    for key in ("bureau", "bank"):
        source = population.catalog.source(key)
        whole = draw(population, people(population), source)
        assert same(pick(population, chosen(population, [4, 9]), source, {}), whole, [4, 9])


def test_codes_for_missing_and_consent_hold_for_a_few_people_as_for_all(folder) -> None:
    ids = [f"p{i:04}" for i in range(4)]
    pl.DataFrame(
        {
            "person_id": ids,
            "late_30": [1, -9, 3, -9],
            "late_90": [1, 2, 3, -9],
            "utilisation": [0.5] * 4,
            "agreed": [1, 1, 0, None],
        }
    ).write_parquet(folder / "bureau.parquet")
    population = bind(
        told(
            folder,
            ('outcome = "defaulted"', 'outcome = "defaulted"\nmissing = [-9]'),
            ("cost = 1.5", 'consent = "agreed"'),
        )
    )
    found = pick(population, chosen(population, [1, 2]), population.catalog.source("bureau"), {})
    assert found.rows.tolist() == [1]
    assert found.matrix[0].tolist() == pytest.approx([NOT, 2, 0.5], nan_ok=True)


def test_an_id_that_stands_twice_is_refused_when_its_person_is_asked_for(folder) -> None:
    rewrite(folder / "bank.csv", lambda f: pl.concat([f, f[:1]]))
    population = bind(told(folder))
    with pytest.raises(
        Refusal,
        match=r"^bank.csv: 1 rows repeat the 'person_id' of another row; keep one row per person$",
    ):
        pick(population, chosen(population, [1]), population.catalog.source("bank"), {})


# finding


def test_a_person_is_found_by_the_id(fitted) -> None:
    found = records.find(fitted.evidence, "p0042")
    assert (len(found), found.people["row"][0]) == (1, 42)


def test_ids_that_are_numbers_are_found_by_their_text() -> None:
    persons = evidence({"bank": [1.0, 2.0, NOT]}, [True, False, None], person=[-7, 12, 13])
    assert [records.find(persons, i).added[0, 0] for i in ("-7", "12")] == [1.0, 2.0]


@pytest.mark.parametrize("id", ["p9999", "", "q0042"])
def test_an_unknown_id_is_refused_with_the_column_to_look_in(fitted, id: str) -> None:
    with pytest.raises(Refusal) as refusal:
        records.find(fitted.evidence, id)
    assert (
        str(refusal.value)
        == f"no person {id!r} in people.csv; write the id as it stands in its column 'person_id'"
    )


@pytest.mark.parametrize("id", ["P0042", "p0042 ", " p 42", "P00042"])
def test_an_id_written_otherwise_is_found_where_one_person_is_meant(fitted, id: str) -> None:
    assert records.find(fitted.evidence, id).people["person"].to_list() == ["p0042"]


def test_ids_that_are_nearly_the_one_asked_for_are_named_where_several_are() -> None:
    persons = evidence({"bank": [1.0, 2.0, 3.0]}, [True, False, None], person=["0012", "12", "13"])
    assert records.find(persons, "0012").added[0, 0] == 1.0
    with pytest.raises(
        Refusal,
        match=r"write the id as it stands in its column 'person_id'; nearly the same: 0012, 12$",
    ):
        records.find(persons, "00012")


def test_a_person_whom_no_source_knows_is_refused() -> None:
    persons = evidence({"bank": [1.0, NOT]}, [True, False], person=["Ann", "Cleo"])
    with pytest.raises(
        Refusal,
        match=(
            r"^no source knows person 'Cleo', so there is nothing to explain; choose a person of"
            r" whom a source holds a record$"
        ),
    ):
        records.find(persons, "Cleo")


# ranges


def design(*values: float, **texts: tuple[str, ...]) -> Design:
    matrix = np.array(values, np.float32)[:, None]
    return Design(
        Source("bank", "Bank", ("x",)),
        (Feature("x"),),
        matrix,
        np.arange(len(values), dtype=np.uint32),
        texts,
        len(values),
        0,
    )


def test_a_range_has_the_ends_the_median_and_at_most_twelve_steps_between_the_percentiles() -> None:
    found = records.ranges([design(*range(1001), NOT)])["bank", "x"]
    assert (found.least, found.usual, found.greatest, found.whole) == (0, 500, 1000, True)
    assert (len(found.steps), found.steps[0], found.steps[-1]) == (12, 10, 990)


def test_few_values_are_few_steps_and_fractions_are_no_whole_numbers() -> None:
    found = records.ranges([design(0.5, 0.5, 2.0)])["bank", "x"]
    assert (found.steps, found.whole) == ((0.5, 2.0), False)


def test_a_category_has_its_texts_and_the_most_common_as_steps() -> None:
    texts = tuple(f"t{i:02}" for i in range(20))
    found = records.ranges([design(*range(8, 20), *range(8, 20), *range(8), NOT, x=texts)])[
        "bank", "x"
    ]
    assert found.texts == texts
    assert found.steps == tuple(map(float, range(8, 20)))


def test_a_feature_without_values_has_an_empty_range() -> None:
    found = records.ranges([design(NOT, NOT)])["bank", "x"]
    assert (np.isnan(found.usual), found.steps) == (True, ())


def test_what_is_observed_is_the_range_over_all_tables(fitted, small) -> None:
    observed = records.observe(fitted.population, fitted.models())
    assert repr(observed) == repr(
        records.ranges([p.design for p in small.parts])
    )  # as text: no not-a-number equals another
    bureau = pl.read_parquet(fitted.population.catalog.folder / "bureau.parquet")
    assert (observed["bureau", "late_90"].least, observed["bureau", "late_90"].greatest) == (
        bureau["late_90"].min(),
        bureau["late_90"].max(),
    )
