"""What is each source worth?"""

from itertools import combinations, permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from analytics.data.catalog.model import Catalog, People, Source
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence, line_up
from analytics.weighing import value as valuing
from analytics.weighing.frontier import judge
from analytics.weighing.pair import pair
from analytics.weighing.readings import auc, coverage
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally
from analytics.weighing.value import (
    METRICS,
    best_of,
    coalitions,
    next_source,
    redundancy,
    value,
    worth,
)
from analytics.weighing.weighting import Weighting
from tests.people import NOT, evidence, populations, trio, weightings, weights
from tests.weighing.normal import alike, gaps, normal
from tests.weighing.test_readings import crowd

MARGIN = (10.0, 60.0)


def priced(persons: Evidence, *costs: float) -> Evidence:
    """The same people, at a price."""
    sources = tuple(
        Source(s.key, s.label, s.columns, cost=float(cost))
        for s, cost in zip(persons.catalog, costs, strict=True)
    )
    return line_up(
        Catalog(People("people.csv", "person_id", "defaulted"), sources),
        persons.people,
        persons.added,
        persons.base_rate,
    )


def paid(persons: Evidence, weighting: Weighting) -> float:
    """Profit per person at the best cutoff, less the price, person by person from the safest up."""
    counted = tally(persons, weighting)
    gained = np.cumsum(counted.counts[:, 0] * MARGIN[0] - counted.counts[:, 1] * MARGIN[1])
    return float(max(gained.max(), 0) / counted.cells.sum() - weighting.price(persons.catalog))


def reads(persons: Evidence, weighting: Weighting, members: frozenset[str]) -> dict[str, float]:
    """What a coalition reads, from its own tally."""
    if not members:
        return {"auc_everyone": 0.5, "coverage": 0.0, "profit": 0.0, "price": 0.0}
    mine = Weighting(
        tuple((k, w * (k in members)) for k, w in weighting.weights),
        weighting.floor,
        weighting.missing,
    )
    counted = tally(persons, mine)
    found = {"auc_everyone": auc(counted, everyone=True).value, "coverage": coverage(counted).value}
    return {**found, "profit": paid(persons, mine), "price": mine.price(persons.catalog)}


def by_orders(persons: Evidence, weighting: Weighting, metric: str) -> dict[str, float]:
    """The slow way: what each source adds when it joins, over all orders of joining."""
    keys = [k for k, share in weighting.shares.items() if share]
    known = {
        frozenset(c): reads(persons, weighting, frozenset(c))[metric]
        for size in range(len(keys) + 1)
        for c in combinations(keys, size)
    }
    orders = list(permutations(keys))
    return {
        k: float(
            np.mean(
                [
                    known[frozenset(o[: o.index(k) + 1])] - known[frozenset(o[: o.index(k)])]
                    for o in orders
                ]
            )
        )
        for k in keys
    }


# by hand


def test_the_bureau_and_the_bank_share_what_they_are_worth_for_ann_bob_and_cleo() -> None:
    # bureau alone: Ann at -2, the others unscored at 0: AUC 1, coverage 1/3; bank alone: Ann -1,
    # Bob 1, Cleo 0: AUC 1, 2/3; both: AUC 1, 2/3
    found = value(trio(), weights(trio(), bureau=1, bank=1))
    assert found["key"].to_list() == ["bureau", "bank"]
    assert found["add_one_auc_everyone"].to_list() == [0.5, 0.5]
    assert found["drop_one_auc_everyone"].to_list() == [0, 0]
    assert found["shapley_auc_everyone"].to_list() == [0.25, 0.25]
    assert found["add_one_coverage"].to_list() == pytest.approx([1 / 3, 2 / 3])
    assert found["drop_one_coverage"].to_list() == pytest.approx([0, 1 / 3])
    assert found["shapley_coverage"].to_list() == pytest.approx([1 / 6, 1 / 2])
    assert found["total_coverage"].to_list() == pytest.approx([2 / 3, 2 / 3])


def test_prices_are_worth_themselves() -> None:
    found = value(priced(crowd(200), 1.5, 0, 4), weights(crowd(200), a=1, b=2, c=3))
    for way in ("add_one", "drop_one", "shapley"):
        assert found[f"{way}_price"].to_list() == pytest.approx([1.5, 0, 4])


