"""What has been read already?

The shelf: our own checked Parquet tables, each vouched for by its fingerprint before it is opened.

The entry beside a table says what was found in it. It carries a fingerprint of itself: an entry of
which a letter changed is not believed. A table is read again when its bytes, what the catalog says
of it or our way of reading changes. Tables that nobody took for a month go.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from . import disk, worker
from .catalog.model import Table
from .findings import Finding, refuse
from .ingest import FORMAT, IngestedTable
from .readers import files
from .readers.files import Limits
from .readers.format import GROUP
from .readers.unpacking import kind
from .refusal import Refusal

FOLDER = ".weighbridge"
SHELF = "tables"
KEPT = 30 * 24 * 3600  # seconds
LARGE = 64 << 20  # bytes of a file that takes a while to hash
Entry = dict[str, Any]


def root() -> Path:
    """The work folder: WEIGHBRIDGE_HOME, else .weighbridge where one stands."""
    return Path(os.environ.get("WEIGHBRIDGE_HOME") or FOLDER)


def tables() -> Path:
    """The shelf in the work folder."""
    return root() / SHELF


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A table that is wanted: which file, what it holds now, and by which name its entry goes."""

    table: Table
    key: str
    folder: Path
    sha256: str = ""
    path: Path = Path()
    seen: tuple[int, ...] = ()


def take(
    folder: Path,
    tables: Sequence[Table],
    shelf: Path,
    *,
    text: tuple[str, ...] = (),
    limits: Limits = Limits(),
    refresh: bool = False,
) -> dict[str, IngestedTable]:
    """Every table as a checked Parquet table: from the shelf where nothing has changed, else read
    anew in a process of its own.

    Parameters
    ----------
    folder : where the files are; nothing outside it is opened.
    text : columns that hold ids, of which text stays text.
    refresh : ask databases again.

    Returns
    -------
    dict
        By name, in the order asked for.

    Raises
    ------
    Refusal
        If a table is refused, or the shelf cannot be written; nothing half-written stays.
    """
    with worker.ready() if any(_new(folder, t, shelf) for t in tables) else nullcontext():
        with ThreadPoolExecutor(4) as pool:
            wanted = list(pool.map(lambda t: _want(folder, t, text), tables))
            standing = pool.map(
                lambda w: None if refresh and w.table.url else _kept(shelf, w), wanted
            )
            kept = dict(zip(wanted, standing, strict=True))
        missing = [w for w, table in kept.items() if table is None]
        fresh = _fetch(missing, shelf, text, limits) if missing else {}
    return {w.table.name: table or fresh[w.key] for w, table in kept.items()}


def _new(folder: Path, table: Table, shelf: Path) -> bool:
    """Is it a large text that changed since anything was taken? Then it is not on the shelf, and a
    process to read it may start while it is hashed.

    This decides when a process starts, and nothing else.
    """
    if table.url:
        return False
    try:
        path = files.inside(folder, table.name)
        status = path.stat()
        with path.open("rb") as file:
            text = status.st_size >= LARGE and kind(file.read(4096)) == "text"
        return (
            text
            and max((e.stat().st_mtime_ns for e in shelf.glob("*.json")), default=0)
            < status.st_ctime_ns
        )
    except (Refusal, OSError):
        return False


def _want(folder: Path, table: Table, text: tuple[str, ...]) -> _Wanted:
    basis = [
        FORMAT,
        str(pl.__version__),
        repr(table),
        sorted(text),
        *([] if table.like is None else [table.like]),
    ]
    if table.url:
        return _Wanted(table, _digest([*basis, str(folder.resolve())]), folder.resolve())
    path = files.inside(folder, table.name)
    seen = tuple(worker.seen(path))
    try:
        sha256 = fingerprint(path)
    except OSError:
        raise Refusal(f"{table.name} cannot be opened; allow the app to read it") from None
    return _Wanted(table, _digest([*basis, sha256]), folder.resolve(), sha256, path, seen)


