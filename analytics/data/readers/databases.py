"""What does a database answer?

One SELECT, read-only and batch by batch, asked with the login that the environment holds.

PostgreSQL is asked through ADBC, SQLite and DuckDB files through their own libraries, any other
database through SQLAlchemy and its driver. What arrives are frames with the types of the query:
whole numbers, decimals, texts, true or false, dates, moments (with a time zone where the database
keeps one), bytes. SQLite's columns have no types: one that holds a text in any row arrives as text.
PostgreSQL's `numeric` arrives as Float64, but as text where it is declared to hold whole numbers of
more than 15 digits, which are names of something. SQLAlchemy's decimals arrive as Float64.
Intervals are refused.
"""

import os
import re
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit
from uuid import UUID

import polars as pl

from analytics.data.catalog.model import Table
from analytics.data.refusal import Refusal

from .files import Limits, inside
from .unpacking import kind

Frames = Generator[pl.DataFrame]

BATCH = 65_536  # rows at a time
PATIENCE = 10  # seconds to wait for a connection
LIMITS = Limits()

SECRET = re.compile(
    r"(user|uid|login|pass|pwd|secret|token|credential|key|odbc_connect)\w*\s*=", re.IGNORECASE
)
PREFIX = re.compile(r"[A-Z][A-Z0-9_]*")
# Of libpq.
HARMLESS = (
    "sslmode",
    "sslrootcert",
    "application_name",
    "target_session_attrs",
    "channel_binding",
    "gssencmode",
)
# Of other drivers.
OTHERS = (
    "charset", "driver", "encrypt", "trustservercertificate", "service_name", "warehouse", "schema",
    "catalog", "http_path", "ssl_ca",
)  # fmt: skip
PATHS = ("sslrootcert", "ssl_ca", "http_path")  # options that hold a path
# One host: no list, no socket, nothing encoded.
PLACE = re.compile(r"(?P<host>[\w.-]+|\[[\da-fA-F:.]+\])(:(?P<port>\d{1,5}))?", re.ASCII)
# Values of options; names of databases and schemas.
WORDS = re.compile(r"[\w .+-]*")
NAMED = re.compile(r"(/[\w .$-]*)*")
# Texts, quoted names and comments.
QUIET = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*(?!!).*?\*/", re.DOTALL)
CHANGES = re.compile(r"\b(insert|update|delete|merge|into)\b", re.IGNORECASE)
READS = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
)
# A column is the first that occurs.
AFFINITY = {
    "text": pl.String(),
    "blob": pl.Binary(),
    "real": pl.Float64(),
    "integer": pl.Int64(),
    "null": pl.Null(),
}

PROBLEMS = {
    "connection": (
        "its database cannot be reached; check host, port and name of the database in 'url', "
        "and that it answers from here"
    ),
    "login": "its database refuses the login; check {login}",
    "rights": "the login may not read what the query asks for; have it granted SELECT",
    "table": "the query names a table that its database does not have; check its name and schema",
    "column": "the query names a column that its tables do not have; check its spelling",
    "change": "the query does more than read the database; write one SELECT over its tables",
    "query": "its database cannot read the query; try it in the database's own client and mend it",
    "record": (
        "the query fails on a record, by a division by zero or a text that is no number; mend it"
    ),
    "time": "the query takes longer than {seconds:,.0f} seconds; ask for fewer rows or columns",
    "memory": "the query takes more memory than there is for it; ask for fewer rows or columns",
    "file": "its file is damaged or in use by another program; close that, or write the file anew",
    "driver": (
        "its 'url' asks for a driver that is not installed; install the one that SQLAlchemy "
        "names for this database"
    ),
    "value": (
        "the query gives values that no column can hold; CAST them in the query, to numbers or text"
    ),
    "other": "its database gave up; try the query in the database's own client, and then again",
}
# The beginnings of SQLSTATE.
STATES = {
    "28": "login", "42501": "rights", "42P01": "table", "42S02": "table", "3F": "table",
    "42703": "column", "42S22": "column", "25": "change", "42": "query", "0A": "query",
    "22": "record", "57014": "time", "57P": "connection", "08": "connection", "3D": "connection",
}  # fmt: skip
REFUSED = re.compile(
    r"authentication failed|no password|role .* does not exist|pg_hba|access denied|login failed",
    re.IGNORECASE,
)
# Of PostgreSQL, where it gives no state.
ON_THE_WAY = {
    "statement timeout": "time",
    "read-only transaction": "change",
    "connection": "connection",
}
LITE = {
    "AUTH": "change", "READONLY": "change", "INTERRUPT": "time", "ERROR": "query", "NOTADB": "file",
    "CORRUPT": "file", "CANTOPEN": "file", "BUSY": "file",
}  # fmt: skip
DUCK = {
    "catalog": "table", "binder": "column", "parser": "query", "syntax": "query",
    "invalidinput": "query", "conversion": "record", "outofrange": "record", "interrupt": "time",
    "outofmemory": "memory", "permission": "change", "io": "file", "serialization": "file",
    "": "file",
}  # fmt: skip
# What drivers give that Polars reads badly.
PLAIN: Mapping[type, Callable[[Any], object]] = {
    Decimal: float,
    UUID: str,
}


