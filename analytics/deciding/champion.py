"""Is a challenger really better than the champion? AUC of everyone of each, and their differences on the same persons."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.weighing.formulas import Z, interval
from analytics.weighing.pair import Difference
from analytics.weighing.readings import enough
from analytics.weighing.tally import BINS, place, tally
from analytics.weighing.weighting import Weighting, equal

Entrant = Weighting | np.ndarray | str
NONE = dict.fromkeys(("auc", "low", "high", "difference", "difference_low", "difference_high", "certain", "ks", "ks_low", "ks_high", "coverage"))
SCHEMA = {"name": pl.String, "champion": pl.Boolean, "persons": pl.Int64, **dict.fromkeys(NONE, pl.Float64), "certain": pl.Boolean, "reason": pl.String}


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """How well a model ranks: the AUC of everyone, and how far each person moves it, shape (persons,)."""

    auc: float
    influence: np.ndarray

    @property
    def error(self) -> float:
        """Standard error of the AUC, DeLong's."""
        return float(np.sqrt((self.influence**2).sum()))

    def less(self, other: "Ranking") -> Difference:
        """This AUC less the other's, of the same persons: each person's two influences are subtracted before they are squared."""
        value, half = self.auc - other.auc, Z * float(np.sqrt(((self.influence - other.influence) ** 2).sum()))
        return Difference(value, value - half, value + half)


def rank(added: np.ndarray, defaulted: np.ndarray) -> Ranking:
    """Rank everyone by what a model adds to the base rate.

    Parameters
    ----------
    added : log-odds, shape (persons,); NaN for the unscored, who stand at 0, the base rate, as one tie.
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
    above = (ranks - within) / (len(ranks) - count)  # share of the other outcome that a person stands above, ties counting half
    value = float(above[defaulted].mean())
    return Ranking(value, (np.where(defaulted, above, 1 - above) - value) / count)


def ks(added: np.ndarray, defaulted: np.ndarray) -> tuple[float, float, float]:
    """Largest distance between the score distributions of payers and defaulters among the scored, with its 95% interval; NaN where one outcome is missing."""
    scored = ~np.isnan(added)
    values, outcome = added[scored], defaulted[scored]
    bad, paid = outcome.sum(), (~outcome).sum()
    if not bad or not paid:
        return (float("nan"),) * 3
    place = np.unique(values, return_inverse=True)[1]
    below_bad, below_paid = np.cumsum(np.bincount(place, outcome)) / bad, np.cumsum(np.bincount(place, ~outcome)) / paid
    widest = int(np.argmax(below_paid - below_bad))
    p, b = float(below_paid[widest]), float(below_bad[widest])
    return p - b, *interval(p - b, np.sqrt(p * (1 - p) / paid + b * (1 - b) / bad), float(min(bad, paid)))


def contest(persons: Evidence, entrants: Mapping[str, Entrant]) -> pl.DataFrame:
    """A champion and its challengers, one row each, in order. A weighting is read as everywhere else: by the bins of its tally.

    Parameters
    ----------
    persons : whom the figures are of; those of unknown outcome are left out.
    entrants : by name, the champion first: a weighting; or what a model adds to the base rate, log-odds of everyone in file order, NaN for the unscored; or a
        sentence on why there is no such model.

    Returns
    -------
    DataFrame
        `name`, `champion`, `persons`, `auc` of everyone with `low` and `high`, its 95% interval; `difference` to the champion with its paired interval
        `difference_low` and `difference_high`, `certain` if that leaves zero out (all null for the champion itself); `ks` of the scored with `ks_low` and
        `ks_high`, `coverage`; `reason` why there is no such model, all figures null then.

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
    known = persons.people["defaulted"].is_not_null().to_numpy()
    defaulted = persons.people["defaulted"].to_numpy()[known].astype(bool)
    added = {name: e if isinstance(e, str) else _added(persons, e)[known] for name, e in entrants.items()}
    return rivals(added, defaulted)


def _added(persons: Evidence, entrant: Weighting | np.ndarray) -> np.ndarray:
    """What an entrant adds for each of these persons, in their order."""
    return _stands(persons, entrant) if isinstance(entrant, Weighting) else entrant[persons.people["row"].to_numpy()]


def _stands(persons: Evidence, weighting: Weighting) -> np.ndarray:
    """Where each person stands under a weighting, as its tally counts them, in bins above evidence 0; NaN for the unscored.

    Ranked by these, a weighting has the very figures that every other page reads of it.
    """
    bins = place(persons, weighting)
    return np.where(bins < BINS, bins - float(tally(persons, weighting).zero), np.nan)


def rivals(added: Mapping[str, np.ndarray | str], defaulted: np.ndarray) -> pl.DataFrame:
    """The same of arrays: what each model adds, person by person, the champion first; the columns of `contest`.

    Parameters
    ----------
    added : by name: log-odds, shape (persons,), NaN for the unscored; or a sentence on why there is no such model.
    defaulted : bool, shape (persons,), of both outcomes.
    """
    ranked = {name: rank(said, defaulted) for name, said in added.items() if not isinstance(said, str)}
    champion = next(iter(ranked))
    rows = [
        {"name": name, "champion": name == champion, **(_absent(said) if isinstance(said, str) else _figures(said, defaulted, ranked[name], ranked[champion]))}
        for name, said in added.items()
    ]
    return pl.DataFrame(rows, SCHEMA).fill_nan(None)


def _absent(reason: str) -> dict[str, object]:
    return {"persons": None, **NONE, "reason": reason}


def _figures(added: np.ndarray, defaulted: np.ndarray, mine: Ranking, champion: Ranking) -> dict[str, object]:
    low, high = interval(mine.auc, mine.error, float(min(defaulted.sum(), (~defaulted).sum())))
    told: dict[str, object] = {"persons": len(defaulted), "auc": mine.auc, "low": low, "high": high, "coverage": float((~np.isnan(added)).mean())}
    told |= dict(zip(("ks", "ks_low", "ks_high"), ks(added, defaulted), strict=True))
    if mine is champion:
        return NONE | told
    apart = mine.less(champion)
    return NONE | told | {"difference": apart.value, "difference_low": apart.low, "difference_high": apart.high, "certain": apart.certain}
