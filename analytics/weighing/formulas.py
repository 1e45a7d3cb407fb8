"""How is each reading computed? Compiled, from the counts alone, each with its influence: how far one person in each cell moves it.

Every formula takes the counts of the scored, shape (2, bins): paid, defaulted; the unscored, shape (2,); and fills `influence`, shape (2, bins + 1)
with the unscored last. It gives the value, the persons the figure rests on, and the most that binning can have moved it; `nan` where there is nobody.

References
----------
DeLong, DeLong, Clarke-Pearson 1988 (variance of the AUC by placements); Hampel 1974 (influence curve); Wilson 1927 (interval of a share).
"""

from math import exp, inf, isfinite, isnan, log, nan, sqrt

import numba as nb

Z = 1.959963984540054  # two-sided 95%
SCORED = -1  # in place of the bin of the unscored: read the scored alone


@nb.njit(cache=True)
def coverage(counts, unscored, influence):  # type: ignore[no-untyped-def]
    """Share of people who are scored."""
    scored = float(counts.sum())
    total = scored + unscored[0] + unscored[1]
    if total == 0:
        return nan, 0.0, 0.0
    value = scored / total
    influence[:, :-1] = (1 - value) / total
    influence[:, -1] = -value / total
    return value, total, 0.0


@nb.njit(cache=True)
def auc(counts, unscored, influence, zero):  # type: ignore[no-untyped-def]
    """How often a defaulter stands at higher risk than a payer, ties counting half: among the scored, or with the unscored in the bin `zero`.

    The unscored are tied with each other in truth, and with the scored of that bin by binning.
    """
    paid_all, bad_all = float(counts[0].sum()), float(counts[1].sum())
    if zero != SCORED:
        paid_all, bad_all = paid_all + unscored[0], bad_all + unscored[1]
    if paid_all == 0 or bad_all == 0:
        influence[:] = 0.0
        return nan, 0.0, 0.0
    value, tied = _place(counts, unscored, influence, zero, paid_all, bad_all)
    for k in range(counts.shape[1]):
        influence[0, k] = (influence[0, k] - value) / paid_all
        influence[1, k] = (influence[1, k] - value) / bad_all
    for y in range(2):
        influence[y, -1] = influence[y, zero] if zero != SCORED else 0.0
    return value, min(paid_all, bad_all), tied / paid_all / bad_all / 2


@nb.njit(cache=True)
def _place(counts, unscored, influence, zero, paid_all, bad_all):  # type: ignore[no-untyped-def]
    """The share of the other outcome that each cell stands on the right side of, into `influence`; gives the AUC and the pairs tied by binning."""
    below_paid = below_bad = area = tied = 0.0
    for k in range(counts.shape[1]):
        paid, bad = float(counts[0, k]), float(counts[1, k])
        if k == zero:
            paid, bad = paid + unscored[0], bad + unscored[1]
            tied -= float(unscored[0]) * unscored[1]
        influence[0, k] = 1 - (below_bad + bad / 2) / bad_all
        influence[1, k] = (below_paid + paid / 2) / paid_all
        area += bad * influence[1, k]
        tied += paid * bad
        below_paid += paid
        below_bad += bad
    return area / bad_all, tied


@nb.njit(cache=True)
def ks(counts, unscored, influence):  # type: ignore[no-untyped-def]  # noqa: ARG001 - all formulas are called alike
    """Largest distance between the score distributions of payers and defaulters, among the scored; the place of the largest counts as given."""
    influence[:] = 0.0
    paid_all, bad_all = float(counts[0].sum()), float(counts[1].sum())
    if paid_all == 0 or bad_all == 0:
        return nan, 0.0, 0.0
    widest, value, at_paid, at_bad, paid, bad = -1, -inf, 0.0, 0.0, 0.0, 0.0
    for k in range(counts.shape[1]):
        paid += counts[0, k]
        bad += counts[1, k]
        if paid / paid_all - bad / bad_all > value:
            widest, value, at_paid, at_bad = k, paid / paid_all - bad / bad_all, paid / paid_all, bad / bad_all
    for k in range(counts.shape[1]):
        influence[0, k] = ((k <= widest) - at_paid) / paid_all
        influence[1, k] = -((k <= widest) - at_bad) / bad_all
    return value, min(paid_all, bad_all), 0.0


@nb.njit(cache=True)
def mean(counts, unscored, influence, values):  # type: ignore[no-untyped-def]  # noqa: ARG001 - all formulas are called alike
    """Mean of a value per cell, shape (2, bins), among the scored."""
    influence[:] = 0.0
    total = float(counts.sum())
    if total == 0:
        return nan, 0.0, 0.0
    value = 0.0
    for y in range(2):
        for k in range(counts.shape[1]):
            value += counts[y, k] * values[y, k]
    value /= total
    for y in range(2):
        for k in range(counts.shape[1]):
            influence[y, k] = (values[y, k] - value) / total
    return value, total, 0.0


@nb.njit(cache=True)
def squares(low, width, intercept, slope, values):  # type: ignore[no-untyped-def]
    """Squared distance between probability and outcome per cell, for the Brier score."""
    for k in range(values.shape[1]):
        p = 1 / (1 + exp(-(intercept + slope * (low + width * (k + 0.5)))))
        values[0, k] = p * p
        values[1, k] = (1 - p) * (1 - p)


