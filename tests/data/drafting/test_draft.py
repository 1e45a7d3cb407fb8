"""What has the analyst so far, and what does it look like as a file?"""

import tempfile
from dataclasses import replace
from glob import escape
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.model import (
    AGGREGATES,
    READ_AS,
    RESERVED,
    Aggregate,
    Alliance,
    Bureau,
    Catalog,
    Fakes,
    Feature,
    People,
    Source,
    Step,
    Table,
)
from analytics.data.catalog.toml import read, text
from analytics.data.cohort import Condition
from analytics.data.drafting.draft import Draft, Left, describe, move, put, tidy
from analytics.data.drafting.profile import profile
from analytics.data.refusal import Refusal

PEOPLE = pl.LazyFrame(
    {
        "id": ["ann", "bob", "cleo"],
        "code": [7, 8, 9],
        "bad": [1, 0, 0],
        "late": ["yes", "no", "no"],
        "day": ["2025-01-31", "2025-02-01", "2025-02-02"],
        "pay_1": [1, 2, 3],
        "pay_2": [1, 2, 3],
        "pay_3": [1, 2, 3],
        "age[y]": [30, 40, 50],
        "asked": [True, True, False],
    }
)
BANK = pl.LazyFrame({"id": ["ann", "bob"], "flow": [1.0, 2.0], "debt": [3, 4]})
CARDS = pl.LazyFrame({"id": ["ann", "ann"], "limit": [1.0, 2.0]})
PROFILES = (profile("people.csv", PEOPLE), profile("bank.csv", BANK), profile("cards.csv", CARDS))
CATALOG = Catalog(
    People("people.csv", "id", "bad", time="day"),
    (
        Source("pay", "Payments", ("pay_*",), features=(Feature("pay_1", "First"),)),
        Source("bank", "Bank", ("flow", "debt"), table="bank.csv", cost=1.5),
        Source(
            "cards",
            "Cards",
            ("*",),
            table="cards.csv",
            aggregates=(Aggregate("count", "count"), Aggregate("limit_max", "max", "limit")),
        ),
    ),
)
DRAFT = Draft(CATALOG, PROFILES, reasons=(Left("people.csv", "age[y]", "it is too young"),))

WORDS = st.text(
    st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12
) | st.sampled_from(["贷款余额", 'say "hi"', "it's", "a\\b", "x\ny", "new#"])
KEYS = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True) | st.sampled_from(["信用", "größe"])
JOINABLE = WORDS.map(str.strip).filter(lambda w: w and not set(w) & set(":="))
LABELS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.floats(0, 1e9)
SCALARS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | WORDS | st.booleans()
CONDITIONS = st.builds(
    Condition, WORDS, st.sampled_from(["==", "!=", "<", ">="]), SCALARS
) | st.builds(Condition, WORDS, st.just("in"), st.lists(SCALARS).map(tuple))
FEATURES = st.builds(
    Feature,
    WORDS,
    LABELS,
    LABELS,
    st.sampled_from(["riskier", "safer", "unknown"]),
    st.booleans(),
    st.sampled_from(["", "number"]),
    *[LABELS] * 5,
)
FAKEABLE = st.builds(replace, FEATURES, fakeable=st.just(True), price=st.floats(0.001, 1e6))
FAKES = st.builds(
    Fakes, st.lists(WORDS, min_size=1, max_size=3).map(tuple), WORDS, st.just("") | WORDS
)
TABLES = st.builds(
    Table,
    WORDS,
    separator=st.sampled_from(["", ";", "\t", '"']),
    encoding=LABELS,
    decimal=st.sampled_from(["", ".", ","]),
    sheet=LABELS,
    types=st.dictionaries(WORDS, st.sampled_from([*READ_AS, "%y%m%d"]), max_size=3).map(
        lambda d: tuple(d.items())
    ),
    credentials=LABELS,
) | st.builds(Table, WORDS, url=WORDS, query=WORDS)


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    of = draw(st.sampled_from(AGGREGATES))
    where = " and ".join(map(str, draw(st.lists(CONDITIONS, max_size=2))))
    return Aggregate(
        draw(WORDS),
        of,
        "" if of in ("count", "days since") else draw(WORDS),
        where,
        draw(st.integers(0, 900)),
    )


