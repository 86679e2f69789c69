"""How late sixteenths at 120 bpm come to the send call: this daemon, and three Python libraries.

All send through rtmidi to a private JACK server, one after the other, and are stamped there in the
same way. Each is held to a grid of exactly 125 ms, laid by its earliest hits of the first seconds,
when it has nothing to do but play; so what is constant counts for nobody, and what drifts counts.
Three times: idle; at work, which from then on is a busy Python thread in the libraries' process
(their music is made there), and for us 1,000 control changes a second and a brain that never rests;
and the same on a machine whose every core is taken by other processes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import _stamps
import click
import numpy as np
from _grid import BPM, CALM_SECONDS, STEP_SECONDS, Steps, Times, grid_start, nearest_steps
from _load import KNOBS, cores_taken, cpu_seconds, memory_folder, private_jack, running
from _peers import PEERS

from polyrhythmia_live.testing.daemon import Daemon, wait_for

OPTIONS = [
    click.Option(
        ["--seconds"], type=click.FloatRange(2.0), default=60.0, help="Of each, thrice [60]."
    )
]

OURS = "this daemon"
FLAGS = (
    "--no-synth", "--midi-system", "rtmidi-jack", "--bpm", str(BPM), "--density", "100",
    "--humanise", "0",
)  # fmt: skip
MIDO_BACKEND = "mido.backends.rtmidi/UNIX_JACK"
SINK, SINK_PORT = "jack_midi_dump", "midi-monitor:input"
SETTLE_SECONDS = 2.0
Measured = tuple[int, Callable[[], AbstractContextManager[Any]]]
"""The process whose CPU time counts, and what sets it to work."""

SHARES = {"p50": 50.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}


@dataclass(frozen=True, slots=True)
class Condition:
    """`goal`: how many times later than ours the best of the others should be, at p99."""

    name: str
    at_work: bool
    cores_taken: int
    goal: float


CONDITIONS = (
    Condition("idle", False, 0, 1.0),
    Condition("at work", True, 0, 10.0),
    Condition("at work, all cores taken", True, os.cpu_count() or 1, 10.0),
)


def measure(seconds: float = 60.0) -> tuple[dict[str, Any], str]:
    """The figures (milliseconds) and a table of them."""
    figures: dict[str, Any] = {}
    with private_jack(), memory_folder() as folder, running([SINK]):
        for condition in CONDITIONS:
            with cores_taken(condition.cores_taken):
                rows = {name: _one(name, condition, folder, seconds) for name in (OURS, *PEERS)}
            figures[condition.name] = {**rows, **_compared(rows, condition.goal)}
    return figures, _table(figures, seconds)


def _one(name: str, condition: Condition, folder: Path, seconds: float) -> dict[str, float]:
    """How late one of them is in so long, and how busy the process that makes its music."""
    click.echo(f"{condition.name}: {name} ...", file=sys.stderr)
    file = folder / "stamps"
    environment = _stamps.environment(file)
    system = _daemon if name == OURS else partial(_peer, name)
    with system(environment, folder, condition.at_work) as (pid, work):
        first = wait_for(f"{name} to play", lambda: _stamps.read(file)[:1])[0]
        _sleep_until(first + CALM_SECONDS)
        with work():
            began = first + CALM_SECONDS + SETTLE_SECONDS
            _sleep_until(began)
            computed_seconds = -cpu_seconds(pid)
            _sleep_until(began + seconds)
            computed_seconds += cpu_seconds(pid)
            stamps = np.array(_stamps.read(file))
    hits = _first_of_each_step(stamps) if name == OURS else (stamps, np.arange(len(stamps)))
    late = _lateness_ms(*hits, began)
    percentiles = {column: float(np.percentile(late, share)) for column, share in SHARES.items()}
    return {**percentiles, "cpu": computed_seconds / seconds, "hits": float(len(late))}


def _sleep_until(moment_seconds: float) -> None:
    time.sleep(max(0.0, moment_seconds - time.monotonic()))


@contextmanager
def _daemon(environment: dict[str, str], folder: Path, at_work: bool) -> Iterator[Measured]:
    """The whole chain, supervisor, player and brain; gives the brain's process id."""
    with Daemon(folder, *FLAGS, environment=environment, module=_stamps.DAEMON) as daemon:
        yield daemon.brain, lambda: running(KNOBS) if at_work else nullcontext()


@contextmanager
def _peer(
    name: str, environment: dict[str, str], _folder: Path, at_work: bool
) -> Iterator[Measured]:
    """It sets to work by itself, when the grid is laid."""
    command = [sys.executable, "-m", "_peers", name, SINK_PORT, *(["--at-work"] if at_work else [])]
    with running(command, {**environment, "MIDO_BACKEND": MIDO_BACKEND}) as pid:
        yield pid, nullcontext


def _first_of_each_step(stamps: Times) -> tuple[Times, Steps]:
    """Our drummer plays chords, and rests now and then."""
    steps, firsts = np.unique(nearest_steps(stamps), return_index=True)
    return stamps[firsts], steps


def _lateness_ms(stamps: Times, steps: Steps, began: float) -> Times:
    """How far each hit from a moment on is from its place on the grid, late or early."""
    calm, judged = stamps < stamps[0] + CALM_SECONDS, stamps >= began
    on_time = grid_start(stamps[calm], steps[calm]) + steps[judged] * STEP_SECONDS
    return np.asarray(1000.0 * np.abs(stamps[judged] - on_time))


def _compared(rows: dict[str, dict[str, float]], goal: float) -> dict[str, Any]:
    """How many times later than ours the best of the others is, in every column."""
    ours, others = rows[OURS], [rows[name] for name in PEERS]
    ratios = {column: min(row[column] for row in others) / ours[column] for column in SHARES}
    return {"ratio": ratios, "met": ratios["p99"] >= goal}


def _table(figures: dict[str, Any], seconds: float) -> str:
    lines = [
        f"late at the send call, in ms; {seconds:g} s of sixteenths at {BPM} bpm each",
        f"CPU: of the process in which the music is made; {os.cpu_count()} cores",
        "".join([f"{'':40}", *(f"{column:>9}" for column in SHARES), f"{'CPU':>7}"]),
    ]
    for condition in CONDITIONS:
        rows = figures[condition.name]
        for name in (OURS, *PEERS):
            cells = "".join(f"{rows[name][column]:9.3f}" for column in SHARES)
            label = condition.name if name == OURS else ""
            lines.append(f"{label:26}{name:14}{cells}{rows[name]['cpu']:7.0%}")
        ratios = "".join(f"{rows['ratio'][column]:8.1f}x" for column in SHARES)
        verdict = "met" if rows["met"] else "MISSED"
        lines.append(f"{'':26}{'best / ours':14}{ratios}   p99 {condition.goal:g}x: {verdict}")
    return "\n".join(lines)
