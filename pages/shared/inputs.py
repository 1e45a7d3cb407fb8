"""What does the reader ask for on every page?

Widgets that return values of the domain, and how parts of a page change them.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from analytics.data.catalog.model import Catalog
from analytics.data.cohort import EVERYONE, Cohort, Condition
from analytics.data.disclosure import TooFew
from analytics.data.refusal import Refusal
from analytics.sources.model import Settings
from analytics.stress import stress as stresses
from analytics.stress.kind import Stress
from analytics.study.study import Study
from analytics.weighing.weighting import MISSING, Weighting, parse
from pages.shared import words
from pages.shared.state import state
from pages.shared.view import OWN, SPLITS, View, named, presets


def keys() -> list[str]:
    """The keys of data sets that this reader has.

    Those brought in this session, and the one that a link names.
    """
    named = (st.query_params.get("data"), state.get("data"), state.get("moved", {}).get("data"))
    return [*state.get("keys", []), *(key for key in named if isinstance(key, str))]


def data_set(names: Mapping[str, Path]) -> Study:
    """Which data? Asked only where there is a choice."""
    if state.get("data") not in names:
        state.pop("data", None)  # moved away since
    chosen = (
        st.selectbox("Data", list(names), key="data", bind="query-params")
        if len(names) > 1
        else next(iter(names))
    )
    state["data.shown"] = chosen
    _settled("data")
    text = st.text_input(
        "Model settings", key="settings", bind="query-params", placeholder="as usual", help=SETTINGS
    )
    _settled("settings")
    return Study.open(names[chosen], Settings.parse(text or ""))


SETTINGS = (
    "How models are fitted, where it is not as usual: depth=4,eta=0.05. The page of models sets it."
)


def weighting(catalog: Catalog) -> Weighting:
    """Which weighting? By the name of a preset, or as text; with floor and missing policy."""
    ready = presets(catalog)
    usual = _usual(ready)
    st.text_input(
        "Weights",
        usual,
        key="weights",
        bind="query-params",
        help="Any numbers of 0 or more: only their shares count.",
    )
    asked = "0" if "floor" in state.get("moved", {}) else st.query_params.get("floor", "0")
    floor = st.slider(
        "Floor: least known weight to be scored",
        0,
        100,
        FLOOR_AT,
        5,
        format="%d%%",
        key="floor",
        bind="query-params",
        help=FLOOR,
    )
    missing = st.selectbox(
        "An absent source",
        MISSING,
        format_func=POLICIES.__getitem__,
        key="missing",
        help=ABSENT,
        bind="query-params",
    )
    _settled("weights", "floor", "missing")
    if not asked.isdecimal() or len(asked) > 9 or int(asked) > 100:
        raise Refusal(
            f"floor must be a number from 0 to 100, in %, and the link says {asked[:20]!r}; it now"
            f" stands at {floor}%"
        )
    return parse(catalog, state["weights"] or usual, floor / 100, missing)


def _usual(ready: Mapping[str, Weighting]) -> str:
    """The weights that a first visit shows."""
    return next(iter(ready.values())).text


FLOOR_AT = 40  # %, until the reader says otherwise
FLOOR = (
    "Reach is the share of the weight whose sources know a person. Whoever reaches the floor is"
    " scored; at 0% any one source is enough."
)
ABSENT = (
    "What a source counts for that does not know a person. It says nothing: its weight adds no"
    " evidence. The others speak for it: their evidence is divided by the reach, the share of the"
    " weight whose sources know the person."
)
POLICIES = {"neutral": "says nothing", "renormalise": "the others speak for it"}


def move(**values: object) -> None:
    """Change what the frame asks for, as a callback.

    Part of a page may go on with it at once, the frame and the address follow at the next whole
    run.
    """
    state["moved"] = {**state.get("moved", {}), **values}
    state["moved_from"] = {**state.get("moved_from", {}), **{key: state.get(key) for key in values}}
    state["moved_at"] = time.monotonic()


def settle(page: str) -> None:
    """Hand what was moved to the widgets of the frame; before they are drawn."""
    _keep(page)
    for key, value in state.get("moved", {}).items():
        state[key] = value


def _keep(page: str) -> None:
    """Keep what the page gave the widgets of the frame, where a browser that turns the page has not
    yet heard of it.

    It then sends the former values along with its click, as if the reader had set them.
    """
    turned = state.get("kept.page", page) != page
    state["kept.page"] = page
    given = state.get("given", {})
    for key, (value, former) in given.items():
        if turned and key in state and state[key] == former:
            state[key] = value
    state["given"] = {key: pair for key, pair in given.items() if state.get(key) == pair[0]}


def carry(page: str) -> None:
    """Keep what the frame asks for while a page is read that does not draw it.

    What is not drawn is forgotten.
    """
    _keep(page)
    move(**{key: state[key] for key in FRAME if key in state and key not in state.get("moved", {})})


FRAME = (
    "data",
    "settings",
    "weights",
    "floor",
    "missing",
    "cohort",
    "cohort_name",
    "split",
    "stress",
    "cutoff",
)


def _settled(*keys: str) -> None:
    """These are drawn.

    Now, and not before, as a run may be cut short by the next, what was moved is theirs.
    """
    moved, former = state.pop("moved", {}), state.get("moved_from", {})
    given = {key: (moved[key], former.get(key)) for key in keys if key in moved}
    state["given"] = {**state.get("given", {}), **given}
    left = {key: value for key, value in moved.items() if key not in keys}
    if left:
        state["moved"] = left


def moved(view: View) -> View:
    """The view with what was moved since the frame was drawn."""
    return with_moved(view, state.get("moved", {}))


def with_moved(view: View, values: Mapping[str, Any]) -> View:
    """The view once these values are moved."""
    asked = {
        "weights": view.weighting.text,
        "floor": round(100 * view.weighting.floor),
        "missing": view.weighting.missing,
        **values,
    }
    weighting = parse(view.catalog, asked["weights"], asked["floor"] / 100, asked["missing"])
    stress = stresses.parse(view.catalog, asked["stress"]) if "stress" in asked else view.stress
    at = asked.get("cutoff", view.cutoff)
    return replace(
        view, weighting=weighting, stress=stress, cutoff=view.scale.ruler[-1] if at is None else at
    )


def elsewhere() -> bool:
    """Was something moved that only the whole page can show?"""
    return not set(state.get("moved", {})) <= {"weights", "floor", "missing", "stress", "cutoff"}


def unsettled(*, rest: float = 0.0) -> bool:
    """Was anything moved since the frame was drawn, and nothing in the last `rest` seconds?"""
    return "moved" in state and time.monotonic() - state["moved_at"] >= rest


def stress(catalog: Catalog) -> tuple[Stress, ...]:
    """What goes wrong? As text.

    The pages on weights look at it, all others at the people as they are.
    """
    text = st.text_input(
        "Stress", key="stress", bind="query-params", placeholder="none", help=STRESS
    )
    _settled("stress")
    return stresses.parse(catalog, text or "")


STRESS = (
    "What goes wrong, as in: fakery ecommerce share=0.17; consent device share=0.3. The page of"
    " stresses sets it; only it and the lab look at it."
)


def cutoff(data: Study) -> float:
    """From how many points are people accepted? One value for all pages.

    Other data begin with the first cutoff of their own scale.
    """
    low, high, step, first = data.scale().ruler
    stands, same = state.get("cutoff", first), state.get("cutoff.of", data.path) == data.path
    if not same or not isinstance(stands, int | float) or not low <= stands <= high:
        state["cutoff"] = first
    elif type(stands) is not type(low):
        state["cutoff"] = type(low)(stands)
    state["cutoff.of"] = data.path
    at: float = st.slider(
        "Cutoff, points", low, high, first, step, key="cutoff", bind="query-params", help=ACCEPTED
    )
    _settled("cutoff")
    return at


ACCEPTED = (
    "Who has these points or more is accepted: on the Overview, under stress, in the swap set and"
    " for a person."
)


def again(key: str) -> None:
    """Take over what the second widget of a value says, as its callback."""
    move(**{key: state[f"{key}.again"]})


def preset_of(catalog: Catalog, text: str | None = None, key: str = "preset") -> None:
    """A choice among the ready weightings that fills the weights in.

    `text` are the weights as they stand.
    """
    ready = presets(catalog)
    try:
        state[key] = named(
            catalog,
            parse(
                catalog,
                text or state.get("weights", st.query_params.get("weights")) or _usual(ready),
            ),
        )
    except Refusal:
        state[key] = OWN
    options = [*ready, *([OWN] if state[key] == OWN else [])]
    st.selectbox(
        "Weighting",
        options,
        key=key,
        on_change=_take_preset,
        args=(catalog, key),
        label_visibility="visible" if key == "preset" else "collapsed",
    )


def _take_preset(catalog: Catalog, key: str) -> None:
    if state[key] in (ready := presets(catalog)):
        state["chosen"] = state[key]
        take_weights(ready[state[key]].text)


def take_weights(text: str) -> None:
    """Fill weights in, as a button's callback."""
    move(weights=text)


