"""What happens when a source drifts, and does the PSI of its evidence show it?"""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.deciding.stability import critical, psi
from analytics.sources.evidence import Evidence
from analytics.stress.context import StressContext
from analytics.stress.kind import Slider, Stress, option, seed_option, share_option
from analytics.stress.selection import bounded, first_share, random_order
from analytics.weighing.tally import tally
from analytics.weighing.weighting import alone

MOST = 10.0  # log-odds of shift, and times of scale: beyond lies nothing that a source could say


SHIFT = Slider(
    label="Shift, log-odds",
    help="Added to what the source says; above 0 everybody looks riskier to it.",
    low=-2.0,
    high=2.0,
    step=0.1,
)
SCALE = Slider(
    label="Scale",
    help=(
        "What the source says is multiplied by this: below 1 it speaks more softly, "
        "at 0 it says the same of everybody."
    ),
    low=0.0,
    high=2.0,
    step=0.1,
)


@dataclass(frozen=True, slots=True)
class Drift(Stress):
    """What a source says of a share of those it knows becomes `scale` times as much, plus `shift`
    log-odds."""

    word = "drift"
    label = "Drift"
    meaning = "What it says is moved: another unit, another definition, another kind of customer."
    place = 6
    pictures = ("Alarm",)
    begins_with = MappingProxyType({"share": 1.0, "shift": 0.5})

    share: float = share_option(1.0)
    shift: float = option(0.0, "log-odds added to what it says", SHIFT)
    scale: float = option(1.0, "what it says is multiplied by this", SCALE)
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, "the share whose readings drift")
        if not -MOST <= self.shift <= MOST:
            raise Refusal(
                "the shift of a drift must be "
                f"between -{MOST:g} and {MOST:g} log-odds, got {self.shift:g}"
            )
        if not 0 <= self.scale <= MOST:
            raise Refusal(
                f"the scale of a drift must be between 0 and {MOST:g}, got {self.scale:g}"
            )

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return "Share of its records that drift"

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        scaled = f" and is multiplied by **{self.scale:g}**" if self.scale != 1 else ""
        shift = f"**{self.shift:+g}**".replace("-", "−")
        people = f"{self.bold_share} of its people"
        return f"what {label} says of {people} moves by {shift} in log-odds{scaled}"

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, some with a reading that has moved."""
        said = persons.column(self.source)
        hit = first_share(
            random_order(persons, "drift", self.source, self.seed), ~np.isnan(said), self.share
        )
        return persons.put(
            self.source, np.where(hit, said * np.float32(self.scale) + np.float32(self.shift), said)
        )


def found(before: Evidence, after: Evidence) -> pl.DataFrame:
    """The population stability index of what each source says of those it knows.

    `before` and `after` may be of the same persons, or of others.

    Returns
    -------
    DataFrame
        The greatest first: `source`, `psi`, `critical` (what chance alone exceeds one time in
        twenty between two samples of these sizes), `persons` known afterwards, of known outcome;
        `psi` and `critical` null where the source knew or knows nobody.

    References
    ----------
    Yurdakul and Naranjo 2020: n m / (n + m) * PSI is about chi-squared with bands - 1 degrees of
    freedom.
    """
    # One grid for both: who lies beyond it stands in its end bins, within the outermost bands.
    after = replace(after, limits=before.limits)
    rows = [_found(before, after, key) for key in before.catalog.keys]
    return pl.DataFrame(
        rows,
        schema={
            "source": pl.String,
            "psi": pl.Float64,
            "critical": pl.Float64,
            "persons": pl.Int64,
        },
    ).sort("psi", descending=True, nulls_last=True, maintain_order=True)


def _found(before: Evidence, after: Evidence, key: str) -> dict[str, object]:
    then, now = (tally(persons, alone(persons.catalog, key)) for persons in (before, after))
    n, m = int(then.counts.sum()), int(now.counts.sum())
    return {
        "source": key,
        "psi": psi(then, now) if n and m else None,
        "critical": critical(n, m) if n and m else None,
        "persons": m,
    }
