"""What does it do to the score?"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import compare, pair_up
from analytics.deciding.scorecard import STANDARD
from analytics.sources.evidence import Evidence
from analytics.stress.context import StressContext
from analytics.stress.effect import Move, affected, curve, figures, move, point, worth
from analytics.stress.kind import stressed
from analytics.stress.selection import first_share, random_order
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Calibration, calibrate, read
from analytics.weighing.tally import tally
from tests.deciding.test_comparison import bonett_and_price
from tests.people import NOT, evidence, weightings, weights
from tests.weighing.test_readings import crowd

PLAIN = Calibration(0.0, 1.0)  # evidence is log-odds: at -3 a person has 671 points, at 1 382
NAMES = (
    "coverage",
    "auc_everyone",
    "auc_scored",
    "auc_common",
    "ks",
    "brier",
    "accepted",
    "bad_rate",
)


def asked(*_: object) -> None:
    raise AssertionError("these stresses need nothing but the evidence")


NOTHING = StressContext(faked=asked, late=asked)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A source says nothing of some it knows; each costs 2."""

    source: str
    share: float = 0.0

    def hit(self, persons: Evidence) -> np.ndarray:
        return first_share(
            random_order(persons, "drift", self.source),
            ~np.isnan(persons.column(self.source)),
            self.share,
        )

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:
        return persons.put(
            self.source, np.where(self.hit(persons), np.nan, persons.column(self.source))
        )

    def cost(self, persons: Evidence, context: StressContext) -> float:
        return 2.0 * self.hit(persons).sum()


@dataclass(frozen=True, slots=True)
class Turned(Hidden):
    """A source says the opposite of some it knows; each costs 2."""

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:
        said = persons.column(self.source)
        return persons.put(self.source, np.where(self.hit(persons), -said, said))


def forty() -> tuple[Evidence, Evidence]:
    """Twenty payers at -3, twenty defaulters at 1.

    Then four defaulters look like payers, three payers like defaulters, and two and one are hidden.
    """
    before = evidence(
        {"bank": [-3.0] * 20 + [1.0] * 20, "rent": [0.0] * 40},
        [False] * 20 + [True] * 20,
        region=["North"] * 40,
    )
    said = np.array([1.0] * 3 + [NOT] * 2 + [-3.0] * 15 + [-3.0] * 4 + [NOT] + [1.0] * 15)
    return before, before.put("bank", said[before.people["row"].to_numpy()])


# figures


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
@pytest.mark.parametrize("stress", [Hidden("b"), Turned("b")])
def test_no_stress_changes_no_figure_by_a_bit(stress: Hidden, missing: str) -> None:
    persons = crowd(800)
    one = weights(persons, a=1, b=2, c=3, missing=missing)
    calibration = calibrate(tally(persons, one))
    found = figures(persons, stress.apply(persons, NOTHING), one, calibration, 500)
    assert found == compare(pair_up(persons, one, one), (calibration, calibration), 500)
    assert {figure.difference for figure in found.values()} == {Difference(0.0, 0.0, 0.0)}


def test_figures_are_those_read_after_and_before_with_the_calibration_of_before() -> None:
    before = crowd(2000)
    after = stressed(before, [Hidden("a", 0.3), Turned("b", 0.5)], NOTHING)
    one = weights(before, a=1, b=2, c=3)
    calibration = calibrate(tally(before, one))
    found = figures(before, after, one, calibration, 500)
    for persons, side in ((after, "value"), (before, "other")):
        alone = read(persons, one, split=("calibrate", "test"), calibration=calibration)
        for name in ("coverage", "auc_everyone", "auc_scored", "ks", "brier"):
            assert getattr(found[name], side) == getattr(alone, name)
    assert found["coverage"].difference.high < 0
    assert found["auc_everyone"].difference.high < 0


def test_too_few_people_are_refused() -> None:
    persons = evidence({"a": [0.0] * 10}, [True, False] * 5)
    with pytest.raises(Refusal, match="these are too few persons"):
        figures(persons, persons, weights(persons, a=1), PLAIN, 500)


# a point


