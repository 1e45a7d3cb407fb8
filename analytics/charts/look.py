"""How does every chart look? One palette, one Plotly layout in two themes; a chart names only the colours that mean something."""

from math import floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

# In catalog order: at least 3:1 on the light and on the dark page, apart for colour-blind eyes
# (5 OKLab points between any two, 12 between neighbours), and apart from the three below.
SOURCE = ("#456c4b", "#8a78fd", "#ba506d", "#734bc0", "#b06c48", "#22a0c6", "#766f00", "#0a7591", "#b48d68", "#b9217b")
GOOD, BAD, GREY = "#2b7cc7", "#dc7717", "#8a9199"
FAINT = "rgba(138,145,153,0.18)"  # grids and bands: a transparent grey reads alike on both pages
ON_GREY = "#12161c"  # text on GREY: 5.6 to 1
FONT = '"Source Sans", sans-serif'
MOST_MARKS = 2000  # what one chart may send to a browser


def template(ink: str, paper: str, edge: str) -> go.layout.Template:
    """Everything a figure leaves unsaid; ink is the default of lines, dots, texts and rules."""
    hover = dict(align="left", bgcolor=paper, bordercolor=edge, font=dict(color=ink, size=13, family=FONT))
    layout = dict(
        font=dict(family=FONT, color=ink, size=13), paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", colorway=[ink],
        showlegend=False, minreducedheight=10, bargap=0, dragmode=False, hovermode="closest", hoverdistance=28, margin=dict(l=2, r=6, t=20, b=2, pad=2), hoverlabel=hover,
        annotationdefaults=dict(showarrow=False, font=dict(size=12, color=ink), arrowcolor=ink), shapedefaults=dict(line=dict(color=ink)),
        xaxis=dict(**_axis(), showgrid=False, ticks="outside", ticklen=4), yaxis=dict(**_axis(), showgrid=True),
    )  # fmt: skip
    scatter = dict(marker=dict(color=ink, line=dict(color=ink)), line=dict(color=ink, width=1.5), textfont=dict(color=ink, size=12))
    return go.layout.Template(layout=layout, data=dict(scatter=[scatter]))


def _axis() -> dict[str, Any]:
    return dict(
        tickfont=dict(size=12), title=dict(font=dict(size=13), standoff=8), zeroline=False, automargin=True, fixedrange=True,
        gridcolor=FAINT, tickcolor=FAINT, dividercolor=FAINT,
    )  # fmt: skip


LIGHT = template("#1b232c", "#ffffff", "#c9d0d8")
DARK = template("#e6eaef", "#1b2129", "#4a5562")
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


def canvas(height: int, **layout: Any) -> go.Figure:
    """An empty figure of this height in pixels, in the light theme until a page chooses."""
    return go.Figure(layout=dict(template=LIGHT, height=height, **layout))


def colour(position: int) -> str:
    """The colour of the source at this position in the catalog; after ten they repeat."""
    return SOURCE[position % len(SOURCE)]


def thin(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """Every n-th row, so that at most this many are drawn."""
    return frame.gather_every(-(-frame.height // most)) if frame.height > most else frame


def steps(low: float, high: float, *, most: int) -> float:
    """The distance between ticks, 1, 2 or 5 times a power of ten, that puts at most this many steps between two values."""
    least = max(high - low, 1e-9) / most
    power = 10.0 ** floor(log10(least))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= least * (1 - 1e-9))
