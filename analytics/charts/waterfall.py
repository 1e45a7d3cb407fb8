"""Which parts lead from one score to the other?"""

from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD, GREY, canvas, steps
from analytics.charts.rows import COLUMN, LETTERS, Rows, cut, key, lines, signed


def waterfall(
    frame: pl.DataFrame,
    *,
    start: tuple[str, float],
    end: tuple[str, float],
    colours: Mapping[str, str],
    labels: Mapping[str, str],
    most: int = 12,
    digits: int = 1,
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """From a start to an end through signed parts: blue ones raise the score, orange ones lower it,
    the largest come first.

    The printed figures add up to the last digit.

    Parameters
    ----------
    frame
        One row per part: `label`, `source` (its key, may be null), `points` (positive raises the
        score); and if known `value`, what the person has, in words, and `shown`, the points as they
        are printed elsewhere; without it, each printed figure is the difference of the printed
        positions before and after it.
    start, end
        What the score at each end is called, and its points.
    colours, labels
        The colour and the label of each source.
    most
        Parts drawn; the last of them sums up the others, if there are more.
    digits
        Printed after the point.

    Raises
    ------
    ValueError
        The parts do not lead from the start to the end.
    """
    parts = _folded(frame, most)
    stops = list(accumulate(parts["points"], initial=start[1]))
    if abs(stops[-1] - end[1]) > 0.05:
        raise ValueError(
            f"the parts lead from {start[1]:.1f} to {stops[-1]:.1f} points, not to {end[1]:.1f};"
            " add what is missing as a part"
        )
    stops[-1] = end[1]  # as it is printed elsewhere
    place = Rows(
        [
            start[0],
            *(_name(row, 52 if narrow else LETTERS) for row in parts.iter_rows(named=True)),
            end[0],
        ],
        22,
        narrow,
    )
    fig = canvas(place.height + 50, margin={"r": COLUMN})
    _joins(fig, stops, place)
    _bars(fig, parts, stops, place, labels)
    _totals(fig, (start, end), place)
    place.name(fig, [None, *(colours.get(source) for source in parts["source"]), None])
    place.figures(fig, _printed(parts["shown"].to_list(), stops, digits), right=COLUMN - 4)
    top = (
        key(
            fig, {labels[s]: colours[s] for s in labels if s in set(parts["source"])}, narrow=narrow
        )
        or 4
    )
    fig.update_layout(height=height or place.height + top + 46, margin_t=top)
    low, high = min(stops), max(stops)
    room = 0.03 * (high - low) or 1.0
    title = (
        f'points: <span style="color:{GOOD}">■</span> raises, <span style="color:{BAD}">■</span>'
        " lowers the score"
    )
    fig.update_xaxes(
        range=[low - room, high + room],
        dtick=steps(low, high, most=4 if narrow else 8),
        tick0=0,
        showgrid=True,
        title_text=title,
    )
    return fig


def _folded(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """The largest parts first; the last row sums up the others."""
    kinds = {"value": pl.String, "shown": pl.Float64}
    absent = [
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in kinds.items()
        if name not in frame.columns
    ]
    parts = (
        frame.with_columns(pl.col("points").cast(pl.Float64), *absent)
        .select("label", "source", "points", *kinds)
        .sort(pl.col("points").abs(), descending=True, maintain_order=True)
    )
    if parts.height <= most:
        return parts
    rest = parts[most - 1 :]
    shown = None if rest["shown"].null_count() else rest["shown"].sum()
    others = {
        "label": f"{rest.height} others",
        "source": None,
        "points": rest["points"].sum(),
        "value": None,
        "shown": shown,
    }
    return pl.concat([parts[: most - 1], pl.DataFrame([others], schema=parts.schema)])


def _name(row: Mapping[str, Any], most: int) -> str:
    """The part and what the person has; if there are too many letters, the value stays whole."""
    return (
        row["label"]
        if row["value"] is None
        else f"{cut(row['label'], most - len(row['value']) - 2)}: {row['value']}"
    )


def _printed(shown: list[float | None], stops: list[float], digits: int) -> list[str]:
    """The start, every step and the end, as they are printed.

    The start gives way where given steps leave a digit over.
    """
    near = [round(stop, digits) for stop in stops]
    given = [step for step in shown if step is not None]
    moves = (
        given
        if given and len(given) == len(shown)
        else [after - before for before, after in pairwise(near)]
    )
    ends = [f"<b>{total:.{digits}f}</b>" for total in (near[-1] - sum(moves), near[-1])]
    return [ends[0], *(signed(move, f".{digits}f") for move in moves), ends[1]]


def _joins(fig: go.Figure, stops: list[float], place: Rows) -> None:
    """A thin rule from the end of each row to the start of the next."""
    x = [at for stop in stops for at in (stop, stop, None)]
    y = [at for above, below in pairwise(place.y) for at in (above, below, None)]
    fig.add_scatter(
        x=x, y=y, mode="lines", line={"color": GREY, "width": 1}, name="joins", hoverinfo="skip"
    )


def _bars(
    fig: go.Figure, parts: pl.DataFrame, stops: list[float], place: Rows, labels: Mapping[str, str]
) -> None:
    colour = [GOOD if points >= 0 else BAD for points in parts["points"]]
    said = [
        _said(row, before, after, labels)
        for row, (before, after) in zip(parts.iter_rows(named=True), pairwise(stops), strict=True)
    ]
    fig.add_bar(
        base=stops[:-1],
        x=parts["points"],
        y=place.y[1:-1],
        orientation="h",
        width=place.part(0.64),
        marker={"color": colour, "line_width": 0},
        name="parts",
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _said(row: Mapping[str, Any], before: float, after: float, labels: Mapping[str, str]) -> str:
    """One part in phrases."""
    source = f"<br>{labels[row['source']]}" if row["source"] in labels else ""
    verb = "raises" if row["points"] >= 0 else "lowers"
    return (
        f"<b>{lines(_name(row, 999))}</b>{source}<br>{verb} the score by {abs(row['points']):.1f}"
        f" points,<br>from {before:.1f} to {after:.1f}"
    )


def _totals(
    fig: go.Figure, totals: tuple[tuple[str, float], tuple[str, float]], place: Rows
) -> None:
    """Both ends as upright ticks in ink.

    The axis does not begin at zero, so that bars would lie.
    """
    said = [f"<b>{name}</b><br>{points:.1f} points" for name, points in totals]
    fig.add_scatter(
        x=[points for _, points in totals],
        y=[place.y[0], place.y[-1]],
        mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line_width": 4},
        name="totals",
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )
