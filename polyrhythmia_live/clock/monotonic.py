"""The clock on the wall of a live performance: seconds that only go forward."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class MonotonicTimebase:
    """`time.monotonic`, waited on through the inbox.

    Threads: dispatcher only. Real-time: yes.
    """

    def now(self) -> float:
        return time.monotonic()

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None at the deadline; a deadline that has passed only looks."""
        if until_seconds is None:
            return inbox.get()
        remaining_seconds = until_seconds - time.monotonic()
        try:
            if remaining_seconds <= 0.0:
                return inbox.get_nowait()
            return inbox.get(timeout=remaining_seconds)
        except Empty:
            return None
