"""How do charts name their rows? Names beside the marks, on a phone above them.

Figures in a column; keys, cut words and signed numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from analytics.charts.look import short, steps
from analytics.charts.plane import HALO

LINE = 18  # pixels of a name that stands above its marks, on a phone
LETTERS = 42  # of a name beside its marks; the whole of it is said when pointed at
COLUMN = 58  # pixels of a column of figures
EDGE = 12  # pixels left of the marks on a phone, for half of the first tick


@dataclass(frozen=True, slots=True)
class Rows:
    """Named rows from the top; names stand at the left of the marks, on a phone above them.

    `pixels` is the height of the marks of a row.
    """

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

    def name(
        self, fig: go.Figure, colours: Sequence[str | None] = (), *, axis: str = "yaxis"
    ) -> None:
        """Write the names, each with a square in its colour if it has one, and fix the order."""
        squares = list(colours) or [None] * len(self.names)
        if self.narrow:
            note(
                fig,
                [
                    {"x": 0, "y": i - 0.5, "text": f"{square(c)}{cut(n, 52)}", **ABOVE}
                    for i, (n, c) in enumerate(zip(self.names, squares, strict=True))
                ],
            )
        text = [
            "" if self.narrow else f"{cut(n, LETTERS)} {square(c)}".strip()
            for n, c in zip(self.names, squares, strict=True)
        ]
        side = {
            "tickvals": list(range(len(text))),
            "ticktext": text,
            "range": [len(text) - 0.5, -0.5],
            "showgrid": False,
        }
        fig.update_layout(
            {axis: {**side, "showticklabels": not self.narrow}}, margin_l=EDGE if self.narrow else 2
        )

    def figures(
        self, fig: go.Figure, words: Sequence[str], *, right: float, head: str = ""
    ) -> None:
        """A column of figures beyond the right end, its right edge so many pixels away, and what it
        is called above it.
        """
        away = {"x": 1, "xref": "paper", "xanchor": "right", "xshift": right, "align": "right"}
        top = [{**away, "y": 1, "yref": "paper", "yanchor": "bottom", "text": head}] if head else []
        note(
            fig,
            [
                *({**away, "y": y, "text": text} for y, text in zip(self.y, words, strict=True)),
                *top,
            ],
        )


ABOVE: dict[str, Any] = {
    "xref": "paper",
    "xanchor": "left",
    "yanchor": "top",
    "align": "left",
    "font": {"size": 13, "shadow": HALO},
    "xshift": -EDGE,
}


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
    """The names of colours in lines above the picture; gives the pixels they take, none where there
    are no names.

    Parameters
    ----------
    names
        Name and colour, in order.
    """
    if not names:
        return 0
    rows: list[list[str]] = [[]]
    for name in names:
        if (
            sum(len(other) + 4 for other in [*rows[-1], name]) > (46 if narrow else 100)
            and rows[-1]
        ):
            rows.append([])
        rows[-1].append(name)
    text = "<br>".join(
        "&nbsp;&nbsp; ".join(f"{square(names[name])}{name}" for name in row) for row in rows
    )
    over = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": -EDGE if narrow else 0,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "align": "left",
    }
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
    return {
        "tickvals": at,
        "ticktext": [signed(tick, short(".4f", step)) if tick else "0" for tick in at],
    }
