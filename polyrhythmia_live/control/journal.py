"""What a service has for a terminal: lines on its standard output, and no keys."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from polyrhythmia_live.control.terminal import TURN_SECONDS
from polyrhythmia_live.messages import Command, Snapshot, Status
from polyrhythmia_live.system.pipes import StallableOutput


class Journal:
    """The part of a `Terminal` that says what stays; how everything stands, others show.

    Nothing waits for who reads it. Threads: supervisor's main only.
    """

    def __init__(self) -> None:
        self._output = StallableOutput(None if sys.stdout is None else sys.stdout.fileno())
        self._trouble = ""

    @contextlib.contextmanager
    def open(self) -> Iterator[Journal]:
        """Nothing is taken, and nothing to be given back."""
        yield self
        self._output.close()

    def fileno(self) -> int | None:
        """There are no keys to wait for."""
        return None

    def give_back(self) -> None:
        """Nothing was taken."""

    def still_seconds(self, _: Status | None) -> float:
        """Nothing is drawn."""
        return TURN_SECONDS

    def commands(self, _: Snapshot, quit_: Callable[[], None]) -> Iterator[Command]:
        """None: they come to the desk."""
        del quit_
        return iter(())

    def say(self, text: str) -> None:
        """Write lines."""
        self._output.write(f"{text}\n".encode())

    def show(self, snapshot: Snapshot) -> None:
        """Only trouble that is news; but what could not be written is tried again."""
        if snapshot.trouble != self._trouble:
            self._trouble = snapshot.trouble
            if self._trouble:
                self.say(self._trouble)
        self._output.push()
