"""What does the reader ask for? Widgets that return values of the domain; the only file that reads session state."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analytics.charts.look import colour
from analytics.data.catalog import Catalog
from analytics.data.cohort import EVERYONE, Cohort, Condition
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.weighing.frontier import Wish
from analytics.weighing.groups import persons_known
from analytics.weighing.readings import Calibration, TooFew, enough
from analytics.weighing.scenario import Scenario, open_scenario
from analytics.weighing.weighting import MISSING, Weighting, equal, parse, preset, weigh_as
from pages.shared import cached, layout, markup, words
from pages.shared.cached import Data
from pages.shared.download import file_name

SPLITS = {"test": "test persons", "out_of_time": "latest months"}
POLICIES = {"neutral": "says nothing", "renormalise": "the others speak for it"}
EQUAL, OWN = "Equal weights", "Own weights"
state = st.session_state  # noqa: TID251


@dataclass(frozen=True, slots=True)
class View:
    """What is being looked at: data, cohort, weighting and the persons read. Pages get it whole."""

    data: Data
    cohort: Cohort
    weighting: Weighting
    split: str

    @property
    def catalog(self) -> Catalog:
        """The catalog of the data."""
        return cached.catalog(self.data)

    @property
    def fitted(self) -> Fitted:
        """The population and what its sources say."""
        return cached.fitted(self.data)

    @property
    def persons(self) -> Evidence:
        """The evidence of the persons read."""
        return cached.persons(self.data, self.cohort, (self.split,))

    @property
    def reference(self) -> Weighting:
        """Equal weights under the same floor and policy."""
        return equal(self.catalog, self.weighting.floor, self.weighting.missing)

    @property
    def hits(self) -> list[float]:
        """The share of the persons read that each source knows, in catalog order."""
        return [float(n) for n in persons_known(self.persons) / max(len(self.persons), 1)]

    @property
    def calibration(self) -> Calibration:
        """Evidence to log-odds under this weighting."""
        return cached.calibration(self.data, self.weighting)

    @property
    def parts(self) -> list[markup.Part]:
        """The weighting as shares in the sources' colours."""
        return [markup.Part(s.label, self.weighting.shares[s.key], c) for s, c in zip(self.catalog, self.colours.values(), strict=True)]

    @property
    def colours(self) -> dict[str, str]:
        """The colour of each source."""
        return {key: colour(i) for i, key in enumerate(self.catalog.keys)}

    @property
    def labels(self) -> dict[str, str]:
        """The label of each source."""
        return {s.key: s.label for s in self.catalog}

    @property
    def name(self) -> str:
        """What the weighting is called: a bureau's weights, equal weights, or the reader's own."""
        return named(self.catalog, self.weighting)


def presets(catalog: Catalog) -> dict[str, Weighting]:
    """Ready weightings by name."""
    return {b.label: preset(catalog, b) for b in catalog.bureaus} | {EQUAL: weigh_as(catalog, dict.fromkeys(catalog.keys, 10.0))}


def named(catalog: Catalog, weighting: Weighting) -> str:
    """The name of a weighting, by its shares; where several bureaus weigh alike, the one chosen last."""
    names = [name for name, ready in presets(catalog).items() if _alike(ready, weighting)]
    chosen = state.get("chosen")
    return chosen if chosen in names else next(iter(names), OWN)


def _alike(a: Weighting, b: Weighting) -> bool:
    return bool(abs(a.vector - b.vector).max() < 1e-9)


def data_set(catalogs: Sequence[Path]) -> Data:
    """Which data? Asked only where there is a choice."""
    names = {path.resolve().parent.name: path for path in catalogs}
    chosen = st.selectbox("Data", list(names), key="data", bind="query-params") if len(names) > 1 else next(iter(names))
    return cached.data(names[chosen])


def weighting(catalog: Catalog) -> Weighting:
    """Which weighting? By the name of a preset, or as text; with floor and missing policy."""
    ready = presets(catalog)
    st.text_input("Weights", next(iter(ready.values())).text, key="weights", bind="query-params", help="Any numbers of 0 or more: only their shares count.")
    asked = st.query_params.get("floor", "0")
    floor = st.slider("Floor: least known weight to be scored", 0, 100, 40, 5, format="%d%%", key="floor", bind="query-params", help=FLOOR)
    missing = st.selectbox("An absent source", MISSING, key="missing", bind="query-params", help=ABSENT)
    _settled("weights", "floor", "missing")
    if not asked.isdecimal() or int(asked) > 100:
        raise Refusal(f"floor must be a number from 0 to 100, in %, and the link says {asked[:20]!r}; it now stands at {floor}%")
    return parse(catalog, state["weights"] or "", floor / 100, missing)


