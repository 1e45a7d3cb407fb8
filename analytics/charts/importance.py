"""What moves the score: which sources, dimensions and features, and by how much?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.charts.look import GREY, canvas, ends, short, steps
from analytics.charts.plane import HALO

LINE = 18  # pixels of a name that stands above its marks, on a phone
LETTERS = 42  # of a name beside its marks; the whole of it is said when pointed at
COLUMN = 58  # pixels of a column of figures
EDGE = 12  # pixels left of the marks on a phone, for half of the first tick


@dataclass(frozen=True, slots=True)
class Rows:
    """Named rows from the top; names stand at the left of the marks, on a phone above them; `pixels` is the height of the marks of a row."""

    names: Sequence[str]
    pixels: int
    narrow: bool = False

    @property
    def each(self) -> int:
        """Pixels a row takes."""
        return self.pixels + LINE if self.narrow else self.pixels

    @property
    def height(self) -> int:
        """Pixels all rows take."""
        return self.each * len(self.names)

    @property
    def y(self) -> list[float]:
        """Where the marks of each row have their middle."""
        return [i + self.down for i in range(len(self.names))]

    @property
    def down(self) -> float:
        """How far below the middle of its row a mark stands, in rows."""
        return (self.each - self.pixels) / 2 / self.each

    def part(self, share: float) -> float:
        """This share of the height of the marks, in rows."""
        return share * self.pixels / self.each

    def name(self, fig: go.Figure, colours: Sequence[str | None] = (), *, axis: str = "yaxis") -> None:
        """Write the names, each with a square in its colour if it has one, and fix the order."""
        squares = list(colours) or [None] * len(self.names)
        if self.narrow:
            note(fig, [{"x": 0, "y": i - 0.5, "text": f"{square(c)}{cut(n, 52)}", **ABOVE} for i, (n, c) in enumerate(zip(self.names, squares, strict=True))])
        text = ["" if self.narrow else f"{cut(n, LETTERS)} {square(c)}".strip() for n, c in zip(self.names, squares, strict=True)]
        side = {"tickvals": list(range(len(text))), "ticktext": text, "range": [len(text) - 0.5, -0.5], "showgrid": False}
        fig.update_layout({axis: {**side, "showticklabels": not self.narrow}}, margin_l=EDGE if self.narrow else 2)

    def figures(self, fig: go.Figure, words: Sequence[str], *, right: float, head: str = "") -> None:
        """A column of figures beyond the right end, its right edge so many pixels away, and what it is called above it."""
        away = {"x": 1, "xref": "paper", "xanchor": "right", "xshift": right, "align": "right"}
        top = [{**away, "y": 1, "yref": "paper", "yanchor": "bottom", "text": head}] if head else []
        note(fig, [*({**away, "y": y, "text": text} for y, text in zip(self.y, words, strict=True)), *top])


ABOVE: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "top", "align": "left", "font": {"size": 13, "shadow": HALO}, "xshift": -EDGE}


def note(fig: go.Figure, notes: Sequence[dict[str, Any]]) -> None:
    """Add words, all at once: one by one, Plotly checks all before it again."""
    fig.layout.annotations = [*fig.layout.annotations, *notes]


def cut(text: str, most: int) -> str:
    """A text of at most so many letters, cut between words and marked where it is longer.

    Examples
    --------
    >>> cut("Payments 30 or more days late, last 24 months", 32)
    'Payments 30 or more days late…'
    """
    if len(text) <= most:
        return text
    head = text[:most].rpartition(" ")[0]
    return (head if len(head) > most / 2 else text[: most - 1]).rstrip(" ,;:(–-") + "…"


def lines(text: str) -> str:
    """A text in lines that fit into what is shown on pointing, also on a phone."""
    return "<br>".join(wrap(text, 46))


def square(colour: str | None) -> str:
    """A small square that stands before or behind a name; a word itself is never coloured."""
    return f'<span style="color:{colour}">■</span> ' if colour else ""


def key(fig: go.Figure, names: Mapping[str, str], *, narrow: bool) -> int:
    """The names of colours in lines above the picture; gives the pixels they take, none where there are no names.

    Parameters
    ----------
    names
        Name and colour, in order.
    """
    if not names:
        return 0
    rows: list[list[str]] = [[]]
    for name in names:
        if sum(len(other) + 4 for other in [*rows[-1], name]) > (46 if narrow else 100) and rows[-1]:
            rows.append([])
        rows[-1].append(name)
    text = "<br>".join("&nbsp;&nbsp; ".join(f"{square(names[name])}{name}" for name in row) for row in rows)
    over = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -EDGE if narrow else 0, "y": 1, "yref": "paper", "yanchor": "bottom", "align": "left"}
    note(fig, [{**over, "text": text}])
    return 17 * len(rows) + 4


def signed(points: float, form: str = ".1f") -> str:
    """A difference with its sign, as in +12.0 or −3.4; nothing has none."""
    text = f"{points:+{form}}"
    return text[1:] if not text.strip("+-0.%,") else text.replace("-", "−")


def ticks(low: float, high: float, *, most: int) -> dict[str, Any]:
    """Ticks of differences at round distances, with their sign; zero has none."""
    step = steps(low, high, most=most) if high > low else 1.0
    at = [step * i for i in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return {"tickvals": at, "ticktext": [signed(tick, short(".4f", step)) if tick else "0" for tick in at]}


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
    """Bars of what the model did, as shares of all that moved the score; an upright tick is the weight the policy gives.

    Parameters
    ----------
    frame
        One row per source, dimension or feature, in the order of the screen: `key`, `label`, `share` (of the mean absolute
        contributions of all rows, 0 to 1), `mean` (absolute contribution, in `unit`); and if there are any, `weight`
        (0 to 1, may be null) and `source` (the key of a feature's source).
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
    single = rows["share"].set(rows["folded"], None)  # as a bar, the sum of many would look like the greatest of all
    fig.add_bar(x=single, y=place.y, orientation="h", width=place.part(0.66), marker=_fill(rows, colours), name="share", **hover)
    if weighed:
        tick = {"symbol": "line-ns", "size": 14, "line_width": 2.5}
        fig.add_scatter(x=rows["weight"].set(rows["folded"], None), y=place.y, mode="markers", marker=tick, name="weight", **hover)
        place.figures(fig, [_percent(weight) for weight in rows["weight"]], right=2 * COLUMN - 4, head="weight")
    place.name(fig)
    place.figures(fig, [f"<b>{_percent(share)}</b>" for share in rows["share"]], right=COLUMN - 4, head="<b>did</b>" if weighed else "")
    used = [source for source in (labels or {}) if source in set(rows["source"])] if "source" in frame.columns else []
    top = key(fig, {(labels or {})[source]: colours[source] for source in used}, narrow=narrow) or (20 if weighed else 4)
    fig.update_layout(height=height or place.height + top + 46, margin_t=top)
    _axis(fig, rows, weighed=weighed, narrow=narrow)
    return fig


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column; a row without a source of its own may be one."""
    weight = [] if "weight" in frame.columns else [pl.lit(None, dtype=pl.Float64).alias("weight")]
    source = [] if "source" in frame.columns else [pl.col("key").alias("source")]
    return frame.with_columns(*weight, *source).select("label", "source", "share", "mean", pl.col("weight").cast(pl.Float64), folded=pl.lit(False))


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
    """The sources' colours; pale ink where no row belongs to a source, so that the ticks show on it."""
    if not set(rows["source"]) & set(colours):
        return {"opacity": 0.45, "line_width": 0}
    return {"color": [colours.get(source, GREY) for source in rows["source"]], "line_width": 0}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _said(row: Mapping[str, Any], unit: str, labels: Mapping[str, str]) -> str:
    """One row in phrases."""
    source = f"<br>{labels[row['source']]}" if row["source"] in labels else ""
    weight = "" if row["weight"] is None else f"<br>the policy gives it {row['weight']:.1%} of the weight"
    mean = f"{row['mean']:.2f} {unit} up or down for a person, on average"
    return f"<b>{lines(row['label'])}</b>{source}<br>{row['share']:.1%} of what moved the score<br>{mean}{weight}"


def _axis(fig: go.Figure, rows: pl.DataFrame, *, weighed: bool, narrow: bool) -> None:
    single = rows.filter(~pl.col("folded"))
    most = max(ends(single["share"], single["weight"])[1], 0.01)
    step = steps(0, most, most=4 if narrow else 8)
    bars = "what moved the score" if narrow else "share of what moved the score"
    title = bars + (f" · <b>|</b> {'policy weight' if narrow else 'weight in the policy'}" if weighed else "")
    fig.update_xaxes(tickformat=short(".1%", step), dtick=step, tick0=0, range=[0, 1.03 * most], showgrid=True, title_text=title, tickangle=0)
