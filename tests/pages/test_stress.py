"""Does the page of stresses say what the library says, whatever is moved on it?"""

import re
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from streamlit.testing.v1 import AppTest

from analytics.data import population
from analytics.data.cohort import Cohort
from analytics.data.refusal import Refusal
from analytics.deciding.comparison import Figure, compare, pair_up
from analytics.sources.design import draw
from analytics.sources.fitting import Fitted
from analytics.stress import detector
from analytics.stress.context import StressContext
from analytics.stress.effect import worth
from analytics.stress.kind import stressed
from analytics.stress.kinds import KINDS
from analytics.stress.stress import parse, stress_context
from analytics.study import stress
from analytics.study.jobs import Job, Work
from analytics.study.memo import MEMO
from analytics.study.study import Study
from analytics.weighing.readings import calibrate
from analytics.weighing.scenario import Scenario
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting
from pages.parts.stress import inputs as stress_inputs
from pages.shared import words
from pages.shared.datasets import SAMPLE
from pages.shared.view import CUTOFF
from tests.pages.reader import (
    PAGES,
    alts,
    buttons,
    figures,
    line,
    opened,
    people,
    press,
    said,
    table,
    tabled,
    tiled,
    tiles,
    told,
    turn,
    usual,
    weighed,
    well,
)
from tests.people import edit

SOME = "fakery ecommerce share=0.17"
HELD = "weights that hold, after"
LINES = (
    SOME,
    "fakery ecommerce share=0.5 how=readings",
    "fakery payments share=1 who=gain budget=2000",
    "fakery ecommerce share=1 who=all trust=true",
    "consent ecommerce share=0.4 odds=4 among=region=West",
    "consent ecommerce share=0.4 odds=4 tells=true",
    "outage bank month=2025-03",
    "outage ecommerce share=0.6 fallback=refuse",
    "late ecommerce days=90",
    "match payments share=0.6",
    "drift utilities shift=-1 scale=0.5",
    "fakery ecommerce share=0.5; consent payments share=0.3 odds=0.5; match bank share=0.2",
)
MOVES: dict[str, tuple[str, Callable[[AppTest], AppTest], str]] = {
    "share": (
        SOME,
        lambda app: app.slider(key="stress.share").set_value(40),
        "fakery ecommerce share=0.4",
    ),
    "kind": (
        SOME,
        lambda app: app.selectbox(key="stress.kind").select("match"),
        "match ecommerce share=0.17",
    ),
    "source": (
        SOME,
        lambda app: app.selectbox(key="stress.source").select("payments"),
        "fakery payments share=0.17",
    ),
    "source that sells nothing": (
        SOME,
        lambda app: app.selectbox(key="stress.source").select("social"),
        "fakery social share=0.17 how=readings",
    ),
    "who": (
        SOME,
        lambda app: app.segmented_control(key="stress.who").set_value("all"),
        f"{SOME} who=all",
    ),
    "how": (
        SOME,
        lambda app: app.segmented_control(key="stress.how").set_value("readings"),
        f"{SOME} how=readings",
    ),
    "budget": (
        "fakery ecommerce share=1",
        lambda app: app.number_input(key="stress.budget").set_value(50.0),
        "fakery ecommerce share=1 budget=50",
    ),
    "detector": (
        SOME,
        lambda app: app.toggle(key="stress.trust").set_value(True),
        f"{SOME} trust=true",
    ),
    "odds": (
        "consent ecommerce share=0.3",
        lambda app: app.select_slider(key="stress.odds").set_value(8.0),
        "consent ecommerce share=0.3 odds=8",
    ),
    "among": (
        "consent ecommerce share=0.3",
        lambda app: app.selectbox(key="stress.among").select("region=West"),
        "consent ecommerce share=0.3 among=region=West",
    ),
    "silence": (
        "consent bank odds=8 share=0.3",
        lambda app: app.toggle(key="stress.tells").set_value(True),
        "consent bank share=0.3 odds=8 tells=true",
    ),
    "month": (
        "outage ecommerce",
        lambda app: app.selectbox(key="stress.month").select("2025-03"),
        "outage ecommerce month=2025-03",
    ),
    "fallback": (
        "outage ecommerce",
        lambda app: app.segmented_control(key="stress.fallback").set_value("refuse"),
        "outage ecommerce fallback=refuse",
    ),
    "days": (
        "late ecommerce",
        lambda app: app.slider(key="stress.days").set_value(90),
        "late ecommerce days=90",
    ),
    "shift": (
        "drift ecommerce",
        lambda app: app.slider(key="stress.shift").set_value(-1.0),
        "drift ecommerce shift=-1",
    ),
    "scale": (
        "drift ecommerce",
        lambda app: app.slider(key="stress.scale").set_value(0.5),
        "drift ecommerce scale=0.5",
    ),
}
WRONG = {
    "earthquake ecommerce": "No stress 'earthquake'",
    "fakery": "names no source",
    "fakery nobody": "No source 'nobody'",
    "fakery ecommerce share=2": "must be between 0 and 1",
    "fakery ecommerce share=much": "write a number",
    "fakery ecommerce month=2025-03": "has no option 'month'",
    "consent ecommerce share=0.3 among='region=West": "quotation mark is not closed",
    "outage ecommerce month=March": "write it like 2025-03",
}
NOT_HERE = {
    "outage ecommerce month=1999-01": "None of these persons applied in 1999-01",
    "consent ecommerce share=0.3 among=region=Nowhere": "Nobody is of region",
}

