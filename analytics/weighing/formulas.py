"""How is each reading computed? Compiled, from the counts alone, each with its influence: how far
one person in each cell moves it.

Every formula takes the counts of the scored, shape (2, bins): paid, defaulted; the unscored, shape
(2,); and fills `influence`, shape (2, bins + 1) with the unscored last. It gives the value, its 95%
interval, and the most that binning can have moved it; `nan` where there is nothing to read.
Standard errors from influences are too small where one outcome is rare: an AUC then has a score
interval, a KS of fewer than 40 persons of the rarer outcome and a Brier score of fewer than 20 have
none.

References
----------
DeLong, DeLong, Clarke-Pearson 1988 (variance of the AUC by placements); Hampel 1974 (influence
curve); Wilson 1927 (interval of a share); Newcombe 1998 (interval of a difference of shares, method
10) and 2006 (score interval of an AUC, method 5); Firth 1993 (penalised likelihood).
"""

from math import exp, inf, isfinite, isnan, log, log1p, nan, sqrt

import numba as nb
import numpy as np

Z = 1.959963984540054  # two-sided 95%
SCORED = -1  # in place of the bin of the unscored: read the scored alone
FEW, FEW_KS = 20, 40  # of the rarer outcome, below which a Brier score, and a KS, have no interval
MISPLACED = (
    5  # of the rarer outcome, below which the standard error of an AUC is too small (simulated)
)
# a KS has an interval wider by this: where payers and defaulters lie furthest apart is itself only
# estimated (simulated: 93 to 95 of 100)
PLACED = 1.05


@nb.njit(cache=True)
def coverage(counts, unscored, influence):  # type: ignore[no-untyped-def]
    """Share of people who are scored."""
    scored = float(counts.sum())
    total = scored + unscored[0] + unscored[1]
    if total == 0:
        return nan, nan, nan, 0.0
    value = scored / total
    influence[:, :-1] = (1 - value) / total
    influence[:, -1] = -value / total
    low, high = interval(value, sqrt(value * (1 - value) / total), total)
    return value, low, high, 0.0


@nb.njit(cache=True)
def auc(counts, unscored, influence, zero):  # type: ignore[no-untyped-def]
    """How often a defaulter stands at higher risk than a payer, ties counting half: among the
    scored, or with the unscored in the bin `zero`.

    The unscored are tied with each other in truth, and with the scored of that bin by binning.
    """
    paid_all, bad_all = float(counts[0].sum()), float(counts[1].sum())
    if zero != SCORED:
        paid_all, bad_all = paid_all + unscored[0], bad_all + unscored[1]
    if paid_all == 0 or bad_all == 0:
        influence[:] = 0.0
        return nan, nan, nan, 0.0
    value, tied = _place(counts, unscored, influence, zero, paid_all, bad_all)
    for k in range(counts.shape[1]):
        influence[0, k] = (influence[0, k] - value) / paid_all
        influence[1, k] = (influence[1, k] - value) / bad_all
    for y in range(2):
        influence[y, -1] = influence[y, zero] if zero != SCORED else 0.0
    low, high = auc_interval(value, error(counts, unscored, influence), paid_all, bad_all)
    return value, low, high, tied / paid_all / bad_all / 2


@nb.njit(cache=True)
def _place(counts, unscored, influence, zero, paid_all, bad_all):  # type: ignore[no-untyped-def]
    """The share of the other outcome that each cell stands on the right side of, into `influence`.

    Gives the AUC and the pairs tied by binning.
    """
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
def ks(counts, unscored, influence, place):  # type: ignore[no-untyped-def]  # noqa: ARG001 - all formulas are called alike
    """Distance between the score distributions of payers and defaulters, among the scored, at the
    end of the bin `place`.

    The place is chosen on other persons, where the distance is widest among them (`widest`): the
    largest distance of the persons read would flatter itself.
    """
    influence[:] = 0.0
    paid_all, bad_all = float(counts[0].sum()), float(counts[1].sum())
    if paid_all == 0 or bad_all == 0:
        return nan, nan, nan, 0.0
    last = min(max(place + 1, 0), counts.shape[1])
    at_paid, at_bad = counts[0, :last].sum() / paid_all, counts[1, :last].sum() / bad_all
    for k in range(counts.shape[1]):
        influence[0, k] = ((k <= place) - at_paid) / paid_all
        influence[1, k] = -((k <= place) - at_bad) / bad_all
    low, high = ks_interval(at_paid, at_bad, paid_all, bad_all)
    return at_paid - at_bad, low, high, 0.0


