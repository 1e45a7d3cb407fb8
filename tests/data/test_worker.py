"""Who reads strange files?"""

import contextlib
from pathlib import Path

import polars as pl
import pytest

from analytics.data import shelf, worker
from analytics.data.catalog.model import Table
from analytics.data.readers.files import Limits
from analytics.data.refusal import Refusal

RUN = worker.run  # the real one: other tests read in their own process


@pytest.fixture
def apart(monkeypatch) -> None:
    """Files are read in a process of its own."""
    monkeypatch.setattr(worker, "run", RUN)


def take(folder: Path, limits: Limits = Limits()) -> pl.DataFrame:
    return pl.read_parquet(
        shelf.take(folder, [Table("t.csv")], folder / "shelf", limits=limits)["t.csv"].path
    )


def test_a_process_of_its_own_reads_the_same(tmp_path, apart) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\nb,2\n")
    assert take(tmp_path).rows() == [("a", 1), ("b", 2)]


def test_a_table_that_needs_too_much_memory_ends_its_worker_and_not_the_server(
    tmp_path, apart
) -> None:
    (tmp_path / "t.csv").write_text("id,x\n" + "a,1\n" * 1_000_000)
    with pytest.raises(
        Refusal,
        match=(
            r"^reading t.csv (needed more than the .* GiB of memory that it may use; split"
            r" it|stopped the reader)"
        ),
    ):
        take(tmp_path, Limits(memory=1 << 20))
    assert list((tmp_path / "shelf").iterdir()) == []


def test_the_clock_ends_what_takes_too_long(tmp_path, apart) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\n")
    with pytest.raises(Refusal, match=r"^reading t.csv took longer than 0 seconds; split it"):
        take(tmp_path, Limits(seconds=0.01))
    assert list((tmp_path / "shelf").iterdir()) == []


@pytest.fixture
def started(monkeypatch) -> list[worker.Process]:
    """The processes that were started, of which any text is large enough to start one before it
    is hashed.
    """
    found: list[worker.Process] = []
    start = worker._start

    def noting(*words: str) -> worker.Process:
        found.append(start(*words))
        return found[-1]

    monkeypatch.setattr(worker, "_start", noting)
    monkeypatch.setattr(shelf, "LARGE", 0)
    return found


def test_the_process_that_starts_while_a_new_text_is_hashed_is_the_one_that_reads_it(
    tmp_path, apart, started
) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\nb,2\n")
    assert take(tmp_path).rows() == [("a", 1), ("b", 2)]
    assert take(tmp_path).rows() == [("a", 1), ("b", 2)]
    assert [(p.args[-1], p.returncode) for p in started] == [(worker.READY, 0)]


def test_a_text_that_changes_between_its_hash_and_its_reading_is_refused_by_a_process_that_was_ready(
    tmp_path, apart, started, monkeypatch
) -> None:
    def meddling(task):
        (tmp_path / "t.csv").write_text("id,x\na,9\n")
        return RUN(task)

    (tmp_path / "t.csv").write_text("id,x\na,1\n")
    monkeypatch.setattr(worker, "run", meddling)
    with pytest.raises(
        Refusal,
        match=r"^t.csv changed while it was read; wait until it is written, and read it again$",
    ):
        take(tmp_path)
    assert [p.args[-1] for p in started] == [worker.READY]


def test_a_process_that_was_ready_for_nothing_ends(started) -> None:
    with worker.ready():
        assert started[0].poll() is None
    with contextlib.suppress(Refusal), worker.ready():
        raise Refusal("the table is on the shelf, or there is none")
    assert [p.returncode is None for p in started] == [False, False]


def test_a_process_that_was_ready_has_the_same_limits(tmp_path, apart, started) -> None:
    (tmp_path / "t.csv").write_text("id,x\n" + "a,1\n" * 1_000_000)
    with pytest.raises(
        Refusal,
        match=(
            r"^reading t.csv (needed more than the .* GiB of memory that it may use; split"
            r" it|stopped the reader)"
        ),
    ):
        take(tmp_path, Limits(memory=1 << 20))
    with pytest.raises(Refusal, match=r"^reading t.csv took longer than 0 seconds; split it"):
        take(tmp_path, Limits(seconds=0.01))
    assert [p.args[-1] for p in started] == [worker.READY] * 2
    assert list((tmp_path / "shelf").iterdir()) == []
