"""What does a source hold, as numbers? One float32 matrix of the people it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from analytics.data.catalog.model import Feature, Source
from analytics.data.cohort import without
from analytics.data.population import Population, textual, unique_ids
from analytics.data.refusal import Refusal
from analytics.data.shelf import reading

Categories = dict[str, tuple[str, ...]]
FEW = 1000  # people looked up by their id; of more, reading the whole table is faster
LEVELS = 200  # texts of a category that are told apart, the commonest
OTHER = "(other)"  # all further texts of such a category
NEVER = -1.0  # the code of a text that a model never saw, until it becomes missing
# the day of application and whether a record may be used, beside a source's columns
APPLIED, USABLE = ("(applied on)", "(usable)")


@dataclass(frozen=True, slots=True)
class Design:
    """One source's columns, for the people it knows.

    Attributes
    ----------
    matrix : float32, shape (known persons, features), Fortran order; NaN where missing, category
        codes for text.
    rows : the people's rows, ascending, shape (known persons,).
    categories : the texts behind the codes, per text feature.
    persons : people in the whole population; `strangers`: records of nobody in it.
    folds : the fold of each person, shape (known persons,); None where people do not take turns.
    unseen : of text features, where in the matrix a text stands that the model never saw, which is
        read like a missing one; ascending, none for most.
    """

    source: Source
    features: tuple[Feature, ...]
    matrix: np.ndarray
    rows: np.ndarray
    categories: Categories
    persons: int
    strangers: int
    folds: np.ndarray | None = None
    unseen: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def hit(self) -> float:
        """Share of all people with a usable record."""
        return len(self.rows) / self.persons

    @property
    def fill(self) -> float:
        """Share of the cells of usable records that are not null."""
        return float(1 - np.isnan(self.matrix).mean())

    @property
    def types(self) -> list[str]:
        """XGBoost's feature types: ``c`` for a category, ``q`` for a quantity."""
        return ["c" if f.name in self.categories else "q" for f in self.features]

    @property
    def crowded(self) -> tuple[str, ...]:
        """The text features with more levels than are told apart: the rarer ones count as one."""
        return tuple(name for name, texts in self.categories.items() if texts[-1:] == (OTHER,))


def draw(
    population: Population, ids: pl.DataFrame, source: Source, categories: Categories | None = None
) -> Design:
    """Read one source for all people.

    Parameters
    ----------
    ids : `row`, `person` and, where people take turns, `fold` of everyone, as `people` gives them.
    categories : the texts a fitted model knows; other texts become missing. Default: those found.

    Raises
    ------
    Refusal
        If an id stands twice in the source's table, or it knows nobody.
    """
    frame, strangers = _records(population, ids, source)
    design = _folded(
        _design(population, source, frame, categories or {}, persons=len(ids), strangers=strangers),
        ids,
    )
    if not len(design.rows):
        table = population.table_of(source)
        raise Refusal(
            f"source {source.key!r} knows nobody: no person has a usable record in {table}; check"
            " the ids and columns"
        )
    return design


def pick(
    population: Population, ids: pl.DataFrame, source: Source, categories: Categories
) -> Design:
    """Read one source for some people: the very rows of the design of everyone; none where it knows
    none of them. For a few, the others are not read.

    Parameters
    ----------
    ids : `row`, `person` and, where people take turns, `fold` of those people, of the rows that
        `people` gives.
    categories : the texts a fitted model knows.

    Raises
    ------
    Refusal
        If an id of theirs stands twice in the source's table.
    """
    return _folded(
        _design(
            population,
            source,
            _chosen(population, ids, source),
            categories,
            persons=len(ids),
            strangers=0,
        ),
        ids,
    )


def survey(population: Population, source: Source, categories: Categories) -> Design:
    """Every usable record of a source, whoever's it is, in the order of its table.

    Enough to tell which values occur, and quicker than finding the people.
    """
    with reading(population.table_of(source)):
        frame = records(population, source, categories).collect()
    return surveyed(population, source, categories, frame)


def records(population: Population, source: Source, categories: Categories) -> pl.LazyFrame:
    """Every record of a source, in the order of its table.

    `person`, whether it is `USABLE`, and its columns as single precision; in one query.
    """
    names = [f.name for f in population.features[source.key]]
    numbers = (_numbers(name, categories.get(name)) for name in names)
    return _columns(population, source, population.table(population.table_of(source))).select(
        "person", _usable(source, names).alias(USABLE), *numbers
    )


