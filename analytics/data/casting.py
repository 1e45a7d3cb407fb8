"""What do the texts of a column mean? Numbers, dates, true and false, or texts; guessed from a sample and then held against every cell."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import polars as pl

MISSING = ("", "na", "n/a", "#n/a", "#na", "nan", "-nan", "null", "none", "nil", "\\n", "-", "--", ".", "?", "missing", "0000-00-00", "1.#qnan")
SPACES = r" '\u{a0}\u{202f}\u{2009}"
INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
ENDLESS = r"(?i)^[+-]?inf(inity)?$"
COMMA = rf"^[+-]?([0-9]{{1,3}}([.{SPACES}][0-9]{{3}})+|[0-9]*),[0-9]+$|{INTEGER}|^[+-]?[0-9]{{1,3}}([.{SPACES}][0-9]{{3}})+$"
GROUPED = rf"^[+-]?[0-9]{{1,3}}([,{SPACES}][0-9]{{3}})+(\.[0-9]*)?$|{NUMBER}"
LONG, ENOUGH = 15, 0.99  # digits that a double holds for certain; the share of cells that must fit
MIXED = "are mostly numbers"
TRUE, FALSE = ("true", "yes", "y", "t", "1", "1.0"), ("false", "no", "n", "f", "0", "0.0")
ZONE = r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$"
CLOCK = ("%H:%M:%S%.f", "%H:%M")
DAYS = (
    (r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", "%Y-%m-%d"),
    (r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d"),
    (r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}", "%Y.%m.%d"),
    (r"^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日", "%Y年%m月%d日"),
    (r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", "%d.%m.%Y"),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%d/%m/%Y"),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", "%d-%m-%Y"),
    (r"^[0-9]{1,2}[- ][A-Za-z]{3}[- ][0-9]{4}", "%d-%b-%Y"),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a column's texts are read.

    Attributes
    ----------
    kind : text, integer, number, boolean, date, datetime, or empty where no cell says anything.
    format : of dates.
    strip : whether blanks surround cells.
    decimal : a point or a comma; `grouped`: whether thousands are set apart; `percent`: whether a % follows.
    zone : whether a time zone follows, which is left out.
    why : what stays text and could have been something else, in words.
    whole : whether texts are whole numbers written as 1.0.
    """

    kind: str = "text"
    format: str = ""
    strip: bool = False
    decimal: str = "."
    grouped: bool = False
    percent: bool = False
    zone: bool = False
    why: str = ""
    whole: bool = False

    @property
    def repaired(self) -> str:
        """What is repaired in every cell, in words; empty where nothing is."""
        words = {
            "are decimal commas": self.decimal == ",",
            "have thousands set apart": self.grouped,
            "are percentages": self.percent,
            "have a time zone, which is left out": self.zone,
            "are whole numbers written as 1.0, and read as 1": self.whole,
        }
        return " and ".join(w for w, so in words.items() if so)

    @property
    def type(self) -> pl.DataType | None:
        """The type by which plain numbers can be read at once; None where their texts must be mended first."""
        plain = not (self.strip or self.grouped or self.percent) and self.decimal == "."
        return {"integer": pl.Int64(), "number": pl.Float64()}.get(self.kind) if plain else None

    @property
    def holds(self) -> pl.DataType:
        """The type of a column that is read so."""
        number = pl.Float64()
        kinds: dict[str, pl.DataType] = {"integer": number, "number": number, "boolean": pl.Boolean(), "date": pl.Date(), "datetime": pl.Datetime("us")}
        return kinds.get(self.kind, pl.String())

    def read(self, cells: pl.Expr) -> pl.Expr:
        """The cells as what they mean; null where one does not fit."""
        text = cells.str.strip_chars() if self.strip else cells
        if self.kind == "text":
            text = text.str.replace(r"\.0+$", "") if self.whole else text
            return pl.when(text != "").then(text)
        if self.kind == "integer":
            return text.cast(pl.Int64, strict=False)
        if self.kind == "number":
            number = self._plain(text).cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(number)
        if self.kind == "boolean":
            low = text.str.to_lowercase()
            return pl.when(low.is_in(TRUE)).then(pl.lit(True)).when(low.is_in(FALSE)).then(pl.lit(False))
        return self._date(text) if self.format else pl.lit(None, pl.Null)

    def _plain(self, text: pl.Expr) -> pl.Expr:
        if self.percent:
            text = text.str.strip_chars_end("% ")
        if self.grouped:
            text = pl.when(text.str.contains(COMMA if self.decimal == "," else GROUPED)).then(text)
            text = text.str.replace_all(f"[{SPACES}{'.' if self.decimal == ',' else ','}]", "")
        return text.str.replace(",", ".", literal=True) if self.decimal == "," else text

    def _date(self, text: pl.Expr) -> pl.Expr:
        text = text.str.replace(ZONE, "") if self.zone else text
        if self.kind == "date":
            return text.str.to_date(self.format, strict=False)
        return text.str.to_datetime(self.format, time_unit="us", strict=False)


