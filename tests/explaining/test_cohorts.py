"""Do the pictures of many people say what their contributions say?"""

import numpy as np
import polars as pl
import pytest
import xgboost as xgb
from hypothesis import given

from analytics.data.refusal import Refusal
from analytics.explaining import explanation
from analytics.explaining.cohorts import beeswarm, dependence, importance, interaction, shift
from analytics.explaining.explanation import weigh
from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.explaining.parts import PLAIN, explained
from tests.people import NOT, evidence, populations, trio, weightings, weights


def of_trio(**more):
    return weigh(
        explained(trio()), trio(), weights(trio(), bureau=3, bank=1, floor=0.25, **more), PLAIN
    )


@pytest.fixture(scope="module")
def everyone(sample, sample_explained):
    """All sample people under equal weights."""
    weighting = equal(sample.evidence.catalog)
    return weigh(
        sample_explained,
        sample.evidence,
        weighting,
        calibrate(tally(sample.evidence.split("calibrate"), weighting)),
    )


# importance


def test_importance_is_the_mean_size_of_contributions_over_ann_and_bob_who_are_scored() -> None:
    found = importance(of_trio())
    assert found.select("key", "label", "mean", "weight", "spoken").rows() == [
        ("bureau.x", "Ex", 0.75 * 1.6875 / 2, 0.75, 1),
        ("bureau.y", "Why", 0.75 * 0.5625 / 2, 0.75, 1),
        ("bank.x", "Ex", 0.25 * (0.9375 + 0.5625) / 2, 0.25, 2),
        ("bank.y", "Why", 0.25 * (0.3125 + 0.1875) / 2, 0.25, 2),
    ]
    assert found["share"].sum() == pytest.approx(1)


def test_sources_are_as_important_as_the_sums_of_their_features_and_stand_beside_their_weights() -> (
    None
):
    found = importance(of_trio(), "source")
    assert found.select("key", "label", "mean", "share", "weight", "spoken").rows() == [
        ("bureau", "Bureau", 0.75 * 2.25 / 2, pytest.approx(1.6875 / 2.1875), 0.75, 1),
        ("bank", "Bank", 0.25 * (1.25 + 0.75) / 2, pytest.approx(0.5 / 2.1875), 0.25, 2),
    ]


def test_dimensions_add_up_the_weights_of_their_sources(everyone) -> None:
    found = importance(everyone, "dimension")
    assert dict(found.select("key", "weight").rows())["Credit history"] == pytest.approx(0.3)
    assert found["weight"].sum() == pytest.approx(1)
    assert found["mean"].to_list() == sorted(found["mean"], reverse=True)


@given(populations(), weightings())
def test_a_source_is_never_more_important_than_its_features_together(persons, weighting) -> None:
    weighed = weigh(explained(persons), persons, weighting, PLAIN)
    features = importance(weighed).group_by("source").agg(pl.col("mean").sum()).sort("source")
    sources = importance(weighed, "source").sort("source")
    assert (sources["mean"] <= features["mean"] + 1e-6).all()
    assert importance(weighed)["share"].sum() == pytest.approx(
        1 if importance(weighed)["mean"].sum() else 0
    )


def test_importance_over_many_blocks_is_that_of_the_whole_matrix(everyone, monkeypatch) -> None:
    ((_, whole),) = everyone.blocks(60_000)
    expected = np.abs(np.nan_to_num(whole.astype(float))).sum(axis=0) / everyone.scored
    monkeypatch.setattr(explanation, "BLOCK", 999)
    found = dict(importance(everyone).select("key", "mean").rows())
    assert [found[c] for c in everyone.columns] == pytest.approx(expected, abs=1e-7)


def test_nobody_scored_is_no_importance() -> None:
    persons = evidence({"bank": [NOT, NOT]}, [True, False])
    weighed = weigh(explained(persons), persons, equal(persons.catalog), PLAIN)
    assert (
        importance(weighed)["mean"].to_list()
        == importance(weighed)["share"].to_list()
        == [0.0, 0.0]
    )
    assert beeswarm(weighed).is_empty()


