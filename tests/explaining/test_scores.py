"""Does everybody get the score and the reasons that they get alone, whatever the order and the
number of people?
"""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics.data.catalog.model import Feature
from analytics.data.catalog.toml import read
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import applicants as others
from analytics.data.population import find as bind
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import records, scores, slices, tree_shap
from analytics.explaining.explanation import Explanation, explain, state, weigh
from analytics.explaining.reasons import NONE, NONE_ZH, reasons, sentences
from analytics.explaining.records import Range
from analytics.sources.fitting import Fitted
from analytics.sources.model import SourceModel
from analytics.weighing.bureaus import seen, sight
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally
from analytics.weighing.tally import weigh as evidence_of
from analytics.weighing.weighting import Weighting, equal, parse
from tests.explaining.parts import PLAIN, explained
from tests.people import edit, populations, rewrite, trio, weightings, weights

TEXTS = [f"reason_{k}" for k in range(1, 5)]


def scorer(of: Fitted, weighting: Weighting, *, plain: bool = False, bureau=None) -> scores.Scorer:
    """A scorer from the models as they are kept."""
    models = of.models()
    usual = None if plain else records.observe(of.population, models)
    calibration = calibrate(tally(of.evidence.split("calibrate"), weighting))
    return scores.scorer(
        of.population.catalog,
        models,
        of.evidence.base_rate,
        weighting,
        calibration,
        STANDARD,
        ranges=usual,
        bureau=bureau,
    )


@pytest.fixture(scope="session")
def by(fitted: Fitted) -> scores.Scorer:
    """What scores the people of the small tables, the bureau and the bank alike."""
    return scorer(fitted, equal(fitted.population.catalog))


@pytest.fixture(scope="session")
def everyone(fitted: Fitted, by: scores.Scorer) -> pl.DataFrame:
    """The people of the small tables, scored at once."""
    return batch(fitted.population, by)


@pytest.fixture
def applicants(fitted, tmp_path) -> Path:
    """The folder of the same people, to be edited."""
    return Path(shutil.copytree(fitted.population.catalog.folder, tmp_path / "applicants"))


def batch(population, by: scores.Scorer, folder: Path = Path(), **options) -> pl.DataFrame:
    return pl.concat(scores.scores(population, by, folder, **options))


def alone(of: Fitted, by: scores.Scorer, person: str):
    """One person's statement and reasons, as the page and `explain --person` make them."""
    models = of.models()
    one = of.evidence.where((of.evidence.people["person"] == person).to_numpy())
    found = weigh(
        explain(records.read(of.population, models, one), models, of.evidence.base_rate),
        one,
        by.weighting,
        by.calibration,
    )
    statement = state(found)
    return statement, reasons(statement, STANDARD, records.observe(of.population, models))


def agree(row: dict[str, object], statement, found) -> None:
    """Does a row of the batch say what a person's statement says?"""
    assert row["scored"] == statement.scored
    assert row["reach"] == statement.reach
    assert [row[name] for name in TEXTS] == [r.text for r in found] + [None] * (4 - len(found))
    assert [row[f"{name}_zh"] for name in TEXTS] == [r.text_zh for r in found] + [None] * (
        4 - len(found)
    )
    assert (row["reason"] or "", row["reason_zh"] or "") == sentences(statement, found)
    if statement.scored:
        assert row["log_odds"] == statement.log_odds
        assert row["points"] == statement.points(STANDARD)
        assert row["probability"] == pytest.approx(
            1 / (1 + math.exp(-statement.log_odds)), abs=1e-5
        )
    else:
        assert (row["log_odds"], row["points"], row["probability"]) == (None, None, None)


# one person and everybody


@pytest.mark.parametrize("person", ["p0000", "p0002", "p0003", "p0007", "p0008", "p0123", "p0299"])
def test_a_person_s_row_is_what_explaining_that_person_says(
    fitted, by, everyone, person: str
) -> None:
    agree(
        everyone.row(by_predicate=pl.col("person") == person, named=True),
        *alone(fitted, by, person),
    )


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_sample_people_have_the_reasons_of_their_statements(
    sample, sample_explained, missing: str
) -> None:
    weighting = parse(
        sample.population.catalog,
        "bureau=35,payments=25,ecommerce=20,identity=15,social=5",
        0.4,
        missing,
    )
    by = scorer(sample, weighting)
    rows = np.random.default_rng(2).choice(60_000, 150, replace=False)
    persons = sample.evidence.rows(rows)
    weighed = weigh(sample_explained, persons, weighting, by.calibration)
    usual = records.observe(sample.population, sample.models())
    found = batch(sample.population, by, most=25_000)
    assert len(found) == 60_000
    for at in range(len(persons)):
        statement = state(weighed, at)
        agree(
            found.row(by_predicate=pl.col("person") == statement.person, named=True),
            statement,
            reasons(statement, STANDARD, usual),
        )


