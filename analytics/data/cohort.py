"""Which people are meant? Conditions over the population's columns, as text, as JSON and as a Polars expression."""

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

from .refusal import Refusal

Scalar = str | int | float | bool | None
Value = Scalar | tuple[Scalar, ...]

OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in"}
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
GRAMMAR = "write it like: region == 'West' and age in ['18-24', '25-34'] and bureau.late_90 >= 1"


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
        if self.op not in OPERATORS.values():
            raise Refusal(f"condition on {self.column!r} has no operator {self.op!r}; it may be: {', '.join(OPERATORS.values())}")
        if isinstance(self.value, tuple) != (self.op in ("in", "not in")):
            raise Refusal(f"condition on {self.column!r}: 'in' and 'not in' take a list, the other operators one value")
        if self.value is None and self.op not in ("==", "!="):
            raise Refusal(f"condition on {self.column!r}: a missing value can only be compared by == or !=")

    def __str__(self) -> str:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return f"{self.column if plain(self.column) else f'col({self.column!r})'} {self.op} {value!r}"

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """The condition as a boolean Polars expression; missing values meet no condition but ``== None``.

        Raises
        ------
        Refusal
            If the column does not exist or cannot be compared with the value.
        """
        if self.column not in schema:
            raise Refusal(f"no column {self.column!r} in this population; it has: {', '.join(sorted(schema))}")
        column = _readable(self.column, schema[self.column])
        if self.value is None:
            return column.is_null() if self.op == "==" else column.is_not_null()
        if isinstance(self.value, tuple):
            inside = one_of(column, [self._literal(v, schema[self.column]) for v in self.value], schema[self.column])
            return inside if self.op == "in" else ~inside
        return cast(pl.Expr, COMPARE[self.op](column, self._literal(self.value, schema[self.column])))

    def _literal(self, value: Scalar, dtype: pl.DataType) -> object:
        """The value in the column's own type."""
        if dtype.is_temporal() and isinstance(value, str):
            return self._moment(value, dtype)
        textual = dtype in (pl.String, pl.Categorical, pl.Enum)
        if dtype.is_temporal() or textual != isinstance(value, str) or (dtype == pl.Boolean) != isinstance(value, bool):
            kind = "text" if textual else "true or false" if dtype == pl.Boolean else "dates" if dtype.is_temporal() else "numbers"
            raise Refusal(f"column {self.column!r} holds {kind} and cannot be compared with {value!r}")
        if isinstance(value, int) and abs(value) >= 2**63:
            raise Refusal(f"column {self.column!r} cannot be compared with {value}; it is too large")
        return value

    def _moment(self, value: str, dtype: pl.DataType) -> date:
        try:
            return date.fromisoformat(value) if dtype == pl.Date else datetime.fromisoformat(value)
        except ValueError:
            raise Refusal(f"column {self.column!r} holds dates and cannot be compared with {value!r}; write a date as '2025-06-30'") from None


def one_of(column: pl.Expr, values: Sequence[object], dtype: pl.DataType) -> pl.Expr:
    """Does the column hold one of these values? Null where it holds none at all."""
    if not dtype.is_numeric():
        return column.is_in(list(values))
    nowhere = pl.when(column.is_not_null()).then(statement=False)
    return pl.any_horizontal(nowhere, *(column == v for v in values))  # `is_in` refuses whole numbers beside decimals


def without(name: str, dtype: pl.DataType, codes: Sequence[object]) -> pl.Expr:
    """A column with not-a-number and codes for missing read as null; truths and dates have no codes, numbers and texts each their own."""
    filled = pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)
    mine = [code for code in codes if isinstance(code, str) != dtype.is_numeric()]
    if not mine or dtype in (pl.Boolean, pl.Null) or dtype.is_temporal():
        return filled
    return pl.when(one_of(filled, mine, dtype).not_() | filled.is_null()).then(filled)


def _readable(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as people mean it: not-a-number is missing, and a moment with a time zone is what the clock on the wall shows."""
    if dtype.is_float():
        return pl.col(name).fill_nan(None)
    return pl.col(name).dt.replace_time_zone(None) if isinstance(dtype, pl.Datetime) and dtype.time_zone else pl.col(name)


@dataclass(frozen=True, slots=True)
class Cohort:
    """A named choice of people: those who meet every condition. Small and hashable, so it can key a cache."""

    name: str
    conditions: tuple[Condition, ...] = ()

    @property
    def text(self) -> str:
        """The conditions in one line, as `parse` reads them."""
        return " and ".join(map(str, self.conditions))

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """The whole choice as one boolean Polars expression."""
        return pl.all_horizontal(pl.lit(True), *(c.expression(schema) for c in self.conditions))

    def json(self) -> str:
        """The cohort as JSON; `from_json` reads it back."""
        rows = [{"column": c.column, "op": c.op, "value": c.value} for c in self.conditions]
        return json.dumps({"name": self.name, "conditions": rows}, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Cohort":
        """Read a cohort from JSON.

        Raises
        ------
        Refusal
            If the text is not the JSON of a cohort.
        """
        try:
            read = json.loads(text)
            return cls(str(read["name"]), tuple(Condition(str(r["column"]), str(r["op"]), _frozen(r["value"])) for r in read["conditions"]))
        except Refusal:
            raise
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refusal('not the JSON of a cohort; it looks like {"name": "Young", "conditions": [{"column": "age", "op": "<", "value": 30}]}') from None

    @classmethod
    def parse(cls, text: str, name: str = "") -> "Cohort":
        """Read conditions joined by ``and``; an empty text means everyone.

        Examples
        --------
        >>> Cohort.parse("region == 'West' and late_90 >= 1").conditions[1]
        Condition(column='late_90', op='>=', value=1)
        """
        conditions = tuple(_conditions(text)) if text.strip() else ()
        return cls(name or text.strip() or "Everyone", conditions)


EVERYONE = Cohort("Everyone")


def plain(column: str) -> bool:
    """Can the column be written without quotes?"""
    same = unicodedata.normalize("NFKC", column) == column  # Python reads other spellings of a name as this one
    return same and all(part.isidentifier() and not keyword.iskeyword(part) for part in column.split("."))


def _conditions(text: str) -> list[Condition]:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refusal(f"cannot read the condition {text!r}; {GRAMMAR}") from None
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [_condition(part, text) for part in parts]


def _condition(node: ast.expr, text: str) -> Condition:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in OPERATORS:
        raise Refusal(f"cannot read the condition {text!r}; {GRAMMAR}")
    try:
        column, value = _column(node.left), _frozen(ast.literal_eval(node.comparators[0]))
    except (TypeError, ValueError, SyntaxError):
        raise Refusal(f"cannot read the condition {text!r}; {GRAMMAR}") from None
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
