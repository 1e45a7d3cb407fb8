"""What does a link ask for that cannot be shown? Old names are read as today's.

What is left is said.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from analytics.data.catalog.model import Catalog
from analytics.metrics import METRICS
from pages.parts.sources import inputs as sources_inputs
from pages.parts.why import inputs as why_inputs
from pages.shared import inputs
from pages.shared.datasets import MARK
from pages.shared.state import state
from pages.shared.view import View, presets

NAMES = {
    "accuracy": "the accuracy",
    "against": "the cohort to compare with",
    "b": "B",
    "background": "the background",
    "basis": "the weights valued under",
    "by": "importance by",
    "cutoff": "the cutoff",
    "data": "the data set",
    "feature": "the feature",
    "match": "an identity match of",
    "missing": "for an absent source",
    "others": "what a feature adds",
    "partners": "the partners",
    "picture": "the picture",
    "source": "the source",
    "split": "the persons read",
    "toll": "the picture",
}
TEXTS = ("cohort", "cohort_name", "floor", "person", "settings", "stress", "weights")
SHOWN: Mapping[str, Callable[[str], str]] = {
    "accuracy": lambda value: METRICS[value].label,
    "basis": lambda value: f"under {sources_inputs.BASES[value]}",
    "by": why_inputs.BY.__getitem__,
    "missing": inputs.POLICIES.__getitem__,
    "others": why_inputs.OTHERS.__getitem__,
}
# what values were called before
OLD = {"toll": {"Law": "Theory", "Silence": "Refusal"}, "missing": inputs.POLICIES}
FOREIGN = ("embed", "utm_", "own", "name")  # not for a page of figures


def remember() -> None:
    """Note what a link asks for, before anything reads it."""
    if "link" not in state:
        state["link"] = st.query_params.to_dict()


def renew(catalog: Catalog) -> None:
    """Write the names of an older link as today's into the address, once, and read it again."""
    if "link.renewed" in state:
        return
    state["link.renewed"] = True
    renewed = _renewed(state["link"], catalog)
    if renewed == state["link"]:
        return
    for key in state["link"].keys() - renewed.keys():
        del st.query_params[key]
    st.query_params.update(
        {key: text for key, text in renewed.items() if state["link"].get(key) != text}
    )
    state["link"] = renewed
    st.rerun()


def _renewed(link: Mapping[str, str], catalog: Catalog) -> dict[str, str]:
    """A link as it would be written today."""
    today = {key: OLD.get(key, {}).get(text, text) for key, text in link.items()}
    if (name := f"{today.get('b')} weights") in presets(catalog):  # a bureau's weights had its name
        today["b"] = name
    cutoff = today.get("cutoff_swap", "")  # the swap set had a cutoff of its own
    if cutoff.isdecimal() and len(cutoff) < 9:
        today = {"cutoff": cutoff} | {k: v for k, v in today.items() if k != "cutoff_swap"}
    return today


def unread(page: str) -> str:
    """What the link asked for that is not shown, on the page it leads to; empty elsewhere."""
    if "link.unread" not in state:
        gone = [(key, text) for key, text in state["link"].items() if _gone(key, text)]
        state["link.unread"] = page, ". ".join(_said(key, text) for key, text in gone)
    where, sentence = state["link.unread"]
    return str(sentence) if where == page else ""


def _gone(key: str, text: str) -> bool:
    """Is something asked for that nothing holds?

    What is there is held by a widget, and only what differs from the usual stays in the address.
    """
    if key == "data":  # asked for by no widget where there is but one set
        return text != state.get("data.shown")
    if key in st.query_params:
        return key not in (*NAMES, *TEXTS) and not key.startswith(FOREIGN)
    return key in NAMES and key in state and text not in _texts(key)


def _texts(key: str) -> tuple[str, ...]:
    """A value as a link may write it."""
    value, labels = state[key], _labels()
    several = [
        labels.get(each, str(each)) for each in (value if isinstance(value, list) else [value])
    ]
    shown = SHOWN[key](value) if key in SHOWN else ", ".join(several)
    return shown, str(value), *several


def _labels() -> Mapping[str, str]:
    """What sources and bureaus are called on screen, by key."""
    view: View = state["view"]
    return view.labels | {bureau.key: bureau.label for bureau in view.catalog.bureaus}


def _said(key: str, text: str) -> str:
    asked = f"“{text[:40]}”"
    if key not in NAMES:
        return f"The link asks for {key[:40]} {asked}, which no page knows"
    if key == "data":  # without the token of whoever brought them
        return (
            f"The link asks for the data set “{text.partition(MARK)[0][:40]}”, which is not there;"
            f" shown instead: {state['view'].catalog.title}"
        )
    return (
        f"The link asks for {NAMES[key]} {asked}, which is not there; shown instead:"
        f" {_texts(key)[0]}"
    )
