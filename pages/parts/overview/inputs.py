"""Where is the cutoff?"""

from typing import Literal

import streamlit as st

from pages.shared.inputs import again
from pages.shared.state import state
from pages.shared.view import View


def cutoff(view: View, *, narrow: bool) -> None:
    """The cutoff in points once more, under the picture that it cuts."""
    low, high, step, _ = view.scale.ruler
    state["cutoff.again"] = type(low)(view.cutoff)
    visible: Literal["visible", "collapsed"] = "visible" if narrow else "collapsed"
    st.slider(
        "Cutoff, points",
        low,
        high,
        step=step,
        key="cutoff.again",
        on_change=again,
        args=("cutoff",),
        label_visibility=visible,
    )