HEADS = ("coverage", "auc_everyone", "auc_common", "auc_scored", "ks", "accepted", "bad_rate")


@pytest.fixture(autouse=True)
def searching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is searched beside the pages is under way and stays so."""
    yield from _apart(monkeypatch, lambda key, _: Job(key))


@pytest.fixture
def found(searching: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is searched beside the pages is found at once."""

    def work_now(key: Hashable, work: Work) -> Job:
        job = Job(key)
        job.future.set_result(work(job))
        return job

    yield from _apart(monkeypatch, work_now)


def _apart(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[Hashable, Work], Job]
) -> Iterator[None]:
    monkeypatch.setattr(stress, "apart", work)
    MEMO.clear()
    yield
    MEMO.clear()


@pytest.fixture(scope="module")
def behind(sample: Fitted) -> StressContext:
    """What lies behind the sample's evidence."""
    return stress_context(sample, sample.evidence.split("calibrate", "test", "out_of_time"))


@pytest.fixture
def bare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data of one's own without times, segments and anything that can be bought.

    The app reads them first.
    """
    edit(folder / "catalog.toml", ('time = "applied_on"\n', ""), ('segments = ["region"]\n', ""))
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    return folder


def under(
    sample: Fitted,
    behind: StressContext,
    stress: str,
    *,
    weights: Weighting | None = None,
    cohort: str = "",
    split: str = "test",
) -> dict[str, Figure]:
    """What the library says of a stress.

    Every figure after, of these weights, beside the same before, of the usual ones.
    """
    persons, before = people(sample, cohort, split), usual(sample)
    after = stressed(persons, parse(sample.evidence.catalog, stress), behind)
    fits = [
        calibrate(tally(sample.evidence.split("calibrate"), each))
        for each in (weights or before, before)
    ]
    return compare(
        pair_up(after, weights or before, before, before=persons), (fits[0], fits[1]), CUTOFF
    )


def rows(found: dict[str, Figure]) -> dict[str, list[str]]:
    """Figures as the page's table writes them."""
    return {
        "before": [words.written(name, found[name].other) for name in HEADS],
        "after": [words.written(name, found[name].value) for name in HEADS],
        "after less before": [words.change(name, found[name].difference.value) for name in HEADS],
    }


def shown(app: AppTest) -> dict[str, list[str]]:
    """The first three rows of the page's table."""
    return dict(list(table(app).items())[:3])


def looked_at(app: AppTest) -> str:
    """The stress in the frame, which is the one of the address."""
    text = app.text_input(key="stress").value
    assert text == app.query_params.get("stress", "")
    return str(text)


def written(app: AppTest) -> list[str]:
    """The sentence, the line beneath it and the table, with every interval."""
    return [html.proto.body for html in app.get("html")[1:]]


def standing(app: AppTest) -> dict[str, object]:
    """The fields of the stress that can be changed, and where they stand."""
    widgets = [
        *app.slider,
        *app.select_slider,
        *app.selectbox,
        *app.toggle,
        *app.number_input,
        *app.segmented_control,
    ]
    return {
        widget.key.removeprefix("stress."): widget.value
        for widget in widgets
        if (widget.key or "").startswith("stress.")
    }


def keys(app: AppTest) -> set[str]:
    """The fields of the stress that can be changed."""
    return set(standing(app))


