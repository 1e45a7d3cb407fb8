"""How are pages read without a browser?

Open one, move its widgets by their keys, read what it says; and what it should say.
"""

import json
import re
import time
from html import unescape
from pathlib import Path
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from analytics.data.cohort import Cohort
from analytics.deciding.comparison import Figure, compare, pair_up
from analytics.metrics import METRICS, shown
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.weighing.readings import Readings, calibrate, read
from analytics.weighing.tally import tally
from analytics.weighing.weighting import Weighting, equal, parse, preset
from pages.shared import words

ROOT = Path(__file__).resolve().parents[2]
SOON = 60  # s, for what comes at once unless something is wrong
PAGES = (
    "overview",
    "cohorts",
    "sources",
    "models",
    "bureaus",
    "weights",
    "stress",
    "why",
    "person",
)
# Run from a script of its own: beside a folder `pages`, AppTest takes the app for Streamlit's
# legacy layout and runs pages without app.py.
SCRIPT = f"import runpy; runpy.run_path({str(ROOT / 'app.py')!r})"


def opened(page: str = "overview", **address: str) -> AppTest:
    """A page opened by its address."""
    app = AppTest.from_string(SCRIPT, default_timeout=300)
    app.query_params.update(address)
    return turn(app, page)


def turn(app: AppTest, page: str) -> AppTest:
    """The same reader on another page."""
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def well(app: AppTest) -> bool:
    """Does the page answer, with neither an error nor a refusal?"""
    return (
        not app.exception
        and "Refused" not in told(app)
        and (said(app) != "" or "nothing here" in told(app))
    )


def again(app: AppTest, *, until: str = "") -> AppTest:
    """Look again, as the browser does, until the page says so, or its own sentence."""
    for _ in range(20 * SOON):
        if until in told(app) + waits(app) if until else said(app):
            return app
        time.sleep(0.05)
        app.run()
    raise AssertionError(told(app) + waits(app))


def waits(app: AppTest) -> str:
    """What stands at the bar that shows how far a fit is."""
    return " ".join(bar.proto.text.replace("\\", "") for bar in app.get("progress"))


def said(app: AppTest) -> str:
    """The page's sentence."""
    return "".join(_plain(html) for html in _html(app) if 'class="wb-say"' in html)


def html(app: AppTest) -> str:
    """All pieces of our own, as text."""
    return "\n".join(map(_plain, _html(app)))


def line(app: AppTest) -> str:
    """The line that says what is looked at."""
    return "".join(
        _plain(html.replace("</span><span>", " · "))
        for html in _html(app)
        if 'class="wb-line"' in html
    )


def told(app: AppTest) -> str:
    """All running text, as it stands on the screen."""
    return "\n".join(
        re.sub(r"(?<!\\)(:[a-z-]+\[|\]|\*\*)|\\(?=.)", "", element.value)
        for element in app.markdown
    )


def tiles(app: AppTest) -> dict[str, str]:
    """The figure in each tile, without its interval."""
    return {tile.label: tile.value.split(" :")[0] for tile in app.metric}


def table(app: AppTest, place: int = 0) -> dict[str, list[str]]:
    """The rows of one of the page's tables by their names, without intervals."""
    body = [html for html in _html(app) if 'class="wb-table' in html][place].partition("<tbody>")[2]
    rows = [
        [
            _plain(re.sub(r"<small>.*?</small>", "", cell)).strip()
            for cell in re.findall(r"<td.*?>(.*?)</td>", row)
        ]
        for row in body.split("</tr>")[:-1]
    ]
    return {row[0]: row[1:] for row in rows}


def shares(app: AppTest) -> dict[str, str]:
    """The share of the weight written beside each slider, by source."""
    return {slide["label"]: slide["said"] for key, slide in slides(app).items() if key}


def slides(app: AppTest) -> dict[str, dict[str, Any]]:
    """The sliders of the board by their key, as the browser is told of them.

    The floor's key is empty.
    """
    return {slide["key"]: slide for slide in _data(app, BOARD)["rows"]}


def slide(app: AppTest, key: str, value: int, **before: int) -> AppTest:
    """Move a slider of the board, as the browser tells of it.

    Others may have been moved just before.
    """
    standing = {name: slide["value"] for name, slide in slides(app).items()}
    return _trigger(
        app,
        BOARD,
        "move",
        {
            "values": standing | before | {key: value},
            "moved": key,
            "number": _data(app, BOARD)["heard"] + 1,
        },
    )