# beeswarm


def test_a_beeswarm_counts_everybody_spoken_for_in_fewer_than_2000_marks(everyone) -> None:
    for top in (1, 12, 88):
        found = beeswarm(everyone, top)
        spoken = dict(importance(everyone).select("key", "spoken").rows())
        assert len(found) < 2000
        counted = found.group_by("key").agg(pl.col("persons").sum())
        assert {k: spoken[k] for k in counted["key"]} == dict(counted.rows())
    assert found["rank"].drop_nulls().is_between(0, 1).all()


def test_a_beeswarm_starts_with_the_most_important_and_ranks_values(everyone) -> None:
    found = beeswarm(everyone, 3)
    keys = found["key"].unique(maintain_order=True).to_list()
    assert keys == importance(everyone).head(3)["key"].to_list()
    balance = (
        found.filter(pl.col("key") == "bank.balance_cny_mean").drop_nulls().sort("contribution")
    )
    assert balance["rank"][0] > 0.9  # who has most is safest
    assert balance["rank"][-1] < 0.1


@pytest.mark.usefixtures("every_cell")
def test_marks_of_ann_and_bob_stand_at_their_contributions() -> None:
    found = beeswarm(of_trio(), 4).filter(pl.col("key") == "bank.x")
    assert found["persons"].to_list() == [1, 1]
    assert found["contribution"].to_list() == pytest.approx(
        [-0.25 * 0.9375, 0.25 * 0.5625], abs=0.01
    )
    assert found["rank"].to_list() == [0.25, 0.75]
    assert beeswarm(of_trio(), 4).filter(pl.col("key") == "bank.y")["rank"].to_list() == [0.5, 0.5]


# dependence


