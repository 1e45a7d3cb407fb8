"""At which values may a page cut a column? Attacked.

By chains of thresholds, rare values, the missing, and two columns moved one at a time.
"""

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.cohort import Cohort
from analytics.data.disclosure import TooFew, enough_of
from analytics.data.refusal import Refusal
from analytics.data.steps import Steps, distinct, snap, steps

SIZE = 4000
CHANCE = np.random.default_rng(5)
AMOUNT = np.round(np.exp(CHANCE.normal(10, 0.8, SIZE)))
TOWN = np.where(np.arange(SIZE) < 7, "Hamlet", CHANCE.choice(["North", "South", "East"], SIZE))


def gaps(where: np.ndarray, values: np.ndarray) -> pl.Series:
    """Values, with none here and there."""
    return pl.select(pl.when(~pl.lit(pl.Series(where))).then(pl.lit(pl.Series(values)))).to_series()


PEOPLE = pl.DataFrame(
    {
        "amount": pl.Series(AMOUNT),
        "late": pl.Series(CHANCE.geometric(0.5, SIZE) - 1),
        "rate": gaps(np.arange(SIZE) % 500 == 0, CHANCE.random(SIZE).round(3)).cast(pl.Float32),
        "town": pl.Series(TOWN),
        "firm": gaps(CHANCE.random(SIZE) < 0.3, CHANCE.random(SIZE) < 0.4),
        "day": pl.Series(
            [date(2024, 1, 1) + timedelta(int(d)) for d in CHANCE.integers(0, 700, SIZE)]
        ),
        "visits": gaps(CHANCE.random(SIZE) < 0.5, CHANCE.integers(0, 400, SIZE)),
    }
)
OUTCOME = (CHANCE.random(SIZE) < 0.2).astype(float)
READ = np.arange(SIZE) % 2 == 0
STEPS: dict[str, Steps] = {name: steps(PEOPLE[name], OUTCOME, READ) for name in PEOPLE.columns}


def asked(text: str) -> np.ndarray | None:
    """Who of those read is in a cohort that a page answers, None where it refuses.

    Counted by a road of its own.
    """
    try:
        near = snap(Cohort.parse(text), STEPS.__getitem__)
        chosen = (
            PEOPLE.select(near.expression(PEOPLE.schema).alias("in"))["in"]
            .fill_null(value=False)
            .to_numpy()
        )
        for whom in (np.ones(SIZE, bool), READ):
            enough_of(OUTCOME[whom], chosen[whom])
            distinct(near, STEPS.__getitem__, whom)
    except TooFew:
        return None
    return chosen


def isolated(texts: list[str]) -> list[tuple[str, str]]:
    """Pairs of questions whose answers differ by few."""
    answered = {text: found for text in texts if (found := asked(text)) is not None}
    sets = {found.tobytes(): (text, found) for text, found in answered.items()}
    pairs = combinations(sets.values(), 2)
    return [
        (a, b)
        for (a, x), (b, y) in pairs
        for only in (x & ~y & READ, y & ~x & READ)
        if 0 < only.sum() < 30
    ]


