"""What can money make a source say?"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.catalog.model import Feature, Source
from analytics.data.refusal import Refusal
from analytics.sources.design import Design, pick
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import SourceModel, fit
from analytics.stress import purchase
from analytics.stress.context import Faked, StressContext
from analytics.stress.kinds.fakery import Fakery
from analytics.stress.purchase import Stall, Ware, fake, part, wares
from tests.people import NOT, settle, told
from tests.stress.sides import CONTEXT, says, unasked

SALE = (
    'columns = ["balance", "job"]',
    (
        'columns = ["balance", "job"]\n\n[sources.features.balance]\ndirection = "safer"\nfakeable'
        " = true\nprice = 0.5\n"
    ),
)

# What money buys: orders at 5 each and spending at 0.5, of a source that also has a rating, which
# cannot be bought

FEATURES = (
    Feature("orders", direction="safer", fakeable=True, price=5.0),
    Feature("rating"),
    Feature("spend", direction="safer", fakeable=True, price=0.5),
)
LOOSE = tuple(replace(f, direction="unknown") for f in FEATURES)
Said = Callable[[np.ndarray], np.ndarray]


@dataclass
class Overheard:
    """A model that says what it is told to, and keeps every record it was asked about."""

    answer: Said
    asked: list[Design] = field(default_factory=list)

    def said(self, design: Design, base_rate: float) -> np.ndarray:
        self.asked.append(design)
        return self.answer(design.matrix).astype(np.float32)


@dataclass
class Signs:
    """A detector of one sign, the rating; it trusts nobody who has it."""

    marks: np.ndarray
    columns: np.ndarray = field(default_factory=lambda: np.array([1]))

    def trust(self, design: Design) -> np.ndarray:
        return (design.matrix[:, 1] < 1).astype(float)


def records(matrix: object, features: tuple[Feature, ...] = FEATURES) -> Design:
    """Records of persons 0, 1, ..."""
    cells = np.asfortranarray(matrix, np.float32)
    return Design(
        Source("shop", "Shop", ("x",)),
        features,
        cells,
        np.arange(len(cells), dtype=np.uint32),
        {},
        len(cells),
        0,
    )


def shelf(
    *, safer: bool = True, orders: object = range(11), spend: object = range(0, 101, 5)
) -> tuple[Ware, ...]:
    """Orders up to 10, in whole; spending up to 100.

    Trees ask at the very levels that are tried.
    """
    first, second = np.array(orders, np.float32), np.array(spend, np.float32)
    return Ware(0, 5.0, first, first, whole=True, safer=safer), Ware(
        2, 0.5, second, second, whole=False, safer=safer
    )


def sell(
    answer: Said,
    design: Design,
    budget: float,
    sold: tuple[Ware, ...] | None = None,
    detect: Signs | None = None,
) -> tuple[Faked, Overheard]:
    """What people buy of a model that says so, and all that it was asked."""
    model = Overheard(answer)
    honest = answer(design.matrix).astype(np.float32)
    stall = Stall(model, 0.1, budget, shelf() if sold is None else sold, detect)  # type: ignore[arg-type]
    return stall.sell_all(design, honest, np.full(len(honest), 0.5)), model


def each(orders: float = 0.0, rating: float = 0.0, spend: float = 0.0) -> Said:
    """So much log-odds per unit."""
    return lambda cells: np.nan_to_num(cells).astype(float) @ [orders, rating, spend]


def test_cost_is_the_price_times_the_increase() -> None:
    faked, _ = sell(
        each(orders=-0.25), records([[2, 0, 0], [9, 0, 0], [10, 0, 0], [12, 0, 0]]), 24.0
    )
    assert faked.spent.tolist() == [
        20.0,
        5.0,
        0.0,
        0.0,
    ]  # four orders; up to the tenth; at the end, and beyond
    assert faked.added.tolist() == [-1.5, -2.5, -2.5, -3.0]


def test_money_buys_whole_orders_up_to_the_last_that_payers_have() -> None:
    orders, spend = shelf()
    now, money = np.array([2, 9, 12, NOT], np.float32), np.array([24.0, 24.0, 24.0, 24.0])
    np.testing.assert_array_equal(orders.most(now, money), np.array([6, 10, 12, NOT], np.float32))
    np.testing.assert_array_equal(spend.most(now, money), np.array([50, 57, 60, NOT], np.float32))
    halfway = (
        replace(orders, levels=np.array([7, 10], np.float32), splits=np.array([6.5], np.float32)),
    )
    faked, _ = sell(
        lambda cells: np.where(cells[:, 0] >= 6.5, -1.0, 0.0),
        records([[2, 0, 0], [3, 0, 0]]),
        24.0,
        halfway,
    )
    assert faked.spent.tolist() == [0.0, 20.0]  # the seventh order is out of reach for the first


@given(st.floats(0, 100, width=32), st.floats(0, 100))
def test_the_most_that_money_buys_costs_no_more_than_the_money_and_nearly_all_of_it(
    now, money
) -> None:
    ware = replace(shelf()[1], levels=np.array([1000], np.float32))
    own = np.array([now], np.float32)
    bill = float(ware.bill(own, ware.most(own, np.array([money])))[0])
    assert money - 1e-4 <= bill <= money * (1 + 1e-8)


def test_no_more_is_bought_than_what_the_model_asks_about() -> None:
    few = (replace(shelf()[0], splits=np.array([4], np.float32)),)
    faked, _ = sell(
        lambda cells: np.where(cells[:, 0] >= 4, -1.0, 0.0),
        records([[2, 0, 0], [5, 0, 0]]),
        100.0,
        few,
    )
    assert (faked.spent.tolist(), faked.added.tolist()) == ([10.0, 0.0], [-1.0, -1.0])


def test_money_goes_where_it_lowers_the_log_odds_most_and_the_rest_elsewhere() -> None:
    # four orders for 20, then spending for 10
    faked, _ = sell(each(orders=-1.0, spend=-0.01), records([[6, 0, 0]]), 30.0)
    assert faked.added.tolist() == pytest.approx([-10.2])
    # spending is ten times as cheap
    faked, _ = sell(each(orders=-0.1, spend=-0.1), records([[6, 0, 0]]), 30.0)
    assert faked.added.tolist() == pytest.approx([-6.6])


def test_what_is_missing_stays_missing() -> None:
    faked, model = sell(each(orders=-1.0, spend=-0.01), records([[NOT, 0, 0], [NOT, 0, NOT]]), 30.0)
    assert faked.added.tolist() == pytest.approx([-0.6, 0.0])
    assert faked.spent.tolist() == [30.0, 0.0]
    assert all(np.isnan(design.matrix[:, 0]).all() for design in model.asked)


def test_a_budget_of_0_buys_nothing_and_asks_nothing() -> None:
    faked, model = sell(each(orders=-1.0, spend=-1.0), records([[0, 0, 0], [5, 0, 50]]), 0.0)
    assert (faked.spent.tolist(), faked.added.tolist(), model.asked) == (
        [0.0, 0.0],
        [0.0, -55.0],
        [],
    )


def test_where_more_is_riskier_nothing_is_bought() -> None:
    faked, _ = sell(
        each(orders=1.0, spend=0.1), records([[3, 0, 20]], LOOSE), 50.0, shelf(safer=False)
    )
    assert (faked.spent.tolist(), faked.added.tolist()) == ([0.0], [5.0])


def test_a_feature_that_first_helps_and_then_harms_is_bought_as_far_as_it_helps() -> None:
    faked, _ = sell(
        lambda cells: np.abs(cells[:, 0] - 6.0) + np.abs(cells[:, 2] - 40.0),
        records([[1, 0, 10]], LOOSE),
        500.0,
        shelf(safer=False),
    )
    assert (faked.spent.tolist(), faked.added.tolist()) == ([40.0], [0.0])


def test_three_features_share_the_money() -> None:
    third = replace(shelf()[0], column=1)
    three = (shelf()[0], third, shelf()[1])
    faked, _ = sell(each(orders=-1.0, rating=-2.0, spend=-0.01), records([[0, 7, 0]]), 40.0, three)
    assert faked.added.tolist() == pytest.approx(
        [-14 - 6 - 5]
    )  # three of the dearest for 15, five orders for 25


def test_of_four_features_the_one_that_pays_most_is_found_wherever_it_stands() -> None:
    four = tuple(replace(shelf()[0], column=j) for j in range(4))
    features = tuple(replace(FEATURES[0], name=name) for name in "abcd")
    for best in range(4):
        faked, _ = sell(
            lambda cells, best=best: -cells.sum(axis=1) - 9 * cells[:, best],
            records([[0, 0, 0, 0]], features),
            25.0,
            four,
        )
        assert (faked.added.tolist(), faked.spent.tolist()) == ([-50.0], [25.0])


def test_a_forbidden_move_is_never_taken_even_where_it_pays_more() -> None:
    temptation = each(orders=-0.01, rating=-100.0, spend=0.0)  # the rating cannot be bought
    faked, model = sell(temptation, records([[0, 3, 0]]), 1000.0)
    assert faked.added.tolist() == pytest.approx([-300.1])
    assert {cell for design in model.asked for cell in design.matrix[:, 1]} == {3.0}
    downwards = lambda cells: np.where(cells[:, 0] < 3, -100.0, 0.0)  # noqa: E731
    faked, _ = sell(downwards, records([[5, 0, 0]], LOOSE), 1000.0, shelf(safer=False))
    assert (faked.spent.tolist(), faked.added.tolist()) == ([0.0], [0.0])


cells = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.floats(0, 5, width=32),
        st.one_of(st.floats(0, 120, width=32), st.just(NOT)),
    ),
    min_size=1,
    max_size=8,
)
steps = st.lists(
    st.tuples(st.sampled_from([0, 2]), st.integers(1, 110), st.floats(-2, 2)),
    min_size=1,
    max_size=8,
)


def stairs(told_steps: list[tuple[int, int, float]], *, falling: bool) -> Said:
    """What small trees say.

    Log-odds that step up or down, or only down, at values of orders (tenths) and spending, and once
    more where the first two meet.
    """

    def said(matrix: np.ndarray) -> np.ndarray:
        met = np.array(
            [matrix[:, column] >= (at if column else at / 10) for column, at, _ in told_steps]
        )
        by = np.array([-abs(by) if falling else by for _, _, by in told_steps])
        return by @ met + met[:2].all(axis=0) * (-1 if falling else 1)

    return said


@settings(max_examples=30)
@given(cells, steps, st.floats(0, 100), st.booleans())
def test_no_record_that_is_tried_breaks_a_rule(rows, told_steps, budget, safer) -> None:
    design = records(rows, FEATURES if safer else LOOSE)
    faked, model = sell(stairs(told_steps, falling=safer), design, budget, shelf(safer=safer))
    honest = stairs(told_steps, falling=safer)(design.matrix).astype(np.float32)
    for asked in model.asked:
        own = design.matrix[asked.rows]
        assert np.array_equal(asked.matrix[:, 1], own[:, 1])
        assert np.array_equal(np.isnan(asked.matrix), np.isnan(own))
        more = np.nan_to_num(asked.matrix.astype(float) - own)
        assert (more >= 0).all()
        assert (np.fmax(asked.matrix[:, [0, 2]], 0) <= np.fmax(own[:, [0, 2]], [10, 100])).all()
        assert (more[:, 0] == np.rint(more[:, 0])).all()
        assert (more @ [5.0, 0.0, 0.5] <= budget * (1 + 1e-8)).all()
    assert (faked.added <= honest).all()
    assert (faked.spent <= budget * (1 + 1e-8)).all()
    assert (faked.added[faked.spent == 0] == honest[faked.spent == 0]).all()


def brute(answer: Said, row: np.ndarray, budget: float) -> float:
    """The least log-odds of all purchases that trees of the shelf can tell apart."""
    orders, spend = np.meshgrid(np.append(row[0], range(11)), np.append(row[2], range(0, 101, 5)))
    tries = np.stack([orders.ravel(), np.full(orders.size, row[1]), spend.ravel()], axis=1)
    more = np.nan_to_num(tries - row)
    allowed = (
        (more >= 0).all(axis=1)
        & (more @ [5.0, 0.0, 0.5] <= budget)
        & (np.isnan(tries) == np.isnan(row)).all(axis=1)
    )
    return float(answer(tries[allowed]).min())


@settings(max_examples=30)
@given(
    cells,
    st.lists(
        st.tuples(st.sampled_from([0, 2]), st.sampled_from(range(0, 101, 5)), st.floats(-2, 0)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 100),
)
def test_no_purchase_of_two_safer_features_is_better_where_all_that_trees_ask_is_tried(
    rows, told_steps, budget
) -> None:
    answer = stairs(
        [(column, at if column else at // 10 * 10, by) for column, at, by in told_steps],
        falling=True,
    )
    design = records(
        [
            [orders, rating, spend if np.isnan(spend) else spend // 1]
            for orders, rating, spend in rows
        ]
    )
    faked, _ = sell(answer, design, float(budget))
    assert faked.added.tolist() == pytest.approx(
        [brute(answer, row.astype(float), float(budget)) for row in design.matrix], abs=1e-5
    )


@settings(max_examples=30)
@given(cells, steps, st.floats(0, 60), st.floats(0, 60))
def test_more_money_never_fakes_worse(rows, told_steps, one, two) -> None:
    fine = [(column, at // 10 * 10, by) for column, at, by in told_steps]
    less, more = (
        sell(stairs(fine, falling=True), records(rows), budget)[0] for budget in sorted((one, two))
    )
    assert (more.added <= less.added).all()


# Signs that fakes leave


def test_faked_records_carry_the_signs_of_a_known_fake_and_are_caught_by_them() -> None:
    known = Signs(np.array([[NOT, 1, NOT], [NOT, 2, NOT], [NOT, 3, NOT]], np.float32))
    faked, model = sell(
        each(orders=-0.5, rating=0.25), records([[0, 0, 0], [10, 0, 100]]), 50.0, detect=known
    )
    assert {float(cell) for design in model.asked for cell in design.matrix[:, 1]} == {
        2.0
    }  # drawn by a random_order of one half
    assert faked.added.tolist() == [-4.5, -5.0]
    assert (faked.honest.tolist(), faked.caught.tolist(), faked.spent.tolist()) == (
        [1.0, 1.0],
        [0.0, 0.0],
        [50.0, 0.0],
    )


def test_who_would_look_riskier_for_the_signs_leaves_the_record_as_it_is() -> None:
    known = Signs(np.array([[NOT, 2, NOT]], np.float32))
    faked, _ = sell(each(orders=-0.5, rating=3.0), records([[0, 0, 0]]), 50.0, detect=known)
    assert [a.tolist() for a in (faked.added, faked.spent, faked.honest)] == [[0.0], [0.0], [1.0]]


def test_nobody_gets_signs_that_look_good_without_buying_something() -> None:
    known = Signs(np.array([[NOT, 2, NOT]], np.float32))
    faked, _ = sell(each(rating=-1.0), records([[0, 0, 0], [10, 0, 100]]), 50.0, detect=known)
    assert faked.added.tolist() == [-2.0, 0.0]
    assert (faked.spent > 0).tolist() == [True, False]


# A fitted model


@pytest.fixture(scope="module")
def shop() -> tuple[Design, SourceModel, np.ndarray]:
    """Shoppers, the model that learned from them, and who paid."""
    return shopping(1)


@pytest.fixture(scope="module")
def mirrored() -> tuple[Design, SourceModel, np.ndarray]:
    """The same with orders and spending counted below zero, so that risk rises with both and
    less of them is bought.
    """
    return shopping(-1)


def shopping(sign: int) -> tuple[Design, SourceModel, np.ndarray]:
    chance = np.random.default_rng(5)
    risk = chance.normal(size=4000)
    orders = chance.poisson(np.exp(2 - 0.4 * risk))
    spend = np.round(np.exp(4 - 0.5 * risk + 0.5 * chance.normal(size=4000)), 2)
    features = tuple(
        replace(f, direction="riskier") if f.fakeable and sign < 0 else f for f in FEATURES
    )
    design = records(
        np.stack([sign * orders, chance.random(4000) - 0.1 * risk, sign * spend], axis=1), features
    )
    defaulted = (risk + chance.normal(size=4000) > 1).astype(float)
    return (
        design,
        fit(design, defaulted, np.full(4000, "train"), float(defaulted.mean())),
        defaulted == 0,
    )


@pytest.mark.parametrize("budget", [10.0, 30.0, 80.0])
@pytest.mark.parametrize(
    ("few", "share"), [(32, 1 - 1e-6), (0, 0.98)], ids=["all that trees ask", "ten levels"]
)
@pytest.mark.parametrize("side", ["shop", "mirrored"])
def test_of_a_fitted_model_the_best_purchase_is_found_or_nearly(
    side, budget: float, few: int, share: float, monkeypatch, request
) -> None:
    monkeypatch.setattr(purchase, "FEW", few)
    design, model, paid = request.getfixturevalue(side)
    sign = 1 if side == "shop" else -1
    some, sold = part(design, np.arange(150)), wares(design, model, paid)
    honest = model.said(some, 0.2)
    ours = Stall(model, 0.2, budget, sold).sell_all(some, honest, honest).added
    best = honest.copy()
    orders, spend = sold
    for level in np.arange(
        orders.levels[-1] + 1, dtype=np.float32
    ):  # every number of orders, and the rest of the money spent
        at = np.maximum(sign * some.matrix[:, 0], level)
        rest = budget - 5.0 * (at - sign * some.matrix[:, 0])
        cells = some.matrix.copy()
        cells[:, 0], cells[:, 2] = (
            sign * at,
            sign * spend.most(sign * some.matrix[:, 2], np.maximum(rest, 0)),
        )
        best = np.where(
            rest >= 0, np.minimum(best, model.said(replace(some, matrix=cells), 0.2)), best
        )
    assert (ours >= best - 1e-6).all()  # nobody gets further than money allows
    assert (honest - ours).sum() >= share * (honest - best).sum()


def test_only_what_is_fakeable_is_for_sale_up_to_the_payers_99th_percentile(shop) -> None:
    design, model, paid = shop
    orders, spend = wares(design, model, paid)
    assert (orders.column, orders.price, orders.whole, orders.safer) == (0, 5.0, True, True)
    assert (spend.column, spend.price, spend.whole, spend.safer) == (2, 0.5, False, True)
    for ware in (orders, spend):
        assert ware.levels[-1] == np.quantile(
            design.matrix[paid, ware.column], 0.99, method="lower"
        )
    assert [w.column for w in wares(design, model, paid, signs=[2])] == [0]
    riskier = replace(design, features=(replace(FEATURES[0], direction="riskier"), *FEATURES[1:]))
    fewer, _ = wares(riskier, model, paid)
    assert (fewer.sign, -fewer.levels[-1]) == (
        -1,
        np.quantile(design.matrix[paid, 0], 0.01, method="higher"),
    )


def test_what_is_left_out_as_waste_changes_no_answer(shop) -> None:
    design, model, paid = shop
    _, spend = wares(design, model, paid)
    then = np.maximum(design.matrix[:, 2], np.float32(150))
    lean = spend.least(design.matrix[:, 2], then)
    assert (lean <= then).all()
    assert (lean < then).any()
    assert spending(design, model, lean).tobytes() == spending(design, model, then).tobytes()


def spending(design: Design, model: SourceModel, spend: np.ndarray) -> np.ndarray:
    """What the model says of them with this spending."""
    matrix = design.matrix.copy()
    matrix[:, 2] = spend
    return model.said(replace(design, matrix=matrix), 0.2)


# From files


def on_sale(folder: Path, *, seed: int = 3) -> Fitted:
    """The settled people; a bank's balance can be bought, at 0.5 a unit."""
    settle(folder / "tables", seed=seed)
    return load(told(folder / "tables", SALE), folder=folder / "home")


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fitted, SourceModel, Faked]:
    """What everybody could make the bank say for 400."""
    fitted = on_sale(tmp_path_factory.mktemp("bought"))
    model = fitted.models()[1]
    return fitted, model, fake(fitted.population, model, fitted.evidence, "bank", 400.0)


