"""Where a followed song stands, in pulses: Start, Continue, Stop and Song Position.

Start, Continue and a Song Position while rolling take effect on the next pulse, Stop at once (MIDI
1.0 detailed specification 4.2.1, pp. 27-30, which knows no Song Position while rolling; but that is
how many programs tell a loop). Integers only; what time it is matters in one rule.
"""

from __future__ import annotations

from polyrhythmia_live.clock.base import MoveKind
from polyrhythmia_live.rhythm.timeline import Transport

SONG_POSITION_SECONDS = 1.0
"""A Continue while rolling belongs to a song position that came no longer ago than this."""


class Playhead:
    """The transport as its leader sees it. Methods return what became of it, if anything.

    `next_pulse` is the number, from 0 at the top, that the next pulse will have (while armed or
    stopped: would have). `armed`: the song starts, or starts anew, with the next pulse. `ignored`
    counts what came to nothing.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, armed: bool = False) -> None:
        self.transport = Transport.STOPPED
        self.next_pulse = 0
        self.armed = armed
        self.ignored = 0
        self.left_pulse = 0
        """While rolling and armed: the number that the next pulse would have had."""
        self._told: tuple[int, float] | None = None
        """The last song position to which the song jumped while it rolled, and when it came."""

    @property
    def rolling(self) -> bool:
        return self.transport is Transport.ROLLING

    def pulse(self, pulses: int) -> MoveKind | None:
        """Take a clock pulse, which counts as `pulses`; one that starts the song counts as one."""
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
        self._told = None
        self._arm(0)
        return None if self.rolling else MoveKind.LOCATE

    def continue_(self, now_seconds: float) -> None:
        """From the position, on the next pulse.

        While rolling it belongs to the song position before it: the song is at that place with the
        pulse after the Continue, even where pulses came between the two.
        """
        told, self._told = self._told, None
        if not self.rolling:
            self.armed = True
        elif told is not None and now_seconds - told[1] <= SONG_POSITION_SECONDS:
            self._arm(told[0])

    def stop(self) -> MoveKind | None:
        """At once. The position is that of the pulse that would have come next."""
        self._told = None
        self.armed = False
        if not self.rolling:
            return None
        self.transport = Transport.STOPPED
        return MoveKind.STOP

    def locate(self, pulse: int, now_seconds: float, sure: bool = True) -> MoveKind | None:
        """To a position: at once where stopped, with the next pulse while rolling.

        A song that gets there with the next pulse anyway just goes on, if it is `sure` to do so.
        """
        if not self.rolling:
            self.next_pulse = pulse
            return MoveKind.LOCATE
        self._told = None
        if sure and pulse == (self.left_pulse if self.armed else self.next_pulse):
            self.next_pulse = pulse
            self.armed = False
        else:
            self._told = (pulse, now_seconds)
            self._arm(pulse)
        return None

    def _arm(self, pulse: int) -> None:
        if not self.armed:
            self.left_pulse = self.next_pulse
        self.next_pulse = pulse
        self.armed = True
