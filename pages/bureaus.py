"""Who sees what, and what would joining do?"""

from dataclasses import replace

import streamlit as st

from analytics.charts.bureaus import alliance, bubbles, scales, union
from pages.parts.bureaus import inputs, sentences
from pages.parts.person import inputs as person_inputs
from pages.parts.weights import sentences as weights_sentences
from pages.shared import frame, layout, markup, window

view, phone = frame.view(), window.narrow()
if len(view.catalog.bureaus) < 2:
    st.html(markup.say(sentences.lonely(view.catalog)))
    with st.container(border=True, gap="xsmall"):
        layout.title("What it will show", sentences.SHOWN)
        layout.title("How to add bureaus", sentences.where(view.catalog))
        st.code(sentences.bureaus_to_add(view.catalog), "toml", wrap_lines=True)
    st.stop()
headline = st.container()
left, right = st.columns([60, 40], gap="small")
with right.container(border=True, gap="xxsmall", height="stretch"):
    partners, match = inputs.partners(view.catalog)
    joined = st.container()
listed, gained = st.container(border=True, gap="xxsmall"), st.container(border=True, gap="xxsmall")
person = st.container(border=True, gap="xxsmall")
with person:
    chosen = person_inputs.person(view)

table = view.study.bureau_readings(view.cohort, view.split, view.weighting.floor, view.weighting.missing)
together = view.study.alliance(view.cohort, view.split, view.weighting.floor, view.weighting.missing, partners, match)
learned = view.study.learned(view.weighting.floor, view.weighting.missing)
opened, divided = (view.study.silos(view.cohort, view.split, replace(learned, floor=floor))["coverage"] for floor in (together.whole, together.floor))
opening = sentences.opening(together, opened, divided)
rows = sentences.bureaus(view, table, partners, opening)
names = sentences.two_names(view, table, view.study.silos(view.cohort, view.split, view.weighting))

headline.html(markup.say(sentences.joining(together)))
headline.markdown(f":small[:gray[{markup.plain(' '.join([*([names + '.'] if names else []), 'Full opening: ' + opening]))}]]")
with left.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading(
        "Bureaus", "each on its own data; up ranks better, right scores more people; size: people it knows", rows, "bureaus", weights_sentences.PERCENT
    )
    layout.show(bubbles(rows, height=420 if phone else 640, narrow=phone), sentences.bubbles_alt(rows))
with joined:
    layout.heading("Who knows them", "share of people; orange: defaulted", together.parts, "alliance-parts", {"share": "percent", "bad_rate": "percent"})
    layout.show(alliance(together.parts, narrow=True), sentences.parts_alt(together.parts))
    layout.heading("Alone and together", "rings: each partner; dot: the union", together.marks, "alliance", weights_sentences.PERCENT)
    layout.show(union(together.marks, height=230, narrow=True), sentences.joining(together).replace("**", ""))
with gained:
    layout.heading("What each gains", "by joined records, and by the floor that is divided among them", together.gains, "alliance-gains")
    st.html(markup.table(*sentences.gains_table(together)))
with listed:
    layout.heading(
        "All bureaus", "not official: where each comes from stands on hover; most people scored first", table, "all-bureaus", weights_sentences.PERCENT
    )
    st.html(markup.table(*sentences.bureau_table(view, table.head(sentences.MOST))))
    if len(table) > sentences.MOST:
        with st.expander(f"{len(table) - sentences.MOST} more"):
            st.html(markup.table(*sentences.bureau_table(view, table[sentences.MOST :])))
with person:
    seen = view.study.person_by_bureau(chosen, view.weighting.floor, view.weighting.missing)
    layout.heading(f"Person {person_inputs.named(view, chosen)} under every bureau", sentences.COMPARE, seen, "person-scales", {"probability": "percent"})
    layout.show(scales(seen, narrow=phone), sentences.scales_alt(person_inputs.named(view, chosen), seen))
    if both := sentences.two_scores(view, view.study.points(chosen, view.weighting), seen):
        st.markdown(f":small[:gray[{markup.plain(both)}.]]")
