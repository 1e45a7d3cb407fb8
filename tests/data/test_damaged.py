"""What becomes of damaged files? Those that come in are refused in words or read.

Those that are kept are never taken for whole.
"""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.data import shelf, worker
from analytics.data.catalog.model import Catalog, Table
from analytics.data.catalog.toml import read
from analytics.data.refusal import Refusal
from analytics.sources.fitting import Fitted, load
from analytics.sources.model import Settings
from tests.data.bad_input import fit_to_read, zipped
from tests.people import settle

FILES, KEPT, BATCHES = 1_000, 200, 5
SECONDS = 30  # in which a batch must be done; one file alone has as long
RUN = worker.run  # in a process of its own, whatever other tests do
SMALL = Settings(rounds=2)
ROOT = Path(__file__).resolve().parents[2]


def whole() -> pl.DataFrame:
    """Eighty people with a column of every kind."""
    row = np.arange(80)
    days = [date(2024, 1, 1) + timedelta(int(i)) for i in row]
    return pl.DataFrame(
        {
            "person_id": [f"p{i:04}" for i in row],
            "age": 20 + row,
            "balance": row * 1.25 - 7,
            "day": days,
            "job": ["固定", "free"] * 40,
        }
    )


def files() -> dict[str, bytes]:
    """The same table in every form, by its ending."""
    text = whole().write_csv().encode()
    sheet, parquet = io.BytesIO(), io.BytesIO()
    whole().write_excel(sheet)
    whole().write_parquet(parquet, row_group_size=40)
    tabs = text.replace(b",", b"\t")
    return {
        "csv": text,
        "tsv": tabs,
        "csv.gz": gzip.compress(text, mtime=0),
        "zip": zipped(text),
        "xlsx": sheet.getvalue(),
        "parquet": parquet.getvalue(),
    }


def flip(content: bytes, chance: np.random.Generator) -> bytes:
    """One bit to eight are turned."""
    spoilt = bytearray(content)
    for place in chance.integers(len(content), size=chance.integers(1, 9)):
        spoilt[place] ^= 1 << int(chance.integers(8))
    return bytes(spoilt)


def cut(content: bytes, chance: np.random.Generator) -> bytes:
    """A piece is lost, often the end."""
    start, end = _piece(content, chance)
    return content[:start] + (content[end:] if chance.random() < 0.5 else b"")


def repeat(content: bytes, chance: np.random.Generator) -> bytes:
    """A piece stands twice."""
    start, end = _piece(content, chance)
    return content[:end] + content[start:]


def swap(content: bytes, chance: np.random.Generator) -> bytes:
    """Two pieces in a row change places."""
    start, end = _piece(content, chance)
    middle = int(chance.integers(start, end + 1))
    return content[:start] + content[middle:end] + content[start:middle] + content[end:]


def blank(content: bytes, chance: np.random.Generator) -> bytes:
    """A piece is zeros."""
    start, end = _piece(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def _piece(content: bytes, chance: np.random.Generator) -> tuple[int, int]:
    start, end = sorted(int(i) for i in chance.integers(len(content) + 1, size=2))
    return start, min(end, start + 2 ** int(chance.integers(1, 12)))


DAMAGES: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    flip,
    cut,
    repeat,
    swap,
    blank,
)


