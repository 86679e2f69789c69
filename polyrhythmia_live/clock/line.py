"""A straight line through numbered moments: the least squares behind the clock follower."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from itertools import groupby, pairwise
from operator import mul

from polyrhythmia_live.clock.base import Smoothing

TRUST_SECONDS = 0.002
TRUST_MEDIANS = 3.0
STRAYS = 2
"""A point is a stray where it is further from the line than 2 ms and than three times the median
distance. More than two such points in a row, on the same side, are no strays: the line is wrong."""

MEMORY_LONGEST = {Smoothing.TIGHT: 192.0, Smoothing.NORMAL: 768.0, Smoothing.SMOOTH: 1536.0}
"""How many pulses of a steady clock are remembered at most."""

MEMORY_FRESH, MEMORY_LEAST = 16, 6
INAUDIBLE_SECONDS = 0.0001
"""When the clock turns out not to be steady, half of the memory is left: at least 6 and at most 16
pulses, and no more than it takes to keep chance below a tenth of a millisecond."""

LEAN_PULSES = 24
LEAN_LEAST_PULSES = 4
LEAN_JUMPS = 2.6
"""Errors lean if their mean exceeds so many mean jumps, divided by the square root of their number:
nearly three deviations of such a mean."""

CHANCE_JUMPS = 5.0
"""A jump of more than so many mean jumps is not chance: pulses are rounded to its size."""

JUMP_GAIN = 0.02
JUMP_FADE = 1.0 - 1.0 / 1024.0
JUMP_FLOOR_SECONDS = 0.000005


class Memory:
    """How many pulses the line goes through: as many as lie on one.

    A loop with these `gains` is the least squares fit through the last `pulses`. While errors
    scatter, the memory grows. As soon as they lean to one side the tempo drifts, and what is old
    is forgotten. Only errors of pulses that are rounded to audio buffers may lean by a buffer.

    `errors`: by how many seconds each of the pulses known so far was late.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, errors: Sequence[float], smoothing: Smoothing) -> None:
        self.pulses = float(len(errors))
        self._longest = MEMORY_LONGEST[smoothing]
        jumps = [abs(late - before) for before, late in pairwise(errors)] or [0.0]
        self._mean_jump = max(JUMP_FLOOR_SECONDS, sum(jumps) / len(jumps))
        self._largest_jump = max(jumps)
        self._last_error = errors[-1]
        self._errors: deque[float] = deque(maxlen=LEAN_PULSES)

    @property
    def gains(self) -> tuple[float, float]:
        """Which shares of an error correct the phase and the period."""
        n = self.pulses
        return 2.0 * (2.0 * n - 1.0) / (n * (n + 1.0)), 6.0 / (n * (n + 1.0))

    @property
    def rounding_seconds(self) -> float:
        """The audio buffer that pulses seem to be rounded to, or 0."""
        rounded = self._largest_jump > CHANCE_JUMPS * self._mean_jump
        return self._largest_jump if rounded else 0.0

    def learn(self, error_seconds: float) -> None:
        """Take in by how much a pulse was late."""
        jump = abs(error_seconds - self._last_error)
        self._last_error = error_seconds
        mean_jump = self._mean_jump + JUMP_GAIN * (jump - self._mean_jump)
        self._mean_jump = max(JUMP_FLOOR_SECONDS, mean_jump)
        self._largest_jump = max(JUMP_FADE * self._largest_jump, jump)
        self._errors.append(error_seconds)
        if self._leans():
            enough = min(MEMORY_FRESH, (2.0 * self._mean_jump / INAUDIBLE_SECONDS) ** 2)
            self.pulses = max(MEMORY_LEAST, min(enough, 0.5 * self.pulses))
            self._errors.clear()
        else:
            self.pulses = min(self._longest, self.pulses + 1.0)

    def _leans(self) -> bool:
        count = len(self._errors)
        limit = LEAN_JUMPS * self._mean_jump / math.sqrt(count) + self.rounding_seconds
        return count >= LEAN_LEAST_PULSES and abs(sum(self._errors)) > limit * count


def fit_line(
    points: Sequence[tuple[int, float]],
    known_slope: float,
    weight: float,
    trusts: Sequence[float] = (),
) -> tuple[float, float, list[float]]:
    """The value at the last number, the slope, and each point's distance from the line.

    `weight` pulls the slope towards `known_slope`, which is also that of a single point. `trusts`:
    how much each point counts, if not all the same.
    """
    last_number, last_value = points[-1]
    xs = [number - last_number for number, _ in points]
    ys = [value - last_value for _, value in points]  # small numbers: stays exact for days
    shares = trusts or [1.0] * len(points)
    total = sum(shares)
    mean_x = sum(map(mul, shares, xs)) / total
    mean_y = sum(map(mul, shares, ys)) / total
    levers = [share * (x - mean_x) for share, x in zip(shares, xs, strict=True)]
    spread = sum(map(mul, levers, xs)) + weight
    slope = known_slope
    if spread > 0.0:
        slope = (sum(map(mul, levers, ys)) + weight * known_slope) / spread
    now = last_value + mean_y - mean_x * slope
    return now, slope, distances(points, now, slope)


def distances(points: Sequence[tuple[int, float]], now: float, slope: float) -> list[float]:
    """How far above the line, which is `now` at the last number, each point lies."""
    last_number, _ = points[-1]
    return [value - now - (number - last_number) * slope for number, value in points]


def trust(residuals: Sequence[float]) -> list[float]:
    """How much to believe each point, from 0 to 1, by its distance from the line.

    A stray is believed the less, by the square, the further it lies beyond the limit.
    """
    sizes = sorted(map(abs, residuals))
    limit = max(TRUST_SECONDS, TRUST_MEDIANS * sizes[len(sizes) // 2])
    trusts: list[float] = []
    for side, run in groupby(residuals, lambda it: (it > limit) - (it < -limit)):
        strays = list(run)
        few = side != 0 and len(strays) <= STRAYS
        trusts += [(limit / it) ** 2 if few else 1.0 for it in strays]
    return trusts


def mean_size(residuals: Sequence[float]) -> float:
    """The mean deviation."""
    return sum(map(abs, residuals)) / len(residuals)
