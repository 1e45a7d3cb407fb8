"""What happens when a source is dark, or late?"""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.data.catalog.toml import read
from analytics.data.population import find
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD
from analytics.deciding.strategy import accepted_of_all
from analytics.sources.design import pick
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from analytics.stress.context import StressContext
from analytics.stress.kinds.late import Late, late
from analytics.stress.kinds.outage import FALLBACKS, Outage, fallbacks
from analytics.weighing.readings import Calibration, auc, calibrate, coverage
from analytics.weighing.tally import Tally, tally, weigh
from analytics.weighing.weighting import Weighting
from tests.people import NOT, evidence, populations, rewrite, settle, weightings, weights
from tests.stress.sides import CONTEXT, hit, same, says, unasked
from tests.weighing.normal import alike, gaps, normal

shares = st.floats(0, 1)
MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


def months() -> Evidence:
    """Ann and Bob applied in May, Cleo and Dan in June, Eve at no known time.

    The bank does not know Dan.
    """
    when = pl.Series([MAY, MAY, JUNE, JUNE, None], dtype=pl.Date)
    return evidence(
        {"bank": [-1.0, 1.0, 2.0, NOT, 3.0], "bureau": [1.0, NOT, 1.0, 1.0, 1.0]},
        [False, True, True, False, False],
        month=when,
    )


@given(populations(), st.sampled_from(FALLBACKS))
def test_where_nothing_is_dark_nothing_changes(persons, fallback) -> None:
    assert same(persons, Outage("a", 0, fallback=fallback).apply(persons, CONTEXT))


@given(populations(), shares, shares)
def test_it_is_dark_for_as_many_as_the_share_says_and_for_the_same_at_every_greater_one(
    persons, one, two
) -> None:
    few, many = (
        hit(persons, Outage("a", share).apply(persons, CONTEXT), "a")
        for share in sorted((one, two))
    )
    assert few <= many
    assert len(few) == round(min(one, two) * persons.known[:, 0].sum())


def test_the_same_seed_is_the_same_people_and_another_seed_others() -> None:
    persons = normal(gaps(0.7), alike(1, 0), 500)
    first, again, other = (
        Outage("a", 0.5, seed=seed).apply(persons, CONTEXT) for seed in (7, 7, 8)
    )
    assert same(first, again)
    assert not same(first, other)


def by_row(persons: Evidence, weighting: Weighting) -> np.ndarray:
    """The weighted evidence, by the persons' rows ascending."""
    return weigh(persons, weighting)[np.argsort(persons.people["row"].to_numpy())]


@given(populations(), weightings())
def test_a_source_that_is_dark_altogether_is_a_source_without_weight(persons, weighting) -> None:
    assume(weighting.shares["a"] < 0.999)
    weighting = replace(weighting, floor=0)
    # as the shares are of all sources, the dark one too
    lasting = 1 - weighting.shares["a"] if weighting.missing == "neutral" else 1
    dark, without = (
        by_row(Outage("a").apply(persons, CONTEXT), weighting),
        by_row(persons, weighting.put("a", 0)),
    )
    assert dark == pytest.approx(lasting * without, rel=1e-6, abs=1e-9, nan_ok=True)


def test_calibrated_it_gives_everybody_the_log_odds_of_a_source_without_weight() -> None:
    persons = normal(gaps(0.7, 0.65), alike(2, 0.3), 3000, share=0.2)
    weighting = weights(persons, a=60, b=40, floor=0)
    dark, without = (
        (Outage("a").apply(persons, CONTEXT), weighting),
        (persons, weighting.put("a", 0)),
    )
    one, two = (calibrate(tally(*side)).log_odds(by_row(*side)) for side in (dark, without))
    assert one == pytest.approx(two, abs=2e-3)  # the two are calibrated on different bins


