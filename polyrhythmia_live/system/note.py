"""A line in the process's own log."""

from __future__ import annotations

import contextlib
import sys


def note(line: str) -> None:
    """Write a line to standard error, which is the log; a full disk costs the line and no more.

    Threads: any. Real-time: no.
    """
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # full, or closed
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
