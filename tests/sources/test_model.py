"""What has a source learned?"""

import json

import numpy as np
import pytest

from analytics.data.catalog import Feature, Source
from analytics.data.refusal import Refusal
from analytics.sources.design import Design
from analytics.sources.model import Cancelled, Settings, SourceModel, dump, fit, log_odds, text

SIZE = 600
FEW = Settings(rounds=30, patience=5)


def design(*directions: str, seed: int = 1, jobs: bool = False) -> tuple[Design, np.ndarray, np.ndarray]:
    """Features that rise with the risk, whatever direction is claimed; outcomes; splits."""
    chance = np.random.default_rng(seed)
    risk = chance.normal(size=SIZE)
    columns = [risk + chance.normal(size=SIZE) for _ in directions]
    features = tuple(Feature(f"x{i}", direction=d) for i, d in enumerate(directions))
    if jobs:
        columns.append((risk + chance.normal(size=SIZE) > 0).astype(float))
        features += (Feature("job"),)
    source = Source("bank", "Bank", ("*",))
    matrix = np.asfortranarray(np.array(columns, np.float32).T)
    drawn = Design(source, features, matrix, np.arange(SIZE), {"job": ("fixed", "free")} if jobs else {}, SIZE, 0)
    defaulted = (risk + chance.normal(size=SIZE) > 1).astype(float)
    return drawn, defaulted, chance.choice(["train", "calibrate", "test"], SIZE, p=[0.6, 0.2, 0.2])


def line(model: SourceModel, drawn: Design, feature: int) -> np.ndarray:
    """What is added as one feature rises and the others rest at 0."""
    matrix = np.zeros((50, len(drawn.features)), np.float32, order="F")
    matrix[:, feature] = np.linspace(-3, 3, 50)
    return model.said(Design(drawn.source, drawn.features, matrix, np.arange(50), drawn.categories, 50, 0), 0.25)


