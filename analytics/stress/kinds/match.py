"""What happens when records are joined to the wrong person, and say what a stranger's say?"""

from dataclasses import dataclass

import numpy as np

from analytics.sources.evidence import Evidence
from analytics.stress.context import StressContext
from analytics.stress.kind import Stress, seed_option, share_option
from analytics.stress.selection import bounded, first_share, random_order, rows


@dataclass(frozen=True, slots=True)
class Match(Stress):
    """A share of those whom a source knows are joined to the record of another whom it knows.

    Whose record it is does not depend on the share, so that who is hit at one share keeps the same
    stranger at every greater one.

    The AUC A of the source falls by the law of `analytics.stress.kinds.fakery.law`, A' = A - m (A -
    1/2) at a share m. A defaulter and a payer both have their own record with the chance (1 - m)^2,
    and are then told apart as often as before, A; both have a stranger's with m^2, one half. If one
    of them has a stranger's, m (1 - m) for either, the stranger is a defaulter with the default
    rate d: the pair is told apart with (1 - d) A + d / 2 where the payer has it, with d A + (1 - d)
    / 2 where the defaulter has, A + 1/2 together. So A' = (1 - m)^2 A + m (1 - m) (A + 1/2) + m^2 /
    2.
    """

    word = "match"
    label = "Match"
    meaning = "People are joined to the record of somebody else."
    place = 5
    pictures = ("Theory",)

    share: float = share_option(0.0)
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, "the share joined to a wrong record")

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return "Share of its people joined to another's record"

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        people = f"{self.bold_share} of the people that {label} knows"
        return f"{people} are joined to somebody else's record"

    @property
    def theory(self) -> str:
        """What theory expects of the source alone."""
        return (
            "dashed: what theory expects, AUC less share × (AUC less 0.5), "
            "if strangers' records are drawn at random; band: 95% interval"
        )

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, some with what the source says of another."""
        said = persons.column(self.source)
        known = ~np.isnan(said)
        hit = first_share(random_order(persons, "match", self.source, self.seed), known, self.share)
        return persons.put(self.source, np.where(hit, said[self.other(persons)], said))

    def other(self, persons: Evidence) -> np.ndarray:
        """Where the person stands whose record each would get, another known one."""
        row = rows(persons)
        known = np.flatnonzero(~np.isnan(persons.column(self.source)))
        # by row, so that the order of the persons changes nothing
        known = known[np.argsort(row[known])]
        steps = 1 + random_order(persons, "whose", self.source, self.seed)[known] * (len(known) - 1)
        found = np.arange(len(persons))
        found[known] = known[(np.arange(len(known)) + steps.astype(np.intp)) % max(len(known), 1)]
        return found
