"""What do the pages say? Every sentence and definition in one place, composed from figures."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import polars as pl

from analytics.charts.plane import SCORED
from analytics.data.catalog import Catalog
from analytics.data.cohort import Clause, Cohort, Group
from analytics.data.disclosure import PERSONS
from analytics.deciding.comparison import Figure
from analytics.weighing.formulas import interval
from analytics.weighing.frontier import Best
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Readings
from pages.shared.markup import Cell, Tone

MEANING = {
    "coverage": "Share of people with a score: the sources that know them hold enough of the weight (their reach meets the floor).",
    "auc_everyone": "How often a defaulter stands at higher risk than a payer. People without a score count at the base rate, as one tie.",
    "auc_common": "The same, only among people whom both weightings score: what the weights do where coverage plays no part.",
    "auc_scored": "The same, only among the scored. Leaving hard people out flatters it: read it beside the coverage.",
    "ks": "Distance between the score distributions of payers and defaulters, among the scored, where it is largest among other persons (Kolmogorov-Smirnov).",
    "brier": "Mean squared distance between the probability of default and what happened, among the scored. Lower is better.",
    "accepted": "Share of the scored at or above the cutoff.",
    "bad_rate": "Share of the accepted who defaulted.",
}
TITLE = {
    "coverage": "Coverage",
    "auc_everyone": "AUC of everyone",
    "auc_common": "AUC of the common",
    "auc_scored": "AUC of the scored",
    "ks": "KS of the scored",
    "brier": "Brier of the scored",
    "accepted": "Accepted of the scored",
    "bad_rate": "Bad rate of the accepted",
}
HEAD = TITLE | {
    "coverage": "coverage",
    "accepted": "accepted of the scored",
    "bad_rate": "bad rate of the accepted",
}  # as tables write it
Head = str | tuple[str, str]
EXPLAINED = {
    "PSI": "Population stability index: how far the scores of a month are spread otherwise than those of the calibration persons. "
    "0 is alike; above 0.10 is by a rule of thumb worth a look, above 0.25 a shift.",
    "reach": "The share of the weight whose sources know a person.",
    "floor": "The least reach at which a person is scored; who is below it gets no score.",
    "frontier": "The weightings that no other beats in both: more people scored, and better ranked.",
    "pooled": "One model that learned from the columns of all sources at once, as if they lay in one place: what weighing sources apart gives up.",
    "Swap set": "Whom two weightings decide unlike at the same cutoff: accepted by one, declined by the other.",
    "KS": "Kolmogorov-Smirnov: the largest distance between the score distributions of payers and defaulters.",
    "AUC": "How often a defaulter stands at higher risk than a payer: 0.5 is chance, 1 is without error. "
    "Of everyone: people without a score count at the base rate, as one tie.",
    "Calibration": "Whether as many people default as predicted. Calibration persons are set apart for this and for every choice; "
    "a figure is read on others unless it says so.",
    "challengers": "Other models and weightings, read on the same persons as the weighting looked at, which is the champion.",
    "overfit": "A model that knows the people it learned from better than others: its AUC falls by more than chance and by more than 0.02.",
    "hit": "Share of people of whom a source has a usable record.",
    "fill": "Share of the cells of these records that are not empty.",
    "detector": "A model that tells fake records from real ones; it learned from fakes that are known.",
    "IV": "Information value: how far a column by itself tells payers from defaulters.",
}


def explained(text: str) -> str:
    """What the terms in a heading mean; empty where it has none."""
    found = [f"**{term}** {meaning[:1].lower()}{meaning[1:]}" for term, meaning in EXPLAINED.items() if _has(text, term)]
    return "\n\n".join(found)


def _has(text: str, term: str) -> bool:
    return re.search(rf"\b{term}\b", text, 0 if term.isupper() else re.IGNORECASE) is not None


SHARES = ("coverage", "ks", "accepted", "bad_rate")
TILES = ("coverage", "auc_everyone", "ks", "accepted", "bad_rate")
TRENDS = (
    ("coverage", "Coverage", ".0%", "by month", None),
    ("auc_everyone", "AUC of everyone", ".2f", "by month", None),
    ("psi", "PSI of the score", ".2f", "0.10 dashed, chance dotted", 0.1),
)


def column(name: str, catalog: Catalog | None = None) -> str:
    """A column's name as people read it: by the labels of the catalog where it has them."""
    key, dot, feature = name.partition(".")
    if catalog is not None and dot and key in catalog.keys:
        source = catalog.source(key)
        return f"{source.label}: {source.feature(feature).label or feature.replace('_', ' ')}"
    return name.replace("_", " ").replace(".", ": ")


