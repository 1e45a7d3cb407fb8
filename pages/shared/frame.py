"""What frames every page?

Navigation, the line that says what is looked at, and the wait for the evidence.
"""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from analytics.data.disclosure import TooFew
from pages.shared import datasets, inputs, layout, links, markup, unusual, waiting, words
from pages.shared.state import state
from pages.shared.view import SPLITS, View
from pages.shared.window import window

ROOT = Path(__file__).resolve().parents[2]
ASIDE = "data"  # the page that asks for data, and needs none
REST = 0.8  # seconds without a move after which the address is brought up to date
ICON, LOGO = (str(Path(__file__).with_name(name)) for name in ("icon.svg", "logo.svg"))


def navigation() -> StreamlitPage:
    """The pages, in groups; gives the one asked for."""
    return st.navigation(
        {
            "": [st.Page(ROOT / "pages/overview.py", title="Overview", default=True)],
            "People": [
                st.Page(ROOT / "pages/cohorts.py", title="Cohorts"),
                st.Page(ROOT / "pages/data.py", title="Data", url_path=ASIDE),
            ],
            "Sources": [
                st.Page(ROOT / "pages/sources.py", title="Sources"),
                st.Page(ROOT / "pages/models.py", title="Models"),
                st.Page(ROOT / "pages/bureaus.py", title="Bureaus"),
            ],
            "Weights": [
                st.Page(ROOT / "pages/weights.py", title="Lab"),
                st.Page(ROOT / "pages/stress.py", title="Stress"),
            ],
            "Why": [
                st.Page(ROOT / "pages/why.py", title="Cohort"),
                st.Page(ROOT / "pages/person.py", title="Person"),
            ],
        },
        position="top",
    )


def turn_to(page: str) -> None:
    """Go to another page."""
    st.switch_page(ROOT / "pages" / f"{page}.py")


def ask(page: str) -> View:
    """The line that says what is looked at, with the popover that changes it.

    Waits for the evidence.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        line = st.container(
            width="content"
        ).empty()  # a part of the page that runs alone may write it again
        chips = st.container(horizontal=True, width="content", gap="small")
        change, yours = st.popover("Change", type="tertiary", icon=":material/tune:"), st.empty()
    inputs.settle(page)
    if "said" in state:
        line.html(state["said"])  # what was looked at, until the new is known: no gap
    with change:
        first, last = st.container(), st.container()  # cohort and weights before data and settings
    with last:
        data = inputs.data_set(datasets.ready(inputs.keys()))
    waiting.for_evidence(data)
    catalog = data.catalog()
    links.renew(catalog)
    if catalog.people.fictional:
        yours.page_link(ROOT / "pages" / "data.py", label="Use your own data")
    with first:
        people = inputs.cohort(data)
        inputs.preset_of(catalog)
        weights = inputs.weighting(catalog)
        read = inputs.split(has_months=bool(catalog.people.time))
        view = View(data, people, weights, read, inputs.stress(catalog), inputs.cutoff(data))
    state["line"] = line
    say(view)
    with chips:
        unusual.show(view, page)
    if state.get("cohort.refused"):
        sentence, kept = state["cohort.refused"]
        st.markdown(
            f":orange-badge[Refused] {markup.plain(sentence)}"
            f" :small[:gray[{markup.plain(f'Still looked at: {kept}.')}]]"
        )
    return view


def say(view: View) -> None:
    """The line that says what is looked at."""
    state["said"] = _line(view)
    state["line"].html(state["said"])


def view() -> View:
    """What is looked at, for a page.

    Until the first visit of a process, Streamlit runs a deep link's page without app.py: then this
    names the pages and starts over, through app.py.
    """
    if "view" not in state:
        navigation()
        st.rerun()
    found: View = state["view"]
    return found


def frame(page: StreamlitPage) -> None:
    """What is looked at, for the page that runs next.

    The page that brings data stands aside, and what is looked at waits for the reader to come back.
    """
    state["framed"] = True
    if page.url_path == ASIDE:
        inputs.carry(page.url_path)
    else:
        state["view"] = ask(page.url_path)


def name(page: StreamlitPage) -> None:
    """Name the page and what is looked at.

    On the tab of the browser, and on every printed sheet.
    """
    title, line = NAMES.get(page.url_path, page.title), ""
    if page.url_path != ASIDE:
        seen: View = state["view"]
        title = f"{title}: {seen.cohort.name}, {seen.name}"
        line = (
            f"{seen.catalog.title}, {len(seen.persons):,} {SPLITS[seen.split]}, floor"
            f" {seen.weighting.floor:.0%}"
        )
    st.set_page_config(f"{title} · Weighbridge")
    window(line)


# of pages whose link is short
NAMES = {"weights": "Weights lab", "why": "Why, a cohort", "person": "Why, a person"}


def aside() -> None:
    """For the page that stands aside: through app.py, as in `view`."""
    if "framed" not in state:
        navigation()
        st.rerun()


def moved_view() -> View:
    """What is looked at, for a part of a page that runs alone.

    With what was moved there since the frame was drawn.
    """
    if inputs.elsewhere():
        st.rerun()
    return inputs.moved(view())


@st.fragment(run_every=REST)
def _settle_at_rest() -> None:
    if inputs.unsettled(rest=REST):
        st.rerun()


def settle_soon() -> None:
    """Bring the frame and the address up to date with what a part of the page moved, once the
    reader rests, as that takes the whole page.
    """
    if inputs.unsettled():
        _settle_at_rest()


def follow(draw: Callable[[], None], *under_way: "Future[Any]") -> None:
    """Draw a part of the page.

    While work for it goes on, again and again, and the whole page once it is done.
    """

    def done() -> bool:
        return all(work.done() for work in under_way)

    @st.fragment(run_every=PACE)
    def again() -> None:
        draw()
        if done():
            st.rerun()

    draw() if done() else again()


PACE = 0.5  # seconds between two looks at what is under way


def refusals(place: DeltaGenerator | None = None) -> AbstractContextManager[None]:
    """Show refusals in this place, or where the page came to, with the buttons that help."""
    return layout.refusals(place, wider=inputs.everyone, again=inputs.start_over)


def _line(view: View) -> str:
    return markup.frame_line(
        view.cohort.name,
        _size(view),
        view.name,
        view.parts,
        floor=view.weighting.floor,
        cutoff=view.cutoff,
        split=SPLITS[view.split],
        data=view.catalog.title,
        note=words.few(view),
    )


def _size(view: View) -> int | None:
    """How many persons are read; None where these are too few to be counted."""
    try:
        return view.study.size(view.question)
    except TooFew:
        return None
