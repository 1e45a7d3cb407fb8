"""Which data sets stand ready? The sample, those named at the start, and those that were brought here."""

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from analytics.data import disk
from analytics.data.refusal import Refusal
from analytics.data.shelf import root

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "catalog.toml"
BROUGHT, LIST = "data", "opened.json"


def catalogs() -> dict[str, Path]:
    """Every catalog by the name of its folder: named after `streamlit run app.py --` or in WEIGHBRIDGE_CATALOG, brought here, and the sample."""
    named = [*sys.argv[1:], *filter(None, os.environ.get("WEIGHBRIDGE_CATALOG", "").split(os.pathsep))]
    given = [Path(n) for n in named if n.endswith(".toml")]
    return _by_name([*given, SAMPLE, *filter(Path.is_file, _remembered())])


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """Folders of one name are told apart by a number."""
    names: dict[str, Path] = {}
    for path in dict.fromkeys(p.resolve() for p in paths):
        name = path.parent.name
        twins = sum(name == known.partition(" (")[0] for known in names)
        names[f"{name} ({twins + 1})" if twins else name] = path
    return names


def _remembered() -> list[Path]:
    try:
        read = json.loads((root() / LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(p) for p in read if isinstance(p, str)] if isinstance(read, list) else []


def remember(catalog: Path) -> str:
    """Keep a catalog among those that stand ready; gives its name there."""
    whole = catalog.resolve()
    paths = dict.fromkeys([*map(str, _remembered()), str(whole)])
    keep(root() / LIST, json.dumps(list(paths), indent=2).encode())
    return next(name for name, path in catalogs().items() if path == whole)


def place(name: str) -> Path:
    """The folder on this machine for files brought under a name."""
    return root().resolve() / BROUGHT / plain(name)


def plain(name: str) -> str:
    """A name that is safe for a file or folder: letters, digits, and . _ - inside."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "data"


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
        raise Refusal(f"cannot write {path.name} to {path.parent}: {error.strerror}; make room there, or choose another folder") from None
