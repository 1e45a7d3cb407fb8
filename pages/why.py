"""What moves the scores of these people?"""

import streamlit as st

from analytics.charts.beeswarm import beeswarm
from analytics.charts.dependence import dependence, dependence_by_category
from analytics.charts.importance import importance
from analytics.charts.interaction import interaction
from analytics.charts.waterfall import waterfall
from pages.parts.cohorts import inputs as cohorts_inputs
from pages.parts.why import inputs, sentences
from pages.shared import frame, layout, markup, window

view, phone = frame.view(), window.narrow()
asked = (view.cohort, view.split, view.weighting)
headline = st.container()
held = inputs.background(view)
left, right = st.columns([42, 58], gap="small")
with left.container(border=True, gap="xxsmall", height="stretch"):
    by, sources = inputs.by(), st.container()
with st.container(border=True, gap="xxsmall"):
    one, two = st.columns([56, 44], gap="medium")
with st.container(border=True, gap="xxsmall"):
    other = cohorts_inputs.against(view)
    between = st.container()

by_feature, by_source, groups = (view.study.importance(*asked, each, held) for each in ("feature", "source", by))
marks = sentences.marks(view.study.beeswarm(*asked, 8 if phone else 10, held), view.scale)

headline.html(markup.say(sentences.cohort(view, by_source, by_feature)))
with sources:
    layout.heading("What the models did", "bar: share of all movement; tick: the weight the policy gives", groups, f"importance-by-{by}", {"share": "percent"})
    layout.show(importance(sentences.moved(groups, view.scale), colours=view.colours, narrow=phone), sentences.importance_alt(groups))
    if slow := sentences.slow(view.study.explained(view.split, held)):
        st.markdown(f":small[:gray[{markup.plain(slow)}]]")
with right.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("The strongest features", sentences.SWARM, sentences.features(by_feature, view.scale), "importance-of-features", {"share": "percent"})
    layout.show(beeswarm(marks, colours=view.colours, labels=view.labels, narrow=phone), sentences.importance_alt(by_feature))
with one:
    source, name = inputs.feature(view, by_feature)
    told = view.catalog.source(source).feature(name)
    seen = sentences.values(view.study.dependence(*asked, source, name, held), view.scale)
    layout.heading(told.title, sentences.DEPENDENCE, seen, f"dependence-on-{name}", {"bad_rate": "percent"})
    rate = view.study.base_rate(view.cohort, view.split)
    if "category" in seen["kind"]:
        figure = dependence_by_category(seen, label=told.title, colour=view.colours[source], average=rate, narrow=phone)
    else:
        figure = dependence(seen, label=told.title, colour=view.colours[source], unit=told.unit, average=rate, narrow=phone)
    layout.show(figure, sentences.dependence_alt(seen, told.title))
with two:
    partner = inputs.partner(view, by_feature, source, name)
    if partner is not None:
        cells = sentences.pairs(view.study.interaction(*asked, source, (name, partner)), view.scale)
        second = view.catalog.source(source).feature(partner).title
        layout.heading("Together", sentences.together(held), cells, "interaction")
        layout.show(interaction(cells, names=(told.title, second), height=380, narrow=phone), f"{told.title} and {second} together")
with between:
    names = (other.name, view.cohort.name)
    parted = view.study.shift((other, view.cohort), view.split, view.weighting, held)
    start, end = sentences.ends(parted, names, view.scale)
    if start[1] == end[1]:
        st.markdown(f":small[:gray[{markup.plain(sentences.alike(names, end[1]))}]]")
    else:
        layout.heading(f"From {names[0]} to {names[1]}", sentences.SHIFT, parted, "between-two-cohorts")
        layout.show(
            waterfall(sentences.steps(parted, view.scale), start=start, end=end, colours=view.colours, labels=view.labels, narrow=phone),
            sentences.shift_alt(parted, names, view.scale),
        )
