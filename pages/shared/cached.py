"""What need not be computed twice? The only file that caches; every key is a frozen value, every result is never changed."""

# ruff: noqa: TID251 - others may not cache, this file does

import gc
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path, PosixPath, WindowsPath
from typing import Any

import numpy as np
import polars as pl
import streamlit as st

from analytics import commands
from analytics.data import disclosure
from analytics.data import personal as personals
from analytics.data import steps as column_steps
from analytics.data.catalog import toml as catalog_toml
from analytics.data.catalog.model import Bureau, Catalog, People, Table
from analytics.data.cohort import EVERYONE, Cohort, Condition
from analytics.data.disclosure import TooFew
from analytics.data.drafting import draft as drafts
from analytics.data.drafting import own_data
from analytics.data.drafting.draft import Draft
from analytics.data.drafting.own_data import Tables
from analytics.data.population import Schema, people
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF, root
from analytics.data.split import teachers
from analytics.data.steps import Steps
from analytics.deciding import champion, comparison, stability, strategy
from analytics.deciding.champion import Entrant
from analytics.deciding.comparison import Figure, Meeting, compare, meet, swap_set
from analytics.deciding.scale import scale_of
from analytics.deciding.scorecard import Scorecard, scaled
from analytics.explaining import cohorts as why
from analytics.explaining import explanation as explaining
from analytics.explaining import records
from analytics.explaining.explanation import Explanation, Standing, Statement, Weighed
from analytics.explaining.what_if import Case, Raise, raise_to
from analytics.sources import features as columns
from analytics.sources import home as homes
from analytics.sources.challengers import CHALLENGERS, challenge
from analytics.sources.design import Design, draw
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Cancelled, Settings, SourceModel
from analytics.stress import consent as consents
from analytics.stress import detector as detectors
from analytics.stress import drift as drifts
from analytics.stress import effect
from analytics.stress import hold as holds
from analytics.stress import outage as outages
from analytics.stress import stress as stresses
from analytics.stress.ground import Ground, Stress
from analytics.stress.ground import struck as under
from analytics.weighing import bureaus as bureau
from analytics.weighing import frontier as search
from analytics.weighing import learned as learning
from analytics.weighing import quality, sweep
from analytics.weighing import value as valuing
from analytics.weighing.pair import Difference
from analytics.weighing.readings import Calibration, Readings, calibrate, enough, readings, scorable
from analytics.weighing.reliability import reliability
from analytics.weighing.splits import by_split, overfit
from analytics.weighing.tally import Tally, tally, weigh
from analytics.weighing.weighting import Weighting, equal, preset
from analytics.weighing.weighting import alone as by_itself
from pages.shared import jobs
from pages.shared.jobs import Job

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Data:
    """A catalog file with the size and time of every file it names, and how models are fitted: changes whenever one of them does."""

    path: Path
    stamp: Stamp = ()
    settings: Settings = Settings()


class NotFitted(Refusal):
    """Models with unusual settings that nobody asked to be fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Toll:
    """What a stress does: the figures after and before, and the point of its curve."""

    figures: dict[str, Figure]
    point: dict[str, float | int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of a curve as far as they are read."""

    points: list[dict[str, float | int | None]]
    future: "Future[Any]"


KEYS: dict[str | type[Any], Callable[[Any], Any]] = dict.fromkeys((Data, Cohort, Weighting, Calibration, Catalog, Table, People, PosixPath, WindowsPath), repr)
KEYS |= dict.fromkeys(stresses.KINDS.values(), repr)
KEYS[Tables] = lambda mine: repr((mine.folder, [(name, table.sha256, table.how) for name, table in mine.taken.items()]))


def data(path: Path, settings: Settings = Settings()) -> Data:
    """The data of a catalog as they are now, and how models are fitted.

    Raises
    ------
    ValueError
        If the catalog is refused.
    """
    catalog = _catalog(Data(path, (_seen(path),)))
    return Data(path, (_seen(path), *(_seen(catalog.folder / t) for t in catalog.names)), settings)