FLOOR = "Reach is the share of the weight whose sources know a person. Whoever reaches the floor is scored; at 0% any one source is enough."
ABSENT = "Neutral: it says nothing, its weight adds no evidence. Renormalise: the others speak for it, their evidence is divided by the reach."


def move(**values: object) -> None:
    """Change what the frame asks for, as a callback: part of a page may go on with it at once, the frame and the address follow at the next whole run."""
    state["moved"] = {**state.get("moved", {}), **values}
    state["moved_at"] = time.monotonic()


def settle() -> None:
    """Hand what was moved to the widgets of the frame; before they are drawn."""
    for key, value in state.get("moved", {}).items():
        state[key] = value


def _settled(*keys: str) -> None:
    """These are drawn: now, and not before, as a run may be cut short by the next, what was moved is theirs."""
    left = {key: value for key, value in state.pop("moved", {}).items() if key not in keys}
    if left:
        state["moved"] = left


def moved(view: View) -> View:
    """The view with what was moved since the frame was drawn."""
    asked = {"weights": view.weighting.text, "floor": round(100 * view.weighting.floor), "missing": view.weighting.missing} | state.get("moved", {})
    return replace(view, weighting=parse(view.catalog, asked["weights"], asked["floor"] / 100, asked["missing"]))


def elsewhere() -> bool:
    """Was something moved that only the whole page can show?"""
    return not set(state.get("moved", {})) <= {"weights", "floor", "missing"}


def unsettled(*, rest: float = 0.0) -> bool:
    """Was anything moved since the frame was drawn, and nothing in the last `rest` seconds?"""
    return "moved" in state and time.monotonic() - state["moved_at"] >= rest


def _again(key: str) -> None:
    move(**{key: state[f"{key}.again"]})


def floor(view: View) -> None:
    """The floor once more, beside the weights."""
    state["floor.again"] = round(100 * view.weighting.floor)
    st.slider("Floor", 0, 100, step=5, format="%d%%", key="floor.again", on_change=_again, args=("floor",), help=FLOOR)


def missing(view: View) -> None:
    """The missing policy once more, beside the weights."""
    state["missing.again"] = view.weighting.missing
    st.selectbox("An absent source", MISSING, format_func=POLICIES.__getitem__, key="missing.again", on_change=_again, args=("missing",), help=ABSENT)


def picture() -> str:
    """Which picture of the weights?"""
    return st.segmented_control("Picture", PICTURES, default=PICTURES[0], key="picture", bind="query-params", required=True, label_visibility="collapsed")


PICTURES = ("Frontier", "One weight", "Swap set", "Who gains")
CUTOFF = 600  # points, where a page asks for none


def preset_of(catalog: Catalog, text: str | None = None, key: str = "preset") -> None:
    """A choice among the ready weightings that fills the weights in; `text` are the weights as they stand."""
    ready = presets(catalog)
    try:
        state[key] = named(catalog, parse(catalog, text or state.get("weights") or next(iter(ready.values())).text))
    except Refusal:
        state[key] = OWN
    options = [*ready, *([OWN] if state[key] == OWN else [])]
    st.selectbox("Weighting", options, key=key, on_change=_take_preset, args=(catalog, key), label_visibility="visible" if key == "preset" else "collapsed")


def provenance(view: View) -> None:
    """How we know a bureau's weights, while they are used unchanged."""
    bureau = next((b for b in view.catalog.bureaus if b.label == view.name), None)
    if bureau is not None:
        st.markdown(":small[:gray[unofficial]]", help=bureau.provenance, width="content")


def _take_preset(catalog: Catalog, key: str) -> None:
    if state[key] in (ready := presets(catalog)):
        state["chosen"] = state[key]
        take_weights(ready[state[key]].text)


@dataclass(frozen=True, slots=True)
class Against:
    """The weighting to compare with, and its name."""

    name: str
    weighting: Weighting


