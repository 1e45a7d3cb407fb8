"""Which first catalog fits somebody's files? By guess, written beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from analytics.data.catalog.model import Table
from analytics.data.catalog.toml import text
from analytics.data.disk import writing
from analytics.data.drafting.draft import Draft
from analytics.data.drafting.own_data import Decisions, Tables, guess, read_tables
from analytics.data.findings import texts
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF, root

from .answer import Answer

Types = tuple[tuple[str, str], ...]


def init(
    out: Path,
    tables: Sequence[Table],
    decisions: Decisions = Decisions(),
    types: Types = (),
    home: Path | None = None,
) -> Answer:
    """Guess a catalog for tables and write it; `decide` lists what only their owner can say.

    Parameters
    ----------
    out : the catalog to write, in the folder of the tables.
    tables : their names in that folder, and how they are read where that is known.
    decisions : what is known of the people before anything is guessed.
    types : how columns are read in every table that has them.
    home : the work folder.

    Raises
    ------
    Refusal
        If there is a catalog already, or the tables are refused.
    """
    refuse_to_overwrite(out)
    shelf = (home or root()) / SHELF
    read = read_tables(out.parent, tables, shelf=shelf)
    if types:
        read = read_tables(out.parent, _typed(read, types), shelf=shelf)
    draft = guess(read, decisions)
    with writing(out) as path:
        path.write_text(text(draft.catalog), "utf-8")
    return {"catalog": str(out), **_guessed(draft), "findings": _certain(read)}


def refuse_to_overwrite(out: Path) -> None:
    """A catalog that somebody wrote stays.

    Raises
    ------
    Refusal
        If the file is there.
    """
    if out.exists():
        raise Refusal(f"{out} is there already; name another with --out, or move it away")


def _typed(read: Tables, types: Types) -> list[Table]:
    """The tables, read anew: a column as said in each that has it."""
    names = [name for profile in read.profiles for name in profile.names]
    missing = next((column for column, _ in types if column not in names), None)
    if missing is not None:
        there = ", ".join(names)
        raise Refusal(f"--types names {missing!r}, which no file has; they have: {there}")
    columns = {profile.name: profile.names for profile in read.profiles}
    return [_with_types(table, types, columns[table.name]) for table in read.asked]


def _with_types(table: Table, types: Types, columns: Iterable[str]) -> Table:
    there = set(columns)
    return replace(table, types=(*table.types, *(pair for pair in types if pair[0] in there)))


def _guessed(draft: Draft) -> Answer:
    """What the catalog says, and what is left to decide."""
    people = draft.catalog.people
    return {
        "persons": draft.profile("").rows,
        "id": people.id,
        "outcome": people.outcome,
        "bad": list(people.bad),
        "time": people.time,
        "ready": draft.ready,
        "decide": [question.asked for question in draft.questions],
        "notes": list(draft.notes),
        "sources": [
            {
                "key": source.key,
                "table": source.table or people.table,
                "features": list(draft.columns(source.key)),
            }
            for source in draft.catalog
        ],
        "left_out": [
            {"table": each.table, "column": each.column, "why": each.why} for each in draft.left
        ],
    }


def _certain(read: Tables) -> list[str]:
    """What was found in the tables; what is open is asked instead."""
    return texts([finding for finding in read.findings if not finding.open])
