from hypothesis import given
from hypothesis import strategies as st

from analytics.reporting.sheet import Cell, Fact, Part, Sheet, render, signed

ANN = Sheet(
    "Ann & Bob",
    "Half and half",
    "One sentence.",
    (Fact("Points", "612", "of 350 to 950"),),
    (
        Part(
            "Steps",
            "largest first",
            ("name", "points"),
            ((Cell("<script>", words=True), Cell("+3", bar=(0.5, 0.75), tone="better")),),
        ),
        Part("None", empty="Nobody."),
    ),
    ("A note.",),
)


def test_every_text_of_a_sheet_is_on_it_and_none_is_markup() -> None:
    page = render(ANN)
    for text in (
        "Ann &amp; Bob",
        "Half and half",
        "One sentence.",
        "612",
        "of 350 to 950",
        "largest first",
        "&lt;script&gt;",
        "Nobody.",
        "A note.",
    ):
        assert text in page
    assert "<script" not in page


def test_a_sheet_fetches_nothing() -> None:
    page = render(ANN)
    assert not any(word in page for word in ("http:", "https:", "src=", "url(", "@import", "<link"))


def test_a_bar_has_its_place_and_tone() -> None:
    assert '<span class="track better"><i style="left:50.0%;width:25.0%"></i></span>' in render(ANN)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_bar_from_zero_stays_on_its_track_on_the_side_of_its_sign(
    value: float, scale: float
) -> None:
    low, high = signed(value, scale)
    assert 0 <= low <= 0.5 <= high <= 1
    assert (high - 0.5) * value >= 0
    assert (low - 0.5) * value >= 0
