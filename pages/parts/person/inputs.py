"""Which person does the reader look at, and what would they change?"""

import hashlib

import polars as pl
import streamlit as st

from analytics.data.cohort import Cohort
from analytics.data.personal import mask
from analytics.deciding.scorecard import Scorecard
from analytics.explaining.explanation import Contribution, Statement, Value, shown
from analytics.explaining.records import NoSuchPerson, Range
from analytics.explaining.what_if import Case, Option, Raise, stops
from pages.shared import inputs, layout, markup
from pages.shared.state import state
from pages.shared.view import View


def person(view: View) -> str:
    """One person by id; the page begins with an example."""
    first = view.study.example()
    if (
        view.study.personal()
    ):  # an id that says who somebody is stands neither on the screen nor in a link, nor is it sent
        first = state.get("person.picked") or first
        typed: str | None = st.text_input(
            "Person",
            key="person",
            type="password",
            placeholder=named(view, first),
            help=PERSON,
            width=260,
        )
    else:
        typed = st.text_input(
            "Person", first, key="person", bind="query-params", help=PERSON, width=260
        )
    with st.popover("Pick", type="tertiary", icon=":material/list:"):
        _pick(view)
    try:
        return str(view.study.record((typed or "").strip() or first).evidence.people["person"][0])
    except NoSuchPerson as unknown:  # the weights are not to blame, and stay
        text = (
            "No person has the id that was typed."
            if view.study.personal()
            else f"N{str(unknown)[1:]}."
        )
        with layout.refused(text):
            st.button(
                "Back to the first person",
                on_click=_take_person,
                args=("" if view.study.personal() else first,),
                icon=":material/undo:",
            )
        st.stop()


def _take_person(id: str) -> None:
    state["person"] = id


ORDERS = {"lowest": "Lowest scores", "highest": "Highest scores", "feature": "A reason"}


LISTED = 50


def _pick(view: View) -> None:
    """A list of persons of the cohort looked at, by score or by what took most from them."""
    order = st.segmented_control(
        "By",
        list(ORDERS),
        default="lowest",
        format_func=ORDERS.__getitem__,
        key="pick.by",
        required=True,
    )
    labels = {
        (s.key, f.name): f"{f.title} · {s.label}"
        for s in view.catalog
        for f in view.fitted.population.features[s.key]
        if view.weighting.shares[s.key] > 0
    }
    reason = (
        st.selectbox(
            "What lowered the score",
            list(labels),
            format_func=labels.__getitem__,
            key="pick.reason",
        )
        if order == "feature"
        else None
    )
    segment = inputs.standing(view.study)
    among = st.selectbox("Among", ["the cohort looked at", *segment], key="pick.among")
    cohort = view.cohort if among not in segment else Cohort.parse(segment[among], among)
    found = view.study.listed(cohort, view.split, view.weighting, order, reason, LISTED)
    if found.is_empty():
        st.markdown(":small[:gray[Nobody there has such a score.]]")
        return
    points = dict(found.iter_rows())
    st.selectbox(
        "Person",
        list(points),
        None,
        format_func=lambda who: (
            f"{named(view, who)} · {points[who]:.0f} points" if who in points else named(view, who)
        ),
        key="pick.person",
        placeholder=f"one of {len(points)}",
        on_change=_take_picked,
        args=(bool(view.study.personal()),),
    )


def _take_picked(personal: bool) -> None:  # noqa: FBT001 - a callback of Streamlit's
    if state.get("pick.person"):
        state["person.picked"], state["person"] = (
            state["pick.person"],
            "" if personal else state["pick.person"],
        )
        state["pick.person"] = None


PERSON = "An id of the population; the page begins with one whom most sources know."


def named(view: View, id: str) -> str:
    """A person as the screen names them: by the id, or by its last places where it says who they
    are."""
    return str(mask(pl.Series([id]))[0]) if view.study.personal() else id


def apart(view: View, id: str) -> str:
    """What tells a person from others in names of files and widgets: the id, or its checksum where
    it says who they are."""
    return hashlib.sha256(id.encode()).hexdigest()[:12] if view.study.personal() else id


def target(points: float, cutoff: float, scale: Scorecard) -> float:
    """How many points should be reached? To begin with, the cutoff, or the next band for whom it
    accepts."""
    low, high, step, _ = scale.ruler
    following = (
        cutoff if points < cutoff else next((edge for edge in scale.bands if edge > points), high)
    )
    return st.number_input(
        "Points to reach", low, high, type(low)(following), step, key="target", width=150
    )


def changes(case: Case, statement: Statement, who: str) -> dict[tuple[str, str], Value]:
    """Other values of a person's features: those that take most and can be changed first."""
    first = sorted(statement.contributions, key=lambda c: (not c.feature.actionable, -c.log_odds))
    now = {(c.source.key, c.feature.name): c for c in first if c.value is not None}
    labels = {key: f"{c.feature.title} · {c.source.label}" for key, c in now.items()}
    state.setdefault(_features(who), list(now)[:3])
    chosen = st.multiselect(
        "Features", list(now), format_func=labels.__getitem__, key=_features(who)
    )
    moved = {key: _other(case.ranges[key], now[key], _value(who, *key)) for key in chosen}
    return {key: value for key, value in moved.items() if value != now[key].value}


def _features(who: str) -> str:
    return f"what.{who}"


def _value(who: str, source: str, feature: str) -> str:
    return f"what.{who}.{source}.{feature}"


def try_ways(found: Raise, who: str) -> None:
    """A button for each way to raise a score, which tries it beside the other values."""
    several = len(found.ways) > 1
    with st.container(horizontal=True, gap="small"):
        for i, option in enumerate(found.ways, 1):
            name = f"Try way {i}" if several else "Try it"
            st.button(
                name,
                key=f"try.{i}",
                help=TRY,
                on_click=_try,
                args=(option, who),
                type="tertiary",
                icon=":material/play_arrow:",
            )


TRY = "Sets these values under What if; all others are as they are."


def _try(option: Option, who: str) -> None:
    """Set the values of one way, and no others."""
    for key in [key for key in state if str(key).startswith(f"{_features(who)}.")]:
        del state[key]
    state[_features(who)] = [(change.source.key, change.feature.name) for change in option.changes]
    for change in option.changes:
        state[_value(who, change.source.key, change.feature.name)] = change.after


def _other(observed: Range, now: Contribution, key: str) -> Value:
    """Another value of a feature, among those observed."""
    label = f"{now.feature.title}{f', {now.feature.unit}' if now.feature.unit else ''}"
    if isinstance(now.value, str):
        return st.selectbox(label, observed.texts, observed.texts.index(now.value), key=key)
    value = now.value or 0.0
    places = stops(observed, value, state.get(key, value))
    low, high = shown(places[0]), shown(places[-1])
    if len(places) == 1:
        st.markdown(f":small[:gray[{markup.plain(label)}: always {low}]]")
        return now.value
    state.setdefault(key, value)
    return float(
        st.select_slider(
            f"{markup.plain(label)} ({low} to {high})", places, format_func=shown, key=key
        )
    )
