"""Keeps what C libraries print off the performer's terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from threading import Lock

_STDERR = 2


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what is written to the process's standard error meanwhile; for short calls only.

    It is the file descriptor that is turned aside, because C libraries know nothing of
    `sys.stderr`. Without one (a service may have closed it) there is nothing to keep quiet.

    Threads: any, at once too; what others write to standard error meanwhile is lost as well.
    """
    _turn_aside()
    try:
        yield
    finally:
        _turn_back()


class _Kept:
    """What standard error was before the first of those who want quiet came."""

    lock = Lock()
    wanted = 0
    fd: int | None = None


def _turn_aside() -> None:
    with _Kept.lock:
        _Kept.wanted += 1
        if _Kept.wanted > 1:
            return
        with contextlib.suppress(OSError):
            _Kept.fd = os.dup(_STDERR)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)


def _turn_back() -> None:
    """The last one to go gives it back."""
    with _Kept.lock:
        _Kept.wanted -= 1
        if _Kept.wanted == 0 and _Kept.fd is not None:
            os.dup2(_Kept.fd, _STDERR)
            os.close(_Kept.fd)
            _Kept.fd = None
