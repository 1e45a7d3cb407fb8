"""What can money make a source say? The best that each person can buy within a budget."""

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Protocol

import numpy as np
import polars as pl

from analytics.data.population import Population
from analytics.data.refusal import Refusal
from analytics.data.shelf import reading
from analytics.explaining.records import read
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel

from .context import Faked
from .selection import outcome, random_order, rows

FEW = 32  # values at which trees ask about a feature: so many are all tried
LEVELS = 10  # values of a feature that are tried where trees ask about more
ROUNDS = 4  # times that money is moved between features
SLICE = 50_000  # persons that one core searches for at a time


class Detects(Protocol):
    """Whatever tells fake records of one source.

    Attributes
    ----------
    marks : the signs of records known to be fake, shape (these records, features); NaN outside the
        signs' columns.
    columns : where the signs stand among the features.
    """

    @property
    def marks(self) -> np.ndarray: ...

    @property
    def columns(self) -> np.ndarray: ...

    def trust(self, design: Design) -> np.ndarray:
        """How far each record can be trusted, in [0, 1], shape (known persons,)."""


def fake(
    population: Population,
    model: SourceModel,
    persons: Evidence,
    key: str,
    budget: float,
    *,
    bad: bool = False,
    detect: Detects | None = None,
) -> Faked:
    """What everybody whom a source knows could make it say with so much money.

    Only features that the catalog calls `fakeable` change, only towards the safe side of the
    person's own value (down where the catalog says that risk rises with it, else up), up to what 99
    of 100 payers keep within, at the catalog's price per unit, whole units where all values are
    whole. A missing value stays missing. Of what is allowed, whatever lowers the source's log-odds
    most is bought, and no more of it than that takes; where nothing lowers them, nothing is. Where
    known fakes leave signs, so does every faked record: those of one of them, drawn at random, and
    signs are not for sale.

    Parameters
    ----------
    persons : the people, of whom those that the source knows are read; payers among them set the
        range.
    budget : for each person, in the population's currency.
    bad : do only those who default buy? All others are then as before, which is all that a wave of
        bad payers needs to know.
    detect : what tells fake records of this source, if anything does.

    Raises
    ------
    Refusal
        If the budget is no amount.
    """
    affordable(key, budget)
    known = persons.where(~np.isnan(persons.column(key)))
    [design] = read(population, [model], known)
    stands = _stand(known, design.rows)
    turned, honest, drawn = (
        values[stands]
        for values in (outcome(known), known.column(key), random_order(known, "signs", key))
    )
    stall = Stall(
        model,
        persons.base_rate,
        budget,
        wares(design, model, turned == 0, () if detect is None else detect.columns),
        detect,
    )
    buyers = np.flatnonzero(turned == 1) if bad else np.arange(len(turned))
    bought = stall.sell_all(part(design, buyers), honest[buyers], drawn[buyers])
    told = bought if not bad else _over(stall.keep(design, honest), buyers, bought)
    return replace(
        _spread(design.rows, _count(population), told),
        sold=any(f.fakeable for f in design.features),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ware:
    """A feature of which more can be bought.

    Where less is the safe side, its values are taken negative, so that more is always bought.

    Attributes
    ----------
    column : where it stands among the source's features; `price`: of one unit.
    levels : values that are tried, ascending; the last, the 99th percentile of the payers, is the
        most that anybody buys.
    splits : the values at which a tree of the model asks about it, ascending: between two of them
        nothing changes.
    whole : are all values whole numbers? Then so is what is bought.
    safer : is the model bound to find what is bought no riskier?
    sign : 1, or -1 where less is bought.
    """

    column: int
    price: float
    levels: np.ndarray
    splits: np.ndarray
    whole: bool
    safer: bool
    sign: int = 1

    def most(self, now: np.ndarray, money: np.ndarray) -> np.ndarray:
        """The greatest value that money buys, shape (persons,); at least the present one."""
        units = money / self.price * (1 + 1e-9)  # 3.9 buys three at 1.3, whatever the division says
        reach = np.minimum(
            now + (np.floor(units) if self.whole else units), self.levels[-1]
        ).astype(np.float32)
        reach = np.where(
            self.bill(now, reach) > money * (1 + 1e-9),
            np.nextafter(reach, np.float32(-np.inf)),
            reach,
        )
        return np.maximum(now, reach)

    def bill(self, now: np.ndarray, then: np.ndarray) -> np.ndarray:
        """What it costs to get from one value to another; 0 where it is missing."""
        return np.nan_to_num(self.price * (then.astype(float) - now))

    def least(self, now: np.ndarray, then: np.ndarray) -> np.ndarray:
        """The least value that every tree takes for `then`, and not below the present one."""
        if not len(self.splits):
            return now
        at = np.searchsorted(self.splits, then, side="right") - 1
        split = np.where(at >= 0, self.splits[at], np.float32(-np.inf))
        needed = np.maximum(now, np.ceil(split) if self.whole else split)
        return np.where(np.isnan(then), then, needed)


def wares(
    design: Design, model: SourceModel, paid: np.ndarray, signs: Iterable[int] = ()
) -> tuple[Ware, ...]:
    """What can be bought of a source, in catalog order.

    Parameters
    ----------
    paid : which of the design's persons are payers, bool.
    signs : columns that are not for sale, as they give fakes away.
    """
    fakeable = [j for j, f in enumerate(design.features) if f.fakeable]
    splits = _splits(model, fakeable)
    wanted = (j for j in fakeable if j not in set(signs))
    return tuple(ware for j in wanted for ware in _ware(design, j, paid, splits[j]))


def _ware(design: Design, j: int, paid: np.ndarray, splits: np.ndarray) -> Iterator[Ware]:
    """The ware, unless no payer has a value to aim at."""
    feature, sign = design.features[j], -1 if design.features[j].direction == "riskier" else 1
    values = sign * design.matrix[:, j]
    observed, goal = values[~np.isnan(values)], values[paid & ~np.isnan(values)]
    if len(goal):
        whole = bool((observed == np.rint(observed)).all())
        most = np.quantile(goal, 0.99, method="lower")
        # trees ask whether a value is below: on the other side, just above
        splits = splits if sign > 0 else np.nextafter(-splits[::-1], np.float32(np.inf))
        asked = np.ceil(splits) if whole else splits
        tried = (
            asked[asked < most]
            if len(splits) <= FEW
            else np.quantile(goal, np.linspace(0.99 / LEVELS, 0.99, LEVELS), method="lower")
        )
        levels = np.unique([*tried, most]).astype(np.float32)
        yield Ware(j, feature.price, levels, splits, whole, feature.direction != "unknown", sign)


def _splits(model: SourceModel, columns: Sequence[int]) -> dict[int, np.ndarray]:
    """By column, the values at which trees ask about it, those of all turns together."""
    learners = (json.loads(turn.forest.json)["learner"] for turn in model.turns)
    trees = [tree for learner in learners for tree in learner["gradient_booster"]["model"]["trees"]]
    inner, feature, limit = (
        np.concatenate([t[name] for t in trees])
        for name in ("left_children", "split_indices", "split_conditions")
    )
    return {j: np.unique(limit[(inner >= 0) & (feature == j)].astype(np.float32)) for j in columns}


@dataclass(frozen=True, slots=True, eq=False)
class Basket:
    """Values of the wares times their signs, shape (persons, wares); what the source then says."""

    values: np.ndarray
    said: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Stall:
    """What is for sale of a source, by which model it is read, and what each person can spend."""

    model: SourceModel
    base_rate: float
    budget: float
    wares: tuple[Ware, ...]
    detect: Detects | None = None

    def sell_all(self, design: Design, honest: np.ndarray, drawn: np.ndarray) -> Faked:
        """What everybody of a design buys, by the design's persons, slice by slice on all cores.

        Parameters
        ----------
        honest : what the source says of them unfaked, shape (known persons,).
        drawn : a number in (0, 1) per person, which chooses the known fake whose signs the record
            gets.
        """
        edges = range(0, len(design.rows), SLICE)
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # XGBoost lets go of the interpreter
            parts = list(
                pool.map(
                    lambda i: self.sell(
                        part(design, slice(i, i + SLICE)),
                        honest[i : i + SLICE],
                        drawn[i : i + SLICE],
                    ),
                    edges,
                )
            )
        return _each(
            lambda name: np.concatenate(
                [np.zeros(0, np.float32), *(getattr(p, name) for p in parts)]
            )
        )

    def keep(self, design: Design, honest: np.ndarray) -> Faked:
        """Who buys nothing, by the design's persons."""
        trusted = (
            np.ones(len(honest), np.float32)
            if self.detect is None
            else self.detect.trust(design).astype(np.float32)
        )
        return Faked(honest.astype(np.float32), np.zeros(len(honest)), trusted, trusted)

    def sell(self, design: Design, honest: np.ndarray, drawn: np.ndarray) -> Faked:
        """What these persons buy, by the design's persons."""
        marked = self._marked(design, drawn)
        basket = self._search(marked, honest)
        now = self._stock(design)
        spent = sum(
            (w.bill(now[:, k], basket.values[:, k]) for k, w in enumerate(self.wares)),
            np.zeros(len(honest)),
        )
        kept = self.keep(design, honest)
        caught = (
            kept.caught
            if self.detect is None
            else self.detect.trust(self._with(marked, slice(None), basket.values)).astype(
                np.float32
            )
        )
        return replace(kept, added=basket.said, spent=spent, caught=caught)

    def _stock(self, design: Design) -> np.ndarray:
        """What people have of the wares, times their signs, shape (persons, wares)."""
        return design.matrix[:, [w.column for w in self.wares]] * np.array(
            [w.sign for w in self.wares], np.float32
        )

    def _marked(self, design: Design, drawn: np.ndarray) -> Design:
        """The records with the signs that faking leaves."""
        if self.detect is None:
            return design
        matrix = design.matrix.copy(order="F")
        chosen = (drawn * len(self.detect.marks)).astype(np.intp)
        matrix[:, self.detect.columns] = self.detect.marks[chosen][:, self.detect.columns]
        return replace(design, matrix=matrix)

    def _search(self, design: Design, honest: np.ndarray) -> Basket:
        """The best basket: every way to fill it, then money moved while that pays."""
        now = self._stock(design)
        best = Basket(now, honest.astype(np.float32))
        for order in self._orders():
            best = self._fill(design, now, best, now, order)
        for _ in range(0 if self._plain else ROUNDS):
            before = best
            for order in self._orders():
                best = self._fill(design, now, best, before.values, order, only_safer=True)
            if best is before:
                break
        return self._give_back(design, now, best)

    @property
    def _plain(self) -> bool:
        """Does moving money find nothing? Two safer features are as high as money allows."""
        return len(self.wares) <= 2 and all(w.safer for w in self.wares)

    def _orders(self) -> Sequence[tuple[int, ...]]:
        """In which order features are filled: every order of a few, each of many first."""
        by_splits = sorted(range(len(self.wares)), key=lambda k: len(self.wares[k].splits))
        if self._plain and self.wares and len(self.wares[by_splits[0]].splits) <= FEW:
            # all that can be told apart of the first is tried, with the most of the other
            return [tuple(by_splits)]
        count = len(self.wares)
        return (
            list(permutations(range(count)))
            if 1 <= count <= 3
            else [(*range(k, count), *range(k)) for k in range(count)]
        )

    def _fill(
        self,
        design: Design,
        now: np.ndarray,
        best: Basket,
        base: np.ndarray,
        order: tuple[int, ...],
        *,
        only_safer: bool = False,
    ) -> Basket:
        """The first feature at every level that can be paid, the rest spent on the others."""
        lead, k = self.wares[order[0]], order[0]
        money = (
            self.budget
            - sum(self.wares[o].bill(now[:, o], base[:, o]) for o in order[1:])
            + np.zeros(len(base))
        )
        top = lead.most(now[:, k], np.maximum(money, 0))
        asked = np.ones(len(base), np.bool_)
        last = np.full(len(base), np.inf)
        for level in (np.float32(np.inf), *lead.levels[::-1], np.float32(-np.inf)):
            at = lead.least(now[:, k], np.maximum(now[:, k], np.minimum(level, top)))
            values, full = self._rest(now, base, order, at, only_safer=only_safer)
            best = self._better(design, now, best, values, asked & ~(at >= last))
            # with all the others at their highest, less of the first helps nobody
            asked, last = (asked & ~(full & lead.safer), at)
        return best

    def _rest(
        self,
        now: np.ndarray,
        base: np.ndarray,
        order: tuple[int, ...],
        at: np.ndarray,
        *,
        only_safer: bool,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The basket with the first feature at a value; who needs no more money."""
        values = base.copy()
        values[:, order[0]] = at
        rest = self.budget - sum(
            (w.bill(now[:, k], values[:, k]) for k, w in enumerate(self.wares)), np.zeros(len(base))
        )
        full = np.ones(len(base), np.bool_)
        for k in order[1:]:
            ware, before = self.wares[k], values[:, k].copy()
            if ware.safer or not only_safer:
                most = ware.most(before, np.maximum(rest, 0))
                full &= ~(most < ware.levels[-1])
                values[:, k] = ware.least(before, most)
                rest = rest - ware.bill(before, values[:, k])
        return values, full

    def _give_back(self, design: Design, now: np.ndarray, best: Basket) -> Basket:
        """The same without the features that did not help."""
        for k in range(len(self.wares)):
            values = best.values.copy()
            values[:, k] = now[:, k]
            best = self._better(design, now, best, values, np.ones(len(now), np.bool_), frugal=True)
        return best

    def _better(
        self,
        design: Design,
        now: np.ndarray,
        best: Basket,
        values: np.ndarray,
        asked: np.ndarray,
        *,
        frugal: bool = False,
    ) -> Basket:
        """The better of two baskets, person by person; the other of two as good if `frugal`."""
        tried = np.flatnonzero(
            asked
            & (values > now).any(axis=1)
            & ((values < best.values) | (values > best.values)).any(axis=1)
        )
        if not len(tried):
            return best
        said = self.model.said(self._with(design, tried, values[tried]), self.base_rate)
        won = said <= best.said[tried] if frugal else said < best.said[tried]
        if not won.any():
            return best
        found = Basket(best.values.copy(), best.said.copy())
        found.values[tried[won]], found.said[tried[won]] = values[tried[won]], said[won]
        return found

    def _with(self, design: Design, rows: slice | np.ndarray, values: np.ndarray) -> Design:
        """Some persons of a design with other values of the wares."""
        mine = part(design, rows)
        matrix = mine.matrix.copy(order="F")
        matrix[:, [w.column for w in self.wares]] = values * np.array(
            [w.sign for w in self.wares], np.float32
        )
        return replace(mine, matrix=matrix)


def part(design: Design, rows: slice | np.ndarray) -> Design:
    """Some persons of a design."""
    return replace(
        design,
        matrix=design.matrix[rows],
        rows=design.rows[rows],
        folds=None if design.folds is None else design.folds[rows],
    )


def _over(kept: Faked, buyers: np.ndarray, bought: Faked) -> Faked:
    """What is told of everybody, with what some of them bought."""

    def put(name: str) -> np.ndarray:
        values = getattr(kept, name).copy()
        values[buyers] = getattr(bought, name)
        return np.asarray(values)

    return _each(put)


def _spread(rows: np.ndarray, people: int, found: Faked) -> Faked:
    """The same by the row in the population's file; NaN for those whom the source does not know."""
    return _each(lambda name: _at(rows, people, getattr(found, name)))


def _each(values: Callable[[str], np.ndarray]) -> Faked:
    """What is told of each person, made name by name."""
    return Faked(*map(values, ("added", "spent", "honest", "caught")))  # type: ignore[arg-type]  # `sold` is not among them


def _at(rows: np.ndarray, people: int, values: np.ndarray) -> np.ndarray:
    spread = np.full(people, np.nan, values.dtype)
    spread[rows] = values
    return spread


def _stand(persons: Evidence, wanted: np.ndarray) -> np.ndarray:
    """Where the persons of these rows stand."""
    mine = rows(persons)
    order = np.argsort(mine)
    return order[np.searchsorted(mine, wanted, sorter=order)]


def _count(population: Population) -> int:
    """How many people a population has."""
    table = population.catalog.people.table
    with reading(table):
        return int(population.table(table).select(pl.len()).collect().item())


def affordable(key: str, budget: float) -> None:
    """Refuse a budget that is no amount."""
    if not (0 <= budget < math.inf):
        raise Refusal(
            f"the budget for faking {key!r} must be an amount of 0 or more, got {budget:g}"
        )
