"""What happens when a source drifts, and would it be found? Its readings are shifted or scaled, and the PSI of every source's evidence is read."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.deciding.stability import critical, psi
from analytics.sources.evidence import Evidence
from analytics.weighing.tally import tally
from analytics.weighing.weighting import alone

from .ground import Ground
from .wave import bounded, first, luck

MOST = 10.0  # log-odds of shift, and times of scale: beyond lies nothing that a source could say


@dataclass(frozen=True, slots=True)
class Drift:
    """What a source says of a share of those it knows becomes `scale` times as much, plus `shift` log-odds."""

    source: str
    share: float = 1.0
    shift: float = 0.0
    scale: float = 1.0
    seed: int = 7

    def __post_init__(self) -> None:
        bounded(self.share, "the share whose readings drift")
        if not -MOST <= self.shift <= MOST:
            raise Refusal(f"the shift of a drift must be between -{MOST:g} and {MOST:g} log-odds, got {self.shift:g}")
        if not 0 <= self.scale <= MOST:
            raise Refusal(f"the scale of a drift must be between 0 and {MOST:g}, got {self.scale:g}")

    def strike(self, persons: Evidence, ground: Ground) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, some with a reading that has moved."""
        said = persons.column(self.source)
        hit = first(luck(persons, "drift", self.source, self.seed), ~np.isnan(said), self.share)
        return persons.put(self.source, np.where(hit, said * np.float32(self.scale) + np.float32(self.shift), said))

    def cost(self, persons: Evidence, ground: Ground) -> float:  # noqa: ARG002 - as every stress
        """Nothing."""
        return 0.0


def found(before: Evidence, after: Evidence) -> pl.DataFrame:
    """Which source has drifted? The population stability index of what each says of those it knows; of the same persons, or of others.

    Returns
    -------
    DataFrame
        The greatest first: `source`, `psi`, `critical` (what chance alone exceeds one time in twenty between two samples of these sizes), `persons` known
        afterwards, of known outcome; `psi` and `critical` null where the source knew or knows nobody.

    References
    ----------
    Yurdakul and Naranjo 2020: n m / (n + m) * PSI is about chi-squared with bands - 1 degrees of freedom.
    """
    after = replace(after, limits=before.limits)  # one grid for both; who lies beyond it stands in its end bins, within the outermost bands all the same
    rows = [_found(before, after, key) for key in before.catalog.keys]
    return pl.DataFrame(rows, schema={"source": pl.String, "psi": pl.Float64, "critical": pl.Float64, "persons": pl.Int64}).sort(
        "psi", descending=True, nulls_last=True, maintain_order=True
    )


def _found(before: Evidence, after: Evidence, key: str) -> dict[str, object]:
    then, now = (tally(persons, alone(persons.catalog, key)) for persons in (before, after))
    n, m = int(then.counts.sum()), int(now.counts.sum())
    return {"source": key, "psi": psi(then, now) if n and m else None, "critical": critical(n, m) if n and m else None, "persons": m}
