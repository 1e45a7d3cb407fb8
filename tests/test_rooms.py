"""Does each room know only the rooms to its left?"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = [
    "data",
    "sources",
    "weighing",
    "explaining",
    "deciding",
    "stress",
    "study",
    "charts",
    "reporting",
]
FILES = sorted((ROOT / "analytics").rglob("*.py"))
# folders of a room, in order; its other files stand before the last
PARTS = {"data": ["catalog", "readers", "drafting"]}
BANNED = {"streamlit", "pandas", "matplotlib", "pages", "app", "tests"}


def imported(text: str, package: tuple[str, ...]) -> Iterator[str]:
    """Every module that a file imports, by its whole name, inside functions as well."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                [*package[: len(package) - node.level + 1], *filter(None, [node.module])]
                if node.level
                else [str(node.module)]
            )
            yield from (".".join([*base, alias.name]) for alias in node.names)


def room(module: str) -> str:
    """analytics.data.catalog.model.model -> data.

    What is no room of analytics is its first word.
    """
    parts = module.split(".")
    return parts[1] if parts[0] == "analytics" and len(parts) > 1 else parts[0]


def forbidden(text: str, package: tuple[str, ...]) -> list[str]:
    """The imports of a file that its room may not have."""
    here = ROOMS.index(package[1]) if len(package) > 1 else len(ROOMS)
    right = set(ROOMS[here + 1 :]) | BANNED
    return [module for module in imported(text, package) if room(module) in right]


def later(text: str, package: tuple[str, ...]) -> list[str]:
    """The imports of a file from folders of its own room that stand after it.

    The room's other files may use all folders but the last.
    """
    parts = PARTS.get(package[1], []) if len(package) > 1 else []
    here = parts.index(package[2]) if len(package) > 2 and package[2] in parts else len(parts) - 2
    right = {f"analytics.{package[1]}.{part}" for part in parts[here + 1 :]}
    return [
        module for module in imported(text, package) if ".".join(module.split(".")[:3]) in right
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_knows_only_the_rooms_to_its_left_and_no_screen(path: Path) -> None:
    text, package = path.read_text("utf-8"), path.relative_to(ROOT).parts[:-1]
    assert forbidden(text, package) == []
    assert later(text, package) == []


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ("from analytics.data.drafting.draft import Draft", ("readers",)),
        ("from analytics.data.readers import files", ("catalog",)),
        ("from analytics.data import readers", ("catalog",)),
        ("from .drafting.profile import Profile", ()),
    ],
)
def test_an_import_from_a_later_folder_is_noticed(line: str, folder: tuple[str, ...]) -> None:
    assert len(later(f"def late():\n    {line}", ("analytics", "data", *folder))) == 1


def test_no_modules_of_the_data_import_each_other_in_a_circle() -> None:
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in FILES
        if path.relative_to(ROOT).parts[1] == "data"
    }
    graph = {
        name: {
            m
            for line in imported(path.read_text("utf-8"), path.relative_to(ROOT).parts[:-1])
            for m in (line, line.rpartition(".")[0])
            if m in files
        }
        for name, path in files.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(
        files
    )  # which raises where there is a circle


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
    "line",
    [
        "from analytics.data.catalog.model import Catalog",
        "from .evidence import Evidence",
        "from ..data import catalog",
        "import polars as pl",
    ],
)
def test_an_import_to_the_left_is_not(line: str) -> None:
    assert forbidden(line, ("analytics", "sources")) == []


def test_every_room_has_its_place() -> None:
    assert {
        path.relative_to(ROOT).parts[1] for path in FILES if len(path.relative_to(ROOT).parts) > 2
    } <= set(ROOMS)
