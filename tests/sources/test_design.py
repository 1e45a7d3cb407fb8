"""What does a source hold, as numbers?"""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from analytics.data.population import find, people
from analytics.data.refusal import Refusal
from analytics.sources.design import OTHER, Design, draw, pick, survey
from tests.people import rewrite, told

NOBODY = float("nan")


def drawn(folder, key: str, *edits: tuple[str, str], categories=None) -> Design:
    population = find(told(folder, *edits))
    return draw(population, people(population), population.catalog.source(key), categories)


def only(folder, table: str, **columns: list) -> None:
    """Records of the first people of the population, and these columns alone."""
    size = len(next(iter(columns.values())))
    frame = pl.DataFrame({"person_id": [f"p{i:04}" for i in range(size)], **columns})
    (
        frame.write_csv(folder / table)
        if table.endswith(".csv")
        else frame.write_parquet(folder / table)
    )


def test_a_design_is_the_columns_of_the_people_it_knows(folder) -> None:
    design = drawn(folder, "bureau")
    bureau = pl.read_parquet(folder / "bureau.parquet")
    assert design.rows.tolist() == list(range(0, 300, 2))
    assert (design.matrix == bureau.drop("person_id").to_numpy().astype(np.float32)).all()
    assert (design.hit, design.fill, design.strangers) == (0.5, 1.0, 0)
    assert design.types == ["q", "q", "q"]


def test_text_becomes_codes_in_the_order_of_the_alphabet(folder) -> None:
    design = drawn(folder, "bank")
    jobs = pl.read_csv(folder / "bank.csv")["job"]
    assert design.categories == {"job": ("fixed", "free")}
    assert design.types == ["q", "c"]
    assert design.matrix[:, 1].tolist() == [float(job == "free") for job in jobs]


def test_a_text_that_the_model_never_saw_is_missing(folder) -> None:
    design = drawn(folder, "bank", categories={"job": ("free", "none")})
    jobs = pl.read_csv(folder / "bank.csv")["job"]
    assert np.isnan(design.matrix[:, 1]).tolist() == [job == "fixed" for job in jobs]
    assert np.isnan(drawn(folder, "bank", categories={"job": ()}).matrix[:, 1]).all()


def test_a_number_declared_a_category_is_one(folder) -> None:
    only(folder, "bank.csv", balance=[3, 1, 3, None], job=["a", "b", "a", "b"])
    design = drawn(
        folder,
        "bank",
        ("[[bureaus]]", '[sources.features.balance]\ntype = "category"\n\n[[bureaus]]'),
    )
    assert design.categories["balance"] == ("1", "3")
    assert design.matrix[:, 0].tolist() == pytest.approx([1, 0, 1, NOBODY], nan_ok=True)


def test_a_record_without_any_value_is_no_record(folder) -> None:
    only(
        folder,
        "bureau.parquet",
        late_30=[1.0, None, NOBODY, NOBODY],
        late_90=[None, None, None, 2.0],
        utilisation=[0.5, None, NOBODY, NOBODY],
    )
    design = drawn(folder, "bureau")
    assert design.rows.tolist() == [0, 3]
    assert design.fill == 0.5


@pytest.mark.parametrize("flag", ["present", "consent"])
@pytest.mark.parametrize("values", [[True, False, None, True], [1, 0, None, 1]])
def test_whoever_is_not_present_or_did_not_consent_has_no_usable_record(
    folder, flag: str, values: list
) -> None:
    only(
        folder,
        "bureau.parquet",
        late_30=[1, 2, 3, None],
        late_90=[1, 2, 3, None],
        utilisation=[1, 2, 3, None],
        flag=values,
    )
    known = drawn(folder, "bureau", ("cost = 1.5", f'{flag} = "flag"')).rows.tolist()
    assert known == ([0, 3] if flag == "present" else [0])


def test_codes_for_missing_are_null_in_whole_and_broken_numbers_and_text(folder) -> None:
    only(
        folder,
        "bureau.parquet",
        late_30=[1, -9, 3],
        late_90=[1.5, -9.0, -8.5],
        utilisation=[-9, -9, 1],
    )
    only(folder, "bank.csv", balance=[1, -9, 2], job=["?", "a", "-9"])
    edit = ('outcome = "defaulted"', 'outcome = "defaulted"\nmissing = [-9, -8.5, "?"]')
    bureau, bank = drawn(folder, "bureau", edit), drawn(folder, "bank")
    assert bureau.rows.tolist() == [0, 2]
    assert bureau.matrix.ravel().tolist() == pytest.approx(
        [1, 1.5, NOBODY, 3, NOBODY, 1], nan_ok=True
    )
    assert bank.categories["job"] == ("-9", "a")
    assert np.isnan(bank.matrix[:, 0]).tolist() == [False, True, False]


