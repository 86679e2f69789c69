"""The parts of a controller: knobs, encoders and buttons that remember how they stand.

Positions are CC units, 0.0 to 127.0; what has 14 bits has them between.
Threads: the port's own. Real-time: yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.controller.base import VALUES_MAX, Encoding, Entry, Kind
from polyrhythmia_live.control.switch import Switch
from polyrhythmia_live.messages import (
    Choose,
    Command,
    Fire,
    NudgeLevel,
    Press,
    SetLevel,
    ShiftLevel,
)
from polyrhythmia_live.midi.base import DATA_MAX
from polyrhythmia_live.rhythm.control import PEDALS, Curve, Level, Trigger

CHOICE_HYSTERESIS = 1
"""CC units that a knob must travel past a border between two entries: it would flicker there."""

KNOB_REACH = 1
"""CC units from its place within which a knob takes hold of a level: few levels stand on a unit."""

CHOICE_CLICKS = 4
"""The clicks of an encoder to one entry of a choice: it would race through them."""


class Part(Protocol):
    """A knob, encoder or button; `plugged_seconds` is when its controller was plugged in."""

    def moved(self, position: float, at_seconds: float) -> Command | None:
        """What a value of it asks for, if anything."""
        ...

    def rest(self, position: float, at_seconds: float) -> bool:
        """Whether what it says as it is plugged in is only where it stands."""
        ...

    def gone(self, at_seconds: float) -> Command | None:
        """What it asks for as it is unplugged."""
        ...


class _Restless:
    """A part whose every word counts, and that holds nothing."""

    def rest(self, _position: float, _at_seconds: float) -> bool:
        return False

    def gone(self, _at_seconds: float) -> Command | None:
        return None


class _Travel:
    """From the positions of a knob to shares of its travel."""

    def __init__(self, entry: Entry) -> None:
        unit = VALUES_MAX[entry.source.kind] / DATA_MAX
        self._low = entry.low / unit
        self._span = entry.high / unit - self._low
        self.reach = KNOB_REACH / abs(self._span)

    def share(self, position: float) -> float:
        """How far along its travel the knob stands, 0..1."""
        return min(1.0, max(0.0, (position - self._low) / self._span))


class Knob(_Restless):
    """Puts a level where it stands, once it has passed it; or at once."""

    def __init__(self, entry: Entry, level: Level) -> None:
        self._level = level
        self._travel = _Travel(entry)
        self._pickup = entry.pickup
        self._stood: float | None = None

    def moved(self, position: float, at_seconds: float) -> Command | None:
        share = self._travel.share(position)
        before = share if self._stood is None else self._stood
        self._stood = share
        passing = self._way(min(before, share), max(before, share)) if self._pickup else None
        return SetLevel(self._level.name, self._level.from_unit(share), at_seconds, passing=passing)

    def _way(self, lowest: float, highest: float) -> tuple[float, float]:
        """What it passes between two of its places; each end of it stands for all beyond."""
        level, reach = self._level, self._travel.reach
        lowest, highest = lowest - reach, highest + reach
        return (
            level.from_unit(lowest) if lowest > 0 else level.low,
            level.from_unit(highest) if highest < 1 else level.high,
        )


class Selector(_Restless):
    """A knob whose travel is divided evenly among the entries of a choice."""

    def __init__(self, entry: Entry, level: Level, choices: int) -> None:
        self._name = level.name
        self._travel = _Travel(entry)
        self._choices = choices
        self._width = (DATA_MAX + 1) / choices
        self._chosen: int | None = None

    def moved(self, position: float, at_seconds: float) -> Command | None:
        position = self._travel.share(position) * DATA_MAX
        if self._chosen is not None:
            low, high = self._chosen * self._width, (self._chosen + 1) * self._width
            if low - CHOICE_HYSTERESIS <= position < high + CHOICE_HYSTERESIS:
                return None
        self._chosen = min(int(position / self._width), self._choices - 1)
        return Choose(self._name, self._chosen, at_seconds)


class Encoder(_Restless):
    """Turns a level on from wherever it stands. `sign` -1: it only ever turns it down."""

    def __init__(self, entry: Entry, level: Level, sign: int = 1) -> None:
        low, high = level.knob or (level.low, level.high)
        self._name = level.name
        self._clicks = entry.encoding.clicks
        self._sign = sign if entry.clicks > 0 else -sign
        self._click = (high - low) / abs(entry.clicks)
        self._is_choice = level.curve is Curve.CHOICE
        self._turned = 0

    def moved(self, position: float, at_seconds: float) -> Command | None:
        clicks = self._sign * self._clicks(int(position))
        if clicks == 0:
            return None
        if not self._is_choice:
            return ShiftLevel(self._name, clicks * self._click, at_seconds)
        if clicks * self._turned < 0:
            self._turned = 0
        self._turned += clicks
        steps = int(self._turned / CHOICE_CLICKS)
        self._turned -= steps * CHOICE_CLICKS
        return NudgeLevel(self._name, steps, at_seconds) if steps else None


class Button:
    """A pedal, button or pad: lets a trigger happen, or puts a level somewhere."""

    def __init__(self, entry: Entry) -> None:
        source = entry.source
        control = TRIGGERS.get(entry.control)
        self._held = control is not None and control.held
        self._name, self._value, self._word = entry.control, entry.value, entry.word
        self._is_pad = source.kind is Kind.NOTE
        pedal = source.kind is Kind.CC and source.number in PEDALS
        self._switch = Switch(pedal, self._held, contacts=not self._is_pad)

    def moved(self, position: float, at_seconds: float) -> Command | None:
        press = self._switch.turned(int(position), at_seconds)
        if press is None or (press is Press.UP and not self._held):
            return None
        return self._command(press, at_seconds)

    def rest(self, position: float, at_seconds: float) -> bool:
        if self._is_pad:
            return False
        self._switch.rest(int(position), at_seconds)
        return True

    def gone(self, at_seconds: float) -> Command | None:
        if self._held and self._switch.is_down:
            return self._command(Press.UP, at_seconds)
        return None

    def _command(self, press: Press, at_seconds: float) -> Command:
        return _asked(self._name, self._value, self._word, press, at_seconds)


class Pulse(_Restless):
    """What has no release: a program change."""

    def __init__(self, entry: Entry) -> None:
        self._name, self._value, self._word = entry.control, entry.value, entry.word

    def moved(self, _position: float, at_seconds: float) -> Command | None:
        return _asked(self._name, self._value, self._word, Press.TAP, at_seconds)


def _asked(name: str, value: float | None, word: str, press: Press, at_seconds: float) -> Command:
    if value is None:
        return Fire(name, at_seconds, press, word)
    if LEVELS[name].curve is Curve.CHOICE:
        return Choose(name, int(value), at_seconds)
    return SetLevel(name, value, at_seconds)


def part_of(entry: Entry, choices: Mapping[str, int]) -> Part:
    """The part that an entry describes. `choices` has the number of entries of each choice.

    Threads: player's main. Real-time: no.
    """
    control: Level | Trigger = LEVELS.get(entry.control) or TRIGGERS[entry.control]
    if entry.source.kind is Kind.PROGRAM:
        return Pulse(entry)
    if isinstance(control, Trigger) or entry.value is not None:
        return Button(entry)
    if entry.encoding is not Encoding.ABSOLUTE:
        return Encoder(entry, control)
    if control.curve is Curve.CHOICE:
        return Selector(entry, control, choices[control.name])
    return Knob(entry, control)


def counting_down(entry: Entry) -> Part:
    """The other direction of an `INC_DEC` encoder. Threads: player's main. Real-time: no."""
    return Encoder(entry, LEVELS[entry.control], sign=-1)
