"""Which question does each module answer? `python -m tests.docs.modules` writes docs/modules.md."""

import ast
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "modules.md"
PLACES = ("app.py", "pages", "analytics", "sample_data")
HEAD = """# Modules and their questions

Written by `python -m tests.docs.modules` from the first sentence of each module; a test holds it true.
"""


def modules() -> Iterator[Path]:
    """Every module of the product, relative to its root, folder by folder."""
    for place in PLACES:
        found = [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py")
        yield from sorted((p.relative_to(ROOT) for p in found), key=_place)


def _place(path: Path) -> tuple[Path, bool, str]:
    """Folders in order; within one, what it says of itself first."""
    return path.parent, path.name != "__init__.py", path.name


def question(path: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or ""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    found = re.match(r".*?[?.](?= |$)", paragraph)
    return found[0] if found else paragraph


def written() -> str:
    """The list, as docs/modules.md holds it."""
    parts = [HEAD]
    for folder, inside in groupby(modules(), key=lambda path: path.parent):
        parts.append(f"\n## {'' if folder == Path() else folder.as_posix() + '/'}\n\n")
        parts.extend(_row(path) for path in inside if (ROOT / path).stat().st_size)
    return "".join(parts).replace("\n## \n", "")


def _row(path: Path) -> str:
    name = "the folder" if path.name == "__init__.py" else f"`{path.name}`"
    return f"- {name}: {question(path)}\n"


if __name__ == "__main__":
    LIST.write_text(written(), "utf-8")
