"""From the values of a pedal, button or pad to presses: what trembles, bounces or rests is none."""

from __future__ import annotations

import math
from collections import deque

from polyrhythmia_live.messages import Press
from polyrhythmia_live.midi.base import DATA_MAX
from polyrhythmia_live.rhythm.control import PEDAL_DOWN

TREMBLE = 24
"""CC units that a switch must travel to go over: a half pedal trembles wherever it rests."""

BOUNCE_SECONDS = 0.03
"""A press this soon after another is its contact bouncing: these come to rest within 20 ms, and
nobody presses twice in 60."""

AGAIN_SECONDS = 0.1
"""A button that only ever sends 127 has been pressed again when it was silent for so long."""

REST_SECONDS, PRESS_SECONDS = 1.5, 0.5
"""A pedal that is down for as long as the first, and up for no longer than the second, is the other
way round: keyboards differ in which side of a pedal they call 127."""

STAYS = 2
"""The longest of so many counts: a pedal may be let go for a moment, and pressed again."""


class Switch:
    """One pedal, button or pad.

    A `pedal` may move by degrees and may be reversed: it rests where it stood when it was plugged
    in, and where it is for longer. What `lasts` is followed, bounces included. `contacts`: it may
    bounce when it is let go, too; a pad's note ends and begins again at once.
    Threads: the port's own. Real-time: yes.
    """

    def __init__(self, pedal: bool = False, lasts: bool = False, contacts: bool = True) -> None:
        self._pedal = pedal
        self._lasts = lasts
        self._contacts = contacts
        self._reversed = False
        self._is_high = False
        self._turn = 0
        """The lowest value since it is low, or the highest since it is high."""
        self._only_full = True
        """Whether 127 is all that it has ever sent."""
        self._last_seconds = self._pressed_seconds = self._released_seconds = -math.inf
        self._since_seconds: float | None = None
        """Since when it has been on this side; None = before anything was heard."""
        self._low_stays: deque[float] = deque(maxlen=STAYS)
        self._high_stays: deque[float] = deque(maxlen=STAYS)
        """For how many seconds it was low, and high, the last times."""

    @property
    def is_down(self) -> bool:
        """Whether it is pressed."""
        return self._is_high != self._reversed

    def rest(self, value: int, at_seconds: float) -> None:
        """It was found at this value, and nobody has pressed it."""
        self._is_high = self._is_clearly_high(value)
        self._reversed = self._pedal and self._is_high
        self._turn = value
        self._only_full &= value == DATA_MAX
        self._last_seconds = self._since_seconds = at_seconds

    def turned(self, value: int, at_seconds: float) -> Press | None:
        """What has become of it by this value: DOWN for each press, UP when it is let go."""
        if self._since_seconds is None and self._pedal and not self._is_clearly_high(value):
            self._turn = value
        silent_seconds = at_seconds - self._last_seconds
        self._last_seconds = at_seconds
        self._only_full &= value == DATA_MAX
        if self._goes_over(value):
            self._learn(at_seconds)
            if self.is_down:
                return self._press(at_seconds)
            self._released_seconds = at_seconds
            return Press.UP
        if self._since_seconds is None:
            self._since_seconds = at_seconds
        again = self._only_full and self.is_down and silent_seconds >= AGAIN_SECONDS
        return self._press(at_seconds) if again and not self._lasts else None

    def _is_clearly_high(self, value: int) -> bool:
        return value >= PEDAL_DOWN + (TREMBLE if self._pedal else 0)

    def _goes_over(self, value: int) -> bool:
        if self._is_high:
            self._turn = max(self._turn, value)
            over = value < PEDAL_DOWN and self._turn - value >= TREMBLE
        else:
            self._turn = min(self._turn, value)
            over = value >= PEDAL_DOWN and value - self._turn >= TREMBLE
        if over:
            self._is_high = not self._is_high
            self._turn = value
        return over

    def _learn(self, at_seconds: float) -> None:
        """Which way round it is, now that it leaves a side."""
        if self._since_seconds is not None:
            left = self._low_stays if self._is_high else self._high_stays
            left.append(at_seconds - self._since_seconds)
        self._since_seconds = at_seconds
        if not self._pedal or not self._low_stays or not self._high_stays:
            return
        low, high = max(self._low_stays), max(self._high_stays)
        if low <= PRESS_SECONDS and high >= REST_SECONDS:
            self._reversed = True
        elif low > high:
            self._reversed = False

    def _press(self, at_seconds: float) -> Press | None:
        before = self._pressed_seconds
        if self._contacts:
            before = max(before, self._released_seconds)
        if at_seconds - before < BOUNCE_SECONDS and not self._lasts:
            return None
        self._pressed_seconds = at_seconds
        return Press.DOWN
