"""Is a challenger really better than the champion?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from analytics.data.disclosure import TooFew
from analytics.data.refusal import Refusal
from analytics.deciding.champion import contest, ks, rank, rivals, widest
from analytics.weighing import readings
from analytics.weighing.pair import pair
from analytics.weighing.tally import tally, weigh
from tests.people import NOT, evidence, exact_auc, weights
from tests.weighing.test_readings import crowd

numbers = st.one_of(st.sampled_from([-1.0, 0.0, 0.5, NOT]), st.floats(-4, 4, width=32))


@st.composite
def ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What two models say of people of both outcomes, ties and unscored among them."""
    size = draw(st.integers(2, 30))
    one, two = (np.array(draw(st.lists(numbers, min_size=size, max_size=size))) for _ in range(2))
    defaulted = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    defaulted[:2] = [False, True]
    return one, two, np.array(defaulted)


def test_four_people_by_hand() -> None:
    found = rank(np.array([-1.0, NOT, NOT, 2.0]), np.array([False, False, True, True]))
    assert found.auc == (1 + 0.5 + 1 + 1) / 4  # the unscored stand at 0, tied with each other
    assert found.influence == pytest.approx(
        [(1 - 0.875) / 2, (0.75 - 0.875) / 2, (0.75 - 0.875) / 2, (1 - 0.875) / 2]
    )


@given(ranked())
def test_the_auc_of_everyone_is_scikit_learns_with_the_unscored_at_0(said) -> None:
    one, _, defaulted = said
    assert rank(one, defaulted).auc == pytest.approx(exact_auc(np.nan_to_num(one), defaulted))


@given(ranked())
def test_differences_are_symmetric_and_a_model_never_differs_from_itself(said) -> None:
    one, two = (rank(s, said[2]) for s in said[:2])
    there, back = one.less(two), two.less(one)
    assert (there.value, there.low, there.high) == pytest.approx(
        (-back.value, -back.high, -back.low), nan_ok=True
    )
    assert (one.less(one).low, one.less(one).high) == (0, 0)


@given(ranked(), st.floats(0.1, 3), st.floats(0.1, 3))
def test_ranking_is_all_that_counts(said, scale: float, power: float) -> None:
    one, _, defaulted = said
    grown = np.sign(one) * scale * np.round(np.abs(one), 3) ** power  # keeps order, ties and 0
    plain = np.sign(one) * np.round(np.abs(one), 3)
    assert rank(grown, defaulted).auc == pytest.approx(rank(plain, defaulted).auc)


def test_figures_and_differences_are_those_of_tallies() -> None:
    persons = crowd(3000, seed=4)
    one, two = weights(persons, a=1, b=2, c=3), weights(persons, a=3, b=2, c=1)
    counted, both = [tally(persons, w) for w in (one, two)], pair(persons, two, one)
    by_tally = [readings.auc(c, everyone=True) for c in counted]
    found = contest(persons, {"one": one, "two": two}, persons)
    for row, reading, tallied in zip(found.iter_rows(named=True), by_tally, counted, strict=True):
        told, apart = reading.ranged("auc"), readings.ks(tallied, readings.calibrate(tallied))
        assert row["auc"] == pytest.approx(
            told["auc"], abs=1e-12
        )  # to the last digit: a page beside another shows the same
        assert (row["low"], row["high"]) == pytest.approx(
            (told["auc_low"], told["auc_high"]), abs=1e-3
        )
        assert (row["ks"], row["ks_low"], row["ks_high"]) == pytest.approx(
            tuple(apart.ranged("ks").values()), abs=2e-3
        )
        assert row["coverage"] == pytest.approx(readings.coverage(tallied).value)
    apart, row = both.difference(by_tally[1], by_tally[0]), found.row(1, named=True)
    assert (row["difference"], row["difference_low"], row["difference_high"]) == pytest.approx(
        (apart.value, apart.low, apart.high), abs=1e-3
    )
    assert row["certain"] == apart.certain


def test_the_paired_interval_is_the_one_a_bootstrap_finds() -> None:
    chance = np.random.default_rng(3)
    defaulted = chance.random(800) < 0.3
    one = chance.normal(defaulted * 1.0, 1)
    two = np.where(chance.random(800) < 0.8, one + chance.normal(0, 0.7, 800), NOT)
    found = rank(two, defaulted).less(rank(one, defaulted))
    samples = [chance.integers(0, 800, 800) for _ in range(400)]
    spread = np.std(
        [rank(two[s], defaulted[s]).auc - rank(one[s], defaulted[s]).auc for s in samples]
    )
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(spread, rel=0.12)


