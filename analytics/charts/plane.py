"""Who can be scored, and how well: where do weightings stand between the two?"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import FAINT, GREY, MOST_MARKS, canvas, ends, short, steps, thin
from analytics.charts.placing import Box, Place, Word, along, around, place

MARKS: Mapping[str, dict[str, Any]] = {
    "A": {"size": 15},
    "B": {"size": 14, "symbol": "circle-open", "line_width": 2},
    "learned": {"size": 13, "symbol": "star"},
    "preset": {"size": 9, "symbol": "diamond", "color": GREY, "line_width": 1},
}
# the page shines through around names, so that they can be read on the cloud
HALO = ", ".join(["0 0 3px light-dark(#ffffff, #12161c)"] * 3)
CLOUD = 0.26  # so opaque is a dot
DRAWN = ("preset", "learned", "B", "A")  # the last lies on top
POOLED = "one model over all raw data, pooled"
SCORED = ("people who can be scored", "of people can be scored")
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def coverage_accuracy(
    path: pl.DataFrame | None,
    marks: pl.DataFrame,
    *,
    cloud: pl.DataFrame | None = None,
    frontier: pl.DataFrame | None = None,
    pooled: float | None = None,
    path_label: str = "",
    path_colour: str | None = None,
    title: str = "AUC of everyone",
    form: str = ".3f",
    falling: bool = False,
    sideways: tuple[str, str] = SCORED,
    height: int = 400,
    narrow: bool = False,
) -> go.Figure:
    """A filled, B a ring and an arrow from B to A; presets are grey diamonds, the line is A with
    another weight of one source.

    Parameters
    ----------
    path
        One row per weight of one source, in order: `weight`, `coverage`, `auc` (here and below:
        whatever `title` names); dots at every quarter of the weight.
    marks
        One row per weighting: `kind` (A, B, preset or learned), `name`, `coverage`, `auc`,
        `auc_low`, `auc_high`; a mark's `customdata` is its name, its interval in words, and its
        kind.
    cloud
        One row per sampled weighting: `coverage`, `auc`, `words`. A dot's `customdata` is its
        words, its row here, and `cloud`.
    frontier
        One row per weighting that no sampled one beats, by coverage: `coverage`, `auc`, and if
        known `low`, `high`; a dot's `customdata` is an empty text, its row here, and `frontier`.
    pooled
        The same for one model over all raw data; drawn dashed.
    path_label, path_colour
        The source whose weight the path varies, and its colour.
    title
        What the upright axis shows, also when pointed at.
    form
        How its values are written; the axis leaves out decimals it does not need.
    falling
        Are lower values better, as with the Brier score? The axis is then upside down: better is
        always up.
    sideways
        What stands in `coverage`: the axis' title, and how a share of it is said.
    """
    fig = canvas(height, margin={"t": 8, "r": 18})
    x, y = _ranges(path, marks, cloud, frontier, pooled)
    said = f"%{{x:.1%}} {sideways[1]}; {title} %{{y:{form}}}<extra></extra>"
    _cloud(fig, cloud, MOST_MARKS - 500, said)
    _frontier(fig, frontier, said)
    _pooled(fig, pooled)
    _path(fig, path, path_label, path_colour, said)
    _marks(fig, marks, form, said)
    _arrow(fig, marks)
    sheet = Sheet(x, y[::-1] if falling else y, 270 if narrow else 700, height - 70)
    label = [] if pooled is None else [_pooled_box(sheet, pooled)]
    names(
        fig,
        sheet,
        _words(sheet, path, marks, path_label, presets=not narrow),
        [*label, *_taken(sheet, path, marks, frontier)],
    )
    axes(fig, sheet, title, form, sideways=sideways[0], narrow=narrow)
    return fig


def axes(
    fig: go.Figure,
    sheet: "Sheet",
    title: str,
    form: str,
    *,
    sideways: str = SCORED[0],
    narrow: bool,
) -> None:
    """People who can be scored to the right, the better upwards, ticks at round distances."""
    x, step = sheet.x, steps(*sorted(sheet.y), most=6)
    fig.update_xaxes(
        tickformat=".0%",
        title_text=sideways,
        range=x,
        dtick=steps(*x, most=5 if narrow else 8),
        tick0=0,
        showgrid=True,
    )
    fig.update_yaxes(
        tickformat=short(form, step), title_text=title, range=sheet.y, dtick=step, tick0=0
    )


def _ranges(
    path: pl.DataFrame | None,
    marks: pl.DataFrame,
    cloud: pl.DataFrame | None,
    frontier: pl.DataFrame | None,
    pooled: float | None,
) -> tuple[list[float], list[float]]:
    """The span of both axes.

    What is drawn, rounded outwards so that a slider does not make the axes jump.
    """
    given = [frame for frame in (path, marks, cloud, frontier) if frame is not None]
    pair = marks.filter(pl.col("kind").is_in(["A", "B"]))
    reach = [pair["auc_low"], pair["auc_high"], pl.Series([pooled], dtype=pl.Float64)]
    return across(*(frame["coverage"] for frame in given)), upright(
        *(frame["auc"] for frame in given), *reach
    )


def across(*columns: pl.Series) -> list[float]:
    """The span of coverage: at least a fifth of the people wide, and hardly beyond all of them."""
    low, high = _rounded(ends(*columns), 0.05, 0.02)
    return [max(min(low, 0.8), -0.02), min(high, 1.02)]


def upright(*columns: pl.Series) -> list[float]:
    """The span of accuracy, rounded to a round distance that suits its unit."""
    low, high = ends(*columns)
    step = steps(0, max(high - low, 0.02 * abs(high), 1e-6), most=8)
    return _rounded((low, high), step, 0.4 * step)


def _rounded(span: tuple[float, float], step: float, room: float) -> list[float]:
    low, high = span
    return [floor((low - room) / step) * step, ceil((high + room) / step) * step]


def _cloud(fig: go.Figure, cloud: pl.DataFrame | None, most: int, said: str) -> None:
    if cloud is None:
        return
    drawn = thin(cloud.with_row_index("row"), most)
    dots = {"size": 5, "color": GREY, "opacity": CLOUD, "line_width": 0}
    fig.add_scatter(
        x=drawn["coverage"],
        y=drawn["auc"],
        mode="markers",
        name="cloud",
        marker=dots,
        customdata=drawn.select("words", "row", kind=pl.lit("cloud")).rows(),
        selected={"marker": {"opacity": 1, "size": 9}},
        unselected={"marker": {"opacity": CLOUD}},
        hovertemplate="%{customdata[0]}<br>" + said,
    )


def _frontier(fig: go.Figure, frontier: pl.DataFrame | None, said: str) -> None:
    if frontier is None:
        return
    if {"low", "high"} <= set(frontier.columns):
        for column, fill in (("low", None), ("high", "tonexty")):
            fig.add_scatter(
                x=frontier["coverage"],
                y=frontier[column],
                mode="lines",
                line_width=0,
                fill=fill,
                fillcolor=FAINT,
                hoverinfo="skip",
            )
    drawn = thin(frontier.with_row_index("row"), 200)
    fig.add_scatter(
        x=drawn["coverage"],
        y=drawn["auc"],
        mode="lines+markers",  # straight lines: a spline dips where nothing was measured
        name="frontier",
        marker_size=5,
        customdata=drawn.select(pl.lit("").alias("words"), "row", kind=pl.lit("frontier")).rows(),
        selected={"marker": {"size": 9}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate="no sampled weighting does better<br>" + said,
    )


def _pooled(fig: go.Figure, pooled: float | None) -> None:
    if pooled is not None:
        fig.add_hline(y=pooled, line={"color": GREY, "width": 1.5, "dash": "dash"})
        fig.add_annotation(
            text=POOLED, x=0, xref="paper", y=pooled, xanchor="left", yanchor="bottom"
        )


def _pooled_box(sheet: "Sheet", pooled: float) -> Box:
    """The room of the words over that line."""
    up = sheet.at(sheet.x[0], pooled)[1]
    return Box(0, up - 2, 6.5 * len(POOLED), up + 18)


def _path(
    fig: go.Figure, path: pl.DataFrame | None, label: str, colour: str | None, said: str
) -> None:
    if path is None:
        return
    drawn = thin(path, 200)
    at = f"{label} at" if label else "at"
    fig.add_scatter(
        x=drawn["coverage"],
        y=drawn["auc"],
        mode="lines",
        name="path",
        line={"color": colour, "width": 2.5},
        customdata=drawn["weight"],
        hovertemplate=at + " %{customdata:.0%} of the weight<br>" + said,
    )
    stops = _quarters(path)
    fig.add_scatter(
        x=stops["coverage"],
        y=stops["auc"],
        mode="markers",
        marker={"size": 7, "color": colour},
        unselected={"marker": {"opacity": 1}},
        customdata=stops["weight"],
        hovertemplate=at + " %{customdata:.0%} of the weight<br>" + said,
    )


def _quarters(path: pl.DataFrame) -> pl.DataFrame:
    """The rows of the path nearest to each quarter of the weight."""
    nearest = (
        {
            min(range(path.height), key=lambda i, q=quarter: abs(path["weight"][i] - q))  # type: ignore[misc]
            for quarter in QUARTERS
        }
        if path.height
        else set()
    )
    return path[sorted(nearest)]


def _marks(fig: go.Figure, marks: pl.DataFrame, form: str, said: str) -> None:
    """One trace per kind.

    The intervals of A and B are drawn, those of the others are left to pointing.
    """
    for kind in DRAWN:
        rows = marks.filter(kind=kind)
        if rows.is_empty():
            continue
        up = (rows["auc_high"] - rows["auc"]).to_list()
        down = (rows["auc"] - rows["auc_low"]).to_list()
        interval = {
            "array": up,
            "arrayminus": down,
            "symmetric": False,
            "width": 0,
            "thickness": 1.5,
            "color": GREY,
            "visible": kind in ("A", "B"),
        }
        fig.add_scatter(
            x=rows["coverage"],
            y=rows["auc"],
            mode="markers",
            name=kind,
            marker=MARKS[kind],
            error_y=interval,
            unselected={"marker": {"opacity": 1}},
            customdata=[
                (*_said(*row, form=form), kind)
                for row in rows.select("name", "auc_low", "auc_high").iter_rows()
            ],
            hovertemplate="%{customdata[0]}<br>"
            + said.replace("<extra>", "%{customdata[1]}<extra>"),
        )


def _said(name: str, low: float | None, high: float | None, *, form: str) -> tuple[str, str]:
    """A mark's name, and its interval in brackets if it is known."""
    return name, "" if low is None or high is None else f" ({low:{form}} to {high:{form}})"


