import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.toml import read
from analytics.data.refusal import Refusal
from pages.parts.data import sentences as data_sentences
from pages.shared import datasets
from tests.pages.reader import buttons, line, press, said, table, told, turn
from tests.pages.reader import opened as open_page
from tests.people import edit, rewrite, settle

OWN = "A" * 16  # the token of whoever brought them


@pytest.fixture
def mine(home: Path, request: pytest.FixtureRequest) -> Path:
    """Somebody's own three tables, brought to the app under test without a catalog.

    The folder is named after the test.
    """
    folder = home.resolve() / "data" / OWN / request.node.name.partition("[")[0]
    settle(folder, persons=400).unlink()
    return folder


def data_page(folder: Path, **address: str):
    """The page of one's own data, at what was brought under a name."""
    return open_page("data", name=folder.name, own=OWN, **address)


def refusal(app) -> str:
    """What the page says instead of going on; the page itself stands."""
    assert not app.exception
    assert "Refused" in told(app)
    return told(app)


def listed(app, file: str) -> list[str]:
    """The row of a file: its rows, columns, how it was read, how much was found."""
    return table(app)[file]


def test_a_first_visit_is_invited_and_told_that_everything_stays_here(home: Path) -> None:
    app = open_page("data")
    assert said(app) == data_sentences.INVITE.replace("**", "")
    assert "stay on the machine that runs this app" in told(app)


def test_tables_become_people_and_sources_by_guess(mine: Path) -> None:
    app, people = data_page(mine), pl.read_csv(mine / "people.csv")
    rate = people["defaulted"].mean()
    assert (
        said(app)
        == f"people.csv holds 400 people; {rate:.1%} of them defaulted. 6 features make 3 sources."
    )
    assert listed(app, "people.csv") == ["400", "4", "text, utf-8, comma", "–"]
    assert listed(app, "bureau.parquet")[:2] == ["200", "4"]


def test_what_each_source_holds_is_checked_before_anything_is_fitted(mine: Path) -> None:
    rows = table(data_page(mine), 1)
    assert rows["Bureau"][:2] == ["200", "50.0%"]
    assert rows["Bank"][:2] == [f"{pl.read_csv(mine / 'bank.csv').height}", "66.5%"]


def test_another_value_means_default(mine: Path) -> None:
    app, people = data_page(mine), pl.read_csv(mine / "people.csv")
    app.multiselect(key="bad.people.csv.defaulted").set_value(["0"]).run()
    assert f"{1 - people['defaulted'].mean():.1%} of them defaulted" in said(app)


def test_without_a_value_that_means_default_the_page_asks_and_does_not_fit(mine: Path) -> None:
    app = data_page(mine)
    app.multiselect(key="bad.people.csv.defaulted").set_value([]).run()
    assert "say which values of defaulted mean default" in said(app)
    assert next(b for b in app.button if b.label == "Fit and open the lab").disabled


def test_a_segment_and_a_name_go_into_the_catalog(mine: Path) -> None:
    app = data_page(mine)
    app.multiselect(key="segments.people.csv.defaulted").set_value([])
    app.text_input(key="label.people.csv.defaulted").set_value("Our cards").run()
    press(app, "Fit and open the lab")
    catalog = read(mine / "catalog.toml")
    assert (catalog.people.segments, catalog.people.label) == ((), "Our cards")


def test_the_button_writes_the_catalog_fits_and_opens_the_lab(mine: Path) -> None:
    app = press(data_page(mine), "Fit and open the lab")
    app = turn(app, "weights")
    assert not app.exception
    assert f"Everyone {len(pl.read_csv(mine / 'people.csv')):,}".partition(" ")[0] in line(app)
    assert line(app).endswith(mine.name)
    assert {s.key for s in read(mine / "catalog.toml")} == {"bureau", "bank", "region"}
    assert datasets.catalogs()[f"{mine.name}~{OWN}"] == mine / "catalog.toml"


def test_a_catalog_that_lies_there_is_used_and_can_be_left_aside(mine: Path) -> None:
    settle(mine, persons=400)
    edit(mine / "catalog.toml", ('label = "Bureau"', 'label = "The big bureau"'))
    app = data_page(mine)
    assert "The big bureau" in table(app, 1)
    app.toggle(key="fresh").set_value(True).run()
    assert "The big bureau" not in table(app, 1)


def test_a_file_that_no_reader_makes_sense_of_is_refused_and_can_be_left_out(mine: Path) -> None:
    (mine / "bank.csv").write_bytes(b"%PDF-1.7 nothing here")
    app = data_page(mine)
    assert "bank.csv: it is a PDF document, and no table" in refusal(app)
    app.multiselect(key=f"tables.{mine}").set_value(["people.csv", "bureau.parquet"]).run()
    assert "make 2 sources" in said(app)


def test_repairs_are_listed_by_file_and_column(mine: Path) -> None:
    rewrite(
        mine / "bank.csv",
        lambda bank: bank.with_columns(
            balance=pl.when(pl.int_range(pl.len()) == 4)
            .then(pl.lit("n/a"))
            .otherwise(pl.col("balance"))
        ),
    )
    assert "bank.csv, column 'balance': 1 " in told(data_page(mine))


def test_tables_without_an_outcome_are_told_what_to_name(mine: Path) -> None:
    rewrite(mine / "people.csv", lambda people: people.rename({"defaulted": "colour"}))
    app = data_page(mine)
    assert "outcome" in refusal(app)
    app.selectbox(key=f"outcome.{mine}").set_value("colour").run()
    assert "say which values of colour mean default" in said(app)


def test_names_from_files_are_never_html(mine: Path) -> None:
    rewrite(
        mine / "bank.csv",
        lambda bank: bank.rename({"balance": "<b>bold</b>", "job": "<script>alert(1)</script>"}),
    )
    app = data_page(mine)
    assert not app.exception
    assert all(
        "<script>" not in element.proto.body and "<b>bold" not in element.proto.body
        for element in app.get("html")
    )


def test_a_folder_of_this_machine_is_read_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_FOLDERS", str(tmp_path))
    settle(tmp_path / "cards", persons=400).unlink()
    app = open_page("data")
    app.segmented_control(key="way").set_value("Folder").run()
    app.text_input(key="folder").set_value(str(tmp_path / "cards")).run()
    assert "people.csv holds 400 people" in said(app)
    app.text_input(key="folder").set_value(str(tmp_path / "nowhere")).run()
    assert "Start over" not in buttons(app) or not app.exception


def test_what_was_looked_at_comes_back_after_a_visit_to_ones_own_data(home: Path) -> None:
    app = open_page("overview", weights="bureau=1,bank=1", floor="20")
    before = line(app)
    assert line(turn(turn(app, "data"), "overview")) == before


def chinese_id(number: int) -> str:
    """A resident identity number of a fictional person, with its right last place."""
    first = f"110101{1950 + number % 50}01{1 + number % 28:02}{number % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


def test_ids_that_say_who_somebody_is_are_masked_on_the_screen_and_kept_out_of_links(
    mine: Path,
) -> None:
    ids = {f"p{i:04}": chinese_id(i) for i in range(400)}
    for name in ("people.csv", "bank.csv", "bureau.parquet"):
        rewrite(mine / name, lambda table: table.with_columns(pl.col("person_id").replace(ids)))
    app = turn(press(data_page(mine), "Fit and open the lab"), "person")
    assert not app.exception
    shown = app.text_input(key="person")
    assert shown.value == ""
    assert shown.proto.type == shown.proto.PASSWORD
    tail = re.search("Person ••••(..) has", said(app))
    assert tail
    assert tail[1] in {each[-2:] for each in ids.values()}
    assert not [
        each
        for each in ids.values()
        if each in said(app) + told(app) + line(app) + str(dict(app.query_params))
    ]


