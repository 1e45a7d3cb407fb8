"""Which source is worth having?"""

from dataclasses import replace

import polars as pl
import streamlit as st

from analytics.charts.overlap import upset
from analytics.charts.redundancy import redundancy
from analytics.charts.steps import best_of
from analytics.charts.value import value
from analytics.weighing.groups import overlap
from analytics.weighing.value import worth_in
from pages.parts.sources import inputs, sentences
from pages.parts.sources.evaluation import evaluation
from pages.shared import frame, layout, markup, window, words

view, phone = frame.view(), window.narrow()
headline = st.container()
with st.container(border=True, gap="xxsmall"):
    title, table = st.container(), st.container()
    basis = inputs.basis(view)
left, right = st.columns(2, gap="small")
middle = st.columns([56, 44], gap="small")
sheet = st.container(border=True, gap="xxsmall")
with sheet:
    key = inputs.source(view.catalog, start=view.catalog.keys[0])

under_basis = replace(view.question, weighting=basis)
worth = view.study.value(under_basis)
shared, known = view.study.redundancy(under_basis), overlap(view.persons)
rows = view.study.source_table(under_basis)
steps = view.study.best_of(under_basis)

candidates = view.study.next_source(view.question)
headline.html(markup.say(sentences.next_source(view, candidates, worth, view.study.worthiest(under_basis))))
with title:
    layout.heading("Sources", f"most worth first, under {inputs.under(basis, view)}", rows, "sources")
table.html(markup.table(*sentences.source_table(view, rows, inputs.under(basis, view))))
with left.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("Worth in AUC of everyone", f"under {inputs.under(basis, view)}; bar: fair share; ring: alone; tick: lost without it", worth, "worth")
    layout.show(value(worth_in(worth, "auc_everyone"), colours=view.colours, words="AUC of everyone", form=".3f", narrow=phone), sentences.worth_alt(worth))
with right.container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("Worth in coverage", "the same in people who can be scored", worth, "worth-coverage")
    layout.show(value(worth_in(worth, "coverage"), colours=view.colours, words="coverage", form=".1%", narrow=phone), sentences.worth_alt(worth, "coverage"))
if steps is not None:
    with middle[0].container(border=True, gap="xxsmall", height="stretch"):
        layout.heading("The best sources to have", "chosen on calibration persons, read on others; band: 95% interval", steps, "best-of")
        layout.show(best_of(steps, labels=view.labels, height=400, narrow=phone), sentences.steps_alt(steps, view.labels))
with middle[1].container(border=True, gap="xxsmall", height="stretch"):
    layout.heading("In common", "share of what two are worth alone that is lost when they stand together", shared, "in-common")
    layout.show(redundancy(shared, labels={k: view.labels[k] for k in worth["key"]}, narrow=phone), sentences.shared_alt(shared, view.labels))
with st.container(border=True, gap="xxsmall"):
    layout.heading(
        "Known to which sources", "each column is a combination, the commonest first", known, "known-to", {"share": "percent", "bad_rate": "percent"}
    )
    layout.show(upset(known.head(9 if phone else 14), labels=view.labels, colours=view.colours, narrow=phone), words.overlap_alt(known, view.labels))
with sheet:
    evaluation(view, key, rows.row(by_predicate=pl.col("key") == key, named=True) | {"under": inputs.under(basis, view)}, narrow=phone)
