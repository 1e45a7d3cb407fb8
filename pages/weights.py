"""What does each weight buy?"""

import streamlit as st

from pages.shared import cached, frame, lab, layout, markup, sliders, words


@st.fragment  # runs alone when a slider moves: the numbers first, then the sliders, the picture last
def bench() -> None:
    """Sliders, A against B, and the picture chosen."""
    view, phone = frame.moved_view(), layout.narrow()
    message, headline, first = st.container(), st.container(), st.container()
    left, right = st.columns([31, 69], gap="small")
    table = (first if phone else right).container()
    knobs = left.container(border=True, gap="xxsmall", height="stretch")
    card = right.container(border=True, gap="xxsmall", height="stretch")
    with frame.refusals(message):
        with card, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            picture = sliders.picture()
            more = st.container(horizontal=True, width="content")
            st.markdown(":small[:gray[B]]", width="content")
            against = sliders.against_weighting(view)

        figures = cached.compared(view.data, view.cohort, view.split, view.weighting, against.weighting, sliders.CUTOFF)
        prices = (view.weighting.price(view.catalog), against.weighting.price(view.catalog))

        headline.html(markup.say(words.lab(figures, view.name, against.name)))
        table.html(markup.table(*words.table(figures, view.name, against.name, prices, view.catalog.people.currency)))
        with knobs:
            lab.knobs(view)
        with card:
            lab.PICTURES[picture](lab.Bench(view, against, figures, phone), more)
        frame.settle_soon(view)


bench()
