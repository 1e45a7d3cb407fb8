"""How are pages read without a browser? Open one, move its widgets by their keys, read what it says."""

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.shared import words

ROOT = Path(__file__).resolve().parents[2]
# Run from a script of its own: beside a folder `pages`, AppTest takes the app for Streamlit's legacy layout and runs pages without app.py.
SCRIPT = f"import runpy; runpy.run_path({str(ROOT / 'app.py')!r})"


def opened(page: str = "overview", **address: str) -> AppTest:
    """A page opened by its address."""
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.query_params.update(address)
    return turn(app, page)


def turn(app: AppTest, page: str) -> AppTest:
    """The same reader on another page."""
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def well(app: AppTest) -> bool:
    """Does the page answer, with neither an error nor a refusal?"""
    return not app.exception and "Refused" not in told(app) and bool(said(app))


def said(app: AppTest) -> str:
    """The page's sentence."""
    return "".join(_plain(html) for html in _html(app) if 'class="wb-say"' in html)


def line(app: AppTest) -> str:
    """The line that says what is looked at."""
    return "".join(_plain(html) for html in _html(app) if 'class="wb-line"' in html)


def told(app: AppTest) -> str:
    """All running text, as it stands on the screen."""
    return "\n".join(re.sub(r":[a-z-]+\[([^]]*)\]+|\\", r"\1", element.value) for element in app.markdown)


def tiles(app: AppTest) -> dict[str, str]:
    """The figure in each tile, without its interval."""
    return {tile.label: tile.value.split(" :")[0] for tile in app.metric}


def table(app: AppTest) -> list[list[str]]:
    """The cells of the page's table, without intervals."""
    body = next(html for html in _html(app) if 'class="wb-table"' in html)
    return [[_plain(re.sub(r"<small>.*?</small>", "", cell)).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row)] for row in re.findall(r"<tr>(.*?)</tr>", body)][1:]


def shares(app: AppTest) -> list[str]:
    """The share of the weight written beside each slider."""
    return [found for html in _html(app) for found in re.findall(r"<em>(.*?)</em>", html)]


def written(figures: dict[str, object]) -> dict[str, str]:
    """Figures as the pages write them."""
    return {name: words.written(name, figure.value) for name, figure in figures.items()}  # type: ignore[attr-defined]


def _html(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))
