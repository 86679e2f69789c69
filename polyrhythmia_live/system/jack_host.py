"""A process of our own that works in JACK's periods, as the one that starts it sees it.

What a JACK client plays in a period it must have said by the period's beginning, on JACK's own
thread. In our process that thread would wait for the interpreter lock, and the sound server for the
thread. See docs/measured.md.
"""

from __future__ import annotations

import contextlib
import mmap
import subprocess
import sys
import tempfile
import time
from multiprocessing import Pipe
from pathlib import Path

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.jack_ring import PORTS, RING_BYTES, Figure, Ring

START_SECONDS = 5.0
"""A process that has not come up by then will not: it takes 0.1 s, on a busy machine 1 s."""

ANSWER_SECONDS = 2.0
STUCK_SECONDS = 1.0
"""A process that works in no period for so long, while the server plays them, is replaced."""

LEAVE_SECONDS = 2.0
_SHARED_MEMORY = Path("/dev/shm")


class JackHost:
    """The process that runs `module`, with one JACK client of the name `client` and its ports.

    `library` is the libjack to use; `descriptors` stay open for the process, and are the last of
    its arguments. It comes up while we do something else: see `await_up`.

    Threads: player's main. Real-time: no.
    """

    def __init__(
        self, module: str, library: str, client: str, descriptors: tuple[int, ...] = ()
    ) -> None:
        self._module = module
        self._names = (library, client)
        self._descriptors = descriptors
        self._opened = 0
        self._start()

    def _start(self) -> None:
        folder = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(RING_BYTES)
            memory = mmap.mmap(file.fileno(), RING_BYTES)
            self._pipe, theirs = Pipe()
            passed, more = (theirs.fileno(), file.fileno()), self._descriptors
            arguments = [*map(str, passed), *self._names, *map(str, more)]
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=(*passed, *more),
            )
            theirs.close()
        self.memory = memory
        """Of the ring between this process and that one; another with each process."""
        self._ring = Ring(memory)
        self._periods = 0
        self._idle_since: float | None = None
        """The first look that saw it work in no period, though the server plays them."""

    def await_up(self) -> None:
        """Wait until it is in the server, once; raises PortError where it does not come up."""
        try:
            self._ask(START_SECONDS)
        except PortError:
            self.kill()
            raise

    def _ask(self, seconds: float, question: object = None) -> str:
        """The process's answer. Raises PortError where it has none, or says no."""
        try:
            if question is not None:
                self._pipe.send(question)
            answer = self._pipe.recv() if self._pipe.poll(seconds) else PortError("no answer")
        except (OSError, EOFError):
            answer = PortError("it has ended")
        if isinstance(answer, PortError):
            raise PortError(f"the process for JACK's periods did not do its work: {answer}")
        return str(answer)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def tend(self) -> bool:
        """Start the process again where it has ended or is stuck; True where that is done.

        To be asked while the server plays.
        """
        if not self.ended and not self._is_stuck():
            return False
        self.kill()
        self._start()
        try:
            self.await_up()
        except PortError:  # the next look tries again
            return False
        return True

    def excuse(self) -> None:
        """The server does not play: nobody can work in its periods."""
        self._idle_since = None

    def _is_stuck(self) -> bool:
        now_seconds, periods = time.monotonic(), self._ring.figure(Figure.PERIODS)
        if periods != self._periods:
            self._periods, self._idle_since = periods, None
        elif self._idle_since is None:
            self._idle_since = now_seconds
        return self._idle_since is not None and now_seconds - self._idle_since > STUCK_SECONDS

    def register(self, name: str) -> tuple[int, str]:
        """A new port's number and full name; raises PortError."""
        number = self._opened % PORTS
        self._opened += 1
        return number, self._ask(ANSWER_SECONDS, (number, name))

    def unregister(self, number: int) -> None:
        """Take a port away."""
        with contextlib.suppress(OSError):
            self._pipe.send((number, None))

    def leave(self) -> None:
        """Let it leave the server, which plays, and end it."""
        self._pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it as it is."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()
