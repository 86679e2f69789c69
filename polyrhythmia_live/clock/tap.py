"""Tap tempo that believes a beat, and no single tap."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

TAPS = 4
"""The tempo is the mean over so many taps (as on a DrumBrute)."""

FIRST_TAPS = 3
"""So many even ones in a row are believed where none came before: two may be an accident."""

EVEN = 1.2
"""The longest beat of a tempo by its shortest. Who taps within 3 % of a beat is believed at the
third tap, 99 times in 100; a tap astray by a third of a beat, never."""

MEMORY_SECONDS = 2.0
"""After a pause as long as this, a tap is the first of a new tempo."""

BOUNCE_SECONDS = 0.14
"""What follows a tap this soon is none: a switch that bounces, or a key that repeats itself. The
fastest beat that can be played lasts 0.19 s."""


class Taps:
    """The taps of one tempo.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self) -> None:
        self._taps: deque[float] = deque(maxlen=TAPS + 1)
        self._doubtful: set[float] = set()
        """Those that have not been part of a beat: only they may be stray."""
        self._last_seconds = 0.0
        self._agreed = 0

    @property
    def is_first(self) -> bool:
        """Whether the last tempo was the first that these taps gave."""
        return self._agreed == 1

    def tempo_bpm(self, at_seconds: float) -> float | None:
        """The tempo with one more tap; None while it gives none, and the tempo is to stay."""
        silent_seconds = at_seconds - self._last_seconds
        self._last_seconds = at_seconds
        if silent_seconds > MEMORY_SECONDS:
            self.forget()
        elif self._taps and silent_seconds < BOUNCE_SECONDS:
            return None
        self._taps.append(at_seconds)
        self._doubtful = {at_seconds, *self._doubtful}.intersection(self._taps)
        beat = self._beat()
        if not beat:
            return None
        self._doubtful.difference_update(beat)
        self._agreed += 1
        return 60.0 * (len(beat) - 1) / (beat[-1] - beat[0])

    def forget(self) -> None:
        """The next tap is the first of a new tempo."""
        self._taps.clear()
        self._agreed = 0

    def _beat(self) -> Sequence[float]:
        """The latest taps that are even, a stray one among them left out; empty where none are."""
        taps = tuple(self._taps)
        latest = taps[-TAPS:]
        if len(taps) >= FIRST_TAPS and _is_even(latest):
            return latest
        if len(taps) <= TAPS:
            return ()
        without_one = (
            [tap for tap in taps if tap != stray]
            for stray in taps[1:TAPS]
            if stray in self._doubtful
        )
        return next(filter(_is_even, without_one), ())


def _is_even(taps: Sequence[float]) -> bool:
    beats = [later - sooner for sooner, later in pairwise(taps)]
    return max(beats) <= EVEN * min(beats)
