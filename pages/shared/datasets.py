"""Which data sets stand ready? The sample, those named at the start, and this reader's own."""

import json
import os
import re
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from analytics.data import disk
from analytics.data.refusal import Refusal
from analytics.data.shelf import root

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "catalog.toml"
BROUGHT, LIST = "data", "opened.json"
ROOTS = "WEIGHBRIDGE_FOLDERS"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MARK = "~"  # between the name of a data set and the token of whoever brought it
TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")


def catalogs() -> dict[str, Path]:
    """Every catalog by its key: named after `streamlit run app.py --` or in WEIGHBRIDGE_CATALOG,
    the sample, and all that were brought.

    Those brought have a token in their key, and only who knows it may be told of them: pages ask
    `ready`.
    """
    named = [
        *sys.argv[1:],
        *filter(None, os.environ.get("WEIGHBRIDGE_CATALOG", "").split(os.pathsep)),
    ]
    given = [Path(n) for n in named if n.endswith(".toml")]
    brought = {key: path for key, path in _remembered().items() if path.is_file()}
    return _by_name([*given, SAMPLE]) | brought


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """Folders of one name are told apart by a number."""
    names: dict[str, Path] = {}
    for path in dict.fromkeys(p.resolve() for p in paths):
        name = path.parent.name
        twins = sum(name == known.partition(" (")[0] for known in names)
        names[f"{name} ({twins + 1})" if twins else name] = path
    return names


def ready(keys: Iterable[str]) -> dict[str, Path]:
    """The catalogs that a reader may be told of.

    Those that belong to nobody, and those whose whole key the reader has.
    """
    known = set(keys)
    return {key: path for key, path in catalogs().items() if MARK not in key or key in known}


def _remembered() -> dict[str, Path]:
    try:
        read = json.loads((root() / LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {key: Path(path) for key, path in read.items() if isinstance(path, str)}
        if isinstance(read, dict)
        else {}
    )


def remember(catalog: Path, token: str = "") -> str:
    """Keep a catalog among those that stand ready to whoever has its key; gives the key.

    Parameters
    ----------
    token : of whoever brought it; a new one where it is not given.

    Raises
    ------
    Refusal
        If the work folder cannot be written.
    """
    try:
        with disk.locked(root()):
            return _remember(catalog.resolve(), token or new_token())
    except OSError as error:
        raise Refusal(
            f"cannot write to {root()}: {error.strerror}; choose another work folder with"
            " WEIGHBRIDGE_HOME"
        ) from None


def _remember(catalog: Path, token: str) -> str:
    """The same, while nobody else writes the list."""
    known, name = _remembered(), catalog.parent.name.replace(MARK, "-")
    key = f"{name}{MARK}{token}"
    while (
        known.get(key, catalog) != catalog
    ):  # another folder of that name, brought by the same reader
        key = f"{name}{MARK}{new_token()}"
    keep(
        root() / LIST,
        json.dumps(
            {each: str(path) for each, path in (known | {key: catalog}).items()}, indent=2
        ).encode(),
    )
    return key


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(12)


def is_token(text: object) -> bool:
    """Could it be a token?"""
    return isinstance(text, str) and TOKEN.fullmatch(text) is not None


def place(token: str, name: str) -> Path:
    """The folder on this machine for files that a reader brings under a name."""
    return root().resolve() / BROUGHT / token / plain(name)


def plain(name: str) -> str:
    """A name that is safe for a file or folder: letters, digits, and . _ - inside."""
    safe = re.sub(r"[^\w.-]+", "-", name.encode("utf-8", "replace").decode()).strip(".-") or "data"
    stem, dot, ending = safe.rpartition(".")
    return (
        safe
        if len(safe.encode()) <= LONGEST
        else _cut(stem or safe, LONGEST - 20)
        + (f".{ending[:12]}" if dot and ending.isascii() else "")
    )


LONGEST = 120  # bytes of a name of ours


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def folder_allowed(named: str) -> Path:
    """A folder of this machine that may be opened from a page.

    Raises
    ------
    Refusal
        If it lies outside the working folder and those in WEIGHBRIDGE_FOLDERS, or others than
        this machine's may open pages.
    """
    if (st.get_option("server.address") or "") not in LOOPBACK:
        raise Refusal(
            "folders are opened only where the app listens on this machine alone; upload the files,"
            " or name the catalog at the start of the app"
        )
    allowed = [Path.cwd(), *map(Path, filter(None, os.environ.get(ROOTS, "").split(os.pathsep)))]
    try:
        whole, work = Path(named).expanduser().resolve(), root().resolve()
        whole.is_dir()  # no disk takes such a name: said here, not where the folder is read
        inside = any(
            whole.is_relative_to(each.expanduser().resolve()) for each in allowed
        ) and not whole.is_relative_to(work)
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise Refusal(
            "this folder may not be opened from here; move the files into the app's working"
            f" folder, or have its operator list theirs in {ROOTS}"
        )
    return whole


def differs(path: Path, content: bytes | memoryview) -> bool:
    """Does something else lie there already?"""
    return path.is_file() and path.read_bytes() != bytes(content)


def replace_catalog(path: Path, text: str) -> None:
    """Write a catalog; one that lay there and says something else is kept beside it, under the next
    free name.

    Raises
    ------
    Refusal
        If the folder cannot be written.
    """
    if differs(path, text.encode()):
        number = next(
            n for n in range(1, 10_000) if not path.with_name(f"catalog.before-{n}.toml").exists()
        )
        keep(path.with_name(f"catalog.before-{number}.toml"), path.read_bytes())
    keep(path, text.encode())


def keep(path: Path, content: bytes | memoryview) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    Refusal
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.write(path, content)
    except OSError as error:
        raise Refusal(
            f"cannot write {path.name} to {path.parent}: {error.strerror}; make room there, or"
            " choose another folder"
        ) from None
