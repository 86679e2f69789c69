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

    `low` and `high` bound it, in `unit`; a knob travels the part `knob` of that, None = all.
    `keys` come in pairs, one for more and one for less; not every keyboard has the signs of all.
    `key_step` is what one key press adds (multiplies by, for an exponential curve). A CHOICE counts
    the entries of a list that is known at run time, and each of `entry_keys` chooses one of the
    first. `by_lane`: each lane has its own, beside the voice's. `ramps`: it can be told to arrive
    after so many bars.
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
    knob: tuple[float, float] | None = None
    keys: tuple[str, ...] = ()
    key_step: float = 0.0
    entry_keys: str = ""
    by_lane: bool = False
    ramps: bool = False
    about: str = ""

    @property
    def ccs(self) -> tuple[int, ...]:
        """Every CC number that it listens to, as a trigger has them."""
        return () if self.cc is None else (self.cc,)

    def clamp(self, value: float) -> float:
        return min(self.high, max(self.low, value))

    def from_unit(self, position: float) -> float:
        """The value at a knob position in 0..1."""
        low, high = self.knob or (self.low, self.high)
        if self.curve is Curve.EXPONENTIAL:
            return low * math.pow(high / low, position)
        return low + (high - low) * position

    def to_unit(self, value: float) -> float:
        """The knob position in 0..1 that is nearest to a value."""
        low, high = self.knob or (self.low, self.high)
        value = min(high, max(low, value))
        if self.curve is Curve.EXPONENTIAL:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def read(self, text: str) -> float:
        """The value that is written: "0.7", "70" and "70%" are one where the unit is per cent.

        There, whole numbers are per cent and those with a point are shares. A lone 1 could be meant
        for either. Raises ValueError, in one line, for what is no number, out of range or unclear.
        """
        value = _number(text, self.unit)
        if self._is_share and text.strip() == "1":
            raise ValueError(f"expected {self.name} 1% or 100%; got '1', which could be either")
        if self._is_share and ("%" in text or not set(".e") & set(text.casefold())):
            value /= 100
        if not self.low <= value <= self.high:
            low, high = (f"{end:.0%}" if self._is_share else f"{end:g}"
                         for end in (self.low, self.high))  # fmt: skip
            raise ValueError(f"expected {self.name} {low} to {high}; got {text!r}")
        return value

    def read_change(self, text: str) -> float:
        """How much more or less is written: "+10", "+10%" and "+0.1" where the unit is per cent.

        Raises ValueError, in one line, for what is no number.
        """
        change = _number(text, self.unit)
        if not math.isfinite(change):
            raise ValueError(f"expected {self.name} +4 or -4, say; got {text!r}")
        return change / 100 if self._is_share and ("%" in text or "." not in text) else change

    @property
    def _is_share(self) -> bool:
        return self.unit == "%"

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


def _number(text: str, unit: str) -> float:
    """A number with or without its unit; NaN where it is none."""
    try:
        return float(text.strip().removesuffix(unit))
    except ValueError:
        return math.nan


class Word(enum.Enum):
    """What kind of word a trigger can be told: how often, which lanes, which name, what voice."""

    COUNT = "count"
    LANE = "lane"
    NAME = "name"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that happens once when asked for, and has exactly one consumer.

    `note` is a pad's, on `NOTE_CHANNEL`. `held`: a pad lets it last for as long as it is down.
    `word` is what it can be told, None = nothing; a count is from 1 up to `most`. Where `bare`, it
    need not be told: keys, pads and pedals tell it nothing.
    """

    name: str
    takes_effect: str
    consumer: Consumer
    ccs: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    note: int | None = None
    held: bool = False
    word: Word | None = None
    most: int = 1
    bare: bool = True
    about: str = ""


Control = Level | Trigger

Weights = tuple[tuple[str, float], ...]
"""How much of each entry of a choice."""

Levels = tuple[tuple[str, float | Weights], ...]
"""Where levels stand, by name: numbers and choices."""

PEDAL_DOWN = 64
"""A switch CC acts from this value up (MIDI 1.0 detailed specification, table III)."""

PEDALS = range(64, 70)
"""The switch CCs of pedals: damper, portamento, sostenuto, soft, legato, hold 2 (table III)."""

NOTE_CHANNEL = 15
"""Pads are heard on channel 16 alone (counted from 0): a drum machine that echoes what it is sent
does so on channel 10, and must not ask for fills."""
