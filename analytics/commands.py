"""What can be asked without a screen? One function per verb of the command line; each gives names and values fit for JSON."""

import argparse
import sys
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data.catalog import Catalog, Feature, People, Source
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import find, people
from analytics.data.refusal import Refusal
from analytics.deciding.comparison import compare, meet
from analytics.deciding.scorecard import STANDARD
from analytics.deciding.strategy import strategy
from analytics.explaining import records
from analytics.explaining.cohorts import importance
from analytics.explaining.explanation import Explanation, Statement, Weighed, state, table
from analytics.explaining.explanation import explain as explain_all
from analytics.explaining.explanation import weigh as weigh_parts
from analytics.explaining.reasons import reasons, sentences
from analytics.sources.design import Design, draw
from analytics.sources.evidence import Evidence, line_up
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from analytics.sources.model import fit as fit_model
from analytics.weighing.bureaus import seen, sight
from analytics.weighing.frontier import frontier, sample
from analytics.weighing.learned import learned
from analytics.weighing.quality import alone
from analytics.weighing.readings import calibrate, enough, read
from analytics.weighing.sweep import sweep as sweep_all
from analytics.weighing.tally import tally
from analytics.weighing.tally import weigh as evidence_of
from analytics.weighing.value import METRICS
from analytics.weighing.value import value as value_of
from analytics.weighing.weighting import Weighting, equal, parse, preset

Answer = dict[str, object]


def warm() -> None:
    """Compile the kernels and formulas into Numba's cache, on forty people, one source and a small model."""
    catalog = Catalog(People("people.csv", "person", "defaulted"), (Source("bank", "Bank", ("balance",)),))
    people = pl.DataFrame({"row": range(40), "defaulted": [False, True] * 20, "split": ["test"] * 40})
    evidence = line_up(catalog, people, np.arange(40, dtype=np.float32)[:, None], base_rate=0.5)
    fitted = calibrate(tally(evidence, equal(catalog)))
    compare(meet(evidence, equal(catalog), equal(catalog)), (fitted, fitted), cutoff=600)
    sweep_all(evidence, [equal(catalog)])
    balance = np.asfortranarray(np.arange(40, dtype=np.float32)[:, None])
    design = Design(catalog.sources[0], (Feature("balance"),), balance, np.arange(40), {}, persons=40, strangers=0)
    model = fit_model(design, np.tile([0.0, 1.0], 20), np.full(40, "train"), 0.5, Settings(rounds=2))
    weigh_parts(explain_all([design], [model], 0.5), evidence, equal(catalog), fitted)


def check(_: argparse.Namespace, catalog: Catalog) -> Answer:
    """Persons, outcomes, and what each source holds; reads everything, fits nothing."""
    population = find(catalog)
    everyone = people(population)
    designs = [draw(population, everyone, source) for source in catalog]
    sources = [
        {"key": d.source.key, "label": d.source.label, "persons": len(d.rows), "hit": d.hit, "fill": d.fill}
        | {"features": len(d.features), "strangers": d.strangers}
        for d in designs
    ]
    problems = [w for d in designs for w in warnings(d.source.key, d.strangers, len(d.rows))]
    return {"catalog": str(catalog.path), **outcomes(everyone), "sources": sources, "problems": problems}


def outcomes(everyone: pl.DataFrame) -> Answer:
    """How people turned out, and how they are split."""
    known = everyone["defaulted"].drop_nulls()
    splits = dict(everyone["split"].cast(pl.String).value_counts().sort("split").iter_rows())
    return {"persons": len(everyone), "defaulted": int(known.sum()), "unknown_outcome": len(everyone) - len(known), "base_rate": known.mean(), "splits": splits}


def warnings(key: str, strangers: int, persons: int) -> list[str]:
    """What is not wrong enough to refuse, yet worth saying."""
    few = [f"source {key!r} knows only {persons:,} persons; its model and figures will be rough"] if persons < 1000 else []
    return few + ([f"source {key!r} holds {strangers:,} records of nobody in the population; they are not used"] if strangers else [])


