"""Why this score? Every feature's part in a person's log-odds, weighed like the evidence, so that
the parts add up to the score.

SHAP values of a source's model pass through the weights unchanged, because the score is a sum: they
are computed once and serve every weighting.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

import numpy as np
import polars as pl

from analytics.data.catalog.model import Feature, Source
from analytics.data.chance import of_rows
from analytics.data.refusal import Refusal
from analytics.sources.design import FEW, Design
from analytics.sources.evidence import Evidence
from analytics.sources.model import SourceModel
from analytics.weighing import tally
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import Weighting

from . import tree_shap
from .records import short, some

BLOCK = (
    65_536  # persons weighed at a time: what is made on the way stays small however many there are
)
HELD = 1e-6  # points; less than this and nobody is held at an end of the scale
NEVER_SEEN = "(never seen)"  # a text that the model never saw
Value = float | str | None


class Scale(Protocol):
    """How log-odds become points: any scorecard."""

    @property
    def anchor(self) -> float: ...
    @property
    def odds(self) -> float: ...
    @property
    def factor(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    def points(self, log_odds: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, eq=False)
class SourceShap:
    """What one source's model makes of every feature of the people it knows.

    Attributes
    ----------
    design : the features of the people it knows.
    shap : how far each feature moves the source's log-odds, shape (known persons, features),
        float32.
    base : what the model that a person is asked of adds on average, before any feature is looked
        at, in log-odds, shape (known persons,); with the SHAP
        values it adds up to `Evidence.added`.
    exact_by : "tables" or "shap": which of the two exact ways was taken.
    """

    design: Design
    shap: np.ndarray
    base: np.ndarray
    exact_by: str

    def find(self, rows: np.ndarray) -> np.ndarray:
        """Where the people of these rows of the population's file stand here.

        Raises
        ------
        Refusal
            If one of them was not explained.
        """
        mine = self.design.rows
        at = np.searchsorted(mine, rows) if len(rows) < FEW else self._looked_up(rows)
        if len(rows) and not (int(np.max(at)) < len(mine) and (mine[at] == rows).all()):
            raise Refusal(
                f"source {self.design.source.key!r} was not explained for all of these "
                "persons; explain them first"
            )
        return at

    def _looked_up(self, rows: np.ndarray) -> np.ndarray:
        """Where many rows stand, by a list of all rows: one look each instead of twenty."""
        places = np.full(int(rows.max()) + 1, len(self.design.rows))
        mine = self.design.rows[: np.searchsorted(self.design.rows, len(places))]
        places[mine] = np.arange(len(mine))
        return places[rows]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What every source's model makes of every feature: one part per source, in catalog order. It
    serves any weighting, cohort and bureau."""

    parts: tuple[SourceShap, ...]

    @property
    def features(self) -> list[tuple[Source, Feature]]:
        """All features with their source, in catalog order."""
        return [(p.design.source, f) for p in self.parts for f in p.design.features]


def explain(
    designs: Iterable[Design],
    models: Iterable[SourceModel],
    base_rate: float,
    *,
    background: Iterable[Design] | None = None,
) -> Explanation:
    """Explain every source for the people of its design, one source after the other.

    Parameters
    ----------
    designs : one per model and in the same order, drawn with the categories of the model.
    base_rate : the default rate that the evidence is measured from, as in `Evidence`.
    background : as `draw_background` gives it, for interventional values: while one feature is
        asked about, a person's others are held at those of the background, one after another. By
        default values are path-dependent: the others go with it as they do among the persons who
        taught the model.

    Raises
    ------
    Refusal
        If a source knows nobody of the background.
    """
    held = repeat(None) if background is None else background
    pairs = zip(zip(designs, models, strict=True), held, strict=False)  # one design at a time
    return Explanation(tuple(_source_shap(d, m, base_rate, b) for (d, m), b in pairs))


BACKGROUND = 1000  # persons per source: as many answers as a table of 256 can use