def test_every_set_of_three_sources_is_a_coalition() -> None:
    assert coalitions(3).astype(int).tolist() == [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
        [0, 0, 1],
        [1, 0, 1],
        [0, 1, 1],
        [1, 1, 1],
    ]


def test_without_a_margin_there_is_no_profit_to_share() -> None:
    found = value(priced(crowd(200), 1, 2, 3), weights(crowd(200), a=1, b=1, c=1))
    for way in ("add_one", "drop_one", "shapley", "total"):
        assert found[f"{way}_profit"].to_list() == [None, None, None]


# Shapley's values


@settings(max_examples=40)
@given(populations(both=True), weightings())
def test_values_add_up_to_what_all_are_worth(persons, weighting) -> None:
    found = value(priced(persons, 0.5, 1, 2), weighting, margin=MARGIN)
    for metric in METRICS:
        assert abs(found[f"shapley_{metric}"].sum() - found[f"total_{metric}"][0]) < 1e-9
        assert found[f"error_{metric}"].to_list() == [0] * len(found)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("sources", "missing"), [(3, "neutral"), (4, "renormalise")])
def test_values_are_the_means_over_all_orders_of_joining(
    metric: str, sources: int, missing: str
) -> None:
    persons = priced(crowd(400, sources=sources), *range(1, sources + 1))
    weighting = weights(
        persons,
        floor=0.5,
        missing=missing,
        **dict(zip("abcd"[:sources], (3, 1, 2, 2), strict=False)),
    )
    found = value(persons, weighting, margin=MARGIN)
    assert dict(zip(found["key"], found[f"shapley_{metric}"], strict=True)) == pytest.approx(
        by_orders(persons, weighting, metric), abs=1e-9
    )


@settings(max_examples=20)
@given(populations(both=True), weightings())
def test_alone_is_less_none_and_dropped_is_all_less_all_without_it(persons, weighting) -> None:
    persons = priced(persons, 0.5, 1, 2)
    everything = frozenset(k for k, share in weighting.shares.items() if share)
    whole, none = reads(persons, weighting, everything), reads(persons, weighting, frozenset())
    for row in value(persons, weighting, margin=MARGIN).iter_rows(named=True):
        alone, rest = (
            reads(persons, weighting, frozenset({row["key"]})),
            reads(persons, weighting, everything - {row["key"]}),
        )
        for metric in METRICS:
            assert row[f"add_one_{metric}"] == pytest.approx(alone[metric] - none[metric], abs=1e-9)
            assert row[f"drop_one_{metric}"] == pytest.approx(
                whole[metric] - rest[metric], abs=1e-9
            )


def test_sources_without_weight_are_not_there_and_change_nothing() -> None:
    persons = crowd(400)
    columns = dict(zip("ac", persons.added[:, [0, 2]].T, strict=True))
    without = evidence(
        columns, persons.people["defaulted"].to_list(), persons.people["split"].to_list()
    )
    found, same = (
        value(persons, weights(persons, a=1, c=2)),
        value(without, weights(without, a=1, c=2)),
    )
    assert found["key"].to_list() == ["a", "c"]
    for name in ("shapley_auc_everyone", "add_one_coverage", "total_auc_everyone"):
        assert found[name].to_list() == pytest.approx(same[name].to_list(), abs=1e-9)


def test_the_only_source_is_worth_everything_each_way() -> None:
    persons = crowd(400)
    found = value(persons, weights(persons, b=2)).row(0, named=True)
    for metric in ("auc_everyone", "coverage"):
        assert (
            found[f"add_one_{metric}"]
            == found[f"drop_one_{metric}"]
            == pytest.approx(found[f"shapley_{metric}"])
            == found[f"total_{metric}"]
        )


def test_what_was_read_before_is_not_read_again() -> None:
    persons = crowd(400)
    weighting = weights(persons, a=1, b=2, c=3)
    known = worth(persons, weighting, coalitions(3), margin=MARGIN)
    assert value(persons.where(np.zeros(len(persons), bool)), weighting, known=known).equals(
        value(persons, weighting, margin=MARGIN)
    )


def test_reading_coalitions_can_be_watched() -> None:
    told: list[tuple[int, int]] = []
    persons = crowd(100)
    worth(
        persons,
        weights(persons, a=1, b=1, c=1),
        coalitions(3),
        progress=lambda *done: told.append(done) is None,
    )
    assert told == [(7, 7)]


