"""What all tests share: how hard to search, and folders of small tables."""

from pathlib import Path

import pytest
from hypothesis import settings

from analytics.data.catalog import Catalog, read
from analytics.sources.fitting import Fitted, load
from tests.people import settle

settings.register_profile("weighbridge", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("weighbridge")


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
