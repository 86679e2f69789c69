"""Whether there is a MIDI system by now, asked of processes of their own.

libjack keeps what it has seen of a server's shared memory: a process that once looked in vain may
never see the server that has come since. And what it does meanwhile holds the interpreter lock.
Run as `python -m polyrhythmia_live.midi.probe SETTING`: looks until there is one, and then ends
with exit status 0; ends as well when its standard input is closed.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys

from polyrhythmia_live.midi.system import MidiSystem

LOOK_SECONDS = 0.25
"""Between two looks. Each takes 5 ms of a core; with an interpreter of its own it would be 70."""


class MidiProbe:
    """Asks again and again, without ever waiting."""

    def __init__(self, setting: str) -> None:
        self._command = [sys.executable, "-m", "polyrhythmia_live.midi.probe", setting]
        self._process: subprocess.Popen[bytes] | None = None

    def found(self) -> bool:
        """Whether there is a MIDI system by now. The first question starts the looking.

        Threads: player's main. Real-time: no.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,  # closes when this process is gone
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        status = self._process.poll()
        if status:  # it was killed: the next question starts another
            self._process = None
        return status == 0

    def close(self) -> None:
        """Stop looking. Threads: player's main. Real-time: no."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def sees_one(setting: str) -> bool:
    """Look once, from a process that is forked for this look and does nothing else.

    This process has one thread and never touches libjack itself, so there is nothing in it that a
    fork could break.
    """
    looker = os.fork()
    if looker == 0:
        status = 1
        try:
            MidiSystem(setting).close()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(looker, 0)[1] == 0


def main() -> None:
    """Entry point: look until there is something to see, or nobody left to tell."""
    if hasattr(os, "sched_setscheduler"):  # not at the player's priority, which came along
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    while not sees_one(sys.argv[1]):
        if select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
            sys.exit(1)


if __name__ == "__main__":
    main()
