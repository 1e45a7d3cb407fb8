"""How is a weighting kept and handed on? As a named scenario, a small TOML file."""

import tomllib
from dataclasses import dataclass

from analytics.data.bounds import TEXT, bounded
from analytics.data.catalog.entry import Entry
from analytics.data.catalog.model import Catalog
from analytics.data.cohort import Cohort
from analytics.data.refusal import Refusal

from .weighting import Weighting, weigh_as


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name, a weighting, the cohort it was made for, and the stress it is to stand, as text.

    Empty for none.
    """

    name: str
    weighting: Weighting
    cohort: Cohort
    stress: str = ""

    def toml(self) -> str:
        """The scenario as TOML; `open_scenario` reads it back."""
        weights = ", ".join(
            f"{key} = {weight:.6g}" for key, weight in self.weighting.weights if weight
        )
        told = {
            "name": self.name,
            "missing": self.weighting.missing,
            "cohort": self.cohort.text,
            "cohort_name": self.cohort.name,
        }
        told |= {"stress": self.stress} if self.stress else {}
        lines = [f"{key} = {_quoted(text)}" for key, text in told.items()]
        return "\n".join(
            [*lines, f"floor = {self.weighting.floor:g}", f"weights = {{ {weights} }}", ""]
        )


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def open_scenario(catalog: Catalog, text: str) -> Scenario:
    """Read a scenario and check it against a catalog.

    Raises
    ------
    Refusal
        If the text is not a scenario, or not one of this catalog's sources.
    """
    bounded(text, "the scenario", 4 * TEXT)
    try:
        toml = tomllib.loads(text)
    except (ValueError, RecursionError):  # also numbers of thousands of digits
        raise Refusal(
            "the scenario is not valid TOML; save one from the Weights page and compare"
        ) from None
    entry = Entry(
        "the scenario",
        toml,
        ("name", "weights", "floor", "missing", "cohort", "cohort_name", "stress"),
    )
    weights = {
        str(k): Entry(f"weight of {k!r}", {"weight": w}, ("weight",)).number("weight", 0.0)
        for k, w in entry.table("weights").items()
    }
    weighting = weigh_as(
        catalog, weights, entry.number("floor", 0.4), entry.text("missing", "neutral")
    )
    cohort = Cohort.parse(entry.text("cohort", ""), entry.text("cohort_name", ""))
    return Scenario(entry.text("name", "scenario"), weighting, cohort, entry.text("stress", ""))
