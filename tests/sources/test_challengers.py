"""Would another model over the raw data do better?"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from analytics.data.catalog.toml import read
from analytics.data.population import find, people
from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS
from analytics.sources import challengers
from analytics.sources.challengers import (
    CHALLENGERS,
    by_source,
    challenge,
    free,
    joint,
    scorecard,
    scorecard_reasons,
)
from analytics.sources.fitting import load
from analytics.sources.model import Cancelled, Settings, fit
from analytics.sources.pooled import outcomes, side_by_side
from tests.people import exact_auc, rewrite, settle

FEW = Settings(rounds=40, patience=10)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory):
    """Two thousand people of two sources, and their columns side by side."""
    population = find(read(settle(tmp_path_factory.mktemp("town"), persons=2000)))
    everyone = people(population)
    return population, everyone, side_by_side(population, everyone)


def late(everyone: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Who taught nothing, and who defaulted."""
    return everyone["split"].is_in(["test", "out_of_time"]).to_numpy(), everyone[
        "defaulted"
    ].to_numpy().astype(bool)


def trees(booster, design) -> list[set[str]]:
    """The columns that each tree splits on."""
    model = json.loads(bytes(booster.save_raw("json")))["learner"]
    names = [f.name for f in design.features]
    forest = model["gradient_booster"]["model"]["trees"]
    return [
        {
            names[f]
            for f, left in zip(t["split_indices"], t["left_children"], strict=True)
            if left != -1
        }
        for t in forest
    ]


def test_columns_are_grouped_by_their_source(town) -> None:
    assert by_source(town[2]) == [
        ["bureau.late_30", "bureau.late_90", "bureau.utilisation"],
        ["bank.balance", "bank.job"],
    ]


def test_a_tree_of_the_joint_model_sees_one_source_only_and_of_the_free_one_several(town) -> None:
    _, everyone, design = town
    groups, taught = [set(g) for g in by_source(design)], outcomes(design, everyone)
    apart = trees(fit(design, *taught, 0.25, FEW, apart=by_source(design)).forest.booster, design)
    mixed = trees(fit(design, *taught, 0.25, FEW).forest.booster, design)
    assert all(any(tree <= group for group in groups) for tree in apart)
    assert {i for tree in apart for i, group in enumerate(groups) if tree & group} == {0, 1}
    assert any(tree & groups[0] and tree & groups[1] for tree in mixed)


def test_the_joint_model_is_a_sum_over_sources(town) -> None:
    _, everyone, design = town
    model = fit(design, *outcomes(design, everyone), 0.25, FEW, apart=by_source(design))
    rows, width = np.arange(20), len(by_source(design)[0])

    def said(bureau: np.ndarray, bank: np.ndarray) -> np.ndarray:
        """What is said of the bureau's record of some and the bank's of others."""
        matrix = np.asfortranarray(
            np.hstack([design.matrix[bureau, :width], design.matrix[bank, width:]])
        )
        return model.said(
            type(design)(design.source, design.features, matrix, rows, design.categories, 20, 0),
            0.25,
        ).astype(float)

    a, b = np.arange(20), np.arange(20, 40)
    assert said(a, a) + said(b, b) == pytest.approx(said(a, b) + said(b, a), abs=1e-5)


@pytest.mark.parametrize("challenger", [joint, free])
def test_a_challenger_ranks_better_than_chance_among_people_it_has_not_seen(
    town, challenger
) -> None:
    _, everyone, design = town
    read, defaulted = late(everyone)
    added = challenger(design, everyone, 0.25, FEW)
    known = read & ~np.isnan(added)
    assert exact_auc(added[known], defaulted[known]) > 0.7


def test_whoever_no_source_knows_is_not_scored_and_all_others_are(town) -> None:
    _, everyone, design = town
    row = np.arange(2000)
    for challenger in (joint, free):
        added = challenger(design, everyone, 0.25, Settings(rounds=3))
        assert (np.isnan(added) == ((row % 2 == 1) & (row % 3 == 0))).all()
        assert (added.shape, added.dtype) == ((2000,), np.float32)


