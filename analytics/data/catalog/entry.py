"""What stands in one table of TOML?

Every value is asked for by name and type, and nothing else may stand in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from analytics.data.bounds import shown
from analytics.data.refusal import Refusal

Toml = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One TOML table being read; `where` names it in refusals."""

    where: str
    toml: Toml
    allowed: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = next((k for k in self.toml if k not in self.allowed), None)
        if unknown is not None:
            raise Refusal(
                f"{self.where} has an unknown key {unknown!r}; it may have: "
                f"{', '.join(self.allowed)}"
            )

    def take(self, key: str, kind: Any, default: Any = None) -> Any:
        value = self.toml.get(key, default)
        if value is None:
            raise Refusal(f"{self.where} lacks the key {key!r}; add it")
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise Refusal(
                f"{self.where}: {key!r} must be {NAMES.get(kind, 'a number')}, got {value!r}"
            )
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.take(key, str, default))

    def number(self, key: str, default: float) -> float:
        return _float(self.take(key, int | float, default), f"{self.where}: {key!r}")

    def scalars(self, key: str, default: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        values = tuple(self.take(key, list, list(default)))
        if not all(isinstance(v, str | int | float) for v in values):
            raise Refusal(
                f"{self.where}: {key!r} must be a list of texts and numbers, got {list(values)!r}"
            )
        return values

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.scalars(key)
        if not all(isinstance(v, str) for v in values):
            raise Refusal(f"{self.where}: {key!r} must be a list of texts, got {list(values)!r}")
        return tuple(map(str, values))

    def numbers(self, key: str) -> tuple[float, ...]:
        return tuple(number_in(v, f"{self.where}: {key!r}") for v in self.scalars(key))

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


NAMES: dict[object, str] = {
    str: "a text in quotes",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def number_in(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(f"{where} must hold numbers, got {value!r}")
    return _float(value, where)


def _float(value: float, where: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Refusal(f"{where} must be smaller, got {shown(value)}; write fewer digits") from None