def again(fitted: Fitted, model: SourceModel, faked: Faked) -> tuple[Design, np.ndarray]:
    """The records as they were, and what the bank says of them with the balances that were paid
    for.
    """
    ids = fitted.evidence.people.select(
        "row", "person", *(c for c in ("fold",) if c in fitted.evidence.people.columns)
    )
    design = pick(
        fitted.population, ids, fitted.population.catalog.source("bank"), model.categories
    )
    matrix = design.matrix.copy()
    matrix[:, 0] += faked.spent[design.rows] / 0.5
    return design, model.said(replace(design, matrix=matrix), fitted.evidence.base_rate)


def test_everybody_whom_the_source_knows_is_told_by_their_row(bought) -> None:
    fitted, _, faked = bought
    known = ~np.isnan(says(fitted.evidence, "bank"))
    for values in (faked.added, faked.spent, faked.honest, faked.caught):
        assert (~np.isnan(values) == known).all()
    assert (faked.honest[known] == 1).all()
    assert (faked.caught[known] == 1).all()


def test_where_only_bad_payers_buy_they_buy_the_same_and_all_others_are_as_before(bought) -> None:
    fitted, model, faked = bought
    some = fake(fitted.population, model, fitted.evidence, "bank", 400.0, bad=True)
    rows, bad = (
        fitted.evidence.people["row"].to_numpy(),
        fitted.evidence.people["defaulted"].to_numpy(),
    )
    assert some.added[rows[bad]].tobytes() == faked.added[rows[bad]].tobytes()
    assert some.added[rows[~bad]].tobytes() == fitted.evidence.column("bank")[~bad].tobytes()
    assert (
        np.nansum(some.spent[rows[~bad]])
        == 0
        < np.nansum(some.spent[rows[bad]])
        == np.nansum(faked.spent[rows[bad]])
    )


