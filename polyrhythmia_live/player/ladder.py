"""The never-miss ladder: there is always a step to play.

The planned step, else the last bar again (varied), else the performance's own groove, else a last
resort. A rung is left again as soon as the plan is back.
"""

from __future__ import annotations

from collections.abc import Callable

from polyrhythmia_live.messages import Rung
from polyrhythmia_live.rhythm.bar import Bar, Hits, Step
from polyrhythmia_live.rhythm.meter import Meter

MAX_REPEATS = 8
"""A bar is repeated so often at the most: with a dead brain, the groove is better than a loop."""

KEPT_BARS = MAX_REPEATS + 1
"""Played bars that stay in the plan, to repeat from."""


Vary = Callable[[Hits, int], Hits]
"""A step as it is played at the n-th repetition of its bar."""


class Ladder:
    """The plan, and what to play where it has a hole; `last_resort` is a bar of `meter`.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, meter: Meter, groove: Bar | None, last_resort: Bar, vary: Vary) -> None:
        self.meter = meter
        self._plan: dict[int, Hits] = {}
        self._standby: dict[int, Hits] = {}
        self._standby_serial: int | None = None
        self._groove = groove if groove is not None and groove.meter == meter else None
        self._last_resort = last_resort
        self._vary = vary
        self._repeats = 0
        self._repeated_bar: int | None = None

    def plan(self, steps: tuple[Step, ...], first_uncommitted: int) -> None:
        """Take planned steps over, but never one that is already committed."""
        for step in steps:
            if step.index >= first_uncommitted:
                self._plan[step.index] = step.hits

    def prepare(self, serial: int, steps: tuple[Step, ...]) -> None:
        """Keep steps at hand for a start from step 0; another serial begins another standby."""
        if serial != self._standby_serial:
            self._standby = {}
        self._standby |= {step.index: step.hits for step in steps}
        self._standby_serial = serial

    def take_standby(self) -> int | None:
        """Play on from the standby plan; its serial, or None where there is none."""
        serial, self._standby_serial = self._standby_serial, None
        if serial is not None:
            self._plan, self._standby = self._standby, {}
        return serial

    def relocate(self, index: int) -> None:
        """Forget the steps that are out of reach from a new position."""
        reach = KEPT_BARS * self.meter.bar_steps
        self._plan = {i: hits for i, hits in self._plan.items() if abs(i - index) <= reach}

    def step(self, index: int) -> tuple[Step, Rung]:
        """The step to play, and the rung it came from. What was played becomes the plan's past."""
        hits, rung = self._find(index)
        if rung is Rung.PLAN:
            self._repeated_bar = None
        self._plan[index] = hits
        self._plan.pop(index - KEPT_BARS * self.meter.bar_steps, None)
        return Step(index, hits), rung

    def _find(self, index: int) -> tuple[Hits, Rung]:
        planned = self._plan.get(index)
        if planned is not None:
            return planned, Rung.PLAN
        bar = self.meter.bar_of(index)
        if bar != self._repeated_bar:
            self._repeats = self._repeats + 1 if self._repeated_bar == bar - 1 else 1
            self._repeated_bar = bar
        last = self._plan.get(index - self._repeats * self.meter.bar_steps)
        if last is not None and self._repeats <= MAX_REPEATS:
            return self._vary(last, self._repeats), Rung.LAST_BAR
        step_in_bar = self.meter.step_in_bar(index)
        if self._groove is not None:
            return self._groove.steps[step_in_bar], Rung.GROOVE
        return self._last_resort.steps[step_in_bar], Rung.KICK_AND_HAT
