"""What can be read from a tally?"""

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.special import expit
from scipy.stats import binomtest, ks_2samp, norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_curve

from analytics.data.disclosure import TooFew
from analytics.weighing.formulas import interval
from analytics.weighing.readings import (
    Calibration,
    auc,
    brier,
    calibrate,
    coverage,
    enough,
    ks,
    mean,
    read,
)
from analytics.weighing.tally import BINS, place, tally
from analytics.weighing.weighting import equal
from tests.people import (
    NOT,
    count,
    evidence,
    exact_auc,
    outcomes,
    populations,
    trio,
    weighed,
    weightings,
    weights,
)

FINE = 1e-5  # log-odds closer than single precision tells apart


def crowd(size: int = 4000, *, sources: int = 3, seed: int = 1, share: float = 0.3):
    """People of whom each source knows some; given the outcome the sources read normal."""
    chance = np.random.default_rng(seed)
    defaulted = chance.random(size) < share
    added = {}
    for s, key in enumerate("abcdefgh"[:sources]):
        says = chance.normal(defaulted * (0.4 + 0.3 * s), 1)
        added[key] = np.where(chance.random(size) < 0.9 - 0.2 * s, says, NOT)
    split = chance.choice(["calibrate", "test"], size)
    return evidence(added, defaulted.tolist(), split.tolist())


def doubtful(scores: np.ndarray, defaulted: np.ndarray) -> float:
    """Share of pairs so close that single precision may part or join them."""
    apart = np.abs(scores[defaulted][:, None] - scores[~defaulted][None, :])
    return float((apart < FINE).mean())


def at(bin: int) -> Calibration:
    """A calibration whose persons lie furthest apart at the end of a bin."""
    counted = count({0: 1}, {1: 1})
    return Calibration(0.0, 1.0, ks_at=counted.low + counted.width * (bin + 1))


# by hand


def test_coverage_of_three_people_two_of_whom_are_scored() -> None:
    assert coverage(tally(trio(), weights(trio(), bank=1))).value == pytest.approx(2 / 3)


def test_auc_is_how_often_a_defaulter_stands_above_a_payer_and_ties_count_half() -> None:
    counted = count({1: 1, 2: 1}, {0: 1, 2: 1, 3: 1})  # of 6 pairs: 0, 1, 2 below, half a tie
    assert auc(counted).value == pytest.approx((0 + 0 + 1 + 0.5 + 1 + 1) / 6)
    assert auc(counted).bound == pytest.approx(0.5 / 6)


def test_auc_of_everyone_puts_the_unscored_at_evidence_0_as_one_tie() -> None:
    counted = count({0: 1}, {BINS - 1: 1}, (1, 1))  # payers: lowest, 0; defaulters: highest, 0
    assert auc(counted).value == 1
    assert auc(counted, everyone=True).value == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert auc(counted, everyone=True).bound == 0


def test_auc_of_nobody_of_one_outcome_and_of_the_unscored_alone() -> None:
    assert np.isnan(auc(count({}, {})).value)
    assert np.isnan(auc(count({5: 3}, {})).value)
    assert np.isnan(auc(count({}, {}, (3, 4))).value)
    assert auc(count({}, {}, (3, 4)), everyone=True).value == 0.5


def test_people_in_one_bin_cannot_be_told_apart() -> None:
    assert auc(count({9: 4}, {9: 2})).value == 0.5
    assert auc(count({9: 4}, {9: 2})).bound == 0.5
    assert ks(count({9: 4}, {9: 2}), at(9)).value == 0


def test_ks_is_the_largest_distance_between_payers_and_defaulters() -> None:
    assert ks(count({0: 3, 7: 1}, {0: 1, 7: 1}), at(0)).value == 0.25
    assert ks(count({0: 3, 7: 1}, {0: 1, 7: 1}), at(7)).value == 0
    assert np.isnan(ks(count({0: 3}, {}), at(0)).value)


