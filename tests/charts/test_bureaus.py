from math import log

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.bureaus import alliance, bubbles, scales, union
from analytics.charts.look import BAD, GOOD, GREY

BUREAUS = pl.DataFrame(
    {
        "key": ["zhima", "ccb"],
        "label": ["Zhima-like", "CCB"],
        "coverage": [0.52, 0.14],
        "auc": [0.67, 0.55],
        "auc_low": [0.66, 0.54],
        "auc_high": [0.68, 0.56],
        "persons": [6400, 1600],
        "known": [0.64, 0.16],
        "price": [1.2, None],
        "provenance": ["widely reported, unofficial; sources disagree about its weights", None],
    }
)
PARTS = pl.DataFrame(
    {
        "part": ["both", "only CCB", "neither"],
        "persons": [90, 10, 900],
        "share": [0.09, 0.01, 0.9],
        "bad_rate": [0.05, None, 0.1],
    }
)
MARKS = pl.DataFrame(
    [
        ("partner", "CCB", 0.14, 0.55, 0.54, 0.56),
        ("partner", "Zhima-like", 0.52, 0.67, None, None),
        ("union", "together", 0.57, 0.7, 0.69, 0.71),
    ],
    schema=["kind", "name", "coverage", "auc", "auc_low", "auc_high"],
    orient="row",
)
SCORES = pl.DataFrame(
    {
        "label": ["Zhima-like", "CCB", "Xiaomi-like"],
        "probability": [0.02, 0.1, None],
        "points": [650.4, 520.0, None],
        "low": [350, 300, 0],
        "high": [950, 850, 1000],
        "scored": [True, True, False],
    }
)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.text]


def test_the_area_of_a_bubble_is_the_share_of_people_known() -> None:
    large, small = named(bubbles(BUREAUS), "others").marker.size
    assert (large / small) ** 2 == pytest.approx(4)


def test_picked_bureaus_are_filled_with_ink_and_the_others_grey() -> None:
    figure = bubbles(BUREAUS.with_columns(picked=pl.col("key") == "ccb"))
    assert (named(figure, "picked").marker.color, named(figure, "others").marker.color) == (
        None,
        GREY,
    )
    assert list(named(figure, "picked").x) == [0.14]
    assert {"<b>CCB</b>", "Zhima-like"} == set(texts(figure))


def test_a_bureau_says_what_it_knows_and_where_the_figures_come_from() -> None:
    said = dict(reversed(entry) for entry in named(bubbles(BUREAUS), "others").customdata)
    assert (
        said["zhima"]
        == "<b>Zhima-like</b><br>knows 64.0% of people (6,400), scores 52.0%<br>AUC of everyone"
        " 0.670 (0.660 to 0.680)<br>price 1.20 per person<br>widely reported, unofficial;"
        " sources disagree<br>about its weights"
    )
    assert (
        said["ccb"]
        == "<b>CCB</b><br>knows 16.0% of people (1,600), scores 14.0%<br>AUC of everyone 0.550"
        " (0.540 to 0.560)"
    )


def test_defaulters_are_the_orange_end_of_a_bar_and_unknown_rates_leave_it_grey() -> None:
    paid, bad = alliance(PARTS).data
    assert list(zip(paid.y, paid.x, bad.x, strict=True)) == [
        ("neither", pytest.approx(0.81), pytest.approx(0.09)),
        ("only CCB", 0.01, 0.0),
        ("both", pytest.approx(0.0855), 0.0045),
    ]
    assert (list(paid.marker.color), bad.marker.color) == ([GOOD, GREY, GOOD], BAD)


def test_every_part_has_its_share_and_its_bad_rate_beside_it() -> None:
    assert texts(alliance(PARTS)) == [
        "<b>90.0%</b>, bad rate <b>10.0%</b>",
        "<b>1.0%</b>, too few to tell",
        "<b>9.0%</b>, bad rate <b>5.0%</b>",
    ]
    assert texts(alliance(PARTS, narrow=True))[0] == "<b>90.0%</b>, <b>10.0%</b> bad"
    assert (
        alliance(PARTS).data[0].customdata[1]
        == "known to only CCB<br>1.0% of people (10)<br>too few to tell their bad rate"
    )


def test_an_arrow_leads_from_each_partner_to_the_union() -> None:
    arrows = [
        ((note.ax, note.ay), (note.x, note.y))
        for note in union(MARKS).layout.annotations
        if note.showarrow
    ]
    assert arrows == [((0.14, 0.55), (0.57, 0.7)), ((0.52, 0.67), (0.57, 0.7))]


def test_partners_are_rings_the_union_is_filled_and_all_are_named() -> None:
    figure = union(MARKS)
    assert (named(figure, "partner").marker.symbol, named(figure, "union").marker.symbol) == (
        "circle-open",
        None,
    )
    assert set(texts(figure)) == {"CCB", "Zhima-like", "<b>together</b>"}
    assert (
        named(figure, "partner").customdata[1]
        == "<b>Zhima-like</b><br>52.0% of people can be scored<br>AUC of everyone 0.670"
    )


def test_a_safer_person_stands_further_right_on_a_log_odds_axis() -> None:
    dots = named(scales(SCORES), "scored")
    assert list(zip(dots.y, dots.x, strict=True)) == [
        ("CCB", pytest.approx(log(9))),
        ("Zhima-like", pytest.approx(log(49))),
    ]
    assert list(scales(SCORES).layout.xaxis.ticktext) == ["2%", "5%", "10%"]


def test_points_stand_beside_the_dot_with_their_range_and_the_unscored_are_named() -> None:
    assert texts(scales(SCORES)) == ["<b>520</b> of 300–850", "<b>650</b> of 350–950", "no score"]
    assert (
        named(scales(SCORES), "scored").customdata[1]
        == "<b>Zhima-like</b><br>650 points on a scale from 350 to 950<br>2.0% probability of"
        " default"
    )


def test_a_person_without_any_score_is_drawn_without_complaint() -> None:
    assert texts(scales(SCORES[2:])) == ["no score"]
