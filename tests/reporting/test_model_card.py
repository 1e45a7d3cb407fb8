"""What would someone who must trust the models want in writing?"""

import re
from dataclasses import replace
from html import unescape
from importlib.metadata import version

import numpy as np
import polars as pl
import pytest

from analytics.data.catalog.model import Catalog
from analytics.data.catalog.toml import read
from analytics.data.disclosure import TooFew
from analytics.data.refusal import Refusal
from analytics.deciding.champion import contest
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import tree_shap
from analytics.reporting.model_card import model_card
from analytics.sources.basis import basis
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from analytics.weighing.readings import read as readings
from analytics.weighing.weighting import equal, weigh_as
from tests.people import edit, rewrite, settle


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Two thousand people, fitted."""
    return load(
        read(settle(tmp_path_factory.mktemp("town"), persons=2000)),
        folder=tmp_path_factory.mktemp("home"),
    )


def words(html: str) -> str:
    """What a reader reads, cell by cell."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", html.partition("<body>")[2])))


def rows(html: str, title: str) -> list[list[str]]:
    """The table under a title."""
    table = html.partition(f"<h2>{title}")[2].partition("</table>")[0]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in table.split("<tr>")]
    return [[unescape(re.sub(r"<[^>]+>", " ", c)).strip() for c in row] for row in cells if row]


def with_people(fitted: Fitted, **changes: object) -> Fitted:
    """The same, with other words about the people."""
    old = fitted.population.catalog
    catalog = Catalog(replace(old.people, **changes), old.sources, path=old.path)
    return replace(fitted, population=replace(fitted.population, catalog=catalog))


def test_the_card_tells_the_readings_of_its_weighting(town) -> None:
    weighting = equal(town.evidence.catalog)
    told, found = words(model_card(town, weighting)), readings(town.evidence, weighting)
    for name, form in (
        ("auc_everyone", ".3f"),
        ("auc_scored", ".3f"),
        ("ks", ".1%"),
    ):  # as the pages write them
        assert (
            f"|{getattr(found, name):{form}}|{getattr(found, name + '_low'):{form}} to"
            f" {getattr(found, name + '_high'):{form}}|" in told
        )
    assert f"|{found.coverage:.1%}|{found.scored:,} of {found.persons:,} test persons|" in told
    assert (
        "Bureau 50%, Bank 50%; scored from a reach of 0.40; an absent source says nothing." in told
    )


def test_every_source_has_its_row_and_the_weighting_the_last(town) -> None:
    table = rows(
        model_card(town, weigh_as(town.evidence.catalog, {"bank": 3, "bureau": 1})), "Sources"
    )
    assert [row[0] for row in table] == ["Bureau", "Bank", "As weighed"]
    assert [row[1] for row in table] == ["25%", "75%", "100%"]
    assert [row[2] for row in table] == [
        "1,000",
        "1,333",
        "1,333",
    ]  # scored from 0.4 on: whom the bank knows
    assert table[0][4] == f"{town.report['rounds'][0]}"


def test_calibration_is_told_in_tenths_of_the_scored_joined_where_too_few_defaulted(town) -> None:
    table = rows(model_card(town, equal(town.evidence.catalog)), "Calibration")
    assert [row[0] for row in table] == [str(i) for i in range(1, len(table) + 1)]
    assert 1 < len(table) <= 10  # tenths of too few defaulters are joined
    assert {row[4] for row in table} <= {"yes", "no, more defaulted", "no, fewer defaulted"}


def test_versions_and_checksums_are_those_of_the_basis(town) -> None:
    table, rests = (
        dict(rows(model_card(town, equal(town.evidence.catalog)), "What it rests on")),
        basis(town),
    )
    assert f"xgboost {rests.libraries['xgboost']}" in table["Versions"]
    assert "seed 7" in table["Fitted"]
    for digest in rests.data.values():
        assert digest[:12] in table["Data"]
    assert table["Models"] == "; ".join(f"{key} {rests.models[key][:12]}" for key in rests.models)


