"""What if records are faked? People buy better features, or copy a payer's whole record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from analytics.data.catalog.model import Source
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.stress.context import Faked, StressContext
from analytics.stress.kind import Amount, Choice, Stress, Switch, option, seed_option, share_option
from analytics.stress.purchase import affordable
from analytics.stress.selection import bounded, first_share, outcome, random_order, rows

REMEDY = (
    "give one 'fakeable = true' and a 'price' under [sources.features.<name>], "
    "or fake whole readings"
)


def fakeable(source: Source) -> bool:
    """Does the catalog say that anything of the source can be bought?"""
    return any(feature.fakeable for feature in source.features)


def _can_be_bought(stress: Any, source: Source) -> bool:  # noqa: ARG001 - as every condition
    return fakeable(source)


def _is_bought(stress: Any, source: Source) -> bool:  # noqa: ARG001
    return stress.how == "features"


def _has_detector(stress: Any, source: Source) -> bool:  # noqa: ARG001
    return source.fakes is not None


WHO = Choice(
    label="Who fakes",
    help="Bad payers: those who will default.",
    options={"bad": "bad payers", "all": "anybody", "gain": "who gains most"},
)
HOW = Choice(
    label="What is faked",
    help=(
        "Features: only what the catalog calls fakeable, only towards the safe side, "
        "as far as good payers go, within the budget; the model re-reads the record. "
        "Whole readings: a faker's reading is that of a payer drawn at random."
    ),
    options={"features": "features, at a price", "readings": "whole readings"},
    shown=_can_be_bought,
    instead=(
        "Whole readings are faked: the catalog names nothing of this source that can be bought. "
        "Say fakeable = true and a price per unit under [sources.features.…] "
        "to have its features faked."
    ),
)
BUDGET = Amount(label="Budget of a person", step=100.0, shown=_is_bought)
TRUST = Switch(
    label="Use the detector of fake records",
    help=(
        "A model of the signs of fake records, learned from known fakes, says how far each record "
        "is believed; what the source says is multiplied by it."
    ),
    shown=_has_detector,
)


@dataclass(frozen=True, slots=True)
class Fakery(Stress):
    """A share of people fake what one source holds of them.

    Attributes
    ----------
    share : of those who would fake and whom the source knows, in [0, 1]; whoever fakes at one share
        fakes at every greater one.
    who : "bad", those who default; "all", anybody; "gain", anybody, those first whose evidence
        falls most.
    how : "features", they buy what the budget allows and the model reads them again; "readings",
        they say what a payer's record says, drawn at random.
    budget : what a person can spend, in the population's currency.
    trust : multiply what the source says of everybody by the detector's trust in the record.
    """

    word = "fakery"
    label = "Fakery"
    meaning = (
        "Records are made to look better than the people are: "
        "orders bought and refunded, transfers sent round."
    )
    place = 1
    pictures = ("Theory", "Detector")
    begins_with = MappingProxyType({"how": "readings"})

    share: float = share_option(0.0)
    who: str = option("bad", "who fakes: bad, all, or gain, those who gain most", WHO)
    how: str = option(
        "features", "what is faked: features that can be bought, or whole readings", HOW
    )
    budget: float = option(
        500.0, "what one person spends at most, in the population's currency", BUDGET
    )
    trust: bool = option(
        False, "let the detector of fake records say how far each is believed", TRUST
    )
    seed: int = seed_option()

    def __post_init__(self) -> None:
        bounded(self.share, f"share of those who fake {self.source!r}")
        _one_of("who", self.who, WHO.options)
        _one_of("how", self.how, HOW.options)
        affordable(self.source, self.budget)

    @property
    def share_label(self) -> str:
        """Of whom is the share?"""
        return {
            "bad": "Share of its bad payers who fake",
            "all": "Share of its people who fake",
            "gain": "Share of its people, who gain most first",
        }[self.who]

    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence."""
        who = {"bad": "bad payers", "all": "people", "gain": "people, those who gain most first,"}
        bought = f"for up to **{self.budget:,.0f}** each"
        return (
            f"{self.bold_share} of the {who[self.who]} that {label} knows fake their records "
            f"{'to read like payers' if self.how == 'readings' else bought}"
            f"{', and its detector is used' if self.trust else ''}"
        )

    @property
    def theory(self) -> str:
        """What theory expects of the source alone, and when it holds."""
        if self.how == "readings" and self.who == "bad":
            return (
                "dashed: what theory expects, AUC less share × (AUC less 0.5), "
                "as whole readings of payers are taken; band: 95% interval"
            )
        return (
            "dashed: what theory expects, if bad payers took whole readings of payers; "
            "what they can buy does less; band: 95% interval"
        )

    def for_source(self, source: Source) -> Self:
        """The same of another source; whole readings where nothing of it can be bought."""
        how = self.how if fakeable(source) else "readings"
        return replace(self, source=source.key, how=how)

    def apply(self, persons: Evidence, context: StressContext) -> Evidence:
        """The same persons after they faked.

        Raises
        ------
        Refusal
            If readings are to be those of payers and the source knows none, or features are to be
            bought and none can be.
        """
        chosen = self.chosen(persons, context)
        if not chosen.any() and not self.trust:
            return persons
        said = (
            self._swapped(persons, chosen)
            if self.how == "readings"
            else self._bought(persons, context, chosen)
        )
        return persons.put(
            self.source, said * self._trust(persons, context, chosen) if self.trust else said
        )

    def cost(self, persons: Evidence, context: StressContext) -> float:
        """What all who fake spend, in the population's currency; 0 where readings are swapped."""
        chosen = self.chosen(persons, context)
        if self.how == "readings" or not chosen.any():
            return 0.0
        return float(self._faked(context).spent[rows(persons)[chosen]].sum(dtype=float))

    def chosen(self, persons: Evidence, context: StressContext) -> np.ndarray:
        """Who fakes, bool, shape (persons,)."""
        among = ~np.isnan(persons.column(self.source))
        if self.who == "bad":
            among &= outcome(persons) == 1
        when = random_order(persons, "fakery", self.source, self.seed)
        if self.who == "gain" and self.how == "features" and self.share > 0:
            falls = self._faked(context).added[rows(persons)] - persons.column(self.source)
            when = _turns(falls, when)
        return first_share(when, among, self.share)

    def _faked(self, context: StressContext) -> Faked:
        return context.faked(self.source, self.budget, self.who == "bad")

    def _bought(self, persons: Evidence, context: StressContext, chosen: np.ndarray) -> np.ndarray:
        """What the source says once the chosen have bought."""
        said = persons.column(self.source).copy()
        if chosen.any():
            if not self._faked(context).sold:
                raise Refusal(f"no feature of source {self.source!r} can be faked; {REMEDY}")
            said[chosen] = self._faked(context).added[rows(persons)[chosen]]
        return said

    def _swapped(self, persons: Evidence, chosen: np.ndarray) -> np.ndarray:
        """What the source says once the chosen have a payer's reading, the same at every share."""
        said = persons.column(self.source)
        payers = np.flatnonzero(~np.isnan(said) & (outcome(persons) == 0))
        if not len(payers) and chosen.any():
            raise Refusal(
                f"source {self.source!r} knows nobody who paid, "
                "so there is no reading to copy; choose a wider cohort"
            )
        # in the order of the file, however they are lined up
        payers = payers[np.argsort(rows(persons)[payers])]
        drawn = (
            random_order(persons, "payer", self.source, self.seed)[chosen] * len(payers)
        ).astype(np.intp)
        swapped = said.copy()
        swapped[chosen] = said[payers[drawn]]
        return swapped

    def _trust(self, persons: Evidence, context: StressContext, chosen: np.ndarray) -> np.ndarray:
        """The detector's trust in each record as it now is, unchanged where nothing was bought."""
        at, faked = rows(persons), self._faked(context)
        signed = chosen & (faked.spent[at] > 0) if self.how == "features" else chosen
        return np.where(signed, faked.caught[at], faked.honest[at]).astype(np.float32)


def law(auc: float, share: float) -> float:
    """AUC of a source once a share of its defaulters have the readings of payers.

    It loses that share of what it has above one half.

    The AUC is the chance that a defaulter drawn at random reads riskier than a payer drawn at
    random, a tie counting one half. Of the defaulters, 1 - f read as before and win with that
    chance; f read as some payer does, and of two draws from one and the same distribution either is
    the greater as often as the other: one half. So AUC' = (1 - f) AUC + f / 2 = AUC - f (AUC -
    1/2), whatever the distributions, exactly so on average over the draws.

    Examples
    --------
    >>> law(0.7, 0.0), law(0.7, 1.0), round(law(0.7, 0.17), 3)
    (0.7, 0.5, 0.666)
    """
    return auc - share * (auc - 0.5)


def _turns(falls: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Whose turn comes when, if those who fall most come first and those alike by random_order."""
    turns = np.empty(len(falls))
    turns[np.lexsort((when, falls))] = np.arange(len(falls))
    return turns


def _one_of(name: str, word: str, words: Mapping[str, str]) -> None:
    if word not in words:
        raise Refusal(f"{name!r} of a fakery is {word[:20]!r}; it may be: {', '.join(words)}")
