"""What would someone who must trust the models want in writing? What they are for, what they rest
on, how good they are, and where they end."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.data.catalog.model import People
from analytics.data.disclosure import TooFew
from analytics.data.split import teachers
from analytics.deciding import scale
from analytics.deciding.scorecard import Scorecard
from analytics.deciding.stability import psi
from analytics.explaining.agreement import Agreement, agree
from analytics.sources.basis import Basis, basis
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.weighing.readings import Calibration, Readings, calibrate, enough, readings
from analytics.weighing.reliability import reliability
from analytics.weighing.splits import WIDE, by_split, overfit
from analytics.weighing.tally import Tally, tallies, tally
from analytics.weighing.weighting import Weighting, equal

from .sheet import Cell, Fact, Part, Sheet, render

NAMED = {"train": "train", "calibrate": "calibrate", "test": "test", "out_of_time": "out of time"}
LATE = "out_of_time"
DIGITS = 12  # of a checksum: enough to tell files apart, and fits a line
# PSI, by the field's rule of thumb
SHIFTS = ((0.1, "little"), (0.25, "some"), (float("inf"), "much"))


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """All that a card tells, computed.

    Attributes
    ----------
    counted, taught, late : tallies of the test persons, of those who taught the models, and of the
        out-of-time persons if they are enough to read.
    agreement : how far the SHAP values are from those of the package shap.
    """

    fitted: Fitted
    basis: Basis
    weighting: Weighting
    name: str
    counted: Tally
    taught: Tally
    late: Tally | None
    calibration: Calibration
    readings: Readings
    splits: pl.DataFrame
    contest: pl.DataFrame | None
    scale: Scorecard
    agreement: Agreement


def model_card(
    fitted: Fitted,
    weighting: Weighting,
    *,
    name: str = "The weighting",
    contest: pl.DataFrame | None = None,
) -> str:
    """A model card as one HTML file that prints on A4; what it takes and refuses, `card_sheet`
    says."""
    return render(card_sheet(fitted, weighting, name=name, contest=contest))


def card_sheet(
    fitted: Fitted,
    weighting: Weighting,
    *,
    name: str = "The weighting",
    contest: pl.DataFrame | None = None,
) -> Sheet:
    """A model card as a sheet.

    Parameters
    ----------
    weighting : the champion, whose readings are told beside each source's; `name`: what it is
        called.
    contest : champion and challengers, as `analytics.deciding.champion.contest` gives them.

    Raises
    ------
    TooFew
        If the test persons are too few to read.
    Refusal
        If no manifest vouches for the models any more.
    """
    return _sheet(_card(fitted, weighting, name, contest))


def _card(fitted: Fitted, weighting: Weighting, name: str, contest: pl.DataFrame | None) -> Card:
    evidence = fitted.evidence
    test = evidence.split("test")
    calibration = calibrate(tally(evidence.split("calibrate"), weighting))
    counted = tallies(test, [weighting])[0]
    reference = equal(evidence.catalog, weighting.floor, weighting.missing)
    read = readings(counted, tally(test, weighting, [reference]), calibration)
    # no source can have an empty key
    splits = pl.concat([by_split(evidence), by_split(evidence, {"": weighting})])
    taught = tally(evidence.where(teachers(evidence.people).to_numpy()), weighting)
    late, points = _late(evidence, weighting), scale.scale_of(fitted)
    rests = basis(fitted)
    agreed = agree(fitted.population, fitted.models(), test)
    return Card(
        fitted,
        rests,
        weighting,
        name,
        counted,
        taught,
        late,
        calibration,
        read,
        splits,
        contest,
        points,
        agreed,
    )


def _late(evidence: Evidence, weighting: Weighting) -> Tally | None:
    """The tally of the out-of-time persons, where they are enough to read."""
    counted = tally(evidence.split(LATE), weighting)
    try:
        enough(counted)
    except TooFew:
        return None
    return counted


def _sheet(card: Card) -> Sheet:
    catalog, read = card.fitted.population.catalog, card.readings
    weights = ", ".join(
        f"{catalog.source(key).label} {share:.0%}"
        for key, share in sorted(card.weighting.shares.items(), key=lambda s: -s[1])
        if share
    )
    rule = (
        f"scored from a reach of {card.weighting.floor:.2f}; an absent source "
        f"{_absent(card.weighting)}"
    )
    lead = (
        "Of a defaulter and a payer, it ranks the defaulter as the higher risk "
        f"{read.auc_everyone:.0%} of the time; it scores {read.coverage:.0%} of people."
    )
    parts = (
        _use(card),
        _sources(card),
        _calibration(card),
        *_contest(card),
        _limits(card),
        _rests(card),
    )
    what = f"{_models(card)}, and a weighted sum of what they say. {card.name}: {weights}; {rule}."
    return Sheet(f"Model card: {catalog.title}", what, lead, _facts(card), parts, _notes(card))


def _models(card: Card) -> str:
    """How many models there are, and whom each is asked about."""
    sources, folds = len(card.fitted.population.catalog), card.fitted.folds
    if not folds:
        return f"{sources} gradient-boosted models, one per source"
    return f"{folds * sources} gradient-boosted models, {folds} per source that take turns"


def _absent(weighting: Weighting) -> str:
    return "says nothing" if weighting.missing == "neutral" else "is spoken for by those present"


def _facts(card: Card) -> tuple[Fact, ...]:
    read = card.readings
    return (
        Fact(
            "AUC of everyone",
            f"{read.auc_everyone:.3f}",
            f"{read.auc_everyone_low:.3f} to {read.auc_everyone_high:.3f}",
        ),
        Fact(
            "AUC of the scored",
            f"{read.auc_scored:.3f}",
            f"{read.auc_scored_low:.3f} to {read.auc_scored_high:.3f}",
        ),
        Fact("KS of the scored", f"{read.ks:.1%}", f"{read.ks_low:.1%} to {read.ks_high:.1%}"),
        Fact(
            "Coverage", f"{read.coverage:.1%}", f"{read.scored:,} of {read.persons:,} test persons"
        ),
    )


def _said(*rows: tuple[str, str]) -> tuple[tuple[Cell, ...], ...]:
    """Rows of words: what, and what is said of it."""
    return tuple((Cell(name, words=True), Cell(text, words=True)) for name, text in rows if text)


def _use(card: Card) -> Part:
    people = card.fitted.population.catalog.people
    real = (
        "Ranking people like those of the data by their risk of default, and estimating "
        f"that risk; a default is {people.outcome!r} of {_listed(people)}."
    )
    shown = "Demonstration only: everyone in these data is fictional."
    return Part(
        "Intended use",
        rows=_said(
            ("For", shown if people.fictional else real),
            (
                "Not\N{NO-BREAK SPACE}for",
                "Deciding alone, without reasons or review; people of another market or "
                "product; anything but credit risk.",
            ),
        ),
    )


def _listed(people: People) -> str:
    return " or ".join(map(str, people.bad))


def _sources(card: Card) -> Part:
    shown = [s for s in NAMED if s in card.splits["split"].unique()]
    judged = "train" in shown  # where people take turns, there is no fall to be told
    heads = (
        "Source",
        "weight",
        "persons",
        "features",
        "rounds",
        *(NAMED[s] for s in shown),
        *(["test less train"] if judged else []),
    )
    report = {row["key"]: row for row in card.fitted.report.iter_rows(named=True)}
    gaps = {row["key"]: row for row in overfit(card.splits).iter_rows(named=True)}
    aucs = {(row["key"], row["split"]): row["auc"] for row in card.splits.iter_rows(named=True)}
    shares, rows = card.weighting.shares, []
    for source in card.fitted.population.catalog:
        told = report[source.key]
        plain = (
            f"{shares[source.key]:.0%}",
            f"{told['persons']:,}",
            f"{told['features']:,}",
            f"{told['rounds']:,}",
        )
        rows.append(
            (
                Cell(source.label, words=True),
                *map(Cell, plain),
                *_read(source.key, shown, aucs, gaps),
            )
        )
    whole = (
        Cell("As weighed", words=True),
        Cell("100%"),
        Cell(f"{_scored(card):,}"),
        Cell(),
        Cell(),
        *_read("", shown, aucs, gaps),
    )
    return Part(
        "Sources",
        "AUC by split: of a source among the people it knows, of the weighting among those "
        "it scores",
        heads,
        (*rows, whole),
    )


def _read(
    key: str,
    shown: list[str],
    aucs: Mapping[tuple[str, str], float | None],
    gaps: Mapping[str, dict[str, float]],
) -> list[Cell]:
    """The AUC on each split, and how far it falls where there are training persons."""
    return [
        *(_auc(aucs[key, split]) for split in shown),
        *([_gap(gaps[key])] if "train" in shown else []),
    ]


def _scored(card: Card) -> int:
    runs = card.fitted.evidence.runs
    return int(runs.sizes[card.weighting.scores(runs.known)].sum())


def _auc(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{value:.3f}")


def _gap(found: dict[str, float]) -> Cell:
    """How far the AUC falls, named where it is overfit."""
    return (
        Cell("–")
        if found["gap"] is None
        else Cell(_signed(-found["gap"], 3), "overfit" if found["overfit"] else "")
    )


def _calibration(card: Card) -> Part:
    frame = reliability(card.counted, card.calibration)
    rows = tuple(
        (
            Cell(f"{i}"),
            Cell(f"{row['persons']:,}"),
            Cell(f"{row['predicted']:.1%}"),
            Cell(f"{row['seen']:.1%}", f"{row['low']:.1%} to {row['high']:.1%}"),
            _met(row),
        )
        for i, row in enumerate(frame.iter_rows(named=True), 1)
    )
    heads = (
        "Tenth of the scored",
        "persons",
        "predicted to default",
        "defaulted",
        "predicted within the interval",
    )
    return Part(
        "Calibration",
        "test persons, from the lowest predicted risk to the highest",
        heads,
        rows,
        "Too few persons are scored to tell.",
    )


def _met(row: dict[str, float]) -> Cell:
    return Cell(
        "yes"
        if row["low"] <= row["predicted"] <= row["high"]
        else "no, more defaulted"
        if row["predicted"] < row["low"]
        else "no, fewer defaulted"
    )


def _contest(card: Card) -> tuple[Part, ...]:
    if card.contest is None:
        return ()
    heads = ("Model", "AUC of everyone", "less the champion", "", "KS of the scored", "coverage")
    there = card.contest.filter(pl.col("auc").is_not_null())
    return (
        Part(
            "Challengers",
            "the same test persons; differences with their paired interval",
            heads,
            tuple(map(_rival, there.iter_rows(named=True))),
        ),
    )


def _rival(row: dict[str, float]) -> tuple[Cell, ...]:
    auc = Cell(f"{row['auc']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}")
    ks = Cell("–" if row["ks"] is None else f"{row['ks']:.1%}")
    return (
        Cell(f"{row['name']}", words=True),
        auc,
        *_apart(row),
        ks,
        Cell(f"{row['coverage']:.1%}"),
    )


def _apart(row: dict[str, float]) -> tuple[Cell, Cell]:
    """The difference to the champion, and whether it is more than chance."""
    if row["difference"] is None:
        return Cell("champion"), Cell()
    if row["difference_low"] is None:
        return Cell(_signed(row["difference"], 3)), Cell("too few for an interval", words=True)
    between = f"{_signed(row['difference_low'], 3)} to {_signed(row['difference_high'], 3)}"
    return Cell(_signed(row["difference"], 3), between), Cell(
        "" if row["certain"] else "within chance", words=True
    )


def _limits(card: Card) -> Part:
    catalog, read = card.fitted.population.catalog, card.readings
    left = (
        f"{1 - read.coverage:.1%} of people have no score; {read.bad_rate_unscored:.1%} of "
        "them defaulted."
        if read.coverage < 1
        else "Everyone has a score."
    )
    return Part(
        "Limits",
        rows=_said(
            ("People", "Everyone in these data is fictional." if catalog.people.fictional else ""),
            ("Unscored", left),
            ("Fit", _fit(card)),
            (
                "Calibration",
                "On test persons, log-odds ask for a shift of "
                f"{_signed(read.drift_intercept)} and a slope of {read.drift_slope:.2f}.",
            ),
            ("Drift", _drift(card)),
            ("Protected", _protected(card)),
            ("Challengers", _missing(card)),
        ),
    )


def _fit(card: Card) -> str:
    """Which models know their own people too well; or why nobody is read by a model that knows
    them."""
    if card.fitted.folds:
        return f"{card.fitted.note}."
    catalog = card.fitted.population.catalog
    loose = [
        catalog.source(k).label if k else "the weighting"
        for k in overfit(card.splits).filter("overfit")["key"]
    ]
    return (
        f"{', '.join(loose)}: the AUC falls by more than {WIDE} from training to test, "
        "beyond chance."
        if loose
        else "No AUC falls far from training to test."
    )


def _missing(card: Card) -> str:
    """Which challengers could not be fitted, and why."""
    absent = (
        []
        if card.contest is None
        else card.contest.filter(pl.col("auc").is_null()).select("name", "reason").rows()
    )
    return "; ".join(f"{name}: {reason}" for name, reason in absent)


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _drift(card: Card) -> str:
    if card.late is None:
        return "Nothing is known of it: there are no, or too few, people kept apart as out of time."
    shift, again = psi(card.taught, card.late), calibrate(card.late, card.calibration)
    size = next(word for bound, word in SHIFTS if not shift >= bound)
    moved = (
        f"out of time, the scores have a PSI of {shift:.3f} to the persons who taught the "
        f"models ({size} change)"
    )
    return (
        f"{moved[0].upper()}{moved[1:]}; log-odds ask for a shift of "
        f"{_signed(again.intercept)} and a slope of {again.slope:.2f}."
    )


def _protected(card: Card) -> str:
    """Which protected columns there are, and which of them a source learns from."""
    population = card.fitted.population
    protected = population.catalog.people.protected
    if not protected:
        return "The catalog names no protected columns."
    used = [
        c
        for c in protected
        if any(f.name == c for s in population.catalog for f in population.features[s.key])
    ]
    learned = f"learned from: {', '.join(used)}" if used else "no source learns from them"
    return f"{', '.join(protected)} are protected; {learned}. Other columns may stand in for them."


def _rests(card: Card) -> Part:
    rests, settings = card.basis, card.basis.settings
    people = f"{rests.persons:,} persons, {rests.defaulted:,} of whom defaulted" + (
        f"; {rests.unknown:,} of unknown outcome" if rests.unknown else ""
    )
    fit = (
        f"at most {settings.rounds} rounds, patience {settings.patience}, depth "
        f"{settings.depth}, learning rate {settings.eta:g}, seed {settings.seed}"
    )
    return Part(
        "What it rests on",
        rows=_said(
            (
                "People",
                f"{people}; default rate of those who taught the models {rests.base_rate:.2%}",
            ),
            ("Points", scale.told(card.scale, card.fitted.population.catalog.scale)),
            ("Reasons", _agreement(card)),
            ("Fitted", f"{rests.fitted_at:%Y-%m-%d %H:%M} UTC; {fit}; format {rests.format}"),
            (
                "Versions",
                ", ".join(f"{name} {number}" for name, number in sorted(rests.libraries.items())),
            ),
            (
                "Data",
                "; ".join(f"{table} {digest[:DIGITS]}" for table, digest in rests.data.items()),
            ),
            (
                "Models",
                "; ".join(
                    f"{key} {digest[:DIGITS]}" for key, digest in sorted(rests.models.items())
                ),
            ),
        ),
    )


def _agreement(card: Card) -> str:
    """How far the SHAP values are from those of the package shap, in points."""
    found = card.agreement
    labels = ", ".join(card.fitted.population.catalog.source(key).label for key in found.untabled)
    by_shap = (
        f"{labels}: trees too deep for tables, explained by shap {found.release} itself"
        if labels
        else ""
    )
    if not found.values:
        return f"Exact SHAP values. {by_shap}."
    largest = np.format_float_positional(
        card.scale.factor * found.largest, 1, unique=False, fractional=False, trim="-"
    )
    sample = f"{found.persons:,} test persons, up to {found.most:,} per source"
    told = (
        f"Exact SHAP values from tables of the trees; checked against shap {found.release} "
        f"on {sample}: largest difference {largest} points"
    )
    return f"{told}. {by_shap}." if by_shap else f"{told}."


def _notes(card: Card) -> tuple[str, ...]:
    counts = dict(card.fitted.evidence.people["split"].cast(pl.String).value_counts().iter_rows())
    splits = ", ".join(
        f"{words} {counts[split]:,}" for split, words in NAMED.items() if split in counts
    )
    return (
        f"Persons by split: {splits}. {_learning(card.fitted.folds)}; figures are of test "
        "unless they say otherwise.",
        "AUC: how often a defaulter stands at higher risk than a payer; of everyone: the "
        "unscored stand at the base rate, as one tie. Intervals are of 95%.",
        f"Checksums are the first {DIGITS} digits of the file's sha256; manifest.json in the "
        "work folder has them whole.",
    )


def _learning(folds: int) -> str:
    """Who teaches the models, tells them when to stop, and calibrates."""
    if not folds:
        return "Models learn from train, stop early and are calibrated on calibrate"
    return (
        f"In {folds} turns, {folds - 2} of {folds} parts of calibrate and test teach a "
        "model, one tells it when to stop, one is asked; calibrated on calibrate"
    )
