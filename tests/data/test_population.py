"""Who are the people, and what do the silos hold of them?"""

from datetime import date, time

import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import Population, find, fingerprint, people
from analytics.data.refusal import Refusal
from analytics.sources.design import draw
from tests.people import rewrite, told


def look(folder, *edits: tuple[str, str]) -> pl.DataFrame:
    return people(find(told(folder, *edits)))


def refusal(folder, *edits: tuple[str, str]) -> str:
    with pytest.raises(Refusal) as refused:
        look(folder, *edits)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def add(folder, table: str, **columns: object) -> None:
    rewrite(folder / table, lambda frame: frame.with_columns(**columns))


def test_everybody_is_there_in_file_order(folder) -> None:
    frame = look(folder)
    assert frame.columns == ["row", "person", "defaulted", "split", "month", "region"]
    assert frame["row"].to_list() == list(range(300))
    assert frame.row(0)[:2] == (0, "p0000")
    assert frame["month"].unique().sort().to_list() == [date(2024, m, 1) for m in range(1, 11)]
    assert frame["defaulted"].to_list() == [
        bool(d) for d in pl.read_csv(folder / "people.csv")["defaulted"]
    ]


def test_globs_name_columns_in_file_order(folder) -> None:
    population = find(told(folder))
    assert [f.name for f in population.features["bureau"]] == ["late_30", "late_90", "utilisation"]
    assert [f.name for f in population.features["bank"]] == ["balance", "job"]


def test_a_cohort_may_ask_for_columns_of_every_silo(folder) -> None:
    population = find(told(folder))
    found = population.collect(
        Cohort.parse("region == 'South' and bank.job == 'free' and bureau.late_90 >= 2"),
        ["row", "person_id", "bank.job", "bureau.late_90"],
    )
    bank, bureau = pl.read_csv(folder / "bank.csv"), pl.read_parquet(folder / "bureau.parquet")
    by_hand = (
        pl.read_csv(folder / "people.csv")
        .with_row_index("row")
        .join(bank, on="person_id")
        .join(bureau, on="person_id")
        .sort("row")
    )
    by_hand = by_hand.filter(
        pl.col("region") == "South", pl.col("job") == "free", pl.col("late_90") >= 2
    )
    assert len(found) > 5
    assert found.rows() == by_hand.select("row", "person_id", "job", "late_90").rows()


def test_whoever_a_silo_does_not_know_meets_no_condition_on_it(folder) -> None:
    population = find(told(folder))
    assert len(population.collect(Cohort.parse("bureau.late_90 == None"), ["row"])) == 150
    assert len(population.collect(Cohort.parse("bureau.late_90 >= 0"), ["row"])) == 150
    assert len(population.collect(EVERYONE, ["row"])) == 300


def test_ids_that_are_numbers_here_and_text_there_are_the_same(folder) -> None:
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(pl.col("person_id").str.slice(1).cast(pl.Int64)),
    )
    pl.read_csv(folder / "people.csv").write_parquet(folder / "people.parquet")
    for table in ("bank.csv", "bureau.parquet"):
        rewrite(
            folder / table,
            lambda f: f.with_columns(
                pl.col("person_id").str.slice(1).str.strip_chars_start("0").replace("", "0")
            ),
        )
    population = find(told(folder, ('"people.csv"', '"people.parquet"')))
    assert (
        len(
            population.collect(
                Cohort.parse("bank.balance > -1000000 and person_id != '1'"), ["bank.balance"]
            )
        )
        == 199
    )


