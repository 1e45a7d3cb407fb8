"""What is each source worth?

What it adds alone, what would be lost without it, and its fair share of what all are worth
together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial, nan

import numpy as np
import polars as pl

from analytics.data.chance import generator
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence

from .pair import pair
from .readings import auc, coverage
from .sweep import Progress, sweep
from .tally import tally
from .weighting import Weighting

EXACT = 12  # up to so many sources all coalitions are read; above, orders of joining are sampled
ORDERS = 200
METRICS = ("auc_everyone", "coverage", "profit", "price")


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What coalitions of sources are worth, under one weighting's proportions.

    Attributes
    ----------
    keys : the sources with a weight, in catalog order.
    members : shape (coalitions, sources), bool; the empty one is among them.
    read : what each coalition reads, one row per coalition, columns of METRICS with intervals where
        there are any.
    """

    keys: tuple[str, ...]
    members: np.ndarray
    read: pl.DataFrame

    def of(self, metric: str) -> np.ndarray:
        """The worth of every coalition in one metric."""
        return self.read[metric].to_numpy()


def worth(
    persons: Evidence,
    weighting: Weighting,
    members: np.ndarray,
    *,
    calibrated: Evidence | None = None,
    margin: tuple[float, float] = (nan, nan),
    progress: Progress = lambda *_: True,
) -> Worth:
    """Read coalitions of the weighted sources; those outside get weight 0, the others keep their
    proportions.

    Nobody can be scored by no source: an AUC of everyone of 0.5, and nothing covered, earned or
    paid.

    Parameters
    ----------
    calibrated : the calibration persons, who choose the cutoff of the profit; without them the
        persons read do, as in a search.

    Raises
    ------
    Refusal
        If `progress` says stop before all are read: values are shared out over all of them.
    """
    keys = tuple(k for k, share in weighting.shares.items() if share > 0)
    some = members.any(axis=1)
    found = sweep(
        persons,
        [_only(weighting, keys, row) for row in members[some]],
        calibrated=calibrated,
        margin=margin,
        progress=progress,
    )
    if len(found) < some.sum():
        raise Refusal(
            "reading the coalitions of sources was stopped, so their values are not known; start"
            " again"
        )
    nothing = {
        "auc_everyone": 0.5,
        "coverage": 0.0,
        "profit": 0.0 if np.isfinite(margin[0]) else None,
        "price": 0.0,
    }
    columns = [
        c for c in found.columns if not c.startswith("weight.") and c not in ("floor", "missing")
    ]
    empty = pl.DataFrame([nothing] * int((~some).sum()), schema=dict.fromkeys(columns, pl.Float64))
    read = pl.concat([found.select(columns), empty])[
        np.argsort(np.concatenate([np.flatnonzero(some), np.flatnonzero(~some)]))
    ]
    return Worth(keys, members, read)


def _only(weighting: Weighting, keys: Sequence[str], row: np.ndarray) -> Weighting:
    inside = {k for k, is_in in zip(keys, row, strict=True) if is_in}
    return Weighting(
        tuple((k, w if k in inside else 0.0) for k, w in weighting.weights),
        weighting.floor,
        weighting.missing,
    )


def coalitions(count: int) -> np.ndarray:
    """Every set of so many sources, shape (2 ** count, count), bool.

    Row i holds the sources of the bits of i.
    """
    return (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)


def value(
    persons: Evidence,
    weighting: Weighting,
    *,
    calibrated: Evidence | None = None,
    margin: tuple[float, float] = (nan, nan),
    seed: int = 7,
    known: Worth | None = None,
    progress: Progress = lambda *_: True,
) -> pl.DataFrame:
    """What each weighted source is worth, three ways.

    Parameters
    ----------
    calibrated : as for `worth`.
    known : the worth of every coalition, in the order of `coalitions`, if it has been read before.

    Returns
    -------
    DataFrame
        One row per source: `key`, `label`; per metric (`auc_everyone`, `coverage`, `profit`,
        `price`): `add_one_*` (it alone, less none), `drop_one_*` (all, less all without it),
        `shapley_*` (its mean addition over all orders of joining; these add up to `total_*`, all
        less none) and `error_*` (standard error of the Shapley value; 0 where it is exact).

    References
    ----------
    Shapley 1953; sampling of orders: Castro, Gomez, Tejada 2009.
    """
    keys = [k for k, share in weighting.shares.items() if share > 0]
    count = len(keys)
    exact = count <= EXACT
    members = coalitions(count) if exact else _prefixes(generator("orders", seed), count)
    if known is None or not exact:
        known = worth(
            persons, weighting, members, calibrated=calibrated, margin=margin, progress=progress
        )
    labels = {s.key: s.label for s in persons.catalog}
    frame = pl.DataFrame({"key": keys, "label": [labels[k] for k in keys]})
    for metric in METRICS:
        shapley, error = (
            exact_shapley(known.of(metric), count)
            if exact
            else _sampled(known.of(metric), members, count)
        )
        alone, without, everything, none = _ends(known.of(metric), members)
        columns = {
            "add_one": alone - none,
            "drop_one": everything - without,
            "shapley": shapley,
            "error": error,
            "total": np.full(count, everything - none),
        }
        frame = frame.with_columns(
            **{f"{name}_{metric}": pl.Series(v) for name, v in columns.items()}
        )
    return frame.fill_nan(None)


