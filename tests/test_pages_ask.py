"""Do the pages ask, and compute nothing? No arithmetic on frames, no aggregation, no NumPy."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "pages").rglob("*.py"))
COMPUTING = {"agg", "group_by", "group_by_dynamic", "rolling", "cum_sum", "corr", "quantile"}
ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow
EXPRESSIONS = {"col", "when", "lit", "sum", "mean"}


def computed(text: str) -> Iterator[int]:
    """The lines at which figures are made: of NumPy, of a group, or by arithmetic on a column."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {a.name for a in node.names} | {getattr(node, "module", None)}
            if names & {"numpy", "scipy", "sklearn", "numba"}:
                yield node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in COMPUTING:
            yield node.lineno
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC):
            yield from [node.lineno] if any(map(_column, (node.left, node.right))) else []


def _column(node: ast.expr) -> bool:
    """Is this a column of a frame, or made of one?"""
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and isinstance(each.func.value, ast.Name)
        and each.func.value.id == "pl"
        and each.func.attr in EXPRESSIONS
        for each in ast.walk(node)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_computes_a_figure(path: Path) -> None:
    assert list(computed(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np",
        "frame.group_by('a').agg(x=1)",
        "frame.with_columns(x=2 * pl.col('a'))",
        "frame.select(-scale * pl.col('a').abs())",
    ],
)
def test_a_computation_is_noticed(line: str) -> None:
    assert list(computed(line)) != []


def test_a_page_is_short_and_says_what_it_asks() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < 80, path.name
        assert ast.get_docstring(ast.parse(text)), path.name
        assert (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0].endswith("?"), (
            path.name
        )
