"""What do the models rest on?"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xgboost

from analytics.data.refusal import Refusal
from analytics.sources.basis import basis
from analytics.sources.fitting import load
from analytics.sources.model import Settings
from tests.people import told


def test_the_basis_tells_what_was_fitted_on_whom_with_what(folder, tmp_path) -> None:
    settings = Settings(rounds=3, seed=11)
    before = datetime.now(UTC) - timedelta(seconds=2)
    fitted = load(told(folder), folder=tmp_path / "work", settings=settings)
    found = basis(fitted)
    assert (found.persons, found.unknown, found.format) == (300, 0, 2)
    assert found.defaulted == fitted.evidence.people["defaulted"].sum()
    assert found.base_rate == fitted.evidence.base_rate
    assert found.settings == settings
    assert found.libraries["xgboost"] == xgboost.__version__
    assert before < found.fitted_at < datetime.now(UTC) + timedelta(seconds=2)


def test_its_checksums_are_those_of_the_files(folder, tmp_path) -> None:
    fitted = load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))
    found = basis(fitted)

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    assert found.data == {
        name: digest(folder / name) for name in ("people.csv", "bureau.parquet", "bank.csv")
    }
    assert found.models == {
        key: digest(fitted.kept.folder / f"{key}.model.json") for key in ("bureau", "bank")
    }
    assert set(found.files) == {path.name for path in fitted.kept.folder.iterdir()} - {
        "manifest.json",
        ".lock",
    }


def test_it_is_the_same_after_a_reload_and_fits_into_json(folder, tmp_path) -> None:
    first = basis(load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3)))
    second = basis(load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3)))
    assert json.dumps(first.json()) == json.dumps(second.json())
    assert json.loads(json.dumps(first.json()))["settings"]["rounds"] == 3


def test_settings_that_a_newer_version_has_added_are_not_guessed_at(folder, tmp_path) -> None:
    fitted = load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))
    path = fitted.kept.folder / "manifest.json"
    path.write_text(path.read_text().replace('"patience"', '"patients"'))
    with pytest.raises(Refusal, match=r"^the manifest in .* is missing, damaged or edited"):
        basis(fitted)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"key": {}, "files": {}}', b'{"key": [], "files": {}, "libraries": {}}'],
)
def test_without_a_manifest_there_is_no_basis(folder, tmp_path, content: bytes) -> None:
    fitted = load(told(folder), folder=tmp_path / "work", settings=Settings(rounds=3))
    (fitted.kept.folder / "manifest.json").write_bytes(content)
    with pytest.raises(
        Refusal,
        match=(
            r"^the manifest in .* is missing, damaged or edited; delete the folder and fit again$"
        ),
    ):
        basis(fitted)
