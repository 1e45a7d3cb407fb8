"""Do the parts of a score add up to the score?"""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import records
from analytics.explaining.cohorts import interaction
from analytics.explaining.explanation import (
    Statement,
    displayed,
    explain,
    state,
    table,
    told,
    waterfall,
    weigh,
)
from analytics.explaining.what_if import Case, rescore
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from analytics.weighing import tally
from analytics.weighing.bureaus import seen
from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.weighting import Weighting, equal
from tests.explaining.parts import PLAIN, explained
from tests.people import NOT, evidence, populations, trio, weightings, weights
from tests.people import told as told_catalog

calibrations = st.builds(Calibration, st.floats(-5, 2), st.floats(-1, 3))


def everything(weighed) -> np.ndarray:
    """Base and all contributions, person by person."""
    blocks = [np.nansum(block, axis=1, dtype=float) for _, block in weighed.blocks()]
    return weighed.base + np.concatenate(blocks)


def person(weighed, name: str) -> Statement:
    return state(weighed, weighed.persons.people["name"].to_list().index(name))


# by hand: what Ann's bureau adds is -2 = 0.25 - 1.6875 - 0.5625, her bank -1 = 0.25 - 0.9375 -
# 0.3125, Bob's bank 1 = 0.25 + 0.5625 + 0.1875


def test_ann_is_explained_by_both_sources_with_the_weights_of_each() -> None:
    ann = person(
        weigh(explained(trio()), trio(), weights(trio(), bureau=3, bank=1, floor=0.25), PLAIN),
        "Ann",
    )
    assert [(c.source.key, c.feature.name, c.log_odds) for c in ann.contributions] == [
        ("bureau", "x", 0.75 * -1.6875),
        ("bureau", "y", 0.75 * -0.5625),
        ("bank", "x", 0.25 * -0.9375),
        ("bank", "y", 0.25 * -0.3125),
    ]
    assert (ann.log_odds, ann.base_log_odds) == (-2 - 1.75, -2 + 0.25)
    assert (ann.reach, ann.known, ann.absent) == (1.0, trio().catalog.sources, ())


@pytest.mark.parametrize(("missing", "times"), [("neutral", 0.25), ("renormalise", 1.0)])
def test_bob_is_explained_by_the_bank_alone_which_speaks_for_the_bureau_when_renormalised(
    missing: str, times: float
) -> None:
    bob = person(
        weigh(
            explained(trio()),
            trio(),
            weights(trio(), bureau=3, bank=1, floor=0.25, missing=missing),
            PLAIN,
        ),
        "Bob",
    )
    assert [(c.source.key, c.log_odds) for c in bob.contributions] == [
        ("bank", times * 0.5625),
        ("bank", times * 0.1875),
    ]
    assert (bob.log_odds, bob.base_log_odds, bob.reach) == (-2 + times, -2 + 0.25 * times, 0.25)
    assert [s.key for s in bob.absent] == ["bureau"]


def test_cleo_whom_nobody_knows_has_no_contributions_and_no_score() -> None:
    weighed = weigh(explained(trio()), trio(), weights(trio(), bureau=3, bank=1, floor=0), PLAIN)
    cleo = person(weighed, "Cleo")
    assert (cleo.scored, cleo.contributions, cleo.reach, cleo.known) == (False, (), 0.0, ())
    assert weighed.scored == 2
    assert waterfall(cleo, STANDARD).is_empty()


def test_a_source_without_weight_says_nothing() -> None:
    weighed = weigh(explained(trio()), trio(), weights(trio(), bank=1, floor=0), PLAIN)
    assert len(weighed.contributions[0].at) == 0
    assert {c.source.key for c in person(weighed, "Ann").contributions} == {"bank"}
    assert person(weighed, "Ann").known == (trio().catalog.source("bank"),)


@given(populations(), weightings(), calibrations)
def test_base_and_contributions_add_up_to_the_log_odds_of_everyone_scored(
    persons, weighting, calibration
) -> None:
    weighed = weigh(explained(persons), persons, weighting, calibration)
    expected = calibration.log_odds(tally.weigh(persons, weighting))
    assert (np.isnan(weighed.log_odds) == np.isnan(expected)).all()
    assert everything(weighed) == pytest.approx(expected, abs=2e-5, nan_ok=True)
    assert np.isnan(np.concatenate([b for _, b in weighed.blocks()])[np.isnan(expected)]).all()