def test_who_is_hit_who_crosses_and_who_is_lost() -> None:
    before, after = forty()
    found = point(before, after, weights(before, bank=1), PLAIN, 600, "bank", cost=100)
    assert (
        found["hit"],
        found["crossed"],
        found["lost"],
        found["cost"],
        found["cost_per_crossing"],
    ) == (10, 4, 5, 100, 25)
    assert (found["coverage"], found["coverage_change"]) == (37 / 40, pytest.approx(-3 / 40))
    assert (found["accepted"], found["accepted_change"]) == (
        19 / 37,
        pytest.approx(19 / 37 - 1 / 2),
    )
    assert (found["bad_rate"], found["bad_rate_change"]) == (4 / 19, pytest.approx(4 / 19))
    assert (found["auc_everyone"], found["auc_everyone_change"]) == (
        pytest.approx(323.5 / 400),
        pytest.approx(323.5 / 400 - 1),
    )
    assert (found["auc_scored"], found["auc_common"]) == (
        pytest.approx(277.5 / 342),
        pytest.approx(277.5 / 342),
    )


def test_the_source_alone_is_read_among_those_it_knows_after() -> None:
    before, after = forty()
    found = point(before, after, weights(before, bank=1, rent=9), PLAIN, 600, "bank")
    assert found["auc_source"] == pytest.approx(277.5 / 342)
    assert found["auc_source_low"] < found["auc_source"] < found["auc_source_high"]
    assert point(before, after, weights(before, bank=1), PLAIN, 600, "rent")["auc_source"] == 0.5
    assert point(before, after, weights(before, bank=1), PLAIN, 600, "rent")["hit"] == 0


def test_where_there_is_nothing_to_read_there_is_no_figure() -> None:
    before, _ = forty()
    nobody = before.put("bank", np.full(40, np.nan))
    found = point(before, nobody, weights(before, bank=1), PLAIN, 600, "bank", cost=5)
    empty = {
        f"{n}{end}"
        for n in ("auc_scored", "auc_common", "ks", "brier", "accepted", "bad_rate")
        for end in ("", "_low", "_high")
    }
    changes = {
        f"{n}_change{end}"
        for n in ("auc_scored", "auc_common", "ks", "brier", "accepted", "bad_rate")
        for end in ("", "_low", "_high")
    }
    source = {"auc_source", "auc_source_low", "auc_source_high", "cost_per_crossing"}
    assert {name for name, value in found.items() if value is None} == empty | changes | source
    assert (found["coverage"], found["auc_everyone"], found["hit"], found["lost"]) == (
        0.0,
        0.5,
        40,
        20,
    )


def test_people_of_unknown_outcome_cross_too() -> None:
    before = evidence(
        {"bank": [-3.0] * 20 + [1.0] * 20 + [1.0, -3.0]}, [False] * 20 + [True] * 20 + [None, None]
    )
    after = before.put(
        "bank",
        np.where(
            before.people["row"] == 40,
            -3.0,
            np.where(before.people["row"] == 41, np.nan, before.column("bank")),
        ),
    )
    found = point(before, after, weights(before, bank=1), PLAIN, 600, "bank", cost=7)
    assert (found["hit"], found["crossed"], found["lost"], found["cost_per_crossing"]) == (
        2,
        1,
        1,
        7,
    )
    assert {found[f"{name}_change"] for name in NAMES} == {0.0}


# a curve


def test_each_row_of_a_curve_is_the_point_of_its_share() -> None:
    persons = crowd(600)
    one, stresses = (
        weights(persons, a=1, b=2, c=3),
        (Hidden("a", 0.2), Hidden("c", 0.4), Turned("b", 0.9)),
    )
    rows = list(curve(persons, stresses, NOTHING, one, PLAIN, 500, (0.0, 0.3, 1.0)))
    for row, share in zip(rows, (0.0, 0.3, 1.0), strict=True):
        now = (*stresses[:2], replace(stresses[2], share=share))
        cost = sum(s.cost(persons, NOTHING) for s in now)
        assert row == {
            "share": share,
            **point(persons, stressed(persons, now, NOTHING), one, PLAIN, 500, "b", cost),
        }
    assert [row["hit"] for row in rows] == [
        0,
        round(0.3 * rows[-1]["hit"]),
        int((~np.isnan(persons.column("b"))).sum()),
    ]


def test_a_curve_begins_with_no_change() -> None:
    persons = crowd(600)
    row = next(
        curve(persons, (Turned("c"),), NOTHING, weights(persons, a=1, c=1), PLAIN, 500, (0.0, 0.5))
    )
    assert {row[f"{name}_change{end}"] for name in NAMES for end in ("", "_low", "_high")} == {0.0}
    assert (row["hit"], row["crossed"], row["lost"], row["cost"], row["cost_per_crossing"]) == (
        0,
        0,
        0,
        0,
        None,
    )


def test_points_of_a_curve_come_one_by_one() -> None:
    persons, given_shares = crowd(200), []

    def shares():
        for share in (0.0, 0.5, 1.0):
            given_shares.append(share)
            yield share

    rows = curve(persons, (Turned("c"),), NOTHING, weights(persons, c=1), PLAIN, 500, shares())
    assert [next(rows)["share"], next(rows)["share"]] == given_shares == [0.0, 0.5]


