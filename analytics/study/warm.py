"""What can be compiled ahead of the first use? Kernels and formulas, into Numba's cache."""

import numpy as np
import polars as pl

from analytics.data.catalog.model import Catalog, Feature, People, Source
from analytics.deciding.comparison import compare, pair_up
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import explanation, records
from analytics.explaining.scores import reasons_of_all, sayings
from analytics.explaining.tree_shap import compile_trees, margins
from analytics.sources.design import Design
from analytics.sources.evidence import line_up
from analytics.sources.model import Settings, fit
from analytics.weighing.readings import calibrate
from analytics.weighing.sweep import sweep
from analytics.weighing.tally import tally
from analytics.weighing.weighting import equal


def warm() -> None:
    """Compile everything, on forty people, one source and a small model."""
    source = Source("bank", "Bank", ("balance",))
    catalog = Catalog(People("people.csv", "person", "defaulted"), (source,))
    columns = {"row": range(40), "defaulted": [False, True] * 20, "split": ["test"] * 40}
    balance = np.asfortranarray(np.arange(40, dtype=np.float32)[:, None])
    evidence = line_up(catalog, pl.DataFrame(columns), balance, base_rate=0.5)
    weighting = equal(catalog)
    fitted = calibrate(tally(evidence, weighting))
    compare(pair_up(evidence, weighting, weighting), (fitted, fitted), cutoff=600)
    sweep(evidence, [weighting])
    features, rows = (Feature("balance"),), np.arange(40)
    design = Design(source, features, balance, rows, {}, persons=40, strangers=0)
    outcome, split = np.tile([0.0, 1.0], 20), np.full(40, "train")
    model = fit(design, outcome, split, 0.5, Settings(rounds=2))
    explained = explanation.explain([design], [model], 0.5)
    weighed = explanation.weigh(explained, evidence, weighting, fitted)
    reasons_of_all(weighed, STANDARD, sayings(catalog, [model], records.ranges([design])))
    if trees := compile_trees(model.forest):
        margins(trees, balance)
