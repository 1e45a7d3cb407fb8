"""What is being looked at? Data, cohort, weighting and the persons read, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from analytics.charts.look import colour, ground
from analytics.data.catalog.model import Catalog
from analytics.data.cohort import Cohort
from analytics.deciding.scorecard import STANDARD, Scorecard
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.stress.kind import Stress
from analytics.study.question import Question
from analytics.study.study import Study
from analytics.weighing.groups import persons_known
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import Weighting, equal, preset, weigh_as
from pages.shared import markup
from pages.shared.state import state

SPLITS = {"test": "test persons", "out_of_time": "latest months"}


CUTOFF = STANDARD.accepts_from  # points, until the reader says otherwise
EQUAL, OWN = "Equal weights", "Own weights"


@dataclass(frozen=True, slots=True)
class View:
    """What is being looked at: data, cohort, weighting and the persons read. Pages get it whole."""

    study: Study
    cohort: Cohort
    weighting: Weighting
    split: str
    stress: tuple[Stress, ...] = ()  # what goes wrong, on the pages that ask
    cutoff: float = CUTOFF  # points from which people are accepted

    @property
    def catalog(self) -> Catalog:
        """The catalog of the data."""
        return self.study.catalog()

    @property
    def fitted(self) -> Fitted:
        """The population and what its sources say."""
        return self.study.fitted()

    @property
    def persons(self) -> Evidence:
        """The evidence of the persons read."""
        return self.study.persons(self.cohort, (self.split,))

    @property
    def reference(self) -> Weighting:
        """Equal weights under the same floor and policy."""
        return equal(self.catalog, self.weighting.floor, self.weighting.missing)

    @property
    def question(self) -> Question:
        """What the figures of a page are asked for: A beside equal weights."""
        return Question(self.cohort, self.split, self.weighting, self.reference, self.cutoff)

    @property
    def hits(self) -> list[float]:
        """The share of the persons read that each source knows, in catalog order."""
        return [float(n) for n in persons_known(self.persons) / max(len(self.persons), 1)]

    @property
    def calibration(self) -> Calibration:
        """Evidence to log-odds under this weighting."""
        return self.study.calibration(self.weighting)

    @property
    def scale(self) -> Scorecard:
        """On which scale the points stand."""
        return self.study.scale()

    @property
    def parts(self) -> list[markup.Part]:
        """The weighting as shares in the sources' colours."""
        return [
            markup.Part(s.label, self.weighting.shares[s.key], colour(i), ground(i))
            for i, s in enumerate(self.catalog)
        ]

    @property
    def colours(self) -> dict[str, str]:
        """The colour of each source."""
        return {key: colour(i) for i, key in enumerate(self.catalog.keys)}

    @property
    def labels(self) -> dict[str, str]:
        """The label of each source."""
        return {s.key: s.label for s in self.catalog}

    @property
    def name(self) -> str:
        """What the weighting is called: a bureau's weights, equal weights, or the reader's own."""
        return named(self.catalog, self.weighting)


@lru_cache(maxsize=8)  # asked for several times in every step of a slider
def presets(catalog: Catalog) -> Mapping[str, Weighting]:
    """Ready weightings by name."""
    return MappingProxyType(
        {b.weighting: preset(catalog, b) for b in catalog.bureaus}
        | {EQUAL: weigh_as(catalog, dict.fromkeys(catalog.keys, 10.0))}
    )


def named(catalog: Catalog, weighting: Weighting) -> str:
    """The name of a weighting, by its shares.

    Where several bureaus weigh alike, the one chosen last.
    """
    names = [name for name, ready in presets(catalog).items() if _alike(ready, weighting)]
    chosen = state.get("chosen")
    return chosen if chosen in names else next(iter(names), OWN)


def _alike(a: Weighting, b: Weighting) -> bool:
    return all(abs(x - y) < 1e-9 for x, y in zip(a.shares.values(), b.shares.values(), strict=True))