# what a source is worth


def three_of_four() -> Evidence:
    """The bank tells three of four defaulters from the payers; rent tells nothing."""
    return evidence(
        {"bank": [-1.0] * 20 + [1.0] * 15 + [-1.0] * 5, "rent": [0.0] * 40},
        [False] * 20 + [True] * 20,
    )


@pytest.mark.parametrize("rent", [0, 1])
def test_a_source_is_worth_the_auc_that_would_be_lost(rent: int) -> None:
    persons = three_of_four()
    found = worth(persons, weights(persons, bank=1, rent=rent), "bank")
    assert found.value == pytest.approx(0.375)  # 0.875 with it, 0.5 without
    if rent:
        # DeLong: a defaulter stands above all payers or is tied with them
        half = 1.959964 * np.sqrt((15 * 0.125**2 + 5 * 0.375**2) / 20**2)
        assert (found.low, found.high) == pytest.approx((0.375 - half, 0.375 + half), abs=1e-6)
    assert found.certain


def test_a_source_that_tells_nothing_is_worth_nothing() -> None:
    persons = three_of_four()
    assert worth(persons, weights(persons, bank=1, rent=1), "rent") == Difference(0.0, 0.0, 0.0)


@settings(max_examples=20)
@given(weightings())
def test_a_source_without_weight_is_worth_exactly_0(weighting) -> None:
    without = replace(weighting, weights=(("a", 0.0), *weighting.weights[1:-1], ("c", 1.0)))
    assert worth(crowd(60), without, "a") == Difference(0.0, 0.0, 0.0)


# a move of weight


def twins() -> Evidence:
    """The bank and its twin tell everyone apart, and the bank is turned round.

    Rent tells nothing.
    """
    said = [-1.0] * 20 + [1.0] * 20
    return Turned("bank", 1.0).apply(
        evidence({"bank": said, "twin": said, "rent": [0.0] * 40}, [False] * 20 + [True] * 20),
        NOTHING,
    )


def test_the_twin_of_a_poisoned_source_takes_its_weight() -> None:
    persons = twins()
    found = move(
        persons, weights(persons, bank=0.6, rent=0.4), "bank", steps=(0.1, 0.2, 0.4, 0.5, 0.9)
    )
    wanted = weights(persons, bank=0.6 - 0.4, twin=0.4, rent=0.4)
    assert found == Move(
        "twin", 0.4, wanted, before=0.0, after=1.0
    )  # 0.2 is too little, 0.5 no better


def test_all_of_a_weight_may_move() -> None:
    persons = twins()
    found = move(persons, weights(persons, bank=0.2, rent=0.8), "bank", steps=())
    assert (found.to, found.points, found.weighting.shares["bank"]) == ("twin", 0.2, 0.0)


@pytest.mark.parametrize("key", ["twin", "rent"])
def test_no_move_is_made_that_helps_nobody(key: str) -> None:
    persons = twins()
    assert move(persons, weights(persons, twin=1), key) is None


# who is affected


def shuffled(size: int, seed: int = 4) -> tuple[Evidence, Evidence]:
    """People of two kinds of segments, some of unknown outcome; two sources under stress."""
    plain, chance = crowd(size), np.random.default_rng(seed)
    unknown = pl.Series(chance.random(size) < 0.1)
    people = plain.people.with_columns(
        pl.when(unknown).then(None).otherwise("defaulted").alias("defaulted"),
        region=pl.Series(chance.choice(["North", "South", "West"], size)),
        age=pl.Series(chance.choice(["18-24", "25-34"], size)),
    )
    said = {key: plain.column(key) for key in "abc"}
    before = evidence(
        said, people["defaulted"].to_list(), region=people["region"], age=people["age"]
    )
    return before, stressed(before, [Hidden("a", 0.4), Turned("c", 0.5)], NOTHING)


def test_segments_add_up_to_everyone() -> None:
    before, after = shuffled(3000)
    one, calibration = weights(before, a=1, b=1, c=1, floor=0.5), Calibration(-1.0, 2.0)
    found, everyone = (
        affected(before, after, one, calibration, 600, ("region", "age")),
        figures(before, after, one, calibration, 600),
    )
    known = pl.col("defaulted").is_not_null()
    read = [e.where(e.people.select(known).to_series().to_numpy()) for e in (before, after)]
    row = point(*read, one, calibration, 600, "a")
    for group in ("region", "age"):
        part = found.filter(pl.col("group") == group)
        assert part["persons"].sum() == len(read[0])
        total = {
            name: (part["persons"] * part[name]).sum()
            for name in ("scored_change", "accepted_change")
        }
        assert total["scored_change"] / len(read[0]) == pytest.approx(
            everyone["coverage"].difference.value
        )
        assert total["accepted_change"] == pytest.approx(row["crossed"] - row["lost"])
        changed = {k: set(np.flatnonzero(turned_or_gone(*read, k))) for k in "ac"}
        assert (part["persons"] * part["hit"]).sum() == pytest.approx(
            len(changed["a"] | changed["c"])
        )


