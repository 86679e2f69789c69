"""From the bytes of a controller to commands: the one decoder of the control table."""

from __future__ import annotations

import math
from collections.abc import Mapping

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.messages import Choose, Command, Fire, Press, SetLevel
from polyrhythmia_live.midi.base import (
    ALL_SOUND_OFF,
    DATA_MAX,
    is_control_change,
    is_message,
    is_note_off,
    is_note_on,
)
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL, PEDAL_DOWN, Curve, Level, Trigger

CHOICE_HYSTERESIS = 1
"""CC units that a knob must travel past a border between two entries: it would flicker there."""

KNOB_REACH = 1
"""CC units from its place within which a knob takes hold of a level: few levels stand on a unit."""

PEDAL_UP = 40
"""A switch CC lets go below this value: a half pedal that trembles about `PEDAL_DOWN` does not."""

ECHO_SECONDS = 1.0
"""A second panic this soon is ignored. A panic sends the very messages that ask for one: from a
machine that echoes them they come back sooner than this, and would go round for ever."""


class Decoder:
    """Decodes what one controller sends: knobs and pedals on every channel, pads on channel 16.

    Each port has a decoder of its own, which remembers where its knobs stand and what is held down
    there. `choices` has the number of entries of each level that is a choice. Without `pads`, notes
    mean nothing at all. Knobs and pedals on other channels than `channel` (0..15) do not, either;
    None = all count.
    Threads: the port's own. Real-time: yes.
    """

    def __init__(
        self, choices: Mapping[str, int], pads: bool = True, channel: int | None = None
    ) -> None:
        self.unknown = 0
        """Control changes that the table has no row for."""
        self._choices = choices
        self._channel = channel
        self._values: dict[int, int] = {}
        """What each CC sent last."""
        self._chosen: dict[str, int] = {}
        self._levels = {cc: level for level in LEVELS.values() for cc in level.ccs}
        self._pedals = {cc: trigger for trigger in TRIGGERS.values() for cc in trigger.ccs}
        self._pads = {trigger.note: trigger for trigger in TRIGGERS.values() if pads}
        self._down: set[str] = set()
        self._panicked_seconds = -math.inf

    def command(self, message: bytes, at_seconds: float) -> Command | None:
        """What a message asks for, if anything; `at_seconds` is its arrival."""
        if is_control_change(message):
            if self._channel not in (None, message[0] & 0x0F):
                return None
            return self._control_change(message[1], message[2], at_seconds)
        if is_message(message) and message[0] & 0x0F == NOTE_CHANNEL:
            trigger = self._pads.get(message[1]) if len(message) == 3 else None
            if trigger is not None and (is_note_on(message) or is_note_off(message)):
                return self._press(trigger, is_note_on(message), at_seconds)
        return None

    def released(self, at_seconds: float) -> tuple[Command, ...]:
        """What becomes of the pads that are held, now that the controller is gone.

        Threads: player's main, when nothing arrives any more. Real-time: yes.
        """
        held = [TRIGGERS[name] for name in sorted(self._down) if TRIGGERS[name].held]
        self._down.clear()
        return tuple(Fire(trigger.name, at_seconds, Press.UP) for trigger in held)

    def _control_change(self, cc: int, value: int, at_seconds: float) -> Command | None:
        before = self._values.get(cc, value)
        self._values[cc] = value
        level = self._levels.get(cc)
        if level is not None:
            return self._level(level, before, value, at_seconds)
        trigger = self._pedals.get(cc)
        if trigger is None:
            self.unknown += 1
            return None
        # All Notes Off and All Sound Off have the value 0, and mean it.
        if cc >= ALL_SOUND_OFF:
            return self._panic(trigger, at_seconds)
        held = trigger.name in self._down
        if held and not trigger.held and value == before == DATA_MAX:
            self._down.discard(trigger.name)  # a button that never says that it is let go
        return self._press(trigger, value >= (PEDAL_UP if held else PEDAL_DOWN), at_seconds)

    def _level(self, level: Level, before: int, value: int, at_seconds: float) -> Command | None:
        if level.curve is not Curve.CHOICE:
            passing = _way(level, *sorted((before, value)))
            return SetLevel(level.name, _turned_to(level, value), at_seconds, passing=passing)
        width = (DATA_MAX + 1) / self._choices[level.name]  # the travel is divided evenly
        chosen = self._chosen.get(level.name)
        if chosen is not None:
            low, high = chosen * width, (chosen + 1) * width
            if low - CHOICE_HYSTERESIS <= value < high + CHOICE_HYSTERESIS:
                return None
        self._chosen[level.name] = int(value / width)
        return Choose(level.name, int(value / width), at_seconds)

    def _press(self, trigger: Trigger, down: bool, at_seconds: float) -> Command | None:
        """A command each time that a pad or pedal goes down, and when a held one comes up again."""
        if down == (trigger.name in self._down):
            return None
        if down:
            self._down.add(trigger.name)
            return Fire(trigger.name, at_seconds, Press.DOWN)
        self._down.discard(trigger.name)
        return Fire(trigger.name, at_seconds, Press.UP) if trigger.held else None

    def _panic(self, trigger: Trigger, at_seconds: float) -> Command | None:
        if at_seconds - self._panicked_seconds < ECHO_SECONDS:
            return None
        self._panicked_seconds = at_seconds
        return Fire(trigger.name, at_seconds)


def _turned_to(level: Level, value: int) -> float:
    return level.from_unit(value / DATA_MAX)


def _way(level: Level, lowest: int, highest: int) -> tuple[float, float]:
    """What a knob passes between two of its places; each end of it stands for all beyond."""
    lowest, highest = lowest - KNOB_REACH, highest + KNOB_REACH
    return (
        _turned_to(level, lowest) if lowest > 0 else level.low,
        _turned_to(level, highest) if highest < DATA_MAX else level.high,
    )
