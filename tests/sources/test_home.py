"""What was learned, and may it be read here?"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.data.refusal import Refusal
from analytics.sources import home as homes
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings, SourceModel
from tests.people import rewrite, told


@pytest.fixture
def kept(folder, tmp_path) -> Fitted:
    """A small population, fitted."""
    return load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))


def say(fitted: Fitted, **words: object) -> None:
    """Edit what the manifest says of the models, and leave their checksums as they are."""
    path = fitted.kept.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"key": manifest["key"] | words}))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            {"xgboost": "99.1.0"},
            (
                r"were saved by XGBoost 99.1.0, newer than \d+.\d+.\d+ here; update this"
                r" installation, or fit again$"
            ),
        ),
        (
            {"format": 3},
            r"were saved in format 3, newer than 2 here; update this installation, or fit again$",
        ),
    ],
)
def test_models_of_a_newer_version_are_refused_by_the_manifest_before_they_are_opened(
    kept, monkeypatch, words: dict[str, object], sentence: str
) -> None:
    say(kept, **words)
    monkeypatch.setattr(homes.Home, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises(Refusal, match=f"^the models in .* {sentence}"):
        kept.models()


@pytest.mark.parametrize(
    "words", [{"xgboost": "1.7.6"}, {"format": 0}, {"xgboost": None}, {"format": "?"}]
)
def test_models_of_an_older_or_unnamed_version_are_read(kept, words: dict[str, object]) -> None:
    say(kept, **words)
    assert [m.key for m in kept.models()] == ["bureau", "bank"]


def test_a_newer_version_is_told_by_its_numbers_not_its_letters(kept, monkeypatch) -> None:
    monkeypatch.setattr(homes, "version", lambda _: "3.10.0")
    say(kept, xgboost="3.9.2")
    assert len(kept.models()) == 2
    say(kept, xgboost="3.11.0")
    with pytest.raises(Refusal, match=r"saved by XGBoost 3.11.0, newer than 3.10.0 here"):
        kept.models()


def test_models_of_another_version_are_fitted_again_when_loaded(kept, folder, tmp_path) -> None:
    say(kept, xgboost="99.1.0")
    again = load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))
    assert again.fresh
    assert len(again.models()) == 2


def flip(content: bytes) -> bytes:
    """One bit turned in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b[: len(b) // 2],
        flip,
        lambda b: b.replace(b'"depth"', b'"Depth"') + b" ",
        lambda b: b"",
    ],
)
@pytest.mark.parametrize("key", ["bureau", "bank"])
def test_a_damaged_model_never_reaches_xgboost(
    kept, monkeypatch, key: str, spoil: Callable[[bytes], bytes]
) -> None:
    path = kept.kept.folder / f"{key}.model.json"
    path.write_bytes(spoil(path.read_bytes()))
    read: list[str] = []
    monkeypatch.setattr(SourceModel, "restored", lambda described, _: read.append(described["key"]))
    with pytest.raises(
        Refusal,
        match=(
            f"^{key}.model.json in .* is missing, damaged or edited; delete the folder and fit"
            " again$"
        ),
    ):
        kept.models()
    assert key not in read


# known fakes


SIGNS = (
    'columns = ["balance", "job"]\n',
    (
        'columns = ["balance", "job"]\nfakes = { signs = ["balance"], flag = "fake", table ='
        ' "found.csv" }\n'
    ),
)


def flag(folder: Path, *known: str) -> None:
    """Say which records of three hundred are known to be fake."""
    rows = [f"p{i:04},{int(f'p{i:04}' in known)}" for i in range(300)]
    (folder / "found.csv").write_text("\n".join(["person_id,fake", *rows, ""]))


def test_newly_flagged_fakes_are_read_and_refit_nothing(folder, tmp_path) -> None:
    flag(folder, "p0001")
    first = load(told(folder, SIGNS), folder=tmp_path / "work", settings=Settings(rounds=3))
    flag(folder, "p0001", "p0004")
    second = load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))
    assert (first.fresh, second.fresh) == (True, False)
    assert homes.key(first.population, Settings(rounds=3)) == homes.key(
        second.population, Settings(rounds=3)
    )
    assert np.array_equal(first.evidence.added, second.evidence.added, equal_nan=True)
    bank = second.population.catalog.source("bank")
    assert [
        fitted.population.flags(bank).filter("fake")["person"].to_list()
        for fitted in (first, second)
    ] == [["p0001"], ["p0001", "p0004"]]


def test_models_fitted_before_any_fakes_were_known_stay(kept, folder, tmp_path) -> None:
    flag(folder, "p0001")
    again = load(told(folder, SIGNS), folder=tmp_path / "work", settings=Settings(rounds=3))
    assert not again.fresh


def test_a_changed_record_refits_though_fakes_are_flagged_elsewhere(folder, tmp_path) -> None:
    flag(folder, "p0001")
    load(told(folder, SIGNS), folder=tmp_path / "work", settings=Settings(rounds=3))
    rewrite(folder / "bank.csv", lambda f: f.with_columns(pl.col("balance") + 1))
    assert load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3)).fresh
