"""Does each room know only the rooms to its left?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["data", "sources", "weighing", "explaining", "deciding", "stress", "charts", "reporting"]
FILES = sorted((ROOT / "analytics").rglob("*.py"))
BANNED = {"streamlit", "pandas", "matplotlib", "pages", "app", "tests"}


def imported(text: str, package: tuple[str, ...]) -> Iterator[str]:
    """Every module that a file imports, by its whole name, inside functions as well."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])] if node.level else [str(node.module)]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def room(module: str) -> str:
    """analytics.data.catalog -> data; what is no room of analytics is its first word."""
    parts = module.split(".")
    return parts[1] if parts[0] == "analytics" and len(parts) > 1 else parts[0]


def forbidden(text: str, package: tuple[str, ...]) -> list[str]:
    """The imports of a file that its room may not have."""
    here = ROOMS.index(package[1]) if len(package) > 1 else len(ROOMS)
    right = set(ROOMS[here + 1 :]) | BANNED
    return [module for module in imported(text, package) if room(module) in right]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_knows_only_the_rooms_to_its_left_and_no_screen(path: Path) -> None:
    assert forbidden(path.read_text("utf-8"), path.relative_to(ROOT).parts[:-1]) == []


@pytest.mark.parametrize(
    "line",
    [
        "import analytics.charts.look",
        "from analytics.weighing import tally",
        "from ..weighing.tally import tally",
        "from analytics import weighing",
        "import streamlit as st",
    ],
)
def test_an_import_to_the_right_is_noticed(line: str) -> None:
    assert len(forbidden(f"def late():\n    {line}", ("analytics", "sources"))) == 1


@pytest.mark.parametrize(
    "line", ["from analytics.data.catalog import Catalog", "from .evidence import Evidence", "from ..data import catalog", "import polars as pl"]
)
def test_an_import_to_the_left_is_not(line: str) -> None:
    assert forbidden(line, ("analytics", "sources")) == []


def test_every_room_has_its_place() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in FILES if len(path.relative_to(ROOT).parts) > 2} <= set(ROOMS)
