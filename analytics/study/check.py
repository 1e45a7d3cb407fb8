"""What do a catalog and its tables hold? Read whole, nothing fitted."""

from pathlib import Path

import polars as pl

from analytics.data.catalog.model import Catalog, Source
from analytics.data.drafting.profile import leaks
from analytics.data.findings import texts
from analytics.data.personal import kind
from analytics.data.population import Population, find, people
from analytics.sources.design import LEVELS, Design, draw

Answer = dict[str, object]


def checked(catalog: Catalog, shelf: Path | None = None) -> Answer:
    """The same, for a catalog that need not be written yet."""
    population = find(catalog, shelf)
    everyone = people(population)
    designs = [draw(population, everyone, source) for source in catalog]
    sources = [
        {
            "key": d.source.key,
            "label": d.source.label,
            "persons": len(d.rows),
            "hit": d.hit,
            "fill": d.fill,
        }
        | {"features": len(d.features), "strangers": d.strangers}
        for d in designs
    ]
    read = ("format", "encoding", "separator", "decimal")
    tables = [
        {
            "name": t.name,
            "rows": t.rows,
            "columns": len(t.schema),
            **{how: t.how.get(how, "") for how in read},
            "sha256": t.sha256,
        }
        for t in population.taken.values()
    ]
    problems = [w for d in designs for w in warnings(d)]
    suspected = suspects(population)
    told = {"findings": texts(population.findings), "problems": problems, "suspects": suspected}
    later = [s for s in suspected if "personal data" not in s]
    first = {"warning": _late(later)} if later else {}
    return {
        "catalog": str(catalog.path),
        **first,
        **outcomes(everyone),
        "tables": tables,
        "sources": sources,
        **told,
    }


def _late(suspected: list[str]) -> str:
    """What stands on top of a check where a feature may know the outcome."""
    more = f" (and {len(suspected) - 1} more under suspects)" if len(suspected) > 1 else ""
    return f"the models may know what nobody knew at the application: {suspected[0]}{more}"


def suspects(population: Population) -> list[str]:
    """Features that may know the outcome, or say who somebody is, as sentences."""
    told, found = population.catalog.people, []
    for source in population.catalog:
        names = [f.name for f in population.features[source.key]]
        columns = [
            f"{source.key}.{n}" if f"{source.key}.{n}" in population.schema else n for n in names
        ]
        # not knowing somebody is no column's doing
        known = population.join(columns).filter(pl.any_horizontal(pl.col(columns).is_not_null()))
        judged = leaks(known, told.outcome, told.bad, columns)
        found += [
            f"source {source.key!r}: {_bare(leak.column, source)!r} {leak.why}; leave it out if it"
            " comes after the outcome"
            for leak in judged
        ]
        found += personal_columns(population, source, columns)
    return found


def _bare(column: str, source: Source) -> str:
    """A column as its own table calls it."""
    return column.removeprefix(f"{source.key}.")


def personal_columns(population: Population, source: Source, columns: list[str]) -> list[str]:
    """Features that hold personal data, as sentences."""
    sample = population.join(columns).select(columns).head(10_000).collect()
    kinds = {
        _bare(name, source): kind(sample[name].drop_nulls(), _bare(name, source))
        for name in columns
    }
    return [
        f"source {source.key!r}: {name!r} holds personal data ({what}); leave it out"
        for name, what in kinds.items()
        if what
    ]


def outcomes(everyone: pl.DataFrame) -> Answer:
    """How people turned out, and how they are split."""
    known = everyone["defaulted"].drop_nulls()
    splits = dict(everyone["split"].cast(pl.String).value_counts().sort("split").iter_rows())
    return {
        "persons": len(everyone),
        "defaulted": int(known.sum()),
        "unknown_outcome": len(everyone) - len(known),
        "base_rate": known.mean(),
        "splits": splits,
    }


def warnings(design: Design) -> list[str]:
    """What is not wrong enough to refuse, yet worth saying."""
    key, persons = design.source.key, len(design.rows)
    few = (
        [f"source {key!r} knows only {persons:,} persons; its model and figures will be rough"]
        if persons < 1000
        else []
    )
    strange = (
        [
            f"source {key!r} holds {design.strangers:,} records of nobody in the population; "
            "they are not used"
        ]
        if design.strangers
        else []
    )
    crowded = [
        f"source {key!r}: {name!r} has more than {LEVELS} levels; the rarer ones count as one"
        for name in design.crowded
    ]
    return few + strange + crowded
