"""Where the bar lines are: a song's meters, each from a bar line on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter


@dataclass(frozen=True, slots=True)
class MeterMap:
    """The meters of a song; `changes` are (bar, the meter from that bar on), bars counted from 0.

    Steps and ticks are counted from the song's first bar line. What lies before it (a count-in) is
    in the first meter, and has negative bars. Without changes the song is in 4/4.
    Raises ValueError where bar 0 has no meter, or the bars do not rise.
    Threads: any; it is a value.
    """

    changes: tuple[tuple[int, Meter], ...] = ((0, Meter()),)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """The first step of each meter."""

    def __post_init__(self) -> None:
        bars = [bar for bar, _ in self.changes]
        if bars[:1] != [0] or any(earlier >= later for earlier, later in pairwise(bars)):
            raise ValueError(f"the bars of a meter map must rise from 0, got {bars}")
        starts = [0]
        for (bar, meter), (next_bar, _) in pairwise(self.changes):
            starts.append(starts[-1] + (next_bar - bar) * meter.bar_steps)
        object.__setattr__(self, "_starts", tuple(starts))

    @classmethod
    def of(cls, meter: Meter) -> MeterMap:
        """The map of a song that keeps one meter."""
        return cls(((0, meter),))

    def __str__(self) -> str:
        first, *later = self.changes
        return ", ".join([str(first[1]), *(f"{meter} from bar {bar + 1}" for bar, meter in later)])

    def meter_at(self, step: int) -> Meter:
        """The meter of the bar that holds the step."""
        return self.changes[self._part_at(step)][1]

    def bar_of(self, step: int) -> int:
        """The bar that holds the step."""
        part = self._part_at(step)
        bar, meter = self.changes[part]
        return bar + meter.bar_of(step - self._starts[part])

    def step_in_bar(self, step: int) -> int:
        """How many steps of its bar come before the step."""
        part = self._part_at(step)
        return self.changes[part][1].step_in_bar(step - self._starts[part])

    def tick_in_bar(self, tick: int) -> int:
        """How far a tick is into its bar."""
        return tick - self.bar_line_tick_at(tick)

    # bar lines

    def bar_line(self, bar: int) -> int:
        """The first step of a bar."""
        part = max(0, bisect_right(self.changes, bar, key=lambda change: change[0]) - 1)
        first_bar, meter = self.changes[part]
        return self._starts[part] + (bar - first_bar) * meter.bar_steps

    def bar_line_at(self, step: int) -> int:
        """The first step of the bar that holds the step."""
        return step - self.step_in_bar(step)

    def next_bar_line(self, step: int) -> int:
        """The first step of the bar after the one that holds the step."""
        return self.bar_line_at(step) + self.meter_at(step).bar_steps

    def first_bar_line_from(self, step: int) -> int:
        """The first step that is not before `step` and begins a bar."""
        return self.next_bar_line(step - 1)

    def is_bar_line(self, step: int) -> bool:
        """Whether a bar begins with the step."""
        return self.step_in_bar(step) == 0

    def bar_line_tick_at(self, tick: int) -> int:
        """The tick of the bar line at or before a tick."""
        return self.bar_line_at(tick // TICKS_PER_STEP) * TICKS_PER_STEP

    def next_bar_line_tick(self, tick: int) -> int:
        """The tick of the first bar line after a tick."""
        return self.next_bar_line(tick // TICKS_PER_STEP) * TICKS_PER_STEP

    # from bar to bar

    def bars_later(self, step: int, bars: int) -> int:
        """The step that is as far into its bar, so many bars later; negative = earlier.

        A bar that is too short for it is overstepped: a length of time never shrinks.
        """
        return self.bar_line(self.bar_of(step) + bars) + self.step_in_bar(step)

    def bars_later_tick(self, tick: int, bars: int) -> int:
        """The tick that is as far into its bar, so many bars later."""
        step = tick // TICKS_PER_STEP
        return tick + (self.bars_later(step, bars) - step) * TICKS_PER_STEP

    def _part_at(self, step: int) -> int:
        """The index of the change that the step comes after; 0 for what comes before the song."""
        return max(0, bisect_right(self._starts, step) - 1)
