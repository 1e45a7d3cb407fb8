"""Does an applicant get the same score in any company, whatever their few cells look like?"""

import shutil
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics.data.catalog.toml import read
from analytics.data.population import applicants
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import records, scores
from analytics.sources.fitting import Fitted, load
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.people import edit

PERSONS = 300
CATALOG = """
[population]
table = "people.csv"
id = "id"
outcome = "bad"
time = "applied"
missing = [-9]

[[sources]]
key = "form"
label = "Form"
columns = ["education", "branch", "owner", "age", "born", "score"]

[[sources]]
key = "loans"
label = "Loans"
table = "loans.csv"
date = "opened"

[sources.aggregates.graduate]
of = "sum"
column = "amount"
where = "purpose == 'Graduate' and secured == True"

[sources.aggregates.last_purpose]
of = "last"
column = "purpose"

[sources.aggregates.recent]
of = "count"
days = 200

[[sources]]
key = "bank"
label = "Bank"
table = "bank.parquet"
columns = ["balance", "kind", "since"]
"""
COLUMNS = {
    "people.csv": ["education", "branch", "owner", "age", "born", "score"],
    "loans.csv": ["opened", "amount", "purpose", "secured"],
    "bank.parquet": ["balance", "kind", "since"],
}
numbers = count()


