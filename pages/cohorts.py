"""Who are these people, and which sources know them?"""

from dataclasses import replace

import streamlit as st

from pages.parts.cohorts import inputs, pictures, sentences
from pages.shared import frame, layout, markup

view = frame.view()
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

read = [view.study.read(replace(view.question, cohort=c)) for c in (view.cohort, other)]

headline.html(markup.say(sentences.cohort(view.cohort.name, read[0], other.name, read[1])))
with table:
    pictures.table(view, other, read)
with picture:
    pictures.distributions(view, other, read)
with below[0].container(border=True, gap="xxsmall", height="stretch"):
    pictures.known_to(view, most=16)
with below[1].container(border=True, gap="xxsmall", height="stretch"):
    pictures.hit_and_fill(view, other)
