"""Is this column about somebody in particular?

Ids of the state, phones, e-mail addresses and names, found by most of their values.
"""

import re
from collections.abc import Iterable

import polars as pl

SAMPLE = 2000
# Of the values that are there; one odd cell makes no column personal, and one typing error saves
# none.
SHARE = 0.8
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
BORN = r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
RESIDENT = rf"^[1-9]\d{{5}}(18|19|20)\d{{2}}{BORN}\d{{3}}[\dXx]$"
RESIDENT_OLD = rf"^[1-9]\d{{7}}{BORN}\d{{3}}$"
SOCIAL_SECURITY = r"^([0-57-8]\d\d|6[0-57-9]\d|66[0-57-9])-\d\d-\d{4}$"
PHONE = r"^((\+|00)?86)?1[3-9]\d{9}$|^\+[1-9]\d{7,14}$"
PHONE_WRITTEN = r"^(\+?1[ -]?)?(\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}$"
E_MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$"
NAME = r"^\p{L}[\p{L}'’.·, -]+$"
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭許傅曾呂蘇盧賈葉閻鐘範鄒陸邱顧孟龍萬錢湯賀賴龔"
)
DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|东方|皇甫|慕容|令狐"
CHINESE_NAME = rf"^([{SURNAMES}][\p{{Han}}]{{1,2}}|({DOUBLE_SURNAMES})[\p{{Han}}]{{1,2}})$"
NAMES = (
    "name", "surname", "forename", "firstname", "lastname", "fullname", "first name", "last name",
    "full name", "given name", "family name",
)  # fmt: skip
OWNERS = (
    "customer name", "client name", "applicant name", "borrower name", "person name",
    "contact name", "姓名", "名字", "联系人",
)  # fmt: skip
NATIONAL = (
    "ssn", "social security", "national id", "nationalid", "passport", "birth number",
    "personnummer", "身份证", "证件号", "护照",
)  # fmt: skip
IDS = ("id", "no", "nr", "number", "key", "uuid", "guid", "号", "编号", "代码")
ROUNDED = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{2}$"  # an id of which a spreadsheet kept the first figures
WHO = (
    "customer", "cust", "client", "person", "people", "applicant", "borrower", "member", "user",
    "party", "uid", "客户", "用户", "借款人",
)  # fmt: skip


def words(name: str) -> tuple[str, ...]:
    """The words and numbers a column's name is made of, in small letters.

    Examples
    --------
    >>> words("PAY_AMT1"), words("customerID")
    (('pay', 'amt', '1'), ('customer', 'id'))
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(w.casefold() for w in re.findall(r"[^\W\d_]+|\d+", spaced))


def named(name: str, among: Iterable[str]) -> bool:
    """Does one of these phrases stand in a column's name: as whole words, or anywhere where words
    are not set apart, as in Chinese?

    Examples
    --------
    >>> named("chargeOff_date", ["charge off"]), named("badge", ["bad"])
    (True, False)
    >>> named("是否违约", ["违约"])
    True
    """
    text = f" {' '.join(words(name))} "
    return any(
        f" {phrase} " in text or (not phrase.isascii() and phrase in name) for phrase in among
    )


def kind(column: pl.Series, name: str) -> str:
    """What personal data most values of a column are: ``national id``, ``phone``, ``e-mail``,
    ``name``, or nothing.

    Looks at up to 2,000 values spread over the column.
    """
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        return ""
    present = column.drop_nulls()
    values = present.gather_every(max(1, len(present) // SAMPLE)).cast(pl.String).str.strip_chars()
    if not len(values):
        return ""
    return next((shares for shares, share in _shares(values, name) if share >= SHARE), "")


def _shares(values: pl.Series, name: str) -> Iterable[tuple[str, float]]:
    yield "e-mail", _share(values.str.contains(E_MAIL))
    yield (
        "national id",
        _share(
            _resident(values)
            | values.str.contains(RESIDENT_OLD)
            | values.str.contains(SOCIAL_SECURITY)
        ),
    )
    yield (
        "phone",
        _share(
            values.str.replace_all(r"[ -]", "").str.contains(PHONE)
            | values.str.contains(PHONE_WRITTEN)
        ),
    )
    yield "national id", _share(values.str.contains(r"\d{4}")) if named(name, NATIONAL) else 0
    # Few values again and again are a category, whatever its name.
    several = values.n_unique() > min(50, len(values) / 2)
    yield "name", _share(values.str.contains(CHINESE_NAME)) if several else 0
    yield "name", _share(values.str.contains(NAME)) if several and _says_name(name) else 0


def _share(hits: pl.Series) -> float:
    return float(hits.cast(pl.Float64).mean() or 0)  # type: ignore[arg-type]


def _says_name(name: str) -> bool:
    return words(name) == ("name",) or named(name, (*NAMES[1:], *OWNERS))


def _resident(values: pl.Series) -> pl.Series:
    """Chinese resident identity numbers of 18 places: a day of birth that there was, and the right
    last place.

    References
    ----------
    GB 11643-1999; ISO 7064, MOD 11-2.
    """
    ids = values.to_frame("id").select(pl.when(pl.col("id").str.contains(RESIDENT)).then("id"))
    digits = [
        pl.col("id").str.slice(i, 1).cast(pl.Int32) * weight for i, weight in enumerate(WEIGHTS)
    ]
    checks = (
        pl.sum_horizontal(digits)
        .mod(11)
        .cast(pl.Int32)
        .replace_strict(range(11), list(CHECKS), return_dtype=pl.String)
    )
    born = pl.col("id").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    right = born.is_not_null() & (checks == pl.col("id").str.slice(17).str.to_uppercase())
    return ids.select((pl.col("id").is_not_null() & right).fill_null(value=False)).to_series()


def mask(column: pl.Series) -> pl.Series:
    """A column as the screen may show it: dots, and the last two places of what is long enough not
    to give itself away.

    Examples
    --------
    >>> mask(pl.Series("phone", ["13812345678", "Ann", None])).to_list()
    ['••••78', '••••', None]
    """
    text = pl.col(column.name)
    dots = (
        pl.when(text.str.len_chars() >= 8)
        .then("••••" + text.str.slice(-2))
        .when(text.is_not_null())
        .then(pl.lit("••••"))
    )
    return column.cast(pl.String).to_frame().select(dots.alias(column.name)).to_series()


def keyed(name: str) -> bool:
    """Is a column named like an id?"""
    parts = words(name)
    return bool(parts) and (parts[-1] in IDS or "id" in parts or name.endswith(IDS[-3:]))
