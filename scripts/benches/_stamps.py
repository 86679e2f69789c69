"""The moment of every note-on at rtmidi's send call, taken alike from this daemon and from others.

A process that is to be measured calls `install` before anything opens a port; the stamps go into
the file that the environment names, which another process may read while it grows.
"""

from __future__ import annotations

import mmap
import os
import time
from array import array
from pathlib import Path

from polyrhythmia_live.midi.base import is_note_on

DAEMON, PLAYER = "_stamped_daemon", "_stamped_player"
"""The modules that run the daemon, and its player process, with stamps."""
VARIABLE = "POLYRHYTHMIA_BENCH_STAMPS"
CAPACITY = 1 << 16
DOUBLE_BYTES = 8


def environment(file: Path) -> dict[str, str]:
    """An empty file for stamps, and what tells a child process of it."""
    file.write_bytes(bytes(CAPACITY * DOUBLE_BYTES))
    modules = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    return {VARIABLE: str(file), "PYTHONPATH": os.pathsep.join(filter(None, modules))}


def read(file: Path) -> list[float]:
    """What there is so far, in `time.monotonic()` seconds."""
    stamps = array("d", file.read_bytes())
    return list(stamps[: stamps.index(0.0)])


def begun() -> bool:
    """Whether the process that we are in has been stamped already."""
    return read(Path(os.environ[VARIABLE])) != []


def install() -> None:
    """From here on, whoever makes an `rtmidi.MidiOut` gets one that stamps."""
    import rtmidi

    with Path(os.environ[VARIABLE]).open("r+b") as file:
        stamps = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
    count = 0

    class StampedOut(rtmidi.MidiOut):  # type: ignore[misc]
        def send_message(self, message: bytes) -> None:
            nonlocal count
            if is_note_on(message):
                stamps[count] = time.monotonic()
                count += 1
            super().send_message(message)

    rtmidi.MidiOut = StampedOut
