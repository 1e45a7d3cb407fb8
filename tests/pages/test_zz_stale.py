import pytest
from pages.shared import inputs
from tests.pages.test_frame import *
@pytest.fixture(autouse=True)
def off(monkeypatch): monkeypatch.setattr(inputs, "_keep", lambda page: None)