def test_reasons_were_checked_against_shap_when_the_card_was_written(
    town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked() -> str:
        return dict(rows(model_card(town, equal(town.evidence.catalog)), "What it rests on"))[
            "Reasons"
        ]

    told = re.fullmatch(
        r"Exact SHAP values from tables of the trees; checked against shap"
        rf" {re.escape(version('shap'))} on (\d+) test persons, "
        r"up to 100 per source: largest difference (0\.\d+) points\.",
        checked(),
    )
    assert told
    assert 100 < int(told[1]) <= 200
    assert float(told[2]) < 0.001
    exact = tree_shap.shap_values
    monkeypatch.setattr(
        tree_shap, "shap_values", lambda trees, matrix: exact(trees, matrix) + np.float32(0.1)
    )
    assert float(checked().split()[-2]) == pytest.approx(
        0.1 * STANDARD.factor, abs=0.5
    )  # one digit is told
    monkeypatch.setattr(tree_shap, "MEMORY", 0)
    assert checked().startswith(
        "Exact SHAP values. Bureau, Bank: trees too deep for tables, explained by shap "
    )


def test_fictional_people_are_called_so_and_real_ones_are_not(town) -> None:
    weighting = equal(town.evidence.catalog)
    assert "fictional" not in words(model_card(town, weighting))
    told = model_card(with_people(town, fictional=True), weighting)
    assert (
        dict(rows(told, "Intended use"))["For"]
        == "Demonstration only: everyone in these data is fictional."
    )
    assert dict(rows(told, "Limits"))["People"] == "Everyone in these data is fictional."


def test_drift_is_told_where_people_are_kept_out_of_time(town) -> None:
    weighting = equal(town.evidence.catalog)
    assert re.match(
        r"Out of time, the scores have a PSI of \d\.\d{3} to the persons who taught the models",
        dict(rows(model_card(town, weighting), "Limits"))["Drift"],
    )
    timeless = replace(town, evidence=town.evidence.split("train", "calibrate", "test"))
    assert dict(rows(model_card(timeless, weighting), "Limits"))["Drift"].startswith(
        "Nothing is known of it"
    )


def test_a_protected_column_that_a_source_learns_from_is_named(town) -> None:
    weighting = equal(town.evidence.catalog)
    assert (
        dict(rows(model_card(town, weighting), "Limits"))["Protected"]
        == "The catalog names no protected columns."
    )
    told = dict(
        rows(model_card(with_people(town, protected=("region", "job")), weighting), "Limits")
    )["Protected"]
    assert (
        told == "region, job are protected; learned from: job. Other columns may stand in for them."
    )


def test_challengers_are_told_with_their_differences_and_those_that_are_not_there_with_the_reason(
    town,
) -> None:
    champion, other = equal(town.evidence.catalog), weigh_as(town.evidence.catalog, {"bank": 1})
    noise = np.random.default_rng(1).normal(size=2000)
    found = contest(
        town.evidence.split("test"),
        {"Equal": champion, "Bank": other, "Noise": noise, "Scorecard": "it needs optbinning"},
        town.evidence.split("calibrate"),
    )
    html = model_card(town, champion, contest=found)
    table = rows(html, "Challengers")
    assert [row[0] for row in table] == ["Equal", "Bank", "Noise"]
    assert table[0][2] == "champion"
    assert table[2][2].startswith("−0.")
    assert [row[3] for row in table] == [
        "" if c in (None, True) else "within chance" for c in found["certain"][:3]
    ]
    assert dict(rows(html, "Limits"))["Challengers"] == "Scorecard: it needs optbinning"
    assert "<h2>Challengers" not in model_card(town, champion)


def test_what_is_overfit_is_named_beside_its_gap_and_among_the_limits(folder, tmp_path) -> None:
    settle(folder, persons=4000)
    deep = load(
        read(folder / "catalog.toml"),
        folder=tmp_path / "work",
        settings=Settings(rounds=200, patience=200, depth=8, eta=0.5),
    )
    chance = np.random.default_rng(2)
    train = (deep.evidence.people["split"] == "train").to_numpy()
    blurred = np.where(
        train[:, None], deep.evidence.added, chance.normal(size=deep.evidence.added.shape)
    ).astype(np.float32)
    heart = replace(
        deep, evidence=replace(deep.evidence, added=np.where(deep.evidence.known, blurred, np.nan))
    )
    html = model_card(heart, equal(heart.evidence.catalog))
    assert [row[-1].endswith("overfit") for row in rows(html, "Sources")] == [True, True, True]
    assert (
        dict(rows(html, "Limits"))["Fit"]
        == "Bureau, Bank, the weighting: the AUC falls by more than 0.02 from training to test,"
        " beyond chance."
    )


def test_texts_of_the_catalog_are_escaped(folder, tmp_path) -> None:
    settle(folder, persons=2000)
    edit(folder / "catalog.toml", ('label = "Bank"', 'label = "<b>Bank</b>"'))
    html = model_card(
        load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=Settings(rounds=5)),
        equal(read(folder / "catalog.toml")),
    )
    assert "<b>Bank" not in html
    assert "&lt;b&gt;Bank&lt;/b&gt;" in html


