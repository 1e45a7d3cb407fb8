from pathlib import Path

import polars as pl
import pytest

from analytics.data import disk


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        *[("=1+1", "'=1+1"), ("+A1", "'+A1"), ("-A1", "'-A1"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"), ("-5", "'-5"), ("\uff1dx", "'\uff1dx")],
        *[("a=1", "a=1"), ("", ""), (None, None)],
    ],
)
def test_no_text_is_taken_for_a_formula(cell: str | None, safe: str | None) -> None:
    assert pl.DataFrame({"cell": [cell]}, schema={"cell": pl.String}).select(disk.harmless(pl.col("cell"))).item() == safe


def test_a_file_is_written_over_the_old_one_and_no_draft_stays(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        disk.write(tmp_path / "kept.json", content)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"kept.json": b"new"}


def test_where_a_write_fails_the_old_file_stands_and_no_draft_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.write(tmp_path / "kept.json", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        disk.write(tmp_path / "kept.json", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"kept.json": b"old"}
