"""How closely MIDI clocks of all kinds are followed, by this daemon and by others.

In virtual time: every follower gets the same seeded trains. What is measured is what an audience
would hear: at the true time of each pulse, how far the song is from it, as the follower then
knows it.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import click
from _followers import FOLLOWERS, Follower

from polyrhythmia_live.rhythm.meter import PULSES_PER_BEAT
from polyrhythmia_live.testing import pulse_trains as trains

OPTIONS = [
    click.Option(
        ["--trace", "trace_path"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Follow a recorded clock: columns arrival_s (empty: lost) and true_s (empty: extra).",
    )
]

TEMPOS_BPM = (20, 60, 120, 174, 300)
STEPS = (0.5, 0.75, 1.05, 1.25, 2.0)
SEEDS = range(4)
BEATS, SETTLE_BEATS, STEP_BEATS = 40, 8, 12
COLUMNS = ("sd ms", "max ms", "lock", "relock", "count")
PULSE_BEATS = 1.0 / PULSES_PER_BEAT
EQUAL = {"sd ms": 0.1, "max ms": 0.1, "lock": PULSE_BEATS, "relock": PULSE_BEATS, "count": 0.0}
"""Followers are equal up to a tenth of a millisecond, which nobody hears, and up to a pulse."""

Train = Callable[[list[float], Random], list[float]]


@dataclass(frozen=True, slots=True)
class Input:
    """A kind of clock: what arrives of the true pulses, `late_seconds` too late in the mean.

    Found again: within `lock_seconds` of where it is, for a whole beat.
    """

    name: str
    distort: Train
    late_seconds: float = 0.0
    lock_seconds: float = 0.003
    steps: bool = True


def _rounded(name: str, frames: int, lock_seconds: float = 0.003) -> Input:
    buffer = frames / 48000

    def rounded(truth: list[float], rng: Random) -> list[float]:
        return trains.framed(truth, buffer, rng)

    return Input(name, rounded, buffer / 2, lock_seconds)


def _jitter(sigma_seconds: float) -> Train:
    return lambda truth, rng: trains.gaussian(truth, sigma_seconds, rng)


def _stall(seconds: float) -> Train:
    return lambda truth, rng: trains.stalled(truth, truth[16 * PULSES_PER_BEAT] + 0.003, seconds)


def _faulty(lost: float = 0.0, doubled: float = 0.0, sigma_seconds: float = 0.0) -> Train:
    def faulty(truth: list[float], rng: Random) -> list[float]:
        arrivals = trains.gaussian(truth, sigma_seconds, rng)
        return (
            trains.faulty(arrivals[:-PULSES_PER_BEAT], rng, lost, doubled)
            + arrivals[-PULSES_PER_BEAT:]
        )

    return faulty


def _two_senders(truth: list[float], rng: Random) -> list[float]:
    late = rng.uniform(0.1, 0.9) * truth[1]
    return trains.merged(truth, [time + late for time in truth[16 * PULSES_PER_BEAT :]])


INPUTS = (
    Input("perfect", lambda truth, rng: truth),
    Input("1 ms of jitter", _jitter(0.001)),
    Input("3 ms of jitter", _jitter(0.003), lock_seconds=0.0032),
    Input("USB frames, 1 ms", lambda truth, rng: trains.framed(truth, 0.001, rng), 0.0005),
    _rounded("buffers of 5.3 ms", 256),
    _rounded("buffers of 10.7 ms", 512),
    _rounded("buffers of 21.3 ms", 1024, lock_seconds=0.008),
    Input("2 % spikes, 5-30 ms", trains.spiked),
    Input("stall of 50 ms", _stall(0.05), steps=False),
    Input("stall of 250 ms", _stall(0.25), steps=False),
    Input("stall of 1 s", _stall(1.0), steps=False),
    Input("1 % lost", _faulty(lost=0.01), steps=False),
    Input("1 % doubled", _faulty(doubled=0.01), steps=False),
    Input("both, 1 ms", _faulty(0.01, 0.01, 0.001), steps=False),
    Input("two senders", _two_senders, steps=False),
)
RAMP = trains.ramping(120, 140, 16, SETTLE_BEATS * PULSES_PER_BEAT, 4 * PULSES_PER_BEAT)
WANDERING = trains.wandering(120, BEATS * PULSES_PER_BEAT, 0.010, 20.0)
UNSTEADY = (
    (Input("ramp", lambda truth, rng: truth, lock_seconds=0.010), RAMP),
    (Input("ramp, 1 ms", _jitter(0.001), lock_seconds=0.010), RAMP),
    (Input("ramp, 3 ms", _jitter(0.003), lock_seconds=0.010), RAMP),
    (Input("wandering, 1.5 ms", _jitter(0.0015)), WANDERING),
)
"""From 120 to 140 bpm in 16 beats; and 10 ms to and fro in 20 s, as jackd's dummy driver does."""


