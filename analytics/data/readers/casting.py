"""What do the texts of a column mean?

Numbers, dates, true and false, or texts; guessed from a sample and then held against every cell.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import polars as pl

from analytics.data.catalog.model import COUNTED
from analytics.data.findings import Choice

from . import dates, numbers
from .numbers import Dress, Marks

MISSING = (
    *(
        "",
        "na",
        "n/a",
        "#n/a",
        "#na",
        "nan",
        "-nan",
        "null",
        "none",
        "nil",
        "nat",
        "<na>",
        "\\n",
        "-",
        "--",
        ".",
        "?",
        "missing",
        "0000-00-00",
        "1.#qnan",
    ),
    *(
        "unknown",
        "not available",
        "not applicable",
        "n.a.",
        "n/d",
        "n.d.",
        "s/d",
        "k.a.",
        "xna",
        "未知",
        "不详",
        "无",
        "нет данных",
        "미상",
        "不明",
    ),
    *("00/00/0000", "00.00.0000", "00-00-0000", "0/0/0000", "0000/00/00", "0000.00.00"),
    *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"),
)
INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
ENDLESS = r"(?i)^[+-]?(inf(inity)?|1\.#inf(inity)?|∞)$"
LONG = 15  # digits that a double holds for certain; the share of cells that must fit
ENOUGH = 0.99
SAMPLED = 5_000  # cells of a column
MIXED = "are mostly numbers"
TRUE, FALSE = ("true", "yes", "y", "t", "1", "1.0"), ("false", "no", "n", "f", "0", "0.0")
ZONE = r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$"
CLOCK = ("%H:%M:%S%.f", "%H:%M")


BARE = Dress()  # nothing around the numbers


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a column's texts are read.

    Attributes
    ----------
    kind : text, integer, number, boolean, date, datetime, or empty where no cell says anything.
    format : of dates.
    strip : whether blanks surround cells.
    decimal : a point or a comma; `grouped`: whether thousands are set apart.
    dress : what stands around numbers: signs of currencies, units, parentheses.
    since : the first year that two digits of a year may mean.
    choices : how the column may be read, where the reader must choose; until then it is text.
    zone : whether a time zone follows, which is left out.
    why : what stays text and could have been something else, in words.
    whole : whether texts are whole numbers written as 1.0.
    """

    kind: str = "text"
    format: str = ""
    strip: bool = False
    decimal: str = "."
    grouped: bool = False
    dress: Dress = BARE
    zone: bool = False
    why: str = ""
    whole: bool = False
    since: int = 0
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        """What was written as JSON is itself again."""
        if isinstance(self.dress, dict):
            parts = {
                k: tuple(map(tuple, v)) if k == "factors" else tuple(v) if k == "tails" else v
                for k, v in self.dress.items()
            }
            object.__setattr__(self, "dress", Dress(**parts))
        object.__setattr__(
            self,
            "choices",
            tuple(c if isinstance(c, Choice) else Choice(**c) for c in self.choices),
        )

    @property
    def repaired(self) -> str:
        """What is repaired in every cell, in words; empty where nothing is."""
        words = {
            "are decimal commas": self.decimal == ",",
            "have thousands set apart": self.grouped,
            "have a time zone, which is left out": self.zone,
            "are whole numbers written as 1.0, and read as 1": self.whole,
            "have a time of day, which is left out": "|" in self.format and len(self.formats) == 1,
        }
        first = (
            f"are dates with a year of two digits, the earliest of which is read as {self.since}"
            if self.since
            else ""
        )
        ways = (
            f"are dates written in {len(self.formats)} ways, all of which are read"
            if len(self.formats) > 1
            else ""
        )
        return " and ".join(
            [w for w, so in words.items() if so]
            + list(self.dress.words)
            + list(filter(None, (first, ways)))
        )

    @property
    def formats(self) -> tuple[str, ...]:
        """The ways in which dates are written."""
        return tuple(dict.fromkeys(self.format.split("|"))) if self.format else ()

    @property
    def type(self) -> pl.DataType | None:
        """The type by which plain numbers can be read at once.

        None where their texts must be mended first.
        """
        plain = not (self.strip or self.grouped) and self.decimal == "." and self.dress == BARE
        return {"integer": pl.Int64(), "number": pl.Float64()}.get(self.kind) if plain else None

    @property
    def holds(self) -> pl.DataType:
        """The type of a column that is read so."""
        number = pl.Float64()
        kinds: dict[str, pl.DataType] = {
            "integer": number,
            "number": number,
            "boolean": pl.Boolean(),
            "date": pl.Date(),
            "datetime": pl.Datetime("us"),
        }
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
            number = self._number(text)
            return pl.when(number.is_finite()).then(number)
        if self.kind == "year":
            return text.str.extract("((?:18|19|20)[0-9]{2})").cast(pl.Int64, strict=False)
        if self.kind == "boolean":
            low = text.str.to_lowercase()
            return (
                pl.when(low.is_in(TRUE))
                .then(pl.lit(True))
                .when(low.is_in(FALSE))
                .then(pl.lit(False))
            )
        return self._date(text) if self.format else pl.lit(None, pl.Null)

    def _number(self, text: pl.Expr) -> pl.Expr:
        if self.dress == BARE and self.decimal == "." and not self.grouped:
            return text.cast(pl.Float64, strict=False)
        return self.dress.read(text.str.strip_chars(), self.decimal)

    def _date(self, text: pl.Expr) -> pl.Expr:
        text = text.str.replace(ZONE, "") if self.zone else text
        if self.format in COUNTED:
            return dates.counted(text, self.format)
        if self.kind == "date" and dates.ours(self.format):
            return dates.read(text, self.formats, self.since)
        if self.kind == "date":
            return text.str.to_date(self.format, strict=False)
        return text.str.to_datetime(self.format, time_unit="us", strict=False)


