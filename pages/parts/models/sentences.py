"""What does the page of models say?

Frames as the charts take them, the tables and the sentences.
"""

from collections.abc import Sequence

import polars as pl

from analytics.deciding import scale
from analytics.reporting.model_card import NAMED
from analytics.study.models import BEING_FITTED
from analytics.weighing.quality import too_good
from pages.shared import words
from pages.shared.markup import Cell
from pages.shared.view import View
from pages.shared.words import Head, between, change, share, spanned

MOST = 12  # features told of
BESIDE = (
    "mean points that each feature moves the score, up or down, of the persons read: the"
    " weighting's models and the scorecard"
)
BESIDE_MEAN = "Mean amount over those it scores; exact SHAP values. –: it does not ask."
CONTEST = (
    "left: AUC of everyone with 95% interval; right: difference on the same persons, grey within"
    " chance"
)
RELIABLE = "ten groups of rising risk; on the diagonal as many default as predicted"
SPLITS = (
    "ring: learned from; dot: never seen; the line between is orange where the gap is named overfit"
)
TURNS = (
    "everybody is read by models that never saw them: diamond, the persons calibrated on; dot,"
    " those read"
)
ROUNDS = (
    "Trees kept: fitting stops when persons it does not learn from gain no more. Where people take"
    " turns, the most of any turn."
)
KNOWN = "AUC of the people whom a source knows; of the weighting, AUC of the scored"
OVERFIT = "Named so where the fall from train to test is more than 0.02 and more than chance."


def sentence(
    view: View, contest: pl.DataFrame, strongest: Sequence[str], splits: pl.DataFrame
) -> str:
    """How the weighting stands against the strongest challenger, as calibration persons choose
    it, and which models know their own people too well.
    """
    first = contest.filter("champion").row(0, named=True)
    told = f"**{view.name}** ranks everyone at an AUC of **{first['auc']:.3f}**"
    others = {row["name"]: row for row in contest.drop_nulls("difference").iter_rows(named=True)}
    if others:
        best = next(
            (others[name] for name in strongest if name in others), next(iter(others.values()))
        )
        span = spanned("auc", best["difference_low"], best["difference_high"])
        apart = f"**{change('auc', best['difference'])}** ({span}) on the same persons"
        told += (
            f"; the best challenger of the calibration persons, **{best['name']}**, differs by"
            f" {apart}"
        )
    warned = too_good({view.name: first["auc"]})
    first_word = f"**{warned}.** " if warned else ""
    return f"{first_word}{told}. {words.few(view) or fall(view, splits)}."


def fall(view: View, splits: pl.DataFrame) -> str:
    """Which sources know their own people too well."""
    sources = splits.filter(pl.col("key") != "").unique("key", keep="first", maintain_order=True)
    if sources["overfit"].is_null().all():
        return "Persons are too few to tell whether a source is overfit"
    loose = [view.labels[key] for key in sources.filter("overfit")["key"]]
    return f"Overfit: {', '.join(loose)}" if loose else "No source is overfit"


def unseen(view: View) -> str:
    """How to read the AUC by split."""
    return f"AUC of the people whom a source knows; {TURNS if view.fitted.folds else SPLITS}"


def fitted(view: View) -> str:
    """How many models a source has, who taught them, and whom their AUC is of."""
    folds = view.fitted.folds
    told = (
        f"{folds} per source: each is asked about a part of the people that it never saw"
        if folds
        else "one per source, fitted on the training persons it knows"
    )
    return f"{told}. {KNOWN}"


def contest(frame: pl.DataFrame) -> pl.DataFrame:
    """Champion and challengers, as the chart takes them."""
    return frame.rename({"name": "label"}).with_columns(
        pl.col("reason")
        .str.split(",")
        .list.first()
        .str.replace("the weight-of-evidence scorecard ", "")
    )


def contest_alt(frame: pl.DataFrame) -> str:
    """The contest in words."""
    known = frame.drop_nulls("auc")
    return "AUC of everyone: " + "; ".join(
        f"{name} {auc:.3f}" for name, auc in known.select("name", "auc").iter_rows()
    )


def beside(frame: pl.DataFrame, view: View) -> tuple[list[Head], list[list[str | Cell]]]:
    """Reasons of the weighting and the scorecard, feature by feature."""
    heads: list[Head] = ["feature", (view.name, BESIDE_MEAN), ("scorecard", BESIDE_MEAN)]
    return heads, [_beside(row, view) for row in frame.head(MOST).iter_rows(named=True)]