@st.composite
def sources(draw: st.DrawFn, key: str) -> Source:
    made = draw(st.lists(aggregates(), max_size=3, unique_by=lambda a: a.name))
    steps = draw(st.lists(st.builds(Step, JOINABLE, JOINABLE, JOINABLE), max_size=3))
    table = steps[-1].table if steps else draw(WORDS)
    columns = (
        ("*",)
        if made and draw(st.booleans())
        else tuple(draw(st.lists(WORDS, min_size=1, max_size=3)))
    )
    features = tuple(draw(st.lists(FEATURES | FAKEABLE, max_size=2, unique_by=lambda f: f.name)))
    words = [draw(LABELS) for _ in range(5)]
    lag, fakes = draw(st.integers(0, 900)) if made else 0, draw(st.none() | FAKES)
    told = (
        words[0],
        columns,
        words[1],
        features,
        table,
        words[2],
        draw(NUMBERS),
        words[3],
        words[4],
        tuple(steps),
        draw(WORDS),
        tuple(made),
        lag,
        fakes,
    )
    return Source(key, *told)


@st.composite
def bureaus(draw: st.DrawFn, key: str, keys: list[str]) -> Bureau:
    weights = draw(st.dictionaries(st.sampled_from(keys), st.floats(0.1, 100), min_size=1))
    sees = (
        {k: tuple(draw(st.lists(CONDITIONS, max_size=2))) for k in keys}
        if draw(st.booleans())
        else {}
    )
    bands = tuple(sorted(draw(st.sets(st.integers(351, 949).map(float), max_size=4))))
    names = tuple(draw(WORDS) for _ in range(len(bands) + 1)) if draw(st.booleans()) else ()
    return Bureau(
        key,
        draw(LABELS),
        tuple(weights.items()),
        tuple(sees.items()),
        draw(st.sampled_from([350.0, 0.5])),
        950.0,
        bands,
        names,
        draw(LABELS),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    keys = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    segments = tuple(w for w in draw(st.lists(WORDS, max_size=3)) if w not in RESERVED)
    people = People(
        *(draw(WORDS.filter(lambda w: len(w) < 12)) + "!" for _ in range(3)),
        bad=tuple(draw(st.lists(SCALARS, max_size=3))),
        label=draw(LABELS),
        fictional=draw(st.booleans()),
        time=draw(WORDS),
        segments=segments,
        protected=segments[:1],
        missing=tuple(draw(st.lists(st.integers(-99, 99) | WORDS, max_size=3))),
        currency=draw(LABELS),
        gain=draw(NUMBERS),
        loss=draw(NUMBERS),
    )
    who = draw(st.lists(KEYS, max_size=3, unique=True))
    joint = (Alliance("joint", draw(LABELS), tuple(who[:2])),) if len(who) > 1 else ()
    named = tuple(draw(st.lists(TABLES, max_size=2, unique_by=lambda t: t.name)))
    return Catalog(
        people,
        tuple(draw(sources(k)) for k in keys),
        tuple(draw(bureaus(k, keys)) for k in who),
        joint,
        tables=named,
    )


@given(catalogs())
def test_a_catalog_written_as_text_is_read_back_the_same(catalog: Catalog) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "catalog.toml")
        path.write_text(text(catalog), "utf-8", newline="")
        assert read(path) == catalog


def test_the_text_says_only_what_differs_from_the_usual_and_puts_short_lists_on_one_line() -> None:
    assert (
        text(CATALOG).split("\n\n", 1)[1]
        == '[population]\ntable = "people.csv"\nid = "id"\noutcome = "bad"\nbad = [1]\ntime ='
        ' "day"\n\n[[sources]]\nkey = "pay"\nlabel = "Payments"\ncolumns ='
        ' ["pay_*"]\n\n[sources.features.pay_1]\nlabel = "First"\n\n[[sources]]\nkey ='
        ' "bank"\nlabel = "Bank"\ntable = "bank.csv"\ncolumns = ["flow", "debt"]\ncost ='
        ' 1.5\n\n[[sources]]\nkey = "cards"\nlabel = "Cards"\ntable ='
        ' "cards.csv"\n\n[sources.aggregates.count]\nof ='
        ' "count"\n\n[sources.aggregates.limit_max]\nof = "max"\ncolumn = "limit"\n'
    )


