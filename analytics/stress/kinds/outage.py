"""What happens when a source is dark, and what is best done meanwhile?"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.deciding.decision import Rule, decide, decided
from analytics.deciding.scorecard import STANDARD, Scorecard
from analytics.deciding.strategy import accepted_of_all, bad_rate
from analytics.sources.evidence import Evidence, line_up
from analytics.stress.context import StressContext
from analytics.stress.kind import Choice, FromPeople, Stress, option, seed_option, share_option
from analytics.stress.selection import bounded, first_share, random_order
from analytics.weighing.readings import Calibration, auc, coverage, enough
from analytics.weighing.tally import tally
from analytics.weighing.weighting import MISSING, Weighting


def months(persons: Evidence) -> list[str] | None:
    """The months in which these people applied; None where that is not known."""
    if "month" not in persons.people.columns:
        return None
    return [month.strftime("%Y-%m") for month in persons.people["month"].unique().sort()]


IN_MONTH = FromPeople(label="Applications of", values=months, anything="any time")
MEANWHILE = Choice(
    label="Meanwhile",
    help=(
        "Without it: an absent source as the weighting has it, silent or spoken for by the others."
    ),
    options={"weighed": "score without it", "refuse": "score nobody it knew"},
)
FALLBACKS = tuple(MEANWHILE.options)


@dataclass(frozen=True, slots=True)
class Outage(Stress):
    """A source is dark for a share of those it knows, always or in one month.

    Attributes
    ----------
    month : of application, such as ``2025-03``; any time where empty.
    fallback : "weighed": whoever is hit is scored by the others, as the weighting's own policy for
        absent sources says; "refuse": is not scored at all, until the source is back.
    """

    word = "outage"
    label = "Outage"
    meaning = "The source answers nobody, or not for a while."
    place = 3
    pictures = ("Fallbacks",)
    begins_with = MappingProxyType({"share": 1.0})

    share: float = share_option(1.0)
    month: str = option("", "only those who applied in it, as in 2025-03", IN_MONTH)
    fallback: str = option(
        "weighed",
        "weighed: as the weighting says of an absent source; refuse: nobody whom it knew is scored",
        MEANWHILE,
    )
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, "the share for whom a source is dark")
        if self.month and not re.fullmatch(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])", self.month):
            raise Refusal(
                f"cannot read the month {self.month[:20]!r} of an outage; write it like 2025-03"
            )
        if self.fallback not in FALLBACKS:
            raise Refusal(f"no fallback {self.fallback[:20]!r}; it may be: {', '.join(FALLBACKS)}")

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return "Share of its people for whom it is dark"

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        when = f" who applied in {self.month}" if self.month else ""
        refused = self.fallback == "refuse"
        meanwhile = ", and nobody it knew is scored meanwhile" if refused else ""
        return f"{label} is dark for {self.bold_share} of its people{when}{meanwhile}"

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, of whom the source says nothing where it is dark.

        Raises
        ------
        Refusal
            If a month is named and the persons have none, or nobody applied in it.
        """
        said = persons.column(self.source)
        could = ~np.isnan(said) & (_applied(persons, self.month) if self.month else True)
        hit = first_share(
            random_order(persons, "outage", self.source, self.seed), could, self.share
        )
        if self.fallback == "weighed" or not hit.any():
            return persons.put(self.source, np.where(hit, np.nan, said))
        nothing = np.where(hit[:, None], np.float32(np.nan), persons.added)
        return line_up(
            persons.catalog, persons.people, nothing, persons.base_rate, limits=persons.limits
        )


def fallbacks(
    persons: Evidence,
    outage: Outage,
    context: StressContext,
    weighting: Weighting,
    calibrate: Callable[[Weighting], Calibration],
    cutoff: float,
    scorecard: Scorecard = STANDARD,
) -> pl.DataFrame:
    """What is best done without a source? The three policies side by side, below how it was before.

    Parameters
    ----------
    calibrate : the calibration of a weighting, fitted before the outage.
    cutoff : in points.

    Returns
    -------
    DataFrame
        `policy`: before, neutral, renormalise and refuse (both before and refuse under the
        weighting's own policy for absent sources); then `coverage`, `auc_everyone`, `auc_scored`,
        `accepted` (share of all persons) and `bad_rate` (of the accepted), each with `_low` and
        `_high`; null where there is nobody to read.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    dark, refused = (
        replace(outage, fallback=fallback).apply(persons, context) for fallback in FALLBACKS
    )
    ways = {
        "before": (persons, weighting),
        **{policy: (dark, replace(weighting, missing=policy)) for policy in MISSING},
        "refuse": (refused, weighting),
    }
    rows = [
        {"policy": policy, **_row(*way, calibrate(way[1]), cutoff, scorecard)}
        for policy, way in ways.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)


def _row(
    persons: Evidence,
    weighting: Weighting,
    calibration: Calibration,
    cutoff: float,
    scorecard: Scorecard,
) -> dict[str, float]:
    counted = tally(persons, weighting)
    enough(counted)
    read = {
        "coverage": coverage(counted),
        "auc_everyone": auc(counted, everyone=True),
        "auc_scored": auc(counted),
    }
    outcome = np.repeat(persons.runs.outcome, persons.runs.sizes)
    decisions = decided(decide(persons, weighting, Rule(cutoff, calibration, scorecard)), outcome)
    read |= {"accepted": accepted_of_all(decisions), "bad_rate": bad_rate(decisions)}
    return {
        name: figure
        for each, reading in read.items()
        for name, figure in reading.ranged(each).items()
    }


def _applied(persons: Evidence, month: str) -> np.ndarray:
    """Who applied in a month, bool, shape (persons,)."""
    if "month" not in persons.people.columns:
        raise Refusal(
            f"an outage in {month} needs to know when people applied; "
            "name that date under 'time' in [population]"
        )
    months = persons.people["month"]
    there = (months == date.fromisoformat(f"{month}-01")).fill_null(value=False).to_numpy()
    if not there.any():
        span = (
            f"they applied from {str(months.min())[:7]} to {str(months.max())[:7]}"
            if months.count()
            else "none of them has a date"
        )
        raise Refusal(f"none of these persons applied in {month}; {span}")
    return there