def _seen(path: Path) -> tuple[str, int, int]:
    """Size and time of a file; zeros where there is none, or no file can have such a name."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return path.name, 0, 0
    return path.name, found.st_size, found.st_mtime_ns


def catalog(of: Data) -> Catalog:
    """The catalog of the data."""
    return _catalog(Data(of.path, of.stamp[:1]))


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def _catalog(of: Data) -> Catalog:
    return catalog_toml.read(of.path)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def _place(of: Data) -> list[Fitted]:  # noqa: ARG001 - the key
    """Where the evidence lies once it is there."""
    return []


def ready(of: Data) -> bool:
    """Is the evidence there?"""
    return bool(_place(of))


def begin(of: Data, *, asked: bool = False) -> Job:
    """Start making the evidence, or find it under way.

    Models with unusual settings are opened where they are kept, and fitted only where a reader asked for it.
    """
    may_fit = asked or of.settings == Settings()
    return jobs.FITS.begin((of, may_fit), partial(_make, of, may_fit))


def under_way(of: Data) -> Job | None:
    """The job that fits these models, if there is one."""
    return jobs.FITS.find((of, True))


def _make(of: Data, may_fit: bool, job: Job) -> Fitted:  # noqa: FBT001 - by `begin` alone
    folder = root() / of.settings.text  # models fitted otherwise have a place of their own, and the usual ones stay
    progress, rounds = lambda key, *_: job.steps.append(key), lambda *_: may_fit and jobs.FITS.go_on(job)
    try:
        made = load(catalog(of), folder=folder, shelf=root() / SHELF, settings=of.settings, progress=progress, rounds=rounds)
    except Cancelled:
        if may_fit:
            raise
        raise NotFitted(f"models with {of.settings.text} are not fitted, and a link alone fits none; open the link's page and say that they shall be") from None
    _place(of)[:] = [made]
    gc.freeze()  # what is loaded stays: keep it out of every later collection
    return made


def may_be_kept(of: Data) -> bool:
    """Do models of this catalog with these settings lie in the work folder, whether of the data as they are now or not?"""
    return bool(homes.home(root() / of.settings.text, catalog(of)).manifest())


def usual_seconds(of: Data) -> float | None:
    """Seconds that the kept models with the usual settings took, all sources added up; None where there are none."""
    kept = homes.home(root(), catalog(of))
    with suppress(Refusal):
        return float(homes.report(kept)["seconds"].sum()) if kept.manifest() else None
    return None


def fitted(of: Data) -> Fitted:
    """The evidence, once it is there."""
    place = _place(of)
    found: Fitted = place[0] if place else (under_way(of) or begin(of)).future.result()
    return found


def schema(of: Data) -> Schema:
    """Every column a cohort may ask for."""
    return fitted(of).population.schema


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def persons(of: Data, cohort: Cohort, splits: tuple[str, ...] = ()) -> Evidence:
    """The evidence of a cohort's persons in these splits; in all where none is named."""
    if splits:
        found = persons(of, cohort).split(*splits)
        if cohort.conditions:
            read = among(of, fitted(of).evidence.split(*splits))
            disclosure.enough_of(outcomes(of)[read], among(of, found)[read])
            column_steps.distinct(at_steps(of, cohort), partial(steps, of), read)
        return found
    everyone = fitted(of).evidence
    return everyone.rows(rows(of, cohort)) if cohort.conditions else everyone


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def rows(of: Data, cohort: Cohort) -> np.ndarray:
    """The rows of a cohort's persons in the population's file, where neither they nor those left out are few.

    Raises
    ------
    Refusal
        For conditions that single people out, without a count.
    """
    cohort = at_steps(of, cohort)
    outcome, chosen = outcomes(of), members(of, cohort)
    disclosure.enough_of(outcome, chosen)
    column_steps.distinct(cohort, partial(steps, of), np.ones(len(outcome), np.bool_))
    if len(cohort.conditions) > 1:
        for i in range(len(cohort.conditions)):
            wider = replace(cohort, conditions=cohort.conditions[:i] + cohort.conditions[i + 1 :])
            disclosure.apart(outcome, chosen, members(of, wider))
    return np.flatnonzero(chosen)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def at_steps(of: Data, cohort: Cohort) -> Cohort:
    """The cohort with its conditions at the nearest steps, as the pages read it.

    Raises
    ------
    Refusal
        For conditions that single people out, or that do not fit their column.
    """
    disclosure.askable(catalog(of).people, cohort)
    cohort.expression(schema(of))
    return column_steps.snap(cohort, partial(steps, of))


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def steps(of: Data, column: str) -> Steps:
    """At which values the pages may cut a column."""
    found = fitted(of).population.collect(EVERYONE, ["row", column])
    everybody = pl.DataFrame({"row": range(len(outcomes(of)))}, schema={"row": found.schema["row"]})
    values = everybody.join(found, on="row", how="left", maintain_order="left")[column]
    return column_steps.steps(values, outcomes(of), among(of, fitted(of).evidence.split("test")))


def among(of: Data, chosen: Evidence) -> np.ndarray:
    """Whether each person of the population's file is among these."""
    inside = np.zeros(len(outcomes(of)), np.bool_)
    inside[chosen.people["row"].to_numpy()] = True
    return inside


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def members(of: Data, cohort: Cohort) -> np.ndarray:
    """Who in the population's file belongs to a cohort, however few: to be counted, never to be shown."""
    chosen = np.zeros(len(outcomes(of)), np.bool_)
    chosen[fitted(of).population.collect(cohort, ["row"])["row"].to_numpy()] = True
    return chosen


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def outcomes(of: Data) -> np.ndarray:
    """How everybody in the population's file turned out: 1 defaulted, 0 paid, NaN unknown."""
    told = fitted(of).evidence.people.select("row", pl.col("defaulted").cast(pl.Float64))
    found = np.full(int(told["row"].max() or 0) + 1, np.nan)  # type: ignore[arg-type]
    found[told["row"].to_numpy()] = told["defaulted"].fill_null(np.nan).to_numpy()
    return found


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def values(of: Data, column: str) -> pl.Series:
    """The values of one column, to build conditions from: the twenty commonest texts, or two ends of numbers or dates; none if it is empty.

    Texts of few people are not among them, and many people lie beyond each end.
    """
    told = steps(of, column)
    if not told.ordered:
        return pl.Series(column, told.values[:20], None if told.values else pl.String)
    dtype = schema(of)[column]
    ends = [told.values[0], told.high] if told.values else []
    return pl.Series(column, [datetime.fromisoformat(str(v)) for v in ends] if dtype.is_temporal() else ends).cast(dtype)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def personal(of: Data, column: str = "") -> str:
    """What kind of personal data a column holds, by its first rows; of the ids where none is named; empty where it holds none."""
    if not column:
        return personals.kind(fitted(of).evidence.people["person"].head(2000), catalog(of).people.id)
    found = fitted(of).population.join([column]).select(column).head(2000).collect()[column]
    return personals.kind(found, column.rpartition(".")[2])


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def levels(of: Data, column: str) -> list[str | int | float | bool]:
    """The values of a segment column, ascending, at most thirty."""
    found = fitted(of).population.collect(EVERYONE, [column])[column].drop_nulls().unique().sort().head(30)
    return (found.cast(pl.String) if found.dtype.is_temporal() else found).to_list()


def common(of: Data, column: str) -> list[str | int | float | bool]:
    """The levels of a segment column that many people have."""
    told = steps(of, column)
    held = [value for value, single in zip(told.values, told.single, strict=True) if single]
    return [value for value in levels(of, column) if value in held]


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=KEYS)
def condition_example(of: Data) -> str:
    """A cohort of these very people, written as conditions; without segments, how one is written."""
    named = [(segment, value) for segment in catalog(of).people.segments[:2] for value in common(of, segment)[:1]]
    return str(" or ".join(str(Condition(*one)) for one in ((name, "==", value) for name, value in named))) or "column >= 1"


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=KEYS)
def counted(of: Data, cohort: Cohort, weighting: Weighting, splits: tuple[str, ...], among: tuple[Weighting, ...] = ()) -> Tally:
    """The tally of a cohort's persons."""
    return tally(persons(of, cohort, splits), weighting, among)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=KEYS)
