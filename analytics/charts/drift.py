"""Which sources say something else than they did?"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import GREY, canvas, ends, marked
from analytics.charts.rows import COLUMN, Rows, lines

# the rule of thumb: below the first nothing moved, above the second much did
WATCH, ACT = (0.10, 0.25)
FARTHEST = 0.5  # an axis ends here; longer bars are cut there, their figures are not
TICKS = (0.0, WATCH, ACT, FARTHEST)


def drift(
    frame: pl.DataFrame,
    *,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """PSI of every source's evidence as a bar, the greatest on top; an upright tick is the value
    that chance alone stays below.

    Parameters
    ----------
    frame
        One row per source: `source` (its key), `psi`, `critical`; a null `psi` says that too few
        people are known for a figure.
    labels, colours
        The label and the colour of each source.
    """
    rows = frame.select("source", pl.col("psi", "critical").cast(pl.Float64).fill_nan(None)).sort(
        "psi", descending=True, nulls_last=True, maintain_order=True
    )
    place = Rows([labels[key] for key in rows["source"]], 24, narrow)
    fig = canvas(height or place.height + (66 if narrow else 50), margin={"t": 8, "r": COLUMN + 4})
    hover = {
        "customdata": [_said(row, labels[row["source"]]) for row in rows.iter_rows(named=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    hues = marked(colours, rows["source"])
    fig.add_bar(
        x=rows["psi"].clip(upper_bound=FARTHEST),
        y=place.y,
        orientation="h",
        width=place.part(0.6),
        marker=hues,
        name="psi",
        **hover,
    )
    tick = {"symbol": "line-ns", "size": 15, "line_width": 2.5}
    within = [
        value if value is not None and value <= FARTHEST else None for value in rows["critical"]
    ]
    fig.add_scatter(x=within, y=place.y, mode="markers", marker=tick, name="critical", **hover)
    _cut_off(fig, rows, place.y)
    place.name(fig)
    place.figures(fig, [_figure(row) for row in rows.iter_rows(named=True)], right=COLUMN)
    _axis(fig, rows, narrow=narrow)
    return fig


def _moved(row: Mapping[str, Any]) -> bool:
    """Is this more than chance does?"""
    return row["psi"] is not None and row["critical"] is not None and row["psi"] > row["critical"]


def _figure(row: Mapping[str, Any]) -> str:
    """A PSI as written; bold where it is more than chance."""
    if row["psi"] is None:
        return "too few"
    return f"<b>{row['psi']:.3f}</b>" if _moved(row) else f"{row['psi']:.3f}"


def _said(row: Mapping[str, Any], label: str) -> str:
    """One source in phrases."""
    name = f"<b>{lines(label)}</b><br>"
    if row["psi"] is None:
        return f"{name}known of too few people for a figure"
    thumb = (
        "nothing to see"
        if row["psi"] < WATCH
        else "to be watched"
        if row["psi"] < ACT
        else "much has moved"
    )
    chance = (
        ""
        if row["critical"] is None
        else (
            f"<br>{'more than' if _moved(row) else 'within'} chance (95% stay below"
            f" {row['critical']:.3f})"
        )
    )
    return f"{name}PSI {row['psi']:.3f}: {thumb}, by the rule of thumb{chance}"


def _cut_off(fig: go.Figure, rows: pl.DataFrame, y: Sequence[float]) -> None:
    """An arrow at the end of a bar that is longer than the axis."""
    long = [
        at for at, psi in zip(y, rows["psi"], strict=True) if psi is not None and psi > FARTHEST
    ]
    marker = {"symbol": "triangle-right", "size": 11}
    fig.add_scatter(
        x=[FARTHEST] * len(long),
        y=long,
        mode="markers",
        marker=marker,
        name="beyond",
        cliponaxis=False,
        hoverinfo="skip",
    )


def _axis(fig: go.Figure, rows: pl.DataFrame, *, narrow: bool) -> None:
    """Ticks are the two limits of the rule of thumb and what is beyond.

    Always both are in sight.
    """
    most = min(
        max(ends(rows["psi"], rows["critical"])[1] if rows.height else 0.0, 1.2 * ACT), FARTHEST
    )
    at = [tick for tick in TICKS if tick <= most]
    between = "<br>" if narrow else " · "
    title = (
        f"PSI of what the source says · <b>|</b> chance stays below{between}dashed: from 0.10 to"
        " watch, from 0.25 to act"
    )
    fig.update_xaxes(
        tickvals=at,
        ticktext=[f"{tick:.2f}" if tick else "0" for tick in at],
        range=[0, 1.03 * most],
        title_text=title,
        tickangle=0,
    )
    dash = {"color": GREY, "width": 1.5, "dash": "dash"}
    fig.layout.shapes = [
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": dash}
        for x in (WATCH, ACT)
    ]