@settings(max_examples=20)
@given(row=st.integers(0, 299))
def test_one_row_scored_alone_after_a_reload_of_the_models_equals_its_row_in_the_batch(
    fitted, by, everyone, row: int
) -> None:
    again = scorer(fitted, by.weighting)
    person = f"p{row:04}"
    found = batch(fitted.population, again, cohort=Cohort.parse(f"person_id == '{person}'"))
    assert_frame_equal(found, everyone.filter(pl.col("person") == person), check_exact=True)


@settings(max_examples=12)
@given(most=st.integers(10, 400), stride=st.integers(1, 80))
def test_the_size_of_a_slice_does_not_matter(fitted, by, everyone, most: int, stride: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "STRIDE", stride)
        assert_frame_equal(batch(fitted.population, by, most=most), everyone, check_exact=True)


@pytest.mark.parametrize("most", [0, 70])
@pytest.mark.parametrize("cells", [2**24, 200])
def test_the_order_of_rows_does_not_matter(
    fitted, by, everyone, tmp_path, monkeypatch, most: int, cells: int
) -> None:
    monkeypatch.setattr(slices, "STRIDE", 8)
    folder = shutil.copytree(fitted.population.catalog.folder, tmp_path / "mixed")
    for name in ("people.csv", "bureau.parquet", "bank.csv"):
        rewrite(folder / name, lambda f: f.sample(fraction=1, shuffle=True, seed=len(f)))
    population = bind(read(folder / "catalog.toml"))
    monkeypatch.setattr(slices, "CELLS", cells)
    assert_frame_equal(
        batch(population, by, tmp_path, most=most or 1000), everyone, check_exact=True
    )


def test_points_without_reasons_are_the_same_points(fitted, by, everyone) -> None:
    plain = batch(fitted.population, scorer(fitted, by.weighting, plain=True))
    assert_frame_equal(
        plain,
        everyone.select("person", "points", "probability", "log_odds", "reach", "scored", "unseen"),
        check_exact=True,
    )


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_the_batch_says_what_the_models_said_bit_for_bit(fitted, missing: str) -> None:
    by = scorer(fitted, replace(equal(fitted.population.catalog), missing=missing), plain=True)
    said = pl.DataFrame(
        {
            "person": fitted.evidence.people["person"],
            "log_odds": by.calibration.log_odds(evidence_of(fitted.evidence, by.weighting)),
        }
    )
    found = batch(fitted.population, by, most=70).select("person", "log_odds")
    assert_frame_equal(
        found, said.with_columns(pl.col("log_odds").fill_nan(None)).sort("person"), check_exact=True
    )


@pytest.mark.parametrize("cores", [1, 3])
def test_however_many_slices_are_scored_side_by_side_they_come_in_order(
    fitted, by, everyone, monkeypatch, cores: int
) -> None:
    monkeypatch.setattr(slices, "STRIDE", 8)
    monkeypatch.setattr(scores.nb, "get_num_threads", lambda: cores)
    assert_frame_equal(batch(fitted.population, by, most=20), everyone, check_exact=True)


@pytest.mark.parametrize("plain", [True, False])
def test_models_without_tables_are_asked_by_xgboost_and_say_the_same(
    fitted, by, everyone, monkeypatch, plain: bool
) -> None:
    monkeypatch.setattr(tree_shap, "MEMORY", 0)
    found = batch(fitted.population, scorer(fitted, by.weighting, plain=plain), most=120)
    same = ["person", "points", "probability", "log_odds", "reach", "scored"]
    assert_frame_equal(found.select(same), everyone.select(same), check_exact=True)


# who is scored


def test_whom_no_source_knows_has_no_score_and_is_told_why(everyone, fitted) -> None:
    nobody = fitted.evidence.people.filter(~fitted.evidence.known.any(axis=1))["person"].to_list()
    rows = everyone.filter(pl.col("person").is_in(nobody))
    assert len(rows) == 50
    assert set(rows.select("reach", "scored", "points", "reason_1").rows()) == {
        (0.0, False, None, None)
    }
    assert rows["reason"].unique().to_list() == [
        "Not scored: none of the weighted sources knows this person; missing: Bureau (50%), Bank"
        " (50%)."
    ]


def test_a_person_of_unknown_outcome_is_scored_as_if_it_were_known(
    fitted, by, everyone, tmp_path
) -> None:
    folder = shutil.copytree(fitted.population.catalog.folder, tmp_path / "unknown")
    rewrite(folder / "people.csv", lambda f: f.with_columns(defaulted=pl.lit(None, pl.Int64)))
    assert_frame_equal(batch(bind(read(folder / "catalog.toml")), by), everyone, check_exact=True)


