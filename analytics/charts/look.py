"""How does every chart look? One palette, one Plotly layout in two themes.

A chart names only the colours that mean something.
"""

import re
from collections.abc import Iterable, Mapping
from math import floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

# In catalog order: at least 3:1 on the light and on the dark page, apart for colour-blind eyes
# (5 OKLab points between any two, 12 between neighbours), and apart from the three below.
SOURCE = (
    "#456c4b",
    "#8a78fd",
    "#ba506d",
    "#734bc0",
    "#b06c48",
    "#22a0c6",
    "#766f00",
    "#0a7591",
    "#b48d68",
    "#b9217b",
)
GOOD, BAD, GREY = "#2b7cc7", "#dc7717", "#8a9199"
FAINT = "rgba(138,145,153,0.18)"  # grids and bands: a transparent grey reads alike on both pages
ON_GREY = "#12161c"  # text on GREY: 5.6 to 1
FONT = '"Source Sans", sans-serif'
DARKEST = 0.62  # of GREY in a cell: more, and ink on it would fall below 4.5 to 1 on the dark page
# of cells, from none to most
SHADES = [[0, "rgba(138,145,153,0.05)"], [1, f"rgba(138,145,153,{DARKEST})"]]
MOST_MARKS = 2000  # what one chart may send to a browser


def template(ink: str, paper: str, edge: str) -> go.layout.Template:
    """Everything a figure leaves unsaid; ink is the default of lines, dots, texts and rules."""
    hover = {
        "align": "left",
        "bgcolor": paper,
        "bordercolor": edge,
        "font": {"color": ink, "size": 13, "family": FONT},
    }
    layout = {
        "font": {"family": FONT, "color": ink, "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [ink],
        "showlegend": False,
        "minreducedheight": 10,
        "bargap": 0,
        "dragmode": False,
        "hovermode": "closest",
        "hoverdistance": 28,
        "margin": {"l": 2, "r": 6, "t": 20, "b": 2, "pad": 2},
        "hoverlabel": hover,
        "annotationdefaults": {
            "showarrow": False,
            "font": {"size": 12, "color": ink},
            "arrowcolor": ink,
        },
        "shapedefaults": {"line": {"color": ink}},
        "xaxis": dict(**_axis(), showgrid=False, ticks="outside", ticklen=4),
        "yaxis": dict(**_axis(), showgrid=True),
    }
    scatter = {
        "marker": {"color": ink, "line": {"color": ink}},
        "line": {"color": ink, "width": 1.5},
        "textfont": {"color": ink, "size": 12},
    }
    return go.layout.Template(layout=layout, data={"scatter": [scatter]})


def _axis() -> dict[str, Any]:
    return {
        "tickfont": {"size": 12},
        "title": {"font": {"size": 13}, "standoff": 8},
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "gridcolor": FAINT,
        "tickcolor": FAINT,
        "dividercolor": FAINT,
    }


# Light and dark: ink, the ground of what is shown on pointing, and its edge.
INK, PAPER, EDGE = ("#1b232c", "#e6eaef"), ("#ffffff", "#1b2129"), ("#c9d0d8", "#4a5562")
LIGHT, DARK = (template(INK[i], PAPER[i], EDGE[i]) for i in (0, 1))
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


def canvas(height: int, **layout: Any) -> go.Figure:
    """An empty figure of this height in pixels, in the light theme until a page chooses."""
    return go.Figure(layout=dict(template=LIGHT, height=height, **layout))


def colour(position: int) -> str:
    """The colour of the source at this position in the catalog.

    After ten they repeat, with a pattern.
    """
    return SOURCE[position % len(SOURCE)]


PATTERNS = ("", "/", "x", ".")  # of the first ten sources, the next ten, and so on
STRIPES = {"/": "45deg", "x": "0deg", ".": "90deg"}  # the same on a page


def pattern(position: int) -> str:
    """The second mark of the source at this position.

    Plain, striped, crossed, dotted, as Plotly names it.
    """
    return PATTERNS[position // len(SOURCE) % len(PATTERNS)]


def marked(colours: Mapping[str, str], keys: Iterable[str]) -> dict[str, Any]:
    """The marker of bars for these sources.

    Colour and pattern, by the place of each in the catalog; grey where it has none.
    """
    place = {key: i for i, key in enumerate(colours)}
    named = list(keys)
    shapes = [pattern(place.get(key, 0)) for key in named]
    fill = (
        {"pattern": {"shape": shapes, "size": 6, "solidity": 0.4, "fgcolor": "#ffffff"}}
        if any(shapes)
        else {}
    )
    return {"color": [colours.get(key, GREY) for key in named], "line_width": 0, **fill}


def ground(position: int) -> str:
    """Colour and pattern of the source at this position as a background of a page."""
    hue, angle = colour(position), STRIPES.get(pattern(position))
    return f"repeating-linear-gradient({angle},{hue} 0 4px,#fff 4px 6px)" if angle else hue


def thin(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """Every n-th row, so that at most this many are drawn."""
    return frame.gather_every(-(-frame.height // most)) if frame.height > most else frame


def ends(*columns: pl.Series) -> tuple[float, float]:
    """The least and the greatest value of these columns; 0 and 1 if they hold none."""
    values = pl.concat([column.cast(pl.Float64) for column in columns]).drop_nulls().drop_nans()
    return (float(values.min()), float(values.max())) if values.len() else (0.0, 1.0)  # type: ignore[arg-type]


def steps(low: float, high: float, *, most: int) -> float:
    """The distance between ticks, 1, 2 or 5 times a power of ten, that puts at most this many steps
    between two values.
    """
    least = max(high - low, 1e-9) / most
    power = 10.0 ** floor(log10(least))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= least * (1 - 1e-9))


def short(form: str, step: float) -> str:
    """A form of fixed decimals with as many of them as ticks at this distance need.

    Other forms as they are.
    """
    needed = max(0, -floor(log10(step) + 1e-9) - (2 if form.endswith("%") else 0))
    return re.sub(r"\.\d+(?=[f%]$)", f".{needed}", form)
