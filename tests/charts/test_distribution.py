import re

import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.distribution import compare_distributions, score_distribution
from analytics.charts.look import BAD, GOOD, GREY

# Of 10 payers 2 have no score, of 10 defaulters 5; the last bin is twice as wide.
BINS = pl.DataFrame(
    {
        "points_low": [0.0, 20.0, 40.0],
        "points_high": [20.0, 40.0, 80.0],
        "payers": [0.1, 0.3, 0.4],
        "defaulters": [0.3, 0.1, 0.1],
    }
)
BANDS = [("Poor", 0.0), ("Good", 40.0)]
SHARES = BINS.select("points_low", "points_high", share="payers")


def draw(cutoff: float = 40.0, *, narrow: bool = False, bins: pl.DataFrame = BINS) -> go.Figure:
    return score_distribution(
        bins, unscored=(0.2, 0.5), cutoff=cutoff, bands=BANDS, low=0, high=80, narrow=narrow
    )


def areas(bar: go.Bar, widths: list[float]) -> list[float]:
    return [abs(tall) * wide for tall, wide in zip(bar.y, widths, strict=True)]


def texts(figure: go.Figure) -> list[str]:
    return [re.sub("<[^>]+>", " ", note.text).strip() for note in figure.layout.annotations]


def test_equal_shares_have_equal_areas_with_or_without_a_score() -> None:
    payers, no_payers, defaulters, no_defaulters = draw().data
    assert areas(payers, [20, 20, 40]) == pytest.approx([0.1, 0.3, 0.4])
    assert areas(defaulters, [20, 20, 40]) == pytest.approx([0.3, 0.1, 0.1])
    assert areas(no_payers, [no_payers.width]) == pytest.approx([0.2])
    assert areas(no_defaulters, [no_defaulters.width]) == pytest.approx([0.5])


def test_the_block_of_the_unscored_is_a_fixed_share_of_any_range() -> None:
    wide = score_distribution(BINS, unscored=(0.2, 0.5), cutoff=40, bands=[], low=350, high=950)
    assert wide.data[1].width == pytest.approx(80)
    assert draw().data[1].width == pytest.approx(80 * 2 / 15)


def test_payers_are_blue_above_defaulters_orange_below_and_the_unscored_grey() -> None:
    payers, no_payers, defaulters, _ = draw().data
    assert (payers.marker.color, no_payers.marker.color, defaulters.marker.color) == (
        GOOD,
        GREY,
        BAD,
    )
    assert min(payers.y) > 0 > max(defaulters.y)


def test_declined_bars_are_pale() -> None:
    assert list(draw(cutoff=40).data[0].marker.opacity) == [0.4, 0.4, 1.0]


def test_pointing_says_it_in_words() -> None:
    payers, no_payers, *_ = draw().data
    assert payers.customdata[1] == [0.3, 20.0, 40.0]
    assert (
        payers.hovertemplate
        == "%{customdata[0]:.1%} of payers<br>have %{customdata[1]:.0f} to %{customdata[2]:.0f}"
        " points<extra></extra>"
    )
    assert no_payers.hovertemplate == "20.0% of payers have no score<extra></extra>"


def test_a_phone_loses_words_and_keeps_figures() -> None:
    assert {"20% of payers", "50% of defaulters", "accepted from 40 →", "Poor", "Good"} <= set(
        texts(draw())
    )
    assert {"20%", "50%", "40 →"} <= set(texts(draw(narrow=True)))


def test_all_bars_and_the_block_fit_on_the_axes() -> None:
    figure = draw()
    low, high = figure.layout.yaxis.range
    assert (
        low < min(min(bar.y) for bar in figure.data) < max(max(bar.y) for bar in figure.data) < high
    )
    block = figure.data[1]
    assert figure.layout.xaxis.range[0] <= block.x[0] - block.width / 2
    assert figure.layout.xaxis.range[1] >= 80


def test_the_ends_and_the_band_edges_are_ticks() -> None:
    assert list(draw().layout.xaxis.ticktext) == ["not scored", "0", "20", "40", "60", "80"]


@pytest.mark.parametrize(("cutoff", "side"), [(10, "left"), (70, "right")])
def test_the_words_at_the_cutoff_turn_to_the_side_with_room(cutoff: float, side: str) -> None:
    note = next(note for note in draw(cutoff).layout.annotations if "accepted" in note.text)
    assert note.xanchor == side


def test_nobody_in_any_bin_is_drawn_without_complaint() -> None:
    empty = BINS.with_columns(payers=0.0, defaulters=0.0)
    assert list(
        score_distribution(empty, unscored=(1.0, 1.0), cutoff=40, bands=[], low=0, high=80)
        .data[0]
        .y
    ) == [0, 0, 0]


def test_the_frame_stays_as_it_was_and_the_figure_has_no_title() -> None:
    before = BINS.clone()
    assert draw().layout.title.text is None
    assert before.equals(BINS)


def test_two_cohorts_are_steps_on_one_scale_the_second_grey_and_dashed() -> None:
    figure = compare_distributions(
        SHARES, SHARES, ("all", "thin"), low=0, high=80, unscored=(0.2, 0.0)
    )
    thin, everyone, block, _ = figure.data
    assert (everyone.name, thin.name, thin.line.dash, thin.line.color) == (
        "all",
        "thin",
        "dash",
        GREY,
    )
    assert list(everyone.x) == [0, 20, 40, 80]
    assert list(everyone.y) == pytest.approx([0.1, 0.3, 0.2, 0.2])  # 0.4 over a bin twice as wide
    assert max(block.y) * (max(block.x) - min(block.x)) / 20 == pytest.approx(0.2)
    assert everyone.customdata[1] == "all<br>30.0% of persons have 20 to 40 points"


def test_two_cohorts_with_a_score_for_everyone_have_no_block() -> None:
    figure = compare_distributions(SHARES, SHARES, ("all", "thin"), low=0, high=80)
    assert (len(figure.data), figure.layout.xaxis.title.text, figure.layout.yaxis.tickformat) == (
        2,
        "points",
        ".0%",
    )
    assert figure.layout.yaxis.title.text == "persons per 20 points"
