"""Which figures does a weighting have? One row for each metric; every table, tile, hover, search
and JSON key comes from it.

A new metric is a row here and its reading: `readings.READINGS` for what is read of a tally, or
`strategy.DECIDED` for what is read of decisions at a cutoff.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that a weighting has among some people.

    Attributes
    ----------
    key : its name in JSON, in columns and in addresses.
    label : its name on tiles and axes; `head` where a table writes it otherwise.
    population : whose figure it is: everyone, scored, common (to two weightings), accepted.
    form : how a figure is written in text and tables, as a format; a share is one in percent.
    axis : how an axis writes it, where that is not as in text.
    rises : whether more is better.
    shown : where it stands: on a `tile`, in the table of a `pair` of weightings, of a `stress`,
        and whether a `search` for weights may go by it.
    """

    key: str
    label: str
    population: str
    meaning: str
    form: str = ".3f"
    axis: str = ""
    head: str = ""
    rises: bool = True
    shown: Sequence[str] = ()

    @property
    def of_common(self) -> bool:
        """Is it of the people whom both weightings score?"""
        return self.population == "common"

    @property
    def share(self) -> bool:
        """Is it a share, written in percent?"""
        return self.form.endswith("%")


METRICS = {
    metric.key: metric
    for metric in (
        Metric(
            "coverage",
            "Coverage",
            "everyone",
            "Share of people with a score: the sources that know them hold enough of the weight"
            " (their reach meets the floor).",
            form=".1%",
            head="coverage",
            shown=("tile", "pair", "stress"),
        ),
        Metric(
            "auc_everyone",
            "AUC of everyone",
            "everyone",
            "How often a defaulter stands at higher risk than a payer. People without a score count"
            " at the base rate, as one tie.",
            shown=("tile", "pair", "stress", "search"),
        ),
        Metric(
            "auc_common",
            "AUC of the common",
            "common",
            "The same, only among people whom both weightings score: what the weights do where"
            " coverage plays no part.",
            shown=("pair", "stress", "search"),
        ),
        Metric(
            "auc_scored",
            "AUC of the scored",
            "scored",
            "The same, only among the scored. Leaving hard people out flatters it: read it beside"
            " the coverage.",
            shown=("pair", "stress", "search"),
        ),
        Metric(
            "ks",
            "KS of the scored",
            "scored",
            "Distance between the score distributions of payers and defaulters, among the scored, "
            "where it is largest among other persons (Kolmogorov-Smirnov).",
            form=".1%",
            shown=("tile", "pair", "stress", "search"),
        ),
        Metric(
            "brier",
            "Brier of the scored",
            "scored",
            "Mean squared distance between the probability of default and what happened, among the"
            " scored. Lower is better.",
            axis=".4f",
            rises=False,
            shown=("pair", "search"),
        ),
        Metric(
            "accepted",
            "Accepted of the scored",
            "scored",
            "Share of the scored at or above the cutoff.",
            form=".1%",
            head="accepted of the scored",
            shown=("tile", "stress"),
        ),
        Metric(
            "bad_rate",
            "Bad rate of the accepted",
            "accepted",
            "Share of the accepted who defaulted.",
            form=".1%",
            head="bad rate of the accepted",
            rises=False,
            shown=("tile", "stress"),
        ),
        Metric(
            "profit",
            "profit per person",
            "everyone",
            "What accepted payers bring less what accepted defaulters and the queries cost, for "
            "each person, at the cutoff that earns most from the calibration persons.",
            form=",.0f",
            shown=("search",),
        ),
    )
}


def shown(where: str) -> tuple[str, ...]:
    """The metrics that stand in a place, in the order of this file."""
    return tuple(key for key, metric in METRICS.items() if where in metric.shown)


def rises(key: str) -> bool:
    """Is more of a figure better?"""
    return METRICS[key].rises


def meaning(key: str) -> str:
    """What a figure says, as a hover."""
    return METRICS[key].meaning


def head(key: str) -> str:
    """A figure's name over a column."""
    return METRICS[key].head or METRICS[key].label
