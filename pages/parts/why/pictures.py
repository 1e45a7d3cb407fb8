"""Which pictures does the page of reasons show? Each asks for its figures and draws them."""

from dataclasses import dataclass

import polars as pl
import streamlit as st

from analytics.charts.beeswarm import beeswarm
from analytics.charts.dependence import dependence, dependence_by_category
from analytics.charts.importance import importance
from analytics.charts.interaction import interaction
from analytics.charts.waterfall import waterfall
from analytics.data.cohort import Cohort
from analytics.weighing.weighting import Weighting
from pages.parts.why import inputs, sentences
from pages.shared import layout, markup, window
from pages.shared.view import View


@dataclass(frozen=True, slots=True)
class WhyView:
    """What is explained: whose scores, and at whose values other features are held."""

    view: View
    background: Cohort | None

    @property
    def asked(self) -> tuple[Cohort, str, Weighting]:
        """What contributions are asked for by."""
        return self.view.cohort, self.view.split, self.view.weighting

    def importance(self, by: str) -> pl.DataFrame:
        """What moves the scores, by source, dimension or feature."""
        return self.view.study.importance(*self.asked, by, self.background)


def what_models_did(why: WhyView, by: str) -> None:
    """What moved the scores, beside the weight that the policy gives."""
    view, groups = why.view, why.importance(by)
    how = "bar: share of all movement; tick: the weight the policy gives"
    layout.heading("What the models did", how, groups, f"importance-by-{by}", {"share": "percent"})
    moved = sentences.moved(groups, view.scale)
    figure = importance(moved, colours=view.colours, narrow=window.narrow())
    layout.show(figure, sentences.importance_alt(groups))
    if slow := sentences.slow(view.study.explained(view.split, why.background)):
        st.markdown(f":small[:gray[{markup.plain(slow)}]]")


def strongest(why: WhyView, by_feature: pl.DataFrame) -> None:
    """The features that move most, person by person."""
    view, phone = why.view, window.narrow()
    most = 8 if phone else 10
    swarm = sentences.marks(view.study.beeswarm(*why.asked, most, why.background), view.scale)
    layout.heading(
        "The strongest features",
        sentences.SWARM,
        sentences.features(by_feature, view.scale),
        "importance-of-features",
        {"share": "percent"},
    )
    figure = beeswarm(swarm, colours=view.colours, labels=view.labels, narrow=phone)
    layout.show(figure, sentences.importance_alt(by_feature))


def along(why: WhyView, by_feature: pl.DataFrame) -> tuple[str, str]:
    """How a feature's points go with its value; gives the source and the feature chosen."""
    view = why.view
    source, name = inputs.feature(view, by_feature)
    feature = view.catalog.source(source).feature(name)
    found = view.study.dependence(*why.asked, source, name, why.background)
    values = sentences.values(found, view.scale)
    layout.heading(
        feature.title,
        sentences.DEPENDENCE,
        values,
        f"dependence-on-{name}",
        {"bad_rate": "percent"},
    )
    rate, colour = view.study.base_rate(view.cohort, view.split), view.colours[source]
    if "category" in values["kind"]:
        figure = dependence_by_category(
            values, label=feature.title, colour=colour, average=rate, narrow=window.narrow()
        )
    else:
        figure = dependence(
            values,
            label=feature.title,
            colour=colour,
            unit=feature.unit,
            average=rate,
            narrow=window.narrow(),
        )
    layout.show(figure, sentences.dependence_alt(values, feature.title))
    return source, name


def together(why: WhyView, by_feature: pl.DataFrame, source: str, name: str) -> None:
    """What two features of a source say together."""
    view, partner = why.view, inputs.partner(why.view, by_feature, source, name)
    if partner is None:
        return
    found = view.study.interaction(*why.asked, source, (name, partner))
    cells = sentences.pairs(found, view.scale)
    titles = [view.catalog.source(source).feature(each).title for each in (name, partner)]
    layout.heading("Together", sentences.together(why.background), cells, "interaction")
    names = (titles[0], titles[1])
    figure = interaction(cells, names=names, height=380, narrow=window.narrow())
    layout.show(figure, f"{titles[0]} and {titles[1]} together")


def between(why: WhyView, other: Cohort) -> None:
    """Why two cohorts' mean scores differ."""
    view, names = why.view, (other.name, why.view.cohort.name)
    cohorts = (other, view.cohort)
    parted = view.study.shift(cohorts, view.split, view.weighting, why.background)
    start, end = sentences.ends(parted, names, view.scale)
    if start[1] == end[1]:
        st.markdown(f":small[:gray[{markup.plain(sentences.alike(names, end[1]))}]]")
        return
    title = f"From {names[0]} to {names[1]}"
    layout.heading(title, sentences.SHIFT, parted, "between-two-cohorts")
    figure = waterfall(
        sentences.steps(parted, view.scale),
        start=start,
        end=end,
        colours=view.colours,
        labels=view.labels,
        narrow=window.narrow(),
    )
    layout.show(figure, sentences.shift_alt(parted, names, view.scale))
