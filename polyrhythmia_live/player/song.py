"""Where the song is: on the clock's ticks, at the drummer's feel.

In half time one bar of the song lasts two of the clock's, in double time half a one. Only the
drummer changes: whoever follows our clock, and whomever we follow, keeps the beat. The feel changes
on a line that is a bar line of both, so theirs and ours never drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from polyrhythmia_live.clock.base import Clock, Move, MoveKind
from polyrhythmia_live.rhythm.feel import Feel


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the song in one feel, from a bar line on, which is at both ticks."""

    feel: Feel
    clock_tick: int
    song_tick: int

    def clock_tick_at(self, song_tick: int) -> float:
        """In double time, it may fall between two ticks."""
        return self.clock_tick + (song_tick - self.song_tick) / self.feel.value

    def song_tick_at(self, clock_tick: int) -> int:
        return self.song_tick + round((clock_tick - self.clock_tick) * self.feel.value)

    def next_line(self, song_tick: int, bar_ticks: int) -> tuple[int, int]:
        """The next bar line of clock and song, in ticks of each; `song_tick` itself may be one."""
        apart = int(bar_ticks * max(1.0, self.feel.value))
        line = self.song_tick - (self.song_tick - song_tick) // apart * apart
        return int(self.clock_tick_at(line)), line


class Song:
    """The song's ticks <-> seconds, on a clock whose timeline may change at any moment.

    A change of feel is a line in the song: what lies before it is played as it was, however late.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, clock: Clock, bar_ticks: int, feel: Feel = Feel.NORMAL) -> None:
        self._clock = clock
        self._bar_ticks = bar_ticks
        self._before = _Stretch(Feel.NORMAL, 0, 0)
        self._now = _Stretch(feel, 0, 0)
        self._stopped_tick: int | None = None

    @property
    def feel(self) -> Feel:
        """What was asked for last."""
        return self._now.feel

    def time_at(self, tick: int) -> float:
        """Seconds on the monotonic clock at which a tick of the song falls."""
        return self._clock.timeline.time_at(self._stretch(tick).clock_tick_at(tick))

    def tick_at(self, time_seconds: float) -> int:
        """The song's tick nearest to a moment."""
        return self.tick_on(self._clock.timeline.tick_at(time_seconds))

    def tick_on(self, clock_tick: int) -> int:
        """The song's tick on a tick of the clock."""
        stretch = self._now if clock_tick >= self._now.clock_tick else self._before
        return stretch.song_tick_at(clock_tick)

    def clock_tick_at(self, tick: int) -> int:
        """The clock's tick on a tick of the song."""
        return round(self._stretch(tick).clock_tick_at(tick))

    def tempo_at(self, tick: int) -> float:
        """How fast the drummer plays there, in the song's own beats per minute."""
        return self._clock.timeline.tempo_bpm * self._stretch(tick).feel.value

    def turn_to(self, feel: Feel, from_tick: int) -> int:
        """Change the feel at the first bar line of clock and song that is not before a tick.

        A change that was to come later is forgotten. The tick from which the feel holds.
        """
        began = self._stretch(from_tick)
        if feel is began.feel:
            self._now = began
            return from_tick
        clock_tick, song_tick = began.next_line(from_tick, self._bar_ticks)
        if song_tick > began.song_tick:  # else nothing of it was played
            self._before = began
        self._now = _Stretch(feel, clock_tick, song_tick)
        return song_tick

    def moved(self, move: Move) -> None:
        """Go along with the transport: on from where it stopped, or in any other bar from its line.

        What comes before the song, a count-in, is in the clock's own time.
        """
        if move.kind is MoveKind.STOP:
            self._stopped_tick = move.tick
        elif move.tick != self._stopped_tick:
            line = move.tick // self._bar_ticks * self._bar_ticks
            self._before = _Stretch(Feel.NORMAL, line, line)
            self._now = _Stretch(self.feel, line, line)
            self._stopped_tick = None

    def _stretch(self, tick: int) -> _Stretch:
        return self._now if tick >= self._now.song_tick else self._before
