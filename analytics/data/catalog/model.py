"""How do data describe themselves?

The values of a catalog: a population, its sources and the bureaus that see some of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path

from analytics.data.bounds import shown
from analytics.data.cohort import Clause, Cohort
from analytics.data.refusal import Refusal

DIRECTIONS = {"riskier": 1, "safer": -1, "unknown": 0}
TYPES = ("number", "category")
ROW_NUMBER = (
    "row number"  # the id of people whose table has none: 1 for the first row below the header
)
RESERVED = ("row", "person", "split", "fold", "month", "defaulted", "scored", "base_rate")
AGGREGATES = ("count", "sum", "mean", "min", "max", "last", "days since")
OURS = ("row", "person")  # what our own frames call their columns
READ_AS = ("text", "number", "boolean", "date", "year", "unit", "1,234.5", "1.234,5")
COUNTED = ("days since 1900", "seconds since 1970", "milliseconds since 1970")  # dates as numbers
NO_HEADER = "none"


@dataclass(frozen=True, slots=True)
class Table:
    """How a file or a database query is read, where it does not say itself.

    Attributes
    ----------
    separator, encoding, decimal : of a text file; found where empty.
    sheet : of a workbook; the first that holds a table where empty.
    header : the line or row with the names of columns, counted from 1, as in ``3``; two as in
        ``3-4``; ``none`` where there is none; found where empty.
    types : what columns hold: text, number (``1,234.5`` or ``1.234,5`` where thousands are set
        apart), unit (a number with a word behind it), boolean, date, year, a format such as
        ``%y%m%d``, or days or seconds since a day; guessed where not named.
    like : how the columns of the table that models learned from were read, each as
        `casting.written` says it; None but for tables of applicants, whose columns are read the
        same way whatever their few cells look like.
    url, query : of a database instead of a file; whoever may log in is named by the environment,
        never here.
    credentials : the environment's names begin with it: ``WAREHOUSE`` means WAREHOUSE_USER,
        WAREHOUSE_PASSWORD and WAREHOUSE_HOST.
    """

    name: str
    separator: str = ""
    encoding: str = ""
    decimal: str = ""
    sheet: str = ""
    header: str = ""
    types: tuple[tuple[str, str], ...] = ()
    url: str = ""
    query: str = ""
    credentials: str = ""
    like: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if bool(self.url) != bool(self.query):
            raise Refusal(
                f"table {self.name!r}: 'url' and 'query' go together; give both, "
                "or neither for a file"
            )
        if len(self.separator) > 1 or self.decimal not in ("", ".", ","):
            raise Refusal(
                f"table {self.name!r}: 'separator' must be one character, "
                "and 'decimal' a point or a comma"
            )
        for column, kind in self.types:
            if kind not in (*READ_AS, *COUNTED) and "%" not in kind:
                able = f"{', '.join((*READ_AS, *COUNTED))}, or a format such as %Y%m%d"
                raise Refusal(
                    f"table {self.name!r}: column {column!r} cannot be read as {kind!r}; "
                    f"it may be: {able}"
                )
        if not re.fullmatch(rf"|{NO_HEADER}|[1-9]\d{{0,3}}(-[1-9]\d{{0,3}})?", self.header):
            rule = "'header' must be a line such as 3, two such as 3-4, or none"
            raise Refusal(f"table {self.name!r}: {rule}; got {self.header!r}")


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What is done with a table once it is read.

    Attributes
    ----------
    missing : codes that a column writes for a missing value, by column.
    leave_out : rows that are nobody, such as totals; 1 is the first below the header.
    once : a column whose values stand once: of rows that repeat one, the first stays.
    plain : a column of ids that are read without spaces, small letters and leading zeros.
    """

    table: str
    missing: tuple[tuple[str, tuple[int | float | str, ...]], ...] = ()
    leave_out: tuple[int, ...] = ()
    once: str = ""
    plain: str = ""

    @property
    def changes(self) -> bool:
        """Does the table change by it, and not only what its features mean?"""
        return bool(self.leave_out or self.once or self.plain)


