"""What browser tests share: one server, one browser, and readers whose every error and request is looked at in the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.app import DESK, PATIENCE, Screen, Theme, Visit, chromium, served, visit

expect.set_options(timeout=PATIENCE)
Readers = Callable[..., Visit]


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder for all servers: the sample is fitted once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="package")
def server(home: Path) -> Iterator[str]:
    """The app, served; its log must hold no trace in the end."""
    log = home / "server.log"
    with served(home, log=log) as address:
        yield address
    assert "Traceback" not in log.read_text("utf-8")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, closed before other tests need the event loop."""
    with chromium() as found:
        yield found


@pytest.fixture
def reader(browser: Browser, server: str) -> Iterator[Readers]:
    """Opens fresh readers, by screen and theme; none may have met an error or asked another host."""
    with ExitStack() as open_until_the_end:
        found: list[Visit] = []

        def fresh(screen: Screen = DESK, theme: Theme = "light") -> Visit:
            found.append(open_until_the_end.enter_context(visit(browser, server, screen, theme)))
            return found[-1]

        yield fresh
        for each in found:
            spotless(each)


def spotless(reader: Visit) -> None:
    """Nothing went wrong and nothing left the host, but for what Streamlit looks for beside a deep link."""
    unexpected = [error for error in reader.errors if not (" 404 " in error and error.endswith(("/_stcore/health", "/_stcore/host-config")))]
    assert unexpected == []
    assert outside(reader) == []
    assert reader.page.locator("[data-testid=stException], :text('Traceback')").count() == 0


def outside(reader: Visit) -> list[str]:
    """The requests that left the host."""
    inside = (reader.address + "/", reader.address.replace("http:", "ws:") + "/", "data:", "blob:")
    return [url for url in reader.requests if not url.startswith(inside)]
