"""Would another model over the raw data do better? Three that pool the data, each more familiar or freer than one model per source.

`joint`: boosted trees of which each sees a single source, fitted together: still a sum over sources. `free`: boosted trees over all columns.
`scorecard`: weights of evidence in a logistic regression, the form that lenders have used longest.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analytics.data.population import Population
from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS, turn

from . import home as homes
from .design import Design
from .home import Home
from .model import Cancelled, Heed, Settings, log_odds, proceed
from .pooled import learn, outcomes, placed, side_by_side

if TYPE_CHECKING:
    from optbinning import BinningProcess

Challenger = Callable[[Design, pl.DataFrame, float, Settings, Heed], np.ndarray]
TREND = {"riskier": "ascending", "safer": "descending"}
BLOCK = 100_000  # persons whose weights of evidence are held at once
LEAST = 0.02  # information value below which a column says nothing, by the field's rule of thumb


def free(design: Design, everyone: pl.DataFrame, base_rate: float, settings: Settings = Settings(), heed: Heed = lambda *_: True) -> np.ndarray:
    """Log-odds that one model over all columns adds to the base rate, for everyone in file order, shape (persons,), float32.

    Parameters
    ----------
    design : of all sources, as `analytics.sources.pooled.side_by_side` gives it.
    heed : called with the rounds done and the most there will be; False stops, with `Cancelled`.

    Returns
    -------
    ndarray
        NaN for whoever no source knows. The other challengers give the same.
    """
    return learn(design, everyone, base_rate, settings, heed=heed)


def joint(design: Design, everyone: pl.DataFrame, base_rate: float, settings: Settings = Settings(), heed: Heed = lambda *_: True) -> np.ndarray:
    """Log-odds by one model whose trees each see a single source: as separable as the sources' own models, but fitted together."""
    return learn(design, everyone, base_rate, settings, apart=by_source(design), heed=heed)


def by_source(design: Design) -> list[list[str]]:
    """The columns of a pooled design, source by source."""
    return [list(names) for _, names in groupby((f.name for f in design.features), key=lambda name: name.partition(".")[0])]


def scorecard(
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings = Settings(),  # noqa: ARG001 - all challengers are called alike
    heed: Heed = lambda *_: True,
) -> np.ndarray:
    """Log-odds by a weight-of-evidence scorecard: columns in optimal bins, each bin as its weight of evidence, summed by a logistic regression.

    Bins follow the direction that the catalog gives a column; columns with an information value below 0.02 are left out, missing values have a bin
    of their own. `settings` say nothing here.

    Raises
    ------
    Refusal
        If optbinning is not installed, or the training persons do not have both outcomes, or no column says anything.

    References
    ----------
    Siddiqi 2006, credit risk scorecards; Navas-Palencia 2020, optimal binning: mathematical programming formulation.
    """
    proceed("scorecard", heed, 0, 1)
    binning = _binning()
    defaulted, splits = outcomes(design, everyone)
    if design.folds is None:
        return placed(design, _taught(binning, design, splits, defaulted) - log_odds(base_rate))
    said = np.empty(len(design.rows))
    for asked in range(FOLDS):
        proceed("scorecard", heed, asked, FOLDS)
        mine = design.folds == asked
        said[mine] = _taught(binning, design, turn(splits, design.folds, asked), defaulted)[mine]
    return placed(design, said - log_odds(base_rate))


def _binning() -> "type[BinningProcess]":
    try:
        from optbinning import BinningProcess  # noqa: PLC0415 - an optional extra, and seconds to import
    except ImportError:
        raise Refusal("the weight-of-evidence scorecard needs optbinning, an optional extra; install it by: pip install 'optbinning>=1,<2'") from None
    return BinningProcess


def _taught(binning: "type[BinningProcess]", design: Design, splits: np.ndarray, defaulted: np.ndarray) -> np.ndarray:
    """Log-odds of the design's persons by a scorecard that the training persons taught, shape (known persons,)."""
    train = np.flatnonzero((splits == "train") & ~np.isnan(defaulted))
    if len(np.unique(defaulted[train])) < 2:
        raise Refusal(f"a scorecard has nothing to learn from: its {len(train):,} training persons do not have both outcomes; choose wider data")
    return _scored(binning, design, train, defaulted[train].astype(int))


