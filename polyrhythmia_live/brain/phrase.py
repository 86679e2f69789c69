"""The phrase: which steps belong to a fill, lead to one, or follow one.

A fill asked for in the middle of a bar leads to the bar line. It is a frozen value and depends on
the step alone, so a rewound step hears the same answer again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.rhythm.meter_map import MeterMap

BREAK_BARS = 2
HAT = frozenset({LANE["closed-hat"]})
CRASH = frozenset({LANE["crash"]})
BUT_HATS = frozenset(LANE.values()) - {LANE["closed-hat"], LANE["open-hat"]}


class Kind(enum.Enum):
    """What a figure is."""

    FILL = "fill"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was asked for, from the step `first` up to, but not including, `end`."""

    kind: Kind
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """The figures asked for, in the order in which they were.

    Threads: any; it is a value.
    """

    meters: MeterMap
    figures: tuple[Figure, ...] = ()

    def with_fill(self, step: int) -> Phrase:
        """This phrase with a fill from `step` to the bar line.

        Where less than a beat of the bar is left, which is too short to be a fill, it goes on to
        the end of the next bar. Inside a fill that reaches as far, nothing changes.
        """
        end = self.meters.next_bar_line(step)
        if end - step < STEPS_PER_BEAT:
            end = self.meters.next_bar_line(end)
        if any(fill.first <= step and end <= fill.end for fill in self._all(Kind.FILL)):
            return self
        return replace(self, figures=(*self.figures, Figure(Kind.FILL, step, end)))

    def with_break(self, step: int) -> Phrase:
        """This phrase with a break from the next bar line on: the hat alone, then a crash on one.

        Where `step` begins a bar, the break begins with it. Within a break, nothing changes.
        """
        first = self.meters.first_bar_line_from(step)
        if any(it.first <= first < it.end for it in self._all(Kind.BREAK)):
            return self
        end = self.meters.bars_later(first, BREAK_BARS)
        return replace(self, figures=(*self.figures, Figure(Kind.BREAK, first, end)))

    def is_fill(self, step: int) -> bool:
        """Whether the step belongs to a fill."""
        return any(fill.first <= step < fill.end for fill in self._all(Kind.FILL))

    def is_fill_soon(self, step: int) -> bool:
        """Whether the step is in the bar before the one in which a fill begins."""
        after = self.meters.bar_of(step) + 1
        return any(self.meters.bar_of(fill.first) == after for fill in self._all(Kind.FILL))

    def is_after_fill(self, step: int) -> bool:
        """Whether the step is in the bar after a fill."""
        bar = self.meters.bar_of(step)
        return any(self.meters.bar_of(fill.end) == bar for fill in self._all(Kind.FILL))

    def place(self, step: int, tempo_bpm: float) -> Place:
        """What is asked of the drummer at a step."""
        required, forbidden = self._lanes(step)
        return Place(
            step,
            self.meters.meter_at(step),
            tempo_bpm,
            fill=self.is_fill(step),
            fill_soon=self.is_fill_soon(step),
            after_fill=self.is_after_fill(step),
            required=required,
            forbidden=forbidden,
        )

    def _lanes(self, step: int) -> tuple[frozenset[int], frozenset[int]]:
        """The lanes that must be struck at a step, and those that must not.

        In a break the hat keeps time on the counts, whatever kept it before: a ride would leave
        silence. Where one break follows another, the crash comes after the last.
        """
        breaks = self._all(Kind.BREAK)
        if any(it.first <= step < it.end for it in breaks):
            counts = self.meters.meter_at(step).count_steps
            on_count = self.meters.step_in_bar(step) in counts
            return HAT if on_count else frozenset(), BUT_HATS
        return CRASH if any(step == it.end for it in breaks) else frozenset(), frozenset()

    def forget_before(self, step: int) -> Phrase:
        """This phrase without the figures that are over, and no longer felt, at `step`."""
        kept = tuple(it for it in self.figures if self.meters.next_bar_line(it.end) > step)
        return self if len(kept) == len(self.figures) else replace(self, figures=kept)

    def _all(self, kind: Kind) -> list[Figure]:
        return [figure for figure in self.figures if figure.kind is kind]