AMBIENT = ("PGPASSWORD", "PGSERVICE")  # logins of the environment that libpq uses by itself


@dataclass(frozen=True, slots=True)
class Ask:
    """A query on its way: the table it fills, where files may be, who may log in, and how much it
    may take.
    """

    table: Table
    folder: Path
    secrets: Mapping[str, str] = field(repr=False)
    limits: Limits = LIMITS

    @property
    def query(self) -> str:
        """The one statement, without the semicolon at its end."""
        return self.table.query.strip().rstrip(";").strip()

    @property
    def url(self) -> SplitResult:
        """Where the database is."""
        return urlsplit(self.table.url)

    @property
    def login(self) -> tuple[str, str]:
        """User and password; two empty texts where the table names no credentials."""
        named = self.table.credentials
        if not named:
            if self.url.netloc and any(
                self.secrets.get(name) or os.environ.get(name) for name in AMBIENT
            ):
                # Drivers take the environment's own login where the URL has none.
                self._allow_host("PGHOST")
            return "", ""
        self._allow_host(f"{named}_HOST")
        missing = [
            name for name in (f"{named}_USER", f"{named}_PASSWORD") if not self.secrets.get(name)
        ]
        if missing:
            raise self.refuse(f"the environment lacks {missing[0]}; set it before the start")
        return self.secrets[f"{named}_USER"], self.secrets[f"{named}_PASSWORD"]

    def _allow_host(self, variable: str) -> None:
        """Refuse a host that the operator has not listed for a login.

        An entry may be a host, or a host and its port.
        """
        listed = self.secrets.get(variable) or os.environ.get(variable, "")
        allowed = {entry.strip().lower() for entry in listed.split(",")} - {""}
        if not allowed:
            raise self.refuse(
                f"{variable} is not set, so this login may go nowhere; set it to the host, "
                "or a list of hosts, that the login is for"
            )
        place = PLACE.fullmatch(self.url.netloc)
        if place is None:
            raise self.refuse(
                "'url' must name one host where it is asked with a login; "
                "write it like postgresql://host:5432/name"
            )
        host, port = place["host"].lower(), place["port"]
        if allowed.isdisjoint({host, host.strip("[]"), f"{host}:{port}"}):
            raise self.refuse(
                f"{variable} keeps this login for other hosts; ask one of those, "
                "or have the operator add this one"
            )

    def refuse(self, why: str) -> Refusal:
        """A refusal that names the table."""
        return Refusal(f"table {self.table.name!r}: {why}")

    def fail(self, problem: str) -> Refusal:
        """What went wrong, in words of ours: the database's own may quote records and logins."""
        named = self.table.credentials
        login = (
            f"{named}_USER and {named}_PASSWORD in the environment"
            if named
            else "PGUSER and PGPASSWORD in the environment, or name 'credentials'"
        )
        return self.refuse(PROBLEMS[problem].format(login=login, seconds=self.limits.seconds))


