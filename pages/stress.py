"""What happens to the score when a source is faked, withheld, dark or wrong?"""

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
        asked = (view.cohort, view.split, view.weighting)
        plan = inputs.plan(view)
        cutoff = view.cutoff

        with st.spinner(
            "Asking the models what they would say"
        ):  # shown only where it takes a while: many people buying features
            found = view.study.stress_effect(*asked, plan, cutoff)
        key, worths = view.study.loser(*asked, plan)
        move = view.study.moving(view.weighting, key, plan)
        moved = (
            None if move is None else view.study.stress_effect(*asked, plan, cutoff, move.weighting)
        )
        loss = sentences.Loss(found, key, worths, move, moved)
        st.html(markup.say(sentences.sentence(view, plan, loss)))
        st.html(markup.beneath(sentences.people_hit(view, found, cutoff)))
        search = view.study.robust_search(view.weighting.floor, view.weighting.missing, plan)
        robust = finished(search)
        robust_figures = (
            None
            if robust is None
            else view.study.stress_effect(*asked, plan, cutoff, robust.robust).figures
        )
        first = st.container()
        left, right = st.columns([31, 69], gap="small")
        table = first if phone else right
        table.html(
            markup.table(
                *sentences.table(
                    found.figures, robust_figures, sentences.waiting(search), loss, view.labels
                )
            )
        )
        with left.container(border=True, gap="xsmall", height="stretch"):
            inputs.choose(view)
            inputs.knobs(view)
            inputs.stack(view)
        with right.container(border=True, gap="xxsmall", height="stretch"):
            picture = inputs.picture(plan[-1])
            shown = pictures.StressView(view, plan, found, robust, cutoff, phone)
            frame.follow(
                partial(pictures.PICTURES[picture], shown),
                search,
                *([shown.curve.future] if picture in pictures.CURVES else []),
            )
        inputs.stand()
        frame.settle_soon()


with layout.swift():
    bench()
