"""A word with the service manager that started us (systemd's sd_notify), if one did."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

PINGS = 2
"""In each of the manager's patience: one may be late."""


class Service:
    """Tells the manager at $NOTIFY_SOCKET how we are; where there is none, nobody.

    Nothing is waited for, and nothing is raised: a manager that does not listen hears nothing.
    Threads: one at a time. Real-time: no.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket: socket.socket | None = None
        if self._address.startswith(("/", "\0")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        self._ping_seconds = _watchdog_seconds(environment) / PINGS
        self._ping_at = 0.0
        self._is_ready = False

    def ready(self) -> None:
        """What was asked for is there; said once."""
        if not self._is_ready:
            self._is_ready = True
            self._say("READY=1")

    def stopping(self) -> None:
        """The end was asked for."""
        self._say("STOPPING=1")

    def alive(self) -> None:
        """To be called all the time: the manager ends who is not heard of, if it wants that."""
        now_seconds = time.monotonic()
        if self._ping_seconds > 0.0 and now_seconds >= self._ping_at:
            self._ping_at = now_seconds + self._ping_seconds
            self._say("WATCHDOG=1")

    def _say(self, words: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(words.encode(), self._address)


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """How long the manager waits for a sign of life; 0.0 = it does not, or of another process."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    with contextlib.suppress(ValueError):
        return max(0, int(environment.get("WATCHDOG_USEC", "0"))) / 1e6
    return 0.0
