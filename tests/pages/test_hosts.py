import asyncio
from typing import Any

import pytest

from pages.shared.hosts import HostMiddleware, allowed


@pytest.mark.parametrize(
    "host", [b"localhost", b"LOCALHOST:8501", b"127.0.0.1:1", b"[::1]:8501", b"localhost."]
)
def test_the_app_answers_to_loopback(host: bytes) -> None:
    assert allowed(host)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example",
        b"evil.example:8501",
        b"localhost.evil.example",
        b"evil@localhost",
        b"localhost/x",
        b"127.0.0.1.nip.io",
        b"\xff",
        b"localhost:x",
        b"0.0.0.0",
    ],
)
def test_a_stranger_s_name_is_refused(host: bytes) -> None:
    assert not allowed(host)


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("http", [(b"host", b"evil.example")]),
        ("http", []),
        ("http", [(b"host", b"localhost")] * 2),
        ("websocket", [(b"host", b"e")]),
    ],
)
def test_nothing_of_the_app_is_reached_by_it(kind: str, headers: list[tuple[bytes, bytes]]) -> None:
    sent: list[dict[str, Any]] = []

    async def app(*_: object) -> None:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(HostMiddleware(app)({"type": kind, "headers": headers}, receive, send))
    assert sent[0].get("status", sent[0].get("code")) in (400, 1008)
