"""What the listener gets, in frames: where hits and clock pulses lie in JACK's own stream.

Private JACK servers (dummy driver, 48 kHz) of several periods; each idle, and loaded: every core
taken by other processes, and for us 1,000 control changes a second and a brain that never rests.
120 bpm, so a sixteenth is 6,000 frames and a pulse 1,000. A silent JACK client notes the frame of
every message, and the sound of the synth. The grid is straight, and lies where it was in the first
seconds after all had settled, before there was a load. Where the server itself lost time (an xrun,
or a jump in its count of frames), the frames until all have settled are left out, and the grid is
laid anew.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import _jack_senders
import _sounds
import click
import numpy as np
from _grid import BPM, CALM_SECONDS, STEP_SECONDS
from _jack_senders import NATIVE
from _load import KNOBS, cores_taken, memory_folder, private_jack, running

from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, Daemon, wait_for
from polyrhythmia_live.testing.jack_listener import JackListener, Stream
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND, JackServer
from polyrhythmia_live.testing.spread import (
    Frames,
    Losses,
    Mark,
    Numbering,
    best,
    in_order,
    nearest,
    off_grid,
    spread,
)
from polyrhythmia_live.testing.takes import CLOCK, DAEMON_PORT
from polyrhythmia_live.wires.fluid import JACK_CLIENT

PERIODS = (64, 256, 1024)
MIDI, CLOCK_OUT, SYNTH = "MIDI", "clock", "synth"
WHATS = (MIDI, CLOCK_OUT, SYNTH)

OPTIONS = [
    click.Option(["--seconds"], type=click.FloatRange(5.0), default=30.0, help="Of each [30]."),
    click.Option(
        ["--frames"], type=int, multiple=True, default=PERIODS, help="The server's period [each]."
    ),
    click.Option(
        ["--what"], type=click.Choice(WHATS), multiple=True, default=WHATS, help="[All of them.]"
    ),
]

FLAGS = ("--bpm", str(BPM), "--density", "100", "--humanise", "0", "--seed", "1")
STEP_FRAMES = STEP_SECONDS * FRAMES_PER_SECOND
PULSE_FRAMES = 60 / BPM / 24 * FRAMES_PER_SECOND
SETTLE_SECONDS = 3.0
"""JACK's own estimate of when its periods begin slides for so long after a disturbance, and a
client that comes is one: by 14 frames at a period of 64; after an xrun, by 60."""
CONDITIONS = {"idle": False, "loaded": True}
P99_FRAMES = 2.0
SYNTH_RANGE_FRAMES = 64.0
"""One block of FluidSynth's."""
SYNTH_PORT = f"{JACK_CLIENT}:left"
PEERS = {MIDI: _jack_senders.MIDI, CLOCK_OUT: _jack_senders.CLOCK}
COLUMNS = {
    "sd": "sd",
    "p99": "p99",
    "range": "range",
    "count": "heard",
    "left_out": "left out",
    "lost": "lost time",
}

Row = dict[str, Any]
"""A Spread, and how often the server `lost` time meanwhile."""


def measure(
    seconds: float = 30.0, frames: Sequence[int] = PERIODS, what: Sequence[str] = WHATS
) -> tuple[dict[str, Any], str]:
    """The figures (frames) and a table of them."""
    figures: dict[str, Any] = {}
    systems = _jack_senders.midi_systems()
    for period_frames in frames:
        with private_jack(period_frames) as server, memory_folder() as folder:
            for condition, is_loaded in CONDITIONS.items():
                name = f"{period_frames} frames, {condition}"
                stage = Stage(server, folder, period_frames, seconds, is_loaded)
                figures[name] = _rows(stage, name, what, systems)
    return figures, _table(figures, seconds)


