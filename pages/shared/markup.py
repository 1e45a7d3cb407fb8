"""Which pieces of HTML do the pages share? Everything that comes from data is escaped; no widgets in here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from analytics.charts.look import EDGE, INK, PAPER

Tone = Literal["", "better", "worse", "same"]
FLOOR = "Whoever is known to sources that hold at least this share of the weight is scored."
CUTOFF = "Who has these points or more is accepted, on every page; Change moves it."
READ = "The persons whom the figures of the pages are read on: no model and no calibration learned from them."


class Part(NamedTuple):
    """One source's share of a weighting, its colour, and its background where that has a pattern too."""

    label: str
    share: float
    colour: str
    ground: str = ""


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
    cells = "".join(
        f'<span style="flex:{p.share:.4f};background:{escape(p.ground or p.colour)}" title="{escape(p.label)} {p.share:.0%}"></span>' for p in shown
    )
    return f'<span class="wb-bar" style="width:{escape(width)}" role="img" aria-label="{words}">{cells}</span>'


def frame_line(
    cohort: str, persons: int | None, weighting: str, parts: Iterable[Part], *, floor: float, cutoff: float, split: str, data: str, note: str = ""
) -> str:
    """What is being looked at, in one line: cohort and size, weighting, floor, cutoff, split, data set; the first words of a note, all of it on hover."""
    items = [
        f"<b>{escape(cohort)}</b> {'too few' if persons is None else f'{persons:,}'} persons",
        f"{escape(weighting)} {bar(parts)}",
        f'<span title="{FLOOR}" tabindex="0">floor {floor:.0%}</span>',
        f'<span title="{CUTOFF}" tabindex="0">cutoff {cutoff:g}</span>',
        f'<span title="{READ}" tabindex="0">{escape(split)}</span>',
        f'<span class="wb-tag">{escape(data)}</span>',
        *([f'<span class="wb-tag wb-note" tabindex="0" title="{escape(note)}">{escape(note.partition(":")[0])}</span>'] if note else []),
    ]
    return '<div class="wb-line">' + "".join(f"<span>{item}</span>" for item in items) + "</div>"


def say(sentence: str) -> str:
    """The page's answer in one sentence with `**figures**` in bold; it is the page's heading for screen readers."""
    return f'<div class="wb-say" role="heading" aria-level="1">{bold(sentence)}</div>'


def beneath(sentence: str) -> str:
    """What to bear in mind with the page's answer, in small type close under it."""
    return f'<div class="wb-beneath">{bold(sentence)}.</div>'


def bold(text: str) -> str:
    """Escaped text in which `**` opens and closes bold; one without its partner stays as written."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))


def table(head: Sequence[str | tuple[str, str]], rows: Iterable[Sequence[str | Cell]], *, words: bool = False) -> str:
    """A table whose first column is names and whose others are figures; it scrolls in its own box, also by keyboard. A head may bring its definition.

    With `words`, the first column holds whole phrases, which break into lines.
    """
    top = "".join(map(_head, head))
    body = "".join(f"<tr>{''.join(map(_cell, cells))}</tr>" for cells in rows)
    inner = f'<table class="wb-table{" wb-words" if words else ""}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
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
    """Text from data made safe for Markdown: it reads as it was written. Commas and apostrophes mean nothing there, and are left, as labels are read aloud."""
    return re.sub(r"([!-&(-+\--/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def _follow(pair: tuple[str, str]) -> str:
    """Rules that turn a chart's colour of one theme into that of the theme now seen, for lines and for areas."""
    drawn = [f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in pair]
    named = {part: ",".join(f'.stPlotlyChart [style*="{part}: {rgb}"]' for rgb in drawn) for part in ("fill", "stroke")}
    return "\n".join(f"{which}{{{part}:light-dark({pair[0]},{pair[1]})!important}}" for part, which in named.items())