def scale(of: Data) -> Scorecard:
    """On which scale these people's points stand."""
    return scale_of(fitted(of))


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=KEYS)
def calibration(of: Data, weighting: Weighting) -> Calibration:
    """Evidence to log-odds, from all calibration persons: a person's points do not depend on the cohort looked at."""
    return scorable(*(counted(of, EVERYONE, weighting, (split,)) for split in ("calibrate", "test")))


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=KEYS)
def read(of: Data, cohort: Cohort, weighting: Weighting, split: str, reference: Weighting) -> Readings:
    """The readings of a cohort."""
    mine, common = (counted(of, cohort, weighting, (split,), among) for among in ((), (reference,)))
    return readings(mine, common, calibration(of, weighting))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def distribution(of: Data, cohort: Cohort, weighting: Weighting, split: str) -> pl.DataFrame:
    """How the scores of a cohort lie."""
    bins = strategy.distribution(persons(of, cohort, (split,)), weighting, calibration(of, weighting), scale(of))
    return strategy.joined(bins, counted(of, cohort, weighting, (split,)))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def met(of: Data, cohort: Cohort, split: str, a: Weighting, b: Weighting, stress: tuple[Stress, ...] = ()) -> Meeting:
    """A and B over the same persons; B under stress, if any."""
    return meet(persons(of, cohort, (split,)), a, b, before=struck(of, cohort, split, stress) if stress else None)


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=KEYS)
def compared(of: Data, cohort: Cohort, split: str, a: Weighting, b: Weighting, cutoff: float, stress: tuple[Stress, ...] = ()) -> dict[str, Figure]:
    """A beside B, with differences and their intervals."""
    return compare(met(of, cohort, split, a, b, stress), (calibration(of, a), calibration(of, b)), cutoff, scale(of))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def by_month(of: Data, cohort: Cohort, weighting: Weighting) -> pl.DataFrame:
    """Readings by month of the persons who taught nothing; the PSI compares with the calibration persons."""
    expected = counted(of, cohort, weighting, ("calibrate",))
    return stability.by_month(persons(of, cohort, ("test", "out_of_time")), weighting, expected)


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def out_of_time(of: Data) -> date | None:
    """The first month of the out-of-time test."""
    late = persons(of, EVERYONE, ("out_of_time",)).people
    return late["month"].min() if "month" in late.columns else None  # type: ignore[return-value]


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def along(of: Data, cohort: Cohort, split: str, weighting: Weighting, key: str) -> pl.DataFrame:
    """Readings along the weight of one source."""
    found = sweep.along(persons(of, cohort, (split,)), weighting, key)
    searched = sweep.along(persons(of, choosing(of, cohort), ("calibrate",)), weighting, key).select(searched="auc_everyone")
    return pl.concat([found.select("weight"), sweep.plane(found), searched], how="horizontal")


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def choosing(of: Data, cohort: Cohort) -> Cohort:
    """Whose calibration persons choose what is read of a cohort: the cohort's own, or everyone's where they are too few."""
    try:
        enough(counted(of, cohort, equal(catalog(of)), ("calibrate",)))
    except TooFew:
        return EVERYONE
    return cohort


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def learned(of: Data, floor: float, missing: str) -> Weighting:
    """The weights that the calibration persons would give."""
    return learning.learned(persons(of, EVERYONE, ("calibrate",)), floor, missing)


