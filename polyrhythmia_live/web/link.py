"""The link to the page, as people take it over: this machine's addresses, and a picture of it."""

from __future__ import annotations

import contextlib
import io
import socket

import segno

ELSEWHERE = ("192.0.2.1", "2001:db8::1")
"""Nobody's addresses (RFC 5737, RFC 3849): the way there shows our own, and nothing is sent."""

LOOPBACKS = ("127.0.0.1", "::1")


def addresses(host: str) -> list[str]:
    """The addresses at which a server bound to `host` is found, the one to give away first."""
    if host not in ("0.0.0.0", "::"):
        return [host] if host not in LOOPBACKS else [host, *LOOPBACKS]
    own = []
    for family, there in zip((socket.AF_INET, socket.AF_INET6), ELSEWHERE, strict=True):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((there, 9))
            own.append(way.getsockname()[0])
    return [*own, *LOOPBACKS]


def drawn(link: str) -> str:
    """A QR code of it in half blocks, for a phone before the terminal; it fits 80 by 24."""
    picture = io.StringIO()
    segno.make(link, error="L", micro=False).terminal(out=picture, border=1, compact=True)
    return picture.getvalue().rstrip("\n")
