"""What does every source add about every person?

One number per person and source, lined up for weighing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog

UNKNOWN = 2  # outcome of a person whose outcome is unknown: scored, never read


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Neighbours who are known to the same sources and turned out alike.

    Attributes
    ----------
    edges : where each run starts, and the end, shape (runs + 1,).
    known : does the source know the run's persons, shape (runs, sources), bool.
    outcome : 0 paid, 1 defaulted, 2 unknown, shape (runs,), int8.
    """

    edges: np.ndarray
    known: np.ndarray
    outcome: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Persons per run."""
        return np.diff(self.edges)

    def keep(self, mask: np.ndarray) -> "Runs":
        """The runs of the persons chosen by a boolean mask; empty ones go."""
        sizes = (
            np.add.reduceat(mask, self.edges[:-1], dtype=np.int64)
            if len(mask)
            else np.zeros(0, np.int64)
        )
        full = sizes > 0
        return Runs(
            np.concatenate([[0], np.cumsum(sizes[full])]), self.known[full], self.outcome[full]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What each source adds to the base rate, for each person it knows.

    Attributes
    ----------
    people : one row per person, lined up by known sources and outcome: `row`, `person`,
        `defaulted`, `split`, `month`, segments.
    added : log-odds of default, shape (persons, sources), float32, one column per source; NaN where
        the source does not know the person.
    base_rate : default rate of all training persons.
    limits : least and greatest `added` of each source over everyone, shape (sources, 2); the same
        for every part, so that tallies of parts add up.
    runs : neighbours who are known alike and turned out alike.
    """

    catalog: Catalog
    people: pl.DataFrame
    added: np.ndarray
    base_rate: float
    limits: np.ndarray
    runs: Runs

    def __len__(self) -> int:
        return len(self.people)

    @property
    def known(self) -> np.ndarray:
        """Does source s hold a usable record of person i, shape (persons, sources), bool."""
        return ~np.isnan(self.added)

    def column(self, key: str) -> np.ndarray:
        """What one source adds, log-odds, shape (persons,).

        NaN where it does not know the person.
        """
        return self.added[:, self.catalog.keys.index(key)]

    def put(self, key: str, values: np.ndarray) -> "Evidence":
        """The same persons, of whom one source now says this.

        Log-odds, shape (persons,), NaN where it knows them no longer; lined up again.
        """
        added = self.added.copy(order="F")
        at = self.catalog.keys.index(key)
        added[:, at] = values
        limits = self.limits.copy()
        ends = (np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf))
        limits[at] = np.where([ends[0] < limits[at, 0], ends[1] > limits[at, 1]], ends, limits[at])
        if (np.isnan(values) == np.isnan(self.column(key))).all():
            return replace(self, added=_still(added), limits=limits)
        return line_up(self.catalog, self.people, added, self.base_rate, limits=limits)

    def where(self, mask: np.ndarray) -> "Evidence":
        """The persons chosen by a boolean mask over `people`, in the same order."""
        if mask.all():
            return self
        rows = np.flatnonzero(mask)
        added = np.empty((len(rows), self.added.shape[1]), np.float32, order="F")
        for s in range(added.shape[1]):
            np.take(self.added[:, s], rows, out=added[:, s])
        return replace(
            self, people=self.people[rows], added=_still(added), runs=self.runs.keep(mask)
        )

    def rows(self, rows: np.ndarray) -> "Evidence":
        """The persons of these rows of the population's file."""
        chosen = np.zeros(int(self.people["row"].max() or 0) + 1, np.bool_)  # type: ignore[arg-type]
        chosen[rows[rows < len(chosen)]] = True
        return self.where(chosen[self.people["row"].to_numpy()])

    def split(self, *names: str) -> "Evidence":
        """The persons of these splits."""
        return self.where(self.people["split"].is_in(list(names)).to_numpy())

    def group(self, column: str) -> dict[object, "Evidence"]:
        """One part per value of a column of `people`, values ascending."""
        values = self.people[column]
        return {
            v: self.where(values.eq_missing(v).to_numpy())
            for v in values.drop_nulls().unique().sort()
        }


def gather(
    catalog: Catalog,
    people: pl.DataFrame,
    said: Mapping[str, tuple[np.ndarray, np.ndarray]],
    base_rate: float,
) -> Evidence:
    """Line people up with what the sources say of them.

    Parameters
    ----------
    people : in file order, as `analytics.data.population.people` gives them.
    said : per source key, the rows it knows and what it adds there.
    """
    added = np.full((len(people), len(catalog)), np.nan, np.float32, order="F")
    for s, source in enumerate(catalog):
        rows, values = said[source.key]
        added[rows, s] = values
    return line_up(catalog, people, added, base_rate)


def line_up(
    catalog: Catalog,
    people: pl.DataFrame,
    added: np.ndarray,
    base_rate: float,
    *,
    limits: np.ndarray | None = None,
) -> Evidence:
    """Order persons by known sources and outcome, so that a whole run is weighed by one formula.

    `limits` as those of a greater evidence, if any.
    """
    known = ~np.isnan(added)
    outcome = people["defaulted"].cast(pl.Int8).fill_null(UNKNOWN).to_numpy()
    words = _words(known)
    order = np.lexsort((outcome, *words.T))
    changes = (np.diff(words[order], axis=0) != 0).any(axis=1) | (np.diff(outcome[order]) != 0)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lined = np.empty(added.shape, np.float32, order="F")
    for s in range(added.shape[1]):
        np.take(added[:, s], order, out=lined[:, s])
    mine = np.array(
        [
            [np.nanmin(column), np.nanmax(column)] if k.any() else [0, 0]
            for column, k in zip(added.T, known.T, strict=True)
        ]
    )
    runs = Runs(
        np.concatenate([starts, [len(people)]]), known[order[starts]], outcome[order[starts]]
    )
    return Evidence(
        catalog, people[order], _still(lined), base_rate, mine if limits is None else limits, runs
    )


def _words(known: np.ndarray) -> np.ndarray:
    """The known sources as bits of 64-bit words, shape (persons, words).

    Any number of sources fits.
    """
    bits = np.packbits(known, axis=1, bitorder="little")
    padded = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)


def _still(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