def test_brier_of_two_people_at_one_half() -> None:
    assert brier(count({0: 1}, {5: 1}), Calibration(0.0, 0.0)).value == 0.25
    assert np.isnan(brier(count({}, {}, (1, 1)), Calibration(0.0, 1.0)).value)


def test_the_coverage_of_nobody_is_not_a_number() -> None:
    assert np.isnan(coverage(count({}, {})).value)


def test_calibrated_log_odds_and_back() -> None:
    calibration = Calibration(-2.0, 0.5)
    assert calibration.log_odds(np.array([2.0])).tolist() == [-1.0]
    assert calibration.evidence(-1.0) == 2.0
    assert Calibration(0.0, -1.0).evidence(1.0) == np.inf


def test_probability_is_the_logistic_of_log_odds_however_large() -> None:
    x = np.array([-2000.0, -3.0, 0.0, 2.0, 2000.0])
    assert Calibration(0.0, 1.0).probability(x) == pytest.approx(expit(x), abs=1e-15)


# against scikit-learn


@given(populations(), weightings())
def test_auc_of_the_scored_is_within_its_bound_of_scikit_learn(persons, weighting) -> None:
    scores, (known, defaulted) = weighed(persons, weighting), outcomes(persons)
    scored = known & ~np.isnan(scores)
    reading, peer = auc(tally(persons, weighting)), exact_auc(scores[scored], defaulted[scored])
    if np.isnan(peer):
        assert np.isnan(reading.value)
    else:
        assert (
            abs(reading.value - peer)
            <= reading.bound + doubtful(scores[scored], defaulted[scored]) + 1e-12
        )


@given(populations(both=True), weightings())
def test_auc_of_everyone_is_within_its_bound_of_scikit_learn(persons, weighting) -> None:
    scores, (_, defaulted) = np.nan_to_num(weighed(persons, weighting)), outcomes(persons)
    reading = auc(tally(persons, weighting), everyone=True)
    silent = np.isnan(weighed(persons, weighting))
    doubt = (
        doubtful(scores, defaulted)
        - (defaulted & silent).sum()
        * (~defaulted & silent).sum()
        / defaulted.sum()
        / (~defaulted).sum()
    )
    assert abs(reading.value - exact_auc(scores, defaulted)) <= reading.bound + doubt + 1e-12


@given(populations(both=True), weightings(), weightings())
def test_auc_of_the_common_is_within_its_bound_of_scikit_learn(persons, one, two) -> None:
    scores, (_, defaulted) = weighed(persons, one), outcomes(persons)
    common = ~np.isnan(scores) & two.scores(persons.known)
    peer, reading = exact_auc(scores[common], defaulted[common]), auc(tally(persons, one, [two]))
    assume(not np.isnan(peer))
    assert (
        abs(reading.value - peer)
        <= reading.bound + doubtful(scores[common], defaulted[common]) + 1e-12
    )


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
@pytest.mark.parametrize("floor", [0.0, 0.5, 1.0])
def test_every_reading_of_a_crowd_agrees_with_scikit_learn_on_the_same_people(
    missing: str, floor: float
) -> None:
    persons = crowd()
    weighting = weights(persons, a=50, b=30, c=20, floor=floor, missing=missing)
    found = read(persons, weighting, split=("calibrate", "test"))
    scores, (_, defaulted) = weighed(persons, weighting), outcomes(persons)
    scored = ~np.isnan(scores)
    probability = expit(found.intercept + found.slope * scores[scored])
    fall, rise, _ = roc_curve(defaulted[scored], scores[scored])
    assert (found.persons, found.defaulted, found.scored) == (4000, defaulted.sum(), scored.sum())
    assert found.coverage == scored.mean()
    assert found.bad_rate_scored == pytest.approx(defaulted[scored].mean())
    assert found.auc_scored == pytest.approx(
        exact_auc(scores[scored], defaulted[scored]), abs=found.auc_scored_bound
    )
    assert found.auc_everyone == pytest.approx(
        exact_auc(np.nan_to_num(scores), defaulted), abs=found.auc_everyone_bound
    )
    assert found.gini == pytest.approx(2 * found.auc_scored - 1)
    largest = ks_2samp(
        scores[scored & defaulted], scores[scored & ~defaulted], alternative="less", method="asymp"
    ).statistic
    assert largest == pytest.approx((rise - fall).max(), abs=1e-9)
    assert (
        largest - 0.02 < found.ks <= largest + 1e-9
    )  # read where it is widest among other persons
    assert found.brier == pytest.approx(brier_score_loss(defaulted[scored], probability), abs=1e-4)
    assert max(found.auc_scored_bound, found.auc_everyone_bound) < 0.001


