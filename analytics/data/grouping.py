"""Which columns belong together? Groups by table, by what names begin with, and by what they tell of the person."""

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import and_
from pathlib import PurePosixPath

from .personal import named, words
from .ways import Named

PROTECTED = ("gender", "sex", "age", "race", "ethnicity", "ethnic", "religion", "marriage", "marital", "nationality", "disability")
PROTECTED_ZH = ("性别", "年龄", "婚姻", "民族", "宗教", "国籍")
ABOUT = ("education", "dependents", "dependants", "children", "family", "birth", "学历", "教育", "子女")
COUNTING = ("num", "number", "total", "avg", "mean", "max", "min", "sum", "count", "cnt", "is", "has", "flag", "n", "pct", "ratio", "days", "the", "of")


def about(table: str, profiles: Named) -> tuple[str, ...]:
    """What a table is called, without what all tables are called."""
    names = [words(PurePosixPath(t).name.partition(".")[0]) for t in profiles]
    shared = sum(1 for same in accumulate((len(set(ws)) == 1 for ws in zip(*names, strict=False)), and_) if same)
    mine = words(PurePosixPath(table).name.partition(".")[0])
    return (mine[shared:] or mine) if len(names) > 1 else ("other",)


def grouped(columns: Sequence[str], rest: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Columns by what their names begin with: series such as ``PAY_AMT1``, ``PAY_AMT2``, silos such as ``bureau_...``, and facts about the person."""
    told = [c for c in columns if named(c, (*PROTECTED, *PROTECTED_ZH, *ABOUT))]
    stems: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        if column not in told:
            stems.setdefault(_stem(column), []).append(column)
    groups: dict[tuple[str, ...], list[str]] = {("person",): told} if told else {}
    for stem, members in stems.items():
        groups.setdefault(_family(stem, stems), []).extend(members)
    return _with_rest(groups, columns, rest)


def _stem(column: str) -> tuple[str, ...]:
    """The words of a name without its numbers."""
    return tuple(w for w in words(column) if not w.isdecimal()) or ("columns",)


def _first(stem: tuple[str, ...]) -> str:
    """The first word that says whose column it is."""
    return next((w for w in stem if w not in COUNTING), stem[0])


def _family(stem: tuple[str, ...], stems: Mapping[tuple[str, ...], list[str]]) -> tuple[str, ...]:
    """The first word alone where three stems or more share it, or two that are no series; else the whole stem."""
    same = [s for s in stems if _first(s) == _first(stem)]
    return (_first(stem),) if len(same) > 2 or (len(same) == 2 and all(len(stems[s]) == 1 for s in same)) else stem


def _with_rest(groups: Mapping[tuple[str, ...], list[str]], columns: Sequence[str], rest: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Groups in file order, those of one column gathered into the rest where there are several."""
    single = [g for g, members in groups.items() if len(members) == 1 and g != ("person",)]
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
    key = key if key.isidentifier() else f"source_{key}" if f"source_{key}".isidentifier() else "source"
    key = next(k for k in (key, *(f"{key}_{i}" for i in range(2, len(taken) + 3))) if k not in taken)
    taken.add(key)
    return key


def label(said: Sequence[str]) -> str:
    """What people read instead of a key."""
    return "About the person" if tuple(said) == ("person",) else " ".join(said).capitalize()
