"""Where do people stand on the score, and how many have none?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, FAINT, GOOD, GREY, ON_GREY, canvas, ends, steps

BOTTOM = 0.13  # share of the height kept free under the bars for the words at the cutoff


@dataclass(frozen=True, slots=True)
class Range:
    """The points from `low` to `high`, and left of them room for people without a score.

    All ranges share one geometry.
    """

    low: float
    high: float
    narrow: bool = False

    @property
    def span(self) -> float:
        """Points from end to end."""
        return self.high - self.low

    @property
    def block(self) -> float:
        """Width in points of the block of people without a score."""
        return self.span * 2 / 15

    @property
    def middle(self) -> float:
        """Where that block has its centre, in points."""
        return self.low - self.span / 15 - self.block / 2

    @property
    def pixel(self) -> float:
        """Points a pixel stands for, on a phone or on the narrowest desk."""
        return 1.2133 * self.span / (320 if self.narrow else 700)


def score_distribution(
    bins: pl.DataFrame,
    *,
    unscored: tuple[float, float],
    cutoff: float,
    bands: Sequence[tuple[str, float]],
    low: float,
    high: float,
    height: int = 214,
    narrow: bool = False,
) -> go.Figure:
    """Payers above the line, defaulters below it, equal areas for equal shares; the people without
    a score stand apart on the left.

    Parameters
    ----------
    bins
        One row per bin: `points_low`, `points_high`, `payers`, `defaulters`; the last two are
        shares of *all* payers and of all defaulters, so each adds up to 1 together with its share
        in `unscored`.
    unscored
        Share of the payers and share of the defaulters who have no score.
    cutoff
        Points from which a person is accepted; bars below it are pale.
    bands
        Name and lower edge in points of each band, lowest first.
    low, high
        Ends of the score range in points.
    """
    fig = canvas(
        height, barmode="overlay", margin={"t": 20 if bands else 6, "r": 16 if narrow else 6}
    )
    across = Range(low, high, narrow)
    up = _tallest(bins, "payers", unscored[0], across)
    down = _tallest(bins, "defaulters", unscored[1], across)
    for column, missing, tallest in (
        ("payers", unscored[0], up),
        ("defaulters", unscored[1], down),
    ):
        _bars(fig, bins, column, cutoff)
        _block(fig, column, missing, tallest, across)
        _side(fig, bins, column, cutoff, across)
    _bands(fig, bands, across)
    fig.add_shape(type="line", x0=0, x1=1, xref="paper", y0=0, y1=0, line_width=1)
    _cutoff(fig, cutoff, across)
    _ticks(fig, across, [edge for _, edge in bands])
    whole = (up + down) / (1 - BOTTOM - 0.03) or 1.0
    fig.update_yaxes(
        showticklabels=False, showgrid=False, range=[-down - BOTTOM * whole, up + 0.03 * whole]
    )
    return fig


def compare_distributions(
    bins_a: pl.DataFrame,
    bins_b: pl.DataFrame,
    names: tuple[str, str],
    *,
    low: float,
    high: float,
    unscored: tuple[float, float] = (0.0, 0.0),
    height: int = 214,
    narrow: bool = False,
) -> go.Figure:
    """Two cohorts' scores as steps, the first in ink, the second grey and dashed; outlines on the
    left hold the people without a score.

    Parameters
    ----------
    bins_a, bins_b
        One row per bin: `points_low`, `points_high`, `share`; a share of all persons of the cohort,
        so that it adds up to 1 together with the cohort's share in `unscored`.
    names
        What the two cohorts are called.
    low, high
        Ends of the score range in points.
    """
    across = Range(low, high, narrow)
    least = ends(_wide(bins_a), _wide(bins_b))[0]
    legend = {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "reversed",
    }
    fig = canvas(height, showlegend=True, legend=legend, margin={"t": 24, "r": 16})
    for bins, name, line in (
        (bins_b, names[1], {"color": GREY, "dash": "dash", "width": 2}),
        (bins_a, names[0], {"width": 2}),
    ):
        _steps(fig, bins, name, least, line)
    if any(unscored):
        _outlines(fig, names, unscored, least, across)
    _ticks(fig, across, [], block=any(unscored))
    fig.update_yaxes(
        tickformat=".0%",
        rangemode="tozero",
        title_text=f"per {least:g} points" if narrow else f"persons per {least:g} points",
        nticks=5,
    )
    return fig


def _wide(bins: pl.DataFrame) -> pl.Series:
    return bins["points_high"] - bins["points_low"]


def _tallest(bins: pl.DataFrame, column: str, missing: float, across: Range) -> float:
    """The greatest height of a side, in shares per point."""
    return max(ends(bins[column] / _wide(bins))[1] if bins.height else 0.0, missing / across.block)


def _bars(fig: go.Figure, bins: pl.DataFrame, column: str, cutoff: float) -> None:
    """The bars of one outcome; heights are shares per point, so that areas are shares."""
    sign, colour = (1, GOOD) if column == "payers" else (-1, BAD)
    middle = (bins["points_high"] + bins["points_low"]) / 2
    fig.add_bar(
        x=middle,
        y=sign * bins[column] / _wide(bins),
        width=0.92 * _wide(bins),
        marker={
            "color": colour,
            "line_width": 0,
            "opacity": [1.0 if points >= cutoff else 0.4 for points in middle],
        },
        customdata=bins.select(column, "points_low", "points_high").rows(),
        hovertemplate="%{customdata[0]:.1%} of "
        + column
        + "<br>have %{customdata[1]:.0f} to %{customdata[2]:.0f} points<extra></extra>",
    )


def _block(fig: go.Figure, column: str, missing: float, tallest: float, across: Range) -> None:
    """The people of one outcome without a score.

    Their share stands inside the block, or beyond its end where it is low.
    """
    sign, tall = 1 if column == "payers" else -1, missing / across.block
    inside = tall > 0.5 * tallest
    said = f"{missing:.1%} of {column} have no score<extra></extra>"
    fig.add_bar(
        x=[across.middle],
        y=[sign * tall],
        width=across.block,
        marker={"color": GREY, "line_width": 0},
        hovertemplate=said,
    )
    text = f"{missing:.0%} of<br>{column}" if inside and not across.narrow else f"{missing:.0%}"
    where: dict[str, Any] = (
        {"yanchor": "middle", "font_color": ON_GREY}
        if inside
        else {"yanchor": "bottom" if sign > 0 else "top"}
    )
    fig.add_annotation(text=text, x=across.middle, y=sign * tall * (0.5 if inside else 1), **where)


def _side(fig: go.Figure, bins: pl.DataFrame, column: str, cutoff: float, across: Range) -> None:
    """What the side is called, with its colour, at an end of the range that is free.

    The safer end where it can be.
    """
    room = 85 * across.pixel
    people = bins["payers"] + bins["defaulters"]
    safer, riskier = (
        people.filter(part).max() or 0.0
        for part in (
            bins["points_high"] > across.high - room,
            bins["points_low"] < across.low + room,
        )
    )
    right = cutoff < across.high - room and safer <= max(riskier, 0.15 * (people.max() or 0.0))  # type: ignore[operator]
    colour, y, yanchor = (GOOD, 1, "top") if column == "payers" else (BAD, BOTTOM, "bottom")
    text = f'<span style="color:{colour}">■</span> {column}'
    x, xanchor = (across.high, "right") if right else (across.low, "left")
    fig.add_annotation(
        text=text, x=x, xanchor=xanchor, y=y, yref="paper", yanchor=yanchor, font_size=13
    )


def _bands(fig: go.Figure, bands: Sequence[tuple[str, float]], across: Range) -> None:
    """Every other band shaded, its name above it where there is room."""
    edges = [max(across.low, edge) for _, edge in bands] + [across.high]
    named = [
        (name, low, high)
        for (name, _), low, high in zip(bands, edges[:-1], edges[1:], strict=True)
        if high - low > 6.6 * len(name) * across.pixel
    ]
    shade = {
        "type": "rect",
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": FAINT,
        "opacity": 0.6,
        "line": {"width": 0},
        "layer": "below",
    }
    fig.layout.shapes = [
        *fig.layout.shapes,
        *(
            shade | {"x0": low, "x1": high}
            for low, high in zip(edges[1:-1:2], edges[2::2], strict=True)
        ),
    ]
    over = {"y": 1, "yref": "paper", "yanchor": "bottom"}
    fig.layout.annotations = [
        *fig.layout.annotations,
        *(over | {"text": name, "x": (low + high) / 2} for name, low, high in named),
    ]


def _cutoff(fig: go.Figure, cutoff: float, across: Range) -> None:
    """A line through both sides, with its points in words on the side that has room."""
    late = cutoff > across.low + 0.55 * across.span
    text = f"{cutoff:g} →" if across.narrow else f"accepted from {cutoff:g} →"
    fig.add_shape(type="line", x0=cutoff, x1=cutoff, y0=0, y1=1, yref="paper", line_width=2)
    fig.add_annotation(
        text=text,
        x=cutoff,
        xshift=-6 if late else 6,
        y=0,
        yref="paper",
        xanchor="right" if late else "left",
        yanchor="bottom",
    )


def _ticks(fig: go.Figure, across: Range, edges: Sequence[float], *, block: bool = True) -> None:
    """Ticks at the ends, at the band edges and between, as many as fit.

    The block is named `not scored`.
    """
    step, least = steps(across.low, across.high, most=4), 38 * across.pixel
    between = [step * i for i in range(int(across.low // step), int(across.high // step) + 1)]
    ticks = sorted(
        _apart(between, max(least, 0.45 * step), _apart(edges, least, [across.low, across.high]))
    )
    if block:
        name = "not<br>scored" if across.narrow else "not scored"
        fig.update_xaxes(
            tickvals=[across.middle, *ticks], ticktext=[name, *(f"{t:g}" for t in ticks)]
        )
    else:  # only here: even an empty title takes its room
        fig.update_xaxes(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], title_text="points")
    edge = across.span / 150
    fig.update_xaxes(
        range=[
            (across.middle - across.block / 2 if block else across.low) - edge,
            across.high + edge,
        ],
        tickangle=0,
    )


def _apart(values: Sequence[float], least: float, kept: Sequence[float]) -> list[float]:
    """The kept values, then each further one between the ends that keeps this distance from all
    before it.
    """
    for value in values:
        if min(kept) <= value <= max(kept) and all(abs(value - other) >= least for other in kept):
            kept = [*kept, value]
    return list(kept)


def _steps(
    fig: go.Figure, bins: pl.DataFrame, name: str, least: float, line: dict[str, Any]
) -> None:
    """One cohort as steps over its bins; heights are shares per the narrowest bin."""
    tall = (bins["share"] * least / _wide(bins)).to_list()
    words = [
        f"{name}<br>{share:.1%} of persons have {a:.0f} to {b:.0f} points"
        for a, b, share in bins.select("points_low", "points_high", "share").iter_rows()
    ]
    fig.add_scatter(
        x=[*bins["points_low"], bins["points_high"][-1]],
        y=[*tall, tall[-1]],
        mode="lines",
        name=name,
        line={"shape": "hv", **line},
        customdata=[*words, words[-1]],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _outlines(
    fig: go.Figure,
    names: tuple[str, str],
    unscored: tuple[float, float],
    least: float,
    across: Range,
) -> None:
    """The people without a score as outlines whose areas are on the scale of the steps."""
    left, right = across.middle - across.block / 2, across.middle + across.block / 2
    for name, missing, line in zip(
        names, unscored, ({"width": 2}, {"color": GREY, "dash": "dash", "width": 2}), strict=True
    ):
        tall = missing * least / across.block
        said = f"{name}<br>{missing:.1%} of persons have no score<extra></extra>"
        fig.add_scatter(
            x=[left, left, right, right],
            y=[0, tall, tall, 0],
            mode="lines",
            line=line,
            showlegend=False,
            hovertemplate=said,
        )
    text = " / ".join(f"{missing:.0%}" for missing in unscored)
    # wider than the block: clear of the ticks
    start = {"x": left, "xanchor": "left"} if across.narrow else {"x": across.middle}
    fig.add_annotation(text=text, y=max(unscored) * least / across.block, yanchor="bottom", **start)