@st.cache_resource(show_spinner="Reading every coalition of sources", max_entries=64, hash_funcs=KEYS)
def worth(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> valuing.Worth | None:
    """Every coalition of the weighted sources, where they are few enough."""
    count = sum(share > 0 for share in weighting.shares.values())
    if count > valuing.EXACT:
        return None
    searched, margin = persons(of, EVERYONE, ("calibrate",)), catalog(of).people.margin
    return valuing.worth(persons(of, cohort, (split,)), weighting, valuing.coalitions(count), calibrated=searched, margin=margin)


@st.cache_resource(show_spinner="Reading every coalition of sources", max_entries=64, hash_funcs=KEYS)
def value(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame:
    """What each source is worth."""
    enough(counted(of, cohort, weighting, (split,)))
    return _value(of, cohort, split, weighting)


def _value(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame:
    searched, margin, known = persons(of, EVERYONE, ("calibrate",)), catalog(of).people.margin, worth(of, cohort, split, weighting)
    return valuing.value(persons(of, cohort, (split,)), weighting, calibrated=searched, margin=margin, known=known)


@st.cache_resource(show_spinner="Reading every coalition of sources", max_entries=64, hash_funcs=KEYS)
def worthiest(of: Data, cohort: Cohort, weighting: Weighting) -> list[str]:
    """The sources, those first that are worth most to the calibration persons."""
    found = _value(of, choosing(of, cohort), "calibrate", weighting)
    return found.sort("shapley_auc_everyone", descending=True, nulls_last=True)["key"].to_list()


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def best_of(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame | None:
    """The best sources to have, for each number of them: chosen on calibration persons, read on the others."""
    searched, read = worth(of, choosing(of, cohort), "calibrate", weighting), worth(of, cohort, split, weighting)
    if searched is None or read is None:
        return None
    names = {f"auc_everyone{end}": f"auc{end}" for end in ("", "_low", "_high")}
    columns = ("k", "sources", "added", "dropped", "coverage", "coverage_low", "coverage_high", *names.values(), "price", "searched")
    return valuing.best_of(searched, read).rename(names).select(columns)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def redundancy(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame:
    """What two sources have in common."""
    return valuing.redundancy(persons(of, cohort, (split,)), weighting)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def alone(of: Data, cohort: Cohort, split: str) -> pl.DataFrame:
    """Each source by itself."""
    return quality.alone(persons(of, cohort, (split,)), persons(of, EVERYONE, ("calibrate",)))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def next_source(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame:
    """What each source without weight would bring, in the order in which it brings most to the calibration persons."""
    return valuing.next_source(persons(of, cohort, (split,)), weighting, persons(of, choosing(of, cohort), ("calibrate",)))


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def features(of: Data, key: str) -> pl.DataFrame:
    """Each column of a source by itself, on those who teach its models."""
    everyone = people(fitted(of).population)
    design = draw(fitted(of).population, everyone, catalog(of).source(key))
    outcome = everyone["defaulted"].cast(pl.Float64).set(~teachers(everyone), None).fill_null(np.nan)
    return columns.features(design, outcome.to_numpy()[design.rows])


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def source_months(of: Data, cohort: Cohort, key: str) -> pl.DataFrame | None:
    """What a source says by month: its PSI against the calibration persons."""
    return by_month(of, cohort, by_itself(catalog(of), key)) if catalog(of).people.time else None


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def seen(of: Data, bureaus: tuple[str, ...], match: float = 1.0) -> Evidence:
    """What a bureau, or an alliance of several, sees of the persons who taught no model."""
    read = persons(of, EVERYONE, ("calibrate", "test", "out_of_time"))
    return bureau.seen(read, [sights(of)[key] for key in bureaus], match=match)


def look(of: Data, cohort: Cohort, bureaus: tuple[str, ...], floor: float, missing: str, match: float = 1.0) -> bureau.View:
    """How a bureau, or an alliance, sees and weighs a cohort."""
    found = seen(of, bureaus, match)
    weights = bureau.joint([preset(catalog(of), catalog(of).bureau(key), floor, missing) for key in bureaus])
    label = " with ".join(catalog(of).bureau(key).label for key in bureaus)
    return bureau.View("+".join(bureaus), label, found.rows(rows(of, cohort)) if cohort.conditions else found, weights)


@st.cache_resource(show_spinner="Reading what every bureau sees", max_entries=64, hash_funcs=KEYS)
def bureaus(of: Data, cohort: Cohort, split: str, floor: float, missing: str) -> pl.DataFrame:
    """Every bureau, and all silos opened, most people scored first."""
    everyone = persons(of, cohort, ("calibrate", "test", "out_of_time"))
    enough(tally(everyone.split(split), equal(catalog(of), floor, missing)))
    opened = bureau.View(OPENED, "Full opening: all silos", everyone, learned(of, floor, missing))
    views = [opened, *(look(of, cohort, (b.key,), floor, missing) for b in catalog(of).bureaus)]
    return bureau.table(views, (split,)).sort("coverage", descending=True)


OPENED = "opened"


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def silos(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> dict[str, float]:
    """What a weighting reads with all silos open: `coverage` and `auc` of everyone."""
    everyone = persons(of, cohort, ("calibrate", "test", "out_of_time"))
    return bureau.table([bureau.View("", "", everyone, weighting)], (split,)).select("coverage", auc="auc_everyone").row(0, named=True)


@dataclass(frozen=True, slots=True, eq=False)
class Alliance:
    """Partners and their union: whom they know, what each can do, and what each gains; under which floor together and alone, and what match."""

    parts: pl.DataFrame
    marks: pl.DataFrame
    gains: pl.DataFrame
    floor: float
    whole: float
    match: float


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def alliance(of: Data, cohort: Cohort, split: str, floor: float, missing: str, partners: tuple[str, ...], match: float) -> Alliance:
    """What partners could do together."""
    alone, together = [look(of, cohort, (key,), floor, missing) for key in partners], look(of, cohort, partners, floor, missing, match)
    read = bureau.table([together, *alone], (split,))
    kinds = pl.Series("kind", ["union", *("partner" for _ in alone)])
    names = pl.Series("name", ["together", *(v.label for v in alone)])
    parts, marks = bureau.parts([replace(v, evidence=v.evidence.split(split)) for v in alone]), sweep.plane(read).select(kinds, names, pl.all())
    gains = bureau.gains([_steps(of, cohort, view, partners, together.weighting, match) for view in alone], (split,))
    return Alliance(parts, marks, gains, together.weighting.floor, floor, match)


def _steps(
    of: Data, cohort: Cohort, alone: bureau.View, partners: tuple[str, ...], weighting: Weighting, match: float
) -> tuple[bureau.View, bureau.View, bureau.View]:
    """A partner alone, its own records under the alliance's weights and floor, and those with what the others' records add."""
    found = seen(of, (alone.key, *(key for key in partners if key != alone.key)), match)
    joined = found.rows(rows(of, cohort)) if cohort.conditions else found
    return alone, replace(alone, weighting=weighting), replace(alone, evidence=joined, weighting=weighting)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def sights(of: Data) -> dict[str, bureau.Sight]:
    """Whom every bureau may see."""
    return {b.key: bureau.sight(fitted(of).population, b) for b in catalog(of).bureaus}


@st.cache_resource(show_spinner="Reading what every bureau sees", max_entries=32, hash_funcs=KEYS)
def bureau_calibrations(of: Data, floor: float, missing: str) -> dict[str, Calibration]:
    """Evidence to log-odds under every bureau, on what it sees of the calibration persons."""
    searched = persons(of, EVERYONE, ("calibrate",))
    return {b.key: calibrate(tally(bureau.seen(searched, [sights(of)[b.key]]), preset(catalog(of), b, floor, missing))) for b in catalog(of).bureaus}


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def person(of: Data, id: str, floor: float, missing: str) -> pl.DataFrame:
    """One person under every bureau: `label`, `scored`, `probability` of default, `points` on the bureau's scale from `low` to `high`."""
    schema = {"label": pl.String, "scored": pl.Boolean, **dict.fromkeys(("probability", "points", "low", "high"), pl.Float64)}
    return pl.DataFrame([_scored(of, id, b, floor, missing) for b in catalog(of).bureaus], schema=schema).sort("probability", nulls_last=True)


def _scored(of: Data, id: str, told: Bureau, floor: float, missing: str) -> dict[str, float | str | bool | None]:
    mine = bureau.seen(record(of, id).evidence, [sights(of)[told.key]])
    log_odds = float(bureau_calibrations(of, floor, missing)[told.key].log_odds(weigh(mine, preset(catalog(of), told, floor, missing)))[0])
    scored = bool(np.isfinite(log_odds))
    points = float(scaled(told.low, told.high, scale(of)).points(np.array([log_odds]))[0]) if scored else None
    shown: dict[str, float | str | bool | None] = {"label": told.label, "scored": scored, "probability": float(1 / (1 + np.exp(-log_odds))) if scored else None}
    return {**shown, "points": points, "low": told.low, "high": told.high}


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def example(of: Data) -> str:
    """A person to begin with: among the test persons, one whom most sources know."""
    test = persons(of, EVERYONE, ("test",))
    return str(test.people["person"][int(np.argmax(test.known.sum(axis=1)))])


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def models(of: Data) -> list[SourceModel]:
    """The kept models, in catalog order."""
    return fitted(of).models()


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def ranges(of: Data) -> records.Ranges:
    """What is observed of every feature."""
    return records.observe(fitted(of).population, models(of))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def base_rate(of: Data, cohort: Cohort, split: str) -> float | None:
    """The default rate of a cohort's persons."""
    rate = persons(of, cohort, (split,)).people["defaulted"].mean()
    return None if rate is None else float(rate)  # type: ignore[arg-type]


@st.cache_resource(show_spinner="Explaining every person", max_entries=4, hash_funcs=KEYS)
def explained(of: Data, split: str) -> Explanation:
    """What every source's model makes of every feature of the persons read; serves every cohort and weighting."""
    told, asked = fitted(of), persons(of, EVERYONE, (split,))
    return explaining.explain(records.stream(told.population, models(of), asked), models(of), told.evidence.base_rate)


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def weighed(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> Weighed:
    """The contributions to a cohort's scores."""
    enough(counted(of, cohort, weighting, (split,)))
    return explaining.weigh(explained(of, split), persons(of, cohort, (split,)), weighting, calibration(of, weighting))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def importance(of: Data, cohort: Cohort, split: str, weighting: Weighting, by: str) -> pl.DataFrame:
    """What moves a cohort's scores, by source, dimension or feature."""
    return why.importance(weighed(of, cohort, split, weighting), by)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def beeswarm(of: Data, cohort: Cohort, split: str, weighting: Weighting, top: int) -> pl.DataFrame:
    """How the contributions of the most important features lie."""
    return why.beeswarm(weighed(of, cohort, split, weighting), top)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=KEYS)
def dependence(of: Data, cohort: Cohort, split: str, weighting: Weighting, source: str, feature: str) -> pl.DataFrame:
    """How a feature's contribution goes with its value."""
    return why.dependence(weighed(of, cohort, split, weighting), source, feature)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def interaction(of: Data, cohort: Cohort, split: str, weighting: Weighting, source: str, pair: tuple[str, str]) -> pl.DataFrame:
    """How two features of a source act together."""
    model = next(m for m in models(of) if m.key == source)
    return why.interaction(weighed(of, cohort, split, weighting), model, *pair, bins=6)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def shift(of: Data, cohorts: tuple[Cohort, Cohort], split: str, weighting: Weighting) -> pl.DataFrame:
    """Why two cohorts' mean scores differ."""
    return why.shift(weighed(of, cohorts[0], split, weighting), weighed(of, cohorts[1], split, weighting))


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """All that is held of one person."""

    evidence: Evidence
    designs: list[Design]


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def record(of: Data, id: str) -> Record:
    """One person, by id."""
    mine = records.find(fitted(of).evidence, id)
    return Record(mine, records.read(fitted(of).population, models(of), mine))


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=KEYS)
def statement(of: Data, id: str, weighting: Weighting) -> Statement:
    """One person's score, taken apart."""
    mine = record(of, id)
    parts = explaining.explain(mine.designs, models(of), fitted(of).evidence.base_rate)
    return explaining.state(explaining.weigh(parts, mine.evidence, weighting, calibration(of, weighting)))


def points(of: Data, id: str, weighting: Weighting) -> float | None:
    """One person's points with all silos open; None without a score."""
    told = statement(of, id, weighting)
    return told.points(scale(of)) if told.scored else None


def standing(of: Data, id: str, weighting: Weighting) -> Standing:
    """Where one person's points stand among everybody with a score."""
    at = statement(of, id, weighting).points(scale(of))
    return explaining.stand(at, fitted(of).evidence, weighting, calibration(of, weighting), scale(of))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def listed(of: Data, cohort: Cohort, split: str, weighting: Weighting, order: str, feature: tuple[str, str] | None, most: int) -> pl.DataFrame:
    """Persons of a cohort to pick from: `person` and `points`, by points, or by what a feature took from them, the most harmed first."""
    if feature is not None:
        everybody = weighed(of, cohort, split, weighting)
        voice = next(v for v in everybody.voices if v.source.key == feature[0])
        place = [f.name for f in voice.part.design.features].index(feature[1])
        harm = voice.contributions()[:, place]
        chosen = np.argsort(-harm, kind="stable")[:most]
        rows, log_odds = voice.at[chosen][harm[chosen] > 0], everybody.log_odds
    else:
        log_odds = calibration(of, weighting).log_odds(weigh(persons(of, cohort, (split,)), weighting))
        rows = np.flatnonzero(~np.isnan(log_odds))
        rows = rows[np.argsort(log_odds[rows] if order == "highest" else -log_odds[rows], kind="stable")][:most]
    people = persons(of, cohort, (split,)).people["person"].cast(pl.String).gather(pl.Series(rows, dtype=pl.UInt32))
    return pl.DataFrame({"person": people, "points": scale(of).points(log_odds[rows])})


def case(of: Data, id: str, weighting: Weighting) -> Case:
    """One person and all that scores them, to ask what would change the score."""
    mine = record(of, id)
    return Case(mine.evidence, mine.designs, models(of), ranges(of), weighting, calibration(of, weighting), scale(of))


@st.cache_resource(show_spinner="Looking for what would raise it", max_entries=64, hash_funcs=KEYS)
def raised(of: Data, id: str, weighting: Weighting, target: float) -> Raise:
    """The fewest changes that reach a target."""
    return raise_to(case(of, id, weighting), target)


SAMPLED, SEED = 700, 7


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Sampled weightings, read; and those that have a name."""

    found: pl.DataFrame
    marked: tuple[tuple[str, str, Weighting], ...]


def _sampled(of: Data, floor: float, missing: str) -> list[Weighting]:
    searched = persons(of, EVERYONE, ("calibrate",))
    return search.sample(searched, SAMPLED, SEED, floor=floor, missing=missing, extra=[learned(of, floor, missing)])


@st.cache_resource(show_spinner="Weighing people in 700 ways", max_entries=32, hash_funcs=KEYS)
def swept(of: Data, cohort: Cohort, split: str, floor: float, missing: str) -> Swept:
    """Many weightings of a cohort, under one floor and policy."""
    told, searched = catalog(of), persons(of, EVERYONE, ("calibrate",))
    found = sweep.sweep(persons(of, cohort, (split,)), _sampled(of, floor, missing), calibrated=searched, margin=told.people.margin)
    bureaus = ((("preset", b.weighting, preset(told, b, floor, missing))) for b in told.bureaus)
    return Swept(found, (*bureaus, ("learned", "learned weights", learned(of, floor, missing))))


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def frontier(of: Data, cohort: Cohort, split: str, floor: float, missing: str, accuracy: str) -> list[int]:
    """The sampled weightings that none beats on the calibration persons, in the order of their coverage among the persons read."""
    searched = persons(of, EVERYONE, ("calibrate",))
    seen_there = sweep.sweep(searched, _sampled(of, floor, missing), margin=catalog(of).people.margin).with_row_index("sampled")
    best = search.frontier(seen_there, accuracy).group_by((100 * pl.col("coverage")).round(), maintain_order=True).first()["sampled"].to_list()
    coverage = swept(of, cohort, split, floor, missing).found["coverage"]
    return sorted(best, key=lambda i: coverage[i])


def marked(
    of: Data,
    cohort: Cohort,
    split: str,
    pair: tuple[Weighting, Weighting],
    ready: tuple[tuple[str, str, Weighting], ...],
    stress: tuple[Stress, ...] = (),
) -> pl.DataFrame:
    """A, B and the named weightings, read: `kind`, `name` and the columns of a sweep; B under stress, if any."""
    every, a, b = [("B", "B"), ("A", "A"), *((kind, name) for kind, name, _ in ready)], *((w,) for w in pair)
    found = pl.concat([_swept(of, cohort, split, b, stress), _swept(of, cohort, split, a), _swept(of, cohort, split, tuple(w for *_, w in ready))])
    return pl.DataFrame(every, schema=["kind", "name"], orient="row").hstack(found)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def _swept(of: Data, cohort: Cohort, split: str, weightings: tuple[Weighting, ...], stress: tuple[Stress, ...] = ()) -> pl.DataFrame:
    """A sweep over these weightings, of persons under stress, if any: those that stand ready are read once, however often A moves."""
    world = struck(of, cohort, split, stress) if stress else persons(of, cohort, (split,))
    return sweep.sweep(world, weightings, calibrated=persons(of, EVERYONE, ("calibrate",)), margin=catalog(of).people.margin)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def swaps(of: Data, cohort: Cohort, split: str, a: Weighting, b: Weighting, cutoff: float, stress: tuple[Stress, ...] = ()) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from B (under stress, if any) to A."""
    other = struck(of, cohort, split, stress) if stress else None
    return swap_set(persons(of, cohort, (split,)), a, b, (calibration(of, a), calibration(of, b)), cutoff, scale(of), before=other)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=KEYS)
def gains(of: Data, cohort: Cohort, split: str, a: Weighting, b: Weighting, stress: tuple[Stress, ...] = ()) -> pl.DataFrame:
    """Who gains coverage, who loses it, from B (under stress, if any) to A."""
    other = struck(of, cohort, split, stress) if stress else None
    return comparison.gains(persons(of, cohort, (split,)), a, b, catalog(of).people.segments, before=other)


@st.cache_resource(show_spinner="Searching on the calibration persons", max_entries=64, hash_funcs=KEYS)
def best(of: Data, wish: search.Wish, floor: float, missing: str) -> search.Best:
    """The best weights within a wish."""
    searched, fresh, margin = persons(of, EVERYONE, ("calibrate",)), persons(of, EVERYONE, ("test",)), catalog(of).people.margin
    found = search.best(searched, wish, floor=floor, missing=missing, start=[learned(of, floor, missing)], margin=margin)
    return search.judge(found, wish.accuracy, searched, fresh, margin)


Said = tuple[str, np.ndarray | str]


def challenged(of: Data) -> dict[str, np.ndarray | str]:
    """Challengers over all raw data, as far as they are fitted: log-odds of everyone in file order, or why there are none.

    The pooled model, which the lab draws, comes first.
    """
    return {key: said for keys in ((POOLED,), OTHERS) for key, said in _challengers(of, keys).steps}


POOLED = "free"
OTHERS = tuple(key for key in CHALLENGERS if key != POOLED)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=KEYS)
def _challengers(of: Data, keys: tuple[str, ...]) -> Job:
    """The job that fits these, one after the other; what each says is a step of it."""
    return jobs.CHALLENGES.begin((of, keys), partial(_challenge, of, keys))


def _challenge(of: Data, keys: tuple[str, ...], job: Job) -> None:
    told = fitted(of)
    rounds = lambda *_: jobs.CHALLENGES.go_on(job)  # noqa: E731
    for said in challenge(told.population, people(told.population), told.evidence.base_rate, settings=of.settings, rounds=rounds, keys=keys, kept=told.kept):
        job.steps.append(said)


def waiting(of: Data) -> tuple[str, ...]:
    """The challengers still being fitted."""
    there = challenged(of)
    return tuple(key for keys in ((POOLED,), OTHERS) if not _challengers(of, keys).future.done() for key in keys if key not in there)


def contest(of: Data, cohort: Cohort, split: str, weighting: Weighting, name: str) -> pl.DataFrame:
    """The weighting and its challengers, as far as they are fitted."""
    return _contest(of, cohort, split, weighting, name, tuple(challenged(of)))


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def _contest(of: Data, cohort: Cohort, split: str, weighting: Weighting, name: str, ready: tuple[str, ...]) -> pl.DataFrame:
    rivals: dict[str, Entrant] = {label: challenged(of)[key] if key in ready else "being fitted" for key, (label, _) in CHALLENGERS.items()}
    learned_weights = {} if name == LEARNED else {LEARNED: learned(of, weighting.floor, weighting.missing)}
    return champion.contest(persons(of, cohort, (split,)), {name: weighting, **learned_weights, **rivals}, persons(of, EVERYONE, ("calibrate",)))


def strongest(of: Data, cohort: Cohort, weighting: Weighting, name: str) -> list[str]:
    """The challengers, those first that rank the calibration persons best; none where these are too few."""
    try:
        found = contest(of, choosing(of, cohort), "calibrate", weighting, name)
    except TooFew:
        return []
    return found.drop_nulls("difference").sort("difference", descending=True)["name"].to_list()


LEARNED = "Learned weights"


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def splits(of: Data, weighting: Weighting) -> pl.DataFrame:
    """AUC on every split of each source, and of the weighting under the key of nothing, with the gap from train to test."""
    everyone = fitted(of).evidence
    read = pl.concat([by_split(everyone), by_split(everyone, {"": weighting})])
    return read.join(overfit(read).drop("low", "high"), on="key", maintain_order="left")


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def reliable(of: Data, cohort: Cohort, split: str, weighting: Weighting) -> pl.DataFrame:
    """Predicted and seen default rates in ten groups."""
    return reliability(counted(of, cohort, weighting, (split,)), calibration(of, weighting))


def pooled_auc(of: Data, cohort: Cohort, split: str) -> float | None:
    """The AUC of everyone of one model over all raw data; None until it is fitted."""
    return _pooled_auc(of, cohort, split) if _challengers(of, (POOLED,)).steps else None


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def _pooled_auc(of: Data, cohort: Cohort, split: str) -> float | None:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - half a second that the first page does not need

    read = persons(of, cohort, (split,)).people.select("row", "defaulted").drop_nulls()
    if read["defaulted"].n_unique() < 2:
        return None
    said = challenged(of)[POOLED]
    return None if isinstance(said, str) else float(roc_auc_score(read["defaulted"].to_numpy(), np.nan_to_num(said[read["row"].to_numpy()])))


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def ground(of: Data) -> Ground:
    """What lies behind the evidence of everybody who taught nothing, for stresses that ask."""
    return stresses.ground(fitted(of), persons(of, EVERYONE, UNTAUGHT), shelf=root() / SHELF)


UNTAUGHT = ("calibrate", "test", "out_of_time")


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def struck(of: Data, cohort: Cohort, split: str, stress: tuple[Stress, ...]) -> Evidence:
    """A cohort's persons under stress."""
    before = persons(of, cohort, (split,))
    enough(tally(before, equal(catalog(of))))  # said before a stress says that it finds nobody to hit
    return under(before, stress, ground(of))


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=KEYS)
def toll(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...], cutoff: float, other: Weighting | None = None) -> Toll:
    """Every figure under stress beside the same before, of other weights than before if they are named; and the point of the curve."""
    before, after, weights = persons(of, cohort, (split,)), struck(of, cohort, split, stress), other or weighting
    pair = calibration(of, weights), calibration(of, weighting)
    figures = compare(meet(after, weights, weighting, before=before), pair, cutoff, scale(of))
    cost = sum(each.cost(struck(of, cohort, split, stress[:i]), ground(of)) for i, each in enumerate(stress))
    read_already = figures if other is None else None
    return Toll(figures, effect.point(before, after, weights, pair[0], cutoff, stress[-1].source, cost, found=read_already, scorecard=scale(of)))


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def curve(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...], cutoff: float) -> Curve:
    """The points along the share of the last stress, under way; each is one that the slider can stand at."""
    *others, last = stress

    def read_all(job: Job) -> None:
        for step in range(CURVE + 1):
            if not jobs.SEARCHES.go_on(job):
                return
            each = stresses.at(last, step / CURVE)
            job.steps.append({"share": each.share, **toll(of, cohort, split, weighting, (*others, each), cutoff).point})

    job = apart(("curve", of, cohort, split, weighting, stress, cutoff), read_all)
    return Curve(job.steps, job.future)


CURVE = 20  # steps of a curve


def apart(key: Hashable, work: jobs.Work) -> Job:
    """Do some work beside the pages, or find it under way."""
    return jobs.SEARCHES.begin(key, work)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def loser(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...]) -> tuple[str, tuple[Difference, Difference]]:
    """The source that stresses cost most of its worth in a weighting, as the calibration persons tell; its worth before and after."""

    def worths(told: Cohort, split: str, key: str) -> tuple[Difference, Difference]:
        before, after = persons(of, told, (split,)), struck(of, told, split, stress)
        return effect.worth(before, weighting, key), effect.worth(after, weighting, key)

    def lost(key: str) -> float:
        try:
            before, after = worths(choosing(of, cohort), "calibrate", key)
        except TooFew:
            return 0.0
        return before.value - after.value

    keys = list(dict.fromkeys(s.source for s in stress))
    key = max(keys, key=lost) if len(keys) > 1 else keys[0]
    return key, worths(cohort, split, key)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def moving(of: Data, weighting: Weighting, key: str, stress: tuple[Stress, ...]) -> effect.Move | None:
    """Where some weight of a source under stress is better placed, as the calibration persons tell."""
    return effect.move(struck(of, EVERYONE, "calibrate", stress), weighting, key)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def affected(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...], cutoff: float) -> pl.DataFrame:
    """Whom a stress hits and what it does to them, by segment."""
    before, after = persons(of, cohort, (split,)), struck(of, cohort, split, stress)
    return effect.affected(before, after, weighting, calibration(of, weighting), cutoff, catalog(of).people.groups, scale(of))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def crossings(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...], cutoff: float) -> pl.DataFrame:
    """Who moves between accepted, declined and not scored, from before the stress to after it."""
    pair = (calibration(of, weighting),) * 2
    return swap_set(struck(of, cohort, split, stress), weighting, weighting, pair, cutoff, scale(of), before=persons(of, cohort, (split,)))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def fallbacks(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...], cutoff: float) -> pl.DataFrame:
    """Three ways to go on while a source is dark, upon the stresses before."""
    *others, last = stress
    return outages.fallbacks(struck(of, cohort, split, tuple(others)), last, ground(of), weighting, partial(calibration, of), cutoff, scale(of))  # type: ignore[arg-type]


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def silent(of: Data, cohort: Cohort, split: str, weighting: Weighting, stress: tuple[Stress, ...]) -> consents.Silence:
    """What using refusal would have bought, upon the stresses before."""
    *others, last = stress
    return consents.silence(struck(of, cohort, split, tuple(others)), last, ground(of), weighting)  # type: ignore[arg-type]


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def drifted(of: Data, cohort: Cohort, split: str, stress: tuple[Stress, ...]) -> pl.DataFrame:
    """How far the evidence of every source lies from what it was."""
    return drifts.found(persons(of, cohort, (split,)), struck(of, cohort, split, stress))


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """How well a source's detector tells fake records, what catching more would cost, and by which signs."""

    quality: detectors.Quality
    curve: pl.DataFrame
    signs: pl.DataFrame


