"""What might the analyst mean by these files?"""

from datetime import date
from fnmatch import fnmatchcase

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.model import Aggregate, Step, Table
from analytics.data.catalog.toml import text
from analytics.data.drafting.draft import Draft
from analytics.data.drafting.guess import guess
from analytics.data.drafting.profile import profile
from analytics.data.refusal import Refusal

N = 60
BAD = [int(i % 5 == 0) for i in range(N)]


def draft(tables: dict[str, dict[str, object]], **said: object) -> Draft:
    lazy = {name: pl.LazyFrame(columns, strict=False) for name, columns in tables.items()}
    return guess([profile(name, table) for name, table in lazy.items()], lazy, **said)


def mixed(i: int, levels: int) -> int:
    """A number that has nothing to do with who is bad."""
    return i * 7 % 53 % levels


CARDS: dict[str, object] = {
    "ID": range(1, N + 1),
    "LIMIT_BAL": [1000 * mixed(i, 40) for i in range(N)],
    "SEX": [1 + mixed(i, 2) for i in range(N)],
    "EDUCATION": [mixed(i, 4) for i in range(N)],
    "MARRIAGE": [mixed(i, 3) for i in range(N)],
    "AGE": [20 + mixed(i, 45) for i in range(N)],
    **{f"PAY_{k}": [mixed(i + k, 9) - 2 for i in range(N)] for k in (0, 2, 3, 4, 5, 6)},
    **{
        f"{what}{k}": [100 * mixed(i + k, 50) for i in range(N)]
        for what in ("BILL_AMT", "PAY_AMT")
        for k in range(1, 7)
    },
    "default payment next month": BAD,
}


def test_one_table_falls_into_the_groups_its_column_names_tell() -> None:
    found = draft({"cards.csv": CARDS})
    people = found.catalog.people
    assert (people.table, people.id, people.outcome, people.bad, people.time) == (
        "cards.csv",
        "ID",
        "default payment next month",
        (1,),
        "",
    )
    assert people.protected == ("SEX", "MARRIAGE")
    assert {s.key: s.columns for s in found.catalog} == {
        "limit_bal": ("LIMIT_BAL",),
        "person": ("SEX", "EDUCATION", "MARRIAGE", "AGE"),
        "pay": ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"),
        "bill_amt": ("BILL_AMT*",),
        "pay_amt": ("PAY_AMT*",),
    }
    assert [x.column for x in found.left] == ["ID", "default payment next month"]
    assert found.ready


DAYS = [930101 + 100 * (i % 12) + i % 28 for i in range(N)]
BANK: dict[str, dict[str, object]] = {
    "bank_loan.csv": {
        "loan_id": range(5000, 5000 + N),
        "account_id": range(1, N + 1),
        "date": DAYS,
        "amount": [500 + 10 * mixed(i, 50) for i in range(N)],
        "duration": [12 * (1 + mixed(i, 5)) for i in range(N)],
        "status": ["BD"[i % 2] if BAD[i] else "AC"[i % 2] for i in range(N)],
    },
    "bank_account.csv": {
        "account_id": range(1, 91),
        "district_id": [1 + i % 7 for i in range(90)],
        "frequency": ["monthly", "weekly", "never"] * 30,
        "date": [920101] * 45 + [920202] * 45,
    },
    "bank_district.csv": {
        "A1": range(1, 10),
        "A2": [f"Town {i}" for i in range(9)],
        "A3": [0.5 * i for i in range(9)],
    },
    "bank_disp.csv": {
        "disp_id": range(1, 121),
        "client_id": range(1, 121),
        "account_id": [1 + i % 90 for i in range(120)],
        "type": ["OWNER"] * 90 + ["USER"] * 30,
    },
    "bank_client.csv": {
        "client_id": range(1, 121),
        "birth_number": [706213 + i for i in range(120)],
    },
    "bank_card.csv": {
        "card_id": range(1, 51),
        "disp_id": range(1, 51),
        "issued": [f"9201{1 + i % 28:02} 00:00:00" for i in range(50)],
    },
    "bank_order.csv": {
        "order_id": range(200),
        "account_id": [1 + i % 80 for i in range(200)],
        "amount": [1.5 * i for i in range(200)],
        "account_to": range(7000, 7200),
        "kind": ["rent", " "] * 100,
    },
}