def test_a_first_visit_finds_some_faked_readings_of_the_source_whose_fakes_are_known(
    sample: Fitted, behind: StressContext
) -> None:
    app = opened("stress")
    assert said(app).startswith(
        "If 17% of the bad payers that E-commerce knows fake their records to read like payers, "
    )
    assert shown(app) == rows(under(sample, behind, f"{SOME} how=readings"))
    assert app.slider(key="stress.share").value == 17
    assert looked_at(app) == ""


@pytest.mark.parametrize("stress", LINES)
def test_a_link_says_what_the_library_says(
    sample: Fitted, behind: StressContext, stress: str
) -> None:
    app, found = opened("stress", stress=stress), under(sample, behind, stress)
    assert shown(app) == rows(found)
    before, after = (
        words.written("auc_everyone", value)
        for value in (found["auc_everyone"].other, found["auc_everyone"].value)
    )
    assert f"from {before} to {after}" in said(app)
    assert looked_at(app) == stress


@pytest.mark.parametrize(
    "stress",
    [
        "fakery ecommerce share=0.5 how=readings",
        "match payments share=0.6",
        "consent ecommerce share=0.4 odds=4",
    ],
)
def test_the_sentence_says_what_the_source_is_worth_before_and_after(
    sample: Fitted, behind: StressContext, stress: str
) -> None:
    persons, (each,) = people(sample, "", "test"), parse(sample.evidence.catalog, stress)
    worths = [
        100 * worth(world, usual(sample), each.source).value
        for world in (persons, each.apply(persons, behind))
    ]
    before, after = (f"{value:.1f}".replace("-", "−") for value in worths)
    assert f"is worth {after} points of AUC instead of {before}" in said(
        opened("stress", stress=stress)
    )


@pytest.mark.parametrize(("stress", "move", "then"), MOVES.values(), ids=MOVES)
def test_a_widget_moves_the_figures_and_the_address_and_the_link_shows_the_same(
    sample: Fitted,
    behind: StressContext,
    stress: str,
    move: Callable[[AppTest], AppTest],
    then: str,
) -> None:
    app = opened("stress", stress=stress)
    before = written(app)
    move(app).run()
    assert looked_at(app) == then
    assert shown(app) == rows(under(sample, behind, then))
    assert written(app) != before
    linked = opened("stress", stress=then)
    assert (written(linked), standing(linked)) == (written(app), standing(app))


@pytest.mark.parametrize("kind", KINDS)
def test_each_stress_asks_for_its_own_fields_only(kind: str) -> None:
    asks = {
        "fakery": {"share", "who", "how", "budget", "trust"},
        "consent": {"share", "odds", "among", "tells"},
        "outage": {"share", "month", "fallback"},
        "late": {"share", "days"},
        "match": {"share"},
        "drift": {"share", "shift", "scale"},
    }
    assert keys(opened("stress", stress=f"{kind} ecommerce")) == {"kind", "source"} | asks[kind]


def test_a_budget_is_asked_for_only_where_something_is_bought() -> None:
    app = opened("stress", stress=SOME)
    app.segmented_control(key="stress.how").set_value("readings").run()
    assert "budget" not in keys(app)


@pytest.mark.parametrize(
    "stress",
    [
        "fakery ecommerce",
        "consent ecommerce odds=8",
        "outage ecommerce share=0",
        "late ecommerce share=0",
        "match ecommerce",
    ],
)
def test_where_nobody_is_hit_all_is_as_before(sample: Fitted, stress: str) -> None:
    app, plain = opened("stress", stress=stress), figures(sample, usual(sample))
    assert (
        shown(app)["before"]
        == shown(app)["after"]
        == [words.written(name, plain[name].value) for name in HEADS]
    )
    assert {float(change) for change in shown(app)["after less before"]} == {0.0}
    assert "stays at" in said(app)
    assert "as many people are scored" in said(app)


def test_a_slider_at_nobody_undoes_the_stress(sample: Fitted) -> None:
    app = opened("stress", stress="match ecommerce share=0.8")
    app.slider(key="stress.share").set_value(0).run()
    assert shown(app)["before"] == shown(app)["after"]
    assert looked_at(app) == "match ecommerce"


