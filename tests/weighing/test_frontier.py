"""Which weightings are beaten by none, and which is best within given limits?"""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.catalog.model import Bureau, Catalog, People, Source
from analytics.data.refusal import Refusal
from analytics.metrics import rises
from analytics.sources.evidence import Evidence, line_up
from analytics.weighing.frontier import Wish, best, frontier, sample
from analytics.weighing.readings import auc
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting
from tests.people import NOT, catalog, evidence, weights
from tests.weighing.normal import alike, best_of_all, gaps, normal, worth_of
from tests.weighing.test_readings import crowd

GRID = [np.array([a, b, 20 - a - b]) / 20 for a, b in product(range(21), repeat=2) if a + b <= 20]


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


def gridded(persons: Evidence, floor: float, missing: str = "neutral") -> pl.DataFrame:
    """The readings of every weighting of three sources in steps of a twentieth."""
    return sweep(
        persons,
        [
            Weighting(tuple(zip("abc", map(float, shares), strict=True)), floor, missing)
            for shares in GRID
        ],
    )


# the frontier

TENTHS = st.one_of(st.none(), st.integers(0, 4).map(lambda n: n / 10))
ROWS = st.lists(st.tuples(TENTHS, TENTHS, TENTHS), min_size=1, max_size=25)


def table(rows: list[tuple[float | None, ...]], accuracy: str) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema=dict.fromkeys(("coverage", accuracy, "price"), pl.Float64), orient="row"
    ).with_row_index("row")


def goals(row: dict[str, float], accuracy: str, *, price: bool) -> tuple[float, ...]:
    """What is wanted, as numbers of which more is better."""
    return (
        row["coverage"],
        row[accuracy] if rises(accuracy) else -row[accuracy],
        *([-row["price"]] if price else []),
    )


def beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("accuracy", ["auc_everyone", "brier"])
@pytest.mark.parametrize("price", [False, True])
@given(rows=ROWS)
def test_no_row_of_the_frontier_is_beaten_and_every_other_row_is_beaten_or_equalled_by_one_of_it(
    rows, accuracy: str, price: bool
) -> None:
    asked = ["coverage", accuracy, *(["price"] if price else [])]
    every = table(rows, accuracy).drop_nulls(asked).to_dicts()
    kept = frontier(table(rows, accuracy), accuracy, price=price).to_dicts()
    points, best_points = (
        [goals(row, accuracy, price=price) for row in found] for found in (every, kept)
    )
    assert not [one for one in best_points if any(beats(other, one) for other in points)]
    assert not [
        one
        for one in points
        if one not in best_points and not any(beats(other, one) for other in best_points)
    ]
    assert len(best_points) == len(set(best_points))
    assert {row["row"] for row in kept} <= {row["row"] for row in every}


def test_the_frontier_goes_by_coverage() -> None:
    rows = [(0.9, 0.6, 1.0), (0.5, 0.8, 1.0), (0.7, 0.7, 1.0), (0.6, 0.6, 0.5)]
    assert frontier(table(rows, "auc_everyone"))["row"].to_list() == [1, 2, 0]
    assert frontier(table(rows, "auc_everyone"), price=True)["row"].to_list() == [1, 3, 2, 0]


def test_a_low_brier_score_is_a_good_one() -> None:
    rows = [(0.9, 0.09, 1.0), (0.5, 0.06, 1.0), (0.5, 0.08, 1.0), (0.8, 0.1, 1.0)]
    assert frontier(table(rows, "brier"), "brier")["row"].to_list() == [1, 0]


def test_without_a_figure_there_is_no_frontier() -> None:
    assert frontier(table([(0.5, None, 1.0), (None, 0.5, 1.0)], "ks"), "ks").is_empty()


# the sample


def sampled(count: int, seed: int = 7, **options: object) -> list[tuple[float, ...]]:
    persons = evidence({"a": [0.0, 1.0], "b": [NOT, 1.0], "c": [0.5, NOT]}, [False, True])
    return [tuple(w.vector.tolist()) for w in sample(persons, count, seed, **options)]  # type: ignore[arg-type]


def test_a_sample_holds_equal_weights_every_corner_and_every_edge() -> None:
    third = 1 / 3
    assert sampled(7) == [
        (third, third, third),
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
        (0.5, 0.5, 0),
        (0.5, 0, 0.5),
        (0, 0.5, 0.5),
    ]


