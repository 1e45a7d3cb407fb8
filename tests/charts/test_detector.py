import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.detector import detector

FRAME = pl.DataFrame(
    {
        "trust": [1.0, 0.0, 0.25, 0.5, 0.75],
        "caught": [1.0, 0.0, 0.8, 0.93, 0.99],
        "false_alarms": [1.0, 0.0, 0.002, 0.012, 0.03],
    }
)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def names(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_caught_runs_upwards_and_false_alarms_to_the_right_in_the_order_of_trust() -> None:
    line = named(detector(FRAME, colour="#ba506d"), "thresholds")
    assert list(zip(line.x, line.y, strict=True)) == [
        (0, 0),
        (0.002, 0.8),
        (0.012, 0.93),
        (0.03, 0.99),
        (1, 1),
    ]
    assert line.line.color == "#ba506d"


@pytest.mark.parametrize(("now", "at"), [(0.5, (0.012, 0.93)), (0.3, (0.002, 0.8))])
def test_the_threshold_in_use_or_the_nearest_is_a_dot(now: float, at: tuple[float, float]) -> None:
    dot = named(detector(FRAME, now=now), "now")
    assert list(zip(dot.x, dot.y, strict=True)) == [at]


def test_the_dot_says_what_it_does_on_a_phone_in_fewer_words() -> None:
    assert names(detector(FRAME)) == [
        "trust below 0.5: 93.0% caught, 1.20% falsely accused",
        "guessing",
    ]
    assert names(detector(FRAME, narrow=True)) == ["93.0% caught, 1.20% accused", "guessing"]


def test_where_no_side_is_free_the_name_lies_on_a_line() -> None:
    poor = pl.DataFrame(
        {"trust": [0.0, 0.5, 1.0], "caught": [0.0, 0.65, 1.0], "false_alarms": [0.0, 0.5, 1.0]}
    )
    assert names(detector(poor, narrow=True))[0] == "65.0% caught, 50.00% accused"


def test_pointing_says_it_in_words() -> None:
    said = (
        "<b>trust below 0.50 counts as faked</b><br>93.0% of the faked records caught<br>1.20% of"
        " good payers accused falsely"
    )
    assert named(detector(FRAME), "now").customdata[0] == said
    assert named(detector(FRAME), "thresholds").customdata[2] == said


@pytest.mark.parametrize(
    ("alarms", "most"),
    [([0.0, 0.001, 0.002], 0.05), ([0.0, 0.012, 0.1], 0.15), ([0.0, 0.5, 1.0], 1.0)],
)
def test_the_axis_ends_where_nearly_all_is_caught_between_five_percent_and_all(
    alarms: list[float], most: float
) -> None:
    frame = pl.DataFrame(
        {"trust": [0.0, 0.5, 1.0], "caught": [0.0, 0.9, 1.0], "false_alarms": alarms}
    )
    assert list(named(detector(frame), "guess").x) == pytest.approx([0, most])
    assert detector(frame).layout.xaxis.range[1] == pytest.approx(1.02 * most)


def test_the_line_runs_to_the_edge_and_not_beyond_the_next_threshold() -> None:
    many = pl.DataFrame(
        {
            "trust": [i / 1000 for i in range(1001)],
            "caught": [min(1.0, i / 20) for i in range(1001)],
            "false_alarms": [i / 1000 for i in range(1001)],
        }
    )
    assert max(named(detector(many, now=0.01), "thresholds").x) == pytest.approx(0.051)


def test_both_axes_are_in_percent() -> None:
    layout = detector(FRAME).layout
    assert (layout.xaxis.tickformat, layout.yaxis.tickformat, layout.xaxis.title.text) == (
        ".0%",
        ".0%",
        "good payers accused falsely",
    )


def test_thousands_of_thresholds_are_thinned() -> None:
    many = pl.DataFrame({"trust": [i / 5000 for i in range(5001)]}).with_columns(
        caught=pl.col("trust"), false_alarms=pl.col("trust")
    )
    assert sum(len(trace.x) for trace in detector(many).data) < 2000


def test_no_threshold_is_drawn_without_complaint() -> None:
    assert [len(trace.x) for trace in detector(FRAME.clear()).data] == [2, 0, 0]
    assert names(detector(FRAME.clear())) == ["guessing"]