@dataclass(frozen=True, slots=True)
class Step:
    """One table on the way from the people to a source's records: joined where the column `left` so
    far equals its column `right`.
    """

    table: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One feature made of a person's many records.

    `of` a `column`, of those records that meet `where`, in the last `days` before the application;
    0 is all before it.
    """

    name: str
    of: str
    column: str = ""
    where: str = ""
    days: int = 0

    def __post_init__(self) -> None:
        if self.of not in AGGREGATES:
            raise Refusal(
                f"aggregate {self.name!r}: 'of' is {self.of!r}; it may be: {', '.join(AGGREGATES)}"
            )
        if bool(self.column) == (self.of in ("count", "days since")):
            raise Refusal(
                f"aggregate {self.name!r}: {self.of!r} "
                f"{'takes no' if self.column else 'needs a'} 'column'"
            )
        if self.days < 0:
            raise Refusal(f"aggregate {self.name!r}: 'days' must be 0 or more, got {self.days}")
        Cohort.parse(self.where)


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of a source, in words: label, unit, and whether the risk rises with it.

    `reason_high` and `reason_low` tell a person why a high or a low value lowered the score; texts
    that end in `_zh` are their Chinese twins. `fakeable` says that people can buy more of it, each
    unit at `price`, in the population's currency.
    """

    name: str
    label: str = ""
    unit: str = ""
    direction: str = "unknown"
    actionable: bool = False
    type: str = ""
    label_zh: str = ""
    reason_high: str = ""
    reason_high_zh: str = ""
    reason_low: str = ""
    reason_low_zh: str = ""
    fakeable: bool = False
    price: float = 0.0

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise Refusal(
                f"feature {self.name!r}: 'direction' is {self.direction!r}; it may be: "
                f"{', '.join(DIRECTIONS)}"
            )
        if self.type not in ("", *TYPES):
            raise Refusal(
                f"feature {self.name!r}: 'type' is {self.type!r}; it may be: {', '.join(TYPES)}"
            )
        if self.type == "category" and self.direction != "unknown":
            raise Refusal(
                f"feature {self.name!r} is a category, so it cannot be {self.direction!r}; "
                "drop the direction or make it a number"
            )
        if not 0 <= self.price < inf or self.fakeable != (self.price > 0):
            raise Refusal(
                f"feature {self.name!r}: 'fakeable = true' and a 'price' above 0, "
                "of one unit more, go together; give both or neither"
            )
        if self.type == "category" and self.fakeable:
            raise Refusal(
                f"feature {self.name!r} is a category, and only more of a number can be "
                "bought; drop 'fakeable'"
            )

    @property
    def numeric(self) -> bool:
        """Must the column hold numbers?"""
        return self.type == "number" or self.direction != "unknown" or self.fakeable

    @property
    def title(self) -> str:
        """What people read instead of the column name."""
        return self.label or self.name

    @property
    def title_zh(self) -> str:
        """What people read in Chinese."""
        return self.label_zh or self.title


@dataclass(frozen=True, slots=True)
class Fakes:
    """How a source's fake records are told: the features that give them away, and the records that
    are known to be fake.

    Attributes
    ----------
    signs : names or globs of the source's own columns.
    flag : a column that is true where a record is known to be fake; in the source's table, or in
        `table`, by the id. No source may learn from it.
    """

    signs: tuple[str, ...]
    flag: str
    table: str = ""

    def __post_init__(self) -> None:
        if not self.signs:
            raise Refusal("'fakes' names no 'signs'; list the columns that give fake records away")


