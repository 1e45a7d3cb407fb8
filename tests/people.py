"""Small populations whose figures can be checked by hand.

Ann is known to both sources, Bob to the bank, Cleo to nobody.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from analytics.data.catalog.model import Catalog, People, Source
from analytics.data.catalog.toml import read as read_catalog
from analytics.sources.evidence import Evidence, line_up
from analytics.weighing.tally import BINS, Tally
from analytics.weighing.weighting import Weighting, weigh_as

NOT = float("nan")  # the source does not know the person
CATALOG = """
[population]
table = "people.csv"
id = "person_id"
outcome = "defaulted"
time = "applied_on"
segments = ["region"]

[[sources]]
key = "bureau"
label = "Bureau"
table = "bureau.parquet"
columns = ["late_*", "utilisation"]
cost = 1.5

[sources.features.late_90]
direction = "riskier"

[[sources]]
key = "bank"
label = "Bank"
table = "bank.csv"
columns = ["balance", "job"]

[[bureaus]]
key = "half"
label = "Half and half"
weights = { bureau = 1, bank = 1 }
"""


def catalog(*keys: str) -> Catalog:
    """A catalog of sources without files."""
    return Catalog(
        People("people.csv", "person_id", "defaulted"),
        tuple(Source(k, k.title(), ("x",)) for k in keys),
    )


def evidence(
    added: dict[str, Sequence[float]],
    defaulted: Sequence[bool | None],
    split: Sequence[str] | str = "test",
    **columns: Sequence[object],
) -> Evidence:
    """What each source adds, person by person; their rows are 0, 1, ..."""
    splits = [split] * len(defaulted) if isinstance(split, str) else list(split)
    people = pl.DataFrame(
        {
            "row": range(len(defaulted)),
            "defaulted": pl.Series(list(defaulted), dtype=pl.Boolean),
            "split": splits,
            **columns,
        }
    )
    people = people.with_columns(pl.col("row").cast(pl.UInt32))
    return line_up(
        catalog(*added), people, np.array(list(added.values()), np.float32).T, base_rate=0.1
    )


def trio() -> Evidence:
    """Ann paid, Bob defaulted, Cleo defaulted."""
    return evidence(
        {"bureau": [-2.0, NOT, NOT], "bank": [-1.0, 1.0, NOT]},
        [False, True, True],
        name=["Ann", "Bob", "Cleo"],
    )


def weights(
    persons: Evidence, *, floor: float = 0.4, missing: str = "neutral", **shares: float
) -> Weighting:
    """A weighting over the sources of an evidence."""
    return weigh_as(persons.catalog, shares, floor, missing)


def weighed(persons: Evidence, weighting: Weighting) -> np.ndarray:
    """The slow way, in double precision: each person's evidence; NaN for the unscored."""
    shares, known = weighting.vector, persons.known
    total, reach = np.nan_to_num(persons.added.astype(float)) @ shares, known @ shares
    scored = (reach >= weighting.floor - 1e-9) & (reach > 0)
    return np.where(
        scored,
        total / (np.where(scored, reach, 1) if weighting.missing == "renormalise" else 1),
        np.nan,
    )


