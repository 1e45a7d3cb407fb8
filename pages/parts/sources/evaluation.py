"""How good is one source? The sheet that the pages of sources and models share."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from analytics.charts.trend import month_line
from analytics.reporting.source import source_sheet
from pages.parts.sources import sentences
from pages.shared import layout, markup, words
from pages.shared.view import SPLITS, View


def evaluation(view: View, key: str, told: Mapping[str, object], *, narrow: bool) -> None:
    """The columns of a source and how it holds over time, with the sheet to print.

    `told` is its row of the table of sources.
    """
    features, months = view.study.features(key), view.study.source_months(view.cohort, key)
    layout.heading(
        f"Evaluation of {view.labels[key]}",
        sentences.evaluation(told, view.catalog.people.currency),
        features,
        f"evaluation-of-{key}",
    )
    first, second = st.columns([62, 38], gap="medium")
    first.html(markup.table(*sentences.feature_table(features)))
    with second:
        if months is not None:
            layout.heading(
                "PSI of what it says",
                "by month; 0.10 dashed" if words.monthly(months) else words.SPARSE,
                months,
                f"psi-of-{key}",
            )
            if words.monthly(months):
                layout.show(
                    month_line(
                        months, "psi", form=".2f", words="PSI", limit=0.1, height=150, narrow=narrow
                    ),
                    "PSI of the source by month",
                )
        population = f"{view.cohort.name}, {SPLITS[view.split]}"
        layout.paper(
            "Evaluation sheet",
            f"evaluation-of-{key}",
            partial(
                source_sheet,
                view.catalog,
                key,
                told,
                features,
                months,
                population,
                note=words.few(view),
            ),
        )
