"""How good is a source by itself?"""

import numpy as np
import pytest

from analytics.weighing.quality import alone, too_good
from tests.people import NOT, evidence, exact_auc, outcomes, trio
from tests.weighing.test_readings import crowd


def test_a_source_is_read_among_the_people_it_knows() -> None:
    found = alone(trio(), trio())
    assert found["key"].to_list() == ["bureau", "bank"]
    assert found["persons"].to_list() == [1, 2]
    assert np.isnan(found["auc"][0])  # Ann alone
    assert found["auc"][1] == found["ks"][1] == 1  # Bob stands above Ann


def test_its_auc_is_scikit_learns_whatever_it_weighs_against() -> None:
    persons = crowd(1000)
    _, defaulted = outcomes(persons)
    for s, value in enumerate(alone(persons, persons)["auc"]):
        known = persons.known[:, s]
        assert value == pytest.approx(
            exact_auc(persons.added[known, s], defaulted[known]), abs=0.001
        )


def test_people_of_unknown_outcome_are_not_counted() -> None:
    persons = evidence({"a": [0.0, 1.0, NOT]}, [None, True, True])
    assert alone(persons, persons)["persons"].to_list() == [1]


def test_an_auc_that_no_application_reaches_is_named() -> None:
    assert too_good({"Bureau": 0.8, "Thin": None}) == ""
    said = too_good({"Bureau": 0.8, "Payments": 0.981})
    assert said.startswith("Payments has an AUC of 0.981, too good to be true")
    assert "Bureau" not in said
