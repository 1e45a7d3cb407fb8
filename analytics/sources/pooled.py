"""What would pooling the raw data add? One model over all features freely.

What no silo can do alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from analytics.data.catalog.model import Feature, Source
from analytics.data.population import Population

from .design import Design, draw
from .model import Settings, ShouldContinue, fit

KEY = "pooled"


def side_by_side(population: Population, everyone: pl.DataFrame) -> Design:
    """All sources' columns in one matrix, for whoever any of them knows.

    Columns are called ``source.column``.
    """
    together = _together(
        [draw(population, everyone, source) for source in population.catalog], len(everyone)
    )
    return (
        replace(together, folds=everyone["fold"].to_numpy()[together.rows])
        if "fold" in everyone.columns
        else together
    )


def learn(
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings = Settings(),
    *,
    apart: Sequence[Sequence[str]] = (),
    should_continue: ShouldContinue = lambda *_: True,
) -> np.ndarray:
    """Fit a pooled design like a source; what its model adds to the base rate, for everyone in file
    order, shape (persons,), float32.

    Parameters
    ----------
    apart, heed : as in `analytics.sources.model.fit`.

    Returns
    -------
    ndarray
        NaN for whoever no source knows.
    """
    model = fit(
        design,
        *outcomes(design, everyone),
        base_rate,
        settings,
        apart=apart,
        should_continue=should_continue,
    )
    return placed(design, model.said(design, base_rate))


def outcomes(design: Design, everyone: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """How the design's persons turned out: 1, 0, or NaN where unknown.

    And their splits, as text.
    """
    mine = everyone[design.rows]
    return mine["defaulted"].cast(pl.Float64).to_numpy(), mine["split"].cast(pl.String).to_numpy()


def placed(design: Design, added: np.ndarray) -> np.ndarray:
    """What is added for the design's persons, as one float32 per person of the whole file.

    NaN for all others.
    """
    everybody = np.full(design.persons, np.nan, np.float32)
    everybody[design.rows] = added
    return everybody


def _together(designs: list[Design], persons: int) -> Design:
    """All sources side by side, for whoever any of them knows; columns called source.column."""
    known = np.zeros(persons, bool)
    for design in designs:
        known[design.rows] = True
    rows = np.flatnonzero(known)
    place = np.cumsum(known) - 1
    matrix = np.full(
        (len(rows), sum(d.matrix.shape[1] for d in designs)), np.nan, np.float32, order="F"
    )
    start = 0
    for design in designs:
        stop = start + design.matrix.shape[1]
        matrix[place[design.rows], start:stop] = design.matrix
        start = stop
    features = tuple(_named(d, f) for d in designs for f in d.features)
    categories = {
        _named(d, f).name: d.categories[f.name]
        for d in designs
        for f in d.features
        if f.name in d.categories
    }
    source = Source(KEY, "All raw data, pooled", tuple(f.name for f in features))
    return Design(source, features, matrix, rows, categories, persons, 0)


def _named(design: Design, feature: Feature) -> Feature:
    return replace(feature, name=f"{design.source.key}.{feature.name}")