def against_weighting(view: View) -> Against:
    """Which weighting is B? One of the ready ones, equal weights to begin with."""
    floor, missing = view.weighting.floor, view.weighting.missing
    ready = {n: replace(w, floor=floor, missing=missing) for n, w in presets(view.catalog).items()}
    ready = {EQUAL: view.reference, LEARNED: cached.learned(view.data, floor, missing), **ready}
    name = st.selectbox("B", list(ready), key="b", bind="query-params", label_visibility="collapsed", width=200)
    return Against(name, ready[name])


LEARNED = "Learned weights"


def weights(view: View) -> None:
    """A slider per source, beside its colour, its share of the weight and the share of people it knows."""
    written = dict(view.weighting.weights)
    fits = max(written.values()) <= 100 and all(w == round(w) for w in written.values())
    for part, key, hit in zip(view.parts, view.catalog.keys, view.hits, strict=True):
        stands = round(written[key] if fits else 100 * part.share)  # what fits no slider is shown as a share
        if state.get(f"weight.{key}") != stands:  # else left alone: a slider that is set loses what the reader moved meanwhile
            state[f"weight.{key}"] = stands
        name, slide = st.columns([56, 44], wrap=False, vertical_alignment="center", gap="xsmall")
        name.html(markup.row(part.label, part.colour, hit=hit, share=part.share))
        slide.slider(f"Weight of {part.label}", 0, 100, key=f"weight.{key}", on_change=_move, args=(view, key), format="%d", label_visibility="collapsed")


def _move(view: View, moved: str) -> None:
    sliders = {key: state[f"weight.{key}"] for key in view.catalog.keys}
    locked = tuple(key for key in state.get("held", []) if key in sliders and key != moved)
    if locked:  # a locked share can only hold if the sliders are shares
        shares = view.weighting.put(moved, sliders[moved] / 100, locked).shares
        take_weights(",".join(f"{key}={100 * share:.2f}" for key, share in shares.items() if share))
        return
    if not any(sliders.values()):
        sliders[moved] = 1  # the last weight cannot go to 0: nobody could be scored
    take_weights(",".join(f"{key}={value}" for key, value in sliders.items() if value))


def hold(view: View) -> None:
    """Which sources keep their share while others are moved?"""
    with st.popover("Hold", type="tertiary"):
        st.multiselect("Hold the shares of", list(view.catalog.keys), format_func=view.labels.__getitem__, key="held", help=HOLD)


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


def take_weights(text: str) -> None:
    """Fill weights in, as a button's callback."""
    move(weights=text)


def best(view: View) -> None:
    """Best weights such that: a wish, and the button that searches for it and takes what it finds."""
    with st.popover("Best such that", type="tertiary"):
        with st.form("best", border=False):
            st.selectbox("Most accurate by", list(words.ACCURACIES), format_func=lambda name: words.ACCURACIES[name][0], key="best.accuracy")
            st.slider("with coverage of at least", 0, 100, 80, 5, format="%d%%", key="best.coverage")
            if most := sum(s.cost for s in view.catalog):
                st.number_input(f"for a price of at most, {view.catalog.people.currency}", 0.0, None, float(most), key="best.price")
            ends = _ends(view)
            rows = {"source": [view.labels[key] for key in ends], **{name: [e[i] for e in ends.values()] for i, name in enumerate(ENDS)}}
            number = st.column_config.NumberColumn(min_value=0, max_value=100, format="%g%%", required=True)
            st.markdown(":small[:gray[with the share of each source within]]")
            st.data_editor(rows, key="best.limits", disabled=["source"], column_config=dict.fromkeys(ENDS, number), height=178)
            st.form_submit_button("Find and take", type="primary", on_click=_find, args=(view,))
        st.markdown(markup.plain(state.get("best.said", "Searched on the calibration persons, in seconds; then read on the persons looked at.")))


ENDS = ("at least", "at most")


def _ends(view: View) -> dict[str, tuple[float, float]]:
    """Within what may each source's share lie, in %? Anywhere, until the reader says otherwise; a held one stays."""
    held = state.get("held", [])
    return {key: (share, share) if key in held else (0.0, 100.0) for key, share in ((k, round(100 * s, 2)) for k, s in view.weighting.shares.items())}


