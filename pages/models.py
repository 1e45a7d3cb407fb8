"""Can these models be trusted, and would others do better?"""

from dataclasses import replace
from functools import partial

import streamlit as st

from analytics.charts.calibration import calibration, splits
from analytics.charts.challengers import challengers
from analytics.data.cohort import EVERYONE
from analytics.reporting.model_card import card_sheet
from analytics.sources.basis import basis
from analytics.weighing.weighting import alone as by_itself
from pages.parts.models import inputs, sentences
from pages.parts.sources import inputs as sources_inputs
from pages.parts.sources import sentences as sources_sentences
from pages.parts.sources.evaluation import evaluation
from pages.shared import frame, layout, markup, window

view, phone = frame.view(), window.narrow()
asked = view.question
described = replace(asked, cohort=EVERYONE, split="test")  # as a card describes the models, not whom its reader looks at
headline = st.container()
left, right = st.columns([58, 42], gap="small")
by_split, table = st.container(border=True, gap="xxsmall"), st.container(border=True, gap="xxsmall")
one, two = st.container(border=True, gap="xxsmall"), st.columns([58, 42], gap="small")
with one:
    key = sources_inputs.source(view.catalog, start=view.catalog.keys[0])

seen = view.study.splits(view.weighting)
mine = sentences.reliable(view.study.reliable(asked), view.name)
alone = view.study.reliable(replace(asked, weighting=by_itself(view.catalog, key)))
found, waiting = view.study.contest(asked, view.name), view.study.waiting()
strongest = view.study.strongest(asked, view.name)


@st.fragment(run_every=1)
def wait() -> None:
    """Look again once another challenger is fitted."""
    if view.study.waiting() != waiting:
        st.rerun()


headline.html(markup.say(sentences.sentence(view, found, strongest, seen)))
with left.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("Champion and challengers", sentences.CONTEST, found, "challengers", {"coverage": "percent"})
    layout.show(challengers(sentences.contest(found), narrow=phone), sentences.contest_alt(found))
    if waiting:
        wait()
with right.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("Calibration", sentences.RELIABLE, mine, "calibration", dict.fromkeys(("predicted", "seen", "low", "high"), "percent"))
    layout.show(calibration(mine, narrow=phone), "Predicted and seen default rates")
with by_split:
    layout.heading("On people the model has not seen", sentences.unseen(view), seen, "auc-by-split")
    layout.show(splits(sentences.splits(view, seen), colours=view.colours, narrow=phone), sentences.splits_alt(seen))
with table:
    layout.title("Models", sentences.fitted(view))
    st.html(markup.table(*sentences.table(view, seen)))
with one:
    evaluation(view, key, sources_sentences.one(view, key, view.study.alone(view.cohort, view.split)), narrow=phone)
with two[0].container(border=True, gap="xxsmall", height="stretch"):
    layout.heading(f"Calibration of {view.labels[key]}", "alone, among the people it knows", alone, f"calibration-of-{key}")
    layout.show(calibration(sentences.reliable(alone, view.labels[key]), height=280, narrow=phone), "Predicted and seen default rates of one source")
with two[1].container(border=True, gap="xsmall", height="stretch"):
    layout.title("Fit again", "with other settings; the usual models stay")
    inputs.refit(view.study)
    st.html(markup.table(*sentences.basis(basis(view.fitted).json(), view), words=True))
    contest = view.study.contest(described, view.name)
    layout.paper("Model card", "model-card", partial(card_sheet, view.fitted, view.weighting, name=view.name, contest=contest))