@given(populations(), shares)
def test_who_is_refused_is_not_scored_and_the_others_are_as_they_were(persons, share) -> None:
    gone = hit(persons, Outage("a", share).apply(persons, CONTEXT), "a")
    after = Outage("a", share, fallback="refuse").apply(persons, CONTEXT)
    assert np.array_equal(
        after.limits, persons.limits
    )  # so that its tallies lie on the grid of those who are not dark
    for key in "abc":
        then, now = says(persons, key), says(after, key)
        refused = np.isin(np.arange(len(then)), list(gone))
        assert np.isnan(now[refused]).all()
        assert np.array_equal(now[~refused], then[~refused], equal_nan=True)


def test_in_a_month_it_is_dark_for_those_who_applied_in_it() -> None:
    persons = months()
    assert hit(persons, Outage("bank", month="2025-05").apply(persons, CONTEXT), "bank") == {0, 1}
    assert hit(persons, Outage("bank", month="2025-06").apply(persons, CONTEXT), "bank") == {2}
    assert len(hit(persons, Outage("bank", 0.5, "2025-05").apply(persons, CONTEXT), "bank")) == 1


def test_a_month_in_which_nobody_applied_is_refused() -> None:
    with pytest.raises(
        Refusal,
        match="none of these persons applied in 2024-12; they applied from 2025-05 to 2025-06",
    ):
        Outage("bank", month="2024-12").apply(months(), CONTEXT)
    with pytest.raises(
        Refusal, match="none of these persons applied in 2025-05; none of them has a date"
    ):
        Outage("bank", month="2025-05").apply(
            months().where(np.array(months().people["month"].is_null())), CONTEXT
        )
    with pytest.raises(
        Refusal,
        match="an outage in 2025-05 needs to know when people applied; name that date under 'time'",
    ):
        Outage("a", month="2025-05").apply(normal(gaps(0.7), alike(1, 0), 9), CONTEXT)


def flat(_: object) -> Calibration:
    return Calibration(-1.0, 1.0)


def test_the_policies_stand_side_by_side_below_how_it_was_before() -> None:
    chance = np.random.default_rng(5)
    bad = chance.random(800) < 0.3
    a, b = (
        np.where(chance.random(800) < 0.7, np.where(bad, 1, -1) + chance.normal(size=800), np.nan)
        for _ in "ab"
    )
    persons = evidence({"a": a, "b": b}, bad.tolist())
    weighting, outage = weights(persons, a=60, b=40, floor=0.4), Outage("a", 0.5)
    read = fallbacks(persons, outage, CONTEXT, weighting, flat, 650)
    assert read["policy"].to_list() == ["before", "neutral", "renormalise", "refuse"]
    figures = ["coverage", "auc_everyone", "auc_scored", "accepted", "bad_rate"]
    assert read.columns == [
        "policy",
        *(name + end for name in figures for end in ("", "_low", "_high")),
    ]
    dark = outage.apply(persons, CONTEXT)
    counted = [
        tally(persons, weighting),
        tally(dark, weighting),
        tally(dark, replace(weighting, missing="renormalise")),
    ]
    assert read["coverage"][:3].to_list() == [coverage(t).value for t in counted]
    assert read["auc_everyone"][:3].to_list() == [auc(t, everyone=True).value for t in counted]
    gone = len(hit(persons, dark, "a"))
    assert read["coverage"][3] == pytest.approx(read["coverage"][0] - gone / 800)
    assert (read["accepted"] < read["coverage"]).all()


def test_where_nothing_is_dark_to_refuse_is_as_before() -> None:
    persons = normal(gaps(0.7, 0.6), alike(2, 0), 300)
    before, *_, refused = (
        fallbacks(persons, Outage("a", 0), CONTEXT, weights(persons, a=1, b=1), flat, 650)
        .drop("policy")
        .rows()
    )
    assert refused == before


def test_accepted_of_all_by_hand() -> None:
    # of 100 persons, 30 are safe, 30 are not, and 40 are not scored
    decisions = Tally(np.array([[30, 0], [10, 20]]), np.array([30, 10]), 0.0, 1.0)
    share = accepted_of_all(decisions)
    assert share.value == 0.3
    assert share.error(decisions) == pytest.approx(np.sqrt(0.3 * 0.7 / 100))


