"""What happens when records are joined to the wrong person? Each of those hit gets the reading of a stranger."""

from dataclasses import dataclass

import numpy as np

from analytics.sources.evidence import Evidence

from .ground import Ground
from .wave import bounded, first, luck, rows


@dataclass(frozen=True, slots=True)
class Match:
    """A share of those whom a source knows are joined to the record of another whom it knows.

    Whose record it is does not depend on the share, so that who is hit at one share keeps the same stranger at every greater one.

    The AUC A of the source falls by the law of `analytics.stress.fakery.law`, A' = A - m (A - 1/2) at a share m. A defaulter and a payer both have their own
    record with the chance (1 - m)^2, and are then told apart as often as before, A; both have a stranger's with m^2, one half. If one of them has a
    stranger's, m (1 - m) for either, the stranger is a defaulter with the default rate d: the pair is told apart with (1 - d) A + d / 2 where the payer has
    it, with d A + (1 - d) / 2 where the defaulter has, A + 1/2 together. So A' = (1 - m)^2 A + m (1 - m) (A + 1/2) + m^2 / 2.
    """

    source: str
    share: float = 0.0
    seed: int = 7

    def __post_init__(self) -> None:
        bounded(self.share, "the share joined to a wrong record")

    def strike(self, persons: Evidence, ground: Ground) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, some with what the source says of another."""
        said = persons.column(self.source)
        known = ~np.isnan(said)
        hit = first(luck(persons, "match", self.source, self.seed), known, self.share)
        return persons.put(self.source, np.where(hit, said[self.other(persons)], said))

    def cost(self, persons: Evidence, ground: Ground) -> float:  # noqa: ARG002 - as every stress
        """Nothing."""
        return 0.0

    def other(self, persons: Evidence) -> np.ndarray:
        """Where the person stands whose record each would get, shape (persons,): any other known one, oneself only where there is none."""
        row = rows(persons)
        known = np.flatnonzero(~np.isnan(persons.column(self.source)))
        known = known[np.argsort(row[known])]  # by row, so that the order of the persons changes nothing
        steps = 1 + luck(persons, "whose", self.source, self.seed)[known] * (len(known) - 1)
        found = np.arange(len(persons))
        found[known] = known[(np.arange(len(known)) + steps.astype(np.intp)) % max(len(known), 1)]
        return found
