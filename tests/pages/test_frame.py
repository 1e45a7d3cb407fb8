import os
from html import escape
from pathlib import Path

import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.sources.fitting import Fitted, load
from pages.shared.layout import sentence
from pages.shared.view import OWN, presets
from tests.pages.reader import (
    PAGES,
    ROOT,
    again,
    buttons,
    figures,
    html,
    line,
    opened,
    press,
    said,
    slide,
    slides,
    tiled,
    tiles,
    told,
    turn,
    unheard,
    usual,
    weighed,
    well,
)
from tests.people import edit, rewrite

EVERYWHERE = pytest.mark.parametrize("page", PAGES)


@EVERYWHERE
def test_every_page_opens_and_calls_the_people_fictional(page: str) -> None:
    app = opened(page)
    assert well(app)
    assert "fictional" in line(app)


def test_the_line_says_what_is_looked_at(sample: Fitted) -> None:
    persons = len(sample.evidence.split("test"))
    assert (
        line(opened())
        == f"Everyone {persons:,} persons · {sample.evidence.catalog.bureaus[0].weighting}  · floor"
        " 40% · cutoff 600 · test persons · Sample (fictional)"
    )


def test_a_preset_fills_in_the_weights_and_the_address(sample: Fitted) -> None:
    app = opened()
    for name, ready in presets(sample.evidence.catalog).items():
        app.selectbox(key="preset").select(name).run()
        assert tiles(app) == tiled(figures(sample, ready))
        assert app.text_input(key="weights").value == ready.text


def test_weights_are_read_as_text(sample: Fitted) -> None:
    app = opened()
    app.text_input(key="weights").set_value("bureau=3, tax = 1").run()
    assert tiles(app) == tiled(figures(sample, weighed(sample, "bureau=3,tax=1")))
    assert OWN in line(app)
    assert app.selectbox(key="preset").value == OWN


@pytest.mark.parametrize("floor", [0, 70, 100])
def test_the_floor_decides_who_is_scored(sample: Fitted, floor: int) -> None:
    app = opened()
    app.slider(key="floor").set_value(floor).run()
    assert tiles(app) == tiled(figures(sample, usual(sample, floor=floor / 100)))
    assert f"floor {floor}%" in line(app)


def test_the_missing_policy_changes_what_an_absent_source_means(sample: Fitted) -> None:
    app = opened()
    app.selectbox(key="missing").select("renormalise").run()
    assert tiles(app) == tiled(figures(sample, usual(sample, missing="renormalise")))


def test_the_latest_months_can_be_read_instead_of_the_test_persons(sample: Fitted) -> None:
    app = opened()
    app.selectbox(key="split").select("out_of_time").run()
    assert tiles(app) == tiled(figures(sample, usual(sample), split="out_of_time"))
    assert f"{len(sample.evidence.split('out_of_time')):,} persons" in line(app)
    assert "latest months" in line(app)


def test_a_standing_cohort_is_chosen_by_its_name(sample: Fitted) -> None:
    app = opened()
    app.selectbox(key="ready").select("file: thin").run()
    assert tiles(app) == tiled(figures(sample, usual(sample), cohort="file == 'thin'"))
    app.selectbox(key="ready").select("Everyone").run()
    assert tiles(app) == tiled(figures(sample, usual(sample)))


def test_conditions_are_read_as_text_and_named(sample: Fitted) -> None:
    app = opened()
    app.text_input(key="cohort").set_value("loan_amount >= 50000 and region != 'West'").run()
    assert tiles(app) == tiled(
        figures(sample, usual(sample), cohort="loan_amount >= 50000 and region != 'West'")
    )
    app.text_input(key="cohort_name").set_value("Large loans").run()
    assert line(app).startswith("Large loans ")


@EVERYWHERE
def test_an_address_is_the_same_view_for_everyone(page: str) -> None:
    app = opened(
        page,
        weights="tax=1,bank=1",
        floor="60",
        missing="renormalise",
        cohort="region == 'East'",
        split="out_of_time",
    )
    assert well(app)
    assert line(app).startswith("region is East ")
    assert "floor 60%" in line(app)
    assert "latest months" in line(app)
    assert app.selectbox(key="missing").value == "renormalise"
    assert said(opened(page, **app.query_params)) == said(app)


def test_what_is_looked_at_stays_when_the_page_is_turned() -> None:
    app = opened("weights", cohort="region == 'East'")
    slide(app, "tax", 33)
    slide(app, "", 65)
    before = line(app)
    for page in ("overview", "cohorts", "weights"):
        assert line(turn(app, page)) == before
    assert slides(app)["tax"]["value"] == 33


BAD = {
    "weights": [
        "bank=-1",
        "bank=0",
        "banc=1",
        "bank",
        "bank=nan",
        "bank=1e999",
        "bank=1e308,bureau=1e308",
        "='",
    ],
    "cohort": [
        "region = 3",
        "nix == 3",
        "region > 3",
        "__import__('os')",
        "region == 'West' or True",
        "(" * 500,
        "loan_amount == '5'",
    ],
}


