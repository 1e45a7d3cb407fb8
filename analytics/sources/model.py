"""What has a source learned? One gradient-boosted model per source, on the people it knows."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from analytics.data.bounds import bounded, shown
from analytics.data.catalog.model import DIRECTIONS, Feature
from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS, turn

from .design import Categories, Design
from .forest import Forest

if TYPE_CHECKING:
    import xgboost as xgb

SEEDS = 2**31  # numbers that a seed may be, as XGBoost takes them
# told the rounds done and the most there will be; False stops
ShouldContinue = Callable[[int, int], bool]


class Cancelled(Refusal):
    """Fitting was left before its end; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How models are fitted; the same for every source."""

    rounds: int = 400
    patience: int = 25
    depth: int = 3
    eta: float = 0.1
    seed: int = 7

    def __post_init__(self) -> None:
        for name, number, most in (
            ("rounds", self.rounds, 100_000),
            ("patience", self.patience, 100_000),
            ("depth", self.depth, 16),
        ):
            if not 1 <= number <= most:
                raise Refusal(f"{name} must be between 1 and {most:,}, got {number:,}")
        if not 0 < self.eta <= 1:
            raise Refusal(
                f"eta, the learning rate, must be above 0 and at most 1, got {self.eta:g}"
            )
        if self.seed < 0:
            raise Refusal(f"seed must be 0 or more, got {self.seed}")
        if self.seed >= SEEDS:
            raise Refusal(f"seed must be below {SEEDS:,}, got {shown(self.seed)}")

    @property
    def text(self) -> str:
        """What differs from the usual, as `parse` reads it.

        Examples
        --------
        >>> Settings(depth=4, eta=0.05).text
        'depth=4,eta=0.05'
        """
        usual, mine = asdict(Settings()), asdict(self)
        return ",".join(f"{name}={value:g}" for name, value in mine.items() if value != usual[name])

    @classmethod
    def parse(cls, text: str) -> "Settings":
        """Read ``depth=4,eta=0.05``; what is not named is as usual.

        Raises
        ------
        Refusal
            If a name or a number cannot be read, or a value is not possible.
        """
        usual = asdict(cls())
        pairs = [
            part.partition("=")
            for part in bounded(text, "the line of model settings").split(",")
            if part.strip()
        ]
        for name, _, number in pairs:
            if name.strip() not in usual:
                raise Refusal(
                    f"no model setting {shown(name.strip())}; there are: {', '.join(usual)}"
                )
            if (
                not number.strip().replace(".", "", name.strip() == "eta").isdecimal()
                or len(number) > 20
            ):
                raise Refusal(
                    f"cannot read the model setting {name.strip()}={shown(number.strip())}; write"
                    " numbers, as in depth=4,eta=0.05"
                )
        return cls(**{name.strip(): type(usual[name.strip()])(number) for name, _, number in pairs})

    @property
    def parameters(self) -> dict[str, object]:
        """XGBoost's own names."""
        return {
            "objective": "binary:logistic",
            "eval_metric": "logloss",
            "tree_method": "hist",
            "max_depth": self.depth,
            "eta": self.eta,
            "min_child_weight": 5,
            "subsample": 0.8,
            "lambda": 2.0,
            "seed": self.seed,
            "nthread": (
                1
                # small data: more threads wait for each other; sources are fitted side by side
                # instead
            ),
        }


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A source's fitted trees and what is needed to ask them again; where people take turns, a
    forest per fold, asked of that fold alone.

    Attributes
    ----------
    forest, rounds : the trees and their number; where people take turns, those that are asked of
        the first fold.
    shift : log-odds by which it speaks higher of those it learned from than the models of all turns
        do on average; taken off what it says, or a fold of few defaults, whose model saw the more
        of them, would look the riskier for it.
    others : where people take turns, the models of the further folds, in order.
    """

    key: str
    features: tuple[Feature, ...]
    categories: Categories
    forest: Forest
    rounds: int
    shift: float = 0.0
    others: tuple["SourceModel", ...] = ()

    @property
    def turns(self) -> tuple["SourceModel", ...]:
        """The models, one per fold; a single one where people do not take turns."""
        return replace(self, others=()), *self.others

    def asked(self, design: Design) -> Iterator[tuple["SourceModel", slice | np.ndarray]]:
        """Which persons of a design are asked of which model: everybody of a single one, each fold
        of its own.

        Raises
        ------
        ValueError
            If people take turns and the design does not tell their folds.
        """
        if not len(design.rows):
            return  # XGBoost warns of asking about nobody
        if not self.others:
            yield self, slice(None)
        elif design.folds is None:
            raise ValueError(
                f"the models of {self.key!r} are asked fold by fold; draw the design with the"
                " 'fold' of its persons"
            )
        else:
            found = (
                (model, np.flatnonzero(design.folds == fold))
                for fold, model in enumerate(self.turns)
            )
            yield from ((model, mine) for model, mine in found if len(mine))

    def said(self, design: Design, base_rate: float) -> np.ndarray:
        """Log-odds that the source adds to the base rate, shape (known persons,), float32."""
        added = np.full(len(design.rows), np.nan, np.float32)
        for model, mine in self.asked(design):
            booster_log_odds = model.forest.booster.predict(
                _matrix(design, mine), output_margin=True, iteration_range=(0, model.rounds)
            )
            added[mine] = booster_log_odds - model.start(base_rate)
        return added

    def start(self, base_rate: float) -> float:
        """The log-odds that this one model's are measured from.

        Those of the base rate, moved to where it learned.
        """
        return log_odds(base_rate) + self.shift

    def description(self) -> dict[str, object]:
        """All but the trees, for JSON."""
        told: dict[str, object] = {
            "key": self.key,
            "features": [asdict(f) for f in self.features],
            "categories": self.categories,
        }
        return told | {"turns": [{"rounds": m.rounds, "shift": m.shift} for m in self.turns]}

    @classmethod
    def restored(cls, described: Mapping[str, object], *forests: Forest) -> "SourceModel":
        """A model from its description and its trees, a forest per turn."""
        features = tuple(Feature(**f) for f in described["features"])  # type: ignore[attr-defined]
        categories = {k: tuple(v) for k, v in described["categories"].items()}  # type: ignore[attr-defined]
        turns: list[dict[str, float]] = described["turns"]  # type: ignore[assignment]
        key = str(described["key"])
        models = [
            cls(key, features, categories, f, int(t["rounds"]), float(t["shift"]))
            for t, f in zip(turns, forests, strict=True)
        ]
        return replace(models[0], others=tuple(models[1:]))


def fit(
    design: Design,
    defaulted: np.ndarray,
    splits: np.ndarray,
    base_rate: float,
    settings: Settings = Settings(),
    *,
    apart: Sequence[Sequence[str]] = (),
    should_continue: ShouldContinue = lambda *_: True,
) -> SourceModel:
    """Fit one source on its training persons; stop early on its calibration persons. Where people
    take turns, once per fold.

    Parameters
    ----------
    design : with folds, people take turns: each fold is asked of a model that neither learned from
        it nor stopped by it.
    defaulted : outcome of the design's persons: 1, 0, or NaN where unknown.
    splits : split of the design's persons, as text.
    base_rate : default rate of all training persons, of every source together.
    apart : groups of feature names that no tree may mix; by default any tree may use any feature.
    should_continue : called before the first round and after each, with the rounds done and the
        most there will be; False stops.

    Raises
    ------
    Refusal
        If the training persons all have the same outcome.
    Cancelled
        If `should_continue` says stop.
    """
    learn = partial(_fit, design, defaulted, base_rate=base_rate, settings=settings, apart=apart)
    if design.folds is None:
        return learn(splits, should_continue=should_continue)
    roles = [turn(splits, design.folds, asked) for asked in range(FOLDS)]
    turns = [
        learn(
            mine,
            should_continue=partial(
                _later, should_continue, asked * settings.rounds, FOLDS * settings.rounds
            ),
        )
        for asked, mine in enumerate(roles)
    ]
    taught = [(mine == "train") & ~np.isnan(defaulted) for mine in roles]
    levels = [
        float(model.said(design, base_rate)[mine].mean(dtype=float))
        for model, mine in zip(turns, taught, strict=True)
    ]
    first, *others = (
        replace(model, shift=level - float(np.mean(levels)))
        for model, level in zip(turns, levels, strict=True)
    )
    return replace(first, others=tuple(others))


def _later(should_continue: ShouldContinue, before: int, most: int, done: int, _: int) -> bool:
    """Ask whether to go on, counting the rounds of the turns before."""
    return should_continue(before + done, most)


def _fit(
    design: Design,
    defaulted: np.ndarray,
    splits: np.ndarray,
    *,
    base_rate: float,
    settings: Settings,
    apart: Sequence[Sequence[str]],
    should_continue: ShouldContinue,
) -> SourceModel:
    """One booster, fitted on those who train, stopped early by those who calibrate."""
    proceed(design.source.key, should_continue, 0, settings.rounds)
    train, stop = (
        np.flatnonzero((splits == s) & ~np.isnan(defaulted)) for s in ("train", "calibrate")
    )
    _learnable(design, defaulted[train])
    constraints = tuple(
        DIRECTIONS[f.direction] if t == "q" else 0
        for f, t in zip(design.features, design.types, strict=True)
    )
    parameters = {
        **settings.parameters,
        "base_score": base_rate,
        "monotone_constraints": constraints,
    }
    parameters |= {"interaction_constraints": _places(design, apart)} if apart else {}
    learn = _quantiles(design, train, defaulted)
    watch = (
        {
            "evals": [(_quantiles(design, stop, defaulted, learn), "calibrate")],
            "early_stopping_rounds": settings.patience,
        }
        if len(stop)
        else {}
    )
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    booster = xgb.train(
        parameters,
        learn,
        settings.rounds,
        verbose_eval=False,
        callbacks=[_heeding(design.source.key, should_continue, settings.rounds)],
        **watch,
    )
    rounds = booster.best_iteration + 1 if watch else settings.rounds
    return SourceModel(
        design.source.key, design.features, design.categories, Forest.of(booster[:rounds]), rounds
    )


def proceed(key: str, should_continue: ShouldContinue, done: int, most: int) -> None:
    """Ask whether to go on fitting.

    Raises
    ------
    Cancelled
        If not.
    """
    if not should_continue(done, most):
        raise Cancelled(
            f"fitting of {key!r} was stopped after {done:,} of at most {most:,} rounds; nothing of"
            " it is kept, so start again to have it fitted"
        )


def _heeding(
    key: str, should_continue: ShouldContinue, most: int
) -> "xgb.callback.TrainingCallback":
    """Asks after every round of boosting whether to go on."""
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    class Heeding(xgb.callback.TrainingCallback):
        def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:  # noqa: ARG002 - XGBoost's own signature
            proceed(key, should_continue, epoch + 1, most)
            return False

    return Heeding()


def log_odds(probability: float) -> float:
    """Log-odds of a probability."""
    return float(np.log(probability / (1 - probability)))


def _learnable(design: Design, outcomes: np.ndarray) -> None:
    if len(np.unique(outcomes)) < 2:
        raise Refusal(
            f"source {design.source.key!r} has nothing to learn from: its {len(outcomes):,}"
            " training persons with a known outcome do not have both outcomes; choose wider data"
            " or drop the source"
        )


def _matrix(design: Design, rows: slice | np.ndarray) -> "xgb.DMatrix":
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    return xgb.DMatrix(
        design.matrix[rows], feature_types=design.types, enable_categorical=True, nthread=1
    )


def _quantiles(
    design: Design,
    rows: np.ndarray,
    defaulted: np.ndarray,
    like: "xgb.QuantileDMatrix | None" = None,
) -> "xgb.QuantileDMatrix":
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    return xgb.QuantileDMatrix(
        design.matrix[rows],
        defaulted[rows],
        feature_types=design.types,
        enable_categorical=True,
        ref=like,
        nthread=1,
    )


def _places(design: Design, apart: Sequence[Sequence[str]]) -> str:
    """Groups of features by their places, as XGBoost reads them.

    It never sees a column's name, which may hold what it refuses, such as brackets.
    """
    place = {f.name: at for at, f in enumerate(design.features)}
    return str([[place[name] for name in group] for group in apart])


def text(description: object) -> str:
    """Any description as JSON, always in the same order."""
    return json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False, default=str)
