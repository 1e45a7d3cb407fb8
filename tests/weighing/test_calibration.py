"""Does the calibration end on the maximum of the likelihood, whatever the data, and does it say
where there is none?
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from analytics.weighing import formulas
from analytics.weighing.readings import Calibration, calibrate, readings
from tests.people import count

LOW, WIDTH = -2.0, 0.01


def peer(counts: np.ndarray) -> tuple[float, float]:
    """Intercept and slope by scikit-learn, without penalty, on the middles of the bins."""
    filled = np.flatnonzero(counts.sum(axis=0))
    middles = LOW + WIDTH * (np.concatenate([filled, filled]) + 0.5)
    outcome, people = np.repeat([0, 1], len(filled)), counts[:, filled].ravel()
    centre, spread = np.average(middles, weights=people), middles.std()
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=5000, solver="newton-cholesky")
    model.fit(((middles - centre) / spread)[:, None], outcome, sample_weight=people)
    slope = float(model.coef_[0, 0] / spread)
    return float(model.intercept_[0]) - slope * centre, slope


def overlap(counts: np.ndarray) -> bool:
    """Does no value part payers and defaulters? Then the likelihood has a maximum."""
    paid, bad = (np.flatnonzero(row) for row in counts)
    return len(paid) > 0 and len(bad) > 0 and bad.min() < paid.max() and paid.min() < bad.max()


@st.composite
def untame(draw: st.DrawFn) -> np.ndarray:
    """Counts of payers and defaulters by bin, shape (2, bins).

    A rare flag of far riskier people, ties, tails, base rates from 0.1% to 60%.
    """
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bins, size = draw(st.sampled_from([2, 3, 10, 100, 4096])), int(10 ** draw(st.floats(1.5, 5)))
    base, kind = (
        10 ** draw(st.floats(-3, -0.22)),
        draw(st.sampled_from(["flag", "noise", "normal", "tail", "apart"])),
    )
    place, risk = chance.integers(0, bins, size), np.full(size, base)
    if kind == "flag":
        flagged = chance.random(size) < 10 ** draw(st.floats(-3, -1))
        place, risk = np.where(flagged, bins - 1, place // 10), np.where(flagged, 0.9, base)
    elif kind == "normal":
        reading = chance.normal(size=size)
        place, risk = (
            np.clip((reading + 4) / 8 * bins, 0, bins - 1).astype(int),
            expit(np.log(base / (1 - base)) + draw(st.floats(-6, 6)) * reading),
        )
    elif kind == "tail":
        place = np.minimum(chance.exponential(size=size) ** 2 * bins / 50, bins - 1).astype(int)
        risk = np.clip(base * (1 + 10 * place / bins), 0, 1)
    elif kind == "apart":
        risk = (place >= (1 - base) * bins).astype(float)
    bad = chance.random(size) < risk
    return np.stack([np.bincount(place[bad == y], minlength=bins) for y in (False, True)]).astype(
        np.int64
    )


@settings(max_examples=300)
@given(untame())
def test_the_calibration_is_that_of_scikit_learn_wherever_there_is_one(counts: np.ndarray) -> None:
    intercept, slope, separated = formulas.calibrate(counts, LOW, WIDTH, 0.0, 1.0)
    assert np.isfinite([intercept, slope]).all()
    if overlap(counts):
        assert not separated
        assert (intercept, slope) == pytest.approx(peer(counts), rel=1e-4, abs=1e-4)
    elif (counts.sum(axis=0) > 0).sum() > 1 and counts.sum(axis=1).all():
        assert separated


@settings(max_examples=100)
@given(untame())
def test_the_mean_probability_is_the_default_rate_of_whom_it_was_fitted_on(
    counts: np.ndarray,
) -> None:
    intercept, slope, separated = formulas.calibrate(counts, LOW, WIDTH, 0.0, 1.0)
    people, both = counts.sum(axis=0), counts.sum(axis=1).all()
    if both and not separated and (people > 0).sum() > 1:
        expected = (
            people * expit(intercept + slope * (LOW + WIDTH * (np.arange(len(people)) + 0.5)))
        ).sum()
        assert expected == pytest.approx(counts[1].sum(), rel=1e-6)


def test_a_rare_flag_of_far_riskier_people_is_calibrated() -> None:
    counted = count({1000: 9100, 3500: 20}, {1000: 800, 3500: 80})
    found = calibrate(counted)
    assert found.probability(counted.middles[[1000, 3500]]) == pytest.approx(
        [800 / 9900, 0.8]
    )  # two groups: their own rates
    again = calibrate(counted, found)
    assert (again.intercept, again.slope) == pytest.approx(
        (0, 1)
    )  # nothing drifts among the same people


def test_people_told_apart_perfectly_are_calibrated_by_the_penalised_likelihood() -> None:
    found = calibrate(count({1000: 9}, {3000: 3}))
    assert found.separated
    # two groups of 9 and 3: Firth's estimate adds half a person to each cell (Heinze and Schemper
    # 2002)
    counted = count({1000: 9}, {3000: 3})
    assert found.probability(counted.middles[[1000, 3000]]) == pytest.approx(
        [0.5 / 10, 3.5 / 4], abs=1e-5
    )
    assert not calibrate(count({1000: 9, 3000: 1}, {1000: 1, 3000: 3})).separated


def test_readings_say_that_the_calibration_persons_are_told_apart_perfectly() -> None:
    counted = count({1000: 40}, {1000: 8, 3000: 10})
    assert readings(counted, counted, calibrate(counted)).separated
    assert not readings(counted, counted, Calibration(0.0, 1.0)).separated


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_the_penalised_calibration_ends_on_its_maximum(seed: int) -> None:
    chance = np.random.default_rng(seed)
    place = np.minimum(
        chance.exponential(size=int(10 ** chance.uniform(0.7, 5))) ** 2 * 80, 4095
    ).astype(int)
    bad = place >= np.quantile(place, 1 - 10 ** chance.uniform(-4.5, -0.2))
    counts = np.stack([np.bincount(place[bad == y], minlength=4096) for y in (False, True)]).astype(
        np.int64
    )
    intercept, slope, separated = formulas.calibrate(counts, LOW, WIDTH, 0.0, 1.0)
    if separated:
        filled = np.flatnonzero(counts.sum(axis=0))
        middles, (paid, defaulted) = LOW + WIDTH * (filled + 0.5), counts[:, filled]
        people = paid + defaulted
        centre, spread = (
            np.average(middles, weights=people),
            np.average((middles - np.average(middles, weights=people)) ** 2, weights=people) ** 0.5,
        )

        def lost(line: np.ndarray) -> float:
            """Less the log-likelihood less half the logarithm of the determinant of the
            information (Firth 1993).
            """
            z = line[0] + line[1] * (middles - centre) / spread
            weight = people * expit(z) * expit(-z)
            design = np.column_stack([np.ones_like(middles), (middles - centre) / spread])
            _, information = np.linalg.slogdet(design.T @ (design * weight[:, None]))
            return float(
                paid @ np.logaddexp(0, z) + defaulted @ np.logaddexp(0, -z) - information / 2
            )

        found = np.array([intercept + slope * centre, slope * spread])
        start = np.array([np.log(defaulted.sum() / paid.sum()), 0.0])
        best = minimize(
            lost,
            start,
            method="Nelder-Mead",
            options={"maxfev": 4000, "xatol": 1e-8, "fatol": 1e-12},
        )
        assert lost(found) <= best.fun + 1e-6
