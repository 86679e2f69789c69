"""The clock on the wall of a live performance: seconds that only go forward."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

SPIN_SECONDS = 0.0004
"""The waiter is let go this long before its deadline, and stays awake until it: a thread that wakes
up is late and slow. It is less than the switch interval, so that no thread can take the interpreter
lock away: see docs/measured.md."""


class MonotonicTimebase:
    """`time.monotonic`, waited on through the inbox.

    Threads: dispatcher only. Real-time: yes.
    """

    def now(self) -> float:
        return time.monotonic()

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None from `SPIN_SECONDS` before the deadline on.

        So near to a deadline, a message waits, because it would hold up what is due. From the
        deadline on messages are taken again, so that a row of passed deadlines cannot keep them
        out.
        """
        if until_seconds is None:
            return inbox.get()
        left_seconds = until_seconds - time.monotonic()
        if 0.0 < left_seconds <= SPIN_SECONDS:
            return None
        try:
            if left_seconds <= 0.0:
                return inbox.get_nowait()
            return inbox.get(timeout=left_seconds - SPIN_SECONDS)
        except Empty:
            return None