def measure(trace_path: Path | None = None) -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    figures: dict[str, Any] = {}
    if trace_path is not None:
        arrivals, truth = read_trace(trace_path)
        figures[trace_path.name] = _compared(lambda make: _trace(make, arrivals, truth))
    else:
        for each in INPUTS:
            _tell(each.name)
            figures[each.name] = _compared(partial(_steady, each))
        for each, truth in UNSTEADY:
            _tell(each.name)
            figures[each.name] = _compared(partial(_unsteady, each, truth))
    return figures, _table(figures)


def _compared(measured: Callable[[type[Follower]], dict[str, float | None]]) -> dict[str, Any]:
    return {name: measured(make) for name, make in FOLLOWERS.items()}


def _tell(name: str) -> None:
    click.echo(f"{name} ...", file=sys.stderr)


def _steady(each: Input, make: type[Follower]) -> dict[str, float | None]:
    """Five tempos, and where the input allows it, five steps from 120 bpm and from 60."""
    runs, relocks = [], []
    for seed in SEEDS:
        for tempo in TEMPOS_BPM:
            truth = trains.steady(tempo, BEATS * PULSES_PER_BEAT)
            runs.append(_heard(make(), each.distort(truth, Random(seed)), truth, each.late_seconds))
        for tempo, factor in ((t, f) for t in (60, 120) for f in STEPS if each.steps):
            before = STEP_BEATS * PULSES_PER_BEAT
            truth = trains.stepping(tempo, factor, before, before)
            errors, _ = _heard(make(), each.distort(truth, Random(seed)), truth, each.late_seconds)
            relocks.append(_beats_until(errors[before:], each))
    settled = [errors[SETTLE_BEATS * PULSES_PER_BEAT :] for errors, _ in runs]
    locks = [_beats_until(errors, each) for errors, _ in runs]
    return _row(settled, locks, relocks, [slips for _, slips in runs])


def _unsteady(each: Input, truth: list[float], make: type[Follower]) -> dict[str, float | None]:
    """Lagging behind counts as well, so errors are not taken from their mean."""
    runs = [_heard(make(), each.distort(truth, Random(seed)), truth) for seed in SEEDS]
    settled = [errors[SETTLE_BEATS * PULSES_PER_BEAT :] for errors, _ in runs]
    locks = [_beats_until(errors, each) for errors, _ in runs]
    return _row(settled, locks, [], [slips for _, slips in runs], centred=False)


def _trace(
    make: type[Follower], arrivals: Sequence[float], truth: Sequence[float]
) -> dict[str, float | None]:
    errors, slips = _heard(make(), arrivals, truth)
    settled = errors[SETTLE_BEATS * PULSES_PER_BEAT :]
    if not settled:
        raise click.ClickException(
            f"a trace must be longer than {SETTLE_BEATS} beats, got {len(truth)} pulses"
        )
    lateness = Input("trace", lambda truth, rng: truth, statistics.median(settled))
    return _row([settled], [_beats_until(errors, lateness)], [], [slips])


