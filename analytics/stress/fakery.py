"""What if records are faked? People buy their way to a better record, or say what a good payer's record says."""

from dataclasses import dataclass

import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence

from .ground import Faked, Ground
from .purchase import affordable
from .wave import bounded, first, luck, outcome, rows

WHO = ("bad", "all", "gain")
HOW = ("features", "readings")
REMEDY = "give one 'fakeable = true' and a 'price' under [sources.features.<name>], or fake whole readings"


@dataclass(frozen=True, slots=True)
class Fakery:
    """A share of people fake what one source holds of them.

    Attributes
    ----------
    share : of those who would fake and whom the source knows, in [0, 1]; whoever fakes at one share fakes at every greater one.
    who : "bad", those who default; "all", anybody; "gain", anybody, those first whose evidence falls most.
    how : "features", they buy what the budget allows and the model reads them again; "readings", they say what a payer's record says, drawn at random.
    budget : what a person can spend, in the population's currency.
    trust : multiply what the source says of everybody by the detector's trust in the record.
    """

    source: str
    share: float = 0.0
    who: str = "bad"
    how: str = "features"
    budget: float = 500.0
    trust: bool = False
    seed: int = 7

    def __post_init__(self) -> None:
        bounded(self.share, f"share of those who fake {self.source!r}")
        _one_of("who", self.who, WHO)
        _one_of("how", self.how, HOW)
        affordable(self.source, self.budget)

    def strike(self, persons: Evidence, ground: Ground) -> Evidence:
        """The same persons after they faked.

        Raises
        ------
        Refusal
            If readings are to be those of payers and the source knows none, or features are to be bought and none can be.
        """
        chosen = self.chosen(persons, ground)
        if not chosen.any() and not self.trust:
            return persons
        said = self._swapped(persons, chosen) if self.how == "readings" else self._bought(persons, ground, chosen)
        return persons.put(self.source, said * self._trust(persons, ground, chosen) if self.trust else said)

    def cost(self, persons: Evidence, ground: Ground) -> float:
        """What all who fake spend, in the population's currency; 0 where readings are swapped."""
        chosen = self.chosen(persons, ground)
        if self.how == "readings" or not chosen.any():
            return 0.0
        return float(self._faked(ground).spent[rows(persons)[chosen]].sum(dtype=float))

    def chosen(self, persons: Evidence, ground: Ground) -> np.ndarray:
        """Who fakes, bool, shape (persons,)."""
        among = ~np.isnan(persons.column(self.source))
        if self.who == "bad":
            among &= outcome(persons) == 1
        when = luck(persons, "fakery", self.source, self.seed)
        if self.who == "gain" and self.how == "features" and self.share > 0:
            falls = self._faked(ground).added[rows(persons)] - persons.column(self.source)
            when = _turns(falls, when)
        return first(when, among, self.share)

    def _faked(self, ground: Ground) -> Faked:
        return ground.faked(self.source, self.budget, self.who == "bad")

    def _bought(self, persons: Evidence, ground: Ground, chosen: np.ndarray) -> np.ndarray:
        """What the source says once the chosen have bought."""
        said = persons.column(self.source).copy()
        if chosen.any():
            if not self._faked(ground).sold:
                raise Refusal(f"no feature of source {self.source!r} can be faked; {REMEDY}")
            said[chosen] = self._faked(ground).added[rows(persons)[chosen]]
        return said

    def _swapped(self, persons: Evidence, chosen: np.ndarray) -> np.ndarray:
        """What the source says once the chosen have the reading of a payer, whose turn in the draw does not depend on the share."""
        said = persons.column(self.source)
        payers = np.flatnonzero(~np.isnan(said) & (outcome(persons) == 0))
        if not len(payers) and chosen.any():
            raise Refusal(f"source {self.source!r} knows nobody who paid, so there is no reading to copy; choose a wider cohort")
        payers = payers[np.argsort(rows(persons)[payers])]  # in the order of the file, however they are lined up
        drawn = (luck(persons, "payer", self.source, self.seed)[chosen] * len(payers)).astype(np.intp)
        swapped = said.copy()
        swapped[chosen] = said[payers[drawn]]
        return swapped

    def _trust(self, persons: Evidence, ground: Ground, chosen: np.ndarray) -> np.ndarray:
        """The detector's trust in each person's record as it now is; who could buy nothing that pays has left it as it was."""
        at, faked = rows(persons), self._faked(ground)
        signed = chosen & (faked.spent[at] > 0) if self.how == "features" else chosen
        return np.where(signed, faked.caught[at], faked.honest[at]).astype(np.float32)


def law(auc: float, share: float) -> float:
    """AUC of a source once a share of its defaulters have the readings of payers: it loses that share of what it has above one half.

    The AUC is the chance that a defaulter drawn at random reads riskier than a payer drawn at random, a tie counting one half. Of the defaulters, 1 - f
    read as before and win with that chance; f read as some payer does, and of two draws from one and the same distribution either is the greater as
    often as the other: one half. So AUC' = (1 - f) AUC + f / 2 = AUC - f (AUC - 1/2), whatever the distributions, exactly so on average over the draws.

    Examples
    --------
    >>> law(0.7, 0.0), law(0.7, 1.0), round(law(0.7, 0.17), 3)
    (0.7, 0.5, 0.666)
    """
    return auc - share * (auc - 0.5)


def _turns(falls: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Whose turn comes when, if those who fall most come first and those alike by luck."""
    turns = np.empty(len(falls))
    turns[np.lexsort((when, falls))] = np.arange(len(falls))
    return turns


def _one_of(name: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise Refusal(f"{name!r} of a fakery is {word[:20]!r}; it may be: {', '.join(words)}")
