import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analytics.data.catalog.toml import read
from analytics.deciding.comparison import Figure, compare, pair_up, swap_set
from analytics.metrics import METRICS
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.stress import stress as stresses
from analytics.stress.kind import stressed as under
from analytics.weighing.readings import calibrate
from analytics.weighing.sweep import along
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting
from pages.parts.weights import inputs as weights_inputs
from pages.parts.weights.inputs import UNDER
from pages.shared import words
from pages.shared.datasets import SAMPLE
from pages.shared.view import CUTOFF, EQUAL, OWN, presets
from tests.pages.reader import (
    alts,
    figures,
    line,
    opened,
    press,
    said,
    shares,
    slide,
    slides,
    table,
    tabled,
    told,
    usual,
    weighed,
    well,
)

PAIR = ("coverage", "auc_everyone", "auc_common", "auc_scored", "ks", "brier")
KEYS = read(SAMPLE).keys
STRESS = "match ecommerce share=0.8; outage bank share=0.3"


@pytest.mark.parametrize("key", KEYS)
def test_a_slider_moves_coverage_and_accuracy(sample: Fitted, key: str) -> None:
    app = opened("weights")
    slide(app, key, 60)
    weights = dict(usual(sample).weights) | {key: 60}
    mine = weighed(sample, ",".join(f"{k}={v:g}" for k, v in weights.items()))
    assert table(app)[f"A {OWN}"][:-1] == tabled(figures(sample, mine))
    assert list(shares(app).values()) == [f"{share:.0%}" for share in mine.shares.values()]
    assert app.query_params["weights"] == mine.text


def test_equal_weights_stand_beside_with_the_same_floor(sample: Fitted) -> None:
    app = opened("weights", floor="75")
    found = figures(sample, usual(sample, floor=0.75))
    assert table(app)[f"B {EQUAL}"][:2] == [
        f"{found['coverage'].other:.1%}",
        f"{found['auc_everyone'].other:.3f}",
    ]
    assert table(app)["A less B"][0] == f"{100 * found['coverage'].difference.value:+.1f}".replace(
        "-", "−"
    )


def test_the_price_is_one_query_to_every_source_with_a_weight(sample: Fitted) -> None:
    costs = {source.key: source.cost for source in sample.evidence.catalog}
    app = opened("weights", weights="bureau=1,bank=1")
    assert [row[-1] for row in table(app).values()] == [
        f"{costs['bureau'] + costs['bank']:.2f}",
        f"{sum(costs.values()):.2f}",
        table(app)["A less B"][-1],
    ]


def test_a_preset_beside_the_sliders_moves_them_all(sample: Fitted) -> None:
    app = opened("weights")
    for name, ready in presets(sample.evidence.catalog).items():
        app.selectbox(key="preset.again").select(name).run()
        assert table(app)[f"A {name}"][:-1] == tabled(figures(sample, ready))
        assert [slides(app)[key]["value"] for key in KEYS] == [
            round(weight) for _, weight in ready.weights
        ]
        assert name in line(app)


def test_the_floor_beside_the_sliders_is_the_floor_of_the_frame(sample: Fitted) -> None:
    app = opened("weights")
    slide(app, "", 80)
    assert table(app)[f"A {sample.evidence.catalog.bureaus[0].weighting}"][:-1] == tabled(
        figures(sample, usual(sample, floor=0.8))
    )
    assert "floor 80%" in line(app)
    assert app.slider(key="floor").value == 80
    assert app.query_params["floor"] == "80"


def test_sliders_moved_in_one_breath_are_all_heard(sample: Fitted) -> None:
    app = opened("weights", weights="bureau=10,bank=20")
    slide(app, "", 60, bank=30, tax=5)
    mine = weighed(sample, "bureau=10,bank=30,tax=5", floor=0.6)
    assert table(app)[f"A {OWN}"][:-1] == tabled(figures(sample, mine))
    assert (app.query_params["weights"], app.query_params["floor"]) == (mine.text, "60")


def test_a_floor_between_two_steps_stays_while_a_weight_is_moved() -> None:
    app = opened("weights", weights="bureau=10,bank=20", floor="42")
    assert slides(app)[""]["value"] == 40
    slide(app, "bank", 30)
    assert "floor 42%" in line(app)


def test_the_missing_policy_beside_the_sliders_is_that_of_the_frame(sample: Fitted) -> None:
    app = opened("weights")
    app.selectbox(key="missing.again").select("renormalise").run()
    assert table(app)[f"A {sample.evidence.catalog.bureaus[0].weighting}"][:-1] == tabled(
        figures(sample, usual(sample, missing="renormalise"))
    )
    assert app.selectbox(key="missing").value == "renormalise"


