"""How evenly something lies in a stream of frames, and whether that is good enough.

A stretch is what lies between two losses of time by the server: what is known of the grid before
one says nothing about the frames after it, so each stretch has a grid of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.int64]
Offs = NDArray[np.float64]
"""How many frames something lies after its place on a grid."""

Numbering = Callable[[Frames, float], Frames]
"""The step of each of the frames of a stretch, given a step's length."""

FEWEST = 4
"""Fewer in a stretch say nothing about a grid."""


@dataclass(frozen=True, slots=True)
class Losses:
    """When a server lost time; what comes shortly before or in the time after is left out.

    An xrun is told a period or two late, and who maps seconds to frames has to find them anew.
    """

    at_frames: Sequence[int]
    before_frames: int
    after_frames: int

    def stretches(self, frames: Frames) -> list[Frames]:
        """The frames (ascending) that are left, from one loss to the next."""
        places: list[Frames] = []
        start = -np.inf
        for loss in (*sorted(self.at_frames), np.inf):
            places.append(frames[(frames >= start) & (frames < loss - self.before_frames)])
            start = loss + self.after_frames
        return [it for it in places if len(it)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of so many `count`, in frames; `p99` is of the absolute deviation; None: nothing was left."""

    count: int
    left_out: int
    sd: float | None
    p99: float | None
    range: float | None


def nearest(frames: Frames, step_frames: float) -> Frames:
    """For what rests on some steps, and lies less than half a step off."""
    return np.asarray(np.round((frames - frames[0]) / step_frames), dtype=np.int64)


def in_order(frames: Frames, _step_frames: float) -> Frames:
    """For what comes on every step, however far off."""
    return np.arange(len(frames), dtype=np.int64)


def off_grid(
    frames: Frames,
    step_frames: float,
    losses: Losses,
    calm_frames: int,
    judged_from: int,
    number: Numbering = nearest,
) -> Offs:
    """How far each from frame `judged_from` on lies off a straight grid, as far as it is left.

    In each stretch the grid lies where the median of its first `calm_frames` is. A constant
    lateness counts for nobody; what drifts away from there counts.
    """
    judged: list[Offs] = []
    for stretch in losses.stretches(frames):
        if len(stretch) < FEWEST:
            continue
        off = stretch - number(stretch, step_frames) * step_frames
        calm = stretch < stretch[0] + calm_frames
        judged.append((off - np.median(off[calm]))[stretch >= judged_from])
    return np.concatenate(judged) if judged else np.array([])


def spread(off: Offs, count: int) -> Spread:
    """Of what is left of `count`."""
    left_out = count - len(off)
    if not len(off):
        return Spread(0, left_out, None, None, None)
    p99 = float(np.percentile(np.abs(off), 99, method="higher"))
    return Spread(len(off), left_out, float(off.std()), p99, float(np.ptp(off)))


def window_bpm(
    pulses: Frames, losses: Losses, frames_per_second: int, window: int = 24
) -> NDArray[np.float64]:
    """What gear takes the tempo for: of each window of so many pulses (24 to a quarter)."""
    lengths = [
        stretch[window:] - stretch[:-window]
        for stretch in losses.stretches(pulses)
        if len(stretch) > window
    ]
    if not lengths:
        return np.array([])
    return np.asarray(60.0 * frames_per_second * window / 24 / np.concatenate(lengths))


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether a measured value is at most its limit; None was not measured, and never passes."""

    name: str
    value: float | None
    limit: float | None

    @property
    def verdict(self) -> str:
        if self.value is None or self.limit is None:
            return "not measured"
        return "pass" if self.value <= self.limit else "FAIL"


def best(values: Sequence[float | None]) -> float | None:
    """The least of those that were measured."""
    return min((it for it in values if it is not None), default=None)
