"""From files to evidence: what is fitted, kept, noticed and refused."""

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import polars as pl
import pytest

from analytics.data.catalog.toml import read as read_catalog
from analytics.data.population import people
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF
from analytics.data.split import FOLDS
from analytics.explaining import records
from analytics.explaining.explanation import explain, state
from analytics.explaining.explanation import weigh as weigh_parts
from analytics.sources import home as homes
from analytics.sources.design import draw
from analytics.sources.fitting import load, root
from analytics.sources.model import Cancelled, Settings
from analytics.weighing import value as valuing
from analytics.weighing.frontier import sample
from analytics.weighing.readings import Calibration, read
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally, weigh
from analytics.weighing.weighting import equal
from tests.people import catalog, rewrite, told

FEW = Settings(rounds=5)


def kept(work: Path) -> dict[str, bytes]:
    """What is kept of the models; the tables on the shelf beside them are no part of it."""
    return {
        str(path.relative_to(work)): path.read_bytes()
        for path in sorted(work.rglob("*"))
        if path.is_file() and SHELF not in path.parts
    }


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def again(folder: Path, work: Path, *edits: tuple[str, str], settings: Settings = FEW):
    return load(told(folder, *edits), folder=work, settings=settings)


def test_a_population_is_fitted_once_and_read_from_the_work_folder_after(folder, work) -> None:
    first = again(folder, work)
    files = kept(work)
    second = again(folder, work)
    assert (first.fresh, second.fresh) == (True, False)
    assert kept(work) == files
    assert second.evidence.people.equals(first.evidence.people)
    assert np.array_equal(second.evidence.added, first.evidence.added, equal_nan=True)
    assert second.evidence.base_rate == first.evidence.base_rate
    assert second.report.equals(first.report)
    weighting = equal(first.evidence.catalog)
    assert (tally(first.evidence, weighting).cells == tally(second.evidence, weighting).cells).all()


def test_a_source_is_known_where_its_table_has_a_record(fitted) -> None:
    row = fitted.evidence.people["row"].to_numpy()
    assert (fitted.evidence.known == np.stack([row % 2 == 0, row % 3 != 0], axis=1)).all()
    assert fitted.report.select(
        "key", "persons", "hit", "fill", "strangers", "features"
    ).rows() == [("bureau", 150, 0.5, 1.0, 0, 3), ("bank", 200, 2 / 3, 1.0, 0, 2)]


def test_the_base_rate_is_that_of_the_training_persons(fitted) -> None:
    training = fitted.evidence.split("train").people["defaulted"]
    assert fitted.evidence.base_rate == pytest.approx(training.mean())


def test_kept_models_say_what_the_fitted_ones_said(folder, work) -> None:
    found = again(folder, work)
    models = homes.models(homes.home(work, found.evidence.catalog), found.evidence.catalog)
    everyone = people(found.population)
    for s, model in enumerate(models):
        design = draw(
            found.population, everyone, found.evidence.catalog.source(model.key), model.categories
        )
        place = np.argsort(found.evidence.people["row"].to_numpy())[design.rows]
        assert (
            found.evidence.added[place, s] == model.said(design, found.evidence.base_rate)
        ).all()


def test_the_same_files_give_the_same_bytes_in_another_work_folder(folder, work, tmp_path) -> None:
    again(folder, work)
    again(folder, tmp_path / "other")
    one, two = kept(work), kept(tmp_path / "other")
    assert {n: b for n, b in one.items() if not n.endswith(("fit.json", "manifest.json"))} == {
        n: b for n, b in two.items() if not n.endswith(("fit.json", "manifest.json"))
    }


def test_outcomes_of_test_persons_do_not_change_the_models(folder, work) -> None:
    split = again(folder, work).evidence.people.sort("row")["split"].cast(pl.String)
    before = {n: b for n, b in kept(work).items() if "model" in n}
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(split.is_in(["test", "out_of_time"]))
            .then(1 - pl.col("defaulted"))
            .otherwise("defaulted")
        ),
    )
    assert again(folder, work).fresh
    assert {n: b for n, b in kept(work).items() if "model" in n} == before


