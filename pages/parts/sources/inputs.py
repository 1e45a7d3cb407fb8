"""Under which weights does the reader ask what a source is worth, and which source is looked at?"""

import streamlit as st

from analytics.data.catalog.model import Catalog
from analytics.weighing.weighting import Weighting
from pages.shared.view import View

BASES = {"learned": "learned weights", "looked at": "the weights looked at"}


def basis(view: View) -> Weighting:
    """Under which proportions are sources valued?"""
    words = {name: f"under {long}" for name, long in BASES.items()}
    chosen = st.segmented_control(
        "Valued",
        list(BASES),
        default="learned",
        format_func=words.__getitem__,
        key="basis",
        bind="query-params",
        required=True,
    )
    if chosen != "learned":
        return view.weighting
    return view.study.learned(view.weighting.floor, view.weighting.missing)


def under(weighting: Weighting, view: View) -> str:
    """What the proportions are called under which sources are valued."""
    return view.name if weighting == view.weighting else BASES["learned"]


def source(catalog: Catalog, *, start: str) -> str:
    """One source."""
    labels = {s.key: s.label for s in catalog}
    return st.selectbox(
        "Source",
        list(labels),
        list(labels).index(start),
        format_func=labels.__getitem__,
        key="source",
        bind="query-params",
        label_visibility="collapsed",
        width=190,
    )
