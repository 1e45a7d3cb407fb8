"""How many sources are enough?"""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import FAINT, canvas, ends

ABREAST = 6  # names that find room side by side on the narrowest desk
PANELS = {
    "auc": ("y", "AUC of everyone {}", ".3f"),
    "coverage": ("y2", "{} of people can be scored", ".1%"),
}


def best_of(
    frame: pl.DataFrame, *, labels: Mapping[str, str], height: int = 300, narrow: bool = False
) -> go.Figure:
    """AUC of everyone above and coverage below, as steps over the number of sources; under each
    step what came in, and what went.

    Parameters
    ----------
    frame
        One row per number of sources, from 1 on: `k`, `sources` (the best ones of that number, a
        list of keys), `added` and `dropped` (lists of keys, against the row before), `coverage`,
        `auc`, `price` (may be null); and if known `coverage_low`, `coverage_high`, `auc_low`,
        `auc_high`.
    labels
        The label of each source.
    """
    fig = canvas(height, margin={"t": 8, "r": 8})
    for column, (axis, phrase, form) in PANELS.items():
        said = [
            _said(row, labels, phrase.format(f"{row[column]:{form}}") + _between(row, column, form))
            for row in frame.iter_rows(named=True)
        ]
        _panel(fig, frame, column, axis, said)
    upright = narrow or frame.height > ABREAST
    ticks = [
        _tick(row, labels, upright=upright, lines=2 if frame.height <= 2 * ABREAST else 1)
        for row in frame.iter_rows(named=True)
    ]
    fig.update_xaxes(
        tickvals=frame["k"],
        ticktext=ticks,
        tickangle=-90 if upright else 0,
        range=[0.4, frame.height + 0.6],
        anchor="y2",
        ticks="",
    )
    fig.update_layout(
        yaxis={
            "domain": [0.54, 1],
            "tickformat": ".2f",
            "nticks": 4,
            "range": _span(frame, "auc"),
            "title_text": "AUC" if narrow else "AUC of<br>everyone",
        },
        yaxis2={
            "domain": [0, 0.46],
            "tickformat": ".0%",
            "nticks": 4,
            "range": _span(frame, "coverage"),
            "title_text": "scored" if narrow else "people<br>scored",
        },
    )
    return fig


def _span(frame: pl.DataFrame, column: str) -> list[float]:
    """From the least to the greatest end of the intervals, at least a twentieth high.

    Steps of nothing are no steps.
    """
    low, high = ends(
        *(frame[c] for c in (column, f"{column}_low", f"{column}_high") if c in frame.columns)
    )
    low = min(low, high - 0.05)
    return [low - 0.08 * (high - low), high + 0.08 * (high - low)]


def _said(row: Mapping[str, Any], labels: Mapping[str, str], phrase: str) -> str:
    """One step in phrases."""
    count = "the best source" if row["k"] == 1 else f"the best {row['k']} sources"
    names = "<br>".join(wrap(", ".join(labels[key] for key in row["sources"]), 48))
    price = "" if row["price"] is None else f"<br>price {row['price']:,.2f} per person"
    return f"<b>{count}</b><br>{names}<br>{phrase}{price}"


def _between(row: Mapping[str, Any], column: str, form: str) -> str:
    """The interval in brackets, if it is known."""
    low, high = row.get(f"{column}_low"), row.get(f"{column}_high")
    return "" if low is None or high is None else f" ({low:{form}} to {high:{form}})"


def _panel(fig: go.Figure, frame: pl.DataFrame, column: str, axis: str, said: list[str]) -> None:
    """One reading as steps, half a step to each side of its number, with its interval as a faint
    band and a dot to point at.
    """
    x = [at for k in frame["k"] for at in (k - 0.5, k + 0.5)]
    known = {f"{column}_low", f"{column}_high"} <= set(frame.columns)
    for end, fill in (("low", None), ("high", "tonexty")) if known else ():
        fig.add_scatter(
            x=x,
            y=_twice(frame[f"{column}_{end}"]),
            yaxis=axis,
            mode="lines",
            line_width=0,
            fill=fill,
            fillcolor=FAINT,
            hoverinfo="skip",
        )
    fig.add_scatter(
        x=x,
        y=_twice(frame[column]),
        yaxis=axis,
        mode="lines",
        name=column,
        line_width=2,
        hoverinfo="skip",
    )
    dots = {
        "x": frame["k"],
        "y": frame[column],
        "yaxis": axis,
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    fig.add_scatter(mode="markers", marker_size=6, name=f"{column} dots", **dots)


def _twice(values: pl.Series) -> list[float]:
    return [value for value in values for _ in range(2)]


def _tick(row: Mapping[str, Any], labels: Mapping[str, str], *, upright: bool, lines: int) -> str:
    """The number of sources and what changed: `2 + Bank account − Tax`.

    Many changes are counted.
    """
    moves = [f"+ {labels[key]}" for key in row["added"]] + [
        f"− {labels[key]}" for key in row["dropped"]
    ]
    if upright:
        left = len(moves) - 1
        more = [] if left < 1 else [f"and {left} more"]
        return (" " if lines == 1 else "<br>").join(
            [f"<b>{row['k']}</b> {''.join(moves[:1])}", *more]
        )
    more = [f"and {len(moves) - 3} more"] if len(moves) > 3 else []
    return "<br>".join(
        [f"<b>{row['k']}</b>", *(line for move in moves[:3] for line in wrap(move, 12)), *more]
    )