# above twelve sources: orders are sampled


def test_sampled_orders_are_within_their_errors_of_the_exact_values_and_still_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    persons = priced(crowd(600, sources=4), 1, 2, 3, 4)
    weighting = weights(persons, floor=0.5, a=4, b=1, c=2, d=3)
    exact = value(persons, weighting, margin=MARGIN)
    monkeypatch.setattr(valuing, "EXACT", 3)
    found = value(persons, weighting, margin=MARGIN)
    for metric in METRICS:
        away = np.abs((found[f"shapley_{metric}"] - exact[f"shapley_{metric}"]).to_numpy())
        assert (away <= 4 * found[f"error_{metric}"].to_numpy() + 1e-9).all()
        assert found[f"shapley_{metric}"].sum() == pytest.approx(
            found[f"total_{metric}"][0], abs=1e-9
        )
        for way in ("add_one", "drop_one", "total"):
            assert found[f"{way}_{metric}"].to_list() == exact[f"{way}_{metric}"].to_list()
    assert (found["error_auc_everyone"] > 0).all()
    assert found["error_price"].to_list() == pytest.approx([0] * 4, abs=1e-9)


def test_the_stated_errors_are_as_large_as_repeated_samples_scatter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    persons = crowd(300, sources=4)
    weighting = weights(persons, floor=0.5, a=4, b=1, c=2, d=3)
    monkeypatch.setattr(valuing, "EXACT", 3)
    monkeypatch.setattr(valuing, "ORDERS", 40)
    runs = [value(persons, weighting, seed=seed) for seed in range(12)]
    scatter = np.std([run["shapley_coverage"].to_numpy() for run in runs], axis=0, ddof=1)
    stated = np.mean([run["error_coverage"].to_numpy() for run in runs], axis=0)
    assert ((scatter > stated / 2) & (scatter < stated * 2)).all()


def test_the_same_seed_samples_the_same_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    persons = crowd(200)
    monkeypatch.setattr(valuing, "EXACT", 2)
    monkeypatch.setattr(valuing, "ORDERS", 5)
    one, same, other = (
        value(persons, weights(persons, a=1, b=1, c=2), seed=seed)["shapley_auc_everyone"].to_list()
        for seed in (1, 1, 2)
    )
    assert one == same != other


# diminishing returns