def fingerprint(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(basis: object) -> str:
    return hashlib.sha256(json.dumps(basis).encode()).hexdigest()[:32]


def _kept(shelf: Path, wanted: _Wanted) -> IngestedTable | None:
    """What stands on the shelf, if it is whole."""
    entry = shelf / f"{wanted.key}.json"
    try:
        told = _opened(wanted.key, entry.read_bytes())
        path = shelf / f"{told['written'][:32]}.parquet"
        if fingerprint(path) != told["written"]:
            return None
        with suppress(OSError):  # of a shelf that is only read, nothing is tidied away
            os.utime(entry)
        return _taken(wanted.table.name, path, told)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sealed(key: str, entry: Entry) -> bytes:
    """An entry as it is written: with the fingerprint of its name and of all that it tells."""
    sha256 = hashlib.sha256(f"{key}\n{json.dumps(entry)}".encode()).hexdigest()
    return json.dumps({**entry, "entry": sha256}).encode()


def _opened(key: str, sealed: bytes) -> Entry:
    """What an entry tells, if it is byte for byte what was written under this name.

    Raises
    ------
    ValueError
        If it is damaged, edited or another's.
    """
    entry = json.loads(sealed)
    if not isinstance(entry, dict) or entry.pop("entry", "") == "" or _sealed(key, entry) != sealed:
        raise ValueError("the entry is not as it was written")
    return entry


def _taken(name: str, path: Path, entry: Entry) -> IngestedTable:
    findings = tuple(Finding(**f) for f in entry["findings"])
    with reading(name):
        return IngestedTable(
            name,
            path,
            entry["sha256"],
            entry["rows"],
            pl.read_parquet_schema(path),
            findings,
            entry["how"],
        )


def _fetch(
    missing: Sequence[_Wanted], shelf: Path, text: tuple[str, ...], limits: Limits
) -> dict[str, IngestedTable]:
    """Read what is not on the shelf, all in one process, and put it there."""
    with drafts(shelf) as folder:
        tasks = [_task(w, folder / str(i)) for i, w in enumerate(missing)]
        answer = worker.run({"tables": tasks, "text": list(text), "limits": asdict(limits)})
        for read in answer["taken"]:
            _heed(read, shelf)
        answers = zip(missing, tasks, answer["taken"], strict=True)
        fresh = {w.key: _put(shelf, w, Path(task["out"]), read) for w, task, read in answers}
    _tidy(shelf)
    return fresh


def _task(wanted: _Wanted, folder: Path) -> Entry:
    folder.mkdir()
    where = {
        "folder": wanted.folder,
        "path": wanted.path,
        "out": folder / "out.parquet",
        "scratch": folder,
    }
    return {
        "table": asdict(wanted.table),
        "seen": list(wanted.seen),
        **{name: str(path) for name, path in where.items()},
    }


def _heed(answer: Entry, shelf: Path) -> None:
    """Refuse what the worker refuses."""
    if "refused" in answer:
        raise Refusal(answer["refused"])
    if "unwritten" in answer:
        raise Refusal(_unwritable(shelf, answer["unwritten"]))
    refuse(Finding(**f) for f in answer["findings"])


def _put(shelf: Path, wanted: _Wanted, draft: Path, answer: Entry) -> IngestedTable:
    path = shelve(shelf, wanted.key, draft, {**answer, "sha256": wanted.sha256})
    entry = _opened(wanted.key, (shelf / f"{wanted.key}.json").read_bytes())
    return _taken(wanted.table.name, path, entry)


def shelve(shelf: Path, key: str, draft: Path, told: Entry) -> Path:
    """Put a table on the shelf: first the table, by its fingerprint, then the entry that vouches
    for it.
    """
    written = fingerprint(draft)
    path = shelf / f"{written[:32]}.parquet"
    disk.move(draft, path)
    entry = draft.with_name(f"{key}.json")
    vouching = {**told, "sha256": told["sha256"] or written, "written": written}
    entry.write_bytes(_sealed(key, vouching))
    disk.move(entry, shelf / entry.name)
    return path


def make(
    shelf: Path, name: str, basis: object, gather: Callable[[], pl.LazyFrame]
) -> IngestedTable:
    """A table made of others: from the shelf where it stands, else computed and put there.

    Parameters
    ----------
    basis : all that it depends on, as JSON could say it.
    gather : makes it.
    """
    wanted = _Wanted(Table(name), _digest([FORMAT, str(pl.__version__), name, basis]), shelf)
    kept = _kept(shelf, wanted)
    if kept is not None:
        return kept
    with reading(name), drafts(shelf) as folder:
        draft = folder / "out.parquet"
        gather().sink_parquet(draft, compression="lz4", row_group_size=GROUP, maintain_order=True)
        rows = pl.scan_parquet(draft, glob=False).select(pl.len()).collect().item()
        return _put(shelf, wanted, draft, {"rows": rows, "findings": [], "how": {"format": "made"}})


@contextmanager
def drafts(shelf: Path) -> Iterator[Path]:
    """A folder on the shelf's disk, for what is not yet whole; it goes at the end.

    Raises
    ------
    Refusal
        If the shelf cannot be written.
    """
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".draft-", dir=shelf)).resolve()
    except OSError as error:
        raise Refusal(_unwritable(shelf, disk.why(error))) from None
    try:
        yield folder
    except OSError as error:
        raise Refusal(_unwritable(shelf, disk.why(error))) from None
    except pl.exceptions.PolarsError as error:
        cause = disk.refused(folder / "more", error)
        if cause is None:
            raise
        raise Refusal(_unwritable(shelf, disk.why(cause))) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unwritable(shelf: Path, why: str) -> str:
    return (
        f"cannot write to the work folder {shelf}: {why}; make room, "
        "or choose another with --home or WEIGHBRIDGE_HOME"
    )


def _tidy(shelf: Path) -> None:
    """Drop entries that nobody took for long, tables that no entry vouches for, and drafts of
    processes that died.
    """
    late = time.time() - KEPT
    for entry in shelf.glob("*.json"):
        if entry.stat().st_mtime < late:
            entry.unlink(missing_ok=True)
    known = {_written(e) for e in shelf.glob("*.json")}
    for path in shelf.glob("*.parquet"):
        if path.stem not in known and path.stat().st_mtime < late:
            path.unlink(missing_ok=True)
    for draft in shelf.glob(".draft-*"):
        if draft.stat().st_mtime < late:
            shutil.rmtree(draft, ignore_errors=True)


def _written(entry: Path) -> str:
    try:
        return str(json.loads(entry.read_text("utf-8"))["written"])[:32]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what Polars says of a table into one sentence that quotes no cell."""
    try:
        yield
    except pl.exceptions.PolarsError:
        raise Refusal(
            f"cannot read {name}: its checked copy is damaged or gone; start again, "
            "and it is read anew"
        ) from None