@nb.njit(cache=True)
def widest(counts):  # type: ignore[no-untyped-def]
    """The last bin below which payers and defaulters lie furthest apart: the median person of all
    bins within one standard error of the largest distance.

    -1 where one outcome is missing.
    """
    paid_all, bad_all = float(counts[0].sum()), float(counts[1].sum())
    if paid_all == 0 or bad_all == 0:
        return -1
    apart, largest, slack, paid, bad = np.empty(counts.shape[1]), -inf, 0.0, 0.0, 0.0
    for k in range(counts.shape[1]):
        paid += counts[0, k] / paid_all
        bad += counts[1, k] / bad_all
        apart[k] = paid - bad
        if apart[k] > largest:
            largest = apart[k]
            slack = sqrt(
                max(paid * (1 - paid), 0.0) / paid_all + max(bad * (1 - bad), 0.0) / bad_all
            )
    persons = np.where(apart >= largest - slack, counts[0] + counts[1], 0).cumsum()
    return (
        int(np.searchsorted(persons, persons[-1] / 2)) if persons[-1] > 0 else int(np.argmax(apart))
    )


@nb.njit(cache=True)
def mean(counts, unscored, influence, values):  # type: ignore[no-untyped-def]
    """Mean of a value in [0, 1] per cell, shape (2, bins), among the scored."""
    influence[:] = 0.0
    total = float(counts.sum())
    if total == 0:
        return nan, nan, nan, 0.0
    value = 0.0
    for y in range(2):
        for k in range(counts.shape[1]):
            value += counts[y, k] * values[y, k]
    value /= total
    for y in range(2):
        for k in range(counts.shape[1]):
            influence[y, k] = (values[y, k] - value) / total
    low, high = interval(value, error(counts, unscored, influence), total)
    return value, low, high, 0.0


@nb.njit(cache=True)
def brier(counts, unscored, influence, values):  # type: ignore[no-untyped-def]
    """Mean of the squared distances of `squares`, among the scored.

    No interval with fewer than 20 of the rarer outcome.
    """
    value, low, high, bound = mean(counts, unscored, influence, values)
    few = min(counts[0].sum(), counts[1].sum()) < FEW
    return value, nan if few else low, nan if few else high, bound


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


@nb.njit(
    cache=True, nogil=True, fastmath={"reassoc"}
)  # in any order, so that several persons go at once
def moved(of_a, of_b, a, b, outcome):  # type: ignore[no-untyped-def]
    """Standard error of a difference.

    Each person's influence under B, shape (2, bins + 1), is taken from that under A before it is
    squared.
    """
    total = 0.0
    for i in range(len(a)):
        total += (of_a[outcome[i], a[i]] - of_b[outcome[i], b[i]]) ** 2
    return sqrt(total)


@nb.njit(cache=True)
def interval(value, error, persons):  # type: ignore[no-untyped-def]
    """95% interval of a figure in [0, 1] by Wilson's formula, with the persons it would take for
    this standard error; never leaves [0, 1].
    """
    if not isfinite(value):
        return nan, nan
    n = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else max(persons, 1.0)
    middle = value + Z**2 / (2 * n)
    half = Z * sqrt(max(value * (1 - value), 0.0) / n + Z**2 / (4 * n**2))
    low = max((middle - half) / (1 + Z**2 / n), 0.0) if value > 0 else 0.0
    high = min((middle + half) / (1 + Z**2 / n), 1.0) if value < 1 else 1.0
    return low, high


@nb.njit(cache=True)
def auc_interval(value, error, paid, bad):  # type: ignore[no-untyped-def]
    """95% interval of an AUC: from its standard error, and where hardly anyone of the rarer outcome
    is misplaced no narrower than the score interval.

    With few of them the persons who would be misplaced are not there to be counted, and the
    standard error is too small.
    """
    if not isfinite(value):
        return nan, nan
    rarer = min(paid, bad)
    low, high = interval(value, error, rarer)
    if rarer < FEW or rarer * min(value, 1 - value) < MISPLACED:
        return min(low, _score(value, paid, bad, 0.0)), max(high, _score(value, paid, bad, 1.0))
    return low, high