@pytest.mark.parametrize("column", ["amount", "late", "rate", "day", "visits"])
def test_no_chain_of_thresholds_tells_of_few(column: str) -> None:
    found = sorted(set(PEOPLE[column].drop_nulls().to_list()))
    values = [
        str(v) if column == "day" else v
        for v in (*found[:8], *found[:: max(len(found) // 25, 1)], *found[-8:])
    ]
    asks = [
        f"{column} {op} {value!r}" for value in values for op in ("<=", "<", ">", ">=", "==", "!=")
    ]
    asks += [f"not ({ask})" for ask in asks[::5]] + [
        f"{column} == None",
        f"{column} != None",
        "late >= 0",
    ]
    assert isolated(asks) == []
    assert (
        len({x.tobytes() for a in asks if (x := asked(a)) is not None}) >= 4
    )  # it still can be cut


def test_no_rare_value_is_told_alone_or_among_others() -> None:
    towns = ("North", "South", "East", "Hamlet", "Nowhere")
    lists = [list(some) for n in range(1, 5) for some in combinations(towns, n)]
    asks = [f"town {op} {some!r}" for some in lists for op in ("in", "not in")]
    asks += [
        f"amount > 30000 {how} town == {town!r}"
        for town in towns
        for how in ("and", "or", "and not")
    ]
    assert isolated(asks) == []
    assert (
        asked("town == 'North'") is None or asked("town == 'South'") is None
    )  # else a sum tells of Hamlet's seven
    for text in ("town == 'Hamlet'", "town == 'Nowhere'", "amount > 30000 or town == 'Hamlet'"):
        assert asked(text) is None
    with pytest.raises(TooFew, match="have such a value in column 'town'") as refused:
        snap(Cohort.parse("town == 'Hamlet'"), STEPS.__getitem__)
    with pytest.raises(TooFew, match="have such a value in column 'town'") as other:
        snap(Cohort.parse("town == 'Nowhere'"), STEPS.__getitem__)
    assert str(refused.value) == str(other.value)  # does not tell that it exists


def test_two_conditions_that_move_one_at_a_time_tell_of_few_nowhere() -> None:
    amounts, late = np.quantile(AMOUNT, np.linspace(0.05, 0.95, 12)), range(6)
    asks = [
        f"amount {op} {a:.0f} {how} late >= {n}"
        for a in amounts
        for n in late
        for op in ("<=", ">")
        for how in ("and", "or")
    ]
    asks += [f"amount <= {a:.0f}" for a in amounts] + [f"late >= {n}" for n in late]
    answered = {text: found for text in asks if (found := asked(text)) is not None}
    sizes = [
        ((x & ~y & READ).sum(), (y & ~x & READ).sum(), a, b)
        for (a, x), (b, y) in combinations(answered.items(), 2)
    ]
    assert [
        found for found in sizes if not min(found[:2]) and 0 < max(found[:2]) < 30
    ] == []  # one lies within the other
    assert len(answered) > 40


def test_ordinary_cohorts_of_two_and_three_conditions_are_answered() -> None:
    chance, answered = np.random.default_rng(4), {2: [], 3: []}
    size = 10_000
    table = pl.DataFrame(
        {
            "region": chance.choice(
                ["East", "Centre", "West", "North-east"], size, p=[0.42, 0.26, 0.22, 0.1]
            ),
            "age": chance.choice(
                ["18-24", "25-34", "35-49", "50+"], size, p=[0.18, 0.36, 0.32, 0.14]
            ),
            "file": chance.choice(["thin", "thick"], size, p=[0.7, 0.3]),
            "loan": chance.lognormal(10, 0.7, size).round(-2),
            "income": gaps(chance.random(size) < 0.45, chance.lognormal(9, 0.6, size).round()),
        }
    )
    outcome, everybody = (chance.random(size) < 0.08).astype(float), np.ones(size, bool)
    known = {name: steps(table[name], outcome, everybody) for name in table.columns}
    one = [
        "region == 'East'",
        "age in ['18-24', '25-34']",
        "file == 'thin'",
        "loan >= 20000",
        "loan < 30000",
        "income >= 10000",
        "income < 6000",
        "region != 'West'",
    ]
    for many, refused in answered.items():
        for some in combinations(one, many):
            for how in (" and ", " or "):
                near = snap(Cohort.parse(how.join(some)), known.__getitem__)
                chosen = (
                    table.select(near.expression(table.schema).alias("in"))["in"]
                    .fill_null(value=False)
                    .to_numpy()
                )
                if 300 <= chosen.sum() <= size - 300:
                    try:
                        distinct(near, known.__getitem__, everybody)
                        refused.append(0)
                    except TooFew:
                        refused.append(1)
    assert np.mean(answered[2]) < 0.05
    assert np.mean(answered[3]) < 0.10


def test_a_threshold_moves_to_the_nearest_round_step_and_says_so_by_its_text() -> None:
    inner = STEPS["amount"].values[1:]
    assert all(float(v) == float(f"{v:.2g}") for v in inner)  # type: ignore[arg-type, str-format]
    first, second = inner[:2]
    near = snap(Cohort.parse(f"amount >= {first + 1}"), STEPS.__getitem__)
    assert near.text == f"amount >= {first!r}" == near.name
    assert snap(near, STEPS.__getitem__) == near
    assert snap(Cohort.parse(f"amount < {second - 1}", "Mine"), STEPS.__getitem__) == Cohort.parse(
        f"amount < {second!r}", "Mine"
    )
    assert snap(Cohort.parse("amount >= 0"), STEPS.__getitem__).text == "amount != None"
    for beyond in ("amount >= 1e12", "amount < 0", "day > '2060-01-01'"):
        with pytest.raises(TooFew):
            snap(Cohort.parse(beyond), STEPS.__getitem__)


def test_whole_numbers_of_many_are_cut_exactly() -> None:
    for text in (
        "late >= 1",
        "late > 0",
        "late <= 2",
        "late == 0",
        "late != 1",
        "late in [0, 1]",
        "visits == None",
        "firm == True",
        "not (late >= 1)",
    ):
        assert snap(Cohort.parse(text), STEPS.__getitem__).text == text


def test_few_without_a_value_stand_on_the_low_side() -> None:
    assert STEPS["rate"].missing
    near = snap(Cohort.parse("rate < 0.5"), STEPS.__getitem__)
    assert str(near).count("not (rate >= ") == 1
    found = asked("rate < 0.5")
    assert found is not None
    assert found[PEOPLE["rate"].is_null().to_numpy()].all()
    assert asked("rate == None") is None
    assert asked("rate != None") is None


def test_texts_have_no_thresholds_on_a_page() -> None:
    with pytest.raises(Refusal, match="has no thresholds on a page"):
        snap(Cohort.parse("town < 'North'"), STEPS.__getitem__)


CELLS = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from([0.0, 1.0, 2.0, float("nan")]),
        st.floats(-1e9, 1e9),
        st.floats(-1, 1),
    ),
    min_size=1,
    max_size=400,
)


@given(CELLS, st.sampled_from([pl.Float64, pl.Float32]), st.integers(0, 10**6))
def test_every_group_of_any_column_holds_many_or_none(
    cells: list[float | None], dtype: type[pl.DataType], seed: int
) -> None:
    outcome = np.random.default_rng(seed).choice([0.0, 1.0, np.nan], len(cells), p=[0.6, 0.3, 0.1])
    everyone = np.ones(len(cells), bool)
    found = steps(pl.Series(cells, dtype=dtype), outcome, everyone)
    assert list(found.values) == sorted(found.values)  # type: ignore[type-var]
    sizes = np.bincount(found.group, minlength=found.size)
    if len(found.values) > 1:
        assert all(n >= 30 for n in sizes[: len(found.values)])
    assert sizes.sum() == len(cells)
