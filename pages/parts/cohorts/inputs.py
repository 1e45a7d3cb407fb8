"""What does the reader ask for of a cohort's people?"""

from dataclasses import replace

import polars as pl
import streamlit as st

from analytics.data.cohort import EVERYONE, Clause, Cohort, Condition
from analytics.data.disclosure import TooFew, open_to_conditions
from analytics.data.refusal import Refusal
from analytics.weighing.readings import enough
from analytics.weighing.weighting import equal
from pages.parts.cohorts import sentences
from pages.shared import layout, markup, words
from pages.shared.download import file_name
from pages.shared.inputs import again, standing, take_cohort
from pages.shared.state import state
from pages.shared.unusual import STEPS
from pages.shared.view import SPLITS, View


def against(view: View) -> Cohort:
    """The cohort to compare with.

    Everyone, the rest, or a standing cohort that is large enough to read.
    """
    texts = standing(view.study) | ({REST: view.cohort.rest.text} if view.cohort.conditions else {})
    ready = {
        name: text for name, text in texts.items() if not text or _large(view, Cohort.parse(text))
    }
    start = 0 if view.cohort.conditions else len(ready) - 1  # not with itself
    usual, before = list(ready)[start], state.get("against.usual")
    if before != usual and state.get("against") == before is not None:
        state["against"], start = usual, 0  # who has chosen nobody is shown the usual one again
    state["against.usual"] = usual
    chosen = st.selectbox(
        "Compare with", list(ready), start, key="against", bind="query-params", help=AGAINST
    )
    return Cohort.parse(ready[chosen], chosen)


REST = "The rest"
AGAINST = (
    "The rest is everybody who is not in the cohort, also who has no value where it asks for one."
)


def _large(view: View, cohort: Cohort) -> bool:
    try:
        enough(view.study.counted(cohort, equal(view.catalog), (view.split,)))
    except TooFew:
        return False
    return True


def conditions(view: View) -> None:
    """The conditions of the cohort as chips, each with how many people are left after it and a
    button that drops it.
    """
    for i, each in enumerate(view.cohort.conditions):
        left = _counted(view, Cohort("", view.cohort.conditions[: i + 1]))
        rest = Cohort("", view.cohort.conditions[:i] + view.cohort.conditions[i + 1 :])
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            said = markup.plain(words.condition(each, view.catalog))
            st.markdown(f"{said} :small[:gray[{markup.plain(left)}]]", width="stretch")
            st.button(
                "Drop",
                key=f"drop.{i}",
                type="tertiary",
                icon=":material/close:",
                on_click=take_cohort,
                args=(rest,),
            )
    if view.cohort.conditions:
        rest = view.cohort.rest
        st.button(
            f"Look at the rest: {_people(view, rest)}",
            on_click=take_cohort,
            args=(rest,),
            type="tertiary",
            icon=":material/flip:",
            help=AGAINST,
        )
    else:
        st.markdown(
            f":small[:gray[{markup.plain(f'No condition yet: {_counted(view, EVERYONE)}.')}]]"
        )


def _counted(view: View, cohort: Cohort) -> str:
    """How many people of the file are in a cohort, and how many of the persons read."""
    try:
        counts = [
            len(view.study.persons(each, splits))
            for each in (cohort, EVERYONE)
            for splits in ((), (view.split,))
        ]
    except TooFew:
        return "too few people to be counted"
    return sentences.in_file(counts[0], counts[2], counts[1], counts[3], SPLITS[view.split])


def _people(view: View, cohort: Cohort) -> str:
    """How many people of the file are in a cohort, as a button says it."""
    try:
        return f"{len(view.study.rows(cohort)):,} people"
    except TooFew:
        return "too few people"


