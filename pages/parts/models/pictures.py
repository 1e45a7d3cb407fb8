"""Which pictures does the page of models show? Each is given its figures and draws them."""

from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from analytics.charts.calibration import calibration, splits
from analytics.charts.challengers import challengers
from analytics.data.cohort import EVERYONE
from analytics.reporting.model_card import card_sheet
from analytics.sources.basis import basis
from analytics.weighing.weighting import alone
from pages.parts.models import inputs, sentences
from pages.shared import layout, markup, window
from pages.shared.view import View


def champion(view: View, contest: pl.DataFrame, waiting: tuple[str, ...]) -> None:
    """The weighting looked at and its challengers."""
    form = {"coverage": "percent"}
    layout.heading("Champion and challengers", sentences.CONTEST, contest, "challengers", form)
    figure = challengers(sentences.contest(contest), narrow=window.narrow())
    layout.show(figure, sentences.contest_alt(contest))
    if waiting:
        _wait(view, waiting)


@st.fragment(run_every=1)
def _wait(view: View, waiting: tuple[str, ...]) -> None:
    """Look again once another challenger is fitted."""
    if view.study.waiting() != waiting:
        st.rerun()


def reliability(view: View) -> None:
    """Predicted and seen default rates."""
    found = sentences.reliable(view.study.reliable(view.question), view.name)
    form = dict.fromkeys(("predicted", "seen", "low", "high"), "percent")
    layout.heading("Calibration", sentences.RELIABLE, found, "calibration", form)
    layout.show(calibration(found, narrow=window.narrow()), "Predicted and seen default rates")


def by_split(view: View, found: pl.DataFrame) -> None:
    """AUC on people the models learned from and on others."""
    title = "On people the model has not seen"
    layout.heading(title, sentences.unseen(view), found, "auc-by-split")
    shown = sentences.splits(view, found)
    figure = splits(shown, colours=view.colours, narrow=window.narrow())
    layout.show(figure, sentences.splits_alt(found))


def reliability_of(view: View, key: str) -> None:
    """Predicted and seen default rates of one source."""
    asked = replace(view.question, weighting=alone(view.catalog, key))
    found, label = view.study.reliable(asked), view.labels[key]
    how = "alone, among the people it knows"
    layout.heading(f"Calibration of {label}", how, found, f"calibration-of-{key}")
    shown = sentences.reliable(found, label)
    figure = calibration(shown, height=280, narrow=window.narrow())
    layout.show(figure, "Predicted and seen default rates of one source")


def fit_again(view: View) -> None:
    """Other settings, what the models rest on, and their card.

    The card describes the models, not whom its reader looks at.
    """
    layout.title("Fit again", "with other settings; the usual models stay")
    inputs.refit(view.study)
    st.html(markup.table(*sentences.basis(basis(view.fitted).json(), view), words=True))
    described = replace(view.question, cohort=EVERYONE, split="test")
    contest = view.study.contest(described, view.name)
    card = partial(card_sheet, view.fitted, view.weighting, name=view.name, contest=contest)
    layout.paper("Model card", "model-card", card)


def reasons_beside(view: View) -> None:
    """The features that move the weighting's and the scorecard's points most."""
    found = view.study.reasons_beside(view.question)
    if isinstance(found, str):
        layout.title("Reasons side by side", sentences.BESIDE)
        st.markdown(f":small[:gray[{markup.plain(sentences.no_scorecard(found))}]]")
        return
    layout.heading("Reasons side by side", sentences.BESIDE, found, "reasons-side-by-side")
    st.html(markup.table(*sentences.beside(found, view)))
