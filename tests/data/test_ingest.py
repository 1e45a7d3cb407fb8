"""What does a file hold?"""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.catalog.model import Table
from analytics.data.findings import TableRefused
from analytics.data.ingest import ingest
from analytics.data.readers.files import Limits
from analytics.data.readers.format import Request


def taken(
    folder: Path,
    content: bytes,
    name: str = "t.csv",
    *,
    text: tuple[str, ...] = (),
    limits: Limits = Limits(),
    **how: object,
):
    """What a file becomes, and the sentences."""
    (folder / name).write_bytes(content)
    found = ingest(
        folder / name, Request(Table(name, **how), folder / "out.parquet", folder, text, limits)
    )
    return pl.read_parquet(folder / "out.parquet"), [
        (f["column"], f["count"], f["row"]) for f in found["findings"]
    ]


def test_ids_stay_text_and_numbers_become_numbers(tmp_path) -> None:
    frame, said = taken(
        tmp_path,
        b"id;zip;amount;day\n7;01234;1,5;30.06.2025\n8;99999;2,5;01.07.2025\n",
        text=("id",),
    )
    assert frame.schema == {"id": pl.String, "zip": pl.String, "amount": pl.Float64, "day": pl.Date}
    assert frame.row(0)[:3] == ("7", "01234", 1.5)
    assert ("zip", 1, 1) in said


def test_cells_that_do_not_fit_are_counted_with_the_first_row(tmp_path) -> None:
    cells = ["x" if i in {70, 90} else "NA" if i == 5 else str(i) for i in range(1, 301)]
    frame, said = taken(tmp_path, "\n".join(["n,m", *(f"{c},1" for c in cells)]).encode())
    assert frame["n"].dtype == pl.Int64
    assert frame["n"].null_count() == 3
    assert [s for s in said if s[0] == "n"] == [("n", 2, 70), ("n", 1, 0)]


def test_a_column_with_too_many_strays_stays_text(tmp_path) -> None:
    frame, said = taken(
        tmp_path,
        "\n".join(["n,m", *(f"{'x' if i % 10 == 3 else i},{i}" for i in range(1, 101))]).encode(),
    )
    assert frame["n"].to_list() == ["x" if i % 10 == 3 else str(i) for i in range(1, 101)]
    assert said == [("n", 10, 3)]


def test_what_a_sample_does_not_show_is_found_all_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("analytics.data.readers.csv_structure.SAMPLED", 10)
    rows = [f"{i},{i},{i}" for i in range(1, 1000)]
    frame, said = taken(
        tmp_path, "\n".join(["whole,long,zero", *rows, "1.5,11010119900307757811,007"]).encode()
    )
    assert frame.dtypes == [pl.Float64, pl.String, pl.String]
    assert frame.row(-1) == (1.5, "11010119900307757811", "007")
    assert ("zero", 1, 1000) in said


def test_the_catalog_goes_before_the_guess_and_is_held_to_it(tmp_path) -> None:
    frame, _ = taken(tmp_path, b"id,d\n1,930101\n2,951231\n", types=(("d", "%y%m%d"),))
    assert frame["d"].dt.year().to_list() == [1993, 1995]
    _, _ = taken(tmp_path, b"id,d\n1,x\n2,951231\n", types=(("d", "text"),))
    found = ingest(
        tmp_path / "t.csv",
        Request(Table("t.csv", types=(("d", "number"),)), tmp_path / "out.parquet", tmp_path),
    )
    assert [(f["column"], f["count"], f["row"]) for f in found["findings"] if f["grave"]] == [
        ("d", 1, 1)
    ]
    with pytest.raises(
        TableRefused,
        match=r"^t.csv: it has no column 'e', of which the catalog says how it is read",
    ):
        taken(tmp_path, b"id,d\n1,2\n", types=(("e", "number"),))


def test_columns_are_named_once_and_none_is_nameless(tmp_path) -> None:
    frame, said = taken(tmp_path, b"x,x,, y ,x_2\n1,2,3,4,5\n6,7,8,9,0\n")
    assert frame.columns == ["x", "x_3", "column_3", "y", "x_2"]
    assert said == [("x_3", 0, 0), ("column_3", 0, 0)]


def test_a_header_of_numbers_is_no_header_unless_they_only_count(tmp_path) -> None:
    with pytest.raises(
        TableRefused, match="its first line holds numbers, not the names of columns"
    ):
        taken(tmp_path, b"7,2\n4,5\n")
    assert taken(tmp_path, b"0,1,2\n4,5,6\n")[0].columns == ["0", "1", "2"]


