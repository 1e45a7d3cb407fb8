"""Who can be scored, and how well: where do weightings stand between the two?"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import FAINT, GREY, MOST_MARKS, canvas, steps, thin
from analytics.charts.placing import Box, Word, along, around, place

MARKS: Mapping[str, dict[str, Any]] = {
    "A": dict(size=15),
    "B": dict(size=14, symbol="circle-open", line_width=2),
    "learned": dict(size=13, symbol="star"),
    "preset": dict(size=9, symbol="diamond", color=GREY, line_width=1),
}
SAID = "%{x:.1%} of people can be scored; AUC %{y:.3f}<extra></extra>"
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def coverage_accuracy(
    path: pl.DataFrame | None, marks: pl.DataFrame, *, cloud: pl.DataFrame | None = None, frontier: pl.DataFrame | None = None, pooled: float | None = None,
    path_label: str = "", path_colour: str | None = None, height: int = 400, narrow: bool = False,
) -> go.Figure:  # fmt: skip
    """A filled, B a ring and an arrow from B to A; presets are grey diamonds, the line is A with another weight of one source.

    Parameters
    ----------
    path
        One row per weight of one source, in order: `weight`, `coverage`, `auc`; dots at every quarter of the weight.
    marks
        One row per weighting: `kind` (A, B, preset or learned), `name`, `coverage`, `auc`, `auc_low`, `auc_high`.
    cloud
        One row per sampled weighting: `coverage`, `auc`, `words`.
    frontier
        One row per weighting that no sampled one beats, by coverage: `coverage`, `auc`, and if known `low`, `high`.
    pooled
        AUC of one model over all raw data; drawn dashed.
    path_label, path_colour
        The source whose weight the path varies, and its colour.
    """
    fig = canvas(height, margin=dict(t=8, r=18))
    x, y = _ranges(path, marks, cloud, pooled)
    _cloud(fig, cloud, MOST_MARKS - 500)
    _frontier(fig, frontier)
    _pooled(fig, pooled)
    _path(fig, path, path_label, path_colour)
    _marks(fig, marks)
    _arrow(fig, marks)
    sheet = Sheet(x, y, 270 if narrow else 700, height - 70)
    _names(fig, sheet, _words(sheet, path, marks, path_label, narrow), _taken(sheet, path, marks, frontier))
    fig.update_xaxes(tickformat=".0%", title_text="people who can be scored", range=x, dtick=steps(*x, most=4 if narrow else 8), tick0=0, showgrid=True)
    step = steps(*y, most=6)
    fig.update_yaxes(tickformat=".2f" if step >= 0.01 else ".3f", title_text="AUC of everyone", range=y, dtick=step, tick0=0)
    return fig


def _ranges(*frames: Any) -> tuple[list[float], list[float]]:
    """The span of both axes: what is drawn, rounded outwards so that a slider does not make the axes jump."""
    *tables, pooled = frames
    given = [frame for frame in tables if frame is not None]
    intervals = [value for frame in given if "auc_low" in frame.columns for value in frame.filter(pl.col("kind").is_in(["A", "B"])).select("auc_low", "auc_high").to_numpy().ravel()]
    across = [value for frame in given for value in frame["coverage"]]
    up = [value for frame in given for value in frame["auc"]] + intervals + ([] if pooled is None else [pooled])
    x, y = _rounded(across, 0.05, 0.02), _rounded(up, 0.01, 0.004)
    return [max(x[0], -0.02), min(x[1], 1.03)], y


def _rounded(values: list[float], step: float, room: float) -> list[float]:
    kept = [value for value in values if value is not None and value == value]  # a missing interval is NaN
    low, high = min(kept, default=0.0), max(kept, default=1.0)
    return [floor((low - room) / step) * step, ceil((high + room) / step) * step]


def _cloud(fig: go.Figure, cloud: pl.DataFrame | None, most: int) -> None:
    if cloud is None:
        return
    drawn = thin(cloud, most)
    dots = dict(size=5, color=GREY, opacity=0.32, line_width=0)
    fig.add_scatter(
        x=drawn["coverage"], y=drawn["auc"], mode="markers", name="cloud", marker=dots, customdata=drawn["words"],
        selected=dict(marker=dict(opacity=1, size=9)), unselected=dict(marker=dict(opacity=0.32)), hovertemplate="%{customdata}<br>" + SAID,
    )  # fmt: skip


def _frontier(fig: go.Figure, frontier: pl.DataFrame | None) -> None:
    if frontier is None:
        return
    if {"low", "high"} <= set(frontier.columns):
        for column, fill in (("low", None), ("high", "tonexty")):
            fig.add_scatter(x=frontier["coverage"], y=frontier[column], mode="lines", line_width=0, fill=fill, fillcolor=FAINT, hoverinfo="skip")
    # Straight lines: a spline dips where nothing was measured.
    fig.add_scatter(x=frontier["coverage"], y=frontier["auc"], mode="lines", name="frontier", hovertemplate="no sampled weighting does better<br>" + SAID)


def _pooled(fig: go.Figure, pooled: float | None) -> None:
    if pooled is not None:
        fig.add_hline(y=pooled, line=dict(color=GREY, width=1.5, dash="dash"))
        fig.add_annotation(text="one model over all raw data, pooled", x=0, xref="paper", y=pooled, xanchor="left", yanchor="bottom")


def _path(fig: go.Figure, path: pl.DataFrame | None, label: str, colour: str | None) -> None:
    if path is None:
        return
    drawn = thin(path, 200)
    said = f"{label} " if label else ""
    fig.add_scatter(
        x=drawn["coverage"], y=drawn["auc"], mode="lines", name="path", line=dict(color=colour, width=2.5), customdata=drawn["weight"],
        hovertemplate=said + "at %{customdata:.0%} of the weight<br>" + SAID,
    )  # fmt: skip
    stops = _quarters(path)
    fig.add_scatter(
        x=stops["coverage"], y=stops["auc"], mode="markers", marker=dict(size=7, color=colour), customdata=stops["weight"],
        hovertemplate=said + "at %{customdata:.0%} of the weight<br>" + SAID,
    )  # fmt: skip


def _quarters(path: pl.DataFrame) -> pl.DataFrame:
    """The rows of the path nearest to each quarter of the weight."""
    nearest = {min(range(path.height), key=lambda i, q=quarter: abs(path["weight"][i] - q)) for quarter in QUARTERS} if path.height else set()  # type: ignore[misc]
    return path[sorted(nearest)]


def _marks(fig: go.Figure, marks: pl.DataFrame) -> None:
    for mark in sorted(marks.iter_rows(named=True), key=lambda m: "preset learned B A".split().index(m["kind"])):
        name, low, high = mark["name"], mark["auc_low"], mark["auc_high"]
        between = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        shown = mark["kind"] in "AB" and bool(between)
        error = dict(array=[high - mark["auc"]], arrayminus=[mark["auc"] - low], symmetric=False, width=0, thickness=1.5, color=GREY) if shown else None
        fig.add_scatter(
            x=[mark["coverage"]], y=[mark["auc"]], mode="markers", name=mark["kind"], marker=MARKS[mark["kind"]], error_y=error, unselected=dict(marker=dict(opacity=1)),
            hovertemplate=f"{name}<br>" + SAID.replace("<extra>", f"{between}<extra>"),
        )  # fmt: skip


def _arrow(fig: go.Figure, marks: pl.DataFrame) -> None:
    """From B to A, if both are there and apart."""
    ends = {kind: (coverage, auc) for kind, coverage, auc in marks.select("kind", "coverage", "auc").iter_rows() if kind in "AB"}
    if len(ends) == 2 and ends["A"] != ends["B"]:
        (x, y), (ax, ay) = ends["A"], ends["B"]
        fig.add_annotation(text="", showarrow=True, x=x, y=y, ax=ax, ay=ay, axref="x", ayref="y", standoff=9, startstandoff=8, arrowhead=2, arrowwidth=1.5)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where values fall in pixels, as far as that is known before a browser draws: on the narrowest desk, or on a phone."""

    x: list[float]
    y: list[float]
    wide: float
    tall: float

    def at(self, coverage: float, auc: float) -> tuple[float, float]:
        """Pixels from the lower left corner."""
        return (coverage - self.x[0]) / (self.x[1] - self.x[0]) * self.wide, (auc - self.y[0]) / (self.y[1] - self.y[0]) * self.tall

    def value(self, right: float, up: float) -> tuple[float, float]:
        """The coverage and the AUC at this pixel."""
        return self.x[0] + right / self.wide * (self.x[1] - self.x[0]), self.y[0] + up / self.tall * (self.y[1] - self.y[0])

    def along(self, frame: pl.DataFrame | None) -> list[tuple[float, float]]:
        """The pixels of a frame's rows."""
        return [] if frame is None else [self.at(*row) for row in frame.select("coverage", "auc").iter_rows()]


