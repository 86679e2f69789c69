"""What signals ask of a process: to end, or to leave its terminal to the shell for a while."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

ECHO_SECONDS = 0.3
"""A second signal this soon is the first one's echo: a program that signals a process and its
group, as `timeout` does, is heard twice."""


def leave_to_the_supervisor() -> None:
    """Ignore Ctrl-C, and a terminal that goes away: whoever started this process sees to them.

    Threads: the process's main.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Signals:
    """SIGINT, SIGTERM and SIGHUP ask for the end, SIGTSTP (Ctrl-Z) for a pause.

    What whoever started us ignores, as `nohup` does SIGHUP, is ignored. `hurry` is called when the
    end is asked for once more. Threads: the process's main.
    """

    def __init__(self, hurry: Callable[[], object] = lambda: None) -> None:
        self.ending = False
        self.suspending = False
        self._hurry = hurry
        self._asked_seconds = math.inf

    def end(self) -> None:
        """Ask for the end."""
        self.ending = True

    def suspend(self) -> None:
        """Stop, as was asked, until the shell continues us; where none could, go on at once."""
        self.suspending = False
        ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, ours)

    @contextlib.contextmanager
    def heeded(self) -> Iterator[None]:
        """Heed them meanwhile."""
        wanted = {**dict.fromkeys(ENDING, self._heed_end), signal.SIGTSTP: self._heed_pause}
        ignored = {it for it in (signal.SIGHUP, signal.SIGTSTP)
                   if signal.getsignal(it) is signal.SIG_IGN}  # fmt: skip
        before = {
            number: signal.signal(number, heed)
            for number, heed in wanted.items()
            if number not in ignored
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heed_end(self, _number: int, _frame: FrameType | None) -> None:
        now_seconds = time.monotonic()
        if now_seconds - self._asked_seconds > ECHO_SECONDS:
            self._hurry()
        self._asked_seconds = min(self._asked_seconds, now_seconds)
        self.end()

    def _heed_pause(self, _number: int, _frame: FrameType | None) -> None:
        self.suspending = True