def fetch(
    table: Table,
    folder: Path = Path(),
    *,
    secrets: Mapping[str, str] = os.environ,
    limits: Limits = LIMITS,
    batch: int = BATCH,
) -> pl.DataFrame:
    """The whole answer to a table's query, which `stream` gives in parts."""
    return pl.concat(list(stream(table, folder, secrets=secrets, limits=limits, batch=batch)))


def stream(
    table: Table,
    folder: Path = Path(),
    *,
    secrets: Mapping[str, str] = os.environ,
    limits: Limits = LIMITS,
    batch: int = BATCH,
) -> Iterator[pl.DataFrame]:
    """The answer to a table's query in frames of one schema; the first may be empty.

    Parameters
    ----------
    folder : where the catalog is; the file of a database must be in it.
    secrets : what holds the credentials: NAME_USER, NAME_PASSWORD, and NAME_HOST, the list of hosts
        that they may be sent to.
    limits : its rows, columns, seconds and memory; a driver of SQLAlchemy's is not stopped by time.
    batch : how many rows make a frame; PostgreSQL sends some 16 MB at a time.

    Raises
    ------
    Refusal
        With one sentence that names the table and the remedy, without a word of a record or a
        login.
    """
    vet(table)
    ask = Ask(table, folder, secrets, limits)
    count = 0
    with closing(_reader(ask.url.scheme)(ask, batch)) as frames:
        for frame in frames:
            count += len(frame)
            if count > limits.rows or frame.width > limits.columns:
                raise ask.refuse(
                    f"the query gives more than {limits.rows:,} rows or {limits.columns:,} "
                    "columns; ask for less, or sum up in the query"
                )
            yield frame


def vet(table: Table) -> None:
    """Refuse a URL that holds a login or is none, and a query that is not one SELECT, before
    anything is asked.

    Raises
    ------
    Refusal
        Without a word of the URL and the query.
    """
    ask = Ask(table, Path(), {})
    where = unquote(table.url)
    if "@" in where or SECRET.search(where):
        raise ask.refuse(
            "'url' holds a user or a password; take them out, "
            "set NAME_USER and NAME_PASSWORD in the environment and write credentials = "
            '"NAME"'
        )
    if not _addressed(table.url):
        raise ask.refuse(
            "'url' is none; write it like postgresql://host:5432/name, "
            "sqlite:///file.db or duckdb:///file.duckdb"
        )
    if table.credentials and not PREFIX.fullmatch(table.credentials):
        raise ask.refuse(
            "'credentials' is the beginning of three names in the environment, "
            "in capitals, such as WAREHOUSE"
        )
    if not _only_reads(ask.query):
        raise ask.refuse(
            "'query' must be one SELECT that only reads; columns called update, "
            "delete or the like go in double quotes"
        )


def _addressed(url: str) -> bool:
    """Is it an address that every reader takes for the same?

    Signs that some skip, and some take for an end, are none.
    """
    try:
        where = urlsplit(url)
        plain = (
            url.isprintable()
            and not set(url) & set(" \\#")
            and NAMED.fullmatch(unquote(where.path))
        )
        return (
            "://" in url
            and bool(where.scheme)
            and where.port != 0
            and (bool(plain) or _is_file(where.scheme))
        )
    except ValueError:
        return False


def _is_file(scheme: str) -> bool:
    return scheme.partition("+")[0] in ("sqlite", "duckdb")


def _only_reads(query: str) -> bool:
    """Is it one SELECT, as far as can be told from outside?

    Where something may hide, as behind a backslash before a quote, the answer is no.
    """
    if "\\'" in query or re.search(r"\$\w*\$", query):
        return False
    bare = QUIET.sub(" ", query)
    return (
        bool(re.match(r"\s*(select|with)\b", bare, re.IGNORECASE))
        and not re.search(r"[;'\"`]|/\*", bare)
        and not CHANGES.search(bare)
    )


def _reader(scheme: str) -> Callable[[Ask, int], Frames]:
    """Whoever reads a kind of database.

    Files are never opened by SQLAlchemy, which would open any.
    """
    return READERS.get(scheme.partition("+")[0] if _is_file(scheme) else scheme, _sqlalchemy)


