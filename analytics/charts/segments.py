"""Which groups of people does a reading treat unlike the rest?"""

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import GREY, canvas, ends, steps

ROW = 20  # pixels a segment takes
AROUND = 42  # pixels above and below the rows


def segments(
    frame: pl.DataFrame,
    *,
    average: float,
    words: str = "can be scored",
    form: str = ".1%",
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """One dot and interval per segment; grey where the interval holds the average of everyone.

    Parameters
    ----------
    frame
        One row per segment, in the order of the screen: `group`, `segment`, `value`, `low`, `high`
        (the interval), `persons`; a null `value` says that the segment is too small for a figure.
    average
        The value of everyone; drawn dashed.
    words
        What the value says of persons, as in `71% can be scored`.
    form
        How values are written.
    """
    fig = canvas(height or AROUND + ROW * frame.height, margin={"r": 18})
    rows = _distinct(frame).reverse()
    # The first trace fixes the order of the rows, also of those the others leave out.
    fig.add_scatter(
        x=[average] * rows.height,
        y=[rows["group"], rows["segment"]],
        mode="markers",
        opacity=0,
        hoverinfo="skip",
    )
    like = pl.col("low").le(average) & pl.col("high").ge(average)
    for part, dots in ((rows.filter(like), {"color": GREY}), (rows.filter(~like), {})):
        _dots(fig, part, words, form, dots)
    _too_small(fig, rows.filter(pl.col("value").is_null()), average)
    fig.add_vline(x=average, line={"color": GREY, "width": 1.5, "dash": "dash"})
    low, high = _axes(fig, frame, average, form, most=4 if narrow else 5)
    side = (
        "right"
        if average > low + 0.85 * (high - low)
        else "left"
        if average < low + 0.15 * (high - low)
        else "center"
    )
    fig.add_annotation(
        text=f"everyone {average:{form}}",
        x=average,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor=side,
    )
    return fig


def _distinct(frame: pl.DataFrame) -> pl.DataFrame:
    """A mark without width after each name, another count per group.

    Plotly would order a name that two groups share by the first of them.
    """
    groups = {
        group: "\u200b" * i for i, group in enumerate(frame["group"].unique(maintain_order=True))
    }
    return frame.with_columns(
        pl.col("segment") + pl.col("group").replace_strict(groups, return_dtype=pl.String)
    )


def _dots(fig: go.Figure, rows: pl.DataFrame, words: str, form: str, dots: dict[str, str]) -> None:
    said = [
        f"{segment}<br>{value:{form}} {words} ({low:{form}} to {high:{form}})<br>{persons:,}"
        " persons"
        for segment, value, low, high, persons in rows.select(
            "segment", "value", "low", "high", "persons"
        ).iter_rows()
    ]
    interval = dict(
        array=rows["high"] - rows["value"],
        arrayminus=rows["value"] - rows["low"],
        symmetric=False,
        width=0,
        thickness=2,
        **dots,
    )
    fig.add_scatter(
        x=rows["value"],
        y=[rows["group"], rows["segment"]],
        mode="markers",
        marker=dict(size=9, **dots),
        error_x=interval,
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _too_small(fig: go.Figure, rows: pl.DataFrame, average: float) -> None:
    """The names stay, and where the dot would be stands why there is none."""
    if rows.height:
        fig.add_scatter(
            x=[average] * rows.height,
            y=[rows["group"], rows["segment"]],
            mode="text",
            text=["\u00a0\u00a0too few persons"] * rows.height,
            textposition="middle right",
            hoverinfo="skip",
        )


def _axes(
    fig: go.Figure, frame: pl.DataFrame, average: float, form: str, *, most: int
) -> tuple[float, float]:
    """From the least to the greatest end of the intervals, and some room; gives both."""
    low, high = ends(frame["low"], frame["high"], pl.Series([average]))
    room = 0.06 * (high - low) or 0.01
    step = steps(low, high, most=most)
    ticks = ".0%" if form.endswith("%") and step >= 0.01 else form
    fig.update_xaxes(
        tickformat=ticks, dtick=step, tick0=0, range=[low - room, high + room], showgrid=True
    )
    fig.update_yaxes(showgrid=False, dtick=1)  # every name, also where print makes rows narrow
    return low, high
