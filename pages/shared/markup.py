"""Which pieces of HTML do the pages share? Everything that comes from data is escaped.

No widgets in here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple

from analytics.charts.look import EDGE, INK, PAPER

Tone = Literal["", "better", "worse", "same"]
FLOOR = "Whoever is known to sources that hold at least this share of the weight is scored."
CUTOFF = "Who has these points or more is accepted, on every page; Change moves it."
READ = (
    "The persons whom the figures of the pages are read on: no model and no calibration learned"
    " from them."
)


class Part(NamedTuple):
    """One source's share of a weighting, its colour, and its background where that has a pattern
    too.
    """

    label: str
    share: float
    colour: str
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its figure, its interval in small type, and what it means.

    `**` makes bold.
    """

    text: str
    small: str = ""
    tone: Tone = ""


def bar(parts: Iterable[Part], width: str = "11rem") -> str:
    """A weighting as a thin bar in the sources' colours, with names on hover and for screen
    readers.
    """
    shown = [part for part in parts if part.share > 0]
    words = escape(", ".join(f"{part.label} {part.share:.0%}" for part in shown))
    cells = "".join(
        f'<span style="flex:{p.share:.4f};background:{escape(p.ground or p.colour)}"'
        f' title="{escape(p.label)} {p.share:.0%}"></span>'
        for p in shown
    )
    return (
        f'<span class="wb-bar" style="width:{escape(width)}" role="img"'
        f' aria-label="{words}">{cells}</span>'
    )


def frame_line(
    cohort: str,
    persons: int | None,
    weighting: str,
    parts: Iterable[Part],
    *,
    floor: float,
    cutoff: float,
    split: str,
    data: str,
    note: str = "",
) -> str:
    """What is being looked at, in one line.

    Cohort and size, weighting, floor, cutoff, split, data set; the first words of a note, all of it
    on hover.
    """
    items = [
        f"<b>{escape(cohort)}</b> {'too few' if persons is None else f'{persons:,}'} persons",
        f"{escape(weighting)} {bar(parts)}",
        f'<span title="{FLOOR}" tabindex="0">floor {floor:.0%}</span>',
        f'<span title="{CUTOFF}" tabindex="0">cutoff {cutoff:g}</span>',
        f'<span title="{READ}" tabindex="0">{escape(split)}</span>',
        f'<span class="wb-tag">{escape(data)}</span>',
        *(
            [
                '<span class="wb-tag wb-note" tabindex="0"'
                f' title="{escape(note)}">{escape(note.partition(":")[0])}</span>'
            ]
            if note
            else []
        ),
    ]
    return '<div class="wb-line">' + "".join(f"<span>{item}</span>" for item in items) + "</div>"


def say(sentence: str) -> str:
    """The page's answer in one sentence with `**figures**` in bold.

    It is the page's heading for screen readers.
    """
    return f'<div class="wb-say" role="heading" aria-level="1">{bold(sentence)}</div>'


def beneath(sentence: str) -> str:
    """What to bear in mind with the page's answer, in small type close under it."""
    return f'<div class="wb-beneath">{bold(sentence)}.</div>'


def bold(text: str) -> str:
    """Escaped text in which `**` opens and closes bold.

    One without its partner stays as written.
    """
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))


def table(
    head: Sequence[str | tuple[str, str]],
    rows: Iterable[Sequence[str | Cell]],
    *,
    words: bool = False,
) -> str:
    """A table whose first column is names and whose others are figures; it scrolls in its own box,
    also by keyboard. A head may bring its definition.

    With `words`, the first column holds whole phrases, which break into lines.
    """
    top = "".join(map(_head, head))
    body = "".join(f"<tr>{''.join(map(_cell, cells))}</tr>" for cells in rows)
    kind = "wb-table wb-words" if words else "wb-table"
    inner = f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="wb-scroll" tabindex="0" role="region" aria-label="table">{inner}</div>'


def _head(head: str | tuple[str, str]) -> str:
    name, meaning = (head, "") if isinstance(head, str) else head
    long = ' class="wb-long"' if len(name) > LONG else ""
    title = f' title="{escape(meaning)}"' if meaning else ""
    return f'<th scope="col"{long}{title}>{escape(name)}</th>'


LONG = 22  # signs of a heading that breaks into lines before its table scrolls


def _cell(cell: str | Cell) -> str:
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    tone = f' class="wb-{cell.tone}"' if cell.tone else ""
    small = f" <small>{escape(cell.small)}</small>" if cell.small else ""
    return f"<td{tone}>{bold(cell.text)}{small}</td>"


def plain(text: str) -> str:
    """Text from data made safe for Markdown: it reads as it was written.

    Commas and apostrophes mean nothing there, and are left, as labels are read aloud.
    """
    return re.sub(r"([!-&(-+\--/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def _follow(pair: tuple[str, str]) -> str:
    """Rules that turn a chart's colour of one theme into that of the theme now seen, for lines and
    for areas.
    """
    drawn = [f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in pair]
    named = {
        part: ",".join(f'.stPlotlyChart [style*="{part}: {rgb}"]' for rgb in drawn)
        for part in ("fill", "stroke")
    }
    return "\n".join(
        f"{which}{{{part}:light-dark({pair[0]},{pair[1]})!important}}"
        for part, which in named.items()
    )


THEMED = "/* what follows the theme stands here */"
CSS = "<style>\n{}</style>".format(
    Path(__file__)
    .with_name("app.css")
    .read_text("utf-8")
    .replace(THEMED, "\n".join(map(_follow, (INK, PAPER, EDGE))))
)
