"""How do many sliders move as one?

As one element: the browser draws a page of a dozen elements far sooner than one of a hundred.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from pages.shared.state import state

CSS, JS = (
    Path(__file__).with_name(f"slider_board.{kind}").read_text("utf-8") for kind in ("css", "js")
)
MOUNT = st.components.v2.component(
    "weighbridge_board", html='<div class="wb-board"></div>', css=CSS, js=JS, isolate_styles=False
)
# told where all sliders stand, by key, and which was moved
Take = Callable[[dict[str, int], str], None]


@dataclass(frozen=True, slots=True)
class Slide:
    """One slider, from 0 to 100, which is written above the first: its name on screen and for
    screen readers, where it stands, and what is written beside it.

    Attributes
    ----------
    said : what its value amounts to, written between name and slider.
    fill : share of a faint bar under the name; none is drawn without.
    """

    key: str
    label: str
    called: str
    value: int
    said: str
    hint: str
    colour: str = ""
    fill: float | None = None
    ground: str = ""  # of the square before the name, where it has a pattern too
    step: int = 1
    unit: str = ""
    locked: bool = False  # its share stays while others move


def board(slides: Sequence[Slide], key: str, take: Take, *, shares: bool = False) -> None:
    """Draw sliders; a move is counted by the browser, so that what the page answers to an earlier
    one does not undo it.

    Parameters
    ----------
    shares : is what is written beside a slider its share of all that have something written there?
        Then it follows the hand.
    """
    data = {"rows": [asdict(slide) for slide in slides], "heard": heard(key), "shares": shares}
    MOUNT(key=key, data=data, on_move_change=lambda: _take(key, take))


def heard(key: str) -> int:
    """The number of the last move that was heard."""
    return state.get(f"{key}.heard", 0)


def _take(key: str, take: Take) -> None:
    move = state[key].move
    state[f"{key}.heard"] = move["number"]
    take(move["values"], move["moved"])
