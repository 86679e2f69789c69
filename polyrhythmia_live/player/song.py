"""Where the song is: on the clock's ticks, and where a voice is in it.

In half time (1:2) one bar of the song lasts two of the clock's, in double time (2:1) half a one.
Only the song changes: gear that follows our clock, and a clock that we follow, keep the beat, and
keep it straight where the song swings. The ratio changes on a line that is a bar line of both, so
theirs and ours never drift apart.

A voice has a ratio of its own to the song's beat: at 7:4 seven of its beats last four of the
song's. That is a matter of arithmetic and never of history: its tick is the song's, times the
ratio. So wherever the song goes, and whenever a voice comes in, all voices are where they would be
had they played from the top, and meet where `rhythm.meeting` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from polyrhythmia_live.clock.base import Clock, Move, MoveKind
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, first_step_from
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.swing import SwungGrid
from polyrhythmia_live.rhythm.timeline import Timeline

COMMON_LINES = 64
"""So many of the song's bar lines are looked at for one of the clock's; meters that change now and
then have one sooner, and where there is none the song's own has to do."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the song at one ratio, from a bar line on, which is at both ticks."""

    ratio: Ratio
    clock_tick: int
    song_tick: int

    def clock_tick_at(self, song_tick: float) -> float:
        """It may fall between two ticks, as every second one does in double time."""
        song_ticks = song_tick - self.song_tick
        return self.clock_tick + song_ticks * self.ratio.denominator / self.ratio.numerator

    def song_tick_at(self, clock_tick: int, own: Ratio) -> int:
        """The tick of a voice at a ratio of its own to the song, rounded once."""
        clock_ticks, ratio = clock_tick - self.clock_tick, self.ratio
        song_ticks = self.song_tick * ratio.denominator + clock_ticks * ratio.numerator
        return _divided(song_ticks * own.numerator, ratio.denominator * own.denominator)

    def next_line(self, song_tick: int, meters: MeterMap) -> tuple[int, int]:
        """The next bar line of clock and song, in ticks of each; `song_tick` itself may be one."""
        line = meters.first_bar_line_from(first_step_from(song_tick))
        found = first = self._on_clock(line)
        for _ in range(COMMON_LINES):
            step, beside = divmod(found[0], TICKS_PER_STEP)
            if not beside and meters.is_bar_line(step):
                return found
            line = meters.next_bar_line(line)
            found = self._on_clock(line)
        return first

    def _on_clock(self, line: int) -> tuple[int, int]:
        song_tick = line * TICKS_PER_STEP
        return math.ceil(self.clock_tick_at(song_tick)), song_tick


