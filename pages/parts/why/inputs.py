"""What does the reader ask for on the page of reasons?"""

import polars as pl
import streamlit as st

from pages.shared.view import View


def by() -> str:
    """Importance of what?"""
    return st.segmented_control(
        "By", list(BY), format_func=BY.__getitem__, default="source", key="by", bind="query-params", required=True, label_visibility="collapsed"
    )


BY = {"source": "Sources", "dimension": "Dimensions"}


def feature(view: View, by_feature: pl.DataFrame) -> tuple[str, str]:
    """One feature, the most important first: its source and its name."""
    labels = {key: f"{label} · {view.labels[source]}" for key, source, label in by_feature.select("key", "source", "label").iter_rows()}
    chosen = st.selectbox("Feature", list(labels), format_func=labels.__getitem__, key="feature", bind="query-params", label_visibility="collapsed")
    source, _, name = chosen.partition(".")
    return source, name


def partner(view: View, by_feature: pl.DataFrame, source: str, name: str) -> str | None:
    """Another feature of the same source; none if there is no other."""
    others = by_feature.filter((pl.col("source") == source) & (pl.col("feature") != name))
    labels = dict(others.select("feature", "label").iter_rows())
    if not labels:
        return None
    return st.selectbox(f"with another of {view.labels[source]}", list(labels), format_func=labels.__getitem__, key="with", label_visibility="collapsed")