def test_a_source_too_small_to_read_has_no_figures(folder, tmp_path) -> None:
    settle(folder, persons=2000)
    rewrite(folder / "bank.csv", lambda f: f[:20])
    fitted = load(
        read(folder / "catalog.toml"), folder=tmp_path / "work", settings=Settings(rounds=5)
    )
    html = model_card(fitted, weigh_as(fitted.evidence.catalog, {"bureau": 1}))
    bank = rows(html, "Sources")[1]
    assert (bank[0], bank[1], bank[2]) == ("Bank", "0%", "20")
    assert bank[5:] == ["–"] * 5
    assert "Bank" not in dict(rows(html, "Limits"))["Fit"]


def test_the_same_models_give_the_same_card(town) -> None:
    weighting = equal(town.evidence.catalog)
    assert model_card(town, weighting) == model_card(town, weighting)


def test_too_few_test_persons_and_a_lost_manifest_are_sentences(town) -> None:
    weighting = equal(town.evidence.catalog)
    few = replace(
        town, evidence=town.evidence.where(pl.Series(range(2000)).is_between(0, 15).to_numpy())
    )
    with pytest.raises(TooFew, match="a figure needs at least 30 persons"):
        model_card(few, weighting)
    with pytest.raises(Refusal, match=r"^the manifest in .* is missing"):
        model_card(
            replace(town, kept=replace(town.kept, folder=town.kept.folder / "gone")), weighting
        )


@pytest.mark.usefixtures("few")
def test_where_people_take_turns_the_card_says_so_and_tells_no_fall_from_training(
    folder, tmp_path
) -> None:
    settle(folder, persons=2000)
    turns = load(
        read(folder / "catalog.toml"), folder=tmp_path / "work", settings=Settings(rounds=20)
    )
    html = model_card(turns, equal(turns.evidence.catalog))
    limits, told = dict(rows(html, "Limits")), words(html)
    assert "10 gradient-boosted models, 5 per source that take turns, and a weighted sum" in told
    assert limits["Fit"] == f"{turns.note}."
    assert re.match(
        r"Out of time, the scores have a PSI of \d\.\d{3} to the persons who taught the models",
        limits["Drift"],
    )
    assert html.count("test less train") == 0
    assert [len(row) for row in rows(html, "Sources")] == [
        8,
        8,
        8,
    ]  # five columns, then calibrate, test and out of time
    assert "3 of 5 parts of calibrate and test teach a model" in told
    assert "nan" not in told
