"""What does the overview say? Sentences, composed from figures."""

from collections.abc import Mapping
from math import isfinite

from analytics.deciding.comparison import Figure
from pages.shared.words import share

TRENDS = (
    ("coverage", "Coverage", ".0%", "by month", None),
    ("auc_everyone", "AUC of everyone", ".2f", "by month", None),
    ("psi", "PSI of the score", ".2f", "0.10 dashed, chance dotted", 0.1),
)


def overview(figures: dict[str, Figure], cutoff: float) -> str:
    """The answer of the Overview in words."""
    scored = f"We can score **{share(figures['coverage'].value)}** of people."
    if not isfinite(figures["ks"].value):
        return (
            f"{scored} Nobody of both outcomes is scored: give weight to sources that know more"
            " people, or lower the floor."
        )
    right = (
        f"A defaulter ranks riskier than a payer in **{share(figures['auc_everyone'].value)}** of"
        " pairs."
    )
    return f"{scored} {right} {at_cutoff(figures, cutoff)}"


def at_cutoff(figures: dict[str, Figure], cutoff: float) -> str:
    """What a cutoff does."""
    if not isfinite(figures["bad_rate"].value):
        return f"At **{cutoff:g}** points nobody is accepted."
    return (
        f"At **{cutoff:g}** points we accept **{share(figures['accepted'].value)}** of the scored;"
        f" **{share(figures['bad_rate'].value)}** of them default."
    )


def distribution_alt(figures: Mapping[str, Figure], cutoff: float) -> str:
    """The score distribution for those who cannot see it."""
    return (
        f"Score distribution of payers and defaulters; at {cutoff:g} points"
        f" {share(figures['accepted'].value)} of the scored are accepted"
    )
