"""How does a catalog stand in its file? TOML that is read and written; what is written reads back to the same catalog."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import tomli_w

from analytics.data.bounds import shown
from analytics.data.cohort import Cohort
from analytics.data.refusal import Refusal

from .model import (
    MAKING,
    NUMBERS,
    RESERVED,
    TEXTS,
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

Toml = Mapping[str, object]
Written = dict[str, object]
WIDE = 120
HEAD = "# How these data describe themselves: who the people are, how they turned out, and what each source knows of them.\n\n"


def read(path: str | Path, *, teaching: bool = True) -> Catalog:
    """Read and check a catalog file.

    Parameters
    ----------
    teaching : whether something is learned from its people. Who is only to be scored needs no outcome.

    Raises
    ------
    Refusal
        With one sentence that names the file, the key, the rule and the remedy.
    """
    path = Path(path)
    try:
        toml = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise Refusal(f"cannot open the catalog {path}; name an existing file with --catalog") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path.name} is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"{path.name} is not valid TOML: {error}") from None
    try:
        return _catalog(toml, path, teaching=teaching)
    except Refusal as error:
        raise Refusal(f"{path.name}: {error}") from None


def _catalog(toml: Toml, path: Path, *, teaching: bool) -> Catalog:
    top = Entry("the top level", toml, ("population", "tables", "sources", "bureaus", "alliances", "scale"))
    tables = tuple(_table(name, table) for name, table in top.entries("tables").items())
    sources, bureaus = tuple(map(_source, top.tables("sources"))), tuple(map(_bureau, top.tables("bureaus")))
    cleanings = (_cleaning(name, table) for name, table in top.entries("tables").items())
    kept = tuple(c for c in cleanings if c != Cleaning(c.table))
    alliances = tuple(map(_alliance, top.tables("alliances")))
    people, scale = _people(top.table("population"), teaching=teaching), _scale(top.table("scale", {}))
    return Catalog(people, sources, bureaus, alliances, path, tables, kept, scale)


@dataclass(frozen=True, slots=True)
class Entry:
    """One TOML table being read: every value is asked for by name and type, and nothing else may stand in it."""

    where: str
    toml: Toml
    allowed: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = next((k for k in self.toml if k not in self.allowed), None)
        if unknown is not None:
            raise Refusal(f"{self.where} has an unknown key {unknown!r}; it may have: {', '.join(self.allowed)}")

    def take(self, key: str, kind: Any, default: Any = None) -> Any:
        value = self.toml.get(key, default)
        if value is None:
            raise Refusal(f"{self.where} lacks the key {key!r}; add it")
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise Refusal(f"{self.where}: {key!r} must be {NAMES.get(kind, 'a number')}, got {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.take(key, str, default))

    def number(self, key: str, default: float) -> float:
        return _float(self.take(key, int | float, default), f"{self.where}: {key!r}")

    def scalars(self, key: str, default: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        values = tuple(self.take(key, list, list(default)))
        if not all(isinstance(v, str | int | float) for v in values):
            raise Refusal(f"{self.where}: {key!r} must be a list of texts and numbers, got {list(values)!r}")
        return values

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.scalars(key)
        if not all(isinstance(v, str) for v in values):
            raise Refusal(f"{self.where}: {key!r} must be a list of texts, got {list(values)!r}")
        return tuple(map(str, values))

    def numbers(self, key: str) -> tuple[float, ...]:
        return tuple(_number(v, f"{self.where}: {key!r}") for v in self.scalars(key))

    def flag(self, key: str) -> bool:
        return bool(self.take(key, bool, False))

    def table(self, key: str, default: Toml | None = None) -> Toml:
        return dict(self.take(key, dict, default))

    def tables(self, key: str) -> list[Toml]:
        values = list(self.take(key, list, []))
        if not all(isinstance(v, dict) for v in values):
            raise Refusal(f"{key!r} must be a list of tables, each under [[{key}]]")
        return values

    def entries(self, key: str) -> dict[str, Toml]:
        values = self.table(key, {})
        wrong = next((k for k, v in values.items() if not isinstance(v, dict)), None)
        if wrong is not None:
            raise Refusal(f"{self.where}: {key!r} must hold tables, and {wrong!r} is none")
        return cast(dict[str, Toml], values)


NAMES: dict[object, str] = {str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table"}


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(f"{where} must hold numbers, got {value!r}")
    return _float(value, where)


def _float(value: float, where: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Refusal(f"{where} must be smaller, got {shown(value)}; write fewer digits") from None


def _people(toml: Toml, *, teaching: bool = True) -> People:
    entry = Entry(
        "[population]",
        toml,
        ("table", "id", "outcome", "bad", "label", "fictional", "time", "segments", "protected", "missing", "currency", "gain", "loss", "undecided", "decide"),
    )
    people = People(
        table=entry.text("table"),
        id=entry.text("id"),
        outcome=entry.text("outcome", None if teaching else ""),
        bad=entry.scalars("bad", (1,)),
        label=entry.text("label", ""),
        fictional=entry.flag("fictional"),
        time=entry.text("time", ""),
        segments=entry.texts("segments"),
        protected=entry.texts("protected"),
        missing=entry.scalars("missing"),
        currency=entry.text("currency", ""),
        gain=entry.number("gain", 0.0),
        loss=entry.number("loss", 0.0),
        undecided=entry.scalars("undecided"),
        decide=entry.texts("decide"),
    )
    taken = [g for g in people.groups if g in RESERVED]
    if taken:
        raise Refusal(f"[population]: a segment cannot be called {taken[0]!r}, a word of our own; rename the column")
    return people


def _source(toml: Toml) -> Source:
    key = toml.get("key", "?")
    entry = Entry(
        f"[[sources]] {key!r}", toml, ("key", "label", "dimension", "table", "columns", "present", "cost", "consent", "features", "label_zh", *MAKING, "fakes")
    )
    aggregates = tuple(_aggregate(f"{entry.where}, aggregate {name!r}", name, toml) for name, toml in entry.entries("aggregates").items())
    return Source(
        key=entry.text("key"),
        label=entry.text("label", str(key)),
        columns=entry.texts("columns") or (("*",) if aggregates else ()),
        dimension=entry.text("dimension", ""),
        features=tuple(_feature(f"{entry.where}, feature {name!r}", name, toml) for name, toml in entry.entries("features").items()),
        table=entry.text("table", ""),
        present=entry.text("present", ""),
        cost=entry.number("cost", 0.0),
        consent=entry.text("consent", ""),
        label_zh=entry.text("label_zh", ""),
        steps=_steps(entry),
        date=entry.text("date", ""),
        aggregates=aggregates,
        lag=int(entry.take("lag", int, 0)),
        fakes=_fakes(f"{entry.where}, fakes", entry.table("fakes")) if "fakes" in toml else None,
    )


def _fakes(where: str, toml: Toml) -> Fakes:
    entry = Entry(where, toml, ("signs", "flag", "table"))
    return Fakes(entry.texts("signs"), entry.text("flag"), entry.text("table", ""))


def _steps(entry: Entry) -> tuple[Step, ...]:
    """The joins: ``via = ["disp.csv: account_id"]`` and, for the source's own table, ``on = "disp_id"`` or ``on = "district_id = A1"``."""
    on = entry.text("on", "")
    if entry.texts("via") and not on:
        raise Refusal(f"{entry.where}: 'via' needs 'on', the column that joins the last of those tables to the source's own")
    return tuple(map(_step, (*entry.texts("via"), *([f"{entry.text('table', '')}: {on}"] if on else []))))


