"""The web server, put together: who may come in, the files of the page, and its WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, Router, WebSocketRoute
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from polyrhythmia_live.config import WebConfig
from polyrhythmia_live.messages import LIFE_SECONDS, Alive, AtWork, PageAt
from polyrhythmia_live.system.pipes import send_if_room
from polyrhythmia_live.web.bridge import FRAME_BYTES, Bridge
from polyrhythmia_live.web.gate import Gate, look_token
from polyrhythmia_live.web.link import addresses, drawn
from polyrhythmia_live.web.pages import answer, pages
from polyrhythmia_live.web.sampler import Sampler
from polyrhythmia_live.web.shelf import Shelf
from polyrhythmia_live.web.sounding import Hub

if TYPE_CHECKING:
    from asyncio import Transport

PORTS_TRIED = 10
"""From the one that is wanted on, unless it was asked for by number."""

CONNECTIONS_MAX = 128
"""At once: a browser opens six, a page's WebSocket is one."""

HEAD_SECONDS = 5.0
"""How long a request may take to arrive, from the connection on."""

FAREWELL_SECONDS = 1


class _Http(H11Protocol):
    """A connection that brings no request is closed: half-open ones would take all places."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            self.transport.abort()
            return
        self.loop.call_later(HEAD_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        is_ours = self.transport.get_protocol() is self  # no WebSocket has taken it over
        if is_ours and self.cycle is None:
            self.transport.abort()


class _WebSocket(WebSocketsSansIOProtocol):
    """One that is over is closed, also where what it was sent is never read."""

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)


class _Server(uvicorn.Server):
    """Signals are the supervisor's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Web:
    """Threads: one, the process's main. Real-time: no."""

    def __init__(self, config: WebConfig, supervisor: Connection) -> None:
        self._config = config
        self._supervisor = supervisor
        self._hub = Hub(config.desk)
        self._bridge = Bridge(config.desk, self._hub)
        jobs = config.cache / "jobs"
        self._shelf = Shelf(config.log, config.performances, config.tempos_bpm, jobs)
        self._sampler = Sampler(config.sound, config.cache / "samples")
        self._pages = pages()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve until the supervisor is gone."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._supervisor.fileno(), self._hear)
        self._live()
        try:
            listening = _bound(self._config)
        except OSError as error:
            where = f"{self._config.address}, port {self._config.port}"
            self._say(AtWork(f"no page at {where}: {error.strerror}"))
            await self._ended.wait()
            return
        host, port = listening.getsockname()[:2]
        self._say(self._page_at(host, port))
        server = _Server(self._settings(host, port))
        listens = asyncio.create_task(self._hub.run())
        serving = asyncio.create_task(server.serve([listening]))
        await self._ended.wait()
        listens.cancel()
        self._shelf.close()
        server.should_exit = True
        await serving

    def _settings(self, host: str, port: int) -> uvicorn.Config:
        gate = Gate(Router(self._routes()), _hosts(host, port), self._config.token)
        return uvicorn.Config(
            gate,
            http=_Http,
            ws=_WebSocket,
            ws_max_size=FRAME_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=FAREWELL_SECONDS,
        )

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._page),
            Route("/static/{name}", self._page),
            Route("/about", self._about),
            Route("/samples/{name}", self._sampler.serve),
            *self._shelf.routes(),
            WebSocketRoute("/ws", self._bridge.serve),
        ]

    async def _page(self, request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        return answer(request, self._pages.get(name))

    async def _about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "plays": self._config.desk is not None,
                "genres": dict(self._config.tempos_bpm),
                "people": dict(self._config.people),
            }
        )

    def _page_at(self, host: str, port: int) -> PageAt:
        origin = f"http://{_in_link(addresses(host)[0])}:{port}"
        lead = f"{origin}/?token={self._config.token}"
        look = f"{origin}/?token={look_token(self._config.token)}"
        return PageAt(lead, look, "" if ipaddress.ip_address(host).is_loopback else drawn(lead))

    def _hear(self) -> None:
        """Nothing is said to us but the end."""
        try:
            self._supervisor.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._supervisor.fileno())
            self._ended.set()

    def _live(self) -> None:
        """Say that we are at work, again and again."""
        self._say(Alive())
        asyncio.get_running_loop().call_later(LIFE_SECONDS, self._live)

    def _say(self, message: object) -> None:
        with contextlib.suppress(OSError):
            send_if_room(self._supervisor, message)


def _bound(config: WebConfig) -> socket.socket:
    """A socket at the port that is wanted, or at the next free one. Raises OSError."""
    ports = range(config.port, config.port + (1 if config.port_asked else PORTS_TRIED))
    for port in ports:
        family = socket.AF_INET6 if ":" in config.address else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((config.address, port))
        except OSError:
            listening.close()
            if port == ports[-1]:
                raise
            continue
        listening.listen(CONNECTIONS_MAX)  # who has been told the link may come at once
        return listening
    raise AssertionError("unreachable: the last port has raised")


def _hosts(host: str, port: int) -> set[str]:
    """By what names a browser may know this page: never one that merely points here."""
    names = {"localhost", *map(_in_link, addresses(host))}
    return {f"{name}:{port}" for name in names}


def _in_link(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def serve(supervisor: Connection) -> None:
    """Serve the page for as long as the supervisor lives."""
    try:
        config: WebConfig = supervisor.recv()
    except (EOFError, OSError):
        return  # nothing was begun
    logging.getLogger("uvicorn").setLevel(logging.ERROR)

    async def run() -> None:
        await Web(config, supervisor).run()

    asyncio.run(run())
