"""What does the page of stresses say? Sentences and tables, composed from figures."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import polars as pl

from analytics.deciding.comparison import Figure
from analytics.metrics import head, meaning, shown
from analytics.stress.detector import Quality
from analytics.stress.effect import Move
from analytics.stress.kind import Stress
from analytics.stress.kinds.consent import Silence
from analytics.study.stress import Detected, RobustWeights, StressEffect
from analytics.weighing.pair import Difference
from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import Head, between, change, less, share, span_of, spanned, written


@dataclass(frozen=True, slots=True)
class Loss:
    """What the page's sentence is made of.

    Attributes
    ----------
    key : the source that loses most.
    worth : of that source, before and after.
    move : where some of its weight is better placed; `moved` is what that does.
    """

    effect: StressEffect
    key: str
    worth: tuple[Difference, Difference]
    move: Move | None
    moved: StressEffect | None


def sentence(view: View, stresses: Sequence[Stress], loss: Loss) -> str:
    """The page's answer: what happens, what it costs, what would help."""
    label = view.labels[loss.key]
    worth = (
        _worth(label, loss.worth)
        if view.weighting.shares[loss.key]
        else f"{label} has no weight to lose"
    )
    score = _score(loss.effect.figures)
    return f"If {clauses(view, stresses)}, {worth}. {score}{_remedy(view, label, loss)}"


def clauses(view: View, stresses: Sequence[Stress]) -> str:
    """Stresses as part of a sentence."""
    return " and ".join(stress.clause(view.labels[stress.source]) for stress in stresses)


def _worth(label: str, worth: tuple[Difference, Difference]) -> str:
    before, after = (100 * each.value for each in worth)
    if abs(before) < LEAST and abs(after) < LEAST:
        return f"{label} is worth next to nothing in these weights, before and after"
    return f"{label} is worth **{_signed(after)}** points of AUC instead of **{_signed(before)}**"


LEAST = 0.05  # points of AUC that round to 0.0


def _signed(points: float) -> str:
    return f"{points:.1f}".replace("-0.0", "0.0").replace("-", "−")


def _score(figures: Mapping[str, Figure]) -> str:
    """What happens to coverage and accuracy."""
    reach, rank = figures["coverage"], figures["auc_everyone"]
    fewer = (
        f"coverage goes from **{share(reach.other)}** to **{share(reach.value)}**"
        if reach.difference.value
        else "as many people are scored"
    )
    if not rank.difference.value:
        return f"The AUC of everyone stays at **{rank.value:.3f}**, and {fewer}."
    way = (
        ("falls" if rank.difference.value < 0 else "rises")
        if rank.difference.certain
        else "hardly moves,"
    )
    return (
        f"The AUC of everyone {way} from **{rank.other:.3f}** to **{rank.value:.3f}**, and {fewer}."
    )


def _lost(figures: Mapping[str, Figure]) -> bool:
    """Does everybody rank surely worse?"""
    change = figures["auc_everyone"].difference
    return change.certain and change.value < 0


def _remedy(view: View, label: str, loss: Loss) -> str:
    """What moving some weight would do; nothing where nothing is lost."""
    if not _lost(loss.effect.figures):
        return ""
    if loss.move is None or loss.moved is None:
        return f" No other source makes up for it with weight of {label}."
    kept, after = loss.moved.figures["auc_everyone"], loss.effect.figures["auc_everyone"]
    points = f"**{100 * loss.move.points:.0f}** points"
    how = f"Moving {points} of its weight to {view.labels[loss.move.to]}"
    if not (kept.difference.certain and kept.difference.value < 0):
        kept_how = "more than makes up for it" if kept.difference.certain else "keeps the score"
        return f" {how} {kept_how} (AUC of everyone **{kept.value:.3f}**)."
    back = 100 * (kept.value - after.value)
    return (
        f" {how} wins back **{_signed(back)}** points of it."
        if back >= LEAST
        else f" {how} looked best beforehand, and wins nothing back here."
    )


def waiting(search: "Future[RobustWeights]") -> str:
    """What stands where the weights that hold will: they are searched, or why there are none."""
    return (
        f"no weights that hold: {search.exception()}"
        if search.done() and search.exception()
        else "weights that hold: searching"
    )