def test_a_cohort_is_scored_by_itself(fitted, by, everyone) -> None:
    found = batch(fitted.population, by, cohort=Cohort.parse("bureau.late_90 >= 2"))
    assert_frame_equal(
        found, everyone.filter(pl.col("person").is_in(found["person"].to_list())), check_exact=True
    )
    bureau = pl.read_parquet(fitted.population.catalog.folder / "bureau.parquet").filter(
        pl.col("late_90") >= 2
    )
    assert found["person"].to_list() == bureau["person_id"].to_list()


@pytest.mark.parametrize("most", [0, 70])
def test_a_bureau_scores_whom_it_sees(fitted, most: int) -> None:
    catalog = fitted.population.catalog
    north = Cohort.parse("region == 'North'").conditions
    bureau = replace(catalog.bureau("half"), sees=(("bureau", ()), ("bank", north)))
    found = batch(fitted.population, scorer(fitted, equal(catalog), bureau=bureau), most=most)
    expected = seen(fitted.evidence, [sight(fitted.population, bureau)])
    reach = dict(
        zip(expected.people["person"], equal(catalog).reach(expected.known).tolist(), strict=True)
    )
    assert dict(found.select("person", "reach").rows()) == reach
    assert found["person"].is_sorted()


def test_an_id_that_stands_twice_is_refused(fitted, by, tmp_path) -> None:
    for name in ("people.csv", "bank.csv", "bureau.parquet"):
        folder = shutil.copytree(fitted.population.catalog.folder, tmp_path / name)
        rewrite(folder / name, lambda f: pl.concat([f, f[-1:]]))
        for most in (0, 70):
            with pytest.raises(
                Refusal,
                match=(
                    rf"^{name}: 1 rows repeat the 'person_id' of another row; keep one row per"
                    r" person$"
                ),
            ):
                batch(bind(read(folder / "catalog.toml")), by, tmp_path, most=most)


def test_texts_are_not_taken_for_numbers(applicants, fitted, by) -> None:
    rewrite(
        applicants / "bank.csv",
        lambda f: f.with_columns(balance=pl.when(pl.int_range(pl.len()) > 2).then(pl.lit("much"))),
    )
    with pytest.raises(
        Refusal,
        match=(
            r"^bank.csv, column 'balance': 197 of 197 cells are no numbers, or endless, as the"
            r" models were fitted on"
        ),
    ):
        batch(others(read(applicants / "catalog.toml", teaching=False), fitted.population), by)


@pytest.mark.parametrize("columns", [["balance"], ["job"], ["balance", "job"]])
def test_applicants_need_no_outcome_and_what_is_empty_for_all_of_them_is_missing(
    applicants, fitted, by, columns: list[str]
) -> None:
    rewrite(applicants / "people.csv", lambda f: f.drop("defaulted", "region"))
    rewrite(
        applicants / "bank.csv",
        lambda f: f.with_columns(pl.lit(None, pl.String).alias(c) for c in columns),
    )
    found = batch(others(read(applicants / "catalog.toml", teaching=False), fitted.population), by)
    known = found.join(batch(fitted.population, by).select("person", whole="reach"), on="person")
    told = (
        "whole"
        if len(columns) == 1
        else pl.col("whole")
        - 0.5 * pl.col("person").is_in(pl.read_csv(applicants / "bank.csv")["person_id"].to_list())
    )
    assert len(known) == 300
    assert known["reach"].to_list() == pytest.approx(known.select(told).to_series().to_list())


def test_one_applicant_in_a_file_alone_has_the_row_of_the_batch(applicants, fitted, by) -> None:
    everyone = batch(fitted.population, by)
    rewrite(
        applicants / "people.csv",
        lambda f: f.filter(pl.col("person_id") == "p0004").drop("defaulted"),
    )
    for name in ("bank.csv", "bureau.parquet"):
        rewrite(applicants / name, lambda f: f.filter(pl.col("person_id") == "p0004"))
    found = batch(others(read(applicants / "catalog.toml", teaching=False), fitted.population), by)
    assert found.rows() == everyone.filter(pl.col("person") == "p0004").rows()


def test_other_people_are_scored_only_where_the_sources_have_the_same_columns(
    applicants, by
) -> None:
    edit(applicants / "catalog.toml", ('"balance", "job"', '"balance"'))
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'bank' of .* has no column 'job', which its model was fitted on; it has:"
            r" balance; give it one, empty where nothing is known$"
        ),
    ):
        batch(bind(read(applicants / "catalog.toml")), by)


# reasons


SAME = (
    Feature("x", "Ex", reason_high="It is much", reason_high_zh="多"),
    Feature("y", "Why", reason_high="It is much", reason_high_zh="很多"),
)
CODES = {"x": ("", "-1", "b")}


