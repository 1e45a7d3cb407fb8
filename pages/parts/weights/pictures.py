"""Which pictures does the weights lab show? Each asks for what it needs, computes and shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.charts.plane import coverage_accuracy
from analytics.charts.segments import segments
from analytics.charts.swap import swap_set
from analytics.charts.weights import one_weight
from analytics.deciding.comparison import Figure
from analytics.metrics import METRICS
from analytics.weighing.sweep import plane
from pages.parts.sources import inputs as sources_inputs
from pages.parts.weights import inputs, sentences
from pages.parts.weights.inputs import Against
from pages.shared import layout, markup, window, words
from pages.shared.inputs import preset_of
from pages.shared.view import View

HEIGHT = 330


@dataclass(frozen=True, slots=True)
class Bench:
    """What lies on the bench: A (the view), B, and their figures side by side."""

    view: View
    against: Against
    figures: Mapping[str, Figure]
    phone: bool


def knobs(view: View) -> None:
    """All that moves the weights of A."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        preset_of(view.catalog, view.weighting.text, key="preset.again")
        inputs.provenance(view)
    inputs.weights(view)
    inputs.missing(view)
    with st.container(horizontal=True, gap="small"):
        inputs.normalise(view)
        inputs.hold(view)
        inputs.best(view)
        inputs.scenarios(view)


def frontier(bench: Bench, more: DeltaGenerator) -> None:
    """Every weighting at once.

    Sampled ones as a cloud, the best of them as a line, A, B, bureaus and learned weights as marks.
    """
    view = bench.view
    with more:
        accuracy = inputs.accuracy(view)
    metric = METRICS[accuracy]
    swept = view.study.swept(view.cohort, view.split, view.weighting.floor, view.weighting.missing)
    best = view.study.frontier(
        view.cohort, view.split, view.weighting.floor, view.weighting.missing, accuracy
    )
    heaviest = _heaviest(view, swept.found)
    dots = sentences.cloud(_placed(swept.found, accuracy, heaviest), swept.found, view.labels)
    marks = view.study.marked(
        view.cohort,
        view.split,
        (view.weighting, bench.against.weighting),
        swept.marked,
        bench.against.stress,
    )
    shown = pl.concat(
        [marks.select("kind", "name"), _placed(marks, accuracy, heaviest)], how="horizontal"
    ).drop_nulls(["coverage", "auc"])
    pooled = view.study.pooled_auc(view.cohort, view.split) if accuracy == "auc_everyone" else None
    line = plane(swept.found[best], accuracy).rename({"auc_low": "low", "auc_high": "high"})
    line = line if line["low"].is_not_null().any() else line.drop("low", "high")
    layout.heading(
        "Every weighting",
        sentences.every_weighting(view.labels.get(heaviest, "")),
        swept.found,
        "weightings",
        sentences.PERCENT,
    )
    figure = coverage_accuracy(
        None,
        shown,
        cloud=dots,
        frontier=None if heaviest else line,
        pooled=pooled,
        title=metric.label,
        form=metric.axis or metric.form,
        falling=not metric.rises,
        sideways=sentences.sideways(view.labels.get(heaviest, "")),
        height=HEIGHT + window.spare(),
        narrow=bench.phone,
    )
    inputs.take_clicked(
        figure, swept.found, best, view, sentences.plane_alt(bench.figures, view.name)
    )


def _heaviest(view: View, found: pl.DataFrame) -> str:
    """The source that learned weights give most to, where all weightings score alike and coverage
    tells nothing; else none.
    """
    low, high = found["coverage"].min(), found["coverage"].max()
    shares = view.study.learned(view.weighting.floor, view.weighting.missing).shares
    return (
        max(shares, key=shares.__getitem__)
        if low is not None and float(high) - float(low) < ALIKE  # type: ignore[arg-type]
        else ""
    )


ALIKE = 0.005  # of the people


def _placed(found: pl.DataFrame, accuracy: str, heaviest: str) -> pl.DataFrame:
    """Weightings in the plane: by coverage, or by the weight of the heaviest source."""
    points = plane(found, accuracy)
    return (
        points.with_columns(found[f"weight.{heaviest}"].alias("coverage")) if heaviest else points
    )


def one(bench: Bench, more: DeltaGenerator) -> None:
    """Another weight of one source: along the plane, and over its weight."""
    view = bench.view
    with more:
        key = sources_inputs.source(
            view.catalog, start=max(view.weighting.shares, key=lambda k: view.weighting.shares[k])
        )
    path = view.study.along(view.question, key)
    label = view.labels[key]
    layout.heading(
        f"Another weight of {label}",
        sentences.ONE_WEIGHT,
        path,
        f"weight-of-{key}",
        sentences.PERCENT,
    )
    figure = one_weight(
        path,
        current=view.weighting.shares[key],
        label=label,
        colour=view.colours[key],
        height=HEIGHT + window.spare(),
        narrow=bench.phone,
    )
    layout.show(figure, sentences.one_alt(path, label))


def swaps(bench: Bench, more: DeltaGenerator) -> None:
    """Who is accepted by one weighting and not by the other."""
    view = bench.view
    with more:
        inputs.cutoff(view)
    cutoff = view.cutoff
    moved = view.study.swaps(bench.against.question(view))
    layout.heading(
        "Swap set",
        sentences.swaps(moved, cutoff),
        moved,
        "swap-set",
        {"share": "percent", "bad_rate": "percent"},
    )
    layout.show(
        swap_set(moved, names=("A", "B"), height=HEIGHT + window.spare(), narrow=bench.phone),
        sentences.swaps(moved, cutoff),
    )


def gains(bench: Bench, _: DeltaGenerator) -> None:
    """Which segments gain coverage, and which lose it."""
    view = bench.view
    parted = view.study.gains(bench.against.question(view))
    gained = words.readable(parted)
    layout.heading(
        "Who gains coverage, A less B",
        "dot and paired 95% interval; grey: as everyone"
        + words.unshown(parted, gained, "where A gains least"),
        gained,
        "gains",
        {"value": "percent"},
    )
    if gained.is_empty():
        st.markdown(f":small[:gray[{markup.plain(words.UNPARTED)}]]")
        return
    everyone = bench.figures["coverage"].difference.value
    layout.show(
        segments(
            gained,
            average=everyone,
            words="more can be scored under A",
            form="+.1%",
            height=HEIGHT + window.spare(),
            narrow=bench.phone,
        ),
        words.gains_alt(gained),
    )


PICTURES: dict[str, Callable[[Bench, DeltaGenerator], None]] = dict(
    zip(inputs.PICTURES, (frontier, one, swaps, gains), strict=True)
)
