"""At which values may a page cut a column? At steps with many people between them.

Whoever may ask for any threshold asks twice, ``income <= 50`` and ``income <= 51``, and reads one
person in the difference. So the pages know a column by groups of its people alone, each large
enough to be shown: a threshold moves to the nearest step between two groups, a text is asked for
where many people hold it, and the rare ones stand together. Where a sum of groups would leave a
few without a value, those stand in the lowest group. Steps are quantiles, written as round
numbers; the smaller the population, the fewer, so that groups of two columns cross without cells
of few. `distinct` refuses a cohort of which one more question tells of few: the same cohort with
one condition dropped, or moved to another step. Not stopped: cohorts that differ in two conditions
or more, and sums of several answers (all four of two conditions each asked both ways tell of a
corner); only noise would stop those, and figures here are exact.
The command line and notebooks are the operator's, who owns the files, and stay exact.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import floor, isqrt, log10

import numpy as np
import polars as pl

from . import disclosure
from .bounds import shown
from .cohort import Clause, Cohort, Condition, Group, Scalar
from .disclosure import NEEDS, TooFew, few, few_of, pool
from .refusal import Refusal

GROUPS = 20  # of a column of numbers or dates, at most
VALUES = 50  # a column of no more distinct values is cut between any two, where people are many
LEAVES = 12  # comparisons of a cohort that a page reads
THRESHOLDS = ("<", "<=", ">", ">=")
LOWER = ("<", "<=")
UPPER = (">", ">=")
OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"} | {
    "==": "!=",
    "!=": "==",
    "in": "not in",
    ("not in"): "in",
}
BETWEEN = (
    f"too few people lie between this cohort and a wider or similar one; {NEEDS}, "
    "and so does a difference: choose a cohort that differs by more"
)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """How the pages may cut a column.

    Attributes
    ----------
    ordered : are these numbers or dates, cut by thresholds? Else they are asked for by value.
    values : where the groups begin, ascending, the lowest at the least that is told of the column;
        of others, the values that many people hold.
    single : whether all people of a group hold one value, as long as `values`.
    high : the greatest value that is told of the column.
    group : of each person, the place of their group in `values`; after these come, where a column
        is asked for by value, the rare ones, and last of all the missing.
    missing : whether so few have no value that they stand in the lowest group, or with the rare.
    """

    ordered: bool
    values: tuple[Scalar, ...]
    single: tuple[bool, ...]
    high: Scalar
    group: np.ndarray
    missing: bool

    @property
    def size(self) -> int:
        """How many groups there are, empty ones among them."""
        return len(self.values) + (1 if self.ordered else 2)

    def snap(self, condition: Condition) -> Clause:
        """The condition at the nearest step; itself where it cuts at one.

        Raises
        ------
        TooFew
            If few people meet it, or it asks for single values that few people hold.
        """
        inside = self.mask(condition)
        moved = self._moved(condition)
        if not inside.any():
            raise _rare(condition.column)
        if self.missing and inside[0 if self.ordered else len(self.values)]:
            return Group("not", (replace(moved, op=OPPOSITE[moved.op]),))
        return moved

    def mask(self, condition: Condition) -> np.ndarray:
        """Which groups meet the condition at the nearest step, shape (size,)."""
        inside = np.zeros(self.size, np.bool_)
        if condition.value is None:
            inside[-1] = True
            if self.missing:
                raise _rare(condition.column)
            return inside if condition.op == "==" else ~inside
        if condition.op in THRESHOLDS:
            inside[self._cut(condition)[0] : -1] = True
        else:
            several = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            inside[[self._place(condition.column, value) for value in several]] = True
        if condition.op in (*LOWER, "!=", "not in"):
            inside[:-1] = ~inside[:-1]
        return inside

    def _moved(self, condition: Condition) -> Condition:
        if condition.value is None or condition.op not in THRESHOLDS:
            return condition
        start, exact = self._cut(condition)
        if exact:
            return condition
        if start in (0, len(self.values)):  # on the side that is everybody, as the other is refused
            return Condition(condition.column, "!=", None)
        return Condition(
            condition.column, "<" if condition.op in LOWER else ">=", self.values[start]
        )

    def _cut(self, condition: Condition) -> tuple[int, bool]:
        """The first group at or above a threshold at the nearest step, and whether it was there."""
        if not self.ordered:
            raise Refusal(
                f"column {shown(condition.column)} has no thresholds on a page; compare it by ==, "
                "!=, in or not in"
            )
        at = _number(condition.value)
        begins = [_number(v) for v in self.values]
        top = len(self.values)
        above = condition.op in ("<=", ">")  # the cut lies just above the value
        place = sum(b <= at if above else b < at for b in begins)
        if not above and place < top and begins[place] == at and place:
            return place, True
        if place == 0:
            return 0, bool(top and self.single[0])
        if self.single[place - 1]:
            return place, True
        low, high = begins[place - 1], begins[place] if place < top else _number(self.high)
        nearest = place - 1 if at - low < high - at else place
        if condition.op in UPPER:
            return (top if at > _number(self.high) else min(nearest, top - 1)), False
        return max(nearest, 1), False

    def _place(self, column: str, value: Scalar) -> int:
        for place, each in enumerate(self.values):
            same = isinstance(each, bool) == isinstance(value, bool) and each == value
            if (
                same or (self.ordered and value is not None and _number(each) == _number(value))
            ) and self.single[place]:
                return place
        raise _rare(column)

    def runs(self, inside: np.ndarray) -> list[np.ndarray]:
        """Groups by which a similar condition may differ: outwards from each cut, or one by one."""
        if not self.ordered:
            return [np.array([place]) for place in range(self.size)]
        last = self.size - 1
        cuts = np.flatnonzero(inside[1:-1] != inside[:-2]) + 1
        ends = [0, *cuts, last]
        up = [np.arange(cut, end) for cut, end in zip(cuts, ends[2:], strict=True)]
        down = [np.arange(start, cut)[::-1] for cut, start in zip(cuts, ends, strict=False)]
        return [run for run in (*up, *down, np.array([last])) if len(run)]


def _rare(column: str) -> TooFew:
    return TooFew(
        f"too few people have such a value in column {shown(column)}; {NEEDS}: "
        "choose common values, or a wider range"
    )


def _number(value: object) -> float:
    """Numbers as they are, days and moments as seconds."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date):
        moment = (
            value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        )
        return (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    return value  # type: ignore[return-value]


def steps(column: pl.Series, outcome: np.ndarray, read: np.ndarray) -> Steps:
    """The steps of a column.

    Parameters
    ----------
    column : its value for each person; null where there is none.
    outcome : of each person: 1 defaulted, 0 paid, anything else unknown.
    read : whether the pages read the person: of these, many stand in each group.
    """
    if column.dtype.is_decimal():
        column = column.cast(pl.Float64)
    if column.dtype.is_float():
        column = column.fill_nan(None)
    known = column.is_not_null().to_numpy()
    missing = bool((~known).any()) and few_of(outcome[~known & read])
    if column.dtype.is_numeric() or column.dtype in (pl.Date, pl.Datetime):
        return _ordered(column, known, outcome, read, missing=missing)
    return _by_value(column, outcome, read, missing=missing)


def _ordered(
    column: pl.Series, known: np.ndarray, outcome: np.ndarray, read: np.ndarray, *, missing: bool
) -> Steps:
    values = column.drop_nulls()
    if isinstance(values.dtype, pl.Datetime):
        values = values.dt.replace_time_zone(None)
    numbers = (values.cast(pl.Int64) if values.dtype.is_temporal() else values).to_numpy()
    group = np.full(len(column), 0)
    if not len(numbers):
        return Steps(True, (), (), None, group, False)
    ascending = np.sort(numbers)
    distinct = np.unique(ascending)
    cuts = distinct[1:]
    if len(distinct) > VALUES:
        near = np.array(_quantiles(ascending, values.dtype, _most(outcome[read])), ascending.dtype)
        cuts = np.unique(near[near > ascending[0]])
    for whom in (read, np.ones(len(column), np.bool_)):
        cells = np.searchsorted(cuts, numbers[whom[known]], "right")
        joined = pool(_counts(cells, outcome[known & whom], len(cuts) + 1))
        cuts = cuts[joined[1:] != joined[:-1]]
    group[known] = np.searchsorted(cuts, numbers, "right")
    group[~known] = 0 if missing else len(cuts) + 1
    sizes = np.bincount(group[known], minlength=len(cuts) + 1)
    beyond = min(disclosure.PERSONS, (len(numbers) - 1) // 2)
    low, high = ascending[min(beyond, sizes[0] - 1)], ascending[-1 - min(beyond, sizes[-1] - 1)]
    edges = np.searchsorted(distinct, cuts)
    single = np.diff(np.concatenate([[0], edges, [len(distinct)]])) == 1
    bounds = tuple(_scalar(v, values.dtype) for v in (low, *cuts))
    return Steps(True, bounds, tuple(single.tolist()), _scalar(high, values.dtype), group, missing)


def _counts(cells: np.ndarray, outcome: np.ndarray, size: int) -> np.ndarray:
    """Who did not default, as far as is known, and who did, of each cell."""
    return np.stack(
        [np.bincount(cells[(outcome == 1) == y], minlength=size) for y in (False, True)], axis=1
    )


def _most(outcome: np.ndarray) -> int:
    """How many groups a column may have, so that those of two columns cross in cells of many."""
    persons = len(outcome)
    rarer = int(min((outcome == y).sum() for y in (0, 1)))
    cells = min(persons // (2 * disclosure.PERSONS), rarer // max(2 * disclosure.OUTCOMES, 1))
    return min(max(isqrt(cells), 2), GROUPS)


def _quantiles(ascending: np.ndarray, dtype: pl.DataType, groups: int) -> list[float]:
    """The roundest value near each quantile."""
    near = (np.arange(1, groups)[:, None] + (-0.25, 0.25)) / groups * (len(ascending) - 1)
    return [_round(low, high, dtype) for low, high in ascending[near.astype(int)]]


def _round(low: float, high: float, dtype: pl.DataType) -> float:
    """The roundest number above one and up to another; of dates the first of a year or month."""
    if low >= high:
        return high
    if dtype.is_temporal():
        moment = pl.Series([int(high)]).cast(dtype)
        rounded = (int(moment.dt.truncate(unit).cast(pl.Int64)[0]) for unit in ("1y", "1mo", "1d"))
        return next((at for at in rounded if at > low), high)
    for digits in range(floor(log10(max(abs(low), abs(high)))), -12, -1):
        for unit in (5 * 10.0**digits, 2 * 10.0**digits, 10.0**digits):
            at = type(high)(np.round(np.floor(float(high) / unit + 1e-6) * unit, max(-digits, 0)))
            if low < at <= high:
                return at
    return high


def _scalar(value: object, dtype: pl.DataType) -> Scalar:
    if dtype.is_temporal():
        return str(pl.Series([int(value)]).cast(dtype)[0])  # type: ignore[call-overload]
    return float(str(value)) if dtype.is_float() else int(value)  # type: ignore[call-overload]


def _by_value(column: pl.Series, outcome: np.ndarray, read: np.ndarray, *, missing: bool) -> Steps:
    texts = column if column.dtype == pl.Boolean else column.cast(pl.String, strict=False)
    distinct = texts.drop_nulls().unique().sort()
    places = pl.DataFrame({"v": texts}).join(
        pl.DataFrame({"v": distinct}).with_row_index("i"),
        on=("v"),
        how="left",
        maintain_order="left",
    )
    place = places["i"].fill_null(len(distinct)).to_numpy()
    classes = np.where(outcome == 1, 1, np.where(outcome == 0, 0, 2))
    counts = np.stack(
        [np.bincount(place[read & (classes == y)], minlength=len(distinct) + 1) for y in range(3)],
        axis=1,
    )
    common = [
        i
        for i in np.argsort(-counts[:-1].sum(axis=1), kind="stable")
        if not few(*map(int, counts[i]))
    ]
    rare = counts.sum(axis=0) - counts[common].sum(axis=0) - (0 if missing else counts[-1])
    while common and rare.sum() and few(*map(int, rare)):
        rare += counts[common.pop()]  # else a sum would tell of the rare
    where = np.full(len(distinct) + 1, len(common))
    where[-1] += not missing
    where[common] = np.arange(len(common))
    return Steps(
        False,
        tuple(distinct[int(i)] for i in common),
        (True,) * len(common),
        None,
        where[place],
        missing,
    )


def snap(cohort: Cohort, steps_of: Callable[[str], Steps]) -> Cohort:
    """The cohort with every condition at the nearest step.

    Raises
    ------
    TooFew
        If a condition is met by few people, or asks for single values that few hold.
    """

    def each(clause: Clause) -> Clause:
        if isinstance(clause, Condition):
            return steps_of(clause.column).snap(clause)
        return replace(clause, parts=tuple(map(each, clause.parts)))

    moved = tuple(map(each, cohort.conditions))
    if moved == cohort.conditions:
        return cohort
    named = Cohort("", moved)
    return replace(named, name=named.text if cohort.name == cohort.text else cohort.name)


def distinct(cohort: Cohort, steps_of: Callable[[str], Steps], read: np.ndarray) -> None:
    """Refuse a cohort at steps that, beside similar ones, tells of few.

    Similar are those in which one condition lies at another step or is left out.

    Parameters
    ----------
    read : of each person, whether figures are read of them.

    Raises
    ------
    TooFew
        Without a count.
    """
    leaves = list(_leaves(cohort.conditions))
    if len(leaves) > LEAVES:
        raise Refusal(
            f"a page reads cohorts of at most {LEAVES} comparisons; drop some, or join them by 'in'"
        )
    found = [steps_of(leaf.column) for leaf in leaves]
    masks = [each.mask(leaf) for each, leaf in zip(found, leaves, strict=True)]
    groups = [each.group[read] for each in found]
    meets = [mask[group] for mask, group in zip(masks, groups, strict=True)]

    def members(**told: bool) -> np.ndarray:
        values = iter(
            [
                np.full(len(groups[0]), told[str(i)]) if str(i) in told else each
                for i, each in enumerate(meets)
            ]
        )
        return _evaluated("and", cohort.conditions, values)

    for i, each in enumerate(found):
        decides = members(**{str(i): True}) != members(**{str(i): False})
        table = np.bincount(groups[i][decides], minlength=each.size)
        for run in each.runs(masks[i]):
            passed = table[run].cumsum()  # the first that is not empty decides
            if ((passed > 0) & (passed < disclosure.PERSONS)).any():
                raise TooFew(BETWEEN)


def _leaves(clauses: Sequence[Clause]) -> list[Condition]:
    """Every comparison, in the order in which they are read."""
    return [
        leaf
        for each in clauses
        for leaf in ([each] if isinstance(each, Condition) else _leaves(each.parts))
    ]


def _evaluated(how: str, clauses: Sequence[Clause], values: Iterator[np.ndarray]) -> np.ndarray:
    """Who meets the clauses together, by who meets each comparison."""
    parts = [
        next(values) if isinstance(each, Condition) else _evaluated(each.how, each.parts, values)
        for each in clauses
    ]
    if how == "or":
        return np.logical_or.reduce(parts)
    everything = np.logical_and.reduce(parts)
    return ~everything if how == "not" else everything