def test_the_text_says_what_can_be_faked_how_fakes_are_told_and_how_late_records_come() -> None:
    spent, fakes = (
        Feature("spent", fakeable=True, price=0.25),
        Fakes(("burst*",), "fake", "found.csv"),
    )
    shop = Source(
        "shop",
        "Shop",
        ("*",),
        "",
        (spent,),
        "orders.csv",
        date="made_on",
        aggregates=(Aggregate("spent", "sum", "paid"),),
        lag=14,
        fakes=fakes,
    )
    assert (
        text(replace(CATALOG, sources=(shop,))).split("[[sources]]\n")[1]
        == 'key = "shop"\nlabel = "Shop"\ntable = "orders.csv"\ndate = "made_on"\nlag ='
        ' 14\n\n[sources.fakes]\nsigns = ["burst*"]\nflag = "fake"\ntable ='
        ' "found.csv"\n\n[sources.features.spent]\nfakeable = true\nprice ='
        ' 0.25\n\n[sources.aggregates.spent]\nof = "sum"\ncolumn = "paid"\n'
    )


def test_the_catalog_of_the_sample_people_written_as_text_is_read_back_the_same(tmp_path) -> None:
    catalog = read(Path(__file__).parents[3] / "sample_data" / "catalog.toml")
    (tmp_path / "catalog.toml").write_text(text(catalog), "utf-8")
    assert read(tmp_path / "catalog.toml") == catalog
    shop = catalog.source("ecommerce")
    assert shop.fakes == Fakes(
        tuple(f.name for f in shop.features[-6:]), "fake_orders", "truth.parquet"
    )
    assert [f.name for s in catalog for f in s.features if f.fakeable] == [
        "orders_12m", "spend_cny_12m", "return_share", "failed_delivery_share", "transfers_in_cny_month", "merchants_30d", "invoices_cny_12m",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "step",
    [
        Step("b.csv", "a:b", "id"),
        Step("b.csv", "a=b", "a=b"),
        Step("b.csv", " a", "id"),
        Step("b.csv", "a", ""),
    ],
)
def test_a_join_that_cannot_be_written_is_refused(step: Step) -> None:
    with pytest.raises(Refusal, match="cannot be written"):
        text(
            Catalog(
                People("a.csv", "id", "bad"),
                (Source("s", "S", ("x",), table="b.csv", steps=(step,)),),
            )
        )


def test_what_no_source_reads_is_left_with_its_reason() -> None:
    assert [(x.table, x.column, x.why) for x in DRAFT.left] == [
        ("people.csv", "id", "it is the id"),
        ("people.csv", "code", "it was left out"),
        ("people.csv", "bad", "it is the outcome"),
        ("people.csv", "late", "it was left out"),
        ("people.csv", "day", "it is the date of application"),
        ("people.csv", "age[y]", "it is too young"),
        ("people.csv", "asked", "it was left out"),
        ("bank.csv", "id", "it is the id"),
        ("cards.csv", "id", "it is the id"),
    ]


def test_a_moved_column_is_read_by_its_new_source_alone() -> None:
    moved = move(DRAFT, "pay_1", "first")
    assert moved.catalog.source("first") == Source("first", "First", ("pay_1",))
    assert (moved.columns("first"), moved.columns("pay")) == (("pay_1",), ("pay_2", "pay_3"))
    assert moved.catalog.source("pay").features == ()
    back = move(moved, "pay_1", "pay")
    assert back.catalog.keys == CATALOG.keys
    assert back.catalog.source("pay").columns == ("pay_*",)
    assert move(back, "age[y]", "pay").columns("pay") == ("pay_1", "pay_2", "pay_3", "age[y]")
    assert DRAFT.catalog == CATALOG


