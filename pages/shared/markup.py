"""Which pieces of HTML do the pages share? Everything that comes from data is escaped; no widgets in here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

Tone = Literal["", "better", "worse", "same"]


class Part(NamedTuple):
    """One source's share of a weighting, and its colour."""

    label: str
    share: float
    colour: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its figure, its interval in small type, and what it means; `**` makes bold."""

    text: str
    small: str = ""
    tone: Tone = ""


def bar(parts: Iterable[Part], width: str = "11rem") -> str:
    """A weighting as a thin bar in the sources' colours, with names on hover and for screen readers."""
    shown = [part for part in parts if part.share > 0]
    words = escape(", ".join(f"{part.label} {part.share:.0%}" for part in shown))
    cells = "".join(f'<span style="flex:{p.share:.4f};background:{escape(p.colour)}" title="{escape(p.label)} {p.share:.0%}"></span>' for p in shown)
    return f'<span class="wb-bar" style="width:{escape(width)}" role="img" aria-label="{words}">{cells}</span>'


def frame_line(cohort: str, persons: int, weighting: str, parts: Iterable[Part], *, floor: float, split: str, data: str) -> str:
    """What is being looked at, in one line: cohort and size, weighting, floor, split, data set."""
    items = [
        f"<b>{escape(cohort)}</b> {persons:,} persons",
        f"{escape(weighting)} {bar(parts)}",
        f"floor {floor:.0%}",
        escape(split),
        f'<span class="wb-tag">{escape(data)}</span>',
    ]
    return '<div class="wb-line">' + "".join(f"<span>{item}</span>" for item in items) + "</div>"


def say(sentence: str) -> str:
    """The page's answer in one sentence with `**figures**` in bold; it is the page's heading for screen readers."""
    return f'<div class="wb-say" role="heading" aria-level="1">{bold(sentence)}</div>'


def bold(text: str) -> str:
    """Escaped text in which `**` opens and closes bold; one without its partner stays as written."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))


def row(label: str, colour: str, *, hit: float, share: float | None = None) -> str:
    """A source beside its slider: colour, name, share of people it knows as a faint bar, its share of the weight."""
    knows = f'<i><i style="width:{hit:.0%}"></i></i>'
    weight = f"<em>{'' if share is None else f'{share:.0%}'}</em>"
    return f'<div class="wb-row" title="{escape(label)}: knows {hit:.0%} of people"><span style="background:{escape(colour)}"></span><b>{escape(label)}</b>{weight}{knows}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[str | Cell]]) -> str:
    """A table whose first column is names and whose others are figures; it scrolls in its own box, also by keyboard."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, cells))}</tr>" for cells in rows)
    return f'<div class="wb-scroll" tabindex="0" role="region" aria-label="table"><table class="wb-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: str | Cell) -> str:
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    tone = f' class="wb-{cell.tone}"' if cell.tone else ""
    small = f" <small>{escape(cell.small)}</small>" if cell.small else ""
    return f"<td{tone}>{bold(cell.text)}{small}</td>"


def plain(text: str) -> str:
    """Text from data made safe for Markdown: it reads as it was written."""
    return re.sub(r"([^\w\s])", r"\\\1", " ".join(text.split()), flags=re.ASCII) if text else ""


# Transparent greys and inherited ink only, so that light and dark need no knowledge of each other. Streamlit's own
# parts are touched twice: its filled button, white on pale slate in the dark (1.9 to 1), and in print, where its bars
# and controls would fill the sheet.
CSS = """<style>
.wb-line{display:flex;flex-wrap:wrap;align-items:center;gap:.1rem 1.3rem;font-size:.92rem;line-height:1.6}
.wb-line>span{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.wb-tag{font-size:.82rem;padding:.05rem .45rem;border-radius:4px;background:rgba(138,145,153,.18)}
.wb-bar{display:inline-flex;height:.6rem;gap:2px;border-radius:3px;overflow:hidden;vertical-align:middle;max-width:100%;print-color-adjust:exact}
.wb-line .wb-bar{margin-left:.35rem;max-width:45vw}
.wb-say{font-size:1.2rem;line-height:1.4;max-width:80rem;text-wrap:pretty;overflow-wrap:anywhere}
.wb-say b{font-weight:650;font-variant-numeric:tabular-nums}
.wb-row{display:grid;grid-template-columns:.6rem minmax(0,1fr) auto;align-items:center;gap:.1rem .45rem;font-size:.92rem;line-height:1.3}
.wb-row>span{height:.6rem;border-radius:2px;print-color-adjust:exact}
.wb-row>b{font-weight:400;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wb-row>em{font-style:normal;text-align:right;font-variant-numeric:tabular-nums}
.wb-row>i{grid-column:2;height:.28rem;border-radius:2px;background:rgba(138,145,153,.2);print-color-adjust:exact}
.wb-row>i>i{display:block;height:100%;border-radius:2px;background:rgba(138,145,153,.85);print-color-adjust:exact}
.wb-scroll{overflow-x:auto}
.wb-table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.95rem}
.wb-table th{font-weight:500;text-align:right;padding:.2rem .7rem;font-size:.85rem;white-space:nowrap;opacity:.8}
.wb-table td{text-align:right;padding:.22rem .7rem;border-top:1px solid rgba(138,145,153,.25);white-space:nowrap}
.wb-table th:first-child,.wb-table td:first-child{text-align:left;padding-left:0}
.wb-table small{opacity:.8;font-weight:400}
.wb-same{opacity:.75}.wb-same small{opacity:1}
.wb-better,.wb-worse{font-weight:650}
.wb-better::before,.wb-worse::before{content:"";display:inline-block;width:.5rem;height:.5rem;margin-right:.35rem;border-radius:2px;background:#2b7cc7;print-color-adjust:exact}
.wb-worse::before{background:#dc7717}
[data-testid="stBaseButton-primary"] *{color:light-dark(#fff,#12161c)}
@media print{
@page{size:A4 landscape;margin:9mm}
[data-testid="stHeader"],[data-testid="stSidebar"],[data-testid="stToolbar"],.stPopover,.stSlider,.stButton,.stDownloadButton,.wb-screen{display:none!important}
[data-testid="stMainBlockContainer"]{padding:0!important;max-width:none!important}
[data-testid="stLayoutWrapper"],[data-testid="stMetric"],.wb-table tr{break-inside:avoid}
}
</style>"""
