"""Is this weighting better than that one?"""

import numpy as np
import pytest

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import SWAPS, Figure, compare, gains, pair_up, swap_set
from analytics.deciding.scorecard import STANDARD
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Calibration, calibrate, read
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.people import NOT, evidence, trio, weights
from tests.weighing.test_readings import crowd

PLAIN = (Calibration(0.0, 1.0), Calibration(0.0, 1.0))


def figures(persons, one, two, *, cutoff: float = 500):
    calibrations = tuple(calibrate(tally(persons, w)) for w in (one, two))
    return compare(pair_up(persons, one, two), calibrations, cutoff)


def test_a_weighting_is_neither_better_nor_worse_than_itself() -> None:
    persons = crowd(800)
    one = weights(persons, a=1, b=2, c=3)
    for figure in figures(persons, one, one).values():
        assert figure.difference == Difference(0.0, 0.0, 0.0)
        assert figure.better is None
        assert figure.value == figure.other


def test_what_is_better_of_a_is_worse_of_b() -> None:
    persons = crowd(3000)
    # c separates better, a knows more people
    one, two = (weights(persons, c=1), weights(persons, a=1))
    there, back = figures(persons, one, two), figures(persons, two, one)
    assert (there["auc_scored"].better, back["auc_scored"].better) == (True, False)
    assert (there["coverage"].better, back["coverage"].better) == (False, True)
    for name, figure in there.items():
        assert figure.difference.value == pytest.approx(-back[name].difference.value)
        assert (figure.value, figure.other) == (back[name].other, back[name].value)


def test_each_figure_is_that_of_the_readings() -> None:
    persons = crowd(3000)
    one, two = weights(persons, a=1, b=1), weights(persons, b=1, c=3)
    found, alone = (
        figures(persons, one, two),
        read(
            persons,
            one,
            split=("calibrate", "test"),
            reference=two,
            calibration=calibrate(tally(persons, one)),
        ),
    )
    for name in ("coverage", "auc_scored", "auc_common", "auc_everyone", "ks", "brier"):
        figure = found[name]
        assert (figure.value, figure.low, figure.high) == tuple(
            getattr(alone, name + end) for end in ("", "_low", "_high")
        )


@pytest.mark.parametrize(("rises", "better"), [(True, True), (False, False)])
def test_a_lower_brier_and_bad_rate_are_better(rises: bool, better: bool) -> None:
    assert Figure(0.2, 0.1, 0.3, 0.1, Difference(0.1, 0.05, 0.15), rises).better is better


def test_which_figures_are_better_when_they_fall() -> None:
    persons = crowd(200)
    found = figures(persons, weights(persons, a=1), weights(persons, b=1))
    assert {name for name, figure in found.items() if not figure.rises} == {"brier", "bad_rate"}


def test_too_few_people_are_refused() -> None:
    persons = evidence({"a": [0.0] * 10}, [True, False] * 5)
    with pytest.raises(Refusal, match="these are too few persons"):
        pair_up(persons, weights(persons, a=1), weights(persons, a=1))


# before and after


def forgotten(persons, key: str, share: float):
    """The same persons, of whom a source forgets some."""
    values = persons.column(key)
    return persons.put(
        key, np.where(np.random.default_rng(5).random(len(persons)) < share, np.nan, values)
    )


def test_figures_are_read_after_and_before_each_on_its_own_persons() -> None:
    before, calibrations = crowd(3000), (Calibration(-0.5, 0.8), Calibration(-0.5, 0.8))
    after = forgotten(before, "a", 0.4)
    one, two = weights(after, a=1, b=1), weights(before, b=1, c=3)
    found = compare(pair_up(after, one, two, before=before), calibrations, 500)
    for persons, weighting, side in ((after, one, "value"), (before, two, "other")):
        alone = compare(pair_up(persons, weighting, weighting), calibrations, 500)
        for name in found.keys() - {"auc_common"}:
            assert getattr(found[name], side) == alone[name].value


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_a_weighting_before_and_after_nothing_happened_is_a_weighting_and_itself(
    missing: str,
) -> None:
    persons = crowd(800)
    one = weights(persons, a=1, b=2, c=3, missing=missing)
    there_and_back = forgotten(persons, "b", 0.5)
    order = np.argsort(there_and_back.people["row"])[np.argsort(np.argsort(persons.people["row"]))]
    values = np.empty(len(persons))
    values[order] = persons.column("b")
    same = compare(pair_up(persons, one, one), PLAIN, 500)
    assert (
        compare(pair_up(there_and_back.put("b", values), one, one, before=persons), PLAIN, 500)
        == same
    )
    assert {figure.difference for figure in same.values()} == {Difference(0.0, 0.0, 0.0)}


def test_the_common_are_those_scored_before_and_after() -> None:
    said = {"a": [-1.0] * 20 + [1.0] * 10 + [-1.0] * 10}
    before = evidence(said, [False] * 20 + [True] * 20)
    # the defaulters who looked like payers go
    after = before.put("a", np.where(before.people["row"] >= 30, np.nan, before.column("a")))
    one = weights(before, a=1)
    found = compare(pair_up(after, one, one, before=before), PLAIN, 500)
    assert (found["auc_scored"].value, found["auc_scored"].other) == (1.0, 0.75)
    assert (found["auc_common"].value, found["auc_common"].other) == (1.0, 1.0)