@dataclass(frozen=True, slots=True)
class Source:
    """One silo: its table, its columns (names or globs), what a query costs, who consented.

    Attributes
    ----------
    steps : the tables joined on the way from the people, the source's own last; none where it has
        the people's id itself.
    date : when a record was made; needed by aggregates that look at time, and no record after the
        application counts.
    aggregates : the features, where a person has many records.
    lag : days after its date at which a record arrives; no record that arrives after the
        application counts.
    fakes : how fake records are told, where that is known.
    """

    key: str
    label: str
    columns: tuple[str, ...]
    dimension: str = ""
    features: tuple[Feature, ...] = ()
    table: str = ""
    present: str = ""
    cost: float = 0.0
    consent: str = ""
    label_zh: str = ""
    steps: tuple[Step, ...] = ()
    date: str = ""
    aggregates: tuple[Aggregate, ...] = ()
    lag: int = 0
    fakes: Fakes | None = None

    def __post_init__(self) -> None:
        if not self.key.isidentifier():
            raise Refusal(
                f"source key {self.key!r} must be one word of letters, digits and _, "
                "not starting with a digit"
            )
        if not self.columns:
            raise Refusal(
                f"source {self.key!r} names no columns; list at least one under 'columns'"
            )
        if not 0 <= self.cost < inf:
            raise Refusal(f"source {self.key!r}: 'cost' must be 0 or more, got {self.cost:g}")
        timed = next(
            (a.name for a in self.aggregates if a.days or a.of in ("last", "days since")), ""
        )
        if timed and not self.date:
            raise Refusal(
                f"source {self.key!r}: aggregate {timed!r} looks at time; "
                "name the column with the records' date under 'date'"
            )
        if self.lag < 0 or (self.lag and not (self.date and self.aggregates)):
            raise Refusal(
                f"source {self.key!r}: 'lag' is a number of days of 0 or more, "
                "and needs 'aggregates' and their 'date'"
            )

    @property
    def made(self) -> bool:
        """Is its table of one row per person made of others, by joins or aggregates?"""
        return bool(self.steps or self.aggregates)

    @property
    def title_zh(self) -> str:
        """What people read in Chinese."""
        return self.label_zh or self.label

    def feature(self, name: str) -> Feature:
        """What the catalog says of a column; a bare `Feature` where it says nothing."""
        return next((f for f in self.features if f.name == name), Feature(name))


@dataclass(frozen=True, slots=True)
class Bureau:
    """Whoever sees some sources: under which conditions, with which weights, on which scale, and
    how we know.
    """

    key: str
    label: str
    weights: tuple[tuple[str, float], ...]
    sees: tuple[tuple[str, tuple[Clause, ...]], ...] = ()
    low: float = 350.0
    high: float = 950.0
    bands: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    provenance: str = ""

    @property
    def weighting(self) -> str:
        """What its weights are called where they weigh all silos: the bureau itself sees its own
        data only.
        """
        return f"{self.label} weights"

    def __post_init__(self) -> None:
        if (
            not all(0 <= w < inf for _, w in self.weights)
            or not sum(w for _, w in self.weights) > 0
        ):
            raise Refusal(f"bureau {self.key!r}: weights must be 0 or more and not all 0")
        if not -inf < self.low < self.high < inf:
            raise Refusal(
                f"bureau {self.key!r}: points must have 'low' below 'high', "
                f"got {self.low:g} and {self.high:g}"
            )
        if any(
            not a < b
            for a, b in zip((self.low, *self.bands), (*self.bands, self.high), strict=True)
        ):
            raise Refusal(
                f"bureau {self.key!r}: 'bands' must rise and lie between {self.low:g} and "
                f"{self.high:g}"
            )
        if self.names and len(self.names) != len(self.bands) + 1:
            raise Refusal(
                f"bureau {self.key!r}: {len(self.bands)} bands make {len(self.bands) + 1} "
                f"classes, but 'names' has {len(self.names)}"
            )


@dataclass(frozen=True, slots=True)
class Alliance:
    """Bureaus that might join, by their keys."""

    key: str
    label: str
    partners: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.partners)) < max(2, len(self.partners)):
            raise Refusal(f"alliance {self.key!r} needs two partners or more, each named once")


