import plotly.graph_objects as go
import polars as pl

from analytics.charts.redundancy import redundancy

LABELS = {"bureau": "Bureau", "bank": "Bank", "tax": "Tax"}
FRAME = pl.DataFrame(
    {
        "a": ["bureau", "tax", "bank"],
        "b": ["bank", "bureau", "tax"],
        "shared": [0.61, -0.04, -0.001],
        "correlation": [0.6, None, 0.1],
    }
)


def draw(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    return redundancy(frame, labels=LABELS, **options)


def test_every_pair_is_one_cell_below_the_diagonal_in_either_order() -> None:
    cells = draw().data[0]
    assert list(zip(cells.x, cells.y, cells.z, strict=True)) == [
        (0, 1, 0.61),
        (0, 2, -0.04),
        (1, 2, -0.001),
    ]


def test_a_name_stands_on_its_column_and_at_the_end_of_its_row() -> None:
    assert [
        (note.text, round(note.x), note.y, note.xanchor) for note in draw().layout.annotations
    ] == [
        ("<b>Bureau</b>", 0, 0, "left"),
        ("<b>Bank</b>", 1, 1, "left"),
        ("<b>Tax</b>", 2, 2, "left"),
    ]


def test_the_figure_stands_in_its_cell_without_a_negative_zero_and_a_phone_drops_the_sign() -> None:
    assert list(draw().data[1].text) == ["61%", "−4%", "0%"]
    assert list(draw(narrow=True).data[1].text) == ["61", "−4", "0"]


def test_pointing_says_it_in_words() -> None:
    said = draw().data[0].customdata
    assert (
        said[0]
        == "Bureau and Bank<br>have 61% of their worth in common;<br>what they say correlates 0.60"
    )
    assert said[1] == "Tax and Bureau<br>have −4% of their worth in common"


def test_nothing_in_common_is_pale_even_if_all_pairs_are_near_nothing() -> None:
    cells = draw(FRAME.with_columns(shared=pl.lit(0.01))).data[0]
    assert (cells.zmin, cells.zmax) == (0, 0.1)


def test_a_pair_that_could_not_be_measured_has_a_dash_and_says_why() -> None:
    figure = draw(FRAME.with_columns(shared=pl.lit(None, dtype=pl.Float64)))
    assert figure.data[1].text == ("–", "–", "–")
    assert "alone add no more than chance would" in figure.data[0].customdata[0]


def test_one_source_has_no_pairs_and_draws_its_name() -> None:
    figure = redundancy(FRAME.clear(), labels={"bank": "Bank"})
    assert [note.text for note in figure.layout.annotations] == ["<b>Bank</b>"]