def draw_background(
    explanation: Explanation, persons: Evidence, most: int = BACKGROUND
) -> tuple[Design, ...]:
    """Of the people explained, those of a cohort, at most so many per source, drawn by their row in
    the file alone.

    Parameters
    ----------
    persons : the cohort; who of it was not explained is left out.
    """
    rows = persons.people["row"].to_numpy()
    return tuple(_drawn(part.design, rows, most) for part in explanation.parts)


def _drawn(design: Design, rows: np.ndarray, most: int) -> Design:
    known = np.flatnonzero(np.isin(design.rows, rows))
    if len(known) > most:
        luck = of_rows(design.rows[known], "background", design.source.key)
        known = known[np.sort(np.argsort(luck, kind="stable")[:most])]
    return some(design, known)


def _source_shap(
    design: Design, model: SourceModel, base_rate: float, background: Design | None
) -> SourceShap:
    if not len(design.rows):
        return SourceShap(
            design, np.zeros((0, len(design.features)), np.float32), np.zeros(0), "tables"
        )
    held = _held(background)
    parts = [
        (
            mine,
            tree_shap.explain(m.forest, design.matrix[mine], design.types, held),
            m.start(base_rate),
        )
        for m, mine in model.asked(design)
    ]
    if not model.others:
        ((_, found, start),) = parts
        return SourceShap(
            design,
            found.values,
            np.broadcast_to(found.base - start, len(design.rows)),
            found.exact_by,
        )
    shap, base = np.empty(design.matrix.shape, np.float32), np.empty(len(design.rows))
    for mine, found, start in parts:
        shap[mine], base[mine] = found.values, found.base - start
    # "shap" where it is so for any
    return SourceShap(design, shap, base, min(found.exact_by for _, found, _ in parts))


def _held(background: Design | None) -> np.ndarray | None:
    """The values that other features are held at."""
    if background is None:
        return None
    if not len(background.rows):
        label = background.source.label
        raise Refusal(
            f"{label} knows nobody of the background, so nothing can be held; choose a wider "
            "background"
        )
    return background.matrix


