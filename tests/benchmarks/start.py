"""How long until the first number stands on the screen?

A server started cold, a browser that waits for the headline.
"""

import tempfile
import time
from collections.abc import Iterator

from tests.browser.app import WAIT, chromium, said, served, visit


def run(_: int) -> Iterator[str]:
    """On the sample: with an empty work folder, then with what was kept."""
    with tempfile.TemporaryDirectory() as home:
        for what in ("first time, fitting", "second time"):
            yield f"start to first number, {what}: {_first_number(home):.1f} s"


def _first_number(home: str) -> float:
    with chromium() as browser:  # a reader's browser is open before the app is
        started = time.perf_counter()
        with served(home) as address, visit(browser, address) as reader:
            reader.page.goto(address)
            said(reader.page).wait_for(timeout=WAIT)
            return time.perf_counter() - started
