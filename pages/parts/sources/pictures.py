"""Which pictures does the page of sources show? Each is given its figures and draws them."""

import polars as pl
import streamlit as st

from analytics.charts.redundancy import redundancy
from analytics.charts.steps import best_of
from analytics.charts.value import value
from analytics.metrics import METRICS
from analytics.weighing.value import worth_in
from pages.parts.sources import sentences
from pages.shared import layout, markup, window
from pages.shared.view import View


def table(view: View, rows: pl.DataFrame, under: str) -> None:
    """All sources, most worth first."""
    layout.heading("Sources", f"most worth first, under {under}", rows, "sources")
    st.html(markup.table(*sentences.source_table(view, rows, under)))


def worth(view: View, found: pl.DataFrame, metric: str, how: str, name: str) -> None:
    """What each source is worth in one metric; `how` to read it, `name` of its file."""
    words = "coverage" if metric == "coverage" else METRICS[metric].label
    layout.heading(f"Worth in {words}", how, found, name)
    figure = value(
        worth_in(found, metric),
        colours=view.colours,
        words=words,
        form=METRICS[metric].form,
        narrow=window.narrow(),
    )
    layout.show(figure, sentences.worth_alt(found, metric))


def best(view: View, steps: pl.DataFrame) -> None:
    """The best sources to have, for each number of them."""
    layout.heading(
        "The best sources to have",
        "chosen on calibration persons, read on others; band: 95% interval",
        steps,
        "best-of",
    )
    figure = best_of(steps, labels=view.labels, height=400, narrow=window.narrow())
    layout.show(figure, sentences.steps_alt(steps, view.labels))


def in_common(view: View, shared: pl.DataFrame, keys: pl.Series) -> None:
    """What every two sources have in common."""
    layout.heading(
        "In common",
        "share of what two are worth alone that is lost when they stand together",
        shared,
        "in-common",
    )
    labels = {key: view.labels[key] for key in keys}
    figure = redundancy(shared, labels=labels, narrow=window.narrow())
    layout.show(figure, sentences.shared_alt(shared, view.labels))
