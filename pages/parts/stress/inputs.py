"""What does the reader ask for under Stress? Widgets that write the stress, field by field."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.data.catalog.model import Catalog, Source
from analytics.stress import kind
from analytics.stress.kind import Knob, Option, Stress, options
from analytics.stress.kinds import KINDS
from analytics.stress.kinds.fakery import fakeable
from analytics.stress.stress import MOST, text
from analytics.study.stress import RobustWeights
from analytics.weighing.scenario import Scenario
from pages.parts.weights import inputs as weights_inputs
from pages.shared import words
from pages.shared.inputs import move
from pages.shared.state import state
from pages.shared.view import View

FIRST = 0.17  # share of sellers seen to fake in 2013; where a reader begins


def plan(view: View) -> tuple[Stress, ...]:
    """The stresses looked at, the one that can be changed last; one to begin with if none."""
    return view.stress or (_begin(view.catalog),)


def _begin(catalog: Catalog) -> Stress:
    """Fake records of the source whose fakes are known, or can be bought, or else of the first."""
    likely = [*(s for s in catalog if s.fakes), *filter(fakeable, catalog), *catalog]
    return _new("fakery", likely[0], FIRST)


def _new(word: str, source: Source, share: float) -> Stress:
    """A stress as a reader finds it: strong enough to be seen."""
    return KINDS[word](source.key, **{"share": share, **KINDS[word].begins_with})


def choose(view: View) -> None:
    """Which stress, of which source?"""
    last = plan(view)[-1]
    what, whose = st.columns(2, gap="small", wrap=False)
    _stand("stress.kind", last.word)
    what.selectbox(
        "Stress",
        list(KINDS),
        key="stress.kind",
        format_func=lambda word: KINDS[word].label,
        on_change=_turn,
        args=(view,),
        help=last.meaning,
    )
    _stand("stress.source", last.source)
    whose.selectbox(
        "Source",
        list(view.catalog.keys),
        key="stress.source",
        format_func=view.labels.__getitem__,
        on_change=_take_source,
        args=(view,),
    )


def _turn(view: View) -> None:
    """Another stress of the same source."""
    *before, last = plan(view)
    write(
        (*before, _new(state["stress.kind"], view.catalog.source(last.source), last.share or FIRST))
    )


def _take_source(view: View) -> None:
    """The same stress of another source."""
    *before, last = plan(view)
    write((*before, last.for_source(view.catalog.source(state["stress.source"]))))


def _take(view: View, name: str, read: Callable[[Any], Any]) -> None:
    """Take over what the widget of a field says."""
    *before, last = plan(view)
    write((*before, replace(last, **{name: read(state[f"stress.{name}"])})))


def write(stresses: tuple[Stress, ...]) -> None:
    """Look at these stresses, as a callback."""
    move(stress=text(stresses))


def _stand(key: str, value: object) -> None:
    """Let a widget stand at a value.

    It is left alone if it does, as what is set loses what the reader moved meanwhile.

    The browser may not yet have heard of what a run set that another cut short: it is told again.
    """
    if key not in state:
        state["stress.stands"] = False
    if state.get(key) != value or not state["stress.stands"]:
        state[key] = value


def stand() -> None:
    """All widgets have been told where they stand, and no run cut this one short."""
    state["stress.stands"] = True


def knobs(view: View) -> None:
    """A widget for every field of the stress that can be changed."""
    last = plan(view)[-1]
    for option in options(type(last)):
        knob = option.knob
        if knob and knob.shown(last, view.catalog.source(last.source)):
            WIDGETS[type(knob)](view, last, option, knob)
        elif knob and knob.instead:
            st.caption(knob.instead)


def _widget(
    view: View, option: Option, value: object, read: Callable[[Any], Any] = lambda said: said
) -> dict[str, Any]:
    """What every field's widget is given: where it stands, and what is done once it is moved."""
    key = f"stress.{option.name}"
    _stand(key, value)
    return {"key": key, "on_change": _take, "args": (view, option.name, read)}


def _percent(view: View, stress: Stress, option: Option, _: kind.Percent) -> None:
    asked = _widget(
        view, option, round(100 * getattr(stress, option.name)), lambda percent: percent / 100
    )
    st.slider(stress.share_label, 0, 100, format="%d%%", **asked)


