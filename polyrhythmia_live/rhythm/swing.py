"""Swing: of each pair of notes, the second comes later than halfway through it.

A grid that swings is the straight one with its ticks moved: evenly within the first of a pair, and
evenly within the second. So the order of hits stays as it is, and a hit that is early or late is so
against the swung grid. Pairs are counted within the groups of the meter, or, where all of these are
shorter than a pair, from the bar line; what is left over at the end is straight. In 7/8 = 2+2+3 the
last eighth has no partner, in 7/8 without groups neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise

from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

SWING_MIN, SWING_MAX = 0.5, 0.75
"""Straight, and a dotted note with its short one: what drum machines offer since the MPC."""

SIXTEENTHS, EIGHTHS = 2, 4
"""The steps of a pair of them."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What share of a pair its first note lasts, for pairs of sixteenths and of eighths.

    Both are in SWING_MIN..SWING_MAX, and may be had together. Raises ValueError for others.
    """

    sixteenths: float = SWING_MIN
    eighths: float = SWING_MIN

    def __post_init__(self) -> None:
        for share in (self.sixteenths, self.eighths):
            if not SWING_MIN <= share <= SWING_MAX:
                raise ValueError(f"swing must be in {SWING_MIN}..{SWING_MAX}, got {share}")


STRAIGHT = Swing()


def swung(tick: int, swing: Swing, meters: MeterMap) -> float:
    """Where a tick of the straight grid sounds, which is never earlier; it may be between two.

    Strictly rising; bar lines, and the first step of each pair, stay where they are.
    Threads: any. Real-time: yes.
    """
    if swing == STRAIGHT:
        return tick
    at: float = tick
    for pair_steps, share in ((SIXTEENTHS, swing.sixteenths), (EIGHTHS, swing.eighths)):
        step = int(at // TICKS_PER_STEP)
        first = _first_of_pair(step, meters, pair_steps)
        if share == SWING_MIN or first is None:
            continue
        begin, half_ticks = first * TICKS_PER_STEP, pair_steps * TICKS_PER_STEP // 2
        into = at - begin
        if into < half_ticks:
            at = begin + into * share * 2
        else:
            at = begin + 2 * half_ticks - (2 * half_ticks - into) * (1 - share) * 2
    return at


def first_fixed_step(step: int, meters: MeterMap) -> int:
    """The first step not before `step` that no swing moves, and where another can begin."""
    return next(it for it in count(step) if _is_fixed(it, meters))


def _is_fixed(step: int, meters: MeterMap) -> bool:
    return all(_first_of_pair(step, meters, pair) in (None, step) for pair in (SIXTEENTHS, EIGHTHS))


def _first_of_pair(step: int, meters: MeterMap, pair_steps: int) -> int | None:
    """The first step of the pair that holds a step; None where the step is left over."""
    in_bar = meters.step_in_bar(step)
    begin, end = _group(meters.meter_at(step), in_bar, pair_steps)
    first = in_bar - (in_bar - begin) % pair_steps
    return step - in_bar + first if first + pair_steps <= end else None


def _group(meter: Meter, in_bar: int, pair_steps: int) -> tuple[int, int]:
    """The steps of a bar among which the pairs of one of them are counted."""
    groups = list(pairwise((*meter.count_steps, meter.bar_steps)))
    if any(end - begin >= pair_steps for begin, end in groups):
        return groups[meter.count_at(in_bar)]
    return 0, meter.bar_steps


class SwungGrid:
    """Where the ticks of a song sound, whose swing may change from pair to pair.

    A pair keeps the swing in which it begins: no hit overtakes another.
    Threads: one at a time. Real-time: yes.
    """

    def __init__(self, meters: MeterMap) -> None:
        self._meters = meters
        self._before = self._now = STRAIGHT
        self._from_tick = 0

    def begin(self, step: int, swing: Swing) -> None:
        """A step is next: from it on its swing holds, where that can begin there."""
        if swing != self._now and _is_fixed(step, self._meters):
            self._before, self._now = self._now, swing
            self._from_tick = step * TICKS_PER_STEP

    def sounding(self, tick: int) -> float:
        """Where a tick of the straight grid sounds."""
        swing = self._now if tick >= self._from_tick else self._before
        return swung(tick, swing, self._meters)

    def take_back(self, tick: int) -> None:
        """What begins from a tick on does not sound after all."""
        if self._from_tick >= tick:
            self._now = self._before

    def jump(self) -> None:
        """The song goes on elsewhere, straight until a pair begins."""
        self._before = self._now = STRAIGHT
        self._from_tick = 0
