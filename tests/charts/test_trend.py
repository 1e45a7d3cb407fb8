from datetime import date
from math import isnan, nan

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.look import BAD
from analytics.charts.trend import month_line


def months(count: int) -> list[date]:
    return [date(2024 + i // 12, i % 12 + 1, 1) for i in range(count)]


FRAME = pl.DataFrame(
    {
        "month": months(4),
        "auc": [0.7, None, 0.8, 0.75],
        "auc_low": [0.65, None, 0.7, 0.7],
        "auc_high": [0.75, None, 0.9, 0.8],
    }
)


def draw(**options: object) -> go.Figure:
    return month_line(FRAME, "auc", form=".3f", words="AUC", **options)


def test_a_month_without_a_value_leaves_a_gap() -> None:
    line = draw().data[2]
    assert list(line.y) == pytest.approx([0.7, nan, 0.8, 0.75], nan_ok=True)
    assert not line.connectgaps


def test_the_last_month_and_a_month_between_gaps_are_dots() -> None:
    assert list(draw().data[3].x) == [date(2024, 1, 1), date(2024, 4, 1)]


def test_the_interval_is_a_band_if_the_frame_has_one() -> None:
    assert [list(trace.y) for trace in draw().data[:2]] == [[0.65, 0.7, 0.7], [0.75, 0.9, 0.8]]
    assert len(month_line(FRAME.select("month", "auc"), "auc", form=".3f", words="AUC").data) == 2


def test_pointing_says_it_in_words() -> None:
    assert draw().data[2].customdata[2] == "March 2024<br>AUC 0.800 (0.700 to 0.900)"


def test_the_ticks_are_the_least_and_the_greatest_value() -> None:
    assert list(draw().layout.yaxis.tickvals) == [0.7, 0.8]


def test_ticks_that_would_touch_give_way_to_the_ends_of_the_band() -> None:
    close = FRAME.with_columns(auc=pl.Series([0.75, None, 0.76, 0.75]))
    assert list(month_line(close, "auc", form=".3f", words="AUC").layout.yaxis.tickvals) == [
        0.65,
        0.9,
    ]


def test_a_reading_that_never_moves_has_one_tick() -> None:
    flat = pl.DataFrame({"month": months(3), "psi": [0.2, 0.2, 0.2]})
    axis = month_line(flat, "psi", form=".2f", words="PSI").layout.yaxis
    assert list(axis.tickvals) == [0.2]
    assert axis.range[0] < 0.2 < axis.range[1]


def test_a_limit_is_dashed_orange_and_starts_the_axis_at_zero() -> None:
    figure = draw(limit=0.9)
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].line.color) == (0.9, BAD)
    assert list(figure.layout.yaxis.tickvals) == [0.0, 0.9]


def test_the_out_of_time_months_begin_at_a_rule() -> None:
    figure = draw(split_from=date(2024, 3, 1))
    assert (figure.layout.shapes[0].x0, figure.layout.annotations[0].text) == (
        date(2024, 3, 1),
        "out of time",
    )


@pytest.mark.parametrize("count", [2, 3, 7, 12, 24, 37, 61, 130])
def test_any_span_has_two_to_five_date_ticks(count: int) -> None:
    frame = pl.DataFrame({"month": months(count), "x": [i / 100 for i in range(count)]})
    ticks = month_line(frame, "x", form=".0%", words="x").layout.xaxis
    assert ticks.tickvals[0] == date(2024, 1, 1)
    assert 2 <= len(ticks.tickvals) <= 5
    assert ticks.ticktext[0] == "Jan 2024"


def test_no_value_at_all_is_drawn_without_complaint() -> None:
    nothing = pl.DataFrame(
        {"month": months(2), "x": [None, None]}, schema_overrides={"x": pl.Float64}
    )
    assert all(isnan(y) for y in month_line(nothing, "x", form=".0%", words="x").data[0].y)