@dataclass(frozen=True, slots=True, eq=False)
class SourceContribution:
    """What one source says in the scores of the persons it speaks for: those it knows, who are
    scored.

    Attributes
    ----------
    at : which of the persons weighed, ascending; `index`: where they stand in what is `explained`.
    times : what a SHAP value is multiplied by: slope * weight, over the reach when renormalised;
        shape (persons spoken for,).
    """

    explained: SourceShap
    at: np.ndarray
    index: np.ndarray
    times: np.ndarray

    @property
    def source(self) -> Source:
        """Whose it is."""
        return self.explained.design.source

    def contributions(self, chosen: slice | np.ndarray = slice(None)) -> np.ndarray:
        """Log-odds that each feature adds to the score, shape (persons chosen, features)."""
        return self.times[chosen, None] * self.explained.shap[self.index[chosen]]

    def values(self, chosen: slice | np.ndarray = slice(None)) -> np.ndarray:
        """The features' values, shape (persons chosen, features), float32; NaN where missing, codes
        for categories."""
        return self.explained.design.matrix[self.index[chosen]]

    def sums(self) -> np.ndarray:
        """The contributions of all features together, shape (persons spoken for,)."""
        return self.times * self.explained.shap.sum(axis=1)[self.index]

    def mean(self, persons: int, *, size: bool = False) -> np.ndarray:
        """The mean contribution of each feature, or with `size` of its amount, over all `persons`;
        whom the source does not speak for counts as 0."""
        times = np.zeros(len(self.explained.shap))
        total = np.zeros(len(self.explained.design.features))
        times[self.index] = np.abs(self.times) if size else self.times
        for first in range(
            0, len(times), BLOCK
        ):  # in the order of the values, not of the persons: neighbours lie side by side in memory
            block = self.explained.shap[first : first + BLOCK]
            total += times[first : first + BLOCK] @ (np.abs(block) if size else block)
        return total / max(persons, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """How the scores of persons come about under one weighting: `base` plus those of every source
    is `log_odds`.

    Attributes
    ----------
    log_odds : calibrated log-odds of default, shape (persons,); NaN for the unscored.
    base : log-odds before any feature is looked at, shape (persons,): it depends on who knows the
        person; NaN for the unscored.
    contributions : one per source, in catalog order; a source without weight speaks for nobody.
    """

    persons: Evidence
    weighting: Weighting
    calibration: Calibration
    log_odds: np.ndarray
    base: np.ndarray
    contributions: tuple[SourceContribution, ...]

    @property
    def scored(self) -> int:
        """How many persons are scored."""
        return int((~np.isnan(self.log_odds)).sum())

    @property
    def columns(self) -> list[str]:
        """The names of all contributions: ``source.feature``."""
        return [
            f"{v.source.key}.{f.name}"
            for v in self.contributions
            for f in v.explained.design.features
        ]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimension of each source; its label where it has none."""
        return tuple(v.source.dimension or v.source.label for v in self.contributions)

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[slice, np.ndarray]]:
        """All contributions, a block of persons at a time: shape (persons of the block, features),
        float32; NaN where nothing is said."""
        for first in range(0, len(self.persons), size):
            chosen = slice(first, min(first + size, len(self.persons)))
            yield chosen, self._block(chosen)

    def _block(self, chosen: slice) -> np.ndarray:
        block = np.full((chosen.stop - chosen.start, len(self.columns)), np.nan, np.float32)
        column = 0
        for contribution in self.contributions:
            wide = len(contribution.explained.design.features)
            mine = slice(*np.searchsorted(contribution.at, (chosen.start, chosen.stop)))
            block[contribution.at[mine] - chosen.start, column : column + wide] = (
                contribution.contributions(mine)
            )
            column += wide
        return block

    def by_source(self) -> np.ndarray:
        """The sum of each source's contributions, shape (persons, sources); 0 where it says
        nothing, NaN for the unscored."""
        sums = np.zeros((len(self.persons), len(self.contributions)), order="F")
        for s, contribution in enumerate(self.contributions):
            sums[contribution.at, s] = contribution.sums()
        sums[np.isnan(self.log_odds)] = np.nan
        return sums

    def by_dimension(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The dimensions, each once, and the sum of their contributions, shape (persons,
        dimensions)."""
        names, sums = tuple(dict.fromkeys(self.dimensions)), self.by_source()
        return names, np.stack(
            [sums[:, [d == name for d in self.dimensions]].sum(axis=1) for name in names], axis=1
        )


def weigh(
    explanation: Explanation, persons: Evidence, weighting: Weighting, calibration: Calibration
) -> Weighed:
    """The contributions of every feature to the scores of persons, under one weighting: exact, and
    no model is asked again.

    Raises
    ------
    Refusal
        If one of the persons was not explained.
    """
    rows, known = persons.people["row"].to_numpy(), persons.known
    times = np.repeat(weighting.multipliers(persons.runs.known), persons.runs.sizes)
    contributions, total = [], np.zeros(len(persons))
    for s, (part, share) in enumerate(zip(explanation.parts, weighting.vector, strict=True)):
        at = np.flatnonzero(known[:, s] & (times > 0) & (share > 0))
        contributions.append(
            SourceContribution(part, at, part.find(rows[at]), calibration.slope * share * times[at])
        )
        total[at] += contributions[-1].times * part.base[contributions[-1].index]
    evidence = tally.weigh(persons, weighting)
    base = np.where(np.isnan(evidence), np.nan, calibration.intercept + total)
    return Weighed(
        persons, weighting, calibration, calibration.log_odds(evidence), base, tuple(contributions)
    )


def table(weighed: Weighed, scale: Scale) -> pl.DataFrame:
    """Every contribution of every person, filled block by block.

    Returns
    -------
    DataFrame
        One row per person, in the order of the population's file: `person`, `log_odds`, `points`
        and `base_log_odds` (Float64; null if not scored),
        then one column ``source.feature`` per contribution (log-odds, Float32; null where the
        source says nothing).
        Base and contributions add up to the log-odds, but for what Float32 rounds away.
    """
    order = np.argsort(weighed.persons.people["row"].to_numpy(), kind="stable")
    columns = np.empty((len(weighed.columns), len(weighed.persons)), np.float32)
    place = np.argsort(order)
    for chosen, block in weighed.blocks():
        columns[:, place[chosen]] = block.T
    told = {
        "log_odds": weighed.log_odds,
        "points": scale.points(weighed.log_odds),
        "base_log_odds": weighed.base,
    }
    named = {
        **{name: column[order] for name, column in told.items()},
        **dict(zip(weighed.columns, columns, strict=True)),
    }
    persons = weighed.persons.people["person"][order]
    return pl.DataFrame({"person": persons}).hstack(
        [pl.Series(name, column, nan_to_null=True) for name, column in named.items()]
    )


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's part in a person's score, in log-odds of default: above 0 it lowers the
    points."""

    source: Source
    feature: Feature
    value: Value
    log_odds: float


@dataclass(frozen=True, slots=True)
class Statement:
    """One person's score, taken apart: `base_log_odds` and the contributions add up to `log_odds`.

    Attributes
    ----------
    person : the id, as text.
    log_odds, base_log_odds : NaN if the person is not scored.
    contributions : of every feature of every source that speaks, in catalog order; none if the
        person is not scored.
    known, absent : the weighted sources that know the person, and those that do not.
    reach : share of the weight that knows the person.
    """

    person: str
    weighting: Weighting
    log_odds: float
    base_log_odds: float
    contributions: tuple[Contribution, ...]
    known: tuple[Source, ...]
    absent: tuple[Source, ...]
    reach: float

    @property
    def scored(self) -> bool:
        """Does the reach meet the floor?"""
        return not math.isnan(self.log_odds)

    def points(self, scale: Scale) -> float:
        """The person's points; NaN if not scored."""
        return float(scale.points(np.array([self.log_odds]))[0])


def state(weighed: Weighed, at: int = 0) -> Statement:
    """One person's score, taken apart; what float32 rounds away (some 1e-6) goes to the base, so
    that the parts add up."""
    share, known = weighed.weighting.shares, weighed.persons.known[at]
    spoken = [c for contribution in weighed.contributions for c in _spoken(contribution, at)]
    score = float(weighed.log_odds[at])
    sources = [
        (v.source, bool(k))
        for v, k in zip(weighed.contributions, known, strict=True)
        if share[v.source.key] > 0
    ]
    return Statement(
        person=str(ids(weighed.persons)[at]),
        weighting=weighed.weighting,
        log_odds=score,
        base_log_odds=score - math.fsum(c.log_odds for c in spoken),
        contributions=tuple(spoken),
        known=tuple(s for s, k in sources if k),
        absent=tuple(s for s, k in sources if not k),
        reach=float(weighed.weighting.reach(known[None])[0]),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person's points stand: the share with fewer points `among` so many persons with a
    score; NaN for a person without one."""

    share: float
    among: int


def stand(
    points: float, everyone: Evidence, weighting: Weighting, calibration: Calibration, scale: Scale
) -> Standing:
    """Where a person's points stand among everybody who is scored, of every split and known outcome
    or not."""
    theirs = scale.points(calibration.log_odds(tally.weigh(everyone, weighting)))
    theirs = theirs[~np.isnan(theirs)]
    return Standing(
        float((theirs < points).mean()) if len(theirs) and not math.isnan(points) else math.nan,
        len(theirs),
    )


def ids(persons: Evidence) -> pl.Series:
    """Who the persons are; their rows where nothing says it."""
    return persons.people["person" if "person" in persons.people.columns else "row"]


def _spoken(contribution: SourceContribution, at: int) -> list[Contribution]:
    mine = np.flatnonzero(contribution.at == at)
    if not len(mine):
        return []
    design, added = contribution.explained.design, contribution.contributions(mine)[0]
    values = told(design, int(contribution.index[mine[0]]))
    return [
        Contribution(design.source, f, v, float(c))
        for f, v, c in zip(design.features, values, added, strict=True)
    ]


def told(design: Design, at: int) -> list[Value]:
    """One person's values as people read them: numbers, the text of a category, None where
    missing."""
    return [
        _told(design, f, float(v), at)
        for f, v in zip(design.features, design.matrix[at], strict=True)
    ]


def _told(design: Design, feature: Feature, value: float, at: int) -> Value:
    if math.isnan(value):
        return NEVER_SEEN if at in design.unseen.get(feature.name, ()) else None
    return (
        design.categories[feature.name][int(value)]
        if feature.name in design.categories
        else short(value)
    )


def shown(value: Value) -> str:
    """A value as people read it."""
    return (
        "not on record"
        if value is None
        else f"{value:,.10g}"
        if isinstance(value, float)
        else value
    )


def displayed(parts: Sequence[float] | np.ndarray, total: float, digits: int = 0) -> np.ndarray:
    """Parts rounded so that what is printed adds up to the printed total, to the last digit.

    Parameters
    ----------
    parts : numbers that add up to `total`, but for rounding; none of them moves by a whole unit of
        the last digit.
    digits : digits after the point.

    Examples
    --------
    >>> displayed([0.4, 0.4, 0.4], 1.2).tolist()
    [1.0, 0.0, 0.0]

    References
    ----------
    The method of largest remainders (Hamilton 1792).
    """
    unit = 10.0**digits
    scaled = np.asarray(parts, float) * unit
    whole = np.floor(scaled)
    short = round(round(float(total), digits) * unit) - int(whole.sum())
    each, rest = divmod(short, len(whole)) if len(whole) else (0, 0)
    whole += each
    whole[np.argsort(whole - scaled, kind="stable")[:rest]] += 1
    return (whole + 0.0) / unit


WATERFALL = {
    "kind": pl.String,
    "key": pl.String,
    "source": pl.String,
    "label": pl.String,
    "value": pl.String,
}


def waterfall(
    statement: Statement, scale: Scale, *, by: str = "feature", digits: int = 0
) -> pl.DataFrame:
    """How a person's points come about, step by step.

    Parameters
    ----------
    by : "feature", "source" or "dimension".
    digits : digits printed of the points.

    Returns
    -------
    DataFrame
        `kind` (base, part or held: held at an end of the scale), `key` (``source.feature``, source
        or dimension), `source`, `label`,
        `value` (as text; only of features), `log_odds` (NaN where held), `points` and `shown`:
        points as printed, which add up to the printed score.
        Base first, parts in catalog order. Empty for a person who is not scored.
    """
    if not statement.scored:
        return pl.DataFrame(
            schema=WATERFALL | dict.fromkeys(("log_odds", "points", "shown"), pl.Float64)
        )
    steps = [("base", "", "", "", None, statement.base_log_odds), *_steps(statement, by)]
    added = np.array([float(row[-1]) for row in steps])
    points = -scale.factor * added
    points[0] = scale.anchor - scale.factor * (added[0] + math.log(scale.odds))
    total = statement.points(scale)
    held = total - math.fsum(points)
    if abs(held) > HELD:
        steps.append(("held", "", "", "", None, math.nan))
        points = np.append(points, held)
    frame = pl.DataFrame(
        steps, schema=[*WATERFALL, "log_odds"], schema_overrides=WATERFALL, orient="row"
    )
    return frame.with_columns(
        points=pl.Series(points), shown=pl.Series(displayed(points, total, digits))
    )


def _steps(statement: Statement, by: str) -> list[tuple[str, str, str, str, str | None, float]]:
    if by == "feature":
        return [
            (
                "part",
                f"{c.source.key}.{c.feature.name}",
                c.source.key,
                c.feature.title,
                None if c.value is None else shown(c.value),
                c.log_odds,
            )
            for c in statement.contributions
        ]
    names = {
        c.source.key: (c.source.key, c.source.label)
        if by == "source"
        else (c.source.dimension or c.source.label,) * 2
        for c in statement.contributions
    }
    sums: dict[tuple[str, str], list[float]] = {}
    for c in statement.contributions:
        sums.setdefault(names[c.source.key], []).append(c.log_odds)
    return [
        ("part", key, key if by == "source" else "", label, None, math.fsum(added))
        for (key, label), added in sums.items()
    ]
