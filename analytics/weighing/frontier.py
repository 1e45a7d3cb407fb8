"""Which weightings are beaten by none, and which is best within given limits?

Searched on the calibration persons, read on others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl

from analytics.data.chance import generator
from analytics.data.refusal import Refusal
from analytics.metrics import rises, shown
from analytics.sources.evidence import Evidence

from .learned import directions, weighting_of
from .sweep import Progress, sweep
from .weighting import SLACK, Weighting, equal, preset

# local search: rounds, weightings kept, weightings tried anew in each
ROUNDS, KEPT, YOUNG = (5, 24, 192)
EXACT = 10  # up to so many sources every set of them is tried


def sample(
    evidence: Evidence,
    count: int,
    seed: int,
    *,
    floor: float = 0.4,
    missing: str = "neutral",
    extra: Sequence[Weighting] = (),
) -> list[Weighting]:
    """Weightings that span the simplex.

    Vertices, edges, equal, every bureau's, `extra`, and seeded Dirichlet draws up to `count`.
    """
    catalog, k = evidence.catalog, len(evidence.catalog)
    corners = [*np.eye(k), *(_edge(k, pair) for pair in combinations(range(k), 2))]
    ready = [
        equal(catalog, floor, missing),
        *(preset(catalog, b, floor, missing) for b in catalog.bureaus),
        *extra,
    ]
    fixed = [*ready, *(weighting_of(evidence, shares, floor, missing) for shares in corners)]
    random = generator("weightings", seed)
    # sparse weightings and mixed ones
    spread = random.choice([0.2, 0.5, 1.0], size=max(count - len(fixed), 0))
    return [
        *fixed,
        *(weighting_of(evidence, random.dirichlet(np.full(k, a)), floor, missing) for a in spread),
    ][:count]


def _edge(k: int, pair: tuple[int, int]) -> np.ndarray:
    return np.isin(np.arange(k), pair) / 2


def frontier(
    found: pl.DataFrame, accuracy: str = "auc_everyone", *, price: bool = False
) -> pl.DataFrame:
    """The rows that no other row beats.

    None has as much coverage, as good an accuracy (and as low a price) and more of one; by
    coverage.
    """
    goals = [
        found["coverage"].to_numpy(),
        found[accuracy].to_numpy() * (1 if rises(accuracy) else -1),
        *([-found["price"].to_numpy()] if price else []),
    ]
    points = np.nan_to_num(np.stack(goals, axis=1), nan=-np.inf)
    order = np.lexsort(points.T[::-1])[::-1]  # whoever beats a point stands before it
    kept: list[int] = []
    for i in order:
        better = points[kept] >= points[i] if kept else np.zeros((0, points.shape[1]), bool)
        if np.isfinite(points[i]).all() and not better.all(axis=1).any():
            kept.append(int(i))
    return found[sorted(kept)].sort("coverage")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a weighting shall be.

    The most accurate one with this coverage at least, this price at most, these shares of sources.
    """

    accuracy: str = "auc_everyone"
    coverage: float = 0.0
    price: float = float("inf")
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.accuracy not in shown("search"):
            raise Refusal(f"no accuracy {self.accuracy!r}; it may be: {', '.join(shown('search'))}")
        for key, (low, high) in self.limits.items():
            if not 0 <= low <= high <= 1:
                raise Refusal(
                    f"limits of {key!r} must be shares between 0 and 1, the lower first, got"
                    f" {low:g} and {high:g}"
                )
        if sum(low for low, _ in self.limits.values()) > 1 + SLACK:
            raise Refusal("the least shares asked for add up to more than 1; lower some")

    def allowed(self, shares: np.ndarray, keys: Sequence[str]) -> np.ndarray:
        """The nearest shares within the limits, shape (sources,)."""
        low, high = np.array([self.limits.get(k, (0.0, 1.0)) for k in keys]).T
        for _ in range(50):
            shares = np.clip(shares, low, high)
            spare = 1 - shares.sum()
            if abs(spare) < 1e-12:
                break
            room = (high - shares) if spare > 0 else (shares - low)
            if room.sum() == 0:
                raise Refusal("the greatest shares allowed add up to less than 1; raise some")
            shares = (
                shares + room * spare / room.sum()
                if abs(spare) <= room.sum()
                else np.where(spare > 0, high, low)
            )
        return shares

    def met(self, found: pl.DataFrame) -> pl.DataFrame:
        """The rows that have the coverage and the price."""
        return found.filter(
            (pl.col("coverage") >= self.coverage - 1e-12) & (pl.col("price") <= self.price + 1e-9)
        )

    def worst(self, found: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """The first of some readings of the same weightings, but with the least coverage and the
        worst accuracy of all; without a figure where any has none.
        """
        least: dict[str, Callable[..., np.ndarray]] = {
            "coverage": np.min,
            self.accuracy: np.min if rises(self.accuracy) else np.max,
        }
        return found[0].with_columns(
            pl.Series(name, of([f[name].to_numpy() for f in found], axis=0)).fill_nan(None)
            for name, of in least.items()
        )

    def ranked(self, found: pl.DataFrame) -> pl.DataFrame:
        """The best first; rows without a figure go."""
        return found.drop_nulls(self.accuracy).sort(
            self.accuracy, descending=rises(self.accuracy), maintain_order=True
        )


def best(
    searched: Evidence,
    wish: Wish,
    *,
    floor: float = 0.4,
    missing: str = "neutral",
    seed: int = 7,
    start: Sequence[Weighting] = (),
    margin: tuple[float, float] = (float("nan"), float("nan")),
    progress: Progress = lambda *_: True,
    also: Sequence[Evidence] = (),
) -> Weighting:
    """The best weighting found within the wish, on the persons searched. Read it on other persons:
    the winner of a search flatters itself.

    First the best linear weights of every set of sources, corners and a sample; then the best are
    varied, in ever smaller steps.

    Parameters
    ----------
    also : the same persons as they might be: a weighting is as good as it is in the worst case, and
        calibrated on the persons searched as they are.

    Raises
    ------
    Refusal
        If no weighting tried meets the wish, or none can be read.
    """
    if (
        searched.people["defaulted"].n_unique() - (searched.people["defaulted"].null_count() > 0)
        < 2
    ):
        raise Refusal("a search needs persons of both outcomes; choose a wider cohort")
    random, keys = generator("search", seed), searched.catalog.keys
    make = Maker(searched, wish, floor, missing)
    young = [
        *make.all(_first(searched, random)),
        *make.all(
            w.vector for w in (*start, *sample(searched, 200, seed, floor=floor, missing=missing))
        ),
    ]
    pool = pl.DataFrame()
    for step in range(ROUNDS + 1):
        read = wish.worst(
            [sweep(case, young, calibrated=searched, margin=margin) for case in (searched, *also)]
        )
        pool = wish.ranked(pl.concat([pool, read], how="diagonal_relaxed"))
        if pool.is_empty():
            raise Refusal(
                f"no weighting of these sources has a figure of {wish.accuracy!r} on these persons;"
                " choose another accuracy or a wider cohort"
            )
        met = wish.met(pool).head(KEPT)
        parents = met if len(met) else pool.sort("coverage", descending=True).head(KEPT)
        if not progress(step + 1, ROUNDS + 1) or step == ROUNDS:
            break
        young = make.all(
            _vary(parents.select(f"weight.{k}" for k in keys).to_numpy(), 0.3 * 0.5**step, random)
        )
    met = wish.met(pool)
    if met.is_empty():
        most, least = pool.select(pl.max("coverage"), pl.min("price")).row(0)
        reach = f"coverage goes up to {most:.1%} at this floor, and the price down to {least:.2f}"
        raise Refusal(
            f"no weighting of these sources meets the wish: {reach}; ask for less or lower the"
            " floor"
        )
    return weighting_of(
        searched, np.array(met.select(f"weight.{k}" for k in keys).row(0)), floor, missing
    )


@dataclass(frozen=True, slots=True)
class Best:
    """The winner of a search.

    Its accuracy and coverage on the persons searched, and on persons it never saw.
    """

    weighting: Weighting
    searched: float
    read: float
    coverage: float


def judge(
    weighting: Weighting,
    accuracy: str,
    searched: Evidence,
    fresh: Evidence,
    margin: tuple[float, float],
) -> Best:
    """Read a winner where it was searched and where it was not.

    The difference is the winner's curse.
    """
    inside, outside = (
        sweep(p, [weighting], calibrated=searched, margin=margin) for p in (searched, fresh)
    )
    return Best(
        weighting,
        float(inside[accuracy][0]),
        float(outside[accuracy][0]),
        float(outside["coverage"][0]),
    )


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes weightings of shares, within the limits of a wish."""

    evidence: Evidence
    wish: Wish
    floor: float
    missing: str

    def all(self, shares: object) -> list[Weighting]:
        """One weighting per row of shares."""
        keys = self.evidence.catalog.keys
        return [
            weighting_of(
                self.evidence,
                self.wish.allowed(np.asarray(s, float), keys),
                self.floor,
                self.missing,
            )
            for s in shares  # type: ignore[attr-defined]
        ]


def _first(evidence: Evidence, random: np.random.Generator) -> np.ndarray:
    """The best linear weights of every set of sources, or of a thousand sets where there are too
    many.
    """
    k = len(evidence.catalog)
    sets = (
        np.array([[i >> s & 1 for s in range(k)] for i in range(1, 2**k)])
        if k <= EXACT
        else random.random((1000, k)) < random.random((1000, 1))
    )
    return directions(evidence, sets[sets.any(axis=1)].astype(bool))


def _vary(parents: np.ndarray, step: float, random: np.random.Generator) -> np.ndarray:
    """New shares near the old: mixed with another parent, moved at random, some sources dropped."""
    one, two = (parents[random.integers(len(parents), size=YOUNG)] for _ in range(2))
    mixed = one + random.random((YOUNG, 1)) * (two - one) * (random.random((YOUNG, 1)) < 0.5)
    moved = np.maximum(mixed + step * random.standard_normal(mixed.shape) * (mixed + 0.05), 0) * (
        random.random(mixed.shape) > 0.05
    )
    total = moved.sum(axis=1, keepdims=True)
    return np.where(total > 0, moved / np.where(total > 0, total, 1), one)
