"""What tests of pages share.

The sample, fitted once in a work folder of its own, for the app and for the tests.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from analytics.data.catalog.toml import read
from analytics.sources.fitting import Fitted, load
from pages.shared import waiting
from pages.shared.datasets import SAMPLE
from tests.people import edit, settle


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The work folder of the app under test, which is started without arguments."""
    folder = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIGHBRIDGE_HOME", str(folder))
        patch.delenv("WEIGHBRIDGE_CATALOG", raising=False)
        patch.setattr(sys, "argv", ["app.py"])
        yield folder


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """A page waits for the evidence as long as it takes.

    Nothing here looks again by itself, as a browser does.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PATIENCE", 60)
        yield


@pytest.fixture(scope="session", autouse=True)
def elsewhere() -> Iterator[None]:
    """No component comes from another package.

    Every run of a page under test would look through all that is installed, which takes longer than
    the page.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture(scope="session")
def sample(home: Path) -> Fitted:
    """The sample's people and what their sources say."""
    return load(read(SAMPLE), folder=home)


@pytest.fixture
def turns(few: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Fitted:
    """Six hundred people who take turns, without bureaus or segments; the app reads them first."""
    path = settle(folder, persons=600)
    text = path.read_text("utf-8")
    edit(path, (text[text.index("[[bureaus]]") :], ""), ('segments = ["region"]', ""))
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(path))
    return load(read(path))
