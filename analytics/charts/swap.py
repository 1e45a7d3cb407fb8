"""Who would be accepted now and was not before, who no longer, and how do they pay?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD, SHADES, canvas, ends

GROUPS = ("accepted", "declined", "not scored")


def swap_set(
    frame: pl.DataFrame,
    *,
    names: tuple[str, str],
    word: str = "with",
    height: int = 230,
    narrow: bool = False,
) -> go.Figure:
    """What two weightings do with the same people: columns are the first's, rows the second's;
    darker cells hold more people.

    Cells with a blue edge hold those only the first accepts, with an orange edge those only the
    second does.

    Parameters
    ----------
    frame
        One row per pair: `a`, `b` (accepted, declined or not scored), `persons`, `share` (of all
        persons), `bad_rate` (null where too few).
    names
        What the two weightings are called; `word` stands before each on the axes.
    """
    fig = canvas(height, margin={"t": 4, "b": 4})
    rows = frame.sort(
        pl.col("b").replace_strict(GROUPS, range(3)), pl.col("a").replace_strict(GROUPS, range(3))
    )
    cells = [
        (
            GROUPS.index(row["a"]),
            GROUPS.index(row["b"]),
            row["share"],
            _text(row, narrow=narrow),
            _said(row, names),
        )
        for row in rows.iter_rows(named=True)
    ]
    x, y, share, text, said = (
        (list(column) for column in zip(*cells, strict=True)) if cells else ([], [], [], [], [])
    )
    most = ends(frame["share"])[1] or 1.0
    shade = {
        "zmin": 0,
        "zmax": most,
        "colorscale": SHADES,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    fig.add_heatmap(
        x=x, y=y, z=share, customdata=said, hovertemplate="%{customdata}<extra></extra>", **shade
    )
    fig.add_scatter(x=x, y=y, mode="text", text=text, hoverinfo="skip")
    fig.layout.shapes = [_edge(place, GOOD) for place in ((0, 1), (0, 2))] + [
        _edge(place, BAD) for place in ((1, 0), (2, 0))
    ]
    _axes(fig, names, word, narrow=narrow)
    return fig


def _text(row: Mapping[str, Any], *, narrow: bool) -> str:
    """A cell in words: who these people are if they swap, how many, and how they pay."""
    swap = (
        "swapped in"
        if row["a"] == "accepted" != row["b"]
        else "swapped out"
        if row["b"] == "accepted" != row["a"]
        else ""
    )
    bad = (
        "too few to tell"
        if row["bad_rate"] is None
        else f"{row['bad_rate']:.1%} bad"
        if narrow
        else f"bad rate {row['bad_rate']:.1%}"
    )
    if row["persons"] is None:
        return "<br>".join(
            filter(None, [swap, "too few<br>to count" if narrow else "too few to count"])
        )
    many = f"<b>{row['share']:.1%}</b>" + ("" if narrow else " of people")
    return "<br>".join(filter(None, [swap, many, bad if row["persons"] else ""]))


def _said(row: Mapping[str, Any], names: tuple[str, str]) -> str:
    """A cell in a full phrase."""
    if row["persons"] is None:
        return f"{names[0]}: {row['a']}; {names[1]}: {row['b']}<br>too few people to count"
    bad = (
        "too few to tell their bad rate"
        if row["bad_rate"] is None
        else f"{row['bad_rate']:.1%} of them defaulted"
    )
    return (
        f"{names[0]}: {row['a']}; {names[1]}: {row['b']}<br>{row['share']:.1%} of people"
        f" ({row['persons']:,})<br>{bad}"
    )


def _edge(place: tuple[int, int], colour: str) -> dict[str, Any]:
    """An outline just inside a cell."""
    x, y = place
    return {
        "type": "rect",
        "x0": x - 0.48,
        "x1": x + 0.48,
        "y0": y - 0.46,
        "y1": y + 0.46,
        "line": {"color": colour, "width": 2.5},
    }


def _axes(fig: go.Figure, names: tuple[str, str], word: str, *, narrow: bool) -> None:
    """The groups in the order in which people like to be, the first weighting on top, the second at
    the side.
    """
    side = {"tickvals": [0, 1, 2], "ticks": "", "showgrid": False}
    fig.update_xaxes(
        **side,
        ticktext=GROUPS,
        side="top",
        range=[-0.5, 2.5],
        title_text=f"{word} <b>{names[0]}</b>".strip(),
    )
    stacked = [group.replace(" ", "<br>") for group in GROUPS] if narrow else GROUPS
    fig.update_yaxes(
        **side, ticktext=stacked, range=[2.5, -0.5], title_text=f"{word} <b>{names[1]}</b>".strip()
    )