def test_bins_hold_all_persons_with_their_mean_contribution_and_outcome() -> None:
    values = [float(i // 50) for i in range(200)]
    persons = evidence({"bank": values}, [i % 4 == 0 for i in range(200)])
    found = dependence(
        weigh(
            explained(persons, base=0.0, share=1.0),
            persons,
            equal(persons.catalog),
            Calibration(0.0, 2.0),
        ),
        "bank",
        "x",
        bins=10,
    )
    assert found.select("kind", "label", "value", "mean", "p05", "p95", "persons").rows() == [
        ("number", f"{v}", float(v), 2.0 * v, 2.0 * v, 2.0 * v, 50) for v in range(4)
    ]
    assert found["bad_rate"].to_list() == [13 / 50, 12 / 50, 13 / 50, 12 / 50]
    assert (
        (found["bad_rate_low"] < found["bad_rate"]) & (found["bad_rate"] < found["bad_rate_high"])
    ).all()


def test_a_rate_of_too_few_is_not_shown() -> None:
    persons = evidence(
        {"bank": [0.0] * 30 + [1.0] * 30 + [2.0] * 40},
        [i % 2 == 0 for i in range(30)] + [i == 0 for i in range(30)] + [None] * 40,
    )
    found = dependence(
        weigh(explained(persons), persons, equal(persons.catalog), PLAIN), "bank", "x"
    )
    assert found["bad_rate"].to_list() == [0.5, None, None]


def test_categories_and_the_missing_have_rows_of_their_own(everyone) -> None:
    tier = dependence(everyone, "bank", "account_tier")
    assert tier["label"].to_list() == ["basic", "gold", "private", "standard"]
    assert tier["value"].null_count() == 4
    late = dependence(everyone, "bureau", "months_since_late")
    assert late["kind"].to_list() == ["number"] * (len(late) - 1) + ["missing"]
    assert late["persons"].sum() == len(everyone.contributions[0].at)


def test_the_contribution_of_a_riskier_feature_rises_with_it_as_does_the_default_rate(
    everyone,
) -> None:
    found = dependence(everyone, "bureau", "utilisation")
    assert len(found) == 20
    assert found["mean"][-1] > found["mean"][0]
    assert found["bad_rate"][-1] > found["bad_rate"][0]


@pytest.mark.parametrize(
    ("source", "feature", "sentence"),
    [
        ("banc", "x", "no source 'banc' is explained; there are: bureau, bank"),
        ("bank", "z", "source 'bank' has no feature 'z'; it has: x, y"),
    ],
)
def test_an_unknown_source_or_feature_is_refused(source: str, feature: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        dependence(of_trio(), source, feature)
    assert str(refusal.value) == sentence


# two cohorts


@given(populations(both=True), weightings())
def test_the_steps_between_two_cohorts_add_up_to_the_difference_of_their_means(
    persons, weighting
) -> None:
    parts, odd = explained(persons), np.arange(len(persons)) % 2 == 1
    a, b = (weigh(parts, persons.where(mask), weighting, PLAIN) for mask in (odd, ~odd))
    if not a.scored or not b.scored:
        with pytest.raises(Refusal, match="nobody is scored in one of the two cohorts"):
            shift(a, b)
        return
    for most in (0, 2, 99):
        found = shift(a, b, most)
        start, end = np.nanmean(a.log_odds), np.nanmean(b.log_odds)
        assert (found["step"][0], found["step"][-1]) == (start, end)
        assert found["step"][:-1].sum() == pytest.approx(end, abs=1e-9)
        assert found["a"][1:-1].sum() == pytest.approx(start, abs=1e-9)
        steps = found.filter(pl.col("kind") == "feature")["step"].abs().to_list()
        assert steps == sorted(steps, reverse=True)


def test_the_planted_jump_of_the_wallets_is_what_moves_the_latest_months(
    sample, sample_explained, everyone
) -> None:
    a, b = (
        weigh(sample_explained, sample.evidence.split(s), everyone.weighting, everyone.calibration)
        for s in ("test", "out_of_time")
    )
    found = shift(a, b, 5)
    assert found["kind"].to_list() == ["start", "base", *["feature"] * 5, "rest", "end"]
    assert found["source"][2] == "payments"
    assert found["step"][2] > 0.1 > abs(found["step"][1])


def test_cohorts_weighed_differently_are_refused() -> None:
    with pytest.raises(
        Refusal, match="two cohorts can only be compared under the same weighting; weigh both alike"
    ):
        shift(of_trio(), of_trio(missing="renormalise"))


# interaction


@pytest.mark.usefixtures("every_cell")
def test_interactions_are_those_of_xgboost_on_a_sample(sample, everyone) -> None:
    model, contribution = sample.models()[0], everyone.contributions[0]
    names = [f.name for f in model.features]
    i, j = names.index("utilisation"), names.index("enquiries_6m")
    chosen = slice(None, None, -(-len(contribution.at) // 2000))
    asked = xgb.DMatrix(
        contribution.values(chosen), feature_types=contribution.explained.design.types
    )
    expected = contribution.times[chosen] * (
        model.forest.booster.predict(asked, pred_interactions=True)[:, [i, j], [j, i]].sum(axis=1)
    )
    found = interaction(everyone, model, "utilisation", "enquiries_6m")
    assert found["persons"].sum() == len(expected) > 1000
    assert found.group_by("first", "second").len()["len"].max() == 1
    assert (found["contribution"] * found["persons"]).sum() == pytest.approx(
        expected.sum(), abs=1e-3
    )
    assert np.abs(expected).max() >= found["contribution"].abs().max() > 0.001


def test_features_of_different_sources_do_not_interact(sample, everyone) -> None:
    with pytest.raises(
        Refusal,
        match=(
            "'account_tier' is no feature of source 'bureau', and features of different sources"
            " never interact"
        ),
    ):
        interaction(everyone, sample.models()[0], "utilisation", "account_tier")
    with pytest.raises(
        Refusal, match="'utilisation' does not interact with itself; choose two features"
    ):
        interaction(everyone, sample.models()[0], "utilisation", "utilisation")
