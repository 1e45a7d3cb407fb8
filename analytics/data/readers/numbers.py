"""What number does a text write?

Signs of currencies, units, multiples, accounting parentheses, and what the points and commas in it
are.

A point before exactly three digits may part thousands or begin decimals; other cells of the column,
then other columns of the file tell which. Where none does, nobody but the reader can.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

SPACES = r" '’\u{a0}\u{202f}\u{2009}"
MINUS = r"\-−–"
ENOUGH = 0.99  # the share of cells that must fit
CODES = (
    "USD|EUR|GBP|JPY|CNY|RMB|INR|KRW|RUB|BRL|MXN|CHF|CAD|AUD|NZD|HKD|TWD|NTD|SGD|ZAR|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|UAH|KZT|THB|IDR|MYR|PHP|VND|"
    "AED|SAR|EGP|NGN|KES|GHS|COP|CLP|PEN|ARS|ILS|PKR|BDT|LKR"
)
SIGN = (
    rf"(?:[A-Z]{{0,3}}[$€£¥￥₹₩₽₺₴₦₫฿₱₪₡₲₵₸৳]|{CODES}|kr\.?|zł|Kč|Ft|lei|лв\.?|руб\.?|грн\.?"
    r"|Rs\.?|RM|Rp\.?|S/\.?|元|圆|円|원|ریال)"
)
PERCENT = r"(?:%|％|pct|percent)"
FACTORS = {
    "k": 1e3, "тыс": 1e3, "tsd": 1e3, "tys": 1e3, "mil.": 1e3, "千": 1e3, "천": 1e3, "万": 1e4,
    "萬": 1e4, "万元": 1e4, "만": 1e4, "만원": 1e4, "lakh": 1e5, "lakhs": 1e5, "mn": 1e6, "mm": 1e6,
    "mio": 1e6, "mln": 1e6, "млн": 1e6, "百万": 1e6, "crore": 1e7, "crores": 1e7, "亿": 1e8,
    "億": 1e8, "억": 1e8, "bn": 1e9, "mrd": 1e9, "mld": 1e9, "млрд": 1e9,
}  # fmt: skip
# Multiples only beside a K or a currency: alone they may be months or tons.
LETTERS = {"m": 1e6, "b": 1e9, "t": 1e12}
INDIAN = r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"  # lakhs and crores: 12,34,567
PLAIN = (
    rf"{INDIAN}(?:\.[0-9]*)?|[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+"
    rf"|[0-9]{{1,3}}(?:[.,{SPACES}][0-9]{{3}})+(?:[.,][0-9]*)?"
)
NUMBER = rf"(?:{PLAIN})(?:[eE][+-]?[0-9]+)?"
TAIL = r"[^\s0-9()<>=/:.,+\-−–][^0-9()<>=/:+]{0,14}?"
POINT = {  # of a number's text, after its sign: what settles that decimals follow a point
    "decimals": (
        r"^[0-9]*\.([0-9]{1,2}|[0-9]{4,})$|^0?\.[0-9]+$|^[0-9]{4,}\.[0-9]+$|^00*\.[0-9]+$|[eE]"
    ),
    "thousands": (
        rf"^[0-9]{{1,3}}([,{SPACES}][0-9]{{3}})+\.[0-9]*$|^[0-9]{{1,3}}(,[0-9]{{3}}){{2,}}$"
        rf"|^{INDIAN}(\.[0-9]*)?$"
    ),
}
COMMA = {
    "decimals": r"^[0-9]*,([0-9]{1,2}|[0-9]{4,})$|^0?,[0-9]+$|^[0-9]{4,},[0-9]+$|^00*,[0-9]+$",
    "thousands": (
        rf"^[0-9]{{1,3}}([.{SPACES}][0-9]{{3}})+,[0-9]*$|^[0-9]{{1,3}}(\.[0-9]{{3}}){{2,}}$"
    ),
}
# Thousands or decimals.
EITHER = {".": r"^[1-9][0-9]{0,2}\.[0-9]{3}$", ",": r"^[1-9][0-9]{0,2},[0-9]{3}$"}


NONE = r"(?:\b\B)"  # fits nothing


def cell(tail: str = TAIL, sign: str = SIGN, *, negative: bool = True) -> str:
    """A pattern of numbers as people write them, with the groups that it finds."""
    around, last = (r"\(", rf"[{MINUS}]") if negative else (NONE, NONE)
    return (
        rf"^(?P<open>{around})?\s*(?P<before>[+{MINUS}])?\s*(?P<sign>{sign})?\s*(?P<after>[+{MINUS}(])?\s*"
        rf"(?P<number>{NUMBER})\s*(?P<tail>{tail})?\s*(?P<last>{last})?\s*\)?$"
    )


@dataclass(frozen=True, slots=True)
class Dress:
    """What stands around the numbers of a column.

    Attributes
    ----------
    sign : the currency, as it is written.
    tails : what may follow a number.
    factors : by what some of these multiply it.
    unit : a word that follows the numbers.
    negative : are negative numbers in parentheses, or is their sign the last?
    """

    sign: str = ""
    tails: tuple[str, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    unit: str = ""
    percent: bool = False
    negative: bool = False

    @property
    def words(self) -> Iterator[str]:
        """What is said of it."""
        if self.sign:
            yield f"carry the sign {self.sign}, which is left out"
        if self.percent:
            yield "are percentages"
        if self.factors:
            yield (
                "are multiples "
                f"({', '.join(f'{tail} is {factor:,.0f}' for tail, factor in self.factors)})"
            )
        if self.unit:
            yield f"carry the unit {self.unit}, which is left out"
        if self.negative:
            yield "are negative where they stand in parentheses or end in a minus"

    def read(self, text: pl.Expr, decimal: str) -> pl.Expr:
        """The numbers; null where a cell is written otherwise."""
        tails = "|".join(map(re.escape, sorted(self.tails, key=len, reverse=True)))
        pattern = cell(
            f"(?:{tails})" if tails else NONE, SIGN if self.sign else NONE, negative=self.negative
        )
        parts = text.str.extract_groups(pattern)
        part = parts.struct.field
        value = plain(part("number"), decimal)
        minus = [
            part(name).fill_null("").is_in(["-", "−", "–", "("])
            for name in ("open", "before", "after", "last")
        ]
        factor = (
            part("tail").replace_strict(dict(self.factors), default=1.0, return_dtype=pl.Float64)
            if self.factors
            else pl.lit(1.0)
        )
        return pl.when(pl.any_horizontal(minus)).then(-value).otherwise(value) * factor


def plain(number: pl.Expr, decimal: str) -> pl.Expr:
    """A number without its sign, as one.

    Null where its points and commas are not as the others'.
    """
    thousands = "." if decimal == "," else ","
    grouped = rf"^[0-9]{{1,3}}([\{thousands}{SPACES}][0-9]{{3}})+(\{decimal}[0-9]*)?$"
    bare = rf"^([0-9]+\{decimal}?[0-9]*|\{decimal}[0-9]+)([eE][+-]?[0-9]+)?$"
    lakhs = rf"^{INDIAN}(\.[0-9]*)?$" if decimal == "." else NONE
    fits = number.str.contains(f"{grouped}|{bare}|{lakhs}")
    digits = number.str.replace_all(rf"[{SPACES}\{thousands}]", "").str.replace(
        decimal, ".", literal=True
    )
    return pl.when(fits).then(digits.cast(pl.Float64, strict=False))


@dataclass(frozen=True, slots=True)
class Marks:
    """What the points and commas of some numbers are: how many cells say so.

    Attributes
    ----------
    point, comma : cells of which it is sure that decimals follow a point, or a comma.
    either_point, either_comma : cells such as 1.234 or 1,234, which may be thousands or decimals.
    small, large : whole numbers without a mark, below a thousand and from it on.
    """

    point: int = 0
    comma: int = 0
    either_point: int = 0
    either_comma: int = 0
    small: int = 0
    large: int = 0

    def __add__(self, other: "Marks") -> "Marks":
        return Marks(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def decimal(self) -> str:
        """The mark before decimals where nearly all cells that tell agree."""
        sure = self.point + self.comma
        for mark, count in ((".", self.point), (",", self.comma)):
            if count and count >= ENOUGH * sure:
                return mark
        return ""

    @property
    def torn(self) -> bool:
        """Do some cells have decimals after a point and others after a comma?"""
        return bool(self.point and self.comma and not self.decimal)

    def settle(self, file: str, separator: str) -> str:
        """The mark before decimals; empty where it cannot be told.

        Parameters
        ----------
        file : the mark of the file's other columns, where these tell.
        """
        if self.torn or (not self.decimal and self.either_point and self.either_comma):
            return ""
        if self.decimal or not (self.either_point or self.either_comma):
            return self.decimal or file or "."
        if self.either_comma:
            return file or ("." if separator == "," else "")
        whole = self.either_point >= 3 and self.small and not self.large
        return "" if file == "." and whole else file


def marks(numbers: pl.Series) -> Marks:
    """What the marks within some numbers are, without signs and units."""

    def count(pattern: str) -> int:
        return int(numbers.str.contains(pattern).sum())

    return Marks(
        count(f"{POINT['decimals']}|{POINT['thousands']}"),
        count(f"{COMMA['decimals']}|{COMMA['thousands']}"),
        count(EITHER["."]),
        count(EITHER[","]),
        count(r"^[0-9]{1,3}$"),
        count(r"^[0-9]{4,}$"),
    )


def parts(cells: pl.Series) -> pl.DataFrame:
    """The numbers of texts and what stands around them; null where a text is no number."""
    return cells.str.strip_chars().str.extract_groups(cell()).struct.unnest()


def dress(found: pl.DataFrame, *, multiples: bool | None = None) -> tuple[Dress | None, str]:
    """What stands around numbers; or why they are none, in words.

    Parameters
    ----------
    found : as `parts` gives them, of the cells that are numbers.
    multiples : whether letters such as M multiply, where that is known.
    """
    tails = dict(found["tail"].drop_nulls().value_counts().iter_rows())
    before = found["sign"].drop_nulls().unique().to_list()
    signs = sorted({*before, *(t for t in tails if re.fullmatch(SIGN, t))})
    percent = sum(n for t, n in tails.items() if re.fullmatch(PERCENT, t))
    rest = {t: n for t, n in tails.items() if not re.fullmatch(f"{SIGN}|{PERCENT}", t)}
    negative = bool(
        (found["open"].is_not_null() | (found["after"] == "(") | found["last"].is_not_null()).any()
    )
    factors = (
        _factors(rest, money=bool(signs))
        if multiples is None
        else _factors(rest, money=True)
        if multiples
        else {}
    )
    units = {t: n for t, n in rest.items() if t not in factors}
    stems = {_stem(u) for u in units}
    if len({_same(s) for s in signs}) > 1:
        return None, f"are amounts in several currencies ({', '.join(signs[:4])})"
    if len(stems) > 1:
        return None, "are numbers with several words behind them"
    if percent and (percent < ENOUGH * len(found) or rest):
        return None, "are percentages in some rows and plain numbers in others"
    if units and sum(units.values()) < len(found) / 2:
        return None, "are numbers with a word behind some of them"
    unit = max(units, key=lambda u: units[u], default="")
    return (
        Dress(
            signs[0] if signs else "",
            tuple(tails),
            tuple(factors.items()),
            unit,
            bool(percent),
            negative,
        ),
        "",
    )


def doubtful(found: pl.DataFrame) -> str:
    """A letter behind the numbers that may be a multiple or a unit, as in 36M.

    Empty where there is none.
    """
    tails = set(found["tail"].drop_nulls())
    letter = next((t for t in sorted(tails) if t.lower() in LETTERS), "")
    multiples = any(_key(t) in FACTORS for t in tails) or found["sign"].is_not_null().any()
    return "" if multiples else letter


def _factors(tails: Mapping[str, int], *, money: bool) -> dict[str, float]:
    factors = {t: _factor(t, tails, money=money) for t in tails}
    return {t: f for t, f in factors.items() if f is not None}


def _factor(tail: str, tails: Mapping[str, int], *, money: bool) -> float | None:
    sure = money or any(_key(t) in FACTORS for t in tails)
    return FACTORS.get(_key(tail), LETTERS.get(_key(tail)) if sure else None)


def _key(tail: str) -> str:
    return re.sub(rf"\s*{SIGN}$", "", tail).strip().rstrip(".").lower()


def _stem(unit: str) -> str:
    """Singular and plural are one unit: month, months and month(s)."""
    return re.sub(r"(?<=[a-z]{2})s$", "", unit.strip(" .").lower())


def _same(sign: str) -> str:
    return sign.rstrip(".").upper()
