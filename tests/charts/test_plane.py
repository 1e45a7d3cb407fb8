import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.look import GREY, MOST_MARKS
from analytics.charts.plane import coverage_accuracy

MARKS = pl.DataFrame(
    [
        ("A", "ours", 0.7, 0.76, 0.75, 0.77),
        ("B", "equal", 0.6, 0.75, 0.74, 0.76),
        ("learned", "learned weights", 0.72, 0.77, 0.76, 0.78),
        ("preset", "Zhima-like", 0.5, 0.72, None, None),
    ],
    schema=["kind", "name", "coverage", "auc", "auc_low", "auc_high"],
    orient="row",
)
PATH = pl.DataFrame(
    {
        "weight": [0.0, 0.25, 0.5, 0.75, 1.0],
        "coverage": [0.72, 0.7, 0.66, 0.62, 0.55],
        "auc": [0.75, 0.76, 0.758, 0.75, 0.735],
    }
)


def draw(**options: object) -> go.Figure:
    return coverage_accuracy(PATH, MARKS, path_label="Bank", path_colour="#8a78fd", **options)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def test_a_is_filled_b_a_ring_and_presets_are_grey_diamonds() -> None:
    figure = draw()
    looks = [
        (named(figure, kind).marker.symbol, named(figure, kind).marker.color)
        for kind in ("A", "B", "preset")
    ]
    assert looks == [(None, None), ("circle-open", None), ("diamond", GREY)]


def test_an_arrow_leads_from_b_to_a() -> None:
    (arrow,) = (note for note in draw().layout.annotations if note.showarrow)
    assert (arrow.ax, arrow.ay, arrow.x, arrow.y) == (0.6, 0.75, 0.7, 0.76)


def test_without_b_there_is_no_arrow() -> None:
    figure = coverage_accuracy(None, MARKS.filter(pl.col("kind") != "B"))
    assert not any(note.showarrow for note in figure.layout.annotations)


def test_the_path_has_the_colour_of_its_source_and_dots_at_the_quarters() -> None:
    figure = draw()
    line = named(figure, "path")
    assert (line.line.color, list(line.x)) == ("#8a78fd", PATH["coverage"].to_list())
    stops = figure.data[figure.data.index(line) + 1]
    assert list(stops.customdata) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_every_name_of_a_sparse_plane_is_written() -> None:
    assert {"<b>A</b>", "<b>B</b>", "0%", "Bank 100%", "learned weights", "Zhima-like"} <= {
        note.text for note in draw().layout.annotations
    }


def test_a_phone_leaves_presets_to_pointing() -> None:
    figure = draw(narrow=True)
    assert "Zhima-like" not in {note.text for note in figure.layout.annotations}
    assert list(named(figure, "preset").customdata) == [["Zhima-like", "", "preset"]]


def test_pointing_at_a_says_its_interval() -> None:
    mark = named(draw(), "A")
    assert (
        mark.hovertemplate
        == "%{customdata[0]}<br>%{x:.1%} of people can be scored; AUC of everyone"
        " %{y:.3f}%{customdata[1]}<extra></extra>"
    )
    assert list(mark.customdata) == [["ours", " (0.750 to 0.770)", "A"]]
    assert mark.error_y.array == pytest.approx((0.01,))