def _arrow(fig: go.Figure, marks: pl.DataFrame) -> None:
    """From B to A, if both are there and apart."""
    ends = {
        kind: (coverage, auc)
        for kind, coverage, auc in marks.select("kind", "coverage", "auc").iter_rows()
        if kind in "AB"
    }
    if len(ends) == 2 and ends["A"] != ends["B"]:
        (x, y), (ax, ay) = ends["A"], ends["B"]
        fig.add_annotation(
            text="",
            showarrow=True,
            x=x,
            y=y,
            ax=ax,
            ay=ay,
            axref="x",
            ayref="y",
            standoff=9,
            startstandoff=8,
            arrowhead=2,
            arrowwidth=1.5,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where values fall in pixels, as far as that is known before a browser draws.

    On the narrowest desk, or on a phone.
    """

    x: list[float]
    y: list[float]
    wide: float
    tall: float

    def at(self, coverage: float, auc: float) -> tuple[float, float]:
        """Pixels from the lower left corner."""
        return (coverage - self.x[0]) / (self.x[1] - self.x[0]) * self.wide, (auc - self.y[0]) / (
            self.y[1] - self.y[0]
        ) * self.tall

    def value(self, right: float, up: float) -> tuple[float, float]:
        """The coverage and the AUC at this pixel."""
        return self.x[0] + right / self.wide * (self.x[1] - self.x[0]), self.y[
            0
        ] + up / self.tall * (self.y[1] - self.y[0])

    def along(self, frame: pl.DataFrame | None) -> list[tuple[float, float]]:
        """The pixels of a frame's rows."""
        return (
            []
            if frame is None
            else [self.at(*row) for row in frame.select("coverage", "auc").iter_rows()]
        )


def names(fig: go.Figure, sheet: Sheet, words: list[Word], taken: list[Box]) -> None:
    """Names beside their marks, most important first.

    What finds no free side is left to pointing.
    """
    notes = [
        _note(sheet, spot)
        for spot in place(words, taken=taken, frame=Box(0, 0, sheet.wide, sheet.tall))
    ]
    # all at once: one by one, Plotly checks all before it again
    fig.layout.annotations = [*fig.layout.annotations, *notes]


def _note(sheet: Sheet, spot: Place) -> dict[str, Any]:
    """A placed word as Plotly writes it."""
    (right, up), (x, y) = spot.shift, sheet.value(spot.word.x, spot.word.y)
    text = f"<b>{spot.text}</b>" if spot.word.size > 13 else spot.text
    font = {"size": spot.word.size, "shadow": HALO}
    return {
        "text": text,
        "x": x,
        "y": y,
        "xshift": right,
        "yshift": up,
        "xanchor": spot.anchor,
        "yanchor": "middle",
        "font": font,
    }


def _taken(
    sheet: Sheet, path: pl.DataFrame | None, marks: pl.DataFrame, frontier: pl.DataFrame | None
) -> list[Box]:
    """What names must not cover: marks, the intervals and the arrow of A and B, the lines."""
    lines = [
        sheet.along(marks.filter(pl.col("kind").is_in(["A", "B"]))),
        sheet.along(path),
        sheet.along(frontier),
    ]
    pair = marks.filter(pl.col("kind").is_in(["A", "B"])).drop_nulls(["auc_low", "auc_high"])
    lines += [
        [sheet.at(coverage, low), sheet.at(coverage, high)]
        for coverage, low, high in pair.select("coverage", "auc_low", "auc_high").iter_rows()
    ]
    dots = [
        around(*sheet.at(row["coverage"], row["auc"]), MARKS[row["kind"]]["size"] / 2)
        for row in marks.iter_rows(named=True)
    ]
    return [*dots, *(box for line in lines for box in along(line))]


def _words(
    sheet: Sheet, path: pl.DataFrame | None, marks: pl.DataFrame, label: str, *, presets: bool
) -> list[Word]:
    """A and B, the stops of the path, then the names of the others."""
    kinds = {
        kind: [
            (row["name"], *sheet.at(row["coverage"], row["auc"]))
            for row in marks.filter(kind=kind).iter_rows(named=True)
        ]
        for kind in MARKS
    }
    ends = [Word(kind, x, y, away=9, size=14) for kind in "AB" for _, x, y in kinds[kind]]
    stops = [] if path is None else list(_quarters(path).iter_rows(named=True))
    said = [
        (
            f"{label} {stop['weight']:.0%}".strip() if i == len(stops) - 1 else "",
            f"{stop['weight']:.0%}",
        )
        for i, stop in enumerate(stops)
    ]
    others = kinds["learned"] + (kinds["preset"] if presets else [])
    return [
        *ends,
        *(
            Word(long or short, *sheet.at(s["coverage"], s["auc"]), short=short, away=5, size=11)
            for (long, short), s in zip(said, stops, strict=True)
        ),
        *(Word(name, x, y, away=7) for name, x, y in others),
    ]
