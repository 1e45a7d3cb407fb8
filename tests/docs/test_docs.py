"""Are the documents true: does every file, name and verb that they mention exist?"""

import re
import shlex
from pathlib import Path
from textwrap import dedent

import pytest

from analytics.cli import app
from analytics.data.catalog.toml import read
from tests.docs import modules
from tests.docs.modules import LIST, ROOT, question, written

DECISIONS = sorted(
    path for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md"
)
TEXTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + DECISIONS
STOP = re.compile(r"`((?:analytics|pages|tests|docs|sample_data)/[\w./-]*|app\.py)(?::([\w.]+))?`")
PARTS = ("Why", "Rejected", "Would change it")


def test_the_list_of_modules_is_that_of_the_code() -> None:
    assert LIST.read_text("utf-8") == written(), "run python -m tests.docs.modules"


def test_every_module_says_which_question_it_answers() -> None:
    files = [path for path in modules.modules() if (ROOT / path).stat().st_size]
    assert [str(path) for path in files if not question(path).endswith("?")] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.name)
def test_what_a_document_names_is_there(path: Path) -> None:
    for place, name in STOP.findall(path.read_text("utf-8")):
        assert (ROOT / place).exists(), place
        assert not name or defines(ROOT / place, name), f"{place} has no {name}"


def defines(path: Path, name: str) -> bool:
    """Does a file define this name, at any depth?"""
    last = re.escape(name.rpartition(".")[2])
    return (
        re.search(
            rf"^\s*(?:export )?(?:async )?(?:def |class |function )?{last}\b",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
        is not None
    )


@pytest.mark.parametrize(
    "path", [*TEXTS, LIST, ROOT / "docs/decisions/README.md"], ids=lambda p: p.name
)
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_every_decision_has_a_date_a_reason_an_alternative_and_a_condition(path: Path) -> None:
    entries = path.read_text("utf-8").split("\n\n")[1:]
    assert all(re.match(r"\*\*20\d\d-\d\d-\d\d · ", entry) for entry in entries)
    assert [
        entry[:60] for entry in entries if any(f"\n*{part}:* " not in entry for part in PARTS)
    ] == []


def test_the_architecture_is_short() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(text.encode()) < 12_000
    walks = re.split(r"^## ", text, flags=re.MULTILINE)
    assert all(walk.count("\n") <= 42 for walk in walks)


def test_the_catalog_of_the_readme_is_one(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    indented = text[
        text.index("    [population]") : text.index("\n\nA source may say how its fake records")
    ]
    (tmp_path / "catalog.toml").write_text(dedent(indented), "utf-8")
    assert read(tmp_path / "catalog.toml").keys == ("cards", "bureau")


def commands() -> list[str]:
    """What the README types after `python -m analytics`."""
    return re.findall(
        r"^    python -m analytics (.*)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_is_one(command: str) -> None:
    words = shlex.split(command, comments=True)
    verb, *_ = app.parse_args(words, exit_on_error=False, print_error=False)
    assert verb.__name__ in (words[0], "verb")  # each kind of stress is a verb below `stress`
