"""What would other weights do?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.weighing.readings import auc, brier, calibrate, coverage, ks
from analytics.weighing.sweep import along, sweep
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.people import NOT, evidence, populations, trio, weightings, weights
from tests.weighing.test_readings import crowd

WHOLE = ("coverage", "auc_scored", "auc_common", "auc_everyone", "ks", "brier")


def by_itself(persons, weighting, reference) -> dict[str, float | None]:
    """The readings of one weighting from its own tally."""
    counted, common = tally(persons, weighting), tally(persons, weighting, [reference])
    several = (
        coverage(counted),
        auc(counted),
        auc(common),
        auc(counted, everyone=True),
        ks(counted, calibrate(counted)),
        brier(counted, calibrate(counted)),
    )
    return {
        name: None if np.isnan(r.value) else r.value for name, r in zip(WHOLE, several, strict=True)
    }


@settings(max_examples=25)
@given(populations(both=True), st.lists(weightings(), min_size=1, max_size=4), weightings())
def test_a_sweep_reads_each_weighting_as_its_own_tally_does(persons, several, reference) -> None:
    rows = sweep(persons, several, reference=reference).select(WHOLE).rows(named=True)
    for row, weighting in zip(rows, several, strict=True):
        assert row == pytest.approx(by_itself(persons, weighting, reference), abs=1e-9)


def test_the_unscored_stand_where_a_tally_puts_them_even_at_the_edge_of_a_bin() -> None:
    persons = evidence(
        {"a": [-7.35, 0.74, 0.0, 0.0, NOT, NOT]}, [False, True, False, True, False, True]
    )
    weighting = equal(persons.catalog)
    assert (
        sweep(persons, [weighting])["auc_everyone"].item()
        == auc(tally(persons, weighting), everyone=True).value
    )


def test_along_one_source_its_share_goes_from_0_to_1() -> None:
    found = along(trio(), weights(trio(), bureau=1, bank=3, floor=0.5), "bureau", steps=5)
    assert found["weight"].to_list() == [0, 0.25, 0.5, 0.75, 1]
    assert found["coverage"].to_list() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1 / 3, 1 / 3])


def test_the_start_and_the_end_are_the_others_alone_and_the_source_alone() -> None:
    persons = crowd(600)
    found = along(persons, weights(persons, a=1, b=2, c=3), "b")
    ends = sweep(persons, [weights(persons, a=1, c=3), weights(persons, b=1)])
    for name in ("coverage", "auc_scored", "auc_everyone"):
        assert found[name][[0, -1]].to_list() == ends[name].to_list()


def test_the_only_source_has_all_the_weight() -> None:
    persons = evidence({"a": [0.0, 1.0]}, [False, True])
    assert along(persons, weights(persons, a=1), "a")["weight"].to_list() == [1.0]


def test_a_sweep_of_one_outcome_or_of_nobody_is_null() -> None:
    payers = evidence({"a": [0.0, NOT]}, [False, False])
    assert sweep(payers, [weights(payers, a=1)])["auc_everyone"].to_list() == [None]
    nobody = payers.where(np.zeros(2, bool))
    assert sweep(nobody, [weights(payers, a=1)])["coverage"].to_list() == [None]
