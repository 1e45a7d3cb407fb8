"""What does a database answer? Asked of a real PostgreSQL, and of real SQLite and DuckDB files."""

import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import duckdb
import polars as pl
import pytest
from adbc_driver_postgresql.dbapi import connect

from analytics.data.catalog.model import Table
from analytics.data.readers.databases import Ask, fetch, stream, vet
from analytics.data.readers.files import Limits
from analytics.data.refusal import Refusal
from tests.data.postgres import PASSWORD, USER, Server, served

ADDRESS, SECRET = "postgresql://warehouse:5432/loans", "Geheimnis"
DRIVER = "psycopg" if find_spec("psycopg") else "pg8000"  # any driver of SQLAlchemy's will do
LOANS = (
    """CREATE TABLE loans (id BIGINT, amount NUMERIC(12, 2), code NUMERIC(20, 0), rate REAL, open BOOLEAN, day DATE, at TIMESTAMP, zoned TIMESTAMPTZ,
    town TEXT, mark UUID, empty INT)""",
    """INSERT INTO loans VALUES (1, 3.50, 12345678901234567890, 1.5, true, '2025-06-30', '2025-06-30 01:02:03', '2025-06-30 01:02:03+02',
    'Żory', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', null), (2, null, null, null, null, null, null, null, null, null, null)""",
    "CREATE TABLE hidden (town TEXT)",
    f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'",
    "GRANT SELECT ON loans TO guest",
)
MOMENT, ZONED = datetime(2025, 6, 30, 1, 2, 3), datetime(2025, 6, 29, 23, 2, 3, tzinfo=UTC)
MANY = "SELECT i, i % 7 AS seven FROM generate_series(1, 400000) AS numbers (i)"