def test_who_is_read_teaches_a_challenger_nothing(town) -> None:
    _, everyone, design = town
    read, _ = late(everyone)
    turned = everyone.with_columns(
        defaulted=pl.when(pl.Series(read)).then(~pl.col("defaulted")).otherwise("defaulted")
    )
    assert np.array_equal(
        joint(design, everyone, 0.25, FEW), joint(design, turned, 0.25, FEW), equal_nan=True
    )


def test_a_challenger_can_be_left_after_any_round(town) -> None:
    _, everyone, design = town
    heard = []

    def should_continue(done: int, most: int) -> bool:
        heard.append((done, most))
        return done < 3

    with pytest.raises(
        Cancelled, match="fitting of 'pooled' was stopped after 3 of at most 40 rounds"
    ):
        joint(design, everyone, 0.25, FEW, should_continue)
    assert heard == [(0, 40), (1, 40), (2, 40), (3, 40)]


def test_all_challengers_are_tried_and_those_that_cannot_be_say_why(folder, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "optbinning", None)
    population = find(read(folder / "catalog.toml"))
    everyone = people(population)
    heard = []
    found = dict(
        challenge(
            population,
            everyone,
            0.25,
            settings=Settings(rounds=2, patience=2),
            rounds=lambda *step: not heard.append(step),
        )
    )
    assert list(found) == list(CHALLENGERS) == ["free", "joint", "scorecard"]
    assert [type(found[key]) for key in found] == [np.ndarray, np.ndarray, str]
    assert (
        found["scorecard"]
        == "the weight-of-evidence scorecard needs optbinning, an optional extra; install it by:"
        " pip install 'optbinning>=1,<2'"
    )
    assert {(key, most) for key, _, most in heard} == {("joint", 2), ("free", 2), ("scorecard", 1)}


def test_leaving_one_challenger_leaves_them_all(folder) -> None:
    population = find(read(folder / "catalog.toml"))
    with pytest.raises(Cancelled):
        dict(
            challenge(
                population,
                people(population),
                0.25,
                settings=FEW,
                rounds=lambda key, done, _: (key, done) != ("free", 1),
            )
        )


def test_what_a_challenger_says_is_kept_beside_the_models_and_fitted_again_once_they_change(
    folder, tmp_path, monkeypatch
) -> None:
    def said(rounds: int) -> tuple[np.ndarray, list[str]]:
        settings, heard = Settings(rounds=rounds, patience=2), []
        fitted = load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=settings)
        each = challenge(
            fitted.population,
            people(fitted.population),
            0.25,
            settings=settings,
            keys=["free"],
            kept=fitted.kept,
            rounds=lambda key, *_: not heard.append(key),
        )
        return dict(each)["free"], heard

    (first, fit), (again, recalled) = said(3), said(3)
    assert fit == ["free"] * 4
    assert recalled == []
    assert first.dtype == again.dtype == np.float32
    assert np.array_equal(first, again, equal_nan=True)
    for damage in (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"), Path.unlink):
        damage(next((tmp_path / "work").rglob("said.npy")))
        assert said(3)[1] == ["free"] * 4
        assert said(3)[1] == []
    assert said(2)[1] == ["free"] * 3
    monkeypatch.setattr(challengers, "version", lambda _: "99")
    assert said(2)[1] == ["free"] * 3


def test_what_is_said_of_data_that_were_replaced_meanwhile_is_not_taken_for_what_is_said_of_the_new(
    folder, tmp_path
) -> None:
    settings = Settings(rounds=3, patience=2)
    before = load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=settings)
    rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=-pl.col("balance")))
    after = load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=settings)
    heard = []
    for fitted in (before, after, after):
        each = challenge(
            fitted.population,
            people(fitted.population),
            0.25,
            settings=settings,
            keys=["free"],
            kept=fitted.kept,
            rounds=lambda *step: not heard.append(step),
        )
        dict(each)
    assert len(heard) == 2 * 4


