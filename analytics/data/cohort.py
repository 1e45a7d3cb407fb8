"""Which people are meant?

Conditions over the population's columns, as text, as JSON and as a Polars expression.
"""

import ast
import json
import keyword
import operator
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import polars as pl

from .bounds import NAME, NUMBER, TEXT, bounded, shown
from .refusal import Refusal

Scalar = str | int | float | bool | None
Value = Scalar | tuple[Scalar, ...]

OPERATORS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
GRAMMAR = (
    "write a column, a comparison and a value, such as: column == 'text' or source.column >= "
    "1; and, or, not and brackets join them"
)
DEEPEST = 20  # brackets within brackets
CONDITIONS = 100  # of a cohort
VALUES = 1_000  # of a list


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column with a value; `None` stands for a missing value.

    Raises
    ------
    Refusal
        For an unknown operator, or a value that does not go with it.
    """

    column: str
    op: str
    value: Value

    def __post_init__(self) -> None:
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        bounded(self.column, "the column of a condition", NAME)
        if len(values) > VALUES:
            raise Refusal(
                f"condition on {shown(self.column)}: a list may hold at most {VALUES:,} "
                f"values, got {len(values):,}; write fewer"
            )
        for value in values:
            if isinstance(value, str):
                bounded(value, f"the value that {shown(self.column)} is compared with", TEXT)
            if isinstance(value, int) and abs(value) >= 10**NUMBER:
                raise Refusal(
                    f"column {shown(self.column)} cannot be compared with {shown(value)}; "
                    "it is too large"
                )
        if self.op not in OPERATORS.values():
            raise Refusal(
                f"condition on {shown(self.column)} has no operator {shown(self.op)}; "
                f"it may be: {', '.join(OPERATORS.values())}"
            )
        if isinstance(self.value, tuple) != (self.op in ("in", "not in")):
            raise Refusal(
                f"condition on {shown(self.column)}: 'in' and 'not in' take a list, "
                "the other operators one value"
            )
        if self.value is None and self.op not in ("==", "!="):
            raise Refusal(
                f"condition on {shown(self.column)}: a missing value can only be compared by "
                "== or !="
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The column it asks for."""
        return (self.column,)

    def __str__(self) -> str:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return (
            f"{self.column if plain(self.column) else f'col({self.column!r})'} {self.op} {value!r}"
        )

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """The condition as a boolean Polars expression; missing values meet no condition but ``==
        None``.

        Raises
        ------
        Refusal
            If the column does not exist or cannot be compared with the value.
        """
        if self.column not in schema:
            raise Refusal(
                f"no column {shown(self.column)} in this population; it has: "
                f"{', '.join(sorted(schema))}"
            )
        column = _readable(self.column, schema[self.column])
        if self.value is None:
            return column.is_null() if self.op == "==" else column.is_not_null()
        if isinstance(self.value, tuple):
            inside = one_of(
                column,
                [self._literal(v, schema[self.column]) for v in self.value],
                schema[self.column],
            )
            return inside if self.op == "in" else ~inside
        return cast(
            pl.Expr, COMPARE[self.op](column, self._literal(self.value, schema[self.column]))
        )

    def _literal(self, value: Scalar, dtype: pl.DataType) -> object:
        """The value in the column's own type."""
        if dtype.is_temporal() and isinstance(value, str):
            return self._moment(value, dtype)
        textual = dtype in (pl.String, pl.Categorical, pl.Enum)
        if (
            dtype.is_temporal()
            or textual != isinstance(value, str)
            or (dtype == pl.Boolean) != isinstance(value, bool)
        ):
            kind = (
                "text"
                if textual
                else (
                    "true or false"
                    if dtype == pl.Boolean
                    else "dates"
                    if dtype.is_temporal()
                    else ("numbers")
                )
            )
            raise Refusal(
                f"column {shown(self.column)} holds {kind} and cannot be compared with "
                f"{shown(value)}"
            )
        if isinstance(value, int) and abs(value) >= 2**63:
            raise Refusal(
                f"column {shown(self.column)} cannot be compared with {shown(value)}; "
                "it is too large"
            )
        return value

    def _moment(self, value: str, dtype: pl.DataType) -> date:
        try:
            return date.fromisoformat(value) if dtype == pl.Date else datetime.fromisoformat(value)
        except ValueError:
            raise Refusal(
                f"column {shown(self.column)} holds dates and cannot be compared with "
                f"{shown(value)}; write a date as '2025-06-30'"
            ) from None


