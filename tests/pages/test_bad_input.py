"""Does the page of one's own data refuse and repair like the command line, and stand afterwards?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.data.catalog.toml import read
from analytics.data.readers import files
from analytics.data.refusal import Refusal
from analytics.study.check import checked
from pages.shared.words import sentence
from tests.data.bad_input import CASES, RAW, SECRET, SLACK, Case
from tests.pages.reader import opened, said, told


@pytest.fixture(scope="module", autouse=True)
def small_bombs() -> Iterator[None]:
    """What unpacks to far more than it weighs need not be large to be refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "SLACK", SLACK)
        yield


@pytest.fixture(scope="module")
def reader(small_bombs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppTest]:
    """One reader who brings all cases, one after the other.

    No case may spoil the page for the next.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIGHBRIDGE_FOLDERS", str(tmp_path_factory.getbasetemp()))
        yield opened("data").segmented_control(key="way").set_value("Folder").run()


def every() -> Callable:
    """All cases in which there is a catalog; where there is none, the page guesses one."""
    cases = [
        case
        for case in CASES
        if case.name not in ("a catalog that is not there", "a catalog that is a folder")
    ]
    return pytest.mark.parametrize(
        "case", cases, ids=lambda case: case.name.replace(" ", "_").replace("/", "_")
    )


def words(text: str) -> str:
    """Text without blanks and strokes, which Markdown may set anew."""
    return "".join(text.replace("\\", "").split())


@every()
def test_the_page_says_what_the_command_line_says(
    case: Case, reader: AppTest, home: Path, tmp_path: Path
) -> None:
    path = case.build(tmp_path / "tables")
    app = reader.text_input(key="folder").set_value(str(path.parent)).run()
    assert not app.exception
    seen = told(app)
    assert SECRET not in seen
    assert not RAW.search(seen.replace("\n", " "))
    if case.refused:
        with pytest.raises(Refusal) as refusal:
            checked(read(path), home / "tables")
        assert words(sentence(refusal.value)) in words(seen)
    else:
        assert "Refused" not in seen
        assert said(app)
        assert [
            finding
            for finding in checked(read(path), home / "tables")["findings"][:8]
            if words(finding) not in words(seen)
        ] == []
