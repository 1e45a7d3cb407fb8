"""How do files become evidence?

Read each source, fit it, ask it about everyone it knows; or take what is kept.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog, Source
from analytics.data.population import Population, find, people
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF, root
from analytics.data.split import FOLDS, teachers

from . import home as homes
from .design import draw
from .evidence import Evidence, gather
from .home import Home
from .model import Settings, ShouldContinue, SourceModel, fit, proceed

Progress = Callable[[str, int, int], None]
Rounds = Callable[[str, int, int], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A population with what its sources say: `report` has one row per source, `fresh` tells
    whether models were fitted just now, `kept` is where they are.

    `vouched` is the checksum of the kept evidence, by which models fitted later in the same place
    are told apart.
    """

    population: Population
    evidence: Evidence
    report: pl.DataFrame
    fresh: bool
    kept: Home
    vouched: str = ""

    @property
    def folds(self) -> int:
        """Folds of people who take turns in teaching and being asked; 0 where they do not.

        Outcomes are many.
        """
        return FOLDS if "fold" in self.evidence.people.columns else 0

    @property
    def note(self) -> str:
        """What to bear in mind where outcomes are few; empty where they are not."""
        told = self.evidence.people["defaulted"].filter(teachers(self.evidence.people)).drop_nulls()
        bad = int(told.sum())
        rarer = f"{bad:,} defaults" if 2 * bad <= len(told) else f"{len(told) - bad:,} payers"
        few = (
            f"Only {rarer}: everybody's evidence comes from models that never saw them, in {FOLDS}"
            " turns; intervals are wide"
        )
        return few if self.folds else ""

    def manifest(self) -> dict[str, object]:
        """What vouches for these models; empty where nothing does.

        Raises
        ------
        Refusal
            If others have been fitted in their place since.
        """
        if self.kept.digest(homes.EVIDENCE) not in ("", self.vouched):
            raise Refusal(
                f"the models in {self.kept.folder} were fitted again since their evidence was read;"
                " read it again"
            )
        return self.kept.manifest()

    def models(self) -> list[SourceModel]:
        """The kept models, in catalog order; read anew at each call.

        Raises
        ------
        Refusal
            If a file of theirs is missing, damaged or edited: its checksum is compared before
            anything reads it; or if others have been fitted since.
        """
        self.manifest()
        return homes.models(self.kept, self.population.catalog)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One source, fitted and asked about everyone it knows."""

    model: SourceModel
    rows: np.ndarray
    added: np.ndarray
    report: dict[str, object]


def load(
    catalog: Catalog,
    *,
    folder: Path | None = None,
    shelf: Path | None = None,
    settings: Settings = Settings(),
    progress: Progress = lambda *_: None,
    rounds: Rounds = lambda *_: True,
) -> Fitted:
    """The evidence of a catalog: kept, where data, catalog and settings are unchanged; else fitted
    and kept.

    Parameters
    ----------
    folder : where models are kept; the work folder where it is not named.
    shelf : where checked tables are kept; in that folder where it is not named.
    progress : called after each source with its key, how many are done, and how many there are.
    rounds : called before a source is read and after each of its rounds, from several threads, with
        its key, the rounds done and the most there will be; False stops all sources within a round.

    Raises
    ------
    Refusal
        If the data are refused; nothing is overwritten then.
    Cancelled
        If `rounds` says stop; nothing is overwritten then either.
    """
    population = find(catalog, shelf or (folder or root()) / SHELF)
    kept, key = homes.home(folder or root(), catalog), homes.key(population, settings)
    if kept.holds(key):
        return Fitted(
            population,
            homes.evidence(kept, catalog),
            homes.report(kept),
            fresh=False,
            kept=kept,
            vouched=kept.digest(homes.EVIDENCE),
        )
    everyone = people(population)
    base_rate = _base_rate(everyone, catalog)
    heard = list(_listen(population, everyone, base_rate, settings, progress, rounds))
    evidence = gather(catalog, everyone, {h.model.key: (h.rows, h.added) for h in heard}, base_rate)
    report = pl.DataFrame([h.report for h in heard])
    kept.write(key, homes.pack([h.model for h in heard], evidence, report))
    return Fitted(
        population, evidence, report, fresh=True, kept=kept, vouched=kept.digest(homes.EVIDENCE)
    )


def _base_rate(everyone: pl.DataFrame, catalog: Catalog) -> float:
    outcomes = everyone.filter(teachers(everyone))["defaulted"].drop_nulls()
    if outcomes.n_unique() < 2:
        raise Refusal(
            f"{catalog.people.table}: the {len(outcomes):,} training persons do not have both"
            " outcomes; add people"
        )
    return float(outcomes.mean())  # type: ignore[arg-type]


def _listen(
    population: Population,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings,
    progress: Progress,
    rounds: Rounds,
) -> Iterator[Heard]:
    """Fit the sources side by side, and give them in catalog order.

    Where one fails or is stopped, all stop.
    """
    catalog, left = population.catalog, Event()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = {
            pool.submit(
                _hear,
                population,
                everyone,
                s,
                base_rate,
                settings,
                partial(_heed, rounds, left, s.key),
            ): s.key
            for s in catalog
        }
        try:
            for done, task in enumerate(as_completed(tasks), 1):
                task.result()
                progress(tasks[task], done, len(tasks))
        except BaseException:
            left.set()
            pool.shutdown(cancel_futures=True)
            raise
    results = {key: task.result() for task, key in tasks.items()}
    yield from (results[k] for k in catalog.keys)


def _heed(rounds: Rounds, left: Event, key: str, done: int, most: int) -> bool:
    """Go on with this source? Not once anyone has said stop."""
    if not left.is_set() and not rounds(key, done, most):
        left.set()
    return not left.is_set()


def _hear(
    population: Population,
    everyone: pl.DataFrame,
    source: Source,
    base_rate: float,
    settings: Settings,
    should_continue: ShouldContinue,
) -> Heard:
    started = time.perf_counter()
    proceed(source.key, should_continue, 0, settings.rounds)
    design = draw(population, everyone, source)
    mine = everyone[design.rows]
    model = fit(
        design,
        mine["defaulted"].cast(pl.Float64).to_numpy(),
        mine["split"].cast(pl.String).to_numpy(),
        base_rate,
        settings,
        should_continue=should_continue,
    )
    added = model.said(design, base_rate)
    seen = {
        "key": source.key,
        "persons": len(design.rows),
        "hit": design.hit,
        "fill": design.fill,
        "strangers": design.strangers,
    }
    learned = {
        "features": len(design.features),
        "rounds": max(m.rounds for m in model.turns),
        "seconds": round(time.perf_counter() - started, 3),
    }
    return Heard(model, design.rows, added, seen | learned)
