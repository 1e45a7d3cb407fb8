import re
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.app import PATIENCE, WAIT, chosen, line, said, stand
from tests.browser.conftest import Readers
from tests.browser.test_journeys import asked

pytestmark = pytest.mark.browser

# neither is the example: the address names only what differs from the page's beginning
ANN, BOB = ("P00000012", "P00000007")
# lasts a minute and more on two cores
LONG = {
    "rounds at most": "2000",
    "rounds without gain": "500",
    "depth": "8",
    "learning rate": "0.01",
}


def points(page: Page) -> int:
    """The points in the page's sentence."""
    return int(re.search(r"has (\d+) points", said(page).inner_text())[1])  # type: ignore[index]


def answer(page: Page) -> Locator:
    """What the values tried would lead to."""
    return page.get_by_test_id("stMarkdownContainer").filter(has_text=re.compile(r"^\d+ points"))


def taken(page: Page, name: str) -> Download:
    """What a button sends."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value


def words(download: Download, folder: Path) -> str:
    """The words of a page that was sent, without its tags and styles."""
    download.save_as(folder / "sent.html")
    body = re.sub(r"(?s)<style.*?</style>", "", (folder / "sent.html").read_text("utf-8"))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def fit_again(page: Page, settings: dict[str, str]) -> None:
    """Ask for models with other settings."""
    for label, value in settings.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Fit again").click()


def models(page: Page) -> Locator:
    """The table with one row per model."""
    return page.locator(".wb-table").filter(has_text="AUC out of time")


def test_a_person_under_own_weights_and_floor_is_the_same_after_a_reload_and_for_another_reader(
    reader: Readers,
) -> None:
    link = f"/person?person={ANN}&weights=bank%3D3%2Ctax%3D1&floor=55"
    page = reader().open(link)
    expect(line(page)).to_contain_text("floor 55%")
    expect(said(page)).to_contain_text(f"Person {ANN} has")
    before = said(page).inner_text()
    page.reload()
    expect(said(page)).to_have_text(before, use_inner_text=True, timeout=PATIENCE)
    assert asked(page) == {"person": ANN, "weights": "bank=3,tax=1", "floor": "55"}
    other = reader().open(link)
    assert said(other).inner_text() == before


def test_another_id_changes_the_sentence_and_the_address(reader: Readers) -> None:
    page = reader().open(f"/person?person={ANN}")
    field = page.get_by_label("Person", exact=True)
    field.fill(BOB)
    field.press("Enter")
    expect(said(page)).to_contain_text(f"Person {BOB} has", timeout=PATIENCE)
    page.wait_for_url(re.compile(f"person={BOB}"))
    after = said(page).inner_text()
    page.reload()
    expect(said(page)).to_have_text(after, use_inner_text=True, timeout=PATIENCE)
    expect(field).to_have_value(BOB)


def test_an_unknown_id_is_refused_in_a_sentence_and_the_next_is_typed_into_the_same_field(
    reader: Readers,
) -> None:
    visited = reader()
    page = visited.page
    visited.go("/person?person=nobody")
    expect(
        page.get_by_text("No person 'nobody' in people.parquet; write the id as it stands")
    ).to_be_visible(timeout=WAIT)
    expect(said(page)).to_have_count(0)
    field = page.get_by_label("Person", exact=True)
    expect(field).to_have_value("nobody")
    field.fill(ANN)
    field.press("Enter")
    expect(said(page)).to_contain_text(f"Person {ANN} has", timeout=PATIENCE)
    expect(page.get_by_text("No person 'nobody'")).to_have_count(0)
    page.wait_for_url(re.compile(f"person={ANN}"))


def test_a_value_tried_by_keyboard_moves_the_points_and_the_way_back_restores_them(
    reader: Readers,
) -> None:
    page = reader().open("/person")
    sentence, start = said(page).inner_text(), f"{points(page)} points as they are; move a value."
    expect(answer(page)).to_have_text(start)
    value = page.locator("input[type=range][aria-label^='Average balance, last 12 months, CNY']")
    before = value.input_value()
    value.focus()
    page.keyboard.press("PageUp")
    expect(answer(page)).to_have_text(re.compile(r"^\d+ points \(\+[1-9]\d*\), "), timeout=PATIENCE)
    expect(said(page)).to_have_text(sentence, use_inner_text=True)
    page.keyboard.press("PageDown")
    expect(value).to_have_value(before)
    expect(answer(page)).to_have_text(start, timeout=PATIENCE)


def test_the_one_page_sheet_says_the_points_of_the_page(reader: Readers, tmp_path: Path) -> None:
    page = reader().open(f"/person?person={ANN}&floor=60")
    sheet = taken(page, "One-page sheet")
    assert re.fullmatch(rf"person-{ANN}-[0-9a-f]{{8}}\.html", sheet.suggested_filename)
    text = words(sheet, tmp_path)
    assert f"Person {ANN}" in text
    assert f"{points(page)} points:" in text
    assert "floor 60%" in text


def test_another_feature_stands_in_the_address_and_is_there_after_a_reload(reader: Readers) -> None:
    page = reader().open("/why")
    chart = page.get_by_role("figure", name="Money coming in per month gives from")
    expect(chart).to_have_count(0)
    chosen(page, "Feature", "Money coming in per month · Bank account")
    expect(chart).to_have_count(1, timeout=PATIENCE)
    page.wait_for_url(re.compile("feature="))
    told = chart.get_attribute("aria-label")
    page.reload()
    expect(chart).to_have_attribute("aria-label", str(told), timeout=PATIENCE)
    assert set(asked(page)) == {"feature"}


def test_models_fitted_otherwise_have_an_address_and_a_card_of_their_own(
    reader: Readers, tmp_path: Path
) -> None:
    page = reader().open("/models")
    before = models(page).inner_text()
    fit_again(page, {"rounds at most": "5"})
    expect(models(page)).not_to_have_text(before, use_inner_text=True, timeout=WAIT)
    page.wait_for_url(re.compile("settings=rounds%3D5"))
    stand(page)
    rounds = models(page).locator("tbody tr:not(:last-child) td:nth-child(3)").all_inner_texts()
    assert len(rounds) == 10
    assert all(1 <= int(kept) <= 5 for kept in rounds)
    card = taken(page, "Model card")
    assert re.fullmatch(r"model-card-[0-9a-f]{8}\.html", card.suggested_filename)
    text = words(card, tmp_path)
    assert "Model card: Sample" in text
    assert "at most 5 rounds, patience 25, depth 3" in text


def test_a_fit_that_takes_too_long_is_stopped_at_its_button_and_the_usual_models_stay(
    reader: Readers,
) -> None:
    page = reader().open("/models")
    before = models(page).inner_text()
    fit_again(page, LONG)
    stop = page.get_by_test_id("stButton").filter(has_text="Stop").get_by_role("button")
    expect(stop).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    expect(models(page)).to_have_text(before, use_inner_text=True)
    stop.click()
    expect(page.get_by_text("stopped before they were fitted")).to_be_visible(timeout=PATIENCE)
    expect(stop).to_have_count(0)
    expect(models(page)).to_have_text(before, use_inner_text=True)
    assert "settings" not in page.url


def test_a_fraction_tried_and_put_back_is_as_it_was(reader: Readers) -> None:
    page = reader().open("/person?person=P00000012")
    start = answer(page).inner_text()
    assert "as they are" in start
    value = page.locator("input[type=range]").filter(visible=True).first
    value.focus()
    page.keyboard.press("PageDown")
    expect(answer(page)).not_to_have_text(start, timeout=PATIENCE)
    page.keyboard.press("PageUp")
    expect(answer(page)).to_have_text(start, timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/models?settings=deep%3D3", "/weights?weights=bank%3D-1"])
def test_starting_over_helps_whatever_the_link_said(reader: Readers, path: str) -> None:
    visited = reader()
    page = visited.page
    visited.go(path)
    page.get_by_role("button", name="Start over").click(timeout=WAIT)
    expect(said(page)).to_be_visible(timeout=WAIT)
