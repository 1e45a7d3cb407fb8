"""What has been read already?"""

import json
import os
import time
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from analytics.data import shelf, worker
from analytics.data.catalog.model import Table
from analytics.data.refusal import Refusal


@pytest.fixture
def asked(monkeypatch) -> list[list[str]]:
    """The tables that were read, call by call."""
    calls: list[list[str]] = []
    run = worker.run

    def counting(task):
        calls.append([t["table"]["name"] for t in task["tables"]])
        return run(task)

    monkeypatch.setattr(worker, "run", counting)
    return calls


def take(folder: Path, *names: str, **how: object):
    return shelf.take(
        folder, [Table(n, **how) for n in names or ("a.csv", "b.csv")], folder / "shelf"
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"id,{name}\n1,2\n3,NA\n")
    return tmp_path


def test_a_table_is_read_once_and_again_when_its_bytes_or_the_catalog_change(files, asked) -> None:
    first = take(files)
    assert take(files) == first
    (files / "b.csv").write_text("id,b\n5,6\n")
    assert take(files)["b.csv"].rows == 1
    take(files, "a.csv", separator=",")
    assert asked == [["a.csv", "b.csv"], ["b.csv"], ["a.csv"]]
    assert [f.column for f in first["a.csv"].findings] == ["a"]


def test_a_damaged_table_on_the_shelf_is_not_opened_but_read_anew(files, asked) -> None:
    path = take(files)["a.csv"].path
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    assert take(files)["a.csv"].path.read_bytes() == whole
    assert asked == [["a.csv", "b.csv"], ["a.csv"]]


def test_one_refused_table_leaves_nothing_half_written(files) -> None:
    (files / "b.csv").write_text("id,b\n1\n")
    with pytest.raises(Refusal, match=r"^b.csv: 1 rows do not have the 2 fields of the header"):
        take(files)
    assert list((files / "shelf").iterdir()) == []


def test_a_shelf_that_cannot_be_written_is_named_with_the_way_out(files) -> None:
    (files / "shelf").write_text("a file")
    with pytest.raises(
        Refusal,
        match=(
            r"^cannot write to the work folder .*shelf: .*; make room, or choose another with"
            r" --home or WEIGHBRIDGE_HOME$"
        ),
    ):
        take(files)


def test_a_file_that_changes_while_it_is_read_is_refused(files, monkeypatch) -> None:
    run = worker.run

    def meddling(task):
        (files / "a.csv").write_text("id,a\n9,9\n")
        return run(task)

    monkeypatch.setattr(worker, "run", meddling)
    with pytest.raises(
        Refusal,
        match=r"^a.csv changed while it was read; wait until it is written, and read it again$",
    ):
        take(files)


def test_parts_of_a_table_without_the_person_stay_closed(tmp_path) -> None:
    pl.DataFrame({"id": range(200_000), "x": 1.5}).write_csv(tmp_path / "a.csv")
    path = take(tmp_path, "a.csv")["a.csv"].path
    plan = pl.scan_parquet(path).filter(pl.col("id") == 150_000)
    assert plan.collect()["x"].to_list() == [1.5]
    assert pl.scan_parquet(path).select("id").collect()["id"].to_list() == list(range(200_000))


def test_what_nobody_took_for_long_goes(files, asked) -> None:
    old = take(files)["a.csv"].path
    for path in (files / "shelf").iterdir():
        os.utime(path, (0, time.time() - 2 * shelf.KEPT))
    (files / "a.csv").write_text("id,a\n9,9\n")
    (files / "b.csv").write_text("id,b\n9,9\n")
    take(files)
    assert not old.exists()


def test_a_table_made_of_others_is_made_once(tmp_path) -> None:
    def gather() -> pl.LazyFrame:
        made.append(1)
        return pl.LazyFrame({"id": [1, 2], "x": [3, 4]})

    made: list[int] = []
    first = shelf.make(tmp_path, "shop (made)", "told", gather)
    assert shelf.make(tmp_path, "shop (made)", "told", gather) == first
    assert (first.rows, dict(first.schema), made) == (2, {"id": pl.Int64, "x": pl.Int64}, [1])


def test_every_flipped_bit_of_an_entry_is_noticed_and_the_table_read_anew(files, asked) -> None:
    first = take(files, "a.csv")
    entry = next((files / "shelf").glob("*.json"))
    whole = entry.read_bytes()

    def flipped(at: int, bit: int) -> bytes:
        return whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]

    def believed(spoilt: bytes) -> bool:
        try:
            shelf._opened(entry.stem, spoilt)
        except ValueError:
            return False
        return True

    assert believed(whole)
    assert [at for at in product(range(len(whole)), range(8)) if believed(flipped(*at))] == []
    for at in (0, len(whole) // 2, len(whole) - 2):
        entry.write_bytes(flipped(at, 0))
        assert take(files, "a.csv") == first
        assert entry.read_bytes() == whole
    assert len(asked) == 4


def test_an_edited_entry_is_read_anew_and_another_tables_entry_is_not_taken(files, asked) -> None:
    first = take(files)
    entries = {json.loads(p.read_bytes())["sha256"]: p for p in (files / "shelf").glob("*.json")}
    a, b = (entries[first[name].sha256] for name in ("a.csv", "b.csv"))
    whole = a.read_bytes()
    for spoilt in (
        json.dumps(json.loads(whole) | {"rows": 15_000_000}).encode(),
        json.dumps(
            {k: v for k, v in json.loads(whole).items() if k != "entry"} | {"rows": 7}
        ).encode(),
        b.read_bytes(),
        b"[]",
        whole[:-1],
        b"",
    ):
        a.write_bytes(spoilt)
        assert take(files) == first
        assert a.read_bytes() == whole
    assert asked == [["a.csv", "b.csv"], *[["a.csv"]] * 6]


def test_a_shelf_that_is_only_read_gives_what_stands_there(files, asked, monkeypatch) -> None:
    first = take(files)

    def never(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("utime", "replace", "mkdir", "unlink", "rename"):
        monkeypatch.setattr(os, name, never)
    monkeypatch.setattr(Path, "mkdir", never)
    assert take(files) == first
    assert asked == [["a.csv", "b.csv"]]


def test_a_full_disk_is_not_taken_for_a_damaged_copy(tmp_path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError(
            "parquet: underlying IO error: No space left on device (os error 28)"
        )

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    with pytest.raises(
        Refusal, match=r"^cannot write to the work folder .*: the disk is full; make room"
    ):
        shelf.make(tmp_path, "shop (made)", "told", lambda: pl.LazyFrame({"id": [1]}))