@pytest.mark.parametrize("metric", ["auc_everyone", "coverage"])
def test_the_best_sources_are_the_best_of_every_choice_of_so_many(metric: str) -> None:
    persons = crowd(500, sources=4)
    weighting = weights(persons, floor=0.5, a=1, b=4, c=2, d=3)
    known = worth(persons, weighting, coalitions(4))
    rows = best_of(known, known, metric).to_dicts()
    assert [row["k"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        most = max(
            reads(persons, weighting, frozenset(c))[metric] for c in combinations("abcd", row["k"])
        )
        assert row[metric] == pytest.approx(most, abs=1e-12)
        assert reads(persons, weighting, frozenset(row["sources"]))[metric] == pytest.approx(
            most, abs=1e-12
        )


def test_each_step_says_who_joins_and_who_goes() -> None:
    known = worth(
        crowd(500, sources=4), weights(crowd(10, sources=4), a=1, b=4, c=2, d=3), coalitions(4)
    )
    rows = best_of(known, known).to_dicts()
    held: set[str] = set()
    for row in rows:
        held = (held - set(row["dropped"])) | set(row["added"])
        assert held == set(row["sources"])
        assert not set(row["added"]) & set(row["dropped"])


# what two have in common


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
def test_what_two_normal_sources_share_is_what_the_formula_says(correlation: float) -> None:
    gap = gaps(0.7, 0.7)
    row = redundancy(
        normal(gap, alike(2, correlation), 40_000), weights(normal(gap, alike(2, 0), 4), a=1, b=1)
    ).row(0, named=True)
    together = norm.cdf(gap[0] / np.sqrt(1 + correlation)) - 0.5
    assert row["shared"] == pytest.approx(1 - together / 0.4, abs=0.015)
    assert row["correlation"] == pytest.approx(correlation, abs=0.015)


def test_a_copy_of_a_source_shares_half_of_what_the_two_are_worth_alone() -> None:
    reading = crowd(800).added[:, 0]
    persons = evidence({"a": reading, "b": reading}, crowd(800).people["defaulted"].to_list())
    row = redundancy(persons, weights(persons, a=1, b=1)).row(0, named=True)
    assert row["shared"] == pytest.approx(0.5, abs=1e-3)
    assert row["correlation"] == pytest.approx(1)


def test_a_source_that_knows_nobody_shares_nothing() -> None:
    known = crowd(300)
    added = {"a": known.added[:, 0], "b": [NOT] * 300}
    persons = evidence(added, known.people["defaulted"].to_list())
    assert redundancy(persons, weights(persons, a=1, b=1)).rows() == [("a", "b", 0.0, None)]


def test_sources_that_are_worth_nothing_alone_share_no_number() -> None:
    persons = evidence({"a": [1.0, 0.0], "b": [2.0, 0.0]}, [False, True])
    assert redundancy(persons, weights(persons, a=1, b=1)).rows() == [("a", "b", None, None)]


def test_sources_whose_worth_may_be_chance_share_no_number_and_no_share_is_absurd() -> None:
    chance = np.random.default_rng(5)
    defaulted = chance.random(1500) < 0.3
    added = {key: chance.normal(0, 1, 1500) for key in "abcdefgh"} | {
        "good": chance.normal(defaulted, 1)
    }
    persons = evidence(added, defaulted.tolist())
    pairs = redundancy(persons, weights(persons, **dict.fromkeys(added, 1)))
    areas = {key: roc_auc_score(defaulted, said) - 0.5 for key, said in added.items()}
    noise = pairs.filter(pl.col("b") != "good")
    assert noise["shared"].null_count() >= 26  # of 28: two in a hundred pass by chance
    assert pairs.filter(b="good")["shared"].null_count() == 0
    assert pairs["shared"].abs().max() <= 1
    for a, b, shared in pairs.drop_nulls("shared").select("a", "b", "shared").iter_rows():
        together = roc_auc_score(defaulted, added[a] + added[b]) - 0.5
        assert shared == pytest.approx(1 - together / (areas[a] + areas[b]), abs=0.05)


def test_every_pair_of_weighted_sources_stands_once_whatever_the_floor() -> None:
    persons = crowd(300, sources=4)
    strict, loose = (
        redundancy(persons, weights(persons, floor=floor, a=1, c=2, d=3)) for floor in (1.0, 0.0)
    )
    assert strict.select("a", "b").rows() == [("a", "c"), ("a", "d"), ("c", "d")]
    assert strict.equals(loose)
    assert redundancy(persons, weights(persons, a=1)).rows() == []


# the next source to buy


def test_the_next_source_is_the_one_that_brings_most_at_the_mean_share() -> None:
    persons = priced(crowd(800, sources=4), 1, 2, 3, 4)
    now = weights(persons, a=1, b=3)
    found = next_source(persons, now, persons)
    assert set(found["key"]) == {"c", "d"}
    assert (
        found["gain"].to_list()
        == found["searched"].to_list()
        == sorted(found["gain"], reverse=True)
    )
    for row in found.iter_rows(named=True):
        then = weights(persons, a=1 / 6, b=1 / 2, **{row["key"]: 1 / 3})
        ends = [tally(persons, w) for w in (then, now)]
        aucs, reach = (
            [reading.value for reading in several]
            for several in ([auc(t, everyone=True) for t in ends], [coverage(t) for t in ends])
        )
        assert row["share"] == pytest.approx(1 / 3)
        assert row["gain"] == pytest.approx(aucs[0] - aucs[1], abs=1e-9)
        assert row["coverage_gain"] == pytest.approx(reach[0] - reach[1], abs=1e-9)
        assert row["price"] == {"c": 3, "d": 4}[row["key"]]
        expected = pair(persons, then, now).difference(*(auc(t, everyone=True) for t in ends))
        assert (row["gain_low"], row["gain_high"]) == pytest.approx(
            (expected.low, expected.high), abs=1e-6
        )
        assert row["gain_low"] < row["gain"] < row["gain_high"]


def test_where_every_source_has_weight_nothing_is_left_to_buy() -> None:
    found = next_source(crowd(100), weights(crowd(100), a=1, b=1, c=1), crowd(100))
    assert found.is_empty()
    assert found.schema["gain"] == pl.Float64


def test_values_of_coalitions_that_were_not_all_read_are_refused() -> None:
    persons = crowd(400, sources=8)
    with pytest.raises(Refusal, match="stopped"):
        value(
            persons,
            Weighting(tuple((key, 1.0) for key in persons.catalog.keys)),
            progress=lambda *_: False,
        )


# nobody is read by those who were chosen on them


def noise(seed: int, sources: int = 5, size: int = 600) -> tuple[Evidence, Evidence]:
    """Two halves of people of whom sources tell nothing but chance.

    Whatever is read above nothing is the winner's curse.
    """
    chance = np.random.default_rng(seed)
    defaulted = (chance.random(size) < 0.3).tolist()
    says = {key: chance.normal(size=size) for key in "abcdefgh"[:sources]}
    both = evidence(says, defaulted, ["calibrate", "test"] * (size // 2))
    return both.split("calibrate"), both.split("test")


def test_winners_among_sources_of_pure_chance_read_nothing_on_other_persons() -> None:
    read, flattered, gains = [], [], []
    for seed in range(40):
        searched, persons = noise(seed)
        all_alike, two = (weights(persons, **dict.fromkeys(keys, 1.0)) for keys in ("abcde", "ab"))
        inside, outside = (worth(each, all_alike, coalitions(5)) for each in (searched, persons))
        steps = best_of(inside, outside)
        read.append(steps["auc_everyone"][0])
        flattered.append(steps["searched"][0])
        gains.append(next_source(persons, two, searched)["gain"][0])
    assert abs(np.mean(read) - 0.5) < 3 * np.std(read) / np.sqrt(40)
    assert abs(np.mean(gains)) < 3 * np.std(gains) / np.sqrt(40)
    assert np.mean(flattered) - 0.5 > 5 * np.std(flattered) / np.sqrt(
        40
    )  # where it was chosen, chance looks like worth


def test_profit_by_pure_chance_is_nothing_and_not_the_most_that_the_persons_read_allow() -> None:
    margin = (0.3, 0.7)  # who is accepted blindly brings nothing
    profits = []
    for seed in range(40):
        searched, persons = noise(seed, sources=2, size=2000)
        all_alike = weights(persons, a=1, b=1)
        found = sweep(persons, [all_alike], calibrated=searched, margin=margin)["profit"].item()
        counted, taught = tally(persons, all_alike), tally(searched, all_alike)
        cutoff = int(np.argmax(np.append(0, np.cumsum(taught.counts @ (margin[0], -margin[1])))))
        assert found == pytest.approx(
            (counted.counts[:cutoff] @ (margin[0], -margin[1])).sum() / len(persons), abs=1e-12
        )
        profits.append(found)
    assert abs(np.mean(profits)) < 3 * np.std(profits) / np.sqrt(40)
    assert min(profits) < 0


def exchanged(persons: Evidence) -> Evidence:
    """The same persons in a world where payers defaulted and defaulters paid."""
    other = persons.people.with_columns(~pl.col("defaulted"))
    return line_up(persons.catalog, other, persons.added, persons.base_rate, limits=persons.limits)


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_the_cutoff_of_a_profit_does_not_move_with_the_outcomes_of_those_who_are_read(
    missing: str,
) -> None:
    even = (1.0, 1.0)  # so that in the two worlds, under one cutoff, every person accepted cancels
    for seed in range(5):
        searched, persons = noise(seed, sources=3, size=400)
        weighting = weights(persons, missing=missing, a=3, b=2, c=1)
        worlds = (persons, exchanged(persons))
        swept = [sweep(world, [weighting], calibrated=searched, margin=even) for world in worlds]
        assert sum(found["profit"].item() for found in swept) == pytest.approx(0, abs=1e-12)
        valued = [value(world, weighting, calibrated=searched, margin=even) for world in worlds]
        for figure in ("add_one", "drop_one", "shapley", "total"):
            both = sum(found[f"{figure}_profit"].to_numpy() for found in valued)
            assert both == pytest.approx(0, abs=1e-12)
        judged = [judge(weighting, "profit", searched, world, even) for world in worlds]
        assert judged[0].read + judged[1].read == pytest.approx(0, abs=1e-12)
        assert judged[0].searched == judged[1].searched