@pytest.mark.parametrize("source", ["bureau", "tax"])
def test_the_figures_behind_one_weight_are_the_sweep_of_its_source(
    sample: Fitted, source: str
) -> None:
    app = shown("One weight")
    app.selectbox(key="source").select(source).run()
    swept = along(sample.evidence.split("test"), usual(sample), source)
    assert app.dataframe[-1].value["coverage"].tolist() == swept["coverage"].to_list()
    assert app.dataframe[-1].value["auc"].tolist() == swept["auc_everyone"].to_list()
    assert alts(app)[0].startswith("Coverage and accuracy along the weight of")


@pytest.mark.parametrize("accuracy", ["auc_common", "ks", "brier", "profit"])
def test_the_frontier_stands_on_the_accuracy_chosen(accuracy: str) -> None:
    app = opened("weights")
    app.selectbox(key="accuracy").select(accuracy).run()
    assert well(app)
    assert METRICS[accuracy].label in app.get("plotly_chart")[0].proto.spec


def test_the_swap_set_counts_every_person_once_and_moves_with_the_cutoff(sample: Fitted) -> None:
    app = shown("Swap set")
    before = app.dataframe[-1].value["persons"].tolist()
    app.number_input(key="cutoff.again").set_value(700).run()
    after = app.dataframe[-1].value["persons"].tolist()
    assert np.nansum(before) <= len(sample.evidence.split("test"))
    for cells in (before, after):  # cells of few people are left empty
        assert (
            0
            <= len(sample.evidence.split("test")) - np.nansum(cells)
            < 250 * np.isnan(cells).sum() + 1
        )
    assert before != after


def test_nobody_gains_coverage_where_the_weights_are_the_same(sample: Fitted) -> None:
    app = shown("Who gains")
    app.selectbox(key="b").select(sample.evidence.catalog.bureaus[0].weighting).run()
    assert set(app.dataframe[-1].value["value"].tolist()) == {0.0}


def test_another_b_changes_the_row_of_b_and_not_that_of_a(sample: Fitted) -> None:
    app = opened("weights")
    before = table(app)
    app.selectbox(key="b").select("Learned weights").run()
    after = table(app)
    assert next(iter(before.values()))[:2] == next(iter(after.values()))[:2]
    assert "B Learned weights" in after


def test_a_under_stress_is_offered_as_b_only_where_a_stress_is_set() -> None:
    assert UNDER not in opened("weights").selectbox(key="b").options
    assert UNDER in opened("weights", stress=STRESS).selectbox(key="b").options
    assert next(iter(table(opened("weights", b=UNDER)))).startswith("A ")
    assert f"B {EQUAL}" in table(opened("weights", b=UNDER))


@pytest.mark.parametrize("weights", ["", "ecommerce=2,bank=1"])
def test_a_beside_itself_under_stress_is_what_the_stress_takes(
    sample: Fitted, weights: str
) -> None:
    mine = weighed(sample, weights) if weights else usual(sample)
    found = strained(sample, mine)
    app = opened("weights", stress=STRESS, b=UNDER, **({"weights": weights} if weights else {}))
    rows = list(table(app).values())
    assert rows[0][:-1] == [words.written(name, found[name].value) for name in PAIR]
    assert rows[1][:-1] == [words.written(name, found[name].other) for name in PAIR]
    assert rows[2][:-1] == [words.change(name, found[name].difference.value) for name in PAIR]
    assert rows[0][-1] == rows[1][-1]


@pytest.mark.parametrize("picture", weights_inputs.PICTURES)
def test_every_picture_of_the_lab_stands_beside_a_stress(picture: str) -> None:
    app = opened("weights", stress=STRESS, b=UNDER)
    plain = alts(shown(picture))
    app.segmented_control(key="picture").set_value(picture).run()
    assert well(app)
    assert app.selectbox(key="b").value == UNDER
    assert len(alts(app)) == len(plain)


def test_who_falls_out_under_stress_is_who_is_accepted_by_a_only(sample: Fitted) -> None:
    app = opened("weights", stress=STRESS, b=UNDER, picture="Swap set")
    persons, fit = (
        sample.evidence.split("test"),
        calibrate(tally(sample.evidence.split("calibrate"), usual(sample))),
    )
    moved = swap_set(
        persons, usual(sample), usual(sample), (fit, fit), CUTOFF, before=stressed(sample)
    )
    assert (
        app.dataframe[-1].value["persons"].fillna(-1).tolist()
        == moved["persons"].fill_null(-1).to_list()
    )