# Transparent greys and inherited ink only, so that light and dark need no knowledge of each other. Parts that are not
# ours are touched in seven places: the page's width, because print keeps charts as wide as on screen and would cut them;
# the running figure, a joke, becomes a word; filled buttons and chips (white on pale slate in the dark, 1.9 to 1); charts, which
# keep the old theme's ink after a switch in the menu until the page next runs; parts that answer at once, which need not fade meanwhile; what is known ahead,
# which is drawn last and stands where the sentence stood; and print, where cards would be stacked.
CSS = (
    """<style>
.wb-line{display:flex;flex-wrap:wrap;align-items:center;gap:.1rem 1.3rem;font-size:.92rem;line-height:1.6}
.wb-line>span{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.wb-tag{font-size:.82rem;padding:.05rem .45rem;border-radius:4px;background:rgba(138,145,153,.18)}
.wb-note{box-shadow:inset 0 0 0 1px #dc7717;cursor:help}
.wb-bar{display:inline-flex;height:.6rem;gap:2px;border-radius:3px;overflow:hidden;vertical-align:middle;max-width:100%;}
.wb-line .wb-bar{margin-left:.35rem;max-width:45vw}
.wb-say,.wb-ahead{font-size:1.2rem;line-height:1.4;max-width:80rem;text-wrap:pretty;overflow-wrap:anywhere}
.wb-say b,.wb-ahead b{font-weight:650;font-variant-numeric:tabular-nums}
.wb-beneath{font-size:.875rem;line-height:1.3;margin-top:-.8rem;opacity:.75}
[data-testid="stElementContainer"]:has(.wb-history){display:none}
.wb-scroll{overflow-x:auto;background:linear-gradient(90deg,var(--wb-ground) 40%,transparent) 0 0/3rem 100% no-repeat local,
linear-gradient(270deg,var(--wb-ground) 40%,transparent) 100% 0/3rem 100% no-repeat local,
linear-gradient(90deg,var(--wb-more),transparent) 0 0/1.4rem 100% no-repeat scroll,
linear-gradient(270deg,var(--wb-more),transparent) 100% 0/1.4rem 100% no-repeat scroll}
.stApp{--wb-ground:light-dark(#fff,#12161c);--wb-more:light-dark(rgba(60,72,84,.38),rgba(154,165,177,.5))}
.wb-table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.95rem}
.wb-table th{font-weight:500;text-align:right;padding:.2rem .7rem;font-size:.85rem;white-space:nowrap;opacity:.8}
.wb-table td{text-align:right;padding:.22rem .7rem;vertical-align:baseline;border-top:1px solid rgba(138,145,153,.25);white-space:nowrap}
.wb-table th.wb-long{white-space:normal;min-width:7rem}
.wb-table th[title]{text-decoration:underline dotted;text-underline-offset:.2em;cursor:help}
.wb-table th:first-child,.wb-table td:first-child{text-align:left;padding-left:0}
.wb-words td:first-child{white-space:normal}
:root[data-wb-narrow] .wb-table td:first-child{white-space:normal;min-width:9rem}
.wb-table small{opacity:.8;font-weight:400;display:block;line-height:1.2}
.wb-same{opacity:.75}.wb-same small{opacity:1}
.wb-better,.wb-worse{font-weight:650}
.wb-better::before,.wb-worse::before{content:"";display:inline-block;width:.5rem;height:.5rem;margin-right:.35rem;border-radius:2px;background:#2b7cc7}
.wb-worse::before{background:#dc7717}
[data-testid="stMainBlockContainer"]{max-width:130rem;margin-inline:auto}
:root[data-wb-narrow] [data-testid="stColumn"]{flex:1 1 calc(100% - 1.5rem);min-width:calc(100% - 1.5rem)}
:root[data-wb-narrow] [data-testid="stHorizontalBlock"]:has(>[data-testid="stColumn"]){flex-wrap:wrap}
:root[data-wb-narrow] [data-testid="stMetricLabel"] :is(div,p,span){white-space:normal;overflow:visible;text-overflow:clip}
@media (max-width:819.98px){[data-testid="stColumn"]{flex:1 1 calc(100% - 1.5rem);min-width:calc(100% - 1.5rem)}}
.st-key-window{position:absolute}
[data-testid="stStatusWidgetRunningIcon"]{width:auto!important;margin-right:.9rem}
[data-testid="stStatusWidgetRunningIcon"]>*{display:none}
[data-testid="stStatusWidgetRunningIcon"]::after{content:"working…";font-size:.92rem;white-space:nowrap}
[data-testid="stLayoutWrapper"]:has(>*>[data-testid="stElementContainer"] .wb-ahead){order:-1}
[data-testid="stLayoutWrapper"]:has(>*>[data-testid="stElementContainer"] .wb-ahead:empty),
.st-key-swift:has(.wb-ahead:not(:empty)) [data-testid="stElementContainer"]:has(.wb-say){display:none}
.st-key-swift [data-testid="stElementContainer"]{opacity:1!important;transition:none!important}
[data-testid="stBaseButton-primary"]:not(:disabled) *,[data-tag],[data-tag] *{color:light-dark(#fff,#12161c)}
"""
    + "\n".join(map(_follow, (INK, PAPER, EDGE)))
    + """
@media print{
@page{size:A4 landscape;margin:13mm 9mm}
*{print-color-adjust:exact}
.stApp{zoom:var(--wb-page,.75)}
[data-testid="stPlotlyChart"]{zoom:var(--wb-chart,1)}
[data-testid="stHeader"],[data-testid="stSidebar"],[data-testid="stToolbar"],[data-testid="stPageLink"],.stPopover,.stSlider,.stButton,.stDownloadButton,
[data-testid="stFileUploader"],.wb-screen{display:none!important}
[data-testid="stMainBlockContainer"]{padding:0!important;max-width:none!important}
[data-testid="stMetricValue"] .stMarkdownEllipsis{font-size:1em!important}
:root:not([data-wb-narrow]) [data-testid="stHorizontalBlock"]{display:flex!important;flex-wrap:nowrap!important}
:root:not([data-wb-narrow]) [data-testid="stColumn"]{min-width:0!important}
.wb-scroll{overflow:visible;background:none}
.wb-table{font-size:.8rem}
.wb-table th{white-space:normal}
[data-testid="stMetric"],[data-testid="stPlotlyChart"],.wb-table tr{break-inside:avoid}
}
</style>"""
)
