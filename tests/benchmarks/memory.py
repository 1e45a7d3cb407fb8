"""Peak memory and time of a million people, from files to readings, in a process of its own."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.population import generated

CHILD = """
import sys, time
from analytics.cli import main
from tests.benchmarks.memory import peak
started = time.perf_counter()
main(["weigh", "--catalog", sys.argv[1], "--home", sys.argv[2], "--json"])
print(f"{peak() / 2**20:.2f} GB at most, {time.perf_counter() - started:.0f} s")
"""


def run(persons: int) -> Iterator[str]:
    """First with fitting, then with what was kept."""
    with tempfile.TemporaryDirectory() as home:
        for what in ("fitted", "kept"):
            done = subprocess.run(
                [sys.executable, "-c", CHILD, generated(persons), home],
                check=True,
                capture_output=True,
                text=True,
            )
            yield f"files to readings, {persons:,} persons, {what}: {done.stdout.splitlines()[-1]}"


def peak() -> int:
    """The most memory that this process has held, in kilobytes.

    What `getrusage` says begins with what the process that started it held.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(
        int(line.split()[1])
        for line in status.read_text("utf-8").splitlines()
        if line.startswith("VmHWM")
    )
