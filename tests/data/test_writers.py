"""Do writers collide? Many at once, on one file and on one list."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analytics.data import disk


def together(work: Callable[[int], object], count: int) -> None:
    """Begin all of it at the same moment."""
    start = threading.Barrier(count)

    def one(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))


def test_many_writers_of_one_file_leave_one_whole_file_and_no_drafts(tmp_path: Path) -> None:
    contents = [bytes([65 + i]) * 10_000 for i in range(24)]
    together(lambda i: disk.write(tmp_path / "shared", contents[i]), 24)
    assert (tmp_path / "shared").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["shared"]


def test_who_holds_the_lock_reads_and_writes_alone(tmp_path: Path) -> None:
    shared = tmp_path / "list.json"
    shared.write_text("[]", "utf-8")

    def add(number: int) -> None:
        with disk.locked(tmp_path):
            disk.write(
                shared, json.dumps([*json.loads(shared.read_text("utf-8")), number]).encode()
            )

    together(add, 24)
    assert sorted(json.loads(shared.read_text("utf-8"))) == list(range(24))
