"""Which bytes may be read, and what are they?"""

import gzip
import io
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.readers.files import Limits, inside
from analytics.data.readers.shape import records, separator
from analytics.data.readers.transcoding import utf8
from analytics.data.readers.unpacking import kind, unpack
from analytics.data.refusal import Refusal

TABLE = b"id,x\n1,2\n"
# of no hour: all who collect these tests must see the same names
gzipped = partial(gzip.compress, mtime=0)


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def opened(folder: Path, content: bytes, name: str = "t.csv", limits: Limits = Limits()):
    (folder / name).write_bytes(content)
    return unpack(folder / name, name, folder, limits)


@pytest.mark.parametrize(
    "name",
    [
        "../out.csv",
        "/etc/hostname",
        "http://x/y.csv",
        "*.csv",
        "t?.csv",
        "",
        "link.csv",
        "no.csv",
        "\x00",
    ],
)
def test_nothing_outside_the_folder_is_opened(tmp_path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.csv").write_bytes(TABLE)
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "out.csv")
    with pytest.raises(Refusal):
        inside(tmp_path / "in", name)


def test_a_table_may_be_in_a_folder_of_the_folder_or_named_in_full(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "t.csv").write_bytes(TABLE)
    assert (
        inside(tmp_path, "a/t.csv")
        == inside(tmp_path, str(tmp_path / "a" / "t.csv"))
        == (tmp_path / "a" / "t.csv").resolve()
    )


def test_the_first_bytes_tell_what_a_file_is() -> None:
    heads = (
        b"PAR1",
        b"\x1f\x8b",
        b"%PDF-1.7",
        b" <!DOCTYPE html>",
        b'[{"a": 1}]',
        b"id,x",
        b"[id],x",
    )
    assert list(map(kind, heads)) == [
        "parquet",
        "gzip",
        "a PDF document",
        "a web page",
        "a JSON document",
        "text",
        "text",
    ]


def test_a_file_that_is_not_what_its_ending_says_is_read_as_what_it_is(tmp_path) -> None:
    found = opened(tmp_path, b"PAR1" + bytes(20))
    assert found.kind == "parquet"
    assert [f.rule for f in found.findings] == [
        "its name ends in .csv, but it is a Parquet table and read as such"
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (gzipped(TABLE), "t.csv.gz"),
        (packed(**{"t.csv": TABLE, "__MACOSX/t": b"x", ".x": b""}), "t.zip"),
    ],
)
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
    monkeypatch.setattr("analytics.data.readers.files.SLACK", 1 << 20)
    with pytest.raises(Refusal, match=r"unpacks to .* or more, which no honest table does"):
        opened(tmp_path, pack(b"1\n" * (4 << 20)))
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 4 << 20


@given(
    st.text(st.characters(codec="gb2312", exclude_characters="\r\n\x00"), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_a_text_is_the_same_in_every_encoding_that_says_itself(
    tmp_path_factory, words: str, encoding: str
) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "t.csv").write_bytes(f"id\n{words}\n".encode(encoding))
    path, found, _ = utf8(folder / "t.csv", "t.csv", "", folder)
    assert path.read_bytes().decode("utf-8-sig") == f"id\n{words}\n"
    assert found == encoding


def test_chinese_text_is_found_and_western_text_is_not_taken_for_it(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes("编号,城市\n1,北京\n2,上海\n".encode("gb18030"))
    path, found, _ = utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert (path.read_text("utf-8"), found) == ("编号,城市\n1,北京\n2,上海\n", "gb18030")
    (tmp_path / "t.csv").write_bytes("id,name\n1,Müller\n2,Günter\n".encode("latin-1"))
    path, found, (said,) = utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert (path.read_text("utf-8"), found) == ("id,name\n1,Müller\n2,Günter\n", "cp1252")
    assert said.text.startswith(
        "t.csv: it does not say its encoding and is read as Western European (cp1252, Latin-1),"
        " cp1252: 100% of what is foreign in 2 "
    )


WRITTEN = (
    ("编号,城市,是否违约\n1,北京,是\n2,上海,否\n", ("gb18030",)),
    ("id,x\n1,固定工作\n2,自由职业\n", ("gb18030",)),
    ("編號,城市,逾期\n1,臺北市信義區,是\n2,高雄,否\n", ("big5",)),
    ("번호,이름,지역,연체\n1,홍길동,서울,예\n2,김철수,부산,아니오\n", ("cp949",)),
    ("id,직업\n1,회사원\n2,자영업\n3,공무원\n", ("cp949",)),
    ("番号,地域,延滞\n1,東京都,はい\n2,大阪府,いいえ\n", ("cp932", "euc_jp")),
    ("id,город\n1,постоянная\n2,временная\n", ("cp1251", "koi8_r", "cp866")),
    ("id,да\n1,да\n2,нет\n3,Казань\n", ("cp1251",)),
    ("id,x\n1,Educação\n2,Habitação\n3,Alimentação\n", ("cp1252", "mac_roman", "cp850")),
    ("id,x\n1,Möbel\n2,Küche\n3,Straße\n", ("cp1252", "cp850")),
    ("id,x\n1,wykształcenie wyższe\n2,średnie\n3,Łódź\n", ("cp1250", "cp852")),
    ("id,x\n1,İstanbul\n2,Eğitim\n3,hayır\n4,Taşıt\n", ("cp1254",)),
    ("id,x\n1,Αθήνα\n2,Θεσσαλονίκη\n3,όχι\n", ("cp1253",)),
)


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, e) for text, encodings in WRITTEN for e in encodings]
)
def test_a_text_that_does_not_say_its_encoding_is_read_by_its_words(
    tmp_path, text: str, encoding: str
) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    path, found, said = utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert (path.read_text("utf-8"), found, len(said)) == (text, encoding, 1)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("a\nМОСКВА\nКАЗАНЬ\n", "koi8_r"), ("a\nbérelt\nsaját\nfőiskola\nszülő\n", "cp1250")],
)
def test_words_that_are_words_in_two_encodings_are_asked_about_and_not_chosen(
    tmp_path, text: str, encoding: str
) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    with pytest.raises(
        Refusal,
        match=(
            r"^t.csv: it is not UTF-8, and its words do not tell .* \(first in row 1\).*--encoding"
            rf" {encoding}\)"
        ),
    ):
        utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)
    assert utf8(tmp_path / "t.csv", "t.csv", encoding, tmp_path).path.read_text("utf-8") == text


def test_mixed_encodings_are_refused_with_the_row(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes("城市\n北京\n".encode() + "上海\n".encode("gb18030"))
    with pytest.raises(
        Refusal,
        match=(
            r"^t.csv: it mixes encodings: some rows are UTF-8 and others are not \(first in row 2\)"
        ),
    ):
        utf8(tmp_path / "t.csv", "t.csv", "", tmp_path)


@pytest.mark.parametrize("mark", ",;\t|")
def test_the_separator_is_the_one_by_which_rows_are_even(mark: str) -> None:
    text = f"id{mark}amount{mark}note\n1{mark}1,5{mark}'a;b'\n2{mark}2,5{mark}\"x{mark}y\"\n"
    assert (
        separator(text.replace("1,5", "15").replace("2,5", "25") if mark == "," else text, "")
        == mark
    )
    assert list(records("a;b\n\n1;2\n", ";")) == [["a", "b"], ["1", "2"]]
