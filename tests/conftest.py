"""What all tests share: how hard to search, and folders of small tables."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from analytics.data import disclosure, split, steps, worker
from analytics.data.catalog.model import Catalog
from analytics.data.catalog.toml import read
from analytics.sources.fitting import Fitted, load
from tests.people import settle

settings.register_profile(
    "weighbridge", deadline=None, derandomize=True, database=None, max_examples=60
)
settings.load_profile("weighbridge")


@pytest.fixture(scope="session", autouse=True)
def near(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files are read in this process, which is quicker, and shelved in a work folder of the
    tests' own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            worker,
            "run",
            lambda task: json.loads(json.dumps(worker.work(json.loads(json.dumps(task))))),
        )
        patch.setenv("WEIGHBRIDGE_HOME", str(tmp_path_factory.mktemp("here")))
        yield


@pytest.fixture(scope="session", autouse=True)
def plenty() -> Iterator[None]:
    """Small tables stand for large ones.

    Five outcomes are many, so that people teach or are read and do not take turns.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "RARE", 5)
        yield


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables stand for themselves: outcomes are few, and people take turns."""
    monkeypatch.setattr(split, "RARE", 2000)


@pytest.fixture
def every_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few people stand for many: every cell is shown, however few it holds."""
    monkeypatch.setattr(disclosure, "PERSONS", 1)
    monkeypatch.setattr(disclosure, "OUTCOMES", 0)
    monkeypatch.setattr(steps, "VALUES", 10**9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three tables and a catalog, to be spoilt."""
    settle(tmp_path / "tables")
    return tmp_path / "tables"


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The same tables, to be read only."""
    return read(settle(tmp_path_factory.mktemp("settled")))


@pytest.fixture(scope="session")
def fitted(settled: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """The same people, fitted once."""
    return load(settled, folder=tmp_path_factory.mktemp("home"))
