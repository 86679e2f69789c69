"""The other end of a wire, in a process of its own: it can be killed.

Run as `python -m polyrhythmia_live.testing.midi_peer CLIENT PORT`: an input that prints each
message it gets: monotonic seconds and the bytes in hex.
"""

import queue
import subprocess
import sys
import threading
import time
from typing import Self

from polyrhythmia_live.midi.base import is_note_on

ANSWER_SECONDS = 20.0


class Peer:
    """A process with a virtual MIDI input."""

    def __init__(self, client: str, port: str = "in") -> None:
        self.name = f"{client}:{port}"
        self.heard: list[tuple[float, bytes]] = []
        """Everything that has arrived, with the moment, in monotonic seconds."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "polyrhythmia_live.testing.midi_peer", client, port],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._messages: queue.Queue[bytes] = queue.Queue()
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            seconds, message = line.split()
            self.heard.append((float(seconds), bytes.fromhex(message)))
            self._messages.put(bytes.fromhex(message))

    def message(self, timeout: float = ANSWER_SECONDS) -> bytes:
        """The next message that arrives there; raises queue.Empty."""
        return self._messages.get(timeout=timeout)

    def notes_on(self) -> list[tuple[float, bytes]]:
        return [it for it in self.heard if is_note_on(it[1])]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.kill()


def main() -> None:
    import rtmidi

    client, port = sys.argv[1:]
    wire = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client)
    wire.ignore_types(sysex=False, timing=False, active_sense=False)
    wire.set_callback(
        lambda event, _: print(repr(time.monotonic()), bytes(event[0]).hex(), flush=True)
    )
    wire.open_virtual_port(port)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
