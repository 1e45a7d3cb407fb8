"""On which scale do these people stand? Points are chosen from the data when models are fitted, and
kept with the models.

Anchor and odds that suit one base rate put a sixth of another population at the end of the scale.
So the usual scale is kept only where it holds these people; elsewhere the ends of what any ordinary
weighting says of them decide.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from math import floor, log10
from typing import Any

import numpy as np

from analytics.data.catalog.model import ENDS, Scale
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.sources.home import Home
from analytics.weighing.learned import learned
from analytics.weighing.readings import Calibration, calibrate
from analytics.weighing.tally import Tally, tally, weigh
from analytics.weighing.weighting import Weighting, alone, equal, preset

from .scorecard import NAMES, STANDARD, Scorecard, scaled

FREE = Scale()  # a catalog that fixes nothing
FORMAT, FILE = 1, "scale.json"
RARE = 0.005  # of the people may lie beyond either end of a scale
# of them, where a scale is chosen: other people, and other weights, reach a little farther
END = 0.001
OUTCOMES = 5  # of either kind, at least, for a calibration
ROOM = 2  # steps kept free at either end
PARTS = (0.1, 0.25, 0.5, 0.75)  # of the scored below each band, under equal weights
USUAL = (1 / 3, 5 / 12, 1 / 2, 7 / 12)  # of the way, where bands begin if the people cannot tell
MOST = 1 / 12  # of a scale may double the odds
SENSIBLE = (0.5, 0.98)  # of the scored are accepted at a first cutoff


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How far log-odds of default reach.

    Attributes
    ----------
    safest, riskiest : beyond these lie `END` of the people under any ordinary weighting; beyond
        `rare`: `RARE` of them.
    equal : everybody's, under equal weights or the first weighting that can be calibrated.
    """

    safest: float
    riskiest: float
    rare: tuple[float, float]
    equal: np.ndarray


def scale_of(fitted: Fitted) -> Scorecard:
    """The scale of the fitted people.

    Kept with their models, or chosen now and kept if the work folder can be written.
    """
    catalog = fitted.population.catalog
    place = fitted.kept.inside("scale")
    told = [[b.key, b.weights] for b in catalog.bureaus]
    key: dict[str, object] = {
        "format": FORMAT,
        "evidence": fitted.vouched,
        "given": asdict(catalog.scale),
        "bureaus": told,
    }
    if fitted.vouched and place.holds(key) and (kept := _kept(place)):
        return kept
    chosen = choose(fitted.evidence, catalog.scale)
    if fitted.vouched:
        with suppress(
            Refusal
        ):  # a work folder that cannot be written still serves: the same scale is chosen again
            place.write(key, {FILE: json.dumps(asdict(chosen)).encode()})
    return chosen


def told(card: Scorecard, given: Scale = FREE) -> str:
    """What the points of a scale mean, and where it came from, in one line."""
    meaning = (
        f"{card.anchor:g} points where {card.odds:g} people pay for one who defaults;"
        f" {card.doubling:g} more double these odds (PDO); from {card.low:g} to {card.high:g},"
        f" accepted from {card.accepts_from:g}"
    )
    fixed = [name for name, value in asdict(given).items() if value not in (None, ())]
    if fixed:
        return (
            f"{meaning}. The catalog fixes {', '.join(fixed)}; the rest is chosen from these people"
        )
    chosen = (
        "the usual scale, which holds these people"
        if card == STANDARD
        else "chosen from these people's scores"
    )
    return f"{meaning}. It is {chosen}, and kept with the models"


def _kept(place: Home) -> Scorecard | None:
    """The scale as it was written; None where it cannot be read."""
    try:
        told = json.loads(place.open(FILE))
        values: dict[str, Any] = {
            f.name: tuple(v) if isinstance(v := told[f.name], list) else v
            for f in fields(Scorecard)
        }
        return Scorecard(**values)
    except (ValueError, KeyError, TypeError):
        return None


def choose(everyone: Evidence, given: Scale = FREE) -> Scorecard:
    """The scale of these people: what the catalog gives, and the rest from how far their scores
    reach.

    Parameters
    ----------
    everyone : the evidence of all people, the calibration persons among them.
    """
    spread = spread_of(everyone)
    if spread is None:
        return _given(_unread(given), given)
    if given == FREE and _fits(STANDARD, spread):
        return STANDARD
    return _banded(_placed(spread, given), spread, given)


