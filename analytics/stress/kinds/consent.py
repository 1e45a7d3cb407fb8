"""What happens when people withdraw their consent?

Some do by chance, some because they know best what the data would tell.

Whoever withdraws is a stranger to the source from then on, and is scored by what the others say.
Refusal itself is never used unless it is asked for by name: consent is free only if to withhold it
costs nothing, and the laws that ask for it ask for that freedom too (as reported, GDPR and China's
PIPL). `silence` tells what using it would have bought, so that leaving it alone is a choice with a
price and not an oversight.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics.data.refusal import Refusal
from analytics.deciding.comparison import Figure, headline_figures, pair_up
from analytics.sources.evidence import UNKNOWN, Evidence
from analytics.stress.context import StressContext
from analytics.stress.kind import (
    FromPeople,
    Scale,
    Stress,
    Switch,
    option,
    seed_option,
    share_option,
)
from analytics.stress.selection import bounded, first_share, outcome, random_order
from analytics.weighing.pair import Difference
from analytics.weighing.weighting import Weighting

SHOWN = 10  # values of a group that a refusal lists
ODDS = (0.001, 1000.0)


WHO_WITHDRAWS = Scale(
    label="Who withdraws",
    help=(
        "By how much the odds to withdraw of people who default differ "
        "from those of people who pay."
    ),
    options={
        0.125: "privacy-minded: payers, ÷8",
        0.25: "payers, ÷4",
        0.5: "payers, ÷2",
        1.0: "at random",
        2.0: "adverse: ×2",
        4.0: "adverse: ×4",
        8.0: "adverse: ×8",
    },
    unit="times",
)


def groups(persons: Evidence) -> list[str] | None:
    """Every value of the columns by which people are grouped, as ``column=value``."""
    columns = persons.catalog.people.groups
    values = [(name, value) for name in columns for value in persons.people[name].unique().sort()]
    return [f"{name}={value}" for name, value in values] or None


AMONG_WHOM = FromPeople(label="Among", values=groups, anything="everybody")
REFUSAL_COUNTS = Switch(
    label="Count a refusal as a sign",
    help=(
        "Never used unless you switch it on, to see what it would have bought: "
        "consent is free only if refusing it does no harm."
    ),
)


@dataclass(frozen=True, slots=True)
class Consent(Stress):
    """A share of those whom a source knows withdraw their consent.

    Who goes first is chance and, with `odds`, the outcome: a person withdraws at a level a where
    logit(chance) - ln(odds) * defaulted <= a. So at every share the odds of withdrawal of a
    defaulter are about `odds` times those of a payer, and who has withdrawn at one share has at
    every greater one.

    Attributes
    ----------
    odds : how many times as likely (odds) a defaulter withdraws as a payer; 1 is at random, above 1
        adverse, below 1 privacy-minded.
    among : only those of one group, such as ``region=West``: a column of the people and its value;
        everybody where empty.
    tells : may refusal itself be used? The source then adds ln(P(withdraw | default) / P(withdraw |
        paid)) for who withdrew, and for who was asked and stayed, on top of what it says, the same
        of staying.
    """

    word = "consent"
    label = "Consent"
    meaning = "People withdraw their consent, and the source may not be asked about them."
    place = 2
    pictures = ("Refusal",)
    begins_with = MappingProxyType({"odds": 2.0})

    share: float = share_option(0.0)
    odds: float = option(
        1.0, "how many times as likely (odds) a defaulter withdraws as a payer", WHO_WITHDRAWS
    )
    among: str = option(
        "", "only persons with this value of a segment, as in region=West", AMONG_WHOM
    )
    tells: bool = option(False, "use the refusal itself", REFUSAL_COUNTS)
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, "the share who withdraw consent")
        if not ODDS[0] <= self.odds <= ODDS[1]:
            raise Refusal(
                "the odds of withdrawing consent must be "
                f"between {ODDS[0]:g} and {ODDS[1]:,.0f}, got {self.odds:g}"
            )
        if self.among and not all(part.strip() for part in self.among.partition("=")):
            raise Refusal(
                f"cannot read among={self.among[:40]!r}; "
                "write a column and one of its values, like region=West"
            )

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return "Share of its people who withdraw"

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        group = self.among.replace("_", " ").replace("=", " ")
        times = f"{self.odds:g} times" if self.odds > 1 else f"1/{1 / self.odds:g}"
        adverse = f"defaulters at {times} the odds of payers"
        return (
            f"{self.bold_share} of the people that {label} knows{f' ({group})' if group else ''} "
            f"withdraw their consent, {'at random' if self.odds == 1 else adverse}"
            f"{', and refusing itself is used' if self.tells else ''}"
        )

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:  # noqa: ARG002 - as every stress
        """The same persons, of whom the source no longer knows those who withdrew."""
        said = persons.column(self.source)
        asked = self.asked(persons)
        gone = first_share(self._turn(persons, asked), asked, self.share)
        if not self.tells:
            return persons.put(self.source, np.where(gone, np.nan, said))
        withdrew, stayed = refusing(self.odds, self.share, _rate(persons, asked))
        silent = withdrew or np.nan  # a silence that tells nothing is no record
        return persons.put(
            self.source,
            np.where(
                gone, silent, np.where(asked, said + np.float32(stayed), said) if stayed else said
            ),
        )

    def asked(self, persons: Evidence) -> np.ndarray:
        """Who could withdraw, bool, shape (persons,): whom the source knows, of the group if any.

        Raises
        ------
        Refusal
            If the catalog has no such group, or nobody is of it.
        """
        known = ~np.isnan(persons.column(self.source))
        return known & _group(persons, self.among) if self.among else known

    def _turn(self, persons: Evidence, asked: np.ndarray) -> np.ndarray:
        """When each person withdraws; of whom the outcome is unknown, as often as is usual."""
        chance = random_order(persons, "consent", self.source, self.seed)
        turned = outcome(persons).astype(float)
        turned[turned == UNKNOWN] = _rate(persons, asked)
        return np.log(chance / (1 - chance)) - np.log(self.odds) * turned


@dataclass(frozen=True, slots=True)
class Silence:
    """AUC of everyone where refusal is left alone, and where it is used."""

    unused: Figure
    used: Figure

    @property
    def bought(self) -> Difference:
        """What using refusal would have bought, paired."""
        return self.used.difference


def silence(
    persons: Evidence, consent: Consent, context: StressContext, weighting: Weighting
) -> Silence:
    """AUC of everyone without and with the use of refusal itself, on the same persons.

    Raises
    ------
    TooFew
        If the persons are too few to read.
    """
    unused, used = (
        replace(consent, tells=tells).apply(persons, context) for tells in (False, True)
    )
    met = (
        pair_up(unused, weighting, weighting, before=used),
        pair_up(used, weighting, weighting, before=unused),
    )
    return Silence(*(headline_figures(each)["auc_everyone"] for each in met))


def refusing(odds: float, share: float, rate: float) -> tuple[float, float]:
    """Log-odds of default that withdrawing and staying tell, where a share of people withdraw.

    The withdrawing share of defaulters p1 and of payers p0 solve rate * p1 + (1 - rate) * p0 =
    share with logit p1 - logit p0 = ln(odds): with q the odds of a payer's withdrawal, odds (1 -
    share) q^2 + (1 + rate (odds - 1) - share (1 + odds)) q = share.

    Examples
    --------
    >>> [round(x, 3) for x in refusing(4, 0.3, 0.1)]
    [0.797, -0.589]
    >>> refusing(1, 0.3, 0.1)
    (0.0, 0.0)
    """
    if share == 1:
        return 0.0, float(-np.log(odds))
    middle = 1 + rate * (odds - 1) - share * (1 + odds)
    payer = 2 * share / (middle + np.sqrt(middle**2 + 4 * odds * (1 - share) * share))
    stayed = np.log((1 + payer) / (1 + odds * payer))
    return float(np.log(odds) + stayed), float(stayed)


def _rate(persons: Evidence, among: np.ndarray) -> float:
    """Default rate of these persons; that of all who train where no outcome of theirs is known."""
    turned = outcome(persons)[among]
    known = turned[turned != UNKNOWN]
    return float(known.mean()) if len(known) else persons.base_rate


def _group(persons: Evidence, among: str) -> np.ndarray:
    column, _, value = (part.strip() for part in among.partition("="))
    groups = [g for g in persons.catalog.people.groups if g in persons.people.columns]
    if column not in groups:
        raise Refusal(
            f"people have no group {column!r} that could withdraw; "
            f"they have: {', '.join(groups) or 'none, see segments in the catalog'}"
        )
    values = persons.people[column].cast(pl.String)
    if not (values == value).any():
        there = values.unique().drop_nulls().sort()
        more = ", ..." if len(there) > SHOWN else ""
        raise Refusal(
            f"nobody is of {column}={value[:40]}; it may be: {', '.join(there.head(SHOWN))}{more}"
        )
    return (values == value).fill_null(value=False).to_numpy()
