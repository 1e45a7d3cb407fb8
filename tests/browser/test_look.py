import re
from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import DESK, PAGES, SCREENS, Screen, Visit, line, slider, stand
from tests.browser.conftest import Pages, Readers, outside

pytestmark = pytest.mark.browser

TICKS = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]:has(.xtick, .ytick)')].map(chart => {
    let ground = chart;
    while (ground && /, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const back = getComputedStyle(ground || document.body).backgroundColor;
    return [...chart.querySelectorAll('.xtick text, .ytick text')].map(text => [text.textContent, getComputedStyle(text).fill, back]);
})"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.right > innerWidth + 0.5 && box.left < innerWidth * 3
        && element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})
        && !element.closest('.wb-scroll, [data-testid=stDataFrame], input[type=range], defs, clipPath');
}).map(element => `${element.tagName} ${element.dataset.testid || element.getAttribute('class')} ${Math.round(element.getBoundingClientRect().right)}`)"""
BOTTOM = """() => Math.max(...[...document.querySelectorAll('[data-testid=stMain] *')]
    .filter(element => element.checkVisibility() && !element.childElementCount && element.textContent.trim())
    .map(element => element.getBoundingClientRect().bottom))"""
ZOOMED = Screen(683, 768)  # a desk at 200%
OVERPRINTED = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')].flatMap(chart =>
    ['.xtick text', '.ytick text', '.y2tick text'].flatMap(kind => {
        const all = [...chart.querySelectorAll(kind)].map(text => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width);
        return all.flatMap(([word, a], i) => all.slice(i + 1).filter(([, b]) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
        ).map(([other]) => `${word} | ${other}`));
    }))"""


@pytest.fixture(scope="module", params=product(SCREENS, PAGES), ids="-".join)
def visited(request: pytest.FixtureRequest, pages: Pages) -> Iterator[Visit]:
    """Every page, on a desk and on a phone.

    Each is opened once, and its tests run in their order.
    """
    screen, name = request.param
    with pages.lent(request) as lend:
        reader = lend(SCREENS[screen])
        reader.open(PAGES[name])
        yield reader


@pytest.fixture
def shown(visited: Visit) -> Page:
    """The page in the browser."""
    return visited.page


