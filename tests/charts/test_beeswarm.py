import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.beeswarm import LARGEST, SCALE, beeswarm
from analytics.charts.look import BAD, GOOD, GREY, MOST_MARKS

COLOURS = {"bank": "#8a78fd", "tax": "#0a7591"}
LABELS = {"bank": "Bank account", "tax": "Tax"}
SCHEMA = ["feature", "label", "source", "x", "lane", "count", "value"]
FRAME = pl.DataFrame(
    [
        ("bank.balance", "Average balance", "bank", -8.0, 0.0, 100, 0.1),
        ("bank.balance", "Average balance", "bank", 6.0, -1.0, 25, 0.9),
        ("tax.paid", "Tax paid", "tax", 0.0, 0.5, 1, None),
    ],
    schema=SCHEMA,
    orient="row",
)


def draw(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    return beeswarm(frame, colours=COLOURS, labels=LABELS, **options)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def test_every_feature_is_a_row_with_the_square_of_its_source() -> None:
    axis = draw().layout.yaxis
    assert list(axis.ticktext) == [
        'Average balance <span style="color:#8a78fd">■</span>',
        'Tax paid <span style="color:#0a7591">■</span>',
    ]
    assert axis.range[0] > axis.range[1]


def test_dots_that_raise_the_score_stand_right_of_zero_in_their_lane() -> None:
    dots = named(draw(), "valued")
    assert list(dots.x) == [-8, 6]
    assert dots.y[0] == 0
    assert -0.5 < dots.y[1] < 0


def test_within_a_row_the_area_of_a_dot_is_the_number_of_its_people() -> None:
    large, small = named(draw(), "valued").marker.size
    assert (large, (large / small) ** 2) == (LARGEST, pytest.approx(4))


def test_shades_run_from_low_to_high_values_in_colours_that_mean_nothing_else() -> None:
    dots = named(draw(), "valued")
    assert list(dots.marker.color) == [0.1, 0.9]
    assert [list(stop) for stop in dots.marker.colorscale] == [list(stop) for stop in SCALE]
    assert {GOOD, BAD}.isdisjoint(colour for _, colour in SCALE)


def test_people_without_a_value_are_a_grey_ring() -> None:
    ring = named(draw(), "missing")
    assert (list(ring.x), ring.marker.symbol, ring.marker.color) == ([0], "circle-open", GREY)


def test_pointing_says_it_in_words() -> None:
    assert list(named(draw(), "valued").customdata) == [
        (
            "<b>Average balance</b><br>Bank account<br>lowers the score of 100 persons by 8.0"
            " points<br>values 10% of the way from the lowest to the highest"
        ),
        (
            "<b>Average balance</b><br>Bank account<br>raises the score of 25 persons by 6.0"
            " points<br>values 90% of the way from the lowest to the highest"
        ),
    ]
    assert (
        named(draw(), "missing").customdata[0]
        == "<b>Tax paid</b><br>Tax<br>raises the score of 1 person by 0.0 points<br>no value, or"
        " one without an order"
    )


def test_a_key_tells_low_from_high_and_which_square_is_which_source() -> None:
    texts = [note.text for note in draw().layout.annotations]
    assert any("low" in text and "high" in text and "no value" in text for text in texts)
    assert any("Bank account" in text and "Tax" in text for text in texts)


def test_without_lanes_a_row_is_a_strip_of_bars_around_its_middle() -> None:
    figure = draw(FRAME.drop("lane"))
    bars, hollow = named(figure, "valued"), named(figure, "missing")
    assert bars.type == hollow.type == "bar"
    assert [base + tall / 2 for base, tall in zip(bars.base, bars.y, strict=True)] == pytest.approx(
        [0, 0]
    )
    assert bars.y[0] == pytest.approx(2 * bars.y[1])  # four times the people
    assert bars.width == 6  # the least distance of two bins
    assert (list(bars.marker.color), hollow.marker.line.color) == ([0.1, 0.9], GREY)


def test_too_many_dots_leave_the_smallest_out() -> None:
    many = pl.DataFrame(
        [("f", "F", "bank", float(i), 0.0, i + 1, 0.5) for i in range(MOST_MARKS + 10)],
        schema=SCHEMA,
        orient="row",
    )
    figure = draw(many)
    assert sum(len(trace.x) for trace in figure.data) == MOST_MARKS
    assert min(named(figure, "valued").x) == 10


def test_the_axis_holds_zero_and_every_dot() -> None:
    low, high = draw(FRAME[:1]).layout.xaxis.range
    assert low < -8
    assert high >= 0


@pytest.mark.parametrize("narrow", [False, True])
def test_no_dots_are_drawn_without_complaint(narrow: bool) -> None:
    for frame in (FRAME.clear(), FRAME.drop("lane").clear()):
        assert sum(len(trace.x) for trace in draw(frame, narrow=narrow).data) == 0
