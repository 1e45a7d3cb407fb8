"""What is asked? Of whom, under which weights, beside which others, at which cutoff and stress."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.data.cohort import Cohort
from analytics.stress.kind import Stress
from analytics.weighing.weighting import Weighting


@dataclass(frozen=True, slots=True)
class Question:
    """What a figure is asked for; the key by which answers are kept.

    Attributes
    ----------
    split : whose figures: the test persons, the calibration persons, the latest months.
    weighting : A, the weighting looked at.
    reference : B, which it is compared with.
    cutoff : points from which people are accepted.
    stress : what goes wrong: for B where A is beside B, for A on the page of stresses.
    """

    cohort: Cohort
    split: str
    weighting: Weighting
    reference: Weighting
    cutoff: float
    stress: tuple[Stress, ...] = ()

    def only(self, fields: Sequence[str]) -> "Question":
        """The same with these fields alone: to read another is an error.

        So an answer cannot depend on what its key does not hold.
        """
        part = object.__new__(Question)
        for field in fields:
            object.__setattr__(part, field, getattr(self, field))
        return part

    def but(self, **changes: object) -> "Question":
        """The same with other values; fields that it may not see stay unseen."""
        seen = [field for field in Question.__slots__ if hasattr(self, field)]
        part = self.only([field for field in seen if field not in changes])
        for field, value in changes.items():
            object.__setattr__(part, field, value)
        return part
