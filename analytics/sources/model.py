"""What has a source learned? One gradient-boosted model per source, on the people it knows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.data.catalog import DIRECTIONS, Feature
from analytics.data.refusal import Refusal

from .design import Categories, Design

if TYPE_CHECKING:
    import xgboost as xgb

Heed = Callable[[int, int], bool]  # told the rounds done and the most there will be; False stops


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
        for name, number, most in (("rounds", self.rounds, 100_000), ("patience", self.patience, 100_000), ("depth", self.depth, 16)):
            if not 1 <= number <= most:
                raise Refusal(f"{name} must be between 1 and {most:,}, got {number:,}")
        if not 0 < self.eta <= 1:
            raise Refusal(f"eta, the learning rate, must be above 0 and at most 1, got {self.eta:g}")
        if self.seed < 0:
            raise Refusal(f"seed must be 0 or more, got {self.seed}")

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
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        for name, _, number in pairs:
            if name.strip() not in usual:
                raise Refusal(f"no model setting {name.strip()!r}; there are: {', '.join(usual)}")
            if not number.strip().replace(".", "", name.strip() == "eta").isdecimal():
                raise Refusal(f"cannot read the model setting {name.strip()}={number.strip()!r}; write numbers, as in depth=4,eta=0.05")
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
            "nthread": 1,  # small data: more threads wait for each other; sources are fitted side by side instead
        }


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A source's fitted booster and what is needed to ask it again."""

    key: str
    features: tuple[Feature, ...]
    categories: Categories
    booster: "xgb.Booster"
    rounds: int

    def said(self, design: Design, base_rate: float) -> np.ndarray:
        """Log-odds that the source adds to the base rate, shape (known persons,), float32."""
        booster_log_odds = self.booster.predict(_matrix(design), output_margin=True, iteration_range=(0, self.rounds))
        return (booster_log_odds - log_odds(base_rate)).astype(np.float32)

    def description(self) -> dict[str, object]:
        """All but the booster, for JSON."""
        return {"key": self.key, "features": [asdict(f) for f in self.features], "categories": self.categories, "rounds": self.rounds}

    @classmethod
    def restored(cls, described: Mapping[str, object], booster: bytes) -> "SourceModel":
        """A model from its description and its booster's JSON."""
        features = tuple(Feature(**f) for f in described["features"])  # type: ignore[attr-defined]
        categories = {k: tuple(v) for k, v in described["categories"].items()}  # type: ignore[attr-defined]
        import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

        fitted = xgb.Booster({"nthread": 1})
        fitted.load_model(bytearray(booster))
        return cls(str(described["key"]), features, categories, fitted, int(str(described["rounds"])))


def fit(
    design: Design,
    defaulted: np.ndarray,
    splits: np.ndarray,
    base_rate: float,
    settings: Settings = Settings(),
    *,
    apart: Sequence[Sequence[str]] = (),
    heed: Heed = lambda *_: True,
) -> SourceModel:
    """Fit one source on its training persons; stop early on its calibration persons.

    Parameters
    ----------
    defaulted : outcome of the design's persons: 1, 0, or NaN where unknown.
    splits : split of the design's persons, as text.
    base_rate : default rate of all training persons, of every source together.
    apart : groups of feature names that no tree may mix; by default any tree may use any feature.
    heed : called before the first round and after each, with the rounds done and the most there will be; False stops.

    Raises
    ------
    Refusal
        If the training persons all have the same outcome.
    Cancelled
        If `heed` says stop.
    """
    proceed(design.source.key, heed, 0, settings.rounds)
    train, stop = (np.flatnonzero((splits == s) & ~np.isnan(defaulted)) for s in ("train", "calibrate"))
    _learnable(design, defaulted[train])
    constraints = tuple(DIRECTIONS[f.direction] if t == "q" else 0 for f, t in zip(design.features, design.types, strict=True))
    parameters = {**settings.parameters, "base_score": base_rate, "monotone_constraints": constraints}
    parameters |= {"interaction_constraints": [list(group) for group in apart]} if apart else {}
    learn = _quantiles(design, train, defaulted)
    watch = {"evals": [(_quantiles(design, stop, defaulted, learn), "calibrate")], "early_stopping_rounds": settings.patience} if len(stop) else {}
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    booster = xgb.train(parameters, learn, settings.rounds, verbose_eval=False, callbacks=[_heeding(design.source.key, heed, settings.rounds)], **watch)
    rounds = booster.best_iteration + 1 if watch else settings.rounds
    return SourceModel(design.source.key, design.features, design.categories, booster[:rounds], rounds)


def proceed(key: str, heed: Heed, done: int, most: int) -> None:
    """Ask whether to go on fitting.

    Raises
    ------
    Cancelled
        If not.
    """
    if not heed(done, most):
        raise Cancelled(f"fitting of {key!r} was stopped after {done:,} of at most {most:,} rounds; nothing of it is kept, so start again to have it fitted")


def _heeding(key: str, heed: Heed, most: int) -> "xgb.callback.TrainingCallback":
    """Asks after every round of boosting whether to go on."""
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    class Heeding(xgb.callback.TrainingCallback):
        def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:  # noqa: ARG002 - XGBoost's own signature
            proceed(key, heed, epoch + 1, most)
            return False

    return Heeding()


def log_odds(probability: float) -> float:
    """Log-odds of a probability."""
    return float(np.log(probability / (1 - probability)))


def _learnable(design: Design, outcomes: np.ndarray) -> None:
    if len(np.unique(outcomes)) < 2:
        raise Refusal(
            f"source {design.source.key!r} has nothing to learn from: its {len(outcomes):,} training persons with a known outcome do not have both outcomes; "
            "choose wider data or drop the source"
        )


def _matrix(design: Design) -> "xgb.DMatrix":
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    names = [f.name for f in design.features]
    return xgb.DMatrix(design.matrix, feature_names=names, feature_types=design.types, enable_categorical=True, nthread=1)


def _quantiles(design: Design, rows: np.ndarray, defaulted: np.ndarray, like: "xgb.QuantileDMatrix | None" = None) -> "xgb.QuantileDMatrix":
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and kept evidence needs none of it

    names = [f.name for f in design.features]
    return xgb.QuantileDMatrix(
        design.matrix[rows], defaulted[rows], feature_names=names, feature_types=design.types, enable_categorical=True, ref=like, nthread=1
    )


def dump(model: SourceModel) -> bytes:
    """The booster as XGBoost's JSON: readable, and safe to keep where pickles are not."""
    return bytes(model.booster.save_raw("json"))


def text(description: object) -> str:
    """Any description as JSON, always in the same order."""
    return json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False, default=str)
