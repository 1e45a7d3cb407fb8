"""What may a stress ask beside the evidence? Records, models and those known to be fake."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Faked:
    """What everybody whom a source knows could make it say within a budget.

    Arrays by the row in the population's file, NaN elsewhere.

    Attributes
    ----------
    added : log-odds the source's model adds after the best purchase, shape (people of the
        population,), float32; as before where nothing pays.
    spent : what it costs, in the population's currency.
    honest, caught : trust in [0, 1] that the detector puts in the record before and after faking; 1
        where the source has no detector.
    sold : can any feature of the source be bought?
    """

    added: np.ndarray
    spent: np.ndarray
    honest: np.ndarray
    caught: np.ndarray
    sold: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class StressContext:
    """What a stress may ask beside the evidence; asked only if it does.

    Attributes
    ----------
    faked : by source key, budget per person, and whether only those who default buy: what all could
        make the source say.
    late : by source key and days: what the source would add if its records came so much later, by
        the row in the file; NaN where it would know nobody.
    """

    faked: Callable[[str, float, bool], Faked]
    late: Callable[[str, int], np.ndarray]
