"""Do other values lead to the points they would have led to, and are the fewest changes found?"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.model import Feature
from analytics.data.refusal import Refusal
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import records
from analytics.explaining.what_if import MOST, Case, Raise, raise_to, rescore, stops
from analytics.weighing.readings import Calibration
from analytics.weighing.tally import weigh
from analytics.weighing.weighting import Weighting
from tests.people import weights

STEEP = Calibration(-2.0, 2.0)
ACTIONABLE = {
    "late_30": "unknown",
    "late_90": "riskier",
    "utilisation": "riskier",
    "balance": "safer",
    "job": "unknown",
}


@pytest.fixture(scope="module")
def asked(fitted):
    """A case for one row of the small tables.

    Ann (row 4) is known to both, Bob (1) to the bank, Dan (6) to the bureau.
    """
    models = fitted.models()
    observed = records.observe(fitted.population, models)

    def ask(
        row: int = 4,
        *,
        actionable: tuple[str, ...] = tuple(ACTIONABLE),
        weighting: Weighting | None = None,
    ) -> Case:
        person = fitted.evidence.rows(np.array([row]))
        designs = [
            replace(d, features=tuple(allowed(f, actionable) for f in d.features))
            for d in records.read(fitted.population, models, person)
        ]
        return Case(
            person,
            designs,
            models,
            observed,
            weighting or weights(fitted.evidence, bureau=1, bank=1),
            STEEP,
            STANDARD,
        )

    return ask


@pytest.fixture(scope="module")
def sample_case(sample):
    """A case for the first of the sample people who are chosen by what is known of them."""
    models, everyone = sample.models(), sample.evidence
    observed = records.observe(sample.population, models)
    even = weights(everyone, **dict.fromkeys(everyone.catalog.keys, 1))

    def ask(choose) -> Case:
        person = everyone.where(np.arange(len(everyone)) == int(np.argmax(choose(everyone.known))))
        return Case(
            person,
            records.read(sample.population, models, person),
            models,
            observed,
            replace(even, floor=0.1),
            STEEP,
            STANDARD,
        )

    return ask


def allowed(feature: Feature, actionable: tuple[str, ...]) -> Feature:
    return replace(
        feature, direction=ACTIONABLE[feature.name], actionable=feature.name in actionable
    )


def steps(case: Case) -> dict[tuple[str, str], list[float | str]]:
    """By hand: what every actionable feature may become."""
    may = {}
    for design in case.designs:
        for j, f in enumerate(design.features):
            if f.actionable and len(design.rows):
                now, found = (
                    records.short(design.matrix[0, j]),
                    case.ranges[design.source.key, f.name],
                )
                right = {
                    "riskier": lambda v, now=now: v < now,
                    "safer": lambda v, now=now: v > now,
                }.get(f.direction, lambda v, now=now: v != now)
                may[design.source.key, f.name] = [
                    found.texts[int(v)] if found.texts else v for v in found.steps if right(v)
                ]
    return may


def reached(case: Case, count: int) -> list[float]:
    """The slow way: points of every way of so many changes."""
    may = steps(case)
    return [
        rescore(case, dict(zip(places, values, strict=True))).points
        for places in itertools.combinations(may, count)
        for values in itertools.product(*(may[p] for p in places))
    ]


# other values


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_without_changes_everybody_keeps_their_points_to_the_bit(
    fitted, asked, missing: str
) -> None:
    weighting = weights(fitted.evidence, bureau=2, bank=1, floor=0.3, missing=missing)
    points = STANDARD.points(STEEP.log_odds(weigh(fitted.evidence, weighting)))
    rows = fitted.evidence.people["row"].to_list()
    for row in (0, 1, 2, 4, 6, 7, 299):
        assert (
            rescore(asked(row, weighting=weighting), {}).points == points[rows.index(row)]
            or row % 6 == 3
        )


def test_another_person_s_values_lead_to_the_other_person_s_points(fitted, asked) -> None:
    ann, other = asked(4), asked(10)
    names = [(d.source.key, f.name) for d in ann.designs for f in d.features]
    values = dict(zip(names, [*told(other, 0), *told(other, 1)], strict=True))
    assert rescore(ann, values).points == rescore(other, {}).points


def told(case: Case, s: int) -> list[float | str]:
    observed, design = case.ranges, case.designs[s]
    ranges = [observed[design.source.key, f.name] for f in design.features]
    return [
        r.texts[int(v)] if r.texts else float(v)
        for v, r in zip(design.matrix[0], ranges, strict=True)
    ]


def test_changes_are_told_before_and_after(asked) -> None:
    option = rescore(asked(), {("bank", "job"): "free", ("bureau", "late_90"): 3})
    now = told(asked(), 0)[1]
    assert [(c.source.key, c.feature.name, c.after) for c in option.changes] == [
        ("bank", "job", "free"),
        ("bureau", "late_90", 3.0),
    ]
    assert option.changes[1].text == f"Bureau: late_90: {now:g} → 3"


def test_using_more_of_the_card_limits_never_raises_the_points(sample_case) -> None:
    case = sample_case(lambda known: known[:, 0])
    points = [
        rescore(case, {("bureau", "utilisation"): v}).points
        for v in case.ranges["bureau", "utilisation"].steps
    ]
    assert points == sorted(points, reverse=True)
    assert points[0] > points[-1] + 10


def test_a_value_may_be_missing(asked) -> None:
    assert rescore(asked(), {("bureau", "late_90"): None}).changes[0].after is None


def test_a_source_without_weight_changes_no_points(fitted, asked) -> None:
    case = asked(weighting=weights(fitted.evidence, bank=1))
    assert rescore(case, {("bureau", "late_90"): 5}).points == rescore(case, {}).points


@pytest.mark.parametrize(
    ("row", "changes", "sentence"),
    [
        (4, {("bureau", "late_90"): 1e9}, "'late_90' of source 'bureau' must lie between 0 and "),
        (4, {("bureau", "utilisation"): -0.5}, "as observed; got -0.5"),
        (4, {("bureau", "utilisation"): float("nan")}, "as observed; got nan"),
        (4, {("bureau", "late_90"): "many"}, "as observed; got many"),
        (
            4,
            {("bank", "job"): "none"},
            "'job' of source 'bank' must be one of the observed values, fixed, free; got 'none'",
        ),
        (4, {("bank", "job"): 1.0}, "must be one of the observed values, fixed, free; got 1.0"),
        (4, {("bank", "age"): 1}, "source 'bank' has no feature 'age'; it has: balance, job"),
        (4, {("banc", "job"): 1}, "no source 'banc' in catalog.toml; it has: bureau, bank"),
        (
            1,
            {("bureau", "late_90"): 1},
            "source 'bureau' holds no record of this person, so 'late_90' cannot be changed",
        ),
        (
            3,
            {("bureau", "late_90"): 1},
            (
                "this person is not scored, so no value can change the points; lower the floor or"
                " weigh a source that knows them"
            ),
        ),
    ],
)
def test_values_that_cannot_be_are_refused(asked, row: int, changes: dict, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        rescore(asked(row), changes)
    assert sentence in str(refusal.value)


def test_a_case_is_of_one_person(fitted, asked) -> None:
    with pytest.raises(Refusal, match="what-if takes one person at a time, got 300"):
        replace(asked(), person=fitted.evidence)


# what would raise it


@pytest.mark.parametrize("row", [4, 10, 16, 22, 1, 2])
def test_one_change_is_found_wherever_one_suffices(asked, row: int) -> None:
    case = asked(row)
    now, singles = rescore(case, {}).points, reached(case, 1)
    found = raise_to(case, now + 5)
    assert (len(found.options[0].changes) == 1 if found.options else False) == (
        max(singles) >= now + 5
    )
    for option in found.options:
        assert (
            option.points
            == rescore(
                case, {(c.source.key, c.feature.name): c.after for c in option.changes}
            ).points
            >= now + 5
        )
        assert all(c.after in steps(case)[c.source.key, c.feature.name] for c in option.changes)


@pytest.mark.parametrize("row", [4, 10, 16, 22])
def test_two_changes_are_found_where_one_does_not_suffice(asked, row: int) -> None:
    case = asked(row)
    one, two = max(reached(case, 1)), max(reached(case, 2))
    if two > one + 1e-6:
        found = raise_to(case, (one + two) / 2)
        assert {len(o.changes) for o in found.options} == {2}
        assert all(o.points >= (one + two) / 2 - 1e-9 for o in found.options)


def test_whoever_stands_at_the_low_end_finds_the_way_up(asked) -> None:
    case = asked(10)
    most = (max(reached(case, 1)) + max(reached(case, 2))) / 2
    low = replace(case, scale=replace(STANDARD, low=most, bands=(), names=("",)))
    one, two = max(reached(low, 1)), max(reached(low, 2))
    # points bend before the end of a scale and keep their order there
    found = raise_to(low, (one + two) / 2)
    assert found.points < one < two
    assert {len(o.changes) for o in found.options} == {2}


def test_where_three_changes_fall_short_the_best_of_them_is_told(asked) -> None:
    case = asked()
    found = raise_to(case, 949.0)
    assert found.options == ()
    assert len(found.best.changes) <= MOST
    assert found.best.points >= max(reached(case, 2))
    assert (
        found.reason
        == f"Up to 3 changes within what is usual would lead to {found.best.points:,.0f} points at"
        " most, short of 949."
    )


def test_the_smallest_move_comes_first_and_each_set_of_features_once(asked) -> None:
    case = asked()
    found = raise_to(case, rescore(case, {}).points + 1)
    places = [
        tuple(sorted((c.source.key, c.feature.name) for c in o.changes)) for o in found.options
    ]
    assert len(set(places)) == len(places)
    for option in found.options:
        (change,) = option.changes
        if not isinstance(change.after, str):
            low, high = sorted([change.before, change.after])
            nearer = [
                v
                for v in steps(case)[change.source.key, change.feature.name]
                if low <= v <= high and v != change.after
            ]
            assert all(
                rescore(case, {(change.source.key, change.feature.name): v}).points < found.target
                for v in nearer
            )


def test_only_actionable_features_are_moved(asked) -> None:
    case = asked(actionable=("balance",))
    found = raise_to(case, rescore(case, {}).points + 0.1)
    assert {c.feature.name for o in found.options for c in o.changes} <= {"balance"}
    assert (
        reasons_none(raise_to(asked(actionable=()), 900))
        == "No feature that the person could change speaks in this score, or all of them are at"
        " their best already."
    )


def reasons_none(found: Raise) -> str:
    assert (found.options, found.best) == ((), None)
    return found.reason


def test_there_is_always_a_reason_where_there_is_no_way(fitted, asked) -> None:
    case = asked()
    now = rescore(case, {}).points
    assert (
        reasons_none(raise_to(case, now))
        == f"The person already has {now:,.0f} points, and the target is {now:,.0f}."
    )
    assert (
        reasons_none(raise_to(case, 951))
        == "The scale ends at 950 points, below the target of 951."
    )
    assert reasons_none(raise_to(asked(3), 700)).startswith(
        "This person is not scored, so there are no points to raise"
    )
    flat = replace(case, calibration=Calibration(-2.0, 0.0))
    assert reasons_none(raise_to(flat, 940)).startswith(
        "No feature that the person could change speaks in this score"
    )


def test_what_is_not_on_record_is_no_way(asked) -> None:
    case = asked(1, actionable=("balance",))
    empty = case.designs[1].matrix.copy()
    empty[0, 0] = np.nan
    found = raise_to(
        replace(case, designs=[case.designs[0], replace(case.designs[1], matrix=empty)]), 900
    )
    assert found.reason.startswith("No feature that the person could change")


def test_when_the_time_is_up_what_was_found_is_told(asked) -> None:
    ticks = itertools.count()
    found = raise_to(asked(), 949.0, seconds=2, clock=lambda: float(next(ticks)))
    assert not found.finished
    assert found.best.points > found.points
    assert (
        found.reason
        == f"What could be tried in the time would lead to {found.best.points:,.0f} points at most,"
        " short of 949."
    )
    assert (
        raise_to(asked(), 949.0, seconds=0, clock=lambda: 0.0).reason
        == "What could be tried in the time raised no points."
    )


def test_sample_people_get_a_way_or_a_reason(sample_case) -> None:
    for at in range(0, 60_000, 7500):
        found = raise_to(sample_case(lambda known, at=at: np.arange(len(known)) >= at), 720.0)
        assert bool(found.options) != bool(found.reason)
        assert all(c.feature.actionable for o in found.options for c in o.changes)


def observed(values, *, whole: bool = False) -> records.Range:
    """A range of these values, as `steps` of it."""
    least, most = float(min(values)), float(max(values))
    return records.Range(
        least, float(np.median(values)), most, tuple(map(float, values)), whole=whole
    )


@pytest.mark.parametrize("now", [0.0, 47.0, 137.5, 20_000.0, 1e6])
def test_amounts_of_a_wide_range_are_tried_in_steps_of_their_own_size(now: float) -> None:
    places = stops(observed([0, 120, 900, 4000, 30_000, 1e6]), now)
    assert places[0] == 0
    assert places[-1] == 1e6
    assert now in places
    assert len(places) < 60
    ratios = [b / a for a, b in itertools.pairwise(places) if a >= 120]
    assert max(ratios) <= 2  # from 100 to 200 at most
    assert {200, 3000, 50_000} <= set(places)


@pytest.mark.parametrize(
    ("values", "whole", "expected"),
    [
        ([0, 2, 12], True, list(range(13))),
        ([18, 40, 75], True, [18, 20, *range(22, 75, 2), 75]),
        ([0.0, 0.4, 1.0], False, [round(i * 0.02, 10) for i in range(51)]),
        ([-500_000, 0, 1_000_000], False, [-500_000 + 50_000 * i for i in range(31)]),
        ([5, 5], True, [5]),
    ],
)
def test_an_even_range_is_tried_in_round_steps(values, whole, expected) -> None:
    assert list(stops(observed(values, whole=whole), values[0])) == pytest.approx(expected)


@given(
    st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=12),
    st.floats(-1e9, 1e9, width=32),
    st.booleans(),
)
def test_every_place_lies_within_what_was_observed_and_the_value_is_one(steps, now, whole) -> None:
    steps = [float(round(v)) for v in steps] if whole else steps
    places = stops(observed(sorted(set(steps)), whole=whole), now)
    assert now in places
    assert places == tuple(sorted(set(places)))
    assert min(*steps, now) == places[0]
    assert max(*steps, now) == places[-1]
    assert len(places) <= 150
