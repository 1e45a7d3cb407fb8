"""What does a stress do to the readings, and which weights are robust?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from analytics.data.cohort import EVERYONE, Cohort
from analytics.stress.kind import Stress
from analytics.stress.robust import BEST, NOW, ROBUST
from analytics.stress.stress import at, text
from analytics.weighing.weighting import Weighting

from .answer import Answer, of_question, question

if TYPE_CHECKING:
    from analytics.study.study import Study


def stress_readings(
    study: Study,
    stress: tuple[Stress, ...],
    weighting: Weighting | None = None,
    cohort: Cohort = EVERYONE,
    split: str = "test",
    *,
    cutoff: float | None = None,
    steps: int = 0,
    robust: bool = False,
) -> Answer:
    """The readings of one weighting before stress and after it.

    Parameters
    ----------
    stress : what goes wrong, one upon the other, as `study.stresses("fakery bank share=0.2")` reads
        it.
    cutoff : points from which a person is accepted; the first cutoff of the scale otherwise.
    steps : as many steps are read along the share of the last stress, from none to all.
    robust : search for the weights that hold under it, too.
    """
    weighting, source = weighting or study.weighting(), stress[-1].source
    cutoff = study.scale().accepts_from if cutoff is None else cutoff
    before = study.read(question(study, cohort, split, weighting)).json()
    after = study.stressed_readings(cohort, split, weighting, stress).json()
    worth = study.worths(cohort, split, weighting, stress, source)

    def point(share: float) -> Answer:
        world = (*stress[:-1], at(stress[-1], share))
        return {
            "share": share,
            **study.stress_effect(cohort, split, weighting, world, cutoff).point,
        }

    shares = np.linspace(0, 1, steps + 1).tolist() if steps else []
    return {
        **of_question(cohort, split, weighting),
        "stress": text(stress),
        "cutoff": cutoff,
        "before": before,
        "after": after,
        **point(stress[-1].share),
        "worth_before": asdict(worth[0]),
        "worth_after": asdict(worth[1]),
        **({"curve": [point(share) for share in shares]} if steps else {}),
        **(_robust(study, stress, weighting, cohort, split) if robust else {}),
    }


def _robust(
    study: Study, stress: tuple[Stress, ...], weighting: Weighting, cohort: Cohort, split: str
) -> Answer:
    """The best weights without stress and those that hold under it, read on other persons."""
    floor, missing = weighting.floor, weighting.missing
    firm = study.robust_best(floor, missing, stress)
    named = ((NOW, weighting), (BEST, study.unstressed_best(floor, missing)), (ROBUST, firm))
    rows = study.robustness(cohort, split, named, stress).to_dicts()
    return {"hold": rows, "weights_that_hold": firm.shares}
