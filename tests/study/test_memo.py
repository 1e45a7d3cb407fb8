"""Are answers kept once, for many who wait, within so many bytes, and never for another
question?
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analytics.data.cohort import EVERYONE, Cohort
from analytics.study import memo
from analytics.study.memo import Memo, remember, size
from analytics.study.question import Question
from analytics.weighing.weighting import Weighting

A = Weighting((("bank", 1.0), ("bureau", 1.0)))
B = Weighting((("bank", 1.0), ("bureau", 3.0)))
ASKED = Question(EVERYONE, "test", A, B, 600.0)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Memo:
    """A memo of its own."""
    made = Memo(10_000)
    monkeypatch.setattr(memo, "MEMO", made)
    return made


def both(*works: Callable[[], object]) -> list[threading.Thread]:
    """Threads that have started."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    return threads


def test_many_who_ask_at_once_wait_for_one_computation(fresh: Memo) -> None:
    ran, got, go = [], [], threading.Event()

    def work() -> int:
        ran.append(1)
        go.wait(5)
        return 7

    threads = both(*(lambda: got.append(fresh.ask("key", work)) for _ in range(8)))
    while not ran:
        time.sleep(0.001)
    go.set()
    for thread in threads:
        thread.join(5)
    assert (len(ran), got) == (1, [7] * 8)


def test_who_is_stopped_leaves_the_work_to_the_next_who_waits(fresh: Memo) -> None:
    begun, go, got = threading.Event(), threading.Event(), []

    def stopped() -> int:
        begun.set()
        go.wait(5)
        raise KeyboardInterrupt

    def first() -> None:
        with pytest.raises(KeyboardInterrupt):
            fresh.ask("key", stopped)

    threads = both(first)
    begun.wait(5)
    threads += both(lambda: got.append(fresh.ask("key", lambda: 3)))
    time.sleep(0.02)  # so that it waits, which either way must end alike
    go.set()
    for thread in threads:
        thread.join(5)
    assert got == [3]


def test_a_refusal_is_told_and_not_kept(fresh: Memo) -> None:
    def refused() -> int:
        raise ValueError("too few")

    with pytest.raises(ValueError, match="too few"):
        fresh.ask("key", refused)
    assert fresh.ask("key", lambda: 5) == 5


def test_the_least_recently_used_go_first_and_the_latest_always_stays(fresh: Memo) -> None:
    for name in "abc":
        fresh.ask(name, lambda: np.zeros(400))  # 3,200 bytes each, of 10,000
    fresh.ask("a", lambda: pytest.fail("it is kept"))
    fresh.ask("d", lambda: np.zeros(400))
    assert fresh.ask("b", lambda: "anew") == "anew"
    assert isinstance(fresh.ask("a", lambda: "anew"), np.ndarray)
    fresh.ask("vast", lambda: np.zeros(100_000))
    assert isinstance(fresh.ask("vast", lambda: "anew"), np.ndarray)
    assert len(fresh) == 1


def test_a_size_counts_what_is_held_and_each_thing_once() -> None:
    array, frame = np.zeros(1000), pl.DataFrame({"x": np.zeros(1000)})
    assert 8000 <= size(array) < 8200
    assert 8000 <= size(frame) < 8200
    assert 16_000 <= size({"a": [array, array], "b": (frame, array)}) < 17_000


def test_an_answer_depends_on_what_its_key_holds_and_can_read_nothing_else(fresh: Memo) -> None:
    ran = []

    @remember(uses=("weighting",))
    def weighted(asked: Question) -> Weighting:
        ran.append(asked)
        return asked.weighting

    @remember(uses=("weighting",))
    def leaky(asked: Question) -> float:
        return asked.cutoff

    assert weighted(ASKED) is weighted(replace(ASKED, cutoff=640.0, reference=A))
    assert weighted(replace(ASKED, weighting=B)) == B
    assert len(ran) == 2
    with pytest.raises(AttributeError):
        leaky(ASKED)


def test_values_that_are_equal_but_written_otherwise_are_other_questions(fresh: Memo) -> None:
    @remember(uses=("cohort",))
    def written(asked: Question) -> str:
        return str(asked.cohort.conditions[0])

    texts = [
        written(replace(ASKED, cohort=Cohort.parse(f"x == {v}"))) for v in ("1", "1.0", "True")
    ]
    assert len(set(texts)) == 3


def test_a_question_of_others_keeps_what_it_may_see() -> None:
    part = ASKED.only(("cohort", "weighting")).but(split="calibrate")
    assert (part.cohort, part.weighting, part.split) == (EVERYONE, A, "calibrate")
    with pytest.raises(AttributeError):
        _ = part.cutoff
