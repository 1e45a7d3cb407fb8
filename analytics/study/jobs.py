"""What is worked on beside the pages? Jobs: each has a key, many wait for one, and none is lost
while it runs.

Finished jobs are forgotten: their results belong to whoever waits, and to the cache.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from analytics.data.refusal import Refusal

MOST = 32  # jobs of one kind that run or wait
GRACE = 3.0  # s from the signal that ends the server to its certain end


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Work under way: what it will give, the steps that it has done, and whether it was stopped."""

    key: Hashable
    future: "Future[Any]" = field(default_factory=Future)
    steps: list[Any] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


Work = Callable[[Job], Any]


class Jobs:
    """All jobs of one kind, by key.

    Those that ask for their turn go on few at once, first come, first served.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._jobs: dict[Hashable, Job] = {}
        self._line: list[
            Job
        ] = []  # of those that asked for their turn; the first `at_once` have it
        self._change = threading.Condition()

    def begin(self, key: Hashable, work: Work) -> Job:
        """Start a job, or find it under way.

        Raises
        ------
        Refusal
            If too many are under way.
        """
        with self._change:
            found = self._jobs.get(key)
            if found and not found.stop.is_set():
                return found
            if len(self._jobs) >= MOST:
                raise Refusal(f"{MOST} jobs are under way already; wait until one has ended")
            job = self._jobs[key] = Job(key)
        threading.Thread(target=self._run, args=(job, work), daemon=True, name="job").start()
        return job

    def find(self, key: Hashable) -> Job | None:
        """The job of this key, if it is under way and nobody stopped it."""
        with self._change:
            job = self._jobs.get(key)
        return None if job is None or job.stop.is_set() else job

    def go_on(self, job: Job) -> bool:
        """May the job go on? Waits for its turn first; no once it is stopped."""
        with self._change:
            if self._jobs.get(job.key) is job and job not in self._line:
                self._line.append(job)
            self._change.wait_for(
                lambda: job.stop.is_set() or job not in self._line[self.at_once :]
            )
        return not job.stop.is_set()

    def ahead(self, job: Job) -> int:
        """How many others must end before the job has its turn; 0 once it has it."""
        with self._change:
            return max(self._line.index(job) + 1 - self.at_once, 0) if job in self._line else 0

    def stop(self, job: Job) -> None:
        """Stop this job, and no other."""
        job.stop.set()
        with self._change:
            self._change.notify_all()

    def end(self) -> None:
        """Stop all jobs."""
        with self._change:
            under_way = {*self._jobs.values(), *self._line}
        for job in under_way:
            self.stop(job)

    def _run(self, job: Job, work: Work) -> None:
        try:
            result = work(job)
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            self._forget(job)
            job.future.set_exception(error)
        else:
            self._forget(job)
            job.future.set_result(result)

    def _forget(self, job: Job) -> None:
        with self._change:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            if job in self._line:
                self._line.remove(job)
            self._change.notify_all()


FITS = Jobs(2)  # of the sources' models
CHALLENGES = Jobs(1)  # fits of challengers over all raw data
SEARCHES = Jobs(4)  # for weights, and readings along a curve


def end() -> None:
    """Stop all jobs and the processes that read files for them."""
    for kind in (FITS, CHALLENGES, SEARCHES):
        kind.end()
    if reading := sys.modules.get("analytics.data.worker"):
        reading.end()


def end_by_signal() -> None:
    """Let the signals that end the server end all jobs too, and the server even where something
    hangs.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_end_by, signal.getsignal(number)))


def _end_by(before: Any, number: int, frame: Any) -> None:
    end()
    # nothing else ends a thread inside a library
    timer = threading.Timer(GRACE, os._exit, (128 + number,))
    timer.daemon = True
    timer.start()
    if callable(before):
        before(number, frame)