def test_a_sample_holds_every_bureau_and_what_is_asked_for() -> None:
    own = catalog("a", "b")
    told = Catalog(
        own.people,
        own.sources,
        (Bureau("x", "X", (("a", 3.0), ("b", 1.0))), Bureau("y", "Y", (("b", 2.0),))),
    )
    persons = line_up(
        told,
        pl.DataFrame({"row": [0, 1], "defaulted": [False, True]}),
        np.zeros((2, 2), np.float32),
        0.5,
    )
    extra = weights(persons, a=1, b=4, floor=0.3)
    found = sample(persons, 4, 7, floor=0.3, extra=[extra])
    assert [tuple(w.vector) for w in found] == [(0.5, 0.5), (0.75, 0.25), (0, 1), (0.2, 0.8)]
    assert {w.floor for w in found} == {0.3}


def test_a_sample_has_as_many_as_asked_for_and_the_same_for_the_same_seed() -> None:
    assert [len(sampled(n)) for n in (1, 5, 7, 60)] == [1, 5, 7, 60]
    assert sampled(60) == sampled(60)
    assert sampled(60)[:7] == sampled(60, seed=8)[:7]
    assert len(set(sampled(60)[7:]) & set(sampled(60, seed=8)[7:])) <= 3  # corners alone


def test_drawn_weightings_differ_and_reach_into_every_part() -> None:
    drawn = np.array(sampled(300)[7:])
    assert len(np.unique(drawn, axis=0)) > 280  # some sparse draws fall into the same corner
    assert drawn.sum(axis=1) == pytest.approx(np.ones(len(drawn)))
    assert (drawn.max(axis=0) > 0.9).all()
    assert drawn.min(axis=1).max() > 0.2


# wishes


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (
            {"accuracy": "gini"},
            (
                "no accuracy 'gini'; it may be: auc_everyone, auc_common, auc_scored, ks, brier,"
                " profit"
            ),
        ),
        (
            {"limits": {"a": (0.5, 0.2)}},
            "limits of 'a' must be shares between 0 and 1, the lower first, got 0.5 and 0.2",
        ),
        (
            {"limits": {"a": (-0.1, 0.2)}},
            "limits of 'a' must be shares between 0 and 1, the lower first, got -0.1 and 0.2",
        ),
        (
            {"limits": {"a": (0.6, 1), "b": (0.6, 1)}},
            "the least shares asked for add up to more than 1; lower some",
        ),
    ],
)
def test_a_wish_that_contradicts_itself_is_refused(wish, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Wish(**wish)
    assert str(refusal.value) == sentence


def test_least_shares_that_add_up_to_all_are_a_wish_however_they_are_rounded() -> None:
    least = (0.56, 0.34, 0.1)  # 1.0000000000000002 in binary
    wish = Wish(limits={key: (share, 1.0) for key, share in zip("abc", least, strict=True)})
    assert wish.allowed(np.full(3, 1 / 3), list("abc")) == pytest.approx(least)


@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda s: sum(s) > 0.01),
    st.lists(st.tuples(st.floats(0, 0.25), st.floats(0.25, 1)), min_size=4, max_size=4),
)
def test_allowed_shares_lie_within_the_limits_and_add_up(shares, limits) -> None:
    given_shares = np.array(shares) / sum(shares)
    found = Wish(limits=dict(zip("abcd", limits, strict=True))).allowed(given_shares, list("abcd"))
    low, high = np.array(limits).T
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert (found >= low - 1e-9).all()
    assert (found <= high + 1e-9).all()
    if ((given_shares >= low) & (given_shares <= high)).all():
        assert found == pytest.approx(given_shares)


def test_greatest_shares_that_leave_a_rest_are_refused() -> None:
    with pytest.raises(
        Refusal, match="the greatest shares allowed add up to less than 1; raise some"
    ):
        best(crowd(200), Wish(limits=dict.fromkeys("abc", (0.0, 0.3))))


