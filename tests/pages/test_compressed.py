import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import brotli
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared import compressed
from pages.shared.compressed import LEAST, CompressionMiddleware

TEXT = b"".join(b"var value_%d = %d;\n" % (i, i * i) for i in range(20_000))


def answered(
    taken: str, parts: Sequence[bytes], *, status: int = 200, **headers: str
) -> tuple[dict[str, str], bytes]:
    """The headers and the body that a browser gets which takes these encodings."""
    return asked(CompressionMiddleware(server(parts, status, headers)), taken)


def server(parts: Sequence[bytes], status: int, headers: Mapping[str, str]) -> ASGIApp:
    """A server that always answers this."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for i, part in enumerate(parts):
            await send(
                {"type": "http.response.body", "body": part, "more_body": i < len(parts) - 1}
            )

    return app


@dataclass
class Changing:
    """A server whose answer is that of the tag in its headers, in two parts."""

    answers: Mapping[str, bytes]
    headers: dict[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = self.answers[self.headers["etag"]]
        await server([whole[:9000], whole[9000:]], 200, self.headers)(scope, receive, send)


def asked(app: ASGIApp, taken: str, path: str = "/") -> tuple[dict[str, str], bytes]:
    """The headers and the body of one answer."""
    got: list[Message] = []

    async def send(message: Message) -> None:
        got.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", taken.encode())]}
    asyncio.run(app(scope, None, send))  # type: ignore[arg-type]
    sent = {name.decode().lower(): value.decode() for name, value in got[0]["headers"]}
    return sent, b"".join(message.get("body", b"") for message in got[1:])


@pytest.mark.parametrize(
    ("taken", "named", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
    ],
)
@pytest.mark.parametrize("size", [len(TEXT), 65_536, 1_000])
def test_what_is_sent_in_parts_comes_out_as_it_was_and_far_smaller(
    taken: str, named: str, unpack: object, size: int
) -> None:
    parts = [TEXT[i : i + size] for i in range(0, len(TEXT), size)]
    headers, body = answered(
        taken, parts, content_type="text/javascript", content_length=str(len(TEXT))
    )
    assert headers["content-encoding"] == named
    assert headers["vary"] == "Accept-Encoding"
    assert headers.get("content-length", str(len(body))) == str(len(body))
    assert unpack(body) == TEXT  # type: ignore[operator]
    assert len(body) < len(TEXT) / 2


@pytest.mark.parametrize(
    ("taken", "parts", "status", "headers"),
    [
        ("identity", [TEXT], 200, {}),
        ("br", [TEXT[: LEAST - 1]], 200, {}),
        ("br", [TEXT], 200, {"content_type": "font/woff2"}),
        ("br", [TEXT], 200, {"content_type": "text/event-stream"}),
        ("br", [TEXT], 200, {"content_encoding": "zstd"}),
        ("br", [TEXT], 206, {"content_range": "bytes 0-9/10"}),
    ],
)
def test_what_is_small_packed_or_a_part_goes_as_it_is(
    taken: str, parts: list[bytes], status: int, headers: dict[str, str]
) -> None:
    sent, body = answered(taken, parts, status=status, **headers)
    assert body == b"".join(parts)
    assert sent.get("content-encoding") == headers.get("content_encoding")


def test_a_script_is_compressed_once_for_all_and_anew_when_it_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked: list[int] = []

    class Compressor:
        """Counts what it compresses."""

        def __init__(self, quality: int) -> None:
            self.real = brotli.Compressor(quality=quality)
            self.finish = self.real.finish

        def process(self, body: bytes) -> bytes:
            worked.append(len(body))
            return self.real.process(body)

    monkeypatch.setattr(compressed, "brotli", SimpleNamespace(Compressor=Compressor))
    answers = {"one": TEXT, "two": TEXT[::-1]}
    answer = Changing(answers, {"content_type": "text/javascript"})
    app = CompressionMiddleware(answer)
    for path, tag, works in (
        ("/static/a.js", "one", 2),
        ("/static/a.js", "one", 2),
        ("/static/a.js", "two", 4),
        ("/b", "one", 6),
        ("/b", "one", 8),
    ):
        answer.headers["etag"] = tag
        sent, body = asked(app, "br", path)
        assert sent["content-encoding"] == "br"
        assert brotli.decompress(body) == answers[tag]
        assert len(worked) == works
