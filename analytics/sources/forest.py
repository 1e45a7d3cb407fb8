"""What has been grown?

A model's trees as XGBoost writes them down, opened by XGBoost itself only where its own word is
needed.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xgboost as xgb


@dataclass(frozen=True)
class Forest:
    """Trees of one booster; two are equal if their bytes are.

    Attributes
    ----------
    json : XGBoost's JSON: readable, and safe to keep where pickles are not.
    """

    json: bytes

    @classmethod
    def of(cls, booster: "xgb.Booster") -> "Forest":
        """The trees of a fitted booster."""
        return cls(bytes(booster.save_raw("json")))

    @cached_property
    def booster(self) -> "xgb.Booster":
        """The same for XGBoost to ask, on one core."""
        import xgboost as xgb  # noqa: PLC0415 - most of a second, and neither kept evidence nor tables of trees need it

        opened = xgb.Booster({"nthread": 1})
        opened.load_model(bytearray(self.json))
        opened.feature_names = (
            None  # models kept before names stayed outside have some: columns go by their places
        )
        return opened
