"""What would other weights do?"""

import numpy as np
import pytest

from analytics.weighing.readings import auc, coverage
from analytics.weighing.sweep import along, survey
from analytics.weighing.tally import tally
from tests.people import NOT, evidence, trio, weights
from tests.weighing.test_readings import crowd


def test_a_survey_reads_each_weighting_as_its_own_tally_does() -> None:
    persons = crowd(600)
    several = [weights(persons, a=1), weights(persons, b=1, c=2), weights(persons, a=1, b=1, c=1, floor=1)]
    for row, weighting in zip(survey(persons, several).rows(named=True), several, strict=True):
        counted = tally(persons, weighting)
        assert row["coverage"] == coverage(counted).value
        assert row["auc"] == auc(counted, everyone=True).value


def test_along_one_source_its_share_goes_from_0_to_1() -> None:
    found = along(trio(), weights(trio(), bureau=1, bank=3, floor=0.5), "bureau", steps=5)
    assert found["weight"].to_list() == [0, 0.25, 0.5, 0.75, 1]
    assert found["coverage"].to_list() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1 / 3, 1 / 3])


def test_the_start_and_the_end_are_the_others_alone_and_the_source_alone() -> None:
    persons = crowd(600)
    found = along(persons, weights(persons, a=1, b=2, c=3), "b")
    ends = survey(persons, [weights(persons, a=1, c=3), weights(persons, b=1)])
    assert found.drop("weight")[[0, -1]].equals(ends)


def test_the_only_source_has_all_the_weight() -> None:
    persons = evidence({"a": [0.0, 1.0]}, [False, True])
    assert along(persons, weights(persons, a=1), "a")["weight"].to_list() == [1.0]


def test_a_survey_of_one_outcome_or_of_nobody_is_null() -> None:
    payers = evidence({"a": [0.0, NOT]}, [False, False])
    assert survey(payers, [weights(payers, a=1)]).row(0, named=True)["auc"] is None
    nobody = payers.where(np.zeros(2, bool))
    assert survey(nobody, [weights(payers, a=1)]).row(0, named=True)["coverage"] is None