@st.cache_resource(show_spinner="Learning to tell fake records", max_entries=16, hash_funcs=KEYS)
def detected(of: Data, key: str) -> Detected:
    """The detector of a source, tested on persons it never saw."""
    told, source = fitted(of).population, catalog(of).source(key)
    everyone = people(told)
    design, flags = draw(told, everyone, source), detectors.flagged(told, everyone, source)
    mine = detectors.learn(design, flags, everyone)
    return Detected(detectors.quality(mine, design, flags, everyone), detectors.curve(mine, design, flags, everyone), detectors.signs(mine))


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def trusting(of: Data, floor: float, missing: str, stress: tuple[Stress, ...]) -> Weighting:
    """The weights that the calibration persons would give under stress."""
    return learning.learned(struck(of, EVERYONE, "calibrate", stress), floor, missing)


@dataclass(frozen=True, slots=True)
class Held:
    """The best weights without stress, and those that hold under it."""

    calm: Weighting
    firm: Weighting


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def holding(of: Data, floor: float, missing: str, stress: tuple[Stress, ...]) -> "Future[Held]":
    """The search for weights that hold, on the calibration persons, under way."""

    def search_both(job: Job) -> Held:
        jobs.SEARCHES.go_on(job)
        best_calm = calm(of, floor, missing)
        searched, attacked = persons(of, EVERYONE, ("calibrate",)), [struck(of, EVERYONE, "calibrate", each) for each in holds.attacks(stress)]
        start = [learned(of, floor, missing), best_calm]
        return Held(best_calm, _writable(holds.hold(searched, attacked, search.Wish(), floor=floor, missing=missing, start=start)))

    return apart(("holding", of, floor, missing, stress), search_both).future