def test_several_tables_are_joined_by_their_keys_and_counted_where_a_person_has_many_records() -> (
    None
):
    found = draft(BANK, bad=["B", "D"])
    people = found.catalog.people
    assert (people.table, people.id, people.outcome, people.bad, people.time) == (
        "bank_loan.csv",
        "loan_id",
        "status",
        ("B", "D"),
        "date",
    )
    account = Step("bank_account.csv", "account_id", "account_id")
    disp = Step("bank_disp.csv", "account_id", "account_id")
    assert {s.key: s.steps for s in found.catalog} == {
        "loan": (),
        "account": (account,),
        "district": (account, Step("bank_district.csv", "district_id", "A1")),
        "disp": (disp,),
        "card": (disp, Step("bank_card.csv", "disp_id", "disp_id")),
        "order": (Step("bank_order.csv", "account_id", "account_id"),),
    }
    assert found.columns("loan") == ("amount", "duration")
    assert found.columns("account") == ("frequency", "date")
    assert found.columns("district") == ("A2", "A3")
    assert found.catalog.source("card").aggregates == (
        Aggregate("count", "count"),
        Aggregate("days_since", "days since"),
    )
    assert found.catalog.source("order").aggregates == (
        Aggregate("count", "count"),
        *(Aggregate(f"amount_{of}", of, "amount") for of in ("mean", "max", "sum")),
        Aggregate("kind_rent", "count", where="kind == 'rent'"),
    )
    assert found.catalog.table("bank_card.csv") == Table(
        "bank_card.csv", types=(("issued", "%y%m%d %H:%M:%S"),)
    )
    assert {(x.column, x.why) for x in found.left if x.table == "bank_client.csv"} == {
        ("client_id", "it joins tables"),
        ("birth_number", "it holds personal data (national id)"),
    }


def test_an_outcome_of_several_values_is_asked_for_with_their_counts() -> None:
    found = draft(BANK)
    assert (found.ready, found.catalog.people.bad) == (False, ())
    asked = found.questions[0].asked
    assert "'status' holds A (24), C (24), B (6), D (6)" in asked
    assert "With A, 40.0% would be defaulters (--bad A)" in asked
    assert "bad = []" in text(found.catalog)
    assert found.catalog.people.decide == (asked,)


def test_files_of_suppliers_meet_on_the_persons_id_even_under_another_name() -> None:
    found = draft(
        {
            "people.csv": {
                "person_id": range(N),
                "defaulted": BAD,
                "income": [mixed(i, 47) for i in range(N)],
            },
            "bureau.csv": {
                "person_id": range(10, N + 10),
                "late": [mixed(i, 30) for i in range(N)],
            },
            "shop.csv": {
                "customer_no": [i % N for i in range(3 * N)],
                "spent": [0.5 * i for i in range(3 * N)],
            },
            "weather.csv": {"day": range(N), "rain": range(N)},
        }
    )
    assert {s.key: (s.table, s.steps, bool(s.aggregates)) for s in found.catalog} == {
        "income": ("", (), False),
        "bureau": ("bureau.csv", (), False),
        "shop": ("shop.csv", (Step("shop.csv", "person_id", "customer_no"),), True),
    }
    assert {x.why for x in found.left if x.table == "weather.csv"} == {
        "no key leads from the people to its table"
    }