def missing(cells: pl.Expr) -> pl.Expr:
    """Is the cell a word for nothing, such as NA or a dash?"""
    return cells.str.strip_chars().str.to_lowercase().is_in(MISSING)


def endless(cells: pl.Expr) -> pl.Expr:
    """Is the cell a number without end, as division by zero gives it?"""
    return cells.str.strip_chars().str.contains(ENDLESS)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the other columns of a file tell.

    Attributes
    ----------
    decimal : a point or a comma, where that is known of the file.
    separator : between its fields.
    order : dmy or mdy.
    """

    decimal: str = ""
    separator: str = ""
    order: str = ""


def guess(cells: pl.Series, hints: Hints | str = "") -> Meaning:
    """What a sample of texts means.

    Parameters
    ----------
    hints : what is known of the file, or only its mark before decimals.

    Examples
    --------
    >>> guess(pl.Series(["1", "2", "NA"])).kind
    'integer'
    >>> guess(pl.Series(["01.02.2025", "28.02.2025"])).format
    '%d.%m.%Y'
    """
    hints = Hints(hints) if isinstance(hints, str) else hints
    bare = cells.drop_nulls().str.strip_chars()
    padded = bool((bare != cells.drop_nulls()).any())
    real = bare.filter(~bare.str.to_lowercase().is_in(MISSING))
    if not len(real):
        return Meaning("empty")
    finite = real.filter(~real.str.contains(ENDLESS))
    if not len(finite):
        return Meaning("number", strip=padded)
    meaning = (
        _number(finite, hints)
        or _truth(finite)
        or _day(finite, hints.order)
        or Meaning(why=MIXED if _share(finite, NUMBER) > 0.5 else "")
    )
    return replace(meaning, strip=padded)


def _share(cells: pl.Series, pattern: str) -> float:
    return float(cells.str.contains(pattern).mean())  # type: ignore[arg-type]


def _number(cells: pl.Series, hints: Hints) -> Meaning | None:
    if _share(cells, INTEGER) >= ENOUGH:
        return _integer(cells)
    parts = numbers.parts(cells).filter(pl.col("number").is_not_null())
    if len(parts) < ENOUGH * len(cells):
        return None
    dress, why = numbers.dress(parts)
    if dress is None:
        return Meaning(why=why)
    if letter := numbers.doubtful(parts):
        return Meaning(
            why=f"are numbers with {letter} behind them, a multiple or a unit",
            choices=_letters(letter),
        )
    return _marked(parts["number"], dress, hints)


def _marked(found: pl.Series, dress: Dress, hints: Hints) -> Meaning:
    """Numbers by what their points and commas are."""
    marks = numbers.marks(found)
    decimal = marks.settle(hints.decimal, hints.separator)
    if marks.torn:
        return Meaning(why="have decimals after a point in some rows and after a comma in others")
    money = (
        bool(dress.sign)
        and not marks.decimal
        and (marks.either_point if decimal == "." else marks.either_comma)
    )
    # Of money, three decimals on every row are as strange as a decimal of another country.
    if not decimal or money:
        mark = "." if marks.either_point else ","
        return Meaning(
            why=f"may be thousands or decimals, as 1{mark}234 is both", choices=_thousands(marks)
        )
    thousands = "," if decimal == "." else "."
    grouped = _share(found, rf"[{numbers.SPACES}\{thousands}]") > 0
    return Meaning("number", decimal=decimal, grouped=grouped, dress=dress)


def _thousands(marks: Marks) -> tuple[Choice, ...]:
    """Points or commas before three digits: both readings, the likelier first where whole numbers
    stay below a thousand.
    """
    mark = "." if marks.either_point else ","
    whole, cents = ("1.234,5", "1,234.5") if mark == "." else ("1,234.5", "1.234,5")
    likely = bool(marks.small and not marks.large)
    thousands = Choice(
        f"they part thousands, so that 1{mark}500 is fifteen hundred", "types", whole, likely
    )
    return (
        thousands,
        Choice(f"they are decimals, so that 1{mark}500 is one and a half", "types", cents),
    )


def _letters(letter: str) -> tuple[Choice, ...]:
    factor = numbers.LETTERS[letter.lower()]
    return (
        Choice(f"1{letter} is {factor:,.0f}", "types", "number"),
        Choice(f"{letter} is a unit, so that 1{letter} is 1", "types", "unit"),
    )


def _integer(cells: pl.Series) -> Meaning:
    digits = cells.filter(cells.str.contains(INTEGER)).str.strip_chars_start("+-")
    if digits.str.contains("^0[0-9]").any():
        return Meaning(why="begin with zeros")
    if int(digits.str.len_bytes().max()) > LONG:  # type: ignore[arg-type]
        return Meaning(why="are numbers of more than 15 digits")
    return Meaning("integer")


def _truth(cells: pl.Series) -> Meaning | None:
    share = float(cells.str.to_lowercase().is_in(["true", "false"]).mean())  # type: ignore[arg-type]
    return Meaning("boolean") if share >= ENOUGH else None


def _day(cells: pl.Series, order: str) -> Meaning | None:
    """Dates, with or without a time of day."""
    meaning = dates.guess(cells, order)
    if meaning.why:
        return Meaning(why=meaning.why, choices=meaning.choices)
    if not meaning.formats:
        return None
    if len(meaning.formats) == 1 and not dates.ours(meaning.formats[0]):
        clocks = _times(cells, meaning.formats[0])
        return next((m for m in clocks if fitting(cells, m) >= ENOUGH), None)
    return Meaning("date", "|".join(meaning.formats), since=meaning.start)


def _times(cells: pl.Series, format: str) -> Iterator[Meaning]:
    """A day by itself, or with a time and perhaps a zone."""
    if float(cells.str.contains(":").mean()) < 0.5:  # type: ignore[arg-type]
        yield Meaning("date", format)
    zone = _share(cells, rf"[0-9]{ZONE}") >= ENOUGH and _share(cells, ":") >= ENOUGH
    between = "T" if _share(cells, "[0-9日]T") >= ENOUGH else " "
    for clock in CLOCK:
        yield Meaning("datetime", f"{format}{between}{clock}", zone=zone)
    yield Meaning("date", format)
    yield Meaning("date", f"{format}|{format}")


def fitting(cells: pl.Series, meaning: Meaning) -> float:
    """The share of cells that can be read so."""
    return float(cells.to_frame("x").select(meaning.read(pl.col("x")).is_not_null().mean()).item())


def declared(kind: str, cells: pl.Series, decimal: str) -> Meaning:
    """What the catalog says a column holds: one of `READ_AS`, days as numbers, or a format of
    dates.
    """
    guessed = guess(cells, decimal)
    if kind == "text":
        return Meaning(strip=guessed.strip)
    if kind in NUMBERS:
        return _declared_number(kind, cells, decimal, guessed)
    if kind in ("boolean", "year"):
        return Meaning(kind, strip=guessed.strip)
    if kind == "date":
        return (
            guessed
            if guessed.kind in ("date", "datetime")
            else Meaning(
                "date", "%Y-%m-%d", strip=guessed.strip, why=guessed.why, choices=guessed.choices
            )
        )
    bare = cells.drop_nulls().str.strip_chars()
    timed = re.search(r"%[HIT]", kind) is not None
    since = (
        0
        if timed or kind in COUNTED
        else max((dates.start(bare, f) for f in kind.split("|")), default=0)
    )
    return Meaning("datetime" if timed else "date", kind, strip=True, since=since)


def written(meaning: Meaning) -> str:
    """How a column is read, as a text that `alike` takes."""
    return json.dumps(asdict(meaning))


def of_type(dtype: pl.DataType) -> Meaning:
    """How texts are read where a column of this type is wanted, and nobody has said how they are
    written.
    """
    if dtype.is_numeric():
        return Meaning("number")
    if isinstance(dtype, pl.Datetime):
        return Meaning("datetime")
    return Meaning({pl.Boolean: "boolean", pl.Date: "date"}.get(dtype.base_type(), "text"))


def alike(usual: str, cells: pl.Series, hints: Hints | str) -> Meaning:
    """How others' cells are read, where models learned from a column read as `usual`: as the same
    kind of thing, whatever few cells would suggest.

    They may be written in another way, such as thousands set apart, where that leaves no doubt. A %
    must be there in both or in neither.
    """
    learned = Meaning(**json.loads(usual))
    guessed = guess(cells, hints)
    strip = learned.strip or guessed.strip
    if learned.kind in ("text", "boolean"):
        return replace(learned, strip=strip, why="")
    meaning = replace(
        learned, strip=strip, kind="number" if learned.kind == "integer" else learned.kind, why=""
    )
    real = cells.filter(
        cells.is_not_null()
        & ~cells.to_frame("x").select(missing(pl.col("x")))["x"].fill_null(value=True)
    )
    if (not meaning.kind.startswith("date") or meaning.format) and (
        not len(real) or fitting(real, meaning) == 1
    ):
        return meaning
    kinds = ("integer", "number") if meaning.kind == "number" else ("date", "datetime")
    dressed = all(
        getattr(guessed.dress, part) == getattr(learned.dress, part)
        for part in ("percent", "factors", "unit")
    )
    same = guessed.kind in kinds and dressed
    return (
        guessed
        if same
        else replace(
            meaning,
            format=meaning.format or ("%Y-%m-%d" if meaning.kind.startswith("date") else ""),
        )
    )


NUMBERS = {"number": "", "unit": "", "1,234.5": ".", "1.234,5": ","}


def _declared_number(kind: str, cells: pl.Series, decimal: str, found: Meaning) -> Meaning:
    mark = NUMBERS[kind]
    if kind == "number" and found.kind in ("integer", "number"):
        return found
    parts = numbers.parts(cells.drop_nulls()).filter(pl.col("number").is_not_null())
    dress, _ = numbers.dress(parts, multiples=kind != "unit")
    marks = numbers.marks(parts["number"])
    return Meaning(
        "number",
        decimal=mark or decimal or marks.decimal or ".",
        grouped=bool(mark),
        dress=dress or BARE,
        strip=True,
    )


def hints(sample: pl.DataFrame, separator: str, decimal: str = "") -> Hints:
    """What the columns of a file that leave no doubt tell of the others: the mark before decimals,
    and the order of days and months.
    """
    few = sample.select(pl.all().head(SAMPLED))
    marks = Marks()
    for cells in few if not decimal else ():
        real = cells.drop_nulls()
        if real.str.contains("[.,]").any():
            values = numbers.parts(real)["number"].drop_nulls()
            marks += numbers.marks(values) if len(values) >= 0.9 * len(real) else Marks()
    dated = (
        c
        for c in few
        if c.drop_nulls().head(100).str.contains(r"^\s*[0-9]{1,2}[/-][0-9]{1,2}[/-]").any()
    )
    order = dates.order(_real(c.drop_nulls().str.strip_chars()) for c in dated)
    return Hints(decimal or marks.decimal, separator, order)


def _real(cells: pl.Series) -> pl.Series:
    return cells.filter(~cells.str.to_lowercase().is_in(MISSING))
