"""What would another weight of one source do?"""

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import FAINT, GREY, canvas, thin

SAID = {"coverage": "{:.1%} of people can be scored", "auc": "AUC of everyone {:.3f}"}


def one_weight(
    frame: pl.DataFrame,
    *,
    current: float,
    label: str,
    colour: str,
    height: int = 210,
    narrow: bool = False,
) -> go.Figure:
    """Coverage above and AUC of everyone below, over the weight of one source; the rule is its
    weight now.

    Parameters
    ----------
    frame
        One row per weight, in order: `weight`, `coverage`, `auc`, and if known `coverage_low`,
        `coverage_high`, `auc_low`, `auc_high`.
    current
        The weight the source has now.
    label, colour
        The source's name and colour.
    """
    drawn = thin(frame, 200)
    fig = canvas(height, margin={"t": 18, "r": 18})
    for axis, column in (("y", "coverage"), ("y2", "auc")):
        _reading(fig, drawn, column, axis, label=label, colour=colour)
    fig.add_shape(
        type="line",
        x0=current,
        x1=current,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": GREY, "width": 1.5},
    )
    fig.add_annotation(
        text=f"now {current:.0%}",
        x=current,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if current > 0.8 else "left" if current < 0.2 else "center",
    )
    fig.update_xaxes(
        tickformat=".0%",
        range=[-0.01, 1.01],
        dtick=0.25,
        title_text="weight" if narrow else f"weight of {label}",
        anchor="y2",
    )
    fig.update_layout(
        yaxis={
            "domain": [0.55, 1],
            "tickformat": ".0%",
            "nticks": 4,
            "title_text": "scored" if narrow else "coverage",
        },
        yaxis2={"domain": [0, 0.45], "tickformat": ".2f", "nticks": 4, "title_text": "AUC"},
    )
    return fig


def _reading(
    fig: go.Figure, frame: pl.DataFrame, column: str, axis: str, *, label: str, colour: str
) -> None:
    """One panel: the interval as a faint band, the reading as a line in the source's colour."""
    if {f"{column}_low", f"{column}_high"} <= set(frame.columns):
        for end, fill in (("low", None), ("high", "tonexty")):
            fig.add_scatter(
                x=frame["weight"],
                y=frame[f"{column}_{end}"],
                yaxis=axis,
                mode="lines",
                line_width=0,
                fill=fill,
                fillcolor=FAINT,
                hoverinfo="skip",
            )
    said = [
        f"{label} at {weight:.0%} of the weight<br>{SAID[column].format(value)}"
        for weight, value in frame.select("weight", column).iter_rows()
    ]
    fig.add_scatter(
        x=frame["weight"],
        y=frame[column],
        yaxis=axis,
        mode="lines",
        line={"color": colour, "width": 2},
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )
