"""What do two features say together that neither says alone?"""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import canvas, ends
from analytics.charts.rows import cut, lines, signed

# of blue and orange in a cell: more, and ink on it would fall below 4.5 to 1 on the dark page
DEEPEST = 0.66
# orange lowers, blue raises
CELLS = [
    [0, f"rgba(220,119,23,{DEEPEST})"],
    [0.5, "rgba(138,145,153,0.06)"],
    [1, f"rgba(43,124,199,{DEEPEST})"],
]


def interaction(
    frame: pl.DataFrame, *, names: tuple[str, str], height: int | None = None, narrow: bool = False
) -> go.Figure:
    """A cell per pair of values: blue where the two together raise the score beyond what each does
    alone, orange where they lower it.

    Parameters
    ----------
    frame
        One row per cell, values in the order of the screen: `a` and `b` (the values of both
        features in words, as in `2 to 5`), `points` (mean interaction, positive raises the score;
        null: too few persons), `persons`.
    names
        What the two features are called; the first runs to the right, the second upwards.
    """
    across, up = (frame[column].unique(maintain_order=True).to_list() for column in "ab")
    fig = canvas(height or 76 + 32 * len(up), margin={"t": 4, "r": 8})
    rows = frame.filter(pl.col("points").is_not_null())
    x, y = (
        [order.index(value) for value in rows[column]]
        for order, column in ((across, "a"), (up, "b"))
    )
    far = max(abs(end) for end in ends(rows["points"], pl.Series([0.0]))) or 1.0
    shade = {
        "zmin": -far,
        "zmax": far,
        "colorscale": CELLS,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    said = [_said(row, names) for row in rows.iter_rows(named=True)]
    fig.add_heatmap(
        x=x,
        y=y,
        z=rows["points"],
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        **shade,
    )
    if len(across) <= (8 if narrow else 12):
        text = [signed(points, ".0f" if far >= 10 else ".1f") for points in rows["points"]]
        fig.add_scatter(
            x=x, y=y, mode="text", text=text, textfont_size=11 if narrow else 12, hoverinfo="skip"
        )
    _axes(fig, across, up, names, narrow=narrow)
    return fig


def _said(row: Mapping[str, Any], names: tuple[str, str]) -> str:
    """One cell in phrases."""
    verb = "raises" if row["points"] >= 0 else "lowers"
    people = "1 person" if row["persons"] == 1 else f"{row['persons']:,} persons"
    return (
        f"{lines(names[0])}: <b>{row['a']}</b><br>{lines(names[1])}: <b>{row['b']}</b><br>having"
        f" both {verb} the score by {abs(row['points']):.1f} points<br>beyond what each does alone"
        f" ({people})"
    )


def _axes(
    fig: go.Figure, across: list[str], up: list[str], names: tuple[str, str], *, narrow: bool
) -> None:
    side = {"ticks": "", "showgrid": False}
    letters = max(5, (36 if narrow else 62) // max(len(across), 1))
    fig.update_xaxes(
        tickvals=list(range(len(across))),
        ticktext=[_fold(value, letters) for value in across],
        tickangle=0,
        **side,
    )
    fig.update_yaxes(
        tickvals=list(range(len(up))),
        ticktext=[_fold(value, 10) if narrow else cut(value, 24) for value in up],
        **side,
    )
    tall = 5 * len(up)  # letters that fit along the side
    fig.update_xaxes(
        range=[-0.5, len(across) - 0.5],
        title_text="<br>".join(wrap(names[0], 44 if narrow else 90)),
    )
    fig.update_yaxes(
        range=[-0.5, len(up) - 0.5],
        title_text="<br>".join(wrap(cut(names[1], 2 * tall), max(tall, 12))),
    )


def _fold(value: str, letters: int) -> str:
    """A value in lines of so many letters.

    One that runs from here to there breaks between the two.
    """
    low, _, high = value.partition(" to ")
    return (
        f"{low}–<br>{high}" if high and len(value) > letters else "<br>".join(wrap(value, letters))
    )