def damaged(folder: Path) -> list[str]:
    """A thousand files, each damaged in its own way; returns their names."""
    chance, forms = np.random.default_rng(7391), list(files().items())
    names = []
    for i in range(FILES):
        ending, content = forms[i % len(forms)]
        names.append(f"{i:04}.{ending}")
        (folder / names[-1]).write_bytes(DAMAGES[i // len(forms) % len(DAMAGES)](content, chance))
    return names


def told(folder: Path, name: str, shelf_folder: Path) -> dict[str, object]:
    """What the door says of one file.

    Its sentence, or how many findings and whether the values are those of the whole one.
    """
    try:
        taken = shelf.take(folder, [Table(name)], shelf_folder, text=("person_id",))[name]
    except Refusal as refusal:
        return {"name": name, "refused": str(refusal)}
    return {
        "name": name,
        "rows": taken.rows,
        "findings": [f.text for f in taken.findings],
        "same": same(pl.read_parquet(taken.path)),
    }


def same(frame: pl.DataFrame) -> bool:
    """Are the values those of the whole table?

    A spreadsheet has whole numbers as fractions, and days as moments.
    """
    types = {"age": pl.Float64, "day": pl.Date}
    alike = frame.columns == whole().columns and frame["day"].dtype.is_temporal()
    return alike and frame.cast(types, strict=False).equals(whole().cast(types))


def answers(folder: Path, names: list[str]) -> Iterator[dict[str, object]]:
    """What the door says of these files, read by a process that may die of them.

    Who kills it is read again, by a worker alone.
    """
    while names:
        command = [sys.executable, "-m", "tests.data.test_damaged", str(folder), *names]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, timeout=SECONDS, check=False
        )
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        yield from said
        names = names[len(said) :]
        if done.returncode and names:
            assert done.returncode < 0, done.stderr[-2000:]
            yield alone(folder, names.pop(0))


def alone(folder: Path, name: str) -> dict[str, object]:
    """What the door says of a file that has killed its reader: the next reader is a real worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "run", RUN)
        return told(folder, name, folder / "shelf") | {"killed": True}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What the door says of a thousand damaged files."""
    folder = tmp_path_factory.mktemp("damaged")
    names = iter(damaged(folder))
    return [
        answer
        for _ in range(BATCHES)
        for answer in answers(folder, list(islice(names, FILES // BATCHES)))
    ]


def test_every_damaged_file_is_read_or_refused(said) -> None:
    assert len(said) == FILES
    assert all(answer.get("refused") or answer.get("rows") for answer in said)


def test_no_sentence_is_raw(said) -> None:
    sentences = [
        str(s) for answer in said for s in (answer.get("refused", ""), *answer.get("findings", ()))
    ]
    assert [s for s in sentences if s and not fit_to_read(s)] == []


def test_packed_files_have_checksums_so_that_what_they_pack_is_never_taken_changed(said) -> None:
    packed = [answer for answer in said if str(answer["name"]).endswith((".gz", ".zip", ".xlsx"))]
    assert [answer for answer in packed if not answer.get("refused") and not answer["same"]] == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalog, Path, Fitted]:
    """A small population, fitted and kept."""
    catalog, folder = (
        read(settle(tmp_path_factory.mktemp("tables"), persons=120)),
        tmp_path_factory.mktemp("home"),
    )
    return catalog, folder, load(catalog, folder=folder, settings=SMALL)


def vouching(path: Path) -> bool:
    """Does the file vouch for others?

    What it says of them is compared with them, and a letter more or less elsewhere in it does no
    harm.
    """
    return path.name == "manifest.json"


def test_what_is_kept_and_damaged_is_refused_or_made_anew_with_the_same_result(kept) -> None:
    catalog, folder, first = kept
    chance = np.random.default_rng(7391)
    # a lock holds nothing
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    for i in range(KEPT):
        path = paths[i % len(paths)]
        content = path.read_bytes()
        spoilt = DAMAGES[i // len(paths) % len(DAMAGES)](content, chance)
        path.write_bytes(spoilt)
        again = load(catalog, folder=folder, settings=SMALL)
        np.testing.assert_array_equal(
            again.evidence.added, first.evidence.added, err_msg=f"{path.name}, damage {i}"
        )
        assert again.evidence.people.equals(first.evidence.people)
        assert [m.key for m in again.models()] == ["bureau", "bank"]
        assert spoilt == content or vouching(path) or path.read_bytes() != spoilt, (
            f"{path.name}, damage {i}, was left as it was"
        )


if __name__ == "__main__":
    worker.run = worker.work
    for name in sys.argv[2:]:
        print(json.dumps(told(Path(sys.argv[1]), name, Path(sys.argv[1]) / "shelf")), flush=True)
