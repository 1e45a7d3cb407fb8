"""Why this score, and what would change it?"""

from dataclasses import replace
from functools import partial

import streamlit as st

from analytics.charts.bureaus import scales
from analytics.charts.person import standing, voices
from analytics.charts.waterfall import waterfall
from analytics.explaining.reasons import reasons
from analytics.explaining.what_if import rescore
from analytics.reporting.person import NAMES, person_sheet
from pages.parts.bureaus import sentences as bureaus_sentences
from pages.parts.person import inputs, sentences
from pages.shared import frame, layout, markup, window, words

view, phone = frame.view(), window.narrow()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    id, paper = inputs.person(view), st.container(width="content")
headline = st.container()
left, right = st.columns([58, 42], gap="small")
below, trial = st.columns([58, 42], gap="small")

told = view.study.statement(id, view.weighting)
scored, at = told.scored, told.points(view.scale)
found = reasons(told, view.scale, view.study.ranges())
stands = view.study.standing(id, view.weighting)
percentile, name = stands.share, inputs.named(view, id)
said, parts, raised = sentences.voices(view, told), sentences.parts(told, view.scale), None
elsewhere = view.study.person_by_bureau(id, view.weighting.floor, view.weighting.missing)
sentence = sentences.person(told, name, stands, found, view.scale)

headline.html(markup.say(sentence))
if sentences.taught(view.study.record(id).evidence):
    headline.markdown(":small[:gray[The models learned from this person: they fit the score better here than for people they have not seen.]]")
with left.container(border=True, gap="xxsmall", height="stretch"):
    scale = standing(at if scored else None, bands=view.scale.edges, low=view.scale.low, high=view.scale.high, percentile=percentile, narrow=phone)
    layout.show(scale, sentence)
    if scored:
        layout.heading(
            "How the points come about",
            sentences.STEPS,
            parts,
            "parts-of-the-score",
        )
        start, end = (NAMES["base"], sentences.base(told, view.scale)), ("Points", at)
        layout.show(waterfall(parts, start=start, end=end, colours=view.colours, labels=view.labels, narrow=phone), sentence)
with right.container(border=True, gap="xsmall", height="stretch"):
    layout.title("Reasons", "what took most from the score, by the features used")
    if found:
        st.html(markup.table(*sentences.reasons(found), words=True))
    else:
        st.markdown(f":gray[{markup.plain(sentences.no_reasons(told))}]")
    if scored:
        layout.title("What would raise it", "by what can be changed, within what others have; fewest changes first")
        if sentences.changeable(told):
            raised = view.study.raised(id, view.weighting, float(inputs.target(at, view.cutoff, view.scale)))
            st.markdown(f":small[:gray[{markup.plain(raised.reason)}]]" if raised.reason else sentences.how_many(raised))
            if raised.ways:
                st.html(markup.table(*sentences.raising(raised), words=True))
                inputs.try_ways(raised, inputs.apart(view, id))
        else:
            st.markdown(f":small[:gray[{markup.plain(sentences.FIXED)}]]")
with below.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("What each source said", sentences.VOICES, said, "voices")
    layout.show(voices(said, colours=view.colours, narrow=phone), sentence)


@st.fragment
def try_values() -> None:
    """Live points for other values."""
    answer, case = st.empty(), view.study.case(id, view.weighting)
    answer.markdown(sentences.what_if(at, rescore(case, inputs.changes(case, told, inputs.apart(view, id))), view.scale))


with trial.container(border=True, gap="xsmall", height="stretch"):
    layout.title("What if", "other values of the same person, among those observed")
    if scored:
        with layout.swift():
            try_values()
    else:
        st.markdown(":gray[A person without a score has no points to change.]")
if len(elsewhere):
    with st.container(border=True, gap="xxsmall"):
        layout.heading("Under every bureau", bureaus_sentences.COMPARE, elsewhere, "under-every-bureau", {"probability": "percent"})
        layout.show(scales(elsewhere, narrow=phone), bureaus_sentences.scales_alt(name, elsewhere))
        if both := bureaus_sentences.two_scores(view, at if scored else None, elsewhere):
            st.markdown(f":small[:gray[{markup.plain(both)}.]]")
with paper:
    sheet = partial(person_sheet, replace(told, person=name), percentile, found, raised, elsewhere, view.catalog, view.scale, note=words.few(view))
    layout.paper("One-page sheet", f"person-{inputs.apart(view, id)}", sheet)
