import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.app import WAIT, Visit, chosen, line, said, slider, stand, visit
from tests.browser.conftest import Readers, served_well, spotless

pytestmark = pytest.mark.browser


def asked(page: Page) -> dict[str, str]:
    """What the address asks for."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/weights?weights=bureau%3D3%2Cbank%3D1&floor=60", ["floor 60%", "Own weights"]),
        ("/cohorts?cohort=region+%3D%3D+%27West%27&cohort_name=The+West", ["The West"]),
        ("/weights", ["Everyone"]),
    ],
)
def test_the_first_page_that_a_server_ever_serves_may_be_any(
    browser: Browser, home: Path, path: str, words: list[str]
) -> None:
    with served_well(home, "cold") as address, visit(browser, address) as reader:
        page = reader.open(path)
        for word in words:
            expect(line(page)).to_contain_text(word)
        expect(page.get_by_test_id("stTopNav")).to_contain_text("Overview")
        assert page.get_by_test_id("stTopNavLink").count() == 1
        spotless(reader)


def test_a_slider_moved_by_keyboard_changes_number_and_address_and_the_link_shows_the_same(
    reader: Readers,
) -> None:
    page = reader().open("/weights")
    before, weight = said(page).inner_text(), slider(page, "Weight of Credit bureau")
    weight.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    expect(weight).to_have_value("40")
    expect(said(page)).not_to_have_text(before)
    page.wait_for_url(re.compile("bureau%3D40"))
    after, figures = said(page).inner_text(), page.locator(".wb-table").inner_text()
    page.reload()
    expect(said(page)).to_have_text(after)
    expect(slider(page, "Weight of Credit bureau")).to_have_value("40")
    other = reader().open(page.url.removeprefix(page.url.split("/weights")[0]))
    assert (said(other).inner_text(), other.locator(".wb-table").inner_text()) == (after, figures)


def test_a_session_begun_in_a_loaded_page_shows_what_the_address_shows_when_it_is_loaded(
    reader: Readers,
) -> None:
    visited, path = reader(), "/weights?weights=bureau%3D3%2Cbank%3D1&floor=60"
    page = visited.load(path)
    loaded, figures, since = (
        seen(page),
        page.locator(".wb-table").inner_text(),
        page.evaluate("performance.timeOrigin"),
    )
    slider(page, "Floor").press("PageUp")
    expect(line(page)).not_to_contain_text("floor 60%")
    visited.open(path)
    assert (seen(page), page.locator(".wb-table").inner_text()) == (loaded, figures)
    assert page.evaluate("performance.timeOrigin") == since


def test_the_sentence_keeps_pace_with_the_hand_while_the_server_is_silent(
    stranger: Readers,
) -> None:
    visited, silent, kept = stranger(), [], []

    def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(
            lambda message: kept.append((server, message)) if silent else server.send(message)
        )

    visited.page.route_web_socket(re.compile("_stcore/stream"), carry)
    page = visited.open("/weights")
    weight, ahead = slider(page, "Weight of Credit bureau"), page.locator(".wb-ahead")
    before, place = said(page).inner_text(), said(page).bounding_box()
    expect(ahead).to_be_hidden()
    weight.focus()
    page.locator(".wb-ahead[data-known=bureau]").wait_for(state="attached")  # time to look ahead
    silent.append(True)
    page.keyboard.press("End")
    expect(weight).to_have_value("100")
    shares = page.locator(".wb-row em").all_inner_texts()
    expect(ahead).to_be_visible()
    expect(said(page)).to_be_hidden()
    assert ahead.bounding_box() == place
    told = ahead.inner_text()
    page.keyboard.press("Home")
    expect(ahead).not_to_have_text(told)
    page.keyboard.press("End")
    expect(ahead).to_have_text(told)
    # of which nothing is known: what the page said last, until it answers
    slider(page, "Floor").press("End")
    expect(ahead).to_be_hidden()
    expect(said(page)).to_have_text(before)
    silent.clear()
    for server, message in kept:
        server.send(message)
    expect(line(page)).to_contain_text("floor 100%")
    page.wait_for_url(re.compile("bureau%3D100"))  # both moves were heard
    assert page.locator(".wb-row em").all_inner_texts() == shares
    slider(page, "Floor").press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(said(page)).to_have_text(told)
    expect(said(page)).to_be_visible()
    expect(ahead).to_be_hidden()


def test_a_slider_moved_in_the_moment_it_is_reached_is_heard(reader: Readers) -> None:
    page = reader().open("/weights")
    before = said(page).inner_text()
    slider(page, "Weight of Credit bureau").evaluate("""slide => {
        slide.focus();  // the page is asked what lies around in the next moment, and told of the move before that is sent
        setTimeout(() => { slide.value = 70; slide.dispatchEvent(new Event('input')); });
    }""")
    page.wait_for_url(re.compile("bureau%3D70"))
    expect(page.locator(".wb-table")).to_contain_text("Own weights")
    expect(said(page)).not_to_have_text(before)
    expect(said(page)).to_be_visible()
    expect(page.locator(".wb-ahead")).to_be_hidden()


def test_the_number_follows_a_slider_while_it_is_dragged_and_the_slider_stays_under_the_pointer(
    reader: Readers,
) -> None:
    page = reader().open("/weights")
    before, weight = said(page).inner_text(), slider(page, "Weight of Bank account")
    box = weight.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in range(20, 81, 4):
        page.mouse.move(box["x"] + part / 100 * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(30)
    expect(said(page)).not_to_have_text(before)
    assert int(weight.input_value()) == pytest.approx(80, abs=4)
    page.mouse.up()
    page.wait_for_url(re.compile(f"bank%3D{weight.input_value()}%2C"))
    assert int(weight.input_value()) == pytest.approx(80, abs=4)


def test_nothing_on_the_bench_begins_to_fade_while_the_new_number_is_on_its_way(
    reader: Readers,
) -> None:
    page = reader().open("/weights")
    before = said(page).inner_text()
    page.evaluate("""() => {
        window.fading = [];
        const note = event => event.target.dataset.testid === 'stElementContainer' && window.fading.push(event.target.className);
        document.querySelector('[class*=st-key-swift]').addEventListener('transitionrun', note);
    }""")
    slider(page, "Weight of Bank account").press("ArrowRight")
    expect(said(page)).not_to_have_text(before)
    assert page.evaluate("window.fading") == []


def test_readers_do_not_see_each_other_s_weights(reader: Readers) -> None:
    one, other = (
        reader().open("/weights?weights=bank%3D1"),
        reader().open("/weights?weights=tax%3D1"),
    )
    slider(one, "Floor").press("PageUp")
    expect(line(one)).not_to_contain_text("floor 40%")
    expect(line(other)).to_contain_text("floor 40%")
    other.reload()
    expect(slider(other, "Weight of Tax and insurance")).to_have_value("1")


def test_what_is_looked_at_stays_when_the_page_is_turned(reader: Readers) -> None:
    page = reader().open(
        "/weights?cohort=region+%3D%3D+%27East%27&weights=bank%3D2%2Ctax%3D1&floor=55"
    )
    slider(page, "Weight of Bank account").press("ArrowRight")
    page.wait_for_url(re.compile("bank%3D3"))
    before = line(page).inner_text()
    page.get_by_test_id("stTopNavLink").filter(has_text="Overview").click()
    expect(page.locator("[data-testid=stMetric]")).to_have_count(5)
    assert line(page).inner_text() == before
    page.get_by_test_id("stTopNavSection").filter(has_text="People").click()
    page.get_by_text("Cohorts", exact=True).click()
    expect(page.get_by_text("This cohort")).to_be_visible()
    assert line(page).inner_text() == before
    assert asked(page) | {
        "weights": "bank=3,tax=1",
        "cohort": "region == 'East'",
        "floor": "55",
    } == asked(page)
    page.reload()
    expect(page.get_by_text("This cohort")).to_be_visible()
    expect(line(page)).to_have_text(before, use_inner_text=True)


def test_a_preset_moves_the_sliders(reader: Readers) -> None:
    page = reader().open("/weights")
    before = said(page).inner_text()
    chosen(page, "Weighting", "PBoC-like weights")
    expect(slider(page, "Weight of Credit bureau")).to_have_value("100")
    expect(slider(page, "Weight of Bank account")).to_have_value("0")
    expect(said(page)).not_to_have_text(before)
    page.wait_for_url(re.compile("weights=bureau%3D100"))


def test_the_cutoff_moves_who_is_accepted(reader: Readers) -> None:
    page = reader().open("/")
    tile = page.locator("[data-testid=stMetric]").nth(3)
    before = tile.inner_text()
    slider(page, "Cutoff, points").press("ArrowRight")
    expect(said(page)).to_contain_text("At 610 points")
    expect(tile).not_to_have_text(before, use_inner_text=True)
    page.wait_for_url(re.compile("cutoff=610"))
    after = tile.inner_text()
    page.reload()
    expect(tile).to_have_text(after, use_inner_text=True)


def test_the_line_s_popover_changes_who_is_read(reader: Readers) -> None:
    page = reader().open("/")
    page.get_by_role("button", name="Change").click()
    chosen(page, "Read", "out_of_time")
    expect(line(page)).to_contain_text("latest months")
    page.wait_for_url(re.compile("split="))
    page.reload()
    expect(line(page)).to_contain_text("latest months")


def test_a_cohort_is_built_by_hand(reader: Readers) -> None:
    page = reader().open("/cohorts")
    chosen(page, "Add a condition on", "region")
    chosen(page, "is one of", "West")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("Add: [0-9,]+ people")).click()
    expect(line(page)).to_contain_text("region is West")
    page.wait_for_url(re.compile("cohort=region"))
    page.get_by_role("button", name="Drop").click()
    expect(line(page)).to_contain_text("Everyone")


def test_a_cohort_saved_as_json_can_be_opened_elsewhere(reader: Readers, tmp_path: Path) -> None:
    page = reader().open("/cohorts?cohort=region+%3D%3D+%27West%27&cohort_name=The+West")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as JSON").click()
    download.value.save_as(tmp_path / "west.json")
    assert json.loads((tmp_path / "west.json").read_text("utf-8")) == {
        "name": "The West",
        "conditions": [{"column": "region", "op": "==", "value": "West"}],
    }
    other = reader().open("/cohorts")
    other.get_by_test_id("stPopoverButton").filter(has_text="Open").click()
    other.locator("input[type=file]").set_input_files(tmp_path / "west.json")
    other.get_by_role("button", name="Look at The West").click()
    expect(line(other)).to_contain_text("The West")
    expect(said(other)).to_contain_text(said(page).inner_text().partition(" Of ")[0])


def test_the_figures_behind_a_chart_are_taken_away_as_csv(reader: Readers, tmp_path: Path) -> None:
    page = reader().open("/")
    page.get_by_role("button", name="Data").nth(1).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").filter(visible=True).click()
    download.value.save_as(tmp_path / "segments.csv")
    assert (tmp_path / "segments.csv").read_text("utf-8").splitlines()[
        0
    ] == "group,segment,value,low,high,persons"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("weights=bank%3D-1", "Weight of 'bank' must be 0 or more"),
        ("cohort=nix+%3D%3D+1", "No column 'nix'"),
        ("cohort=defaulted+%3D%3D+1", "is no condition of a page"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(reader: Readers, query: str, sentence: str) -> None:
    visited: Visit = reader()
    visited.go(f"/weights?{query}")
    expect(visited.page.get_by_text(sentence)).to_be_visible()
    expect(visited.page.get_by_role("button", name="Change")).to_be_enabled()


def test_the_best_weights_stay_within_the_shares_written_for_a_source(reader: Readers) -> None:
    page = reader().open("/weights?weights=bank%3D1")
    page.get_by_test_id("stPopoverButton").filter(has_text="Best such that").click()
    grid = page.get_by_test_id("stDataFrame").filter(visible=True).last
    box = grid.bounding_box()
    assert box
    # the first source, at most; once the popover stands still
    grid.click(position={"x": box["width"] - 40, "y": 52})
    page.keyboard.press("Enter")
    page.locator("[id^=gdg-overlay] input").fill("5")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)  # the table hands on what is written in it after a moment of its own
    page.get_by_role("button", name="Find and take").click()
    page.wait_for_url(re.compile("bureau%3D"))
    shares = dict(part.split("=") for part in asked(page)["weights"].split(","))
    assert len(shares) > 1
    assert float(shares["bureau"]) <= 5 + 1e-9


def test_moves_made_one_after_the_other_are_all_counted_and_the_address_follows_at_rest(
    reader: Readers,
) -> None:
    page = reader().open("/weights?weights=bureau%3D10%2Cbank%3D20")
    slider(page, "Weight of Credit bureau").focus()
    for pause in (20, 300, 20, 1200, 20, 20):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(pause)
    expect(slider(page, "Weight of Credit bureau")).to_have_value("16")
    page.wait_for_url(re.compile("bureau%3D16"))
    expect(page.locator(".wb-table")).to_contain_text("Own weights")
    slider(page, "Floor").press("ArrowRight")
    expect(line(page)).to_contain_text("floor 45%")
    page.wait_for_url(re.compile("floor=45"))
    assert asked(page)["weights"] == "bureau=16,bank=20"


def test_back_and_forward_lead_to_views_whose_address_shows_the_same_to_anyone(
    stranger: Readers,
) -> None:
    page = stranger().open("/weights")
    first = seen(page)
    entries, weight = page.evaluate("history.length"), slider(page, "Weight of Bank account")
    for value in (30, 40):  # one slider after the other is one view
        weight.press("PageUp")
        page.wait_for_url(re.compile(f"bank%3D{value}%2C"), timeout=WAIT)
        stand(page)
    second = seen(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Overview").click()
    expect(said(page)).to_contain_text("We can score", timeout=WAIT)
    page.wait_for_url(lambda url: "/weights" not in url, timeout=WAIT)
    assert "bank%3D40%2C" in page.url
    assert page.evaluate("history.length") == entries + 2
    for go, expected in ((page.go_back, second), (page.go_back, first), (page.go_forward, second)):
        go(wait_until="commit", timeout=WAIT)
        page.wait_for_url(re.compile(f"^{re.escape(expected[0])}$"), timeout=WAIT)
        expect(said(page)).to_have_text(expected[2], use_inner_text=True, timeout=WAIT)
        expect(line(page)).to_have_text(expected[1], use_inner_text=True, timeout=WAIT)
        stand(page)
        assert seen(page) == expected  # and stays so
    other = stranger().open(page.url.removeprefix(page.url.split("/weights")[0]))
    assert seen(other) == second


def seen(page: Page) -> tuple[str, str, str]:
    """A view as a reader has it: its address, what is looked at, and the page's sentence."""
    expect(said(page)).to_be_visible(timeout=WAIT)
    return page.url, line(page).inner_text(), said(page).inner_text()
