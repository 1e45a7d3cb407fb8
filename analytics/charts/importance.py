"""What moves the score: which sources, dimensions and features, and by how much?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import canvas, ends, marked, short, steps
from analytics.charts.rows import COLUMN, Rows, key, lines


def importance(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
    most: int = 12,
    unit: str = "points",
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """Bars of what the model did, as shares of all that moved the score; an upright tick is the
    weight the policy gives.

    Parameters
    ----------
    frame
        One row per source, dimension or feature, in the order of the screen: `key`, `label`,
        `share` (of the mean absolute contributions of all rows, 0 to 1), `mean` (absolute
        contribution, in `unit`); and if there are any, `weight` (0 to 1, may be null) and `source`
        (the key of a feature's source).
    colours
        The colour of each source; rows that belong to none are in ink.
    labels
        The label of each source: features then come with a key to their colours.
    most
        Rows drawn; the last of them sums up the others, if there are more.
    """
    rows = _folded(_whole(frame), most)
    place, weighed = Rows(rows["label"].to_list(), 24, narrow), rows["weight"].is_not_null().any()
    fig = canvas(place.height + 50, margin={"r": COLUMN * (2 if weighed else 1)})
    said = [_said(row, unit, labels or {}) for row in rows.iter_rows(named=True)]
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    # as a bar, the sum of many would look like the greatest of all
    single = rows["share"].set(rows["folded"], None)
    fig.add_bar(
        x=single,
        y=place.y,
        orientation="h",
        width=place.part(0.66),
        marker=_fill(rows, colours),
        name="share",
        **hover,
    )
    if weighed:
        tick = {"symbol": "line-ns", "size": 14, "line_width": 2.5}
        fig.add_scatter(
            x=rows["weight"].set(rows["folded"], None),
            y=place.y,
            mode="markers",
            marker=tick,
            name="weight",
            **hover,
        )
        place.figures(
            fig,
            [_percent(weight) for weight in rows["weight"]],
            right=2 * COLUMN - 4,
            head="weight",
        )
    place.name(fig)
    place.figures(
        fig,
        [f"<b>{_percent(share)}</b>" for share in rows["share"]],
        right=COLUMN - 4,
        head="<b>did</b>" if weighed else "",
    )
    used = (
        [source for source in labels or {} if source in set(rows["source"])]
        if "source" in frame.columns
        else []
    )
    top = key(fig, {(labels or {})[source]: colours[source] for source in used}, narrow=narrow) or (
        20 if weighed else 4
    )
    fig.update_layout(height=height or place.height + top + 46, margin_t=top)
    _axis(fig, rows, weighed=weighed, narrow=narrow)
    return fig


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column; a row without a source of its own may be one."""
    weight = [] if "weight" in frame.columns else [pl.lit(None, dtype=pl.Float64).alias("weight")]
    source = [] if "source" in frame.columns else [pl.col("key").alias("source")]
    return frame.with_columns(*weight, *source).select(
        "label", "source", "share", "mean", pl.col("weight").cast(pl.Float64), folded=pl.lit(False)
    )


def _folded(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """The first rows, and one that sums up the others."""
    if frame.height <= most:
        return frame
    rest = frame[most - 1 :]
    weight = rest["weight"].sum() if rest["weight"].is_not_null().any() else None
    others = {
        "label": f"{rest.height} others together",
        "source": None,
        "share": rest["share"].sum(),
        "mean": rest["mean"].sum(),
        "weight": weight,
        "folded": True,
    }
    return pl.concat([frame[: most - 1], pl.DataFrame([others], schema=frame.schema)])


def _fill(rows: pl.DataFrame, colours: Mapping[str, str]) -> dict[str, Any]:
    """The sources' colours.

    Pale ink where no row belongs to a source, so that the ticks show on it.
    """
    if not set(rows["source"]) & set(colours):
        return {"opacity": 0.45, "line_width": 0}
    return marked(colours, rows["source"])


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _said(row: Mapping[str, Any], unit: str, labels: Mapping[str, str]) -> str:
    """One row in phrases."""
    source = f"<br>{labels[row['source']]}" if row["source"] in labels else ""
    weight = (
        ""
        if row["weight"] is None
        else f"<br>the policy gives it {row['weight']:.1%} of the weight"
    )
    mean = f"{row['mean']:.2f} {unit} up or down for a person, on average"
    return (
        f"<b>{lines(row['label'])}</b>{source}<br>{row['share']:.1%} of what moved the"
        f" score<br>{mean}{weight}"
    )


def _axis(fig: go.Figure, rows: pl.DataFrame, *, weighed: bool, narrow: bool) -> None:
    single = rows.filter(~pl.col("folded"))
    most = max(ends(single["share"], single["weight"])[1], 0.01)
    step = steps(0, most, most=4 if narrow else 8)
    bars = "what moved the score" if narrow else "share of what moved the score"
    title = bars + (
        f" · <b>|</b> {'policy weight' if narrow else 'weight in the policy'}" if weighed else ""
    )
    fig.update_xaxes(
        tickformat=short(".1%", step),
        dtick=step,
        tick0=0,
        range=[0, 1.03 * most],
        showgrid=True,
        title_text=title,
        tickangle=0,
    )
