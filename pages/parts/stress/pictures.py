"""Which pictures does the page of stresses show? Each asks for what it needs and shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
import streamlit as st

from analytics.charts.detector import detector as detector_curve
from analytics.charts.drift import drift as alarm_bars
from analytics.charts.holding import holding
from analytics.charts.segments import segments
from analytics.charts.stress_curve import Panel, stress_curve, stress_panels
from analytics.charts.swap import swap_set
from analytics.data.cohort import Cohort
from analytics.stress.kind import Stress, of_kind
from analytics.stress.kinds.fakery import Fakery, law
from analytics.stress.robust import BEST, NOW, ROBUST
from analytics.stress.stress import at
from analytics.study.stress import CURVE, Curve, RobustWeights, StressEffect
from analytics.weighing.weighting import Weighting
from pages.parts.stress import inputs, sentences
from pages.shared import layout, markup, window, words
from pages.shared.view import View

HEIGHT = 260


@dataclass(frozen=True, slots=True)
class StressView:
    """What the pictures show.

    The view, its stresses, what they do, the robust weights once they are found, and the cutoff.
    """

    view: View
    stresses: tuple[Stress, ...]
    effect: StressEffect
    robust: RobustWeights | None
    cutoff: float
    phone: bool

    @property
    def last(self) -> Stress:
        """The stress that can be changed."""
        return self.stresses[-1]

    @property
    def colour(self) -> str:
        """Of the source that is hit."""
        return self.view.colours[self.last.source]

    @property
    def asked(self) -> tuple[Cohort, str, Weighting, tuple[Stress, ...], float]:
        """What figures under stress are asked for by."""
        return self.view.cohort, self.view.split, self.view.weighting, self.stresses, self.cutoff

    @property
    def curve(self) -> Curve:
        """The points along the share, as far as they are read."""
        return self.view.study.curve(
            *self.asked[:3], (*self.stresses[:-1], at(self.last, 0.0)), self.cutoff
        )

    @property
    def progress(self) -> str:
        """How far the curve is read; nothing once it is."""
        return (
            ""
            if self.curve.future.done()
            else f"; {len(self.curve.points)} of {CURVE + 1} points read"
        )

    @property
    def points(self) -> pl.DataFrame:
        """The points of the curve that are there, and the one looked at."""
        read = list(self.curve.points)
        mine = {"share": self.last.share, **self.effect.point}
        return (
            pl.DataFrame([*read, mine], infer_schema_length=None)
            .unique("share", keep="first")
            .sort("share")
        )


def curve(shown: StressView) -> None:
    """What it does, from nobody to everybody."""
    points = shown.points
    label = shown.view.labels[shown.last.source]
    figures = shown.effect.figures
    along = f"along the {shown.last.share_label.lower()} ({label})"
    how = f"{along}; grey: before; band: 95% interval{shown.progress}"
    layout.heading("What it does", how, points, "stress-curve", {"share": "percent"})
    first = [Panel(name, title, form, figures[name].other) for name, title, form in PANELS]
    crossed = Panel("crossed", "People who get in", ",.0f", 0.0, zero=True)
    still = (points["coverage_change"].fill_null(0) == 0).all()
    _panels(
        shown,
        points,
        [first[0], first[2], crossed] if still else first,
        sentences.curve_alt(points, label),
    )
    if shown.effect.point["cost"]:
        cost = Panel(
            "cost_per_crossing",
            f"Cost of each who gets in{inputs.money(shown.view)}",
            ",.0f",
            zero=True,
        )
        accepted = Panel("accepted", "Accepted of the scored", ".1%", figures["accepted"].other)
        _panels(
            shown,
            points,
            [first[1] if still else crossed, accepted, cost],
            f"Cost of each who gets in, {label}",
        )


def _panels(shown: StressView, points: pl.DataFrame, panels: Sequence[Panel], alt: str) -> None:
    said = shown.last.share_label
    layout.show(
        stress_panels(
            points,
            panels,
            colour=shown.colour,
            now=shown.last.share,
            words=said,
            height=None if shown.phone else _height(),
            narrow=shown.phone,
        ),
        alt,
    )


def _height() -> int:
    """Of a chart: the table above it takes the rest of a high window."""
    return HEIGHT + window.spare() * 2 // 3


PANELS = (
    ("auc_everyone", "AUC of everyone", ".3f"),
    ("coverage", "Coverage", ".1%"),
    ("bad_rate", "Bad rate of the accepted", ".1%"),
)


def by_law(shown: StressView) -> None:
    """The source alone, against the straight line that theory gives."""
    points, label = shown.points, shown.view.labels[shown.last.source]
    start: float | None = next(iter(points.filter(share=0.0)["auc_source"]), None)
    if start is None:
        layout.nothing_here(
            f"{label} alone has no AUC before the stress: "
            "it is being read, or it knows too few of these persons."
        )
        return
    line = pl.DataFrame({"share": [0.0, 1.0], "value": [law(start, 0), law(start, 1)]})
    layout.heading(
        f"AUC of {label} alone", shown.last.theory, points, "stress-law", {"share": "percent"}
    )
    figure = stress_curve(
        points,
        column="auc_source",
        title="AUC alone",
        form=".3f",
        colour=shown.colour,
        now=shown.last.share,
        before=start,
        law=line,
        words=shown.last.share_label,
        height=_height(),
        narrow=shown.phone,
    )
    layout.show(
        figure, f"AUC of {label} alone falls with the share; theory expects a straight line"
    )


def affected(shown: StressView) -> None:
    """Whom it hits: who gets in, who falls out, and in which segments."""
    groups = shown.view.study.affected(*shown.asked)
    moved = shown.view.study.crossings(*shown.asked)
    left, right = st.columns(2, gap="small")
    with left:
        layout.heading(
            "Decisions",
            f"at {shown.cutoff:g} points; before against after",
            moved,
            "stress-swaps",
            {"share": "percent", "bad_rate": "percent"},
        )
        said = sentences.people_hit(shown.view, shown.effect, shown.cutoff).replace("**", "")
        layout.show(
            swap_set(moved, names=("after", "before"), word="", height=_height(), narrow=True), said
        )
    with right:
        what, rows = sentences.by_segment(groups)
        layout.heading(
            f"{what.capitalize()}, by segment",
            "share of all persons, after less before; paired 95% interval"
            + words.unshown(groups, rows, "the greatest changes"),
            groups,
            "stress-segments",
        )
        if rows.is_empty():
            layout.nothing_here("The catalog names no segments, or none has 30 persons here.")
        else:
            mean = sentences.of_all(what, shown.effect, len(shown.view.persons))
            figure = segments(
                rows,
                average=mean,
                words=f"more are {what}",
                form="+.1%",
                height=_height(),
                narrow=True,
            )
            layout.show(figure, words.gains_alt(rows, f"the share {what}"))


def robust(shown: StressView) -> None:
    """The weights that hold, and what they cost."""
    view, found = shown.view, shown.robust
    if found is None:
        layout.title(
            "Weights that hold",
            "none yet: they are searched on the calibration persons, "
            "or the row above says why there are none",
        )
        return
    named = ((NOW, view.weighting), (BEST, found.unstressed), (ROBUST, found.robust))
    rows = view.study.robustness(view.cohort, view.split, named, shown.stresses)
    shares = pl.DataFrame(
        {
            "source": list(view.catalog.keys),
            "now": view.weighting.vector,
            "hold": found.robust.vector,
        }
    )
    left, right = st.columns(2, gap="small")
    with left:
        layout.heading(
            "Weights that hold",
            "ring: now; dot: best in the worst case, searched on others",
            shares,
            "stress-weights",
        )
        figure = holding(shares, labels=view.labels, colours=view.colours, narrow=shown.phone)
        layout.show(figure, "Weights now and weights that hold, source by source")
    with right:
        layout.heading(
            "The price of robustness",
            "AUC of everyone, read on these persons",
            rows,
            "stress-robustness",
        )
        st.html(markup.table(*sentences.robust_table(rows)))
        st.markdown(f":small[{markup.plain(sentences.robust_line(rows))}]")
        inputs.take_robust(view, found)


def detector(shown: StressView) -> None:
    """How far known fakes are found, and who is wrongly suspected."""
    source = shown.view.catalog.source(shown.last.source)
    if source.fakes is None:
        layout.nothing_here(sentences.no_fakes(source.label))
        return
    found = shown.view.study.detected(source.key)
    layout.heading(
        "The detector of fake records",
        sentences.detector_how(found.quality),
        found.curve,
        "detector",
        dict.fromkeys(found.curve.columns, "percent"),
    )
    left, right = st.columns([60, 40], gap="small")
    with left:
        layout.show(
            detector_curve(found.curve, colour=shown.colour, narrow=shown.phone),
            sentences.detector_how(found.quality),
        )
    with right:
        st.html(markup.table(*sentences.detector_table(found), words=True))
    trust(shown)


def trust(shown: StressView) -> None:
    """What weights the data would give, and what they reach, without trust and with it."""
    view, cutoff = shown.view, shown.cutoff
    worlds = [
        (*shown.stresses[:-1], replace(of_kind(shown.last, Fakery), trust=believed))
        for believed in (False, True)
    ]
    learned = [
        view.study.trusting(view.weighting.floor, view.weighting.missing, world) for world in worlds
    ]
    asked = (view.cohort, view.split, view.weighting)
    mine = [
        view.study.stress_effect(*asked, world, cutoff).figures["auc_everyone"] for world in worlds
    ]
    best = [
        view.study.stress_effect(*asked, world, cutoff, weights).figures["auc_everyone"]
        for world, weights in zip(worlds, learned, strict=True)
    ]
    shares = pl.DataFrame(
        {"source": list(view.catalog.keys), "now": learned[0].vector, "hold": learned[1].vector}
    )
    left, right = st.columns([60, 40], gap="small")
    with left:
        layout.heading(
            "Learned weights under this stress",
            "ring: every record believed; dot: with the detector's trust",
            shares,
            "trust-weights",
        )
        figure = holding(
            shares,
            labels=view.labels,
            colours=view.colours,
            names=("believed", "with trust"),
            narrow=shown.phone,
        )
        layout.show(figure, "Learned weights without trust and with it, source by source")
    with right:
        layout.title("What trust wins back", "AUC of everyone under this stress")
        st.html(markup.table(*sentences.trust_table(mine, best)))


def silence(shown: StressView) -> None:
    """What using refusal would have bought."""
    found = shown.view.study.silent(*shown.asked[:3], shown.stresses)
    layout.title(
        "What a refusal would tell",
        "AUC of everyone if refusing itself counted against, or for, a person; "
        "never used unless you say so",
    )
    st.html(markup.table(*sentences.silence_table(found)))


def fallbacks(shown: StressView) -> None:
    """Three ways to go on without the source."""
    rows = shown.view.study.fallbacks(*shown.asked)
    layout.heading(
        "While it is dark",
        "the same persons under three fallbacks; 95% intervals in small",
        rows,
        "fallbacks",
    )
    st.html(markup.table(*sentences.fallback_table(rows)))


def alarm(shown: StressView) -> None:
    """Which source's evidence lies otherwise than before?"""
    rows = shown.view.study.drifted(*shown.asked[:2], shown.stresses)
    layout.heading("Would it be noticed?", sentences.ALARM, rows, "drift")
    layout.show(
        alarm_bars(rows, labels=shown.view.labels, colours=shown.view.colours, narrow=shown.phone),
        sentences.alarm_alt(rows, shown.view),
    )


PICTURES: Mapping[str, Callable[[StressView], None]] = {
    "Curve": curve,
    "Who is affected": affected,
    "Weights that hold": robust,
    "Theory": by_law,
    "Detector": detector,
    "Refusal": silence,
    "Fallbacks": fallbacks,
    "Alarm": alarm,
}
CURVES = ("Curve", "Theory")  # pictures that wait for the points of the curve