def losses(stream: Stream, period_frames: int) -> Losses:
    """Where a server lost time or we came, and how much around that is left out."""
    before = max(FRAMES_PER_SECOND // 10, 2 * period_frames)
    return Losses(
        (stream.first_frame, *stream.lost_at), before, round(SETTLE_SECONDS * FRAMES_PER_SECOND)
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """`judged_from`: the frame from which on the load was there, or would have been."""

    stream: Stream
    judged_from: int
    period_frames: int

    def hits(self) -> Row:
        notes = np.array([it.frame for it in self.stream.notes_on()], dtype=np.int64)
        return self._row(notes, STEP_FRAMES, nearest)

    def pulses(self) -> Row:
        return self._row(self.stream.frames_of(CLOCK), PULSE_FRAMES, in_order)

    def sounds(self) -> Row:
        sounding, struck = _sounds.beginnings(self.stream, STEP_FRAMES)
        row = self._row(sounding, STEP_FRAMES, nearest)
        return {**row, "left_out": int((struck >= self.judged_from).sum()) - row["count"]}

    def _row(self, frames: Frames, step_frames: float, number: Numbering) -> Row:
        calm_frames = round(CALM_SECONDS * FRAMES_PER_SECOND)
        lost_at = losses(self.stream, self.period_frames)
        off = off_grid(frames, step_frames, lost_at, calm_frames, self.judged_from, number)
        lost = sum(it >= self.judged_from for it in self.stream.lost_at)
        return {**asdict(spread(off, int((frames >= self.judged_from).sum()))), "lost": lost}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and how everything is listened to: one server, idle or loaded."""

    server: JackServer
    folder: Path
    period_frames: int
    seconds: float
    is_loaded: bool

    @contextmanager
    def daemon(self, *flags: str) -> Iterator[None]:
        with (
            TemporaryDirectory(dir=self.folder) as folder,
            Daemon(Path(folder), *FLAGS, *flags) as daemon,
        ):
            wait_for("the first bar", lambda: "▶" in daemon.terminal)
            yield

    def listen(self, *sources: str, with_knobs: bool = False) -> Heard:
        """From its first message on, through the calm seconds, to the end of those that count."""
        seconds = 2 * SETTLE_SECONDS + CALM_SECONDS + self.seconds
        audio_frames = round((seconds + PATIENCE_SECONDS) * FRAMES_PER_SECOND)
        file = self.folder / "stream"
        with (
            JackListener(file, *sources, audio_frames=audio_frames) as listener,
            ExitStack() as load,
        ):
            wait_for("something to be heard", lambda: listener.count)
            time.sleep(SETTLE_SECONDS + CALM_SECONDS)
            if self.is_loaded:
                load.enter_context(cores_taken(os.cpu_count() or 1))
            if self.is_loaded and with_knobs:
                load.enter_context(running(KNOBS))
            time.sleep(SETTLE_SECONDS)
            judged_from = listener.frame
            time.sleep(self.seconds)
            return Heard(listener.stream(), judged_from, self.period_frames)


def _rows(
    stage: Stage, name: str, what: Sequence[str], systems: Mapping[str, str]
) -> dict[str, Row]:
    """All that is to be heard there: ours, then the others."""
    rows: dict[str, Row] = {}
    if MIDI in what or CLOCK_OUT in what:
        for row, system in systems.items():
            _say(name, f"this daemon, {row}")
            flags = ("--no-synth", "--midi-system", system, "--clock-out", DAEMON_PORT)
            with stage.daemon(*flags):
                heard = stage.listen(DAEMON_PORT, with_knobs=True)
            if MIDI in what:
                rows[f"{MIDI}, {row}"] = heard.hits()
            if CLOCK_OUT in what:
                rows[f"{CLOCK_OUT}, {row}"] = heard.pulses()
    if SYNTH in what:
        _say(name, "this daemon, its synth")
        flags = ("--synth", "--audio-driver", "jack", "--midi-system", next(iter(systems.values())))
        with stage.daemon(*flags):
            rows[SYNTH] = stage.listen(DAEMON_PORT, SYNTH_PORT, with_knobs=True).sounds()
    for kind, peers in PEERS.items():
        for peer, start in peers.items() if kind in what else ():
            if not _jack_senders.is_installed(peer):
                _say(name, f"{peer} is not installed: left out")
                continue
            _say(name, peer)
            try:
                with start(stage.server) as port:
                    heard = stage.listen(port)
            except AssertionError as trouble:  # half an hour of others' figures is not for nothing
                _say(name, f"{peer} left out: {trouble}")
                continue
            rows[f"{kind}, {peer}"] = heard.hits() if kind == MIDI else heard.pulses()
    return rows


def _say(name: str, what: str) -> None:
    click.echo(f"{name}: {what} ...", file=sys.stderr)


def marks(rows: Mapping[str, Row]) -> list[Mark]:
    """What is asked of ours in one condition, as far as it was measured at all."""
    asked = []
    for kind, peers in PEERS.items():
        if not any(name.startswith(kind) for name in rows):
            continue
        p99 = rows.get(f"{kind}, {NATIVE}", {}).get("p99")
        others = best(
            [rows[it]["p99"] for it in (f"{kind}, {peer}" for peer in peers) if it in rows]
        )
        asked.append(Mark(f"{kind}, {NATIVE}: p99 at most {P99_FRAMES:g}", p99, P99_FRAMES))
        asked.append(Mark(f"{kind}, {NATIVE}: p99 not behind the best of the others", p99, others))
    if SYNTH in rows:
        limit = SYNTH_RANGE_FRAMES
        asked.append(Mark(f"{SYNTH}: range at most {limit:g}", rows[SYNTH]["range"], limit))
    return asked


def _table(figures: dict[str, dict[str, Row]], seconds: float) -> str:
    lines = [
        f"off the grid at the listener, in frames (48 a millisecond); {seconds:g} s of each",
        "p99: of the absolute deviation; left out: where the server had lost time",
    ]
    for condition, rows in figures.items():
        lines += ["", f"{condition:34}" + "".join(f"{it:>10}" for it in COLUMNS.values())]
        for name, row in rows.items():
            lines.append(f"  {name:32}" + "".join(_cell(row[column]) for column in COLUMNS))
        for mark in marks(rows):
            lines.append(f"  {mark.verdict:>12}  {mark.name}")
    return "\n".join(lines)


def _cell(value: float | int | None) -> str:
    if value is None:
        return f"{'-':>10}"
    return f"{value:10}" if isinstance(value, int) else f"{value:10.1f}"
