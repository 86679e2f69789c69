"""The process whose one work is to fill JACK's periods: what is due in each goes to its frame.

Started by `wires.jack` as `python -m polyrhythmia_live.wires.jack_process` with the file
descriptors of a pipe and of a ring, the path of a libjack, and the client's name. It ends when its
pipe closes, after the end of every note, or when its server dies.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import sys
from multiprocessing.connection import Connection

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.jack_out import JackOut, Port
from polyrhythmia_live.system.pipes import end_without
from polyrhythmia_live.wires.jack_cycle import Cycle
from polyrhythmia_live.wires.jack_ring import RING_BYTES, RingReader

LOOK_SECONDS = 1.0
"""So often it is seen whether the server is still there."""

LEAVE_SECONDS = 3.0
"""How long the end may take, at a server that stands still."""

SWITCH_SECONDS = 0.0001
"""JACK's thread waits no longer than this for the main one, which works only when a port opens."""


class JackProcess:
    """The client, its ports by their numbers, and what the pipe asks for."""

    def __init__(self, pipe: Connection, memory: mmap.mmap, library: str, client: str) -> None:
        self._pipe = pipe
        self._ports: dict[int, Port] = {}
        self._cycle = Cycle(RingReader(memory), self._write)
        self._out = JackOut(library, client, self._cycle.fill)

    def _write(self, number: int, frame: int, message: bytes) -> bool:
        return self._out.write(self._ports[number], frame, message)

    def serve(self) -> None:
        """Open and close ports as asked, until nobody asks any more or the server is gone."""
        while not self._out.lost.is_set():
            if not self._pipe.poll(LOOK_SECONDS):
                continue
            number, name = self._pipe.recv()
            if name is None:
                self._out.discard(self._ports.pop(number))
                continue
            try:
                port, full_name = self._out.open(name)
            except PortError as error:
                self._pipe.send(error)
                continue
            self._ports[number] = port
            self._pipe.send(full_name)

    def close(self) -> None:
        """Leave; of a player that was killed, notes may sound."""
        self._cycle.end_notes()
        self._out.close()


def main() -> None:
    """Entry point."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the last notes' ends are still to come
    pipe, memory = Connection(int(sys.argv[1])), mmap.mmap(int(sys.argv[2]), RING_BYTES)
    end_without(pipe, LEAVE_SECONDS)
    try:
        process = JackProcess(pipe, memory, sys.argv[3], sys.argv[4])
    except PortError as error:
        pipe.send(error)
        sys.exit(1)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(EOFError, OSError):  # nobody plays any more
        pipe.send(None)
        process.serve()
    process.close()
    os._exit(0)  # past an interpreter that JACK's thread may still be in


if __name__ == "__main__":
    main()