@given(
    populations(),
    weightings(),
    st.sampled_from([0.0, 7.0, 8.0]),
    st.floats(0, 1),
    st.sampled_from([50.0, 3.0]),
)
def test_reasons_of_all_are_those_of_each_even_where_features_say_the_same(
    persons, weighting, usual, share, doubling
) -> None:
    scale = replace(STANDARD, doubling=doubling)
    parts = [
        replace(p, design=replace(p.design, features=SAME))
        for p in explained(persons, share=share).parts
    ]
    weighed = weigh(Explanation(tuple(parts)), persons, weighting, PLAIN)
    ranges = {
        (s.key, f.name): Range(-9.0, at, 9.0, ())
        for s in persons.catalog
        for f, at in zip(SAME, (0.5, usual), strict=True)
    }
    models = [SourceModel(s.key, SAME, {}, None, 0) for s in persons.catalog]  # type: ignore[arg-type] - nobody asks its trees
    found = pl.DataFrame(
        scores.reasons_of_all(weighed, scale, scores.sayings(persons.catalog, models, ranges))
    )
    for at, row in enumerate(found.iter_rows(named=True)):
        statement = state(weighed, at)
        expected = reasons(statement, scale, ranges)
        assert [row[name] for name in TEXTS] == [r.text for r in expected] + [None] * (
            4 - len(expected)
        )
        assert [row[f"{name}_zh"] for name in TEXTS] == [r.text_zh for r in expected] + [None] * (
            4 - len(expected)
        )
        assert (row["reason"] or "", row["reason_zh"] or "") == sentences(statement, expected)


def test_a_score_that_nothing_lowered_says_so() -> None:
    persons = trio()
    models = [SourceModel(s.key, SAME, {}, None, 0) for s in persons.catalog]  # type: ignore[arg-type] - nobody asks its trees
    ranges = {(s.key, f.name): Range(0.0, 0.0, 0.0, ()) for s in persons.catalog for f in SAME}
    weighed = weigh(
        explained(persons), persons, weights(persons, bureau=1, bank=1, floor=0.1), PLAIN
    )
    found = pl.DataFrame(
        scores.reasons_of_all(weighed, STANDARD, scores.sayings(persons.catalog, models, ranges))
    )
    said = dict(
        zip(
            persons.people["name"],
            found.select("reason_1", "reason", "reason_zh").rows(),
            strict=True,
        )
    )
    assert said["Ann"] == (None, NONE, NONE_ZH)
    assert said["Bob"] == ("Bank: It is much", None, None)
    assert said["Cleo"][:2] == (
        None,
        (
            "Not scored: none of the weighted sources knows this person; missing: Bureau (50%),"
            " Bank (50%)."
        ),
    )


# the file


def test_a_file_holds_what_was_scored_and_says_how_many(everyone, tmp_path) -> None:
    written = scores.write(iter([everyone[:100], everyone[100:]]), tmp_path / "out.parquet")
    scored = everyone["points"].drop_nulls()
    assert (written.persons, written.scored) == (300, len(scored))
    assert written.mean_points == pytest.approx(scored.mean())
    assert_frame_equal(
        pl.read_parquet(tmp_path / "out.parquet"),
        everyone.with_columns(pl.col(pl.Enum).cast(pl.String)),
        check_exact=True,
    )


def test_a_csv_reads_the_same_and_begins_with_the_mark_that_spreadsheets_need(
    everyone, tmp_path
) -> None:
    scores.write(iter([everyone[:100], everyone[100:]]), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfperson,points")
    found = pl.read_csv(
        tmp_path / "out.csv", schema_overrides=dict.fromkeys(["reason", *TEXTS], pl.String)
    )
    assert_frame_equal(
        found, everyone.with_columns(pl.col(pl.Enum).cast(pl.String)), check_exact=True
    )


def test_where_nothing_can_be_written_or_nobody_is_scored_no_file_is_left(
    fitted, by, everyone, tmp_path
) -> None:
    with pytest.raises(
        Refusal, match=r"^cannot write .*out.parquet: no such folder; name another file with --out$"
    ):
        scores.write(iter([everyone]), tmp_path / "nowhere" / "out.parquet")
    with pytest.raises(Refusal, match=r"^there is nobody to score; choose a wider cohort$"):
        scores.write(
            scores.scores(fitted.population, by, tmp_path, cohort=Cohort.parse("region == 'East'")),
            tmp_path / "out.csv",
        )
    assert list(tmp_path.iterdir()) == []


def test_everyone_is_the_cohort_where_none_is_named(fitted, by, everyone) -> None:
    assert_frame_equal(batch(fitted.population, by, cohort=EVERYONE), everyone)
