"""Where does a table begin?"""

import polars as pl
import pytest
import xlsxwriter

from analytics.data.findings import TableRefused
from analytics.data.readers.shape import begins, joined
from tests.data.test_ingest import taken

TITLED = b"Loans of 2024, as exported\n\nid,income,bad\n1,10,0\n2,20,1\n"


def sheet(folder, rows: list[list[object]]) -> bytes:
    """A workbook of these rows."""
    with xlsxwriter.Workbook(folder / "made.xlsx") as book:
        page = book.add_worksheet()
        for i, row in enumerate(rows):
            page.write_row(i, 0, row)
    return (folder / "made.xlsx").read_bytes()


def test_the_header_is_the_first_line_as_wide_as_the_rest() -> None:
    assert begins([(1, 1), (3, 3), (4, 3), (5, 3)]) == (3, 3)
    assert begins([(1, 3), (2, 3), (3, 3), (4, 1)]) == (1, 3)
    assert begins([(1, 2), (2, 5), (3, 7), (4, 1)]) == (1, 2)  # nothing is usual there
    assert begins([]) == (1, 0)


def test_a_title_is_refused_with_the_line_of_the_header_which_may_then_be_named(tmp_path) -> None:
    with pytest.raises(
        TableRefused,
        match=r"line 1 has 2 of 3 columns, so the header seems to be line 3; .*--header 3",
    ):
        taken(tmp_path, TITLED)
    frame, _ = taken(tmp_path, TITLED, header="3")
    assert frame.columns == ["id", "income", "bad"]
    assert frame.rows() == [(1, 10, 0), (2, 20, 1)]


def test_two_lines_of_a_header_are_joined_the_upper_carried_to_the_right(tmp_path) -> None:
    assert joined([["person", "", "loan"], ["id", "age", "sum"]]) == [
        "person id",
        "person age",
        "loan sum",
    ]
    frame, _ = taken(tmp_path, b"person,,loan\nid,age,sum\n1,30,500\n2,40,600\n", header="1-2")
    assert frame.columns == ["person id", "person age", "loan sum"]
    assert frame["loan sum"].to_list() == [500, 600]


def test_a_file_without_a_header_is_refused_and_read_where_the_reader_says_so(tmp_path) -> None:
    content = b"A11,6,A34,1169,67,1\nA12,48,A32,5951,22,2\n"
    with pytest.raises(
        TableRefused,
        match=r"its first line holds numbers, not the names of columns; .*--header none",
    ):
        taken(tmp_path, content)
    frame, _ = taken(tmp_path, content, header="none")
    assert frame.columns == [f"column_{i}" for i in range(1, 7)]
    assert frame["column_2"].to_list() == [6, 48]
    assert taken(tmp_path, content, header="1")[0].height == 1


def test_a_titled_sheet_says_in_which_row_its_header_seems_to_be(tmp_path) -> None:
    rows = [["Portfolio"], [], ["id", "income", "bad"], *([i, 10 * i, i % 2] for i in range(1, 6))]
    content = sheet(tmp_path, rows)
    with pytest.raises(TableRefused, match="the header seems to be line 3"):
        taken(tmp_path, content, "t.xlsx")
    frame, _ = taken(tmp_path, content, "t.xlsx", header="3")
    assert frame["income"].to_list() == [10, 20, 30, 40, 50]
    assert frame.columns == ["id", "income", "bad"]


def test_cells_beside_a_sheet_under_no_header_are_left_out_and_counted(tmp_path) -> None:
    rows = [["id", "bad"], *([i, i % 2] for i in range(1, 31))]
    rows[4] = [*rows[4], "", "ask Li"]
    frame, said = taken(tmp_path, sheet(tmp_path, rows), "t.xlsx")
    assert frame.columns == ["id", "bad"]
    assert ("", 1, 0) in said
    assert frame.select(pl.all().null_count()).row(0) == (0, 0)
