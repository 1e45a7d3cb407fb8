"""Who reads strange files?

A process of its own, with a memory limit and a clock, so that no file can take the server down.

It is asked by JSON on standard input and answers by JSON on standard output. It is no fork of the
server: Streamlit replaces `__main__`.
"""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from . import disk, ingest
from .catalog.model import Table
from .findings import Finding, TableRefused
from .readers import csv_structure, databases
from .readers.files import Limits
from .readers.format import Request, formats
from .refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
READY = "ready"  # said to a process that is started before its task is known
Task = dict[str, Any]
Process = subprocess.Popen[bytes]

_waiting: ContextVar[Process | None] = ContextVar("_waiting", default=None)
_running: set[Process] = set()


@contextmanager
def ready() -> Iterator[None]:
    """Start a process that does the first task of those run within.

    Until it is known, it opens no file. Without one it ends.
    """
    try:
        process = _start(READY)
    except OSError:  # then `run` fails to start one too, or does not
        yield
        return
    with _ending(process):
        before = _waiting.set(process)
        try:
            yield
        finally:
            _waiting.reset(before)


def _start(*words: str) -> Process:
    where = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
    }
    command = [sys.executable, "-m", "analytics.data.worker", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=where)  # noqa: S603


@contextmanager
def _ending(process: Process) -> Iterator[Process]:
    """A process that is gone when this ends, whatever it was doing."""
    _running.add(process)
    with process:
        try:
            yield process
        finally:
            process.kill()
            _running.discard(process)


def end() -> None:
    """End all processes that read files for this one."""
    for process in tuple(_running):
        process.kill()


def run(task: Task) -> Task:
    """Do a task in a process of its own.

    Parameters
    ----------
    task : `tables`, `text` and `limits`, as `shelf.take` writes them.

    Returns
    -------
    dict
        `taken`, one for each table: `rows`, `how`, `findings`; `refused` where there is a sentence
        instead, `unwritten` where the shelf cannot be written.

    Raises
    ------
    Refusal
        If the process dies or takes too long.
    """
    names = " and ".join(t["table"]["name"] for t in task["tables"])
    limits = task["limits"]
    with _ending(_waiting.get() or _start()) as process:
        _waiting.set(None)  # a process does one task
        try:
            answer, _ = process.communicate(json.dumps(task).encode(), limits["seconds"])
        except subprocess.TimeoutExpired:
            raise Refusal(
                f"reading {names} took longer than {limits['seconds']:,.0f} seconds; "
                "split it, or export it as Parquet"
            ) from None
    if process.returncode:
        raise Refusal(_death(process.returncode, names, limits["memory"]))
    return json.loads(answer)


def _death(status: int, names: str, memory: int) -> str:
    if -status in (signal.SIGABRT, signal.SIGKILL):
        return (
            f"reading {names} needed more than the {memory / 2**30:,.1f} GiB of memory that it "
            "may use; split it, or leave out columns"
        )
    return f"reading {names} stopped the reader; it is damaged, write it anew"


def work(task: Task) -> Task:
    """Take every table of a task, as `run` returns it."""
    return {
        "taken": [
            _take(asked, tuple(task["text"]), Limits(**task["limits"])) for asked in task["tables"]
        ]
    }


def _take(task: Task, text: tuple[str, ...], limits: Limits) -> Task:
    """One table; what its reader says or throws becomes a finding, in words that quote no cell."""
    answer = _heard(task, text, limits)
    if task["seen"] and task["seen"] != seen(Path(task["path"])):
        return {
            "refused": (
                f"{task['table']['name']} changed while it was read; "
                "wait until it is written, and read it again"
            )
        }
    return answer


def _heard(task: Task, text: tuple[str, ...], limits: Limits) -> Task:
    name = task["table"]["name"]
    try:
        return _read(task, text, limits)
    except TableRefused as error:
        return {"findings": [asdict(error.finding)]}
    except Refusal as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": _death(-signal.SIGKILL, name, limits.memory)}
    except BaseException as error:
        if _unwritten(error):
            return {
                "unwritten": disk.WHY[errno.ENOSPC] if not disk.number(error) else disk.why(error)
            }
        if not _damaged(error):
            raise
        return {
            "findings": [
                asdict(
                    Finding(
                        name,
                        "",
                        0,
                        0,
                        "it is damaged, and no reader makes sense of it",
                        "write it anew",
                        grave=True,
                    )
                )
            ]
        }


def _read(task: Task, text: tuple[str, ...], limits: Limits) -> Task:
    given = task["table"]
    like = None if given["like"] is None else tuple(map(tuple, given["like"]))
    table = Table(**{**given, "types": tuple(map(tuple, given["types"])), "like": like})
    # Of one applicant a source may know nothing.
    limits = limits if like is None else replace(limits, least=0)
    request = Request(table, Path(task["out"]), Path(task["scratch"]), text, limits)
    if table.url:
        return ingest.ingest_answer(databases.fetch(table, Path(task["folder"])), request)
    return ingest.ingest(Path(task["path"]), request)


def seen(path: Path) -> list[int]:
    """Which file it is, its size, and when it changed; nothing where there is none."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _unwritten(error: BaseException) -> bool:
    """Is it the shelf that fails, not the file? Polars says so in words only."""
    match = isinstance(error, pl.exceptions.PolarsError) and re.search(
        r"os error (28|27|122|13|1|30)\)", str(error)
    )
    return bool(match) or (isinstance(error, OSError) and error.errno in FULL)


def _damaged(error: BaseException) -> bool:
    """Is it what a reader says of a file?

    Panics of Polars and others are no `Exception`s, and go by one name.
    """
    return (
        isinstance(error, pl.exceptions.PolarsError | OSError | ValueError)
        or type(error).__name__ == "PanicException"
    )


def _limit(memory: int) -> None:
    """Let this process have so much memory for its data and no more, where the system can hold it
    to that.
    """
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(
        resource.RLIMIT_DATA,
        (memory if most == resource.RLIM_INFINITY else min(memory, most), most),
    )


def main() -> None:
    """Do the task on standard input; nothing but the answer reaches standard output."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if READY in sys.argv[1:]:
        formats()
        csv_structure.warm()
    task = json.load(sys.stdin)
    _limit(task["limits"]["memory"])
    json.dump(work(task), answer)
    answer.close()
    os._exit(0)  # all is written; to unload the compiler of `csv_structure` takes another 0.2 s


if __name__ == "__main__":
    main()
