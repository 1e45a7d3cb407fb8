"""What does the reader ask for on the page of bureaus?"""

import streamlit as st

from analytics.data.catalog.model import Catalog
from analytics.data.refusal import Refusal
from pages.shared.state import state


def partners(catalog: Catalog) -> tuple[tuple[str, ...], float]:
    """Which bureaus join, and what share of their people can they match?"""
    labels = {b.key: b.label for b in catalog.bureaus}
    ready = {a.label: a.partners for a in catalog.alliances}
    first = next(iter(ready.values()), tuple(labels)[:2])
    if ready:
        state["alliance"] = next(
            (
                name
                for name, keys in ready.items()
                if list(keys) == list(state.get("partners") or first)
            ),
            CHOSEN,
        )
        st.selectbox(
            "Alliance",
            [*ready, *([CHOSEN] if state["alliance"] == CHOSEN else [])],
            key="alliance",
            on_change=_take_alliance,
            args=(ready,),
        )
    chosen = st.multiselect(
        "Partners",
        list(labels),
        list(first),
        format_func=labels.__getitem__,
        key="partners",
        bind="query-params",
    )
    match = st.slider(
        "Identity match",
        0,
        100,
        100,
        5,
        format="%d%%",
        key="match",
        bind="query-params",
        help=MATCH,
    )
    if len(chosen) < 2:
        raise Refusal("an alliance needs two partners or more; choose another one")
    return tuple(chosen), match / 100


CHOSEN = "As chosen below"


MATCH = (
    "The share of people whose records the partners can join. The others are seen by the first"
    " partner alone; in what a partner gains, by that partner."
)


def _take_alliance(ready: dict[str, tuple[str, ...]]) -> None:
    if state["alliance"] in ready:
        state["partners"] = list(ready[state["alliance"]])
