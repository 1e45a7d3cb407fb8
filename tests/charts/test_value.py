from math import nan

import polars as pl
import pytest

from analytics.charts.value import value

COLOURS = {"bank": "#8a78fd", "tax": "#0a7591", "social": "#b06c48"}
FRAME = pl.DataFrame(
    {
        "source": ["bank", "tax", "social"],
        "label": ["Bank", "Tax", "Social"],
        "shapley": [0.07, 0.02, -0.003],
        "add_one": [0.15, 0.07, 0.02],
        "drop_one": [0.02, 0.006, None],
        "shapley_low": [0.066, 0.015, -0.006],
        "shapley_high": [0.074, 0.025, 0.0],
    }
)


def traces(frame: pl.DataFrame = FRAME, **options: object) -> dict:
    return {
        trace.name: trace
        for trace in value(
            frame, colours=COLOURS, words="AUC of everyone", form=".3f", **options
        ).data
    }


def test_bars_are_fair_shares_in_the_sources_colours_with_the_first_on_top() -> None:
    bars = traces()["shapley"]
    assert list(zip(bars.y, bars.x, bars.marker.color, strict=True)) == [
        ("Social", -0.003, "#b06c48"),
        ("Tax", 0.02, "#0a7591"),
        ("Bank", 0.07, "#8a78fd"),
    ]


def test_alone_is_a_ring_and_lost_without_is_an_upright_tick() -> None:
    drawn = traces()
    assert (drawn["add_one"].marker.symbol, drawn["drop_one"].marker.symbol) == (
        "circle-open",
        "line-ns",
    )
    assert list(drawn["add_one"].x) == [0.02, 0.07, 0.15]
    assert list(drawn["drop_one"].x) == pytest.approx([nan, 0.006, 0.02], nan_ok=True)


def test_intervals_are_drawn_if_they_are_known() -> None:
    assert list(traces()["interval"].error_x.array) == pytest.approx([0.003, 0.005, 0.004])
    assert "interval" not in traces(FRAME.drop("shapley_low", "shapley_high"))


def test_pointing_says_it_in_words_and_leaves_out_what_is_not_known() -> None:
    said = traces()["shapley"].customdata
    assert (
        said[2] == "<b>Bank</b>: AUC of everyone<br>+0.070 is its fair share (Shapley) (+0.066 to"
        " +0.074)<br>+0.150 when it stands alone<br>+0.020 lost without it"
    )
    assert (
        said[0] == "<b>Social</b>: AUC of everyone<br>−0.003 is its fair share (Shapley) (−0.006 to"
        " 0.000)<br>+0.020 when it stands alone"
    )


def test_fair_shares_stand_in_figures_with_their_sign() -> None:
    notes = value(FRAME, colours=COLOURS, words="coverage", form=".1%").layout.annotations
    assert [(note.y, note.text) for note in notes] == [
        ("Social", "<b>−0.3%</b>"),
        ("Tax", "<b>+2.0%</b>"),
        ("Bank", "<b>+7.0%</b>"),
    ]


def test_the_axis_holds_every_mark_and_zero_and_explains_the_marks() -> None:
    axis = value(FRAME, colours=COLOURS, words="AUC of everyone", form=".3f").layout.xaxis
    assert axis.range[0] < -0.006 < 0.15 < axis.range[1]
    assert (
        axis.title.text
        == "gain in AUC of everyone · bar: fair share · <b>○</b> alone · <b>|</b> lost without it"
    )
    assert axis.tickformat == ".2f"


def test_the_frame_stays_as_it_was() -> None:
    before = FRAME.clone()
    traces(narrow=True)
    assert before.equals(FRAME)
