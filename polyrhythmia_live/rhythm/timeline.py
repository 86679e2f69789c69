"""Ticks <-> seconds, and whether the song is moving."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from polyrhythmia_live.rhythm.meter import PPQN

TEMPO_MIN_BPM = 20.0
TEMPO_MAX_BPM = 320.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """A bijection between ticks and seconds of the monotonic clock.

    A tempo change makes a new Timeline through the present moment (`at_tempo`) or through a tick
    (`from_tick`), so nothing accumulates and nothing drifts, and queued ticks stay valid. After
    Ableton Link's `Timeline`.

    `end_tick`: the song is about to jump elsewhere, and what lies from this tick on is not to sound
    (None = it rolls on). `stretch`: a tick is so many times as long here as the tempo says, where
    the leader's beat swings. A new tempo takes both away: it is for those who lead.
    """

    tempo_bpm: float
    tick_origin: int = 0
    time_origin_seconds: float = 0.0
    end_tick: int | None = None
    stretch: float = 1.0

    @property
    def seconds_per_tick(self) -> float:
        return self.stretch * 60.0 / (self.tempo_bpm * PPQN)

    def time_at(self, tick: float) -> float:
        """Seconds on the monotonic clock at which the tick falls, or a moment between two."""
        return self.time_origin_seconds + (tick - self.tick_origin) * self.seconds_per_tick

    def tick_at(self, time_seconds: float) -> int:
        """The tick nearest to a moment; the inverse of `time_at`."""
        elapsed_seconds = time_seconds - self.time_origin_seconds
        return self.tick_origin + round(elapsed_seconds / self.seconds_per_tick)

    def at_tempo(self, tempo_bpm: float, now_seconds: float) -> Timeline:
        """Another tempo from a moment on; the song's place in that moment does not move at all.

        The moment falls between two ticks, and stays where it is between them: rounded to the
        nearer one, a knob's hundred changes a second would carry the song along.
        """
        ticks = (now_seconds - self.time_origin_seconds) / self.seconds_per_tick
        whole = round(ticks)
        remaining_seconds = (whole - ticks) * 60.0 / (tempo_bpm * PPQN)
        return Timeline(tempo_bpm, self.tick_origin + whole, now_seconds + remaining_seconds)

    def from_tick(self, tick: int, tempo_bpm: float) -> Timeline:
        """Another tempo from a tick on, whose moment does not move: exact, whenever it is called.

        For what changes in musical time (a ramp), where `at_tempo` is for the performer's hand.
        """
        return Timeline(tempo_bpm, tick, self.time_at(tick))

    def located(self, tick: int, time_seconds: float) -> Timeline:
        """The same tempo, with `tick` falling on `time_seconds`."""
        return Timeline(self.tempo_bpm, tick, time_seconds)


class Transport(enum.Enum):
    """Whether the song moves."""

    STOPPED = "stopped"
    ROLLING = "rolling"