@pytest.mark.parametrize(
    ("values", "bad", "expected"),
    [
        (["1", "0", "", "1"], "[1]", [True, False, None, True]),
        (["1.0", "0.0", "", "0.5"], "[1]", [True, False, None, False]),
        (["2", "0", "1", ""], "[1, 2.0]", [True, False, True, None]),
        (["bad", "good", "", "late"], '["bad", "late"]', [True, False, None, True]),
        (["true", "false", "", "false"], "[true]", [True, False, None, False]),
        (["true", "false", "", "false"], "[1]", [True, False, None, False]),
        (["NaN", "1.5", "0", ""], "[1.5]", [None, True, False, None]),
    ],
)
def test_bad_values_default_others_pay_and_missing_ones_are_unknown(
    folder, values: list[str], bad: str, expected: list[bool | None]
) -> None:
    rewrite(folder / "people.csv", lambda f: f[:4].with_columns(defaulted=pl.Series(values)))
    (folder / "people.csv").write_text((folder / "people.csv").read_text().replace('""', ""))
    assert (
        look(folder, ('outcome = "defaulted"', f'outcome = "defaulted"\nbad = {bad}'))[
            "defaulted"
        ].to_list()
        == expected
    )


def test_a_fingerprint_is_that_of_the_bytes(folder) -> None:
    before = fingerprint(find(told(folder)))
    add(folder, "bank.csv", balance=pl.col("balance") + 1)
    after = fingerprint(find(told(folder)))
    assert {table for table in before if before[table] != after[table]} == {"bank.csv"}
    assert set(before) == {"people.csv", "bureau.parquet", "bank.csv"}


def test_a_file_that_is_not_there(folder) -> None:
    (folder / "bank.csv").unlink()
    assert (
        refusal(folder)
        == f"there is no file 'bank.csv' in {folder}; the catalog names it, put it there or change"
        " the catalog"
    )


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (('"bank.csv"', '"bank.xlsx"'), "there is no file 'bank.xlsx' in "),
        (('id = "person_id"', 'id = "client"'), "people.csv has no column 'client', which catalog.toml names; it has: person_id, applied_on"),
        (('outcome = "defaulted"', 'outcome = "late"'), "people.csv has no column 'late', which catalog.toml names; it has: person_id, applied_on"),
        (('time = "applied_on"', 'time = "when"'), "people.csv has no column 'when', which catalog.toml names; it has: person_id, applied_on"),
        (('segments = ["region"]', 'segments = ["town"]'), "people.csv has no column 'town', which catalog.toml names; it has: person_id, applied_on"),
        (('"balance"', '"income"'), "source 'bank': no column of bank.csv fits 'income'; it has: person_id, balance, job"),
        (('"late_*"', '"late_*", "zzz_*"'), "source 'bureau': no column of bureau.parquet fits 'zzz_*'; it has: person_id, late_30"),
        (("features.late_90", "features.late_60"), "source 'bureau' describes a feature 'late_60' that is none of its columns: late_30, late_90, utilisation"),
        (("cost = 1.5", 'present = "found"'), "bureau.parquet has no column 'found', which catalog.toml names; it has: person_id, late_30"),
        (("cost = 1.5", 'consent = "agreed"'), "bureau.parquet has no column 'agreed', which catalog.toml names; it has: person_id, late_30"),
        (('time = "applied_on"', 'time = "region"'), "people.csv: time column 'region' holds String, not dates; write dates as 2025-06-30"),
        (('outcome = "defaulted"', 'outcome = "region"'), "people.csv: outcome 'region' holds String, but 'bad' names 1; write the bad values"),
        (('outcome = "defaulted"', 'outcome = "applied_on"'), "people.csv: outcome 'applied_on' holds Date; it must hold numbers, true or false, or text"),
        (
            ('outcome = "defaulted"', 'outcome = "defaulted"\nbad = [9]'),
            "people.csv: in outcome 'defaulted' nobody has a bad value (9); an outcome needs both kinds, see 'bad' in the catalog",
        ),
        (
            ('outcome = "defaulted"', 'outcome = "defaulted"\nbad = [0, 1]'),
            "people.csv: in outcome 'defaulted' everybody has a bad value; an outcome needs both kinds, see 'bad' in the catalog",
        ),
        (('outcome = "defaulted"', 'outcome = "defaulted"\nbad = []'), "people.csv: in outcome 'defaulted' nobody has a bad value ()"),
        (
            ("[[bureaus]]", '[sources.features.job]\ntype = "number"\n\n[[bureaus]]'),
            "column 'job' of bank.csv holds text, but the catalog declares a number; mend the file, or drop 'type' and 'direction'",
        ),
        (('columns = ["balance", "job"]', 'columns = ["balance"]\npresent = "job"'), "column 'job' of bank.csv holds String; 'present' and 'consent' must be"),
    ],
)  # fmt: skip
def test_what_the_catalog_says_and_the_files_do_not_hold(
    folder, edit: tuple[str, str], sentence: str
) -> None:
    assert refusal(folder, edit).startswith(sentence)


