"""Is the sample population what its README says it is?"""

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
import xgboost as xgb
from sklearn.metrics import roc_auc_score

FOLDER = Path(__file__).parents[2] / "sample_data"
PERSONS = 200_000


def load_generator() -> ModuleType:
    """generate.py as a module, whatever the search path."""
    spec = importlib.util.spec_from_file_location("sample_data_generate", FOLDER / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generator = load_generator()
KEYS = list(generator.KEYS)
TABLES = ["people", *KEYS, "truth"]
SOURCES = pytest.mark.parametrize("source", generator.SOURCES, ids=KEYS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("population")
    generator.generate(PERSONS, 11, out, chunk=70_000)
    return out


@pytest.fixture(scope="module")
def people(folder):
    """One row per person: the population's table beside the truth."""
    return pl.read_parquet(folder / "people.parquet").join(
        pl.read_parquet(folder / "truth.parquet"), on="person_id", maintain_order="left"
    )


@pytest.fixture(scope="module")
def records(folder, people):
    """Source key to its records, with the person's columns beside them."""
    return {
        key: (
            pl.read_parquet(folder / f"{key}.parquet").join(
                people, on="person_id", maintain_order="left"
            )
        )
        for key in KEYS
    }


@pytest.fixture(scope="module")
def catalog(folder):
    return tomllib.loads((folder / "catalog.toml").read_text(encoding="utf-8"))


def make(out: Path, *, persons: int = 3_000, seed: int = 7, chunk: int = 1_000) -> dict[str, bytes]:
    """Every file a generation writes, by name."""
    generator.generate(persons, seed, out, chunk=chunk)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def auc(frame: pl.DataFrame, safer: str) -> float:
    """How well a column that is higher for safer people tells the outcomes apart."""
    return roc_auc_score(frame["defaulted"], -frame[safer])


def psi(before: pl.Series, after: pl.Series) -> float:
    """Population stability index over the tenths of `before`."""
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    expected, actual = (
        np.bincount(np.searchsorted(edges, part), minlength=10) / len(part)
        for part in (before, after)
    )
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def spread(frame: pl.DataFrame, column: str) -> tuple[float, float]:
    """Mean of a column without and with fake orders."""
    return tuple(
        frame.group_by("fake_orders").agg(pl.col(column).mean()).sort("fake_orders")[column]
    )


# What DESIGN promises of the whole


def test_one_person_in_twelve_and_a_half_defaults(people):
    assert people["defaulted"].mean() == pytest.approx(0.08, abs=0.003)
    assert people["base_risk"].mean() == pytest.approx(0.08, abs=0.0005)


def test_applications_fill_24_months(people):
    months = people["applied_on"].dt.truncate("1mo")
    assert months.n_unique() == 24
    assert (str(people["applied_on"].min()), str(people["applied_on"].max())) == (
        "2024-01-01",
        "2025-12-31",
    )


def test_more_people_default_as_the_months_pass(people):
    early, late = (
        people.filter(pl.col("applied_on").dt.year() == year)["base_risk"].mean()
        for year in (2024, 2025)
    )
    assert 1.02 < late / early < 1.15


def test_ids_are_unique_and_alike_in_every_table(folder, people):
    assert people["person_id"].n_unique() == PERSONS
    for key in KEYS:
        ids = pl.read_parquet(folder / f"{key}.parquet")["person_id"]
        assert ids.is_duplicated().sum() == 0
        assert ids.is_in(people["person_id"].implode()).all()


def test_ids_say_nothing_about_month_or_outcome(people):
    number = people["person_id"].str.slice(1).cast(pl.Int64)
    assert abs(np.corrcoef(number, people["applied_on"].to_physical())[0, 1]) < 0.012
    assert abs(np.corrcoef(number, people["defaulted"])[0, 1]) < 0.012


# Sources


@SOURCES
def test_coverage_is_within_a_hundredth_of_the_table(source, people, records):
    usable = (
        records[source.key].filter(pl.col("consent_device"))
        if source.key == "device"
        else records[source.key]
    )
    assert len(usable) / PERSONS == pytest.approx(source.coverage, abs=0.01)
    assert people[f"known_{source.key}"].sum() == len(usable)


@SOURCES
def test_auc_of_the_reading_is_within_two_hundredths_of_the_table_among_the_known(source, people):
    known = people.filter(pl.col(f"known_{source.key}") == 1)
    assert auc(known, f"reading_{source.key}") == pytest.approx(source.auc, abs=0.02)


@SOURCES
def test_a_model_fitted_on_the_features_comes_within_two_hundredths_of_the_reading(
    source, records, catalog
):
    described = catalog["sources"][KEYS.index(source.key)]
    usable = (
        records[source.key].filter(pl.col(described["consent"]))
        if "consent" in described
        else records[source.key]
    )
    train, test = (
        usable.filter(pl.int_range(pl.len()) % 3 > 0),
        usable.filter(pl.int_range(pl.len()) % 3 == 0),
    )
    tested = test.with_columns(fitted=-fit(train, described).predict(matrix(test, described)))
    assert auc(tested, "fitted") == pytest.approx(auc(tested, f"reading_{source.key}"), abs=0.02)


def fit(records: pl.DataFrame, source: dict) -> xgb.Booster:
    """A small model that rises and falls as the catalog says."""
    signs = {"riskier": 1, "safer": -1, "unknown": 0}
    constraints = tuple(signs[source["features"][name]["direction"]] for name in source["columns"])
    settings = {
        "objective": "binary:logistic",
        "max_depth": 2,
        "eta": 0.15,
        "nthread": 1,
        "min_child_weight": 5,
        "monotone_constraints": constraints,
    }
    return xgb.train(settings, matrix(records, source), 60)


def matrix(records: pl.DataFrame, source: dict) -> xgb.DMatrix:
    """Features as numbers; text becomes its place in the alphabet."""
    features = (
        records.select(source["columns"])
        .with_columns(pl.col(pl.String).rank("dense"))
        .cast(pl.Float32)
    )
    return xgb.DMatrix(
        features.to_numpy(), records["defaulted"].to_numpy(), feature_names=features.columns
    )


@pytest.mark.parametrize("defaulted", [0, 1])
def test_readings_correlate_within_class_as_written(people, defaulted):
    readings = people.filter(pl.col("defaulted") == defaulted).select(
        f"reading_{key}" for key in KEYS
    )
    assert np.abs(np.corrcoef(readings.to_numpy().T) - generator.CORRELATION).max() < 0.05


def test_the_written_correlations_are_those_of_a_possible_world():
    assert np.array_equal(generator.CORRELATION, generator.CORRELATION.T)
    assert np.linalg.eigvalsh(generator.CORRELATION).min() > 0.3


@SOURCES
def test_being_known_says_nothing_about_the_reading_beyond_the_outcome(source, people):
    paid = (
        people.filter(pl.col("defaulted") == 0)
        .group_by(f"known_{source.key}")
        .agg(pl.col(f"reading_{source.key}").mean())
    )
    assert paid[f"reading_{source.key}"].max() - paid[f"reading_{source.key}"].min() < 0.08


def test_people_no_bureau_knows_default_more_often(people):
    unknown, known = (
        people.group_by("known_bureau")
        .agg(pl.col("defaulted").mean())
        .sort("known_bureau")["defaulted"]
    )
    assert unknown > 1.5 * known


def test_people_known_to_fewer_sources_default_more_often(people):
    sources = people.select(pl.sum_horizontal(f"known_{key}" for key in KEYS)).to_series()
    assert (
        people.filter(sources <= 3)["defaulted"].mean()
        > 1.5 * people.filter(sources >= 8)["defaulted"].mean()
    )


def test_sources_know_overlapping_people(people):
    both = people.select(pl.col("known_bureau") * pl.col("known_bank")).to_series().mean()
    assert both > 1.15 * people["known_bureau"].mean() * people["known_bank"].mean()


@SOURCES
def test_no_feature_alone_gives_the_outcome_away(source, records):
    some = records[source.key].head(20_000)
    numbers = [name for name in source_columns(some) if some[name].dtype != pl.String]
    assert max(abs(auc(some.drop_nulls(name), name) - 0.5) for name in numbers) < 0.30


def source_columns(records: pl.DataFrame) -> list[str]:
    """The source's own columns: those before the population's, less id and consent."""
    return [
        name
        for name in records.columns[: records.columns.index("applied_on")]
        if name not in {"person_id", "consent_device"}
    ]


@SOURCES
def test_features_rise_and_fall_as_the_catalog_says(source, records, catalog):
    frame, features = records[source.key], catalog["sources"][KEYS.index(source.key)]["features"]
    for name, feature in features.items():
        if feature["direction"] != "unknown":
            fit = frame.select(pl.corr(name, f"reading_{source.key}", method="spearman")).item()
            assert fit > 0.1 if feature["direction"] == "safer" else fit < -0.1, name


def test_some_columns_are_empty_inside_a_record(records, catalog):
    for source in catalog["sources"]:
        assert (
            records[source["key"]].select(source["columns"]).null_count().sum_horizontal().item()
            > 0
        )


# What is planted


def test_a_sixth_of_sellers_brush(people):
    assert people.filter(pl.col("seller") == 1)["fake_orders"].mean() == pytest.approx(
        0.17, abs=0.01
    )


def test_fake_orders_make_features_look_better_than_the_reading(records):
    shop = records["ecommerce"]
    genuine, fake = spread(shop, "reading_ecommerce")
    assert fake < genuine
    for column in ("delivery_address_months", "spend_cny_12m"):
        genuine, fake = spread(shop, column)
        assert fake > 1.1 * genuine


def test_fake_orders_leave_their_signs(records):
    for column in (
        "burst_order_share",
        "orders_per_device",
        "refund_loops_12m",
        "round_amount_share",
        "no_tracking_share",
    ):
        genuine, fake = spread(records["ecommerce"], column)
        assert fake > 2 * genuine
    genuine, fake = spread(records["ecommerce"], "browse_minutes_per_order")
    assert fake < genuine / 2


def test_the_planted_jump_starts_in_its_month(records):
    wallet = records["payments"].with_columns(
        pl.col("applied_on").dt.strftime("%Y-%m").alias("month")
    )
    april, may, june = (
        wallet.filter(pl.col("month") == month) for month in ("2025-04", "2025-05", "2025-06")
    )
    assert psi(april["wallet_balance_cny"], may["wallet_balance_cny"]) < 0.02
    assert psi(may["wallet_balance_cny"], june["wallet_balance_cny"]) > 0.5
    assert psi(may["reading_payments"], june["reading_payments"]) < 0.02
    assert (may["jumped"].sum(), june["jumped"].mean(), june["accounts_reported"].max()) == (
        0,
        1.0,
        1,
    )


def test_blacklists_hold_two_to_three_percent_mostly_of_those_who_default(people):
    assert 0.02 < people["blacklisted"].mean() < 0.03
    assert 0.5 < people.filter(pl.col("blacklisted") == 1)["defaulted"].mean() < 0.7


# What the population's table says


@pytest.mark.parametrize(
    ("column", "source"),
    [
        ("main_bank", "bank"),
        ("platform", "ecommerce"),
        ("wallet", "payments"),
        ("phone_brand", "device"),
    ],
)
def test_a_choice_is_known_where_its_source_knows_the_person(people, column, source):
    assert people[column].is_not_null().equals(people[f"known_{source}"] == 1)


def test_thick_files_have_three_accounts_and_six_months(people, records):
    full = records["bureau"].filter(
        (pl.col("accounts_open") >= 3) & (pl.col("oldest_account_months") >= 6)
    )["person_id"]
    assert people.filter(pl.col("file") == "thick")["person_id"].equals(full)


def test_who_the_enterprise_source_knows_owns_a_firm(people):
    assert people.filter(pl.col("known_enterprise") == 1)["owns_firm"].min() == 1


def test_records_agree_with_themselves(records):
    late, insured = records["bureau"], records["tax"]
    assert (late["late_90_count_24m"] <= late["late_30_count_24m"]).all()
    assert late["months_since_late"].is_not_null().equals(late["late_30_count_24m"] > 0)
    assert (insured["insured_months_24m"] + insured["longest_gap_months_24m"] <= 24).all()


# Repeating it


def test_same_seed_same_bytes(tmp_path):
    assert make(tmp_path / "once") == make(tmp_path / "again")


def test_another_seed_other_people(tmp_path):
    once, other = make(tmp_path / "once"), make(tmp_path / "other", seed=8)
    assert [name for name in once if once[name] == other[name]] == ["catalog.toml"]


def test_a_population_of_several_chunks_is_whole(tmp_path):
    make(tmp_path, persons=2_500, chunk=1_000)
    people = pl.read_parquet(tmp_path / "people.parquet")
    assert (people["person_id"][0], people["person_id"][-1], people["person_id"].n_unique()) == (
        "P00000001",
        "P00002500",
        2_500,
    )


def test_size_of_chunks_leaves_the_statistics_alone(tmp_path, people):
    generator.generate(100_000, 12, tmp_path)
    whole = pl.read_parquet(tmp_path / "truth.parquet")
    columns = [name for name in whole.columns if name.startswith("known_")]
    assert (
        np.abs(
            whole.select(columns).mean().to_numpy() - people.select(columns).mean().to_numpy()
        ).max()
        < 0.01
    )


def test_one_person_is_a_population(tmp_path):
    make(tmp_path, persons=1)
    assert len(pl.read_parquet(tmp_path / "people.parquet")) == 1


def test_it_runs_from_any_folder(tmp_path):
    subprocess.run(
        [sys.executable, FOLDER / "generate.py", "--persons", "500", "--out", "here"],
        cwd=tmp_path,
        check=True,
    )
    assert sorted(path.stem for path in (tmp_path / "here").glob("*.parquet")) == sorted(TABLES)


def test_no_persons_are_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, FOLDER / "generate.py", "--persons", "0", "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "--persons must be 1 or more, got 0" in done.stderr) == (2, True)


# What ships


def test_shipped_tables_are_those_of_seed_7(tmp_path):
    generator.generate(60_000, 7, tmp_path)
    for table in TABLES:
        shipped, made = (
            pl.read_parquet(folder / f"{table}.parquet") for folder in (FOLDER, tmp_path)
        )
        assert shipped.schema == made.schema
        assert alike(shipped, made) > 0.999, (
            table
        )  # not 1: another processor may round the last digit of a few values


def alike(one: pl.DataFrame, other: pl.DataFrame) -> float:
    """Share of one table's cells that are the same in the other."""
    both = one.join(other, on="person_id", how="left", suffix="_other")
    return both.select(
        pl.mean_horizontal(
            pl.col(name).eq_missing(pl.col(f"{name}_other")).mean()
            for name in one.columns
            if name != "person_id"
        )
    ).item()


def test_shipped_tables_are_under_10_megabytes():
    assert sum((FOLDER / f"{table}.parquet").stat().st_size for table in TABLES) < 10_000_000


def test_readme_names_every_column_of_every_table():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        section = readme.split(f"### `{table}.parquet`")[1].split("\n#")[0]
        assert [
            name
            for name in pl.read_parquet_schema(FOLDER / f"{table}.parquet")
            if f"`{name}`" not in section
        ] == []


def test_catalog_describes_every_feature_once(catalog):
    names = [name for source in catalog["sources"] for name in source["columns"]]
    assert len(names) == len(set(names))
    for source in catalog["sources"]:
        held = set(pl.read_parquet_schema(FOLDER / source["table"])) - {
            "person_id",
            "consent_device",
        }
        assert held == set(source["columns"]) == set(source["features"])


def test_catalog_lists_the_sources_in_the_order_of_the_generator(catalog):
    assert [source["key"] for source in catalog["sources"]] == KEYS


def test_weights_of_every_bureau_add_up_to_100_over_what_it_sees(catalog):
    for bureau in catalog["bureaus"]:
        assert sum(bureau["weights"].values()) == 100
        assert set(bureau["weights"]) == set(bureau["sees"]) <= set(KEYS)


def test_every_bureau_sees_somebody(catalog, people):
    sql = pl.SQLContext(people=people)
    for bureau in catalog["bureaus"]:
        for source, condition in bureau["sees"].items():
            where = condition.replace("==", "=").replace("[", "(").replace("]", ")") or "true"
            seen = sql.execute(
                f"select * from people where known_{source} = 1 and {where}", eager=True
            )
            assert len(seen) > 0.002 * PERSONS, (bureau["key"], source)