@EVERYWHERE
@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in BAD.items() for value in values]
)
def test_a_bad_address_is_refused_in_a_sentence_and_mended_on_the_spot(
    page: str, key: str, value: str
) -> None:
    app = opened(page, **{key: value})
    assert not app.exception
    assert "Refused" in told(app)
    assert said(app) == ""
    app.text_input(key=key).set_value("bank=1" if key == "weights" else "").run()
    assert well(app)


def test_a_bad_weighting_is_mended_by_a_preset(sample: Fitted) -> None:
    app = opened("weights", weights="bank=-1")
    name = sample.evidence.catalog.bureaus[1].weighting
    app.selectbox(key="preset").select(name).run()
    assert well(app)
    assert name in line(app)


@EVERYWHERE
@pytest.mark.parametrize("floor", ["150", "-5", "low"])
def test_a_floor_outside_0_to_100_is_refused_and_the_usual_one_stands_ready(
    page: str, floor: str
) -> None:
    app = opened(page, floor=floor)
    assert "Floor must be a number from 0 to 100" in told(app)
    assert said(app) == ""
    app.slider(key="floor").set_value(60).run()
    assert well(app)
    assert "floor 60%" in line(app)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("missing", "ignored"),
        ("split", "train"),
        ("cutoff", "1"),
        ("against", "x"),
        ("source", "x"),
    ],
)
@EVERYWHERE
def test_what_no_widget_can_hold_changes_nothing(page: str, key: str, value: str) -> None:
    app = opened(page, **{key: value})
    assert (said(app), line(app)) == (said(opened(page)), line(opened(page)))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != "person"]
)  # one person is read whatever the cohort
@pytest.mark.parametrize(
    "cohort",
    [
        "region == 'Nowhere'",
        "loan_amount >= 1e12",
        "defaulted == 1",
        "defaulted == 0",
        "person_id == 'P0000001'",
    ],
)
def test_too_small_a_cohort_says_so_and_leads_back_to_everyone(page: str, cohort: str) -> None:
    app = opened(page, cohort=cohort)
    assert not app.exception
    asked = (
        "is no condition of a page"
        if cohort.startswith(("defaulted", "person_id"))
        else "a figure needs at least 30 persons and 5 of each outcome"
    )
    assert asked in told(app)
    assert said(app) == ""
    assert line(app).partition(" · ")[0].endswith("too few persons")
    assert not {"0 left", "1 left"} & set(told(app).splitlines())
    press(app, "Look at everyone")
    assert well(app)
    assert line(app).startswith("Everyone ")


