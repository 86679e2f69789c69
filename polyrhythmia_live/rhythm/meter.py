"""Musical time in integers: ticks, clock pulses, steps, beats and bars."""

from __future__ import annotations

from dataclasses import dataclass

PPQN = 6720
"""Ticks per quarter note: 2^6 * 3 * 5 * 7, so triplets, quintuplets and septuplets are exact."""

PULSES_PER_BEAT = 24
"""MIDI clock pulses (0xF8) per quarter note (MIDI 1.0 detailed specification 4.2.1, p. 30)."""

STEPS_PER_BEAT = 4
"""Steps (sixteenths) per beat (always a quarter note). One step is one song-position unit."""

TICKS_PER_PULSE = PPQN // PULSES_PER_BEAT
TICKS_PER_STEP = PPQN // STEPS_PER_BEAT
STEPS_PER_WHOLE_NOTE = 4 * STEPS_PER_BEAT


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature such as 4/4 or 7/8.

    Raises ValueError for a denominator that a grid of sixteenths cannot hold.
    """

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 64:
            raise ValueError(f"meter numerator must be in 1..64, got {self.numerator}")
        if self.denominator not in (1, 2, 4, 8, 16):
            raise ValueError(f"meter denominator must be 1, 2, 4, 8 or 16, got {self.denominator}")

    @property
    def bar_steps(self) -> int:
        return self.numerator * STEPS_PER_WHOLE_NOTE // self.denominator

    @property
    def bar_ticks(self) -> int:
        return self.bar_steps * TICKS_PER_STEP

    def bar_of(self, step: int) -> int:
        """The bar, from 0, that holds the step."""
        return step // self.bar_steps

    def step_in_bar(self, step: int) -> int:
        return step % self.bar_steps

    def next_bar_line(self, step: int) -> int:
        """The first step of the bar after the one that holds `step`."""
        return (self.bar_of(step) + 1) * self.bar_steps

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