def test_values_of_a_personal_column_are_not_offered_for_a_condition(mine: Path) -> None:
    rewrite(
        mine / "people.csv",
        lambda people: people.with_columns(
            phone=pl.lit("138") + (10_000_000 + 77 * pl.int_range(pl.len())).cast(pl.String)
        ),
    )
    app = turn(press(data_page(mine), "Fit and open the lab"), "cohorts")
    app.selectbox(key="column").set_value("phone").run()
    assert "holds personal data (phone); its values are not shown" in told(app)
    assert "13810" not in told(app)


def test_the_answer_of_a_database_is_a_table(home: Path, tmp_path: Path) -> None:
    folder = home.resolve() / "data" / OWN / "asked"
    settle(folder, persons=400).unlink()
    with sqlite3.connect(folder / "bank.db") as file:
        file.execute("create table bank (person_id text, balance real)")
        file.executemany(
            "insert into bank values (?, ?)",
            pl.read_csv(folder / "bank.csv").select("person_id", "balance").rows(),
        )
    file.close()
    (folder / "bank.csv").unlink()
    app = open_page("data", name=folder.name, own=OWN)
    app.segmented_control(key="way").set_value("Database").run()
    named = {"Name of the table": "accounts", "Database": "sqlite:///bank.db"}
    for label, value in named.items():
        next(field for field in app.text_input if field.label == label).set_value(value)
    next(field for field in app.text_area if field.label == "Query").set_value(
        "SELECT person_id, balance FROM bank"
    )
    press(app, "Ask")
    assert listed(app, "accounts")[:2] == ["266", "2"]
    assert "5 features make 3 sources" in said(app)


def test_where_all_weightings_score_alike_the_plane_is_along_a_weight(mine: Path) -> None:
    rewrite(
        mine / "people.csv",
        lambda people: people.with_columns(
            amount=pl.int_range(pl.len()) % 7, account_age=pl.int_range(pl.len()) % 11
        ),
    )
    for name in ("bank.csv", "bureau.parquet"):
        (mine / name).unlink()
    app = turn(press(data_page(mine), "Fit and open the lab"), "weights")
    assert not app.exception
    assert "all score the same people, so across is the weight of" in told(app)
    assert "dots: sampled weightings; line: their frontier" in told(
        turn(open_page("overview"), "weights")
    )


def test_a_question_is_answered_where_it_is_asked(mine: Path) -> None:
    rewrite(mine / "people.csv", lambda people: people.rename({"defaulted": "loan_status"}))
    app, people = data_page(mine), pl.read_csv(mine / "people.csv")
    assert "Decide before anything is learned" in told(app)
    assert next(b for b in app.button if b.label == "Fit and open the lab").disabled
    asked = next(r for r in app.radio if "say which of these mean default" in r.label)
    asked.set_value(next(o for o in asked.options if o.startswith("1:"))).run()
    assert f"{people['loan_status'].mean():.1%} of them defaulted" in said(app)
    assert "Decide before" not in told(app)
    assert not next(b for b in app.button if b.label == "Fit and open the lab").disabled
    press(app, "Ask again")
    assert "say which values of loan_status mean default" in said(app)


def test_a_file_without_an_id_takes_the_row_number(mine: Path) -> None:
    for name in ("bank.csv", "bureau.parquet"):
        (mine / name).unlink()
    rewrite(
        mine / "people.csv",
        lambda people: people.drop("person_id").with_columns(
            income=(pl.int_range(pl.len()) * 7919) % 401, visits=pl.int_range(pl.len()) % 9
        ),
    )
    app = data_page(mine)
    asked = next(r for r in app.radio if "no column that says who is who" in r.label)
    asked.set_value(asked.options[0]).run()
    assert not app.exception
    assert "1 Files" in told(app) or "400 people" in said(app)
    assert not next(b for b in app.button if b.label == "Fit and open the lab").disabled


# whose data they are


