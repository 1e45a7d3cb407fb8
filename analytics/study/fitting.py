"""How do the fitted models of a study come to be there? In a job that many wait for."""

from __future__ import annotations

import gc
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.data.catalog import toml as catalogs
from analytics.data.catalog.model import Catalog
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF
from analytics.sources import home as homes
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Cancelled, Settings
from analytics.study import jobs
from analytics.study.jobs import Job
from analytics.study.memo import MEMO, remember

if TYPE_CHECKING:
    from analytics.study.study import Stamp, Study


class NotFitted(Refusal):
    """Models with unusual settings that nobody asked to be fitted."""


_READY: OrderedDict[Study, Fitted] = OrderedDict()  # the evidence of the studies last looked at
MOST = 4  # of them


def catalog(study: Study) -> Catalog:
    """The catalog of the data."""
    return _catalog(study.path, study.stamp[:1])


@remember()
def _catalog(path: Path, stamp: Stamp) -> Catalog:  # noqa: ARG001 - the key
    return catalogs.read(path)


def _of_all(study: Study) -> Study:
    """The study without what its models do not depend on."""
    return replace(study, exact=False, bureau="") if study.exact or study.bureau else study


def ready(study: Study) -> bool:
    """Is the evidence there?"""
    return _of_all(study) in _READY


def begin(study: Study, *, asked: bool = False) -> Job:
    """Start making the evidence, or find it under way.

    Models with unusual settings are opened where they are kept, and fitted only where a reader
    asked for it.
    """
    study = _of_all(study)
    may_fit = asked or study.settings == Settings()
    return jobs.FITS.begin((study, may_fit), partial(_make, study, may_fit))


def under_way(study: Study) -> Job | None:
    """The job that fits these models, if there is one."""
    return jobs.FITS.find((_of_all(study), True))


def _make(study: Study, may_fit: bool, job: Job) -> Fitted:  # noqa: FBT001 - by `begin` alone
    # models fitted otherwise have a place of their own, and the usual ones stay
    folder = study.home / study.settings.text

    def progress(key: str, *_: object) -> None:
        job.steps.append(key)

    def rounds(*_: object) -> bool:
        return may_fit and jobs.FITS.go_on(job)

    try:
        made = load(
            study.catalog(),
            folder=folder,
            shelf=study.home / SHELF,
            settings=study.settings,
            progress=progress,
            rounds=rounds,
        )
    except Cancelled:
        if may_fit:
            raise
        raise NotFitted(
            f"models with {study.settings.text} are not fitted, and a link alone fits none; open"
            " the link's page and say that they shall be"
        ) from None
    _READY[study] = made
    while len(_READY) > MOST:
        _READY.popitem(last=False)
    gc.freeze()  # what is loaded stays: keep it out of every later collection
    return made


def may_be_kept(study: Study) -> bool:
    """Do models of this catalog with these settings lie in the work folder, whether of the data as
    they are now or not?
    """
    return bool(homes.home(study.home / study.settings.text, study.catalog()).manifest())


def usual_seconds(study: Study) -> float | None:
    """Seconds that the kept models with the usual settings took, all sources added up.

    None where there are none.
    """
    kept = homes.home(study.home, study.catalog())
    with suppress(Refusal):
        return float(homes.report(kept)["seconds"].sum()) if kept.manifest() else None
    return None


def fitted(study: Study) -> Fitted:
    """The evidence, once it is there."""
    study = _of_all(study)
    if study in _READY:
        with suppress(KeyError):  # another may push it out meanwhile
            _READY.move_to_end(study)
            return _READY[study]
    found: Fitted = (study.under_way() or study.begin()).future.result()
    return found


def release(study: Study) -> None:
    """Forget the evidence and every answer of a study, as where memory is scarce."""
    _READY.pop(_of_all(study), None)
    MEMO.forget(study)