SIGNS = {"==": "is", "!=": "is not", "<": "below", "<=": "up to", ">": "above", ">=": "from", "in": "is", "not in": "is not"}


def condition(each: Clause, catalog: Catalog | None = None) -> str:
    """A condition as people say it: region is West or East."""
    if isinstance(each, Group):
        parts = [condition(part, catalog) for part in each.parts]
        inside = [f"({words})" if isinstance(part, Group) and len(parts) > 1 else words for part, words in zip(each.parts, parts, strict=True)]
        joined = (", or " if each.how == "or" else " and ").join(inside)
        return f"not ({joined})" if each.how == "not" else joined
    values = each.value if isinstance(each.value, tuple) else (each.value,)
    said = " or ".join("missing" if v is None else str(v) for v in values)
    return f"{column(each.column, catalog)} {SIGNS[each.op]} {said}"


def named(cohort: Cohort, catalog: Catalog | None = None) -> str:
    """What a cohort is called: its name, else its conditions in words."""
    if cohort.name not in ("", cohort.text):
        return cohort.name
    said = [condition(each, catalog) for each in cohort.conditions]
    if len(said) > 1:
        several = zip(cohort.conditions, said, strict=True)
        said = [f"({one})" if isinstance(each, Group) and each.how != "not" else one for each, one in several]
    return ", ".join(said) or cohort.name


def share(value: float) -> str:
    """A share as 71.2%."""
    return f"{value:.1%}" if isfinite(value) else "none"


def written(name: str, value: float) -> str:
    """A figure as it is written: shares in %, accuracies with three decimals."""
    return share(value) if name in SHARES else f"{value:.3f}" if isfinite(value) else "none"


def between(name: str, low: float | None, high: float | None) -> str:
    """An interval as 70.8–71.6%; says where persons are too few for one."""
    if low is None or high is None or not isfinite(low + high):
        return "too few for an interval"
    return f"{100 * low:.1f}–{100 * high:.1f}%" if name in SHARES else f"{low:.3f}–{high:.3f}"


def change(name: str, value: float | None) -> str:
    """A difference with its sign: in percentage points for shares."""
    if value is None or not isfinite(value):
        return "none"
    text = f"{100 * value:+.1f}" if name in SHARES else f"{value:+.3f}"
    return text.replace("-", "−") if float(text) else text[1:]  # nothing is neither more nor less


def span_of(name: str, found: Difference) -> str:
    """The interval of a difference; says where persons are too few for one."""
    return spanned(name, found.low, found.high)


def spanned(name: str, low: float | None, high: float | None) -> str:
    """The ends of a difference's interval; says where persons are too few for one."""
    if low is None or high is None or not isfinite(low + high):
        return "too few for an interval"
    return f"{change(name, low)} to {change(name, high)}"


def tile(name: str, figure: Figure, reference: str) -> dict[str, Any]:
    """What a tile shows of a figure; no difference where it is its own reference, which has no name then."""
    unit = " points" if name in SHARES else ""
    return {
        "label": TITLE[name],
        "value": written(name, figure.value).replace("100.0%", "100%"),  # a tile on a phone has no room for more
        "interval": between(name, figure.low, figure.high).replace("100.0%", "100%"),
        "change": change(name, figure.difference.value) + unit if reference and isfinite(figure.difference.value) else None,
        "better": figure.better,
        "versus": f"vs {reference}" if reference else "",
        "meaning": MEANING[name],
    }


def overview(figures: dict[str, Figure], cutoff: float) -> str:
    """The answer of the Overview in words."""
    scored = f"We can score **{share(figures['coverage'].value)}** of people."
    if not isfinite(figures["ks"].value):
        return f"{scored} Nobody of both outcomes is scored: give weight to sources that know more people, or lower the floor."
    right = f"A defaulter ranks riskier than a payer in **{share(figures['auc_everyone'].value)}** of pairs."
    return f"{scored} {right} {at_cutoff(figures, cutoff)}"


