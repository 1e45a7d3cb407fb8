"""How small do answers leave the server? Streamlit sends its scripts as they are, 7 MB of them on a first visit."""

import brotli
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

BROTLI = 6  # quality: 0.2 s for the largest script, and an eighth smaller than the best gzip
GZIP = 6  # level, for browsers that take no Brotli, or only where the line is encrypted
LEAST = 500  # bytes; what is smaller goes as it is


class CompressionMiddleware:
    """Answers in Brotli where the browser takes it, else in gzip; pictures and fonts as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.gzip = GZipMiddleware(app, minimum_size=LEAST, compresslevel=GZIP)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and "br" in accepted(Headers(scope=scope)):
            await BrotliResponder(self.app, minimum_size=LEAST)(scope, receive, send)
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

    def __init__(self, app: ASGIApp, minimum_size: int) -> None:
        super().__init__(app, minimum_size)
        self.compressor = brotli.Compressor(quality=BROTLI)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """The next part of the answer, compressed; the last part ends the stream."""
        part: bytes = self.compressor.process(body)
        return part if more_body else part + self.compressor.finish()
