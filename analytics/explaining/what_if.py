"""What would change this score? One person's points with other values, and the fewest changes that
raise them enough."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.data.catalog.model import DIRECTIONS, Feature, Source
from analytics.data.refusal import Refusal
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import Weighting

from .explanation import Scale, Value, shown, told
from .records import Range, Ranges, short

SECONDS = 2.0
BEAM = 12  # unfinished ways that are followed up
MOST = 3  # changes at once
OPTIONS = 5  # ways that are told
WIDE = (
    100  # times the least that the greatest is, from which steps are as large as the values ask for
)
POWERS = 6  # of ten, below the greatest
PARTS = 50  # between the ends, where steps are even
Changes = Mapping[tuple[str, str], Value]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One person and all that scores them.

    Attributes
    ----------
    person : the evidence of this person alone; `designs`: what each source holds of them, one
        design per source in catalog order.
    models : one per source, in catalog order; `ranges`: the observed values of every feature.
    """

    person: Evidence
    designs: Sequence[Design]
    models: Sequence[SourceModel]
    ranges: Ranges
    weighting: Weighting
    calibration: Calibration
    scale: Scale

    def __post_init__(self) -> None:
        if len(self.person) != 1:
            raise Refusal(f"what-if takes one person at a time, got {len(self.person)}")

    @property
    def shares(self) -> np.ndarray:
        """What each source's evidence is multiplied by in the log-odds, shape (sources,); 0 where
        it does not know the person or they are not scored."""
        known = self.person.known
        return np.where(
            known[0],
            self.calibration.slope * self.weighting.vector * self.weighting.multipliers(known)[0],
            0.0,
        )

    @property
    def added(self) -> np.ndarray:
        """What each source adds to the base rate, shape (1, sources)."""
        return np.nan_to_num(self.person.added)

    def log_odds(self, added: np.ndarray) -> np.ndarray:
        """Log-odds for what the sources would add, shape (ways, sources); NaN where the person is
        not scored.

        Added up like everybody's, so that a person whose values stay keeps the points to the bit.
        """
        known = self.person.known
        total = np.zeros(len(added))
        for s, share in enumerate(self.weighting.vector):
            total += np.where(known[0, s], added[:, s], 0) * share
        times = self.weighting.multipliers(known)[0]
        return (
            self.calibration.log_odds(total * times) if times > 0 else np.full(len(added), np.nan)
        )

    def row(self, s: int) -> np.ndarray:
        """The person's features of one source, shape (1, features)."""
        return self.designs[s].matrix[:1]

    def said(self, s: int, rows: np.ndarray) -> np.ndarray:
        """What a source would add for these features, shape (ways,)."""
        mine = self.designs[s]
        folds = None if mine.folds is None else np.repeat(mine.folds[:1], len(rows))
        design = replace(
            mine,
            matrix=np.asfortranarray(rows, np.float32),
            rows=np.zeros(len(rows), np.uint32),
            folds=folds,
        )
        return self.models[s].said(design, self.person.base_rate)


@dataclass(frozen=True, slots=True)
class Change:
    """One feature with another value, as people read them."""

    source: Source
    feature: Feature
    before: Value
    after: Value

    @property
    def text(self) -> str:
        """The change in words."""
        return (
            f"{self.source.label}: {self.feature.title}: {shown(self.before)} → {shown(self.after)}"
        )


@dataclass(frozen=True, slots=True)
class Option:
    """Changes and the points they lead to."""

    changes: tuple[Change, ...]
    points: float

    @property
    def text(self) -> str:
        """The changes in words."""
        return "; ".join(change.text for change in self.changes)


