"""What is a file? Told by its first bytes, and unpacked where it is packed."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from analytics.data.findings import Finding, reject
from analytics.data.refusal import Refusal

from .files import BLOCK, Limits, bounded
from .format import endings, formats

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
REMEDY = {
    "an old Excel workbook": "save it as .xlsx or CSV",
    "an SQLite database": (
        "name it as a database with 'url' and 'query' under [tables] in the catalog"
    ),
    "a DuckDB database": (
        "name it as a database with 'url' and 'query' under [tables] in the catalog"
    ),
}
PACKED = {"gzip": "a gzip archive", "zip": "a zip archive"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it can be read: unpacked, and the key of its format."""

    path: Path
    kind: str
    findings: tuple[Finding, ...] = ()


def kind(head: bytes) -> str:
    """What the first bytes say a file is; text where they say nothing."""
    known = (*((magic, f.kind) for f in formats().values() for magic in f.magic), *MAGIC)
    known_kind = next((what for magic, what in known if head.startswith(magic)), "")
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if known_kind or head[8:12] == b"DUCK":
        return known_kind or "a DuckDB database"
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        return "a web page"
    if start.startswith(b"<?xml"):
        return "an XML document"
    return "a JSON document" if re.match(rb'\{\s*"|\[\s*[\[{"]', start) else "text"


def unpack(path: Path, name: str, scratch: Path, limits: Limits) -> Opened:
    """A table's file, unpacked where it is packed.

    Raises
    ------
    TableRefused
        If it is no table, holds more than one, or is larger than the limits allow.
    """
    size = path.stat().st_size
    if not size:
        reject(name, "it is empty", "export it again")
    if size > limits.packed:
        reject(name, f"it weighs {size:,} bytes, and {limits.packed:,} may be read", "split it")
    packing = _kind(path, name)
    if packing not in PACKED:
        return Opened(path, packing, _named(name, packing))
    inner, inner_name = (
        _gunzip(path, name, scratch, limits)
        if packing == "gzip"
        else _unzip(path, name, scratch, limits)
    )
    if not inner.stat().st_size:
        reject(name, "what it packs is empty", "export it again")
    what = _kind(inner, name)
    if what in PACKED:
        reject(name, "it packs another archive", "pack the table itself")
    return Opened(inner, what, (*_named(name, packing), *_named(inner_name, what, name)))


def _kind(path: Path, name: str) -> str:
    with path.open("rb") as file:
        what = kind(file.read(4096))
    if what == "zip":
        members = _members(path, name)
        what = next((f.kind for f in formats().values() if f.member and f.member in members), what)
    if what not in PACKED and what not in formats():
        reject(
            name,
            f"it is {what}, and no table",
            REMEDY.get(what, "export it as CSV, Parquet or Excel"),
        )
    return what


def _members(path: Path, name: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        reject(name, "it is a damaged archive", "write it anew")


def _named(named: str, actual: str, name: str = "") -> tuple[Finding, ...]:
    """A word where the ending says something else than the bytes."""
    ending = named.lower().rpartition(".")[2]
    expected = {**endings(), "gz": "gzip", "zip": "zip"}.get(ending, actual)
    if expected == actual:
        return ()
    words = PACKED[actual] if actual in PACKED else formats()[actual].words
    return (
        Finding(
            name or named,
            "",
            0,
            0,
            f"its name ends in .{ending}, but it is {words} and read as such",
            "rename it",
        ),
    )


def _gunzip(path: Path, name: str, scratch: Path, limits: Limits) -> tuple[Path, str]:
    inner = scratch / "unpacked"
    packed = path.stat().st_size
    try:
        with gzip.open(path) as archive:
            _copy(archive, inner, lambda size: bounded(size, packed, name, limits))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        reject(name, "it is a damaged or truncated archive", "write it anew")
    return inner, name.removesuffix(".gz")


def _unzip(path: Path, name: str, scratch: Path, limits: Limits) -> tuple[Path, str]:
    inner = scratch / "unpacked"
    packed = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member(archive, name)
            bounded(member.file_size, packed, name, limits)
            with archive.open(member) as file:
                _copy(file, inner, lambda size: bounded(size, packed, name, limits))
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, ValueError) as error:
        if isinstance(error, Refusal):
            raise
        reject(name, "it is a damaged archive, or packed in an unknown way", "write it anew")
    return inner, member.filename


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The one table in an archive."""
    members = [
        i
        for i in archive.infolist()
        if not i.is_dir()
        and not i.filename.startswith("__MACOSX/")
        and not Path(i.filename).name.startswith(".")
    ]
    if len(members) != 1:
        reject(
            name,
            f"it packs {len(members):,} files, and must pack one table",
            "pack each table by itself",
        )
    if members[0].flag_bits & 1:
        reject(name, "it is locked with a password", "pack it without one")
    return members[0]


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, fits: Callable[[int], None]) -> None:
    size = 0
    with target.open("wb") as file:
        while block := source.read(BLOCK):
            size += len(block)
            fits(size)
            file.write(block)
