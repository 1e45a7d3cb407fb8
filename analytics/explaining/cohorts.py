"""What moves the scores of many people? Importance, beeswarm, dependence, interaction, and what
tells two cohorts apart.

Every function takes persons weighed, reads them source by source, and gives a frame. Contributions
are log-odds of default: above 0 they lower the points.
"""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.data import disclosure
from analytics.data.catalog.model import Feature, Source
from analytics.data.disclosure import few, pool
from analytics.data.refusal import Refusal
from analytics.sources.evidence import UNKNOWN
from analytics.sources.model import SourceModel
from analytics.weighing.formulas import interval

from . import tree_shap
from .explanation import SourceContribution, Weighed
from .records import some

MARKS = 1999  # marks that a chart may send
SAMPLE = 50_000  # persons whose values tell where a value ranks
ASKED = 2000  # persons whose interactions are computed


def importance(weighed: Weighed, by: str = "feature") -> pl.DataFrame:
    """What the models did beside what the policy says, over the scored.

    Parameters
    ----------
    by : "feature", "source" or "dimension".

    Returns
    -------
    DataFrame
        Most important first: `key` (``source.feature``, source or dimension), `source`, `feature`
        (empty where they do not apply), `label`, `dimension`,
        `mean` (mean |contribution| over the scored, log-odds; a source that is silent about a
        person counts as 0), `share` of the sum of all means:
        what the model did; `weight`: the share that the policy gives the source or dimension (of a
        feature: its source); `spoken`: persons spoken for.
    """
    rows = {"feature": _by_feature, "source": _by_source, "dimension": _by_dimension}[by](weighed)
    texts = dict.fromkeys(("key", "source", "feature", "label", "dimension"), pl.String)
    frame = pl.DataFrame(
        rows,
        schema={**texts, "mean": pl.Float64, "weight": pl.Float64, "spoken": pl.Int64},
        orient="row",
    )
    total = pl.col("mean").sum()
    share = pl.when(total > 0).then(pl.col("mean") / total).otherwise(0.0).alias("share")
    return frame.select(*texts, "mean", share, "weight", "spoken").sort(
        "mean", descending=True, maintain_order=True
    )


Row = tuple[str, str, str, str, str, float, float, int]


def _by_feature(weighed: Weighed) -> list[Row]:
    shares = weighed.weighting.shares
    return [
        (
            f"{v.source.key}.{f.name}",
            v.source.key,
            f.name,
            f.title,
            d,
            float(m),
            shares[v.source.key],
            len(v.at),
        )
        for v, d in zip(weighed.contributions, weighed.dimensions, strict=True)
        for f, m in zip(v.explained.design.features, v.mean(weighed.scored, size=True), strict=True)
    ]


def _by_source(weighed: Weighed) -> list[Row]:
    means = np.nansum(np.abs(weighed.by_source()), axis=0) / max(weighed.scored, 1)
    told = zip(
        weighed.contributions, weighed.dimensions, means, weighed.weighting.vector, strict=True
    )
    return [
        (v.source.key, v.source.key, "", v.source.label, d, float(m), float(w), len(v.at))
        for v, d, m, w in told
    ]


def _by_dimension(weighed: Weighed) -> list[Row]:
    names, sums = weighed.by_dimension()
    means = np.nansum(np.abs(sums), axis=0) / max(weighed.scored, 1)
    return [_dimension(weighed, name, float(m)) for name, m in zip(names, means, strict=True)]


def _dimension(weighed: Weighed, name: str, mean: float) -> Row:
    mine = [d == name for d in weighed.dimensions]
    spoken = np.zeros(len(weighed.persons), bool)
    for contribution in (v for v, m in zip(weighed.contributions, mine, strict=True) if m):
        spoken[contribution.at] = True
    return (
        name,
        "",
        "",
        name,
        name,
        mean,
        float(weighed.weighting.vector[mine].sum()),
        int(spoken.sum()),
    )


