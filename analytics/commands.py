"""What can be asked without a screen? One function per verb of the command line; each gives names and values fit for JSON."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog, Feature, People, Source, Table
from analytics.data.catalog.toml import read as read_catalog
from analytics.data.catalog.toml import text as draft_text
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.disk import replaceable, why, writing
from analytics.data.drafting.draft import number_or_text
from analytics.data.drafting.own_data import Decisions, Tables, guess, read_tables
from analytics.data.findings import texts
from analytics.data.population import applicants
from analytics.data.refusal import Refusal
from analytics.data.shelf import SHELF
from analytics.data.split import SPLITS
from analytics.deciding.comparison import compare, meet
from analytics.deciding.scale import scale_of
from analytics.deciding.scorecard import STANDARD, Scorecard
from analytics.deciding.strategy import strategy
from analytics.explaining import records
from analytics.explaining.cohorts import importance
from analytics.explaining.explanation import Explanation, Standing, Statement, Weighed, stand, state, table
from analytics.explaining.explanation import explain as explain_all
from analytics.explaining.explanation import weigh as weigh_parts
from analytics.explaining.interchange import tabulate
from analytics.explaining.reasons import reasons, sentences
from analytics.explaining.scores import reasons_of_all, sayings, scorer, scores
from analytics.explaining.scores import write as write_scores
from analytics.explaining.tree_shap import compile_trees, margins
from analytics.sources.design import Design
from analytics.sources.evidence import Evidence, line_up
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from analytics.sources.model import fit as fit_model
from analytics.stress.effect import curve, worth
from analytics.stress.kind import options, stressed
from analytics.stress.kinds import KINDS
from analytics.stress.robust import BEST, NOW, ROBUST, attacks, robust_weights, robustness
from analytics.stress.stress import parse as parse_stresses
from analytics.stress.stress import stress_context
from analytics.stress.stress import text as text_of
from analytics.study.check import checked
from analytics.weighing.bureaus import seen, sight
from analytics.weighing.frontier import Wish, frontier, sample
from analytics.weighing.learned import learned
from analytics.weighing.quality import alone, too_good
from analytics.weighing.readings import calibrate, enough, read, scoring
from analytics.weighing.sweep import sweep as sweep_all
from analytics.weighing.tally import tally
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
    weighed = weigh_parts(explain_all([design], [model], 0.5), evidence, equal(catalog), fitted)
    reasons_of_all(weighed, STANDARD, sayings(catalog, [model], records.ranges([design])))
    if trees := compile_trees(model.forest):
        margins(trees, balance)


def say(text: str, stream: TextIO) -> OSError | None:
    """Write a line, in the letters that the stream has; gives what the system says where it cannot be written.

    Such a stream is closed for good: Python would try again, and fail, at its end.
    """
    letters = getattr(stream, "encoding", None) or "utf-8"
    try:
        print(text.encode(letters, "backslashreplace").decode(letters), file=stream, flush=True)
    except OSError as error:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None


def _progress(text: str) -> None:
    """Say on stderr how far it is; a fit goes on though nobody can read it."""
    say(text, sys.stderr)


def init(asked: argparse.Namespace) -> Answer:
    """A first catalog for files, by guess; written beside them."""
    out = asked.out or asked.files[0].parent / "catalog.toml"
    if out.exists():
        raise Refusal(f"{out} is there already; name another with --out, or move it away")
    brought = _typed(asked, read_tables(out.parent, _tables(asked, out.parent), shelf=asked.home / SHELF))
    draft = guess(brought, _said(asked))
    _write_text(draft_text(draft.catalog), out)
    people = draft.catalog.people
    told = {"catalog": str(out), "persons": draft.profile("").rows, "id": people.id, "outcome": people.outcome, "bad": list(people.bad), "time": people.time}
    sources = [{"key": s.key, "table": s.table or people.table, "features": list(draft.columns(s.key))} for s in draft.catalog]
    left = [{"table": x.table, "column": x.column, "why": x.why} for x in draft.left]
    decide = [q.asked for q in draft.questions]
    findings = [f for f in brought.findings if not f.open]  # what is open is asked
    return {
        **told,
        "ready": draft.ready,
        "decide": decide,
        "notes": list(draft.notes),
        "sources": sources,
        "left_out": left,
        "findings": texts(findings),
    }


def _said(asked: argparse.Namespace) -> Decisions:
    """What the options of ``init`` say before anything is guessed."""
    return Decisions(
        outcome=asked.outcome,
        bad=_listed(asked.bad),
        id=asked.id,
        undecided=_listed(asked.undecided),
        many=tuple(asked.many),
        leave_out=tuple((table, _rows(rows)) for table, rows in map(_of_table, asked.leave_out)),
        once=tuple(map(_of_table, asked.once)),
        missing=tuple(map(_codes, asked.missing)),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _of_table(text: str) -> tuple[str, str]:
    """A table and what is named of it, as in ``bureau.csv:customer_id``; the table may be left away."""
    table, _, what = text.rpartition(":")
    return table, what


def _rows(text: str) -> tuple[int, ...]:
    if not all(part.strip().isdecimal() for part in text.split(",")):
        raise Refusal(f"--leave-out takes rows, as in 1501,1502 or bureau.csv:7, and got {text!r}")
    return tuple(map(int, text.split(",")))


def _codes(text: str) -> tuple[str, tuple[int | float | str, ...]]:
    """A column and its codes for missing, as in ``late=96,98``; none where nothing follows."""
    column, equals, codes = text.rpartition("=")
    if not equals:
        raise Refusal(f"--missing takes a column and its codes, as in late=96,98, and got {text!r}")
    return column, tuple(map(number_or_text, _listed(codes)))


def _tables(asked: argparse.Namespace, folder: Path) -> list[Table]:
    """The files, and how they are read, where that is said."""
    names = [_within(folder, file) for file in asked.files]
    return [_table(asked, name, names) for name in names]


def _table(asked: argparse.Namespace, name: str, names: Sequence[str]) -> Table:
    keys = ("encoding", "separator", "decimal", "sheet", "header")
    texts = {key: _for(name, names, getattr(asked, key))[-1:] for key in keys}
    read: dict[str, Any] = {key: SPELLED.get(value[0], value[0]) for key, value in texts.items() if value}
    return Table(name, types=tuple(_types(v[len(name) + 1 :] for v in asked.types if _file(v, names) == name)), **read)


def _typed(asked: argparse.Namespace, brought: Tables) -> Tables:
    """The same files, read again where `--types` names a column and no file: each that has it."""
    names = [t.name for t in brought.asked]
    loose = tuple(_types(v for v in asked.types if not _file(v, names)))
    missing = next((c for c, _ in loose if not any(c in p.names for p in brought.profiles)), None)
    if missing is not None:
        raise Refusal(f"--types names {missing!r}, which no file has; they have: {', '.join(c for p in brought.profiles for c in p.names)}")
    held = {p.name: tuple(pair for pair in loose if pair[0] in p.names) for p in brought.profiles}
    tables = [replace(t, types=(*t.types, *held[t.name])) for t in brought.asked]
    return read_tables(brought.folder, tables, shelf=asked.home / SHELF) if loose else brought


def _types(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        column, _, kind = value.rpartition("=")
        if not column:
            raise Refusal(f"--types {value!r} names no column; write it like --types 'issued=%d/%m/%Y'")
        yield column, kind


SPELLED = {"tab": "\t", "\\t": "\t", "point": ".", "comma": ","}


def _file(value: str, names: Sequence[str]) -> str:
    """The file that stands before a value and a colon; empty where it is meant for all."""
    return next((n for n in names if value.startswith(f"{n}:")), "")


def _for(name: str, names: Sequence[str], values: Sequence[str]) -> list[str]:
    """What is said of this file: by its name before a colon, else of all."""
    found = ((_file(v, names), v) for v in values)
    return [v.removeprefix(f"{file}:") if file else v for file, v in found if file in ("", name)]


def _within(folder: Path, file: Path) -> str:
    """A file's name as a catalog in this folder says it."""
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        raise Refusal(f"{file} is not in {folder}, where the catalog goes; put all files into one folder") from None


