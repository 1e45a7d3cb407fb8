"""How do log-odds become points? A scale on which higher is safer."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal

NAMES = ("High risk", "Medium", "Fair", "Good", "Very good")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """points = anchor - doubling / ln 2 * (log_odds + ln odds), bent where they come close to low
    or high.

    Attributes
    ----------
    anchor, odds : the points at which payers are to defaulters as `odds` to 1.
    doubling : points that double these odds (PDO).
    low, high : ends of the scale.
    bands : where the second and later bands begin; `names`: one more than bands.
    cutoff : the points from which people are accepted until somebody says otherwise; None: where
        the third band begins.
    """

    anchor: float = 650.0
    odds: float = 15.0
    doubling: float = 50.0
    low: float = 350.0
    high: float = 950.0
    bands: tuple[float, ...] = (550.0, 600.0, 650.0, 700.0)
    names: tuple[str, ...] = NAMES
    cutoff: float | None = None

    def __post_init__(self) -> None:
        if self.odds <= 0 or self.doubling <= 0:
            raise Refusal(
                f"odds and points to double the odds must be above 0, got {self.odds:g} and "
                f"{self.doubling:g}"
            )
        if not self.low < self.high:
            raise Refusal(f"a scale must rise: low {self.low:g} is not below high {self.high:g}")
        if any(not a < b for a, b in pairwise((self.low, *self.bands, self.high))):
            raise Refusal(f"bands must rise and lie between {self.low:g} and {self.high:g}")
        if len(self.names) != len(self.bands) + 1:
            raise Refusal(
                f"{len(self.bands)} bands make {len(self.bands) + 1} classes, but there are "
                f"{len(self.names)} names"
            )
        if self.cutoff is not None and not self.low <= self.cutoff <= self.high:
            raise Refusal(
                f"the cutoff must lie between {self.low:g} and {self.high:g}, got {self.cutoff:g}"
            )

    @property
    def accepts_from(self) -> float:
        """The cutoff to begin with."""
        usual = self.bands[:2][-1] if self.bands else (self.low + self.high) / 2
        return usual if self.cutoff is None else self.cutoff

    @property
    def ruler(self) -> tuple[float, float, float, float]:
        """Both ends, the step between two marks and the first cutoff; whole numbers where all of
        them are."""
        found = (self.low, self.high, self.step, self.accepts_from)
        low, high, step, first = map(int, found) if all(x == int(x) for x in found) else found
        return low, high, step, first

    def steps(self, step: float | None = None) -> np.ndarray:
        """Points from end to end, to count people by: in tens on a scale of 600 points, in like
        steps on others."""
        return np.arange(self.low, self.high + (step or self.step) / 2, step or self.step)

    @property
    def step(self) -> float:
        """A round number of points, about the sixtieth part of the scale."""
        whole = (self.high - self.low) / 60
        power = 10.0 ** np.floor(np.log10(whole))
        return float(
            power * min((1, 2, 5, 10), key=lambda times: abs(np.log(whole / (times * power))))
        )

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return self.doubling / float(np.log(2))

    def points(self, log_odds: np.ndarray) -> np.ndarray:
        """Points of a log-odds of default, within the scale.

        In the last step before an end they come ever closer to it, so that more risk is fewer
        points there too.
        """
        straight = self.straight(log_odds)
        near = self.low + self.step, self.high - self.step
        if not ((straight < near[0]) | (straight > near[1])).any():
            return straight
        below, above = np.maximum(near[0] - straight, 0), np.maximum(straight - near[1], 0)
        return np.clip(straight, *near) + self.step * (
            np.expm1(-below / self.step) - np.expm1(-above / self.step)
        )

    def added(self, log_odds: str) -> pl.Expr:
        """A column of log-odds as the points they add: above 0 raises the score."""
        return -self.factor * pl.col(log_odds)

    def moved(self, log_odds: str) -> pl.Expr:
        """A column of amounts of log-odds as points, up or down."""
        return self.factor * pl.col(log_odds)

    def straight(self, log_odds: np.ndarray | float) -> np.ndarray:
        """Points as if the scale had no ends."""
        return np.asarray(self.anchor - self.factor * (log_odds + np.log(self.odds)))

    def band(self, points: float) -> str:
        """The name of the band in which these points lie."""
        return self.names[int(np.searchsorted(self.bands, points, "right"))]

    @property
    def edges(self) -> list[tuple[str, float]]:
        """Each band's name and lower end."""
        return list(zip(self.names, (self.low, *self.bands), strict=True))


STANDARD = Scorecard()


def scaled(low: float, high: float, usual: Scorecard = STANDARD) -> Scorecard:
    """A scale stretched to other ends: the same odds stand at the same part of the way."""
    stretch = (high - low) / (usual.high - usual.low)
    at = low + (usual.anchor - usual.low) * stretch
    return Scorecard(at, usual.odds, usual.doubling * stretch, low, high, bands=(), names=("",))
