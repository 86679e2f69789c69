"""Whether there is a MIDI system by now, asked of a process of its own.

libjack keeps what it has seen of a server's shared memory: a process that once looked in vain may
never see the server that has come since. And what it does meanwhile holds the interpreter lock.
Run as `python -m polyrhythmia_live.midi.probe SETTING`: exit status 0 = there is one.
"""

from __future__ import annotations

import subprocess
import sys
import time

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.system import MidiSystem

PROBE_SECONDS = 1.0


class MidiProbe:
    """Asks again and again, without ever waiting. Threads: player's main only."""

    def __init__(self, setting: str) -> None:
        self._command = [sys.executable, "-m", "polyrhythmia_live.midi.probe", setting]
        self._process: subprocess.Popen[bytes] | None = None
        self._ask_at = 0.0

    def found(self) -> bool:
        """Whether the last answer was yes; asks the next time where there is none yet."""
        if self._process is not None:
            status = self._process.poll()
            if status is not None:
                self._process = None
            return status == 0
        if time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + PROBE_SECONDS
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        return False


def main() -> None:
    """Entry point: one look."""
    try:
        MidiSystem(sys.argv[1]).close()
    except PortError:
        sys.exit(1)


if __name__ == "__main__":
    main()
