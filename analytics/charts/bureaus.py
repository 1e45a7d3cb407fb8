"""Who sees whom, and what would joining do?"""

from collections.abc import Mapping
from math import log, sqrt
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, GOOD, GREY, canvas, ends, steps
from analytics.charts.placing import Box, Word, along, around
from analytics.charts.plane import Sheet, across, axes, names, upright

LARGEST = 46  # pixels across, for a bureau that knows everyone
HOVER = "%{customdata}<extra></extra>"
# ticks of a log-odds axis
CHANCES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


def bubbles(frame: pl.DataFrame, *, height: int = 400, narrow: bool = False) -> go.Figure:
    """Every bureau between coverage and accuracy; the area is the share of people it knows, the
    picked ones are filled.

    Parameters
    ----------
    frame
        One row per bureau: `key`, `label`, `coverage`, `auc` (of everyone), `auc_low`, `auc_high`,
        `persons` (people it knows), `known` (their share of all), `price` (per person, may be
        null), `provenance`; `picked` (true or false) if some are. A dot's `customdata` is its
        phrase and its key.
    """
    fig = canvas(height, margin={"t": 8, "r": 18})
    rows = (frame if "picked" in frame.columns else frame.with_columns(picked=False)).sort(
        "picked", -pl.col("known")
    )
    # for names, on the right where readers look for them
    room = rows["coverage"] + (0.22 if narrow else 0.1)
    sheet = Sheet(
        across(rows["coverage"], room), upright(rows["auc"]), 270 if narrow else 700, height - 70
    )
    for picked, look in (
        (False, {"color": GREY, "opacity": 0.45, "line": {"color": GREY, "width": 1}}),
        (True, {"opacity": 0.85, "line_width": 0}),
    ):
        _bubbles(fig, rows.filter(picked=picked), look, name="picked" if picked else "others")
    shown = rows.sort("picked", descending=True, maintain_order=True)
    spots = [
        (
            *sheet.at(row["coverage"], row["auc"]),
            _across(row["known"]) / 2,
            row["label"],
            row["picked"],
        )
        for row in shown.iter_rows(named=True)
    ]
    told = spots[:6] if narrow else spots
    words = [
        Word(label, x, y, away=half + 1, size=14 if picked else 12)
        for x, y, half, label, picked in told
    ]
    names(fig, sheet, words, [around(x, y, 0.8 * half) for x, y, half, *_ in spots])
    axes(fig, sheet, "AUC of everyone", ".3f", narrow=narrow)
    return fig


def _across(known: float) -> float:
    """The width of a bubble in pixels; its area is the share of people known."""
    return max(5.0, LARGEST * sqrt(known))


def _bubbles(fig: go.Figure, rows: pl.DataFrame, look: dict[str, Any], *, name: str) -> None:
    if rows.height:
        marker = {**look, "size": [_across(known) for known in rows["known"]]}
        said = [(_bureau(row), row["key"]) for row in rows.iter_rows(named=True)]
        still = {"marker": {"opacity": look["opacity"]}}
        fig.add_scatter(
            x=rows["coverage"],
            y=rows["auc"],
            mode="markers",
            name=name,
            marker=marker,
            unselected=still,
            customdata=said,
            hovertemplate="%{customdata[0]}<extra></extra>",
        )


def _bureau(row: Mapping[str, Any]) -> str:
    """A bureau in phrases, with where its figures come from."""
    price = "" if row["price"] is None else f"<br>price {row['price']:,.2f} per person"
    return (
        f"<b>{row['label']}</b><br>knows {row['known']:.1%} of people{_counted(row['persons'])},"
        f" scores {row['coverage']:.1%}<br>AUC of everyone"
        f" {row['auc']:.3f}{_between(row)}{price}<br>"
        + "<br>".join(wrap(row["provenance"] or "", 46))
    ).removesuffix("<br>")


def _counted(persons: int | None) -> str:
    """How many people, unless they are too few to be counted."""
    return "" if persons is None else f" ({persons:,})"


def _between(row: Mapping[str, Any]) -> str:
    low, high = row["auc_low"], row["auc_high"]
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"


def alliance(frame: pl.DataFrame, *, height: int = 170, narrow: bool = False) -> go.Figure:
    """Whom the partners know together, alone and not at all; the orange end of a bar is the people
    who defaulted.

    Parameters
    ----------
    frame
        One row per part, in the order of the screen: `part` (as in `both`, `only CCB`, `neither`),
        `persons`, `share` (of all persons), `bad_rate` (null: too few persons).
    """
    fig = canvas(height, margin={"t": 4, "r": 112 if narrow else 136}, barmode="stack")
    rows = frame.reverse()
    bad = (rows["share"] * rows["bad_rate"]).fill_null(0.0)
    payers = [GREY if rate is None else GOOD for rate in rows["bad_rate"]]
    said = {
        "customdata": [_part(row) for row in rows.iter_rows(named=True)],
        "hovertemplate": HOVER,
    }
    for share, colour in ((rows["share"] - bad, payers), (bad, BAD)):
        fig.add_bar(
            x=share,
            y=rows["part"],
            orientation="h",
            width=0.62,
            marker={"color": colour, "line_width": 0},
            **said,
        )
    _rates(fig, rows, narrow=narrow)
    paid = "" if narrow else f' <span style="color:{GOOD}">■</span> paid,'
    most = ends(rows["share"])[1] or 1.0
    fig.update_xaxes(
        tickformat=".0%",
        range=[0, 1.02 * most],
        dtick=steps(0, most, most=3 if narrow else 6),
        tick0=0,
        tickangle=0,
    )
    fig.update_xaxes(
        title_text=f'share of people:{paid} <span style="color:{BAD}">■</span> defaulted'
    )
    fig.update_yaxes(showgrid=False)
    return fig


def _part(row: Mapping[str, Any]) -> str:
    bad = (
        "too few to tell their bad rate"
        if row["bad_rate"] is None
        else f"{row['bad_rate']:.1%} of them defaulted"
    )
    return f"known to {row['part']}<br>{row['share']:.1%} of people ({row['persons']:,})<br>{bad}"


def _rates(fig: go.Figure, rows: pl.DataFrame, *, narrow: bool) -> None:
    """At the right of each bar its share and its bad rate in words."""
    words = [
        f"<b>{share:.1%}</b>, "
        + (
            "too few to tell"
            if rate is None
            else f"<b>{rate:.1%}</b> bad"
            if narrow
            else f"bad rate <b>{rate:.1%}</b>"
        )
        for share, rate in rows.select("share", "bad_rate").iter_rows()
    ]
    right = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left"}
    fig.layout.annotations = [
        {**right, "y": part, "text": text} for part, text in zip(rows["part"], words, strict=True)
    ]


def union(frame: pl.DataFrame, *, height: int = 330, narrow: bool = False) -> go.Figure:
    """Where each partner stands alone (a ring) and where all stand together (filled), with an arrow
    from each to the union.

    Parameters
    ----------
    frame
        One row per mark: `kind` (partner or union), `name`, `coverage`, `auc` (of everyone),
        `auc_low`, `auc_high`.
    """
    fig = canvas(height, margin={"t": 8, "r": 18})
    sheet = Sheet(
        across(frame["coverage"]),
        upright(frame["auc"], frame["auc_low"], frame["auc_high"]),
        270 if narrow else 700,
        height - 70,
    )
    for kind, marker in (
        ("partner", {"size": 12, "symbol": "circle-open", "line_width": 2}),
        ("union", {"size": 15}),
    ):
        _marks(fig, frame.filter(kind=kind), kind, marker)
    _arrows(fig, frame)
    rows = list(frame.sort("kind", descending=True).iter_rows(named=True))
    words = [
        Word(
            row["name"],
            *sheet.at(row["coverage"], row["auc"]),
            away=9,
            size=14 if row["kind"] == "union" else 12,
        )
        for row in rows
    ]
    names(fig, sheet, words, _taken(sheet, frame))
    axes(fig, sheet, "AUC of everyone", ".3f", narrow=narrow)
    return fig


def _marks(fig: go.Figure, rows: pl.DataFrame, kind: str, marker: dict[str, Any]) -> None:
    """The marks of one kind with their intervals."""
    interval = {
        "array": rows["auc_high"] - rows["auc"],
        "arrayminus": rows["auc"] - rows["auc_low"],
        "symmetric": False,
        "width": 0,
        "thickness": 1.5,
        "color": GREY,
    }
    said = [
        f"<b>{row['name']}</b><br>{row['coverage']:.1%} of people can be scored<br>AUC of everyone"
        f" {row['auc']:.3f}{_between(row)}"
        for row in rows.iter_rows(named=True)
    ]
    fig.add_scatter(
        x=rows["coverage"],
        y=rows["auc"],
        mode="markers",
        name=kind,
        marker=marker,
        error_y=interval,
        customdata=said,
        hovertemplate=HOVER,
    )


def _ways(frame: pl.DataFrame) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """From each partner to each union, where the two are apart."""
    starts, goals = (
        frame.filter(kind=kind).select("coverage", "auc").rows() for kind in ("partner", "union")
    )
    return [(start, goal) for goal in goals for start in starts if start != goal]


def _arrows(fig: go.Figure, frame: pl.DataFrame) -> None:
    arrow = {
        "text": "",
        "showarrow": True,
        "axref": "x",
        "ayref": "y",
        "standoff": 9,
        "startstandoff": 8,
        "arrowhead": 2,
        "arrowwidth": 1.5,
        "arrowcolor": GREY,
    }
    fig.layout.annotations = [
        {**arrow, "ax": ax, "ay": ay, "x": x, "y": y} for (ax, ay), (x, y) in _ways(frame)
    ]


def _taken(sheet: Sheet, frame: pl.DataFrame) -> list[Box]:
    """What names must not cover: marks, intervals, arrows."""
    lines = [[sheet.at(*start), sheet.at(*goal)] for start, goal in _ways(frame)]
    known = frame.drop_nulls(["auc_low", "auc_high"]).select("coverage", "auc_low", "auc_high")
    lines += [
        [sheet.at(coverage, low), sheet.at(coverage, high)]
        for coverage, low, high in known.iter_rows()
    ]
    return [
        *(around(*at, 7) for at in sheet.along(frame)),
        *(box for line in lines for box in along(line)),
    ]


def scales(frame: pl.DataFrame, *, height: int | None = None, narrow: bool = False) -> go.Figure:
    """One person's score under several bureaus: dots on a common axis of the probability, the
    points of each in words.

    Parameters
    ----------
    frame
        One row per bureau, in the order of the screen: `label`, `probability` (of default),
        `points`, `low`, `high` (the ends of the bureau's range of points), `scored` (false: the
        other figures may be null).
    """
    fig = canvas(height or 54 + 24 * frame.height, margin={"t": 4, "r": 12})
    # all null where no bureau scores
    rows = frame.reverse().with_columns(pl.col("probability", "points").cast(pl.Float64))
    dots = rows.filter("scored").with_columns(
        x=-(pl.col("probability") / (1 - pl.col("probability"))).log()
    )
    # fixes the order of the rows
    fig.add_scatter(x=[None] * rows.height, y=rows["label"], mode="markers", hoverinfo="skip")
    said = [_scale(row) for row in dots.iter_rows(named=True)]
    fig.add_scatter(
        x=dots["x"],
        y=dots["label"],
        mode="markers",
        marker_size=10,
        name="scored",
        customdata=said,
        hovertemplate=HOVER,
    )
    low, high = _span(dots)
    notes = [_points(row, middle=(low + high) / 2) for row in dots.iter_rows(named=True)]
    none = [
        {"x": low, "y": label, "text": "no score", "xanchor": "left", "xshift": 4}
        for label in rows.filter(~pl.col("scored"))["label"]
    ]
    fig.layout.annotations = [*notes, *none]
    ticks = [chance for chance in CHANCES if low <= -log(chance / (1 - chance)) <= high]
    fig.update_xaxes(
        tickvals=[-log(chance / (1 - chance)) for chance in ticks],
        ticktext=[f"{100 * chance:g}%" for chance in ticks],
        range=[low, high],
        showgrid=True,
    )
    fig.update_xaxes(
        title_text=(
            "probability of default (safer →)"
            if narrow
            else "probability of default, safer to the right"
        )
    )
    fig.update_yaxes(showgrid=False)
    return fig


def _span(dots: pl.DataFrame) -> tuple[float, float]:
    """What is drawn and some room, as log-odds of paying; 1 to 20% where nobody scores."""
    low, high = ends(dots["x"]) if dots.height else (log(4), log(99))
    return low - 0.5, high + 0.5


def _scale(row: Mapping[str, Any]) -> str:
    scale = f"{row['points']:.0f} points on a scale from {row['low']:g} to {row['high']:g}"
    return f"<b>{row['label']}</b><br>{scale}<br>{row['probability']:.1%} probability of default"


def _points(row: Mapping[str, Any], *, middle: float) -> dict[str, Any]:
    """The points beside the dot, on the side that has room."""
    left = row["x"] > middle
    text = f"<b>{row['points']:.0f}</b> of {row['low']:g}–{row['high']:g}"
    return {
        "x": row["x"],
        "y": row["label"],
        "text": text,
        "xanchor": "right" if left else "left",
        "xshift": -9 if left else 9,
    }