def test_records_in_any_order_and_of_strangers_fall_into_place(folder) -> None:
    before = drawn(folder, "bank")
    rewrite(
        folder / "bank.csv",
        lambda f: pl.concat(
            [f, f[:3].with_columns(person_id=pl.lit("x") + pl.col("person_id"))]
        ).sample(fraction=1, shuffle=True, seed=1),
    )
    after = drawn(folder, "bank")
    assert (after.rows == before.rows).all()
    assert (after.matrix == before.matrix).all()
    assert after.strangers == 3


def test_a_source_may_live_in_the_peoples_own_table(folder) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            age=pl.when(pl.int_range(pl.len()) >= 100).then(pl.int_range(pl.len()))
        ),
    )
    design = drawn(folder, "bank", ('table = "bank.csv"\n', ""), ('"balance", "job"', '"age"'))
    assert design.rows.tolist() == list(range(100, 300))
    assert design.matrix[:, 0].tolist() == list(range(100, 300))


def test_an_id_twice_in_a_source(folder) -> None:
    rewrite(folder / "bank.csv", lambda f: pl.concat([f, f[:1]]))
    with pytest.raises(
        Refusal,
        match=r"^bank.csv: 1 rows repeat the 'person_id' of another row; keep one row per person$",
    ):
        drawn(folder, "bank")


def test_a_record_without_an_id(folder) -> None:
    rewrite(
        folder / "bureau.parquet",
        lambda f: f.with_columns(person_id=pl.when(pl.int_range(pl.len()) > 4).then("person_id")),
    )
    with pytest.raises(
        Refusal, match=r"^bureau.parquet: 5 rows have no 'person_id'; every row needs one$"
    ):
        drawn(folder, "bureau")


def test_a_source_that_knows_nobody(folder) -> None:
    rewrite(
        folder / "bank.csv", lambda f: f.with_columns(person_id=pl.lit("x") + pl.col("person_id"))
    )
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'bank' knows nobody: no person has a usable record in bank.csv; check the ids"
            r" and columns$"
        ),
    ):
        drawn(folder, "bank")


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_numbers_without_end_are_refused(folder, value: float) -> None:
    rewrite(folder / "bureau.parquet", lambda f: f.with_columns(utilisation=pl.lit(value)))
    with pytest.raises(
        Refusal,
        match=(
            "column 'utilisation' of source 'bureau' holds infinite or too large numbers; mend the"
            " file or give them a code"
        ),
    ):
        drawn(folder, "bureau")


DAYS = [date(2024, 1, 1), date(2023, 12, 2), None, date(1970, 1, 11)]


def test_a_date_becomes_days_before_the_application(folder) -> None:
    only(folder, "bureau.parquet", late_30=DAYS, late_90=[1, 2, 3, 4], utilisation=[1, 2, 3, 4])
    applied = pl.read_csv(folder / "people.csv", try_parse_dates=True)["applied_on"][:4]
    expected = [
        NOBODY if day is None else (when - day).days
        for when, day in zip(applied, DAYS, strict=True)
    ]
    assert drawn(folder, "bureau").matrix[:, 0].tolist() == pytest.approx(expected, nan_ok=True)
    assert expected[:2] == [0, 31]


def test_without_a_time_of_application_a_date_becomes_days_since_1970(folder) -> None:
    only(folder, "bureau.parquet", late_30=DAYS, late_90=[1, 2, 3, 4], utilisation=[1, 2, 3, 4])
    days = drawn(folder, "bureau", ('time = "applied_on"\n', "")).matrix[:, 0]
    assert days.tolist() == pytest.approx([19723, 19693, NOBODY, 10], nan_ok=True)


@pytest.mark.parametrize("zone", [None, "Asia/Shanghai"])
def test_a_time_of_day_counts_as_its_day(folder, zone: str | None) -> None:
    moments = pl.Series(
        [datetime(2023, 12, 31, 23, 59), None], dtype=pl.Datetime("us")
    ).dt.replace_time_zone(zone)
    only(folder, "bureau.parquet", late_30=moments, late_90=[1, 2], utilisation=[1, 2])
    assert drawn(folder, "bureau").matrix[:, 0].tolist() == pytest.approx([1, NOBODY], nan_ok=True)


def test_dates_of_some_people_are_those_of_everyone_and_so_are_those_of_all_records(folder) -> None:
    only(folder, "bureau.parquet", late_30=DAYS, late_90=[1, 2, 3, 4], utilisation=[1, 2, 3, 4])
    population = find(told(folder))
    source, everyone = population.catalog.source("bureau"), people(population)
    whole, some = draw(population, everyone, source), pick(population, everyone[[3, 1]], source, {})
    assert some.rows.tolist() == [1, 3]
    assert np.array_equal(some.matrix, whole.matrix[[1, 3]], equal_nan=True)
    assert np.array_equal(survey(population, source, {}).matrix, whole.matrix, equal_nan=True)


def test_a_date_in_the_table_of_the_people_is_a_feature_too(folder) -> None:
    rewrite(folder / "people.csv", lambda f: f.with_columns(since=pl.lit("2024-01-01")))
    design = drawn(
        folder, "bank", ('table = "bank.csv"\ncolumns = ["balance", "job"]', 'columns = ["since"]')
    )
    assert design.types == ["q"]
    assert design.matrix[[0, 299], 0].tolist() == [0, 303]