def table(
    before_after: Mapping[str, Figure],
    robust: Mapping[str, Figure] | None,
    wait: str,
    loss: Loss | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[list[Head], list[list[str | Cell]]]:
    """Before, after, the difference, the sentence's weights, and robust ones once found."""
    heads: list[Head] = ["", *((head(name), meaning(name)) for name in shown("stress"))]
    rows: list[list[str | Cell]] = [
        ["before", *(written(n, before_after[n].other) for n in shown("stress"))],
        [
            "**after**",
            *(
                Cell(
                    written(n, before_after[n].value),
                    between(n, before_after[n].low, before_after[n].high),
                )
                for n in shown("stress")
            ),
        ],
        ["after less before", *(_change(n, before_after[n]) for n in shown("stress"))],
    ]
    if loss and loss.move and loss.moved and _lost(loss.effect.figures):
        rows.append(
            [
                f"**{100 * loss.move.points:.0f} points moved** "
                f"to {(labels or {})[loss.move.to]}, after",
                *_others(loss.moved.figures),
            ]
        )
    if robust is None:
        return heads, [*rows, [wait, *("…" for _ in shown("stress"))]]
    return heads, [*rows, ["**weights that hold**, after", *_others(robust)]]


def _others(figures: Mapping[str, Figure]) -> list[Cell]:
    """Figures of other weights, after; none of the common, who are not those of the rows above."""
    return [
        Cell("–")
        if n == "auc_common"
        else Cell(written(n, figures[n].value), _on_before(n, figures[n]))
        for n in shown("stress")
    ]


def _on_before(name: str, figure: Figure) -> str:
    return (
        f"{change(name, figure.difference.value)} on before"
        if isfinite(figure.difference.value)
        else ""
    )


def _change(name: str, figure: Figure) -> Cell:
    """After less before; that more are accepted is neither good nor bad by itself."""
    cell = less(name, figure)
    return replace(cell, tone="same") if name == "accepted" else cell


def people_hit(view: View, effect: StressEffect, cutoff: float) -> str:
    """Whom it hits, in a line under the answer."""
    point = effect.point
    hit, crossed, lost = (int(point[name] or 0) for name in ("hit", "crossed", "lost"))
    whom = "The last of them hits" if len(view.stress) > 1 else "It hits"
    accepted = f"**{crossed:,}** are accepted who were not, **{lost:,}** no longer are"
    decided = f"at {cutoff:g} points {accepted}"
    line = f"{whom} **{hit:,}** of {len(view.persons):,} persons; {decided}"
    cost, each = point["cost"], point["cost_per_crossing"]
    if not cost:
        return line
    money = view.catalog.people.currency or "in all"
    return f"{line}; it costs them {cost:,.0f} {money}" + (
        f", {each:,.0f} for each who gets in" if each is not None else ""
    )


def robust_line(rows: pl.DataFrame) -> str:
    """What robustness costs, and what it buys."""
    robust = rows.filter(name="that hold").row(0, named=True)
    price, gain = (
        f"{100 * robust[n]:+.1f} points "
        f"({100 * robust[f'{n}_low']:+.1f} to {100 * robust[f'{n}_high']:+.1f})".replace("-", "−")
        for n in ("price", "gain")
    )
    return (
        f"Without stress they rank by {price} of AUC against the best weights there are; "
        f"under it by {gain} against the weights now."
    )


def robust_table(rows: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """Weightings before and under stress."""
    heads: list[Head] = [
        "weights",
        ("AUC before", meaning("auc_everyone")),
        ("AUC after", meaning("auc_everyone")),
        ("fall", "After less before, of the same persons."),
        ("coverage before", meaning("coverage")),
        ("coverage after", meaning("coverage")),
    ]
    return heads, [_robust_row(row) for row in rows.iter_rows(named=True)]


def _robust_row(row: Mapping[str, Any]) -> list[str | Cell]:
    aucs = [
        Cell(f"{row[n]:.3f}", between("auc", row[f"{n}_low"], row[f"{n}_high"]))
        for n in ("auc_before", "auc_after")
    ]
    fall = Cell(change("auc", row["fall"]), spanned("auc", row["fall_low"], row["fall_high"]))
    return [
        f"**{row['name']}**",
        *aucs,
        fall,
        share(row["coverage_before"]),
        share(row["coverage_after"]),
    ]


def curve_alt(points: pl.DataFrame, label: str) -> str:
    """The curve for those who cannot see it."""
    first, last = points.row(0, named=True), points.row(-1, named=True)
    return (
        f"From {first['share']:.0%} to {last['share']:.0%} of {label}, the AUC of everyone goes "
        f"from {first['auc_everyone']:.3f} to {last['auc_everyone']:.3f}"
    )


def by_segment(groups: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """What changes for segments, as their picture takes it, the greatest changes of many.

    Who is scored, where anybody is left out or let in; else who is accepted.
    """
    what = "scored" if (groups["scored_change"].fill_null(0) != 0).any() else "accepted"
    names = {f"{what}_change": "value", f"{what}_change_low": "low", f"{what}_change_high": "high"}
    rows = groups.select("group", "segment", "persons", *names).rename(names)
    chosen = (
        rows.with_row_index("order")
        .sort(pl.col("value").abs(), descending=True)
        .head(13)
        .sort("order")
        .drop("order")
    )
    return what, chosen.with_columns(pl.col("group").str.replace_all("_", " "))


def of_all(what: str, effect: StressEffect, persons: int) -> float:
    """The same change for all persons together."""
    gone = (effect.point["crossed"] or 0) - (effect.point["lost"] or 0)
    return (
        effect.figures["coverage"].difference.value if what == "scored" else gone / max(persons, 1)
    )


def no_fakes(label: str) -> str:
    """Why there is no detector."""
    return (
        f"No record of {label} is known to be fake. Name the column that flags known fakes, "
        "and the columns that give them away, as flag and signs under [sources.fakes] "
        "in the catalog, and a detector is learned from them."
    )


def detector_how(quality: Quality) -> str:
    """The detector in a line."""
    return (
        f"of {quality.persons:,} test persons it never saw, {quality.fakes:,} fake: "
        f"AUC {quality.auc:.3f} ({between('auc', quality.auc_low, quality.auc_high)})"
    )


def detector_table(found: Detected) -> tuple[list[Head], list[list[str | Cell]]]:
    """Caught and falsely suspected, trust, and the strongest signs."""
    q = found.quality
    rows: list[list[str | Cell]] = [
        ["faked records caught", Cell(share(q.caught), f"mean trust {q.trust_fakes:.2f}")],
        [
            "good payers accused falsely",
            Cell(f"{q.payer_alarms:.2%}", f"mean trust {q.trust_payers:.2f}"),
        ],
        [
            "all honest people accused falsely",
            Cell(f"{q.false_alarms:.2%}", f"mean trust {q.trust_honest:.2f}"),
        ],
        *(
            [row["label"], f"{row['importance']:.0%}"]
            for row in found.signs.head(4).iter_rows(named=True)
        ),
    ]
    return [
        "",
        (
            "share",
            "Of the records: caught or accused where trust is below 0.5; "
            "for signs, of what the detector's splits gain.",
        ),
    ], rows


def trust_table(
    mine: Sequence[Figure], learned: Sequence[Figure]
) -> tuple[list[Head], list[list[str | Cell]]]:
    """AUC of everyone under a stress, every record believed or as far as it is trusted.

    With the weights now and with learned ones.
    """
    heads: list[Head] = [
        "weights",
        ("believed", "Every record is believed."),
        ("with trust", TRUSTED),
    ]
    rows: list[list[str | Cell]] = [
        [name, *(Cell(f"{f.value:.3f}", between("auc", f.low, f.high)) for f in pair)]
        for name, pair in (("now", mine), ("learned", learned))
    ]
    return heads, rows


TRUSTED = "What the source says is multiplied by the trust in the record; false alarms included."


def silence_table(found: Silence) -> tuple[list[Head], list[list[str | Cell]]]:
    """AUC of everyone with refusal left alone, and used."""
    named = (("refusal left alone", found.unused), ("refusal used", found.used))
    rows: list[list[str | Cell]] = [
        [name, Cell(f"{f.value:.3f}", between("auc", f.low, f.high))] for name, f in named
    ]
    bought = found.bought
    rows.append(
        ["**it would have bought**", Cell(change("auc", bought.value), span_of("auc", bought))]
    )
    return ["", ("AUC of everyone", meaning("auc_everyone"))], rows


POLICIES = {
    "before": "before",
    "neutral": "an absent source says nothing",
    "renormalise": "the others speak for it",
    "refuse": "nobody it knew is scored",
}
FALLBACKS = ("coverage", "auc_everyone", "auc_scored", "accepted", "bad_rate")


def fallback_table(rows: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """The fallbacks as a table."""
    heads: list[Head] = [
        "fallback",
        *(
            ("accepted of everyone", ACCEPTED) if n == "accepted" else (head(n), meaning(n))
            for n in FALLBACKS
        ),
    ]
    return heads, [
        [POLICIES[row["policy"]], *(_ranged(row, n) for n in FALLBACKS)]
        for row in rows.iter_rows(named=True)
    ]


ACCEPTED = "Share of all persons, scored or not, at or above the cutoff."


def _ranged(row: Mapping[str, Any], name: str) -> Cell:
    if row[name] is None:
        return Cell("none")
    return Cell(written(name, row[name]), between(name, row[f"{name}_low"], row[f"{name}_high"]))


ALARM = (
    "PSI of what each source says, after against before; "
    "tick: what chance alone stays below, 95 times in 100"
)


def alarm_alt(rows: pl.DataFrame, view: View) -> str:
    """The alarm for those who cannot see it."""
    most = rows.sort("psi", descending=True, nulls_last=True).row(0, named=True)
    return (
        f"The evidence of {view.labels[most['source']]} has moved most: PSI {most['psi'] or 0:.3f}"
    )