def test_stresses_are_laid_one_upon_the_other_and_the_last_is_taken_away(
    sample: Fitted, behind: StressContext
) -> None:
    app = press(opened("stress", stress=SOME), "Add another")
    both = looked_at(app)
    assert both.startswith(f"{SOME}; consent ")
    assert shown(app) == rows(under(sample, behind, both))
    app.slider(key="stress.share").set_value(80).run()
    assert looked_at(app) == both.replace("share=0.17 odds", "share=0.8 odds")
    press(app, "Drop the last")
    assert looked_at(app) == SOME
    assert shown(app) == rows(under(sample, behind, SOME))
    assert "Drop the last" not in buttons(app)


def test_the_line_beneath_counts_whom_it_hits(sample: Fitted, behind: StressContext) -> None:
    persons, (stress,) = (
        people(sample, "", "test"),
        parse(sample.evidence.catalog, "match payments share=0.6"),
    )
    hit = persons.column("payments") != stress.apply(persons, behind).column("payments")
    beneath = next(
        html.proto.body
        for html in opened("stress", stress="match payments share=0.6").get("html")
        if "wb-beneath" in html.proto.body
    )
    assert (
        "It hits"
        f" <b>{(hit & (persons.column('payments') == persons.column('payments'))).sum():,}</b> of"
        f" {len(persons):,} persons" in beneath
    )


def test_a_cohort_and_other_weights_are_read_under_the_stress(
    sample: Fitted, behind: StressContext
) -> None:
    app = opened(
        "stress",
        stress="consent ecommerce share=0.5 odds=4",
        cohort="region == 'West'",
        split="out_of_time",
    )
    assert shown(app) == rows(
        under(sample, behind, looked_at(app), cohort="region == 'West'", split="out_of_time")
    )
    assert line(app).startswith("region is West ")


@pytest.mark.parametrize(("stress", "sentence"), WRONG.items(), ids=WRONG)
def test_a_stress_that_cannot_be_is_refused_in_a_sentence_and_starting_over_helps(
    stress: str, sentence: str
) -> None:
    app = opened("stress", stress=stress)
    assert not app.exception
    assert "Refused" in told(app)
    assert sentence in told(app)
    assert said(app) == ""
    press(app, "Start over")
    assert well(app)
    assert looked_at(app) == ""


@pytest.mark.parametrize(("stress", "sentence"), NOT_HERE.items(), ids=NOT_HERE)
def test_a_stress_that_hits_nobody_there_is_is_refused_in_its_place(
    stress: str, sentence: str
) -> None:
    app = opened("stress", stress=stress)
    assert sentence in told(app)
    assert line(app).startswith("Everyone ")
    assert well(press(app, "Start over"))


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_stress_is_mended_where_it_stands_on_every_page(page: str) -> None:
    app = opened(page, stress="fakery nobody")
    assert "No source 'nobody'" in told(app)
    app.text_input(key="stress").set_value("").run()
    assert well(app)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "stress"])
def test_other_pages_look_at_the_people_as_they_are(page: str) -> None:
    while page == "models" and Study.open(SAMPLE).waiting():  # a row comes when one is fitted
        time.sleep(0.1)
    plain, strained = opened(page), opened(page, stress="outage ecommerce; drift payments shift=2")
    assert said(strained) == said(plain)
    assert line(strained) == line(plain)
    assert [html.proto.body for html in strained.get("html")] == [
        html.proto.body for html in plain.get("html")
    ]


def test_the_tiles_of_the_overview_stay_and_so_does_the_stress(sample: Fitted) -> None:
    app = opened("stress", stress=SOME)
    app.slider(key="stress.share").set_value(60).run()
    assert tiles(turn(app, "overview")) == tiled(figures(sample, usual(sample)))
    assert looked_at(app) == "fakery ecommerce share=0.6"
    assert said(turn(app, "stress")).startswith("If 60% of the bad payers ")


def test_where_no_fakes_are_known_the_detector_says_how_to_name_them() -> None:
    app = opened("stress", stress="fakery payments share=0.5")
    app.segmented_control(key="toll").set_value("Detector").run()
    assert "No record of Wallet payments is known to be fake" in told(app)
    assert "flag and signs under [sources.fakes]" in told(app)
    assert "trust" not in keys(app)


def test_where_fakes_are_known_the_detector_says_how_many_it_finds(sample: Fitted) -> None:
    app = opened("stress", stress=SOME, toll="Detector")
    everyone, source = (
        population.people(sample.population),
        sample.evidence.catalog.source("ecommerce"),
    )
    records, flags = (
        draw(sample.population, everyone, source),
        detector.flagged(sample.population, everyone, source),
    )
    quality = detector.quality(detector.learn(records, flags, everyone), records, flags, everyone)
    assert table(app, 1)["faked records caught"] == [words.share(quality.caught)]
    assert table(app, 1)["good payers accused falsely"] == [f"{quality.payer_alarms:.2%}"]


