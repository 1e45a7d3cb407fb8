from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.weights import prefetch
from pages.parts.weights.inputs import UNDER
from tests.pages.reader import foretold, look, opened, said, slide, slides

STRESS = "match ecommerce share=0.8; outage bank share=0.3"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that looks ahead to the end at once."""
    monkeypatch.setattr(prefetch, "PATIENCE", float("inf"))


def at(app: AppTest, key: str, value: int) -> str:
    """Where all sliders would stand."""
    return ",".join(
        str(value if name == key else slide["value"]) for name, slide in slides(app).items()
    )


@pytest.mark.parametrize(
    ("address", "key", "values"),
    [
        ({}, "bureau", (0, 34, 36, 100)),
        ({"missing": "renormalise", "cohort": "region == 'West'"}, "tax", (0, 7, 90)),
        ({"b": "Learned weights"}, "", (0, 45, 100)),  # B follows the floor
        ({"b": UNDER, "stress": STRESS}, "bank", (0, 60)),  # and A
        ({"weights": "bureau=1"}, "bureau", (0, 50)),  # the last weight cannot go to 0
        (
            {"weights": "bureau=0.5,bank=0.25"},
            "bank",
            (10, 90),
        ),  # no whole numbers: shown as shares
    ],
)
@pytest.mark.usefixtures("patient")
def test_the_page_says_what_was_known_ahead(
    address: dict[str, str], key: str, values: tuple[int, ...]
) -> None:
    app = look(opened("weights", **address), key)
    told = foretold(app)
    assert told["whole"]
    assert len(told["said"]) == (21 if key == "" else 101)
    for value in values:
        place = at(app, key, value)
        slide(app, key, value)
        assert said(app) == told["said"][place].replace("<b>", "").replace("</b>", "")
        if key:  # what was known stays known while only this slider moves
            assert foretold(app)["said"].items() >= {place: told["said"][place]}.items()


@pytest.mark.usefixtures("patient")
def test_a_slider_that_moved_is_looked_at() -> None:
    app = opened("weights")
    assert foretold(app) == {"eye": None, "said": {}, "whole": True}
    slide(app, "bank", 50)
    assert foretold(app)["eye"] == "bank"
    assert set(foretold(app)["said"]) == {at(app, "bank", value) for value in range(101)}


def test_a_look_makes_way_after_a_moment_and_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prefetch, "PATIENCE", 0.0)
    app = look(opened("weights"), "bank")
    stand = slides(app)["bank"]["value"]
    found = []
    for _ in range(4):
        assert not foretold(app)["whole"]
        found.append(list(foretold(app)["said"]))
        look(app, "bank")
    assert found[-1] == [
        at(app, "bank", value) for value in (stand, stand - 1, stand + 1, stand - 2)
    ]
    assert [len(places) for places in found] == [1, 2, 3, 4]


@pytest.mark.usefixtures("patient")
def test_nothing_is_known_ahead_where_other_sliders_would_move_too() -> None:
    app = look(opened("weights"), "bank")
    app.multiselect(key="held").select("bureau").run()
    assert foretold(app) == {"eye": "bank", "said": {}, "whole": True}


@pytest.mark.parametrize("key", ["nobody's", None, ["bank"]])
def test_a_look_at_no_slider_finds_nothing(key: Any) -> None:
    assert foretold(look(opened("weights"), key))["said"] == {}


@pytest.mark.usefixtures("patient")
def test_what_was_known_is_forgotten_once_anything_else_changes() -> None:
    app = look(opened("weights"), "bank")
    before = foretold(app)["said"]
    app.selectbox(key="b").select("Learned weights").run()
    after = foretold(app)["said"]
    assert before.keys() == after.keys()
    assert before != after
    app.text_input(key="cohort").set_value("region == 'West'").run()
    assert foretold(app)["said"].keys() == after.keys()
    assert foretold(app)["said"] != after
