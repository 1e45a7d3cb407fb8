"""Which pictures does the page of a person show? Each is given its figures and draws them."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from analytics.charts.bureaus import scales
from analytics.charts.person import standing, voices
from analytics.charts.waterfall import waterfall
from analytics.explaining.explanation import Statement
from analytics.explaining.reasons import Reason
from analytics.explaining.what_if import Raise
from analytics.reporting.person import NAMES
from pages.parts.bureaus import sentences as bureaus_sentences
from pages.parts.person import inputs, sentences
from pages.shared import layout, markup, window
from pages.shared.view import View


def score(view: View, statement: Statement, percentile: float, sentence: str) -> None:
    """Where the points stand on the scale, and how they come about."""
    points, scale = statement.points(view.scale), view.scale
    figure = standing(
        points if statement.scored else None,
        bands=scale.edges,
        low=scale.low,
        high=scale.high,
        percentile=percentile,
        narrow=window.narrow(),
    )
    layout.show(figure, sentence)
    if not statement.scored:
        return
    parts = sentences.parts(statement, scale)
    layout.heading("How the points come about", sentences.STEPS, parts, "parts-of-the-score")
    figure = waterfall(
        parts,
        start=(NAMES["base"], sentences.base(statement, scale)),
        end=("Points", points),
        colours=view.colours,
        labels=view.labels,
        narrow=window.narrow(),
    )
    layout.show(figure, sentence)


def why(statement: Statement, found: Sequence[Reason]) -> None:
    """The reasons, or why there are none."""
    layout.title("Reasons", "what took most from the score, by the features used")
    if found:
        st.html(markup.table(*sentences.reasons(found), words=True))
    else:
        st.markdown(f":gray[{markup.plain(sentences.no_reasons(statement))}]")


def raising(view: View, id: str, statement: Statement) -> Raise | None:
    """What would raise the score; None where nothing can be changed."""
    how = "by what can be changed, within what others have; fewest changes first"
    layout.title("What would raise it", how)
    if not sentences.changeable(statement):
        st.markdown(f":small[:gray[{markup.plain(sentences.FIXED)}]]")
        return None
    target = inputs.target(statement.points(view.scale), view.cutoff, view.scale)
    raised = view.study.raised(id, view.weighting, float(target))
    if raised.reason:
        st.markdown(f":small[:gray[{markup.plain(raised.reason)}]]")
    else:
        st.markdown(sentences.how_many(raised))
    if raised.ways:
        st.html(markup.table(*sentences.raising(raised), words=True))
        inputs.try_ways(raised, inputs.apart(view, id))
    return raised


def what_each_said(view: View, statement: Statement, sentence: str) -> None:
    """What each source said, and how much weight that has."""
    said = sentences.voices(view, statement)
    layout.heading("What each source said", sentences.VOICES, said, "voices")
    layout.show(voices(said, colours=view.colours, narrow=window.narrow()), sentence)


@st.fragment  # runs alone when a value is tried
def try_values(view: View, id: str, statement: Statement) -> None:
    """Live points for other values."""
    answer, points = st.empty(), statement.points(view.scale)
    changes = inputs.changes(view.study.case(id, view.weighting), statement, inputs.apart(view, id))
    option = view.study.rescored(id, view.weighting, changes)
    answer.markdown(sentences.what_if(points, option, view.scale))


def by_bureau(view: View, name: str, statement: Statement, elsewhere: pl.DataFrame) -> None:
    """The same person under every bureau."""
    layout.heading(
        "Under every bureau",
        bureaus_sentences.COMPARE,
        elsewhere,
        "under-every-bureau",
        {"probability": "percent"},
    )
    figure = scales(elsewhere, narrow=window.narrow())
    layout.show(figure, bureaus_sentences.scales_alt(name, elsewhere))
    points = statement.points(view.scale) if statement.scored else None
    if both := bureaus_sentences.two_scores(view, points, elsewhere):
        st.markdown(f":small[:gray[{markup.plain(both)}.]]")
