"""What does the page of bureaus say? Sentences and tables, composed from figures."""

from collections.abc import Mapping, Sequence
from math import isfinite

import polars as pl

from analytics.data.catalog.model import Catalog
from analytics.metrics import head, meaning
from analytics.study.bureaus import Alliance
from pages.parts.sources.sentences import _f
from pages.parts.weights.sentences import PRICE
from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import Head, between, change, share, written

MOST = 10  # rows of a table before it folds


COMPARE = (
    "the same person by each bureau's own data, each on its own scale; right is safer; hollow: no"
    " score"
)


SHOWN = (
    "What each bureau can score, how well, and at what price; what two of them would gain by"
    " joining, also where they can match only some of their people; and what each says of the same"
    " person."
)


def lonely(catalog: Catalog) -> str:
    """What the page of bureaus is for, where there are not two to compare."""
    count = "only one" if catalog.bureaus else "none"
    return (
        "A bureau sees some sources of some people, and weighs them its own way. This page"
        f" compares **two or more**; these data name **{count}** so far."
    )


def where(catalog: Catalog) -> str:
    """Where bureaus are written down."""
    return (
        f"at the end of {catalog.path.name}, which describes these data; then load the page again."
        " These two would fit:"
    )


def bureaus_to_add(catalog: Catalog) -> str:
    """Two bureaus that would fit a catalog, as it would be written there.

    One that weighs all sources alike, one that sees the first half of them.
    """
    half = catalog.keys[: -(-len(catalog) // 2)]
    return "\n\n".join(
        _bureau_to_add(*each)
        for each in (("ours", "All sources", catalog.keys), ("partner", "A partner", half))
    )


def _bureau_to_add(key: str, label: str, seen: Sequence[str]) -> str:
    weights = ", ".join(f"{name} = 1" for name in seen)
    return f'[[bureaus]]\nkey = "{key}"\nlabel = "{label}"\nweights = {{ {weights} }}'


def opening(together: Alliance, opened: float, divided: float) -> str:
    """How full opening is read; and why it scores fewer than an alliance does, where it does.

    `divided`: what it would score at the alliance's floor.
    """
    told = (
        "Every source of every person, under learned weights and the whole floor of"
        f" {together.whole:.0%}."
    )
    if together.marks["coverage"][0] <= opened:
        return told
    return (
        f"{told} The alliance chosen scores more people because its floor is divided among its"
        f" partners, to {together.floor:.0%}: at that floor all silos would score {share(divided)}."
    )


def bureaus(view: View, table: pl.DataFrame, picked: tuple[str, ...], opening: str) -> pl.DataFrame:
    """Every bureau as a bubble, with how we know it."""
    sources = {b.key: b.provenance for b in view.catalog.bureaus}
    ends = [pl.col(f"auc_everyone{end}").alias(f"auc{end}") for end in ("", "_low", "_high")]
    provenance = pl.col("key").replace_strict(sources, default=opening, return_dtype=pl.String)
    return table.select(
        "key",
        "label",
        "coverage",
        *ends,
        "persons",
        "known",
        "price",
        provenance.alias("provenance"),
        picked=pl.col("key").is_in(list(picked)),
    )


def bureau_table(view: View, table: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """The bureaus as a table."""
    currency = view.catalog.people.currency
    heads: list[Head] = [
        "bureau",
        ("knows", "Share of these persons of whom it holds anything."),
        *((head(key), meaning(key)) for key in ("coverage", "auc_everyone", "auc_scored", "ks")),
        (f"price, {currency}" if currency else "price", PRICE),
    ]
    return heads, [_bureau(row) for row in table.iter_rows(named=True)]


def _bureau(row: dict[str, float | str | None]) -> list[str | Cell]:
    names = (("coverage", "coverage"), ("auc", "auc_everyone"), ("auc", "auc_scored"), ("ks", "ks"))
    read = [
        Cell(
            written(kind, _f(row[name])),
            between(kind, _f(row[f"{name}_low"]), _f(row[f"{name}_high"])),
        )
        for kind, name in names
    ]
    return [f"**{row['label']}**", share(_f(row["known"])), *read, f"{row['price']:,.2f}"]


def joining(together: Alliance) -> str:
    """What joining would do, in words."""
    union, *alone = together.marks.iter_rows(named=True)
    names = " and ".join(mark["name"] for mark in alone)
    floor = f"at a floor of {together.floor:.0%}, that of {together.whole:.0%} divided among them"
    matched = "" if together.match == 1 else f"; {together.match:.0%} of people matched"
    told = (
        f"Together {names} score **{share(union['coverage'])}** of people, at an AUC of everyone of"
        f" **{_f(union['auc']):.3f}** ({floor}{matched})."
    )
    return (
        told
        if len(alone) > FEW
        else " ".join([told, *(_gained(row) for row in together.gains.iter_rows(named=True))])
    )


FEW = 2  # partners whose gains stand in the sentence; those of more stand in the table alone


def _gained(row: dict[str, float]) -> str:
    """What joining brings one partner, in its two parts."""
    floor, records = (
        change("coverage", _f(row[f"coverage_{name}"])) for name in ("by_floor", "by_records")
    )
    whole = change("coverage", _f(row["coverage_together"]) - _f(row["coverage_alone"]))
    return (
        f"To {row['label']} that brings **{whole} points** of people: **{records}** from joined"
        f" records, **{floor}** from the lower floor."
    )


def gains_table(together: Alliance) -> tuple[list[Head], list[list[str | Cell]]]:
    """What joining brings each partner, step by step."""
    lower = f"its floor of {together.floor:.0%} instead of {together.whole:.0%}"
    heads: list[Head] = [
        "partner",
        ("alone", "What it scores alone, and the AUC of everyone."),
        (
            "from the lower floor",
            (
                f"The same records under the alliance's shared weights and {lower}. Nothing is"
                " joined for this."
            ),
        ),
        (
            "from joined records",
            (
                "What the others' records of people matched add, at the same weights and floor;"
                " nothing at an identity match of 0%."
            ),
        ),
        ("with the others", "Its people, with the others' records of those who are matched."),
    ]
    return heads, [_gain_row(row) for row in together.gains.iter_rows(named=True)]


def _gain_row(row: dict[str, str | float | None]) -> list[str | Cell]:
    whole = [
        Cell(share(_f(row[f"coverage_{name}"])), f"AUC {written('auc', _f(row[f'auc_{name}']))}")
        for name in ("alone", "together")
    ]
    parts = [
        Cell(
            change("coverage", _f(row[f"coverage_{n}"])),
            f"AUC {change('auc', _f(row[f'auc_{n}']))}",
        )
        for n in ("by_floor", "by_records")
    ]
    return [str(row["label"]), whole[0], *parts, whole[1]]


def two_names(view: View, table: pl.DataFrame, silos: Mapping[str, float]) -> str:
    """A bureau's weights on all silos beside the bureau itself, where the weights looked at are a
    bureau's; else nothing.
    """
    bureau = next((b for b in view.catalog.bureaus if b.weighting == view.name), None)
    if bureau is None:
        return ""
    own = table.row(by_predicate=pl.col("key") == bureau.key, named=True)
    read = [
        (_f(silos["coverage"]), _f(silos["auc"])),
        (_f(own["coverage"]), _f(own["auc_everyone"])),
    ]
    all_silos, alone = (
        f"{share(coverage)} of people at an AUC of everyone of {auc:.3f}" for coverage, auc in read
    )
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
    told = [
        f"{value:.0f} points" if value is not None and isfinite(value) else "no score"
        for value in (points, own["points"])
    ]
    return (
        f"{bureau.weighting} on all silos: {told[0]}; {bureau.label}, the bureau, which sees its"
        f" own data only: {told[1]} on its own scale"
    )


def bubbles_alt(rows: pl.DataFrame) -> str:
    """The bureaus for those who cannot see them."""
    told = [
        f"{row['label']} scores {share(row['coverage'])}"
        for row in rows.filter("picked").iter_rows(named=True)
    ]
    return "; ".join([f"Coverage and accuracy of {rows.height} bureaus", *told])


def parts_alt(parts: pl.DataFrame) -> str:
    """Who knows whom, for those who cannot see it."""
    return "; ".join(
        f"{row['part']}: {share(row['share'])} of people" for row in parts.iter_rows(named=True)
    )


def scales_alt(id: str, seen: pl.DataFrame) -> str:
    """One person under every bureau, for those who cannot see it."""
    return f"Person {id} is scored by {seen['scored'].sum()} of {seen.height} bureaus"
