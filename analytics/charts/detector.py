"""How much of what is faked does a detector catch, and whom does it accuse falsely?"""

from math import ceil
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import GREY, canvas, short, steps, thin
from analytics.charts.placing import Box, Place, Word, along, around, place
from analytics.charts.plane import HALO, Sheet
from analytics.charts.rows import note

NEARLY_ALL = 0.99  # caught: what lies to the right of it costs false alarms and brings nothing
HOVER = "%{customdata}<extra></extra>"


def detector(
    frame: pl.DataFrame,
    *,
    now: float = 0.5,
    colour: str | None = None,
    height: int = 300,
    narrow: bool = False,
) -> go.Figure:
    """Faked records caught over good payers accused falsely, for every trust below which a record
    is taken for faked; the one in use is a dot.

    Parameters
    ----------
    frame
        One row per threshold, in any order: `trust` (0 to 1), `caught` (share of the faked
        records), `false_alarms` (share of good payers).
    now
        The threshold in use; the nearest in the frame is marked.
    colour
        Of the source; ink if missing.
    """
    rows = frame.sort("trust", "false_alarms", "caught")
    used = rows.sort((pl.col("trust") - now).abs(), maintain_order=True)[:1]
    most = _most(rows, used)
    fig = canvas(height, margin={"t": 10, "r": 14})
    drawn = thin(_within(rows, most), 400)
    dash = {"color": GREY, "width": 1.5, "dash": "dash"}
    fig.add_scatter(
        x=[0, most], y=[0, most], mode="lines", name="guess", line=dash, hoverinfo="skip"
    )
    hover = {"hovertemplate": HOVER, "name": "thresholds"}
    fig.add_scatter(
        x=drawn["false_alarms"],
        y=drawn["caught"],
        mode="lines",
        line={"color": colour, "width": 2.5},
        customdata=_said(drawn),
        **hover,
    )
    dot = {
        "marker": {"color": colour, "size": 12},
        "cliponaxis": False,
        "customdata": _said(used),
        "hovertemplate": HOVER,
    }
    fig.add_scatter(x=used["false_alarms"], y=used["caught"], mode="markers", name="now", **dot)
    sheet = Sheet([-0.01 * most, 1.02 * most], [-0.02, 1.03], 280 if narrow else 560, height - 62)
    _axes(fig, sheet, most, narrow=narrow)
    _names(fig, sheet, drawn, used, most)
    return fig


def _most(rows: pl.DataFrame, used: pl.DataFrame) -> float:
    """Where false alarms stop to matter.

    Nearly all is caught, and the threshold in use stands well inside; from 5% to 100%.
    """
    enough = (
        rows.filter(pl.col("caught") >= NEARLY_ALL)["false_alarms"].min() if rows.height else None
    )
    reach = max(
        [0.05, *([] if enough is None else [1.1 * float(enough)]), *(1.4 * used["false_alarms"])]  # type: ignore[arg-type]
    )
    step = steps(0, reach, most=5)
    return min(ceil(reach / step - 1e-9) * step, 1.0)


def _within(rows: pl.DataFrame, most: float) -> pl.DataFrame:
    """The thresholds in sight and the first one out of it, so that the line runs to the edge."""
    return rows.filter(pl.col("false_alarms").shift(1, fill_value=0.0) <= most)


def _said(rows: pl.DataFrame) -> list[str]:
    """Each threshold in phrases."""
    return [
        f"<b>trust below {trust:.2f} counts as faked</b><br>{caught:.1%} of the faked records"
        f" caught<br>{alarms:.2%} of good payers accused falsely"
        for trust, caught, alarms in rows.select("trust", "caught", "false_alarms").iter_rows()
    ]


def _axes(fig: go.Figure, sheet: Sheet, most: float, *, narrow: bool) -> None:
    step = steps(0, most, most=5)
    fig.update_xaxes(
        range=sheet.x,
        tick0=0,
        dtick=step,
        tickformat=short(".1%", step),
        title_text="good payers accused falsely",
        showgrid=True,
    )
    fig.update_yaxes(
        range=sheet.y,
        tick0=0,
        dtick=0.25,
        tickformat=".0%",
        title_text="fakes caught" if narrow else "faked records caught",
    )


def _names(
    fig: go.Figure, sheet: Sheet, drawn: pl.DataFrame, used: pl.DataFrame, most: float
) -> None:
    """What the threshold in use does, in words beside its dot, and what the dashed line is."""
    curve = [sheet.at(*row) for row in drawn.select("false_alarms", "caught").iter_rows()]
    paths = [*along(curve), *along([sheet.at(0, 0), sheet.at(most, most)])]
    dots = [around(*sheet.at(*row), 7) for row in used.select("false_alarms", "caught").iter_rows()]
    words = [
        _word(sheet, *row) for row in used.select("trust", "caught", "false_alarms").iter_rows()
    ]
    frame = Box(0, 0, sheet.wide, sheet.tall)
    # Where no side is free of lines, the name lies on one: its ground shines through.
    spots = place(words, taken=[*paths, *dots], frame=frame) or place(
        words, taken=dots, frame=frame
    )
    guess = place(
        [Word("guessing", *sheet.at(0.8 * most, 0.8 * most))],
        taken=[*paths, *dots, *(spot.box for spot in spots)],
        frame=frame,
    )
    note(fig, [_note(spot, *sheet.value(spot.word.x, spot.word.y)) for spot in [*spots, *guess]])


def _word(sheet: Sheet, trust: float, caught: float, alarms: float) -> Word:
    said = f"trust below {trust:.2g}: {caught:.1%} caught, {alarms:.2%} falsely accused"
    return Word(
        said, *sheet.at(alarms, caught), short=f"{caught:.1%} caught, {alarms:.2%} accused", away=10
    )


def _note(spot: Place, x: float, y: float) -> dict[str, Any]:
    """A placed word as Plotly writes it."""
    right, up = spot.shift
    return {
        "x": x,
        "y": y,
        "text": spot.text,
        "xanchor": spot.anchor,
        "xshift": right,
        "yshift": up,
        "font_shadow": HALO,
    }
