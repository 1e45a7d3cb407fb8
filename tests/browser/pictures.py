"""How does it look? `python -m tests.browser.pictures` takes the README's pictures.

`--all FOLDER` every page, size and theme, to be looked at.
"""

import argparse
import itertools
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.app import (
    DESK,
    PAGES,
    ROOT,
    SCREENS,
    THEMES,
    WAIT,
    Screen,
    Theme,
    chromium,
    served,
    stand,
    visit,
)
from tests.people import settle

README = ROOT / ".github" / "pictures"
SIZES = {**SCREENS, "half": Screen(683, 768), "wide": Screen(1920, 1080)}
OWN, TOKEN = "cards", "A" * 16  # the name of somebody's own data, and their token
PATHS = {
    **PAGES,
    "stress": "/stress?stress=fakery+ecommerce+share%3D0.5+how%3Dreadings",
    "data": f"/data?name={OWN}&own={TOKEN}",
}


def main() -> None:
    """Serve the sample, and take the pictures."""
    asked = argparse.ArgumentParser("python -m tests.browser.pictures")
    asked.add_argument(
        "--all",
        type=Path,
        metavar="FOLDER",
        help="every page in every size and both themes, instead of the README's",
    )
    folder = asked.parse_args().all
    with tempfile.TemporaryDirectory() as home, served(home) as address, chromium() as browser:
        settle(Path(home) / "data" / TOKEN / OWN, persons=5000).unlink()
        for name in PATHS:
            if folder is None:
                take(browser, address, name, DESK, "light", README / f"{name}.png")
                continue
            for (size, screen), theme in itertools.product(SIZES.items(), THEMES):
                take(browser, address, name, screen, theme, folder / f"{name}-{size}-{theme}.png")


def take(
    browser: Browser, address: str, name: str, screen: Screen, theme: Theme, path: Path
) -> None:
    """One picture of one page: what fits the screen of a desk, all of it on a phone.

    The page of one's own data is read from top to bottom.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with visit(browser, address, screen, theme) as reader:
        page = reader.open(PATHS[name])
        page.get_by_text("searching").wait_for(state="detached", timeout=WAIT)
        stand(page)
        if screen.phone or name == "data":
            whole = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": screen.width, "height": whole + 60})
        page.mouse.move(0, screen.height)
        page.wait_for_timeout(500)  # a chart that was redrawn fades in
        page.screenshot(path=path)
    print(path, f"{path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
