"""How would the reader have models fitted?"""

import streamlit as st

from analytics.sources.model import Settings
from analytics.study.study import Study
from pages.shared import waiting
from pages.shared.state import state


def refit(data: Study) -> None:
    """Other settings for the models, the button that fits them, and how far that is."""
    usual = Settings.parse(state.get("settings") or "")
    with st.form("refit", border=False):
        with st.container(horizontal=True):
            for name, (label, most, step) in SETTINGS.items():
                value = getattr(usual, name)
                st.number_input(
                    label, step, max(most, value), value, step, key=f"refit.{name}", width=150
                )
        st.form_submit_button(
            "Fit again", on_click=_refit, args=(data,), icon=":material/model_training:"
        )
    waiting.beside(data)


SETTINGS: dict[str, tuple[str, float, float]] = {
    "rounds": ("rounds at most", 2000, 1),
    "patience": ("rounds without gain", 500, 1),
    "depth": ("depth", 8, 1),
    "eta": ("learning rate", 1.0, 0.01),
}


def _refit(data: Study) -> None:
    waiting.again(data, Settings(**{name: state[f"refit.{name}"] for name in SETTINGS}))
