"""Hits, steps and bars: the notes, before an instrument gives them MIDI numbers."""

from __future__ import annotations

from dataclasses import dataclass

from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.swing import STRAIGHT, Swing

MICROTIMING_MIN_TICKS = -(TICKS_PER_STEP // 2)
MICROTIMING_MAX_TICKS = TICKS_PER_STEP // 2 - 1


@dataclass(frozen=True, slots=True)
class Hit:
    """One onset in one lane.

    `microtiming_ticks` is in [-0.5, 0.5) of a step, positive = late. `articulation` counts from 0
    within the lane, the plain way to play it first. `length_ticks` is how long it sounds; 0 = as
    long as the instrument lets it.
    """

    lane: int
    velocity: int
    microtiming_ticks: int = 0
    articulation: int = 0
    length_ticks: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.velocity <= 127:
            raise ValueError(f"velocity must be in 1..127, got {self.velocity}")
        if not MICROTIMING_MIN_TICKS <= self.microtiming_ticks <= MICROTIMING_MAX_TICKS:
            raise ValueError(
                f"microtiming must be in {MICROTIMING_MIN_TICKS}..{MICROTIMING_MAX_TICKS} ticks, "
                f"got {self.microtiming_ticks}"
            )
        if self.length_ticks < 0:
            raise ValueError(f"length must be 0 ticks or more, got {self.length_ticks}")


Hits = tuple[Hit, ...]
"""All hits of one step, in lane order; empty for a rest."""


@dataclass(frozen=True, slots=True)
class Step:
    """The hits of one place in the song; `index` counts steps from the song's first bar line.

    `swing` is how the grid swings there: hits, and `tick`, are against the straight one.
    """

    index: int
    hits: Hits = ()
    swing: Swing = STRAIGHT

    @property
    def tick(self) -> int:
        return self.index * TICKS_PER_STEP


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of hits, without a place in the song."""

    meter: Meter
    steps: tuple[Hits, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != self.meter.bar_steps:
            raise ValueError(
                f"a bar of {self.meter} has {self.meter.bar_steps} steps, got {len(self.steps)}"
            )
