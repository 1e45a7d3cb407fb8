"""Does the server end within seconds, whatever is fitted beside its pages?"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.people import settle

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 5  # s
# A fit without end: each source says that it begins, and pays no heed to anybody who stops it.
STUBBORN = """
import threading, time
from analytics.sources import fitting
from pathlib import Path

def hear(*_):
    Path({told!r}).touch()
    time.sleep(600)

fitting._hear = hear
"""


@contextmanager
def served(home: Path, catalog: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The app with a fit that nothing stops, beside a page that waits for it."""
    told = home / "began"
    home.mkdir()
    (home / "sitecustomize.py").write_text(STUBBORN.format(told=str(told)), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
        "--",
        str(catalog),
    ]
    mine = {
        **os.environ,
        "WEIGHBRIDGE_HOME": str(home / "work"),
        "PYTHONPATH": os.pathsep.join([str(home), str(ROOT)]),
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=mine, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            with reader(port):
                while not told.exists():
                    assert server.poll() is None
                    time.sleep(0.05)
                yield server, port
        finally:
            server.kill()


@contextmanager
def reader(port: int) -> Iterator[None]:
    """Somebody who opens the first page, and stays."""
    while True:
        try:
            page = connect(
                f"ws://127.0.0.1:{port}/_stcore/stream",
                subprotocols=["streamlit"],
                close_timeout=1,
                max_size=None,
            )  # type: ignore[list-item]
            break
        except (OSError, WebSocketException):
            time.sleep(0.1)
    with page:
        page.send(BackMsg(rerun_script={}).SerializeToString())
        yield


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_within_seconds_though_a_fit_goes_on(
    number: int, tmp_path: Path
) -> None:
    with served(tmp_path / "home", settle(tmp_path / "tables")) as (server, _):
        server.send_signal(number)
        assert server.wait(WITHIN) != 0