@nb.njit(cache=True)
def _score(value, paid, bad, end):  # type: ignore[no-untyped-def]
    """The AUC between a value and an end whose standard error would be a 1.96th of the distance, by
    bisection down to the last bit.
    """
    near, far, others = value, end, (paid + bad) / 2 - 1
    for _ in range(60):
        middle = (near + far) / 2
        variance = (
            middle
            * (1 - middle)
            * (1 + others * ((1 - middle) / (2 - middle) + middle / (1 + middle)))
            / (paid * bad)
        )
        if (value - middle) ** 2 > Z * Z * variance:
            far = middle
        else:
            near = middle
    return near


@nb.njit(cache=True)
def ks_interval(at_paid, at_bad, paid, bad):  # type: ignore[no-untyped-def]
    """95% interval of a difference of two independent shares, a twentieth wider for the place.

    None with fewer than 40 of the rarer outcome.
    """
    if min(paid, bad) < FEW_KS:
        return nan, nan
    paid_low, paid_high = interval(at_paid, sqrt(at_paid * (1 - at_paid) / paid), paid)
    bad_low, bad_high = interval(at_bad, sqrt(at_bad * (1 - at_bad) / bad), bad)
    down = sqrt((at_paid - paid_low) ** 2 + (bad_high - at_bad) ** 2)
    up = sqrt((paid_high - at_paid) ** 2 + (at_bad - bad_low) ** 2)
    return max(at_paid - at_bad - PLACED * down, -1.0), min(at_paid - at_bad + PLACED * up, 1.0)


@nb.njit(cache=True)
def calibrate(counts, low, width, start_intercept, start_slope):  # type: ignore[no-untyped-def]
    """Fit log-odds = intercept + slope * x by maximum likelihood on the bins, x = start_intercept +
    start_slope * evidence.

    A slope that the data cannot tell (nobody scored, one outcome, one bin) is 1, around the rate of
    the people there are, smoothed by one half. Where payers and defaulters are told apart perfectly
    the likelihood has no maximum, and the penalised one of Firth, which always has one, takes its
    place.

    Returns
    -------
    tuple
        intercept, slope, and whether the outcomes are told apart perfectly; both numbers are nan if
        the search did not end on a maximum.
    """
    people = counts[0] + counts[1]
    filled = np.flatnonzero(people)
    n, bad = people[filled].astype(np.float64), counts[1][filled].astype(np.float64)
    x = start_intercept + start_slope * (low + width * (filled + 0.5))
    everyone, defaulted = n.sum(), bad.sum()
    centre = (n * x).sum() / everyone if everyone > 0 else 0.0
    spread = sqrt((n * (x - centre) ** 2).sum() / max(everyone, 1.0))
    if len(filled) < 2 or not 0 < defaulted < everyone or spread < 1e-9:
        return log((defaulted + 0.5) / (everyone - defaulted + 0.5)) - centre, 1.0, False
    x = (x - centre) / spread  # centred and scaled, the two numbers hardly disturb each other
    apart = _apart(x, n, bad)
    a, b = _climb(x, n, bad, log(defaulted / (everyone - defaulted)), 0.0, apart)
    return a - b / spread * centre, b / spread, apart


@nb.njit(cache=True)
def _apart(x, n, bad):  # type: ignore[no-untyped-def]
    """Does one value part payers and defaulters, but for ties at that value?"""
    paid_low, paid_high, bad_low, bad_high = inf, -inf, inf, -inf
    for k in range(len(x)):
        if bad[k] > 0:
            bad_low, bad_high = min(bad_low, x[k]), max(bad_high, x[k])
        if bad[k] < n[k]:
            paid_low, paid_high = min(paid_low, x[k]), max(paid_high, x[k])
    return paid_high <= bad_low or bad_high <= paid_low


STEPS = 1000  # of the search, of which ten are the rule
FLAT = 1e-9  # gradient per person of the rarer outcome at which it has ended
NEAR = 1e-4  # step of the differences that give the curvature of Firth's likelihood