@given(populations(), weightings(), calibrations)
def test_every_statement_adds_up_and_so_does_every_printed_waterfall(
    persons, weighting, calibration
) -> None:
    weighed = weigh(explained(persons), persons, weighting, calibration)
    for at in range(len(persons)):
        one = state(weighed, at)
        if not one.scored:
            assert waterfall(one, STANDARD).is_empty()
            continue
        assert math.fsum(
            [one.base_log_odds, *(c.log_odds for c in one.contributions)]
        ) == pytest.approx(one.log_odds, abs=1e-12)
        assert one.base_log_odds == pytest.approx(weighed.base[at], abs=2e-5)
        for by, digits in (("feature", 0), ("source", 1), ("dimension", 2)):
            steps = waterfall(one, STANDARD, by=by, digits=digits)
            assert math.fsum(steps["points"]) == pytest.approx(one.points(STANDARD), abs=1e-5)
            assert round(math.fsum(round(s, digits) for s in steps["shown"]), digits) == round(
                one.points(STANDARD), digits
            )


@given(populations(), weightings())
def test_sums_by_source_and_by_dimension_are_sums_of_the_features(persons, weighting) -> None:
    weighed = weigh(explained(persons), persons, weighting, PLAIN)
    whole = everything(weighed)
    assert weighed.base + weighed.by_source().sum(axis=1) == pytest.approx(
        whole, abs=1e-5, nan_ok=True
    )
    names, sums = weighed.by_dimension()
    assert names == tuple(
        s.label for s in persons.catalog
    )  # sources without a dimension are their own
    assert weighed.base + sums.sum(axis=1) == pytest.approx(whole, abs=1e-5, nan_ok=True)


def test_sources_of_one_dimension_are_added_up() -> None:
    persons = trio()
    same = tuple(replace(s, dimension="History") for s in persons.catalog)
    parts = explained(replace(persons, catalog=replace(persons.catalog, sources=same)))
    weighed = weigh(parts, persons, weights(persons, bureau=1, bank=1, floor=0), PLAIN)
    names, sums = weighed.by_dimension()
    assert names == ("History",)
    assert sums[:, 0] == pytest.approx(weighed.by_source().sum(axis=1), nan_ok=True)
    assert waterfall(person(weighed, "Ann"), STANDARD, by="dimension")["key"].to_list() == [
        "",
        "History",
    ]


@given(populations(), weightings(), st.integers(1, 50))
def test_blocks_of_any_size_hold_the_same_contributions(persons, weighting, size) -> None:
    weighed = weigh(explained(persons), persons, weighting, PLAIN)
    whole, parts = (np.concatenate([b for _, b in weighed.blocks(n)]) for n in (10_000, size))
    assert np.array_equal(whole, parts, equal_nan=True)


@given(populations(), weightings(), st.randoms(use_true_random=False))
def test_a_part_of_the_people_is_explained_as_it_is_among_all(persons, weighting, random) -> None:
    explanation = explained(persons)
    mask = np.array([random.random() < 0.5 for _ in range(len(persons))])
    whole = np.concatenate([b for _, b in weigh(explanation, persons, weighting, PLAIN).blocks()])
    part = [b for _, b in weigh(explanation, persons.where(mask), weighting, PLAIN).blocks()]
    assert np.array_equal(whole[mask], np.concatenate(part) if part else whole[:0], equal_nan=True)


def test_what_a_bureau_does_not_see_explains_nothing() -> None:
    persons = trio()
    weighed = weigh(
        explained(persons),
        seen(persons_with_ids(persons), [{"bank": None}]),
        weights(persons, bureau=1, bank=1, floor=0.5),
        PLAIN,
    )
    assert {c.source.key for c in person(weighed, "Ann").contributions} == {"bank"}


def persons_with_ids(persons):
    return replace(persons, people=persons.people.with_columns(person=pl.col("name")))


def test_persons_who_were_not_explained_are_refused() -> None:
    explanation = explained(trio().where(np.array([True, False, False])))
    with pytest.raises(
        Refusal, match=r"source '.*' was not explained for all of these persons; explain them first"
    ):
        weigh(explanation, trio(), weights(trio(), bureau=1, bank=1), PLAIN)


