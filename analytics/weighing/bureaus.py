"""Who sees what, and what would joining do? Bureaus see some sources of some people.

Alliances see what their partners see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics.data import disclosure
from analytics.data.catalog.model import Bureau
from analytics.data.chance import of_ids
from analytics.data.cohort import Cohort
from analytics.data.disclosure import blank
from analytics.data.population import Population
from analytics.sources.evidence import Evidence, line_up

from .sweep import sweep
from .weighting import Weighting

Sight = Mapping[str, np.ndarray | None]


def sight(population: Population, bureau: Bureau) -> Sight:
    """The people a bureau may see, per source.

    Rows of the population's file, ascending, or None for all; sources it does not see are not
    there.
    """
    if not bureau.sees:
        return dict.fromkeys(population.catalog.keys)
    return {
        key: (
            population.collect(Cohort(key, conditions), ["row"])["row"].sort().to_numpy()
            if conditions
            else None
        )
        for key, conditions in bureau.sees
    }


def seen(evidence: Evidence, sights: Sequence[Sight], *, match: float = 1.0) -> Evidence:
    """The evidence as a bureau sees it, or as an alliance of several does.

    Parameters
    ----------
    match : the share of people whose records the partners can join; the others (chosen by the id,
        and by nothing that chooses the split) are seen by the first partner alone.
    """
    joined = of_ids(evidence.people["person"], "join") < match
    added = np.full(evidence.added.shape, np.nan, np.float32, order="F")
    for s, key in enumerate(evidence.catalog.keys):
        visible = _visible(evidence, sights[0], key)
        for partner in sights[1:]:
            visible |= _visible(evidence, partner, key) & joined
        added[visible, s] = evidence.added[visible, s]
    return line_up(
        evidence.catalog, evidence.people, added, evidence.base_rate, limits=evidence.limits
    )


def _visible(evidence: Evidence, sees: Sight, key: str) -> np.ndarray:
    """Whom a bureau may see in one source, shape (persons,), bool."""
    if key not in sees:
        return np.zeros(len(evidence), bool)
    rows, mine = sees[key], evidence.people["row"].to_numpy()
    if rows is None or not len(rows):
        return np.full(len(evidence), rows is None)
    return rows[np.minimum(np.searchsorted(rows, mine), len(rows) - 1)] == mine


def joint(weightings: Sequence[Weighting]) -> Weighting:
    """The weights of an alliance: the mean of its partners' shares.

    The floor is divided among them, so that whom one can score, all can.
    """
    first = weightings[0]
    mean = np.mean([w.vector for w in weightings], axis=0)
    return Weighting(
        tuple(zip(first.shares, map(float, mean), strict=True)),
        first.floor / len(weightings),
        first.missing,
    )


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A bureau, or an alliance, with the evidence it sees and how it weighs."""

    key: str
    label: str
    evidence: Evidence
    weighting: Weighting

    @property
    def knows(self) -> np.ndarray:
        """Of whom it holds anything, shape (persons,), bool, in the order of its own evidence."""
        return np.asarray(self.evidence.known.any(axis=1))


def table(views: Sequence[View], splits: Sequence[str] = ("test",)) -> pl.DataFrame:
    """Who can score whom, how well, at what price.

    Returns
    -------
    DataFrame
        One row per view: `key`, `label`, `persons` it holds anything of (null where they are few),
        their share `known`, and the columns of `sweep`.
    """
    return pl.concat([_row(view, splits) for view in views])


def _row(view: View, splits: Sequence[str]) -> pl.DataFrame:
    read = replace(view, evidence=view.evidence.split(*splits))
    found = sweep(read.evidence, [view.weighting], calibrated=view.evidence.split("calibrate"))
    held, persons = int(read.knows.sum()), len(read.knows)
    told = pl.DataFrame(
        {
            "key": [view.key],
            "label": [view.label],
            "persons": [held],
            "known": [held / max(persons, 1)],
        }
    )
    return pl.concat(
        [
            (
                told.with_columns(persons=pl.lit(None, pl.Int64))
                if 0 < held < disclosure.PERSONS
                else told
            ),
            found,
        ],
        how="horizontal",
    )


def gains(
    steps: Sequence[tuple[View, View, View]], splits: Sequence[str] = ("test",)
) -> pl.DataFrame:
    """What joining brings each partner, in two parts: by the alliance's floor and weights, and by
    joined records.

    Parameters
    ----------
    steps : of each partner: as it is alone; with its own records under the alliance's weights and
        floor; the same with what the others' records add.

    Returns
    -------
    DataFrame
        One row per partner: `key`, `label`, and of `coverage` and `auc` (of everyone) each
        `*_alone`, `*_by_floor`, `*_by_records` and `*_together`, the sum of the three. Where no
        record can be joined, nothing comes of records.
    """
    rows = []
    for partner in steps:
        read = table(partner, splits).select("coverage", auc="auc_everyone")
        row: dict[str, object] = {"key": partner[0].key, "label": partner[0].label}
        for name in read.columns:
            alone, unjoined, joined = read[name].fill_null(float("nan")).to_list()
            row |= {
                f"{name}_alone": alone,
                f"{name}_by_floor": unjoined - alone,
                f"{name}_by_records": joined - unjoined,
                f"{name}_together": joined,
            }
        rows.append(row)
    return pl.DataFrame(rows).fill_nan(None)


def parts(views: Sequence[View]) -> pl.DataFrame:
    """Whom the partners of an alliance know: all of them, some, or none.

    Parameters
    ----------
    views : two or more, of the same persons.

    Returns
    -------
    DataFrame
        `part` (both or all, several, each partner only, neither or none), `persons`, `share`,
        `bad_rate` (null below 30 persons or 5 of an outcome); empty parts, and those below 30
        persons, are left out.
    """
    known = np.stack([v.knows[np.argsort(v.evidence.people["row"].to_numpy())] for v in views])
    names, count = np.array([v.label for v in views]), known.sum(axis=0)
    two = len(views) == 2
    words = [
        "both" if two else "all",
        "neither" if two else "none",
        names[known.argmax(axis=0)] + " only",
    ]
    part = np.select([count == len(views), count == 0, count == 1], words, "several")
    people = (
        views[0]
        .evidence.people.sort("row")
        .select(pl.Series("part", part), "defaulted")
        .filter(pl.col("defaulted").is_not_null())
    )
    bad, persons = pl.col("defaulted").sum(), pl.len()
    counted = people.group_by("part").agg(
        persons.alias("persons"), bad.cast(pl.Int64).alias("bad"), bad_rate=bad / persons
    )
    order = {
        name: i
        for i, name in enumerate(
            ["both", "all", "several", *(f"{n} only" for n in names), "neither", "none"]
        )
    }
    share = (pl.col("persons") / pl.col("persons").sum()).alias("share")
    told = blank(blank(counted.with_columns(share), ("bad_rate",), bad="bad"), ("persons", "share"))
    return (
        told.drop_nulls("persons")
        .select("part", "persons", "share", "bad_rate")
        .sort(pl.col("part").replace_strict(order))
    )
