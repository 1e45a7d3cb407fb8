import re

import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.look import BAD, GOOD
from analytics.charts.waterfall import waterfall

COLOURS = {"bank": "#8a78fd", "tax": "#0a7591"}
LABELS = {"bank": "Bank account", "tax": "Tax"}
PARTS = pl.DataFrame(
    {
        "label": ["Balance", "Tax paid", "Overdrafts", "Inflow"],
        "source": ["bank", "tax", "bank", "bank"],
        "points": [5.0, -12.0, 2.0, 1.0],
        "value": ["300 CNY", "no value", "0", "9,000 CNY"],
    }
)


def draw(
    frame: pl.DataFrame = PARTS, start: float = 600.0, end: float = 596.0, **options: object
) -> go.Figure:
    return waterfall(
        frame,
        start=("everyone", start),
        end=("this person", end),
        colours=COLOURS,
        labels=LABELS,
        **options,
    )


def named(figure: go.Figure, name: str) -> object:
    return next(trace for trace in figure.data if trace.name == name)


def figures(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.xanchor == "right"]


def test_parts_lead_from_the_start_to_the_end_the_largest_first() -> None:
    bars = named(draw(), "parts")
    assert list(zip(bars.base, bars.x, strict=True)) == [(600, -12), (588, 5), (593, 2), (595, 1)]
    assert list(named(draw(), "totals").x) == [600, 596]


def test_what_raises_is_blue_and_what_lowers_orange() -> None:
    assert list(named(draw(), "parts").marker.color) == [BAD, GOOD, GOOD, GOOD]


def test_names_have_the_value_and_the_square_of_their_source_and_totals_have_none() -> None:
    assert [re.sub("<[^>]+>", "", text) for text in draw().layout.yaxis.ticktext] == [
        "everyone",
        "Tax paid: no value ■",
        "Balance: 300 CNY ■",
        "Overdrafts: 0 ■",
        "Inflow: 9,000 CNY ■",
        "this person",
    ]


def test_a_long_name_is_cut_before_its_value() -> None:
    long = PARTS[:1].with_columns(
        label=pl.lit("Share of card bills of which only the minimum was repaid, by amount")
    )
    assert (
        draw(long, end=605)
        .layout.yaxis.ticktext[1]
        .startswith("Share of card bills of which…: 300 CNY")
    )
    assert (
        "Share of card bills of which only the minimum<br>was repaid, by amount: 300 CNY"
        in named(draw(long, end=605), "parts").customdata[0]
    )


def test_the_long_tail_is_one_part_with_its_sum() -> None:
    figure = draw(most=2)
    assert figure.layout.yaxis.ticktext[2] == "3 others"
    assert list(named(figure, "parts").x) == [-12, 8]


def test_figures_stand_at_the_right_with_their_sign_and_totals_are_bold() -> None:
    assert figures(draw()) == ["<b>600.0</b>", "−12.0", "+5.0", "+2.0", "+1.0", "<b>596.0</b>"]


@given(st.lists(st.floats(-50, 50), max_size=30), st.floats(300, 900))
def test_printed_figures_add_up_to_the_last_digit(points: list[float], start: float) -> None:
    frame = pl.DataFrame(
        {
            "label": [str(i) for i in range(len(points))],
            "source": "bank",
            "points": pl.Series(points, dtype=pl.Float64),
        }
    )
    first, *steps, last = (
        round(10 * float(re.sub("</?b>", "", text).replace("−", "-")))
        for text in figures(draw(frame, start, start + sum(points)))
    )
    assert first + sum(steps) == last


def test_points_printed_elsewhere_are_printed_alike_and_the_start_gives_way() -> None:
    halves = pl.DataFrame(
        {
            "label": ["A", "B", "C"],
            "source": ["bank", "bank", "tax"],
            "points": [2.4, 1.4, 0.4],
            "shown": [3.0, 1.0, 0.0],
        }
    )
    assert figures(draw(halves, 600.4, 604.6, digits=0)) == [
        "<b>601</b>",
        "+3",
        "+1",
        "0",
        "<b>605</b>",
    ]
    assert figures(draw(halves, 600.4, 604.6, digits=0, most=2)) == [
        "<b>601</b>",
        "+3",
        "+1",
        "<b>605</b>",
    ]


def test_parts_that_do_not_lead_to_the_end_are_refused() -> None:
    with pytest.raises(
        ValueError,
        match=(
            r"the parts lead from 600\.0 to 596\.0 points, not to 600\.0; add what is missing as a"
            r" part"
        ),
    ):
        draw(end=600.0)


def test_pointing_says_it_in_words() -> None:
    said = named(draw(), "parts").customdata
    assert (
        said[0]
        == "<b>Tax paid: no value</b><br>Tax<br>lowers the score by 12.0 points,<br>from 600.0 to"
        " 588.0"
    )
    assert list(named(draw(), "totals").customdata) == [
        "<b>everyone</b><br>600.0 points",
        "<b>this person</b><br>596.0 points",
    ]


def test_two_cohorts_have_parts_without_values() -> None:
    assert draw(PARTS.drop("value")).layout.yaxis.ticktext[1].startswith("Tax paid <span")


@pytest.mark.parametrize("narrow", [False, True])
def test_no_part_at_all_is_drawn_without_complaint(narrow: bool) -> None:
    assert figures(draw(PARTS.clear(), end=600, narrow=narrow)) == ["<b>600.0</b>", "<b>600.0</b>"]


def test_the_frame_stays_as_it_was() -> None:
    before = PARTS.clone()
    draw(most=2, narrow=True)
    assert before.equals(PARTS)
