"""What do the pages on sources and bureaus say? Sentences and tables, composed from figures."""

from collections.abc import Mapping, Sequence
from math import isfinite

import polars as pl

from analytics.data.catalog import Catalog
from analytics.data.disclosure import OUTCOMES, PERSONS
from pages.shared.cached import Alliance
from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import HEAD, MEANING, PRICE, Head, between, change, share, spanned, written

VALUE = "Fair share (Shapley value): the mean of what the source adds over all orders in which sources could be joined. Shares add up to the whole."


SPARSE = f"no month has {PERSONS} persons and {OUTCOMES} of each outcome: too few to read it by itself"
UNPARTED = (
    "The catalog names no segments. Name columns with a few values each, such as a region or a channel, "
    'as segments = ["…"] under [population], and each value is read here by itself.'
)


def few(view: View) -> str:
    """What to bear in mind where outcomes are few; empty where they are many, and then nobody is counted."""
    return view.fitted.note if view.fitted.folds else ""


def monthly(months: pl.DataFrame) -> bool:
    """Is any month large enough to read?"""
    return "psi" in months.columns and months["psi"].count() > 0


def sources(view: View, worth: pl.DataFrame, alone: pl.DataFrame, shared: pl.DataFrame, searched: pl.DataFrame) -> pl.DataFrame:
    """One row per source, most worth first: what is known of it, what it is worth, and its most redundant partner, as the persons searched tell."""
    told = pl.DataFrame([{"key": s.key, "label": s.label, "dimension": s.dimension, "price": s.cost} for s in view.catalog])
    hits = pl.DataFrame({"key": list(view.catalog.keys), "hit": view.hits})
    kept = worth.select("key", *(c for c in worth.columns if c.startswith(("shapley_", "drop_one_", "add_one_"))))
    pairs = shared.join(searched.select("a", "b", searched="shared"), on=["a", "b"], how="left")
    both = pl.concat([pairs, pairs.rename({"a": "b", "b": "a"}).select(pairs.columns)]).drop_nulls("shared").sort("searched", descending=True, nulls_last=True)
    partner = both.group_by("a", maintain_order=True).first().select(key="a", partner="b", shared="shared")
    frame = (
        told.join(hits, on="key")
        .join(view.fitted.report.select("key", "fill"), on="key")
        .join(alone.drop("persons"), on="key")
        .join(kept, on="key", how="left")
    )
    gained = pl.col("shapley_coverage")
    frame = frame.with_columns(price_per_scored=pl.when((gained > 0) & (pl.col("price") > 0)).then(pl.col("price") / gained))
    return frame.join(partner, on="key", how="left").sort("shapley_auc_everyone", descending=True, nulls_last=True)


def one(view: View, key: str, alone: pl.DataFrame) -> dict[str, object]:
    """What is known of one source."""
    hits = dict(zip(view.catalog.keys, view.hits, strict=True))
    told = {"price": view.catalog.source(key).cost, "hit": hits[key], "fill": view.fitted.report.filter(key=key)["fill"][0]}
    return told | alone.filter(key=key).row(0, named=True)


def source_table(view: View, rows: pl.DataFrame, under: str) -> tuple[list[Head], list[list[str | Cell]]]:
    """The sources as a table; what they are worth is said to be so under these weights."""
    currency = view.catalog.people.currency
    heads: list[Head] = [
        "source",
        ("hit", "Share of these persons of whom the source has a usable record."),
        ("fill", "Share of the cells of its records that are not empty, over everyone it knows."),
        ("AUC alone, of the known", "How often a defaulter stands at higher risk than a payer, among the people it knows, by this source alone."),
        (
            "KS alone, of the known",
            "Distance between payers and defaulters among the people it knows, by this source alone, where it is largest among other persons.",
        ),
        (f"worth in AUC of everyone, {under}", VALUE),
        (f"in coverage, {under}", VALUE),
        (f"price, {currency}" if currency else "price", "Price of one query."),
        ("per added person", "Price divided by the worth in coverage: what one more scored person costs."),
        (
            "most in common with",
            "The source with which it shares most of what it is worth alone, chosen on calibration persons; the share is of those read.",
        ),
    ]
    return heads, [_source(view, row) for row in rows.iter_rows(named=True)]


def _source(view: View, row: dict[str, float | str | None]) -> list[str | Cell]:
    name = f"**{row['label']}**"
    money = [f"{row['price']:,.2f}" if row["price"] else "–", f"{row['price_per_scored']:,.2f}" if row["price_per_scored"] is not None else "–"]
    partner = f"{view.labels[str(row['partner'])]}, {row['shared']:.0%}" if row["partner"] else "–"
    return [
        Cell(name, str(row["dimension"] or "")),
        share(_f(row["hit"])),
        share(_f(row["fill"])),
        *_alone(row),
        _gain("auc", row["shapley_auc_everyone"]),
        _gain("coverage", row["shapley_coverage"]),
        *money,
        partner,
    ]