def _choice(view: View, stress: Stress, option: Option, knob: kind.Choice) -> None:
    asked = _widget(view, option, getattr(stress, option.name))
    st.segmented_control(
        knob.label,
        list(knob.options),
        format_func=knob.options.__getitem__,
        required=True,
        help=knob.help,
        **asked,
    )


def _switch(view: View, stress: Stress, option: Option, knob: kind.Switch) -> None:
    st.toggle(knob.label, help=knob.help, **_widget(view, option, getattr(stress, option.name)))


def _amount(view: View, stress: Stress, option: Option, knob: kind.Amount) -> None:
    asked = _widget(view, option, float(getattr(stress, option.name)), float)
    st.number_input(
        f"{knob.label}{money(view)}", 0.0, None, step=knob.step, help=knob.help or None, **asked
    )


def money(view: View) -> str:
    """The currency, behind a comma; nothing where the catalog names none."""
    return f", {view.catalog.people.currency}" if view.catalog.people.currency else ""


def _slider(view: View, stress: Stress, option: Option, knob: kind.Slider) -> None:
    value = type(knob.step)(getattr(stress, option.name))
    low, high = min(knob.low, value), max(knob.high, value)
    st.slider(knob.label, low, high, step=knob.step, help=knob.help, **_widget(view, option, value))


def _scale(view: View, stress: Stress, option: Option, knob: kind.Scale) -> None:
    value = getattr(stress, option.name)
    labels = {value: f"{value:g} {knob.unit}", **knob.options}
    asked = _widget(view, option, value, float)
    st.select_slider(
        knob.label, sorted(labels), format_func=labels.__getitem__, help=knob.help, **asked
    )


def _from_people(view: View, stress: Stress, option: Option, knob: kind.FromPeople) -> None:
    """Only where these people have such a column."""
    values = knob.values(view.persons)
    if values is not None:
        value = getattr(stress, option.name)
        asked = _widget(
            view, option, value or knob.anything, lambda said: "" if said == knob.anything else said
        )
        shown = dict.fromkeys([knob.anything, *values, *filter(None, [value])])
        st.selectbox(knob.label, list(shown), format_func=_segment, help=knob.help or None, **asked)


def _segment(said: str) -> str:
    column, _, value = said.partition("=")
    return f"{words.column(column)}: {value}" if value else said


WIDGETS: Mapping[type[Knob], Callable[[View, Stress, Option, Any], None]] = {
    kind.Percent: _percent,
    kind.Choice: _choice,
    kind.Switch: _switch,
    kind.Amount: _amount,
    kind.Slider: _slider,
    kind.Scale: _scale,
    kind.FromPeople: _from_people,
}


def stack(view: View) -> None:
    """One stress upon the other: add one, take the last away, keep them as a scenario."""
    now = plan(view)
    with st.container(horizontal=True, gap="medium"):
        another = _new(
            "consent" if now[-1].word == "fakery" else "fakery", _other(view, now[-1].source), FIRST
        )
        st.button(
            "Add another",
            on_click=write,
            args=((*now, another),),
            type="tertiary",
            icon=":material/add:",
            help=UPON,
            disabled=len(now) >= MOST,
        )
        if len(now) > 1:
            st.button(
                "Drop the last",
                on_click=write,
                args=(now[:-1],),
                type="tertiary",
                icon=":material/remove:",
            )
        with st.popover("Scenario", type="tertiary"):
            name = st.text_input("Name", "Under stress", key="scenario.name")
            weights_inputs.keep(Scenario(name, view.weighting, view.cohort, text(now)))
            weights_inputs.open_kept(view)


UPON = "One stress upon the other: those already there stay, and the new one can be moved."


def _other(view: View, key: str) -> Source:
    """The heaviest other source."""
    shares = {k: share for k, share in view.weighting.shares.items() if k != key} or {key: 1.0}
    return view.catalog.source(max(shares, key=shares.__getitem__))


def picture(stress: Stress) -> str:
    """Which picture of the stress?"""
    shown = ["Curve", "Who is affected", "Weights that hold", *stress.pictures]
    if state.get("toll", shown[0]) not in shown:
        state["toll"] = shown[0]
    return st.segmented_control(
        "Picture",
        shown,
        default=shown[0],
        key="toll",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )


def take_robust(view: View, found: RobustWeights) -> None:
    """A button that takes the weights that hold."""
    st.button(
        "Take these weights",
        type="primary",
        on_click=move,
        kwargs={"weights": found.robust.text},
        disabled=found.robust == view.weighting,
    )
