"""What will the page say where a slider is moved next?

Found out while nobody waits, so that the sentence keeps pace with the hand.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from analytics.deciding.comparison import headline_figures
from pages.parts.weights import inputs, sentences, slider_board
from pages.shared import markup
from pages.shared.inputs import with_moved
from pages.shared.state import state
from pages.shared.view import View

JS = Path(__file__).with_suffix(".js").read_text("utf-8")
MOUNT = st.components.v2.component(
    "weighbridge_ahead",
    html='<div class="wb-ahead" role="heading" aria-level="1"></div>',
    js=JS,
    isolate_styles=False,
)
# seconds after which a look ahead makes way for the reader's next move; the browser asks for what
# is left
PATIENCE = 0.04
Track = Mapping[str, Mapping[str, int]]  # where all sliders stand, by source, and by that as text


@st.fragment  # runs alone when a slider is looked at
def look_ahead(view: View, answered: int) -> None:
    """Tell the browser what the page will say wherever the slider looked at may be moved, the
    nearest first.

    Parameters
    ----------
    answered : the number of the last move of the sliders that the page answers.
    """
    if (
        slider_board.heard("board") != answered
        # a look and a move in one breath come as one message, and Streamlit then runs only one of
        # the two parts
    ):
        st.rerun()
    eye = state.get("eye")
    track = _track(view, eye)
    known = _known(view)
    said = {at: known[at] for at in track if at in known}
    if left := {at: values for at, values in track.items() if at not in said}:
        # the nearest at once
        said |= _found(view, left, str(eye), PATIENCE if said else PATIENCE / 10)
    state["ahead.said"] = said
    MOUNT(
        key="ahead",
        data={"eye": eye, "said": said, "whole": len(said) == len(track)},
        on_eye_change=_look,
    )


def _look() -> None:
    if (element := state.get("ahead")) is not None:  # a page that was left has taken it away
        state["eye"] = str(element.eye)


def _track(view: View, eye: str | None) -> Track:
    """Where one slider can be moved, the nearest first.

    Nowhere if others are held, as they all would move.
    """
    stand = inputs.standing(view)
    if eye not in stand or inputs.held(view, eye):
        return {}
    places = sorted(
        range(0, 101, inputs.FLOOR_STEP if eye == inputs.FLOOR_KEY else 1),
        key=lambda place: abs(place - stand[eye]),
    )
    return {
        ",".join(map(str, values.values())): values
        for values in (stand | {eye: place} for place in places)
    }


def _known(view: View) -> Mapping[str, str]:
    """What was found before, if nothing else was changed since."""
    against = inputs.against_weighting(view)
    about = (
        view.study,
        view.cohort,
        view.split,
        view.weighting.missing,
        against.name,
        against.stress,
    )
    if state.get("ahead.about") != about:
        state["ahead.about"], state["ahead.said"] = about, {}
    return state["ahead.said"]


def _found(view: View, track: Track, eye: str, patience: float) -> dict[str, str]:
    """The sentences at some of these places, as many as there is time for, in seconds."""
    said: dict[str, str] = {}
    last, met, until = None, None, time.monotonic() + patience
    for at, values in track.items():
        there = with_moved(view, inputs.asked(view, values, eye))
        against = inputs.against_weighting(there)
        asked = against.question(there)
        met = view.study.paired_beside(asked, met if against == last else None)
        said[at], last = (
            markup.bold(sentences.lab(headline_figures(met), there.name, against.name)),
            against,
        )
        if time.monotonic() > until:
            break
    return said
