"""Where does one person stand, and what did each source say?"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD, GREY, canvas, ends
from analytics.charts.rows import COLUMN, Rows, note, signed, ticks


def standing(
    points: float | None,
    *,
    bands: Sequence[tuple[str, float]],
    low: float,
    high: float,
    percentile: float | None = None,
    cutoff: float | None = None,
    height: int = 110,
    narrow: bool = False,
) -> go.Figure:
    """One person's points on a straight scale; the bands are grey steps with their names, darker
    towards the safer end.

    Parameters
    ----------
    points
        Of the person; none if there is no score.
    bands
        Name and lower edge in points of each band, lowest first.
    low, high
        Ends of the scale in points.
    percentile
        Share of the scored people with fewer points, 0 to 1.
    cutoff
        Points from which people are accepted; drawn dashed.
    """
    fig = canvas(height, margin={"l": 14, "r": 14, "t": 4})
    shown = bands or [("", low)]
    edges = [low, *(min(max(low, edge), high) for _, edge in shown[1:]), high]
    own = (
        ""
        if points is None
        else [
            name
            for (name, _), edge in zip(shown, edges[:-1], strict=True)
            if points >= edge or edge == low
        ][-1]
    )
    _bands(fig, shown, edges, own, narrow=narrow)
    if points is None:
        note(
            fig,
            [
                {
                    "text": "<b>no score</b>",
                    "x": (low + high) / 2,
                    "y": 1.3,
                    "yanchor": "bottom",
                    "font_size": 14,
                }
            ],
        )
    else:
        _person(fig, points, own, percentile, low, high, narrow=narrow)
    if cutoff is not None:
        fig.add_shape(
            type="line", x0=cutoff, x1=cutoff, y0=-0.12, y1=1.12, line={"width": 2, "dash": "dot"}
        )
        fig.add_annotation(
            text=f"accepted from {cutoff:g} →",
            x=cutoff,
            y=-0.1,
            yanchor="top",
            xanchor="left" if cutoff < (low + high) / 2 else "right",
        )
    fig.update_xaxes(
        tickvals=edges, ticktext=[f"{edge:g}" for edge in edges], range=[low, high], tickangle=0
    )
    fig.update_yaxes(visible=False, range=[-0.68 if cutoff is not None else -0.05, 2.45])
    return fig


def _bands(
    fig: go.Figure,
    bands: Sequence[tuple[str, float]],
    edges: Sequence[float],
    own: str,
    *,
    narrow: bool,
) -> None:
    """Bars side by side, a little darker each, with their names where these have room.

    The person's own is bold.
    """
    wide = [b - a for a, b in pairwise(edges)]
    depth = [0.12 + 0.4 * i / max(len(bands) - 1, 1) for i in range(len(bands))]
    said = [
        f"<b>{name}</b><br>{a:g} to {b:g} points"
        for (name, _), (a, b) in zip(bands, pairwise(edges), strict=True)
    ]
    fig.add_bar(
        base=edges[:-1],
        x=wide,
        y=[0.5] * len(bands),
        orientation="h",
        width=1,
        marker={"color": GREY, "opacity": depth, "line_width": 0},
        name="bands",
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )
    pixel = (edges[-1] - edges[0]) / (330 if narrow else 740)  # points it stands for
    named = [
        (name, a + w / 2)
        for (name, _), a, w in zip(bands, edges[:-1], wide, strict=True)
        if (6 * len(name) + 6) * pixel < w
    ]
    note(
        fig,
        [
            {"text": f"<b>{name}</b>" if name == own else name, "x": x, "y": 0.5}
            for name, x in named
        ],
    )


def _person(
    fig: go.Figure,
    points: float,
    band: str,
    percentile: float | None,
    low: float,
    high: float,
    *,
    narrow: bool,
) -> None:
    """A pointer on the bands.

    Over it the points, the band and the percentile in words, towards the side that has room.
    """
    at = (min(max(points, low), high) - low) / (high - low)
    share = (
        ""
        if percentile is None
        else f"safer than {percentile:.0%}{'' if narrow else ' of the people with a score'}"
    )
    said = (
        "<br>".join(filter(None, [f"<b>{points:.0f} points</b>", band, share])) + "<extra></extra>"
    )
    dot = {"symbol": "triangle-down", "size": 14}
    fig.add_scatter(
        x=[low + at * (high - low)],
        y=[1.24],
        mode="markers",
        marker=dot,
        name="person",
        hovertemplate=said,
    )
    side = ("left", -8) if at < 1 / 3 else ("right", 8) if at > 2 / 3 else ("center", 0)
    text = " · ".join(
        filter(None, [f'<b><span style="font-size:16px">{points:.0f}</span></b>', band, share])
    )
    note(
        fig,
        [
            {
                "x": low + at * (high - low),
                "xanchor": side[0],
                "xshift": side[1],
                "y": 1.5,
                "yanchor": "bottom",
                "text": text,
                "font_size": 13,
            }
        ],
    )


def voices(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """What each source said of one person: length is what it says, thickness its weight, so that
    the area is what it moves; no record is hatched.

    Parameters
    ----------
    frame
        One row per source, in the order of the screen: `source` (its key), `label`, `weight` (0 to
        1), `points` (what the source says, at its full weight; positive is safer; null: nothing),
        `contribution` (points it moves the score), `known` (whether it has a record all the same,
        where there is no score; by default it has none).
    colours
        The colour of each source.
    """
    place = Rows(frame["label"].to_list(), 28, narrow)
    fig = canvas(height or place.height + 66, margin={"r": 2 * COLUMN, "t": 20})
    low, high = ends(frame["points"].fill_null(0.0), pl.Series([0.0]))
    wide = (high - low) or 1.0
    heaviest = max(ends(frame["weight"])[1], 1e-9)
    rows = frame.with_columns(
        y=pl.Series(place.y, dtype=pl.Float64),
        thick=place.part(0.8) * (pl.col("weight") / heaviest).clip(lower_bound=0.06),
    )
    _said_bars(fig, rows.filter(pl.col("points").is_not_null()))
    silent = rows.filter(pl.col("points").is_null())
    known = pl.col("known") if "known" in rows.columns else pl.lit(value=False)
    _no_record(fig, silent.filter(~known), 0.02 * wide, right=high >= -low)
    _unused(fig, silent.filter(known), 0.02 * wide, right=high >= -low)
    place.name(fig, [colours[source] for source in frame["source"]])
    place.figures(
        fig, [f"{weight:.1%}" for weight in frame["weight"]], right=COLUMN - 6, head="weight"
    )
    moved = [
        "–" if points is None else f"<b>{signed(given)}</b>"
        for points, given in frame.select("points", "contribution").iter_rows()
    ]
    place.figures(fig, moved, right=2 * COLUMN - 4, head="<b>points</b>")
    fig.update_xaxes(
        **ticks(low, high, most=4 if narrow else 8), range=[low - 0.04 * wide, high + 0.04 * wide]
    )
    fig.update_xaxes(
        showgrid=True,
        tickangle=0,
        title_text=(
            "what it says, in points (safer →)"
            if narrow
            else "what the source says at full weight, in points (safer →)"
        ),
    )
    fig.add_shape(type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line_width=1)
    return fig


def _said_bars(fig: go.Figure, rows: pl.DataFrame) -> None:
    colour = [GOOD if points >= 0 else BAD for points in rows["points"]]
    said = [_voice(row) for row in rows.iter_rows(named=True)]
    bars = {"orientation": "h", "marker": {"color": colour, "line_width": 0}, "name": "said"}
    fig.add_bar(
        x=rows["points"],
        y=rows["y"],
        width=rows["thick"],
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        **bars,
    )


def _voice(row: Mapping[str, Any]) -> str:
    """One source in phrases."""
    verb = "safer" if row["points"] >= 0 else "riskier"
    moves = f"it moves the score by {signed(row['contribution'])} points"
    return (
        f"<b>{row['label']}</b><br>says {verb}: {signed(row['points'])} points at full"
        f" weight<br>with {row['weight']:.1%} of the weight,<br>{moves}"
    )


def _unused(fig: go.Figure, rows: pl.DataFrame, half: float, *, right: bool) -> None:
    """An outlined stub across zero.

    The source knows the person, but there is no score that it could move.
    """
    if rows.is_empty():
        return
    told = rows.select("label", "weight").iter_rows()
    said = [
        f"<b>{label}</b><br>has a record; with {weight:.1%} of the weight<br>too little for a score"
        for label, weight in told
    ]
    line = {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1}}
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    many = rows.height
    fig.add_bar(
        base=[-half] * many,
        x=[2 * half] * many,
        y=rows["y"],
        width=rows["thick"],
        orientation="h",
        marker=line,
        name="record, no score",
        **hover,
    )
    side = {"xanchor": "left", "xshift": 6} if right else {"xanchor": "right", "xshift": -6}
    note(
        fig,
        [
            {"text": "has a record", "x": half if right else -half, "y": y, **side}
            for y in rows["y"]
        ],
    )


def _no_record(fig: go.Figure, rows: pl.DataFrame, half: float, *, right: bool) -> None:
    """A hatched stub across zero, as thick as the weight that stays silent."""
    hatch = {
        "color": "rgba(0,0,0,0)",
        "line": {"color": GREY, "width": 1},
        "pattern": {"shape": "/", "fgcolor": GREY, "size": 5, "solidity": 0.3},
    }
    said = [
        f"<b>{label}</b><br>has no record; {weight:.1%} of the weight stays silent"
        for label, weight in rows.select("label", "weight").iter_rows()
    ]
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    many = rows.height
    fig.add_bar(
        base=[-half] * many,
        x=[2 * half] * many,
        y=rows["y"],
        width=rows["thick"],
        orientation="h",
        marker=hatch,
        name="no record",
        **hover,
    )
    side = {"xanchor": "left", "xshift": 6} if right else {"xanchor": "right", "xshift": -6}
    note(
        fig,
        [{"text": "no record", "x": half if right else -half, "y": y, **side} for y in rows["y"]],
    )
