from math import nan

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.drift import drift

COLOURS = {"bank": "#8a78fd", "shop": "#ba506d", "tax": "#0a7591", "social": "#b06c48"}
LABELS = {"bank": "Bank account", "shop": "E-commerce", "tax": "Tax", "social": "Social"}
FRAME = pl.DataFrame(
    {
        "source": ["bank", "social", "shop", "tax"],
        "psi": [0.012, None, 1.7, 0.003],
        "critical": [0.004, None, 0.004, 0.02],
    }
)


def draw(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    return drift(frame, labels=LABELS, colours=COLOURS, **options)


def named(figure: go.Figure, name: str) -> go.Bar:
    return next(trace for trace in figure.data if trace.name == name)


def test_the_greatest_is_on_top_in_its_sources_colour_and_too_few_people_come_last() -> None:
    assert list(draw().layout.yaxis.ticktext) == ["E-commerce", "Bank account", "Tax", "Social"]
    assert list(named(draw(), "psi").marker.color) == ["#ba506d", "#8a78fd", "#0a7591", "#b06c48"]


def test_a_bar_beyond_the_axis_is_cut_with_an_arrow_and_keeps_its_figure() -> None:
    figure = draw()
    assert list(named(figure, "psi").x) == pytest.approx([0.5, 0.012, 0.003, nan], nan_ok=True)
    assert list(named(figure, "beyond").y) == [0]
    assert figure.layout.annotations[0].text == "<b>1.700</b>"


def test_the_critical_value_is_a_tick_on_its_row() -> None:
    tick = named(draw(), "critical")
    assert (list(tick.x), tick.marker.symbol) == ([0.004, 0.004, 0.02, None], "line-ns")


def test_figures_are_bold_where_they_are_more_than_chance() -> None:
    assert [note.text for note in draw().layout.annotations] == [
        "<b>1.700</b>",
        "<b>0.012</b>",
        "0.003",
        "too few",
    ]


def test_the_rule_of_thumb_is_dashed_and_always_in_sight() -> None:
    small = draw(FRAME[[0, 3]])
    assert [(shape.x0, shape.line.dash) for shape in small.layout.shapes] == [
        (0.10, "dash"),
        (0.25, "dash"),
    ]
    assert small.layout.xaxis.range[1] > 0.25
    assert list(small.layout.xaxis.ticktext) == ["0", "0.10", "0.25"]
    assert list(draw().layout.xaxis.ticktext) == ["0", "0.10", "0.25", "0.50"]


@pytest.mark.parametrize(
    ("psi", "words"), [(0.05, "nothing to see"), (0.1, "to be watched"), (0.25, "much has moved")]
)
def test_pointing_says_it_in_words(psi: float, words: str) -> None:
    said = named(draw(FRAME[:1].with_columns(psi=pl.lit(psi))), "psi").customdata
    assert (
        said[0]
        == f"<b>Bank account</b><br>PSI {psi:.3f}: {words}, by the rule of thumb<br>more than"
        " chance (95% stay below 0.004)"
    )


def test_pointing_says_what_is_within_chance_and_where_there_are_too_few() -> None:
    said = named(draw(), "psi").customdata
    assert said[2].endswith("within chance (95% stay below 0.020)")
    assert said[3] == "<b>Social</b><br>known of too few people for a figure"


def test_the_height_follows_the_rows_and_is_greater_on_a_phone() -> None:
    assert (
        draw().layout.height,
        draw(narrow=True).layout.height,
        draw(height=300).layout.height,
    ) == (146, 234, 300)


def test_no_source_is_drawn_without_complaint() -> None:
    assert [len(trace.y) for trace in draw(FRAME.clear()).data] == [0, 0, 0]
