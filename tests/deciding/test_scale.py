"""On which scale do these people stand?"""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from analytics.data.catalog.model import Scale
from analytics.data.catalog.toml import read, text
from analytics.data.refusal import Refusal
from analytics.deciding.scale import choose, scale_of
from analytics.deciding.scorecard import NAMES, STANDARD, scaled
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted, load
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally, weigh
from tests.people import NOT, edit, evidence, weights


def crowd(rate: float, strength: float = 1.0, persons: int = 6000) -> Evidence:
    """People of a base rate of whom three sources know seven in ten, each saying the true log-
    odds it adds.
    """
    chance = np.random.default_rng(1)
    bad = chance.random(persons) < rate
    told = {}
    for key, part in zip("abc", (1.2, 0.8, 0.3), strict=True):
        gap = part * strength
        said = gap * chance.normal(bad * gap, 1) - gap**2 / 2
        told[key] = np.where(chance.random(persons) < 0.7, said, NOT)
    return evidence(
        told, bad.tolist(), chance.choice(["train", "calibrate", "test"], persons).tolist()
    )


def log_odds(persons: Evidence, weighting) -> np.ndarray:
    found = calibrate(tally(persons.split("calibrate"), weighting)).log_odds(
        weigh(persons, weighting)
    )
    return found[~np.isnan(found)]


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.08, 0.22, 0.4, 0.52, 0.6])
@pytest.mark.parametrize("strength", [0.3, 1.0, 2.5])
def test_hardly_anybody_stands_at_an_end_whatever_the_base_rate_and_the_weights(
    rate: float, strength: float
) -> None:
    persons = crowd(rate, strength)
    card = choose(persons)
    ways = [
        {"a": 1, "b": 1, "c": 1},
        {"a": 3, "b": 1},
        {"a": 1, "floor": 0.0},
        {"a": 2, "b": 1, "missing": "renormalise"},
        {"c": 1},
    ]
    for way in ways:
        said = log_odds(persons, weights(persons, **way))
        at = card.points(said)
        assert (at <= card.low + 1).mean() <= 0.005
        assert (at >= card.high - 1).mean() <= 0.005
        assert (
            rankdata(at) == rankdata(-said)
        ).all()  # by points as by log-odds, to the last person
    accepted = (
        card.points(log_odds(persons, weights(persons, a=1, b=1, c=1))) >= card.accepts_from
    ).mean()
    assert 0.5 <= accepted <= 0.98
    assert (np.diff([card.low, *card.bands, card.high]) > 0).all()


def test_the_usual_scale_stays_where_it_holds_the_people() -> None:
    assert choose(crowd(0.08, 0.5)) == STANDARD


def test_half_of_the_people_bad_is_not_a_tenth_of_them_accepted() -> None:
    persons = crowd(0.52)
    said = log_odds(persons, weights(persons, a=1, b=1, c=1))
    assert (STANDARD.points(said) >= 600).mean() < 0.1
    card = choose(persons)
    assert 0.65 < (card.points(said) >= card.accepts_from).mean() < 0.85
    assert card.points(np.array(-np.log(card.odds))) == card.anchor == 650
    assert np.median(card.points(said)) == pytest.approx(650, abs=card.step)


def test_the_catalog_says_of_the_scale_what_it_likes_and_the_rest_follows() -> None:
    persons = crowd(0.22)
    ends = choose(persons, Scale(low=0, high=1000))
    said = log_odds(persons, weights(persons, a=1, b=1, c=1))
    assert (ends.low, ends.high, ends.step) == (0, 1000, 20)
    assert 0 < ends.points(said).min() < 300
    assert 700 < ends.points(said).max() < 1000
    fixed = Scale(600, 20, 20, 300, 850, 620, (500.0, 600.0, 700.0), ("D", "C", "B", "A"))
    whole = choose(persons, fixed)
    assert (
        whole.anchor,
        whole.odds,
        whole.doubling,
        whole.low,
        whole.high,
        whole.accepts_from,
    ) == (600, 20, 20, 300, 850, 620)
    assert whole.edges == [("D", 300), ("C", 500), ("B", 600), ("A", 700)]
    assert choose(persons, Scale(cutoff=555)).accepts_from == 555


