"""A recorder in a process of its own: what a drum machine hears.

Run as `python -m polyrhythmia_live.testing.recorder FILE SOURCE ...`: waits for the JACK MIDI
outputs whose names contain the SOURCEs, connects to them, and writes a line per message: monotonic
seconds, the source, the bytes in hex. One process stamps them all, so the stamps can be compared.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from polyrhythmia_live.midi.base import is_note_off, is_note_on
from polyrhythmia_live.midi.system import MidiSystem

READY = "ready"


@dataclass(frozen=True)
class Heard:
    """One message as it arrived."""

    seconds: float
    source: str
    message: bytes

    @property
    def is_note_on(self) -> bool:
        return is_note_on(self.message)

    @property
    def is_note_off(self) -> bool:
        return is_note_off(self.message)


class Recorder:
    """The recording process, and what it has heard so far."""

    def __init__(self, file: Path, *sources: str) -> None:
        self._file = file
        file.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "polyrhythmia_live.testing.recorder", str(file), *sources],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == READY

    def heard(self, source: str = "") -> list[Heard]:
        """Everything from sources whose name contains `source`, in the order it came."""
        lines = self._file.read_text().splitlines()
        rows = [line.split("\t") for line in lines if line.count("\t") == 2]
        return [
            Heard(float(seconds), name, bytes.fromhex(data))
            for seconds, name, data in rows
            if source in name
        ]

    def notes_on(self, since_seconds: float = 0.0) -> list[Heard]:
        return [it for it in self.heard() if it.is_note_on and it.seconds >= since_seconds]

    def hanging(self) -> set[tuple[int, int]]:
        """(channel, note) of every note that began and did not end."""
        sounding: set[tuple[int, int]] = set()
        for it in self.heard():
            key = (it.message[0] & 0x0F, it.message[1] if len(it.message) > 1 else 0)
            if it.is_note_on:
                sounding.add(key)
            elif it.is_note_off:
                sounding.discard(key)
        return sounding

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._process.communicate(timeout=20)


def main() -> None:
    import rtmidi

    path, *sources = sys.argv[1:]
    heard: SimpleQueue[tuple[float, str, bytes] | None] = SimpleQueue()

    def receive(event: tuple[list[int], float], source: str) -> None:
        heard.put((time.monotonic(), source, bytes(event[0])))

    wires = [_listen(rtmidi, source, receive) for source in sources]
    print(READY, flush=True)
    threading.Thread(target=_until_hung_up, args=(heard,), daemon=True).start()
    with Path(path).open("a", buffering=1) as file:  # one thread writes: text files are not for two
        while (it := heard.get()) is not None:
            file.write(f"{it[0]!r}\t{it[1]}\t{it[2].hex()}\n")
    for wire in wires:
        wire.cancel_callback()
        wire.close_port()
        wire.delete()


def _until_hung_up(heard: SimpleQueue[tuple[float, str, bytes] | None]) -> None:
    sys.stdin.read()
    heard.put(None)


def _listen(rtmidi: Any, source: str, receive: Callable[..., None]) -> Any:
    wire = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="Test Recorder")
    wire.ignore_types(sysex=True, timing=False, active_sense=True)
    wire.set_callback(receive, source)
    while True:
        for index, name in enumerate(MidiSystem.listed_by(wire)):
            if source in name:
                wire.open_port(index, source)
                return wire
        time.sleep(0.02)


if __name__ == "__main__":
    main()