def test_the_model_reads_the_balance_that_was_paid_for(bought) -> None:
    fitted, model, faked = bought
    design, said = again(fitted, model, faked)
    np.testing.assert_array_equal(faked.added[design.rows], said)
    before = says(fitted.evidence, "bank")[design.rows]
    pays = faked.spent[design.rows] > 0
    assert (said[pays] < before[pays]).all()
    assert (said[~pays] == before[~pays]).all()
    assert pays.mean() > 0.5


def test_a_wave_through_the_models_costs_what_its_people_spend(bought) -> None:
    fitted, _, faked = bought
    stress, lab = (
        Fakery("bank", 0.5, budget=400.0),
        StressContext(faked=lambda *_: faked, late=CONTEXT.late),
    )
    after = stress.apply(fitted.evidence, lab)
    chosen = stress.chosen(fitted.evidence, lab)
    rows = fitted.evidence.people["row"].to_numpy()[chosen]
    assert after.column("bank")[chosen].tolist() == faked.added[rows].tolist()
    assert stress.cost(fitted.evidence, lab) == pytest.approx(faked.spent[rows].sum())
    assert stress.cost(fitted.evidence, lab) <= 400 * chosen.sum()


def test_of_whom_the_source_says_nothing_any_more_nothing_is_bought(bought) -> None:
    fitted, model, _ = bought
    said = fitted.evidence.column("bank").copy()
    said[::2] = NOT
    left = fitted.evidence.put("bank", said)
    faked = fake(fitted.population, model, left, "bank", 400.0)
    for values in (faked.added, faked.spent, faked.honest, faked.caught):
        assert (np.isnan(values) == np.isnan(says(left, "bank"))).all()