def found(search: "Future[Held]") -> Held | None:
    """What a search found; None while it is under way, or if it was refused."""
    return search.result() if search.done() and not isinstance(search.exception(), Refusal) else None


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def calm(of: Data, floor: float, missing: str) -> Weighting:
    """The best weights of a world without stress."""
    searched, start = persons(of, EVERYONE, ("calibrate",)), [learned(of, floor, missing)]
    return holds.hold(searched, [], search.Wish(), floor=floor, missing=missing, start=start)


def _writable(weighting: Weighting) -> Weighting:
    """As a link writes it, so that it reads the same once it is taken."""
    return replace(weighting, weights=tuple((key, float(f"{100 * share:.4g}")) for key, share in weighting.shares.items()))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=KEYS)
def robustness(of: Data, cohort: Cohort, split: str, weightings: tuple[tuple[str, Weighting], ...], stress: tuple[Stress, ...]) -> pl.DataFrame:
    """Weightings before and under stress."""
    return holds.robustness(dict(weightings), persons(of, cohort, (split,)), struck(of, cohort, split, stress))


def written(folder: Path) -> Catalog | None:
    """The catalog that lies in a folder of somebody's own; None where there is none."""
    path = folder / "catalog.toml"
    return _catalog(Data(path, (_seen(path),))) if path.is_file() else None


