"""What is each source worth?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import canvas, ends, marked, short, steps
from analytics.charts.rows import signed

ROW = 26  # pixels a source takes


def value(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    words: str,
    form: str,
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """The fair share of every source as a bar; a ring is what it brings alone, an upright tick what
    is lost without it.

    Parameters
    ----------
    frame
        One row per source, in the order of the screen: `source` (its key), `label`, `shapley`,
        `add_one` (this source against none), `drop_one` (all sources against all but this one), and
        if known `shapley_low`, `shapley_high`. A null leaves its mark out.
    colours
        The colour of each source.
    words
        What is gained, as in `AUC of everyone`.
    form
        How values are written, as in `.3f`.
    """
    fig = canvas(height or 62 + ROW * frame.height, margin={"t": 4, "r": 62})
    rows = frame.reverse()
    said = [_said(row, words, form) for row in rows.iter_rows(named=True)]
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    bars = marked(colours, rows["source"])
    fig.add_bar(
        x=rows["shapley"],
        y=rows["label"],
        orientation="h",
        width=0.6,
        marker=bars,
        name="shapley",
        **hover,
    )
    _interval(fig, rows)
    for column, mark in (
        ("add_one", {"symbol": "circle-open", "size": 10}),
        ("drop_one", {"symbol": "line-ns", "size": 17}),
    ):
        fig.add_scatter(
            x=rows[column],
            y=rows["label"],
            mode="markers",
            name=column,
            marker={**mark, "line_width": 2},
            **hover,
        )
    _figures(fig, rows, form)
    _axes(fig, rows, words, form, narrow=narrow)
    return fig


def _said(row: Mapping[str, Any], words: str, form: str) -> str:
    """One source in phrases."""
    low, high = row.get("shapley_low"), row.get("shapley_high")
    between = (
        "" if low is None or high is None else f" ({signed(low, form)} to {signed(high, form)})"
    )
    each = [
        f"{signed(row[column], form)} {phrase}{more}"
        for column, phrase, more in (
            ("shapley", "is its fair share (Shapley)", between),
            ("add_one", "when it stands alone", ""),
            ("drop_one", "lost without it", ""),
        )
        if row[column] is not None
    ]
    return "<br>".join([f"<b>{row['label']}</b>: {words}", *each])


def _interval(fig: go.Figure, rows: pl.DataFrame) -> None:
    """The interval of the fair share as a thin line over the end of the bar."""
    if {"shapley_low", "shapley_high"} <= set(rows.columns):
        reach = {
            "array": rows["shapley_high"] - rows["shapley"],
            "arrayminus": rows["shapley"] - rows["shapley_low"],
        }
        error = {**reach, "symmetric": False, "thickness": 1.5, "width": 0}
        fig.add_scatter(
            x=rows["shapley"],
            y=rows["label"],
            mode="markers",
            marker_opacity=0,
            error_x=error,
            name="interval",
            hoverinfo="skip",
        )


def _figures(fig: go.Figure, rows: pl.DataFrame, form: str) -> None:
    """The fair shares as a column of figures at the right."""
    known = rows.drop_nulls("shapley").select("label", "shapley").iter_rows()
    right = {"x": 1, "xref": "paper", "xanchor": "right", "xshift": 60, "align": "right"}
    fig.layout.annotations = [
        {**right, "y": label, "text": f"<b>{signed(shapley, form)}</b>"} for label, shapley in known
    ]


def _axes(fig: go.Figure, rows: pl.DataFrame, words: str, form: str, *, narrow: bool) -> None:
    """From the least to the greatest mark, zero included.

    The title is also the key to the marks.
    """
    known = [
        rows[column]
        for column in ("shapley", "add_one", "drop_one", "shapley_low", "shapley_high")
        if column in rows.columns
    ]
    low, high = ends(*known, pl.Series([0.0]))
    room = 0.04 * (high - low) or 0.01
    between = "<br>" if narrow else " · "
    title = f"gain in {words}{between}bar: fair share · <b>○</b> alone · <b>|</b> lost without it"
    step = steps(low, high, most=4 if narrow else 6)
    fig.update_xaxes(
        tickformat=short(form, step),
        dtick=step,
        tick0=0,
        range=[low - room, high + room],
        title_text=title,
    )
    fig.update_xaxes(
        showgrid=True, zeroline=True, zerolinecolor="rgba(138,145,153,0.8)", zerolinewidth=1
    )
    fig.update_yaxes(showgrid=False)