def test_a_column_named_by_a_word_of_our_own_is_read_under_another_name(folder) -> None:
    add(folder, "people.csv", row=pl.int_range(300), person=pl.lit(2))
    population = find(told(folder))
    assert {"row_2", "person_2"} <= set(population.schemas["people.csv"])
    told_of = [f.text for f in population.findings if f.column == "row_2"]
    assert told_of == [
        "people.csv, column 'row_2': the name of column 5, 'row', is a word of our own, so it is"
        " called 'row_2'; nothing needs doing"
    ]
    assert look(folder)["row"].to_list() == list(range(300))


@pytest.mark.parametrize(
    "odd",
    [
        pl.lit(time(12, 30)),
        pl.concat_list("late_30"),
        pl.lit(None),
        pl.col("person_id").cast(pl.Binary),
    ],
)
def test_columns_that_no_model_can_use_are_left_out_and_said(folder, odd: pl.Expr) -> None:
    add(folder, "bureau.parquet", late_odd=odd)
    population = find(told(folder))
    assert [f.name for f in population.features["bureau"]] == ["late_30", "late_90", "utilisation"]
    assert [(f.table, f.column) for f in population.findings] == [("bureau.parquet", "late_odd")]


def test_a_source_of_which_no_cell_holds_a_value_is_refused(folder) -> None:
    rewrite(folder / "bank.csv", lambda f: f.with_columns(balance=None, job=None))
    assert (
        refusal(folder)
        == "source 'bank': no cell of its columns in bank.csv holds a value; fill them, or leave"
        " the source out"
    )


def test_an_amount_is_no_outcome(folder) -> None:
    rewrite(folder / "people.csv", lambda f: f.with_columns(defaulted=pl.int_range(pl.len())))
    assert refusal(folder).startswith(
        "people.csv: outcome 'defaulted' has 300 different values, and more than 50 make an amount"
    )


def test_a_table_told_of_that_nobody_reads(folder) -> None:
    with (folder / "catalog.toml").open("a") as file:
        file.write('\n[tables."cars.csv"]\nseparator = ";"\n')
    assert (
        refusal(folder)
        == "catalog.toml says under [tables] how 'cars.csv' is read, but nothing reads it; it"
        " reads: people.csv, bureau.parquet, bank.csv"
    )


def test_a_source_made_of_many_records_has_one_row_per_person_on_the_shelf(folder) -> None:
    orders = pl.DataFrame({"person_id": ["p0001", "p0001", "p0004"], "paid": [1.5, 2.5, 9.0]})
    orders.write_csv(folder / "orders.csv")
    text = (
        '[[sources]]\nkey = "shop"\ntable = "orders.csv"\n[sources.aggregates.spent]\nof ='
        ' "sum"\ncolumn = "paid"\n\n[[bureaus]]'
    )
    population = find(told(folder, ("[[bureaus]]", text)))
    source = population.catalog.source("shop")
    assert population.table_of(source) == "shop (made)"
    assert population.table("shop (made)").collect().rows() == [("p0001", 4.0), ("p0004", 9.0)]
    assert population.collect(Cohort.parse("shop.spent > 5"), ["person_id"])[
        "person_id"
    ].to_list() == ["p0004"]
    assert draw(population, people(population), source).rows.tolist() == [1, 4]
    before = fingerprint(population)
    pl.concat([orders, orders[:1]]).write_csv(folder / "orders.csv")
    after = fingerprint(find(population.catalog))
    assert {table for table in before if before[table] != after[table]} == {
        "orders.csv",
        "shop (made)",
    }