@pytest.mark.parametrize(
    ("edit", "fresh"),
    [
        (('label = "Bank"', 'label = "Our bank"'), False),
        (("cost = 1.5", "cost = 2.5"), False),
        (("weights = { bureau = 1, bank = 1 }", "weights = { bureau = 2, bank = 1 }"), False),
        (('direction = "riskier"', 'direction = "riskier"\nlabel = "Late"'), False),
        (('direction = "riskier"', 'direction = "unknown"'), True),
        (('outcome = "defaulted"', 'outcome = "defaulted"\nbad = [0]'), True),
        (('outcome = "defaulted"', 'outcome = "defaulted"\nmissing = [-9]'), True),
        (('"balance", "job"', '"balance"'), True),
        (('segments = ["region"]', "segments = []"), True),
    ],
)
def test_models_are_refitted_if_what_they_learned_from_changed_and_not_for_words_and_prices(
    folder, work, edit: tuple[str, str], fresh: bool
) -> None:
    again(folder, work)
    assert again(folder, work, edit).fresh is fresh


def test_a_changed_label_is_shown_though_nothing_is_refitted(folder, work) -> None:
    again(folder, work)
    assert (
        again(folder, work, ('label = "Bank"', 'label = "Our bank"'))
        .evidence.catalog.source("bank")
        .label
        == "Our bank"
    )


@pytest.mark.parametrize("table", ["people.csv", "bureau.parquet", "bank.csv"])
def test_a_changed_file_is_noticed(folder, work, table: str) -> None:
    again(folder, work)
    stood = (folder / table).stat()
    rewrite(folder / table, lambda f: f.sort("person_id", descending=True))
    os.utime(folder / table, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    assert again(folder, work).fresh


def test_other_settings_are_another_fit(folder, work) -> None:
    again(folder, work)
    assert again(folder, work, settings=Settings(rounds=5, seed=8)).fresh


def flip(content: bytes) -> bytes:
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


@pytest.mark.parametrize(
    "spoil",
    [lambda b: b[: len(b) // 2], flip, lambda b: b + b" ", lambda b: b""],
    ids=["truncated", "one bit", "longer", "empty"],
)
@pytest.mark.parametrize("name", ["bank.model.json", "bank.json", "evidence.parquet", "fit.json"])
def test_a_damaged_file_is_never_opened_and_the_models_are_fitted_again(
    folder, work, name: str, spoil
) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    whole = (here.folder / name).read_bytes()
    (here.folder / name).write_bytes(spoil(whole))
    with pytest.raises(Refusal) as refusal:
        here.open(name)
    assert (
        str(refusal.value)
        == f"{name} in {here.folder} is missing, damaged or edited; delete the folder and fit again"
    )
    assert again(folder, work).fresh
    assert name == "fit.json" or (here.folder / name).read_bytes() == whole


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"files": 3}', b"\xff", b'{"key": {}, "files": {}}']
)
def test_a_damaged_manifest_vouches_for_nothing(folder, work, content: bytes) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    (here.folder / "manifest.json").write_bytes(content)
    assert again(folder, work).fresh


def test_a_file_that_is_gone_is_fitted_again(folder, work) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    (here.folder / "bank.model.json").unlink()
    assert again(folder, work).fresh


@pytest.mark.parametrize("step", range(7))
def test_an_interrupted_write_leaves_whole_files_and_the_next_start_is_right(
    folder, work, monkeypatch, step: int
) -> None:
    again(folder, work)
    before = kept(work)
    rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=pl.col("balance") * 3 % 1000))
    written, calls = homes.disk.write, []

    def failing(path: Path, content: bytes) -> None:
        calls.append(path.name)
        if len(calls) > step:
            monkeypatch.setattr(
                Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt())
            )
        written(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(homes.disk, "write", failing)
        with pytest.raises(KeyboardInterrupt):
            again(folder, work)
    monkeypatch.undo()
    after = kept(work)
    assert sum(after[name] != content for name, content in before.items()) <= step
    found = again(folder, work)
    assert found.fresh
    fresh = load(found.evidence.catalog, folder=work.parent / "fresh", settings=FEW)
    assert np.array_equal(found.evidence.added, fresh.evidence.added, equal_nan=True)


def test_the_manifest_is_written_last_and_vouches_for_every_file(folder, work) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    manifest = json.loads((here.folder / "manifest.json").read_text())
    assert set(manifest["files"]) == {path.name for path in here.folder.iterdir()} - {
        "manifest.json",
        ".lock",
    }
    assert manifest["key"]["settings"]["seed"] == 7
    assert set(manifest["libraries"]) == {"numpy", "polars", "xgboost"}


def test_refused_data_overwrite_nothing(folder, work) -> None:
    again(folder, work)
    before = kept(work)
    rewrite(folder / "bank.csv", lambda f: pl.concat([f, f[:1]]))
    with pytest.raises(Refusal, match="repeat the 'person_id'"):
        again(folder, work)
    assert kept(work) == before


def test_a_source_with_one_outcome_is_refused(folder, work) -> None:
    payers = pl.read_csv(folder / "people.csv").filter(pl.col("defaulted") == 0)["person_id"]
    rewrite(folder / "bank.csv", lambda f: f.filter(pl.col("person_id").is_in(payers.to_list())))
    with pytest.raises(Refusal, match="source 'bank' has nothing to learn from"):
        again(folder, work)


def test_training_persons_with_one_outcome_are_refused(folder, work) -> None:
    split = again(folder, work).evidence.people.sort("row")["split"].cast(pl.String)
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(split == "train").then(0).otherwise("defaulted")
        ),
    )
    with pytest.raises(
        Refusal, match=r"people.csv: the \d+ training persons do not have both outcomes; add people"
    ):
        again(folder, work)