def test_blank_lines_are_no_rows(tmp_path) -> None:
    frame, said = taken(tmp_path, b"a,b\n\n1,2\n\n,\n3,4\n\n")
    assert frame.rows() == [(1, 2), (3, 4)]
    assert ("", 3, 0) in said


def test_types_of_parquet_become_those_that_are_known_behind_the_door(tmp_path) -> None:
    moment = datetime(2025, 6, 30, 10)
    pl.DataFrame(
        {
            "id": [1.0, 2.0],
            "money": pl.Series(["1.50", "2"]).cast(pl.Decimal(10, 2)),
            "zone": pl.Series([moment] * 2).dt.replace_time_zone("Asia/Shanghai"),
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "list": [[1], [2]],
            "odd": [float("inf"), float("nan")],
            "none": [None, None],
        }
    ).write_parquet(tmp_path / "in.parquet")
    frame, said = taken(tmp_path, (tmp_path / "in.parquet").read_bytes(), "t.parquet", text=("id",))
    assert frame.columns == ["id", "money", "zone", "kind", "odd", "none"]
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.Datetime("us"), pl.String, pl.Float64, pl.Null]
    assert frame.rows()[0] == (1, 1.5, moment, "a", None, None)
    assert {column for column, *_ in said} >= {"id", "money", "zone", "list", "odd", "none", ""}


def test_ids_that_are_fractions_are_refused(tmp_path) -> None:
    pl.DataFrame({"id": [1.0, 2.5]}).write_parquet(tmp_path / "t.parquet")
    found = ingest(
        tmp_path / "t.parquet",
        Request(Table("t.parquet"), tmp_path / "out.parquet", tmp_path, ("id",)),
    )
    assert [(f["column"], f["count"]) for f in found["findings"] if f["grave"]] == [("id", 1)]


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_too_many_columns_are_refused_before_they_are_read(tmp_path, name: str) -> None:
    wide = pl.DataFrame({f"c{i}": [i, 1] for i in range(11)})
    content = wide.write_csv().encode()
    if name == "t.parquet":
        wide.write_parquet(tmp_path / name)
        content = (tmp_path / name).read_bytes()
    with pytest.raises(TableRefused, match="it has 11 columns, and 10 may be read"):
        taken(tmp_path, content, name, limits=Limits(columns=10))


