"""Asking the operating system for real-time priority, and saying what it gave."""

from __future__ import annotations

import os
import sys

PRIORITY = 10
"""SCHED_FIFO priority: above every ordinary thread, below JACK's and the sound card's."""

BESIDE_PRIORITY = PRIORITY - 1
"""For the other threads of the dispatcher's process. With an ordinary one, who holds the
interpreter lock can be put aside for somebody else's work, and the dispatcher then waits for both.
On a machine with every core taken that was 2 ms at the 99th percentile; so it is 0.1 ms."""


def ask_for_real_time(priority: int = PRIORITY) -> str:
    """Give the calling thread SCHED_FIFO where allowed; what was got, for `doctor`.

    Threads that it starts later have the same, unless they ask for something else.

    Never fails: without the right, the scheduler's ordinary class has to do.
    Threads: the one that wants it.
    """
    if not hasattr(os, "sched_setscheduler"):
        return f"not available on {sys.platform}"
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except PermissionError:
        return "refused: no rtprio limit for this user"
    except OSError as error:
        return f"refused: {error.strerror}"
    return f"SCHED_FIFO {priority}"