def _step(text: str) -> Step:
    table, _, keys = text.rpartition(":")
    left, _, right = keys.partition("=")
    if not (table.strip() and left.strip()):
        raise Refusal(f"cannot read the join {text!r}; write it like disp.csv: account_id, or account.csv: district_id = A1")
    return Step(table.strip(), left.strip(), right.strip() or left.strip())


def _aggregate(where: str, name: str, toml: Toml) -> Aggregate:
    entry = Entry(where, toml, ("of", "column", "where", "days"))
    return Aggregate(name, entry.text("of"), entry.text("column", ""), entry.text("where", ""), int(entry.take("days", int, 0)))


TOLD = ("separator", "encoding", "decimal", "sheet", "url", "query", "credentials")


def _table(name: str, toml: Toml) -> Table:
    entry = Entry(f"[tables.{name!r}]", toml, (*TOLD, "header", "types", *CLEANING))
    types = entry.table("types", {})
    texts: dict[str, Any] = {key: entry.text(key, "") for key in TOLD}
    header = str(entry.take("header", int | str, ""))
    return Table(name, header=header, types=tuple((column, str(kind)) for column, kind in types.items()), **texts)


CLEANING = ("missing", "leave_out", "once", "plain")


def _cleaning(name: str, toml: Toml) -> Cleaning:
    where = f"[tables.{name!r}]"
    entry = Entry(where, {k: v for k, v in toml.items() if k in CLEANING}, CLEANING)
    codes = Entry(f"{where}, missing", entry.table("missing", {}), tuple(entry.table("missing", {})))
    rows = entry.scalars("leave_out")
    if not all(isinstance(r, int) and not isinstance(r, bool) and r > 0 for r in rows):
        raise Refusal(f"{where}: 'leave_out' must list rows, 1 for the first below the header")
    missing = tuple((column, codes.scalars(column)) for column in codes.allowed)
    return Cleaning(name, missing, rows, entry.text("once", ""), entry.text("plain", ""))


