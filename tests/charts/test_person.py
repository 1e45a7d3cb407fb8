import re

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.look import BAD, GOOD, GREY
from analytics.charts.person import standing, voices

BANDS = [("Poor", 300.0), ("Fair", 600.0), ("Good", 700.0)]
COLOURS = {"bank": "#8a78fd", "tax": "#0a7591", "social": "#b06c48"}
FRAME = pl.DataFrame(
    {
        "source": ["bank", "tax", "social"],
        "label": ["Bank", "Tax", "Social"],
        "weight": [0.5, 0.25, 0.25],
        "points": [30.0, None, -8.0],
        "contribution": [15.0, 0.0, -2.0],
    }
)


def stand(points: float | None = 650.0, **options: object) -> go.Figure:
    return standing(points, bands=BANDS, low=300, high=900, **options)


def named(figure: go.Figure, name: str) -> object:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [re.sub("<[^>]+>", "", note.text) for note in figure.layout.annotations]


def test_bands_are_grey_steps_over_the_whole_scale_darker_towards_the_safer_end() -> None:
    bands = named(stand(), "bands")
    assert list(zip(bands.base, bands.x, strict=True)) == [(300, 300), (600, 100), (700, 200)]
    assert bands.marker.color == GREY
    assert list(bands.marker.opacity) == sorted(bands.marker.opacity)


def test_the_pointer_stands_at_the_points_with_band_and_percentile_in_words() -> None:
    figure = stand(percentile=0.64)
    assert list(named(figure, "person").x) == [650]
    assert "650 · Fair · safer than 64% of the people with a score" in texts(figure)
    assert "650 · Fair · safer than 64%" in texts(stand(percentile=0.64, narrow=True))
    assert (
        named(figure, "person").hovertemplate
        == "<b>650 points</b><br>Fair<br>safer than 64% of the people with a score<extra></extra>"
    )


@pytest.mark.parametrize(("points", "side"), [(310, "left"), (600, "center"), (890, "right")])
def test_the_words_turn_to_the_side_with_room(points: float, side: str) -> None:
    note = next(note for note in stand(points).layout.annotations if f">{points}<" in note.text)
    assert note.xanchor == side


def test_the_band_of_the_person_is_bold() -> None:
    assert [note.text for note in stand(700).layout.annotations][:3] == [
        "Poor",
        "Fair",
        "<b>Good</b>",
    ]


def test_without_a_score_there_is_no_pointer_but_a_word() -> None:
    figure = stand(None)
    assert [trace.name for trace in figure.data] == ["bands"]
    assert "no score" in texts(figure)


def test_the_cutoff_is_a_dotted_rule_with_its_points() -> None:
    figure = stand(cutoff=600)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].line.dash) == (600, "dot")
    assert "accepted from 600 →" in texts(figure)


def test_points_beyond_the_scale_point_at_its_end_and_a_scale_may_have_no_bands() -> None:
    assert list(named(stand(950), "person").x) == [900]
    assert len(named(standing(400, bands=[], low=300, high=900), "bands").x) == 1


def test_ticks_are_the_ends_and_the_edges() -> None:
    assert list(stand().layout.xaxis.ticktext) == ["300", "600", "700", "900"]


def test_length_is_what_a_source_says_and_thickness_its_weight() -> None:
    bars = named(voices(FRAME, colours=COLOURS), "said")
    assert list(zip(bars.y, bars.x, bars.marker.color, strict=True)) == [
        (0, 30, GOOD),
        (2, -8, BAD),
    ]
    assert bars.width[0] == pytest.approx(2 * bars.width[1])


def test_a_source_without_a_record_is_hatched_at_zero_and_says_so() -> None:
    figure = voices(FRAME, colours=COLOURS)
    silent = named(figure, "no record")
    assert (list(silent.y), silent.marker.pattern.shape) == ([1], "/")
    assert silent.base[0] == -silent.x[0] / 2
    assert "no record" in texts(figure)
    assert silent.customdata[0] == "<b>Tax</b><br>has no record; 25.0% of the weight stays silent"


def test_weight_and_moved_points_stand_in_two_columns() -> None:
    assert texts(voices(FRAME, colours=COLOURS))[1:] == [
        "50.0%",
        "25.0%",
        "25.0%",
        "weight",
        "+15.0",
        "–",
        "−2.0",
        "points",
    ]


def test_pointing_says_it_in_words() -> None:
    assert list(named(voices(FRAME, colours=COLOURS), "said").customdata) == [
        (
            "<b>Bank</b><br>says safer: +30.0 points at full weight<br>with 50.0% of the"
            " weight,<br>it moves the score by +15.0 points"
        ),
        (
            "<b>Social</b><br>says riskier: −8.0 points at full weight<br>with 25.0% of the"
            " weight,<br>it moves the score by −2.0 points"
        ),
    ]


def test_names_have_the_squares_of_their_sources_and_stay_on_a_phone() -> None:
    assert (
        voices(FRAME, colours=COLOURS).layout.yaxis.ticktext[0]
        == 'Bank <span style="color:#8a78fd">■</span>'
    )
    assert {"■ Bank", "■ Tax", "■ Social"} <= set(
        texts(voices(FRAME, colours=COLOURS, narrow=True))
    )


@pytest.mark.parametrize("frame", [FRAME.clear(), FRAME[1:2]])
def test_a_person_nobody_knows_is_drawn_without_complaint(frame: pl.DataFrame) -> None:
    assert len(named(voices(frame, colours=COLOURS), "said").x) == 0