def _limits(view: View) -> dict[str, tuple[float, float]]:
    """The ends with what the reader wrote over them, as shares; those that limit nothing are left out."""
    written = state["best.limits"]["edited_rows"] if "best.limits" in state else {}
    ends = {key: tuple(written.get(i, {}).get(name, e[j]) / 100 for j, name in enumerate(ENDS)) for i, (key, e) in enumerate(_ends(view).items())}
    return {key: (low, high) for key, (low, high) in ends.items() if (low, high) != (0, 1)}


def _find(view: View) -> None:
    try:
        wish = Wish(state["best.accuracy"], state["best.coverage"] / 100, float(state["best.price"]) if "best.price" in state else float("inf"), _limits(view))
        found = cached.best(view.data, wish, view.weighting.floor, view.weighting.missing)
    except Refusal as refusal:
        state["best.said"] = words.sentence(refusal)
        return
    take_weights(percents(found.weighting))
    state["best.said"] = words.found(found, wish.accuracy)


def percents(weighting: Weighting) -> str:
    """Weights as shares in percent, for the address."""
    return ",".join(f"{key}={100 * share:.4g}" for key, share in weighting.shares.items() if share)


def scenarios(view: View) -> None:
    """Save the weighting as a scenario, or open one."""
    with st.popover("Scenario", type="tertiary"):
        name = st.text_input("Name", view.name, key="scenario.name")
        text = Scenario(name, view.weighting, view.cohort).toml()
        st.download_button("Save as TOML", text, file_name("scenario", "toml"), "application/toml", icon=":material/download:", on_click="ignore")
        given = st.file_uploader("Open a scenario", "toml", key="scenario.file")
        if given is not None:
            kept = open_scenario(view.catalog, given.getvalue().decode("utf-8", "replace"))
            st.button(f"Take {markup.plain(kept.name)}", on_click=_take_scenario, args=(kept,), type="primary")


def _take_scenario(kept: Scenario) -> None:
    move(weights=kept.weighting.text, floor=round(100 * kept.weighting.floor), missing=kept.weighting.missing)
    take_cohort(kept.cohort)


def accuracy(view: View) -> str:
    """Which accuracy stands upright?"""
    offered = [name for name in words.ACCURACIES if name != "profit" or view.catalog.people.gain or view.catalog.people.loss]
    return st.selectbox(
        "Accuracy", offered, key="accuracy", bind="query-params", label_visibility="collapsed", width=180, format_func=lambda name: words.ACCURACIES[name][0]
    )


def swap_cutoff() -> int:
    """The cutoff of both weightings, in points."""
    low, high = int(STANDARD.low), int(STANDARD.high)
    return st.number_input("Cutoff, points", low, high, CUTOFF, 10, key="cutoff_swap", bind="query-params", label_visibility="collapsed", width=140)


def take_clicked(figure: go.Figure, found: pl.DataFrame, best: Sequence[int], view: View, alt: str) -> None:
    """The plane; a click on a dot takes its weights."""
    layout.show(figure, alt, key="plane", on_select=partial(_take_point, found, best, view), selection_mode="points")


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
    return replace(view.weighting, weights=tuple((key, shares[f"weight.{key}"]) for key in view.catalog.keys))


def standing(data: Data) -> dict[str, str]:
    """Cohorts that stand ready, by name: everyone, and each value of each segment."""
    segments = cached.catalog(data).people.segments
    return {"Everyone": "", **{f"{words.column(c)}: {v}": str(Condition(c, "==", v)) for c in segments for v in cached.levels(data, c)}}


def cohort(data: Data) -> Cohort:
    """Which people? As conditions, with a name; the segments stand ready."""
    ready = standing(data)
    state["ready"] = next((name for name, text in ready.items() if text == (state.get("cohort") or "")), OTHER)
    st.selectbox("Cohort", [*ready, *([OTHER] if state["ready"] == OTHER else [])], key="ready", on_change=_take_ready, args=(ready,))
    st.text_input("Conditions", key="cohort", bind="query-params", placeholder="region == 'West' and bureau.late_90_count_24m >= 1")
    st.text_input("Name of the cohort", key="cohort_name", bind="query-params", placeholder="as its conditions")
    _settled("cohort", "cohort_name")
    chosen = Cohort.parse(state["cohort"] or "", (state["cohort_name"] or "").strip())
    return replace(chosen, name=words.named(chosen))


OTHER = "As written below"


