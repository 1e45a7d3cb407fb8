import plotly.graph_objects as go
import polars as pl
import pytest

from analytics.charts.interaction import CELLS, DEEPEST, interaction
from analytics.charts.look import BAD, GOOD, INK

FRAME = pl.DataFrame(
    [
        ("low", "0", 2.0, 900),
        ("high", "0", -4.0, 1),
        ("low", "1 or more", None, 2),
        ("high", "1 or more", 0.0, 1200),
    ],
    schema=["a", "b", "points", "persons"],
    orient="row",
)


def draw(frame: pl.DataFrame = FRAME, **options: object) -> go.Figure:
    return interaction(frame, names=("Limits in use", "Late payments"), **options)


def light(parts: list[float]) -> float:
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def test_values_run_to_the_right_and_upwards_in_the_order_of_the_frame() -> None:
    figure = draw()
    cells = figure.data[0]
    assert list(zip(cells.x, cells.y, cells.z, strict=True)) == [(0, 0, 2), (1, 0, -4), (1, 1, 0)]
    assert (list(figure.layout.xaxis.ticktext), list(figure.layout.yaxis.ticktext)) == (
        ["low", "high"],
        ["0", "1 or more"],
    )
    assert figure.layout.yaxis.range[0] < figure.layout.yaxis.range[1]


def test_shades_are_even_around_zero_blue_raises_and_orange_lowers() -> None:
    cells = draw().data[0]
    assert (cells.zmin, cells.zmax) == (-4, 4)
    for (_, shade), colour in ((CELLS[0], BAD), (CELLS[-1], GOOD)):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert shade == f"rgba({red},{green},{blue},{DEEPEST})"


@pytest.mark.parametrize("colour", [GOOD, BAD])
@pytest.mark.parametrize(("ink", "page"), [(INK[0], "#ffffff"), (INK[1], "#12161c")])
def test_ink_can_be_read_on_the_deepest_cell(colour: str, ink: str, page: str) -> None:
    cell = [
        DEEPEST * over + (1 - DEEPEST) * under
        for over, under in zip(channels(colour), channels(page), strict=True)
    ]
    high, low = sorted((light(cell), light(channels(ink))), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_figures_stand_in_their_cells_with_their_sign() -> None:
    assert list(draw().data[1].text) == ["+2.0", "−4.0", "0.0"]


def test_too_many_columns_for_a_phone_leave_figures_to_pointing() -> None:
    wide = pl.DataFrame({"a": [str(i) for i in range(9)], "b": "0", "points": 1.0, "persons": 50})
    assert (len(draw(wide).data), len(draw(wide, narrow=True).data)) == (2, 1)


def test_a_long_range_breaks_between_its_ends_and_other_values_between_words() -> None:
    many = pl.DataFrame(
        {"a": ["0.007 to 0.092", "no value", *"cdefgh"], "b": "0", "points": 1.0, "persons": 50}
    )
    assert list(draw(many, narrow=True).layout.xaxis.ticktext)[:2] == [
        "0.007–<br>0.092",
        "no<br>value",
    ]


def test_pointing_says_it_in_words() -> None:
    assert (
        draw().data[0].customdata[1]
        == "Limits in use: <b>high</b><br>Late payments: <b>0</b><br>having both lowers the score"
        " by 4.0 points<br>beyond what each does alone (1 person)"
    )


def test_nothing_measured_is_drawn_without_complaint() -> None:
    assert draw(FRAME.with_columns(points=pl.lit(None, dtype=pl.Float64))).data[0].zmax == 1
    assert len(draw(FRAME.clear()).data[0].x) == 0
