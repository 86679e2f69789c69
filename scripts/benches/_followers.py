"""How other programs follow a MIDI clock, from their published constants, beside ours.

Each takes the arrival of a pulse, in seconds, and then says how many pulses it has counted, when
the latest of them was, and how long one takes.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Protocol

from polyrhythmia_live.clock.dll import PulseTracker

NOMINAL_SECONDS = 60.0 / (120 * 24)
SQRT2 = math.sqrt(2.0)


class Follower(Protocol):
    count: int
    pulse_seconds: float

    @property
    def period_seconds(self) -> float: ...

    def pulse(self, arrival_seconds: float) -> object: ...


class TenPulseMean:
    """The tempo is the mean of the last ten intervals; each pulse is where it arrives."""

    def __init__(self) -> None:
        self.count = 0
        self.pulse_seconds = 0.0
        self._arrivals: deque[float] = deque(maxlen=11)

    @property
    def period_seconds(self) -> float:
        if len(self._arrivals) < 2:
            return NOMINAL_SECONDS
        span = self._arrivals[-1] - self._arrivals[0]
        return max(1e-4, span / (len(self._arrivals) - 1))

    def pulse(self, arrival_seconds: float) -> None:
        self.count += 1
        self.pulse_seconds = arrival_seconds
        self._arrivals.append(arrival_seconds)


class Loop:
    """A plain delay-locked loop, seeded with the first interval (F. Adriaensen, 2005)."""

    SILENCE_SECONDS = math.inf

    def __init__(self) -> None:
        self.count = 0
        self.pulse_seconds = 0.0
        self.period_seconds = NOMINAL_SECONDS
        self._seen = 0
        self._last_arrival = -math.inf
        self._gain = 0.0

    def bandwidth(self, period_seconds: float) -> float:
        """The loop's angular frequency, in radians per pulse."""
        raise NotImplementedError

    def pulse(self, arrival_seconds: float) -> None:
        self.count += 1
        interval = arrival_seconds - self._last_arrival
        self._last_arrival = arrival_seconds
        if interval > self.SILENCE_SECONDS:
            self._seen = 0
        self._seen += 1
        if self._seen <= 2:
            self.pulse_seconds = arrival_seconds
            if self._seen == 2:
                self.period_seconds = max(1e-3, interval)
                self._gain = self.bandwidth(self.period_seconds)
            return
        error = arrival_seconds - self.pulse_seconds - self.period_seconds
        self.pulse_seconds += self.period_seconds + SQRT2 * self._gain * error
        self.period_seconds = max(1e-3, self.period_seconds + self._gain**2 * error)


class ArdourLoop(Loop):
    """libs/ardour/midi_clock_slave.cc: one pulse of 500 bpm at 1 Hz, whatever the tempo."""

    SILENCE_SECONDS = 0.25

    def bandwidth(self, period_seconds: float) -> float:
        return 2.0 * math.pi * 60.0 / 500.0 / 24.0


class MclkDumpLoop(Loop):
    """jack_mclk_dump: 1/6 Hz, from the first interval."""

    def bandwidth(self, period_seconds: float) -> float:
        return 2.0 * math.pi * period_seconds / 6.0


class Ours(PulseTracker):
    def __init__(self) -> None:
        super().__init__(NOMINAL_SECONDS)


FOLLOWERS: dict[str, type[Follower]] = {
    "ours": Ours,
    "ten-pulse mean": TenPulseMean,
    "Ardour": ArdourLoop,
    "jack_mclk_dump": MclkDumpLoop,
}
