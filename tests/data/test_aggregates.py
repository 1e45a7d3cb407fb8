"""What do a person's many records come to?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.aggregates import columns, gather, multiple
from analytics.data.catalog.model import AGGREGATES, Aggregate, Catalog, People, Source, Step
from analytics.data.refusal import Refusal

JUNE = date(2025, 6, 30)
ANN, BOB, CLEO = "Ann", "Bob", "Cleo"
Row = dict[str, object]


def catalog(
    *aggregates: Aggregate,
    steps: Sequence[Step] = (),
    date: str = "day",
    time: str = "applied",
    missing: tuple = (),
    columns=("*",),
    lag: int = 0,
) -> Catalog:
    source = Source(
        "orders",
        "Orders",
        columns,
        table="orders.csv",
        steps=tuple(steps),
        date=date,
        aggregates=aggregates,
        lag=lag,
    )
    return Catalog(People("people.csv", "person", "bad", time=time, missing=missing), (source,))


def gathered(told: Catalog, **tables: pl.DataFrame) -> pl.DataFrame:
    """What the only source of a catalog comes to.

    The same by both engines of Polars, in types known before.
    """
    lazy = {f"{name}.csv": frame.lazy() for name, frame in tables.items()}
    source = told.source("orders")
    found = gather(told, source, lazy).collect(engine="streaming")
    assert found.rows() == gather(told, source, lazy).collect(engine="in-memory").rows()
    assert dict(found.schema) == columns(
        told, source, {name: frame.collect_schema() for name, frame in lazy.items()}
    )
    return found


def refusal(told: Catalog, **tables: pl.DataFrame) -> str:
    with pytest.raises(Refusal) as refused:
        gathered(told, **tables)
    assert "\n" not in str(refused.value)
    return str(refused.value)


PEOPLE = pl.DataFrame({"person": [ANN, BOB, CLEO], "applied": [JUNE, JUNE, JUNE], "bad": [0, 1, 0]})
ORDERS = pl.DataFrame(
    {
        "person": [ANN, ANN, ANN, BOB, "Dan"],
        "day": [date(2025, 6, 29), date(2025, 1, 1), JUNE, date(2025, 6, 1), date(2025, 6, 1)],
        "amount": [10.0, 30.0, 500.0, 7.0, 8.0],
        "kind": ["food", "rent", "rent", "food", "rent"],
    }
)


def test_every_aggregate_by_hand() -> None:
    told = catalog(
        Aggregate("orders", "count"),
        Aggregate("total", "sum", "amount"),
        Aggregate("mean", "mean", "amount"),
        Aggregate("least", "min", "amount"),
        Aggregate("most", "max", "amount"),
        Aggregate("kind", "last", "kind"),
        Aggregate("idle", "days since"),
        Aggregate("first", "min", "day"),
    )
    found = gathered(told, people=PEOPLE, orders=ORDERS)
    assert found.columns == [
        "person",
        "orders",
        "total",
        "mean",
        "least",
        "most",
        "kind",
        "idle",
        "first",
    ]
    assert found.rows() == [
        (ANN, 2, 40.0, 20.0, 10.0, 30.0, "food", 1, date(2025, 1, 1)),
        (BOB, 1, 7.0, 7.0, 7.0, 7.0, "food", 29, date(2025, 6, 1)),
    ]


def test_who_has_records_but_none_that_is_asked_for_counts_none_and_who_has_no_records_is_unknown() -> (
    None
):
    rent = "kind == 'rent'"
    told = catalog(
        Aggregate("rents", "count", where=rent),
        Aggregate("rent", "sum", "amount", where=rent),
        Aggregate("mean", "mean", "amount", where=rent),
        Aggregate("kind", "last", "kind", where=rent),
        Aggregate("idle", "days since", where=rent),
    )
    found = gathered(told, people=PEOPLE, orders=ORDERS)
    assert found.rows() == [(ANN, 1, 30.0, 30.0, "rent", 180), (BOB, 0, None, None, None, None)]


def test_a_window_is_the_days_before_the_application() -> None:
    days = [JUNE - timedelta(n) for n in (0, 1, 89, 90, 91, -1)]
    told = catalog(
        Aggregate("all", "count"),
        Aggregate("recent", "count", days=90),
        Aggregate("yesterday", "count", days=1),
    )
    found = gathered(told, people=PEOPLE, orders=pl.DataFrame({"person": [ANN] * 6, "day": days}))
    assert found.rows() == [(ANN, 4, 3, 1)]


def test_the_day_of_the_application_is_a_day_whatever_the_hour() -> None:
    late, early = datetime(2025, 6, 29, 23, 59), datetime(2025, 6, 30, 0, 1)
    people = PEOPLE.with_columns(applied=pl.lit(datetime(2025, 6, 30, 12)))
    orders = pl.DataFrame({"person": [ANN, ANN], "day": [late, early]})
    told = catalog(Aggregate("orders", "count"), Aggregate("idle", "days since"))
    assert gathered(told, people=people, orders=orders).rows() == [(ANN, 1, 1)]


def test_a_record_without_a_date_and_a_person_without_an_application_count_for_nothing() -> None:
    people = PEOPLE.with_columns(applied=pl.when(pl.col("person") != BOB).then("applied"))
    orders = ORDERS.with_columns(day=pl.when(pl.col("amount") != 30).then("day"))
    assert gathered(catalog(Aggregate("orders", "count")), people=people, orders=orders).rows() == [
        (ANN, 1)
    ]
    assert gathered(
        catalog(Aggregate("orders", "count"), time=""), people=people, orders=orders
    ).rows() == [(ANN, 2), (BOB, 1)]
    assert gathered(
        catalog(Aggregate("orders", "count"), date=""), people=people, orders=orders
    ).rows() == [(ANN, 3), (BOB, 1)]


def test_a_record_that_had_not_arrived_by_the_application_does_not_count() -> None:
    days = [JUNE - timedelta(n) for n in (10, 30, 31, 60)]
    orders = pl.DataFrame(
        {"person": [ANN] * 4 + [BOB], "day": [*days, days[0]], "amount": [1.0, 2.0, 4.0, 8.0, 16.0]}
    )
    asked = (
        Aggregate("spent", "sum", "amount"),
        Aggregate("idle", "days since"),
        Aggregate("recent", "count", days=45),
    )
    assert gathered(catalog(*asked), people=PEOPLE, orders=orders).rows() == [
        (ANN, 15.0, 10, 3),
        (BOB, 16.0, 10, 1),
    ]
    assert gathered(catalog(*asked, lag=30), people=PEOPLE, orders=orders).rows() == [
        (ANN, 12.0, 31, 1)
    ]
    assert gathered(catalog(*asked, lag=60), people=PEOPLE, orders=orders).rows() == []


def test_the_last_value_is_the_last_there_is_and_of_one_day_the_later_row() -> None:
    orders = pl.DataFrame(
        {
            "person": [ANN] * 4 + [BOB] * 2,
            "day": [date(2025, 5, d) for d in (9, 9, 3, 20, 1, 1)],
            "amount": [1.0, 2.0, 3.0, None, 5.0, float("nan")],
        }
    )
    assert gathered(
        catalog(Aggregate("last", "last", "amount")), people=PEOPLE, orders=orders
    ).rows() == [(ANN, 2.0), (BOB, 5.0)]


def test_codes_for_missing_are_no_values() -> None:
    orders = pl.DataFrame(
        {
            "person": [ANN, ANN, BOB],
            "day": [date(2025, 5, 1)] * 3,
            "amount": [-9, 4, -9],
            "kind": ["?", "food", "?"],
        }
    )
    told = catalog(
        Aggregate("mean", "mean", "amount"),
        Aggregate("kind", "last", "kind"),
        Aggregate("orders", "count"),
        missing=(-9, "?"),
    )
    assert gathered(told, people=PEOPLE, orders=orders).rows() == [
        (ANN, 4.0, "food", 2),
        (BOB, None, None, 1),
    ]


ACCOUNTS = pl.DataFrame({"person": [ANN, BOB, CLEO], "account": [1, 2, 2]})
CARDS = pl.DataFrame({"card": ["x", "y", "z"], "account": ["1", "1", "2"]})
SPENT = pl.DataFrame({"number": ["x", "x", "y", "z", None], "amount": [1.0, 2.0, 4.0, 8.0, 16.0]})


def test_tables_are_joined_along_the_way_and_keys_of_different_types_meet_as_text() -> None:
    people = PEOPLE.join(ACCOUNTS, on="person")
    way = [Step("cards.csv", "account", "account"), Step("orders.csv", "card", "number")]
    told = catalog(
        Aggregate("spent", "sum", "amount"), Aggregate("times", "count"), steps=way, date=""
    )
    assert gathered(told, people=people, cards=CARDS, orders=SPENT).rows() == [
        (ANN, 7.0, 3),
        (BOB, 8.0, 1),
        (CLEO, 8.0, 1),
    ]
    floats = people.with_columns(pl.col("account").cast(pl.Float64))
    assert gathered(told, people=floats, cards=CARDS, orders=SPENT).rows() == [
        (ANN, 7.0, 3),
        (BOB, 8.0, 1),
        (CLEO, 8.0, 1),
    ]


def test_a_key_is_that_of_the_nearest_table_on_the_way() -> None:
    people = pl.DataFrame({"person": [ANN], "district": [7], "account": [1]})
    accounts = pl.DataFrame({"account": [1], "district": [9]})
    orders = pl.DataFrame({"A1": [7, 9], "wage": [70, 90]})
    way = [Step("accounts.csv", "account", "account"), Step("orders.csv", "district", "A1")]
    assert gathered(
        catalog(steps=way, date="", time=""), people=people, accounts=accounts, orders=orders
    ).rows() == [(ANN, 90)]
    assert gathered(
        catalog(steps=way[1:], date="", time=""), people=people, orders=orders
    ).rows() == [(ANN, 70)]


def test_a_record_counts_once_however_many_ways_lead_to_it() -> None:
    people = PEOPLE.join(ACCOUNTS, on="person")
    owners = pl.DataFrame({"account": [1, 1, 2], "bank": ["A", "A", "B"]})
    orders = pl.DataFrame({"bank": ["A", "B"], "amount": [1.0, 2.0]})
    way = [Step("owners.csv", "account", "account"), Step("orders.csv", "bank", "bank")]
    assert gathered(
        catalog(Aggregate("n", "count"), steps=way, date=""),
        people=people,
        owners=owners,
        orders=orders,
    )["n"].to_list() == [1, 1, 1]


def test_without_aggregates_a_record_per_person_is_taken_as_it_is_in_the_order_of_the_people() -> (
    None
):
    orders = pl.DataFrame(
        {
            "who": [CLEO, ANN],
            "day": [date(2025, 1, 1)] * 2,
            "person": ["a", "b"],
            "row": [1, 2],
            "key": ["k", None],
        }
    )
    step = [Step("orders.csv", "person", "who")]
    found = gathered(catalog(steps=step), people=PEOPLE, orders=orders)
    assert found.columns == ["person", "day", "row", "key"]
    assert found.rows() == [(ANN, date(2025, 1, 1), 2, None), (CLEO, date(2025, 1, 1), 1, "k")]
    assert gathered(
        catalog(steps=step, columns=("who", "row")), people=PEOPLE, orders=orders
    ).columns == ["person", "who", "day", "row", "key"]


def test_without_aggregates_two_records_of_a_person_are_refused_unless_one_comes_after() -> None:
    told = catalog(steps=[Step("orders.csv", "person", "person")])
    twice = (
        "source 'orders': 1 persons have more than one record in orders.csv; declare under"
        " [sources.aggregates] what to make of many, or join"
    )
    assert refusal(told, people=PEOPLE, orders=ORDERS).startswith(twice)
    assert gathered(told, people=PEOPLE, orders=ORDERS[1:])["amount"].to_list() == [30.0, 7.0]


@pytest.mark.parametrize(
    ("aggregate", "sentence"),
    [
        (
            Aggregate("x", "sum", "kind"),
            (
                "source 'orders', aggregate 'x': column 'kind' of orders.csv holds String; 'sum'"
                " and 'mean' need numbers"
            ),
        ),
        (
            Aggregate("x", "max", "kind"),
            (
                "source 'orders', aggregate 'x': column 'kind' of orders.csv holds String; 'sum'"
                " and 'mean' need numbers"
            ),
        ),
        (
            Aggregate("x", "mean", "day"),
            (
                "source 'orders', aggregate 'x': column 'day' of orders.csv holds Date; 'sum' and"
                " 'mean' need numbers"
            ),
        ),
        (
            Aggregate("x", "sum", "price"),
            (
                "orders.csv has no column 'price', which catalog.toml names; it has: person, day,"
                " amount, kind"
            ),
        ),
        (
            Aggregate("x", "count", where="sort == 'rent'"),
            (
                "orders.csv has no column 'sort', which catalog.toml names; it has: person, day,"
                " amount, kind"
            ),
        ),
        (
            Aggregate("x", "count", where="kind == 3"),
            (
                "source 'orders', aggregate 'x': column 'kind' holds text and cannot be compared"
                " with 3"
            ),
        ),
        (
            Aggregate("person", "count"),
            (
                "source 'orders': an aggregate cannot be called 'person', as the people's id is;"
                " rename it"
            ),
        ),
    ],
)
def test_an_aggregate_of_what_is_not_there_is_refused(aggregate: Aggregate, sentence: str) -> None:
    assert refusal(catalog(aggregate), people=PEOPLE, orders=ORDERS).startswith(sentence)


def test_what_is_no_date_is_refused() -> None:
    count = Aggregate("n", "count")
    orders, people = (
        ORDERS.with_columns(pl.col("day").cast(pl.String)),
        PEOPLE.with_columns(pl.col("applied").dt.year()),
    )
    assert refusal(catalog(count), people=PEOPLE, orders=orders).startswith(
        "orders.csv: 'day' holds String, not dates; say how they are written"
    )
    assert refusal(catalog(count), people=people, orders=ORDERS).startswith(
        "people.csv: 'applied' holds Int32, not dates; say how they are written"
    )
    assert refusal(catalog(count, date="when"), people=PEOPLE, orders=ORDERS).startswith(
        "orders.csv has no column 'when', which catalog.toml names"
    )


def test_a_way_that_leads_nowhere_is_refused() -> None:
    way = [Step("cards.csv", "account", "account"), Step("orders.csv", "card", "number")]
    people = PEOPLE.join(ACCOUNTS, on="person")
    assert (
        refusal(catalog(steps=way, date=""), people=PEOPLE, cards=CARDS, orders=SPENT)
        == "source 'orders': no table before cards.csv has the column 'account' to join it on;"
        " looked in: people.csv"
    )
    assert refusal(
        catalog(steps=way, date=""),
        people=people,
        cards=CARDS,
        orders=SPENT.rename({"number": "no"}),
    ).startswith("orders.csv has no column 'number', which catalog.toml names; it has: no, amount")
    assert (
        refusal(catalog(steps=way, date=""), people=people, orders=SPENT)
        == "catalog.toml names no table 'cards.csv'; it has: people.csv, orders.csv"
    )


def test_keys_that_stand_more_than_once_are_counted() -> None:
    table = pl.LazyFrame({"a": [1, 1, 2, 3, 3, 3, None, None], "b": [1, 1, 1, 1, 2, 1, 1, 1]})
    assert multiple(table, ["a"]) == 2
    assert multiple(table, ["a", "b"]) == 2
    assert multiple(table, ["b"]) == 1


# any tables, against the slow way

amounts = st.one_of(st.none(), st.integers(-3, 3))
kinds = st.sampled_from(["food", "rent", None])
days = st.one_of(st.none(), st.integers(-3, 100).map(lambda n: JUNE - timedelta(n)))
records = st.fixed_dictionaries(
    {
        "person": st.sampled_from([ANN, BOB, CLEO, "Dan", None]),
        "day": days,
        "amount": amounts,
        "kind": kinds,
    }
)
tables = st.lists(records, max_size=12)
conditions = st.sampled_from(
    ["", "kind == 'rent'", "amount >= 1", "kind != 'rent' and amount in [0, 1, 2]", "kind == None"]
)
SCHEMA = {"person": pl.String, "day": pl.Date, "amount": pl.Int64, "kind": pl.String}


def frame(rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


def met(where: str, row: Row) -> bool:
    """Does a record meet a condition? What is missing meets none but that it is missing."""
    amount, kind = row["amount"], row["kind"]
    return {
        "": True,
        "kind == 'rent'": kind == "rent",
        "amount >= 1": amount is not None and amount >= 1,
        "kind != 'rent' and amount in [0, 1, 2]": kind == "food" and amount in (0, 1, 2),
        "kind == None": kind is None,
    }[where]


def by_hand(rows: Sequence[Row], aggregate: Aggregate, lag: int = 0) -> list[tuple]:
    """The slow way: person by person, record by record."""
    until = JUNE - timedelta(lag)
    found = []
    for person in (ANN, BOB, CLEO):
        mine = [
            (row["day"], i, row)
            for i, row in enumerate(rows)
            if row["person"] == person and row["day"] is not None and row["day"] < until
        ]
        asked = [
            r
            for r in mine
            if met(aggregate.where, r[2])
            and (not aggregate.days or (JUNE - r[0]).days <= aggregate.days)
        ]
        if mine:
            found.append((person, reduced(aggregate, asked)))
    return found


def reduced(aggregate: Aggregate, asked: list[tuple[date, int, Row]]) -> object:
    values = [
        r[2][aggregate.column]
        for r in sorted(asked, key=lambda r: r[:2])
        if aggregate.column and r[2][aggregate.column] is not None
    ]
    match aggregate.of:
        case "count":
            return len(asked)
        case "days since":
            return min(((JUNE - r[0]).days for r in asked), default=None)
        case "sum":
            return sum(values) if values else None
        case "mean":
            return pytest.approx(sum(values) / len(values)) if values else None
        case "last":
            return values[-1] if values else None
        case of:
            return {"min": min, "max": max}[of](values) if values else None


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    of = draw(st.sampled_from(AGGREGATES))
    column = (
        ""
        if of in ("count", "days since")
        else draw(st.sampled_from(["amount", "kind"]))
        if of == "last"
        else "amount"
    )
    return Aggregate("x", of, column, draw(conditions), draw(st.sampled_from([0, 1, 30, 90])))


@given(tables, st.lists(aggregates(), min_size=1, max_size=3))
def test_all_aggregates_are_those_of_the_slow_way(rows: list[Row], asked: list[Aggregate]) -> None:
    named = [Aggregate(f"x{i}", a.of, a.column, a.where, a.days) for i, a in enumerate(asked)]
    found = gathered(catalog(*named), people=PEOPLE, orders=frame(rows))
    for aggregate in named:
        assert found.select("person", aggregate.name).rows() == by_hand(rows, aggregate)


@given(tables, aggregates(), st.sampled_from([1, 30, 45, 100]))
def test_late_records_are_those_of_the_slow_way(
    rows: list[Row], aggregate: Aggregate, lag: int
) -> None:
    found = gathered(catalog(aggregate, lag=lag), people=PEOPLE, orders=frame(rows))
    assert found.rows() == by_hand(rows, aggregate, lag)


@given(tables, aggregates(), st.integers(0, 100))
def test_a_lag_is_as_if_the_records_had_been_made_so_much_later(
    rows: list[Row], aggregate: Aggregate, lag: int
) -> None:
    whole = Aggregate("x", aggregate.of, aggregate.column, aggregate.where)
    later = [row | {"day": row["day"] and row["day"] + timedelta(lag)} for row in rows]
    lagged, moved = (
        gathered(catalog(whole, lag=lag), people=PEOPLE, orders=frame(rows)),
        gathered(catalog(whole), people=PEOPLE, orders=frame(later)),
    )
    ago = lag if whole.of == "days since" else 0
    assert lagged.rows() == moved.with_columns(pl.col("x") + ago if ago else pl.col("x")).rows()


@given(tables, st.lists(records, max_size=5), aggregates())
def test_what_happens_after_the_application_changes_nothing(
    rows: list[Row], later: list[Row], aggregate: Aggregate
) -> None:
    after = [row | {"day": JUNE + timedelta(i)} for i, row in enumerate(later)]
    before, now = (
        gathered(catalog(aggregate), people=PEOPLE, orders=frame(r))
        for r in (rows, [*rows, *after])
    )
    assert before.rows() == now.rows()


@given(tables)
def test_those_that_meet_a_condition_and_those_that_do_not_are_all(rows: list[Row]) -> None:
    full = [row for row in rows if row["kind"] is not None]
    told = catalog(
        Aggregate("all", "count"),
        Aggregate("rent", "count", where="kind == 'rent'"),
        Aggregate("rest", "count", where="kind != 'rent'"),
    )
    found = gathered(told, people=PEOPLE, orders=frame(full))
    assert found["all"].to_list() == (found["rent"] + found["rest"]).to_list()


@given(tables, st.randoms(use_true_random=False), aggregates().filter(lambda a: a.of != "last"))
def test_the_order_of_the_records_changes_nothing(
    rows: list[Row], chance, aggregate: Aggregate
) -> None:
    mixed = chance.sample(rows, len(rows))
    before, now = (
        gathered(catalog(aggregate), people=PEOPLE, orders=frame(r)) for r in (rows, mixed)
    )
    assert before.rows() == now.rows()


@given(tables)
def test_a_longer_window_never_counts_fewer(rows: list[Row]) -> None:
    windows = [Aggregate(f"in_{d}", "count", days=d) for d in (1, 30, 90)]
    found = gathered(
        catalog(*windows, Aggregate("ever", "count")), people=PEOPLE, orders=frame(rows)
    )
    for shorter, longer in pairwise(found.columns[1:]):
        assert (found[shorter] <= found[longer]).all()
