"""What does the reader ask for on the page of stresses? Widgets that write the stress looked at, one field of it each."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from analytics.data.catalog.model import Catalog, Source
from analytics.stress.fakery import Fakery
from analytics.stress.ground import Stress
from analytics.stress.stress import KINDS, MOST, kind, text
from analytics.study.stress import Held
from analytics.weighing.scenario import Scenario
from pages.parts.weights import inputs as weights_inputs
from pages.shared import words
from pages.shared.inputs import move
from pages.shared.state import state
from pages.shared.view import View

ANY, ANYONE = "any time", "everybody"
READ: Mapping[str, Callable[[Any], object]] = {
    "share": lambda percent: percent / 100,
    "budget": float,
    "odds": float,
    "month": lambda said: "" if said == ANY else said,
    "among": lambda said: "" if said == ANYONE else said,
}
NAMES = {"fakery": "Fakery", "consent": "Consent", "outage": "Outage", "late": "Late", "match": "Match", "drift": "Drift"}
FIRST = 0.17  # share of sellers seen to fake in 2013; where a reader begins


def plan(view: View) -> tuple[Stress, ...]:
    """The stresses looked at, the one that can be changed last; a first one where the address names none."""
    return view.stress or (_begin(view.catalog),)


def _begin(catalog: Catalog) -> Stress:
    """Fake records of the source whose fakes are known, or can be bought; of the first source where neither is said."""
    likely = [*(s for s in catalog if s.fakes), *filter(fakeable, catalog), *catalog]
    return _new("fakery", likely[0], FIRST)


def fakeable(source: Source) -> bool:
    """Does the catalog say that anything of it can be bought?"""
    return any(f.fakeable for f in source.features)


def _new(word: str, source: Source, share: float) -> Stress:
    """A stress as a reader finds it: strong enough to be seen."""
    usual: dict[str, dict[str, Any]] = {
        "fakery": {"how": "readings"},
        "consent": {"odds": 2.0},
        "outage": {"share": 1.0},
        "late": {"share": 1.0},
        "drift": {"share": 1.0, "shift": 0.5},
    }
    stress: Stress = KINDS[word](source.key, **{"share": share, **usual.get(word, {})})
    return stress


def choose(view: View) -> None:
    """Which stress, of which source?"""
    last = plan(view)[-1]
    what, whose = st.columns(2, gap="small", wrap=False)
    _stand("stress.kind", kind(last))
    what.selectbox("Stress", list(NAMES), key="stress.kind", format_func=NAMES.__getitem__, on_change=_turn, args=(view,), help=WHAT[kind(last)])
    _stand("stress.source", last.source)
    whose.selectbox("Source", list(view.catalog.keys), key="stress.source", format_func=view.labels.__getitem__, on_change=_move, args=(view, "source"))


WHAT = {
    "fakery": "Records are made to look better than the people are: orders bought and refunded, transfers sent round.",
    "consent": "People withdraw their consent, and the source may not be asked about them.",
    "outage": "The source answers nobody, or not for a while.",
    "late": "Its records arrive some days late, and decisions are taken without them.",
    "match": "People are joined to the record of somebody else.",
    "drift": "What it says is moved: another unit, another definition, another kind of customer.",
}


def _turn(view: View) -> None:
    """Another stress of the same source."""
    before, last = plan(view)[:-1], plan(view)[-1]
    write((*before, _new(state["stress.kind"], view.catalog.source(last.source), last.share or FIRST)))


def _stand(key: str, value: object) -> None:
    """Let a widget stand at a value; left alone if it does, as what is set loses what the reader moved meanwhile.

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
    for field in fields(last):  # type: ignore[arg-type]
        if field.name in KNOBS:
            KNOBS[field.name](view, last)


def _move(view: View, name: str) -> None:
    """Take over what the widget of a field says."""
    before, last = plan(view)[:-1], plan(view)[-1]
    said = state[f"stress.{name}"]
    changed = replace(last, **{name: READ[name](said) if name in READ else said})  # type: ignore[type-var]
    if isinstance(changed, Fakery) and name == "source" and not fakeable(view.catalog.source(said)):
        changed = replace(changed, how="readings")
    write((*before, changed))


def write(stresses: tuple[Stress, ...]) -> None:
    """Look at these stresses, as a callback."""
    move(stress=text(stresses))


def _share(view: View, stress: Stress) -> None:
    _stand("stress.share", round(100 * stress.share))
    st.slider(words_of_share(stress), 0, 100, key="stress.share", format="%d%%", on_change=_move, args=(view, "share"))


def words_of_share(stress: Stress) -> str:
    """Of whom is the share?"""
    if isinstance(stress, Fakery):
        return {"bad": "Share of its bad payers who fake", "all": "Share of its people who fake", "gain": "Share of its people, who gain most first"}[
            stress.who
        ]
    return SHARES[kind(stress)]


SHARES = {
    "consent": "Share of its people who withdraw",
    "outage": "Share of its people for whom it is dark",
    "late": "Share of its records that come late",
    "match": "Share of its people joined to another's record",
    "drift": "Share of its records that drift",
}


def _options(name: str, label: str, options: Mapping[str, str], meaning: str) -> Callable[[View, Stress], None]:
    """A choice of few."""

    def ask(view: View, stress: Stress) -> None:
        key = f"stress.{name}"
        _stand(key, getattr(stress, name))
        st.segmented_control(label, list(options), key=key, format_func=options.__getitem__, required=True, on_change=_move, args=(view, name), help=meaning)

    return ask


def _how(view: View, stress: Stress) -> None:
    """Features only where the catalog prices any."""
    if fakeable(view.catalog.source(stress.source)):
        _options("how", "What is faked", {"features": "features, at a price", "readings": "whole readings"}, HOW)(view, stress)
    else:
        st.caption(f"Whole readings are faked: the catalog names nothing of this source that can be bought. {REMEDY}")


HOW = (
    "Features: only what the catalog calls fakeable, only towards the safe side, as far as good payers go, within the budget; the model re-reads the record. "
    "Whole readings: a faker's reading is that of a payer drawn at random."
)
REMEDY = "Say fakeable = true and a price per unit under [sources.features.…] to have its features faked."


def _budget(view: View, stress: Stress) -> None:
    if getattr(stress, "how", "") != "features":
        return
    _stand("stress.budget", float(stress.budget))  # type: ignore[attr-defined]
    st.number_input(f"Budget of a person{money(view)}", 0.0, None, step=100.0, key="stress.budget", on_change=_move, args=(view, "budget"))


def money(view: View) -> str:
    """The currency, behind a comma; nothing where the catalog names none."""
    return f", {view.catalog.people.currency}" if view.catalog.people.currency else ""


def _flag(name: str, label: str, meaning: str, *, there: Callable[[Source], bool] = lambda _: True) -> Callable[[View, Stress], None]:
    def ask(view: View, stress: Stress) -> None:
        if there(view.catalog.source(stress.source)):
            _stand(f"stress.{name}", getattr(stress, name))
            st.toggle(label, key=f"stress.{name}", on_change=_move, args=(view, name), help=meaning)

    return ask


TRUST = "A model of the signs of fake records, learned from known fakes, says how far each record is believed; what the source says is multiplied by it."
TELLS = "Never used unless you switch it on, to see what it would have bought: consent is free only if refusing it does no harm."


def _odds(view: View, stress: Stress) -> None:
    scale = ODDS if stress.odds in ODDS else {**ODDS, stress.odds: f"{stress.odds:g} times"}  # type: ignore[attr-defined]
    _stand("stress.odds", stress.odds)  # type: ignore[attr-defined]
    st.select_slider("Who withdraws", sorted(scale), key="stress.odds", format_func=scale.__getitem__, on_change=_move, args=(view, "odds"), help=WHO)


ODDS = {
    0.125: "privacy-minded: payers, ÷8",
    0.25: "payers, ÷4",
    0.5: "payers, ÷2",
    1.0: "at random",
    2.0: "adverse: ×2",
    4.0: "adverse: ×4",
    8.0: "adverse: ×8",
}
WHO = "By how much the odds to withdraw of people who default differ from those of people who pay."


