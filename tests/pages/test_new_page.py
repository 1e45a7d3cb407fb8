"""What does a new page need?

A file in pages/, a folder in pages/parts/, and a line in the navigation.
"""

import inspect
from pathlib import Path

import pytest

from analytics.sources.fitting import Fitted
from pages import parts
from pages.shared import frame
from tests.pages.reader import line, opened, readings, said, usual, well

PAGE = '''"""How many people have a score?"""

import streamlit as st

from pages.parts.reach import sentences
from pages.shared import frame, markup

view = frame.view()
st.html(markup.say(sentences.reach(view.study.compared(view.question)["coverage"].value)))
'''
SENTENCES = '''"""What does the page of reach say?"""


def reach(coverage: float) -> str:
    """How many have a score."""
    return f"**{coverage:.1%}** of people have a score"
'''
BEFORE = '            "People": ['


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One page more, in files of its own, and its line in the navigation."""
    folder = tmp_path / "parts" / "reach"
    folder.mkdir(parents=True)
    (folder / "sentences.py").write_text(SENTENCES)
    path = tmp_path / "reach.py"
    path.write_text(PAGE)
    monkeypatch.setattr(parts, "__path__", [*parts.__path__, str(folder.parent)])
    source = inspect.getsource(frame.navigation)
    assert source.count(BEFORE) == 1
    one_line = f'            "Reach": [st.Page({str(path)!r}, title="Reach")],\n'
    code = compile(source.replace(BEFORE, one_line + BEFORE), str(frame.__file__), "exec")
    names = {**vars(frame)}
    exec(code, names)
    monkeypatch.setattr(frame, "navigation", names["navigation"])
    return path


def test_a_new_page_is_a_file_a_folder_and_a_line(page: Path, sample: Fitted) -> None:
    app = opened(str(page.with_suffix("")))
    assert well(app)
    scored = readings(sample, usual(sample))
    assert said(app) == f"{scored.scored / scored.persons:.1%} of people have a score"
    assert "Everyone" in line(app)
    files = sorted(str(p.relative_to(page.parent)) for p in page.parent.rglob("*.py"))
    assert files == ["parts/reach/sentences.py", "reach.py"]
