"""Where a followed song stands, in pulses: Start, Continue, Stop and Song Position.

Start and Continue take effect on the next pulse, Stop at once (MIDI 1.0 detailed specification
4.2.1, pp. 27-30). Integers only; what time it is matters in one rule.
"""

from __future__ import annotations

import math

from polyrhythmia_live.clock.base import MoveKind
from polyrhythmia_live.rhythm.timeline import Transport

SONG_POSITION_SECONDS = 1.0
"""A song position while rolling is meant only if a Continue follows within this time."""


class Playhead:
    """The transport as its leader sees it. Methods return what became of it, if anything.

    `next_pulse` is the number, from 0 at the top, that the next pulse will have (while armed or
    stopped: would have). `armed`: the song starts, or starts anew, with the next pulse. `ignored`
    counts song positions that came to nothing.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, armed: bool = False) -> None:
        self.transport = Transport.STOPPED
        self.next_pulse = 0
        self.armed = armed
        self.ignored = 0
        self._kept: tuple[int, float] | None = None

    @property
    def rolling(self) -> bool:
        return self.transport is Transport.ROLLING

    def pulse(self, pulses: int, now_seconds: float) -> MoveKind | None:
        """Take a clock pulse, which counts as `pulses`; one that starts the song counts as one."""
        self._forget_kept(before_seconds=now_seconds - SONG_POSITION_SECONDS)
        if self.armed:
            self.armed = False
            self.transport = Transport.ROLLING
            self.next_pulse += 1
            return MoveKind.START
        if self.rolling:
            self.next_pulse += pulses
        return None

    def start(self) -> MoveKind | None:
        """From the top, on the next pulse; while stopped, LOCATE has bar 0 prepared at once."""
        self._forget_kept()
        self.next_pulse = 0
        self.armed = True
        return None if self.rolling else MoveKind.LOCATE

    def continue_(self, now_seconds: float) -> None:
        """From the position, on the next pulse.

        While rolling it only confirms a song position that came just before.
        """
        self._forget_kept(before_seconds=now_seconds - SONG_POSITION_SECONDS)
        if self._kept is not None:
            self.next_pulse, _ = self._kept
            self._kept = None
            self.armed = True
        elif not self.rolling:
            self.armed = True

    def stop(self) -> MoveKind | None:
        """At once. The position is that of the pulse that would have come next."""
        self._forget_kept()
        self.armed = False
        if not self.rolling:
            return None
        self.transport = Transport.STOPPED
        return MoveKind.STOP

    def locate(self, pulse: int, now_seconds: float) -> MoveKind | None:
        """To a position: at once where stopped; kept for a Continue while rolling."""
        self._forget_kept()
        if self.rolling:
            self._kept = (pulse, now_seconds)
            return None
        self.next_pulse = pulse
        return MoveKind.LOCATE

    def _forget_kept(self, before_seconds: float = math.inf) -> None:
        if self._kept is not None and self._kept[1] < before_seconds:
            self._kept = None
            self.ignored += 1
