"""The never-miss ladder: there is always a step to play.

The planned step, else the last bar again (varied), else the performance's own groove, else the last
resort (a drummer's is kick and hat). A rung is left again as soon as the plan is back.
"""

from __future__ import annotations

from dataclasses import replace

from polyrhythmia_live.messages import Rung
from polyrhythmia_live.rhythm.bar import Bar, Hits, Step
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import STRAIGHT

MAX_REPEATS = 8
"""A bar is repeated so often at the most: with a dead brain, the groove is better than a loop."""

KEPT_BARS = MAX_REPEATS + 1
"""Played bars that stay in the plan, to repeat from."""


GHOST_VELOCITY = 50
"""Hits below this are ornaments: a bar keeps its sense without them."""


def varied(hits: Hits, repetition: int) -> Hits:
    """A step of a repeated bar, changed a little so that a loop does not sound like one.

    Every second time the ghosts rest, and the others breathe by a few velocity units.
    """
    breath = (0, -6, 3, -3)[repetition % 4]
    return tuple(
        replace(hit, velocity=max(1, min(127, hit.velocity + breath)))
        for hit in hits
        if repetition % 2 == 0 or hit.velocity >= GHOST_VELOCITY
    )


class Ladder:
    """The plan, and what to play where it has a hole; `last_resort` is a bar of `meter`.

    `groove` is played where its meter is the song's; `last_resort` is begun again where a bar is
    longer than it, so there is always a step. What was not planned swings as what came before it.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, meters: MeterMap, groove: Bar | None, last_resort: Bar) -> None:
        self.meters = meters
        self._plan: dict[int, Step] = {}
        self._standby: dict[int, Step] = {}
        self._standby_serial: int | None = None
        self._groove = groove
        self._last_resort = last_resort
        self._repeats = 0
        self._repeated_bar: int | None = None
        self._swing = STRAIGHT
        """That of the latest step."""

    def plan(self, steps: tuple[Step, ...], first_uncommitted: int) -> None:
        """Take planned steps over, but never one that is already committed."""
        for step in steps:
            if step.index >= first_uncommitted:
                self._plan[step.index] = step

    def prepare(self, serial: int, steps: tuple[Step, ...]) -> None:
        """Keep steps at hand for a start from step 0; another serial begins another standby."""
        if serial != self._standby_serial:
            self._standby = {}
        self._standby |= {step.index: step for step in steps}
        self._standby_serial = serial

    def take_standby(self) -> int | None:
        """Play on from the standby plan; its serial, or None where there is none."""
        serial, self._standby_serial = self._standby_serial, None
        if serial is not None:
            self._plan, self._standby = self._standby, {}
        return serial

    def relocate(self, index: int) -> None:
        """Forget the steps that are out of reach from a new position."""
        first = self.meters.bars_later(index, -KEPT_BARS)
        last = self.meters.bars_later(index, KEPT_BARS)
        self._plan = {i: step for i, step in self._plan.items() if first <= i <= last}

    def step(self, index: int) -> tuple[Step, Rung]:
        """The step to play, and the rung it came from. What was played becomes the plan's past."""
        step = self._plan.get(index)
        if step is None:
            hits, rung = self._find(index)
            step = Step(index, hits, self._swing)
        else:
            rung = Rung.PLAN
            self._repeated_bar = None
        self._swing = step.swing
        self._plan[index] = step
        self._plan.pop(self.meters.bars_later(index, -KEPT_BARS), None)
        return step, rung

    def _find(self, index: int) -> tuple[Hits, Rung]:
        """What to play where nothing is planned."""
        bar = self.meters.bar_of(index)
        if bar != self._repeated_bar:
            self._repeats = self._repeats + 1 if self._repeated_bar == bar - 1 else 1
            self._repeated_bar = bar
        last = self._plan.get(self.meters.bars_later(index, -self._repeats))
        if last is not None and self._repeats <= MAX_REPEATS:
            return varied(last.hits, self._repeats), Rung.LAST_BAR
        step_in_bar = self.meters.step_in_bar(index)
        signature = self.meters.meter_at(index).signature
        if self._groove is not None and self._groove.meter.signature == signature:
            return self._groove.steps[step_in_bar], Rung.GROOVE
        last_resort = self._last_resort.steps
        return last_resort[step_in_bar % len(last_resort)], Rung.LAST_RESORT
