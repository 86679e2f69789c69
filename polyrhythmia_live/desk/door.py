"""The desk's door: a Unix socket that only this user may use, and the clients that came in.

No client is waited for: one that does not read what it is sent is dropped, one that sends more than
a line may hold is told so and dropped, one that sends fast is read slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

from polyrhythmia_live.desk.plain import line
from polyrhythmia_live.messages import Fire
from polyrhythmia_live.system.runtime import PRIVATE_MODE, own_folder

Held = dict[tuple[str, str], Fire]
"""The triggers that somebody holds down, by name and word."""

CLIENTS_MAX = 16
LINE_BYTES = 16 * 1024
LINES_PER_SECOND = 200
"""A faster client is read no faster: a knob in motion sends a hundred."""

BEHIND_BYTES = 1 << 20
"""What is kept of the log for a client that does not read: more than an hour of playing."""

SLOW_SECONDS = 5.0
"""A client that has not read for so long is dropped."""


class Client:
    """One connection: what it is sent, and what it holds down. Threads: the event loop's."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.subscribed = False
        self.listens = False
        self.held: Held = {}
        """What it holds down: they are let go when it goes."""
        self._writer = writer
        self._behind_since: float | None = None

    def tell(self, text: bytes) -> None:
        """Send a line."""
        if not self._writer.is_closing():
            self._writer.write(text)

    def show(self, text: bytes) -> None:
        """Send a line that the next one replaces: one that has not read the last is not sent it.

        Who has not read for long is dropped.
        """
        now_seconds = time.monotonic()
        if self._writer.transport.get_write_buffer_size() == 0:
            self._behind_since = None
            self.tell(text)
        elif self._behind_since is None:
            self._behind_since = now_seconds
        elif now_seconds - self._behind_since > SLOW_SECONDS:
            self._writer.transport.abort()

    def follow(self, text: bytes) -> None:
        """Send lines of which none may be missing: one that is too far behind is dropped."""
        if self._writer.transport.get_write_buffer_size() > BEHIND_BYTES:
            self._writer.transport.abort()
        else:
            self.tell(text)

    async def drain(self) -> None:
        """Wait until it has read what it was sent. Raises TimeoutError where it does not."""
        async with asyncio.timeout(SLOW_SECONDS):
            await self._writer.drain()

    def end(self, farewell: bytes) -> None:
        """Send a last line and close; one that is still behind is not waited for."""
        self.tell(farewell)
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()
        self._writer.close()

    async def leave(self) -> None:
        """Close the connection once what was sent has gone; not for ever."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(SLOW_SECONDS):
                await self._writer.wait_closed()
        self._writer.transport.abort()


class Door:
    """Lets clients in. `hear` is called with each line, `gone` with a client that has left.

    Threads: the event loop's.
    """

    def __init__(
        self,
        path: Path,
        greeting: bytes,
        hear: Callable[[Client, bytes], None],
        gone: Callable[[Client], None],
    ) -> None:
        self.clients: set[Client] = set()
        self._path = path
        self._greeting = greeting
        self._hear = hear
        self._gone = gone
        self._server: asyncio.Server | None = None
        self._inode = 0

    async def open(self) -> None:
        """Begin to listen. Raises OSError, in words for the performer, where that cannot be."""
        listening = bound(self._path)
        self._inode = self._path.lstat().st_ino
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listening, limit=LINE_BYTES
        )

    async def close(self, farewell: bytes) -> None:
        """Say so to everybody, and take the socket away."""
        if self._server is None:
            return
        self._server.close()
        for client in tuple(self.clients):
            client.end(farewell)
        with contextlib.suppress(OSError):
            if self._path.lstat().st_ino == self._inode:
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        if len(self.clients) >= CLIENTS_MAX:
            client.tell(line(error=f"expected {CLIENTS_MAX} clients at the most: close one"))
            await client.leave()
            return
        self.clients.add(client)
        try:
            client.tell(self._greeting)
            await self._listen(client, reader)
        except (OSError, TimeoutError):
            writer.transport.abort()
        finally:
            self.clients.discard(client)
            self._gone(client)
            await client.leave()

    async def _listen(self, client: Client, reader: asyncio.StreamReader) -> None:
        """Hear one line after the other, no faster than `LINES_PER_SECOND`."""
        free_seconds = time.monotonic()
        while True:
            try:
                text = await reader.readuntil()
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                client.tell(line(error=f"expected lines of {LINE_BYTES} bytes at the most"))
                return
            self._hear(client, text)
            await client.drain()
            now_seconds = time.monotonic()
            free_seconds = max(free_seconds + 1 / LINES_PER_SECOND, now_seconds - 1)
            if free_seconds > now_seconds:
                await asyncio.sleep(free_seconds - now_seconds)


def bound(path: Path) -> socket.socket:
    """A socket that listens there, for this user alone.

    What a desk that was killed left there is taken away; anything else is left alone. Raises
    OSError, in words for the performer.
    """
    own_folder(path.parent)
    with contextlib.suppress(FileNotFoundError):
        there = path.lstat()
        if not stat.S_ISSOCK(there.st_mode) or there.st_uid != os.getuid():
            raise FileExistsError(0, "something else is there", str(path))
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~PRIVATE_MODE)  # between bind and chmod, anybody could come in
    try:
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        raise OSError(0, str(error), str(path)) from None
    finally:
        os.umask(before)
    return listening
