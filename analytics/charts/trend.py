"""How does a reading move from month to month?"""

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, FAINT, GREY, canvas


def month_line(
    frame: pl.DataFrame,
    column: str,
    *,
    form: str,
    words: str,
    limit: float | None = None,
    split_from: date | None = None,
    height: int = 92,
    narrow: bool = False,
) -> go.Figure:
    """One reading by month, its last month marked; the ticks are its least and its greatest value.

    Parameters
    ----------
    frame
        One row per month, in order: `month` (a date), the column, and if known `{column}_low` and
        `{column}_high`, drawn as a faint band; `{column}_chance`, drawn dotted. A month without a
        value leaves a gap.
    column
        Which column is drawn.
    form
        How its values are written, as in `.1%`.
    words
        What it is called when pointed at.
    limit
        A value not to be passed; drawn dashed, and the axis then starts at 0.
    split_from
        The first month of the out-of-time test; drawn as a faint upright rule.
    """
    fig = canvas(height, margin={"l": 2, "r": 12, "t": 14 if split_from else 6, "b": 2})
    band = _band(fig, frame, column)
    fig.add_scatter(
        x=frame["month"],
        y=frame[column],
        mode="lines",
        customdata=_said(frame, column, form, words),
        hovertemplate="%{customdata}<extra></extra>",
    )
    _lonely(fig, frame, column, form, words)
    chance = _chance(fig, frame, column)
    if limit is not None:
        fig.add_hline(y=limit, line={"color": BAD, "dash": "dash", "width": 1.5})
    if split_from is not None:
        _split(fig, frame["month"].to_list(), split_from)
    months = _spread(frame["month"].to_list(), most=3 if narrow else 4)
    fig.update_xaxes(tickvals=months, ticktext=[f"{m:%b %Y}" for m in months], showgrid=False)
    _values(fig, frame[column].drop_nulls().to_list(), [*band, *chance], form, limit)
    return fig


def _chance(fig: go.Figure, frame: pl.DataFrame, column: str) -> list[float]:
    """What chance alone exceeds in one month of its size in twenty, as a dotted line, if the frame
    has it; its values.
    """
    if f"{column}_chance" not in frame.columns:
        return []
    known = frame.drop_nulls(f"{column}_chance")
    values: list[float] = known[f"{column}_chance"].to_list()
    words = [f"chance alone: {value:.3f}" for value in values]
    dotted = {"color": GREY, "dash": "dot", "width": 1.5}
    fig.add_scatter(
        x=known["month"],
        y=values,
        mode="lines",
        line=dotted,
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
    )
    return values


def _said(frame: pl.DataFrame, column: str, form: str, words: str) -> list[str]:
    between = zip(
        *(
            (
                frame[f"{column}_{end}"]
                if f"{column}_{end}" in frame.columns
                else [None] * frame.height
            )
            for end in ("low", "high")
        ),
        strict=True,
    )
    return [
        (
            ""
            if value is None
            else f"{month:%B %Y}<br>{words} {value:{form}}"
            + ("" if low is None else f" ({low:{form}} to {high:{form}})")
        )
        for month, value, (low, high) in zip(frame["month"], frame[column], between, strict=True)
    ]


def _band(fig: go.Figure, frame: pl.DataFrame, column: str) -> list[float]:
    """The interval of every month as a faint band, if the frame has one; its values."""
    ends = [f"{column}_low", f"{column}_high"]
    if not set(ends) <= set(frame.columns):
        return []
    known = frame.drop_nulls(ends)
    for end, fill in zip(ends, (None, "tonexty"), strict=True):
        fig.add_scatter(
            x=known["month"],
            y=known[end],
            mode="lines",
            line_width=0,
            fill=fill,
            fillcolor=FAINT,
            hoverinfo="skip",
        )
    return [*known[ends[0]], *known[ends[1]]]


def _lonely(fig: go.Figure, frame: pl.DataFrame, column: str, form: str, words: str) -> None:
    """Dots for the last month and for months between two gaps, which no line would show."""
    alone = pl.col(column).shift(1).is_null() & pl.col(column).shift(-1).is_null()
    known = frame.with_columns(alone=alone).filter(pl.col(column).is_not_null())
    dots = known.filter(pl.col("alone") | (pl.int_range(pl.len()) == pl.len() - 1))
    fig.add_scatter(
        x=dots["month"],
        y=dots[column],
        mode="markers",
        marker_size=6,
        customdata=_said(dots, column, form, words),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _split(fig: go.Figure, months: Sequence[date], split_from: date) -> None:
    late = sum(month >= split_from for month in months) < len(months) / 4
    fig.add_shape(
        type="line",
        x0=split_from,
        x1=split_from,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": GREY, "width": 1},
    )
    fig.add_annotation(
        text="out of time",
        x=split_from,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if late else "left",
        font_size=11,
    )


def _spread(months: Sequence[date], most: int) -> list[date]:
    """The first month, then every first, third, sixth or twelfth one, at most this many steps, and
    the last if it has room.
    """
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60) if (len(months) - 1) / s <= most), len(months))
    kept = list(months[::step])
    behind = len(months) - 1 - (len(kept) - 1) * step
    return [*kept, months[-1]] if behind > step * 0.6 and len(kept) <= most else kept


def _values(
    fig: go.Figure, values: Sequence[float], band: Sequence[float], form: str, limit: float | None
) -> None:
    """Ticks at the least and the greatest value; the axis holds the band and the limit too."""
    ends = (
        [min(values, default=0.0), max(values, default=0.0)]
        if limit is None
        else [0.0, max([limit, *values])]
    )
    low, high = min([ends[0], *band]), max([ends[1], *band])
    room = 0.12 * (high - low) or 0.05 * abs(high) or 0.05
    # Two ticks that would touch give way to the ends of the band, or to one.
    far = [ends, [low, high], ends[1:]]
    ticks = next(
        (
            pair
            for pair in far[:2]
            if pair[1] - pair[0] > 0.3 * (high - low) and f"{pair[0]:{form}}" != f"{pair[1]:{form}}"
        ),
        far[2],
    )
    fig.update_yaxes(tickformat=form, tickvals=ticks, range=[low - room, high + room])