def _names(fig: go.Figure, sheet: Sheet, words: list[Word], taken: list[Box]) -> None:
    """Names beside their marks, most important first; what finds no free side is left to pointing."""
    for spot in place(words, taken=taken, frame=Box(0, 0, sheet.wide, sheet.tall)):
        word, (right, up), (x, y) = spot.word, spot.shift, sheet.value(spot.word.x, spot.word.y)
        text = f"<b>{word.text}</b>" if word.size > 13 else word.text
        fig.add_annotation(text=text, x=x, y=y, xshift=right, yshift=up, xanchor=spot.anchor, yanchor="middle", font_size=word.size)


def _taken(sheet: Sheet, path: pl.DataFrame | None, marks: pl.DataFrame, frontier: pl.DataFrame | None) -> list[Box]:
    """What names must not cover: marks, the intervals and the arrow of A and B, the lines."""
    lines = [sheet.along(marks.filter(pl.col("kind").is_in(["A", "B"]))), sheet.along(path), sheet.along(frontier)]
    for row in marks.filter(pl.col("kind").is_in(["A", "B"])).drop_nulls(["auc_low", "auc_high"]).iter_rows(named=True):
        lines.append([sheet.at(row["coverage"], row["auc_low"]), sheet.at(row["coverage"], row["auc_high"])])
    dots = [around(*sheet.at(row["coverage"], row["auc"]), MARKS[row["kind"]]["size"] / 2) for row in marks.iter_rows(named=True)]
    return [*dots, *(box for line in lines for box in along(line))]


def _words(sheet: Sheet, path: pl.DataFrame | None, marks: pl.DataFrame, label: str, narrow: bool) -> list[Word]:
    """A and B, the stops of the path, then the names of the others."""
    kinds = {kind: [(row["name"], *sheet.at(row["coverage"], row["auc"])) for row in marks.filter(kind=kind).iter_rows(named=True)] for kind in MARKS}
    ends = [Word(kind, x, y, away=9, size=14) for kind in "AB" for _, x, y in kinds[kind]]
    stops = [] if path is None else list(_quarters(path).iter_rows(named=True))
    said = [f"{label if i == len(stops) - 1 else ''} {stop['weight']:.0%}".strip() for i, stop in enumerate(stops)]
    others = kinds["learned"] + ([] if narrow else kinds["preset"])
    return [*ends, *(Word(text, *sheet.at(s["coverage"], s["auc"]), away=5, size=11) for text, s in zip(said, stops, strict=True)), *(Word(name, x, y, away=7) for name, x, y in others)]
