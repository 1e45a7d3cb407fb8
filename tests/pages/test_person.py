import re
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analytics.data.catalog.toml import read
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import explanation as explaining
from analytics.explaining import records
from analytics.explaining.explanation import Statement
from analytics.explaining.reasons import reasons
from analytics.sources.fitting import Fitted, load
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally, weigh
from analytics.weighing.weighting import Weighting
from tests.pages.reader import PAGES, buttons, opened, press, said, table, told, usual, well
from tests.people import rewrite, settle


def statement(sample: Fitted, id: str, weighting: Weighting) -> Statement:
    """What the library says of one person."""
    mine, models = records.find(sample.evidence, id), sample.models()
    parts = explaining.explain(
        records.read(sample.population, models, mine), models, sample.evidence.base_rate
    )
    calibration = calibrate(tally(sample.evidence.split("calibrate"), weighting))
    return explaining.state(explaining.weigh(parts, mine, weighting, calibration))


def chosen(sample: Fitted, *, scored: bool, outcome: bool | None = True) -> str:
    """Somebody with or without a score under the weights of a first visit."""
    test = sample.evidence.split("test")
    people = test.people.with_columns(
        scored=pl.Series(weigh(test, usual(sample))).is_not_nan(),
        known=pl.Series(test.known.any(axis=1)),
    )
    same = pl.col("defaulted").is_null() if outcome is None else pl.col("defaulted") == outcome
    return str(people.filter((pl.col("scored") == scored) & same & pl.col("known"))["person"][0])


@pytest.mark.parametrize("outcome", [True, False])
def test_the_sentence_and_the_reasons_are_the_library_s(sample: Fitted, outcome: bool) -> None:
    id = chosen(sample, scored=True, outcome=outcome)
    expected = statement(sample, id, usual(sample))
    found = reasons(expected, STANDARD, records.observe(sample.population, sample.models()))
    app = opened("person", person=id)
    assert well(app)
    assert f"Person {id} has {expected.points(STANDARD):.0f} points" in said(app)
    if found:
        assert list(table(app)) == [reason.text for reason in found]


def test_the_steps_shown_add_up_to_the_points_shown(sample: Fitted) -> None:
    id = chosen(sample, scored=True)
    app = opened("person", person=id)
    steps = explaining.waterfall(statement(sample, id, usual(sample)), STANDARD, digits=1)
    assert (
        app.dataframe[0].value["shown"].tolist()
        == steps.filter(pl.col("kind") != "base")["shown"].to_list()
    )
    assert round(steps["shown"].sum(), 1) == round(
        statement(sample, id, usual(sample)).points(STANDARD), 1
    )


def test_a_person_without_a_score_is_told_why(sample: Fitted) -> None:
    id = chosen(sample, scored=False)
    app = opened("person", person=id)
    assert not app.exception
    assert f"Person {id} has no score" in said(app)
    assert "missing:" in said(app)
    assert "A person without a score has no points to change" in told(app)


def test_other_weights_give_other_points(sample: Fitted) -> None:
    id = chosen(sample, scored=True)
    app = opened("person", person=id)
    before = said(app)
    app.slider(key="floor").set_value(0).run()
    app.selectbox(key="preset").select("Equal weights").run()
    assert said(app) != before
    assert well(app)


def test_a_person_who_taught_the_models_says_so_and_others_do_not(sample: Fitted) -> None:
    known = sample.evidence.where(sample.evidence.known.any(axis=1))
    taught, fresh = (str(known.split(split).people["person"][0]) for split in ("train", "test"))
    assert "models learned from this person" in told(opened("person", person=taught))
    assert "models learned from this person" not in told(opened("person", person=fresh))


def moved(app: AppTest) -> str:
    """What the values tried would lead to."""
    return next(m.value for m in app.markdown if re.match(r"\*\*\d+ points\*\*", m.value))


def test_a_value_that_is_tried_moves_the_points_and_going_back_restores_them(
    sample: Fitted,
) -> None:
    id = chosen(sample, scored=True)
    app = opened("person", person=id)
    before = moved(app)
    assert "as they are" in before
    slide = next(s for s in app.select_slider if s.key and s.key.startswith(f"what.{id}."))
    start, ends = slide.value, (slide.options[0], slide.options[-1])
    assert f"{ends[0]} to {ends[1]}" in slide.label.replace("\\", "")
    app.select_slider(key=slide.key).set_value(other_end(slide)).run()
    assert moved(app) != before
    app.select_slider(key=slide.key).set_value(start).run()
    assert moved(app) == before


def other_end(slide) -> float:
    """The end farther from where a slider stands."""
    low, high = (float(end.replace(",", "")) for end in (slide.options[0], slide.options[-1]))
    return high if slide.value != high else low


def test_a_way_to_raise_a_score_is_tried_with_one_click(sample: Fitted) -> None:
    app = opened("person", person=chosen(sample, scored=True))
    points = int(re.search(r"has (\d+) points", said(app))[1])  # type: ignore[index]
    app.number_input(key="target").set_value(points + 5).run()
    rows = table(app, 1)
    for i, (way, to) in enumerate(rows.items(), 1):
        app.button(key=f"try.{i}").click().run()
        assert moved(app).startswith(f"**{to[0]} points**"), way
    app.button(key="try.1").click().run()
    first = next(iter(rows.values()))[0]
    assert moved(app).startswith(f"**{first} points**")  # the values of the last way are taken back


