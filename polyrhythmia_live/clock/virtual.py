"""Time that jumps: the same engine without the waiting, for rendering and for tests."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class VirtualTimebase:
    """A timebase that moves only when somebody waits on it, and then straight to the deadline.

    Threads: one. Real-time: no.
    """

    def __init__(self, now_seconds: float = 0.0) -> None:
        self._now_seconds = now_seconds

    def now(self) -> float:
        return self._now_seconds

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """A message that is there already, at no cost in time; otherwise the deadline.

        Raises RuntimeError where neither will ever come: a real wait would hang.
        """
        try:
            return inbox.get_nowait()
        except Empty:
            pass
        if until_seconds is None:
            raise RuntimeError(
                "expected a message or a deadline, got neither: in virtual time this wait would "
                "never end; put a message before waiting, or wait until a time"
            )
        self.advance_to(until_seconds)
        return None

    def advance_to(self, time_seconds: float) -> None:
        """Let time pass, for a message that arrives between two deadlines. Never goes back."""
        self._now_seconds = max(self._now_seconds, time_seconds)
