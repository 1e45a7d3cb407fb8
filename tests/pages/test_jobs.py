"""Is no work lost beside the pages, and does only what a reader asked for begin?"""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from analytics.data.refusal import Refusal
from analytics.study import jobs
from analytics.study.jobs import Job, Jobs

SOON = 20  # s, for what comes at once unless something is wrong


def until(true: Callable[[], bool]) -> None:
    """Wait for what must come."""
    for _ in range(100 * SOON):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError


class Fits:
    """Fits that last until they are let go, or stopped; they write down how many go on at once."""

    def __init__(self, at_once: int) -> None:
        self.jobs, self.left = Jobs(at_once), threading.Event()
        self.now, self.most, self.runs = 0, 0, 0
        self._lock = threading.Lock()

    def begin(self, key: object) -> Job:
        return self.jobs.begin(key, self._fit)

    def _fit(self, job: Job) -> str:
        if not self.jobs.go_on(job):
            raise Refusal("stopped before its turn")
        with self._lock:
            self.now, self.runs = self.now + 1, self.runs + 1
            self.most = max(self.most, self.now)
        while self.jobs.go_on(job) and not self.left.wait(0.01):
            pass
        with self._lock:
            self.now -= 1
        if job.stop.is_set():
            raise Refusal("stopped")
        return f"models of {job.key}"


@pytest.fixture
def fits() -> Iterator[Fits]:
    found = Fits(2)
    yield found
    found.left.set()
    found.jobs.end()


def test_of_five_at_once_none_is_lost_two_go_on_and_each_has_its_own_result(fits: Fits) -> None:
    begun = [fits.begin(key) for key in range(5)]
    until(
        lambda: fits.now == 2 and sorted(fits.jobs.ahead(job) for job in begun) == [0, 0, 1, 2, 3]
    )
    assert not any(job.future.done() for job in begun)
    fits.left.set()
    assert [job.future.result(SOON) for job in begun] == [f"models of {key}" for key in range(5)]
    assert (fits.most, fits.runs) == (2, 5)


def test_many_wait_for_one(fits: Fits) -> None:
    first = fits.begin("sample")
    with_others = [fits.begin("sample") for _ in range(50)]
    fits.left.set()
    first.future.result(SOON)
    assert {id(job) for job in with_others} == {id(first)}
    assert fits.runs == 1


def test_stop_ends_the_one_it_names_and_the_next_has_its_turn(fits: Fits) -> None:
    begun = [fits.begin(key) for key in range(4)]
    until(lambda: fits.now == 2)
    running = [job for job in begun if not fits.jobs.ahead(job)]
    waits = next(job for job in begun if fits.jobs.ahead(job) == 2)
    fits.jobs.stop(waits)
    with pytest.raises(Refusal, match="stopped before its turn"):
        waits.future.result(SOON)
    fits.jobs.stop(running[0])
    with pytest.raises(Refusal, match="stopped"):
        running[0].future.result(SOON)
    until(lambda: fits.runs == 3)
    others = [job for job in begun if job not in (waits, running[0])]
    assert not any(job.stop.is_set() or job.future.done() for job in others)
    fits.left.set()
    assert [job.future.result(SOON) for job in others] == [f"models of {job.key}" for job in others]


def test_what_was_stopped_is_not_found_and_begins_anew(fits: Fits) -> None:
    stopped = fits.begin("sample")
    fits.jobs.stop(stopped)
    assert fits.jobs.find("sample") is None
    anew = fits.begin("sample")
    assert anew is not stopped
    assert fits.jobs.find("sample") is anew
    fits.left.set()
    assert anew.future.result(SOON) == "models of sample"


def test_what_has_ended_is_forgotten_also_if_it_failed(fits: Fits) -> None:
    def fail(_: Job) -> None:
        raise ValueError("no")

    failed = fits.jobs.begin("bad", fail)
    with pytest.raises(ValueError, match="no"):
        failed.future.result(SOON)
    fits.left.set()
    fits.begin("good").future.result(SOON)
    assert fits.jobs.find("bad") is None
    assert fits.jobs.find("good") is None


def test_too_many_are_refused_and_those_under_way_stay(fits: Fits) -> None:
    begun = [fits.begin(key) for key in range(jobs.MOST)]
    with pytest.raises(Refusal, match="under way already"):
        fits.begin("one more")
    assert fits.begin(0) is begun[0]
    fits.jobs.end()
    for job in begun:
        with pytest.raises(Refusal, match="stopped"):
            job.future.result(SOON)
    assert fits.now == 0


def test_the_end_ends_all(fits: Fits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "FITS", fits.jobs)
    begun = [fits.begin(key) for key in range(5)]
    jobs.end()
    for job in begun:
        with pytest.raises(Refusal, match="stopped"):
            job.future.result(SOON)