def test_what_knows_too_much_or_says_nothing_is_left_out_with_a_reason() -> None:
    table: dict[str, object] = {
        "客户号": [f"K{i:03}" for i in range(N)],
        "是否违约": BAD,
        "copy": ["ja" if b else "nein" for b in BAD],
        "recovered": [mixed(i, 9) for i in range(N)],
        "手机": [13800000000 + i for i in range(N)],
        "branch_id": [mixed(i, 30) for i in range(N)],
        "remark": [f"remark {i}" for i in range(N)],
        "nothing": [None] * N,
        "same": [1] * N,
        "person": [mixed(i, 5) for i in range(N)],
        "*": [mixed(i, 5) for i in range(N)],
        "region": [f"r{mixed(i, 4)}" for i in range(N)],
        "额度": [mixed(i, 37) for i in range(N)],
    }
    found = draft({"客户.csv": table})
    assert (
        found.catalog.people.id,
        found.catalog.people.outcome,
        found.catalog.people.segments,
    ) == ("客户号", "是否违约", ("region",))
    assert {x.column: x.why for x in found.left} == {
        "客户号": "it is the id",
        "是否违约": "it is the outcome",
        "copy": "it is a copy of the outcome",
        "recovered": "it has a name that tells of what comes after the outcome",
        "手机": "it holds personal data (phone)",
        "branch_id": "it is an id",
        "remark": "its texts are nearly all different",
        "nothing": "it is empty",
        "same": "it holds one value only",
        "person": "its name is a word of our own; rename it in the file to use it",
        "*": "its name is a word of our own; rename it in the file to use it",
    }
    assert any("remark, because its texts are nearly all different" in note for note in found.notes)


def test_a_source_that_knows_too_few_people_before_their_application_is_left_out() -> None:
    late = {
        **BANK["bank_card.csv"],
        "issued": [f"92011{i % 9} 00:00:00" if i < 20 else "990101 00:00:00" for i in range(50)],
    }
    found = draft({**BANK, "bank_card.csv": late}, bad=["B", "D"])
    assert found.catalog.keys == ("loan", "account", "district", "disp", "order")
    why = (
        "its source knows 20 people before their application, 4 of them defaulted: too few to learn"
        " from"
    )
    assert [(x.column, x.why) for x in found.left if x.table == "bank_card.csv"] == [
        ("card_id", "it is an id"),
        ("disp_id", "it joins tables"),
        ("issued", why),
    ]


def test_a_copy_of_the_outcome_in_another_file_is_left_out_too() -> None:
    found = draft(
        {
            "a.csv": {"id": range(N), "bad": BAD, "x": [mixed(i, 30) for i in range(N)]},
            "b.csv": {
                "id": range(N),
                "y": [3 - b for b in BAD],
                "z": [mixed(i, 9) for i in range(N)],
            },
        }
    )
    assert found.columns("b") == ("z",)


@pytest.mark.parametrize(
    ("values", "said", "bad"),
    [
        ([True, False], (), ()),
        ([1.0, 0.0], (), ()),
        ([True, False], ["true"], (True,)),
        (["Good", "Bad"], (), ("Bad",)),
        (["fully paid", "Default"], (), ("Default",)),
        ([1, 2], (), ()),
        ([1, 2], ["2"], (2,)),
        (["Y", "N"], (), ()),
        (["N", "Y"], ["Y"], ("Y",)),
        (["Fully Paid", "Charged Off", "Current"], (), ("Charged Off",)),
        (["good", "worse"], (), ()),
        ([0, 1, 2], (), ()),
        ([0, None, 1], (), ()),
    ],
)
def test_bad_values_are_taken_only_where_they_are_plain(
    values: list[object], said: list[str], bad: tuple[object, ...]
) -> None:
    table: dict[str, object] = {
        "id": range(N),
        "status": [values[i % len(values)] for i in range(N)],
        "x": [mixed(i, 31) for i in range(N)],
    }
    assert draft({"t.csv": table}, bad=said).catalog.people.bad == bad