def test_a_work_folder_that_cannot_be_written_is_a_sentence(folder, work) -> None:
    work.write_text("a file stands where the folder should")
    with pytest.raises(
        Refusal,
        match=(
            r"^cannot write to the work folder .* choose another with --home or WEIGHBRIDGE_HOME$"
        ),
    ):
        again(folder, work)


def test_progress_names_each_source_once(folder, work) -> None:
    heard = []
    load(told(folder), folder=work, settings=FEW, progress=lambda *step: heard.append(step))
    assert sorted(key for key, _, _ in heard) == ["bank", "bureau"]
    assert [(done, total) for _, done, total in heard] == [(1, 2), (2, 2)]


def test_catalogs_of_the_same_folder_name_do_not_share_a_home(tmp_path) -> None:
    one, two = (
        homes.home(tmp_path, replace(catalog("a"), path=tmp_path / where / "data" / "catalog.toml"))
        for where in ("x", "y")
    )
    assert one.folder != two.folder
    assert one.folder.name.startswith("data-")


def test_the_work_folder_is_named_by_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_HOME", "elsewhere")
    assert root() == Path("elsewhere")
    monkeypatch.delenv("WEIGHBRIDGE_HOME")
    assert root() == Path(".weighbridge")


def test_words_for_people_change_nothing_that_was_fitted(folder, work) -> None:
    first = again(folder, work)
    texts = (
        'direction = "riskier"\nlabel = "Late"\nlabel_zh = "逾期"\nreason_high = "Payments were'
        ' late"\nreason_high_zh = "有逾期"'
    )
    second = again(
        folder,
        work,
        ('direction = "riskier"', texts),
        ('label = "Bank"', 'label = "A bank"\nlabel_zh = "银行"'),
    )
    assert (first.fresh, second.fresh) == (True, False)
    assert second.population.features["bureau"][1].reason_high_zh == "有逾期"


@pytest.mark.parametrize("name", ["bank.model.json", "bureau.json"])
def test_models_that_were_edited_are_refused_before_they_are_read(folder, work, name: str) -> None:
    fitted = again(folder, work)
    (fitted.kept.folder / name).write_bytes(b"{}")
    with pytest.raises(
        Refusal,
        match=f"{name} in .* is missing, damaged or edited; delete the folder and fit again",
    ):
        fitted.models()


# left before the end


