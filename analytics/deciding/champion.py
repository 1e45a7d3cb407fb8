"""Is a challenger really better than the champion?

AUC of everyone of each, and their differences on the same persons.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.weighing import formulas
from analytics.weighing.formulas import FEW, Z, auc_interval, ks_interval
from analytics.weighing.pair import Difference
from analytics.weighing.readings import enough
from analytics.weighing.tally import BINS, place, tally
from analytics.weighing.weighting import Weighting, equal

Entrant = Weighting | np.ndarray | str
NONE = dict.fromkeys(
    (
        "auc",
        "low",
        "high",
        "difference",
        "difference_low",
        "difference_high",
        "certain",
        "ks",
        "ks_low",
        "ks_high",
        "coverage",
    )
)
SCHEMA = {
    "name": pl.String,
    "champion": pl.Boolean,
    "persons": pl.Int64,
    **dict.fromkeys(NONE, pl.Float64),
    "certain": pl.Boolean,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """How well a model ranks.

    The AUC of everyone, how far each person moves it, shape (persons,), and how many persons have
    the rarer outcome.
    """

    auc: float
    influence: np.ndarray
    rarer: int

    @property
    def error(self) -> float:
        """Standard error of the AUC, DeLong's."""
        return float(np.sqrt((self.influence**2).sum()))

    def less(self, other: "Ranking") -> Difference:
        """This AUC less the other's, of the same persons: each person's two influences are
        subtracted before they are squared.

        No interval with fewer than 20 persons of the rarer outcome, unless nobody differs at all.
        """
        value = self.auc - other.auc
        half = Z * float(np.sqrt(((self.influence - other.influence) ** 2).sum()))
        if half > 0 and self.rarer < FEW:
            return Difference(value, float("nan"), float("nan"))
        return Difference(value, value - half, value + half)


