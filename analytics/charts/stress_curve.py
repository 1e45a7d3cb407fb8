"""What does a stress do, the more people it hits?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import FAINT, GREY, canvas, ends, short, steps, thin
from analytics.charts.placing import Box, Word, along, place
from analytics.charts.plane import HALO, Sheet
from analytics.charts.rows import cut, lines, note

LEAST = 0.02  # an axis is never less high: noise must not look like a fall
LETTER = 6.4  # pixels of a letter, rather more than fewer
HEADER = 40  # pixels over a panel for what it shows and its figures
GAP = 0.085  # of the width, between panels: their ticks stand there
HOVER = "%{customdata}<extra></extra>"


@dataclass(frozen=True, slots=True)
class Panel:
    """A reading under stress.

    Its column, what it is called (with its unit), how it is written, its value before, and whether
    its axis starts at 0.
    """

    column: str
    title: str
    form: str
    before: float | None = None
    zero: bool = False


def stress_panels(
    frame: pl.DataFrame,
    panels: Sequence[Panel],
    *,
    colour: str | None,
    now: float,
    most: float = 1.0,
    words: str,
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """Up to three readings side by side over the share of people hit, on a phone one below the
    other; over each stand its values now and before.

    Parameters
    ----------
    frame
        One row per share read so far, in any order: `share` (0 to 1), a column per panel (null: no
        value), and if known `{column}_low` and `{column}_high`.
    panels
        What is shown, from the left.
    colour
        Of the source that is hit; ink where there are several.
    now
        The share looked at: a dotted rule, and a dot where it has been read.
    most
        The greatest share there is.
    words
        Who is hit, as in `defaulters who fake orders`; stands under the axis.
    """
    tall, under = height or (150 * len(panels) + 62 if narrow else 260), 62 if narrow else 46
    places = _below(len(panels), tall - HEADER - under) if narrow else _beside(len(panels))
    fig = canvas(tall, margin={"l": 2, "r": 16, "t": HEADER, "b": under})
    read = frame.filter(pl.col("share") <= most + 1e-9)
    for i, (panel, (x, y)) in enumerate(zip(panels, places, strict=True)):
        _draw(fig, read, panel, str(i + 1) if i else "", colour=colour, now=now, most=most)
        last = not narrow or i == len(panels) - 1
        across = _across(most, steps_most=5 if narrow else 4)
        upright = _upright(_span(read, panel), panel, most=5 if narrow else 6)
        fig.update_layout(
            {
                f"xaxis{i + 1}": {
                    **across,
                    "domain": x,
                    "showticklabels": last,
                    "anchor": _axis("y", i),
                }
            }
        )
        fig.update_layout({f"yaxis{i + 1}": {**upright, "domain": y, "anchor": _axis("x", i)}})
        note(fig, [_header(read, panel, i, colour=colour, now=now)])
    away = {
        "x": 0.5,
        "xref": "paper",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -23,
        "font_size": 13,
    }
    note(
        fig,
        [
            {
                **away,
                "text": (
                    f"{cut(words, 46 if narrow else 90)}{'<br>' if narrow else ' · '}{_dot(colour)}"
                    f" at {_percent(now)}"
                ),
            }
        ],
    )
    return fig


def stress_curve(
    frame: pl.DataFrame,
    *,
    column: str,
    title: str,
    form: str,
    colour: str | None,
    now: float,
    before: float | None,
    law: pl.DataFrame | None = None,
    most: float = 1.0,
    words: str,
    height: int = 330,
    narrow: bool = False,
) -> go.Figure:
    """One reading over the share of people hit: the share looked at is a dot with its value, the
    value before a thin line, the law dashed.

    Parameters
    ----------
    frame
        One row per share read so far, in any order: `share` (0 to 1), the column (null: no value),
        and if known `{column}_low` and `{column}_high`.
    column, title, form
        Which reading, what it is called, and how it is written, as in `.3f`.
    colour
        Of the source that is hit; ink where there are several.
    now
        The share looked at: a dotted rule, and a dot where it has been read.
    before
        The value without the stress.
    law
        What theory says: `share`, `value`; a row for each end is enough for a straight one.
    most
        The greatest share there is.
    words
        Who is hit, as in `defaulters who fake orders`; stands under the axis.
    """
    panel, read = Panel(column, title, form, before), frame.filter(pl.col("share") <= most + 1e-9)
    names = [(name, at) for name, at in (("before", before), ("law", _end(law))) if at is not None]
    fig = canvas(height, margin={"l": 2, "t": 22, "r": _margin(names, form, narrow=narrow)})
    span = _span(read, panel, *([] if law is None else [law["value"]]))
    if law is not None:
        _law(fig, law, form)
    _draw(fig, read, panel, "", colour=colour, now=now, most=most)
    fig.update_xaxes(
        **_across(most, steps_most=5 if narrow else 10), title_text=cut(words, 46 if narrow else 90)
    )
    fig.update_yaxes(**_upright(span, panel, most=6), title_text=title)
    sheet = Sheet(_room(most), span, 240 if narrow else 560, height - 72)
    _at_right(fig, sheet, names, form, narrow=narrow)
    _value(fig, sheet, read, panel, now, law)
    side = "right" if now > 0.9 * most else "left" if now < 0.1 * most else "center"
    note(
        fig,
        [
            {
                "text": f"at {_percent(now)}",
                "x": now,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "xanchor": side,
            }
        ],
    )
    return fig


def _beside(count: int) -> list[tuple[list[float], list[float]]]:
    """The place of each panel in a row, across and upright."""
    wide = (1 - GAP * (count - 1)) / count
    return [([i * (wide + GAP), min(i * (wide + GAP) + wide, 1)], [0.0, 1.0]) for i in range(count)]


def _below(count: int, height: float) -> list[tuple[list[float], list[float]]]:
    """The place of each panel in a column of so many pixels, the first on top, with room for the
    header of the next.
    """
    gap = (HEADER + 12) / height
    tall = (1 - gap * (count - 1)) / count
    return [
        ([0.0, 1.0], [max(0.0, 1 - i * (tall + gap) - tall), 1 - i * (tall + gap)])
        for i in range(count)
    ]


def _axis(letter: str, i: int) -> str:
    """How Plotly calls the axes of the panel at this position."""
    return f"{letter}{i + 1}" if i else letter


def _draw(
    fig: go.Figure,
    frame: pl.DataFrame,
    panel: Panel,
    number: str,
    *,
    colour: str | None,
    now: float,
    most: float,
) -> None:
    """One panel.

    The interval as a faint band, the value before, the rule of the share looked at, the line, and
    the dot.
    """
    on = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    known = _known(frame, panel.column)
    _band(fig, known, panel.column, on)
    if panel.before is not None:
        fig.add_scatter(
            x=[0, most],
            y=[panel.before] * 2,
            mode="lines",
            name="before",
            line={"color": GREY, "width": 1},
            hoverinfo="skip",
            **on,
        )
    rule = {
        "type": "line",
        "x0": now,
        "x1": now,
        "xref": f"x{number}",
        "y0": 0,
        "y1": 1,
        "yref": f"y{number} domain",
    }
    fig.layout.shapes = [
        *fig.layout.shapes,
        {**rule, "line": {"color": GREY, "width": 1, "dash": "dot"}, "layer": "below"},
    ]
    line = {
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 5},
        "name": panel.column,
    }
    dot = {"mode": "markers", "marker": {"color": colour, "size": 12}, "name": "now"}
    for rows, marks in (
        (thin(_known(frame, panel.column, gaps=True), 200), line),
        (known.filter(_there(now)), dot),
    ):
        said = {"customdata": _said(rows, panel), "hovertemplate": HOVER}
        fig.add_scatter(
            x=rows["share"], y=rows[panel.column], cliponaxis=False, **marks, **said, **on
        )


def _band(fig: go.Figure, known: pl.DataFrame, column: str, on: dict[str, str]) -> None:
    """The interval, if the frame has one."""
    interval = [f"{column}_low", f"{column}_high"]
    if set(interval) <= set(known.columns):
        rows = known.drop_nulls(interval)
        for end, fill in zip(interval, (None, "tonexty"), strict=True):
            fig.add_scatter(
                x=rows["share"],
                y=rows[end],
                mode="lines",
                line_width=0,
                fill=fill,
                fillcolor=FAINT,
                hoverinfo="skip",
                **on,
            )


def _known(frame: pl.DataFrame, column: str, *, gaps: bool = False) -> pl.DataFrame:
    """The shares read so far, in order; those without a value only as gaps of the line."""
    rows = (
        frame.sort("share")
        .with_columns(pl.col(column).cast(pl.Float64))
        .with_columns(pl.selectors.float().fill_nan(None))
    )
    return rows if gaps else rows.drop_nulls(column)


def _there(now: float) -> pl.Expr:
    """Is this row the share looked at?"""
    return (pl.col("share") - now).abs() < 1e-6


def _said(rows: pl.DataFrame, panel: Panel) -> list[str]:
    """Each share in phrases."""
    return [_phrase(row, panel) for row in rows.iter_rows(named=True)]


def _phrase(row: dict[str, Any], panel: Panel) -> str:
    value, low, high = (row.get(f"{panel.column}{end}") for end in ("", "_low", "_high"))
    if value is None:
        return ""
    between = "" if low is None or high is None else f" ({low:{panel.form}} to {high:{panel.form}})"
    # nothing is no measure
    apart = f"<br>{difference(value, panel.before, panel.form)}" if panel.before else ""
    return (
        f"<b>{_percent(row['share'])} of them</b><br>{lines(panel.title)}"
        f" {value:{panel.form}}{between}{apart}"
    )


def difference(value: float, before: float, form: str) -> str:
    """How far a value is from the one before, in words; rates differ by points.

    Examples
    --------
    >>> difference(0.771, 0.783, ".3f"), difference(0.05, 0.031, ".1%"), difference(0.5, 0.5, ".1%")
    ('0.012 less than before', '1.9 points more than before', 'as before')
    """
    text = f"{abs(value - before):{form}}"
    if not text.strip("0.,%"):
        return "as before"
    return f"{text.replace('%', ' points')} {'less' if value < before else 'more'} than before"


def _percent(share: float) -> str:
    """A share without decimals it does not need."""
    return f"{round(100 * share, 1):g}%"


def _dot(colour: str | None) -> str:
    """The dot of the share looked at, as a sign in a text."""
    return f'<span style="color:{colour}">●</span>' if colour else "●"


def _header(
    frame: pl.DataFrame, panel: Panel, i: int, *, colour: str | None, now: float
) -> dict[str, Any]:
    """What a panel shows, and under it its values now and before.

    The key to the dot and to the grey line.
    """
    at = _known(frame, panel.column).filter(_there(now))[panel.column].to_list()
    figures = [f"{_dot(colour)} <b>{value:{panel.form}}</b>" for value in at[:1]]
    if panel.before is not None:
        figures.append(f'<span style="color:{GREY}">━</span> before {panel.before:{panel.form}}')
    away = {
        "x": 0,
        "xref": f"{_axis('x', i)} domain",
        "xanchor": "left",
        "y": 1,
        "yref": f"{_axis('y', i)} domain",
        "yanchor": "bottom",
        "yshift": 3,
    }
    return {
        **away,
        "align": "left",
        "font_size": 13,
        "text": f"{cut(panel.title, 32)}<br>{'&nbsp;&nbsp; '.join(figures)}",
    }


def _room(most: float) -> list[float]:
    """From nobody to the greatest share, and room for half a dot."""
    return [-0.02 * most, 1.02 * most]


def _across(most: float, *, steps_most: int) -> dict[str, Any]:
    step = steps(0, most, most=steps_most)
    return {
        "range": _room(most),
        "tick0": 0,
        "dtick": step,
        "tickformat": short(".1%", step),
        "tickangle": 0,
    }


def _span(frame: pl.DataFrame, panel: Panel, *more: pl.Series) -> list[float]:
    """The span of the upright axis.

    What is drawn, rounded outwards so that points to come seldom move it; below 0 only where a
    value is.
    """
    given = [
        frame[name]
        for name in (panel.column, f"{panel.column}_low", f"{panel.column}_high")
        if name in frame.columns
    ]
    low, high = ends(
        *given,
        *more,
        pl.Series([panel.before], dtype=pl.Float64),
        *([pl.Series([0.0])] if panel.zero else []),
    )
    lack = max(LEAST, 0.02 * abs(high), 4 * _unit(panel.form)) - (high - low)
    bottom, top = (
        (low, high)
        if lack <= 0
        else (low, high + lack)
        if panel.zero
        else (low - lack / 2, high + lack / 2)
    )
    half = steps(bottom, top, most=5) / 2
    bottom, top = floor(bottom / half + 0.02) * half, ceil(top / half - 0.02) * half
    return [-0.04 * top if low >= 0 and bottom <= 0 else bottom, top]


def _unit(form: str) -> float:
    """The least difference that a form of fixed decimals can show."""
    decimals = int(form.rpartition(".")[2].rstrip("f%") or 0)
    return 10.0 ** -(decimals + 2 if form.endswith("%") else decimals)


def _upright(span: list[float], panel: Panel, *, most: int) -> dict[str, Any]:
    step = steps(*span, most=most)
    return {"range": span, "tick0": 0, "dtick": step, "tickformat": short(panel.form, step)}


def _law(fig: go.Figure, law: pl.DataFrame, form: str) -> None:
    rows = thin(law.sort("share"), 200)
    said = [
        f"<b>{_percent(share)} of them</b><br>theory says {value:{form}}"
        for share, value in rows.select("share", "value").iter_rows()
    ]
    dash = {"color": GREY, "width": 2, "dash": "dash"}
    fig.add_scatter(
        x=rows["share"],
        y=rows["value"],
        mode="lines",
        name="law",
        line=dash,
        customdata=said,
        hovertemplate=HOVER,
    )


def _end(law: pl.DataFrame | None) -> float | None:
    """The value of the law at its right end."""
    return None if law is None or law.is_empty() else law.sort("share")["value"][-1]


def _text(name: str, value: float, form: str, *, narrow: bool) -> str:
    return f"{name}{'<br>' if narrow else ' '}{value:{form}}"


def _margin(names: Sequence[tuple[str, float]], form: str, *, narrow: bool) -> float:
    """Pixels that the names at the right take."""
    parts = [
        part
        for name, value in names
        for part in _text(name, value, form, narrow=narrow).split("<br>")
    ]
    return 12 + LETTER * max(map(len, parts), default=0)


def _at_right(
    fig: go.Figure, sheet: Sheet, names: Sequence[tuple[str, float]], form: str, *, narrow: bool
) -> None:
    """The lines' names beyond their right ends, moved apart where they would touch."""
    ups = [sheet.at(0, value)[1] for _, value in names]
    shifts = [new - old for new, old in zip(spread(ups, 31 if narrow else 16), ups, strict=True)]
    away = {"x": 1, "xref": "paper", "xanchor": "left", "align": "left", "xshift": 4}
    texts = [_text(name, value, form, narrow=narrow) for name, value in names]
    note(
        fig,
        [
            {**away, "y": value, "yshift": shift, "text": text}
            for (_, value), shift, text in zip(names, shifts, texts, strict=True)
        ],
    )


