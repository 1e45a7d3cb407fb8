from math import log10

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.calibration import calibration, splits
from analytics.charts.look import BAD, GREY

BINS = ["model", "predicted", "seen", "low", "high", "persons"]
ONE = pl.DataFrame(
    [("Bank", 0.05, 0.04, 0.03, 0.05, 1500), ("Bank", 0.2, 0.25, 0.22, 0.28, 1500)],
    schema=BINS,
    orient="row",
)
WIDE = pl.DataFrame(
    [("Bank", 0.004, 0.0, 0.0, 0.002, 900), ("Bank", 0.2, 0.25, 0.22, 0.28, 900)],
    schema=BINS,
    orient="row",
)
COLOURS = {"bank": "#8a78fd", "tax": "#0a7591"}
AUCS = pl.DataFrame(
    [
        ("bank", "Bank", "train", 0.8, 0.79, 0.81, 9000, False),
        ("bank", "Bank", "test", 0.77, 0.75, 0.79, 3000, False),
        ("tax", "Tax", "train", 0.9, 0.89, 0.91, 900, True),
        ("tax", "Tax", "test", 0.7, 0.65, 0.75, 300, True),
        ("tax", "Tax", "out of time", None, None, None, 10, True),
    ],
    schema=["source", "label", "split", "auc", "low", "high", "persons", "overfit"],
    orient="row",
)


def models(count: int) -> pl.DataFrame:
    return pl.concat([ONE.with_columns(model=pl.lit(f"M{i}")) for i in range(count)])


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_predicted_runs_to_the_right_seen_upwards_with_its_interval() -> None:
    dots = named(calibration(ONE), "Bank")
    assert list(zip(dots.x, dots.y, strict=True)) == [(0.05, 0.04), (0.2, 0.25)]
    assert list(dots.error_y.array) == pytest.approx([0.01, 0.03])


def test_the_diagonal_runs_from_end_to_end_of_two_equal_axes() -> None:
    figure = calibration(ONE)
    diagonal = named(figure, "diagonal")
    assert (
        list(diagonal.x)
        == list(diagonal.y)
        == list(figure.layout.xaxis.range)
        == list(figure.layout.yaxis.range)
    )
    assert figure.layout.xaxis.tickformat == ".0%"


def test_a_wide_range_grows_by_factors_and_a_rate_of_nothing_stands_at_the_bottom() -> None:
    figure = calibration(WIDE)
    axis, dots = figure.layout.yaxis, named(figure, "Bank")
    assert axis.type == "log"
    assert log10(dots.y[0]) == pytest.approx(axis.range[0])
    assert (
        dots.customdata[0]
        == "<b>Bank</b><br>0.4% predicted to default<br>0.0% defaulted (0.0% to 0.2%)<br>900"
        " persons"
    )
    assert "10%" in axis.ticktext


def test_a_model_is_told_by_its_sign_and_only_some_have_a_colour() -> None:
    figure = calibration(models(3), colours={"M1": "#8a78fd"})
    drawn = [named(figure, f"M{i}") for i in range(3)]
    assert [trace.marker.color for trace in drawn] == [None, "#8a78fd", GREY]
    assert len({trace.marker.symbol for trace in drawn}) == 3
    assert figure.layout.showlegend


def test_of_more_than_two_models_only_the_first_shows_its_intervals() -> None:
    assert [named(calibration(models(3)), f"M{i}").error_y.visible for i in range(3)] == [
        True,
        False,
        False,
    ]
    assert [named(calibration(models(2)), f"M{i}").error_y.visible for i in range(2)] == [
        True,
        True,
    ]


def test_a_fifth_model_is_left_out() -> None:
    assert [trace.name for trace in calibration(models(5)).data] == [
        "diagonal",
        "M0",
        "M1",
        "M2",
        "M3",
    ]


def test_no_bins_are_drawn_without_complaint() -> None:
    assert [trace.name for trace in calibration(ONE.clear()).data] == ["diagonal"]


def test_every_split_has_its_sign_and_its_interval_in_the_row_of_its_source() -> None:
    figure = splits(AUCS, colours=COLOURS)
    test = named(figure, "test")
    assert (list(test.x), test.marker.symbol, list(test.marker.color)) == (
        [0.77, 0.7],
        "circle",
        ["#8a78fd", "#0a7591"],
    )
    assert [round(y) for y in test.y] == [0, 1]
    assert list(test.error_x.array) == pytest.approx([0.02, 0.05])
    assert named(figure, "train").marker.symbol == "circle-open"


def test_a_line_leads_from_train_to_test_orange_where_it_is_named_overfit() -> None:
    figure = splits(AUCS, colours=COLOURS)
    assert (list(named(figure, "gap").x), named(figure, "gap").line.color) == ([0.8, 0.77], GREY)
    assert (list(named(figure, "overfit").x), named(figure, "overfit").line.color) == (
        [0.9, 0.7],
        BAD,
    )


def test_test_and_gap_stand_in_figures_and_overfit_is_a_word_too() -> None:
    assert texts(splits(AUCS, colours=COLOURS)) == [
        "<b>0.770</b>",
        "<b>0.700</b>",
        "<b>test</b>",
        "−0.030",
        "−0.200<br>overfit",
        "vs train",
    ]


def test_pointing_at_a_split_says_it_in_words() -> None:
    assert (
        named(splits(AUCS, colours=COLOURS), "test").customdata[0]
        == "<b>Bank</b>, test<br>AUC 0.770 (0.750 to 0.790)<br>3,000 persons"
    )


def test_the_axis_holds_all_intervals_and_is_the_key_to_the_signs() -> None:
    axis = splits(AUCS, colours=COLOURS).layout.xaxis
    assert axis.range[0] < 0.65
    assert axis.range[1] > 0.91
    assert (
        axis.title.text == "AUC: ○ train&nbsp; ● test"
    )  # nobody calibrates, and too few are out of time to read


@pytest.mark.parametrize("frame", [AUCS.clear(), AUCS[4:]])
def test_a_source_without_any_figure_keeps_its_name(frame: pl.DataFrame) -> None:
    figure = splits(frame, colours=COLOURS)
    assert list(figure.layout.yaxis.ticktext) == frame["label"].to_list()
    assert sum(len(trace.x) for trace in figure.data) == 0


def test_without_training_persons_there_is_no_gap_and_the_signs_are_of_those_who_are_there() -> (
    None
):
    figure = splits(AUCS.filter(pl.col("split") != "train"), colours=COLOURS)
    assert texts(figure) == ["<b>0.770</b>", "<b>0.700</b>", "<b>test</b>"]
    assert figure.layout.xaxis.title.text == "AUC: ● test"
    assert figure.layout.margin.r < splits(AUCS, colours=COLOURS).layout.margin.r
