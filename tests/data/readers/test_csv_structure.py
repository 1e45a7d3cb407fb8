"""Where do the rows and fields of a text begin and end?"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.readers import csv_structure
from analytics.data.readers.csv_structure import survey
from analytics.data.readers.files import Limits
from analytics.data.refusal import Refusal


def look(folder, text: str, columns: int = 3):
    (folder / "t.csv").write_bytes(text.encode())
    return survey(folder / "t.csv", "t.csv", ",", columns, Limits())


def test_rows_blank_lines_empty_cells_and_leading_zeros_are_counted(tmp_path) -> None:
    found = look(tmp_path, 'a,b,c\n1,,007\n\n"",2,"08"\r\n0.5,0,\r\n1,"x,\n""y",01')
    assert (found.rows, found.blank) == (4, 1)
    assert found.empty.tolist() == [1, 1, 1]
    assert (found.zeros.tolist(), found.zero.tolist()) == ([0, 0, 3], [0, 0, 1])


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('a0"\n, é'), max_size=4), min_size=2, max_size=2),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 64),
)
def test_any_table_that_python_writes_has_the_rows_and_empty_cells_it_had(
    tmp_path_factory, rows: list[list[str]], block: int
) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([["p", "q"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_structure, "BLOCK", block)
        found = look(tmp_path_factory.mktemp("t"), buffer.getvalue(), 2)
    assert (found.rows, found.blank) == (len(rows), 0)
    assert found.empty.tolist() == [sum(r[i] == "" for r in rows) for i in (0, 1)]


def test_cells_are_counted_alike_wherever_they_fall(tmp_path) -> None:
    rows = [
        ["x" * (i % 7), '"' * (i % 2) + "," * (i % 3), "0" * (i % 5)]
        for i in range(20 * csv_structure.STRETCH // 16)
    ]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["p", "q", "r"], *rows])
    found = look(tmp_path, buffer.getvalue())
    assert (found.rows, found.blank) == (len(rows), 0)
    assert found.empty.tolist() == [sum(not r[i] for r in rows) for i in range(3)]
    assert (found.zeros.tolist(), found.zero.tolist()) == (
        [0, 0, sum(r[2].startswith("00") for r in rows)],
        [0, 0, 3],
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a,b,c\n1,2,3\n1,2\n1,2,3,4\n",
            "t.csv: 2 rows do not have the 3 fields of the header (first in row 2); write each row",
        ),
        (
            'a,b,c\n1,2,3\n1,5" pipe,2\n',
            "t.csv: quotes are broken: one opens or closes within a field (first in row 2); ",
        ),
        (
            'a,b,c\n1,2,3\n1,2,"x\n4,5,6\n',
            "t.csv: quotes are broken: one opens or closes within a field (first in row 2); ",
        ),
        (
            "a,b,c\n1,2,3\n1,\0,3\n",
            "t.csv: it holds a zero byte, which no text holds (first in row 2); ",
        ),
        ("a,b,c\n", "t.csv: it has a header and no rows; "),
        ("a,b,c", "t.csv: it has a header and no rows; "),
    ],
)
def test_what_is_no_table_is_refused_with_the_row(tmp_path, text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        look(tmp_path, text)
    assert str(refused.value).startswith(sentence)
