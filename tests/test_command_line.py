"""Does the command line say what the library knows, and refuse what it must?"""

import builtins
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_curve

from analytics import cli
from analytics.cli import main
from analytics.data import disclosure
from analytics.data.catalog.model import Catalog, Table
from analytics.data.catalog.toml import read
from analytics.data.cohort import EVERYONE
from analytics.data.split import SPLITS
from analytics.explaining.interchange import read as read_shap
from analytics.reporting.answer import as_json
from analytics.sources.fitting import Fitted, load
from analytics.stress.kinds.fakery import Fakery
from analytics.stress.kinds.match import Match
from analytics.stress.kinds.outage import Outage
from analytics.stress.stress import stress_context
from analytics.weighing.readings import calibrate
from analytics.weighing.readings import read as read_all
from analytics.weighing.sweep import sweep as sweep_all
from analytics.weighing.tally import tally
from analytics.weighing.weighting import MISSING, equal, parse, weigh_as
from tests.people import CATALOG, edit, exact_auc, outcomes, rewrite, weighed

SAMPLE = Path(__file__).parents[1] / "sample_data" / "catalog.toml"
WEIGHTS = "bureau=35,payments=25,ecommerce=20,identity=15,social=5"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample people, fitted once."""
    home = tmp_path_factory.mktemp("sample")
    load(read(SAMPLE), folder=home)
    return home


@pytest.fixture
def said(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run a verb on the small tables: exit status, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        where = [] if "--catalog" in words else ["--catalog", str(folder / "catalog.toml")]
        status = main([*words, *where, "--home", str(tmp_path / "work")])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def weighs(sample_home: Path, capsys: pytest.CaptureFixture[str]):
    """Weigh the sample people: the JSON, as text."""

    def run(*words: str) -> str:
        assert (
            main(
                [
                    "weigh",
                    "--catalog",
                    str(SAMPLE),
                    "--home",
                    str(sample_home),
                    "--floor",
                    "0.4",
                    "--json",
                    *words,
                ]
            )
            == 0
        )
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


def refused(run, *words: str) -> str:
    status, out, err = run(*words)
    *progress, sentence = err.splitlines()
    assert (status, out) == (1, "")
    assert all("fitted, " in line for line in progress)
    return sentence


# the sample people


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_readings_of_the_sample_people_equal_scikit_learns_on_the_same_persons(
    weighs, sample_home, missing: str
) -> None:
    found = json.loads(weighs("--weights", WEIGHTS, "--missing", missing))
    fitted = load(read(SAMPLE), folder=sample_home)
    weighting = parse(fitted.evidence.catalog, WEIGHTS, 0.4, missing)
    persons = fitted.evidence.split("test")
    scores, (known, defaulted) = weighed(persons, weighting), outcomes(persons)
    scored, everyone = known & ~np.isnan(scores), np.nan_to_num(scores)
    fall, rise, _ = roc_curve(defaulted[scored], scores[scored])
    assert (found["persons"], found["defaulted"], found["scored"]) == (
        known.sum(),
        defaulted[known].sum(),
        scored.sum(),
    )
    assert found["coverage"] == scored.sum() / known.sum()
    assert found["auc_scored"] == pytest.approx(
        exact_auc(scores[scored], defaulted[scored]), abs=found["auc_scored_bound"]
    )
    assert found["auc_everyone"] == pytest.approx(
        exact_auc(everyone[known], defaulted[known]), abs=found["auc_everyone_bound"]
    )
    assert (
        (rise - fall).max() - 0.02 < found["ks"] <= (rise - fall).max() + 1e-9
    )  # read where it is widest among other persons
    assert found["brier"] == pytest.approx(
        brier_score_loss(
            defaulted[scored], expit(found["intercept"] + found["slope"] * scores[scored])
        ),
        abs=1e-4,
    )
    assert max(found["auc_scored_bound"], found["auc_everyone_bound"]) < 0.001
    for name in ("coverage", "auc_scored", "auc_common", "auc_everyone", "ks", "brier"):
        assert found[f"{name}_low"] <= found[name] <= found[f"{name}_high"]


def test_accuracy_and_price_fall_when_the_bureau_gets_no_weight(weighs) -> None:
    with_bureau, without = (
        json.loads(weighs("--weights", w))
        for w in (WEIGHTS, WEIGHTS.replace("bureau=35", "bureau=0"))
    )
    for reading in ("auc_scored", "auc_everyone", "ks", "price"):
        assert without[reading] < with_bureau[reading]


def test_the_same_question_has_the_same_answer_to_the_byte(weighs) -> None:
    assert weighs("--weights", WEIGHTS) == weighs("--weights", WEIGHTS)


def test_the_lines_for_a_notebook_give_what_verbs_and_pages_give(
    weighs, explains, sample_home, monkeypatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_HOME", str(sample_home))
    monkeypatch.chdir(SAMPLE.parents[1])
    section = (
        Path("README.md").read_text("utf-8").partition("## In a notebook")[2].partition("\n## ")[0]
    )
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    names: dict[str, object] = {}
    exec("\n".join(lines[:-5]), names)
    weigh_, value, sweep, stress, explain = (
        eval(line.partition("  #")[0], names) for line in lines[-5:]
    )
    study, weights = names["study"], names["weights"]
    words = ["--weights", "bureau=35,bank=25,payments=20,ecommerce=20"]
    assert json.loads(as_json(weigh_)) == json.loads(weighs(*words))
    assert json.loads(as_json(explain)) == explains("--person", "P00000003", *words)
    asked = study.question("bureau=35,bank=25,payments=20,ecommerce=20")
    read_ = study.read(asked)
    assert weigh_["auc_everyone"] == stress["before"]["auc_everyone"] == read_.auc_everyone
    shapley = study.value(asked)["shapley_auc_everyone"].to_list()
    assert [source["shapley_auc_everyone"] for source in value["sources"]] == shapley
    assert explain["points"] == study.points("P00000003", weights)
    fakes = study.stresses("fakery ecommerce share=0.17 how=readings")
    assert (
        stress["auc_everyone"]
        == study.stress_effect(EVERYONE, "test", weights, fakes, 600.0)
        .figures["auc_everyone"]
        .value
    )
    assert max(row["auc_everyone"] for row in sweep["frontier"]) > weigh_["auc_everyone"] - 0.01


def test_a_bureau_weighs_as_its_weights_say_but_scores_only_whom_it_sees(weighs) -> None:
    bureau = read(SAMPLE).bureaus[0]
    asked, named = (
        json.loads(weighs("--weights", ",".join(f"{k}={w}" for k, w in bureau.weights))),
        json.loads(weighs("--bureau", bureau.key)),
    )
    assert asked["weights"] == named["weights"]
    assert asked["persons"] == named["persons"]
    assert named["coverage"] < asked["coverage"] - 0.1


# the small tables


def test_weigh_tells_one_json_object_and_nothing_else(said) -> None:
    status, out, err = said("weigh", "--weights", "bureau=3,bank=1", "--json")
    found = json.loads(out)
    assert status == 0
    assert out.count("\n") == 1
    assert found["weights"] == {"bureau": 0.75, "bank": 0.25}
    assert (found["cohort"], found["split"], found["floor"], found["missing"], found["price"]) == (
        "Everyone",
        "test",
        0.4,
        "neutral",
        1.5,
    )
    assert (
        sorted(err.split())
        == sorted(["bureau", "fitted,", "1", "of", "2", "bank", "fitted,", "2", "of", "2"])
        or "fitted, 2 of 2" in err
    )
    assert said("weigh", "--weights", "bureau=3,bank=1", "--json") == (0, out, "")


def test_another_fit_with_the_same_seed_says_the_same_to_the_byte(folder, tmp_path, capsys) -> None:
    answers = []
    for home in ("one", "two"):
        main(
            [
                "weigh",
                "--catalog",
                str(folder / "catalog.toml"),
                "--home",
                str(tmp_path / home),
                "--json",
            ]
        )
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1]


def test_what_people_read_has_the_same_figures(said) -> None:
    found = json.loads(said("weigh", "--json")[1])
    lines = said("weigh")[1].splitlines()
    assert f"persons              {found['persons']}" in lines
    assert f"auc everyone         {found['auc_everyone']:.4f}" in lines


def test_a_cohort_is_weighed_by_itself_with_the_calibration_of_everyone(
    said, folder, tmp_path
) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            region=pl.when(pl.int_range(pl.len()) < 230)
            .then(pl.lit("North"))
            .otherwise(pl.lit("South"))
        ),
    )
    (tmp_path / "north.json").write_text(
        '{"name": "The north", "conditions": [{"column": "region", "op": "==", "value": "North"}]}'
    )
    whole = json.loads(said("weigh", "--json")[1])
    part = json.loads(said("weigh", "--json", "--cohort", str(tmp_path / "north.json"))[1])
    assert part["cohort"] == "The north"
    assert part["persons"] < whole["persons"]
    assert (part["intercept"], part["slope"]) == (whole["intercept"], whole["slope"])


def test_a_split_is_read_by_itself(said) -> None:
    found = {
        split: json.loads(said("weigh", "--json", "--split", split)[1])["persons"]
        for split in ("train", "calibrate", "test", "out_of_time")
    }
    assert sum(found.values()) == 300
    assert json.loads(said("check", "--json")[1])["splits"] == found


def test_check_tells_what_the_files_hold_and_fits_nothing(said, folder, tmp_path) -> None:
    rewrite(
        folder / "bank.csv",
        lambda f: pl.concat([f, f[:2].with_columns(person_id=pl.lit("x") + pl.col("person_id"))]),
    )
    status, out, err = said("check", "--json")
    found = json.loads(out)
    defaulted = pl.read_csv(folder / "people.csv")["defaulted"]
    assert (status, err) == (0, "")
    assert (found["persons"], found["defaulted"], found["unknown_outcome"], found["base_rate"]) == (
        300,
        defaulted.sum(),
        0,
        defaulted.mean(),
    )
    assert found["sources"] == [
        {
            "key": "bureau",
            "label": "Bureau",
            "persons": 150,
            "hit": 0.5,
            "fill": 1.0,
            "features": 3,
            "strangers": 0,
        },
        {
            "key": "bank",
            "label": "Bank",
            "persons": 200,
            "hit": 2 / 3,
            "fill": 1.0,
            "features": 2,
            "strangers": 2,
        },
    ]
    assert found["problems"] == [
        "source 'bureau' knows only 150 persons; its model and figures will be rough",
        "source 'bank' knows only 200 persons; its model and figures will be rough",
        "source 'bank' holds 2 records of nobody in the population; they are not used",
    ]
    assert learned(tmp_path / "work") == {}


def learned(home: Path) -> dict[Path, bytes]:
    """What is kept in a work folder, but for tables that were checked."""
    return {
        path: path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.parent.name != "tables"
    }


def test_fit_tells_what_each_source_learned_and_whether_it_was_learned_now(said) -> None:
    first, second = (json.loads(said("fit", "--json")[1]) for _ in range(2))
    assert (first["fitted"], second["fitted"]) == (True, False)
    assert {**first, "fitted": False} == second
    assert [(s["key"], s["persons"]) for s in first["sources"]] == [("bureau", 150), ("bank", 200)]
    for source in first["sources"]:
        assert source["auc_low"] <= source["auc"] <= source["auc_high"]
        assert source["rounds"] >= 1


def test_warm_says_nothing(capsys) -> None:
    assert main(["warm"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["wiegh"],
        ["weigh", "--flor", "1"],
        ["weigh", "--floor", "low"],
        ["weigh", "--missing", "guess"],
        ["weigh", "--split", "all"],
    ],
)
def test_wrong_usage_is_2_and_says_how_to_use_it(words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("usage: python -m analytics")


def test_weights_and_a_bureau_at_once_are_wrong_usage(said) -> None:
    with pytest.raises(SystemExit) as end:
        said("weigh", "--weights", "bank=1", "--bureau", "half")
    assert end.value.code == 2


# bad input: each a sentence on stderr, exit 1, nothing on stdout, nothing overwritten


BAD_DATA = {
    "a missing file": (
        lambda folder: (folder / "bank.csv").unlink(),
        "there is no file 'bank.csv'",
    ),
    "a missing column": (
        lambda folder: rewrite(folder / "bank.csv", lambda f: f.drop("balance")),
        "source 'bank': no column of bank.csv fits 'balance'",
    ),
    "a missing id": (
        lambda folder: rewrite(folder / "bank.csv", lambda f: f.drop("person_id")),
        "bank.csv has no column 'person_id'",
    ),
    "an id twice": (
        lambda folder: rewrite(folder / "bank.csv", lambda f: pl.concat([f, f[:1]])),
        "bank.csv: 1 rows repeat the 'person_id' of another row",
    ),
    "one outcome": (
        lambda folder: rewrite(
            folder / "people.csv", lambda f: f.with_columns(defaulted=pl.lit(0))
        ),
        "people.csv: in outcome 'defaulted' nobody has a bad value",
    ),
    "all default": (
        lambda folder: rewrite(
            folder / "people.csv", lambda f: f.with_columns(defaulted=pl.lit(1))
        ),
        "people.csv: in outcome 'defaulted' everybody has",
    ),
    "a source that knows nobody": (
        lambda folder: rewrite(
            folder / "bank.csv",
            lambda f: f.with_columns(person_id=pl.lit("x") + pl.col("person_id")),
        ),
        "source 'bank' knows nobody",
    ),
    "text for numbers": (
        lambda folder: (
            edit(
                folder / "catalog.toml",
                ("[[bureaus]]", '[sources.features.balance]\ntype = "number"\n\n[[bureaus]]'),
            ),
            rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=pl.lit("much"))),
        ),
        "column 'balance' of bank.csv holds text, but the catalog declares a number",
    ),
    "a broken catalog": (
        lambda folder: (folder / "catalog.toml").write_text(CATALOG.replace("cost", "price")),
        "catalog.toml: [[sources]] 'bureau' has an unknown key",
    ),
    "a damaged table": (
        lambda folder: (folder / "bureau.parquet").write_bytes(b"PAR1"),
        "bureau.parquet: it is a damaged or truncated Parquet table",
    ),
}


@pytest.mark.parametrize("verb", ["check", "fit", "weigh"])
@pytest.mark.parametrize("what", BAD_DATA)
def test_bad_data_are_refused_with_a_sentence(said, folder, tmp_path, verb: str, what: str) -> None:
    spoil, sentence = BAD_DATA[what]
    spoil(folder)
    assert refused(said, verb, "--json").startswith(sentence)
    assert learned(tmp_path / "work") == {}


def test_bad_data_overwrite_nothing_of_what_was_learned_before(said, folder, tmp_path) -> None:
    said("fit")
    before = learned(tmp_path / "work")
    rewrite(folder / "bank.csv", lambda f: pl.concat([f, f[:1]]))
    refused(said, "weigh")
    assert learned(tmp_path / "work") == before != {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--weights", "bureau=-1"], "weight of 'bureau' must be 0 or more, got -1"),
        (
            ["--weights", "bureau=0,bank=0"],
            "all weights are 0, so nobody can be scored; give at least one source a weight",
        ),
        (["--weights", "banc=1"], "no source 'banc' in catalog.toml; it has: bureau, bank"),
        (
            ["--weights", "bank"],
            "cannot read the weight 'bank'; write weights as bureau=35,bank=25",
        ),
        (["--floor", "1.5"], "floor must be between 0 and 1, got 1.5"),
        (["--floor", "-0.1"], "floor must be between 0 and 1, got -0.1"),
        (["--bureau", "fico"], "no bureau 'fico' in catalog.toml; it has: half"),
        (
            ["--catalog", "nowhere.toml"],
            "cannot open the catalog nowhere.toml; name an existing file with --catalog",
        ),
        (
            ["--cohort", "nowhere.json"],
            "cannot read the cohort file nowhere.json; it must be UTF-8 JSON",
        ),
    ],
)
def test_bad_wishes_are_refused_with_a_sentence_before_anything_is_fitted(
    said, tmp_path, words: list[str], sentence: str
) -> None:
    assert refused(said, "weigh", *words) == sentence
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("column", "op", "value", "sentence"),
    [
        (
            "region",
            "==",
            "Nowhere",
            (
                "these are too few persons; a figure needs at least 30 persons and 5 of each"
                " outcome: choose a wider cohort"
            ),
        ),
        (
            "defaulted",
            "==",
            0,
            (
                "these are too few persons; a figure needs at least 30 persons and 5 of each"
                " outcome: choose a wider cohort"
            ),
        ),
        ("shoe", "==", 0, "no column 'shoe' in this population; it has: applied_on, bank.balance"),
        ("region", ">", 0, "column 'region' holds text and cannot be compared with 0"),
    ],
)
def test_a_cohort_that_cannot_be_read_is_refused(
    said, tmp_path, column: str, op: str, value: object, sentence: str
) -> None:
    said("fit")
    (tmp_path / "cohort.json").write_text(
        json.dumps({"name": "x", "conditions": [{"column": column, "op": op, "value": value}]})
    )
    assert sentence in refused(said, "weigh", "--cohort", str(tmp_path / "cohort.json"))


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_a_file_that_is_no_cohort_is_refused(said, tmp_path, content: bytes) -> None:
    (tmp_path / "cohort.json").write_bytes(content)
    assert "cohort" in refused(said, "weigh", "--cohort", str(tmp_path / "cohort.json"))


# many weightings, and what each source buys


def swept(said, path: Path, *words: str) -> tuple[dict, pl.DataFrame, str]:
    """What a sweep of the small tables says, keeps, and prints."""
    status, out, _ = said(
        "sweep", "--count", "60", "--seed", "7", "--out", str(path), "--json", *words
    )
    assert status == 0
    return json.loads(out), pl.read_parquet(path), out


def test_a_sweep_tells_one_json_object_and_keeps_every_weighting(said, tmp_path) -> None:
    found, kept, out = swept(said, tmp_path / "sweep.parquet")
    assert out.count("\n") == 1
    assert (found["weightings"], found["seed"], found["accuracy"], found["out"]) == (
        60,
        7,
        "auc_everyone",
        str(tmp_path / "sweep.parquet"),
    )
    assert len(kept) == 60
    assert kept.select(
        pl.sum_horizontal("weight.bureau", "weight.bank")
    ).to_series().to_list() == pytest.approx([1] * 60)
    assert kept["weight.bureau"].to_list()[:2] == [0.5, 0.5]  # equal weights, and the only bureau's
    assert (
        kept.filter("frontier").drop("frontier").sort("weight.bank").rows()
        == pl.DataFrame(found["frontier"]).drop("searched").sort("weight.bank").rows()
    )


def test_the_same_sweep_gives_the_same_bytes_and_another_seed_others(said, tmp_path) -> None:
    answers = [swept(said, tmp_path / "sweep.parquet")[2] for _ in range(2)]
    first = (tmp_path / "sweep.parquet").read_bytes()
    swept(said, tmp_path / "sweep.parquet")
    assert answers[0] == answers[1]
    assert (tmp_path / "sweep.parquet").read_bytes() == first
    said("sweep", "--count", "60", "--seed", "8", "--out", str(tmp_path / "sweep.parquet"))
    assert (tmp_path / "sweep.parquet").read_bytes() != first


@pytest.mark.parametrize("words", [[], ["--price"], ["--accuracy", "brier"]])
def test_no_weighting_of_the_frontier_is_beaten_on_the_persons_searched(
    said, tmp_path, words: list[str]
) -> None:
    found, _, _ = swept(said, tmp_path / "test.parquet", *words)
    # the same weightings, read where they are searched
    _, searched, _ = swept(said, tmp_path / "calibrate.parquet", "--split", "calibrate", *words)
    accuracy = found["accuracy"]
    goals = ["coverage", accuracy, *(["price"] if "--price" in words else [])]
    signs = np.array([1, -1 if accuracy == "brier" else 1, -1][: len(goals)])
    points = searched.drop_nulls(goals).select(goals).to_numpy() * signs
    by_weight = {
        row["weight.bank"]: np.array([row[g] for g in goals]) * signs for row in searched.to_dicts()
    }
    assert found["frontier"]
    for row in found["frontier"]:
        mine = by_weight[row["weight.bank"]]
        assert row["searched"] == mine[1] * signs[1]
        assert not ((points >= mine).all(axis=1) & (points > mine).any(axis=1)).any()


def test_a_sweep_reads_each_weighting_as_weigh_does(said, tmp_path) -> None:
    row = swept(said, tmp_path / "sweep.parquet")[1].row(20, named=True)
    alone = json.loads(
        said(
            "weigh",
            "--weights",
            f"bureau={row['weight.bureau']!r},bank={row['weight.bank']!r}",
            "--json",
        )[1]
    )
    for name in (
        "coverage",
        "auc_scored",
        "auc_common",
        "auc_everyone",
        "ks",
        "brier",
        "price",
        "intercept",
        "slope",
    ):
        assert row[name] == pytest.approx(alone[name], abs=1e-6)


@pytest.mark.parametrize("metric", ["auc_everyone", "coverage", "price"])
def test_values_of_sources_add_up_to_the_total(said, metric: str) -> None:
    found = json.loads(said("value", "--weights", "bureau=3,bank=1", "--json")[1])
    assert [source["key"] for source in found["sources"]] == ["bureau", "bank"]
    assert set(found["sources"][0]) >= {
        "label",
        *(f"{way}_{metric}" for way in ("add_one", "drop_one", "shapley")),
    }
    assert sum(source[f"shapley_{metric}"] for source in found["sources"]) == pytest.approx(
        found[f"total_{metric}"], abs=1e-9
    )
    assert found["weights"] == {"bureau": 0.75, "bank": 0.25}


def test_two_sources_are_valued_as_weigh_reads_them_with_and_without_each(said) -> None:
    found = json.loads(said("value", "--weights", "bureau=3,bank=1", "--json")[1])
    both, bureau, bank = (
        json.loads(said("weigh", "--weights", w, "--json")[1])
        for w in ("bureau=3,bank=1", "bureau=1", "bank=1")
    )
    for name, none in (("auc_everyone", 0.5), ("coverage", 0.0), ("price", 0.0)):
        mine = found["sources"][0]
        assert found[f"total_{name}"] == pytest.approx(both[name] - none, abs=1e-9)
        assert mine[f"add_one_{name}"] == pytest.approx(bureau[name] - none, abs=1e-9)
        assert mine[f"drop_one_{name}"] == pytest.approx(both[name] - bank[name], abs=1e-9)
        assert mine[f"shapley_{name}"] == pytest.approx(
            (mine[f"add_one_{name}"] + mine[f"drop_one_{name}"]) / 2, abs=1e-9
        )


def test_without_gain_and_loss_nothing_is_said_of_profit(said, tmp_path) -> None:
    found = json.loads(said("value", "--json", "--weights", "bureau=1,bank=1")[1])
    assert found["total_profit"] is None
    assert [source["drop_one_profit"] for source in found["sources"]] == [None, None]
    assert swept(said, tmp_path / "sweep.parquet")[1]["profit"].null_count() == 60


def test_gain_and_loss_give_a_profit_less_the_price(said, folder) -> None:
    edit(
        folder / "catalog.toml",
        ('outcome = "defaulted"', 'outcome = "defaulted"\ngain = 10\nloss = 20'),
    )
    found = json.loads(said("value", "--json", "--weights", "bureau=1,bank=1")[1])
    assert sum(source["shapley_profit"] for source in found["sources"]) == pytest.approx(
        found["total_profit"], abs=1e-9
    )
    assert -1.5 <= found["total_profit"] < 10


def test_by_default_the_learned_weights_are_valued_and_kept_where_asked(said, tmp_path) -> None:
    found = json.loads(said("value", "--json", "--out", str(tmp_path / "value.parquet"))[1])
    learned = json.loads(
        said(
            "value",
            "--json",
            "--weights",
            ",".join(f"{k}={w!r}" for k, w in found["weights"].items()),
        )[1]
    )
    assert learned["sources"] == found["sources"]
    assert pl.read_parquet(tmp_path / "value.parquet")["shapley_auc_everyone"].to_list() == [
        s["shapley_auc_everyone"] for s in found["sources"]
    ]


@pytest.mark.parametrize("verb", ["sweep", "value"])
def test_a_bureau_s_conditions_and_a_cohort_narrow_who_is_read(
    said, folder, tmp_path, verb: str
) -> None:
    weights = "weights = { bureau = 1, bank = 1 }"
    edit(
        folder / "catalog.toml",
        (weights, weights + "\nsees = { bureau = '', bank = \"applied_on >= '2024-04-01'\" }"),
    )
    (tmp_path / "early.json").write_text(
        '{"name": "Early", "conditions": [{"column": "applied_on", "op": "<", "value":'
        ' "2024-07-01"}]}'
    )
    whole, bureau, early = (
        json.loads(said(verb, "--json", *words)[1])
        for words in ([], ["--bureau", "half"], ["--cohort", str(tmp_path / "early.json")])
    )
    assert whole["persons"] == bureau["persons"] > early["persons"]
    assert (whole["cohort"], early["cohort"]) == ("Everyone", "Early")
    if verb == "value":
        everyone = json.loads(said("value", "--json", "--weights", "bureau=1,bank=1")[1])
        assert bureau["total_coverage"] < everyone["total_coverage"]
        assert bureau["weights"] == everyone["weights"]
    else:
        most = [max(row["coverage"] for row in found["frontier"]) for found in (bureau, whole)]
        assert most[0] < most[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sweep", "--floor", "2"], "floor must be between 0 and 1, got 2"),
        (["sweep", "--bureau", "fico"], "no bureau 'fico' in catalog.toml; it has: half"),
        (["value", "--bureau", "fico"], "no bureau 'fico' in catalog.toml; it has: half"),
        (
            ["value", "--weights", "banc=1"],
            "no source 'banc' in catalog.toml; it has: bureau, bank",
        ),
        (
            ["value", "--cohort", "nowhere.json"],
            "cannot read the cohort file nowhere.json; it must be UTF-8 JSON",
        ),
        (
            ["sweep", "--cohort", "nowhere.json"],
            "cannot read the cohort file nowhere.json; it must be UTF-8 JSON",
        ),
    ],
)
def test_bad_wishes_of_many_weightings_are_refused_with_a_sentence(
    said, words: list[str], sentence: str
) -> None:
    assert refused(said, *words) == sentence


@pytest.mark.parametrize("verb", ["sweep", "value"])
def test_a_file_that_cannot_be_written_and_a_cohort_too_small_are_refused(
    said, tmp_path, verb: str
) -> None:
    assert refused(said, verb, "--out", str(tmp_path / "nowhere" / "x.parquet")).startswith(
        f"cannot write {tmp_path / 'nowhere' / 'x.parquet'}: "
    )
    (tmp_path / "few.json").write_text(
        '{"name": "few", "conditions": [{"column": "region", "op": "==", "value": "East"}]}'
    )
    assert "a figure needs at least 30 persons" in refused(
        said, verb, "--cohort", str(tmp_path / "few.json")
    )


@pytest.mark.parametrize(
    "words",
    [
        ["sweep", "--count", "0"],
        ["sweep", "--count", "many"],
        ["sweep", "--accuracy", "gini"],
        ["sweep", "--weights", "bank=1"],
    ],
)
def test_a_sweep_asked_wrongly_is_wrong_usage(said, words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as end:
        said(*words)
    assert end.value.code == 2


def test_the_sample_people_s_sources_are_valued_in_every_way(sample_home, capsys) -> None:
    assert main(["value", "--catalog", str(SAMPLE), "--home", str(sample_home), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {source["key"] for source in found["sources"]} == {
        key for key, share in found["weights"].items() if share
    }
    for metric in ("auc_everyone", "coverage", "profit", "price"):
        assert sum(source[f"shapley_{metric}"] for source in found["sources"]) == pytest.approx(
            found[f"total_{metric}"], abs=1e-9
        )
    best = max(found["sources"], key=lambda source: source["shapley_auc_everyone"])
    assert best["key"] in {"bureau", "bank"}
    assert found["total_auc_everyone"] > 0.2


# why a score


@pytest.fixture
def explains(sample_home: Path, capsys: pytest.CaptureFixture[str]):
    """Explain a sample person: the JSON, read."""

    def run(*words: str) -> dict:
        assert (
            main(
                ["explain", "--catalog", str(SAMPLE), "--home", str(sample_home), "--json", *words]
            )
            == 0
        )
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_a_person_s_contributions_add_up_to_the_log_odds_and_points_of_weigh(
    explains, weighs, sample_home, missing: str
) -> None:
    found = explains("--person", "P00000010", "--weights", WEIGHTS, "--missing", missing)
    weighed_ = json.loads(weighs("--weights", WEIGHTS, "--missing", missing))
    everyone = load(read(SAMPLE), folder=sample_home).evidence
    place = everyone.people["person"].to_list().index("P00000010")
    evidence = weighed(everyone, parse(everyone.catalog, WEIGHTS, 0.4, missing))[place]
    assert found["log_odds"] == pytest.approx(
        weighed_["intercept"] + weighed_["slope"] * evidence, abs=1e-9
    )
    assert found["base_log_odds"] + sum(
        c["contribution"] for c in found["contributions"]
    ) == pytest.approx(found["log_odds"], abs=1e-12)
    assert found["points"] == pytest.approx(650 - 50 / np.log(2) * (found["log_odds"] + np.log(15)))
    assert (
        found["band"]
        == ["High risk", "Medium", "Fair", "Good", "Very good"][
            int(np.digitize(found["points"], [550, 600, 650, 700]))
        ]
    )
    assert 0 <= found["percentile"] <= 100
    assert {c["source"] for c in found["contributions"]} <= {
        "bureau",
        "payments",
        "ecommerce",
        "identity",
        "social",
    }


def test_a_person_s_values_are_those_of_the_files_and_the_reasons_name_the_most_harmful(
    explains,
) -> None:
    found = explains("--person", "P00000010")
    folder = SAMPLE.parent
    for c in found["contributions"]:
        table = pl.read_parquet(folder / f"{c['source']}.parquet").filter(
            pl.col("person_id") == "P00000010"
        )
        assert c["value"] == table[c["feature"]][0] or c["value"] == pytest.approx(
            table[c["feature"]][0], rel=1e-6
        )
    assert 0 < len(found["reasons"]) <= 4
    assert all(r["text"] and r["text_zh"] and r["points"] <= -0.5 for r in found["reasons"])
    assert [r["points"] for r in found["reasons"]] == sorted(r["points"] for r in found["reasons"])
    assert found["reason"] == ""


def test_a_person_whom_too_few_know_is_told_why_there_is_no_score(explains) -> None:
    found = explains("--person", "P00000010", "--floor", "1")
    assert (
        found["scored"],
        found["points"],
        found["log_odds"],
        found["contributions"],
        found["reasons"],
    ) == (False, None, None, [], [])
    assert found["reason"].startswith("Not scored: the sources that know this person carry ")
    assert found["reason"].count("floor of 100.0%; missing: ") == 1


def test_a_cohort_s_contributions_are_kept_one_row_per_person(
    explains, sample_home, tmp_path
) -> None:
    (tmp_path / "west.json").write_text(
        '{"name": "West", "conditions": [{"column": "region", "op": "==", "value": "West"}]}'
    )
    out = tmp_path / "west.parquet"
    found = explains("--cohort", str(tmp_path / "west.json"), "--out", str(out))
    frame = pl.read_parquet(out)
    assert (found["cohort"], found["persons"], found["out"]) == ("West", len(frame), str(out))
    assert frame.columns[:4] == ["person", "log_odds", "points", "base_log_odds"]
    assert len(frame.columns) == 4 + 88
    scored = frame.drop_nulls("log_odds")
    assert len(scored) == found["scored"]
    total = (
        scored["base_log_odds"]
        + scored.select(pl.sum_horizontal(pl.col(frame.columns[4:]).cast(pl.Float64))).to_series()
    )
    assert (total - scored["log_odds"]).abs().max() < 2e-5
    someone = scored["person"][5]
    alone = explains("--person", someone)
    assert alone["points"] == scored["points"][5]
    assert {
        f"{c['source']}.{c['feature']}": pytest.approx(c["contribution"], rel=1e-6, abs=1e-9)
        for c in alone["contributions"]
    } == {
        name: value
        for name, value in scored.row(5, named=True).items()
        if "." in name and value is not None
    }


def test_a_cohort_or_a_person_is_written_for_shap_and_reads_back_into_its_score(
    said, tmp_path
) -> None:
    (tmp_path / "all.json").write_text('{"name": "All", "conditions": []}')
    out = tmp_path / "shap.parquet"
    words = ["--format", "shap", "--out", str(out), "--json"]
    cohort = json.loads(said("explain", "--cohort", str(tmp_path / "all.json"), *words)[1])
    everyone = read_shap(out)
    assert (len(everyone.values), cohort["out"]) == (cohort["scored"], str(out))
    one = json.loads(said("explain", "--person", "p0004", *words)[1])
    alone, at = read_shap(out), everyone.instance_names.index("p0004")
    assert (alone.instance_names, one["out"]) == (["p0004"], str(out))
    assert (alone.values[0] == everyone.values[at]).all()
    assert alone.values.sum() + alone.base_values[0] == pytest.approx(one["log_odds"], abs=1e-12)
    unscored = refused(said, "explain", "--person", "p0001", "--floor", "1", *words)
    assert unscored.startswith(
        "nobody here is scored, so there is no score to explain; lower the floor"
    )


def test_a_cohort_of_nobody_and_a_file_that_cannot_be_written_are_refused(said, tmp_path) -> None:
    (tmp_path / "east.json").write_text(
        '{"name": "East", "conditions": [{"column": "region", "op": "==", "value": "East"}]}'
    )
    (tmp_path / "all.json").write_text('{"name": "All", "conditions": []}')
    nobody = refused(
        said,
        "explain",
        "--cohort",
        str(tmp_path / "east.json"),
        "--out",
        str(tmp_path / "x.parquet"),
    )
    assert (
        nobody
        == "nobody is in the cohort 'East', so there is nothing to explain; choose a wider one"
    )
    nowhere = refused(
        said,
        "explain",
        "--cohort",
        str(tmp_path / "all.json"),
        "--out",
        str(tmp_path / "nowhere" / "x.parquet"),
    )
    assert nowhere.startswith(f"cannot write {tmp_path / 'nowhere' / 'x.parquet'}: ")


def test_what_people_read_of_a_person_has_the_same_figures(said) -> None:
    found = json.loads(said("explain", "--person", "p0004", "--json")[1])
    lines = said("explain", "--person", "p0004")[1].splitlines()
    assert f"log odds             {found['log_odds']:.4f}" in lines
    assert sum(
        line.split()[:1] in (["bank"], ["bureau"]) for line in lines[lines.index("contributions") :]
    ) >= len(found["contributions"])


def test_a_bureau_explains_by_what_it_sees(explains) -> None:
    found = explains("--person", "P00000010", "--bureau", "kaola")
    assert {c["source"] for c in found["contributions"]} <= {"payments", "identity"}
    assert found["weights"]["payments"] == 0.7


def test_a_person_of_unknown_outcome_is_explained(said, folder) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(pl.col("person_id") != "p0004").then("defaulted")
        ),
    )
    status, out, _ = said("explain", "--person", "p0004", "--json")
    assert (status, json.loads(out)["defaulted"], json.loads(out)["scored"]) == (0, None, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--person", "p9999"],
            "no person 'p9999' in people.csv; write the id as it stands in its column 'person_id'",
        ),
        (
            ["--person", "p0003"],
            (
                "no source knows person 'p0003', so there is nothing to explain; choose a person of"
                " whom a source holds a record"
            ),
        ),
        (
            ["--person", "p0004", "--weights", "banc=1"],
            "no source 'banc' in catalog.toml; it has: bureau, bank",
        ),
        (
            ["--person", "p0004", "--bureau", "fico"],
            "no bureau 'fico' in catalog.toml; it has: half",
        ),
        (
            ["--cohort", "nowhere.json"],
            "cannot read the cohort file nowhere.json; it must be UTF-8 JSON",
        ),
    ],
)
def test_whoever_cannot_be_explained_is_refused_with_a_sentence(
    said, words: list[str], sentence: str
) -> None:
    assert refused(said, "explain", *words) == sentence


def test_a_damaged_model_is_never_opened(said, folder, tmp_path, monkeypatch) -> None:
    said("fit")
    (model,) = (tmp_path / "work").rglob("bank.model.json")
    # damaged after the evidence was read
    monkeypatch.setattr("analytics.sources.home.Home.holds", lambda *_: True)
    model.write_bytes(model.read_bytes()[:-9])
    assert (
        refused(said, "explain", "--person", "p0004")
        == f"bank.model.json in {model.parent} is missing, damaged or edited; delete the folder and"
        " fit again"
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--person", "p0004", "--cohort", "x.json"],
        ["--person", "p0004", "--split", "test"],
        ["--person", "p0004", "--weights", "a=1", "--bureau", "b"],
    ],
)
def test_an_explanation_asked_wrongly_is_wrong_usage(said, words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        said("explain", *words)
    assert end.value.code == 2


# scoring everybody


def test_scores_of_everybody_are_kept_and_counted(said, tmp_path) -> None:
    status, out, _ = said(
        "score", "--weights", "bureau=3,bank=1", "--out", str(tmp_path / "scores.parquet"), "--json"
    )
    found, kept = json.loads(out), pl.read_parquet(tmp_path / "scores.parquet")
    assert status == 0
    assert (found["persons"], found["scored"], found["out"]) == (
        300,
        int(kept["scored"].sum()),
        str(tmp_path / "scores.parquet"),
    )
    assert found["mean_points"] == pytest.approx(kept["points"].mean())
    assert kept["person"].to_list() == [f"p{i:04}" for i in range(300)]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["scores.parquet", "tables", "work"]


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_at_every_cutoff_weigh_accepts_those_whom_the_score_file_puts_there(
    weighs, sample_home, tmp_path, missing: str
) -> None:
    words = ["--weights", "bureau=35,payments=25", "--missing", missing]
    found = json.loads(weighs(*words))["cutoffs"]
    where = ["--catalog", str(SAMPLE), "--home", str(sample_home), "--floor", "0.4", "--plain"]
    assert main(["score", *where, *words, "--out", str(tmp_path / "scores.parquet")]) == 0
    test = (
        load(read(SAMPLE), folder=sample_home).evidence.split("test").people.drop_nulls("defaulted")
    )
    kept = test.join(pl.read_parquet(tmp_path / "scores.parquet"), on="person").filter("scored")
    accepted = [kept.filter(pl.col("points") >= row["cutoff"]) for row in found]
    assert [row["persons"] for row in found] == [len(each) for each in accepted]
    assert [row["bad_rate"] for row in found] == pytest.approx(
        [each["defaulted"].mean() for each in accepted]
    )


@pytest.mark.parametrize("person", ["p0004", "p0007", "p0002"])
@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_a_person_s_scores_are_those_of_explain(said, tmp_path, person: str, missing: str) -> None:
    words = ["--weights", "bureau=3,bank=1", "--floor", "0.25", "--missing", missing, "--json"]
    told = json.loads(said("explain", "--person", person, *words)[1])
    said("score", "--out", str(tmp_path / "scores.parquet"), *words)
    row = pl.read_parquet(tmp_path / "scores.parquet").row(
        by_predicate=pl.col("person") == person, named=True
    )
    assert (row["scored"], row["reach"]) == (told["scored"], told["reach"])
    assert row["points"] == pytest.approx(told["points"], abs=1e-3)
    assert row["log_odds"] == pytest.approx(told["log_odds"], abs=1e-5)
    assert [row[f"reason_{k}"] for k in range(1, 5) if row[f"reason_{k}"]] == [
        r["text"] for r in told["reasons"]
    ]


def test_other_people_are_scored_by_the_models_of_the_catalog(said, folder, tmp_path) -> None:
    new = shutil.copytree(folder, tmp_path / "new")
    for name in ("people.csv", "bureau.parquet", "bank.csv"):
        rewrite(
            new / name,
            lambda f: f.with_columns(person_id=pl.lit("new-") + pl.col("person_id")).tail(40),
        )
    said("score", "--out", str(tmp_path / "all.csv"), "--plain")
    found = json.loads(
        said(
            "score",
            "--people",
            str(new / "catalog.toml"),
            "--out",
            str(tmp_path / "new.csv"),
            "--plain",
            "--json",
        )[1]
    )
    assert (found["persons"], found["catalog"]) == (40, str(new / "catalog.toml"))
    both = (
        pl.read_csv(tmp_path / "new.csv")
        .with_columns(pl.col("person").str.strip_prefix("new-"))
        .join(pl.read_csv(tmp_path / "all.csv"), on="person")
    )
    assert len(both) == 40
    assert both["reach"].sum() > 0


def test_scores_that_cannot_be_written_and_a_cohort_of_nobody_are_refused(said, tmp_path) -> None:
    nowhere = tmp_path / "nowhere" / "x.parquet"
    assert (
        refused(said, "score", "--out", str(nowhere))
        == f"cannot write {nowhere}: no such folder; name another file with --out"
    )
    (tmp_path / "east.json").write_text(
        '{"name": "The east", "conditions": [{"column": "region", "op": "==", "value": "East"}]}'
    )
    words = ["--cohort", str(tmp_path / "east.json"), "--out", str(tmp_path / "x.csv")]
    assert refused(said, "score", *words) == "there is nobody to score; choose a wider cohort"
    assert not (tmp_path / "x.csv").exists()


# a first catalog


def test_init_writes_a_catalog_that_check_and_weigh_take(folder, tmp_path, capsys) -> None:
    (folder / "catalog.toml").unlink()
    files = [str(folder / name) for name in ("people.csv", "bureau.parquet", "bank.csv")]
    assert main(["init", *files, "--home", str(tmp_path / "work"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["outcome"], told["bad"], told["time"], told["persons"]) == (
        "person_id",
        "defaulted",
        [1],
        "applied_on",
        300,
    )
    assert {s["key"]: s["features"] for s in told["sources"]} == {
        "region": ["region"],
        "bureau": ["late_30", "late_90", "utilisation"],
        "bank": ["balance", "job"],
    }
    assert told["ready"]
    for verb in ("check", "weigh"):
        assert (
            main([verb, "--catalog", told["catalog"], "--home", str(tmp_path / "work"), "--json"])
            == 0
        )
        assert json.loads(capsys.readouterr().out)["persons"] > 0


def test_init_overwrites_no_catalog(folder, tmp_path, capsys) -> None:
    before = (folder / "catalog.toml").read_bytes()
    assert main(["init", str(folder / "people.csv"), "--home", str(tmp_path / "work")]) == 1
    assert "is there already; name another with --out, or move it away" in capsys.readouterr().err
    assert (folder / "catalog.toml").read_bytes() == before


def test_init_takes_files_of_one_folder_only(folder, tmp_path, capsys) -> None:
    other = tmp_path / "other.csv"
    other.write_text("person_id,limit\np0001,3\n")
    assert (
        main(
            [
                "init",
                str(folder / "people.csv"),
                str(other),
                "--out",
                str(folder / "new.toml"),
                "--home",
                str(tmp_path / "work"),
            ]
        )
        == 1
    )
    assert "put all files into one folder" in capsys.readouterr().err
    assert not (folder / "new.toml").exists()


def test_init_asks_which_values_mean_default_where_that_is_not_clear(
    folder, tmp_path, capsys
) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.lit("A") + (pl.int_range(pl.len()) % 3).cast(pl.String)
        ),
    )
    words = [
        "init",
        str(folder / "people.csv"),
        "--home",
        str(tmp_path / "work"),
        "--json",
        "--outcome",
        "defaulted",
    ]
    assert main([*words, "--out", str(folder / "one.toml")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["ready"]
    assert any("say which of these mean default" in question for question in told["decide"])
    assert main([*words, "--bad", "A1,A2", "--out", str(folder / "two.toml")]) == 0
    assert json.loads(capsys.readouterr().out)["bad"] == ["A1", "A2"]


def test_check_points_out_copies_of_the_outcome_and_personal_data(said, folder) -> None:
    people = pl.read_csv(folder / "people.csv")
    mails = pl.col("person_id") + "@mail.example"
    rewrite(
        folder / "bank.csv",
        lambda f: f.join(people.select("person_id", copy="defaulted"), on="person_id").with_columns(
            contact=mails
        ),
    )
    edit(
        folder / "catalog.toml",
        ('columns = ["balance", "job"]', 'columns = ["balance", "job", "copy", "contact"]'),
    )
    suspects = json.loads(said("check", "--json")[1])["suspects"]
    assert any(s.startswith("source 'bank': 'copy' is a copy of the outcome") for s in suspects)
    assert "source 'bank': 'contact' holds personal data (e-mail); leave it out" in suspects


def test_few_outcomes_are_said(said, few) -> None:
    told = json.loads(said("fit", "--json")[1])
    assert told["folds"] == 5
    assert "everybody's evidence comes from models that never saw them" in told["note"]


# before and after something goes wrong


KINDS = ["fakery", "consent", "outage", "late", "match", "drift"]
ASKED = {"cohort", "split", "weights", "floor", "missing", "price", "cutoffs", "scale"}


@pytest.fixture
def asks(settled: Catalog, fitted: Fitted, capsys: pytest.CaptureFixture[str]):
    """Run a verb on the small people, who are fitted already: exit status, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(
            [*words, "--catalog", str(settled.path), "--home", str(fitted.kept.folder.parent)]
        )
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize("verb", ["weigh", "score", "explain", "explain --cohort"])
def test_points_that_rest_on_too_few_defaults_are_refused_by_every_verb_alike(
    asks, tmp_path, monkeypatch, verb: str
) -> None:
    monkeypatch.setattr(disclosure, "OUTCOMES", 100)
    (tmp_path / "all.json").write_text('{"name": "all", "conditions": []}')
    words = {
        "weigh": ["weigh"],
        "score": ["score", "--out", str(tmp_path / "scores.csv")],
        "explain": ["explain", "--person", "p0004"],
        "explain --cohort": [
            "explain",
            "--cohort",
            str(tmp_path / "all.json"),
            "--out",
            str(tmp_path / "shap.parquet"),
        ],
    }[verb]
    rule = (
        "a figure needs at least 30 persons and 5 of each outcome: bring more people of known"
        " outcome"
    )
    assert re.fullmatch(
        rf"these are \d+ test persons, \d+ of whom defaulted; {rule}", refused(asks, *words)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["all.json"]


@pytest.fixture
def strikes(asks):
    """The answer to a stress."""

    def run(*words: str) -> dict:
        status, out, err = asks("stress", *words, "--json")
        assert (status, err, out.count("\n")) == (0, "", 1)
        return json.loads(out)

    return run


def changes(row: dict) -> list[float]:
    """What a row says has changed, with both ends of every interval."""
    return [value for name, value in row.items() if "_change" in name]


@pytest.mark.parametrize(
    "words",
    [[], ["--weights", "bureau=3,bank=1", "--missing", "renormalise", "--split", "calibrate"]],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_stress_of_nobody_changes_nothing_that_weigh_says(
    asks, strikes, kind: str, words: list[str]
) -> None:
    found = strikes(kind, "--source", "bank", "--share", "0", *words)
    weighed = json.loads(asks("weigh", *words, "--json")[1])
    assert (
        found["before"]
        == found["after"]
        == {name: value for name, value in weighed.items() if name not in ASKED}
    )
    assert {
        found[name] == weighed[name] for name in ("cohort", "split", "weights", "floor", "missing")
    } == {True}
    assert set(changes(found)) == {0}
    assert [
        found[name] for name in ("share", "hit", "crossed", "lost", "cost", "cost_per_crossing")
    ] == [0, 0, 0, 0, 0, None]
    assert found["worth_before"] == found["worth_after"]


@pytest.mark.parametrize(
    "words",
    [
        ["fakery", "--how", "readings"],
        ["consent"],
        ["outage"],
        ["late", "--days", "90"],
        ["match"],
        ["drift", "--shift", "0.5"],
    ],
)
def test_every_stress_says_the_same_for_the_same_seed_to_the_byte_and_other_things_for_another(
    asks, words: list[str]
) -> None:
    one, again, other = (
        asks("stress", *words, "--source", "bank", "--share", "0.5", "--json", "--seed", seed)[1]
        for seed in ("7", "7", "8")
    )
    assert one == again
    found, others = json.loads(one), json.loads(other)
    assert found["before"] == others["before"]
    assert found["after"] != others["after"]
    assert others["stress"] == f"{found['stress']} seed=8"


def test_the_readings_under_a_stress_are_those_of_the_people_after_it(strikes, fitted) -> None:
    found = strikes("outage", "--source", "bank", "--share", "0.5")
    weighting, persons = equal(fitted.evidence.catalog), fitted.evidence.split("test")
    after = Outage("bank", 0.5).apply(persons, stress_context(fitted, persons))
    calibration = calibrate(tally(fitted.evidence.split("calibrate"), weighting))
    assert (
        found["after"]
        == read_all(after, weighting, split=("test",), calibration=calibration).json()
    )
    assert found["hit"] == round(persons.known[:, 1].sum() / 2)
    assert found["coverage_change"] == pytest.approx(
        found["after"]["coverage"] - found["before"]["coverage"]
    )


def test_a_table_too_wide_for_a_line_lies_on_its_side(asks) -> None:
    status, out, _ = asks("stress", "outage", "--source", "bank", "--curve", "2")
    rows = [row.split() for row in out.partition("\ncurve\n")[2].splitlines()]
    assert (status, rows[0]) == (0, ["share", "0.0000", "0.5000", "1.0000"])
    assert max(map(len, out.splitlines())) <= 160


def test_a_cutoff_is_a_number_of_points(asks, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        asks("stress", "outage", "--source", "bank", "--cutoff", "nan")
    assert left.value.code == 2
    assert "must be a number of points" in capsys.readouterr().err


def test_a_curve_goes_from_nobody_to_everybody(strikes) -> None:
    found = strikes("outage", "--source", "bank", "--share", "0.75", "--curve", "4")
    assert [point["share"] for point in found["curve"]] == [0, 0.25, 0.5, 0.75, 1]
    assert set(changes(found["curve"][0])) == {0}
    assert found["curve"][3].items() <= found.items()
    hits, coverages = ([point[name] for point in found["curve"]] for name in ("hit", "coverage"))
    assert hits == sorted(hits)
    assert coverages == sorted(coverages, reverse=True)


def test_a_stress_stands_upon_those_before_it(strikes) -> None:
    found = strikes(
        "outage", "--source", "bureau", "--share", "0.5", "--upon", "consent bank share=1"
    )
    assert found["stress"] == "consent bank share=1; outage bureau share=0.5"
    assert found["before"] == strikes("match", "--source", "bank")["before"]
    blind = strikes(
        "outage", "--source", "bureau", "--upon", "consent bank share=1; drift bureau shift=0.2"
    )
    assert (
        blind["after"]["scored"],
        blind["after"]["coverage"],
        blind["after"]["auc_everyone"],
    ) == (0, 0, 0.5)


def test_the_sample_people_stand_two_stresses_at_once(sample_home, capsys) -> None:
    words = ["--catalog", str(SAMPLE), "--home", str(sample_home), "--json", "--weights", WEIGHTS]
    assert (
        main(
            [
                "stress",
                "match",
                "--source",
                "bureau",
                "--share",
                "0.3",
                "--upon",
                "consent device share=0.3",
                *words,
            ]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found["stress"] == "consent device share=0.3; match bureau share=0.3"
    assert found["auc_everyone_change_high"] < 0
    assert found["worth_after"]["value"] < found["worth_before"]["value"]


SALE = (
    'columns = ["balance", "job"]',
    (
        'columns = ["balance", "job"]\n\n[sources.features.balance]\ndirection = "safer"\nfakeable'
        " = true\nprice = 0.5\n"
    ),
)


def test_fakes_cost_what_all_who_buy_them_spend_whatever_goes_wrong_after(said, folder) -> None:
    edit(folder / "catalog.toml", SALE)
    words = ["--cutoff", "550", "--json"]
    bought = json.loads(
        said("stress", "fakery", "--source", "bank", "--share", "1", "--budget", "3000", *words)[1]
    )
    assert 0 < bought["crossed"] <= bought["hit"] <= bought["before"]["defaulted"]
    assert 0 < bought["cost"] <= 3000 * bought["hit"]
    assert bought["cost_per_crossing"] == bought["cost"] / bought["crossed"]
    later = json.loads(
        said(
            "stress",
            "match",
            "--source",
            "bureau",
            "--share",
            "1",
            "--upon",
            bought["stress"],
            "--curve",
            "1",
            *words,
        )[1]
    )
    assert [later["cost"], *(point["cost"] for point in later["curve"])] == [bought["cost"]] * 3


def test_how_far_fakes_go_is_set_by_all_who_taught_nothing_whoever_is_read(
    said, folder, tmp_path
) -> None:
    edit(folder / "catalog.toml", SALE)
    catalog, home = read(folder / "catalog.toml"), tmp_path / "work"
    people = load(catalog, folder=home).evidence.people
    poor = people.filter(pl.col("split").is_in(["calibrate", "test"]))["person"].to_list()
    rewrite(
        folder / "bank.csv",
        lambda f: f.with_columns(
            balance=pl.when(pl.col("person_id").is_in(poor))
            .then(-2000 + pl.int_range(pl.len()))
            .otherwise("balance")
        ),
    )
    fitted = load(catalog, folder=home)
    behind = stress_context(fitted, fitted.evidence.split("calibrate", "test", "out_of_time"))
    found = json.loads(
        said("stress", "fakery", "--source", "bank", "--share", "1", "--budget", "30000", "--json")[
            1
        ]
    )
    assert found["cost"] == Fakery("bank", 1.0, budget=30000.0).cost(
        fitted.evidence.split("test"), behind
    )


def test_weights_that_hold_are_no_worse_in_the_worst_case_than_those_they_start_from(
    strikes, fitted
) -> None:
    words = ["match", "--source", "bank", "--share", "1"]
    found = strikes(*words, "--hold")
    firm, searched = found["weights_that_hold"], fitted.evidence.split("calibrate")
    assert sum(firm.values()) == pytest.approx(1)
    attacked = Match("bank", 1.0).apply(searched, stress_context(fitted, searched))
    held, start = (
        weigh_as(searched.catalog, weights, 0.4, "neutral") for weights in (firm, found["weights"])
    )
    worst = [
        min(sweep_all(case, [weighting])["auc_everyone"].item() for case in (searched, attacked))
        for weighting in (held, start)
    ]
    assert worst[0] >= worst[1]
    assert [row["name"] for row in found["hold"]] == ["now", "best without stress", "that hold"]
    assert found["hold"][0]["auc_before"] == found["before"]["auc_everyone"]
    assert found["hold"][0]["auc_after"] == found["after"]["auc_everyone"]
    assert {**found, "hold": 0, "weights_that_hold": 0} == {
        **strikes(*words),
        "hold": 0,
        "weights_that_hold": 0,
    }


def test_what_people_read_of_a_stress_has_the_same_figures(asks, strikes) -> None:
    words = ["drift", "--source", "bank", "--shift", "0.5", "--curve", "1", "--hold"]
    found, lines = strikes(*words), asks("stress", *words)[1].splitlines()
    assert "stress               drift bank shift=0.5" in lines
    assert (
        f"  auc everyone         {found['after']['auc_everyone']:.4f}"
        in lines[lines.index("after") :]
    )
    figures = found["curve"][0]
    rows = [
        re.split(" {2,}", line.strip())
        for line in lines[lines.index("curve") + 1 :][: len(figures)]
    ]
    assert [row[0].replace(" ", "_") for row in rows] == list(figures)
    assert rows[0][1:] == ["0.0000", "1.0000"]
    assert lines[lines.index("hold") + 1].split()[:2] == ["name", "now"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["match", "--source", "banc"], "no source 'banc' in catalog.toml; it has: bureau, bank"),
        (
            ["match", "--source", "bank", "--share", "2"],
            "the share joined to a wrong record must be between 0 and 1, got 2",
        ),
        (
            ["drift", "--source", "bank", "--shift", "nan"],
            "the shift of a drift must be between -10 and 10 log-odds, got nan",
        ),
        (
            ["fakery", "--source", "bank", "--who", "none"],
            "'who' of a fakery is 'none'; it may be: bad, all, gain",
        ),
        (
            ["outage", "--source", "bank", "--month", "March"],
            "cannot read the month 'March' of an outage; write it like 2025-03",
        ),
        (
            ["consent", "--source", "bank", "--among", "West"],
            "cannot read among='West'; write a column and one of its values, like region=West",
        ),
        (
            ["match", "--source", "bank", "--upon", "flood bank"],
            f"no stress 'flood'; there are: {', '.join(KINDS)}",
        ),
        (
            ["match", "--source", "bank", "--upon", "match device"],
            "no source 'device' in catalog.toml; it has: bureau, bank",
        ),
        (
            ["match", "--source", "bank", "--weights", "banc=1"],
            "no source 'banc' in catalog.toml; it has: bureau, bank",
        ),
    ],
)
def test_a_stress_that_cannot_be_is_refused_with_a_sentence_before_anything_is_fitted(
    said, tmp_path, words: list[str], sentence: str
) -> None:
    assert refused(said, "stress", *words) == sentence
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["outage", "--month", "2030-01"],
            "none of these persons applied in 2030-01; they applied from 2024-01 to 2024-08",
        ),
        (
            ["consent", "--share", "0.3", "--among", "region=Nowhere"],
            "nobody is of region=Nowhere; it may be: North, South",
        ),
        (
            ["consent", "--share", "0.3", "--among", "shoe=44"],
            "people have no group 'shoe' that could withdraw; they have: region",
        ),
        (
            ["fakery", "--share", "0.3"],
            (
                "no feature of source 'bank' can be faked; give one 'fakeable = true' and a 'price'"
                " under [sources.features.<name>], or fake whole readings"
            ),
        ),
        (
            ["match", "--upon", "outage bureau month=2030-01"],
            "none of these persons applied in 2030-01; they applied from 2024-01 to 2024-08",
        ),
    ],
)
def test_a_stress_of_nobody_there_is_refused_with_a_sentence(
    asks, words: list[str], sentence: str
) -> None:
    assert refused(asks, "stress", *words, "--source", "bank") == sentence


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["flood", "--source", "bank"],
        ["match"],
        ["match", "--source", "bank", "--share", "many"],
        ["match", "--source", "bank", "--curve", "0"],
        ["match", "--source", "bank", "--odds", "2"],
        ["late", "--source", "bank", "--days", "1.5"],
    ],
)
def test_a_stress_asked_wrongly_is_wrong_usage(words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as end:
        main(["stress", *words])
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("usage: python -m analytics")


def test_what_may_be_chosen_is_what_the_library_takes() -> None:
    assert get_args(cli.Split) == SPLITS
    assert get_args(cli.Missing) == MISSING


def test_help_and_wrong_usage_wait_for_no_heavy_library() -> None:
    code = (
        "import sys; from analytics.cli import main; main(['weigh', '--help']);"
        " sys.exit(bool({'polars', 'numba', 'xgboost', 'scipy'} & {*sys.modules}))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode
        == 0
    )


def helped(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What --help prints, on one line."""
    assert main([*words, "--help"]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_help_tells_every_kind_of_stress_and_its_options(capsys) -> None:
    told = helped(capsys, "stress")
    assert [kind for kind in KINDS if f" {kind}: " in told] == KINDS
    assert "A share of those whom a source knows withdraw their consent." in told
    for option in (
        "--source",
        "--share",
        "--odds",
        "--among",
        "--tells",
        "--seed",
        "--upon",
        "--cutoff",
        "--curve",
        "--hold",
    ):
        assert f" {option}" in helped(capsys, "stress", "consent")
    assert "[default: ]" not in helped(capsys, "stress", "outage")


def test_init_is_told_how_files_are_read_and_the_catalog_keeps_it(tmp_path, capsys) -> None:
    rows = [f"{i};{'café' if i % 2 else 'bar'};1.{100 + i};{i % 4 // 3}" for i in range(1, 81)]
    (tmp_path / "a.csv").write_bytes(
        "\n".join(["id;objet;montant;default", *rows]).encode("cp1252")
    )
    words = [
        "--encoding",
        "a.csv:latin-1",
        "--separator",
        ";",
        "--decimal",
        "comma",
        "--header",
        "1",
        "--types",
        "objet=text",
        "--types",
        "a.csv:montant=1.234,5",
    ]
    assert (
        main(
            [
                "init",
                str(tmp_path / "a.csv"),
                "--home",
                str(tmp_path / "home"),
                "--id",
                "id",
                *words,
            ]
        )
        == 0
    )
    catalog = read(tmp_path / "catalog.toml")
    types = (("montant", "1.234,5"), ("objet", "text"))
    assert catalog.tables == (
        Table("a.csv", separator=";", encoding="latin-1", decimal=",", header="1", types=types),
    )
    capsys.readouterr()
    assert (
        main(
            [
                "init",
                str(tmp_path / "a.csv"),
                "--out",
                str(tmp_path / "b.toml"),
                "--types",
                "income=number",
            ]
        )
        == 1
    )
    assert capsys.readouterr().err.startswith(
        "--types names 'income', which no file has; they have: id, objet, montant, default"
    )


def test_columns_named_by_our_own_words_are_features_of_every_verb(tmp_path, capsys) -> None:
    names = ("row", "person", "split", "fold", "source", "weight", "scored", "*", "^a$", "b[0]<1")
    cells = [[i * (k + 3) % 17 for k in range(len(names))] for i in range(200)]
    lines = [
        f"C{i:04},{','.join(map(str, row))},{int((i * 7 + row[0]) % 4 == 0)}"
        for i, row in enumerate(cells)
    ]
    (tmp_path / "a.csv").write_text("\n".join([f"id,{','.join(names)},default", *lines]))
    home = ["--home", str(tmp_path / "home"), "--json"]
    assert main(["init", str(tmp_path / "a.csv"), *home]) == 0
    told = json.loads(capsys.readouterr().out)
    read_as = {f for s in told["sources"] for f in s["features"]}
    assert read_as == {
        "row_2",
        "person_2",
        "split",
        "fold",
        "source",
        "weight",
        "scored",
        "*_2",
        "^a$_2",
        "b[0]<1",
    }
    scores = tmp_path / "s.csv"
    assert (
        main(["score", "--catalog", str(tmp_path / "catalog.toml"), *home, "--out", str(scores)])
        == 0
    )
    assert len(pl.read_csv(scores)) == 200


def test_ids_that_a_spreadsheet_rounded_are_refused_before_there_is_a_catalog(
    tmp_path, capsys
) -> None:
    lines = [f"1.2{i:03}E+15,{i % 7},{int(i % 4 == 0)}" for i in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["customer_id,x,default", *lines]))
    assert main(["init", str(tmp_path / "a.csv"), "--home", str(tmp_path / "home")]) == 1
    assert capsys.readouterr().err.startswith(
        "a.csv, column 'customer_id': a spreadsheet has rounded ids, as in 1.1E+17; export them"
        " again as text"
    )
    assert not (tmp_path / "catalog.toml").exists()


def test_ids_said_to_be_only_text_tell_nobody_apart(tmp_path, capsys) -> None:
    lines = [f"1.2{i:03}E+15,{i % 7},{int(i % 4 == 0)}" for i in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["customer_id,x,default", *lines]))
    home = ["--home", str(tmp_path / "home")]
    answer = ["--types", "a.csv:customer_id=text"]
    assert main(["init", str(tmp_path / "a.csv"), *home, *answer]) == 0
    assert "--id row" in capsys.readouterr().out
    (tmp_path / "catalog.toml").unlink()
    assert main(["init", str(tmp_path / "a.csv"), *home, *answer, "--id", "row"]) == 0
    assert main(["check", "--catalog", str(tmp_path / "catalog.toml"), *home]) == 0


# disks that are full, and work folders that are only read


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no disk that is always full")
def test_an_answer_that_cannot_be_written_ends_with_a_sentence(
    capfd, folder, tmp_path, monkeypatch
) -> None:
    words = ["check", "--catalog", str(folder / "catalog.toml"), "--home", str(tmp_path / "home")]
    with FULL.open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(words) == 1
        assert (
            capfd.readouterr().err
            == "cannot write the answer: the disk is full; send it elsewhere\n"
        )
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        assert main(words) == 0
        assert capfd.readouterr().err == ""


def test_an_answer_is_written_in_the_letters_that_its_stream_has(
    folder, tmp_path, monkeypatch
) -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", plain)
    asked = ["check", "--home", str(tmp_path / "home")]
    rewrite(folder / "people.csv", lambda frame: frame.with_columns(pl.lit("x").alias("余额")))
    assert main([*asked, "--catalog", str(folder / "catalog.toml")]) == 0
    plain.seek(0)
    assert "\\u4f59\\u989d" in plain.read()


@pytest.mark.skipif(not FULL.exists(), reason="the system has no disk that is always full")
@pytest.mark.parametrize(
    "words", [["sweep", "--count", "20"], ["value"], ["explain", "--cohort", "all.json"], ["score"]]
)
def test_a_full_disk_is_called_full(said, tmp_path, monkeypatch, words: list[str]) -> None:
    name = "x.csv"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.json").write_text('{"name": "All", "conditions": []}')
    (tmp_path / name).symlink_to(FULL)
    told = "the disk is full; make room, or name another file with --out"
    assert refused(said, *words, "--out", name) == f"cannot write {name}: {told}"
    assert FULL.is_char_device()


def test_a_catalog_that_finds_no_room_says_so_and_nothing_half_written_stays(
    folder, capsys, tmp_path, monkeypatch
) -> None:
    def full(self: Path, *_: object) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    (tmp_path / "fresh").mkdir()
    for name in ("people", "bank"):
        shutil.copy(folder / f"{name}.csv", tmp_path / "fresh")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        files = [str(tmp_path / "fresh" / f"{name}.csv") for name in ("people", "bank")]
        assert main(["init", *files, "--home", str(tmp_path / "work")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert (
        err
        == f"cannot write {tmp_path / 'fresh' / 'catalog.toml'}: the disk is full; make room, or"
        " name another file with --out\n"
    )
    assert sorted(p.name for p in (tmp_path / "fresh").iterdir()) == ["bank.csv", "people.csv"]


@pytest.fixture
def only_read(monkeypatch: pytest.MonkeyPatch):
    """Let nothing below a folder be made, changed, renamed or removed, whoever runs the tests.

    Files are there to be read.
    """

    def hold(home: Path) -> None:
        def within(path: object) -> bool:
            told = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
            return isinstance(told, str) and Path(os.path.abspath(told)).is_relative_to(home)  # noqa: PTH100 - links stay links

        def held(does, changes):
            def call(path, *more, **named):
                if within(path) and changes(*more, **named):
                    raise PermissionError(13, "Permission denied", str(path))
                return does(path, *more, **named)

            return call

        for name in ("mkdir", "utime", "replace", "rename", "unlink", "rmdir", "chmod"):
            monkeypatch.setattr(os, name, held(getattr(os, name), lambda *_, **__: True))
        opened = held(io.open, lambda mode="r", *_, **__: not set("wax+").isdisjoint(mode))
        monkeypatch.setattr(io, "open", opened)
        monkeypatch.setattr(builtins, "open", opened)
        made = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        monkeypatch.setattr(os, "open", held(os.open, lambda flags=0, *_, **__: flags & made))

    return hold


def test_a_work_folder_that_holds_everything_is_only_read(said, tmp_path, only_read) -> None:
    home, out = tmp_path / "work", str(tmp_path / "out.parquet")
    assert said("fit")[0] == 0
    asked = [
        ["check"],
        ["fit"],
        ["weigh"],
        ["value"],
        ["score", "--out", out],
        ["explain", "--person", "p0004"],
    ]
    first = [said(*words, "--json") for words in asked]

    def standing() -> dict[Path, tuple[int, bytes]]:
        return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in home.rglob("*") if p.is_file()}

    before = standing()
    only_read(home)
    with pytest.raises(PermissionError):
        (home / "x").write_text("x")
    assert [said(*words, "--json") for words in asked] == first
    assert standing() == before
    assert [status for status, _, _ in first] == [0] * len(first)
