"""How closely we follow a clock over JACK, at the listener, in milliseconds and bpm.

Private JACK servers (dummy driver, 48 kHz) of several periods; each idle, and loaded: every core
taken by other processes, 1,000 control changes a second and a brain that never rests. The clock
is `jack_midi_clock`'s, whose pulses lie on their frames. A silent JACK client notes the frames of
its pulses and of our hits, which are sixteenths. How far a hit lies from its pulse is what counts:
where it lies on average is said, and left out of the rest. Tempos are those of four sixteenths.
Locked: so long after Start, all the hits of a beat are within 3 ms of where they are to stay.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from _grid import BPM
from _jack_senders import midi_systems
from _load import KNOBS, cores_taken, memory_folder, private_jack, running
from heard import CONDITIONS, losses

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.jack_listener import JackListener, Stream
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND
from polyrhythmia_live.testing.takes import CLOCK, CLOCK_PORT, DAEMON_PORT, PULSES_PER_STEP

OPTIONS = [
    click.Option(["--seconds"], type=click.FloatRange(5.0), default=20.0, help="Of each [20]."),
    click.Option(
        ["--frames"], type=int, multiple=True, default=(256, 1024), help="The server's period."
    ),
]

SETTLE_SECONDS = 8.0
"""A clock in buffers of 21 ms takes so long to be found."""
LOCKED_SECONDS = 0.003
STEPS_PER_BEAT = 4
FLAGS = ("--no-synth", "--density", "100", "--humanise", "0", "--seed", "1")
COLUMNS = {
    "offset": "offset ms",
    "sd": "sd ms",
    "p99": "p99 ms",
    "sd_bpm": "sd bpm",
    "p99_bpm": "p99 bpm",
    "locked": "locked s",
    "heard": "heard",
    "lost": "lost time",
}

Row = dict[str, float | int | None]


def measure(
    seconds: float = 20.0, frames: Sequence[int] = (256, 1024)
) -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    figures: dict[str, Any] = {}
    for period_frames in frames:
        with private_jack(period_frames), memory_folder() as folder:
            for condition, is_loaded in CONDITIONS.items():
                for row, system in midi_systems().items():
                    name = f"{period_frames} frames, {condition}, {row}"
                    click.echo(f"{name} ...", file=sys.stderr)
                    stream = _take(folder, system, is_loaded, seconds)
                    figures[name] = row_of(stream, period_frames)
    return figures, _table(figures, seconds)


@contextmanager
def _transport() -> Iterator[subprocess.Popen[str]]:
    """JACK's, at its beginning."""
    process = subprocess.Popen(
        ["jack_transport"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        print("stop\nlocate 0", file=process.stdin, flush=True)
        yield process
    finally:
        process.communicate("stop\nquit\n", timeout=20)


def _take(folder: Path, system: str, is_loaded: bool, seconds: float) -> Stream:
    """What is heard of the clock, and of us following it, from Start on."""
    flags = (*FLAGS, "--clock-in", CLOCK_PORT, "--midi-system", system)
    with (
        running(["jack_midi_clock", "-b", str(BPM)]),
        _transport() as transport,
        TemporaryDirectory(dir=folder) as home,
        Daemon(Path(home), *flags) as daemon,
        JackListener(folder / "stream", CLOCK_PORT, DAEMON_PORT) as listener,
        ExitStack() as load,
    ):
        wait_for("the first plan", lambda: "stopped" in daemon.terminal)
        if is_loaded:
            load.enter_context(cores_taken(os.cpu_count() or 1))
            load.enter_context(running(KNOBS))
        time.sleep(3.0)
        print("play", file=transport.stdin, flush=True)
        time.sleep(SETTLE_SECONDS + seconds)
        return listener.stream()


def row_of(stream: Stream, period_frames: int) -> Row:
    """How far hits lie from the pulses that they belong to."""
    pulses = stream.frames_of(CLOCK, source=0)
    notes = np.unique([it.frame for it in stream.notes_on(source=1)])
    grid = pulses[::PULSES_PER_STEP]
    grid = grid[: np.searchsorted(grid, notes[-1]) + 1]
    nearest = np.abs(notes[:, None] - grid[None, :]).argmin(axis=1)
    _, first = np.unique(nearest, return_index=True)  # of the notes of a step, the first
    steps, off = nearest[first], (notes[first] - grid[nearest[first]]) / FRAMES_PER_SECOND
    kept = notes[first] >= pulses[0] + SETTLE_SECONDS * FRAMES_PER_SECOND
    for stretch_end in losses(stream, period_frames).at_frames:
        after = SETTLE_SECONDS * FRAMES_PER_SECOND
        kept &= ~((notes[first] >= stretch_end) & (notes[first] < stretch_end + after))
    lost = int(sum(it >= pulses[0] for it in stream.lost_at))
    if kept.sum() < STEPS_PER_BEAT:
        return {**dict.fromkeys(COLUMNS), "heard": int(kept.sum()), "lost": lost}
    offset = float(np.median(off[kept]))
    around = off[kept] - offset
    bpm = _tempos(steps[kept], notes[first][kept]) - BPM
    near = np.abs(off - offset) <= LOCKED_SECONDS
    beats = np.array([near[it : it + STEPS_PER_BEAT + 1].all() for it in range(len(near))])
    locked = notes[first][beats.argmax()] - pulses[0] if beats.any() else None
    return {
        "offset": 1000 * offset,
        "sd": 1000 * float(around.std()),
        "p99": 1000 * float(np.percentile(np.abs(around), 99, method="higher")),
        "sd_bpm": float(bpm.std()),
        "p99_bpm": float(np.percentile(np.abs(bpm), 99, method="higher")),
        "locked": None if locked is None else float(locked / FRAMES_PER_SECOND),
        "heard": int(kept.sum()),
        "lost": lost,
    }


def _tempos(steps: Any, frames: Any) -> Any:
    """Of every four sixteenths whose ends were played."""
    ends = dict(zip(steps.tolist(), frames.tolist(), strict=True))
    lengths = [
        ends[step + STEPS_PER_BEAT] - frame
        for step, frame in ends.items()
        if step + STEPS_PER_BEAT in ends
    ]
    return 60.0 * FRAMES_PER_SECOND / np.array(lengths, dtype=np.float64)


def _table(figures: dict[str, Row], seconds: float) -> str:
    lines = [
        f"our hits against the pulses of jack_midi_clock at {BPM} bpm; {seconds:g} s of each",
        f"{'':34}" + "".join(f"{it:>10}" for it in COLUMNS.values()),
    ]
    for name, row in figures.items():
        lines.append(f"{name:34}" + "".join(_cell(row[column]) for column in COLUMNS))
    return "\n".join(lines)


def _cell(value: float | int | None) -> str:
    if value is None:
        return f"{'-':>10}"
    return f"{value:10}" if isinstance(value, int) else f"{value:10.2f}"
