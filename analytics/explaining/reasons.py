"""What lowered this score most? Up to four reasons in words, from the features that were used, each
naming its source."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.data.catalog.model import Feature, Source

from .explanation import NEVER_SEEN, Contribution, Scale, Statement, Value, shown
from .records import Range, Ranges

MOST = 4
LEAST = 0.5  # points; what a feature must take away to be a reason
ALIKE = 0.01  # points; reasons this close stand in catalog order: rounding never reorders them
UNSEEN = Range(math.nan, math.nan, math.nan, ())


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what it says in English and Chinese, the source it comes from, and the points it
    took away.

    Features of one source that say the same are one reason: `features` names them all, the most
    harmful first.
    """

    source: Source
    features: tuple[Feature, ...]
    text: str
    text_zh: str
    points: float
    log_odds: float


def reasons(
    statement: Statement, scale: Scale, ranges: Ranges, most: int = MOST
) -> tuple[Reason, ...]:
    """The features that took the most points from a person, the most harmful first; none if nothing
    took half a point.

    Parameters
    ----------
    ranges : what is usual for each feature, to tell a high value from a low one.
    """
    harmful = [c for c in statement.contributions if c.log_odds > 0]
    groups: dict[tuple[str, str], list[Contribution]] = {}
    for c in harmful:
        groups.setdefault((c.source.key, say(c, ranges)[0]), []).append(c)
    found = [_reason(group, scale, ranges) for group in groups.values()]
    return tuple(_ordered([r for r in found if r.points >= LEAST])[:most])


def _reason(group: list[Contribution], scale: Scale, ranges: Ranges) -> Reason:
    text, text_zh = say(group[0], ranges)
    added = math.fsum(c.log_odds for c in group)
    features = tuple(c.feature for c in sorted(group, key=lambda c: -c.log_odds))
    return Reason(group[0].source, features, text, text_zh, scale.factor * added, added)


def _ordered(reasons: Iterable[Reason]) -> list[Reason]:
    """Most points first; what lies within `ALIKE` of the first of its kind stands in catalog
    order."""
    waiting, ordered = list(reasons), []
    while waiting:
        first = max(r.points for r in waiting) - ALIKE
        ordered += [r for r in waiting if r.points >= first]
        waiting = [r for r in waiting if r.points < first]
    return ordered


def say(contribution: Contribution, ranges: Ranges) -> tuple[str, str]:
    """Why a feature took points, in English and Chinese: the catalog's text for a value above or
    below the usual, or one made of its label."""
    source, feature = contribution.source, contribution.feature
    side = _side(contribution.value, ranges.get((source.key, feature.name), UNSEEN))
    text = {"high": feature.reason_high, "low": feature.reason_low}.get(side) or _plain(
        feature, contribution.value, side
    )
    text_zh = {"high": feature.reason_high_zh, "low": feature.reason_low_zh}.get(side) or _plain_zh(
        feature, contribution.value, side
    )
    return f"{source.label}: {text}", f"{source.title_zh}：{text_zh}"


def _side(value: Value, usual: Range) -> str:
    """Where a value lies: high or low against the usual; even, where neither can be said; none,
    where it is missing; unseen, where no model saw it."""
    if value is None:
        return "none"
    if value == NEVER_SEEN:
        return "unseen"
    if isinstance(value, str) or math.isnan(usual.usual) or value == usual.usual:
        return "even"
    return "high" if value > usual.usual else "low"


def _plain(feature: Feature, value: Value, side: str) -> str:
    words = {
        "high": "higher than usual",
        "low": "lower than usual",
        "none": "not on record",
        "unseen": "a value never seen when the models were fitted",
    }
    return f"{feature.title}: {words[side] if side in words else shown(value)}"


def _plain_zh(feature: Feature, value: Value, side: str) -> str:
    words = {
        "high": "高于常见水平",
        "low": "低于常见水平",
        "none": "无记录",
        "unseen": "建模时从未出现过的取值",
    }
    return f"{feature.title_zh}：{words[side] if side in words else shown(value)}"


NONE = "No single feature lowered the score by half a point or more."
NONE_ZH = "没有任何一项指标使分数降低半分以上。"


def unscored(statement: Statement) -> tuple[str, str]:
    """Why a person is not scored, in English and Chinese; empty texts for a person who is."""
    if statement.scored:
        return "", ""
    share, reach, floor = statement.weighting.shares, statement.reach, statement.weighting.floor
    absent = ", ".join(f"{s.label} ({share[s.key]:.0%})" for s in statement.absent)
    absent_zh = "、".join(f"{s.title_zh}（{share[s.key]:.0%}）" for s in statement.absent)
    if not reach:
        return (
            f"Not scored: none of the weighted sources knows this person; missing: {absent}.",
            f"未评分：没有任何有权重的数据源掌握此人的记录；缺少：{absent_zh}。",
        )
    return (
        (
            f"Not scored: the sources that know this person carry {reach:.1%} of the weight, "
            f"below the floor of {floor:.1%}; missing: {absent}."
        ),
        (
            f"未评分：掌握此人记录的数据源合计权重为 {reach:.1%}，"
            f"低于下限 {floor:.1%}；缺少：{absent_zh}。"
        ),
    )


def sentences(statement: Statement, found: tuple[Reason, ...]) -> tuple[str, str]:
    """What is said in place of reasons, in English and Chinese: why there is no score, or that
    nothing lowered it; empty texts where there are reasons."""
    if not statement.scored:
        return unscored(statement)
    return ("", "") if found else (NONE, NONE_ZH)