def brought(folder: Path, tables: tuple[Table, ...], ids: tuple[str, ...] = ()) -> Tables:
    """Somebody's own tables as they are now, read and counted."""
    return _brought(folder, tables, ids, tuple(_seen(folder / table.name) for table in tables))


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=KEYS)
def _brought(folder: Path, tables: tuple[Table, ...], ids: tuple[str, ...], stamp: Stamp) -> Tables:  # noqa: ARG001 - the key
    return own_data.read_tables(folder, tables, ids=ids)


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=KEYS)
def drafted(mine: Tables, written: Catalog | None, outcome: str = "", said: own_data.Said | None = None) -> Draft:
    """The catalog of somebody's own tables: as it was written, with another outcome if the reader says so, or guessed."""
    if written is None:
        return own_data.guess(mine, replace(said or own_data.Said(), outcome=outcome))
    return drafts.put(own_data.reopen(mine, written), outcome=outcome or written.people.outcome)


def put(mine: Tables, written: Catalog | None, draft: Draft, said: own_data.Said, told: dict[str, Any]) -> Draft:
    """A draft with what the reader says of the people; what follows from it is looked for anew."""
    if written is None:
        return drafts.put(drafted(mine, written, draft.catalog.people.outcome, said), **told)
    codes = {c: v for cleaning in draft.catalog.cleanings for c, v in cleaning.missing} | dict(said.missing)
    return drafts.put(drafts.recode(draft, codes), **told)


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def outcome_levels(mine: Tables, people: People) -> dict[str, int]:
    """The commonest values of the outcome, and how many people have each."""
    counts = mine.tables[people.table].select(pl.col(people.outcome).drop_nulls().value_counts(sort=True)).head(30).collect().unnest(people.outcome)
    return {str(value): count for value, count in counts.iter_rows()}


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=KEYS)
def checked(folder: Path, mine: Tables, catalog: Catalog) -> dict[str, Any]:  # noqa: ARG001 - the key
    """What each source of a draft holds, before anything is fitted."""
    return commands.checked(replace(catalog, path=folder / "catalog.toml"))


@st.cache_resource(show_spinner=False)
def sweeper() -> threading.Thread:
    """Collect garbage once a minute: Streamlit would stop every reader for it after each rerun."""
    pause = threading.Event()

    def collect() -> None:
        while not pause.wait(60):
            gc.collect()

    thread = threading.Thread(target=collect, daemon=True, name="garbage")
    thread.start()
    return thread