def _scored(binning: "type[BinningProcess]", design: Design, train: np.ndarray, defaulted: np.ndarray) -> np.ndarray:
    """Log-odds of the design's persons, shape (known persons,)."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that only this challenger needs

    columns = np.flatnonzero(~np.isnan(design.matrix[train]).all(axis=0))
    names = [design.features[c].name for c in columns]
    trends = {design.features[c].name: {"monotonic_trend": TREND[d]} for c in columns if (d := design.features[c].direction) in TREND}
    texts = [name for name in names if name in design.categories]
    process = binning(names, categorical_variables=texts or None, binning_fit_params=trends or None, selection_criteria={"iv": {"min": LEAST}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # optbinning asks pandas for what pandas will drop one day; its figures are right
        process.fit(design.matrix[np.ix_(train, columns)], defaulted)
        if not process.get_support().any():
            raise Refusal(f"a scorecard has nothing to say: none of its {len(names):,} columns has an information value of {LEAST:g} or more")
        model = LogisticRegression(max_iter=1000).fit(_woe(process, design, train, columns), defaulted)
        if model.n_iter_.max() >= model.max_iter:
            raise Refusal(f"a scorecard found no end within {model.max_iter:,} steps; choose wider data or fewer columns")
        blocks = np.array_split(np.arange(len(design.rows)), 1 + len(design.rows) // BLOCK)
        return np.concatenate([model.decision_function(_woe(process, design, rows, columns)) for rows in blocks])


def _woe(process: "BinningProcess", design: Design, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The weight of evidence of each column, shape (rows, columns that say anything); missing values have their own."""
    return process.transform(design.matrix[np.ix_(rows, columns)], metric="woe", metric_missing="empirical")


CHALLENGERS: Mapping[str, tuple[str, Challenger]] = {
    "free": ("One model over all columns", free),
    "joint": ("One model, a source per tree", joint),
    "scorecard": ("Weight-of-evidence scorecard", scorecard),
}


def challenge(
    population: Population,
    everyone: pl.DataFrame,
    base_rate: float,
    *,
    settings: Settings = Settings(),
    rounds: Callable[[str, int, int], bool] = lambda *_: True,
    keys: Sequence[str] = tuple(CHALLENGERS),
    kept: Home | None = None,
) -> Iterator[tuple[str, np.ndarray | str]]:
    """Fit challengers, one after the other, as they are asked for.

    Parameters
    ----------
    everyone : the people, in file order.
    keys : which of `CHALLENGERS`; by default all.
    rounds : called before a challenger and after each of its rounds with its key, the rounds done and the most there will be; False stops, with `Cancelled`.
    kept : where the sources' models are; what challengers say is kept beside them, and they are not fitted again for the same data and settings.

    Yields
    ------
    tuple
        The key, and what the challenger adds to the base rate, for everyone in file order, NaN for whoever no source knows; or a sentence on why there is none.
    """
    design = cache(partial(side_by_side, population, everyone))
    for key in keys:
        place, told = kept and kept.inside(key), _depends(population, settings, key)
        recalled = _recalled(place, told)
        if recalled is None:
            fitted = _tried(CHALLENGERS[key][1], design(), everyone, base_rate, settings, partial(rounds, key))
            _keep(place, told, fitted)
        yield key, fitted if recalled is None else recalled


SAID = "said.npy"


def _recalled(place: Home | None, told: dict[str, object]) -> np.ndarray | None:
    """What a challenger said, if it is kept, whole, and of the same data and settings."""
    if place is None or not place.holds(told):
        return None
    said: np.ndarray = np.load(io.BytesIO(place.open(SAID)), allow_pickle=False)
    return said


def _keep(place: Home | None, told: dict[str, object], said: np.ndarray | str) -> None:
    """Keep what a challenger says; a reason why there is none may pass, and a folder that cannot be written costs only the time to fit again."""
    if place is not None and isinstance(said, np.ndarray):
        np.save(file := io.BytesIO(), said, allow_pickle=False)
        with suppress(Refusal):
            place.write(told, {SAID: file.getvalue()})


def _depends(population: Population, settings: Settings, key: str) -> dict[str, object]:
    """All that a challenger depends on: what the sources' models do, and the libraries that it has to itself."""
    libraries = {name: _release(name) for name in ("scikit-learn", "optbinning")}
    return {"models": homes.key(population, settings), "challenger": key, "libraries": libraries}


def _release(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _tried(fit: Challenger, design: Design, everyone: pl.DataFrame, base_rate: float, settings: Settings, heed: Heed) -> np.ndarray | str:
    """What the challenger says, or why it cannot."""
    try:
        return fit(design, everyone, base_rate, settings, heed)
    except Cancelled:
        raise
    except Refusal as refusal:
        return str(refusal)
