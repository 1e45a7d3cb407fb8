"""What is looked at that is not as usual?

A chip for each thing, beside the line on top, that takes it off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from analytics.sources.model import Settings
from analytics.weighing.weighting import MISSING
from pages.shared import inputs, markup, words
from pages.shared.state import state
from pages.shared.view import View

STRESSED = ("stress", "weights")  # the pages that look at people under stress
FIELDS = {
    "rounds": "rounds",
    "patience": "patience",
    "depth": "depth",
    "eta": "learning rate",
    "seed": "seed",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is not as usual.

    What it is, what it means, and what is asked for once it is taken off.
    """

    said: str
    meaning: str
    usual: Mapping[str, object]
    click: str = "Click to take it off."
    icon: str = ":material/close:"


def chips(view: View, page: str) -> list[Chip]:
    """What is not as usual on a page; nothing where all is."""
    found = [
        _steps(view),
        _stress(view, page),
        _settings(view.study.settings),
        _cutoff(view.cutoff, view.scale.ruler[-1]),
        _missing(view.weighting.missing),
    ]
    return [chip for chip in found if chip]


def show(view: View, page: str) -> None:
    """The chips, each a button that takes its thing off."""
    for chip in chips(view, page):
        key = f"unusual.{next(iter(chip.usual))}"
        label, usual = markup.plain(chip.said), dict(chip.usual)
        st.button(
            label,
            key=key,
            help=f"{chip.meaning} {chip.click}",
            on_click=inputs.move,
            kwargs=usual,
            icon=chip.icon,
        )


def _steps(view: View) -> Chip | None:
    asked = state.get("cohort.asked")
    if asked in (None, view.cohort.text):
        return None
    read = words.named(replace(view.cohort, name=""), view.catalog)
    usual = {"cohort": view.cohort.text}
    return Chip(
        f"read at the nearest step: {read}",
        STEPS,
        usual,
        "Click to write it so.",
        ":material/straighten:",
    )


STEPS = (
    "So that no two cohorts differ by a few people, a page cuts a column only where many people"
    " stand on either side. The command line cuts anywhere."
)


def _stress(view: View, page: str) -> Chip | None:
    if not view.stress:
        return None
    told = "; ".join(
        f"{s.label.lower()} of {view.labels[s.source]} {s.share:.0%}" for s in view.stress
    )
    return Chip(
        f"stress{'' if page in STRESSED else ', not on this page'}: {told}", STRESS, {"stress": ""}
    )


STRESS = (
    "The pages Stress and Lab look at people under this stress; all others at people as they are."
)


def _settings(settings: Settings) -> Chip | None:
    if settings == Settings():
        return None
    return Chip(
        f"other models: {changed(settings)}",
        "Models are fitted otherwise than usual.",
        {"settings": ""},
    )


def changed(settings: Settings) -> str:
    """What of the settings is not as usual."""
    return ", ".join(
        f"{FIELDS[n]} {v:g}"
        for n in FIELDS
        if (v := getattr(settings, n)) != getattr(Settings(), n)
    )


def _cutoff(cutoff: float, usual: float) -> Chip | None:
    return (
        None
        if cutoff == usual
        else Chip(f"cutoff {cutoff:g} points", f"Usual is {usual:g}.", {"cutoff": usual})
    )


def _missing(missing: str) -> Chip | None:
    return (
        None
        if missing == MISSING[0]
        else Chip(
            f"an absent source: {inputs.POLICIES[missing]}",
            f"{inputs.ABSENT} Usually it {inputs.POLICIES[MISSING[0]]}.",
            {"missing": MISSING[0]},
        )
    )