def test_a_source_whose_features_cannot_be_faked_says_what_to_do(bought) -> None:
    fitted, _, _ = bought
    behind = StressContext(
        lambda key, budget, bad: fake(
            fitted.population, fitted.models()[0], fitted.evidence, key, budget, bad=bad
        ),
        late=unasked,
    )
    with pytest.raises(
        Refusal,
        match=(
            r"no feature of source 'bureau' can be faked; give one 'fakeable = true' and a 'price'"
            r" under \[sources.features.<name>\]"
        ),
    ):
        Fakery("bureau", 0.5).apply(fitted.evidence, behind)
    swapped = Fakery("bureau", 0.5, how="readings")
    assert (
        says(replace(swapped, trust=True).apply(fitted.evidence, behind), "bureau").tobytes()
        == says(swapped.apply(fitted.evidence, behind), "bureau").tobytes()
    )


@pytest.mark.usefixtures("few")
def test_where_people_take_turns_each_is_read_again_by_the_model_that_was_asked(tmp_path) -> None:
    fitted = on_sale(tmp_path)
    model = fitted.models()[1]
    assert fitted.folds == len(model.turns) == 5
    faked = fake(fitted.population, model, fitted.evidence, "bank", 400.0)
    design, said = again(fitted, model, faked)
    np.testing.assert_array_equal(faked.added[design.rows], said)
    for fold, turn in enumerate(model.turns):
        mine = design.folds == fold
        single = part(design, mine)
        single.matrix[:, 0] += faked.spent[single.rows] / 0.5
        np.testing.assert_array_equal(
            faked.added[single.rows], turn.said(single, fitted.evidence.base_rate)
        )
    known = ~np.isnan(says(fitted.evidence, "bank"))
    paid = (fitted.evidence.people.sort("row")["defaulted"] == False).to_numpy()[known]  # noqa: E712
    (balance,) = wares(design, model, paid)
    matrix = design.matrix.copy()
    matrix[:, 0] = balance.most(design.matrix[:, 0], np.full(len(paid), 400.0))
    most = model.said(replace(design, matrix=matrix), fitted.evidence.base_rate)
    np.testing.assert_array_equal(
        faked.added[design.rows], np.minimum(most, says(fitted.evidence, "bank")[known])
    )
