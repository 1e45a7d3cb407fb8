import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts import look


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [*look.SOURCE, look.GOOD, look.BAD, look.GREY])
@pytest.mark.parametrize("page", ["#ffffff", "#12161c"])
def test_every_colour_stands_out_from_both_pages(colour: str, page: str) -> None:
    assert contrast(colour, page) >= 2.995


def test_ink_and_the_words_on_grey_can_be_read() -> None:
    assert contrast(look.INK[0], "#ffffff") > 7
    assert contrast(look.INK[1], "#12161c") > 7
    assert contrast(look.ON_GREY, look.GREY) >= 4.5


def over(page: str, part: float) -> str:
    """GREY laid over a page, so much of it."""
    return "#" + "".join(
        f"{round(int(look.GREY[i : i + 2], 16) * part + int(page[i : i + 2], 16) * (1 - part)):02x}"
        for i in (1, 3, 5)
    )


@pytest.mark.parametrize(("ink", "page"), [(look.INK[0], "#ffffff"), (look.INK[1], "#12161c")])
def test_ink_can_be_read_on_the_darkest_cell(ink: str, page: str) -> None:
    assert contrast(ink, over(page, look.DARKEST)) >= 4.5


@pytest.mark.parametrize(
    ("form", "step", "short"),
    [
        (".3f", 0.05, ".2f"),
        (".3f", 0.005, ".3f"),
        (".1%", 0.1, ".0%"),
        (".1%", 0.005, ".1%"),
        (",.0f", 2e6, ",.0f"),
        (".3s", 5, ".3s"),
    ],
)
def test_ticks_have_as_many_decimals_as_they_need(form: str, step: float, short: str) -> None:
    assert look.short(form, step) == short


def test_the_eleventh_source_takes_the_first_colour_again() -> None:
    assert [look.colour(0), look.colour(9), look.colour(10)] == ["#456c4b", "#b9217b", "#456c4b"]


def test_an_empty_canvas_has_no_legend_no_drag_and_no_zoom() -> None:
    layout = look.canvas(120).layout.template.layout
    assert (
        layout.showlegend,
        layout.dragmode,
        layout.xaxis.fixedrange,
        layout.yaxis.fixedrange,
    ) == (False, False, True, True)


@pytest.mark.parametrize(
    ("rows", "most", "left"), [(5, 10, 5), (10, 10, 10), (11, 10, 6), (100, 10, 10)]
)
def test_thinning_keeps_short_frames_and_halves_long_ones(rows: int, most: int, left: int) -> None:
    assert look.thin(pl.DataFrame({"x": range(rows)}), most).height == left


@pytest.mark.parametrize(
    ("low", "high", "most", "step"),
    [(0, 1, 4, 0.5), (350, 950, 4, 200), (0, 100, 4, 50), (0.68, 0.78, 5, 0.02)],
)
def test_ticks_stand_at_round_distances(low: float, high: float, most: int, step: float) -> None:
    assert look.steps(low, high, most=most) == pytest.approx(step)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_are_never_more_than_asked_for(low: float, width: float, most: int) -> None:
    assert width / look.steps(low, low + width, most=most) <= most * (1 + 1e-3)


def test_no_two_of_forty_sources_look_alike() -> None:
    keys = [f"s{i}" for i in range(40)]
    colours = {key: look.colour(i) for i, key in enumerate(keys)}
    bars = look.marked(colours, keys)
    assert len(set(zip(bars["color"], bars["pattern"]["shape"], strict=True))) == 40
    assert len({look.ground(i) for i in range(40)}) == 40
    assert "pattern" not in look.marked(colours, keys[:10])  # ten need no second mark
    assert look.ground(3) == look.colour(3)


def test_a_source_keeps_its_mark_whichever_others_are_drawn_beside_it() -> None:
    colours = {f"s{i}": look.colour(i) for i in range(25)}
    assert look.marked(colours, ["s22", "s3"])["pattern"]["shape"] == ["x", ""]
    assert look.marked(colours, ["elsewhere"])["color"] == [look.GREY]
