"""Can these models be trusted, and would others do better?"""

import streamlit as st

from pages.parts.models import pictures, sentences
from pages.parts.sources import inputs as sources_inputs
from pages.parts.sources import sentences as sources_sentences
from pages.parts.sources.evaluation import evaluation
from pages.shared import frame, layout, markup, window

view, phone = frame.view(), window.narrow()
headline = st.container()
left, right = st.columns([58, 42], gap="small")
by_split, table = st.container(border=True, gap="xxsmall"), st.container(border=True, gap="xxsmall")
one, two = st.container(border=True, gap="xxsmall"), st.columns([58, 42], gap="small")
with one:
    key = sources_inputs.source(view.catalog, start=view.catalog.keys[0])

splits = view.study.splits(view.weighting)
contest, waiting = view.study.contest(view.question, view.name), view.study.waiting()
strongest = view.study.strongest(view.question, view.name)

headline.html(markup.say(sentences.sentence(view, contest, strongest, splits)))
with left.container(border=True, gap="xxsmall", height="stretch"):
    pictures.champion(view, contest, waiting)
with right.container(border=True, gap="xxsmall", height="stretch"):
    pictures.reliability(view)
with by_split:
    pictures.by_split(view, splits)
with table:
    layout.title("Models", sentences.fitted(view))
    st.html(markup.table(*sentences.table(view, splits)))
with one:
    told = sources_sentences.one(view, key, view.study.alone(view.cohort, view.split))
    evaluation(view, key, told, narrow=phone)
with two[0].container(border=True, gap="xxsmall", height="stretch"):
    pictures.reliability_of(view, key)
with two[1].container(border=True, gap="xsmall", height="stretch"):
    pictures.fit_again(view)
with st.container(border=True, gap="xxsmall"):
    pictures.reasons_beside(view)
