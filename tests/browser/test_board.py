"""The board of sliders by itself.

What data call a source never becomes markup, and a move is told once.
"""

import re
from collections.abc import Iterator
from textwrap import indent

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.browser.app import WAIT, served, slider
from tests.browser.conftest import Pages, Readers, loaded

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=document.title='broken'>"
NAMED = f"""
evil = {EVIL!r}
known = st.number_input("Known", 0.0, 1.0, 0.5, 0.25)
slides = [Slide("a", evil, "Weight of a", 10, evil, evil, evil, known), Slide("", "Floor", "Floor", 40, "", "", step=5, unit="%")]
board(slides, "board", lambda *told: st.session_state.update(told=told))
st.html(f"<p class='wb-say'>{{st.session_state.get('told', 'nothing')}}</p>")
"""
MANY = """
slides = [Slide(f"s{i}", f"Source {i}", f"Weight of {i}", 4, "4%", "", "#456c4b", 0.5) for i in range(25)]
board([*slides, Slide("", "Floor", "Floor", 40, "", "", step=5, unit="%")], "board", lambda *told: None)
st.html("<p class='wb-say'>many</p>")
"""
LOCKED = """
slides = [Slide("a", "Held", "Weight of a", 10, "10%", "", locked=True), Slide("b", "Free", "Weight of b", 20, "20%", "")]
board(slides, "board", lambda *told: st.session_state.update(heard=told))
st.html(f"<p class='wb-say'>{st.session_state.get('heard', 'nothing')}</p>")
"""
BOARDS = {"named": NAMED, "many": MANY, "locked": LOCKED}
SCRIPT = """
import streamlit as st
from pages.parts.weights.slider_board import Slide, board
""" + "".join(
    f"if st.query_params.get('board') == {name!r}:\n{indent(script, '    ')}"
    for name, script in BOARDS.items()
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A script that shows the board asked for, served."""
    script = tmp_path_factory.mktemp("board") / "board.py"
    script.write_text(SCRIPT, "utf-8")
    with served(script.parent, script=script) as address:
        yield address


@pytest.fixture(scope="module")
def pages(browser: Browser, server: str) -> Iterator[Pages]:
    """The script's pages."""
    with loaded(browser, server) as found:
        yield found


def test_names_from_data_stay_text_and_a_move_says_where_all_sliders_stand(reader: Readers) -> None:
    page = reader().open("/?board=named")
    expect(page.locator(".wb-row b").first).to_have_text(EVIL)
    expect(page.locator(".wb-row em").first).to_have_text(EVIL)
    assert page.locator(".wb-board img").count() == 0
    assert page.locator(".wb-row i > i").evaluate("bar => bar.style.width") == "50%"
    expect(page.locator(".wb-row output").last).to_have_text("40%")
    slider(page, "Weight of a").press("ArrowRight")
    expect(page.locator(".wb-say")).to_have_text("({'a': 11, '': 40}, 'a')")
    slider(page, "Floor").press("ArrowRight")
    # the page says again that a stands at 10
    expect(page.locator(".wb-say")).to_have_text("({'a': 10, '': 45}, '')")
    assert page.title() != "broken"
    page.get_by_role("button", name="Increment").click()
    # other people: the bar follows them
    page.wait_for_function("document.querySelector('.wb-row i > i').style.width === '75%'")
    expect(slider(page, "Weight of a")).to_have_value("10")


def test_many_sliders_scroll_in_a_box_of_their_own_and_the_floor_stays_in_sight(
    reader: Readers,
) -> None:
    page = reader().open("/?board=many")
    box = page.locator(".wb-board")
    expect(box.locator(".wb-row")).to_have_count(26)
    assert box.evaluate("box => box.scrollHeight > box.clientHeight + 100")
    inside, floor = box.bounding_box(), box.locator(".wb-row").last.bounding_box()
    assert inside["height"] < 0.75 * 768  # type: ignore[index]
    assert floor["y"] + floor["height"] <= inside["y"] + inside["height"] + 1  # type: ignore[index]
    slider(page, "Weight of 24").focus()
    expect(slider(page, "Weight of 24")).to_be_in_viewport()


def test_a_held_source_shows_a_lock_and_the_range_stands_above_the_sliders(reader: Readers) -> None:
    page = reader().open("/?board=locked")
    marks = page.locator(".wb-row > b").evaluate_all(
        "names => names.map(name => getComputedStyle(name, '::before').content)"
    )
    assert [mark == "none" for mark in marks] == [False, True]
    assert slider(page, "Weight of a").get_attribute("aria-description") == "held"
    assert page.locator(".wb-ends span").all_inner_texts() == ["0", "100"]
    ends, track = (
        page.locator(".wb-ends").bounding_box(),
        slider(page, "Weight of a").bounding_box(),
    )
    assert ends
    assert track
    assert abs(ends["x"] - track["x"]) < 2
    assert abs(ends["x"] + ends["width"] - track["x"] - track["width"]) < 2


def test_a_move_that_was_lost_on_its_way_is_told_again(stranger: Readers) -> None:
    visited, lost = stranger(), []

    def drop_one(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def carry(message: str | bytes) -> None:
            move = b'"moved"' in (message if isinstance(message, bytes) else message.encode())
            if move and not lost:
                lost.append(message)
            else:
                server.send(message)

        socket.on_message(carry)

    visited.page.route_web_socket(re.compile("_stcore/stream"), drop_one)
    page = visited.open("/?board=locked")
    slider(page, "Weight of a").press("ArrowRight")
    expect(page.locator(".wb-say")).to_have_text("({'a': 11, 'b': 20}, 'a')", timeout=WAIT)
    assert len(lost) == 1
