"""What does the reader say of files of their own?

Widgets of the Data page, from the files to the catalog.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analytics.data.catalog.model import ROW_NUMBER, Catalog, Table
from analytics.data.catalog.toml import read
from analytics.data.catalog.toml import text as catalog_text
from analytics.data.drafting import draft as drafts
from analytics.data.drafting.draft import Answer, Draft, Question, number_or_text
from analytics.data.drafting.own_data import PACKED, Decisions, Tables, read_otherwise, tables_in
from analytics.data.readers.format import offered
from analytics.data.refusal import Refusal
from analytics.study import own_data
from pages.parts.data import sentences
from pages.shared import datasets, frame, markup
from pages.shared.inputs import FLOOR_AT, move
from pages.shared.state import state

ENDINGS = [*offered(), "gz", "zip", "toml"]
WAYS = ("Upload", "Folder", "Database")
OUT, NONE = "–", "none"
FEW = 12


def ask_folder() -> Path | None:
    """Where are the files? Brought here under a name, or in a folder of this machine.

    None where there are none yet.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control("Bring them by", WAYS, default=WAYS[0], key="way", required=True)
        name = st.text_input(
            "Name of the data", st.query_params.get("name", "my-data"), key="name", width=220
        )
        st.query_params["name"] = (
            name  # not bound: Streamlit cannot turn to another page from a bound one
        )
        if way == "Folder":
            named = st.text_input(
                "Folder on the machine that runs this app",
                key="folder",
                placeholder="/data/cards",
                width="stretch",
            )
    folder = datasets.place(_own(), name)
    if way == "Folder":
        return datasets.folder_allowed(named) if named else None
    if way == "Database":
        _ask_query(folder)
    else:
        _take_files(folder)
    return (
        folder
        if (folder / "catalog.toml").is_file() or state.get(_queries(folder)) or _tables(folder)
        else None
    )


def _own() -> str:
    """The token of this reader's own files.

    It stands in the address, so that a link finds them again and nothing else does.
    """
    asked = st.query_params.get("own")
    if datasets.is_token(asked) and datasets.place(str(asked), "x").parent.is_dir():
        state["own"] = asked
    token = str(state.setdefault("own", datasets.new_token()))
    st.query_params["own"] = token
    return token


def _tables(folder: Path) -> tuple[str, ...]:
    try:
        return tables_in(folder)
    except Refusal:
        return ()


def _take_files(folder: Path) -> None:
    """Keep what was uploaded, once."""
    given = st.file_uploader(
        "Tables, and a catalog.toml if there is one",
        ENDINGS,
        accept_multiple_files=True,
        key="files",
        label_visibility="collapsed",
    )
    for file in given or []:
        if file.file_id not in state.setdefault("kept", set()) and _may_take(
            folder / datasets.plain(file.name), file
        ):
            datasets.keep(folder / datasets.plain(file.name), file.getbuffer())
            state["kept"].add(file.file_id)


def _may_take(path: Path, file: UploadedFile) -> bool:
    """Is nothing else of that name here, or does the reader want it replaced?"""
    if not datasets.differs(path, file.getbuffer()):
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":orange-badge[Not taken yet] {markup.plain(path.name)} lies here already and holds"
            " something else."
        )
        return st.button(f"Replace {markup.plain(path.name)}", key=f"replace.{file.file_id}")


def _ask_query(folder: Path) -> None:
    """A query whose answer is a table."""
    with st.form("query", border=False):
        with st.container(horizontal=True):
            table = st.text_input("Name of the table", "people", width=160)
            url = st.text_input(
                "Database",
                placeholder=(
                    "postgresql://host:5432/name, sqlite:///file.db or duckdb:///file.duckdb"
                ),
                help=FILES,
            )
            credentials = st.text_input(
                "Credentials", placeholder="WAREHOUSE", help=CREDENTIALS, width=160
            )
        query = st.text_area("Query", placeholder="SELECT * FROM loans", height=80)
        if st.form_submit_button("Ask", icon=":material/database:"):
            folder.mkdir(parents=True, exist_ok=True)
            state[_queries(folder)] = {
                **state.get(_queries(folder), {}),
                table: Table(table, url=url, query=query, credentials=credentials),
            }


CREDENTIALS = (
    "WAREHOUSE reads WAREHOUSE_USER and WAREHOUSE_PASSWORD from the environment of this app or from"
    " its secrets; neither is kept or shown, and both are sent only to the hosts that"
    " WAREHOUSE_HOST lists."
)
FILES = (
    "A database file must lie in the folder of the catalog: upload it under the same name of the"
    " data."
)


def _queries(folder: Path) -> str:
    return f"queries.{folder}"


