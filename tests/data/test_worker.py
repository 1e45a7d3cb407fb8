"""Who reads strange files?"""

from pathlib import Path

import polars as pl
import pytest

from analytics.data import shelf, worker
from analytics.data.catalog import Table
from analytics.data.files import Limits
from analytics.data.refusal import Refusal

RUN = worker.run  # the real one: other tests read in their own process


@pytest.fixture
def apart(monkeypatch) -> None:
    """Files are read in a process of its own."""
    monkeypatch.setattr(worker, "run", RUN)


def take(folder: Path, limits: Limits = Limits()) -> pl.DataFrame:
    return pl.read_parquet(shelf.take(folder, [Table("t.csv")], folder / "shelf", limits=limits)["t.csv"].path)


def test_a_process_of_its_own_reads_the_same(tmp_path, apart) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\nb,2\n")
    assert take(tmp_path).rows() == [("a", 1), ("b", 2)]


def test_a_table_that_needs_too_much_memory_ends_its_worker_and_not_the_server(tmp_path, apart) -> None:
    (tmp_path / "t.csv").write_text("id,x\n" + "a,1\n" * 1_000_000)
    with pytest.raises(Refusal, match=r"^reading t.csv (needed more than the .* GiB of memory that it may use; split it|stopped the reader)"):
        take(tmp_path, Limits(memory=1 << 20))
    assert list((tmp_path / "shelf").iterdir()) == []


def test_the_clock_ends_what_takes_too_long(tmp_path, apart) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\n")
    with pytest.raises(Refusal, match=r"^reading t.csv took longer than 0 seconds; split it"):
        take(tmp_path, Limits(seconds=0.01))
    assert list((tmp_path / "shelf").iterdir()) == []
