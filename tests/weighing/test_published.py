"""Do populations made from published figures read as was published? Sources.

DOMAIN's tables of Home Credit 2018 and of Berg et al. 2020.
"""

import numpy as np
import pytest
from scipy.optimize import brentq

from analytics.sources.evidence import Evidence
from analytics.weighing.learned import learned
from analytics.weighing.quality import alone
from analytics.weighing.readings import auc, coverage
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.people import NOT, evidence, weights
from tests.weighing.normal import alike, gaps, heard, worth_of

THREE = gaps(0.671, 0.664, 0.686)  # Home Credit's external bureaus, each alone
# Berg: bureau, digital footprint; correlation within outcomes as implied
TWO, TOGETHER = (gaps(0.683, 0.696), alike(2, 0.23))


def implied() -> float:
    """The correlation at which equal weights of what three bureaus add reach the AUC published
    for whoever all know.
    """
    return float(brentq(lambda r: worth_of(THREE, THREE, alike(3, r)) - 0.756, 0, 0.9))


def home_credit(size: int = 200_000) -> Evidence:
    """People of whom bureaus hold records as published.

    43.2, 99.7 and 80.3% of them, and all three of 35.6%.
    """
    chance = np.random.default_rng(4)
    defaulted = np.arange(size) < 0.08 * size
    second, draw, other = chance.random(size) < 0.997, chance.random(size), chance.random(size)
    first, both = draw < 0.432, 0.356 / 0.997
    third = other < np.where(first, both / 0.432, (0.803 - both) / (1 - 0.432))
    # log-likelihood ratio of a reading
    added = heard(defaulted, THREE, alike(3, implied()), seed=11) * THREE
    known = np.stack([first, second, third], axis=1)
    return evidence(
        dict(zip("abc", np.where(known, added, NOT).T, strict=True)), defaulted.tolist()
    )


@pytest.fixture(scope="module")
def applicants() -> Evidence:
    """Home Credit's."""
    return home_credit()


def test_three_bureaus_know_and_tell_apart_as_many_as_home_credits(applicants) -> None:
    found = alone(applicants, applicants)
    assert (found["persons"] / len(applicants)).to_list() == pytest.approx(
        [0.432, 0.997, 0.803], abs=0.01
    )
    for row, published in zip(found.iter_rows(named=True), (0.671, 0.664, 0.686), strict=True):
        error = (
            row["auc_high"] - row["auc_low"]
        ) / 4  # the interval is about two standard errors to either side
        assert abs(row["auc"] - published) <= 2 * error


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_strict_coverage_and_its_accuracy_are_home_credits(applicants, missing: str) -> None:
    counted = tally(applicants, equal(applicants.catalog, 1.0, missing))
    reading = auc(counted)
    assert coverage(counted).value == pytest.approx(0.356, abs=0.01)
    assert abs(reading.value - 0.756) <= 2 * reading.error(counted)


def test_any_bureau_renormalised_covers_and_ranks_as_home_credits(applicants) -> None:
    counted = tally(applicants, equal(applicants.catalog, 0.0, "renormalise"))
    # standard error of an AUC on the 10,871 real applications, of whom some 870 defaulted
    published = 0.011
    assert coverage(counted).value == pytest.approx(0.999, abs=0.01)
    assert abs(auc(counted).value - 0.729) <= 2 * published


def test_weights_trade_coverage_for_accuracy_as_in_home_credit(applicants) -> None:
    strict, loose = (
        tally(applicants, equal(applicants.catalog, floor, "renormalise")) for floor in (1.0, 0.0)
    )
    assert coverage(loose).value - coverage(strict).value == pytest.approx(0.643, abs=0.01)
    assert auc(strict).value - auc(loose).value == pytest.approx(0.027, abs=0.015)


@pytest.fixture(scope="module")
def shoppers() -> Evidence:
    """Berg's 270,000 purchases.

    The bureau scores 94.2%, of whom 0.9% default, and 2.5% of the others.
    """
    chance = np.random.default_rng(5)
    scorable = chance.random(270_000) < 0.942
    defaulted = chance.random(270_000) < np.where(scorable, 0.009, 0.025)
    added = heard(defaulted, TWO, TOGETHER) * TWO
    added[~scorable, 0] = NOT
    return evidence({"bureau": added[:, 0], "footprint": added[:, 1]}, defaulted.tolist())


def test_the_bureau_scores_as_many_shoppers_as_bergs_and_those_it_cannot_score_are_worse(
    shoppers,
) -> None:
    counted = tally(shoppers, weights(shoppers, bureau=1))
    assert coverage(counted).value == pytest.approx(0.942, abs=0.01)
    assert counted.unscored[1] / counted.unscored.sum() == pytest.approx(0.025, abs=0.003)


@pytest.mark.parametrize(
    ("sources", "published"),
    [(["bureau"], 0.683), (["footprint"], 0.696), (["bureau", "footprint"], 0.736)],
)
def test_bureau_footprint_and_both_rank_shoppers_as_bergs(
    shoppers, sources: list[str], published: float
) -> None:
    scorable = shoppers.where(shoppers.known.all(axis=1))
    best = learned(scorable).shares
    counted = tally(scorable, weights(scorable, **{key: best[key] for key in sources}))
    reading = auc(counted)
    assert abs(reading.value - published) <= 2 * reading.error(counted)