def test_rounds_are_told_source_by_source_from_before_it_is_read(folder, work) -> None:
    heard: list[tuple[str, int, int]] = []
    load(told(folder), folder=work, settings=FEW, rounds=lambda *step: not heard.append(step))
    for key in ("bureau", "bank"):
        mine = [done for name, done, most in heard if name == key and most == 5]
        assert mine == [
            0,
            0,
            1,
            2,
            3,
            4,
            5,
        ]  # before it is read, before its first round, after each


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_a_fit_that_is_left_keeps_the_models_there_were_and_can_be_started_again(
    folder, work, stop: int
) -> None:
    again(folder, work)
    before = kept(work)
    other = Settings(rounds=5, seed=8)
    with pytest.raises(
        Cancelled,
        match=(
            rf"^fitting of '(bank|bureau)' was stopped after [0-{stop}] of at most 5 rounds;"
            r" nothing of it is kept"
        ),
    ):
        load(told(folder), folder=work, settings=other, rounds=lambda _, done, __: done < stop)
    assert kept(work) == before
    assert not again(folder, work).fresh
    assert again(folder, work, settings=other).fresh


def test_a_first_fit_that_is_left_keeps_nothing(folder, work) -> None:
    with pytest.raises(Cancelled):
        load(
            told(folder),
            folder=work,
            settings=FEW,
            rounds=lambda key, done, _: (key, done) != ("bank", 2),
        )
    assert kept(work) == {}
    assert again(folder, work).fresh


def test_one_no_stops_all_sources_within_a_round(folder, work) -> None:
    said: list[str] = []

    def once(key: str, done: int, _: int) -> bool:
        """No is said once, by whoever comes first to its second round; nobody is asked again."""
        said.append("asked")
        return done != 2

    with pytest.raises(Cancelled):
        load(
            told(folder),
            folder=work,
            settings=Settings(rounds=100_000, patience=100_000),
            rounds=once,
        )
    assert (
        len(said) <= 2 * 4
    )  # two sources: before reading, before the first round, after rounds 1 and 2


def test_a_fit_is_left_from_another_thread(folder, work) -> None:
    going, leave = Event(), Event()

    def rounds(*_: object) -> bool:
        going.set()
        return not leave.is_set()

    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(
            load,
            told(folder),
            folder=work,
            settings=Settings(rounds=100_000, patience=100_000),
            rounds=rounds,
        )
        assert going.wait(60)
        leave.set()
        with pytest.raises(Cancelled):
            task.result(60)
    assert kept(work) == {}


def test_models_fitted_since_are_not_taken_for_those_of_older_evidence(folder, work) -> None:
    first = again(folder, work)
    second = again(folder, work, settings=Settings(rounds=5, seed=8))
    with pytest.raises(
        Refusal,
        match=r"^the models in .* were fitted again since their evidence was read; read it again$",
    ):
        first.models()
    assert len(second.models()) == 2
    again(folder, work)
    assert len(first.models()) == 2  # the same data and settings give the same models


# edges


def test_a_source_of_twenty_people_is_fitted_and_says_something_finite_of_them(
    folder, work
) -> None:
    rewrite(folder / "bank.csv", lambda f: f[:20])
    found = again(folder, work)
    assert found.report.filter(key="bank")["persons"].to_list() == [20]
    known = found.evidence.known[:, 1]
    assert known.sum() == 20
    assert np.isfinite(found.evidence.added[known, 1]).all()


def test_constant_and_empty_columns_are_fitted_around(folder, work) -> None:
    rewrite(
        folder / "bank.csv",
        lambda f: f.with_columns(balance=pl.lit(7), job=pl.lit(None, pl.String)),
    )
    found = again(folder, work)
    said = found.evidence.added[found.evidence.known[:, 1], 1]
    assert np.ptp(said) == 0
    assert len(said) == 200


# few outcomes: people take turns


@pytest.mark.usefixtures("few")
def test_where_outcomes_are_few_everybody_takes_turns_and_it_is_said(folder, work) -> None:
    found = again(folder, work)
    defaults = int(
        pl.read_csv(folder / "people.csv")["defaulted"][
            : (found.evidence.people["split"] != "out_of_time").sum()
        ].sum()
    )
    assert found.folds == FOLDS
    assert (
        found.note
        == f"Only {defaults} defaults: everybody's evidence comes from models that never saw them,"
        " in 5 turns; intervals are wide"
    )
    assert found.evidence.people["fold"].n_unique() == FOLDS
    assert set(found.evidence.people["split"]) == {"calibrate", "test", "out_of_time"}
    assert [len(model.turns) for model in found.models()] == [FOLDS, FOLDS]
    taught = found.evidence.people.filter(pl.col("split") != "out_of_time")["defaulted"]
    assert found.evidence.base_rate == taught.mean()