def test_many_persons_are_found_as_few_are() -> None:
    chance = np.random.default_rng(2)
    persons = evidence(
        {"a": np.where(chance.random(3000) < 0.7, 1.0, NOT), "b": chance.normal(size=3000)},
        chance.random(3000) < 0.5,
    )
    part, rows = explained(persons).parts[0], persons.people["row"].to_numpy()[persons.known[:, 0]]
    assert len(rows) > 1500
    assert (part.design.rows[part.find(rows)] == rows).all()
    assert part.find(rows).tolist() == [part.find(rows[i : i + 1])[0] for i in range(len(rows))]
    for stranger in (persons.people["row"].to_numpy()[~persons.known[:, 0]][:1], np.array([9999])):
        with pytest.raises(Refusal, match="source 'a' was not explained for all of these persons"):
            part.find(np.concatenate([rows, stranger]))


# what is printed


def test_rounded_parts_add_up_to_the_rounded_total() -> None:
    assert displayed([0.4, 0.4, 0.4], 1.2).tolist() == [1, 0, 0]
    assert displayed([641.89, 40.69, -10.3], 672.28).tolist() == [642, 40, -10]
    assert displayed([0.125, 0.125], 0.25, digits=2).tolist() == [0.13, 0.12]
    assert displayed([], 0).tolist() == []


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=90), st.integers(0, 4))
def test_what_is_printed_adds_up_to_the_last_digit_and_no_part_moves_by_a_whole_one(
    parts, digits
) -> None:
    total = math.fsum(parts)
    shown = displayed(parts, total, digits)
    assert round(math.fsum(round(s, digits) for s in shown), digits) == round(total, digits)
    assert np.abs(shown - parts).max() < 10.0**-digits * 1.001


def test_whoever_is_held_at_the_end_of_the_scale_gets_that_as_a_part_of_its_own() -> None:
    persons = evidence({"bank": [-30.0, 0.5]}, [False, True])
    steps = waterfall(
        state(weigh(explained(persons), persons, equal(persons.catalog), PLAIN), 0), STANDARD
    )
    assert steps["kind"].to_list() == ["base", "part", "part", "held"]
    assert steps["points"].sum() == pytest.approx(950)
    assert steps["shown"].sum() == 950
    assert steps["points"][-1] == pytest.approx(
        950 - (650 - STANDARD.factor * (-32 + math.log(15)))
    )


def test_a_waterfall_names_its_steps_and_their_values() -> None:
    steps = waterfall(
        person(weigh(explained(trio()), trio(), weights(trio(), bank=1, floor=0), PLAIN), "Bob"),
        STANDARD,
    )
    assert steps.select("kind", "key", "source", "label", "value").rows() == [
        ("base", "", "", "", None),
        ("part", "bank.x", "bank", "Ex", "1"),
        ("part", "bank.y", "bank", "Why", "7"),
    ]
    assert steps["points"][1:].to_list() == pytest.approx(
        [-STANDARD.factor * 0.5625, -STANDARD.factor * 0.1875]
    )


def test_a_table_holds_a_row_per_person_in_the_order_of_their_file() -> None:
    persons = persons_with_ids(
        evidence({"bank": [1.0, NOT, -1.0]}, [True, False, False], name=["Ann", "Bob", "Cleo"])
    )
    frame = table(weigh(explained(persons), persons, equal(persons.catalog), PLAIN), STANDARD)
    assert frame.columns == ["person", "log_odds", "points", "base_log_odds", "bank.x", "bank.y"]
    assert frame["person"].to_list() == ["Ann", "Bob", "Cleo"]
    assert frame.drop("points").rows()[1] == ("Bob", None, None, None, None)
    assert frame.drop("points").rows()[0] == ("Ann", -1.0, -1.75, 0.5625, 0.1875)
    assert frame["points"].to_list() == [
        STANDARD.points(np.array(-1.0)),
        None,
        STANDARD.points(np.array(-3.0)),
    ]


# fitted models


def test_base_and_shap_are_what_the_source_adds(fitted, small) -> None:
    rows = fitted.evidence.people["row"].to_numpy()
    for s, part in enumerate(small.parts):
        known = fitted.evidence.known[:, s]
        at = part.find(rows[known])
        total = part.base[at] + part.shap[at].sum(axis=1)
        assert total == pytest.approx(fitted.evidence.added[known, s], abs=1e-5)


def test_one_person_alone_is_explained_to_the_bit_as_among_all(fitted, small) -> None:
    models, weighting = fitted.models(), equal(fitted.evidence.catalog, floor=0)
    whole = weigh(small, fitted.evidence, weighting, PLAIN)
    for at in (0, 7, 150, 299):
        one = fitted.evidence.where(np.arange(300) == at)
        alone = explain(
            records.read(fitted.population, models, one), models, fitted.evidence.base_rate
        )
        assert (
            state(weigh(alone, one, weighting, PLAIN)) == state(whole, at)
            or not state(whole, at).scored
        )


