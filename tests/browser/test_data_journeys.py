from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.data.catalog.toml import read
from tests.browser.app import SCREENS, THEMES, WAIT, Screen, Theme, line, said, stand
from tests.browser.conftest import Pages, Readers, loaded, served_well
from tests.browser.test_look import TOO_WIDE
from tests.people import settle

pytestmark = pytest.mark.browser

TABLES = ("people.csv", "bureau.parquet", "bank.csv")


OWN = "A" * 16  # the token of whoever brings the data


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder in which nothing is fitted yet."""
    home = tmp_path_factory.mktemp("own")
    (home / "data" / OWN).mkdir(parents=True)
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    """The app with this work folder, served."""
    with served_well(home) as address:
        yield address


@pytest.fixture(scope="module")
def pages(browser: Browser, server: str) -> Iterator[Pages]:
    """Its pages."""
    with loaded(browser, server) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Three tables of one's own, and no catalog."""
    settle(tmp_path / "own", persons=600).unlink()
    return tmp_path / "own"


def bring(page: Page, *paths: Path) -> None:
    """Upload files, and wait until the page has read them."""
    page.locator("input[type=file]").set_input_files([str(path) for path in paths])
    expect(page.get_by_text("4 Check and fit")).to_be_visible(timeout=WAIT)
    stand(page)


def test_from_files_to_the_frontier_a_source_and_a_person(
    stranger: Readers, files: Path, home: Path
) -> None:
    newcomer = stranger()
    page = newcomer.open(f"/data?name=cards&own={OWN}")
    expect(said(page)).to_contain_text("Everything stays on the machine")
    bring(page, *(files / name for name in TABLES))
    expect(said(page)).to_contain_text("600 people")
    page.get_by_role("button", name="Fit and open the lab").click()
    expect(line(page)).to_contain_text("cards", timeout=WAIT)
    expect(said(page)).to_contain_text("of people at an AUC of everyone of")
    assert [s.key for s in read(home / "data" / OWN / "cards" / "catalog.toml")] == [
        "region",
        "bank",
        "bureau",
    ]
    for path, words in (
        (f"/sources?data=cards~{OWN}", "worth"),
        (f"/person?data=cards~{OWN}&person=p0004", "p0004 has"),
    ):
        newcomer.open(path)
        expect(said(page)).to_contain_text(words, timeout=WAIT)
        expect(line(page)).to_contain_text("cards")


def test_a_column_moves_to_another_source(reader: Readers, files: Path) -> None:
    page = reader().open("/data?name=moved")
    bring(page, *(files / name for name in TABLES))
    expect(said(page)).to_contain_text("6 features make 3 sources")
    cells = page.get_by_test_id("stDataFrame").first
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    assert box
    row = ["person_id", "balance", "job"].index(
        "balance"
    ) + 1  # the files stand in the order of their names
    page.mouse.dblclick(box["x"] + 0.16 * box["width"], box["y"] + 35 * row + 17)
    expect(page.locator("#portal input")).to_be_focused()
    page.keyboard.type("–")
    expect(page.locator("#portal").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("5 features make 3 sources")


def test_a_file_that_is_none_is_refused_in_words_and_the_next_one_is_read(
    reader: Readers, files: Path
) -> None:
    page = reader().open("/data?name=wrong")
    (files / "bank.csv").write_bytes(b"\x89PNG nothing to read")
    page.locator("input[type=file]").set_input_files([str(files / name) for name in TABLES])
    expect(page.get_by_text("bank.csv: it is a picture, and no table")).to_be_visible(timeout=WAIT)
    settle(files, persons=600).unlink()
    page.locator("input[type=file]").set_input_files([str(files / "bank.csv")])
    page.get_by_role("button", name="Replace bank.csv").click()
    expect(page.get_by_text("4 Check and fit")).to_be_visible(timeout=WAIT)
    expect(said(page)).to_contain_text("6 features make 3 sources")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_wider_than_the_screen(
    reader: Readers, home: Path, screen: Screen, theme: Theme
) -> None:
    settle(home / "data" / OWN / "shown", persons=400).unlink(missing_ok=True)
    page = reader(screen, theme).open(f"/data?name=shown&own={OWN}")
    expect(page.get_by_text("4 Check and fit")).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.scrollingElement.scrollWidth") == screen.width
    assert page.evaluate(TOO_WIDE) == []
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
