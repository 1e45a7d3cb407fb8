"""What tests of pages share: the sample, fitted once in a work folder of its own, for the app and for the tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.data.catalog import read
from analytics.sources.fitting import Fitted, load
from pages.shared.frame import SAMPLE


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The work folder of the app under test, which is started without arguments."""
    folder = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIGHBRIDGE_HOME", str(folder))
        patch.delenv("WEIGHBRIDGE_CATALOG", raising=False)
        patch.setattr(sys, "argv", ["app.py"])
        yield folder


@pytest.fixture(scope="session")
def sample(home: Path) -> Fitted:
    """The sample's people and what their sources say."""
    return load(read(SAMPLE), folder=home)
