"""Is whatever is wrong with data said in words, at the door, with nothing written?"""

import csv
import errno
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.cli import main
from analytics.data import ingest, worker
from analytics.data.catalog.model import Table
from analytics.data.catalog.toml import read
from analytics.data.population import find, people
from analytics.data.readers import files
from analytics.data.refusal import Refusal
from analytics.data.shelf import take
from analytics.sources.design import Design, draw
from analytics.study.check import checked
from tests.data.bad_input import CASES, SLACK, Case, fit_to_read
from tests.people import settle

RUN = worker.run  # in a process of its own, whatever other tests do
REFUSED, PASSED = tuple(c for c in CASES if c.refused), tuple(c for c in CASES if not c.refused)


def every(cases: tuple[Case, ...]) -> Callable:
    return pytest.mark.parametrize(
        "case", cases, ids=lambda case: case.name.replace(" ", "_").replace("/", "_")
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The work folder, empty; the usual one is another."""
    monkeypatch.setenv("WEIGHBRIDGE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(files, "SLACK", SLACK)
    return tmp_path / "home"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Design:
    """What the bank holds where nothing is wrong."""
    return bank(settle(tmp_path_factory.mktemp("clean")), tmp_path_factory.mktemp("shelf"))


def bank(path: Path, shelf: Path) -> Design:
    """What the bank holds, of those whom it knows."""
    population = find(read(path), shelf)
    return draw(population, people(population), population.catalog.source("bank"))


def tree(folder: Path) -> dict[str, bytes | str]:
    """Every file below a folder, with what is in it."""
    found = sorted(folder.rglob("*"))
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() and not p.is_symlink() else ""
        for p in found
    }


def untouched(case: Case, home: Path) -> bool:
    """Is nothing written?

    What was refused after the door may have left whole tables on the shelf, and no draft.
    """
    left = [path for path in home.rglob("*") if path.is_file()]
    return not [
        path
        for path in left
        if not case.late or path.parent.name != "tables" or path.name.startswith(".")
    ]


@every(REFUSED)
def test_what_is_refused_is_refused_in_one_sentence_and_nothing_is_written(
    case: Case, tmp_path, home, capsys
) -> None:
    path = case.build(tmp_path / "tables")
    before = tree(tmp_path / "tables")
    with pytest.raises(Refusal) as refusal:
        checked(read(path), home / "tables")
    sentence = str(refusal.value)
    assert [words for words in case.says if words not in sentence] == [], sentence
    assert fit_to_read(sentence), sentence
    assert main(["check", "--catalog", str(path), "--home", str(home)]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{sentence}\n")
    assert tree(tmp_path / "tables") == before
    assert not (tmp_path / "elsewhere").exists()
    assert untouched(case, home), sorted(map(str, home.rglob("*")))


@every(PASSED)
def test_what_is_repaired_is_read_as_it_was_meant_and_a_finding_says_so(
    case: Case, tmp_path, home, capsys, clean
) -> None:
    path = case.build(tmp_path / "tables")
    before = tree(tmp_path / "tables")
    answer = checked(read(path), home / "tables")
    sentences = [*answer["findings"], *answer["problems"], *answer["suspects"]]
    tables = [" ".join(map(str, told.values())) for told in answer["tables"]]
    assert any(all(words in told for words in case.says) for told in (*sentences, *tables)), (
        sentences
    )
    assert all(map(fit_to_read, sentences)), sentences
    assert main(["check", "--catalog", str(path), "--home", str(home)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert [sentence for sentence in sentences if sentence not in said.out] == []
    assert tree(tmp_path / "tables") == before
    assert not [name for name in home.rglob(".*") if name.is_file()]
    if case.same:
        found = bank(path, home / "tables")
        assert found.rows.tolist() == clean.rows.tolist()
        np.testing.assert_array_equal(found.matrix[:, 0], clean.matrix[:, 0])


def test_the_table_of_cases_is_long_and_every_name_is_there_once() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120


def test_every_case_of_a_refusal_expects_words() -> None:
    assert [case.name for case in REFUSED if not case.says] == []


def refusal(path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence that refuses a check, once nothing but it is said."""
    assert main(["check", "--catalog", str(path), "--home", str(home)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert fit_to_read(said.err.rstrip("\n"))
    return said.err


def grow(path: Path) -> None:
    """More rows."""
    path.write_bytes(path.read_bytes() + b"p9,1,free\n")


def replace(path: Path) -> None:
    """Another file of the same size and time in the file's place."""
    seen, content = path.stat(), path.read_bytes()
    path.with_suffix(".new").write_bytes(content[::-1])
    path.with_suffix(".new").replace(path)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def remove(path: Path) -> None:
    """No file any more."""
    path.unlink()


@pytest.mark.parametrize("when", ["before it is read", "after it was read"])
@pytest.mark.parametrize("change", [grow, replace, remove])
def test_a_file_that_changes_while_it_is_read_is_refused(
    folder, home, monkeypatch, capsys, change: Callable[[Path], None], when: str
) -> None:
    whole = ingest.ingest

    def slowly(path: Path, *args: object, **options: object) -> object:
        if path.name == "bank.csv" and when.startswith("before"):
            change(path)
        found = whole(path, *args, **options)
        if path.name == "bank.csv" and when.startswith("after"):
            change(path)
        return found

    monkeypatch.setattr(ingest, "ingest", slowly)
    sentence = refusal(folder / "catalog.toml", home, capsys)
    assert "bank.csv" in sentence
    assert "changed while it was read" in sentence
    assert [path for path in home.rglob("*") if path.is_file()] == []


def full(*_: object, **__: object) -> None:
    """What writing says on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("place", ["pl.LazyFrame.sink_parquet", "os.fsync", "tempfile.mkdtemp"])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    folder, home, monkeypatch, capsys, place: str
) -> None:
    name, _, act = place.rpartition(".")
    monkeypatch.setattr(
        {"pl.LazyFrame": pl.LazyFrame, "os": os, "tempfile": tempfile}[name], act, full
    )
    sentence = refusal(folder / "catalog.toml", home, capsys)
    assert str(home) in sentence
    assert "the disk is full" in sentence
    assert "--home" in sentence
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_reader_that_may_write_no_more_says_so(folder, home, monkeypatch, capsys) -> None:
    monkeypatch.setattr(worker, "run", RUN)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, most[1]))
    try:
        sentence = refusal(folder / "catalog.toml", home, capsys)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert str(home) in sentence
    assert "--home" in sentence
    assert [path for path in home.rglob("*") if path.is_file()] == []


def occupied(home: Path) -> None:
    """A file stands where the work folder should be."""
    home.write_text("a note")


def shelved(home: Path) -> None:
    """A file stands where the shelf should be."""
    home.mkdir()
    (home / "tables").write_text("a note")


def dangling(home: Path) -> None:
    """The work folder is a link to nothing."""
    home.symlink_to(home.with_name("nothing") / "at" / "all")


@pytest.mark.parametrize("spoil", [occupied, shelved, dangling])
def test_a_work_folder_that_cannot_be_written_is_named_with_the_way_out(
    folder, home, capsys, spoil: Callable[[Path], None]
) -> None:
    spoil(home)
    before = tree(home.parent)
    sentence = refusal(folder / "catalog.toml", home, capsys)
    assert str(home) in sentence
    assert "--home" in sentence
    assert tree(home.parent) == before


def test_a_real_reader_says_the_same_as_one_in_this_process(
    tmp_path, home, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(worker, "run", RUN)
    names = ("a row too long in a .csv", "Parquet with pages of noise", "a gzip cut short")
    for i, case in enumerate(case for case in CASES if case.name in names):
        sentence = refusal(case.build(tmp_path / f"tables{i}"), home, capsys)
        assert [words for words in case.says if words not in sentence] == []


def test_a_command_says_one_sentence_and_nothing_beside_it(tmp_path) -> None:
    case = next(case for case in CASES if case.name == "Parquet with pages of noise")
    command = [
        sys.executable,
        "-m",
        "analytics",
        "check",
        "--catalog",
        str(case.build(tmp_path / "tables")),
        "--home",
        str(tmp_path / "home"),
    ]
    said = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1)
    assert fit_to_read(said.stderr.rstrip("\n"))
    assert "bank.parquet" in said.stderr


GROUPS = st.integers(-(10**7), 10**7).map(lambda n: f"{n:,}")
CELLS: dict[str, st.SearchStrategy[str]] = {
    "whole": st.integers(-(10**6), 10**6).map(str),
    "decimal": st.floats(-1e6, 1e6).map(lambda x: f"{x:.2f}"),
    "thousands": GROUPS,
    "thousands with points": GROUPS.map(lambda text: text.replace(",", ".")),
    "decimal comma": st.floats(-1e6, 1e6).map(lambda x: f"{x:.1f}".replace(".", ",")),
    "long": st.integers(10**15, 10**22).map(str),
    "zeros": st.integers(0, 999).map(lambda n: f"{n:05}"),
    "word": st.sampled_from(
        ["fixed", "a,b", 'say "so"', "two\nlines", " pad ", "固定", "=1+1", "1e5", "0x10", "1_000"]
    ),
    "code": st.sampled_from(["NA", "n/a", "NULL", "-", "nan"]),
    "date": st.dates(date(1950, 1, 1), date(2040, 1, 1)).map(str),
    "day first": st.dates(date(1950, 1, 1), date(2040, 1, 1)).map(lambda day: f"{day:%d.%m.%Y}"),
    "truth": st.sampled_from(["true", "False"]),
    "endless": st.sampled_from(["inf", "1e999"]),
    "nothing": st.sampled_from(["", "", "  "]),
}


@st.composite
def columns(draw: st.DrawFn) -> list[str]:
    """Two hundred cells, most of one kind, some of another: few enough to stray, or too many."""
    main, other = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=2))
    few, strays = (
        draw(st.lists(CELLS[main], min_size=1, max_size=8)),
        draw(st.lists(CELLS[other], max_size=3)),
    )
    every = draw(st.sampled_from([3, 20, 150]))
    return [
        strays[i % len(strays)] if strays and i % every == every - 1 else few[i % len(few)]
        for i in range(200)
    ]


def readings(cell: str) -> set[float]:
    """All numbers that a cell may honestly be read as."""
    bare = cell.strip()
    plain = {bare} if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+(e[0-9]+)?", bare) else set()
    plain |= (
        {bare.replace(",", "")}
        if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", bare)
        else set()
    )
    plain |= (
        {bare.replace(".", "").replace(",", ".")}
        if re.fullmatch(r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?", bare)
        else set()
    )
    return {float(text) for text in plain}


@given(columns=st.lists(columns(), min_size=1, max_size=3), separator=st.sampled_from(",;\t|"))
def test_no_cell_is_lost_without_a_word_and_no_number_becomes_another(
    tmp_path_factory, columns: list[list[str]], separator: str
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with (folder / "law.csv").open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, delimiter=separator).writerow
        write(["who", *(f"c{i}" for i in range(len(columns)))])
        for i, row in enumerate(zip(*columns, strict=True)):
            write([f"r{i}", *row])
    taken = take(folder, [Table("law.csv")], folder / "shelf")["law.csv"]
    found = pl.read_parquet(taken.path)
    assert found["who"].to_list() == [f"r{i}" for i in range(200)]
    for name, cells in zip(found.columns[1:], columns, strict=True):
        lost = sum(
            value is None and bool(cell.strip())
            for value, cell in zip(found[name], cells, strict=True)
        )
        told = sum(f.count for f in taken.findings if f.column == name and "missing" in f.rule)
        assert lost <= told or found[name].dtype == pl.Null
        if found[name].dtype.is_numeric():
            assert [
                cell
                for value, cell in zip(found[name], cells, strict=True)
                if value is not None and value not in readings(cell)
            ] == []
        if found[name].dtype == pl.String:
            assert [
                cell
                for value, cell in zip(found[name], cells, strict=True)
                if (value or "") not in (cell, cell.strip())
            ] == []
