"""Leads a page to the desk: each WebSocket is a client of the desk's socket of its own.

So what a page holds down is let go when it leaves, its answers are its own, and the desk's rules
hold for it: one that reads too slowly is sent only the newest snapshot, and dropped after a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from polyrhythmia_live.desk.plain import line
from polyrhythmia_live.web.gate import Role
from polyrhythmia_live.web.sounding import Hub

CLIENTS_MAX = 12
"""Of the desk's 16: terminals and `ctl` must always find room."""

FRAME_BYTES = 16 * 1024
FRAMES_PER_SECOND = 100
"""A faster page is read no faster."""

DESK_LINE_BYTES = 1 << 20
SLOW_SECONDS = 5.0
"""A page that has not read for so long is dropped."""

LOOKS = frozenset({"id", "subscribe", "listen", "ask"})
"""What those who only look may ask for; of `ask`, the snapshot."""

GOING_AWAY, POLICY, RESTARTING, FULL = 1001, 1008, 1012, 1013
"""Close codes of RFC 6455, 7.4.1, and of its registry."""


class Bridge:
    """The pages that are open. Threads: the event loop's."""

    def __init__(self, desk: Path | None, hub: Hub) -> None:
        self._desk = desk
        self._hub = hub
        self._open = 0

    async def serve(self, page: WebSocket) -> None:
        """Pass on both ways until either side has gone."""
        if self._open >= CLIENTS_MAX:
            await page.close(FULL, f"expected {CLIENTS_MAX} pages at the most: close one")
            return
        self._open += 1
        try:
            await page.accept()
            if self._desk is None:
                await page.close(POLICY, "nothing plays here")
                return
            try:
                desk = await asyncio.open_unix_connection(self._desk, limit=DESK_LINE_BYTES)
            except OSError:
                await page.close(RESTARTING, "the desk is not there")
                return
            await _Crossing(page, *desk, self._hub).run()
        finally:
            self._open -= 1


class _Crossing:
    """One page and its connection to the desk."""

    def __init__(
        self, page: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hub: Hub
    ) -> None:
        self._page = page
        self._reader = reader
        self._writer = writer
        self._hub = hub
        self._hears = asyncio.Event()

    async def run(self) -> None:
        """Pass on until the first of the three ways has come to its end."""
        ways = (self._from_desk(), self._from_page(), self._from_hub())
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code, reason = done.pop().result()
        except TimeoutError:
            return  # nothing was read for too long: a farewell would not be either
        except (WebSocketDisconnect, OSError):
            code, reason = GOING_AWAY, ""
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._writer.transport.abort()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(SLOW_SECONDS):
                await self._page.close(code, reason)

    async def _from_desk(self) -> tuple[int, str]:
        """Send what the desk says; how it ended, as close code and reason."""
        try:
            await self._tell((await self._reader.readuntil()).decode())
            await self._tell(json.dumps({"role": self._page.scope["role"].value}))
            while True:
                await self._tell((await self._reader.readuntil()).decode())
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return RESTARTING, "the desk has gone"

    async def _from_hub(self) -> tuple[int, str]:
        """Send what sounds, from when that is asked for."""
        await self._hears.wait()
        await self._hub.serve(self._tell)
        return GOING_AWAY, ""

    async def _from_page(self) -> tuple[int, str]:
        """Obey or pass on what the page asks; how it ended, as close code and reason."""
        free_seconds = time.monotonic()
        while True:
            try:
                text = await self._page.receive_text()
            except (WebSocketDisconnect, KeyError):
                return GOING_AWAY, ""
            try:
                await self._obey(_object(text))
            except ValueError as error:
                await self._tell(json.dumps({"error": str(error)}))
            free_seconds = max(free_seconds + 1 / FRAMES_PER_SECOND, time.monotonic() - 1)
            if free_seconds > time.monotonic():
                await asyncio.sleep(free_seconds - time.monotonic())

    async def _obey(self, asked: dict[str, Any]) -> None:
        """Raises ValueError, in one line, for what this page may not ask."""
        if "ping" in asked:
            await self._tell(json.dumps({"pong": asked["ping"], "seconds": time.monotonic()}))
        elif "hear" in asked:
            self._hears.set()
        elif self._page.scope["role"] is Role.LOOK and not _only_looks(asked):
            raise ValueError("this link is for looking: who leads has another one")
        else:
            self._writer.write(line(**asked))
            await self._writer.drain()

    async def _tell(self, text: str) -> None:
        """Raises TimeoutError for a page that does not read, WebSocketDisconnect for one gone."""
        async with asyncio.timeout(SLOW_SECONDS):
            await self._page.send_text(text)


def _object(text: str) -> dict[str, Any]:
    """Raises ValueError, in one line, for what is no JSON object."""
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - as of all that cannot be read
    return asked


def _only_looks(asked: dict[str, Any]) -> bool:
    return asked.keys() <= LOOKS and asked.get("ask", "snapshot") == "snapshot"
