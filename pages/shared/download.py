"""How do figures leave the screen?

As CSV that a spreadsheet reads as text and numbers, never as formulas.
"""

import secrets

import polars as pl

from analytics.data.disk import harmless


def csv(frame: pl.DataFrame) -> str:
    """The frame as CSV.

    Texts and column names that would start a formula get an apostrophe in front, lists become one
    text.
    """
    lists = frame.select(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List)
    )
    flat = frame.with_columns(lists.get_columns())
    safe = flat.with_columns(harmless(pl.col(pl.String, pl.Categorical, pl.Enum).cast(pl.String)))
    names = pl.select(harmless(pl.lit(pl.Series(frame.columns, dtype=pl.String)))).to_series()
    return safe.rename(dict(zip(safe.columns, names, strict=True))).write_csv()


def file_name(stem: str, kind: str) -> str:
    """A name no other download has.

    Streamlit tells large files apart by their name and three samples, for all readers together.
    """
    return f"{stem}-{secrets.token_hex(4)}.{kind}"
