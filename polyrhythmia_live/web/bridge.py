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

    def __init__(self, desk: Path) -> None:
        self._desk = desk
        self._open = 0

    async def serve(self, page: WebSocket) -> None:
        """Pass on both ways until either side has gone."""
        if self._open >= CLIENTS_MAX:
            await page.close(FULL, f"expected {CLIENTS_MAX} pages at the most: close one")
            return
        self._open += 1
        try:
            await page.accept()
            try:
                reader, writer = await asyncio.open_unix_connection(
                    self._desk, limit=DESK_LINE_BYTES
                )
            except OSError:
                await page.close(RESTARTING, "the desk is not there")
                return
            try:
                await self._pass_on(page, reader, writer)
            finally:
                writer.transport.abort()
        finally:
            self._open -= 1

    async def _pass_on(
        self, page: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        tasks = {
            asyncio.create_task(self._from_desk(page, reader)),
            asyncio.create_task(self._from_page(page, writer)),
        }
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        code, reason = done.pop().result()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(SLOW_SECONDS):
                await page.close(code, reason)

    async def _from_desk(self, page: WebSocket, reader: asyncio.StreamReader) -> tuple[int, str]:
        """Send what the desk says; how it ended, as close code and reason."""
        try:
            await _tell(page, (await reader.readuntil()).decode())
            await _tell(page, json.dumps({"role": page.scope["role"].value}))
            while True:
                await _tell(page, (await reader.readuntil()).decode())
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            return RESTARTING, "the desk has gone"
        except TimeoutError:
            return POLICY, "nothing was read for too long"

    async def _from_page(self, page: WebSocket, writer: asyncio.StreamWriter) -> tuple[int, str]:
        """Obey or pass on what the page asks; how it ended, as close code and reason."""
        free_seconds = time.monotonic()
        while True:
            try:
                text = await page.receive_text()
            except (WebSocketDisconnect, KeyError):
                return GOING_AWAY, ""
            try:
                asked = _object(text)
                if "ping" in asked:
                    pong = {"pong": asked["ping"], "seconds": time.monotonic()}
                    await _tell(page, json.dumps(pong))
                elif page.scope["role"] is Role.LOOK and not _only_looks(asked):
                    raise ValueError("this link is for looking: who leads has another one")
                else:
                    writer.write(line(**asked))
                    await writer.drain()
            except ValueError as error:
                await _tell(page, json.dumps({"error": str(error)}))
            except (OSError, TimeoutError):
                return RESTARTING, "the desk has gone"
            free_seconds = max(free_seconds + 1 / FRAMES_PER_SECOND, time.monotonic() - 1)
            if free_seconds > time.monotonic():
                await asyncio.sleep(free_seconds - time.monotonic())


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


async def _tell(page: WebSocket, text: str) -> None:
    """Raises TimeoutError for a page that does not read."""
    async with asyncio.timeout(SLOW_SECONDS):
        await page.send_text(text)