@dataclass(frozen=True, slots=True)
class People:
    """The population's table: one row per person, who they are, and how they turned out.

    Attributes
    ----------
    undecided : values of the outcome of which nobody knows yet; read as unknown.
    decide : questions that a first guess left open; nothing is learned while one stands here.
    """

    table: str
    id: str
    outcome: str
    bad: tuple[int | float | str | bool, ...] = (1,)
    label: str = ""
    fictional: bool = False
    time: str = ""
    segments: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    missing: tuple[int | float | str, ...] = ()
    currency: str = ""
    gain: float = 0.0
    loss: float = 0.0
    undecided: tuple[int | float | str | bool, ...] = ()
    decide: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, amount in (("gain", self.gain), ("loss", self.loss)):
            if not 0 <= amount < inf:
                raise Refusal(f"[population]: {name!r} must be 0 or more, got {amount:g}")

    @property
    def margin(self) -> tuple[float, float]:
        """What an accepted payer brings and an accepted defaulter costs, in the currency.

        Not numbers where the catalog says neither.
        """
        return (self.gain, self.loss) if self.gain or self.loss else (nan, nan)

    @property
    def groups(self) -> tuple[str, ...]:
        """Segments and protected columns, each once."""
        return tuple(dict.fromkeys((*self.segments, *self.protected)))


