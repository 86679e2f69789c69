"""From a turned knob to the sound of it: the real daemon, on real JACK ports.

Density is turned up from nothing, at any moment of a step: the first hit is new. It is turned down
to nothing: the last hit is old. Both are told from outside, by the step of the song (whose grid is
that of all hits heard; humanise is 0) on which the hit falls. In steps: from the moment the knob
was turned to that step's time. Beyond: how many steps that is after the first one that had not been
committed when the knob was turned. Samba, because there full density is a hit on every step: a rest
that belongs to the music would count as a wait.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from _grid import BPM, STEP_SECONDS, Steps, Times, grid_start, nearest_steps
from _load import cores_taken, private_jack

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.midi.base import DATA_MAX
from polyrhythmia_live.player.voice import COMMIT_MARGIN_SECONDS
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.testing.daemon import Daemon, Knobs, wait_for
from polyrhythmia_live.testing.recorder import Recorder

OPTIONS = [
    click.Option(["--turns"], type=click.IntRange(2), default=60, help="Up, and as many down [60].")
]

DENSITY_CC = LEVELS["density"].cc
FLAGS = (
    "--no-synth", "--midi-system", "jack", "--bpm", str(BPM), "--genre", "samba",
    "--density", "100", "--humanise", "0", "--seed", "1",
)  # fmt: skip
DWELL_STEPS = 6
COMMIT_AHEAD_SECONDS = COMMIT_MARGIN_SECONDS - MICROTIMING_MIN_TICKS / TICKS_PER_STEP * STEP_SECONDS
GOAL_BEYOND = 1
CONDITIONS = {"idle": 0, "one core taken": 1}
UP, DOWN = "up: first new hit", "down: last old hit"


def measure(turns: int = 60) -> tuple[dict[str, Any], str]:
    """The figures (steps) and a table of them."""
    figures: dict[str, Any] = {}
    with private_jack():
        for name, cores in CONDITIONS.items():
            click.echo(f"{name} ...", file=sys.stderr)
            with cores_taken(cores), TemporaryDirectory() as folder:
                figures[name] = _performed(Path(folder), turns)
    return figures, _table(figures, turns)


def _performed(folder: Path, turns: int) -> dict[str, Any]:
    """Turn the knob all the way, down and up and down again, and listen."""
    turned: dict[str, list[float]] = {UP: [], DOWN: []}
    random = Random(1)
    with Daemon(folder, *FLAGS), Recorder(folder / "heard", "Polyrhythmia Out") as recorder:
        wait_for("the first notes", lambda: len(recorder.notes_on()) > 8)
        knobs = Knobs()
        knobs.take_hold(DENSITY_CC)
        for _ in range(turns):
            for direction, value in ((DOWN, 0), (UP, DATA_MAX)):
                turned[direction].append(knobs.turn(DENSITY_CC, value))
                time.sleep((DWELL_STEPS + random.random()) * STEP_SECONDS)
        wait_for("the last turn to be heard", lambda: recorder.notes_on(turned[UP][-1]))
        heard = np.array([note.seconds for note in recorder.notes_on()])
    steps = nearest_steps(heard)
    start_seconds = grid_start(heard, steps)
    first_new = steps[np.searchsorted(heard, turned[UP])]
    last_old = steps[np.searchsorted(heard, turned[UP]) - 1]
    return {
        UP: _waited(first_new, (np.array(turned[UP]) - start_seconds) / STEP_SECONDS),
        DOWN: _waited(last_old + 1, (np.array(turned[DOWN]) - start_seconds) / STEP_SECONDS),
    }


def _waited(changed: Steps, turned: Times) -> dict[str, Any]:
    """`changed`: the step that was the first to be different; `turned`: when, in steps."""
    waited = changed - turned
    uncommitted = np.floor(turned + COMMIT_AHEAD_SECONDS / STEP_SECONDS) + 1
    beyond = changed - uncommitted
    return {
        "median": float(np.median(waited)),
        "p99": float(np.percentile(waited, 99)),
        "max": float(waited.max()),
        "at once": float(np.mean(beyond <= 0)),
        "beyond": int(beyond.max()),
        "met": bool(beyond.max() <= GOAL_BEYOND),
    }


def _table(figures: dict[str, Any], turns: int) -> str:
    lines = [
        f"steps from a turn of the density knob to its sound, {turns} turns each way, {BPM} bpm",
        "at once: share heard on the first step not committed at that moment; beyond: the worst",
        f"{'':38}{'median':>8}{'p99':>8}{'max':>8}{'at once':>9}{'beyond':>8}",
    ]
    for name, rows in figures.items():
        for direction, row in rows.items():
            cells = "".join(f"{row[column]:8.2f}" for column in ("median", "p99", "max"))
            verdict = "met" if row["met"] else "MISSED"
            lines.append(
                f"{name if direction == UP else '':18}{direction:20}{cells}"
                f"{row['at once']:9.0%}{row['beyond']:8}"
                f"   goal {GOAL_BEYOND}: {verdict}"
            )
    return "\n".join(lines)
