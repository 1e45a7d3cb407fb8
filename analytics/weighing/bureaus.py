"""Who sees what, and what would joining do? Bureaus see some sources of some people; alliances see what their partners see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.data.catalog import Bureau
from analytics.data.cohort import Cohort
from analytics.data.population import Population
from analytics.data.split import hashed
from analytics.sources.evidence import Evidence, line_up

from .readings import OUTCOMES, PERSONS
from .sweep import sweep
from .weighting import Weighting, weigh_as

Sight = Mapping[str, np.ndarray | None]


def sight(population: Population, bureau: Bureau) -> Sight:
    """The people a bureau may see, per source: rows of the population's file, or None for all; sources it does not see are not there."""
    if not bureau.sees:
        return dict.fromkeys(population.catalog.keys)
    return {key: population.collect(Cohort(key, conditions), ["row"])["row"].to_numpy() if conditions else None for key, conditions in bureau.sees}


def seen(evidence: Evidence, sights: Sequence[Sight], *, match: float = 1.0) -> Evidence:
    """The evidence as a bureau sees it, or as an alliance of several does.

    Parameters
    ----------
    match : the share of people whose records the partners can join; the others (by a hash of the id) are seen by the first partner alone.
    """
    joined = hashed(evidence.people["person"]) < match
    added = np.full(evidence.added.shape, np.nan, np.float32, order="F")
    for s, key in enumerate(evidence.catalog.keys):
        visible = _visible(evidence, sights[0], key)
        for partner in sights[1:]:
            visible |= _visible(evidence, partner, key) & joined
        added[visible, s] = evidence.added[visible, s]
    return line_up(evidence.catalog, evidence.people, added, evidence.base_rate)


def _visible(evidence: Evidence, sees: Sight, key: str) -> np.ndarray:
    """Whom a bureau may see in one source, shape (persons,), bool."""
    if key not in sees:
        return np.zeros(len(evidence), bool)
    rows = sees[key]
    return np.ones(len(evidence), bool) if rows is None else np.isin(evidence.people["row"].to_numpy(), rows)


def joint(catalog_weights: Sequence[Weighting]) -> Weighting:
    """The weights of an alliance: the mean of its partners' shares, under the first one's floor and policy."""
    first = catalog_weights[0]
    mean = np.mean([w.vector for w in catalog_weights], axis=0)
    return Weighting(tuple(zip(first.shares, map(float, mean), strict=True)), first.floor, first.missing)


def known_to(evidence: Evidence) -> np.ndarray:
    """Whom any source that is seen knows, shape (persons,), bool, in the order of the rows of the file."""
    known = np.zeros(int(evidence.people["row"].max() or 0) + 1, bool)  # type: ignore[arg-type, type-var]
    known[evidence.people["row"].to_numpy()] = evidence.known.any(axis=1)
    return known


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A bureau, or an alliance, with the evidence it sees and how it weighs."""

    key: str
    label: str
    evidence: Evidence
    weighting: Weighting


def look(population: Population, evidence: Evidence, bureau: Bureau, floor: float, missing: str) -> View:
    """One bureau's view of these people."""
    return View(bureau.key, bureau.label, seen(evidence, [sight(population, bureau)]), weigh_as(population.catalog, dict(bureau.weights), floor, missing))


def table(views: Sequence[View], splits: Sequence[str] = ("test",)) -> pl.DataFrame:
    """Who can score whom, how well, at what price.

    Returns
    -------
    DataFrame
        One row per view: `key`, `label`, `known` (share of people it holds anything of), and the columns of `sweep`.
    """
    return pl.concat([_row(view, splits) for view in views])


def _row(view: View, splits: Sequence[str]) -> pl.DataFrame:
    persons = view.evidence.split(*splits)
    found = sweep(persons, [view.weighting], calibrated=view.evidence.split("calibrate"))
    told = pl.DataFrame({"key": [view.key], "label": [view.label], "known": [float(persons.known.any(axis=1).mean())]})
    return pl.concat([told, found], how="horizontal")


def parts(everyone: Evidence, views: Sequence[View]) -> pl.DataFrame:
    """Whom the partners of an alliance know: all of them, some, or none.

    Returns
    -------
    DataFrame
        `part` (all, each partner alone, several, none), `persons`, `share`, `bad_rate` (null below 30 persons or 5 of an outcome); empty parts are left out.
    """
    known = np.stack([known_to(v.evidence) for v in views])[:, everyone.people["row"].to_numpy()]
    count = known.sum(axis=0)
    names = np.array([v.label for v in views])
    part = np.select(
        [count == len(views), count == 0, count == 1],
        ["all" if len(views) > 2 else "both", "neither" if len(views) == 2 else "none", names[known.argmax(axis=0)] + " only"],
        "several",
    )
    people = everyone.people.select(pl.Series("part", part), "defaulted").filter(pl.col("defaulted").is_not_null())
    bad, all_ = pl.col("defaulted").sum(), pl.len()
    large = (all_ >= PERSONS) & (bad >= OUTCOMES) & (all_ - bad >= OUTCOMES)
    counted = people.group_by("part").agg(all_.alias("persons"), pl.when(large).then(bad / all_).alias("bad_rate"))
    order = ["both", "all", "several", *(f"{n} only" for n in names), "neither", "none"]
    return counted.select("part", "persons", share=pl.col("persons") / pl.col("persons").sum(), bad_rate="bad_rate").sort(
        pl.col("part").replace_strict({n: i for i, n in enumerate(order)})
    )
