"""Who sends over JACK: our MIDI systems, and other programs at 120 bpm.

Each of these is a context that gives its output's name.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click
from _grid import BPM, STEP_SECONDS
from _load import running

from polyrhythmia_live.testing import hydrogen as drum_machine
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jack_listener import JackListener
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND, JackServer
from polyrhythmia_live.testing.takes import CLOCK_PORT

Peer = Callable[[JackServer], AbstractContextManager[str]]

NATIVE, RTMIDI = "native", "rtmidi"
NOTE = 42
KNOCK_SECONDS = 0.25


@contextmanager
def midiseq(server: JackServer) -> Iterator[str]:
    """`jack_midiseq`: a loop of a bar that is counted in frames, in JACK's own cycle."""
    step = round(STEP_SECONDS * FRAMES_PER_SECOND)
    notes = [str(word) for place in range(16) for word in (place * step, NOTE, step // 2)]
    with running(["jack_midiseq", "midiseq", str(16 * step), *notes]):
        yield _port("midiseq:out", server)


@contextmanager
def hydrogen(server: JackServer) -> Iterator[str]:
    """Hydrogen's own MIDI out over JACK."""
    with tempfile.TemporaryDirectory() as folder:
        song = drum_machine.sixteenths(Path(folder, "sixteenths.h2song"), BPM)
        with drum_machine.Hydrogen(Path(folder, "home"), server.environment, song) as program:
            port = _port(drum_machine.MIDI_PORT, server)
            with JackListener(Path(folder, "stream"), port) as listener:

                def knock() -> int:  # what it is told before it has loaded its song is lost
                    program.play()
                    time.sleep(KNOCK_SECONDS)
                    return listener.count

                wait_for("Hydrogen to play", knock)
            yield port


@contextmanager
def midi_clock(server: JackServer) -> Iterator[str]:
    """`jack_midi_clock`: pulses on frames, in JACK's own cycle."""
    with running(["jack_midi_clock", "-b", str(BPM)]), rolling_transport():
        yield _port(CLOCK_PORT, server)


@contextmanager
def rolling_transport() -> Iterator[None]:
    """JACK's; `jack_midi_clock` is silent while it stands."""
    process = subprocess.Popen(
        ["jack_transport"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    print("play", file=process.stdin, flush=True)
    try:
        yield
    finally:
        process.communicate("quit\n", timeout=20)


def _port(name: str, server: JackServer) -> str:
    return wait_for(
        f"the port {name}", lambda: next((it for it in server.ports() or () if name in it), None)
    )


MIDI: dict[str, Peer] = {"jack_midiseq": midiseq, "hydrogen": hydrogen}
CLOCK: dict[str, Peer] = {"jack_midi_clock": midi_clock}
"""By the program that has to be installed."""


def is_installed(name: str) -> bool:
    return shutil.which(name) is not None


def midi_systems() -> dict[str, str]:
    """What to give `--midi-system`, by row, of what this build knows."""
    command = [sys.executable, "-m", "polyrhythmia_live", "play", "--help"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "rtmidi-jack" in shown:
        return {NATIVE: "jack", RTMIDI: "rtmidi-jack"}
    click.echo("this build has no JACK wire of its own: its rows are left out", file=sys.stderr)
    return {RTMIDI: "jack"}
