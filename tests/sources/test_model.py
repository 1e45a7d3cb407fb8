"""What has a source learned?"""

import json
from dataclasses import replace

import numpy as np
import pytest

from analytics.data.catalog.model import Feature, Source
from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS, turn
from analytics.sources.design import Design
from analytics.sources.forest import Forest
from analytics.sources.model import Cancelled, Settings, SourceModel, fit, log_odds, text

SIZE = 600
FEW = Settings(rounds=30, patience=5)


def design(
    *directions: str, seed: int = 1, jobs: bool = False
) -> tuple[Design, np.ndarray, np.ndarray]:
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
    drawn = Design(
        source,
        features,
        matrix,
        np.arange(SIZE),
        {"job": ("fixed", "free")} if jobs else {},
        SIZE,
        0,
    )
    defaulted = (risk + chance.normal(size=SIZE) > 1).astype(float)
    return drawn, defaulted, chance.choice(["train", "calibrate", "test"], SIZE, p=[0.6, 0.2, 0.2])


def line(model: SourceModel, drawn: Design, feature: int) -> np.ndarray:
    """What is added as one feature rises and the others rest at 0."""
    matrix = np.zeros((50, len(drawn.features)), np.float32, order="F")
    matrix[:, feature] = np.linspace(-3, 3, 50)
    return model.said(
        Design(drawn.source, drawn.features, matrix, np.arange(50), drawn.categories, 50, 0), 0.25
    )


