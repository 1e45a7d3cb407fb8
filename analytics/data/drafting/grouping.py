"""Which columns belong together?

Groups by table, by what names begin with, and by what they tell of the person.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from operator import and_
from pathlib import PurePosixPath

from analytics.data.personal import named, words

from .join_paths import Named

PROTECTED = (
    "gender", "sex", "age", "race", "ethnicity", "ethnic", "religion", "marriage", "marital",
    "nationality", "disability",
)  # fmt: skip
PROTECTED_ZH = ("性别", "年龄", "婚姻", "民族", "宗教", "国籍")
ABOUT = (
    "education", "dependents", "dependants", "children", "family", "birth", "学历", "教育", "子女",
)  # fmt: skip
COUNTING = (
    "num", "number", "total", "avg", "mean", "max", "min", "sum", "count", "cnt", "is", "has",
    "flag", "n", "pct", "ratio", "days", "the", "of",
)  # fmt: skip


MOST = 8  # sources out of one table
Groups = dict[tuple[str, ...], list[str]]
BUREAUS = ("experian", "equifax", "transunion", "crif", "schufa", "cibil", "creditinfo", "highmark")
SILOS = ("source", "bureau", "provider", "vendor", "agency")
STATISTICS = ("avg", "mode", "medi", "median", "mean")
THEMES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("housing",): (
        *(
            "apartment",
            "apartments",
            "housing",
            "house",
            "home",
            "building",
            "build",
            "rent",
            "floors",
            "floorsmax",
            "floorsmin",
            "basementarea",
        ),
        *(
            "livingarea",
            "landarea",
            "commonarea",
            "elevators",
            "entrances",
            "walls",
            "wallsmaterial",
            "residence",
            "property",
            "realty",
            "totalarea",
        ),
    ),
    ("income", "and", "work"): (
        "income",
        "salary",
        "wage",
        "employ",
        "employed",
        "employment",
        "emp",
        "job",
        "occupation",
        "work",
        "organization",
        "inc",
    ),
    ("credit", "history"): (
        *(
            "late",
            "delinq",
            "delinquency",
            "dpd",
            "inq",
            "inquiries",
            "enquiries",
            "bureau",
            "history",
            "overdue",
            "past",
            "bankruptcies",
            "pub",
        ),
        *(
            "revol",
            "util",
            "utilisation",
            "utilization",
            "trades",
            "trade",
            "acc",
            "accounts",
            "tl",
            "score",
            "fico",
            "default",
            "derog",
        ),
    ),
    ("accounts", "and", "payments"): (
        "balance",
        "bal",
        "account",
        "checking",
        "savings",
        "saving",
        "deposit",
        "payment",
        "pay",
        "bill",
        "card",
        "limit",
    ),
    ("loan", "asked", "for"): (
        *(
            "loan",
            "amount",
            "amt",
            "term",
            "purpose",
            "intent",
            "installment",
            "annuity",
            "interest",
            "goods",
            "contract",
            "product",
            "grade",
            "rate",
        ),
        *("duration", "application", "down"),
    ),
    ("contact",): (
        "phone",
        "mobile",
        "email",
        "cell",
        "contact",
        "device",
        "sms",
        "ip",
        "telephone",
    ),
    ("place",): (
        "region",
        "city",
        "zip",
        "address",
        "addr",
        "state",
        "country",
        "district",
        "postcode",
        "area",
        "lat",
        "lon",
        "longitude",
        "latitude",
    ),
    ("documents",): ("document", "documents", "doc"),
}


def about(table: str, profiles: Named) -> tuple[str, ...]:
    """What a table is called, without what all tables are called."""
    names = [words(PurePosixPath(t).name.partition(".")[0]) for t in profiles]
    shared = sum(
        1
        for same in accumulate((len(set(ws)) == 1 for ws in zip(*names, strict=False)), and_)
        if same
    )
    own_words = words(PurePosixPath(table).name.partition(".")[0])
    return (own_words[shared:] or own_words) if len(names) > 1 else ("other",)


def grouped(
    columns: Sequence[str], rest: tuple[str, ...]
) -> list[tuple[tuple[str, ...], list[str]]]:
    """Columns by what their names begin with: series such as ``PAY_AMT1``, ``PAY_AMT2``, silos such
    as ``bureau_...``, and facts about the person.
    """
    groups = _own(columns)
    apart = {c for members in groups.values() for c in members}
    protected = [
        c for c in columns if c not in apart and named(c, (*PROTECTED, *PROTECTED_ZH, *ABOUT))
    ]
    stems: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        if column not in protected and column not in apart:
            stems.setdefault(_stem(column), []).append(column)
    groups |= {("person",): protected} if protected else {}
    for stem, members in stems.items():
        groups.setdefault(_family(stem, stems), []).extend(members)
    first = _with_rest(groups, columns, rest)
    most = max((len(m) for g, m in first if g == rest), default=0)
    if len(first) <= MOST and 2 * most <= max(len(columns), 8):
        return first
    return _by_theme(groups, columns, rest)


def _own(columns: Sequence[str]) -> Groups:
    """Columns of a bureau each, ``EXT_SOURCE_1`` or ``experian_score``, and building facts written
    several ways (``_AVG``, ``_MODE``).
    """
    groups: Groups = {}
    spellings: dict[str, list[str]] = {}
    for column in columns:
        parts = words(column)
        bureau = next((w for w in parts if w in BUREAUS), "")
        number = next((f"{a} {b}" for a, b in pairwise(parts) if a in SILOS and b.isdecimal()), "")
        if bureau or number:
            groups.setdefault(tuple((bureau or number).split()), []).append(column)
        elif len(parts) > 1 and parts[-1] in STATISTICS:
            spellings.setdefault("".join(parts[:-1]), []).append(column)
    several = [c for same in spellings.values() if len(same) > 1 for c in same]
    return groups | (
        {_theme(several[0], several) or ("averages",): several} if len(several) >= 6 else {}
    )


def _theme(column: str, among: Sequence[str] = ()) -> tuple[str, ...]:
    """What a column tells of, by its words, or by most of those it stands among."""
    hits = {
        theme: sum(named(c, spoken) for c in among or (column,)) for theme, spoken in THEMES.items()
    }
    best = max(hits, key=lambda theme: hits[theme])
    return best if hits[best] else ()


def _by_theme(
    groups: Groups, columns: Sequence[str], rest: tuple[str, ...]
) -> list[tuple[tuple[str, ...], list[str]]]:
    """At most `MOST` groups: the largest as they are, the others by what they tell of, and the rest
    last.
    """
    large = [g for g, m in groups.items() if len(m) >= 4 or g == ("person",) or g in _own(columns)]
    kept = {g: list(groups[g]) for g in sorted(large, key=lambda g: -len(groups[g]))[: MOST // 2]}
    for group, members in groups.items():
        for column in members if group not in kept else ():
            kept.setdefault(_theme(column) or rest, []).append(column)
    while len(kept) > MOST:
        least = min((g for g in kept if g != rest), key=lambda g: len(kept[g]))
        kept.setdefault(rest, []).extend(kept.pop(least))
    place = {c: i for i, c in enumerate(columns)}
    ordered = [(g, sorted(m, key=place.__getitem__)) for g, m in kept.items()]
    return sorted(ordered, key=lambda pair: place[pair[1][0]])


def _stem(column: str) -> tuple[str, ...]:
    """The words of a name without its numbers."""
    return tuple(w for w in words(column) if not w.isdecimal()) or ("columns",)


def _first(stem: tuple[str, ...]) -> str:
    """The first word that says whose column it is."""
    return next((w for w in stem if w not in COUNTING), stem[0])


def _family(stem: tuple[str, ...], stems: Mapping[tuple[str, ...], list[str]]) -> tuple[str, ...]:
    """The first word alone where three stems or more share it, or two that are no series.

    Else the whole stem.
    """
    same = [s for s in stems if _first(s) == _first(stem)]
    return (
        (_first(stem),)
        if len(same) > 2 or (len(same) == 2 and all(len(stems[s]) == 1 for s in same))
        else stem
    )


def _with_rest(
    groups: Mapping[tuple[str, ...], list[str]], columns: Sequence[str], rest: tuple[str, ...]
) -> list[tuple[tuple[str, ...], list[str]]]:
    """Groups in file order, those of one column gathered into the rest where there are several."""
    own = _own(columns)
    single = [
        g
        for g, members in groups.items()
        if len(members) == 1 and g != ("person",) and g not in own
    ]
    alone = single if len(single) > 1 else []
    whole = {g: list(m) for g, m in groups.items() if g not in alone}
    for group in alone:
        whole.setdefault(rest, []).extend(groups[group])
    place = {c: i for i, c in enumerate(columns)}
    ordered = [(g, sorted(m, key=place.__getitem__)) for g, m in whole.items()]
    return sorted(ordered, key=lambda pair: place[pair[1][0]])


def key(said: Sequence[str], taken: set[str]) -> str:
    """A source key that is one word and not taken yet."""
    key = unicodedata.normalize("NFKC", "_".join(said))
    key = (
        key
        if key.isidentifier()
        else f"source_{key}"
        if f"source_{key}".isidentifier()
        else "source"
    )
    key = next(
        k for k in (key, *(f"{key}_{i}" for i in range(2, len(taken) + 3))) if k not in taken
    )
    taken.add(key)
    return key


def label(said: Sequence[str]) -> str:
    """What people read instead of a key."""
    return "About the person" if tuple(said) == ("person",) else " ".join(said).capitalize()