def _feature(where: str, name: str, toml: Toml) -> Feature:
    entry = Entry(where, toml, ("label", "unit", "direction", "actionable", "type", *TEXTS, "fakeable", "price"))
    return Feature(
        name,
        label=entry.text("label", ""),
        unit=entry.text("unit", ""),
        direction=entry.text("direction", "unknown"),
        actionable=entry.flag("actionable"),
        type=entry.text("type", ""),
        **{key: entry.text(key, "") for key in TEXTS},
        fakeable=entry.flag("fakeable"),
        price=entry.number("price", 0.0),
    )


def _bureau(toml: Toml) -> Bureau:
    key = toml.get("key", "?")
    entry = Entry(f"[[bureaus]] {key!r}", toml, ("key", "label", "weights", "sees", "points", "provenance"))
    points = Entry(f"{entry.where}, points", entry.table("points", {}), ("low", "high", "bands", "names"))
    weights, sees = entry.table("weights"), entry.table("sees", {})
    return Bureau(
        key=entry.text("key"),
        label=entry.text("label", str(key)),
        weights=tuple((k, _number(w, f"{entry.where}: weight of {k!r}")) for k, w in weights.items()),
        sees=tuple((k, Cohort.parse(str(text)).conditions) for k, text in sees.items()),
        low=points.number("low", 350.0),
        high=points.number("high", 950.0),
        bands=points.numbers("bands"),
        names=points.texts("names"),
        provenance=entry.text("provenance", ""),
    )


def _scale(toml: Toml) -> Scale:
    entry = Entry("[scale]", toml, (*NUMBERS, "bands", "names"))
    numbers = {name: entry.number(name, 0.0) for name in NUMBERS if name in toml}
    return Scale(**numbers, bands=entry.numbers("bands"), names=entry.texts("names"))


def _alliance(toml: Toml) -> Alliance:
    key = toml.get("key", "?")
    entry = Entry(f"[[alliances]] {key!r}", toml, ("key", "label", "partners"))
    return Alliance(entry.text("key"), entry.text("label", str(key)), entry.texts("partners"))


# The catalog as a file


def text(catalog: Catalog) -> str:
    """A catalog as the text of its file.

    Raises
    ------
    Refusal
        If a join names a column or table that the file's short form of joins cannot hold.
    """
    parts: Written = {"population": _people_as_toml(catalog.people)}
    if catalog.scale != Scale():
        parts["scale"] = _said(catalog.scale, (*NUMBERS, "bands", "names"), _usual(Scale))
    if catalog.tables or catalog.cleanings:
        tables = (*(t.name for t in catalog.tables), *(c.table for c in catalog.cleanings))
        parts["tables"] = {name: {**_table_as_toml(catalog.table(name)), **_cleaning_as_toml(catalog.cleaning(name))} for name in dict.fromkeys(tables)}
    parts["sources"] = [_source_as_toml(s) for s in catalog]
    if catalog.bureaus:
        parts["bureaus"] = [_bureau_as_toml(b) for b in catalog.bureaus]
    if catalog.alliances:
        parts["alliances"] = [_alliance_as_toml(a) for a in catalog.alliances]
    return HEAD + _short_lists(tomli_w.dumps(parts))