@given(populations(both=True), weightings())
def test_ks_is_within_the_fullest_bin_of_scikit_learn(persons, weighting) -> None:
    scores, (_, defaulted) = weighed(persons, weighting), outcomes(persons)
    scored, counted = ~np.isnan(scores), tally(persons, weighting)
    assume(counted.counts.sum(axis=0).all())
    fall, rise, _ = roc_curve(defaulted[scored], scores[scored], drop_intermediate=False)
    near = np.abs(scores[scored][:, None] - scores[scored][None, :]) < FINE
    fullest = (counted.counts.max(axis=0) / counted.counts.sum(axis=0)).max()
    doubt = max(
        (near & (defaulted[scored] == y)).sum(axis=1).max() / (defaulted[scored] == y).sum()
        for y in (False, True)
    )
    widest = int(
        np.argmax(np.cumsum(counted.counts / counted.counts.sum(axis=0), axis=0) @ [1, -1])
    )
    value = ks(
        counted, Calibration(0.0, 1.0, ks_at=counted.low + counted.width * (widest + 1))
    ).value
    assert abs(value - (rise - fall).max()) <= max(fullest, doubt) + 1e-12


def test_calibration_is_logistic_regression_on_the_bins() -> None:
    persons = crowd(seed=2)
    weighting = weights(persons, a=5, b=3, c=2)
    places, (_, defaulted) = place(persons, weighting), outcomes(persons)
    counted = tally(persons, weighting)
    scored = places < BINS
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000, solver="newton-cholesky")
    peer.fit(counted.middles[places[scored]][:, None], defaulted[scored])
    found = calibrate(counted)
    assert (found.intercept, found.slope) == pytest.approx(
        (peer.intercept_[0], peer.coef_[0, 0]), abs=1e-6
    )


def test_calibration_holds_where_it_was_fitted() -> None:
    persons = crowd(seed=3)
    counted = tally(persons, equal(persons.catalog))
    drift = calibrate(counted, calibrate(counted))
    assert (drift.intercept, drift.slope) == pytest.approx((0, 1), abs=1e-6)