# the search


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
@pytest.mark.parametrize("accuracy", ["auc_everyone", "auc_scored", "ks", "brier"])
def test_the_search_is_as_good_as_trying_every_twentieth(accuracy: str, missing: str) -> None:
    persons, wish = crowd(1500), Wish(accuracy, coverage=0.7)
    found = best(persons, wish, floor=0.5, missing=missing)
    mine = sweep(persons, [found])
    most = wish.ranked(wish.met(gridded(persons, 0.5, missing)))[accuracy][0]
    assert mine["coverage"].item() >= 0.7
    assert (
        mine[accuracy].item() * (1 if rises(accuracy) else -1)
        >= most * (1 if rises(accuracy) else -1) - 1e-12
    )


@pytest.mark.parametrize("coverage", [0.6, 0.75, 0.85])
def test_more_coverage_costs_accuracy_and_is_given(coverage: float) -> None:
    persons = crowd(1500)
    free, bound = (
        sweep(persons, [best(persons, Wish("auc_scored", coverage=c), floor=0.6)])
        for c in (0.0, coverage)
    )
    assert bound["coverage"].item() >= coverage
    assert bound["auc_scored"].item() <= free["auc_scored"].item() + 1e-12


def test_a_price_limit_is_kept_by_leaving_sources_out() -> None:
    persons = priced(crowd(1500), 1, 2, 4)
    for price, allowed in ((1, {"a"}), (3, {"a", "b"}), (6, {"b", "c"})):
        found = best(persons, Wish(price=price))
        assert found.price(persons.catalog) <= price
        assert {key for key, share in found.shares.items() if share} <= allowed | (
            {"a"} if price < 6 else set()
        )


@settings(max_examples=8)
@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0.4, 1)), min_size=3, max_size=3))
def test_every_share_is_within_its_limits_but_for_a_thousandth(limits) -> None:
    found = best(crowd(300), Wish(limits=dict(zip("abc", limits, strict=True))))
    for share, (low, high) in zip(found.vector, limits, strict=True):
        assert low - 0.001 <= share <= high + 0.001


@pytest.mark.parametrize(
    ("wish", "reach"),
    [
        (
            {"coverage": 0.995},
            r"coverage goes up to 9\d\.\d% at this floor, and the price down to 1\.00",
        ),
        ({"price": 0.5}, r"the price down to 1\.00"),
    ],
)
def test_a_wish_that_nothing_meets_is_refused_with_what_can_be_had(wish, reach: str) -> None:
    with pytest.raises(
        Refusal,
        match=(
            rf"^no weighting of these sources meets the wish: .*{reach}; ask for less or lower the"
            r" floor$"
        ),
    ):
        best(priced(crowd(400), 1, 2, 4), Wish(**wish))


def test_a_wish_for_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^no weighting of these sources has a figure of 'profit' on these persons; choose"
            r" another accuracy or a wider cohort$"
        ),
    ):
        best(crowd(200), Wish("profit"))
    with pytest.raises(
        Refusal, match=r"^a search needs persons of both outcomes; choose a wider cohort$"
    ):
        best(evidence({"a": [0.0, 1.0], "b": [1.0, NOT]}, [False, False]), Wish())


def test_the_same_seed_finds_the_same() -> None:
    persons = crowd(400)
    assert best(persons, Wish(), seed=3) == best(persons, Wish(), seed=3)


def test_a_search_can_be_left_and_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []

    def leave(done: int, rounds: int) -> bool:
        told.append((done, rounds))
        return False

    early = best(crowd(400), Wish(), progress=leave)
    assert told == [(1, 6)]
    assert sum(early.vector) == pytest.approx(1)


def test_what_one_starts_from_is_never_lost() -> None:
    persons = crowd(400)
    start = weights(persons, a=0.137, b=0.333, c=0.53)
    least = auc(tally(persons, start), everyone=True).value
    assert auc(tally(persons, best(persons, Wish(), start=[start])), everyone=True).value >= least


@pytest.mark.parametrize(
    "within",
    [alike(3, 0.0), alike(3, 0.3), np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1.0]])],
    ids=["apart", "alike", "one misleads"],
)
def test_the_best_weights_of_normal_readings_are_those_of_the_formula(within: np.ndarray) -> None:
    gap = gaps(0.6, 0.72, 0.66)
    persons, wanted = normal(gap, within, 60_000), best_of_all(gap, within)
    found = best(persons, Wish()).vector
    assert worth_of(found, gap, within) == pytest.approx(worth_of(wanted, gap, within), abs=0.002)
    assert found == pytest.approx(wanted, abs=0.05)
    if (np.linalg.solve(within, gap) >= 0).all():
        assert worth_of(wanted, gap, within) == pytest.approx(
            worth_of(np.linalg.solve(within, gap), gap, within)
        )
    else:
        assert found[0] < 0.01