def test_a_feature_called_row_is_read_and_not_taken_for_the_people(folder) -> None:
    add(folder, "bank.csv", row=pl.int_range(pl.len()))
    sentence = (
        "source 'bank': no column of bank.csv fits 'row'; it has: person_id, balance, job, row_2"
    )
    assert refusal(folder, ('"balance"', '"balance", "row"')) == sentence
    population = find(told(folder, ('"row"', '"row_2"')))
    assert [f.name for f in population.features["bank"]] == ["balance", "job", "row_2"]


def test_an_id_twice_among_the_people(folder) -> None:
    rewrite(folder / "people.csv", lambda f: pl.concat([f, f[:2]]))
    assert (
        refusal(folder)
        == "people.csv: 2 rows repeat the 'person_id' of another row; keep one row per person"
    )


def test_a_person_without_an_id(folder) -> None:
    add(folder, "people.csv", person_id=pl.when(pl.int_range(pl.len()) > 0).then("person_id"))
    assert refusal(folder) == "people.csv: 1 rows have no 'person_id'; every row needs one"


def test_a_segment_that_is_no_text(folder) -> None:
    pl.read_csv(folder / "people.csv", try_parse_dates=True).with_columns(
        region=pl.concat_list("region")
    ).write_parquet(folder / "people.parquet")
    assert refusal(folder, ('"people.csv"', '"people.parquet"')).startswith(
        "people.parquet has no column 'region', which catalog.toml names; it has:"
    )


def test_a_missing_segment_is_called_missing(folder) -> None:
    add(folder, "people.csv", region=pl.when(pl.int_range(pl.len()) > 0).then("region"))
    assert look(folder)["region"][:2].to_list() == ["(missing)", "North"]