def test_no_reason_is_kept_and_a_folder_that_cannot_be_written_costs_only_time(
    folder, tmp_path, monkeypatch
) -> None:
    fitted = load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=FEW)
    everyone = people(fitted.population)
    monkeypatch.setitem(sys.modules, "optbinning", None)
    dict(
        challenge(
            fitted.population, everyone, 0.25, settings=FEW, keys=["scorecard"], kept=fitted.kept
        )
    )
    assert list((tmp_path / "work").rglob("said.npy")) == []
    (fitted.kept.folder / "free").write_text("in the way")
    assert isinstance(
        dict(
            challenge(
                fitted.population, everyone, 0.25, settings=FEW, keys=["free"], kept=fitted.kept
            )
        )["free"],
        np.ndarray,
    )


def test_data_without_both_outcomes_are_a_sentence_per_challenger(folder, monkeypatch) -> None:
    monkeypatch.setattr(challengers, "_binning", lambda: None)
    population = find(read(folder / "catalog.toml"))
    everyone = people(population).with_columns(defaulted=pl.lit(value=False))
    found = dict(challenge(population, everyone, 0.25))
    assert "source 'pooled' has nothing to learn from" in found["joint"]
    assert "a scorecard has nothing to learn from: its" in found["scorecard"]


def test_where_people_take_turns_no_fold_is_asked_of_a_scorecard_that_it_taught(
    town, monkeypatch
) -> None:
    _, everyone, design = town
    folded, teaching = replace(design, folds=np.arange(len(design.rows)) % FOLDS), []
    monkeypatch.setattr(challengers, "_binning", lambda: None)

    def _scored(_, drawn, train, __) -> tuple[np.ndarray, np.ndarray]:
        teaching.append(train)
        return np.full(len(drawn.rows), float(len(teaching))), np.full(
            drawn.matrix.shape, -len(teaching)
        )

    told: list[pl.DataFrame] = []
    monkeypatch.setattr(challengers, "_scored", _scored)
    added = challengers.scorecard(folded, everyone, 0.5, reasons=told.append)[design.rows]
    assert (added == folded.folds + 1).all()
    assert (
        told[0]["bank.balance"].to_numpy() == -folded.folds - 1
    ).all()  # reasons are of the model that is asked
    assert all(
        set(folded.folds[train]) == set(range(FOLDS)) - {asked, (asked + 1) % FOLDS}
        for asked, train in enumerate(teaching)
    )


class Plain:
    """Stands in for optbinning.

    The weight of evidence of a value is the value itself, of a missing one 0.
    """

    def __init__(self, names, **_) -> None:
        self.names = names

    def fit(self, matrix, outcomes) -> None:
        pass

    def get_support(self) -> np.ndarray:
        # as if that one said nothing
        return np.array([not name.endswith("late_30") for name in self.names])

    def transform(self, matrix, **_) -> np.ndarray:
        return np.nan_to_num(matrix[:, self.get_support()].astype(float))


def test_reasons_of_a_scorecard_are_its_coefficients_times_what_lies_off_the_mean_of_those_who_taught(
    town, monkeypatch
) -> None:
    _, everyone, design = town
    told: list[pl.DataFrame] = []
    monkeypatch.setattr(challengers, "_binning", lambda: Plain)
    added = scorecard(design, everyone, 0.25, reasons=told.append)[design.rows]
    values = told[0].drop("row").to_numpy()
    columns = [1, 2, 3, 4]
    woe = np.nan_to_num(design.matrix[:, columns].astype(float))
    defaulted, splits = outcomes(design, everyone)
    train = (splits == "train") & ~np.isnan(defaulted)
    model = LogisticRegression(max_iter=1000).fit(woe[train], defaulted[train])
    assert told[0]["row"].to_list() == design.rows.tolist()
    assert told[0].columns[1:] == [f.name for f in design.features]
    assert values[:, columns] == pytest.approx(
        model.coef_ * (woe - woe[train].mean(axis=0)), abs=1e-4
    )
    assert (values[:, 0] == 0).all()
    assert np.ptp(added - values.sum(axis=1)) < 1e-4  # they add up, but for one constant


