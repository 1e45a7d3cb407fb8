"""Which weights change so that the score holds under stress, and by how much?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import canvas, ends, short, steps
from analytics.charts.rows import COLUMN, Rows, cut, lines, note, signed

LETTER = 6.6  # pixels of a letter over a column of figures
# letters over a column of figures; the whole of a name is said when pointed at
HEAD, HEAD_NARROW = (16, 12)


def holding(
    frame: pl.DataFrame,
    *,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    names: tuple[str, str] = ("now", "that hold"),
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """A row per source: a ring where its weight is now, a dot where it would hold, a line between;
    the greatest change is on top.

    Parameters
    ----------
    frame
        One row per source: `source` (its key), `now`, `hold` (0 to 1).
    labels, colours
        The label and the colour of each source.
    names
        What the two weightings are called.
    """
    rows = frame.select("source", "now", "hold").sort(
        (pl.col("hold") - pl.col("now")).abs().round(9), descending=True, maintain_order=True
    )
    place = Rows([labels[key] for key in rows["source"]], 24, narrow)
    hues = [colours[key] for key in rows["source"]]
    heads = [
        f"{sign} {cut(name, HEAD_NARROW if narrow else HEAD)}"
        for sign, name in zip("○●", names, strict=True)
    ]
    wide = max(COLUMN, LETTER * max(map(len, heads)) + 8)
    fig = canvas(height or place.height + 68, margin={"t": 20, "r": 2 * wide + 4})
    _ways(fig, rows, place, hues)
    said = [_said(row, labels[row["source"]], names) for row in rows.iter_rows(named=True)]
    for column, marker in (
        ("now", {"symbol": "circle-open", "size": 13, "line_width": 2}),
        ("hold", {"size": 9}),
    ):
        marks = {
            "marker": {"color": hues, **marker},
            "name": column,
            "customdata": said,
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        fig.add_scatter(x=rows[column], y=place.y, mode="markers", cliponaxis=False, **marks)
    place.name(fig)
    place.figures(fig, [f"{share:.1%}" for share in rows["now"]], right=wide, head=heads[0])
    place.figures(
        fig,
        [f"<b>{share:.1%}</b>" for share in rows["hold"]],
        right=2 * wide,
        head=f"<b>{heads[1]}</b>",
    )
    _axis(fig, rows)
    return fig


def _ways(fig: go.Figure, rows: pl.DataFrame, place: Rows, hues: list[str]) -> None:
    """A line from the edge of the ring to the dot, in the source's colour.

    None where the two meet.
    """
    line = {
        "text": "",
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 3,
        "startstandoff": 7,
        "axref": "x",
        "ayref": "y",
    }
    ways = zip(rows["now"], rows["hold"], place.y, hues, strict=True)
    note(
        fig,
        [
            {**line, "ax": now, "x": hold, "ay": y, "y": y, "arrowcolor": hue}
            for now, hold, y, hue in ways
            if now != hold
        ],
    )


def _said(row: Mapping[str, Any], label: str, names: tuple[str, str]) -> str:
    """One source in phrases."""
    points = signed(100 * (row["hold"] - row["now"]))
    change = "no change" if points == "0.0" else f"{points} points"
    return (
        f"<b>{lines(label)}</b><br>{row['now']:.1%} {names[0]}<br>{row['hold']:.1%}"
        f" {names[1]}<br>{change}"
    )


def _axis(fig: go.Figure, rows: pl.DataFrame) -> None:
    """From nothing to the greatest weight; the heads of the figures are the key to the marks."""
    most = max(ends(rows["now"], rows["hold"])[1], 0.01) if rows.height else 1.0
    step = steps(0, most, most=4)
    fig.update_xaxes(
        tickformat=short(".1%", step),
        dtick=step,
        tick0=0,
        range=[-0.06 * most, 1.05 * most],
        showgrid=True,
        title_text="weight",
        tickangle=0,
    )
