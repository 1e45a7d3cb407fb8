"""Which records look fake, and how far is each to be trusted?

The detector learns as a source does: from the training persons, stopped by the calibration persons;
where people take turns, in the same five turns. So what it says of a test person never comes from a
model that saw the person.
"""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import cast

import numpy as np
import polars as pl

from analytics.data.catalog.model import Feature, Source
from analytics.data.population import Population
from analytics.data.refusal import Refusal
from analytics.data.split import teachers
from analytics.deciding.champion import rank
from analytics.sources.design import Categories, Design, draw
from analytics.sources.model import Settings, ShouldContinue, SourceModel, fit, log_odds
from analytics.weighing.formulas import auc_interval

TAUGHT, TESTED = 30, 5  # records of either kind below which nothing is learned, or nothing read
DOUBT = 0.5  # trust below which a record counts as caught


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """What tells the fake records of one source.

    Attributes
    ----------
    model : fitted over the signs alone; what it says is how much likelier a record is fake than its
        kind, in log-odds.
    base_rate : share of fakes among the known records that taught it.
    columns : where the signs stand among the source's features, shape (signs,).
    marks : signs of the fakes that taught it, shape (fakes, features of the source), float32; NaN
        outside the signs.
    """

    model: SourceModel
    base_rate: float
    columns: np.ndarray
    marks: np.ndarray

    @property
    def key(self) -> str:
        """The key of the source."""
        return self.model.key

    @property
    def features(self) -> tuple[Feature, ...]:
        """The signs."""
        return self.model.features

    def trust(self, design: Design) -> np.ndarray:
        """The probability that a record is honest by its signs, shape (known persons,), float32.

        Parameters
        ----------
        design : of the source, as `draw` and `pick` give it; only the signs are looked at.
        """
        fake = self.model.said(_narrowed(design, self.columns), self.base_rate).astype(
            float
        ) + log_odds(self.base_rate)
        # the logistic function of -fake, without overflow
        return ((1 - np.tanh(fake / 2)) / 2).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a detector tells fakes among test persons whose records are known.

    `auc` is how often a fake record has less trust than an honest one, with its 95% interval;
    `caught` the share of fakes below a trust of 0.5, `false_alarms` that of honest records,
    `payer_alarms` that of honest records of people who paid; `trust_*` are means.
    """

    persons: int
    fakes: int
    auc: float
    auc_low: float
    auc_high: float
    caught: float
    false_alarms: float
    payer_alarms: float
    trust_fakes: float
    trust_honest: float
    trust_payers: float


def detect(
    population: Population,
    everyone: pl.DataFrame,
    source: Source,
    categories: Categories | None = None,
    *,
    settings: Settings = Settings(),
    should_continue: ShouldContinue = lambda *_: True,
) -> Detector:
    """Learn to tell a source's fake records.

    Parameters
    ----------
    everyone : as `analytics.data.population.people` gives them.
    categories : the texts the source's own model knows, so that both read the same designs;
        default: those found.
    heed : called before the first round and after each; False stops.

    Raises
    ------
    Refusal
        If the catalog names no flag for the source, or too few records are known to be fake or to
        be honest.
    Cancelled
        If `heed` says stop.
    """
    return learn(
        draw(population, everyone, source, categories),
        flagged(population, everyone, source),
        everyone,
        settings=settings,
        should_continue=should_continue,
    )


def flagged(population: Population, everyone: pl.DataFrame, source: Source) -> np.ndarray:
    """Whose record is fake: 1 fake, 0 honest, NaN unknown; by the row in the file."""
    found = (
        everyone.select("row", "person")
        .join(population.flags(source), on="person", how="left", maintain_order="left")
        .sort("row")
    )
    return found["fake"].cast(pl.Float64).to_numpy()


def learn(
    design: Design,
    flags: np.ndarray,
    everyone: pl.DataFrame,
    *,
    settings: Settings = Settings(),
    should_continue: ShouldContinue = lambda *_: True,
) -> Detector:
    """The same from the source's design and all flags, as `draw` and `flagged` give them."""
    mine, fake = everyone[design.rows], flags[design.rows]
    taught = teachers(mine).to_numpy() & ~np.isnan(fake)
    _several(design.source, fake[taught], TAUGHT, "training persons, to learn from")
    _several(
        design.source,
        fake[(mine["split"] == "test").to_numpy()],
        TESTED,
        "test persons, to be tested on",
    )
    columns = _signs(design)
    base_rate = float(fake[taught].mean())
    model = fit(
        _narrowed(design, columns),
        fake,
        mine["split"].cast(pl.String).to_numpy(),
        base_rate,
        settings,
        should_continue=should_continue,
    )
    marks = np.full((int(fake[taught].sum()), len(design.features)), np.nan, np.float32)
    marks[:, columns] = design.matrix[np.ix_(taught & (fake == 1), columns)]
    return Detector(model, base_rate, columns, marks)


