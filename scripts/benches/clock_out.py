"""How even our MIDI clock is on a real port, beside that of `jack_midi_clock`.

Both play for as long, one after the other, on one private JACK server (dummy driver, 48 kHz, 64
frames: 1.33 ms). Each is heard twice: by `jack_mclk_dump`, which reads the frame that a pulse was
put on, and by a program that gets its MIDI from rtmidi, once a period, as most do.
jack_midi_clock puts pulses on frames itself, within JACK; what goes out through rtmidi, as ours,
lands on the first frame of a period.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from _load import memory_folder, private_jack, running

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.mclk_dump import MclkDump
from polyrhythmia_live.testing.recorder import Recorder
from polyrhythmia_live.testing.takes import CLOCK, CLOCK_PORT, DAEMON_PORT

OPTIONS = [click.Option(["--seconds"], type=click.FloatRange(1.0), default=20.0, help="Of each.")]

BPM = 120
PULSE_SECONDS = 60 / BPM / 24
SETTLE_SECONDS = 2.0
OURS, THEIRS = "this daemon", "jack_midi_clock"
COLUMNS = ("sd ms", "p99 ms", "max ms", "lost")
FLAGS = ("--no-synth", "--midi-system", "jack", "--bpm", str(BPM), "--clock-out", DAEMON_PORT)


def measure(seconds: float = 20.0) -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    figures: dict[str, Any] = {}
    with private_jack() as server, memory_folder() as folder:
        with Daemon(folder, *FLAGS) as daemon:
            wait_for("the first bar", lambda: "▶" in daemon.terminal)
            figures[OURS] = _heard(folder / "ours", DAEMON_PORT, server, seconds)
        with running(["jack_midi_clock", "-b", str(BPM)]), _rolling_transport():
            wait_for("its port", lambda: any(CLOCK_PORT in name for name in server.ports() or ()))
            figures[THEIRS] = _heard(folder / "theirs", CLOCK_PORT, server, seconds)
    return figures, _table(figures, seconds)


@contextmanager
def _rolling_transport() -> Iterator[None]:
    """JACK's; `jack_midi_clock` is silent while it stands."""
    process = subprocess.Popen(
        ["jack_transport"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    print("play", file=process.stdin, flush=True)
    yield
    process.communicate("quit\n", timeout=20)


def _heard(folder: Path, source: str, server: JackServer, seconds: float) -> dict[str, Any]:
    click.echo(f"{source} ...", file=sys.stderr)
    folder.mkdir()
    with (
        MclkDump(folder / "dump", source, server) as dump,
        Recorder(folder / "heard", source) as recorder,
    ):
        time.sleep(SETTLE_SECONDS + seconds)
        received = [it.seconds for it in recorder.heard() if it.message == CLOCK]
        return {"frames": _row(dump.pulses_seconds), "rtmidi": _row(received)}


def _row(moments: Sequence[float]) -> dict[str, float]:
    """Of the intervals, after a while to settle; one that is as long as two is a lost pulse."""
    late = [it for it in moments if it >= moments[0] + SETTLE_SECONDS]
    intervals = [later - earlier for earlier, later in pairwise(late)]
    lost = sum(round(it / PULSE_SECONDS) - 1 for it in intervals if it > 1.8 * PULSE_SECONDS)
    off = [abs(it - PULSE_SECONDS) for it in intervals if it <= 1.8 * PULSE_SECONDS]
    return {
        "sd ms": 1000 * statistics.pstdev(it for it in intervals if it <= 1.8 * PULSE_SECONDS),
        "p99 ms": 1000 * statistics.quantiles(off, n=100)[-1],
        "max ms": 1000 * max(off),
        "lost": lost,
    }


def _table(figures: dict[str, Any], seconds: float) -> str:
    lines = [
        f"intervals of {seconds:.0f} s of clock at {BPM} bpm ({1000 * PULSE_SECONDS:.2f} ms)",
        f"{'':20}{'heard':10}" + "".join(f"{column:>9}" for column in COLUMNS),
    ]
    for name, ways in figures.items():
        for way, row in ways.items():
            cells = "".join(f"{row[column]:9.3f}" for column in COLUMNS[:-1])
            lines.append(f"{name:20}{way:10}{cells}{row['lost']:9}")
    return "\n".join(lines)
