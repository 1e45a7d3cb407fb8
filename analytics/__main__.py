"""The command line: the headless twin of the pages."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data import catalog as catalogs
from analytics.data.catalog import Catalog, People, Source
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import find, people
from analytics.data.refusal import Refusal
from analytics.data.split import SPLITS
from analytics.deciding.comparison import compare
from analytics.deciding.strategy import strategy
from analytics.sources.design import draw
from analytics.sources.evidence import line_up
from analytics.sources.fitting import Fitted, load, root
from analytics.weighing.quality import alone
from analytics.weighing.readings import calibrate, read
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally
from analytics.weighing.weighting import MISSING, Weighting, equal, parse, preset

Answer = dict[str, object]


def main(words: list[str] | None = None) -> int:
    """Run one verb; 0 done, 1 the data were refused, 2 wrong usage."""
    asked = parser().parse_args(words)
    if asked.verb == "warm":
        warm()
        return 0
    try:
        answer = VERBS[asked.verb](asked, catalogs.read(asked.catalog))
    except Refusal as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False) if asked.json else "\n".join(lines(answer)))
    return 0


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    top = argparse.ArgumentParser("python -m analytics", description="Weighbridge without a browser.")
    verbs = top.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--catalog", default="sample_data/catalog.toml", help="the catalog file (default: %(default)s)")
    common.add_argument("--home", type=Path, default=root(), help="the work folder (default: WEIGHBRIDGE_HOME or .weighbridge)")
    common.add_argument("--json", action="store_true", help="one JSON object on stdout and nothing else there")
    verbs.add_parser("check", parents=[common], help="read the catalog and the data; report what is there")
    verbs.add_parser("warm", help="compile what can be compiled ahead of the first use")
    verbs.add_parser("fit", parents=[common], help="one model per source, kept in the work folder")
    weigh_parser = verbs.add_parser("weigh", parents=[common], help="the readings of one weighting")
    which = weigh_parser.add_mutually_exclusive_group()
    which.add_argument("--weights", help="bureau=35,bank=25 (default: equal weights)")
    which.add_argument("--bureau", help="the weights of a bureau of the catalog")
    weigh_parser.add_argument("--floor", type=float, default=0.4, help="least known share of the weight to be scored (default: %(default)s)")
    weigh_parser.add_argument("--missing", choices=MISSING, default="neutral", help="what an absent source means (default: %(default)s)")
    weigh_parser.add_argument("--cohort", type=Path, help="a cohort as JSON")
    weigh_parser.add_argument("--split", choices=SPLITS, default="test", help="the persons to read (default: %(default)s)")
    return top


def warm() -> None:
    """Compile the kernels and formulas into Numba's cache, on forty people and one source."""
    catalog = Catalog(People("people.csv", "person", "defaulted"), (Source("bank", "Bank", ("balance",)),))
    people = pl.DataFrame({"row": range(40), "defaulted": [False, True] * 20, "split": ["test"] * 40})
    evidence = line_up(catalog, people, np.arange(40, dtype=np.float32)[:, None], base_rate=0.5)
    fitted = calibrate(tally(evidence, equal(catalog)))
    compare(evidence, equal(catalog), equal(catalog), (fitted, fitted), cutoff=600)
    sweep(evidence, [equal(catalog)])


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
    fitted = _load(asked, catalog)
    calibration = calibrate(tally(fitted.evidence.split("calibrate"), weighting))
    persons = fitted.evidence
    if cohort.conditions:
        persons = persons.rows(fitted.population.collect(cohort, ["row"])["row"].to_numpy())
    found = read(persons, weighting, split=(asked.split,), calibration=calibration)
    cutoffs = strategy(tally(persons.split(asked.split), weighting), calibration).to_dicts()
    told = {"cohort": cohort.name, "split": asked.split, "weights": weighting.shares, "floor": weighting.floor, "missing": weighting.missing}
    return {**told, "price": weighting.price(catalog), **found.json(), "cutoffs": cutoffs}


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


def lines(answer: Answer, indent: str = "") -> list[str]:
    """An answer for people: a line per figure, a table per list."""
    return [line for name, value in answer.items() for line in _lines(name.replace("_", " "), value, indent)]


def _lines(name: str, value: object, indent: str) -> list[str]:
    if isinstance(value, dict):
        return [f"{indent}{name}", *lines(value, indent + "  ")]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{indent}{name}", *_table(value)]
    return [f"{indent}{name:<20} {_text(value)}"]


def _table(rows: list[dict[str, object]]) -> list[str]:
    cells = [[n.replace("_", " ") for n in rows[0]], *([_text(v) for v in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


VERBS: dict[str, Callable[[argparse.Namespace, Catalog], Answer]] = {"check": check, "fit": fit, "weigh": weigh}

if __name__ == "__main__":
    sys.exit(main())
