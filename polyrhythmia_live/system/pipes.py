"""Pipes to processes, and a terminal, that may not be reading."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection


def send_if_room(connection: Connection, message: object) -> bool:
    """Send a message that can be done without; False where the other end has not read for long.

    The kernel calls a socket writable while three quarters of its buffer (some 200 kB on Linux) are
    free, so a message of a few kilobytes never waits. A terminal that is stopped (Ctrl-S) stops the
    supervisor: nobody else must wait for it. Raises OSError where the other end is gone.
    """
    if not select.select([], [connection], [], 0.0)[1]:
        return False
    connection.send(message)
    return True


def end_without(
    connection: Connection, seconds: float, first: Callable[[], object] = lambda: None
) -> None:
    """Let this process end at the latest so long after the other end has hung up.

    Whatever its threads wait for by then: a call into a server that stands still may never return.
    The kernel ends it (SIGALRM), since such a call may keep the interpreter lock, and an
    interpreter that shuts down lets no other thread run. `first` is called at once. To be called
    once, by the main thread, before anything else is waited for.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def watch() -> None:
        hung_up = select.poll()
        hung_up.register(connection.fileno(), 0)  # no event but the end
        hung_up.poll()
        signal.setitimer(signal.ITIMER_REAL, seconds)
        first()

    threading.Thread(target=watch, name="hung up", daemon=True).start()


WAITING_BYTES = 1 << 16
"""What comes while so much is still waiting is lost: whoever stopped the terminal wants no more."""

PIECE_BYTES = 4096
"""A pipe that is ready takes so much without waiting (PIPE_BUF, Linux)."""


class StallableOutput:
    """Bytes to a terminal, a pipe or a file that may stand still (Ctrl-S), without ever waiting.

    A terminal is opened once more for this, because whether a write waits is a property that we
    would otherwise set for the shell too. `fd` None = nobody is there to read.
    Threads: one at a time.
    """

    def __init__(self, fd: int | None) -> None:
        self._fd = fd
        self._waiting = b""
        self._reopened: int | None = None
        if fd is not None and os.isatty(fd):
            with contextlib.suppress(OSError):  # as where the terminal is another user's
                self._reopened = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
                self._fd = self._reopened

    def write(self, text: bytes) -> None:
        """Write as much as is taken now; the rest goes before what is written next."""
        if len(self._waiting) < WAITING_BYTES:
            self._waiting += text
        self.push()

    def push(self) -> bool:
        """Try again with what is waiting; whether all of it has gone.

        All has gone, too, where the other end has.
        """
        try:
            while self._waiting and self._fd is not None:
                if not select.select([], [self._fd], [], 0.0)[1]:
                    return False
                self._waiting = self._waiting[os.write(self._fd, self._waiting[:PIECE_BYTES]) :]
        except BlockingIOError:
            return False
        except OSError:
            self.close()
        self._waiting = b""
        return True

    def close(self) -> None:
        """Leave it; what is waiting is lost. The descriptor that was given stays open."""
        if self._reopened is not None:
            os.close(self._reopened)
        self._fd = self._reopened = None
