"""What happens when the records of a source come late, and decisions are taken before?"""

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog
from analytics.data.population import Population, find
from analytics.data.refusal import Refusal
from analytics.sources.design import pick
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel
from analytics.stress.context import StressContext
from analytics.stress.kind import Slider, Stress, option, seed_option, share_option
from analytics.stress.selection import bounded, first_share, random_order, rows

MONTH = 30  # days
YEAR = 365  # days; later than that nothing is waited for
DAYS = Slider(
    label="Days late",
    help=(
        "Of records with a date. Where a source has one record a person, "
        "whoever applied in the last whole months."
    ),
    low=0,
    high=180,
    step=5,
)


@dataclass(frozen=True, slots=True)
class Late(Stress):
    """The records of a source arrive later, for a share of those it knows: the source says of them
    what it could have known by then."""

    word = "late"
    label = "Late"
    meaning = "Its records arrive some days late, and decisions are taken without them."
    place = 4
    pictures = ("Alarm",)
    begins_with = MappingProxyType({"share": 1.0})

    share: float = share_option(1.0)
    days: int = option(30, "by how much its records come late", DAYS)
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, "the share whose records are late")
        if not 0 <= self.days <= YEAR:
            raise Refusal(
                f"the days by which records are late must be between 0 and {YEAR}, got {self.days}"
            )

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return "Share of its records that come late"

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        return f"{self.bold_share} of the records of {label} come **{self.days}** days late"

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:
        """The same persons, some of whom the source knows by older records, or not yet."""
        said = persons.column(self.source)
        came = context.late(self.source, self.days)[rows(persons)]
        hit = first_share(
            random_order(persons, "late", self.source, self.seed), ~np.isnan(said), self.share
        )
        return persons.put(self.source, np.where(hit, came, said))


def late(
    population: Population,
    model: SourceModel,
    persons: Evidence,
    key: str,
    days: int,
    shelf: Path | None = None,
) -> np.ndarray:
    """What a source would say if its records arrived so many days later.

    A source of many dated records is read again: only what had arrived before the day of the
    application counts, and the model that was fitted on the punctual records is asked about it. Of
    a source with one record per person nothing older is there to be read; whoever applied in the
    latest whole months, one for each 30 days begun, is decided before the record is there. As the
    latest months of all are a split of their own, that most readings leave out, they are the latest
    months of each split.

    Parameters
    ----------
    persons : all who may be stressed.
    shelf : where the table made of the late records is kept; in the work folder where it is not
        named.

    Returns
    -------
    ndarray
        Log-odds by the row in the population's file, up to the last of these persons, float32; NaN
        where it would know nobody.

    Raises
    ------
    Refusal
        If it is not known when people applied.
    """
    source = population.catalog.source(key)
    if not population.catalog.people.time:
        raise Refusal(
            f"what {key!r} knew in time depends on when people applied; "
            "name that date under 'time' in [population]"
        )
    if source.aggregates and source.date:
        return _read_again(find(_delayed(population.catalog, key, days), shelf), model, persons)
    said = persons.column(key)
    return _by_row(
        np.where(_latest(persons.people, -(-days // MONTH)), np.float32(np.nan), said),
        rows(persons),
        persons,
    )


def _delayed(catalog: Catalog, key: str, days: int) -> Catalog:
    """The catalog with the records of one source so many days later."""
    return replace(
        catalog, sources=tuple(replace(s, lag=s.lag + days) if s.key == key else s for s in catalog)
    )


def _read_again(population: Population, model: SourceModel, persons: Evidence) -> np.ndarray:
    design = pick(
        population, persons.people, population.catalog.source(model.key), model.categories
    )
    return _by_row(model.said(design, persons.base_rate), design.rows, persons)


def _by_row(said: np.ndarray, at: np.ndarray, persons: Evidence) -> np.ndarray:
    """What is said of the persons in these rows, in the order of the population's file."""
    found = np.full(int(rows(persons).max(initial=0)) + 1, np.nan, np.float32)
    found[at] = said
    return found


def _latest(people: pl.DataFrame, months: int) -> np.ndarray:
    """Who applied in the latest whole months of their split, bool, shape (persons,)."""
    after = pl.col("month").max().over("split").dt.offset_by(f"-{months}mo")
    return people.select((pl.col("month") > after).fill_null(value=False)).to_series().to_numpy()
