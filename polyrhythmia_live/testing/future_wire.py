"""A wire that knows the future, as a double: it keeps each message with the moment it goes out."""

from __future__ import annotations

import bisect
from collections.abc import Callable

from polyrhythmia_live.midi.base import SYSTEM
from polyrhythmia_live.wires.memory import MemoryWire


class FutureWire(MemoryWire[float]):
    """A memory of seconds that is given each message `lookahead_seconds` before it is due.

    Threads: dispatcher only. Real-time: no.
    """

    def __init__(self, now: Callable[[], float], lookahead_seconds: float) -> None:
        super().__init__(now)
        self.lookahead_seconds = lookahead_seconds

    def send(self, message: bytes) -> None:
        self.send_at(message, self._now())

    def send_at(self, message: bytes, due_seconds: float) -> None:
        moment_seconds = max(due_seconds, self._now())
        moments = [seconds for seconds, _ in self.messages]
        self.messages.insert(
            bisect.bisect_right(moments, moment_seconds), (moment_seconds, message)
        )

    def take_back(self) -> None:
        now_seconds = self._now()
        self.messages = [
            (seconds, message)
            for seconds, message in self.messages
            if seconds <= now_seconds or message[0] >= SYSTEM
        ]
