"""What a control is: the mechanics of the table in `control.base`.

A *level* holds a value (last write wins); a *trigger* fires once.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass


class Consumer(enum.Enum):
    """The process that acts on a control."""

    BRAIN = "brain"
    PLAYER = "player"


class Curve(enum.Enum):
    """How a knob's travel maps to the range."""

    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Level:
    """A value that stays where it is put.

    `low` and `high` bound it, in `unit`; `key_step` is what one key press adds (multiplies by,
    for an exponential curve). A CHOICE counts the entries of a list that is known at run time.
    """

    name: str
    low: float
    high: float
    default: float
    unit: str
    takes_effect: str
    consumer: Consumer
    curve: Curve = Curve.LINEAR
    cc: int | None = None
    keys: tuple[str, str] | None = None
    key_step: float = 0.0
    about: str = ""

    def clamp(self, value: float) -> float:
        return min(self.high, max(self.low, value))

    def from_unit(self, position: float) -> float:
        """The value at a knob position in 0..1."""
        if self.curve is Curve.EXPONENTIAL:
            return self.low * math.pow(self.high / self.low, position)
        return self.low + (self.high - self.low) * position

    def nudged(self, value: float, presses: int) -> float:
        """The value after key presses: positive up, negative down."""
        if self.curve is Curve.EXPONENTIAL:
            return self.clamp(value * math.pow(self.key_step, presses))
        return self.clamp(value + self.key_step * presses)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that happens once when asked for, and has exactly one consumer."""

    name: str
    takes_effect: str
    consumer: Consumer
    ccs: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    about: str = ""


PEDAL_DOWN = 64
"""A switch CC acts from this value up (MIDI 1.0 detailed specification, table III)."""
