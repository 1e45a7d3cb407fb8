"""How much does each source count? A weighting.

Weights, the floor, and what an absent source means.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analytics.data.bounds import bounded, number, shown
from analytics.data.catalog.model import Bureau, Catalog
from analytics.data.refusal import Refusal

MISSING = ("neutral", "renormalise")
SLACK = 1e-9  # 0.7 + 0.1 < 0.8 in binary; a reach this close to the floor meets it


@dataclass(frozen=True, slots=True)
class Weighting:
    """Source -> weight, with the floor and the missing policy. Small and hashable.

    Attributes
    ----------
    weights : one number of 0 or more per source, in catalog order, in any unit: only shares count.
    floor : least reach, in [0, 1], at which a person is scored.
    missing : "neutral": an absent source says nothing; "renormalise": the present sources speak for
        it.

    Raises
    ------
    Refusal
        For weights that are negative, not finite or all 0, a floor outside 0-1, an unknown policy.

    Examples
    --------
    >>> Weighting((("bureau", 30.0), ("bank", 10.0)), floor=0.5).shares
    {'bureau': 0.75, 'bank': 0.25}
    """

    weights: tuple[tuple[str, float], ...]
    floor: float = 0.4
    missing: str = "neutral"

    def __post_init__(self) -> None:
        for key, weight in self.weights:
            if not 0 <= weight < np.inf:
                raise Refusal(f"weight of {key!r} must be 0 or more, got {weight:g}")
        if not sum(w for _, w in self.weights) < np.inf:
            raise Refusal(
                "the weights are too large to add up; only their shares count, so write smaller"
                " numbers"
            )
        if not any(w for _, w in self.weights):
            raise Refusal(
                "all weights are 0, so nobody can be scored; give at least one source a weight"
            )
        if not 0 <= self.floor <= 1:
            raise Refusal(f"floor must be between 0 and 1, got {self.floor:g}")
        if self.missing not in MISSING:
            raise Refusal(
                f"no missing policy {shown(self.missing)}; it may be: {', '.join(MISSING)}"
            )

    @property
    def shares(self) -> dict[str, float]:
        """The weights as shares that add up to 1."""
        total = sum(w for _, w in self.weights)
        return {key: weight / total for key, weight in self.weights}

    @property
    def vector(self) -> np.ndarray:
        """The shares in catalog order, shape (sources,)."""
        return np.array(list(self.shares.values()))

    @property
    def text(self) -> str:
        """The weights in one line, as `parse` reads them."""
        return ",".join(f"{key}={weight:g}" for key, weight in self.weights if weight)

    def put(self, key: str, share: float, locked: tuple[str, ...] = ()) -> "Weighting":
        """This source at a share in [0, 1] of all weight.

        The locked ones keep their shares, the others their proportions.
        """
        if any(k != key for k in locked):
            return self._put_beside(key, share, locked)
        rest = 1 - self.shares[key]
        others = {
            k: (w / rest if rest else 1 / max(len(self.weights) - 1, 1)) * (1 - share)
            for k, w in self.shares.items()
        }
        return replace(
            self, weights=tuple((k, share if k == key else w) for k, w in others.items())
        )

    def _put_beside(self, key: str, share: float, locked: tuple[str, ...]) -> "Weighting":
        fixed = {k: w for k, w in self.shares.items() if k in locked and k != key}
        mine = min(share, 1 - sum(fixed.values()))
        free = {k: w for k, w in self.shares.items() if k not in fixed and k != key}
        rest = 1 - mine - sum(fixed.values())
        scaled = {
            k: rest * (w / sum(free.values()) if sum(free.values()) else 1 / len(free))
            for k, w in free.items()
        }
        parts = {**fixed, **scaled, key: mine if free else 1 - sum(fixed.values())}
        return replace(self, weights=tuple((k, parts[k]) for k, _ in self.weights))

    def reach(self, known: np.ndarray) -> np.ndarray:
        """Share of the weight that knows each person.

        `known` has shape (persons or runs, sources).
        """
        reach = np.zeros(len(known))
        for column, share in zip(known.T, self.vector, strict=True):
            # in one order, so that a person alone gets the same bits as in a crowd
            reach += column * share
        return reach

    def scores(self, known: np.ndarray) -> np.ndarray:
        """Who has enough reach to be scored, bool."""
        return self._enough(self.reach(known))

    def _enough(self, reach: np.ndarray) -> np.ndarray:
        return reach >= max(self.floor, 2 * SLACK) - SLACK

    def multipliers(self, known: np.ndarray) -> np.ndarray:
        """What the sum of weighted evidence is multiplied by: 1, or 1 / reach when renormalised.

        0 for whoever is not scored.
        """
        reach = self.reach(known)
        scored = self._enough(reach)
        if self.missing == "neutral":
            return scored.astype(float)
        return np.divide(1.0, reach, out=np.zeros(len(reach)), where=scored)

    def price(self, catalog: Catalog) -> float:
        """What one person costs, in the population's currency.

        A query to every source with a weight.
        """
        return sum(
            source.cost for source, weight in zip(catalog, self.vector, strict=True) if weight
        )


def weigh_as(
    catalog: Catalog, weights: Mapping[str, float], floor: float = 0.4, missing: str = "neutral"
) -> Weighting:
    """A weighting over a catalog's sources; unnamed sources get 0.

    Raises
    ------
    Refusal
        If a source is unknown, or the weighting is not valid.
    """
    unknown = [k for k in weights if k not in catalog.keys]
    if unknown:
        raise Refusal(
            f"no source {shown(unknown[0])} in {catalog.path.name}; it has:"
            f" {', '.join(catalog.keys)}"
        )
    return Weighting(tuple((k, float(weights.get(k, 0.0))) for k in catalog.keys), floor, missing)


def equal(catalog: Catalog, floor: float = 0.4, missing: str = "neutral") -> Weighting:
    """Every source counts the same: the reference to compare with."""
    return weigh_as(catalog, dict.fromkeys(catalog.keys, 1.0), floor, missing)


def alone(catalog: Catalog, key: str) -> Weighting:
    """One source by itself: whoever it knows is scored."""
    return weigh_as(catalog, {key: 1.0}, SLACK)


def preset(
    catalog: Catalog, bureau: Bureau, floor: float = 0.4, missing: str = "neutral"
) -> Weighting:
    """A bureau's weights."""
    return weigh_as(catalog, dict(bureau.weights), floor, missing)


def parse(catalog: Catalog, text: str, floor: float = 0.4, missing: str = "neutral") -> Weighting:
    """Read ``bureau=35,bank=25``.

    Raises
    ------
    Refusal
        If the text is not of that form, or the weighting is not valid.
    """
    pairs = [
        _pair(part) for part in bounded(text, "the line of weights").split(",") if part.strip()
    ]
    twice = next(
        (key for key, times in Counter(key for key, _ in pairs).items() if times > 1), None
    )
    if twice is not None:
        raise Refusal(f"source {shown(twice)} is weighed twice; write each source once")
    return weigh_as(catalog, dict(pairs), floor, missing)


def _pair(part: str) -> tuple[str, float]:
    key, _, weight = part.partition("=")
    try:
        return key.strip(), number(weight)
    except ValueError:
        raise Refusal(
            f"cannot read the weight {shown(part.strip())}; write weights as bureau=35,bank=25"
        ) from None