def contrast(ink: str, ground: str) -> float:
    """How well ink stands off its ground, from 1 to 21, by the WCAG's formula."""
    (r, g, b, a), paper = _channels(ink), _channels(ground)[:3]
    seen = [a * c + (1 - a) * p for c, p in zip((r, g, b), paper, strict=True)]
    light, dark = sorted((_luminance(seen), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> list[float]:
    numbers = [float(n) for n in re.findall(r"[\d.]+", colour)]
    return [*(n / 255 for n in numbers[:3]), *(numbers[3:] or [1.0])]


def _luminance(channels: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def pale(page: Page) -> list[tuple[str, str, str]]:
    """The ticks that are hard to read; a matrix has words in their place."""
    charts = page.evaluate(TICKS)
    assert charts, "no chart has ticks"
    return [
        (text, ink, ground)
        for ticks in charts
        for text, ink, ground in ticks
        if contrast(ink, ground) < 4.5
    ]


def test_the_formula_of_contrast_is_the_known_one() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)") == pytest.approx(4.54, abs=0.01)
    assert contrast("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)") == 1


def test_a_page_opens_without_an_error_and_asks_no_other_host(visited: Visit) -> None:
    assert outside(visited) == []
    assert len(visited.errors) == (0 if visited.page.url == f"{visited.address}/" else 2), (
        visited.errors
    )
    expect(line(visited.page)).to_contain_text("fictional")


def test_nothing_is_wider_than_the_screen(shown: Page) -> None:
    width = shown.viewport_size["width"]  # type: ignore[index]
    assert shown.evaluate("document.scrollingElement.scrollWidth") == width
    assert shown.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    assert shown.evaluate(TOO_WIDE) == []


def test_every_chart_says_in_words_what_it_shows(shown: Page) -> None:
    charts = shown.get_by_test_id("stPlotlyChart")
    words = charts.evaluate_all("charts => charts.map(chart => chart.getAttribute('aria-label'))")
    assert len(words) in {1, 3, 4, 5, 6}
    assert all(len(sentence.split()) >= 3 for sentence in words)


def test_the_page_has_one_heading_and_it_is_the_sentence(shown: Page) -> None:
    expect(shown.get_by_role("heading", level=1)).to_have_count(1)
    expect(shown.get_by_role("heading", level=1)).to_have_class("wb-say")


def test_ticks_can_be_read(shown: Page) -> None:
    assert pale(shown) == []


def test_no_tick_is_printed_over_another(shown: Page) -> None:
    wide = shown.viewport_size["width"] == DESK.width  # type: ignore[index]
    assert shown.evaluate("document.documentElement.hasAttribute('data-wb-narrow')") != wide
    assert shown.evaluate(OVERPRINTED) == []


def test_ticks_can_be_read_after_a_live_switch_of_theme(shown: Page) -> None:
    for theme, ground in (
        ("Dark", "rgb(18, 22, 28)"),
        ("Light", "rgb(255, 255, 255)"),
        ("System", "rgb(255, 255, 255)"),
    ):
        shown.get_by_test_id("stMainMenuButton").click()
        shown.get_by_test_id(f"stMainMenuItem-theme-{theme}").click()
        shown.keyboard.press("Escape")
        expect(shown.get_by_test_id("stApp")).to_have_css("background-color", ground)
        stand(shown)
        assert pale(shown) == []


def test_ticks_can_be_read_where_the_reader_s_system_is_dark(visited: Visit) -> None:
    visited.page.emulate_media(color_scheme="dark")
    shown = visited.open(visited.page.url.removeprefix(visited.address))
    expect(shown.get_by_test_id("stApp")).to_have_css("background-color", "rgb(18, 22, 28)")
    assert pale(shown) == []
    assert shown.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize(
    "path",
    [
        "/weights",
        "/weights?picture=One+weight",
        "/?cohort=region+%3D%3D+%27West%27&cohort_name=The+West",
    ],
)
def test_the_page_ends_within_one_screen(reader: Readers, path: str) -> None:
    page = reader().open(path)
    assert page.evaluate(BOTTOM) <= DESK.height
    assert (
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= DESK.height
    )


def test_the_overview_prints_on_one_page_without_the_navigation(reader: Readers) -> None:
    page = reader().open("/")
    printed = page.pdf(format="A4", landscape=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_role("button", name="Change")).to_be_hidden()
    expect(page.locator(".wb-say")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "label"), [("/", "Cutoff, points"), ("/weights", "Weight of Credit bureau")]
)
def test_the_tab_key_reaches_the_slider(reader: Readers, path: str, label: str) -> None:
    page = reader().open(path)
    for _ in range(40):
        page.keyboard.press("Tab")
        if slider(page, label).evaluate("slider => slider === document.activeElement"):
            break
    expect(slider(page, label)).to_be_focused()


def test_a_wide_table_shows_that_there_is_more_beside_it_and_scrolls_in_its_own_box_by_keyboard(
    reader: Readers,
) -> None:
    page = reader(SCREENS["phone"]).open("/weights")
    box = page.locator(".wb-scroll")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert (
        box.evaluate("box => getComputedStyle(box).backgroundAttachment")
        == "local, local, scroll, scroll"
    )
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.wb-scroll').scrollLeft > 0")


@pytest.mark.parametrize("path", ["/", "/weights"])
def test_a_first_visit_loads_less_than_two_and_a_half_megabytes(
    stranger: Readers, path: str
) -> None:
    visit = stranger()
    network, loaded = visit.page.context.new_cdp_session(visit.page), []
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    network.send("Network.enable")
    page = visit.open(path)
    unpacked = page.evaluate(
        "performance.getEntriesByType('resource').reduce((sum, entry) => sum +"
        " entry.decodedBodySize, 0)"
    )
    assert sum(loaded) < 2.5e6
    assert unpacked > 6e6


@pytest.mark.parametrize("path", ["/", "/sources", "/cohorts"])
def test_no_tick_is_printed_over_another_where_a_desk_is_zoomed(reader: Readers, path: str) -> None:
    page = reader(ZOOMED).open(path)
    page.wait_for_function("document.documentElement.hasAttribute('data-wb-narrow')")
    stand(page)
    assert page.evaluate(OVERPRINTED) == []


def test_a_narrow_window_is_measured_and_a_desk_costs_no_further_run(stranger: Readers) -> None:
    told = stranger()
    runs: list[int] = []
    told.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: runs.append(len(frame)))
    )
    page = told.open("/sources")
    page.wait_for_timeout(500)
    usual = len(runs)
    charts = page.get_by_test_id("stPlotlyChart")
    aside = [charts.nth(i).bounding_box() for i in (0, 1)]
    assert abs(aside[0]["y"] - aside[1]["y"]) < 40  # type: ignore[index]  # side by side, however long their headings
    page.set_viewport_size({"width": ZOOMED.width, "height": ZOOMED.height})
    expect(page.locator(":root[data-wb-narrow]")).to_have_count(1)
    # the key takes two lines
    page.wait_for_function(
        "document.querySelector('.js-plotly-plot').layout.xaxis.title.text.includes('<br>')"
    )
    assert len(runs) == usual + 1
    stand(page)
    under = [charts.nth(i).bounding_box() for i in (0, 1)]
    assert under[0]["x"] == under[1]["x"]  # type: ignore[index]
    assert usual == 1  # the page itself; a window as the page took it is not told