class Song:
    """A voice's ticks <-> seconds, on a clock whose timeline may change at any moment.

    Ticks are the voice's, but where a name or docstring says otherwise. `meters` and `ratio` are
    the song's, `own` is the voice's ratio to it and `own_meters` its bars (None = the song's).

    A change of ratio is a line in the song: what lies before it is played as it was, however late.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(
        self,
        clock: Clock,
        meters: MeterMap,
        ratio: Ratio = NORMAL_TIME,
        own: Ratio = NORMAL_TIME,
        own_meters: MeterMap | None = None,
    ) -> None:
        self._clock = clock
        self._meters = meters
        self._own = own
        self._before = _Stretch(NORMAL_TIME, 0, 0)
        self._now = _Stretch(ratio, 0, 0)
        self._grid = SwungGrid(meters if own_meters is None else own_meters)
        self._back: tuple[Ratio, int] | None = None
        """The ratio that is to come back, and the song's tick from which on it may."""
        self._stopped_tick: int | None = None

    def beside(self, own: Ratio, own_meters: MeterMap) -> Song:
        """The same song for another voice, wherever it is."""
        other = Song(self._clock, self._meters, self.ratio, own, own_meters)
        other._before, other._now, other._back = self._before, self._now, self._back
        other._stopped_tick = self._stopped_tick
        return other

    @property
    def meters(self) -> MeterMap:
        """The song's."""
        return self._meters

    @property
    def ratio(self) -> Ratio:
        """What was asked of the song last."""
        return self._now.ratio

    @property
    def leaves(self) -> bool:
        """Whether it is about to go elsewhere: some of it is not to sound any more."""
        return self._clock.timeline.end_tick is not None

    def begin(self, step: Step) -> None:
        """Go on to a step, and to its swing."""
        self._grid.begin(step.index, step.swing)

    def sounding(self, tick: int) -> float:
        """The tick on which something sounds that stands on a tick of the straight grid."""
        return self._grid.sounding(tick)

    def time_at(self, tick: float) -> float:
        """Seconds on the monotonic clock at which a tick falls; inf = not any more.

        Of a place that the song is about to leave, nothing sounds that belongs to what comes after:
        not the early hits of the steps there either.
        """
        timeline = self._clock.timeline
        if timeline.end_tick is not None and tick >= self._end_tick(timeline.end_tick):
            return math.inf
        return timeline.time_at(self._on_clock(tick))

    def tick_at(self, time_seconds: float) -> int:
        """The tick nearest to a moment."""
        return self.tick_on(self._clock.timeline.tick_at(time_seconds))

    def tick_on(self, clock_tick: int) -> int:
        """The tick nearest to one of the clock's."""
        stretch = self._now if clock_tick >= self._now.clock_tick else self._before
        return stretch.song_tick_at(clock_tick, self._own)

    def clock_tick(self, tick: int) -> int:
        """The clock's tick nearest to one of the voice's."""
        return round(self._on_clock(tick))

    def song_tick_from(self, tick: int) -> int:
        """The first of the song's ticks that is not before one of the voice's."""
        return -(-tick * self._own.denominator // self._own.numerator)

    def tick_from(self, song_tick: int) -> int:
        """The first of the voice's ticks that is not before one of the song's."""
        return -(-song_tick * self._own.numerator // self._own.denominator)

    def tempo_at(self, tick: int) -> float:
        """How fast the drummer plays there, in the voice's own beats per minute."""
        ratio, own = self._stretch(self._in_song(tick)).ratio, self._own
        tempo_bpm = self._clock.timeline.tempo_bpm * ratio.numerator / ratio.denominator
        return tempo_bpm * own.numerator / own.denominator

    def timeline_at(self, tick: int) -> Timeline:
        """Where the voice's ticks fall around one of them. Threads: any."""
        time_seconds = self._clock.timeline.time_at(self._on_clock(tick))
        return Timeline(self.tempo_at(tick), tick, time_seconds)

    def turn_to(self, ratio: Ratio, from_song_tick: int, bars: int = 0) -> int:
        """Change the ratio at the first bar line of clock and song not before a tick of the song.

        A change that was to come later is forgotten. After so many bars of the clock, at the next
        line of both, `arrive` changes it back; 0 = never. The song's tick from which it holds.
        """
        before, tick = self._stretch(from_song_tick).ratio, self._turn_to(ratio, from_song_tick)
        self._back = None
        if bars and ratio != before:
            bar_ticks = self._meters.meter_at(tick // TICKS_PER_STEP).bar_ticks
            lasting = -(-bars * bar_ticks * ratio.numerator // ratio.denominator)
            self._back = before, tick + lasting
        return tick

    def arrive(self, tick: int) -> None:
        """The voice has come to a tick: what was to last for some bars is given its end."""
        if self._back is not None and self._in_song(tick) >= self._now.song_tick:
            ratio, from_song_tick = self._back
            self._back = None
            self._turn_to(ratio, from_song_tick)

    def _turn_to(self, ratio: Ratio, from_song_tick: int) -> int:
        began = self._stretch(from_song_tick)
        if ratio == began.ratio:
            self._now = began
            return from_song_tick
        clock_tick, song_tick = began.next_line(from_song_tick, self._meters)
        if song_tick > began.song_tick:  # else nothing of it was played
            self._before = began
        self._now = _Stretch(ratio, clock_tick, song_tick)
        return song_tick

    def moved(self, move: Move) -> None:
        """Go along with the transport.

        A song that goes on where it stopped keeps its place. Anywhere else, the song's ratio holds
        from the line of the bar on; a count-in before it is in the clock's own time.
        """
        if move.kind is MoveKind.STOP:
            self._stopped_tick = move.tick
            self._grid.take_back(self.tick_on(move.tick))
            return
        goes_on = move.tick == self._stopped_tick
        if not goes_on:
            self._back = None
            line = self._meters.bar_line_tick_at(move.tick)
            self._before = _Stretch(NORMAL_TIME, line, line)
            self._now = _Stretch(self.ratio, line, line)
            self._grid.jump()
        if not goes_on or move.kind is MoveKind.START:
            self._stopped_tick = None

    def _end_tick(self, clock_tick: int) -> float:
        """From which tick on nothing sounds, where the song leaves at one of the clock's.

        A tick says which step's hit falls there, as hits lie within half a step of theirs.
        """
        tick = self.tick_on(clock_tick)
        step = first_step_from(tick)
        while self.sounding((step - 1) * TICKS_PER_STEP) >= tick:
            step -= 1
        return min(tick, self.sounding(step * TICKS_PER_STEP + MICROTIMING_MIN_TICKS))

    def _in_song(self, tick: float) -> float:
        """The song's tick at one of the voice's."""
        return tick * self._own.denominator / self._own.numerator

    def _on_clock(self, tick: float) -> float:
        """The clock's tick at one of the voice's."""
        song_tick = self._in_song(tick)
        return self._stretch(song_tick).clock_tick_at(song_tick)

    def _stretch(self, song_tick: float) -> _Stretch:
        return self._now if song_tick >= self._now.song_tick else self._before


def _divided(ticks: int, by: int) -> int:
    """The nearest whole number of ticks; a half goes to the even one, as `round` has it."""
    whole, rest = divmod(ticks, by)
    return whole + (2 * rest > by or (2 * rest == by and whole % 2 == 1))
