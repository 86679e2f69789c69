"""How steady our MIDI clock is as gear measures it, at every whole bpm from 60 to 180.

Gear takes the tempo from the last 24 pulses (a quarter), and shows it. Here that is done at the
listener, in frames, over every 24 pulses that follow each other once the tempo has been turned and
a quarter has passed. On private JACK servers (dummy driver, 48 kHz) of several periods. How evenly
the pulses lie, beside those of `jack_midi_clock`, is measured by `scripts/bench heard`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from _jack_senders import midi_systems
from _load import memory_folder, private_jack
from heard import PERIODS, losses

from polyrhythmia_live.testing.daemon import Daemon, Knobs, wait_for
from polyrhythmia_live.testing.jack_listener import JackListener
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND
from polyrhythmia_live.testing.spread import Mark, window_bpm
from polyrhythmia_live.testing.takes import CLOCK, DAEMON_PORT

OPTIONS = [
    click.Option(["--quarters"], type=click.IntRange(2), default=2, help="Of each tempo [2]."),
    click.Option(
        ["--frames"], type=int, multiple=True, default=PERIODS, help="The server's period [each]."
    ),
]

SLOWEST_BPM, FASTEST_BPM = 60, 180
PULSES = 24
LIMIT_BPM = 0.3
TEMPO_CC = 27
"""One bpm a click, from 60."""


def measure(quarters: int = 2, frames: Sequence[int] = PERIODS) -> tuple[dict[str, Any], str]:
    """The figures (bpm off) and a table of them."""
    figures: dict[str, Any] = {}
    for period_frames in frames:
        for name, system in midi_systems().items():
            click.echo(f"{period_frames} frames, {name} ...", file=sys.stderr)
            figures[f"{period_frames} frames, {name}"] = _tempos(period_frames, system, quarters)
    return figures, _table(figures)


def _tempos(period_frames: int, system: str, quarters: int) -> dict[str, Any]:
    """The furthest that a window was off, at the worst tempo and in the median one."""
    flags = ("--no-synth", "--midi-system", system, "--bpm", str(SLOWEST_BPM))
    with (
        private_jack(period_frames),
        memory_folder() as folder,
        TemporaryDirectory(dir=folder) as home,
        Daemon(Path(home), *flags, "--clock-out", DAEMON_PORT) as daemon,
    ):
        wait_for("the first bar", lambda: "▶" in daemon.terminal)
        knobs = Knobs()
        with JackListener(folder / "stream", DAEMON_PORT) as listener:
            turned = {}
            for bpm in range(SLOWEST_BPM, FASTEST_BPM + 1):
                knobs.turn(TEMPO_CC, bpm - SLOWEST_BPM)
                turned[bpm] = listener.frame
                time.sleep((1 + quarters) * 60 / bpm)
            ended, stream = listener.frame, listener.stream()
        knobs.unplug()
    pulses = stream.frames_of(CLOCK)
    edges = [*turned.values(), ended]
    worst = {}
    for bpm, (start, stop) in zip(turned, pairwise(edges), strict=True):
        quarter_frames = round(60 / bpm * FRAMES_PER_SECOND)
        kept = pulses[(pulses >= start + quarter_frames) & (pulses < stop)]
        heard = window_bpm(kept, losses(stream, period_frames), FRAMES_PER_SECOND, PULSES)
        if len(heard):
            worst[bpm] = float(np.abs(heard - bpm).max())
    return {
        "max": max(worst.values(), default=None),
        "at": max(worst, key=lambda bpm: worst[bpm], default=None),
        "median": float(np.median(list(worst.values()))) if worst else None,
        "heard": len(worst),
        "lost": len(stream.lost_at),
    }


def _table(figures: dict[str, dict[str, Any]]) -> str:
    tempos = FASTEST_BPM - SLOWEST_BPM + 1
    lines = [
        f"the tempo of {PULSES} pulses at the listener, furthest off at each whole bpm from "
        f"{SLOWEST_BPM} to {FASTEST_BPM}",
        f"{'':22}{'median':>10}{'worst':>10}{'at bpm':>8}{'heard':>12}{'lost time':>11}",
    ]
    for name, row in figures.items():
        mark = Mark(f"at most {LIMIT_BPM:g} bpm", row["max"], LIMIT_BPM)
        cells = [
            f"{'-':>10}" if row[it] is None else f"{row[it]:10.3f}" for it in ("median", "max")
        ]
        lines.append(
            f"{name:22}{''.join(cells)}{row['at'] or '-':>8}"
            f"{row['heard']:>5} of {tempos}{row['lost']:11}   {mark.name}: {mark.verdict}"
        )
    return "\n".join(lines)
