"""What does a new format of tables need?"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from analytics.data import worker
from analytics.data.catalog.model import Table
from analytics.data.drafting.own_data import read_tables, tables_in
from analytics.data.findings import TableRefused
from analytics.data.readers import format as registry
from analytics.data.readers import formats

ONE_FILE = """
import polars as pl

from analytics.data.readers.format import Format
from analytics.data.readers.typed import write


def read(path, request):
    frame = pl.read_ndjson(path)
    return write(frame.lazy(), len(frame), request)


FORMAT = Format("lines", "a file of JSON lines", ("jsonl",), read, magic=(b'{"',))
"""
LINES = b'{"id": "A", "amount": 1.5}\n{"id": "B", "amount": null}\n'


@pytest.fixture
def lines(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder beside that of the formats, with one more format in one file, read in this
    process.
    """
    added = tmp_path_factory.mktemp("formats")
    (added / "lines.py").write_text(ONE_FILE)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(added)])
    monkeypatch.setattr(worker, "run", worker.work)
    registry.formats.cache_clear()
    yield added
    registry.formats.cache_clear()


def test_a_new_format_is_one_file(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "cards.jsonl").write_bytes(LINES)
    assert tables_in(tmp_path) == ("cards.jsonl",)
    assert "jsonl" in registry.offered()
    found = read_tables(tmp_path, [Table("cards.jsonl")], shelf=tmp_path / "shelf")
    assert found.taken["cards.jsonl"].scan().collect().rows() == [("A", 1.5), ("B", None)]
    assert found.taken["cards.jsonl"].how["format"] == "lines"
    assert [path.name for path in lines.iterdir() if path.suffix == ".py"] == ["lines.py"]


def test_a_new_format_is_known_by_its_bytes_and_packed_like_the_others(
    lines: Path, tmp_path: Path
) -> None:
    pl.DataFrame({"id": ["A"]}).write_parquet(tmp_path / "t.jsonl")
    (tmp_path / "cards.csv").write_bytes(LINES)
    found = read_tables(tmp_path, [Table("t.jsonl"), Table("cards.csv")], shelf=tmp_path / "shelf")
    assert [f.rule for f in found.findings if f.remedy == "rename it"] == [
        "its name ends in .jsonl, but it is a Parquet table and read as such",
        "its name ends in .csv, but it is a file of JSON lines and read as such",
    ]


def test_without_its_file_the_format_is_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cards.jsonl").write_bytes(LINES)
    monkeypatch.setattr(worker, "run", worker.work)
    with pytest.raises(TableRefused, match="it is a JSON document, and no table"):
        read_tables(tmp_path, [Table("cards.jsonl")], shelf=tmp_path / "shelf")


def test_every_format_stands_in_a_file_of_its_own_and_has_an_ending() -> None:
    files = {path.stem for path in Path(next(iter(formats.__path__))).glob("*.py")} - {"__init__"}
    assert set(registry.formats()) == files
    assert registry.offered() == ["csv", "tsv", "txt", "parquet", "xlsx"]
