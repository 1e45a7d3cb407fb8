"""Do as many people default as a model says, and does it hold for people it has not seen?"""

from collections.abc import Mapping
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GREY, canvas, ends, short, steps
from analytics.charts.rows import COLUMN, Rows, signed

SYMBOLS = ("circle", "square-open", "diamond-open", "triangle-up-open")
DASHES = ("solid", "dash", "dot", "dashdot")
SPLITS: Mapping[str, tuple[str, str, float]] = {  # sign in words, symbol, where in the row
    "train": ("○", "circle-open", -0.33),
    "calibrate": ("◇", "diamond-open", -0.11),
    "test": ("●", "circle", 0.11),
    "out of time": ("■", "square", 0.33),
}


def calibration(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str] | None = None,
    height: int = 340,
    narrow: bool = False,
) -> go.Figure:
    """Predicted default rate to the right, the one seen upwards; on the grey diagonal a model keeps
    its word, above it too many default.

    Of more than two models, only the first shows its intervals; the others say them when pointed
    at. Both axes grow by factors if the predictions span more than a factor of twelve.

    Parameters
    ----------
    frame
        One row per model and bin, models and bins in order: `model` (its name; at most four),
        `predicted` (mean default rate predicted), `seen` (default rate), `low`, `high` (95%
        interval of the seen rate), `persons`.
    colours
        Colours of models that have one, such as those of a source; the first other model is in ink,
        further ones grey.
    """
    names = frame["model"].unique(maintain_order=True).to_list()[: len(SYMBOLS)]
    drawn = frame.filter(
        pl.col("model").is_in(names)
        & pl.col("predicted").is_not_null()
        & pl.col("seen").is_not_null()
    )
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    fig = canvas(
        height,
        showlegend=len(names) > 1,
        legend=legend,
        margin={"t": 28 if len(names) > 1 else 8, "r": 14},
    )
    (low, high), grows = _span(drawn)
    fig.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": GREY, "width": 1.2},
        name="diagonal",
        showlegend=False,
        hoverinfo="skip",
    )
    for i, name in enumerate(names):
        _model(
            fig,
            drawn.filter(model=name),
            i,
            (colours or {}).get(name, GREY if i else None),
            low if grows else 0.0,
            whole=not i or len(names) < 3,
        )
    _axes(fig, low, high, grows=grows, narrow=narrow)
    return fig


def _span(frame: pl.DataFrame) -> tuple[tuple[float, float], bool]:
    """The ends of both axes, and whether they grow by factors."""
    least, most = ends(frame["predicted"])
    top = max(ends(frame["predicted"], frame["seen"], frame["high"])[1], 0.001)
    if least <= 0 or most / least < 12:
        return (0.0, min(1.05 * top, 1.0)), False
    seen = frame.filter(pl.col("seen") > 0)["seen"]
    return (
        max(min(least, ends(seen)[0] if seen.len() else least), least / 8) / 1.35,
        min(1.3 * top, 1.0),
    ), True


