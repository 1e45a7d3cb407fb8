"""Would another model over the raw data do better? Three that pool the data, each more familiar or
freer than one model per source.

`joint`: boosted trees of which each sees a single source, fitted together: still a sum over
sources. `free`: boosted trees over all columns.
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
from .model import Cancelled, Settings, ShouldContinue, log_odds, proceed
from .pooled import learn, outcomes, placed, side_by_side

if TYPE_CHECKING:
    import shap
    from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression

Challenger = Callable[[Design, pl.DataFrame, float, Settings, ShouldContinue], np.ndarray]
TREND = {"riskier": "ascending", "safer": "descending"}
SCORECARD = "scorecard"
BLOCK = 100_000  # persons whose weights of evidence are held at once
LEAST = 0.02  # information value below which a column says nothing, by the field's rule of thumb


def free(
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings = Settings(),
    should_continue: ShouldContinue = lambda *_: True,
) -> np.ndarray:
    """Log-odds that one model over all columns adds to the base rate, for everyone in file order,
    shape (persons,), float32.

    Parameters
    ----------
    design : of all sources, as `analytics.sources.pooled.side_by_side` gives it.
    should_continue : called with the rounds done and the most there will be; False stops, with
        `Cancelled`.

    Returns
    -------
    ndarray
        NaN for whoever no source knows. The other challengers give the same.
    """
    return learn(design, everyone, base_rate, settings, should_continue=should_continue)


def joint(
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings = Settings(),
    should_continue: ShouldContinue = lambda *_: True,
) -> np.ndarray:
    """Log-odds by one model whose trees each see a single source: as separable as the sources' own
    models, but fitted together."""
    return learn(
        design,
        everyone,
        base_rate,
        settings,
        apart=by_source(design),
        should_continue=should_continue,
    )


def by_source(design: Design) -> list[list[str]]:
    """The columns of a pooled design, source by source."""
    return [
        list(names)
        for _, names in groupby(
            (f.name for f in design.features), key=lambda name: name.partition(".")[0]
        )
    ]


def scorecard(
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings = Settings(),  # noqa: ARG001 - all challengers are called alike
    should_continue: ShouldContinue = lambda *_: True,
    reasons: Callable[[pl.DataFrame], None] = lambda _: None,
) -> np.ndarray:
    """Log-odds by a weight-of-evidence scorecard: columns in optimal bins, each bin as its weight
    of evidence, summed by a logistic regression.

    Bins follow the direction that the catalog gives a column; columns with an information value
    below 0.02 are left out, missing values have a bin
    of their own. `settings` say nothing here.

    Parameters
    ----------
    reasons : told what each column adds to each person's log-odds, against the mean of the persons
        who taught, by `shap.LinearExplainer`: `row` in the population's file, and a column
        ``source.feature`` for each, Float32. With a constant per model they add up to the log-odds.

    Raises
    ------
    Refusal
        If optbinning is not installed, or the training persons do not have both outcomes, or no
        column says anything.

    References
    ----------
    Siddiqi 2006, credit risk scorecards; Navas-Palencia 2020, optimal binning: mathematical
    programming formulation.
    """
    proceed("scorecard", should_continue, 0, 1)
    binning = _binning()
    defaulted, splits = outcomes(design, everyone)
    said, values = np.empty(len(design.rows)), np.zeros(design.matrix.shape, np.float32, order="F")
    for asked in range(1 if design.folds is None else FOLDS):
        proceed("scorecard", should_continue, asked, FOLDS) if asked else None
        roles = splits if design.folds is None else turn(splits, design.folds, asked)
        mine = slice(None) if design.folds is None else design.folds == asked
        log_odds_of_all, values_of_all = _taught(binning, design, roles, defaulted)
        said[mine], values[mine] = log_odds_of_all[mine], values_of_all[mine]
    reasons(
        pl.DataFrame(
            {"row": design.rows, **{f.name: values[:, at] for at, f in enumerate(design.features)}}
        )
    )
    return placed(design, said - log_odds(base_rate))


def _binning() -> "type[BinningProcess]":
    try:
        from optbinning import BinningProcess  # noqa: PLC0415 - an optional extra, and seconds to import
    except ImportError:
        raise Refusal(
            "the weight-of-evidence scorecard needs optbinning, an optional extra; install "
            "it by: pip install 'optbinning>=1,<2'"
        ) from None
    return BinningProcess


def _taught(
    binning: "type[BinningProcess]", design: Design, splits: np.ndarray, defaulted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a scorecard that the training persons taught says of the design's persons.

    Returns
    -------
    tuple of ndarray
        Log-odds, shape (known persons,), and what each column adds, shape (known persons, columns).
    """
    train = np.flatnonzero((splits == "train") & ~np.isnan(defaulted))
    if len(np.unique(defaulted[train])) < 2:
        raise Refusal(
            f"a scorecard has nothing to learn from: its {len(train):,} training persons do "
            "not have both outcomes; choose wider data"
        )
    return _scored(binning, design, train, defaulted[train].astype(int))


