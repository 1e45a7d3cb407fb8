"""How does a catalog stand in its file?

Its keys are declared once, and by them TOML is read and written; what is written reads back to the
same catalog.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import tomli_w

from analytics.data.cohort import Cohort
from analytics.data.refusal import Refusal

from .entry import Entry, Toml, number_in
from .model import (
    NUMBERS,
    RESERVED,
    Aggregate,
    Alliance,
    Bureau,
    Catalog,
    Cleaning,
    Fakes,
    Feature,
    People,
    Scale,
    Source,
    Step,
    Table,
)

Written = dict[str, object]
WIDE = 120
HEAD = (
    "# How these data describe themselves: who the people are, how they turned out, "
    "and what each source knows of them.\n\n"
)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Kind:
    """What stands under a key: how it is read from an entry, by its name and its usual value, and
    how it is written.
    """

    read: Callable[[Entry, str, Any], Any]
    write: Callable[[Any], Any] = _listed


@dataclass(frozen=True, slots=True)
class Key:
    """One key; those of a smaller place are written before the others, and those of one place as
    they are declared.
    """

    name: str
    kind: Kind
    place: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of one table, as sentences name them, and what they usually are, which is not
    written.
    """

    keys: tuple[Key, ...]
    usual: Mapping[str, object]


def _usual(*nouns: type) -> dict[str, object]:
    return {f.name: f.default for noun in nouns for f in fields(noun) if f.default is not MISSING}


def _values(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _read(shape: Shape, where: str, toml: Toml, **usual: object) -> dict[str, Any]:
    """The values of a table by their keys."""
    entry = Entry(where, toml, tuple(key.name for key in shape.keys))
    defaults = {**shape.usual, **usual}
    return {key.name: key.kind.read(entry, key.name, defaults.get(key.name)) for key in shape.keys}


def _write(shape: Shape, values: Mapping[str, Any], **usual: object) -> Written:
    """Values by their keys, those left out that are as usual."""
    left_out = {**shape.usual, **usual}
    keys = sorted(shape.keys, key=lambda key: key.place)
    written = (
        key for key in keys if key.name not in left_out or values[key.name] != left_out[key.name]
    )
    return {key.name: key.kind.write(values[key.name]) for key in written}


# Kinds of values ----------------------------------------------------------------------------------


def _named(word: str, noun: Callable[..., Any], shape: Shape) -> Kind:
    """Values that stand each under its name."""

    def read(entry: Entry, key: str, _: object) -> tuple[Any, ...]:
        return tuple(
            noun(name, **_read(shape, f"{entry.where}, {word} {name!r}", toml))
            for name, toml in entry.entries(key).items()
        )

    return Kind(
        read, lambda values: {value.name: _write(shape, _values(value)) for value in values}
    )


def _read_fakes(entry: Entry, key: str, usual: None) -> Fakes | None:
    return (
        Fakes(**_read(FAKES, f"{entry.where}, fakes", entry.table(key)))
        if key in entry.toml
        else usual
    )


def _read_types(entry: Entry, key: str, _: object) -> tuple[tuple[str, str], ...]:
    return tuple((column, str(kind)) for column, kind in entry.table(key, {}).items())


def _read_missing(entry: Entry, key: str, _: object) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    table = entry.table(key, {})
    codes = Entry(f"{entry.where}, missing", table, tuple(table))
    return tuple((column, codes.scalars(column)) for column in table)


def _read_rows(entry: Entry, key: str, _: object) -> tuple[int, ...]:
    rows = entry.scalars(key)
    if not all(isinstance(r, int) and not isinstance(r, bool) and r > 0 for r in rows):
        raise Refusal(
            f"{entry.where}: 'leave_out' must list rows, 1 for the first below the header"
        )
    return rows


def _read_weights(entry: Entry, key: str, _: object) -> tuple[tuple[str, float], ...]:
    return tuple(
        (k, number_in(weight, f"{entry.where}: weight of {k!r}"))
        for k, weight in entry.table(key).items()
    )


def _read_sees(entry: Entry, key: str, _: object) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (k, Cohort.parse(str(text)).conditions) for k, text in entry.table(key, {}).items()
    )


