import polars as pl
import pytest

from analytics.charts.look import GREY
from analytics.charts.segments import segments

FRAME = pl.DataFrame(
    {
        "group": ["Region", "Region", "Age"],
        "segment": ["East", "West", "18-24"],
        "value": [0.8, 0.6, None],
        "low": [0.7, 0.55, None],
        "high": [0.85, 0.68, None],
        "persons": [1200, 300, 4],
    }
)


def test_a_segment_whose_interval_holds_the_average_is_grey() -> None:
    _, like, unlike, *_ = segments(FRAME, average=0.7).data
    assert (list(like.x), like.marker.color) == ([0.8], GREY)
    assert (list(unlike.x), unlike.marker.color) == ([0.6], None)


def test_intervals_may_be_lopsided() -> None:
    _, like, *_ = segments(FRAME, average=0.7).data
    assert list(like.error_x.array) == pytest.approx([0.05])
    assert list(like.error_x.arrayminus) == pytest.approx([0.1])


def test_a_segment_that_is_too_small_keeps_its_name_and_says_so() -> None:
    order, _, _, small = segments(FRAME, average=0.7).data
    assert [list(level) for level in order.y] == [
        ["Age", "Region", "Region"],
        ["18-24\u200b", "West", "East"],
    ]
    assert small.text[0].strip() == "too few persons"


def test_a_name_that_two_groups_share_keeps_its_place_in_both() -> None:
    frame = FRAME.with_columns(pl.Series("segment", ["1", "2", "1"]))
    order = segments(frame, average=0.7).data[0]
    assert len(set(order.y[1])) == 3


def test_pointing_says_it_in_words() -> None:
    _, like, *_ = segments(FRAME, average=0.7, words="of people can be scored").data
    assert (
        like.customdata[0]
        == "East<br>80.0% of people can be scored (70.0% to 85.0%)<br>1,200 persons"
    )


def test_the_axis_holds_all_intervals_and_the_average() -> None:
    low, high = segments(FRAME, average=0.95).layout.xaxis.range
    assert low < 0.55
    assert high > 0.95


def test_the_height_follows_the_rows_unless_it_is_given() -> None:
    assert segments(FRAME, average=0.7).layout.height == 42 + 3 * 20
    assert segments(FRAME, average=0.7, height=250).layout.height == 250


def test_rates_are_in_percent_and_other_readings_as_asked() -> None:
    assert segments(FRAME, average=0.7).layout.xaxis.tickformat == ".0%"
    assert segments(FRAME, average=0.7, form=".3f").layout.xaxis.tickformat == ".3f"


def test_only_small_segments_are_drawn_without_complaint() -> None:
    low, high = segments(FRAME[2:], average=0.7).layout.xaxis.range
    assert low < 0.7 < high