def test_a_direction_is_kept_even_against_the_data() -> None:
    drawn, defaulted, splits = design("riskier", "safer", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert (np.diff(line(model, drawn, 0)) >= 0).all()
    assert (np.diff(line(model, drawn, 1)) <= 0).all()
    assert np.ptp(line(model, drawn, 0)) > 0.5
    assert np.ptp(line(model, drawn, 2)) > 0.5


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, two, other = (dump(fit(*design("unknown"), 0.25, settings)) for settings in (FEW, FEW, Settings(rounds=30, patience=5, seed=8)))
    assert one == two != other


def test_test_persons_never_reach_fit() -> None:
    drawn, defaulted, splits = design("unknown", "riskier")
    changed = np.where(splits == "test", 1 - defaulted, defaulted)
    late = np.where(splits == "test", "out_of_time", splits)
    assert dump(fit(drawn, changed, splits, 0.25, FEW)) == dump(fit(drawn, defaulted, late, 0.25, FEW)) == dump(fit(drawn, defaulted, splits, 0.25, FEW))


def test_training_and_calibration_persons_do() -> None:
    drawn, defaulted, splits = design("unknown", "riskier")
    models = [dump(fit(drawn, np.where(splits == name, 1 - defaulted, defaulted), splits, 0.25, FEW)) for name in ("train", "calibrate", "test")]
    assert len(set(models)) == 3


def test_people_of_unknown_outcome_teach_nothing_and_are_asked_about() -> None:
    drawn, defaulted, splits = design("unknown")
    unknown = np.where(np.arange(SIZE) < 100, np.nan, defaulted)
    known = Design(drawn.source, drawn.features, np.asfortranarray(drawn.matrix[100:]), drawn.rows[100:], {}, SIZE, 0)
    model = fit(drawn, unknown, splits, 0.25, FEW)
    assert dump(model) == dump(fit(known, defaulted[100:], splits[100:], 0.25, FEW))
    assert np.isfinite(model.said(drawn, 0.25)).all()


def test_what_is_added_is_counted_from_the_base_rate() -> None:
    drawn, defaulted, splits = design("unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert model.said(drawn, 0.25) - model.said(drawn, 0.5) == pytest.approx(-log_odds(0.25), abs=1e-6)
    assert log_odds(0.5) == 0
    assert log_odds(0.75) == pytest.approx(np.log(3))


def test_a_model_stops_where_the_calibration_persons_are_served_best() -> None:
    drawn, defaulted, splits = design("unknown", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, Settings(eta=0.5))
    assert model.rounds == model.booster.num_boosted_rounds() < 100


def test_without_calibration_persons_every_round_is_used() -> None:
    drawn, defaulted, _ = design("unknown")
    assert fit(drawn, defaulted, np.full(SIZE, "train"), 0.25, Settings(rounds=7)).rounds == 7


def test_a_model_survives_its_own_json_with_its_categories() -> None:
    drawn, defaulted, splits = design("unknown", "safer", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    again = SourceModel.restored(json.loads(text(model.description())), dump(model))
    assert (again.said(drawn, 0.25) == model.said(drawn, 0.25)).all()
    assert (again.key, again.features, again.categories, again.rounds) == (model.key, model.features, {"job": ("fixed", "free")}, model.rounds)


def test_an_unseen_category_is_missing() -> None:
    drawn, defaulted, splits = design("unknown", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    unseen = drawn.matrix.copy(order="F")
    unseen[:, 1] = np.nan
    said = model.said(Design(drawn.source, drawn.features, unseen, drawn.rows, drawn.categories, SIZE, 0), 0.25)
    assert np.isfinite(said).all()


def test_one_person_alone_is_told_what_they_are_told_in_the_crowd() -> None:
    drawn, defaulted, splits = design("unknown", "riskier", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    crowd = model.said(drawn, 0.25)
    for i in (0, 17, SIZE - 1):
        alone = Design(drawn.source, drawn.features, np.asfortranarray(drawn.matrix[i : i + 1]), drawn.rows[i : i + 1], drawn.categories, SIZE, 0)
        assert model.said(alone, 0.25).tolist() == [crowd[i]]


@pytest.mark.parametrize("outcome", [0.0, 1.0, np.nan])
def test_a_source_whose_training_persons_all_turned_out_alike_is_refused(outcome: float) -> None:
    drawn, defaulted, splits = design("unknown")
    with pytest.raises(Refusal, match=r"source 'bank' has nothing to learn from: its .* training persons with a known outcome do not have both outcomes"):
        fit(drawn, np.where(splits == "train", outcome, defaulted), splits, 0.25, FEW)


def test_features_kept_apart_never_meet_in_a_tree() -> None:
    drawn, defaulted, splits = design("unknown", "unknown", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW, apart=[["x0"], ["x1", "x2"]])
    forest = json.loads(dump(model))["learner"]["gradient_booster"]["model"]["trees"]
    trees = [{f for f, left in zip(t["split_indices"], t["left_children"], strict=True) if left != -1} for t in forest]
    assert all(tree <= {0} or tree <= {1, 2} for tree in trees)
    assert set().union(*trees) == {0, 1, 2}


def test_a_fit_tells_of_every_round_and_is_not_changed_by_being_watched() -> None:
    drawn, defaulted, splits = design("unknown")
    heard: list[tuple[int, int]] = []
    model = fit(drawn, defaulted, splits, 0.25, FEW, heed=lambda *step: not heard.append(step))
    assert heard == [(done, 30) for done in range(len(heard))]
    assert model.rounds <= heard[-1][0] <= model.rounds + FEW.patience
    assert dump(model) == dump(fit(drawn, defaulted, splits, 0.25, FEW))


@pytest.mark.parametrize("stop", [0, 1, 4])
def test_a_fit_can_be_left_after_any_round_and_started_again(stop: int) -> None:
    drawn, defaulted, splits = design("unknown")
    heard: list[int] = []
    with pytest.raises(Cancelled) as left:
        fit(drawn, defaulted, splits, 0.25, FEW, heed=lambda done, _: heard.append(done) or done < stop)
    assert heard == list(range(stop + 1))
    assert str(left.value) == f"fitting of 'bank' was stopped after {stop} of at most 30 rounds; nothing of it is kept, so start again to have it fitted"
    assert fit(drawn, defaulted, splits, 0.25, FEW).rounds > 0


def test_a_constant_feature_says_nothing_and_does_no_harm() -> None:
    drawn, defaulted, splits = design("unknown", "riskier", "unknown")
    drawn.matrix[:, 1], drawn.matrix[:, 2] = 3.0, np.nan
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert set(model.booster.get_score()) == {"x0"}
    assert np.ptp(line(model, drawn, 1)) == np.ptp(line(model, drawn, 2)) == 0


def test_a_source_whose_features_are_all_constant_adds_the_same_to_everyone() -> None:
    drawn, defaulted, splits = design("unknown")
    drawn.matrix[:] = 3.0
    assert np.ptp(fit(drawn, defaulted, splits, 0.25, FEW).said(drawn, 0.25)) == 0


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"rounds": 0}, "rounds must be between 1 and 100,000, got 0"),
        ({"patience": -1}, "patience must be between 1 and 100,000, got -1"),
        ({"depth": 17}, "depth must be between 1 and 16, got 17"),
        ({"eta": 0.0}, "eta, the learning rate, must be above 0 and at most 1, got 0"),
        ({"eta": float("nan")}, "eta, the learning rate, must be above 0 and at most 1, got nan"),
        ({"seed": -7}, "seed must be 0 or more, got -7"),
    ],
)
def test_settings_that_cannot_be_fitted_are_a_sentence(wish: dict[str, float], sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Settings(**wish)
    assert str(refusal.value) == sentence
