"""Which pieces does every page put together?

Headings with their figures behind them, charts, tiles and states.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.charts.look import CONFIG, DARK, LIGHT
from analytics.data.disclosure import TooFew
from analytics.data.refusal import Refusal
from analytics.reporting.sheet import Sheet, render
from pages.shared.download import csv, file_name
from pages.shared.markup import plain
from pages.shared.words import explained, sentence

TONES: Mapping[bool | None, Any] = {True: "blue", False: "orange", None: "gray"}


def dark() -> bool:
    """Does the reader see the dark theme?"""
    return st.context.theme.type == "dark"


def heading(
    title: str, how: str, frame: pl.DataFrame, name: str, formats: Mapping[str, str] | None = None
) -> None:
    """Title, how to read it, and behind *Data* the figures with their download.

    `formats` are Streamlit's, by column.
    """
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{plain(title)}** :small[:gray[{plain(how)}]]",
            width="stretch",
            help=explained(f"{title} {how}") or None,
        )
        with st.popover("Data", type="tertiary"):
            figures(frame, formats)
            st.download_button(
                "CSV",
                csv(frame),
                file_name(name, "csv"),
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )


def paper(label: str, name: str, make: Callable[[], Sheet]) -> None:
    """A button that takes a sheet away as a page that prints.

    It is made when it is asked for, not each time the page runs.
    """
    made = partial(_rendered, make)
    st.download_button(
        label,
        made,
        file_name(name, "html"),
        "text/html",
        type="tertiary",
        icon=":material/print:",
        on_click="ignore",
    )


def _rendered(make: Callable[[], Sheet]) -> str:
    return render(make())


def title(name: str, how: str) -> None:
    """A title and how to read what stands below it."""
    st.markdown(
        f"**{plain(name)}** :small[:gray[{plain(how)}]]", help=explained(f"{name} {how}") or None
    )


def figures(frame: pl.DataFrame, formats: Mapping[str, str] | None = None) -> None:
    """A frame as a table to scroll in."""
    columns = {
        column: st.column_config.NumberColumn(format=form)
        for column, form in (formats or {}).items()
    }
    st.dataframe(
        frame,
        height=min(260, 38 + 35 * frame.height),
        hide_index=True,
        column_config=columns,
        width="content",
    )


def show(figure: go.Figure, alt: str, **options: Any) -> Any:
    """A figure in the reader's theme; `alt` says in words what it shows.

    Streamlit's own chart theme is off: its ticks are too pale to read, and its colours do not
    follow a change of theme.
    """
    figure.update_layout(template=DARK if dark() else LIGHT)
    return st.plotly_chart(figure, theme=None, config=CONFIG, alt=alt, **options)


def under_axis(*, narrow: bool = False) -> DeltaGenerator:
    """The place for a slider under a score distribution, with the ends of its track under the ends
    of the axis.
    """
    return st.container() if narrow else st.columns([16.3, 83.7], gap=None)[1]


def tiles(count: int) -> DeltaGenerator:
    """A row for so many tiles; on a phone two stand side by side."""
    return st.grid(count, min_column_width=165, gap="small")


def tile(
    label: str,
    value: str,
    *,
    interval: str = "",
    change: str | None = None,
    better: bool | None = None,
    versus: str = "",
    meaning: str = "",
) -> None:
    """A figure with its interval beside it, its difference below it, and its definition on hover.

    Parameters
    ----------
    change
        The difference as written, with its sign; none is shown if missing.
    better
        Is the difference for the better (blue) or for the worse (orange)? None: inside its interval
        (grey).
    versus
        What it differs from, as in `vs equal`.
    """
    small = f" :small[:gray[{interval}]]" if interval else ""
    st.metric(
        label,
        value + small,
        change,
        delta_color=TONES[better],
        delta_arrow="off",
        delta_description=plain(versus) or None,
        help=meaning or None,
        border=True,
    )


def refused(sentence: str, *, what: str = "") -> DeltaGenerator:
    """What was refused, why, and the remedy; gives the row for the buttons that help."""
    st.markdown(f":orange-badge[Refused] **{plain(what)}**" if what else ":orange-badge[Refused]")
    st.markdown(plain(sentence))
    return st.container(horizontal=True)


def nothing_here(sentence: str, *, what: str = "") -> DeltaGenerator:
    """Why there is nothing to see; gives the row for the button that helps."""
    st.markdown(
        f"**{plain(what)}** :small[:gray[nothing here]]" if what else ":small[:gray[Nothing here]]"
    )
    st.markdown(plain(sentence))
    return st.container(horizontal=True)


def swift() -> DeltaGenerator:
    """A place for a part of a page that runs alone and answers at once.

    Nothing in it begins to fade as out of date, which costs the browser a frame.
    """
    return st.container(key="swift", gap="xsmall")


@contextmanager
def refusals(
    place: DeltaGenerator | None, *, wider: Callable[[], None], again: Callable[[], None]
) -> Iterator[None]:
    """Show a refusal of the data as a sentence, in its place, instead of a trace, and end the page
    there.

    Without a place it stands where the page came to: nothing is drawn before the page's answer.
    `wider` draws the button that helps where there are too few people, `again` the one that helps
    with everything else.
    """
    try:
        yield
    except TooFew as few:
        with place or st.container(), nothing_here(sentence(few)):
            wider()
        st.stop()
    except Refusal as refusal:
        with place or st.container(), refused(sentence(refusal)):
            again()
        st.stop()