def stops(observed: Range, *values: float) -> tuple[float, ...]:
    """The numbers at which a feature can be tried: round ones that people write, and these values.

    They lie from the 1st to the 99th percentile observed, or as far as the values do. Where the
    greatest
    is a hundred times the least or more, they are as close together as their size asks for:
    ... 8, 9, 10, 20, 30 ...; elsewhere they stand at equal distances.

    Examples
    --------
    >>> stops(Range(1, 3, 5, (1.0, 3.0, 5.0), whole=True), 3.0)
    (1.0, 2.0, 3.0, 4.0, 5.0)
    >>> stops(Range(0, 20, 2000, (0.0, 20.0, 2000.0)), 35.0)[:6]
    (0.0, 10.0, 20.0, 30.0, 35.0, 40.0)
    """
    ends = (*observed.steps, *values)
    low, high = min(ends), max(ends)
    sizes = [abs(value) for value in ends if value]
    wide = bool(sizes) and max(sizes) >= WIDE * min(sizes)
    between = _by_size(sizes) if wide else _evenly(low, high, whole=observed.whole)
    inside = [v for v in between if low < v < high and (v == int(v) or not observed.whole)]
    return tuple(sorted({low, high, *values, *inside}))


def _by_size(sizes: Sequence[float]) -> list[float]:
    """0 and every number of one digit, of either sign, within so many powers of ten of the
    greatest."""
    most = math.floor(math.log10(max(sizes)))
    least = max(math.floor(math.log10(min(sizes))), most - POWERS)
    digits = [
        float(f"{digit}e{power}") for power in range(least, most + 1) for digit in range(1, 10)
    ]
    return [0.0, *digits, *(-digit for digit in digits)]


def _evenly(low: float, high: float, *, whole: bool) -> list[float]:
    """Multiples of a round step, of which about fifty lie between the ends."""
    if low == high:
        return []
    exact = (high - low) / PARTS
    power = math.floor(math.log10(exact))
    step = next(times for times in (1, 2, 5, 10) if times * 10.0**power >= exact * (1 - 1e-9))
    if whole and step * 10.0**power < 1:
        step, power = 1, 0
    first = math.ceil(low / (step * 10.0**power))
    last = math.floor(high / (step * 10.0**power))
    return [float(f"{step * i}e{power}") for i in range(first, last + 1)]


def rescore(case: Case, changes: Changes) -> Option:
    """A person's points if features had other values; the points of today for no changes.

    Parameters
    ----------
    changes : by source key and feature name; None means that the value would be missing.

    Raises
    ------
    Refusal
        If the person is not scored, a source does not know them, a feature does not exist, or a
        value was never observed.
    """
    if not case.weighting.scores(case.person.known)[0]:
        raise Refusal(
            "this person is not scored, so no value can change the points; lower the floor "
            "or weigh a source that knows them"
        )
    added, told_changes = case.added.copy(), []
    rows: dict[int, np.ndarray] = {}
    for (key, name), value in changes.items():
        s, j = _place(case, key, name)
        rows.setdefault(s, case.row(s).copy())[0, j] = code(case, key, name, value)
        told_changes.append(_change(case, s, j, float(rows[s][0, j])))
    for s, row in rows.items():
        added[0, s] = case.said(s, row)[0]
    return Option(tuple(told_changes), float(case.scale.points(case.log_odds(added))[0]))


def _place(case: Case, key: str, name: str) -> tuple[int, int]:
    """Where a feature stands: its source and its column."""
    s = case.person.catalog.keys.index(case.person.catalog.source(key).key)
    names = [f.name for f in case.designs[s].features]
    if name not in names:
        raise Refusal(f"source {key!r} has no feature {name!r}; it has: {', '.join(names)}")
    if not case.person.known[0, s]:
        raise Refusal(
            f"source {key!r} holds no record of this person, so {name!r} cannot be changed"
        )
    return s, names.index(name)


def code(case: Case, key: str, name: str, value: Value) -> float:
    """A value as the models take it: a number, the code of a category, NaN if missing.

    Raises
    ------
    Refusal
        If nobody was observed with such a value.
    """
    observed = case.ranges[key, name]
    if value is None:
        return math.nan
    if observed.texts:
        if value not in observed.texts:
            raise Refusal(
                f"{name!r} of source {key!r} must be one of the observed values, "
                f"{', '.join(observed.texts)}; got {value!r}"
            )
        return float(observed.texts.index(str(value)))
    if isinstance(value, str) or not observed.least <= short(value) <= observed.greatest:
        ends = f"{observed.least:.10g} and {observed.greatest:.10g}"
        raise Refusal(
            f"{name!r} of source {key!r} must lie between {ends}, as observed; got "
            f"{value if isinstance(value, str) else format(value, '.10g')}"
        )
    return float(value)