def test_intervals_of_presets_are_left_to_pointing() -> None:
    assert [named(draw(), kind).error_y.visible for kind in ("A", "B", "learned", "preset")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_axes_hold_everything_drawn() -> None:
    figure = draw(pooled=0.8)
    x, y = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert x[0] < 0.5
    assert x[1] > 0.72
    assert y[0] < 0.72
    assert y[1] > 0.8
    assert (figure.layout.xaxis.tickformat, figure.layout.xaxis.title.text) == (
        ".0%",
        "people who can be scored",
    )
    assert figure.layout.yaxis.title.text == "AUC of everyone"


def test_a_small_move_of_a_leaves_the_axes_where_they_are() -> None:
    moved = MARKS.with_columns(coverage=pl.when(kind="A").then(0.702).otherwise("coverage"))
    assert coverage_accuracy(PATH, moved).layout.xaxis.range == draw().layout.xaxis.range


def test_a_large_cloud_is_thinned() -> None:
    cloud = pl.DataFrame(
        {"coverage": [0.5] * 5000, "auc": [0.7] * 5000, "words": ["mostly bank"] * 5000}
    )
    figure = draw(cloud=cloud)
    assert sum(len(trace.x) for trace in figure.data) <= MOST_MARKS


def test_a_dot_that_is_clicked_tells_its_row_also_when_the_cloud_is_thinned() -> None:
    cloud = pl.DataFrame(
        {"coverage": [0.5] * 5000, "auc": [0.7] * 5000, "words": [f"dot {i}" for i in range(5000)]}
    )
    dots = named(draw(cloud=cloud), "cloud").customdata
    assert list(dots[0]) == ["dot 0", 0, "cloud"]
    assert all(words == f"dot {row}" for words, row, _ in dots)


def test_a_dot_of_the_frontier_tells_its_row() -> None:
    line = named(draw(frontier=PATH.select("coverage", "auc")), "frontier")
    assert line.mode == "lines+markers"
    assert [list(dot) for dot in line.customdata][:2] == [["", 0, "frontier"], ["", 1, "frontier"]]


def test_another_accuracy_names_the_axis_and_what_is_said() -> None:
    figure = draw(title="KS of the scored", form=".1%")
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis.tickformat) == (
        "KS of the scored",
        ".0%",
    )
    assert "KS of the scored %{y:.1%}" in named(figure, "A").hovertemplate
    assert list(named(figure, "A").customdata[0])[1] == " (75.0% to 77.0%)"


def test_where_lower_is_better_the_axis_is_upside_down() -> None:
    low, high = draw().layout.yaxis.range
    assert draw(falling=True).layout.yaxis.range == (high, low)


def test_profit_in_millions_finds_its_own_round_axis() -> None:
    marks = MARKS.with_columns((pl.col("auc", "auc_low", "auc_high") - 0.7) * 1e8)
    axis = coverage_accuracy(None, marks, title="profit (CNY)", form=",.0f").layout.yaxis
    assert (axis.range[0], axis.range[1], axis.tickformat) == (1_000_000, 8_000_000, ",.0f")


def test_the_words_on_the_pooled_line_are_not_covered() -> None:
    low = MARKS.with_columns(
        coverage=pl.when(kind="preset").then(0.45).otherwise("coverage"),
        auc=pl.when(kind="preset").then(0.801).otherwise("auc"),
    )
    note = next(
        note
        for note in coverage_accuracy(None, low, pooled=0.8).layout.annotations
        if note.text == "Zhima-like"
    )
    assert note.yshift < 0 or note.x + note.xshift / 700 * 0.4 > 0.55


def test_the_frontier_is_a_straight_line_with_its_band() -> None:
    frontier = PATH.select("coverage", "auc", low=pl.col("auc") - 0.01, high=pl.col("auc") + 0.01)
    line = named(draw(frontier=frontier), "frontier")
    assert line.line.shape is None
    assert list(line.y) == pytest.approx(PATH["auc"].to_list())


def test_the_frames_stay_as_they_were() -> None:
    path, marks = PATH.clone(), MARKS.clone()
    draw()
    assert path.equals(PATH)
    assert marks.equals(MARKS)


def test_another_share_can_stand_across() -> None:
    figure = draw(sideways=("weight of Bank", "of the weight for Bank"))
    assert figure.layout.xaxis.title.text == "weight of Bank"
    assert named(figure, "A").hovertemplate.count("of the weight for Bank") == 1
    assert draw().layout.xaxis.title.text == "people who can be scored"
