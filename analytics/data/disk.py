"""How does a file reach the disk?

Whole or not at all, and with no cell that a spreadsheet would run.
"""

import errno
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from .refusal import Refusal

# Why nothing could be written, by the system's number.
WHY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "the disk is full"),
    errno.EFBIG: "the file would be larger than the disk allows",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "it is not writable"),
    errno.EROFS: "the disk is read-only",
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "no such folder"),
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "its name is too long",
}
ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # where other room helps
KINDS: dict[type[BaseException], int] = {
    FileNotFoundError: errno.ENOENT,
    NotADirectoryError: errno.ENOTDIR,
    IsADirectoryError: errno.EISDIR,
    PermissionError: errno.EACCES,
}

# What a spreadsheet takes for the start of a formula, with the full-width signs that some read
# alike.
FORMULA = r"^([=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"


try:
    import fcntl
# Not on every system: there, only the writers of one process wait for each other.
except ImportError:
    fcntl = None  # type: ignore[assignment]

_writing = threading.RLock()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes what is shared in a folder, in this process or another.

    The folder is made where there is none; its lock is the file `.lock`, which stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _writing, (folder / ".lock").open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def draft_of(path: Path) -> Path:
    """A name beside a file that no other writer has, in any process."""
    return path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}")


def write(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name, then put it in its place."""
    draft = draft_of(path)
    try:
        draft.write_bytes(content)
        move(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def move(draft: Path, target: Path) -> None:
    """Flush, rename, and flush the folder: a crash leaves the old file or the new one."""
    _flush(draft)
    draft.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def number(error: BaseException) -> int:
    """The system's number of an error, 0 where it has none; Polars says it in words only."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    match = re.search(r"(?:os error|errno) (\d+)", str(error), re.IGNORECASE)
    return int(match[1]) if match else KINDS.get(type(error), 0)


def why(error: BaseException) -> str:
    """Why nothing could be written, in words."""
    code = number(error)
    return WHY.get(code) or (os.strerror(code) if code else "the system does not say why")


def refused(path: Path, error: pl.exceptions.PolarsError) -> OSError | None:
    """The system's error behind what Polars says of a write, which may name none: asked by writing
    on.
    """
    if number(error) in ROOM:
        return OSError(number(error), os.strerror(number(error)))
    try:
        with path.open("ab") as file:
            file.write(bytes(1 << 20))
    except OSError as found:
        return found
    return None


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Where to write what goes to a file that a reader named: under its name once complete.

    A device, as `/dev/stdout`, is written as it stands and never replaced.

    Raises
    ------
    Refusal
        If the file cannot be written; nothing half-written stays.
    """
    whole = replaceable(path)
    draft = draft_of(path.resolve()) if whole else path
    try:
        if path.is_file() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        yield draft
        if whole:
            move(draft, path.resolve())
    except (OSError, pl.exceptions.PolarsError) as error:
        cause = error if isinstance(error, OSError) else refused(draft, error)
        if cause is None:
            raise
        remedy = "make room, or name" if number(cause) in ROOM else "name"
        sentence = f"cannot write {path}: {why(cause)}; {remedy} another file with --out"
        raise Refusal(sentence) from None
    finally:
        if whole:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def replaceable(path: Path) -> bool:
    """Is there a file, or nothing, by this name? A device and a folder are not replaced."""
    return os.path.isfile(path) or not os.path.exists(path)  # noqa: PTH110, PTH113 - these never raise


def harmless(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before what a spreadsheet would take for a formula.

    Columns of numbers need none, and are not given.
    """
    return text.str.replace(FORMULA, "'$1")