def test_a_date_declared_a_category_is_one(folder) -> None:
    only(folder, "bank.csv", balance=["2024-01-01", "2023-01-01"], job=["a", "b"])
    design = drawn(
        folder,
        "bank",
        ("[[bureaus]]", '[sources.features.balance]\ntype = "category"\n\n[[bureaus]]'),
    )
    assert design.categories["balance"] == ("2023-01-01", "2024-01-01")
    assert design.matrix[:, 0].tolist() == [1, 0]


def test_true_and_false_are_one_and_nought(folder) -> None:
    only(
        folder,
        "bureau.parquet",
        late_30=[True, False, None],
        late_90=[1, 1, 1],
        utilisation=[1, 1, 1],
    )
    design = drawn(folder, "bureau")
    assert design.types == ["q", "q", "q"]
    assert design.matrix[:, 0].tolist() == pytest.approx([1, 0, NOBODY], nan_ok=True)


def test_of_many_texts_the_commonest_are_told_apart_and_the_others_count_as_one(folder) -> None:
    jobs = [f"job {i:03}" for i in range(250)] + [f"job {i:03}" for i in range(50, 99)] + [None]
    only(folder, "bank.csv", balance=[1] * 300, job=jobs)
    design = drawn(folder, "bank")
    kept = design.categories["job"]
    assert kept == (*(f"job {i:03}" for i in range(200)), OTHER)
    assert design.crowded == ("job",)
    assert [kept[int(code)] for code in design.matrix[[0, 199, 200, 249, 250], 1]] == [
        "job 000",
        "job 199",
        OTHER,
        OTHER,
        "job 050",
    ]
    assert np.isnan(design.matrix[299, 1])


def test_a_rare_text_is_never_told_apart_before_a_common_one(folder) -> None:
    only(
        folder,
        "bank.csv",
        balance=[1] * 300,
        job=[f"job {i:03}" for i in range(201)] + ["job 200"] * 99,
    )
    assert drawn(folder, "bank").categories["job"] == (
        *(f"job {i:03}" for i in range(199)),
        "job 200",
        OTHER,
    )


def test_two_hundred_texts_are_all_told_apart(folder) -> None:
    only(folder, "bank.csv", balance=[1] * 300, job=[f"job {i % 200:03}" for i in range(300)])
    assert (len(drawn(folder, "bank").categories["job"]), drawn(folder, "bank").crowded) == (
        200,
        (),
    )


def test_a_new_text_of_a_crowded_category_is_one_of_the_others(folder) -> None:
    only(folder, "bank.csv", balance=[1, 1, 1], job=["fixed", "new", None])
    assert drawn(folder, "bank", categories={"job": ("fixed", OTHER)}).matrix[
        :, 1
    ].tolist() == pytest.approx([0, 1, NOBODY], nan_ok=True)


def test_a_source_of_one_column_is_a_source(folder) -> None:
    design = drawn(folder, "bank", ('"balance", "job"', '"balance"'))
    assert (design.matrix.shape, design.fill) == ((200, 1), 1.0)


@pytest.mark.usefixtures("few")
def test_a_design_tells_the_fold_of_each_of_its_persons_in_any_order(folder) -> None:
    population = find(told(folder))
    everyone, source = people(population), population.catalog.source("bank")
    assert (
        draw(population, everyone, source).folds
        == everyone["fold"].to_numpy()[np.arange(300) % 3 != 0]
    ).all()
    some = pick(
        population, everyone.sample(20, shuffle=True, seed=1), source, {"job": ("fixed", "free")}
    )
    assert (some.folds == everyone["fold"].to_numpy()[some.rows]).all()


def test_where_people_do_not_take_turns_a_design_tells_no_folds(folder) -> None:
    assert drawn(folder, "bank").folds is None


def test_a_code_for_missing_is_missing_in_a_table_and_a_number_in_a_count(folder) -> None:
    only(folder, "bank.csv", balance=[1, 7, 3], job=["a", "b", "c"])
    people_and_code = ('segments = ["region"]', 'segments = ["region"]\nmissing = [7]')
    assert drawn(folder, "bank", people_and_code).matrix[:, 0].tolist() == pytest.approx(
        [1, NOBODY, 3], nan_ok=True
    )
    visits = pl.DataFrame({"person_id": ["p0000"] * 7 + ["p0001"]})
    visits.write_csv(folder / "visits.csv")
    counts = (
        '\n[[sources]]\nkey = "visits"\nlabel = "Visits"\ntable ='
        ' "visits.csv"\n[sources.aggregates.visits]\nof = "count"\n\n[[bureaus]]'
    )
    assert drawn(folder, "visits", ("[[bureaus]]", counts.strip("\n"))).matrix[:, 0].tolist() == [
        7,
        1,
    ]
