import re
import time
from functools import partial
from shutil import rmtree

import numpy as np
import polars as pl
import pytest

from analytics.data.cohort import EVERYONE
from analytics.data.population import people
from analytics.deciding.scorecard import STANDARD
from analytics.sources import challengers
from analytics.sources.challengers import challenge
from analytics.sources.fitting import Fitted
from analytics.sources.model import Settings
from analytics.study.question import Question
from analytics.study.study import Study
from analytics.weighing import quality
from analytics.weighing.splits import by_split, overfit
from analytics.weighing.weighting import equal
from pages.parts.models import sentences as models_sentences
from pages.shared.datasets import SAMPLE
from pages.shared.view import View
from tests.pages.reader import alts, line, opened, press, said, table, told, usual, well


@pytest.fixture(scope="module")
def challenged() -> None:
    """Wait until the challengers of the sample are fitted, or known not to be."""
    opened("models")
    while Study.open(SAMPLE).waiting():
        time.sleep(0.2)


def test_the_champion_is_the_weighting_looked_at_and_the_best_challenger_is_named(
    sample: Fitted, challenged: None
) -> None:
    app = opened("models")
    sentence = said(app)
    assert sentence.startswith(
        f"{sample.evidence.catalog.bureaus[0].weighting} ranks everyone at an AUC of "
    )
    assert "the best challenger of the calibration persons, " in sentence
    found = app.dataframe[0].value
    assert found["champion"].tolist() == [True] + [False] * 4
    assert f"{found['auc'][0]:.3f}" in sentence


class Scorecard:
    """Stands in for optbinning: the weight of evidence of a value is whether it is there."""

    def __init__(self, names, **_) -> None:
        self.names = names

    def fit(self, matrix, outcomes) -> None:
        pass

    def get_support(self) -> np.ndarray:
        return np.ones(len(self.names), bool)

    def transform(self, matrix, **_) -> np.ndarray:
        return np.isfinite(matrix).astype(float)


