"""What do the pages on sources and bureaus say? Sentences and tables, composed from figures."""

from collections.abc import Mapping, Sequence
from math import isfinite

import polars as pl

from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import Head, between, change, share, spanned, written

VALUE = (
    "Fair share (Shapley value): the mean of what the source adds over all orders in which sources"
    " could be joined. Shares add up to the whole."
)


def one(view: View, key: str, alone: pl.DataFrame) -> dict[str, object]:
    """What is known of one source."""
    hits = dict(zip(view.catalog.keys, view.hits, strict=True))
    told = {
        "price": view.catalog.source(key).cost,
        "hit": hits[key],
        "fill": view.fitted.report.filter(key=key)["fill"][0],
    }
    return told | alone.filter(key=key).row(0, named=True)


def source_table(
    view: View, rows: pl.DataFrame, under: str
) -> tuple[list[Head], list[list[str | Cell]]]:
    """The sources as a table; what they are worth is said to be so under these weights."""
    currency = view.catalog.people.currency
    heads: list[Head] = [
        "source",
        ("hit", "Share of these persons of whom the source has a usable record."),
        ("fill", "Share of the cells of its records that are not empty, over everyone it knows."),
        (
            "AUC alone, of the known",
            (
                "How often a defaulter stands at higher risk than a payer, among the people it"
                " knows, by this source alone."
            ),
        ),
        (
            "KS alone, of the known",
            (
                "Distance between payers and defaulters among the people it knows, by this source"
                " alone, where it is largest among other persons."
            ),
        ),
        (f"worth in AUC of everyone, {under}", VALUE),
        (f"in coverage, {under}", VALUE),
        (f"price, {currency}" if currency else "price", "Price of one query."),
        (
            "per added person",
            "Price divided by the worth in coverage: what one more scored person costs.",
        ),
        (
            "most in common with",
            (
                "The source with which it shares most of what it is worth alone, chosen on"
                " calibration persons; the share is of those read."
            ),
        ),
    ]
    return heads, [_source(view, row) for row in rows.iter_rows(named=True)]


def _source(view: View, row: dict[str, float | str | None]) -> list[str | Cell]:
    name = f"**{row['label']}**"
    money = [
        f"{row['price']:,.2f}" if row["price"] else "–",
        f"{row['price_per_scored']:,.2f}" if row["price_per_scored"] is not None else "–",
    ]
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
    return [
        Cell(written(n, _f(row[n])), between(n, _f(row[f"{n}_low"]), _f(row[f"{n}_high"])))
        for n in ("auc", "ks")
    ]


def _gain(name: str, value: object) -> Cell:
    number = _f(value)
    text = change(name, number) if isfinite(number) else "–"
    # what is shown as nothing is neither
    return Cell(text, tone="worse" if text.startswith("−") else "")


def _f(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def next_source(
    view: View, candidates: pl.DataFrame, worth: pl.DataFrame, worthiest: Sequence[str]
) -> str:
    """Which source to buy next, and why.

    Or, if all are bought, which is worth most and which least. Calibration persons choose, the
    figures are of others.
    """
    if not candidates.is_empty():
        best = candidates.row(0, named=True)
        gain = (
            f"AUC of everyone **{change('auc', best['gain'])}**"
            f" ({spanned('auc', best['gain_low'], best['gain_high'])})"
        )
        reach = f"**{change('coverage', best['coverage_gain'])} points** of coverage"
        to = f"At {best['share']:.0%} of the weight, beside {view.name},"
        if (best["gain_low"] or 0) > 0:
            return (
                f"Next to buy: **{view.labels[best['key']]}**. {to} it brings {gain} and"
                f" {reach}{_for(view, best['key'])}."
            )
        none = f"Of the sources without a weight, none is sure to make {view.name} better."
        return (
            f"{none} **{view.labels[best['key']]}** comes nearest: {to} it brings {gain} and"
            f" {reach}."
        )
    most, least = (
        worth.row(by_predicate=pl.col("key") == key, named=True)
        for key in (worthiest[0], worthiest[-1])
    )
    verdict = "costs accuracy" if least["shapley_auc_everyone"] < 0 else "is worth least"
    gains = [f"**{change('auc', row['shapley_auc_everyone'])}**" for row in (most, least)]
    return (
        f"**{most['label']}** is worth most: {gains[0]} AUC of everyone; **{least['label']}**"
        f" {verdict}: {gains[1]}{_for(view, least['key'])}."
    )


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
    return (
        "AUC and coverage by number of sources; calibration persons are ranked best by"
        f" {best['k']}: {', '.join(labels[k] for k in best['sources'])}"
    )


def shared_alt(shared: pl.DataFrame, labels: dict[str, str]) -> str:
    """The picture of redundancy for those who cannot see it."""
    if shared.is_empty():
        return "One source shares nothing"
    most = shared.sort("shared", descending=True, nulls_last=True).row(0, named=True)
    return (
        f"What pairs of sources have in common; most: {labels[most['a']]} and {labels[most['b']]}"
    )


def evaluation(row: Mapping[str, object], currency: str) -> str:
    """The evaluation sheet's first line."""
    price = (
        f", {_f(row['price']):,.2f} {currency} a query".replace("  ", " ") if row["price"] else ""
    )
    figures = (
        f"hit {share(_f(row['hit']))}, fill {share(_f(row['fill']))}, KS alone"
        f" {written('ks', _f(row['ks']))}, AUC alone {_f(row['auc']):.3f}"
    )
    return f"{figures}{price}; strongest columns first"


def feature_table(features: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """The columns of a source as a table."""
    heads: list[Head] = [
        "column",
        ("fill", "Share of its records in which the column is not empty."),
        (
            "IV",
            (
                "Information value over ten bins and one for missing. Rules of thumb: under 0.02"
                " none, 0.1 weak, 0.3 medium, above 0.5 suspect leakage (Siddiqi)."
            ),
        ),
        ("trend", "Which way the default rate goes as the column rises."),
        ("declared", "The direction the catalog declares; the model may not contradict it."),
    ]
    return heads, [_column(row) for row in features.iter_rows(named=True)]


def _column(row: dict[str, str | float | None]) -> list[str | Cell]:
    against = (
        row["direction"] in ("riskier", "safer")
        and row["trend"] in ("riskier", "safer")
        and row["direction"] != row["trend"]
    )
    suspect = isinstance(row["iv"], float) and row["iv"] > 0.5
    return [
        Cell(str(row["label"]), str(row["unit"])),
        share(_f(row["fill"])),
        Cell(
            "–" if row["iv"] is None else f"{row['iv']:.2f}",
            "suspect: look for leakage" if suspect else "",
        ),
        Cell(str(row["trend"] or "–"), tone="worse" if against else ""),
        str(row["direction"]).replace("unknown", "–"),
    ]
