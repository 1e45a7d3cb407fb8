"""What does each weight buy?"""

import streamlit as st

from analytics.deciding.comparison import headline_figures
from pages.parts.stress import sentences as stress_sentences
from pages.parts.weights import inputs, pictures, sentences, slider_board
from pages.parts.weights.prefetch import look_ahead
from pages.shared import frame, layout, markup, window


# runs alone when a slider moves: the numbers first, then the sliders, the picture last
@st.fragment
def bench() -> None:
    """Sliders, A against B, and the picture chosen."""
    with frame.refusals():
        view, phone = frame.moved_view(), window.narrow()
        against = inputs.against_weighting(view)

        asked = against.question(view)
        st.html(
            markup.say(
                sentences.lab(headline_figures(view.study.paired(asked)), view.name, against.name)
            )
        )
        if against.stress:
            st.html(markup.beneath(f"B is A, if {stress_sentences.clauses(view, against.stress)}"))
        frame.say(view)
        figures = view.study.compared(asked)
        prices = (view.weighting.price(view.catalog), against.weighting.price(view.catalog))
        first = st.container()
        left, right = st.columns([31, 69], gap="small")
        table = first if phone else right
        table.html(
            markup.table(
                *sentences.table(
                    figures, view.name, against.name, prices, view.catalog.people.currency
                )
            )
        )
        with left.container(border=True, gap="xxsmall", height="stretch"):
            pictures.knobs(view)
        with right.container(border=True, gap="xxsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                picture = inputs.picture()
                more = st.container(horizontal=True, width="content")
                with st.container(
                    horizontal=True,
                    wrap=False,
                    width="content",
                    vertical_alignment="center",
                    gap="small",
                ):
                    st.markdown(":small[:gray[B]]", width="content")
                    inputs.ask_against(view)
            pictures.PICTURES[picture](pictures.Bench(view, against, figures, phone), more)
        look_ahead(view, slider_board.heard("board"))
        frame.settle_soon()


with layout.swift():
    bench()
