"""What does the page of cohorts say? Sentences and tables, composed from figures."""

import polars as pl

from analytics.data.disclosure import PERSONS
from analytics.metrics import head, meaning, shown
from analytics.weighing.formulas import interval
from analytics.weighing.readings import Readings
from pages.shared.markup import Cell
from pages.shared.words import Head, between, share, written


def cohort(name: str, mine: Readings, other_name: str, other: Readings) -> str:
    """The answer of the Cohorts page in words."""
    rate, reach = share(mine.defaulted / mine.persons), share(mine.coverage)
    first = (
        f"Of the **{mine.persons:,}** persons in **{name}**, **{rate}** defaulted and **{reach}**"
        " can be scored."
    )
    if name == other_name:
        return first
    rate, reach = share(other.defaulted / other.persons), share(other.coverage)
    return (
        f"{first} In {other_name}, to compare, **{rate}** defaulted and **{reach}** can be scored."
    )


def in_file(persons: int, everyone: int, read: int, everyone_read: int, split: str) -> str:
    """How a cohort's people in the file and its persons read belong together."""
    if persons < PERSONS or read < PERSONS:
        return f"too few people to count: fewer than {PERSONS}"
    if persons == everyone:
        return (
            f"{everyone:,} people in the file; {everyone_read:,} of them are {split}, whom every"
            " figure here is read on"
        )
    if everyone - persons < PERSONS or everyone_read - read < PERSONS:
        return (
            f"all but a few of {everyone:,} people in the file; fewer than {PERSONS} are left out"
        )
    return f"{persons:,} of {everyone:,} people in the file, {read:,} of {everyone_read:,} {split}"


def cohorts(names: list[str], read: list[Readings]) -> tuple[list[Head], list[list[str | Cell]]]:
    """Two cohorts as a table: heads and rows."""
    heads: list[Head] = [
        "",
        "persons",
        ("bad rate", "Share of these persons who defaulted."),
        *((head(n), meaning(n)) for n in shown("pair")[:2]),
        (head("ks"), meaning("ks")),
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
    return (
        f"Score distributions of {names[0]} ({read[0].persons:,} persons) and {names[1]}"
        f" ({read[1].persons:,} persons)"
    )


def hits_alt(held: pl.DataFrame) -> str:
    """Hit and fill for those who cannot see them."""
    most = held.sort("hit", descending=True, nulls_last=True).row(0, named=True)
    if most["hit"] is None:
        return "Share of persons each source knows: too few to be shown"
    return f"Share of persons each source knows; most: {most['label']}, {share(most['hit'])}"
