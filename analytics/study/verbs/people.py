"""Why has somebody this score, and what is everybody's?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analytics.data.catalog.toml import read as read_catalog
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import applicants
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF
from analytics.deciding.scorecard import Scorecard
from analytics.explaining import explanation, records
from analytics.explaining import scores as scoring
from analytics.explaining.cohorts import importance
from analytics.explaining.explanation import Standing, Statement
from analytics.explaining.interchange import tabulate
from analytics.explaining.reasons import Reason, sentences
from analytics.weighing.weighting import Weighting

from .answer import Answer, beside, keep, of_scale, of_weighting

if TYPE_CHECKING:
    from analytics.study.study import Study


def explain_person(
    study: Study, id: str, weighting: Weighting | None = None, *, out: Path | None = None
) -> Answer:
    """Why one person has their score; `out` keeps what reads back into a `shap.Explanation`."""
    weighting, scale = weighting or study.weighting(), study.scale()
    statement = study.statement(id, weighting)
    if out is not None:
        keep(tabulate(study.weighed_person(id, weighting)), out)
    standing, parts = study.standing(id, weighting), study.explained_person(id).parts
    return {
        "person": statement.person,
        "defaulted": study.record(id).evidence.people["defaulted"][0],
        **of_weighting(weighting),
        "exact_by": {p.design.source.key: p.exact_by for p in parts if len(p.design.rows)},
        **_place(statement, standing, scale),
        **_reasons(statement, study.reasons(id, weighting)),
        "scale": of_scale(scale),
        **({"out": str(out)} if out is not None else {}),
    }


def _place(statement: Statement, standing: Standing, scale: Scorecard) -> Answer:
    """A person's points, and where they stand among all scored; neither without a score."""
    scored, points = statement.scored, statement.points(scale)
    return {
        "scored": scored,
        "reach": statement.reach,
        "percentile_of": standing.among,
        "points": points if scored else None,
        "band": scale.band(points) if scored else None,
        "percentile": 100 * standing.share if scored else None,
        "log_odds": statement.log_odds if scored else None,
        "base_log_odds": statement.base_log_odds if scored else None,
    }


def _reasons(statement: Statement, found: tuple[Reason, ...]) -> Answer:
    """The contributions of a person's features, the largest first, and the reasons."""
    english, chinese = sentences(statement, found)
    return {
        "contributions": [
            {
                "source": each.source.key,
                "feature": each.feature.name,
                "value": each.value,
                "contribution": each.log_odds,
            }
            for each in sorted(statement.contributions, key=lambda c: -abs(c.log_odds))
        ],
        "reasons": [
            {
                "source": each.source.key,
                "features": [feature.name for feature in each.features],
                "text": each.text,
                "text_zh": each.text_zh,
                "points": -each.points,
            }
            for each in found
        ],
        "reason": english,
        "reason_zh": chinese,
    }


def explain_cohort(
    study: Study,
    cohort: Cohort,
    weighting: Weighting | None = None,
    *,
    out: Path = Path("shap.parquet"),
    shap: bool = False,
) -> Answer:
    """The contributions of a cohort, kept as a file; `shap`: one for a `shap.Explanation`."""
    weighting, persons = weighting or study.weighting(), study.persons(cohort)
    calibration = study.calibration(weighting)
    if not len(persons):
        nobody = f"nobody is in the cohort {cohort.name!r}, so there is nothing to explain"
        raise Refusal(f"{nobody}; choose a wider one")
    explained = study.explained("", cohort=cohort)
    weighed = explanation.weigh(explained, persons, weighting, calibration)
    keep(tabulate(weighed) if shap else explanation.table(weighed, study.scale()), out)
    columns = ("key", "label", "mean", "share", "weight", "spoken")
    return {
        "cohort": cohort.name,
        **of_weighting(weighting),
        "persons": len(weighed.persons),
        "scored": weighed.scored,
        "out": str(out),
        "exact_by": {part.design.source.key: part.exact_by for part in explained.parts},
        "sources": importance(weighed, "source").select(columns).to_dicts(),
    }


def score_file(
    study: Study,
    out: Path,
    weighting: Weighting | None = None,
    cohort: Cohort = EVERYONE,
    *,
    people: Path | None = None,
    reasons: bool = True,
) -> Answer:
    """Points and reasons of everybody, kept as a file; `people` is the catalog of other people.

    What the study has kept is forgotten meanwhile: those who are scored may be many.
    """
    weighting, scale, catalog = weighting or study.weighting(), study.scale(), study.catalog()
    fitted, calibration = study.fitted(), study.calibration(weighting)
    models, own, base_rate = fitted.models(), fitted.population, fitted.evidence.base_rate
    bureau = catalog.bureau(study.bureau) if study.bureau else None
    del fitted
    study.release()
    usual = records.observe(own, models) if reasons else None
    scored = own
    if people is not None:
        scored = applicants(read_catalog(people, teaching=False), own, study.home / SHELF)
    by = scoring.scorer(
        catalog, models, base_rate, weighting, calibration, scale, ranges=usual, bureau=bureau
    )
    with beside(out) as folder:
        written = scoring.write(scoring.scores(scored, by, folder, cohort=cohort), out)
    return {
        "catalog": str(scored.catalog.path),
        "cohort": cohort.name,
        **of_weighting(weighting),
        "findings": [] if scored is own else [finding.text for finding in scored.findings],
        "scale": of_scale(scale),
        "persons": written.persons,
        "scored": written.scored,
        "mean_points": written.mean_points if written.scored else None,
        "unseen": dict(written.unseen),
        "out": str(out),
    }