def _read_points(entry: Entry, key: str, _: object) -> dict[str, Any]:
    return _read(POINTS, f"{entry.where}, points", entry.table(key, {}))


TEXT = Kind(Entry.text)
TEXTS = Kind(lambda entry, key, _: entry.texts(key))
NUMBER = Kind(Entry.number)
SET_NUMBER = Kind(lambda entry, key, usual: entry.number(key, 0.0) if key in entry.toml else usual)
WHOLE = Kind(lambda entry, key, usual: int(entry.take(key, int, usual)))
FIGURES = Kind(lambda entry, key, _: entry.numbers(key))
SCALARS = Kind(lambda entry, key, _: entry.scalars(key))
BAD = Kind(lambda entry, key, _: entry.scalars(key, (1,)))
FLAG = Kind(lambda entry, key, _: entry.flag(key))
LINE = Kind(lambda entry, key, usual: str(entry.take(key, int | str, usual)))
TYPES = Kind(_read_types, dict)
MISSING_CODES = Kind(
    _read_missing, lambda codes: {column: list(values) for column, values in codes}
)
ROWS = Kind(_read_rows)
WEIGHTS = Kind(_read_weights, dict)
SEES = Kind(_read_sees, lambda sees: {key: Cohort("", conditions).text for key, conditions in sees})
FAKE_SIGNS = Kind(_read_fakes, lambda fakes: _write(FAKES, _values(fakes)))


# The keys -----------------------------------------------------------------------------------------

PEOPLE = Shape(
    (
        Key("table", TEXT),
        Key("id", TEXT),
        Key("outcome", TEXT),
        Key("bad", BAD),
        Key("label", TEXT, -1),
        Key("fictional", FLAG, -1),
        Key("time", TEXT),
        Key("segments", TEXTS),
        Key("protected", TEXTS),
        Key("missing", SCALARS),
        Key("currency", TEXT),
        Key("gain", NUMBER),
        Key("loss", NUMBER),
        Key("undecided", SCALARS),
        Key("decide", TEXTS),
    ),
    {name: usual for name, usual in _usual(People).items() if name != "bad"},
)
TABLE = Shape(
    (
        Key("separator", TEXT, -1),
        Key("encoding", TEXT, -1),
        Key("decimal", TEXT, -1),
        Key("sheet", TEXT, -1),
        Key("url", TEXT),
        Key("query", TEXT),
        Key("credentials", TEXT),
        Key("header", LINE, -1),
        Key("types", TYPES),
        Key("missing", MISSING_CODES),
        Key("leave_out", ROWS),
        Key("once", TEXT),
        Key("plain", TEXT),
    ),
    _usual(Table, Cleaning),
)
FEATURE = Shape(
    (
        Key("label", TEXT),
        Key("unit", TEXT),
        Key("direction", TEXT),
        Key("actionable", FLAG),
        Key("type", TEXT),
        Key("label_zh", TEXT),
        Key("reason_high", TEXT),
        Key("reason_high_zh", TEXT),
        Key("reason_low", TEXT),
        Key("reason_low_zh", TEXT),
        Key("fakeable", FLAG),
        Key("price", NUMBER),
    ),
    _usual(Feature),
)
AGGREGATE = Shape(
    (Key("of", TEXT), Key("column", TEXT), Key("where", TEXT), Key("days", WHOLE)),
    _usual(Aggregate),
)
FAKES: Shape = Shape((Key("signs", TEXTS), Key("flag", TEXT), Key("table", TEXT)), _usual(Fakes))
SOURCE = Shape(
    (
        Key("key", TEXT),
        Key("label", TEXT),
        Key("dimension", TEXT, 2),
        Key("table", TEXT, 2),
        Key("columns", TEXTS, 4),
        Key("present", TEXT, 4),
        Key("cost", NUMBER, 4),
        Key("consent", TEXT, 4),
        Key("features", _named("feature", Feature, FEATURE), 5),
        Key("label_zh", TEXT, 1),
        Key("via", TEXTS, 3),
        Key("on", TEXT, 3),
        Key("date", TEXT, 3),
        Key("aggregates", _named("aggregate", Aggregate, AGGREGATE), 5),
        Key("lag", WHOLE, 3),
        Key("fakes", FAKE_SIGNS, 4),
    ),
    {**_usual(Source), "via": (), "on": ""},
)
POINTS: Shape = Shape(
    (Key("low", NUMBER), Key("high", NUMBER), Key("bands", FIGURES), Key("names", TEXTS)),
    _usual(Bureau),
)
BUREAU = Shape(
    (
        Key("key", TEXT),
        Key("label", TEXT),
        Key("weights", WEIGHTS),
        Key("sees", SEES),
        Key("points", Kind(_read_points), -1),
        Key("provenance", TEXT),
    ),
    {**_usual(Bureau), "points": {}},
)
ALLIANCE = Shape((Key("key", TEXT), Key("label", TEXT), Key("partners", TEXTS)), {})
SCALE = Shape(
    (*(Key(name, SET_NUMBER) for name in NUMBERS), Key("bands", FIGURES), Key("names", TEXTS)),
    _usual(Scale),
)
TOP = ("population", "tables", "sources", "bureaus", "alliances", "scale")


