"""Which pictures does the overview show? Each is given its figures and draws them."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from analytics.charts.distribution import score_distribution
from analytics.charts.segments import segments
from analytics.charts.trend import month_line
from analytics.deciding.comparison import Figure
from analytics.deciding.strategy import unscored
from analytics.metrics import shown
from pages.parts.overview import sentences
from pages.shared import layout, markup, window, words
from pages.shared.view import View


def tiles(view: View, figures: Mapping[str, Figure]) -> None:
    """The figures that everybody asks for first."""
    reference = "" if view.weighting.shares == view.reference.shares else "equal"
    with layout.tiles(5):
        for name in shown("tile"):
            layout.tile(**words.tile(name, figures[name], reference))


def distribution(view: View, bins: pl.DataFrame, figures: Mapping[str, Figure]) -> None:
    """How the scores lie, and what the cutoff cuts."""
    phone = window.narrow()
    layout.heading(
        "Score distribution",
        "each side adds up to 100%; pale is declined",
        bins,
        "score-distribution",
        {"payers": "percent", "defaulters": "percent"},
    )
    figure = score_distribution(
        bins,
        unscored=unscored(view.study.asked_counts(view.question)),
        cutoff=view.cutoff,
        bands=view.scale.edges,
        low=view.scale.low,
        high=view.scale.high,
        height=214 if phone else 206 + window.spare() * 2 // 3,
        narrow=phone,
    )
    layout.show(figure, sentences.distribution_alt(figures, view.cutoff))


def by_segments(view: View, coverage: Figure) -> None:
    """Whom the sources know, segment by segment."""
    phone = window.narrow()
    parted = view.study.by_segment(view.question)
    groups = words.readable(parted)
    layout.heading(
        "Coverage by segment",
        "dot and 95% interval" + words.unshown(parted, groups),
        groups,
        "coverage-by-segment",
        dict.fromkeys(("value", "low", "high"), "percent"),
    )
    if groups.is_empty():
        st.markdown(f":small[:gray[{markup.plain(words.UNPARTED)}]]")
        return
    height = None if phone else 248 + window.spare() * 2 // 3
    figure = segments(groups, average=coverage.value, height=height, narrow=phone)
    layout.show(figure, words.segments_alt(groups))


def by_month(view: View) -> None:
    """Coverage, accuracy and stability, month by month."""
    months, late = view.study.by_month(view.cohort, view.weighting), view.study.out_of_time()
    if not words.monthly(months):
        layout.heading("By month", words.SPARSE, months, "by-month")
        return
    columns = st.columns(3, gap="medium")
    for column, (key, name, form, how, limit) in zip(columns, sentences.TRENDS, strict=True):
        with column.container(gap="xxsmall"):
            layout.heading(name, how, months, f"{key}-by-month")
            figure = month_line(
                months,
                key,
                form=form,
                words=name,
                limit=limit,
                split_from=late,
                height=92 + window.spare() // 3,
                narrow=window.narrow(),
            )
            layout.show(figure, f"{name} by month")
