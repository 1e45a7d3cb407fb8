"""What does the weights lab say? Sentences and tables, composed from figures."""

from collections.abc import Mapping

import polars as pl

from analytics.charts.plane import SCORED
from analytics.deciding.comparison import Figure
from analytics.metrics import METRICS, head, meaning, shown
from analytics.weighing.frontier import Best
from pages.shared.markup import Cell, Tone
from pages.shared.words import Head, between, change, less, share, span_of, written


def lab(figures: dict[str, Figure], a: str, b: str) -> str:
    """The answer of the Weights page in words: what A does that B does not."""
    reach, rank = figures["coverage"], figures["auc_everyone"]
    if a == b:
        figures_of_both = (
            f"**{share(reach.value)}** of people at an AUC of everyone of **{rank.value:.3f}**"
        )
        return (
            f"A and B are both **{a}** and score {figures_of_both}; move a weight to see what it"
            " buys."
        )
    more = (
        "as many people as"
        if not reach.difference.certain
        else (
            f"**{abs(100 * reach.difference.value):.1f} points**"
            f" {'more' if reach.difference.value > 0 else 'fewer'} people than"
        )
    )
    how = (
        "as well, as far as these persons can tell"
        if not rank.difference.certain
        else f"{'better' if rank.difference.value > 0 else 'worse'}"
    )
    span = f"AUC **{change('auc', rank.difference.value)}** ({span_of('auc', rank.difference)})"
    return f"A (**{a}**) scores {more} B (**{b}**) and ranks everyone {how}: {span}."


PRICE = "What one person costs: one query to every source with a weight."


PERCENT = {
    "weight": "percent",
    "coverage": "percent",
    "coverage_low": "percent",
    "coverage_high": "percent",
}


ONE_WEIGHT = "the others keep their proportions; band: 95% interval"


def table(
    figures: dict[str, Figure], a: str, b: str, prices: tuple[float, float], currency: str
) -> tuple[list[Head], list[list[str | Cell]]]:
    """A, B and A less B: heads and rows; the price only where sources cost something."""
    heads: list[Head] = ["", *((head(name), meaning(name)) for name in shown("pair"))]
    mine: list[str | Cell] = [
        f"**A** {a}",
        *(
            Cell(written(n, figures[n].value), between(n, figures[n].low, figures[n].high))
            for n in shown("pair")
        ),
    ]
    other: list[str | Cell] = [f"**B** {b}", *(written(n, figures[n].other) for n in shown("pair"))]
    apart: list[str | Cell] = ["A less B", *(less(n, figures[n]) for n in shown("pair"))]
    if not any(prices):
        return heads, [mine, other, apart]
    saved = prices[0] - prices[1]
    tone: Tone = "better" if saved < 0 else "worse" if saved > 0 else "same"
    costs: tuple[str | Cell, ...] = (
        f"{prices[0]:,.2f}",
        f"{prices[1]:,.2f}",
        Cell(f"{saved:+,.2f}".replace("-", "−"), tone=tone),
    )
    return [*heads, (f"price, {currency}", PRICE)], [
        [*row, cost] for row, cost in zip((mine, other, apart), costs, strict=True)
    ]


def plane_alt(figures: Mapping[str, Figure], a: str) -> str:
    """The coverage-accuracy picture for those who cannot see it."""
    return (
        f"Coverage against accuracy: {a} scores {share(figures['coverage'].value)} of people at an"
        f" AUC of everyone of {figures['auc_everyone'].value:.3f}"
    )


def one_alt(path: pl.DataFrame, label: str) -> str:
    """The picture of one weight for those who cannot see it."""
    best = path.sort("searched", descending=True, nulls_last=True).row(0, named=True)
    return (
        f"Coverage and accuracy along the weight of {label}; calibration persons are ranked best at"
        f" a weight of {best['weight']:.0%}"
    )


CLOUD = (
    "dots: sampled weightings; line: their frontier on calibration persons; dashed: pooled; click"
    " one and A takes it"
)


def every_weighting(heaviest: str) -> str:
    """How to read the cloud.

    By coverage, or where all weightings score alike by the weight of the source that learned
    weights give most to.
    """
    return (
        f"all score the same people, so across is the weight of {heaviest}; click a dot: A takes"
        " its weights"
        if heaviest
        else CLOUD
    )


def sideways(heaviest: str) -> tuple[str, str]:
    """What is across, as the axis and the hover say it."""
    return (f"weight of {heaviest}", f"of the weight for {heaviest}") if heaviest else SCORED


def cloud(dots: pl.DataFrame, found: pl.DataFrame, labels: Mapping[str, str]) -> pl.DataFrame:
    """The dots of the cloud, each with what it mostly weighs."""
    keys = [c for c in found.columns if c.startswith("weight.")]
    top = found.select(keys).to_numpy().argmax(axis=1)
    named = [labels[keys[i].removeprefix("weight.")] for i in top]
    return dots.select(
        "coverage", "auc", pl.Series("words", [f"mostly {name}" for name in named])
    ).drop_nulls()


def swaps(moved: pl.DataFrame, cutoff: float) -> str:
    """What A does that B does not, at a cutoff."""
    ins, outs = (
        moved.filter((pl.col(one) == "accepted") & (pl.col(other) != "accepted"))
        for one, other in (("a", "b"), ("b", "a"))
    )
    told = [
        f"{_swapped(rows)} whom {other} does not ({_rate(rows)})"
        for rows, other in ((ins, "B"), (outs, "A"))
    ]
    return f"at {cutoff:g} points A accepts {told[0]}, B {told[1]}"


def _swapped(rows: pl.DataFrame) -> str:
    """The share of people in some cells of a swap set.

    At least so many where others hold too few to count.
    """
    return f"{'at least ' if rows['share'].null_count() else ''}{share(float(rows['share'].sum()))}"


def _rate(rows: pl.DataFrame) -> str:
    known = rows.drop_nulls("bad_rate")
    people = int(known["persons"].sum())
    return (
        f"{share(float((known['persons'] * known['bad_rate']).sum()) / people)} default"
        if people
        else "too few to tell"
    )


def found(best: Best, accuracy: str) -> str:
    """What a search found, where it searched and where it is read."""
    title, form = METRICS[accuracy].label, METRICS[accuracy].axis or METRICS[accuracy].form
    searched, read = (f"{value:{form}}" for value in (best.searched, best.read))
    where = (
        f"{searched} on the calibration persons, where it was searched; {read} on the test persons,"
        " which it never saw"
    )
    return f"Taken. {title}: {where}. Coverage {share(best.coverage)}."