def turned_or_gone(before: Evidence, after: Evidence, key: str) -> np.ndarray:
    """Of whom a source says something else, in the order of the file."""
    now, then = (
        np.nan_to_num(e.column(key)[np.argsort(e.people["row"])], nan=99) for e in (after, before)
    )
    return now != then


def test_by_hand_the_south_is_hit() -> None:
    """In the south ten of forty are forgotten, of whom five had been accepted; the north stays.

    The west is too small.
    """
    said = [-3.0] * 40 + [-3.0] * 35 + [1.0] * 5 + [-3.0] * 30
    region = ["North"] * 40 + ["South"] * 40 + ["West"] * 29 + ["Isle"]
    before = evidence({"bank": said}, [i % 4 == 0 for i in range(110)], region=region)
    row = before.people["row"].to_numpy()
    after = before.put("bank", np.where((row >= 70) & (row < 80), np.nan, before.column("bank")))
    found = affected(before, after, weights(before, bank=1), PLAIN, 600, ["region"]).to_dicts()
    assert [(r["group"], r["segment"], r["persons"], r["hit"]) for r in found] == [
        ("region", "North", 40, 0.0),
        ("region", "South", 40, None),
    ]  # ten are few
    north, south = found
    for name, lost in (("scored", 10), ("accepted", 5)):
        ends = (south[f"{name}_change"], south[f"{name}_change_low"], south[f"{name}_change_high"])
        assert ends == pytest.approx((-lost / 40, *bonett_and_price(0, lost, 40)), abs=1e-6)
        ends = (north[f"{name}_change"], north[f"{name}_change_low"], north[f"{name}_change_high"])
        assert ends == pytest.approx((0, *bonett_and_price(0, 0, 40)), abs=1e-6)
    assert (north["bad_rate_before"], north["bad_rate_after"]) == (0.25, 0.25)
    assert (south["bad_rate_before"], south["bad_rate_after"]) == (
        9 / 35,
        8 / 30,
    )  # the persons of row 40, 44, ..., 72; then up to 68


def test_a_bad_rate_of_fewer_than_thirty_accepted_is_not_shown() -> None:
    before, after = forty()
    row = affected(before, after, weights(before, bank=1), PLAIN, 600, ["region"]).row(
        0, named=True
    )
    assert (row["bad_rate_before"], row["bad_rate_after"]) == (
        None,
        None,
    )  # twenty and nineteen are accepted


def test_without_segments_there_is_an_empty_frame_of_the_same_columns() -> None:
    before, after = forty()
    one = weights(before, bank=1)
    assert (
        affected(before, after, one, PLAIN, 600, ()).schema
        == affected(before, after, one, PLAIN, 600, ["region"]).schema
    )
    assert affected(before, after, one, PLAIN, 600, ()).is_empty()


def test_who_crosses_a_cutoff_is_counted_to_the_last_person_although_all_stand_in_one_bin() -> None:
    chance = np.random.default_rng(4)
    near, moved = (0.3 + chance.normal(0, 1e-5, 200) for _ in range(2))
    before = evidence(
        {"a": [*near, -9.0, 9.0]}, [i % 3 == 0 for i in range(202)], region=["North"] * 202
    )
    row = before.people["row"].to_numpy()
    after, one = before.put("a", np.array([*moved, -9.0, 9.0])[row]), weights(before, a=1)
    then, now = (STANDARD.points(world.column("a").astype(float)) for world in (before, after))
    for cutoff in np.quantile(then, [0.2, 0.5, 0.8]) + 1e-9:
        crossed, lost = (
            int(((now >= cutoff) & (then < cutoff)).sum()),
            int(((now < cutoff) & (then >= cutoff)).sum()),
        )
        found = point(before, after, one, PLAIN, cutoff, "a")
        assert (found["crossed"], found["lost"]) == (crossed, lost)
        change = affected(before, after, one, PLAIN, cutoff, ["region"])["accepted_change"][0]
        assert change == pytest.approx((crossed - lost) / 202)