@given(ranked())
def test_ks_is_never_above_the_largest_distance_of_scipy_and_is_it_at_that_place(said) -> None:
    one, _, defaulted = said
    scored = ~np.isnan(one)
    paid, bad = one[scored & ~defaulted], one[scored & defaulted]
    if len(paid) and len(bad):
        peer = ks_2samp(paid, bad, alternative="greater", method="asymp")
        assert ks(one, defaulted, peer.statistic_location)[0] == pytest.approx(peer.statistic)
        assert ks(one, defaulted, widest(one, defaulted))[0] <= peer.statistic + 1e-12
    else:
        assert np.isnan(ks(one, defaulted, 0.0)).all()


def test_a_model_of_the_file_is_asked_about_the_persons_read() -> None:
    persons = crowd(2000, seed=6)
    champion, row = weights(persons, a=1, b=1, c=1), persons.people["row"].to_numpy()
    file = np.full(2000, NOT)
    file[row] = weigh(persons, champion)  # what the champion says, in file order
    test = persons.split("test")
    found = contest(test, {"champion": champion, "the same": file}, persons.split("calibrate"))
    assert found["champion"].to_list() == [True, False]
    assert found.select("persons", "coverage").n_unique() == 1
    one, other = (
        np.array([row[name] for name in ("auc", "low", "high")])
        for row in found.iter_rows(named=True)
    )
    assert one == pytest.approx(other, abs=1e-3)  # a weighting is read by bins, as everywhere
    assert found["ks"][0] == pytest.approx(
        found["ks"][1], abs=1 / 200
    )  # one person more or less at the place
    assert found["auc"][1] == pytest.approx(
        exact_auc(
            np.nan_to_num(file[test.people["row"].to_numpy()]), test.people["defaulted"].to_numpy()
        )
    )
    assert found.row(0, named=True)["persons"] == len(test)
    assert found.row(1, named=True)["difference"] == pytest.approx(0, abs=1e-3)
    assert found["certain"].to_list() == [None, False]


def test_more_people_scored_make_a_better_challenger_of_the_same_model() -> None:
    persons = crowd(4000, seed=2)
    everyone, row = weights(persons, floor=0.0, a=1, b=1, c=1), persons.people["row"].to_numpy()
    half = np.full(4000, NOT)
    half[row] = np.where(row % 2, weigh(persons, everyone), NOT)
    found = contest(persons, {"all": everyone, "half": half}, persons).row(1, named=True)
    assert found["coverage"] < 0.51
    assert found["difference_high"] < 0
    assert found["certain"]


def test_people_of_unknown_outcome_are_left_out() -> None:
    persons = evidence({"a": np.arange(100.0)}, [None] * 40 + [False, True] * 30)
    found = contest(persons, {"a": weights(persons, a=1), "file": np.arange(100.0)}, persons)
    assert found["persons"].to_list() == [60, 60]
    assert found["auc"][0] == pytest.approx(
        exact_auc(np.arange(60.0), np.array([False, True] * 30))
    )


def test_a_model_that_is_not_there_says_why_and_has_no_figures() -> None:
    persons = crowd(500)
    row = contest(
        persons, {"champion": weights(persons, a=1), "scorecard": "it needs optbinning"}, persons
    ).row(1, named=True)
    assert {name for name, value in row.items() if value is not None} == {
        "name",
        "champion",
        "reason",
    }
    assert (row["name"], row["champion"], row["reason"]) == (
        "scorecard",
        False,
        "it needs optbinning",
    )


def test_too_few_people_are_a_sentence() -> None:
    persons = evidence({"a": np.arange(20.0)}, [False, True] * 10)
    with pytest.raises(TooFew, match="a figure needs at least 30 persons"):
        contest(persons, {"a": weights(persons, a=1)}, persons)


@pytest.mark.parametrize(
    ("entrants", "why"), [({}, "there is none"), ({"a": "it was left"}, "it was left")]
)
def test_a_contest_needs_a_champion(entrants: dict[str, str], why: str) -> None:
    with pytest.raises(
        Refusal, match=f"^a contest needs a champion, and {why}; put a weighting first$"
    ):
        contest(crowd(100), entrants, crowd(100))


def test_nobody_scored_stands_at_a_half() -> None:
    found = rivals(
        {"all": np.array([0.0, 1.0]), "none": np.array([NOT, NOT])},
        np.array([False, True]),
        {"all": 0.0, "none": 0.0},
    )
    assert found["auc"].to_list() == [1, 0.5]
    assert found["coverage"].to_list() == [1, 0]
    assert found["ks"].to_list() == [1, None]