def at_cutoff(figures: dict[str, Figure], cutoff: float) -> str:
    """What a cutoff does."""
    if not isfinite(figures["bad_rate"].value):
        return f"At **{cutoff:g}** points nobody is accepted."
    return f"At **{cutoff:g}** points we accept **{share(figures['accepted'].value)}** of the scored; **{share(figures['bad_rate'].value)}** of them default."


def distribution_alt(figures: dict[str, Figure], cutoff: float) -> str:
    """The score distribution for those who cannot see it."""
    return f"Score distribution of payers and defaulters; at {cutoff:g} points {share(figures['accepted'].value)} of the scored are accepted"


def readable(groups: pl.DataFrame, most: int = 13) -> pl.DataFrame:
    """Segments with their groups in words; where there are too many, those with the least coverage."""
    chosen = groups.with_row_index("order").sort("value", nulls_last=True).head(most).sort("order").drop("order")
    return chosen.with_columns(pl.col("group").str.replace_all("_", " "))


def unshown(all_groups: pl.DataFrame, shown: pl.DataFrame, which: str = "those with the least coverage") -> str:
    """That there are more segments than are shown; empty where there are not."""
    return f"; {shown.height} of {all_groups.height} segments, {which}" if shown.height < all_groups.height else ""


def segments_alt(groups: pl.DataFrame) -> str:
    """Coverage by segment for those who cannot see it."""
    if groups.is_empty():
        return "No segments"
    read = groups.drop_nulls("value").sort("value")
    if read.is_empty():
        return f"Coverage of {groups.height} segments, too small for a figure"
    least = read.row(0, named=True)
    return f"Coverage of {groups.height} segments; lowest in {least['segment']}, {share(least['value'])}"


def lab(figures: dict[str, Figure], a: str, b: str) -> str:
    """The answer of the Weights page in words: what A does that B does not."""
    reach, rank = figures["coverage"], figures["auc_everyone"]
    if a == b:
        figures_of_both = f"**{share(reach.value)}** of people at an AUC of everyone of **{rank.value:.3f}**"
        return f"A and B are both **{a}** and score {figures_of_both}; move a weight to see what it buys."
    more = (
        "as many people as"
        if not reach.difference.certain
        else f"**{abs(100 * reach.difference.value):.1f} points** {'more' if reach.difference.value > 0 else 'fewer'} people than"
    )
    how = "as well, as far as these persons can tell" if not rank.difference.certain else f"{'better' if rank.difference.value > 0 else 'worse'}"
    span = f"AUC **{change('auc', rank.difference.value)}** ({span_of('auc', rank.difference)})"
    return f"A (**{a}**) scores {more} B (**{b}**) and ranks everyone {how}: {span}."


COLUMNS = ("coverage", "auc_everyone", "auc_common", "auc_scored", "ks", "brier")
HEADS = tuple(HEAD[name] for name in COLUMNS)
PRICE = "What one person costs: one query to every source with a weight."
PERCENT = {"weight": "percent", "coverage": "percent", "coverage_low": "percent", "coverage_high": "percent"}
ONE_WEIGHT = "the others keep their proportions; band: 95% interval"


def table(figures: dict[str, Figure], a: str, b: str, prices: tuple[float, float], currency: str) -> tuple[list[Head], list[list[str | Cell]]]:
    """A, B and A less B: heads and rows; the price only where sources cost something."""
    heads: list[Head] = ["", *((head, MEANING[name]) for head, name in zip(HEADS, COLUMNS, strict=True))]
    mine: list[str | Cell] = [f"**A** {a}", *(Cell(written(n, figures[n].value), between(n, figures[n].low, figures[n].high)) for n in COLUMNS)]
    other: list[str | Cell] = [f"**B** {b}", *(written(n, figures[n].other) for n in COLUMNS)]
    apart: list[str | Cell] = ["A less B", *(less(n, figures[n]) for n in COLUMNS)]
    if not any(prices):
        return heads, [mine, other, apart]
    saved = prices[0] - prices[1]
    tone: Tone = "better" if saved < 0 else "worse" if saved > 0 else "same"
    costs: tuple[str | Cell, ...] = (f"{prices[0]:,.2f}", f"{prices[1]:,.2f}", Cell(f"{saved:+,.2f}".replace("-", "−"), tone=tone))
    return [*heads, (f"price, {currency}", PRICE)], [[*row, cost] for row, cost in zip((mine, other, apart), costs, strict=True)]