def exact_shapley(worths: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Shapley values from the worth of every coalition, in the order of `coalitions`.

    The error is 0.
    """
    sizes = coalitions(count).sum(axis=1)
    weights = np.array(
        [
            factorial(s) * factorial(count - s - 1) / factorial(count) if s < count else 0.0
            for s in range(count + 1)
        ]
    )
    values = [_shapley(worths, sizes, weights, bit) for bit in range(count)]
    return np.array(values), np.zeros(count)


def _shapley(worths: np.ndarray, sizes: np.ndarray, weights: np.ndarray, bit: int) -> float:
    without = np.flatnonzero(np.arange(len(worths)) >> bit & 1 == 0)
    return float(weights[sizes[without]] @ (worths[without | 1 << bit] - worths[without]))


def _prefixes(random: np.random.Generator, count: int) -> np.ndarray:
    """Every beginning of ORDERS random orders of joining, then each source alone and all without
    it, shape (coalitions, sources).
    """
    orders = np.array([random.permutation(count) for _ in range(ORDERS)])
    ranks = np.argsort(orders, axis=1)
    prefixes = ranks[:, None, :] < np.arange(count + 1)[None, :, None]
    return np.vstack(
        [prefixes.reshape(-1, count), np.eye(count, dtype=bool), ~np.eye(count, dtype=bool)]
    )


def _sampled(worths: np.ndarray, members: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean addition over the sampled orders, and its standard error."""
    steps = ORDERS * (count + 1)
    walks = worths[:steps].reshape(ORDERS, -1)
    joined = members[:steps].reshape(ORDERS, count + 1, count)
    who = (joined[:, 1:] & ~joined[:, :-1]).argmax(axis=2)
    added = np.empty((ORDERS, count))
    np.put_along_axis(added, who, np.diff(walks, axis=1), axis=1)
    return added.mean(axis=0), added.std(axis=0, ddof=1) / np.sqrt(ORDERS)


def _ends(worths: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """The worth of each source alone, of all without it, of all, of none."""
    sizes, count = members.sum(axis=1), members.shape[1]
    alone = np.array(
        [worths[np.flatnonzero((sizes == 1) & members[:, s])[0]] for s in range(count)]
    )
    without = np.array(
        [worths[np.flatnonzero((sizes == count - 1) & ~members[:, s])[0]] for s in range(count)]
    )
    return alone, without, float(worths[np.argmax(sizes)]), float(worths[np.argmin(sizes)])


def next_source(persons: Evidence, weighting: Weighting, searched: Evidence) -> pl.DataFrame:
    """What each source without weight would bring, if it got the mean share.

    Parameters
    ----------
    searched : other persons, usually those calibrated on, who say which source comes first: the
        first of the persons read would flatter itself.

    Returns
    -------
    DataFrame
        Those first that bring most to the persons searched: `key`, `share`, `gain` in AUC of
        everyone with its paired `gain_low` and `gain_high`, `coverage_gain`, `price`, all of
        `persons`; and `searched`, the gain of the persons searched.
    """
    idle = [k for k, share in weighting.shares.items() if not share]
    share = 1 / (len(weighting.weights) - len(idle) + 1)
    rows = [
        _joined(persons, weighting, then := weighting.put(key, share))
        | {"key": key, "share": share, "searched": _joined(searched, weighting, then)["gain"]}
        for key in idle
    ]
    names = ("gain", "gain_low", "gain_high", "coverage_gain", "price", "searched")
    schema = {"key": pl.String, "share": pl.Float64, **dict.fromkeys(names, pl.Float64)}
    return (
        pl.DataFrame(rows, schema=schema)
        .fill_nan(None)
        .sort("searched", descending=True, nulls_last=True)
    )


def _joined(persons: Evidence, before: Weighting, after: Weighting) -> dict[str, float]:
    """What a weighting brings over another, on the same people."""
    now, then = (tally(persons, w) for w in (after, before))
    difference = pair(persons, after, before).difference(
        auc(now, everyone=True), auc(then, everyone=True)
    )
    gained = coverage(now).value - coverage(then).value
    cost = after.price(persons.catalog) - before.price(persons.catalog)
    return {
        "gain": difference.value,
        "gain_low": difference.low,
        "gain_high": difference.high,
        "coverage_gain": gained,
        "price": cost,
    }


def best_of(searched: Worth, read: Worth, metric: str = "auc_everyone") -> pl.DataFrame:
    """The best sources to have, for each number of them: diminishing returns.

    Parameters
    ----------
    searched : what coalitions are worth to those who choose, usually the persons calibrated on.
    read : what the same coalitions are worth to the persons read.

    Returns
    -------
    DataFrame
        One row per number `k`: `sources` (keys), `added` and `dropped` against the row before, what
        they read, and `searched`: the metric where they were chosen, which flatters.
    """
    sizes, worths = searched.members.sum(axis=1), np.nan_to_num(searched.of(metric), nan=-np.inf)
    winners = [
        int(np.flatnonzero(sizes == k)[np.argmax(worths[sizes == k])])
        for k in range(1, len(searched.keys) + 1)
    ]
    sets = [_names(searched)[i] for i in winners]
    before = [[], *sets[:-1]]
    changes = {
        "k": range(1, len(sets) + 1),
        "sources": sets,
        "added": [
            [k for k in now if k not in then] for now, then in zip(sets, before, strict=True)
        ],
        "dropped": [
            [k for k in then if k not in now] for now, then in zip(sets, before, strict=True)
        ],
    }
    lists = {name: pl.List(pl.String) for name in ("sources", "added", "dropped")}
    return pl.concat(
        [
            pl.DataFrame(changes, schema_overrides=lists),
            read.read[winners],
            searched.read[winners].select(searched=metric),
        ],
        how="horizontal",
    )


def redundancy(persons: Evidence, weighting: Weighting) -> pl.DataFrame:
    """What two sources have in common, where whoever either of them knows is scored (floor 0).

    Returns
    -------
    DataFrame
        One row per pair: `a`, `b` (keys, in catalog order); `shared`: the share of what the two add
        to the AUC of everyone alone that is lost when they stand together, null unless what they
        add is more than chance alone would give; `correlation` of `added` among the people both
        know, within outcomes (null below 15 persons of either).
    """
    count = sum(share > 0 for share in weighting.shares.values())
    known = worth(persons, replace(weighting, floor=0.0), _pairs(count))
    gains, least = (
        dict(zip(map(frozenset, _names(known)), known.of(column) - 0.5, strict=True))
        for column in ("auc_everyone", "auc_everyone_low")
    )
    rows = []
    for a, b in combinations(known.keys, 2):
        alone = frozenset([a]), frozenset([b])
        apart = sum(gains[key] for key in alone)
        # a source that knows nobody adds exactly nothing
        sure = sum(least[key] if gains[key] else 0.0 for key in alone) > 0
        shared = 1 - gains[frozenset([a, b])] / apart if sure else None
        rows.append({"a": a, "b": b, "shared": shared, "correlation": _correlation(persons, a, b)})
    return pl.DataFrame(
        rows,
        schema={"a": pl.String, "b": pl.String, "shared": pl.Float64, "correlation": pl.Float64},
    )


def _pairs(count: int) -> np.ndarray:
    """None, each source alone and each pair, shape (coalitions, count)."""
    pairs = [np.isin(np.arange(count), pair) for pair in combinations(range(count), 2)]
    return np.vstack([np.zeros((1, count), bool), np.eye(count, dtype=bool), *pairs])


def _names(known: Worth) -> list[list[str]]:
    return [
        [key for key, is_in in zip(known.keys, row, strict=True) if is_in] for row in known.members
    ]


def _correlation(persons: Evidence, a: str, b: str) -> float | None:
    """Correlation of what two sources add, within outcomes."""
    columns = persons.added[:, [persons.catalog.keys.index(k) for k in (a, b)]]
    both = ~np.isnan(columns).any(axis=1) & persons.people["defaulted"].is_not_null().to_numpy()
    outcome = persons.people["defaulted"].to_numpy()[both].astype(bool)
    said = columns[both].astype(float)
    if min(outcome.sum(), (~outcome).sum()) < 15:
        return None
    for y in (True, False):
        said[outcome == y] -= said[outcome == y].mean(axis=0)
    norm = np.sqrt((said**2).sum(axis=0).prod())
    return float(said[:, 0] @ said[:, 1] / norm) if norm else None


def worth_in(found: pl.DataFrame, metric: str) -> pl.DataFrame:
    """What each source is worth in one metric, most first, for a chart.

    Returns
    -------
    DataFrame
        `source`, `label`, `shapley`, `add_one`, `drop_one`; `shapley_low` and `shapley_high` where
        orders of joining were sampled.
    """
    half = Z * pl.col(f"error_{metric}")
    ways = [pl.col(f"{way}_{metric}").alias(way) for way in ("shapley", "add_one", "drop_one")]
    fair = pl.col(f"shapley_{metric}")
    sampled = [(fair - half).alias("shapley_low"), (fair + half).alias("shapley_high")]
    ends = sampled if found[f"error_{metric}"].sum() else []
    chosen = found.select(pl.col("key").alias("source"), "label", *ways, *ends)
    return chosen.sort("shapley", descending=True)


Z = 1.96  # standard errors on either side of 95%
