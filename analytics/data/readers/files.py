"""Which bytes may be read, and what are they? Files inside a folder, told by their first bytes, within bounds, as UTF-8 text where they are text."""

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from analytics.data.findings import Choice, Finding, TableRefused, reject
from analytics.data.refusal import Refusal

from . import encodings

BLOCK = 1 << 20
SLACK = 512 << 20  # what unpacks to less harms nobody, however little it weighs
MAGIC = (
    (b"PAR1", "parquet"),
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
    "an SQLite database": "name it as a database with 'url' and 'query' under [tables] in the catalog",
    "a DuckDB database": "name it as a database with 'url' and 'query' under [tables] in the catalog",
}
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENDINGS = {"parquet": "parquet", "pq": "parquet", "csv": "text", "tsv": "text", "tab": "text", "txt": "text", "xlsx": "xlsx", "xlsm": "xlsx"}
WORDS = {"parquet": "a Parquet table", "text": "text", "xlsx": "an Excel workbook", "gzip": "a gzip archive", "zip": "a zip archive"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be read: far more than honest tables need, and less than what takes a server down.

    Attributes
    ----------
    packed, unpacked, memory : bytes.
    ratio : of what it unpacks to, to what it weighs; only looked at beyond 512 MiB.
    rows, columns : of one table; `least` rows it must have.
    seconds : for all tables that are read at once.
    """

    packed: int = 16 << 30
    unpacked: int = 32 << 30
    ratio: float = 250
    rows: int = 200_000_000
    columns: int = 5_000
    seconds: float = 900
    memory: int = 4 << 30
    least: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it can be read: unpacked, and what it is: parquet, xlsx or text."""

    path: Path
    kind: str
    findings: tuple[Finding, ...] = ()


def inside(folder: Path, name: str) -> Path:
    """A table's file, in the catalog's folder or below it.

    Raises
    ------
    Refusal
        If the name is an address or a pattern, leads out of the folder, or names no file.
    """
    if "://" in name or any(c in name for c in "*?\x00") or not name.strip():
        raise Refusal(f"table {name!r} must be the name of one file in {folder}; addresses and patterns are not read")
    try:
        root, path = folder.resolve(), (folder / name).resolve()
        there = path.is_file()
    except (OSError, RuntimeError):
        raise Refusal(f"table {name!r} in {folder} cannot be followed to a file; give the file a shorter name, and no link to itself") from None
    if not path.is_relative_to(root):
        raise Refusal(f"table {name!r} leads out of {folder}; copy the file into the folder")
    if not there:
        raise Refusal(f"there is no file {name!r} in {folder}; the catalog names it, put it there or change the catalog")
    return path


def kind(head: bytes) -> str:
    """What the first bytes say a file is; text where they say nothing."""
    found = next((what for magic, what in MAGIC if head.startswith(magic)), "")
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if found or head[8:12] == b"DUCK":
        return found or "a DuckDB database"
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
    found = _kind(path, name)
    if found not in ("zip", "gzip"):
        return Opened(_whole(path, found, name, limits), found, _named(name, found))
    inner, told = _gunzip(path, name, scratch, limits) if found == "gzip" else _unzip(path, name, scratch, limits)
    if not inner.stat().st_size:
        reject(name, "what it packs is empty", "export it again")
    what = _kind(inner, name)
    if what in ("zip", "gzip"):
        reject(name, "it packs another archive", "pack the table itself")
    return Opened(_whole(inner, what, name, limits), what, (*_named(name, found), *_named(told, what, name)))


def _kind(path: Path, name: str) -> str:
    with path.open("rb") as file:
        found = kind(file.read(4096))
    if found == "zip" and _workbook(path, name):
        return "xlsx"
    if found not in WORDS:
        reject(name, f"it is {found}, and no table", REMEDY.get(found, "export it as CSV, Parquet or Excel"))
    return found


def _workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        reject(name, "it is a damaged archive", "write it anew")


def _whole(path: Path, found: str, name: str, limits: Limits) -> Path:
    """The file, if what it declares is within the limits."""
    if found == "xlsx":
        try:
            with zipfile.ZipFile(path) as archive:
                bounded(sum(i.file_size for i in archive.infolist()), path.stat().st_size, name, limits)
                whole = archive.testzip() is None  # whoever reads workbooks does not look at their checksums
        except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
            whole = False
        if not whole:
            reject(name, "it is a damaged workbook, or locked with a password", "save it anew, or as CSV")
    return path


def _named(named: str, found: str, name: str = "") -> tuple[Finding, ...]:
    """A word where the ending says something else than the bytes."""
    ending = named.lower().rpartition(".")[2]
    expected = {**ENDINGS, "gz": "gzip", "zip": "zip"}.get(ending, found)
    if expected == found:
        return ()
    return (Finding(name or named, "", 0, 0, f"its name ends in .{ending}, but it is {WORDS[found]} and read as such", "rename it"),)


def bounded(size: int, packed: int, name: str, limits: Limits) -> None:
    """Refuse what unpacks to more than is allowed."""
    if size > limits.unpacked or (size > SLACK and size > packed * limits.ratio):
        reject(name, f"it weighs {packed:,} bytes and unpacks to {size:,} or more, which no honest table does", "export it again, or split it")


def _gunzip(path: Path, name: str, scratch: Path, limits: Limits) -> tuple[Path, str]:
    inner, packed = scratch / "unpacked", path.stat().st_size
    try:
        with gzip.open(path) as archive:
            _copy(archive, inner, lambda size: bounded(size, packed, name, limits))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        reject(name, "it is a damaged or truncated archive", "write it anew")
    return inner, name.removesuffix(".gz")


def _unzip(path: Path, name: str, scratch: Path, limits: Limits) -> tuple[Path, str]:
    inner, packed = scratch / "unpacked", path.stat().st_size
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
    members = [i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/") and not Path(i.filename).name.startswith(".")]
    if len(members) != 1:
        reject(name, f"it packs {len(members):,} files, and must pack one table", "pack each table by itself")
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


class Text(NamedTuple):
    """A text as UTF-8, the encoding it had, and what is to be said of that."""

    path: Path
    encoding: str
    findings: tuple[Finding, ...] = ()


def utf8(path: Path, name: str, named: str, scratch: Path) -> Text:
    """A text as UTF-8 with plain line ends: by its mark, as UTF-8, else by what is written in it.

    A named encoding goes before all.

    Raises
    ------
    TableRefused
        If it is in no encoding throughout, or may be in several.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), "")
    encoding = _codec(named, name) if named else marked
    findings: tuple[Finding, ...] = ()
    if not encoding:
        if head.count(0) > len(head) / 8:
            reject(
                name, "it is full of zero bytes, which no text holds", "save it as UTF-8; if it is UTF-16, name the 'encoding' under [tables] in the catalog"
            )
        encoding, findings = ("utf-8", ()) if _decodes(path, "utf-8") else _judged(path, name)
    if encoding in ("utf-8", "utf-8-sig") and not _old(head):
        if encoding == "utf-8-sig" or named:
            _strictly(path, name, encoding)
        return Text(path, encoding)
    return Text(_transcode(path, name, encoding, scratch / "utf8"), encoding, findings)


def _old(head: bytes) -> bool:
    """Does the text begin with empty lines, or end its lines as no system has done for long?"""
    return head.removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n") or (b"\r" in head and b"\n" not in head)


def _codec(named: str, name: str) -> str:
    try:
        found = codecs.lookup(named)
    except LookupError:
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        reject(name, f"there is no encoding {named!r}", "name another under [tables] in the catalog, such as gb18030 or cp1252")
    return found.name


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in _blocks(path):
            if not (block.isascii() and decoder.getstate()[0] == b"" and encoding == "utf-8"):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _strictly(path: Path, name: str, encoding: str) -> None:
    if not _decodes(path, encoding):
        reject(name, "it is not throughout in the encoding it claims", "export it anew as UTF-8", row=_first(path, encoding))


def _first(path: Path, encoding: str) -> int:
    """The first row that an encoding cannot read; 0 where it cannot be told."""
    if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        return 0
    with path.open("rb") as file:
        return next((i for i, line in enumerate(file) if not _fits(line, encoding)), 0)


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _judged(path: Path, name: str) -> tuple[str, tuple[Finding, ...]]:
    """The encoding of a text that is not UTF-8, by its words, and how sure that is."""
    with path.open("rb") as file:
        foreign = encodings.foreign_lines(file)
    row = _first(path, "utf-8")
    unicode = sum(_fits(line, "utf-8") for line in foreign)
    if unicode >= 0.2 * len(foreign):
        reject(name, "it mixes encodings: some rows are UTF-8 and others are not", "export it anew as UTF-8", row=row)
    found = [r for r in encodings.readings(foreign) if _decodes(path, r.encoding)]
    if not encodings.settled(found, foreign):
        raise TableRefused(_unsure(name, found, row))
    return found[0].encoding, (_sure(name, found, row),)


def _unsure(name: str, found: Sequence[encodings.Reading], row: int) -> Finding:
    """What is asked of an encoding that the words do not tell."""
    likely = [r for r in found if r.plausible >= encodings.KEPT][:4]
    told = (f"it is {r.name}, as {r.plausible:.0%} of what is foreign in it would be common" for r in likely)
    choices = tuple(Choice(words, "encoding", r.encoding, r is likely[0]) for words, r in zip(told, likely, strict=True))
    rule = "it is not UTF-8, and its words do not tell which other encoding it is in"
    remedy = "save it as UTF-8, or name its 'encoding' under [tables] in the catalog" + ("" if likely else ", such as cp1252")
    return Finding(name, "", 0, row, rule, remedy, grave=True, choices=choices)


def _sure(name: str, found: Sequence[encodings.Reading], row: int) -> Finding:
    """What is said of an encoding that was found by the words."""
    best, words = found[0], f"{found[0].words:,} different word{'s' * (found[0].words != 1)}"
    next_ = f"; the next best guess, {found[1].encoding}, reaches {found[1].plausible:.0%}" if len(found) > 1 else ""
    rule = f"it does not say its encoding and is read as {best.name}, {best.encoding}: {best.plausible:.0%} of what is foreign in {words} looks so{next_}"
    return Finding(name, "", 0, row, rule, "if words look wrong, name the 'encoding' under [tables] in the catalog, or save it as UTF-8")


def _transcode(path: Path, name: str, encoding: str, target: Path) -> Path:
    """The text again, as UTF-8."""
    decoder, ends, begun = codecs.getincrementaldecoder(encoding)("strict"), io.IncrementalNewlineDecoder(None, translate=True), False
    try:
        with target.open("wb") as file:
            for block in chain(_blocks(path), (b"",)):
                text = ends.decode(decoder.decode(block, final=not block), final=not block)
                text = text if begun else text.lstrip("\n\ufeff")
                begun = begun or bool(text)
                file.write(text.encode())
    except UnicodeError:
        reject(name, f"it is not throughout {encoding} text", "export it anew as UTF-8", row=_first(path, encoding))
    return target


def separator(head: str, named: str) -> str:
    """What stands between fields: of comma, semicolon, tab and bar the one by which most rows are as wide as the first.

    Examples
    --------
    >>> separator("a;b\\n1,5;2\\n", "")
    ';'
    """
    return named or max(",;\t|", key=lambda candidate: _evenness(head, candidate))


def _evenness(head: str, candidate: str) -> tuple[float, int]:
    rows = list(records(head, candidate))
    width = len(rows[0]) if rows else 1
    return (sum(len(r) == width for r in rows) / len(rows), width) if width > 1 else (0.0, 1)


def records(head: str, separator: str, most: int = 200) -> Iterator[list[str]]:
    """The first records of a text, blank lines left out."""
    csv.field_size_limit(BLOCK)
    reader = csv.reader(head.splitlines(keepends=True), delimiter=separator)
    try:
        for row in reader:
            if row:
                yield row
                most -= 1
            if not most:
                return
    except csv.Error:
        return
