"""Which weights hold?"""

import numpy as np
import pytest

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import compare, pair_up
from analytics.sources.evidence import Evidence
from analytics.stress.kinds.match import Match
from analytics.stress.kinds.outage import Outage
from analytics.stress.robust import BEST, NOW, ROBUST, attacks, robust_weights, robustness
from analytics.weighing.frontier import Wish, best
from analytics.weighing.readings import Calibration
from analytics.weighing.sweep import sweep
from analytics.weighing.weighting import Weighting
from tests.people import evidence, weights
from tests.weighing.test_readings import crowd

FREE = {"floor": 0.4, "missing": "neutral"}
PLAIN = Calibration(0.0, 1.0)


def turned(persons: Evidence, key: str, share: float = 1.0) -> Evidence:
    """The same persons, of some of whom a source says the opposite."""
    hit = np.random.default_rng(3).random(len(persons)) < share
    return persons.put(key, np.where(hit, -1, 1) * persons.column(key))


def worst(cases: list[Evidence], weighting: Weighting, accuracy: str = "auc_everyone") -> float:
    """The least accuracy of all cases."""
    return min(sweep(case, [weighting])[accuracy].item() for case in cases)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_the_worst_case_the_weights_that_hold_are_no_worse_than_the_best_without_stress(
    seed: int,
) -> None:
    persons = crowd(400, seed=seed)
    cases = [persons, turned(persons, "b"), turned(persons, "c", 0.5)]
    plain = best(persons, Wish())
    held = robust_weights(persons, cases[1:], Wish(), **FREE, seed=seed, start=[plain])
    assert worst(cases, held) >= worst(cases, plain) - 1e-9
    assert worst([persons], held) <= worst([persons], plain) + 1e-3  # nothing is free


def test_a_source_that_may_be_turned_round_is_left_to_another_that_says_less() -> None:
    chance = np.random.default_rng(6)
    defaulted = np.arange(400) % 4 == 0
    said = {"loud": chance.normal(defaulted * 2.0, 1), "quiet": chance.normal(defaulted * 1.0, 1)}
    persons = evidence(said, defaulted.tolist(), "calibrate")
    plain, held = (
        best(persons, Wish()),
        robust_weights(persons, [turned(persons, "loud")], Wish(), **FREE),
    )
    assert plain.shares["loud"] > 0.5
    assert held.shares["loud"] < 0.02
    assert worst([turned(persons, "loud")], held) > 0.7


def test_without_an_attack_the_best_weights_hold() -> None:
    persons = crowd(300)
    assert robust_weights(persons, [], Wish("auc_scored", coverage=0.6), **FREE, seed=3) == best(
        persons, Wish("auc_scored", coverage=0.6), seed=3
    )


def test_a_wish_that_an_attack_makes_impossible_is_refused() -> None:
    persons = crowd(300)
    dark = persons.put("a", np.full(len(persons), np.nan))
    with pytest.raises(
        Refusal, match="no weighting of these sources meets the wish: coverage goes up to"
    ):
        robust_weights(persons, [dark], Wish(coverage=0.9), **FREE)


# what holding costs


def hundred() -> tuple[Evidence, Evidence]:
    """The bank tells all apart, until it is turned round.

    Rent tells three of four defaulters from the payers.
    """
    said = {"bank": [-1.0] * 50 + [1.0] * 50, "rent": [-1.0] * 50 + [1.0] * 37 + [-1.0] * 13}
    before = evidence(said, [False] * 50 + [True] * 50)
    return before, turned(before, "bank")


def test_the_price_of_robustness_and_its_gain_by_hand() -> None:
    before, after = hundred()
    found = robustness(
        {
            NOW: weights(before, bank=1),
            BEST: weights(before, bank=3, rent=1),
            ROBUST: weights(before, rent=1),
        },
        before,
        after,
    )
    figures = found.select(
        "name",
        "auc_before",
        "auc_after",
        "coverage_before",
        "coverage_after",
        "fall",
        "price",
        "gain",
    ).rows()
    rent = (37 + 13 / 2) / 50
    assert figures == [
        ("now", 1.0, 0.0, 1.0, 1.0, -1.0, 0.0, 0.0),
        ("best without stress", 1.0, 0.0, 1.0, 1.0, -1.0, 0.0, 0.0),
        (
            "that hold",
            pytest.approx(rent),
            pytest.approx(rent),
            1.0,
            1.0,
            0.0,
            pytest.approx(rent - 1),
            pytest.approx(rent),
        ),
    ]
    # DeLong; beside it the bank never errs
    half = 1.959964 * np.sqrt((37 * (1 - rent) ** 2 + 13 * (0.5 - rent) ** 2) / 50**2)
    held = found.row(2, named=True)
    assert (held["price_low"], held["price_high"]) == pytest.approx(
        (rent - 1 - half, rent - 1 + half), abs=1e-6
    )
    assert (held["gain_low"], held["gain_high"]) == pytest.approx(
        (rent - half, rent + half), abs=1e-6
    )
    assert (held["fall_low"], held["fall_high"]) == (0.0, 0.0)


def test_each_figure_of_a_row_is_that_of_a_comparison() -> None:
    before = crowd(1500)
    after = turned(before, "c", 0.5).put("a", np.full(1500, np.nan))
    named = {
        NOW: weights(before, a=1, b=1, c=1),
        BEST: weights(before, b=1, c=3),
        ROBUST: weights(before, a=1, b=3),
    }
    rows = {row["name"]: row for row in robustness(named, before, after).to_dicts()}
    for name, weighting in named.items():
        fall, price, gain = (
            compare(met, (PLAIN, PLAIN), 500)
            for met in (
                pair_up(after, weighting, weighting, before=before),
                pair_up(before, weighting, named[BEST]),
                pair_up(after, weighting, named[NOW]),
            )
        )
        row = rows[name]
        for label, figure in (
            ("auc_before", price["auc_everyone"]),
            ("auc_after", fall["auc_everyone"]),
        ):
            assert (row[label], row[f"{label}_low"], row[f"{label}_high"]) == (
                figure.value,
                figure.low,
                figure.high,
            )
        for label, figures in (("fall", fall), ("price", price), ("gain", gain)):
            paired = figures["auc_everyone"].difference
            assert (row[label], row[f"{label}_low"], row[f"{label}_high"]) == (
                paired.value,
                paired.low,
                paired.high,
            )
        assert (row["coverage_after"], row["coverage_before"]) == (
            fall["coverage"].value,
            fall["coverage"].other,
        )


def test_without_stress_nothing_falls_and_the_best_have_no_price() -> None:
    persons = crowd(500)
    named = {NOW: weights(persons, a=1), BEST: weights(persons, c=1), ROBUST: weights(persons, b=1)}
    rows = robustness(named, persons, persons.put("a", persons.column("a"))).to_dicts()
    assert {row[f"fall{end}"] for row in rows for end in ("", "_low", "_high")} == {0.0}
    assert {rows[1][f"price{end}"] for end in ("", "_low", "_high")} | {
        rows[0][f"gain{end}"] for end in ("", "_low", "_high")
    } == {0.0}


def test_weights_are_to_hold_under_each_stress_alone_and_all_together() -> None:
    one, two = Match("a", 0.1), Outage("b")
    assert attacks((one,)) == [(one,)]
    assert attacks((one, two)) == [(one,), (two,), (one, two)]