def test_fallbacks_count_every_person_at_the_cutoff_although_all_stand_in_one_bin() -> None:
    near = 0.3 + np.random.default_rng(4).normal(0, 1e-5, 200)
    persons = evidence(
        {"a": [*near, -9.0, 9.0], "b": [NOT] * 202}, [i % 3 == 0 for i in range(202)]
    )
    weighting = weights(persons, a=1)
    at = STANDARD.points(persons.column("a").astype(float))
    for cutoff in np.quantile(at, [0.2, 0.5]) + 1e-9:
        read = fallbacks(
            persons, Outage("a", 0.0), CONTEXT, weighting, lambda _: Calibration(0.0, 1.0), cutoff
        )
        assert read["accepted"].to_list() == pytest.approx([(at >= cutoff).mean()] * 4)


# late records


def late_by(told: list[float]) -> StressContext:
    """A source says this by the row once its records are 10 days late."""
    return StressContext(
        faked=unasked, late=lambda key, days: {("bank", 10): np.float32(told)}[key, days]
    )


def test_who_is_hit_says_what_the_late_records_say() -> None:
    persons, context = months(), late_by([-2.0, NOT, 2.5, NOT, 3.5])
    assert says(Late("bank", days=10).apply(persons, context), "bank") == pytest.approx(
        [-2, NOT, 2.5, NOT, 3.5], nan_ok=True
    )
    assert same(persons, Late("bank", 0, days=10).apply(persons, context))
    half, most = (
        hit(persons, Late("bank", share, days=10).apply(persons, context), "bank")
        for share in (0.5, 0.75)
    )
    assert (len(half), len(most)) == (2, 3)
    assert half < most <= {0, 1, 2, 4}
    assert half != hit(persons, Late("bank", 0.5, days=10, seed=1).apply(persons, context), "bank")


ORDERS = """
[[sources]]
key = "orders"
label = "Orders"
table = "orders.csv"
date = "day"
[sources.aggregates.spent]
of = "sum"
column = "amount"
[sources.aggregates.idle]
of = "days since"
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Three sources of 300 people, one of them made of up to three dated records of each."""
    folder = tmp_path_factory.mktemp("late")
    path = settle(folder)
    path.write_text(
        path.read_text("utf-8").replace("[[bureaus]]", ORDERS + "\n[[bureaus]]"), "utf-8"
    )
    people = pl.read_csv(folder / "people.csv", try_parse_dates=True)
    chance = np.random.default_rng(11)
    ago = chance.integers(1, 90, (3, len(people)))
    frames = [
        people.select(
            "person_id",
            day=pl.col("applied_on") - pl.Series(ago[k] * 86_400_000).cast(pl.Duration("ms")),
        )
        for k in range(3)
    ]
    amounts = np.round(chance.exponential(1 + people["defaulted"].to_numpy(), (3, len(people))), 2)
    orders = pl.concat(
        [frame.with_columns(amount=pl.Series(amounts[k])) for k, frame in enumerate(frames)]
    )
    orders.filter(pl.Series(chance.random(len(orders)) < 0.6)).write_csv(folder / "orders.csv")
    return load(
        read(path), folder=folder / "home", shelf=folder / "shelf", settings=Settings(rounds=10)
    )


def lately(fitted: Fitted, key: str, days: int) -> np.ndarray:
    """What a source says once its records are so many days late, by the row."""
    model = next(m for m in fitted.models() if m.key == key)
    return late(
        fitted.population,
        model,
        fitted.evidence,
        key,
        days,
        fitted.population.catalog.folder / "shelf",
    )


def test_a_source_that_is_not_late_says_what_it_said(fitted: Fitted) -> None:
    for key in ("bureau", "bank", "orders"):
        assert np.array_equal(lately(fitted, key, 0), says(fitted.evidence, key), equal_nan=True)