def outcomes(persons: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Whose outcome is known, and who defaulted."""
    known = persons.people["defaulted"].is_not_null().to_numpy()
    return known, persons.people["defaulted"].fill_null(value=False).to_numpy()


def exact_auc(scores: np.ndarray, defaulted: np.ndarray) -> float:
    """scikit-learn's AUC; NaN where one outcome is missing."""
    return (
        float(roc_auc_score(defaulted, scores))
        if 0 < defaulted.sum() < len(defaulted)
        else float("nan")
    )


def count(
    paid: dict[int, int],
    defaulted: dict[int, int],
    unscored: tuple[int, int] = (0, 0),
    *,
    low: float = -4.0,
    high: float = 4.0,
) -> Tally:
    """A tally by hand: persons per bin."""
    counts = np.zeros((BINS, 2), np.int64)
    for column, persons in enumerate((paid, defaulted)):
        for place, number in persons.items():
            counts[place, column] = number
    return Tally(counts, np.array(unscored), low, (high - low) / BINS)


@st.composite
def populations(
    draw: st.DrawFn, *, sources: int = 3, most: int = 40, both: bool = False
) -> Evidence:
    """Any evidence: ties, unknown outcomes, people nobody knows, sources that know nobody."""
    numbers = st.one_of(
        st.sampled_from([-1.0, 0.0, 0.5, 1.0]), st.floats(-4, 4, width=32), st.just(NOT)
    )
    size = draw(st.integers(2 if both else 1, most))
    columns = {
        key: draw(st.lists(numbers, min_size=size, max_size=size)) for key in "abcdefgh"[:sources]
    }
    defaulted = draw(
        st.lists(
            st.sampled_from([False, True, None] if not both else [False, True]),
            min_size=size,
            max_size=size,
        )
    )
    if both:
        defaulted[:2] = [False, True]
    split = draw(
        st.lists(st.sampled_from(["train", "calibrate", "test"]), min_size=size, max_size=size)
    )
    return evidence(columns, defaulted, split)


@st.composite
def weightings(draw: st.DrawFn, *, sources: int = 3, missing: str | None = None) -> Weighting:
    """Any weighting of `populations`; some weights are 0, some floors are the ends."""
    amounts = st.one_of(st.just(0.0), st.floats(0.01, 100))
    shares = draw(st.lists(amounts, min_size=sources, max_size=sources).filter(any))
    floor = draw(st.one_of(st.sampled_from([0.0, 0.4, 0.5, 1.0]), st.floats(0, 1)))
    policy = missing or draw(st.sampled_from(["neutral", "renormalise"]))
    return Weighting(tuple(zip("abcdefgh"[:sources], shares, strict=True)), floor, policy)


def settle(folder: Path, *, persons: int = 300, seed: int = 3) -> Path:
    """Write three tables and their catalog.

    The bureau knows the even people, the bank two of three. Returns the catalog's path.
    """
    chance = np.random.default_rng(seed)
    row = np.arange(persons)
    risk = chance.normal(size=persons)
    defaulted = (risk + chance.normal(size=persons) > 1).astype(int)
    ids = [f"p{i:04}" for i in row]
    folder.mkdir(parents=True, exist_ok=True)
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 10, 31), eager=True).gather(
        row * 305 // persons
    )
    regions = ["North" if i % 2 else "South" for i in row]
    pl.DataFrame(
        {"person_id": ids, "applied_on": days, "region": regions, "defaulted": defaulted}
    ).write_csv(folder / "people.csv")
    bureau = pl.DataFrame(
        {
            "person_id": ids,
            "late_30": chance.poisson(1, persons),
            "late_90": np.round(np.exp(risk)).astype(int),
            "utilisation": chance.random(persons),
        }
    )
    bureau[::2].write_parquet(folder / "bureau.parquet")
    jobs = np.where(risk + chance.normal(size=persons) > 0, "free", "fixed")
    bank = pl.DataFrame(
        {
            "person_id": ids,
            "balance": np.round(-risk * 1000 + chance.normal(size=persons) * 800),
            "job": jobs,
        }
    )
    bank.filter(pl.int_range(pl.len()) % 3 != 0).write_csv(folder / "bank.csv")
    (folder / "catalog.toml").write_text(CATALOG, "utf-8")
    return folder / "catalog.toml"


def told(folder: Path, *edits: tuple[str, str]) -> Catalog:
    """The catalog of a folder after edits of its text."""
    edit(folder / "catalog.toml", *edits)
    return read_catalog(folder / "catalog.toml")


def edit(path: Path, *edits: tuple[str, str]) -> None:
    """Replace text in a file; every text must be there."""
    text = path.read_text("utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def rewrite(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Read a table, change it, write it back."""
    if path.suffix == ".csv":
        change(pl.read_csv(path)).write_csv(path)
    else:
        change(pl.read_parquet(path)).write_parquet(path)