def _short_lists(toml: str) -> str:
    """Lists on one line where it is short: the writer gives every item its own. No text holds a line break, as it writes them escaped."""
    return re.sub(r"(?m)^(.* = \[)\n((?:    [^{\n]*,\n)+)\]$", lambda found: _one_line(found[0], found[1], found[2].split("\n")[:-1]), toml)


def _one_line(whole: str, start: str, items: Sequence[str]) -> str:
    line = start + ", ".join(i.strip()[:-1] for i in items) + "]"
    return line if len(line) <= WIDE else whole


def _said(value: object, names: tuple[str, ...], usual: Mapping[str, object]) -> Written:
    """These fields of a value, where they are not the usual."""
    found = {name: getattr(value, name) for name in names}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items() if name not in usual or v != usual[name]}


def _usual(noun: type) -> dict[str, object]:
    return {f.name: f.default for f in fields(noun)}


def _people_as_toml(people: People) -> Written:
    names = (
        "label",
        "fictional",
        "table",
        "id",
        "outcome",
        "bad",
        "time",
        "segments",
        "protected",
        "missing",
        "currency",
        "gain",
        "loss",
        "undecided",
        "decide",
    )
    return _said(people, names, {name: v for name, v in _usual(People).items() if name != "bad"})


def _table_as_toml(table: Table) -> Written:
    told = _said(table, ("separator", "encoding", "decimal", "sheet", "header", "url", "query", "credentials"), _usual(Table))
    return {**told, **({"types": dict(table.types)} if table.types else {})}


def _cleaning_as_toml(cleaning: Cleaning) -> Written:
    told = _said(cleaning, ("leave_out", "once", "plain"), _usual(Cleaning))
    codes = {column: list(values) for column, values in cleaning.missing}
    return {**told, **({"missing": codes} if codes else {})}


def _source_as_toml(source: Source) -> Written:
    usual = {**_usual(Source), "label": source.key}
    told = _said(source, ("key", "label", "label_zh", "dimension", "table"), usual)
    told |= _joins(source) | _said(source, ("date", "lag"), usual)
    if not (source.aggregates and source.columns == ("*",)):
        told["columns"] = list(source.columns)
    told |= _said(source, ("present", "cost", "consent"), usual)
    told |= {"fakes": _fakes_as_toml(source.fakes)} if source.fakes else {}
    told |= {"features": {f.name: _feature_as_toml(f) for f in source.features}} if source.features else {}
    return told | ({"aggregates": {a.name: _aggregate_as_toml(a) for a in source.aggregates}} if source.aggregates else {})


def _joins(source: Source) -> Written:
    if not source.steps:
        return {}
    *via, last = source.steps
    if last.table != source.table:
        raise Refusal(f"source {source.key!r}: its last join must lead to its own table {source.table!r}, not to {last.table!r}")
    return {**({"via": [f"{s.table}: {_keys(s)}" for s in via]} if via else {}), "on": _keys(last)}


def _keys(step: Step) -> str:
    written = all(k == k.strip() and k and ":" not in k for k in (step.left, step.right))
    if not written or "=" in step.left or (step.left == step.right and "=" in step.right) or step.table != step.table.strip():
        raise Refusal(f"the join to {step.table!r} by {step.left!r} cannot be written into a catalog; rename the column so that it has no : and = in it")
    return step.left if step.left == step.right else f"{step.left} = {step.right}"


def _feature_as_toml(feature: Feature) -> Written:
    return _said(feature, tuple(f.name for f in fields(Feature) if f.name != "name"), _usual(Feature))


def _fakes_as_toml(fakes: Fakes) -> Written:
    return _said(fakes, ("signs", "flag", "table"), {"table": ""})


def _aggregate_as_toml(aggregate: Aggregate) -> Written:
    return _said(aggregate, ("of", "column", "where", "days"), _usual(Aggregate))


def _bureau_as_toml(bureau: Bureau) -> Written:
    usual = {**_usual(Bureau), "label": bureau.key}
    told = _said(bureau, ("key", "label", "provenance"), usual)
    points = _said(bureau, ("low", "high", "bands", "names"), usual)
    told |= {"points": points} if points else {}
    sees = {key: Cohort("", conditions).text for key, conditions in bureau.sees}
    return told | {"weights": dict(bureau.weights)} | ({"sees": sees} if sees else {})


def _alliance_as_toml(alliance: Alliance) -> Written:
    return _said(alliance, ("key", "label", "partners"), {"label": alliance.key})