def test_what_would_raise_it_reaches_the_target_or_says_why_not(sample: Fitted) -> None:
    app = opened("person", person=chosen(sample, scored=True))
    points = int(re.search(r"has (\d+) points", said(app))[1])  # type: ignore[index]
    app.number_input(key="target").set_value(points + 5).run()
    rows = table(app, 1)
    assert all(int(to[0]) >= points + 5 for to in rows.values()) or "short of" in told(app)
    app.number_input(key="target").set_value(950).run()
    assert "short of 950" in told(app) or table(app, 1)


@pytest.mark.parametrize("id", ["nobody", "P0", "'; drop table", "0" * 400])
def test_an_unknown_person_is_refused_in_a_sentence_and_another_can_be_named(
    sample: Fitted, id: str
) -> None:
    app = opened("person", person=id)
    app.text_input(key="person").set_value(id).run()
    assert not app.exception
    assert "No person" in told(app)
    app.text_input(key="person").set_value(chosen(sample, scored=True)).run()
    assert well(app)


def test_the_sheet_of_a_person_holds_the_points_the_reasons_and_the_bureaus(sample: Fitted) -> None:
    from analytics.reporting.person import person_sheet  # noqa: PLC0415
    from analytics.reporting.sheet import render  # noqa: PLC0415

    id = chosen(sample, scored=True)
    stated = statement(sample, id, usual(sample))
    found = reasons(stated, STANDARD, records.observe(sample.population, sample.models()))
    elsewhere = pl.DataFrame(
        {
            "label": ["A <b>"],
            "scored": [True],
            "probability": [0.1],
            "points": [600.0],
            "low": [350.0],
            "high": [950.0],
        }
    )
    page = render(
        person_sheet(stated, 0.25, found, None, elsewhere, sample.evidence.catalog, STANDARD)
    )
    assert f"Person {id}" in page
    assert f"<dd>{stated.points(STANDARD):.0f}" in page
    assert all(reason.text_zh in page for reason in found)
    assert "A &lt;b&gt;" in page
    assert "fictional" in page
    assert "http" not in page.partition("</style>")[2]
    noted = render(
        person_sheet(
            stated,
            0.25,
            found,
            None,
            elsewhere.clear(),
            sample.evidence.catalog,
            STANDARD,
            note="Only 7 payers",
        )
    )
    assert "Only 7 payers." in noted
    assert "Under every bureau" not in noted


def test_where_people_take_turns_nobody_is_said_to_have_taught_the_models(turns: Fitted) -> None:
    known = turns.evidence.where(turns.evidence.known.all(axis=1))
    for split in ("calibrate", "test", "out_of_time"):
        app = opened("person", person=str(known.split(split).people["person"][0]))
        assert well(app)
        assert "learned from this person" not in told(app)


def test_without_bureaus_nobody_is_compared_under_them(turns: Fitted) -> None:
    assert "Under every bureau" not in told(opened("person"))


def test_where_nothing_can_be_changed_the_page_says_how_to_declare_it(turns: Fitted) -> None:
    app = opened("person")
    assert "say actionable = true of it" in told(app)
    assert "target" not in [number.key for number in app.number_input]


def test_a_person_is_picked_from_a_list_by_score(sample: Fitted) -> None:
    test = sample.evidence.split("test")
    risk = weigh(test, usual(sample))
    scored = test.people.select("person", risk=pl.Series(risk)).filter(pl.col("risk").is_not_nan())
    safest, riskiest = (
        set(scored.sort("risk", descending=down)["person"].cast(pl.String).head(50))
        for down in (False, True)
    )
    app = opened("person")
    shown = [option.split(" · ")[0] for option in app.selectbox(key="pick.person").options]
    assert set(shown) == riskiest
    app.get("button_group")[0].set_value("highest").run()
    shown = [option.split(" · ")[0] for option in app.selectbox(key="pick.person").options]
    assert set(shown) == safest
    app.selectbox(key="pick.person").select(shown[3]).run()
    assert app.query_params["person"] == shown[3]
    assert f"Person {shown[3]} has " in said(app)


def test_a_wrong_id_does_not_offer_to_wipe_the_weights() -> None:
    app = opened("person", weights="bank=2,tax=1", person="nobody")
    assert "No person" in told(app)
    assert "Start over" not in buttons(app)
    press(app, "Back to the first person")
    assert well(app)
    assert app.query_params["weights"] == "bank=2,tax=1"


@pytest.fixture
def phones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Fitted:
    """Six hundred people whose ids are their phone numbers."""
    path = settle(folder, persons=600)
    for table_of in ("people.csv", "bureau.parquet", "bank.csv"):
        number = pl.col("person_id").str.slice(1).cast(pl.Int64) * 7919 + 13800000000
        rewrite(
            folder / table_of,
            lambda f, number=number: f.with_columns(person_id=number.cast(pl.String)),
        )
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(path))
    return load(read(path))


def test_an_id_that_is_personal_is_sent_by_no_page(phones: Fitted) -> None:
    ids = set(phones.evidence.people["person"].cast(pl.String))
    for page in PAGES:
        app = opened(page)
        assert not app.exception
        protos = [
            found for element in app if (found := getattr(element, "proto", None)) is not None
        ]
        sent = "".join(found.SerializeToString().decode("utf-8", "replace") for found in protos)
        assert len(sent) > 500
        assert [id for id in re.findall(r"1\d{10}", sent) if id in ids] == [], page
    wanted = sorted(ids)[17]
    app.text_input(key="person").set_value(wanted).run()
    assert not app.exception
    assert "Person " in said(app)
    assert wanted not in said(app) + told(app)
    assert "person" not in app.query_params
