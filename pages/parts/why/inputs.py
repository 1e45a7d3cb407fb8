"""What does the reader ask for on the page of reasons?"""

import polars as pl
import streamlit as st

from analytics.data.cohort import Cohort
from pages.shared.inputs import standing
from pages.shared.view import View


def background(view: View) -> Cohort | None:
    """Whose values the other features are held at; None where they go with the one asked about."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        others = st.segmented_control(
            "What a feature adds",
            list(OTHERS),
            format_func=OTHERS.__getitem__,
            default="with",
            key="others",
            bind="query-params",
            required=True,
            help=OTHERS_HELP,
        )
        if others == "with":
            return None
        texts = standing(view.study)
        name = st.selectbox(
            "Held at the values of",
            list(texts),
            key="background",
            bind="query-params",
            help=BACKGROUND_HELP,
            width=230,
        )
    return Cohort.parse(texts[name], name)


OTHERS = {"with": "given what goes with it", "hold": "holding the rest"}
OTHERS_HELP = (
    "Given what goes with it: a person's other features change along with the one asked "
    "about, as they do "
    "among the people who taught the models. So a feature may be credited for what others of "
    "its source would say: "
    "right for asking who these people are. Holding the rest: the others stay at values of "
    "people drawn from a "
    "background, so a feature gets only what the model itself does with it, and nothing "
    "where it never asks: right "
    "for asking what the model does, or what a change would do. Both add up to the same score."
)
BACKGROUND_HELP = (
    "Of these people, each source takes up to 1,000 whom it knows, drawn once and always the same."
)


def by() -> str:
    """Importance of what?"""
    return st.segmented_control(
        "By",
        list(BY),
        format_func=BY.__getitem__,
        default="source",
        key="by",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )


BY = {"source": "Sources", "dimension": "Dimensions"}


def feature(view: View, by_feature: pl.DataFrame) -> tuple[str, str]:
    """One feature, the most important first: its source and its name."""
    labels = {
        key: f"{label} · {view.labels[source]}"
        for key, source, label in by_feature.select("key", "source", "label").iter_rows()
    }
    chosen = st.selectbox(
        "Feature",
        list(labels),
        format_func=labels.__getitem__,
        key="feature",
        bind="query-params",
        label_visibility="collapsed",
    )
    source, _, name = chosen.partition(".")
    return source, name


def partner(view: View, by_feature: pl.DataFrame, source: str, name: str) -> str | None:
    """Another feature of the same source; none if there is no other."""
    others = by_feature.filter((pl.col("source") == source) & (pl.col("feature") != name))
    labels = dict(others.select("feature", "label").iter_rows())
    if not labels:
        return None
    return st.selectbox(
        f"with another of {view.labels[source]}",
        list(labels),
        format_func=labels.__getitem__,
        key="with",
        label_visibility="collapsed",
    )
