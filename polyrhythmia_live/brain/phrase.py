"""The phrase: which steps belong to a fill, lead to one, or follow one.

A fill asked for in the middle of a bar leads to the bar line. It is a frozen value and depends on
the step alone, so a rewound step hears the same answer again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.rhythm.meter_map import MeterMap


@dataclass(frozen=True, slots=True)
class Phrase:
    """The fills asked for; `fills` are (first step, step after the last), in any order.

    Threads: any; it is a value.
    """

    meters: MeterMap
    fills: tuple[tuple[int, int], ...] = ()

    def with_fill(self, step: int) -> Phrase:
        """This phrase with a fill from `step` to the bar line.

        Where less than a beat of the bar is left, which is too short to be a fill, it goes on to
        the end of the next bar. Inside a fill that reaches as far, nothing changes.
        """
        end = self.meters.next_bar_line(step)
        if end - step < STEPS_PER_BEAT:
            end = self.meters.next_bar_line(end)
        if any(first <= step and end <= other_end for first, other_end in self.fills):
            return self
        return replace(self, fills=(*self.fills, (step, end)))

    def is_fill(self, step: int) -> bool:
        """Whether the step belongs to a fill."""
        return any(first <= step < end for first, end in self.fills)

    def is_fill_soon(self, step: int) -> bool:
        """Whether the step is in the bar before the one in which a fill begins."""
        after = self.meters.bar_of(step) + 1
        return any(self.meters.bar_of(first) == after for first, _ in self.fills)

    def is_after_fill(self, step: int) -> bool:
        """Whether the step is in the bar after a fill."""
        bar = self.meters.bar_of(step)
        return any(self.meters.bar_of(end) == bar for _, end in self.fills)

    def forget_before(self, step: int) -> Phrase:
        """This phrase without the fills that are over, and no longer felt, at `step`."""
        kept = tuple(fill for fill in self.fills if self.meters.next_bar_line(fill[1]) > step)
        return self if len(kept) == len(self.fills) else replace(self, fills=kept)