def standing(data: Study) -> dict[str, str]:
    """Cohorts that stand ready, by name: everyone, and each value of each segment."""
    segments = data.catalog().people.segments
    return {
        "Everyone": "",
        **{
            f"{words.column(c)}: {v}": str(Condition(c, "==", v))
            for c in segments
            for v in data.common(c)
        },
    }


def cohort(data: Study) -> Cohort:
    """Which people? As conditions, with a name; the segments stand ready.

    What cannot be read is said, and the cohort stays the one looked at before; a link that
    begins with such a cohort shows nothing.
    """
    ready = standing(data)
    state["ready"] = next(
        (name for name, text in ready.items() if text == (state.get("cohort") or "")), OTHER
    )
    st.selectbox(
        "Cohort",
        [*ready, *([OTHER] if state["ready"] == OTHER else [])],
        key="ready",
        on_change=_take_ready,
        args=(ready,),
    )
    st.text_input(
        "Conditions",
        key="cohort",
        bind="query-params",
        placeholder=data.condition_example(),
        help=CONDITIONS,
    )
    st.text_input(
        "Name of the cohort",
        key="cohort_name",
        bind="query-params",
        placeholder="as its conditions",
    )
    _settled("cohort", "cohort_name")
    name = (state["cohort_name"] or "").strip()
    state["cohort.refused"] = state["cohort.asked"] = None
    try:
        chosen = Cohort.parse(state["cohort"] or "", name)
        with suppress(TooFew):  # the page says so, in its place
            asked, chosen = chosen, data.at_steps(chosen)
            state["cohort.asked"] = asked.text
            data.rows(chosen)
    except Refusal as refusal:
        of, before = state.get("cohort.kept", (None, EVERYONE))
        if of != data:
            raise
        state["cohort.refused"] = words.sentence(refusal), before.name
        return before
    kept: Cohort = replace(chosen, name=words.named(chosen, data.catalog()))
    state["cohort.kept"] = data, kept
    return kept


