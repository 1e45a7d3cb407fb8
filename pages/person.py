"""Why this score, and what would change it?"""

from dataclasses import replace
from functools import partial

import streamlit as st

from analytics.reporting.person import person_sheet
from pages.parts.person import inputs, pictures, sentences
from pages.shared import frame, layout, markup, words

view = frame.view()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    id, paper = inputs.person(view), st.container(width="content")
headline = st.container()
left, right = st.columns([58, 42], gap="small")
below, trial = st.columns([58, 42], gap="small")

statement = view.study.statement(id, view.weighting)
reasons = view.study.reasons(id, view.weighting)
stands, name = view.study.standing(id, view.weighting), inputs.named(view, id)
elsewhere = view.study.person_by_bureau(id, view.weighting.floor, view.weighting.missing)
sentence, raised = sentences.person(statement, name, stands, reasons, view.scale), None

headline.html(markup.say(sentence))
if sentences.taught(view.study.record(id).evidence):
    headline.markdown(f":small[:gray[{sentences.TAUGHT}]]")
with left.container(border=True, gap="xxsmall", height="stretch"):
    pictures.score(view, statement, stands.share, sentence)
with right.container(border=True, gap="xsmall", height="stretch"):
    pictures.why(statement, reasons)
    if statement.scored:
        raised = pictures.raising(view, id, statement)
with below.container(border=True, gap="xxsmall", height="stretch"):
    pictures.what_each_said(view, statement, sentence)
with trial.container(border=True, gap="xsmall", height="stretch"):
    layout.title("What if", "other values of the same person, among those observed")
    if statement.scored:
        with layout.swift():
            pictures.try_values(view, id, statement)
    else:
        st.markdown(":gray[A person without a score has no points to change.]")
if len(elsewhere):
    with st.container(border=True, gap="xxsmall"):
        pictures.by_bureau(view, name, statement, elsewhere)
with paper:
    of_person = (replace(statement, person=name), stands.share, reasons, raised, elsewhere)
    sheet = partial(person_sheet, *of_person, view.catalog, view.scale, note=words.few(view))
    layout.paper("One-page sheet", f"person-{inputs.apart(view, id)}", sheet)
