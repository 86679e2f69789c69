"""A wire that knows the future, as a double: it keeps each message with the moment it goes out."""

from __future__ import annotations

import bisect
from collections.abc import Callable

from polyrhythmia_live.midi.base import SYSTEM
from polyrhythmia_live.wires.memory import MemoryWire


class FutureWire(MemoryWire[float]):
    """A memory of seconds that is given each message `lookahead_seconds` before it is due.

    With a period, what is due within the present one has gone out already, as on JACK.
    Threads: dispatcher only. Real-time: no.
    """

    def __init__(
        self, now: Callable[[], float], lookahead_seconds: float, period_seconds: float = 0.0
    ) -> None:
        super().__init__(now)
        self.lookahead_seconds = lookahead_seconds
        self._period_seconds = period_seconds

    def send(self, message: bytes) -> None:
        self.send_at(message, self._now())

    def send_at(self, message: bytes, due_seconds: float) -> None:
        moment_seconds = max(due_seconds, self._now())
        moments = [seconds for seconds, _ in self.messages]
        self.messages.insert(
            bisect.bisect_right(moments, moment_seconds), (moment_seconds, message)
        )

    def firm_until(self, now_seconds: float) -> float:
        period_seconds = self._period_seconds
        if not period_seconds:
            return now_seconds
        return (now_seconds // period_seconds + 1) * period_seconds

    def withdraw(self, message: bytes, due_seconds: float) -> None:
        now_seconds = self._now()
        if due_seconds > now_seconds and due_seconds >= self.firm_until(now_seconds):
            self.messages.remove((due_seconds, message))

    def take_back(self) -> None:
        now_seconds = self._now()
        self.messages = [
            (seconds, message)
            for seconds, message in self.messages
            if seconds <= now_seconds or message[0] >= SYSTEM
        ]
