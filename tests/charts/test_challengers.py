import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.challengers import challengers
from analytics.charts.look import BAD, GOOD, GREY

FRAME = pl.DataFrame(
    [
        ("Policy", True, 0.764, 0.756, 0.773, None, None, None, None),
        ("Learned weights", False, 0.77, 0.761, 0.779, 0.006, 0.002, 0.01, None),
        ("Pooled", False, 0.765, 0.756, 0.774, 0.001, -0.003, 0.004, None),
        ("Equal weights", False, 0.751, 0.742, 0.76, -0.013, -0.018, -0.008, None),
        ("Scorecard", False, None, None, None, None, None, None, "needs optbinning"),
    ],
    schema=[
        "label",
        "champion",
        "auc",
        "low",
        "high",
        "difference",
        "difference_low",
        "difference_high",
        "reason",
    ],
    orient="row",
)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_every_model_is_a_row_with_its_interval_the_champion_filled() -> None:
    dots = named(challengers(FRAME), "auc")
    assert list(zip(dots.y, dots.x, dots.marker.symbol, strict=True)) == [
        (0, 0.764, "circle"),
        (1, 0.77, "circle-open"),
        (2, 0.765, "circle-open"),
        (3, 0.751, "circle-open"),
    ]
    assert list(dots.error_x.array) == pytest.approx([0.009, 0.009, 0.009, 0.009])


@pytest.mark.parametrize(
    ("name", "row", "colour"), [("better", 1, GOOD), ("within chance", 2, GREY), ("worse", 3, BAD)]
)
def test_a_difference_has_a_colour_only_beyond_its_interval(
    name: str, row: int, colour: str
) -> None:
    dots = named(challengers(FRAME), name)
    assert (list(dots.y), dots.marker.color, dots.error_x.color, dots.xaxis) == (
        [row],
        colour,
        colour,
        "x2",
    )


def test_the_two_panels_stand_side_by_side_and_hold_zero() -> None:
    layout = challengers(FRAME).layout
    assert layout.xaxis.domain[1] < layout.xaxis2.domain[0]
    assert layout.xaxis2.range[0] < -0.018
    assert layout.xaxis2.range[1] > 0.01
    assert (layout.xaxis.title.text, layout.xaxis2.title.text) == (
        "AUC of everyone",
        "difference to the champion",
    )


def test_the_champion_is_a_dashed_rule_through_all_rows() -> None:
    rule = challengers(FRAME).layout.shapes[0]
    assert (rule.x0, rule.line.dash, rule.line.color) == (0.764, "dash", GREY)


def test_figures_stand_beside_their_panels_and_on_a_phone_in_the_line_of_the_name() -> None:
    assert {"<b>0.764</b>", "champion", "<b>0.751</b>", "−0.0130"} <= set(texts(challengers(FRAME)))
    assert {"<b>0.764</b>&nbsp; champion", "<b>0.751</b>&nbsp; −0.0130"} <= set(
        texts(challengers(FRAME, narrow=True))
    )


def test_a_model_that_is_not_there_keeps_its_name_and_says_why() -> None:
    figure = challengers(FRAME)
    assert list(figure.layout.yaxis.ticktext)[-1] == "Scorecard"
    assert "needs optbinning" in texts(figure)
    assert "not fitted" in texts(challengers(FRAME.drop("reason")))


def test_pointing_says_it_in_words() -> None:
    figure = challengers(FRAME)
    assert (
        named(figure, "auc").customdata[0]
        == "<b>Policy</b><br>AUC of everyone 0.764 (0.756 to 0.773)<br>the champion"
    )
    assert (
        named(figure, "better").customdata[0]
        == "<b>Learned weights</b><br>AUC of everyone 0.770 (0.761 to 0.779)<br>+0.0060 better than"
        " the champion<br>(+0.0020 to +0.0100, paired)"
    )
    assert "+0.0010 to the champion, within chance" in named(figure, "within chance").customdata[0]


@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 1), slice(4, 5)])
def test_a_champion_alone_and_nobody_at_all_are_drawn_without_complaint(rows: slice) -> None:
    figure = challengers(FRAME[rows])
    assert len(figure.layout.yaxis.ticktext) == rows.stop - rows.start