def test_without_a_scorecard_its_reasons_stand_aside_with_a_word(
    challenged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = (
        "the weight-of-evidence scorecard needs optbinning, an optional extra; install it by: pip"
        " install 'optbinning>=1,<2'"
    )
    monkeypatch.setattr(Study, "challenged", lambda _: {"scorecard": reason})
    study = Study.open(SAMPLE)
    weighting = equal(study.catalog())
    asked = Question(EVERYONE, "test", weighting, weighting, STANDARD.accepts_from)
    assert study.reasons_beside(asked) == reason
    assert models_sentences.no_scorecard(reason) == f"T{reason[1:]}."
    monkeypatch.setattr(Study, "challenged", lambda _: {})
    waiting = study.reasons_beside(asked)
    assert (
        models_sentences.no_scorecard(str(waiting))
        == "The weight-of-evidence scorecard is still being fitted."
    )


def test_reasons_of_weighting_and_scorecard_stand_side_by_side(
    sample: Fitted,
    challenged: None,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    request.addfinalizer(partial(rmtree, sample.kept.inside("scorecard").folder))
    monkeypatch.setattr(challengers, "_binning", lambda: Scorecard)
    everyone = people(sample.population)
    rate = sample.evidence.base_rate
    said = dict(challenge(sample.population, everyone, rate, keys=["scorecard"], kept=sample.kept))[
        "scorecard"
    ]
    kept = challengers.scorecard_reasons(sample.population, sample.kept)
    monkeypatch.setattr(Study, "challenged", lambda _: {"free": said, "scorecard": said})
    app = opened("models")
    beside = app.dataframe[-1].value
    test = kept.filter(
        pl.col("row").is_in(
            sample.evidence.split("test").people["row"].cast(kept.schema["row"]).implode()
        )
    )
    for key, points in zip(beside["key"], beside["scorecard"], strict=True):
        assert points == pytest.approx(STANDARD.factor * test[key].abs().mean(), rel=1e-5)
    first = beside.iloc[0]
    rows = table(app, -1)
    assert len(rows) == 12
    assert rows[first["label"]] == [
        f"{x:.1f}" if x > 0 else "–" for x in first[["weighting", "scorecard"]]
    ]
    mine = Study.open(SAMPLE).importance(EVERYONE, "test", usual(sample), "feature")
    means = dict(mine.select("key", pl.col("mean") * STANDARD.factor).iter_rows())
    assert beside.set_index("key")["weighting"].to_dict() == pytest.approx(means)


def test_another_weighting_is_another_champion(challenged: None) -> None:
    app = opened("models", weights="identity=1")
    assert said(app).startswith("Own weights ranks everyone")
    assert app.dataframe[0].value["difference"][1] > 0


def test_every_source_has_its_auc_on_every_split_and_its_gap(sample: Fitted) -> None:
    app = opened("models")
    read = by_split(sample.evidence)
    gaps = overfit(read)
    rows = table(app)
    for source in sample.evidence.catalog:
        mine = dict(read.filter(key=source.key).select("split", "auc").iter_rows())
        assert rows[source.label][2:6] == [
            f"{mine[split]:.3f}" for split in ("train", "calibrate", "test", "out_of_time")
        ]
        assert (rows[source.label][-1] == "overfit") == bool(
            gaps.filter(key=source.key)["overfit"][0]
        )


def test_the_weighting_has_its_splits_too(sample: Fitted) -> None:
    rows = table(opened("models"))
    mine = by_split(sample.evidence, {"": usual(sample)})["auc"].to_list()
    assert rows[sample.evidence.catalog.bureaus[0].weighting][2:6] == [f"{auc:.3f}" for auc in mine]


def test_one_source_is_evaluated_like_on_the_page_of_sources() -> None:
    app = opened("models")
    app.selectbox(key="source").select("bank").run()
    assert "Evaluation of Bank account" in told(app)
    assert "Calibration of Bank account" in told(app)


def test_other_settings_give_other_models_and_an_address_of_their_own(sample: Fitted) -> None:
    app = opened("models")
    before = table(app)
    app.number_input(key="refit.rounds").set_value(5)
    app.number_input(key="refit.depth").set_value(1)
    press(app, "Fit again")
    assert well(app)
    assert app.query_params["settings"] == "rounds=5,depth=1"
    after = table(app)
    assert all(int(row[1]) <= 5 for name, row in after.items() if row[1].isdigit())
    assert before != after
    app.text_input(key="settings").set_value("").run()
    assert table(app) == before
    assert "sample" in line(app).lower()


@pytest.mark.parametrize(
    "text", ["deep=3", "depth=x", "depth=0", "eta=2", "rounds=-1", "depth", "eta=1e9999"]
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(text: str) -> None:
    app = opened("models", settings=text)
    assert not app.exception
    assert "Refused" in told(app)
    app.text_input(key="settings").set_value("").run()
    assert well(app)


def test_settings_are_their_text() -> None:
    for settings in (
        Settings(),
        Settings(depth=4),
        Settings(rounds=5, eta=0.05, patience=7, seed=1),
    ):
        assert Settings.parse(settings.text) == settings


def test_the_charts_say_what_they_show(challenged: None) -> None:
    said_by = alts(opened("models"))
    assert any(text.startswith("AUC of everyone: ") for text in said_by)
    assert any(text.startswith("AUC by split; the widest gap") for text in said_by)


def test_where_people_take_turns_the_sentence_says_so_and_judges_nobody_overfit(
    turns: Fitted,
) -> None:
    app = opened("models")
    assert well(app)
    assert said(app).endswith(f"{turns.note}.")
    assert "verfit" not in said(app) + told(app)
    assert "5 per source: each is asked about a part of the people that it never saw" in told(app)


def test_where_people_take_turns_there_is_no_column_for_those_who_are_not_there(
    turns: Fitted,
) -> None:
    app = opened("models")
    head = next(html.proto.body for html in app.get("html") if "wb-table" in html.proto.body)
    assert re.findall(r"<th [^>]*>(.*?)</th>", head) == [
        "model",
        "columns",
        "rounds",
        "AUC calibrate",
        "AUC test",
        "AUC out of time",
    ]
    read = by_split(turns.evidence)
    for source in turns.evidence.catalog:
        mine = dict(read.filter(key=source.key).select("split", "auc").iter_rows())
        assert table(app)[source.label][2:] == [
            f"{mine[split]:.3f}" for split in ("calibrate", "test", "out_of_time")
        ]


def test_the_columns_of_a_source_are_read_on_everybody_who_takes_turns(turns: Fitted) -> None:
    rows = table(opened("models"), 1)
    assert [row[0] for row in rows.values()] == ["100.0%"] * 3
    assert all(float(row[1]) >= 0 for row in rows.values())
    assert float(rows["late_90"][1]) > 0.1


def test_where_no_source_can_be_judged_the_page_does_not_call_any_sound(sample: Fitted) -> None:
    nobody = pl.DataFrame(
        {"key": ["bank", ""], "overfit": [None, True]},
        schema={"key": pl.String, "overfit": pl.Boolean},
    )
    view = View(Study.open(SAMPLE), EVERYONE, usual(sample), "test")
    assert (
        models_sentences.fall(view, nobody)
        == "Persons are too few to tell whether a source is overfit"
    )
    assert (
        models_sentences.fall(view, nobody.with_columns(overfit=pl.lit(True)))
        == "Overfit: Bank account"
    )
    assert (
        models_sentences.fall(view, nobody.with_columns(overfit=pl.lit(False)))
        == "No source is overfit"
    )


def test_whom_the_auc_is_of_stands_where_the_sentence_and_the_table_meet(sample: Fitted) -> None:
    app = opened("models")
    assert "ranks everyone" in said(app)
    assert "AUC of the people whom a source knows; of the weighting, AUC of the scored" in told(app)
    assert any(
        "the weighting looked at, AUC of the scored" in html.proto.body for html in app.get("html")
    )


def test_an_auc_too_good_to_be_true_is_said_first(
    sample: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "too good to be true" not in said(opened("models"))
    monkeypatch.setattr(quality, "TOO_GOOD", 0.7)
    name = opened("models")
    assert re.match(r"[^.]+ has an AUC of 0\.7\d\d, too good to be true", said(name))
