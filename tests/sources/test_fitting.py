"""From files to evidence: what is fitted, kept, noticed and refused."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import polars as pl
import pytest

from analytics.data.population import people
from analytics.data.refusal import Refusal
from analytics.sources import home as homes
from analytics.sources.design import draw
from analytics.sources.fitting import load, root
from analytics.sources.model import Cancelled, Settings
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.people import catalog, rewrite, told

FEW = Settings(rounds=5)


def kept(work: Path) -> dict[str, bytes]:
    return {str(path.relative_to(work)): path.read_bytes() for path in sorted(work.rglob("*")) if path.is_file()}


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
    assert fitted.report.select("key", "persons", "hit", "fill", "strangers", "features").rows() == [
        ("bureau", 150, 0.5, 1.0, 0, 3),
        ("bank", 200, 2 / 3, 1.0, 0, 2),
    ]


def test_the_base_rate_is_that_of_the_training_persons(fitted) -> None:
    training = fitted.evidence.split("train").people["defaulted"]
    assert fitted.evidence.base_rate == pytest.approx(training.mean())


def test_kept_models_say_what_the_fitted_ones_said(folder, work) -> None:
    found = again(folder, work)
    models = homes.models(homes.home(work, found.evidence.catalog), found.evidence.catalog)
    everyone = people(found.population)
    for s, model in enumerate(models):
        design = draw(found.population, everyone, found.evidence.catalog.source(model.key), model.categories)
        place = np.argsort(found.evidence.people["row"].to_numpy())[design.rows]
        assert (found.evidence.added[place, s] == model.said(design, found.evidence.base_rate)).all()


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
        lambda f: f.with_columns(defaulted=pl.when(split.is_in(["test", "out_of_time"])).then(1 - pl.col("defaulted")).otherwise("defaulted")),
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
def test_models_are_refitted_if_what_they_learned_from_changed_and_not_for_words_and_prices(folder, work, edit: tuple[str, str], fresh: bool) -> None:
    again(folder, work)
    assert again(folder, work, edit).fresh is fresh


def test_a_changed_label_is_shown_though_nothing_is_refitted(folder, work) -> None:
    again(folder, work)
    assert again(folder, work, ('label = "Bank"', 'label = "Our bank"')).evidence.catalog.source("bank").label == "Our bank"


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


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], flip, lambda b: b + b" ", lambda b: b""], ids=["truncated", "one bit", "longer", "empty"])
@pytest.mark.parametrize("name", ["bank.model.json", "bank.json", "evidence.parquet", "fit.json"])
def test_a_damaged_file_is_never_opened_and_the_models_are_fitted_again(folder, work, name: str, spoil) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    whole = (here.folder / name).read_bytes()
    (here.folder / name).write_bytes(spoil(whole))
    with pytest.raises(Refusal) as refusal:
        here.open(name)
    assert str(refusal.value) == f"{name} in {here.folder} is missing, damaged or edited; delete the folder and fit again"
    assert again(folder, work).fresh
    assert name == "fit.json" or (here.folder / name).read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"files": 3}', b"\xff", b'{"key": {}, "files": {}}'])
def test_a_damaged_manifest_vouches_for_nothing(folder, work, content: bytes) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    (here.folder / "manifest.json").write_bytes(content)
    assert again(folder, work).fresh


def test_a_file_that_is_gone_is_fitted_again(folder, work) -> None:
    here = homes.home(work, again(folder, work).evidence.catalog)
    (here.folder / "bank.model.json").unlink()
    assert again(folder, work).fresh


@pytest.mark.parametrize("step", range(7))
def test_an_interrupted_write_leaves_whole_files_and_the_next_start_is_right(folder, work, monkeypatch, step: int) -> None:
    again(folder, work)
    before = kept(work)
    rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=pl.col("balance") * 3 % 1000))
    written, calls = homes._write, []

    def failing(path: Path, content: bytes) -> None:
        calls.append(path.name)
        if len(calls) > step:
            monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        written(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(homes, "_write", failing)
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
    assert set(manifest["files"]) == {path.name for path in here.folder.iterdir()} - {"manifest.json"}
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
    rewrite(folder / "people.csv", lambda f: f.with_columns(defaulted=pl.when(split == "train").then(0).otherwise("defaulted")))
    with pytest.raises(Refusal, match=r"people.csv: the \d+ training persons do not have both outcomes; add people"):
        again(folder, work)


def test_a_work_folder_that_cannot_be_written_is_a_sentence(folder, work) -> None:
    work.write_text("a file stands where the folder should")
    with pytest.raises(Refusal, match=r"^cannot write to the work folder .*; choose another with --home or WEIGHBRIDGE_HOME$"):
        again(folder, work)


def test_progress_names_each_source_once(folder, work) -> None:
    heard = []
    load(told(folder), folder=work, settings=FEW, progress=lambda *step: heard.append(step))
    assert sorted(key for key, _, _ in heard) == ["bank", "bureau"]
    assert [(done, total) for _, done, total in heard] == [(1, 2), (2, 2)]


def test_catalogs_of_the_same_folder_name_do_not_share_a_home(tmp_path) -> None:
    one, two = (homes.home(tmp_path, replace(catalog("a"), path=tmp_path / where / "data" / "catalog.toml")) for where in ("x", "y"))
    assert one.folder != two.folder
    assert one.folder.name.startswith("data-")


def test_the_work_folder_is_named_by_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_HOME", "elsewhere")
    assert root() == Path("elsewhere")
    monkeypatch.delenv("WEIGHBRIDGE_HOME")
    assert root() == Path(".weighbridge")


def test_words_for_people_change_nothing_that_was_fitted(folder, work) -> None:
    first = again(folder, work)
    texts = 'direction = "riskier"\nlabel = "Late"\nlabel_zh = "逾期"\nreason_high = "Payments were late"\nreason_high_zh = "有逾期"'
    second = again(folder, work, ('direction = "riskier"', texts), ('label = "Bank"', 'label = "A bank"\nlabel_zh = "银行"'))
    assert (first.fresh, second.fresh) == (True, False)
    assert second.population.features["bureau"][1].reason_high_zh == "有逾期"


@pytest.mark.parametrize("name", ["bank.model.json", "bureau.json"])
def test_models_that_were_edited_are_refused_before_they_are_read(folder, work, name: str) -> None:
    fitted = again(folder, work)
    (fitted.kept.folder / name).write_bytes(b"{}")
    with pytest.raises(Refusal, match=f"{name} in .* is missing, damaged or edited; delete the folder and fit again"):
        fitted.models()


# left before the end


def test_rounds_are_told_source_by_source_from_before_it_is_read(folder, work) -> None:
    heard: list[tuple[str, int, int]] = []
    load(told(folder), folder=work, settings=FEW, rounds=lambda *step: not heard.append(step))
    for key in ("bureau", "bank"):
        mine = [done for name, done, most in heard if name == key and most == 5]
        assert mine == [0, 0, 1, 2, 3, 4, 5]  # before it is read, before its first round, after each


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_a_fit_that_is_left_keeps_the_models_there_were_and_can_be_started_again(folder, work, stop: int) -> None:
    again(folder, work)
    before = kept(work)
    other = Settings(rounds=5, seed=8)
    with pytest.raises(Cancelled, match=rf"^fitting of '(bank|bureau)' was stopped after [0-{stop}] of at most 5 rounds; nothing of it is kept"):
        load(told(folder), folder=work, settings=other, rounds=lambda _, done, __: done < stop)
    assert kept(work) == before
    assert not again(folder, work).fresh
    assert again(folder, work, settings=other).fresh


def test_a_first_fit_that_is_left_keeps_nothing(folder, work) -> None:
    with pytest.raises(Cancelled):
        load(told(folder), folder=work, settings=FEW, rounds=lambda key, done, _: (key, done) != ("bank", 2))
    assert kept(work) == {}
    assert again(folder, work).fresh


def test_one_no_stops_all_sources_within_a_round(folder, work) -> None:
    said: list[str] = []

    def once(key: str, done: int, _: int) -> bool:
        """No is said once, by whoever comes first to its second round; nobody is asked again."""
        said.append("asked")
        return done != 2

    with pytest.raises(Cancelled):
        load(told(folder), folder=work, settings=Settings(rounds=100_000, patience=100_000), rounds=once)
    assert len(said) <= 2 * 4  # two sources: before reading, before the first round, after rounds 1 and 2


def test_a_fit_is_left_from_another_thread(folder, work) -> None:
    going, leave = Event(), Event()

    def rounds(*_: object) -> bool:
        going.set()
        return not leave.is_set()

    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(load, told(folder), folder=work, settings=Settings(rounds=100_000, patience=100_000), rounds=rounds)
        assert going.wait(60)
        leave.set()
        with pytest.raises(Cancelled):
            task.result(60)
    assert kept(work) == {}


def test_models_fitted_since_are_not_taken_for_those_of_older_evidence(folder, work) -> None:
    first = again(folder, work)
    second = again(folder, work, settings=Settings(rounds=5, seed=8))
    with pytest.raises(Refusal, match=r"^the models in .* were fitted again since their evidence was read; read it again$"):
        first.models()
    assert len(second.models()) == 2
    again(folder, work)
    assert len(first.models()) == 2  # the same data and settings give the same models


# edges


def test_a_source_of_twenty_people_is_fitted_and_says_something_finite_of_them(folder, work) -> None:
    rewrite(folder / "bank.csv", lambda f: f[:20])
    found = again(folder, work)
    assert found.report.filter(key="bank")["persons"].to_list() == [20]
    known = found.evidence.known[:, 1]
    assert known.sum() == 20
    assert np.isfinite(found.evidence.added[known, 1]).all()


def test_constant_and_empty_columns_are_fitted_around(folder, work) -> None:
    rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=pl.lit(7), job=pl.lit(None, pl.String)))
    found = again(folder, work)
    said = found.evidence.added[found.evidence.known[:, 1], 1]
    assert np.ptp(said) == 0
    assert len(said) == 200