def test_where_outcomes_are_many_nothing_is_said(fitted) -> None:
    assert (fitted.folds, fitted.note) == (0, "")
    assert "fold" not in fitted.evidence.people.columns


@pytest.mark.usefixtures("few")
def test_payers_can_be_the_rarer_kind(folder, work) -> None:
    found = again(folder, work, ('outcome = "defaulted"', 'outcome = "defaulted"\nbad = [0]'))
    assert found.note.startswith(
        "Only"
        f" {(~found.evidence.people.filter(pl.col('split') != 'out_of_time')['defaulted']).sum()}"
        " payers: "
    )


@pytest.mark.usefixtures("few")
def test_what_turns_said_is_kept_and_their_models_say_it_again(folder, work) -> None:
    first, second = again(folder, work), again(folder, work)
    assert (first.fresh, second.fresh, second.folds, second.note) == (
        True,
        False,
        FOLDS,
        first.note,
    )
    assert np.array_equal(second.evidence.added, first.evidence.added, equal_nan=True)
    everyone = people(second.population)
    place = np.argsort(second.evidence.people["row"].to_numpy())
    for s, model in enumerate(second.models()):
        design = draw(
            second.population, everyone, second.evidence.catalog.source(model.key), model.categories
        )
        assert (
            second.evidence.added[place[design.rows], s]
            == model.said(design, second.evidence.base_rate)
        ).all()


@pytest.mark.usefixtures("few")
def test_outcomes_of_a_fold_and_of_the_latest_months_do_not_rank_its_own_people(
    folder, work
) -> None:
    found = again(folder, work)
    told_of = found.evidence.people.sort("row")
    mine = (told_of["fold"] == 1) & (told_of["split"] != "out_of_time")
    late = told_of["split"] == "out_of_time"
    own = pl.read_csv(folder / "people.csv")["defaulted"].to_numpy().copy()
    own[mine.to_numpy()] = np.roll(own[mine.to_numpy()], 1)
    own[late.to_numpy()] = 1 - own[late.to_numpy()]
    rewrite(folder / "people.csv", lambda f: f.with_columns(defaulted=pl.Series(own)))
    after = again(folder, work)
    moved = (
        after.evidence.added[np.argsort(after.evidence.people["row"])]
        - found.evidence.added[np.argsort(found.evidence.people["row"])]
    )
    assert np.nanmax(np.nanmax(moved[mine], axis=0) - np.nanmin(moved[mine], axis=0)) < 1e-6
    assert np.nanmax(np.abs(moved)) > 0.01


@pytest.mark.usefixtures("few")
def test_a_turn_that_has_one_outcome_only_is_refused(folder, work) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(defaulted=(pl.int_range(pl.len()) == 6).cast(pl.Int64)),
    )
    with pytest.raises(
        Refusal,
        match=(
            r"^source '(bank|bureau)' has nothing to learn from: its \d+ training persons with a"
            r" known outcome do not have both"
        ),
    ):
        again(folder, work)


@pytest.mark.parametrize("turns", [False, True])
def test_people_of_unknown_outcome_are_scored_and_never_read(
    folder, work, request, turns: bool
) -> None:
    if turns:
        request.getfixturevalue("few")
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(pl.int_range(pl.len()) % 4 != 1).then("defaulted")
        ),
    )
    found = again(folder, work)
    unknown, weighting = (
        found.evidence.people["defaulted"].is_null().to_numpy(),
        equal(found.evidence.catalog, floor=0.5),
    )
    assert unknown.sum() == 75
    assert (np.isnan(found.evidence.added) == ~found.evidence.known).all()
    row = found.evidence.people["row"].to_numpy()
    assert (found.evidence.known == np.stack([row % 2 == 0, row % 3 != 0], axis=1)).all()
    assert np.isfinite(
        weigh(found.evidence, weighting)[unknown & found.evidence.known.any(axis=1)]
    ).all()
    assert tally(found.evidence, weighting).cells.sum() == 225
    assert (
        tally(found.evidence.where(~unknown), weighting).cells
        == tally(found.evidence, weighting).cells
    ).all()
    figures = read(found.evidence, weighting, split=("calibrate", "test", "out_of_time"))
    known = found.evidence.where(~unknown).split("calibrate", "test", "out_of_time")
    assert (figures.persons, figures.coverage) == (
        len(known),
        pytest.approx(known.known.any(axis=1).mean()),
    )


