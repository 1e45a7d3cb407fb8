"""What does each weight buy?"""

import streamlit as st

from analytics.weighing.groups import persons_known
from pages.shared import cached, frame, inputs, lab, layout, markup, words

view, phone = frame.view(), layout.narrow()
headline, first = st.container(), st.container()
left, right = st.columns([31, 69], gap="small")
table = (first if phone else right).container()
with left.container(border=True, gap="xxsmall", height="stretch"):
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        inputs.preset_of(view.catalog, "preset.again")
        inputs.provenance(view)
    inputs.weights(view, persons_known(view.persons) / max(len(view.persons), 1))
    floor, missing = st.columns(2, gap="small", wrap=False)
    with floor:
        inputs.floor()
    with missing:
        inputs.missing()
    with st.container(horizontal=True, gap="medium"):
        inputs.normalise(view)
        inputs.hold(view)
        inputs.best(view)
        inputs.scenarios(view)
card = right.container(border=True, gap="xxsmall", height="stretch")
with card, st.container(horizontal=True, vertical_alignment="center", gap="small"):
    picture = inputs.picture()
    more = st.container(horizontal=True, width="content")
    st.markdown(":small[:gray[B]]", width="content")
    against = inputs.against_weighting(view)

figures = cached.compared(view.data, view.cohort, view.split, view.weighting, against.weighting, inputs.CUTOFF)
prices = (view.weighting.price(view.catalog), against.weighting.price(view.catalog))

headline.html(markup.say(words.lab(figures, view.name, against.name)))
table.html(markup.table(*words.table(figures, view.name, against.name, prices, view.catalog.people.currency)))
with card:
    lab.PICTURES[picture](lab.Bench(view, against, figures, phone), more)
