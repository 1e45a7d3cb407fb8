"""How is an answer written: as JSON, and for people as a line per figure and a table per list?"""

import json
import math
from collections.abc import Mapping, Sequence

LONG = 40  # letters of an item that gets a line of its own
WIDE = 160  # letters of a line

Cells = list[list[str]]


def as_json(answer: Mapping[str, object]) -> str:
    """One JSON object; null where there is no figure, such as the interval of too few people."""
    return json.dumps(finite(answer), ensure_ascii=False, allow_nan=False)


def as_lines(answer: Mapping[str, object]) -> str:
    """Lines for people."""
    return "\n".join(_lines(answer, ""))


def finite(value: object) -> object:
    """A value whose figures are numbers or None: JSON has no word for others."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _lines(answer: Mapping[str, object], indent: str) -> list[str]:
    named = ((name.replace("_", " "), finite(value)) for name, value in answer.items())
    return [line for name, value in named for line in _of(name, value, indent)]


def _of(name: str, value: object, indent: str) -> list[str]:
    if isinstance(value, dict):
        return [f"{indent}{name}", *_lines(value, indent + "  ")]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{indent}{name}", *_table(value)]
    if isinstance(value, list) and any(len(str(each)) > LONG for each in value):
        return [f"{indent}{name}", *(f"{indent}  - {each}" for each in value)]
    return [f"{indent}{name:<20} {_text(value)}"]


def _table(rows: Sequence[Mapping[str, object]]) -> list[str]:
    head = [name.replace("_", " ") for name in rows[0]]
    upright = [head, *([_text(value) for value in row.values()] for row in rows)]
    on_its_side = [list(column) for column in zip(*upright, strict=True)]
    drawn = _drawn(upright)
    if len(drawn[0]) <= WIDE:
        return drawn
    return min(drawn, _drawn(on_its_side), key=lambda lines: len(lines[0]))


def _drawn(cells: Cells) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = ([c.rjust(width) for c, width in zip(row, widths, strict=True)] for row in cells)
    return ["  " + "  ".join(row) for row in padded]


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