def test_a_wide_screen_is_used(reader: Readers) -> None:
    page = reader(Screen(1920, 1080)).open("/")
    box = page.get_by_test_id("stMetric").last.bounding_box()
    assert box["x"] + box["width"] > 0.94 * 1920  # type: ignore[index]


@pytest.mark.parametrize("screen", [DESK, ZOOMED], ids=["desk", "zoomed"])
def test_every_sheet_says_what_it_is_and_nothing_is_cut(reader: Readers, screen: Screen) -> None:
    page = reader(screen).open("/sources?cohort=region+%3D%3D+%27West%27")
    assert page.title() == "Sources: region is West, Zhima-like A weights · Weighbridge"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator("style#wb-sheet").evaluate("style => style.textContent")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    for said in (
        page.title(),
        "Sample (fictional)",
        "test persons",
        page.url,
        "counter(page)",
        str(page.evaluate("new Date().getFullYear()")),
    ):
        assert said in sheet
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1054, "height": 700})  # what is between the margins of a sheet
    expect(page.get_by_text("Use your own data")).to_be_hidden()
    assert page.evaluate(CUT) == []


CUT = """() => [...document.querySelectorAll('.main-svg, .wb-table')].map(part => part.getBoundingClientRect())
    .filter(box => box.width && box.right > 1055).map(box => box.right).concat([...document.querySelectorAll('[data-testid=stPlotlyChart]')].filter(chart =>
    chart.querySelector('.main-svg').getBoundingClientRect().right > chart.closest('[data-testid=stVerticalBlock]').getBoundingClientRect().right + 2
).map(chart => chart.getAttribute('aria-label')))"""


def test_a_popover_of_the_lab_shows_its_button_and_does_not_cover_what_opened_it(
    reader: Readers,
) -> None:
    page = reader().open("/weights")
    for name, inside in (
        ("Best such that", "Find and take"),
        ("Scenario", "Save as TOML"),
        ("Hold", ""),
    ):
        opener = page.get_by_test_id("stPopoverButton").filter(has_text=name)
        opener.click()
        body = page.get_by_test_id("stPopoverBody").filter(visible=True)
        expect(body).to_have_count(1)
        expect(opener).to_be_in_viewport(ratio=1)
        if inside:
            expect(body.get_by_role("button", name=inside)).to_be_in_viewport(ratio=1)
        over, under = body.bounding_box(), opener.bounding_box()
        assert over
        assert under
        assert over["y"] + over["height"] <= under["y"] or over["y"] >= under["y"] + under["height"]
        page.keyboard.press("Escape")
        expect(body).to_have_count(0)
