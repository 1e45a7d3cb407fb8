"""What do the sources hold of chosen people, and what is usual? Records of a few persons, read
without reading everybody's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics.data.bounds import NAME, bounded, shown
from analytics.data.population import Population
from analytics.data.refusal import Refusal
from analytics.sources.design import FEW, Design, pick, survey
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel

SAMPLE = 50_000  # persons whose values tell what is usual
NEAR = 3  # ids that are proposed
STEPS = 12  # values of a feature that are tried


class NoSuchPerson(Refusal):
    """No person has this id."""


def find(everyone: Evidence, person: str) -> Evidence:
    """One person, by the id; also where capitals, spaces or leading zeros are written otherwise, if
    that leaves one person only.

    Raises
    ------
    NoSuchPerson
        If there is no such person, or several whose ids are nearly so.
    Refusal
        If no source knows them.
    """
    ids = everyone.people["person"].cast(pl.String)
    told = everyone.catalog.people
    unknown = (
        f"no person {shown(person)} in {told.table}; write the id as it stands in its column "
        f"{told.id!r}"
    )
    try:
        bounded(person, "an id", NAME)
    except Refusal:
        raise NoSuchPerson(unknown) from None
    found = everyone.where((ids == person).to_numpy())
    if not len(found):
        near = _near(ids, person)
        found = everyone.where(near.to_numpy())
        if len(found) != 1:
            hint = (
                f"; nearly the same: {', '.join(ids.filter(near).sort().head(NEAR))}"
                if len(found)
                else ""
            )
            raise NoSuchPerson(f"{unknown}{hint}")
    if not found.known.any():
        raise Refusal(
            f"no source knows person {person!r}, so there is nothing to explain; choose a "
            "person of whom a source holds a record"
        )
    return found


def _near(ids: pl.Series, person: str) -> pl.Series:
    """Which ids are the one asked for, but for capitals, spaces and leading zeros."""
    asked, theirs = (
        x.str.replace_all(r"\s", "")
        .str.to_lowercase()
        .str.replace_all(r"(^|[^0-9])0+([0-9])", "${1}${2}")
        for x in (pl.Series([person]), ids)
    )
    return theirs == asked[0]


def read(population: Population, models: Sequence[SourceModel], persons: Evidence) -> list[Design]:
    """Every source's records of these persons, one design per source in catalog order: the same
    numbers as in the designs of everyone."""
    if len(persons) > FEW:
        return list(stream(population, models, persons))
    ids = _ids(persons)
    with ThreadPoolExecutor(
        4
    ) as pool:  # looking up is mostly waiting; reading whole tables keeps all cores busy by itself
        return list(
            pool.map(
                lambda m: pick(population, ids, population.catalog.source(m.key), m.categories),
                models,
            )
        )


def stream(
    population: Population, models: Iterable[SourceModel], persons: Evidence
) -> Iterator[Design]:
    """The same, one source at a time: what is not kept is gone before the next is read."""
    ids = _ids(persons)
    return (pick(population, ids, population.catalog.source(m.key), m.categories) for m in models)


def _ids(persons: Evidence) -> pl.DataFrame:
    """What finds the records of these persons, and tells which models they are asked of."""
    return persons.people.select(
        "row", "person", *(c for c in ("fold",) if c in persons.people.columns)
    )


def some(design: Design, at: np.ndarray) -> Design:
    """The records at these places of a design, in that order; which texts were never seen is not
    kept."""
    folds = None if design.folds is None else design.folds[at]
    return replace(design, matrix=design.matrix[at], rows=design.rows[at], folds=folds, unseen={})


@dataclass(frozen=True, slots=True)
class Range:
    """Which values of a feature are observed, among the records of its source.

    Attributes
    ----------
    least, usual, greatest : the ends and the median; NaN for a category, and where nobody has a
        value.
    steps : up to twelve values from the 1st to the 99th percentile, ascending; of a category, the
        codes of its most common texts.
    texts : the texts of a category by their codes; none for a number.
    whole : are all values whole numbers?
    """

    least: float
    usual: float
    greatest: float
    steps: tuple[float, ...]
    texts: tuple[str, ...] = ()
    whole: bool = False


def short(value: float) -> float:
    """A float32 as the number that was meant: 0.1, not 0.10000000149."""
    return float(str(np.float32(value)))


Ranges = Mapping[tuple[str, str], Range]


def ranges(designs: Iterable[Design]) -> Ranges:
    """The observed range of every feature, by source key and feature name."""
    return {(d.source.key, f.name): _range(d, j) for d in designs for j, f in enumerate(d.features)}


def observe(population: Population, models: Iterable[SourceModel]) -> Ranges:
    """The observed range of every feature, over all usable records of every table, one source at a
    time."""
    return ranges(
        survey(population, population.catalog.source(m.key), m.categories) for m in models
    )


def _range(design: Design, column: int) -> Range:
    texts = design.categories.get(design.features[column].name, ())
    values = design.matrix[:, column]
    values = values[~np.isnan(values)]
    if texts:
        common = np.argsort(-np.bincount(values.astype(int), minlength=len(texts)), kind="stable")[
            :STEPS
        ]
        return Range(np.nan, np.nan, np.nan, tuple(map(float, np.sort(common))), texts)
    if not len(values):
        return Range(np.nan, np.nan, np.nan, ())
    sample = values[:: -(-len(values) // SAMPLE)]
    steps = np.unique(np.quantile(sample, np.linspace(0.01, 0.99, STEPS), method="nearest"))
    usual = np.quantile(sample, 0.5, method="nearest")
    return Range(
        short(values.min()),
        short(usual),
        short(values.max()),
        tuple(map(short, steps)),
        whole=bool((sample == np.rint(sample)).all()),
    )