def test_the_time_is_a_date_that_may_be_an_application() -> None:
    days = pl.Series([20240101 + mixed(i, 28) for i in range(N)])
    table: dict[str, object] = {
        "id": range(N),
        "bad": BAD,
        "birth_date": days,
        "opened": days,
        "apply_date": days,
        "x": [mixed(i, 31) for i in range(N)],
    }
    assert draft({"t.csv": table}).catalog.people.time == "opened"
    assert (
        draft(
            {"t.csv": {k: v for k, v in table.items() if k not in ("opened", "apply_date")}}
        ).catalog.people.time
        == ""
    )


def test_codes_for_missing_are_declared_where_no_column_means_them() -> None:
    coded = [-9 if mixed(i, 6) == 0 else mixed(i, 30) for i in range(N)]
    table: dict[str, object] = {"id": range(N), "bad": BAD, "x": coded}
    found = draft({"t.csv": {**table, "balance": [mixed(i, 40) - 20 for i in range(N)]}})
    assert (found.catalog.codes("t.csv", "x"), found.catalog.codes("t.csv", "balance")) == (
        (-9,),
        (),
    )
    coded_bad = [b for b, x in zip(BAD, coded, strict=True) if x == -9]
    told = (
        f"Read as missing in 'x' of t.csv: -9 ({len(coded_bad)} rows, bad rate"
        f" {sum(coded_bad) / len(coded_bad):.1%})"
    )
    assert any(note.startswith(told) for note in found.notes)
    kept = draft({"t.csv": table}, codes={("t.csv", "x"): ()})
    assert kept.catalog.codes("t.csv", "x") == ()
    assert any("taken as numbers: -9" in note for note in kept.notes)