def test_values_are_told_as_people_read_them(fitted, small) -> None:
    bank = pl.read_csv(fitted.population.catalog.folder / "bank.csv")
    design = small.parts[1].design
    assert [told(design, i) for i in range(3)] == [
        [float(b), j] for b, j in bank.select("balance", "job").rows()[:3]
    ]
    broken = replace(design, matrix=np.array([[np.nan, np.nan], [0.1, 1.0]], np.float32))
    assert [told(broken, i) for i in range(2)] == [[None, None], [0.1, "free"]]


def test_features_are_named_in_catalog_order(small) -> None:
    assert [f"{s.key}.{f.name}" for s, f in small.features] == [
        "bureau.late_30",
        "bureau.late_90",
        "bureau.utilisation",
        "bank.balance",
        "bank.job",
    ]


# the sample people


def test_contributions_add_up_for_every_sample_person_under_ten_random_weightings(
    sample, sample_explained
) -> None:
    chance, keys, persons = np.random.default_rng(11), sample.evidence.catalog.keys, sample.evidence
    for i in range(10):
        shares = chance.random(10) * (chance.random(10) < 0.7) + [1e-3, *[0] * 9]
        weighting = Weighting(
            tuple(zip(keys, shares.tolist(), strict=True)),
            float(chance.random()),
            ("neutral", "renormalise")[i % 2],
        )
        calibration = calibrate(tally.tally(persons.split("calibrate"), weighting))
        weighed = weigh(sample_explained, persons, weighting, calibration)
        expected = calibration.log_odds(tally.weigh(persons, weighting))
        scored = ~np.isnan(expected)
        assert weighed.scored == scored.sum()
        assert np.abs(everything(weighed) - expected)[scored].max(initial=0) < 1e-4 * max(
            1, calibration.slope
        )


# people who take turns


@pytest.fixture
def in_turns(few, folder, tmp_path) -> Fitted:
    """The small tables with few outcomes: five models per source."""
    return load(told_catalog(folder), folder=tmp_path / "work", settings=Settings(rounds=20))


def test_whoever_takes_turns_is_explained_by_the_models_that_never_saw_them(in_turns) -> None:
    models, persons, weighting = (
        in_turns.models(),
        in_turns.evidence,
        equal(in_turns.evidence.catalog, floor=0),
    )
    explained = explain(
        records.stream(in_turns.population, models, persons), models, persons.base_rate
    )
    rows = persons.people["row"].to_numpy()
    for s, part in enumerate(explained.parts):
        at = part.find(rows[persons.known[:, s]])
        assert part.base[at] + part.shap[at].sum(axis=1) == pytest.approx(
            persons.added[persons.known[:, s], s], abs=1e-5
        )
        assert len(np.unique(part.base)) == FOLDS
    weighed = weigh(explained, persons, weighting, PLAIN)
    assert weighed.base + weighed.by_source().sum(axis=1) == pytest.approx(
        weighed.log_odds, abs=1e-5, nan_ok=True
    )
    for at in (0, 7, 150, 299):
        one = persons.where(np.arange(300) == at)
        alone = explain(records.read(in_turns.population, models, one), models, persons.base_rate)
        assert (
            state(weigh(alone, one, weighting, PLAIN)) == state(weighed, at)
            or not state(weighed, at).scored
        )


@pytest.mark.usefixtures("every_cell")
def test_what_if_and_interactions_ask_the_model_of_the_persons_fold(in_turns) -> None:
    models, persons, weighting = (
        in_turns.models(),
        in_turns.evidence,
        equal(in_turns.evidence.catalog, floor=0),
    )
    observed = records.observe(in_turns.population, models)
    for at in np.flatnonzero(persons.known.all(axis=1))[:8]:
        one = persons.where(np.arange(300) == at)
        case = Case(
            one,
            records.read(in_turns.population, models, one),
            models,
            observed,
            weighting,
            PLAIN,
            STANDARD,
        )
        same = rescore(case, {("bank", "balance"): float(case.row(1)[0, 0])})
        assert (
            same.points
            == rescore(case, {}).points
            == STANDARD.points(PLAIN.log_odds(tally.weigh(one, weighting)))[0]
        )
    explained = explain(
        records.stream(in_turns.population, models, persons), models, persons.base_rate
    )
    found = interaction(
        weigh(explained, persons, weighting, PLAIN), models[0], "late_30", "late_90"
    )
    assert found["persons"].sum() == persons.known[:, 0].sum()
