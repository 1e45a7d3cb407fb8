from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.placing import Box, Word, along, around, place

FRAME = Box(0, 0, 400, 300)
words = st.lists(
    st.builds(
        Word,
        st.text("abcdef ", min_size=1, max_size=18),
        st.floats(0, 400),
        st.floats(0, 300),
        st.sampled_from(["", "a"]),
    ),
    max_size=25,
)
marks = st.lists(
    st.builds(around, st.floats(0, 400), st.floats(0, 300), st.floats(1, 8)), max_size=25
)


@given(words, marks)
def test_no_word_covers_a_word_or_a_mark_or_leaves_the_frame(
    words: list[Word], marks: list[Box]
) -> None:
    boxes = [spot.box for spot in place(words, taken=marks, frame=FRAME)]
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    assert not any(box.meets(mark) for box in boxes for mark in marks)
    assert all(box.inside(FRAME) for box in boxes)


@given(words, marks)
def test_every_word_is_placed_at_most_once_and_in_the_order_given(
    words: list[Word], marks: list[Box]
) -> None:
    placed = [spot.word for spot in place(words, taken=marks, frame=FRAME)]
    rest = iter(words)
    assert all(word in rest for word in placed)


def test_a_word_stands_to_the_right_where_nothing_is_in_the_way() -> None:
    (spot,) = place([Word("bank", 100, 100)], frame=FRAME)
    assert spot.anchor == "left"
    assert spot.shift[0] > 0
    assert spot.shift[1] == pytest.approx(0)


def test_a_word_at_the_right_edge_stands_to_the_left() -> None:
    (spot,) = place([Word("bank", 398, 100)], frame=FRAME)
    assert spot.anchor == "right"


def test_the_more_important_word_is_placed_and_the_other_left_out() -> None:
    spots = place([Word("first", 20, 10), Word("second", 20, 10)], frame=Box(0, 0, 70, 20))
    assert [spot.text for spot in spots] == ["first"]


def test_a_short_form_stands_in_for_a_long_one() -> None:
    (spot,) = place([Word("E-commerce 100%", 5, 10, short="100%")], frame=Box(0, 0, 60, 20))
    assert spot.text == "100%"


@given(st.floats(0, 300), st.floats(0, 300), st.floats(0, 1))
def test_a_line_is_covered_without_holes_wider_than_a_letter(
    x: float, y: float, part: float
) -> None:
    at = (x * part, y * part)
    assert any(box.meets(around(*at, 3)) for box in along([(0, 0), (x, y)]))
