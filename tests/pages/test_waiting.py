"""How does a reader wait for a fit, stop it, or ask for it?"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.sources import fitting
from analytics.sources.fitting import load
from analytics.sources.model import Settings
from analytics.study import fitting as study_fitting
from analytics.study import jobs
from analytics.study.study import Study
from pages.shared import waiting
from tests.pages.reader import SOON, again, buttons, opened, press, table, told, turn, waits, well
from tests.people import settle


class Fits:
    """Fits that wait until they are let go on; counts those begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[Settings] = []
        self.on = threading.Event()
        monkeypatch.setattr(fitting, "_listen", self._listen)

    _real = staticmethod(fitting._listen)

    def _listen(self, population, everyone, base_rate, settings, progress, rounds):
        self.begun.append(settings)
        while not self.on.wait(0.01) and rounds("bank", 0, settings.rounds):
            pass
        return self._real(population, everyone, base_rate, settings, progress, rounds)


@pytest.fixture
def fits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fits]:
    """Small data, fitted as usual, which the app reads first; further fits begin, and wait."""
    path = settle(folder)
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(path))
    monkeypatch.setattr(waiting, "PATIENCE", 0.05)
    load(Study.open(path).catalog())
    found = Fits(monkeypatch)
    yield found
    found.on.set()
    jobs.FITS.end()


def test_a_link_with_other_settings_fits_nothing_until_its_reader_says_so(fits: Fits) -> None:
    app = again(opened("weights", settings="rounds=7,depth=1"), until="not fitted yet")
    assert fits.begun == []
    assert "at most 7 rounds of trees of depth 1 for each of 2 sources" in told(app)
    assert "The usual models, at most 400 rounds of depth 3, took " in told(app)
    app.run()
    assert fits.begun == []
    press(app, "Fit these models")
    again(app, until="Reading the files")
    assert buttons(app)[-1] == "Stop"
    fits.on.set()
    again(app)
    assert well(app)
    assert fits.begun == [Settings(rounds=7, depth=1)]
    assert app.query_params["settings"] in ("rounds=7,depth=1", ["rounds=7,depth=1"])


def test_what_such_a_link_names_is_opened_where_it_is_kept(fits: Fits) -> None:
    fits.on.set()
    app = again(opened(settings="rounds=8"), until="not fitted yet")
    again(press(app, "Fit these models"))
    study_fitting._READY.clear()
    begun = len(fits.begun)
    app = again(opened(settings="rounds=8"))
    assert well(app)
    assert len(fits.begun) == begun


def test_the_usual_models_are_one_click_away_from_such_a_link(fits: Fits) -> None:
    app = again(opened(settings="rounds=9"), until="not fitted yet")
    again(press(app, "Look at the usual models"))
    assert well(app)
    assert fits.begun == []


def test_the_usual_models_of_new_data_fit_by_themselves_and_once_stopped_only_by_a_click(
    fits: Fits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(settle(tmp_path / "new", persons=900)))
    app = again(opened(), until="Reading the files")
    for _ in range(20 * SOON):
        if fits.begun:
            break
        time.sleep(0.05)
    assert fits.begun == [Settings()]
    press(app, "Stop")
    again(app, until="stopped before they were fitted")
    app.run()
    assert fits.begun == [Settings()]
    fits.on.set()
    again(press(app, "Fit these models"))
    assert fits.begun == [Settings()] * 2


def test_fit_again_shows_progress_and_stop_at_its_button_and_the_models_looked_at_stay(
    fits: Fits,
) -> None:
    app = again(opened("models"))
    before = table(app)
    app.number_input(key="refit.rounds").set_value(6)
    press(app, "Fit again")
    again(app, until="Reading the files")
    assert table(app) == before
    assert "settings" not in app.query_params
    press(app, "Stop")
    again(app, until="stopped before they were fitted")
    assert table(app) == before
    assert "settings" not in app.query_params
    fits.on.set()
    app.number_input(key="refit.rounds").set_value(6)
    press(app, "Fit again")
    for _ in range(20 * SOON):
        if "settings" in app.query_params:
            break
        app.run()
    assert well(app)
    assert table(app) != before


def test_a_third_fit_says_that_it_waits(fits: Fits) -> None:
    asked = [again(opened(settings=f"rounds={n}"), until="not fitted yet") for n in (11, 12, 13)]
    for app in asked[:2]:
        again(press(app, "Fit these models"), until="Reading the files")
    last = again(press(asked[2], "Fit these models"), until="Waiting for another fit to end")
    press(asked[0], "Stop")
    again(last, until="Reading the files")
    assert "Reading the files" in waits(asked[1].run())


def test_who_waits_for_a_fit_that_another_reader_stops_is_told(fits: Fits) -> None:
    one = again(opened(settings="rounds=14"), until="not fitted yet")
    again(press(one, "Fit these models"), until="Reading the files")
    other = again(opened(settings="rounds=14"), until="Reading the files")
    press(one, "Stop")
    until_told(other)
    assert fits.begun == [Settings(rounds=14)]


def until_told(app: AppTest) -> None:
    """A stopped fit ends, and whoever waited for it sees that, and a button."""
    again(app, until="fit")
    for _ in range(20 * SOON):
        if "Fit these models" in buttons(app):
            return
        time.sleep(0.05)
        app.run()
    raise AssertionError


def test_a_fit_goes_on_when_its_reader_turns_the_page(fits: Fits) -> None:
    app = again(opened("models"))
    app.number_input(key="refit.rounds").set_value(15)
    again(press(app, "Fit again"), until="Reading the files")
    again(turn(app, "overview"))
    assert well(app)
    fits.on.set()
    turn(app, "models")
    for _ in range(20 * SOON):
        if "settings" in app.query_params:
            break
        app.run()
    assert "other models\\: rounds 15" in buttons(again(app))
    assert fits.begun == [Settings(rounds=15)]
