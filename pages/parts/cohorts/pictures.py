"""Which pictures does the page of cohorts show? Each is given its figures and draws them."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analytics.charts.distribution import compare_distributions
from analytics.charts.overlap import hit_fill, upset
from analytics.data.cohort import Cohort
from analytics.deciding.strategy import everyone_unscored
from analytics.weighing.readings import Readings
from pages.parts.cohorts import sentences
from pages.shared import layout, markup, window, words
from pages.shared.view import View


def table(view: View, other: Cohort, read: Sequence[Readings]) -> None:
    """The readings of both; a cohort beside itself is told once."""
    apart = 1 if other.text == view.cohort.text else 2
    names = [view.cohort.name, other.name]
    st.html(markup.table(*sentences.cohorts(names[:apart], list(read[:apart])), words=True))


def distributions(view: View, other: Cohort, read: Sequence[Readings]) -> None:
    """How the scores of both lie."""
    asked = [replace(view.question, cohort=cohort) for cohort in (view.cohort, other)]
    one, two = (sentences.everyones(view.study.distribution(each)) for each in asked)
    missing = [everyone_unscored(view.study.asked_counts(each)) for each in asked]
    names = (view.cohort.name, other.name)
    layout.heading(
        "Score distribution",
        "both as a line; shares of all persons",
        one,
        "score-distribution",
        {"share": "percent"},
    )
    figure = compare_distributions(
        one,
        two,
        names,
        low=view.scale.low,
        high=view.scale.high,
        unscored=(missing[0], missing[1]),
        narrow=window.narrow(),
    )
    layout.show(figure, sentences.compared_alt(names, list(read)))


def known_to(view: View, most: int) -> None:
    """Which combinations of sources know people, the `most` commonest of them."""
    known = view.study.overlap(view.question)
    layout.heading(
        "Known to which sources",
        "each column is a combination, the commonest first",
        known,
        "known-to",
        {"share": "percent", "bad_rate": "percent"},
    )
    shown = known.head(9 if window.narrow() else most)
    figure = upset(shown, labels=view.labels, colours=view.colours, narrow=window.narrow())
    layout.show(figure, words.overlap_alt(known, view.labels))


def hit_and_fill(view: View, other: Cohort) -> None:
    """How many people each source knows, and how full their records are."""
    held = view.study.hit_and_fill(view.question, other)
    layout.heading(
        "Hit and fill",
        f"diamond: {other.name}",
        held,
        "hit-and-fill",
        dict.fromkeys(("hit", "other", "fill"), "percent"),
    )
    height = None if window.narrow() else min(400, 60 + 34 * len(held))
    figure = hit_fill(held, colours=view.colours, height=height, narrow=window.narrow())
    layout.show(figure, sentences.hits_alt(held))
