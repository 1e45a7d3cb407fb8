"""What does the reader ask for in the weights lab?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analytics.data.refusal import Refusal
from analytics.metrics import METRICS, shown
from analytics.stress.kind import Stress
from analytics.stress.stress import parse, text
from analytics.study.models import LEARNED
from analytics.study.question import Question
from analytics.weighing.frontier import Wish
from analytics.weighing.scenario import Scenario, open_scenario
from analytics.weighing.weighting import MISSING, Weighting
from pages.parts.weights import sentences
from pages.parts.weights.slider_board import Slide, board
from pages.shared import inputs, layout, markup, words
from pages.shared.download import file_name
from pages.shared.inputs import ABSENT, FLOOR, POLICIES, again, move, take_cohort, take_weights
from pages.shared.markup import Part
from pages.shared.state import state
from pages.shared.view import EQUAL, View, presets


def missing(view: View) -> None:
    """The missing policy once more, beside the weights."""
    state["missing.again"] = view.weighting.missing
    st.selectbox(
        "An absent source",
        MISSING,
        format_func=POLICIES.__getitem__,
        key="missing.again",
        on_change=again,
        args=("missing",),
        help=ABSENT,
    )


def picture() -> str:
    """Which picture of the weights?"""
    return st.segmented_control(
        "Picture",
        PICTURES,
        default=PICTURES[0],
        key="picture",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )


PICTURES = ("Frontier", "One weight", "Swap set", "Who gains")


def provenance(view: View) -> None:
    """How we know a bureau's weights, while they are used unchanged."""
    bureau = next((b for b in view.catalog.bureaus if b.weighting == view.name), None)
    if bureau is not None:
        st.markdown(":small[:gray[unofficial]]", help=bureau.provenance, width="content")


@dataclass(frozen=True, slots=True)
class Against:
    """The weighting to compare with, its name, and the stress it is under."""

    name: str
    weighting: Weighting
    stress: tuple[Stress, ...] = ()

    def question(self, view: View) -> Question:
        """What is asked of A beside it."""
        return replace(view.question, reference=self.weighting, stress=self.stress)


def against_weighting(view: View) -> Against:
    """Which weighting is B? One of the ready ones, equal weights to begin with.

    As it stands, before it is asked for on the page.
    """
    ready, name = _rivals(view), state.get("b", st.query_params.get("b", EQUAL))
    name = name if name in ready else EQUAL
    return Against(name, ready[name](), view.stress if name == UNDER else ())


def ask_against(view: View) -> None:
    """The choice of B."""
    st.selectbox(
        "B",
        list(_rivals(view)),
        key="b",
        bind="query-params",
        label_visibility="collapsed",
        width=200,
    )


def _rivals(view: View) -> dict[str, Callable[[], Weighting]]:
    floor, missing = view.weighting.floor, view.weighting.missing
    ready = {
        name: partial(replace, w, floor=floor, missing=missing)
        for name, w in presets(view.catalog).items()
    }
    strained = {UNDER: lambda: view.weighting} if view.stress else {}
    return {
        EQUAL: lambda: view.reference,
        LEARNED: partial(view.study.learned, floor, missing),
        **strained,
        **ready,
    }


UNDER = "A under stress"


def weights(view: View) -> None:
    """A slider per source, beside its colour, its share of the weight and the share of people it
    knows; and the floor once more.
    """
    stand = standing(view)
    sources, locked = zip(view.catalog.keys, view.parts, view.hits, strict=True), held(view, "")
    slides = [
        *(
            _of_source(key, part, hit, stand[key], locked=key in locked)
            for key, part, hit in sources
        ),
        _floor(stand[FLOOR_KEY]),
    ]
    board(slides, "board", partial(_move, view), shares=not locked)


FLOOR_KEY, FLOOR_STEP = "", 5


def standing(view: View) -> dict[str, int]:
    """Where each slider stands, by source, and the floor last.

    Weights that are no whole numbers up to 100 are shown as shares, floors rounded to steps.
    """
    written = dict(view.weighting.weights)
    fits = max(written.values()) <= 100 and all(w == round(w) for w in written.values())
    shown = written if fits else {key: 100 * share for key, share in view.weighting.shares.items()}
    return {key: round(weight) for key, weight in shown.items()} | {
        FLOOR_KEY: FLOOR_STEP * round(100 * view.weighting.floor / FLOOR_STEP)
    }


def _of_source(key: str, part: Part, hit: float, value: int, *, locked: bool) -> Slide:
    stays = "; its share is held while others move" if locked else ""
    hint = f"{part.label}: knows {hit:.0%} of people{stays}"
    named, share = f"Weight of {part.label}", f"{part.share:.0%}"
    return Slide(
        key, part.label, named, value, share, hint, part.colour, hit, part.ground, locked=locked
    )