def tables() -> dict[str, pl.DataFrame]:
    """Texts, codes with leading zeros, true and false, decimal commas apart, dates whose day or
    month may come first, and records over several tables.
    """
    chance = np.random.default_rng(5)
    risk, row = chance.normal(size=PERSONS), np.arange(PERSONS)
    ids = [f"a{i:03}" for i in row]
    days = pl.date_range(pl.date(2023, 1, 1), pl.date(2024, 6, 30), eager=True)
    applied = days.gather(250 + row * (len(days) - 251) // PERSONS)
    some = lambda values, share=0.1: pl.Series(  # noqa: E731
        [
            None if lost else v
            for v, lost in zip(values, chance.random(len(values)) < share, strict=True)
        ]
    )
    people = pl.DataFrame(
        {
            "id": ids,
            "applied": applied.dt.strftime("%d/%m/%Y"),
            "education": [
                None if r < -0.9 else e
                for r, e in zip(
                    risk,
                    chance.choice(["Graduate", "School", "NA course"], PERSONS).tolist(),
                    strict=True,
                )
            ],
            "branch": some([f"{c:04}" for c in chance.choice([7, 12, 1234], PERSONS)]),
            "owner": some(["true" if r > 0 else "false" for r in risk]),
            "age": some(
                np.where(
                    chance.random(PERSONS) < 0.05, -9, chance.integers(18, 70, PERSONS)
                ).tolist()
            ),
            "born": some(
                days.gather(chance.integers(0, 200, PERSONS)).dt.strftime("%d/%m/%Y").to_list()
            ),
            "score": some(
                [f"{v:,.0f}" for v in 5000 + 900 * risk + 300 * chance.normal(size=PERSONS)]
            ),
            "bad": (risk + chance.normal(size=PERSONS) < -0.8).astype(int),
        }
    )
    whose = np.sort(chance.integers(0, PERSONS, 500))
    loans = pl.DataFrame(
        {
            "id": [ids[i] for i in whose],
            "opened": (
                (
                    applied.gather(whose)
                    - pl.Series(chance.integers(1, 400, 500)).cast(pl.Duration("ms")) * 86_400_000
                ).dt.strftime("%Y-%m-%d")
            ),
            "amount": some(np.round(1000 * np.exp(risk[whose]), 1).tolist()),
            "purpose": some(chance.choice(["Graduate", "Car"], 500).tolist()),
            "secured": some(chance.choice(["true", "false"], 500).tolist()),
        }
    )
    bank = pl.DataFrame(
        {
            "id": ids,
            "balance": some(np.round(risk * 100 + 50 * chance.normal(size=PERSONS), 2).tolist()),
            "kind": some(chance.choice(["gold", "blue"], PERSONS).tolist()),
            "since": some(days.gather(chance.integers(0, 200, PERSONS)).to_list()),
        }
    )
    return {
        "people.csv": people,
        "loans.csv": loans,
        "bank.parquet": bank.filter(pl.int_range(pl.len()) % 4 != 0),
    }


def put(folder: Path, frames: dict[str, pl.DataFrame]) -> Path:
    folder.mkdir()
    for name, frame in frames.items():
        (
            frame.write_parquet(folder / name)
            if name.endswith("parquet")
            else frame.write_csv(folder / name)
        )
    (folder / "catalog.toml").write_text(CATALOG, "utf-8")
    return folder


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Three hundred people over three tables, fitted once."""
    return load(
        read(put(tmp_path_factory.mktemp("taught") / "data", tables()) / "catalog.toml"),
        folder=tmp_path_factory.mktemp("kept"),
    )


@pytest.fixture(scope="module")
def by(taught: Fitted) -> scores.Scorer:
    weighting, models = equal(taught.population.catalog), taught.models()
    calibration = calibrate(tally(taught.evidence.split("calibrate"), weighting))
    usual = records.observe(taught.population, models)
    return scores.scorer(
        taught.population.catalog,
        models,
        taught.evidence.base_rate,
        weighting,
        calibration,
        STANDARD,
        ranges=usual,
    )


def scored(taught: Fitted, by: scores.Scorer, folder: Path) -> pl.DataFrame:
    population = applicants(
        read(folder / "catalog.toml", teaching=False), taught.population, folder.parent / "shelf"
    )
    return pl.concat(scores.scores(population, by, folder))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("others")


def test_the_people_models_learned_from_score_as_applicants_what_they_score_themselves(
    taught, by, place
) -> None:
    own = pl.concat(scores.scores(taught.population, by, place))
    assert_frame_equal(
        scored(taught, by, put(place / f"{next(numbers)}", tables())), own, check_exact=True
    )
    assert own["log_odds"].n_unique() > 100


CHOSEN = st.lists(st.integers(0, PERSONS - 1), min_size=1, max_size=4, unique=True)
EMPTY = st.lists(
    st.sampled_from([(table, column) for table, columns in COLUMNS.items() for column in columns]),
    max_size=5,
    unique=True,
)


@settings(max_examples=12)
@given(rows=CHOSEN, empty=EMPTY, gone=st.booleans())
def test_any_subset_with_any_columns_empty_scores_to_the_same_bits(
    taught, by, place, rows: list[int], empty: list[tuple[str, str]], gone: bool
) -> None:
    whole = tables()
    for table, column in empty:
        whole[table] = whole[table].with_columns(
            pl.lit(None, whole[table].schema[column]).alias(column)
        )
    ids = whole["people.csv"]["id"].gather(rows).to_list()
    some = {name: frame.filter(pl.col("id").is_in(ids)) for name, frame in whole.items()}
    some["people.csv"] = some["people.csv"].drop("bad")
    if gone:  # a database gives a column without a value no type at all
        some["bank.parquet"] = some["bank.parquet"].with_columns(
            pl.lit(None).alias(c) for t, c in empty if t == "bank.parquet"
        )
    found, everybody = (
        scored(taught, by, put(place / f"{next(numbers)}", frames)) for frames in (some, whole)
    )
    assert_frame_equal(found, everybody.filter(pl.col("person").is_in(ids)), check_exact=True)


def test_tables_with_a_header_and_no_rows_know_nobody(taught, by, place) -> None:
    one = {name: frame.filter(pl.col("id") == "a005") for name, frame in tables().items()}
    full = scored(taught, by, put(place / f"{next(numbers)}", one))
    found = scored(
        taught,
        by,
        put(
            place / f"{next(numbers)}",
            one | {name: one[name].clear() for name in ("loans.csv", "bank.parquet")},
        ),
    )
    assert (full["scored"].to_list(), found["reach"].to_list()) == ([True], [pytest.approx(1 / 3)])


def test_an_applicants_catalog_needs_no_outcome_no_missing_codes_and_no_aggregates(
    taught, by, place
) -> None:
    folder = put(place / f"{next(numbers)}", tables())
    expected = scored(taught, by, folder)
    text = (
        CATALOG[: CATALOG.index("[sources.aggregates.graduate]")]
        + 'columns = ["*"]\n\n'
        + CATALOG[CATALOG.index('[[sources]]\nkey = "bank"') :]
    )
    (folder / "catalog.toml").write_text(
        text.replace('outcome = "bad"\n', "").replace("missing = [-9]\n", ""), "utf-8"
    )
    assert_frame_equal(scored(taught, by, folder), expected, check_exact=True)
    with pytest.raises(Refusal, match="lacks the key 'outcome'"):
        read(folder / "catalog.toml")


def test_numbers_written_in_another_way_are_read_where_there_is_no_doubt(taught, by, place) -> None:
    expected = scored(taught, by, put(place / f"{next(numbers)}", tables()))
    plain = tables()
    plain["people.csv"] = plain["people.csv"].with_columns(
        pl.col("score").str.replace(",", ""),
        owner=pl.col("owner").replace({"true": "Y", "false": "N"}),
    )
    assert_frame_equal(
        scored(taught, by, put(place / f"{next(numbers)}", plain)), expected, check_exact=True
    )


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (
            "age",
            "36 months",
            (
                "people.csv, column 'age': 1 of 1 cells are no numbers, or endless, as the models"
                " were fitted on"
            ),
        ),
        (
            "age",
            "36%",
            (
                "people.csv, column 'age': 1 of 1 cells are no numbers, or endless, as the models"
                " were fitted on"
            ),
        ),
        (
            "owner",
            "perhaps",
            (
                "people.csv, column 'owner': 1 of 1 cells are neither true nor false as the models"
                " were fitted on"
            ),
        ),
        (
            "born",
            "in May",
            "people.csv, column 'born': 1 of 1 cells are no dates as the models were fitted on",
        ),
    ],
)
def test_what_cannot_be_read_as_the_models_learned_it_is_refused_by_name(
    taught, by, place, column: str, value: str, sentence: str
) -> None:
    one = tables() | {
        "people.csv": (
            tables()["people.csv"]
            .filter(pl.col("id") == "a004")
            .with_columns(pl.lit(value).alias(column))
        )
    }
    with pytest.raises(Refusal) as error:
        scored(taught, by, put(place / f"{next(numbers)}", one))
    assert str(error.value).startswith(sentence)


def test_a_column_that_is_not_there_and_aggregates_made_otherwise_are_refused(
    taught, by, place
) -> None:
    folder = put(
        place / f"{next(numbers)}", tables() | {"people.csv": tables()["people.csv"].drop("age")}
    )
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'form' of .* has no column 'age', which its model was fitted on; it has: .*;"
            r" give it one, empty where nothing is"
        ),
    ):
        scored(taught, by, folder)
    folder = Path(shutil.copytree(folder, place / f"{next(numbers)}"))
    edit(folder / "catalog.toml", ("days = 200", "days = 100"))
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'loans' of catalog.toml makes its columns otherwise than catalog.toml, which"
            r" its model was fitted on; write its"
        ),
    ):
        scored(taught, by, folder)


@pytest.mark.parametrize("value", ["space travel", "3"])
def test_a_text_that_no_model_saw_scores_like_a_blank_and_the_reason_says_so(
    taught, by, place, value: str
) -> None:
    people, some = tables()["people.csv"], pl.int_range(pl.len()) > 2
    blank, found = (
        scored(
            taught,
            by,
            put(
                place / f"{next(numbers)}",
                tables()
                | {
                    "people.csv": people.with_columns(
                        education=pl.when(some.not_()).then("education").otherwise(v)
                    )
                },
            ),
        )
        for v in (pl.lit(None, pl.String), pl.lit(value))
    )
    assert_frame_equal(
        found.select("person", "points", "log_odds"),
        blank.select("person", "points", "log_odds"),
        check_exact=True,
    )
    assert (
        found.filter(pl.col("unseen") == "form.education")["person"].to_list()
        == people["id"][3:].to_list()
    )
    assert found["unseen"].null_count() == 3
    texts = [f"reason_{k}" for k in range(1, 5)]
    told, never = (
        [frame[c].cast(pl.String).fill_null("").to_list() for c in texts]
        for frame in (blank, found)
    )
    assert told != never
    swapped = "Form: education: a value never seen when the models were fitted"
    assert [
        ["Form: education: not on record" if r == swapped else r for r in column]
        for column in never
    ] == told
    written = scores.write(iter([found[:50], found[50:]]), place / "out.csv")
    assert written.unseen == {"form.education": PERSONS - 3}


def test_one_person_whose_text_no_model_saw_is_told_the_same_alone(taught, by, place) -> None:
    from analytics.explaining.explanation import NEVER_SEEN, told  # noqa: PLC0415
    from analytics.sources.design import survey  # noqa: PLC0415

    one = (
        tables()["people.csv"]
        .filter(pl.col("id") == "a004")
        .with_columns(education=pl.lit("space travel"))
    )
    folder = put(place / f"{next(numbers)}", tables() | {"people.csv": one})
    population = applicants(
        read(folder / "catalog.toml", teaching=False), taught.population, place / "shelf"
    )
    design = survey(population, population.catalog.source("form"), taught.models()[0].categories)
    assert told(design, 0)[0] == NEVER_SEEN
    assert np.isnan(design.matrix[0, 0])