@pytest.mark.parametrize("table", ["bureau.parquet", "bank.csv"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x00" * 50])
def test_a_damaged_file_is_refused(folder, table: str, content: bytes) -> None:
    (folder / table).write_bytes(content)
    assert table in refusal(folder)


def test_what_is_wrong_in_a_row_is_not_quoted(folder) -> None:
    with (folder / "bank.csv").open("a") as file:
        file.write("p9998,1,secret,3,4,5,6\n")
    sentence = "bank.csv: 1 rows do not have the 3 fields of the header (first in row 201); "
    assert (
        refusal(folder)
        == sentence + "write each row with as many, and put texts that hold the separator in quotes"
    )


def test_a_truncated_parquet_file_is_refused(folder) -> None:
    whole = (folder / "bureau.parquet").read_bytes()
    (folder / "bureau.parquet").write_bytes(whole[: len(whole) // 2])
    assert (
        refusal(folder)
        == "bureau.parquet: it is a damaged or truncated Parquet table; write it anew"
    )


def test_an_unknown_column_is_named_with_those_there_are(settled) -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^no column 'shoe' in this population; it has: applied_on, bank.balance, bank.job,"
            r" bureau.late_30"
        ),
    ):
        find(settled).collect(EVERYONE, ["shoe"])


def test_a_catalog_of_one_table_needs_no_other(tmp_path) -> None:
    frame = pl.DataFrame(
        {"id": range(40), "bad": [0, 1] * 20, "age": range(40), "income": [5, None] * 20}
    )
    frame.write_csv(tmp_path / "all.csv")
    text = (
        '[population]\ntable = "all.csv"\nid = "id"\noutcome = "bad"\n[[sources]]\nkey ='
        ' "one"\ncolumns = ["*"]\n'
    )
    (tmp_path / "catalog.toml").write_text(text)
    population = find(read(tmp_path / "catalog.toml"))
    assert [f.name for f in population.features["one"]] == ["age", "income"]
    assert population.collect(Cohort.parse("income == 5 and age < 4"), ["age"])[
        "age"
    ].to_list() == [0, 2]
    assert people(population).columns == ["row", "person", "defaulted", "split"]


FAKES = '[sources.fakes]\nsigns = ["late_*"]\nflag = "fake"\n'


def flag(
    folder,
    fakes: str = FAKES,
    *edits: tuple[str, str],
    table: str = "bureau.parquet",
    **columns: object,
) -> Population:
    """The tables with a flag of fake records, known of all but the first, and the bureau's fakes
    declared.
    """
    add(
        folder,
        table,
        **(
            columns
            or {"fake": pl.when(pl.int_range(pl.len()) > 0).then(pl.int_range(pl.len()) % 3 == 0)}
        ),
    )
    return find(
        told(folder, ("[sources.features.late_90]", f"{fakes}\n[sources.features.late_90]"), *edits)
    )


def test_a_flag_of_fake_records_is_true_false_or_unknown_and_no_feature_though_a_glob_fits_it(
    folder,
) -> None:
    population = flag(folder, FAKES, ('columns = ["late_*", "utilisation"]', 'columns = ["*"]'))
    assert [f.name for f in population.features["bureau"]] == ["late_30", "late_90", "utilisation"]
    flags = population.flags(population.catalog.source("bureau"))
    assert flags.columns == ["person", "fake"]
    assert flags[:4].rows() == [
        ("p0000", None),
        ("p0002", False),
        ("p0004", False),
        ("p0006", True),
    ]


def test_a_flag_is_no_feature_of_another_source_over_the_same_table_and_its_name_is_free_elsewhere(
    folder,
) -> None:
    for name in ("people.csv", "bank.csv"):
        add(folder, name, fake=pl.int_range(pl.len()) % 2)
    more = (
        '[[sources]]\nkey = "more"\ntable = "bank.csv"\ncolumns = ["*"]\n\n[[sources]]\nkey ='
        ' "who"\ncolumns = ["reg*", "fake*", "appl*"]\n\n'
    )
    fakes = FAKES.replace("late_*", "balance")
    edits = (
        ("[[bureaus]]", f"{more}[[bureaus]]"),
        ('columns = ["balance", "job"]', f'columns = ["balance", "job"]\n{fakes}'),
    )
    population = find(told(folder, *edits))
    assert [f.name for f in population.features["more"]] == ["balance", "job"]
    assert [f.name for f in population.features["who"]] == ["applied_on", "region", "fake"]


def test_flags_in_a_table_of_their_own_are_found_by_the_id_and_no_source_over_it_learns_from_them(
    folder,
) -> None:
    pl.DataFrame({"person_id": ["p0004", "p0001"], "fake": [1, 0], "age": [30, 40]}).write_csv(
        folder / "found.csv"
    )
    more = '[[sources]]\nkey = "more"\ntable = "found.csv"\ncolumns = ["*"]\n\n[[bureaus]]'
    fakes = FAKES + 'table = "found.csv"\n'
    population = find(
        told(
            folder,
            ("[sources.features.late_90]", f"{fakes}\n[sources.features.late_90]"),
            ("[[bureaus]]", more),
        )
    )
    assert [f.name for f in population.features["more"]] == ["age"]
    assert population.flags(population.catalog.source("bureau")).rows() == [
        ("p0004", True),
        ("p0001", False),
    ]


def test_an_aggregate_may_make_the_flag_of_its_own_source(folder) -> None:
    pl.DataFrame(
        {"person_id": ["p0001", "p0001", "p0004"], "paid": [1.5, 2.5, 9.0], "odd": [0, 1, 0]}
    ).write_csv(folder / "orders.csv")
    text = (
        '[[sources]]\nkey = "shop"\ntable = "orders.csv"\nfakes = { signs = ["spent"], flag ='
        ' "odd" }\n'
    )
    text += (
        '[sources.aggregates.spent]\nof = "sum"\ncolumn = "paid"\n[sources.aggregates.odd]\nof ='
        ' "max"\ncolumn = "odd"\n\n[[bureaus]]'
    )
    population = find(told(folder, ("[[bureaus]]", text)))
    assert [f.name for f in population.features["shop"]] == ["spent"]
    assert population.flags(population.catalog.source("shop")).rows() == [
        ("p0001", True),
        ("p0004", False),
    ]
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'shop' names 'odd', the flag of fake records, and no source may learn from"
            r" it; leave it out there$"
        ),
    ):
        find(told(folder, ('of = "sum"\ncolumn = "paid"', 'of = "sum"\ncolumn = "odd"')))