def _among(view: View, stress: Stress) -> None:
    people = view.catalog.people
    known = [f"{column}={value}" for column in people.groups for value in view.persons.people[column].unique().sort()]
    if known:
        _stand("stress.among", stress.among or ANYONE)  # type: ignore[attr-defined]
        options = dict.fromkeys([ANYONE, *known, *filter(None, [stress.among])])  # type: ignore[attr-defined]
        st.selectbox("Among", list(options), key="stress.among", format_func=_segment, on_change=_move, args=(view, "among"))


def _segment(said: str) -> str:
    column, _, value = said.partition("=")
    return f"{words.column(column)}: {value}" if value else said


def _month(view: View, stress: Stress) -> None:
    if "month" in view.persons.people.columns:
        months = [m.strftime("%Y-%m") for m in view.persons.people["month"].unique().sort()]
        _stand("stress.month", stress.month or ANY)  # type: ignore[attr-defined]
        options = dict.fromkeys([ANY, *months, *filter(None, [stress.month])])  # type: ignore[attr-defined]
        st.selectbox("Applications of", list(options), key="stress.month", on_change=_move, args=(view, "month"))


def _number(name: str, label: str, low: float, high: float, step: float, meaning: str) -> Callable[[View, Stress], None]:
    def ask(view: View, stress: Stress) -> None:
        value = type(step)(getattr(stress, name))
        _stand(f"stress.{name}", value)
        st.slider(label, min(low, value), max(high, value), step=step, key=f"stress.{name}", on_change=_move, args=(view, name), help=meaning)

    return ask


KNOBS: Mapping[str, Callable[[View, Any], None]] = {
    "share": _share,
    "who": _options("who", "Who fakes", {"bad": "bad payers", "all": "anybody", "gain": "who gains most"}, "Bad payers: those who will default."),
    "how": _how,
    "budget": _budget,
    "trust": _flag("trust", "Use the detector of fake records", TRUST, there=lambda source: source.fakes is not None),
    "odds": _odds,
    "among": _among,
    "tells": _flag("tells", "Count a refusal as a sign", TELLS),
    "month": _month,
    "fallback": _options(
        "fallback",
        "Meanwhile",
        {"weighed": "score without it", "refuse": "score nobody it knew"},
        "Without it: an absent source as the weighting has it, silent or spoken for by the others.",
    ),
    "days": _number(
        "days", "Days late", 0, 180, 5, "Of records with a date. Where a source has one record a person, whoever applied in the last whole months."
    ),
    "shift": _number("shift", "Shift, log-odds", -2.0, 2.0, 0.1, "Added to what the source says; above 0 everybody looks riskier to it."),
    "scale": _number(
        "scale", "Scale", 0.0, 2.0, 0.1, "What the source says is multiplied by this: below 1 it speaks more softly, at 0 it says the same of everybody."
    ),
}


def stack(view: View) -> None:
    """One stress upon the other: add one, take the last away, keep them as a scenario."""
    now = plan(view)
    with st.container(horizontal=True, gap="medium"):
        another = _new("consent" if kind(now[-1]) == "fakery" else "fakery", _other(view, now[-1].source), FIRST)
        st.button("Add another", on_click=write, args=((*now, another),), type="tertiary", icon=":material/add:", help=UPON, disabled=len(now) >= MOST)
        if len(now) > 1:
            st.button("Drop the last", on_click=write, args=(now[:-1],), type="tertiary", icon=":material/remove:")
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
    options = ["Curve", "Who is affected", "Weights that hold", *EXTRA.get(kind(stress), ())]
    if state.get("toll", options[0]) not in options:
        state["toll"] = options[0]
    return st.segmented_control("Picture", options, default=options[0], key="toll", bind="query-params", required=True, label_visibility="collapsed")


EXTRA = {"fakery": ("Theory", "Detector"), "consent": ("Refusal",), "outage": ("Fallbacks",), "match": ("Theory",), "drift": ("Alarm",), "late": ("Alarm",)}


def take_hold(view: View, found: "Held") -> None:
    """A button that takes the weights that hold."""
    st.button("Take these weights", type="primary", on_click=move, kwargs={"weights": found.firm.text}, disabled=found.firm == view.weighting)
