"""What would pooling the raw data add?"""

import numpy as np
import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.data.population import find, people
from analytics.sources.design import draw
from analytics.sources.model import Settings, fit
from analytics.sources.pooled import learn, side_by_side
from tests.people import exact_auc, rewrite, settle

FEW = Settings(rounds=40, patience=10)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory):
    """Two thousand people of two sources, large enough to learn from."""
    return settle(tmp_path_factory.mktemp("towns"), persons=2000)


def said(path, *, base_rate: float = 0.25) -> tuple[np.ndarray, pl.DataFrame]:
    """What the pooled model says, and of whom."""
    population = find(read(path))
    everyone = people(population)
    return (
        np.nan_to_num(learn(side_by_side(population, everyone), everyone, base_rate, FEW)),
        everyone,
    )


def test_both_sources_together_rank_better_than_either_alone(towns) -> None:
    added, everyone = said(towns)
    late = everyone["split"].is_in(["test", "out_of_time"]).to_numpy()
    defaulted = everyone["defaulted"].to_numpy().astype(bool)
    population = find(read(towns))
    designs = [draw(population, everyone, source) for source in population.catalog]
    both = late & np.isin(
        everyone["row"].to_numpy(), np.intersect1d(designs[0].rows, designs[1].rows)
    )
    pooled_auc = exact_auc(added[both], defaulted[both])
    outcome, splits = (
        everyone["defaulted"].cast(pl.Float64).to_numpy(),
        everyone["split"].cast(pl.String).to_numpy(),
    )
    for design in designs:
        alone = np.zeros(len(everyone), np.float32)
        alone[design.rows] = fit(design, outcome[design.rows], splits[design.rows], 0.25, FEW).said(
            design, 0.25
        )
        assert pooled_auc > exact_auc(alone[both], defaulted[both]) + 0.01
        assert exact_auc(added[late], defaulted[late]) > exact_auc(alone[late], defaulted[late])


def test_whoever_no_source_knows_is_at_0_and_only_they(towns) -> None:
    added, everyone = said(towns)
    # the bureau knows the even, the bank two of three
    nobody = (everyone["row"].to_numpy() % 2 == 1) & (everyone["row"].to_numpy() % 3 == 0)
    assert (added[nobody] == 0).all()
    assert (added[~nobody] != 0).all()


def test_everyone_stands_in_the_order_of_the_file(towns) -> None:
    added, everyone = said(towns)
    assert everyone["row"].to_list() == list(range(2000))
    assert (added.shape, added.dtype) == ((2000,), np.float32)


@pytest.mark.parametrize("split", ["test", "out_of_time"])
def test_who_is_read_teaches_nothing(folder, split: str) -> None:
    path = folder / "catalog.toml"
    before, everyone = said(path)
    read = (everyone["split"] == split).to_numpy()
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(pl.Series(read)).then(1 - pl.col("defaulted")).otherwise("defaulted")
        ),
    )
    after, _ = said(path)
    assert read.any()
    assert (before == after).all()


def test_training_persons_do_teach(folder) -> None:
    path = folder / "catalog.toml"
    before, everyone = said(path)
    train = (everyone["split"] == "train").to_numpy()
    rewrite(
        folder / "people.csv",
        lambda f: f.with_columns(
            defaulted=pl.when(pl.Series(train)).then(1 - pl.col("defaulted")).otherwise("defaulted")
        ),
    )
    after, _ = said(path)
    assert np.corrcoef(before, after)[0, 1] < 0


def test_columns_of_one_name_in_two_sources_are_two_columns(folder) -> None:
    chance = np.random.default_rng(1)
    rewrite(folder / "bank.csv", lambda f: f.rename({"balance": "utilisation"}))
    text = (
        (folder / "catalog.toml")
        .read_text("utf-8")
        .replace('"balance", "job"', '"utilisation", "job"')
    )
    (folder / "catalog.toml").write_text(text, "utf-8")
    added, _ = said(folder / "catalog.toml")
    rewrite(
        folder / "bank.csv",
        lambda f: f.with_columns(
            utilisation=pl.Series(chance.permutation(f["utilisation"].to_numpy()))
        ),
    )
    other, _ = said(folder / "catalog.toml")
    assert (added != other).any()


def test_the_same_seed_says_the_same(folder) -> None:
    assert (said(folder / "catalog.toml")[0] == said(folder / "catalog.toml")[0]).all()


@pytest.mark.usefixtures("few")
def test_where_people_take_turns_the_pooled_model_does_not_rank_a_fold_by_its_own_outcomes(
    folder,
) -> None:
    path = folder / "catalog.toml"
    before, everyone = said(path)
    mine = ((everyone["fold"] == 3) & (everyone["split"] != "out_of_time")).to_numpy()
    own = everyone["defaulted"].cast(pl.Int64).to_numpy().copy()
    own[mine] = np.roll(own[mine], 1)
    rewrite(folder / "people.csv", lambda f: f.with_columns(defaulted=pl.Series(own)))
    moved = said(path)[0] - before
    known = before != 0
    assert np.ptp(moved[mine & known]) < 1e-6
    assert np.ptp(moved[~mine & known]) > 0.01
