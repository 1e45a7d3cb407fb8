"""How wide and how high is the reader's window? Measured in the browser.

Until it answers, a phone is known by its browser's name.
"""

from pathlib import Path

import streamlit as st

from pages.shared.state import state

JS = Path(__file__).with_suffix(".js").read_text("utf-8")
MOUNT = st.components.v2.component(
    "weighbridge_window", html="<span></span>", js=JS, isolate_styles=False
)


def narrow() -> bool:
    """Has the window no room for two charts side by side? Then charts lose words, never figures."""
    measured: bool | None = state.get("narrow")
    return "Mobi" in (st.context.headers.get("User-Agent") or "") if measured is None else measured


def spare() -> int:
    """By how many pixels is the window higher than pages are laid out for?

    The main chart takes them.
    """
    return 0 if narrow() else int(state.get("spare", 0))


def window(line: str) -> None:
    """Measure the window, now and whenever it changes; the page runs again only where it was taken
    for another.

    Parameters
    ----------
    line : what is looked at, for the margin of every printed sheet.
    """
    MOUNT(
        key="window",
        data={"narrow": narrow(), "spare": spare(), "line": line},
        on_narrow_change=_take,
        on_spare_change=_take_height,
    )


def _take() -> None:
    state["narrow"] = bool(state["window"].narrow)


def _take_height() -> None:
    state["spare"] = int(state["window"].spare)