@nb.njit(cache=True)
def error(counts, unscored, influence):  # type: ignore[no-untyped-def]
    """Standard error: the root of the summed squares of the influences."""
    total = 0.0
    for y in range(2):
        for k in range(counts.shape[1]):
            total += counts[y, k] * influence[y, k] ** 2
        total += unscored[y] * influence[y, -1] ** 2
    return sqrt(total)


@nb.njit(cache=True, nogil=True, fastmath={"reassoc"})  # in any order, so that several persons go at once
def moved(of_a, of_b, a, b, outcome):  # type: ignore[no-untyped-def]
    """Standard error of a difference: each person's influence under B, shape (2, bins + 1), is taken from that under A before it is squared."""
    total = 0.0
    for i in range(len(a)):
        total += (of_a[outcome[i], a[i]] - of_b[outcome[i], b[i]]) ** 2
    return sqrt(total)


@nb.njit(cache=True)
def interval(value, error, persons):  # type: ignore[no-untyped-def]
    """95% interval of a figure in [0, 1] by Wilson's formula, with the persons it would take for this standard error; never leaves [0, 1]."""
    if not isfinite(value):
        return nan, nan
    n = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else max(persons, 1.0)
    middle, half = value + Z**2 / (2 * n), Z * sqrt(max(value * (1 - value), 0.0) / n + Z**2 / (4 * n**2))
    low = max((middle - half) / (1 + Z**2 / n), 0.0) if value > 0 else 0.0
    high = min((middle + half) / (1 + Z**2 / n), 1.0) if value < 1 else 1.0
    return low, high


@nb.njit(cache=True)
def calibrate(counts, low, width, start_intercept, start_slope):  # type: ignore[no-untyped-def]
    """Fit log-odds = intercept + slope * x by Newton's method on the bins, x = start_intercept + start_slope * evidence.

    A slope that the data cannot tell (nobody scored, one outcome, one bin) is 1, around the rate of the people there are, smoothed by one half.
    """
    people = bad = centre = spread = filled = bad_centre = 0.0
    for k in range(counts.shape[1]):
        n = counts[0, k] + counts[1, k]
        x = start_intercept + start_slope * (low + width * (k + 0.5))
        people += n
        bad += counts[1, k]
        bad_centre += counts[1, k] * x
        centre += n * x
        spread += n * x * x
        filled += n > 0
    centre = centre / people if people > 0 else 0.0
    spread = sqrt(max(spread / max(people, 1.0) - centre**2, 0.0))
    if filled < 2 or not 0 < bad < people or spread < 1e-9:
        return log((bad + 0.5) / (people - bad + 0.5)) - centre, 1.0
    rate = bad / people
    gap = (bad_centre / bad - centre) / spread / (1 - rate)
    b = min(max(gap / max(1 - rate * (1 - rate) * gap**2, 0.2), -2.0), 2.0)  # Fisher's discriminant: near the end from the start
    a = log(rate / (1 - rate)) - (0.5 - rate) * b * b  # of the centred and scaled x, whose two numbers hardly disturb each other
    for _ in range(50):
        ga = gb = haa = hab = hbb = 0.0
        for k in range(counts.shape[1]):
            n = counts[0, k] + counts[1, k]
            if n > 0:
                x = (start_intercept + start_slope * (low + width * (k + 0.5)) - centre) / spread
                p = 1 / (1 + exp(-(a + b * x)))
                residual, weight = counts[1, k] - n * p, n * p * (1 - p)
                ga += residual
                gb += residual * x
                haa += weight
                hab += weight * x
                hbb += weight * x * x
        haa, hbb = haa + 1e-9, hbb + 1e-9
        determinant = haa * hbb - hab * hab
        if determinant <= 0:  # people told apart perfectly: nothing more to learn
            break
        da, db = (hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant
        a, b = a + min(max(da, -5.0), 5.0), b + min(max(db, -5.0), 5.0)
        if max(abs(da), abs(db)) < 1e-6:  # each step leaves the square of the error before
            break
    return a - b / spread * centre, b / spread


@nb.njit(cache=True)
def best_cutoff(counts, low, width, gain, loss):  # type: ignore[no-untyped-def]
    """The evidence below which accepting earns most: a payer brings `gain`, a defaulter costs `loss`.

    Read the profit on other persons: here it is a maximum, and flatters.
    """
    best = total = 0.0
    place = 0
    for k in range(counts.shape[1]):
        total += gain * counts[0, k] - loss * counts[1, k]
        if total > best:
            best, place = total, k + 1
    return low + width * place


@nb.njit(cache=True)
def profit(counts, low, width, people, cutoff, gain, loss):  # type: ignore[no-untyped-def]
    """Profit per person if whoever lies below the cutoff is accepted; nan where neither gain nor loss is told."""
    end = min(max(round((cutoff - low) / width), 0), counts.shape[1])
    total = gain * counts[0, :end].sum() - loss * counts[1, :end].sum()
    return total / people if people > 0 and not isnan(gain + loss) else nan
