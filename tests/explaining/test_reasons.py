"""Are the reasons true, in order, in words, and steady?"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.model import Feature, Source
from analytics.data.catalog.toml import read
from analytics.deciding.scorecard import STANDARD
from analytics.explaining.explanation import Contribution, Statement, Value, state, weigh
from analytics.explaining.reasons import (
    LEAST,
    NONE,
    Reason,
    reasons,
    say,
    sentences,
    shown,
    unscored,
)
from analytics.explaining.records import Range, observe
from analytics.weighing.weighting import Weighting, equal
from tests.explaining.conftest import SAMPLE
from tests.explaining.parts import PLAIN

BANK = Source("bank", "Bank", ("x",), label_zh="银行")
SHOP = Source("shop", "Shop", ("x",))
LATE = Feature(
    "late",
    "Late payments",
    direction="riskier",
    label_zh="逾期次数",
    reason_high="Payments were late",
    reason_high_zh="有逾期",
)
BALANCE = Feature("balance", "Balance", direction="safer", reason_low="The balance is low")
USUAL = Range(0.0, 2.0, 9.0, (0.0, 2.0, 9.0))


def contribution(
    feature: Feature, points: float, value: Value = 5.0, source: Source = BANK
) -> Contribution:
    """A feature that takes these points."""
    return Contribution(source, feature, value, points / STANDARD.factor)


def statement(
    *contributions: Contribution, log_odds: float = -2.0, reach: float = 1.0
) -> Statement:
    weighting = Weighting((("bank", 30.0), ("shop", 70.0)), 0.4)
    return Statement(
        "Ann",
        weighting,
        log_odds,
        log_odds - sum(c.log_odds for c in contributions),
        contributions,
        (BANK,),
        (SHOP,),
        reach,
    )


def why(*contributions: Contribution, usual: Range = USUAL) -> tuple[Reason, ...]:
    return reasons(
        statement(*contributions),
        STANDARD,
        {(c.source.key, c.feature.name): usual for c in contributions},
    )


def named(found: Sequence[Reason]) -> list[str]:
    return [r.features[0].name for r in found]


def test_the_four_that_took_most_points_come_first_and_what_gave_points_never() -> None:
    found = why(*(contribution(Feature(f"f{p}"), p) for p in (1, 9, -20, 3, 7, 5)))
    assert named(found) == ["f9", "f7", "f5", "f3"]
    assert [r.points for r in found] == pytest.approx([9, 7, 5, 3])


def test_a_reason_names_its_source_and_speaks_the_catalog_s_words_in_two_languages() -> None:
    (reason,) = why(contribution(LATE, 9))
    assert (reason.text, reason.text_zh, reason.source) == (
        "Bank: Payments were late",
        "银行：有逾期",
        BANK,
    )


@pytest.mark.parametrize(
    ("feature", "value", "text", "text_zh"),
    [
        (LATE, 5.0, "Bank: Payments were late", "银行：有逾期"),
        (LATE, 1.0, "Bank: Late payments: lower than usual", "银行：逾期次数：低于常见水平"),
        (LATE, 2.0, "Bank: Late payments: 2", "银行：逾期次数：2"),
        (LATE, None, "Bank: Late payments: not on record", "银行：逾期次数：无记录"),
        (BALANCE, 1.0, "Bank: The balance is low", "银行：Balance：低于常见水平"),
        (BALANCE, 5.0, "Bank: Balance: higher than usual", "银行：Balance：高于常见水平"),
        (Feature("tier"), "basic", "Bank: tier: basic", "银行：tier：basic"),
        (Feature("debt"), 1234567.5, "Bank: debt: higher than usual", "银行：debt：高于常见水平"),
    ],
)
def test_the_words_go_with_the_value_never_against_it(
    feature: Feature, value: Value, text: str, text_zh: str
) -> None:
    assert say(contribution(feature, 9, value), {("bank", feature.name): USUAL}) == (text, text_zh)


def test_without_a_range_the_value_itself_is_told() -> None:
    assert say(contribution(LATE, 9, 1500.0), {})[0] == "Bank: Late payments: 1,500"
    assert [shown(v) for v in (None, "basic", 2.0, 0.25, 1234567.0)] == [
        "not on record",
        "basic",
        "2",
        "0.25",
        "1,234,567",
    ]


def test_features_of_one_source_that_say_the_same_are_one_reason() -> None:
    more = Feature("late_90", "Very late", direction="riskier", reason_high="Payments were late")
    late, other = why(
        contribution(LATE, 3), contribution(more, 4), contribution(LATE, 5, source=SHOP)
    )
    assert [f.name for f in late.features] == ["late_90", "late"]
    assert (late.points, other.points, other.source) == (pytest.approx(7), pytest.approx(5), SHOP)


def test_half_a_point_is_a_reason_and_less_is_none() -> None:
    assert named(why(contribution(LATE, LEAST + 1e-9), contribution(BALANCE, LEAST - 1e-3))) == [
        "late"
    ]
    assert why(contribution(LATE, LEAST - 1e-3)) == ()


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=12),
    st.lists(st.floats(-1e-6, 1e-6), min_size=12, max_size=12),
)
def test_small_changes_of_log_odds_do_not_reorder_reasons(steps, noise) -> None:
    features = [Feature(f"f{i}") for i in range(len(steps))]
    points = [0.55 + step / 4 for step in steps]  # ties, and steps that no rounding closes
    still = why(*(contribution(f, p) for f, p in zip(features, points, strict=True)))
    moved = why(
        *(
            contribution(f, p + n * STANDARD.factor)
            for f, p, n in zip(features, points, noise, strict=False)
        )
    )
    assert named(moved) == named(still)
    assert [int(n[1:]) for n in named(still)] == sorted(
        range(len(steps)), key=lambda i: (-steps[i], i)
    )[:4]


# when there are none


def test_a_score_that_nothing_lowered_says_so() -> None:
    ann = statement(contribution(LATE, -4))
    assert sentences(ann, why(contribution(LATE, -4))) == (
        NONE,
        "没有任何一项指标使分数降低半分以上。",
    )
    assert sentences(ann, why(contribution(LATE, 4))) == ("", "")


def test_a_person_who_is_not_scored_is_told_which_sources_are_missing() -> None:
    bob = statement(log_odds=float("nan"), reach=0.3)
    assert sentences(bob, ()) == unscored(bob)
    assert unscored(bob) == (
        (
            "Not scored: the sources that know this person carry 30.0% of the weight, below the"
            " floor of 40.0%; missing: Shop (70%)."
        ),
        "未评分：掌握此人记录的数据源合计权重为 30.0%，低于下限 40.0%；缺少：Shop（70%）。",
    )
    assert (
        unscored(statement(log_odds=float("nan"), reach=0.0))[0]
        == "Not scored: none of the weighted sources knows this person; missing: Shop (70%)."
    )
    assert unscored(statement()) == ("", "")


# the sample


def test_every_sample_feature_that_can_lower_a_score_has_its_words_in_both_languages() -> None:
    for source in read(SAMPLE):
        assert source.label_zh
        for f in source.features:
            high, low = {"riskier": (True, False), "safer": (False, True)}.get(
                f.direction, (f.unit != "category",) * 2
            )
            assert (
                bool(f.reason_high),
                bool(f.reason_high_zh),
                bool(f.reason_low),
                bool(f.reason_low_zh),
            ) == (high, high, low, low), f
            assert f.label_zh


def test_reasons_of_sample_people_are_the_features_that_hurt_most(sample, sample_explained) -> None:
    usual = observe(sample.population, sample.models())
    weighed = weigh(sample_explained, sample.evidence, equal(sample.evidence.catalog), PLAIN)
    for at in range(0, 60_000, 2999):
        one = state(weighed, at)
        found = reasons(one, STANDARD, usual)
        harm = sorted((c.log_odds for c in one.contributions), reverse=True)
        assert len(found) <= 4
        assert all(r.points >= LEAST for r in found)
        if found and len(found[0].features) == 1:
            assert found[0].points >= STANDARD.factor * harm[0] - 0.02
