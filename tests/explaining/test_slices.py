"""Is everybody in one slice, with all their records, whatever the order of the tables?"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.data.population import Population, people
from analytics.data.population import find as bind
from analytics.data.refusal import Refusal
from analytics.explaining import slices
from analytics.explaining.slices import look_up
from analytics.sources.design import pick
from analytics.sources.model import SourceModel
from tests.people import rewrite, told


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut small tables as large ones are."""
    monkeypatch.setattr(slices, "STRIDE", 1)
    monkeypatch.setattr(slices, "PIECE", 50)


def ids(part: Population, name: str = "people.csv") -> list[str]:
    return part.table(name).select(part.id_of()).collect().to_series().to_list()


def mix(folder: Path, *names: str) -> None:
    for name in names:
        rewrite(folder / name, lambda f: f.sample(fraction=1, shuffle=True, seed=1))


@pytest.mark.parametrize(
    "mixed",
    [
        (),
        ("people.csv",),
        ("bank.csv", "bureau.parquet"),
        ("people.csv", "bank.csv", "bureau.parquet"),
    ],
)
def test_everybody_is_in_one_slice_by_ascending_id_with_all_their_records(
    folder, tmp_path, mixed: tuple[str, ...]
) -> None:
    mix(folder, *mixed)
    population = bind(told(folder))
    parts = list(slices.slices(population, tmp_path, most=40))
    assert [len(ids(part)) for part in parts] == [40] * 7 + [20]
    for name in ("people.csv", "bank.csv", "bureau.parquet"):
        cut = [sorted(ids(part, name)) for part in parts]
        assert [i for own in cut for i in own] == sorted(ids(population, name))
        assert all(set(own) <= set(ids(part)) for own, part in zip(cut, parts, strict=True))


def test_only_tables_out_of_order_are_rewritten_and_in_pieces_that_fit(
    folder, tmp_path, monkeypatch
) -> None:
    mix(folder, "bank.csv")
    population = bind(told(folder))
    monkeypatch.setattr(slices, "CELLS", 300)
    parts = list(slices.slices(population, tmp_path, most=100))
    files = list(tmp_path.glob("*.parquet"))
    assert sorted(pl.read_parquet(f).height for f in files) == [100, 100]
    assert all(pl.read_parquet(f)["person_id"].is_sorted() for f in files)
    assert sum(len(ids(part, "bank.csv")) for part in parts) == 200


def test_few_people_are_one_slice_and_nothing_is_written(folder, tmp_path) -> None:
    mix(folder, "bank.csv", "people.csv")
    (part,) = slices.slices(bind(told(folder)), tmp_path / "nowhere", most=300)
    assert len(ids(part)) == 300


@pytest.mark.parametrize("mixed", [(), ("bank.csv", "bureau.parquet", "people.csv")])
@pytest.mark.parametrize("most", [70, 1000])
@pytest.mark.parametrize("among", [1000, 3], ids=["everybody", "some"])
@pytest.mark.parametrize("longer", ["", "-of-this-town"], ids=["short ids", "long ids"])
def test_what_a_source_holds_of_a_slice_is_what_it_holds_of_these_people_among_all(
    folder, tmp_path, mixed: tuple[str, ...], most: int, among: int, longer: str
) -> None:
    for name in ("people.csv", "bank.csv", "bureau.parquet"):
        rewrite(folder / name, lambda f: f.with_columns(pl.col("person_id") + longer))
    mix(folder, *mixed)
    population = bind(told(folder))
    everyone = people(population).select("row", "person")
    texts = {"bank": {"job": ("fixed", "free")}}
    models = [
        SourceModel(s.key, population.features[s.key], texts.get(s.key, {}), None, 0)
        for s in population.catalog
    ]  # type: ignore[arg-type] - never asked
    for part in slices.slices(population, tmp_path, most=most):
        who = (
            part.table("people.csv")
            .with_row_index("row")
            .select("row", part.id_of().alias("person"))
            .collect()
        )
        who = who.filter((pl.col("row") + 1) % among != 0)
        for source, model, found in zip(
            population.catalog, models, look_up(part, who, models), strict=True
        ):
            whole = pick(
                population,
                everyone.join(who.select("person"), on="person", how="semi"),
                source,
                model.categories,
            )
            mine = dict(
                zip(
                    who.join(
                        pl.DataFrame({"row": found.rows.astype(np.uint32)}),
                        on="row",
                        maintain_order="right",
                    )["person"],
                    found.matrix.tolist(),
                    strict=True,
                )
            )
            theirs = dict(
                zip(everyone["person"].gather(whole.rows), whole.matrix.tolist(), strict=True)
            )
            assert str(sorted(mine.items())) == str(
                sorted(theirs.items())
            )  # as text: no not-a-number equals another
            assert (np.diff(found.rows.astype(int)) > 0).all()


def test_ids_that_are_numbers_in_one_table_and_text_in_another_meet(folder, tmp_path) -> None:
    number = pl.col("person_id").str.strip_prefix("p").cast(pl.Int64)
    rewrite(folder / "bureau.parquet", lambda f: f.with_columns(number))
    for name in ("people.csv", "bank.csv"):
        rewrite(folder / name, lambda f: f.with_columns(number.cast(pl.String)))
    population = bind(told(folder))
    parts = list(slices.slices(population, tmp_path, most=40))
    assert sorted(i for part in parts for i in ids(part)) == sorted(map(str, range(300)))
    assert all(set(ids(part, "bureau.parquet")) <= set(ids(part)) for part in parts)
    assert sum(len(ids(part, "bureau.parquet")) for part in parts) == 150


def test_a_missing_id_is_refused(folder, tmp_path) -> None:
    mix(folder, "bureau.parquet")
    rewrite(
        folder / "bureau.parquet",
        lambda f: pl.concat([f, f[:2].with_columns(person_id=pl.lit(None, pl.String))]),
    )
    with pytest.raises(
        Refusal, match=r"^bureau.parquet: 2 rows have no 'person_id'; every row needs one$"
    ):
        list(slices.slices(bind(told(folder)), tmp_path, most=40))