def beeswarm(weighed: Weighed, top: int = 12) -> pl.DataFrame:
    """How the contributions of the most important features lie, and whether high or low values
    cause them: fewer than 2,000 marks.

    Returns
    -------
    DataFrame
        One row per mark: `key` (``source.feature``), `source`, `label`, `contribution` (the middle
        of a bin, log-odds; the bins are the same for all),
        `persons`, `rank`: where their values rank on average among all spoken for, from 0 (lowest)
        to 1; null for a category and where all are missing.
        Features most important first.
    """
    chosen = importance(weighed).head(top).filter(pl.col("mean") > 0)["key"].to_list()
    places = [_place(weighed, *key.split(".", 1)) for key in chosen]
    ends = _ends(places)
    bins = MARKS // max(len(places), 1) if places else 0
    frames = [_swarm(contribution, column, ends, min(bins, 150)) for contribution, column in places]
    schema = {
        "key": pl.String,
        "source": pl.String,
        "label": pl.String,
        "contribution": pl.Float64,
        "persons": pl.Int64,
        "rank": pl.Float64,
    }
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def _place(weighed: Weighed, source: str, feature: str) -> tuple[SourceContribution, int]:
    """What a source contributes, and the column of a feature."""
    contribution = next((v for v in weighed.contributions if v.source.key == source), None)
    if contribution is None:
        raise Refusal(
            f"no source {source!r} is explained; there are: "
            f"{', '.join(v.source.key for v in weighed.contributions)}"
        )
    names = [f.name for f in contribution.explained.design.features]
    if feature not in names:
        raise Refusal(f"source {source!r} has no feature {feature!r}; it has: {', '.join(names)}")
    return contribution, names.index(feature)


def _column(contribution: SourceContribution, column: int) -> np.ndarray:
    """One feature's contributions, shape (persons spoken for,)."""
    return contribution.times * contribution.explained.shap[contribution.index, column]


def _ends(places: Sequence[tuple[SourceContribution, int]]) -> tuple[float, float]:
    columns = [_column(*place) for place in places]
    return min((c.min() for c in columns if len(c)), default=0.0), max(
        (c.max() for c in columns if len(c)), default=0.0
    )


def _swarm(
    contribution: SourceContribution, column: int, ends: tuple[float, float], bins: int
) -> pl.DataFrame:
    feature = contribution.explained.design.features[column]
    contributions = _column(contribution, column)
    low, width = ends[0], max(ends[1] - ends[0], 1e-12) / bins
    at = np.clip(((contributions - low) / width).astype(int), 0, bins - 1)
    rank = (
        _rank(contribution, column)
        if feature.name not in contribution.explained.design.categories
        else np.full(len(at), np.nan)
    )
    persons = np.bincount(at, minlength=bins)
    ranked = np.bincount(at[~np.isnan(rank)], minlength=bins)
    sums = np.bincount(at, np.nan_to_num(rank), minlength=bins)
    # a mark of few people tells of each of them
    full, joined = (np.flatnonzero(persons), pool(persons))
    middle = np.bincount(joined, persons * (low + width * (np.arange(bins) + 0.5)))
    persons, ranked, sums = (np.bincount(joined, weights) for weights in (persons, ranked, sums))
    full = np.unique(joined[full])
    mean = [sums[b] / ranked[b] if ranked[b] else None for b in full]
    return (
        pl.DataFrame(
            {
                "contribution": middle[full] / persons[full],
                "persons": persons[full].astype(np.int64),
                "rank": pl.Series(mean, dtype=pl.Float64),
            }
        )
        .filter(pl.col("persons") >= disclosure.PERSONS)
        .select(
            pl.lit(f"{contribution.source.key}.{feature.name}").alias("key"),
            pl.lit(contribution.source.key).alias("source"),
            pl.lit(feature.title).alias("label"),
            pl.all(),
        )
    )


