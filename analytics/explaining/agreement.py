"""Do our tables say what the package shap says? Both asked about a sample of persons per source."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from analytics.data.chance import of_rows
from analytics.data.population import Population
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel

from . import tree_shap
from .records import read, some

SAMPLE = 100  # persons per source: ten sources whose trees are eight deep take some seconds


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the tables are from `shap.TreeExplainer`.

    Attributes
    ----------
    persons : persons asked about, each with one source or more.
    most : persons per source at most.
    values : how many SHAP values and bases were compared.
    largest : the largest difference of a SHAP value or a base, in log-odds; 0 where none was
        compared.
    release : of shap.
    untabled : keys of the sources whose trees no table holds, so that shap itself is asked.
    """

    persons: int
    most: int
    values: int
    largest: float
    release: str
    untabled: tuple[str, ...]


def agree(
    population: Population,
    models: Sequence[SourceModel],
    persons: Evidence,
    most: int = SAMPLE,
) -> Agreement:
    """Compare the tables of every source with `shap.TreeExplainer`.

    Parameters
    ----------
    models : one per source, in catalog order.
    persons : from whom the sample is drawn, by their row in the file.
    """
    rows = [_drawn(persons, s, model.key, most) for s, model in enumerate(models)]
    chosen = np.unique(np.concatenate(rows))
    found = read(population, models, persons.rows(chosen))
    parts = [_of(d, mine) for d, mine in zip(found, rows, strict=True)]
    compared = [(m.key, *_differences(d, m)) for d, m in zip(parts, models, strict=True)]
    return Agreement(
        persons=len(chosen),
        most=most,
        values=sum(count for _, count, _ in compared),
        largest=max((largest for *_, largest in compared), default=0.0),
        release=version("shap"),
        untabled=tuple(key for key, count, _ in compared if not count),
    )


def _drawn(persons: Evidence, source: int, key: str, most: int) -> np.ndarray:
    """Of the persons a source knows, the rows of a sample."""
    rows: np.ndarray = persons.people["row"].to_numpy()[persons.known[:, source]]
    return np.sort(rows[np.argsort(of_rows(rows, "checked", key), kind="stable")[:most]])


def _of(design: Design, rows: np.ndarray) -> Design:
    """The records of these rows."""
    return some(design, np.flatnonzero(np.isin(design.rows, rows)))


def _differences(design: Design, model: SourceModel) -> tuple[int, float]:
    """How many values were compared, and the largest difference; none where no tables fit."""
    count, largest = 0, 0.0
    for turn, mine in model.asked(design):
        trees, matrix = tree_shap.compile_trees(turn.forest), design.matrix[mine]
        if trees is None:
            continue
        ours = tree_shap.shap_values(trees, matrix)
        theirs = tree_shap.explain_by_shap(turn.forest, matrix, design.types)
        count += ours.size + 1
        largest = max(
            largest,
            abs(trees.base - theirs.base),
            float(np.abs(ours - theirs.values).max(initial=0)),
        )
    return count, largest
