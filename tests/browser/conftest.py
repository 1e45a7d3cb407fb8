"""What browser tests share.

One server, one browser, and readers whose every error and request is looked at in the end.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.app import DESK, PATIENCE, PHONE, Screen, Theme, Visit, chromium, served, visit

expect.set_options(timeout=PATIENCE)
Readers = Callable[..., Visit]


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages that are loaded once and lent to one test after the other.

    One that saw a failure is not lent again.
    """

    load: Callable[[bool], Visit]  # a page on a phone, or on a desk
    idle: dict[bool, list[Visit]] = field(default_factory=lambda: {True: [], False: []})

    @contextmanager
    def lent(self, request: pytest.FixtureRequest) -> Iterator[Readers]:
        """Readers for one test."""
        failed: int = request.session.testsfailed
        lent: list[tuple[bool, Visit]] = []

        def lend(screen: Screen = DESK, theme: Theme = "light") -> Visit:
            idle = self.idle[screen.phone]
            found = idle.pop() if idle else self.load(screen.phone)
            lent.append((screen.phone, found))
            found.reset(screen, theme)
            return found

        yield lend
        for _, each in lent:
            spotless(each)
        for phone, each in reversed(lent):
            if request.session.testsfailed == failed:
                self.idle[phone].append(each)
            else:
                each.page.close()


@contextmanager
def loaded(browser: Browser, address: str) -> Iterator[Pages]:
    """Pages of a server, none of them loaded yet."""
    with ExitStack() as until_the_end:
        yield Pages(
            lambda phone: until_the_end.enter_context(
                visit(browser, address, PHONE if phone else DESK)
            )
        )


@contextmanager
def served_well(home: Path, name: str = "server") -> Iterator[str]:
    """The app, served; its log must hold no trace in the end."""
    log = home / f"{name}.log"
    with served(home, log=log) as address:
        yield address
    assert "Traceback" not in log.read_text("utf-8")


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder for all servers: the sample is fitted once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="package")
def server(home: Path) -> Iterator[str]:
    """The app, served."""
    with served_well(home) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, closed before other tests need the event loop."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def pages(browser: Browser, server: str) -> Iterator[Pages]:
    """The pages that are loaded, for all tests."""
    with loaded(browser, server) as found:
        yield found


@pytest.fixture
def reader(pages: Pages, request: pytest.FixtureRequest) -> Iterator[Readers]:
    """Gives readers, by screen and theme, each with a session of their own.

    None may have met an error or asked another host.
    """
    with pages.lent(request) as lend:
        yield lend


@pytest.fixture
def stranger(browser: Browser, server: str) -> Iterator[Readers]:
    """As `reader`, but who has never been here: each loads everything anew."""
    with ExitStack() as until_the_end:
        found: list[Visit] = []

        def fresh(screen: Screen = DESK, theme: Theme = "light") -> Visit:
            found.append(until_the_end.enter_context(visit(browser, server, screen, theme)))
            return found[-1]

        yield fresh
        for each in found:
            spotless(each)


def spotless(reader: Visit) -> None:
    """Nothing went wrong and nothing left the host, but for what Streamlit looks for beside a
    deep link.
    """
    unexpected = [
        error
        for error in reader.errors
        if not (" 404 " in error and error.endswith(("/_stcore/health", "/_stcore/host-config")))
    ]
    assert unexpected == []
    assert outside(reader) == []
    assert reader.page.locator("[data-testid=stException], :text('Traceback')").count() == 0


def outside(reader: Visit) -> list[str]:
    """The requests that left the host."""
    inside = (reader.address + "/", reader.address.replace("http:", "ws:") + "/", "data:", "blob:")
    return [url for url in reader.requests if not url.startswith(inside)]
