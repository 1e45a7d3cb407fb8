"""One point of a stress curve over a million people.

All figures before and after, against what NumPy and scikit-learn take to read two worlds.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from analytics.data.catalog.toml import read
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import load
from analytics.stress.context import StressContext
from analytics.stress.effect import point
from analytics.stress.kind import Stress
from analytics.stress.stress import parse, stress_context, text
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal
from tests.benchmarks.population import generated
from tests.benchmarks.weigh import fastest, peer

STRESSES = (
    "fakery ecommerce share=0.17; fakery ecommerce share=0.17 how=readings; consent device"
    " share=0.3 odds=4; outage bank; match bank share=0.1"
)


def run(persons: int) -> Iterator[str]:
    """What it takes to know what all could fake, then a point of each curve."""
    with TemporaryDirectory() as home:
        catalog = read(generated(persons))
        fitted = load(catalog, folder=Path(home))
        behind, started = (
            stress_context(fitted, fitted.evidence, shelf=Path(home) / "tables"),
            time.perf_counter(),
        )
        behind.faked("ecommerce", 500.0, True)
        yield (
            f"what each bad payer among {persons:,} persons could fake for 500 CNY:"
            f" {time.perf_counter() - started:.1f} s, once for all points"
        )
        for stress in parse(catalog, STRESSES):
            yield _point(fitted.evidence, stress, behind)


def _point(people: Evidence, stress: Stress, behind: StressContext) -> str:
    weighting = equal(people.catalog)
    calibration = calibrate(tally(people.split("calibrate"), weighting))
    added, known, defaulted = (
        np.nan_to_num(people.added).astype(float),
        people.known.astype(float),
        people.people["defaulted"].to_numpy(),
    )

    def ours() -> None:
        point(
            people,
            stress.apply(people, behind),
            weighting,
            calibration,
            600,
            stress.source,
            stress.cost(people, behind),
        )

    def theirs() -> None:
        for _ in ("before", "after"):
            peer(added, known, defaulted, weighting)

    mine, other = fastest(ours, theirs, times=3)
    return (
        f"  {text([stress])}: {mine:.2f} s a point, NumPy and scikit-learn {other:.2f} s for its"
        f" AUCs alone, {mine / other:.2f} times its time"
    )