def _take_ready(ready: dict[str, str]) -> None:
    if state["ready"] in ready:
        take_cohort(Cohort.parse(ready[state["ready"]], "" if state["ready"] == "Everyone" else state["ready"]))


def take_cohort(cohort: Cohort) -> None:
    """Look at this cohort, as a button's callback."""
    move(cohort=cohort.text, cohort_name="" if cohort.name in (cohort.text, EVERYONE.name) else cohort.name)


def split(*, has_months: bool) -> str:
    """Which persons are read? Test persons, or the latest months where there is a time column."""
    if not has_months:
        return "test"
    return st.selectbox("Read", list(SPLITS), key="split", bind="query-params", help="Nobody here taught a model or a calibration.")


def partners(catalog: Catalog) -> tuple[tuple[str, ...], float]:
    """Which bureaus join, and what share of their people can they match?"""
    labels, ready = {b.key: b.label for b in catalog.bureaus}, {a.label: a.partners for a in catalog.alliances}
    first = next(iter(ready.values()), tuple(labels)[:2])
    if ready:
        state["alliance"] = next((name for name, keys in ready.items() if list(keys) == list(state.get("partners") or first)), CHOSEN)
        st.selectbox("Alliance", [*ready, *([CHOSEN] if state["alliance"] == CHOSEN else [])], key="alliance", on_change=_take_alliance, args=(ready,))
    chosen = st.multiselect("Partners", list(labels), list(first), format_func=labels.__getitem__, key="partners", bind="query-params")
    match = st.slider("Identity match", 0, 100, 100, 5, format="%d%%", key="match", bind="query-params", help=MATCH)
    if len(chosen) < 2:
        raise Refusal("an alliance needs two partners or more; choose another one")
    return tuple(chosen), match / 100


CHOSEN = "As chosen below"
MATCH = "The share of people whose records the partners can join. The others are seen by the first partner alone."


def _take_alliance(ready: dict[str, tuple[str, ...]]) -> None:
    if state["alliance"] in ready:
        state["partners"] = list(ready[state["alliance"]])


def person(view: View) -> str:
    """One person by id; the page begins with an example."""
    typed = st.text_input(
        "Person", cached.example(view.data), key="person", bind="query-params", help="An id of the population; the page begins with one whom most sources know."
    )
    ids = cached.seen(view.data, (view.catalog.bureaus[0].key,)).people["person"].cast(pl.String)
    if not (ids == typed.strip()).any():
        raise Refusal(f"no person {typed!r} among those who taught no model; look for another id")
    return typed.strip()


BASES = {"learned": "learned weights", "looked at": "the weights looked at"}


def basis(view: View) -> Weighting:
    """Under which proportions are sources valued?"""
    words = {name: f"under {long}" for name, long in BASES.items()}
    chosen = st.segmented_control("Valued", list(BASES), default="learned", format_func=words.__getitem__, key="basis", bind="query-params", required=True)
    if chosen != "learned":
        return view.weighting
    return cached.learned(view.data, view.weighting.floor, view.weighting.missing)


def source(catalog: Catalog, *, start: str) -> str:
    """One source."""
    labels = {s.key: s.label for s in catalog}
    return st.selectbox(
        "Source",
        list(labels),
        list(labels).index(start),
        format_func=labels.__getitem__,
        key="source",
        bind="query-params",
        label_visibility="collapsed",
        width=190,
    )


def cutoff(*, narrow: bool) -> int:
    """The cutoff in points."""
    low, high = int(STANDARD.low), int(STANDARD.high)
    return st.slider("Cutoff, points", low, high, 600, 10, key="cutoff", bind="query-params", label_visibility="visible" if narrow else "collapsed")


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


def everyone() -> None:
    """A button that goes back to all people."""
    st.button("Look at everyone", on_click=take_cohort, args=(EVERYONE,), icon=":material/zoom_out_map:")


def start_over() -> None:
    """A button that forgets weights, cohort and floor, whatever a link said."""
    st.button("Start over", on_click=_forget, icon=":material/restart_alt:")


def _forget() -> None:
    take_cohort(EVERYONE)
    for key in ("weights", "floor", "missing", "split"):
        state.pop(key, None)


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
    st.text_input("Name", key="cohort_name.again", on_change=_again, args=("cohort_name",), placeholder="as its conditions")
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
