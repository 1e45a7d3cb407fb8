"""Is this weighting better than that one?"""

import pytest

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import Figure, compare, meet
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Calibration, calibrate, read
from analytics.weighing.tally import tally
from tests.people import evidence, weights
from tests.weighing.test_readings import crowd

PLAIN = (Calibration(0.0, 1.0), Calibration(0.0, 1.0))


def figures(persons, one, two, *, cutoff: float = 500):
    calibrations = tuple(calibrate(tally(persons, w)) for w in (one, two))
    return compare(meet(persons, one, two), calibrations, cutoff)


def test_a_weighting_is_neither_better_nor_worse_than_itself() -> None:
    persons = crowd(800)
    one = weights(persons, a=1, b=2, c=3)
    for figure in figures(persons, one, one).values():
        assert figure.difference == Difference(0.0, 0.0, 0.0)
        assert figure.better is None
        assert figure.value == figure.other


def test_what_is_better_of_a_is_worse_of_b() -> None:
    persons = crowd(3000)
    one, two = weights(persons, c=1), weights(persons, a=1)  # c separates better, a knows more people
    there, back = figures(persons, one, two), figures(persons, two, one)
    assert (there["auc_scored"].better, back["auc_scored"].better) == (True, False)
    assert (there["coverage"].better, back["coverage"].better) == (False, True)
    for name, figure in there.items():
        assert figure.difference.value == pytest.approx(-back[name].difference.value)
        assert (figure.value, figure.other) == (back[name].other, back[name].value)


def test_each_figure_is_that_of_the_readings() -> None:
    persons = crowd(3000)
    one, two = weights(persons, a=1, b=1), weights(persons, b=1, c=3)
    found, alone = figures(persons, one, two), read(persons, one, split=("calibrate", "test"), reference=two, calibration=calibrate(tally(persons, one)))
    for name in ("coverage", "auc_scored", "auc_common", "auc_everyone", "ks", "brier"):
        figure = found[name]
        assert (figure.value, figure.low, figure.high) == tuple(getattr(alone, name + end) for end in ("", "_low", "_high"))


@pytest.mark.parametrize(("rises", "better"), [(True, True), (False, False)])
def test_a_lower_brier_and_bad_rate_are_better(rises: bool, better: bool) -> None:
    assert Figure(0.2, 0.1, 0.3, 0.1, Difference(0.1, 0.05, 0.15), rises).better is better


def test_which_figures_are_better_when_they_fall() -> None:
    persons = crowd(200)
    found = figures(persons, weights(persons, a=1), weights(persons, b=1))
    assert {name for name, figure in found.items() if not figure.rises} == {"brier", "bad_rate"}


def test_too_few_people_are_refused() -> None:
    persons = evidence({"a": [0.0] * 10}, [True, False] * 5)
    with pytest.raises(Refusal, match="these are 10 persons, 5 of whom defaulted"):
        meet(persons, weights(persons, a=1), weights(persons, a=1))
