"""What need not be computed twice? Answers, kept by what was asked: least recently used, bounded in
bytes.

Many may ask for the same answer at once: one computes it, the others wait. Who is stopped while
computing leaves the work to the next who waits. Refusals are told to all who wait and are not kept.
"""

import inspect
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass
from functools import singledispatch, wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import polars as pl

from analytics.study.question import Question

P = ParamSpec("P")
R = TypeVar("R")


class Abandoned(Exception):  # noqa: N818 - no error: a word to those who wait
    """Who computed this was stopped."""


class Memo:
    """Answers by key.

    Parameters
    ----------
    most : bytes that the answers may take together; the latest is always kept.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.announce: Callable[[str], AbstractContextManager[Any]] = lambda _: nullcontext()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._pending: dict[Hashable, Future[Any]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def ask(self, key: Hashable, work: Callable[[], R], waiting: str = "") -> R:
        """The answer kept under a key, else what `work` gives.

        `waiting` is said while it takes long.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found: R = self._kept[key][0]
                    return found
                others = self._pending.get(key)
                mine = self._pending[key] = Future() if others is None else others
            with self.announce(waiting) if waiting else nullcontext():
                if others is None:
                    return self._compute(key, mine, work)
                try:
                    found = others.result()
                except Abandoned:
                    continue
                return found

    def _compute(self, key: Hashable, mine: "Future[R]", work: Callable[[], R]) -> R:
        try:
            found = work()
        except BaseException as error:
            with self._lock:
                del self._pending[key]
            mine.set_exception(error if isinstance(error, Exception) else Abandoned())
            raise
        with self._lock:
            del self._pending[key]
            self._keep(key, found)
        mine.set_result(found)
        return found

    def _keep(self, key: Hashable, found: object) -> None:
        bytes_of_it = size(found)
        self._kept[key] = found, bytes_of_it
        self._bytes += bytes_of_it
        while self._bytes > self.most and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def forget(self, part: Hashable) -> None:
        """Forget the answers whose keys have this part."""
        with self._lock:
            for key in [key for key in self._kept if isinstance(key, tuple) and part in key]:
                self._bytes -= self._kept.pop(key)[1]

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._kept)


def size(value: object, seen: set[int] | None = None) -> int:
    """Bytes of a value and all it holds, each thing counted once."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        base = value if value.base is None else value.base
        return (
            int(getattr(base, "nbytes", value.nbytes))
            if base is value or id(base) not in seen
            else 0
        )
    if isinstance(value, pl.DataFrame | pl.Series):
        return int(value.estimated_size())
    return sys.getsizeof(value, 64) + sum(size(each, seen) for each in _held(value))


def _held(value: object) -> list[object]:
    """What lies directly inside a value."""
    if isinstance(value, Mapping):
        return [*value, *value.values()]
    if isinstance(value, tuple | list | set | frozenset):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return []


def _quarter_of_memory() -> int:
    """Bytes: a quarter of the machine's memory, at least 1 GiB; 2 GiB where it does not say."""
    try:
        return max(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4, 2**30)
    except (AttributeError, OSError, ValueError):  # Windows has no such call
        return 2**31


MEMO = Memo(_quarter_of_memory())


@singledispatch
def frozen(value: object) -> Hashable:
    """A value as part of a key.

    What is written differently is another question (1, 1.0 and True are).
    """
    if isinstance(value, tuple):
        return tuple(frozen(each) for each in value)
    return repr(value)


def remember(
    waiting: str = "", uses: Sequence[str] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the answers of a question.

    Parameters
    ----------
    waiting : what is said while it takes long.
    uses : the fields of a `Question` that the answer depends on; it sees no others.
    """

    def kept(question: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(question)
        name = f"{question.__module__}.{question.__qualname__}"

        @wraps(question)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            key: list[Hashable] = [name]
            for parameter, value in given.arguments.items():
                if isinstance(value, Question):
                    given.arguments[parameter] = value.only(uses)
                    key += [frozen(getattr(value, field)) for field in uses]
                else:
                    key.append(frozen(value))
            return MEMO.ask(tuple(key), lambda: question(*given.args, **given.kwargs), waiting)

        return ask

    return kept