def spread(ups: Sequence[float], least: float) -> list[float]:
    """Two heights moved apart until so many pixels lie between them; the one that is given first
    goes up if they are the same.

    Examples
    --------
    >>> spread([100.0, 98.0], 16), spread([40.0, 98.0], 16)
    ([107.0, 91.0], [40.0, 98.0])
    """
    if len(ups) < 2 or abs(ups[0] - ups[1]) >= least:
        return list(ups)
    middle, half = (ups[0] + ups[1]) / 2, least / 2 if ups[0] >= ups[1] else -least / 2
    return [middle + half, middle - half]


def _value(
    fig: go.Figure,
    sheet: Sheet,
    frame: pl.DataFrame,
    panel: Panel,
    now: float,
    law: pl.DataFrame | None,
) -> None:
    """The value at the share looked at, on a side of its dot where no line runs."""
    known = _known(frame, panel.column)
    for value in known.filter(_there(now))[panel.column].to_list()[:1]:
        word = Word(f"{value:{panel.form}}", *sheet.at(now, value), away=9, size=14)
        inside = Box(0, 0, sheet.wide, sheet.tall)
        spot = next(
            iter(
                [
                    *place([word], taken=list(_taken(sheet, known, panel, now, law)), frame=inside),
                    *place([word], frame=inside),
                ]
            ),
            None,
        )
        if spot:
            (right, up), font = spot.shift, {"size": 14, "shadow": HALO}
            note(
                fig,
                [
                    {
                        "x": now,
                        "y": value,
                        "text": f"<b>{spot.text}</b>",
                        "xanchor": spot.anchor,
                        "xshift": right,
                        "yshift": up,
                        "font": font,
                    }
                ],
            )


def _taken(
    sheet: Sheet, known: pl.DataFrame, panel: Panel, now: float, law: pl.DataFrame | None
) -> Iterator[Box]:
    """The room of the lines and of the rule."""
    for rows, column in (
        (known, panel.column),
        *([] if law is None else [(law.sort("share"), "value")]),
    ):
        yield from along([sheet.at(*row) for row in rows.select("share", column).iter_rows()])
    if panel.before is not None:
        yield from along([sheet.at(sheet.x[0], panel.before), sheet.at(sheet.x[1], panel.before)])
    right, _ = sheet.at(now, 0)
    yield Box(right - 1, 0, right + 1, sheet.tall)