def _scored(
    binning: "type[BinningProcess]", design: Design, train: np.ndarray, defaulted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of the design's persons, shape (known persons,), and what each column adds."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that only this challenger needs

    columns = np.flatnonzero(~np.isnan(design.matrix[train]).all(axis=0))
    names = [design.features[c].name for c in columns]
    trends = {
        design.features[c].name: {"monotonic_trend": TREND[d]}
        for c in columns
        if (d := design.features[c].direction) in TREND
    }
    texts = [name for name in names if name in design.categories]
    process = binning(
        names,
        categorical_variables=texts or None,
        binning_fit_params=trends or None,
        selection_criteria={"iv": {"min": LEAST}},
    )
    with warnings.catch_warnings():
        # optbinning asks pandas for what pandas will drop one day; its figures are right
        warnings.simplefilter("ignore")
        process.fit(design.matrix[np.ix_(train, columns)], defaulted)
        supported = columns[process.get_support()]
        if not len(supported):
            raise Refusal(
                f"a scorecard has nothing to say: none of its {len(names):,} columns has an "
                f"information value of {LEAST:g} or more"
            )
        taught = _woe(process, design, train, columns)
        model = LogisticRegression(max_iter=1000).fit(taught, defaulted)
        if model.n_iter_.max() >= model.max_iter:
            raise Refusal(
                f"a scorecard found no end within {model.max_iter:,} steps; choose wider "
                "data or fewer columns"
            )
        explainer = _linear(model, taught)
        said = np.empty(len(design.rows))
        values = np.zeros(design.matrix.shape, np.float32, order="F")
        for rows in np.array_split(np.arange(len(design.rows)), 1 + len(design.rows) // BLOCK):
            woe = _woe(process, design, rows, columns)
            said[rows] = model.decision_function(woe)
            values[np.ix_(rows, supported)] = explainer.shap_values(woe)
        return said, values


def _linear(model: "LogisticRegression", taught: np.ndarray) -> "shap.LinearExplainer":
    """What each column adds against the mean of those who taught."""
    import shap  # noqa: PLC0415 - seconds, and only this challenger needs it

    return shap.LinearExplainer(model, shap.maskers.Independent(taught, max_samples=len(taught)))


def _woe(
    process: "BinningProcess", design: Design, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """The weight of evidence of each column, shape (rows, columns that say anything); missing
    values have their own."""
    return process.transform(
        design.matrix[np.ix_(rows, columns)], metric="woe", metric_missing="empirical"
    )


CHALLENGERS: Mapping[str, tuple[str, Challenger]] = {
    "free": ("One model over all columns", free),
    "joint": ("One model, a source per tree", joint),
    SCORECARD: ("Weight-of-evidence scorecard", scorecard),
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
    rounds : called before a challenger and after each of its rounds with its key, the rounds done
        and the most there will be; False stops, with `Cancelled`.
    kept : where the sources' models are; what challengers say is kept beside them, and they are not
        fitted again for the same data and settings.

    Yields
    ------
    tuple
        The key, and what the challenger adds to the base rate, for everyone in file order, NaN for
        whoever no source knows; or a sentence on why there is none.
    """
    design = cache(partial(side_by_side, population, everyone))
    for key in keys:
        place, told = kept and kept.inside(key), _depends(population, settings, key)
        recalled = _recalled(place, told)
        if recalled is None:
            reasons: list[pl.DataFrame] = []
            fit = (
                partial(scorecard, reasons=reasons.append)
                if key == SCORECARD
                else CHALLENGERS[key][1]
            )
            fitted = _tried(fit, design(), everyone, base_rate, settings, partial(rounds, key))
            _keep(place, told, fitted, *reasons)
        yield key, fitted if recalled is None else recalled


SAID, REASONS = "said.npy", "reasons.parquet"


def scorecard_reasons(
    population: Population, kept: Home, settings: Settings = Settings()
) -> pl.DataFrame:
    """What each column adds to the log-odds of a scorecard that is kept, as `scorecard` tells it.

    Raises
    ------
    Refusal
        If it is not kept.
    """
    place = kept.inside(SCORECARD)
    if not place.holds(_depends(population, settings, SCORECARD)):
        remedy = "let the work folder be written, and open the page of models again"
        raise Refusal(f"the scorecard's reasons are not kept in {place.folder}; {remedy}")
    return pl.read_parquet(io.BytesIO(place.open(REASONS)))


def _recalled(place: Home | None, told: dict[str, object]) -> np.ndarray | None:
    """What a challenger said, if it is kept, whole, and of the same data and settings."""
    if place is None or not place.holds(told):
        return None
    said: np.ndarray = np.load(io.BytesIO(place.open(SAID)), allow_pickle=False)
    return said


def _keep(
    place: Home | None, told: dict[str, object], said: np.ndarray | str, *reasons: pl.DataFrame
) -> None:
    """Keep what a challenger says; a reason why there is none may pass, and a folder that cannot be
    written costs only the time to fit again."""
    if place is not None and isinstance(said, np.ndarray):
        np.save(file := io.BytesIO(), said, allow_pickle=False)
        files = {SAID: file.getvalue()}
        for frame in reasons:
            frame.write_parquet(file := io.BytesIO())
            files[REASONS] = file.getvalue()
        with suppress(Refusal):
            place.write(told, files)


def _depends(population: Population, settings: Settings, key: str) -> dict[str, object]:
    """All that a challenger depends on: what the sources' models do, and the libraries that it has
    to itself."""
    names = ("scikit-learn", "optbinning", *(("shap",) if key == SCORECARD else ()))
    libraries = {name: _release(name) for name in names}
    return {"models": homes.key(population, settings), "challenger": key, "libraries": libraries}


def _release(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _tried(
    fit: Challenger,
    design: Design,
    everyone: pl.DataFrame,
    base_rate: float,
    settings: Settings,
    should_continue: ShouldContinue,
) -> np.ndarray | str:
    """What the challenger says, or why it cannot."""
    try:
        return fit(design, everyone, base_rate, settings, should_continue)
    except Cancelled:
        raise
    except Refusal as refusal:
        return str(refusal)
