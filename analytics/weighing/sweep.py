"""What would other weights do?

Every reading of many weightings at once, and along the weight of one source.
"""

from collections.abc import Callable, Iterator, Sequence
from math import nan

import numba as nb
import numpy as np
import polars as pl

from analytics.sources.evidence import Evidence

from . import formulas
from .readings import READINGS, calibrate, further
from .tally import BINS, Counts, count, tally
from .weighting import Weighting, equal

STEPS = 21
BATCH = 128  # weightings whose counts are held at once: 8 MB
RANGED = ("coverage", "auc_scored", "auc_common", "auc_everyone", "ks", "brier")
READ = tuple(f"{name}{end}" for name in RANGED for end in ("", "_low", "_high", "_bound"))
PLAIN = ("bad_rate_scored", "profit", "intercept", "slope")
Progress = Callable[[int, int], bool]


def sweep(
    persons: Evidence,
    weightings: Sequence[Weighting],
    *,
    calibrated: Evidence | None = None,
    reference: Weighting | None = None,
    margin: tuple[float, float] = (nan, nan),
    progress: Progress = lambda *_: True,
) -> pl.DataFrame:
    """All readings of many weightings.

    Parameters
    ----------
    persons : whom the readings are of.
    calibrated : the calibration persons, who calibrate and choose the cutoff; without them the
        persons read do so themselves, as in a search.
    reference : whom the AUC of the common compares with; by default equal weights under the first
        weighting's floor and policy.
    margin : what an accepted payer brings and an accepted defaulter costs; the profit per person,
        less the price, is that of the cutoff which earns most from the calibration persons.
    progress : called with how many are done, and of how many; False stops, and the frame then holds
        those done.

    Returns
    -------
    DataFrame
        One row per weighting: `weight.<source>` (shares), `floor`, `missing`, `price`; `coverage`,
        `auc_scored`, `auc_common`, `auc_everyone`, `ks` and `brier`, each with `_low` and `_high`,
        the AUCs with `_bound`; `bad_rate_scored`, `profit`, `intercept`, `slope`. Null where there
        is nothing to read.
    """
    if not weightings:
        return pl.DataFrame()
    against = reference or equal(persons.catalog, weightings[0].floor, weightings[0].missing)
    read = np.vstack(
        list(_batches(persons, weightings, calibrated or persons, against, margin, progress))
    )
    done = weightings[: len(read)]
    prices = np.array([w.price(persons.catalog) for w in done])
    table = pl.DataFrame(dict(zip((*READ, *PLAIN), read.T, strict=True))).with_columns(
        pl.col("profit") - prices
    )
    rest = (
        [
            further(
                tally(persons, w),
                tally(persons, w, [against]),
                calibrate(tally(calibrated or persons, w)),
            )
            for w in done
        ]
        if set(READINGS) - set(RANGED)
        else []
    )
    frames = [
        told(done),
        pl.DataFrame({"price": prices}),
        _tidy(table),
        pl.DataFrame(rest).fill_nan(None),
    ]
    return pl.concat(frames, how="horizontal")


def told(weightings: Sequence[Weighting]) -> pl.DataFrame:
    """The weightings as a frame: `weight.<source>` (shares), `floor`, `missing`."""
    keys = [f"weight.{k}" for k, _ in weightings[0].weights]
    shares = pl.DataFrame(np.array([w.vector for w in weightings]), schema=keys)
    return shares.with_columns(
        floor=pl.Series([w.floor for w in weightings]),
        missing=pl.Series([w.missing for w in weightings]),
    )


def _tidy(table: pl.DataFrame) -> pl.DataFrame:
    """Bounds only where binning matters, null for what is not a number."""
    return table.drop(f"{name}_bound" for name in ("coverage", "ks", "brier")).fill_nan(None)


def _batches(
    persons: Evidence,
    weightings: Sequence[Weighting],
    calibrated: Evidence,
    against: Weighting,
    margin: tuple[float, float],
    progress: Progress,
) -> Iterator[np.ndarray]:
    """The readings of a batch of weightings after the other, until `progress` says stop."""
    for start in range(0, len(weightings), BATCH):
        batch = weightings[start : start + BATCH]
        counted = count(persons, batch, [against])
        yield _readings(
            counted, counted if calibrated is persons else count(calibrated, batch), margin
        )
        if not progress(start + len(batch), len(weightings)):
            return


