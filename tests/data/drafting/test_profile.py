"""What is in a table?"""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.drafting.profile import Column, late, leaks, profile, table

PEOPLE = pl.LazyFrame(
    {
        "id": ["a", "b", "c", "d"],
        "age": [30, None, 50, 40],
        "rate": [0.5, float("nan"), 2.5, 0.5],
        "region": ["West", "East", None, "West"],
        "home": [True, False, True, None],
        "since": [date(2025, 1, 31), date(2025, 6, 30), None, date(2024, 2, 29)],
        "country": ["CN"] * 4,
        "notes": pl.Series([None] * 4, dtype=pl.String),
        "nothing": [None] * 4,
        "flag": [1, None, 1, 1],
        "joined": [20240131, 20240229, 20231231, 20240115],
    }
)


def column(values: object, name: str = "x") -> Column:
    return profile("t", pl.LazyFrame({name: values})).column(name)


def test_every_column_is_counted() -> None:
    found = profile("people.csv", PEOPLE)
    assert (found.name, found.rows, found.names) == (
        "people.csv",
        4,
        tuple(PEOPLE.collect_schema()),
    )
    kinds = {c.name: (c.kind, c.missing, c.distinct) for c in found.columns}
    assert kinds == {
        "id": ("category", 0, 4),
        "age": ("number", 1, 3),
        "rate": ("number", 1, 2),
        "region": ("category", 1, 2),
        "home": ("boolean", 1, 2),
        "since": ("date", 1, 3),
        "country": ("constant", 0, 1),
        "notes": ("empty", 4, 0),
        "nothing": ("empty", 4, 0),
        "flag": ("number", 1, 1),
        "joined": ("date", 0, 4),
    }
    assert [c.name for c in found.columns if c.unique] == ["id", "joined"]
    assert (found.column("age").least, found.column("age").greatest, found.column("age").mean) == (
        30,
        50,
        40.0,
    )
    assert (found.column("rate").least, found.column("rate").greatest) == (0.5, 2.5)
    assert found.column("since").least == date(2024, 2, 29)
    assert found.column("region").least is None


def test_a_profile_as_a_frame_shows_no_text_of_anybody() -> None:
    shown = table(profile("people.csv", PEOPLE))
    assert shown.row(by_predicate=pl.col("column") == "region") == (
        "region",
        "String",
        "category",
        0.25,
        2,
        "",
        "",
        None,
        "",
        "",
    )
    assert shown.row(by_predicate=pl.col("column") == "age")[3:8] == (0.25, 3, "30", "50", 40.0)


def test_an_empty_table_has_columns_and_no_rows() -> None:
    found = profile("t", pl.LazyFrame(schema={"x": pl.Int64, "y": pl.String}))
    assert found.rows == 0
    assert [(c.kind, c.missing, c.unique) for c in found.columns] == [("empty", 0, False)] * 2


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(50), -9, -9, -8, -8, -7, -7], (-7, -8, -9)),
        ([*range(50), -9], ()),  # once may be chance
        ([*range(-20, 30), -9, -9], ()),  # within the others
        ([*range(-5, 30), -9, -9], ()),  # near the others
        ([*range(-5, 30), -999, -999], (-999,)),
        ([*range(50), 999, 999], (999,)),
        ([*range(18, 99), 99, 99], ()),
        ([0.5, 1.0, 2.5, 99.0, 99.0], (99,)),
        ([-9, -9, -8], ()),
    ],
)
def test_numbers_that_stand_apart_and_repeat_look_like_codes_for_missing(
    values: list[float], codes: tuple[int, ...]
) -> None:
    assert column(values).codes == tuple(sorted(codes))


@pytest.mark.parametrize(
    ("values", "name", "format"),
    [
        ([930705, 930711, 980115], "date", "%y%m%d"),
        ([930705, 930711, 980115], "amount", ""),  # three amounts may look like days
        ([930705, 931399, 980115], "date", ""),
        ([*range(20240101, 20240128)], "x", "%Y%m%d"),
        (["931107 00:00:00", None, "940119 00:00:00"], "issued", "%y%m%d %H:%M:%S"),
        (["20240101", "99990101"], "date", ""),
        ([1.5, 2.5], "date", ""),
    ],
)
def test_dates_written_as_numbers_or_texts_are_recognised(
    values: list[object], name: str, format: str
) -> None:
    assert column(values, name).format == format


def test_texts_that_are_nearly_all_different_are_no_category() -> None:
    assert column([f"note {i}" for i in range(40)]).kind == "text"
    assert column([f"town {i % 20}" for i in range(40)]).kind == "category"