def _model(
    fig: go.Figure, rows: pl.DataFrame, i: int, colour: str | None, bottom: float, *, whole: bool
) -> None:
    """One model as dots with intervals, joined by a thin line.

    Rates of nothing stand at the bottom of an axis that has no zero.
    """
    seen, low = rows["seen"].clip(lower_bound=bottom), rows["low"].clip(lower_bound=bottom)
    interval = {
        "array": rows["high"] - seen,
        "arrayminus": seen - low,
        "symmetric": False,
        "width": 0,
        "thickness": 1.5,
        "color": colour or GREY,
        "visible": whole,
    }
    fig.add_scatter(
        x=rows["predicted"],
        y=seen,
        mode="lines+markers",
        name=rows["model"].first(),
        marker={
            "symbol": SYMBOLS[i],
            "size": 8,
            "color": colour,
            "line": {"color": colour, "width": 1.5},
        },
        line={"width": 1.2, "dash": DASHES[i], "color": colour},
        error_y=interval,
        customdata=[_bin(row) for row in rows.iter_rows(named=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _bin(row: Mapping[str, Any]) -> str:
    """One bin in phrases."""
    seen = f"{row['seen']:.1%} defaulted ({row['low']:.1%} to {row['high']:.1%})"
    return (
        f"<b>{row['model']}</b><br>{row['predicted']:.1%} predicted to"
        f" default<br>{seen}<br>{row['persons']:,} persons"
    )


def _axes(fig: go.Figure, low: float, high: float, *, grows: bool, narrow: bool) -> None:
    """The same span to the right and upwards."""
    if grows:
        rates = [
            m * 10.0**p for p in range(floor(log10(low)), ceil(log10(high)) + 1) for m in (1, 2, 5)
        ]
        ticks = [rate for rate in rates if low <= rate <= high]
        both: dict[str, Any] = {
            "type": "log",
            "range": [log10(low), log10(high)],
            "tickvals": ticks,
            "ticktext": [f"{100 * tick:.3g}%" for tick in ticks],
        }
    else:
        step = steps(low, high, most=4 if narrow else 6)
        both = {"range": [low, high], "dtick": step, "tick0": 0, "tickformat": short(".1%", step)}
    fig.update_xaxes(**both, showgrid=True, tickangle=0, title_text="predicted default rate")
    fig.update_yaxes(**both, title_text="defaulted")


def splits(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """AUC of each source on the people it learned from and on others; the bar from train to test is
    orange where the gap is too wide.

    Where nobody is of the training persons, there is no bar, and no column for it.

    Parameters
    ----------
    frame
        One row per source and split, sources in the order of the screen: `source` (its key),
        `label`, `split` (train, calibrate, test or out of time), `auc`, `low`, `high` (95%
        interval; all null: too few persons), `persons`, `overfit` (is the source's gap from train
        to test named overfit?).
    colours
        The colour of each source.
    """
    sources = frame.unique("source", keep="first", maintain_order=True)
    place = Rows(sources["label"].to_list(), 42, narrow)
    told = frame.drop_nulls("auc")["split"].unique()
    fig = canvas(
        height or place.height + 66, margin={"r": (2 if "train" in told else 1) * COLUMN, "t": 20}
    )
    where = pl.DataFrame(
        {"source": sources["source"], "middle": pl.Series(place.y, dtype=pl.Float64)}
    )
    rows = frame.join(where, on="source", maintain_order="left")
    _gaps(fig, rows, place)
    for split, (_, symbol, down) in SPLITS.items():
        part = rows.filter(pl.col("auc").is_not_null(), split=split)
        _dots(
            fig,
            part.with_columns(y=pl.col("middle") + place.part(down)),
            symbol,
            [colours[key] for key in part["source"]],
        )
    place.name(fig)
    _figures(fig, frame, place, sources["source"].to_list())
    low, high = ends(frame["auc"], frame["low"], frame["high"])
    room, step = 0.04 * (high - low) or 0.01, steps(low, high, most=4 if narrow else 8)
    signs = "&nbsp; ".join(
        f"{sign} {split}" for split, (sign, *_) in SPLITS.items() if split in told
    )
    fig.update_xaxes(
        tickformat=short(".3f", step),
        dtick=step,
        tick0=0,
        range=[low - room, high + room],
        showgrid=True,
    )
    fig.update_xaxes(title_text=f"AUC:{'<br>' if narrow else ' '}{signs}")
    return fig


def _gap(rows: pl.DataFrame, source: str) -> tuple[float | None, float | None, bool]:
    """The AUC on train, that on test, and whether the gap is named overfit."""
    mine = rows.filter(source=source)
    train, test = (mine.filter(split=split)["auc"].to_list() for split in ("train", "test"))
    return (
        next(iter(train), None),
        next(iter(test), None),
        bool(mine["overfit"].fill_null(False).any()),
    )


def _gaps(fig: go.Figure, rows: pl.DataFrame, place: Rows) -> None:
    """From train to test."""
    for middle, source in (
        rows.unique("source", keep="first", maintain_order=True)
        .select("middle", "source")
        .iter_rows()
    ):
        train, test, overfit = _gap(rows, source)
        if train is not None and test is not None:
            y = [middle + place.part(SPLITS[split][2]) for split in ("train", "test")]
            line = {"color": BAD if overfit else GREY, "width": 4 if overfit else 2}
            fig.add_scatter(
                x=[train, test],
                y=y,
                mode="lines",
                line=line,
                opacity=0.8,
                name="overfit" if overfit else "gap",
                hoverinfo="skip",
            )


def _dots(fig: go.Figure, rows: pl.DataFrame, symbol: str, colour: list[str]) -> None:
    interval = {
        "array": rows["high"] - rows["auc"],
        "arrayminus": rows["auc"] - rows["low"],
        "symmetric": False,
        "width": 0,
        "thickness": 1.5,
        "color": GREY,
    }
    said = [
        f"<b>{row['label']}</b>, {row['split']}<br>AUC {row['auc']:.3f} ({row['low']:.3f} to"
        f" {row['high']:.3f})<br>{row['persons']:,} persons"
        for row in rows.iter_rows(named=True)
    ]
    marker = {"symbol": symbol, "size": 9, "color": colour, "line": {"color": colour, "width": 2}}
    name = rows["split"].first() if rows.height else ""
    fig.add_scatter(
        x=rows["auc"],
        y=rows["y"],
        mode="markers",
        marker=marker,
        error_x=interval,
        name=name,
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _figures(fig: go.Figure, frame: pl.DataFrame, place: Rows, sources: list[str]) -> None:
    """AUC on test, and how far it falls from train; the overfit ones are named."""
    gaps = [_gap(frame, source) for source in sources]
    tests = ["" if test is None else f"<b>{test:.3f}</b>" for _, test, _ in gaps]
    place.figures(fig, tests, right=COLUMN - 6, head="<b>test</b>")
    if all(train is None for train, *_ in gaps):
        return
    falls = [
        (
            ""
            if train is None or test is None
            else signed(test - train, ".3f") + ("<br>overfit" if overfit else "")
        )
        for train, test, overfit in gaps
    ]
    place.figures(fig, falls, right=2 * COLUMN - 4, head="vs train")
