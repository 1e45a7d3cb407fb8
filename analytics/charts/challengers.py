"""Would another model do better, and by more than chance?"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD, GREY, canvas, ends, short, steps
from analytics.charts.plane import HALO
from analytics.charts.rows import Rows, cut, note, signed, ticks

HOVER = "%{customdata}<extra></extra>"


def challengers(
    frame: pl.DataFrame, *, height: int | None = None, narrow: bool = False
) -> go.Figure:
    """AUC of everyone of the champion and its challengers on the left, their difference to the
    champion on the right; grey is within chance.

    Parameters
    ----------
    frame
        One row per model, in the order of the screen: `label`, `champion` (true for one), `auc`,
        `low`, `high` (95% interval), `difference`, `difference_low`, `difference_high` (to the
        champion, by the same persons; null for the champion itself). A null `auc` says that the
        model is not there; `reason`, if there is such a column, says why.
    """
    place = Rows(
        [cut(label, 32) if narrow else label for label in frame["label"]],
        24 if narrow else 30,
        narrow,
    )
    fig = canvas(
        height or place.height + 62, margin={"t": 20 if not narrow else 6, "r": 8 if narrow else 66}
    )
    rows = frame.with_columns(y=pl.Series(place.y, dtype=pl.Float64))
    known = rows.filter(pl.col("auc").is_not_null())
    _aucs(fig, known)
    _differences(fig, known.filter(pl.col("difference").is_not_null()))
    place.name(fig)
    _absent(fig, rows.filter(pl.col("auc").is_null()))
    _figures(fig, known, place, narrow=narrow)
    _axes(fig, known, narrow=narrow)
    return fig


def _aucs(fig: go.Figure, rows: pl.DataFrame) -> None:
    """The champion filled, challengers as rings."""
    champion = rows.filter(pl.col("champion"))["auc"].to_list()
    if champion:
        fig.add_shape(
            type="line",
            x0=champion[0],
            x1=champion[0],
            y0=0,
            y1=1,
            yref="paper",
            line={"color": GREY, "width": 1.5, "dash": "dash"},
        )
    symbol = ["circle" if champion else "circle-open" for champion in rows["champion"]]
    said = [_said(row) for row in rows.iter_rows(named=True)]
    dots = {
        "mode": "markers",
        "marker": {"symbol": symbol, "size": 10, "line_width": 2},
        "error_x": _reach(rows, "auc", "low", "high", GREY),
    }
    fig.add_scatter(
        x=rows["auc"], y=rows["y"], name="auc", customdata=said, hovertemplate=HOVER, **dots
    )


def _colour(row: Mapping[str, Any]) -> str:
    """Grey where the interval holds no difference at all."""
    low, high = row["difference_low"], row["difference_high"]
    return GREY if low is None else GOOD if low > 0 else BAD if high < 0 else GREY


def _differences(fig: go.Figure, rows: pl.DataFrame) -> None:
    """One trace per colour, so that the intervals have it too."""
    coloured = rows.with_columns(
        colour=pl.Series([_colour(row) for row in rows.iter_rows(named=True)], dtype=pl.String)
    )
    for name, colour in (("better", GOOD), ("worse", BAD), ("within chance", GREY)):
        part = coloured.filter(colour=colour)
        said = [_said(row) for row in part.iter_rows(named=True)]
        dots = {
            "mode": "markers",
            "marker": {"color": colour, "size": 10},
            "error_x": _reach(part, "difference", "difference_low", "difference_high", colour),
        }
        fig.add_scatter(
            x=part["difference"],
            y=part["y"],
            xaxis="x2",
            name=name,
            customdata=said,
            hovertemplate=HOVER,
            **dots,
        )


def _reach(rows: pl.DataFrame, column: str, low: str, high: str, colour: str) -> dict[str, Any]:
    """From the lower to the upper end of the interval as a line."""
    up, down = rows[high] - rows[column], rows[column] - rows[low]
    return {
        "array": up,
        "arrayminus": down,
        "symmetric": False,
        "width": 0,
        "thickness": 2,
        "color": colour,
    }


def _said(row: Mapping[str, Any]) -> str:
    """One model in phrases."""
    reach = (
        "too few for an interval"
        if row["low"] is None
        else f"{row['low']:.3f} to {row['high']:.3f}"
    )
    auc = f"<b>{row['label']}</b><br>AUC of everyone {row['auc']:.3f} ({reach})"
    if row["difference"] is None:
        return f"{auc}<br>the champion" if row["champion"] else auc
    if row["difference_low"] is None:
        return (
            f"{auc}<br>{signed(row['difference'], '.4f')} to the champion<br>persons are too few"
            " for an interval"
        )
    between = (
        f"({signed(row['difference_low'], '.4f')} to {signed(row['difference_high'], '.4f')},"
        " paired)"
    )
    words = {
        GOOD: "better than the champion",
        BAD: "worse than the champion",
        GREY: "to the champion, within chance",
    }[_colour(row)]
    return f"{auc}<br>{signed(row['difference'], '.4f')} {words}<br>{between}"


def _absent(fig: go.Figure, rows: pl.DataFrame) -> None:
    """The name stays, and where the dot would be stands why there is none."""
    reasons = (
        rows["reason"].fill_null("not fitted").to_list()
        if "reason" in rows.columns
        else ["not fitted"] * rows.height
    )
    there = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": 4, "font_shadow": HALO}
    note(fig, [{**there, "text": text, "y": y} for text, y in zip(reasons, rows["y"], strict=True)])


def _figures(fig: go.Figure, rows: pl.DataFrame, place: Rows, *, narrow: bool) -> None:
    """AUC and difference in columns beside their panels; on a phone in the line of the name."""
    aucs = [f"<b>{auc:.3f}</b>" for auc in rows["auc"]]
    apart = ["champion" if d is None else signed(d, ".4f") for d in rows["difference"]]
    if narrow:
        right = {
            "x": 1,
            "xref": "paper",
            "xanchor": "right",
            "yanchor": "top",
            "xshift": 6,
            "font": {"size": 13, "shadow": HALO},
        }
        lines = zip(rows["y"], aucs, apart, strict=True)
        note(
            fig,
            [
                {**right, "y": y - place.down - 0.5, "text": f"{auc}&nbsp; {difference}"}
                for y, auc, difference in lines
            ],
        )
    else:
        columns = ((aucs, {"x": 0.5, "xshift": 0}), (apart, {"x": 1, "xshift": 64}))
        note(
            fig,
            [
                {"xref": "paper", "xanchor": "right", "y": y, "text": text, **at}
                for words, at in columns
                for y, text in zip(rows["y"], words, strict=True)
            ],
        )


def _axes(fig: go.Figure, rows: pl.DataFrame, *, narrow: bool) -> None:
    """Two panels side by side over the same rows."""
    low, high = _span(rows["auc"], rows["low"], rows["high"])
    step = steps(low, high, most=3 if narrow else 6)
    auc = {"range": [low, high], "dtick": step, "tick0": 0, "tickformat": short(".3f", step)}
    low, high = _span(
        rows["difference"], rows["difference_low"], rows["difference_high"], pl.Series([0.0])
    )
    difference = {"range": [low, high], **ticks(low, high, most=2 if narrow else 5)}
    middle = (0.46, 0.54) if narrow else (0.42, 0.56)
    fig.update_layout(
        xaxis={**auc, "domain": [0, middle[0]], "title_text": "AUC of everyone"},
        xaxis2={
            **difference,
            "domain": [middle[1], 1],
            "title_text": "difference" if narrow else "difference to the champion",
            "anchor": "y",
        },
    )
    fig.update_xaxes(showgrid=True, tickangle=0)
    fig.add_shape(type="line", x0=0, x1=0, xref="x2", y0=0, y1=1, yref="paper", line_width=1)


def _span(*columns: pl.Series) -> tuple[float, float]:
    """The ends of what is drawn, and some room."""
    low, high = ends(*columns)
    room = 0.08 * (high - low) or 0.005
    return low - room, high + room
