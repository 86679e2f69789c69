"""The pipe between player and brain: threads that turn messages into inbox entries and back.

None of them is on the real-time path: the dispatcher only ever puts to a queue or gets from one.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from queue import SimpleQueue

from polyrhythmia_live.messages import Choose, Command, SetLevel

BACKLOG_MAX = 1024
"""With more unsent messages than this (a brain that hangs), commands are dropped."""


class BrainPipe:
    """Lets one brain at a time connect, and the next one when it has died.

    `receive` is called with every message that arrives. Threads: starts two, both daemons.
    """

    def __init__(self, address: str, receive: Callable[[object], None]) -> None:
        with contextlib.suppress(FileNotFoundError):
            Path(address).unlink()  # a player before this one was killed
        self._listener = Listener(address, family="AF_UNIX")
        self._receive = receive
        self._outbox: SimpleQueue[object] = SimpleQueue()
        self._connection: Connection | None = None
        self._latest: dict[str, Command] = {}
        """Where knobs stand whose values found no room: the last word counts."""
        self._closed = False
        self.dropped = 0
        """Commands that the brain was too busy to take. Threads: any may read."""

    def start(self) -> None:
        """Begin to listen. Threads: player's main. Real-time: no."""
        for name, target in (("brain-in", self._accept_forever), ("brain-out", self._send_forever)):
            threading.Thread(target=target, name=name, daemon=True).start()

    def send(self, message: object) -> None:
        """Queue a message for the brain. Threads: any. Real-time: yes."""
        if isinstance(message, SetLevel | Choose):
            message = _with_way(message, self._latest.pop(message.name, None))
        if isinstance(message, Command) and self._outbox.qsize() > BACKLOG_MAX:
            self.dropped += 1
            if isinstance(message, SetLevel | Choose):
                self._latest[message.name] = message
            return
        self._outbox.put(message)

    def close(self) -> None:
        """Let nobody connect any more. Threads: player's main. Real-time: no."""
        self._closed = True
        self._listener.close()

    def _accept_forever(self) -> None:
        while not self._closed:
            with contextlib.suppress(OSError, EOFError), self._listener.accept() as connection:
                self._connection = connection
                while True:
                    self._receive(connection.recv())

    def _send_forever(self) -> None:
        """Messages for a brain that is not there are dropped: it will say Hello."""
        while True:
            message = self._outbox.get()
            if self._latest and self._outbox.empty():
                for name in list(self._latest):
                    if (turn := self._latest.pop(name, None)) is not None:
                        self._outbox.put(turn)
            connection = self._connection
            if connection is not None:
                try:
                    connection.send(message)
                except OSError:
                    self._connection = None


def _with_way(turn: Command, earlier: Command | None) -> Command:
    """A turn of a knob that has also come the way of the turns that it replaces."""
    if not (isinstance(turn, SetLevel) and isinstance(earlier, SetLevel)):
        return turn
    if turn.passing is None or earlier.passing is None:
        return turn
    (low, high), (earlier_low, earlier_high) = turn.passing, earlier.passing
    return replace(turn, passing=(min(low, earlier_low), max(high, earlier_high)))
