"""Which sources say the same?"""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import SHADES, canvas, ends

ROW = 30  # pixels a source takes


def redundancy(
    frame: pl.DataFrame,
    *,
    labels: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """A triangle of cells, darker where two sources have more in common; a name stands at the end
    of its row and on top of its column.

    Parameters
    ----------
    frame
        One row per pair: `a`, `b` (keys of sources, in either order), `shared` (share of what the
        two are worth alone that they have in common; may be slightly negative, and null where they
        are worth too little to tell), `correlation` (of what they say, where both know the person;
        may be null).
    labels
        The label of each source, in catalog order.
    """
    fig = canvas(
        height or 16 + ROW * len(labels),
        margin={"t": 4, "b": 4, "r": _room(list(labels.values()), 24 if narrow else 34)},
    )
    spot = {key: i for i, key in enumerate(labels)}
    cells = [
        (
            min(spot[row["a"]], spot[row["b"]]),
            max(spot[row["a"]], spot[row["b"]]),
            row["shared"],
            _said(row, labels),
        )
        for row in frame.iter_rows(named=True)
    ]
    x, y, shared, said = (
        (list(column) for column in zip(*cells, strict=True)) if cells else ([], [], [], [])
    )
    fig.add_heatmap(
        x=x,
        y=y,
        z=shared,
        zmin=0,
        zmax=max(ends(frame["shared"])[1], 0.1),
        colorscale=SHADES,
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
    )
    fig.add_scatter(
        x=x,
        y=y,
        mode="text",
        text=[_percent(part, narrow=narrow) for part in shared],
        textfont_size=11 if narrow else 12,
        hoverinfo="skip",
    )
    _names(fig, labels)
    fig.update_xaxes(visible=False, range=[-0.5, len(labels) - 0.5])
    fig.update_yaxes(visible=False, range=[len(labels) - 0.5, -0.5])
    return fig


def _said(row: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """One pair in a phrase."""
    agree = (
        ""
        if row["correlation"] is None
        else f";<br>what they say correlates {row['correlation']:.2f}"
    )
    pair = f"{labels[str(row['a'])]} and {labels[str(row['b'])]}"
    if row["shared"] is None:
        return f"{pair}<br>alone add no more than chance would: no share can be told{agree}"
    return f"{pair}<br>have {_percent(row['shared'])} of their worth in common{agree}"


def _percent(part: object, *, narrow: bool = False) -> str:
    """A share without decimals, on a phone without its sign too; -0% is 0%."""
    text = "–" if part is None else f"{part:.0%}".replace("-0%", "0%").replace("-", "−")
    return text.removesuffix("%") if narrow else text


def _names(fig: go.Figure, labels: Mapping[str, str]) -> None:
    """On the diagonal, running into the empty half."""
    fig.layout.annotations = [
        {"text": f"<b>{label}</b>", "x": i - 0.46, "y": i, "xanchor": "left"}
        for i, label in enumerate(labels.values())
    ]


def _room(names: list[str], cell: float) -> int:
    """Pixels that names need beyond the last cell, if cells are at least this wide."""
    return (
        max(12, *(int(7 * len(name) + 6 - cell * (len(names) - i)) for i, name in enumerate(names)))
        if names
        else 12
    )