# Read ---------------------------------------------------------------------------------------------


def read(path: str | Path, *, teaching: bool = True) -> Catalog:
    """Read and check a catalog file.

    Parameters
    ----------
    teaching : whether something is learned from its people. Who is only to be scored needs no
        outcome.

    Raises
    ------
    Refusal
        With one sentence that names the file, the key, the rule and the remedy.
    """
    path = Path(path)
    try:
        toml = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise Refusal(
            f"cannot open the catalog {path}; name an existing file with --catalog"
        ) from None
    except UnicodeDecodeError:
        raise Refusal(f"{path.name} is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"{path.name} is not valid TOML: {error}") from None
    try:
        return _catalog(toml, path, teaching=teaching)
    except Refusal as error:
        raise Refusal(f"{path.name}: {error}") from None


def _catalog(toml: Toml, path: Path, *, teaching: bool) -> Catalog:
    top = Entry("the top level", toml, TOP)
    tables = {
        name: _read(TABLE, f"[tables.{name!r}]", table)
        for name, table in top.entries("tables").items()
    }
    cleanings = (_part(Cleaning, name, values) for name, values in tables.items())
    return Catalog(
        sources=tuple(map(_source, top.tables("sources"))),
        bureaus=tuple(map(_bureau, top.tables("bureaus"))),
        alliances=tuple(map(_alliance, top.tables("alliances"))),
        people=_people(top.table("population"), teaching=teaching),
        scale=Scale(**_read(SCALE, "[scale]", top.table("scale", {}))),
        path=path,
        tables=tuple(_part(Table, name, values) for name, values in tables.items()),
        cleanings=tuple(c for c in cleanings if c != Cleaning(c.table)),
    )


def _part(noun: Callable[..., Any], name: str, values: Mapping[str, Any]) -> Any:
    """How a table is read, or what is done with it then: both stand in one."""
    return noun(name, **{f.name: values[f.name] for f in fields(noun) if f.name in values})  # type: ignore[arg-type]


def _people(toml: Toml, *, teaching: bool) -> People:
    people = People(**_read(PEOPLE, "[population]", toml, **({} if teaching else {"outcome": ""})))
    taken = [g for g in people.groups if g in RESERVED]
    if taken:
        raise Refusal(
            f"[population]: a segment cannot be called {taken[0]!r}, a word of our own; "
            "rename the column"
        )
    return people


def _source(toml: Toml) -> Source:
    where = f"[[sources]] {toml.get('key', '?')!r}"
    values = _read(SOURCE, where, toml, label=str(toml.get("key", "?")))
    values["columns"] = values["columns"] or (("*",) if values["aggregates"] else ())
    steps = _steps(where, values.pop("via"), values.pop("on"), values["table"])
    return Source(**values, steps=steps)


def _steps(where: str, via: tuple[str, ...], on: str, table: str) -> tuple[Step, ...]:
    """The joins: ``via = ["disp.csv: account_id"]`` and, for the source's own table, ``on =
    "disp_id"`` or ``on = "district_id = A1"``.
    """
    if via and not on:
        raise Refusal(
            f"{where}: 'via' needs 'on', the column that joins the last of those tables to "
            "the source's own"
        )
    return tuple(map(_step, (*via, *([f"{table}: {on}"] if on else []))))


def _step(text: str) -> Step:
    table, _, keys = text.rpartition(":")
    left, _, right = keys.partition("=")
    if not (table.strip() and left.strip()):
        raise Refusal(
            f"cannot read the join {text!r}; write it like disp.csv: account_id, "
            "or account.csv: district_id = A1"
        )
    return Step(table.strip(), left.strip(), right.strip() or left.strip())


def _bureau(toml: Toml) -> Bureau:
    key = toml.get("key", "?")
    values = _read(BUREAU, f"[[bureaus]] {key!r}", toml, label=str(key))
    return Bureau(**values.pop("points"), **values)


def _alliance(toml: Toml) -> Alliance:
    key = toml.get("key", "?")
    return Alliance(**_read(ALLIANCE, f"[[alliances]] {key!r}", toml, label=str(key)))


# Written ------------------------------------------------------------------------------------------


def text(catalog: Catalog) -> str:
    """A catalog as the text of its file.

    Raises
    ------
    Refusal
        If a join names a column or table that the file's short form of joins cannot hold.
    """
    tables = dict.fromkeys(
        (*(t.name for t in catalog.tables), *(c.table for c in catalog.cleanings))
    )
    parts: Written = {
        "population": _write(PEOPLE, _values(catalog.people)),
        "scale": _write(SCALE, _values(catalog.scale)),
        "tables": {
            name: _write(TABLE, _values(catalog.table(name)) | _values(catalog.cleaning(name)))
            for name in tables
        },
        "sources": [_source_as_toml(s) for s in catalog],
        "bureaus": [_bureau_as_toml(b) for b in catalog.bureaus],
        "alliances": [_write(ALLIANCE, _values(a), label=a.key) for a in catalog.alliances],
    }
    return HEAD + _short_lists(tomli_w.dumps({name: part for name, part in parts.items() if part}))


def _source_as_toml(source: Source) -> Written:
    return _write(
        SOURCE,
        _values(source) | _joins(source),
        label=source.key,
        columns=("*",) if source.aggregates else (),
    )


def _bureau_as_toml(bureau: Bureau) -> Written:
    values = _values(bureau)
    return _write(BUREAU, {**values, "points": _write(POINTS, values)}, label=bureau.key)


def _joins(source: Source) -> dict[str, Any]:
    if not source.steps:
        return {"via": (), "on": ""}
    *via, last = source.steps
    if last.table != source.table:
        raise Refusal(
            f"source {source.key!r}: its last join must lead to its own table "
            f"{source.table!r}, not to {last.table!r}"
        )
    return {"via": tuple(f"{s.table}: {_keys(s)}" for s in via), "on": _keys(last)}


def _keys(step: Step) -> str:
    written = all(k == k.strip() and k and ":" not in k for k in (step.left, step.right))
    if (
        not written
        or "=" in step.left
        or (step.left == step.right and "=" in step.right)
        or step.table != step.table.strip()
    ):
        raise Refusal(
            f"the join to {step.table!r} by {step.left!r} cannot be written into a "
            "catalog; rename the column so that it has no : and = in it"
        )
    return step.left if step.left == step.right else f"{step.left} = {step.right}"


def _short_lists(toml: str) -> str:
    """Lists on one line where it is short: the writer gives every item its own.

    No text holds a line break, as it writes them escaped.
    """
    return re.sub(
        r"(?m)^(.* = \[)\n((?:    [^{\n]*,\n)+)\]$",
        lambda found: _one_line(found[0], found[1], found[2].split("\n")[:-1]),
        toml,
    )


def _one_line(whole: str, start: str, items: Sequence[str]) -> str:
    line = start + ", ".join(i.strip()[:-1] for i in items) + "]"
    return line if len(line) <= WIDE else whole
