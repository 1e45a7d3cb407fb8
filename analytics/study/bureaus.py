"""Who sees what, and what would joining do?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.catalog.model import Bureau
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.split import UNTAUGHT
from analytics.deciding.scorecard import scaled
from analytics.sources.evidence import Evidence
from analytics.study.memo import remember
from analytics.weighing import bureaus as bureau
from analytics.weighing import sweep
from analytics.weighing.readings import Calibration, calibrate, enough
from analytics.weighing.tally import tally, weigh
from analytics.weighing.weighting import Weighting, equal, preset

if TYPE_CHECKING:
    from analytics.study.study import Study


@remember()
def seen(study: Study, bureaus: tuple[str, ...], match: float = 1.0) -> Evidence:
    """What a bureau, or an alliance of several, sees of the persons who taught no model."""
    read = study.persons(EVERYONE, UNTAUGHT)
    return bureau.seen(read, [study.sights()[key] for key in bureaus], match=match)


def look(
    study: Study,
    cohort: Cohort,
    bureaus: tuple[str, ...],
    floor: float,
    missing: str,
    match: float = 1.0,
) -> bureau.View:
    """How a bureau, or an alliance, sees and weighs a cohort."""
    found = study.seen(bureaus, match)
    weights = bureau.joint(
        [preset(study.catalog(), study.catalog().bureau(key), floor, missing) for key in bureaus]
    )
    label = " with ".join(study.catalog().bureau(key).label for key in bureaus)
    return bureau.View(
        "+".join(bureaus),
        label,
        found.rows(study.rows(cohort)) if cohort.conditions else found,
        weights,
    )


@remember("Reading what every bureau sees")
def bureau_readings(
    study: Study, cohort: Cohort, split: str, floor: float, missing: str
) -> pl.DataFrame:
    """Every bureau, and all silos opened, most people scored first."""
    everyone = study.persons(cohort, UNTAUGHT)
    enough(tally(everyone.split(split), equal(study.catalog(), floor, missing)))
    opened = bureau.View(OPENED, "Full opening: all silos", everyone, study.learned(floor, missing))
    views = [
        opened,
        *(study.look(cohort, (b.key,), floor, missing) for b in study.catalog().bureaus),
    ]
    return bureau.table(views, (split,)).sort("coverage", descending=True)


OPENED = "opened"


@remember()
def silos(study: Study, cohort: Cohort, split: str, weighting: Weighting) -> dict[str, float]:
    """What a weighting reads with all silos open: `coverage` and `auc` of everyone."""
    everyone = study.persons(cohort, UNTAUGHT)
    return (
        bureau.table([bureau.View("", "", everyone, weighting)], (split,))
        .select("coverage", auc="auc_everyone")
        .row(0, named=True)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Alliance:
    """Partners and their union: whom they know, what each can do, and what each gains.

    Under which floor together and alone, and what match.
    """

    parts: pl.DataFrame
    marks: pl.DataFrame
    gains: pl.DataFrame
    floor: float
    whole: float
    match: float


@remember()
def alliance(
    study: Study,
    cohort: Cohort,
    split: str,
    floor: float,
    missing: str,
    partners: tuple[str, ...],
    match: float,
) -> Alliance:
    """What partners could do together."""
    alone = [study.look(cohort, (key,), floor, missing) for key in partners]
    together = study.look(cohort, partners, floor, missing, match)
    read = bureau.table([together, *alone], (split,))
    kinds = pl.Series("kind", ["union", *("partner" for _ in alone)])
    names = pl.Series("name", ["together", *(v.label for v in alone)])
    parts = bureau.parts([replace(v, evidence=v.evidence.split(split)) for v in alone])
    marks = sweep.plane(read).select(kinds, names, pl.all())
    gains = bureau.gains(
        [_steps(study, cohort, view, partners, together.weighting, match) for view in alone],
        (split,),
    )
    return Alliance(parts, marks, gains, together.weighting.floor, floor, match)


def _steps(
    study: Study,
    cohort: Cohort,
    alone: bureau.View,
    partners: tuple[str, ...],
    weighting: Weighting,
    match: float,
) -> tuple[bureau.View, bureau.View, bureau.View]:
    """A partner alone, its own records under the alliance's weights and floor, and those with what
    the others' records add.
    """
    found = study.seen((alone.key, *(key for key in partners if key != alone.key)), match)
    joined = found.rows(study.rows(cohort)) if cohort.conditions else found
    return (
        alone,
        replace(alone, weighting=weighting),
        replace(alone, evidence=joined, weighting=weighting),
    )


@remember()
def sights(study: Study) -> dict[str, bureau.Sight]:
    """Whom every bureau may see."""
    return {b.key: study.sight(b.key) for b in study.catalog().bureaus}


@remember()
def sight(study: Study, key: str) -> bureau.Sight:
    """Whom a bureau may see."""
    return bureau.sight(study.fitted().population, study.catalog().bureau(key))


@remember("Reading what every bureau sees")
def bureau_calibrations(study: Study, floor: float, missing: str) -> dict[str, Calibration]:
    """Evidence to log-odds under every bureau, on what it sees of the calibration persons."""
    searched = study.persons(EVERYONE, ("calibrate",))
    return {
        b.key: calibrate(
            tally(
                bureau.seen(searched, [study.sights()[b.key]]),
                preset(study.catalog(), b, floor, missing),
            )
        )
        for b in study.catalog().bureaus
    }


@remember()
def person_by_bureau(study: Study, id: str, floor: float, missing: str) -> pl.DataFrame:
    """One person under every bureau.

    `label`, `scored`, `probability` of default, `points` on the bureau's scale from `low` to
    `high`.
    """
    schema = {
        "label": pl.String,
        "scored": pl.Boolean,
        **dict.fromkeys(("probability", "points", "low", "high"), pl.Float64),
    }
    return pl.DataFrame(
        [_scored(study, id, b, floor, missing) for b in study.catalog().bureaus], schema=schema
    ).sort("probability", nulls_last=True)


def _scored(
    study: Study, id: str, told: Bureau, floor: float, missing: str
) -> dict[str, float | str | bool | None]:
    mine = bureau.seen(study.record(id).evidence, [study.sights()[told.key]])
    log_odds = float(
        study.bureau_calibrations(floor, missing)[told.key].log_odds(
            weigh(mine, preset(study.catalog(), told, floor, missing))
        )[0]
    )
    scored = bool(np.isfinite(log_odds))
    points = (
        float(scaled(told.low, told.high, study.scale()).points(np.array([log_odds]))[0])
        if scored
        else None
    )
    shown: dict[str, float | str | bool | None] = {
        "label": told.label,
        "scored": scored,
        "probability": float(1 / (1 + np.exp(-log_odds))) if scored else None,
    }
    return {**shown, "points": points, "low": told.low, "high": told.high}
