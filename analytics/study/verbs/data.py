"""What do the data hold, and what did each source's model learn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.data.cohort import EVERYONE
from analytics.data.shelf import SHELF
from analytics.study.check import checked
from analytics.weighing.quality import too_good

from .answer import Answer, of_scale

if TYPE_CHECKING:
    from analytics.study.study import Study


def check(study: Study) -> Answer:
    """Persons, outcomes, what was found in the tables, and what each source holds; fits nothing."""
    return checked(study.catalog(), study.home / SHELF)


def fit(study: Study) -> Answer:
    """One model per source, with its AUC alone on the test persons."""
    fitted, quality = study.fitted(), study.alone(EVERYONE, "test").drop("persons")
    sources = fitted.report.join(quality, on="key", how="left", maintain_order="left")
    warning = too_good({row["key"]: row["auc"] for row in sources.iter_rows(named=True)})
    return {
        "catalog": str(study.catalog().path),
        **({"warning": warning} if warning else {}),
        "fitted": fitted.fresh,
        "base_rate": fitted.evidence.base_rate,
        "folds": fitted.folds,
        "note": fitted.note,
        "scale": of_scale(study.scale()),
        "sources": sources.fill_nan(None).to_dicts(),
    }