def plane_alt(figures: Mapping[str, Figure], a: str) -> str:
    """The coverage-accuracy picture for those who cannot see it."""
    return f"Coverage against accuracy: {a} scores {share(figures['coverage'].value)} of people at an AUC of everyone of {figures['auc_everyone'].value:.3f}"


def one_alt(path: pl.DataFrame, label: str) -> str:
    """The picture of one weight for those who cannot see it."""
    best = path.sort("searched", descending=True, nulls_last=True).row(0, named=True)
    return f"Coverage and accuracy along the weight of {label}; calibration persons are ranked best at a weight of {best['weight']:.0%}"


def less(name: str, figure: Figure) -> Cell:
    """The difference of a figure, with its paired interval."""
    tones: dict[bool | None, Tone] = {True: "better", False: "worse", None: "same"}
    found = figure.difference
    span = span_of(name, found) if isfinite(found.value) else ""
    return Cell(change(name, found.value), span, tones[figure.better])


def cohort(name: str, mine: Readings, other_name: str, other: Readings) -> str:
    """The answer of the Cohorts page in words."""
    rate, reach = share(mine.defaulted / mine.persons), share(mine.coverage)
    first = f"Of the **{mine.persons:,}** persons in **{name}**, **{rate}** defaulted and **{reach}** can be scored."
    if name == other_name:
        return first
    rate, reach = share(other.defaulted / other.persons), share(other.coverage)
    return f"{first} In {other_name}, to compare, **{rate}** defaulted and **{reach}** can be scored."


def in_file(persons: int, everyone: int, read: int, everyone_read: int, split: str) -> str:
    """How a cohort's people in the file and its persons read belong together."""
    if persons < PERSONS or read < PERSONS:
        return f"too few people to count: fewer than {PERSONS}"
    if persons == everyone:
        return f"{everyone:,} people in the file; {everyone_read:,} of them are {split}, whom every figure here is read on"
    if everyone - persons < PERSONS or everyone_read - read < PERSONS:
        return f"all but a few of {everyone:,} people in the file; fewer than {PERSONS} are left out"
    return f"{persons:,} of {everyone:,} people in the file, {read:,} of {everyone_read:,} {split}"


def cohorts(names: list[str], read: list[Readings]) -> tuple[list[Head], list[list[str | Cell]]]:
    """Two cohorts as a table: heads and rows."""
    heads: list[Head] = [
        "",
        "persons",
        ("bad rate", "Share of these persons who defaulted."),
        *((h, MEANING[n]) for h, n in zip(HEADS[:2], COLUMNS, strict=False)),
        (HEAD["ks"], MEANING["ks"]),
    ]
    return heads, [_cohort(name, r) for name, r in zip(names, read, strict=True)]


def _cohort(name: str, r: Readings) -> list[str | Cell]:
    rate = r.defaulted / r.persons
    low, high = interval(rate, (rate * (1 - rate) / r.persons) ** 0.5, r.persons)
    rest = (
        ("coverage", r.coverage, r.coverage_low, r.coverage_high),
        ("auc", r.auc_everyone, r.auc_everyone_low, r.auc_everyone_high),
        ("ks", r.ks, r.ks_low, r.ks_high),
    )
    return [
        f"**{name}**",
        f"{r.persons:,}",
        Cell(share(rate), between("bad_rate", low, high)),
        *(Cell(written(n, v), between(n, lo, hi)) for n, v, lo, hi in rest),
    ]


def everyones(bins: pl.DataFrame) -> pl.DataFrame:
    """A score distribution of payers and defaulters together: `share` of all persons."""
    return bins.select("points_low", "points_high", "share")


def compared_alt(names: tuple[str, str], read: list[Readings]) -> str:
    """Two score distributions for those who cannot see them."""
    return f"Score distributions of {names[0]} ({read[0].persons:,} persons) and {names[1]} ({read[1].persons:,} persons)"


