"""Where do people stand on the score, and how many have none?"""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, FAINT, GOOD, GREY, ON_GREY, canvas, steps

# The people without a score are a block left of the axis, in shares of the score range: all charts of a range share one geometry.
BLOCK, GAP, EDGE = 2 / 15, 1 / 15, 1 / 150
BOTTOM = 0.13  # share of the height kept free under the bars for the words at the cutoff


def score_distribution(
    bins: pl.DataFrame, *, unscored: tuple[float, float], cutoff: float, bands: Sequence[tuple[str, float]], low: float, high: float, height: int = 214, narrow: bool = False
) -> go.Figure:
    """Payers above the line, defaulters below it, equal areas for equal shares; the people without a score stand apart on the left.

    Parameters
    ----------
    bins
        One row per bin: `points_low`, `points_high`, `payers`, `defaulters`; the last two are shares of *all* payers and
        of all defaulters, so each adds up to 1 together with its share in `unscored`.
    unscored
        Share of the payers and share of the defaulters who have no score.
    cutoff
        Points from which a person is accepted; bars below it are pale.
    bands
        Name and lower edge in points of each band, lowest first.
    low, high
        Ends of the score range in points.
    """
    fig = canvas(height, barmode="overlay", margin=dict(t=20 if bands else 6))
    for column, missing in zip(("payers", "defaulters"), unscored, strict=True):
        _side(fig, bins, column, missing, cutoff, low, high, narrow)
        _side_name(fig, bins, column, low, high)
    _bands(fig, bands, low, high, narrow)
    fig.add_hline(y=0, line_width=1)
    _cutoff(fig, cutoff, low, high, narrow)
    edges = [edge for _, edge in bands]
    _points_axis(fig, low, high, edges, narrow)
    fig.update_yaxes(showticklabels=False, showgrid=False, range=_reach(bins, unscored, low, high))
    return fig


def compare_distributions(
    bins_a: pl.DataFrame, bins_b: pl.DataFrame, names: tuple[str, str], *, low: float, high: float, unscored: tuple[float, float] = (0.0, 0.0), height: int = 214, narrow: bool = False
) -> go.Figure:
    """Two cohorts' scores as steps, the first in ink, the second grey and dashed; outlines on the left hold the people without a score.

    Parameters
    ----------
    bins_a, bins_b
        One row per bin: `points_low`, `points_high`, `share`; a share of all persons of the cohort, so that it adds up
        to 1 together with the cohort's share in `unscored`.
    names
        What the two cohorts are called.
    low, high
        Ends of the score range in points.
    """
    least = min((bins["points_high"] - bins["points_low"]).min() for bins in (bins_a, bins_b))
    fig = canvas(height, showlegend=True, legend=dict(orientation="h", x=1, xanchor="right", y=1, yanchor="bottom"), margin=dict(t=24))
    for bins, name, missing, line in zip((bins_b, bins_a), names[::-1], unscored[::-1], (dict(color=GREY, dash="dash", width=2), dict(width=2)), strict=True):
        _steps(fig, bins, name, least, line)
        if missing:
            _outline(fig, name, missing, least, low, high, line)
    fig.update_layout(legend_traceorder="reversed")
    _points_axis(fig, low, high, [], narrow, block=any(unscored))
    fig.update_yaxes(tickformat=".0%", rangemode="tozero", title_text=f"per {least:g} points" if narrow else f"persons per {least:g} points", nticks=5)
    return fig


def _block(low: float, high: float) -> tuple[float, float]:
    """Centre and width in points of the block of people without a score."""
    return low - (GAP + BLOCK / 2) * (high - low), BLOCK * (high - low)


def _side(fig: go.Figure, bins: pl.DataFrame, column: str, missing: float, cutoff: float, low: float, high: float, narrow: bool) -> None:
    """The bars of one outcome and its block; heights are shares per point, so that areas are shares."""
    sign, colour = (1, GOOD) if column == "payers" else (-1, BAD)
    centre, width = _block(low, high)
    wide = bins["points_high"] - bins["points_low"]
    middle = (bins["points_high"] + bins["points_low"]) / 2
    fig.add_bar(
        x=middle, y=sign * bins[column] / wide, width=0.92 * wide, marker=dict(color=colour, line_width=0, opacity=pl.select(pl.when(middle >= cutoff).then(1.0).otherwise(0.4)).to_series()),
        customdata=bins.select(column, "points_low", "points_high").rows(),
        hovertemplate="%{customdata[0]:.1%} of " + column + "<br>have %{customdata[1]:.0f} to %{customdata[2]:.0f} points<extra></extra>",
    )  # fmt: skip
    fig.add_bar(x=[centre], y=[sign * missing / width], width=width, marker=dict(color=GREY, line_width=0), hovertemplate=f"{missing:.1%} of {column} have no score<extra></extra>")
    _block_words(fig, column, missing, sign, centre, width, max((bins[column] / wide).max() or 0.0, missing / width), narrow)


def _side_name(fig: go.Figure, bins: pl.DataFrame, column: str, low: float, high: float) -> None:
    """What the side is called, with its colour, at the end of the range where fewer people stand."""
    people, fifth = pl.col("payers") + pl.col("defaulters"), 0.2 * (high - low)
    safer = bins.filter(pl.col("points_high") > high - fifth).select(people.max()).item() or 0.0
    riskier = bins.filter(pl.col("points_low") < low + fifth).select(people.max()).item() or 0.0
    right = safer < 0.02 or safer <= riskier
    colour, y, yanchor = (GOOD, 1, "top") if column == "payers" else (BAD, BOTTOM, "bottom")
    text = f'<span style="color:{colour}">■</span> {column}'
    fig.add_annotation(text=text, x=high if right else low, xanchor="right" if right else "left", y=y, yref="paper", yanchor=yanchor, font_size=13)