def _readings(counted: Counts, calibrated: Counts, margin: tuple[float, float]) -> np.ndarray:
    """Shape (weightings, readings)."""
    table = np.full((len(counted.low), len(READ) + len(PLAIN)), nan)
    grids = (counted.low, counted.width, calibrated.low, calibrated.width)
    _read(counted.layers, counted.people, calibrated.layers, *grids, *margin, table)
    return table


@nb.njit(parallel=True, cache=True, nogil=True)
def _read(  # type: ignore[no-untyped-def]
    layers, people, calibrated, low, width, calibrated_low, calibrated_width, gain, loss, table
):
    """Every reading of every weighting, into the rows of `table`.

    The order is that of READ and PLAIN.
    """
    for j in nb.prange(len(low)):
        zero = int(np.float32(-low[j] / width[j]))  # as `Tally.zero`
        first, last = _filled(layers[j], zero)
        shared = layers[j, 1, :, first:last].astype(np.int64)
        counts = shared + layers[j, 0, :, first:last]
        unscored, apart = people - counts.sum(axis=1), people - shared.sum(axis=1)
        influence, squares = np.zeros((2, last - first + 1)), np.empty((2, last - first))
        fitted = calibrated[j, 0].astype(np.int64) + calibrated[j, 1]
        place = _place(
            formulas.widest(fitted), calibrated_low[j], calibrated_width[j], low[j], width[j]
        )
        intercept, slope, _ = formulas.calibrate(
            fitted, calibrated_low[j], calibrated_width[j], 0.0, 1.0
        )
        formulas.squares(low[j] + width[j] * first, width[j], intercept, slope, squares)
        row = table[j]
        row[0:4] = formulas.coverage(counts, unscored, influence)
        row[4:8] = formulas.auc(counts, unscored, influence, formulas.SCORED)
        row[8:12] = formulas.auc(shared, apart, influence, formulas.SCORED)
        row[12:16] = formulas.auc(counts, unscored, influence, zero - first)
        row[16:20] = formulas.ks(counts, unscored, influence, place - first)
        row[20:24] = formulas.brier(counts, unscored, influence, squares)
        scored = counts.sum()
        row[24] = counts[1].sum() / scored if scored > 0 else nan
        cutoff = formulas.best_cutoff(fitted, calibrated_low[j], calibrated_width[j], gain, loss)
        row[25] = formulas.profit(
            counts, low[j] + width[j] * first, width[j], people.sum(), cutoff, gain, loss
        )
        row[26], row[27] = intercept, slope


@nb.njit(cache=True)
def _filled(layers, zero):  # type: ignore[no-untyped-def]
    """The first bin that holds anyone, or evidence 0, and the end of the last.

    Outside there is nothing to read.
    """
    first, last = zero, zero + 1
    for k in range(BINS):
        if layers[0, 0, k] + layers[0, 1, k] + layers[1, 0, k] + layers[1, 1, k] > 0:
            first, last = min(first, k), max(last, k + 1)
    return first, last


@nb.njit(cache=True)
def _place(bin, low, width, other_low, other_width):  # type: ignore[no-untyped-def]
    """The bin of another grid that ends nearest to where this bin ends."""
    return int(np.rint((low + width * (bin + 1) - other_low) / other_width)) - 1


def plane(found: pl.DataFrame, accuracy: str = "auc_everyone") -> pl.DataFrame:
    """What a coverage-accuracy picture needs of a sweep.

    `coverage` and `auc` (the accuracy chosen), each with `_low` and `_high`, null where it has
    none.
    """
    ends = [
        (
            pl.col(f"{accuracy}{end}")
            if f"{accuracy}{end}" in found.columns
            else pl.lit(None, pl.Float64)
        )
        for end in ("", "_low", "_high")
    ]
    return found.select(
        "coverage",
        "coverage_low",
        "coverage_high",
        *(e.alias(f"auc{end}") for e, end in zip(ends, ("", "_low", "_high"), strict=True)),
    )


def along(persons: Evidence, weighting: Weighting, key: str, *, steps: int = STEPS) -> pl.DataFrame:
    """Move one source's share of the weight from 0 to 1; the others keep their proportions.

    Returns
    -------
    DataFrame
        `weight` (share in [0, 1]) and the columns of `sweep`.
    """
    shares = np.linspace(0, 1, steps) if len(weighting.weights) > 1 else np.ones(1)
    found = sweep(persons, [weighting.put(key, float(s)) for s in shares])
    return found.select(pl.Series("weight", shares), *found.columns)
