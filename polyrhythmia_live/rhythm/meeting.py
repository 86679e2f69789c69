"""When voices meet: the bars whose one they all begin together.

Bars of different meters and ratios begin together again after the least common multiple of their
lengths. It is counted in fractions of a tick: nine bars in the time of four have no whole ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a voice begins anew with each of its bars: a bar of its meter, at its ratio."""

    meter: Meter
    ratio: Ratio = NORMAL_TIME

    @property
    def ticks(self) -> Fraction:
        """How long it lasts, in the clock's ticks; it need not be a whole number."""
        return Fraction(self.meter.bar_ticks * self.ratio.denominator, self.ratio.numerator)


def meets_in_bars(own: Cycle, *others: Cycle, bar: int = 0) -> int:
    """In how many bars of `own` all meet on their one again; 1 = on the next.

    `bar` is the bar of `own` that sounds, counted from one on which all met; negative = before it.
    Threads: any. Real-time: no.
    """
    apart = int(_least_common_multiple(own, *others) / own.ticks)
    return apart - bar % apart


def _least_common_multiple(*cycles: Cycle) -> Fraction:
    lengths = [cycle.ticks for cycle in cycles]
    parts = math.lcm(*(length.denominator for length in lengths))
    return Fraction(math.lcm(*(int(length * parts) for length in lengths)), parts)
