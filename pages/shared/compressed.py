"""How small do answers leave the server?

Streamlit sends its scripts as they are, 7 MB of them on a first visit.
"""

import brotli
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BROTLI = 6  # quality: 0.2 s for the largest script, and an eighth smaller than the best gzip
GZIP = 6  # level, for browsers that take no Brotli, or only where the line is encrypted
LEAST = 500  # bytes; what is smaller goes as it is


MOST = 2**24  # bytes of compressed scripts that are kept, twice what Streamlit has


class CompressionMiddleware:
    """Answers in Brotli where the browser takes it, else in gzip; pictures and fonts as they are.

    A script is compressed once for all visits.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[tuple[str, str], bytes] = {}
        self.gzip = GZipMiddleware(app, minimum_size=LEAST, compresslevel=GZIP)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and "br" in accepted(Headers(scope=scope)):
            await BrotliResponder(self.app, self.kept)(scope, receive, send)
        else:
            await self.gzip(scope, receive, send)


def accepted(headers: Headers) -> set[str]:
    """The encodings that a browser takes."""
    offers = (offer.partition(";") for offer in headers.get("accept-encoding", "").split(","))
    return {name.strip() for name, _, weight in offers if weight.replace(" ", "") not in REFUSED}


REFUSED = ("q=0", "q=0.0", "q=0.00", "q=0.000")


class BrotliResponder(IdentityResponder):
    """One answer in Brotli; what is left alone, and which headers change, is Starlette's to say."""

    content_encoding = "br"

    def __init__(self, app: ASGIApp, kept: dict[tuple[str, str], bytes]) -> None:
        super().__init__(app, LEAST)
        self.compressor = brotli.Compressor(quality=BROTLI)
        self.kept, self.path, self.key, self.parts = kept, "", ("", ""), list[bytes]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.path = scope["path"]
        await super().__call__(scope, receive, send)

    async def send_with_compression(self, message: Message) -> None:
        """Pass one message on.

        What the answer is called and which version it is says whether it was compressed before.
        """
        if message["type"] == "http.response.start" and message["status"] == 200:
            self.key = (self.path, Headers(raw=message.get("headers", [])).get("etag", ""))
        await super().send_with_compression(message)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """The next part of the answer, compressed; the last part ends the stream."""
        known = self.kept.get(self.key)
        if known is not None:
            return b"" if more_body else known
        part: bytes = self.compressor.process(body)
        self.parts.append(part if more_body else part + self.compressor.finish())
        if not more_body and "/static/" in self.path and self.key[1]:
            whole = b"".join(self.parts)
            if sum(map(len, self.kept.values())) + len(whole) <= MOST:
                self.kept[self.key] = whole
        return self.parts[-1]
