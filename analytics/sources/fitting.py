"""From files to evidence: read each source, fit it, ask it about everyone it knows; or take what is kept."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data.catalog import Catalog, Source
from analytics.data.population import Population, find, people
from analytics.data.refusal import Refusal

from . import home as homes
from .design import draw
from .evidence import Evidence, gather
from .model import Settings, SourceModel, fit

Progress = Callable[[str, int, int], None]
FOLDER = ".weighbridge"


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A population with what its sources say: `report` has one row per source, `fresh` tells whether models were fitted just now."""

    population: Population
    evidence: Evidence
    report: pl.DataFrame
    fresh: bool


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One source, fitted and asked about everyone it knows."""

    model: SourceModel
    rows: np.ndarray
    added: np.ndarray
    report: dict[str, object]


def root() -> Path:
    """The work folder: WEIGHBRIDGE_HOME, else .weighbridge where one stands."""
    return Path(os.environ.get("WEIGHBRIDGE_HOME") or FOLDER)


def load(catalog: Catalog, *, folder: Path | None = None, settings: Settings = Settings(), progress: Progress = lambda *_: None) -> Fitted:
    """The evidence of a catalog: kept, where data, catalog and settings are unchanged; else fitted and kept.

    Parameters
    ----------
    progress : called after each source with its key, how many are done, and how many there are.

    Raises
    ------
    Refusal
        If the data are refused; nothing is overwritten then.
    """
    population = find(catalog)
    kept, key = homes.home(folder or root(), catalog), homes.key(population, settings)
    if kept.holds(key):
        return Fitted(population, homes.evidence(kept, catalog), homes.report(kept), fresh=False)
    everyone = people(population)
    base_rate = _base_rate(everyone, catalog)
    heard = list(_listen(population, everyone, base_rate, settings, progress))
    evidence = gather(catalog, everyone, {h.model.key: (h.rows, h.added) for h in heard}, base_rate)
    report = pl.DataFrame([h.report for h in heard])
    kept.write(key, homes.pack([h.model for h in heard], evidence, report))
    return Fitted(population, evidence, report, fresh=True)


def _base_rate(everyone: pl.DataFrame, catalog: Catalog) -> float:
    outcomes = everyone.filter(pl.col("split") == "train")["defaulted"].drop_nulls()
    if outcomes.n_unique() < 2:
        raise Refusal(f"{catalog.people.table}: the {len(outcomes):,} training persons do not have both outcomes; add people")
    return float(outcomes.mean())  # type: ignore[arg-type]


def _listen(population: Population, everyone: pl.DataFrame, base_rate: float, settings: Settings, progress: Progress) -> Iterator[Heard]:
    """Fit the sources side by side, and give them in catalog order."""
    catalog = population.catalog
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = {pool.submit(_hear, population, everyone, source, base_rate, settings): source.key for source in catalog}
        try:
            for done, task in enumerate(as_completed(tasks), 1):
                task.result()
                progress(tasks[task], done, len(tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    results = {key: task.result() for task, key in tasks.items()}
    yield from (results[k] for k in catalog.keys)


def _hear(population: Population, everyone: pl.DataFrame, source: Source, base_rate: float, settings: Settings) -> Heard:
    started = time.perf_counter()
    design = draw(population, everyone, source)
    mine = everyone[design.rows]
    model = fit(design, mine["defaulted"].cast(pl.Float64).to_numpy(), mine["split"].cast(pl.String).to_numpy(), base_rate, settings)
    added = model.said(design, base_rate)
    seen = {"key": source.key, "persons": len(design.rows), "hit": design.hit, "fill": design.fill, "strangers": design.strangers}
    learned = {"features": len(design.features), "rounds": model.rounds, "seconds": round(time.perf_counter() - started, 3)}
    return Heard(model, design.rows, added, seen | learned)
