import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.app import PATIENCE, PHONE, WAIT, chosen, said, slider, stand, visit
from tests.browser.conftest import Readers, served_well, spotless
from tests.browser.test_journeys import asked
from tests.browser.test_look import TOO_WIDE

pytestmark = pytest.mark.browser

LINK = "/stress?stress=fakery+ecommerce+share%3D0.5+how%3Dreadings"
HALF, SHARE = (
    "If 50% of the bad payers that E-commerce knows fake their records",
    "Share of its bad payers who fake",
)
# and how many charts each draws
PICTURES = {"Theory": 1, "Who is affected": 2, "Weights that hold": 1, "Detector": 2, "Curve": 1}


def figures(page: Page) -> Locator:
    """The table of before and after."""
    return page.locator(".wb-table").first


def held(page: Page) -> Locator:
    """The row of the weights that hold, once they are found."""
    return figures(page).locator("tr").filter(has_text="weights that hold, after")


def picture(page: Page, name: str) -> None:
    """Look at another picture."""
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def charts(page: Page) -> Locator:
    """The charts that are seen."""
    return page.get_by_test_id("stPlotlyChart").filter(visible=True)


def turned(page: Page, section: str, title: str) -> None:
    """Go to another page by the navigation, as it stands on a desk."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_text(title, exact=True).filter(visible=True).last.click()


def test_the_first_page_that_a_server_ever_serves_may_be_a_stress(
    browser: Browser, home: Path
) -> None:
    with served_well(home, "cold-stress") as address, visit(browser, address) as reader:
        page = reader.open(LINK)
        expect(said(page)).to_contain_text(HALF)
        expect(held(page)).to_be_visible(timeout=WAIT)
        expect(
            page.get_by_role("figure", name=re.compile("From 0% to 100% of E-commerce"))
        ).to_have_count(1, timeout=WAIT)
        spotless(reader)


def test_the_share_moved_by_keyboard_changes_sentence_and_address_and_the_link_shows_the_same(
    reader: Readers,
) -> None:
    page = reader().open(LINK)
    expect(said(page)).to_contain_text(HALF)
    share = slider(page, SHARE)
    share.focus()
    page.keyboard.press("PageUp")
    expect(share).not_to_have_value("50")
    now = share.input_value()
    expect(said(page)).to_contain_text(f"If {now}% of the bad payers", timeout=PATIENCE)
    page.wait_for_url(re.compile(rf"share%3D0\.{now.rstrip('0')}\b"), timeout=PATIENCE)
    after = said(page).inner_text()
    page.reload()
    expect(said(page)).to_have_text(after, use_inner_text=True, timeout=PATIENCE)
    expect(slider(page, SHARE)).to_have_value(now)
    other = reader().open(f"/stress?{page.url.partition('?')[2]}")
    expect(said(other)).to_have_text(after, use_inner_text=True, timeout=PATIENCE)


def test_moves_made_one_after_the_other_are_all_counted_while_weights_are_searched(
    reader: Readers,
) -> None:
    page = reader().open(LINK)
    slider(page, SHARE).focus()
    for pause in (20, 300, 20, 1200, 20, 20):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(pause)
    expect(slider(page, SHARE)).to_have_value("56")
    expect(said(page)).to_contain_text("If 56% of the bad payers", timeout=PATIENCE)
    page.wait_for_url(re.compile(r"share%3D0\.56"), timeout=PATIENCE)


def test_a_stress_is_kept_on_the_way_to_the_lab_and_back(stranger: Readers) -> None:
    page = stranger().open(LINK)
    slider(page, SHARE).press("ArrowRight")
    page.wait_for_url(re.compile(r"share%3D0\.51"), timeout=PATIENCE)
    turned(page, "Weights", "Lab")
    expect(slider(page, "Weight of E-commerce")).to_be_visible(timeout=PATIENCE)
    stand(page)
    chosen(page, "B", "A under stress")
    expect(figures(page)).to_contain_text("A under stress", timeout=PATIENCE)
    assert asked(page)["stress"] == "fakery ecommerce share=0.51 how=readings"
    turned(page, "Weights", "Stress")
    expect(said(page)).to_contain_text("If 51% of the bad payers", timeout=PATIENCE)
    expect(slider(page, SHARE)).to_have_value("51")
    assert asked(page)["stress"] == "fakery ecommerce share=0.51 how=readings"


def test_every_picture_draws_its_charts_and_stands_in_the_address(reader: Readers) -> None:
    page = reader().open(LINK)
    expect(held(page)).to_be_visible(timeout=WAIT)
    for name, count in PICTURES.items():
        picture(page, name)
        expect(charts(page)).to_have_count(count, timeout=WAIT)
        stand(page)
        assert asked(page).get("toll", "Curve") == name
    page.goto(page.url + "&toll=Theory")
    expect(page.get_by_role("figure", name="AUC of E-commerce alone falls")).to_have_count(
        1, timeout=PATIENCE
    )


def test_the_weights_that_hold_are_taken(reader: Readers) -> None:
    page = reader().open(f"{LINK}&toll=Weights+that+hold")
    expect(held(page)).to_be_visible(timeout=WAIT)
    before, hold = said(page).inner_text(), held(page).locator("td").nth(2).inner_text().split()[0]
    page.get_by_role("button", name="Take these weights").click()
    expect(said(page)).not_to_have_text(before, use_inner_text=True, timeout=PATIENCE)
    expect(said(page)).to_contain_text(f"to {hold}", timeout=PATIENCE)
    page.wait_for_url(re.compile("weights="), timeout=PATIENCE)
    assert asked(page)["stress"] == "fakery ecommerce share=0.5 how=readings"


def test_a_stress_saved_as_a_scenario_is_opened_by_another_reader(
    reader: Readers, tmp_path: Path
) -> None:
    page = reader().open(f"{LINK}&weights=bank%3D3%2Cecommerce%3D1&floor=55")
    page.get_by_test_id("stPopoverButton").filter(has_text="Scenario").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as TOML").click()
    download.value.save_as(tmp_path / "kept.toml")
    before = said(page).inner_text()
    other = reader().open("/stress")
    other.get_by_test_id("stPopoverButton").filter(has_text="Scenario").click()
    other.locator("input[type=file]").set_input_files(tmp_path / "kept.toml")
    other.get_by_role("button", name="Take Under stress").click()
    expect(said(other)).to_have_text(before, use_inner_text=True, timeout=PATIENCE)
    other.wait_for_url(re.compile("stress=fakery"), timeout=PATIENCE)
    assert asked(other) | {"weights": "bank=3,ecommerce=1", "floor": "55"} == asked(other)


def test_on_a_phone_nothing_scrolls_sideways_whatever_the_picture(reader: Readers) -> None:
    page = reader(PHONE).open(LINK)
    expect(said(page)).to_contain_text(HALF)
    expect(held(page)).to_be_visible(timeout=WAIT)
    for name, count in PICTURES.items():
        picture(page, name)
        expect(charts(page)).to_have_count(count, timeout=WAIT)
        stand(page)
        assert page.evaluate("document.scrollingElement.scrollWidth") == PHONE.width
        assert (
            page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
            <= PHONE.width
        )
        assert [
            element for element in page.evaluate(TOO_WIDE) if element[0].isupper()
        ] == []  # small letters: a line inside a chart, cut at its axis
