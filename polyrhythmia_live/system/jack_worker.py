"""What is the same in every process whose one work is in JACK's periods; `jack_host` starts it.

Its arguments are the file descriptors of a pipe and of a ring, the path of a libjack, and the
client's name. It ends when its pipe closes or when its server dies.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.jack_periods import JackPeriods, Work
from polyrhythmia_live.system.jack_ring import RING_BYTES
from polyrhythmia_live.system.pipes import end_without
from polyrhythmia_live.system.signals import leave_to_the_supervisor

LOOK_SECONDS = 1.0
"""So often it is seen whether the server is still there."""

LEAVE_SECONDS = 3.0
"""How long the end may take, at a server that stands still."""

SWITCH_SECONDS = 0.0001
"""JACK's thread waits no longer than this for the main one, which works only when a port opens."""


def given_memory() -> mmap.mmap:
    """The ring's memory."""
    return mmap.mmap(int(sys.argv[2]), RING_BYTES)


def work_in_periods(work: Work, are_inputs: bool, at_end: Callable[[], None]) -> None:
    """Do this work, with ports of this kind, and never return.

    After `at_end` one more period is worked in.
    """
    leave_to_the_supervisor()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the last notes' ends are still to come
    pipe, library, name = Connection(int(sys.argv[1])), sys.argv[3], sys.argv[4]
    end_without(pipe, LEAVE_SECONDS)
    try:
        client = JackPeriods(library, name, work)
    except PortError as error:
        pipe.send(error)
        sys.exit(1)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(EOFError, OSError):  # nobody needs us any more
        pipe.send(None)
        while not client.lost.is_set():
            if pipe.poll(LOOK_SECONDS):
                _obey(pipe, client, are_inputs)
    at_end()
    client.close()
    os._exit(0)  # past an interpreter that JACK's thread may still be in


def _obey(pipe: Connection, client: JackPeriods, are_inputs: bool) -> None:
    """Open or close a port, as asked."""
    number, name = pipe.recv()
    if name is None:
        client.discard(number)
        return
    try:
        pipe.send(client.open(number, name, are_inputs))
    except PortError as error:
        pipe.send(error)
