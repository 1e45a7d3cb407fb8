import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD
from analytics.charts.swap import swap_set

FRAME = pl.DataFrame(
    [
        ("accepted", "accepted", 400, 0.4, 0.02),
        ("accepted", "declined", 30, 0.03, 0.05),
        ("accepted", "not scored", 70, 0.07, None),
        ("not scored", "accepted", 0, 0.0, None),
        ("declined", "declined", 500, 0.5, 0.14),
    ],
    schema=["a", "b", "persons", "share", "bad_rate"],
    orient="row",
)


def draw(**options: object) -> go.Figure:
    return swap_set(FRAME, names=("ours", "equal"), **options)


def test_the_first_weighting_runs_across_and_the_second_down() -> None:
    cells = draw().data[0]
    assert {(x, y): z for x, y, z in zip(cells.x, cells.y, cells.z, strict=True)} == {
        (0, 0): 0.4,
        (0, 1): 0.03,
        (0, 2): 0.07,
        (2, 0): 0.0,
        (1, 1): 0.5,
    }
    assert (draw().layout.xaxis.title.text, draw().layout.yaxis.title.text) == (
        "with <b>ours</b>",
        "with <b>equal</b>",
    )
    assert draw().layout.yaxis.range[0] > draw().layout.yaxis.range[1]


def test_people_swapped_in_have_a_blue_edge_and_people_swapped_out_an_orange_one() -> None:
    edges = [
        ((edge.x0 + edge.x1) / 2, (edge.y0 + edge.y1) / 2, edge.line.color)
        for edge in draw().layout.shapes
    ]
    assert edges == [(0, 1, GOOD), (0, 2, GOOD), (1, 0, BAD), (2, 0, BAD)]


def test_a_cell_says_who_how_many_and_how_they_pay() -> None:
    words = dict(
        zip(zip(draw().data[1].x, draw().data[1].y, strict=True), draw().data[1].text, strict=True)
    )
    assert words[0, 0] == "<b>40.0%</b> of people<br>bad rate 2.0%"
    assert words[0, 1] == "swapped in<br><b>3.0%</b> of people<br>bad rate 5.0%"
    assert words[0, 2] == "swapped in<br><b>7.0%</b> of people<br>too few to tell"
    assert words[2, 0] == "swapped out<br><b>0.0%</b> of people"


def test_a_phone_loses_words_and_keeps_figures() -> None:
    assert "swapped in<br><b>3.0%</b><br>5.0% bad" in draw(narrow=True).data[1].text


def test_pointing_says_it_in_a_full_phrase() -> None:
    said = draw().data[0].customdata
    assert (
        "ours: accepted; equal: declined<br>3.0% of people (30)<br>5.0% of them defaulted" in said
    )
    assert (
        "ours: accepted; equal: not scored<br>7.0% of people (70)<br>too few to tell their bad rate"
        in said
    )
