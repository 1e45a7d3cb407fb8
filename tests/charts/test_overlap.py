from math import nan

import polars as pl
import pytest

from analytics.charts.look import BAD
from analytics.charts.overlap import hit_fill, upset

LABELS = {"bank": "Bank", "tax": "Tax", "phone": "Phone"}
COLOURS = {"bank": "#456c4b", "tax": "#8a78fd", "phone": "#ba506d"}
FRAME = pl.DataFrame(
    {
        "sources": [["bank", "phone"], ["tax"], []],
        "persons": [60, 30, 10],
        "share": [0.6, 0.3, 0.1],
        "bad_rate": [0.05, None, 0.2],
    }
)


def test_bars_are_shares_and_dots_bad_rates() -> None:
    share, bad, *_ = upset(FRAME, labels=LABELS, colours=COLOURS).data
    assert (list(share.y), list(share.text)) == ([0.6, 0.3, 0.1], ["60%", "30%", "10%"])
    assert list(bad.y) == pytest.approx([0.05, nan, 0.2], nan_ok=True)
    assert bad.marker.color == BAD


def test_a_source_is_a_filled_dot_in_its_colour_and_its_row() -> None:
    dots = upset(FRAME, labels=LABELS, colours=COLOURS).data[-1]
    assert list(zip(dots.x, dots.y, dots.marker.color, strict=True)) == [
        (0, 0, "#456c4b"),
        (0, 2, "#ba506d"),
        (1, 1, "#8a78fd"),
    ]


def test_a_line_joins_the_sources_of_one_combination() -> None:
    joins = upset(FRAME, labels=LABELS, colours=COLOURS).data[-2]
    assert (list(joins.x), list(joins.y)) == ([0, 0, None], [0, 2, None])


def test_rows_are_sources_in_catalog_order_from_the_top() -> None:
    axis = upset(FRAME, labels=LABELS, colours=COLOURS).layout.yaxis3
    assert list(axis.ticktext) == ["Bank", "Tax", "Phone"]
    assert axis.range[0] > axis.range[1]


def test_pointing_says_it_in_words() -> None:
    said = upset(FRAME, labels=LABELS, colours=COLOURS).data[0].customdata
    assert (
        said[0]
        == "60.0% of people (60) are<br>known to Bank and Phone only;<br>5.0% of them defaulted"
    )
    assert (
        said[1]
        == "30.0% of people (30) are<br>known to Tax only;<br>too few to tell their bad rate"
    )
    assert said[2] == "10.0% of people (10) are<br>known to no source;<br>20.0% of them defaulted"


def test_people_known_to_nobody_alone_are_drawn() -> None:
    assert list(upset(FRAME[2:], labels=LABELS, colours=COLOURS).data[-1].x) == []


def test_filled_cells_are_full_in_the_sources_colour_and_empty_cells_pale() -> None:
    frame = pl.DataFrame(
        {
            "source": ["tax", "bank"],
            "label": ["Tax", "Bank"],
            "hit": [0.4, 0.5],
            "fill": [0.75, 0.5],
        }
    )
    filled, empty = hit_fill(frame, colours=COLOURS).data
    assert (list(filled.y), list(filled.x), list(filled.marker.color)) == (
        ["Bank", "Tax"],
        pytest.approx([0.25, 0.3]),
        ["#456c4b", "#8a78fd"],
    )
    assert (list(empty.x), empty.marker.opacity) == (pytest.approx([0.25, 0.1]), 0.35)
    assert (
        filled.customdata[0]
        == "Bank<br>50.0% of people have a record<br>50.0% of its cells are filled"
    )


def test_the_hit_in_another_cohort_is_a_diamond() -> None:
    frame = pl.DataFrame(
        {"source": ["tax"], "label": ["Tax"], "hit": [0.4], "fill": [0.9], "other": [0.6]}
    )
    *_, diamond = hit_fill(frame, colours=COLOURS).data
    assert (list(diamond.x), diamond.marker.symbol) == ([0.6], "diamond")