def rank(added: np.ndarray, defaulted: np.ndarray) -> Ranking:
    """Rank everyone by what a model adds to the base rate.

    Parameters
    ----------
    added : log-odds, shape (persons,); NaN for the unscored, who stand at 0, the base rate, as one
        tie.
    defaulted : bool, shape (persons,), of both outcomes.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson 1988; placements by midranks: Sun and Xu 2014.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - half a second that only this comparison needs

    stands = np.nan_to_num(added)
    ranks, count = rankdata(stands), np.where(defaulted, defaulted.sum(), (~defaulted).sum())
    within = np.empty(len(ranks))
    for outcome in (True, False):
        within[defaulted == outcome] = rankdata(stands[defaulted == outcome])
    # share of the other outcome that a person stands above, ties counting half
    above = (ranks - within) / (len(ranks) - count)
    value = float(above[defaulted].mean())
    return Ranking(
        value,
        (np.where(defaulted, above, 1 - above) - value) / count,
        int(min(defaulted.sum(), (~defaulted).sum())),
    )


def ks(added: np.ndarray, defaulted: np.ndarray, at: float) -> tuple[float, float, float]:
    """Distance between the score distributions of payers and defaulters among the scored, up to a
    place, with its 95% interval; NaN without both outcomes.

    Parameters
    ----------
    at : log-odds, chosen on other persons by `widest`.
    """
    scored = ~np.isnan(added)
    below, outcome = added[scored] <= at, defaulted[scored]
    bad, paid = float(outcome.sum()), float((~outcome).sum())
    if not bad or not paid:
        return (float("nan"),) * 3
    p, b = float(below[~outcome].mean()), float(below[outcome].mean())
    return p - b, *ks_interval(p, b, paid, bad)


def widest(added: np.ndarray, defaulted: np.ndarray) -> float:
    """Where payers and defaulters lie furthest apart, in log-odds.

    A value of theirs, up to which they are counted; 0 where one outcome is missing.
    """
    scored = ~np.isnan(added)
    values, place = np.unique(added[scored], return_inverse=True)
    counts = np.stack(
        [np.bincount(place, defaulted[scored] == outcome, len(values)) for outcome in (False, True)]
    )
    found = formulas.widest(counts)
    return float(values[found]) if found >= 0 else 0.0


def contest(
    persons: Evidence, entrants: Mapping[str, Entrant], calibrated: Evidence
) -> pl.DataFrame:
    """A champion and its challengers, one row each, in order. A weighting is read as everywhere
    else: by the bins of its tally.

    Parameters
    ----------
    persons : whom the figures are of; those of unknown outcome are left out.
    entrants : by name, the champion first: a weighting; or what a model adds to the base rate, log-
        odds of everyone in file order, NaN for the unscored; or a sentence on why there is no such
        model.
    calibrated : the calibration persons, who tell where each KS is read.

    Returns
    -------
    DataFrame
        `name`, `champion`, `persons`, `auc` of everyone with `low` and `high`, its 95% interval;
        `difference` to the champion with its paired interval `difference_low` and
        `difference_high`, `certain` if that leaves zero out (all null for the champion itself);
        `ks` of the scored with `ks_low` and `ks_high`, `coverage`; `reason` why there is no such
        model, all figures null then.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    Refusal
        If there is no champion.
    """
    first = next(iter(entrants.values()), "there is none")
    if isinstance(first, str):
        raise Refusal(f"a contest needs a champion, and {first}; put a weighting first")
    enough(tally(persons, equal(persons.catalog)))
    (added, defaulted), (elsewhere, outcome) = (
        _heard(persons, entrants),
        _heard(calibrated, entrants),
    )
    places = {
        name: widest(said, outcome) for name, said in elsewhere.items() if not isinstance(said, str)
    }
    return rivals(added, defaulted, places)


def _heard(
    persons: Evidence, entrants: Mapping[str, Entrant]
) -> tuple[dict[str, np.ndarray | str], np.ndarray]:
    """What each entrant adds for those of these persons whose outcome is known, and their
    outcomes.
    """
    known = persons.people["defaulted"].is_not_null().to_numpy()
    added = {
        name: e if isinstance(e, str) else _added(persons, e)[known] for name, e in entrants.items()
    }
    return added, persons.people["defaulted"].to_numpy()[known].astype(bool)


def _added(persons: Evidence, entrant: Weighting | np.ndarray) -> np.ndarray:
    """What an entrant adds for each of these persons, in their order."""
    return (
        _stands(persons, entrant)
        if isinstance(entrant, Weighting)
        else entrant[persons.people["row"].to_numpy()]
    )


def _stands(persons: Evidence, weighting: Weighting) -> np.ndarray:
    """Where each person stands under a weighting, as its tally counts them, in bins above evidence
    0; NaN for the unscored.

    Ranked by these, a weighting has the very figures that every other page reads of it.
    """
    bins = place(persons, weighting)
    return np.where(bins < BINS, bins - float(tally(persons, weighting).zero), np.nan)


def rivals(
    added: Mapping[str, np.ndarray | str], defaulted: np.ndarray, places: Mapping[str, float]
) -> pl.DataFrame:
    """The same of arrays: what each model adds, person by person, the champion first; the columns
    of `contest`.

    Parameters
    ----------
    added : by name: log-odds, shape (persons,), NaN for the unscored; or a sentence on why there is
        no such model.
    defaulted : bool, shape (persons,), of both outcomes.
    places : by name, where each model's KS is read, log-odds.
    """
    ranked = {
        name: rank(said, defaulted) for name, said in added.items() if not isinstance(said, str)
    }
    champion = next(iter(ranked))
    rows = []
    for name, said in added.items():
        told = (
            _absent(said)
            if isinstance(said, str)
            else _figures(said, defaulted, places[name], ranked[name], ranked[champion])
        )
        rows.append({"name": name, "champion": name == champion, **told})
    return pl.DataFrame(rows, SCHEMA).fill_nan(None)


def _absent(reason: str) -> dict[str, object]:
    return {"persons": None, **NONE, "reason": reason}


def _figures(
    added: np.ndarray, defaulted: np.ndarray, at: float, mine: Ranking, champion: Ranking
) -> dict[str, object]:
    low, high = auc_interval(
        mine.auc, mine.error, float((~defaulted).sum()), float(defaulted.sum())
    )
    told: dict[str, object] = {
        "persons": len(defaulted),
        "auc": mine.auc,
        "low": low,
        "high": high,
        "coverage": float((~np.isnan(added)).mean()),
    }
    told |= dict(zip(("ks", "ks_low", "ks_high"), ks(added, defaulted, at), strict=True))
    if mine is champion:
        return NONE | told
    apart = mine.less(champion)
    return (
        NONE
        | told
        | {
            "difference": apart.value,
            "difference_low": apart.low,
            "difference_high": apart.high,
            "certain": apart.certain,
        }
    )
