"""Musical time in integers: ticks, clock pulses, steps, beats and bars."""

from __future__ import annotations

import re
from bisect import bisect_right
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


_WRITTEN = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*(?:=\s*(\d+(?:\s*\+\s*\d+)*)\s*)?", flags=re.ASCII)


def first_pulse_from(tick: int) -> int:
    """The first clock pulse that is not before a tick, counted from the song's first bar line."""
    return -(-tick // TICKS_PER_PULSE)


def first_step_from(tick: int) -> int:
    """The first step that is not before a tick, counted from the song's first bar line."""
    return -(-tick // TICKS_PER_STEP)


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature such as 4/4, or 7/8 = 2+2+3.

    `groups` are the counts of a bar: how many notes of the denominator each of them lasts. Without
    groups a meter has its usual ones: threes where eighths and smaller notes come in threes (6/8 is
    3+3), and else single notes (4/4 is 1+1+1+1; of a 7/8 nobody knows more).
    Raises ValueError for a denominator that a grid of sixteenths cannot hold, and for groups that
    do not add up to the numerator.
    """

    numerator: int = 4
    denominator: int = 4
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 64:
            raise ValueError(f"meter numerator must be in 1..64, got {self.numerator}")
        if self.denominator not in (1, 2, 4, 8, 16):
            raise ValueError(f"meter denominator must be 1, 2, 4, 8 or 16, got {self.denominator}")
        if not self.groups:
            object.__setattr__(self, "groups", self._usual_groups())
        if min(self.groups) < 1 or sum(self.groups) != self.numerator:
            written = "+".join(map(str, self.groups))
            raise ValueError(f"meter groups must add up to {self.numerator}, got {written}")

    @classmethod
    def parse(cls, text: str) -> Meter:
        """The meter in `4/4`, `7/8` or `7/8=2+2+3`; spaces mean nothing. `str` writes it again.

        Raises ValueError with what was expected and what came.
        """
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f"expected a meter such as 4/4, 7/8 or 7/8=2+2+3, got {text!r}")
        numerator, denominator, groups = written.groups()
        try:
            counts = tuple(int(group) for group in (groups or "").split("+") if group)
            return cls(int(numerator), int(denominator), counts)
        except ValueError as error:
            raise ValueError(
                f"expected a meter such as 4/4, 7/8 or 7/8=2+2+3, got {text!r}: {error}"
            ) from error

    @property
    def signature(self) -> tuple[int, int]:
        """Numerator and denominator: what two meters share that only group their notes apart."""
        return self.numerator, self.denominator

    @property
    def bar_steps(self) -> int:
        return self.numerator * self._note_steps

    @property
    def bar_ticks(self) -> int:
        return self.bar_steps * TICKS_PER_STEP

    @property
    def count_steps(self) -> tuple[int, ...]:
        """The steps of a bar, from 0, on which its counts fall."""
        ends = (sum(self.groups[:count]) for count in range(len(self.groups)))
        return tuple(end * self._note_steps for end in ends)

    def count_at(self, step_in_bar: int) -> int:
        """The count, from 0, that a step of a bar belongs to."""
        return bisect_right(self.count_steps, step_in_bar) - 1

    def bar_of(self, step: int) -> int:
        """The bar, from 0, that holds the step."""
        return step // self.bar_steps

    def step_in_bar(self, step: int) -> int:
        return step % self.bar_steps

    def __str__(self) -> str:
        signature = f"{self.numerator}/{self.denominator}"
        if self.groups == self._usual_groups():
            return signature
        return f"{signature}={'+'.join(map(str, self.groups))}"

    @property
    def _note_steps(self) -> int:
        return STEPS_PER_WHOLE_NOTE // self.denominator

    def _usual_groups(self) -> tuple[int, ...]:
        compound = self.denominator >= 8 and self.numerator > 3 and self.numerator % 3 == 0
        return (3,) * (self.numerator // 3) if compound else (1,) * self.numerator