def _driver(ask: Ask, module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise ask.refuse(
            "asking this database takes a package that is not installed; say: "
            f"pip install {package}"
        ) from None


def _in_our_words(
    ask: Ask, frames: Frames, errors: tuple[type[Exception], ...], problem_of: Callable[[Any], str]
) -> Frames:
    """Frames, and errors in our own words.

    Those of the database may hold records and logins, so they are let go of first.
    """
    problem = ""
    try:
        yield from frames
    except errors as error:
        problem = problem_of(error)
    if problem:
        raise ask.fail(problem)


def _postgresql(ask: Ask, _batch: int) -> Frames:
    adbc = _driver(ask, "adbc_driver_postgresql.dbapi", "adbc-driver-postgresql")
    arrow = _driver(ask, "pyarrow", "pyarrow")
    return _in_our_words(
        ask, _copied(ask, adbc), (adbc.Error, arrow.ArrowException, OSError), _postgresql_problem
    )


def _copied(ask: Ask, adbc: Any) -> Frames:
    """By COPY, in a transaction that cannot write."""
    user, password = ask.login
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    given = _options(ask)
    session = quote(
        f"-c default_transaction_read_only=on -c statement_timeout={ask.limits.seconds * 1000:.0f}"
    )
    options = "&".join((*given, f"connect_timeout={PATIENCE}", f"options={session}"))
    with (
        adbc.connect(f"postgresql://{login}{ask.url.netloc}{ask.url.path}?{options}") as connection,
        connection.cursor() as cursor,
    ):
        # A comment at its end must not swallow the driver's bracket.
        cursor.execute(f"{ask.query}\n")
        yield from _frames(ask, cursor.fetch_record_batch())


def _options(ask: Ask, *others: str) -> list[str]:
    """The options of a URL; refused where one could lead to another host, user or file."""
    given = [option for option in ask.url.query.split("&") if option]
    allowed = (*HARMLESS, *others)
    for option in given:
        name, _, value = option.partition("=")
        if name.lower() not in allowed:
            raise ask.refuse(
                f"'url' has an option that is not passed on; it may have: {', '.join(allowed)}"
            )
        if not WORDS.fullmatch(
            unquote(value).replace("/", "") if name in PATHS else unquote_plus(value)
        ):
            raise ask.refuse(
                f"option {name!r} of 'url' holds signs that may lead elsewhere; "
                "write letters, digits, spaces and . + - only"
            )
    return given


def _postgresql_problem(error: Any) -> str:
    """By its state where it has one.

    A connection that fails has none, nor a query that fails on its way.
    """
    if hasattr(error, "sqlstate"):
        return _meaning(error.sqlstate) if error.sqlstate else _unreached(error)
    return next((problem for words, problem in ON_THE_WAY.items() if words in str(error)), "record")


def _meaning(state: str) -> str:
    return next((STATES[state[:n]] for n in (5, 3, 2) if state[:n] in STATES), "other")


def _unreached(error: Exception) -> str:
    """Why there is no connection, of which databases say nothing but a sentence."""
    return "login" if REFUSED.search(str(error)) else "connection"


def _duckdb(ask: Ask, batch: int) -> Frames:
    duckdb = _driver(ask, "duckdb", "duckdb")
    arrow = _driver(ask, "pyarrow", "pyarrow")
    return _in_our_words(
        ask,
        _ducks(ask, duckdb, batch),
        (duckdb.Error, arrow.ArrowException, OSError),
        _duckdb_problem,
    )


def _ducks(ask: Ask, duckdb: Any, batch: int) -> Frames:
    """From a file that is not written to, by a library that may open no other."""
    path = _file(ask, "a DuckDB database")
    closed = dict.fromkeys(
        (
            "enable_external_access",
            "autoload_known_extensions",
            "autoinstall_known_extensions",
            "python_enable_replacements",
        ),
        "false",
    )
    ours = {"lock_configuration": "true", "memory_limit": f"{ask.limits.memory // 2}B"}
    with (
        closing(duckdb.connect(str(path), read_only=True, config=closed | ours)) as connection,
        _clock(ask.limits.seconds, connection.interrupt),
    ):
        yield from _frames(ask, connection.sql(ask.query).to_arrow_reader(batch))


def _duckdb_problem(error: Exception) -> str:
    """By its class, or where it comes through Arrow by its first words: ``Conversion Error``."""
    named = str(error).partition(":")[0] if isinstance(error, OSError) else type(error).__name__
    return DUCK.get(re.sub(r" |Error|Exception|\[.*", "", named).lower(), "other")


@contextmanager
def _clock(seconds: float, stop: Callable[[], None]) -> Iterator[None]:
    clock = Timer(seconds, stop)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _sqlite(ask: Ask, batch: int) -> Frames:
    return _in_our_words(ask, _lines(ask, batch), (sqlite3.Error, OSError), _sqlite_problem)


def _lines(ask: Ask, batch: int) -> Frames:
    """From a file that is only read, every other act forbidden.

    Read twice, first for what its columns hold.
    """
    path = _file(ask, "an SQLite database")
    deadline = time.monotonic() + ask.limits.seconds
    with closing(
        sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    ) as connection:
        connection.execute("BEGIN")  # both times the same rows
        connection.set_authorizer(
            lambda act, *_: sqlite3.SQLITE_OK if act in READS else sqlite3.SQLITE_DENY
        )
        connection.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
        answer = f"FROM (\n{ask.query}\n)"
        names = _distinct(
            ask,
            [column[0] for column in connection.execute(f"SELECT * {answer} LIMIT 0").description],
        )
        held = _held(connection, names, answer)
        selected = [
            f"CAST({_quoted(name)} AS {kind})" if kind != "null" else _quoted(name)
            for name, kind in held.items()
        ]
        rows = connection.execute(f"SELECT {', '.join(selected)} {answer}")
        schema = {name: AFFINITY[kind] for name, kind in held.items()}
        yield pl.DataFrame(schema=schema)
        while part := rows.fetchmany(batch):
            yield pl.DataFrame(part, schema=schema, orient="row")


def _held(connection: sqlite3.Connection, names: list[str], answer: str) -> dict[str, str]:
    """What an answer's columns hold, by the values that occur."""
    occurs = [f"max(typeof({_quoted(name)}) = '{kind}')" for name in names for kind in AFFINITY]
    occurring = iter(connection.execute(f"SELECT {', '.join(occurs)} {answer}").fetchone())
    held = {name: [kind for kind in AFFINITY if next(occurring)] for name in names}
    return {name: kinds[0] if kinds else "null" for name, kinds in held.items()}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_problem(error: Exception) -> str:
    match = re.match(r"no such (table|column)", str(error))
    return (
        match[1]
        if match
        else LITE.get(getattr(error, "sqlite_errorname", "SQLITE_CANTOPEN").split("_")[1], "other")
    )


def _sqlalchemy(ask: Ask, batch: int) -> Frames:
    alchemy = _driver(ask, "sqlalchemy", "sqlalchemy")
    strange = (pl.exceptions.PolarsError, TypeError, OverflowError)
    return _in_our_words(
        ask,
        _alike(ask, _rows(ask, alchemy, batch)),
        (alchemy.exc.SQLAlchemyError, ImportError, *strange),
        _sqlalchemy_problem,
    )


def _rows(ask: Ask, alchemy: Any, batch: int) -> Frames:
    """Through whatever driver there is; nothing is ever committed."""
    user, password = ask.login
    _options(ask, *OTHERS)
    url = alchemy.make_url(ask.table.url)
    # SQLAlchemy reads addresses by rules of its own.
    if (url.host or "").lower() != (ask.url.hostname or ""):
        raise ask.refuse("'url' is none; write it like mysql+pymysql://host:3306/name")
    engine = alchemy.create_engine(
        url.set(username=user, password=password) if user else url,
        poolclass=alchemy.NullPool,
        hide_parameters=True,
    )
    # A colon is a colon, no parameter.
    query = alchemy.text(re.sub(r"(?<![:\w\\]):(\w+)(?!:)", r"\:\1", ask.query))
    options = {"stream_results": True, "max_row_buffer": batch, "postgresql_readonly": True}
    with (
        engine.connect().execution_options(**options) as connection,
        connection.execute(query) as result,
    ):
        names = _distinct(ask, list(result.keys()))
        parts = list(islice(result.partitions(batch), 1)) or [[]]
        for part in chain(parts, result.partitions(batch)):
            rows = [tuple(PLAIN.get(type(value), _same)(value) for value in row) for row in part]
            yield pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def _same(value: object) -> object:
    return value


def _sqlalchemy_problem(error: Any) -> str:
    cause = getattr(error, "orig", None)
    detail = next(iter(getattr(cause, "args", ())), None)
    # Drivers differ.
    state = (
        getattr(cause, "sqlstate", None)
        or getattr(cause, "pgcode", None)
        or (detail.get("C") if isinstance(detail, dict) else None)
    )
    if state:
        return _meaning(state)
    if isinstance(error, ImportError) or type(error).__name__ == "NoSuchModuleError":
        return "driver"
    if type(error).__name__ in ("OperationalError", "InterfaceError"):
        return _unreached(error)
    return {
        "ProgrammingError": "query",
        "DataError": "record",
        "TypeError": "value",
        "OverflowError": "value",
    }.get(type(error).__name__, "other")


def _alike(ask: Ask, frames: Frames) -> Frames:
    """Frames in the types of the first."""
    schema: pl.Schema | None = None
    with closing(frames):
        for frame in frames:
            schema = schema or frame.schema
            changed = next(
                (c for c, dtype in frame.schema.items() if dtype not in (schema[c], pl.Null)), None
            )
            if changed is not None:
                raise ask.refuse(
                    f"column {changed!r} of the query holds {schema[changed]} at first and "
                    f"{frame.schema[changed]} later; CAST it in the query"
                )
            yield frame.cast(schema)


def _frames(ask: Ask, reader: Any) -> Frames:
    """Arrow batches as frames, after an empty one that has their schema."""
    fields = list(reader.schema)
    _distinct(ask, reader.schema.names)
    strange = next((f.name for f in fields if re.search("interval|union", str(f.type))), None)
    if strange is not None:
        raise ask.refuse(
            f"column {strange!r} of the query holds intervals or unions, "
            "which no feature can be; CAST it in the query, to a number or text"
        )
    for batch in chain([reader.schema.empty_table()], reader):
        yield pl.DataFrame(
            [_column(f, column) for f, column in zip(fields, batch.columns, strict=True)]
        )


def _column(field: Any, column: Any) -> pl.Series:
    """An Arrow column in a plain type."""
    known = getattr(field.type, "extension_name", "")
    values = pl.Series(field.name, _stored(column) if known else column)
    if known == "arrow.uuid":
        parts = [
            values.bin.encode("hex").str.slice(start, length)
            for start, length in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
        ]
        return pl.select(pl.concat_str(parts, separator="-")).to_series().alias(field.name)
    return (
        values.cast(pl.Float64)
        if known and field.metadata.get(b"POSTGRESQL:type") == b"numeric" and not _long(field)
        else values
    )


def _stored(column: Any) -> Any:
    """What an Arrow column of an extended type is made of."""
    return column.cast(column.type.storage_type) if hasattr(column, "chunks") else column.storage


def _long(field: Any) -> bool:
    """Is a PostgreSQL `numeric` declared for whole numbers longer than a Float64 keeps?"""
    declared = int(field.metadata.get(b"POSTGRESQL:typmod", b"-1")) - 4
    return declared >= 0 and declared & 0xFFFF == 0 and declared >> 16 > 15


def _distinct(ask: Ask, names: list[str]) -> list[str]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ask.refuse(f"the query gives two columns called {twice!r}; rename one by AS")
    return names


def _file(ask: Ask, what: str) -> Path:
    """The file of a database, inside the catalog's folder."""
    if ask.url.netloc or ask.url.query or ask.url.fragment:
        raise ask.refuse(
            "'url' of a file has three strokes, no host and no options; "
            "write it like sqlite:///file.db"
        )
    path = inside(ask.folder, unquote(ask.url.path).removeprefix("/"))
    with path.open("rb") as file:
        if kind(file.read(4096)) != what:
            raise ask.refuse(f"its file is not {what}; check 'url'")
    return path


READERS: Mapping[str, Callable[[Ask, int], Frames]] = {
    "postgresql": _postgresql,
    "postgres": _postgresql,
    "duckdb": _duckdb,
    "sqlite": _sqlite,
}
