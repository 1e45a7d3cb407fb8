"""Where does chance come from?"""

import ast
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest, chi2_contingency, kstest

from analytics.data.chance import BY_ID, BY_ROW, DRAWN, generator, of_ids, of_rows, salts
from analytics.data.split import HALVES, assign, fold

COUNT = 20_000
IDS = [
    pl.Series([f"P{i:08}" for i in range(COUNT)]),
    pl.Series(range(COUNT)),  # an id that is the row itself
    pl.Series(np.random.default_rng(3).integers(10**10, 10**11, COUNT)),
]


def choices(ids: pl.Series) -> dict[str, np.ndarray]:
    """The number of everybody for every choice, those by the row for two sources and two seeds."""
    rows = np.arange(COUNT)
    more = (("bank", 7), ("bank", 8), ("shop", 7))
    by_row = {f"{choice} {of}": of_rows(rows, choice, *of) for choice in BY_ROW for of in more}
    return {choice: of_ids(ids, choice) for choice in BY_ID} | by_row


def chance_of(one: np.ndarray, other: np.ndarray) -> float:
    """The p-value of independence of two choices, by a chi-square over their fifths."""
    table = np.histogram2d(one, other, bins=5, range=[(0, 1), (0, 1)])[0]
    return float(chi2_contingency(table).pvalue)


@pytest.mark.parametrize("ids", IDS, ids=["numbered", "rows", "random"])
def test_no_choice_tells_anything_of_another(ids: pl.Series) -> None:
    pairs = list(combinations(choices(ids).items(), 2))
    found = {(one, other): chance_of(a, b) for (one, a), (other, b) in pairs}
    assert {pair for pair, p in found.items() if p < 0.001 / len(pairs)} == set()
    assert (
        kstest(list(found.values()), "uniform").pvalue > 0.001
    )  # as chance would have it, not too often a little alike either


def test_every_choice_is_uniform() -> None:
    for numbers in choices(IDS[0]).values():
        assert kstest(numbers, "uniform").pvalue > 0.0005


@pytest.mark.parametrize("shares", [(0.6, 0.2), HALVES])
@pytest.mark.parametrize("match", [0.2, 0.5, 0.8])
def test_in_every_split_and_fold_the_matched_are_as_many_as_the_match_says(
    shares: tuple[float, float], match: float
) -> None:
    matched = of_ids(IDS[0], "join") < match
    people = pl.DataFrame(
        [assign(IDS[0], shares=shares), fold(IDS[0]), pl.Series("matched", matched)]
    )
    for by in ("split", "fold"):
        for _, part in people.group_by(by):
            assert binomtest(int(part["matched"].sum()), len(part), match).pvalue > 0.0005


def test_with_one_seed_two_draws_are_apart_and_each_is_the_same_again() -> None:
    drawn = {choice: generator(choice, 7).random(COUNT) for choice in DRAWN}
    for (one, a), (_, b) in combinations(drawn.items(), 2):
        assert chance_of(a, b) > 0.0005
        assert (generator(one, 7).random(COUNT) == a).all()


def test_a_choice_without_a_name_is_none() -> None:
    with pytest.raises(KeyError, match="no choice of its own"):
        of_ids(IDS[0], "fakery")
    with pytest.raises(KeyError, match="no choice of its own"):
        of_rows(np.arange(3), "split")


def test_all_salts_differ_and_the_split_has_none_so_that_kept_splits_stay() -> None:
    found = salts(*BY_ID)
    assert len(set(found.values())) == len(BY_ID)
    assert found["split"] == 0


def test_no_other_file_makes_chance_of_its_own() -> None:
    made = {
        "default_rng",
        "RandomState",
        "crc32",
        "adler32",
        "hash_rows",
        "shuffle",
        "randint",
        "randrange",
    }
    for path in Path("analytics").rglob("*.py"):
        if path.name != "chance.py":
            tree = ast.parse(path.read_text("utf-8"))
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            imported = {
                a.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for a in node.names
            }
            assert not names & made, path
            assert "random" not in imported, path