def surveyed(
    population: Population, source: Source, categories: Categories, frame: pl.DataFrame
) -> Design:
    """The usable ones of such records, as `survey` gives them."""
    features, rows = population.features[source.key], np.flatnonzero(frame[USABLE].to_numpy())
    matrix = frame.select(f.name for f in features).to_numpy(order="fortran", writable=True)
    matrix = matrix if len(rows) == len(frame) else matrix.T[:, rows].T
    _finite(matrix, source, features)
    unseen = _unseen(matrix, features, categories)
    return Design(
        source, features, matrix, rows, categories, persons=len(frame), strangers=0, unseen=unseen
    )


def _design(
    population: Population,
    source: Source,
    frame: pl.DataFrame,
    categories: Categories,
    *,
    persons: int,
    strangers: int,
) -> Design:
    features = population.features[source.key]
    mask = frame.select(_usable(source, [f.name for f in features])).to_series()
    usable = frame if mask.all() else frame.filter(mask)
    texts = [f.name for f in features if textual(usable.schema[f.name]) or f.type == "category"]
    known = {c: _levels(usable[c]) for c in texts if c not in categories} | categories
    matrix = usable.select(_numbers(f.name, known.get(f.name)) for f in features).to_numpy(
        order="fortran", writable=True
    )
    _finite(matrix, source, features)
    unseen = _unseen(matrix, features, known)
    return Design(
        source, features, matrix, usable["row"].to_numpy(), known, persons, strangers, unseen=unseen
    )


def _unseen(
    matrix: np.ndarray, features: tuple[Feature, ...], categories: Categories
) -> dict[str, np.ndarray]:
    """Where texts stand that the model never saw; they become missing in the matrix."""
    found = {
        f.name: np.flatnonzero(matrix[:, at] == NEVER)
        for at, f in enumerate(features)
        if f.name in categories
    }
    for at, feature in enumerate(features):
        if len(found.get(feature.name, ())):
            matrix[found[feature.name], at] = np.nan
    return {name: rows for name, rows in found.items() if len(rows)}


def _folded(design: Design, ids: pl.DataFrame) -> Design:
    """The design with the folds of its persons, where they take turns."""
    if "fold" not in ids.columns:
        return design
    rows = pl.DataFrame({"row": pl.Series(design.rows, dtype=ids.schema["row"])})
    return replace(
        design,
        folds=rows.join(ids.select("row", "fold"), on="row", how="left", maintain_order="left")[
            "fold"
        ].to_numpy(),
    )


def _levels(column: pl.Series) -> tuple[str, ...]:
    """The texts that are told apart, in the order of the alphabet.

    Where they are too many, the commonest, and one for all others.
    """
    counts = column.cast(pl.String).drop_nulls().alias("text").value_counts(name="persons")
    common = counts.sort("persons", "text", descending=[True, False])["text"].head(LEVELS).sort()
    return (
        (*(text for text in common if text != OTHER), OTHER)
        if len(counts) > LEVELS
        else tuple(common)
    )


def _finite(matrix: np.ndarray, source: Source, features: tuple[Feature, ...]) -> None:
    endless = np.isinf(matrix).any(axis=0)
    if endless.any():
        name = features[int(np.argmax(endless))].name
        raise Refusal(
            f"column {name!r} of source {source.key!r} holds infinite or too large numbers; mend"
            " the file or give them a code under 'missing'"
        )


def _records(population: Population, ids: pl.DataFrame, source: Source) -> tuple[pl.DataFrame, int]:
    """The source's raw columns by the people's row, and how many of its records belong to
    nobody.
    """
    table = population.table_of(source)
    lazy = _columns(population, source, population.table(table))
    with reading(table):
        if table == population.catalog.people.table:
            return lazy.drop("person").with_row_index("row").collect(), 0
        frame = lazy.collect()
    joined = _joined(population, frame, ids, table)
    return joined, len(frame) - len(joined)


