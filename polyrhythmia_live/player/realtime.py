"""Asking the operating system for real-time priority, and saying what it gave."""

from __future__ import annotations

import os
import sys

PRIORITY = 10
"""SCHED_FIFO priority: above every ordinary thread, below JACK's and the sound card's."""


def ask_for_real_time() -> str:
    """Give the calling thread SCHED_FIFO where allowed; what was got, for `doctor`.

    Never fails: without the right, the scheduler's ordinary class has to do.
    Threads: the one that wants it.
    """
    if not hasattr(os, "sched_setscheduler"):
        return f"not available on {sys.platform}"
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except PermissionError:
        return "refused: no rtprio limit for this user"
    except OSError as error:
        return f"refused: {error.strerror}"
    return f"SCHED_FIFO {PRIORITY}"