def one_of(column: pl.Expr, values: Sequence[object], dtype: pl.DataType) -> pl.Expr:
    """Does the column hold one of these values? Null where it holds none at all."""
    if not dtype.is_numeric():
        return column.is_in(list(values))
    nowhere = pl.when(column.is_not_null()).then(statement=False)
    # `is_in` refuses whole numbers beside decimals.
    return pl.any_horizontal(nowhere, *(column == v for v in values))


def without(name: str, dtype: pl.DataType, codes: Sequence[object]) -> pl.Expr:
    """A column with not-a-number and codes for missing read as null.

    Truths and dates have no codes, numbers and texts each their own.
    """
    filled = pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)
    usable = [code for code in codes if isinstance(code, str) != dtype.is_numeric()]
    if not usable or dtype in (pl.Boolean, pl.Null) or dtype.is_temporal():
        return filled
    return pl.when(one_of(filled, usable, dtype).not_() | filled.is_null()).then(filled)


def _readable(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as people mean it: not-a-number is missing, and a moment with a time zone is what
    the clock on the wall shows.
    """
    if dtype.is_float():
        return pl.col(name).fill_nan(None)
    return (
        pl.col(name).dt.replace_time_zone(None)
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
        else pl.col(name)
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions as one: all of them (`and`), at least one (`or`), or whoever does not meet
    all of them (`not`).

    Whoever has no value meets no condition, and so stands among those who do not meet it: a
    choice of people and its `not` are everybody, each once.
    """

    how: str
    parts: tuple["Clause", ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is asked for, once."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.columns))

    def __str__(self) -> str:
        joined = f"({(' or ' if self.how == 'or' else ' and ').join(map(str, self.parts))})"
        return f"not {joined}" if self.how == "not" else joined

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """The conditions together as a boolean Polars expression, without nulls."""
        parts = [part.expression(schema).fill_null(value=False) for part in self.parts]
        if self.how == "or":
            return pl.any_horizontal(*parts)
        return pl.all_horizontal(*parts).not_() if self.how == "not" else pl.all_horizontal(*parts)


Clause = Condition | Group


def _size(clause: Clause) -> int:
    """How many comparisons it holds."""
    return sum(map(_size, clause.parts)) if isinstance(clause, Group) else 1


@dataclass(frozen=True, slots=True)
class Cohort:
    """A named choice of people: those who meet every condition.

    Small and hashable, so it can key a cache.
    """

    name: str
    conditions: tuple[Clause, ...] = ()

    def __post_init__(self) -> None:
        bounded(self.name, "the name of a cohort", 2 * TEXT)
        if (count := sum(map(_size, self.conditions))) > CONDITIONS:
            raise Refusal(
                f"a cohort may have at most {CONDITIONS} conditions, got {count:,}; "
                "write fewer, or a list of values after 'in'"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a condition asks for, once."""
        return tuple(dict.fromkeys(name for each in self.conditions for name in each.columns))

    @property
    def rest(self) -> "Cohort":
        """Everybody else: a cohort and its rest are everybody, each once.

        Raises
        ------
        Refusal
            If the cohort is everyone.
        """
        match self.conditions:
            case ():
                raise Refusal("there is nobody besides everyone; add a condition first")
            case (Group("not", parts),):
                return Cohort("", parts)
            case _:
                return Cohort("", (Group("not", self.conditions),))

    def either(self, other: Clause) -> "Cohort":
        """Who is in the cohort, or meets another condition."""
        match self.conditions:
            case (Group("or", parts),):
                return Cohort("", (Group("or", (*parts, other)),))
            case (one,):
                return Cohort("", (Group("or", (one, other)),))
            case several:
                return Cohort("", (Group("or", (Group("and", several), other)),) if several else ())

    @property
    def text(self) -> str:
        """The conditions in one line, as `parse` reads them."""
        return " and ".join(map(str, self.conditions))

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """The whole choice as one boolean Polars expression."""
        return pl.all_horizontal(pl.lit(True), *(c.expression(schema) for c in self.conditions))

    def json(self) -> str:
        """The cohort as JSON; `from_json` reads it back."""
        rows = [_plain(each) for each in self.conditions]
        return json.dumps({"name": self.name, "conditions": rows}, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Cohort":
        """Read a cohort from JSON.

        Raises
        ------
        Refusal
            If the text is not the JSON of a cohort.
        """
        bounded(text, "the JSON of a cohort", 10 * TEXT)
        try:
            read = json.loads(text)
            return cls(str(read["name"]), tuple(_clause(row) for row in read["conditions"]))
        except Refusal:
            raise
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refusal(
                'not the JSON of a cohort; it looks like {"name": "Young", "conditions": '
                '[{"column": "age", "op": "<", "value": 30}]}'
            ) from None

    @classmethod
    def parse(cls, text: str, name: str = "") -> "Cohort":
        """Read conditions joined by ``and``, ``or`` and ``not``; an empty text means everyone.

        Examples
        --------
        >>> Cohort.parse("region == 'West' and late_90 >= 1").conditions[1]
        Condition(column='late_90', op='>=', value=1)
        """
        bounded(name, "the name of a cohort", NAME)
        conditions = (
            tuple(_conditions(bounded(text, "the conditions of a cohort"))) if text.strip() else ()
        )
        return cls(name or cls("", conditions).text or "Everyone", conditions)


EVERYONE = Cohort("Everyone")


def plain(column: str) -> bool:
    """Can the column be written without quotes?"""
    # Python reads other spellings of a name as this one.
    same = unicodedata.normalize("NFKC", column) == column
    return same and all(
        part.isidentifier() and not keyword.iskeyword(part) for part in column.split(".")
    )


def _plain(clause: Clause) -> dict[str, Any]:
    """A condition as JSON has it."""
    if isinstance(clause, Group):
        return {clause.how: [_plain(part) for part in clause.parts]}
    return {"column": clause.column, "op": clause.op, "value": clause.value}


def _clause(row: Mapping[str, Any]) -> Clause:
    """A condition out of JSON."""
    how = next((how for how in ("and", "or", "not") if how in row), "")
    if how:
        return _bound(Group(how, tuple(_clause(part) for part in row[how])))
    return Condition(str(row["column"]), str(row["op"]), _frozen(row["value"]))


def _bound(group: Group) -> Group:
    """The group, if it says something and is not nested without end."""
    if not group.parts:
        raise Refusal(f"{group.how!r} needs a condition or more")
    if _depth(group) > DEEPEST:
        raise Refusal(f"conditions may stand in at most {DEEPEST} brackets within each other")
    return group


def _depth(clause: Clause) -> int:
    return 1 + max(map(_depth, clause.parts), default=0) if isinstance(clause, Group) else 0


def _conditions(text: str) -> list[Clause]:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        read = _read(tree, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal(_unread(text)) from None
    return list(read.parts) if isinstance(read, Group) and read.how == "and" else [read]


def _unread(text: str) -> str:
    shown = text if len(text) <= 100 else f"{text[:100]}…"
    return f"cannot read the condition {shown!r}; {GRAMMAR}"


def _read(node: ast.expr, text: str) -> Clause:
    match node:
        case ast.BoolOp(op=op, values=values):
            how = "and" if isinstance(op, ast.And) else "or"
            return _bound(Group(how, tuple(_read(value, text) for value in values)))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            read = _read(inner, text)
            alone = isinstance(read, Group) and read.how == "and"
            return _bound(Group("not", read.parts if alone else (read,)))  # type: ignore[union-attr]
    return _condition(node, text)


def _condition(node: ast.expr, text: str) -> Condition:
    if (
        not isinstance(node, ast.Compare)
        or len(node.ops) != 1
        or type(node.ops[0]) not in OPERATORS
    ):
        raise Refusal(_unread(text))
    try:
        column = _column(node.left)
        value = _frozen(ast.literal_eval(node.comparators[0]))
    except (TypeError, ValueError, SyntaxError):
        raise Refusal(_unread(text)) from None
    return Condition(column, OPERATORS[type(node.ops[0])], value)


def _column(node: ast.expr) -> str:
    """The name of a column: late_90, bureau.late_90 or col('any text')."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{_column(inner)}.{name}"
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str(name))], keywords=[]):
            return name
    raise TypeError


def _frozen(value: object) -> Value:
    if isinstance(value, list | tuple):
        return tuple(_scalar(v) for v in value)
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError
