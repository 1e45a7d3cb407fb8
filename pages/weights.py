"""What does each weight buy?"""

import streamlit as st

from analytics.charts.plane import coverage_accuracy
from analytics.charts.weights import one_weight
from analytics.weighing.groups import persons_known
from pages.shared import cached, frame, inputs, layout, markup, words

view, phone = frame.view(), layout.narrow()
headline, first = st.container(), st.container()
left, right = st.columns([31, 69], gap="small")
table = (first if phone else right).container()
with left.container(border=True, gap="xxsmall", height="stretch"):
    inputs.preset_of(view.catalog, "preset.again")
    st.html(markup.bar(view.parts, "100%"))
    inputs.weights(view, persons_known(view.persons) / max(len(view.persons), 1))
    floor, missing = st.columns(2, gap="small", wrap=False)
    with floor:
        inputs.floor()
    with missing:
        inputs.missing()
    inputs.provenance(view)
card = right.container(border=True, gap="xxsmall", height="stretch")
with card, st.container(horizontal=True, vertical_alignment="center", gap="small"):
    which = inputs.picture()
    source = inputs.source(view.catalog, start=max(view.weighting.shares, key=lambda key: view.weighting.shares[key]))

figures = cached.compared(view.data, view.cohort, view.split, view.weighting, view.reference, inputs.CUTOFF)
path = cached.along(view.data, view.cohort, view.split, view.weighting, source)
label, colour = view.labels[source], view.colours[source]

headline.html(markup.say(words.lab(figures, view.name, inputs.EQUAL)))
table.html(markup.table(*words.table(figures, view.name, inputs.EQUAL, view.prices, view.catalog.people.currency)))
with card:
    if which == inputs.PICTURES[0]:
        marks = words.marks(figures, view.name, inputs.EQUAL, cached.presets(view.data, view.cohort, view.split, view.ready))
        layout.heading(f"Another weight of {label}", words.PLANE, path, f"weight-of-{source}", words.PERCENT)
        layout.show(
            coverage_accuracy(path.select("weight", "coverage", "auc"), marks, path_label=label, path_colour=colour, height=338, narrow=phone),
            words.plane_alt(figures, view.name),
        )
    else:
        layout.heading(f"Another weight of {label}", words.ONE_WEIGHT, path, f"weight-of-{source}", words.PERCENT)
        layout.show(one_weight(path, current=view.weighting.shares[source], label=label, colour=colour, height=338, narrow=phone), words.one_alt(path, label))
