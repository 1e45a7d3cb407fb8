"""How does a feature move the score over its values, and how do people with these values pay?"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, FAINT, GREY, canvas, ends, short, steps
from analytics.charts.rows import lines, note, ticks

HOVER = "%{customdata}<extra></extra>"


def dependence(
    frame: pl.DataFrame,
    *,
    label: str,
    colour: str,
    unit: str = "",
    average: float | None = None,
    height: int = 380,
    narrow: bool = False,
) -> go.Figure:
    """The points a feature gives over its values, below them who defaulted, below that how many
    people; those without a value stand apart on the left.

    Values far from evenly spread, such as money, and single values, such as counts, are drawn in
    steps of equal width.

    Parameters
    ----------
    frame
        One row per bin, in order: `low` and `high` (its edges; both null for people without a
        value), `points` (mean contribution), `points_low` and `points_high` (where 5% and 95% of
        its people stand), `bad_rate`, `bad_rate_low`, `bad_rate_high` (95% interval; null: too few
        persons), `persons`.
    label, colour
        The feature's name and the colour of its source.
    unit
        Of its values.
    average
        The default rate of everyone; drawn dashed.
    """
    fig = canvas(height, margin={"t": 8, "r": 14})
    known = frame.filter(pl.col("low").is_not_null())
    missing = frame.filter(pl.col("low").is_null())
    single = 2 * known.filter(pl.col("low") == pl.col("high")).height >= max(known.height, 1)
    edges = _edges(known)
    even = single or _skewed(edges)
    at = [float(i) for i in range(len(edges))] if even else edges
    span = at[-1] - at[0]
    apart = at[0] - (0.13 if narrow else 0.06) * span
    middles, widths = [(a + b) / 2 for a, b in pairwise(at)], [b - a for a, b in pairwise(at)]
    _panels(
        fig,
        _placed(
            known,
            middles[: known.height],
            widths[: known.height],
            [_bin(row, unit) for row in known.iter_rows(named=True)],
        ),
        label,
        colour,
        line=True,
    )
    _panels(
        fig,
        _placed(
            missing,
            [apart] * missing.height,
            [0.05 * span] * missing.height,
            ["no value"] * missing.height,
        ),
        label,
        colour,
        line=False,
    )
    tick = (
        _steps(known, single=single, most=6 if narrow else 12)
        if even
        else _round(edges, most=5 if narrow else 10)
    )
    _values(fig, tick, apart if missing.height else None, at[0])
    title = f"{label}{f' ({unit})' if unit else ''}" + (
        ", uneven steps" if even and not single else ""
    )
    left = apart - 0.04 * span if missing.height else at[0] - 0.015 * span
    fig.update_xaxes(
        range=[left, at[-1] + 0.015 * span],
        title_text="<br>".join(wrap(title, 46 if narrow else 100)),
    )
    _stack(fig, frame, average)
    return fig


def dependence_by_category(
    frame: pl.DataFrame,
    *,
    label: str,
    colour: str,
    average: float | None = None,
    height: int = 380,
    narrow: bool = False,
) -> go.Figure:
    """The same for a feature of names: one column per category, those without a value on the left.

    Parameters
    ----------
    frame
        One row per category, in the order of the screen: `category` (null for people without a
        value), and the columns of `dependence` but its edges.
    label, colour, average
        As in `dependence`.
    """
    fig = canvas(height, margin={"t": 8, "r": 14})
    rows = pl.concat(
        [frame.filter(pl.col("category").is_null()), frame.filter(pl.col("category").is_not_null())]
    )
    gap = 0.5 if rows["category"].null_count() and rows["category"].count() else 0.0
    x = [i + gap * (name is not None) for i, name in enumerate(rows["category"])]
    said = [name if name is not None else "no value" for name in rows["category"]]
    _panels(fig, _placed(rows, x, [0.7] * rows.height, said), label, colour, line=False)
    steep = narrow and rows.height > 4
    text = [
        (
            name
            if steep
            else "<br>".join(wrap(name, max(8, (46 if narrow else 110) // max(rows.height, 1))))
        )
        for name in said
    ]
    fig.update_xaxes(
        tickvals=x,
        ticktext=text,
        range=[-0.6, max([*x, 3.0]) + 0.6],
        tickangle=-90 if steep else 0,
        title_text=label,
        ticks="",
    )
    if gap:
        _apart(fig, 0.75)
    _stack(fig, frame, average)
    return fig


def _placed(
    rows: pl.DataFrame, x: Sequence[float], wide: Sequence[float], said: Sequence[str]
) -> pl.DataFrame:
    """The rows with the middle and the width of their columns, and their values in words.

    Every figure a number, also where all are null.
    """
    figures = pl.col(
        "points", "points_low", "points_high", "bad_rate", "bad_rate_low", "bad_rate_high"
    ).cast(pl.Float64)
    spot = pl.DataFrame(
        {"x": x, "wide": wide, "said": said},
        schema={"x": pl.Float64, "wide": pl.Float64, "said": pl.String},
    )
    return pl.concat([rows.with_columns(figures), spot], how="horizontal")


def _edges(known: pl.DataFrame) -> list[float]:
    """From bin to bin; where bins are single values or have room between them, half way."""
    lows, highs = known["low"].cast(pl.Float64).to_list(), known["high"].cast(pl.Float64).to_list()
    if not lows:
        return [0.0, 1.0]
    inner = [(high + low) / 2 for high, low in zip(highs, lows[1:], strict=False)]
    first = lows[0] if highs[0] > lows[0] else lows[0] - (inner[0] - lows[0] if inner else 0.5)
    last = (
        highs[-1] if highs[-1] > lows[-1] else highs[-1] + (highs[-1] - inner[-1] if inner else 0.5)
    )
    return [first, *inner, last]


def _skewed(edges: Sequence[float]) -> bool:
    """Do half of the bins crowd into an eighth of the axis?"""
    half = (len(edges) - 1) // 2
    return (
        len(edges) > 4
        and min(b - a for a, b in zip(edges, edges[half:], strict=False))
        < (edges[-1] - edges[0]) / 8
    )


def _short(value: float) -> str:
    """A value as an edge is written: 0.25, 12, 1,500, 20k, 1.2M."""
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:.3g}M".replace("-", "−")
    if size >= 1e4:
        return f"{value / 1e3:.3g}k".replace("-", "−")
    return (f"{value:,.0f}" if size >= 100 else f"{value:.3g}").replace("-", "−")


def _bin(row: Mapping[str, Any], unit: str) -> str:
    """The values of a bin in words."""
    between = (
        _short(row["low"])
        if row["low"] == row["high"]
        else f"{_short(row['low'])} to {_short(row['high'])}"
    )
    return f"{between} {unit}".rstrip()


def _panels(fig: go.Figure, rows: pl.DataFrame, label: str, colour: str, *, line: bool) -> None:
    """Contribution, default rate and people of these bins, each in its panel."""
    said = [_said(row, label) for row in rows.iter_rows(named=True)]
    hover = {"customdata": said, "hovertemplate": HOVER}
    if line:
        for column, fill in (("points_low", None), ("points_high", "tonexty")):
            fig.add_scatter(
                x=rows["x"],
                y=rows[column],
                mode="lines",
                line_width=0,
                fill=fill,
                fillcolor=FAINT,
                hoverinfo="skip",
            )
    name = "points" if line else "points apart"
    reach = None if line else _reach(rows, "points", "points_low", "points_high")
    dots = {
        "mode": "lines+markers" if line else "markers",
        "marker": {"color": colour, "size": 6 if line else 9},
        "line": {"color": colour, "width": 2},
    }
    fig.add_scatter(x=rows["x"], y=rows["points"], name=name, error_y=reach, **dots, **hover)
    rate = {
        "error_y": _reach(rows, "bad_rate", "bad_rate_low", "bad_rate_high"),
        "marker": {"color": BAD, "size": 7},
        "mode": "markers",
        "yaxis": "y2",
    }
    fig.add_scatter(x=rows["x"], y=rows["bad_rate"], name="bad rate", **rate, **hover)
    fig.add_bar(
        x=rows["x"],
        y=rows["persons"],
        width=0.94 * rows["wide"],
        yaxis="y3",
        marker={"color": GREY, "opacity": 0.45, "line_width": 0},
        name="people",
        **hover,
    )


def _reach(rows: pl.DataFrame, column: str, low: str, high: str) -> dict[str, Any]:
    """From the lower to the upper end as a thin line."""
    up, down = rows[high] - rows[column], rows[column] - rows[low]
    return {
        "array": up,
        "arrayminus": down,
        "symmetric": False,
        "width": 0,
        "thickness": 1.5,
        "color": GREY,
    }


def _said(row: Mapping[str, Any], label: str) -> str:
    """One bin in phrases."""
    verb = "raises" if row["points"] >= 0 else "lowers"
    points = (
        f"{verb} the score by {abs(row['points']):.1f} points on average<br>(90% of them:"
        f" {row['points_low']:+.1f} to {row['points_high']:+.1f})"
    )
    between = (
        ""
        if row["bad_rate_low"] is None
        else f" ({row['bad_rate_low']:.1%} to {row['bad_rate_high']:.1%})"
    )
    bad = (
        "too few to tell their bad rate"
        if row["bad_rate"] is None
        else f"{row['bad_rate']:.1%} of them defaulted{between}"
    )
    return (
        f"<b>{lines(label)}</b><br>{row['said']}<br>{points.replace('-', '−')}<br>{bad}"
        f"<br>{row['persons']:,} persons"
    )


def _steps(known: pl.DataFrame, *, single: bool, most: int) -> tuple[list[float], list[str]]:
    """Ticks of steps of equal width: the value in the middle of each, or the edges between them."""
    every = -(-(known.height + 1) // most)
    if single:
        text = [
            _short(low) if low == high else f"{_short(low)}–{_short(high)}"
            for low, high in known.select("low", "high").iter_rows()
        ]
        return [i + 0.5 for i in range(0, len(text), every)], text[::every]
    text = [_short(edge) for edge in [*known["low"], *known["high"].tail(1)]]
    return [float(i) for i in range(0, len(text), every)], text[::every]


def _round(edges: Sequence[float], *, most: int) -> tuple[list[float], list[str]]:
    """Ticks at round distances."""
    step = steps(edges[0], edges[-1], most=most)
    at = [step * i for i in range(ceil(edges[0] / step - 1e-9), floor(edges[-1] / step + 1e-9) + 1)]
    return at, [_short(round(tick, 9)) for tick in at]


def _values(
    fig: go.Figure, tick: tuple[list[float], list[str]], apart: float | None, first: float
) -> None:
    """The axis of values; people without one are named apart."""
    at, text = tick
    if apart is None:
        fig.update_xaxes(tickvals=at, ticktext=text, tickangle=0)
    else:
        fig.update_xaxes(tickvals=[apart, *at], ticktext=["no<br>value", *text], tickangle=0)
        _apart(fig, (apart + first) / 2 + 0.2 * (first - apart))


def _apart(fig: go.Figure, x: float) -> None:
    """A rule between the people without a value and the others."""
    fig.add_shape(
        type="line",
        x0=x,
        x1=x,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": GREY, "width": 1, "dash": "dot"},
    )


def _stack(fig: go.Figure, frame: pl.DataFrame, average: float | None) -> None:
    """The three panels from the top, one axis each."""
    low, high = ends(frame["points_low"], frame["points_high"], pl.Series([0.0]))
    worst = max(
        ends(frame["bad_rate_high"], frame["bad_rate"], pl.Series([average or 0.0]))[1], 0.001
    )
    rate = steps(0, worst, most=3)
    room = 0.05 * (high - low) or 1.0
    points = {
        "domain": [0.5, 1],
        **ticks(low - room, high + room, most=5),
        "range": [low - room, high + room],
    }
    bad = {
        "domain": [0.14, 0.43],
        "tickformat": short(".1%", rate),
        "dtick": rate,
        "tick0": 0,
        "range": [-0.06 * worst, 1.08 * worst],
    }
    fig.update_layout(
        yaxis={**points, "title_text": "points"}, yaxis2={**bad, "title_text": "defaulted"}
    )
    fig.update_layout(
        yaxis3={
            "domain": [0, 0.09],
            "showticklabels": False,
            "showgrid": False,
            "rangemode": "tozero",
        }
    )
    fig.update_xaxes(anchor="y3")
    fig.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=0, y1=0, yref="y", line_width=1, layer="below"
    )
    note(
        fig,
        [
            {
                "text": "people",
                "x": 0,
                "xref": "paper",
                "xanchor": "right",
                "xshift": -6,
                "y": 0.045,
                "yref": "paper",
                "yanchor": "middle",
            }
        ],
    )
    if average is not None:
        fig.add_shape(
            type="line",
            x0=0,
            x1=1,
            xref="paper",
            y0=average,
            y1=average,
            yref="y2",
            line={"color": GREY, "width": 1.5, "dash": "dash"},
        )
        late = frame["bad_rate"].drop_nulls().tail(1).to_list()
        # away from the dots at the right end
        side = "top" if late and late[0] > average else "bottom"
        note(
            fig,
            [
                {
                    "text": f"everyone {average:.1%}",
                    "x": 1,
                    "xref": "paper",
                    "xanchor": "right",
                    "y": average,
                    "yref": "y2",
                    "yanchor": side,
                }
            ],
        )
