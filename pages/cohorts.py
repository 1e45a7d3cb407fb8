"""Who are these people, and which sources know them?"""

from dataclasses import replace

import streamlit as st

from analytics.charts.distribution import compare_distributions
from analytics.charts.overlap import hit_fill, upset
from analytics.deciding.strategy import everyone_unscored
from analytics.weighing.groups import hits, overlap
from pages.parts.cohorts import inputs, sentences
from pages.shared import frame, layout, markup, window, words

view, phone = frame.view(), window.narrow()
headline = st.container()
left, right = st.columns([36, 64], gap="small")
with left.container(border=True, gap="xsmall", height="stretch"):
    layout.title("This cohort", "who meets all that stands here")
    inputs.conditions(view)
    inputs.add_condition(view)
    inputs.keep_cohort(view)
with right.container(border=True, gap="xxsmall", height="stretch"):
    other = inputs.against(view)
    table, picture = st.container(), st.container()
below = st.columns([62, 38], gap="small")

cohorts = (view.cohort, other)
read = [view.study.read(replace(view.question, cohort=c)) for c in cohorts]
counted = [view.study.counted(c, view.weighting, (view.split,)) for c in cohorts]
bins = [sentences.everyones(view.study.distribution(replace(view.question, cohort=c))) for c in cohorts]
known = overlap(view.persons)
held = hits(view.persons, view.fitted.report, view.study.persons(other, (view.split,)))

headline.html(markup.say(sentences.cohort(view.cohort.name, read[0], other.name, read[1])))
apart = 1 if other.text == view.cohort.text else 2  # a cohort beside itself is told once
table.html(markup.table(*sentences.cohorts([c.name for c in cohorts[:apart]], read[:apart]), words=True))
with picture:
    layout.heading("Score distribution", "both as a line; shares of all persons", bins[0], "score-distribution", {"share": "percent"})
    names, missing = (view.cohort.name, other.name), (everyone_unscored(counted[0]), everyone_unscored(counted[1]))
    layout.show(
        compare_distributions(bins[0], bins[1], names, low=view.scale.low, high=view.scale.high, unscored=missing, narrow=phone),
        sentences.compared_alt(names, read),
    )
with below[0].container(border=True, gap="xxsmall", height="stretch"):
    layout.heading(
        "Known to which sources", "each column is a combination, the commonest first", known, "known-to", {"share": "percent", "bad_rate": "percent"}
    )
    layout.show(upset(known.head(9 if phone else 16), labels=view.labels, colours=view.colours, narrow=phone), words.overlap_alt(known, view.labels))
with below[1].container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("Hit and fill", f"diamond: {other.name}", held, "hit-and-fill", {"hit": "percent", "other": "percent", "fill": "percent"})
    layout.show(hit_fill(held, colours=view.colours, height=None if phone else min(400, 60 + 34 * len(held)), narrow=phone), sentences.hits_alt(held))
