"""How is the app opened, by a test, a picture or a measurement?

A server of its own, and a browser that writes down what goes wrong.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

from tests.browser.chromium import FLAGS, find

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "overview": "/",
    "cohorts": "/cohorts",
    "sources": "/sources",
    "models": "/models",
    "bureaus": "/bureaus",
    "weights": "/weights",
    "stress": "/stress",
    "why": "/why",
    "person": "/person",
}
# ms: a first visit fits the sample, on however few cores; later ones do not
WAIT, PATIENCE = (120_000, 40_000)
TELEPHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Mobile Safari/537.36"
)

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Screen:
    """A size of screen; a phone also says that it is one."""

    width: int
    height: int
    phone: bool = False


DESK, PHONE = Screen(1366, 768), Screen(390, 844, phone=True)
SCREENS = {"desk": DESK, "phone": PHONE}
THEMES: tuple[Theme, ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Visit:
    """A page in the browser, with every request it made and every error it met."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def load(self, path: str) -> Page:
        """Load a path of the app and wait until the page stands."""
        self.page.goto(self.address + path)
        stand(self.page)
        return self.page

    def open(self, path: str) -> Page:
        """Be at a path of the app as somebody who comes anew, and wait until the page stands."""
        self.go(path)
        stand(self.page)
        return self.page

    def go(self, path: str) -> None:
        """Begin a new session at a path of the app.

        In the page that is loaded, where there is one, as its scripts start slowly.
        """
        inside = self.page.url.startswith(self.address + "/")
        if not (inside and self.page.evaluate(BEGIN_ANEW, path)):
            self.page.goto(self.address + path)

    def reset(self, screen: Screen, theme: Theme) -> None:
        """Forget what went wrong, and be in another window."""
        self.requests.clear()
        self.errors.clear()
        self.page.set_viewport_size({"width": screen.width, "height": screen.height})
        self.page.emulate_media(media="screen", color_scheme=theme)


# React takes Streamlit's whole app away and mounts it again, which connects as a new session and
# asks for what the address says; no timer of the old is left.
BEGIN_ANEW = """async path => {
    const root = document.getElementById('root');
    const container = root && Object.keys(root).find(key => key.startsWith('__reactContainer$'));
    const fibers = container ? [root[container].stateNode.current] : [];
    while (fibers.length && !fibers[0].stateNode?.forceUpdate) {
        for (let child = fibers.shift().child; child; child = child.sibling) fibers.push(child);
    }
    const [top] = fibers;
    const old = document.querySelector('[data-testid=stApp]');
    if (!top?.child || !old) return false;
    for (let timer = setTimeout(() => {}); timer > 0; timer--) clearTimeout(timer);
    History.prototype.replaceState.call(history, null, '', path);
    for (const fiber of [top.child, top.child.alternate]) if (fiber) fiber.key = 'anew';
    const press = document.createElement('button');
    press.onclick = () => top.stateNode.forceUpdate();  // React answers a press at once, before anything else can happen
    press.click();
    await null;
    while (old.isConnected) await new Promise(resume => setTimeout(resume, 5));
    return true;
}"""


@contextmanager
def served(
    home: str | Path, *catalogs: str, log: Path | None = None, script: str | Path = "app.py"
) -> Iterator[str]:
    """The app, or another script, on a free port, with a work folder of its own.

    Gives its address as soon as it answers.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.headless",
        "true",
        "--server.port",
        str(port),
        "--",
        *catalogs,
    ]
    mine = {**os.environ, "WEIGHBRIDGE_HOME": str(home)}
    with (
        Path(log or os.devnull).open("wb") as written,
        subprocess.Popen(
            command, cwd=ROOT, env=mine, stdout=written, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            _knock(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _knock(server: subprocess.Popen[bytes], port: int) -> None:
    """Ask for the server's health, which runs no page, until it answers."""
    while server.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"the server ended with status {server.returncode}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Browser,
    address: str,
    screen: Screen = DESK,
    theme: Theme = "light",
    *,
    sharpness: float = 1,
) -> Iterator[Visit]:
    """A fresh reader, who has never been here, with nothing kept from others."""
    size = {"width": screen.width, "height": screen.height}
    agent = TELEPHONE if screen.phone else None
    context = browser.new_context(
        viewport=size,
        color_scheme=theme,
        is_mobile=screen.phone,
        has_touch=screen.phone,
        user_agent=agent,
        device_scale_factor=sharpness,
    )  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    found = Visit(context.new_page(), address)
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("websocket", lambda socket: found.requests.append(socket.url))
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    found.page.on("console", lambda message: found.errors.extend(_told(message)))
    yield found
    context.close()


def _told(message: ConsoleMessage) -> list[str]:
    return [f"{message.text} {message.location.get('url', '')}"] if message.type == "error" else []


def stand(page: Page) -> None:
    """Wait until the page says its sentence, nothing is searched beside it, the server rests and
    every chart is drawn.
    """
    page.locator(
        ".wb-say, [data-testid=stMarkdownContainer]:has-text('Refused'), [data-testid=stException]"
    ).first.wait_for(timeout=WAIT)
    page.wait_for_function(STANDS, timeout=WAIT, polling=100)


STANDS = """() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]')
    && ![...document.querySelectorAll('.wb-table td:first-child')].some(cell => cell.innerText.endsWith(': searching'))
    && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(chart => chart.querySelector('.main-svg :is(.xtick, .ytick, .annotation-text)'))
    && document.fonts.status === 'loaded'"""


def said(page: Page) -> Locator:
    """The page's sentence."""
    return page.locator(".wb-say")


def line(page: Page) -> Locator:
    """The line that says what is looked at."""
    return page.locator(".wb-line")


def slider(page: Page, label: str) -> Locator:
    """A slider, as the keyboard reaches it."""
    return page.locator(f"input[type=range][aria-label='{label}']")


def chosen(page: Page, label: str, option: str) -> None:
    """Choose an option in a list by writing it, as a long list shows only what fits.

    The key opens what scrolling into sight has closed.
    """
    box = page.get_by_role("combobox", name=label).filter(visible=True).last
    box.click()
    box.press("ArrowDown")
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
