"""The clock on the wall of a live performance: seconds that only go forward."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

SPIN_SECONDS = 0.0004
"""The last bit before a deadline is not slept: the waiter is let go so early, and goes round until
it is due. A timer wakes a thread some 0.1 ms late, never the same, then it may have to wait for the
interpreter lock, and what it does first is slow; a thread that is awake has the lock, and all it
needs is warm. At the send call on a quiet machine, sleeping to 0.2 ms before and counting down from
there: 0.067 ms late in the median and 0.25 at the 99th percentile; so: 0.02 and 0.14 to 0.19. It is
less than the switch interval, so that nobody can take the lock away: with 0.8 ms, up to 0.25."""


class MonotonicTimebase:
    """`time.monotonic`, waited on through the inbox.

    Threads: dispatcher only. Real-time: yes.
    """

    def now(self) -> float:
        return time.monotonic()

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None from `SPIN_SECONDS` before the deadline on.

        So near, a message waits: what it asks for would hold up what is due. From the deadline on
        it is looked for, so that no row of deadlines that have passed can keep it out.
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
