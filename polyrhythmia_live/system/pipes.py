"""Pipes to processes that may not be reading."""

from __future__ import annotations

import select
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
