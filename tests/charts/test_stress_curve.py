from itertools import combinations, pairwise
from math import isnan, nan
from unittest.mock import ANY

import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.look import GREY
from analytics.charts.stress_curve import HEADER, Panel, spread, stress_curve, stress_panels

RED = "#ba506d"
FRAME = pl.DataFrame(
    {
        "share": [0.0, 0.17, 1.0, 0.5],
        "auc": [0.783, 0.771, 0.72, 0.75],
        "auc_low": [0.767, 0.755, 0.704, 0.734],
        "auc_high": [0.799, 0.787, 0.736, 0.766],
        "bad": [0.03, 0.035, 0.05, 0.04],
        "cross": [0, 620, 5200, 2300],
        "cost": [None, 300.0, 800.0, 500.0],
    }
)
PANELS = [
    Panel("auc", "AUC of everyone", ".3f", 0.783),
    Panel("bad", "bad rate of the accepted", ".1%", 0.03),
    Panel("cross", "people", ",.0f", 0.0, True),
]
COST = Panel("cost", "cost per crossing, CNY", ",.0f", None, True)
LAW = pl.DataFrame({"share": [0.0, 1.0], "value": [0.783, 0.7]})
WORDS = "defaulters who fake orders"


def curve(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    given = {
        "column": "auc",
        "title": "AUC of everyone",
        "form": ".3f",
        "colour": RED,
        "now": 0.17,
        "before": 0.783,
        "words": WORDS,
    }
    return stress_curve(frame, **{**given, **options})


def three(
    frame: pl.DataFrame = FRAME, panels: list[Panel] = PANELS, now: float = 0.17, **options: object
) -> go.Figure:
    return stress_panels(frame, panels, colour=RED, now=now, words=WORDS, **options)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_the_line_joins_what_has_been_read_in_the_order_of_the_share() -> None:
    line = named(curve(), "auc")
    assert (list(line.x), list(line.y)) == ([0.0, 0.17, 0.5, 1.0], [0.783, 0.771, 0.75, 0.72])
    assert line.line.color == RED


def test_the_share_looked_at_is_a_dot_with_its_value_and_a_rule() -> None:
    figure = curve()
    assert (list(named(figure, "now").x), list(named(figure, "now").y)) == ([0.17], [0.771])
    assert {"<b>0.771</b>", "at 17%"} <= set(texts(figure))
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.17, 0.17)


def test_a_share_that_has_not_been_read_has_a_rule_and_no_dot() -> None:
    figure = curve(now=0.3)
    assert list(named(figure, "now").x) == []
    assert texts(figure) == ["before 0.783", "at 30%"]


def test_pointing_says_it_in_words() -> None:
    assert (
        named(curve(), "auc").customdata[1]
        == "<b>17% of them</b><br>AUC of everyone 0.771 (0.755 to 0.787)<br>0.012 less than before"
    )
    assert (
        named(three(), "bad").customdata[3]
        == "<b>100% of them</b><br>bad rate of the accepted 5.0%<br>2.0 points more than before"
    )
    assert named(three(), "cross").customdata[1] == "<b>17% of them</b><br>people 620"


def test_the_value_before_is_a_thin_grey_line_and_the_law_a_dashed_one_and_both_have_their_names() -> (
    None
):
    figure = curve(law=LAW)
    before, law = named(figure, "before"), named(figure, "law")
    assert (list(before.y), before.line.color, before.line.width) == ([0.783, 0.783], GREY, 1)
    assert (list(law.y), law.line.dash, law.customdata[1]) == (
        [0.783, 0.7],
        "dash",
        "<b>100% of them</b><br>theory says 0.700",
    )
    assert texts(figure)[:2] == ["before 0.783", "law 0.700"]
    assert texts(curve(law=LAW, narrow=True))[:2] == ["before<br>0.783", "law<br>0.700"]


@given(st.lists(st.floats(0, 300), max_size=2), st.floats(1, 40))
def test_two_names_never_touch_and_keep_their_middle_and_order(
    ups: list[float], least: float
) -> None:
    apart = spread(ups, least)
    assert sum(apart) == pytest.approx(sum(ups))
    assert all(abs(a - b) >= least - 1e-6 for a, b in combinations(apart, 2))
    assert sorted(range(len(ups)), key=lambda i: -ups[i]) == sorted(
        range(len(ups)), key=lambda i: -apart[i]
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_names_of_lines_that_end_together_are_moved_apart_and_have_room_at_the_right(
    narrow: bool,
) -> None:
    figure = curve(law=LAW.with_columns(value=pl.Series([0.783, 0.783])), narrow=narrow)
    first, second = figure.layout.annotations[:2]
    assert first.yshift - second.yshift == (31 if narrow else 16)
    assert figure.layout.margin.r > 6 * max(
        len(part) for note in (first, second) for part in note.text.split("<br>")
    )


@pytest.mark.parametrize(("now", "anchor"), [(0.0, "left"), (1.0, "right")])
def test_words_at_the_ends_of_the_axis_stay_inside(now: float, anchor: str) -> None:
    for text in ("at 0%", "<b>0.783</b>") if now == 0 else ("at 100%", "<b>0.720</b>"):
        assert (
            next(note.xanchor for note in curve(now=now).layout.annotations if note.text == text)
            == anchor
        )


def test_the_axis_of_shares_stays_as_it_is_while_points_arrive() -> None:
    ranges = [tuple(curve(FRAME[:rows], most=0.6).layout.xaxis.range) for rows in range(5)]
    assert ranges == [pytest.approx((-0.012, 0.612))] * 5
    assert curve().layout.xaxis.tickformat == ".0%"


def test_shares_beyond_the_greatest_are_not_drawn() -> None:
    assert list(named(curve(most=0.6), "auc").x) == [0.0, 0.17, 0.5]


def test_the_upright_axis_holds_the_interval_the_value_before_and_the_law() -> None:
    low, high = curve(
        law=LAW.with_columns(value=pl.Series([0.783, 0.65])), before=0.83
    ).layout.yaxis.range
    assert low <= 0.65
    assert high >= 0.83


def test_an_axis_is_never_less_high_than_two_points_and_never_below_nothing() -> None:
    flat = pl.DataFrame({"share": [0.0, 1.0], "auc": [0.7, 0.7001], "rate": [0.001, 0.002]})
    low, high = curve(flat, before=0.7).layout.yaxis.range
    assert high - low >= 0.02 - 1e-9
    low, high = curve(flat, column="rate", form=".1%", before=0.001).layout.yaxis.range
    assert -0.002 < low < 0 < high


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1e4, 1e6)), max_size=12),
    st.sampled_from([".3f", ".1%", ",.0f"]),
    st.booleans(),
)
def test_every_value_is_in_sight_and_no_two_ticks_are_written_alike(
    points: list[tuple[float, float]], form: str, zero: bool
) -> None:
    frame = pl.DataFrame(points, schema={"share": pl.Float64, "x": pl.Float64}, orient="row")
    axis = three(frame, [Panel("x", "x", form, None, zero)]).layout.yaxis
    low, high = axis.range
    wide = high - low
    assert all(low - 0.01 * wide <= value <= high + 0.01 * wide for _, value in points)
    ticks = [axis.dtick * i for i in range(round(low / axis.dtick), round(high / axis.dtick) + 1)]
    assert len({f"{tick:{axis.tickformat}}" for tick in ticks}) == len(ticks)