CONDITIONS = (
    "Comparisons of columns with values, joined by and, or, not and brackets. The page of cohorts"
    " builds them by choosing. A threshold moves to the nearest step that has many people on either"
    " side."
)


OTHER = "As written below"


def _take_ready(ready: dict[str, str]) -> None:
    if state["ready"] in ready:
        take_cohort(
            Cohort.parse(
                ready[state["ready"]], "" if state["ready"] == "Everyone" else state["ready"]
            )
        )


def take_cohort(cohort: Cohort) -> None:
    """Look at this cohort, as a button's callback."""
    move(
        cohort=cohort.text,
        cohort_name="" if cohort.name in (cohort.text, EVERYONE.name) else cohort.name,
    )


def split(*, has_months: bool) -> str:
    """Which persons are read? Test persons, or the latest months where there is a time column."""
    chosen = (
        st.selectbox("Read", list(SPLITS), key="split", bind="query-params", help=UNTAUGHT)
        if has_months
        else "test"
    )
    _settled("split")
    return chosen


UNTAUGHT = "Nobody here is read by a model or a calibration that learned from them."


def everyone() -> None:
    """Buttons that go back to all people, and to the test persons where others are read."""
    st.button(
        "Look at everyone", on_click=take_cohort, args=(EVERYONE,), icon=":material/zoom_out_map:"
    )
    if state.get("split", "test") != "test":
        st.button("Read the test persons", on_click=move, kwargs={"split": "test"})


def start_over() -> None:
    """A button that forgets weights, cohort and floor, whatever a link said."""
    st.button("Start over", on_click=_forget, icon=":material/restart_alt:")


def _forget() -> None:
    take_cohort(EVERYONE)
    # Written, not dropped: what is dropped would come back from the address.
    # No cutoff: the first one of the scale, which is known once the data are.
    move(weights="", floor=FLOOR_AT, missing=MISSING[0], settings="", stress="", cutoff=None)
    state["person"] = ""
