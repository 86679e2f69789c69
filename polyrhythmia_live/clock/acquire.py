"""The first two beats of a clock: a straight line through all its pulses so far."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.clock.evidence import plausible
from polyrhythmia_live.clock.line import distances, fit_line, mean_size, trust

WINDOW_PULSES = 48
"""After so many pulses the loop takes over from the line. Over fewer, a clock that is rounded to
audio buffers of 21 ms looks perfect at the wrong tempo; for the same reason no pulse is doubted
until then."""

LOCK_PULSES = 24
LOCK_SECONDS = 0.003
"""A clock is locked after so many pulses whose mean distance from the line is no more than this."""

JITTER_FLOOR_SECONDS = 0.0003
JITTER_PEAK = 2.5
"""Jitter is at least the largest deviation divided by this: rounding shows in few pulses."""

LEAST_PULSES = 4
"""From so many pulses on, a stray can be told from the others."""

REFITS = 2
"""How often the line is fitted to each new pulse. The first fit trusts pulses by their distance
from the line so far, the next one by their distance from the first fit."""

KNOWN_TEMPO_WEIGHT = 2.0
"""How much the tempo from before counts against the first intervals of a clock that returns."""


class Acquisition:
    """Growing least squares over (pulse number, arrival in seconds), in which strays count little.

    `known_period`, in seconds, is the period after a single pulse; with `trusted`, it also steadies
    the next few.
    Threads: dispatcher only. Real-time: yes, below 0.1 ms.
    """

    def __init__(
        self, pulses: Sequence[tuple[int, float]], known_period: float, trusted: bool = False
    ) -> None:
        self.pulse_seconds = 0.0
        self.period = known_period
        self.jitter = JITTER_FLOOR_SECONDS
        self.locked = False
        self.residuals: list[float] = []
        """How late each pulse was; strays are left out."""
        self._known_period = known_period
        self._weight = KNOWN_TEMPO_WEIGHT if trusted else 0.0
        self._pulses = list(pulses)
        self._take(*fit_line(self._pulses, known_period, self._weight))

    def __len__(self) -> int:
        return len(self._pulses)

    @property
    def complete(self) -> bool:
        return len(self._pulses) >= WINDOW_PULSES

    def learn(self, number: int, arrival_seconds: float) -> None:
        """Take the next pulse in."""
        before, _ = self._pulses[-1]
        expected_seconds = self.pulse_seconds + (number - before) * self.period
        self._pulses.append((number, arrival_seconds))
        line = expected_seconds, self.period, distances(self._pulses, expected_seconds, self.period)
        for _ in range(REFITS):
            trusts = trust(line[2]) if len(self._pulses) >= LEAST_PULSES else ()
            line = fit_line(self._pulses, self._known_period, self._weight, trusts)
        self._take(*line)

    def _take(self, now: float, period: float, residuals: list[float]) -> None:
        believed = [
            it for it, share in zip(residuals, trust(residuals), strict=True) if share == 1.0
        ]
        deviation = mean_size(believed)
        self.residuals = believed
        self.pulse_seconds = now
        self.period = plausible(period)
        self.jitter = max(JITTER_FLOOR_SECONDS, deviation, max(map(abs, believed)) / JITTER_PEAK)
        straight = len(self._pulses) >= LOCK_PULSES and deviation < LOCK_SECONDS
        self.locked = self.locked or straight or self.complete
