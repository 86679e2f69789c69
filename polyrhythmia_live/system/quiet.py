"""Keeps what C libraries print off the performer's terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_STDERR = 2


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what is written to the process's standard error meanwhile; for short calls only.

    It is the file descriptor that is turned aside, because C libraries know nothing of
    `sys.stderr`. Without one (a service may have closed it) there is nothing to keep quiet.

    Threads: one at a time; what others write to standard error meanwhile is lost too.
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDERR)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