def _block_words(fig: go.Figure, column: str, missing: float, sign: int, centre: float, width: float, most: float, narrow: bool) -> None:
    """The share without a score, inside its block where it fits, beyond its end where it does not."""
    tall = missing / width
    inside = tall > 0.5 * most
    text = f"{missing:.0%}" if narrow or not inside else f"{missing:.0%} of<br>{column}"
    away = dict(yanchor="middle", font_color=ON_GREY) if inside else dict(yanchor="bottom" if sign > 0 else "top")
    fig.add_annotation(text=text, x=centre, y=sign * tall * (0.5 if inside else 1), **away)


def _bands(fig: go.Figure, bands: Sequence[tuple[str, float]], low: float, high: float, narrow: bool) -> None:
    """Every other band shaded, its name above it where there is room."""
    edges = [max(low, edge) for _, edge in bands] + [high]
    for i, (name, _) in enumerate(bands):
        if i % 2:
            fig.add_vrect(x0=edges[i], x1=edges[i + 1], fillcolor=FAINT, opacity=0.6, line_width=0, layer="below")
        if edges[i + 1] - edges[i] > 6.6 * len(name) * _pixel(low, high, narrow):
            fig.add_annotation(text=name, x=(edges[i] + edges[i + 1]) / 2, y=1, yref="paper", yanchor="bottom")


def _pixel(low: float, high: float, narrow: bool) -> float:
    """Points a pixel stands for, on a phone or on the narrowest desk."""
    return (high - low) * (1 + BLOCK + GAP + 2 * EDGE) / (320 if narrow else 700)


def _cutoff(fig: go.Figure, cutoff: float, low: float, high: float, narrow: bool) -> None:
    """A line through both sides, with its points in words on the side that has room."""
    late = cutoff > low + 0.55 * (high - low)
    text = f"{cutoff:g} →" if narrow else f"accepted from {cutoff:g} →"
    fig.add_shape(type="line", x0=cutoff, x1=cutoff, y0=0, y1=1, yref="paper", line_width=2)
    fig.add_annotation(text=text, x=cutoff, xshift=-6 if late else 6, y=0, yref="paper", xanchor="right" if late else "left", yanchor="bottom")


def _points_axis(fig: go.Figure, low: float, high: float, edges: Sequence[float], narrow: bool, *, block: bool = True) -> None:
    """Ticks at the ends, at the band edges and between, as many as fit; the block is named `not scored`."""
    step = steps(low, high, most=4)
    between = [step * i for i in range(int(low // step), int(high // step) + 2) if low < step * i < high]
    least = 38 * _pixel(low, high, narrow)
    ticks = sorted(_apart(between, max(least, 0.45 * step), _apart(edges, least, [low, high])))
    centre, _ = _block(low, high)
    reach = (high - low) * (BLOCK + GAP + EDGE if block else EDGE)
    named = ([centre], ["not scored"]) if block else ([], [])
    fig.update_xaxes(range=[low - reach, high + EDGE * (high - low)], tickvals=[*named[0], *ticks], ticktext=[*named[1], *(f"{t:g}" for t in ticks)])
    if not block:  # even an empty title would take its room
        fig.update_xaxes(title_text="points")


def _apart(values: Sequence[float], least: float, kept: Sequence[float]) -> list[float]:
    """The kept values, then each further one between the ends that keeps this distance from all before it."""
    for value in values:
        if min(kept) <= value <= max(kept) and all(abs(value - other) >= least for other in kept):
            kept = [*kept, value]
    return list(kept)


def _reach(bins: pl.DataFrame, unscored: tuple[float, float], low: float, high: float) -> list[float]:
    """The span of the upright axis: both sides in full, and room for words under them."""
    wide = bins["points_high"] - bins["points_low"]
    _, width = _block(low, high)
    up, down = (max((bins[column] / wide).max() or 0.0, missing / width) for column, missing in zip(("payers", "defaulters"), unscored, strict=True))
    whole = (up + down) / (1 - BOTTOM - 0.03) or 1.0
    return [-down - BOTTOM * whole, up + 0.03 * whole]


def _steps(fig: go.Figure, bins: pl.DataFrame, name: str, least: float, line: dict[str, object]) -> None:
    """One cohort as steps over its bins; heights are shares per the narrowest bin."""
    tall = (bins["share"] * least / (bins["points_high"] - bins["points_low"])).to_list()
    words = [f"{name}<br>{share:.1%} of persons have {a:.0f} to {b:.0f} points" for a, b, share in bins.select("points_low", "points_high", "share").iter_rows()]
    fig.add_scatter(
        x=[*bins["points_low"], bins["points_high"][-1]], y=[*tall, tall[-1]], mode="lines", name=name, line=dict(shape="hv", **line),
        customdata=[*words, words[-1]], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _outline(fig: go.Figure, name: str, missing: float, least: float, low: float, high: float, line: dict[str, object]) -> None:
    """The people of one cohort without a score, as an outline whose area is on the scale of the steps."""
    centre, width = _block(low, high)
    x, y = [centre - width / 2, centre - width / 2, centre + width / 2, centre + width / 2], missing * least / width
    fig.add_scatter(x=x, y=[0, y, y, 0], mode="lines", line=line, showlegend=False, hovertemplate=f"{name}<br>{missing:.1%} of persons have no score<extra></extra>")