def test_personal_data_are_pointed_out() -> None:
    assert column(["13812345678", "13912345678"], "contact").personal == "phone"


def test_large_tables_are_counted_near_enough_and_ids_exactly() -> None:
    rows = 120_000
    found = profile(
        "t",
        pl.LazyFrame(
            {
                "id": range(rows),
                "nearly": [0, *range(rows - 1)],
                "many": [i % 5000 for i in range(rows)],
                "few": [i % 7 for i in range(rows)],
            }
        ),
    )
    assert [c.unique for c in found.columns] == [True, False, False, False]
    assert found.column("few").distinct == 7
    assert found.column("many").distinct == pytest.approx(5000, rel=0.05)


@given(st.lists(st.none() | st.integers(-100, 100), min_size=1, max_size=50))
def test_counts_are_those_of_plain_python(values: list[int | None]) -> None:
    found, present = (
        profile("t", pl.LazyFrame({"x": pl.Series(values, dtype=pl.Int64)})).columns[0],
        [v for v in values if v is not None],
    )
    assert (found.missing, found.distinct) == (values.count(None), len(set(present)))
    assert (found.least, found.greatest) == (
        (min(present), max(present)) if present else (None, None)
    )
    assert found.unique == (len(set(present)) == len(values))


BAD = [1] * 10 + [0] * 30
LOAN = pl.LazyFrame(
    {
        "bad": BAD,
        "copy": [2 - b for b in BAD],
        "word": ["late" if b else "fine" for b in BAD],
        "recovered": [5] * 40,
        "paid_on": [date(2025, 1, 1) if b else None for b in BAD],
        "noise": [i % 2 for i in range(40)],
        "split": [0] * 7 + [1] * 3 + [0] * 3 + [1] * 27,
        "unknown": [None] * 40,
    }
)


def test_copies_of_the_outcome_are_found_in_numbers_texts_and_gaps() -> None:
    found = {leak.column: leak for leak in leaks(LOAN, "bad", (1,), LOAN.collect_schema())}
    assert {c: leak.auc for c, leak in found.items() if leak.auc == 1} == {
        "copy": 1.0,
        "word": 1.0,
        "paid_on": 1.0,
    }
    assert all(
        found[c].grave and found[c].why == "is a copy of the outcome"
        for c in ("copy", "word", "paid_on")
    )
    assert "noise" not in found
    assert "unknown" not in found


def test_a_high_information_value_alone_is_a_suspicion() -> None:
    (leak,) = leaks(LOAN, "bad", (1,), ["split"])
    paid, bad = np.array([3.5, 27.5]) / 31, np.array([7.5, 3.5]) / 11
    assert leak.auc == 0.8  # 0.5 * (sensitivity 0.7 + specificity 0.9)
    assert leak.iv == pytest.approx(float(((paid - bad) * np.log(paid / bad)).sum()))
    assert not leak.grave
    assert "information value" in leak.why


def test_a_name_that_tells_of_later_is_grave_whatever_its_values() -> None:
    (leak,) = leaks(LOAN, "bad", (1,), ["recovered"])
    assert (leak.auc, leak.grave) == (0.5, True)
    assert [
        late(name)
        for name in (
            "chargeOff",
            "WRITE_OFF_AMT",
            "days_in_default",
            "催收次数",
            "default",
            "discovered",
        )
    ] == [True, True, True, True, False, False]


def test_text_of_many_values_does_not_know_the_outcome_by_chance() -> None:
    many = LOAN.with_columns(pl.Series("town", [f"t{i}" for i in range(40)]))
    assert leaks(many, "bad", (1,), ["town"]) == ()


def test_too_few_of_an_outcome_are_not_judged() -> None:
    assert (
        leaks(LOAN.filter(pl.col("noise") + pl.col("bad") < 2).head(8), "bad", (1,), ["copy"]) == ()
    )


@given(st.lists(st.tuples(st.booleans(), st.none() | st.integers(-5, 5)), min_size=10, max_size=60))
def test_neither_order_nor_direction_of_numbers_changes_their_auc(
    rows: list[tuple[bool, int | None]],
) -> None:
    def strength(told: list[tuple[bool, int | None]]) -> list[float]:
        frame = pl.LazyFrame(
            {
                "bad": [b for b, _ in told],
                "recovery": pl.Series([v for _, v in told], dtype=pl.Int64),
            }
        )
        return [leak.auc for leak in leaks(frame, "bad", (True,), ["recovery"])]

    assert strength(rows) == pytest.approx(strength(rows[::-1]))
    assert strength(rows) == pytest.approx(
        strength([(b, None if v is None else -v) for b, v in rows])
    )
