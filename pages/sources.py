"""Which source is worth having?"""

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts.cohorts.pictures import known_to
from pages.parts.sources import inputs, pictures, sentences
from pages.parts.sources.evaluation import evaluation
from pages.shared import frame, markup, window

HOW = "; bar: fair share; ring: alone; tick: lost without it"

view = frame.view()
headline = st.container()
with st.container(border=True, gap="xxsmall"):
    table = st.container(gap="xxsmall")
    basis = inputs.basis(view)
left, right = st.columns(2, gap="small")
middle = st.columns([56, 44], gap="small")
sheet = st.container(border=True, gap="xxsmall")
with sheet:
    key = inputs.source(view.catalog, start=view.catalog.keys[0])

asked, under = replace(view.question, weighting=basis), inputs.under(basis, view)
worth, rows = view.study.value(asked), view.study.source_table(asked)
steps, shared = view.study.best_of(asked), view.study.redundancy(asked)
candidates, worthiest = view.study.next_source(view.question), view.study.worthiest(asked)

headline.html(markup.say(sentences.next_source(view, candidates, worth, worthiest)))
with table:
    pictures.table(view, rows, under)
with left.container(border=True, gap="xxsmall", height="stretch"):
    pictures.worth(view, worth, "auc_everyone", f"under {under}{HOW}", "worth")
with right.container(border=True, gap="xxsmall", height="stretch"):
    how = "the same in people who can be scored"
    pictures.worth(view, worth, "coverage", how, "worth-coverage")
if steps is not None:
    with middle[0].container(border=True, gap="xxsmall", height="stretch"):
        pictures.best(view, steps)
with middle[1].container(border=True, gap="xxsmall", height="stretch"):
    pictures.in_common(view, shared, worth["key"])
with st.container(border=True, gap="xxsmall"):
    known_to(view, most=14)
with sheet:
    chosen = rows.row(by_predicate=pl.col("key") == key, named=True)
    evaluation(view, key, chosen | {"under": under}, narrow=window.narrow())
