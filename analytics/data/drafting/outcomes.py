"""Which column says how people turned out, and which of its values mean default?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

import polars as pl

from analytics.data.personal import named, words

from .draft import Answer, Question
from .profile import Column

FEW = 12  # values that one can look at one by one
Levels = Sequence[tuple[Any, int]]

DEFAULTED = (
    *(
        "default",
        "defaulted",
        "defaulter",
        "defaults",
        "defaut",
        "défaut",
        "defaillance",
        "défaillance",
        "incumplimiento",
        "ausfall",
    ),
    *("дефолт", "违约", "是否违约", "坏客户", "違約", "채무불이행", "부도", "デフォルト", "貸倒"),
)
BAD = (
    *("bad", "delinquent", "delinquency", "dlq", "dlqin", "npl", "overdue", "unpaid", "arrears"),
    *(
        "charged off",
        "charge off",
        "chargeoff",
        "written off",
        "write off",
        "bankrupt",
        "insolvent",
    ),
    *("non performing", "nonperforming", "not paid", "not fully paid", "not repaid", "not good"),
    *(
        "inadimplente",
        "inadimplencia",
        "inadimplência",
        "moroso",
        "morosidad",
        "mora",
        "impago",
        "impayé",
        "impaye",
        "insolvenza",
    ),
    *("zahlungsausfall", "просрочка", "逾期", "坏", "연체", "불량", "延滞"),
)
GOOD = (
    *("good", "paid", "repaid", "repay", "repays", "performing", "creditworthy", "solvent"),
    *("no default", "non default", "nondefault", "not default", "not defaulted", "not bad"),
    *("never defaulted", "granted", "approved", "approval", "accepted", "success", "好", "正常"),
)
APPROVED = ("granted", "approved", "approval", "accepted", "decision", "loan status")
NEGATED = tuple(w for w in (*BAD, *GOOD) if w.partition(" ")[0] in ("no", "non", "not", "never"))
PRIOR = (
    *("history", "historical", "hist", "prior", "previous", "previously", "prev", "past", "ever"),
    *("earlier", "before", "on file", "record", "records", "bureau", "former", "历史", "曾"),
)
STATED = (
    *("target", "outcome", "label", "good bad", "loan status", "credit risk", "creditability"),
    *("risk performance", "credit class", "结果", "标签", "目标"),
)
HINTS = ("y", "status", "class", "risk", "result", "performance", "response", "churn", "decision")
ELSE = (  # what has a status or a class of its own
    *("marital", "marriage", "civil", "family", "employment", "employed", "job", "work", "home"),
    *("housing", "residence", "residential", "checking", "savings", "account", "verification"),
    *("verified", "income", "email", "phone", "card", "education", "customer", "social", "type"),
)
COUNTS = ("count", "num", "number", "times", "n", "days", "months", "amount", "amt", "rate", "pct")

BAD_VALUES = (
    *("bad", "default", "defaulted", "delinquent", "charged off", "charge off", "chargeoff"),
    *(
        "loss",
        "written off",
        "unpaid",
        "not paid",
        "non performing",
        "bankrupt",
        "违约",
        "坏",
        "逾期",
    ),
    "does not meet the credit policy status charged off",
)
GOOD_VALUES = (
    *("good", "paid", "fully paid", "paid off", "repaid", "performing", "non default"),
    *("no default", "not default", "not defaulted", "ok", "正常", "好", "已还清"),
    "does not meet the credit policy status fully paid",
)
UNDECIDED = (
    *("current", "in grace period", "late 16 30 days", "late 31 120 days", "late", "issued"),
    *("active", "open", "ongoing", "running", "pending", "in progress", "in process", "unknown"),
    *("indeterminate", "未到期", "还款中"),
)
FLAGS = {  # what says yes, and what says no
    **dict.fromkeys(
        (
            "1",
            "true",
            "t",
            "yes",
            "y",
            "si",
            "sí",
            "sim",
            "oui",
            "ja",
            "tak",
            "evet",
            "да",
            "是",
            "예",
            "はい",
        ),
        True,
    ),
    **dict.fromkeys(
        (
            "0",
            "false",
            "f",
            "no",
            "n",
            "não",
            "nao",
            "non",
            "nein",
            "nie",
            "nee",
            "hayır",
            "нет",
            "否",
            "아니오",
            "아니요",
            "いいえ",
        ),
        False,
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the values of an outcome mean, as far as that is plain, and what is left to ask."""

    bad: tuple[Any, ...] = ()
    undecided: tuple[Any, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def meaning(name: str) -> str:
    """What being marked in a column of this name means: bad, good, or nothing that is plain.

    Examples
    --------
    >>> [meaning(n) for n in ("defaulted", "good_flag", "not.fully.paid", "good_bad", "target")]
    ['bad', 'good', 'bad', '', '']
    >>> meaning("no_default"), meaning("previous_default")
    ('good', '')
    """
    if prior(name):
        return ""
    negated = [w for w in NEGATED if named(name, (w,))]
    if negated:
        return "bad" if negated[0] in BAD else "good"
    bad, good = named(name, (*DEFAULTED, *BAD)), named(name, GOOD)
    return "" if bad == good else "bad" if bad else "good"


def prior(name: str) -> bool:
    """Does a name tell of how people turned out before: on file, previous, history?"""
    return named(name, PRIOR)


def few(column: Column) -> bool:
    """Has it so few values that it may be an outcome?"""
    return 2 <= column.distinct <= FEW and column.kind in ("number", "category", "boolean")


def promise(column: Column, values: Sequence[str] = ()) -> float:
    """How much a column looks like the outcome; 0 is not at all.

    Parameters
    ----------
    values : its values, where they are texts.
    """
    if not few(column):
        return 0
    spoken = _spoken(values)
    said = _strength(column) or (2.0 if spoken else 0.0)
    if not said:
        return 0
    said += (2 if column.distinct == 2 else 0) + (3 if spoken else 0)
    return 0.5 if prior(column.name) else said


def _strength(column: Column) -> float:
    name = column.name
    counted = column.kind == "number" and column.distinct > 2
    if counted and named(name, COUNTS):
        return 0
    if meaning(name) == "bad" or (prior(name) and named(name, (*DEFAULTED, *BAD))):
        return 3 if counted else 8 if named(name, DEFAULTED) else 7
    if named(name, STATED):
        return 5
    if meaning(name) == "good" and not counted:
        return 2 if named(name, APPROVED) else 4
    return 3 if named(name, HINTS) and not named(name, ELSE) else 0


def rival(column: Column, values: Sequence[str] = ()) -> bool:
    """Does a column look like another outcome, so that it may have been learned as late as it?"""
    if prior(column.name) or not few(column):
        return False
    two = column.distinct == 2
    marked = bool(meaning(column.name)) and two
    stated = two and (named(column.name, STATED) or words(column.name) in (("y",), ("class",)))
    return marked or stated or _spoken(values) or named(column.name, ("loan status",))


def competes(column: Column, values: Sequence[str] = ()) -> bool:
    """Is a column that looks like another outcome as likely the one that is meant?"""
    decided = named(column.name, APPROVED) and not _spoken(values)
    return meaning(column.name) != "good" and not decided and column.distinct == 2


def _spoken(values: Sequence[str]) -> bool:
    """Do values say themselves who is bad and who is good?"""
    plain = {_plain(v) for v in values}
    return bool(plain & set(BAD_VALUES)) and bool(plain & {*GOOD_VALUES, *UNDECIDED})


def _plain(value: object) -> str:
    """A value's words, without the noun that says of what: a bad loan is bad."""
    parts = words(str(value))
    return " ".join(parts[:-1] if len(parts) > 1 and parts[-1] in OF_WHAT else parts)


OF_WHAT = ("loan", "loans", "credit", "risk", "customer", "client", "borrower", "payer", "account")


def levels(table: pl.LazyFrame, column: str, most: int = FEW) -> list[tuple[Any, int]]:
    """The commonest values of a column and their counts."""
    counts = table.select(pl.col(column).alias("value")).drop_nulls().group_by("value").len()
    counts = counts.sort(["len", "value"], descending=[True, False]).head(most)
    return list(counts.collect(engine="streaming").iter_rows())


def texts(table: pl.LazyFrame, columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    """The values of each column of few texts."""
    text_columns = [c.name for c in columns if few(c) and c.dtype == pl.String]
    if not text_columns:
        return {}
    levels = table.select(pl.col(c).drop_nulls().unique().implode() for c in text_columns).collect()
    return {c: tuple(map(str, levels[c].item())) for c in text_columns}


def judge(outcome: Column, counts: Levels) -> Verdict:
    """The values that mean default where that is plain, and what to ask where it is not."""
    name = outcome.name
    if outcome.distinct > FEW:
        text = (
            f"{name!r} has {outcome.distinct:,} values, so it is no outcome yet: "
            "say which mean default, or name a column of two values"
        )
        return Verdict(questions=(Question("bad", text, "--bad, --outcome", "Means default"),))
    flags = {v: FLAGS.get(shown(v).strip().casefold()) for v, _ in counts}
    if len(counts) == 2 and set(flags.values()) == {True, False}:
        if meaning(name) == "bad":
            return Verdict(bad=tuple(v for v, yes in flags.items() if yes))
        return Verdict(questions=(_ask(name, counts),))
    return _by_words(name, counts)


def _by_words(name: str, counts: Levels) -> Verdict:
    """The same where the values are words; what is neither bad nor good by its word is asked."""
    plain = {v: _plain(v) for v, _ in counts}
    bad = tuple(v for v, word in plain.items() if word in BAD_VALUES)
    good = tuple(v for v, word in plain.items() if word in GOOD_VALUES)
    open_ = tuple(v for v, _ in counts if v not in (*bad, *good))
    if not bad or not (good or open_):
        return Verdict(questions=(_ask(name, counts),))
    if not open_ or (not good and len(counts) == 2 and plain[open_[0]] not in UNDECIDED):
        return Verdict(bad=bad)
    return Verdict(bad=bad, questions=(_ask_undecided(name, counts, bad, open_),))


def _ask(name: str, counts: Levels) -> Question:
    total = max(sum(n for _, n in counts), 1)
    seen = ", ".join(f"{shown(v)} ({n:,})" for v, n in counts) or "no values"
    why = {
        "good": ", and the name means good, so a mark would be a payer",
        "bad": "",
        "": ", and neither name nor values say which is bad",
    }[meaning(name)]
    if named(name, APPROVED):
        why += " (it may be the lender's decision, which is not how people paid)"
    each = "; ".join(
        f"with {shown(v)}, {n / total:.1%} would be defaulters (--bad {quote(shown(v))})"
        for v, n in counts[:FEW]
    )
    brief = f"{name!r} holds {seen}{why}: say which of these mean default"
    text = f"{brief}. {each[:1].upper()}{each[1:]}"
    answers = tuple(
        Answer(f"{shown(v)}: {n / total:.1%} would be defaulters", (("bad", (str(v),)),))
        for v, n in (counts if len(counts) == 2 else ())
    )
    option = "--bad; another outcome: --outcome"
    return Question("bad", text, option, "Means default", answers, brief)


def _ask_undecided(name: str, counts: Levels, bad: Sequence[Any], open_: Sequence[Any]) -> Question:
    number = dict(counts)
    total = max(sum(n for _, n in counts), 1)
    base = sum(number[v] for v in bad)
    many = sum(number[v] for v in open_)
    what = ", ".join(f"{shown(v)} ({number[v]:,})" for v in open_)
    given = _option(bad)
    open_given = _option(open_)
    brief = (
        f"{name!r} holds {', '.join(f'{shown(v)} ({number[v]:,})' for v in bad)}, which means "
        f"default, and {what}, which by its word is neither default nor paid"
    )
    all_ = tuple(map(str, (*bad, *open_)))
    answers = (
        Answer(
            f"not decided yet: scored, not learned from; {base / max(total - many, 1):.1%} "
            "of the others are defaulters",
            (("bad", tuple(map(str, bad))), ("undecided", tuple(map(str, open_)))),
        ),
        Answer(f"paid: {base / total:.1%} are defaulters", (("bad", tuple(map(str, bad))),)),
        Answer(f"default: {(base + many) / total:.1%} are defaulters", (("bad", all_),)),
    )
    text = (
        f"{brief}. Not decided yet: "
        f"these people are scored but not learned from, and {base / max(total - many, 1):.1%} of "
        f"the others are defaulters (--bad {given} --undecided {open_given}); paid: "
        f"{base / total:.1%} are defaulters (--bad {given}); default: {(base + many) / total:.1%} "
        f"(--bad {_option((*bad, *open_))})"
    )
    return Question("undecided", text, "--undecided", "Not decided yet", answers, brief)


def _option(values: Sequence[Any]) -> str:
    return quote(",".join(map(shown, values)))


def settled(
    outcome: Column, counts: Levels, bad: Sequence[Any], undecided: Sequence[Any]
) -> Verdict:
    """What the reader says of the values, and what follows from it."""
    number = dict(counts)
    total = sum(n for _, n in counts)
    known = max(total - sum(number.get(v, 0) for v in undecided), 1)
    rest = [v for v, _ in counts if v not in (*bad, *undecided)]
    notes = []
    if outcome.distinct <= FEW and rest:
        these = ", ".join(f"{shown(v)} ({number[v]:,})" for v in rest)
        share = sum(number.get(v, 0) for v in bad) / known
        notes.append(f"Taken as paid: {these}; so {share:.1%} are defaulters.")
    loose = [v for v in rest if _plain(v) in UNDECIDED]
    if loose:
        notes.append(
            f"By its word {', '.join(map(shown, loose))} is not decided yet; "
            f"--undecided {_option(loose)} leaves these people out of what is learned and "
            "read."
        )
    return Verdict(tuple(bad), tuple(undecided), notes=tuple(notes))


def single(columns: Mapping[str, Sequence[Column]]) -> tuple[str, str]:
    """A table and a column that is called like an outcome and holds one value; else nothing."""
    for table, found in columns.items():
        for column in found:
            if column.kind == "constant" and meaning(column.name) == "bad":
                return table, column.name
    return "", ""


def shown(value: object) -> str:
    """A value as it stands in a file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
