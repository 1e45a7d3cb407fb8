"""What happens to the score when a source is faked, withheld, dark or wrong, and which weights hold?"""

from functools import partial

import streamlit as st

from analytics.study.stress import finished
from pages.parts.stress import inputs, pictures, sentences
from pages.shared import frame, layout, markup, window


@st.fragment  # runs alone when a knob moves: the numbers first, the knobs, the picture last
def bench() -> None:
    """The stress, before and after, and the picture chosen."""
    with frame.refusals():
        view, phone = frame.moved_view(), window.narrow()
        asked, plan, cutoff = (view.cohort, view.split, view.weighting), inputs.plan(view), view.cutoff

        with st.spinner("Asking the models what they would say"):  # shown only where it takes a while: many people buying features
            found = view.study.toll(*asked, plan, cutoff)
        key, worths = view.study.loser(*asked, plan)
        move = view.study.moving(view.weighting, key, plan)
        moved = None if move is None else view.study.toll(*asked, plan, cutoff, move.weighting)
        told = sentences.Told(found, key, worths, move, moved)
        st.html(markup.say(sentences.sentence(view, plan, told)))
        st.html(markup.beneath(sentences.people_hit(view, found, cutoff)))
        search = view.study.holding(view.weighting.floor, view.weighting.missing, plan)
        held = finished(search)
        firm = None if held is None else view.study.toll(*asked, plan, cutoff, held.firm).figures
        first = st.container()
        left, right = st.columns([31, 69], gap="small")
        table = first if phone else right
        table.html(markup.table(*sentences.table(found.figures, firm, sentences.waiting(search), told, view.labels)))
        with left.container(border=True, gap="xsmall", height="stretch"):
            inputs.choose(view)
            inputs.knobs(view)
            inputs.stack(view)
        with right.container(border=True, gap="xxsmall", height="stretch"):
            picture = inputs.picture(plan[-1])
            shown = pictures.Trial(view, plan, found, held, cutoff, phone)
            frame.follow(partial(pictures.PICTURES[picture], shown), search, *([shown.curve.future] if picture in pictures.CURVES else []))
        inputs.stand()
        frame.settle_soon()


with layout.swift():
    bench()
