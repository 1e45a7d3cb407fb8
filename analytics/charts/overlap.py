"""Who is known to which sources, and to how many of them together?"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import BAD, FAINT, canvas, ends, marked

ROW = 19  # pixels a source takes in the matrix


def upset(
    frame: pl.DataFrame,
    *,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """The commonest combinations of sources: how many people above, their bad rate between, which
    sources below.

    Parameters
    ----------
    frame
        One row per combination, commonest first: `sources` (a list of keys; empty: known to
        nobody), `persons`, `share` (of all persons), `bad_rate` (null: too few persons).
    labels
        The label of each source, in catalog order.
    colours
        The colour of each source.
    """
    below = ROW * len(labels)
    height = height or below + 210
    fig = canvas(height, margin={"t": 6})
    top = min(0.75, below / (height - 10))
    place = list(range(frame.height))
    said = [_said(row, labels) for row in frame.iter_rows(named=True)]
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    fig.add_bar(
        x=place,
        y=frame["share"],
        width=0.45,
        marker_line_width=0,
        text=[f"{share:.0%}" for share in frame["share"]],
        textposition="outside",
        textangle=0,
        textfont_size=12,
        constraintext="none",
        cliponaxis=False,
        **hover,
    )
    fig.add_scatter(
        x=place,
        y=frame["bad_rate"],
        yaxis="y2",
        mode="markers",
        marker={"size": 8, "color": BAD},
        **hover,
    )
    _matrix(fig, frame["sources"].to_list(), labels, colours, said)
    _panels(fig, frame, labels, top, narrow=narrow)
    return fig


def hit_fill(
    frame: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    height: int | None = None,
    narrow: bool = False,
) -> go.Figure:
    """Per source the share of people it knows, full in colour as far as their records are filled,
    pale for their empty cells.

    Parameters
    ----------
    frame
        One row per source, in the order of the screen: `source` (its key), `label`, `hit` (share of
        people with a record; null where too few), `fill` (share of the cells of those records that
        are not empty); `other`, if known: the hit in another cohort, drawn as a diamond.
    colours
        The colour of each source.
    """
    fig = canvas(height or 50 + 22 * frame.height, margin={"t": 4, "r": 24}, barmode="stack")
    rows = frame.reverse()
    said = [
        f"{label}<br>{_have_a_record(hit)}<br>{fill:.1%} of its cells are filled"
        for label, hit, fill in rows.select("label", "hit", "fill").iter_rows()
    ]
    hover = {"customdata": said, "hovertemplate": "%{customdata}<extra></extra>"}
    bars = marked(colours, rows["source"])
    for part, opacity in (
        (rows["hit"] * rows["fill"], 1.0),
        (rows["hit"] * (1 - rows["fill"]), 0.35),
    ):
        fig.add_bar(
            x=part,
            y=rows["label"],
            orientation="h",
            width=0.55,
            marker={**bars, "opacity": opacity},
            **hover,
        )
    if "other" in rows.columns:
        fig.add_scatter(
            x=rows["other"],
            y=rows["label"],
            mode="markers",
            marker={"symbol": "diamond", "size": 8},
            hovertemplate="%{x:.1%} there<extra></extra>",
        )
    title = (
        "people known; pale: empty cells"
        if narrow
        else "people with a record; pale: its empty cells"
    )
    fig.update_xaxes(tickformat=".0%", range=[0, 1.01], dtick=0.25, showgrid=True, title_text=title)
    fig.update_yaxes(showgrid=False)
    return fig


def _said(row: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """One combination in a phrase."""
    names = [label for key, label in labels.items() if key in row["sources"]]  # type: ignore[operator]
    known = (
        f"known to {', '.join(names[:-1]) + ' and ' if names[1:] else ''}{names[-1]} only"
        if names
        else "known to no source"
    )
    bad = (
        "too few to tell their bad rate"
        if row["bad_rate"] is None
        else f"{row['bad_rate']:.1%} of them defaulted"
    )
    return f"{row['share']:.1%} of people ({row['persons']:,}) are<br>{known};<br>{bad}"


def _matrix(
    fig: go.Figure,
    combinations: Sequence[Sequence[str]],
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    said: Sequence[str],
) -> None:
    """A column of dots per combination, filled where the source belongs to it, joined by a thin
    line.
    """
    row = {key: i for i, key in enumerate(labels)}
    fig.add_scatter(
        x=[i for i in range(len(combinations)) for _ in row],
        y=list(row.values()) * len(combinations),
        yaxis="y3",
        mode="markers",
        marker={"size": 9, "color": FAINT, "line_width": 0},
        hoverinfo="skip",
    )
    joins = [
        (i, min(rows), max(rows))
        for i, keys in enumerate(combinations)
        if len(rows := [row[key] for key in keys]) > 1
    ]
    fig.add_scatter(
        x=[x for i, _, _ in joins for x in (i, i, None)],
        y=[y for _, a, b in joins for y in (a, b, None)],
        yaxis="y3",
        mode="lines",
        line_width=1,
        hoverinfo="skip",
    )
    dots = [
        (i, row[key], colours[key], said[i]) for i, keys in enumerate(combinations) for key in keys
    ]
    x, y, colour, words = zip(*dots, strict=True) if dots else ((), (), (), ())
    fig.add_scatter(
        x=x,
        y=y,
        yaxis="y3",
        mode="markers",
        marker={"size": 11, "color": colour, "line_width": 0},
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _panels(
    fig: go.Figure, frame: pl.DataFrame, labels: Mapping[str, str], top: float, *, narrow: bool
) -> None:
    """Three aligned panels: shares, bad rates, matrix."""
    between = top + (1 - top) * 0.4
    fig.update_xaxes(
        showticklabels=False,
        ticks="",
        range=[-0.6, max(frame.height, 8) - 0.4],
        anchor="y3",
        showgrid=False,
    )
    share, bad = ends(frame["share"])[1] or 1.0, ends(frame["bad_rate"])[1] or 1.0
    fig.update_layout(
        yaxis={
            "domain": [between + 0.03, 1],
            "tickformat": ".0%",
            "nticks": 4,
            "range": [0, share * 1.2],
            "title_text": "people" if narrow else "share of people",
        },
        yaxis2={
            "domain": [top + 0.02, between - 0.02],
            "tickformat": ".0%",
            "nticks": 3,
            "range": [0, bad * 1.15],
            "title_text": "bad rate",
        },
        yaxis3={
            "domain": [0, top],
            "range": [len(labels) - 0.5, -0.5],
            "tickvals": list(range(len(labels))),
            "ticktext": list(labels.values()),
            "showgrid": False,
        },
    )


def _have_a_record(hit: float | None) -> str:
    """How many people a source knows."""
    if hit is None:
        return "too few people to tell who has a record"
    return f"{hit:.1%} of people have a record"