def overlap_alt(known: pl.DataFrame, labels: Mapping[str, str]) -> str:
    """The UpSet plot for those who cannot see it."""
    if known.is_empty():
        return "Who is known to which sources: no combination holds enough people to be shown"
    most = known.row(0, named=True)
    sources = ", ".join(labels[key] for key in most["sources"]) or "no source"
    return f"Who is known to which sources; the commonest combination, {share(most['share'])} of persons: {sources}"


def hits_alt(held: pl.DataFrame) -> str:
    """Hit and fill for those who cannot see them."""
    most = held.sort("hit", descending=True, nulls_last=True).row(0, named=True)
    if most["hit"] is None:
        return "Share of persons each source knows: too few to be shown"
    return f"Share of persons each source knows; most: {most['label']}, {share(most['hit'])}"


ACCURACIES = {
    "auc_everyone": ("AUC of everyone", ".3f", False),
    "auc_common": ("AUC of the common", ".3f", False),
    "auc_scored": ("AUC of the scored", ".3f", False),
    "ks": ("KS of the scored", ".1%", False),
    "brier": ("Brier of the scored", ".4f", True),
    "profit": ("profit per person", ",.0f", False),
}
CLOUD = "dots: sampled weightings; line: their frontier on calibration persons; dashed: pooled; click one and A takes it"


def every_weighting(heaviest: str) -> str:
    """How to read the cloud: by coverage, or where all weightings score alike by the weight of the source that learned weights give most to."""
    return f"all score the same people, so across is the weight of {heaviest}; click a dot: A takes its weights" if heaviest else CLOUD


def sideways(heaviest: str) -> tuple[str, str]:
    """What is across, as the axis and the hover say it."""
    return (f"weight of {heaviest}", f"of the weight for {heaviest}") if heaviest else SCORED


def cloud(dots: pl.DataFrame, found: pl.DataFrame, labels: Mapping[str, str]) -> pl.DataFrame:
    """The dots of the cloud, each with what it mostly weighs."""
    keys = [c for c in found.columns if c.startswith("weight.")]
    top = found.select(keys).to_numpy().argmax(axis=1)
    named = [labels[keys[i].removeprefix("weight.")] for i in top]
    return dots.select("coverage", "auc", pl.Series("words", [f"mostly {name}" for name in named])).drop_nulls()


def swaps(moved: pl.DataFrame, cutoff: float) -> str:
    """What A does that B does not, at a cutoff."""
    ins, outs = (moved.filter((pl.col(one) == "accepted") & (pl.col(other) != "accepted")) for one, other in (("a", "b"), ("b", "a")))
    told = [f"{_swapped(rows)} whom {other} does not ({_rate(rows)})" for rows, other in ((ins, "B"), (outs, "A"))]
    return f"at {cutoff:g} points A accepts {told[0]}, B {told[1]}"


def _swapped(rows: pl.DataFrame) -> str:
    """The share of people in some cells of a swap set; at least so many where others hold too few to count."""
    return f"{'at least ' if rows['share'].null_count() else ''}{share(float(rows['share'].sum()))}"


def _rate(rows: pl.DataFrame) -> str:
    known = rows.drop_nulls("bad_rate")
    people = int(known["persons"].sum())
    return f"{share(float((known['persons'] * known['bad_rate']).sum()) / people)} default" if people else "too few to tell"


def gains_alt(gained: pl.DataFrame, what: str = "coverage") -> str:
    """Who gains, for those who cannot see it."""
    if gained.is_empty():
        return "No segments"
    most, least = gained.sort("value").row(-1, named=True), gained.sort("value").row(0, named=True)
    told = [f"{row['segment']}, {change('coverage', row['value'])}" for row in (most, least)]
    return f"Change of {what} by segment: most in {told[0]}; least in {told[1]}"


def found(best: Best, accuracy: str) -> str:
    """What a search found, where it searched and where it is read."""
    title, form, _ = ACCURACIES[accuracy]
    searched, read = (f"{value:{form}}" for value in (best.searched, best.read))
    where = f"{searched} on the calibration persons, where it was searched; {read} on the test persons, which it never saw"
    return f"Taken. {title}: {where}. Coverage {share(best.coverage)}."


def sentence(error: ValueError) -> str:
    """An error as a sentence: capital first, except of a file's name, and full stop last."""
    text = str(error)
    first = text[:1] if "." in text.partition(" ")[0] else text[:1].upper()
    return first + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
