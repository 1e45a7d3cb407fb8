import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.holding import holding

COLOURS = {"bank": "#8a78fd", "shop": "#ba506d", "tax": "#0a7591"}
LABELS = {"bank": "Bank account", "shop": "E-commerce", "tax": "Tax"}
FRAME = pl.DataFrame(
    {"source": ["tax", "bank", "shop"], "now": [0.2, 0.35, 0.45], "hold": [0.2, 0.6, 0.2]}
)


def draw(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    return holding(frame, labels=LABELS, colours=COLOURS, **options)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def figures(figure: go.Figure) -> list[str]:
    return [
        note.text
        for note in figure.layout.annotations
        if note.text and note.xref == "paper" and note.xanchor == "right"
    ]


def test_the_greatest_change_is_on_top_and_equal_ones_keep_their_order() -> None:
    assert list(draw().layout.yaxis.ticktext) == ["Bank account", "E-commerce", "Tax"]
    assert list(named(draw(), "now").y) == [0, 1, 2]


def test_now_is_a_ring_and_what_holds_a_dot_in_the_sources_colour() -> None:
    now, hold = named(draw(), "now"), named(draw(), "hold")
    assert (now.marker.symbol, list(now.x), list(hold.x)) == (
        "circle-open",
        [0.35, 0.45, 0.2],
        [0.6, 0.2, 0.2],
    )
    assert list(now.marker.color) == list(hold.marker.color) == ["#8a78fd", "#ba506d", "#0a7591"]
    assert (
        now.marker.size > hold.marker.size + 2
    )  # where nothing changes, the dot stands inside the ring


def test_a_line_leads_from_the_ring_to_the_dot_unless_nothing_changes() -> None:
    ways = [
        (note.ax, note.x, note.y, note.arrowcolor)
        for note in draw().layout.annotations
        if note.showarrow
    ]
    assert ways == [(0.35, 0.6, 0, "#8a78fd"), (0.45, 0.2, 1, "#ba506d")]


def test_both_weights_stand_in_figures_under_their_names() -> None:
    figure = draw(names=("Zhima-like B", "weights that hold under stress"))
    assert figures(figure) == [
        "35.0%",
        "45.0%",
        "20.0%",
        "○ Zhima-like B",
        "<b>60.0%</b>",
        "<b>20.0%</b>",
        "<b>20.0%</b>",
        "<b>● weights that…</b>",
    ]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "names", [("now", "that hold"), ("Zhima-like B", "weights that hold under stress")]
)
def test_the_columns_are_as_wide_as_their_heads(names: tuple[str, str], narrow: bool) -> None:
    figure = draw(names=names, narrow=narrow)
    heads = [note for note in figure.layout.annotations if note.text[:1] == "○" or "●" in note.text]
    letters = [len(note.text.replace("<b>", "").replace("</b>", "")) for note in heads]
    assert heads[1].xshift - heads[0].xshift >= 6 * max(letters)
    assert figure.layout.margin.r >= heads[1].xshift


def test_pointing_says_it_in_words() -> None:
    said = named(draw(), "hold").customdata
    assert said[1] == "<b>E-commerce</b><br>45.0% now<br>20.0% that hold<br>−25.0 points"
    assert said[2] == "<b>Tax</b><br>20.0% now<br>20.0% that hold<br>no change"


def test_the_axis_runs_from_nothing_to_the_greatest_weight_in_percent() -> None:
    axis = draw().layout.xaxis
    assert axis.range[0] < 0
    assert axis.range[1] > 0.6
    assert (axis.tickformat, axis.title.text) == (".0%", "weight")


def test_the_height_follows_the_rows_and_is_greater_on_a_phone() -> None:
    assert (
        draw().layout.height,
        draw(narrow=True).layout.height,
        draw(height=300).layout.height,
    ) == (140, 194, 300)


def test_no_source_is_drawn_without_complaint() -> None:
    assert [len(trace.x) for trace in draw(FRAME.clear()).data] == [0, 0]
