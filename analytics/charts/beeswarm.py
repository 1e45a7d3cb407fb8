"""How do high and low values of a feature move people's scores?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import GREY, MOST_MARKS, SOURCE, canvas, ends
from analytics.charts.rows import Rows, key, lines, note, ticks

# olive to violet: neither blue nor orange, apart for colour-blind eyes, 3:1 on both pages
SCALE = [[0, SOURCE[6]], [0.5, GREY], [1, SOURCE[3]]]
LARGEST, LEAST = 9.0, 3.0  # pixels across
HOVER = "%{customdata}<extra></extra>"


def beeswarm(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    labels: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """One row per feature; what stands right of zero raises the score; within a row, size is the
    number of people, and the shade their values.

    Parameters
    ----------
    frame
        One row per dot, features in the order of the screen: `feature`, `label`, `source` (its
        key), `x` (contribution in points, positive raises the score), `lane` (from -1 to 1, above
        or below the middle of the row), `count` (persons), `value` (where their values stand on
        average, from the lowest, 0, to the highest, 1; null: they have none, or one without an
        order). Without lanes, a row is one strip of upright bars whose height grows with the root
        of their number.
    colours, labels
        The colour and the label of each source.
    """
    features = frame.unique("feature", keep="first", maintain_order=True).with_row_index("row")
    place = Rows(features["label"].to_list(), 36, narrow)
    fig = canvas(place.height + 50, margin={"r": 14})
    fig.add_shape(type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line_width=1)
    marks = _marks(frame, features, place, labels)
    draw = _dots if "lane" in frame.columns else _strips
    draw(fig, marks, place)
    place.name(fig, [colours[source] for source in features["source"]])
    top = _keys(
        fig,
        [source for source in labels if source in set(features["source"])],
        colours,
        labels,
        narrow=narrow,
    )
    fig.update_layout(height=height or place.height + top + 46, margin_t=top)
    _axis(fig, frame, narrow=narrow)
    return fig


def _marks(
    frame: pl.DataFrame, features: pl.DataFrame, place: Rows, labels: Mapping[str, str]
) -> pl.DataFrame:
    """In which row every mark stands, how large it is against the largest of its row, and what it
    says; the largest ones, if there are too many.
    """
    drawn = (
        frame.sort("count", descending=True)
        .head(MOST_MARKS)
        .join(features.select("feature", "row"), on="feature")
    )
    return drawn.with_columns(
        middle=pl.col("row") + place.down,
        root=(pl.col("count") / pl.col("count").max().over("feature")).sqrt(),
        said=pl.Series(
            [_said(row, labels) for row in drawn.iter_rows(named=True)], dtype=pl.String
        ),
    )


def _said(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """One dot in phrases."""
    verb = "raises" if row["x"] >= 0 else "lowers"
    value = (
        "no value, or one without an order"
        if row["value"] is None
        else f"values {row['value']:.0%} of the way from the lowest to the highest"
    )
    people = "1 person" if row["count"] == 1 else f"{row['count']:,} persons"
    return (
        f"<b>{lines(row['label'])}</b><br>{labels[row['source']]}<br>{verb} the score of {people}"
        f" by {abs(row['x']):.1f} points<br>{value}"
    )


def _dots(fig: go.Figure, marks: pl.DataFrame, place: Rows) -> None:
    """Dots in lanes, their area the number of people; rings have no value."""
    lanes = marks.with_columns(
        y=pl.col("middle") + pl.col("lane") * place.part(0.42),
        size=(LARGEST * pl.col("root")).clip(lower_bound=LEAST),
    )
    for name, part, look in _kinds(lanes):
        ring = (
            {"symbol": "circle-open", "line_width": 1.5} if name == "missing" else {"line_width": 0}
        )
        marker = {**look, "size": part["size"], **ring}
        fig.add_scatter(
            x=part["x"],
            y=part["y"],
            mode="markers",
            name=name,
            marker=marker,
            customdata=part["said"],
            hovertemplate=HOVER,
        )


def _strips(fig: go.Figure, marks: pl.DataFrame, place: Rows) -> None:
    """Upright bars around the middle of the row; hollow ones have no value."""
    bars = marks.with_columns(tall=place.part(0.92) * pl.col("root").clip(lower_bound=0.07))
    wide = marks["x"].unique().sort().diff().drop_nulls().min() or 1.0
    for name, part, look in _kinds(bars):
        marker = (
            {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1}}
            if name == "missing"
            else {**look, "line_width": 0}
        )
        base = part["middle"] - part["tall"] / 2
        fig.add_bar(
            x=part["x"],
            y=part["tall"],
            base=base,
            width=wide,
            name=name,
            marker=marker,
            customdata=part["said"],
            hovertemplate=HOVER,
        )


def _kinds(marks: pl.DataFrame) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    """Marks without a value in grey, those with one in their shade.

    The ends of the scale are hardly ever reached by a mean.
    """
    valued = marks.filter(pl.col("value").is_not_null())
    shade = {
        "color": valued["value"],
        "cmin": 0.1,
        "cmax": 0.9,
        "colorscale": SCALE,
        "showscale": False,
        "opacity": 0.9,
    }
    return [
        ("missing", marks.filter(pl.col("value").is_null()), {"color": GREY}),
        ("valued", valued, shade),
    ]


def _keys(
    fig: go.Figure,
    sources: list[str],
    colours: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    narrow: bool,
) -> int:
    """What shades mean and which square is which source, above the picture.

    Gives the pixels they take.
    """
    top = key(fig, {labels[source]: colours[source] for source in sources}, narrow=narrow)
    shades = "".join(f'<span style="color:{colour}">●</span>' for _, colour in SCALE)
    words = (
        f"{'' if narrow else 'values: '}low {shades} high&nbsp;&nbsp; <span"
        f' style="color:{GREY}">○</span> {"none" if narrow else "no value or order"}'
    )
    note(
        fig,
        [
            {
                "x": 1,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "right",
                "yanchor": "bottom",
                "yshift": top,
                "text": words,
            }
        ],
    )
    return top + 22


def _axis(fig: go.Figure, frame: pl.DataFrame, *, narrow: bool) -> None:
    """Zero and every dot, ticks with their sign."""
    low, high = ends(frame["x"], pl.Series([0.0]))
    room = 0.03 * (high - low) or 1.0
    fig.update_xaxes(
        **ticks(low - room, high + room, most=5 if narrow else 9),
        range=[low - room, high + room],
        showgrid=True,
    )
    fig.update_xaxes(
        title_text=(
            "points (raises the score →)"
            if narrow
            else "points a feature gives or takes; to the right it raises the score"
        )
    )