def stressed(sample: Fitted) -> Evidence:
    """The test persons under the stress of these tests."""
    persons = sample.evidence.split("test")
    return under(
        persons,
        stresses.parse(sample.evidence.catalog, STRESS),
        stresses.stress_context(sample, persons),
    )


def strained(sample: Fitted, weighting: Weighting) -> dict[str, Figure]:
    """What the library says of a weighting beside itself under stress."""
    fit = calibrate(tally(sample.evidence.split("calibrate"), weighting))
    return compare(
        pair_up(sample.evidence.split("test"), weighting, weighting, before=stressed(sample)),
        (fit, fit),
        CUTOFF,
    )


def test_normalised_weights_are_whole_shares_of_100(sample: Fitted) -> None:
    app = press(opened("weights", weights="bureau=1,bank=1,tax=1"), "Normalise")
    assert app.query_params["weights"] == "bureau=34,bank=33,tax=33"


def test_what_the_browser_has_not_heard_of_yet_does_not_count_while_a_share_is_held() -> None:
    app = opened("weights", weights="bureau=20,bank=30,tax=50")
    app.multiselect(key="held").select("tax").run()
    stale = {key: slides(app)[key]["value"] for key in ("bureau", "tax")}
    slide(app, "bank", 40)
    assert slides(app)["bureau"]["value"] == 10
    slide(app, "bank", 45, **stale)
    assert [slides(app)[key]["value"] for key in ("bureau", "bank", "tax")] == [5, 45, 50]
    slide(app, "", 60, **stale)
    assert [slides(app)[key]["value"] for key in ("bureau", "bank", "tax", "")] == [5, 45, 50, 60]


def test_the_sentence_names_a_and_b(sample: Fitted) -> None:
    a, b = (bureau.weighting for bureau in sample.evidence.catalog.bureaus[:2])
    assert said(opened("weights", b=b)).startswith(f"A ({a}) scores ")
    assert f" people than B ({b}) and ranks " in said(opened("weights", b=b))
    assert said(opened("weights", b=a)).startswith(f"A and B are both {a} and score ")


def test_a_held_share_stays_while_another_slider_moves() -> None:
    app = opened("weights", weights="bureau=40,bank=40,tax=20")
    app.multiselect(key="held").select("tax").run()
    assert [key for key, each in slides(app).items() if each["locked"]] == ["tax"]
    slide(app, "bureau", 60)
    assert {k: v for k, v in shares(app).items() if v != "0%"} == {
        "Credit bureau": "60%",
        "Bank account": "20%",
        "Tax and insurance": "20%",
    }


def test_the_best_weights_meet_the_wish_and_say_where_they_were_searched(sample: Fitted) -> None:
    app = opened("weights")
    app.slider(key="best.coverage").set_value(95)
    app.number_input(key="best.price").set_value(3.0)
    press(app, "Find and take")
    taken = weighed(sample, app.query_params["weights"])
    assert taken.price(sample.evidence.catalog) <= 3.0
    assert tally(sample.evidence.split("calibrate"), taken).counts.sum() >= 0.945 * len(
        sample.evidence.split("calibrate")
    )
    assert "which it never saw" in told(app)


def test_a_wish_that_nothing_meets_is_refused_in_its_place() -> None:
    app = opened("weights")
    app.number_input(key="best.price").set_value(0.1)
    press(app, "Find and take")
    assert "No weighting of these sources meets the wish" in told(app)
    assert well(app)


def shown(picture: str) -> AppTest:
    """The lab with one of its pictures."""
    app = opened("weights")
    return app.get("button_group")[0].set_value(picture).run()


def test_the_last_weight_cannot_go_to_zero() -> None:
    app = opened("weights", weights="bank=10")
    slide(app, "bank", 0)
    assert well(app)
    assert shares(app)["Bank account"] == "100%"


def test_weights_that_fit_no_slider_are_shown_as_shares() -> None:
    app = opened("weights", weights="bank=300,bureau=100")
    assert [slides(app)[key]["value"] for key in ("bureau", "bank")] == [25, 75]
    assert list(shares(app).values())[:2] == ["25%", "75%"]


def test_equal_weights_are_not_compared_with_themselves() -> None:
    assert said(opened("weights", weights=",".join(f"{key}=1" for key in KEYS))).startswith(
        f"A and B are both {EQUAL} and score"
    )


def test_a_bureaus_weights_say_how_they_are_known_and_ones_own_do_not() -> None:
    assert "unofficial" in told(opened("weights"))
    assert "unofficial" not in told(opened("weights", weights="bank=1"))
