"""Which pictures does the page of bureaus show? Each is given its figures and draws them."""

import polars as pl
import streamlit as st

from analytics.charts.bureaus import alliance, bubbles, scales, union
from analytics.study.bureaus import Alliance
from pages.parts.bureaus import sentences
from pages.parts.person import inputs as person_inputs
from pages.parts.weights.sentences import PERCENT
from pages.shared import layout, markup, window
from pages.shared.view import View


def how_to_add(view: View) -> None:
    """What the page will show, and what the catalog needs for it."""
    layout.title("What it will show", sentences.SHOWN)
    layout.title("How to add bureaus", sentences.where(view.catalog))
    st.code(sentences.bureaus_to_add(view.catalog), "toml", wrap_lines=True)


def all_bubbles(rows: pl.DataFrame) -> None:
    """Every bureau by the people it scores and how well it ranks them."""
    how = "each on its own data; up ranks better, right scores more people; size: people it knows"
    layout.heading("Bureaus", how, rows, "bureaus", PERCENT)
    figure = bubbles(rows, height=420 if window.narrow() else 640, narrow=window.narrow())
    layout.show(figure, sentences.bubbles_alt(rows))


def joined(together: Alliance) -> None:
    """Whom the partners know, and what they reach alone and together."""
    layout.heading(
        "Who knows them",
        "share of people; orange: defaulted",
        together.parts,
        "alliance-parts",
        {"share": "percent", "bad_rate": "percent"},
    )
    layout.show(alliance(together.parts, narrow=True), sentences.parts_alt(together.parts))
    how = "rings: each partner; dot: the union"
    layout.heading("Alone and together", how, together.marks, "alliance", PERCENT)
    figure = union(together.marks, height=230, narrow=True)
    layout.show(figure, sentences.joining(together).replace("**", ""))


def gained(together: Alliance) -> None:
    """What each partner gains."""
    how = "by joined records, and by the floor that is divided among them"
    layout.heading("What each gains", how, together.gains, "alliance-gains")
    st.html(markup.table(*sentences.gains_table(together)))


def listed(view: View, table: pl.DataFrame) -> None:
    """All bureaus; the first ten at once."""
    how = "not official: where each comes from stands on hover; most people scored first"
    layout.heading("All bureaus", how, table, "all-bureaus", PERCENT)
    st.html(markup.table(*sentences.bureau_table(view, table.head(sentences.MOST))))
    if len(table) > sentences.MOST:
        with st.expander(f"{len(table) - sentences.MOST} more"):
            rest = table[sentences.MOST :]
            st.html(markup.table(*sentences.bureau_table(view, rest)))


def person(view: View, chosen: str) -> None:
    """One person under every bureau."""
    weighting, named = view.weighting, person_inputs.named(view, chosen)
    seen = view.study.person_by_bureau(chosen, weighting.floor, weighting.missing)
    layout.heading(
        f"Person {named} under every bureau",
        sentences.COMPARE,
        seen,
        "person-scales",
        {"probability": "percent"},
    )
    layout.show(scales(seen, narrow=window.narrow()), sentences.scales_alt(named, seen))
    if both := sentences.two_scores(view, view.study.points(chosen, weighting), seen):
        st.markdown(f":small[:gray[{markup.plain(both)}.]]")