def moving():
    """Of forty payers in the north five are forgotten.

    Of thirty defaulters in the south ten accepted are, five declined are accepted, five look far
    worse.
    """
    said = [-5.0] * 10 + [-3.0] * 40 + [1.0] * 10 + [NOT] * 10
    before = evidence(
        {"a": said}, [False] * 40 + [True] * 30, region=["North"] * 40 + ["South"] * 30
    )
    after = np.array([NOT] * 5 + said[5:40] + [NOT] * 10 + [-3.0] * 5 + [30.0] * 5 + [NOT] * 10)
    return before, before.put("a", after[before.people["row"].to_numpy()])


@pytest.mark.usefixtures("every_cell")
def test_who_moves_between_accepted_declined_and_not_scored_after() -> None:
    before, after = moving()
    one = weights(before, a=1)
    found = swap_set(after, one, one, PLAIN, 600, before=before)
    moved = {(a, b): n for a, b, n in found.select("a", "b", "persons").rows() if n}
    assert moved == {
        ("accepted", "accepted"): 35,
        ("accepted", "declined"): 5,
        ("declined", "declined"): 5,
        ("not scored", "accepted"): 15,
        ("not scored", "not scored"): 10,
    }


def test_who_loses_coverage_after() -> None:
    before, after = moving()
    one = weights(before, a=1)
    found = gains(after, one, one, ["region"], before=before)
    wanted = [("North", 5, 40), ("South", 10, 30)]
    assert found.select("segment", "value", "persons").rows() == [
        (segment, pytest.approx(-lost / n), n) for segment, lost, n in wanted
    ]
    assert found.select("low", "high").to_numpy() == pytest.approx(
        np.array([bonett_and_price(0, lost, n) for _, lost, n in wanted]), abs=1e-6
    )


def bonett_and_price(came: int, went: int, persons: int) -> tuple[float, float]:
    """The interval of a difference of paired shares, as their paper has it."""
    one, two = (came + 1) / (persons + 2), (went + 1) / (persons + 2)
    half = 1.959964 * np.sqrt((one + two - (one - two) ** 2) / (persons + 2))
    return one - two - half, one - two + half


def crowded():
    """Two hundred people in one bin of every grid, with two far away.

    Afterwards each has moved by less than a bin.
    """
    chance = np.random.default_rng(4)
    near, moved = (0.3 + chance.normal(0, 1e-5, 200) for _ in range(2))
    before = evidence(
        {"a": [*near, -9.0, 9.0], "b": [*moved, -9.0, 9.0]}, [i % 3 == 0 for i in range(202)]
    )
    after = before.put("a", np.array([*moved, -9.0, 9.0])[before.people["row"].to_numpy()])
    return before, after


@pytest.mark.usefixtures("every_cell")
def test_counts_at_a_cutoff_are_exact_although_all_stand_in_one_bin() -> None:
    before, after = crowded()
    one, two = weights(before, a=1), weights(before, b=1)
    at = {key: STANDARD.points(before.column(key).astype(float)) for key in "ab"}
    bad = before.people["defaulted"].to_numpy()
    for cutoff in np.quantile(at["a"], [0.2, 0.5, 0.8]) + 1e-9:
        passed = {key: at[key] >= cutoff for key in "ab"}
        for found in (
            compare(pair_up(before, one, two), PLAIN, cutoff),
            compare(pair_up(before, one, one, before=after), PLAIN, cutoff),
        ):
            assert (found["accepted"].value, found["accepted"].other) == pytest.approx(
                (passed["a"].mean(), passed["b"].mean())
            )
            assert (found["bad_rate"].value, found["bad_rate"].other) == pytest.approx(
                (bad[passed["a"]].mean(), bad[passed["b"]].mean())
            )
            half = 1.959964 * (passed["a"].astype(float) - passed["b"]).std() / np.sqrt(202)
            assert found["accepted"].difference.high - found[
                "accepted"
            ].difference.value == pytest.approx(half, rel=1e-4)
        wanted = {
            (a, b): int(
                ((passed["a"] == (a == "accepted")) & (passed["b"] == (b == "accepted"))).sum()
            )
            for a in SWAPS[:2]
            for b in SWAPS[:2]
        }
        for moved in (
            swap_set(before, one, two, PLAIN, cutoff),
            swap_set(before, one, one, PLAIN, cutoff, before=after),
        ):
            assert {
                (a, b): n
                for a, b, n in moved.select("a", "b", "persons").rows()
                if "not scored" not in (a, b)
            } == wanted


def test_without_segments_nobody_is_told_apart() -> None:
    persons = trio()
    found = gains(persons, equal(persons.catalog), equal(persons.catalog), [])
    assert found.is_empty()
    assert found.columns == ["group", "segment", "value", "low", "high", "persons"]
