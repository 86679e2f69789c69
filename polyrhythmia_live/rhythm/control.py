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
    for an exponential curve). A CHOICE counts the entries of a list that is known at run time, and
    each of `entry_keys` chooses one of the first.
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
    entry_keys: str = ""
    about: str = ""

    @property
    def ccs(self) -> tuple[int, ...]:
        """Every CC number that it listens to, as a trigger has them."""
        return () if self.cc is None else (self.cc,)

    def clamp(self, value: float) -> float:
        return min(self.high, max(self.low, value))

    def from_unit(self, position: float) -> float:
        """The value at a knob position in 0..1."""
        if self.curve is Curve.EXPONENTIAL:
            return self.low * math.pow(self.high / self.low, position)
        return self.low + (self.high - self.low) * position

    def share_of_range(self, value: float) -> float:
        """How far up its range a value is, in 0..1, along its curve."""
        if self.curve is Curve.EXPONENTIAL:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def written(self, value: float) -> str:
        """A value as people read it: `50%`, `120.0 bpm`, `1.00`."""
        if self.unit == "%":
            return f"{value:.0%}"
        return f"{value:.1f} {self.unit}" if self.unit else f"{value:.2f}"

    def nudged(self, value: float, presses: int) -> float:
        """The value after key presses: positive up, negative down."""
        if self.curve is Curve.EXPONENTIAL:
            return self.clamp(value * math.pow(self.key_step, presses))
        return self.clamp(value + self.key_step * presses)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that happens once when asked for, and has exactly one consumer.

    `note` is a pad's, on `NOTE_CHANNEL`. `held`: a pad lets it last for as long as it is down.
    """

    name: str
    takes_effect: str
    consumer: Consumer
    ccs: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    note: int | None = None
    held: bool = False
    about: str = ""


Control = Level | Trigger

Weights = tuple[tuple[str, float], ...]
"""How much of each entry of a choice."""

Levels = tuple[tuple[str, float | Weights], ...]
"""Where levels stand, by name: numbers and choices."""

PEDAL_DOWN = 64
"""A switch CC acts from this value up (MIDI 1.0 detailed specification, table III)."""

NOTE_CHANNEL = 15
"""Pads are heard on channel 16 alone (counted from 0): a drum machine that echoes what it is sent
does so on channel 10, and must not ask for fills."""