def test_a_flag_table_whose_ids_are_numbers_is_joined_by_their_text(folder) -> None:
    for name in ("people.csv", "bank.csv", "bureau.parquet"):
        rewrite(
            folder / name,
            lambda f: f.with_columns(person_id=pl.col("person_id").str.slice(1).cast(pl.Int64)),
        )
    pl.DataFrame({"person_id": ["2", "4"], "fake": [True, False]}).write_parquet(
        folder / "found.parquet"
    )
    pl.read_csv(folder / "people.csv", try_parse_dates=True).write_parquet(
        folder / "people.parquet"
    )
    pl.read_csv(folder / "bank.csv").write_parquet(folder / "bank.parquet")
    fakes = FAKES + 'table = "found.parquet"\n'
    edits = (
        ("people.csv", "people.parquet"),
        ("bank.csv", "bank.parquet"),
        ("[sources.features.late_90]", f"{fakes}\n[sources.features.late_90]"),
    )
    population = find(told(folder, *edits))
    ids = people(population)["person"]
    assert ids[:3].to_list() == ["0", "1", "2"]
    assert (
        population.flags(population.catalog.source("bureau"))["person"].is_in(ids.implode()).all()
    )


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        (pl.lit(1), [True, True]),
        (pl.when(pl.int_range(pl.len()) == 1).then(0.0).otherwise(float("nan")), [None, False]),
        (pl.when(pl.int_range(pl.len()) == 1).then(1).otherwise(-9), [None, True]),
    ],
)
def test_a_flag_of_numbers_and_codes_for_missing(
    folder, values: pl.Expr, flags: list[bool | None]
) -> None:
    population = flag(folder, FAKES, ('segments = ["region"]', "missing = [-9]"), fake=values)
    assert population.flags(population.catalog.source("bureau"))["fake"][:2].to_list() == flags


