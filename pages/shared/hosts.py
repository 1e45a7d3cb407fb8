"""By which names may this app be called? A stranger's name that leads here is refused."""

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

LOOPBACK = ("localhost", "127.0.0.1", "::1")
REMEDY = (
    "This app does not answer to that host name. Open it as http://localhost, or have its operator"
    " list the name in server.allowedHosts."
)


class HostMiddleware:
    """Answers requests and sockets only under the names in `server.allowedHosts`; loopback's by
    default.

    Without it a page of a stranger, whose name is made to lead to this machine, could read
    everything here through the browser of whoever opens it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be answered."""
        asked = [value for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] not in ("http", "websocket") or (len(asked) == 1 and allowed(asked[0])):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(REMEDY, status_code=400)(scope, receive, send)


def allowed(asked: bytes) -> bool:
    """May the app be called by this Host header?"""
    listed = config.get_option("server.allowedHosts") or LOOPBACK
    try:
        where = urlsplit(f"//{asked.decode('ascii')}")
        name, _ = (where.hostname or "").rstrip("."), where.port
    except ValueError:
        return False
    plain = not (where.path or where.query or where.fragment or "@" in where.netloc)
    return bool(name) and plain and any(_fits(name, each.strip().lower()) for each in listed)


def _fits(name: str, pattern: str) -> bool:
    whole = pattern.rstrip(".")
    return whole in ("*", name) or (whole.startswith("*.") and name.endswith(whole[1:]))