def test_panels_stand_side_by_side_with_an_upright_axis_each() -> None:
    figure = three()
    assert all(
        left.domain[1] < right.domain[0]
        for left, right in pairwise(
            [figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3]
        )
    )
    assert [figure.layout[f"yaxis{i}"].tickformat for i in (1, 2, 3)] == [".2f", ".1%", ",.0f"]
    assert (named(figure, "cross").xaxis, named(figure, "cross").yaxis) == ("x3", "y3")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_on_a_phone_panels_stand_one_below_the_other_with_room_for_their_headers(
    count: int,
) -> None:
    figure = three(panels=PANELS[:count], narrow=True)
    domains = [figure.layout[f"yaxis{i + 1}"].domain for i in range(count)]
    drawn = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    assert (domains[0][1], domains[-1][0]) == pytest.approx((1, 0))
    assert all((upper[0] - lower[1]) * drawn > HEADER for upper, lower in pairwise(domains))
    assert [figure.layout[f"xaxis{i + 1}"].showticklabels for i in range(count)] == [False] * (
        count - 1
    ) + [True]


def test_over_each_panel_stand_its_values_now_and_before() -> None:
    dot, dash = f'<span style="color:{RED}">●</span>', f'<span style="color:{GREY}">━</span>'
    assert texts(three())[:2] == [
        f"AUC of everyone<br>{dot} <b>0.771</b>&nbsp;&nbsp; {dash} before 0.783",
        f"bad rate of the accepted<br>{dot} <b>3.5%</b>&nbsp;&nbsp; {dash} before 3.0%",
    ]
    assert texts(three())[-1] == f"{WORDS} · {dot} at 17%"
    assert texts(three(now=0.3))[0] == f"AUC of everyone<br>{dash} before 0.783"


def test_a_reading_without_a_value_before_has_no_line_and_a_missing_value_leaves_a_gap() -> None:
    figure = three(panels=[COST])
    assert [trace.name for trace in figure.data] == ["cost", "now"]
    assert isnan(named(figure, "cost").y[0])
    assert named(figure, "cost").customdata[:2] == (
        "",
        "<b>17% of them</b><br>cost per crossing, CNY 300",
    )


def test_a_value_that_is_no_number_is_missing_too() -> None:
    frame = FRAME.with_columns(
        auc_low=pl.lit(nan), auc=pl.when(share=1.0).then(nan).otherwise("auc")
    )
    assert named(curve(frame), "auc").customdata[1:] == (
        "<b>17% of them</b><br>AUC of everyone 0.771<br>0.012 less than before",
        ANY,
        "",
    )


def test_only_a_reading_with_an_interval_has_a_band() -> None:
    assert [trace.yaxis for trace in three().data if trace.line.width == 0] == ["y", "y"]


@pytest.mark.parametrize("narrow", [False, True])
def test_before_the_first_point_only_the_axes_and_the_values_before_are_there(narrow: bool) -> None:
    figure = three(FRAME.clear(), narrow=narrow)
    assert sum(len(trace.x) for trace in figure.data if trace.name != "before") == 0
    assert [
        axis.range[0] <= panel.before <= axis.range[1]
        for axis, panel in zip(figure.select_yaxes(), PANELS, strict=True)
    ] == [True] * 3


def test_thousands_of_shares_are_thinned() -> None:
    many = pl.DataFrame({"share": [i / 5000 for i in range(5001)], "auc": [0.7] * 5001})
    assert sum(len(trace.x) for trace in curve(many).data) < 2000
    assert list(named(curve(many), "now").x) == [0.17]


def test_heights_are_fixed_and_the_frame_stays_as_it_was() -> None:
    before = FRAME.clone()
    assert [
        figure.layout.height
        for figure in (curve(), curve(narrow=True), three(), three(narrow=True), three(height=300))
    ] == [330, 330, 260, 512, 300]
    assert before.equals(FRAME)