def test_reasons_are_kept_beside_what_a_scorecard_says(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(challengers, "_binning", lambda: Plain)
    fitted = load(read(folder / "catalog.toml"), folder=tmp_path / "work", settings=FEW)
    with pytest.raises(
        Refusal, match=r"the scorecard's reasons are not kept in .*; let the work folder be written"
    ):
        scorecard_reasons(fitted.population, fitted.kept, FEW)
    everyone = people(fitted.population)
    said = dict(
        challenge(
            fitted.population, everyone, 0.25, settings=FEW, keys=["scorecard"], kept=fitted.kept
        )
    )["scorecard"]
    told = scorecard_reasons(fitted.population, fitted.kept, FEW)
    rest = said[told["row"].to_numpy()] - told.drop("row").to_numpy().sum(axis=1)
    assert np.ptp(rest) < 1e-4


# with optbinning, where it is installed


@pytest.fixture(scope="module")
def _binning() -> None:
    pytest.importorskip("optbinning", reason="an optional extra", exc_type=ImportError)


@pytest.mark.usefixtures("_binning")
def test_a_scorecard_ranks_people_it_has_not_seen_and_predicts_their_rate(town) -> None:
    _, everyone, design = town
    read, defaulted = late(everyone)
    added = scorecard(design, everyone, 0.25).astype(float)
    known = read & ~np.isnan(added)
    assert exact_auc(added[known], defaulted[known]) > 0.7
    predicted = 1 / (1 + np.exp(-(added[known] + np.log(0.25 / 0.75))))
    assert predicted.mean() == pytest.approx(defaulted[known].mean(), abs=0.05)


@pytest.mark.usefixtures("_binning")
def test_a_scorecard_keeps_the_direction_that_the_catalog_gives(town) -> None:
    _, everyone, design = town
    matrix = np.full((60, design.matrix.shape[1]), np.nan, np.float32, order="F")
    matrix[:, 1] = np.linspace(0, 30, 60)  # payments 90 days late, declared riskier
    asked = np.asfortranarray(np.vstack([design.matrix, matrix]))
    rows = np.concatenate([design.rows, 2000 + np.arange(60)])
    wider = type(design)(design.source, design.features, asked, rows, design.categories, 2060, 0)
    others = everyone[:60].with_columns(pl.lit(None, pl.Boolean).alias("defaulted"))
    steps = np.diff(scorecard(wider, pl.concat([everyone, others]), 0.25)[2000:])
    assert (steps >= 0).all()
    assert steps.sum() > 0.5


@pytest.mark.usefixtures("_binning")
def test_empty_and_constant_columns_do_not_stop_a_scorecard(folder) -> None:
    rewrite(
        folder / "bank.csv",
        lambda f: f.with_columns(balance=pl.lit(1.0), job=pl.lit(None, pl.String)),
    )
    population = find(read(folder / "catalog.toml"))
    everyone = people(population)
    added = scorecard(side_by_side(population, everyone), everyone, 0.25)
    assert np.isfinite(added[::2]).all()  # whom the bureau knows


@pytest.mark.usefixtures("_binning")
def test_columns_that_say_nothing_are_a_sentence(town) -> None:
    _, everyone, design = town
    still = type(design)(
        design.source, design.features, np.ones_like(design.matrix), design.rows, {}, 2000, 0
    )
    with pytest.raises(
        Refusal,
        match=(
            r"^a scorecard has nothing to say: none of its 5 columns has an information value of"
            r" 0.02 or more$"
        ),
    ):
        scorecard(still, everyone, 0.25)


@pytest.mark.usefixtures("_binning")
def test_reasons_of_a_real_scorecard_add_up_but_for_one_constant(town) -> None:
    _, everyone, design = town
    told: list[pl.DataFrame] = []
    added = scorecard(design, everyone, 0.25, reasons=told.append)[design.rows]
    values = told[0].drop("row").to_numpy()
    assert np.ptp(added - values.sum(axis=1)) < 1e-4
    assert np.abs(values).max() > 0.1