def _several(source: Source, fake: np.ndarray, least: int, whose: str) -> None:
    """Refuse too few records known to be fake, or known to be honest."""
    for count, kind in ((int((fake == 1).sum()), "fake"), (int((fake == 0).sum()), "honest")):
        if count < least:
            raise Refusal(
                f"source {source.key!r}: only {count:,} records are known to be {kind} "
                f"among its {whose}, and {least} are needed; "
                f"flag more records as {kind}, or leave out its 'fakes'"
            )


def _signs(design: Design) -> np.ndarray:
    """Where the signs stand among the features."""
    patterns = design.source.fakes.signs if design.source.fakes else ()
    return np.flatnonzero(
        [any(fnmatchcase(f.name, pattern) for pattern in patterns) for f in design.features]
    )


def _narrowed(design: Design, columns: np.ndarray) -> Design:
    """A design with these columns alone; fakes may lie on either side, whatever the risk."""
    features = tuple(replace(design.features[i], direction="unknown") for i in columns)
    return replace(design, features=features, matrix=design.matrix[:, columns])


def quality(
    detector: Detector, design: Design, flags: np.ndarray, everyone: pl.DataFrame
) -> Quality:
    """How well a detector tells the fakes of a design, among test persons.

    Parameters
    ----------
    flags, everyone : of all people, as `flagged` and `analytics.data.population.people` give them.

    Raises
    ------
    Refusal
        If too few records of test persons are known to be fake or to be honest.
    """
    trust, fake, payer = _tested(detector, design, flags, everyone)
    ranked = rank(-trust.astype(float), fake)
    low, high = auc_interval(ranked.auc, ranked.error, float((~fake).sum()), float(fake.sum()))
    doubted, payers = trust < DOUBT, payer & ~fake
    alarms, means = (
        [_mean(values[kind]) for kind in (fake, ~fake, payers)] for values in (doubted, trust)
    )
    return Quality(len(trust), int(fake.sum()), ranked.auc, low, high, *alarms, *means)


def _mean(values: np.ndarray) -> float:
    return float(values.mean(dtype=float)) if len(values) else float("nan")


def curve(
    detector: Detector, design: Design, flags: np.ndarray, everyone: pl.DataFrame
) -> pl.DataFrame:
    """What catching more fakes costs: among test persons, at every threshold of trust.

    Returns
    -------
    DataFrame
        101 rows: `trust` (a record below it counts as caught, from 0 to 1), `caught` (share of
        fakes), `false_alarms` (share of the honest records of payers).
    """
    trust, fake, payer = _tested(detector, design, flags, everyone)
    steps = np.arange(101) / 100
    return pl.DataFrame(
        {
            "trust": steps,
            "caught": _below(trust[fake], steps),
            "false_alarms": _below(trust[payer & ~fake], steps),
        }
    )


def _below(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Share of values below each step."""
    return np.searchsorted(np.sort(values.astype(float)), steps) / max(len(values), 1)


def _tested(
    detector: Detector, design: Design, flags: np.ndarray, everyone: pl.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of test persons with known records: trust, whether it is fake, whether the person paid."""
    mine, fake = everyone[design.rows], flags[design.rows]
    read = (mine["split"] == "test").to_numpy() & ~np.isnan(fake)
    _several(design.source, fake[read], TESTED, "test persons, to be tested on")
    paid = (~mine["defaulted"]).fill_null(value=False).to_numpy()
    return detector.trust(design)[read], fake[read] == 1, paid[read]


def signs(detector: Detector) -> pl.DataFrame:
    """What gives fakes away.

    Returns
    -------
    DataFrame
        One row per sign, the strongest first: `feature`, `label`, `importance`: its share of what
        all splits gain, so that they add up to 1.
    """
    gains = [
        cast(dict[str, float], turn.forest.booster.get_score(importance_type="total_gain"))
        for turn in detector.model.turns
    ]
    total = {
        f.name: sum(g.get(f"f{at}", 0.0) for g in gains) for at, f in enumerate(detector.features)
    }
    whole = sum(total.values()) or 1.0
    rows = [
        {"feature": f.name, "label": f.title, "importance": total[f.name] / whole}
        for f in detector.features
    ]
    return pl.DataFrame(rows).sort("importance", descending=True, maintain_order=True)