@pytest.mark.parametrize(
    ("stress", "offered"),
    {
        SOME: ["Curve", "Who is affected", "Weights that hold", "Theory", "Detector"],
        "consent ecommerce share=0.3": ["Curve", "Who is affected", "Weights that hold", "Refusal"],
        "outage ecommerce": ["Curve", "Who is affected", "Weights that hold", "Fallbacks"],
        "late ecommerce": ["Curve", "Who is affected", "Weights that hold", "Alarm"],
        "match ecommerce share=0.3": ["Curve", "Who is affected", "Weights that hold", "Theory"],
        "drift ecommerce shift=1": ["Curve", "Who is affected", "Weights that hold", "Alarm"],
    }.items(),
)
def test_every_picture_that_a_stress_offers_opens(stress: str, offered: list[str]) -> None:
    app = opened("stress", stress=stress)
    assert app.segmented_control(key="toll").options == offered
    for picture in offered:
        app.segmented_control(key="toll").set_value(picture).run()
        assert well(app)
        assert all("*" not in alt for alt in alts(app))


def test_a_picture_that_the_next_stress_has_not_gives_way_to_the_curve() -> None:
    app = opened("stress", stress=SOME, toll="Detector")
    app.selectbox(key="stress.kind").select("outage").run()
    assert app.segmented_control(key="toll").value == "Curve"
    assert well(app)


def test_the_curve_begins_with_the_point_looked_at_and_then_goes_from_nobody_to_everybody(
    found: None,
) -> None:
    app = opened("stress", stress="match ecommerce share=0.6")
    points = app.dataframe[0].value
    assert points["share"].tolist() == pytest.approx([i / 20 for i in range(21)])
    assert alts(app)[0].startswith("From 0% to 100% of E-commerce")


def test_while_the_curve_is_read_it_shows_what_is_there() -> None:
    app = opened("stress", stress="match ecommerce share=0.6")
    assert app.dataframe[0].value["share"].tolist() == [0.6]


def test_the_weights_that_hold_stand_in_the_table_once_they_are_found(
    sample: Fitted, behind: StressContext, found: None
) -> None:
    app = opened("stress", stress="match ecommerce share=0.8")
    firm = press_hold(app)
    read_again = under(sample, behind, "match ecommerce share=0.8", weights=weighed(sample, firm))
    assert table(opened("stress", stress="match ecommerce share=0.8"))[HELD] == but_common(
        rows(read_again)["after"]
    )


def but_common(row: list[str]) -> list[str]:
    """A row without the AUC of the common, who are others under other weights."""
    return [
        "–" if name == "auc_common" else figure for name, figure in zip(HEADS, row, strict=True)
    ]


def test_the_weights_that_the_sentence_speaks_of_have_a_row_with_the_same_figure() -> None:
    app = opened("stress")
    points, told = re.findall(
        r"Moving (\d+) points of its weight to .* \(AUC of everyone ([\d.]+)\)", said(app)
    )[0]
    assert (
        next(row for name, row in table(app).items() if name.startswith(f"{points} points moved"))[
            1
        ]
        == told
    )


def press_hold(app: AppTest) -> str:
    """Take the weights that hold; gives them as text."""
    app.segmented_control(key="toll").set_value("Weights that hold").run()
    press(app, "Take these weights")
    return str(app.query_params["weights"])


def test_the_weights_that_hold_are_taken_and_the_figures_before_follow(
    sample: Fitted, behind: StressContext, found: None
) -> None:
    app = opened("stress", stress="match ecommerce share=0.8")
    taken = weighed(sample, press_hold(app))
    assert tabled(figures(sample, taken))[0] == table(app)["before"][0]
    assert but_common(table(app)["after"]) == table(app)[HELD]
    assert next(button for button in app.button if button.label == "Take these weights").disabled
    assert looked_at(app) == "match ecommerce share=0.8"


def test_while_they_are_searched_the_table_waits_for_them() -> None:
    assert table(opened("stress"))["weights that hold: searching"] == ["…"] * len(HEADS)


