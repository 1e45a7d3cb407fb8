import pytest

from analytics.data.catalog import read
from analytics.sources.fitting import Fitted
from analytics.weighing.sweep import along
from pages.shared.frame import SAMPLE
from pages.shared.inputs import EQUAL, OWN, PICTURES, presets
from tests.pages.reader import alts, figures, line, opened, said, shares, table, tabled, told, usual, weighed, well

KEYS = read(SAMPLE).keys


@pytest.mark.parametrize("key", KEYS)
def test_a_slider_moves_coverage_and_accuracy(sample: Fitted, key: str) -> None:
    app = opened("weights")
    app.slider(key=f"weight.{key}").set_value(60).run()
    weights = dict(usual(sample).weights) | {key: 60}
    mine = weighed(sample, ",".join(f"{k}={v:g}" for k, v in weights.items()))
    assert table(app)[f"A {OWN}"][:-1] == tabled(figures(sample, mine))
    assert list(shares(app).values()) == [f"{share:.0%}" for share in mine.shares.values()]
    assert app.query_params["weights"] == mine.text


def test_equal_weights_stand_beside_with_the_same_floor(sample: Fitted) -> None:
    app = opened("weights", floor="75")
    found = figures(sample, usual(sample, floor=0.75))
    assert table(app)[f"B {EQUAL}"][:2] == [f"{found['coverage'].other:.1%}", f"{found['auc_everyone'].other:.3f}"]
    assert table(app)["A less B"][0] == f"{100 * found['coverage'].difference.value:+.1f}".replace("-", "−")


def test_the_price_is_one_query_to_every_source_with_a_weight(sample: Fitted) -> None:
    costs = {source.key: source.cost for source in sample.evidence.catalog}
    app = opened("weights", weights="bureau=1,bank=1")
    assert [row[-1] for row in table(app).values()] == [f"{costs['bureau'] + costs['bank']:.2f}", f"{sum(costs.values()):.2f}", table(app)["A less B"][-1]]


def test_a_preset_beside_the_sliders_moves_them_all(sample: Fitted) -> None:
    app = opened("weights")
    for name, ready in presets(sample.evidence.catalog).items():
        app.selectbox(key="preset.again").select(name).run()
        assert table(app)[f"A {name}"][:-1] == tabled(figures(sample, ready))
        assert [app.slider(key=f"weight.{key}").value for key in KEYS] == [round(weight) for _, weight in ready.weights]
        assert name in line(app)


def test_the_floor_beside_the_sliders_is_the_floor_of_the_frame(sample: Fitted) -> None:
    app = opened("weights")
    app.slider(key="floor.again").set_value(80).run()
    assert table(app)[f"A {sample.evidence.catalog.bureaus[0].label}"][:-1] == tabled(figures(sample, usual(sample, floor=0.8)))
    assert "floor 80%" in line(app)
    assert app.slider(key="floor").value == 80
    assert app.query_params["floor"] == "80"


def test_the_missing_policy_beside_the_sliders_is_that_of_the_frame(sample: Fitted) -> None:
    app = opened("weights")
    app.selectbox(key="missing.again").select("renormalise").run()
    assert table(app)[f"A {sample.evidence.catalog.bureaus[0].label}"][:-1] == tabled(figures(sample, usual(sample, missing="renormalise")))
    assert app.selectbox(key="missing").value == "renormalise"


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("source", ["bureau", "tax"])
def test_the_figures_behind_a_picture_are_the_sweep_of_its_source(sample: Fitted, picture: str, source: str) -> None:
    app = opened("weights")
    app.get("button_group")[0].set_value(picture).run()
    app.selectbox(key="source").select(source).run()
    swept = along(sample.evidence.split("test"), usual(sample), source)
    assert app.dataframe[0].value["coverage"].tolist() == swept["coverage"].to_list()
    assert app.dataframe[0].value["auc"].tolist() == swept["auc_everyone"].to_list()
    assert alts(app)[0].startswith("Coverage against accuracy" if picture == PICTURES[0] else "Coverage and accuracy along the weight of")


def test_the_last_weight_cannot_go_to_zero() -> None:
    app = opened("weights", weights="bank=10")
    app.slider(key="weight.bank").set_value(0).run()
    assert well(app)
    assert shares(app)["Bank account"] == "100%"


def test_weights_that_fit_no_slider_are_shown_as_shares() -> None:
    app = opened("weights", weights="bank=300,bureau=100")
    assert [app.slider(key=f"weight.{key}").value for key in ("bureau", "bank")] == [25, 75]
    assert list(shares(app).values())[:2] == ["25%", "75%"]


def test_equal_weights_are_not_compared_with_themselves() -> None:
    assert said(opened("weights", weights=",".join(f"{key}=1" for key in KEYS))).startswith(f"{EQUAL} scores")


def test_a_bureaus_weights_say_how_they_are_known_and_ones_own_do_not() -> None:
    assert "Not official" in told(opened("weights"))
    assert "Not official" not in told(opened("weights", weights="bank=1"))
