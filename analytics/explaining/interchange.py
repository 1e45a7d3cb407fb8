"""How does an explanation travel? To `shap.Explanation`, to a file that holds the same, and back.

The package `shap` is imported when it is first needed: that takes seconds, and no page or verb
waits for it.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.catalog.model import Feature, Source
from analytics.data.refusal import Refusal
from analytics.weighing.weighting import Weighting

from .explanation import (
    NEVER_SEEN,
    Contribution,
    SourceContribution,
    Statement,
    Value,
    Weighed,
    ids,
)
from .records import short

if TYPE_CHECKING:
    import shap

Place = tuple[Source, Feature]


def to_shap(weighed: Weighed) -> "shap.Explanation":
    """Everybody who is scored, as any shap plot takes it.

    Returns
    -------
    shap.Explanation
        In calibrated log-odds of default: above 0 a feature lowers the points. One row per scored
        person, in the order of the population's file; one column ``source.feature`` per feature.
        `values`: float64, 0 where a source says nothing. `base_values`: one per person, since
        the base depends on who knows them; with the values it adds up to the log-odds.
        `data`: float32, codes for categories, NaN where missing. `display_data`: the same with the
        categories' texts, and None where a source says nothing. `instance_names`: the ids.

    Raises
    ------
    Refusal
        If nobody is scored.

    Examples
    --------
    ``shap.plots.beeswarm(to_shap(weighed))`` draws a cohort,
    ``shap.plots.waterfall(to_shap(weighed)[0])`` its first person.
    """
    return _explanation(tabulate(weighed))


def tabulate(weighed: Weighed) -> pl.DataFrame:
    """The same as a frame, which is what the file holds.

    Returns
    -------
    DataFrame
        `person`, `base_values` (Float64), and two structs with a field ``source.feature`` for each
        feature: `values` (Float64; null where the source says nothing) and `data` (Float32, or Enum
        for categories; null where missing).

    Raises
    ------
    Refusal
        If nobody is scored.
    """
    rows = weighed.persons.people["row"].to_numpy()
    order = np.argsort(rows, kind="stable")
    order = order[~np.isnan(weighed.log_odds[order])]
    if not len(order):
        remedy = "lower the floor, or weigh sources that know these persons"
        raise Refusal(f"nobody here is scored, so there is no score to explain; {remedy}")
    place = np.full(len(rows), -1)
    place[order] = np.arange(len(order))
    values = [c for v in weighed.contributions for c in _values(v, place[v.at], len(order))]
    data = [c for v in weighed.contributions for c in _data(v, place[v.at], len(order))]
    added = np.zeros(len(order))
    for column in values:
        added += column.fill_null(0).to_numpy()
    return pl.DataFrame(
        {
            "person": ids(weighed.persons)[order].cast(pl.String),
            "base_values": weighed.log_odds[order] - added,
            "values": pl.DataFrame(values).to_struct(),
            "data": pl.DataFrame(data).to_struct(),
        }
    )


def _values(
    contribution: SourceContribution, place: np.ndarray, persons: int
) -> Iterator[pl.Series]:
    """What each feature adds, a column each; null where the source says nothing."""
    for feature, added in zip(
        contribution.explained.design.features, contribution.contributions().T, strict=True
    ):
        column = np.full(persons, np.nan)
        column[place] = added
        yield pl.Series(f"{contribution.source.key}.{feature.name}", column, nan_to_null=True)


def _data(contribution: SourceContribution, place: np.ndarray, persons: int) -> Iterator[pl.Series]:
    """The values of each feature, a column each; categories are texts."""
    design = contribution.explained.design
    for feature, numbers in zip(design.features, contribution.values().T, strict=True):
        column = np.full(persons, np.nan, np.float32)
        column[place] = numbers
        texts = design.categories.get(feature.name)
        if texts is not None:
            texts = tuple(dict.fromkeys((*texts, NEVER_SEEN)))
            unseen = np.isin(contribution.index, design.unseen.get(feature.name, ()))
            column[place[unseen]] = texts.index(NEVER_SEEN)
        known = pl.Series(f"{contribution.source.key}.{feature.name}", column, nan_to_null=True)
        yield known if texts is None else _texts(known, texts)


def _texts(codes: pl.Series, texts: Sequence[str]) -> pl.Series:
    return pl.Series(codes.name, texts, dtype=pl.Enum(texts)).gather(codes.cast(pl.UInt32))


def read(path: Path | str) -> "shap.Explanation":
    """What `explain --format shap` wrote, as `to_shap` gives it.

    Raises
    ------
    Refusal
        If the file cannot be read or holds something else.
    """
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError):
        frame = pl.DataFrame()
    if frame.columns != ["person", "base_values", "values", "data"]:
        remedy = "write one with: python -m analytics explain --format shap --out FILE"
        raise Refusal(f"{path} holds no explanation for shap; {remedy}")
    return _explanation(frame)


def _explanation(frame: pl.DataFrame) -> "shap.Explanation":
    """A frame as shap takes it."""
    import shap  # noqa: PLC0415 - seconds, and no page or verb needs it

    values, data = frame["values"].struct.unnest(), frame["data"].struct.unnest()
    numbers, shown = np.empty(data.shape, np.float32), np.empty(data.shape, object)
    for at, column in enumerate(data):
        numbers[:, at], shown[:, at] = _numbers(column), _shown(column)
    shown[values.select(pl.all().is_null()).to_numpy()] = None
    return shap.Explanation(
        values=values.fill_null(0).to_numpy(),
        base_values=frame["base_values"].to_numpy(),
        data=numbers,
        display_data=shown,
        instance_names=frame["person"].to_list(),
        feature_names=values.columns,
    )


def _numbers(column: pl.Series) -> np.ndarray:
    """A column of data as the models take it: codes of categories; NaN where they see nothing."""
    if column.dtype != pl.Enum:
        return column.cast(pl.Float32).fill_null(math.nan).to_numpy()
    codes = column.to_physical().cast(pl.Float32).fill_null(math.nan).to_numpy()
    return np.where((column.cast(pl.String) == NEVER_SEEN).fill_null(value=False), np.nan, codes)


def _shown(column: pl.Series) -> np.ndarray:
    """A column of data as people read it: texts of categories; NaN where missing."""
    if column.dtype != pl.Enum:
        return _numbers(column).astype(object)
    texts = column.cast(pl.String).to_numpy()
    return np.where(column.is_null(), math.nan, texts)


def from_shap(
    explanation: "shap.Explanation",
    features: Sequence[Place],
    weighting: Weighting,
) -> tuple[Statement, ...]:
    """What a `shap.Explanation` in log-odds of default says of each person.

    Parameters
    ----------
    explanation : of one person or of many, its features named ``source.feature``. Where it has no
        `display_data`, a source is taken to say nothing of whom all its data miss and to whom it
        adds nothing.
    features : all there are, as `Explanation.features` of ours lists them.
    weighting : how the sources were weighed.

    Returns
    -------
    tuple of Statement
        One per row. The log-odds are the base and the values that are there, added up.

    Raises
    ------
    Refusal
        If a feature has another name, or there are several values for each.
    """
    values = np.atleast_2d(np.asarray(explanation.values, float))
    if values.ndim != 2:
        raise Refusal("the explanation has several outputs; choose one, as in explanation[..., 1]")
    places = _places(explanation.feature_names, features, values.shape[1])
    base = np.broadcast_to(np.asarray(explanation.base_values, float), len(values))
    named = explanation.instance_names
    persons = range(len(values)) if named is None else np.atleast_1d(named)
    numbers, shown = _read_data(explanation, values)
    return tuple(
        _statement(str(person), float(start), _said(places, *row), features, weighting)
        for person, start, *row in zip(persons, base, values, numbers, shown, strict=True)
    )


def _places(names: Sequence[str] | None, features: Sequence[Place], count: int) -> list[Place]:
    """The features of the columns, by name."""
    known = {f"{source.key}.{feature.name}": (source, feature) for source, feature in features}
    given = [] if names is None else [str(name) for name in names]
    strange = [name for name in given if name not in known]
    if strange or len(given) != count:
        told = repr(strange[0]) if strange else f"{len(given)} names for {count} features"
        rule = f"features are named source.feature, as in {next(iter(known), '')!r}"
        raise Refusal(f"an explanation's {rule}; got {told}; name them so")
    return [known[name] for name in given]


def _read_data(explanation: "shap.Explanation", values: np.ndarray) -> list[np.ndarray]:
    """Numbers and what is shown of them, shape (persons, features) each."""
    given = np.nan if explanation.data is None else np.asarray(explanation.data, float)
    numbers = np.broadcast_to(given, values.shape)
    if explanation.display_data is not None:
        return [numbers, np.atleast_2d(np.asarray(explanation.display_data, object))]
    shown = numbers.astype(object)
    shown[np.isnan(numbers) & (values == 0)] = None
    return [numbers, shown]


def _said(places: Sequence[Place], *rows: np.ndarray) -> list[Contribution]:
    """The contributions of the sources that speak; rows are values, numbers, what is shown."""
    cells = [(*place, *cell) for place, *cell in zip(places, *rows, strict=True)]
    speak = {source.key for source, *_, shown in cells if shown is not None}
    heard = [cell for cell in cells if cell[0].key in speak]
    return [Contribution(s, f, _value(number, shown), float(a)) for s, f, a, number, shown in heard]


def _value(number: float, shown: object) -> Value:
    """One value as people read it: text of a category, number, None where missing."""
    if isinstance(shown, str):
        return shown
    return None if math.isnan(number) else short(number)


def _statement(
    person: str,
    base: float,
    said: Sequence[Contribution],
    features: Sequence[Place],
    weighting: Weighting,
) -> Statement:
    shares, speak = weighting.shares, {c.source.key for c in said}
    weighed = {source.key: source for source, _ in features if shares.get(source.key, 0) > 0}
    known = np.array([[key in speak for key in shares]])
    return Statement(
        person=person,
        weighting=weighting,
        log_odds=math.fsum([base, *(c.log_odds for c in said)]),
        base_log_odds=base,
        contributions=tuple(said),
        known=tuple(source for key, source in weighed.items() if key in speak),
        absent=tuple(source for key, source in weighed.items() if key not in speak),
        reach=float(weighting.reach(known)[0]),
    )
