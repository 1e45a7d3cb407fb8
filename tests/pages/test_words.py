import polars as pl
import pytest

from analytics.data.cohort import Cohort
from pages.parts.cohorts import sentences as cohorts_sentences
from pages.parts.weights import sentences as weights_sentences
from pages.shared import words


@pytest.mark.parametrize(
    ("heading", "terms"),
    [
        ("PSI of the score 0.10 dashed", ["PSI"]),
        ("Swap set at 600 points", ["Swap set"]),
        (weights_sentences.CLOUD, ["frontier", "pooled", "Calibration"]),
        ("Champion and challengers by AUC", ["AUC", "challengers"]),
        ("Hit and fill", ["hit", "fill"]),
        ("Score distribution", []),
        ("flooring, reached", []),
    ],
)
def test_terms_are_explained_where_they_stand(heading: str, terms: list[str]) -> None:
    said = words.explained(heading)
    assert [term for term in words.EXPLAINED if f"**{term}** " in said] == terms
    assert bool(said) == bool(terms)


def test_segments_beyond_those_shown_are_said() -> None:
    groups = pl.DataFrame(
        {
            "group": ["a"] * 30,
            "segment": [f"s{i}" for i in range(30)],
            "value": [i / 30 for i in range(30)],
        }
    )
    assert (
        words.unshown(groups, words.readable(groups))
        == "; 13 of 30 segments, those with the least coverage"
    )
    assert words.unshown(groups.head(5), words.readable(groups.head(5))) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a == 1 or b == 2", "a is 1, or b is 2"),
        ("c > 3 and (a == 1 or b == 2)", "c above 3, (a is 1, or b is 2)"),
        ("not (a == 1 and b == 2)", "not (a is 1 and b is 2)"),
        ("not (a == 1 or b == 2)", "not (a is 1, or b is 2)"),
    ],
)
def test_conditions_are_said_with_the_brackets_they_need(text: str, said: str) -> None:
    assert words.named(Cohort.parse(text)) == said


def test_counts_of_the_file_and_of_the_persons_read_stand_together_and_none_is_small() -> None:
    assert cohorts_sentences.in_file(60000, 60000, 9923, 9923, "test persons").startswith(
        "60,000 people in the file; 9,923 of them are test persons"
    )
    assert (
        cohorts_sentences.in_file(19306, 60000, 3210, 9923, "test persons")
        == "19,306 of 60,000 people in the file, 3,210 of 9,923 test persons"
    )
    assert (
        cohorts_sentences.in_file(29, 60000, 5, 9923, "test persons")
        == "too few people to count: fewer than 30"
    )
    assert "59,99" not in cohorts_sentences.in_file(59_995, 60000, 9920, 9923, "test persons")