def look(app: AppTest, key: object) -> AppTest:
    """Look at a slider of the board, as the browser tells of it."""
    return _trigger(app, AHEAD, "eye", key)


def foretold(app: AppTest) -> dict[str, Any]:
    """What the browser is told of what the page will say."""
    return _data(app, AHEAD)


# our own elements, in the order of the page; the first keep the history and measure the window
BOARD, AHEAD = (2, 3)


def _trigger(app: AppTest, place: int, event: str, value: object) -> AppTest:
    states = app._tree.get_widget_states()
    told = states.widgets.add()
    told.id = _make_trigger_id(app.get("bidi_component")[place].proto.id, "events")
    told.json_trigger_value = json.dumps([{"event": event, "value": value}])
    return app._run(states)


def _data(app: AppTest, place: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(app.get("bidi_component")[place].proto.json)
    return found


def alts(app: AppTest) -> list[str]:
    """What each chart says to those who cannot see it."""
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def buttons(app: AppTest) -> list[str]:
    """The labels of all buttons."""
    return [button.label for button in app.button]


def unheard(app: AppTest, **former: object) -> AppTest:
    """The next click of a browser that still holds these former values, by the widgets' keys."""
    states = app._tree.get_widget_states()
    ids = {
        element.proto.id: former[element.key]
        for element in app
        if getattr(element, "key", None) in former
    }
    for widget in states.widgets:
        if widget.id in ids:
            field, value = widget.WhichOneof("value"), ids[widget.id]
            if field == "double_array_value":
                widget.double_array_value.data[:] = [value]
            else:
                setattr(widget, field, value)
    return app._run(states)


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    return next(button for button in app.button if button.label == label).click().run()


def _html(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def usual(sample: Fitted, **changes: object) -> Weighting:
    """The weighting a first visit shows, with changes: the first bureau's."""
    catalog = sample.evidence.catalog
    return preset(catalog, catalog.bureaus[0], **changes)  # type: ignore[arg-type]


def weighed(sample: Fitted, text: str, **changes: object) -> Weighting:
    """A weighting as text over the sample's sources."""
    return parse(sample.evidence.catalog, text, **changes)  # type: ignore[arg-type]


def people(sample: Fitted, cohort: str, split: str) -> Evidence:
    """The persons of a cohort in a split."""
    rows = sample.population.collect(Cohort.parse(cohort), ["row"])["row"].to_numpy()
    return sample.evidence.rows(rows).split(split)


def figures(
    sample: Fitted,
    weighting: Weighting,
    *,
    cohort: str = "",
    split: str = "test",
    cutoff: int = 600,
) -> dict[str, Figure]:
    """What the library says of a weighting beside equal weights."""
    catalog, everyone = sample.evidence.catalog, sample.evidence.split("calibrate")
    reference = equal(catalog, weighting.floor, weighting.missing)
    calibrations = calibrate(tally(everyone, weighting)), calibrate(tally(everyone, reference))
    return compare(
        pair_up(people(sample, cohort, split), weighting, reference), calibrations, cutoff
    )


def readings(sample: Fitted, weighting: Weighting, cohort: str = "") -> Readings:
    """What the library reads of a cohort's test persons."""
    calibration = calibrate(tally(sample.evidence.split("calibrate"), weighting))
    return read(people(sample, cohort, "test"), weighting, split=("test",), calibration=calibration)


def tiled(found: dict[str, Figure]) -> dict[str, str]:
    """Figures as the tiles of the Overview write them."""
    return {
        METRICS[name].label: words.written(name, found[name].value).replace("100.0%", "100%")
        for name in shown("tile")
    }


def tabled(found: dict[str, Figure]) -> list[str]:
    """Figures as the row of A on the Weights page writes them."""
    return [words.written(name, found[name].value) for name in shown("pair")]


def counted(found: Readings) -> list[str]:
    """Readings as a row on the Cohorts page writes them."""
    rate = found.defaulted / found.persons
    return [
        f"{found.persons:,}",
        words.share(rate),
        words.share(found.coverage),
        words.written("auc", found.auc_everyone),
        words.share(found.ks),
    ]