def _rank(contribution: SourceContribution, column: int) -> np.ndarray:
    """Where each value ranks, from 0 to 1, ties in the middle; NaN where missing."""
    values = contribution.explained.design.matrix[contribution.index, column]
    present = values[~np.isnan(values)]
    if not len(present):
        return values.astype(float)
    sample = np.sort(present[:: -(-len(present) // SAMPLE)])
    below, upto = np.searchsorted(sample, values, "left"), np.searchsorted(sample, values, "right")
    return np.where(np.isnan(values), np.nan, (below + upto) / (2 * len(sample)))


def dependence(weighed: Weighed, source: str, feature: str, bins: int = 20) -> pl.DataFrame:
    """How a feature's contribution goes with its value, and how people of that value turned out.

    Returns
    -------
    DataFrame
        One row per bin of about as many persons (per text, for a category), then one for the
        missing: `kind` (number, category or missing), `label`,
        `low`, `high` and `value` (ends and mean of the bin's values; null for categories and the
        missing), `mean` contribution in log-odds with `p05` and
        `p95`: where 90% of the persons lie; `persons`; `bad_rate` with its 95% `bad_rate_low` and
        `bad_rate_high`, among those of known outcome
        (null below 30 persons or 5 of an outcome). Bins of fewer than 30 persons are joined to
        their neighbours, such texts to one row.

    Raises
    ------
    Refusal
        If there is no such source or feature.
    """
    contribution, column = _place(weighed, source, feature)
    values = contribution.explained.design.matrix[contribution.index, column]
    texts = contribution.explained.design.categories.get(feature)
    outcome = np.repeat(weighed.persons.runs.outcome, weighed.persons.runs.sizes)[contribution.at]
    at = np.where(np.isnan(values), -1, _codes(values) if texts else _bins(values, bins))
    at, texts = _joined(at, texts)
    added = _column(contribution, column)
    rows = [
        _dependence(b, values[at == b], added[at == b], outcome[at == b], texts)
        for b in (*np.unique(at[at >= 0]), -1)
        if (at == b).any()
    ]
    numbers = ("low", "high", "value", "mean", "p05", "p95")
    rates = ("bad_rate", "bad_rate_low", "bad_rate_high")
    schema = {
        "kind": pl.String,
        "label": pl.String,
        **dict.fromkeys(numbers, pl.Float64),
        "persons": pl.Int64,
        **dict.fromkeys(rates, pl.Float64),
    }
    told = pl.DataFrame(rows, schema=schema, orient="row").filter(
        pl.col("persons") >= disclosure.PERSONS
    )
    # the others and the whole would tell it
    hidden = told["bad_rate"].null_count() == 1 and told.height > 1
    widest = pl.col("bad_rate").is_not_null() & (
        pl.col("persons") == told.drop_nulls("bad_rate")["persons"].min()
    )
    return told.with_columns(pl.when(~widest).then(pl.col(rates)) if hidden else pl.col(rates))


def _joined(
    at: np.ndarray, texts: tuple[str, ...] | None
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Bins of few persons joined to their neighbours, texts of few to one; the missing, at -1, stay
    apart."""
    known = at[at >= 0]
    if not len(known):
        return at, texts
    counts = np.bincount(known)
    if texts is None:
        return np.where(at < 0, -1, pool(counts)[np.maximum(at, 0)]), None
    rare = np.flatnonzero((counts > 0) & (counts < disclosure.PERSONS))
    frequent = np.flatnonzero(counts >= disclosure.PERSONS)
    if len(rare) and len(frequent) and counts[rare].sum() < disclosure.PERSONS:
        rare = np.append(rare, frequent[counts[frequent].argmin()])
    return np.where(np.isin(at, rare), len(texts), at), (*texts, RARE)


RARE = "rare values"


def _codes(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values).astype(int)


def _bins(values: np.ndarray, bins: int) -> np.ndarray:
    """Bins of about as many persons; all persons of one value share a bin."""
    present = values[~np.isnan(values)]
    edges = (
        np.unique(np.quantile(present, np.linspace(0, 1, bins + 1)[1:-1], method="nearest"))
        if len(present)
        else np.zeros(0)
    )
    return np.searchsorted(edges, np.nan_to_num(values), "left")


def _dependence(
    b: int,
    values: np.ndarray,
    added: np.ndarray,
    outcome: np.ndarray,
    texts: tuple[str, ...] | None,
) -> tuple[object, ...]:
    kind = "missing" if b < 0 else "category" if texts else "number"
    low, high, middle = (
        (float(values.min()), float(values.max()), float(values.mean(dtype=float)))
        if kind == "number"
        else (None, None, None)
    )
    label = (
        texts[b]
        if kind == "category" and texts
        else "missing"
        if b < 0
        else _number(low)
        if low == high
        else f"{_number(low)} to {_number(high)}"
    )
    spread = (float(q) for q in (added.mean(), *np.quantile(added, (0.05, 0.95))))
    return kind, label, low, high, middle, *spread, len(added), *_rate(outcome)


def _number(value: float | None) -> str:
    """A number as people read it."""
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _rate(outcome: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Default rate with its interval; None where too few are known."""
    read = outcome[outcome != UNKNOWN]
    bad = int((read == 1).sum())
    if few(len(read) - bad, bad):
        return None, None, None
    rate = bad / len(read)
    low, high = interval(rate, math.sqrt(rate * (1 - rate) / len(read)), float(len(read)))
    return rate, float(low), float(high)


def shift(a: Weighed, b: Weighed, most: int = 10) -> pl.DataFrame:
    """Why the mean score of cohort B differs from that of cohort A: steps from one mean to the
    other.

    Parameters
    ----------
    a, b : two cohorts under one weighting, explained alike.

    Returns
    -------
    DataFrame
        `kind` (start, base, feature, rest, end), `key`, `source`, `label`, `a` and `b` (mean
        contribution over the scored of each, log-odds) and `step`:
        B less A. Start holds the mean log-odds of A, end that of B; start and the steps of base,
        features and rest add up to end.
        *Base* is who is known to whom; *feature* are the `most` largest steps, the largest first;
        *rest* all others.

    Raises
    ------
    Refusal
        If nobody is scored in one of them, or they are weighed differently.
    """
    if (a.weighting, a.calibration) != (b.weighting, b.calibration):
        raise Refusal("two cohorts can only be compared under the same weighting; weigh both alike")
    if not a.scored or not b.scored:
        raise Refusal(
            "nobody is scored in one of the two cohorts, so there is no mean score; choose "
            "wider cohorts or a lower floor"
        )
    steps = _steps(a, b)
    largest, others = steps[:most], steps[most:]
    changes = [*largest, *([_rest(others)] if others else [])]
    start, end = float(np.nanmean(a.log_odds)), float(np.nanmean(b.log_odds))
    base = (
        "base",
        "",
        "",
        "Who is known to whom",
        start - math.fsum(row[4] for row in changes),
        end - math.fsum(row[5] for row in changes),
    )
    rows = [(*row, row[5] - row[4]) for row in (base, *changes)]
    ends = [
        (kind, "", "", "", start, end, value) for kind, value in (("start", start), ("end", end))
    ]
    return pl.DataFrame([ends[0], *rows, ends[1]], schema=SHIFT, orient="row")


Step = tuple[str, str, str, str, float, float]


def _rest(steps: Sequence[Step]) -> Step:
    return (
        "rest",
        "",
        "",
        f"{len(steps)} other features",
        math.fsum(row[4] for row in steps),
        math.fsum(row[5] for row in steps),
    )


SHIFT = {
    "kind": pl.String,
    "key": pl.String,
    "source": pl.String,
    "label": pl.String,
    "a": pl.Float64,
    "b": pl.Float64,
    "step": pl.Float64,
}


def _steps(a: Weighed, b: Weighed) -> list[Step]:
    """The features by how far they move the mean, the farthest first."""
    means = [np.concatenate([v.mean(w.scored) for v in w.contributions]) for w in (a, b)]
    told: list[tuple[Source, Feature]] = [
        (v.source, f) for v in a.contributions for f in v.explained.design.features
    ]
    rows = [
        ("feature", f"{s.key}.{f.name}", s.key, f.title, float(x), float(y))
        for (s, f), x, y in zip(told, *means, strict=True)
    ]
    return sorted(rows, key=lambda row: -abs(row[5] - row[4]))


def interaction(
    weighed: Weighed, model: SourceModel, first: str, second: str, bins: int = 8
) -> pl.DataFrame:
    """How two features of one source act together, beyond what each does alone, on a sample of at
    most 2,000 persons.

    Features of different sources never interact: each source has a model of its own, and the score
    is the sum.

    Parameters
    ----------
    model : the source's model; `first`, `second`: two of its features.

    Returns
    -------
    DataFrame
        One row per pair of bins that holds 30 persons or more: `first` and `second` (text of the
        bin), `first_value` and `second_value`
        (its mean; null for categories and the missing), `contribution` (mean log-odds by which the
        two together move the score, both ways added), `persons`.

    Raises
    ------
    Refusal
        If one of the features is not of this source.

    References
    ----------
    Lundberg et al. 2020, SHAP interaction values.
    """
    foreign = [name for name in (first, second) if name not in [f.name for f in model.features]]
    if foreign:
        raise Refusal(
            f"{foreign[0]!r} is no feature of source {model.key!r}, and features of "
            "different sources never interact: each has a model of its own"
        )
    places = [_place(weighed, model.key, name) for name in (first, second)]
    contribution, columns = places[0][0], [column for _, column in places]
    if columns[0] == columns[1]:
        raise Refusal(f"{first!r} does not interact with itself; choose two features")
    chosen = np.arange(len(contribution.at))[:: max(-(-len(contribution.at) // ASKED), 1)]
    values = contribution.values(chosen)
    together = (
        2
        * contribution.times[chosen]
        * _interactions(contribution, model, chosen)[:, columns[0], columns[1]]
        if len(chosen)
        else np.zeros(0)
    )
    texts = [contribution.explained.design.categories.get(name) for name in (first, second)]
    sides = [
        _labelled(values[:, column], texts_of, bins)
        for column, texts_of in zip(columns, texts, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "first": sides[0][0],
            "second": sides[1][0],
            "first_value": sides[0][1],
            "second_value": sides[1][1],
            "contribution": together,
        }
    )
    grouped = frame.group_by("first", "second").agg(
        pl.col("first_value", "second_value").first(),
        pl.col("contribution").mean(),
        pl.len().cast(pl.Int64).alias("persons"),
    )
    return grouped.filter(pl.col("persons") >= disclosure.PERSONS).sort(
        "first_value", "first", "second_value", "second", nulls_last=True
    )


def _interactions(
    contribution: SourceContribution, model: SourceModel, chosen: np.ndarray
) -> np.ndarray:
    """The interaction values of some persons, shape (persons, features, features)."""
    design = some(contribution.explained.design, contribution.index[chosen])
    found = np.empty((len(design.rows), *[len(design.features)] * 2), np.float32)
    for turn, mine in model.asked(design):
        found[mine] = tree_shap.interactions(turn.forest, design.matrix[mine], design.types)
    return found


def _labelled(
    values: np.ndarray, texts: tuple[str, ...] | None, bins: int
) -> tuple[pl.Series, pl.Series]:
    """The bin of each value as text, and the mean value of its bin."""
    missing = np.isnan(values)
    at = np.where(missing, -1, _codes(values) if texts else _bins(values, bins))
    told = {
        int(b): _dependence(int(b), values[at == b], np.zeros(1), np.zeros(0), texts)
        for b in np.unique(at)
    }
    return pl.Series([told[int(b)][1] for b in at], dtype=pl.String), pl.Series(
        [told[int(b)][4] for b in at], dtype=pl.Float64
    )