def _floor(value: int) -> Slide:
    return Slide(FLOOR_KEY, "Floor", "Floor", value, "", FLOOR, step=FLOOR_STEP, unit="%")


def _move(view: View, values: Mapping[str, int], moved: str) -> None:
    state["eye"] = moved
    move(**asked(inputs.moved(view), values, moved))


def asked(view: View, values: Mapping[str, int], moved: str) -> dict[str, Any]:
    """What the reader asks for who moved a slider so that all stand at these values.

    Others may have been moved since the page heard of it.
    """
    stand = standing(view)
    floor = {"floor": values[FLOOR_KEY]} if values[FLOOR_KEY] != stand[FLOOR_KEY] else {}
    if locked := held(
        view,
        moved,
        # then others move by themselves, of which the browser hears later: only the slider moved
        # counts
    ):
        return (
            floor
            if moved == FLOOR_KEY
            else floor | {"weights": _beside(view, moved, values[moved] / 100, locked)}
        )
    changed = [key for key in view.catalog.keys if values[key] != stand[key]]
    return floor | ({"weights": _written(view, values, changed[0])} if changed else {})


def _beside(view: View, key: str, share: float, locked: tuple[str, ...]) -> str:
    """The weights as shares, as a locked share can only hold then."""
    shares = view.weighting.put(key, share, locked).shares
    return ",".join(f"{key}={100 * share:.2f}" for key, share in shares.items() if share)


def _written(view: View, values: Mapping[str, int], least: str) -> str:
    """The weights as they stand; the last one cannot go to 0: nobody could be scored."""
    weights = {key: values[key] for key in view.catalog.keys}
    weights = weights if any(weights.values()) else weights | {least: 1}
    return ",".join(f"{key}={value}" for key, value in weights.items() if value)


def held(view: View, moved: str) -> tuple[str, ...]:
    """The sources whose share stays while another is moved."""
    return tuple(key for key in state.get("held", []) if key in view.catalog.keys and key != moved)


def hold(view: View) -> None:
    """Which sources keep their share while others are moved?"""
    with st.popover("Hold", type="tertiary"):
        st.multiselect(
            "Hold the shares of",
            list(view.catalog.keys),
            format_func=view.labels.__getitem__,
            key="held",
            help=HOLD,
        )


HOLD = "Moving another slider then takes from, and gives to, only the sources that are not held."


def normalise(view: View) -> None:
    """A button that writes the weights as whole shares that add up to 100."""
    st.button("Normalise", type="tertiary", on_click=take_weights, args=(_hundred(view.weighting),))


def _hundred(weighting: Weighting) -> str:
    """Whole shares of 100, the largest remainders rounded up."""
    shares = {key: 100 * share for key, share in weighting.shares.items()}
    whole = {key: int(share) for key, share in shares.items()}
    short = 100 - sum(whole.values())
    for key in sorted(shares, key=lambda k: whole[k] - shares[k])[:short]:
        whole[key] += 1
    return ",".join(f"{key}={value}" for key, value in whole.items() if value)


def best(view: View) -> None:
    """Best weights such that.

    A wish, and the button that searches for it and takes what it finds.
    """
    with st.popover("Best such that", type="tertiary"):
        st.markdown(
            markup.plain(
                state.get(
                    "best.said",
                    "Searched on the calibration persons, in seconds; then read on the persons"
                    " looked at.",
                )
            )
        )
        with st.form("best", border=False):
            # side by side, so that the button is in sight on a small screen
            wish, price = st.columns(2, gap="small")
            wish.selectbox(
                "Most accurate by",
                shown("search"),
                format_func=lambda name: METRICS[name].label,
                key="best.accuracy",
            )
            st.slider(
                "with coverage of at least", 0, 100, 80, 5, format="%d%%", key="best.coverage"
            )
            if most := sum(s.cost for s in view.catalog):
                price.number_input(
                    f"for a price of at most, {view.catalog.people.currency}",
                    0.0,
                    None,
                    float(most),
                    key="best.price",
                )
            ends = _ends(view)
            rows = {
                "source": [view.labels[key] for key in ends],
                **{name: [e[i] for e in ends.values()] for i, name in enumerate(ENDS)},
            }
            number = st.column_config.NumberColumn(
                min_value=0, max_value=100, format="%g%%", required=True
            )
            st.markdown(":small[:gray[with the share of each source within]]")
            st.data_editor(
                rows,
                key="best.limits",
                disabled=["source"],
                column_config=dict.fromkeys(ENDS, number),
                height=178,
            )
            st.form_submit_button("Find and take", type="primary", on_click=_find, args=(view,))


ENDS = ("at least", "at most")


