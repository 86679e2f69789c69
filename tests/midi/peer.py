"""The other end of a wire, in a process of its own: it can be killed.

Run as `python -m tests.midi.peer CLIENT PORT`: an input that prints each message it gets, in hex.
"""

import queue
import subprocess
import sys
import threading
from typing import Self

ANSWER_SECONDS = 20.0


class Peer:
    """A process with a virtual MIDI input."""

    def __init__(self, client: str, port: str = "in") -> None:
        self.name = f"{client}:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.midi.peer", client, port],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._lines.get(timeout=ANSWER_SECONDS) == "ready"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())

    def message(self, timeout: float = ANSWER_SECONDS) -> bytes:
        """The next message that arrives there; raises queue.Empty."""
        return bytes.fromhex(self._lines.get(timeout=timeout))

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
    wire.set_callback(lambda event, _: print(bytes(event[0]).hex(), flush=True))
    wire.open_virtual_port(port)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
