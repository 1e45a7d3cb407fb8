"""Who sees what, and what would joining do?"""

from dataclasses import replace

import streamlit as st

from pages.parts.bureaus import inputs, pictures, sentences
from pages.parts.person import inputs as person_inputs
from pages.shared import frame, markup

view = frame.view()
if len(view.catalog.bureaus) < 2:
    st.html(markup.say(sentences.lonely(view.catalog)))
    with st.container(border=True, gap="xsmall"):
        pictures.how_to_add(view)
    st.stop()
headline = st.container()
left, right = st.columns([60, 40], gap="small")
with right.container(border=True, gap="xxsmall", height="stretch"):
    partners, match = inputs.partners(view.catalog)
    joined = st.container()
listed, gained = st.container(border=True, gap="xxsmall"), st.container(border=True, gap="xxsmall")
person = st.container(border=True, gap="xxsmall")
with person:
    chosen = person_inputs.person(view)

asked = (view.cohort, view.split)
policy = (view.weighting.floor, view.weighting.missing)
table = view.study.bureau_readings(*asked, *policy)
together = view.study.alliance(*asked, *policy, partners, match)
learned = view.study.learned(*policy)
opened, divided = (
    view.study.silos(*asked, replace(learned, floor=floor))["coverage"]
    for floor in (together.whole, together.floor)
)
opening = sentences.opening(together, opened, divided)
names = sentences.two_names(view, table, view.study.silos(*asked, view.weighting))

headline.html(markup.say(sentences.joining(together)))
notes = [*([f"{names}."] if names else []), f"Full opening: {opening}"]
headline.markdown(f":small[:gray[{markup.plain(' '.join(notes))}]]")
with left.container(border=True, gap="xxsmall", height="stretch"):
    pictures.all_bubbles(sentences.bureaus(view, table, partners, opening))
with joined:
    pictures.joined(together)
with gained:
    pictures.gained(together)
with listed:
    pictures.listed(view, table)
with person:
    pictures.person(view, chosen)
