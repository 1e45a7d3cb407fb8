"""How is a weighting kept and handed on?"""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.refusal import Refusal
from analytics.weighing.scenario import Scenario, open_scenario
from analytics.weighing.weighting import Weighting, weigh_as
from tests.people import catalog, weightings

CATALOG = catalog("a", "b", "c")
STRESS = "fakery a share=0.17; consent b share=0.3 among='region=North \"East\" 西部'"
texts = st.text(st.characters(exclude_categories=["Cs"]))


def plain() -> Weighting:
    return weigh_as(CATALOG, {"a": 3, "b": 1}, 0.5, "renormalise")


@given(texts, texts)
def test_a_scenario_is_read_back_with_its_name_and_its_stress_to_the_letter(name, stress) -> None:
    scenario = Scenario(name, plain(), EVERYONE, stress)
    assert open_scenario(CATALOG, scenario.toml()) == scenario


@given(weightings())
def test_weights_and_floor_are_read_back_to_six_digits(weighting) -> None:
    again = open_scenario(CATALOG, Scenario("mine", weighting, EVERYONE, STRESS).toml()).weighting
    assert again.vector.tolist() == pytest.approx(weighting.vector.tolist(), rel=1e-5, abs=1e-9)
    assert (again.floor, again.missing) == (
        pytest.approx(weighting.floor, rel=1e-5),
        weighting.missing,
    )


def test_the_cohort_is_kept_beside_the_stress() -> None:
    scenario = Scenario(
        "mine", plain(), Cohort.parse("region == 'West' and a.x >= 1", "The west"), STRESS
    )
    assert open_scenario(CATALOG, scenario.toml()) == scenario


def test_a_scenario_without_stress_is_the_file_that_it_was_before_there_was_any() -> None:
    assert Scenario("mine", plain(), EVERYONE).toml().splitlines() == [
        'name = "mine"',
        'missing = "renormalise"',
        'cohort = ""',
        f'cohort_name = "{EVERYONE.name}"',
        "floor = 0.5",
        "weights = { a = 3, b = 1 }",
    ]
    assert open_scenario(CATALOG, 'name = "mine"\nweights = { a = 3, b = 1 }').stress == ""


def test_the_stress_stands_in_the_file_as_one_line_of_text() -> None:
    assert tomllib.loads(Scenario("mine", plain(), EVERYONE, STRESS).toml())["stress"] == STRESS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "stress = 1\nweights = { a = 1 }",
            "the scenario: 'stress' must be a text in quotes, got 1",
        ),
        (
            'stresses = "match a"\nweights = { a = 1 }',
            (
                "the scenario has an unknown key 'stresses'; it may have: name, weights, floor,"
                " missing, cohort, cohort_name, stress"
            ),
        ),
        (
            'stress = "match a',
            "the scenario is not valid TOML; save one from the Weights page and compare",
        ),
        ('stress = "match a"', "the scenario lacks the key 'weights'; add it"),
    ],
)
def test_what_is_no_scenario_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        open_scenario(CATALOG, text)
    assert str(refusal.value) == sentence
