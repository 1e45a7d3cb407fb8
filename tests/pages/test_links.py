import pytest

from analytics.sources.fitting import Fitted
from tests.pages.reader import line, opened, said, told, turn, well

UPON = "fakery ecommerce share=0.5 how=readings"


def test_names_of_older_links_are_read_as_today_s(sample: Fitted) -> None:
    bureau = sample.evidence.catalog.bureaus[0]
    app = opened("weights", b=bureau.label, missing="renormalise", cutoff_swap="700")
    assert app.selectbox(key="b").value == bureau.weighting
    assert app.selectbox(key="missing").value == "renormalise"
    assert "cutoff 700" in line(app)
    assert "The link asks" not in told(app)
    today = opened("weights", b=bureau.weighting, missing="the others speak for it", cutoff="700")
    assert (said(app), line(app), app.query_params) == (
        said(today),
        line(today),
        today.query_params,
    )
    assert "The link asks" not in told(today)


@pytest.mark.parametrize(("old", "new"), [("Law", "Theory")])
def test_a_picture_of_stress_that_had_another_name_is_shown(old: str, new: str) -> None:
    app = opened("stress", stress=UPON, toll=old)
    assert app.segmented_control(key="toll").value == new
    assert "The link asks" not in told(app)


def test_what_a_link_asks_for_and_cannot_be_shown_is_said_on_its_page_alone() -> None:
    app = opened("weights", b="Nobody's", nix="1", split="train")
    assert well(app)
    for sentence in (
        "The link asks for B “Nobody's”, which is not there; shown instead: Equal weights",
        "The link asks for nix “1”, which no page knows",
        "The link asks for the persons read “train”, which is not there; shown instead: test",
    ):
        assert sentence in told(app)
    assert "The link asks" in told(app.run())
    assert "The link asks" not in told(turn(app, "overview"))


def test_a_link_that_holds_says_nothing() -> None:
    asked = {"b": "Learned weights", "accuracy": "AUC of everyone", "split": "test", "floor": "40"}
    assert "The link asks" not in told(opened("weights", **asked))


def test_data_that_are_gone_are_said_without_the_token_of_whoever_brought_them() -> None:
    app = opened("overview", data="cards~AAAAAAAAAAAAAAAA")
    assert (
        "The link asks for the data set “cards”, which is not there; shown instead: Sample"
        in told(app)
    )
    assert "AAAA" not in told(app)


def test_a_link_that_names_what_is_usual_by_its_label_holds() -> None:
    app = opened("bureaus")
    catalog = app.session_state["view"].catalog
    labels = {bureau.key: bureau.label for bureau in catalog.bureaus}
    usual = [labels[key] for key in app.multiselect(key="partners").value]
    assert "The link asks" not in told(opened("bureaus", partners=usual))
    asked = "The link asks for the partners “nobody”, which is not there; shown instead: "
    assert asked + ", ".join(usual) in told(opened("bureaus", partners="nobody"))