@dataclass(frozen=True, slots=True)
class Scale:
    """What a catalog fixes of the points scale; the rest is chosen from the data when models are
    fitted.

    Attributes
    ----------
    anchor, odds : the points at which payers are to defaulters as `odds` to 1.
    doubling : points that double these odds.
    low, high : ends of the scale.
    cutoff : the points from which people are accepted until somebody says otherwise.
    bands : where the second and later bands begin; `names`: one more than bands.
    """

    anchor: float | None = None
    odds: float | None = None
    doubling: float | None = None
    low: float | None = None
    high: float | None = None
    cutoff: float | None = None
    bands: tuple[float, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = {name: getattr(self, name) for name in NUMBERS}
        wrong = next(
            (n for n, value in numbers.items() if value is not None and not -inf < value < inf),
            None,
        )
        if wrong is not None:
            raise Refusal(f"[scale]: {wrong!r} must be a finite number; write it as 600")
        if any(value is not None and value <= 0 for value in (self.odds, self.doubling)):
            raise Refusal("[scale]: 'odds' and 'doubling' must be above 0")
        low, high = (
            end if end is not None else usual
            for end, usual in zip((self.low, self.high), ENDS, strict=True)
        )
        if not low < high:
            raise Refusal(f"[scale]: 'low' must be below 'high', got {low:g} and {high:g}")
        if any(not a < b for a, b in zip((low, *self.bands), (*self.bands, high), strict=True)):
            raise Refusal(f"[scale]: 'bands' must rise and lie between {low:g} and {high:g}")
        if self.names and len(self.names) != len(self.bands) + 1:
            raise Refusal(
                f"[scale]: {len(self.bands)} bands make {len(self.bands) + 1} classes, "
                f"but 'names' has {len(self.names)}"
            )
        for name, value in (("anchor", self.anchor), ("cutoff", self.cutoff)):
            if value is not None and not low <= value <= high:
                raise Refusal(
                    f"[scale]: {name!r} must lie between {low:g} and {high:g}, got {value:g}"
                )


NUMBERS = ("anchor", "odds", "doubling", "low", "high", "cutoff")
ENDS = (350.0, 950.0)  # of a scale, where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Catalog:
    """A population, its sources in screen order and its bureaus; iterates over the sources."""

    people: People
    sources: tuple[Source, ...]
    bureaus: tuple[Bureau, ...] = ()
    alliances: tuple[Alliance, ...] = ()
    path: Path = field(default=Path("catalog.toml"), compare=False)
    tables: tuple[Table, ...] = ()
    cleanings: tuple[Cleaning, ...] = ()
    scale: Scale = Scale()

    def __post_init__(self) -> None:
        if not self.sources:
            raise Refusal("the catalog has no [[sources]]; add at least one")
        _once("source", self.keys)
        for source in self.sources:
            if source.made and source.table in ("", self.people.table):
                raise Refusal(
                    f"source {source.key!r} joins or aggregates, so it needs a 'table' of its own"
                )
            if (
                source.lag or any(a.days or a.of == "days since" for a in source.aggregates)
            ) and not self.people.time:
                raise Refusal(
                    f"source {source.key!r} looks at the days before the application; "
                    "name that date under 'time' in [population]"
                )
        _once("bureau", tuple(b.key for b in self.bureaus))
        for bureau in self.bureaus:
            for key, _ in (*bureau.weights, *bureau.sees):
                self._known(key, f"bureau {bureau.key!r} names")
            _covered(bureau)
        _once("alliance", tuple(a.key for a in self.alliances))
        for alliance in self.alliances:
            for partner in alliance.partners:
                self._bureau(partner, f"alliance {alliance.key!r} names no")

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def keys(self) -> tuple[str, ...]:
        """Source keys in screen order."""
        return tuple(s.key for s in self.sources)

    @property
    def folder(self) -> Path:
        """Where the tables are."""
        return self.path.parent

    @property
    def title(self) -> str:
        """What people read as the name of the data."""
        return self.people.label or self.folder.resolve().name

    @property
    def names(self) -> tuple[str, ...]:
        """Every table that is read, each once, the people's first."""
        flags = (s.fakes.table for s in self.sources if s.fakes and s.fakes.table)
        return tuple(dict.fromkeys((*self.taught, *flags)))

    @property
    def taught(self) -> tuple[str, ...]:
        """Every table that models learn from: all but those that only say what is fake."""
        steps = (step.table for source in self.sources for step in source.steps)
        return tuple(
            dict.fromkeys((self.people.table, *(s.table for s in self.sources if s.table), *steps))
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Every column by which records find their person: the id and the keys of joins."""
        keys = (
            key
            for source in self.sources
            for step in source.steps
            for key in (step.left, step.right)
        )
        return tuple(dict.fromkeys((self.people.id, *keys)))

    def table(self, name: str) -> Table:
        """How a table is read; as it says itself where the catalog is silent."""
        return next((t for t in self.tables if t.name == name), Table(name))

    def cleaning(self, name: str) -> Cleaning:
        """What is done with a table once it is read; nothing where the catalog is silent."""
        return next((c for c in self.cleanings if c.table == name), Cleaning(name))

    def codes(self, table: str, column: str) -> tuple[int | float | str, ...]:
        """The codes for missing of a column: those of all columns, and its own."""
        own = dict(self.cleaning(table).missing).get(column, ())
        return tuple(dict.fromkeys((*self.people.missing, *own)))

    def source(self, key: str) -> Source:
        """One source by its key."""
        self._known(key, "there is")
        return self.sources[self.keys.index(key)]

    def bureau(self, key: str) -> Bureau:
        """One bureau by its key."""
        return self._bureau(key, "no")

    def _bureau(self, key: str, what: str) -> Bureau:
        bureau = next((b for b in self.bureaus if b.key == key), None)
        if bureau is None:
            raise Refusal(
                f"{what} bureau {shown(key)} in {self.path.name}; it has: "
                f"{', '.join(b.key for b in self.bureaus) or 'none'}"
            )
        return bureau

    def _known(self, key: str, what: str) -> None:
        if key not in self.keys:
            raise Refusal(
                (
                    f"{what} no source {shown(key)} in {self.path.name}; it has: "
                    f"{', '.join(self.keys)}"
                ).replace("there is no", "no")
            )


def _once(what: str, keys: tuple[str, ...]) -> None:
    twice = [k for k in keys if keys.count(k) > 1]
    if twice:
        raise Refusal(
            f"{what} {twice[0]!r} stands twice in the catalog; give each {what} its own key"
        )


def _covered(bureau: Bureau) -> None:
    """A bureau cannot weigh what it does not see."""
    seen = dict(bureau.sees)
    for key, weight in bureau.weights:
        if bureau.sees and weight and key not in seen:
            raise Refusal(
                f"bureau {bureau.key!r} gives weight to {key!r} but does not list it under "
                "'sees'; add it there or drop the weight"
            )


def ours(column: str) -> bool:
    """Is a column's name a word of our own, or a pattern to Polars?

    Examples
    --------
    >>> [ours(name) for name in ("row", "*", "^a$", "a*")]
    [True, True, True, False]
    """
    return column in OURS or column == "*" or (column.startswith("^") and column.endswith("$"))