def test_the_winner_of_a_search_flatters_itself_on_the_persons_searched() -> None:
    gap, within = np.full(6, 0.4), alike(6, 0.1)
    flattery, many = [], normal(gap, within, 20_000, seed=99)
    for seed in range(8):
        persons = normal(gap, within, 240, seed=seed)
        winner = best(persons, Wish(), seed=seed)
        searched, fresh = (
            auc(tally(group, winner), everyone=True).value for group in (persons, many)
        )
        flattery.append(searched - fresh)
        assert fresh == pytest.approx(worth_of(winner.vector, gap, within), abs=0.012)
    assert np.mean(flattery) > 0.01


# the worst case


def turned(persons: Evidence, key: str) -> Evidence:
    """The same persons, of whom a source says the opposite."""
    return persons.put(key, -persons.column(key))


def forgotten(persons: Evidence, key: str) -> Evidence:
    """The same persons, of whom a source knows every second no more."""
    return persons.put(
        key, np.where(persons.people["row"].to_numpy() % 2, persons.column(key), np.nan)
    )


@pytest.mark.parametrize("accuracy", ["auc_everyone", "brier"])
def test_the_worst_of_two_readings_is_the_least_or_the_greatest_and_coverage_the_least(
    accuracy: str,
) -> None:
    one, two = (
        table(rows, accuracy)
        for rows in (
            [(0.9, 0.1, 1.0), (0.5, 0.4, 1.0), (0.5, None, 1.0)],
            [(0.8, 0.2, 1.0), (0.6, 0.3, 1.0), (0.5, 0.2, 1.0)],
        )
    )
    wanted = (
        [(0.8, 0.1), (0.5, 0.3), (0.5, None)]
        if rises(accuracy)
        else [(0.8, 0.2), (0.5, 0.4), (0.5, None)]
    )
    assert Wish(accuracy).worst([one, two]).select("coverage", accuracy).rows() == wanted
    assert Wish(accuracy).worst([one]).equals(one)


@pytest.mark.parametrize("accuracy", ["auc_everyone", "brier"])
def test_a_case_that_is_the_persons_themselves_changes_nothing(accuracy: str) -> None:
    persons, wish = crowd(300), Wish(accuracy, coverage=0.6)
    assert best(persons, wish) == best(persons, wish, also=[persons])


@pytest.mark.parametrize("accuracy", ["auc_scored", "brier"])
def test_the_search_of_the_worst_case_is_as_good_as_trying_every_twentieth(accuracy: str) -> None:
    persons, wish = crowd(600), Wish(accuracy, coverage=0.4)
    cases = [persons, turned(persons, "c"), forgotten(persons, "a")]
    found = best(persons, wish, floor=0.5, also=cases[1:])
    tried = [Weighting(tuple(zip("abc", map(float, shares), strict=True)), 0.5) for shares in GRID]
    mine, every = (
        wish.worst([sweep(case, weightings, calibrated=persons) for case in cases])
        for weightings in ([found], tried)
    )
    sign = 1 if rises(accuracy) else -1
    assert mine["coverage"].item() >= 0.4
    assert sign * mine[accuracy].item() >= sign * wish.ranked(wish.met(every))[accuracy][0] - 1e-4


def test_coverage_is_given_in_the_worst_case() -> None:
    persons = crowd(400)
    gone = forgotten(persons, "a")
    found = best(persons, Wish(coverage=0.8), also=[gone])
    assert min(sweep(case, [found])["coverage"].item() for case in (persons, gone)) >= 0.8


def test_a_wish_that_one_case_does_not_meet_is_refused() -> None:
    persons = crowd(400)
    nobody = persons.put("a", np.full(len(persons), np.nan))
    assert sweep(persons, [weights(persons, a=1, b=1)])["coverage"].item() >= 0.9
    with pytest.raises(
        Refusal,
        match=(
            r"^no weighting of these sources meets the wish: coverage goes up to \d\d\.\d% at this"
            r" floor"
        ),
    ):
        best(persons, Wish(coverage=0.9), also=[nobody])
