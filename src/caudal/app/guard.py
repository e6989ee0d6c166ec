"""What every request must pass and every answer carries: host, origin, size, kind, and strict headers."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caudal.app.problems import problem
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, use_language

LARGEST_BODY = 1_000_000
"""Bytes of a request: the largest view is a hundredth of it."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Turns away what does not come from the app's own page or is no plain JSON of a fair size.

    ``hosts`` are the names by which the server may be called: any other may be an attempt to reach
    it from a foreign page through a name that was made to point here.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] = LOOPBACK) -> None:
        """Stand before an application."""
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        use_language(_language(scope, headers))

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                shown = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    shown.setdefault(name, value)
                shown.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check(scope, headers)
            body = await _body(headers, receive) if scope["method"] == "POST" else None
        except CaudalError as error:
            await problem(error)(scope, receive, dressed)
            return
        await self.app(scope, receive if body is None else _again(body, receive), dressed)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if _name(host) not in self.hosts:
            raise CaudalError("CAU-603", "host", host=host)
        if scope["method"] in ("GET", "HEAD"):
            return
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise CaudalError("CAU-604", "foreign_page", origin=origin)
        kind = headers.get("content-type", "").partition(";")[0].strip()
        if scope["method"] == "POST" and kind != "application/json":
            raise CaudalError("CAU-602", "kind", kind=kind or "-")


def _name(host: str) -> str:
    """Return a host without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _language(scope: Scope, headers: Headers) -> str:
    """Return the language asked for by ``?lang=``, else by the browser."""
    for part in scope.get("query_string", b"").decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if name == "lang" and value in LANGUAGES:
            return value
    wished = [part.strip()[:2].lower() for part in headers.get("accept-language", "").split(",")]
    return next((one for one in wished if one in LANGUAGES), LANGUAGES[0])


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Return a body, refused as soon as it is too large."""
    size = headers.get("content-length", "0")
    if not size.isdigit() or int(size) > LARGEST_BODY:
        raise CaudalError("CAU-601", "body", largest=LARGEST_BODY)
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise CaudalError("CAU-601", "body", largest=LARGEST_BODY)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that hands over a body that was read, then what comes after it."""
    told = False

    async def one() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return one
