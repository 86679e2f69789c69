"""One child process of the supervisor: a fresh interpreter, a pipe, and growing patience."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import BinaryIO

from polyrhythmia_live.system.pipes import send_if_room

BACKOFF_SECONDS = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)
LEAVING_SECONDS = 0.05
"""A process whose pipe has closed is about to end, and its own exit status says more than ours."""
KILL_SECONDS = 1.0
STEADY_SECONDS = 10.0
"""A child that has run for so long starts its backoff anew."""


class Child:
    """Runs `python -m module PIPE [FD ...]` and sends it its setup first.

    `setup` is asked anew at every start. Spawned, never forked: a fresh interpreter imports only
    what its module needs. `log` takes its standard error; None = the supervisor's own.
    Threads: supervisor's main only.
    """

    def __init__(
        self,
        module: str,
        setup: Callable[[], object],
        log: BinaryIO | None,
        file_descriptors: tuple[int, ...] = (),
    ) -> None:
        self._module = module
        self._setup = setup
        self._log = log
        self._file_descriptors = file_descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._failures = 0
        self.connection: Connection | None = None
        self._ended: Connection | None = None
        """The pipe, when we have hung up and the process is still there."""
        self.heard_at = 0.0
        """When it last sent something, in monotonic seconds; at first, when it was started."""
        self.reported = False
        """Whether it has sent anything since it was started."""
        self.starts = 0
        self.start_at = 0.0
        """When it may be started (again), in monotonic seconds."""

    def start(self) -> None:
        """Start the process and hand it its setup."""
        ours, theirs = Pipe()
        passed = (theirs.fileno(), *self._file_descriptors)
        command = [sys.executable, "-m", self._module, *map(str, passed)]
        self._process = subprocess.Popen(
            command,
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            process_group=0,  # what stops the supervisor (Ctrl-Z) must not stop the groove
        )
        theirs.close()
        self.connection = ours
        self.starts += 1
        self.reported = False
        self._started_at = self.heard_at = time.monotonic()
        self.send(self._setup())

    def send(self, message: object) -> bool:
        """Send a message, if there is room; whether it was sent.

        To a child that is gone it is lost, and `receive` will tell; to one that hangs, too: nobody
        else must wait for it.
        """
        if self.connection is not None:
            with contextlib.suppress(OSError):
                return send_if_room(self.connection, message)
        return False

    def receive(self) -> object:
        """The next message. Raises EOFError when the child is gone."""
        if self.connection is None:
            raise EOFError
        try:
            message: object = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        self.heard_at = time.monotonic()
        self.reported = True
        return message

    def bury(self) -> int | None:
        """Kill what is left of the process; its exit status, None where it does not end.

        It may be started again later.
        """
        if self._process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVING_SECONDS)
        self._kill()
        status = self._process.returncode
        self._close()
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._failures = 0
        patience = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self.start_at = time.monotonic() + patience
        return status

    def stop(self, until_seconds: float) -> None:
        """Wait for the process to end by itself until that moment; then kill it."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until_seconds - time.monotonic()))
        self._kill()
        self._close()

    def _kill(self) -> None:
        """One that the kernel keeps, for a disk or a network that hangs, is left to it."""
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(KILL_SECONDS)

    def hang_up(self) -> None:
        """Say no more: to a child, that means the end. What it was told before, it still hears.

        Closed with something unread in it, a pipe would lose that.
        """
        if self.connection is not None:
            self._ended, self.connection = self.connection, None
            with socket.socket(fileno=os.dup(self._ended.fileno())) as line:
                line.shutdown(socket.SHUT_WR)

    def _close(self) -> None:
        for connection in (self.connection, self._ended):
            if connection is not None:
                connection.close()
        self.connection = self._ended = self._process = None
