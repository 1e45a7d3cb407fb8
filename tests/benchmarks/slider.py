"""From key press to new number, in a real browser.

The Weights page against a bare Streamlit fragment, in turn.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page

from analytics.charts.plane import POOLED
from tests.benchmarks.population import generated
from tests.browser.app import Visit, chromium, served, slider, stand, visit

STEPS = 16
# ms before each press, and how many sliders take turns; after the longest, the address has followed
# the last
PACES = {
    "step by step": (2000, 1),
    "in quick succession": (0, 1),
    "each time another slider, pressed as soon as it is reached": (
        2000,
        5,
    ),  # before the page has looked ahead
}
BARE = """
import plotly.graph_objects as go
import streamlit as st

@st.fragment
def part():
    weight = st.slider("Weight", 0, 100, 35)
    st.html(f"<p class='wb-say'>{weight}</p>")
    st.plotly_chart(go.Figure(go.Scatter(x=list(range(21)), y=[weight * x for x in range(21)])))

part()
"""
WATCH = """number => {
    const text = () => [...document.querySelectorAll(number)].map(found => found.innerText).filter(Boolean).join();
    const before = text();
    window.waited = new Promise(resolve => addEventListener('keydown', () => {
        const started = performance.now();
        const seen = new MutationObserver(() => text() !== before && text() !== '' && (seen.disconnect(), resolve(performance.now() - started)));
        seen.observe(document.body, {subtree: true, childList: true, characterData: true});
        setTimeout(() => (seen.disconnect(), resolve(NaN)), 5000);  // a step that changes no figure
    }, {once: true, capture: true}));
}"""


def run(persons: int) -> Iterator[str]:
    """Medians of both pages, and their ratio, at both paces."""
    catalog = generated(persons)
    home = catalog.with_name("kept")  # fitted once, like the population itself
    subprocess.run(
        [sys.executable, "-m", "analytics", "weigh", "--catalog", catalog, "--home", home],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        with (
            served(home, str(catalog)) as ours,
            served(folder, script=bare) as theirs,
            chromium() as browser,
            visit(browser, ours) as mine,
            visit(browser, theirs) as other,
        ):
            page, plain = _at_rest(mine), other.open("/")
            slides, number = (
                page.get_by_role("slider", name="Weight of"),
                ".wb-say, .wb-ahead, .wb-table",
            )
            for pace, (pause, many) in PACES.items():
                turns = [
                    (
                        _wait(page, slides.nth(step % many), number, pause),
                        _wait(plain, slider(plain, "Weight"), ".wb-say", pause),
                    )
                    for step in range(STEPS)
                ]
                lab, fragment = (
                    statistics.median(t for t in taken[2:] if t == t)  # noqa: PLR0124
                    for taken in zip(*turns, strict=True)
                )
                yield (
                    f"slider on {persons:,} persons, {pace}: {lab:.0f} ms from key press to new"
                    f" number, bare fragment {fragment:.0f} ms, {lab / fragment:.2f} times its time"
                )


def _at_rest(mine: Visit) -> Page:
    """The lab, once the pooled model is there that is fitted beside it on a first visit.

    Fitting takes the core that the browser needs.
    """
    while (
        POOLED not in (page := mine.load("/weights")).locator(".js-plotly-plot").first.inner_text()
    ):
        page.wait_for_timeout(2000)
    return page


def _wait(page: Page, slide: Locator, number: str, pause: int) -> float:
    """Milliseconds from one press to the first change of the number, as the page itself sees them.

    After a pause on a page that stands.
    """
    stand(page)
    page.wait_for_timeout(pause)
    slide.focus()
    page.evaluate(WATCH, number)
    page.keyboard.press("ArrowRight")
    return float(page.evaluate("() => window.waited"))
