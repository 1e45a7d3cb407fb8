"""What does a sheet look like?

A title, a sentence, a few figures, tables with bars, and where everything comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name and what bounds it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Its text, a note in small type, a bar from and to (shares of the track) in a tone ("better",
    "worse" or none); `words` stand left.
    """

    text: str = ""
    note: str = ""
    bar: tuple[float, float] | None = None
    tone: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A table under a title; `empty` is said where it has no rows."""

    title: str
    how: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    empty: str = "Nothing to show."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page.

    The title, what is looked at, the answer in a sentence, figures, tables, and notes on where they
    come from.
    """

    title: str
    what: str
    lead: str
    facts: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = field(default=())


def render(sheet: Sheet) -> str:
    """A sheet as one HTML file that prints on A4; every text is escaped."""
    return _template().render(sheet=sheet)


def plus(value: float) -> str:
    """A number with its sign and one decimal."""
    return f"{value:+.1f}".replace("-", "−")


def beside(rows: Sequence[tuple[Cell, ...]], times: int) -> tuple[tuple[Cell, ...], ...]:
    """Narrow rows, so many side by side, to be read column by column."""
    high = -(-len(rows) // times)
    columns = [rows[i * high : (i + 1) * high] for i in range(times)]
    empty = tuple(Cell() for _ in (rows[0] if rows else ()))
    return tuple(
        tuple(cell for column in columns for cell in (column[i] if i < len(column) else empty))
        for i in range(high)
    )


def signed(value: float, scale: float) -> tuple[float, float]:
    """Where a bar goes on a track whose middle is zero and whose ends are -scale and +scale."""
    end = 0.5 + 0.5 * max(-1.0, min(1.0, value / scale if scale else 0.0))
    return (min(0.5, end), max(0.5, end))


@cache
def _template() -> Template:
    page = Path(__file__).with_name("sheet.html").read_text("utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        page
    )
