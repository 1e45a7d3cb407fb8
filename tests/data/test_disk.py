import errno
import os
from pathlib import Path

import polars as pl
import pytest

from analytics.data import disk
from analytics.data.refusal import Refusal


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        *[
            ("=1+1", "'=1+1"),
            ("+A1", "'+A1"),
            ("-A1", "'-A1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("-5", "'-5"),
            ("\uff1dx", "'\uff1dx"),
        ],
        *[("a=1", "a=1"), ("", ""), (None, None)],
    ],
)
def test_no_text_is_taken_for_a_formula(cell: str | None, safe: str | None) -> None:
    assert (
        pl.DataFrame({"cell": [cell]}, schema={"cell": pl.String})
        .select(disk.harmless(pl.col("cell")))
        .item()
        == safe
    )


def test_a_file_is_written_over_the_old_one_and_no_draft_stays(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        disk.write(tmp_path / "kept.json", content)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"kept.json": b"new"}


def test_where_a_write_fails_the_old_file_stands_and_no_draft_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.write(tmp_path / "kept.json", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        disk.write(tmp_path / "kept.json", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"kept.json": b"old"}


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full; make room, or name another file with --out"),
        (errno.EDQUOT, "the disk is full; make room, or name another file with --out"),
        (errno.EACCES, "it is not writable; name another file with --out"),
        (errno.EROFS, "the disk is read-only; name another file with --out"),
        (errno.ENOENT, "no such folder; name another file with --out"),
        (errno.EIO, f"{os.strerror(errno.EIO)}; name another file with --out"),
    ],
)
def test_what_cannot_be_written_says_why_and_leaves_the_old_file(
    tmp_path: Path, number: int, sentence: str
) -> None:
    out = tmp_path / "x.csv"
    out.write_text("old")

    def fail(error: OSError) -> None:
        with disk.writing(out) as draft:
            draft.write_text("half")
            raise error

    for error in (OSError(number, "raw"), OSError(f"Raw words (os error {number})")):
        with pytest.raises(Refusal) as told:
            fail(error)
        assert str(told.value) == f"cannot write {out}: {sentence}"
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"x.csv": "old"}


def test_a_folder_and_a_file_that_may_only_be_read_are_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(Refusal, match=r": it is a folder; name another"),
        disk.writing(tmp_path) as draft,
    ):
        draft.write_text("x")
    (tmp_path / "x.csv").write_text("old")
    monkeypatch.setattr(disk.os, "access", lambda *_: False)
    with (
        pytest.raises(Refusal, match=r": it is not writable; name another"),
        disk.writing(tmp_path / "x.csv") as draft,
    ):
        draft.write_text("x")
    assert (tmp_path / "x.csv").read_text() == "old"


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="the system has no disk that is always full"
)
def test_polars_says_in_words_only_that_the_disk_is_full(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").symlink_to("/dev/full")
    with (
        pytest.raises(Refusal, match=r"x.parquet: the disk is full; make room"),
        disk.writing(tmp_path / "x.parquet") as draft,
    ):
        pl.DataFrame({"a": [1]}).write_parquet(draft)
    assert Path("/dev/full").is_char_device()
