"""How good is our score, and for whom?"""

import streamlit as st

from pages.parts.overview import inputs, pictures, sentences
from pages.shared import frame, layout, markup, window, words

view, phone = frame.view(), window.narrow()
headline, tiles = st.container(), st.container()
left, right = st.columns([64, 36], gap="small")
with left.container(border=True, gap="xxsmall", height="stretch"):
    distribution = st.container(gap="xxsmall")
    with layout.under_axis(narrow=phone):
        inputs.cutoff(view, narrow=phone)

figures = view.study.compared(view.question)
bins = view.study.distribution(view.question)

headline.html(markup.say(sentences.overview(figures, view.cutoff)))
if note := words.few(view):
    headline.html(markup.beneath(note))
with tiles:
    pictures.tiles(view, figures)
with distribution:
    pictures.distribution(view, bins, figures)
with right.container(border=True, gap="xxsmall", height="stretch"):
    pictures.by_segments(view, figures["coverage"])
if view.catalog.people.time:
    with st.container(border=True):
        pictures.by_month(view)