def test_nobody_to_calibrate_by_leaves_the_usual_scale_between_the_ends_given() -> None:
    persons = evidence({"a": [0.0] * 40}, [None] * 40, "calibrate")
    assert replace(choose(persons), bands=STANDARD.bands) == STANDARD
    assert choose(persons, Scale(low=0, high=600)).anchor == 300
    assert choose(persons).names == NAMES


@given(
    st.lists(st.floats(-40, 40), min_size=2, max_size=30, unique=True),
    st.sampled_from([STANDARD, scaled(300, 850), scaled(0, 1)]),
)
def test_points_never_rise_with_risk_and_stay_within_the_ends(risks: list[float], card) -> None:
    at = card.points(np.sort(np.array(risks)))
    assert (np.diff(at) <= 0).all()
    assert card.low <= at.min()
    assert at.max() <= card.high


def test_points_are_straight_up_to_the_last_step() -> None:
    straight = np.linspace(360, 940, 30)
    said = (650 - straight) * np.log(2) / 50 - np.log(15)
    assert STANDARD.points(said) == pytest.approx(straight)


def test_a_scale_is_kept_with_the_models_and_chosen_again_where_it_is_damaged_or_they_are(
    fitted: Fitted, folder, tmp_path
) -> None:
    own = load(read(folder / "catalog.toml"), folder=tmp_path / "own")
    first = scale_of(own)
    place = own.kept.inside("scale").folder
    assert json.loads((place / "scale.json").read_text("utf-8"))["anchor"] == first.anchor
    seen = place.stat().st_mtime_ns, (place / "manifest.json").read_bytes()
    assert scale_of(own) == first
    assert seen == (place.stat().st_mtime_ns, (place / "manifest.json").read_bytes())
    (place / "scale.json").write_text(json.dumps({"anchor": 1}), "utf-8")
    assert scale_of(own) == first
    edit(
        folder / "catalog.toml",
        (
            '[[sources]]\nkey = "bureau"',
            '[scale]\nlow = 0\nhigh = 100\n\n[[sources]]\nkey = "bureau"',
        ),
    )
    again = load(read(folder / "catalog.toml"), folder=tmp_path / "own")
    assert not again.fresh  # the models need not be fitted again
    assert (scale_of(again).low, scale_of(again).high) == (0, 100)


def test_a_scale_is_read_from_the_catalog_and_written_back(folder) -> None:
    path = folder / "catalog.toml"
    edit(
        path,
        (
            '[[sources]]\nkey = "bureau"',
            (
                '[scale]\nanchor = 600\nbands = [500, 600]\nnames = ["C", "B",'
                ' "A"]\n\n[[sources]]\nkey = "bureau"'
            ),
        ),
    )
    catalog = read(path)
    assert catalog.scale == Scale(anchor=600, bands=(500, 600), names=("C", "B", "A"))
    path.write_text(text(catalog), "utf-8")
    assert read(path) == catalog


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"odds": 0.0}, "'odds' and 'doubling' must be above 0"),
        ({"low": 950.0}, "'low' must be below 'high', got 950 and 950"),
        ({"low": float("nan")}, "'low' must be a finite number; write it as 600"),
        ({"bands": (600.0, 550.0)}, "'bands' must rise and lie between 350 and 950"),
        ({"bands": (600.0,), "names": ("A",)}, "1 bands make 2 classes, but 'names' has 1"),
        ({"cutoff": 1000.0}, "'cutoff' must lie between 350 and 950, got 1000"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused_with_a_sentence(wrong: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Scale(**wrong)
    assert str(refusal.value) == f"[scale]: {sentence}"