def _alone(row: dict[str, float | str | None]) -> list[Cell]:
    return [Cell(written(n, _f(row[n])), between(n, _f(row[f"{n}_low"]), _f(row[f"{n}_high"]))) for n in ("auc", "ks")]


def _gain(name: str, value: object) -> Cell:
    number = _f(value)
    text = change(name, number) if isfinite(number) else "–"
    return Cell(text, tone="worse" if text.startswith("−") else "")  # what is shown as nothing is neither


def _f(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def worth(frame: pl.DataFrame, metric: str) -> pl.DataFrame:
    """What each source is worth in one metric, most first, for a chart; with its interval where orders of joining were sampled."""
    half = 1.96 * pl.col(f"error_{metric}")
    ways = [pl.col(f"{way}_{metric}").alias(way) for way in ("shapley", "add_one", "drop_one")]
    sampled = [pl.col(f"shapley_{metric}").sub(half).alias("shapley_low"), pl.col(f"shapley_{metric}").add(half).alias("shapley_high")]
    ends = sampled if frame[f"error_{metric}"].sum() else []
    return frame.select(pl.col("key").alias("source"), pl.col("label"), *ways, *ends).sort("shapley", descending=True)


def next_source(view: View, candidates: pl.DataFrame, worth: pl.DataFrame, worthiest: Sequence[str]) -> str:
    """Which source to buy next, and why; or, if all are bought, which is worth most and which least. Calibration persons choose, the figures are of others."""
    if not candidates.is_empty():
        best = candidates.row(0, named=True)
        gain = f"AUC of everyone **{change('auc', best['gain'])}** ({spanned('auc', best['gain_low'], best['gain_high'])})"
        reach = f"**{change('coverage', best['coverage_gain'])} points** of coverage"
        to = f"At {best['share']:.0%} of the weight, beside {view.name},"
        if (best["gain_low"] or 0) > 0:
            return f"Next to buy: **{view.labels[best['key']]}**. {to} it brings {gain} and {reach}{_for(view, best['key'])}."
        none = f"Of the sources without a weight, none is sure to make {view.name} better."
        return f"{none} **{view.labels[best['key']]}** comes nearest: {to} it brings {gain} and {reach}."
    most, least = (worth.row(by_predicate=pl.col("key") == key, named=True) for key in (worthiest[0], worthiest[-1]))
    verdict = "costs accuracy" if least["shapley_auc_everyone"] < 0 else "is worth least"
    gains = [f"**{change('auc', row['shapley_auc_everyone'])}**" for row in (most, least)]
    return f"**{most['label']}** is worth most: {gains[0]} AUC of everyone; **{least['label']}** {verdict}: {gains[1]}{_for(view, least['key'])}."


def _for(view: View, key: str) -> str:
    cost = view.catalog.source(key).cost
    return f", for {cost:,.2f} {view.catalog.people.currency} a person" if cost else ""


def worth_alt(worth: pl.DataFrame, metric: str = "auc_everyone") -> str:
    """The picture of worth for those who cannot see it."""
    most = worth.sort(f"shapley_{metric}", descending=True).row(0, named=True)
    return f"What each source is worth; most: {most['label']}"


def steps_alt(steps: pl.DataFrame, labels: dict[str, str]) -> str:
    """The picture of diminishing returns for those who cannot see it."""
    best = steps.sort("searched", descending=True, nulls_last=True).row(0, named=True)
    return f"AUC and coverage by number of sources; calibration persons are ranked best by {best['k']}: {', '.join(labels[k] for k in best['sources'])}"


def shared_alt(shared: pl.DataFrame, labels: dict[str, str]) -> str:
    """The picture of redundancy for those who cannot see it."""
    if shared.is_empty():
        return "One source shares nothing"
    most = shared.sort("shared", descending=True, nulls_last=True).row(0, named=True)
    return f"What pairs of sources have in common; most: {labels[most['a']]} and {labels[most['b']]}"


def evaluation(row: Mapping[str, object], currency: str) -> str:
    """The evaluation sheet's first line."""
    price = f", {_f(row['price']):,.2f} {currency} a query".replace("  ", " ") if row["price"] else ""
    figures = f"hit {share(_f(row['hit']))}, fill {share(_f(row['fill']))}, KS alone {written('ks', _f(row['ks']))}, AUC alone {_f(row['auc']):.3f}"
    return f"{figures}{price}; strongest columns first"


def feature_table(features: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """The columns of a source as a table."""
    heads: list[Head] = [
        "column",
        ("fill", "Share of its records in which the column is not empty."),
        (
            "IV",
            "Information value over ten bins and one for missing. Rules of thumb: under 0.02 none, 0.1 weak, 0.3 medium, above 0.5 suspect leakage (Siddiqi).",
        ),
        ("trend", "Which way the default rate goes as the column rises."),
        ("declared", "The direction the catalog declares; the model may not contradict it."),
    ]
    return heads, [_column(row) for row in features.iter_rows(named=True)]


def _column(row: dict[str, str | float | None]) -> list[str | Cell]:
    against = row["direction"] in ("riskier", "safer") and row["trend"] in ("riskier", "safer") and row["direction"] != row["trend"]
    suspect = isinstance(row["iv"], float) and row["iv"] > 0.5
    return [
        Cell(str(row["label"]), str(row["unit"])),
        share(_f(row["fill"])),
        Cell("–" if row["iv"] is None else f"{row['iv']:.2f}", "suspect: look for leakage" if suspect else ""),
        Cell(str(row["trend"] or "–"), tone="worse" if against else ""),
        str(row["direction"]).replace("unknown", "–"),
    ]


MOST = 10  # rows of a table before it folds
COMPARE = "the same person by each bureau's own data, each on its own scale; right is safer; hollow: no score"


SHOWN = (
    "What each bureau can score, how well, and at what price; what two of them would gain by joining, also where they can match only some of their people; "
    "and what each says of the same person."
)


def lonely(catalog: Catalog) -> str:
    """What the page of bureaus is for, where there are not two to compare."""
    count = "only one" if catalog.bureaus else "none"
    return f"A bureau sees some sources of some people, and weighs them its own way. This page compares **two or more**; these data name **{count}** so far."


def where(catalog: Catalog) -> str:
    """Where bureaus are written down."""
    return f"at the end of {catalog.path.name}, which describes these data; then load the page again. These two would fit:"


def bureaus_to_add(catalog: Catalog) -> str:
    """Two bureaus that would fit a catalog, as it would be written there: one that weighs all sources alike, one that sees the first half of them."""
    half = catalog.keys[: -(-len(catalog) // 2)]
    return "\n\n".join(_bureau_to_add(*each) for each in (("ours", "All sources", catalog.keys), ("partner", "A partner", half)))


def _bureau_to_add(key: str, label: str, seen: Sequence[str]) -> str:
    weights = ", ".join(f"{name} = 1" for name in seen)
    return f'[[bureaus]]\nkey = "{key}"\nlabel = "{label}"\nweights = {{ {weights} }}'


def opening(together: Alliance, opened: float, divided: float) -> str:
    """How full opening is read; and why it scores fewer than an alliance does, where it does. `divided`: what it would score at the alliance's floor."""
    told = f"Every source of every person, under learned weights and the whole floor of {together.whole:.0%}."
    if together.marks["coverage"][0] <= opened:
        return told
    return (
        f"{told} The alliance chosen scores more people because its floor is divided among its partners, to {together.floor:.0%}: "
        f"at that floor all silos would score {share(divided)}."
    )


def bureaus(view: View, table: pl.DataFrame, picked: tuple[str, ...], opening: str) -> pl.DataFrame:
    """Every bureau as a bubble, with how we know it."""
    sources = {b.key: b.provenance for b in view.catalog.bureaus}
    ends = [pl.col(f"auc_everyone{end}").alias(f"auc{end}") for end in ("", "_low", "_high")]
    provenance = pl.col("key").replace_strict(sources, default=opening, return_dtype=pl.String)
    return table.select(
        "key", "label", "coverage", *ends, "persons", "known", "price", provenance.alias("provenance"), picked=pl.col("key").is_in(list(picked))
    )


def bureau_table(view: View, table: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """The bureaus as a table."""
    currency = view.catalog.people.currency
    heads: list[Head] = [
        "bureau", ("knows", "Share of these persons of whom it holds anything."), ("coverage", MEANING["coverage"]),
        (HEAD["auc_everyone"], MEANING["auc_everyone"]), (HEAD["auc_scored"], MEANING["auc_scored"]), (HEAD["ks"], MEANING["ks"]),
        (f"price, {currency}" if currency else "price", PRICE),
    ]  # fmt: skip
    return heads, [_bureau(row) for row in table.iter_rows(named=True)]


def _bureau(row: dict[str, float | str | None]) -> list[str | Cell]:
    names = (("coverage", "coverage"), ("auc", "auc_everyone"), ("auc", "auc_scored"), ("ks", "ks"))
    read = [Cell(written(kind, _f(row[name])), between(kind, _f(row[f"{name}_low"]), _f(row[f"{name}_high"]))) for kind, name in names]
    return [f"**{row['label']}**", share(_f(row["known"])), *read, f"{row['price']:,.2f}"]


def joining(together: Alliance) -> str:
    """What joining would do, in words."""
    union, *alone = together.marks.iter_rows(named=True)
    names = " and ".join(mark["name"] for mark in alone)
    floor = f"at a floor of {together.floor:.0%}, that of {together.whole:.0%} divided among them"
    matched = "" if together.match == 1 else f"; {together.match:.0%} of people matched"
    told = f"Together {names} score **{share(union['coverage'])}** of people, at an AUC of everyone of **{_f(union['auc']):.3f}** ({floor}{matched})."
    return told if len(alone) > FEW else " ".join([told, *(_gained(row) for row in together.gains.iter_rows(named=True))])


FEW = 2  # partners whose gains stand in the sentence; those of more stand in the table alone


def _gained(row: dict[str, float]) -> str:
    """What joining brings one partner, in its two parts."""
    floor, records = (change("coverage", _f(row[f"coverage_{name}"])) for name in ("by_floor", "by_records"))
    whole = change("coverage", _f(row["coverage_together"]) - _f(row["coverage_alone"]))
    return f"To {row['label']} that brings **{whole} points** of people: **{records}** from joined records, **{floor}** from the lower floor."


def gains_table(together: Alliance) -> tuple[list[Head], list[list[str | Cell]]]:
    """What joining brings each partner, step by step."""
    lower = f"its floor of {together.floor:.0%} instead of {together.whole:.0%}"
    heads: list[Head] = [
        "partner",
        ("alone", "What it scores alone, and the AUC of everyone."),
        ("from the lower floor", f"The same records under the alliance's shared weights and {lower}. Nothing is joined for this."),
        (
            "from joined records",
            "What the others' records of people matched add, at the same weights and floor; nothing at an identity match of 0%.",
        ),
        ("with the others", "Its people, with the others' records of those who are matched."),
    ]
    return heads, [_gain_row(row) for row in together.gains.iter_rows(named=True)]


def _gain_row(row: dict[str, str | float | None]) -> list[str | Cell]:
    whole = [Cell(share(_f(row[f"coverage_{name}"])), f"AUC {written('auc', _f(row[f'auc_{name}']))}") for name in ("alone", "together")]
    parts = [Cell(change("coverage", _f(row[f"coverage_{n}"])), f"AUC {change('auc', _f(row[f'auc_{n}']))}") for n in ("by_floor", "by_records")]
    return [str(row["label"]), whole[0], *parts, whole[1]]


def two_names(view: View, table: pl.DataFrame, silos: Mapping[str, float]) -> str:
    """A bureau's weights on all silos beside the bureau itself, where the weights looked at are a bureau's; else nothing."""
    bureau = next((b for b in view.catalog.bureaus if b.weighting == view.name), None)
    if bureau is None:
        return ""
    own = table.row(by_predicate=pl.col("key") == bureau.key, named=True)
    read = [(_f(silos["coverage"]), _f(silos["auc"])), (_f(own["coverage"]), _f(own["auc_everyone"]))]
    all_silos, alone = (f"{share(coverage)} of people at an AUC of everyone of {auc:.3f}" for coverage, auc in read)
    return (
        f"{bureau.weighting}, in the line on top, weigh all silos and score {all_silos}; "
        f"{bureau.label} is the bureau, which sees its own data only and scores {alone}"
    )


def two_scores(view: View, points: float | None, seen: pl.DataFrame) -> str:
    """The same of one person's points: by a bureau's weights on all silos, and by the bureau."""
    bureau = next((b for b in view.catalog.bureaus if b.weighting == view.name), None)
    if bureau is None:
        return ""
    own = seen.row(by_predicate=pl.col("label") == bureau.label, named=True)
    told = [f"{value:.0f} points" if value is not None and isfinite(value) else "no score" for value in (points, own["points"])]
    return f"{bureau.weighting} on all silos: {told[0]}; {bureau.label}, the bureau, which sees its own data only: {told[1]} on its own scale"


def bubbles_alt(rows: pl.DataFrame) -> str:
    """The bureaus for those who cannot see them."""
    told = [f"{row['label']} scores {share(row['coverage'])}" for row in rows.filter("picked").iter_rows(named=True)]
    return "; ".join([f"Coverage and accuracy of {rows.height} bureaus", *told])


def parts_alt(parts: pl.DataFrame) -> str:
    """Who knows whom, for those who cannot see it."""
    return "; ".join(f"{row['part']}: {share(row['share'])} of people" for row in parts.iter_rows(named=True))


def scales_alt(id: str, seen: pl.DataFrame) -> str:
    """One person under every bureau, for those who cannot see it."""
    return f"Person {id} is scored by {seen['scored'].sum()} of {seen.height} bureaus"