def missing(cells: pl.Expr) -> pl.Expr:
    """Is the cell a word for nothing, such as NA or a dash?"""
    return cells.str.strip_chars().str.to_lowercase().is_in(MISSING)


def guess(cells: pl.Series, decimal: str = "") -> Meaning:
    """What a sample of texts means.

    Parameters
    ----------
    decimal : a point or a comma, where that is known of the file.

    Examples
    --------
    >>> guess(pl.Series(["1", "2", "NA"])).kind
    'integer'
    >>> guess(pl.Series(["01.02.2025", "28.02.2025"])).format
    '%d.%m.%Y'
    """
    bare = cells.drop_nulls().str.strip_chars()
    padded = bool((bare != cells.drop_nulls()).any())
    real = bare.filter(~bare.str.to_lowercase().is_in(MISSING))
    if not len(real):
        return Meaning("empty")
    found = _number(real, decimal) or _truth(real) or _day(real) or Meaning(why=MIXED if _share(real, NUMBER) > 0.5 else "")
    return replace(found, strip=padded)


def _share(cells: pl.Series, pattern: str) -> float:
    return float(cells.str.contains(pattern).mean())  # type: ignore[arg-type]


def _number(cells: pl.Series, decimal: str) -> Meaning | None:
    if decimal != "," or not _share(cells, r"[.,]"):
        whole = _share(cells, INTEGER)
        if whole >= ENOUGH:
            return _integer(cells)
        if _share(cells, f"{NUMBER}|{ENDLESS}") >= ENOUGH:
            return Meaning("number")
    if _share(cells, r"%$") >= ENOUGH:
        inner = _number(cells.str.strip_chars_end("% "), decimal)
        return replace(inner, kind="number", percent=True) if inner and inner.kind in ("integer", "number") else None
    return _grouped(cells, decimal)


def _integer(cells: pl.Series) -> Meaning:
    digits = cells.filter(cells.str.contains(INTEGER)).str.strip_chars_start("+-")
    if digits.str.contains("^0[0-9]").any():
        return Meaning(why="begin with zeros")
    if int(digits.str.len_bytes().max()) > LONG:  # type: ignore[arg-type]
        return Meaning(why="are numbers of more than 15 digits")
    return Meaning("integer")


def _grouped(cells: pl.Series, decimal: str) -> Meaning | None:
    """Numbers with decimal commas or with thousands set apart."""
    comma, grouped = _share(cells, COMMA) >= ENOUGH, _share(cells, GROUPED) >= ENOUGH
    apart = rf"[0-9][.{SPACES}][0-9]"
    if comma and (not grouped or decimal == ","):
        return Meaning("number", decimal=",", grouped=_share(cells, apart) > 0)
    if grouped and (not comma or decimal == "." or not _share(cells, "[.,]")):
        return Meaning("number", grouped=True)
    return Meaning(why="may be thousands or decimals, as 1,234 is both") if comma and grouped else None


def _truth(cells: pl.Series) -> Meaning | None:
    return Meaning("boolean") if float(cells.str.to_lowercase().is_in(["true", "false"]).mean()) >= ENOUGH else None  # type: ignore[arg-type]


