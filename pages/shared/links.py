"""What does a link ask for that cannot be shown? Old names are read as today's; what is left is said."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared import choices, inputs, words
from pages.shared.opened import MARK
from pages.shared.state import state
from pages.shared.view import View

NAMES = {
    "accuracy": "the accuracy",
    "against": "the cohort to compare with",
    "b": "B",
    "basis": "the weights valued under",
    "by": "importance by",
    "cutoff": "the cutoff",
    "data": "the data set",
    "feature": "the feature",
    "match": "an identity match of",
    "missing": "for an absent source",
    "partners": "the partners",
    "picture": "the picture",
    "source": "the source",
    "split": "the persons read",
    "toll": "the picture",
}
TEXTS = ("cohort", "cohort_name", "floor", "person", "settings", "stress", "weights")
SHOWN: Mapping[str, Callable[[str], str]] = {
    "accuracy": lambda value: words.ACCURACIES[value][0],
    "basis": lambda value: f"under {choices.BASES[value]}",
    "by": choices.BY.__getitem__,
    "missing": inputs.POLICIES.__getitem__,
}
OLD = {
    "toll": {"Law": "Theory", "Silence": "Refusal"},
    "missing": {policy: policy for policy in inputs.POLICIES},
}  # values that had another name on screen
FOREIGN = ("embed", "utm_", "own", "name")  # not for a page of figures


def renew() -> None:
    """Read the names of older links as today's, once, before anything asks for them."""
    if "link" in state:
        return
    state["link"] = st.query_params.to_dict()
    for key, names in OLD.items():
        if (text := st.query_params.get(key)) in names:
            state[key] = names[text]
    cutoff = state["link"].get("cutoff_swap", "")  # the swap set had a cutoff of its own
    if cutoff.isdecimal() and len(cutoff) < 9:
        del st.query_params["cutoff_swap"]
        if "cutoff" not in state["link"]:
            state["cutoff"] = int(cutoff)


def unread(page: str) -> str:
    """What the link asked for that is not shown, on the page it leads to; empty elsewhere."""
    if "link.unread" not in state:
        gone = [(key, text) for key, text in state["link"].items() if _gone(key, text)]
        state["link.unread"] = page, ". ".join(_said(key, text) for key, text in gone)
    where, sentence = state["link.unread"]
    return str(sentence) if where == page else ""


def _gone(key: str, text: str) -> bool:
    """Is something asked for that nothing holds? What is there is held by a widget, and only what differs from the usual stays in the address."""
    if key == "data":  # asked for by no widget where there is but one set
        return text != state.get("data.shown")
    if key in st.query_params:
        return key not in (*NAMES, *TEXTS) and not key.startswith(FOREIGN)
    return key in NAMES and key in state and text not in _texts(key) and text not in OLD.get(key, ())


def _texts(key: str) -> tuple[str, ...]:
    """A value as a link may write it."""
    value, labels = state[key], _labels()
    several = [labels.get(each, str(each)) for each in (value if isinstance(value, list) else [value])]
    shown = SHOWN[key](value) if key in SHOWN else ", ".join(several)
    former = str(value).removesuffix(" weights")  # what a bureau's weights were called
    return shown, str(value), former, *several


def _labels() -> Mapping[str, str]:
    """What sources and bureaus are called on screen, by key."""
    view: View = state["view"]
    return view.labels | {bureau.key: bureau.label for bureau in view.catalog.bureaus}


def _said(key: str, text: str) -> str:
    asked = f"“{text[:40]}”"
    if key not in NAMES:
        return f"The link asks for {key[:40]} {asked}, which no page knows"
    if key == "data":  # without the token of whoever brought them
        return f"The link asks for the data set “{text.partition(MARK)[0][:40]}”, which is not there; shown instead: {state['view'].catalog.title}"
    return f"The link asks for {NAMES[key]} {asked}, which is not there; shown instead: {_texts(key)[0]}"