def _change(case: Case, s: int, j: int, after: float) -> Change:
    design = case.designs[s]
    row = design.matrix[:1].copy()
    row[0, j] = after
    return Change(
        design.source,
        design.features[j],
        told(design, 0)[j],
        told(replace(design, matrix=row), 0)[j],
    )


@dataclass(frozen=True, slots=True)
class Raise:
    """What would raise the points, the fewest changes first; or why nothing does.

    Attributes
    ----------
    points, target : today's points and the points wished for.
    options : ways that reach the target, all with as few changes as any; the smallest moves first.
        Empty if there are none.
    best : the way that raises the points most among those tried, if any does, even short of the
        target.
    reason : why there is no way; empty if there is one.
    finished : were all ways of up to three changes tried that promised most, within the time?
    """

    points: float
    target: float
    options: tuple[Option, ...]
    best: Option | None
    reason: str
    finished: bool = True

    @property
    def ways(self) -> tuple[Option, ...]:
        """What is told: the ways that reach the target, or the best there is short of it."""
        return self.options or ((self.best,) if self.best else ())


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """One feature at one other value: `effort` is the share of the observed values that it passes
    over."""

    s: int
    j: int
    value: float
    effort: float


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Moves made so far, and what each source adds after them, shape (sources,).

    Ways are told apart by their log-odds: whoever is held at the low end of the scale may have to
    go some way before the points move.
    """

    moves: tuple[Move, ...]
    added: np.ndarray
    log_odds: float
    points: float

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """The features moved, in order."""
        return tuple(sorted((m.s, m.j) for m in self.moves))

    @property
    def effort(self) -> float:
        """All moves together."""
        return math.fsum(m.effort for m in self.moves)


def raise_to(
    case: Case,
    target: float,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Raise:
    """The fewest changes of actionable features that reach a target, each in the direction that
    lowers the risk and within what is usual.

    Values are tried from the 1st to the 99th percentile observed. One change is tried everywhere;
    two and three follow up the most promising.

    Parameters
    ----------
    target : points; today's points plus n, for n points more.
    seconds : when to stop looking.
    """
    ends = clock() + seconds
    (start,) = _ways(case, [()], case.added)
    moves = _moves(case)
    reason = _hopeless(case, start.points, target, moves)
    if reason:
        return Raise(start.points, target, (), None, reason)
    beam, best, finished = [start], start, True
    for _ in range(MOST):
        ways, finished = _step(case, beam, moves, lambda: clock() < ends)
        best = min([best, *ways], key=lambda w: w.log_odds)
        reached = [w for w in ways if w.points >= target - 1e-9]
        if reached or not finished or not ways:
            return _answer(case, start, target, reached, best, finished=finished)
        beam = _promising(ways)
    return _answer(case, start, target, [], best, finished=finished)


def _hopeless(case: Case, points: float, target: float, moves: Sequence[Move]) -> str:
    """Why looking is in vain; empty if it is not."""
    if math.isnan(points):
        return (
            "This person is not scored, so there are no points to raise: a source that "
            "carries more weight must know them first."
        )
    if target <= points:
        return f"The person already has {points:,.0f} points, and the target is {target:,.0f}."
    if target > case.scale.high:
        return (
            f"The scale ends at {case.scale.high:,.0f} points, below the target of {target:,.0f}."
        )
    if not moves:
        return (
            "No feature that the person could change speaks in this score, or all of them "
            "are at their best already."
        )
    return ""


def _moves(case: Case) -> list[Move]:
    """Every actionable feature at every value that it may take, of sources that speak."""
    return [
        move
        for s, (design, share) in enumerate(zip(case.designs, case.shares, strict=True))
        if share and len(design.rows)
        for j, feature in enumerate(design.features)
        if feature.actionable
        for move in _steps(
            s, j, feature, short(design.matrix[0, j]), case.ranges[design.source.key, feature.name]
        )
    ]


def _steps(s: int, j: int, feature: Feature, now: float, observed: Range) -> list[Move]:
    """The values a feature may take: fewer where risk rises with it, more where it falls, any where
    neither is said. What is not on record stays so."""
    if math.isnan(now):
        return []
    if observed.texts:
        return [Move(s, j, v, 1.0) for v in observed.steps if v != now]
    risk = DIRECTIONS[feature.direction]
    return [
        Move(s, j, v, _passed(observed, now, v))
        for v in observed.steps
        if v != now and risk * (v - now) <= 0
    ]


def _passed(observed: Range, now: float, value: float) -> float:
    """The share of the observed values that lie on the way."""
    return sum(min(now, value) <= v <= max(now, value) and v != now for v in observed.steps) / len(
        observed.steps
    )


def _step(
    case: Case, beam: Sequence[Way], moves: Sequence[Move], in_time: Callable[[], bool]
) -> tuple[list[Way], bool]:
    """Every way of the beam with every move of another feature: all of a source's in one batch; and
    whether the time sufficed."""
    ways: list[Way] = []
    for s in sorted({m.s for m in moves}):
        if not in_time():
            return ways, False
        pairs = [
            (way, move)
            for way in beam
            for move in moves
            if move.s == s and (s, move.j) not in way.places
        ]
        if pairs:
            ways += _tried(case, s, pairs)
    return ways, in_time()


def _tried(case: Case, s: int, pairs: Sequence[tuple[Way, Move]]) -> list[Way]:
    rows = np.repeat(case.row(s), len(pairs), axis=0)
    for i, (way, move) in enumerate(pairs):
        for m in (*way.moves, move):
            if m.s == s:
                rows[i, m.j] = m.value
    added = np.stack([way.added for way, _ in pairs])
    added[:, s] = case.said(s, rows)
    return _ways(case, [(*way.moves, move) for way, move in pairs], added)


def _ways(case: Case, moves: Sequence[tuple[Move, ...]], added: np.ndarray) -> list[Way]:
    log_odds = case.log_odds(added)
    return [
        Way(m, a, float(x), float(p))
        for m, a, x, p in zip(moves, added, log_odds, case.scale.points(log_odds), strict=True)
    ]


def _promising(ways: Sequence[Way]) -> list[Way]:
    """The best way of each set of features, the safest first."""
    best: dict[tuple[tuple[int, int], ...], Way] = {}
    for way in sorted(ways, key=lambda w: (w.log_odds, w.effort)):
        best.setdefault(way.places, way)
    return list(best.values())[:BEAM]


def _answer(
    case: Case, start: Way, target: float, reached: Sequence[Way], best: Way, *, finished: bool
) -> Raise:
    least: dict[tuple[tuple[int, int], ...], Way] = {}
    for way in sorted(reached, key=lambda w: (w.effort, w.log_odds)):
        least.setdefault(way.places, way)
    options = tuple(_option(case, way) for way in list(least.values())[:OPTIONS])
    most = _option(case, best) if best.points > start.points else None
    return Raise(
        start.points,
        target,
        options,
        most,
        "" if options else _why_not(target, most, finished=finished),
        finished,
    )


def _option(case: Case, way: Way) -> Option:
    return Option(tuple(_change(case, m.s, m.j, m.value) for m in way.moves), way.points)


def _why_not(target: float, best: Option | None, *, finished: bool) -> str:
    if best is None and finished:
        return "None of the values that the person could reach would raise the points."
    tried = (
        f"Up to {MOST} changes within what is usual"
        if finished
        else "What could be tried in the time"
    )
    return (
        f"{tried} would lead to {best.points:,.0f} points at most, short of {target:,.0f}."
        if best
        else f"{tried} raised no points."
    )
