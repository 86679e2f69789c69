"""The clock on the wall of a live performance: seconds that only go forward."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

SPIN_SECONDS = 0.0002
"""The last bit before a deadline is not slept but counted down. A timer wakes a thread some 0.1 ms
late, never the same, and then it may have to wait for the interpreter lock; a thread that is awake
has it. At the send call, on a machine with five times as much to do as it has cores, that halves
the median of the lateness and takes its 99th percentile from 0.45 to 0.17 ms (`scripts/bench
timing`); it costs 1 % of a core. Less than the switch interval: nobody can take the lock away."""


class MonotonicTimebase:
    """`time.monotonic`, waited on through the inbox.

    Threads: dispatcher only. Real-time: yes.
    """

    def now(self) -> float:
        return time.monotonic()

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None at the deadline; a deadline that has passed only looks.

        A message that comes within `SPIN_SECONDS` before a deadline is left for the next call.
        """
        if until_seconds is None:
            return inbox.get()
        asleep_seconds = until_seconds - SPIN_SECONDS - time.monotonic()
        try:
            if asleep_seconds <= 0.0:
                return inbox.get_nowait()
            return inbox.get(timeout=asleep_seconds)
        except Empty:
            while time.monotonic() < until_seconds:
                pass
            return None