def test_a_small_parquet_that_declares_far_too_much_is_not_decoded(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("analytics.data.readers.files.SLACK", 1 << 20)
    pl.DataFrame({"x": pl.zeros(4_000_000, pl.Int64, eager=True)}).write_parquet(
        tmp_path / "in.parquet"
    )
    with pytest.raises(TableRefused, match=r"unpacks to .* or more, which no honest table does"):
        taken(tmp_path, (tmp_path / "in.parquet").read_bytes(), "t.parquet")


def test_a_workbook_is_read_as_text_first_too(tmp_path) -> None:
    pl.DataFrame(
        {"id": ["007", "008"], "x": [1, 2], "day": [datetime(2025, 6, 30)] * 2}
    ).write_excel(tmp_path / "in.xlsx")
    frame, _ = taken(tmp_path, (tmp_path / "in.xlsx").read_bytes(), "t.xlsx", text=("id",))
    assert frame.select("id", "x").rows() == [("007", 1), ("008", 2)]
    assert frame["day"].dt.year().to_list() == [2025, 2025]


def test_endless_cells_are_missing_and_counted_at_any_share(tmp_path) -> None:
    cells = ["inf" if i % 3 == 0 else "-Infinity" if i % 3 == 1 else f"0.{i}" for i in range(60)]
    frame, said = taken(
        tmp_path, "\n".join(["id,x", *(f"{i},{c}" for i, c in enumerate(cells))]).encode()
    )
    assert frame["x"].drop_nulls().to_list() == [float(c) for c in cells if c.startswith("0")]
    assert ("x", 40, 1) in said


def test_dates_that_stand_for_not_known_are_missing_and_counted(tmp_path) -> None:
    days = [
        "9999-12-31" if i % 10 == 0 else "1900-01-01" if i % 10 == 5 else f"2019-{i % 12 + 1:02}-15"
        for i in range(100)
    ]
    frame, said = taken(
        tmp_path, "\n".join(["id,day", *(f"{i},{d}" for i, d in enumerate(days))]).encode()
    )
    assert frame["day"].null_count() == 20
    assert frame["day"].max().year == frame["day"].min().year == 2019
    assert ("day", 20, 1) in said


numbers = st.one_of(
    st.none(), st.integers(-(10**14), 10**14), st.floats(-1e6, 1e6, allow_nan=False)
)


@given(
    st.lists(
        st.tuples(numbers, st.sampled_from(["North", "South", 'a "b", c', None])),
        min_size=1,
        max_size=40,
    ).filter(lambda r: any(x for x, _ in r))
)
def test_numbers_and_texts_come_back_as_they_were_written(
    tmp_path_factory, rows: list[tuple[float | None, str | None]]
) -> None:
    written = pl.DataFrame(
        {
            "n": [None if n is None else repr(n) for n, _ in rows],
            "t": [t for _, t in rows],
            "k": [str(i) for i in range(len(rows))],
        }
    )
    frame, _ = taken(tmp_path_factory.mktemp("t"), written.write_csv().encode())
    assert [None if n is None else float(n) for n in frame["n"]] == [
        None if n is None else float(n) for n, _ in rows
    ]
    assert frame["t"].to_list() == [t for _, t in rows]


ROWS = [
    f"C{i:04},{i % 7},{i * 3 % 11},{'car' if i % 2 else 'home'},{int(i % 4 == 0)}"
    for i in range(80)
]
HEADER = "customer,late,score,purpose,default"


def sentence(folder: Path, *lines: str) -> str:
    with pytest.raises(TableRefused) as refused:
        taken(folder, "\n".join(lines).encode())
    return str(refused.value)


def test_a_second_line_of_the_header_or_of_units_is_asked_about(tmp_path) -> None:
    told = sentence(tmp_path, HEADER, "-,count,points,text,0/1", *ROWS)
    assert told.startswith("t.csv: row 1 holds texts in 3 columns that hold numbers below")
    assert "--header 2" in told
    assert "--header 1-2" in told
    frame, _ = taken(tmp_path, "\n".join(["a,b,c,d,e", HEADER, *ROWS]).encode(), header="1-2")
    assert frame.columns == ["a customer", "b late", "c score", "d purpose", "e default"]
    told = sentence(tmp_path, "Customer,,Loan,,", HEADER, *ROWS)
    assert "line 1 has 2 of 5 columns, so the header seems to be line 2" in told
    assert "--header 1-2" in told


def test_a_first_line_that_is_a_row_of_words_is_asked_about(tmp_path) -> None:
    rows = [
        f"{'car' if i % 2 else 'home'},{'yes' if i % 3 else 'no'},{'good' if i % 4 else 'bad'}"
        for i in range(60)
    ]
    assert "(--header none)" in sentence(tmp_path, *rows)
    assert "(--header none)" in sentence(tmp_path, *ROWS)


@pytest.mark.parametrize(
    "end",
    [
        "Total: 80 rows",
        "(80 rows affected)",
        "\n\nSource: core banking, 2024",
        "Grand total,400\n\nexported by night",
    ],
)
def test_notes_and_totals_below_the_rows_are_left_out_and_counted(tmp_path, end: str) -> None:
    frame, said = taken(tmp_path, "\n".join([HEADER, *ROWS, end]).encode())
    assert frame["customer"].to_list() == [r[:5] for r in ROWS]
    assert ("", 2 if "night" in end else 1, 0) in said


def test_a_spreadsheet_s_line_on_its_separator_is_no_header(tmp_path) -> None:
    frame, _ = taken(
        tmp_path,
        "\r\n".join(
            ["sep=;", HEADER.replace(",", ";"), *(r.replace(",", ";") for r in ROWS)]
        ).encode(),
    )
    assert frame.columns == HEADER.split(",")
    assert len(frame) == 80


def test_notes_beside_a_text_are_left_out_and_counted(tmp_path) -> None:
    beside = [f"{r},{'see Ann' if i == 3 else ''}" for i, r in enumerate(ROWS)]
    frame, said = taken(tmp_path, "\n".join([f"{HEADER},", *beside]).encode())
    assert frame.columns == HEADER.split(",")
    assert ("", 1, 0) in said


def test_a_number_for_no_day_is_missing_and_counted(tmp_path) -> None:
    cells = ["0" if i % 17 == 0 else f"201901{1 + i % 28:02}" for i in range(100)]
    frame, said = taken(
        tmp_path,
        "\n".join(["id,issue_date", *(f"{i},{c}" for i, c in enumerate(cells))]).encode(),
        types=(("issue_date", "%Y%m%d"),),
    )
    assert frame["issue_date"].null_count() == 6
    assert ("issue_date", 6, 0) in said


def test_latin_2_of_a_unix_is_told_from_that_of_windows(tmp_path) -> None:
    words = ["święta", "źródło", "łazienka", "samochód", "książka"]
    for encoding in ("iso8859_2", "cp1250"):
        frame, _ = taken(
            tmp_path,
            "\n".join(["id,cel", *(f"{i},{words[i % 5]}" for i in range(50))]).encode(encoding),
        )
        assert frame["cel"].to_list()[:5] == words
