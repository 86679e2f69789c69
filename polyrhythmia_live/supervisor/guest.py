"""The terminal of a performance, lent to a process of its own that draws the whole of it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from polyrhythmia_live.control.terminal import TURN_SECONDS, Terminal
from polyrhythmia_live.messages import Command, Snapshot, Status
from polyrhythmia_live.system.pipes import StallableOutput

GUEST_MODULE = "polyrhythmia_live.tui.process"

LEAVING_SECONDS = 0.5
"""How long it has to leave the terminal as it found it, once the performance has ended."""

AS_IT_WAS = b"\x1b[?1049l\x1b[?25h\x1b[?7h" + b"".join(
    b"\x1b[?%dl" % mode for mode in (1000, 1003, 1004, 1006, 1015, 2004, 2048)
)
"""What a guest that was killed has left undone: the other screen, the cursor, and what a terminal
reports of mouse, focus, pastes and size (xterm's private modes)."""


class Guest:
    """As a `Terminal`, which has the screen before the guest comes and after it has gone.

    The guest is a client of the desk's socket, and comes when that is there. It may be killed or
    stopped: nobody waits for it. Where it ends by itself with status 0, the performer has quit.
    Threads: supervisor's main only.
    """

    def __init__(self, own: Terminal, socket: Path) -> None:
        self._own = own
        self._socket = socket
        self._process: subprocess.Popen[bytes] | None = None
        self._has_been = False
        self._unsaid: list[str] = []
        """What is to be said when the guest has gone."""

    @contextlib.contextmanager
    def open(self) -> Iterator[Guest]:
        """Take keys and cursor; give both back on every way out."""
        with self._own.open():
            try:
                yield self
            finally:
                self._end()

    def fileno(self) -> int | None:
        """What to wait on for keys, or None."""
        return self._own.fileno() if self._process is None else None

    def still_seconds(self, status: Status | None) -> float:
        """How long nothing moves on the screen by itself."""
        return self._own.still_seconds(status) if self._process is None else TURN_SECONDS

    def give_back(self) -> None:
        """Leave keys and screen to the shell; a guest is stopped by itself, and has done so."""
        if self._process is None:
            self._own.give_back()

    def commands(self, snapshot: Snapshot, quit_: Callable[[], None]) -> Iterator[Command]:
        """What the keys ask for; those of the guest come to the desk."""
        if self._process is None:
            yield from self._own.commands(snapshot, quit_)
        elif (status := self._process.poll()) == 0:
            self._come_back()
            quit_()
        elif status is not None:
            self._come_back()
            self.say(f"the whole terminal is gone (exit {status}); the keys work here, too")

    def say(self, text: str) -> None:
        """Print something that stays, when there is a place for it."""
        if self._process is None:
            self._own.say(text)
        else:
            self._unsaid.append(text)

    def show(self, snapshot: Snapshot) -> None:
        """Draw how everything stands, unless a guest does so."""
        if self._process is not None:
            return
        if not self._has_been and self._own.fileno() is not None and self._socket.exists():
            self._lend()
        else:
            self._own.show(snapshot)

    def _lend(self) -> None:
        self._has_been = True
        self._own.give_back()
        command = [sys.executable, "-m", GUEST_MODULE, str(self._socket)]
        # In our own process group: the terminal is its to read, and Ctrl-Z stops us together.
        self._process = subprocess.Popen(command)

    def _come_back(self) -> None:
        """The terminal is our own again, however it was left."""
        assert self._process is not None
        if self._process.returncode:
            output = StallableOutput(sys.stderr.fileno())
            output.write(AS_IT_WAS)
            output.close()
        self._process = None
        self._own.give_back()
        self._own.fileno()
        unsaid, self._unsaid = self._unsaid, []
        for text in unsaid:
            self._own.say(text)

    def _end(self) -> None:
        """A guest leaves when the desk says that all has ended; one that does not is killed."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVING_SECONDS)
        self._process.kill()
        self._process.wait()
        self._come_back()