@pytest.mark.parametrize(
    ("table", "said", "words"),
    [
        ({"id": [1, 2], "income": [3, 4]}, {}, "no column looks like the outcome.*: id, income"),
        ({"id": [1, 2], "bad": [0, 1]}, {"outcome": "none"}, "no table has a column 'none'"),
        ({"id": [1, 2], "bad": [0, 1]}, {"id": "none"}, "no column 'none'"),
        (
            {"id": [1, 1], "bad": [0, 1]},
            {"id": "id"},
            "tells 1 of 2 rows apart.*row 2 .*row 1.*--id row",
        ),
        ({"id": [1, 2], "bad": [0, 1]}, {"id": "bad"}, "beside the outcome"),
        ({"id": [1, 2], "bad": [0, 1]}, {}, "no column to learn from"),
        ({"id": [1, 2], "bad": [0, 1], "x": [5, 6]}, {"bad": ["no"]}, "holds numbers"),
    ],
)
def test_files_that_cannot_make_a_catalog_are_refused(
    table: dict[str, object], said: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        draft({"t.csv": table}, **said)


def test_no_tables_or_two_of_one_name_are_refused() -> None:
    table = profile("t", pl.LazyFrame({"x": [1]}))
    for profiles in ([], [table, table]):
        with pytest.raises(Refusal, match="one table or more"):
            guess(profiles, {})


NAMES = st.text("abAB1_ []*?^$é贷", min_size=1, max_size=6) | st.sampled_from(
    [
        "PAY_1",
        "PAY_2",
        "PAY_3",
        "PAY_AMT1",
        "age",
        "row",
        "person",
        "status",
        "late_id",
        "charge off",
    ]
)


@given(st.lists(NAMES, min_size=1, max_size=14, unique=True))
def test_sources_share_out_exactly_the_columns_that_are_not_left_out(names: list[str]) -> None:
    features: dict[str, object] = {n: [mixed(i, 31) for i in range(N)] for n in ("sure", *names)}
    found = draft(
        {"t": {"who": [f"w{i}" for i in range(N)], "defaulted": BAD, **features}},
        id="who",
        outcome="defaulted",
    )
    open_ = [c for c in found.profiles[0].names if c not in ("who", "defaulted")]
    matched = [
        c
        for source in found.catalog
        for c in open_
        if any(fnmatchcase(c, pattern) for pattern in source.columns)
    ]
    assert sorted(matched) == sorted(set(open_) - {x.column for x in found.left})
    assert all(key.isidentifier() for key in found.catalog.keys)


def table_of(
    outcome: str, values: list[object], **more: list[object]
) -> dict[str, dict[str, object]]:
    """Sixty people with a column for their outcome, and others."""
    cycle = [values[0] if b else values[1 + i % (len(values) - 1)] for i, b in enumerate(BAD)]
    return {
        "t.csv": {"id": range(N), "x": [mixed(i, 31) for i in range(N)], outcome: cycle, **more}
    }


@pytest.mark.parametrize(
    ("outcome", "values", "bad"),
    [
        ("defaulted", [1, 0], (1,)),
        ("SeriousDlqin2yrs", [1, 0], (1,)),
        ("not.fully.paid", [1, 0], (1,)),
        ("Risk", ["bad", "good"], ("bad",)),
        ("Credit_risk", ["Bad", "Good"], ("Bad",)),
        ("class", ["bad", "good"], ("bad",)),
        ("charged_off", ["Y", "N"], ("Y",)),
        ("good_flag", [0, 1], ()),
        ("paid", [0, 1], ()),
        ("repaid", ["No", "Yes"], ()),
        ("Loan_Status", ["N", "Y"], ()),
        ("paid_status", [0, 1], ()),
        ("target", [1, 0], ()),
        ("no_default", [0, 1], ()),
        ("loan_approved", [False, True], ()),
        ("creditability", [0, 1], ()),
    ],
)
def test_a_mark_means_default_only_where_the_name_itself_means_bad(
    outcome: str, values: list[object], bad: tuple[object, ...]
) -> None:
    found = draft(table_of(outcome, values))
    assert (found.catalog.people.outcome, found.catalog.people.bad, found.ready) == (
        outcome,
        bad,
        bool(bad),
    )
    if not bad:
        assert "With " in found.questions[0].text
        assert "20.0% would be defaulters" in found.questions[0].text


def test_what_a_bureau_knew_before_is_a_feature_and_no_outcome() -> None:
    past: list[object] = [int(i % 7 == 0) for i in range(N)]
    found = draft(table_of("loan_status", [1, 0], cb_person_default_on_file=past))
    assert found.catalog.people.outcome == "loan_status"
    assert "cb_person_default_on_file" in [
        c for key in found.catalog.keys for c in found.columns(key)
    ]
    assert [q.about for q in found.questions] == ["bad"]


def test_what_looks_like_another_outcome_is_no_feature_and_no_segment() -> None:
    more: list[object] = [["Paid", "Unpaid"][i % 3 == 0] for i in range(N)]
    found = draft(
        table_of(
            "default",
            [1, 0],
            loan_status=more,
            good_flag=[i % 2 for i in range(N)],
            previous_default=[i % 2 for i in range(N)],
        )
    )
    assert {x.column for x in found.left if x.why == "it looks like another outcome"} == {
        "loan_status",
        "good_flag",
    }
    assert "previous_default" in [c for key in found.catalog.keys for c in found.columns(key)]
    assert found.catalog.people.segments == ()
    assert any("loan_status (AUC alone" in note for note in found.notes)


def test_a_value_that_nobody_decided_is_asked_and_what_is_said_of_it_holds() -> None:
    tables = table_of("loan_status", ["Charged Off", "Fully Paid", "Current"])
    found = draft(tables)
    assert (found.catalog.people.bad, [q.about for q in found.questions]) == (
        ("Charged Off",),
        ["undecided"],
    )
    settled = draft(tables, bad=["Charged Off"], undecided=["Current"])
    assert settled.ready
    assert settled.catalog.people.undecided == ("Current",)
    current = sum(v == "Current" for v in tables["t.csv"]["loan_status"])  # type: ignore[attr-defined]
    assert any(
        f"12 of {N - current} people whose outcome is known, {12 / (N - current):.1%}" in note
        for note in settled.notes
    )
    assert draft(tables, bad=["Charged Off"]).ready


def test_an_outcome_of_one_value_is_named() -> None:
    with pytest.raises(Refusal, match=r"'default' of t.csv .* one value on every row.*--outcome"):
        draft({"t.csv": {"id": range(N), "default": [0] * N, "x": [mixed(i, 9) for i in range(N)]}})


def test_two_defaulters_are_too_few_and_the_notes_say_so() -> None:
    found = draft(
        {
            "t.csv": {
                "id": range(N),
                "default": [int(i < 2) for i in range(N)],
                "x": [mixed(i, 9) for i in range(N)],
            }
        }
    )
    assert any("only 2 people defaulted" in note for note in found.notes)


def test_dates_after_the_application_are_out_and_named_first_with_their_auc() -> None:
    later = pl.Series([20250101 + mixed(i, 28) for i in range(N)])
    applied = pl.Series([20240101 + mixed(i, 28) for i in range(N)])
    more = {
        "apply_date": applied,
        "seen_on": later,
        "total_rec_prncp": [mixed(i, 50) for i in range(N)],
        "last_pymnt_amnt": [mixed(i, 47) for i in range(N)],
    }
    found = draft(table_of("defaulted", [1, 0], **more))
    assert found.catalog.people.time == "apply_date"
    assert "seen_on" not in [c for key in found.catalog.keys for c in found.columns(key)]
    first = next(
        i for i, note in enumerate(found.notes) if "Left out, as it may not have been known" in note
    )
    named = " ".join(note for note in found.notes if note.startswith("Left out, as it may not"))
    assert first == 2
    assert "seen_on (AUC alone 0." in named
    assert f"on {N} of {N} rows" in named
    assert {"total_rec_prncp", "last_pymnt_amnt"} <= {x.column for x in found.left}


def test_an_amount_that_differs_on_every_row_is_no_id_and_the_row_number_is_offered() -> None:
    table = {
        "annual_income": [20_000 + 37 * i * i for i in range(N)],
        "x": [mixed(i, 9) for i in range(N)],
        "default": BAD,
    }
    found = draft({"t.csv": table})
    assert (found.catalog.people.id, found.ready) == ("row number", False)
    assert "--id row" in found.questions[0].asked
    assert "annual_income" in [c for key in found.catalog.keys for c in found.columns(key)]
    assert draft({"t.csv": table}, id="row").ready


def test_a_running_number_is_no_feature_in_any_table() -> None:
    home = {
        "customer_id": [f"C{i}" for i in range(N)],
        "nr": range(100, 100 + N),
        "x": [mixed(i, 9) for i in range(N)],
        "default": BAD,
    }
    bureau = {
        "customer_id": [f"C{i}" for i in range(N)],
        "line": [float(i) for i in range(N)],
        "late": [mixed(i, 7) for i in range(N)],
    }
    found = draft({"people.csv": home, "bureau.csv": bureau})
    assert {x.column: x.why for x in found.left if x.column in ("nr", "line")} == {
        "nr": "it is an id",
        "line": "it is a running number",
    }


def test_the_row_that_breaks_an_id_is_named_with_its_remedies() -> None:
    table = {
        "customer_id": [*(f"C{i}" for i in range(N - 1)), "C3"],
        "x": [mixed(i, 9) for i in range(N)],
        "default": BAD,
    }
    found = draft({"t.csv": table})
    assert found.catalog.people.id == "customer_id"
    asked = found.questions[0].asked
    assert "row 60" in asked
    assert "--once customer_id" in asked
    assert "--id row" in asked


def test_one_value_again_and_again_is_no_reason_to_drop_people() -> None:
    table = {
        "customer_id": [*(f"C{i}" for i in range(90)), *["0"] * 8],
        "x": [mixed(i, 9) for i in range(98)],
        "default": [int(i % 5 == 0) for i in range(98)],
    }
    asked = draft({"t.csv": table}).questions[0].asked
    assert "not to be dropped" in asked
    assert "--once" not in asked.split(" (--once, ")[0]
    assert draft({"t.csv": table}).catalog.people.id == "row number"


@pytest.mark.parametrize("last", ["Total", None])
def test_a_total_at_the_end_is_left_out_and_named(last: str | None) -> None:
    table = {
        "customer_id": [*(f"C{i}" for i in range(N)), last],
        "income": [*(1000 + 13 * mixed(i, 50) for i in range(N)), 90_000],
        "default": [*BAD, None],
        "x": [*(mixed(i, 9) for i in range(N)), None],
    }
    found = draft({"t.csv": table})
    assert (found.ready, found.catalog.people.id, found.catalog.cleaning("t.csv").leave_out) == (
        True,
        "customer_id",
        (N + 1,),
    )
    assert any("row 61" in note for note in found.notes)


@pytest.mark.parametrize(
    ("written", "spelled"), [("00{:02}", "{}"), ("c{:03}", "C{:03} "), (" C{:03}", "c{:03}")]
)
def test_ids_that_are_spelled_otherwise_meet(written: str, spelled: str) -> None:
    home = {
        "customer_id": [written.format(i) for i in range(1, N + 1)],
        "default": BAD,
        "x": [mixed(i, 9) for i in range(N)],
    }
    found = draft(
        {
            "people.csv": home,
            "bureau.csv": {
                "customer_id": [spelled.format(i) for i in range(1, N + 1)],
                "late": [mixed(i, 7) for i in range(N)],
            },
        }
    )
    assert found.columns("bureau") == ("late",)
    assert (
        found.catalog.cleaning("bureau.csv").plain
        == found.catalog.cleaning("people.csv").plain
        == "customer_id"
    )
    assert any(f"{N} ids of bureau.csv find their person so" in note for note in found.notes)


def test_ids_that_would_become_one_are_not_joined_and_it_is_said_why() -> None:
    home = {
        "customer_id": [*(f"{i:04}" for i in range(1, N)), "7"],
        "default": BAD,
        "x": [mixed(i, 9) for i in range(N)],
    }
    found = draft(
        {
            "people.csv": home,
            "bureau.csv": {
                "customer_id": [str(i) for i in range(1, N + 1)],
                "late": [mixed(i, 7) for i in range(N)],
            },
        }
    )
    assert any("would share an id" in note for note in found.notes)


def test_a_few_repeated_rows_do_not_make_a_table_of_persons_one_of_records() -> None:
    home = {
        "customer_id": [f"C{i}" for i in range(N)],
        "default": BAD,
        "x": [mixed(i, 9) for i in range(N)],
    }
    bureau = {
        "customer_id": [*(f"C{i}" for i in range(N)), "C3"],
        "longitude": [*(float(mixed(i, 50)) for i in range(N)), float(mixed(3, 50))],
    }
    found = draft({"people.csv": home, "bureau.csv": bureau})
    assert (found.columns("bureau"), found.catalog.cleaning("bureau.csv").once, found.ready) == (
        ("longitude",),
        "customer_id",
        True,
    )
    bureau["longitude"] = [*bureau["longitude"][:-1], 99.5]
    asked = draft({"people.csv": home, "bureau.csv": bureau})
    assert "--many bureau.csv" in asked.questions[0].asked
    many = draft({"people.csv": home, "bureau.csv": bureau}, many=["bureau.csv"])
    assert many.catalog.source("bureau").aggregates


def test_totals_and_headers_among_the_rows_are_left_out_and_named() -> None:
    ids: list[object] = [f"C{i}" for i in range(N)]
    income: list[object] = [100 + mixed(i, 40) for i in range(N)]
    people = {
        "customer_id": [
            *ids[:20],
            "Subtotal North",
            *ids[20:40],
            "customer_id",
            *ids[40:],
            "Grand total:",
            "Durchschnitt",
        ],
        "income": [*income[:20], 9999, *income[20:40], None, *income[40:], 99999, 120],
        "purpose": [
            *["car", "home"] * 10,
            None,
            *["car", "home"] * 10,
            "purpose",
            *["car", "home"] * 10,
            None,
            None,
        ],
        "default": [*BAD[:20], None, *BAD[20:40], None, *BAD[40:], 12, 7],
    }
    found = draft({"people.csv": people})
    assert found.catalog.cleaning("people.csv").leave_out == (21, 42, 63, 64)
    note = next(n for n in found.notes if n.startswith("Left out of people.csv"))
    assert "row 21, as it is called 'Subtotal North' and has no outcome" in note
    assert "row 42, as it holds the names of the columns again" in note
    assert found.catalog.people.bad == (1,)
    assert found.profile("").rows == N


def test_a_few_ids_that_stand_twice_in_another_table_are_asked_about() -> None:
    people = {
        "customer_id": [f"C{i}" for i in range(400)],
        "late": [mixed(i, 9) for i in range(400)],
        "default": [int(i % 5 == 0) for i in range(400)],
    }
    places = {
        "customer_id": [f"C{i % 400}" for i in range(412)],
        "longitude": [0.1 * mixed(i, 50) + i / 1000 for i in range(412)],
    }
    found = draft({"people.csv": people, "places.csv": places})
    assert [q.about for q in found.questions] == ["rows"]
    assert found.columns("places") == ("longitude",)


def test_two_columns_that_may_each_be_the_outcome_are_asked_about_unless_they_agree() -> None:
    one, two = (
        {**CARDS, "bad_90": [b and i % 2 for i, b in enumerate(BAD)]},
        {**CARDS, "bad_90": BAD},
    )
    one["bad_30"] = two["bad_30"] = one.pop("default payment next month")
    two.pop("default payment next month")
    asked = draft({"cards.csv": one}).questions
    assert [q.about for q in asked] == ["outcome"]
    assert "--outcome bad_90" in asked[0].text
    assert not draft({"cards.csv": one}, outcome="bad_30").questions
    assert not draft({"cards.csv": two}).questions


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("impago", "NO", "SI"),
        ("Ausfall", "nein", "ja"),
        ("défaut", "non", "oui"),
        ("дефолт", "нет", "да"),
        ("연체여부", "N", "Y"),
        ("state", "Good loan", "Bad Loan"),
    ],
)
def test_outcomes_are_known_in_other_languages(name: str, good: str, bad: str) -> None:
    people = {
        "id": range(N),
        "income": [mixed(i, 40) for i in range(N)],
        name: [bad if b else good for b in BAD],
    }
    found = draft({"people.csv": people})
    assert (found.catalog.people.outcome, found.catalog.people.bad, found.questions) == (
        name,
        (bad,),
        (),
    )


def test_dates_of_records_are_named_and_lateness_is_proposed() -> None:
    days = [date(2024, 1 + i % 12, 15) for i in range(N)]
    people = {
        "id": range(N),
        "applied_on": days,
        "late": [mixed(i, 9) for i in range(N)],
        "defaulted": BAD,
    }
    parts = {
        "id": [i % N for i in range(3 * N)],
        "due_date": days * 3,
        "paid_date": days * 3,
        "amount": [mixed(i, 50) for i in range(3 * N)],
    }
    notes = " ".join(draft({"people.csv": people, "parts.csv": parts}).notes)
    assert "of its dates (due_date, paid_date) none is plainly the one of a record" in notes
    assert "'due_date' and 'paid_date' of parts.csv tell how late each record was paid" in notes
