"""What does the reader ask for of a cohort's people?"""

import polars as pl
import streamlit as st

from analytics.data.cohort import Cohort, Condition
from analytics.weighing.readings import TooFew, enough
from analytics.weighing.weighting import equal
from pages.shared import cached, markup, words
from pages.shared.download import file_name
from pages.shared.inputs import again, standing, take_cohort
from pages.shared.state import state
from pages.shared.view import View


def against(view: View) -> Cohort:
    """The cohort to compare with: everyone, or a standing cohort that is large enough to read."""
    ready = {name: text for name, text in standing(view.data).items() if not text or _large(view, Cohort.parse(text))}
    start = 0 if view.cohort.conditions else len(ready) - 1  # not with itself
    chosen = st.selectbox("Compare with", list(ready), start, key="against", bind="query-params")
    return Cohort.parse(ready[chosen], chosen)


def _large(view: View, cohort: Cohort) -> bool:
    try:
        enough(cached.counted(view.data, cohort, equal(view.catalog), (view.split,)))
    except TooFew:
        return False
    return True


def conditions(view: View) -> None:
    """The conditions of the cohort as chips, each with how many people are left after it and a button that drops it."""
    for i, each in enumerate(view.cohort.conditions):
        left = cached.rows(view.data, Cohort("", view.cohort.conditions[: i + 1]))
        rest = Cohort("", view.cohort.conditions[:i] + view.cohort.conditions[i + 1 :])
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            st.markdown(f"{markup.plain(words.condition(each))} :small[:gray[{len(left):,} left]]", width="stretch")
            st.button("Drop", key=f"drop.{i}", type="tertiary", icon=":material/close:", on_click=take_cohort, args=(rest,))
    if not view.cohort.conditions:
        st.markdown(f":small[:gray[No condition yet: all {len(view.fitted.evidence):,} people of the file.]]")


def add_condition(view: View) -> None:
    """A condition built by choosing a column, then its values or an end of its range."""
    columns = sorted(cached.schema(view.data))
    column = st.selectbox("Add a condition on", columns, None, key="column", placeholder="a column", filter_mode="contains")
    if column is None:
        return
    if what := cached.personal(view.data, column):
        st.markdown(f":small[:gray[This column holds personal data ({what}); its values are not shown. Write the condition under Change.]]")
        return
    found = cached.values(view.data, column)
    if found.is_empty():
        st.markdown(":small[:gray[This column is empty.]]")
        return
    built = _between(column, found) if found.dtype.is_numeric() or found.dtype.is_temporal() else _among(column, found)
    if built is not None:
        wider = Cohort("", (*view.cohort.conditions, built))
        st.button(f"Add: {len(cached.rows(view.data, wider)):,} people", on_click=_added, args=(wider,), type="primary")


def _added(cohort: Cohort) -> None:
    take_cohort(cohort)
    state["column"] = None


def _among(column: str, found: pl.Series) -> Condition | None:
    picked = st.multiselect("is one of", found.to_list(), key=f"values.{column}")
    return Condition(column, "in", tuple(picked)) if picked else None


def _between(column: str, found: pl.Series) -> Condition:
    low, high = found
    with st.container(horizontal=True, vertical_alignment="bottom"):
        op = st.segmented_control("is", [">=", "<="], default=">=", key=f"op.{column}", required=True)
        if found.dtype.is_temporal():
            end: str | float = str(st.date_input("date", low, low, high, key=f"end.{column}", label_visibility="collapsed"))
        else:
            end = st.number_input("number", low, high, low, key=f"end.{column}", label_visibility="collapsed")
    return Condition(column, op, end)


def keep_cohort(view: View) -> None:
    """Name the cohort, take it away as JSON, or bring one."""
    state["cohort_name.again"] = state["cohort_name"]
    st.text_input("Name", key="cohort_name.again", on_change=again, args=("cohort_name",), placeholder="as its conditions")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Save as JSON", view.cohort.json(), file_name("cohort", "json"), "application/json", type="tertiary", icon=":material/download:", on_click="ignore"
        )
        with st.popover("Open", type="tertiary", icon=":material/upload:"):
            given = st.file_uploader("A cohort as JSON", "json", key="cohort_file")
            if given is not None:
                read = Cohort.from_json(given.getvalue().decode("utf-8", "replace"))
                read.expression(cached.schema(view.data))
                st.button(f"Look at {markup.plain(read.name)}", on_click=take_cohort, args=(read,), type="primary")
