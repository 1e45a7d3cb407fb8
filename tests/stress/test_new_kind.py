"""Is a new kind of stress one new file? One is written here, and looked for wherever kinds are."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics import cli_stress
from analytics.stress import kinds
from analytics.stress.stress import parse, text
from analytics.study import stress as questions
from analytics.study.jobs import Job
from analytics.study.memo import MEMO
from tests.pages.conftest import elsewhere, home, patience  # noqa: F401 - the app's own folder
from tests.pages.reader import opened, said
from tests.people import catalog, evidence
from tests.stress.sides import CONTEXT, hit, same, says

FILE = '''
from dataclasses import dataclass

import numpy as np

from analytics.stress.kind import Choice, Slider, Stress, option, seed_option, share_option
from analytics.stress.selection import first_share, random_order

DEPTH = Slider(label="Depth", help="How much riskier they read.", low=0, high=9, step=1)
SIDE = Choice(label="Side", options={"up": "riskier", "down": "safer"})


@dataclass(frozen=True, slots=True)
class Fog(Stress):
    """A source reads some of its people too high or too low."""

    word = "fog"
    label = "Fog"
    meaning = "Some records are read by candle light."
    pictures = ("Alarm",)

    share: float = share_option(0.25)
    depth: int = option(3, "by how much they read otherwise", DEPTH)
    side: str = option("up", "up or down", SIDE)
    seed: int = seed_option()

    @property
    def share_label(self):
        return "Share of its people in fog"

    def clause(self, label):
        return f"{self.bold_share} of the people of {label} stand in fog **{self.depth}** deep"

    def apply(self, persons, context):
        said = persons.column(self.source)
        order = random_order(persons, "stress", self.word, self.source, self.seed)
        hit = first_share(order, ~np.isnan(said), self.share)
        moved = said + self.depth * (1 if self.side == "up" else -1)
        return persons.put(self.source, np.where(hit, moved, said))
'''


@pytest.fixture
def fog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One new file in the folder of kinds; nothing else is told of it."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "fog.py").write_text(FILE)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path / "more")])
    for word, kind in kinds.discover().items():
        monkeypatch.setitem(kinds.KINDS, word, kind)
    yield
    sys.modules.pop(f"{kinds.__name__}.fog")
    del kinds.fog


@pytest.fixture
def page(fog: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page of stresses in fog, over a few people; nothing is searched beside it."""
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    monkeypatch.setattr(questions, "apart", lambda key, _: Job(key))
    MEMO.clear()
    yield opened("stress", stress="fog bank share=0.5 depth=2", toll="Alarm")
    MEMO.clear()


def test_it_comes_last_among_the_kinds_once_its_file_is_there(fog: None) -> None:
    assert list(kinds.KINDS) == ["fakery", "consent", "outage", "late", "match", "drift", "fog"]


@pytest.mark.usefixtures("fog")
def test_it_is_read_written_and_applied() -> None:
    (found,) = parse(catalog("shop"), "fog shop share=0.5 depth=2 side=down")
    assert text([found]) == "fog shop share=0.5 depth=2 side=down"
    persons = evidence({"shop": [1.0, 2.0, 3.0, 4.0]}, [False, True, False, True])
    after = found.apply(persons, CONTEXT)
    assert len(hit(persons, after, "shop")) == 2
    assert sorted(says(persons, "shop") - says(after, "shop")) == [0, 0, 2, 2]
    (nobody,) = parse(catalog("shop"), "fog shop share=0")
    assert same(persons, nobody.apply(persons, CONTEXT))


@pytest.mark.usefixtures("fog")
def test_the_command_line_has_it_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = importlib.reload(cli_stress).app
    _, bound, _ = verbs.parse_args(["fog", "--source", "bank", "--depth", "5"])
    assert (bound.kwargs["source"], bound.kwargs["depth"]) == ("bank", 5)
    verbs(["fog", "--help"], result_action="return_value")
    told = " ".join(capsys.readouterr().out.split())
    assert "by how much they read otherwise [default: 3]" in told


def test_the_page_offers_it_asks_for_its_fields_and_says_it(page: AppTest) -> None:
    assert not page.exception
    assert page.selectbox(key="stress.kind").options[-1] == "Fog"
    assert page.selectbox(key="stress.kind").help == "Some records are read by candle light."
    assert page.slider(key="stress.share").label == "Share of its people in fog"
    assert page.slider(key="stress.depth").value == 2
    assert page.segmented_control(key="stress.side").options == ["riskier", "safer"]
    assert page.segmented_control(key="toll").value == "Alarm"
    assert said(page).startswith("If 50% of the people of Bank stand in fog 2 deep, ")
    page.slider(key="stress.depth").set_value(4).run()
    assert page.query_params["stress"] == "fog bank share=0.5 depth=4"
    assert said(page).startswith("If 50% of the people of Bank stand in fog 4 deep, ")