def _day(cells: pl.Series) -> Meaning | None:
    """Dates, with or without a time of day."""
    pattern, format = next(((p, f) for p, f in DAYS if _share(cells, p) >= ENOUGH), ("", ""))
    if not format:
        return None
    if format in ("%d/%m/%Y", "%d-%m-%Y"):
        first, second = (cells.str.extract(rf"^(?:[0-9]{{1,2}}[/-]){{{i}}}([0-9]{{1,2}})").cast(pl.Int64, strict=False) > 12 for i in (0, 1))
        if bool(first.any()) == bool(second.any()):
            return Meaning(why="are dates of which it cannot be told whether the day or the month comes first")
        format = format if first.any() else format.replace("%d", "%M").replace("%m", "%d").replace("%M", "%m")
    if format == "%d-%b-%Y" and _share(cells, r"^[0-9]{1,2} ") >= ENOUGH:
        format = "%d %b %Y"
    return next((m for m in _times(cells, pattern, format) if fitting(cells, m) >= ENOUGH), None)


def _times(cells: pl.Series, pattern: str, format: str) -> Iterator[Meaning]:
    """A day by itself, or with a time and perhaps a zone."""
    if _share(cells, f"{pattern}$") >= ENOUGH:
        yield Meaning("date", format)
        return
    zone = _share(cells, rf"[0-9]{ZONE}") >= ENOUGH and _share(cells, ":") >= ENOUGH
    between = "T" if _share(cells, rf"{pattern}T") >= ENOUGH else " "
    for clock in CLOCK:
        yield Meaning("datetime", f"{format}{between}{clock}", zone=zone)


def fitting(cells: pl.Series, meaning: Meaning) -> float:
    """The share of cells that can be read so."""
    return float(cells.to_frame("x").select(meaning.read(pl.col("x")).is_not_null().mean()).item())


def declared(kind: str, cells: pl.Series, decimal: str) -> Meaning:
    """What the catalog says a column holds: text, number, boolean, date, or a format of dates."""
    found = guess(cells, decimal)
    if kind == "text":
        return Meaning(strip=found.strip)
    if kind == "number":
        return found if found.kind in ("integer", "number") else Meaning("number", decimal=decimal or ".", strip=found.strip)
    if kind == "boolean":
        return Meaning("boolean", strip=found.strip)
    if kind == "date":
        return found if found.kind in ("date", "datetime") else Meaning("date", "%Y-%m-%d", strip=found.strip, why=found.why)
    return Meaning("datetime" if re.search(r"%[HIT]", kind) else "date", kind, strip=found.strip)


def written(meaning: Meaning) -> str:
    """How a column is read, as a text that `alike` takes."""
    return json.dumps(asdict(meaning))


def of_type(dtype: pl.DataType) -> Meaning:
    """How texts are read where a column of this type is wanted, and nobody has said how they are written."""
    if dtype.is_numeric():
        return Meaning("number")
    if isinstance(dtype, pl.Datetime):
        return Meaning("datetime")
    return Meaning({pl.Boolean: "boolean", pl.Date: "date"}.get(dtype.base_type(), "text"))


def alike(usual: str, cells: pl.Series, decimal: str) -> Meaning:
    """How others' cells are read, where models learned from a column read as `usual`: as the same kind of thing, whatever few cells would suggest.

    They may be written in another way, such as thousands set apart, where that leaves no doubt. A % must be there in both or in neither.
    """
    told, found = Meaning(**json.loads(usual)), guess(cells, decimal)
    strip = told.strip or found.strip
    if told.kind in ("text", "boolean"):
        return replace(told, strip=strip, why="")
    mine = replace(told, strip=strip, kind="number" if told.kind == "integer" else told.kind, why="")
    real = _real(cells)
    if (not mine.kind.startswith("date") or mine.format) and (not len(real) or fitting(real, mine) == 1):
        return mine
    same = found.kind in (("integer", "number") if mine.kind == "number" else ("date", "datetime")) and found.percent == told.percent
    return found if same else replace(mine, format=mine.format or ("%Y-%m-%d" if mine.kind.startswith("date") else ""))


def _real(cells: pl.Series) -> pl.Series:
    """The cells that say something."""
    return cells.to_frame("x").filter(pl.col("x").is_not_null() & ~missing(pl.col("x")))["x"]


def point(sample: pl.DataFrame, separator: str) -> str:
    """Whether a file writes decimals with a comma, by those columns that leave no doubt; empty where none does."""
    if separator != ",":
        comma = (c for c in sample if c.str.contains(",", literal=True).any())
        found = any(m.kind == "number" and m.decimal == "," for m in map(guess, comma))
        return "," if found else ""
    return "."