def add_condition(view: View) -> None:
    """A condition built by choosing a column, then its values or an end of its range."""
    labels = {
        name: words.column(name, view.catalog)
        for name in view.study.schema()
        if open_to_conditions(view.catalog.people, name)
    }
    columns = sorted(labels, key=lambda name: labels[name].casefold())
    column = st.selectbox(
        "Add a condition on",
        columns,
        None,
        format_func=labels.__getitem__,
        key="column",
        placeholder="a column",
        filter_mode="contains",
    )
    if column is None:
        return
    if what := view.study.personal(column):
        st.markdown(
            f":small[:gray[This column holds personal data ({what}); its values are not shown."
            " Write the condition under Change.]]"
        )
        return
    found = view.study.values(column)
    if found.is_empty():
        st.markdown(":small[:gray[This column is empty.]]")
        return
    built: Clause | None = (
        _between(column, found)
        if found.dtype.is_numeric() or found.dtype.is_temporal()
        else _among(column, found)
    )
    if built is not None:
        asked = Cohort("", (built,))
        try:
            near = view.study.at_steps(asked)
        except TooFew as refusal:
            st.markdown(f":small[:gray[{markup.plain(words.sentence(refusal))}]]")
            return
        if near != asked:
            said = words.named(replace(near, name=""), view.catalog)
            st.markdown(
                f":small[:gray[{markup.plain(f'At the nearest step: {said}.')}]]", help=STEPS
            )
        _offer(view, near.conditions[0])


def _offer(view: View, built: Clause) -> None:
    """Buttons that take a condition: beside those that stand, or as another way in."""
    narrower = Cohort("", (*view.cohort.conditions, built))
    if not view.cohort.conditions:
        st.button(
            f"Add: {_people(view, narrower)}",
            key="add",
            on_click=_added,
            args=(narrower,),
            type="primary",
        )
        return
    wider = view.cohort.either(built)
    with st.container(horizontal=True):
        st.button(
            f"And: {_people(view, narrower)}",
            key="add",
            on_click=_added,
            args=(narrower,),
            type="primary",
            help=AND,
        )
        st.button(
            f"Or: {_people(view, wider)}", key="add.or", on_click=_added, args=(wider,), help=OR
        )


AND = "Who meets all that stands above, and this."
OR = "Who meets all that stands above, or this, or both."


def _added(cohort: Cohort) -> None:
    take_cohort(cohort)
    state["column"] = None


def _among(column: str, found: pl.Series) -> Condition | None:
    picked = st.multiselect("is one of", found.to_list(), key=f"values.{column}")
    return Condition(column, "in", tuple(picked)) if picked else None


def _between(column: str, found: pl.Series) -> Condition:
    low, high = found
    with st.container(horizontal=True, vertical_alignment="bottom"):
        op = st.segmented_control(
            "is",
            [">=", "<="],
            default=">=",
            format_func=ENDS.__getitem__,
            key=f"op.{column}",
            required=True,
        )
        if found.dtype.is_temporal():
            end: str | float = str(
                st.date_input(
                    "date", low, low, high, key=f"end.{column}", label_visibility="collapsed"
                )
            )
        else:
            end = st.number_input(
                "number", low, high, low, key=f"end.{column}", label_visibility="collapsed"
            )
    return Condition(column, op, end)


ENDS = {">=": "from", "<=": "up to"}


def keep_cohort(view: View) -> None:
    """Name the cohort, take it away as JSON, or bring one."""
    state["cohort_name.again"] = state["cohort_name"]
    st.text_input(
        "Name",
        key="cohort_name.again",
        on_change=again,
        args=("cohort_name",),
        placeholder="as its conditions",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Save as JSON",
            view.cohort.json(),
            file_name("cohort", "json"),
            "application/json",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover("Open", type="tertiary", icon=":material/upload:"):
            given = st.file_uploader("A cohort as JSON", "json", key="cohort_file")
            if given is not None:
                _brought(view, given.getvalue().decode("utf-8", "replace"))


def _brought(view: View, text: str) -> None:
    """The button that looks at a cohort that was brought, or why it cannot be."""
    try:
        read = Cohort.from_json(text)
        view.study.rows(replace(read, name=""))
    except Refusal as refusal:
        layout.refused(words.sentence(refusal))
        return
    st.button(
        f"Look at {markup.plain(read.name)}", on_click=take_cohort, args=(read,), type="primary"
    )
