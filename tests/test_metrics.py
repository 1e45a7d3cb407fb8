"""Is a new metric one row and its reading, and does it then stand wherever metrics stand?"""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from analytics.deciding.comparison import compare, pair_up
from analytics.metrics import METRICS, Metric, shown
from analytics.sources.evidence import Evidence
from analytics.weighing import readings
from analytics.weighing.frontier import Wish, frontier
from analytics.weighing.readings import Calibration, Reading, calibrate, read
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import Tally, tally
from analytics.weighing.weighting import equal
from pages.parts.weights import sentences
from tests.people import evidence, weights

PRECISION = Metric(
    "precision",
    "Average precision",
    "scored",
    "Mean precision.",
    shown=("tile", "pair", "stress", "search"),
)


def precision(counted: Tally, _: Calibration) -> Reading:
    """Average precision of the scored, the riskiest first; people of one bin as one tie."""
    good, bad = counted.counts[::-1].T
    caught = np.cumsum(bad) / max(bad.sum(), 1)
    steps, purity = (
        np.diff(caught, prepend=0.0),
        np.cumsum(bad) / np.maximum(np.cumsum(good + bad), 1),
    )
    return Reading(float((steps * purity).sum()), np.zeros((len(good) + 1, 2)), np.nan, np.nan)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more metric: a row, and its reading."""
    monkeypatch.setitem(METRICS, "precision", PRECISION)
    monkeypatch.setitem(readings.READINGS, "precision", precision)


@pytest.fixture(scope="module")
def crowd() -> Evidence:
    """Two sources that say something of everybody."""
    chance = np.random.default_rng(5)
    defaulted = chance.random(600) < 0.3
    split = chance.choice(["calibrate", "test"], 600)
    return evidence(
        {k: chance.normal(defaulted * 1.0, 1.0) for k in "ab"}, defaulted.tolist(), split.tolist()
    )


def by_hand(crowd: Evidence) -> float:
    """Scikit-learn's, over the people themselves."""
    test = crowd.split("test")
    return float(
        average_precision_score(test.people["defaulted"].to_numpy(), test.added.mean(axis=1))
    )


@pytest.mark.usefixtures("known")
def test_a_new_metric_is_read_compared_searched_and_shown(crowd: Evidence) -> None:
    weighting, other = equal(crowd.catalog), weights(crowd, a=1.0)
    test, fitted = crowd.split("test"), calibrate(tally(crowd.split("calibrate"), weighting))

    assert read(crowd, weighting).json()["precision"] == pytest.approx(
        by_hand(crowd), abs=0.01
    )  # bins make ties

    figures = compare(pair_up(test, weighting, other), (fitted, fitted), 600)
    assert figures["precision"].value == read(crowd, weighting).json()["precision"]
    heads, rows = sentences.table(figures, "A", "B", (0.0, 0.0), "CNY")
    assert ("Average precision", "Mean precision.") in heads
    assert all(len(row) == len(heads) for row in rows)

    swept = sweep(test, [weighting, other], calibrated=crowd.split("calibrate"))
    assert swept["precision"][0] == figures["precision"].value
    assert len(frontier(swept, "precision"))
    assert Wish("precision").accuracy == "precision"
    assert all("precision" in shown(where) for where in ("tile", "pair", "stress", "search"))


def test_every_metric_says_whose_figure_it_is_and_has_a_reading() -> None:
    read_of_tallies, read_of_decisions = set(readings.READINGS), {"accepted", "bad_rate"}
    assert read_of_tallies | read_of_decisions | {"profit"} == set(METRICS)
    assert {metric.population for metric in METRICS.values()} == {
        "everyone",
        "scored",
        "common",
        "accepted",
    }
    assert all(
        metric == replace(metric, key=key) and metric.meaning.endswith(".")
        for key, metric in METRICS.items()
    )