def test_a_column_or_an_aggregate_may_be_left_out_and_an_empty_source_goes() -> None:
    assert move(DRAFT, "flow", "").columns("bank") == ("debt",)
    assert move(move(DRAFT, "flow", ""), "debt", "").catalog.keys == ("pay", "cards")
    assert move(DRAFT, "flow", "wealth").catalog.source("wealth").table == "bank.csv"
    assert move(DRAFT, "limit_max", "").columns("cards") == ("count",)
    assert move(move(DRAFT, "limit_max", ""), "count", "").catalog.keys == ("pay", "bank")


@pytest.mark.parametrize(
    ("column", "key", "words"),
    [
        ("none", "pay", "no column 'none'"),
        ("bad", "pay", "is the outcome"),
        ("id", "pay", "is the id"),
        ("day", "pay", "date of application"),
        ("flow", "pay", "reads people.csv"),
        ("age[y]", "cards", "by aggregates"),
        ("limit", "other", "row by row"),
        ("limit_max", "pay", "is an aggregate"),
        ("age[y]", "two words", "one word"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(column: str, key: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        move(DRAFT, column, key)


def test_the_last_source_stays() -> None:
    alone = replace(DRAFT, catalog=replace(CATALOG, sources=(Source("x", "X", ("age[[]y]",)),)))
    assert alone.columns("x") == ("age[y]",)
    with pytest.raises(Refusal, match="at least one"):
        move(alone, "age[y]", "")


def test_a_source_is_described_and_its_flags_are_no_features() -> None:
    told = describe(
        move(DRAFT, "asked", "pay"), "pay", label="Instalments", cost=2.0, consent="asked"
    )
    source = told.catalog.source("pay")
    assert (source.label, source.cost, source.consent, told.columns("pay")) == (
        "Instalments",
        2.0,
        "asked",
        ("pay_1", "pay_2", "pay_3"),
    )
    for said in ({"cost": -1.0}, {"consent": "none"}, {"table": "bank.csv"}):
        with pytest.raises(Refusal):
            describe(DRAFT, "pay", **said)
    with pytest.raises(Refusal, match="no source 'none'"):
        describe(DRAFT, "none", label="x")


def test_what_becomes_outcome_id_or_time_leaves_its_source() -> None:
    wide = move(move(DRAFT, "late", "pay"), "code", "pay")
    told = put(wide, outcome="late", bad=["yes"], id="code", segments=["asked"], missing=[-9])
    assert told.catalog.people == People(
        "people.csv", "code", "late", ("yes",), time="day", segments=("asked",), missing=(-9,)
    )
    assert told.columns("pay") == ("pay_1", "pay_2", "pay_3")
    assert ("people.csv", "bad") in [(x.table, x.column) for x in told.left]


def test_another_outcome_asks_again_for_its_bad_values() -> None:
    assert DRAFT.ready
    assert not put(DRAFT, outcome="late").ready
    assert put(DRAFT, bad=["0"]).catalog.people.bad == (0,)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"id": "asked"}, "missing or repeated"),
        ({"outcome": "none"}, "no column 'none'"),
        ({"outcome": ""}, "needs an id and an outcome"),
        ({"outcome": "day"}, "three columns"),
        ({"segments": ["none"]}, "no column 'none'"),
        ({"bad": ["x"]}, "is none"),
        ({"gain": -1.0}, "0 or more"),
        ({"table": "bank.csv"}, "no 'table' to change"),
    ],
)
def test_a_population_that_makes_no_sense_is_refused(said: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        put(DRAFT, **said)


@given(
    st.lists(st.text("ab1_[]*?", min_size=1, max_size=5), min_size=1, max_size=12, unique=True),
    st.data(),
)
def test_shortened_columns_are_exactly_those_that_were_named(
    names: list[str], data: st.DataObject
) -> None:
    table = profile(
        "t", pl.LazyFrame({**{n: [1, 2] for n in names}, "the id": [1, 2], "the outcome": [0, 1]})
    )
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    draft = Draft(
        Catalog(People("t", "the id", "the outcome"), (Source("s", "S", ("the*",)),)), (table,)
    )
    catalog = tidy(
        replace(draft.catalog, sources=(Source("s", "S", tuple(map(escape, chosen))),)), (table,)
    )
    assert replace(draft, catalog=catalog).columns("s") == tuple(n for n in names if n in chosen)
