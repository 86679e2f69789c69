"""Who may come in, and with how much: checked for every request and every handshake.

The address a browser believes to be at is checked first (`Host`), for a page from elsewhere may
have had its name pointed at this machine; then where the page came from (`Origin`), for browsers
send cookies along for any page; then the token. Source: the rebinding and cross-site cases that
docs/web.md lists, each of which is a test.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterable
from enum import StrEnum
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 16 * 1024
BODY_SECONDS = 5.0
"""How long the body of a request may take to arrive."""

YEAR_SECONDS = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "midi=(self), camera=(), microphone=(), geolocation=()",
}

NO_TOKEN = "open the whole link that the terminal shows: it ends in ?token=..."


class Role(StrEnum):
    """What the bearer of a token may do."""

    LEAD = "lead"
    LOOK = "look"


def look_token(lead: str) -> str:
    """The token of those who only look: it tells nothing of the one it is made of."""
    return hashlib.sha256(f"look {lead}".encode()).hexdigest()[:32]


class Gate:
    """Lets through to `app` what may come in; `scope["role"]` is its Role.

    `hosts` are the names and addresses, each with the port, at which this page is. A refusal is
    one line of text: 403 for who may not, 413 and 415 for what may not.
    Threads: the event loop's.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], lead: str) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._tokens = {Role.LEAD: lead, Role.LOOK: look_token(lead)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        headers = Headers(scope=scope)
        is_page = scope["type"] == "websocket"
        refusal = self._refusal(scope, headers)
        token = _asked_token(scope)
        role = self._role(token or _cookie(headers, self.cookie(scope)))
        if refusal is None and role is None:
            refusal = PlainTextResponse(NO_TOKEN, 403)
        if refusal is None and token and not is_page:
            refusal = RedirectResponse(scope["path"], 303)  # out of the address bar
            refusal.set_cookie(
                self.cookie(scope), token, YEAR_SECONDS, httponly=True, samesite="strict"
            )
        if refusal is not None:
            if scope["type"] == "http":
                refusal.headers.update({**HEADERS, "Connection": "close"})
            await refusal(scope, receive, send)
            return
        scope["role"] = role
        if is_page:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), _with_headers(send))

    @staticmethod
    def cookie(scope: Scope) -> str:
        """Cookies know no port: two daemons on one machine have one each."""
        return f"polyrhythmia_{scope['server'][1]}"

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.getlist("host")
        if len(host) != 1 or host[0].lower() not in self._hosts:
            return PlainTextResponse("nothing is here under that name", 403)
        origins = headers.getlist("origin")
        if origins and (len(origins) > 1 or origins[0] not in self._origins):
            return PlainTextResponse("pages from elsewhere may not ask here", 403)
        if scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] not in ("POST", "DELETE"):
            return PlainTextResponse("expected GET, POST or DELETE", 405)
        if not origins:
            return PlainTextResponse("expected the Origin of the page that asks", 403)
        if scope["method"] == "POST" and headers.get("content-type") != "application/json":
            return PlainTextResponse("expected application/json", 415)
        given = headers.get("content-length", "0")
        if not given.isdecimal() or int(given) > BODY_BYTES:
            return PlainTextResponse(f"expected {BODY_BYTES} bytes at the most", 413)
        return None

    def _role(self, token: str) -> Role | None:
        given = token.encode(errors="replace")
        found = [
            role for role, its in self._tokens.items() if hmac.compare_digest(its.encode(), given)
        ]
        return found[0] if found else None


def _asked_token(scope: Scope) -> str:
    """The token in the link, on the way in and for programs that keep no cookies."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _cookie(headers: Headers, name: str) -> str:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def _bounded(receive: Receive) -> Receive:
    """A body that is too long, or takes too long, is cut off."""
    taken_bytes = 0

    async def bounded() -> Message:
        nonlocal taken_bytes
        message = await asyncio.wait_for(receive(), BODY_SECONDS)
        taken_bytes += len(message.get("body", b""))
        if taken_bytes > BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sent