def test_a_direction_is_kept_even_against_the_data() -> None:
    drawn, defaulted, splits = design("riskier", "safer", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert (np.diff(line(model, drawn, 0)) >= 0).all()
    assert (np.diff(line(model, drawn, 1)) <= 0).all()
    assert np.ptp(line(model, drawn, 0)) > 0.5
    assert np.ptp(line(model, drawn, 2)) > 0.5


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, two, other = (
        fit(*design("unknown"), 0.25, settings).forest
        for settings in (FEW, FEW, Settings(rounds=30, patience=5, seed=8))
    )
    assert one == two != other


def test_test_persons_never_reach_fit() -> None:
    drawn, defaulted, splits = design("unknown", "riskier")
    changed = np.where(splits == "test", 1 - defaulted, defaulted)
    late = np.where(splits == "test", "out_of_time", splits)
    assert (
        fit(drawn, changed, splits, 0.25, FEW).forest
        == fit(drawn, defaulted, late, 0.25, FEW).forest
        == fit(drawn, defaulted, splits, 0.25, FEW).forest
    )


def test_training_and_calibration_persons_do() -> None:
    drawn, defaulted, splits = design("unknown", "riskier")
    models = [
        fit(drawn, np.where(splits == name, 1 - defaulted, defaulted), splits, 0.25, FEW).forest
        for name in ("train", "calibrate", "test")
    ]
    assert len(set(models)) == 3


def test_people_of_unknown_outcome_teach_nothing_and_are_asked_about() -> None:
    drawn, defaulted, splits = design("unknown")
    unknown = np.where(np.arange(SIZE) < 100, np.nan, defaulted)
    known = Design(
        drawn.source,
        drawn.features,
        np.asfortranarray(drawn.matrix[100:]),
        drawn.rows[100:],
        {},
        SIZE,
        0,
    )
    model = fit(drawn, unknown, splits, 0.25, FEW)
    assert model.forest == fit(known, defaulted[100:], splits[100:], 0.25, FEW).forest
    assert np.isfinite(model.said(drawn, 0.25)).all()


def test_what_is_added_is_counted_from_the_base_rate() -> None:
    drawn, defaulted, splits = design("unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert model.said(drawn, 0.25) - model.said(drawn, 0.5) == pytest.approx(
        -log_odds(0.25), abs=1e-6
    )
    assert log_odds(0.5) == 0
    assert log_odds(0.75) == pytest.approx(np.log(3))


def test_a_model_stops_where_the_calibration_persons_are_served_best() -> None:
    drawn, defaulted, splits = design("unknown", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, Settings(eta=0.5))
    assert model.rounds == model.forest.booster.num_boosted_rounds() < 100


def test_without_calibration_persons_every_round_is_used() -> None:
    drawn, defaulted, _ = design("unknown")
    assert fit(drawn, defaulted, np.full(SIZE, "train"), 0.25, Settings(rounds=7)).rounds == 7


def test_a_model_survives_its_own_json_with_its_categories() -> None:
    drawn, defaulted, splits = design("unknown", "safer", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    again = SourceModel.restored(json.loads(text(model.description())), model.forest)
    assert (again.said(drawn, 0.25) == model.said(drawn, 0.25)).all()
    assert (again.key, again.features, again.categories, again.rounds) == (
        model.key,
        model.features,
        {"job": ("fixed", "free")},
        model.rounds,
    )


def test_an_unseen_category_is_missing() -> None:
    drawn, defaulted, splits = design("unknown", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    unseen = drawn.matrix.copy(order="F")
    unseen[:, 1] = np.nan
    said = model.said(
        Design(drawn.source, drawn.features, unseen, drawn.rows, drawn.categories, SIZE, 0), 0.25
    )
    assert np.isfinite(said).all()


def test_one_person_alone_is_told_what_they_are_told_in_the_crowd() -> None:
    drawn, defaulted, splits = design("unknown", "riskier", jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    crowd = model.said(drawn, 0.25)
    for i in (0, 17, SIZE - 1):
        alone = Design(
            drawn.source,
            drawn.features,
            np.asfortranarray(drawn.matrix[i : i + 1]),
            drawn.rows[i : i + 1],
            drawn.categories,
            SIZE,
            0,
        )
        assert model.said(alone, 0.25).tolist() == [crowd[i]]


@pytest.mark.parametrize("outcome", [0.0, 1.0, np.nan])
def test_a_source_whose_training_persons_all_turned_out_alike_is_refused(outcome: float) -> None:
    drawn, defaulted, splits = design("unknown")
    with pytest.raises(
        Refusal,
        match=(
            r"source 'bank' has nothing to learn from: its .* training persons with a known outcome"
            r" do not have both outcomes"
        ),
    ):
        fit(drawn, np.where(splits == "train", outcome, defaulted), splits, 0.25, FEW)


ODD = ("balance [CNY]", "age<30", "a]b", "'\"", "客户,名称 😀")


def test_any_column_name_is_fitted_asked_and_kept_apart_like_a_plain_one() -> None:
    drawn, defaulted, splits = design(*["unknown"] * len(ODD))
    odd = replace(drawn, features=tuple(map(Feature, ODD)))
    plain, model = (fit(each, defaulted, splits, 0.25, FEW) for each in (drawn, odd))
    assert model.forest == plain.forest
    assert (model.said(odd, 0.25) == plain.said(drawn, 0.25)).all()
    apart = fit(odd, defaulted, splits, 0.25, FEW, apart=[ODD[:2], ODD[2:]])
    assert (
        apart.forest
        == fit(drawn, defaulted, splits, 0.25, FEW, apart=[["x0", "x1"], ["x2", "x3", "x4"]]).forest
    )
    assert not any(name.encode() in apart.forest.json for name in ODD)


def test_a_model_kept_with_the_names_of_its_columns_says_the_same() -> None:
    drawn, defaulted, splits = design("unknown", "riskier")
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    old = model.forest.booster.copy()
    old.feature_names = ["income", "age"]
    kept = replace(model, forest=Forest.of(old))
    assert b"income" in kept.forest.json
    assert (kept.said(drawn, 0.25) == model.said(drawn, 0.25)).all()


def test_features_kept_apart_never_meet_in_a_tree() -> None:
    drawn, defaulted, splits = design("unknown", "unknown", "unknown")
    model = fit(drawn, defaulted, splits, 0.25, FEW, apart=[["x0"], ["x1", "x2"]])
    forest = json.loads(model.forest.json)["learner"]["gradient_booster"]["model"]["trees"]
    trees = [
        {f for f, left in zip(t["split_indices"], t["left_children"], strict=True) if left != -1}
        for t in forest
    ]
    assert all(tree <= {0} or tree <= {1, 2} for tree in trees)
    assert set().union(*trees) == {0, 1, 2}


def test_a_fit_tells_of_every_round_and_is_not_changed_by_being_watched() -> None:
    drawn, defaulted, splits = design("unknown")
    heard: list[tuple[int, int]] = []
    model = fit(
        drawn, defaulted, splits, 0.25, FEW, should_continue=lambda *step: not heard.append(step)
    )
    assert heard == [(done, 30) for done in range(len(heard))]
    assert model.rounds <= heard[-1][0] <= model.rounds + FEW.patience
    assert model.forest == fit(drawn, defaulted, splits, 0.25, FEW).forest


@pytest.mark.parametrize("stop", [0, 1, 4])
def test_a_fit_can_be_left_after_any_round_and_started_again(stop: int) -> None:
    drawn, defaulted, splits = design("unknown")
    heard: list[int] = []
    with pytest.raises(Cancelled) as left:
        fit(
            drawn,
            defaulted,
            splits,
            0.25,
            FEW,
            should_continue=lambda done, _: heard.append(done) or done < stop,
        )
    assert heard == list(range(stop + 1))
    assert (
        str(left.value)
        == f"fitting of 'bank' was stopped after {stop} of at most 30 rounds; nothing of it is"
        " kept, so start again to have it fitted"
    )
    assert fit(drawn, defaulted, splits, 0.25, FEW).rounds > 0


def test_a_constant_feature_says_nothing_and_does_no_harm() -> None:
    drawn, defaulted, splits = design("unknown", "riskier", "unknown")
    drawn.matrix[:, 1], drawn.matrix[:, 2] = 3.0, np.nan
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    assert set(model.forest.booster.get_score()) == {"f0"}
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
def test_settings_that_cannot_be_fitted_are_a_sentence(
    wish: dict[str, float], sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        Settings(**wish)
    assert str(refusal.value) == sentence


# where people take turns


def in_turns(**how: bool) -> tuple[Design, np.ndarray, np.ndarray]:
    """The same people in five folds; nobody is set apart for teaching."""
    drawn, defaulted, _ = design("unknown", "riskier", **how)
    folds = (np.arange(SIZE) % FOLDS).astype(np.uint8)
    return (
        replace(drawn, folds=folds),
        defaulted,
        np.where(np.arange(SIZE) % 2, "calibrate", "test"),
    )


def test_each_fold_is_asked_of_a_model_that_never_saw_it() -> None:
    drawn, defaulted, splits = in_turns()
    mine = np.flatnonzero(drawn.folds == 2)
    swapped = defaulted.copy()
    swapped[mine] = np.roll(defaulted[mine], 1)  # as many default as before, but others
    assert (swapped != defaulted).sum() > 10
    before, after = (
        fit(drawn, y, splits, 0.25, FEW).said(drawn, 0.25) for y in (defaulted, swapped)
    )
    moved = after - before
    assert (
        np.ptp(moved[mine]) < 1e-6
    )  # but for the level that all turns are brought to, the same for everyone
    assert all(np.ptp(moved[drawn.folds == other]) > 0.1 for other in (0, 1, 3, 4))


def test_each_turn_is_a_model_fitted_on_three_folds_and_stopped_by_one() -> None:
    drawn, defaulted, splits = in_turns()
    whole = fit(drawn, defaulted, splits, 0.25, FEW)
    assert len(whole.turns) == FOLDS
    roles, fourth = turn(splits, drawn.folds, 3), whole.turns[3]
    assert fit(replace(drawn, folds=None), defaulted, roles, 0.25, FEW).forest == fourth.forest
    mine = drawn.folds == 3
    alone = Design(
        drawn.source,
        drawn.features,
        np.asfortranarray(drawn.matrix[mine]),
        drawn.rows[mine],
        {},
        SIZE,
        0,
    )
    assert (fourth.said(alone, 0.25) == whole.said(drawn, 0.25)[mine]).all()


def test_where_nothing_can_be_learned_no_fold_looks_riskier_for_the_luck_of_those_who_taught_it() -> (
    None
):
    drawn, _, splits = in_turns()
    same = replace(drawn, matrix=np.ones((SIZE, 2), np.float32, order="F"))
    defaulted = (np.arange(SIZE) % 4 == 0).astype(float)
    defaulted[(drawn.folds == 1) & (np.arange(SIZE) % 8 == 0)] = 0
    model = fit(same, defaulted, splits, 0.25, FEW)
    assert np.ptp([m.shift for m in model.turns]) > 0.02
    assert np.ptp(model.said(same, 0.25)) < 1e-6


def test_one_person_who_takes_turns_is_asked_alone_as_in_the_crowd() -> None:
    drawn, defaulted, splits = in_turns(jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    crowd = model.said(drawn, 0.25)
    for i in range(10):
        one = replace(
            drawn,
            matrix=np.asfortranarray(drawn.matrix[i : i + 1]),
            rows=drawn.rows[i : i + 1],
            folds=drawn.folds[i : i + 1],
        )
        assert model.said(one, 0.25).tolist() == [crowd[i]]


def test_models_of_turns_survive_their_own_json() -> None:
    drawn, defaulted, splits = in_turns(jobs=True)
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    again = SourceModel.restored(
        json.loads(text(model.description())), *(turn.forest for turn in model.turns)
    )
    assert (again.said(drawn, 0.25) == model.said(drawn, 0.25)).all()
    assert [(m.rounds, m.shift) for m in again.turns] == [(m.rounds, m.shift) for m in model.turns]


def test_whoever_stands_in_no_fold_is_not_asked_of_a_model_that_may_have_seen_them() -> None:
    drawn, defaulted, splits = in_turns()
    model = fit(drawn, defaulted, splits, 0.25, FEW)
    with pytest.raises(
        ValueError,
        match=(
            r"^the models of 'bank' are asked fold by fold; draw the design with the 'fold' of its"
            r" persons$"
        ),
    ):
        model.said(replace(drawn, folds=None), 0.25)


def test_turns_that_cannot_learn_are_refused() -> None:
    drawn, _, splits = in_turns()
    lonely = (drawn.folds == 0) & (np.arange(SIZE) < 100)
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'bank' has nothing to learn from: its 360 training persons with a known"
            r" outcome do not have both outcomes"
        ),
    ):
        fit(drawn, lonely.astype(float), splits, 0.25, FEW)


def test_the_latest_months_and_unknown_outcomes_teach_no_turn() -> None:
    drawn, defaulted, splits = in_turns()
    late = np.where(np.arange(SIZE) < 100, "out_of_time", splits)
    unknown = np.where(np.arange(SIZE) < 100, np.nan, defaulted)
    one, two = (fit(drawn, y, s, 0.25, FEW) for y, s in ((defaulted, late), (unknown, splits)))
    assert [t.forest for t in one.turns] == [t.forest for t in two.turns]
    assert np.isfinite(two.said(drawn, 0.25)).all()


def test_rounds_of_all_turns_are_counted_together_and_any_can_be_the_last() -> None:
    drawn, defaulted, splits = in_turns()
    told: list[tuple[int, int]] = []
    fit(
        drawn,
        defaulted,
        splits,
        0.25,
        Settings(rounds=4),
        should_continue=lambda *now: told.append(now) or True,
    )
    assert told == [(4 * k + done, 20) for k in range(FOLDS) for done in range(5)]
    with pytest.raises(Cancelled, match=r"^fitting of 'bank' was stopped"):
        fit(
            drawn,
            defaulted,
            splits,
            0.25,
            Settings(rounds=4),
            should_continue=lambda done, _: done < 9,
        )
