"""Two control changes that are one knob: MIDI 1.0 pairs CC n (0..31) with CC n + 32, its low byte.

A performer's pads may send the same numbers. So CC n + 32 is a low byte where it comes with CC n,
or by itself from a knob that has sent such pairs; otherwise it is a controller of its own, and does
not wait to be told which. Most devices send the high byte first, some the low one; the low byte may
come alone, for a small turn (MIDI 1.0 detailed specification, "Control change").
"""

from __future__ import annotations

import math

from polyrhythmia_live.midi.base import DATA_MAX

HIGH_BYTES = 32
"""CC 0..31 are high bytes; each has its low byte so many numbers above it."""

TOGETHER_SECONDS = 0.05
"""Two bytes of one knob come no further apart: a period of JACK's (2048 frames at 48 kHz: 43 ms)
may lie between them."""

ALONE_MAX = 3
"""High bytes in a row without a low one by which a knob is known to send none."""

STEPS_A_UNIT = 16_383 / DATA_MAX
"""The steps of a pair to one unit of a knob that sends high bytes alone."""


class Pair:
    """What one knob sends on one channel: CC n and, if it has one, its low byte.

    Positions are CC units, 0.0 to 127.0. A high byte counts at once, as the middle of what it may
    become; its low byte makes it exact.
    Threads: the port's own. Real-time: yes.
    """

    def __init__(self) -> None:
        self._high = self._low = 0
        self._high_seconds = self._low_seconds = -math.inf
        self._met = False
        """Whether the two have come together: a pad may have been hit as the knob was turned."""
        self._proven = False
        """Whether the other one is no button either, which would send 0 and 127 alone."""
        self._alone = 0

    def high(self, value: int, at_seconds: float) -> float:
        """CC n has come: where the knob stands."""
        if at_seconds - self._low_seconds <= TOGETHER_SECONDS:
            self._meet(self._low)
        else:
            self._come_alone()
            if not self._proven or value != self._high:
                self._low = value
        self._high, self._high_seconds = value, at_seconds
        return self._position

    def low(self, value: int, at_seconds: float) -> float | None:
        """CC n + 32 has come: where the knob stands, or None where it is no low byte."""
        self._low, self._low_seconds, self._alone = value, at_seconds, 0
        together = at_seconds - self._high_seconds <= TOGETHER_SECONDS
        if together or (self._met and _is_fine(value)):
            self._meet(value)
        return self._position if together or self._proven else None

    @property
    def _position(self) -> float:
        return (self._high * (DATA_MAX + 1) + self._low) / STEPS_A_UNIT

    def _meet(self, low: int) -> None:
        self._met = True
        self._proven |= _is_fine(low)
        self._alone = 0

    def _come_alone(self) -> None:
        self._alone += 1
        if self._alone > ALONE_MAX:
            self._met = self._proven = False


def _is_fine(low: int) -> bool:
    return 0 < low < DATA_MAX
