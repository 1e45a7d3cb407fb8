"""Which bytes may be read, and what are they?"""

import gzip
import io
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.files import Limits, inside, kind, records, separator, unpack, utf8
from analytics.data.refusal import Refusal

TABLE = b"id,x\n1,2\n"
gzipped = partial(gzip.compress, mtime=0)  # of no hour: all who collect these tests must see the same names


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def opened(folder: Path, content: bytes, name: str = "t.csv", limits: Limits = Limits()):
    (folder / name).write_bytes(content)
    return unpack(folder / name, name, folder, limits)


@pytest.mark.parametrize("name", ["../out.csv", "/etc/hostname", "http://x/y.csv", "*.csv", "t?.csv", "", "link.csv", "no.csv", "\x00"])
def test_nothing_outside_the_folder_is_opened(tmp_path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.csv").write_bytes(TABLE)
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "out.csv")
    with pytest.raises(Refusal):
        inside(tmp_path / "in", name)


def test_a_table_may_be_in_a_folder_of_the_folder_or_named_in_full(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "t.csv").write_bytes(TABLE)
    assert inside(tmp_path, "a/t.csv") == inside(tmp_path, str(tmp_path / "a" / "t.csv")) == (tmp_path / "a" / "t.csv").resolve()


def test_the_first_bytes_tell_what_a_file_is() -> None:
    heads = (b"PAR1", b"\x1f\x8b", b"%PDF-1.7", b" <!DOCTYPE html>", b'[{"a": 1}]', b"id,x", b"[id],x")
    assert list(map(kind, heads)) == ["parquet", "gzip", "a PDF document", "a web page", "a JSON document", "text", "text"]


def test_a_file_that_is_not_what_its_ending_says_is_read_as_what_it_is(tmp_path) -> None:
    found = opened(tmp_path, b"PAR1" + bytes(20))
    assert found.kind == "parquet"
    assert [f.rule for f in found.findings] == ["its name ends in .csv, but it is a Parquet table and read as such"]


@pytest.mark.parametrize(("content", "name"), [(gzipped(TABLE), "t.csv.gz"), (packed(**{"t.csv": TABLE, "__MACOSX/t": b"x", ".x": b""}), "t.zip")])
def test_what_is_packed_is_unpacked(tmp_path, content: bytes, name: str) -> None:
    found = opened(tmp_path, content, name)
    assert (found.path.read_bytes(), found.kind, found.findings) == (TABLE, "text", ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "t.csv: it is empty"),
        (packed(a=TABLE, b=TABLE), "it packs 2 files"),
        (packed(), "it packs 0 files"),
        (packed(a=packed(b=TABLE)), "it packs another archive"),
        (gzipped(gzipped(TABLE)), "it packs another archive"),
        (gzipped(b""), "what it packs is empty"),
        (gzipped(TABLE * 99)[:-9], "damaged or truncated archive"),
        (packed(a=TABLE)[:-9], "damaged archive"),
        (b"%PDF-1.7", "it is a PDF document, and no table"),
        (b"SQLite format 3\x00", "name it as a database"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        opened(tmp_path, content)


@pytest.mark.parametrize("pack", [gzipped, lambda content: packed(a=content)])
def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch, pack) -> None:
    monkeypatch.setattr("analytics.data.files.SLACK", 1 << 20)
    with pytest.raises(Refusal, match=r"unpacks to .* or more, which no honest table does"):
        opened(tmp_path, pack(b"1\n" * (4 << 20)))
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 4 << 20


@given(st.text(st.characters(codec="gb2312", exclude_characters="\r\n\x00"), min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_text_is_the_same_in_every_encoding_that_says_itself(tmp_path_factory, words: str, encoding: str) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "t.csv").write_bytes(f"id\n{words}\n".encode(encoding))
    path, found = utf8(folder / "t.csv", "t.csv", "", folder)
    assert path.read_bytes().decode("utf-8-sig") == f"id\n{words}\n"
    assert found == encoding


def test_chinese_text_is_found_and_western_text_is_not_taken_for_it(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes("编号,城市\n1,北京\n2,上海\n".encode("gb18030"))
    path, found = utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert (path.read_text("utf-8"), found) == ("编号,城市\n1,北京\n2,上海\n", "gb18030")
    (tmp_path / "t.csv").write_bytes("id,name\n1,Müller\n2,Günter\n".encode("latin-1"))
    with pytest.raises(Refusal, match=r"^t.csv: it is neither UTF-8 nor GB18030 text \(first in row 1\); .*such as cp1252$"):
        utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert utf8(tmp_path / "t.csv", "t.csv", "cp1252", tmp_path)[0].read_text("utf-8") == "id,name\n1,Müller\n2,Günter\n"


def test_mixed_encodings_are_refused_with_the_row(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes("城市\n北京\n".encode() + "上海\n".encode("gb18030"))
    with pytest.raises(Refusal, match=r"^t.csv: it mixes encodings: some rows are UTF-8 and others are not \(first in row 2\)"):
        utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)


@pytest.mark.parametrize("mark", ",;\t|")
def test_the_separator_is_the_one_by_which_rows_are_even(mark: str) -> None:
    text = f"id{mark}amount{mark}note\n1{mark}1,5{mark}'a;b'\n2{mark}2,5{mark}\"x{mark}y\"\n"
    assert separator(text.replace("1,5", "15").replace("2,5", "25") if mark == "," else text, "") == mark
    assert list(records("a;b\n\n1;2\n", ";")) == [["a", "b"], ["1", "2"]]