@nb.njit(cache=True)
def _climb(x, n, bad, a, b, firth):  # type: ignore[no-untyped-def]
    """Newton's method from a start, each step halved while it would go downhill.

    Ends on the gradient, else gives nan.
    """
    enough = FLAT * min(bad.sum(), n.sum() - bad.sum())
    height, ga, gb, haa, hab, hbb = _likelihood(x, n, bad, a, b, firth)
    flat = 0
    for _ in range(STEPS):
        if firth:
            haa, hab, hbb = _curvature(x, n, bad, a, b, haa, hab, hbb)
        determinant = haa * hbb - hab * hab
        if determinant > 0:
            da, db = (hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant
        else:  # flat in single figures: uphill, as far as one unit of the steepest
            largest = max(abs(ga), abs(gb))
            da, db = ga / largest, gb / largest
        share, rise = 1.0, ga * da + gb * db
        for _ in range(60):
            there, ga, gb, haa, hab, hbb = _likelihood(
                x, n, bad, a + share * da, b + share * db, firth
            )
            if there >= height + 0.1 * share * rise - 1e-13 * (
                abs(height) + 1
            ):  # Armijo's rule, but for rounding
                break
            share /= 2
        a, b, height = a + share * da, b + share * db, there
        flat += max(abs(ga), abs(gb)) <= enough
        if (
            flat == 2
        ):  # one step more, as where the likelihood bends little a small gradient is not yet near
            return a, b
    return nan, nan


@nb.njit(cache=True)
def _curvature(x, n, bad, a, b, haa, hab, hbb):  # type: ignore[no-untyped-def]
    """How Firth's likelihood bends, by differences of its gradient.

    Where it does not bend downwards, the expected information given.
    """
    _, ga_left, gb_left, _, _, _ = _likelihood(x, n, bad, a - NEAR, b, True)
    _, ga_right, gb_right, _, _, _ = _likelihood(x, n, bad, a + NEAR, b, True)
    _, ga_under, gb_under, _, _, _ = _likelihood(x, n, bad, a, b - NEAR, True)
    _, ga_over, gb_over, _, _, _ = _likelihood(x, n, bad, a, b + NEAR, True)
    aa, bb = (ga_left - ga_right) / (2 * NEAR), (gb_under - gb_over) / (2 * NEAR)
    ab = (gb_left - gb_right + ga_under - ga_over) / (4 * NEAR)
    return (aa, ab, bb) if aa > 0 and aa * bb - ab * ab > 0 else (haa, hab, hbb)


@nb.njit(cache=True)
def _likelihood(x, n, bad, a, b, firth):  # type: ignore[no-untyped-def]
    """Log-likelihood, its gradient and information (Firth's, if asked for) at an intercept and a
    slope; no term is the difference of two large ones.
    """
    height = ga = gb = haa = hab = 0.0
    weight = np.empty(len(x))
    for k in range(len(x)):
        z = a + b * x[k]
        e = exp(-abs(z))
        p, q = (1 / (1 + e), e / (1 + e)) if z >= 0 else (e / (1 + e), 1 / (1 + e))
        height -= bad[k] * max(-z, 0.0) + (n[k] - bad[k]) * max(z, 0.0) + n[k] * log1p(e)
        residual, weight[k] = bad[k] * q - (n[k] - bad[k]) * p, n[k] * p * q
        ga += residual
        gb += residual * x[k]
        haa += weight[k]
        hab += weight[k] * x[k]
    centre = hab / haa if haa > 0 else 0.0
    around = (weight * (x - centre) ** 2).sum()
    if firth:
        if haa * around <= 0:
            return -inf, ga, gb, haa, hab, 0.0
        height += 0.5 * log(haa * around)
        for k in range(len(x)):
            z = a + b * x[k]
            pull = (
                weight[k]
                * (1 / haa + (x[k] - centre) ** 2 / around)
                * (0.5 / (1 + exp(z)) - 0.5 / (1 + exp(-z)))
            )
            ga += pull
            gb += pull * x[k]
    return height, ga, gb, haa, hab, around + hab * centre


@nb.njit(cache=True)
def best_cutoff(counts, low, width, gain, loss):  # type: ignore[no-untyped-def]
    """The evidence below which accepting earns most: a payer brings `gain`, a defaulter costs
    `loss`.

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
    """Profit per person if whoever lies below the cutoff is accepted.

    Nan where neither gain nor loss is told.
    """
    end = min(max(round((cutoff - low) / width), 0), counts.shape[1])
    total = gain * counts[0, :end].sum() - loss * counts[1, :end].sum()
    return total / people if people > 0 and not isnan(gain + loss) else nan