def _ends(view: View) -> dict[str, tuple[float, float]]:
    """Within what may each source's share lie, in %? Anywhere, until the reader says otherwise.

    A held one stays.
    """
    held = state.get("held", [])
    return {
        key: (share, share) if key in held else (0.0, 100.0)
        for key, share in ((k, round(100 * s, 2)) for k, s in view.weighting.shares.items())
    }


def _limits(view: View) -> dict[str, tuple[float, float]]:
    """The ends with what the reader wrote over them, as shares.

    Those that limit nothing are left out.
    """
    written = state["best.limits"]["edited_rows"] if "best.limits" in state else {}
    ends = {
        key: tuple(written.get(i, {}).get(name, e[j]) / 100 for j, name in enumerate(ENDS))
        for i, (key, e) in enumerate(_ends(view).items())
    }
    return {key: (low, high) for key, (low, high) in ends.items() if (low, high) != (0, 1)}


def _find(view: View) -> None:
    try:
        wish = Wish(
            state["best.accuracy"],
            state["best.coverage"] / 100,
            float(state["best.price"]) if "best.price" in state else float("inf"),
            _limits(view),
        )
        found = view.study.best(wish, view.weighting.floor, view.weighting.missing)
    except Refusal as refusal:
        state["best.said"] = words.sentence(refusal)
        return
    take_weights(percents(found.weighting))
    state["best.said"] = sentences.found(found, wish.accuracy)


def percents(weighting: Weighting) -> str:
    """Weights as shares in percent, for the address."""
    return ",".join(f"{key}={100 * share:.4g}" for key, share in weighting.shares.items() if share)


def scenarios(view: View) -> None:
    """Save the weighting as a scenario, or open one."""
    with st.popover("Scenario", type="tertiary"):
        name = st.text_input("Name", view.name, key="scenario.name")
        keep(Scenario(name, view.weighting, view.cohort, text(view.stress)))
        open_kept(view)


def keep(scenario: Scenario) -> None:
    """A button that saves a scenario."""
    st.download_button(
        "Save as TOML",
        scenario.toml(),
        file_name("scenario", "toml"),
        "application/toml",
        icon=":material/download:",
        on_click="ignore",
    )


def open_kept(view: View) -> None:
    """A file of a scenario, and the button that takes it."""
    given = st.file_uploader("Open a scenario", "toml", key="scenario.file")
    if given is not None:
        kept = open_scenario(view.catalog, given.getvalue().decode("utf-8", "replace"))
        parse(view.catalog, kept.stress)  # refused here rather than once it is taken
        st.button(
            f"Take {markup.plain(kept.name)}", on_click=_take_scenario, args=(kept,), type="primary"
        )


def _take_scenario(kept: Scenario) -> None:
    move(
        weights=kept.weighting.text,
        floor=round(100 * kept.weighting.floor),
        missing=kept.weighting.missing,
        stress=kept.stress,
    )
    take_cohort(kept.cohort)


def accuracy(view: View) -> str:
    """Which accuracy stands upright?"""
    offered = [
        name
        for name in shown("search")
        if name != "profit" or view.catalog.people.gain or view.catalog.people.loss
    ]
    return st.selectbox(
        "Accuracy",
        offered,
        key="accuracy",
        bind="query-params",
        label_visibility="collapsed",
        width=180,
        format_func=lambda name: METRICS[name].label,
    )


def cutoff(view: View) -> None:
    """The cutoff of both weightings once more, in points."""
    low, high, step, _ = view.scale.ruler
    state["cutoff.again"] = type(low)(view.cutoff)
    st.number_input(
        "Cutoff, points",
        low,
        high,
        step=step,
        key="cutoff.again",
        on_change=again,
        args=("cutoff",),
        label_visibility="collapsed",
        width=140,
    )


def take_clicked(
    figure: go.Figure, found: pl.DataFrame, best: Sequence[int], view: View, alt: str
) -> None:
    """The plane; a click on a dot takes its weights."""
    layout.show(
        figure,
        alt,
        key="plane",
        on_select=partial(_take_point, found, best, view),
        selection_mode="points",
    )


def _take_point(found: pl.DataFrame, best: Sequence[int], view: View) -> None:
    points = state["plane"].selection.points
    match points[0].get("customdata") if points else None:
        case [_, int(row), "cloud"]:
            take_weights(percents(_of_row(found, row, view)))
        case [_, int(row), "frontier"]:
            take_weights(percents(_of_row(found, best[row], view)))
        case [str(name), _, "preset"] if name in (ready := presets(view.catalog)):
            take_weights(ready[name].text)


def _of_row(found: pl.DataFrame, row: int, view: View) -> Weighting:
    shares = found.row(row, named=True)
    return replace(
        view.weighting, weights=tuple((key, shares[f"weight.{key}"]) for key in view.catalog.keys)
    )
