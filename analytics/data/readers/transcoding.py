"""How does a text become UTF-8?

By its mark, by the encoding that is named, else by what is written in it.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from analytics.data.findings import Choice, Finding, TableRefused, reject

from . import encodings
from .files import BLOCK

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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
                name,
                "it is full of zero bytes, which no text holds",
                (
                    "save it as UTF-8; if it is UTF-16, name the 'encoding' under [tables] in "
                    "the catalog"
                ),
            )
        encoding, findings = ("utf-8", ()) if _decodes(path, "utf-8") else _judged(path, name)
    if encoding in ("utf-8", "utf-8-sig") and not _old(head):
        if encoding == "utf-8-sig" or named:
            _strictly(path, name, encoding)
        return Text(path, encoding)
    return Text(_transcode(path, name, encoding, scratch / "utf8"), encoding, findings)


def _old(head: bytes) -> bool:
    """Does the text begin with empty lines, or end its lines as no system has done for long?"""
    return head.removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n") or (
        b"\r" in head and b"\n" not in head
    )


def _codec(named: str, name: str) -> str:
    try:
        codec = codecs.lookup(named)
    except LookupError:
        codec = None
    if codec is None or not getattr(codec, "_is_text_encoding", True):
        reject(
            name,
            f"there is no encoding {named!r}",
            "name another under [tables] in the catalog, such as gb18030 or cp1252",
        )
    return codec.name


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
        reject(
            name,
            "it is not throughout in the encoding it claims",
            "export it anew as UTF-8",
            row=_first(path, encoding),
        )


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
        reject(
            name,
            "it mixes encodings: some rows are UTF-8 and others are not",
            "export it anew as UTF-8",
            row=row,
        )
    fitting = [r for r in encodings.readings(foreign) if _decodes(path, r.encoding)]
    if not encodings.settled(fitting, foreign):
        raise TableRefused(_unsure(name, fitting, row))
    return fitting[0].encoding, (_sure(name, fitting, row),)


def _unsure(name: str, fitting: Sequence[encodings.Reading], row: int) -> Finding:
    """What is asked of an encoding that the words do not tell."""
    likely = [r for r in fitting if r.plausible >= encodings.KEPT][:4]
    meanings = (
        f"it is {r.name}, as {r.plausible:.0%} of what is foreign in it would be common"
        for r in likely
    )
    choices = tuple(
        Choice(words, "encoding", r.encoding, r is likely[0])
        for words, r in zip(meanings, likely, strict=True)
    )
    rule = "it is not UTF-8, and its words do not tell which other encoding it is in"
    remedy = "save it as UTF-8, or name its 'encoding' under [tables] in the catalog" + (
        "" if likely else ", such as cp1252"
    )
    return Finding(name, "", 0, row, rule, remedy, grave=True, choices=choices)


def _sure(name: str, fitting: Sequence[encodings.Reading], row: int) -> Finding:
    """What is said of an encoding that was found by the words."""
    best = fitting[0]
    words = f"{fitting[0].words:,} different word{'s' * (fitting[0].words != 1)}"
    next_ = (
        f"; the next best guess, {fitting[1].encoding}, reaches {fitting[1].plausible:.0%}"
        if len(fitting) > 1
        else ""
    )
    rule = (
        f"it does not say its encoding and is read as {best.name}, {best.encoding}: "
        f"{best.plausible:.0%} of what is foreign in {words} looks so{next_}"
    )
    return Finding(
        name,
        "",
        0,
        row,
        rule,
        (
            "if words look wrong, name the 'encoding' under [tables] in the catalog, "
            "or save it as UTF-8"
        ),
    )


def _transcode(path: Path, name: str, encoding: str, target: Path) -> Path:
    """The text again, as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    begun = False
    try:
        with target.open("wb") as file:
            for block in chain(_blocks(path), (b"",)):
                text = ends.decode(decoder.decode(block, final=not block), final=not block)
                text = text if begun else text.lstrip("\n\ufeff")
                begun = begun or bool(text)
                file.write(text.encode())
    except UnicodeError:
        reject(
            name,
            f"it is not throughout {encoding} text",
            "export it anew as UTF-8",
            row=_first(path, encoding),
        )
    return target