def spread_of(everyone: Evidence) -> Spread | None:
    """How far the log-odds of these people reach; None where nobody can be calibrated."""
    calibrating = everyone.split("calibrate")
    ends, own = [], None
    for weighting in _weightings(everyone, calibrating):
        counted = tally(calibrating, weighting)
        calibration = calibrate(counted)
        if not _calibrated(counted, calibration):
            continue
        log_odds = calibration.log_odds(weigh(everyone, weighting))
        log_odds = log_odds[~np.isnan(log_odds)]
        ends.append(
            [
                np.quantile(log_odds, END, method="lower"),
                np.quantile(log_odds, 1 - END, method="higher"),
                *np.quantile(log_odds, (RARE, 1 - RARE)),
            ]
        )
        own = log_odds if own is None else own
    if own is None:
        return None
    safest, riskiest, *rare = zip(*ends, strict=True)
    return Spread(
        float(min(safest)), float(max(riskiest)), (float(min(rare[0])), float(max(rare[1]))), own
    )


def _calibrated(counted: Tally, calibration: Calibration) -> bool:
    """Do the probabilities add up to the defaults? They do wherever a calibration was found.

    Too few people have none.
    """
    people, bad = counted.counts.sum(axis=1), float(counted.counts[:, 1].sum())
    if counted.counts.sum(axis=0).min() < OUTCOMES:
        return False
    return abs(float(people @ calibration.probability(counted.middles)) - bad) <= 0.01 * bad


def _weightings(everyone: Evidence, calibrating: Evidence) -> Iterator[Weighting]:
    """Equal weights first, then those between which every ordinary weighting lies."""
    catalog = everyone.catalog
    yield equal(catalog)
    yield equal(catalog, missing="renormalise")
    with suppress(Refusal):  # one outcome, or nobody
        yield learned(calibrating)
    yield from (alone(catalog, key) for key in catalog.keys)
    yield from (preset(catalog, bureau) for bureau in catalog.bureaus)


def _fits(scale: Scorecard, spread: Spread) -> bool:
    """Are the people within the ends of a scale, and its first cutoff neither for all nor for
    none?
    """
    highest, lowest = scale.straight(np.array(spread.rare))
    share = float((scale.straight(spread.equal) >= scale.accepts_from).mean())
    return bool(
        scale.low <= lowest and highest <= scale.high and SENSIBLE[0] <= share <= SENSIBLE[1]
    )


def _unread(given: Scale) -> Scorecard:
    """The usual scale, stretched to the ends that the catalog gives: nobody can be read."""
    low, high = _ends(given)
    bands = tuple(low + part * (high - low) for part in USUAL)
    return replace(scaled(low, high), bands=bands, names=NAMES)


def _ends(given: Scale) -> tuple[float, float]:
    low, high = (
        usual if end is None else end
        for end, usual in zip((given.low, given.high), ENDS, strict=True)
    )
    return low, high


def _placed(spread: Spread, given: Scale) -> Scorecard:
    """A scale without bands: the middle person in its middle, as far as both ends hold."""
    low, high = _ends(given)
    bare = Scorecard((low + high) / 2, 1.0, (high - low) * MOST, low, high, bands=(), names=("",))
    room = ROOM * bare.step
    widest = (high - low - 2 * room) / max(spread.riskiest - spread.safest, 1e-9) * float(np.log(2))
    doubling = given.doubling or _rounded(min(widest, bare.doubling), bare.step / 2)
    card = replace(
        bare, anchor=bare.anchor if given.anchor is None else given.anchor, doubling=doubling
    )
    if given.odds:
        return replace(card, odds=given.odds)
    ends = (
        spread.riskiest - (card.anchor - low - room) / card.factor,
        spread.safest + (high - room - card.anchor) / card.factor,
    )
    at = min(max(float(np.median(spread.equal)), ends[0]), max(ends))
    return replace(card, odds=float(f"{np.exp(-at):.2g}"))


def _rounded(doubling: float, unit: float) -> float:
    """Rounded down: to whole units, or to two digits where there are not two of them."""
    if doubling >= 2 * unit:
        return unit * floor(doubling / unit)
    digit = 10.0 ** (floor(log10(doubling)) - 1)
    return float(f"{digit * floor(doubling / digit):.3g}")


def _banded(card: Scorecard, spread: Spread, given: Scale) -> Scorecard:
    """The scale with its bands and its first cutoff."""
    if given.bands:
        return _given(card, given)
    wanted = np.quantile(card.straight(spread.equal), PARTS)
    bands = [card.step * round(float(b) / card.step) for b in wanted]
    for i in range(1, len(bands)):
        bands[i] = max(bands[i], bands[i - 1] + card.step)
    if not (card.low < bands[0] and bands[-1] < card.high):
        bands = [card.low + part * (card.high - card.low) for part in USUAL]
    return _given(replace(card, bands=tuple(bands), names=given.names or NAMES), given)


def _given(card: Scorecard, given: Scale) -> Scorecard:
    """The scale with all that the catalog fixes."""
    fixed = {name: value for name, value in asdict(given).items() if value not in (None, ())}
    if given.bands and not given.names:
        fixed["names"] = (
            NAMES
            if len(given.bands) == len(NAMES) - 1
            else tuple(f"Band {i}" for i in range(1, len(given.bands) + 2))
        )
    return replace(card, **fixed)