def tables(folder: Path, written: Catalog | None) -> tuple[Table, ...]:
    """Every table to be read, as the reader answered where it may be read in several ways."""
    asked = _tables_asked(folder, written)
    names = {table.name for table in asked}
    return read_otherwise(asked, [a for a in answered(folder)[1] if a[0] in names])


def _tables_asked(folder: Path, written: Catalog | None) -> tuple[Table, ...]:
    """Every table: as the folder's catalog says, else each file, and the queries asked for."""
    if written is not None:
        return tuple(written.table(name) for name in written.names)
    asked = tuple(state.get(_queries(folder), {}).values())
    names = list(_tables(folder) if asked else tables_in(folder))
    chosen = (
        st.multiselect("Tables", names, names, key=f"tables.{folder}") if len(names) > 1 else names
    )
    return (*map(Table, chosen), *asked)


def ask_written(folder: Path) -> Catalog | None:
    """The catalog that lies in the folder, unless the reader leaves it aside."""
    written = own_data.written(folder)
    if written is None or st.toggle("Leave its catalog.toml aside and guess anew", key="fresh"):
        return None
    return written


def listed(sentences: Sequence[str], *, most: int = 8) -> None:
    """Sentences as a list; the rest folds."""
    st.markdown("\n".join(f"- {markup.plain(s)}" for s in sentences[:most]))
    if len(sentences) > most:
        with st.expander(f"{len(sentences) - most:,} more"):
            st.markdown("\n".join(f"- {markup.plain(s)}" for s in sentences[most:]))


# Who they are and how they turned out


def ask_outcome(mine: Tables, written: Catalog | None) -> str:
    """Which column says how people turned out? Empty: as written or guessed."""
    able = list(
        dict.fromkeys(
            c.name
            for p in mine.profiles
            for c in p.columns
            if 2 <= c.distinct <= FEW and c.kind in ("number", "category", "boolean")
        )
    )
    now = _guessed(mine, written)
    names = able if now in able or not now else [now, *able]
    chosen = st.selectbox(
        "Outcome",
        names,
        names.index(now) if now else None,
        key=f"outcome.{mine.folder}",
        help=OUTCOME,
        width=240,
    )
    return "" if chosen in (now, None) else chosen


def _guessed(mine: Tables, written: Catalog | None) -> str:
    try:
        return own_data.drafted(mine, written).catalog.people.outcome
    except Refusal:  # said again where the reader is asked for the outcome
        return ""


OUTCOME = (
    "A column of few values, in the table with one row per person. Columns that follow from it"
    " would flatter the score: they are looked for and left out."
)


def answered(folder: Path) -> tuple[Decisions, tuple[tuple[str, str, str, str], ...]]:
    """What the reader answered so far: of the tables, and of how they are read."""
    given = state.get(_answers(folder), {})
    fields = [pair for answer in given.values() for pair in answer.said]
    read = tuple(value for name, value in fields if name == "read")
    told: dict[str, Any] = {}
    for name, value in fields:
        if name != "read":
            told[name] = (
                (*told[name], *value)
                if name in ("once", "leave_out", "many") and name in told
                else value
            )
    return Decisions(**told), read


def _answers(folder: Path) -> str:
    return f"answers.{folder}"


def ask_open(draft: Draft, folder: Path) -> None:
    """What only the reader can say.

    Each question with its answers, and what was answered already.
    """
    given = state.setdefault(_answers(folder), {})
    if draft.questions:
        with st.container(border=True, gap="xsmall"):
            st.markdown("**Decide** before anything is learned")
            for i, question in enumerate(draft.questions):
                _ask_one(question, given, f"ask.{folder}.{i}.{hash(question.text):x}")
    for brief, answer in list(given.items()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":small[You said: **{markup.plain(answer.label)}** ({markup.plain(brief)})]"
            )
            if st.button("Ask again", key=f"again.{folder}.{hash(brief):x}", type="tertiary"):
                del given[brief]
                st.rerun()


def _ask_one(question: Question, given: dict[str, Answer], key: str) -> None:
    if not question.answers:
        at = f" Answer it at *{question.widget}*." if question.widget else ""
        st.markdown(f"{markup.plain(question.text)}.{at}")
        return
    labels = [answer.label for answer in question.answers]
    chosen = st.radio(markup.plain(question.brief), labels, index=None, key=key)
    if chosen is not None:
        given[question.brief] = question.answers[labels.index(chosen)]
        st.rerun()