@pytest.mark.parametrize("turns", [False, True])
def test_whoever_has_no_known_outcome_teaches_nothing(
    folder, work, tmp_path, request, turns: bool
) -> None:
    if turns:
        request.getfixturevalue("few")
    hidden = pl.int_range(pl.len()) % 4 == 1
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(defaulted=pl.when(~hidden).then("defaulted")),
    )
    found = again(folder, work)
    rewrite(
        folder / "bank.csv",
        lambda f: f.with_columns(
            pl.when(pl.col("person_id").str.slice(1).cast(int) % 4 == 1)
            .then(0)
            .otherwise("balance")
            .alias("balance")
        ),
    )
    after = load(told(folder), folder=tmp_path / "other", settings=FEW)
    assert [m.forest.booster.get_dump() for m in after.models()] == [
        m.forest.booster.get_dump() for m in found.models()
    ]


# many sources


def test_a_hundred_sources_are_fitted_weighed_swept_valued_and_explained(
    tmp_path, monkeypatch
) -> None:
    chance, size = np.random.default_rng(5), 200
    risk = chance.normal(size=size)
    columns = {
        f"x{s}": np.where(chance.random(size) < 0.7, risk + 3 * chance.normal(size=size), np.nan)
        for s in range(100)
    }
    people_of = pl.DataFrame(
        {
            "id": [f"p{i}" for i in range(size)],
            "bad": (risk + chance.normal(size=size) > 0.5).astype(int),
            **columns,
        }
    )
    people_of.fill_nan(None).write_parquet(tmp_path / "people.parquet")
    told_of = "".join(
        f'[[sources]]\nkey = "s{s}"\nlabel = "Source {s}"\ncolumns = ["x{s}"]\n' for s in range(100)
    )
    (tmp_path / "catalog.toml").write_text(
        f'[population]\ntable = "people.parquet"\nid = "id"\noutcome = "bad"\n{told_of}'
    )
    found = load(
        read_catalog(tmp_path / "catalog.toml"),
        folder=tmp_path / "work",
        settings=Settings(rounds=2),
    )
    everyone, weighting = found.evidence, equal(found.evidence.catalog)
    by_row = everyone.added[np.argsort(everyone.people["row"])]
    assert (np.isnan(by_row) == np.isnan(np.stack(list(columns.values()), axis=1))).all()
    expected = np.nan_to_num(everyone.added.astype(float)).mean(axis=1)
    assert weigh(everyone, weighting) == pytest.approx(
        np.where(everyone.known.mean(axis=1) >= 0.4, expected, np.nan), abs=1e-5, nan_ok=True
    )
    swept = sweep(everyone, sample(everyone, 120, 7), calibrated=everyone)
    assert len(swept) >= 120
    assert swept["auc_everyone"][0] == pytest.approx(
        read(everyone, weighting, split=("train", "calibrate", "test")).auc_everyone
    )
    monkeypatch.setattr(valuing, "ORDERS", 2)
    worth = valuing.value(everyone, weighting)
    assert worth["key"].to_list() == list(everyone.catalog.keys)
    assert worth["shapley_auc_everyone"].sum() == pytest.approx(worth["total_auc_everyone"][0])
    parts = explain(
        records.stream(found.population, found.models(), everyone),
        found.models(),
        everyone.base_rate,
    )
    stated = state(weigh_parts(parts, everyone, weighting, Calibration(0.0, 1.0)), 0)
    assert len(stated.contributions) == everyone.known[0].sum()
    assert stated.base_log_odds + math.fsum(
        c.log_odds for c in stated.contributions
    ) == pytest.approx(stated.log_odds, abs=1e-12)
