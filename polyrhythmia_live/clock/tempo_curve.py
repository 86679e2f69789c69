"""Tempo that changes as the song goes: ramps and nudges, a little at every clock pulse.

Changes fall on ticks, not on moments, so the curve is the same if it is polled late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE
from polyrhythmia_live.rhythm.timeline import Timeline

NUDGE_SHARE = 0.03
"""A nudged pulse is at most this much longer or shorter: a hand on a turntable, and no gap."""

NUDGE_MAX_SECONDS = 0.02
"""No more than this is stored up: when the key is let go, the song must soon be at rest."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """From one tempo to another between two ticks, on the straight line over ticks."""

    start_tick: int
    end_tick: int
    from_bpm: float
    to_bpm: float

    def tempo_at(self, tick: int) -> float:
        """The tempo of the pulse that begins at `tick`: the line's, in the pulse's middle.

        Before its start, and from its end on, it is that of either.
        """
        if tick >= self.end_tick:
            return self.to_bpm
        done = (tick + TICKS_PER_PULSE / 2 - self.start_tick) / (self.end_tick - self.start_tick)
        return self.from_bpm + (self.to_bpm - self.from_bpm) * min(1.0, max(0.0, done))


class TempoCurve:
    """The tempo that was asked for, pulse by pulse.

    `tempo_bpm` is that of now, without nudges. Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, tempo_bpm: float) -> None:
        self.tempo_bpm = tempo_bpm
        self._ramp: Ramp | None = None
        self._nudge_seconds = 0.0
        self._bent = False

    @property
    def target_bpm(self) -> float:
        ramp = self._ramp  # once: another thread may read while it ends
        return self.tempo_bpm if ramp is None else ramp.to_bpm

    @property
    def moving(self) -> bool:
        """Whether the next pulse may have another tempo than this one."""
        return self._ramp is not None or self._bent or self._nudge_seconds != 0.0

    def jump(self, tempo_bpm: float) -> None:
        """Set another tempo at once; it ends a ramp."""
        self._ramp = None
        self.tempo_bpm = tempo_bpm

    def begin_ramp(self, tempo_bpm: float, start_tick: int, ticks: int) -> None:
        """To another tempo, from a tick on and over so many."""
        self._ramp = Ramp(start_tick, start_tick + max(1, ticks), self.tempo_bpm, tempo_bpm)

    def end_ramp(self) -> None:
        """Stay at the tempo of now."""
        self._ramp = None

    def nudge(self, seconds: float) -> None:
        """As `TempoLeader.nudge`."""
        if seconds == 0.0 or math.isinf(seconds):
            self._nudge_seconds = seconds
            return
        kept = 0.0 if math.isinf(self._nudge_seconds) else self._nudge_seconds
        self._nudge_seconds = min(NUDGE_MAX_SECONDS, max(-NUDGE_MAX_SECONDS, kept + seconds))

    def next_pulse(self, timeline: Timeline, tick: int) -> Timeline:
        """The timeline of the pulse that begins at `tick`."""
        if self._ramp is not None:
            self.tempo_bpm = self._ramp.tempo_at(tick)
            if tick >= self._ramp.end_tick:
                self._ramp = None
        even = timeline.from_tick(tick, self.tempo_bpm)
        pulse_seconds = TICKS_PER_PULSE * even.seconds_per_tick
        limit_seconds = NUDGE_SHARE * pulse_seconds
        shift_seconds = min(limit_seconds, max(-limit_seconds, self._nudge_seconds))
        self._bent = shift_seconds != 0.0
        if not self._bent:
            return even
        if math.isfinite(self._nudge_seconds):
            self._nudge_seconds -= shift_seconds
        bent_bpm = self.tempo_bpm * pulse_seconds / (pulse_seconds + shift_seconds)
        return timeline.from_tick(tick, bent_bpm)