def _chosen(population: Population, ids: pl.DataFrame, source: Source) -> pl.DataFrame:
    """The source's raw columns of some people, by their row."""
    table, id = population.table_of(source), population.catalog.people.id
    # then a Parquet table knows which of its parts to leave closed
    same = population.schemas[table][id] == ids.schema["person"]
    wanted = (
        (pl.col(id) if same else population.id_of()).is_in(ids["person"].to_list())
        if len(ids) <= FEW
        else pl.lit(True)
    )
    with reading(table):
        frame = _columns(population, source, population.table(table).filter(wanted)).collect()
    return _joined(population, frame, ids, table)


def _columns(population: Population, source: Source, table: pl.LazyFrame) -> pl.LazyFrame:
    """`person` and the columns of a source, with the codes for missing read as null."""
    schema = population.schemas[population.table_of(source)]
    columns = dict.fromkeys(
        (
            *(f.name for f in population.features[source.key]),
            *filter(None, (source.present, source.consent)),
        )
    )
    dates = [
        f.name
        for f in population.features[source.key]
        if schema[f.name].is_temporal() and f.type != "category"
    ]
    frame = table.select(
        population.id_of().alias("person"),
        *(without(c, schema[c], _codes_of(population, source, c)) for c in columns),
    )
    return _days(population, frame, dates) if dates else frame


def _codes_of(population: Population, source: Source, column: str) -> tuple[int | float | str, ...]:
    """The codes for missing of a column.

    Aggregates have left them out already, and a count may be 99.
    """
    catalog = population.catalog
    return () if source.aggregates else catalog.codes(source.table or catalog.people.table, column)


def _days(population: Population, frame: pl.LazyFrame, dates: list[str]) -> pl.LazyFrame:
    """The records with dates as numbers.

    Days before the application where the population has its time, else since 1970.
    """
    people = population.catalog.people
    if not people.time:
        return frame.with_columns(pl.col(c).dt.date().cast(pl.Int32) for c in dates)
    applied = population.table(people.table).select(
        population.id_of().alias("person"), pl.col(people.time).dt.date().alias(APPLIED)
    )
    dated = frame.join(applied, on="person", how="left", maintain_order="left")
    return dated.with_columns(
        (pl.col(APPLIED) - pl.col(c).dt.date()).dt.total_days().alias(c) for c in dates
    ).drop(APPLIED)


def _joined(
    population: Population, frame: pl.DataFrame, ids: pl.DataFrame, table: str
) -> pl.DataFrame:
    """Records by the row of their person; those of strangers go."""
    unique_ids(frame["person"].alias(population.catalog.people.id), table)
    people = ids.select("row", pl.col("person").cast(frame.schema["person"]))
    return frame.join(people, on="person", how="inner").sort("row").drop("person")


def _usable(source: Source, features: list[str]) -> pl.Expr:
    """Is a record present, and may it be used? No consent, no record."""
    present = (
        pl.col(source.present).cast(pl.Boolean)
        if source.present
        else pl.any_horizontal(pl.col(features).is_not_null())
    )
    consent = pl.col(source.consent).cast(pl.Boolean) if source.consent else pl.lit(True)
    return present.fill_null(False) & consent.fill_null(False)


def _numbers(name: str, categories: tuple[str, ...] | None) -> pl.Expr:
    """A column as single precision: its numbers, or the codes of its categories.

    NaN where missing.
    """
    return (
        pl.col(name).cast(pl.Float32)
        if categories is None
        else _codes(_plain(pl.col(name).cast(pl.String), categories), categories)
    ).fill_null(float("nan"))


def _plain(text: pl.Expr, categories: tuple[str, ...]) -> pl.Expr:
    """Whole numbers as the model knows them.

    7 where others' file holds 7.0, because a cell of its column is empty or a fraction.
    """
    whole = any(c.removeprefix("-").isdecimal() for c in categories) and not any(
        c.endswith(".0") for c in categories
    )
    return text.str.replace(r"^(-?[0-9]+)\.0$", "${1}") if whole else text


def _codes(text: pl.Expr, categories: tuple[str, ...]) -> pl.Expr:
    """The codes of texts; of those that are not told apart, the last one's.

    `NEVER` of one that the model never saw.
    """
    code = text.cast(pl.Enum(categories), strict=False).to_physical().cast(pl.Float32)
    other = len(categories) - 1 if categories[-1:] == (OTHER,) else NEVER
    return code.fill_null(pl.when(text.is_not_null()).then(pl.lit(other, pl.Float32)))
