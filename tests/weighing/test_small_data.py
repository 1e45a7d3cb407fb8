"""Are intervals honest where defaults are few?

Seventy-six among 682, drawn again and again from people whose truth is known.
"""

import numpy as np
import pytest
from scipy.stats import norm

from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import tally
from tests.people import NOT, evidence, weights

BAD, PERSONS, DRAWS, SCORED = 76, 682, 400, 0.7


def drawn(seed: int, apart: float):
    """Scores of payers and defaulters a distance apart, for seven people of ten."""
    chance = np.random.default_rng(seed)
    defaulted = np.arange(PERSONS) < BAD
    added = np.where(
        chance.random(PERSONS) < SCORED, chance.normal(size=PERSONS) + apart * defaulted, NOT
    )
    persons = evidence({"bank": added}, defaulted.tolist())
    return tally(persons, weights(persons, bank=1))


@pytest.mark.parametrize("apart", [0.0, 0.5, 1.1, 1.8])
def test_with_few_defaults_the_intervals_hold_the_truth_as_often_as_they_say(apart: float) -> None:
    tallies = [drawn(seed, apart) for seed in range(DRAWS)]
    for reading, truth in ((auc, norm.cdf(apart / 2**0.5)), (coverage, SCORED)):
        found = [reading(counted).ranged("x") for counted in tallies]
        assert 0.92 <= np.mean([f["x_low"] <= truth <= f["x_high"] for f in found]) <= 0.98


def test_with_few_defaults_the_intervals_are_wide() -> None:
    found = auc(drawn(1, 1.1)).ranged("auc")
    assert found["auc_high"] - found["auc_low"] > 0.1
