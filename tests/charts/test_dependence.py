from itertools import pairwise

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.dependence import dependence, dependence_by_category
from analytics.charts.look import BAD

COLOUR = "#456c4b"
READ = {
    "points": [-2.0, 10.0, 0.0, -20.0],
    "points_low": [-4.0, 8.0, -3.0, -25.0],
    "points_high": [1.0, 12.0, 4.0, -15.0],
    "bad_rate": [0.1, 0.04, 0.08, None],
    "bad_rate_low": [0.08, 0.03, 0.06, None],
    "bad_rate_high": [0.12, 0.05, 0.1, None],
    "persons": [500, 1000, 1000, 3],
}
NUMBERS = pl.DataFrame({"low": [None, 0.0, 0.25, 0.5], "high": [None, 0.25, 0.5, 1.0], **READ})
MONEY = pl.DataFrame({"low": [None, 0.0, 100.0, 500.0], "high": [None, 100.0, 500.0, 1e6], **READ})
NAMES = pl.DataFrame({"category": ["Gold", None, "Silver", "Dormant or closed"], **READ})


def draw(frame: pl.DataFrame = NUMBERS, **options: object) -> go.Figure:
    return dependence(frame, label="Card limits in use", colour=COLOUR, **options)


def named(figure: go.Figure, name: str) -> list:
    return [trace for trace in figure.data if trace.name == name]


def test_contribution_default_rate_and_people_stand_in_aligned_panels() -> None:
    figure = draw()
    (line,), (_, _), (_, _) = (
        named(figure, "points"),
        named(figure, "bad rate"),
        named(figure, "people"),
    )
    rate, people = named(figure, "bad rate")[0], named(figure, "people")[0]
    assert list(line.x) == list(rate.x) == list(people.x) == [0.125, 0.375, 0.75]
    assert (line.yaxis, rate.yaxis, people.yaxis) == (None, "y2", "y3")
    domains = [figure.layout[axis].domain for axis in ("yaxis3", "yaxis2", "yaxis")]
    assert all(lower[1] < upper[0] for lower, upper in pairwise(domains))


def test_the_mean_is_a_line_in_the_sources_colour_within_the_band_of_its_people() -> None:
    figure = draw()
    lower, upper, line = figure.data[:3]
    assert (list(lower.y), list(line.y), list(upper.y)) == (
        [8, -3, -25],
        [10, 0, -20],
        [12, 4, -15],
    )
    assert (line.line.color, upper.fill) == (COLOUR, "tonexty")


def test_default_rates_are_orange_with_their_interval() -> None:
    rate = named(draw(), "bad rate")[0]
    assert rate.marker.color == BAD
    assert list(rate.error_y.array)[:2] == pytest.approx([0.01, 0.02])


def test_people_without_a_value_stand_apart_on_the_left() -> None:
    figure = draw()
    (apart,) = named(figure, "points apart")
    assert (apart.mode, list(apart.y)) == ("markers", [-2])
    assert figure.layout.xaxis.range[0] < apart.x[0] < 0
    assert figure.layout.xaxis.ticktext[0] == "no<br>value"


def test_where_everyone_has_a_value_nothing_stands_apart() -> None:
    axis = draw(NUMBERS[1:]).layout.xaxis
    assert list(axis.tickvals) == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    )


def test_pointing_says_it_in_words() -> None:
    (line,), rate = named(draw(unit="share"), "points"), named(draw(unit="share"), "bad rate")
    assert (
        line.customdata[0]
        == "<b>Card limits in use</b><br>0 to 0.25 share<br>raises the score by 10.0 points on"
        " average<br>(90% of them: +8.0 to +12.0)<br>4.0% of them defaulted (3.0% to"
        " 5.0%)<br>1,000 persons"
    )
    assert (
        line.customdata[2]
        == "<b>Card limits in use</b><br>0.5 to 1 share<br>lowers the score by 20.0 points on"
        " average<br>(90% of them: −25.0 to −15.0)<br>too few to tell their bad rate<br>3"
        " persons"
    )
    assert (
        rate[1]
        .customdata[0]
        .startswith("<b>Card limits in use</b><br>no value<br>lowers the score by 2.0 points")
    )


def test_values_that_crowd_are_drawn_in_steps_of_equal_width_with_their_edges() -> None:
    crowded = pl.concat([MONEY, MONEY[3:].with_columns(low=1e6, high=3e6)])
    figure = draw(crowded, unit="CNY")
    assert list(named(figure, "points")[0].x) == [0.5, 1.5, 2.5, 3.5]
    assert list(figure.layout.xaxis.ticktext) == ["no<br>value", "0", "100", "500", "1M", "3M"]
    assert figure.layout.xaxis.title.text == "Card limits in use (CNY), uneven steps"


def test_single_values_are_steps_named_by_their_value() -> None:
    counts = NUMBERS.with_columns(
        low=pl.Series([None, 0.0, 1.0, 2.0]), high=pl.Series([None, 0.0, 1.0, 12.0])
    )
    axis = draw(counts).layout.xaxis
    assert list(axis.ticktext) == ["no<br>value", "0", "1", "2–12"]
    assert axis.title.text == "Card limits in use"


def test_the_average_of_everyone_is_a_dashed_rule_in_the_panel_of_rates() -> None:
    figure = draw(average=0.081)
    rule = next(shape for shape in figure.layout.shapes if shape.yref == "y2")
    assert (rule.y0, rule.line.dash) == (0.081, "dash")
    assert any(note.text == "everyone 8.1%" for note in figure.layout.annotations)


def test_categories_are_columns_in_their_order_with_those_without_one_first() -> None:
    figure = dependence_by_category(NAMES, label="Tier", colour=COLOUR)
    (dots,) = named(figure, "points apart")
    assert list(zip(dots.x, dots.y, strict=True)) == [(0, 10), (1.5, -2), (2.5, 0), (3.5, -20)]
    assert [text.replace("<br>", " ") for text in figure.layout.xaxis.ticktext] == [
        "no value",
        "Gold",
        "Silver",
        "Dormant or closed",
    ]


def test_a_category_has_the_interval_of_its_people() -> None:
    (dots,) = named(dependence_by_category(NAMES, label="Tier", colour=COLOUR), "points apart")
    assert (list(dots.error_y.arrayminus), list(dots.error_y.array)) == ([2, 2, 3, 5], [2, 3, 4, 5])


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 1), slice(1, 2)])
def test_one_bin_or_none_is_drawn_without_complaint(rows: slice, narrow: bool) -> None:
    assert draw(NUMBERS[rows], average=0.1, narrow=narrow).layout.xaxis.range[0] < 0
    figure = dependence_by_category(NAMES[rows], label="Tier", colour=COLOUR, narrow=narrow)
    assert len(figure.layout.xaxis.ticktext) == rows.stop - rows.start