def test_late_records_are_read_as_if_they_had_been_made_later(
    fitted: Fitted, tmp_path: Path
) -> None:
    catalog = fitted.population.catalog
    for name in catalog.names:
        (tmp_path / name).write_bytes((catalog.folder / name).read_bytes())
    rewrite(
        tmp_path / "orders.csv",
        lambda orders: orders.with_columns(pl.col("day").str.to_date() + timedelta(20)),
    )
    later = find(replace(catalog, path=tmp_path / "catalog.toml"), tmp_path / "shelf")
    model = next(m for m in fitted.models() if m.key == "orders")
    design = pick(later, fitted.evidence.people, later.catalog.source("orders"), model.categories)
    design.matrix[:, [f.name for f in design.features].index("idle")] += 20
    told = np.full(300, np.nan, np.float32)
    told[design.rows] = model.said(design, fitted.evidence.base_rate)
    assert np.array_equal(lately(fitted, "orders", 20), told, equal_nan=True)
    known, still = ~np.isnan(says(fitted.evidence, "orders")), ~np.isnan(told)
    assert known[still].all()
    assert still.sum() < known.sum()


def test_records_that_come_too_late_for_all_leave_a_source_that_knows_nobody(
    fitted: Fitted,
) -> None:
    assert np.isnan(lately(fitted, "orders", 90)).all()
    context = StressContext(faked=unasked, late=partial(lately, fitted))
    after = Late("orders", days=90).apply(fitted.evidence, context)
    assert not after.known[:, 2].any()


@pytest.mark.parametrize(("days", "months"), [(1, 1), (30, 1), (31, 2), (60, 2)])
def test_of_one_record_a_person_the_latest_months_of_each_split_are_missing(
    fitted: Fitted, days: int, months: int
) -> None:
    people = fitted.evidence.people.sort("row")
    now, then = lately(fitted, "bank", days), says(fitted.evidence, "bank")
    gone = np.zeros(300, np.bool_)
    for split in people["split"].unique():
        mine = (people["split"] == split).to_numpy()
        month = people["month"].dt.month().to_numpy()
        gone |= mine & (month > month[mine].max() - months)
    assert np.array_equal(now, np.where(gone, np.nan, then), equal_nan=True)
    assert 0 < gone.sum() < 300


def test_without_the_date_of_application_nothing_is_late(fitted: Fitted) -> None:
    catalog = fitted.population.catalog
    timeless = replace(
        fitted.population,
        catalog=replace(
            catalog, people=replace(catalog.people, time=""), sources=catalog.sources[:2]
        ),
    )
    with pytest.raises(
        Refusal,
        match=(
            "what 'bank' knew in time depends on when people applied; name that date under 'time'"
        ),
    ):
        late(timeless, fitted.models()[1], fitted.evidence, "bank", 30)


def test_what_is_dark_or_late_costs_nobody_anything() -> None:
    assert Outage("bank").cost(months(), CONTEXT) == Late("bank").cost(months(), CONTEXT) == 0


@pytest.mark.parametrize(
    ("noun", "wrong", "sentence"),
    [
        (
            Outage,
            {"share": 1.5},
            "the share for whom a source is dark must be between 0 and 1, got 1.5",
        ),
        (
            Outage,
            {"month": "March"},
            "cannot read the month 'March' of an outage; write it like 2025-03",
        ),
        (
            Outage,
            {"month": "2025-13"},
            "cannot read the month '2025-13' of an outage; write it like 2025-03",
        ),
        (Outage, {"fallback": "guess"}, "no fallback 'guess'; it may be: weighed, refuse"),
        (Late, {"share": -1.0}, "the share whose records are late must be between 0 and 1, got -1"),
        (
            Late,
            {"days": 400},
            "the days by which records are late must be between 0 and 365, got 400",
        ),
    ],
)
def test_what_cannot_be_is_refused(noun: type, wrong: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        noun("bank", **wrong)
    assert str(refused.value) == sentence