@pytest.mark.parametrize(
    ("fakes", "values", "sentence"),
    [
        (
            FAKES.replace('"fake"', '"sham"'),
            pl.lit(1),
            (
                "bureau.parquet has no column 'sham', which catalog.toml names; it has: person_id,"
                " late_30"
            ),
        ),
        (
            FAKES,
            pl.lit("no"),
            (
                "column 'fake' of bureau.parquet holds String; the flag of fake records must be"
                " true or false, or 1 or 0"
            ),
        ),
        (
            FAKES,
            pl.int_range(pl.len()),
            (
                "column 'fake' of bureau.parquet holds other numbers than 1 and 0; the flag of fake"
                " records must be true or false, or 1 or 0, and missing where it is not known"
            ),
        ),
        (
            FAKES.replace("late_*", "early_*"),
            pl.lit(1),
            (
                "source 'bureau': no feature of it fits the sign 'early_*' of fake records; its"
                " features are: late_30, late_90, utilisation"
            ),
        ),
        (
            FAKES.replace("late_*", "fake"),
            pl.lit(1),
            (
                "source 'bureau': no feature of it fits the sign 'fake' of fake records; its"
                " features are: late_30"
            ),
        ),
        (
            FAKES.replace('"fake"', '"defaulted"\ntable = "people.csv"'),
            pl.lit(1),
            (
                "source 'bureau' names the outcome 'defaulted' as the flag of fake records; name a"
                " column that tells fakes, whoever defaults"
            ),
        ),
        (
            FAKES + 'table = "bank.csv"\n',
            pl.lit(1),
            (
                "bank.csv has no column 'fake', which catalog.toml names; it has: person_id,"
                " balance, job"
            ),
        ),
        (FAKES + 'table = "found.csv"\n', pl.lit(1), "there is no file 'found.csv' in "),
    ],
)
def test_a_flag_that_cannot_be_used(folder, fakes: str, values: pl.Expr, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        flag(folder, fakes, fake=values)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    "edit",
    [
        ('"late_*", ', '"late_*", "fake", '),
        ('"late_*", ', '"late_*", "[f]ake", '),
        ("cost = 1.5", 'present = "fake"'),
        ("cost = 1.5", 'consent = "fake"'),
    ],
)
def test_a_source_that_names_the_flag_is_refused(folder, edit: tuple[str, str]) -> None:
    sentence = (
        "source 'bureau' names 'fake', the flag of fake records, and no source may learn from it;"
        " leave it out there"
    )
    if "[f]" in edit[1]:
        sentence = (
            "source 'bureau': no column of bureau.parquet fits '[f]ake'; it would fit 'fake', the"
            " flag of fake records, but no source may learn from it"
        )
    with pytest.raises(Refusal) as refused:
        flag(folder, FAKES, edit)
    assert str(refused.value) == sentence


def test_flags_without_an_id_or_with_one_twice_are_refused(folder) -> None:
    pl.DataFrame({"client": ["p0004"], "fake": [1]}).write_csv(folder / "found.csv")
    fakes = FAKES + 'table = "found.csv"\n'
    with pytest.raises(
        Refusal,
        match=(
            r"^found.csv has no column 'person_id', which catalog.toml names; it has: client, fake$"
        ),
    ):
        flag(folder, fakes)
    pl.DataFrame({"person_id": ["p0004", "p0004"], "fake": [1, 1]}).write_csv(folder / "found.csv")
    population = find(read(folder / "catalog.toml"))
    with pytest.raises(
        Refusal,
        match=r"^found.csv: 1 rows repeat the 'person_id' of another row; keep one row per person$",
    ):
        population.flags(population.catalog.source("bureau"))


def test_a_source_without_fakes_has_no_flags(settled) -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'bank' has no 'fakes' in catalog.toml; name there the signs of fake records"
            r" and the flag of known ones$"
        ),
    ):
        find(settled).flags(settled.source("bank"))


def test_values_not_decided_yet_are_unknown_and_open_questions_let_nothing_be_learned(
    tmp_path,
) -> None:
    rows = [
        "status,x",
        *(f"{('bad', 'good', 'Current')[i % 3]},{i * 7 % 11}" for i in range(30)),
        "Total,9999",
    ]
    (tmp_path / "people.csv").write_text("\n".join(rows))
    toml = """
        [population]
        table = "people.csv"
        id = "row number"
        outcome = "status"
        bad = ["bad"]
        undecided = ["Current"]
        DECIDE
        [tables."people.csv"]
        leave_out = [31]
        missing = { x = [9] }
        [[sources]]
        key = "x"
        columns = ["x"]
    """
    path = tmp_path / "catalog.toml"
    path.write_text(toml.replace("DECIDE", ""))
    population = find(read(path), tmp_path / "shelf")
    told = people(population)
    assert told["person"].to_list() == list(range(1, 31))
    assert (told["defaulted"].sum(), told["defaulted"].null_count()) == (10, 10)
    assert population.catalog.codes("people.csv", "x") == (9,)
    path.write_text(toml.replace("DECIDE", 'decide = ["which of these mean default (--bad)"]'))
    with pytest.raises(Refusal, match=r"leaves open what only you can say.*--bad"):
        find(read(path), tmp_path / "shelf")
