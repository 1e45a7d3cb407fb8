"""What does each weight buy?"""

import streamlit as st

from analytics.deciding.comparison import lead
from pages.shared import board, cached, frame, lab, layout, markup, sliders, toll, window, words
from pages.shared.ahead import look_ahead


@st.fragment  # runs alone when a slider moves: the numbers first, then the sliders, the picture last
def bench() -> None:
    """Sliders, A against B, and the picture chosen."""
    with frame.refusals():
        view, phone = frame.moved_view(), window.narrow()
        against = sliders.against_weighting(view)

        asked = (view.data, view.cohort, view.split, view.weighting, against.weighting)
        st.html(markup.say(words.lab(lead(cached.met(*asked, against.stress)), view.name, against.name)))
        if against.stress:
            st.html(markup.beneath(f"B is A, if {toll.clauses(view, against.stress)}"))
        frame.say(view)
        figures = cached.compared(*asked, view.cutoff, against.stress)
        prices = (view.weighting.price(view.catalog), against.weighting.price(view.catalog))
        first = st.container()
        left, right = st.columns([31, 69], gap="small")
        table = first if phone else right
        table.html(markup.table(*words.table(figures, view.name, against.name, prices, view.catalog.people.currency)))
        with left.container(border=True, gap="xxsmall", height="stretch"):
            lab.knobs(view)
        with right.container(border=True, gap="xxsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                picture = sliders.picture()
                more = st.container(horizontal=True, width="content")
                with st.container(horizontal=True, wrap=False, width="content", vertical_alignment="center", gap="small"):
                    st.markdown(":small[:gray[B]]", width="content")
                    sliders.ask_against(view)
            lab.PICTURES[picture](lab.Bench(view, against, figures, phone), more)
        look_ahead(view, board.heard("board"))
        frame.settle_soon()


with layout.swift():
    bench()