def test_a_search_that_is_refused_says_why_in_place_of_the_weights(monkeypatch) -> None:
    refused = Job("search")
    refused.future.set_exception(
        Refusal("a search needs persons of both outcomes; choose a wider cohort")
    )
    monkeypatch.setattr(stress, "apart", lambda *_: refused)
    app = opened("stress", toll="Weights that hold")
    assert (
        "no weights that hold: a search needs persons of both outcomes; choose a wider cohort"
        in table(app)
    )
    assert well(app)


def test_a_scenario_brings_stress_weights_and_cohort(sample: Fitted, behind: StressContext) -> None:
    stress = "consent ecommerce share=0.4 odds=4 among=region=West; match bank share=0.2"
    kept = Scenario(
        "Under pressure",
        weighed(sample, "bank=3,ecommerce=1", floor=0.6),
        Cohort.parse("channel == 'App'"),
        stress,
    )
    app = opened("stress")
    app.file_uploader(key="scenario.file").upload(
        "kept.toml", kept.toml().encode(), "application/toml"
    ).run()
    press(app, "Take Under pressure")
    assert looked_at(app) == stress
    assert app.query_params["weights"] == kept.weighting.text
    assert line(app).startswith("channel is App ")
    assert "floor 60%" in line(app)
    assert app.slider(key="stress.share").value == 20


@pytest.mark.parametrize(
    "stress",
    [SOME, "consent ecommerce share=0.3 among=region=West", "outage ecommerce month=2025-03"],
)
def test_too_small_a_cohort_leads_back_to_everyone_whatever_the_stress(stress: str) -> None:
    app = opened("stress", stress=stress, cohort="region == 'Nowhere'")
    assert "a figure needs at least 30 persons" in told(app)
    assert well(press(app, "Look at everyone"))
    assert looked_at(app) == stress


def test_a_scenario_with_a_stress_of_no_source_here_is_refused_before_it_is_taken(
    sample: Fitted,
) -> None:
    app = opened("stress")
    kept = Scenario("Odd", usual(sample), Cohort.parse(""), "fakery nobody")
    app.file_uploader(key="scenario.file").upload(
        "kept.toml", kept.toml().encode(), "application/toml"
    ).run()
    assert not app.exception
    assert "No source 'nobody'" in told(app)
    app.file_uploader(key="scenario.file").clear().run()
    assert well(app)


def test_data_with_times_and_segments_offer_months_and_groups(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    assert opened("stress", stress="consent bank").selectbox(key="stress.among").options == [
        "everybody",
        "region: North",
        "region: South",
    ]
    assert (
        opened("stress", stress="outage bank").selectbox(key="stress.month").options[0]
        == "any time"
    )


def test_data_without_times_and_segments_offer_neither_months_nor_groups(bare: Path) -> None:
    assert keys(opened("stress", stress="consent bank share=0.5")) == {
        "kind",
        "source",
        "share",
        "odds",
        "tells",
    }
    assert keys(opened("stress", stress="outage bank")) == {"kind", "source", "share", "fallback"}


@pytest.mark.parametrize("kind", KINDS)
def test_data_of_ones_own_stand_every_stress_or_are_told_why_not(bare: Path, kind: str) -> None:
    app = opened(
        "stress", stress=f"{kind} bank share=0.5" + (" how=readings" if kind == "fakery" else "")
    )
    assert not app.exception
    assert said(app) != "" or "Refused" in told(app)


def test_data_of_ones_own_begin_with_whole_readings_where_nothing_can_be_bought(bare: Path) -> None:
    app = opened("stress")
    assert said(app).startswith(
        "If 17% of the bad payers that Bureau knows fake their records to read like payers, "
    )
    assert (
        "Whole readings are faked: the catalog names nothing of this source that can be bought"
        in app.caption[0].value
    )
    assert {"how", "budget", "trust"}.isdisjoint(keys(app))


def test_a_widget_is_told_again_where_it_stands_until_a_run_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Told(dict[str, object]):
        """What is set, in order."""

        told: ClassVar[list[str]] = []

        def __setitem__(self, key: str, value: object) -> None:
            self.told.append(key)
            super().__setitem__(key, value)

    state = Told()
    monkeypatch.setattr(stress_inputs, "state", state)
    for _ in range(2):  # the first run was cut short
        stress_inputs._stand("stress.share", 17)
    stress_inputs.stand()
    stress_inputs._stand("stress.share", 17)
    assert state.told.count("stress.share") == 2
    stress_inputs._stand("stress.share", 18)
    assert state.told.count("stress.share") == 3