def read_trace(path: Path) -> tuple[list[float], list[float]]:
    """When pulses arrived, and when they were meant, in seconds."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        if not {"arrival_s", "true_s"} <= set(rows.fieldnames or ()):
            raise click.ClickException(
                f"{path} needs the columns arrival_s and true_s, got {rows.fieldnames}"
            )
        try:
            pairs = [(row["arrival_s"], row["true_s"]) for row in rows]
            arrivals = sorted(float(arrival) for arrival, _ in pairs if arrival)
            truth = sorted(float(true) for _, true in pairs if true)
        except ValueError as problem:
            raise click.ClickException(f"{path} must hold seconds: {problem}") from problem
    return arrivals, truth


def _heard(
    follower: Follower,
    arrivals: Sequence[float],
    truth: Sequence[float],
    late_seconds: float = 0.0,
) -> tuple[list[float], int]:
    """How late the song is at each true pulse, and how many pulses it is off in the end.

    Phase alone (to the nearest pulse), since the count has a column of its own.
    """
    errors, place, slips = [], 0, 0
    for number, moment in enumerate(truth):
        while place < len(arrivals) and (arrivals[place] < moment or follower.count == 0):
            follower.pulse(arrivals[place])
            place += 1
        passed = (moment + late_seconds - follower.pulse_seconds) / follower.period_seconds
        errors.append((round(passed) - passed) * follower.period_seconds + late_seconds)
        slips = follower.count - 1 + round(passed) - number
    return errors, slips


def _beats_until(errors: Sequence[float], each: Input) -> float:
    """From when on the song is in place for a beat; at worst, as long as we listened."""
    good = 0
    for number, error in enumerate(errors):
        good = good + 1 if abs(error - each.late_seconds) <= each.lock_seconds else 0
        if good == PULSES_PER_BEAT:
            return (number + 1 - PULSES_PER_BEAT) / PULSES_PER_BEAT
    return len(errors) / PULSES_PER_BEAT


def _row(
    runs: Iterable[Sequence[float]],
    locks: Sequence[float],
    relocks: Sequence[float],
    slips: Sequence[int],
    centred: bool = True,
) -> dict[str, float | None]:
    """Standard deviations and locks in the mean, the largest error, all slips together."""
    spreads, peaks = [], []
    for errors in runs:
        middle = statistics.mean(errors) if centred else 0.0
        spreads.append(math.sqrt(statistics.mean((error - middle) ** 2 for error in errors)))
        peaks.append(max(abs(error - middle) for error in errors))
    return {
        "sd ms": 1000.0 * statistics.mean(spreads),
        "max ms": 1000.0 * max(peaks),
        "lock": statistics.mean(locks),
        "relock": statistics.mean(relocks) if relocks else None,
        "count": float(sum(map(abs, slips))),
    }


def beaten(figures: dict[str, Any], column: str) -> bool:
    """Whether another follower is better than ours, by more than `EQUAL`."""
    ours = figures["ours"][column]
    others = [row[column] for name, row in figures.items() if name != "ours"]
    if ours is None:
        return False
    return bool(ours > min(others) + EQUAL[column] + 1e-9)


def _table(figures: dict[str, Any]) -> str:
    lines = [
        "sd, max: how far the song is off at the true time of each pulse (worst tempo for max)",
        "lock, relock: beats until it is found, and found again after a step of the tempo",
        "count: pulses miscounted in the end, in all runs",
        "*: another one is better, by more than 0.1 ms or a pulse",
        "".join([f"{'':38}", *(f"{column:>9} " for column in COLUMNS)]),
    ]
    for name, rows in figures.items():
        for follower, row in rows.items():
            marks = [
                "*" if follower == "ours" and beaten(rows, column) else " " for column in COLUMNS
            ]
            cells = ("-" if row[column] is None else f"{row[column]:.2f}" for column in COLUMNS)
            label = name if follower == "ours" else ""
            shown = "".join(f"{cell:>9}{mark}" for cell, mark in zip(cells, marks, strict=True))
            lines.append(f"{label:22}{follower:16}{shown}")
    return "\n".join(lines)