def ask_people(
    draft: Draft, levels: Mapping[str, int], place: DeltaGenerator, folder: Path
) -> tuple[Decisions, dict[str, Any]]:
    """What the reader says of the people.

    What a guess starts from, where it is not as guessed, and the words of the catalog.
    """
    people, home = draft.catalog.people, draft.profile("")
    said, _ = answered(folder)
    key = f"{home.name}.{people.outcome}" + (f".{hash(said):x}" if said != Decisions() else "")
    with place:
        bad = st.multiselect(
            "Means default",
            list(levels),
            list(map(str, people.bad)),
            format_func=lambda v: f"{v} ({levels[v]:,})",
            key=f"bad.{key}",
            width=260,
        )
        undecided = st.multiselect(
            "Not decided yet",
            list(levels),
            list(map(str, people.undecided)),
            key=f"undecided.{key}",
            help=UNDECIDED,
            width=180,
        )
        ids = [*(c.name for c in home.columns if c.unique and c.name != ROW_NUMBER), ROW_NUMBER]
        id = _one(
            "Id",
            ids,
            people.id,
            f"id.{key}",
            "A column that differs on every row; the row number where the file has none.",
        )
        time = _one(
            "Applied on",
            [NONE, *(c.name for c in home.columns if c.kind == "date")],
            people.time or NONE,
            f"time.{key}",
            TIME,
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        few = [
            c.name
            for c in home.columns
            if 2 <= c.distinct <= 4 * FEW and c.name not in (people.id, people.outcome)
        ]
        segments = st.multiselect(
            "Segments",
            few,
            list(people.segments),
            key=f"segments.{key}",
            help="To compare coverage and bad rates by.",
        )
        protected = st.multiselect(
            "Protected",
            few,
            list(people.protected),
            key=f"protected.{key}",
            help="For fairness; a feature only if you leave it in a source.",
        )
    with st.expander("Name, money, codes for missing"), st.container(horizontal=True):
        label = st.text_input("Name on the screen", people.label, key=f"label.{key}")
        currency = st.text_input("Currency", people.currency, key=f"currency.{key}", width=100)
        gain = st.number_input(
            "An accepted payer brings", 0.0, value=people.gain, key=f"gain.{key}", width=180
        )
        loss = st.number_input(
            "An accepted defaulter costs", 0.0, value=people.loss, key=f"loss.{key}", width=180
        )
        codes = st.text_input(
            "Codes for missing",
            _written_codes(draft),
            key=f"codes.{key}",
            help=CODES,
            width="stretch",
        )
    own, everywhere = _read_codes(codes)
    known = _known_codes(draft)
    missing = tuple(
        (c, own.get(c, ()))
        for c in dict.fromkeys((*known, *own))
        if own.get(c, ()) != known.get(c, ())
    )
    changed: dict[str, Any] = {"missing": (*said.missing, *missing)} if missing else {}
    changed |= {"bad": tuple(bad)} if list(bad) != list(map(str, people.bad)) else {}
    changed |= (
        {"undecided": tuple(undecided)}
        if list(undecided) != list(map(str, people.undecided))
        else {}
    )
    changed |= {"id": id} if id != people.id else {}
    if "undecided" in changed and "bad" not in changed:
        changed["bad"] = tuple(bad)
    told: dict[str, Any] = {
        "bad": tuple(bad),
        "undecided": tuple(undecided),
        "id": id,
        "time": "" if time == NONE else time,
    }
    told |= {"segments": tuple(segments), "protected": tuple(protected)}
    told |= {
        "label": label,
        "currency": currency,
        "gain": gain,
        "loss": loss,
        "missing": everywhere,
    }
    return replace(said, **changed), told


def _known_codes(draft: Draft) -> dict[str, tuple[int | float | str, ...]]:
    """The codes for missing of each column."""
    return {
        column: tuple(codes)
        for cleaning in draft.catalog.cleanings
        for column, codes in cleaning.missing
    }


def _written_codes(draft: Draft) -> str:
    own = [
        f"{column}={', '.join(map(str, codes))}" for column, codes in _known_codes(draft).items()
    ]
    everywhere = ", ".join(map(str, draft.catalog.people.missing))
    return "; ".join(filter(None, (*own, everywhere)))


def _read_codes(
    text: str,
) -> tuple[dict[str, tuple[int | float | str, ...]], tuple[int | float | str, ...]]:
    """Codes by column, and those of every column."""
    own: dict[str, tuple[int | float | str, ...]] = {}
    everywhere: tuple[int | float | str, ...] = ()
    for part in filter(None, map(str.strip, text.split(";"))):
        column, equals, codes = part.rpartition("=")
        if equals:
            own[column.strip()] = _codes(codes)
        else:
            everywhere = (*everywhere, *_codes(codes))
    return own, everywhere


CODES = (
    "By column, as in late=96, 98; income=9999999. Without a column they count in every feature."
    " What is named here is read as empty."
)
UNDECIDED = (
    "Values of the outcome of which nobody knows yet: these people are scored, and neither learned"
    " from nor read."
)


TIME = (
    "The date of application: the latest fifth of the months is kept apart, and no record from"
    " after it is used."
)


def _one(label: str, names: list[str], now: str, key: str, help: str = "") -> str:
    names = names if now in names else [now, *names]
    return st.selectbox(label, names, names.index(now), key=key, help=help or None, width=200)


def _codes(text: str) -> tuple[int | float | str, ...]:
    return tuple(number_or_text(part.strip()) for part in text.split(",") if part.strip())


# Columns to sources


def ask_columns(draft: Draft) -> Draft:
    """The draft with columns moved between sources, and sources named and priced, as the reader
    says.
    """
    new = st.text_input(
        "Add a source", key="new_source", placeholder="one word, such as payments", width=260
    ).strip()
    keys = list(dict.fromkeys([*draft.catalog.keys, *([new] if new else [])]))
    rows = sentences.columns(draft)
    stamp = f"{hash((draft.catalog, draft.reasons)):x}"
    edited = st.data_editor(
        rows,
        key=f"columns.{stamp}",
        hide_index=True,
        disabled=[c for c in rows.columns if c != "source"],
        height=min(420, 38 + 35 * rows.height),
        column_order=[c for c in rows.columns if c != "table" or len(draft.profiles) > 1],
        column_config={
            "source": st.column_config.SelectboxColumn(
                "source",
                options=[OUT, *keys],
                required=True,
                help="Which source reads it; – for none.",
            ),
            "missing": st.column_config.NumberColumn(format="percent"),
            "distinct": st.column_config.NumberColumn(format="localized"),
        },
    )
    for before, after in zip(rows.iter_rows(named=True), edited.iter_rows(named=True), strict=True):
        if before["source"] != after["source"]:
            draft = drafts.move(
                draft,
                after["column"],
                "" if after["source"] == OUT else after["source"],
                table=after["table"],
            )
    return _ask_sources(draft, stamp)


def _ask_sources(draft: Draft, stamp: str) -> Draft:
    """Names and prices of the sources."""
    rows = pl.DataFrame(
        [
            {
                "key": s.key,
                "label": s.label,
                "dimension": s.dimension,
                "price": s.cost,
                "columns": len(draft.columns(s.key)),
            }
            for s in draft.catalog
        ]
    )
    edited = st.data_editor(
        rows,
        key=f"sources.{stamp}.{','.join(draft.catalog.keys)}",
        hide_index=True,
        disabled=["key", "columns"],
        column_config={"price": st.column_config.NumberColumn(min_value=0.0, help="Of one query.")},
    )
    for before, after in zip(rows.iter_rows(named=True), edited.iter_rows(named=True), strict=True):
        if before != after:
            draft = drafts.describe(
                draft,
                after["key"],
                label=after["label"] or after["key"],
                dimension=after["dimension"] or "",
                cost=after["price"] or 0.0,
            )
    return draft


# The end


def finish(draft: Draft, folder: Path) -> None:
    """Buttons that take the catalog away, and that fit and open the lab."""
    catalog = catalog_text(replace(draft.catalog, path=folder / "catalog.toml"))
    with st.container(horizontal=True, vertical_alignment="center"):
        path = folder / "catalog.toml"
        asked = not _by_hand(path, catalog) or st.checkbox(
            "Replace its catalog.toml; the present one is kept beside it", key=f"replace.{folder}"
        )
        if st.button(
            "Fit and open the lab",
            type="primary",
            icon=":material/model_training:",
            disabled=not (draft.ready and asked),
        ):
            datasets.replace_catalog(path, catalog)
            key = datasets.remember(path, str(state.get("own", "")))
            state["keys"] = [*state.get("keys", []), key]
            _look_at(key)
        st.download_button(
            "catalog.toml",
            catalog,
            "catalog.toml",
            "application/toml",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover("Read it", type="tertiary"):
            st.code(catalog, "toml")


def _by_hand(path: Path, catalog: str) -> bool:
    """Does a catalog lie there that says something else, and was not written by this page?"""
    if not datasets.differs(path, catalog.encode()):
        return False
    try:
        return catalog_text(read(path)) != path.read_text("utf-8")
    except (Refusal, UnicodeDecodeError):
        return True


def _look_at(name: str) -> None:
    """Another data set, and everything else as on a first visit."""
    move(
        data=name,
        weights="",
        cohort="",
        cohort_name="",
        floor=FLOOR_AT,
        missing="neutral",
        settings="",
        split="test",
    )
    frame.turn_to("weights")


EXAMPLE = (
    "One table with a row per person, or one table per supplier: CSV, TSV, Parquet or Excel, also"
    f" packed as {' or '.join(PACKED)}."
)
