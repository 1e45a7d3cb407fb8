"""Where does a real PostgreSQL come from? One that is installed.

`python -m tests.data.postgres` installs Debian's where there is none.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "analyst", "p@ss/w:rd %41"  # what a URL would misread


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL of the tests' own, and whom it lets in."""

    port: int
    user: str = USER
    password: str = PASSWORD

    @property
    def url(self) -> str:
        """Its address, as a catalog has it."""
        return f"postgresql://127.0.0.1:{self.port}/postgres"

    @property
    def secrets(self) -> dict[str, str]:
        """What the environment would hold."""
        return {
            "WAREHOUSE_USER": self.user,
            "WAREHOUSE_PASSWORD": self.password,
            "WAREHOUSE_HOST": "127.0.0.1",
        }


def find() -> Path | None:
    """The folder of PostgreSQL's programs: on the path, or the newest of Debian's."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: float(path.parent.name),
        reverse=True,
    )
    return next(
        (
            place
            for place in (*places, *debian)
            if (place / "initdb").exists() and (place / "pg_ctl").exists()
        ),
        None,
    )


def install() -> None:
    """Debian's package, when root; elsewhere it is for the reader to install."""
    if not (_root() and shutil.which("apt-get")):
        raise SystemExit(
            "the tests need PostgreSQL; install it, for example with: sudo apt-get install"
            " postgresql"
        )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"],
        check=True,
        env=quiet,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def served() -> Iterator[Server]:
    """A new server on a free port, with its files in a temporary folder.

    Stopped and forgotten in the end.
    """
    programs = find()
    if programs is None:
        raise FileNotFoundError("there is no PostgreSQL; say: python -m tests.data.postgres")
    home, port = Path(tempfile.mkdtemp(prefix="pg")), _free_port()
    secret = home / "secret"
    secret.write_text(PASSWORD, "utf-8")
    if _root():
        shutil.chown(home, "postgres")
        shutil.chown(secret, "postgres")
    server = (f"{programs}/pg_ctl", f"--pgdata={home}/data", "--wait", "--silent")
    try:
        ways = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
        _run(
            home,
            f"{programs}/initdb",
            f"--pgdata={home}/data",
            f"--username={USER}",
            f"--pwfile={secret}",
            *ways,
        )
        _run(
            home,
            *server,
            f"--log={home}/log",
            f"--options=-p {port} -h 127.0.0.1 -c unix_socket_directories= -F",
            "start",
        )
        try:
            yield Server(port)
        finally:
            _run(home, *server, "--mode=immediate", "stop")
    finally:
        shutil.rmtree(home)


def _run(home: Path, *command: str) -> None:
    """As another user when root, for whom PostgreSQL does not start."""
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if _root() else {}
    subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, **who)


def _root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


if __name__ == "__main__" and find() is None:
    install()