@pytest.fixture(scope="session")
def warehouse() -> Iterator[Server]:
    """A PostgreSQL with two loans, and a table that a guest may not read."""
    with served() as server:
        with (
            connect(
                f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/postgres"
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in LOANS:
                cursor.execute(statement)
            connection.commit()
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an SQLite and a DuckDB file, with a third of each outside of it."""
    (tmp_path / "mine").mkdir()
    for place in ("mine/loans", "loans"):
        with closing(sqlite3.connect(tmp_path / f"{place}.db")) as lite:
            lite.execute(
                "CREATE TABLE loans (id INTEGER, amount, mixed, town TEXT, picture, empty)"
            )
            rows = [
                (
                    i,
                    i / 2 if i else 0,
                    f"{SECRET}{i}" if i == 150 else i,
                    None if i else "Żory",
                    b"\xff",
                    None,
                )
                for i in range(200)
            ]
            lite.executemany("INSERT INTO loans VALUES (?, ?, ?, ?, ?, ?)", rows)
            lite.commit()
        with duckdb.connect(tmp_path / f"{place}.duckdb") as duck:
            duck.execute(
                "CREATE TABLE loans AS SELECT i AS id, (i / 2)::DECIMAL(9, 2) AS amount, DATE"
                " '2025-06-30' AS day, i > 3 AS late FROM range(200) AS r (i)"
            )
    return tmp_path / "mine"


def ask(
    query: str,
    url: str,
    secrets: dict[str, str] | None = None,
    *,
    folder: Path = Path(),
    **limits: float,
) -> pl.DataFrame:
    credentials = "WAREHOUSE" if secrets else ""
    return fetch(
        Table("loans", url=url, query=query, credentials=credentials),
        folder,
        secrets=secrets or {},
        limits=Limits(**limits),
    )


def refusal(
    query: str,
    url: str,
    secrets: dict[str, str] | None = None,
    *,
    folder: Path = Path(),
    **limits: float,
) -> str:
    """Why a query is refused: one sentence, with nothing of the database's own behind it."""
    with pytest.raises(Refusal) as refused:
        ask(query, url, secrets, folder=folder, **limits)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    said = str(refused.value)
    assert "\n" not in said
    assert not any(word in said for word in (PASSWORD, quote(PASSWORD), SECRET, USER))
    return said.removeprefix("table 'loans': ")


def through(driver: str, server: Server) -> str:
    return server.url.replace("postgresql:", f"{driver}:")


# what arrives


def test_postgresql_answers_in_the_types_of_its_columns(warehouse: Server) -> None:
    found = ask("SELECT * FROM loans ORDER BY id;", warehouse.url, warehouse.secrets)
    assert dict(found.schema) == {
        "id": pl.Int64, "amount": pl.Float64, "code": pl.String, "rate": pl.Float32, "open": pl.Boolean, "day": pl.Date, "at": pl.Datetime("us"),
        "zoned": pl.Datetime("us", "UTC"), "town": pl.String, "mark": pl.String, "empty": pl.Int32,
    }  # fmt: skip
    mark = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert found.row(0) == (
        1,
        3.5,
        "12345678901234567890",
        1.5,
        True,
        date(2025, 6, 30),
        MOMENT,
        ZONED,
        "Żory",
        mark,
        None,
    )
    assert found.row(1) == (2, *[None] * 10)


def test_a_driver_of_sqlalchemy_answers_the_same_but_for_long_numbers(warehouse: Server) -> None:
    query = "SELECT id, amount, open, day, at, zoned, town, mark::text FROM loans ORDER BY id"
    direct, through_sqlalchemy = (
        ask(query, url, warehouse.secrets)
        for url in (warehouse.url, through(f"postgresql+{DRIVER}", warehouse))
    )
    assert direct.rows() == through_sqlalchemy.rows()
    assert through_sqlalchemy.schema["amount"] == pl.Float64


def test_colons_and_percents_are_what_they_are(warehouse: Server) -> None:
    query = (
        "SELECT ':x' AS a, '5%' AS b, '1'::int AS c, ' :y' AS d, 7 % 4 AS e, (array[1, 2, 3])[1:2]"
        " AS f -- and a comment"
    )
    for driver in ("postgresql", "postgres", f"postgresql+{DRIVER}"):
        assert ask(query, through(driver, warehouse), warehouse.secrets).rows() == [
            (":x", "5%", 1, " :y", 3, [1, 2])
        ]


def test_sums_and_means_are_numbers(warehouse: Server, folder: Path) -> None:
    query = "SELECT count(*) AS n, sum(id) AS total, avg(id) AS mean FROM loans"
    assert ask(query, warehouse.url, warehouse.secrets).rows() == [(2, 3.0, 1.5)]
    for ending in ("db", "duckdb"):
        assert ask(
            query, f"{'sqlite' if ending == 'db' else 'duckdb'}:///loans.{ending}", folder=folder
        ).rows() == [(200, 19900, 99.5)]


def test_a_column_of_sqlite_is_what_it_holds(folder: Path) -> None:
    found = ask("SELECT * FROM loans", "sqlite:///loans.db", folder=folder)
    assert found.schema == {
        "id": pl.Int64,
        "amount": pl.Float64,
        "mixed": pl.String,
        "town": pl.String,
        "picture": pl.Binary,
        "empty": pl.Null,
    }
    assert found.row(0) == (0, 0.0, "0", "Żory", b"\xff", None)
    assert found["mixed"][149:151].to_list() == ["149", f"{SECRET}150"]


def test_duckdb_answers_in_the_types_of_its_columns(folder: Path) -> None:
    found = ask("SELECT * FROM loans ORDER BY id", "duckdb:///loans.duckdb", folder=folder)
    assert found.schema == {
        "id": pl.Int64,
        "amount": pl.Decimal(9, 2),
        "day": pl.Date,
        "late": pl.Boolean,
    }
    assert found.cast({"amount": pl.Float64}).row(199) == (199, 99.5, date(2025, 6, 30), True)


@pytest.mark.parametrize("url", ["sqlite:///loans.db", "duckdb:///loans.duckdb"])
def test_an_answer_without_rows_has_its_columns(folder: Path, url: str) -> None:
    assert ask("SELECT id, amount FROM loans WHERE id < 0", url, folder=folder).rows() == []
    assert ask("SELECT id, amount FROM loans WHERE id < 0", url, folder=folder).columns == [
        "id",
        "amount",
    ]


def test_an_answer_without_rows_has_its_columns_in_postgresql(warehouse: Server) -> None:
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        found = ask(
            "SELECT id, amount FROM loans WHERE id < 0",
            through(driver, warehouse),
            warehouse.secrets,
        )
        assert (found.columns, len(found)) == (["id", "amount"], 0)


def test_a_long_answer_comes_in_parts_of_one_schema(warehouse: Server, folder: Path) -> None:
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        table = Table(
            "many",
            url=through(driver, warehouse),
            query=f"SELECT *, repeat('x', 50) AS text FROM ({MANY}) AS many",
            credentials="WAREHOUSE",
        )
        parts = list(stream(table, secrets=warehouse.secrets))
        assert max(map(len, parts)) < 300_000
        assert len({tuple(part.schema.items()) for part in parts}) == 1
        assert pl.concat(parts)["i"].cast(pl.Int64).sum() == 400_000 * 400_001 // 2
    for url in ("sqlite:///loans.db", "duckdb:///loans.duckdb"):
        parts = list(
            stream(
                Table("many", url=url, query="SELECT a.id FROM loans a, loans b"),
                folder,
                batch=10_000,
            )
        )
        assert sum(map(len, parts)) == 40_000
        assert max(map(len, parts)) <= 10_000


# who may ask, and where


def test_without_credentials_postgresql_goes_by_its_own_environment(
    warehouse: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGUSER", "guest")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert refusal("SELECT id FROM loans", warehouse.url).startswith(
        "PGHOST is not set, so this login may go nowhere"
    )
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    assert ask("SELECT id FROM loans", warehouse.url)["id"].to_list() == [1, 2]


def test_a_login_that_is_wrong_or_not_there_is_refused(warehouse: Server) -> None:
    wrong = warehouse.secrets | {"WAREHOUSE_PASSWORD": SECRET}
    sentence = (
        "its database refuses the login; check WAREHOUSE_USER and WAREHOUSE_PASSWORD in the"
        " environment"
    )
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        assert refusal("SELECT 1", through(driver, warehouse), wrong) == sentence
    half = {"WAREHOUSE_USER": USER, "WAREHOUSE_HOST": "127.0.0.1"}
    assert (
        refusal("SELECT 1", warehouse.url, half)
        == "the environment lacks WAREHOUSE_PASSWORD; set it before the start"
    )
    assert refusal("SELECT 1", warehouse.url).startswith(
        "its database refuses the login; check PGUSER and PGPASSWORD in the environment, or name"
    )


def test_a_login_goes_to_the_hosts_that_its_operator_listed(warehouse: Server) -> None:
    at = f"127.0.0.1:{warehouse.port}"
    for hosts in ("db.bank, 127.0.0.1", at):
        assert (
            len(
                ask(
                    "SELECT id FROM loans",
                    warehouse.url,
                    warehouse.secrets | {"WAREHOUSE_HOST": hosts},
                )
            )
            == 2
        )
    for hosts in ("db.bank", "127.0.0.1:1", "127.0.0", "*"):
        sentence = (
            "WAREHOUSE_HOST keeps this login for other hosts; ask one of those, or have the"
            " operator add this one"
        )
        assert (
            refusal("SELECT 1", warehouse.url, warehouse.secrets | {"WAREHOUSE_HOST": hosts})
            == sentence
        )


@pytest.fixture
def thief() -> Iterator[tuple[int, list[bytes]]]:
    """A server that listens to whatever a driver sends it first, and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.05)

        def listen() -> None:
            while not ended.is_set():
                with suppress(TimeoutError, OSError), door.accept()[0] as guest:
                    guest.settimeout(0.2)
                    heard.append(b"called")
                    heard.append(guest.recv(1000))

        ended, thread = threading.Event(), threading.Thread(target=listen)
        thread.start()
        yield door.getsockname()[1], heard
        ended.set()
        thread.join()


@pytest.mark.parametrize("driver", ["postgresql", "postgres", f"postgresql+{DRIVER}", "POSTGRESQL"])
@pytest.mark.parametrize(
    "where",
    [
        "127.0.0.1:{port}/x",
        "db.bank,127.0.0.1:{port}/x",
        "127.0.0.1:{port},db.bank/x",
        "db.bank:{port},127.0.0.1:{port}/x",
        "db.bank:{port}/x?host=127.0.0.1",
        "db.bank:{port}/x?hostaddr=127.0.0.1",
        "db.bank:{port}/x?h%6Fst=127.0.0.1",
        "db.bank:{port}/x?sslmode=prefer&hostaddr=127.0.0.1",
        "db.bank:{port}/x?sslmode=prefer%26hostaddr=127.0.0.1",
        "db.bank:{port}/x?service=theirs",
        "db.bank:{port}/x?application_name=a%20host%3D127.0.0.1",
        "db.bank/x%20host=127.0.0.1%20port={port}",
        "db.bank/x?port={port}&host=127.0.0.1",
        "127.0.0.1%3A{port}/x",
        "%2Ftmp/x",
        "/x?host=/tmp",
        "/x",
        "db.bank#127.0.0.1:{port}/x",
        "127.0.0.1:{port}\t/x",
        "127.0.0.1:{port}\\db.bank/x",
        "db.bank%2C127.0.0.1:{port}/x",
        "[::1],db.bank:{port}/x",
    ],
)
def test_no_address_leads_a_login_to_another_host(
    thief: tuple[int, list[bytes]], driver: str, where: str
) -> None:
    port, heard = thief
    secrets = {"WAREHOUSE_USER": USER, "WAREHOUSE_PASSWORD": PASSWORD, "WAREHOUSE_HOST": "db.bank"}
    said = refusal("SELECT 1", f"{driver}://{where.format(port=port)}", secrets)
    assert said.startswith(
        (
            "WAREHOUSE_HOST keeps",
            "'url' must name one host",
            "'url' has an option",
            "'url' is none",
            "option 'sslmode'",
            "option 'appl",
        )
    )
    assert heard == []
    unlisted = {name: value for name, value in secrets.items() if name != "WAREHOUSE_HOST"}
    assert "not set, so this login may go nowhere" in refusal(
        "SELECT 1", f"{driver}://127.0.0.1:{port}/x", unlisted
    )
    assert heard == []


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://db.bank/x?unix_socket=/tmp/theirs",
        "mysql://db.bank/x?read_default_file=/tmp/theirs",
        "mssql+pyodbc://db.bank/x?driver=/tmp/theirs.so",
        "mssql+pyodbc://db.bank/x?driver=SQL;Server=theirs",
        "mssql+pyodbc://db.bank/x;Server=theirs?driver=SQL",
        "mssql+pyodbc://db.bank/x?server=theirs",
        "oracle+oracledb://db.bank/x?service_name=y)(ADDRESS=(HOST=theirs)",
        "oracle+oracledb://db.bank/x?dsn=theirs",
        "snowflake://db.bank/x?host=theirs",
        "postgresql+psycopg2://db.bank/x?plugin=theirs",
        "postgresql+psycopg2:///x?host=theirs:1&host=db.bank:2",
    ],
)
def test_options_of_other_drivers_lead_nowhere_else(url: str) -> None:
    secrets = {"WAREHOUSE_USER": USER, "WAREHOUSE_PASSWORD": PASSWORD, "WAREHOUSE_HOST": "db.bank"}
    said = refusal("SELECT 1", url, secrets)
    assert said.startswith(
        ("'url' has an option", "option ", "'url' is none", "'url' must name one host")
    )


def test_a_password_shows_nowhere(warehouse: Server) -> None:
    table = Table("loans", url=warehouse.url, query="SELECT 1", credentials="WAREHOUSE")
    assert PASSWORD not in repr(Ask(table, Path(), warehouse.secrets))
    assert PASSWORD not in repr(table)
    program = (
        "import sys; from analytics.data.catalog.model import Table; from"
        " analytics.data.readers.databases import fetch; "
    )
    program += (
        f"fetch(Table('loans', url={warehouse.url!r}, query='SELECT town::int FROM loans',"
        " credentials='WAREHOUSE'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env=warehouse.secrets | {"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stderr.rstrip().endswith(
        "Refusal: table 'loans': the query fails on a record, by a division by zero or a text that"
        " is no number; mend it"
    )
    assert not any(
        word in done.stderr for word in (PASSWORD, quote(PASSWORD, safe=""), "Żory", "libpq")
    )


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@warehouse/loans",
        "postgresql://ann@warehouse/loans",
        f"postgresql://ann:{SECRET}/#@warehouse/loans",
        f"postgresql://ann%3A{SECRET}%40warehouse/loans",
        f"postgresql://warehouse/loans?password={SECRET}",
        f"postgresql://warehouse/loans?sslmode=require&sslpassword={SECRET}",
        f"postgresql://warehouse/loans?p%61ssword={SECRET}",
        "postgresql://warehouse/loans?user=ann",
        "postgresql://warehouse/loans?passfile=/home/ann/.pgpass",
        f"mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3D{SECRET}",
        f"snowflake://account/loans?token={SECRET}",
    ],
)
def test_a_url_that_holds_a_login_is_refused_unread(url: str) -> None:
    for refuse in (
        lambda: vet(Table("loans", url=url, query="SELECT 1")),
        lambda: ask("SELECT 1", url),
    ):
        with pytest.raises(
            Refusal,
            match=(
                r"^table 'loans': 'url' holds a user or a password; take them out, set NAME_USER"
                r" and NAME_PASSWORD in"
            ),
        ) as refused:
            refuse()
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "warehouse",
        "warehouse/loans",
        "postgresql:loans",
        "postgresql://warehouse:port/loans",
        "http://[warehouse",
        "://x",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    assert refusal("SELECT 1", url).startswith(
        "'url' is none; write it like postgresql://host:5432/name, sqlite:///file.db or"
        " duckdb:///file.duckdb"
    )


def test_options_that_could_undo_ours_are_refused() -> None:
    for option in ("options=-c%20statement_timeout%3D0", "host=elsewhere", "service=x"):
        assert refusal("SELECT 1", f"{ADDRESS}?{option}").startswith(
            "'url' has an option that is not passed on; it may have: sslmode, sslrootcert"
        )


def test_credentials_are_the_beginning_of_a_name() -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^table 'loans': 'credentials' is the beginning of three names in the environment, in"
            r" capitals, such as WAREHOUSE$"
        ),
    ):
        vet(Table("loans", url=ADDRESS, query="SELECT 1", credentials=SECRET))


def test_nobody_answers() -> None:
    sentence = (
        "its database cannot be reached; check host, port and name of the database in 'url', and"
        " that it answers from here"
    )
    for url in ("postgresql://127.0.0.1:1/loans", f"postgresql+{DRIVER}://127.0.0.1:1/loans"):
        assert (
            refusal(
                "SELECT 1",
                url,
                {
                    "WAREHOUSE_USER": USER,
                    "WAREHOUSE_PASSWORD": PASSWORD,
                    "WAREHOUSE_HOST": "127.0.0.1",
                },
            )
            == sentence
        )


def test_a_database_that_is_not_there(warehouse: Server) -> None:
    assert refusal(
        "SELECT 1", warehouse.url.replace("/postgres", "/nowhere"), warehouse.secrets
    ).startswith("its database cannot be reached; check host, port and name")


@pytest.mark.parametrize(
    ("module", "url", "package"),
    [
        ("adbc_driver_postgresql.dbapi", ADDRESS, "adbc-driver-postgresql"),
        ("duckdb", "duckdb:///loans.duckdb", "duckdb"),
        ("sqlalchemy", "mysql://warehouse/loans", "sqlalchemy"),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    module: str, url: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        Refusal,
        match=(
            r"^table 'loans': asking this database takes a package that is not installed; say: pip"
            rf" install {package}$"
        ),
    ):
        ask("SELECT 1", url)


@pytest.mark.parametrize("url", ["nosuch://warehouse/loans", "mysql+nosuch://warehouse/loans"])
def test_a_driver_that_is_not_installed(url: str) -> None:
    assert refusal("SELECT 1", url).startswith(
        "its 'url' asks for a driver that is not installed; install the one that SQLAlchemy names"
        " for this database"
    )


# where files are


@pytest.mark.parametrize(
    ("family", "ending"),
    [
        ("sqlite", "db"),
        ("duckdb", "duckdb"),
        ("sqlite+pysqlite", "db"),
        ("duckdb+engine", "duckdb"),
    ],
)
def test_a_file_is_opened_inside_the_folder_only(folder: Path, family: str, ending: str) -> None:
    query = "SELECT count(*) AS n FROM loans"
    (folder / f"link.{ending}").symlink_to(folder.parent / f"loans.{ending}")
    (folder / f"here.{ending}").symlink_to(folder / f"loans.{ending}")
    for inside in (f"loans.{ending}", f"{folder}/loans.{ending}", f"here.{ending}"):
        assert ask(query, f"{family}:///{inside}", folder=folder)["n"].to_list() == [200]
    for outside in (
        f"../loans.{ending}",
        f"%2E%2E/loans.{ending}",
        f"{folder.parent}/loans.{ending}",
        f"link.{ending}",
    ):
        assert " leads out of " in refusal(query, f"{family}:///{outside}", folder=folder)
    assert refusal(query, f"{family}:///none.{ending}", folder=folder).startswith(
        f"there is no file 'none.{ending}' in "
    )
    for strange in (
        f"//host/loans.{ending}",
        f"///loans.{ending}?mode=rwc",
        f"///loans.{ending}#x",
    ):
        assert refusal(query, f"{family}:{strange}", folder=folder).startswith(
            "'url' of a file has three strokes, no host and no options"
        )


def test_a_file_of_another_kind_or_damaged_is_refused(folder: Path) -> None:
    assert (
        refusal("SELECT 1", "sqlite:///loans.duckdb", folder=folder)
        == "its file is not an SQLite database; check 'url'"
    )
    assert (
        refusal("SELECT 1", "duckdb:///loans.db", folder=folder)
        == "its file is not a DuckDB database; check 'url'"
    )
    for url in ("sqlite:///loans.db", "duckdb:///loans.duckdb"):
        path = folder / url.rpartition("/")[2]
        path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 4000)
        assert (
            refusal("SELECT * FROM loans", url, folder=folder)
            == "its file is damaged or in use by another program; close that, or write the file"
            " anew"
        )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
    ],
)
def test_a_query_of_duckdb_reads_no_other_file(folder: Path, query: str) -> None:
    assert refusal(query, "duckdb:///loans.duckdb", folder=folder).startswith(
        ("the query names a table", "the query does more than read")
    )


def test_a_query_of_duckdb_sees_nothing_of_the_program(folder: Path) -> None:
    here = pl.DataFrame({"secret": [SECRET]})
    assert refusal("SELECT * FROM here", "duckdb:///loans.duckdb", folder=folder).startswith(
        "the query names a table"
    )
    assert here["secret"].to_list() == [SECRET]


# what may be asked


@pytest.mark.parametrize(
    "query",
    [
        "",
        ";",
        "DELETE FROM loans",
        "SELECT 1; DELETE FROM loans",
        "/* a */ DROP TABLE loans",
        "WITH gone AS (DELETE FROM loans RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM loans",
        "SELECT * FROM loans FOR UPDATE",
        "ATTACH '/etc/hostname' AS other",
        "PRAGMA table_info(loans)",
        "COPY loans TO '/tmp/out'",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT 'it''s; fine' AS a; DROP TABLE loans",
        "SELECT E'\\'; DROP TABLE loans; --'",
        "SELECT $$ ' $$; DROP TABLE loans; -- '",
        "SELECT 1 /*! INTO OUTFILE '/tmp/out' */",
        "SELECT 1 /* never closed",
        "SELECT 'never closed",
    ],
)
def test_what_is_not_one_select_is_refused_unasked(query: str) -> None:
    with pytest.raises(
        Refusal,
        match=(
            r"^table 'loans': ('query' must be one SELECT that only reads|'url' and 'query' go"
            r" together)"
        ),
    ):
        vet(Table("loans", url=ADDRESS, query=query))


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "SELECT 1 ; ",
        "-- all loans; every one\nSELECT * FROM loans",
        "/* all; */ SELECT 'insert; into' AS \"delete\", `update` FROM loans -- end",
        "WITH a AS (SELECT 1 AS x) SELECT * FROM a",
        "SELECT updated, last_insert FROM loans WHERE town = 'it''s'",
    ],
)
def test_one_select_may_be_asked(query: str) -> None:
    assert vet(Table("loans", url=ADDRESS, query=query)) is None


@pytest.mark.parametrize("query", ["SELECT setval('counted', 1)", "SELECT nextval('counted')"])
def test_postgresql_itself_holds_what_looks_like_reading(warehouse: Server, query: str) -> None:
    with (
        connect(
            f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{warehouse.port}/postgres"
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS counted")
        connection.commit()
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        assert (
            refusal(query, through(driver, warehouse), warehouse.secrets)
            == "the query does more than read the database; write one SELECT over its tables"
        )


PROBLEMS = [
    (
        "SELECT * FROM nowhere",
        "the query names a table that its database does not have; check its name and schema",
    ),
    (
        "SELECT colour FROM loans",
        "the query names a column that its tables do not have; check its spelling",
    ),
    (
        "SELECT id FROM loans ORDER BY",
        "its database cannot read the query; try it in the database's own client and mend it",
    ),
    ("SELECT 1 AS a, 2 AS b, 3 AS a", "the query gives two columns called 'a'; rename one by AS"),
]


@pytest.mark.parametrize(("query", "sentence"), PROBLEMS)
def test_a_query_that_fails_is_told_alike_by_every_database(
    warehouse: Server, folder: Path, query: str, sentence: str
) -> None:
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        assert refusal(query, through(driver, warehouse), warehouse.secrets) == sentence
    assert refusal(query, "duckdb:///loans.duckdb", folder=folder) == sentence
    if "two columns" not in sentence:  # SQLite gives the second another name
        assert refusal(query, "sqlite:///loans.db", folder=folder) == sentence


def test_what_fails_on_a_record_is_told_without_the_record(warehouse: Server, folder: Path) -> None:
    sentence = (
        "the query fails on a record, by a division by zero or a text that is no number; mend it"
    )
    late = (
        f"SELECT CASE WHEN i = 300000 THEN '{SECRET}' ELSE '1' END::int AS number FROM ({MANY}) AS"
        " many"
    )
    for driver in ("postgresql", f"postgresql+{DRIVER}"):
        assert (
            refusal(f"SELECT '{SECRET}'::int AS a", through(driver, warehouse), warehouse.secrets)
            == sentence
        )
        assert refusal(late, through(driver, warehouse), warehouse.secrets) == sentence
    for row in (150, 39_999_999):  # at once, and when most has arrived
        query = (
            f"SELECT CASE WHEN i = {row} THEN '{SECRET}' ELSE '1' END::int AS number FROM"
            " range(40000000) AS r (i)"
        )
        assert refusal(query, "duckdb:///loans.duckdb", folder=folder) == sentence


def test_a_login_without_the_right_to_read(warehouse: Server) -> None:
    guest = {
        "WAREHOUSE_USER": "guest",
        "WAREHOUSE_PASSWORD": PASSWORD,
        "WAREHOUSE_HOST": "127.0.0.1",
    }
    assert ask("SELECT id FROM loans", warehouse.url, guest)["id"].to_list() == [1, 2]
    assert (
        refusal("SELECT * FROM hidden", warehouse.url, guest)
        == "the login may not read what the query asks for; have it granted SELECT"
    )


def test_a_query_that_takes_too_long_is_stopped(warehouse: Server, folder: Path) -> None:
    sentence = "the query takes longer than 1 seconds; ask for fewer rows or columns"
    endless = (
        "WITH RECURSIVE c (x) AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM c WHERE x > 0) SELECT"
        " count(*) AS n FROM c"
    )
    assert refusal("SELECT pg_sleep(60)", warehouse.url, warehouse.secrets, seconds=1) == sentence
    for url in ("sqlite:///loans.db", "duckdb:///loans.duckdb"):
        assert refusal(endless.replace("x + 1", "1"), url, folder=folder, seconds=1) == sentence


def test_a_query_of_duckdb_that_takes_too_much_memory_is_stopped(folder: Path) -> None:
    query = (
        "SELECT a.id * 200 + b.id AS i, count(*) AS n FROM loans a, loans b, loans c GROUP BY 1"
        " ORDER BY 1 DESC"
    )
    sentence = "the query takes more memory than there is for it; ask for fewer rows or columns"
    assert refusal(query, "duckdb:///loans.duckdb", folder=folder, memory=2_000_000) == sentence


def test_an_answer_that_is_too_large_is_refused_on_its_way(warehouse: Server, folder: Path) -> None:
    sentence = (
        "the query gives more than 1,000 rows or 3 columns; ask for less, or sum up in the query"
    )
    assert refusal(MANY, warehouse.url, warehouse.secrets, rows=1000, columns=3) == sentence
    for url in ("sqlite:///loans.db", "duckdb:///loans.duckdb"):
        assert (
            refusal("SELECT a.id FROM loans a, loans b", url, folder=folder, rows=1000, columns=3)
            == sentence
        )
        assert refusal("SELECT * FROM loans", url, folder=folder, rows=1000, columns=3) == sentence


def test_intervals_have_no_place_in_a_frame(warehouse: Server, folder: Path) -> None:
    sentence = (
        "column 'v' of the query holds intervals or unions, which no feature can be; CAST it in the"
        " query, to a number or text"
    )
    assert refusal("SELECT INTERVAL '1 day' AS v", warehouse.url, warehouse.secrets) == sentence
    assert (
        refusal("SELECT INTERVAL '1' DAY AS v", "duckdb:///loans.duckdb", folder=folder) == sentence
    )


def test_a_column_whose_first_values_are_all_missing_has_to_be_cast(warehouse: Server) -> None:
    query = f"SELECT CASE WHEN i > 70000 THEN i END AS late FROM ({MANY}) AS many"
    sentence = (
        "column 'late' of the query holds Null at first and Int64 later; CAST it in the query"
    )
    assert refusal(query, through(f"postgresql+{DRIVER}", warehouse), warehouse.secrets) == sentence
    assert ask(query, warehouse.url, warehouse.secrets)["late"].null_count() == 70_000
