"""Which day does a text or a number write?

Orders of day, month and year, months by their names in many languages, years of two digits, days
counted from one.

Two orders may fit all cells; then other columns of the file tell which is meant, or the reader
does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import polars as pl

from analytics.data.catalog.model import COUNTED
from analytics.data.findings import Choice
from analytics.data.personal import named

ENOUGH = 0.99  # the share of cells that must fit
YEARS = (1900, 2100)
MONTHS = (
    ( "jan january januar janvier janv enero ene janeiro gennaio gen januari styczen sty "
    "январь января янв leden ledna ianuarie ian ocak oca" ), (
    "feb february februar fevrier fevr fev fevereiro febrero febbraio februari luty lutego "
    "lut февраль февраля фев unor unora februarie subat sub" ), (
    "mar march marz mrz mars marco marzo maart mrt marzec marca март марта brezen brezna "
    "martie mart" ), (
    "apr april avril avr abril abr aprile kwiecien kwi апрель апреля апр duben dubna "
    "aprilie nisan nis" ), "may mai mayo maio maggio mag mei maj май мая kveten kvetna mayis", (
    "jun june juni juin junio junho giugno giu czerwiec cze июнь июня июн cerven cervna "
    "iunie iun haziran haz" ), (
    "jul july juli juillet juil julio julho luglio lug lipiec lip июль июля июл cervenec "
    "cervence iulie iul temmuz tem" ),
    "aug august aout agosto ago augustus sierpien sie август августа авг srpen srpna agustos", (
    "sep sept september septembre septiembre setembro set settembre wrzesien wrz сентябрь "
    "сентября сен сент zari septembrie eylul eyl" ), (
    "oct october oktober okt octobre octubre outubro out ottobre ott pazdziernik paz "
    "октябрь октября окт rijen rijna octombrie ekim eki" ), (
    "nov november novembre noviembre novembro nowember listopad lis ноябрь ноября ноя "
    "noiembrie noi kasim kas" ), (
    "dec december dezember dez decembre diciembre dic dezembro dicembre grudzien gru "
    "декабрь декабря дек prosinec prosince decembrie aralik ara" ),
)  # fmt: skip
NAMES: Mapping[str, int] = {name: i for i, names in enumerate(MONTHS, 1) for name in names.split()}
LETTERS = r"\p{L}{3,12}\.?"
BETWEEN = r"[\s\-/.,'’年月]*(?:d[eo]l? |of )?"
CLOCK = (
    r"(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: "
    r"?[AaPp]\.?[Mm]\.?)?(?:\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", ("%Y-%m-%d",)),
    (r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", ("%Y/%m/%d",)),
    (r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}", ("%Y.%m.%d",)),
    (r"^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日", ("%Y年%m月%d日",)),
    (r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", ("%d.%m.%Y",)),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}(?:[^0-9]|$)", ("%d/%m/%y", "%m/%d/%y", "%y/%m/%d")),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{2}(?:[^0-9]|$)", ("%d-%m-%y", "%m-%d-%y", "%y-%m-%d")),
    (r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}(?:[^0-9]|$)", ("%d.%m.%y", "%y.%m.%d")),
    (rf"^[0-9]{{1,2}}{BETWEEN}{LETTERS}{BETWEEN}[0-9]{{4}}", ("%d-%b-%Y",)),
    (rf"^[0-9]{{1,2}}{BETWEEN}{LETTERS}{BETWEEN}[0-9]{{2}}(?:[^0-9]|$)", ("%d-%b-%y", "%y-%b-%d")),
    (rf"^[0-9]{{4}}{BETWEEN}{LETTERS}{BETWEEN}[0-9]{{1,2}}(?:[^0-9]|$)", ("%Y-%b-%d",)),
    (rf"^{LETTERS}[\s\-/.]*[0-9]{{1,2}}[\s,]+[0-9]{{4}}", ("%b %d %Y",)),
    (rf"^{LETTERS}{BETWEEN}[0-9]{{4}}$", ("%b-%Y",)),
    (rf"^[0-9]{{4}}{BETWEEN}{LETTERS}$", ("%Y-%b",)),
    (rf"^{LETTERS}[\s\-/.'’]*[0-9]{{2}}$", ("%b-%y",)),
    (rf"^[0-9]{{2}}[\s\-/.]*{LETTERS}$", ("%y-%b",)),
    (r"^[0-9]{4}[\-/][0-9]{1,2}$|^[0-9]{4}年[0-9]{1,2}月$", ("%Y-%m",)),
    (r"^[0-9]{1,2}[\-/.][0-9]{4}$", ("%m/%Y",)),
)
YEAR = r"^(?:18|19|20)[0-9]{2}$"
ORDERS = {"%d/%m/%Y": "dmy", "%m/%d/%Y": "mdy", "%d-%m-%Y": "dmy", "%m-%d-%Y": "mdy"}
ORDERS |= {k.replace("%Y", "%y"): v for k, v in ORDERS.items()}
DATED = (
    *(
        "date",
        "dates",
        "day",
        "time",
        "month",
        "period",
        "yyyymm",
        "yyyymmdd",
        "timestamp",
        "dt",
        "issue",
        "issued",
        "opened",
        "closed",
        "created",
        "updated",
    ),
    *(
        "applied",
        "application",
        "birth",
        "dob",
        "fecha",
        "mes",
        "datum",
        "monat",
        "mois",
        "jour",
        "data",
        "mese",
        "miesiac",
        "дата",
        "месяц",
        "период",
    ),
    *("日期", "时间", "月份", "年月", "时点", "日時", "日付", "날짜", "일자", "년월"),
)
CODED = (
    *(
        "code",
        "codes",
        "zip",
        "postal",
        "postcode",
        "pin",
        "pincode",
        "area",
        "region",
        "district",
        "branch",
        "city",
        "county",
        "id",
        "no",
        "number",
        "num",
    ),
    *(
        "amount",
        "amt",
        "income",
        "salary",
        "balance",
        "limit",
        "price",
        "value",
        "loan",
        "debt",
        "cep",
        "plz",
        "cp",
        "codigo",
        "inn",
        "bin",
        "iin",
        "phone",
    ),
    *(
        "код",
        "индекс",
        "номер",
        "сумма",
        "доход",
        "地区",
        "区域",
        "代码",
        "编码",
        "编号",
        "区号",
        "邮编",
        "行政区",
        "金额",
        "收入",
        "额度",
        "余额",
        "番号",
        "郵便",
    ),
    *("번호", "코드", "금액", "지역", "우편"),
)
SENTINELS = tuple(
    date.fromisoformat(day)
    for day in (
        *(
            "0001-01-01",
            "1753-01-01",
            "1800-01-01",
            "1899-12-30",
            "1899-12-31",
            "1900-01-01",
            "1900-12-31",
            "1901-01-01",
            "1910-01-01",
            "1970-01-01",
        ),
        *(
            "2050-12-31",
            "2078-12-31",
            "2079-06-06",
            "2099-01-01",
            "2099-12-31",
            "2100-01-01",
            "2199-12-31",
            "2200-01-01",
            "2262-04-11",
            "2299-12-31",
        ),
        *(
            "2999-12-31",
            "3000-01-01",
            "3000-12-31",
            "4712-12-31",
            "5999-12-31",
            "6999-12-31",
            "8888-12-31",
            "9000-12-31",
            "9999-01-01",
            "9999-12-30",
        ),
        *("9999-12-31", "1111-11-11", "1000-01-01"),
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """How dates are written.

    Attributes
    ----------
    formats : the ways in which cells are written, each a format of strptime.
    start : the first year that two digits may mean.
    why : what stays text, in words; `choices` are what the reader chooses between.
    """

    formats: tuple[str, ...] = ()
    start: int = 0
    why: str = ""
    choices: tuple[Choice, ...] = ()


def order(columns: Iterator[pl.Series]) -> str:
    """Whether the day or the month comes first in a file, by columns that leave no doubt: dmy, mdy,
    or empty.
    """
    seen = {ORDERS.get(f, "") for cells in columns for f in guess(cells).formats if f in ORDERS}
    return seen.pop() if len(seen) == 1 else ""


def guess(cells: pl.Series, first: str = "") -> Found:
    """How a sample of texts, none empty, writes dates; without formats and words where it writes
    none.

    Parameters
    ----------
    first : dmy or mdy, where other columns of the file tell.
    """
    known = [(cells.str.contains(pattern), formats) for pattern, formats in SHAPES]
    ways = [(fits, formats) for fits, formats in known if fits.any()]
    years = cells.str.contains(YEAR)
    shapes = (
        pl.Series([False] * len(cells))
        if not ways
        else pl.DataFrame([f.alias(str(i)) for i, (f, _) in enumerate(ways)]).max_horizontal()
    )
    if not ways or float((shapes | years).mean()) < ENOUGH:  # type: ignore[arg-type]
        return Found()
    if float(shapes.mean()) < ENOUGH:  # type: ignore[arg-type]
        return _with_years(cells, shapes)
    ways = [(fits, formats) for fits, formats in ways if float(fits.mean()) > (1 - ENOUGH) / 2]  # type: ignore[arg-type]
    return _settle([_best(cells.filter(fits), formats, first) for fits, formats in ways], len(ways))


def _with_years(cells: pl.Series, shapes: pl.Series) -> Found:
    """Dates among years alone."""
    if float(shapes.mean()) < 0.02:  # type: ignore[arg-type]
        return Found()
    alone = int((~shapes).sum())
    choices = (
        Choice("every cell counts as its year, a number", "types", "year", likely=True),
        Choice("they stay text", "types", "text"),
    )
    return Found(
        why=f"are dates in some rows and years alone in {alone:,} of {len(cells):,} looked at",
        choices=choices,
    )


def _best(cells: pl.Series, formats: tuple[str, ...], first: str) -> Found:
    """The order that fits the cells of one shape; a question where several do."""
    shares = {f: _share(cells, f) for f in formats}
    most = max(shares.values())
    if most < ENOUGH:
        both = (
            cells.to_frame("x").select(read(pl.col("x"), formats, 1950).is_not_null().mean()).item()
            if len(formats) > 1
            else 0
        )
        torn = (
            "are dates of which some fit only with the day first and others only with the "
            "month first"
        )
        return Found(why=torn) if both >= ENOUGH and most > 1 - ENOUGH else Found()
    able = [f for f, share in shares.items() if share == most]
    # 03-Jan-19 is a day before a month, and a year behind it.
    able = able[:1] if "%b" in able[0] else able
    preferred = [f for f in able if first and ORDERS.get(f) == first]
    if len(able) == 1 or preferred:
        return _two_digits(cells, (preferred or able)[0])
    why = "are dates of which it cannot be told whether the day or the month comes first"
    return Found(tuple(able), why=why, choices=tuple(Choice(*_meant(cells, f)) for f in able))


def _meant(cells: pl.Series, format: str) -> tuple[str, str, str]:
    """A choice: what the cells would be in this order."""
    months = (
        _days(cells, format, start(cells, format))
        .drop_nulls()
        .dt.to_string("%Y-%m")
        .unique()
        .sort()
    )
    words = {"d": "the day comes first", "m": "the month comes first", "y": "the year comes first"}[
        format[1].lower()
    ]
    return f"{words}: {len(months):,} months from {months[0]} to {months[-1]}", "types", format


def _two_digits(cells: pl.Series, format: str) -> Found:
    """Months with two digits that may be years or days."""
    digits = cells.str.extract(r"([0-9]{2})").drop_nulls().cast(pl.Int64)
    days = format in ("%b-%y", "%y-%b") and len(digits) and int(digits.max()) <= 31  # type: ignore[arg-type]
    if days and (format == "%y-%b" or digits.n_unique() > 15):
        year = Choice("the digits are a year", "types", format, likely=True)
        why = "are months by name with two digits, which may be years or days"
        return Found(
            why=why,
            choices=(year, Choice("they are days without a year, and stay text", "types", "text")),
        )
    return Found((format,), start(cells, format))


def _settle(found: list[Found], ways: int) -> Found:
    """One answer for all the ways in a column."""
    if any(not f.formats and not f.why for f in found):
        return Found()
    doubtful = next((f for f in found if f.why), None)
    if doubtful is None:
        return Found(
            tuple(dict.fromkeys(x for f in found for x in f.formats)), max(f.start for f in found)
        )
    others = [x for f in found if not f.why for x in f.formats]
    choices = tuple(
        Choice(
            c.meaning, c.key, "|".join([c.value, *others]) if "%" in c.value else c.value, c.likely
        )
        for c in doubtful.choices
    )
    return Found(
        why=doubtful.why + (f", and are written in {ways} ways" if ways > 1 else ""),
        choices=choices,
    )


def _share(cells: pl.Series, format: str) -> float:
    return float(_days(cells, format, 1950).is_not_null().mean())  # type: ignore[arg-type]


def _days(cells: pl.Series, format: str, first: int) -> pl.Series:
    return cells.to_frame("x").select(x=read(pl.col("x"), (format,), first))["x"]


def start(cells: pl.Series, format: str) -> int:
    """The first year that two digits mean: cut where the years of the column leave the widest gap,
    in the century nearest to today.
    """
    if "%y" not in format:
        return 0
    years = sorted(
        cells.str.extract(pattern(format), _group(format, "y"))
        .drop_nulls()
        .cast(pl.Int64)
        .unique()
        .to_list()
    )
    if not years:
        return 0
    gaps = [(b - a, b) for a, b in pairwise([*years, years[0] + 100])]
    first = max(gaps)[1] % 100
    span = (max(gaps)[1] + 100 - max(gaps)[0] - max(gaps)[1]) if len(years) > 1 else 0
    today = datetime.now(UTC).year
    return min(
        (century + first for century in (1800, 1900, 2000)),
        key=lambda year: abs(year + span / 2 - today),
    )


def pattern(format: str) -> str:
    """A format of strptime as a pattern with a group for each part of it."""
    parts = {"%Y": "([0-9]{4})", "%y": "([0-9]{2})", "%b": rf"({LETTERS})", "%B": rf"({LETTERS})"}
    tight = re.fullmatch(r"(?:%[Yymd])+", format) is not None
    parts |= dict.fromkeys(("%m", "%d"), "([0-9]{2})" if tight else "([0-9]{1,2})")
    found = "" if tight else BETWEEN
    return (
        "^"
        + found.join(parts[p] for p in re.findall("%[YymdbB]", format))
        + ("[日月]?" if not tight else "")
        + CLOCK
        + "$"
    )


def _group(format: str, *letters: str) -> int:
    places = [p[1] for p in re.findall("%[YymdbB]", format)]
    return next((i for i, p in enumerate(places, 1) if p in letters), 0)


def ours(format: str) -> bool:
    """Is it a format that strptime would read otherwise, or not at all: no day, month names, years
    of two digits, or several ways?
    """
    return bool(
        "|" in format or re.search("%[ybB]", format) or "%d" not in format
    ) and not re.search("%[^YymdbB]", format)


def read(text: pl.Expr, formats: tuple[str, ...], first: int = 0) -> pl.Expr:
    """Texts as days, by the first of these formats that fits; the time of day is left out."""
    return pl.coalesce([_read(text, format, first) for format in formats])


def _read(text: pl.Expr, format: str, first: int) -> pl.Expr:
    found = pattern(format)

    def part(*letters: str) -> pl.Expr:
        place = _group(format, *letters)
        return (
            text.str.extract(found, place)
            if place
            else pl.when(text.str.contains(found)).then(pl.lit("1"))
        )

    year = part("Y", "y")
    if "%y" in format:
        since = first or 1969
        year = (since + (year.cast(pl.Int64, strict=False) - since % 100) % 100).cast(pl.String)
    month = part("m", "b", "B")
    if re.search("%[bB]", format):
        bare = (
            month.str.to_lowercase()
            .str.normalize("NFD")
            .str.replace_all(r"[\x{0300}-\x{036f}.]", "")
        )
        month = bare.replace_strict(_keys(), default=None, return_dtype=pl.String)
    return pl.concat_str([year, month, part("d")], separator="-").str.to_date(
        "%Y-%m-%d", strict=False
    )


def _keys() -> dict[str, str]:
    """Names of months as texts without marks above their letters."""
    import unicodedata  # noqa: PLC0415

    def bare(name: str) -> str:
        return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", name))

    return {bare(name): str(month) for name, month in NAMES.items()}


# Days written as numbers


def of_numbers(values: pl.Series, name: str) -> tuple[str, tuple[Choice, ...]]:
    """How whole numbers write dates, or what is to be asked of them; nothing where they write none.

    The range, the column's name and all of its values speak: codes of districts and amounts parse
    as dates too.
    """
    values = values.drop_nulls()
    if not len(values) or not values.dtype.is_integer():
        return "", ()
    dated = named(name, DATED)
    known = values.filter(~values.is_in(UNDATED)) if dated else values
    values = known if len(known) > len(values) / 10 else values
    texts = values.cast(pl.String)
    coded = named(name, CODED) and not dated
    if coded or values.dtype == pl.Boolean:
        return "", ()
    kinds = values.n_unique()
    for format, width in (("%Y%m%d", 8), ("%Y%m", 6), ("%y%m%d", 6), ("%Y%m%d%H%M%S", 14)):
        if not ((texts.str.len_chars() == width).all() and _reads(texts, format)):
            continue
        if dated or (format != "%y%m%d" and width > 6 and kinds > 2):
            return format, ()
        if kinds >= 10 or (format == "%Y%m" and kinds > 2):
            return "", _choices(format)
    if not dated and kinds >= SERIAL and _like_serials(values):
        return "", _choices(COUNTED[0])
    return (_counted(values) if dated else ""), ()


SERIAL = 30  # different days that are no chance


def _like_serials(values: pl.Series) -> bool:
    """Could whole numbers of any name be days of a spreadsheet: all within ten years of this
    century?
    """
    least, greatest = int(values.min()), int(values.max())  # type: ignore[arg-type]
    return 36_526 <= least and greatest <= 47_500 and greatest - least <= 3_660  # noqa: SIM300


UNDATED = (0, 99999999, 999999)  # for a day that is not known, among days as numbers


def undated(cells: pl.Expr, format: str) -> pl.Expr:
    """Is a cell the number of a day that is not known, where days are numbers?"""
    return (
        cells.is_in([*map(str, UNDATED), "00000000", "000000"])
        if re.fullmatch(r"(%[Yymd])+", format)
        else pl.lit(value=False)
    )


def _reads(texts: pl.Series, format: str) -> bool:
    days = (
        texts.str.to_datetime(format, strict=False)
        if "%H" in format
        else _days(texts, format, 1930)
    )
    years = days.dt.year()
    low, high = YEARS if format != "%Y%m" else (1950, 2060)
    return bool((years.is_not_null() & years.is_between(low, high)).all())


def _choices(format: str) -> tuple[Choice, ...]:
    words = {
        "%Y%m": "they are months, as 201901 is January 2019",
        "%y%m%d": "they are days, as 190131 is 31 January 2019",
    }
    words[COUNTED[0]] = "they are days of a spreadsheet, as 43831 is 1 January 2020"
    return (
        Choice(words[format], "types", format),
        Choice("they are numbers or codes", "types", "number"),
    )


def _counted(values: pl.Series) -> str:
    """Days counted from 1900, as a spreadsheet does, or seconds from 1970."""
    # Beyond stand codes for missing.
    least, greatest = (int(values.quantile(0.05) or 0), int(values.quantile(0.95) or 0))
    for kind, low, high in zip(
        COUNTED,
        (10_000, 300_000_000, 300_000_000_000),
        (80_000, 4_102_444_800, 4_102_444_800_000),
        strict=True,
    ):
        if low <= least <= greatest <= high and values.n_unique() > 2:
            return kind
    return ""


def counted(text: pl.Expr, kind: str) -> pl.Expr:
    """Texts of numbers as the days that they count."""
    number = text.cast(pl.Float64, strict=False).floor()
    if kind == COUNTED[0]:
        days = pl.when(number.is_between(1, 2_958_465)).then(number).cast(pl.Int32)
        return pl.lit(date(1899, 12, 30)) + pl.duration(days=days)
    seconds = number / (1 if kind == COUNTED[1] else 1000)
    return pl.from_epoch(seconds.cast(pl.Int64, strict=False), time_unit="s").cast(pl.Date)


def sentinels(days: pl.Series) -> tuple[date, ...]:
    """Dates that stand for not known: of those that people write for it, the ones that stand far
    outside the rest.
    """
    found = days.drop_nulls()
    among = [d for d in SENTINELS if (found == d).any()]
    rest = found.filter(~found.is_in(among)) if among else found
    if not among or not len(rest):
        return ()
    ends: list[Any] = [rest.min(), rest.max()]
    low, high = ends
    wide = max((high - low).days / 4, 3 * 365)
    return tuple(
        d
        for d in among
        if (low - d).days > wide or (d - high).days > wide or d.year >= 2200 or d.year < 1800
    )