def _beside(row: dict[str, str | float], view: View) -> list[str | Cell]:
    figures = (float(row[name]) for name in ("weighting", "scorecard"))
    name = Cell(f"**{row['label']}**", view.labels[str(row["source"])])
    return [name, *(f"{points:.1f}" if points > 0 else "–" for points in figures)]


def no_scorecard(reason: str) -> str:
    """Why there is nothing to stand beside."""
    return (
        "The weight-of-evidence scorecard is still being fitted."
        if reason == BEING_FITTED
        else f"{reason[:1].upper()}{reason[1:]}."
    )


def reliable(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Predicted and seen rates under a name."""
    return frame.select(pl.lit(name).alias("model"), pl.all())


def splits(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """AUC by split of every source, as the chart takes it."""
    mine = frame.filter(pl.col("key") != "")
    names = {
        "source": pl.col("key"),
        "label": pl.col("key").replace_strict(view.labels),
        "split": pl.col("split").replace_strict(NAMED),
    }
    return mine.select("auc", "persons", "overfit", low="auc_low", high="auc_high", **names)


def table(view: View, frame: pl.DataFrame) -> tuple[list[Head], list[list[str | Cell]]]:
    """One row per source, and one for the weighting.

    How far the AUC falls only where there are training persons.
    """
    shown = [split for split in NAMED if split in frame["split"].unique()]
    heads: list[Head] = [
        "model",
        "columns",
        ("rounds", ROUNDS),
        *((f"AUC {NAMED[split]}", f"{KNOWN}.") for split in shown),
    ]
    heads += (
        [("test less train", "AUC on test less that on train."), ("", OVERFIT)]
        if "train" in shown
        else []
    )
    report = {row["key"]: row for row in view.fitted.report.iter_rows(named=True)}
    keys = [*view.catalog.keys, ""]
    return heads, [
        _row(view, key, report.get(key, {}), frame.filter(key=key), shown) for key in keys
    ]


def _row(
    view: View, key: str, report: dict[str, object], rows: pl.DataFrame, shown: list[str]
) -> list[str | Cell]:
    aucs = {row["split"]: row for row in rows.iter_rows(named=True)}
    name = Cell(
        f"**{view.labels.get(key, view.name)}**",
        "the weighting looked at, AUC of the scored" if not key else "",
    )
    told = [str(report.get("features", "")), str(report.get("rounds", ""))]
    return [
        name,
        *told,
        *(_auc(aucs.get(split)) for split in shown),
        *(_gap(rows) if "train" in shown else []),
    ]


def _gap(rows: pl.DataFrame) -> list[str | Cell]:
    """How far the AUC falls from train to test, and whether that is named overfit."""
    gap, loose = rows["gap"][0], rows["overfit"][0]
    return [
        "–" if gap is None else change("auc", -gap),
        Cell("overfit", tone="worse") if loose else "",
    ]


def _auc(row: dict[str, float] | None) -> Cell:
    if row is None or row["auc"] is None:
        return Cell("–")
    return Cell(f"{row['auc']:.3f}", between("auc", row["auc_low"], row["auc_high"]))


def splits_alt(frame: pl.DataFrame) -> str:
    """The gaps in words."""
    gaps = (
        frame.unique("key", keep="first", maintain_order=True)
        .drop_nulls("gap")
        .sort("gap", descending=True)
    )
    return (
        f"AUC by split; the widest gap from train to test is {gaps['gap'][0]:.3f}"
        if len(gaps)
        else "AUC by split"
    )


def basis(told: dict[str, object], view: View) -> tuple[list[Head], list[list[str | Cell]]]:
    """What the models rest on and what their points mean, as a table."""
    data, libraries, settings = (told[name] for name in ("data", "libraries", "settings"))
    rows = [
        ("fitted", str(told["fitted_at"]).replace("T", " ").replace("+00:00", " UTC")),
        (
            "persons",
            (
                f"{told['persons']:,}, {told['defaulted']:,} defaulted, {told['unknown']:,} of"
                " unknown outcome"
            ),
        ),
        ("base rate", share(float(str(told["base_rate"])))),
        ("points scale", scale.told(view.scale, view.catalog.scale)),
        ("settings", _pairs(settings)),
        ("libraries", _pairs(libraries)),
        (
            "data (sha256)",
            (
                _pairs({name: f"{digest[:12]}…" for name, digest in data.items()})
                if isinstance(data, dict)
                else ""
            ),
        ),
    ]
    return ["what the models rest on"], [[Cell(name, text)] for name, text in rows]


def _pairs(values: object) -> str:
    return (
        ", ".join(f"{name} {value}" for name, value in values.items())
        if isinstance(values, dict)
        else str(values)
    )
