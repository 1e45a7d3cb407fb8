"""How good is our score, and for whom?"""

import streamlit as st

from analytics.charts.distribution import score_distribution
from analytics.charts.segments import segments
from analytics.charts.trend import month_line
from analytics.deciding.strategy import unscored
from analytics.metrics import shown
from analytics.weighing.groups import by_segment
from pages.parts.overview import inputs, sentences
from pages.shared import frame, layout, markup, window, words

view, phone = frame.view(), window.narrow()
headline, tiles = st.container(), st.container()
left, right = st.columns([64, 36], gap="small")
with left.container(border=True, gap="xxsmall", height="stretch"):
    title, picture = st.container(), st.container()
    with layout.under_axis(narrow=phone):
        inputs.cutoff(view, narrow=phone)
    cutoff = view.cutoff

figures = view.study.compared(view.question)
counted = view.study.asked_counts(view.question)
bins = view.study.distribution(view.question)
parted = by_segment(view.persons, view.weighting, view.catalog.people.segments)
groups = words.readable(parted)

headline.html(markup.say(sentences.overview(figures, cutoff)))
if note := words.few(view):
    headline.html(markup.beneath(note))
with tiles, layout.tiles(5):
    for name in shown("tile"):
        layout.tile(**words.tile(name, figures[name], "" if view.weighting.shares == view.reference.shares else "equal"))
with title:
    layout.heading(
        "Score distribution", "each side adds up to 100%; pale is declined", bins, "score-distribution", {"payers": "percent", "defaulters": "percent"}
    )
with picture:
    figure = score_distribution(
        bins,
        unscored=unscored(counted),
        cutoff=cutoff,
        bands=view.scale.edges,
        low=view.scale.low,
        high=view.scale.high,
        height=214 if phone else 206 + window.spare() * 2 // 3,
        narrow=phone,
    )
    layout.show(figure, sentences.distribution_alt(figures, cutoff))
with right.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading(
        "Coverage by segment",
        "dot and 95% interval" + words.unshown(parted, groups),
        groups,
        "coverage-by-segment",
        {"value": "percent", "low": "percent", "high": "percent"},
    )
    if groups.is_empty():
        st.markdown(f":small[:gray[{markup.plain(words.UNPARTED)}]]")
    else:
        layout.show(
            segments(groups, average=figures["coverage"].value, height=None if phone else 248 + window.spare() * 2 // 3, narrow=phone),
            words.segments_alt(groups),
        )
if view.catalog.people.time:
    months, late = view.study.by_month(view.cohort, view.weighting), view.study.out_of_time()
    with st.container(border=True):
        if not words.monthly(months):
            layout.heading("By month", words.SPARSE, months, "by-month")
            st.stop()
        for column, (key, name, form, how, limit) in zip(st.columns(3, gap="medium"), sentences.TRENDS, strict=True):
            with column.container(gap="xxsmall"):
                layout.heading(name, how, months, f"{key}-by-month")
                layout.show(
                    month_line(months, key, form=form, words=name, limit=limit, split_from=late, height=92 + window.spare() // 3, narrow=phone),
                    f"{name} by month",
                )
