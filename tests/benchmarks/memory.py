"""Peak memory and time of a million people, from files to readings, in a process of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.population import generated

CHILD = """
import resource, sys, time
from analytics.__main__ import main
started = time.perf_counter()
main(["weigh", "--catalog", sys.argv[1], "--home", sys.argv[2], "--json"])
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"{kilobytes / 2**20:.2f} GB at most, {time.perf_counter() - started:.0f} s")
"""


def run(persons: int) -> Iterator[str]:
    """First with fitting, then with what was kept."""
    with tempfile.TemporaryDirectory() as home:
        for what in ("fitted", "kept"):
            done = subprocess.run([sys.executable, "-c", CHILD, generated(persons), home], check=True, capture_output=True, text=True)
            yield f"files to readings, {persons:,} persons, {what}: {done.stdout.splitlines()[-1]}"
