"""Asking the operating system for real-time priority, and saying what it gave."""

from __future__ import annotations

import os
import sys

PRIORITY = 10
"""SCHED_FIFO priority: above every ordinary thread, below JACK's and the sound card's."""

BESIDE_PRIORITY = PRIORITY - 1
"""The priority of the other threads of the dispatcher's process. At an ordinary priority, a thread
that holds the interpreter lock can be put aside for another process, and the dispatcher then waits
for both: see docs/measured.md."""


def ask_for_real_time(priority: int = PRIORITY) -> str:
    """Give the calling thread SCHED_FIFO where allowed; what the system gave, in `doctor`'s words.

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
