"""The files of the page: a fixed map in memory, so that no path from outside meets the disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A file as it is sent. `tag` changes when its bytes do."""

    kind: str
    body: bytes
    tag: str


def pages() -> dict[str, Page]:
    """All that is in `static/`, by name."""
    found = {}
    for file in resources.files("polyrhythmia_live.web").joinpath("static").iterdir():
        ending = file.name[file.name.rfind(".") :]
        if ending in KINDS:
            body = file.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            found[file.name] = Page(KINDS[ending], body, tag)
    return found


def answer(request: Request, page: Page | None) -> Response:
    """The file, unless the browser has it already: asked each time, for it may be another's."""
    if page is None:
        return PlainTextResponse("nothing is here", 404)
    headers = {"ETag": page.tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == page.tag:
        return Response(status_code=304, headers=headers)
    return Response(page.body, media_type=page.kind, headers=headers)
