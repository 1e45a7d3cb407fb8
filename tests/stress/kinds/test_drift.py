"""What happens when a source drifts, and would it be found?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from analytics.data.refusal import Refusal
from analytics.deciding.stability import BANDS
from analytics.stress.kinds.drift import Drift, critical, found
from analytics.weighing.readings import auc
from analytics.weighing.tally import tally
from analytics.weighing.weighting import alone
from tests.people import NOT, evidence, populations
from tests.stress.sides import CONTEXT, hit, same, says
from tests.weighing.normal import alike, gaps, normal

shares = st.floats(0, 1)


@given(populations(), st.floats(-10, 10), st.floats(0, 10))
def test_where_nobody_is_hit_nothing_changes(persons, shift, scale) -> None:
    assert same(persons, Drift("a", 0, shift, scale).apply(persons, CONTEXT))


def test_what_the_source_says_is_scaled_then_shifted() -> None:
    persons = evidence({"a": [-1.0, NOT, 2.0], "b": [1.0, 1.0, 1.0]}, [False, True, True])
    after = Drift("a", shift=0.5, scale=2).apply(persons, CONTEXT)
    assert says(after, "a")[[0, 2]].tolist() == [-1.5, 4.5]
    assert np.isnan(says(after, "a")[1])
    assert says(after, "b").tolist() == [1, 1, 1]


@given(populations(), shares, shares)
def test_the_hit_are_as_many_as_the_share_says_and_the_first_of_every_greater_share(
    persons, one, two
) -> None:
    few, many = (
        hit(persons, Drift("a", share, shift=1).apply(persons, CONTEXT), "a")
        for share in sorted((one, two))
    )
    assert few <= many
    assert len(few) == round(min(one, two) * persons.known[:, 0].sum())


def test_the_same_seed_is_the_same_people_and_another_seed_others() -> None:
    persons = normal(gaps(0.7), alike(1, 0), 500)
    first, again, other = (
        Drift("a", 0.5, 1, seed=seed).apply(persons, CONTEXT) for seed in (7, 7, 8)
    )
    assert same(first, again)
    assert not same(first, other)


@pytest.mark.parametrize(("shift", "scale"), [(0.3, 1), (-0.3, 1), (0, 1.5), (0, 0.5)])
def test_the_psi_of_the_source_moves_and_of_no_other(shift: float, scale: float) -> None:
    persons = normal(gaps(0.7, 0.6, 0.6), alike(3, 0.3), 2000)
    read = found(persons, Drift("b", shift=shift, scale=scale).apply(persons, CONTEXT))
    assert read["source"].to_list() == ["b", "a", "c"]
    assert read["psi"][1:].to_list() == [0, 0]
    assert read["psi"][0] > read["critical"][0]


def test_the_psi_of_a_shifted_normal_source_is_nearly_the_shift_squared() -> None:
    persons = normal(gaps(0.5), alike(1, 0), 100_000)
    read = found(persons, Drift("a", shift=0.2).apply(persons, CONTEXT))
    assert read["psi"][0] == pytest.approx(
        0.04, rel=0.1
    )  # of the whole distributions; ten bands see a little less


@given(populations(both=True), st.floats(0.1, 10))
def test_a_scale_leaves_the_auc_of_the_source_alone(persons, scale) -> None:
    before, after = (
        tally(e, alone(e.catalog, "a"))
        for e in (persons, Drift("a", scale=scale).apply(persons, CONTEXT))
    )
    then, now = auc(before), auc(after)
    assert now.value == pytest.approx(then.value, abs=then.bound + now.bound, nan_ok=True)


def test_other_persons_of_the_same_population_are_found_to_drift_about_one_time_in_twenty() -> None:
    samples = [
        normal(gaps(0.7, 0.6, 0.6, 0.6), alike(4, 0), 1000, seed=seed) for seed in range(120)
    ]
    alarms = [
        found(one, two).select(alarm="psi", limit="critical")
        for one, two in zip(samples[::2], samples[1::2], strict=True)
    ]
    assert np.mean([(a["alarm"] > a["limit"]).mean() for a in alarms]) == pytest.approx(
        0.05, abs=0.03
    )


def test_other_persons_whose_source_has_drifted_are_found() -> None:
    one, two = (
        normal(gaps(0.7, 0.6), alike(2, 0), size, seed=seed)
        for size, seed in ((2000, 1), (3000, 2))
    )
    read = found(one, Drift("b", shift=0.5).apply(two, CONTEXT))
    assert (read["source"][0], read["persons"].to_list()) == ("b", [3000, 3000])
    assert read["critical"].to_list() == [critical(2000, 3000)] * 2
    assert (read["psi"] > read["critical"]).to_list() == [True, False]


def test_who_reads_beyond_all_before_stands_in_the_outermost_band() -> None:
    before = evidence({"a": np.linspace(-1, 1, 100)}, [i % 4 == 0 for i in range(100)])
    counts = np.array([[10] * 10, [0] * 9 + [100]]) + 0.5
    e, a = counts / counts.sum(axis=1, keepdims=True)
    assert found(before, Drift("a", shift=9).apply(before, CONTEXT))["psi"][0] == pytest.approx(
        ((a - e) * np.log(a / e)).sum()
    )


def test_a_source_that_knows_nobody_has_no_psi_and_stands_last() -> None:
    before = evidence(
        {"a": [NOT] * 40, "b": np.linspace(-1, 1, 40)}, [i % 4 == 0 for i in range(40)]
    )
    assert found(before, before).rows() == [("b", 0.0, critical(40, 40), 40), ("a", None, None, 0)]


def test_the_critical_value_is_that_of_chi_squared() -> None:
    assert critical(300, 700) == pytest.approx(
        (1 / 300 + 1 / 700) * chi2.ppf(0.95, BANDS - 1), rel=1e-5
    )


def test_drift_costs_nobody_anything() -> None:
    assert Drift("a", shift=1).cost(evidence({"a": [1.0]}, [True]), CONTEXT) == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"share": 2.0}, "the share whose readings drift must be between 0 and 1, got 2"),
        ({"shift": 11.0}, "the shift of a drift must be between -10 and 10 log-odds, got 11"),
        ({"scale": -1.0}, "the scale of a drift must be between 0 and 10, got -1"),
        ({"scale": float("inf")}, "the scale of a drift must be between 0 and 10, got inf"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        Drift("a", **wrong)
    assert str(refused.value) == sentence