def fit(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """One model per source, with its AUC alone on the test persons."""
    fitted = _load(asked, catalog)
    quality = alone(fitted.evidence.split("test"))
    sources = fitted.report.join(quality.drop("persons"), on="key", how="left", maintain_order="left")
    return {"catalog": str(catalog.path), "fitted": fitted.fresh, "base_rate": fitted.evidence.base_rate, "sources": sources.fill_nan(None).to_dicts()}


def weigh(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """The readings of one weighting, and the approval and bad rate of every cutoff."""
    weighting, cohort = _weighting(asked, catalog), _cohort(asked.cohort)
    persons, chosen = _persons(asked, _load(asked, catalog), cohort)
    calibration = calibrate(tally(persons.split("calibrate"), weighting))
    found = read(chosen, weighting, split=(asked.split,), calibration=calibration)
    cutoffs = strategy(tally(chosen.split(asked.split), weighting), calibration).to_dicts()
    return {**_told(asked, cohort, weighting), "price": weighting.price(catalog), **found.json(), "cutoffs": cutoffs}


def sweep(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """Many weightings, searched on the calibration persons; the frontier among them, read on the persons asked for."""
    cohort = _cohort(asked.cohort)
    persons, chosen = _persons(asked, _load(asked, catalog), cohort)
    searched, reading = persons.split("calibrate"), chosen.split(asked.split)
    enough(tally(reading, equal(catalog, asked.floor, asked.missing)))
    weightings = sample(searched, asked.count, asked.seed, floor=asked.floor, missing=asked.missing, extra=[learned(searched, asked.floor, asked.missing)])
    found = sweep_all(reading, weightings, calibrated=searched, margin=catalog.people.margin)
    search = sweep_all(searched, weightings, margin=catalog.people.margin)
    best = frontier(search.with_row_index("row"), asked.accuracy, price=asked.price)["row"]
    if asked.out:
        _write(found.with_columns(frontier=pl.int_range(len(found)).is_in(best.to_list())), asked.out)
    rows = found[best.to_list()].with_columns(searched=search[asked.accuracy][best.to_list()]).to_dicts()
    told = {"cohort": cohort.name, "split": asked.split, "persons": len(reading), "floor": asked.floor, "missing": asked.missing}
    return {**told, "weightings": len(weightings), "seed": asked.seed, "accuracy": asked.accuracy, "out": str(asked.out or ""), "frontier": rows}


def value(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """What each source is worth: alone, when dropped, and its Shapley value, for the AUC of everyone, coverage, profit and price."""
    cohort = _cohort(asked.cohort)
    persons, chosen = _persons(asked, _load(asked, catalog), cohort)
    given = asked.weights is not None or asked.bureau is not None
    weighting = _weighting(asked, catalog) if given else learned(persons.split("calibrate"), asked.floor, asked.missing)
    reading = chosen.split(asked.split)
    enough(tally(reading, weighting))
    found = value_of(reading, weighting, margin=catalog.people.margin, seed=asked.seed)
    if asked.out:
        _write(found, asked.out)
    totals = {f"total_{m}": found[f"total_{m}"][0] for m in METRICS}
    sources = found.drop(f"total_{m}" for m in METRICS).to_dicts()
    return {**_told(asked, cohort, weighting), "persons": len(reading), **totals, "sources": sources}


def explain(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """Why one person has their score; or the contributions of a whole cohort, kept as a file."""
    weighting, fitted, cohort = _weighting(asked, catalog), _load(asked, catalog), _cohort(asked.cohort)
    everyone, chosen = _persons(asked, fitted, cohort)
    calibration = calibrate(tally(everyone.split("calibrate"), weighting))
    told = {"weights": weighting.shares, "floor": weighting.floor, "missing": weighting.missing}
    models = fitted.models()
    if asked.person is None:
        if not len(chosen):
            raise Refusal(f"nobody is in the cohort {cohort.name!r}, so there is nothing to explain; choose a wider one")
        explained = explain_all(records.stream(fitted.population, models, chosen), models, fitted.evidence.base_rate)
        return {"cohort": cohort.name, **told, **_kept(weigh_parts(explained, chosen, weighting, calibration), explained, asked.out)}
    person = everyone.rows(records.find(fitted.evidence, asked.person).people["row"].to_numpy())
    explained = explain_all(records.read(fitted.population, models, person), models, fitted.evidence.base_rate)
    statement = state(weigh_parts(explained, person, weighting, calibration))
    scores = STANDARD.points(calibration.log_odds(evidence_of(everyone, weighting)))
    usual = records.observe(fitted.population, models)
    exact = {p.design.source.key: p.exact_by for p in explained.parts if len(p.design.rows)}
    return {
        "person": statement.person,
        "defaulted": person.people["defaulted"][0],
        **told,
        "exact_by": exact,
        **_placed(statement, scores),
        **_reasoned(statement, usual),
    }


def _kept(weighed: Weighed, explained: Explanation, out: Path) -> Answer:
    """Write every contribution of a cohort, and say what was written."""
    _write(table(weighed, STANDARD), out)
    told = {"persons": len(weighed.persons), "scored": weighed.scored, "out": str(out)}
    exact = {p.design.source.key: p.exact_by for p in explained.parts}
    return {**told, "exact_by": exact, "sources": importance(weighed, "source").select("key", "label", "mean", "share", "weight", "spoken").to_dicts()}


def _placed(statement: Statement, scores: np.ndarray) -> Answer:
    """A person's points, and where they stand among all who are scored; nothing of either for a person who is not."""
    others = scores[~np.isnan(scores)]
    names = ("points", "band", "percentile", "log_odds", "base_log_odds")
    told = {"scored": statement.scored, "reach": statement.reach, "percentile_of": len(others)}
    if not statement.scored:
        return {**told, **dict.fromkeys(names)}
    points = statement.points(STANDARD)
    place = (points, STANDARD.band(points), 100 * float((others < points).mean()), statement.log_odds, statement.base_log_odds)
    return {**told, **dict(zip(names, place, strict=True))}


def _reasoned(statement: Statement, usual: records.Ranges) -> Answer:
    """The contributions of a person's features, the largest first, and the reasons, or why there are none."""
    parts = sorted(statement.contributions, key=lambda c: -abs(c.log_odds))
    found = reasons(statement, STANDARD, usual)
    sentence, sentence_zh = sentences(statement, found)
    return {
        "contributions": [{"source": c.source.key, "feature": c.feature.name, "value": c.value, "contribution": c.log_odds} for c in parts],
        "reasons": [
            {"source": r.source.key, "features": [f.name for f in r.features], "text": r.text, "text_zh": r.text_zh, "points": -r.points} for r in found
        ],
        "reason": sentence,
        "reason_zh": sentence_zh,
    }


def _told(asked: argparse.Namespace, cohort: Cohort, weighting: Weighting) -> Answer:
    """What was asked."""
    return {"cohort": cohort.name, "split": asked.split, "weights": weighting.shares, "floor": weighting.floor, "missing": weighting.missing}


def _persons(asked: argparse.Namespace, fitted: Fitted, cohort: Cohort) -> tuple[Evidence, Evidence]:
    """Everyone, and those of the cohort: as all silos see them, or as the bureau asked for does."""
    everyone = fitted.evidence
    if asked.bureau is not None:
        everyone = seen(everyone, [sight(fitted.population, fitted.population.catalog.bureau(asked.bureau))])
    if not cohort.conditions:
        return everyone, everyone
    return everyone, everyone.rows(fitted.population.collect(cohort, ["row"])["row"].to_numpy())


def _write(frame: pl.DataFrame, path: Path) -> None:
    """Keep a frame as Parquet."""
    try:
        frame.write_parquet(path)
    except OSError as error:
        raise Refusal(f"cannot write {path}: {error.strerror or 'no such folder'}; name another file with --out") from None


def _load(asked: argparse.Namespace, catalog: Catalog) -> Fitted:
    return load(catalog, folder=asked.home, progress=lambda key, done, total: print(f"{key} fitted, {done} of {total}", file=sys.stderr))


def _weighting(asked: argparse.Namespace, catalog: Catalog) -> Weighting:
    if asked.weights is not None:
        return parse(catalog, asked.weights, asked.floor, asked.missing)
    if asked.bureau is not None:
        return preset(catalog, catalog.bureau(asked.bureau), asked.floor, asked.missing)
    return equal(catalog, asked.floor, asked.missing)


def _cohort(path: Path | None) -> Cohort:
    if path is None:
        return EVERYONE
    try:
        return Cohort.from_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"cannot read the cohort file {path}; it must be UTF-8 JSON") from None