def check(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """Persons, outcomes, what was found in the tables, and what each source holds; reads everything, fits nothing."""
    return checked(catalog, asked.home / SHELF)


def fit(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """One model per source, with its AUC alone on the test persons."""
    fitted = _load(asked, catalog)
    quality = alone(fitted.evidence.split("test"), fitted.evidence.split("calibrate"))
    sources = fitted.report.join(quality.drop("persons"), on="key", how="left", maintain_order="left")
    warned = too_good({row["key"]: row["auc"] for row in sources.iter_rows(named=True)})
    told = {
        **({"warning": warned} if warned else {}),
        "fitted": fitted.fresh,
        "base_rate": fitted.evidence.base_rate,
        "folds": fitted.folds,
        "note": fitted.note,
        "scale": _scaled(scale_of(fitted)),
    }
    return {"catalog": str(catalog.path), **told, "sources": sources.fill_nan(None).to_dicts()}


def weigh(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """The readings of one weighting, and the approval and bad rate of every cutoff."""
    weighting, cohort = _weighting(asked, catalog), _cohort(asked.cohort)
    fitted = _load(asked, catalog)
    persons, chosen = _persons(asked, fitted, cohort)
    calibration, scale = scoring(persons, weighting), scale_of(fitted)
    found = read(chosen, weighting, split=(asked.split,), calibration=calibration)
    cutoffs = strategy(chosen.split(asked.split), weighting, calibration, scale).to_dicts()
    return {**_told(asked, cohort, weighting), "price": weighting.price(catalog), **found.json(), "scale": _scaled(scale), "cutoffs": cutoffs}


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
    found = value_of(reading, weighting, calibrated=persons.split("calibrate"), margin=catalog.people.margin, seed=asked.seed)
    if asked.out:
        _write(found, asked.out)
    totals = {f"total_{m}": found[f"total_{m}"][0] for m in METRICS}
    sources = found.drop(f"total_{m}" for m in METRICS).to_dicts()
    return {**_told(asked, cohort, weighting), "persons": len(reading), **totals, "sources": sources}


def explain(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """Why one person has their score; or the contributions of a whole cohort, kept as a file."""
    weighting, fitted, cohort = _weighting(asked, catalog), _load(asked, catalog), _cohort(asked.cohort)
    scale, (everyone, chosen) = scale_of(fitted), _persons(asked, fitted, cohort)
    calibration = scoring(everyone, weighting)
    told = {"weights": weighting.shares, "floor": weighting.floor, "missing": weighting.missing}
    models = fitted.models()
    if asked.person is None:
        if not len(chosen):
            raise Refusal(f"nobody is in the cohort {cohort.name!r}, so there is nothing to explain; choose a wider one")
        explained = explain_all(records.stream(fitted.population, models, chosen), models, fitted.evidence.base_rate)
        weighed = weigh_parts(explained, chosen, weighting, calibration)
        _write(tabulate(weighed) if asked.format == "shap" else table(weighed, scale), asked.out)
        return {"cohort": cohort.name, **told, **_kept(weighed, explained, asked.out)}
    person = everyone.rows(records.find(fitted.evidence, asked.person).people["row"].to_numpy())
    explained = explain_all(records.read(fitted.population, models, person), models, fitted.evidence.base_rate)
    weighed = weigh_parts(explained, person, weighting, calibration)
    statement = state(weighed)
    if asked.format == "shap":
        _write(tabulate(weighed), asked.out)
    standing = stand(statement.points(scale), everyone, weighting, calibration, scale)
    usual = records.observe(fitted.population, models)
    exact = {p.design.source.key: p.exact_by for p in explained.parts if len(p.design.rows)}
    return {
        "person": statement.person,
        "defaulted": person.people["defaulted"][0],
        **told,
        "exact_by": exact,
        **_placed(statement, standing, scale),
        **_reasoned(statement, usual, scale),
        "scale": _scaled(scale),
        **({"out": str(asked.out)} if asked.format == "shap" else {}),
    }


def score(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """Points and reasons of everybody, kept as a file: of the people the models were fitted on, or of other people."""
    weighting, cohort = _weighting(asked, catalog), _cohort(asked.cohort)
    bureau = None if asked.bureau is None else catalog.bureau(asked.bureau)
    fitted = _load(asked, catalog)
    scale, (everyone, _) = scale_of(fitted), _persons(asked, fitted, EVERYONE)
    calibration = scoring(everyone, weighting)
    models, rate, own = fitted.models(), fitted.evidence.base_rate, fitted.population
    del fitted, everyone  # what was learned is all that is needed of them, and they may be many
    usual = None if asked.plain else records.observe(own, models)
    population = own if asked.people is None else applicants(read_catalog(asked.people, teaching=False), own, asked.home / SHELF)
    by = scorer(catalog, models, rate, weighting, calibration, scale, ranges=usual, bureau=bureau)
    with _beside(asked.out) as folder:
        written = write_scores(scores(population, by, folder, cohort=cohort), asked.out)
    told = {"catalog": str(population.catalog.path), "cohort": cohort.name, "weights": weighting.shares, "floor": weighting.floor, "missing": weighting.missing}
    told |= {"findings": [] if population is own else [f.text for f in population.findings]}
    mean = written.mean_points if written.scored else None
    told |= {"scale": _scaled(scale)}
    return {**told, "persons": written.persons, "scored": written.scored, "mean_points": mean, "unseen": dict(written.unseen), "out": str(asked.out)}


def stress(asked: argparse.Namespace, catalog: Catalog) -> Answer:
    """The readings of one weighting before a stress and after it; if asked for, along its share, and of the weights that hold under it."""
    weighting, cohort = _weighting(asked, catalog), _cohort(asked.cohort)
    given = {each.name: getattr(asked, each.name) for each in options(KINDS[asked.kind])}
    stresses = (*parse_stresses(catalog, asked.upon), KINDS[asked.kind](catalog.source(asked.source).key, **given))
    fitted = _load(asked, catalog)
    persons, chosen = _persons(asked, fitted, cohort)
    searched, before = persons.split("calibrate"), chosen.split(asked.split)
    behind = stress_context(fitted, persons.split(*SPLITS[1:], asked.split), shelf=asked.home / SHELF)  # all who taught nothing, as on the pages
    after, calibration = stressed(before, stresses, behind), calibrate(tally(searched, weighting))
    shown = [read(world, weighting, split=(asked.split,), calibration=calibration).json() for world in (before, after)]
    shares = [stresses[-1].share, *(np.linspace(0, 1, asked.curve + 1).tolist() if asked.curve else ())]
    scale = scale_of(fitted)
    cutoff = scale.accepts_from if asked.cutoff is None else asked.cutoff
    found, *along = curve(before, stresses, behind, weighting, calibration, cutoff, shares, scale)
    told = {**_told(asked, cohort, weighting), "stress": text_of(stresses), "cutoff": cutoff, "before": shown[0], "after": shown[1], **found}
    told |= {"worth_before": asdict(worth(before, weighting, asked.source)), "worth_after": asdict(worth(after, weighting, asked.source))}
    told |= {"curve": along} if asked.curve else {}
    attacked = [stressed(searched, each, behind) for each in attacks(stresses)] if asked.hold else []
    return told | (_holding(weighting, searched, (before, after), attacked, asked) if asked.hold else {})


def _holding(weighting: Weighting, searched: Evidence, worlds: tuple[Evidence, Evidence], attacked: Sequence[Evidence], asked: argparse.Namespace) -> Answer:
    """The best weights without stress and those that hold under the stress, searched on the calibration persons, read on others."""
    look = partial(robust_weights, searched, wish=Wish(), floor=asked.floor, missing=asked.missing)
    start = learned(searched, asked.floor, asked.missing)
    unstressed = look((), start=(start,))
    robust = look(attacked, start=(start, unstressed))
    named = {NOW: weighting, BEST: unstressed, ROBUST: robust}
    return {"hold": robustness(named, *worlds).to_dicts(), "weights_that_hold": robust.shares}


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder for what is written on the way to a file, where there is room for the file."""
    beside = path.parent if replaceable(path) else None  # nothing beside a device
    try:
        folder = TemporaryDirectory(prefix=".weighbridge-", dir=beside)
    except OSError as error:
        told = f"cannot write {path}: {why(error)}; name another file with --out"
        raise Refusal(told) from None
    with folder as named:
        yield Path(named)


def _kept(weighed: Weighed, explained: Explanation, out: Path) -> Answer:
    """What was written of a cohort."""
    told = {"persons": len(weighed.persons), "scored": weighed.scored, "out": str(out)}
    exact = {p.design.source.key: p.exact_by for p in explained.parts}
    return {**told, "exact_by": exact, "sources": importance(weighed, "source").select("key", "label", "mean", "share", "weight", "spoken").to_dicts()}


def _placed(statement: Statement, standing: Standing, scale: Scorecard) -> Answer:
    """A person's points, and where they stand among all who are scored; nothing of either for a person who is not."""
    names = ("points", "band", "percentile", "log_odds", "base_log_odds")
    told = {"scored": statement.scored, "reach": statement.reach, "percentile_of": standing.among}
    if not statement.scored:
        return {**told, **dict.fromkeys(names)}
    points = statement.points(scale)
    place = (points, scale.band(points), 100 * standing.share, statement.log_odds, statement.base_log_odds)
    return {**told, **dict(zip(names, place, strict=True))}


def _reasoned(statement: Statement, usual: records.Ranges, scale: Scorecard) -> Answer:
    """The contributions of a person's features, the largest first, and the reasons, or why there are none."""
    parts = sorted(statement.contributions, key=lambda c: -abs(c.log_odds))
    found = reasons(statement, scale, usual)
    sentence, sentence_zh = sentences(statement, found)
    return {
        "contributions": [{"source": c.source.key, "feature": c.feature.name, "value": c.value, "contribution": c.log_odds} for c in parts],
        "reasons": [
            {"source": r.source.key, "features": [f.name for f in r.features], "text": r.text, "text_zh": r.text_zh, "points": -r.points} for r in found
        ],
        "reason": sentence,
        "reason_zh": sentence_zh,
    }


def _scaled(scale: Scorecard) -> Answer:
    """What the points mean: payers to one defaulter at the anchor, the points that double them, the ends, the first cutoff, where bands begin."""
    told = {name: getattr(scale, name) for name in ("anchor", "odds", "doubling", "low", "high")}
    return {**told, "cutoff": scale.accepts_from, "bands": [f"{name} from {at:g}" for name, at in scale.edges]}


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


def _write_text(text: str, path: Path) -> None:
    """Keep a text as a file of its own."""
    with writing(path) as draft:
        draft.write_text(text, "utf-8")


def _write(frame: pl.DataFrame, path: Path) -> None:
    """Keep a frame as Parquet."""
    with writing(path) as draft:
        frame.write_parquet(draft)


def _load(asked: argparse.Namespace, catalog: Catalog) -> Fitted:
    return load(catalog, folder=asked.home, progress=lambda key, done, total: _progress(f"{key} fitted, {done} of {total}"))


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