@pytest.mark.parametrize(
    ("counted", "intercept"),
    [
        (count({}, {}), 0.0),
        (count({}, {}, (7, 7)), 0.0),
        (count({BINS // 2: 7}, {}), np.log(0.5 / 7.5)),
        (count({}, {BINS // 2: 7}), np.log(7.5 / 0.5)),
        (count({BINS // 2: 7}, {BINS // 2: 3}), np.log(3.5 / 7.5)),
    ],
)
def test_a_slope_that_the_data_cannot_tell_is_1_around_the_rate(counted, intercept: float) -> None:
    found = calibrate(counted)
    assert found.slope == 1
    assert found.intercept == pytest.approx(intercept, abs=0.01)


CROWDED = count({2245: 10**8, 2730: 10**7}, {2817: 10**8, 3157: 10}, low=-60)


@pytest.mark.parametrize(
    "counted",
    [
        count({0: 50}, {BINS - 1: 50}),
        count({0: 1, 1: 1}, {2: 1}),
        count({BINS - 1: 500}, {0: 2}),
        CROWDED,
    ],
)
def test_calibration_of_people_who_are_told_apart_perfectly_is_finite(counted) -> None:
    found = calibrate(counted)
    assert np.isfinite([found.intercept, found.slope]).all()
    ends = found.probability(counted.middles[np.argsort(counted.counts[:, 1] > 0)][[0, -1]])
    assert ends[0] < 0.5 < ends[-1] or found.slope < 0


@given(populations(both=True), weightings())
def test_calibration_is_finite_and_does_not_change_ranking(persons, weighting) -> None:
    counted = tally(persons, weighting)
    calibration = calibrate(counted)
    risen = np.diff(calibration.log_odds(counted.middles))
    assert np.isfinite(risen).all()
    assert (np.sign(risen) == np.sign(calibration.slope)).all()


def test_points_and_probabilities_rank_people_as_their_evidence_does() -> None:
    persons = crowd(seed=4)
    weighting = equal(persons.catalog)
    scores, (_, defaulted) = weighed(persons, weighting), outcomes(persons)
    scored = ~np.isnan(scores)
    calibration = calibrate(tally(persons, weighting))
    assert exact_auc(calibration.probability(scores[scored]), defaulted[scored]) == exact_auc(
        scores[scored], defaulted[scored]
    )


# standard errors


def test_the_standard_error_of_the_auc_is_delongs() -> None:
    chance = np.random.default_rng(6)
    paid, defaulted = chance.integers(0, 40, 60), chance.integers(10, 50, 25)
    counted = count(
        *(
            {int(b): int(n) for b, n in zip(*np.unique(x, return_counts=True), strict=True)}
            for x in (paid, defaulted)
        )
    )
    pairs = (defaulted[:, None] > paid[None, :]) + 0.5 * (defaulted[:, None] == paid[None, :])
    naive = np.sqrt(
        pairs.mean(axis=1).var() / len(defaulted) + pairs.mean(axis=0).var() / len(paid)
    )
    assert auc(counted).value == pytest.approx(pairs.mean())
    assert auc(counted).error(counted) == pytest.approx(naive)


def test_the_standard_error_of_the_auc_of_everyone_is_delongs_with_the_unscored_at_0() -> None:
    counted = count({10: 4, BINS - 9: 1}, {10: 1, BINS - 9: 3}, (2, 3))
    paid, defaulted = np.array([-1] * 4 + [1] + [0] * 2), np.array([-1] + [1] * 3 + [0] * 3)
    pairs = (defaulted[:, None] > paid[None, :]) + 0.5 * (defaulted[:, None] == paid[None, :])
    naive = np.sqrt(pairs.mean(axis=1).var() / 7 + pairs.mean(axis=0).var() / 7)
    reading = auc(counted, everyone=True)
    assert (reading.value, reading.error(counted)) == pytest.approx((pairs.mean(), naive))


def test_the_standard_error_of_a_mean_is_its_spread_over_the_root_of_the_persons() -> None:
    counted = count({0: 6}, {1: 4})
    reading = mean(counted, np.tile([0.0, 1.0], (BINS, 1)))
    assert (reading.value, reading.error(counted)) == pytest.approx((0.4, np.sqrt(0.4 * 0.6 / 10)))


def test_the_interval_of_a_share_is_wilsons() -> None:
    counted = count({0: 10}, {}, (90, 0))
    found = coverage(counted).ranged("coverage")
    assert found == pytest.approx(
        {"coverage": 0.1, "coverage_low": 0.05522914, "coverage_high": 0.17436566}
    )


def test_an_interval_never_leaves_0_and_1_and_holds_its_figure() -> None:
    for value in (0.0, 1e-9, 0.3, 0.999, 1.0):
        for error in (0.0, 1e-6, 0.1, 3.0):
            low, high = interval(value, error, 40)
            assert 0 <= low <= value <= high <= 1
    assert interval(0.0, 0.0, 40)[1] > 0.05


def test_the_influence_of_everyone_together_is_nothing() -> None:
    persons = crowd(500)
    counted = tally(persons, equal(persons.catalog))
    for reading in (
        coverage(counted),
        auc(counted),
        auc(counted, everyone=True),
        ks(counted, calibrate(counted)),
        brier(counted, calibrate(counted)),
    ):
        assert (counted.cells * reading.influence).sum() == pytest.approx(0, abs=1e-9)


REPEATS = 200


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    chance = np.random.default_rng(8)
    truth = {"auc_scored": norm.cdf(1 / np.sqrt(2)), "coverage": 0.7}
    # everyone: both scored, or one of them, or neither
    above = norm.cdf(0.5)
    truth["auc_everyone"] = 0.7**2 * truth["auc_scored"] + 2 * 0.7 * 0.3 * above + 0.3**2 * 0.5
    held = dict.fromkeys(truth, 0)
    for _ in range(REPEATS):
        defaulted = np.arange(600) < 150
        says = np.where(chance.random(600) < 0.7, chance.normal(defaulted - 0.5), NOT)
        persons = evidence({"a": says}, defaulted.tolist())
        found = read(persons, weights(persons, a=1), calibration=Calibration(0.0, 1.0))
        for name, value in truth.items():
            held[name] += getattr(found, f"{name}_low") <= value <= getattr(found, f"{name}_high")
    for name, times in held.items():
        assert binomtest(times, REPEATS, 0.95).pvalue > 0.001, (name, times / REPEATS)


def test_any_weights_reach_the_auc_that_theory_gives_them() -> None:
    chance = np.random.default_rng(9)
    d, correlation = (
        np.array([1.0, 0.7, 0.4]),
        np.array([[1, 0.5, 0.1], [0.5, 1, 0.2], [0.1, 0.2, 1]]),
    )
    defaulted = np.arange(40_000) % 4 == 0
    says = (
        chance.multivariate_normal(np.zeros(3), correlation, 40_000)
        + np.where(defaulted, 0.5, -0.5)[:, None] * d
    )
    persons = evidence({key: says[:, s] for s, key in enumerate("abc")}, defaulted.tolist())
    best = np.linalg.solve(correlation, d)
    for w in ([1, 0, 0], [0, 0, 1], [1, 1, 1], [5, 1, 3], best / best.sum()):
        counted = tally(persons, weights(persons, **dict(zip("abc", map(float, w), strict=True))))
        theory = norm.cdf(np.dot(w, d) / np.sqrt(2 * np.dot(w, correlation) @ w))
        assert abs(auc(counted).value - theory) < 3 * auc(counted).error(counted)
    assert theory == pytest.approx(norm.cdf(np.sqrt(d @ best / 2)))


# reading a population


def test_readings_calibrate_on_the_calibration_persons_and_read_the_test_persons() -> None:
    persons = crowd(seed=10)
    weighting = equal(persons.catalog)
    found = read(persons, weighting)
    calibration = calibrate(tally(persons.split("calibrate"), weighting))
    assert (found.intercept, found.slope) == (calibration.intercept, calibration.slope)
    assert found.persons == (persons.people["split"] == "test").sum()


def test_the_common_people_of_equal_weights_are_all_scored_by_them() -> None:
    persons = crowd(seed=11)
    found = read(persons, equal(persons.catalog))
    assert (found.auc_common, found.auc_common_low) == (found.auc_scored, found.auc_scored_low)


def test_json_says_null_where_there_is_nothing_to_read() -> None:
    persons = evidence({"a": [NOT] * 40, "b": [0.0] * 40}, [True] * 10 + [False] * 30)
    found = read(persons, weights(persons, a=1), calibration=Calibration(-1.0, 1.0)).json()
    assert found["coverage"] == 0.0
    assert found["auc_scored"] is None
    assert found["auc_scored_low"] is None
    assert found["auc_everyone"] == 0.5
    assert found["bad_rate_unscored"] == 0.25


@pytest.mark.parametrize(("paid", "defaulted"), [(0, 0), (24, 5), (26, 4), (4, 30), (40, 0)])
def test_figures_of_too_few_people_are_refused_with_a_sentence(paid: int, defaulted: int) -> None:
    with pytest.raises(
        TooFew,
        match="a figure needs at least 30 persons and 5 of each outcome: choose a wider cohort",
    ):
        enough(count({0: paid}, {0: defaulted}))


def test_30_persons_and_5_of_each_outcome_are_enough() -> None:
    enough(count({0: 25}, {0: 2}, (0, 3)))
