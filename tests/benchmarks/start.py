"""How long until the first number stands on the screen? A server started cold, a browser that waits for the headline."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find

APP = Path(__file__).resolve().parents[2]


def run(_: int) -> Iterator[str]:
    """On the sample: with an empty work folder, then with what was kept."""
    with tempfile.TemporaryDirectory() as home:
        for what in ("first time, fitting", "second time"):
            yield f"start to first number, {what}: {_first_number(home):.1f} s"


@contextmanager
def served(home: str, *catalogs: str) -> Iterator[str]:
    """The app on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port), "--", *catalogs]
    server = subprocess.Popen(command, cwd=APP, env={**os.environ, "WEIGHBRIDGE_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _first_number(home: str) -> float:
    started = time.perf_counter()
    with served(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page()
        _open(page, address)
        page.locator(".wb-say").wait_for(timeout=120_000)
        taken = time.perf_counter() - started
        browser.close()
    return taken


def _open(page, address: str) -> None:  # type: ignore[no-untyped-def]
    """Knock until the server answers."""
    for _ in range(600):
        try:
            page.goto(address)
            return
        except Exception:  # noqa: BLE001 - the browser has one error for a closed port and many names for it
            time.sleep(0.05)
    raise TimeoutError(address)
