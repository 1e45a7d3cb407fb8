"""What moves the scores of these people?"""

import streamlit as st

from pages.parts.cohorts import inputs as cohorts_inputs
from pages.parts.why import inputs, pictures, sentences
from pages.shared import frame, markup

view = frame.view()
headline = st.container()
why = pictures.WhyView(view, inputs.background(view))
left, right = st.columns([42, 58], gap="small")
with left.container(border=True, gap="xxsmall", height="stretch"):
    by, sources = inputs.by(), st.container()
with st.container(border=True, gap="xxsmall"):
    one, two = st.columns([56, 44], gap="medium")
with st.container(border=True, gap="xxsmall"):
    other = cohorts_inputs.against(view)
    between = st.container()

by_feature, by_source = why.importance("feature"), why.importance("source")

headline.html(markup.say(sentences.cohort(view, by_source, by_feature)))
with sources:
    pictures.what_models_did(why, by)
with right.container(border=True, gap="xxsmall", height="stretch"):
    pictures.strongest(why, by_feature)
with one:
    source, name = pictures.along(why, by_feature)
with two:
    pictures.together(why, by_feature, source, name)
with between:
    pictures.between(why, other)
