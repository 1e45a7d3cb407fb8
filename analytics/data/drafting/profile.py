"""What is in a table?

Its columns counted and ranged, and which of them know the outcome too well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from analytics.data import personal
from analytics.data.cohort import one_of
from analytics.data.readers import dates

from .codes import Apart, apart, suspicious

Limit = int | float | date | datetime | None
LONGEST = 1e15  # beyond, a number is written as a fraction is
EXACT = 100_000  # rows up to which different values are counted one by one
MANY = 1000  # texts of more different values are no category
SAMPLE = 10_000
MANY_ROWS = 20  # of fewer, numbers that are all different may be chance
READ = 100_000  # people on whom suspects are judged
LATE = (
    *(
        "recovered",
        "recovery",
        "recoveries",
        "collection",
        "collections",
        "collected",
        "chargeoff",
        "charge off",
        "charged off",
        "writeoff",
        "write off",
    ),
    *(
        "written off",
        "settled",
        "settlement",
        "days in default",
        "default date",
        "date default",
        "defaulted on",
        "foreclosure",
        "repossessed",
        "loss given",
    ),
    *("核销", "追偿", "催收", "回收", "清收"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, counted.

    Attributes
    ----------
    kind : number, category, date, boolean, text (more different values than a category has),
        constant or empty.
    distinct : different values that are not missing; of tables above 100,000 rows an estimate
        (within 2% or so) where it is above 64.
    least, greatest, mean : of numbers and dates; texts have none, as a smallest text is somebody's
        cell.
    codes : numbers such as -9 or 998 that stand apart from the rest: they look like codes for
        missing.
    personal : national id, phone, e-mail or name, where most values are.
    unique : is every value there, and different from all others? Counted exactly; not asked of
        fractions above 100,000 rows.
    format : how numbers or texts that are dates are written, such as ``%y%m%d``.
    running : whole numbers that number the rows, in file order or not: they say nothing of a
        person.
    alone : numbers that lie far outside the rest and are no code one knows by its looks.
    whole : are all its numbers whole, though they may be written as 1000.0?
    """

    name: str
    dtype: pl.DataType
    kind: str
    missing: int
    distinct: int
    least: Limit = None
    greatest: Limit = None
    mean: float | None = None
    codes: tuple[int | float, ...] = ()
    personal: str = ""
    unique: bool = False
    format: str = ""
    running: bool = False
    whole: bool = False
    alone: tuple[int | float, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a table holds, column by column."""

    name: str
    columns: tuple[Column, ...]
    rows: int

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in file order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """One column by its name."""
        return self.columns[self.names.index(name)]


@dataclass(frozen=True, slots=True)
class Leak:
    """A column that may know the outcome, and why we think so.

    `grave` ones do not go into a first catalog.
    """

    column: str
    auc: float
    iv: float
    why: str
    grave: bool
    judged: bool = True


def profile(name: str, table: pl.LazyFrame) -> Profile:
    """Count a table: two passes over it, whatever its size."""
    schema = table.collect_schema()
    places = {f"{i}": dtype for i, dtype in enumerate(schema.values())}
    # To Polars some names, such as *, mean several columns.
    table = table.rename(dict(zip(schema, places, strict=True)))
    first = table.select(
        pl.len().alias("rows"),
        *(e for place, dtype in places.items() for e in _counts(place, dtype)),
    )
    counted = first.collect(engine="streaming").row(0, named=True)
    second = table.select(
        pl.len().alias("rows"),
        *(e for place, dtype in places.items() for e in _closer(place, dtype, counted)),
    )
    texts = [place for place, dtype in places.items() if dtype == pl.String or dtype.is_integer()]
    sample = table.select(texts).gather_every(max(1, counted["rows"] // SAMPLE))
    # Streaming counts different values column by column: a minute for 5,000.
    counted |= second.collect(engine="in-memory").row(0, named=True)
    cells = sample.collect(engine="streaming")
    near = [
        place
        for place, dtype in places.items()
        if dtype.is_numeric() and _suspicious(place, counted)
    ]
    lone = apart(table, near)
    columns = (
        _column(c, dtype, place, counted, cells, lone.get(place, Apart()))
        for place, (c, dtype) in zip(places, schema.items(), strict=True)
    )
    return Profile(name, tuple(columns), int(counted["rows"]))


def _counts(place: str, dtype: pl.DataType) -> Iterator[pl.Expr]:
    """Expressions of the first pass."""
    column = _present(place, dtype)
    yield column.null_count().alias(f"missing {place}")
    if not (dtype == pl.Null or dtype.is_nested()):
        yield column.approx_n_unique().alias(f"distinct {place}")
    if dtype.is_numeric() or dtype.is_temporal():
        yield from (column.min().alias(f"least {place}"), column.max().alias(f"greatest {place}"))
    if dtype.is_numeric():
        yield column.mean().alias(f"mean {place}")


def _present(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)


def _closer(place: str, dtype: pl.DataType, counted: Mapping[str, Any]) -> Iterator[pl.Expr]:
    """Expressions of the second pass: exact counts where they matter, and codes for missing where
    an end of the range is one.
    """
    column = _present(place, dtype)
    rows = counted["rows"]
    distinct = counted.get(f"distinct {place}", 0)
    # It may be the id.
    able = not dtype.is_float() and not counted[f"missing {place}"] and distinct > 0.9 * rows
    if distinct and (rows <= EXACT or distinct <= 64 or able):
        yield column.drop_nulls().n_unique().alias(f"exact {place}")
    if dtype.is_numeric() and distinct > 0.8 * rows:  # an estimate
        yield ((column == column.round()).all() if dtype.is_float() else pl.lit(value=True)).alias(
            f"whole {place}"
        )
        yield column.drop_nulls().cast(pl.Float64).diff().min().alias(f"step {place}")
    if dtype.is_numeric() and distinct > 2:
        yield column.filter(column > column.min()).min().alias(f"low {place}")
        yield column.filter(column < column.max()).max().alias(f"high {place}")


def _column(
    name: str,
    dtype: pl.DataType,
    place: str,
    counted: Mapping[str, Any],
    cells: pl.DataFrame,
    lone: Apart,
) -> Column:
    rows = counted["rows"]
    missing = counted[f"missing {place}"]
    exact = counted.get(f"exact {place}")
    distinct = min(counted.get(f"distinct {place}", 0), rows - missing) if exact is None else exact
    values = cells[place].drop_nulls() if place in cells.columns else pl.Series(dtype=dtype)
    format = _format(values, name)
    kind = (
        "empty"
        if missing == rows
        else "constant"
        if distinct == 1 and not missing
        else "date"
        if format
        else _kind(dtype, distinct, rows - missing)
    )
    about = "" if kind in ("empty", "constant") else personal.kind(values, name)
    codes, alone = (_written(lone.codes), _written(lone.others)) if kind == "number" else ((), ())
    least, greatest, mean = (
        counted.get(f"{figure} {place}") for figure in ("least", "greatest", "mean")
    )
    whole = bool(counted.get(f"whole {place}"))
    running = (
        whole
        and exact is not None
        and exact == rows - missing
        and _runs(exact, least, greatest, counted.get(f"step {place}"))
    )
    return Column(
        name,
        dtype,
        kind,
        missing,
        distinct,
        least,
        greatest,
        mean,
        codes,
        about,
        exact == rows > 0,
        format,
        running,
        whole,
        alone,
    )


def _runs(distinct: int, least: Any, greatest: Any, step: float | None) -> bool:
    """Do numbers that are all different number the rows: each from the first to the last, or
    ascending and most of them?
    """
    if distinct < MANY_ROWS:
        return False
    span = greatest - least + 1
    return bool(distinct == span or (step is not None and step > 0 and 2 * distinct >= span))


def _kind(dtype: pl.DataType, distinct: int, present: int) -> str:
    if dtype.is_temporal():
        return "date"
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "text" if distinct > MANY or (distinct > 12 and distinct > present / 2) else "category"


def _suspicious(place: str, counted: Mapping[str, Any]) -> bool:
    """Is an end of the range worth a closer look?"""
    ends = [counted.get(f"{end} {place}") for end in ("least", "low", "high", "greatest")]
    return all(e is not None for e in ends) and suspicious(
        *(float(e) for e in ends if e is not None)
    )


def _written(codes: Iterable[float]) -> tuple[int | float, ...]:
    """Numbers as a catalog writes them: whole where they are."""
    return tuple(int(c) if c.is_integer() and abs(c) < LONGEST else c for c in map(float, codes))


def _format(values: pl.Series, name: str) -> str:
    """How dates are written that are not typed as such, where that is sure: by all values, their
    range and the name; see `dates.of_numbers`.
    """
    if values.dtype == pl.String:
        texts = values.str.strip_chars()
        numbers = texts.cast(pl.Int64, strict=False)
        if numbers.null_count() or not len(texts):
            return next((f for f, width in TIMED.items() if _reads(texts, f, width)), "")
        dated = texts.filter(~texts.is_in(["00000000", "000000"]))
        values = numbers if len(dated) and not dated.str.starts_with("0").any() else values
    return dates.of_numbers(values, name)[0]


TIMED = {"%y%m%d %H:%M:%S": 15, "%Y%m%d %H:%M:%S": 17}


def _reads(texts: pl.Series, format: str, width: int) -> bool:
    if not len(texts) or not (texts.str.len_chars() == width).all():
        return False
    years = texts.str.to_datetime(format, strict=False).dt.year()
    return bool((years.is_not_null() & years.is_between(1900, 2100)).all())


def table(profile: Profile) -> pl.DataFrame:
    """A profile as a frame.

    Returns
    -------
    DataFrame
        One row per column: `column`, `type`, `kind`, `missing` (share), `distinct`, `least`,
        `greatest` (as text), `mean`, `codes` (as text), `personal`.
    """
    rows = [
        (
            c.name,
            str(c.dtype),
            c.kind,
            c.missing / max(profile.rows, 1),
            c.distinct,
            _shown(c.least),
            _shown(c.greatest),
            c.mean,
            _shown(c.codes),
            c.personal,
        )
        for c in profile.columns
    ]
    schema = {
        "column": pl.String,
        "type": pl.String,
        "kind": pl.String,
        "missing": pl.Float64,
        "distinct": pl.Int64,
    }
    schema |= {
        "least": pl.String,
        "greatest": pl.String,
        "mean": pl.Float64,
        "codes": pl.String,
        "personal": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{v:g}" for v in value)
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def late(name: str) -> bool:
    """Does a column's name tell of what follows the outcome: recovered, written off, settled?"""
    return personal.named(name, LATE)


def leaks(
    table: pl.LazyFrame,
    outcome: str,
    bad: Sequence[object],
    columns: Iterable[str],
    *,
    all_of_them: bool = False,
) -> tuple[Leak, ...]:
    """Columns that may know the outcome: by their name, by an AUC alone above 0.95, or by an
    information value above 0.5.

    Parameters
    ----------
    bad : the outcome's values that count as default; nothing is judged by figures where either
        outcome has fewer than 5 of at most 100,000 people.
    all_of_them : also columns of which nothing is suspected.

    Returns
    -------
    tuple of Leak
        In the order of `columns`. Grave are those above 0.95 and those whose name tells of later:
        an information value alone is a suspicion.
    """
    dtype = table.collect_schema()[outcome]
    values = list(map(bool, bad)) if dtype == pl.Boolean else list(bad)
    others = [c for c in columns if c != outcome]
    known = table.filter(pl.col(outcome).is_not_null())
    step = max(1, known.select(pl.len()).collect().item() // READ)
    frame = (
        known.select(
            one_of(_present(outcome, dtype), values, dtype).fill_null(value=False).alias(outcome),
            *others,
        )
        .gather_every(step)
        .collect()
    )
    defaulted = frame[outcome].to_numpy().astype(bool)
    enough = min(defaulted.sum(), (~defaulted).sum()) >= 5
    judged = (_leak(c, *(_strength(frame[c], defaulted) if enough else (0.5, 0.0))) for c in others)
    return tuple(replace(leak, judged=bool(enough)) for leak in judged if leak.why or all_of_them)


def _leak(column: str, auc: float, iv: float) -> Leak:
    grave = auc > 0.95 or late(column)
    reasons = [
        "is a copy of the outcome"
        if auc > 0.9999
        else f"tells the outcome almost alone (AUC {auc:.2f})"
        if auc > 0.95
        else "",
        "has a name that tells of what comes after the outcome" if late(column) else "",
        f"has an information value of {iv:.2f}, suspiciously high"
        if iv > 0.5 and not grave
        else "",
    ]
    return Leak(column, auc, iv, " and ".join(filter(None, reasons)), grave)


def _strength(column: pl.Series, defaulted: np.ndarray) -> tuple[float, float]:
    """AUC, in whichever direction, and information value of a column alone.

    A missing value is a value like others.
    """
    if column.dtype.is_numeric() or column.dtype.is_temporal():
        numbers = column.to_physical().cast(pl.Float64).fill_nan(None)
        return _auc_of_numbers(numbers, defaulted), _information(_tenths(numbers), defaulted)
    codes = column.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(int) - 1
    # Of many levels each has its chance outcome, and the value is high by itself.
    few = codes.max(initial=0) < min(50, len(codes) / 10)
    return _side(_auc(_rates(codes, defaulted), defaulted)), _information(
        codes, defaulted
    ) if few else 0.0


def _auc_of_numbers(numbers: pl.Series, defaulted: np.ndarray) -> float:
    ends = (-np.inf, np.inf) if numbers.null_count() else (0.0,)
    return max(_side(_auc(numbers.fill_null(end).to_numpy(), defaulted)) for end in ends)


def _side(auc: float) -> float:
    return max(auc, 1 - auc)


def _auc(score: np.ndarray, defaulted: np.ndarray) -> float:
    """Area under the curve by ranks, ties shared."""
    ranks = pl.Series(score).rank("average").to_numpy()
    bad, good = int(defaulted.sum()), int((~defaulted).sum())
    return float((ranks[defaulted].sum() - bad * (bad + 1) / 2) / (bad * good))


def _rates(codes: np.ndarray, defaulted: np.ndarray) -> np.ndarray:
    """The bad rate of each one's category as the other half of the people has it: nobody's own
    outcome speaks for him.
    """
    half = np.empty(len(codes), bool)
    for outcome in (defaulted, ~defaulted):
        half[outcome] = np.arange(outcome.sum()) % 2 == 0
    rates = np.empty(len(codes))
    size = int(codes.max(initial=0)) + 1
    base = float(defaulted.mean())
    for mine in (half, ~half):
        bad = np.bincount(codes[~mine], defaulted[~mine], size)
        all_ = np.bincount(codes[~mine], minlength=size)
        rates[mine] = ((bad + base) / (all_ + 1))[codes[mine]]
    return rates


def _tenths(numbers: pl.Series) -> np.ndarray:
    """Ten bins of equal size, and the first for missing."""
    values = numbers.to_numpy()
    present = values[np.isfinite(values)]
    edges = (
        np.unique(np.quantile(present, np.linspace(0.1, 0.9, 9))) if len(present) else np.zeros(0)
    )
    return np.where(
        np.isnan(values), 0, 1 + np.searchsorted(edges, np.nan_to_num(values), side="left")
    )


def _information(bins: np.ndarray, defaulted: np.ndarray) -> float:
    """Information value over bins, half a person added to each count.

    References
    ----------
    Siddiqi 2006.
    """
    counts = np.stack(
        [np.bincount(bins, defaulted == y, int(bins.max(initial=0)) + 1) for y in (False, True)]
    )
    smooth = counts[:, counts.sum(axis=0) > 0] + 0.5
    paid, bad = smooth / smooth.sum(axis=1, keepdims=True)
    return float(((paid - bad) * np.log(paid / bad)).sum())
