"""Which weights are robust? The best in the worst case, and what they cost without stress."""

from collections.abc import Mapping, Sequence

import polars as pl

from analytics.deciding.comparison import Figure, headline_figures, pair_up
from analytics.sources.evidence import Evidence
from analytics.weighing.frontier import Wish, best
from analytics.weighing.weighting import Weighting

from .effect import ranged
from .kind import Stress

NOW = "now"
BEST = "best without stress"
ROBUST = "that hold"


def attacks(stresses: Sequence[Stress]) -> list[tuple[Stress, ...]]:
    """What robust weights are searched under: each stress alone, and all together."""
    return [*((stress,) for stress in stresses if len(stresses) > 1), tuple(stresses)]


def robust_weights(
    searched: Evidence,
    attacked: Sequence[Evidence],
    wish: Wish,
    *,
    floor: float,
    missing: str,
    seed: int = 7,
    start: Sequence[Weighting] = (),
) -> Weighting:
    """The weights that are best in the worst case found, no stress being one of the cases.

    Read them on other persons.

    Parameters
    ----------
    searched : the persons searched, before any stress.
    attacked : the same persons after one stress or another.
    start : weightings never lost: with the best without stress among them, what is found is no
        worse than that in the worst case.

    Raises
    ------
    Refusal
        If no weighting tried meets the wish in every case, or none can be read.
    """
    return best(searched, wish, floor=floor, missing=missing, seed=seed, start=start, also=attacked)


def robustness(
    weightings: Mapping[str, Weighting], before: Evidence, after: Evidence
) -> pl.DataFrame:
    """What each weighting is worth before and after a stress, and what it costs to be ready for it.

    Parameters
    ----------
    weightings : by name, in the order of the rows; those now and the best without stress are
        compared with.

    Returns
    -------
    DataFrame
        `name`; `auc_before` and `auc_after` (of everyone) with their 95% `_low` and `_high`;
        `coverage_before`, `coverage_after`; and differences of the AUC with their paired `_low` and
        `_high`: `fall` (after less before), `price` (before: of this weighting less that of the
        best without stress), `gain` (after: of this weighting less that of the one now).

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    rows = [
        _row(name, weighting, weightings, before, after) for name, weighting in weightings.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)


def _row(
    name: str,
    weighting: Weighting,
    weightings: Mapping[str, Weighting],
    before: Evidence,
    after: Evidence,
) -> dict[str, object]:
    fallen = headline_figures(pair_up(after, weighting, weighting, before=before))
    unstressed = _everyone(before, weighting, weightings[BEST])
    stressed = _everyone(after, weighting, weightings[NOW])
    return {
        "name": name,
        **ranged("auc_before", unstressed),
        **ranged("auc_after", stressed),
        "coverage_before": fallen["coverage"].other,
        "coverage_after": fallen["coverage"].value,
        **ranged("fall", fallen["auc_everyone"].difference),
        **ranged("price", unstressed.difference),
        **ranged("gain", stressed.difference),
    }


def _everyone(persons: Evidence, one: Weighting, other: Weighting) -> Figure:
    return headline_figures(pair_up(persons, one, other))["auc_everyone"]