def test_what_another_brought_is_neither_named_nor_opened_without_its_key(mine: Path) -> None:
    key = f"{mine.name}~{OWN}"
    assert datasets.remember(settle(mine, persons=400), OWN) == key
    strange = open_page("overview", data=mine.name)
    assert not any(mine.name in option for box in strange.selectbox for option in box.options)
    assert mine.name not in line(strange)
    guessed = open_page("overview", data=f"{mine.name}~{'B' * 16}")
    assert line(guessed) == line(strange) == line(open_page("overview"))
    assert line(open_page("overview", data=key)).endswith(mine.name)


def test_files_of_one_name_lie_apart_by_reader(mine: Path) -> None:
    stranger = open_page("data", name=mine.name, own="B" * 16)
    assert said(stranger) == data_sentences.INVITE.replace("**", "")
    tokens = {open_page("data", name=mine.name).query_params["own"] for _ in range(2)}
    assert len(tokens) == 2
    assert not any(token in (OWN, "B" * 16) or len(token) < 16 for token in tokens)


def test_a_file_is_replaced_only_when_the_reader_says_so(mine: Path) -> None:
    app, before = data_page(mine), (mine / "bank.csv").read_bytes()
    app.file_uploader(key="files").upload(
        "bank.csv", b"person_id,salary\np0001,5\n", "text/csv"
    ).run()
    assert (mine / "bank.csv").read_bytes() == before
    assert "bank.csv lies here already and holds something else" in told(app)
    next(button for button in app.button if button.label.startswith("Replace")).click().run()
    assert (mine / "bank.csv").read_bytes().startswith(b"person_id,salary")


def test_a_catalog_written_by_hand_is_kept_and_replaced_only_when_the_reader_says_so(
    mine: Path,
) -> None:
    path = settle(mine, persons=400)
    path.write_text("# by hand\n" + path.read_text("utf-8"), "utf-8")
    app = data_page(mine)
    before = path.read_text("utf-8")
    fit = next(button for button in app.button if button.label == "Fit and open the lab")
    assert fit.disabled
    app.checkbox(key=f"replace.{mine}").set_value(True).run()
    press(app, "Fit and open the lab")
    assert path.read_text("utf-8") != before
    assert (mine / "catalog.before-1.toml").read_text("utf-8") == before


@pytest.mark.parametrize(
    "named",
    [
        "/",
        "/etc",
        "{home}",
        "{home}/data",
        "{home}/tables",
        "{cwd}/..",
        "{link}",
        "~",
        "\0",
        "x" * 5000,
    ],
)
def test_folders_elsewhere_are_not_opened(
    named: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed" / "link").symlink_to("/etc")
    monkeypatch.setenv("WEIGHBRIDGE_FOLDERS", str(tmp_path / "allowed"))
    asked = named.format(home=home, cwd=Path.cwd(), link=tmp_path / "allowed" / "link")
    with pytest.raises(
        Refusal, match=r"^this folder may not be opened from here; .* WEIGHBRIDGE_FOLDERS$"
    ):
        datasets.folder_allowed(asked)
    assert datasets.folder_allowed(str(tmp_path / "allowed")) == tmp_path / "allowed"


def test_no_folder_is_opened_where_others_reach_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_FOLDERS", str(tmp_path))
    for address in (None, "0.0.0.0", "192.168.1.5", "::"):
        monkeypatch.setattr("streamlit.get_option", lambda _, address=address: address)
        with pytest.raises(Refusal, match="where the app listens on this machine alone"):
            datasets.folder_allowed(str(tmp_path))


def test_many_who_remember_at_once_are_all_remembered(home: Path, tmp_path: Path) -> None:
    paths = [settle(tmp_path / f"set{i}", persons=10) for i in range(24)]
    with ThreadPoolExecutor(24) as pool:
        keys = list(pool.map(datasets.remember, paths))
    assert [datasets.catalogs()[key] for key in keys] == paths


@given(st.text(max_size=400))
def test_a_name_becomes_one_that_any_disk_takes(name: str) -> None:
    safe = datasets.plain(name)
    assert 0 < len(safe.encode()) <= 120
    assert "/" not in safe
    assert safe not in (".", "..")
