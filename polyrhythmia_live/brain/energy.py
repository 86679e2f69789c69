"""Energy: one level over others, and the arcs on which it rises and falls."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from polyrhythmia_live.control.base import LEVELS, ControlState

REACHES = {"density": 0.5, "intensity": 0.6, "complexity": 0.4}
"""How much of the way from where a level stands to the end of its travel energy takes it, where
energy itself is at the end of its own; see docs/measured.md."""

MIDDLE = LEVELS["energy"].default

HIGH = 0.9
"""Where a rise leads."""


def energetic(controls: ControlState) -> ControlState:
    """The levels as their energy makes them; in the middle of its travel, as they stand."""
    pull = (controls.energy - MIDDLE) / (1 - MIDDLE)
    if pull == 0:
        return controls
    changes = {}
    for name, reach in REACHES.items():
        value = getattr(controls, name)
        end = LEVELS[name].high if pull > 0 else LEVELS[name].low
        changes[name] = value + reach * abs(pull) * (end - value)
    return replace(controls, **changes)


@dataclass(frozen=True, slots=True)
class Arc:
    """A way of the energy: (step, energy), in order; straight between, two of one step are a jump.

    `name` is that of the control which asked for it.
    Threads: any; it is a value.
    """

    name: str
    points: tuple[tuple[int, float], ...]

    @property
    def first(self) -> int:
        """The step from which it moves."""
        return self.points[0][0]

    @property
    def end(self) -> int:
        """The step from which it stays."""
        return self.points[-1][0]

    @property
    def at_rest(self) -> float | None:
        """The energy where the arc is cut short; None = that which it has come to."""
        return self.points[-1][1] if self.name == "rise" else None

    def at(self, step: int) -> float:
        """The energy at a step; before the first point, and after the last, that of those."""
        after = bisect_right(self.points, step, key=lambda point: point[0])
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (first, low), (last, high) = self.points[after - 1], self.points[after]
        return low + (high - low) * (step - first) / (last - first)


def ramp(step: int, end: int, energy: float, target: float) -> Arc:
    """Evenly from one energy to another, between two steps."""
    return Arc("energy", ((step, energy), (end, target)))


def rise(step: int, top: int, fall: int, energy: float, rest: float) -> Arc:
    """Up to the step `top`, held to the step `fall`, and there back to where it was at `rest`."""
    high = max(HIGH, energy)
    return Arc("rise", ((step, energy), (top, high), (fall, high), (fall, rest)))