SPOILT = {
    "a table is missing": lambda folder: (folder / "bureau.parquet").unlink(),
    "a table is no table": lambda folder: (folder / "bureau.parquet").write_bytes(b"not a table"),
    "a column is missing": lambda folder: edit(
        folder / "catalog.toml", ('"balance", ', '"balanse", ')
    ),
    "the id is missing": lambda folder: rewrite(
        folder / "bank.csv", lambda frame: frame.rename({"person_id": "id"})
    ),
    "an id stands twice": lambda folder: rewrite(
        folder / "bank.csv", lambda frame: pl.concat([frame, frame.head(1)])
    ),
    "one outcome only": lambda folder: rewrite(
        folder / "people.csv", lambda frame: frame.with_columns(defaulted=0)
    ),
    "nobody is known": lambda folder: rewrite(
        folder / "bureau.parquet", lambda frame: frame.head(0)
    ),
    "the catalog is no TOML": (
        lambda folder: (folder / "catalog.toml").write_text("[population", "utf-8")
    ),
    "the catalog is gone": lambda folder: (folder / "catalog.toml").unlink(),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_data_that_are_refused_are_refused_in_the_library_s_own_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    spoil(folder)
    with pytest.raises(ValueError, match=r"\w") as refusal:
        load(read(folder / "catalog.toml"), folder=tmp_path)
    app = opened()
    assert not app.exception
    assert sentence(refusal.value) in told(app)
    app.selectbox(key="data").select("sample_data").run()
    assert well(app)


def test_a_file_that_is_mended_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    table = (folder / "bureau.parquet").read_bytes()
    (folder / "bureau.parquet").unlink()
    app = opened()
    assert "Refused" in told(app)
    (folder / "bureau.parquet").write_bytes(table)
    app.run()
    assert well(app)
    assert "tables" in line(app)


def test_data_of_ones_own_are_read_on_every_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    app = opened()
    for page in PAGES:
        assert well(turn(app, page))
        assert "Half and half" in line(app)
        assert "fictional" not in line(app)
    assert not {"Look at everyone", "Start over"} & set(buttons(app))


def test_where_outcomes_are_few_the_line_says_how_few_on_every_page_and_the_whole_note_on_hover(
    turns: Fitted,
) -> None:
    first = turns.note.partition(":")[0]
    for page in PAGES:
        app = opened(page)
        assert not app.exception
        assert line(app).endswith(f" · {first}")
    assert f'title="{escape(turns.note)}"' in next(
        html.proto.body for html in app.get("html") if "wb-line" in html.proto.body
    )


def test_where_outcomes_are_many_the_line_says_nothing_of_it(sample: Fitted) -> None:
    assert sample.folds == 0
    assert "Only" not in line(opened())


def test_who_is_read_taught_nothing_that_reads_them_whether_people_take_turns_or_not(
    turns: Fitted,
) -> None:
    assert (
        opened().selectbox(key="split").help
        == "Nobody here is read by a model or a calibration that learned from them."
    )


def test_the_cutoff_is_one_value_on_every_page_that_asks_for_it() -> None:
    app = opened(cutoff="700")
    assert "At 700 points" in said(app)
    assert "at 700 points" in html(turn(app, "stress"))
    turn(app, "weights").segmented_control(key="picture").set_value("Swap set").run()
    assert app.number_input(key="cutoff.again").value == 700
    app.number_input(key="cutoff.again").set_value(650).run()
    for page in PAGES:
        assert "cutoff 650" in line(turn(app, page))
    assert "At 650 points" in said(turn(app, "overview"))
    assert app.query_params["cutoff"] == "650"


UNUSUAL = {
    "stress": "outage bank",
    "settings": "rounds=5,depth=2",
    "cutoff": "700",
    "missing": "renormalise",
}
CHIPS = [
    "stress, not on this page: outage of Bank account 100%",
    "other models: rounds 5, depth 2",
    "cutoff 700 points",
    "an absent source: the others speak for it",
]


def test_what_is_not_as_usual_is_said_and_taken_off_with_a_click() -> None:
    app = again(press(again(opened(**UNUSUAL), until="not fitted yet"), "Fit these models"))
    chips = [
        button.label.replace("\\", "")
        for button in app.button
        if str(button.key).startswith("unusual.")
    ]
    assert chips == CHIPS
    for key in UNUSUAL:
        app.button(key=f"unusual.{key}").click().run()
        assert key not in app.query_params
    assert not [button for button in app.button if str(button.key).startswith("unusual.")]
    assert (said(app), line(app)) == (said(opened()), line(opened()))


def test_where_all_is_usual_there_is_no_chip() -> None:
    assert not [
        button for button in opened("stress").button if str(button.key).startswith("unusual.")
    ]


def test_the_first_look_at_an_address_names_its_weights_beside_the_line_too() -> None:
    assert opened(weights="bank=10,bureau=10").selectbox(key="preset").value == OWN


def test_what_is_changed_most_comes_first_and_the_settings_of_models_last() -> None:
    app = opened()
    asked = [
        text.key
        for text in app.text_input
        if text.key in {"cohort", "cohort_name", "weights", "stress", "settings"}
    ]
    assert asked == ["cohort", "cohort_name", "weights", "stress", "settings"]


def test_a_browser_that_turns_the_page_and_has_not_heard_of_new_weights_does_not_take_them_back(
    sample: Fitted,
) -> None:
    app = opened()
    former = app.text_input(key="weights").value
    name = sample.evidence.catalog.bureaus[1].weighting
    app.selectbox(key="preset").select(name).run()
    before = line(app)
    assert name in before
    app.switch_page(str(ROOT / "pages" / "weights.py"))
    assert line(unheard(app, weights=former)) == before
    app.text_input(key="weights").set_value(former).run()  # what a reader writes is taken
    assert name not in line(app)
    assert name not in line(turn(app, "overview"))


@pytest.mark.parametrize(
    ("low", "high", "first", "step"), [(0, 100, 62, 2), (0.0, 1.0, 0.62, 0.02)]
)
def test_cutoffs_and_starting_over_follow_the_scale_of_the_data(
    turns: Fitted,
    monkeypatch: pytest.MonkeyPatch,
    low: float,
    high: float,
    first: float,
    step: float,
) -> None:
    path = Path(os.environ["WEIGHBRIDGE_CATALOG"])
    path.write_text(
        f"{path.read_text('utf-8')}\n[scale]\nlow = {low}\nhigh = {high}\ncutoff = {first}\n",
        "utf-8",
    )
    app = opened()
    for key in ("cutoff", "cutoff.again"):
        slider = app.slider(key=key)
        assert (slider.min, slider.max, slider.step, slider.value) == (low, high, step, first)
    assert f"cutoff {first:g} " in line(app)
    app.slider(key="cutoff").set_value(low + 40 * step).run()
    assert f"cutoff {low + 40 * step:g} " in line(app)
    app.text_input(key="weights").set_value("nix=1").run()
    press(app, "Start over")
    assert well(app)
    assert f"cutoff {first:g} " in line(app)
    assert not [button for button in app.button if str(button.key).startswith("unusual.")]
    turn(app, "weights").segmented_control(key="picture").set_value("Swap set").run()
    assert app.number_input(key="cutoff.again").step == step
    turn(app, "models")
    assert (
        f"from {low:g} to {high:g}, accepted from {first:g}. The catalog fixes low, high, cutoff"
        in html(app)
    )
